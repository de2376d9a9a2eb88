/*
 * decision_log.h - every decision as a line of JSON, into a file or to standard output.
 *
 *     struct decision_log_options options = {.path = "/var/log/seawall/decisions.json"};
 *     if (decision_log_open(&options, &log, &err) < 0) ...
 *     decision_record_write(&line, mask, &record);             the line, secrets masked
 *     decision_log_add(log, buf_str(&line));                   false: dropped, and counted
 *     ... SIGHUP:  decision_log_reopen(log);
 *     ... SIGTERM: decision_log_close(log, 5000);
 *
 * Lines wait in a queue of queue_bytes (a line about a gap comes on top); one thread writes them. Where
 * the queue is full (the disk is full or slow, nobody reads standard output), decision_log_add waits at
 * most wait_ms, then drops the line. What cannot be written is tried again, each 0.1 to 1 s, until
 * there is room or the log is closed. Drops are counted, told by the event function (at the first, then
 * once in 10 s), and noted in the log when writing goes on: {"time":...,"gap":{"dropped":12}}.
 *
 * Lines are whole: one that was written in part, because the disk is full, is cut off again; what a kill
 * left at the end of a file is cut off when it is opened next. (Where output is no file, the rest of a
 * line follows as soon as it can, unless the log is closed before.)
 *
 * Files are made with mode 0600. When one has reached rotate_bytes, NAME becomes NAME.1, NAME.1
 * NAME.2 and so on, and what would be beyond `keep` is removed. If a file cannot be renamed, it grows
 * on, and it is tried again rotate_bytes later.
 *
 * Ownership: options are copied. Thread safety: add, reopen, flush and stats from any thread; close
 * once, when nobody adds any more. The event function is called by the writer's thread, which blocks all
 * signals.
 */
#ifndef SEAWALL_DAEMON_DECISION_LOG_H
#define SEAWALL_DAEMON_DECISION_LOG_H

#include "base/buf.h"
#include "base/clock.h"
#include "base/error.h"
#include "base/str.h"
#include "daemon/decision_record.h"

#include <stdbool.h>
#include <stdint.h>

enum decision_log_sync {
  DECISION_SYNC_NEVER,    /* the system writes to the disk when it likes */
  DECISION_SYNC_INTERVAL, /* each second, if something was written */
  DECISION_SYNC_ALWAYS,   /* behind every write; lines that arrive meanwhile go together */
};

enum decision_log_event {
  DECISION_LOG_FAILED,    /* writing, syncing, renaming or opening; told once for each message */
  DECISION_LOG_DROPPED,   /* lines were dropped */
  DECISION_LOG_RECOVERED, /* writing goes on */
  DECISION_LOG_REPAIRED,  /* the end of a file was no whole line, and was cut off */
};

struct decision_log_options {
  const char *path;      /* NULL or "-": standard output */
  uint64_t rotate_bytes; /* 0: never; at least 4 KiB. Not for standard output. */
  unsigned keep;         /* files besides the current one; at most 1,000 */
  size_t queue_bytes;    /* 0: 16 MiB; from 4 KiB to 1 GiB */
  unsigned wait_ms;      /* that a decision waits for room; 0: it does not; at most 10,000 */
  enum decision_log_sync sync;
  const struct clock *clock; /* for the time of gaps; NULL: the system's */
  void (*event)(void *context, enum decision_log_event event, const char *message);
  void *event_context;
};

struct decision_log_stats {
  uint64_t written; /* lines, those about gaps among them */
  uint64_t written_bytes;
  uint64_t dropped; /* lines */
  uint64_t gaps;    /* lines that say how many are missing; among those written, sooner or later */
  uint64_t errors;  /* calls of the system that failed */
  uint64_t rotations;
  uint64_t queued_bytes; /* now */
};

struct decision_log;

/* Opens, and repairs the end of a file. Errors: SW_EUSAGE (options), SW_EINVAL (not a file that lines can
 * be appended to), SW_ENOENT, SW_EACCES, SW_EIO. */
int decision_log_open(const struct decision_log_options *options, struct decision_log **ret,
                      struct error *err);

/* Queues a line, which has no newline. False: it was dropped (a line with one is, too). */
bool decision_log_add(struct decision_log *log, struct str line);

/* The writer closes the file and opens the path again, before it writes the next line. */
void decision_log_reopen(struct decision_log *log);

/* Waits until all that was added before has been written, and synced unless that is never done. SW_EIO:
 * not within timeout_ms. */
int decision_log_flush(struct decision_log *log, unsigned timeout_ms, struct error *err);

void decision_log_stats(struct decision_log *log, struct decision_log_stats *ret);

/* Writes what is queued, for drain_ms at most, and ends. Returns how many lines were left, one
 * about a gap among them: they are lost. NULL: 0. */
uint64_t decision_log_close(struct decision_log *log, unsigned drain_ms);

#endif
