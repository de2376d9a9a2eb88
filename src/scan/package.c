#include "scan/package.h"

#include "base/map.h"
#include "base/mem.h"
#include "base/vec.h"

#include <stdlib.h>

enum { KEY_MAX = 2 * PACKAGE_NAME_MAX + 32 };

static const struct {
  struct str text;
  bool is_system;
} types[] = {
    [PACKAGE_DEB] = {STR_INIT("deb"), true},
    [PACKAGE_APK] = {STR_INIT("apk"), true},
    [PACKAGE_RPM] = {STR_INIT("rpm"), true},
    [PACKAGE_NPM] = {STR_INIT("npm"), false},
    [PACKAGE_PYPI] = {STR_INIT("pypi"), false},
    [PACKAGE_GOLANG] = {STR_INIT("golang"), false},
    [PACKAGE_MAVEN] = {STR_INIT("maven"), false},
    [PACKAGE_CARGO] = {STR_INIT("cargo"), false},
    [PACKAGE_GEM] = {STR_INIT("gem"), false},
    [PACKAGE_COMPOSER] = {STR_INIT("composer"), false},
    [PACKAGE_NUGET] = {STR_INIT("nuget"), false},
    [PACKAGE_PUB] = {STR_INIT("pub"), false},
    [PACKAGE_HEX] = {STR_INIT("hex"), false},
    [PACKAGE_SWIFT] = {STR_INIT("swift"), false},
    [PACKAGE_CONAN] = {STR_INIT("conan"), false},
    [PACKAGE_CONDA] = {STR_INIT("conda"), false},
    [PACKAGE_COCOAPODS] = {STR_INIT("cocoapods"), false},
    [PACKAGE_JULIA] = {STR_INIT("julia"), false},
    [PACKAGE_GENERIC] = {STR_INIT("generic"), false},
};

struct str package_type_text(enum package_type type)
{
  return types[type].text;
}

bool package_type_is_system(enum package_type type)
{
  return types[type].is_system;
}

/* ---- versions */

static bool all_digits(struct str s)
{
  for (size_t i = 0; i < s.len; i++)
    if (s.data[i] < '0' || s.data[i] > '9')
      return false;
  return s.len > 0;
}

static void split_epoch(struct package_version *version)
{
  ptrdiff_t colon = str_find_byte(version->upstream, 0, ':');
  if (colon <= 0 || !all_digits(str_sub(version->upstream, 0, (size_t)colon)))
    return;
  version->epoch = str_sub(version->upstream, 0, (size_t)colon);
  version->upstream = str_sub(version->upstream, (size_t)colon + 1, SIZE_MAX);
}

static void split_release(struct package_version *version)
{
  ptrdiff_t dash = str_find_last_byte(version->upstream, '-');
  if (dash < 0)
    return;
  version->release = str_sub(version->upstream, (size_t)dash + 1, SIZE_MAX);
  version->upstream = str_sub(version->upstream, 0, (size_t)dash);
}

/* apk's release is "-r" and digits; any other dash belongs to nothing that apk would write. */
static void split_apk(struct package_version *version)
{
  struct package_version with = *version;
  split_release(&with);
  if (with.release.len > 1 && with.release.data[0] == 'r' &&
      all_digits(str_sub(with.release, 1, SIZE_MAX)))
    *version = with;
}

struct package_version package_version_split(enum package_type type, struct str text)
{
  struct package_version version = {text, STR_EMPTY, text, STR_EMPTY};
  if (type == PACKAGE_APK) {
    split_apk(&version);
  } else if (type == PACKAGE_DEB || type == PACKAGE_RPM) {
    split_epoch(&version);
    split_release(&version);
  }
  return version;
}

/* ---- the list */

void package_list_init(struct package_list *list, struct arena *arena, unsigned flags)
{
  *list = (struct package_list){.arena = arena, .flags = flags};
}

void package_list_free(struct package_list *list)
{
  vec_free(list);
  vec_free(&list->notes);
}

/* lowest: the first byte that may stand in it. */
static int check_bytes(const char *what, struct str text, unsigned char lowest, struct error *err)
{
  if (text.len > PACKAGE_NAME_MAX)
    return error_set(err, SW_ELIMIT, "the %s has %zu bytes, at most %d are read", what, text.len,
                     PACKAGE_NAME_MAX);
  for (size_t i = 0; i < text.len; i++)
    if ((unsigned char)text.data[i] < lowest || text.data[i] == 0x7f)
      return error_set(err, SW_EINVAL, "the %s holds the byte 0x%02x", what,
                       (unsigned char)text.data[i]);
  return 0;
}

/* Names of languages' packages may hold spaces (files of Java archives do); those of systems may not. */
static int check_names(const struct package *p, struct error *err)
{
  const struct {
    const char *what;
    struct str text;
    bool needed;
  } names[] = {
      {"name of the package", p->name, true},
      {"version of the package", p->version.text, true},
      {"architecture of the package", p->architecture, false},
      {"source of the package", p->source, false},
      {"version of its source", p->source_version.text, false},
  };
  unsigned char lowest = package_type_is_system(p->type) ? '!' : ' ';
  for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
    if (names[i].needed && !names[i].text.len)
      return error_set(err, SW_EINVAL, "the %s is missing", names[i].what);
    int rc = check_bytes(names[i].what, names[i].text, lowest, err);
    if (rc < 0)
      return rc;
  }
  return 0;
}

