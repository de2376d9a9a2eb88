#include "oci/overlay.h"

#include "oci/overlay_int.h"

#include "base/hash.h"

#define WHITEOUT ".wh."
#define OPAQUE ".wh..wh..opq"

enum {
  SLOTS_FIRST = 1024,
  LATE_KEY = 10, /* hash and layer */
};

/* ---- marks */

uint64_t overlay_hash(struct str path)
{
  uint64_t hash = hash_bytes(path);
  return hash ? hash : 1;
}

static size_t slot_of(const struct overlay_marks *m, uint64_t hash)
{
  size_t i = hash & (m->slots - 1);
  while (m->hashes[i] && m->hashes[i] != hash)
    i = (i + 1) & (m->slots - 1);
  return i;
}

struct overlay_mark *overlay_marks_get(const struct overlay_marks *m, uint64_t hash)
{
  if (!m->slots)
    return NULL;
  size_t i = slot_of(m, hash);
  return m->hashes[i] ? &m->marks[i] : NULL;
}

static void grow(struct overlay_marks *m)
{
  struct overlay_marks bigger = {.slots = m->slots ? 2 * m->slots : SLOTS_FIRST, .count = m->count};
  bigger.hashes = mem_zalloc(bigger.slots, sizeof *bigger.hashes);
  bigger.marks = mem_zalloc(bigger.slots, sizeof *bigger.marks);
  for (size_t i = 0; i < m->slots; i++)
    if (m->hashes[i]) {
      size_t to = slot_of(&bigger, m->hashes[i]);
      bigger.hashes[to] = m->hashes[i];
      bigger.marks[to] = m->marks[i];
    }
  overlay_marks_free(m);
  *m = bigger;
}

struct overlay_mark *overlay_marks_put(struct overlay_marks *m, uint64_t hash)
{
  if (m->count + m->count / 4 >= m->slots)
    grow(m);
  size_t i = slot_of(m, hash);
  if (!m->hashes[i]) {
    if (m->count == OCI_OVERLAY_PATHS_MAX)
      return NULL;
    m->hashes[i] = hash;
    m->count++;
  }
  return &m->marks[i];
}

void overlay_marks_free(struct overlay_marks *m)
{
  mem_free(m->hashes);
  mem_free(m->marks);
  *m = (struct overlay_marks){0};
}

/* ---- the overlay */

struct oci_overlay *oci_overlay_new(size_t layer_count)
{
  struct oci_overlay *o = mem_zalloc(1, sizeof *o);
  arena_init(&o->arena, OCI_OVERLAY_BYTES_MAX);
  map_init(&o->late_exact, &o->arena);
  map_init(&o->late_below, &o->arena);
  map_init(&o->current, NULL);
  map_init(&o->aliases, &o->arena);
  o->layer_count = layer_count < OCI_LAYERS_MAX ? layer_count : OCI_LAYERS_MAX;
  o->layer_done = mem_zalloc(o->layer_count + 1, sizeof *o->layer_done);
  return o;
}

void oci_overlay_free(struct oci_overlay *o)
{
  if (!o)
    return;
  map_free(&o->late_exact);
  map_free(&o->late_below);
  map_free(&o->current);
  map_free(&o->aliases);
  overlay_marks_free(&o->marks);
  vec_free(&o->records);
  arena_free(&o->arena);
  mem_free(o->layer_done);
  mem_free(o);
}

void oci_overlay_done(struct oci_overlay *o, size_t layer)
{
  if (layer < o->layer_count)
    o->layer_done[layer] = true;
  while (o->done_below < o->layer_count && o->layer_done[o->done_below])
    o->done_below++;
}

size_t oci_overlay_memory(const struct oci_overlay *o)
{
  return sizeof *o + arena_used(&o->arena) + o->records.room * sizeof *o->records.items +
         o->marks.slots * (sizeof *o->marks.hashes + sizeof *o->marks.marks);
}

/* ---- telling */

static int too_many(struct error *err)
{
  return error_set(err, SW_ELIMIT, "the image has more paths than can be kept in mind");
}

/* What is above a path; the root for a name alone. False at the root. */
static bool go_up(struct str *path)
{
  if (!path->len)
    return false;
  ptrdiff_t slash = str_find_last_byte(*path, '/');
  path->len = slash < 0 ? 0 : (size_t)slash;
  return true;
}

static bool is_below_link(struct oci_overlay *o, struct str path)
{
  struct str up = path;
  if (!go_up(&up))
    return false;
  if (o->parent_known && o->parent_records == o->records.count &&
      str_eq(up, str_make(o->parent, o->parent_len)))
    return o->parent_linked;
  memcpy(o->parent, up.data, up.len);
  o->parent_len = up.len;
  o->parent_records = o->records.count;
  o->parent_known = true;
  o->parent_linked = false;
  while (up.len && !o->parent_linked) {
    const struct overlay_mark *m = overlay_marks_get(&o->marks, overlay_hash(up));
    o->parent_linked = m && m->symlink;
    go_up(&up);
  }
  return o->parent_linked;
}

