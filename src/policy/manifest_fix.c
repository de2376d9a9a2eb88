#include "policy/manifest_fix.h"

#include "data/pointer.h"
#include "data/yaml_edit.h"
#include "policy/manifest_fix_int.h"

/* A document that has been mended, and how. */
struct mended {
  uint32_t number;
  struct patch patch;
};

struct mender {
  const struct report_file *file;
  struct arena *arena;
  struct manifest_fix *fix;
  struct str text;
  size_t copied; /* bytes of the text that have been taken over */
  size_t next;   /* first item that has not been looked at */
  struct fix_part *parts;
  struct fix_combination combination;
  VEC(struct mended) done;
  size_t expected; /* while verifying: the next of done */
};

static const struct finding *finding_of(const struct mender *m,
                                        const struct manifest_fix_item *item)
{
  return &m->file->findings->items[item->finding];
}

static bool is_wanted(const struct finding *f)
{
  return f->state == FINDING_OPEN && f->fix.type == VALUE_ARRAY && f->fix.len > 0;
}

static uint32_t document_of(const struct mender *m, const struct manifest_fix_item *item)
{
  return finding_of(m, item)->location.document;
}

/* By document; those of one document stay in their order. */
static void sort_items(const struct mender *m, struct manifest_fix_item *items, size_t count)
{
  struct manifest_fix_item *scratch = mem_alloc((count + 1) * sizeof *scratch);
  for (size_t width = 1; width < count; width *= 2) {
    for (size_t from = 0; from < count; from += 2 * width) {
      size_t middle = from + width < count ? from + width : count;
      size_t end = from + 2 * width < count ? from + 2 * width : count;
      size_t a = from, b = middle;
      for (size_t to = from; to < end; to++)
        scratch[to] = b == end ||
                              (a < middle && document_of(m, &items[a]) <= document_of(m, &items[b]))
                          ? items[a++]
                          : items[b++];
    }
    memcpy(items, scratch, count * sizeof *items);
  }
  mem_free(scratch);
}

/* The findings that have a fix, by document. */
static void collect(struct mender *m)
{
  const struct finding_list *list = m->file->findings;
  struct manifest_fix *fix = m->fix;
  fix->items = arena_zalloc(m->arena, list->count + 1, sizeof *fix->items);
  for (size_t i = 0; i < list->count; i++)
    if (is_wanted(&list->items[i]))
      fix->items[fix->count++].finding = i;
  sort_items(m, fix->items, fix->count);
}

/* The items of a document, as parts that can be read. */
static size_t take_parts(struct mender *m, uint32_t document)
{
  size_t count = 0;
  while (m->next < m->fix->count && document_of(m, &m->fix->items[m->next]) < document)
    m->fix->items[m->next++].reason = STR("its document was not found");
  for (; m->next < m->fix->count; m->next++) {
    struct manifest_fix_item *item = &m->fix->items[m->next];
    const struct finding *f = finding_of(m, item);
    struct fix_part *part = &m->parts[count];
    struct error err;
    if (f->location.document != document)
      break;
    *part = (struct fix_part){.item = item};
    if (patch_read(m->arena, f->fix, NULL, &part->patch, &err) < 0)
      item->reason = arena_copy(m->arena, str_from(err.message));
    else
      count++;
  }
  return count;
}

/* Applies what the parts [from .. to) came to. The first part that fails is dropped, and that is the
 * end: those behind it may have left out what it would have done. */
static void apply(struct mender *m, struct fix_part *parts, size_t count, struct value *io_state,
                  bool *ret_dropped)
{
  struct error err;
  struct patch_limits limits = {.operations = UINT32_MAX};
  size_t last = count;
  while (last > 0 && parts[last - 1].dropped)
    last--;
  if (last == 0)
    return;
  size_t first = 0;
  while (parts[first].dropped)
    first++;
  size_t from = parts[first].first, to = parts[last - 1].first + parts[last - 1].count;
  struct patch patch = {m->combination.operations.items + from, (uint32_t)(to - from)};
  if (patch.count == 0 || patch_apply(m->arena, *io_state, &patch, &limits, io_state, &err) == 0)
    return;
  if (last - first == 1) {
    fix_drop(&parts[first], m->arena, "%s", err.message);
    *ret_dropped = true;
    return;
  }
  size_t half = first + (last - first) / 2;
  apply(m, parts + first, half - first, io_state, ret_dropped);
  if (!*ret_dropped)
    apply(m, parts + half, last - half, io_state, ret_dropped);
}

/* Drops the parts that touch a place which cannot be written; all, if none of them does. */
static void blame(struct mender *m, struct fix_part *parts, size_t count, struct str place,
                  const struct error *err)
{
  size_t blamed = 0;
  for (unsigned all = 0; all < 2 && !blamed; all++)
    for (size_t i = 0; i < count; i++) {
      bool touches = all;
      for (uint32_t o = 0; o < parts[i].patch.count && !touches; o++) {
        struct str path = parts[i].patch.operations[o].path;
        touches = str_eq(path, place) || pointer_inside(path, place) || pointer_inside(place, path);
      }
      if (parts[i].dropped || !touches)
        continue;
      fix_drop(&parts[i], m->arena, "%s", err->message);
      blamed++;
    }
}

