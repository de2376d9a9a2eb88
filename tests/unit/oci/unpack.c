#include "../test.h"

#include "oci/unpack.h"

#include "image.h"

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

/* Everything that comes out, in pieces of the input of that size. */
static int run(struct str packed, size_t piece, const struct oci_unpack_options *options,
               struct buf *out, const char **ret_name, struct error *err)
{
  _cleanup_(oci_unpack_freep) struct oci_unpack *u = NULL;
  struct memory_input m = {.rest = packed, .piece = piece};
  struct str got;
  int rc = oci_unpack_new(input_of(&m), options, &u, err);
  if (rc < 0)
    return rc;
  while ((rc = oci_unpack_next(u, &got, err)) > 0)
    buf_add(out, got);
  if (rc == 0)
    rc = oci_unpack_end(u, err);
  assert_true(rc < 0 || oci_unpack_out(u) == out->len);
  if (ret_name)
    *ret_name = oci_unpack_name(u);
  return rc;
}

static struct str sample(void)
{
  char *bytes = arena_alloc(&arena, 700000);
  uint32_t x = 12345;
  for (size_t i = 0; i < 700000; i++) {
    x = x * 1664525 + 1013904223;
    bytes[i] = (char)(i % 3000 < 1000 ? x >> 24 : 'a' + i % 7);
  }
  return str_make(bytes, 700000);
}

static void check_all(struct str packed, const char *name, struct str text)
{
  static const size_t pieces[] = {0, 1, 7, 511, 4096};
  const struct oci_descriptor d = {.size = packed.len, .digest = digest_text(&arena, packed)};
  const struct oci_unpack_options options = {.packed = &d, .diff_id = digest_text(&arena, text)};
  for (size_t i = 0; i < sizeof pieces / sizeof *pieces; i++) {
    _cleanup_(buf_free) struct buf out = {0};
    const char *got;
    struct error err;
    if (run(packed, pieces[i], &options, &out, &got, &err) < 0)
      fail_msg("%s by %zu: %s", name, pieces[i], err.message);
    assert_string_equal(got, name);
    assert_true(str_eq(buf_str(&out), text));
  }
}

static void each_format_is_known_by_its_bytes(void **state)
{
  (void)state;
  struct str text = sample();
  _cleanup_(buf_free) struct buf gzip = {0};
  _cleanup_(buf_free) struct buf zstd = {0};
  pack_gzip(&gzip, text);
  pack_zstd(&zstd, text);
  check_all(buf_str(&gzip), "gzip", text);
  check_all(buf_str(&zstd), "zstd", text);
  check_all(text, "none", text);
  check_all(STR_EMPTY, "none", STR_EMPTY);
  check_all(STR("abc"), "none", STR("abc"));
}

/* As pigz -i, eStargz and zstd:chunked write. */
static void members_and_frames_follow_each_other(void **state)
{
  (void)state;
  struct str text = sample();
  _cleanup_(buf_free) struct buf gzip = {0};
  _cleanup_(buf_free) struct buf zstd = {0};
  buf_add(&zstd, STR("\x52\x2a\x4d\x18\3\0\0\0abc"));
  for (size_t at = 0, n = 1; at < text.len; at += n, n = n * 3 / 2 + 1) {
    pack_gzip(&gzip, str_sub(text, at, n));
    pack_gzip(&gzip, STR_EMPTY);
    pack_zstd(&zstd, str_sub(text, at, n));
  }
  buf_add(&zstd, STR("\x50\x2a\x4d\x18\0\0\0\0"));
  check_all(buf_str(&gzip), "gzip", text);
  check_all(buf_str(&zstd), "zstd", text);
}

static int fails(struct str packed, const struct oci_unpack_options *options, struct error *err)
{
  static const struct oci_unpack_options none = {0};
  _cleanup_(buf_free) struct buf out = {0};
  int rc = run(packed, 0, options ? options : &none, &out, NULL, err);
  if (rc == 0)
    fail_msg("nothing was wrong with %zu bytes", packed.len);
  return rc;
}

static void damage_is_seen(void **state)
{
  (void)state;
  struct str text = str_sub(sample(), 0, 20000);
  struct error err;
  for (int zstd = 0; zstd < 2; zstd++) {
    _cleanup_(buf_free) struct buf packed = {0};
    if (zstd)
      pack_zstd(&packed, text);
    else
      pack_gzip(&packed, text);
    struct str whole = buf_str(&packed);
    for (size_t cut = 4; cut < whole.len; cut += 97)
      assert_int_equal(fails(str_sub(whole, 0, cut), NULL, &err), SW_EINVAL);
    fails(str_sub(whole, 0, whole.len - 1), NULL, &err);
    assert_error(err, SW_EINVAL, "ends too early");
    buf_add(&packed, STR("garbage behind it"));
    assert_int_equal(fails(buf_str(&packed), NULL, &err), SW_EINVAL);
    packed.len = whole.len;
    if (!zstd) {
      packed.data[packed.len - 6] ^= 1;
      fails(buf_str(&packed), NULL, &err);
      assert_error(err, SW_EINVAL, "checksum");
    }
  }
}

