#include "made.h"

#include "crypto/x509.h"

#include <openssl/x509.h>
#include <openssl/x509v3.h>

enum { NOW = 1700000000, DAY = 86400 }; /* 2023-11-14 */

static struct arena arena;
static EVP_PKEY *root_key, *ca_key, *leaf_key, *other_key;

static int set_up(void **state)
{
  (void)state;
  arena_init(&arena, 0);
  root_key = EVP_EC_gen("P-256");
  ca_key = EVP_EC_gen("P-256");
  leaf_key = EVP_EC_gen("P-256");
  other_key = EVP_EC_gen("P-256");
  return root_key && ca_key && leaf_key && other_key ? 0 : -1;
}

static int tear_down(void **state)
{
  (void)state;
  EVP_PKEY_free(root_key);
  EVP_PKEY_free(ca_key);
  EVP_PKEY_free(leaf_key);
  EVP_PKEY_free(other_key);
  arena_free(&arena);
  return 0;
}

/* What a certificate is to be. */
struct wanted {
  const char *name, *issuer; /* common names; issuer NULL: the same */
  EVP_PKEY *key, *signer;    /* signer NULL: the same */
  const char *extensions[8]; /* name, value, ... as in OpenSSL's configuration */
  int64_t from, until;       /* 0: a day around NOW */
  const EVP_MD *digest;      /* NULL: SHA-256, or none for Ed25519 */
  int version;               /* 0: 3 */
};

static X509_NAME *name_of(const char *common)
{
  X509_NAME *name = X509_NAME_new();
  X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_UTF8, (const unsigned char *)common, -1, -1, 0);
  return name;
}

static void add_extensions(X509 *x, const char *const *extensions)
{
  X509V3_CTX context;
  X509V3_set_ctx(&context, x, x, NULL, NULL, 0);
  for (unsigned i = 0; i < 8 && extensions[i]; i += 2) {
    X509_EXTENSION *extension = X509V3_EXT_conf(NULL, &context, extensions[i], extensions[i + 1]);
    if (!extension)
      ERR_print_errors_fp(stderr);
    assert_non_null(extension);
    X509_add_ext(x, extension, -1);
    X509_EXTENSION_free(extension);
  }
}

static struct str der_of(X509 *x)
{
  unsigned char *bytes = NULL;
  int len = i2d_X509(x, &bytes);
  struct str der = arena_copy(&arena, str_make((char *)bytes, (size_t)len));
  OPENSSL_free(bytes);
  return der;
}

static X509 *begin(const struct wanted *w)
{
  X509 *x = X509_new();
  X509_NAME *subject = name_of(w->name), *issuer = name_of(w->issuer ? w->issuer : w->name);
  X509_set_version(x, w->version ? w->version - 1 : 2);
  ASN1_INTEGER_set(X509_get_serialNumber(x), 4711);
  X509_set_subject_name(x, subject);
  X509_set_issuer_name(x, issuer);
  ASN1_TIME_set(X509_getm_notBefore(x), w->from ? w->from : NOW - DAY);
  ASN1_TIME_set(X509_getm_notAfter(x), w->until ? w->until : NOW + DAY);
  X509_set_pubkey(x, w->key);
  X509_NAME_free(subject);
  X509_NAME_free(issuer);
  return x;
}

static struct str end(X509 *x, EVP_PKEY *signer, const EVP_MD *digest)
{
  assert_true(X509_sign(x, signer, digest) > 0);
  struct str der = der_of(x);
  X509_free(x);
  return der;
}

static struct str made(struct wanted w)
{
  X509 *x = begin(&w);
  add_extensions(x, w.extensions);
  EVP_PKEY *signer = w.signer ? w.signer : w.key;
  bool plain = EVP_PKEY_get_base_id(signer) == EVP_PKEY_ED25519;
  return end(x, signer, plain ? NULL : w.digest ? w.digest : EVP_sha256());
}

static struct x509_certificate *parsed(struct str text)
{
  struct x509_list list;
  struct error err = {0};
  int rc = x509_parse(&arena, text, &list, &err);
  if (rc < 0)
    print_error("%s\n", err.message);
  assert_int_equal(rc, 0);
  assert_int_equal(list.count, 1);
  assert_queue_empty();
  return list.items;
}

static struct x509_certificate *issued(struct wanted w)
{
  return parsed(made(w));
}

static void assert_refused(struct str text, int code, const char *why)
{
  struct x509_list list = {NULL, 77};
  struct error err;
  assert_int_equal(x509_parse(&arena, text, &list, &err), code);
  assert_error(err, code, why);
  assert_int_equal(list.count, 77);
  assert_queue_empty();
}