static bool any_left(const struct fix_part *parts, size_t count)
{
  for (size_t i = 0; i < count; i++)
    if (!parts[i].dropped)
      return true;
  return false;
}

/* One attempt with the parts that are left. True: it is over. */
static bool try_document(struct mender *m, const struct yaml_document *document,
                         struct fix_part *parts, size_t count, struct buf *piece)
{
  struct value target = document->root;
  bool dropped = false;
  fix_combine(m->arena, document->root, parts, count, &m->combination);
  apply(m, parts, count, &target, &dropped);
  if (dropped)
    return !any_left(parts, count);
  struct yaml_edit_refusal refusal = {0};
  struct error err;
  int rc = yaml_edit_document(m->arena, m->text, document, target, &refusal, piece, &err);
  if (rc < 0) {
    blame(m, parts, count, refusal.pointer, &err);
    return !any_left(parts, count);
  }
  return true;
}

static void keep_document(struct mender *m, const struct yaml_document *document,
                          struct fix_part *parts, size_t count, struct str piece)
{
  size_t from = (size_t)(document->source.data - m->text.data);
  buf_add(&m->fix->text, str_sub(m->text, m->copied, from - m->copied));
  buf_add(&m->fix->text, piece);
  m->copied = from + document->source.len;
  size_t operations = m->combination.operations.count;
  struct patch_operation *kept = arena_array(m->arena, struct patch_operation, operations + 1);
  memcpy(kept, m->combination.operations.items, operations * sizeof *kept);
  vec_push(&m->done, (struct mended){document->number, {kept, (uint32_t)operations}});
  for (size_t i = 0; i < count; i++) {
    if (parts[i].dropped)
      continue;
    parts[i].item->mended = true;
    m->fix->mended++;
  }
}

static void mend_document(struct mender *m, const struct yaml_document *document)
{
  size_t count = take_parts(m, document->number - 1);
  struct fix_part *parts = m->parts;
  if (count == 0)
    return;
  fix_sort(document->root, parts, count);
  _cleanup_(buf_free) struct buf piece = {0};
  bool over = false;
  for (unsigned round = 0; !over && round < MANIFEST_FIX_ROUNDS; round++)
    over = try_document(m, document, parts, count, &piece);
  for (size_t i = 0; i < count && !over; i++)
    if (!parts[i].dropped)
      fix_drop(&parts[i], m->arena, "too many fixes of this document contradict each other");
  if (any_left(parts, count))
    keep_document(m, document, parts, count, buf_str(&piece));
}

static int expect(void *ctx, struct arena *a, uint32_t number, struct value *io_root,
                  struct error *err)
{
  struct mender *m = ctx;
  struct patch_limits limits = {.operations = UINT32_MAX};
  if (m->expected == m->done.count || m->done.items[m->expected].number != number)
    return 0;
  const struct patch *patch = &m->done.items[m->expected++].patch;
  return patch->count ? patch_apply(a, *io_root, patch, &limits, io_root, err) : 0;
}

static void read_documents(struct mender *m)
{
  struct yaml_options options = {.positions = true};
  _cleanup_(yaml_reader_freep) struct yaml_reader *reader = yaml_reader_new(m->text, &options);
  struct yaml_document document;
  int rc;
  while (m->next < m->fix->count && (rc = yaml_reader_next(reader, m->arena, &document, NULL)) != 0)
    if (rc > 0)
      mend_document(m, &document);
}

static int give_up(struct mender *m, struct error *err)
{
  buf_clear(&m->fix->text);
  m->fix->mended = 0;
  for (size_t i = 0; i < m->fix->count; i++) {
    if (m->fix->items[i].mended)
      m->fix->items[i].reason = arena_copy(m->arena, str_from(err->message));
    m->fix->items[i].mended = false;
  }
  return err->code;
}

int manifest_fix_file(const struct report_file *file, struct arena *a, struct manifest_fix *ret,
                      struct error *err)
{
  struct error unwanted;
  err = err ? err : &unwanted;
  *ret = (struct manifest_fix){0};
  struct mender m = {.file = file, .arena = a, .fix = ret, .text = file->text};
  if (!file->findings)
    return 0;
  collect(&m);
  if (ret->count == 0)
    return 0;
  m.parts = arena_array(a, struct fix_part, ret->count);
  read_documents(&m);
  for (size_t i = 0; i < ret->count; i++)
    if (!ret->items[i].mended && !ret->items[i].reason.len)
      ret->items[i].reason = STR("its document was not found");
  int rc = 0;
  if (ret->mended) {
    buf_add(&ret->text, str_sub(m.text, m.copied, m.text.len));
    if (buf_failed(&ret->text))
      rc = error_set(err, SW_ELIMIT, "the mended text is too large");
    else
      rc = yaml_edit_verify(m.text, buf_str(&ret->text), expect, &m, err);
  }
  vec_free(&m.done);
  vec_free(&m.combination.operations);
  return rc < 0 ? give_up(&m, err) : 0;
}

void manifest_fix_free(struct manifest_fix *fix)
{
  buf_free(&fix->text);
}
