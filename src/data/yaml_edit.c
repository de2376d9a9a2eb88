#include "data/yaml_edit.h"

#include "data/compare.h"
#include "data/yaml_edit_int.h"
#include "data/yaml_input.h"

int edit_refuse(struct editor *e, size_t at, const char *format, ...)
{
  char why[ERROR_MESSAGE_MAX];
  va_list list;
  va_start(list, format);
  vsnprintf(why, sizeof why, format, list);
  va_end(list);
  struct str pointer = buf_str(&e->pointer);
  e->refused = at;
  return error_set(e->err, SW_EUNSUPPORTED, "%.*s: %s",
                   pointer.len ? (int)(pointer.len < 200 ? pointer.len : 200) : 12,
                   pointer.len ? pointer.data : "the document", why);
}

/* ---- changes of the text */

void edit_replace(struct editor *e, size_t at, size_t end, struct str text)
{
  vec_push(&e->changes, (struct edit_change){.at = at, .end = end, .text = text});
}

void edit_insert_lines(struct editor *e, size_t at, struct str text)
{
  vec_push(&e->changes, (struct edit_change){.at = at, .end = at, .text = text, .lines = true});
}

struct edit_writer edit_writer_start(struct editor *e)
{
  buf_clear(&e->text);
  return (struct edit_writer){.out = &e->text, .form = &e->form};
}

int edit_writer_end(struct editor *e, struct edit_writer *w, size_t at, struct str *ret)
{
  if (w->failed)
    return edit_refuse(e, at, "the new value cannot be written: %s", w->failed);
  *ret = arena_copy(e->arena, buf_str(&e->text));
  return 0;
}

/* In the order of the text; what is at one place, in the order in which it came. */
static int compare_changes(const struct edit_change *a, const struct edit_change *b)
{
  if (a->at != b->at)
    return a->at < b->at ? -1 : 1;
  /* what is put in goes in front of what is taken away */
  if ((a->at == a->end) != (b->at == b->end))
    return a->at == a->end ? -1 : 1;
  return 0;
}

static void sort_changes(struct edit_change *items, size_t count, struct edit_change *scratch)
{
  if (count < 2)
    return;
  size_t half = count / 2;
  sort_changes(items, half, scratch);
  sort_changes(items + half, count - half, scratch);
  memcpy(scratch, items, count * sizeof *items);
  const struct edit_change *a = scratch, *b = scratch + half;
  const struct edit_change *a_end = b, *b_end = scratch + count;
  while (a < a_end || b < b_end)
    *items++ = b == b_end || (a < a_end && compare_changes(a, b) <= 0) ? *a++ : *b++;
}

static bool ends_line(struct str s)
{
  return s.len == 0 || s.data[s.len - 1] == '\n' || s.data[s.len - 1] == '\r';
}

/* Lines at the end of a text that does not end a line: the break goes in front, and none behind. */
static void add_lines(struct editor *e, struct str lines, size_t before, struct buf *out)
{
  struct str written = str_sub(buf_str(out), before, out->len);
  if (!ends_line(written)) {
    buf_add(out, e->form.newline);
    lines.len -= str_ends(lines, e->form.newline) ? e->form.newline.len : 0;
  }
  buf_add(out, lines);
}

static int apply_changes(struct editor *e, struct buf *out)
{
  struct edit_change *scratch = mem_alloc((e->changes.count + 1) * sizeof *scratch);
  sort_changes(e->changes.items, e->changes.count, scratch);
  mem_free(scratch);
  size_t at = 0, before = out->len;
  for (size_t i = 0; i < e->changes.count; i++) {
    const struct edit_change *c = &e->changes.items[i];
    if (c->at < at) {
      buf_clear(&e->pointer);
      return edit_refuse(e, c->at, "two changes meet at one place");
    }
    buf_add(out, str_sub(e->source, at, c->at - at));
    if (c->lines)
      add_lines(e, c->text, before, out);
    else
      buf_add(out, c->text);
    at = c->end;
  }
  buf_add(out, str_sub(e->source, at, e->source.len));
  return 0;
}

/* ---- form of a document */

