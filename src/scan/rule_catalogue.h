/*
 * rule_catalogue.h - all rules of this room with what they judge: images, Dockerfiles, packages, secrets.
 *
 *     for (size_t i = 0; i < scan_rule_count(); i++) {
 *       struct scan_rule r = scan_rule_at(i);
 *       if (!r.family) ...                               the few that people look through
 *     }
 *     if (!scan_rule_find(id, &r) && !scan_rule_is_advisory(id)) ...
 *
 * The rules of vulnerabilities are made as they are found, from their advisories, and those for secrets are some
 * hundred of one kind. One rule stands for each of these families, "vulnerability" and "secret": it has the controls that
 * its members serve, and whoever chooses it chooses them (finding/rule_choice.h). Its severity is unknown, since each member
 * has its own. Members of "secret" are in the catalogue, behind all others.
 *
 * Rules of a file that the user brings (gitleaks' TOML) are not in the catalogue; their findings belong to "secret" all
 * the same.
 *
 * Ownership: everything is static. Thread safety: everything is constant.
 */
#ifndef SEAWALL_SCAN_RULE_CATALOGUE_H
#define SEAWALL_SCAN_RULE_CATALOGUE_H

#include "finding/finding.h"

#include <stddef.h>

enum scan_subject {
  SCAN_SUBJECT_DOCKERFILE,
  SCAN_SUBJECT_IMAGE, /* its configuration, history, files, accounts; of root file systems and machines what they have of it */
  SCAN_SUBJECT_PACKAGE,
  SCAN_SUBJECT_SECRET,
  SCAN_SUBJECTS,
};

/* "dockerfile", "image", "package", "secret". */
const char *scan_subject_name(enum scan_subject subject);

struct scan_rule {
  const struct rule *rule;
  enum scan_subject subject;
  const struct rule *family; /* that stands for it; NULL: none */
};

size_t scan_rule_count(void);

/* By number, from 0 up to the count. */
struct scan_rule scan_rule_at(size_t number);

/* By id. False: there is none; *ret is not touched. */
bool scan_rule_find(struct str id, struct scan_rule *ret);

/* Whether an id looks like that of an advisory ("CVE-2024-3094", "GHSA-..."), which is the id of a rule where it is found:
 * it has capitals, digits and a hyphen, which no other rule's has together. */
bool scan_rule_is_advisory(struct str id);

/* The rule that stands for that of a finding; NULL: none does. (A rule_family of finding/rule_choice.h.) */
const struct rule *scan_rule_family(const struct finding *f);

/* The two families. */
extern const struct rule scan_rule_vulnerability;
extern const struct rule scan_rule_secret;

#endif
