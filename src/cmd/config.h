/*
 * config.h - the file .seawall.yaml.
 *
 *     apiVersion: seawall.dev/v1
 *     kind: Config
 *     scan:
 *       level: baseline             # as --level
 *       kubernetesVersion: v1.32    # as --kubernetes-version
 *       severity: low               # as --severity
 *       failOn: high                # as --fail-on
 *       exclude: [vendor/, "*.generated.yaml"]
 *     rules:
 *       paths: [policies/]          # as --rules
 *       disable: [cpu-limit]        # rules that are not asked
 *       severity: {replicas: info}  # instead of the rules' own
 *       parameters: {...}           # see docs/rules.md
 *     exceptions: [...]             # see finding/exception.h
 *
 * Every key may be left out; an unknown one is refused. Flags win over the file.
 * Texts are validated where flags are, so that both are told in the same words.
 *
 * Ownership: config_free releases all that a struct config holds.
 */
#ifndef SEAWALL_CMD_CONFIG_H
#define SEAWALL_CMD_CONFIG_H

#include "base/arena.h"
#include "base/buf.h"
#include "base/error.h"
#include "base/vec.h"
#include "finding/exception.h"
#include "policy/rule_library.h"

#define CONFIG_FILE ".seawall.yaml"

enum { CONFIG_SIZE_MAX = 4 << 20 };

struct config {
  struct arena arena;
  struct buf text;
  struct str file;                                             /* its name; empty: there is none */
  struct str today;                                            /* "YYYY-MM-DD" */
  const char *level, *kubernetes_version, *severity, *fail_on; /* NULL: not said */
  VEC(const char *) exclude;
  VEC(const char *) rule_paths;
  VEC(struct rule_setting) rule_settings;
  struct value rule_parameters;     /* absent: nothing said */
  struct exception_set *exceptions; /* NULL: none */
};

/* Everything unsaid. */
void config_init(struct config *config);

/* Reads a file. Errors name the file, the line and the column. today: "YYYY-MM-DD", for exceptions
 * that end. */
int config_read(struct config *config, const char *path, struct str today, struct error *err);

void config_free(struct config *config);

#endif
