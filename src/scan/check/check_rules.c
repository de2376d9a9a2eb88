#include "scan/check/check_rules.h"

#include "scan/check/account_file.h"
#include "scan/check/dockerfile.h"
#include "scan/check/economy.h"
#include "scan/check/file_facts.h"
#include "scan/check/image_config.h"

static const struct {
  const struct rule *rules;
  const size_t *count;
} tables[] = {
    {dockerfile_rules, &dockerfile_rule_count}, {image_config_rules, &image_config_rule_count},
    {file_fact_rules, &file_fact_rule_count},   {account_rules, &account_rule_count},
    {economy_rules, &economy_rule_count},
};

const struct rule *check_rule_at(size_t index)
{
  for (size_t i = 0; i < sizeof tables / sizeof *tables; i++) {
    if (index < *tables[i].count)
      return &tables[i].rules[index];
    index -= *tables[i].count;
  }
  return NULL;
}

const struct rule *check_rule_find(struct str id)
{
  const struct rule *rule;
  for (size_t i = 0; (rule = check_rule_at(i)); i++)
    if (str_eq(rule->id, id))
      return rule;
  return NULL;
}
