#include "made.h"

#include "crypto/signature.h"

static struct arena arena;

static int set_up(void **state)
{
  (void)state;
  arena_init(&arena, 0);
  return 0;
}

static int tear_down(void **state)
{
  (void)state;
  arena_free(&arena);
  return 0;
}

static struct signature_scheme scheme_of(const char *name)
{
  struct signature_scheme scheme;
  assert_true(signature_scheme_named(str_from(name), &scheme));
  return scheme;
}

static int verify(const char *name, const struct key *key, struct str text, struct str signature,
                  struct error *err)
{
  struct signature_scheme scheme = scheme_of(name);
  int rc = signature_verify(&scheme, key, text, signature, err);
  assert_queue_empty();
  return rc;
}

static struct key *key_of(EVP_PKEY *made)
{
  struct key *key = NULL;
  assert_int_equal(key_parse(made_private_pem(&arena, made), &key, NULL), 0);
  EVP_PKEY_free(made);
  return key;
}

static struct str changed(struct str bytes, size_t at)
{
  struct str copy = arena_copy(&arena, bytes);
  ((char *)copy.data)[at] ^= 1;
  return copy;
}

#define JWS_CLAIMS                                                                                 \
  "eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ"

/* RFC 7515, appendix A.2. */
static void verifies_the_published_rs256(void **state)
{
  (void)state;
  struct key_rsa numbers = {
      .n = made_base64url(
          &arena,
          "ofgWCuLjybRlzo0tZWJjNiuSfb4p4fAkd_wWJcyQoTbji9k0l8W26mPddxHmfHQp-Vaw-4qPCJrcS2mJPMEzP1Pt"
          "0Bm4d4QlL-yRT-SFd2lZS-pCgNMsD1W_YpRPEwOWvG6b32690r2jZ47soMZo9wGzjb_7OMg0LOL-bSf63kpaSHSX"
          "ndS5z5rexMdbBYUsLA9e-KXBdQOS-UTo7WTBEMa2R2CapHg665xsmtdVMTBQY4uDZlxvb3qCo5ZwKh9kG4LT6_I5"
          "IhlJH7aGhyxXFvUK-DWNmoudF8NAco9_h9iaGNj8q2ethFkMLs91kzk2PAcDTW9gb54h4FRWyuXpoQ"),
      .e = made_base64url(&arena, "AQAB")};
  struct str signature = made_base64url(
      &arena,
      "cC4hiUPoj9Eetdgtv3hF80EGrhuB__dzERat0XF9g2VtQgr9PJbu3XOiZj5RZmh7AAuHIm4Bh-0Qc_lF5YKt_O8W2Fp5"
      "jujGbds9uJdbF9CUAr7t1dnZcAcQjbKBYNX4BAynRFdiuB--f_nZLgrnbyTyWzO75vRK5h6xBArLIARNPvkSjtQBMHlb"
      "1L07Qe7K0GarZRmB_eSN9383LcOLn6_dO--xi12jzDwusC-eOkHWEsqtFZESc6BfI7noOPqvhJ1phCnvWh6IeYI2w9QO"
      "YEUipUTI8np6LbgGY9Fs98rqVt5AXLIhWkWywlVmtVrBp0igcN_IoypGlUPQGe77Rw");
  struct str text = STR("eyJhbGciOiJSUzI1NiJ9." JWS_CLAIMS);
  _cleanup_(key_freep) struct key *key = NULL;
  struct error err;
  assert_int_equal(key_from_rsa(&numbers, &key, NULL), 0);
  assert_int_equal(verify("RS256", key, text, signature, &err), 0);
  assert_int_equal(verify("RS256", key, text, changed(signature, 7), &err), SW_EINVAL);
  assert_error(err, SW_EINVAL, "not that of this text");
  assert_int_equal(verify("RS256", key, changed(text, 3), signature, &err), SW_EINVAL);
  assert_int_equal(verify("RS384", key, text, signature, &err), SW_EINVAL);
  assert_int_equal(verify("PS256", key, text, signature, &err), SW_EINVAL);
  assert_int_equal(verify("RS256", key, text, str_sub(signature, 0, 255), &err), SW_EINVAL);
  assert_error(err, SW_EINVAL, "malformed");
  assert_int_equal(verify("RS256", key, text, str_make(NULL, 0), &err), SW_EINVAL);
}

