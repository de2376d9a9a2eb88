#include "scan/image/image_scan.h"

#include "base/clock.h"
#include "base/vec.h"
#include "scan/image/image_scan_int.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

enum { SETTLED_SECONDS = 2, TIME_MS = 3600 * 1000, CPU_SECONDS = 3600 };

#define MEMORY_DEFAULT (UINT64_C(1) << 30)

void image_facts_init(struct image_facts *facts, struct arena *arena)
{
  *facts = (struct image_facts){.arena = arena};
  analysis_init(&facts->analysis, arena, 0);
  file_facts_init(&facts->files, arena);
  account_facts_init(&facts->accounts, arena);
}

void image_facts_free(struct image_facts *facts)
{
  analysis_free(&facts->analysis);
  vec_free(&facts->secrets);
  vec_free(&facts->faults);
}

/* ---- one scan */

/* What the facts of a layer depend on besides its bytes. A layer without a digest is not kept. */
static bool cache_key(const struct scan *s, uint32_t layer, char ret_key[static IMAGE_SCAN_KEY_MAX])
{
  const struct oci_image_layer *l = &s->facts->image.layers[layer];
  if (!s->options->cache || !l->diff_id.len)
    return false;
  const char *rules = s->options->secrets ? "secrets" : "none";
  snprintf(ret_key, IMAGE_SCAN_KEY_MAX, "%.*s %d %u %s %.*s %s",
           STR_FMT(str_sub(l->diff_id, 0, 140)), FACTS_FORMAT, s->options->flags, rules,
           STR_FMT(str_sub(s->options->secret_rules_digest, 0, 64)), layer ? "upper" : "base");
  return true;
}

void scan_tell_progress(struct scan *s)
{
  if (s->position >= 0) {
    off_t at = lseek(s->position, 0, SEEK_CUR);
    if (at > 0 && (uint64_t)at > s->progress.bytes)
      s->progress.bytes = (uint64_t)at;
  }
  if (s->options->progress)
    s->options->progress(s->options->ctx, &s->progress);
}

/* Facts of several layers come behind each other, each piece of one layer alone: its reader flushes between
 * them. So what is kept of a layer ends with the piece that merge says ends it. */
int scan_take_piece(void *ctx, struct str piece, struct error *err)
{
  struct scan *s = ctx;
  int rc = merge_piece(s->merge, piece, err);
  if (rc < 0)
    return rc;
  if (s->keeping) {
    char length[4];
    for (int i = 0; i < 4; i++)
      length[i] = (char)(piece.len >> (8 * i));
    buf_add(&s->keep, str_make(length, sizeof length));
    buf_add(&s->keep, piece);
    if (s->keep.failed || s->keep.len > SCAN_FACTS_KEPT_MAX)
      s->keeping = false;
  }
  scan_tell_progress(s);
  return 0;
}

/* The facts of a layer out of the cache. What is damaged there counts as not there. */
static bool take_cached(struct scan *s, uint32_t layer)
{
  char key[IMAGE_SCAN_KEY_MAX];
  if (!cache_key(s, layer, key))
    return false;
  buf_clear(&s->keep);
  if (!s->options->cache->get(s->options->cache->ctx, str_from(key), &s->keep))
    return false;
  if (!merge_kept(s->merge, buf_str(&s->keep), layer))
    return false;
  s->facts->layers[layer].cached = true;
  return true;
}

void scan_start_keeping(struct scan *s)
{
  buf_clear(&s->keep);
  s->keeping = s->options->cache != NULL;
}

void scan_put_cached(struct scan *s, uint32_t layer)
{
  char key[IMAGE_SCAN_KEY_MAX];
  if (s->keeping && cache_key(s, layer, key))
    s->options->cache->put(s->options->cache->ctx, str_from(key), buf_str(&s->keep));
}

/* ---- running the reader */

