/*
 * deployment_certificate.h - the certificate by which API servers know the webhook: made, checked, renewed,
 * and carried in a Secret of type kubernetes.io/tls.
 *
 *     struct deployment_certificate tls;
 *     if (deployment_certificate_make(&arena, "seawall", now, 3650, NULL, &tls, &err) < 0) ...
 *     object = deployment_certificate_secret(&arena, "seawall", &tls);
 *     ...
 *     if (deployment_certificate_from_secret(&arena, object, &tls, &err) < 0 ||
 *         deployment_certificate_check(&arena, "seawall", now, &tls, &err) < 0) ...
 *
 * The certificate is for the names of the Service `seawall` in a namespace: seawall.NAMESPACE.svc, by which
 * API servers call it, and its shorter and longer forms. A certification authority of its own issues it and
 * is then forgotten: its private key is nowhere, so that nobody can issue a second one. Renewing makes a new
 * authority; the bundle holds the one before as well, so that an API server trusts both while the Secret is
 * on its way to the pods.
 *
 * Ownership: texts lie in the arena, private keys too: whoever frees the arena after the program has to
 * live on calls key_cleanse on them. Thread safety: may be called from any thread, with an arena of its own.
 */
#ifndef SEAWALL_DAEMON_DEPLOYMENT_CERTIFICATE_H
#define SEAWALL_DAEMON_DEPLOYMENT_CERTIFICATE_H

#include "base/arena.h"
#include "base/error.h"
#include "data/value.h"

#include <stdint.h>

enum {
  DEPLOYMENT_CERTIFICATE_DAYS = 3650,
  DEPLOYMENT_CERTIFICATE_DAYS_MAX = 36500,
  DEPLOYMENT_CERTIFICATE_SOON = 30, /* days before its end from which it should be renewed */
};

/* PEM. */
struct deployment_certificate {
  struct str ca;          /* who is trusted: one or several */
  struct str certificate; /* the server's, then its issuers below the trusted one */
  struct str key;
  int64_t
      not_after; /* of the server's certificate; seconds since the epoch. Set by make and check */
};

/*
 * Makes an authority and a certificate that are valid from an hour before `now` (seconds since the epoch)
 * for a number of days. previous: what is renewed, whose youngest authority stays in the bundle if it is
 * still valid; NULL: nothing. Errors: SW_EUSAGE.
 */
int deployment_certificate_make(struct arena *a, const char *namespace_name, int64_t now,
                                unsigned days, const struct deployment_certificate *previous,
                                struct deployment_certificate *ret, struct error *err);

/*
 * Whether API servers will accept it: the key belongs to the certificate, which leads to one of the
 * authorities, is valid now, and names seawall.NAMESPACE.svc. Sets not_after. SW_EINVAL: what is wrong.
 */
int deployment_certificate_check(struct arena *a, const char *namespace_name, int64_t now,
                                 struct deployment_certificate *io, struct error *err);

/* From a Secret with tls.crt, tls.key and ca.crt, in data or stringData. SW_EINVAL: it is none. */
int deployment_certificate_from_secret(struct arena *a, struct value secret,
                                       struct deployment_certificate *ret, struct error *err);

/* The Secret seawall-tls of a namespace, with the day of the certificate's end in an annotation. */
struct value deployment_certificate_secret(struct arena *a, const char *namespace_name,
                                           const struct deployment_certificate *tls);

#endif
