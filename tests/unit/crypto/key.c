#include "made.h"

#include "crypto/key.h"

static struct arena arena;
static EVP_PKEY *rsa, *p256, *p384, *p521, *ed25519;

static int set_up(void **state)
{
  (void)state;
  arena_init(&arena, 0);
  rsa = EVP_RSA_gen(2048);
  p256 = EVP_EC_gen("P-256");
  p384 = EVP_EC_gen("P-384");
  p521 = EVP_EC_gen("P-521");
  ed25519 = EVP_PKEY_Q_keygen(NULL, NULL, "ED25519");
  return rsa && p256 && p384 && p521 && ed25519 ? 0 : -1;
}

static int tear_down(void **state)
{
  (void)state;
  EVP_PKEY_free(rsa);
  EVP_PKEY_free(p256);
  EVP_PKEY_free(p384);
  EVP_PKEY_free(p521);
  EVP_PKEY_free(ed25519);
  arena_free(&arena);
  return 0;
}

static void assert_refused(struct str text, int code, const char *why)
{
  struct key *key = NULL;
  struct error err;
  assert_int_equal(key_parse(text, &key, &err), code);
  assert_error(err, code, why);
  assert_null(key);
  assert_queue_empty();
}

static struct key *parsed(struct str text)
{
  struct key *key = NULL;
  struct error err = {0};
  int rc = key_parse(text, &key, &err);
  if (rc < 0)
    print_error("%s\n", err.message);
  assert_int_equal(rc, 0);
  assert_queue_empty();
  return key;
}

static void assert_form(struct str pem, enum key_type type, unsigned bits, bool is_private)
{
  _cleanup_(key_freep) struct key *key = parsed(pem);
  _cleanup_(key_freep) struct key *from_der = parsed(made_der(&arena, pem));
  assert_int_equal(key_type(key), type);
  assert_int_equal(key_bits(key), bits);
  assert_int_equal(key_is_private(key), is_private);
  assert_int_equal(key_is_private(from_der), is_private);
  assert_true(key_same(key, from_der));
}

static void reads_every_form_in_pem_and_der(void **state)
{
  (void)state;
  const struct {
    EVP_PKEY *key;
    enum key_type type;
    unsigned bits;
  } keys[] = {{rsa, KEY_RSA, 2048},
              {p256, KEY_EC, 256},
              {p384, KEY_EC, 384},
              {p521, KEY_EC, 521},
              {ed25519, KEY_ED25519, 256}};
  for (unsigned i = 0; i < 5; i++) {
    assert_form(made_private_pem(&arena, keys[i].key), keys[i].type, keys[i].bits, true);
    assert_form(made_public_pem(&arena, keys[i].key), keys[i].type, keys[i].bits, false);
    if (keys[i].type != KEY_ED25519)
      assert_form(made_old_pem(&arena, keys[i].key), keys[i].type, keys[i].bits, true);
  }
}

static struct str rsa_public_pem(void)
{
  unsigned char *der = NULL;
  int len = i2d_PublicKey(rsa, &der);
  BIO *bio = BIO_new(BIO_s_mem());
  PEM_write_bio(bio, "RSA PUBLIC KEY", "", der, len);
  OPENSSL_free(der);
  return made_text(&arena, bio);
}

static void reads_public_keys_of_pkcs1(void **state)
{
  (void)state;
  assert_form(rsa_public_pem(), KEY_RSA, 2048, false);
}