static void job_of(const struct scan *s, struct image_reader_job *job)
{
  job->name = str_from(s->name);
  job->kind = s->options->kind;
  job->reference = s->options->choice.reference;
  job->platform = s->options->platform;
  job->flags = s->options->flags;
  job->secrets = s->options->secrets;
  job->secret_rules = s->options->secret_rules;
  job->image_layers = (uint32_t)s->facts->image.layer_count;
}

uint64_t scan_memory(const struct scan *s)
{
  return s->options->memory ? s->options->memory : MEMORY_DEFAULT;
}

int scan_run_reader(const struct scan *s, const struct image_reader_job *job,
                    const struct sandbox_options *options, const struct sandbox_calls *calls,
                    uint64_t memory, struct sandbox_report *report, struct error *err)
{
  _cleanup_(buf_free) struct buf argument = {0};
  struct sandbox_options mine = *options;
  image_reader_job_write(job, &argument);
  mine.memory = memory;
  mine.time_ms = s->options->time_ms ? s->options->time_ms : TIME_MS;
  mine.cpu_seconds = CPU_SECONDS;
  mine.total_bytes = UINT64_C(16) << 30;
  mine.frames = UINT64_C(1) << 32;
  return sandbox_run(&mine, &image_reader, buf_str(&argument), calls, report, err);
}

static int run_reader(struct scan *s, const struct image_reader_job *job,
                      const struct sandbox_options *options, const struct sandbox_calls *calls,
                      struct error *err)
{
  return scan_run_reader(s, job, options, calls, scan_memory(s), &s->facts->report, err);
}

static int take_description(void *ctx, struct str frame, struct error *err)
{
  struct scan *s = ctx;
  buf_clear(&s->keep);
  buf_add(&s->keep, frame);
  return image_reader_description(frame, s->facts->arena, &s->facts->image, err);
}

/* What an archive or the index of a layout says does not change while the file is the same. */
static bool description_key(const struct scan *s, char ret_key[static IMAGE_SCAN_KEY_MAX])
{
  const struct stat *st = &s->origin;
  const struct image_scan_options *o = s->options;
  if (!o->cache || !S_ISREG(st->st_mode) || o->choice.reference.len + o->platform.len > 200)
    return false;
  snprintf(ret_key, IMAGE_SCAN_KEY_MAX,
           "description %d %d %llx:%llx %llu %lld.%ld %lld.%ld \"%.*s\" %.*s", FACTS_FORMAT,
           (int)o->kind, (unsigned long long)st->st_dev, (unsigned long long)st->st_ino,
           (unsigned long long)st->st_size, (long long)st->st_mtim.tv_sec, st->st_mtim.tv_nsec,
           (long long)st->st_ctim.tv_sec, st->st_ctim.tv_nsec, STR_FMT(o->choice.reference),
           STR_FMT(o->platform));
  return true;
}

static bool take_kept_description(struct scan *s)
{
  char key[IMAGE_SCAN_KEY_MAX];
  struct error ignored;
  buf_clear(&s->keep);
  return description_key(s, key) &&
         s->options->cache->get(s->options->cache->ctx, str_from(key), &s->keep) &&
         image_reader_description(buf_str(&s->keep), s->facts->arena, &s->facts->image, &ignored) ==
             0;
}

/* A file that was changed just now may be changed again with the same time. */
static void keep_description(struct scan *s)
{
  char key[IMAGE_SCAN_KEY_MAX];
  bool settled = clock_wall_seconds(clock_system()) > s->origin.st_ctim.tv_sec + SETTLED_SECONDS;
  if (settled && description_key(s, key))
    s->options->cache->put(s->options->cache->ctx, str_from(key), buf_str(&s->keep));
}

static int describe(struct scan *s, struct image_reader_job *job, struct sandbox_options *options,
                    struct error *err)
{
  const struct sandbox_calls calls = {.frame = take_description, .context = s};
  if (take_kept_description(s))
    return 0;
  job->what = IMAGE_READER_DESCRIPTION;
  int rc = run_reader(s, job, options, &calls, err);
  if (rc == 0)
    keep_description(s);
  return rc;
}

