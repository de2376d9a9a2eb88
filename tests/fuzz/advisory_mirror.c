/*
 * The first byte chooses what the rest is: apt's lists of sources, an archive's index, a list of packages, a changelog, a
 * package. What is read of it is views of the text, with no part that leads out of a pocket, and in order.
 */
#include "base/mem.h"
#include "scan/advisory/mirror.h"

#include <assert.h>

static void read_pockets(struct arena *arena, struct str text, bool deb822)
{
  struct mirror_pocket pockets[8];
  size_t count = mirror_pockets_parse(arena, text, deb822, pockets, 8);
  assert(count <= 8);
  for (size_t i = 0; i < count; i++) {
    assert(str_starts(pockets[i].url, STR("http")) && !str_ends(pockets[i].url, STR("/")));
    assert(pockets[i].suite.len && pockets[i].releases == !mirror_is_security(pockets[i].suite));
  }
}

static void read_index(struct arena *arena, struct str text)
{
  struct mirror_index index;
  struct error err;
  int rc = mirror_index_parse(arena, text, &index, &err);
  assert(rc == 0 || (err.code == rc && err.message[0]));
  if (rc < 0)
    return;
  assert(index.file_count && index.codename.len);
  for (size_t i = 0; i < index.file_count; i++)
    assert(index.files[i].sha256.len == 64 && index.files[i].path.len);
  mirror_ecosystem(arena, &index);
}

static void read_list(struct arena *arena, struct str text, bool binaries)
{
  struct mirror_list list;
  struct error err;
  size_t count;
  mirror_list_init(&list, arena);
  int rc = binaries ? mirror_list_add_binaries(&list, text, &err)
                    : mirror_list_add_sources(&list, text, &err);
  assert(rc == 0 || err.code == rc);
  const struct mirror_package *p = mirror_list_packages(&list, &count);
  for (size_t i = 0; i < count; i++) {
    assert(p[i].source.len && p[i].version.len);
    assert(i == 0 || str_compare(p[i - 1].source, p[i].source) < 0);
    for (size_t k = 0; k < MIRROR_PARTS_MAX; k++)
      assert(str_find(p[i].parts[k].path, 0, STR("../")) < 0);
  }
  mirror_list_free(&list);
}

/* Of what is kept all is kept again. */
static void keep_updates(struct str text)
{
  struct buf kept = {0}, again = {0};
  mirror_list_keep_updates(text, &kept);
  mirror_list_keep_updates(buf_str(&kept), &again);
  assert(str_eq(buf_str(&kept), buf_str(&again)));
  buf_free(&kept);
  buf_free(&again);
}

static void read_changelog(struct arena *arena, struct str text)
{
  struct mirror_fix *fixes;
  struct error err;
  size_t count;
  int rc = mirror_changelog_parse(arena, text, &fixes, &count, &err);
  assert(rc == 0 || (err.code == rc && err.message[0]));
  for (size_t i = 0; rc == 0 && i < count; i++)
    assert(fixes[i].version.len && (fixes[i].cve.len || fixes[i].security));
}

static void read_package(struct str name, struct str bytes)
{
  struct buf text = {0};
  struct error err;
  int rc = mirror_changelog_find(name, bytes, &text, &err);
  assert(rc == 0 || (err.code == rc && err.message[0] && text.len == 0));
  assert(text.len <= MIRROR_CHANGELOG_MAX);
  buf_free(&text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
  struct arena arena;
  if (size == 0)
    return 0;
  struct str text = str_make((const char *)data + 1, size - 1);
  arena_init(&arena, 0);
  switch (data[0]) {
  case 'l':
  case 'd':
    read_pockets(&arena, text, data[0] == 'd');
    break;
  case 'i':
    read_index(&arena, text);
    break;
  case 's':
  case 'b':
    read_list(&arena, text, data[0] == 'b');
    keep_updates(text);
    break;
  case 'c':
    read_changelog(&arena, text);
    break;
  default:
    read_package(data[0] == 'g' ? STR("a.diff.gz") : STR("a.tar"), text);
  }
  arena_free(&arena);
  return 0;
}
