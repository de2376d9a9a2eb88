#include "policy/rego_bundle.h"

#include "base/file.h"
#include "base/utf8.h"
#include "base/walk.h"
#include "data/glob.h"
#include "policy/rego_bundle_int.h"
#include "policy/rego_document.h"

#include <unistd.h>

/* ---- files */

int bundle_reader_fits(const struct bundle_reader *reader, struct str path, uint64_t size,
                       struct error *err)
{
  char most[FILE_SIZE_TEXT];
  if (size > REGO_BUNDLE_FILE_MAX)
    return error_set(err, SW_ELIMIT, "%.*s: larger than %s", STR_FMT(path),
                     file_size_text(REGO_BUNDLE_FILE_MAX, most));
  if (size > REGO_BUNDLE_BYTES_MAX - reader->bytes)
    return error_set(err, SW_ELIMIT, "the bundle is larger than %s",
                     file_size_text(REGO_BUNDLE_BYTES_MAX, most));
  return 0;
}

/* A path without empty and "." parts. Nothing is ever opened by this name; but it names places of data,
 * and files of signatures, and there ".." means nothing good. */
static int clean_path(struct arena *a, struct str path, struct str *ret, struct error *err)
{
  if (path.len == 0 || path.len > REGO_BUNDLE_PATH_MAX)
    return error_set(err, SW_EINVAL, "a file of the bundle has a name of %zu bytes (at most %d)",
                     path.len, REGO_BUNDLE_PATH_MAX);
  if (!utf8_valid(path))
    return error_set(err, SW_EINVAL, "a file of the bundle has a name that is not UTF-8");
  _cleanup_(buf_free) struct buf clean = {0};
  struct str rest = path;
  while (rest.data) {
    struct str part = str_cut(rest, '/', &rest);
    if (part.len == 0 || str_eq(part, STR(".")))
      continue;
    if (str_eq(part, STR("..")))
      return error_set(err, SW_EINVAL, "%.*s: a name may not lead upwards (\"..\")", STR_FMT(path));
    for (size_t i = 0; i < part.len; i++)
      if ((uint8_t)part.data[i] < 0x20 || part.data[i] == 0x7f)
        return error_set(err, SW_EINVAL, "a file of the bundle has control characters in its name");
    if (clean.len)
      buf_add_byte(&clean, '/');
    buf_add(&clean, part);
  }
  if (clean.len == 0)
    return error_set(err, SW_EINVAL, "%.*s: names no file", STR_FMT(path));
  *ret = arena_copy(a, buf_str(&clean));
  return 0;
}

int bundle_reader_add(struct bundle_reader *reader, struct str path, struct str text,
                      struct error *err)
{
  struct arena *a = &reader->bundle->arena;
  struct str clean;
  int rc = bundle_reader_fits(reader, path, text.len, err);
  if (rc == 0 && vec_full(&reader->files, REGO_BUNDLE_ENTRIES_MAX))
    rc = error_set(err, SW_ELIMIT, "the bundle has more than %d files", REGO_BUNDLE_ENTRIES_MAX);
  if (rc == 0)
    rc = clean_path(a, path, &clean, err);
  if (rc < 0)
    return rc;
  bool added;
  map_put(&reader->seen, clean, &added)->number = reader->files.count;
  if (!added)
    return error_set(err, SW_EINVAL, "%.*s: occurs twice in the bundle", STR_FMT(clean));
  reader->bytes += text.len;
  vec_push(&reader->files, (struct bundle_raw){clean, arena_copy(a, text)});
  return 0;
}

const struct bundle_raw *bundle_reader_find(const struct bundle_reader *reader, struct str path)
{
  const union map_value *found = map_get(&reader->seen, path);
  return found ? &reader->files.items[found->number] : NULL;
}

/* ---- patterns */

