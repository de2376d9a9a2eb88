/*
 * verb.h - what the command line can do, as data.
 *
 * A verb is a row: its name, its options, how it is run. Parsing, --help, the
 * suggestions for mistyped words, shell completion and the man page's list all
 * read these rows, so a new verb is one file and one line in main.c.
 *
 * Exit status of every verb: STATUS_OK, STATUS_FINDINGS, STATUS_FAILED.
 */
#ifndef SEAWALL_CMD_VERB_H
#define SEAWALL_CMD_VERB_H

#include "base/buf.h"
#include "base/error.h"
#include "base/str.h"
#include "base/suggestion.h"
#include "base/vec.h"

#include <stdbool.h>
#include <stddef.h>

enum {
  STATUS_OK = 0,       /* done, nothing at or above the threshold */
  STATUS_FINDINGS = 1, /* done, and there is something to mend */
  STATUS_FAILED = 2,   /* could not do (all of) what was asked */
};

enum complete {
  COMPLETE_NOTHING,
  COMPLETE_FILES,
  COMPLETE_DIRECTORIES,
  COMPLETE_VERBS,
};

struct option {
  const char *name;          /* without dashes: "fail-on" */
  char letter;               /* for "-q"; 0: none */
  const char *argument;      /* name of its argument for help: "SEVERITY"; NULL: a switch */
  const char *help;          /* one line, no full stop */
  const char *const *values; /* what the argument may be, NULL-terminated; NULL: anything */
  enum complete complete;
  bool repeatable;
};

struct arguments;

struct verb {
  const char *name;             /* "scan manifests": one word or several */
  const char *operand;          /* for usage: "PATH...|-"; NULL: none allowed */
  const char *summary;          /* one line, no full stop */
  const char *details;          /* paragraphs for `help VERB`; NULL: none */
  const char *example;          /* lines for `help VERB`; NULL: none */
  const struct option *options; /* ended by one with name NULL; NULL: none */
  /* Verbs one of which it turns out to be: it takes the options of all of them. Ended by NULL; NULL: none */
  const struct verb *const *stands_for;
  const char *const *operands; /* what operands may be, for completion; NULL: anything */
  enum complete complete;
  int (*run)(const struct arguments *args);
};

/* All verbs, ended by NULL, in the order of help. */
extern const struct verb *const verbs[];

/* Options that every verb takes: --help. Ended by one with name NULL. */
extern const struct option common_options[];

/*
 * The options of a verb, one after the other: its own, those of verbs it stands for, those every verb takes. Each name
 * comes once, as the first of these defines it.
 *
 *     for (struct option_walk w = {.verb = verb}; (o = option_next(&w));)
 */
struct option_walk {
  const struct verb *verb;
  size_t table, at;
};
const struct option *option_next(struct option_walk *walk);

/* The option of this name; NULL: the verb does not take it. */
const struct option *verb_option(const struct verb *verb, struct str name);

/* Appends the values that its argument may have, those of all verbs that a verb stands for. */
void option_values(const struct verb *verb, const struct option *option, const char *between,
                   struct buf *out);

struct argument {
  const struct option *option; /* NULL: an operand */
  const char *value;           /* NULL: a switch */
};

struct arguments {
  const struct verb *verb;
  VEC(struct argument) list; /* options in the order given */
  VEC(const char *) operands;
};

/*
 * Takes the words behind the verb apart: --name value, --name=value, -n value, switches, operands,
 * "--" before operands that begin with a dash. Options may stand anywhere.
 * Errors: SW_EUSAGE, with a suggestion.
 */
int arguments_parse(struct arguments *args, const struct verb *verb, int count, char *const *words,
                    struct error *err);
void arguments_free(struct arguments *args);

/*
 * For a verb that stands for others: what was given, as one of those takes it. ret is filled in any case, and freed by
 * arguments_free; texts stay those of args. What an option's argument may be is looked at only here, as it may
 * differ between the verbs. SW_EUSAGE: that, or an option that this verb does not take (*ret_foreign; else NULL).
 */
int arguments_narrow(const struct arguments *args, const struct verb *verb, struct arguments *ret,
                     const struct option **ret_foreign, struct error *err);

/* The last value of an option; NULL if it was not given. */
const char *arguments_value(const struct arguments *args, const char *name);

/* Whether a switch was given. */
bool arguments_has(const struct arguments *args, const char *name);

/* The verb that the first words name, and how many words that is; NULL if none does. */
const struct verb *verb_find(int count, char *const *words, int *ret_used);

/* Usage and options of a verb, or of the program, on standard output; an exit status. */
int help_verb(const struct verb *verb);
int help_program(void);

/* Rows for the option tables of scans: which rules count. frameworks: values of --framework, with a NULL behind. */
#define RULE_CHOICE_ROWS(frameworks)                                                               \
  {.name = "rule",                                                                                 \
   .argument = "ID",                                                                               \
   .help = "ask this rule alone; may be repeated (seawall policy list shows ids)",                 \
   .repeatable = true},                                                                            \
      {.name = "skip-rule",                                                                        \
       .argument = "ID",                                                                           \
       .help = "leave this rule out; may be repeated",                                             \
       .repeatable = true},                                                                        \
  {                                                                                                \
    .name = "framework", .argument = "NAME",                                                       \
    .help = "rules of this framework alone, and how its controls stand; may be repeated",          \
    .values = frameworks, .repeatable = true                                                       \
  }

#endif
