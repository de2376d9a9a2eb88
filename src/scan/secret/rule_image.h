/*
 * rule_image.h - the own rules as they are compiled into the program.
 *
 * tools/secret_rules_compile.c reads rules/secrets/ when seawall is built, checks every rule and writes one C file
 * that defines secret_rule_image: the rules in the order of their ids, and their database of patterns. rules.h is who
 * uses it. Everything is constant and static.
 */
#ifndef SEAWALL_SCAN_SECRET_RULE_IMAGE_H
#define SEAWALL_SCAN_SECRET_RULE_IMAGE_H

#include "scan/secret/rules.h"

struct secret_rule_image {
  const struct secret_rule *rules;
  size_t count;
  struct str database; /* of secret_database_save, for any processor of the kind */
};

extern const struct secret_rule_image secret_rule_image;

#endif
