/*
 * kubeconfig.h - how an API server is reached: from kubeconfig files, or from inside a cluster.
 *
 *     struct kube_config_source source = {.context = "staging"};
 *     struct kube_config config;
 *     if (kube_config_load(&source, &config, &err) < 0) ...
 *     ask(config.server, config.token, ...);
 *     kube_config_free(&config);
 *
 * Where it is looked for: the file that the source names; else the service account of the pod that this
 * program runs in (KUBERNETES_SERVICE_HOST and _PORT are set and there is a token), unless the source names
 * a context; else the files of KUBECONFIG, separated by colons; else ~/.kube/config.
 *
 * Several files are taken as kubectl takes them: of contexts, clusters, users and the current context each
 * the first that has it counts as a whole; files that do not exist are passed over, as long as one does.
 * Names of files in a kubeconfig are relative to its directory. What is given as data goes before what is
 * given as a file; a tokenFile before a token, unless it cannot be read.
 *
 * Refused, because leaving it out would mean something else: credentials by an exec plugin or an
 * auth-provider, impersonation (`as`), a CA beside insecure-skip-tls-verify, a token beside a password, a
 * certificate without its key, names that occur twice in a file. Over plain http no credentials are given, as
 * kubectl does.
 *
 * Files are read once; whoever wants to see that they have changed loads again (tokens of service accounts
 * change every hour or so) and compares kube_config_digest.
 *
 * Ownership: texts lie in the config, zero-terminated besides. Thread safety: loading from any thread, as
 * long as nobody changes the environment.
 *
 * Limits: KUBE_CONFIG_SIZE_MAX bytes a file, KUBE_CONFIG_FILES_MAX files, KUBE_TOKEN_MAX bytes of a token.
 * Errors: SW_ENOENT (there is none), SW_EINVAL with file and line, SW_ENOTFOUND (no such context, cluster,
 * user), SW_EUNSUPPORTED (what is refused above as not done here), those of file_read.
 */
#ifndef SEAWALL_KUBE_KUBECONFIG_H
#define SEAWALL_KUBE_KUBECONFIG_H

#include "base/arena.h"
#include "base/error.h"
#include "base/hash.h"
#include "base/str.h"

#include <stdbool.h>

enum {
  KUBE_CONFIG_SIZE_MAX = 4 << 20,
  KUBE_CONFIG_FILES_MAX = 64,
  KUBE_CONFIG_PEM_MAX = 1 << 20, /* a certificate, key or CA */
  KUBE_TOKEN_MAX = 64 << 10,
};

/* Where to look. All zero: as described above. */
struct kube_config_source {
  const char *kubeconfig;      /* one file, and nothing else */
  const char *context;         /* NULL: the current one */
  const char *service_account; /* NULL: /var/run/secrets/kubernetes.io/serviceaccount */
  const char *(*environment)(const char *name); /* NULL: that of the process */
};

/* Empty texts: there is none. */
struct kube_config {
  struct arena arena;
  struct str origin;      /* where it comes from, for messages: "context \"x\" of /path" */
  struct str server;      /* "https://10.0.0.1:6443", without a slash at the end */
  struct str server_name; /* that its certificate must have, in place of the host */
  struct str proxy;       /* URL; empty: of the environment */
  struct str ca_pem;      /* empty: the system's */
  bool insecure;          /* certificates are not verified */
  struct str certificate_pem, key_pem;
  struct str token;
  struct str user, password;
  struct str namespace; /* "default" where nothing is said */
  bool in_cluster;
};

/* On failure there is nothing to free. */
int kube_config_load(const struct kube_config_source *source, struct kube_config *ret,
                     struct error *err);

/*
 * From the text of one kubeconfig. directory is what names of files are relative to; name is what messages
 * call the text. context NULL: the current one.
 */
int kube_config_read_text(struct str text, const char *name, const char *directory,
                          const char *context, struct kube_config *ret, struct error *err);

void kube_config_free(struct kube_config *config);

/* Differs if anything that matters does, but for the token with with_token false. */
struct hash128 kube_config_digest(const struct kube_config *config, bool with_token);

#endif
