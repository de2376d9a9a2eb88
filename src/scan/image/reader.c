#include "scan/image/reader.h"

#include "base/vec.h"
#include "scan/check/account_file.h"
#include "scan/image/facts.h"
#include "scan/image/reader_image_int.h"
#include "scan/image/reader_links_int.h"
#include "scan/secret/scanner.h"

#include <fcntl.h>
#include <unistd.h>

enum { TEXT_MAX = 1 << 20, PIECE = 64 << 10 };

/* ---- the job */

void image_reader_job_write(const struct image_reader_job *job, struct buf *out)
{
  wire_put_number(out, job->what);
  wire_put_number(out, job->from);
  wire_put_number(out, job->kind);
  wire_put_text(out, job->name);
  wire_put_text(out, job->reference);
  wire_put_text(out, job->platform);
  wire_put_number(out, job->flags);
  wire_put_number(out, job->secrets);
  wire_put_text(out, job->secret_rules);
  wire_put_number(out, job->image_layers);
  wire_put_text(out, job->packed.media_type);
  wire_put_text(out, job->packed.digest);
  wire_put_number(out, job->packed.size);
  wire_put_text(out, job->diff_id);
  wire_put_number(out, job->layer_count);
  for (size_t i = 0; i < job->layer_count; i++)
    wire_put_number(out, job->layers[i]);
  wire_put_number(out, job->link_count);
  for (size_t i = 0; i < job->link_count; i++) {
    wire_put_text(out, job->links[i].path);
    wire_put_number(out, job->links[i].target.low);
    wire_put_number(out, job->links[i].target.high);
    wire_put_number(out, job->links[i].before);
  }
}

static void read_job_links(struct wire *in, struct arena *arena, struct image_reader_job *job)
{
  job->link_count = (size_t)wire_number_to(in, IMAGE_READER_LINKS_MAX);
  struct image_reader_link *links =
      arena_array(arena, struct image_reader_link, job->link_count + 1);
  for (size_t i = 0; i < job->link_count; i++) {
    links[i].path = wire_text(in, OCI_PATH_MAX);
    links[i].target.low = wire_number(in);
    links[i].target.high = wire_number(in);
    links[i].before = wire_number(in);
  }
  job->links = links;
}

/* The other side is this program itself: what it says is believed, but not that it is well-formed. */
static int read_job(struct str argument, struct arena *arena, struct image_reader_job *job,
                    struct error *err)
{
  struct wire in = {.rest = argument};
  job->what = (enum image_reader_what)wire_number_to(&in, IMAGE_READER_LAYERS);
  job->from = (enum image_reader_from)wire_number_to(&in, IMAGE_READER_INPUT);
  job->kind = (enum oci_source_kind)wire_u32(&in);
  job->name = wire_text(&in, TEXT_MAX);
  job->reference = wire_text(&in, TEXT_MAX);
  job->platform = wire_text(&in, TEXT_MAX);
  job->flags = wire_u32(&in);
  job->secrets = wire_number_to(&in, 1);
  job->secret_rules = wire_text(&in, SANDBOX_ARGUMENT_MAX);
  job->image_layers = (uint32_t)wire_number_to(&in, OCI_LAYERS_MAX);
  job->packed.media_type = wire_text(&in, TEXT_MAX);
  job->packed.digest = wire_text(&in, TEXT_MAX);
  job->packed.size = wire_number(&in);
  job->diff_id = wire_text(&in, TEXT_MAX);
  job->layer_count = (size_t)wire_number_to(&in, OCI_LAYERS_MAX);
  uint32_t *layers = arena_array(arena, uint32_t, job->layer_count + 1);
  for (size_t i = 0; i < job->layer_count; i++)
    layers[i] = wire_u32(&in);
  job->layers = layers;
  read_job_links(&in, arena, job);
  return in.bad ? error_set(err, SW_EUSAGE, "the job of the reader is damaged") : 0;
}

/* ---- the content of a file, on its way to an analyser and past the scanner */