static void other_formats_are_named(void **state)
{
  (void)state;
  struct error err;
  fails(STR("BZh91AY&SY"), NULL, &err);
  assert_error(err, SW_EUNSUPPORTED, "bzip2");
  fails(STR("\xfd"
            "7zXZ\0\0\4"),
        NULL, &err);
  assert_error(err, SW_EUNSUPPORTED, "xz");
}

static void digests_and_sizes_are_compared(void **state)
{
  (void)state;
  _cleanup_(buf_free) struct buf gzip = {0};
  struct error err;
  pack_gzip(&gzip, STR("text"));
  struct oci_descriptor d = {.size = gzip.len, .digest = digest_text(&arena, STR("other"))};
  struct oci_unpack_options options = {.packed = &d};
  fails(buf_str(&gzip), &options, &err);
  assert_error(err, SW_EINVAL, "as stored: its digest is sha256:");
  d.digest = STR_EMPTY;
  d.size--;
  fails(buf_str(&gzip), &options, &err);
  assert_error(err, SW_EINVAL, "more than the");
  d.size += 2;
  fails(buf_str(&gzip), &options, &err);
  assert_error(err, SW_EINVAL, "as stored: there are");
  options = (struct oci_unpack_options){.diff_id = digest_text(&arena, STR("other"))};
  fails(buf_str(&gzip), &options, &err);
  assert_error(err, SW_EINVAL, "diff_id");
}

static void bombs_are_stopped(void **state)
{
  (void)state;
  struct error err;
  size_t len = 16 << 20;
  char *zeros = arena_zalloc(&arena, len, 1);
  for (int zstd = 0; zstd < 2; zstd++) {
    _cleanup_(buf_free) struct buf packed = {0};
    _cleanup_(buf_free) struct buf out = {0};
    if (zstd)
      pack_zstd(&packed, str_make(zeros, len));
    else
      pack_gzip(&packed, str_make(zeros, len));
    struct oci_unpack_options options = {.ratio_max = 100, .free_bytes = 1 << 20};
    assert_int_equal(run(buf_str(&packed), 0, &options, &out, NULL, &err), SW_ELIMIT);
    assert_error(err, SW_ELIMIT, "bomb");
    assert_true(out.len <= 2 << 20);
    options = (struct oci_unpack_options){.bytes_max = 1 << 20};
    assert_int_equal(fails(buf_str(&packed), &options, &err), SW_ELIMIT);
    buf_clear(&out);
    options = (struct oci_unpack_options){.bytes_max = len};
    assert_int_equal(run(buf_str(&packed), 0, &options, &out, NULL, &err), 0);
  }
}

static void errors_of_the_input_come_through_and_stay(void **state)
{
  (void)state;
  static const struct oci_unpack_options options = {0};
  _cleanup_(oci_unpack_freep) struct oci_unpack *u = NULL;
  struct memory_input m = {.rest = STR("0123456789"), .fail = SW_EIO};
  struct str piece;
  struct error err;
  assert_int_equal(oci_unpack_new(input_of(&m), &options, &u, &err), 0);
  assert_int_equal(oci_unpack_next(u, &piece, &err), 1);
  for (int i = 0; i < 3; i++) {
    assert_int_equal(oci_unpack_next(u, &piece, &err), SW_EIO);
    assert_error(err, SW_EIO, "at byte 10: the disk is gone");
  }
  assert_int_equal(oci_unpack_end(u, &err), SW_EIO);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test_setup_teardown(each_format_is_known_by_its_bytes, set_up, tear_down),
      cmocka_unit_test_setup_teardown(members_and_frames_follow_each_other, set_up, tear_down),
      cmocka_unit_test_setup_teardown(damage_is_seen, set_up, tear_down),
      cmocka_unit_test_setup_teardown(other_formats_are_named, set_up, tear_down),
      cmocka_unit_test_setup_teardown(digests_and_sizes_are_compared, set_up, tear_down),
      cmocka_unit_test_setup_teardown(bombs_are_stopped, set_up, tear_down),
      cmocka_unit_test_setup_teardown(errors_of_the_input_come_through_and_stay, set_up, tear_down),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
