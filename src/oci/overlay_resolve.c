/* The final file system: paths followed through links, and what hides what. */
#include "oci/overlay_int.h"

enum { ALIASES_MAX = 64, LATE_KEY = 10 };

static const struct overlay_time at_the_end = {SIZE_MAX, UINT64_MAX};

/* ---- hiding */

static uint64_t late(const struct map *map, uint64_t hash, size_t layer)
{
  char key[LATE_KEY];
  memcpy(key, &hash, sizeof hash);
  key[8] = (char)(layer & 0xff);
  key[9] = (char)(layer >> 8);
  const union map_value *v = map_get(map, str_make(key, LATE_KEY));
  return v ? v->number : 0;
}

static bool by_layer(size_t mark, size_t since, struct overlay_time of, struct overlay_time until)
{
  return mark && mark - 1 > of.layer && mark - 1 >= since &&
         (until.layer == SIZE_MAX || mark - 1 <= until.layer);
}

static bool by_number(uint64_t number, struct overlay_time of, struct overlay_time until)
{
  return number > of.number && (until.layer > of.layer || number < until.number);
}

bool overlay_hidden(const struct oci_overlay *o, struct str path, size_t from,
                    struct overlay_time of, size_t since, struct overlay_time until)
{
  for (struct str up = path;;) {
    if (up.len < from || (from && up.len == from))
      return false;
    uint64_t hash = overlay_hash(up);
    const struct overlay_mark *m = overlay_marks_get(&o->marks, hash);
    bool itself = up.len == path.len;
    if (m && by_layer(itself ? m->exact : m->below, since, of, until))
      return true;
    if (m && m->touched && since <= of.layer &&
        by_number(late(itself ? &o->late_exact : &o->late_below, hash, of.layer), of, until))
      return true;
    if (!up.len)
      return false;
    ptrdiff_t slash = str_find_last_byte(up, '/');
    up.len = slash < 0 ? 0 : (size_t)slash;
  }
}

uint32_t overlay_record_at(const struct oci_overlay *o, struct str canonical,
                           struct overlay_time at)
{
  const union map_value *v = map_get(&o->current, canonical);
  if (!v)
    return OVERLAY_NONE;
  /* What came before the latest was replaced by it, so only that one is asked. */
  const struct overlay_record *r = &o->records.items[v->number];
  const struct overlay_time of = {r->layer, r->number};
  return overlay_hidden(o, r->canonical, 0, of, 0, at) ? OVERLAY_NONE : (uint32_t)v->number;
}

/* ---- following links */

struct way {
  char *out;
  size_t len;
  char rest[2 * OCI_PATH_MAX + 2];
  size_t rest_at, rest_len;
  unsigned links;
};

static void step_up(struct way *w)
{
  while (w->len && w->out[w->len - 1] != '/')
    w->len--;
  if (w->len)
    w->len--;
}

/* Puts a link's target in front of what is left. */
static bool insert_target(struct way *w, struct str target)
{
  size_t left = w->rest_len - w->rest_at;
  if (target.len + 1 + left > sizeof w->rest)
    return false;
  memmove(w->rest + target.len + 1, w->rest + w->rest_at, left);
  memcpy(w->rest, target.data, target.len);
  w->rest[target.len] = '/';
  w->rest_at = 0;
  w->rest_len = target.len + 1 + left;
  return true;
}

static bool add_part(struct way *w, struct str part)
{
  if (w->len + 1 + part.len > OCI_PATH_MAX)
    return false;
  if (w->len)
    w->out[w->len++] = '/';
  memmove(w->out + w->len, part.data, part.len);
  w->len += part.len;
  return true;
}

static struct str next_part(struct way *w)
{
  struct str rest, text = str_make(w->rest + w->rest_at, w->rest_len - w->rest_at);
  struct str part = str_cut(text, '/', &rest);
  w->rest_at = rest.data ? w->rest_len - rest.len : w->rest_len;
  return part;
}

static bool is_last(const struct way *w)
{
  for (size_t i = w->rest_at; i < w->rest_len; i++)
    if (w->rest[i] != '/')
      return false;
  return true;
}

static const struct overlay_record *link_here(const struct oci_overlay *o, const struct way *w,
                                              struct overlay_time at)
{
  uint32_t i = overlay_record_at(o, str_make(w->out, w->len), at);
  return i != OVERLAY_NONE && o->records.items[i].type == OCI_SYMLINK ? &o->records.items[i] : NULL;
}

