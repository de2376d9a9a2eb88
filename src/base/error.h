/*
 * error.h - what went wrong, where, and what to do about it.
 *
 * A function that can fail returns int: 0, or one of the negative codes below,
 * and takes a `struct error *err` as its last parameter. The struct lives on
 * the caller's stack and is written only on failure; it needs no initialising
 * and no freeing. NULL is allowed where the caller needs the code alone.
 *
 *     struct error err;
 *     if (file_read(path, limit, &text, &err) < 0)
 *         return error_wrap(&err, "reading the configuration");
 *
 * A message says what was being done, with what, what went wrong and what to do
 * about it. Lower layers give the cause and the place in the text (line and
 * column); upper ones put the name in front.
 *
 * Thread safety: an error belongs to one thread.
 */
#ifndef SEAWALL_BASE_ERROR_H
#define SEAWALL_BASE_ERROR_H

#include <stdarg.h>
#include <stdint.h>

enum error_code {
  SW_OK = 0,
  SW_EINVAL = -1,       /* the input is not what its format asks for */
  SW_ELIMIT = -2,       /* the input is larger or deeper than its cap */
  SW_EIO = -3,          /* the system refused or failed to read or write */
  SW_ENOENT = -4,       /* what was named does not exist */
  SW_EACCES = -5,       /* what was named may not be read or written */
  SW_EUSAGE = -6,       /* the command line or a caller's argument is wrong */
  SW_EUNSUPPORTED = -7, /* valid, but not something this program does */
  SW_ETEST = -8,        /* a condition the input states does not hold (JSON Patch "test") */
  SW_ENOTFOUND = -9,    /* a path leads nowhere in the value it is applied to */
  SW_EPIPE = -10,       /* nobody reads what is being written any more */
};

enum { ERROR_MESSAGE_MAX = 640, ERROR_PLACE_MAX = 256 };

struct error {
  int code;
  uint32_t line;   /* from 1; 0: not a place in a text */
  uint32_t column; /* from 1, in characters; 0: unknown */
  char message[ERROR_MESSAGE_MAX];
};

/* Fills err (if not NULL) and returns code. A message that does not fit ends in "...". */
int error_set(struct error *err, int code, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* As error_set, at a place in a text. */
int error_set_at(struct error *err, int code, uint32_t line, uint32_t column, const char *format,
                 ...) __attribute__((format(printf, 5, 6)));

/* As error_set, with ": " and the text of errnum behind the message; the code follows errnum
 * (ENOENT: SW_ENOENT; EACCES, EPERM: SW_EACCES; ENOMEM, EFBIG: SW_ELIMIT; EPIPE: SW_EPIPE; else
 * SW_EIO). */
int error_set_errno(struct error *err, int errnum, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* Puts "context: " in front of the message and returns err->code. */
int error_wrap(struct error *err, const char *format, ...) __attribute__((format(printf, 2, 3)));

#endif
