/*
 * log.h - what the program itself has to tell while it runs: one line for each event.
 *
 *     struct log_options options = {.fd = STDERR_FILENO, .format = LOG_FORMAT_TEXT,
 *                                   .level = LOG_INFO, .color = console_color(STDERR_FILENO)};
 *     struct log *log = log_new(&options);
 *     log_write(log, LOG_INFO, "policies loaded", LOG_TEXT("path", path), LOG_COUNT("policies", n),
 *               LOG_DURATION("took", ns));
 *     log_free(log);
 *
 * Text:  2026-11-21T07:25:52.123Z INFO  policies loaded path=/etc/seawall policies=12 took=3.41ms
 * JSON:  {"time":"2026-11-21T07:25:52.123Z","level":"info","msg":"policies loaded",
 *         "path":"/etc/seawall","policies":12,"took":0.003412345}           (on one line)
 *
 * Times are UTC. Durations are seconds in JSON; in text they have their unit, and three digits. Messages and
 * keys are literals: what varies stands in fields, so that a message can be searched for, and counted.
 * Keys are words (a-z, 0-9, "_", "."); "time", "level", "msg", "suppressed" and "cut" are the log's own.
 *
 * Texts may come from anybody. What is not plainly visible (control characters, marks that turn the
 * direction of writing, bytes that are no UTF-8) is written as an escape; in text, a value is quoted if
 * it could be taken for something else. A line is at most LOG_LINE_MAX bytes, its end included, so that
 * pipes take it whole; a text is at most LOG_TEXT_MAX bytes. What is cut ends in "...", and fields that
 * found no room are told by cut=N.
 *
 * Repetitions: of lines with the same level and message, `burst` are written in a window of `window_ms`;
 * what goes beyond is counted, and told when the window is over by one line with the message and
 * suppressed=N. (It is told by whatever is logged next, by log_settle and by log_free.) So nobody fills a disk by
 * causing errors. Debug lines are not held back: who asks for them wants them all. LOG_KINDS_MAX messages
 * are remembered; beyond, the one that is longest past gives way.
 *
 * Writing is one write(2) a line. Where the descriptor takes nothing (nobody reads a pipe, a terminal has
 * been stopped), one line waits LOG_WAIT_MS, the following not at all until something is taken again:
 * they are lost, and counted; how many is told then. Pipes and terminals are opened once more for this,
 * because whether a descriptor waits is shared with other processes; a pipe's reader therefore sees the
 * end only after log_free. Nothing here ever fails the caller; errno stays as it was.
 *
 * Ownership: the log owns its memory, not options.fd. Every function takes NULL for a log that says
 * nothing. Thread safety: all but log_new and log_free from any thread; not from signal handlers. Whoever
 * writes to pipes ignores SIGPIPE. Only cmd/ and daemon/ log.
 */
#ifndef SEAWALL_BASE_LOG_H
#define SEAWALL_BASE_LOG_H

#include "base/clock.h"
#include "base/mem.h"
#include "base/str.h"

#include <stdbool.h>
#include <stdint.h>

enum {
  LOG_LINE_MAX = 4096, /* PIPE_BUF of Linux */
  LOG_TEXT_MAX = 1024, /* bytes of a text as it came, before escapes */
  LOG_FIELDS_MAX = 32,
  LOG_KINDS_MAX = 256,
  LOG_WAIT_MS = 50,
  LOG_BURST_DEFAULT = 20,
  LOG_WINDOW_DEFAULT_MS = 60000,
};

/* In the order of serve_config.h's. */
enum log_level { LOG_DEBUG, LOG_INFO, LOG_WARN, LOG_ERROR };

enum log_format { LOG_FORMAT_TEXT, LOG_FORMAT_JSON };

/* "debug", "info", "warn", "error". */
struct str log_level_name(enum log_level level);