int overlay_resolve(const struct oci_overlay *o, struct str path, bool last, struct overlay_time at,
                    uint64_t *io_work, char ret_text[static OCI_PATH_MAX + 1], struct error *err)
{
  struct way w = {.out = ret_text};
  bool fits = path.len <= OCI_PATH_MAX;
  if (fits && path.len)
    memcpy(w.rest, path.data, path.len);
  w.rest_len = path.len;
  while (fits && w.rest_at < w.rest_len) {
    struct str part = next_part(&w);
    if (!part.len || str_eq(part, STR(".")))
      continue;
    if (str_eq(part, STR(".."))) {
      step_up(&w);
      continue;
    }
    fits = add_part(&w, part);
    *io_work += w.len;
    if (!fits || (!last && is_last(&w)))
      continue;
    const struct overlay_record *link = link_here(o, &w, at);
    if (!link)
      continue;
    if (++w.links > OCI_OVERLAY_LINKS_MAX)
      return error_set(err, SW_ELIMIT, "%.*s: more than %d symbolic links lie in the way",
                       STR_FMT(str_sub(path, 0, 200)), OCI_OVERLAY_LINKS_MAX);
    if (str_starts(link->link, STR("/")))
      w.len = 0;
    else
      step_up(&w);
    fits = insert_target(&w, link->link);
  }
  if (!fits)
    return error_set(err, SW_ELIMIT, "%.*s...: leads to a path that is longer than %d bytes",
                     STR_FMT(str_sub(path, 0, 200)), OCI_PATH_MAX);
  ret_text[w.len] = '\0';
  return (int)w.len;
}

/* ---- finishing */

static int by_time(const void *a, const void *b, void *ctx)
{
  const struct overlay_records *records = ctx;
  const struct overlay_record *x = &records->items[*(const uint32_t *)a];
  const struct overlay_record *y = &records->items[*(const uint32_t *)b];
  if (x->layer != y->layer)
    return x->layer < y->layer ? -1 : 1;
  return x->number < y->number ? -1 : x->number > y->number;
}

static void find_content(struct oci_overlay *o, struct overlay_record *r, struct overlay_time now)
{
  char text[OCI_PATH_MAX + 1];
  int len = overlay_resolve(o, r->link, false, now, &o->work, text, NULL);
  if (len < 0)
    return;
  r->link = arena_copy(&o->arena, str_make(text, (size_t)len));
  uint32_t target = overlay_record_at(o, r->link, now);
  if (target == OVERLAY_NONE)
    return;
  const struct overlay_record *t = &o->records.items[target];
  if (t->type != OCI_HARDLINK) {
    r->content = target;
    return;
  }
  r->content = t->content;
  r->link = t->link;
}

static void add_alias(struct oci_overlay *o, uint32_t i, struct overlay_time now)
{
  char text[OCI_PATH_MAX + 1];
  struct overlay_record *r = &o->records.items[i];
  const struct overlay_time after = {now.layer, now.number + 1};
  int len = overlay_resolve(o, r->canonical, true, after, &o->work, text, NULL);
  if (len < 0)
    return;
  bool added;
  union map_value *v = map_put(&o->aliases, str_make(text, (size_t)len), &added);
  r->alias = added ? OVERLAY_NONE : (uint32_t)v->number;
  v->number = i;
}

static void place(struct oci_overlay *o, uint32_t i)
{
  char text[OCI_PATH_MAX + 1];
  struct overlay_record *r = &o->records.items[i];
  const struct overlay_time now = {r->layer, r->number};
  int len = overlay_resolve(o, r->path, false, now, &o->work, text, NULL);
  /* A path that cannot be followed cannot be unpacked either. */
  r->hidden = len < 0;
  if (r->hidden)
    return;
  struct str canonical = str_make(text, (size_t)len);
  r->canonical = str_eq(canonical, r->path) ? r->path : arena_copy(&o->arena, canonical);
  if (r->type == OCI_HARDLINK)
    find_content(o, r, now);
  bool added;
  union map_value *v = map_put(&o->current, r->canonical, &added);
  r->before = added ? OVERLAY_NONE : (uint32_t)v->number;
  v->number = i;
  if (r->type == OCI_SYMLINK)
    add_alias(o, i, now);
}

/* Whether something that was done under another name of a directory above hides it: S/rest where S leads to a
 * directory of its path, by a layer that saw S. */
