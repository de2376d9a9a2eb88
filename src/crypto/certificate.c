#include "crypto/certificate.h"

#include "crypto/key_int.h"
#include "crypto/random.h"

#include <openssl/ec.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

MEM_DEFINE_CLEANUP(X509, X509_free)
MEM_DEFINE_CLEANUP(BIO, BIO_free_all)
MEM_DEFINE_CLEANUP(X509_EXTENSION, X509_EXTENSION_free)
MEM_DEFINE_CLEANUP(GENERAL_NAMES, GENERAL_NAMES_free)

enum { SERIAL_BYTES = 16 };

/* The last second that certificates can write, 9999-12-31T23:59:59Z. */
static const int64_t time_max = 253402300799;

int certificate_make_key(struct key **ret, struct error *err)
{
  EVP_PKEY *evp = EVP_EC_gen("prime256v1");
  if (!evp)
    return openssl_fail(err, SW_EIO, "cannot make a key on P-256");
  return key_wrap(evp, true, ret, err);
}

/* Appends what a BIO holds. */
static int add_bio(BIO *bio, struct buf *out, struct error *err)
{
  char *text = NULL;
  long len = BIO_get_mem_data(bio, &text);
  size_t before = out->len;
  buf_add(out, str_make(text, len > 0 ? (size_t)len : 0));
  if (!buf_failed(out))
    return 0;
  out->len = before;
  return error_set(err, SW_ELIMIT, "the text does not fit");
}

int certificate_write_key(const struct key *key, struct buf *out, struct error *err)
{
  if (!key->is_private)
    return error_set(err, SW_EUSAGE, "a public key cannot be written as a private one");
  /* Memory of this kind is overwritten when it is freed. */
  _cleanup_(BIO_free_allp) BIO *bio = openssl_made(BIO_new(BIO_s_secmem()));
  if (PEM_write_bio_PKCS8PrivateKey(bio, key->evp, NULL, NULL, 0, NULL, NULL) != 1)
    return openssl_fail(err, SW_EINVAL, "the private key cannot be written");
  return add_bio(bio, out, err);
}

static int set_serial(X509 *x, struct error *err)
{
  uint8_t bytes[SERIAL_BYTES];
  int rc = random_bytes(random_system(), bytes, sizeof bytes, err);
  if (rc < 0)
    return rc;
  bytes[0] = (uint8_t)((bytes[0] & 0x7f) | 0x40); /* positive, and always of the same length */
  _cleanup_(BN_clear_freep) BIGNUM *number = openssl_made(BN_bin2bn(bytes, sizeof bytes, NULL));
  openssl_made(BN_to_ASN1_INTEGER(number, X509_get_serialNumber(x)));
  return 0;
}

static int add_attribute(X509_NAME *name, const char *type, struct str text, struct error *err)
{
  if (!text.len)
    return 0;
  if (text.len > CERTIFICATE_COMMON_NAME_MAX || str_find_byte(text, 0, 0) >= 0 ||
      X509_NAME_add_entry_by_txt(name, type, MBSTRING_UTF8, (const unsigned char *)text.data,
                                 (int)text.len, -1, 0) != 1)
    return openssl_fail(err, SW_EUSAGE, "\"%.*s\" cannot be the %s of a certificate",
                        STR_FMT(str_sub(text, 0, 100)), type);
  return 0;
}

static int set_times(X509 *x, const struct certificate_wanted *w, struct error *err)
{
  if (w->not_after < w->not_before || w->not_before < 0 || w->not_after > time_max)
    return error_set(err, SW_EUSAGE,
                     "a certificate must end after its start, and before the year 10000");
  openssl_made(ASN1_TIME_set(X509_getm_notBefore(x), w->not_before));
  openssl_made(ASN1_TIME_set(X509_getm_notAfter(x), w->not_after));
  return 0;
}

static void add_value(X509 *x, int nid, void *value, int critical)
{
  if (X509_add1_ext_i2d(x, nid, value, critical, X509V3_ADD_APPEND) != 1)
    mem_exhausted(0);
}

/* Letters, digits, '-' and '_' in labels of 1 to 63, the first label may be "*". */
static bool is_host(struct str name)
{
  if (!name.len || name.len > CERTIFICATE_NAME_MAX)
    return false;
  struct str rest = name;
  if (str_starts(rest, STR("*.")))
    rest = str_sub(rest, 2, rest.len);
  while (rest.data) {
    struct str label = str_cut(rest, '.', &rest);
    if (!label.len || label.len > 63)
      return false;
    for (size_t i = 0; i < label.len; i++) {
      char c = label.data[i];
      bool good = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                  c == '_' || (c == '-' && i > 0 && i + 1 < label.len);
      if (!good)
        return false;
    }
  }
  return true;
}

