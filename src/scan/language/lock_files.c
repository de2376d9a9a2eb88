#include "scan/language/lock_files.h"

#include "base/vec.h"
#include "scan/language/lock.h"

/* ---- Dart */

static int read_pubspec(struct lock *lock, struct str bytes, struct error *err)
{
  struct value root;
  int rc = lock_parse(lock, LOCK_YAML, bytes, &root, err);
  if (rc < 0)
    return rc;
  struct value packages = lock_get(root, "packages");
  for (uint32_t i = 0; value_is(packages, VALUE_OBJECT) && i < packages.len; i++) {
    struct value entry = packages.members[i].value;
    struct str dependency = lock_text(entry, "dependency"), version = lock_text(entry, "version");
    if (str_eq(lock_text(entry, "source"), STR("sdk")))
      continue;
    struct lock_node *node =
        lock_add_package(lock, value_str(packages.members[i].key), version, NULL);
    if (!node)
      break;
    node->indirect = str_eq(dependency, STR("transitive"));
    node->development = str_eq(dependency, STR("direct dev"));
  }
  return 0;
}

/* ---- Elixir and Erlang: terms of those languages, of which an entry begins
 *   "jason": {:hex, :jason, "1.4.0", "e855...      and      {<<"cowboy">>,{pkg,<<"cowboy">>,<<"2.9.0">>},0}, */

/* The text between quotes at or behind *at, which moves behind it; data NULL: there is none. */
static struct str next_quoted(struct str line, size_t *at)
{
  ptrdiff_t begin = str_find_byte(line, *at, '"');
  ptrdiff_t end = begin < 0 ? -1 : str_find_byte(line, (size_t)begin + 1, '"');
  if (end < 0)
    return (struct str){NULL, 0};
  *at = (size_t)end + 1;
  return str_sub(line, (size_t)begin + 1, (size_t)(end - begin - 1));
}

static void read_mix_line(struct lock *lock, struct str line, uint32_t number)
{
  size_t at = 0;
  struct str name = next_quoted(line, &at);
  struct str rest = str_trim(str_sub(line, at, SIZE_MAX));
  if (!name.data || !rest.len || rest.data[0] != ':')
    return;
  rest = str_trim(str_sub(rest, 1, SIZE_MAX));
  if (!str_starts(rest, STR("{:hex")))
    return; /* from git, or a folder */
  /* the name in Hex may differ from the one in the project */
  struct str after,
      real = str_trim(str_cut(str_sub(rest, strlen("{:hex,"), SIZE_MAX), ',', &after));
  size_t in = 0;
  struct str version = after.data ? next_quoted(after, &in) : (struct str){NULL, 0};
  if (str_starts(real, STR(":")))
    real = str_sub(real, 1, SIZE_MAX);
  if (!real.len || !version.data) {
    lock_fault(lock, number, "the entry of %.*s has no version", STR_FMT(str_sub(name, 0, 100)));
    return;
  }
  lock_add_package(lock, real, version, NULL);
}

static int read_mix(struct lock *lock, struct str bytes, struct error *err)
{
  uint32_t number = 0;
  (void)err;
  for (struct str rest = bytes; rest.data;)
    read_mix_line(lock, str_cut(rest, '\n', &rest), ++number);
  return 0;
}

static int read_rebar(struct lock *lock, struct str bytes, struct error *err)
{
  (void)err;
  for (struct str rest = bytes; rest.data;) {
    struct str line = str_cut(rest, '\n', &rest);
    ptrdiff_t entry = str_find(line, 0, STR(",{pkg,"));
    size_t at = entry < 0 ? 0 : (size_t)entry;
    struct str name = entry < 0 ? STR_EMPTY : next_quoted(line, &at);
    struct str version = name.len ? next_quoted(line, &at) : STR_EMPTY;
    if (!version.data || !version.len)
      continue;
    struct lock_node *node = lock_add_package(lock, name, version, NULL);
    if (node) {
      struct str level = str_sub(line, at, SIZE_MAX);
      node->indirect = str_find(level, 0, STR("},0}")) < 0;
    }
  }
  return 0;
}

