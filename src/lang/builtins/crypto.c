/* crypto.*: digests, HMAC, certificates, keys. */
#include "crypto/digest.h"
#include "crypto/key.h"
#include "crypto/pem.h"
#include "crypto/x509.h"
#include "data/base64.h"
#include "lang/builtin_int.h"
#include "lang/builtin_x509_int.h"
#include "lang/jwk.h"

/* ---- digests */

static enum builtin_result give_hex(struct builtin_context *c, int rc, const struct digest *digest,
                                    const struct error *err, struct value *ret)
{
  if (rc < 0)
    return builtin_fail(c, "%s", err->message);
  return give(ret, value_string(digest_hex(c->arena, digest)));
}

static enum builtin_result digest_as(struct builtin_context *c, const struct value *args,
                                     enum digest_algorithm algorithm, struct value *ret)
{
  struct str text;
  struct digest digest;
  struct error err;
  if (!builtin_want_string(c, args, 1, &text) || !builtin_spend(c, text.len / 16))
    return BUILTIN_ERROR;
  return give_hex(c, digest_of(algorithm, text, &digest, &err), &digest, &err, ret);
}

CALL(md5)
{
  return digest_as(c, args, DIGEST_MD5, ret);
}

CALL(sha1)
{
  return digest_as(c, args, DIGEST_SHA1, ret);
}

CALL(sha256)
{
  return digest_as(c, args, DIGEST_SHA256, ret);
}

static enum builtin_result hmac_as(struct builtin_context *c, const struct value *args,
                                   enum digest_algorithm algorithm, struct value *ret)
{
  struct str text, key;
  struct digest digest;
  struct error err;
  if (!builtin_want_string(c, args, 1, &text) || !builtin_want_string(c, args, 2, &key) ||
      !builtin_spend(c, (text.len + key.len) / 16))
    return BUILTIN_ERROR;
  return give_hex(c, digest_hmac(algorithm, key, text, &digest, &err), &digest, &err, ret);
}

CALL(hmac_md5)
{
  return hmac_as(c, args, DIGEST_MD5, ret);
}

CALL(hmac_sha1)
{
  return hmac_as(c, args, DIGEST_SHA1, ret);
}

CALL(hmac_sha256)
{
  return hmac_as(c, args, DIGEST_SHA256, ret);
}

CALL(hmac_sha512)
{
  return hmac_as(c, args, DIGEST_SHA512, ret);
}

CALL(hmac_equal)
{
  struct str a, b;
  if (!builtin_want_string(c, args, 1, &a) || !builtin_want_string(c, args, 2, &b))
    return BUILTIN_ERROR;
  return give(ret, value_bool(digest_equal(a, b)));
}

/* ---- texts: PEM, or base64 of PEM or DER */

/* Signatures and the like cost far more than looking at bytes does. */
enum { STEPS_OF_A_KEY = 20000 };

static bool decode64(struct builtin_context *c, struct str text, struct str *ret)
{
  struct error err;
  if (base64_decode(c->arena, text, BASE64_STANDARD | BASE64_AS_GO, ret, &err) == 0)
    return true;
  builtin_fail(c, "illegal base64 data at input byte %u", err.column ? err.column - 1 : 0);
  return false;
}

static bool is_pem(struct str text)
{
  return str_starts(text, STR("-----BEGIN"));
}

/* The DER of all certificates of a PEM text, one behind the other. */
static bool join_pem(struct builtin_context *c, struct str text, struct str *ret)
{
  struct pem_reader reader = pem_reader(text);
  _cleanup_(pem_block_free) struct pem_block block = {.line = 0};
  _cleanup_(buf_free) struct buf all = {.cap = X509_TEXT_MAX};
  while (pem_next(&reader, &block, NULL) == 0) {
    if (!str_eq(block.label, STR("CERTIFICATE"))) {
      builtin_fail(c, "PEM block type is '%.*s', expected CERTIFICATE",
                   STR_FMT(str_sub(block.label, 0, 100)));
      return false;
    }
    buf_add(&all, block.der);
  }
  if (buf_failed(&all)) {
    builtin_fail(c, "more than %d bytes of certificates", X509_TEXT_MAX);
    return false;
  }
  *ret = arena_copy(c->arena, buf_str(&all));
  return true;
}