struct passing {
  const struct oci_input *content;
  struct secret_scanner *scanner; /* NULL: it wants nothing, or no more */
  char head[ANALYSER_HEAD];
  size_t head_len, head_at;
  bool at_end;
  int lost; /* what the content answered when it could not be read; 0: it could */
};

static int pull(struct passing *p, void *to, size_t room, size_t *ret_got, struct error *err)
{
  int rc = p->content->read(p->content->ctx, to, room, ret_got, err);
  p->lost = rc;
  if (rc < 0)
    return rc;
  p->at_end = *ret_got == 0;
  if (*ret_got && p->scanner && !secret_scanner_feed(p->scanner, str_make(to, *ret_got)))
    p->scanner = NULL;
  return 0;
}

static int fill_head(struct passing *p, struct error *err)
{
  while (p->head_len < sizeof p->head && !p->at_end) {
    size_t got;
    int rc = pull(p, p->head + p->head_len, sizeof p->head - p->head_len, &got, err);
    if (rc < 0)
      return rc;
    p->head_len += got;
  }
  return 0;
}

/* The content once more from its beginning: the head, then what comes. */
static int read_passing(void *ctx, void *to, size_t room, size_t *ret_got, struct error *err)
{
  struct passing *p = ctx;
  size_t left = p->head_len - p->head_at;
  if (left) {
    *ret_got = left < room ? left : room;
    memcpy(to, p->head + p->head_at, *ret_got);
    p->head_at += *ret_got;
    return 0;
  }
  *ret_got = 0;
  return p->at_end ? 0 : pull(p, to, room, ret_got, err);
}

/* A content that is held, from its beginning. */
struct memory {
  struct str rest;
};

static int read_memory(void *ctx, void *to, size_t room, size_t *ret_got, struct error *err)
{
  struct memory *m = ctx;
  struct str piece = str_sub(m->rest, 0, room);
  (void)err;
  if (piece.len)
    memcpy(to, piece.data, piece.len);
  m->rest = str_sub(m->rest, piece.len, SIZE_MAX);
  *ret_got = piece.len;
  return 0;
}

/* ---- a layer */

struct reading {
  struct arena arena;
  const struct image_reader_job *job;
  struct facts_writer facts;
  struct secret_rules *rules;
  struct secret_scanner *scanner;
  struct buf scratch;
  char piece[PIECE];
  /* of the layer */
  uint32_t layer;
  struct arena layer_arena;
  struct analysis analysis;
  struct file_facts files;
  struct secret_list secrets;
  struct facts_totals totals;
  struct reader_links links;
  bool unread_links;
  uint64_t further_bytes; /* read for further names of contents */
  bool tree;              /* it is a directory as it lies there, and may change meanwhile */
};

static int put_fault(struct reading *r, struct str path, const struct error *fault,
                     struct error *err)
{
  buf_clear(&r->scratch);
  if (path.len)
    buf_printf(&r->scratch, "%.*s: ", STR_FMT(str_sub(path, 0, ERROR_PLACE_MAX)));
  buf_add_text(&r->scratch, fault->message);
  return facts_put_fault(&r->facts, buf_str(&r->scratch), err);
}

/* What is gone by now is as if it had never been there. */
static bool is_gone(const struct reading *r, const struct passing *p)
{
  return r->tree && p->lost == SW_ENOENT;
}

/* In a directory a file that cannot be read does not end the reading; a layer with such a file is damaged. */
static int lose(struct reading *r, struct str path, const struct passing *p,
                const struct error *why, struct error *err)
{
  if (r->tree)
    return is_gone(r, p) ? 0 : put_fault(r, path, why, err);
  *err = *why;
  return why->code;
}

/* Only what comes from the archive itself is an error; the rest is a fault of one file. */
static int analyse(struct reading *r, const struct analyser *analyser,
                   const struct analyser_file *file, struct passing *p, struct error *err)
{
  struct oci_input content = {read_passing, p};
  struct error fault;
  if (analysis_read_stream(&r->analysis, analyser, file, &content, &r->scratch, &fault) == 0 ||
      is_gone(r, p))
    return 0;
  return put_fault(r, STR_EMPTY, &fault, err);
}

