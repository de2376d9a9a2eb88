#include "daemon/decision_log.h"

#include "base/mem.h"
#include "daemon/decision_log_int.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <time.h>

enum {
  QUEUE_DEFAULT = 16 << 20,
  QUEUE_MIN = 4 << 10,
  QUEUE_MAX = 1 << 30,
  ROTATE_MIN = 4 << 10,
  KEEP_MAX = 1000,
  WAIT_MAX_MS = 10000,
  KEPT_MAX = 1 << 20, /* bytes of a buffer that is kept empty */
  RETRY_FIRST_MS = 100,
  RETRY_LAST_MS = 1000,
  STREAM_WAIT_MS = 100,
  SYNC_MS = 1000,
  TELL_MS = 10000, /* between two words about drops */
};

struct decision_log {
  struct decision_log_options options;
  struct decision_file file; /* the writer's */
  struct error told;         /* the writer's: the failure that was told last; code 0: none */
  uint64_t told_drops_at;    /* the writer's, ms */
  uint64_t synced_at;        /* the writer's, ms */

  pthread_mutex_t lock;   /* over everything below */
  pthread_cond_t work;    /* for the writer: lines, or an order */
  pthread_cond_t room;    /* for those who wait: lines have been written, or the writer has ended */
  struct buf pending;     /* lines that have come since the writer took some */
  uint64_t pending_lines; /* ever: of lines that were queued */
  size_t writing_bytes;   /* what the writer has taken and not written */
  uint64_t added, settled; /* bytes, ever: of lines added, and of those written or given up */
  uint64_t synced;         /* what of settled is on the disk as well */
  uint64_t gap;            /* lines dropped that the log does not say yet */
  uint64_t untold_drops;
  unsigned waiting; /* who waits in flush: the writer syncs for them */
  bool reopen, closing, abandoned, ended;
  struct decision_log_stats stats;
};

/* What the writer has taken out of the queue. */
struct batch {
  struct buf lines;
  size_t done; /* bytes that are written */
  uint64_t count;
};

static uint64_t now_ms(void)
{
  return clock_monotonic_ns(clock_system()) / 1000000;
}

static struct timespec moment(uint64_t ms)
{
  return (struct timespec){.tv_sec = (time_t)(ms / 1000), .tv_nsec = (long)(ms % 1000) * 1000000};
}

static void tell(struct decision_log *log, enum decision_log_event event, const char *message)
{
  if (log->options.event)
    log->options.event(log->options.event_context, event, message);
}

static void failed(struct decision_log *log, const struct error *err)
{
  pthread_mutex_lock(&log->lock);
  log->stats.errors++;
  pthread_mutex_unlock(&log->lock);
  if (log->told.code && strcmp(log->told.message, err->message) == 0)
    return;
  log->told = *err;
  tell(log, DECISION_LOG_FAILED, err->message);
}

static void recovered(struct decision_log *log)
{
  if (log->told.code)
    tell(log, DECISION_LOG_RECOVERED, "the decision log is written again");
  log->told.code = 0;
}

static void tell_repaired(struct decision_log *log, uint64_t cut)
{
  char message[96];
  if (!cut)
    return;
  snprintf(message, sizeof message, "an unfinished line of %llu bytes was cut off",
           (unsigned long long)cut);
  tell(log, DECISION_LOG_REPAIRED, message);
}

static void tell_drops(struct decision_log *log)
{
  char message[96];
  uint64_t drops = 0, now = now_ms();
  pthread_mutex_lock(&log->lock);
  if (log->untold_drops && (!log->told_drops_at || now - log->told_drops_at >= TELL_MS)) {
    drops = log->untold_drops;
    log->untold_drops = 0;
  }
  pthread_mutex_unlock(&log->lock);
  if (!drops)
    return;
  log->told_drops_at = now;
  snprintf(message, sizeof message, "%llu decisions were not logged: the queue is full",
           (unsigned long long)drops);
  tell(log, DECISION_LOG_DROPPED, message);
}

/* ---- the writer */

static void sync_file(struct decision_log *log)
{
  struct error err;
  log->synced_at = now_ms();
  if (log->file.dirty && decision_file_sync(&log->file, &err) < 0)
    failed(log, &err);
}

static void do_reopen(struct decision_log *log)
{
  struct error err;
  uint64_t cut;
  if (log->options.sync != DECISION_SYNC_NEVER)
    sync_file(log);
  if (decision_file_reopen(&log->file, &cut, &err) < 0)
    failed(log, &err);
  else
    tell_repaired(log, cut);
}

