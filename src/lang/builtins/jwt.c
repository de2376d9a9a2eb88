/* io.jwt.*: JSON Web Tokens in compact form (RFC 7515, RFC 7519). */
#include "crypto/digest.h"
#include "crypto/pem.h"
#include "crypto/signature.h"
#include "crypto/x509.h"
#include "data/base64.h"
#include "data/json.h"
#include "lang/builtin_int.h"
#include "lang/jwk.h"

enum { STEPS_OF_A_KEY = 20000, NESTED_MAX = 32 };

struct token {
  struct str header_text, payload_text, signature_text; /* in base64 */
  struct value header;                                  /* decoded */
};

/* ---- algorithms */

struct algorithm {
  bool symmetric;
  enum digest_algorithm digest;   /* of a symmetric one */
  struct signature_scheme scheme; /* of the others */
};

/* The key says which curve it is on, not the algorithm. */
static bool find_algorithm(struct str name, struct algorithm *ret)
{
  static const struct {
    struct str name;
    enum digest_algorithm digest;
  } symmetric[] = {{STR_INIT("HS256"), DIGEST_SHA256},
                   {STR_INIT("HS384"), DIGEST_SHA384},
                   {STR_INIT("HS512"), DIGEST_SHA512}};
  *ret = (struct algorithm){.symmetric = false};
  for (unsigned i = 0; i < 3; i++)
    if (str_eq(name, symmetric[i].name)) {
      ret->symmetric = true;
      ret->digest = symmetric[i].digest;
      return true;
    }
  if (!signature_scheme_named(name, &ret->scheme))
    return false;
  ret->scheme.curve = KEY_NO_CURVE;
  return true;
}

static bool verify_with(const struct algorithm *algorithm, const struct key *key, struct str secret,
                        struct str text, struct str signature)
{
  struct digest mac;
  if (!algorithm->symmetric)
    return key && signature_verify(&algorithm->scheme, key, text, signature, NULL) == 0;
  return !key && digest_hmac(algorithm->digest, secret, text, &mac, NULL) == 0 &&
         digest_equal(digest_str(&mac), signature);
}

/* ---- taking tokens apart */

static bool split_token(struct builtin_context *c, struct str text, struct token *ret)
{
  size_t parts = 1;
  for (size_t i = 0; i < text.len; i++)
    parts += text.data[i] == '.';
  if (!builtin_spend(c, text.len / 4))
    return false;
  if (parts == 1) {
    builtin_fail(c, "encoded JWT had no period separators");
    return false;
  }
  if (parts != 3) {
    builtin_fail(c, "encoded JWT must have 3 sections, found %zu", parts);
    return false;
  }
  ret->header_text = str_cut(text, '.', &text);
  ret->payload_text = str_cut(text, '.', &text);
  ret->signature_text = text;
  return true;
}

/* base64url, with or without padding; what: in front of the message. */
static bool decode_part(struct builtin_context *c, struct str text, const char *what,
                        struct str *ret)
{
  struct error err;
  bool padded = str_ends(text, STR("="));
  if (!padded && text.len % 4 == 1) {
    builtin_fail(c, "%sillegal base64url string: %.*s", what, STR_FMT(str_sub(text, 0, 200)));
    return false;
  }
  unsigned flags = BASE64_URL | BASE64_AS_GO | (padded ? 0 : BASE64_RAW);
  if (base64_decode(c->arena, text, flags, ret, &err) == 0)
    return true;
  builtin_fail(c, "%sillegal base64 data at input byte %u", what, err.column ? err.column - 1 : 0);
  return false;
}

static bool read_object(struct builtin_context *c, struct str bytes, const char *what,
                        struct value *ret)
{
  struct error err;
  struct json_options options = {.depth_max = BUILTIN_DEPTH_MAX};
  if (json_parse(c->arena, value_str(builtin_string(c, bytes)), &options, ret, &err) < 0)
    builtin_fail(c, "%sinvalid JSON: %s", what, err.message);
  else if (ret->type != VALUE_OBJECT)
    builtin_fail(c, "%sdecoded JSON type was not an Object", what);
  else
    return true;
  return false;
}

