#include "base/error.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

/* Marks a text that was cut, so that nobody takes it for the whole. A character of several bytes is
 * not cut in two. */
static void end_cut_text(char *text, size_t size, int wanted)
{
  if (wanted < 0 || (size_t)wanted < size)
    return;
  size_t at = size - 4;
  while (at > 0 && at > size - 8 && (text[at] & 0xC0) == 0x80)
    at--;
  memcpy(text + at, "...", 4);
}

static void error_fill(struct error *err, int code, uint32_t line, uint32_t column, size_t size,
                       const char *format, va_list args) __attribute__((format(printf, 6, 0)));

static void error_fill(struct error *err, int code, uint32_t line, uint32_t column, size_t size,
                       const char *format, va_list args)
{
  err->code = code;
  err->line = line;
  err->column = column;
  int wanted = vsnprintf(err->message, size, format, args);
  end_cut_text(err->message, size, wanted);
}

int error_set(struct error *err, int code, const char *format, ...)
{
  if (err) {
    va_list args;
    va_start(args, format);
    error_fill(err, code, 0, 0, sizeof err->message, format, args);
    va_end(args);
  }
  return code;
}

int error_set_at(struct error *err, int code, uint32_t line, uint32_t column, const char *format,
                 ...)
{
  if (err) {
    va_list args;
    va_start(args, format);
    error_fill(err, code, line, column, sizeof err->message, format, args);
    va_end(args);
  }
  return code;
}

static int code_of_errno(int errnum)
{
  switch (errnum) {
  case ENOENT:
  case ENOTDIR:
    return SW_ENOENT;
  case EACCES:
  case EPERM:
    return SW_EACCES;
  case ENOMEM:
  case EFBIG:
    return SW_ELIMIT;
  case EPIPE:
    return SW_EPIPE;
  default:
    return SW_EIO;
  }
}

int error_set_errno(struct error *err, int errnum, const char *format, ...)
{
  int code = code_of_errno(errnum);
  if (!err)
    return code;
  /* The reason keeps its place however long the name before it is. */
  char buffer[128];
  const char *reason = strerror_r(errnum, buffer, sizeof buffer);
  size_t room = sizeof err->message - strlen(reason) - 2;
  va_list args;
  va_start(args, format);
  error_fill(err, code, 0, 0, room, format, args);
  va_end(args);
  size_t used = strlen(err->message);
  snprintf(err->message + used, sizeof err->message - used, ": %s", reason);
  return code;
}

int error_wrap(struct error *err, const char *format, ...)
{
  if (!err)
    return SW_EINVAL;
  /* What went wrong inside is worth more than a long context: that is cut first. */
  char inner[ERROR_MESSAGE_MAX];
  memcpy(inner, err->message, sizeof inner);
  char context[ERROR_MESSAGE_MAX];
  size_t room = sizeof context - 2;
  size_t inner_len = strlen(inner);
  room = inner_len < room - ERROR_PLACE_MAX ? room - inner_len : ERROR_PLACE_MAX;
  va_list args;
  va_start(args, format);
  int wanted = vsnprintf(context, room, format, args);
  va_end(args);
  end_cut_text(context, room, wanted);
  wanted = snprintf(err->message, sizeof err->message, "%s: %s", context, inner);
  end_cut_text(err->message, sizeof err->message, wanted);
  return err->code;
}