/* ---- Swift */

/* "https://github.com/a/b.git" and "git@github.com:a/b.git" are "github.com/a/b". */
static struct str source_name(struct lock *lock, struct str place)
{
  ptrdiff_t scheme = str_find(place, 0, STR("://"));
  struct str name = scheme < 0 ? place : str_sub(place, (size_t)scheme + 3, SIZE_MAX);
  ptrdiff_t at = str_find_byte(name, 0, '@'), slash = str_find_byte(name, 0, '/');
  if (at >= 0 && (slash < 0 || at < slash))
    name = str_sub(name, (size_t)at + 1, SIZE_MAX);
  if (str_ends(name, STR(".git")))
    name.len -= 4;
  ptrdiff_t colon = scheme < 0 ? str_find_byte(name, 0, ':') : -1;
  if (colon < 0)
    return name;
  return arena_printf(&lock->arena, "%.*s/%.*s", STR_FMT(str_sub(name, 0, (size_t)colon)),
                      STR_FMT(str_sub(name, (size_t)colon + 1, SIZE_MAX)));
}

static int read_swift(struct lock *lock, struct str bytes, struct error *err)
{
  struct value root;
  int rc = lock_parse(lock, LOCK_JSON, bytes, &root, err);
  if (rc < 0)
    return rc;
  struct value pins = lock_get(root, "pins");
  if (value_is_nil(pins))
    pins = lock_get(lock_get(root, "object"), "pins");
  for (uint32_t i = 0; value_is(pins, VALUE_ARRAY) && i < pins.len; i++) {
    struct value state = lock_get(pins.items[i], "state");
    struct str place = lock_text(pins.items[i], "location"), version = lock_text(state, "version");
    if (!place.len)
      place = lock_text(pins.items[i], "repositoryURL");
    if (!version.len)
      version = lock_text(state, "branch");
    if (!lock_add_package(lock, source_name(lock, place), version, NULL))
      break;
  }
  return 0;
}

/* ---- CocoaPods: "Name (1.2.3)", alone or with a list of what it needs */

static int read_pods(struct lock *lock, struct str bytes, struct error *err)
{
  struct value root;
  int rc = lock_parse(lock, LOCK_YAML, bytes, &root, err);
  if (rc < 0)
    return rc;
  struct value pods = lock_get(root, "PODS"), direct = lock_get(root, "DEPENDENCIES");
  for (uint32_t i = 0; value_is(pods, VALUE_ARRAY) && i < pods.len; i++) {
    struct value pod = pods.items[i];
    if (value_is(pod, VALUE_OBJECT) && pod.len)
      pod = pod.members[0].key;
    struct str version, name = str_trim(str_cut(value_str_or_empty(pod), '(', &version));
    struct lock_node *node = version.data ? lock_add(lock, name, NULL) : NULL;
    if (!node)
      continue;
    node->name = name;
    node->version = str_trim(str_cut(version, ')', &(struct str){0}));
    node->indirect = value_is(direct, VALUE_ARRAY);
  }
  for (uint32_t i = 0; value_is(direct, VALUE_ARRAY) && i < direct.len; i++) {
    struct str name = str_cut(value_str_or_empty(direct.items[i]), '(', &(struct str){0});
    struct lock_node *node = lock_find(lock, str_trim(name));
    if (node)
      node->indirect = false;
  }
  return 0;
}

/* ---- Conan */

/* "name/1.2@user/channel#revision%time". */
static struct lock_node *add_reference(struct lock *lock, struct str reference)
{
  static const char ends[] = "@#%";
  struct str version;
  for (size_t i = 0; ends[i]; i++)
    reference = str_cut(reference, ends[i], &(struct str){0});
  struct str name = str_cut(reference, '/', &version);
  if (!name.len || !version.data || str_find_byte(version, 0, '/') >= 0)
    return NULL;
  return lock_add_package(lock, name, version, NULL);
}

