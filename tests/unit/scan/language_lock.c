#include "language_test.h"

#include "base/vec.h"
#include "scan/language/lock.h"

struct fixture {
  struct arena arena;
  struct package_list list;
  struct lock lock;
};

static void start(struct fixture *f, unsigned flags)
{
  arena_init(&f->arena, 0);
  package_list_init(&f->list, &f->arena, flags);
  lock_init(&f->lock, &f->list, PACKAGE_NPM, STR("a.lock"), 1);
}

static void finish(struct fixture *f, const char *expected)
{
  struct buf lines = {0};
  struct error err;
  assert_int_equal(lock_finish(&f->lock, 0, &err), 0);
  language_print(&lines, &f->list);
  assert_str(buf_str(&lines), expected);
  buf_free(&lines);
  package_list_free(&f->list);
  arena_free(&f->arena);
}

static struct lock_node *add(struct fixture *f, const char *name)
{
  return lock_add_package(&f->lock, str_from(name), STR("1"), NULL);
}

/* p -> a -> b -> a, d -> b and c; e is reached by nothing. */
static void tells_what_roots_lead_to(void **state)
{
  (void)state;
  for (int all = 0; all < 2; all++) {
    struct fixture f;
    start(&f, all ? ALL : LOCKED);
    struct lock_node *a = add(&f, "a"), *b = add(&f, "b"), *d = add(&f, "d");
    add(&f, "c");
    add(&f, "e");
    lock_need(&f.lock, a, STR("b@1"));
    lock_need(&f.lock, b, STR("a@1"));
    lock_need(&f.lock, b, STR("gone@1"));
    lock_need(&f.lock, d, STR("b@1"));
    lock_need(&f.lock, d, STR("c@1"));
    a->root = LOCK_PRODUCTION;
    d->root = LOCK_DEVELOPMENT;
    lock_reach(&f.lock);
    finish(&f, all ? "a@1\nb@1 indirect\nd@1 development\nc@1 indirect development\ne@1 indirect\n"
                   : "a@1\nb@1 indirect\ne@1 indirect\n");
  }
}

static void joins_entries_of_one_package(void **state)
{
  (void)state;
  struct fixture f;
  bool added;
  start(&f, LOCKED);
  struct lock_node *one = lock_add(&f.lock, STR("x"), &added);
  assert_true(added);
  assert_ptr_equal(lock_add(&f.lock, STR("x"), &added), one);
  assert_false(added);
  assert_ptr_equal(lock_find(&f.lock, STR("x")), one);
  assert_null(lock_find(&f.lock, STR("y")));
  struct lock_node *two = lock_add(&f.lock, STR("y"), NULL);
  one->name = two->name = STR("a");
  one->version = two->version = STR("1");
  one->development = one->indirect = true;
  two->license = STR("MIT");
  struct lock_node *unnamed = lock_add(&f.lock, STR("z"), NULL), *folder = add(&f, "b");
  unnamed->name = STR("no version");
  folder->hidden = true;
  finish(&f, "a@1 (MIT)\n");
}

static void goes_on_after_faults(void **state)
{
  (void)state;
  struct fixture f;
  struct error err;
  start(&f, LOCKED);
  lock_add_package(&f.lock, STR("a\n"), STR("1"), NULL);
  lock_add_package(&f.lock, STR("b"), STR("1"), NULL);
  lock_fault(&f.lock, 7, "entry %d is wrong", 3);
  assert_int_equal(lock_finish(&f.lock, 0, &err), SW_EINVAL);
  assert_error(err, SW_EINVAL, "2 records are wrong, the first: entry 3 is wrong");
  assert_int_equal(err.line, 7);
  assert_int_equal(f.list.count, 1);
  lock_init(&f.lock, &f.list, PACKAGE_NPM, STR("b.lock"), 1);
  add(&f, "c");
  assert_int_equal(lock_finish(&f.lock, SW_ELIMIT, &err), SW_ELIMIT);
  assert_int_equal(f.list.count, 2);
  package_list_free(&f.list);
  arena_free(&f.arena);
}

