#include "../test.h"

#include "oci/layer.h"

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

/* Each entry as a line: type, path, link, mode, size, content of what is wanted. */
struct lines {
  struct buf text;
  const char *wanted;
  int answer; /* of the visitor, for the wanted one */
};

static int on_entry(void *ctx, const struct oci_entry *e, const struct oci_input *content,
                    struct error *err)
{
  struct lines *l = ctx;
  buf_printf(&l->text, "%c%s %.*s", "fdlhcbps"[e->type], e -> escapes ? "!" : "", STR_FMT(e->path));
  if (e->link.len)
    buf_printf(&l->text, " -> %.*s", STR_FMT(e->link));
  assert_true((content != NULL) == (e->type == OCI_FILE));
  if (l->wanted && str_eq(e->path, str_from(l->wanted))) {
    if (l->answer)
      return error_set(err, l->answer, "enough");
    buf_add(&l->text, STR(" ="));
    int rc = oci_content_read(content, 1 << 20, &l->text, err);
    if (rc < 0)
      return rc;
  }
  buf_add(&l->text, STR("\n"));
  return 0;
}

static int read_layer(struct str bytes, const struct oci_layer_options *options, struct lines *l,
                      struct oci_layer_totals *totals, struct error *err)
{
  struct memory_input m = {.rest = bytes, .piece = 1000};
  const struct oci_visitor visitor = {on_entry, l};
  return oci_layer_read(input_of(&m), options, &visitor, totals, err);
}

static void check(struct str tar, const char *wanted, const char *expected)
{
  static const struct oci_layer_options options = {0};
  struct lines l = {.wanted = wanted};
  struct error err;
  if (read_layer(tar, &options, &l, NULL, &err) < 0)
    fail_msg("%s", err.message);
  assert_str(buf_str(&l.text), expected);
  buf_free(&l.text);
}

static void make_tar(struct buf *tar)
{
  tar_add(tar, '5', "./", "", STR_EMPTY);
  tar_add(tar, '5', "etc/", "", STR_EMPTY);
  tar_file(tar, "./etc/passwd", "root:x");
  tar_add(tar, '2', "etc/link", "../usr/x", STR_EMPTY);
  tar_add(tar, '1', "etc/hard", "./etc/passwd", STR_EMPTY);
  tar_add(tar, '3', "dev/null", "", STR_EMPTY);
  tar_add(tar, '6', "run/fifo", "", STR_EMPTY);
  tar_file(tar, "etc/.wh.gone", "");
  tar_end(tar);
}

static const char all_lines[] =
    "d \nd etc\nf etc/passwd =root:x\nl etc/link -> ../usr/x\n"
    "h etc/hard -> etc/passwd\nc dev/null\np run/fifo\nf etc/.wh.gone\n";

static void entries_are_told(void **state)
{
  (void)state;
  _cleanup_(buf_free) struct buf tar = {0};
  make_tar(&tar);
  check(buf_str(&tar), "etc/passwd", all_lines);
  check(STR_EMPTY, NULL, "");
  buf_clear(&tar);
  tar_end(&tar);
  check(buf_str(&tar), NULL, "");
}

static void every_packing_is_the_same(void **state)
{
  (void)state;
  _cleanup_(buf_free) struct buf tar = {0};
  struct buf packed[2] = {{0}};
  make_tar(&tar);
  pack_gzip(&packed[0], buf_str(&tar));
  pack_zstd(&packed[1], buf_str(&tar));
  for (int i = 0; i < 2; i++) {
    struct lines l = {.wanted = "etc/passwd"};
    struct oci_layer_totals totals;
    struct error err;
    const struct oci_descriptor d = {.digest = digest_text(&arena, buf_str(&packed[i])),
                                     .size = packed[i].len};
    const struct oci_layer_options options = {.packed = &d,
                                              .diff_id = digest_text(&arena, buf_str(&tar))};
    if (read_layer(buf_str(&packed[i]), &options, &l, &totals, &err) < 0)
      fail_msg("%s", err.message);
    assert_str(buf_str(&l.text), all_lines);
    assert_int_equal(totals.entries, 8);
    assert_int_equal(totals.tar_bytes, tar.len);
    assert_int_equal(totals.packed_bytes, packed[i].len);
    assert_string_equal(totals.packing, i ? "zstd" : "gzip");
    buf_free(&l.text);
    buf_free(&packed[i]);
  }
}

