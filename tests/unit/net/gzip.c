#include "../test.h"

#include "base/buf.h"
#include "base/mem.h"
#include "net/gzip.h"

#include <zlib.h>

/* Appends a member of its own. */
static void pack(struct buf *out, struct str text)
{
  z_stream z = {0};
  assert_int_equal(deflateInit2(&z, 9, Z_DEFLATED, 16 + MAX_WBITS, 8, Z_DEFAULT_STRATEGY), Z_OK);
  size_t most = deflateBound(&z, text.len);
  assert_true(buf_reserve(out, most));
  z.next_in = (Bytef *)(uintptr_t)text.data;
  z.avail_in = (uInt)text.len;
  z.next_out = (Bytef *)out->data + out->len;
  z.avail_out = (uInt)most;
  assert_int_equal(deflate(&z, Z_FINISH), Z_STREAM_END);
  out->len += z.total_out;
  deflateEnd(&z);
}

static void test_texts(void **state)
{
  (void)state;
  static const size_t sizes[] = {0, 1, 100, 32767, 32768, 32769, 1000000};
  for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
    _cleanup_(buf_free) struct buf text = {0}, packed = {0}, got = {0};
    for (size_t k = 0; k < sizes[i]; k++)
      buf_add_byte(&text, (char)(k * 7 + k / 251));
    pack(&packed, buf_str(&text));
    assert_int_equal(gzip_unpack(buf_str(&packed), &got, NULL), 0);
    assert_true(str_eq(buf_str(&got), buf_str(&text)));
  }
}

static void test_members_follow_one_another(void **state)
{
  (void)state;
  _cleanup_(buf_free) struct buf packed = {0}, got = {0};
  pack(&packed, STR("one, "));
  pack(&packed, STR(""));
  pack(&packed, STR("two"));
  buf_add_text(&got, "before: ");
  assert_int_equal(gzip_unpack(buf_str(&packed), &got, NULL), 0);
  assert_str(buf_str(&got), "before: one, two");
}

static void refused(struct str packed, const char *message)
{
  _cleanup_(buf_free) struct buf got = {0};
  struct error err;
  assert_int_equal(gzip_unpack(packed, &got, &err), SW_EINVAL);
  assert_error(err, SW_EINVAL, message);
}

static void test_what_is_not_gzip(void **state)
{
  (void)state;
  _cleanup_(buf_free) struct buf packed = {0};
  pack(&packed, STR("a text that is long enough to be cut"));
  refused(STR(""), "cut off");
  refused(STR("{\"input\": 1}"), "incorrect header check");
  for (size_t i = 1; i < packed.len; i++)
    refused(str_sub(buf_str(&packed), 0, i), "cut off");
  buf_add_text(&packed, "x");
  refused(buf_str(&packed), "gzip: ");
  packed.len--;
  packed.data[packed.len - 1] ^= 1; /* the length */
  refused(buf_str(&packed), "incorrect length check");
  packed.data[packed.len - 5] ^= 1; /* the checksum */
  refused(buf_str(&packed), "incorrect data check");
}

static void test_limit(void **state)
{
  (void)state;
  _cleanup_(buf_free) struct buf text = {0}, packed = {0}, got = {0};
  struct error err;
  buf_add_repeat(&text, 'a', 10 << 20);
  pack(&packed, buf_str(&text));
  assert_true(packed.len < 20000);
  buf_init(&got, 100000);
  assert_int_equal(gzip_unpack(buf_str(&packed), &got, &err), SW_ELIMIT);
  assert_error(err, SW_ELIMIT, "more than 100000 bytes");
  assert_true(got.room <= 200000);
  buf_free(&got);
  buf_init(&got, 10 << 20);
  assert_int_equal(gzip_unpack(buf_str(&packed), &got, &err), 0);
  assert_int_equal(got.len, 10 << 20);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_texts),
      cmocka_unit_test(test_members_follow_one_another),
      cmocka_unit_test(test_what_is_not_gzip),
      cmocka_unit_test(test_limit),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
