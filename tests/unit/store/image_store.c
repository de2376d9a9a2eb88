/* Values kept between runs: there again, of bounded size, and replaced when they are damaged. */
#include "../test.h"

#include "../base/scratch.h"
#include "store/image_store.h"

#include <sqlite3.h>
#include <sys/stat.h>
#include <unistd.h>

static struct image_store *opened(const char *path, uint64_t bytes_max)
{
  struct image_store *store;
  struct error err;
  if (image_store_open(path, bytes_max, &store, &err) < 0)
    fail_msg("%s", err.message);
  return store;
}

static void assert_value(struct image_store *store, enum image_store_kind kind, const char *key,
                         const char *expected)
{
  struct buf value = {0};
  bool found = image_store_get(store, kind, str_from(key), &value);
  assert_int_equal(found, expected != NULL);
  if (expected)
    assert_str(buf_str(&value), expected);
  buf_free(&value);
}

static void test_values_come_back(void **state)
{
  (void)state;
  struct scratch scratch;
  scratch_open(&scratch);
  const char *path = "a/b/images.db";
  struct image_store *store = opened(path, 0);
  assert_value(store, IMAGE_STORE_LAYER, "one", NULL);
  assert_true(image_store_put(store, IMAGE_STORE_LAYER, STR("one"), STR("first")));
  assert_true(image_store_put(store, IMAGE_STORE_IMAGE, STR("one"), STR("an image")));
  assert_true(image_store_put(store, IMAGE_STORE_LAYER, STR("empty"), STR("")));
  assert_value(store, IMAGE_STORE_LAYER, "one", "first");
  assert_value(store, IMAGE_STORE_IMAGE, "one", "an image");
  assert_value(store, IMAGE_STORE_LAYER, "empty", "");
  assert_true(image_store_put(store, IMAGE_STORE_LAYER, STR("one"), STR("second")));
  assert_value(store, IMAGE_STORE_LAYER, "one", "second");
  assert_int_equal(image_store_count(store, IMAGE_STORE_LAYER), 2);
  image_store_close(store);
  store = opened(path, 0);
  assert_value(store, IMAGE_STORE_LAYER, "one", "second");
  struct stat st;
  assert_int_equal(stat(path, &st), 0);
  assert_int_equal(st.st_mode & 077, 0);
  image_store_close(store);
  scratch_close(&scratch);
}

static int collect(void *ctx, struct str key, struct str value, struct error *err)
{
  struct buf *all = ctx;
  buf_printf(all, "%.*s=%.*s ", STR_FMT(key), STR_FMT(value));
  return str_eq(key, STR("stop")) ? error_set(err, SW_EIO, "enough") : 0;
}

static void test_each(void **state)
{
  (void)state;
  struct scratch scratch;
  scratch_open(&scratch);
  struct error err;
  struct buf all = {0};
  const char *path = "images.db";
  struct image_store *store = opened(path, 0);
  image_store_put(store, IMAGE_STORE_IMAGE, STR("b"), STR("2"));
  image_store_put(store, IMAGE_STORE_IMAGE, STR("a"), STR("1"));
  image_store_put(store, IMAGE_STORE_LAYER, STR("c"), STR("3"));
  assert_int_equal(image_store_each(store, IMAGE_STORE_IMAGE, collect, &all, &err), 0);
  assert_str(buf_str(&all), "a=1 b=2 ");
  image_store_put(store, IMAGE_STORE_IMAGE, STR("stop"), STR("4"));
  image_store_put(store, IMAGE_STORE_IMAGE, STR("z"), STR("5"));
  buf_clear(&all);
  assert_int_equal(image_store_each(store, IMAGE_STORE_IMAGE, collect, &all, &err), SW_EIO);
  assert_str(buf_str(&all), "a=1 b=2 stop=4 ");
  buf_free(&all);
  image_store_close(store);
  scratch_close(&scratch);
}

/* Bytes that do not get smaller by packing. */
static void fill(char *to, size_t len, uint32_t seed)
{
  for (size_t i = 0; i < len; i++) {
    seed = seed * 1664525 + 1013904223;
    to[i] = (char)(seed >> 24);
  }
}

