/*
 * db_fetch.h - a file fetched over HTTP, and kept with what the server said of it.
 *
 *     struct db_fetched fetched;
 *     if (db_fetch(client, url, path, now, &fetched, &err) < 0) ...
 *     fetched.changed
 *
 * Beside the file lies PATH.meta (its URL, ETag, Last-Modified, when it was fetched), by which the next fetch asks for
 * changes alone; a download that was interrupted lies in PATH.part and is gone on with if the server still has the
 * same. Only a whole download takes the place of the file, so that an old one is kept when none can be had.
 *
 * Thread safety: a path belongs to one process at a time.
 */
#ifndef SEAWALL_CMD_DB_FETCH_H
#define SEAWALL_CMD_DB_FETCH_H

#include "base/arena.h"
#include "net/http_client.h"

#include <stdint.h>

/* What lies in PATH.meta; empty texts: not said. */
struct db_meta {
  struct str name, format; /* of the source, for whoever builds a database of the files */
  struct str url, etag, modified, fetched;
};

/* Reads PATH.meta into the arena; SW_ENOENT: there is none. */
int db_meta_read(const char *path, struct arena *arena, struct db_meta *ret, struct error *err);
int db_meta_write(const char *path, const struct db_meta *meta, struct error *err);

struct db_fetched {
  bool changed;
  uint64_t bytes; /* that came */
};

/* meta: name, format, url and fetched (now) are the caller's. What came is thrown away if it is not of that format. */
int db_fetch(struct http_client *client, const struct db_meta *meta, const char *path,
             struct db_fetched *ret, struct error *err);

#endif
