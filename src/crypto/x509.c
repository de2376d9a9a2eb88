#include "crypto/x509.h"

#include "base/vec.h"
#include "crypto/openssl_int.h"
#include "crypto/pem.h"

#include <openssl/asn1t.h>
#include <openssl/objects.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

MEM_DEFINE_CLEANUP(X509, X509_free)
MEM_DEFINE_CLEANUP(X509_REQ, X509_REQ_free)
MEM_DEFINE_CLEANUP(BIO, BIO_free_all)
MEM_DEFINE_CLEANUP(RSA_PSS_PARAMS, RSA_PSS_PARAMS_free)

/* What is read out of, and where to. */
struct reading {
  struct arena *arena;
  const STACK_OF(X509_EXTENSION) * extensions;
  struct error *err;
};

static int fail(const struct reading *r, const char *what)
{
  return openssl_fail(r->err, SW_EINVAL, "not a certificate: %s", what);
}

static struct str copy_string(struct arena *a, const ASN1_STRING *s)
{
  return arena_copy(
      a, str_make((const char *)ASN1_STRING_get0_data(s), (size_t)ASN1_STRING_length(s)));
}

/* Dotted text of an object identifier. */
static int read_oid(const struct reading *r, const ASN1_OBJECT *object, struct str *ret)
{
  char text[256];
  int len = OBJ_obj2txt(text, sizeof text, object, 1);
  if (len <= 0)
    return fail(r, "an object identifier is malformed");
  if (len < (int)sizeof text) {
    *ret = arena_copy(r->arena, str_make(text, (size_t)len));
    return 0;
  }
  char *longer = arena_alloc(r->arena, (size_t)len + 1);
  OBJ_obj2txt(longer, len + 1, object, 1);
  *ret = str_make(longer, (size_t)len);
  return 0;
}

/* Keeps what an i2d function made, and gives it back to OpenSSL. */
static int keep_der(const struct reading *r, unsigned char *der, int len, struct str *ret)
{
  if (len <= 0)
    return fail(r, "a part cannot be written as DER");
  *ret = arena_copy(r->arena, str_make((const char *)der, (size_t)len));
  OPENSSL_free(der);
  return 0;
}

/* The first element within the outer sequence, which is what is signed; as it stands, for a
 * signature is over bytes. */
static int read_tbs(const struct reading *r, struct str raw, struct str *ret)
{
  const unsigned char *at = (const unsigned char *)raw.data;
  long len = 0;
  int tag = 0, class = 0;
  int outer = ASN1_get_object(&at, &len, &tag, &class, (long)raw.len);
  if (outer & 0x81) /* an error, or a length that is not said */
    return fail(r, "its outer length is not that of DER");
  const unsigned char *start = at;
  int inner = ASN1_get_object(&at, &len, &tag, &class, len);
  if (inner & 0x81)
    return fail(r, "its inner length is not that of DER");
  *ret = str_make((const char *)start, (size_t)(at - start) + (size_t)len);
  return 0;
}

static int read_name_text(const struct reading *r, const X509_NAME *name, struct str *ret)
{
  _cleanup_(BIO_free_allp) BIO *bio = openssl_made(BIO_new(BIO_s_mem()));
  if (X509_NAME_print_ex(bio, name, 0, XN_FLAG_RFC2253 & ~(unsigned long)ASN1_STRFLGS_ESC_MSB) < 0)
    return fail(r, "a name cannot be written as text");
  char *text = NULL;
  long len = BIO_get_mem_data(bio, &text);
  *ret = arena_copy(r->arena, str_make(text, len > 0 ? (size_t)len : 0));
  return 0;
}

static int read_attribute(const struct reading *r, const X509_NAME_ENTRY *entry,
                          struct x509_attribute *ret)
{
  unsigned char *utf8 = NULL;
  int len = ASN1_STRING_to_UTF8(&utf8, X509_NAME_ENTRY_get_data(entry));
  if (len < 0)
    return fail(r, "an attribute of a name is not text");
  ret->value = arena_copy(r->arena, str_make((const char *)utf8, (size_t)len));
  OPENSSL_free(utf8);
  ret->rdn = (uint32_t)X509_NAME_ENTRY_set(entry);
  return read_oid(r, X509_NAME_ENTRY_get_object(entry), &ret->oid);
}