static struct str pem_of(const char *label, struct str der)
{
  BIO *bio = BIO_new(BIO_s_mem());
  PEM_write_bio(bio, label, "", (const unsigned char *)der.data, (long)der.len);
  return made_text(&arena, bio);
}

#define CA "basicConstraints", "critical,CA:true", "keyUsage", "critical,keyCertSign,cRLSign"

static struct x509_certificate *root(void)
{
  return issued((struct wanted){"root", NULL, root_key, NULL, {CA}});
}

static struct x509_certificate *intermediate(void)
{
  return issued((struct wanted){"ca", "root", ca_key, root_key, {CA}});
}

static struct x509_certificate *leaf(const char *usage)
{
  return issued(
      (struct wanted){"leaf",
                      "ca",
                      leaf_key,
                      ca_key,
                      {"subjectAltName", "DNS:a.example,DNS:*.w.example,IP:10.0.0.1,IP:fd00::1",
                       usage ? "extendedKeyUsage" : NULL, usage}});
}

static struct x509_list one(struct x509_certificate *c)
{
  return (struct x509_list){c, c ? 1 : 0};
}

/* ---- what certificates say */

static void reads_the_plain_fields(void **state)
{
  (void)state;
  X509 *x = begin(&(struct wanted){.name = "x", .issuer = "the CA", .key = leaf_key});
  X509_NAME *name = X509_NAME_new();
  X509_NAME_add_entry_by_txt(name, "C", MBSTRING_UTF8, (const unsigned char *)"DE", -1, -1, 0);
  X509_NAME_add_entry_by_txt(name, "O", MBSTRING_UTF8, (const unsigned char *)"a, b", -1, -1, 0);
  X509_NAME_add_entry_by_txt(name, "OU", MBSTRING_UTF8, (const unsigned char *)"second", -1, -1,
                             -1);
  X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_UTF8, (const unsigned char *)"M\xc3\xbcller", -1,
                             -1, 0);
  X509_set_subject_name(x, name);
  X509_NAME_free(name);
  struct str der = end(x, ca_key, EVP_sha384());
  struct x509_certificate *c = parsed(der);
  assert_true(str_eq(c->subject.raw, der));
  assert_int_equal(c->subject.version, 3);
  assert_true(str_eq(c->serial, STR("\x12\x67")));
  assert_false(c->serial_negative);
  assert_int_equal(c->not_before, NOW - DAY);
  assert_int_equal(c->not_after, NOW + DAY);
  assert_str(c->issuer.text, "CN=the CA");
  assert_int_equal(c->subject.name.count, 4);
  assert_str(c->subject.name.items[0].oid, "2.5.4.6");
  assert_str(c->subject.name.items[1].value, "a, b");
  assert_str(c->subject.name.items[3].value, "M\xc3\xbcller");
  assert_int_equal(c->subject.name.items[1].rdn, c->subject.name.items[2].rdn);
  assert_int_equal(c->subject.name.items[3].rdn, 2);
  assert_str(c->subject.name.text, "CN=M\xc3\xbcller,OU=second+O=a\\, b,C=DE");
  assert_int_equal(c->subject.key, X509_KEY_EC);
  assert_str(c->subject.public_key_oid, "1.2.840.10045.2.1");
  assert_int_equal(c->subject.signature_algorithm, X509_SIGNATURE_ECDSA_SHA384);
  assert_str(c->subject.signature_oid, "1.2.840.10045.4.3.3");
  assert_int_equal(c->path_length, -1);
  assert_false(c->has_basic_constraints);
  assert_int_equal(c->subject.extension_count + c->subject.names.dns.count + c->usages.count, 0);
}

/* The part that is signed, the signature and the issuer's key go together. */
static void gives_what_is_signed_byte_for_byte(void **state)
{
  (void)state;
  struct x509_certificate *ca = intermediate(), *c = leaf(NULL);
  struct key *key = NULL;
  assert_int_equal(key_parse_block(STR("PUBLIC KEY"), ca->subject.public_key, &key, NULL), 0);
  assert_int_equal(key_type(key), KEY_EC);
  EVP_PKEY *theirs = NULL;
  const unsigned char *at = (const unsigned char *)ca->subject.public_key.data;
  theirs = d2i_PUBKEY(NULL, &at, (long)ca->subject.public_key.len);
  EVP_MD_CTX *context = EVP_MD_CTX_new();
  assert_int_equal(EVP_DigestVerifyInit(context, NULL, EVP_sha256(), NULL, theirs), 1);
  assert_int_equal(EVP_DigestVerify(context, (const unsigned char *)c->subject.signature.data,
                                    c->subject.signature.len,
                                    (const unsigned char *)c->subject.raw_tbs.data,
                                    c->subject.raw_tbs.len),
                   1);
  EVP_MD_CTX_free(context);
  EVP_PKEY_free(theirs);
  key_free(key);
}

