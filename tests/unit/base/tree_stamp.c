#include "base/tree_stamp.h"
#include "../test.h"
#include "scratch.h"

static struct scratch scratch;
static const char *const paths[] = {"p"};

static int set_up(void **state)
{
  (void)state;
  scratch_open(&scratch);
  scratch_dir("p");
  scratch_dir("p/sub");
  scratch_file("p/a", "one");
  scratch_file("p/sub/b", "two");
  return 0;
}

static int tear_down(void **state)
{
  (void)state;
  scratch_close(&scratch);
  return 0;
}

static struct hash128 stamp(void)
{
  return tree_stamp(paths, 1, NULL);
}

#define assert_same(a, b) assert_true(tree_stamp_eq((a), (b)))
#define assert_changed(a, b) assert_false(tree_stamp_eq((a), (b)))

static void test_nothing_changed(void **state)
{
  (void)state;
  size_t files = 0;
  struct hash128 before = tree_stamp(paths, 1, &files);
  assert_int_equal(files, 2);
  assert_same(before, stamp());
  FILE *f = fopen("p/a", "r"); /* reading is no change */
  assert_int_equal(fgetc(f), 'o');
  fclose(f);
  assert_same(before, stamp());
}

/* A file of the same length and the same time of modification: as an editor or rsync leaves it. */
static void test_replaced(void **state)
{
  (void)state;
  struct stat st;
  struct hash128 before = stamp();
  assert_int_equal(stat("p/a", &st), 0);
  scratch_file("p/a.new", "ONE");
  struct timespec times[2] = {st.st_atim, st.st_mtim};
  assert_int_equal(utimensat(AT_FDCWD, "p/a.new", times, 0), 0);
  assert_int_equal(rename("p/a.new", "p/a"), 0);
  assert_changed(before, stamp());
}

static void test_written_added_removed_renamed(void **state)
{
  (void)state;
  struct hash128 s[6];
  s[0] = stamp();
  scratch_file("p/a", "longer");
  s[1] = stamp();
  scratch_file("p/sub/c", "");
  s[2] = stamp();
  assert_int_equal(rename("p/sub/c", "p/sub/d"), 0);
  s[3] = stamp();
  assert_int_equal(unlink("p/sub/b"), 0);
  s[4] = stamp();
  assert_int_equal(rename("p", "q"), 0); /* the whole directory is gone */
  s[5] = stamp();
  for (int i = 0; i < 6; i++)
    for (int k = 0; k < i; k++)
      assert_changed(s[i], s[k]);
}

/* A volume as the kubelet writes it: ..data leads to a directory, and is replaced at once. */
static void test_volume(void **state)
{
  (void)state;
  scratch_dir("p/..1");
  scratch_file("p/..1/x", "one");
  scratch_link("..1", "p/..data");
  scratch_link("..data/x", "p/x");
  struct hash128 before = stamp();
  scratch_dir("p/..2");
  scratch_file("p/..2/x", "two");
  scratch_link("..2", "p/..tmp");
  assert_int_equal(rename("p/..tmp", "p/..data"), 0);
  assert_changed(before, stamp());
}

/* What cannot be read is not the same as what is not there. */
static void test_missing(void **state)
{
  (void)state;
  static const char *const none[] = {"none"};
  size_t files = 7;
  struct hash128 missing = tree_stamp(none, 1, &files);
  assert_int_equal(files, 0);
  assert_changed(missing, tree_stamp(none, 0, NULL));
  scratch_dir("none");
  assert_changed(missing, tree_stamp(none, 1, NULL));
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test_setup_teardown(test_nothing_changed, set_up, tear_down),
      cmocka_unit_test_setup_teardown(test_replaced, set_up, tear_down),
      cmocka_unit_test_setup_teardown(test_written_added_removed_renamed, set_up, tear_down),
      cmocka_unit_test_setup_teardown(test_volume, set_up, tear_down),
      cmocka_unit_test_setup_teardown(test_missing, set_up, tear_down),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
