#include "daemon/deployment_certificate.h"

#include "base/clock.h"
#include "crypto/certificate.h"
#include "crypto/x509.h"
#include "daemon/deployment_int.h"
#include "data/base64.h"

enum { HOUR = 3600, DAY = 24 * HOUR };

/* ---- making */

struct names {
  struct str items[4];
};

/* By the first of them API servers call the webhook. */
static struct names names_of(struct arena *a, const char *namespace_name)
{
  return (struct names){{
      arena_printf(a, DEPLOYMENT_NAME ".%s.svc", namespace_name),
      arena_printf(a, DEPLOYMENT_NAME ".%s.svc.cluster.local", namespace_name),
      arena_printf(a, DEPLOYMENT_NAME ".%s", namespace_name),
      STR(DEPLOYMENT_NAME),
  }};
}

/* Text in the arena, and no copy of it left behind. */
static struct str keep(struct arena *a, struct buf *text)
{
  struct str kept = arena_copy(a, buf_str(text));
  if (text->len)
    key_cleanse(buf_str(text));
  buf_free(text);
  return kept;
}

static int make_ca(struct arena *a, int64_t now, unsigned days, struct key **ret_key,
                   struct str *ret_pem, struct error *err)
{
  struct buf pem = {0};
  struct certificate_wanted wanted = {
      .common_name = STR("seawall webhook authority"),
      .is_ca = true,
      .limits_path = true,
      .not_before = now - HOUR,
      .not_after = now + (int64_t)days * DAY,
  };
  int rc = certificate_make_key(ret_key, err);
  if (rc == 0)
    rc = certificate_issue(&wanted, *ret_key, NULL, &pem, err);
  *ret_pem = keep(a, &pem);
  return rc;
}

static int make_server(struct arena *a, const char *namespace_name, int64_t now, unsigned days,
                       const struct certificate_issuer *issuer, struct deployment_certificate *ret,
                       struct error *err)
{
  struct buf pem = {0}, secret = {0};
  _cleanup_(key_freep) struct key *key = NULL;
  struct names names = names_of(a, namespace_name);
  struct certificate_wanted wanted = {
      .common_name = names.items[0].len <= CERTIFICATE_COMMON_NAME_MAX ? names.items[0] : STR_EMPTY,
      .dns = names.items,
      .dns_count = sizeof names.items / sizeof *names.items,
      .server_auth = true,
      .not_before = now - HOUR,
      .not_after = now + (int64_t)days * DAY,
  };
  int rc = certificate_make_key(&key, err);
  if (rc == 0)
    rc = certificate_issue(&wanted, key, issuer, &pem, err);
  if (rc == 0)
    rc = certificate_write_key(key, &secret, err);
  ret->certificate = keep(a, &pem);
  ret->key = keep(a, &secret);
  ret->not_after = wanted.not_after;
  return rc;
}

/* The first certificate of a bundle, while it is valid; empty otherwise. */
static struct str first_valid(struct arena *a, struct str bundle, int64_t now)
{
  struct str end = STR("-----END CERTIFICATE-----\n");
  struct x509_list list;
  ptrdiff_t at = str_find(bundle, 0, end);
  if (at < 0 || x509_parse(a, bundle, &list, NULL) < 0 || list.items[0].not_after < now)
    return STR_EMPTY;
  return str_sub(bundle, 0, (size_t)at + end.len);
}

int deployment_certificate_make(struct arena *a, const char *namespace_name, int64_t now,
                                unsigned days, const struct deployment_certificate *previous,
                                struct deployment_certificate *ret, struct error *err)
{
  struct deployment_certificate made = {0};
  _cleanup_(key_freep) struct key *ca_key = NULL;
  if (days < 1 || days > DEPLOYMENT_CERTIFICATE_DAYS_MAX)
    return error_set(err, SW_EUSAGE, "a certificate is valid for 1 to %d days, not %u",
                     DEPLOYMENT_CERTIFICATE_DAYS_MAX, days);
  int rc = make_ca(a, now, days, &ca_key, &made.ca, err);
  struct certificate_issuer issuer = {made.ca, ca_key};
  if (rc == 0)
    rc = make_server(a, namespace_name, now, days, &issuer, &made, err);
  if (rc < 0)
    return error_wrap(err, "making the webhook's certificate");
  if (previous) {
    struct str old = first_valid(a, previous->ca, now);
    made.ca = arena_printf(a, "%.*s%.*s", STR_FMT(made.ca), STR_FMT(old));
  }
  *ret = made;
  return 0;
}

/* ---- checking */

