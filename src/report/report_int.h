/*
 * report_int.h - what the formats share.
 */
#ifndef SEAWALL_REPORT_REPORT_INT_H
#define SEAWALL_REPORT_REPORT_INT_H

#include "base/map.h"
#include "base/vec.h"
#include "report/held.h"
#include "report/report.h"

extern const struct report_format report_format_table;
extern const struct report_format report_format_json;
extern const struct report_format report_format_sarif;
extern const struct report_format report_format_junit;
extern const struct report_format report_format_markdown;
extern const struct report_format report_format_github;

/* Is the finding shown, under --severity? */
bool report_shows(const struct report_options *options, const struct finding *f);

/* "Deployment shop/web, container app"; nothing for an empty subject. Raw text: escape it. */
void report_subject(struct buf *out, const struct subject *s);

/* "3 findings at or above high (--fail-on high)" and its like: what decides the exit status. ASCII,
 * no input in it. */
void report_verdict(struct buf *out, const struct report_options *options,
                    const struct report_summary *summary);

/* "2 critical, 5 high": what is not zero, worst first; nothing if all is. */
void report_counts(struct buf *out, const uint64_t counts[SEVERITY_COUNT]);

uint64_t report_sum(const uint64_t counts[SEVERITY_COUNT]);

/* "1 file", "3 files". */
void report_plural(struct buf *out, uint64_t number, const char *singular, const char *plural);

/* "12 of 14 objects", "14 of 14 packages". */
void report_judged(struct buf *out, const struct report_options *options,
                   const struct report_summary *summary);

/* "3 files", "1 image". */
void report_files(struct buf *out, const struct report_options *options, uint64_t files);

/* The message without the name of the file in front, which messages of the system have and which
 * every format gives beside it. */
struct str report_error_message(const struct report_error *e);

/* Keeps a file's errors and skips for the end. Either may be NULL. */
void report_hold(struct held *errors, struct held *skips, const struct report_file *file);

/* A path as others see it: without "./" in front. */
struct str report_path(struct str path);

/* Is the finding about an image, or what can take its place (a root file system, a machine, a bill of materials)?
 * Its file then is one inside, if it is not the image itself, and none of the sources. */
bool report_in_image(const struct finding *f);

/* Is it about the licence of a package, and not about a vulnerability? */
bool report_is_license(const struct finding *f);

/* ---- Packages ---- */

/* Open findings about one source package of one version, or about one package of a language in one place. */
struct package_group {
  const struct finding *first;
  VEC(const struct finding *) findings; /* each vulnerability once, the worst first */
  VEC(struct str) names;                /* of the packages built of it, other than its own */
  uint64_t counts[SEVERITY_COUNT];
  enum severity worst;
  bool exploited;
  uint32_t epss; /* the greatest */
};

struct package_groups {
  struct arena arena;
  struct map numbers;             /* key to number in list */
  struct map seen;                /* vulnerabilities and names of a group */
  VEC(struct package_group) list; /* the worst first */
};

/* What is shown of the findings that are open and about packages. Free it in any case. */
void package_groups_make(struct package_groups *ret, const struct report_options *options,
                         const struct finding_list *findings);
void package_groups_free(struct package_groups *groups);

/* The name of what has to be upgraded, and where it lies: empty for packages of the system. */
struct str package_group_name(const struct package_group *group);
struct str package_group_path(const struct package_group *group);

/* The version that mends it, or why there is none: "no fix", "will not fix". Empty for a licence. */
struct str package_fix(const struct finding *f);

/* What is known of a vulnerability in one line, empty if nothing is; of a licence, which it is. */
struct str report_vulnerability_title(const struct finding *f);

/* "exploited  EPSS 12 %": what makes a vulnerability urgent, whatever its severity. Nothing below 1 %. */
void report_urgency(struct buf *out, const struct finding_package *package);

/* A page about a rule: the entry of a CVE or GHSA, else the first of its references. False: there is none. */
bool report_rule_url(struct buf *out, const struct rule *rule, bool vulnerability);

#endif
