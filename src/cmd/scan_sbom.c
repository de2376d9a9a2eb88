#include "base/file.h"
#include "cmd/console.h"
#include "cmd/image_judge.h"
#include "scan/sbom/sbom.h"

#include <unistd.h>

static const struct option options[] = {
    IMAGE_JUDGE_ROWS, SCAN_REPORT_ROWS, IMAGE_FAIL_ROW, SCAN_QUIET_ROW, {0},
};

struct run {
  const struct arguments *args;
  struct scan_common common;
  struct image_judge judge;
  struct buf target;
  struct report_summary summary;
};

static int read_document(const char *path, struct buf *text, struct arena *arena, struct sbom *sbom,
                         struct error *err)
{
  int rc = strcmp(path, "-") == 0
               ? file_read_fd(STDIN_FILENO, "standard input", SBOM_SIZE_MAX, text, err)
               : file_read(path, SBOM_SIZE_MAX, text, err);
  if (rc == 0)
    rc = sbom_read(buf_str(text), NULL, arena, sbom, err);
  return rc < 0 ? error_wrap(err, "%s", path) : 0;
}

static void tell_unmatched(const struct run *run, const char *path, const struct sbom *sbom)
{
  if (run->common.options.quiet)
    return;
  if (sbom->wrapped)
    console_note("%s: it is inside a signed statement; the signature was not verified", path);
  for (size_t i = 0; i < sbom->unmatched_count && i < 10; i++)
    console_note("%s: nothing is known about %.*s: %.*s", path, STR_FMT(sbom->unmatched[i].name),
                 STR_FMT(sbom->unmatched[i].why));
  if (sbom->unmatched_total > 10)
    console_note("%s: and about %zu more components", path, sbom->unmatched_total - 10);
}

static void scan_one(struct run *run, const char *path)
{
  _cleanup_(buf_free) struct buf text = {0};
  struct arena arena;
  struct sbom sbom;
  struct error err;
  arena_init(&arena, 0);
  if (read_document(path, &text, &arena, &sbom, &err) < 0) {
    image_judge_failed(&run->judge, str_from(path), &err, &run->summary);
  } else {
    struct image_judge_subject subject = {.kind = STR("SBOM"),
                                          .name = str_from(path),
                                          .serial = sbom.serial,
                                          .os = &sbom.os,
                                          .packages = sbom.packages,
                                          .package_count = sbom.package_count};
    tell_unmatched(run, path, &sbom);
    image_judge_tell(&run->judge, &subject, &run->summary);
  }
  arena_free(&arena);
}

static int scan(struct run *run, struct error *err)
{
  size_t count = run->args->operands.count;
  if (!count)
    return error_set(err, SW_EUSAGE, "nothing to scan: name a file, or \"-\" for standard input");
  for (size_t i = 0; i < count; i++)
    buf_printf(&run->target, "%s%s", i ? " " : "", run->args->operands.items[i]);
  int rc = scan_common_configure(&run->common, err);
  if (rc == 0)
    rc = scan_common_thresholds(&run->common, err);
  if (rc == 0)
    rc = image_judge_open(&run->judge, &run->common, IMAGE_SCANNER_VULNERABILITIES, err);
  if (rc == 0)
    rc = outputs_choose(&run->common.outputs, run->args, err);
  run->common.options.target = buf_str(&run->target);
  run->common.options.policy = STR("vulnerabilities");
  if (rc == 0)
    rc = outputs_begin(&run->common.outputs, &run->common.options, err);
  if (rc < 0)
    return rc;
  for (size_t i = 0; i < count; i++)
    scan_one(run, run->args->operands.items[i]);
  image_judge_expired(&run->judge, &run->summary);
  return scan_common_end(&run->common, &run->summary);
}

static int scan_sbom_run(const struct arguments *args)
{
  struct run run = {.args = args};
  struct error err;
  scan_common_init(&run.common, args);
  run.common.options.packages = true;
  int status = scan(&run, &err);
  if (status < 0) {
    console_error(&err);
    status = STATUS_FAILED;
  }
  image_judge_close(&run.judge);
  scan_common_free(&run.common);
  buf_free(&run.target);
  return status;
}

const struct verb verb_scan_sbom = {
    .name = "scan sbom",
    .operand = "FILE...|-",
    .summary = "hold the packages of a bill of materials against advisories",
    .details =
        "Reads CycloneDX 1.2 to 1.7 and SPDX 2.2 and 2.3 (JSON; SPDX also as tag-value),\n"
        "written by seawall or by other tools, and finds what \"scan image\" would find in the\n"
        "packages they list.\n\n"
        "Exit status: as \"scan image\".\n",
    .example = "  seawall scan sbom web.cdx.json\n"
               "  syft web:1.2 -o cyclonedx-json | seawall scan sbom -\n",
    .options = options,
    .complete = COMPLETE_FILES,
    .run = scan_sbom_run,
};
