/*
 * settings.h - configuration as a table: one row for each setting, from which a YAML file is read,
 * the environment and flags override it, and what holds in the end is written.
 *
 *     struct server { const char *address; int64_t port; };
 *     static const struct setting rows[] = {
 *         {"listen.address", &setting_text, offsetof(struct server, address)},
 *         {"listen.port", &setting_number, offsetof(struct server, port), .fallback = "8443",
 *          .max = 65535},
 *         {0}};
 *     settings_defaults(rows, &server, &arena, &err);
 *     settings_read_text(rows, &server, &arena, text, "the configuration", &err);
 *     settings_environment(rows, &server, &arena, STR("SEAWALL_SERVE_"), environ, &err);
 *     settings_override(rows, &server, &arena, STR("listen.port"), STR("443"), &err);
 *
 * A path says where a setting stands: "listen.port" is the key port in the mapping listen. Rows of one
 * mapping stand together. A key of the file that no row has is refused, with a suggestion; so is one that
 * occurs twice, a value of a wrong type, and a number out of its range: errors have line and column. A
 * mapping may be empty (null); a value may not. In the environment listen.requestTime is
 * PREFIX_LISTEN_REQUEST_TIME; a variable with the prefix that no row has is refused. Texts of the
 * environment and of flags are read as the file's are: lists are separated by commas, lists of mappings
 * have no such form. What is read later replaces what was there, lists altogether.
 *
 * Ownership: everything that is read is copied into the arena. Thread safety: tables are constant; the
 * rest belongs to the caller's thread. Limits: the tables' own; SETTINGS_LIST_MAX items of a list.
 * Errors: SW_EINVAL, SW_ELIMIT.
 */
#ifndef SEAWALL_DATA_SETTINGS_H
#define SEAWALL_DATA_SETTINGS_H

#include "base/arena.h"
#include "base/buf.h"
#include "base/error.h"
#include "data/json_write.h"
#include "data/value.h"

enum {
  SETTINGS_LIST_MAX = 10000,
  SETTINGS_PATH_MAX = 128,     /* bytes of a path */
  SETTINGS_TEXT_MAX = 1 << 20, /* bytes of a variable or a flag */
};

/* Where a value stands, for errors. */
struct setting_place {
  struct value value;
  struct value_position at;
};

/* How a setting is given where all is text. */
enum setting_form {
  SETTING_IN_FILE_ONLY,
  SETTING_AS_TEXT,
  SETTING_AS_LITERAL, /* true, false, a number */
  SETTING_AS_LIST,
};

struct setting;

struct setting_type {
  enum setting_form form;
  size_t size; /* of the field, which is zero to begin with; 0: it is not touched */
  int (*read)(const struct setting *setting, struct setting_place where, struct arena *arena,
              void *field, struct error *err);
  /* Writes the value; NULL: it is not written. */
  void (*write)(const struct setting *setting, const void *field, struct json_writer *w);
  /* There is nothing to write; NULL: there always is. */
  bool (*unsaid)(const void *field);
};

struct setting {
  const char *path; /* NULL ends a table */
  const struct setting_type *type;
  size_t field;         /* offset in what is filled */
  const char *fallback; /* what holds if nothing is said, as in the environment; NULL: all zero */
  int64_t min, max;     /* of numbers, sizes, durations */
  const void *detail;   /* what the type wants */
  /* Of each text: an error has no place and says what must be. NULL: any text. */
  int (*check)(struct str text, struct error *err);
};

/* The last part of a path. */
const char *setting_name(const struct setting *setting);

/* ---- types; behind each: the field's type */

extern const struct setting_type setting_text;     /* const char *, zero-terminated; NULL: unsaid */
extern const struct setting_type setting_fixed;    /* nothing; detail: the one text allowed */
extern const struct setting_type setting_bool;     /* bool */
extern const struct setting_type setting_number;   /* int64_t, min to max */
extern const struct setting_type setting_size;     /* int64_t in bytes: 64Ki, 8Mi, 1e6 */
extern const struct setting_type setting_duration; /* int64_t in ns: 100ms, 1h30m */
extern const struct setting_type setting_choice; /* unsigned: index in detail, const char *const[],
                                                    * which ends with NULL */
extern const struct setting_type setting_texts;  /* struct setting_texts */
extern const struct setting_type setting_tree;   /* struct value, a mapping; with positions */
extern const struct setting_type setting_items;  /* struct setting_list; detail: its rows */

struct setting_texts {
  struct str *items; /* zero-terminated besides */
  size_t count;
};

/* Mappings in a list, each with rows of its own. */
struct setting_rows {
  const struct setting *rows;
  size_t size;        /* of what one mapping fills */
  const char *needed; /* the path without which a mapping says nothing; NULL: none */
};

struct setting_list {
  void *items;
  size_t count;
};

/* SW_EINVAL: "name" is a number, must be WANTED. */
int setting_wrong_type(const char *name, struct setting_place where, const char *wanted,
                       struct error *err);

/* ---- tables */

/* Fills the fields of all rows: with zero, or what the fallback says. */
int settings_defaults(const struct setting *rows, void *target, struct arena *arena,
                      struct error *err);

/* Reads a mapping; name is what errors call it. */
int settings_read(const struct setting *rows, void *target, struct arena *arena, const char *name,
                  struct setting_place where, struct error *err);

/* Reads a text of one YAML document; an empty one says nothing. */
int settings_read_text(const struct setting *rows, void *target, struct arena *arena,
                       struct str text, const char *name, struct error *err);

/* One setting from a text. The error begins with its path. */
int settings_override(const struct setting *rows, void *target, struct arena *arena,
                      struct str path, struct str text, struct error *err);

/* All variables of environ ("NAME=value" ..., NULL) that begin with the prefix. Errors begin with the name
 * of the variable. */
int settings_environment(const struct setting *rows, void *target, struct arena *arena,
                         struct str prefix, char *const *environment, struct error *err);

/* The name of a path's variable, behind the prefix. */
void settings_variable(struct buf *out, struct str prefix, const char *path);

/* Appends what holds, as JSON with an indent of two, which is YAML too and reads back as the same. */
void settings_write(const struct setting *rows, const void *target, struct buf *out);

#endif