static int push_name(GENERAL_NAMES *names, int type, void *value)
{
  GENERAL_NAME *name = openssl_made(GENERAL_NAME_new());
  GENERAL_NAME_set0_value(name, type, value);
  if (sk_GENERAL_NAME_push(names, name) <= 0)
    mem_exhausted(0);
  return 0;
}

static int add_dns(GENERAL_NAMES *names, struct str text, struct error *err)
{
  if (!is_host(text))
    return error_set(err, SW_EUSAGE, "\"%.*s\" is not a host name", STR_FMT(str_sub(text, 0, 100)));
  ASN1_IA5STRING *value = openssl_made(ASN1_IA5STRING_new());
  if (ASN1_STRING_set(value, text.data, (int)text.len) != 1)
    mem_exhausted(text.len);
  return push_name(names, GEN_DNS, value);
}

static int add_address(GENERAL_NAMES *names, struct str text, struct error *err)
{
  char copy[64];
  bool fits = text.len > 0 && text.len < sizeof copy && str_find_byte(text, 0, 0) < 0;
  ASN1_OCTET_STRING *value = NULL;
  if (fits) {
    memcpy(copy, text.data, text.len);
    copy[text.len] = 0;
    value = a2i_IPADDRESS(copy);
  }
  if (!value)
    return openssl_fail(err, SW_EUSAGE, "\"%.*s\" is not an IP address",
                        STR_FMT(str_sub(text, 0, 100)));
  return push_name(names, GEN_IPADD, value);
}

static int add_names(X509 *x, const struct certificate_wanted *w, struct error *err)
{
  if (w->dns_count > CERTIFICATE_NAMES_MAX || w->address_count > CERTIFICATE_NAMES_MAX)
    return error_set(err, SW_EUSAGE, "more than %d names", CERTIFICATE_NAMES_MAX);
  _cleanup_(GENERAL_NAMES_freep) GENERAL_NAMES *names = openssl_made(GENERAL_NAMES_new());
  int rc = 0;
  for (size_t i = 0; i < w->dns_count && rc == 0; i++)
    rc = add_dns(names, w->dns[i], err);
  for (size_t i = 0; i < w->address_count && rc == 0; i++)
    rc = add_address(names, w->addresses[i], err);
  if (rc < 0)
    return rc;
  bool named = w->common_name.len || w->organization.len;
  if (sk_GENERAL_NAME_num(names) > 0)
    add_value(x, NID_subject_alt_name, names, !named); /* critical where they are the only name */
  else if (!named)
    return error_set(err, SW_EUSAGE, "a certificate must have a name");
  return 0;
}

static void add_constraints(X509 *x, const struct certificate_wanted *w)
{
  BASIC_CONSTRAINTS *constraints = openssl_made(BASIC_CONSTRAINTS_new());
  constraints->ca = w->is_ca ? 0xff
                             : 0; /* DER has one true (X.690, section 11.1); Go refuses others */
  if (w->is_ca && w->limits_path) {
    constraints->pathlen = openssl_made(ASN1_INTEGER_new());
    if (ASN1_INTEGER_set_uint64(constraints->pathlen, w->path_length) != 1)
      mem_exhausted(0);
  }
  add_value(x, NID_basic_constraints, constraints, 1);
  BASIC_CONSTRAINTS_free(constraints);
}

/* Bits of RFC 5280, section 4.2.1.3: 0 digital signature, 2 key encipherment, 5 and 6 signing of
 * certificates and revocation lists. */
static void add_key_usage(X509 *x, const struct certificate_wanted *w, const struct key *key)
{
  ASN1_BIT_STRING *bits = openssl_made(ASN1_BIT_STRING_new());
  int set = 1;
  if (w->is_ca)
    set = ASN1_BIT_STRING_set_bit(bits, 5, 1) && ASN1_BIT_STRING_set_bit(bits, 6, 1);
  else
    set = ASN1_BIT_STRING_set_bit(bits, 0, 1) &&
          (key->type != KEY_RSA || ASN1_BIT_STRING_set_bit(bits, 2, 1));
  if (!set)
    mem_exhausted(0);
  add_value(x, NID_key_usage, bits, 1);
  ASN1_BIT_STRING_free(bits);
}

static void add_extended_usage(X509 *x, const struct certificate_wanted *w)
{
  if (!w->server_auth && !w->client_auth)
    return;
  EXTENDED_KEY_USAGE *usages = openssl_made(EXTENDED_KEY_USAGE_new());
  if (w->server_auth && sk_ASN1_OBJECT_push(usages, OBJ_nid2obj(NID_server_auth)) <= 0)
    mem_exhausted(0);
  if (w->client_auth && sk_ASN1_OBJECT_push(usages, OBJ_nid2obj(NID_client_auth)) <= 0)
    mem_exhausted(0);
  add_value(x, NID_ext_key_usage, usages, 0);
  EXTENDED_KEY_USAGE_free(usages);
}

