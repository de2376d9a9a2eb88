/*
 * Layers made of the bytes, told from the base up, from the top down and all at once: no two files of the result
 * have one path, each is found by it, no path leads outside; and for images without links the answer is that of a
 * model which unpacks the layers one after the other.
 *
 * Entries are lines: layer (a digit), type (f, F not kept, d, l, h), path, '>' and target.
 */
#include "oci/overlay.h"

#include "base/arena.h"

#include <assert.h>

enum { ENTRIES = 48, LAYERS = 4, ORDERS = 3 };

struct line {
  size_t layer;
  struct oci_entry entry;
  bool keep;
};

static bool parse(struct str text, uint64_t number, struct arena *arena, struct line *ret)
{
  char clean[OCI_PATH_MAX + 1];
  bool escapes;
  static const struct {
    char letter;
    enum oci_entry_type type;
  } types[] = {{'f', OCI_FILE},
               {'F', OCI_FILE},
               {'d', OCI_DIRECTORY},
               {'l', OCI_SYMLINK},
               {'h', OCI_HARDLINK}};
  if (text.len < 3 || text.len > 200 || memchr(text.data, '\0', text.len))
    return false;
  struct str link;
  struct str path = str_cut(str_sub(text, 2, SIZE_MAX), '>', &link);
  *ret = (struct line){.layer = (size_t)(uint8_t)text.data[0] % LAYERS, .entry.number = number};
  ret->entry.type = types[(uint8_t)text.data[1] % 5].type;
  for (size_t i = 0; i < 5; i++)
    if (types[i].letter == text.data[1])
      ret->entry.type = types[i].type;
  ret->keep = ret->entry.type == OCI_FILE && text.data[1] != 'F';
  int len = oci_path_clean(path, clean, &escapes);
  ret->entry.path = arena_copy(arena, str_make(clean, (size_t)len));
  ret->entry.link = STR_EMPTY;
  if (ret->entry.type == OCI_SYMLINK)
    ret->entry.link = arena_copy(arena, link.data ? link : STR_EMPTY);
  if (ret->entry.type == OCI_HARDLINK) {
    len = oci_path_clean(link.data ? link : STR_EMPTY, clean, &escapes);
    ret->entry.link = arena_copy(arena, str_make(clean, (size_t)len));
  }
  return ret->entry.path.len > 0;
}

/* ---- the model: what is there after each layer, for files and directories */

struct model {
  const struct line *there[ENTRIES];
  size_t count;
};

static bool is_below(struct str path, struct str dir)
{
  return !dir.len || (path.len > dir.len && path.data[dir.len] == '/' && str_starts(path, dir));
}

static void model_remove(struct model *m, struct str path, bool itself, bool below, size_t under)
{
  size_t kept = 0;
  for (size_t i = 0; i < m->count; i++) {
    struct str p = m->there[i]->entry.path;
    bool goes = m->there[i]->layer < under &&
                ((itself && str_eq(p, path)) || (below && is_below(p, path)));
    if (!goes)
      m->there[kept++] = m->there[i];
  }
  m->count = kept;
}

static void model_add(struct model *m, const struct line *l)
{
  struct str path = l->entry.path;
  ptrdiff_t slash = str_find_last_byte(path, '/');
  struct str name = str_sub(path, (size_t)(slash + 1), SIZE_MAX);
  struct str dir = str_sub(path, 0, slash < 0 ? 0 : (size_t)slash);
  if (str_eq(name, STR(".wh..wh..opq"))) {
    model_remove(m, dir, false, true, l->layer);
  } else if (str_starts(name, STR(".wh..wh."))) {
    return;
  } else if (str_starts(name, STR(".wh."))) {
    char target[OCI_PATH_MAX + 1];
    int len = snprintf(target, sizeof target, "%.*s%s%.*s", STR_FMT(dir), dir.len ? "/" : "",
                       STR_FMT(str_sub(name, 4, SIZE_MAX)));
    model_remove(m, str_make(target, (size_t)len), true, true, l->layer);
  } else {
    model_remove(m, path, true, l->entry.type != OCI_DIRECTORY, l->layer + 1);
    if (l->keep)
      m->there[m->count++] = l;
  }
}

/* ---- the overlay */

static int tell(struct oci_overlay *o, const struct line *lines, size_t count, int order)
{
  struct error err;
  for (size_t turn = 0; turn < LAYERS; turn++) {
    size_t layer = order ? LAYERS - 1 - turn : turn;
    for (size_t i = 0; i < count; i++) {
      int rc = lines[i].layer == layer
                   ? oci_overlay_add(o, layer, &lines[i].entry, lines[i].keep, i, &err)
                   : 0;
      if (rc < 0)
        return rc;
    }
    if (order < 2)
      oci_overlay_done(o, layer);
  }
  return oci_overlay_finish(o, &err);
}

static uint64_t check(const struct oci_overlay *o)
{
  struct oci_overlay_file f, other;
  uint64_t all = 0;
  for (size_t at = 0; oci_overlay_next(o, &at, &f);) {
    all |= UINT64_C(1) << f.tag;
    assert(f.path.len && f.path.data[0] != '/' && f.path.data[f.path.len - 1] != '/');
    for (size_t next = at; oci_overlay_next(o, &next, &other);)
      assert(!str_eq(f.path, other.path));
    if (oci_overlay_find(o, f.path, &other))
      assert(other.tag == f.tag);
  }
  return all;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
  static struct line lines[ENTRIES];
  struct arena arena;
  struct str rest = str_make((const char *)data, size);
  size_t count = 0;
  bool links = false, failed = false;
  uint64_t got[ORDERS] = {0}, expected = 0;
  arena_init(&arena, 0);
  while (rest.data && count < ENTRIES) {
    struct str text = str_cut(rest, '\n', &rest);
    if (parse(text, count, &arena, &lines[count]))
      links |= lines[count++].entry.link.len > 0 || lines[count - 1].entry.type >= OCI_SYMLINK;
  }
  for (int order = 0; order < ORDERS; order++) {
    _cleanup_(oci_overlay_freep) struct oci_overlay *o = oci_overlay_new(LAYERS);
    failed |= tell(o, lines, count, order) < 0;
    got[order] = failed ? 0 : check(o);
  }
  struct model m = {.count = 0};
  for (size_t layer = 0; layer < LAYERS; layer++)
    for (size_t i = 0; i < count; i++)
      if (lines[i].layer == layer)
        model_add(&m, &lines[i]);
  for (size_t i = 0; i < m.count; i++)
    expected |= UINT64_C(1) << (m.there[i] - lines);
  if (!failed && !links)
    for (int order = 0; order < ORDERS; order++)
      assert(got[order] == expected);
  arena_free(&arena);
  return 0;
}
