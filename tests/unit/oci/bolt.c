#include "bolt_file.h"

#include "oci/bolt.h"

#include <sys/mman.h>
#include <unistd.h>

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

static int open_bytes(struct str bytes, struct bolt **ret, struct error *err)
{
  int fd = memfd_create("bolt", MFD_CLOEXEC);
  assert_true(fd >= 0 && write(fd, bytes.data, bytes.len) == (ssize_t)bytes.len);
  return bolt_open(fd, ret, err);
}

/* "KEY=VALUE " of each entry, "KEY{...} " of a bucket. */
struct shown {
  struct bolt *db;
  struct buf text;
};

static int show(void *ctx, const struct bolt_entry *e, struct error *err)
{
  struct shown *s = ctx;
  buf_printf(&s->text, "%.*s%s", STR_FMT(e->key), e->is_bucket ? "{" : "=");
  int rc = 0;
  if (e->is_bucket)
    rc = bolt_each(s->db, &e->bucket, show, s, err);
  else
    buf_add(&s->text, e->value);
  buf_add(&s->text, e->is_bucket ? STR("} ") : STR(" "));
  return rc;
}

static int show_all(struct str bytes, struct buf *text, struct error *err)
{
  _cleanup_(bolt_freep) struct bolt *db = NULL;
  int rc = open_bytes(bytes, &db, err);
  if (rc < 0)
    return rc;
  struct shown s = {.db = db};
  struct bolt_bucket root = bolt_root(db);
  rc = bolt_each(db, &root, show, &s, err);
  buf_add(text, buf_str(&s.text));
  buf_free(&s.text);
  return rc;
}

/* A branch over two leaves; a bucket in a value, with one in it, and one on a page of its own. */
static struct str a_file(void)
{
  const struct made_entry inner[] = {text_entry("x", "1")};
  const struct made_entry outer[] = {text_entry("a", ""), inline_bucket(&arena, "in", inner, 1)};
  const struct made_entry first[] = {text_entry("alpha", "one"),
                                     inline_bucket(&arena, "beta", outer, 2)};
  const struct made_entry second[] = {page_bucket(&arena, "gamma", 6), text_entry("z", "end")};
  const struct made_entry apart[] = {text_entry("far", "away")};
  const uint64_t children[] = {4, 5};
  const struct str pages[] = {branch_page(&arena, 3, children, 2), leaf_page(&arena, 4, first, 2),
                              leaf_page(&arena, 5, second, 2), leaf_page(&arena, 6, apart, 1)};
  return bolt_file(&arena, 3, pages, 4);
}

static void trees_are_read(void **state)
{
  (void)state;
  struct error err;
  _cleanup_(buf_free) struct buf text = {0};
  if (show_all(a_file(), &text, &err) < 0)
    fail_msg("%s", err.message);
  assert_str(buf_str(&text), "alpha=one beta{a= in{x=1 } } gamma{far=away } z=end ");
}

static void entries_are_found(void **state)
{
  (void)state;
  struct error err;
  struct bolt_entry beta, in, x;
  _cleanup_(bolt_freep) struct bolt *db = NULL;
  assert_int_equal(open_bytes(a_file(), &db, &err), 0);
  struct bolt_bucket root = bolt_root(db);
  assert_int_equal(bolt_find(db, &root, STR("beta"), &arena, &beta, &err), 0);
  assert_true(beta.is_bucket);
  assert_int_equal(bolt_find(db, &beta.bucket, STR("in"), &arena, &in, &err), 0);
  assert_int_equal(bolt_find(db, &in.bucket, STR("x"), &arena, &x, &err), 0);
  assert_false(x.is_bucket);
  assert_str(x.value, "1");
  assert_int_equal(bolt_find(db, &in.bucket, STR("y"), &arena, &x, &err), SW_ENOENT);
  assert_error(err, SW_ENOENT, "there is no \"y\" in it");
}

static int stop(void *ctx, const struct bolt_entry *e, struct error *err)
{
  (void)ctx, (void)e;
  return error_set(err, SW_EPIPE, "enough");
}

static void visitors_end_it(void **state)
{
  (void)state;
  struct error err;
  _cleanup_(bolt_freep) struct bolt *db = NULL;
  assert_int_equal(open_bytes(a_file(), &db, &err), 0);
  struct bolt_bucket root = bolt_root(db);
  assert_int_equal(bolt_each(db, &root, stop, NULL, &err), SW_EPIPE);
}

/* The newer state counts, unless it was not written to its end. */
static void the_newest_whole_state_counts(void **state)
{
  (void)state;
  const struct made_entry old[] = {text_entry("old", "1")}, new[] = {text_entry("new", "2")};
  const struct str pages[] = {leaf_page(&arena, 3, old, 1), leaf_page(&arena, 4, new, 1)};
  for (int i = 0; i < 4; i++) {
    struct error err;
    _cleanup_(buf_free) struct buf file = {0}, text = {0};
    add_meta(&file, 0, 3, 5, 1, i != 3);
    add_meta(&file, 1, 4, 5, i == 1 ? 0 : 2, i != 2);
    fill_page(&file);
    put_header(&file, 2, 16, 0, 0);
    fill_page(&file);
    for (int p = 0; p < 2; p++) {
      buf_add(&file, pages[p]);
      fill_page(&file);
    }
    assert_int_equal(show_all(buf_str(&file), &text, &err), 0);
    assert_str(buf_str(&text), i == 1 || i == 2 ? "old=1 " : "new=2 ");
  }
}

