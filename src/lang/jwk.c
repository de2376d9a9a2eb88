#include "lang/jwk.h"

#include "data/base64.h"

static int part(struct arena *a, struct value object, const char *name, struct str *ret,
                struct error *err)
{
  struct value v = value_get_str(object, str_from(name));
  if (v.type == VALUE_ABSENT) {
    *ret = STR_EMPTY;
    return 0;
  }
  if (v.type != VALUE_STRING)
    return error_set(err, SW_EINVAL, "\"%s\" of the key is not a string", name);
  struct str text = value_str(v);
  while (str_ends(text, STR("=")))
    text.len--;
  if (base64_decode(a, text, BASE64_URL | BASE64_RAW | BASE64_AS_GO, ret, err) < 0)
    return error_wrap(err, "\"%s\" of the key", name);
  return 0;
}

static int need(struct str bytes, const char *name, struct error *err)
{
  return bytes.len ? 0 : error_set(err, SW_EINVAL, "the key has no \"%s\"", name);
}

static int read_rsa(struct arena *a, struct value object, struct jwk *ret, struct error *err)
{
  struct key_rsa numbers = {.n = STR_EMPTY};
  int rc;
  if ((rc = part(a, object, "n", &numbers.n, err)) < 0 || (rc = need(numbers.n, "n", err)) < 0 ||
      (rc = part(a, object, "e", &numbers.e, err)) < 0 || (rc = need(numbers.e, "e", err)) < 0 ||
      (rc = part(a, object, "d", &numbers.d, err)) < 0 ||
      (rc = part(a, object, "p", &numbers.p, err)) < 0 ||
      (rc = part(a, object, "q", &numbers.q, err)) < 0)
    return rc;
  rc = key_from_rsa(&numbers, &ret->key, err);
  key_cleanse(numbers.d);
  key_cleanse(numbers.p);
  key_cleanse(numbers.q);
  return rc;
}

static int read_ec(struct arena *a, struct value object, struct jwk *ret, struct error *err)
{
  struct key_ec numbers = {.curve = KEY_NO_CURVE};
  struct str curve = value_str_or_empty(value_get_str(object, STR("crv")));
  int rc;
  if (!key_curve_named(curve, &numbers.curve))
    return error_set(err, SW_EUNSUPPORTED, "\"%.*s\" is not a curve that is supported",
                     STR_FMT(str_sub(curve, 0, 40)));
  if ((rc = part(a, object, "x", &numbers.x, err)) < 0 || (rc = need(numbers.x, "x", err)) < 0 ||
      (rc = part(a, object, "y", &numbers.y, err)) < 0 || (rc = need(numbers.y, "y", err)) < 0 ||
      (rc = part(a, object, "d", &numbers.d, err)) < 0)
    return rc;
  rc = key_from_ec(&numbers, &ret->key, err);
  key_cleanse(numbers.d);
  return rc;
}

static int read_okp(struct arena *a, struct value object, struct jwk *ret, struct error *err)
{
  struct key_ed25519 numbers = {.x = STR_EMPTY};
  struct str curve = value_str_or_empty(value_get_str(object, STR("crv")));
  int rc;
  if (!str_eq(curve, STR("Ed25519")))
    return error_set(err, SW_EUNSUPPORTED, "\"%.*s\" is not a curve that is supported",
                     STR_FMT(str_sub(curve, 0, 40)));
  if ((rc = part(a, object, "x", &numbers.x, err)) < 0 || (rc = need(numbers.x, "x", err)) < 0 ||
      (rc = part(a, object, "d", &numbers.d, err)) < 0)
    return rc;
  rc = key_from_ed25519(&numbers, &ret->key, err);
  key_cleanse(numbers.d);
  return rc;
}

static int read_oct(struct arena *a, struct value object, struct jwk *ret, struct error *err)
{
  int rc = part(a, object, "k", &ret->secret, err);
  return rc < 0 ? rc : need(ret->secret, "k", err);
}

