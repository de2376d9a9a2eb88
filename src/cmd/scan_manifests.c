#include "base/pool.h"
#include "cmd/console.h"
#include "cmd/rule_options.h"
#include "cmd/scan_common.h"
#include "cmd/scan_fix.h"
#include "data/semver.h"
#include "policy/manifest_scan.h"

#include <unistd.h>

static const char *const level_values[] = {"privileged", "baseline", "restricted", NULL};

static const struct option options[] = {
    {.name = "level",
     .argument = "LEVEL",
     .help = "Pod Security Standard to hold pods against (default restricted)",
     .values = level_values},
    {.name = "kubernetes-version",
     .argument = "VERSION",
     .help = "version of the standard, v1.0 to v1.37 or latest (default latest)"},
    SCAN_COMMON_ROWS,
    RULE_OPTION_ROWS,
    SCAN_FIX_ROWS,
    {.name = "exclude",
     .argument = "PATTERN",
     .help = "pass over paths that match; may be repeated",
     .repeatable = true},
    {.name = "jobs",
     .letter = 'j',
     .argument = "N",
     .help = "files to work on at once (default: one for each processor)"},
    SCAN_QUIET_ROW,
    {0},
};

/* All that a scan needs, so that one function can give it all back. */
struct run {
  struct scan_common common;
  struct scan_fix fix;
  struct manifest_scan scan;
  struct rule_options rules;
  struct rule_library *library;
  struct progress progress;
  struct buf policy;
  bool shares_terminal; /* progress and report are seen on the same one */
};

static int read_config(struct run *run, struct error *err)
{
  int rc = scan_common_configure(&run->common, err);
  run->scan.config_file = run->common.config_path;
  run->scan.exceptions = run->common.config.exceptions;
  return rc;
}

static int read_thresholds(struct run *run, struct error *err)
{
  return scan_common_thresholds(&run->common, err);
}

/* "latest", or a release of Kubernetes as people write it: v1.32, 1.32, v1.32.4-gke.1. */
static int read_version(struct str text, uint64_t *ret_minor, struct error *err)
{
  if (str_eq(text, STR("latest"))) {
    *ret_minor = PODSECURITY_LATEST;
    return 0;
  }
  struct version_minor version;
  int rc = version_minor_parse(text, &version, err);
  if (rc < 0)
    return rc;
  if (version.major != 1)
    return error_set(err, SW_EUSAGE, "there is no Kubernetes %u.%u; give v1.0 to v1.%d or latest",
                     version.major, version.minor, PODSECURITY_NEWEST);
  *ret_minor = version.minor;
  return 0;
}

static int read_level(struct run *run, struct error *err)
{
  char where[96];
  const struct config *config = &run->common.config;
  struct scan_setting s =
      scan_common_setting(&run->common, "level", "level", config->level, "restricted", where);
  if (podsecurity_level_parse(str_from(s.value), &run->scan.target.level, err) < 0)
    return error_wrap(err, "%s \"%s\"", s.where, s.value);
  s = scan_common_setting(&run->common, "kubernetes-version", "kubernetesVersion",
                          config->kubernetes_version, "latest", where);
  if (read_version(str_from(s.value), &run->scan.target.minor, err) < 0)
    return error_wrap(err, "%s", s.where);
  buf_add_text(&run->policy, "Pod Security Standards, ");
  podsecurity_target_write(&run->policy, run->scan.target);
  return 0;
}

/* Whether any rule but those of Pod Security is asked, and how many. */
static size_t count_active(const struct rule_library *library)
{
  size_t count = 0;
  for (size_t i = 0; i < rule_library_count(library); i++)
    count += rule_library_active(library, i) &&
             !str_starts(rule_library_rule(library, i)->id, STR("pss-"));
  return count;
}

static int read_rules(struct run *run, struct error *err)
{
  rule_options_read(&run->rules, run->common.args, &run->common.config);
  run->rules.library.target = run->scan.target;
  int rc = rule_library_new(&run->rules.library, &run->library, err);
  if (rc < 0)
    return rc;
  run->scan.rules = run->library;
  run->scan.tallies = arena_zalloc(&run->common.config.arena, rule_library_count(run->library),
                                   sizeof(struct rule_tally));
  size_t active = count_active(run->library);
  if (active)
    buf_printf(&run->policy, "; %zu %s", active, active == 1 ? "rule" : "rules");
  for (size_t i = 0; i < run->rules.frameworks.count; i++)
    buf_printf(&run->policy, "%s%.*s", i ? ", " : " of ", STR_FMT(run->rules.frameworks.items[i]));
  run->common.options.policy = buf_str(&run->policy);
  return 0;
}

static int read_exclude(struct run *run, struct error *err)
{
  int rc = scan_common_exclude(&run->common, err);
  run->scan.exclude = run->common.exclude.items;
  run->scan.exclude_count = run->common.exclude.count;
  return rc;
}

static int read_jobs(struct run *run, struct error *err)
{
  const char *value = arguments_value(run->common.args, "jobs");
  unsigned long long jobs = 0;
  if (value && (!str_to_u64(str_from(value), POOL_JOBS_MAX, &jobs) || jobs == 0))
    return error_set(err, SW_EUSAGE, "--jobs \"%s\" must be a number from 1 to %d", value,
                     POOL_JOBS_MAX);
  run->scan.jobs = (unsigned)jobs;
  return 0;
}

