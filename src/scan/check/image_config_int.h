/*
 * image_config_int.h - what the parts of image_config.h share.
 */
#ifndef SEAWALL_SCAN_CHECK_IMAGE_CONFIG_INT_H
#define SEAWALL_SCAN_CHECK_IMAGE_CONFIG_INT_H

#include "scan/check/image_config.h"

/* In the order of the table image_config_rules. */
enum image_config_rule {
  IMAGE_RULE_SECRET_ENV,
  IMAGE_RULE_SECRET_BUILD_ARG,
  IMAGE_RULE_SECRET_COMMAND,
  IMAGE_RULE_SECRET_LABEL,
  IMAGE_RULE_USER_ROOT,
  IMAGE_RULE_USER_NAME,
  IMAGE_RULE_ENV_PATH,
  IMAGE_RULE_ENV_UNVERIFIED,
  IMAGE_RULE_VOLUME,
  IMAGE_RULE_PORT_REMOTE,
  IMAGE_RULE_PORT_PRIVILEGED,
  IMAGE_RULE_PIPE_TO_SHELL,
  IMAGE_RULE_UNVERIFIED,
  IMAGE_RULE_PLAIN_HTTP,
  IMAGE_RULE_ADD_URL,
  IMAGE_RULE_ADD,
  IMAGE_RULE_SUDO,
  IMAGE_RULE_WORLD_WRITABLE,
  IMAGE_RULE_SSH_SERVER,
  IMAGE_RULE_UPDATE_ALONE,
  IMAGE_RULE_UPGRADE,
  IMAGE_RULE_DIST_UPGRADE,
  IMAGE_RULE_RECOMMENDS,
  IMAGE_RULE_CACHE_LEFT,
  IMAGE_RULE_LATEST,
  IMAGE_RULE_BASE_LATEST,
  IMAGE_RULE_REGISTRY,
  IMAGE_RULE_AGE,
  IMAGE_RULE_SIGNATURE,
  IMAGE_RULE_LABEL_MISSING,
  IMAGE_RULE_HEALTHCHECK,
  IMAGE_RULE_STOP_SIGNAL,
  IMAGE_RULE_SHELL_ENTRYPOINT,
  IMAGE_RULE_ON_BUILD,
  IMAGE_CONFIG_RULES,
};

struct config_judge {
  const struct image_config_facts *facts;
  const struct oci_config *config;
  const struct check_target *target;
  struct finding_list *findings;
  uint64_t told[IMAGE_CONFIG_RULES];
};

/* A finding with a message (copied), the place of what it is about (a JSON Pointer), and the text that tells it from others
 * of the rule. */
void image_config_tell(struct config_judge *j, enum image_config_rule rule, struct str message,
                       struct str pointer, struct str key);

/* A message of printf. */
void image_config_say(struct config_judge *j, enum image_config_rule rule, struct str pointer,
                      struct str key, const char *format, ...)
    __attribute__((format(printf, 5, 6)));

void image_config_judge_history(struct config_judge *j);

#endif
