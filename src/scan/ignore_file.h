/*
 * ignore_file.h - .trivyignore and .trivyignore.yaml: lists of findings that somebody has accepted, in the
 * form that Trivy reads, honoured as it does.
 *
 *     if (ignore_file_load(&arena, path, text, today, &file, &err) < 0) ...
 *     struct ignore_question q = {.kind = IGNORE_VULNERABILITY, .ids = ids, .id_count = 2,
 *                                 .paths = &package->path, .path_count = 1, .purl = package->purl};
 *     if (ignore_file_ask(file, &q, &answer))
 *         except(finding, answer.reason, answer.until);
 *     ignore_file_report(file, &findings);      those that have ended
 *
 * The plain form has an id a line, "#" before comments, and behind the id "exp:2026-12-31" for the day from
 * which it holds no more. An id covers vulnerabilities, misconfigurations, secrets and licences of that name.
 * The reason is the comment behind the id, else the one right above it or above the ids without an empty line
 * between.
 *
 * The YAML form (a name that ends in .yaml or .yml) has the lists vulnerabilities, misconfigurations, secrets
 * and licenses, whose entries have id, and may have paths (patterns, "**" among them), purls, expired_at and
 * statement. All that are given must match: one of the paths, one of the package URLs, which may say less
 * than that of the package (scan/purl.h). A question without paths or without a purl is not held against
 * them. Other keys are refused with a suggestion, since a mistyped "paths" would accept too much.
 *
 * Ids are compared as they are written, those of licences also by what scan/license.h makes of them. An entry for
 * a check of Trivy, however it is spelled ("DS002", "AVD-DS-0002", "DS-0002"), covers misconfigurations whose ids
 * have it in the last of these forms.
 *
 * Ownership: everything lives in the arena; `path` must outlive the file, the text may go away. Limits:
 * IGNORE_SIZE_MAX bytes, IGNORE_ENTRIES_MAX entries, IGNORE_LIST_MAX paths and purls of one. Errors:
 * SW_EINVAL with path, line and column in front of the message, SW_ELIMIT.
 *
 * Thread safety: a loaded file is immutable, but for the marks of use, which are atomic: any number of
 * threads may ask it.
 */
#ifndef SEAWALL_SCAN_IGNORE_FILE_H
#define SEAWALL_SCAN_IGNORE_FILE_H

#include "base/arena.h"
#include "base/error.h"
#include "base/str.h"
#include "finding/finding.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { IGNORE_SIZE_MAX = 16 << 20, IGNORE_ENTRIES_MAX = 100000, IGNORE_LIST_MAX = 1000 };

enum ignore_kind {
  IGNORE_VULNERABILITY,
  IGNORE_MISCONFIGURATION,
  IGNORE_SECRET,
  IGNORE_LICENSE,
  IGNORE_KINDS,
};

struct ignore_file;

/* `path` says which form it is, and names the file in findings; `today` is "YYYY-MM-DD". */
int ignore_file_load(struct arena *arena, struct str path, struct str text, struct str today,
                     struct ignore_file **ret, struct error *err);

struct ignore_question {
  enum ignore_kind kind;
  const struct str *
      ids; /* of the vulnerability and its aliases, or of the rule and what others call it; any may be listed */
  size_t id_count;
  const struct str *paths; /* the file, the package's path; with or without "/" in front */
  size_t path_count;
  struct str purl; /* of the package; empty: it is about none */
};

struct ignore_answer {
  struct str reason; /* never empty */
  struct str until;  /* the last day on which it holds, "2026-12-30"; empty: for good */
  struct str id;     /* as it is listed */
  uint32_t line;     /* of the file */
};

/* The first entry that covers it; false: none does. NULL file: none. All that cover it count as used. */
bool ignore_file_ask(struct ignore_file *file, const struct ignore_question *question,
                     struct ignore_answer *ret);

/* Adds a sealed finding (rule exception-expired, finding/exception.h) for each entry that has ended. */
void ignore_file_report(const struct ignore_file *file, struct finding_list *findings);

/* How many entries there are, and how many of those in force have covered nothing so far. NULL: 0. */
size_t ignore_file_count(const struct ignore_file *file);
size_t ignore_file_unused(const struct ignore_file *file);

#endif
