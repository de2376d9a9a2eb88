#include "cmd/console.h"

#include "base/buf.h"
#include "base/file.h"
#include "report/text.h"

#include <stdarg.h>
#include <sys/ioctl.h>
#include <unistd.h>

/* What comes from a file's name or text must not reach the terminal as a command, nor turn the line around. */
static void add_visible(struct buf *out, struct str text)
{
  for (size_t at = 0; at < text.len;) {
    if (text.data[at] == '\n' || text.data[at] == '\t') {
      buf_add_byte(out, text.data[at++]);
      continue;
    }
    struct text_cell cell = text_cell_at(text, at, true);
    buf_add(out, str_make(cell.shown, cell.len));
    at += cell.taken;
  }
}

static void write_line(struct str text)
{
  _cleanup_(buf_free) struct buf line = {0};
  buf_add(&line, STR("seawall: "));
  add_visible(&line, text);
  buf_add_byte(&line, '\n');
  /* Standard error is the last resort: where it cannot be written there is nobody to tell. */
  fd_write_all(STDERR_FILENO, line.data, line.len, NULL);
}

void console_error(const struct error *err)
{
  write_line(str_from(err->message));
}

void console_note(const char *format, ...)
{
  char text[1024];
  va_list args;
  va_start(args, format);
  vsnprintf(text, sizeof text, format, args);
  va_end(args);
  write_line(str_from(text));
}

void console_text(struct str text)
{
  write_line(text);
}

static bool is_set(const char *name)
{
  const char *value = getenv(name);
  return value && value[0];
}

bool console_color(int fd)
{
  if (is_set("NO_COLOR"))
    return false;
  const char *term = getenv("TERM");
  for (int i = 0; i < 2; i++) {
    const char *force = getenv(i ? "FORCE_COLOR" : "CLICOLOR_FORCE");
    if (force && force[0] && strcmp(force, "0") != 0)
      return true;
  }
  return isatty(fd) && term && term[0] && strcmp(term, "dumb") != 0;
}

bool console_unicode(void)
{
  static const char *const names[] = {"LC_ALL", "LC_CTYPE", "LANG"};
  for (size_t i = 0; i < 3; i++) {
    const char *value = getenv(names[i]);
    if (!value || !value[0])
      continue;
    return strcasestr(value, "utf-8") || strcasestr(value, "utf8");
  }
  return false;
}

unsigned console_width(int fd)
{
  unsigned long long columns = 0;
  const char *given = getenv("COLUMNS");
  if (given && str_to_u64(str_from(given), 10000, &columns) && columns > 0)
    return (unsigned)columns;
  struct winsize size;
  if (isatty(fd) && ioctl(fd, TIOCGWINSZ, &size) == 0)
    return size.ws_col;
  return 0;
}