static void rsa_numbers_go_out_and_in(void **state)
{
  (void)state;
  _cleanup_(key_freep) struct key *key = parsed(made_private_pem(&arena, rsa));
  _cleanup_(key_freep) struct key *public = NULL;
  _cleanup_(key_freep) struct key *whole = NULL;
  _cleanup_(key_freep) struct key *plain = NULL;
  struct key_rsa numbers, again, wrong;
  struct error err;
  assert_int_equal(key_rsa(&arena, key, &numbers, NULL), 0);
  assert_int_equal(numbers.n.len, 256);
  assert_true(str_eq(numbers.e, STR("\x01\x00\x01")));
  assert_int_equal(numbers.p.len, 128);
  assert_int_equal(key_from_rsa(&(struct key_rsa){.n = numbers.n, .e = numbers.e}, &public, NULL),
                   0);
  assert_false(key_is_private(public));
  assert_true(key_same(public, key));
  assert_int_equal(key_rsa(&arena, public, &again, NULL), 0);
  assert_int_equal(again.d.len + again.p.len + again.dp.len, 0);
  /* dp, dq and qinv are computed, not taken. */
  again = numbers;
  again.dp = again.dq = again.qinv = STR("x");
  assert_int_equal(key_from_rsa(&again, &whole, NULL), 0);
  assert_int_equal(key_rsa(&arena, whole, &again, NULL), 0);
  assert_true(str_eq(again.dp, numbers.dp) && str_eq(again.dq, numbers.dq));
  assert_true(str_eq(again.qinv, numbers.qinv) && str_eq(again.d, numbers.d));
  again = (struct key_rsa){.n = numbers.n, .e = numbers.e, .d = numbers.d};
  assert_int_equal(key_from_rsa(&again, &plain, NULL), 0);
  assert_true(key_is_private(plain));
  assert_queue_empty();

  struct key *none = NULL;
  wrong = numbers;
  wrong.d = numbers.p;
  assert_int_equal(key_from_rsa(&wrong, &none, &err), SW_EINVAL);
  assert_error(err, SW_EINVAL, "does not belong");
  again.d = numbers.p;
  assert_int_equal(key_from_rsa(&again, &none, &err), SW_EINVAL);
  assert_error(err, SW_EINVAL, "does not belong");
  wrong = numbers;
  wrong.q = numbers.p;
  assert_int_equal(key_from_rsa(&wrong, &none, &err), SW_EINVAL);
  assert_error(err, SW_EINVAL, "different primes");
  wrong = numbers;
  wrong.q = STR_EMPTY;
  assert_int_equal(key_from_rsa(&wrong, &none, &err), SW_EINVAL);
  assert_error(err, SW_EINVAL, "\"q\" is missing");
  wrong = numbers;
  wrong.d = STR_EMPTY;
  assert_int_equal(key_from_rsa(&wrong, &none, &err), SW_EINVAL);
  assert_error(err, SW_EINVAL, "no \"d\"");
  assert_null(none);
  assert_queue_empty();
  key_cleanse(numbers.d);
  for (size_t i = 0; i < numbers.d.len; i++)
    assert_int_equal(numbers.d.data[i], 0);
}

static void assert_rsa_refused(struct str n, struct str e, int code, const char *why)
{
  struct key *key = NULL;
  struct error err;
  assert_int_equal(key_from_rsa(&(struct key_rsa){.n = n, .e = e}, &key, &err), code);
  assert_error(err, code, why);
  assert_null(key);
  assert_queue_empty();
}

static void rsa_numbers_must_be_sane(void **state)
{
  (void)state;
  char ones[5000];
  memset(ones, 0xff, sizeof ones);
  struct str e = STR("\x01\x00\x01"), n = str_make(ones, 256);
  assert_rsa_refused(str_make(ones, 63), e, SW_EINVAL, "504 bits");
  assert_rsa_refused(str_make(ones, 2049), e, SW_ELIMIT, "16392 bits");
  assert_rsa_refused(str_make(ones, 5000), e, SW_ELIMIT, "more than 4096 bytes");
  assert_rsa_refused(STR_EMPTY, e, SW_EINVAL, "\"n\" is missing");
  assert_rsa_refused(n, STR("\0\0"), SW_EINVAL, "\"e\" is missing or zero");
  assert_rsa_refused(n, STR("\x01"), SW_EINVAL, "public exponent");
  assert_rsa_refused(n, STR("\x04"), SW_EINVAL, "public exponent");
  assert_rsa_refused(n, STR("\x01\0\0\0\0\0\0\0\x01"), SW_EINVAL, "public exponent");
  ones[255] = (char)0xfe;
  assert_rsa_refused(n, e, SW_EINVAL, "odd number");
}