static void prepare_layers(struct scan *s)
{
  struct image_facts *f = s->facts;
  f->layers = arena_zalloc(f->arena, f->image.layer_count + 1, sizeof *f->layers);
  s->merge = merge_new(f);
  s->progress = (struct image_scan_progress){.layers = (uint32_t)f->image.layer_count};
}

/* Layers that the cache does not have, in the order in which they lie in the source. */
static void choose_layers(struct scan *s)
{
  struct image_facts *f = s->facts;
  uint32_t *todo = arena_array(f->arena, uint32_t, f->image.layer_count + 1);
  for (uint32_t i = 0; i < f->image.layer_count; i++) {
    if (take_cached(s, i))
      continue;
    size_t at = s->todo_count++;
    for (; at && f->image.layers[todo[at - 1]].place > f->image.layers[i].place; at--)
      todo[at] = todo[at - 1];
    todo[at] = i;
    if (f->image.layers[i].packed.size != OCI_SIZE_UNKNOWN)
      s->progress.total += f->image.layers[i].packed.size;
  }
  s->todo = todo;
  s->progress.layers = (uint32_t)s->todo_count;
}

void scan_links_alone(struct image_reader_job *job)
{
  job->secrets = false;
  job->secret_rules = STR_EMPTY;
}

static int scan_once(struct scan *s, struct image_reader_job *job, struct sandbox_options *options,
                     struct error *err)
{
  int rc = describe(s, job, options, err);
  if (rc < 0)
    return rc;
  if (!s->facts->image.layer_count && !s->facts->image.layers)
    return error_set(err, SW_EINVAL, "the reader gave no description of the image");
  prepare_layers(s);
  choose_layers(s);
  job->what = IMAGE_READER_LAYERS;
  job->image_layers = (uint32_t)s->facts->image.layer_count;
  rc = s->todo_count ? scan_read_layers(s, job, options, err) : 0;
  return rc < 0 ? rc : merge_finish(s->merge, err);
}

/* A layer that needs more than its reader's part of the memory may have all of it: read alone. */
static int scan_local(struct scan *s, struct image_reader_job *job, struct sandbox_options *options,
                      struct error *err)
{
  int rc = scan_once(s, job, options, err);
  if (rc == 0 || !s->short_of_memory)
    return rc;
  struct arena *arena = s->facts->arena;
  merge_free(s->merge);
  image_facts_free(s->facts);
  image_facts_init(s->facts, arena);
  s->merge = NULL;
  s->todo_count = 0;
  s->alone = true;
  return scan_once(s, job, options, err);
}

static int end_scan(struct scan *s, int rc, struct error *err)
{
  merge_free(s->merge);
  buf_free(&s->keep);
  return rc < 0 ? error_wrap(err, "%s", s->name) : 0;
}

/* The index, if the directory is a layout. */
static void find_index(struct scan *s, const char *path)
{
  _cleanup_(buf_free) struct buf mark = {0}, index = {0};
  buf_printf(&mark, "%s/oci-layout", path);
  buf_printf(&index, "%s/index.json", path);
  if (access(buf_text(&mark), F_OK) < 0 || stat(buf_text(&index), &s->origin) < 0)
    memset(&s->origin, 0, sizeof s->origin);
}

static int scan_directory(const char *path, const struct image_scan_options *options,
                          struct image_facts *facts, struct error *err)
{
  struct scan s = {.options = options, .facts = facts, .name = path, .position = -1};
  struct image_reader_job job = {.from = IMAGE_READER_DIRECTORY};
  struct sandbox_options sandbox = {
      .profile = SANDBOX_FILES, .directories = &path, .directory_count = 1};
  find_index(&s, path);
  job_of(&s, &job);
  return end_scan(&s, scan_local(&s, &job, &sandbox, err), err);
}