static void test_size_is_bounded(void **state)
{
  (void)state;
  enum { SIZE = 10000, MANY = 50 };
  static char bytes[SIZE];
  struct scratch scratch;
  scratch_open(&scratch);
  char key[20];
  const char *path = "images.db";
  struct image_store *store = opened(path, 10 * SIZE + SIZE / 2);
  for (uint32_t i = 0; i < MANY; i++) {
    fill(bytes, SIZE, i);
    snprintf(key, sizeof key, "%03u", i);
    assert_true(image_store_put(store, IMAGE_STORE_LAYER, str_from(key), str_make(bytes, SIZE)));
    assert_true(image_store_bytes(store) <= 11 * SIZE);
  }
  assert_true(image_store_count(store, IMAGE_STORE_LAYER) >= 5);
  static char huge[12 * SIZE];
  fill(huge, sizeof huge, 7);
  assert_false(image_store_put(store, IMAGE_STORE_LAYER, STR("huge"), str_make(huge, sizeof huge)));
  image_store_close(store);
  scratch_close(&scratch);
}

static void test_keys_have_a_limit(void **state)
{
  (void)state;
  static char key[IMAGE_STORE_KEY_MAX + 1];
  struct scratch scratch;
  scratch_open(&scratch);
  memset(key, 'k', sizeof key);
  const char *path = "images.db";
  struct image_store *store = opened(path, 0);
  struct buf value = {0};
  assert_true(
      image_store_put(store, IMAGE_STORE_LAYER, str_make(key, IMAGE_STORE_KEY_MAX), STR("x")));
  assert_false(image_store_put(store, IMAGE_STORE_LAYER, str_make(key, sizeof key), STR("x")));
  assert_false(image_store_get(store, IMAGE_STORE_LAYER, str_make(key, sizeof key), &value));
  buf_free(&value);
  image_store_close(store);
  scratch_close(&scratch);
}

static void test_damage_is_replaced(void **state)
{
  (void)state;
  struct scratch scratch;
  scratch_open(&scratch);
  const char *path = "images.db";
  FILE *f = fopen(path, "w");
  for (int i = 0; i < 1000; i++)
    fputs("this is no database. ", f);
  fclose(f);
  struct image_store *store = opened(path, 0);
  assert_value(store, IMAGE_STORE_LAYER, "one", NULL);
  assert_true(image_store_put(store, IMAGE_STORE_LAYER, STR("one"), STR("first")));
  assert_value(store, IMAGE_STORE_LAYER, "one", "first");
  image_store_close(store);
  scratch_close(&scratch);
}

static void change(const char *path, const char *sql)
{
  sqlite3 *db;
  assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
  assert_int_equal(sqlite3_exec(db, sql, NULL, NULL, NULL), SQLITE_OK);
  sqlite3_close(db);
}

static void test_values_are_hostile(void **state)
{
  (void)state;
  struct scratch scratch;
  scratch_open(&scratch);
  const char *path = "images.db";
  struct image_store *store = opened(path, 0);
  image_store_put(store, IMAGE_STORE_LAYER, STR("one"), STR("first"));
  image_store_close(store);
  static const char *const changes[] = {
      "UPDATE items SET size = 1000000000000",
      "UPDATE items SET size = -1",
      "UPDATE items SET size = 4",
      "UPDATE items SET size = 5, value = x'00'",
      "UPDATE items SET value = 'text'",
  };
  for (size_t i = 0; i < sizeof changes / sizeof *changes; i++) {
    change(path, changes[i]);
    store = opened(path, 0);
    assert_value(store, IMAGE_STORE_LAYER, "one", NULL);
    image_store_close(store);
  }
  scratch_close(&scratch);
}

static void test_another_version_is_replaced(void **state)
{
  (void)state;
  struct scratch scratch;
  scratch_open(&scratch);
  const char *path = "images.db";
  struct image_store *store = opened(path, 0);
  image_store_put(store, IMAGE_STORE_LAYER, STR("one"), STR("first"));
  image_store_close(store);
  change(path, "PRAGMA user_version = 99");
  store = opened(path, 0);
  assert_value(store, IMAGE_STORE_LAYER, "one", NULL);
  image_store_close(store);
  scratch_close(&scratch);
}

static void test_place_that_cannot_be(void **state)
{
  (void)state;
  struct image_store *store = NULL;
  struct error err;
  assert_true(image_store_open("/dev/null/images.db", 0, &store, &err) < 0);
  assert_null(store);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_values_come_back),
      cmocka_unit_test(test_each),
      cmocka_unit_test(test_size_is_bounded),
      cmocka_unit_test(test_keys_have_a_limit),
      cmocka_unit_test(test_damage_is_replaced),
      cmocka_unit_test(test_values_are_hostile),
      cmocka_unit_test(test_another_version_is_replaced),
      cmocka_unit_test(test_place_that_cannot_be),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
