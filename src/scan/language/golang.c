#include "scan/language/golang.h"

#include "base/map.h"
#include "base/vec.h"
#include "scan/faults_int.h"
#include "scan/language/language_add_int.h"

enum {
  WORDS_MAX = 8, /* of a line that is looked at; the longest needs six */
  MODULES_MAX = 100000,
  SUM_LINES_MAX = 1000000,
};

static const struct str go_mod = STR_INIT("go.mod"), go_sum = STR_INIT("go.sum");

bool golang_wants(struct str path, unsigned flags)
{
  struct str name = language_base_name(path);
  return (flags & PACKAGE_LIST_LOCK_FILES) && (str_eq(name, go_mod) || str_eq(name, go_sum));
}

static int add_module(struct package_list *list, struct str path, uint32_t layer, struct str module,
                      struct str version, bool indirect, struct error *err)
{
  struct package p = {
      .type = PACKAGE_GOLANG, .name = module, .indirect = indirect, .path = path, .layer = layer};
  ptrdiff_t slash = str_find_last_byte(module, '/');
  struct purl purl = {.name_space = slash < 0 ? STR_EMPTY : str_sub(module, 0, (size_t)slash),
                      .name = str_sub(module, (size_t)(slash + 1), SIZE_MAX)};
  return language_add(list, &p, version, &purl, err);
}

/* ---- go.mod */

struct module {
  struct str path, version;
  bool indirect, left_out;
  uint32_t line;
};

struct replacement {
  struct str path, version; /* version empty: any */
  struct str new_path, new_version;
};

struct reading {
  struct str path;
  uint32_t layer;
  struct package_list *list;
  struct arena arena;
  struct faults faults;
  VEC(struct module) modules;
  VEC(struct replacement) replacements;
  struct str toolchain;
  bool before_117;
  struct str block; /* the directive whose "(" is open; empty: none */
};

struct line {
  struct str words[WORDS_MAX];
  size_t count;
  struct str comment; /* behind "//", without spaces at both ends */
};

/* A quoted word; what is escaped in it does not matter for paths and versions. */
static struct str cut_quoted(struct str *io_rest)
{
  char quote = io_rest->data[0];
  ptrdiff_t end = str_find_byte(*io_rest, 1, quote);
  size_t len = end < 0 ? io_rest->len - 1 : (size_t)end - 1;
  struct str word = str_sub(*io_rest, 1, len);
  *io_rest = str_sub(*io_rest, len + 2, SIZE_MAX);
  return word;
}

static struct str cut_word(struct str *io_rest)
{
  size_t i = 0;
  struct str rest = *io_rest;
  while (i < rest.len && !strchr(" \t\r", rest.data[i]) &&
         !str_starts(str_sub(rest, i, 2), STR("//")) && !(i && strchr("()", rest.data[i])))
    i += 1;
  if (rest.data[0] == '(' || rest.data[0] == ')')
    i = 1;
  *io_rest = str_sub(rest, i, SIZE_MAX);
  return str_sub(rest, 0, i);
}

static void split_line(struct str rest, struct line *ret)
{
  *ret = (struct line){.comment = STR_EMPTY};
  for (;;) {
    rest = str_trim(rest);
    if (str_starts(rest, STR("//"))) {
      ret->comment = str_trim(str_sub(rest, 2, SIZE_MAX));
      return;
    }
    if (!rest.len || ret->count == WORDS_MAX)
      return;
    ret->words[ret->count++] = rest.data[0] == '"' || rest.data[0] == '`' ? cut_quoted(&rest)
                                                                          : cut_word(&rest);
  }
}

