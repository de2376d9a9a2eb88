/* Whether a certificate leads to a root. OpenSSL builds and checks the chain; purposes, the host, and
 * who may issue are looked at here, where its answers depend on tables of purposes that lack some. */
#include "crypto/x509.h"

#include "crypto/openssl_int.h"

#include <arpa/inet.h>
#include <openssl/x509.h>
#include <openssl/x509_vfy.h>
#include <openssl/x509v3.h>

enum { HOST_MAX = 255, STRENGTH = 1 /* OpenSSL's security level of 80 bits */ };

/* A certificate of the caller's, as OpenSSL sees it. */
struct pair {
  const struct x509_certificate *ours;
  X509 *theirs;
};

struct verifying {
  struct pair pairs[1 + 2 * X509_LIST_MAX]; /* leaf, roots, intermediates */
  size_t count;
  STACK_OF(X509) * untrusted;
  X509_STORE *store;
  X509_STORE_CTX *context;
  const struct x509_trust *trust;
  enum x509_fault fault;
  struct error *err;
};

static void end(struct verifying *v)
{
  X509_STORE_CTX_free(v->context);
  X509_STORE_free(v->store);
  sk_X509_free(v->untrusted);
  for (size_t i = 0; i < v->count; i++)
    X509_free(v->pairs[i].theirs);
}

static int fault(struct verifying *v, enum x509_fault what, int depth, const char *why)
{
  v->fault = what;
  openssl_clear();
  if (depth <= 0)
    return error_set(v->err, SW_EINVAL, "the certificate is not trusted: %s", why);
  return error_set(v->err, SW_EINVAL,
                   "the certificate is not trusted: %s (certificate %d of the chain above it)", why,
                   depth);
}

static int add(struct verifying *v, const struct x509_certificate *certificate, X509 **ret)
{
  const unsigned char *at = (const unsigned char *)certificate->subject.raw.data;
  size_t len = certificate->subject.raw.len;
  X509 *x = len && len <= X509_TEXT_MAX ? d2i_X509(NULL, &at, (long)len) : NULL;
  if (!x)
    return openssl_fail(v->err, SW_EUSAGE, "what is to be verified is not a certificate");
  v->pairs[v->count++] = (struct pair){certificate, x};
  *ret = x;
  return 0;
}

static int add_all(struct verifying *v, const struct x509_certificate *leaf)
{
  X509 *x = NULL;
  if (v->trust->roots.count > X509_LIST_MAX || v->trust->intermediates.count > X509_LIST_MAX)
    return error_set(v->err, SW_ELIMIT, "more than %d roots or intermediate certificates",
                     X509_LIST_MAX);
  v->store = openssl_made(X509_STORE_new());
  v->untrusted = openssl_made(sk_X509_new_null());
  int rc = add(v, leaf, &x);
  for (size_t i = 0; i < v->trust->roots.count && rc == 0; i++) {
    rc = add(v, &v->trust->roots.items[i], &x);
    if (rc == 0 && X509_STORE_add_cert(v->store, x) != 1)
      mem_exhausted(0);
  }
  for (size_t i = 0; i < v->trust->intermediates.count && rc == 0; i++) {
    rc = add(v, &v->trust->intermediates.items[i], &x);
    if (rc == 0 && sk_X509_push(v->untrusted, x) <= 0)
      mem_exhausted(0);
  }
  return rc;
}