static int read_name(const struct reading *r, const X509_NAME *name, struct x509_name *ret)
{
  int count = X509_NAME_entry_count(name);
  ret->items = arena_zalloc(r->arena, (size_t)count, sizeof *ret->items);
  for (int i = 0; i < count; i++) {
    int rc = read_attribute(r, X509_NAME_get_entry(name, i), &ret->items[ret->count]);
    if (rc < 0)
      return rc;
    ret->count++;
  }
  unsigned char *der = NULL;
  int len = i2d_X509_NAME(name, &der);
  int rc = keep_der(r, der, len, &ret->raw);
  return rc < 0 ? rc : read_name_text(r, name, &ret->text);
}

static void add_text(struct x509_texts *texts, struct str text)
{
  texts->items[texts->count++] = text;
}

/* Puts a general name into its list; the lists have room for one more. */
static void add_general_name(struct arena *a, const GENERAL_NAME *name, struct x509_names *names)
{
  switch (name->type) {
  case GEN_DNS:
    add_text(&names->dns, copy_string(a, name->d.dNSName));
    break;
  case GEN_EMAIL:
    add_text(&names->emails, copy_string(a, name->d.rfc822Name));
    break;
  case GEN_URI:
    add_text(&names->uris, copy_string(a, name->d.uniformResourceIdentifier));
    break;
  case GEN_IPADD:
    add_text(&names->addresses, copy_string(a, name->d.iPAddress));
    break;
  default: /* directory names, other names: found by who wants them in the extension */
    break;
  }
}

static void make_room(struct arena *a, struct x509_names *names, int count)
{
  struct x509_texts *all[] = {&names->dns, &names->emails, &names->uris, &names->addresses};
  for (unsigned i = 0; i < sizeof all / sizeof all[0]; i++)
    all[i]->items = arena_array(a, struct str, (size_t)count);
}

/* An extension, decoded; NULL if there is none. */
static int find_extension(const struct reading *r, int nid, void **ret, bool *ret_critical)
{
  int critical = -1;
  *ret = r->extensions ? X509V3_get_d2i(r->extensions, nid, &critical, NULL) : NULL;
  *ret_critical = critical == 1;
  if (*ret || critical == -1)
    return 0;
  return openssl_fail(r->err, SW_EINVAL, "not a certificate: the extension %s %s", OBJ_nid2ln(nid),
                      critical == -2 ? "is there more than once" : "is malformed");
}

static int read_alternative_names(const struct reading *r, struct x509_names *ret)
{
  GENERAL_NAMES *names = NULL;
  bool critical;
  int rc = find_extension(r, NID_subject_alt_name, (void **)&names, &critical);
  if (rc < 0 || !names)
    return rc;
  make_room(r->arena, ret, sk_GENERAL_NAME_num(names));
  for (int i = 0; i < sk_GENERAL_NAME_num(names); i++)
    add_general_name(r->arena, sk_GENERAL_NAME_value(names, i), ret);
  GENERAL_NAMES_free(names);
  return 0;
}

static int read_extensions(const struct reading *r, struct x509_subject *ret)
{
  int count = r->extensions ? X509v3_get_ext_count(r->extensions) : 0;
  ret->extensions =
      arena_zalloc(r->arena, (size_t)(count > 0 ? count : 0), sizeof *ret->extensions);
  for (int i = 0; i < count; i++) {
    X509_EXTENSION *extension = X509v3_get_ext(r->extensions, i);
    struct x509_extension *to = &ret->extensions[ret->extension_count];
    int rc = read_oid(r, X509_EXTENSION_get_object(extension), &to->oid);
    if (rc < 0)
      return rc;
    to->value = copy_string(r->arena, X509_EXTENSION_get_data(extension));
    to->critical = X509_EXTENSION_get_critical(extension) == 1;
    ret->extension_count++;
  }
  return read_alternative_names(r, &ret->names);
}