/* Marks a path if that can hide anything: something of a lower layer yet to come, or a record. */
static int mark(struct oci_overlay *o, struct str path, size_t layer, bool exact, bool below,
                struct error *err)
{
  uint64_t hash = overlay_hash(path);
  struct overlay_mark *m = overlay_marks_get(&o->marks, hash);
  if (layer <= o->done_below && !o->store_all && !(m && m->touched) && !is_below_link(o, path))
    return 0;
  m = overlay_marks_put(&o->marks, hash);
  if (!m)
    return too_many(err);
  if (exact && m->exact < layer + 1)
    m->exact = (uint32_t)(layer + 1) & 0x7ff;
  if (below && m->below < layer + 1)
    m->below = (uint32_t)(layer + 1) & 0x7ff;
  return 0;
}

static struct str late_key(uint64_t hash, size_t layer, char key[static LATE_KEY])
{
  memcpy(key, &hash, sizeof hash);
  key[8] = (char)(layer & 0xff);
  key[9] = (char)(layer >> 8);
  return str_make(key, LATE_KEY);
}

/* Within a layer the order counts, but only for paths that have records, or are above some. What is marked for
 * a record itself is its own number, which hides nothing. */
static void mark_late(struct oci_overlay *o, const struct oci_entry *e, size_t layer)
{
  char key[LATE_KEY];
  uint64_t hash = overlay_hash(e->path);
  const struct overlay_mark *m = overlay_marks_get(&o->marks, hash);
  if (!m || !m->touched)
    return;
  struct str name = late_key(hash, layer, key);
  map_put(&o->late_exact, name, NULL)->number = e->number;
  if (e->type != OCI_DIRECTORY)
    map_put(&o->late_below, name, NULL)->number = e->number;
}

static int touch(struct oci_overlay *o, struct str path, bool symlink, struct error *err)
{
  struct str up = path;
  do {
    struct overlay_mark *m = overlay_marks_put(&o->marks, overlay_hash(up));
    if (!m)
      return too_many(err);
    bool known = m->touched;
    m->touched = true;
    if (up.len == path.len && symlink)
      m->symlink = true;
    else if (known && up.len < path.len)
      return 0; /* and so is everything above */
  } while (go_up(&up));
  return 0;
}

static int record(struct oci_overlay *o, const struct oci_entry *e, size_t layer, bool keep,
                  uint64_t tag, struct error *err)
{
  if (vec_full(&o->records, OCI_OVERLAY_KEPT_MAX) || arena_over(&o->arena))
    return error_set(err, SW_ELIMIT, "the image has more files to remember, and links, than %d",
                     OCI_OVERLAY_KEPT_MAX);
  const struct overlay_record r = {
      .path = arena_copy(&o->arena, e->path),
      .link = arena_copy(&o->arena, e->link),
      .number = e->number,
      .tag = tag,
      .layer = (uint16_t)layer,
      .type = (uint8_t)e->type,
      .kept = keep,
      .before = OVERLAY_NONE,
      .content = OVERLAY_NONE,
      .alias = OVERLAY_NONE,
  };
  vec_push(&o->records, r);
  return touch(o, e->path, e->type == OCI_SYMLINK, err);
}

static int whiteout(struct oci_overlay *o, struct str dir, struct str name, size_t layer,
                    struct error *err)
{
  char target[OCI_PATH_MAX + 1];
  struct str hidden = str_sub(name, sizeof WHITEOUT - 1, SIZE_MAX);
  if (str_eq(name, STR(OPAQUE)))
    return mark(o, dir, layer, false, true, err);
  if (str_starts(hidden, STR(WHITEOUT)))
    return 0; /* aufs's own bookkeeping */
  if (!hidden.len || str_eq(hidden, STR(".")) || str_eq(hidden, STR("..")))
    return error_set(err, SW_EINVAL, "\"%.*s\" is a whiteout of nothing", STR_FMT(name));
  int len = snprintf(target, sizeof target, "%.*s%s%.*s", STR_FMT(dir), dir.len ? "/" : "",
                     STR_FMT(hidden));
  return mark(o, str_make(target, (size_t)len), layer, true, true, err);
}

int oci_overlay_add(struct oci_overlay *o, size_t layer, const struct oci_entry *entry, bool keep,
                    uint64_t tag, struct error *err)
{
  if (layer >= o->layer_count)
    return error_set(err, SW_EUSAGE, "there is no layer %zu", layer);
  if (entry->path.len > OCI_PATH_MAX || entry->link.len > OCI_PATH_MAX)
    return error_set(err, SW_ELIMIT, "a path is longer than %d bytes", OCI_PATH_MAX);
  struct str dir = entry->path;
  bool named = go_up(&dir);
  struct str name = str_sub(entry->path, dir.len ? dir.len + 1 : 0, SIZE_MAX);
  if (named && str_starts(name, STR(WHITEOUT)))
    return whiteout(o, dir, name, layer, err);
  bool link = entry->type == OCI_SYMLINK || entry->type == OCI_HARDLINK;
  if (keep || link)
    o->store_all = o->store_all || is_below_link(o, entry->path);
  int rc = keep || link ? record(o, entry, layer, keep, tag, err) : 0;
  if (rc == 0)
    rc = mark(o, entry->path, layer, true, entry->type != OCI_DIRECTORY, err);
  if (rc == 0)
    mark_late(o, entry, layer);
  return rc;
}