static void paths_stay_inside(void **state)
{
  (void)state;
  _cleanup_(buf_free) struct buf tar = {0};
  tar_file(&tar, "/etc/shadow", "");
  tar_file(&tar, "../../etc/shadow", "");
  tar_file(&tar, "a/../../b//./c", "");
  tar_add(&tar, '1', "h", "../../x", STR_EMPTY);
  tar_add(&tar, '2', "s", "/../..", STR_EMPTY);
  tar_end(&tar);
  check(buf_str(&tar), NULL, "f etc/shadow\nf! etc/shadow\nf! b/c\nh! h -> x\nl s -> /../..\n");
}

static void pax_add(struct buf *tar, const char *key, struct str value, char type, const char *name)
{
  size_t len = strlen(key) + value.len + 3, whole = len + 1;
  while (whole != len + (size_t)snprintf(NULL, 0, "%zu", whole))
    whole++;
  struct str text = arena_printf(&arena, "%zu %s=%.*s\n", whole, key, STR_FMT(value));
  tar_add(tar, 'x', "pax", "", text);
  tar_add(tar, type, name, type == '0' ? "" : "?", STR_EMPTY);
}

static void names_may_be_any_bytes(void **state)
{
  (void)state;
  _cleanup_(buf_free) struct buf tar = {0};
  pax_add(&tar, "path", STR("caf\xc3\xa9/\xe2\x82\xac"), '0', "short");
  pax_add(&tar, "path", STR("bytes\xff\xfe"), '0', "short");
  pax_add(&tar, "linkpath", STR("\xc3\xa9"), '2', "symlink");
  pax_add(&tar, "linkpath", STR("e\xcc\x81\xff"), '2', "not-normalised");
  pax_add(&tar, "path", STR("e\xcc\x81"), '0', "short");
  pax_add(&tar, "linkpath", STR("/\xc3\xa9"), '1', "hardlink");
  tar_file(&tar, "old\xe9", "");
  tar_end(&tar);
  check(buf_str(&tar), NULL,
        "f caf\xc3\xa9/\xe2\x82\xac\nf bytes\xff\xfe\nl symlink -> \xc3\xa9\n"
        "l not-normalised -> e\xcc\x81\xff\nf e\xcc\x81\nh hardlink -> \xc3\xa9\nf old\xe9\n");
}

static void long_paths_have_a_limit(void **state)
{
  (void)state;
  static const struct oci_layer_options options = {.name = "layer 7"};
  _cleanup_(buf_free) struct buf tar = {0};
  struct error err;
  char *path = arena_alloc(&arena, OCI_PATH_MAX + 1);
  for (int i = 0; i <= OCI_PATH_MAX; i++)
    path[i] = i % 2 ? '/' : 'a';
  pax_add(&tar, "path", str_make(path, OCI_PATH_MAX - 1), '0', "x");
  size_t good = tar.len;
  tar_end(&tar);
  struct lines l = {0};
  assert_int_equal(read_layer(buf_str(&tar), &options, &l, NULL, &err), 0);
  assert_int_equal(l.text.len, OCI_PATH_MAX - 1 + 3);
  tar.len = good;
  pax_add(&tar, "path", str_make(path, OCI_PATH_MAX + 1), '0', "x");
  tar_end(&tar);
  assert_int_equal(read_layer(buf_str(&tar), &options, &l, NULL, &err), SW_ELIMIT);
  assert_error(err, SW_ELIMIT, "layer 7: a path is longer than 4096 bytes");
  buf_free(&l.text);
}

