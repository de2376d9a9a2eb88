/*
 * A key that is read gives numbers that make the same key again, and DER that is read as the same;
 * what it signs it verifies. OpenSSL's error queue is empty afterwards.
 */
#include "crypto/key.h"
#include "crypto/signature.h"

#include <assert.h>
#include <openssl/err.h>

static struct key *again(struct arena *a, const struct key *key)
{
  struct key *made = NULL;
  struct key_rsa rsa;
  struct key_ec ec;
  struct key_ed25519 ed25519;
  struct error err;
  int rc;
  switch (key_type(key)) {
  case KEY_RSA:
    assert(key_rsa(a, key, &rsa, &err) == 0);
    rc = key_from_rsa(&rsa, &made, &err);
    /* Numbers that are not prime need not have the inverse that is computed anew. */
    assert(rc == 0 || rsa.p.len);
    break;
  case KEY_EC:
    assert(key_ec(a, key, &ec, &err) == 0);
    assert(ec.x.len == key_curve_size(ec.curve) && ec.y.len == ec.x.len);
    assert(key_from_ec(&ec, &made, &err) == 0);
    break;
  default:
    assert(key_ed25519(a, key, &ed25519, &err) == 0);
    assert(key_from_ed25519(&ed25519, &made, &err) == 0);
  }
  return made;
}

static void check_der(struct arena *a, const struct key *key)
{
  struct str der;
  struct key *public = NULL;
  assert(key_public_der(a, key, &der, NULL) == 0);
  assert(key_parse(der, &public, NULL) == 0);
  assert(!key_is_private(public) && key_same(public, key));
  key_free(public);
}

static void check_signing(struct arena *a, const struct key *key)
{
  static const struct signature_scheme schemes[] = {
      [KEY_RSA] = {SIGNATURE_RSA_PKCS1, DIGEST_SHA256, KEY_NO_CURVE, 0},
      [KEY_EC] = {SIGNATURE_ECDSA_RAW, DIGEST_SHA256, KEY_NO_CURVE, 0},
      [KEY_ED25519] = {SIGNATURE_ED25519, DIGEST_SHA512, KEY_NO_CURVE, 0},
  };
  const struct signature_scheme *scheme = &schemes[key_type(key)];
  struct str signature, text = STR("text");
  if (!key_is_private(key) || key_bits(key) > 2048 ||
      signature_sign(scheme, key, text, a, &signature, NULL) < 0)
    return;
  /* RSA's numbers may not be prime. */
  assert(signature_verify(scheme, key, text, signature, NULL) == 0 || key_type(key) == KEY_RSA);
}

static void check_key(struct arena *a, const struct key *key)
{
  struct key *made = again(a, key);
  if (made) {
    assert(key_same(made, key) && key_is_private(made) == key_is_private(key));
    assert(key_bits(made) == key_bits(key) && key_curve(made) == key_curve(key));
    key_free(made);
  }
  check_der(a, key);
  check_signing(a, key);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
  struct str text = {(const char *)data, size};
  struct key_list list = {NULL, 77};
  struct key *one = NULL;
  struct arena a;
  struct error err;
  arena_init(&a, 0);
  if (key_parse_list(text, &list, &err) < 0) {
    assert(list.count == 77 && err.message[0]);
  } else {
    assert((key_parse(text, &one, &err) == 0) == (list.count == 1));
    for (size_t i = 0; i < list.count; i++)
      check_key(&a, list.items[i]);
    key_list_free(&list);
  }
  key_free(one);
  assert(ERR_peek_error() == 0);
  arena_free(&a);
  return 0;
}
