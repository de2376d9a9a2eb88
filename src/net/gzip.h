/*
 * gzip.h - bodies with Content-Encoding: gzip (RFC 1952), unpacked within a limit.
 *
 *     buf_init(&text, limit);
 *     if (gzip_unpack(request->body, &text, &err) < 0)
 *         return answer_malformed(&err);
 *
 * Members may follow one another (section 2.2). Lengths and checksums must be right; bytes behind the last
 * member are an error. The buf's cap is the limit: a small body that unpacks to much costs no more than that.
 *
 * Errors: SW_EINVAL (not gzip, damaged, cut off), SW_ELIMIT (it does not fit). Memory besides the buf: some
 * 40 KiB, given back before the return. Thread safety: any thread, each with its own buf.
 */
#ifndef SEAWALL_NET_GZIP_H
#define SEAWALL_NET_GZIP_H

#include "base/buf.h"
#include "base/error.h"

/* Appends what the text unpacks to. An empty text is an error. */
int gzip_unpack(struct str packed, struct buf *out, struct error *err);

#endif
