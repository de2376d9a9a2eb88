#include "lang/rego/errors.h"

#include <stdarg.h>

const char *rego_code_name(enum rego_code code)
{
  static const char *const names[] = {
      [REGO_PARSE_ERROR] = "rego_parse_error",
      [REGO_COMPILE_ERROR] = "rego_compile_error",
      [REGO_UNSAFE_VAR_ERROR] = "rego_unsafe_var_error",
      [REGO_TYPE_ERROR] = "rego_type_error",
      [REGO_RECURSION_ERROR] = "rego_recursion_error",
  };
  return names[code];
}

/* The line that holds the byte `at`; the last line that is not empty, if `at` is the end. */
static struct str line_at(struct str text, size_t at)
{
  if (at > text.len)
    at = text.len;
  while (at > 0 && (at == text.len || text.data[at] == '\n') && text.data[at - 1] == '\n')
    at--;
  size_t start = at;
  while (start > 0 && text.data[start - 1] != '\n')
    start--;
  size_t end = at;
  while (end < text.len && text.data[end] != '\n' && text.data[end] != '\r')
    end++;
  return str_sub(text, start, end - start);
}

void rego_errors_add(struct rego_errors *errors, struct arena *a, enum rego_code code,
                     struct rego_source source, struct rego_place place, const char *format, ...)
{
  if (errors->count == REGO_ERRORS_MAX) {
    errors->dropped++;
    return;
  }
  char message[2048];
  va_list args;
  va_start(args, format);
  int len = vsnprintf(message, sizeof message, format, args);
  va_end(args);
  if (len < 0)
    len = 0;
  if ((size_t)len >= sizeof message)
    len = sizeof message - 1;
  errors->items[errors->count++] = (struct rego_error){
      .code = code,
      .place = place,
      .file = source.name,
      .message = arena_copy(a, str_make(message, (size_t)len)),
      .line = place.line ? line_at(source.text, place.start) : STR_EMPTY,
  };
}

static void write_prefix(struct buf *out, const struct rego_error *error)
{
  if (error->file.len)
    buf_printf(out, "%.*s:%u: ", STR_FMT(error->file), error->place.line);
  else if (error->place.line)
    buf_printf(out, "%u:%u: ", error->place.line, error->place.column);
}

void rego_error_write(struct buf *out, const struct rego_error *error)
{
  struct str rest = error->details;
  write_prefix(out, error);
  buf_printf(out, "%s: ", rego_code_name(error->code));
  buf_add(out, error->message);
  while (rest.len) {
    buf_add_text(out, "\n\t");
    buf_add(out, str_cut(rest, '\n', &rest));
  }
}

static void write_excerpt(struct buf *out, const struct rego_error *error)
{
  enum { LINE_MAX_SHOWN = 200 };
  struct str line = error->line;
  size_t tabs = 0;
  while (tabs < line.len && line.data[tabs] == '\t')
    tabs++;
  line = str_sub(line, tabs, LINE_MAX_SHOWN);
  if (line.len == 0)
    return;
  buf_add(out, STR("\n\t"));
  for (size_t i = 0; i < line.len; i++) {
    unsigned char c = (unsigned char)line.data[i];
    buf_add_byte(out, c < 0x20 && c != '\t' ? ' ' : (char)c);
  }
  buf_add(out, STR("\n\t"));
  size_t column = error->place.column > tabs ? error->place.column - tabs : 1;
  buf_add_repeat(out, ' ', column <= line.len ? column - 1 : line.len);
  buf_add_byte(out, '^');
}

void rego_errors_write(struct buf *out, const struct rego_errors *errors)
{
  uint64_t found = (uint64_t)errors->count + errors->dropped;
  if (found == 1)
    buf_add(out, STR("1 error occurred: "));
  else
    buf_printf(out, "%llu errors occurred:", (unsigned long long)found);
  for (uint32_t i = 0; i < errors->count; i++) {
    if (found != 1)
      buf_add_byte(out, '\n');
    rego_error_write(out, &errors->items[i]);
    write_excerpt(out, &errors->items[i]);
  }
}

int rego_errors_to_error(const struct rego_errors *errors, int code, struct error *err)
{
  const struct rego_error *first = &errors->items[0];
  return error_set_at(err, code, first->place.line, first->place.column, "%s: %.*s",
                      rego_code_name(first->code), STR_FMT(first->message));
}