struct log_options {
  int fd;
  enum log_format format;
  enum log_level level;
  bool color;                /* text: the level in colour */
  bool brief_time;           /* text: the time of day alone, for somebody who watches */
  unsigned burst;            /* 0: LOG_BURST_DEFAULT; UINT_MAX: nothing is held back */
  unsigned window_ms;        /* 0: LOG_WINDOW_DEFAULT_MS */
  const struct clock *clock; /* NULL: the system's */
};

struct log_stats {
  uint64_t written;    /* lines */
  uint64_t suppressed; /* held back as repetitions */
  uint64_t lost;       /* the descriptor did not take them */
};

struct log;

struct log *log_new(const struct log_options *options);

/* Tells what was held back, and ends. */
void log_free(struct log *log);
MEM_DEFINE_CLEANUP(struct log, log_free)

/* The level from which on lines are written; it may be changed at any time. */
void log_set_level(struct log *log, enum log_level level);
bool log_enabled(const struct log *log, enum log_level level);

/* Tells repetitions whose window is over. Cheap: to be called about once a second. */
void log_settle(struct log *log);

void log_stats(const struct log *log, struct log_stats *ret);

/* ---- fields */

enum log_kind { LOG_KIND_TEXT, LOG_KIND_INT, LOG_KIND_COUNT, LOG_KIND_BOOL, LOG_KIND_DURATION };

struct log_field {
  struct str key;
  enum log_kind kind;
  union {
    struct str text;
    int64_t integer;
    uint64_t count; /* and duration, in nanoseconds */
    bool yes;
  };
};

static inline struct str log_str(struct str s)
{
  return s;
}

/* A struct str or a zero-terminated text; NULL is the empty text. */
#define LOG_TEXT(field, s)                                                                         \
  ((struct log_field){.key = STR(field),                                                           \
                      .kind = LOG_KIND_TEXT,                                                       \
                      .text = _Generic((s), struct str                                             \
                                       : log_str, default                                          \
                                       : str_from)(s)})
#define LOG_INT(field, n)                                                                          \
  ((struct log_field){.key = STR(field), .kind = LOG_KIND_INT, .integer = (n)})
#define LOG_COUNT(field, n)                                                                        \
  ((struct log_field){.key = STR(field), .kind = LOG_KIND_COUNT, .count = (n)})
#define LOG_BOOL(field, b)                                                                         \
  ((struct log_field){.key = STR(field), .kind = LOG_KIND_BOOL, .yes = (b)})
#define LOG_DURATION(field, ns)                                                                    \
  ((struct log_field){.key = STR(field), .kind = LOG_KIND_DURATION, .count = (ns)})

/* ---- writing */

/*
 * log_write(log, level, "message", fields...): a line. The fields are evaluated only if the level is
 * written.
 */
#define log_write(to, level, message, ...) LOG_WRITE_BY_(log_put, to, level, message, ##__VA_ARGS__)

/* The same, but never held back as a repetition: for lines that only the operator can cause, and of which
 * he wants to see all, like the mistakes in his policies. */
#define log_write_each(to, level, message, ...)                                                    \
  LOG_WRITE_BY_(log_put_each, to, level, message, ##__VA_ARGS__)

#define LOG_WRITE_BY_(put, to, level, message, ...)                                                \
  do {                                                                                             \
    struct log *log_to_ = (to);                                                                    \
    enum log_level log_level_ = (level);                                                           \
    if (log_enabled(log_to_, log_level_)) {                                                        \
      const struct log_field log_fields_[] = {{.kind = LOG_KIND_TEXT}, ##__VA_ARGS__};             \
      put(log_to_, log_level_, STR(message), log_fields_ + 1,                                      \
          sizeof log_fields_ / sizeof *log_fields_ - 1);                                           \
    }                                                                                              \
  } while (0)

/* The same with a list of fields; those beyond LOG_FIELDS_MAX are counted as cut. */
void log_put(struct log *log, enum log_level level, struct str message,
             const struct log_field *fields, size_t count);
void log_put_each(struct log *log, enum log_level level, struct str message,
                  const struct log_field *fields, size_t count);

#endif
