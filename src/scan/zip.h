/*
 * zip.h - the files of a zip archive, one after the other: of one in memory by its directory, of one that flows by the
 * headers in front of its files.
 *
 *     struct zip_meter meter = {.bytes = 4 << 30, .entries = 1000000};
 *     _cleanup_(zip_freep) struct zip *zip = NULL;
 *     if (zip_open_bytes(bytes, &meter, &zip, &err) < 0)        or zip_open_stream(input, &meter, &zip, &err)
 *       ...
 *     while ((rc = zip_next(zip, &entry, &err)) > 0)
 *       if (wanted(entry.name))
 *         rc = zip_read(zip, room, sizeof room, &got, &err);    until got is 0
 *
 * In memory, what is not read costs nothing. In a stream it is passed over; a file whose size stands behind it (what
 * Java's own tool writes) has to be unpacked for that. Bytes before the first file (a shell script that starts the
 * archive) are passed over in both.
 *
 * Specification: APPNOTE 6.3.10, with Zip64; methods stored and deflated. Encryption, other methods and archives in
 * several parts: SW_EUNSUPPORTED from zip_read, of that file alone. In a stream, a stored file that does not say its
 * size in front ends the reading likewise.
 *
 * Limits: what is unpacked and how many files there are is counted by a meter, which several archives (those in
 * each other) share: SW_ELIMIT when it is used up. ZIP_NAME_MAX bytes of a name. Memory: two small buffers.
 *
 * Ownership: bytes, input and meter are borrowed for the life of the zip; an entry's name is valid until the next
 * zip_next. Thread safety: a zip belongs to one thread.
 */
#ifndef SEAWALL_SCAN_ZIP_H
#define SEAWALL_SCAN_ZIP_H

#include "base/error.h"
#include "base/mem.h"
#include "base/str.h"
#include "oci/unpack.h"

#include <stdbool.h>
#include <stdint.h>

enum { ZIP_NAME_MAX = 4096, ZIP_PREFIX_MAX = 1 << 20 };

/* What is left to be spent. */
struct zip_meter {
  uint64_t bytes; /* unpacked */
  uint64_t entries;
};

struct zip_entry {
  struct str name; /* as it is written: it may be absolute, or lead out of the archive */
  uint64_t size;   /* unpacked, as the archive claims */
  bool size_known; /* false: it stands behind the content */
};

struct zip;

/* SW_EINVAL: it has no directory, or a damaged one. */
int zip_open_bytes(struct str bytes, struct zip_meter *meter, struct zip **ret, struct error *err);

/* Reads nothing yet. */
int zip_open_stream(struct oci_input input, struct zip_meter *meter, struct zip **ret,
                    struct error *err);

void zip_free(struct zip *zip);
MEM_DEFINE_CLEANUP(struct zip, zip_free)

/* The next file (directories are among them, with "/" at the end): 1, 0 behind the last, or an error. */
int zip_next(struct zip *zip, struct zip_entry *ret, struct error *err);

/* The next bytes of its content; *ret_got is 0 at the end, when size and checksum have been compared. zip is a void
 * pointer so that this is the `read` of an oci_input. */
int zip_read(void *zip, void *to, size_t room, size_t *ret_got, struct error *err);

#endif
