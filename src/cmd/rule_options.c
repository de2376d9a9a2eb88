#include "cmd/rule_options.h"

#include "scan/rule_catalogue.h"

const char *const rule_framework_values[] = {"nsa",          "cis-kubernetes", "mitre",
                                             "pss-baseline", "pss-restricted", NULL};

/* The configuration speaks to every scan: rules for images and Dockerfiles are none of the library's. */
static bool is_elsewhere(struct str id)
{
  struct scan_rule r;
  return scan_rule_find(id, &r) || scan_rule_is_advisory(id);
}

void rule_options_read(struct rule_options *options, const struct arguments *args,
                       const struct config *config)
{
  for (size_t i = 0; i < config->rule_paths.count; i++)
    vec_push(&options->directories, config->rule_paths.items[i]);
  for (size_t i = 0; i < args->list.count; i++) {
    const struct argument *a = &args->list.items[i];
    struct str value = str_from(a->value);
    if (strcmp(a->option->name, "rules") == 0)
      vec_push(&options->directories, a->value);
    else if (strcmp(a->option->name, "rule") == 0)
      vec_push(&options->only, value);
    else if (strcmp(a->option->name, "skip-rule") == 0)
      vec_push(&options->skip, value);
    else if (strcmp(a->option->name, "framework") == 0)
      vec_push(&options->frameworks, value);
  }
  options->library = (struct rule_library_options){
      .without_builtin = arguments_has(args, "no-builtin-rules"),
      .directories = options->directories.items,
      .directory_count = options->directories.count,
      .only = options->only.items,
      .only_count = options->only.count,
      .skip = options->skip.items,
      .skip_count = options->skip.count,
      .frameworks = options->frameworks.items,
      .framework_count = options->frameworks.count,
      .settings = config->rule_settings.items,
      .setting_count = config->rule_settings.count,
      .known_elsewhere = is_elsewhere,
      .parameters = config->rule_parameters,
  };
}

void rule_options_free(struct rule_options *options)
{
  vec_free(&options->directories);
  vec_free(&options->only);
  vec_free(&options->skip);
  vec_free(&options->frameworks);
}
