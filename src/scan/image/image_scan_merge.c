#include "scan/image/image_scan_merge_int.h"

#include "base/map.h"
#include "base/vec.h"
#include "oci/overlay.h"

enum { SECRETS_MAX = 100000, ACCOUNTS_MAX = 100000, FAULTS_MAX = 1000 };

/* What is known of a hard link that somebody wants. */
enum link {
  LINK_NONE,    /* it is none, or it was read under its name */
  LINK_CONTENT, /* the entry that has its content was read as what the link is wanted for */
  LINK_UNREAD,
  LINK_TOO_MANY, /* unread, and there are too many of them to read the layer again for */
};

/* An entry that somebody wanted. */
struct kept {
  uint32_t layer;
  bool visible;
  uint8_t link; /* enum link */
};

/* A link for which its layer is to be read again. */
struct again {
  uint32_t layer;
  struct image_reader_link link;
};

struct merge {
  struct image_facts *facts;
  struct facts_reader reader;
  struct oci_overlay *overlay;
  struct map by_path; /* "LAYER PATH" → number in kept */
  VEC(struct kept) kept;
  VEC(bool) ended; /* of each layer */
  VEC(bool) asked; /* of each layer: to be read again */
  VEC(struct again) again;
  uint32_t again_layer; /* whose links have come last: how many of them, and bytes of their paths */
  size_t again_count, again_bytes;
  bool links_read;                     /* some content was read under a second name */
  VEC(struct image_reader_link) links; /* that were asked for last */
  struct buf key;
  uint64_t faults_dropped;
};

/* ---- what comes of a layer */

static struct str key_of(struct merge *m, uint32_t layer, struct str path)
{
  buf_clear(&m->key);
  buf_printf(&m->key, "%u ", layer);
  buf_add(&m->key, path);
  return buf_str(&m->key);
}

static int take_entry(void *ctx, uint32_t layer, const struct oci_entry *entry, bool keep,
                      struct error *err)
{
  struct merge *m = ctx;
  size_t tag = m->kept.count;
  if (keep) {
    map_put(&m->by_path, key_of(m, layer, entry->path), NULL)->number = tag;
    vec_push(&m->kept, (struct kept){.layer = layer});
  }
  return oci_overlay_add(m->overlay, layer, entry, keep, tag, err);
}

static struct kept *find_kept(struct merge *m, uint32_t layer, struct str path)
{
  union map_value *number = map_get(&m->by_path, key_of(m, layer, path));
  return number ? &m->kept.items[number->number] : NULL;
}

static int take_link(void *ctx, const struct facts_link *link, struct error *err)
{
  struct merge *m = ctx;
  struct kept *kept = find_kept(m, link->layer, link->path);
  (void)err;
  if (!kept)
    return 0;
  kept->link = link->unread ? LINK_UNREAD : LINK_CONTENT;
  if (!link->unread)
    return 0;
  if (m->again_layer != link->layer)
    m->again_count = m->again_bytes = 0;
  m->again_layer = link->layer;
  m->again_bytes += link->path.len;
  if (++m->again_count > IMAGE_READER_LINKS_MAX || m->again_bytes > IMAGE_READER_LINKS_BYTES_MAX) {
    kept->link = LINK_TOO_MANY;
    return 0;
  }
  const struct again again = {
      link->layer,
      {arena_copy(m->facts->arena, link->path), link->target, link->before},
  };
  vec_push(&m->again, again);
  return 0;
}

static int take_link_read(void *ctx, uint32_t layer, struct str path, struct error *err)
{
  struct merge *m = ctx;
  struct kept *kept = find_kept(m, layer, path);
  (void)err;
  m->links_read = true;
  if (kept)
    kept->link = LINK_NONE;
  return 0;
}

static int take_again(void *ctx, uint32_t layer, struct error *err)
{
  struct merge *m = ctx;
  (void)err;
  m->asked.items[layer] = true;
  return 0;
}

bool merge_ended(const struct merge *m, uint32_t layer)
{
  return m->ended.items[layer];
}