/* As many of the lines as go into the file that is open; at least one. */
static struct str lines_for_file(const struct decision_file *file, struct str rest)
{
  size_t len = 0;
  if (!file->rotate_at)
    return rest;
  while (len < rest.len) {
    size_t line = (size_t)str_find_byte(rest, len, '\n') + 1 - len;
    if (len && file->size + (off_t)(len + line) > file->rotate_at)
      break;
    len += line;
  }
  return str_sub(rest, 0, len);
}

static void rotate_if_full(struct decision_log *log, struct str rest)
{
  struct error err;
  size_t line = (size_t)str_find_byte(rest, 0, '\n') + 1;
  if (!decision_file_is_full(&log->file, line))
    return;
  if (decision_file_rotate(&log->file, &err) < 0) {
    failed(log, &err);
    return;
  }
  pthread_mutex_lock(&log->lock);
  log->stats.rotations++;
  pthread_mutex_unlock(&log->lock);
}

static uint64_t count_lines(struct str text)
{
  uint64_t lines = 0;
  for (ptrdiff_t at = -1; (at = str_find_byte(text, (size_t)(at + 1), '\n')) >= 0;)
    lines++;
  return lines;
}

/* Lets those who wait know how far it is. */
static void settle(struct decision_log *log, struct str done, bool written)
{
  uint64_t lines = count_lines(done);
  pthread_mutex_lock(&log->lock);
  log->settled += done.len;
  log->writing_bytes -= done.len;
  if (written) {
    log->stats.written += lines;
    log->stats.written_bytes += done.len;
  }
  pthread_cond_broadcast(&log->room);
  pthread_mutex_unlock(&log->lock);
}

/* True: something was written. */
static bool write_some(struct decision_log *log, struct batch *b)
{
  struct error err = {0};
  struct str rest = str_sub(buf_str(&b->lines), b->done, b->lines.len);
  size_t done = 0;
  rotate_if_full(log, rest);
  int rc = decision_file_write(&log->file, lines_for_file(&log->file, rest), STREAM_WAIT_MS, &done,
                               &err);
  settle(log, str_sub(rest, 0, done), true);
  b->done += done;
  if (rc < 0)
    failed(log, &err);
  else if (done)
    recovered(log);
  return done > 0;
}

/* Between two attempts. False: no more of them. */
static bool wait_to_retry(struct decision_log *log, unsigned ms)
{
  struct timespec until = moment(now_ms() + ms);
  pthread_mutex_lock(&log->lock);
  if (!log->abandoned && !log->reopen)
    pthread_cond_timedwait(&log->work, &log->lock, &until);
  bool go_on = !log->abandoned, reopen = log->reopen;
  log->reopen = false;
  pthread_mutex_unlock(&log->lock);
  if (reopen && go_on)
    do_reopen(log);
  return go_on;
}

static void write_batch(struct decision_log *log, struct batch *b)
{
  unsigned retry = RETRY_FIRST_MS;
  bool go_on = true;
  while (b->done < b->lines.len && go_on) {
    if (write_some(log, b)) {
      retry = RETRY_FIRST_MS;
      continue;
    }
    tell_drops(log);
    go_on = wait_to_retry(log, retry);
    retry = retry * 2 < RETRY_LAST_MS ? retry * 2 : RETRY_LAST_MS;
  }
  if (b->done < b->lines.len)
    settle(log, str_sub(buf_str(&b->lines), b->done, b->lines.len), false);
}

static bool sync_is_due(const struct decision_log *log, bool somebody_waits)
{
  if (!log->file.dirty || log->options.sync == DECISION_SYNC_NEVER)
    return false;
  return log->options.sync == DECISION_SYNC_ALWAYS || somebody_waits ||
         now_ms() - log->synced_at >= SYNC_MS;
}

/* A line that says how many are missing, behind those that came before. */
static void add_gap(struct decision_log *log, struct batch *b)
{
  char when[CLOCK_TEXT];
  clock_format(clock_wall_seconds(log->options.clock), when);
  size_t before = b->lines.len;
  buf_printf(&b->lines, "{\"time\":\"%s\",\"gap\":{\"dropped\":%llu}}\n", when,
             (unsigned long long)log->gap);
  log->gap = 0;
  log->stats.gaps++;
  log->pending_lines++;
  log->writing_bytes += b->lines.len - before;
  log->added += b->lines.len - before;
}

