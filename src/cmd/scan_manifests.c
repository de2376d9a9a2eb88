#include "cmd/scan_manifests.h"

#include "base/clock.h"
#include "base/file.h"
#include "base/pool.h"
#include "base/progress.h"
#include "cmd/config.h"
#include "cmd/console.h"
#include "cmd/outputs.h"
#include "cmd/rule_options.h"
#include "cmd/scan_fix.h"
#include "data/semver.h"
#include "policy/manifest_scan.h"

#include <sys/stat.h>
#include <unistd.h>

static const char *const level_values[] = {"privileged", "baseline", "restricted", NULL};
static const char *const severity_values[] = {"unknown", "info",     "low", "medium",
                                              "high",    "critical", NULL};
static const char *const fail_values[] = {"info",     "low",   "medium", "high",
                                          "critical", "never", NULL};
static const char *const format_values[] = {"table",    "json",   "sarif", "junit",
                                            "markdown", "github", NULL};

const struct option scan_manifests_options[] = {
    {.name = "level",
     .argument = "LEVEL",
     .help = "Pod Security Standard to hold pods against (default restricted)",
     .values = level_values},
    {.name = "kubernetes-version",
     .argument = "VERSION",
     .help = "version of the standard, v1.0 to v1.37 or latest (default latest)"},
    {.name = "severity",
     .argument = "SEVERITY",
     .help = "show findings from this severity up (default low)",
     .values = severity_values},
    {.name = "fail-on",
     .argument = "SEVERITY",
     .help = "exit with 1 for findings from this severity up (default high)",
     .values = fail_values},
    {.name = "format",
     .letter = 'f',
     .argument = "FORMAT",
     .help = "report on standard output (default table)",
     .values = format_values,
     .repeatable = true},
    {.name = "output",
     .letter = 'o',
     .argument = "FORMAT=FILE",
     .help = "write a report into a file besides; may be repeated",
     .complete = COMPLETE_FILES,
     .repeatable = true},
    {.name = "config",
     .letter = 'c',
     .argument = "FILE",
     .help = "configuration and exceptions (default " CONFIG_FILE " here, if there is one)",
     .complete = COMPLETE_FILES},
    {.name = "no-config", .help = "read no configuration, so that nothing is excepted"},
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
    {.name = "quiet", .letter = 'q', .help = "findings and errors only; no progress, no hints"},
    {0},
};

/* All that a scan needs, so that one function can give it all back. */
struct run {
  const struct arguments *args;
  struct config config;
  struct outputs outputs;
  struct scan_fix fix;
  VEC(const struct glob_exclude *) exclude;
  struct manifest_scan scan;
  struct rule_options rules;
  struct rule_library *library;
  struct report_options options;
  struct progress progress;
  char started[CLOCK_TEXT];
  struct buf policy;
  struct buf target;
  bool shares_terminal; /* progress and report are seen on the same one */
};

/* $SOURCE_DATE_EPOCH (reproducible-builds.org) stands in for the clock, so that a report of the
 * same tree can be the same to the byte. */
static int64_t seconds_now(void)
{
  unsigned long long given;
  const char *epoch = getenv("SOURCE_DATE_EPOCH");
  if (epoch && str_to_u64(str_from(epoch), 253402300799ULL, &given))
    return (int64_t)given;
  return clock_wall_seconds(clock_system());
}

static bool exists(const char *path)
{
  struct stat st;
  return lstat(path, &st) == 0;
}

static int read_config(struct run *run, struct error *err)
{
  const char *path = arguments_value(run->args, "config");
  bool none = arguments_has(run->args, "no-config");
  if (path && none)
    return error_set(err, SW_EUSAGE, "--config and --no-config cannot go together");
  if (none || (!path && !exists(CONFIG_FILE)))
    return 0;
  path = path ? path : CONFIG_FILE;
  run->scan.config_file = path;
  struct str today = str_make(run->started, 10);
  int rc = config_read(&run->config, path, today, err);
  run->scan.exceptions = run->config.exceptions;
  return rc;
}

/* A flag's value, else the configuration's (whose errors then name it), else the default. */
struct setting {
  const char *value;
  const char *where; /* for errors: "--level" or ".seawall.yaml: scan.level" */
};

static struct setting setting_of(const struct run *run, const char *flag, const char *key,
                                 const char *configured, const char *otherwise, char where[96])
{
  const char *value = arguments_value(run->args, flag);
  if (value || !configured)
    snprintf(where, 96, "--%s", flag);
  else
    snprintf(where, 96, "%.*s: scan.%s", STR_FMT(run->config.file), key);
  return (struct setting){value ? value : configured ? configured : otherwise, where};
}

