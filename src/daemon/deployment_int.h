/*
 * deployment_int.h - what the parts of deployment share: building trees, labels, and what all objects are
 * made from.
 */
#ifndef SEAWALL_DAEMON_DEPLOYMENT_INT_H
#define SEAWALL_DAEMON_DEPLOYMENT_INT_H

#include "daemon/deployment.h"
#include "daemon/serve_config.h"

#define DEPLOYMENT_NAME "seawall"
#define DEPLOYMENT_SECRET "seawall-tls"
#define DEPLOYMENT_POLICIES "seawall-policies"
#define DEPLOYMENT_DIR "/etc/seawall"

enum { DEPLOYMENT_UID = 65532 };

/* ---- trees */

struct deployment_member {
  const char *key;
  struct value value; /* absent: the member is left out */
};

/* Up to the member without a key; the keys are distinct. */
struct value deployment_object(struct arena *a, const struct deployment_member *members);
/* Up to the item that is absent. */
struct value deployment_array(struct arena *a, const struct value *items);

#define OBJECT(a, ...) deployment_object(a, (const struct deployment_member[]){__VA_ARGS__, {0}})
#define ARRAY(a, ...) deployment_array(a, (const struct value[]){__VA_ARGS__, VALUE_NONE})
#define TEXT(text) value_from(text)
#define NUMBER(number) value_int(number)
#define TRUE value_bool(true)
#define FALSE value_bool(false)

/* Those of a list, behind the ones before. */
struct value deployment_texts_value(struct arena *a, struct value before,
                                    const struct deployment_texts *texts);

/* ---- what all objects are made from */

struct deployment {
  struct arena *arena;
  const struct deployment_options *options;
  struct value config;         /* merged */
  struct str config_text;      /* the same as YAML */
  struct str config_digest;    /* of its canonical JSON, so that its form does not count */
  struct serve_config checked; /* the same, read */
  bool asks_api;               /* it reads namespaces */
  bool has_metrics;            /* on a port of their own */
};

struct value deployment_labels(struct arena *a);
/* Labels that select the pods. */
struct value deployment_selector(struct arena *a);
/* metadata with name, namespace (if it is in one) and labels. */
struct value deployment_metadata(const struct deployment *d, const char *name, bool namespaced);

/* ---- objects; absent: not wanted */

struct value deployment_namespace(const struct deployment *d);
struct value deployment_quota(const struct deployment *d);
struct value deployment_limit_range(const struct deployment *d);
struct value deployment_priority_class(const struct deployment *d);
struct value deployment_service_account(const struct deployment *d);
struct value deployment_cluster_role(const struct deployment *d);
struct value deployment_cluster_role_binding(const struct deployment *d);
struct value deployment_deny_all(const struct deployment *d);
struct value deployment_network_policy(const struct deployment *d);
struct value deployment_disruption_budget(const struct deployment *d);
struct value deployment_service(const struct deployment *d);

struct value deployment_issuer_root(const struct deployment *d);
struct value deployment_certificate_root(const struct deployment *d);
struct value deployment_issuer(const struct deployment *d);
struct value deployment_certificate_server(const struct deployment *d);
struct value deployment_secret(const struct deployment *d);

struct value deployment_config_map(const struct deployment *d);
struct value deployment_policy_map(const struct deployment *d);
struct value deployment_workload(const struct deployment *d);

struct value deployment_validating(const struct deployment *d);
struct value deployment_mutating(const struct deployment *d);

/* Merges and checks the configuration into d. */
int deployment_config_read(struct deployment *d, struct error *err);
/* What is judged besides can be parsed. */
int deployment_resources_check(const struct deployment_options *options, struct error *err);

#endif