static bool has_text(struct value list, struct str text)
{
  for (uint32_t i = 0; value_is(list, VALUE_ARRAY) && i < list.len; i++)
    if (value_eq_str(list.items[i], text))
      return true;
  return false;
}

/* Conan 1: node "0" is the project. */
static void read_graph(struct lock *lock, struct value nodes)
{
  struct value direct = lock_get(lock_get(nodes, "0"), "requires");
  for (uint32_t i = 0; i < nodes.len; i++) {
    struct value entry = nodes.members[i].value;
    size_t before = lock->nodes.count;
    struct lock_node *node = add_reference(lock, lock_text(entry, "ref"));
    bool indirect = !has_text(direct, value_str(nodes.members[i].key));
    if (node)
      node->indirect = indirect && (lock->nodes.count > before || node->indirect);
  }
}

static void read_references(struct lock *lock, struct value list, bool development)
{
  for (uint32_t i = 0; value_is(list, VALUE_ARRAY) && i < list.len; i++) {
    size_t before = lock->nodes.count;
    struct lock_node *node = add_reference(lock, value_str_or_empty(list.items[i]));
    if (node)
      node->development = development && (lock->nodes.count > before || node->development);
  }
}

static int read_conan(struct lock *lock, struct str bytes, struct error *err)
{
  struct value root;
  int rc = lock_parse(lock, LOCK_JSON, bytes, &root, err);
  if (rc < 0)
    return rc;
  struct value nodes = lock_get(lock_get(root, "graph_lock"), "nodes");
  if (value_is(nodes, VALUE_OBJECT))
    read_graph(lock, nodes);
  read_references(lock, lock_get(root, "requires"), false);
  read_references(lock, lock_get(root, "build_requires"), true);
  read_references(lock, lock_get(root, "python_requires"), true);
  return 0;
}

/* ---- Julia: [[deps.Name]], or in the first format [[Name]]. Packages are known by their uuids, and by their names
 * where those are unique. */

static void add_julia_needs(struct lock *lock, struct lock_node *node, struct value needs)
{
  for (uint32_t i = 0; value_is(needs, VALUE_ARRAY) && i < needs.len; i++)
    lock_need(lock, node, value_str_or_empty(needs.items[i]));
  for (uint32_t i = 0; value_is(needs, VALUE_OBJECT) && i < needs.len; i++)
    lock_need(lock, node, value_str_or_empty(needs.members[i].value));
}

/* The entry is told under name and version, which is how packages of the list are found again. */
static int add_julia_entry(struct lock *lock, struct str name, struct value entry, struct str julia,
                           struct error *err)
{
  struct str uuid = lock_text(entry, "uuid"), version = lock_text(entry, "version");
  struct lock_node *node = uuid.len ? lock_add(lock, uuid, NULL) : NULL;
  struct lock_texts texts = {0};
  if (!node)
    return 0;
  node->name = name;
  node->version = version.len ? version : julia.len ? julia : STR("unknown");
  node->uuid = uuid;
  add_julia_needs(lock, node, lock_get(entry, "deps"));
  struct lock_node told = *node;
  told.id = lock_id(lock, node->name, node->version);
  lock_text_add(lock, &texts, '=', uuid, STR_EMPTY);
  lock_text_add(lock, &texts, '=', name, STR_EMPTY);
  int rc = lock_tell(lock, PACKAGE_NOTE_NEEDS, &told, &texts, err);
  vec_free(&texts);
  return rc;
}

static int read_julia(struct lock *lock, struct str bytes, struct error *err)
{
  struct value root;
  int rc = lock_parse(lock, LOCK_TOML, bytes, &root, err);
  if (rc < 0)
    return rc;
  bool first = !value_is(lock_get(root, "manifest_format"), VALUE_STRING);
  struct value packages = first ? root : lock_get(root, "deps");
  struct str julia = lock_text(root, "julia_version");
  for (uint32_t i = 0; value_is(packages, VALUE_OBJECT) && i < packages.len; i++) {
    struct value entries = packages.members[i].value;
    for (uint32_t e = 0; rc == 0 && value_is(entries, VALUE_ARRAY) && e < entries.len; e++)
      rc = add_julia_entry(lock, value_str(packages.members[i].key), entries.items[e], julia, err);
  }
  return rc;
}

