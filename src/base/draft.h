/*
 * draft.h - a large file made beside the one it replaces, and put in its place when it is whole.
 *
 *     struct draft draft = {0};
 *     if (draft_open(&draft, "/var/lib/seawall/advisories.db", &err) < 0) ...
 *     ... write draft.fd, or let a library write draft.path ...
 *     rc = draft_publish(&draft, &err);       on the disk, and under its name
 *     draft_free(&draft);                     a draft that was not published is removed
 *
 * A process that is killed leaves its draft behind, as large as the file it was to become. So whoever makes a draft
 * first removes those that nobody writes any more: a draft is locked (flock(2)) as long as its writer lives, and what can
 * be locked has no writer. Removed is only what this user owns, is a regular file (links are not followed), and has the
 * name of a draft of the same file: "NAME.new-" and 16 hexadecimal digits, which nobody gives a copy of his own.
 *
 * base/sink.h does the same for text that goes through a buffer, and for descriptors and devices; it looks for no drafts
 * of others, so it suits files that are small.
 *
 * Limits: where a file system has no such locks nothing is removed, nor where a lock would keep other descriptors of the
 * same process from the file (SMB; see flock(2)). On NFS a lock is one of fcntl(2), which a library's own locks of the
 * same file would run into: tell it to take none (SQLite: the VFS "unix-none"); and elsewhere too a library's locks end
 * when this descriptor is closed, so publish or free when the library has closed the file.
 *
 * Thread safety: a draft belongs to one thread. Several threads and processes may have drafts of the same file; the one
 * that is published last stays.
 */
#ifndef SEAWALL_BASE_DRAFT_H
#define SEAWALL_BASE_DRAFT_H

#include "base/error.h"

struct draft {
  char *path;   /* of the draft; NULL: there is none, or it has been published */
  char *target; /* that it will replace */
  int fd;       /* for reading and writing, close-on-exec, locked */
};

/*
 * Removes what others left, and makes an empty draft that only this user may read. On failure the draft may be freed, and
 * need not be.
 * Errors: SW_ENOENT (no such directory), SW_EACCES, SW_EIO.
 */
int draft_open(struct draft *d, const char *target, struct error *err);

/*
 * Writes it to the disk and renames it over its target, whose mode it takes (0644 if there is none). Once only; a draft
 * that could not be published stays one.
 * Errors: SW_EACCES, SW_EIO (disk full and others).
 */
int draft_publish(struct draft *d, struct error *err);

/* Closes it, and removes what was not published. A draft that is all zero is none. */
void draft_free(struct draft *d);

#endif
