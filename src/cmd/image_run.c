#include "cmd/image_run.h"

#include "cmd/console.h"

static const struct {
  unsigned bit;
  const char *name;
} scanner_names[] = {{IMAGE_SCANNER_VULNERABILITIES, "vulnerabilities"},
                     {IMAGE_SCANNER_SECRETS, "secrets"},
                     {IMAGE_SCANNER_CONFIG, "configuration"},
                     {IMAGE_SCANNER_LICENSES, "licences"}};

static void name_policy(struct image_run *run)
{
  for (size_t i = 0; i < sizeof scanner_names / sizeof *scanner_names; i++)
    if (run->judge.scanners & scanner_names[i].bit)
      buf_printf(&run->policy, "%s%s", run->policy.len ? ", " : "", scanner_names[i].name);
  image_rules_name(&run->judge.choice, &run->policy);
  run->common.options.policy = buf_str(&run->policy);
}

/* Who asks a list of packages for secrets would take "none" for an answer. Rules that are asked for by name may need
 * more than there is, and find nothing. */
static int check_scanners(struct image_run *run, const struct image_run_verb *verb,
                          struct error *err)
{
  const char *given = arguments_value(run->common.args, "scanners");
  unsigned possible = verb->possible ? verb->possible : ~0U;
  unsigned asked = run->judge.scanners & ~possible;
  for (size_t i = 0; given && i < sizeof scanner_names / sizeof *scanner_names; i++)
    if (asked & scanner_names[i].bit)
      return error_set(err, SW_EUSAGE, "--scanners \"%s\": \"seawall %s\" cannot look for %s",
                       given, run->common.args->verb->name, scanner_names[i].name);
  run->judge.scanners &= possible;
  return 0;
}

static int prepare(struct image_run *run, const struct image_run_verb *verb, struct error *err)
{
  const struct arguments *args = run->common.args;
  int rc = verb->begin(run, err);
  if (rc == 0 && verb->reads)
    rc = image_target_options_read(&run->reading, args, err);
  if (rc == 0)
    rc = scan_common_configure(&run->common, err);
  if (rc == 0)
    rc = scan_common_thresholds(&run->common, err);
  if (rc == 0)
    rc = image_judge_open(&run->judge, &run->common, verb->scanners, err);
  if (rc == 0)
    rc = check_scanners(run, verb, err);
  if (rc == 0 && verb->caches)
    rc = image_cache_open(&run->cache, args, err);
  if (rc == 0)
    rc = outputs_choose(&run->common.outputs, args, err);
  name_policy(run);
  return rc < 0 ? rc : outputs_begin(&run->common.outputs, &run->common.options, err);
}

static int prepare_and_scan(struct image_run *run, const struct image_run_verb *verb,
                            struct error *err)
{
  int rc = prepare(run, verb, err);
  if (rc == 0)
    rc = verb->scan(run, err);
  if (rc < 0)
    return rc;
  image_judge_expired(&run->judge, &run->summary);
  return scan_common_end(&run->common, &run->summary);
}

int image_run(const struct image_run_verb *verb, const struct arguments *args, void *ctx)
{
  struct image_run run = {.ctx = ctx};
  struct error err;
  int status = scan_common_init(&run.common, args, &err);
  run.common.options.packages = true;
  if (status == 0)
    status = prepare_and_scan(&run, verb, &err);
  if (status < 0) {
    console_error(&err);
    status = STATUS_FAILED;
  }
  image_cache_close(&run.cache);
  image_judge_close(&run.judge);
  image_target_options_free(&run.reading);
  scan_common_free(&run.common);
  buf_free(&run.policy);
  return status;
}

static void tell(struct image_run *run, const struct image_target *target,
                 const struct image_run_shown *shown)
{
  const struct image_facts *facts = &target->facts;
  const struct image_judge_subject subject = {
      .kind = target->kind,
      .name = shown ? shown->name : target->name,
      .reference = shown ? shown->reference : target->reference,
      .identity = shown ? shown->reference : target->identity,
      .os = &facts->analysis.os,
      .packages = facts->analysis.packages.items,
      .package_count = facts->analysis.packages.count,
      .facts = facts,
      .signature = target->signature,
      .signature_fault = target->signature_fault};
  image_judge_tell(&run->judge, &subject, &run->summary);
  outputs_flush(&run->common.outputs);
}

/* name NULL: the machine. */
static void scan_target(struct image_run *run, const char *name,
                        const struct image_run_shown *shown)
{
  struct image_target target;
  struct image_scan_options options = {0};
  struct error err;
  run->reading.signatures = image_judge_signatures(&run->judge);
  image_target_init(&target, &run->common, &run->reading);
  image_judge_options(&run->judge, &options);
  options.cache = name ? image_cache_use(&run->cache) : NULL;
  int rc = name ? image_target_read(&target, name, options, &err)
                : image_target_read_host(&target, options, &err);
  if (rc < 0)
    image_judge_failed(&run->judge,
                       shown  ? shown->name
                       : name ? target.name
                              : STR("this machine"),
                       &err, &run->summary);
  else
    tell(run, &target, shown);
  image_target_free(&target);
}

void image_run_image(struct image_run *run, const char *name, const struct image_run_shown *shown)
{
  scan_target(run, name, shown);
}

void image_run_host(struct image_run *run)
{
  scan_target(run, NULL, NULL);
}
