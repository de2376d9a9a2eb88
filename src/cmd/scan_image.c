#include "cmd/console.h"
#include "cmd/image_cache.h"
#include "cmd/image_judge.h"
#include "cmd/image_target.h"

static const struct option scan_image_options[] = {
    IMAGE_JUDGE_ROWS,
    SCAN_REPORT_ROWS,
    IMAGE_FAIL_ROW,
    IMAGE_TARGET_ROWS,
    IMAGE_CACHE_ROWS,
    SCAN_QUIET_ROW,
    {0},
};

struct run {
  const struct arguments *args;
  struct scan_common common;
  struct image_judge judge;
  struct image_cache cache;
  struct buf target;
  struct buf policy;
  struct report_summary summary;
};

static void name_scanners(struct run *run)
{
  static const struct {
    unsigned bit;
    const char *name;
  } names[] = {{IMAGE_SCANNER_VULNERABILITIES, "vulnerabilities"},
               {IMAGE_SCANNER_SECRETS, "secrets"},
               {IMAGE_SCANNER_CONFIG, "configuration"},
               {IMAGE_SCANNER_LICENSES, "licences"}};
  for (size_t i = 0; i < sizeof names / sizeof *names; i++)
    if (run->judge.scanners & names[i].bit)
      buf_printf(&run->policy, "%s%s", run->policy.len ? ", " : "", names[i].name);
  run->common.options.policy = buf_str(&run->policy);
}

static int prepare(struct run *run, unsigned scanners, struct error *err)
{
  int rc = scan_common_configure(&run->common, err);
  if (rc == 0)
    rc = scan_common_thresholds(&run->common, err);
  if (rc == 0)
    rc = image_judge_open(&run->judge, &run->common, scanners, err);
  if (rc == 0)
    rc = image_cache_open(&run->cache, run->args, err);
  if (rc < 0)
    return rc;
  name_scanners(run);
  run->common.options.target = buf_str(&run->target);
  rc = outputs_choose(&run->common.outputs, run->args, err);
  return rc < 0 ? rc : outputs_begin(&run->common.outputs, &run->common.options, err);
}

static void tell(struct run *run, const struct image_target *target)
{
  const struct image_facts *facts = &target->facts;
  struct image_judge_subject subject = {.kind = target->kind,
                                        .name = target->name,
                                        .reference = target->reference,
                                        .os = &facts->analysis.os,
                                        .packages = facts->analysis.packages.items,
                                        .package_count = facts->analysis.packages.count,
                                        .facts = facts};
  image_judge_tell(&run->judge, &subject, &run->summary);
}

static void scan_one(struct run *run, const char *name)
{
  struct image_target target;
  struct image_scan_options options = {0};
  struct error err;
  image_target_init(&target, &run->common);
  image_judge_options(&run->judge, &options);
  options.cache = name ? image_cache_use(&run->cache) : NULL;
  int rc = name ? image_target_read(&target, name, options, &err)
                : image_target_read_host(&target, options, &err);
  if (rc < 0)
    image_judge_failed(&run->judge, name ? str_from(name) : STR("this machine"), &err,
                       &run->summary);
  else
    tell(run, &target);
  image_target_free(&target);
}

static int finish(struct run *run, int status, const struct error *err)
{
  if (status < 0) {
    console_error(err);
    status = STATUS_FAILED;
  }
  image_cache_close(&run->cache);
  image_judge_close(&run->judge);
  scan_common_free(&run->common);
  buf_free(&run->target);
  buf_free(&run->policy);
  return status;
}

static int scan_images(struct run *run, struct error *err)
{
  size_t count = run->args->operands.count;
  if (!count)
    return error_set(err, SW_EUSAGE, "nothing to scan: name an image, an archive or a directory");
  for (size_t i = 0; i < count; i++)
    buf_printf(&run->target, "%s%s", i ? " " : "", run->args->operands.items[i]);
  int rc = prepare(
      run, IMAGE_SCANNER_VULNERABILITIES | IMAGE_SCANNER_SECRETS | IMAGE_SCANNER_CONFIG, err);
  if (rc < 0)
    return rc;
  for (size_t i = 0; i < count; i++)
    scan_one(run, run->args->operands.items[i]);
  image_judge_expired(&run->judge, &run->summary);
  return scan_common_end(&run->common, &run->summary);
}

static int scan_image_run(const struct arguments *args)
{
  struct run run = {.args = args};
  struct error err;
  scan_common_init(&run.common, args);
  run.common.options.packages = true;
  int status = scan_images(&run, &err);
  return finish(&run, status, &err);
}

static int scan_host(struct run *run, struct error *err)
{
  buf_add_text(&run->target, "this machine");
  int rc = prepare(run, IMAGE_SCANNER_VULNERABILITIES, err);
  if (rc < 0)
    return rc;
  scan_one(run, NULL);
  image_judge_expired(&run->judge, &run->summary);
  return scan_common_end(&run->common, &run->summary);
}

static int scan_host_run(const struct arguments *args)
{
  struct run run = {.args = args};
  struct error err;
  scan_common_init(&run.common, args);
  run.common.options.packages = true;
  int status = scan_host(&run, &err);
  return finish(&run, status, &err);
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
    .options = scan_image_options,
    .run = scan_host_run,
};