static bool decode_header(struct builtin_context *c, struct token *token)
{
  struct str bytes;
  if (!decode_part(c, token->header_text, "JWT header had invalid encoding: ", &bytes) ||
      !read_object(c, bytes, "bad JWT header: ", &token->header))
    return false;
  if (value_get_str(token->header, STR("enc")).type == VALUE_ABSENT)
    return true;
  builtin_fail(c, "JWT is a JWE object, which is not supported");
  return false;
}

static struct str trim_quotes(struct str s)
{
  while (s.len && (s.data[0] == '"' || s.data[0] == '\''))
    s = str_sub(s, 1, s.len);
  while (s.len && (s.data[s.len - 1] == '"' || s.data[s.len - 1] == '\''))
    s.len--;
  return s;
}

static bool too_deep(struct builtin_context *c)
{
  builtin_fail(c, "tokens within tokens, more than %d deep", NESTED_MAX);
  return false;
}

/* The token, or the innermost of tokens within each other, with its payload. */
static bool decode_nested(struct builtin_context *c, struct str text, struct token *token,
                          struct str *ret_payload)
{
  for (int depth = 0; depth < NESTED_MAX; depth++) {
    if (!split_token(c, text, token) || !decode_header(c, token) ||
        !decode_part(c, token->payload_text, "JWT payload had invalid encoding: ", ret_payload))
      return false;
    if (!value_eq_str(value_get_str(token->header, STR("cty")), STR("JWT")))
      return true;
    text = trim_quotes(*ret_payload);
  }
  return too_deep(c);
}

CALL(decode)
{
  struct str text, payload, signature;
  struct token token;
  struct value items[3];
  if (!builtin_want_string(c, args, 1, &text) || !decode_nested(c, text, &token, &payload) ||
      !read_object(c, payload, "", &items[1]) ||
      !decode_part(c, token.signature_text, "JWT signature had invalid encoding: ", &signature))
    return BUILTIN_ERROR;
  items[0] = token.header;
  items[2] = value_string(digest_hex_of(c->arena, signature));
  return give(ret, value_array_make(c->arena, items, NULL, 3));
}

/* ---- keys: a certificate or public key in PEM, or JWK */

static bool keys_of_pem(struct builtin_context *c, struct str text, struct jwk_set *ret)
{
  struct pem_reader reader = pem_reader(text);
  _cleanup_(pem_block_free) struct pem_block block = {.line = 0};
  struct x509_list certs;
  struct error err;
  if (pem_next(&reader, &block, &err) < 0) {
    builtin_fail(c, "failed to extract a Key from the PEM certificate: %s", err.message);
    return false;
  }
  if (str_sub(text, reader.at, text.len).len) {
    builtin_fail(c, "extra data after a PEM certificate block");
    return false;
  }
  bool is_certificate = str_eq(block.label, STR("CERTIFICATE"));
  struct str der = block.der;
  if (!is_certificate && !str_eq(block.label, STR("PUBLIC KEY"))) {
    builtin_fail(c, "failed to extract a Key from the PEM certificate");
    return false;
  }
  if (is_certificate && x509_parse(c->arena, der, &certs, &err) < 0) {
    builtin_fail(c, "failed to parse a PEM certificate: %s", err.message);
    return false;
  }
  if (is_certificate)
    der = certs.items[0].subject.public_key;
  *ret = (struct jwk_set){.items = arena_zalloc(c->arena, 1, sizeof(struct jwk)), .count = 1};
  if (key_parse_block(STR("PUBLIC KEY"), der, &ret->items[0].key, &err) == 0)
    return true;
  *ret = (struct jwk_set){.count = 0};
  if (is_certificate) /* of a type that no algorithm here takes: nothing will match */
    return true;
  builtin_fail(c, "failed to parse a PEM public key: %s", err.message);
  return false;
}

static bool keys_of_json(struct builtin_context *c, struct str text, struct jwk_set *ret)
{
  struct error err;
  struct value document;
  struct json_options options = {.depth_max = BUILTIN_DEPTH_MAX};
  if (json_parse(c->arena, text, &options, &document, &err) == 0 &&
      jwk_read(c->arena, document, ret, &err) == 0)
    return true;
  builtin_fail(c, "failed to parse a JWK key (set): %s", err.message);
  return false;
}

static bool is_known(struct str alg)
{
  struct algorithm algorithm;
  return find_algorithm(alg, &algorithm);
}

