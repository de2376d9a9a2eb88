#include "policy/rego_set.h"

#include "base/file.h"
#include "lang/rego/parser.h"
#include "policy/rego_document.h"
#include "policy/rego_set_int.h"

#include <fcntl.h>
#include <stdarg.h>
#include <sys/stat.h>
#include <unistd.h>

enum { POSITIONS_UP_TO = 4 << 20 }; /* bytes of a document whose values remember their places */

/* ---- problems */

static void keep_problem(struct rego_set *set, struct rego_set_problem problem)
{
  if (!vec_full(&set->problems, REGO_SET_PROBLEMS_MAX))
    vec_push(&set->problems, problem);
}

int set_problem(struct rego_set *set, int code, const char *format, ...)
{
  char text[2048];
  va_list args;
  va_start(args, format);
  vsnprintf(text, sizeof text, format, args);
  va_end(args);
  keep_problem(set, (struct rego_set_problem){
                        .code = code,
                        .message = arena_copy(&set->arena, str_from(text)),
                    });
  return code;
}

int set_problem_at(struct rego_set *set, struct str name, const struct error *err)
{
  if (err->line)
    return set_problem(set, err->code, "%.*s:%u:%u: %s", STR_FMT(name), err->line, err->column,
                       err->message);
  return set_problem(set, err->code, "%.*s: %s", STR_FMT(name), err->message);
}

static void keep_rego_errors(struct rego_set *set, const struct rego_errors *errors, int code)
{
  for (uint32_t i = 0; i < errors->count; i++)
    keep_problem(set, (struct rego_set_problem){
                          .code = code,
                          .syntax = true,
                          .rego = errors->items[i],
                          .message = errors->items[i].message,
                      });
  if (errors->dropped)
    set_problem(set, code, "%.*s: and %u more errors", STR_FMT(errors->items[0].file),
                errors->dropped);
}

size_t rego_set_problem_count(const struct rego_set *set)
{
  return set->problems.count;
}

const struct rego_set_problem *rego_set_problem(const struct rego_set *set, size_t i)
{
  return i < set->problems.count ? &set->problems.items[i] : NULL;
}

size_t rego_set_note_count(const struct rego_set *set)
{
  return set->notes.count;
}

struct str rego_set_note(const struct rego_set *set, size_t i)
{
  return i < set->notes.count ? set->notes.items[i] : STR_EMPTY;
}

/* ---- the set itself */

static void compile_ignore(struct rego_set *set)
{
  set->ignore = arena_array(&set->arena, struct glob *, set->options.ignore_count);
  for (size_t i = 0; i < set->options.ignore_count; i++) {
    struct error err;
    struct str pattern = str_from(set->options.ignore[i]);
    if (glob_compile(&set->arena, pattern, STR("/"), GLOB_CLASSES | GLOB_ESCAPES,
                     &set->ignore[set->ignore_count], &err) < 0)
      set_problem(set, SW_EUSAGE, "--ignore \"%.*s\": %s", STR_FMT(pattern), err.message);
    else
      set->ignore_count++;
  }
}

struct rego_set *rego_set_new(const struct rego_set_options *options)
{
  struct rego_set *set = mem_zalloc(1, sizeof *set);
  if (options)
    set->options = *options;
  arena_init(&set->arena, REGO_SET_BYTES_MAX);
  set->names = rego_names_new();
  compile_ignore(set);
  return set;
}

void rego_set_free(struct rego_set *set)
{
  if (!set)
    return;
  for (size_t i = 0; i < set->texts.count; i++)
    buf_free(&set->texts.items[i]);
  for (size_t i = 0; i < set->bundles.count; i++)
    rego_bundle_free(set->bundles.items[i]);
  vec_free(&set->texts);
  vec_free(&set->modules);
  vec_free(&set->documents);
  vec_free(&set->bundles);
  vec_free(&set->problems);
  vec_free(&set->notes);
  map_free(&set->module_names);
  rego_names_free(set->names);
  arena_free(&set->arena);
  mem_free(set);
}

bool set_ignores(const struct rego_set *set, struct str name)
{
  for (size_t i = 0; i < set->ignore_count; i++)
    if (glob_match(set->ignore[i], name))
      return true;
  return set->options.without_tests && str_ends(name, STR("_test.rego"));
}