static bool hidden_by_alias(struct oci_overlay *o, const struct overlay_record *r)
{
  const struct overlay_time of = {r->layer, r->number};
  for (struct str up = r->canonical; up.len;) {
    ptrdiff_t slash = str_find_last_byte(up, '/');
    up.len = slash < 0 ? 0 : (size_t)slash;
    const union map_value *v = map_get(&o->aliases, up);
    o->work += up.len + 1;
    uint32_t i = v ? (uint32_t)v->number : OVERLAY_NONE;
    for (int count = 0; i != OVERLAY_NONE && count < ALIASES_MAX; count++) {
      const struct overlay_record *s = &o->records.items[i];
      i = s->alias;
      if (s->hidden) /* when it went is not known; better to show too much */
        continue;
      char text[OCI_PATH_MAX + 1];
      int len = snprintf(text, sizeof text, "%.*s%s%.*s", STR_FMT(s->canonical), up.len ? "" : "/",
                         STR_FMT(str_sub(r->canonical, up.len, SIZE_MAX)));
      o->work += (uint64_t)len;
      if (len > 0 && (size_t)len < sizeof text &&
          overlay_hidden(o, str_make(text, (size_t)len), s->canonical.len, of, s->layer,
                         at_the_end))
        return true;
    }
  }
  return false;
}

static int work_done(const struct oci_overlay *o, struct error *err)
{
  if (o->work > OCI_OVERLAY_WORK_MAX || arena_over(&o->arena))
    return error_set(err, SW_ELIMIT,
                     "the image's links lead through more paths than can be followed");
  return 0;
}

int oci_overlay_finish(struct oci_overlay *o, struct error *err)
{
  size_t count = o->records.count;
  _cleanup_(mem_freep) uint32_t *order = mem_alloc((count + 1) * sizeof *order);
  int rc = 0;
  for (uint32_t i = 0; i < count; i++)
    order[i] = i;
  qsort_r(order, count, sizeof *order, by_time, &o->records);
  for (size_t i = 0; rc == 0 && i < count; i++) {
    place(o, order[i]);
    rc = work_done(o, err);
  }
  for (size_t i = 0; rc == 0 && i < count; i++) {
    struct overlay_record *r = &o->records.items[order[i]];
    const struct overlay_time of = {r->layer, r->number};
    if (r->before != OVERLAY_NONE)
      o->records.items[r->before].hidden = true;
    o->work += r->path.len;
    r->hidden = r->hidden || overlay_hidden(o, r->canonical, 0, of, 0, at_the_end);
  }
  for (size_t i = 0; rc == 0 && i < count; i++) {
    struct overlay_record *r = &o->records.items[i];
    if (r->type != OCI_SYMLINK)
      r->hidden = r->hidden || hidden_by_alias(o, r);
    rc = work_done(o, err);
  }
  return rc;
}

/* ---- answers */

static void fill(const struct oci_overlay *o, const struct overlay_record *r,
                 struct oci_overlay_file *ret)
{
  if (!ret)
    return;
  *ret = (struct oci_overlay_file){
      .path = r->canonical,
      .type = (enum oci_entry_type)r->type,
      .layer = r->layer,
      .number = r->number,
      .tag = r->tag,
      .link = r->type == OCI_SYMLINK ? r->link : STR_EMPTY,
      .content_path = r->type == OCI_HARDLINK ? r->link : STR_EMPTY,
  };
  if (r->content == OVERLAY_NONE || !o->records.items[r->content].kept)
    return;
  const struct overlay_record *c = &o->records.items[r->content];
  ret->content_kept = true;
  ret->content_layer = c->layer;
  ret->content_number = c->number;
  ret->content_tag = c->tag;
}

bool oci_overlay_next(const struct oci_overlay *o, size_t *at, struct oci_overlay_file *ret)
{
  while (*at < o->records.count) {
    const struct overlay_record *r = &o->records.items[(*at)++];
    if (!r->kept || r->hidden)
      continue;
    fill(o, r, ret);
    return true;
  }
  return false;
}

int oci_overlay_resolve(const struct oci_overlay *o, struct str path,
                        char ret_text[static OCI_PATH_MAX + 1], struct error *err)
{
  uint64_t work = 0;
  return overlay_resolve(o, path, true, at_the_end, &work, ret_text, err);
}

bool oci_overlay_find(const struct oci_overlay *o, struct str path, struct oci_overlay_file *ret)
{
  char text[OCI_PATH_MAX + 1];
  int len = oci_overlay_resolve(o, path, text, NULL);
  const union map_value *v = len < 0 ? NULL : map_get(&o->current, str_make(text, (size_t)len));
  if (!v)
    return false;
  const struct overlay_record *r = &o->records.items[v->number];
  if (!r->kept || r->hidden)
    return false;
  fill(o, r, ret);
  return true;
}