static bool read_certificates(struct builtin_context *c, struct str text, struct x509_list *ret)
{
  struct error err;
  *ret = (struct x509_list){.count = 0};
  if (!builtin_spend(c, text.len) || (!is_pem(text) && !decode64(c, text, &text)) ||
      (is_pem(text) && !join_pem(c, text, &text)))
    return false;
  if (text.len == 0)
    return true;
  if (x509_parse(c->arena, text, ret, &err) == 0)
    return true;
  builtin_fail(c, "x509: malformed certificate: %s", err.message);
  return false;
}

CALL(parse_certificates)
{
  struct str text;
  struct x509_list list;
  if (!builtin_want_string(c, args, 1, &text) || !read_certificates(c, text, &list))
    return BUILTIN_ERROR;
  return give(ret, crypto_certificates(c, &list));
}

CALL(parse_request)
{
  struct str text;
  struct x509_subject request;
  struct error err;
  if (!builtin_want_string(c, args, 1, &text) || !builtin_spend(c, text.len) ||
      (!str_starts(text, STR("-----BEGIN CERTIFICATE REQUEST-----")) && !decode64(c, text, &text)))
    return BUILTIN_ERROR;
  if (pem_is(text) && !str_starts(text, STR("-----BEGIN CERTIFICATE REQUEST-----")))
    return builtin_fail(c, "invalid PEM-encoded certificate signing request");
  if (x509_parse_request(c->arena, text, &request, &err) < 0)
    return builtin_fail(c, "asn1: structure error: %s", err.message);
  return give(ret, crypto_request(c, &request));
}

/* ---- chains */

static enum builtin_result give_pair(struct builtin_context *c, bool valid, struct value certs,
                                     struct value *ret)
{
  struct value items[2] = {value_bool(valid), certs};
  return give(ret, value_array_make(c->arena, items, NULL, 2));
}

/* The first is the root, the last the leaf. */
static enum builtin_result verify_list(struct builtin_context *c, const struct x509_list *list,
                                       struct x509_trust *trust, bool with_uri_strings,
                                       struct value *ret)
{
  struct builtin_array array = {.arena = c->arena};
  struct x509_chain chain;
  if (list->count < 2)
    return give_pair(c, false, builtin_array_end(&array), ret);
  if (!builtin_spend(c, list->count * STEPS_OF_A_KEY))
    return BUILTIN_ERROR;
  trust->roots = (struct x509_list){list->items, 1};
  trust->intermediates = (struct x509_list){list->items + 1, list->count - 2};
  if (x509_verify(c->arena, &list->items[list->count - 1], trust, &chain, NULL, NULL) < 0)
    return give_pair(c, false, builtin_array_end(&array), ret);
  for (size_t i = 0; i < chain.count; i++)
    builtin_push(&array, crypto_certificate(c, chain.items[i], with_uri_strings));
  return give_pair(c, true, builtin_array_end(&array), ret);
}

static const struct str server_auth = STR_INIT("1.3.6.1.5.5.7.3.1");

/* What cannot be read is an invalid chain. A cap that was passed is none. */
static bool certificates_or_invalid(struct builtin_context *c, struct str text,
                                    struct x509_list *list, enum builtin_result *ret_result,
                                    struct value *ret)
{
  if (read_certificates(c, text, list))
    return true;
  *ret_result = c->error_kind == BUILTIN_HALT ? BUILTIN_ERROR
                                              : give_pair(c, false, array_view(NULL, 0), ret);
  return false;
}