int set_count(struct rego_set *set, struct str name, uint64_t size)
{
  if (set->files == REGO_SET_FILES_MAX)
    return set_problem(set, SW_ELIMIT, "%.*s: more than %d files of policies and data",
                       STR_FMT(name), REGO_SET_FILES_MAX);
  if (size > REGO_SET_BYTES_MAX - set->bytes)
    return set_problem(set, SW_ELIMIT, "%.*s: policies and data are larger than %d MiB together",
                       STR_FMT(name), (int)(REGO_SET_BYTES_MAX >> 20));
  set->files++;
  set->bytes += size;
  return 0;
}

/* ---- modules */

const struct rego_module *set_parse(struct rego_set *set, struct str name, struct str text,
                                    enum rego_version version)
{
  struct rego_options options = {
      .name = name,
      .file = (uint32_t)set->modules.count,
      .version = version,
      .annotations = set->options.annotations,
      .names = set->names,
  };
  struct rego_errors errors;
  const struct rego_module *module;
  struct error err;
  rego_errors_clear(&errors);
  if (rego_parse_module(&set->arena, text, &options, &module, &errors, &err) == 0)
    return module;
  if (errors.count)
    keep_rego_errors(set, &errors, err.code);
  else
    set_problem_at(set, name, &err);
  return NULL;
}

static bool is_loaded(struct rego_set *set, struct str name)
{
  bool added;
  map_put(&set->module_names, name, &added);
  return !added;
}

int set_add_module(struct rego_set *set, struct str name, struct str text,
                   enum rego_version version)
{
  if (is_loaded(set, name))
    return 0;
  const struct rego_module *module = set_parse(set, name, text, version);
  if (!module)
    return SW_EINVAL;
  vec_push(&set->modules, module);
  return 0;
}

/* ---- documents */

int set_mount(struct rego_set *set, struct str name, struct value value, struct set_mount mount)
{
  if (mount.count == 0 && !value_is(value, VALUE_OBJECT))
    return set_problem(
        set, SW_EINVAL, "%.*s: is %s %s, and what is mounted as `data` must be an object",
        STR_FMT(name), value_is(value, VALUE_ARRAY) ? "an" : "a", value_type_name(value));
  struct value root = value;
  for (uint32_t i = mount.count; i-- > 0;) {
    struct value_member member = {value_string(mount.parts[i]), root};
    value_object_make(&set->arena, &member, NULL, 1, VALUE_LAST_WINS, NULL, &root);
  }
  vec_push(&set->documents, (struct set_document){name, root, mount.count});
  return 0;
}

int set_add_document(struct rego_set *set, struct str name, struct str text, bool yaml,
                     struct set_mount mount, struct value *ret_value)
{
  const struct rego_document_options options = {
      .yaml = yaml,
      .positions = text.len <= POSITIONS_UP_TO,
  };
  struct error err;
  if (rego_document_parse(&set->arena, text, &options, ret_value, &err) < 0)
    return set_problem_at(set, name, &err);
  if (arena_over(&set->arena))
    return set_problem(set, SW_ELIMIT, "%.*s: policies and data need more than %d MiB of memory",
                       STR_FMT(name), (int)(REGO_SET_BYTES_MAX >> 20));
  return set_mount(set, name, *ret_value, mount);
}

/* ---- what the user names */

static bool is_directory(const char *path)
{
  struct stat st;
  return stat(path, &st) == 0 && S_ISDIR(st.st_mode);
}

/* Whatever can be read, a FIFO too. */
static int read_any(const char *path, struct buf *text, struct error *err)
{
  _cleanup_(file_closep) int fd = file_open_at(AT_FDCWD, path, path, FILE_ANY_KIND, err);
  return fd < 0 ? fd : file_read_fd(fd, path, REGO_SET_FILE_MAX, text, err);
}