static struct x509_certificate *with(const char *name, const char *value)
{
  return issued((struct wanted){"x", NULL, leaf_key, NULL, {name, value}});
}

static void reads_alternative_names(void **state)
{
  (void)state;
  struct x509_certificate *c =
      with("subjectAltName", "DNS:a.example,email:me@a.example,DNS:*.b.example,URI:spiffe://a/b,"
                             "IP:10.0.0.1,IP:fd00::1,RID:1.2.3");
  const struct x509_names *names = &c->subject.names;
  assert_int_equal(names->dns.count, 2);
  assert_str(names->dns.items[1], "*.b.example");
  assert_int_equal(names->emails.count, 1);
  assert_str(names->emails.items[0], "me@a.example");
  assert_int_equal(names->uris.count, 1);
  assert_str(names->uris.items[0], "spiffe://a/b");
  assert_int_equal(names->addresses.count, 2);
  assert_true(str_eq(names->addresses.items[0], STR("\x0a\0\0\x01")));
  assert_int_equal(names->addresses.items[1].len, 16);
  assert_int_equal(c->subject.extension_count, 1);
  assert_str(c->subject.extensions[0].oid, "2.5.29.17");
  assert_false(c->subject.extensions[0].critical);
  assert_true(c->subject.extensions[0].value.len > 20);
}

static void reads_usages_and_constraints(void **state)
{
  (void)state;
  struct x509_certificate *c =
      issued((struct wanted){"x",
                             NULL,
                             leaf_key,
                             NULL,
                             {"basicConstraints", "critical,CA:true,pathlen:3", "keyUsage",
                              "digitalSignature,keyCertSign,decipherOnly", "extendedKeyUsage",
                              "codeSigning,1.2.3.4", "subjectKeyIdentifier", "0102ff"}});
  assert_true(c->has_basic_constraints && c->is_ca);
  assert_int_equal(c->path_length, 3);
  assert_int_equal(c->key_usage, X509_DIGITAL_SIGNATURE | X509_CERT_SIGN | X509_DECIPHER_ONLY);
  assert_int_equal(c->usages.count, 2);
  assert_true(str_eq(c->usages.items[0], X509_USAGE_CODE_SIGNING));
  assert_str(c->usages.items[1], "1.2.3.4");
  assert_true(str_eq(c->subject_key_id, STR("\x01\x02\xff")));
  assert_int_equal(c->authority_key_id.len, 0);
  assert_true(c->subject.extensions[0].critical);
  c = with("basicConstraints", "CA:false");
  assert_true(c->has_basic_constraints && !c->is_ca);
  assert_int_equal(c->path_length, -1);
}

static void reads_urls_policies_and_name_constraints(void **state)
{
  (void)state;
  struct x509_certificate *c = issued((struct wanted){
      "x",
      NULL,
      leaf_key,
      NULL,
      {"authorityInfoAccess", "OCSP;URI:http://o.example,caIssuers;URI:http://i.example",
       "crlDistributionPoints", "URI:http://c.example/1,URI:http://c.example/2",
       "certificatePolicies", "DER:300f300506032a030430060604551d2000", "nameConstraints",
       "critical,permitted;DNS:.a.example,permitted;IP:10.0.0.0/255.0.0.0,excluded;email:b.example,"
       "excluded;URI:.c.example"}});
  assert_int_equal(c->ocsp.count, 1);
  assert_str(c->ocsp.items[0], "http://o.example");
  assert_int_equal(c->issuer_urls.count, 1);
  assert_str(c->issuer_urls.items[0], "http://i.example");
  assert_int_equal(c->crl_urls.count, 2);
  assert_str(c->crl_urls.items[1], "http://c.example/2");
  assert_int_equal(c->policies.count, 2);
  assert_str(c->policies.items[0], "1.2.3.4");
  assert_true(c->has_name_constraints && c->name_constraints_critical);
  assert_int_equal(c->permitted.dns.count, 1);
  assert_str(c->permitted.dns.items[0], ".a.example");
  assert_true(str_eq(c->permitted.addresses.items[0], STR("\x0a\0\0\0\xff\0\0\0")));
  assert_str(c->excluded.emails.items[0], "b.example");
  assert_str(c->excluded.uris.items[0], ".c.example");
  assert_int_equal(c->excluded.dns.count, 0);
}

