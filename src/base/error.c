#include "base/error.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

/* Marks a text that was cut, so that nobody takes it for the whole. */
static void end_cut_text(char *text, size_t size, int wanted)
{
  if (wanted >= 0 && (size_t)wanted >= size)
    memcpy(text + size - 4, "...", 4);
}

static void error_fill(struct error *err, int code, uint32_t line, uint32_t column,
                       const char *format, va_list args)
{
  err->code = code;
  err->line = line;
  err->column = column;
  int wanted = vsnprintf(err->message, sizeof err->message, format, args);
  end_cut_text(err->message, sizeof err->message, wanted);
}

int error_set(struct error *err, int code, const char *format, ...)
{
  if (err) {
    va_list args;
    va_start(args, format);
    error_fill(err, code, 0, 0, format, args);
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
    error_fill(err, code, line, column, format, args);
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
  default:
    return SW_EIO;
  }
}

int error_set_errno(struct error *err, int errnum, const char *format, ...)
{
  int code = code_of_errno(errnum);
  if (!err)
    return code;
  va_list args;
  va_start(args, format);
  error_fill(err, code, 0, 0, format, args);
  va_end(args);
  char reason[128];
  const char *text = strerror_r(errnum, reason, sizeof reason);
  size_t used = strlen(err->message);
  int wanted = snprintf(err->message + used, sizeof err->message - used, ": %s", text);
  end_cut_text(err->message, sizeof err->message, wanted + (int)used);
  return code;
}

int error_wrap(struct error *err, const char *format, ...)
{
  if (!err)
    return SW_EINVAL;
  char context[ERROR_MESSAGE_MAX];
  va_list args;
  va_start(args, format);
  int wanted = vsnprintf(context, sizeof context, format, args);
  va_end(args);
  end_cut_text(context, sizeof context, wanted);
  char inner[ERROR_MESSAGE_MAX];
  memcpy(inner, err->message, sizeof inner);
  wanted = snprintf(err->message, sizeof err->message, "%s: %s", context, inner);
  end_cut_text(err->message, sizeof err->message, wanted);
  return err->code;
}
