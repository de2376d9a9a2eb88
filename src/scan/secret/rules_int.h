/* rules_int.h - what the parts of rules share, and the scanner needs of a set. */
#ifndef SEAWALL_SCAN_SECRET_RULES_INT_H
#define SEAWALL_SCAN_SECRET_RULES_INT_H

#include "data/regex.h"
#include "scan/secret/database.h"
#include "scan/secret/rules.h"

#include <pthread.h>

enum secret_target { SECRET_TARGET_SECRET, SECRET_TARGET_MATCH, SECRET_TARGET_LINE };

/* What is allowed: if one of its conditions holds, or, with `all`, each that it has. */
struct secret_allow {
  enum secret_target target; /* what regexes look at */
  bool all;
  struct str paths;   /* one pattern, alternatives joined; empty: no such condition */
  struct str regexes; /* likewise */
  const struct str *stopwords;
  size_t stopword_count; /* lower case; one of them is in the secret */
};

/* A pattern that is compiled when it is first needed. */
struct secret_pattern {
  struct str text;               /* empty: there is none */
  _Atomic(struct regex *) regex; /* NULL: not needed yet */
};

struct secret_allow_state {
  struct secret_pattern paths, regexes;
};

struct secret_rule_state {
  struct secret_pattern pattern, path;
  struct secret_allow_state *allow; /* as rule->allow */
};

/* A rule file as it was read, for secret_rules_save. */
struct secret_rules_text {
  struct str name, text;
};

struct secret_rules {
  struct arena arena;
  const struct secret_rule *rules;
  size_t count;
  bool by_path;                     /* some rule has no pattern, but a path */
  const struct secret_allow *allow; /* for all rules */
  size_t allow_count;
  struct secret_rule_state *states; /* as rules */
  struct secret_allow_state *allow_states;
  struct secret_database *database;
  struct secret_rules_text texts[3]; /* of a loaded set: the file, and what it extends */
  size_t text_count;
  char digest[65];
  pthread_mutex_t lock;
};

/* Wraps rules into a set: states and digest. Rules and allow lists lie in the set's arena or are static. */
struct secret_rules *secret_rules_new(void);
void secret_rules_set(struct secret_rules *set, const struct secret_rule *rules, size_t count,
                      const struct secret_allow *allow, size_t allow_count);

/* The compiled pattern; NULL if it has no text, or, which loading has checked, does not compile. */
const struct regex *secret_pattern_get(const struct secret_rules *set,
                                       const struct secret_pattern *pattern);

/* Reads rule files into an empty set, without a database. `check`: that patterns compile. */
int secret_rules_read_gitleaks(struct secret_rules *set, struct str text, const char *name,
                               const struct secret_rules_options *options, bool check,
                               struct error *err);

#endif
