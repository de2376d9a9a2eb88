#include "scan/language/npm_int.h"

#include "base/mem.h"
#include "base/vec.h"

/*
 * Yarn 1 has a format of its own, Berry writes YAML. Both are read line by line, since what is needed looks alike:
 *
 *     "a@^1.0.0", "a@^1.1.0":          "a@npm:^1.0.0, a@npm:^1.1.0":
 *       version "1.1.0"                  version: 1.1.0
 *       dependencies:                    resolution: "a@npm:1.1.0"
 *         b "^2"                         dependencies:
 *                                          b: "npm:^2"
 */

struct pair {
  struct lock_node *node;
  struct str pattern;
};

struct yarn {
  struct lock *lock;
  uint32_t line;
  struct map patterns;     /* to nodes */
  struct lock_texts known; /* patterns, and whose they are */
  struct {
    struct lock_node **items;
    size_t count, room;
  } owners;
  struct {
    struct pair *items;
    size_t count, room;
  } needs;
  /* the entry that is being read */
  struct str head, version, resolution;
  uint32_t head_line;
  bool in_needs;
  struct lock_texts asked;
};

/* Without a quote at either end: Berry quotes all patterns of an entry at once, Yarn 1 each. */
static struct str unquote(struct str text)
{
  text = str_trim(text);
  if (text.len && text.data[0] == '"')
    text = str_sub(text, 1, SIZE_MAX);
  if (text.len && text.data[text.len - 1] == '"')
    text.len--;
  return text;
}

/* A pattern as both kinds and package.json have it: "a@^1", without "npm:", and with the name of the real package
 * where it is an alias. */
static struct str plain_pattern(struct lock *lock, struct str name, struct str range)
{
  npm_alias(range, &name, &range);
  if (str_starts(range, STR("npm:")))
    range = str_sub(range, 4, SIZE_MAX);
  return lock_id(lock, name, range);
}

/* What is of the project itself, or another entry once more. */
static bool is_local(struct str range)
{
  static const struct str protocols[] = {STR_INIT("workspace:"), STR_INIT("link:"),
                                         STR_INIT("portal:"), STR_INIT("file:"),
                                         STR_INIT("patch:")};
  for (size_t i = 0; i < sizeof protocols / sizeof protocols[0]; i++)
    if (str_starts(range, protocols[i]))
      return true;
  return false;
}

static void keep_pattern(struct yarn *y, struct lock_node *node, struct str name, struct str range)
{
  struct str pattern = plain_pattern(y->lock, name, range);
  map_put(&y->patterns, pattern, NULL)->pointer = node;
  vec_push(&y->known, pattern);
  vec_push(&y->owners, node);
}

/* "a@patch:a@npm:1.0.0#...": the package is that of the pattern inside, under another pattern. */
static struct str patched(struct str range)
{
  struct str inner = str_sub(range, strlen("patch:"), SIZE_MAX), rest;
  ptrdiff_t end = str_find_byte(inner, 0, '#');
  npm_cut_name(str_sub(inner, 0, end < 0 ? inner.len : (size_t)end), &rest);
  if (str_starts(rest, STR("npm%3A")))
    rest = str_sub(rest, strlen("npm%3A"), SIZE_MAX);
  return rest;
}

static void end_entry(struct yarn *y)
{
  struct str head = y->head, range, real;
  y->head = STR_EMPTY;
  y->in_needs = false;
  if (!head.len)
    return;
  struct str first = unquote(str_cut(head, ',', &(struct str){0}));
  struct str name = npm_cut_name(first, &range);
  if (!range.len) {
    lock_fault(y->lock, y->head_line, "this is no entry of a package");
    return;
  }
  if (is_local(range) && !str_starts(range, STR("patch:")))
    return;
  if (y->resolution.len && !is_local(range))
    name = npm_cut_name(y->resolution, &range);
  else if (npm_alias(range, &real, &range))
    name = real;
  else if (str_starts(range, STR("npm:"))) /* Yarn 1 has this for aliases alone */
    name = str_sub(range, 4, SIZE_MAX);
  if (!y->version.len) {
    lock_fault(y->lock, y->head_line, "the entry has no version");
    return;
  }
  struct lock_node *node = lock_add_package(y->lock, name, y->version, NULL);
  for (struct str rest = head; node && rest.data;) {
    struct str pattern = unquote(str_cut(rest, ',', &rest));
    struct str asked = npm_cut_name(pattern, &range);
    if (str_starts(range, STR("patch:")))
      range = patched(range);
    keep_pattern(y, node, asked, range);
  }
  for (size_t i = 0; node && i < y->asked.count; i++)
    vec_push(&y->needs, (struct pair){node, y->asked.items[i]});
}

