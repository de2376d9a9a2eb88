#include "base/file.h"
#include "cmd/console.h"
#include "cmd/image_run.h"
#include "scan/sbom/sbom.h"

#include <unistd.h>

static const struct option options[] = {
    IMAGE_RUN_ROWS,
    SCAN_QUIET_ROW,
    {0},
};

static int read_document(const char *path, struct buf *text, struct arena *arena, struct sbom *sbom,
                         struct error *err)
{
  int rc = strcmp(path, "-") == 0
               ? file_read_fd(STDIN_FILENO, "standard input", SBOM_SIZE_MAX, text, err)
               : file_read(path, SBOM_SIZE_MAX, text, err);
  return rc < 0 ? rc : sbom_read(buf_str(text), NULL, arena, sbom, err);
}

static void tell_unmatched(const struct image_run *run, const char *path, const struct sbom *sbom)
{
  if (run->common.options.quiet)
    return;
  if (sbom->wrapped)
    console_note("%s: it is inside a signed statement; the signature was not verified", path);
  if (!sbom->package_count && !sbom->unmatched_total)
    console_note("%s: it lists no packages", path);
  for (size_t i = 0; i < sbom->unmatched_count && i < 10; i++)
    console_note("%s: nothing is known about %.*s: %.*s", path, STR_FMT(sbom->unmatched[i].name),
                 STR_FMT(sbom->unmatched[i].why));
  if (sbom->unmatched_total > 10)
    console_note("%s: and about %zu more components", path, sbom->unmatched_total - 10);
}

static void scan_one(struct image_run *run, const char *path)
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
                                          .package_count = sbom.package_count,
                                          .left_out = sbom.unmatched_total};
    tell_unmatched(run, path, &sbom);
    image_judge_tell(&run->judge, &subject, &run->summary);
  }
  arena_free(&arena);
}

static int begin(struct image_run *run, struct error *err)
{
  return scan_common_operands(&run->common,
                              "nothing to scan: name a file, or \"-\" for standard input", err);
}

static int scan(struct image_run *run, struct error *err)
{
  const struct arguments *args = run->common.args;
  (void)err;
  for (size_t i = 0; i < args->operands.count; i++)
    scan_one(run, args->operands.items[i]);
  return 0;
}

static int scan_sbom_run(const struct arguments *args)
{
  static const struct image_run_verb documents = {.scanners = IMAGE_SCANNER_VULNERABILITIES,
                                                  .possible = IMAGE_SCANNER_VULNERABILITIES |
                                                              IMAGE_SCANNER_LICENSES,
                                                  .begin = begin,
                                                  .scan = scan};
  return image_run(&documents, args, NULL);
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