/* Keys for algorithms that are not known are left out. */
static bool read_keys(struct builtin_context *c, struct str text, struct jwk_set *ret)
{
  if (!builtin_spend(c, text.len + STEPS_OF_A_KEY))
    return false;
  if (pem_is(text))
    return keys_of_pem(c, text, ret);
  if (!keys_of_json(c, text, ret))
    return false;
  size_t kept = 0;
  for (size_t i = 0; i < ret->count; i++) {
    struct jwk *key = &ret->items[i];
    if (key->alg.len && !is_known(key->alg))
      key_free(key->key);
    else
      ret->items[kept++] = *key;
  }
  ret->count = kept;
  return true;
}

/* ---- headers */

struct header {
  struct str alg, kid, cty;
  struct value crit; /* absent: not there */
};

static bool take_text(struct builtin_context *c, struct value header, const char *name,
                      struct str *ret)
{
  struct value v = value_get_str(header, str_from(name));
  *ret = value_str_or_empty(v);
  if (v.type == VALUE_ABSENT || v.type == VALUE_STRING)
    return true;
  builtin_fail(c, "%s: must be a string", name);
  return false;
}

static bool read_header(struct builtin_context *c, struct value header, struct header *ret)
{
  struct str type;
  ret->crit = value_get_str(header, STR("crit"));
  if (!take_text(c, header, "alg", &ret->alg))
    return false;
  bool named = false;
  for (uint32_t i = 0; ret->crit.type == VALUE_ARRAY && i < ret->crit.len; i++)
    named |= ret->crit.items[i].type == VALUE_STRING;
  if (ret->crit.type != VALUE_ABSENT && !named) {
    builtin_fail(c, ret->crit.type == VALUE_ARRAY ? "crit: must be a nonempty list"
                                                  : "crit: must be a list");
    return false;
  }
  return take_text(c, header, "cty", &ret->cty) && take_text(c, header, "kid", &ret->kid) &&
         take_text(c, header, "typ", &type);
}

/* Whether the header names an algorithm, and nothing critical that is not understood (RFC 7515,
 * sections 4.1.1 and 4.1.11). */
static bool is_header_valid(struct value header, const struct header *h)
{
  static const struct str known[] = {STR_INIT("alg"), STR_INIT("kid"), STR_INIT("typ"),
                                     STR_INIT("cty"), STR_INIT("crit")};
  for (uint32_t i = 0; h->crit.type == VALUE_ARRAY && i < h->crit.len; i++) {
    bool understood = false;
    for (unsigned k = 0; k < sizeof known / sizeof *known; k++)
      understood |= value_eq_str(h->crit.items[i], known[k]);
    if (!understood && h->crit.items[i].type == VALUE_STRING &&
        value_get(header, h->crit.items[i]).type != VALUE_ABSENT)
      return false;
  }
  return h->alg.len > 0;
}

/* ---- io.jwt.verify_* */

/* Header, '.' and payload as they stand in the token. */
static struct str signed_text(const struct token *token)
{
  return str_make(token->header_text.data, token->header_text.len + 1 + token->payload_text.len);
}

/* A key with the header's kid is the only one that counts; without one, all that do not name another
 * algorithm than the header. */
static bool verify_with_keys(struct builtin_context *c, const struct algorithm *algorithm,
                             const struct jwk_set *keys, const struct header *h, struct str text,
                             struct str signature, bool *ret_valid)
{
  *ret_valid = false;
  for (size_t i = 0; h->kid.len && i < keys->count; i++)
    if (str_eq(keys->items[i].kid, h->kid)) {
      const struct jwk *key = &keys->items[i];
      *ret_valid = verify_with(algorithm, key->key, key->secret, text, signature);
      return true;
    }
  for (size_t i = 0; i < keys->count && !*ret_valid; i++) {
    const struct jwk *key = &keys->items[i];
    if (key->alg.len && !str_eq(key->alg, h->alg))
      continue;
    if (!builtin_spend(c, STEPS_OF_A_KEY))
      return false;
    *ret_valid = verify_with(algorithm, key->key, key->secret, text, signature);
  }
  return true;
}