/* RFC 7515, appendix A.3. */
static void verifies_the_published_es256(void **state)
{
  (void)state;
  struct key_ec numbers = {
      .curve = KEY_P256,
      .x = made_base64url(&arena, "f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU"),
      .y = made_base64url(&arena, "x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0"),
      .d = made_base64url(&arena, "jpsQnnGQmL-YBIffH1136cspYG6-0iY7X1fCE9-E9LI")};
  struct str signature = made_base64url(&arena,
                                        "DtEhU3ljbEg8L38VWAfUAqOyKAM6-Xx-F4GawxaepmXFCgfTjDxw5d"
                                        "jxLa8ISlSApmWQxfKTUJqPP3-Kg6NU1Q");
  struct str text = STR("eyJhbGciOiJFUzI1NiJ9." JWS_CLAIMS);
  _cleanup_(key_freep) struct key *key = NULL;
  struct error err;
  assert_int_equal(key_from_ec(&numbers, &key, NULL), 0);
  assert_int_equal(verify("ES256", key, text, signature, &err), 0);
  assert_int_equal(verify("ES256", key, text, changed(signature, 40), &err), SW_EINVAL);
  assert_int_equal(verify("ES256", key, text, str_sub(signature, 0, 63), &err), SW_EINVAL);
  assert_error(err, SW_EINVAL, "malformed: 63 bytes, not 64");
  /* The same numbers as DER are another format. */
  struct signature_scheme der = {.kind = SIGNATURE_ECDSA_DER, .digest = DIGEST_SHA256};
  assert_int_equal(signature_verify(&der, key, text, signature, &err), SW_EINVAL);
  assert_error(err, SW_EINVAL, "not the DER");
  char zeros[64] = {0};
  assert_int_equal(verify("ES256", key, text, str_make(zeros, 64), &err), SW_EINVAL);
}

/* RFC 8037, appendix A.4; RFC 8032 makes it the only signature of the text. */
static void makes_and_verifies_the_published_eddsa(void **state)
{
  (void)state;
  struct key_ed25519 numbers = {
      .x = made_base64url(&arena, "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"),
      .d = made_base64url(&arena, "nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A")};
  struct str expected = made_base64url(&arena,
                                       "hgyY0il_MGCjP0JzlnLWG1PPOt7-09PGcvMg3AIbQR6dWbhijcNR4ki4i"
                                       "ylGjg5BhVsPt9g7sVvpAr_MuM0KAg");
  struct str text = STR("eyJhbGciOiJFZERTQSJ9.RXhhbXBsZSBvZiBFZDI1NTE5IHNpZ25pbmc");
  struct signature_scheme scheme = scheme_of("EdDSA");
  _cleanup_(key_freep) struct key *key = NULL;
  struct str made;
  struct error err;
  assert_int_equal(key_from_ed25519(&numbers, &key, NULL), 0);
  assert_int_equal(signature_sign(&scheme, key, text, &arena, &made, NULL), 0);
  assert_true(str_eq(made, expected));
  assert_int_equal(verify("EdDSA", key, text, expected, &err), 0);
  assert_int_equal(verify("EdDSA", key, text, changed(expected, 0), &err), SW_EINVAL);
  assert_int_equal(verify("EdDSA", key, text, str_sub(expected, 0, 63), &err), SW_EINVAL);
  assert_error(err, SW_EINVAL, "64 bytes");
  struct digest digest;
  assert_int_equal(digest_of(DIGEST_SHA512, text, &digest, NULL), 0);
  assert_int_equal(signature_verify_digest(&scheme, key, &digest, expected, &err), SW_EUSAGE);
}

static void assert_round_trip(struct signature_scheme scheme, const struct key *key, size_t size)
{
  struct str signature, text = STR("what is signed");
  struct digest digest;
  struct error err;
  assert_int_equal(signature_sign(&scheme, key, text, &arena, &signature, &err), 0);
  if (size)
    assert_int_equal(signature.len, size);
  assert_int_equal(signature_verify(&scheme, key, text, signature, &err), 0);
  assert_int_equal(signature_verify(&scheme, key, STR("another"), signature, &err), SW_EINVAL);
  assert_int_equal(digest_of(scheme.digest, text, &digest, NULL), 0);
  if (scheme.kind != SIGNATURE_ED25519)
    assert_int_equal(signature_verify_digest(&scheme, key, &digest, signature, &err), 0);
  assert_queue_empty();
}

