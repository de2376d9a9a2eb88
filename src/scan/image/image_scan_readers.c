/*
 * Several readers side by side.
 *
 * Threads wait for readers, one each, and lay down what comes; the calling thread takes it in the order in which one
 * reader would have given it. So facts do not depend on who was faster, and merging, the cache and the progress know
 * one thread. What lies ready is bounded: a reader that is ahead waits.
 */
#include "scan/image/image_scan_int.h"

#include "base/pool.h"
#include "base/vec.h"

#include <fcntl.h>
#include <pthread.h>
#include <sys/eventfd.h>
#include <unistd.h>

enum {
  READERS_USUAL = 4,
  READERS_MAX = 16,
  /* Bytes of facts that lie ready, of all that are ahead; and of the one whose turn it is. */
  SPOOL_MAX = 16 << 20,
};

#define WORTH (UINT64_C(4) << 20) /* packed bytes that are worth a process */

/* Layers that one run of a reader reads. */
struct unit {
  size_t first, count; /* of those to be read */
  VEC(struct str) pieces;
  size_t bytes;
  bool done;
  int rc;
  struct error error;
  struct sandbox_report report;
};

struct crew {
  struct scan *scan;
  const struct image_reader_job *job;
  const struct sandbox_options *options;
  uint64_t memory; /* of each reader */
  int stop;        /* can be read when readers are to end */
  struct unit *units;
  size_t unit_count;
  pthread_mutex_t lock; /* of what follows, and of the units */
  pthread_cond_t changed;
  size_t next;  /* unit that nobody has begun */
  size_t turn;  /* unit whose facts are taken now */
  size_t ready; /* bytes of facts that lie ready, of all units */
  bool stopped;
};

struct lane {
  struct crew *crew;
  int fd; /* the archive, with a position of its own; -1: a directory */
  pthread_t thread;
};

/* ---- a reader */

struct spool {
  struct crew *crew;
  struct unit *unit;
};

/* Whoever's turn it is waits for nothing but to be rid of its own. */
static bool must_wait(const struct crew *c, const struct unit *u, size_t more)
{
  size_t ready = u == &c->units[c->turn] ? u->bytes : c->ready;
  return !c->stopped && ready && ready + more > SPOOL_MAX;
}

static int lay_down(void *ctx, struct str piece, struct error *err)
{
  const struct spool *spool = ctx;
  struct crew *c = spool->crew;
  struct unit *u = spool->unit;
  char *copy = mem_copy_text(piece.data, piece.len);
  pthread_mutex_lock(&c->lock);
  while (must_wait(c, u, piece.len))
    pthread_cond_wait(&c->changed, &c->lock);
  bool stopped = c->stopped;
  if (!stopped) {
    vec_push(&u->pieces, str_make(copy, piece.len));
    u->bytes += piece.len;
    c->ready += piece.len;
    pthread_cond_broadcast(&c->changed);
  }
  pthread_mutex_unlock(&c->lock);
  if (!stopped)
    return 0;
  mem_free(copy);
  return error_set(err, SW_EPIPE, "nobody waits for it any more");
}

static void run_unit(const struct lane *lane, struct unit *u)
{
  struct crew *c = lane->crew;
  struct image_reader_job job = *c->job;
  struct sandbox_options options = *c->options;
  struct spool spool = {c, u};
  const struct sandbox_calls calls = {.frame = lay_down, .context = &spool, .stop = c->stop};
  struct sandbox_report report = {0};
  struct error why = {0};
  job.layers = c->scan->todo + u->first;
  job.layer_count = u->count;
  if (lane->fd >= 0)
    options.descriptors = &lane->fd;
  int rc = scan_run_reader(c->scan, &job, &options, &calls, c->memory, &report, &why);
  pthread_mutex_lock(&c->lock);
  u->rc = rc;
  u->error = why;
  u->report = report;
  u->done = true;
  /* What comes behind a layer that could not be read is of no use. */
  if (rc < 0)
    c->next = c->unit_count;
  pthread_cond_broadcast(&c->changed);
  pthread_mutex_unlock(&c->lock);
}

