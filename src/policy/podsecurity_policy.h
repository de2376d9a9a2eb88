/*
 * podsecurity_policy.h - which level holds for a namespace: labels, cluster defaults, exemptions.
 *
 *     struct podsecurity_config config;
 *     if (podsecurity_config_read(&arena, document, &config, &err) < 0) ...
 *     struct podsecurity_label_errors errors;
 *     struct podsecurity_policy policy =
 *         podsecurity_policy_from_labels(labels, &config.defaults, &errors);
 *     if (!podsecurity_exempt(&config.exemptions, user, namespace, runtime_class))
 *       podsecurity_evaluate(policy.enforce, ...);
 *
 * As in the API server: a wrong enforce level counts as restricted and a wrong version as
 * latest, so that a typing mistake does not open a namespace; a wrong audit or warn level counts
 * as privileged. Where no warn level is given, it follows an enforce level that is stricter than
 * the default. https://kubernetes.io/docs/tasks/configure-pod-container/enforce-standards-
 * namespace-labels/
 *
 * Ownership: everything is a view of the tree that was read, or in the arena.
 * Thread safety: all functions may be called from any thread.
 */
#ifndef SEAWALL_POLICY_PODSECURITY_POLICY_H
#define SEAWALL_POLICY_PODSECURITY_POLICY_H

#include "policy/podsecurity.h"

struct podsecurity_policy {
  struct podsecurity_target enforce, audit, warn;
};

/* privileged:latest for all three: what holds without configuration and labels. */
struct podsecurity_policy podsecurity_policy_default(void);

enum { PODSECURITY_LABEL_COUNT = 6 };

/* A label whose value is none of those allowed. */
struct podsecurity_label_error {
  struct str label;
  struct value value;  /* as written */
  const char *problem; /* "must be one of privileged, baseline, restricted" */
};

struct podsecurity_label_errors {
  struct podsecurity_label_error items[PODSECURITY_LABEL_COUNT];
  unsigned count;
};

/* The policy of a namespace with these labels (an object, or absent). Always a policy to go by. */
struct podsecurity_policy podsecurity_policy_from_labels(
    struct value labels, const struct podsecurity_policy *defaults,
    struct podsecurity_label_errors *ret_errors);

/*
 * Writes the errors as the API server does:
 *   metadata.labels[pod-security.kubernetes.io/warn]: Invalid value: "x": must be one of ...
 * several in brackets, separated by commas.
 */
void podsecurity_label_errors_write(struct buf *out, const struct podsecurity_label_errors *errors);

enum podsecurity_exemption {
  PODSECURITY_NOT_EXEMPT,
  PODSECURITY_EXEMPT_NAMESPACE,
  PODSECURITY_EXEMPT_USER,
  PODSECURITY_EXEMPT_RUNTIME_CLASS,
};

/* Lists as configured; empty texts are never exempt. */
struct podsecurity_exemptions {
  const struct str *usernames, *namespaces, *runtime_classes;
  uint32_t username_count, namespace_count, runtime_class_count;
};

enum podsecurity_exemption podsecurity_exempt(const struct podsecurity_exemptions *exemptions,
                                              struct str username, struct str namespace,
                                              struct str runtime_class);

/* "", "namespace", "user", "runtimeClass": the value of the audit annotation "exempt". */
struct str podsecurity_exemption_name(enum podsecurity_exemption exemption);

struct podsecurity_config {
  struct podsecurity_policy defaults;
  struct podsecurity_exemptions exemptions;
};

/*
 * Reads a PodSecurityConfiguration (pod-security.admission.config.k8s.io, v1, v1beta1 or v1alpha1),
 * or an AdmissionConfiguration that holds one in line for the plugin PodSecurity. Missing fields
 * have the API server's defaults. SW_EINVAL with the place: fields that do not exist, wrong
 * types, levels and versions; names of namespaces and runtime classes that cannot be;
 * repetitions. SW_ENOENT: an AdmissionConfiguration without this plugin. SW_EUNSUPPORTED: its
 * configuration is in another file (`path`), or another kind of document.
 */
int podsecurity_config_read(struct arena *arena, struct value document,
                            struct podsecurity_config *ret_config, struct error *err);

#endif