static enum builtin_result verify_asymmetric(struct builtin_context *c, const struct value *args,
                                             const char *name, struct value *ret)
{
  struct str text, key_text, signature;
  struct algorithm algorithm;
  struct token token;
  struct header h;
  _cleanup_(jwk_set_free) struct jwk_set keys = {.count = 0};
  bool valid;
  find_algorithm(str_from(name), &algorithm);
  if (!builtin_want_string(c, args, 1, &text) || !split_token(c, text, &token) ||
      !builtin_want_string(c, args, 2, &key_text) || !read_keys(c, key_text, &keys) ||
      !decode_part(c, token.signature_text, "", &signature) || !decode_header(c, &token) ||
      !read_header(c, token.header, &h) ||
      !verify_with_keys(c, &algorithm, &keys, &h, signed_text(&token), signature, &valid))
    return BUILTIN_ERROR;
  return give(ret, value_bool(valid));
}

static enum builtin_result verify_symmetric(struct builtin_context *c, const struct value *args,
                                            const char *name, struct value *ret)
{
  struct str text, secret, signature;
  struct algorithm algorithm;
  struct token token;
  find_algorithm(str_from(name), &algorithm);
  if (!builtin_want_string(c, args, 1, &text) || !builtin_want_string(c, args, 2, &secret) ||
      !split_token(c, text, &token) || !decode_part(c, token.signature_text, "", &signature))
    return BUILTIN_ERROR;
  return give(ret,
              value_bool(verify_with(&algorithm, NULL, secret, signed_text(&token), signature)));
}

#define VERIFY(function, how, name)                                                                \
  CALL(function)                                                                                   \
  {                                                                                                \
    return how(c, args, name, ret);                                                                \
  }

VERIFY(verify_rs256, verify_asymmetric, "RS256")
VERIFY(verify_rs384, verify_asymmetric, "RS384")
VERIFY(verify_rs512, verify_asymmetric, "RS512")
VERIFY(verify_ps256, verify_asymmetric, "PS256")
VERIFY(verify_ps384, verify_asymmetric, "PS384")
VERIFY(verify_ps512, verify_asymmetric, "PS512")
VERIFY(verify_es256, verify_asymmetric, "ES256")
VERIFY(verify_es384, verify_asymmetric, "ES384")
VERIFY(verify_es512, verify_asymmetric, "ES512")
VERIFY(verify_eddsa, verify_asymmetric, "EdDSA")
VERIFY(verify_hs256, verify_symmetric, "HS256")
VERIFY(verify_hs384, verify_symmetric, "HS384")
VERIFY(verify_hs512, verify_symmetric, "HS512")

/* ---- io.jwt.decode_verify */

struct constraints {
  struct str alg, aud, iss, secret;
  struct jwk_set keys;
  bool has_keys, has_time;
  double time; /* nanoseconds since the epoch */
};

static void free_constraints(struct constraints *k)
{
  jwk_set_free(&k->keys);
}

static bool take_string(struct builtin_context *c, const char *name, struct value v,
                        struct str *ret)
{
  *ret = value_str_or_empty(v);
  if (v.type == VALUE_STRING)
    return true;
  builtin_fail(c, "%s constraint: must be a string", name);
  return false;
}

static bool take_alg(struct builtin_context *c, struct value v, struct constraints *k)
{
  return take_string(c, "alg", v, &k->alg);
}

static bool take_aud(struct builtin_context *c, struct value v, struct constraints *k)
{
  return take_string(c, "aud", v, &k->aud);
}

static bool take_iss(struct builtin_context *c, struct value v, struct constraints *k)
{
  return take_string(c, "iss", v, &k->iss);
}

static bool take_secret(struct builtin_context *c, struct value v, struct constraints *k)
{
  return take_string(c, "secret", v, &k->secret);
}

static bool take_cert(struct builtin_context *c, struct value v, struct constraints *k)
{
  struct str text;
  if (!take_string(c, "cert", v, &text) || !read_keys(c, text, &k->keys))
    return false;
  k->has_keys = true;
  return true;
}

static bool take_time(struct builtin_context *c, struct value v, struct constraints *k)
{
  const char *wrong = v.type != VALUE_NUMBER           ? "must be a number"
                      : !number_to_double(v, &k->time) ? "unvalid float64"
                      : k->time < 0                    ? "must not be negative"
                                                       : NULL;
  k->has_time = true;
  if (wrong)
    builtin_fail(c, "token time constraint: %s", wrong);
  return !wrong;
}