static struct str copy_text(struct arena *arena, struct str text)
{
  return text.len ? arena_copy(arena, str_sub(text, 0, PACKAGE_TEXT_MAX)) : STR_EMPTY;
}

/* A view of the copy where there was one of the original. */
static struct str moved(struct str part, struct str from, struct str to)
{
  return part.len ? str_sub(to, (size_t)(part.data - from.data), part.len) : STR_EMPTY;
}

static struct package_version copy_version(struct arena *arena, struct package_version v)
{
  struct str text = copy_text(arena, v.text);
  return (struct package_version){text, moved(v.epoch, v.text, text),
                                  moved(v.upstream, v.text, text), moved(v.release, v.text, text)};
}

static int list_over(const struct package_list *list, size_t count, size_t max, const char *what,
                     struct error *err)
{
  if (count >= max)
    return error_set(err, SW_ELIMIT, "there are more than %zu %s", max, what);
  if (arena_over(list->arena))
    return error_set(err, SW_ELIMIT, "what is known of packages takes more memory than allowed");
  return 0;
}

/* Packages of one file come one after the other, and share its name. */
static struct str copy_path(struct package_list *list, struct str path)
{
  if (list->count && str_eq(list->items[list->count - 1].path, path))
    return list->items[list->count - 1].path;
  return copy_text(list->arena, path);
}

int package_list_add(struct package_list *list, const struct package *p, struct error *err)
{
  int rc = list_over(list, list->count, PACKAGES_MAX, "packages", err);
  if (rc == 0)
    rc = check_names(p, err);
  if (rc < 0)
    return rc;
  struct package copy = *p;
  struct arena *arena = list->arena;
  copy.name = copy_text(arena, p->name);
  copy.version = copy_version(arena, p->version);
  copy.architecture = copy_text(arena, p->architecture);
  copy.source = p->source.len ? copy_text(arena, p->source) : copy.name;
  copy.source_version = p->source_version.text.len ? copy_version(arena, p->source_version)
                                                   : copy.version;
  copy.license = copy_text(arena, p->license);
  copy.maintainer = copy_text(arena, p->maintainer);
  copy.vendor = copy_text(arena, p->vendor);
  copy.module = copy_text(arena, p->module);
  copy.purl = copy_text(arena, p->purl);
  copy.digest = copy_text(arena, p->digest);
  copy.path = copy_path(list, p->path);
  vec_push(list, copy);
  return 0;
}

int package_list_note(struct package_list *list, const struct package_note *note, struct error *err)
{
  int rc =
      list_over(list, list->notes.count, PACKAGE_NOTES_MAX, "files that tell of packages", err);
  if (rc == 0 && !note->name.len)
    rc = error_set(err, SW_EINVAL, "the name of the package is missing");
  if (rc == 0)
    rc = check_bytes("name of the package", note->name, '!', err);
  if (rc == 0)
    rc = check_bytes("architecture of the package", note->architecture, '!', err);
  if (rc < 0)
    return rc;
  struct package_note copy = *note;
  copy.name = copy_text(list->arena, note->name);
  copy.architecture = copy_text(list->arena, note->architecture);
  copy.license = copy_text(list->arena, note->license);
  copy.path = copy_text(list->arena, note->path);
  vec_push(&list->notes, copy);
  return 0;
}

struct str *package_list_room_for_files(struct package_list *list, size_t count, size_t bytes,
                                        char **ret_text, struct error *err)
{
  size_t limit = list->arena->limit, used = limit ? arena_used(list->arena) : 0;
  if (count > PACKAGE_FILES_MAX - list->files ||
      bytes > PACKAGE_FILES_BYTES_MAX - list->file_bytes) {
    error_set(err, SW_ELIMIT, "the packages own more than %d files, or %d bytes of paths",
              PACKAGE_FILES_MAX, PACKAGE_FILES_BYTES_MAX);
    return NULL;
  }
  if (limit && (used > limit || count * sizeof(struct str) + bytes > limit - used)) {
    error_set(err, SW_ELIMIT, "the files that packages own take more memory than allowed");
    return NULL;
  }
  list->files += count;
  list->file_bytes += bytes;
  *ret_text = arena_alloc(list->arena, bytes + 1);
  return arena_array(list->arena, struct str, count + 1);
}

/* ---- what is still to be seen */

struct asked {
  bool (*visible)(void *ctx, struct str path, uint32_t layer);
  void *ctx;
  struct str path;
  uint32_t layer;
  bool any, answer;
};

