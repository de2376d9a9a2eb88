#include "cmd/image_rules.h"

#include "base/suggestion.h"
#include "policy/rule_image.h"
#include "scan/check/account_file.h"
#include "scan/check/file_facts.h"
#include "scan/image/findings.h"

const char *const image_framework_values[] = {"cis-docker", "mitre", NULL};

static bool has_subject(const struct image_rules *rules, enum scan_subject subject)
{
  return rules->subjects >> subject & 1;
}

/* ---- options */

static bool is_known(const struct image_rules *rules, struct str id)
{
  struct scan_rule r;
  if (scan_rule_find(id, &r))
    return has_subject(rules, r.subject);
  return has_subject(rules, SCAN_SUBJECT_PACKAGE) && scan_rule_is_advisory(id);
}

static int unknown_rule(const struct image_rules *rules, struct str id, struct error *err)
{
  struct suggestion s = {.word = id};
  const char *what = has_subject(rules, SCAN_SUBJECT_DOCKERFILE) ? "Dockerfiles" : "images";
  size_t count = scan_rule_count();
  for (size_t i = 0; i < count; i++) {
    struct scan_rule r = scan_rule_at(i);
    if (has_subject(rules, r.subject))
      suggestion_consider(&s, r.rule->id.data);
  }
  if (s.best)
    return error_set(err, SW_EUSAGE, "there is no rule \"%.*s\", did you mean \"%s\"?", STR_FMT(id),
                     s.best);
  return error_set(err, SW_EUSAGE,
                   "there is no rule \"%.*s\" for %s (seawall policy list shows all)", STR_FMT(id),
                   what);
}

static bool is_library_rule(struct str id)
{
  const struct rule_image *image = &rule_image_builtin;
  for (size_t i = 0; i < image->rule_count; i++)
    if (str_eq(image->rules[i].rule.id, id))
      return true;
  return str_starts(id, STR("pss-"));
}

/* The configuration may speak of rules that are none of this scan's, and of users' own, which are not known here. So what
 * is refused is what looks like one of this scan's, mistyped. */
static int check_setting(const struct image_rules *rules, const struct config *config,
                         struct str id, struct error *err)
{
  enum { NEAR = 2, SHORT = 8 };
  struct scan_rule r;
  if (id.len < SHORT || scan_rule_find(id, &r) || scan_rule_is_advisory(id) || is_library_rule(id))
    return 0;
  size_t count = scan_rule_count();
  for (size_t i = 0; i < count; i++) {
    r = scan_rule_at(i);
    if (has_subject(rules, r.subject) && str_distance(r.rule->id, id) <= NEAR)
      return error_set(err, SW_EUSAGE, "%.*s: there is no rule \"%.*s\", did you mean \"%.*s\"?",
                       STR_FMT(config->file), STR_FMT(id), STR_FMT(r.rule->id));
  }
  return 0;
}

static int check_settings(const struct image_rules *rules, const struct config *config,
                          struct error *err)
{
  int rc = 0;
  for (size_t i = 0; rc == 0 && i < config->rule_settings.count && !config->rule_paths.count; i++)
    rc = check_setting(rules, config, config->rule_settings.items[i].id, err);
  return rc;
}

static void read_options(struct image_rules *rules, const struct arguments *args)
{
  for (size_t i = 0; i < args->list.count; i++) {
    const struct argument *a = &args->list.items[i];
    if (strcmp(a->option->name, "rule") == 0)
      vec_push(&rules->only, str_from(a->value));
    else if (strcmp(a->option->name, "skip-rule") == 0)
      vec_push(&rules->skip, str_from(a->value));
    else if (strcmp(a->option->name, "framework") == 0)
      vec_push(&rules->frameworks, str_from(a->value));
  }
}

static void open_frameworks(struct image_rules *rules, struct arena *arena)
{
  const struct rule_image *image = &rule_image_builtin;
  rules->judged = arena_zalloc(arena, scan_rule_count(), sizeof *rules->judged);
  rules->summaries = arena_array(arena, struct framework_summary, rules->frameworks.count + 1);
  for (size_t i = 0; i < rules->frameworks.count; i++)
    framework_summary_init(
        &rules->summaries[i],
        framework_find(image->frameworks, image->framework_count, rules->frameworks.items[i]),
        arena);
}

int image_rules_open(struct image_rules *rules, struct scan_common *common,
                     enum image_rules_of subjects, struct error *err)
{
  *rules = (struct image_rules){.subjects = subjects};
  read_options(rules, common->args);
  rules->choice = (struct rule_choice){
      .only = rules->only.items,
      .only_count = rules->only.count,
      .skip = rules->skip.items,
      .skip_count = rules->skip.count,
      .frameworks = rules->frameworks.items,
      .framework_count = rules->frameworks.count,
      .settings = common->config.rule_settings.items,
      .setting_count = common->config.rule_settings.count,
  };
  open_frameworks(rules, &common->config.arena);
  if (arguments_value(common->args, "secret-rules"))
    return 0;
  int rc = check_settings(rules, &common->config, err);
  return rc < 0 ? rc : image_rules_check(rules, NULL, err);
}

void image_rules_close(struct image_rules *rules)
{
  vec_free(&rules->only);
  vec_free(&rules->skip);
  vec_free(&rules->frameworks);
}

