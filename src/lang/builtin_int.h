/* What the families of built-in functions share. */
#ifndef SEAWALL_LANG_BUILTIN_INT_H
#define SEAWALL_LANG_BUILTIN_INT_H

#include "base/buf.h"
#include "data/compare.h"
#include "data/glob.h"
#include "data/number.h"
#include "data/regex.h"
#include "lang/builtin.h"

/* A family's rows, ended by a row without a name. */
extern const struct builtin builtins_aggregates[], builtins_arithmetic[], builtins_arrays[],
    builtins_crypto[], builtins_durations[], builtins_encoding[], builtins_globs[],
    builtins_graph[], builtins_graphql[], builtins_json[], builtins_jwt[], builtins_language[],
    builtins_net[], builtins_numbers[], builtins_objects[], builtins_parse[], builtins_patterns[],
    builtins_providers[], builtins_render[], builtins_schema[], builtins_semver[],
    builtins_services[], builtins_sets[], builtins_sprintf[], builtins_strings[], builtins_time[],
    builtins_types[], builtins_units[], builtins_uri[], builtins_uuid[], builtins_yaml[];

/* Errors; each returns BUILTIN_ERROR. */
enum builtin_result builtin_fail(struct builtin_context *c, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
enum builtin_result builtin_fail_operand(struct builtin_context *c, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
enum builtin_result builtin_halt(struct builtin_context *c, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* "operand N must be string but got number"; several types are given as "set, array". */
enum builtin_result builtin_wrong_type(struct builtin_context *c, int position, struct value got,
                                       const char *expected);
/* "operand N must be array of strings but got array containing number" */
enum builtin_result builtin_wrong_element(struct builtin_context *c, int position,
                                          struct value container, struct value got,
                                          const char *expected);

/* Argument at `position` (from 1) as a type; false with the error set. */
bool builtin_want(struct builtin_context *c, const struct value *args, int position,
                  enum value_type type);
bool builtin_want_string(struct builtin_context *c, const struct value *args, int position,
                         struct str *ret);
bool builtin_want_int(struct builtin_context *c, const struct value *args, int position,
                      int64_t *ret);
/* An array or a set. */
bool builtin_want_list(struct builtin_context *c, const struct value *args, int position,
                       const char *expected);

/* Steps off the budget; false with the error set. */
bool builtin_spend(struct builtin_context *c, uint64_t steps);

/* A cap on the elements of a result. */
bool builtin_fits(struct builtin_context *c, uint64_t items);

/* The cache's text, empty; finished by builtin_give_text (which copies it to the arena). */
struct buf *builtin_text(struct builtin_context *c);
enum builtin_result builtin_give_text(struct builtin_context *c, struct value *ret);

/* The bytes as a string; what is not UTF-8 becomes U+FFFD. */
struct value builtin_string(struct builtin_context *c, struct str bytes);

/* Appends a value as Rego writes it; false with the error set. */
bool builtin_add_term(struct builtin_context *c, struct buf *out, struct value v);
void builtin_add_quoted(struct buf *out, struct str s);

/* Appends a value as Go's encoding/json writes it; false with the error set. */
bool builtin_add_json(struct builtin_context *c, struct buf *out, struct value v);
void builtin_add_json_string(struct buf *out, struct str s);

/* Is the text a URL as Go's net/url takes it? Its scheme and path, as written. */
bool builtin_read_uri(struct str text, struct str *ret_scheme, struct str *ret_path);

/* Objects and arrays whose size is not known beforehand; start as {.arena = c->arena}. */
struct builtin_object {
  struct arena *arena;
  struct value_member *members;
  uint32_t count, room;
};
struct builtin_array {
  struct arena *arena;
  struct value *items;
  uint32_t count, room;
};
void builtin_put(struct builtin_object *o, const char *key, struct value v);
void builtin_put_key(struct builtin_object *o, struct value key, struct value v);
struct value builtin_object_end(const struct builtin_object *o); /* of one key the last counts */
void builtin_push(struct builtin_array *a, struct value v);
struct value builtin_array_end(const struct builtin_array *a);

/* Bytes in base64, and an unsigned big-endian number of any length, in the arena. */
struct value builtin_base64(struct builtin_context *c, struct str bytes);
struct value builtin_big(struct builtin_context *c, struct str magnitude, bool negative);

/* Has operand 1 the keys of a request for http.send, and no others? False with the error set. */
bool builtin_check_request(struct builtin_context *c, struct value request);

/* Compiled patterns from the cache; NULL with the error set. */
const struct regex *builtin_regex(struct builtin_context *c, struct str pattern);
const struct glob *builtin_glob(struct builtin_context *c, struct str pattern,
                                struct str delimiters);

/* What was made of the text of a JSON Schema, or an empty slot for it, which has the text; NULL if it is
 * too long to be kept. */
struct builtin_schema_slot {
  struct arena arena; /* the text, and the document that was read from it */
  struct str text;
  struct json_schema *schema; /* NULL: not made yet */
};
struct builtin_schema_slot *builtin_schema_slot(struct builtin_context *c, struct str text);

/* A time zone's file from the cache, read on first use; false if there is none. */
bool builtin_zone_file(struct builtin_context *c, struct str name, struct str *ret_bytes);

static inline bool is_list(struct value v)
{
  return v.type == VALUE_ARRAY || v.type == VALUE_SET;
}

static inline enum builtin_result give(struct value *ret, struct value v)
{
  *ret = v;
  return BUILTIN_VALUE;
}

static inline struct value set_view(const struct value *items, uint32_t count)
{
  return (struct value){.type = VALUE_SET, .len = count, .items = items};
}

static inline struct value array_view(const struct value *items, uint32_t count)
{
  return (struct value){.type = VALUE_ARRAY, .len = count, .items = items};
}

#define CALL(name)                                                                                 \
  static enum builtin_result name(struct builtin_context *c, const struct value *args,             \
                                  struct value *ret)
#define ROW(function, function_name, function_arity, function_arguments, function_result, ...)     \
  {                                                                                                \
    .name = function_name, .arguments = function_arguments, .result = function_result,             \
    .arity = function_arity, .call = function, __VA_ARGS__                                         \
  }

#endif