bool merge_passed(const struct merge *m, uint32_t layer)
{
  return m->ended.items[layer] || m->asked.items[layer];
}

bool merge_again(struct merge *m, uint32_t layer, const struct image_reader_link **ret_links,
                 size_t *ret_count)
{
  if (!m->asked.items[layer] || m->ended.items[layer])
    return false;
  m->asked.items[layer] = false;
  vec_clear(&m->links);
  for (size_t i = 0; i < m->again.count; i++)
    if (m->again.items[i].layer == layer)
      vec_push(&m->links, m->again.items[i].link);
  *ret_links = m->links.items;
  *ret_count = m->links.count;
  return m->links.count > 0; /* who asks for nothing is not read again, and stays without an end */
}

/* What a layer asked for is settled with its end. */
static void forget_links(struct merge *m, uint32_t layer)
{
  size_t left = 0;
  for (size_t i = 0; i < m->again.count; i++)
    if (m->again.items[i].layer != layer)
      m->again.items[left++] = m->again.items[i];
  m->again.count = left;
}

static int take_secret(void *ctx, const struct facts_secret *secret, struct error *err)
{
  struct merge *m = ctx;
  struct arena *arena = m->facts->arena;
  if (m->facts->secrets.count >= SECRETS_MAX)
    return error_set(err, SW_ELIMIT, "more than %d secrets", SECRETS_MAX);
  struct image_secret copy = {.secret = *secret};
  copy.secret.rule = arena_copy(arena, secret->rule);
  copy.secret.path = arena_copy(arena, secret->path);
  copy.secret.excerpt = arena_copy(arena, secret->excerpt);
  copy.secret.fingerprint = arena_copy(arena, secret->fingerprint);
  vec_push(&m->facts->secrets, copy);
  return 0;
}

static int take_file(void *ctx, const struct file_fact *fact, struct error *err)
{
  struct merge *m = ctx;
  struct file_facts one;
  (void)err;
  file_facts_init(&one, m->facts->arena);
  one.items = (struct file_fact *)fact;
  one.count = 1;
  file_facts_join(&m->facts->files, &one);
  return 0;
}

static int take_file_counts(void *ctx, uint32_t layer, const struct file_facts *counts,
                            struct error *err)
{
  struct merge *m = ctx;
  (void)layer;
  (void)err;
  file_facts_join(&m->facts->files, counts);
  return 0;
}

static int take_text(void *ctx, const struct facts_text *text, struct error *err)
{
  struct merge *m = ctx;
  if (m->facts->accounts.count >= ACCOUNTS_MAX)
    return error_set(err, SW_ELIMIT, "more than %d facts about accounts", ACCOUNTS_MAX);
  struct str path = arena_copy(m->facts->arena, text->path);
  return account_fact_read(&m->facts->accounts, path, text->layer,
                           arena_copy(m->facts->arena, text->text), err);
}

static int take_fault(void *ctx, const struct facts_fault *fault, struct error *err)
{
  struct merge *m = ctx;
  (void)err;
  if (m->facts->faults.count >= FAULTS_MAX) {
    m->faults_dropped++;
    return 0;
  }
  struct facts_fault copy = {fault->layer, arena_copy(m->facts->arena, fault->message)};
  vec_push(&m->facts->faults, copy);
  return 0;
}

static int take_end(void *ctx, uint32_t layer, const struct facts_totals *totals, struct error *err)
{
  struct merge *m = ctx;
  if (m->ended.items[layer])
    return error_set(err, SW_EINVAL, "layer %u came twice", layer + 1);
  m->ended.items[layer] = true;
  m->facts->layers[layer].totals = *totals;
  forget_links(m, layer);
  oci_overlay_done(m->overlay, layer);
  return 0;
}

static const struct facts_calls calls = {
    .entry = take_entry,
    .secret = take_secret,
    .file = take_file,
    .file_counts = take_file_counts,
    .text = take_text,
    .fault = take_fault,
    .link = take_link,
    .link_read = take_link_read,
    .again = take_again,
    .end = take_end,
};

