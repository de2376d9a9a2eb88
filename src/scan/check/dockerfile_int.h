/*
 * dockerfile_int.h - what the parts of dockerfile.h share.
 */
#ifndef SEAWALL_SCAN_CHECK_DOCKERFILE_INT_H
#define SEAWALL_SCAN_CHECK_DOCKERFILE_INT_H

#include "base/map.h"
#include "scan/check/dockerfile.h"

/* Variables that are known at a place: name -> struct str * with the value; NULL: it has none that is known. */
struct dockerfile_scope {
  struct map values;
  struct arena *arena;
  char escape;
  size_t *expanded; /* bytes that variables have been replaced by, in the whole file */
};

/* A file may name a long value often: beyond this, variables are unknown. */
enum { DOCKERFILE_EXPANDED_MAX = 16 << 20 };

void dockerfile_scope_set(struct dockerfile_scope *scope, struct str name, const struct str *value);

/* The text without quotes and with its variables replaced. *ret_unknown: one of them is not known, and stays as it is
 * written. */
struct str dockerfile_expand(const struct dockerfile_scope *scope, struct str text,
                             bool *ret_unknown);

/* Flags at the beginning of an instruction's text; *io_text is what is behind them, *ret_skipped their bytes. */
int dockerfile_take_flags(const struct dockerfile_scope *scope, struct str *io_text,
                          struct dockerfile_instruction *i, size_t *ret_skipped, struct error *err);

/* Takes i->text apart as its kind asks for: words, pairs, or the exec form. */
int dockerfile_take_words(const struct dockerfile_scope *scope, struct dockerfile_instruction *i,
                          struct error *err);

/* The next word of a text, quotes kept, "\ " a part of it; empty: there is none. */
struct str dockerfile_next_word(struct str *io_text, char escape);

/* In the order of the table dockerfile_rules. */
enum dockerfile_rule {
  DOCKER_RULE_SECRET,
  DOCKER_RULE_SECRET_COMMAND,
  DOCKER_RULE_SECRET_FILE,
  DOCKER_RULE_USER_ROOT,
  DOCKER_RULE_USER_NAME,
  DOCKER_RULE_PIPE_TO_SHELL,
  DOCKER_RULE_UNVERIFIED,
  DOCKER_RULE_PLAIN_HTTP,
  DOCKER_RULE_ADD_URL,
  DOCKER_RULE_ADD,
  DOCKER_RULE_SUDO,
  DOCKER_RULE_CHMOD,
  DOCKER_RULE_SETUID,
  DOCKER_RULE_SSH_SERVER,
  DOCKER_RULE_RUN_INSECURE,
  DOCKER_RULE_LATEST,
  DOCKER_RULE_DIGEST,
  DOCKER_RULE_REGISTRY,
  DOCKER_RULE_END_OF_LIFE,
  DOCKER_RULE_PLATFORM,
  DOCKER_RULE_PORT_REMOTE,
  DOCKER_RULE_PORT_PRIVILEGED,
  DOCKER_RULE_PORT_RANGE,
  DOCKER_RULE_VOLUME,
  DOCKER_RULE_SEARCH_PATH,
  DOCKER_RULE_ENV_UNVERIFIED,
  DOCKER_RULE_WORKDIR_RELATIVE,
  DOCKER_RULE_WORKDIR_SYSTEM,
  DOCKER_RULE_UPDATE_ALONE,
  DOCKER_RULE_UPGRADE,
  DOCKER_RULE_DIST_UPGRADE,
  DOCKER_RULE_NO_YES,
  DOCKER_RULE_RECOMMENDS,
  DOCKER_RULE_CACHE_LEFT,
  DOCKER_RULE_CD,
  DOCKER_RULE_TWO_DOWNLOADERS,
  DOCKER_RULE_APT,
  DOCKER_RULE_COPY_FROM_SELF,
  DOCKER_RULE_COPY_MANY,
  DOCKER_RULE_SAME_STAGE,
  DOCKER_RULE_MANY_CMD,
  DOCKER_RULE_MANY_ENTRYPOINT,
  DOCKER_RULE_MANY_HEALTHCHECK,
  DOCKER_RULE_HEALTHCHECK,
  DOCKER_RULE_SHELL_FORM,
  DOCKER_RULE_STOP_SIGNAL,
  DOCKER_RULE_MAINTAINER,
  DOCKER_RULES,
};

struct docker_judge {
  const struct dockerfile *file;
  const struct dockerfile_options *options;
  struct arena *arena;
  struct finding_list *findings;
  uint32_t stage;             /* of the latest RUN */
  bool curl, wget, both_told; /* what that stage has called so far */
};

/* A finding at an instruction, or at a byte of its text; key tells it from others of the rule in the same place. */
struct finding *docker_say_at(struct docker_judge *j, enum dockerfile_rule rule,
                              const struct dockerfile_instruction *i, size_t offset,
                              const char *format, ...) __attribute__((format(printf, 5, 6)));
struct finding *docker_say(struct docker_judge *j, enum dockerfile_rule rule,
                           const struct dockerfile_instruction *i, const char *format, ...)
    __attribute__((format(printf, 4, 5)));

/* The parts of the judgement. */
void docker_judge_stages(struct docker_judge *j);
void docker_judge_run(struct docker_judge *j, const struct dockerfile_instruction *i);
void docker_judge_settings(struct docker_judge *j, const struct dockerfile_instruction *i);

#endif
