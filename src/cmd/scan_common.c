#include "cmd/scan_common.h"

#include "cmd/console.h"

#include <sys/stat.h>
#include <unistd.h>

const char *const scan_severity_values[] = {"unknown", "info",     "low", "medium",
                                            "high",    "critical", NULL};
const char *const scan_fail_values[] = {"info", "low", "medium", "high", "critical", "never", NULL};
const char *const scan_format_values[] = {"table",    "json",   "sarif", "junit",
                                          "markdown", "github", NULL};

/* $SOURCE_DATE_EPOCH (reproducible-builds.org) stands in for the clock, so that a report of the
 * same tree can be the same to the byte. */
static int read_now(int64_t *ret, struct error *err)
{
  unsigned long long given = 0;
  const char *epoch = getenv("SOURCE_DATE_EPOCH");
  bool set = epoch && *epoch, good = set && str_to_u64(str_from(epoch), 253402300799ULL, &given);
  *ret = good ? (int64_t)given : clock_wall_seconds(clock_system());
  if (set && !good)
    return error_set(err, SW_EUSAGE,
                     "SOURCE_DATE_EPOCH is \"%.100s\", and must be a number of seconds since 1970",
                     epoch);
  return 0;
}

int scan_common_init(struct scan_common *common, const struct arguments *args, struct error *err)
{
  *common = (struct scan_common){.args = args};
  int rc = read_now(&common->now, err);
  config_init(&common->config);
  clock_format(common->now, common->started);
  struct report_options *options = &common->options;
  options->started = str_from(common->started);
  options->tool_version = STR(SEAWALL_VERSION);
  options->quiet = arguments_has(args, "quiet");
  options->color = console_color(STDOUT_FILENO);
  options->unicode = console_unicode();
  options->width = console_width(STDOUT_FILENO);
  return rc;
}

void scan_common_free(struct scan_common *common)
{
  outputs_free(&common->outputs);
  vec_free(&common->exclude);
  config_free(&common->config);
  buf_free(&common->target);
}

static bool exists(const char *path)
{
  struct stat st;
  return lstat(path, &st) == 0;
}

int scan_common_configure(struct scan_common *common, struct error *err)
{
  const char *path = arguments_value(common->args, "config");
  bool none = arguments_has(common->args, "no-config");
  if (path && none)
    return error_set(err, SW_EUSAGE, "--config and --no-config cannot go together");
  if (none || (!path && !exists(CONFIG_FILE)))
    return 0;
  common->config_path = path ? path : CONFIG_FILE;
  return config_read(&common->config, common->config_path, str_make(common->started, 10), err);
}

int scan_common_operands(struct scan_common *common, const char *nothing, struct error *err)
{
  size_t standard_input = 0, count = common->args->operands.count;
  if (!count)
    return error_set(err, SW_EUSAGE, "%s", nothing);
  for (size_t i = 0; i < count; i++) {
    const char *name = common->args->operands.items[i];
    standard_input += strcmp(name, "-") == 0;
    buf_printf(&common->target, "%s%s", i ? " " : "", name);
  }
  if (standard_input > 1)
    return error_set(err, SW_EUSAGE, "\"-\" is given twice; standard input can be read once");
  common->options.target = buf_str(&common->target);
  return 0;
}

static int add_exclude(struct scan_common *common, const char *pattern, struct error *err)
{
  struct glob_exclude *exclude;
  int rc = glob_exclude_compile(&common->config.arena, str_from(pattern), &exclude, err);
  if (rc == 0)
    vec_push(&common->exclude, exclude);
  return rc;
}

int scan_common_exclude(struct scan_common *common, struct error *err)
{
  const struct config *config = &common->config;
  for (size_t i = 0; i < config->exclude.count; i++)
    if (add_exclude(common, config->exclude.items[i], err) < 0)
      return error_wrap(err, "%.*s: scan.exclude \"%s\"", STR_FMT(config->file),
                        config->exclude.items[i]);
  for (size_t i = 0; i < common->args->list.count; i++) {
    const struct argument *a = &common->args->list.items[i];
    if (strcmp(a->option->name, "exclude") == 0 && add_exclude(common, a->value, err) < 0)
      return error_wrap(err, "--exclude \"%s\"", a->value);
  }
  return 0;
}

struct scan_setting scan_common_setting(const struct scan_common *common, const char *flag,
                                        const char *key, const char *configured,
                                        const char *otherwise, char where[static 96])
{
  const char *value = arguments_value(common->args, flag);
  if (value || !configured)
    snprintf(where, 96, "--%s", flag);
  else
    snprintf(where, 96, "%.*s: scan.%s", STR_FMT(common->config.file), key);
  return (struct scan_setting){value ? value : configured ? configured : otherwise, where};
}

static int read_severity(struct scan_setting s, enum severity *ret, struct error *err)
{
  if (severity_from_name(str_from(s.value), ret))
    return 0;
  return error_set(err, SW_EUSAGE,
                   "%s \"%s\" is not one of unknown, info, low, medium, high, critical", s.where,
                   s.value);
}