struct merge *merge_new(struct image_facts *facts)
{
  struct merge *m = mem_zalloc(1, sizeof *m);
  struct facts_calls mine = calls;
  uint32_t layers = (uint32_t)facts->image.layer_count;
  m->facts = facts;
  m->overlay = oci_overlay_new(layers);
  map_init(&m->by_path, facts->arena);
  for (uint32_t i = 0; i < layers; i++) {
    vec_push(&m->ended, false);
    vec_push(&m->asked, false);
  }
  mine.ctx = m;
  facts_reader_init(&m->reader, &facts->analysis, layers, &mine);
  return m;
}

void merge_free(struct merge *m)
{
  if (!m)
    return;
  facts_reader_free(&m->reader);
  oci_overlay_free(m->overlay);
  map_free(&m->by_path);
  vec_free(&m->kept);
  vec_free(&m->ended);
  vec_free(&m->asked);
  vec_free(&m->again);
  vec_free(&m->links);
  buf_free(&m->key);
  mem_free(m);
}

int merge_piece(struct merge *m, struct str piece, struct error *err)
{
  return facts_read(&m->reader, piece, err);
}

/* ---- what is to be seen in the end */

static void mark_visible(struct merge *m)
{
  struct oci_overlay_file file;
  for (size_t at = 0; oci_overlay_next(m->overlay, &at, &file);) {
    if (file.tag < m->kept.count)
      m->kept.items[file.tag].visible = true;
    if (file.type == OCI_HARDLINK && file.content_kept && file.content_tag < m->kept.count)
      m->kept.items[file.content_tag].visible = true;
  }
}

/* From the base upwards, in whatever order layers lie in an archive; a thousand at most. */
static void sort_faults(struct image_facts *f)
{
  for (size_t i = 1; i < f->faults.count; i++) {
    const struct facts_fault fault = f->faults.items[i];
    size_t at = i;
    for (; at && f->faults.items[at - 1].layer > fault.layer; at--)
      f->faults.items[at] = f->faults.items[at - 1];
    f->faults.items[at] = fault;
  }
}

/* What a link leads to is looked for in its own layer, which is where tools put it. */
static int tell_unread_links(struct merge *m, struct error *err)
{
  static const char *const why[] = {
      [LINK_CONTENT] = "which is not there, and was not read",
      [LINK_UNREAD] = "which is no file of the same layer, and was not read",
      [LINK_TOO_MANY] = "which was not read: there are too many such links in the layer",
  };
  struct oci_overlay_file file;
  int rc = 0;
  for (size_t at = 0; rc == 0 && oci_overlay_next(m->overlay, &at, &file);) {
    enum link link = file.tag < m->kept.count ? m->kept.items[file.tag].link : LINK_NONE;
    if (file.type != OCI_HARDLINK || !link || (link == LINK_CONTENT && file.content_kept))
      continue;
    char message[2 * ERROR_PLACE_MAX + 200];
    int len = snprintf(message, sizeof message, "%.*s: a hard link to %.*s, %s",
                       STR_FMT(str_sub(file.path, 0, ERROR_PLACE_MAX)),
                       STR_FMT(str_sub(file.content_path, 0, ERROR_PLACE_MAX)), why[link]);
    struct facts_fault fault = {(uint32_t)file.layer, str_make(message, (size_t)len)};
    rc = take_fault(m, &fault, err);
  }
  return rc;
}

/* The file of a package in an archive of archives is the outermost. */
static bool is_visible(void *ctx, struct str path, uint32_t layer)
{
  struct merge *m = ctx;
  union map_value *number = map_get(&m->by_path, key_of(m, layer, path));
  ptrdiff_t inner = number ? -1 : str_find(path, 0, STR("!"));
  if (inner > 0)
    number = map_get(&m->by_path, key_of(m, layer, str_sub(path, 0, (size_t)inner)));
  return number && m->kept.items[number->number].visible;
}