static void assert_ec(EVP_PKEY *made, enum key_curve curve, size_t size)
{
  _cleanup_(key_freep) struct key *key = parsed(made_private_pem(&arena, made));
  _cleanup_(key_freep) struct key *public = NULL;
  _cleanup_(key_freep) struct key *private = NULL;
  struct key_ec numbers, again;
  assert_int_equal(key_curve(key), curve);
  assert_int_equal(key_curve_size(curve), size);
  assert_int_equal(key_ec(&arena, key, &numbers, NULL), 0);
  assert_int_equal(numbers.curve, curve);
  assert_int_equal(numbers.x.len, size);
  assert_int_equal(numbers.y.len, size);
  assert_int_equal(numbers.d.len, size);
  assert_int_equal(key_from_ec(&numbers, &private, NULL), 0);
  assert_true(key_is_private(private) && key_same(private, key));
  again = numbers;
  again.d = STR_EMPTY;
  assert_int_equal(key_from_ec(&again, &public, NULL), 0);
  assert_false(key_is_private(public));
  assert_true(key_same(public, key));
  assert_int_equal(key_ec(&arena, public, &again, NULL), 0);
  assert_true(str_eq(again.x, numbers.x) && str_eq(again.y, numbers.y) && again.d.len == 0);
  assert_queue_empty();
}

static void ec_numbers_go_out_and_in(void **state)
{
  (void)state;
  assert_ec(p256, KEY_P256, 32);
  assert_ec(p384, KEY_P384, 48);
  assert_ec(p521, KEY_P521, 66);
}

static void assert_ec_refused(struct key_ec numbers, const char *why)
{
  struct key *key = NULL;
  struct error err;
  assert_int_equal(key_from_ec(&numbers, &key, &err), SW_EINVAL);
  assert_error(err, SW_EINVAL, why);
  assert_null(key);
  assert_queue_empty();
}

static void ec_numbers_must_fit_together(void **state)
{
  (void)state;
  _cleanup_(key_freep) struct key *key = parsed(made_private_pem(&arena, p256));
  _cleanup_(key_freep) struct key *other = parsed(made_private_pem(&arena, p384));
  struct key_ec numbers, wrong, others;
  assert_int_equal(key_ec(&arena, key, &numbers, NULL), 0);
  assert_int_equal(key_ec(&arena, other, &others, NULL), 0);
  wrong = numbers;
  wrong.y = numbers.x;
  assert_ec_refused(wrong, "do not make a key of type EC");
  wrong = numbers;
  wrong.d = STR("\x05");
  assert_ec_refused(wrong, "does not belong");
  wrong = numbers;
  wrong.d = others.d;
  assert_ec_refused(wrong, "EC");
  wrong = numbers;
  wrong.x = others.x;
  assert_ec_refused(wrong, "48 bytes; 32 are its size");
  wrong = numbers;
  wrong.y = STR_EMPTY;
  assert_ec_refused(wrong, "\"y\" is missing");
  wrong = numbers;
  wrong.curve = KEY_NO_CURVE;
  assert_ec_refused(wrong, "curve");
}

