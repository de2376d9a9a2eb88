/*
 * file.h - whole files in.
 *
 * Reading takes a limit in bytes, looked at before anything is read (by the
 * size the system states) and again while reading (a file may grow, and files
 * of /proc state 0). By name only regular files are read, so that a FIFO, a
 * terminal or a device in a tree never makes the program wait; whoever means
 * one says FILE_ANY_KIND, and waits as cat would.
 *
 *     _cleanup_(buf_free) struct buf text = {0};
 *     if (file_read("manifests/web.yaml", 64 << 20, &text, err) < 0)
 *         return err->code;
 *
 * Messages begin with the name of the file. The text read is appended to the
 * buf; on failure the buf is as before. A path of "-" is a file called "-":
 * standard input is file_read_fd(0, "standard input", ...). Files are written through
 * base/sink.h.
 *
 * Thread safety: all functions may be called from any thread, one buf by one.
 */
#ifndef SEAWALL_BASE_FILE_H
#define SEAWALL_BASE_FILE_H

#include "base/buf.h"
#include "base/error.h"
#include "base/mem.h"

#include <stdint.h>

enum file_flags {
  FILE_ANY_KIND = 1,  /* FIFOs and devices too; opening and reading may wait */
  FILE_NO_FOLLOW = 2, /* a symbolic link is an error */
};

/*
 * Appends a regular file of at most limit bytes to ret_text.
 * Errors: SW_ENOENT, SW_EACCES, SW_EINVAL (a directory, not a regular file),
 * SW_ELIMIT (larger than limit, or than ret_text may grow), SW_EIO.
 */
int file_read(const char *path, size_t limit, struct buf *ret_text, struct error *err);

/* Opens for reading, path relative to the directory dir (AT_FDCWD: the working directory), flags
 * of enum file_flags; name is what messages call it. Returns the descriptor (close-on-exec, the
 * caller closes it) or an error as file_read. */
int file_open_at(int dir, const char *path, const char *name, unsigned flags, struct error *err);

/* Appends what is left to read from fd, which stays open, to ret_text. fd may be of any kind. */
int file_read_fd(int fd, const char *name, size_t limit, struct buf *ret_text, struct error *err);

/* Writes all len bytes, waiting where fd does not block. SW_EPIPE if nobody reads any more (the
 * caller ignores SIGPIPE), else SW_EIO. The message does not name fd: wrap it. */
int fd_write_all(int fd, const void *data, size_t len, struct error *err);

enum { FILE_SIZE_TEXT = 24 };

/* A number of bytes for people: "812 bytes", "1.5 MiB", "64 MiB". Returns ret_text. */
const char *file_size_text(uint64_t bytes, char ret_text[static FILE_SIZE_TEXT]);

/* For `_cleanup_(file_closep) int fd = -1;` */
void file_closep(int *fd);

#endif