static void hide(struct merge *m)
{
  struct image_facts *f = m->facts;
  for (size_t i = 0; i < f->files.count; i++)
    f->files.items[i].hidden = !is_visible(m, f->files.items[i].path, f->files.items[i].layer);
  for (size_t i = 0; i < f->secrets.count; i++) {
    struct image_secret *s = &f->secrets.items[i];
    s->hidden = !is_visible(m, s->secret.path, s->secret.layer);
  }
  for (size_t i = 0; i < f->accounts.count; i++) {
    struct account_fact *fact = &f->accounts.items[i];
    fact->hidden = !is_visible(m, fact->path, fact->layer);
  }
}

/* ---- packages of languages that are the system's */

/* Systems where /bin is /usr/bin write the one in their lists and have the other. */
static struct str one_name(struct str path)
{
  static const char *const merged[] = {"usr/bin/", "usr/sbin/", "usr/lib"};
  for (size_t i = 0; i < sizeof merged / sizeof *merged; i++)
    if (str_starts(path, str_from(merged[i])))
      return str_sub(path, 4, SIZE_MAX);
  return path;
}

static struct str file_of(const struct package *p)
{
  ptrdiff_t inner = str_find(p->path, 0, STR("!"));
  return one_name(inner > 0 ? str_sub(p->path, 0, (size_t)inner) : p->path);
}

static void drop_owned(struct image_facts *f)
{
  struct package_list *list = &f->analysis.packages;
  struct map paths;
  size_t kept = 0;
  map_init(&paths, NULL);
  for (size_t i = 0; i < list->count; i++)
    if (!package_type_is_system(list->items[i].type))
      map_put(&paths, file_of(&list->items[i]), NULL);
  for (size_t i = 0; paths.count && i < list->count; i++) {
    const struct package *p = &list->items[i];
    for (uint32_t k = 0; package_type_is_system(p->type) && k < p->file_count; k++) {
      union map_value *owned = map_get(&paths, one_name(p->files[k]));
      if (owned)
        owned->number = 1;
    }
  }
  for (size_t i = 0; i < list->count; i++) {
    const struct package *p = &list->items[i];
    bool owned = !package_type_is_system(p->type) && map_get(&paths, file_of(p))->number;
    f->owned += owned;
    if (!owned)
      list->items[kept++] = *p;
  }
  list->count = kept;
  map_free(&paths);
}

/* ---- with which layer a package came: databases of packages are files that each layer replaces as a whole */

static struct str package_key(struct merge *m, const struct package *p)
{
  bool system = package_type_is_system(p->type);
  buf_clear(&m->key);
  buf_printf(&m->key, "%d %.*s %.*s %.*s ", (int)p->type, STR_FMT(p->name),
             STR_FMT(p->version.text), STR_FMT(p->architecture));
  if (!system)
    buf_add(&m->key, p->path);
  return buf_str(&m->key);
}

static void note_first_layers(struct merge *m, struct map *first)
{
  const struct package_list *list = &m->facts->analysis.packages;
  for (size_t i = 0; i < list->count; i++) {
    bool added;
    union map_value *layer = map_put(first, package_key(m, &list->items[i]), &added);
    if (added || list->items[i].layer < layer->number)
      layer->number = list->items[i].layer;
  }
}

static void give_first_layers(struct merge *m, const struct map *first)
{
  const struct package_list *list = &m->facts->analysis.packages;
  uint32_t *layers = arena_array(m->facts->arena, uint32_t, list->count + 1);
  for (size_t i = 0; i < list->count; i++) {
    const union map_value *layer = map_get(first, package_key(m, &list->items[i]));
    layers[i] = layer ? (uint32_t)layer->number : list->items[i].layer;
  }
  m->facts->first_layers = layers;
}

