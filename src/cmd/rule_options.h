/*
 * rule_options.h - which rules are asked: flags and configuration into rule_library_options.
 *
 * Ownership: rule_options_free gives back what a struct rule_options holds; texts are those of the
 * arguments and of the configuration.
 */
#ifndef SEAWALL_CMD_RULE_OPTIONS_H
#define SEAWALL_CMD_RULE_OPTIONS_H

#include "cmd/config.h"
#include "cmd/verb.h"
#include "policy/rule_library.h"

/* Rows for a verb's table of options. */
#define RULE_OPTION_ROWS                                                                           \
  {.name = "rules",                                                                                \
   .argument = "PATH",                                                                             \
   .help = "rules of your own: Rego files, or a folder of them; may be repeated",                  \
   .complete = COMPLETE_FILES,                                                                     \
   .repeatable = true},                                                                            \
      {.name = "no-builtin-rules", .help = "leave out the rule library (Pod Security stays)"},     \
      RULE_CHOICE_ROWS(rule_framework_values)

extern const char *const rule_framework_values[];

struct rule_options {
  VEC(const char *) directories;
  VEC(struct str) only;
  VEC(struct str) skip;
  VEC(struct str) frameworks;
  struct rule_library_options library;
};

/* Fills options->library but for the target. config may be all empty. */
void rule_options_read(struct rule_options *options, const struct arguments *args,
                       const struct config *config);
void rule_options_free(struct rule_options *options);

#endif