static void knows_key_and_signature_algorithms(void **state)
{
  (void)state;
  EVP_PKEY *rsa = EVP_RSA_gen(2048), *ed25519 = EVP_PKEY_Q_keygen(NULL, NULL, "ED25519");
  struct x509_certificate *c =
      issued((struct wanted){"x", NULL, rsa, NULL, {0}, 0, 0, EVP_sha512(), 0});
  assert_int_equal(c->subject.key, X509_KEY_RSA);
  assert_int_equal(c->subject.signature_algorithm, X509_SIGNATURE_RSA_SHA512);
  c = issued((struct wanted){"x", NULL, ed25519, NULL, {0}});
  assert_int_equal(c->subject.key, X509_KEY_ED25519);
  assert_int_equal(c->subject.signature_algorithm, X509_SIGNATURE_ED25519);
  X509 *x = begin(&(struct wanted){.name = "x", .key = rsa});
  EVP_MD_CTX *context = EVP_MD_CTX_new();
  EVP_PKEY_CTX *options = NULL;
  EVP_DigestSignInit(context, &options, EVP_sha256(), NULL, rsa);
  EVP_PKEY_CTX_set_rsa_padding(options, RSA_PKCS1_PSS_PADDING);
  EVP_PKEY_CTX_set_rsa_pss_saltlen(options, RSA_PSS_SALTLEN_DIGEST);
  assert_true(X509_sign_ctx(x, context) > 0);
  c = parsed(der_of(x));
  assert_int_equal(c->subject.signature_algorithm, X509_SIGNATURE_PSS_SHA256);
  X509_free(x);
  EVP_MD_CTX_free(context);
  EVP_PKEY_free(rsa);
  EVP_PKEY_free(ed25519);
}

static void reads_several_certificates(void **state)
{
  (void)state;
  struct str a = root()->subject.raw, b = intermediate()->subject.raw;
  struct str der = arena_copy(&arena, str_make(NULL, 0));
  char *both = arena_alloc(&arena, a.len + b.len);
  memcpy(both, a.data, a.len);
  memcpy(both + a.len, b.data, b.len);
  der = str_make(both, a.len + b.len);
  struct str pem_a = pem_of("CERTIFICATE", a), pem_b = pem_of("CERTIFICATE", b);
  struct str pem = arena_printf(&arena, "%.*stext\n%.*s", STR_FMT(pem_a), STR_FMT(pem_b));
  struct str texts[] = {der, pem};
  for (unsigned i = 0; i < 2; i++) {
    struct x509_list list;
    assert_int_equal(x509_parse(&arena, texts[i], &list, NULL), 0);
    assert_int_equal(list.count, 2);
    assert_true(str_eq(list.items[0].subject.raw, a));
    assert_true(str_eq(list.items[1].subject.raw, b));
  }
}

static void what_is_not_a_certificate_is_refused(void **state)
{
  (void)state;
  struct str der = root()->subject.raw;
  assert_refused(STR(""), SW_EINVAL, "holds no certificate");
  assert_refused(STR("hello"), SW_EINVAL, "neither PEM nor its DER");
  assert_refused(str_sub(der, 0, der.len - 1), SW_EINVAL, "neither PEM nor its DER");
  assert_refused(
      arena_printf(&arena, "%.*s", STR_FMT(pem_of("PUBLIC KEY", root()->subject.public_key))),
      SW_EINVAL, "PEM block of line 1: a block \"PUBLIC KEY\" stands where");
  assert_refused(arena_printf(&arena, "\n%.*s", STR_FMT(pem_of("CERTIFICATE", STR("junk")))),
                 SW_EINVAL, "PEM block of line 2");
  struct str more = arena_printf(&arena, "%*s", (int)der.len + 4, "");
  memcpy((char *)more.data, der.data, der.len);
  assert_refused(more, SW_EINVAL, "what lies behind it");
  char *large = arena_alloc(&arena, X509_TEXT_MAX + 1);
  memset(large, ' ', X509_TEXT_MAX + 1);
  assert_refused(str_make(large, X509_TEXT_MAX + 1), SW_ELIMIT, "more than 1048576 bytes");
  char *many = arena_alloc(&arena, der.len * (X509_LIST_MAX + 1));
  for (size_t i = 0; i <= X509_LIST_MAX; i++)
    memcpy(many + i * der.len, der.data, der.len);
  assert_refused(str_make(many, der.len * (X509_LIST_MAX + 1)), SW_ELIMIT, "100 certificates");
  struct x509_list list;
  assert_int_equal(x509_parse(&arena, str_make(many, der.len * X509_LIST_MAX), &list, NULL), 0);
  assert_int_equal(list.count, 100);
}

