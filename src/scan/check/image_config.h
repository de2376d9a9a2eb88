/*
 * image_config.h - what an image's configuration and history say against it.
 *
 *     const struct image_config_facts facts = {.config = &image.config, .reference = STR("web:latest"),
 *                                              .now = seconds, .signature = IMAGE_SIGNATURE_UNKNOWN};
 *     image_config_judge(&facts, &target, &findings);
 *
 * Judged: user, ports, volumes, environment, labels, health check, stop signal, age, tag, signature, and each step of
 * the history as its instruction was (image_step_read): commands of RUN by shell_habits.h, ADD of URLs, build
 * arguments that hold secrets. Controls of the CIS Docker benchmark, section 4, and the checks of dockle are named by
 * the rules; docs/image-checks.md lists what is looked for, and what is not because no image shows it.
 *
 * Values of variables are the secret scanner's; here names decide, and no value is told.
 *
 * Findings have the place of the target, and the JSON Pointer of what they are about in the configuration.
 * Limits: of each rule IMAGE_CONFIG_TOLD_MAX findings are made; the last says how many more there would be.
 * Ownership: findings are views of the configuration and of their list's arena. Thread safety: any number of threads,
 * each with its own list.
 */
#ifndef SEAWALL_SCAN_CHECK_IMAGE_CONFIG_H
#define SEAWALL_SCAN_CHECK_IMAGE_CONFIG_H

#include "finding/finding.h"
#include "oci/manifest.h"
#include "scan/check/account_file.h"
#include "scan/check/target.h"

enum {
  IMAGE_CONFIG_TOLD_MAX = 100,
  IMAGE_AGE_DAYS = 365, /* what an image may be old, if nothing else is said */
};

enum image_signature { IMAGE_SIGNATURE_UNKNOWN, IMAGE_SIGNATURE_ABSENT, IMAGE_SIGNATURE_PRESENT };

/* All but the configuration may be left out. */
struct image_config_facts {
  const struct oci_config *config;
  struct str reference; /* as it was asked for; empty: not by a name */
  int64_t now;          /* seconds since 1970; 0: the age is not judged */
  unsigned age_max;     /* days; 0: IMAGE_AGE_DAYS */
  const struct str *labels_wanted;
  size_t label_count;
  const struct str *registries; /* where it and its base may come from (image_setting_allowed) */
  size_t registry_count;        /* 0: from anywhere */
  enum image_signature signature;
  const struct account_facts *accounts; /* who else is root; NULL: unknown */
};

void image_config_judge(const struct image_config_facts *facts, const struct check_target *target,
                        struct finding_list *findings);

/* Whether the facts are enough to hold a rule of image_config_rules against the image: what finds nothing for want of a
 * history, a date or a list of registries has passed nothing. */
bool image_config_asks(const struct image_config_facts *facts, const struct rule *rule);

/* A step of a history as the instruction that it was. */
struct image_step {
  struct str instruction; /* "RUN", "ADD": upper case; empty: it does not say */
  struct str arguments;   /* what follows; of RUN the script alone */
  struct str shell;       /* of RUN: "/bin/sh"; empty: none, or the exec form */
  struct str build_args;  /* of RUN: "A=1 B=2", as written; empty: none */
};

/* created_by as docker build, BuildKit, buildah and kaniko write it. */
struct image_step image_step_read(struct str created_by);

extern const struct rule image_config_rules[];
extern const size_t image_config_rule_count;

#endif
