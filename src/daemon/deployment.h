/*
 * deployment.h - everything that a cluster needs to run seawall as its admission webhook, as objects:
 * what `seawall install` prints.
 *
 *     struct deployment_options options;
 *     deployment_options_init(&options);
 *     options.image = "registry.example.com/seawall@sha256:...";
 *     options.certificate = &tls;
 *     if (deployment_build(&arena, &options, &objects, &err) < 0) ...
 *     for (uint32_t i = 0; i < objects.len; i++)
 *         yaml_write(&out, objects.items[i], &err);
 *
 * The objects stand in the order in which they have to be created: what others refer to first, the webhook
 * configurations last. They are the same for the same options. deploy/helm/seawall renders to the same;
 * a test holds the two against each other.
 *
 * The configuration of `seawall serve` is a base (deployment_config_base) with the user's merged over it as
 * RFC 7396 says, checked by daemon/serve_config; ports and times of the Deployment are taken from it. Keys
 * that would contradict the Deployment are refused: another place of the certificate, files that are not
 * mounted, an address that nobody reaches.
 *
 * Ownership: values lie in the arena and view the texts of the options. Thread safety: may be called from
 * any thread, with an arena of its own. Errors: SW_EUSAGE (an option), SW_EINVAL (the configuration, a
 * policy file), SW_ELIMIT (policies that do not fit a ConfigMap).
 */
#ifndef SEAWALL_DAEMON_DEPLOYMENT_H
#define SEAWALL_DAEMON_DEPLOYMENT_H

#include "base/arena.h"
#include "base/error.h"
#include "base/vec.h"
#include "daemon/deployment_certificate.h"
#include "data/value.h"

enum {
  DEPLOYMENT_REPLICAS_MAX = 100,
  DEPLOYMENT_POLICIES_MAX = 1 << 20, /* bytes: what the API takes in a ConfigMap */
  DEPLOYMENT_POLICY_FILES_MAX = 10000,
  DEPLOYMENT_LIST_MAX = 1000, /* namespaces, resources, ranges given */
};

/* What is left out. */
enum deployment_part {
  DEPLOYMENT_NAMESPACE = 1,      /* it is there already */
  DEPLOYMENT_MUTATE = 2,         /* objects are not changed */
  DEPLOYMENT_NETWORK_POLICY = 4, /* neither the webhook's nor the one that denies the rest */
  DEPLOYMENT_QUOTA = 8,          /* ResourceQuota and LimitRange */
};

/* A file of policies as it goes into the ConfigMap. */
struct deployment_policy {
  struct str key; /* its name there */
  struct str text;
};

struct deployment_policies VEC_BODY(struct deployment_policy);

struct deployment_texts {
  const char *const *items;
  size_t count;
};

struct deployment_options {
  const char *namespace_name;
  const char *image;
  const char *pull_policy; /* NULL: IfNotPresent for a digest, Always for a tag */
  const char *pull_secret; /* NULL: none */
  int64_t replicas;
  bool fail_open;                            /* failurePolicy Ignore */
  bool deletes;                              /* DELETE is judged as well */
  struct deployment_texts exempt_namespaces; /* besides kube-system and its own */
  struct deployment_texts resources;         /* judged besides: RESOURCE[.GROUP][/SUBRESOURCE] */
  struct deployment_texts api_servers;       /* ranges that API servers are in; none: anywhere */
  const char *priority_class;                /* NULL: one of its own */
  const char *runtime_class;                 /* NULL: the nodes' default */
  bool app_armor;      /* the runtime's default profile, from Kubernetes 1.30 */
  unsigned without;    /* enum deployment_part */
  struct value config; /* of seawall serve, over the base; absent: none */
  const struct deployment_policy *policies; /* in the order of their keys */
  size_t policy_count;
  /* The webhook's certificate; NULL: cert-manager makes it. */
  const struct deployment_certificate *certificate;
  bool secret_apart; /* the Secret is there already, or is written elsewhere */
};

/* Namespace seawall, two replicas, failing closed. */
void deployment_options_init(struct deployment_options *options);

/* Whether the options can be used, certificate and policies aside, before files are written for them;
 * deployment_build asks too. */
int deployment_options_check(struct arena *a, const struct deployment_options *options,
                             struct error *err);

/* All objects: an array. */
int deployment_build(struct arena *a, const struct deployment_options *options,
                     struct value *ret_objects, struct error *err);

/* The configuration that the user's is merged over. */
struct value deployment_config_base(struct arena *a);

/*
 * Adds a file to policies that go into a ConfigMap. path is the file's, below the directory that was named
 * ("psp/privileged.yaml") or its own name; slashes become "--" in the key. Both are copied into the arena.
 * Errors: SW_EINVAL: not UTF-8, a name that cannot be a key, a second file of the same key, a data document
 * below a directory (its place is part of its meaning, and a ConfigMap has no directories). SW_ELIMIT.
 */
int deployment_policies_add(struct arena *a, struct deployment_policies *policies, struct str path,
                            struct str text, struct error *err);

/* Sorts by key and checks the whole size. */
int deployment_policies_finish(struct deployment_policies *policies, struct error *err);

/* Whether a name is one of a file of policies: Rego that is no test, YAML, JSON. */
bool deployment_policy_named(struct str name);

#endif