CALL(verify_certificates)
{
  struct str text;
  struct x509_list list;
  struct x509_trust trust = {
      .time = c->now_ns / 1000000000, .usages = &server_auth, .usage_count = 1};
  enum builtin_result result;
  if (!builtin_want_string(c, args, 1, &text))
    return BUILTIN_ERROR;
  if (!certificates_or_invalid(c, text, &list, &result, ret))
    return result;
  return verify_list(c, &list, &trust, true, ret);
}

static struct str trim_quotes(struct str s)
{
  while (str_starts(s, STR("\"")))
    s = str_sub(s, 1, s.len);
  while (str_ends(s, STR("\"")))
    s.len--;
  return s;
}

static bool take_host(struct builtin_context *c, struct value v, struct x509_trust *trust)
{
  if (v.type == VALUE_STRING)
    trust->host = trim_quotes(value_str(v));
  else
    builtin_fail(c, "'DNSName' should be a string");
  return v.type == VALUE_STRING;
}

static bool take_time(struct builtin_context *c, struct value v, struct x509_trust *trust)
{
  int64_t ns;
  if (v.type != VALUE_NUMBER) {
    builtin_fail(c, "'CurrentTime' should be a number");
    return false;
  }
  if (!number_to_int64(v, &ns)) {
    builtin_fail(c, "'CurrentTime' should be a valid int64 number");
    return false;
  }
  trust->time = ns / 1000000000 - (ns % 1000000000 < 0);
  return true;
}

/* Comparisons of name constraints are bounded here anyway. */
static bool take_comparisons(struct builtin_context *c, struct value v, struct x509_trust *trust)
{
  int64_t n;
  (void)trust;
  if (v.type == VALUE_NUMBER && number_to_int64(v, &n))
    return true;
  builtin_fail(c, v.type == VALUE_NUMBER ? "'MaxConstraintComparisons' should be a valid number"
                                         : "'MaxConstraintComparisons' should be a number");
  return false;
}

static bool take_usages(struct builtin_context *c, struct value v, struct x509_trust *trust)
{
  if (!is_list(v)) {
    builtin_fail(c, "'KeyUsages' should be an Array or Set");
    return false;
  }
  struct str *oids = arena_array(c->arena, struct str, v.len);
  size_t count = 0;
  _cleanup_(buf_free) struct buf wrong = {.cap = 400};
  for (uint32_t i = 0; i < v.len; i++) {
    struct str name = trim_quotes(value_str_or_empty(v.items[i]));
    struct str oid = crypto_usage_named(name);
    if (oid.len)
      oids[count++] = oid;
    else if (v.items[i].type == VALUE_STRING)
      buf_printf(&wrong, "%s%.*s", wrong.len ? " " : "", STR_FMT(name));
  }
  if (wrong.len) {
    builtin_fail(c, "invalid entries for 'KeyUsages' found: [%s]", buf_text(&wrong));
    return false;
  }
  if (count) {
    trust->usages = oids;
    trust->usage_count = count;
  }
  return true;
}

static bool take_option(struct builtin_context *c, const struct value_member *member,
                        struct x509_trust *trust)
{
  static const struct {
    struct str name;
    bool (*take)(struct builtin_context *c, struct value v, struct x509_trust *trust);
  } options[] = {{STR_INIT("DNSName"), take_host},
                 {STR_INIT("CurrentTime"), take_time},
                 {STR_INIT("MaxConstraintComparisons"), take_comparisons},
                 {STR_INIT("KeyUsages"), take_usages}};
  for (unsigned i = 0; i < sizeof options / sizeof *options; i++)
    if (value_eq_str(member->key, options[i].name))
      return options[i].take(c, member->value, trust);
  if (member->key.type != VALUE_STRING)
    return true;
  builtin_fail(c, "invalid key option");
  return false;
}

