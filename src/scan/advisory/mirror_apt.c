/* Where a system's apt gets security fixes from: sources.list(5), in lines and in paragraphs. */
#include "scan/advisory/mirror.h"

#include "base/file.h"
#include "base/vec.h"

#include <dirent.h>
#include <stdlib.h>

enum { LIST_MAX = 1 << 20, FILES_MAX = 1000 };

bool mirror_is_security(struct str suite)
{
  return str_ends(suite, STR("-security")) || str_ends(suite, STR("/updates"));
}

static bool is_http(struct str url)
{
  return str_starts(url, STR("http://")) || str_starts(url, STR("https://"));
}

static struct str next_word(struct str *rest)
{
  struct str word = STR_EMPTY;
  while (rest->data && word.len == 0) {
    size_t end = 0;
    *rest = str_trim(*rest);
    while (end < rest->len && rest->data[end] != ' ' && rest->data[end] != '\t' &&
           rest->data[end] != '\n')
      end++;
    word = str_sub(*rest, 0, end);
    *rest = end < rest->len ? str_sub(*rest, end + 1, SIZE_MAX) : (struct str){0};
  }
  return word;
}

static struct str without_slash(struct str url)
{
  while (str_ends(url, STR("/")))
    url.len--;
  return url;
}

struct pockets {
  struct arena *arena;
  struct mirror_pocket *items;
  size_t count, room;
};

static void add_pocket(struct pockets *p, const struct mirror_pocket *pocket)
{
  struct mirror_pocket copy = {.url = without_slash(pocket->url),
                               .suite = pocket->suite,
                               .components = pocket->components,
                               .keyring = pocket->keyring,
                               .releases = !mirror_is_security(pocket->suite)};
  bool folder = copy.suite.len == 0 || str_ends(copy.suite, STR("/")); /* rather than a suite */
  if (folder || !is_http(copy.url) || p->count == p->room)
    return;
  for (size_t i = 0; i < p->count; i++)
    if (str_eq(p->items[i].url, copy.url) && str_eq(p->items[i].suite, copy.suite))
      return; /* deb-src of the same, as a rule */
  p->items[p->count++] = (struct mirror_pocket){.url = arena_copy(p->arena, copy.url),
                                                .suite = arena_copy(p->arena, copy.suite),
                                                .components = arena_copy(p->arena, copy.components),
                                                .keyring = arena_copy(p->arena, copy.keyring),
                                                .releases = copy.releases};
}

/* ---- "deb [signed-by=/usr/share/keyrings/x.gpg] http://... bookworm-security main" */

static struct str keyring_of(struct str options)
{
  struct str key = STR("signed-by=");
  for (struct str word, rest = options; (word = next_word(&rest)).len;)
    if (str_starts(word, key))
      return str_sub(word, key.len, SIZE_MAX);
  return STR_EMPTY;
}

static void read_line(struct pockets *p, struct str line)
{
  struct mirror_pocket pocket = {.keyring = STR_EMPTY};
  struct str comment;
  line = str_trim(str_cut(line, '#', &comment));
  struct str rest = line, kind = next_word(&rest);
  if (!str_eq(kind, STR("deb")) && !str_eq(kind, STR("deb-src")))
    return;
  rest = rest.data ? str_trim(rest) : STR_EMPTY;
  if (str_starts(rest, STR("["))) {
    struct str options = str_cut(str_sub(rest, 1, SIZE_MAX), ']', &rest);
    pocket.keyring = keyring_of(options);
  }
  pocket.url = next_word(&rest);
  pocket.suite = next_word(&rest);
  pocket.components = rest.data ? str_trim(rest) : STR_EMPTY;
  add_pocket(p, &pocket);
}

/* ---- deb822 */

struct paragraph {
  struct str urls, suites, components, keyring;
  bool disabled;
};

static void end_paragraph(struct pockets *p, struct paragraph *g)
{
  struct str url, suite;
  for (struct str urls = g->urls; !g->disabled && (url = next_word(&urls)).len;)
    for (struct str suites = g->suites; (suite = next_word(&suites)).len;) {
      const struct mirror_pocket pocket = {
          .url = url, .suite = suite, .components = g->components, .keyring = g->keyring};
      add_pocket(p, &pocket);
    }
  *g = (struct paragraph){0};
}

static void read_field(struct paragraph *g, struct str name, struct str value)
{
  if (str_eq_nocase(name, STR("URIs")))
    g->urls = value;
  else if (str_eq_nocase(name, STR("Suites")))
    g->suites = value;
  else if (str_eq_nocase(name, STR("Components")))
    g->components = value;
  else if (str_eq_nocase(name, STR("Signed-By")))
    g->keyring = value;
  else if (str_eq_nocase(name, STR("Enabled")))
    g->disabled = str_eq_nocase(value, STR("no"));
}

