/*
 * rules.h - what a secret looks like: seawall's own rules, and rule files of gitleaks.
 *
 * A rule has a pattern (RE2's syntax, data/regex.h), words of which one has to be near, the least entropy of
 * what it found, and lists of what is allowed. The patterns of a whole set are one database of Vectorscan, so
 * that the cost of a scan does not grow with the number of rules; scanner.h is who reads with it.
 *
 *     _cleanup_(secret_rules_freep) struct secret_rules *rules = NULL;
 *     if (secret_rules_builtin(&rules, &err) < 0) ...
 *
 *     struct secret_rules_options options = {.cache = "/home/me/.cache/seawall"};
 *     if (secret_rules_load_gitleaks(text, ".gitleaks.toml", &options, &rules, &err) < 0) ...
 *
 * Own rules stand in rules/secrets/ and are compiled into the program with their database, so
 * secret_rules_builtin takes less than a millisecond. The database is built for the least that the machine's kind has
 * (x86-64 without AVX2), because a program is built on one machine and runs on others. Where the library in
 * use does not take it (another version of it), it is compiled anew, which takes some tenths of a second.
 *
 * Rule files of gitleaks (its configuration of version 8, TOML) mean here what they mean there: without
 * [extend] useDefault they replace the own rules; with it they add to these, change those of the same id, and
 * leave out disabledRules. gitleaks' ids are known for the own rules that look for the same (secret_rule.also).
 * Not read: allow lists by commit (there are none in an image), and [[rules.required]] (SW_EUNSUPPORTED, since
 * without it a rule would find something else). What a file has beyond that is passed over, as gitleaks does.
 *
 * To another process, a reader in the sandbox for instance, a set goes as bytes: secret_rules_save there,
 * secret_rules_restore here, which takes some milliseconds; loading a file takes a second, or, with its database in the cache, a
 * twentieth of that.
 *
 * Limits: SECRET_RULES_MAX rules, a rule file of SECRET_RULES_TEXT_MAX bytes; patterns as in data/regex.h.
 * Errors: SW_EINVAL with line where it is known, SW_ELIMIT, SW_EUNSUPPORTED.
 *
 * Ownership: a set is owned; its rules live as long. Thread safety: a set is immutable and may be shared by any
 * number of threads (patterns are compiled when they are first needed, under a lock).
 */
#ifndef SEAWALL_SCAN_SECRET_RULES_H
#define SEAWALL_SCAN_SECRET_RULES_H

#include "base/buf.h"
#include "base/error.h"
#include "base/mem.h"
#include "finding/finding.h"

enum {
  SECRET_RULES_MAX = 2000,
  SECRET_RULES_TEXT_MAX = 4 << 20, /* bytes of one rule file */
};

struct secret_rules;
struct secret_allow;

enum secret_place {
  SECRET_FILE,        /* a file's content */
  SECRET_ENVIRONMENT, /* NAME=value */
  SECRET_LABEL,       /* name=value */
  SECRET_HISTORY,     /* a command of the image's history, or a line of a Dockerfile */
  SECRET_PLACES,
};

struct secret_rule {
  struct rule rule;   /* id, title, why, remedy, severity: of what is found by it */
  struct str pattern; /* empty: a file of this path is a finding by being there */
  struct str path;    /* a pattern that the file's path must match; empty: any */
  uint32_t
      secret_group; /* of the pattern; 0: the first group that took part, else the whole match */
  double entropy;   /* bits a character that the secret must exceed; 0: any */
  const struct str
      *keywords; /* one of them must be in the text, in whatever case; none: no condition */
  size_t keyword_count;
  const struct str *tags;
  size_t tag_count;
  const struct str *also; /* other ids it goes by: gitleaks' */
  size_t also_count;
  const struct str *trivy; /* what Trivy calls the same, where that is neither id nor in `also` */
  size_t trivy_count;
  const struct secret_allow *allow; /* what is none although it matches */
  size_t allow_count;
  uint32_t places; /* 1 << enum secret_place: where it looks */
  bool weak; /* goes by the name something has; gives way to a rule that knows the secret's form */
  bool text; /* for text only: not looked for in files of other kinds */
  bool skip_tests; /* not looked for among tests, examples and documentation */
  bool builtin;    /* seawall's own: what is evidently a placeholder is passed over */
};

struct secret_rules_options {
  /* A directory in which compiled databases of loaded rules are kept between runs; it is made if it does not exist. What
   * others could have written is not used. NULL: none is kept. */
  const char *cache;
  /* Reads a file that [extend] path names. NULL: that is SW_EUNSUPPORTED. */
  int (*read)(void *context, struct str path, struct buf *ret_text, struct error *err);
  void *context;
};

/* The own rules. */
int secret_rules_builtin(struct secret_rules **ret, struct error *err);

/* A rule file of gitleaks. Messages begin with its name. options may be NULL. */
int secret_rules_load_gitleaks(struct str text, const char *name,
                               const struct secret_rules_options *options,
                               struct secret_rules **ret, struct error *err);

void secret_rules_free(struct secret_rules *rules);
MEM_DEFINE_CLEANUP(struct secret_rules, secret_rules_free)

/* How many there are, and each by its number, from 0. */
size_t secret_rules_count(const struct secret_rules *rules);
const struct secret_rule *secret_rules_at(const struct secret_rules *rules, size_t number);

/* The rule of an id, or of one that it also goes by; NULL: there is none. */
const struct secret_rule *secret_rules_find(const struct secret_rules *rules, struct str id);

/* A digest of all that decides what is found, 64 hexadecimal digits: results of scans may be kept under it. */
struct str secret_rules_digest(const struct secret_rules *rules);

/* The set as bytes, appended, for secret_rules_restore in a process of the same program. The bytes are trusted there. */
void secret_rules_save(const struct secret_rules *rules, struct buf *out);
int secret_rules_restore(struct str bytes, struct secret_rules **ret, struct error *err);

#endif