static void malformed_and_repeated_extensions_are_refused(void **state)
{
  (void)state;
  assert_refused(made((struct wanted){"x", NULL, leaf_key, NULL, {"subjectAltName", "DER:0500"}}),
                 SW_EINVAL, "Subject Alternative Name is malformed");
  assert_refused(
      made((struct wanted){"x",
                           NULL,
                           leaf_key,
                           NULL,
                           {"basicConstraints", "CA:true", "basicConstraints", "CA:false"}}),
      SW_EINVAL, "Basic Constraints is there more than once");
}

/* ---- requests */

static X509_REQ *request_of(EVP_PKEY *key)
{
  X509_REQ *request = X509_REQ_new();
  X509_NAME *name = name_of("me");
  X509_REQ_set_subject_name(request, name);
  X509_NAME_free(name);
  X509_REQ_set_pubkey(request, key);
  STACK_OF(X509_EXTENSION) *extensions = sk_X509_EXTENSION_new_null();
  sk_X509_EXTENSION_push(extensions,
                         X509V3_EXT_conf(NULL, NULL, "subjectAltName", "DNS:r.example"));
  X509_REQ_add_extensions(request, extensions);
  sk_X509_EXTENSION_pop_free(extensions, X509_EXTENSION_free);
  return request;
}

static struct str request_made(EVP_PKEY *key, EVP_PKEY *signer)
{
  X509_REQ *request = request_of(key);
  assert_true(X509_REQ_sign(request, signer, EVP_sha256()) > 0);
  unsigned char *der = NULL;
  int len = i2d_X509_REQ(request, &der);
  struct str copy = arena_copy(&arena, str_make((char *)der, (size_t)len));
  OPENSSL_free(der);
  X509_REQ_free(request);
  return copy;
}

static void reads_and_verifies_requests(void **state)
{
  (void)state;
  struct x509_subject request, again;
  struct error err;
  struct str der = request_made(leaf_key, leaf_key);
  assert_int_equal(x509_parse_request(&arena, der, &request, &err), 0);
  assert_str(request.name.text, "CN=me");
  assert_int_equal(request.names.dns.count, 1);
  assert_str(request.names.dns.items[0], "r.example");
  assert_int_equal(request.key, X509_KEY_EC);
  assert_int_equal(request.signature_algorithm, X509_SIGNATURE_ECDSA_SHA256);
  assert_int_equal(request.version, 0);
  assert_true(request.raw_tbs.len && request.raw_tbs.len < request.raw.len);
  assert_int_equal(x509_request_verify(&request, &err), 0);
  struct str pem = pem_of("CERTIFICATE REQUEST", der);
  assert_int_equal(x509_parse_request(&arena, pem, &again, &err), 0);
  assert_true(str_eq(again.raw, request.raw));
  assert_int_equal(x509_parse_request(&arena, request_made(leaf_key, other_key), &again, &err), 0);
  assert_int_equal(x509_request_verify(&again, &err), SW_EINVAL);
  assert_error(err, SW_EINVAL, "not signed with the key");
  assert_queue_empty();

  assert_int_equal(x509_parse_request(&arena, root()->subject.raw, &again, &err), SW_EINVAL);
  assert_error(err, SW_EINVAL, "not a certificate request");
  pem = pem_of("CERTIFICATE", der);
  assert_int_equal(x509_parse_request(&arena, pem, &again, &err), SW_EINVAL);
  assert_error(err, SW_EINVAL, "where a certificate request is expected");
  assert_int_equal(err.line, 1);
  assert_int_equal(x509_parse_request(&arena, STR(""), &again, &err), SW_EINVAL);
  assert_int_equal(x509_request_verify(&(struct x509_subject){.raw = STR("x")}, &err), SW_EUSAGE);
  assert_queue_empty();
}

/* ---- chains */

static int verify(const struct x509_certificate *c, struct x509_trust trust, enum x509_fault *fault,
                  struct x509_chain *chain)
{
  struct error err = {0};
  if (!trust.time)
    trust.time = NOW;
  int rc = x509_verify(&arena, c, &trust, chain, fault, &err);
  if (rc < 0)
    assert_true(err.code == rc && err.message[0]);
  assert_queue_empty();
  return rc;
}

static void assert_trusted(const struct x509_certificate *c, struct x509_trust trust, size_t count)
{
  struct x509_chain chain = {0};
  enum x509_fault fault = X509_FAULT_NONE;
  int rc = verify(c, trust, &fault, &chain);
  if (rc < 0)
    print_error("fault %d\n", fault);
  assert_int_equal(rc, 0);
  assert_int_equal(chain.count, count);
  assert_ptr_equal(chain.items[0], c);
}