static void signs_what_it_verifies(void **state)
{
  (void)state;
  _cleanup_(key_freep) struct key *rsa = key_of(EVP_RSA_gen(2048));
  _cleanup_(key_freep) struct key *p256 = key_of(EVP_EC_gen("P-256"));
  _cleanup_(key_freep) struct key *p384 = key_of(EVP_EC_gen("P-384"));
  _cleanup_(key_freep) struct key *p521 = key_of(EVP_EC_gen("P-521"));
  const char *names[] = {"RS256", "RS384", "RS512", "PS256", "PS384", "PS512"};
  for (unsigned i = 0; i < 6; i++)
    assert_round_trip(scheme_of(names[i]), rsa, 256);
  for (int i = 0; i < 20; i++) /* the size does not depend on the numbers */
    assert_round_trip(scheme_of("ES256"), p256, 64);
  assert_round_trip(scheme_of("ES384"), p384, 96);
  assert_round_trip(scheme_of("ES512"), p521, 132);
  const struct key *curves[] = {p256, p384, p521};
  for (unsigned i = 0; i < 3; i++)
    assert_round_trip(
        (struct signature_scheme){SIGNATURE_ECDSA_DER, DIGEST_SHA256, KEY_NO_CURVE, 0}, curves[i],
        0);
}

/* A key that was made of n, e and d alone signs, too, more slowly. */
static void signs_without_primes(void **state)
{
  (void)state;
  _cleanup_(key_freep) struct key *key = key_of(EVP_RSA_gen(1024));
  _cleanup_(key_freep) struct key *plain = NULL;
  struct key_rsa numbers;
  struct str one, two;
  struct signature_scheme scheme = scheme_of("RS256");
  assert_int_equal(key_rsa(&arena, key, &numbers, NULL), 0);
  numbers.p = numbers.q = STR_EMPTY;
  assert_int_equal(key_from_rsa(&numbers, &plain, NULL), 0);
  assert_int_equal(signature_sign(&scheme, key, STR("x"), &arena, &one, NULL), 0);
  assert_int_equal(signature_sign(&scheme, plain, STR("x"), &arena, &two, NULL), 0);
  assert_true(str_eq(one, two)); /* PKCS#1 v1.5 knows one signature of a text */
}

static void pss_takes_any_salt(void **state)
{
  (void)state;
  EVP_PKEY *made = EVP_RSA_gen(1024);
  unsigned char signature[128];
  for (int salt = 0; salt <= 40; salt += 20) {
    EVP_MD_CTX *context = EVP_MD_CTX_new();
    EVP_PKEY_CTX *options = NULL;
    size_t len = sizeof signature;
    assert_int_equal(EVP_DigestSignInit(context, &options, EVP_sha256(), NULL, made), 1);
    EVP_PKEY_CTX_set_rsa_padding(options, RSA_PKCS1_PSS_PADDING);
    EVP_PKEY_CTX_set_rsa_pss_saltlen(options, salt);
    assert_int_equal(EVP_DigestSign(context, signature, &len, (const unsigned char *)"text", 4), 1);
    EVP_MD_CTX_free(context);
    struct key *key = NULL;
    assert_int_equal(key_parse(made_public_pem(&arena, made), &key, NULL), 0);
    assert_int_equal(verify("PS256", key, STR("text"), str_make((char *)signature, len), NULL), 0);
    key_free(key);
  }
  EVP_PKEY_free(made);
}