/* A database of the system that has two names is still one. */
static void drop_repeated(struct merge *m)
{
  struct package_list *list = &m->facts->analysis.packages;
  struct map seen; /* layer and package → its number in the list, + 1 */
  size_t kept = 0;
  map_init(&seen, m->facts->arena);
  for (size_t i = 0; i < list->count; i++) {
    const struct package p = list->items[i];
    size_t first = 0;
    if (package_type_is_system(p.type)) {
      package_key(m, &p);
      buf_printf(&m->key, "%u", p.layer);
      union map_value *value = map_put(&seen, buf_str(&m->key), NULL);
      first = value->number;
      if (!first)
        value->number = kept + 1;
    }
    const struct package *same = first ? &list->items[first - 1] : NULL;
    if (!same || str_eq(same->path, p.path))
      list->items[kept++] = p;
  }
  list->count = kept;
  map_free(&seen);
}

int merge_finish(struct merge *m, struct error *err)
{
  for (size_t i = 0; i < m->ended.count; i++)
    if (!m->ended.items[i])
      return error_set(err, SW_EINVAL, "layer %zu was not read to its end", i + 1);
  int rc = facts_read_end(&m->reader, err);
  if (rc == 0)
    rc = oci_overlay_finish(m->overlay, err);
  if (rc < 0)
    return rc;
  mark_visible(m);
  rc = tell_unread_links(m, err);
  if (rc < 0)
    return rc;
  sort_faults(m->facts);
  hide(m);
  struct map first;
  map_init(&first, m->facts->arena);
  note_first_layers(m, &first);
  analysis_keep(&m->facts->analysis, is_visible, m);
  if (m->links_read)
    drop_repeated(m);
  analysis_finish(&m->facts->analysis);
  if (m->facts->analysis.unsettled.code < 0) {
    struct str message = arena_printf(m->facts->arena, "%s", m->facts->analysis.unsettled.message);
    vec_push(&m->facts->faults, (struct facts_fault){0, message});
  }
  drop_owned(m->facts);
  give_first_layers(m, &first);
  map_free(&first);
  if (m->faults_dropped) {
    struct str message = arena_printf(m->facts->arena, "%llu more files could not be read",
                                      (unsigned long long)m->faults_dropped);
    vec_push(&m->facts->faults, (struct facts_fault){0, message});
  }
  return 0;
}

/* ---- pieces that were kept */

static struct str next_piece(struct str *rest)
{
  size_t len = 0;
  if (rest->len < 4)
    return *rest = STR_EMPTY;
  for (int i = 0; i < 4; i++)
    len |= (size_t)(unsigned char)rest->data[i] << (8 * i);
  struct str piece = str_sub(*rest, 4, len);
  *rest = str_sub(*rest, 4 + piece.len, SIZE_MAX);
  return piece;
}

static int count_end(void *ctx, uint32_t layer, const struct facts_totals *totals,
                     struct error *err)
{
  unsigned *ends = ctx;
  (void)layer;
  (void)totals;
  (void)err;
  ++*ends;
  return 0;
}

static int read_pieces(struct facts_reader *reader, struct str kept, struct error *err)
{
  int rc = 0;
  while (rc == 0 && kept.len)
    rc = facts_read(reader, next_piece(&kept), err);
  return rc < 0 ? rc : facts_read_end(reader, err);
}

/* Read once for nothing, so that half a layer is never taken. */
static bool is_whole(struct str kept)
{
  unsigned ends = 0;
  struct facts_calls mine = {.end = count_end, .ctx = &ends};
  struct analysis analysis;
  struct facts_reader reader;
  struct arena arena;
  struct error ignored;
  arena_init(&arena, 0);
  analysis_init(&analysis, &arena, 0);
  facts_reader_init(&reader, &analysis, 1, &mine);
  reader.renumber = true;
  int rc = read_pieces(&reader, kept, &ignored);
  facts_reader_free(&reader);
  analysis_free(&analysis);
  arena_free(&arena);
  return rc == 0 && ends == 1;
}

bool merge_kept(struct merge *m, struct str kept, uint32_t layer)
{
  struct error ignored;
  if (!is_whole(kept))
    return false;
  m->reader.renumber = true;
  m->reader.as_layer = layer;
  int rc = read_pieces(&m->reader, kept, &ignored);
  m->reader.renumber = false;
  return rc == 0;
}
