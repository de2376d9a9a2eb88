#include "../test.h"

#include "base/utf8.h"

static void knows_valid_from_invalid(void **state)
{
  (void)state;
  static const struct {
    struct str text;
    size_t valid; /* length of the part that is */
  } rows[] = {
      {STR_INIT(""), 0},
      {STR_INIT("plain"), 5},
      {STR_INIT("a\0b"), 3},
      {STR_INIT("\xC3\xA9t\xC3\xA9"), 5},
      {STR_INIT("\xC2\x80"), 2},         /* U+0080 */
      {STR_INIT("\xDF\xBF"), 2},         /* U+07FF */
      {STR_INIT("\xE0\xA0\x80"), 3},     /* U+0800 */
      {STR_INIT("\xED\x9F\xBF"), 3},     /* U+D7FF */
      {STR_INIT("\xEE\x80\x80"), 3},     /* U+E000 */
      {STR_INIT("\xEF\xBF\xBF"), 3},     /* U+FFFF */
      {STR_INIT("\xF0\x90\x80\x80"), 4}, /* U+10000 */
      {STR_INIT("\xF4\x8F\xBF\xBF"), 4}, /* U+10FFFF */
      {STR_INIT("a\x80"), 1},            /* a tail alone */
      {STR_INIT("ab\xC0\x80"), 2},       /* U+0000, overlong */
      {STR_INIT("ab\xC1\xBF"), 2},       /* U+007F, overlong */
      {STR_INIT("\xE0\x9F\xBF"), 0},     /* U+07FF, overlong */
      {STR_INIT("\xED\xA0\x80"), 0},     /* U+D800, a surrogate */
      {STR_INIT("\xED\xBF\xBF"), 0},     /* U+DFFF */
      {STR_INIT("\xF0\x8F\xBF\xBF"), 0}, /* U+FFFF, overlong */
      {STR_INIT("\xF4\x90\x80\x80"), 0}, /* U+110000 */
      {STR_INIT("\xF5\x80\x80\x80"), 0},
      {STR_INIT("\xF8\x88\x80\x80\x80"), 0},
      {STR_INIT("\xFF"), 0},
      {STR_INIT("x\xC3"), 1}, /* cut short */
      {STR_INIT("x\xE2\x82"), 1},
      {STR_INIT("x\xF0\x9F\x98"), 1},
      {STR_INIT("x\xC3y"), 1},
      {STR_INIT("x\xE2\x82y"), 1},
      {STR_INIT("x\xF0\x9F\x98y"), 1},
  };
  for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
    if (utf8_valid_length(rows[i].text) != rows[i].valid)
      fail_msg("row %zu: %zu", i, utf8_valid_length(rows[i].text));
    assert_int_equal(utf8_valid(rows[i].text), rows[i].valid == rows[i].text.len);
  }
  assert_true(utf8_valid(str_make(NULL, 0)));
}

/* Wherever in the sixteen bytes that are looked at together it stands. */
static void finds_a_bad_byte_at_every_position(void **state)
{
  (void)state;
  char text[70];
  for (size_t len = 0; len < sizeof text; len++) {
    memset(text, 'a', sizeof text);
    assert_true(utf8_valid(str_make(text, len)));
    for (size_t bad = 0; bad < len; bad++) {
      text[bad] = '\x80';
      assert_int_equal(utf8_valid_length(str_make(text, len)), bad);
      text[bad] = 'a';
    }
  }
}

static void every_code_point_goes_there_and_back(void **state)
{
  (void)state;
  for (uint32_t point = 0; point <= 0x110100; point++) {
    char bytes[4];
    unsigned len = utf8_encode(point, bytes);
    if ((point >= 0xD800 && point <= 0xDFFF) || point > UTF8_POINT_MAX) {
      if (len != 0)
        fail_msg("U+%04X was written", point);
      continue;
    }
    uint32_t back = 0;
    if (utf8_decode(str_make(bytes, len), 0, &back) != len || back != point)
      fail_msg("U+%04X", point);
    if (!utf8_valid(str_make(bytes, len)) || utf8_valid_length(str_make(bytes, len - 1)) != 0)
      fail_msg("U+%04X: validity", point);
  }
}

static void what_is_not_valid_decodes_to_the_replacement(void **state)
{
  (void)state;
  uint32_t point = 0;
  assert_int_equal(utf8_decode(STR("a\xFF"), 1, &point), 0);
  assert_int_equal(point, UTF8_REPLACEMENT);
  assert_int_equal(utf8_decode(STR("a\xC3\xA9"), 1, &point), 2);
  assert_int_equal(point, 0xE9);
  assert_int_equal(utf8_decode(STR("\xE2\x82"), 0, &point), 0);
}

