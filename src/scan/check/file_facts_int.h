/*
 * file_facts_int.h - the tables of paths, shared by what matches them and what tells of them.
 */
#ifndef SEAWALL_SCAN_CHECK_FILE_FACTS_INT_H
#define SEAWALL_SCAN_CHECK_FILE_FACTS_INT_H

#include "scan/check/file_facts.h"

/* Why a path is remembered. */
struct file_fact_row {
  enum file_fact_kind kind;
  const char *what; /* "an SSH private key", "apt", "a shell's history": for messages */
  bool unsure;      /* the name says so, but files of that name are often harmless */
};

/* The row that a regular file's path falls under; NULL: none. */
const struct file_fact_row *file_fact_row_of(struct str path);

/* The row of what lies in a folder of programs, whether it is one or a link to it; NULL: none. */
const struct file_fact_row *file_fact_program_of(struct str path);

/* Setuid and setgid programs that distributions ship. */
bool file_fact_is_known_setuid(struct str path);

/* The rules, in the order of the table file_fact_rules. */
enum file_fact_rule {
  FILE_RULE_ESCAPE,
  FILE_RULE_SETUID_WRITABLE,
  FILE_RULE_SETUID,
  FILE_RULE_SETUID_KNOWN,
  FILE_RULE_CREDENTIAL,
  FILE_RULE_WRITABLE_FILE,
  FILE_RULE_WRITABLE_DIRECTORY,
  FILE_RULE_DEVICE,
  FILE_RULE_REPOSITORY,
  FILE_RULE_TOOL,
  FILE_RULE_PACKAGE_MANAGER,
  FILE_RULE_SHELL,
  FILE_RULE_CACHE,
  FILE_RULE_UNNEEDED,
  FILE_RULES,
};

#endif