static int take_require(struct reading *r, const struct line *line, uint32_t number,
                        struct error *err)
{
  struct str comment = line->comment;
  if (line->count != 2)
    return error_set_at(err, SW_EINVAL, number, 0, "\"require\" takes a module and its version");
  if (vec_full(&r->modules, MODULES_MAX))
    return error_set(err, SW_ELIMIT, "there are more than %d modules", MODULES_MAX);
  bool indirect = str_eq(comment, STR("indirect")) || str_starts(comment, STR("indirect;"));
  vec_push(&r->modules, (struct module){.path = line->words[0],
                                        .version = line->words[1],
                                        .indirect = indirect,
                                        .line = number});
  return 0;
}

static int take_replace(struct reading *r, const struct line *line, uint32_t number,
                        struct error *err)
{
  size_t arrow = 1;
  while (arrow < line->count && !str_eq(line->words[arrow], STR("=>")))
    arrow++;
  size_t behind = line->count > arrow ? line->count - arrow - 1 : 0;
  if (arrow > 2 || behind < 1 || behind > 2)
    return error_set_at(err, SW_EINVAL, number, 0,
                        "\"replace\" takes a module, \"=>\" and what stands in its place");
  if (vec_full(&r->replacements, MODULES_MAX))
    return error_set(err, SW_ELIMIT, "there are more than %d replacements", MODULES_MAX);
  vec_push(&r->replacements,
           (struct replacement){.path = line->words[0],
                                .version = arrow == 2 ? line->words[1] : STR_EMPTY,
                                .new_path = line->words[arrow + 1],
                                .new_version = behind == 2 ? line->words[arrow + 2] : STR_EMPTY});
  return 0;
}

/* 1.16 and older, as the line is written: with two numbers. */
static bool is_before_117(struct str version)
{
  unsigned long long minor;
  struct str rest;
  return str_eq(str_cut(version, '.', &rest), STR("1")) && str_to_u64(rest, 1000, &minor) &&
         minor < 17;
}

static int take_directive(struct reading *r, struct str directive, const struct line *line,
                          uint32_t number, struct error *err)
{
  if (str_eq(directive, STR("require")))
    return take_require(r, line, number, err);
  if (str_eq(directive, STR("replace")))
    return take_replace(r, line, number, err);
  if (str_eq(directive, STR("go")) && line->count)
    r->before_117 = is_before_117(line->words[0]);
  if (str_eq(directive, STR("toolchain")) && line->count)
    r->toolchain = line->words[0];
  return 0;
}

static int take_line(struct reading *r, struct str text, uint32_t number, struct error *err)
{
  struct line line;
  split_line(text, &line);
  if (!line.count)
    return 0;
  if (r->block.len) {
    if (!str_eq(line.words[0], STR(")")))
      return take_directive(r, r->block, &line, number, err);
    r->block = STR_EMPTY;
    return 0;
  }
  struct str directive = line.words[0];
  if (line.count == 2 && str_eq(line.words[1], STR("("))) {
    r->block = directive;
    return 0;
  }
  memmove(line.words, line.words + 1, --line.count * sizeof line.words[0]);
  return take_directive(r, directive, &line, number, err);
}

/* In the order of the file, as the last of two that name the same module counts. */
static void replace_modules(struct reading *r)
{
  struct map by_path;
  map_init(&by_path, NULL);
  for (size_t i = 0; i < r->modules.count; i++) {
    struct module *m = &r->modules.items[i];
    m->left_out = r->before_117 && m->indirect;
    if (m->left_out)
      continue;
    union map_value *value = map_put(&by_path, m->path, NULL);
    if (value->pointer)
      ((struct module *)value->pointer)->left_out = true;
    value->pointer = m;
  }
  for (size_t i = 0; i < r->replacements.count; i++) {
    const struct replacement *new = &r->replacements.items[i];
    const union map_value *value = map_get(&by_path, new->path);
    struct module *m = value ? value->pointer : NULL;
    if (!m || m->left_out || (new->version.len && !str_eq(new->version, m->version)))
      continue;
    m->left_out = !new->new_version.len;
    m->path = new->new_path;
    m->version = new->new_version;
  }
  map_free(&by_path);
}