static bool take_constraint(struct builtin_context *c, const struct value_member *member,
                            struct constraints *k)
{
  static const struct {
    struct str name;
    bool (*take)(struct builtin_context *c, struct value v, struct constraints *k);
  } known[] = {{STR_INIT("alg"), take_alg},       {STR_INIT("aud"), take_aud},
               {STR_INIT("cert"), take_cert},     {STR_INIT("iss"), take_iss},
               {STR_INIT("secret"), take_secret}, {STR_INIT("time"), take_time}};
  for (unsigned i = 0; i < sizeof known / sizeof *known; i++)
    if (value_eq_str(member->key, known[i].name))
      return known[i].take(c, member->value, k);
  builtin_fail(c, "unknown token validation constraint: %.*s",
               STR_FMT(str_sub(value_str_or_empty(member->key), 0, 200)));
  return false;
}

static bool read_constraints(struct builtin_context *c, struct value v, struct constraints *k)
{
  uint32_t *order = arena_array(c->arena, uint32_t, v.len);
  value_sort_keys(v, order);
  for (uint32_t i = 0; i < v.len; i++)
    if (!take_constraint(c, &v.members[order[i]], k))
      return false;
  if (!k->has_time)
    k->time = (double)c->now_ns;
  if (k->has_keys != (k->secret.len > 0))
    return true;
  builtin_fail(c, k->has_keys ? "duplicate key constraints" : "no key constraint");
  return false;
}

static bool verify_constrained(struct builtin_context *c, const struct constraints *k,
                               const struct header *h, const struct token *token,
                               struct str signature, bool *ret_valid)
{
  struct algorithm algorithm;
  *ret_valid = false;
  if (!find_algorithm(h->alg, &algorithm))
    return true;
  if (k->has_keys)
    return verify_with_keys(c, &algorithm, &k->keys, h, signed_text(token), signature, ret_valid);
  *ret_valid = verify_with(&algorithm, NULL, k->secret, signed_text(token), signature);
  return true;
}

/* The innermost token, all of them verified. */
static bool verify_nested(struct builtin_context *c, struct str text, const struct constraints *k,
                          struct token *token, struct str *ret_payload, bool *ret_valid)
{
  for (int depth = 0; depth < NESTED_MAX; depth++) {
    struct header h;
    struct str signature;
    *ret_valid = false;
    if (!split_token(c, text, token) || !decode_header(c, token) ||
        !read_header(c, token->header, &h))
      return false;
    if (!is_header_valid(token->header, &h) || (k->alg.len && !str_eq(k->alg, h.alg)))
      return true;
    if (!decode_part(c, token->signature_text, "", &signature) ||
        !verify_constrained(c, k, &h, token, signature, ret_valid))
      return false;
    if (!*ret_valid)
      return true;
    if (!decode_part(c, token->payload_text, "JWT payload had invalid encoding: ", ret_payload))
      return false;
    if (!str_eq_nocase(h.cty, STR("JWT")))
      return true;
    text = *ret_payload;
  }
  return too_deep(c);
}

static bool is_audience(struct value aud, struct str wanted)
{
  if (aud.type != VALUE_ARRAY)
    return value_eq_str(aud, wanted);
  for (uint32_t i = 0; i < aud.len; i++)
    if (value_eq_str(aud.items[i], wanted))
      return true;
  return false;
}

/* RFC 7519, section 4.1: iss, aud, exp, nbf. */
static bool check_claims(struct builtin_context *c, struct value payload,
                         const struct constraints *k, bool *ret_valid)
{
  struct value aud = value_get_str(payload, STR("aud")), exp = value_get_str(payload, STR("exp")),
               nbf = value_get_str(payload, STR("nbf")),
               now = number_from_double(k->time / 1000000000);
  *ret_valid = false;
  if (k->iss.len && !value_eq_str(value_get_str(payload, STR("iss")), k->iss))
    return true;
  if (aud.type == VALUE_ABSENT ? k->aud.len > 0 : !is_audience(aud, k->aud))
    return true;
  if (exp.type != VALUE_ABSENT && exp.type != VALUE_NUMBER) {
    builtin_fail(c, "exp value must be a number");
    return false;
  }
  if (exp.type == VALUE_NUMBER && number_compare(now, exp) >= 0)
    return true;
  if (nbf.type != VALUE_ABSENT && nbf.type != VALUE_NUMBER) {
    builtin_fail(c, "nbf value must be a number");
    return false;
  }
  *ret_valid = nbf.type == VALUE_ABSENT || number_compare(now, nbf) >= 0;
  return true;
}

