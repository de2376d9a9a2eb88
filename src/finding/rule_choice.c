#include "finding/rule_choice.h"

static bool is_listed(const struct str *list, size_t count, struct str id)
{
  for (size_t i = 0; i < count; i++)
    if (str_eq(list[i], id))
      return true;
  return false;
}

static bool is_named(const struct str *list, size_t count, const struct rule *rule,
                     const struct rule *family)
{
  return is_listed(list, count, rule->id) || (family && is_listed(list, count, family->id));
}

static bool serves(const struct rule_choice *choice, const struct rule *rule)
{
  for (size_t i = 0; rule && i < rule->control_count; i++)
    if (is_listed(choice->frameworks, choice->framework_count, rule->controls[i].framework))
      return true;
  return false;
}

static const struct rule_setting *setting_of(const struct rule_choice *choice, struct str id)
{
  for (size_t i = 0; i < choice->setting_count; i++)
    if (str_eq(choice->settings[i].id, id))
      return &choice->settings[i];
  return NULL;
}

static bool is_disabled(const struct rule_choice *choice, const struct rule *rule,
                        const struct rule *family)
{
  const struct rule_setting *setting = setting_of(choice, rule->id);
  if (!setting && family)
    setting = setting_of(choice, family->id);
  return setting && setting->disabled;
}

bool rule_choice_asks(const struct rule_choice *choice, const struct rule *rule,
                      const struct rule *family)
{
  if (is_named(choice->skip, choice->skip_count, rule, family))
    return false;
  if (choice->framework_count && !serves(choice, rule) && !serves(choice, family))
    return false;
  if (choice->only_count)
    return is_named(choice->only, choice->only_count, rule, family);
  return !is_disabled(choice, rule, family);
}

enum severity rule_choice_severity(const struct rule_choice *choice, const struct rule *rule,
                                   const struct rule *family)
{
  const struct rule_setting *setting = setting_of(choice, rule->id);
  if ((!setting || setting->severity == SEVERITY_UNKNOWN) && family)
    setting = setting_of(choice, family->id);
  return setting ? setting->severity : SEVERITY_UNKNOWN;
}

void rule_choice_apply(const struct rule_choice *choice, rule_family *family_of,
                       struct finding_list *findings)
{
  size_t kept = 0;
  for (size_t i = 0; i < findings->count; i++) {
    struct finding *f = &findings->items[i];
    const struct rule *family = family_of ? family_of(f) : NULL;
    if (!rule_choice_asks(choice, f->rule, family))
      continue;
    enum severity severity = rule_choice_severity(choice, f->rule, family);
    if (severity != SEVERITY_UNKNOWN)
      f->severity = severity;
    findings->items[kept++] = *f;
  }
  findings->count = kept;
}