static int check_list(const struct image_rules *rules, const struct str *list, size_t count,
                      const struct secret_rules *secrets, struct error *err)
{
  for (size_t i = 0; i < count; i++)
    if (!is_known(rules, list[i]) && !(secrets && secret_rules_find(secrets, list[i])))
      return unknown_rule(rules, list[i], err);
  return 0;
}

int image_rules_check(const struct image_rules *rules, const struct secret_rules *secrets,
                      struct error *err)
{
  const struct rule_choice *c = &rules->choice;
  int rc = check_list(rules, c->only, c->only_count, secrets, err);
  return rc < 0 ? rc : check_list(rules, c->skip, c->skip_count, secrets, err);
}

/* ---- what has to be looked for */

bool image_rules_narrow(const struct image_rules *rules)
{
  return rules->only.count || rules->frameworks.count;
}

static bool is_license(const struct rule *rule)
{
  return rule >= package_license_rules && rule < package_license_rules + package_license_rule_count;
}

/* Ids that are none of the catalogue's: of an advisory, or of a rule for secrets that the user brings. */
static bool needs_unlisted(const struct image_rules *rules, enum scan_subject subject)
{
  struct scan_rule r;
  for (size_t i = 0; i < rules->only.count; i++) {
    struct str id = rules->only.items[i];
    if (scan_rule_find(id, &r))
      continue;
    if (subject == (scan_rule_is_advisory(id) ? SCAN_SUBJECT_PACKAGE : SCAN_SUBJECT_SECRET))
      return true;
  }
  return false;
}

/* The upgrade that helps most and what is not needed are known when vulnerabilities are. */
static enum scan_subject subject_of(const struct scan_rule *r)
{
  static const struct economy_upgrades upgrades;
  static const struct economy_reduction reduction;
  const struct economy matched = {.upgrades = &upgrades, .reduction = &reduction};
  bool economy = r->rule >= economy_rules && r->rule < economy_rules + economy_rule_count;
  return economy && economy_asks(&matched, r->rule) ? SCAN_SUBJECT_PACKAGE : r->subject;
}

bool image_rules_need(const struct image_rules *rules, enum scan_subject subject, bool of_licenses)
{
  size_t count = scan_rule_count();
  for (size_t i = 0; i < count; i++) {
    struct scan_rule r = scan_rule_at(i);
    if (subject_of(&r) == subject && is_license(r.rule) == of_licenses &&
        rule_choice_asks(&rules->choice, r.rule, r.family))
      return true;
  }
  return !of_licenses && needs_unlisted(rules, subject);
}

void image_rules_name(const struct image_rules *rules, struct buf *out)
{
  for (size_t i = 0; i < rules->frameworks.count; i++)
    buf_printf(out, "%s%.*s", i ? ", " : " of ", STR_FMT(rules->frameworks.items[i]));
}

/* ---- findings and controls */

void image_rules_apply(const struct image_rules *rules, struct finding_list *findings)
{
  rule_choice_apply(&rules->choice, scan_rule_family, findings);
}

static bool is_held(const struct image_rules_held *held, const struct scan_rule *r)
{
  const struct rule *rule = r->rule;
  if (r->subject == SCAN_SUBJECT_DOCKERFILE)
    return held->dockerfile && dockerfile_asks(held->dockerfile, rule);
  if (r->subject == SCAN_SUBJECT_SECRET)
    return held->secrets;
  if (r->subject == SCAN_SUBJECT_PACKAGE)
    return is_license(rule) ? held->licenses : held->vulnerabilities;
  if (rule >= image_config_rules && rule < image_config_rules + image_config_rule_count)
    return held->config && image_config_asks(held->config, rule);
  if (rule >= economy_rules && rule < economy_rules + economy_rule_count)
    return held->economy && economy_asks(held->economy, rule);
  return held->files;
}

void image_rules_held(struct image_rules *rules, const struct image_rules_held *held)
{
  size_t count = rules->frameworks.count ? scan_rule_count() : 0;
  for (size_t i = 0; i < count; i++) {
    struct scan_rule r = scan_rule_at(i);
    rules->judged[i] |= is_held(held, &r) && rule_choice_asks(&rules->choice, r.rule, r.family);
  }
}

void image_rules_found(struct image_rules *rules, const struct finding_list *findings)
{
  for (size_t f = 0; f < rules->frameworks.count; f++)
    for (size_t i = 0; i < findings->count; i++) {
      const struct finding *finding = &findings->items[i];
      const struct rule *family = scan_rule_family(finding);
      framework_summary_find(&rules->summaries[f], family ? family : finding->rule, finding);
    }
}

void image_rules_end(struct image_rules *rules, struct report_summary *summary)
{
  size_t count = scan_rule_count();
  for (size_t f = 0; f < rules->frameworks.count; f++)
    for (size_t i = 0; i < count; i++) {
      struct scan_rule r = scan_rule_at(i);
      /* Members of a family count as one. */
      if (has_subject(rules, r.subject) && !r.family)
        framework_summary_add(&rules->summaries[f], r.rule, rules->judged[i], 0, 0);
    }
  summary->frameworks = rules->summaries;
  summary->framework_count = rules->frameworks.count;
}