/* RFC 8037, appendix A.1. */
static void ed25519_numbers_go_out_and_in(void **state)
{
  (void)state;
  struct key_ed25519 numbers = {
      .x = made_base64url(&arena, "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"),
      .d = made_base64url(&arena, "nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A")};
  _cleanup_(key_freep) struct key *key = NULL;
  _cleanup_(key_freep) struct key *public = NULL;
  struct key *none = NULL;
  struct key_ed25519 again;
  struct error err;
  assert_int_equal(key_from_ed25519(&numbers, &key, NULL), 0);
  assert_true(key_is_private(key));
  assert_int_equal(key_ed25519(&arena, key, &again, NULL), 0);
  assert_true(str_eq(again.x, numbers.x) && str_eq(again.d, numbers.d));
  assert_int_equal(key_from_ed25519(&(struct key_ed25519){.x = numbers.x}, &public, NULL), 0);
  assert_false(key_is_private(public));
  assert_true(key_same(key, public));
  assert_int_equal(key_ed25519(&arena, public, &again, NULL), 0);
  assert_int_equal(again.d.len, 0);
  again = (struct key_ed25519){.x = numbers.d, .d = numbers.d};
  assert_int_equal(key_from_ed25519(&again, &none, &err), SW_EINVAL);
  assert_error(err, SW_EINVAL, "does not belong");
  again = (struct key_ed25519){.x = str_sub(numbers.x, 0, 31)};
  assert_int_equal(key_from_ed25519(&again, &none, &err), SW_EINVAL);
  assert_error(err, SW_EINVAL, "32 bytes");
  assert_queue_empty();
}

static void numbers_of_another_type_are_not_given(void **state)
{
  (void)state;
  _cleanup_(key_freep) struct key *key = parsed(made_public_pem(&arena, p256));
  struct key_rsa r;
  struct key_ed25519 e;
  struct error err;
  assert_int_equal(key_rsa(&arena, key, &r, &err), SW_EUSAGE);
  assert_error(err, SW_EUSAGE, "RSA key asked of an EC key");
  assert_int_equal(key_ed25519(&arena, key, &e, &err), SW_EUSAGE);
  _cleanup_(key_freep) struct key *other = parsed(made_public_pem(&arena, rsa));
  struct key_ec c;
  assert_int_equal(key_ec(&arena, other, &c, &err), SW_EUSAGE);
  assert_error(err, SW_EUSAGE, "EC key asked of an RSA key");
}

static void what_is_not_a_key_is_refused(void **state)
{
  (void)state;
  assert_refused(STR(""), SW_EINVAL, "neither PEM nor");
  assert_refused(STR("hello"), SW_EINVAL, "neither PEM nor");
  assert_refused(STR("-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"), SW_EINVAL,
                 "a certificate stands where a key is expected");
  assert_refused(STR("\n-----BEGIN X-----\nAAAA\n-----END X-----\n"), SW_EINVAL,
                 "PEM block of line 2: a PEM block \"X\"");
  assert_refused(STR("-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----\n"), SW_EINVAL,
                 "not that of a PUBLIC KEY");
  assert_refused(STR("-----BEGIN EC PARAMETERS-----\nAAAA\n-----END EC PARAMETERS-----\n"),
                 SW_EINVAL, "holds no key");
  struct str der = made_der(&arena, made_public_pem(&arena, rsa));
  struct str more = arena_printf(&arena, "%*s", (int)der.len + 1, "");
  memcpy((char *)more.data, der.data, der.len);
  assert_refused(more, SW_EINVAL, "neither PEM nor");
  assert_refused(str_sub(der, 0, der.len - 1), SW_EINVAL, "neither PEM nor");
  struct key *key = NULL;
  struct error err;
  assert_int_equal(key_parse_block(STR("PUBLIC KEY"), more, &key, &err), SW_EINVAL);
  assert_error(err, SW_EINVAL, "1 bytes lie behind");
  assert_queue_empty();
}

static void what_is_not_supported_says_so(void **state)
{
  (void)state;
  assert_refused(made_encrypted_pem(&arena, p256, false), SW_EUNSUPPORTED, "is encrypted");
  assert_refused(made_encrypted_pem(&arena, p256, true), SW_EUNSUPPORTED, "is encrypted");
  assert_refused(STR("-----BEGIN DSA PRIVATE KEY-----\nAAAA\n-----END DSA PRIVATE KEY-----\n"),
                 SW_EUNSUPPORTED, "DSA PRIVATE KEY");
  EVP_PKEY *other = EVP_EC_gen("secp256k1");
  assert_refused(made_private_pem(&arena, other), SW_EUNSUPPORTED, "curve secp256k1");
  EVP_PKEY_free(other);
  other = EVP_PKEY_Q_keygen(NULL, NULL, "X25519");
  assert_refused(made_public_pem(&arena, other), SW_EUNSUPPORTED, "type X25519");
  assert_refused(made_private_pem(&arena, other), SW_EINVAL, "not that of a PRIVATE KEY");
  EVP_PKEY_free(other);
}