CALL(verify_with_options)
{
  struct str text;
  struct x509_list list;
  struct x509_trust trust = {
      .time = c->now_ns / 1000000000, .usages = &server_auth, .usage_count = 1};
  enum builtin_result result;
  if (!builtin_want_string(c, args, 1, &text) || !builtin_want(c, args, 2, VALUE_OBJECT))
    return BUILTIN_ERROR;
  if (!certificates_or_invalid(c, text, &list, &result, ret))
    return result;
  uint32_t *order = arena_array(c->arena, uint32_t, args[1].len);
  value_sort_keys(args[1], order);
  for (uint32_t i = 0; i < args[1].len; i++)
    if (!take_option(c, &args[1].members[order[i]], &trust))
      return BUILTIN_ERROR;
  for (size_t i = 0; i < trust.usage_count; i++)
    if (str_eq(trust.usages[i], X509_USAGE_ANY))
      trust.usage_count = 0;
  return verify_list(c, &list, &trust, false, ret);
}

/* ---- keys */

/* The private keys of a PEM text. What is no key, or broken, is passed over; a key that is not correct
 * is an error. */
static bool read_keys(struct builtin_context *c, struct str text, struct key **keys, size_t room,
                      size_t *ret_count)
{
  struct pem_reader reader = pem_reader(text);
  _cleanup_(pem_block_free) struct pem_block block = {.line = 0};
  struct error err;
  while (pem_next(&reader, &block, NULL) == 0) {
    if (!str_eq(block.label, STR("RSA PRIVATE KEY")) && !str_eq(block.label, STR("PRIVATE KEY")) &&
        !str_eq(block.label, STR("EC PRIVATE KEY")))
      continue;
    if (*ret_count == room)
      break;
    if (!builtin_spend(c, STEPS_OF_A_KEY))
      return false;
    if (key_parse_block(block.label, block.der, &keys[*ret_count], &err) < 0) {
      builtin_fail(c, "x509: failed to parse private key: %s", err.message);
      return false;
    }
    ++*ret_count;
  }
  return true;
}

struct keys {
  struct key *items[KEY_LIST_MAX];
  size_t count;
};

static void free_keys(struct keys *keys)
{
  for (size_t i = 0; i < keys->count; i++)
    key_free(keys->items[i]);
}

CALL(parse_private_keys)
{
  struct str text, decoded;
  _cleanup_(free_keys) struct keys keys = {.count = 0};
  struct builtin_array array = {.arena = c->arena};
  if (!builtin_want_string(c, args, 1, &text) || !builtin_spend(c, text.len))
    return BUILTIN_ERROR;
  if (text.len == 0)
    return give(ret, value_null());
  if (base64_decode(c->arena, text, BASE64_STANDARD | BASE64_AS_GO, &decoded, NULL) == 0)
    text = decoded;
  if (!read_keys(c, text, keys.items, KEY_LIST_MAX, &keys.count))
    return BUILTIN_ERROR;
  for (size_t i = 0; i < keys.count; i++)
    builtin_push(&array, crypto_private_key(c, keys.items[i]));
  return give(ret, builtin_array_end(&array));
}

CALL(parse_rsa_private_key)
{
  struct str text;
  _cleanup_(free_keys) struct keys keys = {.count = 0};
  if (!builtin_want_string(c, args, 1, &text) || !builtin_spend(c, text.len))
    return BUILTIN_ERROR;
  if (text.len == 0)
    return builtin_fail(c, "input PEM data was empty");
  if (!is_pem(text) && !decode64(c, text, &text))
    return BUILTIN_ERROR;
  if (!read_keys(c, text, keys.items, KEY_LIST_MAX, &keys.count))
    return BUILTIN_ERROR;
  return give(ret, keys.count ? jwk_write(c->arena, keys.items[0]) : value_null());
}

/* The first block that holds a key, or the whole as DER. */
static bool read_pair_key(struct builtin_context *c, struct str text, struct keys *keys)
{
  struct error err;
  if (is_pem(text)) {
    if (!read_keys(c, text, keys->items, 1, &keys->count))
      return false;
    if (!keys->count)
      builtin_fail(c, "tls: failed to find any PEM data in key input");
    return keys->count > 0;
  }
  if (key_parse_block(STR("PRIVATE KEY"), text, &keys->items[0], &err) < 0) {
    builtin_fail(c, "tls: failed to parse private key: %s", err.message);
    return false;
  }
  keys->count = 1;
  return true;
}

