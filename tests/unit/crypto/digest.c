#include "../test.h"

#include "crypto/digest.h"

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

static void assert_digest(enum digest_algorithm algorithm, struct str text, const char *hex)
{
  struct digest d;
  assert_int_equal(digest_of(algorithm, text, &d, NULL), 0);
  assert_int_equal(d.len, digest_size(algorithm));
  assert_str(digest_hex(&arena, &d), hex);
}

/* FIPS 180-4's example "abc" and the empty text; RFC 1321, section A.5. */
static void gives_the_published_digests(void **state)
{
  (void)state;
  assert_digest(DIGEST_MD5, STR(""), "d41d8cd98f00b204e9800998ecf8427e");
  assert_digest(DIGEST_MD5, STR("abc"), "900150983cd24fb0d6963f7d28e17f72");
  assert_digest(DIGEST_SHA1, STR("abc"), "a9993e364706816aba3e25717850c26c9cd0d89d");
  assert_digest(DIGEST_SHA224, STR("abc"),
                "23097d223405d8228642a477bda255b32aadbce4bda0b3f7e36c9da7");
  assert_digest(DIGEST_SHA256, STR("abc"),
                "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  assert_digest(DIGEST_SHA256, str_make(NULL, 0),
                "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  assert_digest(DIGEST_SHA384, STR("abc"),
                "cb00753f45a35e8bb5a03d699ac65007272c32ab0eded1631a8b605a43ff5bed"
                "8086072ba1e7cc2358baeca134c825a7");
  assert_digest(DIGEST_SHA512, STR("abc"),
                "ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a"
                "2192992a274fc1a836ba3c23a3feebbd454d4423643ce80e2a9ac94fa54ca49f");
}

static void assert_hmac(struct str key, struct str text, const char *sha256, const char *sha512)
{
  struct digest d;
  assert_int_equal(digest_hmac(DIGEST_SHA256, key, text, &d, NULL), 0);
  assert_str(digest_hex(&arena, &d), sha256);
  assert_int_equal(digest_hmac(DIGEST_SHA512, key, text, &d, NULL), 0);
  assert_str(digest_hex(&arena, &d), sha512);
}

/* RFC 4231, cases 1, 2, 3, 6; the last has a key longer than a block. */
static void gives_the_published_hmacs(void **state)
{
  (void)state;
  char key[131], text[50];
  memset(key, 0x0b, 20);
  assert_hmac(str_make(key, 20), STR("Hi There"),
              "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7",
              "87aa7cdea5ef619d4ff0b4241a1d6cb02379f4e2ce4ec2787ad0b30545e17cde"
              "daa833b7d6b8a702038b274eaea3f4e4be9d914eeb61f1702e696c203a126854");
  assert_hmac(STR("Jefe"), STR("what do ya want for nothing?"),
              "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843",
              "164b7a7bfcf819e2e395fbe73b56e0a387bd64222e831fd610270cd7ea250554"
              "9758bf75c05a994a6d034f65f8f0e6fdcaeab1a34d4a6b4b636e070a38bce737");
  memset(key, 0xaa, sizeof key);
  memset(text, 0xdd, sizeof text);
  assert_hmac(str_make(key, 20), str_make(text, 50),
              "773ea91e36800e46854db8ebd09181a72959098b3ef8c122d9635514ced565fe",
              "fa73b0089d56a284efb0f0756c890be9b1b5dbdd8ee81a3655f83e33b2279d39"
              "bf3e848279a722c806b485a47e67c807b946a337bee8942674278859e13292fb");
  assert_hmac(str_make(key, 131), STR("Test Using Larger Than Block-Size Key - Hash Key First"),
              "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54",
              "80b24263c7c1a3ebb71493c1dd7be8b49b46d1f41b4aeec1121b013783f8f352"
              "6b56d037e05f2598bd0fd2215d6a1e5295e64f73f63f0aec8b915a985d786598");
}

/* RFC 2202, case 2. */
static void knows_the_old_hmacs_and_empty_keys(void **state)
{
  (void)state;
  struct digest d;
  assert_int_equal(
      digest_hmac(DIGEST_MD5, STR("Jefe"), STR("what do ya want for nothing?"), &d, NULL), 0);
  assert_str(digest_hex(&arena, &d), "750c783e6ab0b503eaa86e310a5db738");
  assert_int_equal(
      digest_hmac(DIGEST_SHA1, STR("Jefe"), STR("what do ya want for nothing?"), &d, NULL), 0);
  assert_str(digest_hex(&arena, &d), "effcdf6ae5eb2fa2d27416d5f184df9c259a7c79");
  assert_int_equal(digest_hmac(DIGEST_SHA256, str_make(NULL, 0), str_make(NULL, 0), &d, NULL), 0);
  assert_str(digest_hex(&arena, &d),
             "b613679a0814d9ec772f95d778c35fc5ff1697c493715653c6c712144292c5ad");
}

static void takes_text_in_pieces_and_starts_anew(void **state)
{
  (void)state;
  _cleanup_(digester_freep) struct digester *d = NULL;
  struct digest sum;
  assert_int_equal(digester_new(DIGEST_SHA256, &d, NULL), 0);
  for (int round = 0; round < 2; round++) {
    assert_int_equal(digester_add(d, STR("a"), NULL), 0);
    assert_int_equal(digester_add(d, str_make(NULL, 0), NULL), 0);
    assert_int_equal(digester_add(d, STR("bc"), NULL), 0);
    assert_int_equal(digester_end(d, &sum, NULL), 0);
    assert_str(digest_hex(&arena, &sum),
               "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  }
  digester_free(NULL);
}

static void knows_algorithms_by_name(void **state)
{
  (void)state;
  for (unsigned i = 0; i < DIGEST_COUNT; i++) {
    enum digest_algorithm found = DIGEST_COUNT;
    assert_true(digest_named(digest_name((enum digest_algorithm)i), &found));
    assert_int_equal(found, i);
  }
  enum digest_algorithm untouched = DIGEST_SHA1;
  assert_false(digest_named(STR("SHA256"), &untouched));
  assert_false(digest_named(STR(""), &untouched));
  assert_int_equal(untouched, DIGEST_SHA1);
  assert_str(digest_name(DIGEST_SHA384), "sha384");
}

static void compares_whole_texts(void **state)
{
  (void)state;
  assert_true(digest_equal(STR("a\0b"), STR("a\0b")));
  assert_false(digest_equal(STR("a\0b"), STR("a\0c")));
  assert_false(digest_equal(STR("ab"), STR("abc")));
  assert_true(digest_equal(str_make(NULL, 0), STR("")));
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(gives_the_published_digests),
      cmocka_unit_test(gives_the_published_hmacs),
      cmocka_unit_test(knows_the_old_hmacs_and_empty_keys),
      cmocka_unit_test(takes_text_in_pieces_and_starts_anew),
      cmocka_unit_test(knows_algorithms_by_name),
      cmocka_unit_test(compares_whole_texts),
  };
  return cmocka_run_group_tests(tests, set_up, tear_down);
}
