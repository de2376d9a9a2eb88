/*
 * image_except.h - findings in images and Dockerfiles that somebody has judged already: .trivyignore, VEX documents.
 *
 *     if (image_except_open(&except, &common, &err) < 0) ...
 *     image_except_apply(&except, &subject, &findings);      sets state and reason of what is covered
 *     image_except_close(&except);
 *
 * Exceptions of .seawall.yaml are finding/exception.h's, and come first. An ignore file may list what Trivy,
 * hadolint, dockle and gitleaks call the same: tables of rules say that. Dockerfiles have no packages, so that VEX
 * says nothing about them: their scan takes IMAGE_IGNORE_ROW alone.
 */
#ifndef SEAWALL_CMD_IMAGE_EXCEPT_H
#define SEAWALL_CMD_IMAGE_EXCEPT_H

#include "base/vec.h"
#include "cmd/scan_common.h"
#include "scan/ignore_file.h"
#include "scan/secret/rules.h"
#include "scan/vex.h"

/* Rows for the option table. */
#define IMAGE_IGNORE_ROW                                                                           \
  {                                                                                                \
    .name = "ignorefile", .argument = "FILE",                                                      \
    .help = "findings that are accepted (default .trivyignore or .trivyignore.yaml)",              \
    .complete = COMPLETE_FILES                                                                     \
  }
#define IMAGE_EXCEPT_ROWS                                                                          \
  IMAGE_IGNORE_ROW,                                                                                \
  {                                                                                                \
    .name = "vex", .argument = "FILE",                                                             \
    .help = "statements of vendors: OpenVEX, CSAF, CycloneDX; may be repeated",                    \
    .complete = COMPLETE_FILES, .repeatable = true                                                 \
  }

struct image_except {
  struct arena arena;
  struct ignore_file *ignored;
  struct str ignored_path;
  struct vex_set *vex;
  const struct secret_rules *secrets; /* to tell their findings from others; the caller sets it */
};

int image_except_open(struct image_except *except, const struct scan_common *common,
                      struct error *err);
void image_except_close(struct image_except *except);

/* products: what the packages are part of, as VEX documents may name it; serial: of the bill of materials, or empty. */
void image_except_apply(struct image_except *except, const struct str *products,
                        size_t product_count, struct str serial, struct finding_list *findings);

/* Entries of the ignore file that have ended are findings in it; how many covered nothing. */
void image_except_report(const struct image_except *except, struct scan_common *common,
                         struct report_summary *summary);

#endif