static bool has_work(const struct decision_log *log)
{
  return log->pending.len || log->closing || log->reopen || log->gap ||
         (log->waiting && log->synced < log->settled);
}

/* Waits for lines or orders, and takes them. False: nothing is left, and the log is closing. */
static bool take_batch(struct decision_log *log, struct batch *b, bool *ret_reopen,
                       bool *ret_waiting)
{
  if (b->lines.room > KEPT_MAX) /* a burst is over: its memory is not kept for the next */
    buf_free(&b->lines);
  pthread_mutex_lock(&log->lock);
  while (!has_work(log)) {
    struct timespec until = moment(now_ms() + SYNC_MS);
    if (!log->file.dirty || log->options.sync == DECISION_SYNC_NEVER)
      pthread_cond_wait(&log->work, &log->lock);
    else if (pthread_cond_timedwait(&log->work, &log->lock, &until) == ETIMEDOUT)
      break;
  }
  struct buf empty = b->lines;
  buf_clear(&empty);
  b->lines = log->pending;
  b->done = 0;
  log->pending = empty;
  log->writing_bytes = b->lines.len;
  if (log->gap)
    add_gap(log, b);
  *ret_reopen = log->reopen;
  *ret_waiting = log->waiting > 0;
  log->reopen = false;
  bool go_on = !log->closing || b->lines.len;
  pthread_mutex_unlock(&log->lock);
  return go_on;
}

static void mark_synced(struct decision_log *log)
{
  pthread_mutex_lock(&log->lock);
  if (!log->file.dirty || log->options.sync == DECISION_SYNC_NEVER)
    log->synced = log->settled;
  pthread_cond_broadcast(&log->room);
  pthread_mutex_unlock(&log->lock);
}

static void log_free(struct decision_log *log)
{
  decision_file_close(&log->file);
  buf_free(&log->pending);
  pthread_mutex_destroy(&log->lock);
  pthread_cond_destroy(&log->work);
  pthread_cond_destroy(&log->room);
  mem_free(log);
}

static void *writer(void *context)
{
  struct decision_log *log = context;
  struct batch batch = {0};
  bool reopen, waiting;
  while (take_batch(log, &batch, &reopen, &waiting)) {
    if (reopen)
      do_reopen(log);
    write_batch(log, &batch);
    if (sync_is_due(log, waiting))
      sync_file(log);
    mark_synced(log);
    tell_drops(log);
  }
  if (log->options.sync != DECISION_SYNC_NEVER)
    sync_file(log);
  buf_free(&batch.lines);
  pthread_mutex_lock(&log->lock);
  bool alone = log->abandoned && log->ended;
  log->ended = true;
  pthread_cond_broadcast(&log->room);
  pthread_mutex_unlock(&log->lock);
  if (alone)
    log_free(log);
  return NULL;
}

/* ---- the door */

static int check_options(const struct decision_log_options *o, struct error *err)
{
  if (o->rotate_bytes && (o->rotate_bytes < ROTATE_MIN || o->rotate_bytes > INT64_MAX / 2))
    return error_set(err, SW_EUSAGE, "a decision log is rotated at %d bytes at least", ROTATE_MIN);
  if (o->keep > KEEP_MAX)
    return error_set(err, SW_EUSAGE, "at most %d files of decisions are kept", KEEP_MAX);
  if (o->queue_bytes && (o->queue_bytes < QUEUE_MIN || o->queue_bytes > QUEUE_MAX))
    return error_set(err, SW_EUSAGE, "the queue of decisions has from %d to %d bytes", QUEUE_MIN,
                     QUEUE_MAX);
  if (o->wait_ms > WAIT_MAX_MS)
    return error_set(err, SW_EUSAGE, "a decision waits for its log %d ms at most", WAIT_MAX_MS);
  return 0;
}

static void init_locks(struct decision_log *log)
{
  pthread_condattr_t attributes;
  pthread_mutex_init(&log->lock, NULL);
  pthread_condattr_init(&attributes);
  pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
  pthread_cond_init(&log->work, &attributes);
  pthread_cond_init(&log->room, &attributes);
  pthread_condattr_destroy(&attributes);
}

/* A full pipe and a file that may not grow must be errors of a call, not signals. */
static int start_writer(struct decision_log *log, struct error *err)
{
  sigset_t all, before;
  pthread_t thread;
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, &before);
  int rc = pthread_create(&thread, NULL, writer, log);
  pthread_sigmask(SIG_SETMASK, &before, NULL);
  if (rc != 0)
    return error_set_errno(err, rc, "starting the writer of the decision log");
  pthread_detach(thread);
  return 0;
}

