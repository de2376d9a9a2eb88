/*
 * image_judge.h - what a scan found in an image, held against everything that is asked for, as one file of a report.
 *
 *     struct image_judge judge;
 *     if (image_judge_open(&judge, &common, IMAGE_SCANNERS_DEFAULT, &err) < 0) ...
 *     for each image:
 *         image_judge_options(&judge, &scan_options)           before it is read
 *         image_judge_tell(&judge, &subject, &summary)         after it was
 *     image_judge_close(&judge);
 */
#ifndef SEAWALL_CMD_IMAGE_JUDGE_H
#define SEAWALL_CMD_IMAGE_JUDGE_H

#include "cmd/image_except.h"
#include "cmd/image_rules.h"
#include "cmd/scan_common.h"
#include "scan/advisory/database.h"
#include "scan/image/findings.h"

enum image_scanner {
  IMAGE_SCANNER_VULNERABILITIES = 1,
  IMAGE_SCANNER_SECRETS = 2,
  IMAGE_SCANNER_CONFIG = 4,
  IMAGE_SCANNER_LICENSES = 8,
};

/* Rows for the option table. */
#define IMAGE_JUDGE_ROWS                                                                           \
  {.name = "scanners",                                                                             \
   .argument = "LIST",                                                                             \
   .help = "what to look for: vuln, secret, config, license, with commas between"},                \
      {.name = "db",                                                                               \
       .argument = "FILE",                                                                         \
       .help = "database of advisories (default: see \"seawall db info\")",                        \
       .complete = COMPLETE_FILES},                                                                \
      {.name = "ignore-unfixed", .help = "leave out vulnerabilities that have no fix yet"},        \
      IMAGE_EXCEPT_ROWS, IMAGE_RULE_ROWS,                                                          \
  {                                                                                                \
    .name = "secret-rules", .argument = "FILE",                                                    \
    .help = "rules for secrets, as gitleaks writes them", .complete = COMPLETE_FILES               \
  }

/* Findings of any scan may be told from SEVERITY, kev, or an EPSS up. */
#define IMAGE_FAIL_ROW                                                                             \
  {                                                                                                \
    .name = "fail-on", .argument = "SEVERITY[,kev][,epss=P]",                                      \
    .help = "exit with 1 for findings from this severity up (default high), for "                  \
            "vulnerabilities known to be exploited, from this probability up"                      \
  }

struct image_judge {
  struct scan_common *common;
  unsigned scanners;
  bool ignore_unfixed;
  struct advisory_database *database; /* NULL: none is there */
  struct error database_error;        /* why */
  struct image_except except;
  struct image_rules choice;
  const struct str *registries; /* that images may come from */
  size_t registry_count;
  struct secret_rules *rules;
  struct buf rules_saved; /* for the reader; empty: the own ones */
};

/* scanners: what is looked for if the user does not say. SW_EUSAGE; errors of the rule file. That there is no database is
 * told with each image, unless nobody asks for vulnerabilities. */
int image_judge_open(struct image_judge *judge, struct scan_common *common, unsigned scanners,
                     struct error *err);
void image_judge_close(struct image_judge *judge);

/* Whether anybody asks for signatures. */
bool image_judge_signatures(const struct image_judge *judge);

/* Sets what the reader has to look for. */
void image_judge_options(const struct image_judge *judge, struct image_scan_options *options);

/* What was read: facts of an image, or packages alone. */
struct image_judge_subject {
  struct str kind, name;
  struct str reference; /* of an image that was asked for by one; else empty */
  struct str identity;  /* that, or the one that an archive or a store has for it; else empty */
  struct str serial;    /* of a bill of materials; else empty */
  const struct os_release *os;
  const struct package *packages;
  size_t package_count;
  size_t left_out; /* components of a bill of materials that nothing is known about */
  const struct image_facts *facts; /* NULL: packages alone */
  enum image_signature signature;
  struct str signature_fault; /* why it is not known, though it was asked for; else empty */
};

/* Judges, reports and counts. */
void image_judge_tell(struct image_judge *judge, const struct image_judge_subject *subject,
                      struct report_summary *summary);

/* Exceptions that have ended; call it when all has been told. */
void image_judge_expired(struct image_judge *judge, struct report_summary *summary);

/* An image that could not be read. */
void image_judge_failed(struct image_judge *judge, struct str name, const struct error *why,
                        struct report_summary *summary);

#endif