static bool belongs(struct builtin_context *c, const struct x509_certificate *leaf,
                    const struct key *key)
{
  _cleanup_(key_freep) struct key *own = NULL;
  if (key_parse_block(STR("PUBLIC KEY"), leaf->subject.public_key, &own, NULL) < 0)
    builtin_fail(c, "tls: unknown public key algorithm");
  else if (key_type(own) != key_type(key))
    builtin_fail(c, "tls: private key type does not match public key type");
  else if (!key_same(own, key))
    builtin_fail(c, "tls: private key does not match public key");
  else
    return true;
  return false;
}

CALL(parse_keypair)
{
  struct str cert, key;
  struct x509_list list;
  _cleanup_(free_keys) struct keys keys = {.count = 0};
  if (!builtin_want_string(c, args, 1, &cert) || !builtin_want_string(c, args, 2, &key) ||
      !builtin_spend(c, cert.len + key.len) || !read_certificates(c, cert, &list) ||
      (!is_pem(key) && !decode64(c, key, &key)) || !read_pair_key(c, key, &keys))
    return BUILTIN_ERROR;
  if (!list.count)
    return builtin_fail(c, "tls: failed to find any PEM data in certificate input");
  if (!belongs(c, &list.items[0], keys.items[0]))
    return BUILTIN_ERROR;
  struct builtin_object o = {.arena = c->arena};
  struct builtin_array raw = {.arena = c->arena};
  for (size_t i = 0; i < list.count; i++)
    builtin_push(&raw, builtin_base64(c, list.items[i].subject.raw));
  builtin_put(&o, "Certificate", builtin_array_end(&raw));
  builtin_put(&o, "PrivateKey", crypto_private_key(c, keys.items[0]));
  builtin_put(&o, "SupportedSignatureAlgorithms", value_null());
  builtin_put(&o, "OCSPStaple", value_null());
  builtin_put(&o, "SignedCertificateTimestamps", value_null());
  builtin_put(&o, "Leaf", crypto_certificate(c, &list.items[0], false));
  return give(ret, builtin_object_end(&o));
}

const struct builtin builtins_crypto[] = {
    ROW(hmac_equal, "crypto.hmac.equal", 2, "string, string", "boolean"),
    ROW(hmac_md5, "crypto.hmac.md5", 2, "string, string", "string"),
    ROW(hmac_sha1, "crypto.hmac.sha1", 2, "string, string", "string"),
    ROW(hmac_sha256, "crypto.hmac.sha256", 2, "string, string", "string"),
    ROW(hmac_sha512, "crypto.hmac.sha512", 2, "string, string", "string"),
    ROW(md5, "crypto.md5", 1, "string", "string"),
    ROW(parse_private_keys, "crypto.parse_private_keys", 1, "string", "array<object<string:any>>"),
    ROW(sha1, "crypto.sha1", 1, "string", "string"),
    ROW(sha256, "crypto.sha256", 1, "string", "string"),
    ROW(verify_certificates, "crypto.x509.parse_and_verify_certificates", 1, "string",
        "array<any>"),
    ROW(verify_with_options, "crypto.x509.parse_and_verify_certificates_with_options", 2,
        "string, object<string:any>", "array<any>"),
    ROW(parse_request, "crypto.x509.parse_certificate_request", 1, "string", "object<string:any>"),
    ROW(parse_certificates, "crypto.x509.parse_certificates", 1, "string",
        "array<object<string:any>>"),
    ROW(parse_keypair, "crypto.x509.parse_keypair", 2, "string, string", "object<string:any>"),
    ROW(parse_rsa_private_key, "crypto.x509.parse_rsa_private_key", 1, "string",
        "object<string:any>"),
    {.name = NULL},
};