static int put_accounts(struct reading *r, struct str path, const struct account_facts *accounts,
                        struct error *err)
{
  int rc = 0;
  for (size_t i = 0; rc == 0 && i < accounts->count; i++) {
    buf_clear(&r->scratch);
    account_fact_write(&accounts->items[i], &r->scratch);
    rc = facts_put_text(&r->facts, path, buf_str(&r->scratch), err);
  }
  return rc;
}

static int read_account(struct reading *r, struct str path, struct passing *p, struct error *err)
{
  struct oci_input content = {read_passing, p};
  struct account_facts accounts;
  struct error fault;
  account_facts_init(&accounts, &r->layer_arena);
  buf_clear(&r->scratch);
  int rc = oci_content_read(&content, ACCOUNT_FILE_MAX, &r->scratch, &fault);
  if (rc == 0)
    rc = account_file_read(&accounts, path, r->layer, buf_str(&r->scratch), &fault);
  if (rc < 0)
    rc = is_gone(r, p) ? 0 : put_fault(r, STR_EMPTY, &fault, err);
  return rc < 0 ? rc : put_accounts(r, path, &accounts, err);
}

/* What is left, for the scanner. In a directory, what was lost before has been told. */
static int drain(struct reading *r, struct str path, struct passing *p, struct error *err)
{
  while (p->scanner && !p->at_end && !(r->tree && p->lost)) {
    size_t got;
    struct error why;
    if (pull(p, r->piece, sizeof r->piece, &got, &why) < 0)
      return lose(r, path, p, &why, err);
  }
  return 0;
}

static int look_at_head(struct reading *r, const struct analyser_file *file, struct passing *p,
                        const struct analyser **ret_analyser, struct error *err)
{
  struct error why;
  if (fill_head(p, &why) < 0)
    return lose(r, file->path, p, &why, err);
  *ret_analyser =
      analyser_find_by_head(file, str_make(p->head, p->head_len), r->analysis.packages.flags);
  return 0;
}

static int read_file(struct reading *r, const struct oci_entry *entry,
                     const struct analyser *analyser, const struct oci_input *content,
                     bool *ret_kept, struct error *err)
{
  struct analyser_file file = {
      .path = entry->path, .mode = entry->mode, .layer = r->layer, .size = entry->size};
  struct passing p = {.content = content};
  bool account = !analyser && account_file_wants(entry->path);
  bool scanned = r->scanner && secret_scanner_begin(r->scanner, entry->path, entry->size);
  p.scanner = scanned ? r->scanner : NULL;
  int rc = 0;
  if (!analyser && !account && analyser_wants_head(&file))
    rc = look_at_head(r, &file, &p, &analyser, err);
  if (rc == 0 && analyser)
    rc = analyse(r, analyser, &file, &p, err);
  if (rc == 0 && account)
    rc = read_account(r, entry->path, &p, err);
  if (rc == 0)
    rc = drain(r, entry->path, &p, err);
  if (rc < 0)
    return rc;
  size_t before = r->secrets.count;
  if (r->scanner)
    secret_scanner_end(r->scanner, &r->secrets);
  *ret_kept = analyser || account || r->secrets.count > before;
  return 0;
}

/* The entry of a link, and what there is to say of it. */
static int put_link(struct reading *r, const struct oci_entry *entry, const struct facts_link *link,
                    struct error *err)
{
  r->unread_links |= link->unread;
  int rc = facts_put_entry(&r->facts, entry, true, err);
  return rc < 0 ? rc : facts_put_link(&r->facts, link, err);
}

static int take_unreadable(void *ctx, const struct error *why, struct error *err)
{
  return put_fault(ctx, STR_EMPTY, why, err);
}

/* As what a file is read: by path, or by what its beginning says. NULL: not at all. */
static const void *wanted_as(void *ctx, struct str path, uint32_t mode)
{
  static const char account, head;
  const struct reading *r = ctx;
  const struct analyser_file file = {.path = path, .mode = mode};
  const struct analyser *analyser = analyser_find(path, r->analysis.packages.flags);
  if (analyser)
    return analyser;
  if (account_file_wants(path))
    return &account;
  return analyser_wants_head(&file) ? &head : NULL;
}

