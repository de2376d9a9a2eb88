/*
 * sink.h - where output goes: a file descriptor, a file that appears only when it
 * is complete, or memory.
 *
 * Writing is buffered (64 KiB). The first error is remembered, everything after
 * it is dropped, and sink_finish tells: nobody has to check each write.
 *
 *     struct sink out;
 *     if (sink_to_file(&out, "report.json", &err) < 0) ...
 *     sink_add(&out, STR("{}"));
 *     if (sink_finish(&out, &err) < 0) ...      the file is there, or is as it was before
 *     sink_free(&out);
 *
 * A sink to a file writes beside it and renames at the end, so that a full disk or
 * a kill leaves the earlier file untouched. A new file has mode 0666 less the
 * umask, one that is replaced keeps its mode; through a symbolic link the file it
 * leads to is replaced. If the path names something that is not a regular file (a
 * FIFO, a device), it is written directly; /dev/stdout, /dev/stderr and
 * /dev/fd/N are the open descriptors themselves.
 *
 * Messages of sink_to_file begin with the path; those of the other functions do
 * not name where they were writing to: wrap them. Whoever writes to pipes ignores
 * SIGPIPE.
 *
 * Thread safety: a sink belongs to one thread.
 */
#ifndef SEAWALL_BASE_SINK_H
#define SEAWALL_BASE_SINK_H

#include "base/buf.h"
#include "base/error.h"

#include <stdbool.h>
#include <stdint.h>

enum { SINK_BUFFER = 64 << 10 };

struct sink {
  struct buf buf; /* what has not been written yet; formats may add to it directly */
  int fd;         /* -1: memory, or finished */
  bool memory;
  bool owned;      /* fd is closed by the sink */
  char *path;      /* of the file to appear; NULL: none */
  char *temporary; /* what is written until then */
  unsigned mode;   /* of the file that is replaced */
  bool replaces;
  struct error error; /* the first there was; code 0: none */
  uint64_t written;   /* bytes handed to the system */
};

/* Into an open descriptor, which stays open. */
void sink_to_fd(struct sink *s, int fd);

/* Into memory: the text is s->buf. At most cap bytes (0: BUF_CAP_DEFAULT). */
void sink_to_memory(struct sink *s, size_t cap);

/*
 * Into a file that replaces `path` at sink_finish. On failure the sink takes and
 * drops everything; it may be freed, and need not be.
 * Errors: SW_ENOENT (no such directory), SW_EACCES, SW_EINVAL (a directory), SW_EIO.
 */
int sink_to_file(struct sink *s, const char *path, struct error *err);

/* Writes out what is buffered if it is a buffer's worth; call it between pieces of output when
 * adding to s->buf directly. */
void sink_settle(struct sink *s);

void sink_add(struct sink *s, struct str text);
void sink_printf(struct sink *s, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Writes out what is buffered, however little. Returns the first error there was. */
int sink_flush(struct sink *s, struct error *err);

/*
 * Writes all; a file is synced and appears under its name. The sink is empty
 * afterwards (a memory sink keeps its text until sink_free); finishing it again
 * only answers the same.
 * Returns the first error there was: SW_EPIPE (nobody reads any more), SW_ELIMIT
 * (memory: larger than its cap), SW_EACCES, SW_EIO (disk full and others).
 */
int sink_finish(struct sink *s, struct error *err);

/* Gives everything up; a file that was not finished does not appear. */
void sink_free(struct sink *s);

#endif