/* RSA-PSS keeps digest and salt length in its parameters. */
static enum x509_signature read_pss(const X509_ALGOR *algorithm)
{
  const ASN1_OBJECT *object = NULL;
  const void *value = NULL;
  int type = 0;
  X509_ALGOR_get0(&object, &type, &value, algorithm);
  if (type != V_ASN1_SEQUENCE)
    return X509_SIGNATURE_OTHER;
  _cleanup_(RSA_PSS_PARAMS_freep)
      RSA_PSS_PARAMS *pss = ASN1_item_unpack(value, ASN1_ITEM_rptr(RSA_PSS_PARAMS));
  openssl_clear();
  if (!pss || !pss->hashAlgorithm)
    return X509_SIGNATURE_OTHER;
  const ASN1_OBJECT *digest = NULL;
  X509_ALGOR_get0(&digest, NULL, NULL, pss->hashAlgorithm);
  long salt = pss->saltLength ? ASN1_INTEGER_get(pss->saltLength) : 20;
  int nid = OBJ_obj2nid(digest);
  if (nid == NID_sha256 && salt == 32)
    return X509_SIGNATURE_PSS_SHA256;
  if (nid == NID_sha384 && salt == 48)
    return X509_SIGNATURE_PSS_SHA384;
  return nid == NID_sha512 && salt == 64 ? X509_SIGNATURE_PSS_SHA512 : X509_SIGNATURE_OTHER;
}

static enum x509_signature signature_of(const X509_ALGOR *algorithm)
{
  static const struct {
    int nid;
    enum x509_signature signature;
  } known[] = {
      {NID_md5WithRSAEncryption, X509_SIGNATURE_RSA_MD5},
      {NID_sha1WithRSAEncryption, X509_SIGNATURE_RSA_SHA1},
      {NID_sha1WithRSA, X509_SIGNATURE_RSA_SHA1},
      {NID_sha256WithRSAEncryption, X509_SIGNATURE_RSA_SHA256},
      {NID_sha384WithRSAEncryption, X509_SIGNATURE_RSA_SHA384},
      {NID_sha512WithRSAEncryption, X509_SIGNATURE_RSA_SHA512},
      {NID_dsaWithSHA1, X509_SIGNATURE_DSA_SHA1},
      {NID_dsa_with_SHA256, X509_SIGNATURE_DSA_SHA256},
      {NID_ecdsa_with_SHA1, X509_SIGNATURE_ECDSA_SHA1},
      {NID_ecdsa_with_SHA256, X509_SIGNATURE_ECDSA_SHA256},
      {NID_ecdsa_with_SHA384, X509_SIGNATURE_ECDSA_SHA384},
      {NID_ecdsa_with_SHA512, X509_SIGNATURE_ECDSA_SHA512},
      {NID_ED25519, X509_SIGNATURE_ED25519},
  };
  const ASN1_OBJECT *object = NULL;
  X509_ALGOR_get0(&object, NULL, NULL, algorithm);
  int nid = OBJ_obj2nid(object);
  for (unsigned i = 0; i < sizeof known / sizeof known[0]; i++)
    if (known[i].nid == nid)
      return known[i].signature;
  return nid == NID_rsassaPss ? read_pss(algorithm) : X509_SIGNATURE_OTHER;
}

static enum x509_key key_of(int nid)
{
  switch (nid) {
  case NID_rsaEncryption:
    return X509_KEY_RSA;
  case NID_dsa:
    return X509_KEY_DSA;
  case NID_X9_62_id_ecPublicKey:
    return X509_KEY_EC;
  case NID_ED25519:
    return X509_KEY_ED25519;
  default:
    return X509_KEY_OTHER;
  }
}

static int read_signature(const struct reading *r, const ASN1_BIT_STRING *signature,
                          const X509_ALGOR *algorithm, struct x509_subject *ret)
{
  const ASN1_OBJECT *object = NULL;
  X509_ALGOR_get0(&object, NULL, NULL, algorithm);
  ret->signature = copy_string(r->arena, signature);
  ret->signature_algorithm = signature_of(algorithm);
  return read_oid(r, object, &ret->signature_oid);
}

