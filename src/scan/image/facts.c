#include "scan/image/facts.h"

#include "base/mem.h"
#include "scan/image/wire_int.h"

enum {
  SEND_AT = 56 << 10,      /* bytes */
  TEXT_MAX = 64 << 10,     /* bytes of a text of a record */
  FILES_MAX_RECORD = 4096, /* paths of a record */
  DISTRIBUTIONS_MAX = 10000,
};

enum record {
  RECORD_LAYER = 1,
  RECORD_ENTRY,
  RECORD_PACKAGE,
  RECORD_NOTE,
  RECORD_FILES,
  RECORD_OS,
  RECORD_SECRET,
  RECORD_FILE,
  RECORD_FILE_COUNTS,
  RECORD_TEXT,
  RECORD_FAULT,
  RECORD_END,
  RECORD_LINK,
  RECORD_LINK_READ,
  RECORD_AGAIN,
  RECORD_KINDS,
};

/* ---- writing */

void facts_writer_init(struct facts_writer *w,
                       int (*send)(void *ctx, struct str piece, struct error *err), void *ctx)
{
  *w = (struct facts_writer){.send = send, .ctx = ctx};
}

void facts_writer_free(struct facts_writer *w)
{
  buf_free(&w->bytes);
  buf_free(&w->last);
}

int facts_flush(struct facts_writer *w, struct error *err)
{
  if (!w->bytes.len)
    return 0;
  int rc = w->send(w->ctx, buf_str(&w->bytes), err);
  buf_clear(&w->bytes);
  buf_clear(&w->last);
  return rc;
}

static int begin(struct facts_writer *w, enum record record, struct error *err)
{
  int rc = w->bytes.len >= SEND_AT ? facts_flush(w, err) : 0;
  buf_add_byte(&w->bytes, (char)record);
  return rc;
}

static void put_number(struct facts_writer *w, uint64_t number)
{
  wire_put_number(&w->bytes, number);
}

static void put_text(struct facts_writer *w, struct str text)
{
  wire_put_text(&w->bytes, str_sub(text, 0, TEXT_MAX));
}

static void put_path(struct facts_writer *w, struct str path)
{
  size_t shared = 0;
  path = str_sub(path, 0, TEXT_MAX);
  while (shared < path.len && shared < w->last.len && path.data[shared] == w->last.data[shared])
    shared++;
  put_number(w, shared);
  put_text(w, str_sub(path, shared, SIZE_MAX));
  buf_clear(&w->last);
  buf_add(&w->last, path);
}

int facts_put_layer(struct facts_writer *w, uint32_t layer, struct error *err)
{
  int rc = begin(w, RECORD_LAYER, err);
  put_number(w, layer);
  return rc;
}

int facts_put_entry(struct facts_writer *w, const struct oci_entry *entry, bool keep,
                    struct error *err)
{
  int rc = begin(w, RECORD_ENTRY, err);
  put_number(w, (uint64_t)entry->type << 1 | keep);
  put_path(w, entry->path);
  put_number(w, entry->number);
  if (entry->type == OCI_SYMLINK || entry->type == OCI_HARDLINK)
    put_text(w, entry->link);
  return rc;
}

static int put_files(struct facts_writer *w, const struct str *files, uint32_t count,
                     struct error *err)
{
  int rc = 0;
  for (uint32_t i = 0; rc == 0 && i < count;) {
    rc = begin(w, RECORD_FILES, err);
    size_t at = w->bytes.len, first = i;
    /* The number of paths is not known before they are there; it has two bytes of its own. One path there always
     * is, however full the piece: a record of none is no record. */
    buf_add(&w->bytes, STR("\0\0"));
    do
      put_path(w, files[i++]);
    while (i < count && i - first < FILES_MAX_RECORD && w->bytes.len < SEND_AT);
    w->bytes.data[at] = (char)((i - first) & 0xff);
    w->bytes.data[at + 1] = (char)((i - first) >> 8);
  }
  return rc;
}

static void put_file_sizes(struct facts_writer *w, const struct str *files, uint32_t count)
{
  uint64_t bytes = 0;
  for (uint32_t i = 0; i < count; i++)
    bytes += str_sub(files[i], 0, TEXT_MAX).len;
  put_number(w, count);
  put_number(w, bytes);
}