static void keeps_notes(void **state)
{
  (void)state;
  struct fixture f;
  struct lock_texts texts = {0};
  start(&f, LOCKED);
  struct lock_node *a = add(&f, "a");
  lock_need(&f.lock, a, STR("b@1"));
  lock_need(&f.lock, a, STR("c@1"));
  lock_text_add(&f.lock, &texts, '=', STR("a"), STR("^1"));
  lock_text_add(&f.lock, &texts, '!', STR_EMPTY, STR_EMPTY);
  assert_int_equal(lock_tell(&f.lock, PACKAGE_NOTE_NEEDS, a, &texts, NULL), 0);
  vec_free(&texts);
  assert_int_equal(f.list.notes.count, 1);
  const struct package_note *note = &f.list.notes.items[0];
  static const char *const expected[] = {"=a@^1", "!", ">c@1", ">b@1"};
  assert_str(note->name, "a@1");
  assert_str(note->path, "a.lock");
  assert_int_equal(note->file_count, 4);
  for (size_t i = 0; i < 4; i++)
    assert_str(note->files[i], expected[i]);
  finish(&f, "a@1\n");
}

static void reads_formats_and_licences(void **state)
{
  (void)state;
  struct fixture f;
  struct value v;
  struct error err;
  start(&f, LOCKED);
  assert_int_equal(lock_parse(&f.lock, LOCK_JSON, STR("\xEF\xBB\xBF{\"a\":\"b\"}"), &v, &err), 0);
  assert_str(lock_text(v, "a"), "b");
  assert_str(lock_text(v, "b"), "");
  assert_str(lock_text(lock_get(v, "a"), "b"), "");
  assert_int_equal(lock_parse(&f.lock, LOCK_YAML, STR("{\"a\":[\"b\",],}"), &v, &err), 0);
  assert_str(lock_license(&f.arena, lock_get(v, "a"), ", "), "b");
  assert_int_equal(
      lock_parse(&f.lock, LOCK_TOML, STR("a = [' b ', {type = 'c'}, {name = 'd'}, 1]"), &v, &err),
      0);
  assert_str(lock_license(&f.arena, lock_get(v, "a"), ", "), "b, c, d");
  assert_str(lock_license(&f.arena, VALUE_NONE, ", "), "");
  assert_int_equal(lock_parse(&f.lock, LOCK_YAML, STR(""), &v, &err), 0);
  assert_true(value_is(v, VALUE_ABSENT));
  assert_int_equal(lock_parse(&f.lock, LOCK_JSON, STR("{"), &v, &err), SW_EINVAL);
  assert_int_equal(lock_parse(&f.lock, LOCK_TOML, STR("{"), &v, &err), SW_EINVAL);
  assert_int_equal(err.line, 1);
  assert_str(lock_file_name(STR("a/b/c.lock")), "c.lock");
  assert_str(lock_file_name(STR("c.lock")), "c.lock");
  assert_str(lock_file_name(STR("a/")), "");
  finish(&f, "");
}

static void keeps_to_its_limits(void **state)
{
  (void)state;
  static const enum lock_format formats[] = {LOCK_JSON, LOCK_YAML, LOCK_TOML};
  struct fixture f;
  struct value v;
  struct error err;
  char *text = mem_resize(NULL, LOCK_SIZE_MAX + 1, 1);
  memset(text, ' ', LOCK_SIZE_MAX + 1);
  start(&f, LOCKED);
  for (size_t i = 0; i < sizeof formats / sizeof formats[0]; i++)
    assert_int_equal(lock_parse(&f.lock, formats[i], str_make(text, LOCK_SIZE_MAX + 1), &v, &err),
                     SW_ELIMIT);
  mem_free(text);
  /* what the file takes counts: the arena's limit ends the entries, and is told */
  f.lock.arena.limit = 4096;
  for (int i = 0; i < 1000; i++) {
    char name[16];
    snprintf(name, sizeof name, "p%d", i);
    lock_add_package(&f.lock, arena_copy(&f.arena, str_from(name)), STR("1"), NULL);
  }
  assert_int_equal(lock_finish(&f.lock, 0, &err), SW_ELIMIT);
  assert_true(strstr(err.message, "more memory than allowed") != NULL);
  assert_true(f.list.count > 0 && f.list.count < 1000);
  package_list_free(&f.list);
  arena_free(&f.arena);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(tells_what_roots_lead_to),   cmocka_unit_test(joins_entries_of_one_package),
      cmocka_unit_test(goes_on_after_faults),       cmocka_unit_test(keeps_notes),
      cmocka_unit_test(reads_formats_and_licences), cmocka_unit_test(keeps_to_its_limits),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