/* "0.1" as millionths. */
static bool read_probability(struct str text, uint32_t *ret)
{
  struct str rest;
  unsigned long long whole, part = 0;
  struct str before = str_cut(text, '.', &rest);
  if (!str_to_u64(before, 1, &whole) || rest.len > 6 || (rest.data && !rest.len))
    return false;
  if (rest.len && !str_to_u64(rest, 999999, &part))
    return false;
  for (size_t i = rest.len; i < 6; i++)
    part *= 10;
  *ret = (uint32_t)(whole * 1000000 + part);
  return *ret > 0 && *ret <= 1000000;
}

static int read_fail_word(struct scan_common *common, struct str word, bool *severity_said)
{
  struct report_options *o = &common->options;
  if (str_eq(word, STR("never")))
    o->fail_never = true;
  else if (str_eq(word, STR("kev")))
    o->fail_exploited = true;
  else if (str_starts(word, STR("epss=")))
    return read_probability(str_sub(word, 5, SIZE_MAX), &o->fail_epss) ? 0 : -1;
  else if (severity_from_name(word, &o->fail_on))
    *severity_said = true;
  else
    return -1;
  return 0;
}

static int read_fail_on(struct scan_common *common, struct scan_setting s, struct error *err)
{
  struct str rest = str_from(s.value);
  bool severity_said = false;
  struct report_options *o = &common->options;
  while (rest.data) {
    struct str word = str_trim(str_cut(rest, ',', &rest));
    if (read_fail_word(common, word, &severity_said) < 0)
      return error_set(err, SW_EUSAGE,
                       "%s \"%s\" is not one of unknown, info, low, medium, high, critical, never, "
                       "or kev and epss=0.1 among them",
                       s.where, s.value);
  }
  if (o->fail_never && (severity_said || o->fail_exploited || o->fail_epss))
    return error_set(err, SW_EUSAGE, "%s \"%s\": \"never\" stands alone", s.where, s.value);
  /* With kev or epss alone no severity fails: UNKNOWN would mean every finding. */
  o->fail_on_ignored = !severity_said;
  o->fail_text = str_from(s.value);
  return 0;
}

int scan_common_thresholds(struct scan_common *common, struct error *err)
{
  char where[96];
  struct scan_setting s =
      scan_common_setting(common, "severity", "severity", common->config.severity, "low", where);
  int rc = read_severity(s, &common->options.show_from, err);
  if (rc < 0)
    return rc;
  s = scan_common_setting(common, "fail-on", "failOn", common->config.fail_on, "high", where);
  return read_fail_on(common, s, err);
}

void scan_common_count(const struct scan_common *common, const struct finding_list *findings,
                       struct report_summary *summary)
{
  const struct report_options *o = &common->options;
  finding_count(&summary->counts, findings);
  for (size_t i = 0; i < findings->count && !o->fail_never; i++) {
    const struct finding *f = &findings->items[i];
    const struct finding_package *p = f->package;
    bool by_severity = !o->fail_on_ignored && f->severity >= o->fail_on;
    if (f->state != FINDING_OPEN || by_severity || !p)
      continue;
    summary->failing_besides += (o->fail_exploited && p->exploited) ||
                                (o->fail_epss && p->has_epss && p->epss >= o->fail_epss);
  }
}

void scan_common_progress(const struct scan_common *common, struct progress *progress,
                          const char *label, enum progress_unit unit, uint64_t total)
{
  enum progress_mode mode = PROGRESS_OFF;
  if (!common->options.quiet)
    mode = progress_mode_for(isatty(STDERR_FILENO), getenv("CI"), getenv("TERM"));
  progress_init(progress, mode, STDERR_FILENO, console_width(STDERR_FILENO), NULL);
  progress_start(progress, label, unit, total);
}

size_t scan_common_registries(struct scan_common *common, const struct str **ret_list)
{
  struct value list = value_get_str(common->config.rule_parameters, STR("allowedRegistries"));
  if (!value_is(list, VALUE_ARRAY))
    return 0;
  struct str *items = arena_array(&common->config.arena, struct str, list.len);
  for (uint32_t i = 0; i < list.len; i++)
    items[i] = value_str_or_empty(list.items[i]);
  *ret_list = items;
  return list.len;
}

void scan_common_expired(struct scan_common *common, struct report_summary *summary)
{
  struct config *config = &common->config;
  if (!config->exceptions)
    return;
  struct finding_list list;
  finding_list_init(&list, &config->arena);
  exceptions_report(config->exceptions, &list);
  if (list.count == 0)
    return;
  finding_list_distinguish(&list);
  finding_count(&summary->counts, &list);
  struct report_file file = {
      .path = config->file, .text = buf_str(&config->text), .findings = &list};
  outputs_file(&common->outputs, &file);
}

int scan_common_end(struct scan_common *common, struct report_summary *summary)
{
  const struct report_options *options = &common->options;
  summary->exceptions_unused = exceptions_unused(common->config.exceptions);
  bool by_severity = !options->fail_never && !options->fail_on_ignored;
  summary->failing = (by_severity ? finding_open_from(&summary->counts, options->fail_on) : 0) +
                     summary->failing_besides;
  if (outputs_end(&common->outputs, summary) < 0 || summary->errors)
    return STATUS_FAILED;
  return summary->failing ? STATUS_FINDINGS : STATUS_OK;
}
