#include "../test.h"

#include "base/hash.h"

/* The first vectors published with SipHash-2-4: key 00 01 ... 0f, input 00 01 ... of each length;
 * the one of 15 bytes is that of the paper's appendix A. */
static const uint8_t siphash24_vectors[][8] = {
    {0x31, 0x0e, 0x0e, 0xdd, 0x47, 0xdb, 0x6f, 0x72},
    {0xfd, 0x67, 0xdc, 0x93, 0xc5, 0x39, 0xf8, 0x74},
    {0x5a, 0x4f, 0xa9, 0xd9, 0x09, 0x80, 0x6c, 0x0d},
    {0x2d, 0x7e, 0xfb, 0xd7, 0x96, 0x66, 0x67, 0x85},
    {0xb7, 0x87, 0x71, 0x27, 0xe0, 0x94, 0x27, 0xcf},
    {0x8d, 0xa6, 0x99, 0xcd, 0x64, 0x55, 0x76, 0x18},
    {0xce, 0xe3, 0xfe, 0x58, 0x6e, 0x46, 0xc9, 0xcb},
    {0x37, 0xd1, 0x01, 0x8b, 0xf5, 0x00, 0x02, 0xab},
    {0x62, 0x24, 0x93, 0x9a, 0x79, 0xf5, 0xf5, 0x93},
    {0xb0, 0xe4, 0xa9, 0x0b, 0xdf, 0x82, 0x00, 0x9e},
    {0xf3, 0xb9, 0xdd, 0x94, 0xc5, 0xbb, 0x5d, 0x7a},
    {0xa7, 0xad, 0x6b, 0x22, 0x46, 0x2f, 0xb3, 0xf4},
    {0xfb, 0xe5, 0x0e, 0x86, 0xbc, 0x8f, 0x1e, 0x75},
    {0x90, 0x3d, 0x84, 0xc0, 0x27, 0x56, 0xea, 0x14},
    {0xee, 0xf2, 0x7a, 0x8e, 0x90, 0xca, 0x23, 0xf7},
    {0xe5, 0x45, 0xbe, 0x49, 0x61, 0xca, 0x29, 0xa1},
};

static void siphash24_gives_the_published_vectors(void **state)
{
  (void)state;
  uint8_t key[16];
  char input[16];
  for (int i = 0; i < 16; i++)
    key[i] = (uint8_t)(input[i] = (char)i);
  for (size_t len = 0; len < 16; len++) {
    uint64_t expected = 0;
    for (int i = 7; i >= 0; i--)
      expected = expected << 8 | siphash24_vectors[len][i];
    assert_true(hash_siphash24(key, str_make(input, len)) == expected);
  }
}

/* Expected values from OpenSSL's SIPHASH with size 16 and the key that hash.c states. */
static void stable_hashes_are_the_same_everywhere(void **state)
{
  (void)state;
  static const struct {
    const char *text;
    uint64_t low, high;
  } rows[] = {
      {"", 0x1A4115F45BD1D36AULL, 0x453B00416D2B107CULL},
      {"seawall", 0xFBC7A66489D388A1ULL, 0xB93FCE0BEAA377BDULL},
      {"manifests/web.yaml:hostNetwork", 0xFB38917A3CB58E3CULL, 0x26B107B53E1B8868ULL},
  };
  for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
    struct hash128 hash = hash_stable(str_from(rows[i].text));
    assert_true(hash.low == rows[i].low);
    assert_true(hash.high == rows[i].high);
  }
}

static void process_hashes_depend_on_every_byte(void **state)
{
  (void)state;
  char text[33];
  memset(text, 'a', sizeof text);
  uint64_t hash = hash_bytes(str_make(text, 33));
  assert_true(hash == hash_bytes(str_make(text, 33)));
  for (size_t i = 0; i < 33; i++) {
    text[i] = 'b';
    assert_true(hash != hash_bytes(str_make(text, 33)));
    assert_true(hash != hash_bytes(str_make(text, i)));
    text[i] = 'a';
  }
  assert_true(hash_bytes(STR("a")) != hash_bytes(STR("a\0")));
  assert_true(hash_bytes(str_make(NULL, 0)) == hash_bytes(STR_EMPTY));
}

static void mixing_depends_on_both_parts(void **state)
{
  (void)state;
  assert_true(hash_mix(1, 2) == hash_mix(1, 2));
  assert_true(hash_mix(1, 2) != hash_mix(2, 1));
  assert_true(hash_mix(0, 1) != hash_mix(0, 2));
  assert_true(hash_mix(0, 1) != hash_mix(1, 1));
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(siphash24_gives_the_published_vectors),
      cmocka_unit_test(stable_hashes_are_the_same_everywhere),
      cmocka_unit_test(process_hashes_depend_on_every_byte),
      cmocka_unit_test(mixing_depends_on_both_parts),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
