/* Files and directories, as OPA's --data takes them. */
#include "base/walk.h"
#include "lang/rego/parser.h"
#include "policy/rego_document.h"
#include "policy/rego_set_int.h"

enum file_kind {
  FILE_MODULE,
  FILE_JSON,
  FILE_YAML,
  FILE_ARCHIVE,
  FILE_OTHER,
};

static enum file_kind kind_of(struct str path)
{
  static const struct {
    struct str ending;
    enum file_kind kind;
  } endings[] = {
      {STR_INIT(".rego"), FILE_MODULE},    {STR_INIT(".json"), FILE_JSON},
      {STR_INIT(".yaml"), FILE_YAML},      {STR_INIT(".yml"), FILE_YAML},
      {STR_INIT(".tar.gz"), FILE_ARCHIVE},
  };
  for (size_t i = 0; i < sizeof endings / sizeof *endings; i++)
    if (str_ends(path, endings[i].ending))
      return endings[i].kind;
  return FILE_OTHER;
}

struct found {
  struct rego_set *set;
  struct walk *walk;
  struct set_mount prefix; /* of "a.b:PATH" */
  struct str path;         /* of the file, in the set's arena */
  struct str text;
};

/* Where a document belongs: the prefix, then the directories below the root. */
static struct set_mount mount_of(struct found *f)
{
  struct str below = walk_at_root(f->walk) ? STR_EMPTY : walk_below(f->walk, f->path);
  uint32_t count = f->prefix.count;
  for (size_t i = 0; i < below.len; i++)
    count += below.data[i] == '/';
  struct str *parts = arena_array(&f->set->arena, struct str, count);
  if (f->prefix.count)
    memcpy(parts, f->prefix.parts, f->prefix.count * sizeof *parts);
  for (uint32_t i = f->prefix.count; i < count; i++)
    parts[i] = str_cut(below, '/', &below);
  return (struct set_mount){parts, count};
}

static int add_module(struct found *f)
{
  return set_add_module(f->set, f->path, f->text, f->set->options.version);
}

static int add_document(struct found *f, bool yaml)
{
  struct value v;
  return set_add_document(f->set, f->path, f->text, yaml, mount_of(f), &v);
}

static int add_json(struct found *f)
{
  return add_document(f, false);
}

static int add_yaml(struct found *f)
{
  return add_document(f, true);
}

static int add_archive(struct found *f)
{
  struct rego_bundle_options options = set_bundle_options(f->set);
  struct rego_bundle *bundle;
  struct error err;
  if (rego_bundle_read_archive(f->text, f->path, &options, &bundle, &err) < 0)
    return set_problem(f->set, err.code, "%s", err.message);
  return set_add_bundle(f->set, bundle, mount_of(f), true);
}

/* A file without a telling name that the user gave: a module or a document, whichever it is. */
static int add_any(struct found *f)
{
  size_t before = f->set->problems.count;
  const struct rego_module *module = set_parse(f->set, f->path, f->text, f->set->options.version);
  if (module) {
    vec_push(&f->set->modules, module);
    return 0;
  }
  struct value v;
  struct error err;
  f->set->problems.count = before; /* what is wrong with it as a module does not matter yet */
  const struct rego_document_options options = {.yaml = true};
  if (rego_document_parse(&f->set->arena, f->text, &options, &v, &err) < 0)
    return set_problem(f->set, SW_EINVAL, "%.*s: is neither a Rego module nor JSON nor YAML",
                       STR_FMT(f->path));
  return set_mount(f->set, f->path, v, mount_of(f));
}

static int (*const adders[])(struct found *f) = {
    [FILE_MODULE] = add_module,   [FILE_JSON] = add_json, [FILE_YAML] = add_yaml,
    [FILE_ARCHIVE] = add_archive, [FILE_OTHER] = add_any,
};

/* The text of the file that the walk stands at; kept by the set, but for archives. */
static int read_text(struct found *f, enum file_kind kind)
{
  struct error err;
  struct buf *text = vec_add(&f->set->texts);
  size_t limit = kind == FILE_MODULE ? REGO_SIZE_MAX : REGO_SET_FILE_MAX;
  if (walk_read(f->walk, limit, text, &err) < 0)
    return set_problem(f->set, err.code, "%s", err.message);
  f->text = buf_str(text);
  return kind == FILE_ARCHIVE ? 0 : set_count(f->set, f->path, f->text.len);
}

static void drop_text(struct rego_set *set)
{
  buf_free(&set->texts.items[set->texts.count - 1]);
  set->texts.count--;
}

static int add_found(struct found *f, const struct walk_entry *entry)
{
  struct rego_set *set = f->set;
  if (entry->kind == WALK_SKIPPED)
    return 0;
  if (entry->kind == WALK_ERROR)
    return set_problem(set, entry->error.code, "%s", entry->error.message);
  enum file_kind kind = kind_of(entry->path);
  bool wanted = kind != FILE_OTHER || walk_at_root(f->walk);
  if (set->options.modules_only)
    wanted = kind == FILE_MODULE || (kind == FILE_OTHER && entry->special);
  if (!wanted)
    return 0;
  f->path = arena_copy(&set->arena, entry->path);
  if (kind == FILE_MODULE && map_get(&set->module_names, f->path))
    return 0;
  int rc = read_text(f, kind);
  if (rc == 0)
    rc = adders[kind](f);
  if (kind == FILE_ARCHIVE)
    drop_text(set);
  return rc;
}

static const char *skip(void *ctx, struct str path, struct str name, bool is_directory)
{
  (void)path, (void)is_directory;
  return set_ignores(ctx, name) ? "ignored" : NULL;
}

/* "a.b:PATH": the parts in front, and in *io_path what is behind. */
static struct set_mount split_prefix(struct rego_set *set, const char **io_path)
{
  struct str whole = str_from(*io_path);
  ptrdiff_t colon = str_find_byte(whole, 0, ':');
  if (colon <= 0)
    return (struct set_mount){0};
  *io_path += colon + 1;
  struct str rest = str_sub(whole, 0, (size_t)colon);
  uint32_t count = 1;
  for (size_t i = 0; i < rest.len; i++)
    count += rest.data[i] == '.';
  struct str *parts = arena_array(&set->arena, struct str, count);
  for (uint32_t i = 0; i < count; i++)
    parts[i] = arena_copy(&set->arena, str_cut(rest, '.', &rest));
  return (struct set_mount){parts, count};
}

int set_add_files(struct rego_set *set, const char *path)
{
  struct found f = {.set = set};
  f.prefix = split_prefix(set, &path);
  if (f.prefix.count > REGO_SET_PREFIX_MAX)
    return set_problem(set, SW_EUSAGE, "%s: more than %d names in front of the path", path,
                       REGO_SET_PREFIX_MAX);
  if (strncmp(path, "file://", 7) == 0)
    path += 7;
  const struct walk_options options = {.skip = skip, .ctx = set};
  _cleanup_(walk_freep) struct walk *walk = walk_new(&path, 1, &options);
  f.walk = walk;
  struct walk_entry entry;
  size_t before = set->problems.count;
  while (!vec_full(&set->problems, REGO_SET_PROBLEMS_MAX) && walk_next(walk, &entry))
    if (add_found(&f, &entry) == SW_ELIMIT && set->files == REGO_SET_FILES_MAX)
      break;
  return set->problems.count > before ? set->problems.items[before].code : 0;
}