static int put_package(struct facts_writer *w, const struct package *p, struct error *err)
{
  int rc = begin(w, RECORD_PACKAGE, err);
  put_number(w, p->type);
  put_number(w, (uint64_t)p->indirect | (uint64_t)p->development << 1);
  const struct str texts[] = {
      p->name,    p->version.text, p->architecture, p->source, p->source_version.text,
      p->license, p->maintainer,   p->vendor,       p->module, p->purl,
      p->digest};
  for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
    put_text(w, texts[i]);
  put_path(w, p->path);
  put_file_sizes(w, p->files, p->file_count);
  return rc < 0 ? rc : put_files(w, p->files, p->file_count, err);
}

static int put_note(struct facts_writer *w, const struct package_note *n, struct error *err)
{
  int rc = begin(w, RECORD_NOTE, err);
  put_number(w, n->kind);
  put_number(w, n->type);
  put_text(w, n->name);
  put_text(w, n->architecture);
  put_text(w, n->license);
  put_path(w, n->path);
  put_file_sizes(w, n->files, n->file_count);
  return rc < 0 ? rc : put_files(w, n->files, n->file_count, err);
}

static int put_os(struct facts_writer *w, const struct os_release *os, struct error *err)
{
  int rc = begin(w, RECORD_OS, err);
  const struct str texts[] = {os->family ? str_from(os->family->id) : STR_EMPTY,
                              os->id,
                              os->version,
                              os->release,
                              os->codename,
                              os->pretty};
  for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
    put_text(w, texts[i]);
  put_path(w, os->path);
  return rc;
}

int facts_put_analysis(struct facts_writer *w, const struct analysis *a, struct error *err)
{
  int rc = 0;
  for (size_t i = 0; rc == 0 && i < a->packages.count; i++)
    rc = put_package(w, &a->packages.items[i], err);
  for (size_t i = 0; rc == 0 && i < a->packages.notes.count; i++)
    rc = put_note(w, &a->packages.notes.items[i], err);
  for (size_t i = 0; rc == 0 && i < a->seen.count; i++)
    rc = put_os(w, &a->seen.items[i].os, err);
  return rc;
}

int facts_put_secret(struct facts_writer *w, const struct facts_secret *secret, struct error *err)
{
  int rc = begin(w, RECORD_SECRET, err);
  put_text(w, secret->rule);
  put_path(w, secret->path);
  put_text(w, secret->excerpt);
  put_text(w, secret->fingerprint);
  put_number(w, secret->line);
  put_number(w, secret->column);
  return rc;
}

int facts_put_file(struct facts_writer *w, const struct file_fact *fact, struct error *err)
{
  int rc = begin(w, RECORD_FILE, err);
  put_number(w, fact->kinds);
  put_number(w, fact->mode);
  put_number(w, fact->size);
  put_path(w, fact->path);
  return rc;
}

int facts_put_file_counts(struct facts_writer *w, const struct file_facts *facts, struct error *err)
{
  int rc = begin(w, RECORD_FILE_COUNTS, err);
  put_number(w, FILE_FACT_KINDS);
  for (size_t i = 0; i < FILE_FACT_KINDS; i++) {
    put_number(w, facts->found[i]);
    put_number(w, facts->bytes[i]);
  }
  return rc;
}

int facts_put_text(struct facts_writer *w, struct str path, struct str text, struct error *err)
{
  int rc = begin(w, RECORD_TEXT, err);
  put_path(w, path);
  put_text(w, text);
  return rc;
}

int facts_put_fault(struct facts_writer *w, struct str message, struct error *err)
{
  int rc = begin(w, RECORD_FAULT, err);
  put_text(w, message);
  return rc;
}

int facts_put_link(struct facts_writer *w, const struct facts_link *link, struct error *err)
{
  int rc = begin(w, RECORD_LINK, err);
  put_number(w, link->unread);
  put_path(w, link->path);
  if (!link->unread)
    return rc;
  put_number(w, link->target.low);
  put_number(w, link->target.high);
  put_number(w, link->before);
  return rc;
}

int facts_put_link_read(struct facts_writer *w, struct str path, struct error *err)
{
  int rc = begin(w, RECORD_LINK_READ, err);
  put_path(w, path);
  return rc;
}