/* What was read under another name as the same thing is known; what was not has gone by. */
static bool see_link(struct reading *r, const struct oci_entry *entry, struct facts_link *link)
{
  struct reader_target target;
  reader_links_see(&r->links, entry, wanted_as, r, &target);
  if (entry->type != OCI_HARDLINK)
    return false;
  const struct analyser *analyser = analyser_find(entry->path, r->analysis.packages.flags);
  const void *wanted = wanted_as(r, entry->path, entry->mode);
  bool by_name = analyser && analyser->by_name && !str_eq(entry->path, entry->link);
  *link = (struct facts_link){.path = entry->path,
                              .unread = by_name || wanted != target.wanted,
                              .target = target.name,
                              .before = target.before};
  return wanted && (link->unread || analyser || account_file_wants(entry->path));
}

static int take_entry(void *ctx, const struct oci_entry *entry, const struct oci_input *content,
                      struct error *err)
{
  struct reading *r = ctx;
  struct file_fact fact;
  struct facts_link wanted_link;
  const struct analyser *analyser = analyser_find(entry->path, r->analysis.packages.flags);
  bool keep = analyser != NULL;
  r->totals.entries++;
  if (file_fact_of(entry, &fact)) {
    file_facts_add(&r->files, &fact);
    keep = true;
  }
  if (entry->type == OCI_FILE) {
    r->totals.files++;
    r->totals.content_bytes += entry->size;
    if (content && entry->size) {
      bool kept = false;
      int rc = read_file(r, entry, analyser, content, &kept, err);
      if (rc < 0)
        return rc;
      keep |= kept;
    }
  }
  if (see_link(r, entry, &wanted_link))
    return put_link(r, entry, &wanted_link, err);
  /* Nothing lies below the base that one of its entries could hide. */
  bool link = entry->type == OCI_SYMLINK || entry->type == OCI_HARDLINK;
  if (r->layer == 0 && !keep && !link)
    return 0;
  return facts_put_entry(&r->facts, entry, keep, err);
}

/* ---- a layer once more, for its links */

static int read_link(struct reading *r, const struct oci_entry *entry, size_t link,
                     const struct oci_input *content, struct error *err)
{
  struct oci_entry named = *entry;
  bool kept;
  named.path = r->job->links[link - 1].path;
  int rc = 0;
  if (entry->size)
    rc = read_file(r, &named, analyser_find(named.path, r->analysis.packages.flags), content, &kept,
                   err);
  return rc < 0 ? rc : facts_put_link_read(&r->facts, named.path, err);
}

static int tell_not_read(struct reading *r, struct str path, struct error *err)
{
  struct error fault;
  error_set(&fault, SW_ELIMIT, "was not read: it is one of many names of a large file");
  int rc = put_fault(r, path, &fault, err);
  return rc < 0 ? rc : facts_put_link_read(&r->facts, path, err);
}

/* A content passes by once, so for several names it is held. */
static int read_links(struct reading *r, const struct oci_entry *entry, size_t first,
                      const struct oci_input *content, struct error *err)
{
  _cleanup_(buf_free) struct buf held = {0};
  size_t link = reader_links_next(&r->links, first, entry);
  bool hold = link && entry->size <= IMAGE_READER_NAMES_BYTES_MAX;
  int rc = hold ? oci_content_read(content, IMAGE_READER_NAMES_BYTES_MAX, &held, err) : 0;
  struct memory memory = {buf_str(&held)};
  const struct oci_input again = {read_memory, &memory};
  if (rc == 0)
    rc = read_link(r, entry, first, hold ? &again : content, err);
  for (; rc == 0 && link; link = reader_links_next(&r->links, link, entry)) {
    memory.rest = buf_str(&held);
    r->further_bytes += held.len;
    rc = hold && r->further_bytes <= IMAGE_READER_FURTHER_BYTES_MAX
             ? read_link(r, entry, link, &again, err)
             : tell_not_read(r, r->job->links[link - 1].path, err);
  }
  return rc;
}