static enum x509_fault fault_of(int code)
{
  static const struct {
    int code;
    enum x509_fault fault;
  } known[] = {
      {X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT, X509_FAULT_UNTRUSTED},
      {X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY, X509_FAULT_UNTRUSTED},
      {X509_V_ERR_UNABLE_TO_VERIFY_LEAF_SIGNATURE, X509_FAULT_UNTRUSTED},
      {X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT, X509_FAULT_UNTRUSTED},
      {X509_V_ERR_SELF_SIGNED_CERT_IN_CHAIN, X509_FAULT_UNTRUSTED},
      {X509_V_ERR_CERT_UNTRUSTED, X509_FAULT_UNTRUSTED},
      {X509_V_ERR_CERT_HAS_EXPIRED, X509_FAULT_EXPIRED},
      {X509_V_ERR_CERT_NOT_YET_VALID, X509_FAULT_NOT_YET_VALID},
      {X509_V_ERR_CERT_SIGNATURE_FAILURE, X509_FAULT_SIGNATURE},
      {X509_V_ERR_UNABLE_TO_DECODE_ISSUER_PUBLIC_KEY, X509_FAULT_SIGNATURE},
      {X509_V_ERR_SIGNATURE_ALGORITHM_MISMATCH, X509_FAULT_SIGNATURE},
      {X509_V_ERR_UNSUPPORTED_SIGNATURE_ALGORITHM, X509_FAULT_SIGNATURE},
      {X509_V_ERR_INVALID_CA, X509_FAULT_NOT_CA},
      {X509_V_ERR_INVALID_NON_CA, X509_FAULT_NOT_CA},
      {X509_V_ERR_KEYUSAGE_NO_CERTSIGN, X509_FAULT_NOT_CA},
      {X509_V_ERR_PATH_LENGTH_EXCEEDED, X509_FAULT_PATH_LENGTH},
      {X509_V_ERR_CERT_CHAIN_TOO_LONG, X509_FAULT_PATH_LENGTH},
      {X509_V_ERR_PERMITTED_VIOLATION, X509_FAULT_NAME},
      {X509_V_ERR_EXCLUDED_VIOLATION, X509_FAULT_NAME},
      {X509_V_ERR_SUBTREE_MINMAX, X509_FAULT_NAME},
      {X509_V_ERR_UNSUPPORTED_CONSTRAINT_TYPE, X509_FAULT_NAME},
      {X509_V_ERR_UNSUPPORTED_CONSTRAINT_SYNTAX, X509_FAULT_NAME},
      {X509_V_ERR_UNSUPPORTED_NAME_SYNTAX, X509_FAULT_NAME},
      {X509_V_ERR_UNHANDLED_CRITICAL_EXTENSION, X509_FAULT_EXTENSION},
      {X509_V_ERR_INVALID_EXTENSION, X509_FAULT_EXTENSION},
      {X509_V_ERR_EE_KEY_TOO_SMALL, X509_FAULT_WEAK},
      {X509_V_ERR_CA_KEY_TOO_SMALL, X509_FAULT_WEAK},
      {X509_V_ERR_CA_MD_TOO_WEAK, X509_FAULT_WEAK},
  };
  for (unsigned i = 0; i < sizeof known / sizeof known[0]; i++)
    if (known[i].code == code)
      return known[i].fault;
  return X509_FAULT_OTHER;
}

/* The last second of a certificate belongs to it (RFC 5280, section 4.1.2.5); OpenSSL says otherwise. */
static int forgive_last_second(int fine, X509_STORE_CTX *context)
{
  if (fine || X509_STORE_CTX_get_error(context) != X509_V_ERR_CERT_HAS_EXPIRED)
    return fine;
  const X509 *x = X509_STORE_CTX_get_current_cert(context);
  time_t time = X509_VERIFY_PARAM_get_time(X509_STORE_CTX_get0_param(context));
  if (!x || ASN1_TIME_cmp_time_t(X509_get0_notAfter(x), time) != 0)
    return 0;
  X509_STORE_CTX_set_error(context, X509_V_OK);
  return 1;
}

static int build_chain(struct verifying *v)
{
  v->context = openssl_made(X509_STORE_CTX_new());
  if (X509_STORE_CTX_init(v->context, v->store, v->pairs[0].theirs, v->untrusted) != 1)
    mem_exhausted(0);
  X509_VERIFY_PARAM *param = X509_STORE_CTX_get0_param(v->context);
  X509_VERIFY_PARAM_set_time(param, v->trust->time);
  X509_VERIFY_PARAM_set_flags(param, X509_V_FLAG_PARTIAL_CHAIN | X509_V_FLAG_TRUSTED_FIRST);
  X509_VERIFY_PARAM_set_auth_level(param, STRENGTH);
  X509_STORE_CTX_set_verify_cb(v->context, forgive_last_second);
  uint32_t depth = v->trust->depth;
  X509_VERIFY_PARAM_set_depth(param, depth && depth < X509_DEPTH_MAX ? (int)depth : X509_DEPTH_MAX);
  if (X509_verify_cert(v->context) == 1) {
    openssl_clear();
    return 0;
  }
  int code = X509_STORE_CTX_get_error(v->context);
  if (code == X509_V_ERR_OUT_OF_MEM)
    mem_exhausted(0);
  return fault(v, fault_of(code), X509_STORE_CTX_get_error_depth(v->context),
               X509_verify_cert_error_string(code));
}

static const struct x509_certificate *ours(const struct verifying *v, const X509 *theirs)
{
  for (size_t i = 0; i < v->count; i++)
    if (v->pairs[i].theirs == theirs)
      return v->pairs[i].ours;
  return NULL;
}