CALL(decode_verify)
{
  _cleanup_(free_constraints) struct constraints k = {.has_keys = false};
  struct str text, payload_bytes;
  struct token token;
  struct value empty, payload = VALUE_NONE;
  bool valid;
  value_object_make(c->arena, NULL, NULL, 0, VALUE_LAST_WINS, NULL, &empty);
  if (!builtin_want(c, args, 2, VALUE_OBJECT) || !read_constraints(c, args[1], &k) ||
      !builtin_want_string(c, args, 1, &text) ||
      !verify_nested(c, text, &k, &token, &payload_bytes, &valid))
    return BUILTIN_ERROR;
  if (valid &&
      (!read_object(c, payload_bytes, "", &payload) || !check_claims(c, payload, &k, &valid)))
    return BUILTIN_ERROR;
  struct value items[3] = {value_bool(valid), valid ? token.header : empty,
                           valid ? payload : empty};
  return give(ret, value_array_make(c->arena, items, NULL, 3));
}

/* ---- io.jwt.encode_sign */

static bool sign(struct builtin_context *c, const struct jwk *key, struct str alg, struct str text,
                 struct str *ret)
{
  struct algorithm algorithm;
  struct digest mac;
  struct error err;
  find_algorithm(alg, &algorithm);
  if (algorithm.symmetric != !key->key) {
    builtin_fail(c, "the key cannot be used with %.*s", STR_FMT(alg));
    return false;
  }
  int rc = algorithm.symmetric
               ? digest_hmac(algorithm.digest, key->secret, text, &mac, &err)
               : signature_sign(&algorithm.scheme, key->key, text, c->arena, ret, &err);
  if (rc < 0) {
    builtin_fail(c, "%s", err.message);
    return false;
  }
  if (algorithm.symmetric)
    *ret = arena_copy(c->arena, digest_str(&mac));
  return true;
}

static bool header_member(struct builtin_context *c, struct str headers, const char *name,
                          struct value *ret)
{
  struct value document;
  struct error err;
  *ret = VALUE_NONE;
  struct json_options options = {.depth_max = BUILTIN_DEPTH_MAX};
  size_t start = 0;
  while (start < headers.len && strchr(" \t\r\n", headers.data[start] ? headers.data[start] : 'x'))
    start++;
  /* what does not even begin as an object has no members */
  if (start < headers.len && headers.data[start] != '{')
    return true;
  if (json_parse(c->arena, headers, &options, &document, &err) < 0) {
    builtin_fail(c, "missing or invalid '%s' header: cannot parse JSON: %s", name, err.message);
    return false;
  }
  *ret = value_get_str(document, str_from(name));
  return true;
}

static bool check_headers(struct builtin_context *c, struct str headers, struct str payload,
                          struct str *ret_alg)
{
  struct value alg, type, ignored;
  struct json_options options = {.depth_max = BUILTIN_DEPTH_MAX};
  if (!header_member(c, headers, "alg", &alg) || !header_member(c, headers, "typ", &type))
    return false;
  if (alg.type != VALUE_STRING) {
    builtin_fail(c, alg.type == VALUE_ABSENT
                        ? "missing or invalid 'alg' header: jwsbb: header \"alg\" not found"
                        : "missing or invalid 'alg' header: jwsbb: header \"alg\" is not a string");
    return false;
  }
  *ret_alg = value_str(alg);
  if (!is_known(*ret_alg)) {
    builtin_fail(c, "unknown JWS algorithm: %.*s", STR_FMT(str_sub(*ret_alg, 0, 100)));
    return false;
  }
  bool is_jwt = type.type != VALUE_STRING || str_eq(value_str(type), STR("JWT"));
  if (!is_jwt || json_parse(c->arena, payload, &options, &ignored, NULL) == 0)
    return true;
  builtin_fail(c, "type is JWT but payload is not JSON");
  return false;
}

static void add_part(struct builtin_context *c, struct buf *out, struct str bytes)
{
  buf_add(out, base64_encode(c->arena, bytes, BASE64_URL | BASE64_RAW));
}

