/* Go's build information: lines of text, as `go version -m` prints them. */
#include "scan/faults_int.h"
#include "scan/language/binary_int.h"
#include "scan/language/language_add_int.h"
#include "scan/version.h"

enum { WORDS_MAX = 4096 };

static const struct str devel = STR_INIT("(devel)");

struct module {
  struct str path, version;
  struct str replaced_path; /* what stands in its place; empty: itself */
  struct str replaced_version;
};

struct build {
  const struct analyser_file *file;
  struct package_list *list;
  struct arena arena; /* for what has to be unquoted */
  struct faults faults;
  struct module main, pending; /* pending: a dependency whose replacement may follow */
  struct str flags, revision;
};

/* ---- versions that -ldflags "-X importpath.name=value" put in */

/* The next word as a shell would cut it, into `to`; false at the end. */
static bool next_word(struct str *io_rest, struct buf *to)
{
  struct str s = *io_rest;
  size_t i = 0;
  char quote = 0;
  buf_clear(to);
  while (i < s.len && strchr(" \t\r\n", s.data[i]))
    i++;
  bool any = i < s.len;
  for (; i < s.len && (quote || !strchr(" \t\r\n", s.data[i])); i++) {
    char c = s.data[i];
    if (quote ? c == quote : c == '"' || c == '\'')
      quote = quote ? 0 : c;
    else if (c == '\\' && quote != '\'' && i + 1 < s.len)
      buf_add_byte(to, s.data[++i]);
    else
      buf_add_byte(to, c);
  }
  *io_rest = str_sub(s, i, SIZE_MAX);
  return any;
}

static bool is_semver(struct str text, struct arena *arena)
{
  const struct version_ops *go = version_ops_named(STR("go"));
  if (!text.len || text.len > VERSION_LENGTH_MAX)
    return false;
  if (text.data[0] != 'v')
    text = arena_printf(arena, "v%.*s", STR_FMT(text));
  return version_valid(go, text);
}

static bool names_a_version(struct str key)
{
  ptrdiff_t dot = str_find_last_byte(key, '.');
  struct str name = dot < 0 ? STR_EMPTY : str_sub(key, (size_t)dot + 1, SIZE_MAX);
  return str_eq_nocase(name, STR("version")) || str_eq_nocase(name, STR("ver"));
}

/* How much a variable's place says for it being the program's version: 0 most. */
static size_t rank_of(struct str key, struct str module)
{
  static const struct str usual[] = {STR_INIT("main"), STR_INIT("common"), STR_INIT("version"),
                                     STR_INIT("cmd")};
  if (str_starts(key, module) && str_starts(str_sub(key, module.len, SIZE_MAX), STR("/cmd/")))
    return 0;
  struct str rest, last = language_base_name(key);
  struct str package = str_cut(last, '.', &rest);
  for (size_t i = 0; i < sizeof usual / sizeof usual[0]; i++)
    if (str_eq_nocase(package, usual[i]))
      return 1;
  return 2;
}

struct candidates {
  struct str best[3];
  bool contradicted[3];
};

static void take_assignment(struct build *b, struct str text, struct candidates *found)
{
  struct str value, key = str_cut(text, '=', &value);
  if (!value.data || !names_a_version(key) || !is_semver(value, &b->arena))
    return;
  size_t rank = rank_of(key, b->main.path);
  if (found->best[rank].len && !str_eq(found->best[rank], value))
    found->contradicted[rank] = true;
  found->best[rank] = arena_copy(&b->arena, value);
}