static int take_entry_again(void *ctx, const struct oci_entry *entry,
                            const struct oci_input *content, struct error *err)
{
  struct reading *r = ctx;
  r->totals.entries++;
  if (entry->type != OCI_FILE)
    return 0;
  r->totals.files++;
  r->totals.content_bytes += entry->size;
  size_t first = reader_links_first(&r->links, entry);
  return first ? read_links(r, entry, first, content, err) : 0;
}

static int put_secrets(struct reading *r, struct error *err)
{
  int rc = 0;
  for (size_t i = 0; rc == 0 && i < r->secrets.count; i++) {
    const struct secret_match *m = &r->secrets.items[i];
    struct facts_secret secret = {.rule = m->rule->rule.id,
                                  .path = m->place,
                                  .excerpt = m->redacted,
                                  .fingerprint = str_from(m->fingerprint),
                                  .line = m->line,
                                  .column = m->column};
    rc = facts_put_secret(&r->facts, &secret, err);
  }
  if (rc == 0 && r->secrets.dropped) {
    struct error fault;
    error_set(&fault, SW_ELIMIT, "%llu more secrets in files with more than %d are not listed",
              (unsigned long long)r->secrets.dropped, SECRET_MATCHES_MAX);
    rc = put_fault(r, STR_EMPTY, &fault, err);
  }
  return rc;
}

static int put_layer(struct reading *r, const struct oci_layer_totals *totals, struct error *err)
{
  r->totals.packed_bytes = totals->packed_bytes;
  r->totals.tar_bytes = totals->tar_bytes;
  int rc = facts_put_analysis(&r->facts, &r->analysis, err);
  if (r->job->link_count)
    return rc < 0 ? rc : facts_put_end(&r->facts, &r->totals, err);
  for (size_t i = 0; rc == 0 && i < r->files.count; i++)
    rc = facts_put_file(&r->facts, &r->files.items[i], err);
  if (rc == 0)
    rc = facts_put_file_counts(&r->facts, &r->files, err);
  if (rc == 0)
    rc = put_secrets(r, err);
  if (rc == 0 && r->unread_links)
    return facts_put_again(&r->facts, err);
  return rc < 0 ? rc : facts_put_end(&r->facts, &r->totals, err);
}

/* How a layer's bytes come: from a source, or from the input. */
struct layer_from {
  struct oci_source *source;
  const struct oci_image *image;
  struct oci_input input;
};

static int read_tar(struct reading *r, const struct layer_from *from,
                    const struct oci_visitor *visitor, struct oci_layer_totals *totals,
                    struct error *err)
{
  if (from->source)
    return oci_source_read_layer(from->source, from->image, r->layer, NULL, visitor, totals, err);
  char name[64];
  snprintf(name, sizeof name, "layer %u of %u", r->layer + 1, r->job->image_layers);
  struct oci_layer_options options = {
      .name = name, .packed = &r->job->packed, .diff_id = r->job->diff_id};
  return oci_layer_read(from->input, &options, visitor, totals, err);
}

static int read_layer(struct reading *r, const struct layer_from *from, uint32_t layer,
                      struct error *err)
{
  bool again = r->job->link_count > 0;
  struct oci_visitor visitor = {again ? take_entry_again : take_entry, r, take_unreadable};
  struct oci_layer_totals totals = {0};
  r->layer = layer;
  r->totals = (struct facts_totals){0};
  analysis_init(&r->analysis, &r->layer_arena, r->job->flags);
  file_facts_init(&r->files, &r->layer_arena);
  secret_list_init(&r->secrets, &r->layer_arena);
  reader_links_clear(&r->links);
  r->unread_links = false;
  r->further_bytes = 0;
  if (again)
    reader_links_ask(&r->links, r->job);
  int rc = facts_put_layer(&r->facts, layer, err);
  if (rc == 0)
    rc = read_tar(r, from, &visitor, &totals, err);
  if (rc == 0)
    rc = put_layer(r, &totals, err);
  if (rc == 0)
    rc = facts_flush(&r->facts, err); /* a piece is of one layer */
  analysis_free(&r->analysis);
  arena_reset(&r->layer_arena);
  return rc;
}

