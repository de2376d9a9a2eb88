/*
 * Texts, divided by zero bytes, as the message and the fields of a line of the log. Beyond not crashing: it
 * is one line that a pipe takes at once, of visible characters, and in JSON an object with every field that
 * was not cut.
 */
#include "base/log.h"

#include "base/utf8.h"
#include "data/json.h"

#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <unistd.h>

static void must(bool ok)
{
  if (!ok)
    abort();
}

static size_t fields_of(struct str rest, struct log_field *fields)
{
  size_t count = 0;
  for (; rest.data && count < LOG_FIELDS_MAX + 4; count++) {
    struct str text = str_cut(rest, '\0', &rest);
    uint64_t number = 0;
    memcpy(&number, text.data, text.len < sizeof number ? text.len : sizeof number);
    switch (count % 5) {
    case 1:
      fields[count] = LOG_COUNT("count", number);
      break;
    case 2:
      fields[count] = LOG_DURATION("took", number);
      break;
    case 3:
      fields[count] = LOG_INT("int", (int64_t)number);
      break;
    case 4:
      fields[count] = LOG_BOOL("bool", number & 1);
      break;
    default:
      fields[count] = LOG_TEXT("text", text);
    }
    static char keys[LOG_FIELDS_MAX + 4][8]; /* members of an object have different names */
    int len = snprintf(keys[count], sizeof keys[count], "key%zu", count);
    fields[count].key = str_make(keys[count], (size_t)len);
  }
  return count;
}

static void check_visible(struct str line)
{
  uint32_t point;
  for (size_t at = 0; at < line.len - 1;) {
    unsigned taken = utf8_decode(line, at, &point);
    must(taken && utf8_point_visible(point));
    at += taken;
  }
  must(line.data[line.len - 1] == '\n');
}

static void check_object(struct str line, struct str message, size_t fields)
{
  struct arena a;
  struct value v;
  struct error err;
  arena_init(&a, 0);
  must(json_parse(&a, line, NULL, &v, &err) == 0 && v.type == VALUE_OBJECT);
  bool whole = value_get_str(v, STR("cut")).type == VALUE_ABSENT;
  must(v.len == 3 + fields || !whole);
  struct value said = value_get_str(v, STR("msg"));
  must(said.type == VALUE_STRING);
  if (message.len <= LOG_TEXT_MAX && utf8_valid(message))
    must(str_eq(value_str(said), message) || str_ends(value_str(said), STR("...")));
  arena_free(&a);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
  static char text[LOG_LINE_MAX + 1];
  struct log_field fields[LOG_FIELDS_MAX + 4];
  struct str rest = str_make((const char *)data, size), message = str_cut(rest, '\0', &rest);
  size_t count = fields_of(rest, fields);
  int ends[2];
  must(pipe2(ends, O_NONBLOCK | O_CLOEXEC) == 0);
  for (int format = LOG_FORMAT_TEXT; format <= LOG_FORMAT_JSON; format++) {
    struct log_options options = {
        .fd = ends[1], .format = (enum log_format)format, .burst = UINT_MAX};
    struct log *log = log_new(&options);
    log_put(log, LOG_ERROR, message, fields, count);
    log_free(log);
    ssize_t got = read(ends[0], text, sizeof text);
    must(got > 0 && got <= LOG_LINE_MAX);
    struct str line = str_make(text, (size_t)got);
    check_visible(line);
    if (format == LOG_FORMAT_JSON)
      check_object(line, message, count);
  }
  close(ends[0]);
  close(ends[1]);
  return 0;
}