/* The version that the flags of the linker set; empty if there is none, or if several contradict each other. */
static struct str version_of_flags(struct build *b)
{
  _cleanup_(buf_free) struct buf word = {0};
  struct candidates found = {.best = {STR_EMPTY, STR_EMPTY, STR_EMPTY}};
  struct str rest = b->flags;
  bool value_follows = false;
  for (size_t i = 0; i < WORDS_MAX && next_word(&rest, &word); i++) {
    struct str text = buf_str(&word);
    if (value_follows)
      take_assignment(b, text, &found);
    else if (str_starts(text, STR("-X=")))
      take_assignment(b, str_sub(text, 3, SIZE_MAX), &found);
    else if (str_starts(text, STR("-X")) && text.len > 2)
      take_assignment(b, str_sub(text, 2, SIZE_MAX), &found);
    value_follows = !value_follows && str_eq(text, STR("-X"));
  }
  for (size_t i = 0; i < 3; i++)
    if (found.best[i].len)
      return found.contradicted[i] ? STR_EMPTY : found.best[i];
  return STR_EMPTY;
}

/* ---- versions of modules */

static bool all_in(struct str s, const char *allowed)
{
  for (size_t i = 0; i < s.len; i++)
    if (!s.data[i] || !strchr(allowed, s.data[i]))
      return false;
  return s.len > 0;
}

/* vX.Y.Z-yyyymmddhhmmss-abcdefabcdef, and the forms with a base version before the time. */
static bool is_pseudo(struct str version)
{
  struct str rest, text = str_cut(version, '+', &rest);
  ptrdiff_t dash = str_find_last_byte(text, '-');
  if (dash < 15)
    return false;
  struct str time = str_sub(text, (size_t)dash - 14, 14);
  char before = text.data[dash - 15];
  return all_in(time, "0123456789") && (before == '-' || before == '.');
}

static struct str main_version(struct build *b)
{
  struct str version = b->main.version;
  bool is_unknown = !version.len || str_eq(version, devel);
  if (!is_unknown && !is_pseudo(version))
    return version;
  struct str by_flags = version_of_flags(b);
  if (by_flags.len)
    return by_flags;
  return is_unknown ? devel : version;
}

/* ---- packages */

static int add_module(struct build *b, struct str path, struct str version, struct str revision)
{
  struct error err;
  struct package p = {
      .type = PACKAGE_GOLANG, .name = path, .path = b->file->path, .layer = b->file->layer};
  ptrdiff_t slash = str_find_last_byte(path, '/');
  size_t cut = slash < 0 ? 0 : (size_t)slash;
  struct purl purl = {.name_space = str_sub(path, 0, cut),
                      .name = str_sub(path, slash < 0 ? 0 : cut + 1, SIZE_MAX)};
  purl_qualify(&purl, STR("vcs_revision"), revision, NULL);
  if (str_eq(version, devel)) {
    _cleanup_(buf_free) struct buf text = {0};
    p.version = package_version_split(p.type, version);
    purl.type = package_type_text(p.type);
    p.purl = purl_write(&text, &purl, NULL) < 0 ? STR_EMPTY : buf_str(&text);
    int rc = package_list_add(b->list, &p, &err);
    return rc < 0 ? faults_add(&b->faults, &err) : 0;
  }
  int rc = language_add(b->list, &p, version, &purl, &err);
  return rc < 0 ? faults_add(&b->faults, &err) : 0;
}

static bool is_local(struct str path)
{
  return str_starts(path, STR("./")) || str_starts(path, STR("../")) ||
         str_starts(path, STR("/")) || str_eq(path, STR(".")) || str_eq(path, STR(".."));
}

static int add_pending(struct build *b)
{
  struct module m = b->pending;
  b->pending = (struct module){.path = STR_EMPTY};
  if (!m.path.len) /* Go 1.16 wrote a line for nothing at times */
    return 0;
  if (is_local(m.replaced_path))
    return add_module(b, m.path, devel, STR_EMPTY);
  if (m.replaced_path.len)
    m = (struct module){.path = m.replaced_path, .version = m.replaced_version};
  return add_module(b, m.path, m.version.len ? m.version : devel, STR_EMPTY);
}