int facts_put_again(struct facts_writer *w, struct error *err)
{
  return begin(w, RECORD_AGAIN, err);
}

int facts_put_end(struct facts_writer *w, const struct facts_totals *totals, struct error *err)
{
  int rc = begin(w, RECORD_END, err);
  put_number(w, totals->entries);
  put_number(w, totals->files);
  put_number(w, totals->content_bytes);
  put_number(w, totals->packed_bytes);
  put_number(w, totals->tar_bytes);
  return rc;
}

/* ---- reading */

/* Valid until the next path. */
static struct str get_path(struct facts_reader *r, struct wire *in)
{
  uint64_t shared = wire_number_to(in, r->last.len);
  struct str rest = wire_text(in, TEXT_MAX);
  if (in->bad || shared + rest.len > TEXT_MAX) {
    in->bad = true;
    return STR_EMPTY;
  }
  r->last.len = (size_t)shared;
  buf_add(&r->last, rest);
  return buf_str(&r->last);
}

void facts_reader_init(struct facts_reader *r, struct analysis *analysis, uint32_t layer_count,
                       const struct facts_calls *calls)
{
  *r = (struct facts_reader){.analysis = analysis, .layer_count = layer_count, .calls = *calls};
}

void facts_reader_free(struct facts_reader *r)
{
  buf_free(&r->last);
}

static int bad(struct error *err)
{
  return error_set(err, SW_EINVAL, "the facts of a layer are damaged");
}

static int read_layer(struct facts_reader *r, struct wire *in, struct error *err)
{
  r->layer = wire_u32(in);
  if (r->renumber)
    r->layer = r->as_layer;
  r->in_layer = true;
  return in->bad || r->layer >= r->layer_count ? bad(err) : 0;
}

static int read_entry(struct facts_reader *r, struct wire *in, struct error *err)
{
  struct oci_entry entry = {0};
  uint64_t word = wire_number(in);
  entry.path = get_path(r, in);
  entry.number = wire_number(in);
  if (word >> 1 > OCI_SOCKET)
    return bad(err);
  entry.type = (enum oci_entry_type)(word >> 1);
  if (entry.type == OCI_SYMLINK || entry.type == OCI_HARDLINK)
    entry.link = wire_text(in, TEXT_MAX);
  if (in->bad || entry.path.len > OCI_PATH_MAX || entry.link.len > OCI_PATH_MAX)
    return bad(err);
  return r->calls.entry ? r->calls.entry(r->calls.ctx, r->layer, &entry, word & 1, err) : 0;
}

/* Room for the files of a package or note; they come in the records that follow. */
static int get_file_sizes(struct facts_reader *r, struct wire *in, const struct str **ret_files,
                          uint32_t *ret_count, struct error *err)
{
  uint32_t count = wire_u32(in);
  uint64_t bytes = wire_number(in);
  *ret_files = NULL;
  *ret_count = 0;
  if (in->bad)
    return bad(err);
  if (!count)
    return 0;
  char *text;
  struct str *files =
      package_list_room_for_files(&r->analysis->packages, count, (size_t)bytes, &text, err);
  if (!files)
    return SW_ELIMIT;
  for (uint32_t i = 0; i < count; i++)
    files[i] = STR_EMPTY;
  r->filling.files = files;
  r->filling.count = count;
  r->filling.done = 0;
  r->filling.text = text;
  r->filling.text_left = (size_t)bytes;
  *ret_files = files;
  *ret_count = count;
  return 0;
}

static int read_package(struct facts_reader *r, struct wire *in, struct error *err)
{
  struct package p = {.layer = r->layer};
  uint64_t type = wire_number(in), flags = wire_number(in);
  struct str version = STR_EMPTY, source_version = STR_EMPTY;
  struct str *const texts[] = {&p.name,         &version,   &p.architecture, &p.source,
                               &source_version, &p.license, &p.maintainer,   &p.vendor,
                               &p.module,       &p.purl,    &p.digest};
  for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
    *texts[i] = wire_text(in, TEXT_MAX);
  p.path = get_path(r, in);
  if (in->bad || type > PACKAGE_GENERIC || flags > 3)
    return bad(err);
  p.type = (enum package_type)type;
  p.indirect = flags & 1;
  p.development = flags & 2;
  p.version = package_version_split(p.type, version);
  p.source_version = package_version_split(p.type, source_version);
  int rc = get_file_sizes(r, in, &p.files, &p.file_count, err);
  return rc < 0 ? rc : package_list_add(&r->analysis->packages, &p, err);
}