static void *run_lane(void *ctx)
{
  const struct lane *lane = ctx;
  struct crew *c = lane->crew;
  pthread_mutex_lock(&c->lock);
  while (c->next < c->unit_count) {
    struct unit *u = &c->units[c->next++];
    pthread_mutex_unlock(&c->lock);
    run_unit(lane, u);
    pthread_mutex_lock(&c->lock);
  }
  pthread_mutex_unlock(&c->lock);
  return NULL;
}

/* ---- layers, one after the other */

struct taking {
  struct scan *scan;
  size_t at;         /* of the layers to be read: the one whose facts come now */
  struct buf *held;  /* of each: facts that wait for its second reading */
  size_t held_bytes; /* of all */
};

static void begin_layer(struct taking *t)
{
  if (t->at < t->scan->todo_count)
    t->scan->progress.layer = (uint32_t)t->at + 1;
  scan_start_keeping(t->scan);
}

static void keep_layer(struct taking *t, uint32_t layer)
{
  struct scan *s = t->scan;
  if (!s->keeping)
    return;
  if (merge_ended(s->merge, layer)) {
    scan_put_cached(s, layer);
  } else if (t->held_bytes + s->keep.len <= SCAN_FACTS_KEPT_MAX) {
    t->held_bytes += s->keep.len;
    t->held[t->at] = s->keep;
    s->keep = (struct buf){0};
  }
}

static void end_layer(struct taking *t)
{
  struct scan *s = t->scan;
  uint32_t layer = s->todo[t->at];
  uint64_t size = s->facts->image.layers[layer].packed.size;
  if (s->position < 0 && size != OCI_SIZE_UNKNOWN)
    s->progress.bytes += size;
  scan_tell_progress(s);
  keep_layer(t, layer);
}

/* A piece is of one layer, and the last of a layer ends it. */
static int take(void *ctx, struct str piece, struct error *err)
{
  struct taking *t = ctx;
  struct scan *s = t->scan;
  int rc = scan_take_piece(s, piece, err);
  while (rc == 0 && t->at < s->todo_count && merge_passed(s->merge, s->todo[t->at])) {
    end_layer(t);
    t->at++;
    begin_layer(t);
  }
  return rc;
}

/* ---- taking what readers lay down */

static void free_pieces(struct unit *u)
{
  for (size_t i = 0; i < u->pieces.count; i++)
    mem_free((char *)(uintptr_t)u->pieces.items[i].data);
  vec_free(&u->pieces);
}

/* What has come by now; false: that was all. */
static bool take_pieces(struct crew *c, struct unit *u, struct unit *ret)
{
  pthread_mutex_lock(&c->lock);
  if (c->turn != (size_t)(u - c->units))
    pthread_cond_broadcast(&c->changed);
  c->turn = (size_t)(u - c->units);
  while (!u->pieces.count && !u->done)
    pthread_cond_wait(&c->changed, &c->lock);
  *ret = *u;
  u->pieces.items = NULL;
  u->pieces.count = u->pieces.room = 0;
  c->ready -= u->bytes;
  u->bytes = 0;
  pthread_cond_broadcast(&c->changed);
  pthread_mutex_unlock(&c->lock);
  return ret->pieces.count > 0;
}

static int merge_unit(struct crew *c, struct unit *u, struct taking *t, struct error *err)
{
  struct scan *s = c->scan;
  struct unit now;
  int rc = 0;
  while (rc == 0 && take_pieces(c, u, &now)) {
    for (size_t i = 0; rc == 0 && i < now.pieces.count; i++)
      rc = take(t, now.pieces.items[i], err);
    free_pieces(&now);
  }
  if (rc < 0)
    return rc;
  s->facts->report = now.report;
  s->short_of_memory = now.rc < 0 && now.report.end == SANDBOX_END_MEMORY;
  if (now.rc < 0)
    *err = now.error;
  return now.rc;
}

