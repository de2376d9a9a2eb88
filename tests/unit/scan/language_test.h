/*
 * language_test.h - what a reader of languages' files finds, as lines: "name@version", " indirect", " development",
 * " (licence)".
 */
#ifndef SEAWALL_TESTS_UNIT_SCAN_LANGUAGE_TEST_H
#define SEAWALL_TESTS_UNIT_SCAN_LANGUAGE_TEST_H

#include "../test.h"

#include "base/buf.h"
#include "base/mem.h"
#include "scan/package.h"

typedef int language_read(struct str path, uint32_t layer, struct str bytes,
                          struct package_list *list, struct error *err);

enum {
  INSTALLED = 0,
  LOCKED = PACKAGE_LIST_LOCK_FILES,
  ALL = PACKAGE_LIST_LOCK_FILES | PACKAGE_LIST_DEVELOPMENT
};

static inline void language_print(struct buf *out, const struct package_list *list)
{
  for (size_t i = 0; i < list->count; i++) {
    const struct package *p = &list->items[i];
    buf_printf(out, "%.*s@%.*s%s%s", STR_FMT(p->name), STR_FMT(p->version.text),
               p->indirect ? " indirect" : "", p->development ? " development" : "");
    if (p->license.len)
      buf_printf(out, " (%.*s)", STR_FMT(p->license));
    buf_add_byte(out, '\n');
  }
}

/* The text is copied to memory of exactly its size, so that sanitizers see a byte read too many. */
static inline int language_read_text(language_read *read, const char *path, struct str text,
                                     struct package_list *list, struct error *err)
{
  struct str copy = arena_copy(list->arena, text);
  return read(str_from(path), 3, copy, list, err);
}

/* The file is read without an error, and has these packages, in this order. */
static inline void language_check(language_read *read, const char *path, struct str text,
                                  unsigned flags, const char *expected)
{
  struct arena arena;
  struct package_list list;
  struct buf lines = {0};
  struct error err;
  arena_init(&arena, 0);
  package_list_init(&list, &arena, flags);
  if (language_read_text(read, path, text, &list, &err) < 0) {
    print_error("%s: %u:%u: %s\n", path, err.line, err.column, err.message);
    fail();
  }
  language_print(&lines, &list);
  assert_str(buf_str(&lines), expected);
  for (size_t i = 0; i < list.count; i++) {
    assert_str(list.items[i].path, path);
    assert_int_equal(list.items[i].layer, 3);
    assert_true(str_starts(list.items[i].purl, STR("pkg:")));
  }
  buf_free(&lines);
  package_list_free(&list);
  arena_free(&arena);
}

/* It is not: the message has this in it. What is found nevertheless are so many packages. */
static inline void language_refuse(language_read *read, const char *path, struct str text,
                                   unsigned flags, int code, const char *message, size_t found)
{
  struct arena arena;
  struct package_list list;
  struct error err = {0};
  arena_init(&arena, 0);
  package_list_init(&list, &arena, flags);
  assert_int_equal(language_read_text(read, path, text, &list, &err), code);
  assert_error(err, code, message);
  assert_int_equal(list.count, found);
  package_list_free(&list);
  arena_free(&arena);
}

/* The package URL of the only package. */
static inline void language_check_purl(language_read *read, const char *path, struct str text,
                                       unsigned flags, const char *expected)
{
  struct arena arena;
  struct package_list list;
  arena_init(&arena, 0);
  package_list_init(&list, &arena, flags);
  assert_int_equal(language_read_text(read, path, text, &list, NULL), 0);
  assert_int_equal(list.count, 1);
  assert_str(list.items[0].purl, expected);
  package_list_free(&list);
  arena_free(&arena);
}

#endif
