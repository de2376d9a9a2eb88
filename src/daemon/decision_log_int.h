/*
 * decision_log_int.h - the file below the decision log: whole lines, repaired ends, rotation. It belongs
 * to the writer's thread; names of files are its own.
 */
#ifndef SEAWALL_DAEMON_DECISION_LOG_INT_H
#define SEAWALL_DAEMON_DECISION_LOG_INT_H

#include "base/error.h"
#include "base/str.h"

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

struct decision_file {
  char *path; /* NULL: standard output */
  int fd;
  bool regular;
  bool unfinished; /* not a file: a line has been written in part */
  off_t size;
  off_t rotate_at; /* 0: never */
  uint64_t rotate_bytes;
  unsigned keep;
  bool dirty; /* written and not synced */
};

/* *ret_cut: bytes that were cut off the end, because they were no whole line. */
int decision_file_open(struct decision_file *file, uint64_t *ret_cut, struct error *err);
void decision_file_close(struct decision_file *file);

/* Opens the path anew; what was open stays on failure. */
int decision_file_reopen(struct decision_file *file, uint64_t *ret_cut, struct error *err);

/*
 * Writes whole lines, each with its newline. *ret_done: bytes of those that are written, also on
 * failure; nothing of any other is in the file. Where output is no file it may wait wait_ms; *ret_done
 * is then less, without an error, and a line may be unfinished: what follows it must be given next.
 */
int decision_file_write(struct decision_file *file, struct str lines, int wait_ms, size_t *ret_done,
                        struct error *err);

/* A line of that length should go to the next file. */
bool decision_file_is_full(const struct decision_file *file, size_t line);
int decision_file_rotate(struct decision_file *file, struct error *err);
int decision_file_sync(struct decision_file *file, struct error *err);

#endif