static enum builtin_result encode(struct builtin_context *c, struct str headers, struct str payload,
                                  struct value keys, struct value *ret)
{
  _cleanup_(jwk_set_free) struct jwk_set set = {.count = 0};
  struct error err;
  struct str alg, signature;
  if (!builtin_spend(c, headers.len + payload.len + STEPS_OF_A_KEY))
    return BUILTIN_ERROR;
  if (jwk_read(c->arena, keys, &set, &err) < 0)
    return builtin_fail(c, "failed to parse JWK: %s", err.message);
  if (!set.count)
    return builtin_fail(c, "no keys found in JWK set");
  if (!check_headers(c, headers, payload, &alg))
    return BUILTIN_ERROR;
  struct buf *out = builtin_text(c);
  add_part(c, out, headers);
  buf_add_byte(out, '.');
  add_part(c, out, payload);
  if (buf_failed(out))
    return builtin_give_text(c, ret);
  if (!sign(c, &set.items[0], alg, buf_str(out), &signature))
    return BUILTIN_ERROR;
  buf_add_byte(out, '.');
  add_part(c, out, signature);
  return builtin_give_text(c, ret);
}

static bool json_text(struct builtin_context *c, struct value v, struct str *ret)
{
  struct value text;
  if (!builtin_add_json(c, builtin_text(c), v) || builtin_give_text(c, &text) != BUILTIN_VALUE)
    return false;
  *ret = value_str(text);
  return true;
}

CALL(encode_sign)
{
  struct str headers, payload;
  if (!builtin_want(c, args, 1, VALUE_OBJECT) || !builtin_want(c, args, 2, VALUE_OBJECT) ||
      !builtin_want(c, args, 3, VALUE_OBJECT) || !json_text(c, args[0], &headers) ||
      !json_text(c, args[1], &payload))
    return BUILTIN_ERROR;
  return encode(c, headers, payload, args[2], ret);
}

CALL(encode_sign_raw)
{
  struct str headers, payload, key_text;
  struct value keys;
  struct error err;
  struct json_options options = {.depth_max = BUILTIN_DEPTH_MAX};
  if (!builtin_want_string(c, args, 3, &key_text) || !builtin_want_string(c, args, 1, &headers) ||
      !builtin_want_string(c, args, 2, &payload) || !builtin_spend(c, key_text.len))
    return BUILTIN_ERROR;
  if (json_parse(c->arena, key_text, &options, &keys, &err) < 0)
    return builtin_fail(c, "failed to parse JWK: %s", err.message);
  return encode(c, headers, payload, keys, ret);
}

#define OBJECT "object<string:any>"
#define VERIFY_ROW(function, name) ROW(function, "io.jwt." name, 2, "string, string", "boolean")

const struct builtin builtins_jwt[] = {
    ROW(decode, "io.jwt.decode", 1, "string", "array<any>"),
    ROW(decode_verify, "io.jwt.decode_verify", 2, "string, " OBJECT, "array<any>",
        .flags = BUILTIN_NONDETERMINISTIC),
    ROW(encode_sign, "io.jwt.encode_sign", 3, OBJECT ", " OBJECT ", " OBJECT, "string",
        .flags = BUILTIN_NONDETERMINISTIC),
    ROW(encode_sign_raw, "io.jwt.encode_sign_raw", 3, "string, string, string", "string",
        .flags = BUILTIN_NONDETERMINISTIC),
    VERIFY_ROW(verify_eddsa, "verify_eddsa"),
    VERIFY_ROW(verify_es256, "verify_es256"),
    VERIFY_ROW(verify_es384, "verify_es384"),
    VERIFY_ROW(verify_es512, "verify_es512"),
    VERIFY_ROW(verify_hs256, "verify_hs256"),
    VERIFY_ROW(verify_hs384, "verify_hs384"),
    VERIFY_ROW(verify_hs512, "verify_hs512"),
    VERIFY_ROW(verify_ps256, "verify_ps256"),
    VERIFY_ROW(verify_ps384, "verify_ps384"),
    VERIFY_ROW(verify_ps512, "verify_ps512"),
    VERIFY_ROW(verify_rs256, "verify_rs256"),
    VERIFY_ROW(verify_rs384, "verify_rs384"),
    VERIFY_ROW(verify_rs512, "verify_rs512"),
    {.name = NULL},
};