static void assert_fault(const struct x509_certificate *c, struct x509_trust trust,
                         enum x509_fault expected)
{
  struct x509_chain chain = {.count = 77};
  enum x509_fault fault = X509_FAULT_NONE;
  assert_int_equal(verify(c, trust, &fault, &chain), SW_EINVAL);
  assert_int_equal(fault, expected);
  assert_int_equal(chain.count, 77);
}

static struct x509_trust usual(void)
{
  return (struct x509_trust){.roots = one(root()), .intermediates = one(intermediate())};
}

static void a_chain_leads_to_a_root(void **state)
{
  (void)state;
  struct x509_trust trust = usual();
  struct x509_certificate *c = leaf(NULL);
  struct x509_chain chain;
  assert_trusted(c, trust, 3);
  assert_int_equal(verify(c, trust, NULL, &chain), 0);
  assert_ptr_equal(chain.items[1], trust.intermediates.items);
  assert_ptr_equal(chain.items[2], trust.roots.items);
  trust.intermediates.count = 0;
  assert_fault(c, trust, X509_FAULT_UNTRUSTED);
  trust = usual();
  trust.roots.count = 0;
  assert_fault(c, trust, X509_FAULT_UNTRUSTED);
  /* The order of intermediates, and others among them, do not matter. */
  struct x509_certificate more[] = {*leaf(NULL), *root(), *intermediate()};
  trust = usual();
  trust.intermediates = (struct x509_list){more, 3};
  assert_trusted(c, trust, 3);
}

static void any_certificate_may_be_a_root(void **state)
{
  (void)state;
  struct x509_certificate *c = leaf(NULL), *same = leaf(NULL), *self;
  *same = *c;
  assert_trusted(c, (struct x509_trust){.roots = one(intermediate())}, 2);
  assert_trusted(c, (struct x509_trust){.roots = one(same)}, 1);
  self = with("subjectAltName", "DNS:self");
  assert_trusted(self, (struct x509_trust){.roots = one(self)}, 1);
  assert_fault(self, usual(), X509_FAULT_UNTRUSTED);
}

static void roots_of_the_same_name_with_another_key_are_not_roots(void **state)
{
  (void)state;
  struct x509_trust trust = usual();
  struct wanted w = {"root", NULL, other_key, NULL, {CA}};
  trust.roots = one(issued(w));
  assert_fault(leaf(NULL), trust, X509_FAULT_SIGNATURE);
}

static void changed_certificates_are_noticed(void **state)
{
  (void)state;
  struct str der = arena_copy(&arena, leaf(NULL)->subject.raw);
  ptrdiff_t at = str_find(der, 0, STR("a.example"));
  assert_true(at > 0);
  ((char *)der.data)[at] = 'b';
  assert_fault(parsed(der), usual(), X509_FAULT_SIGNATURE);
}

static void the_time_is_the_callers(void **state)
{
  (void)state;
  struct x509_trust trust = usual();
  struct x509_certificate *c = leaf(NULL);
  const struct {
    int64_t time;
    enum x509_fault fault;
  } times[] = {{NOW - DAY - 1, X509_FAULT_NOT_YET_VALID},
               {NOW - DAY, X509_FAULT_NONE},
               {NOW + DAY, X509_FAULT_NONE},
               {NOW + DAY + 1, X509_FAULT_EXPIRED}};
  for (unsigned i = 0; i < 4; i++) {
    trust.time = times[i].time;
    if (times[i].fault)
      assert_fault(c, trust, times[i].fault);
    else
      assert_trusted(c, trust, 3);
  }
  /* An issuer's time counts too, a root's as well. */
  trust = usual();
  struct wanted w = {"root", NULL, root_key, NULL, {CA}, 0, NOW - 1, NULL, 0};
  trust.roots = one(issued(w));
  assert_fault(c, trust, X509_FAULT_EXPIRED);
}

static void of_two_issuers_the_valid_one_is_taken(void **state)
{
  (void)state;
  struct wanted old = {"ca", "root", ca_key, root_key, {CA}, 0, NOW - 1, NULL, 0};
  struct x509_certificate both[] = {*issued(old), *intermediate()};
  struct x509_trust trust = usual();
  trust.intermediates = (struct x509_list){both, 2};
  assert_trusted(leaf(NULL), trust, 3);
}