static void counts_code_points(void **state)
{
  (void)state;
  assert_int_equal(utf8_count(STR_EMPTY), 0);
  assert_int_equal(utf8_count(STR("na\xC3\xAFve \xE2\x82\xAC")), 7);
  assert_int_equal(utf8_count(STR("\xFF\xE2\x82x")), 4);
}

static void measures_columns(void **state)
{
  (void)state;
  assert_int_equal(utf8_width(STR("web-1")), 5);
  assert_int_equal(utf8_width(STR("na\xC3\xAFve")), 5);
  assert_int_equal(utf8_width(STR("e\xCC\x81")), 1);                /* combining acute */
  assert_int_equal(utf8_width(STR("\xE6\xBC\xA2\xE5\xAD\x97")), 4); /* two ideographs */
  assert_int_equal(utf8_width(STR("\xED\x95\x9C")), 2);             /* Hangul syllable */
  assert_int_equal(utf8_width(STR("\xE1\x84\x92\xE1\x85\xA1\xE1\x86\xAB")), 2); /* in parts */
  assert_int_equal(utf8_width(STR("\xEF\xBD\xB1")), 1);     /* half-width kana */
  assert_int_equal(utf8_width(STR("\xEF\xBC\xA1")), 2);     /* full-width A */
  assert_int_equal(utf8_width(STR("\xF0\x9F\x98\x80")), 2); /* emoji */
  assert_int_equal(utf8_width(STR("a\xE2\x80\x8B"
                                  "b")),
                   2);                                  /* zero-width space */
  assert_int_equal(utf8_width(STR("\xE2\x80\xA6")), 1); /* ellipsis */
  assert_int_equal(utf8_width(STR("\xE2\x94\x80")), 1); /* box drawing */
  assert_int_equal(utf8_width(STR("a\xFFz")), 3);
  assert_int_equal(utf8_point_width(0), 0);
  assert_int_equal(utf8_point_width(0x1B), 0);
  assert_int_equal(utf8_point_width(0x7F), 0);
  assert_int_equal(utf8_point_width(0x9F), 0);
  assert_int_equal(utf8_point_width(0xA0), 1);
  assert_int_equal(utf8_point_width(0xAD), 1);
  assert_int_equal(utf8_point_width(0x300), 0);
  assert_int_equal(utf8_point_width(0x36F), 0);
  assert_int_equal(utf8_point_width(0x370), 1);
  assert_int_equal(utf8_point_width(0x10FFFF), 1);
  assert_int_equal(utf8_point_width(0x3FFFD), 2);
}

static void cuts_at_columns(void **state)
{
  (void)state;
  assert_str(utf8_cut_columns(STR("abc"), 2), "ab");
  assert_str(utf8_cut_columns(STR("abc"), 3), "abc");
  assert_str(utf8_cut_columns(STR("abc"), 9), "abc");
  assert_str(utf8_cut_columns(STR("abc"), 0), "");
  assert_str(utf8_cut_columns(STR("a\xE6\xBC\xA2z"), 2), "a"); /* half of it would be too much */
  assert_str(utf8_cut_columns(STR("a\xE6\xBC\xA2z"), 3), "a\xE6\xBC\xA2");
  assert_str(utf8_cut_columns(STR("e\xCC\x81z"), 1), "e\xCC\x81");
}

static void knows_what_is_not_seen(void **state)
{
  (void)state;
  static const uint32_t hidden[] = {0,      0x1f,   0x7f,   0x9f,   0xad,    0x200b,  0x200e,
                                    0x2028, 0x202e, 0x2066, 0xfeff, 0xe0041, 0x1d173, 0xffff};
  static const uint32_t seen[] = {' ',    '~',    0xa0,   0xac,   0xae,   0x300,
                                  0x200c, 0x200d, 0x202f, 0x6f22, 0x1f600};
  for (size_t i = 0; i < sizeof hidden / sizeof *hidden; i++)
    assert_false(utf8_point_visible(hidden[i]));
  for (size_t i = 0; i < sizeof seen / sizeof *seen; i++)
    assert_true(utf8_point_visible(seen[i]));
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(knows_valid_from_invalid),
      cmocka_unit_test(finds_a_bad_byte_at_every_position),
      cmocka_unit_test(every_code_point_goes_there_and_back),
      cmocka_unit_test(what_is_not_valid_decodes_to_the_replacement),
      cmocka_unit_test(counts_code_points),
      cmocka_unit_test(measures_columns),
      cmocka_unit_test(cuts_at_columns),
      cmocka_unit_test(knows_what_is_not_seen),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