/* "go1.22.5-custom" is 1.22.5. */
static struct str toolchain_version(struct reading *r)
{
  struct str rest, name = str_cut(r->toolchain, '-', &rest);
  if (!str_starts(name, STR("go1")))
    return STR_EMPTY;
  return arena_printf(&r->arena, "v%.*s", STR_FMT(str_sub(name, 2, SIZE_MAX)));
}

static void add_modules(struct reading *r)
{
  struct error err;
  struct str toolchain = toolchain_version(r);
  if (toolchain.len &&
      add_module(r->list, r->path, r->layer, STR("stdlib"), toolchain, false, &err) < 0 &&
      faults_add(&r->faults, &err) < 0)
    return;
  for (size_t i = 0; i < r->modules.count; i++) {
    const struct module *m = &r->modules.items[i];
    if (m->left_out ||
        add_module(r->list, r->path, r->layer, m->path, m->version, m->indirect, &err) == 0)
      continue;
    err.line = m->line;
    if (faults_add(&r->faults, &err) < 0)
      return;
  }
}

static int read_mod(struct reading *r, struct str bytes, struct error *err)
{
  uint32_t number = 0;
  for (struct str rest = bytes; rest.data;) {
    struct error fault;
    if (take_line(r, str_cut(rest, '\n', &rest), ++number, &fault) < 0 &&
        faults_add(&r->faults, &fault) < 0)
      return faults_end(&r->faults, err);
  }
  replace_modules(r);
  add_modules(r);
  return faults_end(&r->faults, err);
}

/* ---- go.sum: kept as a note, "module version" for each, until it is known whether it is wanted */

/* The word that begins there, without the "/go.mod" of lines that are about that file alone. */
static struct str version_at(struct str bytes, const char *start)
{
  struct str rest = str_sub(bytes, (size_t)(start - bytes.data), PACKAGE_NAME_MAX),
             suffix = STR("/go.mod");
  size_t len = 0;
  while (len < rest.len && !strchr(" \t\r\n", rest.data[len]))
    len++;
  struct str version = str_sub(rest, 0, len);
  return str_ends(version, suffix) ? str_sub(version, 0, len - suffix.len) : version;
}

/* Of each module where its last version stands. */
static int index_sum(struct str bytes, struct map *last, struct error *err)
{
  for (struct str rest = bytes; rest.data;) {
    struct line line;
    split_line(str_cut(rest, '\n', &rest), &line);
    if (line.count < 2)
      continue;
    if (last->count >= SUM_LINES_MAX)
      return error_set(err, SW_ELIMIT, "there are more than %d modules", SUM_LINES_MAX);
    map_put(last, line.words[0], NULL)->view = line.words[1].data;
  }
  return 0;
}

static int write_sum(struct package_list *list, struct str bytes, const struct map *last,
                     struct str **ret_lines, struct error *err)
{
  size_t total = 0, at = 0, count = 0;
  char *text;
  for (struct map_entry *e; (e = map_next(last, &at));)
    total += e->key.len + 1 + version_at(bytes, e->value.view).len;
  struct str *lines = package_list_room_for_files(list, last->count, total, &text, err);
  if (!lines)
    return SW_ELIMIT;
  at = 0;
  for (struct map_entry *e; (e = map_next(last, &at)); count++) {
    struct str version = version_at(bytes, e->value.view);
    lines[count] = str_make(text, e->key.len + 1 + version.len);
    memcpy(text, e->key.data, e->key.len);
    text += e->key.len;
    *text++ = ' ';
    memcpy(text, version.data, version.len);
    text += version.len;
  }
  *ret_lines = lines;
  return 0;
}