static int failing(struct str bytes, const struct oci_layer_options *options, struct error *err)
{
  struct lines l = {0};
  int rc = read_layer(bytes, options, &l, NULL, err);
  buf_free(&l.text);
  return rc;
}

static void damage_is_seen(void **state)
{
  (void)state;
  static const struct oci_layer_options none = {0};
  _cleanup_(buf_free) struct buf tar = {0};
  struct error err;
  make_tar(&tar);
  struct str whole = buf_str(&tar);
  /* Cut off within the content of an entry; cut off between entries is what tar allows. */
  assert_int_equal(failing(str_sub(whole, 0, 3 * TAR_BLOCK + 5), &none, &err), SW_EINVAL);
  assert_int_equal(failing(str_sub(whole, 0, 100), &none, &err), SW_EINVAL);
  tar.data[TAR_BLOCK + 3] ^= 1;
  assert_int_equal(failing(whole, &none, &err), SW_EINVAL);
  assert_error(err, SW_EINVAL, "byte");
  assert_int_equal(failing(STR("this is no archive, it is a text of some length"), &none, &err),
                   SW_EINVAL);
}

/* What umoci writes: the archive ends with the content of its last file, or within the rest of that block. */
static void the_last_block_may_be_short(void **state)
{
  (void)state;
  static const struct oci_layer_options none = {0};
  struct error err;
  for (size_t size = 0; size <= 1025; size += 205) {
    _cleanup_(buf_free) struct buf tar = {0}, content = {0};
    buf_add_repeat(&content, 'x', size);
    tar_file(&tar, "etc/first", "1");
    pax_add(&tar, "path", STR("etc/last"), '0', "etc/short");
    tar.len -= TAR_BLOCK; /* the header that pax_add makes has no content */
    tar_add(&tar, '0', "ignored", "", buf_str(&content));
    size_t end = tar.len - (TAR_BLOCK - size % TAR_BLOCK) % TAR_BLOCK;
    const char *told =
        arena_printf(&arena, "f etc/first\nf etc/last =%s\n", buf_text(&content)).data;
    for (size_t cut = end; cut <= tar.len; cut++) {
      check(str_sub(buf_str(&tar), 0, cut), "etc/last", told);
      check(str_sub(buf_str(&tar), 0, cut), NULL, "f etc/first\nf etc/last\n");
    }
    for (size_t cut = end - size + 1; cut + 1 < end; cut++)
      assert_int_equal(failing(str_sub(buf_str(&tar), 0, cut), &none, &err), SW_EINVAL);
    buf_add(&tar, STR("z")); /* the beginning of a header, which is missing */
    assert_int_equal(failing(buf_str(&tar), &none, &err), SW_EINVAL);
  }
}

static void digests_cover_what_no_entry_has(void **state)
{
  (void)state;
  _cleanup_(buf_free) struct buf tar = {0};
  struct error err;
  make_tar(&tar);
  struct oci_layer_options options = {.name = "layer 1",
                                      .diff_id = digest_text(&arena, buf_str(&tar))};
  assert_int_equal(failing(buf_str(&tar), &options, &err), 0);
  buf_add(&tar, STR("something behind the end"));
  assert_int_equal(failing(buf_str(&tar), &options, &err), SW_EINVAL);
  assert_error(err, SW_EINVAL, "layer 1: unpacked (diff_id): its digest is");
  const struct oci_descriptor d = {.size = tar.len - 1};
  options = (struct oci_layer_options){.packed = &d};
  assert_int_equal(failing(buf_str(&tar), &options, &err), SW_EINVAL);
}