static int read_severity(struct setting s, enum severity *ret, struct error *err)
{
  if (severity_from_name(str_from(s.value), ret))
    return 0;
  return error_set(err, SW_EUSAGE,
                   "%s \"%s\" is not one of unknown, info, low, medium, high, critical", s.where,
                   s.value);
}

static int read_thresholds(struct run *run, struct error *err)
{
  char where[96];
  struct setting s = setting_of(run, "severity", "severity", run->config.severity, "low", where);
  int rc = read_severity(s, &run->options.show_from, err);
  if (rc < 0)
    return rc;
  s = setting_of(run, "fail-on", "failOn", run->config.fail_on, "high", where);
  run->options.fail_never = strcmp(s.value, "never") == 0;
  if (run->options.fail_never)
    return 0;
  return read_severity(s, &run->options.fail_on, err);
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
  struct setting s = setting_of(run, "level", "level", run->config.level, "restricted", where);
  if (podsecurity_level_parse(str_from(s.value), &run->scan.target.level, err) < 0)
    return error_wrap(err, "%s \"%s\"", s.where, s.value);
  s = setting_of(run, "kubernetes-version", "kubernetesVersion", run->config.kubernetes_version,
                 "latest", where);
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
  rule_options_read(&run->rules, run->args, &run->config);
  run->rules.library.target = run->scan.target;
  int rc = rule_library_new(&run->rules.library, &run->library, err);
  if (rc < 0)
    return rc;
  run->scan.rules = run->library;
  run->scan.tallies =
      arena_zalloc(&run->config.arena, rule_library_count(run->library), sizeof(struct rule_tally));
  size_t active = count_active(run->library);
  if (active)
    buf_printf(&run->policy, "; %zu %s", active, active == 1 ? "rule" : "rules");
  for (size_t i = 0; i < run->rules.frameworks.count; i++)
    buf_printf(&run->policy, "%s%.*s", i ? ", " : " of ", STR_FMT(run->rules.frameworks.items[i]));
  run->options.policy = buf_str(&run->policy);
  return 0;
}

static int add_exclude(struct run *run, const char *pattern, struct error *err)
{
  struct glob_exclude *exclude;
  int rc = glob_exclude_compile(&run->config.arena, str_from(pattern), &exclude, err);
  if (rc < 0)
    return rc;
  vec_push(&run->exclude, exclude);
  return 0;
}

static int read_exclude(struct run *run, struct error *err)
{
  for (size_t i = 0; i < run->config.exclude.count; i++)
    if (add_exclude(run, run->config.exclude.items[i], err) < 0)
      return error_wrap(err, "%.*s: scan.exclude \"%s\"", STR_FMT(run->config.file),
                        run->config.exclude.items[i]);
  for (size_t i = 0; i < run->args->list.count; i++) {
    const struct argument *a = &run->args->list.items[i];
    if (strcmp(a->option->name, "exclude") == 0 && add_exclude(run, a->value, err) < 0)
      return error_wrap(err, "--exclude \"%s\"", a->value);
  }
  run->scan.exclude = run->exclude.items;
  run->scan.exclude_count = run->exclude.count;
  return 0;
}

static int read_jobs(struct run *run, struct error *err)
{
  const char *value = arguments_value(run->args, "jobs");
  unsigned long long jobs = 0;
  if (value && (!str_to_u64(str_from(value), POOL_JOBS_MAX, &jobs) || jobs == 0))
    return error_set(err, SW_EUSAGE, "--jobs \"%s\" must be a number from 1 to %d", value,
                     POOL_JOBS_MAX);
  run->scan.jobs = (unsigned)jobs;
  return 0;
}

static int read_paths(struct run *run, struct error *err)
{
  size_t count = run->args->operands.count;
  if (count == 0)
    return error_set(err, SW_EUSAGE,
                     "nothing to scan: name files or directories, or \"-\" for standard input");
  size_t standard_input = 0;
  for (size_t i = 0; i < count; i++) {
    const char *path = run->args->operands.items[i];
    standard_input += strcmp(path, "-") == 0;
    buf_add_text(&run->target, i ? " " : "");
    buf_add_text(&run->target, path);
  }
  if (standard_input > 1)
    return error_set(err, SW_EUSAGE, "\"-\" is given twice; standard input can be read once");
  run->scan.paths = run->args->operands.items;
  run->scan.path_count = count;
  run->options.target = buf_str(&run->target);
  return 0;
}