static void stop(struct crew *c)
{
  const uint64_t one = 1;
  pthread_mutex_lock(&c->lock);
  c->stopped = true;
  c->next = c->unit_count;
  pthread_cond_broadcast(&c->changed);
  pthread_mutex_unlock(&c->lock);
  (void)!write(c->stop, &one, sizeof one);
}

static int read_alone(struct crew *c, struct taking *t, struct error *err)
{
  struct scan *s = c->scan;
  const struct sandbox_calls calls = {.frame = take, .context = t};
  struct image_reader_job job = *c->job;
  int rc = 0;
  for (size_t i = 0; rc == 0 && i < c->unit_count; i++) {
    job.layers = s->todo + c->units[i].first;
    job.layer_count = c->units[i].count;
    rc = scan_run_reader(s, &job, c->options, &calls, scan_memory(s), &s->facts->report, err);
  }
  return rc;
}

static int run_crew(struct crew *c, struct lane *lanes, size_t lane_count, struct taking *t,
                    struct error *err)
{
  size_t running = 0;
  int rc = 0;
  while (running < lane_count &&
         pthread_create(&lanes[running].thread, NULL, run_lane, &lanes[running]) == 0)
    running++;
  if (!running) /* the system refuses threads */
    return read_alone(c, t, err);
  for (size_t i = 0; rc == 0 && i < c->unit_count; i++)
    rc = merge_unit(c, &c->units[i], t, err);
  if (rc < 0)
    stop(c);
  for (size_t i = 0; i < running; i++)
    pthread_join(lanes[i].thread, NULL);
  for (size_t i = 0; i < c->unit_count; i++)
    free_pieces(&c->units[i]);
  return rc;
}

/* With a position of its own: descriptors that are copies share theirs. */
static int open_again(int fd)
{
  char path[40];
  snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
  return open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
}

/* As many lanes as can be had; what they have open is closed by close_lanes. */
static size_t open_lanes(struct crew *c, struct lane *lanes, size_t wanted)
{
  size_t count = 0;
  for (; count < wanted; count++) {
    int fd = -1;
    if (c->options->descriptor_count && (fd = open_again(c->options->descriptors[0])) < 0)
      break;
    lanes[count] = (struct lane){.crew = c, .fd = fd};
  }
  return count;
}

static void close_lanes(const struct lane *lanes, size_t count)
{
  for (size_t i = 0; i < count; i++)
    if (lanes[i].fd >= 0)
      close(lanes[i].fd);
}

static int read_together(struct crew *c, size_t readers, struct taking *t, struct error *err)
{
  struct lane lanes[READERS_MAX];
  size_t count = open_lanes(c, lanes, readers);
  c->stop = count > 1 ? eventfd(0, EFD_CLOEXEC) : -1;
  if (c->stop < 0) { /* the system refuses descriptors */
    close_lanes(lanes, count);
    return read_alone(c, t, err);
  }
  pthread_mutex_init(&c->lock, NULL);
  pthread_cond_init(&c->changed, NULL);
  c->memory = scan_memory(c->scan) / count;
  c->scan->position = -1;
  int rc = run_crew(c, lanes, count, t, err);
  close_lanes(lanes, count);
  pthread_cond_destroy(&c->changed);
  pthread_mutex_destroy(&c->lock);
  close(c->stop);
  return rc;
}

/* Layers whose facts ask for it are read once more, for hard links to what had gone by. */
static int read_again(struct crew *c, struct taking *t, struct error *err)
{
  struct scan *s = c->scan;
  const struct sandbox_calls calls = {.frame = scan_take_piece, .context = s};
  struct image_reader_job job = *c->job;
  int rc = 0;
  scan_links_alone(&job);
  for (size_t i = 0; rc == 0 && i < s->todo_count; i++) {
    if (!merge_again(s->merge, s->todo[i], &job.links, &job.link_count))
      continue;
    job.layers = &s->todo[i];
    job.layer_count = 1;
    scan_start_keeping(s);
    buf_add(&s->keep, buf_str(&t->held[i]));
    s->keeping = s->keeping && t->held[i].len;
    rc = scan_run_reader(s, &job, c->options, &calls, scan_memory(s), &s->facts->report, err);
    if (rc == 0)
      scan_put_cached(s, s->todo[i]);
  }
  return rc;
}