int bundle_match(struct arena *a, struct str pattern, struct str text, bool *ret_matches,
                 struct error *err)
{
  struct glob *glob;
  int rc = glob_compile(a, pattern, STR("/"), GLOB_CLASSES | GLOB_ESCAPES, &glob, err);
  if (rc == 0)
    *ret_matches = glob_match(glob, text);
  return rc;
}

/* ---- manifest */

static struct str trim_slashes(struct str s)
{
  while (str_starts(s, STR("/")))
    s = str_sub(s, 1, SIZE_MAX);
  while (str_ends(s, STR("/")))
    s.len--;
  return s;
}

/* Whether `path` is `root` or lies below it, part by part. */
static bool lies_below(struct str root, struct str path)
{
  return root.len == 0 ||
         (str_starts(path, root) && (path.len == root.len || path.data[root.len] == '/'));
}

bool rego_bundle_owns(const struct rego_bundle *bundle, struct str path)
{
  for (size_t i = 0; i < bundle->root_count; i++)
    if (lies_below(bundle->roots[i], path))
      return true;
  return false;
}

bool rego_bundle_leads(const struct rego_bundle *bundle, struct str path)
{
  for (size_t i = 0; i < bundle->root_count; i++)
    if (lies_below(path, bundle->roots[i]))
      return true;
  return false;
}

static int compare_roots(const void *a, const void *b)
{
  return str_compare(*(const struct str *)a, *(const struct str *)b);
}

bool rego_bundle_overlap(const struct rego_bundle *const *bundles, size_t count,
                         struct str ret_roots[2], const struct rego_bundle *ret_bundles[2])
{
  struct map owners = {0};
  bool found = false;
  for (size_t i = 0; i < count; i++)
    for (size_t j = 0; j < bundles[i]->root_count; j++) {
      bool added;
      union map_value *owner = map_put(&owners, bundles[i]->roots[j], &added);
      if (added)
        owner->view = bundles[i];
      else if (!found) {
        found = true;
        ret_roots[0] = ret_roots[1] = bundles[i]->roots[j];
        ret_bundles[0] = owner->view;
        ret_bundles[1] = bundles[i];
      }
    }
  /* A root within another: one of its beginnings is a root too. */
  size_t at = 0;
  for (struct map_entry *e; !found && (e = map_next(&owners, &at));)
    for (size_t len = 0; len < e->key.len && !found; len++) {
      if (len && e->key.data[len] != '/')
        continue;
      const union map_value *outer = map_get(&owners, str_sub(e->key, 0, len));
      if (!outer)
        continue;
      found = true;
      ret_roots[0] = str_sub(e->key, 0, len);
      ret_roots[1] = e->key;
      ret_bundles[0] = outer->view;
      ret_bundles[1] = e->value.view;
    }
  map_free(&owners);
  return found;
}

static int read_roots(struct rego_bundle *bundle, struct value roots, struct error *err)
{
  if (value_is_nil(roots))
    return 0;
  if (!value_is(roots, VALUE_ARRAY))
    return error_set(err, SW_EINVAL, ".manifest: roots must be a list of strings");
  if (roots.len > REGO_BUNDLE_ROOTS_MAX)
    return error_set(err, SW_ELIMIT, ".manifest: more than %d roots", REGO_BUNDLE_ROOTS_MAX);
  struct str *list = arena_array(&bundle->arena, struct str, roots.len);
  for (uint32_t i = 0; i < roots.len; i++) {
    if (!value_is(roots.items[i], VALUE_STRING))
      return error_set(err, SW_EINVAL, ".manifest: roots must be a list of strings");
    list[i] = trim_slashes(value_str(roots.items[i]));
  }
  if (roots.len)
    qsort(list, roots.len, sizeof *list, compare_roots);
  bundle->roots = list;
  bundle->root_count = roots.len;
  struct str two[2];
  const struct rego_bundle *owners[2], *self = bundle;
  if (rego_bundle_overlap(&self, 1, two, owners))
    return error_set(err, SW_EINVAL, ".manifest: roots \"%.*s\" and \"%.*s\" overlap",
                     STR_FMT(two[0]), STR_FMT(two[1]));
  return 0;
}