static struct str newline_of(struct str source)
{
  for (size_t i = 0; i < source.len; i++) {
    if (source.data[i] == '\n')
      return STR("\n");
    if (source.data[i] == '\r')
      return str_sub(source, i + 1, 1).len && source.data[i + 1] == '\n' ? STR("\r\n") : STR("\r");
  }
  return STR("\n");
}

static char quote_of(const struct edit_nodes *nodes)
{
  uint32_t single = 0, dual = 0;
  for (uint32_t i = 0; i < nodes->count; i++) {
    single += nodes->items[i].kind == EDIT_SCALAR && nodes->items[i].style == EDIT_SINGLE;
    dual += nodes->items[i].kind == EDIT_SCALAR && nodes->items[i].style == EDIT_DOUBLE;
  }
  return single > dual ? '\'' : '"';
}

/* Steps of indentation, from the first places that show them. */
static void find_steps(struct editor *e)
{
  struct edit_form *form = &e->form;
  form->map_step = form->list_step = form->dash_step = 0;
  const struct edit_node *nodes = e->nodes.items;
  for (uint32_t i = 0; i < e->nodes.count; i++) {
    if (nodes[i].style != EDIT_BLOCK || !nodes[i].children)
      continue;
    unsigned column = edit_column(e->source, nodes[i].content);
    for (uint32_t c = i + 1; c != EDIT_NONE; c = nodes[c].next) {
      if (nodes[c].style != EDIT_BLOCK)
        continue;
      unsigned inner = edit_column(e->source, nodes[c].content);
      unsigned *step = nodes[i].kind == EDIT_SEQUENCE   ? &form->dash_step
                       : nodes[c].kind == EDIT_SEQUENCE ? &form->list_step
                                                        : &form->map_step;
      if (*step == 0 && inner >= column)
        *step = inner - column + 1; /* 0 is a step, too */
    }
  }
  form->map_step = form->map_step > 1 ? form->map_step - 1 : 2;
  form->dash_step = form->dash_step > 2 ? form->dash_step - 1 : 2;
  form->list_step = form->list_step ? form->list_step - 1 : 0;
}

/* ---- a document */

static uint32_t lines_before(const struct editor *e, const struct yaml_document *document)
{
  const struct edit_node *root = &e->nodes.items[0];
  return document->json ? 0 : document->position.line - root->position.line;
}

/* Line and column of a byte of the source, in the text. */
static struct value_position position_of(struct str text, struct str source, size_t at)
{
  size_t in_text = (size_t)(source.data - text.data) + at;
  size_t line = yaml_line_start(text, in_text);
  struct value_position p = {.line = yaml_line_count(str_sub(text, 0, line)) + 1, .column = 1};
  for (size_t i = line; i < in_text; i++)
    p.column += ((unsigned char)text.data[i] & 0xC0) != 0x80;
  bool mark = line == 0 && str_starts(text, STR("\xEF\xBB\xBF"));
  p.column -= mark && p.column > 1;
  return p;
}

/* An anchored value that was written anew: the same must be wanted wherever an alias stands for it. */
static int check_alias(struct editor *e, uint32_t i)
{
  const struct edit_node *node = &e->nodes.items[i];
  const struct edit_node *anchored = &e->nodes.items[node->of];
  struct edit_target wanted = e->targets[i], there = e->targets[node->of];
  if (anchored->changed ? value_equal(wanted.value, there.value)
                        : wanted.value.type == VALUE_ABSENT)
    return 0;
  uint32_t line = e->lines_before + anchored->position.line;
  buf_add(&e->pointer, anchored->changed ? there.pointer : wanted.pointer);
  if (anchored->changed)
    return edit_refuse(e, anchored->start,
                       "the alias on line %u stands for this value and would change with it; write "
                       "the value out in one of the two places first",
                       e->lines_before + node->position.line);
  return edit_refuse(e, node->start,
                     "it comes from an alias; change it at its anchor, on line %u, or write it out "
                     "here first",
                     line);
}

static int check_aliases(struct editor *e)
{
  int rc = 0;
  for (uint32_t i = 0; i < e->nodes.count && e->targets && rc == 0; i++)
    if (e->nodes.items[i].kind == EDIT_ALIAS && e->nodes.items[i].of != EDIT_NONE)
      rc = check_alias(e, i);
  return rc;
}