/* Subject and authority key identifiers (RFC 5280, sections 4.2.1.1 and 4.2.1.2). */
static int add_key_ids(X509 *x, X509 *issuer, struct error *err)
{
  X509V3_CTX context;
  X509V3_set_ctx(&context, issuer ? issuer : x, x, NULL, NULL, 0);
  static const struct {
    int nid;
    const char *value;
  } ids[] = {{NID_subject_key_identifier, "hash"}, {NID_authority_key_identifier, "keyid"}};
  unsigned count = issuer ? 2 : 1; /* what signs itself needs no word on whose key it was */
  for (unsigned i = 0; i < count; i++) {
    _cleanup_(X509_EXTENSION_freep)
        X509_EXTENSION *extension = X509V3_EXT_nconf_nid(NULL, &context, ids[i].nid, ids[i].value);
    if (!extension || X509_add_ext(x, extension, -1) != 1)
      return openssl_fail(err, SW_EUSAGE, "the issuer's certificate has no key identifier");
  }
  return 0;
}

static int fill(X509 *x, const struct certificate_wanted *w, const struct key *key, X509 *issuer,
                struct error *err)
{
  X509_set_version(x, X509_VERSION_3);
  int rc = set_serial(x, err);
  rc = rc < 0 ? rc : set_times(x, w, err);
  X509_NAME *name = X509_get_subject_name(x);
  rc = rc < 0 ? rc : add_attribute(name, "O", w->organization, err);
  rc = rc < 0 ? rc : add_attribute(name, "CN", w->common_name, err);
  if (rc < 0)
    return rc;
  if (X509_set_issuer_name(x, issuer ? X509_get_subject_name(issuer) : name) != 1 ||
      X509_set_pubkey(x, key->evp) != 1)
    return openssl_fail(err, SW_EUSAGE, "the key cannot be certified");
  add_constraints(x, w);
  add_key_usage(x, w, key);
  add_extended_usage(x, w);
  rc = add_names(x, w, err);
  return rc < 0 ? rc : add_key_ids(x, issuer, err);
}

static X509 *read_certificate(struct str text)
{
  _cleanup_(BIO_free_allp)
      BIO *bio = openssl_made(BIO_new_mem_buf(text.len ? text.data : "", (int)text.len));
  if (str_find(text, 0, STR("-----BEGIN")) >= 0)
    return PEM_read_bio_X509(bio, NULL, NULL, NULL);
  return d2i_X509_bio(bio, NULL);
}

static int check_issuer(const struct certificate_wanted *w, X509 *issuer, const struct key *key,
                        struct error *err)
{
  if (!(X509_get_extension_flags(issuer) & EXFLAG_CA) || X509_check_ca(issuer) != 1)
    return openssl_fail(err, SW_EUSAGE, "the issuer's certificate is not that of a CA");
  if (X509_check_private_key(issuer, key->evp) != 1)
    return openssl_fail(err, SW_EUSAGE, "the issuer's key does not belong to its certificate");
  if (ASN1_TIME_cmp_time_t(X509_get0_notAfter(issuer), (time_t)w->not_after) < 0)
    return openssl_fail(err, SW_EUSAGE, "the certificate would outlive its issuer's");
  return 0;
}

static int sign(X509 *x, const struct key *key, struct error *err)
{
  const EVP_MD *digest = key->type == KEY_ED25519 ? NULL : EVP_sha256();
  if (X509_sign(x, key->evp, digest) <= 0)
    return openssl_fail(err, SW_EUSAGE, "the certificate cannot be signed with the issuer's key");
  return 0;
}

int certificate_issue(const struct certificate_wanted *wanted, const struct key *key,
                      const struct certificate_issuer *issuer, struct buf *out, struct error *err)
{
  const struct key *signer = issuer ? issuer->key : key;
  if (!signer->is_private)
    return error_set(err, SW_EUSAGE, "a certificate is signed with a private key");
  _cleanup_(X509_freep) X509 *above = NULL;
  if (issuer) {
    if (issuer->certificate.len > 1 << 20)
      return error_set(err, SW_ELIMIT, "the issuer's certificate is longer than 1 MiB");
    above = read_certificate(issuer->certificate);
    if (!above)
      return openssl_fail(err, SW_EUSAGE, "the issuer's certificate cannot be read");
    int rc = check_issuer(wanted, above, signer, err);
    if (rc < 0)
      return rc;
  }
  _cleanup_(X509_freep) X509 *x = openssl_made(X509_new());
  int rc = fill(x, wanted, key, above, err);
  rc = rc < 0 ? rc : sign(x, signer, err);
  openssl_clear();
  if (rc < 0)
    return rc;
  _cleanup_(BIO_free_allp) BIO *bio = openssl_made(BIO_new(BIO_s_mem()));
  if (PEM_write_bio_X509(bio, x) != 1)
    return openssl_fail(err, SW_EINVAL, "the certificate cannot be written");
  return add_bio(bio, out, err);
}
