/*
 * findings.h - what is known about an image, as findings.
 *
 *     image_vulnerability_findings(&vulnerabilities, &target, &facts, &findings);
 *     image_secret_findings(&facts, rules, &target, &findings);
 *
 * A vulnerability is a finding of a rule that is made for it: id, title, description and references are those of the
 * advisory, the severity of the finding is that of the package. What there is to know about package and vulnerability
 * is in finding.package.
 *
 * Ownership: everything lives in the list's arena, or in the facts. Thread safety: a list belongs to one thread.
 */
#ifndef SEAWALL_SCAN_IMAGE_FINDINGS_H
#define SEAWALL_SCAN_IMAGE_FINDINGS_H

#include "finding/finding.h"
#include "scan/advisory/match.h"
#include "scan/check/target.h"
#include "scan/image/image_scan.h"
#include "scan/secret/rules.h"

/* What the findings are about. */
struct image_findings_target {
  struct str kind;               /* "Image", "Host", "Directory", "SBOM" */
  struct str name;               /* as the user wrote it */
  const struct os_release *os;   /* NULL: none */
  const struct oci_image *image; /* for digests of layers; NULL: none */
  size_t base_layers;            /* how many of the layers are of the base image; 0: unknown */
};

/* "affected", "will not fix", "end of life", "fix deferred", "under investigation", and "fixed" if there is a fix. */
struct str vulnerability_status(const struct vulnerability *v);

/* "Debian 12", "npm": what a package belongs to, for people. */
struct str package_ecosystem(struct arena *arena, const struct package *p,
                             const struct os_release *os);

void image_vulnerability_findings(const struct vulnerability_list *vulnerabilities,
                                  const struct image_findings_target *target,
                                  struct finding_list *findings);

/* rules are those that were looked for. A secret that a later layer hides says so. */
void image_secret_findings(const struct image_facts *facts, const struct secret_rules *rules,
                           const struct image_findings_target *target,
                           struct finding_list *findings);

/* Secrets in environment, labels and history. SW_EUNSUPPORTED: the processor lacks what the scanner needs. */
int image_config_secrets(const struct oci_config *config, const struct secret_rules *rules,
                         const struct image_findings_target *target, struct finding_list *findings,
                         struct error *err);

/* Licences that ask something of who ships the package (scan/license.h: reciprocal and above), and those that nobody knows. A
 * package without one is passed over. */
void package_license_findings(const struct package *packages, size_t count,
                              const struct image_findings_target *target,
                              struct finding_list *findings);

/* The rules of these findings. */
extern const struct rule package_license_rules[];
extern const size_t package_license_rule_count;

#endif