static int read_key(struct arena *a, struct value object, struct jwk *ret, struct error *err)
{
  static const struct {
    struct str kty;
    int (*read)(struct arena *a, struct value object, struct jwk *ret, struct error *err);
  } types[] = {{STR_INIT("RSA"), read_rsa},
               {STR_INIT("EC"), read_ec},
               {STR_INIT("OKP"), read_okp},
               {STR_INIT("oct"), read_oct}};
  struct str kty = value_str_or_empty(value_get_str(object, STR("kty")));
  *ret = (struct jwk){.alg = value_str_or_empty(value_get_str(object, STR("alg"))),
                      .kid = value_str_or_empty(value_get_str(object, STR("kid")))};
  for (unsigned i = 0; i < sizeof types / sizeof *types; i++)
    if (str_eq(kty, types[i].kty))
      return types[i].read(a, object, ret, err);
  return error_set(err, SW_EUNSUPPORTED, "\"%.*s\" is not a type of keys that is supported",
                   STR_FMT(str_sub(kty, 0, 40)));
}

int jwk_read(struct arena *a, struct value document, struct jwk_set *ret, struct error *err)
{
  if (document.type != VALUE_OBJECT)
    return error_set(err, SW_EINVAL, "a key or a set of keys is an object, not %s",
                     value_type_name(document));
  struct value keys = value_get_str(document, STR("keys"));
  if (keys.type == VALUE_ABSENT)
    keys = value_array_make(a, &document, NULL, 1);
  if (keys.type != VALUE_ARRAY && keys.type != VALUE_SET)
    return error_set(err, SW_EINVAL, "\"keys\" is %s, not an array", value_type_name(keys));
  if (keys.len > JWK_SET_MAX)
    return error_set(err, SW_ELIMIT, "a set of more than %d keys", JWK_SET_MAX);
  struct jwk_set set = {.items = arena_array(a, struct jwk, keys.len)};
  for (; set.count < keys.len; set.count++) {
    int rc = read_key(a, keys.items[set.count], &set.items[set.count], err);
    if (rc < 0) {
      jwk_set_free(&set);
      return rc;
    }
  }
  *ret = set;
  return 0;
}

void jwk_set_free(struct jwk_set *set)
{
  for (size_t i = 0; i < set->count; i++)
    key_free(set->items[i].key);
  *set = (struct jwk_set){0};
}

/* ---- writing */

struct parts {
  struct value_member items[9]; /* RSA has the most */
  uint32_t count;
};

static void add_text(struct parts *p, const char *name, struct str text)
{
  p->items[p->count++] = (struct value_member){value_from(name), value_string(text)};
}

static void add_bytes(struct arena *a, struct parts *p, const char *name, struct str bytes)
{
  if (bytes.len)
    add_text(p, name, base64_encode(a, bytes, BASE64_URL | BASE64_RAW));
}

static void add_rsa(struct arena *a, struct parts *p, const struct key_rsa *rsa)
{
  add_text(p, "kty", STR("RSA"));
  add_bytes(a, p, "n", rsa->n);
  add_bytes(a, p, "e", rsa->e);
  add_bytes(a, p, "d", rsa->d);
  add_bytes(a, p, "p", rsa->p);
  add_bytes(a, p, "q", rsa->q);
  add_bytes(a, p, "dp", rsa->dp);
  add_bytes(a, p, "dq", rsa->dq);
  add_bytes(a, p, "qi", rsa->qinv);
}

struct value jwk_write(struct arena *a, const struct key *key)
{
  struct parts p = {.count = 0};
  struct key_rsa rsa;
  struct key_ec ec;
  struct key_ed25519 ed;
  struct value v;
  if (key_rsa(a, key, &rsa, NULL) == 0) {
    add_rsa(a, &p, &rsa);
  } else if (key_ec(a, key, &ec, NULL) == 0) {
    add_text(&p, "kty", STR("EC"));
    add_text(&p, "crv", key_curve_name(ec.curve));
    add_bytes(a, &p, "x", ec.x);
    add_bytes(a, &p, "y", ec.y);
    add_bytes(a, &p, "d", ec.d);
  } else if (key_ed25519(a, key, &ed, NULL) == 0) {
    add_text(&p, "kty", STR("OKP"));
    add_text(&p, "crv", STR("Ed25519"));
    add_bytes(a, &p, "x", ed.x);
    add_bytes(a, &p, "d", ed.d);
  }
  value_object_make(a, p.items, NULL, p.count, VALUE_LAST_WINS, NULL, &v);
  return v;
}