static int read_public_key(const struct reading *r, X509_PUBKEY *key, struct x509_subject *ret)
{
  ASN1_OBJECT *object = NULL;
  unsigned char *der = NULL;
  if (!key || X509_PUBKEY_get0_param(&object, NULL, NULL, NULL, key) != 1)
    return fail(r, "it has no public key");
  ret->key = key_of(OBJ_obj2nid(object));
  int len = i2d_X509_PUBKEY(key, &der);
  int rc = keep_der(r, der, len, &ret->public_key);
  return rc < 0 ? rc : read_oid(r, object, &ret->public_key_oid);
}

static int read_time(const struct reading *r, const ASN1_TIME *time, int64_t *ret)
{
  struct tm parts = {0};
  if (ASN1_TIME_to_tm(time, &parts) != 1)
    return fail(r, "a time of its validity is malformed");
  *ret = timegm(&parts);
  return 0;
}

static void read_serial(const struct reading *r, const ASN1_INTEGER *serial,
                        struct x509_certificate *ret)
{
  ret->serial = copy_string(r->arena, serial);
  if (ret->serial.len == 0)
    ret->serial = STR("\0");
  ret->serial_negative = ASN1_STRING_type(serial) == V_ASN1_NEG_INTEGER;
}

static int read_key_usage(const struct reading *r, struct x509_certificate *ret)
{
  ASN1_BIT_STRING *bits = NULL;
  bool critical;
  int rc = find_extension(r, NID_key_usage, (void **)&bits, &critical);
  if (rc < 0 || !bits)
    return rc;
  for (int i = 0; i < 9; i++)
    if (ASN1_BIT_STRING_get_bit(bits, i))
      ret->key_usage |= 1u << i;
  ASN1_BIT_STRING_free(bits);
  return 0;
}

static int read_usages(const struct reading *r, struct x509_certificate *ret)
{
  EXTENDED_KEY_USAGE *usages = NULL;
  bool critical;
  int rc = find_extension(r, NID_ext_key_usage, (void **)&usages, &critical);
  if (rc < 0 || !usages)
    return rc;
  int count = sk_ASN1_OBJECT_num(usages);
  ret->usages.items = arena_array(r->arena, struct str, (size_t)count);
  for (int i = 0; i < count && rc == 0; i++) {
    struct str oid = STR_EMPTY;
    rc = read_oid(r, sk_ASN1_OBJECT_value(usages, i), &oid);
    add_text(&ret->usages, oid);
  }
  EXTENDED_KEY_USAGE_free(usages);
  return rc;
}

static int read_basic_constraints(const struct reading *r, struct x509_certificate *ret)
{
  BASIC_CONSTRAINTS *constraints = NULL;
  bool critical;
  ret->path_length = -1;
  int rc = find_extension(r, NID_basic_constraints, (void **)&constraints, &critical);
  if (rc < 0 || !constraints)
    return rc;
  ret->has_basic_constraints = true;
  ret->is_ca = constraints->ca != 0;
  if (constraints->pathlen) {
    int64_t length = -1;
    if (ASN1_INTEGER_get_int64(&length, constraints->pathlen) != 1 || length < 0 ||
        length > INT32_MAX)
      rc = fail(r, "the path length of its basic constraints is out of range");
    else
      ret->path_length = (int32_t)length;
  }
  BASIC_CONSTRAINTS_free(constraints);
  return rc;
}

static int read_key_ids(const struct reading *r, struct x509_certificate *ret)
{
  ASN1_OCTET_STRING *own = NULL;
  AUTHORITY_KEYID *authority = NULL;
  bool critical;
  ret->subject_key_id = ret->authority_key_id = STR_EMPTY;
  int rc = find_extension(r, NID_subject_key_identifier, (void **)&own, &critical);
  if (rc < 0)
    return rc;
  if (own)
    ret->subject_key_id = copy_string(r->arena, own);
  ASN1_OCTET_STRING_free(own);
  rc = find_extension(r, NID_authority_key_identifier, (void **)&authority, &critical);
  if (rc == 0 && authority && authority->keyid)
    ret->authority_key_id = copy_string(r->arena, authority->keyid);
  AUTHORITY_KEYID_free(authority);
  return rc;
}