static void private_parts_of_other_keys_are_noticed(void **state)
{
  (void)state;
  /* The private number stands in front of the point in SEC 1: a changed bit makes it another's. */
  struct str der = made_der(&arena, made_old_pem(&arena, p256));
  ((char *)der.data)[20] ^= 1;
  struct key *key = NULL;
  struct error err;
  assert_int_equal(key_parse_block(STR("EC PRIVATE KEY"), der, &key, &err), SW_EINVAL);
  assert_queue_empty();
  /* In PKCS#1 the private exponent stands behind modulus and public exponent. */
  der = made_der(&arena, made_old_pem(&arena, rsa));
  ((char *)der.data)[4 + 3 + 4 + 257 + 5 + 4 + 100] ^= 1;
  assert_int_equal(key_parse_block(STR("RSA PRIVATE KEY"), der, &key, &err), SW_EINVAL);
  assert_error(err, SW_EINVAL, "does not belong");
  assert_null(key);
  assert_queue_empty();
}

static void reads_several_keys_of_a_text(void **state)
{
  (void)state;
  struct str one = made_private_pem(&arena, p256), two = made_public_pem(&arena, rsa);
  struct str text = arena_printf(&arena,
                                 "-----BEGIN EC PARAMETERS-----\nBggqhkjOPQMBBw==\n"
                                 "-----END EC PARAMETERS-----\n%.*sbetween\n%.*s",
                                 STR_FMT(one), STR_FMT(two));
  _cleanup_(key_list_free) struct key_list list = {0};
  struct error err;
  assert_int_equal(key_parse_list(text, &list, &err), 0);
  assert_int_equal(list.count, 2);
  assert_int_equal(key_type(list.items[0]), KEY_EC);
  assert_int_equal(key_type(list.items[1]), KEY_RSA);
  assert_refused(text, SW_EINVAL, "2 keys where one is expected");
  text = arena_printf(&arena, "%.*s\n-----BEGIN A-----\nAAAA\n-----END A-----\n", STR_FMT(two));
  struct key_list none = {0};
  assert_int_equal(key_parse_list(text, &none, &err), SW_EINVAL);
  assert_int_equal(err.line, 11);
  assert_null(none.items);
}

static void too_much_is_refused(void **state)
{
  (void)state;
  struct str many = STR_EMPTY, one = made_public_pem(&arena, p256);
  for (int i = 0; i <= KEY_LIST_MAX; i++)
    many = arena_printf(&arena, "%.*s%.*s", STR_FMT(many), STR_FMT(one));
  assert_refused(many, SW_ELIMIT, "more than 64 keys");
  char *large = arena_alloc(&arena, KEY_TEXT_MAX + 1);
  memset(large, ' ', KEY_TEXT_MAX + 1);
  assert_refused(str_make(large, KEY_TEXT_MAX + 1), SW_ELIMIT, "more than 65536 bytes");
  assert_refused(str_make(large, KEY_TEXT_MAX), SW_EINVAL, "neither");
}

/* One DER element, with a long length where it is needed. */
static struct str element(unsigned char tag, struct str content)
{
  unsigned char head[4] = {tag, 0x82, (unsigned char)(content.len >> 8),
                           (unsigned char)content.len};
  size_t len = content.len < 128 ? 2 : 4;
  if (len == 2)
    head[1] = (unsigned char)content.len;
  char *bytes = arena_alloc(&arena, len + content.len);
  memcpy(bytes, head, len);
  memcpy(bytes + len, content.data, content.len);
  return str_make(bytes, len + content.len);
}