static bool ask(struct asked *asked, struct str path, uint32_t layer)
{
  if (!asked->any || asked->layer != layer || !str_eq(asked->path, path)) {
    asked->answer = asked->visible(asked->ctx, path, layer);
    asked->path = path;
    asked->layer = layer;
    asked->any = true;
  }
  return asked->answer;
}

void package_list_keep(struct package_list *list,
                       bool (*visible)(void *ctx, struct str path, uint32_t layer), void *ctx)
{
  struct asked asked = {.visible = visible, .ctx = ctx};
  size_t kept = 0;
  for (size_t i = 0; i < list->count; i++)
    if (ask(&asked, list->items[i].path, list->items[i].layer))
      list->items[kept++] = list->items[i];
  list->count = kept;
  kept = 0;
  for (size_t i = 0; i < list->notes.count; i++)
    if (ask(&asked, list->notes.items[i].path, list->notes.items[i].layer))
      list->notes.items[kept++] = list->notes.items[i];
  list->notes.count = kept;
}

/* ---- notes to packages */

static struct str note_key(char room[static KEY_MAX], enum package_note_kind kind,
                           enum package_type type, struct str name, struct str architecture)
{
  int len = snprintf(room, KEY_MAX, "%d %d %.*s %.*s", (int)kind, (int)type, STR_FMT(name),
                     STR_FMT(architecture));
  return str_make(room, (size_t)len);
}

static const struct package_note *find_note(const struct map *notes, enum package_note_kind kind,
                                            const struct package *p)
{
  char room[KEY_MAX];
  const union map_value *found =
      map_get(notes, note_key(room, kind, p->type, p->name, p->architecture));
  if (!found)
    found = map_get(notes, note_key(room, kind, p->type, p->name, STR_EMPTY));
  return found ? found->view : NULL;
}

static void index_notes(struct package_list *list, struct map *index, struct arena *keys)
{
  map_init(index, keys);
  for (size_t i = 0; i < list->notes.count; i++) {
    const struct package_note *note = &list->notes.items[i];
    char room[KEY_MAX];
    union map_value *value = map_put(
        index, note_key(room, note->kind, note->type, note->name, note->architecture), NULL);
    const struct package_note *before = value->view;
    if (!before || before->layer <= note->layer)
      value->view = note;
  }
}

/* ---- whose file a package was found in */

/* The file itself, where that is an archive of others. */
static struct str outer_path(const struct package *p)
{
  ptrdiff_t inner = str_find_byte(p->path, 0, '!');
  return inner < 0 ? p->path : str_sub(p->path, 0, (size_t)inner);
}

/* Files are many and packages of languages few: so those are indexed, and all files held against them. */
static void index_paths(const struct package_list *list, struct map *paths)
{
  map_init(paths, NULL);
  for (size_t i = 0; i < list->count; i++)
    if (!package_type_is_system(list->items[i].type) && list->items[i].path.len)
      map_put(paths, outer_path(&list->items[i]), NULL);
}

static void find_owners(struct package_list *list)
{
  struct map paths;
  index_paths(list, &paths);
  for (size_t i = 0; paths.count && i < list->count; i++) {
    const struct package *p = &list->items[i];
    for (uint32_t f = 0; package_type_is_system(p->type) && f < p->file_count; f++) {
      union map_value *owner = map_get(&paths, p->files[f]);
      if (owner)
        owner->view = p;
    }
  }
  for (size_t i = 0; paths.count && i < list->count; i++) {
    struct package *p = &list->items[i];
    const union map_value *found = package_type_is_system(p->type) ? NULL
                                                                   : map_get(&paths, outer_path(p));
    const struct package *owner = found ? found->view : NULL;
    if (owner && p->layer <= owner->layer)
      p->owner = owner->name;
  }
  map_free(&paths);
}

void package_list_join(struct package_list *list)
{
  struct arena keys;
  struct map index;
  arena_init(&keys, 0);
  index_notes(list, &index, &keys);
  for (size_t i = 0; index.count && i < list->count; i++) {
    struct package *p = &list->items[i];
    const struct package_note *note;
    if (!p->file_count && (note = find_note(&index, PACKAGE_NOTE_FILES, p))) {
      p->files = note->files;
      p->file_count = note->file_count;
    }
    if (!p->license.len && (note = find_note(&index, PACKAGE_NOTE_LICENSE, p)))
      p->license = note->license;
  }
  map_free(&index);
  arena_free(&keys);
  vec_clear(&list->notes);
  find_owners(list);
}

static int compare_packages(const void *one, const void *other)
{
  const struct package *a = one, *b = other;
  int order = (a->type > b->type) - (a->type < b->type);
  if (order == 0)
    order = str_compare(a->name, b->name);
  if (order == 0)
    order = str_compare(a->version.text, b->version.text);
  if (order == 0)
    order = str_compare(a->architecture, b->architecture);
  if (order == 0)
    order = str_compare(a->path, b->path);
  return order ? order : (a->layer > b->layer) - (a->layer < b->layer);
}

void package_list_sort(struct package_list *list)
{
  if (list->count)
    qsort(list->items, list->count, sizeof *list->items, compare_packages);
}