static void limits_hold(void **state)
{
  (void)state;
  _cleanup_(buf_free) struct buf tar = {0};
  struct error err;
  make_tar(&tar);
  struct oci_layer_options options = {.entries_max = 7};
  assert_int_equal(failing(buf_str(&tar), &options, &err), SW_ELIMIT);
  assert_error(err, SW_ELIMIT, "more than 7 entries");
  options.entries_max = 8;
  assert_int_equal(failing(buf_str(&tar), &options, &err), 0);
  options = (struct oci_layer_options){.bytes_max = 2000};
  assert_int_equal(failing(buf_str(&tar), &options, &err), SW_ELIMIT);
}

/* A header that says more than there is; one that says it has 8 GiB. */
static void sizes_may_lie(void **state)
{
  (void)state;
  static const struct oci_layer_options none = {0};
  _cleanup_(buf_free) struct buf tar = {0};
  struct error err;
  tar_add_sized(&tar, '0', "big", "", 0644, UINT64_C(0777777777), STR("small"));
  assert_int_equal(failing(buf_str(&tar), &none, &err), SW_EINVAL);
}

/* Headers that never come to an entry. */
static void endless_headers_are_stopped(void **state)
{
  (void)state;
  static const struct oci_layer_options none = {0};
  _cleanup_(buf_free) struct buf tar = {0};
  struct error err;
  char *kb = arena_zalloc(&arena, 1, 60000);
  memset(kb, 'a', 60000);
  for (int i = 0; i < 300; i++) {
    struct str text = arena_printf(&arena, "60011 c=%.*s\n", 60000, kb);
    tar_add(&tar, 'x', "pax", "", str_sub(text, 0, 60011));
  }
  int rc = failing(buf_str(&tar), &none, &err);
  assert_true(rc == SW_ELIMIT || rc == SW_EINVAL);
}

static void the_visitor_may_end_it(void **state)
{
  (void)state;
  static const struct oci_layer_options options = {.name = "layer 2"};
  _cleanup_(buf_free) struct buf tar = {0};
  struct error err;
  make_tar(&tar);
  struct lines l = {.wanted = "etc/passwd", .answer = SW_EUNSUPPORTED};
  assert_int_equal(read_layer(buf_str(&tar), &options, &l, NULL, &err), SW_EUNSUPPORTED);
  assert_error(err, SW_EUNSUPPORTED, "layer 2: enough");
  buf_free(&l.text);
}

static void contents_have_a_limit(void **state)
{
  (void)state;
  _cleanup_(buf_free) struct buf text = {0};
  struct memory_input m = {.rest = STR("0123456789")};
  struct oci_input input = input_of(&m);
  struct error err;
  assert_int_equal(oci_content_read(&input, 9, &text, &err), SW_ELIMIT);
  m.rest = STR("0123456789");
  text.len = 0;
  assert_int_equal(oci_content_read(&input, 10, &text, &err), 0);
  assert_str(buf_str(&text), "0123456789");
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test_setup_teardown(entries_are_told, set_up, tear_down),
      cmocka_unit_test_setup_teardown(every_packing_is_the_same, set_up, tear_down),
      cmocka_unit_test_setup_teardown(paths_stay_inside, set_up, tear_down),
      cmocka_unit_test_setup_teardown(names_may_be_any_bytes, set_up, tear_down),
      cmocka_unit_test_setup_teardown(long_paths_have_a_limit, set_up, tear_down),
      cmocka_unit_test_setup_teardown(damage_is_seen, set_up, tear_down),
      cmocka_unit_test_setup_teardown(the_last_block_may_be_short, set_up, tear_down),
      cmocka_unit_test_setup_teardown(digests_cover_what_no_entry_has, set_up, tear_down),
      cmocka_unit_test_setup_teardown(limits_hold, set_up, tear_down),
      cmocka_unit_test_setup_teardown(sizes_may_lie, set_up, tear_down),
      cmocka_unit_test_setup_teardown(endless_headers_are_stopped, set_up, tear_down),
      cmocka_unit_test_setup_teardown(the_visitor_may_end_it, set_up, tear_down),
      cmocka_unit_test_setup_teardown(contents_have_a_limit, set_up, tear_down),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
