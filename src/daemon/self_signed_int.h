/*
 * self_signed_int.h - files in a directory that belongs to the user who runs the program, and to nobody
 * else's hands.
 *
 * Names are single names in the directory; messages have the directory in front of them.
 */
#ifndef SEAWALL_DAEMON_SELF_SIGNED_INT_H
#define SEAWALL_DAEMON_SELF_SIGNED_INT_H

#include "base/buf.h"
#include "base/error.h"
#include "base/str.h"

#include <stdbool.h>

struct own_directory {
  int fd;
  const char *path; /* the caller's */
};

/* Opens it; makes it, and what is above it, where it does not exist. */
int own_directory_open(const char *path, struct own_directory *ret, struct error *err);
void own_directory_close(struct own_directory *directory);

enum own_file {
  OWN_MISSING,
  OWN_READ,
  OWN_TOO_LARGE, /* nothing was read */
};

/* Reads a file into text, which is empty. A secret must not be readable by others. */
int own_file_read(const struct own_directory *directory, const char *name, bool secret,
                  struct buf *text, enum own_file *ret, struct error *err);

/* The file is there as a whole, on the disk, or as it was before. */
int own_file_write(const struct own_directory *directory, const char *name, bool secret,
                   struct str text, struct error *err);

/* NAME becomes NAME.old, if it is there. */
int own_file_set_aside(const struct own_directory *directory, const char *name, struct error *err);

/* Waits until no other process has the lock; closing the descriptor gives it back. */
int own_directory_lock(const struct own_directory *directory, unsigned wait_ms, int *ret_fd,
                       struct error *err);

#endif