int decision_log_open(const struct decision_log_options *options, struct decision_log **ret,
                      struct error *err)
{
  uint64_t cut = 0;
  int rc = check_options(options, err);
  if (rc < 0)
    return rc;
  struct decision_log *log = mem_zalloc(1, sizeof *log);
  bool to_file = options->path && strcmp(options->path, "-") != 0;
  log->options = *options;
  log->options.path = NULL;
  if (!log->options.queue_bytes)
    log->options.queue_bytes = QUEUE_DEFAULT;
  if (!log->options.clock)
    log->options.clock = clock_system();
  log->file = (struct decision_file){
      .path = to_file ? mem_copy_text(options->path, strlen(options->path)) : NULL,
      .fd = -1,
      .rotate_bytes = options->rotate_bytes,
      .keep = options->keep,
  };
  init_locks(log);
  rc = decision_file_open(&log->file, &cut, err);
  tell_repaired(log, cut);
  if (rc == 0)
    rc = start_writer(log, err);
  if (rc < 0)
    log_free(log);
  else
    *ret = log;
  return rc;
}

static bool has_room(const struct decision_log *log, size_t more)
{
  return log->pending.len + log->writing_bytes + more <= log->options.queue_bytes;
}

bool decision_log_add(struct decision_log *log, struct str line)
{
  bool sound = str_find_byte(line, 0, '\n') < 0 && line.len < log->options.queue_bytes;
  pthread_mutex_lock(&log->lock);
  if (sound && log->options.wait_ms && !has_room(log, line.len + 1)) {
    struct timespec until = moment(now_ms() + log->options.wait_ms);
    while (!has_room(log, line.len + 1) &&
           pthread_cond_timedwait(&log->room, &log->lock, &until) != ETIMEDOUT)
      continue;
  }
  bool taken = sound && has_room(log, line.len + 1) && !log->closing;
  if (taken) {
    buf_add(&log->pending, line);
    buf_add_byte(&log->pending, '\n');
    log->added += line.len + 1;
    log->pending_lines++;
  } else {
    log->stats.dropped++;
    log->untold_drops++;
    log->gap++;
  }
  pthread_cond_signal(&log->work);
  pthread_mutex_unlock(&log->lock);
  return taken;
}

void decision_log_reopen(struct decision_log *log)
{
  pthread_mutex_lock(&log->lock);
  log->reopen = true;
  pthread_cond_signal(&log->work);
  pthread_mutex_unlock(&log->lock);
}

int decision_log_flush(struct decision_log *log, unsigned timeout_ms, struct error *err)
{
  struct timespec until = moment(now_ms() + timeout_ms);
  pthread_mutex_lock(&log->lock);
  uint64_t wanted = log->added;
  log->waiting++;
  pthread_cond_signal(&log->work);
  while (log->synced < wanted &&
         pthread_cond_timedwait(&log->room, &log->lock, &until) != ETIMEDOUT)
    continue;
  log->waiting--;
  bool done = log->synced >= wanted;
  pthread_mutex_unlock(&log->lock);
  return done ? 0
              : error_set(err, SW_EIO, "the decision log was not written within %u ms", timeout_ms);
}

void decision_log_stats(struct decision_log *log, struct decision_log_stats *ret)
{
  pthread_mutex_lock(&log->lock);
  *ret = log->stats;
  ret->queued_bytes = log->pending.len + log->writing_bytes;
  pthread_mutex_unlock(&log->lock);
}

static void wait_for_end(struct decision_log *log, uint64_t ms)
{
  struct timespec until = moment(now_ms() + ms);
  while (!log->ended && pthread_cond_timedwait(&log->room, &log->lock, &until) != ETIMEDOUT)
    continue;
}

uint64_t decision_log_close(struct decision_log *log, unsigned drain_ms)
{
  if (!log)
    return 0;
  pthread_mutex_lock(&log->lock);
  log->closing = true;
  pthread_cond_broadcast(&log->work);
  wait_for_end(log, drain_ms);
  /* Given up: the writer ends at its next step, unless the system does not come back to it. */
  log->abandoned = true;
  pthread_cond_broadcast(&log->work);
  wait_for_end(log, log->ended ? 0 : 2 * STREAM_WAIT_MS);
  uint64_t left = log->pending_lines - log->stats.written;
  bool ended = log->ended;
  log->ended = true;
  pthread_mutex_unlock(&log->lock);
  if (ended)
    log_free(log);
  return left;
}