static int read_access(const struct reading *r, struct x509_certificate *ret)
{
  AUTHORITY_INFO_ACCESS *access = NULL;
  bool critical;
  int rc = find_extension(r, NID_info_access, (void **)&access, &critical);
  if (rc < 0 || !access)
    return rc;
  int count = sk_ACCESS_DESCRIPTION_num(access);
  ret->ocsp.items = arena_array(r->arena, struct str, (size_t)count);
  ret->issuer_urls.items = arena_array(r->arena, struct str, (size_t)count);
  for (int i = 0; i < count; i++) {
    const ACCESS_DESCRIPTION *one = sk_ACCESS_DESCRIPTION_value(access, i);
    int method = OBJ_obj2nid(one->method);
    if (one->location->type != GEN_URI || (method != NID_ad_OCSP && method != NID_ad_ca_issuers))
      continue;
    add_text(method == NID_ad_OCSP ? &ret->ocsp : &ret->issuer_urls,
             copy_string(r->arena, one->location->d.uniformResourceIdentifier));
  }
  AUTHORITY_INFO_ACCESS_free(access);
  return 0;
}

static const GENERAL_NAMES *names_of(const DIST_POINT *point)
{
  return point->distpoint && point->distpoint->type == 0 ? point->distpoint->name.fullname : NULL;
}

static int read_crl_points(const struct reading *r, struct x509_certificate *ret)
{
  CRL_DIST_POINTS *points = NULL;
  bool critical;
  int rc = find_extension(r, NID_crl_distribution_points, (void **)&points, &critical);
  if (rc < 0 || !points)
    return rc;
  size_t count = 0;
  for (int i = 0; i < sk_DIST_POINT_num(points); i++) {
    const GENERAL_NAMES *names = names_of(sk_DIST_POINT_value(points, i));
    count += names ? (size_t)sk_GENERAL_NAME_num(names) : 0;
  }
  ret->crl_urls.items = arena_array(r->arena, struct str, count);
  for (int i = 0; i < sk_DIST_POINT_num(points); i++) {
    const GENERAL_NAMES *names = names_of(sk_DIST_POINT_value(points, i));
    for (int j = 0; names && j < sk_GENERAL_NAME_num(names); j++) {
      const GENERAL_NAME *name = sk_GENERAL_NAME_value(names, j);
      if (name->type == GEN_URI)
        add_text(&ret->crl_urls, copy_string(r->arena, name->d.uniformResourceIdentifier));
    }
  }
  CRL_DIST_POINTS_free(points);
  return 0;
}

static int read_policies(const struct reading *r, struct x509_certificate *ret)
{
  CERTIFICATEPOLICIES *policies = NULL;
  bool critical;
  int rc = find_extension(r, NID_certificate_policies, (void **)&policies, &critical);
  if (rc < 0 || !policies)
    return rc;
  int count = sk_POLICYINFO_num(policies);
  ret->policies.items = arena_array(r->arena, struct str, (size_t)count);
  for (int i = 0; i < count && rc == 0; i++) {
    struct str oid = STR_EMPTY;
    rc = read_oid(r, sk_POLICYINFO_value(policies, i)->policyid, &oid);
    add_text(&ret->policies, oid);
  }
  CERTIFICATEPOLICIES_free(policies);
  return rc;
}

static void read_subtrees(struct arena *a, STACK_OF(GENERAL_SUBTREE) * subtrees,
                          struct x509_names *ret)
{
  int count = subtrees ? sk_GENERAL_SUBTREE_num(subtrees) : 0;
  make_room(a, ret, count);
  for (int i = 0; i < count; i++)
    add_general_name(a, sk_GENERAL_SUBTREE_value(subtrees, i)->base, ret);
}

static int read_name_constraints(const struct reading *r, struct x509_certificate *ret)
{
  NAME_CONSTRAINTS *constraints = NULL;
  int rc = find_extension(r, NID_name_constraints, (void **)&constraints,
                          &ret->name_constraints_critical);
  if (rc < 0 || !constraints)
    return rc;
  ret->has_name_constraints = true;
  read_subtrees(r->arena, constraints->permittedSubtrees, &ret->permitted);
  read_subtrees(r->arena, constraints->excludedSubtrees, &ret->excluded);
  NAME_CONSTRAINTS_free(constraints);
  return 0;
}

