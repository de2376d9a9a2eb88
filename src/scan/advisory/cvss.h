/*
 * cvss.h - the base score of a vulnerability, computed from its vector.
 *
 *     struct cvss score;
 *     if (cvss_read(STR("CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H"), &score, &err) == 0)
 *         printf("%u.%u\n", score.tenths / 10, score.tenths % 10);       9.8
 *
 * Specification: FIRST's Common Vulnerability Scoring System, versions 2.0 (base equation, section 3.2.1), 3.0 and
 * 3.1 (section 7.1 and, for rounding, appendix A of 3.1), 4.0 (scoring by MacroVectors; base metrics alone, which is
 * what is called CVSS-B). Metrics of the other groups (temporal, threat, environmental, supplemental) are checked for their form
 * and left out of account.
 *
 * A vector must have every base metric once, in any order; of version 2 without a prefix, or within parentheses.
 * Limits: CVSS_VECTOR_MAX bytes. Thread safety: all functions may be called from any thread.
 */
#ifndef SEAWALL_SCAN_ADVISORY_CVSS_H
#define SEAWALL_SCAN_ADVISORY_CVSS_H

#include "base/error.h"
#include "base/str.h"
#include "finding/finding.h"

#include <stdint.h>

enum { CVSS_VECTOR_MAX = 512 };

enum cvss_version { CVSS_2, CVSS_3_0, CVSS_3_1, CVSS_4_0 };

struct cvss {
  enum cvss_version version;
  uint32_t tenths; /* 0 to 100 */
  enum severity severity;
};

/* SW_EINVAL: it is no vector of a version that is known, a metric is missing, unknown or there twice. */
int cvss_read(struct str vector, struct cvss *ret, struct error *err);

/* The band of a score. Versions 3 and 4: none (0), low (to 3.9), medium (to 6.9), high (to 8.9), critical. Version 2, as NVD
 * rates it: low (to 3.9), medium (to 6.9), high. None is SEVERITY_INFO. */
enum severity cvss_severity(enum cvss_version version, uint32_t tenths);

#endif