static int read_note(struct facts_reader *r, struct wire *in, struct error *err)
{
  struct package_note n = {.layer = r->layer};
  uint64_t kind = wire_number(in), type = wire_number(in);
  n.name = wire_text(in, TEXT_MAX);
  n.architecture = wire_text(in, TEXT_MAX);
  n.license = wire_text(in, TEXT_MAX);
  n.path = get_path(r, in);
  if (in->bad || kind >= PACKAGE_NOTE_KINDS || type > PACKAGE_GENERIC)
    return bad(err);
  n.kind = (enum package_note_kind)kind;
  n.type = (enum package_type)type;
  int rc = get_file_sizes(r, in, &n.files, &n.file_count, err);
  return rc < 0 ? rc : package_list_note(&r->analysis->packages, &n, err);
}

static int read_files(struct facts_reader *r, struct wire *in, struct error *err)
{
  if (in->rest.len < 2)
    return bad(err);
  uint32_t count = (unsigned char)in->rest.data[0] | (uint32_t)(unsigned char)in->rest.data[1] << 8;
  in->rest = str_sub(in->rest, 2, SIZE_MAX);
  if (!count || count > r->filling.count - r->filling.done)
    return bad(err);
  for (uint32_t i = 0; i < count; i++) {
    struct str path = get_path(r, in);
    if (in->bad || path.len > r->filling.text_left)
      return bad(err);
    if (path.len)
      memcpy(r->filling.text, path.data, path.len);
    r->filling.files[r->filling.done++] = str_make(r->filling.text, path.len);
    r->filling.text += path.len;
    r->filling.text_left -= path.len;
  }
  return 0;
}

static int read_os(struct facts_reader *r, struct wire *in, struct error *err)
{
  struct os_release os = {0};
  struct arena *arena = r->analysis->packages.arena;
  struct str family = wire_text(in, TEXT_MAX);
  struct str *const texts[] = {&os.id, &os.version, &os.release, &os.codename, &os.pretty};
  for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
    *texts[i] = arena_copy(arena, wire_text(in, TEXT_MAX));
  os.path = arena_copy(arena, get_path(r, in));
  if (in->bad)
    return bad(err);
  os.family = family.len ? os_family_find(family) : NULL;
  if (r->analysis->seen.count >= DISTRIBUTIONS_MAX)
    return error_set(err, SW_ELIMIT, "more than %d files name a distribution", DISTRIBUTIONS_MAX);
  analysis_add_os(r->analysis, &os, r->layer);
  return 0;
}

static int read_secret(struct facts_reader *r, struct wire *in, struct error *err)
{
  struct facts_secret s = {.layer = r->layer};
  s.rule = wire_text(in, TEXT_MAX);
  s.path = get_path(r, in);
  s.excerpt = wire_text(in, TEXT_MAX);
  s.fingerprint = wire_text(in, TEXT_MAX);
  s.line = wire_u32(in);
  s.column = wire_u32(in);
  if (in->bad)
    return bad(err);
  return r->calls.secret ? r->calls.secret(r->calls.ctx, &s, err) : 0;
}

static int read_file(struct facts_reader *r, struct wire *in, struct error *err)
{
  struct file_fact fact = {.layer = r->layer};
  fact.kinds = wire_u32(in);
  fact.mode = wire_u32(in) & 07777;
  fact.size = wire_number(in);
  fact.path = get_path(r, in);
  if (in->bad || !fact.kinds || fact.kinds >> FILE_FACT_KINDS || fact.path.len > OCI_PATH_MAX)
    return bad(err);
  return r->calls.file ? r->calls.file(r->calls.ctx, &fact, err) : 0;
}

static int read_file_counts(struct facts_reader *r, struct wire *in, struct error *err)
{
  struct file_facts counts = {0};
  if (wire_number(in) != FILE_FACT_KINDS)
    return bad(err);
  for (size_t i = 0; i < FILE_FACT_KINDS; i++) {
    counts.found[i] = wire_number(in);
    counts.bytes[i] = wire_number(in);
  }
  if (in->bad)
    return bad(err);
  return r->calls.file_counts ? r->calls.file_counts(r->calls.ctx, r->layer, &counts, err) : 0;
}