static int read_validity(const struct reading *r, const X509 *x, struct x509_certificate *ret)
{
  int rc = read_time(r, X509_get0_notBefore(x), &ret->not_before);
  return rc < 0 ? rc : read_time(r, X509_get0_notAfter(x), &ret->not_after);
}

static int read_subject(const struct reading *r, X509 *x, struct x509_subject *ret)
{
  const ASN1_BIT_STRING *signature = NULL;
  const X509_ALGOR *algorithm = NULL;
  long version = X509_get_version(x);
  if (version < 0 || version > 2)
    return fail(r, "its version is none of 1, 2 and 3");
  ret->version = (uint32_t)version + 1;
  X509_get0_signature(&signature, &algorithm, x);
  int rc = read_tbs(r, ret->raw, &ret->raw_tbs);
  if (rc == 0)
    rc = read_name(r, X509_get_subject_name(x), &ret->name);
  if (rc == 0)
    rc = read_public_key(r, X509_get_X509_PUBKEY(x), ret);
  if (rc == 0)
    rc = read_signature(r, signature, algorithm, ret);
  return rc < 0 ? rc : read_extensions(r, ret);
}

static int read_certificate(struct reading *r, X509 *x, struct str raw,
                            struct x509_certificate *ret)
{
  static int (*const parts[])(const struct reading *r, struct x509_certificate *ret) = {
      read_key_usage, read_usages,     read_basic_constraints, read_key_ids,
      read_access,    read_crl_points, read_policies,          read_name_constraints,
  };
  r->extensions = X509_get0_extensions(x);
  ret->subject.raw = arena_copy(r->arena, raw);
  int rc = read_subject(r, x, &ret->subject);
  if (rc == 0)
    rc = read_name(r, X509_get_issuer_name(x), &ret->issuer);
  if (rc == 0)
    rc = read_validity(r, x, ret);
  if (rc < 0)
    return rc;
  read_serial(r, X509_get0_serialNumber(x), ret);
  for (unsigned i = 0; i < sizeof parts / sizeof parts[0] && rc == 0; i++)
    rc = parts[i](r, ret);
  return rc;
}

struct list VEC_BODY(struct x509_certificate);

static void free_list(struct list *list)
{
  vec_free(list);
}

/* The certificates that lie one behind the other in der. */
static int parse_der(struct reading *r, struct str der, struct list *list)
{
  const unsigned char *at = (const unsigned char *)der.data, *end = at + der.len;
  while (at < end) {
    const unsigned char *start = at;
    _cleanup_(X509_freep) X509 *x = d2i_X509(NULL, &at, (long)(end - at));
    if (!x)
      return fail(r, list->count ? "its DER, or what lies behind it, is malformed"
                                 : "neither PEM nor its DER");
    if (vec_full(list, X509_LIST_MAX))
      return error_set(r->err, SW_ELIMIT, "more than %d certificates", X509_LIST_MAX);
    int rc =
        read_certificate(r, x, str_make((const char *)start, (size_t)(at - start)), vec_add(list));
    openssl_clear();
    if (rc < 0)
      return rc;
  }
  return 0;
}

static int place(struct error *err, int rc, uint32_t line)
{
  if (rc == 0 || !err)
    return rc;
  err->line = line;
  err->column = 1;
  return error_wrap(err, "PEM block of line %u", line);
}

static int other_block(const struct pem_block *block, const char *wanted, struct error *err)
{
  return error_set(err, SW_EINVAL, "a block \"%.*s\" stands where %s is expected",
                   STR_FMT(str_sub(block->label, 0, 64)), wanted);
}

static int parse_pem(struct reading *r, struct str text, struct list *list)
{
  struct pem_reader reader = pem_reader(text);
  _cleanup_(pem_block_free) struct pem_block block = {0};
  int rc;
  while ((rc = pem_next(&reader, &block, r->err)) == 0) {
    if (!str_eq(block.label, STR("CERTIFICATE")))
      return place(r->err, other_block(&block, "a certificate", r->err), block.line);
    rc = place(r->err, parse_der(r, block.der, list), block.line);
    if (rc < 0)
      return rc;
  }
  return rc == SW_ENOTFOUND ? 0 : rc;
}