int image_scan_descriptor(int fd, const char *name, const struct image_scan_options *options,
                          struct image_facts *facts, struct error *err)
{
  struct scan s = {.options = options, .facts = facts, .name = name, .position = fd};
  struct image_reader_job job = {.from = IMAGE_READER_ARCHIVE};
  struct sandbox_options sandbox = {.descriptors = &fd, .descriptor_count = 1};
  if (fstat(fd, &s.origin) < 0)
    memset(&s.origin, 0, sizeof s.origin);
  job_of(&s, &job);
  return end_scan(&s, scan_local(&s, &job, &sandbox, err), err);
}

int image_scan_path(const char *path, const struct image_scan_options *options,
                    struct image_facts *facts, struct error *err)
{
  struct stat st;
  if (stat(path, &st) < 0)
    return error_set_errno(err, errno, "%s", path);
  if (S_ISDIR(st.st_mode))
    return scan_directory(path, options, facts, err);
  int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
  if (fd < 0)
    return error_set_errno(err, errno, "%s", path);
  int rc = image_scan_descriptor(fd, path, options, facts, err);
  close(fd);
  return rc;
}

/* ---- layers as streams */

static int give_input(void *ctx, char *to, size_t room, size_t *ret_len, struct error *err)
{
  struct scan *s = ctx;
  int rc = s->input.read(s->input.ctx, to, room, ret_len, err);
  if (rc == 0) {
    s->progress.bytes += *ret_len;
    scan_tell_progress(s);
  }
  return rc;
}

static int run_stream(struct scan *s, struct oci_source *source, struct image_reader_job *job,
                      struct error *err)
{
  const struct sandbox_calls calls = {.frame = scan_take_piece, .input = give_input, .context = s};
  struct sandbox_options options = {0};
  int rc = oci_source_open_layer(source, &s->facts->image, job->layers[0], &s->input, err);
  if (rc < 0)
    return rc;
  rc = run_reader(s, job, &options, &calls, err);
  oci_source_close_layer(source, &s->input);
  return rc;
}

static int read_stream(struct scan *s, struct oci_source *source, uint32_t layer, struct error *err)
{
  const struct oci_image_layer *l = &s->facts->image.layers[layer];
  struct image_reader_job job = {.what = IMAGE_READER_LAYERS,
                                 .from = IMAGE_READER_INPUT,
                                 .layers = &layer,
                                 .layer_count = 1,
                                 .packed = l->packed,
                                 .diff_id = l->diff_id};
  job_of(s, &job);
  int rc = run_stream(s, source, &job, err);
  if (rc < 0 || !merge_again(s->merge, layer, &job.links, &job.link_count))
    return rc;
  scan_links_alone(&job);
  if (s->progress.total && l->packed.size != OCI_SIZE_UNKNOWN)
    s->progress.total += l->packed.size;
  return run_stream(s, source, &job, err);
}

static int scan_source(struct scan *s, struct oci_source *source, struct error *err)
{
  int rc = oci_source_image(source, &s->options->choice, s->facts->arena, &s->facts->image, err);
  if (rc < 0)
    return rc;
  prepare_layers(s);
  choose_layers(s);
  for (size_t i = 0; rc == 0 && i < s->todo_count; i++) {
    s->progress.layer = (uint32_t)i + 1;
    scan_start_keeping(s);
    rc = read_stream(s, source, s->todo[i], err);
    if (rc == 0)
      scan_put_cached(s, s->todo[i]);
  }
  return rc < 0 ? rc : merge_finish(s->merge, err);
}

int image_scan_source(struct oci_source *source, const char *name,
                      const struct image_scan_options *options, struct image_facts *facts,
                      struct error *err)
{
  struct scan s = {.options = options, .facts = facts, .name = name, .position = -1};
  return end_scan(&s, scan_source(&s, source, err), err);
}