static int read_version(struct value v, const char *what, enum rego_version *ret, struct error *err)
{
  int64_t number;
  if (!value_to_int(v, &number) || number < 0 || number > 1)
    return error_set(err, SW_EINVAL, ".manifest: %s must be 0 or 1", what);
  *ret = number == 0 ? REGO_V0 : REGO_V1;
  return 0;
}

static int version_by_pattern(struct rego_bundle *bundle, struct value pattern, struct value number,
                              struct rego_bundle_file *file, struct error *err)
{
  struct str with_slash = arena_printf(&bundle->arena, "/%.*s", STR_FMT(file->path));
  struct glob *glob;
  if (glob_compile(&bundle->arena, value_str(pattern), STR_EMPTY, GLOB_SYNTAX, &glob, err) < 0)
    return error_wrap(err, ".manifest: file_rego_versions: pattern \"%.*s\"",
                      STR_FMT(value_str(pattern)));
  if (!glob_match(glob, with_slash) && !glob_match(glob, file->path))
    return 0;
  file->has_version = true;
  return read_version(number, "each of file_rego_versions", &file->version, err);
}

/* A path that is written out beats patterns; of patterns the first that matches. */
static int version_of_file(struct rego_bundle *bundle, struct value versions,
                           struct rego_bundle_file *file, struct error *err)
{
  for (int pass = 0; pass < 2 && !file->has_version; pass++)
    for (uint32_t i = 0; i < versions.len && !file->has_version; i++) {
      struct value pattern = versions.members[i].key;
      if (glob_is_pattern(value_str(pattern), GLOB_SYNTAX) != (pass == 1))
        continue;
      int rc = version_by_pattern(bundle, pattern, versions.members[i].value, file, err);
      if (rc < 0)
        return rc;
    }
  return 0;
}

static int apply_versions(struct rego_bundle *bundle, struct rego_bundle_file *files,
                          struct error *err)
{
  struct value versions = value_get_str(bundle->manifest, STR("file_rego_versions"));
  struct value of_all = value_get_str(bundle->manifest, STR("rego_version"));
  enum rego_version version = REGO_V1;
  if (!value_is_nil(versions) && !value_is(versions, VALUE_OBJECT))
    return error_set(err, SW_EINVAL, ".manifest: file_rego_versions must be an object");
  if (!value_is_nil(of_all) && read_version(of_all, "rego_version", &version, err) < 0)
    return err->code;
  for (size_t i = 0; i < bundle->file_count; i++) {
    struct rego_bundle_file *file = &files[i];
    if (file->kind != REGO_BUNDLE_MODULE)
      continue;
    if (value_is(versions, VALUE_OBJECT) && version_of_file(bundle, versions, file, err) < 0)
      return err->code;
    if (!file->has_version && !value_is_nil(of_all)) {
      file->has_version = true;
      file->version = version;
    }
  }
  return 0;
}

static int read_manifest(struct bundle_reader *reader, struct error *err)
{
  struct rego_bundle *bundle = reader->bundle;
  static const struct str everything = STR_INIT("");
  bundle->roots = &everything;
  bundle->root_count = 1;
  const struct bundle_raw *file = bundle_reader_find(reader, STR(".manifest"));
  if (!file)
    return 0;
  struct value root;
  if (rego_document_parse(&bundle->arena, file->text, NULL, &root, err) < 0)
    return error_wrap(err, ".manifest:%u:%u", err->line, err->column);
  if (!value_is(root, VALUE_OBJECT))
    return error_set(err, SW_EINVAL, ".manifest: must be an object");
  struct value revision = value_get_str(root, STR("revision"));
  struct value metadata = value_get_str(root, STR("metadata"));
  if (!value_is_nil(revision) && !value_is(revision, VALUE_STRING))
    return error_set(err, SW_EINVAL, ".manifest: revision must be a string");
  if (!value_is_nil(metadata) && !value_is(metadata, VALUE_OBJECT))
    return error_set(err, SW_EINVAL, ".manifest: metadata must be an object");
  bundle->has_manifest = true;
  bundle->manifest = root;
  bundle->revision = value_str_or_empty(revision);
  return read_roots(bundle, value_get_str(root, STR("roots")), err);
}