static int read_chain(struct verifying *v, struct arena *a, struct x509_chain *ret)
{
  STACK_OF(X509) *chain = X509_STORE_CTX_get0_chain(v->context);
  int count = sk_X509_num(chain);
  ret->items = arena_array(a, const struct x509_certificate *, (size_t)(count > 0 ? count : 1));
  for (ret->count = 0; ret->count < (size_t)count; ret->count++) {
    ret->items[ret->count] = ours(v, sk_X509_value(chain, (int)ret->count));
    if (!ret->items[ret->count])
      break;
  }
  if (count < 1 || ret->count < (size_t)count)
    return fault(v, X509_FAULT_OTHER, 0, "OpenSSL gave a chain of other certificates");
  ret->items[0] = v->pairs[0].ours; /* not its copy among the roots */
  return 0;
}

/* OpenSSL lets a root of version 3 issue others without saying that it is a CA, if its key usage
 * does. Only roots of version 1, which can say nothing, are excused. */
static int check_issuers(struct verifying *v, const struct x509_chain *chain)
{
  for (size_t i = 1; i < chain->count; i++) {
    const struct x509_certificate *c = chain->items[i];
    bool old_root = i + 1 == chain->count && c->subject.version == 1;
    if (!old_root && (!c->has_basic_constraints || !c->is_ca))
      return fault(v, X509_FAULT_NOT_CA, (int)i, "it is issued by a certificate that is not a CA");
  }
  return 0;
}

static bool allows(const struct x509_certificate *c, struct str usage)
{
  if (c->usages.count == 0 || str_eq(usage, X509_USAGE_ANY))
    return true;
  for (size_t i = 0; i < c->usages.count; i++)
    if (str_eq(c->usages.items[i], usage) || str_eq(c->usages.items[i], X509_USAGE_ANY))
      return true;
  return false;
}

static int check_usages(struct verifying *v, const struct x509_chain *chain)
{
  const struct x509_trust *trust = v->trust;
  for (size_t u = 0; u < trust->usage_count; u++) {
    size_t i = 0;
    while (i < chain->count && allows(chain->items[i], trust->usages[u]))
      i++;
    if (i == chain->count)
      return 0;
  }
  return trust->usage_count == 0
             ? 0
             : fault(v, X509_FAULT_USAGE, 0,
                     "its chain does not allow any of the usages that are asked for");
}

/* Whether the text is an address ("[::1]", too): its bytes. */
static size_t read_address(struct str host, unsigned char ret_bytes[static 16])
{
  char text[HOST_MAX + 1];
  if (host.len > 2 && host.data[0] == '[' && host.data[host.len - 1] == ']')
    host = str_sub(host, 1, host.len - 2);
  memcpy(text, host.data, host.len);
  text[host.len] = 0;
  if (inet_pton(AF_INET, text, ret_bytes) == 1)
    return 4;
  return inet_pton(AF_INET6, text, ret_bytes) == 1 ? 16 : 0;
}

static int check_host(struct verifying *v)
{
  struct str host = v->trust->host;
  unsigned char address[16];
  if (host.len == 0)
    return 0;
  /* A dot in front would ask OpenSSL for any subdomain. */
  if (host.len > HOST_MAX || host.data[0] == '.' || str_find_byte(host, 0, 0) >= 0)
    return error_set(v->err, SW_EUSAGE, "the host to look for is neither a name nor an address");
  size_t len = read_address(host, address);
  if (!len && host.data[host.len - 1] == '.')
    host.len--;
  int found = len ? X509_check_ip(v->pairs[0].theirs, address, len, 0)
                  : X509_check_host(v->pairs[0].theirs, host.data, host.len,
                                    X509_CHECK_FLAG_NEVER_CHECK_SUBJECT |
                                        X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS,
                                    NULL);
  if (found == 1)
    return 0;
  return fault(v, X509_FAULT_HOST, 0, "it is not for the host that is asked for");
}

int x509_verify(struct arena *a, const struct x509_certificate *leaf,
                const struct x509_trust *trust, struct x509_chain *ret, enum x509_fault *ret_fault,
                struct error *err)
{
  _cleanup_(end) struct verifying v = {.trust = trust, .err = err};
  struct x509_chain chain;
  int rc = add_all(&v, leaf);
  if (rc == 0)
    rc = build_chain(&v);
  if (rc == 0)
    rc = read_chain(&v, a, &chain);
  if (rc == 0)
    rc = check_issuers(&v, &chain);
  if (rc == 0)
    rc = check_usages(&v, &chain);
  if (rc == 0)
    rc = check_host(&v);
  openssl_clear();
  if (rc == SW_EINVAL && ret_fault)
    *ret_fault = v.fault;
  if (rc == 0)
    *ret = chain;
  return rc;
}