static int check_chain(struct arena *a, struct str host, int64_t now, const struct x509_list *chain,
                       const struct x509_list *roots, struct error *err)
{
  struct str usage = X509_USAGE_SERVER_AUTH;
  struct x509_chain way;
  struct x509_trust trust = {
      .roots = *roots,
      .intermediates = {chain->items + 1, chain->count - 1},
      .time = now,
      .usages = &usage,
      .usage_count = 1,
      .host = host,
  };
  int rc = x509_verify(a, &chain->items[0], &trust, &way, NULL, err);
  return rc < 0 ? error_wrap(err, "API servers will not accept the certificate for %.*s",
                             STR_FMT(host))
                : 0;
}

static int check_key(const struct x509_certificate *leaf, struct str pem, struct error *err)
{
  _cleanup_(key_freep) struct key *key = NULL;
  _cleanup_(key_freep) struct key *public_key = NULL;
  int rc = key_parse(pem, &key, err);
  if (rc < 0)
    return error_wrap(err, "the private key");
  if (!key_is_private(key))
    return error_set(err, SW_EINVAL, "the private key is a public one");
  rc = key_parse_block(STR("PUBLIC KEY"), leaf->subject.public_key, &public_key, err);
  if (rc == 0 && !key_same(key, public_key))
    rc = error_set(err, SW_EINVAL, "the private key belongs to another certificate");
  return rc;
}

int deployment_certificate_check(struct arena *a, const char *namespace_name, int64_t now,
                                 struct deployment_certificate *io, struct error *err)
{
  struct x509_list chain, roots;
  int rc = x509_parse(a, io->certificate, &chain, err);
  if (rc < 0)
    return error_wrap(err, "the certificate");
  rc = x509_parse(a, io->ca, &roots, err);
  if (rc < 0)
    return error_wrap(err, "the authority's certificate");
  rc = check_key(&chain.items[0], io->key, err);
  if (rc == 0)
    rc = check_chain(a, names_of(a, namespace_name).items[0], now, &chain, &roots, err);
  if (rc == 0)
    io->not_after = chain.items[0].not_after;
  return rc;
}

/* ---- in a Secret */

static int text_of(struct arena *a, struct value secret, const char *key, struct str *ret,
                   struct error *err)
{
  struct value plain = value_get(value_get(secret, value_from("stringData")), value_from(key));
  struct value encoded = value_get(value_get(secret, value_from("data")), value_from(key));
  if (value_is(plain, VALUE_STRING)) {
    *ret = value_str(plain);
    return 0;
  }
  if (!value_is(encoded, VALUE_STRING))
    return error_set(err, SW_EINVAL, "the Secret has no %s", key);
  int rc = base64_decode(a, value_str(encoded), BASE64_STANDARD | BASE64_AS_GO, ret, err);
  return rc < 0 ? error_wrap(err, "the Secret's %s is not base64", key) : 0;
}

int deployment_certificate_from_secret(struct arena *a, struct value secret,
                                       struct deployment_certificate *ret, struct error *err)
{
  struct deployment_certificate read = {0};
  if (!value_eq_str(value_get(secret, value_from("kind")), STR("Secret")))
    return error_set(err, SW_EINVAL, "it is no Secret");
  int rc = text_of(a, secret, "tls.crt", &read.certificate, err);
  if (rc == 0)
    rc = text_of(a, secret, "tls.key", &read.key, err);
  if (rc == 0)
    rc = text_of(a, secret, "ca.crt", &read.ca, err);
  if (rc == 0)
    *ret = read;
  return rc;
}

static struct value encoded(struct arena *a, struct str text)
{
  return value_string(base64_encode(a, text, BASE64_STANDARD));
}

struct value deployment_certificate_secret(struct arena *a, const char *namespace_name,
                                           const struct deployment_certificate *tls)
{
  char until[CLOCK_TEXT];
  struct str end = arena_copy(a, clock_format(tls->not_after, until));
  struct value metadata =
      OBJECT(a, {"name", TEXT(DEPLOYMENT_SECRET)}, {"namespace", TEXT(namespace_name)},
             {"labels", deployment_labels(a)},
             {"annotations", OBJECT(a, {"seawall.dev/certificate-not-after", value_string(end)})});
  return OBJECT(
      a, {"apiVersion", TEXT("v1")}, {"kind", TEXT("Secret")}, {"metadata", metadata},
      {"type", TEXT("kubernetes.io/tls")},
      {"data", OBJECT(a, {"ca.crt", encoded(a, tls->ca)}, {"tls.crt", encoded(a, tls->certificate)},
                      {"tls.key", encoded(a, tls->key)})});
}