/* ---- what files are */

static struct str base_of(struct str path)
{
  return str_sub(path, (size_t)(str_find_last_byte(path, '/') + 1), SIZE_MAX);
}

static bool is_data(struct str base)
{
  return str_eq(base, STR("data.json")) || str_eq(base, STR("data.yaml")) ||
         str_eq(base, STR("data.yml"));
}

static const char *unused_because(struct str base)
{
  if (str_eq(base, STR("policy.wasm")))
    return "a policy compiled to wasm is not used; its Rego source is";
  if (str_eq(base, STR("plan.json")))
    return "a plan is not used; the Rego source is";
  return NULL;
}

/* Whether a file, or a directory that it lies in, is to be left out. */
static bool is_ignored(const struct bundle_reader *reader, struct str path)
{
  const struct rego_bundle_options *options = reader->options;
  if (!options->ignore)
    return false;
  for (size_t i = 0; i < path.len; i++)
    if (path.data[i] == '/' && options->ignore(options->ctx, str_sub(path, 0, i), true))
      return true;
  return options->ignore(options->ctx, path, false);
}

static int compare_files(const void *a, const void *b)
{
  return str_compare(((const struct rego_bundle_file *)a)->path,
                     ((const struct rego_bundle_file *)b)->path);
}

static void sort_out(struct bundle_reader *reader, struct rego_bundle_file *files,
                     struct str *notes)
{
  struct rego_bundle *bundle = reader->bundle;
  for (size_t i = 0; i < reader->files.count; i++) {
    const struct bundle_raw *raw = &reader->files.items[i];
    struct str base = base_of(raw->path);
    bool module = str_ends(base, STR(".rego")), data = is_data(base);
    const char *reason = unused_because(base);
    if (is_ignored(reader, raw->path))
      continue;
    if (module || data)
      files[bundle->file_count++] = (struct rego_bundle_file){
          .kind = module ? REGO_BUNDLE_MODULE : REGO_BUNDLE_DATA,
          .path = raw->path,
          .text = raw->text,
      };
    else if (reason)
      notes[bundle->note_count++] =
          arena_printf(&bundle->arena, "%.*s: %s", STR_FMT(raw->path), reason);
  }
  qsort(files, bundle->file_count, sizeof *files, compare_files);
  bundle->files = files;
  bundle->notes = notes;
}

static int refuse_delta(const struct bundle_reader *reader, struct error *err)
{
  if (!bundle_reader_find(reader, STR("patch.json")))
    return 0;
  return error_set(err, SW_EUNSUPPORTED,
                   "is a delta bundle (patch.json), which only changes another; "
                   "give the whole (snapshot) bundle");
}

/* From files to a bundle. directory: see bundle_verify. */
static int assemble(struct bundle_reader *reader, struct str directory, struct error *err)
{
  struct rego_bundle *bundle = reader->bundle;
  int rc = refuse_delta(reader, err);
  if (rc == 0)
    rc = bundle_verify(reader, directory, &bundle->verified, err);
  if (rc == 0)
    rc = read_manifest(reader, err);
  if (rc < 0)
    return rc;
  struct rego_bundle_file *files =
      arena_array(&bundle->arena, struct rego_bundle_file, reader->files.count + 1);
  sort_out(reader, files, arena_array(&bundle->arena, struct str, reader->files.count + 1));
  return apply_versions(bundle, files, err);
}

/* ---- the two ways in */

static struct rego_bundle *bundle_new(struct str name)
{
  struct rego_bundle *bundle = mem_zalloc(1, sizeof *bundle);
  arena_init(&bundle->arena, 2 * REGO_BUNDLE_BYTES_MAX);
  bundle->name = arena_copy(&bundle->arena, name);
  return bundle;
}