/* go1.19.8 → v1.19.8, as modules are numbered; go1.21rc2 → v1.21.0-rc.2. */
static struct str release_version(struct arena *arena, struct str text)
{
  struct str rest;
  if (!str_starts(text, STR("go1")))
    return devel;
  text = str_sub(str_cut(text, ' ', &rest), 2, SIZE_MAX);
  ptrdiff_t experiments = str_find(text, 0, STR("-X:"));
  if (experiments >= 0)
    text = str_sub(text, 0, (size_t)experiments);
  static const struct str early[] = {STR_INIT("rc"), STR_INIT("beta")};
  for (size_t i = 0; i < sizeof early / sizeof early[0]; i++) {
    ptrdiff_t at = str_find(text, 0, early[i]);
    if (at > 0 && str_find_byte(text, 0, '-') < 0) {
      struct str number = str_sub(text, 0, (size_t)at);
      const char *patch = str_find_byte(number, 2, '.') < 0 ? ".0" : "";
      return arena_printf(arena, "v%.*s%s-%.*s.%.*s", STR_FMT(number), patch, STR_FMT(early[i]),
                          STR_FMT(str_sub(text, (size_t)at + early[i].len, SIZE_MAX)));
    }
  }
  return arena_printf(arena, "v%.*s", STR_FMT(text));
}

/* ---- lines */

/* A Go string literal, or the text as it is. */
static struct str unquote(struct arena *arena, struct str text)
{
  if (text.len < 2 || (text.data[0] != '"' && text.data[0] != '`') ||
      text.data[text.len - 1] != text.data[0])
    return text;
  bool raw = text.data[0] == '`';
  text = str_sub(text, 1, text.len - 2);
  if (raw || str_find_byte(text, 0, '\\') < 0)
    return text;
  char *to = arena_alloc(arena, text.len);
  size_t len = 0;
  for (size_t i = 0; i < text.len; i++) {
    char c = text.data[i];
    if (c == '\\' && i + 1 < text.len) {
      c = text.data[++i];
      c = c == 'n' ? '\n' : c == 't' ? '\t' : c;
    }
    to[len++] = c;
  }
  return str_make(to, len);
}

static void take_setting(struct build *b, struct str text)
{
  struct str value, key;
  if (text.len && (text.data[0] == '"' || text.data[0] == '`'))
    return; /* no key that is looked for needs quotes */
  key = str_cut(text, '=', &value);
  if (str_eq(key, STR("-ldflags")))
    b->flags = unquote(&b->arena, value);
  else if (str_eq(key, STR("vcs.revision")))
    b->revision = unquote(&b->arena, value);
}

static int take_line(struct build *b, struct str line)
{
  struct str rest, word = str_cut(line, '\t', &rest);
  if (!rest.data)
    return 0;
  if (str_eq(word, STR("build"))) {
    take_setting(b, rest);
    return 0;
  }
  struct str path = str_cut(rest, '\t', &rest), version = str_cut(rest, '\t', &rest);
  if (str_eq(word, STR("mod"))) {
    b->main = (struct module){.path = path, .version = version};
  } else if (str_eq(word, STR("dep"))) {
    int rc = add_pending(b);
    b->pending = (struct module){.path = path, .version = version};
    return rc;
  } else if (str_eq(word, STR("=>"))) {
    b->pending.replaced_path = path;
    b->pending.replaced_version = version;
  }
  return 0;
}

static int take_lines(struct build *b, struct str version, struct str modules)
{
  int rc = version.len
               ? add_module(b, STR("stdlib"), release_version(&b->arena, version), STR_EMPTY)
               : 0;
  for (struct str rest = modules; rc == 0 && rest.data;)
    rc = take_line(b, str_cut(rest, '\n', &rest));
  if (rc == 0)
    rc = add_pending(b);
  if (rc == 0 && b->main.path.len)
    rc = add_module(b, b->main.path, main_version(b), b->revision);
  return rc;
}

int binary_go_add(const struct analyser_file *file, struct str version, struct str modules,
                  struct package_list *list, struct error *err)
{
  struct build b = {.file = file,
                    .list = list,
                    .main = {.path = STR_EMPTY},
                    .pending = {.path = STR_EMPTY},
                    .flags = STR_EMPTY,
                    .revision = STR_EMPTY};
  arena_init(&b.arena, 0);
  take_lines(&b, version, modules);
  arena_free(&b.arena);
  return faults_end(&b.faults, err);
}