/* "name" "range", or "name": range. */
static void read_need(struct yarn *y, struct str line)
{
  struct str text = str_trim(line), name, range;
  if (text.len && text.data[0] == '"') {
    ptrdiff_t end = str_find_byte(text, 1, '"');
    name = str_sub(text, 1, end < 0 ? 0 : (size_t)end - 1);
    range = str_sub(text, end < 0 ? text.len : (size_t)end + 1, SIZE_MAX);
  } else {
    size_t len = 0;
    while (len < text.len && text.data[len] != ' ' && text.data[len] != ':')
      len++;
    name = str_sub(text, 0, len);
    range = str_sub(text, len, SIZE_MAX);
  }
  range = str_trim(range);
  if (range.len && range.data[0] == ':')
    range = str_sub(range, 1, SIZE_MAX);
  range = unquote(range);
  if (name.len && range.len && !vec_full(&y->asked, LOCK_NEEDS_MAX))
    vec_push(&y->asked, plain_pattern(y->lock, name, range));
}

/* The value of a line "key value" or "key: value", the key in quotes or not; empty if it is another key's. */
static struct str value_of(struct str line, struct str key)
{
  struct str value, name = str_cut(str_trim(line), ' ', &value);
  if (str_ends(name, STR(":")))
    name.len--;
  return value.data && str_eq(unquote(name), key) ? unquote(value) : STR_EMPTY;
}

/* "dependencies:", likewise. */
static bool opens(struct str line, struct str key)
{
  struct str name = str_trim(line);
  return str_ends(name, STR(":")) && str_eq(unquote(str_sub(name, 0, name.len - 1)), key);
}

static void begin_entry(struct yarn *y, struct str line)
{
  end_entry(y);
  vec_clear(&y->asked);
  y->version = y->resolution = STR_EMPTY;
  y->head_line = y->line;
  if (str_starts(line, STR("__metadata")) || line.data[line.len - 1] != ':')
    return;
  y->head = str_sub(line, 0, line.len - 1);
}

static void read_line(struct yarn *y, struct str line)
{
  size_t indent = 0;
  while (indent < line.len && line.data[indent] == ' ')
    indent++;
  if (indent == line.len || line.data[indent] == '#')
    return;
  if (indent == 0) {
    begin_entry(y, line);
  } else if (indent == 2) {
    struct str value;
    y->in_needs = opens(line, STR("dependencies")) || opens(line, STR("optionalDependencies"));
    if ((value = value_of(line, STR("version"))).len)
      y->version = value;
    else if ((value = value_of(line, STR("resolution"))).len)
      y->resolution = value;
  } else if (y->in_needs && indent == 4) {
    read_need(y, line);
  }
}

/* Patterns become packages; each package is told with its patterns, for project.h. */
static int tell(struct yarn *y, struct error *err)
{
  struct lock *lock = y->lock;
  struct lock_texts texts = {0};
  int rc = 0;
  for (size_t i = 0; i < y->needs.count; i++) {
    const union map_value *found = map_get(&y->patterns, y->needs.items[i].pattern);
    if (found)
      lock_need(lock, y->needs.items[i].node, ((struct lock_node *)found->pointer)->id);
  }
  for (size_t i = 0; rc == 0 && i < y->owners.count;) {
    const struct lock_node *node = y->owners.items[i];
    vec_clear(&texts);
    for (; i < y->owners.count && y->owners.items[i] == node; i++)
      lock_text_add(lock, &texts, '=', y->known.items[i], STR_EMPTY);
    rc = lock_tell(lock, PACKAGE_NOTE_NEEDS, node, &texts, err);
  }
  vec_free(&texts);
  return rc;
}

int npm_read_yarn(struct lock *lock, struct str bytes, struct error *err)
{
  struct yarn y = {.lock = lock};
  map_init(&y.patterns, NULL);
  for (struct str rest = bytes; rest.data && !arena_over(&lock->arena);) {
    struct str line = str_cut(rest, '\n', &rest);
    if (line.len && line.data[line.len - 1] == '\r')
      line.len--;
    y.line++;
    read_line(&y, line);
  }
  end_entry(&y);
  int rc = tell(&y, err);
  map_free(&y.patterns);
  vec_free(&y.known);
  vec_free(&y.owners);
  vec_free(&y.needs);
  vec_free(&y.asked);
  return rc;
}