static void only_cas_issue(void **state)
{
  (void)state;
  struct x509_trust trust = usual();
  struct x509_certificate *c = leaf(NULL);
  struct wanted w = {"ca", "root", ca_key, root_key, {"basicConstraints", "CA:false"}};
  trust.intermediates = one(issued(w));
  assert_fault(c, trust, X509_FAULT_NOT_CA);
  w = (struct wanted){"ca", "root", ca_key, root_key, {"keyUsage", "keyCertSign"}};
  trust.intermediates = one(issued(w));
  assert_fault(c, trust, X509_FAULT_NOT_CA);
  w = (struct wanted){"ca", "root", ca_key, root_key, {0}};
  trust.intermediates = one(issued(w));
  assert_fault(c, trust, X509_FAULT_NOT_CA);
  w = (struct wanted){"ca",
                      "root",
                      ca_key,
                      root_key,
                      {"basicConstraints", "CA:true", "keyUsage", "digitalSignature"}};
  trust.intermediates = one(issued(w));
  struct x509_chain chain;
  enum x509_fault fault;
  assert_int_equal(verify(c, trust, &fault, &chain), SW_EINVAL);
  /* An old root of version 1 cannot say that it is one. */
  trust = usual();
  w = (struct wanted){"root", NULL, root_key, NULL, {0}, 0, 0, NULL, 1};
  trust.roots = one(issued(w));
  assert_trusted(c, trust, 3);
  /* A root of version 3 can. */
  w.version = 3;
  trust.roots = one(issued(w));
  assert_fault(c, trust, X509_FAULT_NOT_CA);
  w.extensions[0] = "keyUsage"; /* which is not where it does */
  w.extensions[1] = "keyCertSign";
  trust.roots = one(issued(w));
  assert_fault(c, trust, X509_FAULT_NOT_CA);
}

static void paths_have_their_length(void **state)
{
  (void)state;
  struct wanted limited = {
      "root", NULL, root_key, NULL, {"basicConstraints", "critical,CA:true,pathlen:0"}};
  struct x509_trust trust = usual();
  struct x509_certificate *c = leaf(NULL);
  trust.roots = one(issued(limited));
  assert_fault(c, trust, X509_FAULT_PATH_LENGTH);
  limited.extensions[1] = "critical,CA:true,pathlen:1";
  trust.roots = one(issued(limited));
  assert_trusted(c, trust, 3);
  /* root, ca, second, last: two between. */
  struct wanted second = {"second", "ca", other_key, ca_key, {CA}};
  struct wanted last = {"last", "second", leaf_key, other_key, {0}};
  struct x509_certificate between[] = {*intermediate(), *issued(second)};
  trust = usual();
  trust.intermediates = (struct x509_list){between, 2};
  trust.depth = 2;
  assert_trusted(issued(last), trust, 4);
  trust.depth = 1;
  struct x509_chain chain;
  enum x509_fault fault;
  assert_int_equal(verify(issued(last), trust, &fault, &chain), SW_EINVAL);
  assert_true(fault == X509_FAULT_PATH_LENGTH || fault == X509_FAULT_UNTRUSTED);
}

static void usages_hold_along_the_chain(void **state)
{
  (void)state;
  struct str server[] = {X509_USAGE_SERVER_AUTH}, client[] = {X509_USAGE_CLIENT_AUTH},
             code[] = {X509_USAGE_CODE_SIGNING},
             either[] = {X509_USAGE_CLIENT_AUTH, X509_USAGE_SERVER_AUTH}, any[] = {X509_USAGE_ANY};
  struct x509_trust trust = usual();
  struct x509_certificate *c = leaf("serverAuth");
  trust.usage_count = 1;
  trust.usages = server;
  assert_trusted(c, trust, 3);
  assert_trusted(leaf(NULL), trust, 3);
  assert_trusted(leaf("anyExtendedKeyUsage"), trust, 3);
  trust.usages = client;
  assert_fault(c, trust, X509_FAULT_USAGE);
  trust.usages = any;
  assert_trusted(c, trust, 3);
  trust.usages = code;
  assert_trusted(leaf("codeSigning,timeStamping"), trust, 3);
  trust.usages = either;
  trust.usage_count = 2;
  assert_trusted(c, trust, 3);
  /* The CA may only issue for clients: no usage is left that all allow. */
  struct wanted w = {"ca", "root", ca_key, root_key, {CA, "extendedKeyUsage", "clientAuth"}};
  trust.intermediates = one(issued(w));
  assert_fault(c, trust, X509_FAULT_USAGE);
  assert_trusted(leaf("serverAuth,clientAuth"), trust, 3);
  trust.usage_count = 0;
  assert_trusted(c, trust, 3);
}