static int check_document(struct editor *e, struct str text, const struct yaml_document *document)
{
  if (document->source.data < text.data || document->source.data > text.data + text.len)
    return error_set(e->err, SW_EUNSUPPORTED,
                     "a text in UTF-16 is not edited; convert it to UTF-8");
  if (document->duplicate_count)
    return edit_refuse(e, 0, "the key \"%.*s\" occurs twice in one mapping; remove one first",
                       STR_FMT(str_sub(document->duplicates[0].key, 0, 80)));
  return 0;
}

/* The piece, read by itself, is what was wanted. */
static int check_piece(struct editor *e, struct str piece, struct value target)
{
  struct arena a;
  arena_init(&a, 0);
  struct yaml_document document;
  struct error err = {0};
  _cleanup_(yaml_reader_freep) struct yaml_reader *reader = yaml_reader_new(piece, NULL);
  bool good = yaml_reader_next(reader, &a, &document, &err) == 1 &&
              value_equal(document.root, target) && document.duplicate_count == 0;
  good = good && yaml_reader_next(reader, &a, &document, &err) == 0;
  arena_free(&a);
  if (good)
    return 0;
  buf_clear(&e->pointer);
  return edit_refuse(e, 0, "it cannot be written so that only the wanted places change");
}

static int edit_source(struct editor *e, const struct yaml_document *document, struct value target,
                       struct buf *out)
{
  int rc = edit_nodes_read(e->arena, e->source, document->json, &e->nodes, e->err);
  if (rc < 0)
    return rc;
  e->form = (struct edit_form){.newline = newline_of(e->source),
                               .quote = quote_of(&e->nodes),
                               .json = document->json,
                               .literals = e->source.len && ends_line(e->source)};
  e->lines_before = lines_before(e, document);
  find_steps(e);
  if (e->nodes.aliases)
    e->targets = arena_zalloc(e->arena, e->nodes.count, sizeof(struct edit_target));
  struct edit_flow flow = edit_flow_plain(e);
  struct edit_context root = {.parent = EDIT_NONE, .flow = e->form.json ? &flow : NULL};
  rc = edit_node(e, 0, document->root, target, &root);
  buf_clear(&e->pointer);
  if (rc == 0)
    rc = check_aliases(e);
  return rc < 0 ? rc : apply_changes(e, out);
}

int yaml_edit_document(struct arena *a, struct str text, const struct yaml_document *document,
                       struct value target, struct yaml_edit_refusal *ret_refusal,
                       struct buf *ret_piece, struct error *err)
{
  struct error unwanted;
  struct editor e = {.arena = a, .source = document->source, .err = err ? err : &unwanted};
  size_t before = ret_piece->len;
  int rc = check_document(&e, text, document);
  bool in_text = rc == 0 || document->duplicate_count;
  if (rc == 0)
    rc = edit_source(&e, document, target, ret_piece);
  if (rc == 0 && e.changes.count)
    rc = check_piece(&e, str_sub(buf_str(ret_piece), before, ret_piece->len), target);
  if (rc == 0 && buf_failed(ret_piece))
    rc = error_set(e.err, SW_ELIMIT, "the edited text is too large");
  if (rc < 0)
    ret_piece->len = before;
  if (rc == SW_EUNSUPPORTED) {
    struct value_position at = {0};
    if (in_text)
      at = position_of(text, document->source, e.refused);
    e.err->line = at.line;
    e.err->column = at.column;
    if (ret_refusal)
      *ret_refusal = (struct yaml_edit_refusal){arena_copy(a, buf_str(&e.pointer)), at};
  }
  vec_free(&e.changes);
  buf_free(&e.pointer);
  buf_free(&e.text);
  return rc;
}

/* ---- a whole text */