static int read_layers(struct reading *r, const struct layer_from *from, struct error *err)
{
  int rc = 0;
  for (size_t i = 0; rc == 0 && i < r->job->layer_count; i++)
    rc = read_layer(r, from, r->job->layers[i], err);
  return rc;
}

/* ---- the program */

static int send_piece(void *ctx, struct str piece, struct error *err)
{
  struct sandbox_pipe *pipe = ctx;
  int rc = sandbox_send(pipe, piece, err);
  return rc < 0 ? rc : sandbox_flush(pipe, err);
}

static int read_pipe(void *ctx, void *to, size_t room, size_t *ret_got, struct error *err)
{
  return sandbox_read(ctx, to, room, ret_got, err);
}

static int open_source(struct sandbox_pipe *pipe, const struct image_reader_job *job,
                       struct arena *arena, struct oci_source **ret, struct error *err)
{
  int fd = job->from == IMAGE_READER_ARCHIVE ? sandbox_descriptor(pipe, 0)
                                             : sandbox_directory(pipe, 0);
  return oci_source_open_fd(fd, arena_copy(arena, job->name).data, job->kind, ret, err);
}

static int choose(struct oci_source *source, const struct image_reader_job *job,
                  struct arena *arena, struct oci_image *ret, struct error *err)
{
  struct oci_platform platform;
  struct oci_choice choice = {.reference = job->reference};
  if (job->platform.len) {
    int rc = oci_platform_read(job->platform, &platform, err);
    if (rc < 0)
      return rc;
    choice.platform = &platform;
  }
  return oci_source_image(source, &choice, arena, ret, err);
}

static int send_description(struct sandbox_pipe *pipe, const struct oci_image *image,
                            struct error *err)
{
  _cleanup_(buf_free) struct buf out = {0};
  wire_put_image(&out, image);
  return send_piece(pipe, buf_str(&out), err);
}

static int prepare(struct str argument, void **ret_prepared, struct error *err)
{
  struct reading *r = mem_zalloc(1, sizeof *r);
  struct image_reader_job *job = mem_zalloc(1, sizeof *job);
  *ret_prepared = r;
  r->job = job;
  arena_init(&r->arena, 0);
  arena_init(&r->layer_arena, 0);
  reader_links_init(&r->links);
  int rc = oci_layer_prepare(err);
  if (rc == 0)
    rc = read_job(argument, &r->arena, job, err);
  if (rc < 0 || job->what == IMAGE_READER_DESCRIPTION || !job->secrets)
    return rc;
  rc = job->secret_rules.len ? secret_rules_restore(job->secret_rules, &r->rules, err)
                             : secret_rules_builtin(&r->rules, err);
  return rc < 0 ? rc : secret_scanner_new(r->rules, NULL, &r->scanner, err);
}

static int run(struct sandbox_pipe *pipe, struct str argument, void *prepared, struct error *err)
{
  (void)argument;
  struct reading *r = prepared;
  struct layer_from from = {.input = {read_pipe, pipe}};
  struct oci_image image;
  facts_writer_init(&r->facts, send_piece, pipe);
  if (r->job->from != IMAGE_READER_INPUT) {
    int rc = open_source(pipe, r->job, &r->arena, &from.source, err);
    if (rc == 0)
      rc = choose(from.source, r->job, &r->arena, &image, err);
    if (rc < 0)
      return rc;
    from.image = &image;
    r->tree = oci_source_kind(from.source) == OCI_SOURCE_DIRECTORY;
    if (r->job->what == IMAGE_READER_DESCRIPTION)
      return send_description(pipe, &image, err);
  }
  return read_layers(r, &from, err);
}

int image_reader_description(struct str frame, struct arena *arena, struct oci_image *ret,
                             struct error *err)
{
  struct wire in = {.rest = frame};
  return wire_image(&in, arena, ret, err);
}

const struct sandbox_program image_reader = {.name = "image", .prepare = prepare, .run = run};