static int too_long(struct error *err)
{
  return error_set(err, SW_ELIMIT, "more than %d bytes of certificates", X509_TEXT_MAX);
}

int x509_parse(struct arena *a, struct str text, struct x509_list *ret, struct error *err)
{
  if (text.len > X509_TEXT_MAX)
    return too_long(err);
  struct reading r = {.arena = a, .err = err};
  _cleanup_(free_list) struct list list = {0};
  int rc = pem_is(text) ? parse_pem(&r, text, &list) : parse_der(&r, text, &list);
  if (rc < 0)
    return rc;
  if (list.count == 0)
    return error_set(err, SW_EINVAL, "the text holds no certificate");
  ret->items = arena_array(a, struct x509_certificate, list.count);
  ret->count = list.count;
  memcpy(ret->items, list.items, list.count * sizeof *list.items);
  return 0;
}

static int read_request(struct reading *r, X509_REQ *request, struct x509_subject *ret)
{
  const ASN1_BIT_STRING *signature = NULL;
  const X509_ALGOR *algorithm = NULL;
  X509_REQ_get0_signature(request, &signature, &algorithm);
  ret->version = (uint32_t)X509_REQ_get_version(request);
  int rc = read_tbs(r, ret->raw, &ret->raw_tbs);
  if (rc == 0)
    rc = read_name(r, X509_REQ_get_subject_name(request), &ret->name);
  if (rc == 0)
    rc = read_public_key(r, X509_REQ_get_X509_PUBKEY(request), ret);
  if (rc == 0)
    rc = read_signature(r, signature, algorithm, ret);
  STACK_OF(X509_EXTENSION) *extensions = rc == 0 ? X509_REQ_get_extensions(request) : NULL;
  r->extensions = extensions;
  if (rc == 0)
    rc = read_extensions(r, ret);
  sk_X509_EXTENSION_pop_free(extensions, X509_EXTENSION_free);
  return rc;
}

static int parse_request_der(struct reading *r, struct str der, struct x509_subject *ret)
{
  const unsigned char *start = (const unsigned char *)der.data, *at = start;
  _cleanup_(X509_REQ_freep) X509_REQ *request = der.len ? d2i_X509_REQ(NULL, &at, (long)der.len)
                                                        : NULL;
  if (!request || at != start + der.len || X509_REQ_get_version(request) < 0 ||
      X509_REQ_get_version(request) > 2)
    return openssl_fail(r->err, SW_EINVAL, "not a certificate request: its DER is malformed");
  struct x509_subject subject = {.raw = arena_copy(r->arena, der)};
  int rc = read_request(r, request, &subject);
  openssl_clear();
  if (rc == 0)
    *ret = subject;
  return rc;
}

int x509_parse_request(struct arena *a, struct str text, struct x509_subject *ret,
                       struct error *err)
{
  struct reading r = {.arena = a, .err = err};
  if (text.len > X509_TEXT_MAX)
    return too_long(err);
  if (!pem_is(text))
    return parse_request_der(&r, text, ret);
  struct pem_reader reader = pem_reader(text);
  _cleanup_(pem_block_free) struct pem_block block = {0};
  int rc = pem_next(&reader, &block, err);
  if (rc < 0)
    return rc;
  if (!str_ends(block.label, STR("CERTIFICATE REQUEST")))
    rc = other_block(&block, "a certificate request", err);
  else
    rc = parse_request_der(&r, block.der, ret);
  return place(err, rc, block.line);
}

int x509_request_verify(const struct x509_subject *request, struct error *err)
{
  const unsigned char *at = (const unsigned char *)request->raw.data;
  _cleanup_(X509_REQ_freep)
      X509_REQ *x = request->raw.len ? d2i_X509_REQ(NULL, &at, (long)request->raw.len) : NULL;
  if (!x)
    return openssl_fail(err, SW_EUSAGE, "what is to be verified is not a certificate request");
  EVP_PKEY *key = X509_REQ_get0_pubkey(x);
  if (!key || X509_REQ_verify(x, key) != 1)
    return openssl_fail(err, SW_EINVAL,
                        "the certificate request is not signed with the key that it holds");
  openssl_clear();
  return 0;
}
