#include "cmd/image_run.h"

static const struct option scan_image_options[] = {
    IMAGE_RUN_ROWS, IMAGE_TARGET_ROWS, IMAGE_CACHE_ROWS, SCAN_QUIET_ROW, {0},
};

static const struct option scan_host_options[] = {
    IMAGE_RUN_ROWS,
    IMAGE_READING_ROWS,
    SCAN_QUIET_ROW,
    {0},
};

/* ---- images */

static int begin_images(struct image_run *run, struct error *err)
{
  return scan_common_operands(&run->common,
                              "nothing to scan: name an image, an archive or a directory", err);
}

static int scan_images(struct image_run *run, struct error *err)
{
  const struct arguments *args = run->common.args;
  (void)err;
  for (size_t i = 0; i < args->operands.count; i++)
    image_run_image(run, args->operands.items[i], NULL);
  return 0;
}

static int scan_image_run(const struct arguments *args)
{
  static const struct image_run_verb images = {.scanners = IMAGE_SCANNERS,
                                               .reads = true,
                                               .caches = true,
                                               .begin = begin_images,
                                               .scan = scan_images};
  return image_run(&images, args, NULL);
}

/* ---- this machine */

static int begin_host(struct image_run *run, struct error *err)
{
  (void)err;
  run->common.options.target = STR("this machine");
  return 0;
}

static int scan_host(struct image_run *run, struct error *err)
{
  (void)err;
  image_run_host(run);
  return 0;
}

static int scan_host_run(const struct arguments *args)
{
  static const struct image_run_verb host = {.scanners = IMAGE_SCANNER_VULNERABILITIES,
                                             .reads = true,
                                             .begin = begin_host,
                                             .scan = scan_host};
  return image_run(&host, args, NULL);
}

const struct verb verb_scan_image = {
    .name = "scan image",
    .operand = "IMAGE...|-",
    .summary = "find what is in container images, and what is wrong with it",
    .details =
        "IMAGE is a reference (nginx:1.25), an archive of \"docker save\" or of an OCI layout, a\n"
        "layout, or the directory of a root file system; \"-\" is an archive on standard input.\n"
        "docker-archive:, oci-archive:, oci:, dir: and registry: in front say which it is.\n\n"
        "Packages of the operating system and of languages are held against the database of\n"
        "advisories (\"seawall db\"). Every layer is searched for secrets, also for those that a\n"
        "later layer hides. Files, users and configuration are held against the CIS Docker\n"
        "benchmark. The bytes of the image are read by a process of their own, which may do\n"
        "nothing else.\n\n"
        "Exit status: 0 nothing from --fail-on up, 1 findings from there up, 2 something could\n"
        "not be read, or the request makes no sense.\n",
    .example =
        "  seawall scan image nginx:1.25\n"
        "  docker save web:1.2 | seawall scan image -\n"
        "  seawall scan image --fail-on critical,kev web.tar\n"
        "  seawall scan image --framework cis-docker web.tar\n"
        "  seawall scan image --scanners vuln --ignore-unfixed --output sarif=web.sarif oci:web\n",
    .options = scan_image_options,
    .complete = COMPLETE_FILES,
    .run = scan_image_run,
};

const struct verb verb_scan_host = {
    .name = "scan host",
    .operand = NULL,
    .summary = "find the packages of this machine that have known vulnerabilities",
    .details =
        "Reads the package databases of this machine, and what languages have installed, as\n"
        "\"scan image\" does it with an image. File systems of the kernel are left out.\n"
        "--scanners vuln,secret,config looks for more.\n",
    .example = "  seawall scan host\n"
               "  seawall scan host --ignore-unfixed --fail-on critical,kev\n",
    .options = scan_host_options,
    .run = scan_host_run,
};