/* ---- who reads what */

/* What the layers are worth; of an archive that does not say it, their part of the file. */
static uint64_t size_of(const struct scan *s, size_t i)
{
  uint64_t size = s->facts->image.layers[s->todo[i]].packed.size;
  if (size != OCI_SIZE_UNKNOWN)
    return size;
  return s->position >= 0 ? (uint64_t)s->origin.st_size / s->facts->image.layer_count : WORTH;
}

/* An archive that is packed as a whole is unpacked from its beginning by everybody who wants something of it. */
static bool is_packed(const struct scan *s)
{
  static const char gzip[] = {0x1f, (char)0x8b}, zstd[] = {0x28, (char)0xb5, 0x2f, (char)0xfd};
  char head[4];
  if (s->position < 0 || pread(s->position, head, sizeof head, 0) != sizeof head)
    return false;
  return memcmp(head, gzip, sizeof gzip) == 0 || memcmp(head, zstd, sizeof zstd) == 0;
}

static size_t choose_readers(const struct scan *s)
{
  size_t worth = 0, wanted = s->options->readers;
  if (s->alone || is_packed(s))
    return 1;
  for (size_t i = 0; i < s->todo_count; i++)
    worth += wanted || size_of(s, i) >= WORTH;
  if (!wanted)
    wanted = pool_cpus();
  if (!s->options->readers && wanted > READERS_USUAL)
    wanted = READERS_USUAL;
  if (wanted > READERS_MAX)
    wanted = READERS_MAX;
  if (wanted > worth)
    wanted = worth;
  return wanted ? wanted : 1;
}

/*
 * With a cache every layer has a reader of its own, so that what one layer does to its reader is kept under no
 * other's name; but an archive that is packed as a whole would be unpacked for each. Without a cache one reader takes
 * all, or each takes what lies together and is worth it.
 */
static uint64_t choose_unit(const struct scan *s, size_t readers)
{
  uint64_t all = 0;
  if (s->options->cache && !is_packed(s))
    return 0;
  if (readers == 1)
    return UINT64_MAX;
  if (s->options->readers)
    return 0;
  for (size_t i = 0; i < s->todo_count; i++)
    all += size_of(s, i);
  return all / (2 * readers) > WORTH ? all / (2 * readers) : WORTH;
}

static void make_units(struct crew *c, uint64_t full)
{
  const struct scan *s = c->scan;
  uint64_t filled = full;
  c->units = mem_zalloc(s->todo_count, sizeof *c->units);
  for (size_t i = 0; i < s->todo_count; i++) {
    if (filled >= full) {
      c->units[c->unit_count++].first = i;
      filled = 0;
    }
    c->units[c->unit_count - 1].count++;
    filled += size_of(s, i);
  }
}

int scan_read_layers(struct scan *s, const struct image_reader_job *job,
                     const struct sandbox_options *options, struct error *err)
{
  struct crew crew = {.scan = s, .job = job, .options = options};
  struct taking taking = {.scan = s, .held = mem_zalloc(s->todo_count, sizeof *taking.held)};
  size_t readers = choose_readers(s);
  make_units(&crew, choose_unit(s, readers));
  if (readers > crew.unit_count)
    readers = crew.unit_count;
  begin_layer(&taking);
  int rc = readers > 1 ? read_together(&crew, readers, &taking, err)
                       : read_alone(&crew, &taking, err);
  if (rc == 0)
    rc = read_again(&crew, &taking, err);
  for (size_t i = 0; i < s->todo_count; i++)
    buf_free(&taking.held[i]);
  mem_free(taking.held);
  mem_free(crew.units);
  return rc;
}