static int read_sum(struct reading *r, struct str bytes, struct error *err)
{
  struct map last;
  struct str *lines = NULL;
  map_init(&last, NULL);
  int rc = index_sum(bytes, &last, err);
  if (rc == 0 && last.count)
    rc = write_sum(r->list, bytes, &last, &lines, err);
  const struct package_note note = {.kind = PACKAGE_NOTE_GO_SUM,
                                    .type = PACKAGE_GOLANG,
                                    .name = go_sum,
                                    .files = lines,
                                    .file_count = (uint32_t)last.count,
                                    .path = r->path,
                                    .layer = r->layer};
  if (rc == 0 && lines)
    rc = package_list_note(r->list, &note, err);
  map_free(&last);
  return rc;
}

int golang_read(struct str path, uint32_t layer, struct str bytes, struct package_list *list,
                struct error *err)
{
  struct reading r = {.path = path,
                      .layer = layer,
                      .list = list,
                      .toolchain = STR_EMPTY,
                      .before_117 = true,
                      .block = STR_EMPTY};
  if (bytes.len > GOLANG_SIZE_MAX)
    return error_set(err, SW_ELIMIT, "the file has %zu bytes, at most %d are read", bytes.len,
                     GOLANG_SIZE_MAX);
  arena_init(&r.arena, 0);
  int rc = str_eq(language_base_name(path), go_sum) ? read_sum(&r, bytes, err)
                                                    : read_mod(&r, bytes, err);
  vec_free(&r.modules);
  vec_free(&r.replacements);
  arena_free(&r.arena);
  return rc;
}

/* ---- both together */

static struct str mod_beside(struct arena *arena, struct str sum)
{
  return arena_printf(arena, "%.*s%.*s", STR_FMT(str_sub(sum, 0, sum.len - go_sum.len)),
                      STR_FMT(go_mod));
}

enum { HAS_MODULES = 1, HAS_INDIRECT = 2 };

/* What is known of each go.mod, and "path\nmodule" for each of its modules. */
static void index_mods(const struct package_list *list, struct arena *arena, struct map *mods,
                       struct map *modules)
{
  for (size_t i = 0; i < list->count; i++) {
    const struct package *p = &list->items[i];
    if (p->type != PACKAGE_GOLANG || !str_eq(language_base_name(p->path), go_mod))
      continue;
    map_put(mods, p->path, NULL)->number |= HAS_MODULES | (p->indirect ? HAS_INDIRECT : 0);
    map_put(modules, arena_printf(arena, "%.*s\n%.*s", STR_FMT(p->path), STR_FMT(p->name)), NULL);
  }
}

static void add_sum(struct package_list *list, struct arena *arena, const struct package_note *note,
                    const struct map *mods, const struct map *modules)
{
  struct str mod = mod_beside(arena, note->path);
  const union map_value *known = map_get(mods, mod);
  if (!known || known->number & HAS_INDIRECT)
    return;
  for (uint32_t i = 0; i < note->file_count; i++) {
    struct str version, module = str_cut(note->files[i], ' ', &version);
    if (map_get(modules, arena_printf(arena, "%.*s\n%.*s", STR_FMT(mod), STR_FMT(module))))
      continue;
    /* What cannot be added (a broken line) was no module. */
    if (add_module(list, mod, note->layer, module, version, true, NULL) == SW_ELIMIT)
      return;
  }
}

void golang_settle(struct package_list *list)
{
  struct arena arena;
  struct map mods, modules;
  bool any = false;
  for (size_t i = 0; i < list->notes.count; i++)
    any |= list->notes.items[i].kind == PACKAGE_NOTE_GO_SUM;
  if (!any)
    return;
  arena_init(&arena, 0);
  map_init(&mods, &arena);
  map_init(&modules, NULL);
  index_mods(list, &arena, &mods, &modules);
  for (size_t i = 0; i < list->notes.count; i++)
    if (list->notes.items[i].kind == PACKAGE_NOTE_GO_SUM)
      add_sum(list, &arena, &list->notes.items[i], &mods, &modules);
  map_free(&mods);
  map_free(&modules);
  arena_free(&arena);
}