/* A field with the lines that continue it. */
static struct str take_field(struct str *rest)
{
  size_t end = 0;
  for (;;) {
    ptrdiff_t newline = str_find_byte(*rest, end, '\n');
    end = newline < 0 ? rest->len : (size_t)newline + 1;
    if (newline < 0 || end == rest->len || (rest->data[end] != ' ' && rest->data[end] != '\t'))
      break;
  }
  struct str field = str_sub(*rest, 0, end);
  *rest = end < rest->len ? str_sub(*rest, end, SIZE_MAX) : (struct str){0};
  return field;
}

static void read_paragraphs(struct pockets *p, struct str text)
{
  struct paragraph g = {0};
  for (struct str rest = text; rest.data;) {
    struct str value, field = take_field(&rest);
    if (str_trim(field).len == 0) {
      end_paragraph(p, &g);
      continue;
    }
    if (field.data[0] == '#')
      continue;
    struct str name = str_cut(field, ':', &value);
    if (value.data)
      read_field(&g, str_trim(name), str_trim(value));
  }
  end_paragraph(p, &g);
}

size_t mirror_pockets_parse(struct arena *arena, struct str text, bool deb822,
                            struct mirror_pocket *ret, size_t room)
{
  struct pockets p = {.arena = arena, .items = ret, .room = room};
  if (deb822)
    read_paragraphs(&p, text);
  for (struct str rest = text; !deb822 && rest.data;)
    read_line(&p, str_cut(rest, '\n', &rest));
  return p.count;
}

/* ---- files */

static int by_name(const struct dirent **a, const struct dirent **b)
{
  return strcmp((*a)->d_name, (*b)->d_name);
}

static int is_list(const struct dirent *entry)
{
  struct str name = str_from(entry->d_name);
  return str_ends(name, STR(".list")) || str_ends(name, STR(".sources"));
}

static void read_file(struct pockets *p, const char *path)
{
  _cleanup_(buf_free) struct buf text = {0};
  if (file_read(path, LIST_MAX, &text, NULL) < 0)
    return;
  struct mirror_pocket found[MIRROR_POCKETS_MAX];
  size_t count = mirror_pockets_parse(p->arena, buf_str(&text),
                                      str_ends(str_from(path), STR(".sources")), found,
                                      MIRROR_POCKETS_MAX);
  for (size_t i = 0; i < count; i++)
    add_pocket(p, &found[i]);
}

/* ---- which of them count */

/* "bookworm" and "bookworm-updates" belong to "bookworm-security"; what others publish for bookworm has another key. */
static bool belongs_to(const struct mirror_pocket *releases, const struct mirror_pocket *security)
{
  struct str of = releases->suite, updates = STR("-updates");
  if (str_ends(of, updates))
    of.len -= updates.len;
  struct str rest = str_sub(security->suite, of.len, SIZE_MAX);
  return str_starts(security->suite, of) && str_eq(releases->keyring, security->keyring) &&
         (str_eq(rest, STR("-security")) || str_eq(rest, STR("/updates")));
}

static bool has_security(const struct pockets *p, const struct mirror_pocket *releases)
{
  for (size_t i = 0; i < p->count; i++)
    if (!p->items[i].releases && belongs_to(releases, &p->items[i]))
      return true;
  return false;
}

/* Security suites, then what belongs to them. */
static size_t choose(const struct pockets *p, struct mirror_pocket *ret)
{
  size_t count = 0;
  for (size_t i = 0; i < p->count; i++)
    if (!p->items[i].releases)
      ret[count++] = p->items[i];
  for (size_t i = 0; i < p->count; i++)
    if (p->items[i].releases && has_security(p, &p->items[i]))
      ret[count++] = p->items[i];
  return count;
}

int mirror_pockets_of_host(const char *root, struct arena *arena, struct mirror_pocket **ret,
                           size_t *ret_count, struct error *err)
{
  struct pockets p = {.arena = arena, .room = MIRROR_POCKETS_MAX};
  struct dirent **entries;
  char path[4096];
  p.items = arena_array(arena, struct mirror_pocket, p.room);
  snprintf(path, sizeof path, "%s/etc/apt/sources.list", root);
  read_file(&p, path);
  snprintf(path, sizeof path, "%s/etc/apt/sources.list.d", root);
  int count = scandir(path, &entries, is_list, by_name);
  for (int i = 0; i < count; i++) {
    snprintf(path, sizeof path, "%s/etc/apt/sources.list.d/%s", root, entries[i]->d_name);
    if (i < FILES_MAX)
      read_file(&p, path);
    free(entries[i]);
  }
  if (count >= 0)
    free(entries);
  struct mirror_pocket *chosen = arena_array(arena, struct mirror_pocket, p.count);
  size_t chosen_count = choose(&p, chosen);
  if (chosen_count == 0)
    return error_set(err, SW_ENOENT,
                     "apt of this system is not set up with a suite of security fixes: none of the "
                     "suites in /etc/apt ends in \"-security\"; name one with --mirror");
  *ret = chosen;
  *ret_count = chosen_count;
  return 0;
}