static int read_archive(struct rego_set *set, const char *path, struct rego_bundle **ret,
                        struct error *err)
{
  struct rego_bundle_options options = set_bundle_options(set);
  _cleanup_(buf_free) struct buf text = {0};
  bool input = strcmp(path, "-") == 0;
  struct str name = input ? STR("standard input") : str_from(path);
  int rc = input ? file_read_fd(STDIN_FILENO, "standard input", REGO_SET_FILE_MAX, &text, err)
                 : read_any(path, &text, err);
  return rc < 0 ? rc : rego_bundle_read_archive(buf_str(&text), name, &options, ret, err);
}

static int add_bundle(struct rego_set *set, const char *path)
{
  struct rego_bundle_options options = set_bundle_options(set);
  struct rego_bundle *bundle;
  struct error err;
  int rc = is_directory(path) ? rego_bundle_read_directory(path, &options, &bundle, &err)
                              : read_archive(set, path, &bundle, &err);
  if (rc < 0)
    return set_problem(set, rc, "%s", err.message);
  return set_add_bundle(set, bundle, (struct set_mount){0}, false);
}

/* The first problem from `first` on, as an error. */
static int first_problem(const struct rego_set *set, size_t first, struct error *err)
{
  if (set->problems.count <= first)
    return 0;
  const struct rego_set_problem *p = &set->problems.items[first];
  if (p->syntax)
    return error_set_at(err, p->code, p->rego.place.line, p->rego.place.column, "%.*s:%u: %s: %.*s",
                        STR_FMT(p->rego.file), p->rego.place.line, rego_code_name(p->rego.code),
                        STR_FMT(p->message));
  return error_set(err, p->code, "%.*s", STR_FMT(p->message));
}

int rego_set_add(struct rego_set *set, const char *path, enum rego_set_kind kind, struct error *err)
{
  size_t before = set->problems.count;
  if (strncmp(path, "file://", 7) == 0)
    path += 7;
  if (kind == REGO_SET_BUNDLE)
    add_bundle(set, path);
  else
    set_add_files(set, path);
  return first_problem(set, before, err);
}

int rego_set_add_module(struct rego_set *set, struct str name, struct str text, struct error *err)
{
  size_t before = set->problems.count;
  if (set_count(set, name, text.len) == 0)
    set_add_module(set, arena_copy(&set->arena, name), arena_copy(&set->arena, text),
                   set->options.version);
  return first_problem(set, before, err);
}

/* ---- all together */

static int check_overlap(struct rego_set *set)
{
  struct str roots[2];
  const struct rego_bundle *owners[2];
  if (!rego_bundle_overlap((const struct rego_bundle *const *)set->bundles.items,
                           set->bundles.count, roots, owners))
    return 0;
  return set_problem(set, SW_EINVAL,
                     "the bundles %.*s (root \"%.*s\") and %.*s (root \"%.*s\") overlap; "
                     "give each its own roots in its .manifest",
                     STR_FMT(owners[0]->name), STR_FMT(roots[0]), STR_FMT(owners[1]->name),
                     STR_FMT(roots[1]));
}

static int compare_modules(const void *a, const void *b)
{
  const struct rego_module *const *left = a, *const *right = b;
  return str_compare((*left)->name, (*right)->name);
}

int rego_set_finish(struct rego_set *set, struct error *err)
{
  /* Bundles that overlap would be told again, as conflicts of all their data. */
  if (check_overlap(set) == 0)
    set_merge(set);
  if (set->modules.count)
    qsort(set->modules.items, set->modules.count, sizeof *set->modules.items, compare_modules);
  set->finished = set->problems.count == 0;
  return first_problem(set, 0, err);
}

const struct rego_module *const *rego_set_modules(const struct rego_set *set, uint32_t *ret_count)
{
  *ret_count = set->finished ? (uint32_t)set->modules.count : 0;
  return set->modules.items;
}

struct value rego_set_data(const struct rego_set *set)
{
  return set->finished ? set->data : VALUE_NONE;
}

struct rego_names *rego_set_names(struct rego_set *set)
{
  return set->names;
}

size_t rego_set_bundle_count(const struct rego_set *set)
{
  return set->bundles.count;
}

const struct rego_bundle *rego_set_bundle(const struct rego_set *set, size_t i)
{
  return i < set->bundles.count ? set->bundles.items[i] : NULL;
}