static void ask_julia(struct lock *lock, struct lock_texts *texts, char mark, struct value uuids)
{
  for (uint32_t i = 0; value_is(uuids, VALUE_OBJECT) && i < uuids.len; i++)
    if (value_is(uuids.members[i].value, VALUE_STRING))
      lock_text_add(lock, texts, mark, value_str(uuids.members[i].value), STR_EMPTY);
}

static int read_julia_project(struct lock *lock, struct str bytes, struct error *err)
{
  struct lock_node node = {.id = STR(".")};
  struct lock_texts texts = {0};
  struct value root;
  int rc = lock_parse(lock, LOCK_TOML, bytes, &root, err);
  if (rc < 0)
    return rc;
  ask_julia(lock, &texts, '+', lock_get(root, "deps"));
  ask_julia(lock, &texts, '-', lock_get(root, "extras"));
  rc = lock_tell(lock, PACKAGE_NOTE_PROJECT, &node, &texts, err);
  vec_free(&texts);
  return rc;
}

/* ---- which files */

static const struct lock_file {
  struct str name, end; /* the whole name; or, with an end, what it begins and ends with */
  enum package_type type;
  int (*read)(struct lock *lock, struct str bytes, struct error *err);
} files[] = {
    {STR_INIT("pubspec.lock"), STR_INIT(""), PACKAGE_PUB, read_pubspec},
    {STR_INIT("mix.lock"), STR_INIT(""), PACKAGE_HEX, read_mix},
    {STR_INIT("rebar.lock"), STR_INIT(""), PACKAGE_HEX, read_rebar},
    {STR_INIT("Package.resolved"), STR_INIT(""), PACKAGE_SWIFT, read_swift},
    {STR_INIT("Podfile.lock"), STR_INIT(""), PACKAGE_COCOAPODS, read_pods},
    {STR_INIT("conan.lock"), STR_INIT(""), PACKAGE_CONAN, read_conan},
    {STR_INIT("Manifest.toml"), STR_INIT(""), PACKAGE_JULIA, read_julia},
    {STR_INIT("Manifest-v"), STR_INIT(".toml"), PACKAGE_JULIA, read_julia},
    {STR_INIT("JuliaManifest.toml"), STR_INIT(""), PACKAGE_JULIA, read_julia},
    {STR_INIT("Project.toml"), STR_INIT(""), PACKAGE_JULIA, read_julia_project},
    {STR_INIT("JuliaProject.toml"), STR_INIT(""), PACKAGE_JULIA, read_julia_project},
};

static const struct lock_file *file_of(struct str path, unsigned flags)
{
  struct str name = lock_file_name(path);
  if (!(flags & PACKAGE_LIST_LOCK_FILES))
    return NULL;
  for (size_t i = 0; i < sizeof files / sizeof files[0]; i++)
    if (files[i].end.len ? str_starts(name, files[i].name) && str_ends(name, files[i].end)
                         : str_eq(name, files[i].name))
      return &files[i];
  return NULL;
}

bool lock_files_wants(struct str path, unsigned flags)
{
  return file_of(path, flags) != NULL;
}

int lock_files_read(struct str path, uint32_t layer, struct str bytes, struct package_list *list,
                    struct error *err)
{
  struct lock lock;
  const struct lock_file *file = file_of(path, list->flags);
  if (!file)
    return error_set(err, SW_EUSAGE, "this file is no lock file that is known here");
  lock_init(&lock, list, file->type, path, layer);
  int rc = file->read(&lock, bytes, err);
  return lock_finish(&lock, rc, err);
}