static int same_document(struct yaml_reader *old, struct yaml_reader *new, struct arena *a,
                         int (*expect)(void *ctx, struct arena *a, uint32_t number,
                                       struct value *io_root, struct error *err),
                         void *ctx, bool *ret_more, struct error *err)
{
  struct yaml_document before, after;
  int was = yaml_reader_next(old, a, &before, err);
  int is = yaml_reader_next(new, a, &after, err);
  *ret_more = was != 0;
  if (was != is)
    return error_set(
        err, SW_EUNSUPPORTED,
        "the edit cannot be made without changing how the text divides into documents");
  if (was <= 0)
    return 0;
  struct value wanted = before.root;
  int rc = expect(ctx, a, before.number, &wanted, err);
  if (rc < 0)
    return rc;
  if (before.number != after.number || !value_equal(wanted, after.root))
    return error_set(err, SW_EUNSUPPORTED,
                     "the edit cannot be made without changing another value of document %u",
                     before.number);
  return 0;
}

int yaml_edit_verify(struct str before, struct str after,
                     int (*expect)(void *ctx, struct arena *a, uint32_t number,
                                   struct value *io_root, struct error *err),
                     void *ctx, struct error *err)
{
  struct error unwanted;
  err = err ? err : &unwanted;
  _cleanup_(yaml_reader_freep) struct yaml_reader *old = yaml_reader_new(before, NULL);
  _cleanup_(yaml_reader_freep) struct yaml_reader *new = yaml_reader_new(after, NULL);
  struct arena a;
  arena_init(&a, 0);
  bool more = true;
  int rc = 0;
  while (more && rc == 0) {
    rc = same_document(old, new, &a, expect, ctx, &more, err);
    arena_reset(&a);
  }
  arena_free(&a);
  return rc;
}

struct one_patch {
  uint32_t number;
  const struct patch *patch;
};

static int expect_patched(void *ctx, struct arena *a, uint32_t number, struct value *io_root,
                          struct error *err)
{
  const struct one_patch *one = ctx;
  if (number != one->number)
    return 0;
  return patch_apply(a, *io_root, one->patch, NULL, io_root, err);
}

/* The document of a number: 1; 0: there is none. */
static int find_document(struct yaml_reader *reader, struct arena *a, uint32_t number,
                         struct yaml_document *ret, struct error *err)
{
  for (;;) {
    int rc = yaml_reader_next(reader, a, ret, err);
    if (rc == 0 || (rc < 0 && yaml_reader_count(reader) == number))
      return rc;
    if (rc > 0 && ret->number == number)
      return 1;
  }
}

int yaml_edit(struct arena *a, struct str text, uint32_t number, const struct patch *patch,
              struct yaml_edit_refusal *ret_refusal, struct buf *ret_text, struct error *err)
{
  struct error unwanted;
  err = err ? err : &unwanted;
  struct yaml_options options = {.positions = true};
  _cleanup_(yaml_reader_freep) struct yaml_reader *reader = yaml_reader_new(text, &options);
  struct yaml_document document;
  struct value target;
  size_t before = ret_text->len;
  int rc = find_document(reader, a, number, &document, err);
  if (rc == 0)
    rc = error_set(err, SW_ENOTFOUND, "the text has no document number %u with something in it",
                   number);
  if (rc > 0)
    rc = patch_apply(a, document.root, patch, NULL, &target, err);
  if (rc < 0)
    return rc;
  _cleanup_(buf_free) struct buf piece = {0};
  rc = yaml_edit_document(a, text, &document, target, ret_refusal, &piece, err);
  if (rc < 0)
    return rc;
  size_t from = (size_t)(document.source.data - text.data);
  buf_add(ret_text, str_sub(text, 0, from));
  buf_add(ret_text, buf_str(&piece));
  buf_add(ret_text, str_sub(text, from + document.source.len, text.len));
  struct one_patch one = {number, patch};
  rc = yaml_edit_verify(text, str_sub(buf_str(ret_text), before, ret_text->len), expect_patched,
                        &one, err);
  if (rc == SW_EUNSUPPORTED && ret_refusal)
    *ret_refusal = (struct yaml_edit_refusal){.position = document.position};
  if (rc == 0 && buf_failed(ret_text))
    rc = error_set(err, SW_ELIMIT, "the edited text is too large");
  if (rc < 0)
    ret_text->len = before;
  return rc;
}