static int read_paths(struct run *run, struct error *err)
{
  run->scan.paths = run->common.args->operands.items;
  run->scan.path_count = run->common.args->operands.count;
  return scan_common_operands(
      &run->common, "nothing to scan: name files or directories, or \"-\" for standard input", err);
}

static int prepare(struct run *run, struct error *err)
{
  int (*const steps[])(struct run *, struct error *) = {
      read_paths, read_config, read_level, read_rules, read_thresholds, read_exclude, read_jobs,
  };
  for (size_t i = 0; i < sizeof steps / sizeof *steps; i++) {
    int rc = steps[i](run, err);
    if (rc < 0)
      return rc;
  }
  return outputs_choose(&run->common.outputs, run->common.args, err);
}

static void tell_file(void *ctx, const struct report_file *file)
{
  struct run *run = ctx;
  if (run->shares_terminal && file->findings->count) {
    /* The report goes where the bar stands: the bar makes way, and nothing is held back that would
     * come out under it later. */
    progress_hide(&run->progress);
    outputs_file(&run->common.outputs, file);
    outputs_flush(&run->common.outputs);
  } else {
    outputs_file(&run->common.outputs, file);
  }
  progress_add(&run->progress, 1);
}

static void take_file(void *ctx, const struct report_file *file)
{
  struct run *run = ctx;
  scan_fix_file(&run->fix, file, tell_file, run);
}

/* How the scan stands against the frameworks that were asked for. */
static void summarize_frameworks(struct run *run, struct report_summary *summary)
{
  size_t count = run->rules.frameworks.count;
  if (!count)
    return;
  struct framework_summary *list =
      arena_array(&run->common.config.arena, struct framework_summary, count);
  for (size_t f = 0; f < count; f++) {
    const struct framework *framework = framework_find(rule_image_builtin.frameworks,
                                                       rule_image_builtin.framework_count,
                                                       run->rules.frameworks.items[f]);
    framework_summary_init(&list[f], framework, &run->common.config.arena);
    for (size_t i = 0; i < rule_library_count(run->library); i++) {
      const struct rule_tally *t = &run->scan.tallies[i];
      framework_summary_add(&list[f], rule_library_rule(run->library, i), t->judged, t->open,
                            t->excepted);
    }
  }
  summary->frameworks = list;
  summary->framework_count = count;
}

static void start_progress(struct run *run)
{
  run->shares_terminal = isatty(STDOUT_FILENO);
  scan_common_progress(&run->common, &run->progress, "scanning files", PROGRESS_COUNT, 0);
}

static int scan(struct run *run, struct error *err)
{
  int rc = prepare(run, err);
  if (rc == 0)
    rc = scan_fix_open(&run->fix, run->common.args, &run->common.outputs, err);
  if (rc == 0 && run->fix.mode == SCAN_FIX_WRITE)
    rc = scan_fix_write(&run->fix, &run->scan, err);
  if (rc == 0)
    rc = outputs_begin(&run->common.outputs, &run->common.options, err);
  if (rc < 0)
    return rc;
  run->scan.file = take_file;
  run->scan.ctx = run;
  struct report_summary summary = {0};
  start_progress(run);
  rc = manifest_scan_run(&run->scan, &summary, err);
  progress_end(&run->progress);
  if (rc < 0)
    return rc;
  scan_common_expired(&run->common, &summary);
  summarize_frameworks(run, &summary);
  scan_fix_end(&run->fix, &summary);
  int status = scan_common_end(&run->common, &summary);
  if (summary.objects == 0 && summary.errors == 0) {
    console_note("no manifests in %.*s: nothing was judged (%llu files passed over)",
                 STR_FMT(run->common.options.target), (unsigned long long)summary.skipped);
    return STATUS_FAILED;
  }
  return run->fix.failed ? STATUS_FAILED : status;
}

static int scan_manifests_run(const struct arguments *args)
{
  struct run run = {0};
  struct error err;
  int status = scan_common_init(&run.common, args, &err);
  if (status == 0)
    status = scan(&run, &err);
  if (status < 0) {
    console_error(&err);
    status = STATUS_FAILED;
  }
  scan_fix_close(&run.fix);
  rule_library_free(run.library);
  rule_options_free(&run.rules);
  scan_common_free(&run.common);
  buf_free(&run.policy);
  return status;
}

const struct verb verb_scan_manifests = {
    .name = "scan manifests",
    .operand = "PATH...|-",
    .summary = "hold Kubernetes manifests against rules and the Pod Security Standards",
    .details =
        "Reads YAML and JSON files, directories of them, or standard input (\"-\"), and reports\n"
        "every place that breaks the Pod Security Standards or a rule of the library, with file,\n"
        "line and what to do. \"seawall policy list\" shows the rules; --rules adds your own.\n"
        "Files that are not manifests are named and passed over. A file that cannot be read or\n"
        "parsed is reported and does not hide the findings of the others.\n\n"
        "Exit status: 0 nothing from --fail-on up, 1 findings from there up, 2 something could\n"
        "not be read, or the request makes no sense.\n",
    .example = "  seawall scan manifests deploy/\n"
               "  helm template ./chart | seawall scan manifests -\n"
               "  seawall scan manifests --level baseline --fail-on medium k8s/*.yaml\n"
               "  seawall scan manifests --framework nsa --fail-on never deploy/\n"
               "  seawall scan manifests --fix deploy/ | less -R\n"
               "  seawall scan manifests --fix --write deploy/\n"
               "  seawall scan manifests --output sarif=seawall.sarif --format github deploy/\n",
    .options = options,
    .complete = COMPLETE_FILES,
    .run = scan_manifests_run,
};
