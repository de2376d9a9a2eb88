/*
 * log_int.h - a line of the log while it is written.
 *
 * There is always room for its end: what does not fit is cut, and counted.
 */
#ifndef SEAWALL_BASE_LOG_INT_H
#define SEAWALL_BASE_LOG_INT_H

#include "base/log.h"

struct log_line {
  char data[LOG_LINE_MAX]; /* the first is a newline, for when the line before was taken in part */
  size_t len;
  unsigned cut; /* fields that found no room */
};

struct log_head {
  int64_t time_ms;
  enum log_level level;
  struct str message;
  bool color, brief_time;
};

struct log_format_ops {
  void (*head)(struct log_line *line, const struct log_head *head);
  void (*field)(struct log_line *line, const struct log_field *field);
  void (*end)(struct log_line *line);
};

const struct log_format_ops *log_format_ops(enum log_format format);

#endif
