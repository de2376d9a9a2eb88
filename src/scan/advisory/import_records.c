/* Records out of a stream: a piece of JSON at a time, so that memory does not depend on the file. */
#include "scan/advisory/import_int.h"

#include "data/json.h"
#include "oci/layer.h"

enum { ROOM = 64 << 10 };

struct records {
  struct advisory_import *import;
  const struct oci_input *input;
  import_take *take;
  struct arena arena;
  struct buf text; /* the value that is being collected */
  char room[ROOM];
  size_t at, len;
  bool ended;
  uint64_t before; /* bytes before the room */
  bool lines;      /* a line is a record: what is broken ends with it */
};

static uint64_t offset_of(const struct records *r)
{
  return r->before + r->at;
}

/* The next byte, not taken: -1 at the end, -2 with an error. */
static int peek(struct records *r, struct error *err)
{
  if (r->at < r->len)
    return (unsigned char)r->room[r->at];
  if (r->ended)
    return -1;
  r->before += r->len;
  r->at = r->len = 0;
  if (r->input->read(r->input->ctx, r->room, sizeof r->room, &r->len, err) < 0)
    return -2;
  r->ended = r->len == 0;
  return r->ended ? -1 : (unsigned char)r->room[0];
}

static bool is_space(int c)
{
  return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

/* The next byte that is no space, not taken. */
static int peek_token(struct records *r, struct error *err)
{
  int c;
  while (is_space(c = peek(r, err)))
    r->at++;
  return c;
}

/* ---- the extent of a value */

struct extent {
  unsigned depth;
  bool in_string, escaped;
  bool done;
  bool broken; /* a line ended within it */
};

/* Takes as much of the room as belongs to the value; the number of bytes. */
static size_t scan_value(struct extent *e, struct str bytes, bool lines)
{
  size_t i = 0;
  while (i < bytes.len && !e->done) {
    char c = bytes.data[i];
    if (lines && c == '\n') {
      e->broken = e->done = true;
      break;
    }
    if (e->in_string) {
      if (e->escaped)
        e->escaped = false;
      else if (c == '\\')
        e->escaped = true;
      else if (c == '"')
        e->in_string = false;
      e->done = !e->in_string && e->depth == 0;
    } else if (c == '"') {
      e->in_string = true;
    } else if (c == '{' || c == '[') {
      e->depth++;
    } else if (c == '}' || c == ']') {
      if (e->depth == 0) { /* of the container around a plain value */
        e->done = true;
        break;
      }
      e->done = --e->depth == 0;
    } else if (e->depth == 0 && (is_space(c) || c == ',')) {
      e->done = true;
      break;
    }
    i++;
  }
  return i;
}

/* Collects a value into r->text: 1; 0 if a line ended within it, 0 and less otherwise as peek. */
static int collect(struct records *r, bool *ret_broken, struct error *err)
{
  struct extent e = {0};
  uint64_t start = offset_of(r);
  buf_clear(&r->text);
  while (!e.done) {
    int c = peek(r, err);
    if (c == -2)
      return err ? err->code : SW_EIO;
    if (c == -1 && (e.depth || e.in_string) && !r->lines)
      return error_set(err, SW_EINVAL, "it is cut off in the record that begins at byte %llu",
                       (unsigned long long)start);
    if (c == -1) {
      e.broken = e.depth || e.in_string;
      break;
    }
    size_t used = scan_value(&e, str_make(r->room + r->at, r->len - r->at), r->lines);
    buf_add(&r->text, str_make(r->room + r->at, used));
    r->at += used;
    if (buf_failed(&r->text))
      return error_set(err, SW_ELIMIT, "the record at byte %llu is longer than %d MiB",
                       (unsigned long long)start, IMPORT_RECORD_MAX >> 20);
  }
  *ret_broken = e.broken;
  return 0;
}

static int take_text(struct records *r, struct str name, uint64_t start, struct error *err)
{
  static const struct json_options options = {.size_max = IMPORT_RECORD_MAX};
  struct value value;
  struct error fault;
  arena_reset(&r->arena);
  r->import->ret_record = start;
  if (json_parse(&r->arena, buf_str(&r->text), &options, &value, &fault) < 0)
    return import_unreadable(r->import, name, &fault);
  return r->take(r->import, &r->arena, name, value, err);
}

static int take_value(struct records *r, struct str name, struct error *err)
{
  uint64_t start = offset_of(r);
  bool broken;
  int rc = collect(r, &broken, err);
  if (rc < 0)
    return rc;
  if (!broken)
    return take_text(r, name, start, err);
  r->import->ret_record = start;
  return import_unreadable_because(r->import, STR_EMPTY, "its line ends before the record does");
}

/* ---- documents */

/* A separator that need not be there between documents. */
static int skip_separators(struct records *r, bool in_array, struct error *err)
{
  int c = peek_token(r, err);
  while (in_array && c == ',') {
    r->at++;
    c = peek_token(r, err);
  }
  return c;
}

static int read_texts(struct records *r, struct error *err)
{
  int c = peek_token(r, err);
  bool in_array = c == '[';
  if (in_array)
    r->at++;
  while ((c = skip_separators(r, in_array, err)) >= 0) {
    if (in_array && c == ']') {
      r->at++;
      c = peek_token(r, err);
      return c == -1   ? 0
             : c == -2 ? SW_EIO
                       : error_set(err, SW_EINVAL, "something follows the list, at byte %llu",
                                   (unsigned long long)offset_of(r));
    }
    if (c == ']' || c == '}' || c == ',')
      return error_set(err, SW_EINVAL, "\"%c\" at byte %llu does not belong there", c,
                       (unsigned long long)offset_of(r));
    int rc = take_value(r, STR_EMPTY, err);
    if (rc < 0)
      return rc;
  }
  if (c == -2)
    return err ? err->code : SW_EIO;
  return in_array ? error_set(err, SW_EINVAL, "it is cut off: the list does not end") : 0;
}

/* ---- archives */

static int read_file(struct records *r, struct str name, const struct oci_input *content,
                     struct error *err)
{
  struct error fault;
  if (!str_ends(name, STR(".json")))
    return 0;
  buf_clear(&r->text);
  int rc = oci_content_read(content, IMPORT_RECORD_MAX, &r->text, &fault);
  if (rc == SW_ELIMIT)
    return import_unreadable(r->import, name, &fault);
  if (rc < 0) {
    if (err)
      *err = fault;
    return rc;
  }
  return take_text(r, name, 0, err);
}

static int take_zipped(void *ctx, struct str name, const struct oci_input *content,
                       struct error *err)
{
  return read_file(ctx, name, content, err);
}

static int take_entry(void *ctx, const struct oci_entry *entry, const struct oci_input *content,
                      struct error *err)
{
  return entry->type == OCI_FILE && content ? read_file(ctx, entry->path, content, err) : 0;
}

/* The input again, with what is in the room already in front. */
static int read_again(void *ctx, void *to, size_t room, size_t *ret_got, struct error *err)
{
  struct records *r = ctx;
  int c = peek(r, err);
  if (c == -2)
    return err ? err->code : SW_EIO;
  *ret_got = r->len - r->at < room ? r->len - r->at : room;
  memcpy(to, r->room + r->at, *ret_got);
  r->at += *ret_got;
  return 0;
}

static int read_tar(struct records *r, const struct oci_input *input, struct error *err)
{
  static const struct oci_layer_options options = {.name = "the archive",
                                                   .entries_max = IMPORT_FILES_MAX};
  const struct oci_visitor visitor = {.entry = take_entry, .ctx = r};
  return oci_layer_read(*input, &options, &visitor, NULL, err);
}

static bool is_tar(struct str head)
{
  return str_eq(str_sub(head, 257, 5), STR("ustar"));
}

static bool is_zip(struct str head)
{
  return str_starts(head, STR("PK\3\4")) || str_starts(head, STR("PK\5\6"));
}

static int read_any(struct records *r, struct error *err)
{
  const struct oci_input again = {.read = read_again, .ctx = r};
  if (peek(r, err) == -2)
    return err ? err->code : SW_EIO;
  struct str head = str_make(r->room, r->len);
  if (is_zip(head))
    return import_zip(&again, take_zipped, r, err);
  if (is_tar(head))
    return read_tar(r, &again, err);
  return read_texts(r, err);
}

/* ---- members */

static int expect(struct records *r, char wanted, struct error *err)
{
  int c = peek_token(r, err);
  if (c == -2)
    return err ? err->code : SW_EIO;
  if (c != wanted)
    return error_set(err, SW_EINVAL, "there must be \"%c\" at byte %llu", wanted,
                     (unsigned long long)offset_of(r));
  r->at++;
  return 0;
}

static int read_key(struct records *r, struct buf *ret_key, struct error *err)
{
  struct value key;
  bool broken;
  int c = peek_token(r, err);
  if (c == -2)
    return err ? err->code : SW_EIO;
  if (c != '"')
    return error_set(err, SW_EINVAL, "there must be a name in quotes at byte %llu",
                     (unsigned long long)offset_of(r));
  uint64_t start = offset_of(r);
  int rc = collect(r, &broken, err);
  if (rc < 0)
    return rc;
  arena_reset(&r->arena);
  rc = json_parse(&r->arena, buf_str(&r->text), NULL, &key, err);
  if (rc < 0)
    return error_wrap(err, "the name at byte %llu", (unsigned long long)start);
  buf_clear(ret_key);
  buf_add(ret_key, value_str_or_empty(key));
  return expect(r, ':', err);
}

static int read_members(struct records *r, struct buf *key, struct error *err)
{
  int rc = expect(r, '{', err);
  if (rc < 0)
    return rc;
  if (peek_token(r, err) == '}') {
    r->at++;
    return 0;
  }
  for (;;) {
    rc = read_key(r, key, err);
    if (rc < 0)
      return rc;
    int c = peek_token(r, err);
    if (c < 0 || c == '}' || c == ',' || c == ']')
      return c == -2 ? SW_EIO
                     : error_set(err, SW_EINVAL, "\"%.*s\" has no value, at byte %llu",
                                 STR_FMT(str_sub(buf_str(key), 0, 200)),
                                 (unsigned long long)offset_of(r));
    rc = take_value(r, buf_str(key), err);
    if (rc < 0)
      return rc;
    c = peek_token(r, err);
    if (c != ',')
      return expect(r, '}', err);
    r->at++;
  }
}

/* ---- lines */

struct line_reader {
  int (*take)(struct advisory_import *import, struct arena *arena, uint64_t number, struct str line,
              void *ctx, struct error *err);
  void *ctx;
};

static int take_line(struct records *r, const struct line_reader *reader, uint64_t number,
                     struct error *err)
{
  struct str line = buf_str(&r->text);
  if (str_ends(line, STR("\r")))
    line.len--;
  arena_reset(&r->arena);
  return reader->take(r->import, &r->arena, number, line, reader->ctx, err);
}

static int read_lines(struct records *r, const struct line_reader *reader, struct error *err)
{
  uint64_t number = 0;
  int c;
  buf_clear(&r->text);
  while ((c = peek(r, err)) >= 0) {
    struct str room = str_make(r->room + r->at, r->len - r->at);
    ptrdiff_t end = str_find_byte(room, 0, '\n');
    buf_add(&r->text, str_sub(room, 0, end < 0 ? room.len : (size_t)end));
    if (r->text.len > IMPORT_LINE_MAX || buf_failed(&r->text))
      return error_set(err, SW_ELIMIT, "line %llu is longer than %d MiB",
                       (unsigned long long)number + 1, IMPORT_LINE_MAX >> 20);
    r->at += end < 0 ? room.len : (size_t)end + 1;
    if (end < 0)
      continue;
    int rc = take_line(r, reader, ++number, err);
    if (rc < 0)
      return rc;
    buf_clear(&r->text);
  }
  if (c == -2)
    return err ? err->code : SW_EIO;
  return r->text.len ? take_line(r, reader, number + 1, err) : 0;
}

/* ---- */

static struct records *records_new(struct advisory_import *import, const struct oci_input *input,
                                   import_take *take)
{
  struct records *r = mem_zalloc(1, sizeof *r);
  r->import = import;
  r->input = input;
  r->take = take;
  r->lines = str_find(import->name, 0, STR(".jsonl")) >= 0;
  arena_init(&r->arena, IMPORT_ARENA_MAX);
  buf_init(&r->text, IMPORT_RECORD_MAX);
  return r;
}

static void records_free(struct records *r)
{
  arena_free(&r->arena);
  buf_free(&r->text);
  mem_free(r);
}

int import_documents(struct advisory_import *import, const struct oci_input *input,
                     import_take *take, struct error *err)
{
  struct records *r = records_new(import, input, take);
  int rc = read_any(r, err);
  records_free(r);
  return rc;
}

int import_members(struct advisory_import *import, const struct oci_input *input, import_take *take,
                   struct error *err)
{
  struct records *r = records_new(import, input, take);
  struct buf key = {0};
  r->lines = false;
  int rc = read_members(r, &key, err);
  buf_free(&key);
  records_free(r);
  return rc;
}

int import_lines(struct advisory_import *import, const struct oci_input *input,
                 int (*take)(struct advisory_import *import, struct arena *arena, uint64_t number,
                             struct str line, void *ctx, struct error *err),
                 void *ctx, struct error *err)
{
  struct records *r = records_new(import, input, NULL);
  const struct line_reader reader = {.take = take, .ctx = ctx};
  int rc = read_lines(r, &reader, err);
  records_free(r);
  return rc;
}