static void keys_must_fit_the_scheme(void **state)
{
  (void)state;
  _cleanup_(key_freep) struct key *p256 = key_of(EVP_EC_gen("P-256"));
  _cleanup_(key_freep) struct key *public = NULL;
  struct str none = STR("signature"), made;
  struct error err;
  assert_int_equal(verify("RS256", p256, STR("x"), none, &err), SW_EUSAGE);
  assert_error(err, SW_EUSAGE, "type EC cannot be used for RSA PKCS#1 v1.5");
  assert_int_equal(verify("ES384", p256, STR("x"), none, &err), SW_EUSAGE);
  assert_error(err, SW_EUSAGE, "P-256 where one on P-384");
  assert_int_equal(verify("EdDSA", p256, STR("x"), none, &err), SW_EUSAGE);
  struct key_ec numbers;
  assert_int_equal(key_ec(&arena, p256, &numbers, NULL), 0);
  numbers.d = STR_EMPTY;
  assert_int_equal(key_from_ec(&numbers, &public, NULL), 0);
  struct signature_scheme scheme = scheme_of("ES256");
  assert_int_equal(signature_sign(&scheme, public, STR("x"), &arena, &made, &err), SW_EUSAGE);
  assert_error(err, SW_EUSAGE, "needs a private key");
  scheme.digest = DIGEST_SHA1;
  assert_int_equal(signature_sign(&scheme, p256, STR("x"), &arena, &made, &err), SW_EUSAGE);
  assert_error(err, SW_EUSAGE, "sha1 is not accepted");
  assert_int_equal(signature_verify(&scheme, p256, STR("x"), none, &err), SW_EUSAGE);
  struct digest digest;
  scheme.digest = DIGEST_SHA256;
  assert_int_equal(digest_of(DIGEST_SHA512, STR("x"), &digest, NULL), 0);
  assert_int_equal(signature_verify_digest(&scheme, p256, &digest, none, &err), SW_EUSAGE);
  assert_error(err, SW_EUSAGE, "64 bytes where sha256 has 32");
}

static void small_keys_are_refused(void **state)
{
  (void)state;
  EVP_PKEY *weak = EVP_RSA_gen(768);
  assert_non_null(weak);
  _cleanup_(key_freep) struct key *key = key_of(weak);
  _cleanup_(key_freep) struct key *usual = key_of(EVP_RSA_gen(1024));
  struct signature_scheme scheme = scheme_of("RS256");
  struct str made, blank = arena_printf(&arena, "%96s", "");
  struct error err;
  assert_int_equal(signature_sign(&scheme, key, STR("x"), &arena, &made, &err), SW_EUNSUPPORTED);
  assert_error(err, SW_EUNSUPPORTED, "768 bits is too small; 1024");
  assert_int_equal(signature_verify(&scheme, key, STR("x"), blank, &err), SW_EUNSUPPORTED);
  scheme.rsa_bits_min = 512;
  assert_int_equal(signature_verify(&scheme, key, STR("x"), blank, &err), SW_EINVAL);
  assert_int_equal(signature_sign(&scheme, key, STR("x"), &arena, &made, &err), SW_EUNSUPPORTED);
  scheme.rsa_bits_min = 2048;
  assert_int_equal(signature_sign(&scheme, usual, STR("x"), &arena, &made, &err), SW_EUNSUPPORTED);
  assert_error(err, SW_EUNSUPPORTED, "2048 are the least");
  /* 1024 bits have no room for PSS with a digest and a salt of 64 bytes each. */
  scheme = scheme_of("PS512");
  assert_int_equal(signature_sign(&scheme, usual, STR("x"), &arena, &made, &err), SW_EUNSUPPORTED);
  assert_error(err, SW_EUNSUPPORTED, "1024 bits failed");
  assert_queue_empty();
}

static void knows_the_names_of_schemes(void **state)
{
  (void)state;
  struct signature_scheme scheme = {.kind = SIGNATURE_KIND_COUNT};
  assert_false(signature_scheme_named(STR("none"), &scheme));
  assert_false(signature_scheme_named(STR("HS256"), &scheme));
  assert_false(signature_scheme_named(STR("rs256"), &scheme));
  assert_false(signature_scheme_named(STR(""), &scheme));
  assert_int_equal(scheme.kind, SIGNATURE_KIND_COUNT);
  scheme = scheme_of("ES512");
  assert_int_equal(scheme.curve, KEY_P521);
  assert_int_equal(scheme.digest, DIGEST_SHA512);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(verifies_the_published_rs256),
      cmocka_unit_test(verifies_the_published_es256),
      cmocka_unit_test(makes_and_verifies_the_published_eddsa),
      cmocka_unit_test(signs_what_it_verifies),
      cmocka_unit_test(signs_without_primes),
      cmocka_unit_test(pss_takes_any_salt),
      cmocka_unit_test(keys_must_fit_the_scheme),
      cmocka_unit_test(small_keys_are_refused),
      cmocka_unit_test(knows_the_names_of_schemes),
  };
  return cmocka_run_group_tests(tests, set_up, tear_down);
}