static struct str joined(struct str a, struct str b)
{
  char *bytes = arena_alloc(&arena, a.len + b.len);
  memcpy(bytes, a.data, a.len);
  memcpy(bytes + a.len, b.data, b.len);
  return str_make(bytes, a.len + b.len);
}

/* A DSA key of 48,000 bits: OpenSSL would compute its public part for a minute. */
static void other_types_are_not_computed_with(void **state)
{
  (void)state;
  char large[6000];
  memset(large, 0x7f, sizeof large);
  struct str number = element(2, str_make(large, sizeof large));
  struct str parameters =
      element(0x30, joined(joined(number, number), element(2, STR("\x02")))); /* p, q, g */
  struct str oid = element(6, STR("\x2a\x86\x48\xce\x38\x04\x01"));
  struct str algorithm = element(0x30, joined(oid, parameters));
  struct str text =
      element(0x30, joined(joined(element(2, STR("\0")), algorithm), element(4, number)));
  const unsigned char *at = (const unsigned char *)text.data;
  PKCS8_PRIV_KEY_INFO *info = d2i_PKCS8_PRIV_KEY_INFO(NULL, &at, (long)text.len);
  assert_non_null(info); /* it is well formed */
  PKCS8_PRIV_KEY_INFO_free(info);
  const char *labels[] = {"PRIVATE KEY", "RSA PRIVATE KEY", "EC PRIVATE KEY"};
  struct key *key = NULL;
  for (unsigned i = 0; i < 3; i++)
    assert_int_equal(key_parse_block(str_from(labels[i]), text, &key, NULL), SW_EINVAL);
  assert_refused(text, SW_EINVAL, "neither PEM nor");
}

static void writes_the_public_part(void **state)
{
  (void)state;
  _cleanup_(key_freep) struct key *key = parsed(made_private_pem(&arena, ed25519));
  struct str der;
  assert_int_equal(key_public_der(&arena, key, &der, NULL), 0);
  assert_true(str_eq(der, made_der(&arena, made_public_pem(&arena, ed25519))));
  _cleanup_(key_freep) struct key *other = parsed(made_public_pem(&arena, p256));
  assert_false(key_same(key, other));
  _cleanup_(key_freep) struct key *third = parsed(made_public_pem(&arena, p384));
  assert_false(key_same(other, third));
  assert_queue_empty();
}

static void names_types_and_curves(void **state)
{
  (void)state;
  enum key_curve curve = KEY_NO_CURVE;
  assert_str(key_type_name(KEY_ED25519), "Ed25519");
  assert_str(key_curve_name(KEY_P521), "P-521");
  assert_str(key_curve_name(KEY_NO_CURVE), "");
  assert_true(key_curve_named(STR("P-384"), &curve));
  assert_int_equal(curve, KEY_P384);
  assert_false(key_curve_named(STR("p-256"), &curve));
  assert_false(key_curve_named(STR(""), &curve));
  key_free(NULL);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(reads_every_form_in_pem_and_der),
      cmocka_unit_test(reads_public_keys_of_pkcs1),
      cmocka_unit_test(rsa_numbers_go_out_and_in),
      cmocka_unit_test(rsa_numbers_must_be_sane),
      cmocka_unit_test(ec_numbers_go_out_and_in),
      cmocka_unit_test(ec_numbers_must_fit_together),
      cmocka_unit_test(ed25519_numbers_go_out_and_in),
      cmocka_unit_test(numbers_of_another_type_are_not_given),
      cmocka_unit_test(what_is_not_a_key_is_refused),
      cmocka_unit_test(what_is_not_supported_says_so),
      cmocka_unit_test(private_parts_of_other_keys_are_noticed),
      cmocka_unit_test(reads_several_keys_of_a_text),
      cmocka_unit_test(too_much_is_refused),
      cmocka_unit_test(other_types_are_not_computed_with),
      cmocka_unit_test(writes_the_public_part),
      cmocka_unit_test(names_types_and_curves),
  };
  return cmocka_run_group_tests(tests, set_up, tear_down);
}