static void hosts_are_alternative_names(void **state)
{
  (void)state;
  static const char *const right[] = {"a.example", "A.Example", "a.example.", "x.w.example",
                                      "10.0.0.1",  "fd00::1",   "[fd00::1]"};
  static const char *const wrong[] = {"b.example", "w.example",   "x.y.w.example",
                                      "leaf",      "10.0.0.2",    "fd00::2",
                                      "*",         "a.example..", "xa.example"};
  struct x509_trust trust = usual();
  struct x509_certificate *c = leaf(NULL);
  for (unsigned i = 0; i < sizeof right / sizeof right[0]; i++) {
    trust.host = str_from(right[i]);
    assert_trusted(c, trust, 3);
  }
  for (unsigned i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
    trust.host = str_from(wrong[i]);
    assert_fault(c, trust, X509_FAULT_HOST);
  }
  struct x509_chain chain;
  char large[300];
  memset(large, 'a', sizeof large);
  struct str unusable[] = {STR(".example"), STR("a.example\0.b"), str_make(large, sizeof large)};
  for (unsigned i = 0; i < 3; i++) {
    trust.host = unusable[i];
    assert_int_equal(verify(c, trust, NULL, &chain), SW_EUSAGE);
  }
}

static void names_stay_within_their_constraints(void **state)
{
  (void)state;
  struct wanted w = {
      "ca", "root", ca_key, root_key, {CA, "nameConstraints", "permitted;DNS:example"}};
  struct x509_trust trust = usual();
  trust.intermediates = one(issued(w));
  struct wanted inside = {"leaf", "ca", leaf_key, ca_key, {"subjectAltName", "DNS:a.example"}};
  struct wanted outside = {"leaf", "ca", leaf_key, ca_key, {"subjectAltName", "DNS:a.other"}};
  assert_trusted(issued(inside), trust, 3);
  assert_fault(issued(outside), trust, X509_FAULT_NAME);
}

static void unknown_critical_extensions_and_weak_signatures_are_refused(void **state)
{
  (void)state;
  struct wanted w = {"leaf", "ca", leaf_key, ca_key, {"1.2.3.4", "critical,DER:0500"}};
  assert_fault(issued(w), usual(), X509_FAULT_EXTENSION);
  w = (struct wanted){"leaf", "ca", leaf_key, ca_key, {0}, 0, 0, EVP_sha1(), 0};
  struct x509_certificate *old = issued(w);
  assert_int_equal(old->subject.signature_algorithm, X509_SIGNATURE_ECDSA_SHA1);
  assert_fault(old, usual(), X509_FAULT_WEAK);
  EVP_PKEY *small = EVP_RSA_gen(768);
  w = (struct wanted){"leaf", "ca", small, ca_key, {0}};
  assert_fault(issued(w), usual(), X509_FAULT_WEAK);
  EVP_PKEY_free(small);
}

static void the_callers_mistakes_are_his(void **state)
{
  (void)state;
  struct x509_certificate junk = {.subject.raw = STR("junk")}, nothing = {0};
  struct x509_chain chain;
  assert_int_equal(verify(&junk, usual(), NULL, &chain), SW_EUSAGE);
  assert_int_equal(verify(&nothing, usual(), NULL, &chain), SW_EUSAGE);
  struct x509_trust trust = usual();
  trust.roots = one(&junk);
  assert_int_equal(verify(leaf(NULL), trust, NULL, &chain), SW_EUSAGE);
  trust.roots.count = X509_LIST_MAX + 1;
  assert_int_equal(verify(leaf(NULL), trust, NULL, &chain), SW_ELIMIT);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(reads_the_plain_fields),
      cmocka_unit_test(gives_what_is_signed_byte_for_byte),
      cmocka_unit_test(reads_alternative_names),
      cmocka_unit_test(reads_usages_and_constraints),
      cmocka_unit_test(reads_urls_policies_and_name_constraints),
      cmocka_unit_test(knows_key_and_signature_algorithms),
      cmocka_unit_test(reads_several_certificates),
      cmocka_unit_test(what_is_not_a_certificate_is_refused),
      cmocka_unit_test(malformed_and_repeated_extensions_are_refused),
      cmocka_unit_test(reads_and_verifies_requests),
      cmocka_unit_test(a_chain_leads_to_a_root),
      cmocka_unit_test(any_certificate_may_be_a_root),
      cmocka_unit_test(roots_of_the_same_name_with_another_key_are_not_roots),
      cmocka_unit_test(changed_certificates_are_noticed),
      cmocka_unit_test(the_time_is_the_callers),
      cmocka_unit_test(of_two_issuers_the_valid_one_is_taken),
      cmocka_unit_test(only_cas_issue),
      cmocka_unit_test(paths_have_their_length),
      cmocka_unit_test(usages_hold_along_the_chain),
      cmocka_unit_test(hosts_are_alternative_names),
      cmocka_unit_test(names_stay_within_their_constraints),
      cmocka_unit_test(unknown_critical_extensions_and_weak_signatures_are_refused),
      cmocka_unit_test(the_callers_mistakes_are_his),
  };
  return cmocka_run_group_tests(tests, set_up, tear_down);
}