static int prepare(struct run *run, struct error *err)
{
  clock_format(seconds_now(), run->started);
  run->options.started = str_from(run->started);
  run->options.tool_version = STR(SEAWALL_VERSION);
  run->options.quiet = arguments_has(run->args, "quiet");
  run->options.color = console_color(STDOUT_FILENO);
  run->options.unicode = console_unicode();
  run->options.width = console_width(STDOUT_FILENO);
  int (*const steps[])(struct run *, struct error *) = {
      read_paths, read_config, read_level, read_rules, read_thresholds, read_exclude, read_jobs,
  };
  for (size_t i = 0; i < sizeof steps / sizeof *steps; i++) {
    int rc = steps[i](run, err);
    if (rc < 0)
      return rc;
  }
  return outputs_choose(&run->outputs, run->args, err);
}

static void tell_file(void *ctx, const struct report_file *file)
{
  struct run *run = ctx;
  if (run->shares_terminal && file->findings->count) {
    /* The report goes where the bar stands: the bar makes way, and nothing is held back that would
     * come out under it later. */
    progress_hide(&run->progress);
    outputs_file(&run->outputs, file);
    outputs_flush(&run->outputs);
  } else {
    outputs_file(&run->outputs, file);
  }
  progress_add(&run->progress, 1);
}

static void take_file(void *ctx, const struct report_file *file)
{
  struct run *run = ctx;
  scan_fix_file(&run->fix, file, tell_file, run);
}

/* Exceptions that have ended are findings in the configuration itself. */
static void report_expired(struct run *run, struct report_summary *summary)
{
  if (!run->config.exceptions)
    return;
  struct finding_list list;
  finding_list_init(&list, &run->config.arena);
  exceptions_report(run->config.exceptions, &list);
  if (list.count == 0)
    return;
  finding_list_distinguish(&list);
  finding_count(&summary->counts, &list);
  struct report_file file = {
      .path = run->config.file, .text = buf_str(&run->config.text), .findings = &list};
  outputs_file(&run->outputs, &file);
}

/* How the scan stands against the frameworks that were asked for. */
static void summarize_frameworks(struct run *run, struct report_summary *summary)
{
  size_t count = run->rules.frameworks.count;
  if (!count)
    return;
  struct framework_summary *list = arena_array(&run->config.arena, struct framework_summary, count);
  for (size_t f = 0; f < count; f++) {
    const struct framework *framework = framework_find(rule_image_builtin.frameworks,
                                                       rule_image_builtin.framework_count,
                                                       run->rules.frameworks.items[f]);
    framework_summary_init(&list[f], framework, &run->config.arena);
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
  enum progress_mode mode = PROGRESS_OFF;
  if (!run->options.quiet)
    mode = progress_mode_for(isatty(STDERR_FILENO), getenv("CI"), getenv("TERM"));
  progress_init(&run->progress, mode, STDERR_FILENO, console_width(STDERR_FILENO), NULL);
  progress_start(&run->progress, "scanning files", PROGRESS_COUNT, 0);
}

static int scan(struct run *run, struct error *err)
{
  int rc = prepare(run, err);
  if (rc == 0)
    rc = scan_fix_open(&run->fix, run->args, &run->outputs, err);
  if (rc == 0 && run->fix.mode == SCAN_FIX_WRITE)
    rc = scan_fix_write(&run->fix, &run->scan, err);
  if (rc == 0)
    rc = outputs_begin(&run->outputs, &run->options, err);
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
  report_expired(run, &summary);
  summarize_frameworks(run, &summary);
  summary.exceptions_unused = exceptions_unused(run->config.exceptions);
  scan_fix_end(&run->fix, &summary);
  summary.failing =
      run->options.fail_never ? 0 : finding_open_from(&summary.counts, run->options.fail_on);
  if (outputs_end(&run->outputs, &summary) < 0)
    return STATUS_FAILED;
  if (summary.documents == 0 && summary.errors == 0) {
    console_note("no manifests in %.*s: nothing was judged (%llu files passed over)",
                 STR_FMT(run->options.target), (unsigned long long)summary.skipped);
    return STATUS_FAILED;
  }
  if (summary.errors || run->fix.failed)
    return STATUS_FAILED;
  return summary.failing ? STATUS_FINDINGS : STATUS_OK;
}

int scan_manifests_run(const struct arguments *args)
{
  struct run run = {.args = args};
  struct error err;
  config_init(&run.config);
  int status = scan(&run, &err);
  if (status < 0) {
    console_error(&err);
    status = STATUS_FAILED;
  }
  outputs_free(&run.outputs);
  scan_fix_close(&run.fix);
  rule_library_free(run.library);
  rule_options_free(&run.rules);
  vec_free(&run.exclude);
  config_free(&run.config);
  buf_free(&run.target);
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
    .options = scan_manifests_options,
    .complete = COMPLETE_FILES,
    .run = scan_manifests_run,
};
