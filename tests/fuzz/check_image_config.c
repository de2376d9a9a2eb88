/*
 * The configuration of an image, and its history.
 *
 * The text is read as a configuration; where it is none, it is a step of the history, and the value of everything else.
 * Beyond not crashing: findings are bounded, and each has a message of one line and a place.
 */
#include "scan/check/image_config.h"

#include <stdlib.h>

static void must(bool ok)
{
  if (!ok)
    abort();
}

static void check_step(struct str text)
{
  struct image_step step = image_step_read(text);
  const struct str parts[] = {step.arguments, step.shell, step.build_args};
  for (size_t i = 0; i < 3; i++)
    must(!parts[i].len ||
         (parts[i].data >= text.data && parts[i].data + parts[i].len <= text.data + text.len));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
  if (size > 1 << 16)
    return 0;
  struct str text = str_make((const char *)data, size);
  struct arena arena;
  struct finding_list findings;
  struct oci_config config;
  struct error err;
  arena_init(&arena, 0);
  finding_list_init(&findings, &arena);
  struct oci_history history = {.created_by = text};
  struct oci_pair label = {text, text};
  const struct oci_strings one = {&text, 1};
  if (oci_config_read(text, &arena, &config, &err) < 0)
    config = (struct oci_config){.created = text,
                                 .user = text,
                                 .stop_signal = text,
                                 .env = one,
                                 .entrypoint = one,
                                 .exposed_ports = one,
                                 .volumes = one,
                                 .on_build = one,
                                 .labels = &label,
                                 .label_count = 1,
                                 .history = &history,
                                 .history_count = 1};
  check_step(text);
  const struct image_config_facts facts = {.config = &config,
                                           .reference = text,
                                           .now = 1795219200,
                                           .labels_wanted = &text,
                                           .label_count = 1,
                                           .signature = IMAGE_SIGNATURE_ABSENT};
  image_config_judge(&facts, &(struct check_target){.image = STR("x")}, &findings);
  must(findings.count <= image_config_rule_count * (IMAGE_CONFIG_TOLD_MAX + 1));
  for (size_t i = 0; i < findings.count; i++) {
    must(findings.items[i].message.len && findings.items[i].location.file.len);
    must(str_find_byte(findings.items[i].message, 0, '\n') < 0);
  }
  arena_free(&arena);
  return 0;
}
