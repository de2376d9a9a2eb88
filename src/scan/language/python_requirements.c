#include "scan/language/python_int.h"

#include "base/utf8.h"

static bool is_of_name(char c)
{
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '-' ||
         c == '_' || c == '.';
}

struct str python_requirement(struct str text, struct str *ret_rest)
{
  size_t len = 0;
  text = str_trim(text);
  while (len < text.len && is_of_name(text.data[len]))
    len++;
  *ret_rest = str_trim(str_sub(text, len, SIZE_MAX));
  return str_sub(text, 0, len);
}

/* What is pinned: "==1.2", also between others (">=1,==1.2"), "===1.2". Empty: nothing is; "1.2.*" is none. */
static struct str pinned(struct str specifiers)
{
  for (struct str rest = specifiers; rest.data;) {
    struct str one = str_trim(str_cut(rest, ',', &rest));
    if (!str_starts(one, STR("==")))
      continue;
    one = str_sub(one, 2, SIZE_MAX);
    if (str_starts(one, STR("=")))
      one = str_sub(one, 1, SIZE_MAX);
    one = str_trim(one);
    if (str_find_byte(one, 0, '*') < 0)
      return one;
  }
  return STR_EMPTY;
}

static struct str before(struct str text, struct str mark)
{
  ptrdiff_t at = str_find(text, 0, mark);
  return at < 0 ? text : str_sub(text, 0, (size_t)at);
}

/* "requirements-dev.txt": its name says what it is for. */
static bool for_development(struct str path)
{
  static const struct str words[] = {STR_INIT("dev"), STR_INIT("test"), STR_INIT("lint"),
                                     STR_INIT("doc")};
  for (size_t i = 0; i < sizeof words / sizeof words[0]; i++)
    if (str_find(lock_file_name(path), 0, words[i]) >= 0)
      return true;
  return false;
}

static void read_line(struct lock *lock, struct str line, bool development)
{
  struct str specifiers, extras;
  line = str_trim(before(before(before(line, STR("#")), STR(";")), STR(" --")));
  struct str name = python_requirement(line, &specifiers);
  if (!name.len || name.data[0] == '-')
    return;
  if (specifiers.len && specifiers.data[0] == '[') {
    str_cut(specifiers, ']', &extras);
    specifiers = extras.data ? str_trim(extras) : STR_EMPTY;
  }
  if (specifiers.len && specifiers.data[0] == '(') {
    specifiers = str_sub(specifiers, 1, SIZE_MAX);
    specifiers = before(specifiers, STR(")"));
  }
  struct str version = pinned(specifiers);
  if (!version.len || version.data[0] < '0' || version.data[0] > '9')
    return;
  struct lock_node *node = lock_add_package(lock, name, version, NULL);
  if (node)
    node->development = development;
}

/* PowerShell writes UTF-16 with a byte order mark. NULL data: it is not that. */
static struct str from_utf16(struct arena *arena, struct str bytes)
{
  bool big = str_starts(bytes, STR("\xFE\xFF"));
  if (!big && !str_starts(bytes, STR("\xFF\xFE")))
    return (struct str){NULL, 0};
  char *text = arena_alloc(arena, bytes.len * 2 + 4), *out = text;
  for (size_t i = 2; i + 1 < bytes.len; i += 2) {
    unsigned high = (unsigned char)bytes.data[i + !big], low = (unsigned char)bytes.data[i + big];
    uint32_t unit = high << 8 | low;
    unsigned len = utf8_encode(unit, out);
    out += len ? len : utf8_encode(UTF8_REPLACEMENT, out);
  }
  return str_make(text, (size_t)(out - text));
}

int python_read_requirements(struct lock *lock, struct str bytes, struct error *err)
{
  (void)err;
  struct str decoded = from_utf16(&lock->arena, bytes), text = decoded.data ? decoded : bytes;
  if (str_starts(text, STR("\xEF\xBB\xBF")))
    text = str_sub(text, 3, SIZE_MAX);
  bool development = for_development(lock->path);
  bool goes_on =
      false; /* the line is part of the one before, which says nothing more of versions */
  for (struct str rest = text; rest.data;) {
    struct str line = str_trim(str_cut(rest, '\n', &rest));
    bool more = line.len && line.data[line.len - 1] == '\\';
    if (more)
      line = str_sub(line, 0, line.len - 1);
    if (!goes_on)
      read_line(lock, line, development);
    goes_on = more;
  }
  return 0;
}