/* What a writer does while somebody reads. */
static void a_newer_state_is_seen(void **state)
{
  (void)state;
  const struct made_entry only[] = {text_entry("a", "1")};
  const struct str page = leaf_page(&arena, 3, only, 1);
  struct error err;
  _cleanup_(buf_free) struct buf file = {0}, later = {0};
  add_meta(&file, 0, 3, 4, 6, true);
  add_meta(&file, 1, 3, 4, 5, true);
  buf_add(&file, page);
  fill_page(&file);
  int fd = memfd_create("bolt", MFD_CLOEXEC);
  assert_true(write(fd, file.data, file.len) == (ssize_t)file.len);
  _cleanup_(bolt_freep) struct bolt *db = NULL;
  assert_int_equal(bolt_open(fd, &db, &err), 0);
  assert_true(bolt_is_newest(db));
  add_meta(&later, 0, 3, 4, 6, true);
  add_meta(&later, 1, 3, 4, 7, false); /* not to its end */
  assert_true(pwrite(fd, later.data, later.len, 0) == (ssize_t)later.len);
  assert_true(bolt_is_newest(db));
  buf_clear(&later);
  add_meta(&later, 0, 3, 4, 6, true);
  add_meta(&later, 1, 3, 4, 7, true);
  assert_true(pwrite(fd, later.data, later.len, 0) == (ssize_t)later.len);
  assert_false(bolt_is_newest(db));
  assert_int_equal(ftruncate(fd, 0), 0);
  assert_false(bolt_is_newest(db));
}

static void wrong(struct str bytes, int code, const char *told)
{
  struct error err;
  _cleanup_(buf_free) struct buf text = {0};
  assert_int_equal(show_all(bytes, &text, &err), code);
  assert_error(err, code, told);
}

static void damage_is_told(void **state)
{
  (void)state;
  wrong(STR_EMPTY, SW_EINVAL, "no database of bbolt");
  wrong(arena_printf(&arena, "%09000d", 0), SW_EINVAL, "no database of bbolt");
  wrong(str_sub(a_file(), 0, 4 * BOLT_PAGE), SW_EINVAL, "it ends in the middle");
  wrong(bolt_file(&arena, 1, NULL, 0), SW_EINVAL, "page 1: it lies outside");
  wrong(bolt_file(&arena, 2, NULL, 0), SW_EINVAL, "page 2: it is no part of a tree");
  wrong(bolt_file(&arena, 99, NULL, 0), SW_EINVAL, "page 99: it lies outside");
  struct str other = leaf_page(&arena, 4, NULL, 0);
  wrong(bolt_file(&arena, 3, &other, 1), SW_EINVAL, "page 3: it is another one");
  const uint64_t itself[] = {3};
  struct str circle = branch_page(&arena, 3, itself, 1);
  wrong(bolt_file(&arena, 3, &circle, 1), SW_ELIMIT, "too deep");
  struct buf page = {0};
  put_header(&page, 3, BOLT_LEAF, 60000, 0);
  struct str many = taken(&arena, &page);
  wrong(bolt_file(&arena, 3, &many, 1), SW_EINVAL, "no part of a tree");
  put_header(&page, 3, BOLT_LEAF, 0, UINT32_MAX);
  struct str longer = taken(&arena, &page);
  wrong(bolt_file(&arena, 3, &longer, 1), SW_EINVAL, "too long");
  put_header(&page, 3, BOLT_LEAF, 1, 0);
  put_u32(&page, 0);
  put_u32(&page, UINT32_MAX);
  put_u32(&page, UINT32_MAX);
  put_u32(&page, UINT32_MAX);
  struct str outside = taken(&arena, &page);
  wrong(bolt_file(&arena, 3, &outside, 1), SW_EINVAL, "an entry lies outside");
  const struct made_entry cut[] = {{STR("b"), STR("short"), true}};
  struct str bucket = leaf_page(&arena, 3, cut, 1);
  wrong(bolt_file(&arena, 3, &bucket, 1), SW_EINVAL, "a bucket is cut off");
  const struct made_entry hollow[] = {page_bucket(&arena, "b", 0)};
  bucket = leaf_page(&arena, 3, hollow, 1);
  wrong(bolt_file(&arena, 3, &bucket, 1), SW_EINVAL, "a bucket in a value is cut off");
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test_setup_teardown(trees_are_read, set_up, tear_down),
      cmocka_unit_test_setup_teardown(entries_are_found, set_up, tear_down),
      cmocka_unit_test_setup_teardown(visitors_end_it, set_up, tear_down),
      cmocka_unit_test_setup_teardown(the_newest_whole_state_counts, set_up, tear_down),
      cmocka_unit_test_setup_teardown(a_newer_state_is_seen, set_up, tear_down),
      cmocka_unit_test_setup_teardown(damage_is_told, set_up, tear_down),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
