#include "base/log.h"

#include "base/hash.h"
#include "base/log_int.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

/* A message that was written, and how often in its window. */
struct kind {
  uint64_t hash; /* of level and message */
  char *message;
  size_t message_len;
  enum log_level level;
  uint64_t start_ns; /* of the window */
  unsigned written;
  uint64_t held_back;
};

struct log {
  struct log_options options;
  const struct log_format_ops *ops;
  const struct clock *clock;
  uint64_t window_ns;
  _Atomic unsigned level;

  pthread_mutex_t counting; /* over the next three */
  struct kind kinds[LOG_KINDS_MAX];
  size_t kind_count;
  uint64_t settle_ns; /* when the first window with something held back is over; UINT64_MAX: none */

  pthread_mutex_t writing; /* over the next six */
  int fd;
  bool owned;      /* fd was opened here, and does not block */
  bool socket;     /* fd is one */
  bool stalled;    /* the line before was not taken: the next does not wait */
  bool mid_line;   /* a line was taken in part: a newline is missing */
  uint64_t untold; /* lines lost since the last that was told */

  _Atomic uint64_t lines, suppressed, lost;
};

struct str log_level_name(enum log_level level)
{
  static const char names[][6] = {"debug", "info", "warn", "error"};
  return str_from(names[level <= LOG_ERROR ? level : LOG_ERROR]);
}

/* A descriptor of our own for the same pipe or terminal, that does not wait: O_NONBLOCK on the one we were
 * given would be seen by every process that shares it. */
