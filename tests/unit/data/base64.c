#include "../test.h"

#include "data/base64.h"

/* RFC 4648, section 10, and a few with the last two characters. */
static const struct {
  const char *bytes, *standard, *url_raw;
} pairs[] = {
    {"", "", ""},
    {"f", "Zg==", "Zg"},
    {"fo", "Zm8=", "Zm8"},
    {"foo", "Zm9v", "Zm9v"},
    {"foob", "Zm9vYg==", "Zm9vYg"},
    {"fooba", "Zm9vYmE=", "Zm9vYmE"},
    {"foobar", "Zm9vYmFy", "Zm9vYmFy"},
    {"\xfb\xff\xfe", "+//+", "-__-"},
    {"\xff", "/w==", "_w"},
};

static void encodes_and_decodes(void **state)
{
  (void)state;
  struct arena a;
  arena_init(&a, 0);
  for (size_t i = 0; i < sizeof pairs / sizeof pairs[0]; i++) {
    struct str bytes = str_from(pairs[i].bytes), back;
    assert_str(base64_encode(&a, bytes, BASE64_STANDARD), pairs[i].standard);
    assert_str(base64_encode(&a, bytes, BASE64_URL | BASE64_RAW), pairs[i].url_raw);
    assert_int_equal(base64_decode(&a, str_from(pairs[i].standard), BASE64_STANDARD, &back, NULL),
                     0);
    assert_str(back, pairs[i].bytes);
    assert_int_equal(
        base64_decode(&a, str_from(pairs[i].url_raw), BASE64_URL | BASE64_RAW, &back, NULL), 0);
    assert_str(back, pairs[i].bytes);
  }
  arena_free(&a);
}

static void refuses_with_the_offset(void **state)
{
  (void)state;
  static const struct {
    const char *text;
    unsigned flags;
    const char *message;
    uint32_t column;
  } cases[] = {
      {"Zg=", 0, "padding is missing at offset 3", 4},
      {"Zg", 0, "padding is missing at offset 2", 3},
      {"Zm8", 0, "padding is missing at offset 3", 4},
      {"Z", 0, "ends in the middle of a byte at offset 1", 2},
      {"Zm9vZ", 0, "ends in the middle of a byte at offset 5", 6},
      {"Zg===", 0, "text behind the padding at offset 4", 5},
      {"Zg==Zg==", 0, "text behind the padding at offset 4", 5},
      {"Zm9v=", 0, "padding at offset 4", 5},
      {"=", 0, "padding at offset 0", 1},
      {"Z===", 0, "padding at offset 1", 2},
      {"Zg=a", 0, "padding is missing at offset 3", 4},
      {"Zg==", BASE64_RAW, "padding at offset 2", 3},
      {"Zh==", 0, "bits that belong to no byte are set at offset 1", 2},
      {"Zm9=", 0, "bits that belong to no byte are set at offset 2", 3},
      {"Zm9\nv", 0, "white space at offset 3", 4},
      {"Zm 9v", 0, "white space at offset 2", 3},
      {"Zm9v\n", 0, "white space at offset 4", 5},
      {"ab-_", 0, "of the URL alphabet, not of the standard one, at offset 2", 3},
      {"ab+/", BASE64_URL, "of the standard alphabet, not of the URL one, at offset 2", 3},
      {"a!cd", 0, "a character that is not of the alphabet at offset 1", 2},
      {"Zm9v\xc3", 0, "a character that is not of the alphabet at offset 4", 5},
  };
  struct arena a;
  arena_init(&a, 0);
  for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
    struct str out = {NULL, 77};
    struct error err;
    assert_int_equal(base64_decode(&a, str_from(cases[i].text), cases[i].flags, &out, &err),
                     SW_EINVAL);
    assert_error(err, SW_EINVAL, cases[i].message);
    assert_int_equal(err.column, cases[i].column);
    assert_int_equal(out.len, 77);
  }
  arena_free(&a);
}

static void takes_what_go_takes(void **state)
{
  (void)state;
  static const char *const same[] = {"Zm9v\nYg==\n", "\r\nZ\nm\n9\nv\nY\ng\n=\n=\n",
                                     "Zm9vYh==", "Zm9v\r\nYn=\r\n="};
  struct arena a;
  arena_init(&a, 0);
  for (size_t i = 0; i < sizeof same / sizeof same[0]; i++) {
    struct str out;
    assert_int_equal(base64_decode(&a, str_from(same[i]), BASE64_AS_GO, &out, NULL), 0);
    assert_str(out, "foob");
  }
  struct str out;
  assert_int_equal(base64_decode(&a, STR("Zm9v Yg=="), BASE64_AS_GO, &out, NULL), SW_EINVAL);
  assert_int_equal(base64_decode(&a, STR("\n\n"), BASE64_AS_GO, &out, NULL), 0);
  assert_int_equal(out.len, 0);
  arena_free(&a);
}

static void keeps_every_byte(void **state)
{
  (void)state;
  struct arena a;
  arena_init(&a, 0);
  char bytes[256 * 3];
  for (size_t i = 0; i < sizeof bytes; i++)
    bytes[i] = (char)(i * 7 + i / 256);
  for (size_t len = 0; len < sizeof bytes; len += 5) {
    for (unsigned flags = 0; flags < 4; flags++) {
      struct str out;
      struct str text = base64_encode(&a, str_make(bytes, len), flags);
      assert_int_equal(base64_decode(&a, text, flags, &out, NULL), 0);
      assert_true(str_eq(out, str_make(bytes, len)));
    }
  }
  arena_free(&a);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(encodes_and_decodes),
      cmocka_unit_test(refuses_with_the_offset),
      cmocka_unit_test(takes_what_go_takes),
      cmocka_unit_test(keeps_every_byte),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
