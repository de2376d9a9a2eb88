/*
 * duration.h - lengths of time as Go and Kubernetes write them: "1h30m", "300ms", "-1.5h".
 *
 * A duration is an optional sign and one or more numbers, each with a unit: ns,
 * us (or with the micro sign U+00B5 or Greek mu U+03BC), ms, s, m, h. "0" alone
 * needs no unit. There are no days. The value is in nanoseconds, from -2^63 to
 * 2^63-1 (about 292 years); anything beyond is SW_ELIMIT.
 *
 * Fractions finer than a nanosecond are cut off.
 *
 *     int64_t timeout;
 *     if (duration_parse(STR("10s"), &timeout, &err) < 0)
 *
 * Thread safety: all functions may be called from any thread.
 */
#ifndef SEAWALL_DATA_DURATION_H
#define SEAWALL_DATA_DURATION_H

#include "base/buf.h"
#include "base/error.h"

#include <stdint.h>

enum { DURATION_LENGTH_MAX = 256 }; /* bytes of text */

#define DURATION_SECOND INT64_C(1000000000)
#define DURATION_MINUTE (60 * DURATION_SECOND)
#define DURATION_HOUR (60 * DURATION_MINUTE)

int duration_parse(struct str text, int64_t *ret_nanoseconds, struct error *err);

/* As Go's Duration.String: "72h3m0.5s", "1.5ms", "0s". */
void duration_write(struct buf *out, int64_t nanoseconds);

#endif
