#include "cmd/rule_list.h"

const char *const rule_subject_values[] = {"manifest", "dockerfile", "image", "package",
                                           "secret",   "exception",  NULL};

const char *const rule_list_framework_values[] = {
    "nsa", "cis-kubernetes", "cis-docker", "mitre", "pss-baseline", "pss-restricted", NULL};

static void add_library(struct rule_list *list)
{
  size_t count = rule_library_count(list->library);
  for (size_t i = 0; i < count; i++)
    if (rule_library_active(list->library, i))
      vec_push(&list->rules,
               (struct listed_rule){.rule = rule_library_rule(list->library, i),
                                    .subject = "manifest",
                                    .details = rule_library_details(list->library, i)});
}

static void add_catalogue(struct rule_list *list)
{
  size_t count = scan_rule_count();
  for (size_t i = 0; i < count; i++) {
    struct scan_rule r = scan_rule_at(i);
    vec_push(&list->rules,
             (struct listed_rule){.rule = r.rule,
                                  .subject = scan_subject_name(r.subject),
                                  .family = r.family,
                                  .stands_for_others = r.rule == &scan_rule_vulnerability ||
                                                       r.rule == &scan_rule_secret});
  }
  vec_push(&list->rules,
           (struct listed_rule){.rule = &exception_rule_expired, .subject = "exception"});
}

int rule_list_open(struct rule_list *list, const struct arguments *args, struct error *err)
{
  static const struct config no_config = {0};
  *list = (struct rule_list){.library = NULL};
  rule_options_read(&list->options, args, &no_config);
  /* No check takes a rule's word; what serves a framework is found out here, for all rules. */
  list->options.library.target.level = PODSECURITY_PRIVILEGED;
  list->options.library.framework_count = 0;
  int rc = rule_library_new(&list->options.library, &list->library, err);
  if (rc < 0)
    return rc;
  add_library(list);
  if (!arguments_has(args, "no-builtin-rules"))
    add_catalogue(list);
  return 0;
}

void rule_list_close(struct rule_list *list)
{
  rule_library_free(list->library);
  rule_options_free(&list->options);
  vec_free(&list->rules);
}

const struct framework *rule_list_framework(const struct control *c)
{
  return framework_find(rule_image_builtin.frameworks, rule_image_builtin.framework_count,
                        c->framework);
}

const struct rule *rule_list_controls(const struct listed_rule *r)
{
  return r->family && !r->rule->control_count ? r->family : r->rule;
}

bool rule_list_serves(const struct rule_list *list, const struct listed_rule *r)
{
  const struct rule_choice frameworks = {.frameworks = list->options.frameworks.items,
                                         .framework_count = list->options.frameworks.count};
  return rule_choice_asks(&frameworks, r->rule, r->family);
}
