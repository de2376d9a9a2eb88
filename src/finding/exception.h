/*
 * exception.h - findings that somebody has accepted, with a reason and an end.
 *
 * The section `exceptions` of .seawall.yaml:
 *
 *     exceptions:
 *       - rule: pss-host-namespaces        # a rule id, or a pattern: pss-*
 *         subject:
 *           kind: DaemonSet                # each part a pattern; all given parts must match
 *           namespace: monitoring
 *           name: node-exporter*
 *           container: exporter
 *           labels: {app: node-exporter}
 *           path: deploy/monitoring/      # the file, as excludes are written (data/glob.h)
 *         reason: the exporter reads the host's network counters
 *         until: 2026-12-31                # the last day on which it holds (UTC)
 *       - rule: CVE-2023-0464              # a vulnerability, by any of its ids
 *         subject:
 *           package: openssl*              # the name of the package it is in
 *           image: registry.example/shop-* # the image that was scanned
 *         reason: the certificates come from ourselves
 *
 * `rule` and `reason` are required. An excepted finding is kept and counted. An
 * exception whose day has passed excepts nothing and is itself a finding (rule
 * exception-expired). Unknown keys are refused with a suggestion.
 *
 * Names are patterns of "*" and "?"; the empty namespace means objects that name
 * none. Labels: all that are given must be there, with values that match. A file
 * that was named by its whole path is matched without the leading '/'. Where
 * several exceptions cover a finding, the first gives the reason.
 *
 * Ownership: everything lives in the arena given to exceptions_load; `file` must outlive it.
 * Thread safety: a loaded set is immutable, but for the marks of use, which are atomic: any number
 * of threads may apply it, each to its own findings.
 */
#ifndef SEAWALL_FINDING_EXCEPTION_H
#define SEAWALL_FINDING_EXCEPTION_H

#include "finding/finding.h"

enum { EXCEPTIONS_MAX = 10000 };

struct exception_set;

/* The rule under which exceptions that have ended are reported. */
extern const struct rule exception_rule_expired;

/*
 * Reads a list of exceptions. `list` comes from a reader with positions, `list_position` is its own
 * place; `file` names the text in errors and findings. `today` is "YYYY-MM-DD".
 * Absent and null are an empty list.
 * Errors: SW_EINVAL, SW_ELIMIT (more than EXCEPTIONS_MAX), with line and column.
 */
int exceptions_load(struct arena *arena, struct value list, struct value_position list_position,
                    struct str file, struct str today, struct exception_set **ret_set,
                    struct error *err);

/* Marks what an exception covers. NULL set: nothing. */
void exceptions_apply(struct exception_set *set, struct finding_list *findings);

/* Adds a sealed finding for each exception that has ended, at its `until`. */
void exceptions_report(const struct exception_set *set, struct finding_list *findings);

/* How many exceptions there are, and how many of those in force have covered nothing so far.
 * NULL: 0. */
size_t exceptions_count(const struct exception_set *set);
size_t exceptions_unused(const struct exception_set *set);

#endif