static int read_text(struct facts_reader *r, struct wire *in, struct error *err)
{
  struct facts_text text = {.layer = r->layer};
  text.path = get_path(r, in);
  text.text = wire_text(in, TEXT_MAX);
  if (in->bad)
    return bad(err);
  return r->calls.text ? r->calls.text(r->calls.ctx, &text, err) : 0;
}

static int read_fault(struct facts_reader *r, struct wire *in, struct error *err)
{
  struct facts_fault fault = {.layer = r->layer, .message = wire_text(in, TEXT_MAX)};
  if (in->bad)
    return bad(err);
  return r->calls.fault ? r->calls.fault(r->calls.ctx, &fault, err) : 0;
}

static int read_link(struct facts_reader *r, struct wire *in, struct error *err)
{
  struct facts_link link = {.layer = r->layer};
  link.unread = wire_number_to(in, 1);
  link.path = get_path(r, in);
  if (link.unread) {
    link.target.low = wire_number(in);
    link.target.high = wire_number(in);
    link.before = wire_number(in);
  }
  if (in->bad || link.path.len > OCI_PATH_MAX)
    return bad(err);
  return r->calls.link ? r->calls.link(r->calls.ctx, &link, err) : 0;
}

static int read_link_read(struct facts_reader *r, struct wire *in, struct error *err)
{
  struct str path = get_path(r, in);
  if (in->bad)
    return bad(err);
  return r->calls.link_read ? r->calls.link_read(r->calls.ctx, r->layer, path, err) : 0;
}

static int read_again(struct facts_reader *r, struct wire *in, struct error *err)
{
  (void)in;
  r->in_layer = false;
  return r->calls.again ? r->calls.again(r->calls.ctx, r->layer, err) : 0;
}

static int read_end(struct facts_reader *r, struct wire *in, struct error *err)
{
  struct facts_totals t;
  t.entries = wire_number(in);
  t.files = wire_number(in);
  t.content_bytes = wire_number(in);
  t.packed_bytes = wire_number(in);
  t.tar_bytes = wire_number(in);
  r->in_layer = false;
  if (in->bad || r->filling.done != r->filling.count)
    return bad(err);
  return r->calls.end ? r->calls.end(r->calls.ctx, r->layer, &t, err) : 0;
}

int facts_read(struct facts_reader *r, struct str piece, struct error *err)
{
  static int (*const readers[RECORD_KINDS])(struct facts_reader *, struct wire *,
                                            struct error *) = {
      [RECORD_LAYER] = read_layer,
      [RECORD_ENTRY] = read_entry,
      [RECORD_PACKAGE] = read_package,
      [RECORD_NOTE] = read_note,
      [RECORD_FILES] = read_files,
      [RECORD_OS] = read_os,
      [RECORD_SECRET] = read_secret,
      [RECORD_FILE] = read_file,
      [RECORD_FILE_COUNTS] = read_file_counts,
      [RECORD_TEXT] = read_text,
      [RECORD_FAULT] = read_fault,
      [RECORD_END] = read_end,
      [RECORD_LINK] = read_link,
      [RECORD_LINK_READ] = read_link_read,
      [RECORD_AGAIN] = read_again,
  };
  struct wire in = {.rest = piece};
  buf_clear(&r->last);
  while (in.rest.len) {
    unsigned char kind = (unsigned char)in.rest.data[0];
    in.rest = str_sub(in.rest, 1, SIZE_MAX);
    if (!kind || kind >= RECORD_KINDS || (!r->in_layer && kind != RECORD_LAYER))
      return bad(err);
    /* The files of a package come before anything else does. */
    if (r->filling.done != r->filling.count && kind != RECORD_FILES)
      return bad(err);
    int rc = readers[kind](r, &in, err);
    if (rc < 0)
      return rc;
  }
  return 0;
}

int facts_read_end(const struct facts_reader *r, struct error *err)
{
  if (r->in_layer || r->filling.done != r->filling.count)
    return error_set(err, SW_EINVAL, "the facts of a layer end too early");
  return 0;
}