static int finish(struct bundle_reader *reader, int rc, struct rego_bundle **ret_bundle,
                  struct error *err)
{
  if (rc < 0) {
    rc = error_wrap(err, "%.*s", STR_FMT(reader->bundle->name));
    rego_bundle_free(reader->bundle);
  } else {
    *ret_bundle = reader->bundle;
  }
  map_free(&reader->seen);
  vec_free(&reader->files);
  return rc;
}

int rego_bundle_read_archive(struct str archive, struct str name,
                             const struct rego_bundle_options *options,
                             struct rego_bundle **ret_bundle, struct error *err)
{
  static const struct rego_bundle_options defaults;
  struct error own;
  err = err ? err : &own;
  struct bundle_reader reader = {
      .bundle = bundle_new(name),
      .options = options ? options : &defaults,
  };
  int rc = bundle_read_tar(&reader, archive, err);
  if (rc == 0)
    rc = assemble(&reader, STR_EMPTY, err);
  return finish(&reader, rc, ret_bundle, err);
}

/* Whether a file of a directory matters although no signature covers it. */
static bool is_used(const struct bundle_reader *reader, struct str path)
{
  struct str base = base_of(path);
  return str_eq(path, STR(".manifest")) || str_eq(path, STR("patch.json")) ||
         ((str_ends(base, STR(".rego")) || is_data(base)) && !is_ignored(reader, path));
}

static bool is_signed(const char *directory)
{
  _cleanup_(buf_free) struct buf path = {0};
  buf_printf(&path, "%s/.signatures.json", directory);
  return access(buf_text(&path), F_OK) == 0;
}

struct directory {
  struct bundle_reader *reader;
  struct walk *walk;
  struct buf text;
  bool all; /* files that are not used too, since a signature names them */
};

static int read_found(struct directory *d, const struct walk_entry *entry, struct error *err)
{
  struct bundle_reader *reader = d->reader;
  if (entry->kind == WALK_SKIPPED)
    return 0;
  if (entry->kind == WALK_ERROR) {
    *err = entry->error;
    return err->code;
  }
  if (walk_at_root(d->walk))
    return error_set(err, SW_EINVAL, "is not a directory");
  struct str path = walk_below(d->walk, entry->path);
  buf_clear(&d->text);
  if (!d->all && !is_used(reader, path))
    return unused_because(base_of(path)) ? bundle_reader_add(reader, path, STR_EMPTY, err) : 0;
  int rc = bundle_reader_fits(reader, path, entry->size, err);
  if (rc == 0)
    rc = walk_read(d->walk, REGO_BUNDLE_FILE_MAX, &d->text, err);
  return rc < 0 ? rc : bundle_reader_add(reader, path, buf_str(&d->text), err);
}

int rego_bundle_read_directory(const char *path, const struct rego_bundle_options *options,
                               struct rego_bundle **ret_bundle, struct error *err)
{
  static const struct rego_bundle_options defaults;
  struct error own;
  err = err ? err : &own;
  struct bundle_reader reader = {
      .bundle = bundle_new(str_from(path)),
      .options = options ? options : &defaults,
  };
  _cleanup_(walk_freep) struct walk *walk = walk_new(&path, 1, NULL);
  struct directory d = {.reader = &reader, .walk = walk, .all = is_signed(path)};
  struct walk_entry entry;
  int rc = 0;
  while (rc == 0 && walk_next(walk, &entry))
    rc = read_found(&d, &entry, err);
  buf_free(&d.text);
  if (rc == 0)
    rc = assemble(&reader, reader.bundle->name, err);
  return finish(&reader, rc, ret_bundle, err);
}

void rego_bundle_free(struct rego_bundle *bundle)
{
  if (!bundle)
    return;
  arena_free(&bundle->arena);
  mem_free(bundle);
}
