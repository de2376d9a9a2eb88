/*
 * Files of projects and of installed packages: "%%% path" on a line, then the text of that file, as often as there are
 * files. Whatever they hold, packages have names, versions and package URLs that read again; errors have a text; lock
 * files without what is for development are part of those with it; and nothing depends on the memory around the text.
 */
#include "base/mem.h"
#include "scan/analyser.h"
#include "scan/purl.h"

#include <assert.h>

enum { FILES_MAX = 16 };

/* The readers of this family; others have targets of their own. */
static bool is_ours(const struct analyser *analyser)
{
  static const char *const names[] = {"npm",   "python", "ruby",      "composer",
                                      "cargo", "conda",  "lock files"};
  for (size_t i = 0; analyser && i < sizeof names / sizeof names[0]; i++)
    if (strcmp(analyser->name, names[i]) == 0)
      return true;
  return false;
}

static void read_file(struct analysis *a, struct str path, struct str text)
{
  const struct analyser *analyser = analyser_find(path, a->packages.flags);
  struct error err;
  if (!is_ours(analyser))
    return;
  struct str copy = str_make(
      memcpy(mem_resize(NULL, text.len + 1, 1), text.len ? text.data : "", text.len), text.len);
  int rc = analysis_read(a, analyser, path, 0, copy, &err);
  assert(rc == 0 || (rc == err.code && err.message[0]));
  mem_free((void *)copy.data);
}

static void read_files(struct analysis *a, struct str input)
{
  for (int i = 0; i < FILES_MAX && input.data; i++) {
    ptrdiff_t begin = str_find(input, 0, STR("%%% "));
    if (begin < 0)
      return;
    struct str text, path = str_cut(str_sub(input, (size_t)begin + 4, SIZE_MAX), '\n', &text);
    ptrdiff_t end = text.data ? str_find(text, 0, STR("%%% ")) : -1;
    if (text.data)
      read_file(a, path, str_sub(text, 0, end < 0 ? text.len : (size_t)end));
    input = end < 0 ? (struct str){NULL, 0} : str_sub(text, (size_t)end, SIZE_MAX);
  }
}

static void check_packages(struct arena *arena, const struct package_list *list)
{
  for (size_t i = 0; i < list->count; i++) {
    const struct package *p = &list->items[i];
    struct purl purl;
    assert(p->name.len && p->version.text.len && p->path.len);
    assert(!p->development || (list->flags & PACKAGE_LIST_DEVELOPMENT));
    if (p->purl.len) {
      assert(purl_parse(arena, p->purl, &purl, NULL) == 0);
      assert(str_eq_nocase(purl.type, package_type_text(p->type)));
    }
  }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
  static const unsigned flags[] = {0, PACKAGE_LIST_LOCK_FILES,
                                   PACKAGE_LIST_LOCK_FILES | PACKAGE_LIST_DEVELOPMENT};
  struct str input = str_make((const char *)data, size);
  struct arena arena;
  struct analysis a;
  size_t counts[3];
  arena_init(&arena, 0);
  for (size_t i = 0; i < 3; i++) {
    analysis_init(&a, &arena, flags[i]);
    read_files(&a, input);
    analysis_finish(&a);
    check_packages(&arena, &a.packages);
    counts[i] = a.packages.count;
    analysis_free(&a);
  }
  assert(counts[1] <= counts[2]);
  arena_free(&arena);
  return 0;
}