static void open_anew(struct log *log)
{
  struct stat st;
  if (fstat(log->fd, &st) < 0)
    return;
  log->socket = S_ISSOCK(st.st_mode);
  if (!S_ISFIFO(st.st_mode) && !S_ISCHR(st.st_mode))
    return;
  char path[32];
  snprintf(path, sizeof path, "/proc/self/fd/%d", log->fd);
  int fd = open(path, O_WRONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
  if (fd < 0)
    return;
  log->fd = fd;
  log->owned = true;
}

struct log *log_new(const struct log_options *options)
{
  int saved = errno;
  struct log *log = mem_zalloc(1, sizeof *log);
  log->options = *options;
  if (!log->options.burst)
    log->options.burst = LOG_BURST_DEFAULT;
  log->window_ns = (uint64_t)(options->window_ms ? options->window_ms : LOG_WINDOW_DEFAULT_MS) *
                   1000000;
  log->ops = log_format_ops(options->format);
  log->clock = options->clock ? options->clock : clock_system();
  log->settle_ns = UINT64_MAX;
  log->fd = options->fd;
  atomic_init(&log->level, (unsigned)options->level);
  pthread_mutex_init(&log->counting, NULL);
  pthread_mutex_init(&log->writing, NULL);
  open_anew(log);
  errno = saved;
  return log;
}

void log_set_level(struct log *log, enum log_level level)
{
  if (log)
    atomic_store_explicit(&log->level, (unsigned)level, memory_order_relaxed);
}

bool log_enabled(const struct log *log, enum log_level level)
{
  return log && level <= LOG_ERROR &&
         (unsigned)level >= atomic_load_explicit(&log->level, memory_order_relaxed);
}

void log_stats(const struct log *log, struct log_stats *ret)
{
  *ret = (struct log_stats){0};
  if (!log)
    return;
  ret->written = atomic_load_explicit(&log->lines, memory_order_relaxed);
  ret->suppressed = atomic_load_explicit(&log->suppressed, memory_order_relaxed);
  ret->lost = atomic_load_explicit(&log->lost, memory_order_relaxed);
}

/* ---- to the descriptor */

/* Bytes taken, 0 if none are. The wait is over for a signal, too: it is not to be prolonged for ever. */
static size_t hand_over(struct log *log, const char *data, size_t len)
{
  struct pollfd ready = {.fd = log->fd, .events = POLLOUT};
  if (poll(&ready, 1, log->stalled ? 0 : LOG_WAIT_MS) <= 0)
    return 0;
  ssize_t put;
  do
    put = log->socket ? send(log->fd, data, len, MSG_DONTWAIT | MSG_NOSIGNAL)
                      : write(log->fd, data, len);
  while (put < 0 && errno == EINTR);
  return put > 0 ? (size_t)put : 0;
}

static bool write_line(struct log *log, const struct log_line *line)
{
  size_t skip = log->mid_line ? 0 : 1, len = line->len - skip;
  size_t put = hand_over(log, line->data + skip, len);
  if (put)
    log->mid_line = put < len;
  log->stalled = put < len;
  if (!log->stalled)
    atomic_fetch_add_explicit(&log->lines, 1, memory_order_relaxed);
  return !log->stalled;
}

static void compose(struct log *log, struct log_line *line, enum log_level level,
                    struct str message, const struct log_field *fields, size_t count)
{
  line->data[0] = '\n';
  line->len = 1;
  line->cut = count > LOG_FIELDS_MAX ? (unsigned)(count - LOG_FIELDS_MAX) : 0;
  struct log_head head = {.time_ms = clock_wall_ms(log->clock),
                          .level = level,
                          .message = message,
                          .color = log->options.color,
                          .brief_time = log->options.brief_time};
  log->ops->head(line, &head);
  for (size_t i = 0; i < count && i < LOG_FIELDS_MAX; i++)
    log->ops->field(line, &fields[i]);
  log->ops->end(line);
}

/* Before the first line that is taken again. */
static bool tell_lost(struct log *log)
{
  if (!log->untold)
    return true;
  struct log_line line;
  struct log_field field = LOG_COUNT("lost", log->untold);
  compose(log, &line, LOG_WARN,
          STR("lines of this log were lost: it was not read, or the disk is full"), &field, 1);
  if (!write_line(log, &line))
    return false;
  log->untold = 0;
  return true;
}

static void emit(struct log *log, enum log_level level, struct str message,
                 const struct log_field *fields, size_t count)
{
  struct log_line line;
  compose(log, &line, level, message, fields, count);
  pthread_mutex_lock(&log->writing);
  if (!tell_lost(log) || !write_line(log, &line)) {
    log->untold++;
    atomic_fetch_add_explicit(&log->lost, 1, memory_order_relaxed);
  }
  pthread_mutex_unlock(&log->writing);
}

/* ---- repetitions */

/* What was held back of a kind, taken out of the table to be told without the lock. */
struct held_back {
  char *message; /* owned; NULL: nothing was */
  size_t message_len;
  enum log_level level;
  uint64_t count;
};

static struct held_back take_held_back(struct kind *kind, bool keep_message)
{
  struct held_back taken = {0};
  if (kind->held_back)
    taken = (struct held_back){keep_message ? mem_copy_text(kind->message, kind->message_len)
                                            : kind->message,
                               kind->message_len, kind->level, kind->held_back};
  else if (!keep_message)
    mem_free(kind->message);
  kind->held_back = 0;
  return taken;
}

static void tell_held_back(struct log *log, struct held_back *taken)
{
  if (!taken->message)
    return;
  struct log_field field = LOG_COUNT("suppressed", taken->count);
  emit(log, taken->level, str_make(taken->message, taken->message_len), &field, 1);
  mem_free(taken->message);
  taken->message = NULL;
}

/* The kind of a message, and in *ret_gone what is to be told of the one that gave way to it. */
static struct kind *kind_of(struct log *log, enum log_level level, struct str message, uint64_t now,
                            struct held_back *ret_gone)
{
  uint64_t hash = hash_mix(hash_bytes(message), level);
  struct kind *oldest = log->kinds;
  for (size_t i = 0; i < log->kind_count; i++) {
    struct kind *kind = &log->kinds[i];
    if (kind->hash == hash && kind->level == level &&
        str_eq(str_make(kind->message, kind->message_len), message))
      return kind;
    if (kind->start_ns < oldest->start_ns)
      oldest = kind;
  }
  struct kind *kind = oldest;
  if (log->kind_count < LOG_KINDS_MAX)
    kind = &log->kinds[log->kind_count++];
  else
    *ret_gone = take_held_back(oldest, false);
  *kind =
      (struct kind){hash, mem_copy_text(message.data, message.len), message.len, level, now, 0, 0};
  return kind;
}

/* Whether a line may be written; *ret_before is to be told first. */
static bool admit(struct log *log, enum log_level level, struct str message,
                  struct held_back *ret_before)
{
  if (level == LOG_DEBUG || log->options.burst == UINT_MAX)
    return true;
  uint64_t now = clock_monotonic_ns(log->clock);
  pthread_mutex_lock(&log->counting);
  struct kind *kind = kind_of(log, level, str_sub(message, 0, LOG_TEXT_MAX), now, ret_before);
  if (now - kind->start_ns >= log->window_ns) {
    *ret_before = take_held_back(kind, true);
    kind->start_ns = now;
    kind->written = 0;
  }
  bool may = kind->written < log->options.burst;
  if (may) {
    kind->written++;
  } else {
    kind->held_back++;
    uint64_t end = kind->start_ns + log->window_ns;
    if (end < log->settle_ns)
      log->settle_ns = end;
    atomic_fetch_add_explicit(&log->suppressed, 1, memory_order_relaxed);
  }
  pthread_mutex_unlock(&log->counting);
  return may;
}

/* The next kind whose window is over at `now`, with something to tell; none: the time of the next. */
static struct held_back next_settled(struct log *log, uint64_t now)
{
  struct held_back taken = {0};
  pthread_mutex_lock(&log->counting);
  if (now >= log->settle_ns) {
    uint64_t earliest = UINT64_MAX;
    for (size_t i = 0; i < log->kind_count && !taken.message; i++) {
      struct kind *kind = &log->kinds[i];
      uint64_t end = kind->start_ns + log->window_ns;
      if (kind->held_back && end <= now)
        taken = take_held_back(kind, true);
      else if (kind->held_back && end < earliest)
        earliest = end;
    }
    if (!taken.message)
      log->settle_ns = earliest;
  }
  pthread_mutex_unlock(&log->counting);
  return taken;
}

void log_settle(struct log *log)
{
  if (!log)
    return;
  int saved = errno;
  uint64_t now = clock_monotonic_ns(log->clock);
  for (;;) {
    struct held_back taken = next_settled(log, now);
    if (!taken.message)
      break;
    tell_held_back(log, &taken);
  }
  errno = saved;
}

void log_put(struct log *log, enum log_level level, struct str message,
             const struct log_field *fields, size_t count)
{
  if (!log_enabled(log, level))
    return;
  int saved = errno;
  struct held_back before = {0};
  bool may = admit(log, level, message, &before);
  tell_held_back(log, &before);
  log_settle(log);
  if (may)
    emit(log, level, message, fields, count);
  errno = saved;
}

void log_put_each(struct log *log, enum log_level level, struct str message,
                  const struct log_field *fields, size_t count)
{
  if (!log_enabled(log, level))
    return;
  int saved = errno;
  log_settle(log);
  emit(log, level, message, fields, count);
  errno = saved;
}

void log_free(struct log *log)
{
  if (!log)
    return;
  int saved = errno;
  for (size_t i = 0; i < log->kind_count; i++) {
    struct held_back taken = take_held_back(&log->kinds[i], false);
    tell_held_back(log, &taken);
  }
  pthread_mutex_lock(&log->writing);
  tell_lost(log);
  pthread_mutex_unlock(&log->writing);
  if (log->owned)
    close(log->fd);
  pthread_mutex_destroy(&log->writing);
  pthread_mutex_destroy(&log->counting);
  mem_free(log);
  errno = saved;
}
