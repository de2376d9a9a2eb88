#include "cmd/policy_source.h"

#include "base/file.h"
#include "cmd/console.h"
#include "lang/rego/parser.h"
#include "policy/rego_document.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
  INPUT_MAX = 256 << 20, /* bytes */
  KEY_MAX = 64 << 10,
};
#define ARENA_MAX (UINT64_C(4) << 30)

/* ---- options */

static void collect(const struct arguments *args, const char *name, struct policy_words *list)
{
  for (size_t i = 0; i < args->list.count; i++)
    if (strcmp(args->list.items[i].option->name, name) == 0)
      vec_push(list, args->list.items[i].value);
}

static bool is_file(const char *path)
{
  struct stat st;
  return stat(path, &st) == 0 && !S_ISDIR(st.st_mode);
}

/* As OPA: the key is a file's content if there is such a file, else the text itself. */
static int read_key(struct policy_source *source, struct error *err)
{
  const struct arguments *args = source->args;
  const char *key = arguments_value(args, "verification-key");
  const char *id = arguments_value(args, "verification-key-id");
  const char *algorithm = arguments_value(args, "signing-alg");
  const char *scope = arguments_value(args, "scope");
  source->trust.skip = arguments_has(args, "skip-verify");
  if (!key && (id || algorithm || scope))
    return error_set(err, SW_EUSAGE, "--%s says nothing without --verification-key",
                     id          ? "verification-key-id"
                     : algorithm ? "signing-alg"
                                 : "scope");
  if (key && source->trust.skip)
    return error_set(err, SW_EUSAGE, "--verification-key and --skip-verify cannot go together");
  if (!key)
    return 0;
  if (!is_file(key))
    buf_add_text(&source->key_text, key);
  else if (file_read(key, KEY_MAX, &source->key_text, err) < 0)
    return error_wrap(err, "--verification-key");
  source->key = (struct rego_bundle_key){
      .id = str_from(id ? id : "default"),
      .algorithm = str_from(algorithm ? algorithm : "RS256"),
      .key = buf_str(&source->key_text),
  };
  source->trust.keys = &source->key;
  source->trust.key_count = 1;
  source->trust.key_id = source->key.id;
  source->trust.scope = str_from(scope);
  return 0;
}

int policy_source_open(struct policy_source *source, const struct arguments *args,
                       struct error *err)
{
  *source = (struct policy_source){.args = args};
  arena_init(&source->arena, ARENA_MAX);
  source->symbols = symbols_new(NULL, 0);
  rego_errors_clear(&source->errors);
  collect(args, "ignore", &source->ignore);
  collect(args, "exclude-files-verify", &source->exclude);
  source->trust.exclude = source->exclude.items;
  source->trust.exclude_count = source->exclude.count;
  bool v0 = arguments_has(args, "v0-compatible");
  if (v0 && arguments_has(args, "v1-compatible"))
    return error_set(err, SW_EUSAGE, "--v0-compatible and --v1-compatible cannot go together");
  source->options = (struct rego_set_options){
      .version = v0 ? REGO_V0 : REGO_V1,
      .ignore = source->ignore.items,
      .ignore_count = source->ignore.count,
      .annotations = true,
      .trust = &source->trust,
  };
  return read_key(source, err);
}

void policy_source_close(struct policy_source *source)
{
  rego_set_free(source->set);
  symbols_free(source->symbols);
  arena_free(&source->arena);
  buf_free(&source->key_text);
  vec_free(&source->ignore);
  vec_free(&source->exclude);
}

/* ---- loading */

static struct rego_set *set_of(struct policy_source *source)
{
  if (!source->set)
    source->set = rego_set_new(&source->options);
  return source->set;
}

int policy_source_add_paths(struct policy_source *source, const char *const *paths, size_t count,
                            enum rego_set_kind kind, struct error *err)
{
  size_t standard_input = 0;
  for (size_t i = 0; i < count; i++) {
    standard_input += strcmp(paths[i], "-") == 0;
    if (standard_input > 1)
      return error_set(err, SW_EUSAGE, "\"-\" is given twice; standard input can be read once");
    if (standard_input && kind == REGO_SET_FILES)
      return error_set(err, SW_EUSAGE, "only a bundle (--bundle) can be read from standard input");
    rego_set_add(set_of(source), paths[i], kind, NULL);
  }
  return 0;
}

int policy_source_add_options(struct policy_source *source, struct error *err)
{
  const struct arguments *args = source->args;
  struct policy_words bundles = {0}, data = {0};
  collect(args, "bundle", &bundles);
  collect(args, "data", &data);
  int rc = policy_source_add_paths(source, data.items, data.count, REGO_SET_FILES, err);
  if (rc == 0)
    rc = policy_source_add_paths(source, bundles.items, bundles.count, REGO_SET_BUNDLE, err);
  vec_free(&bundles);
  vec_free(&data);
  return rc;
}

int policy_source_load(struct policy_source *source, struct error *err)
{
  struct rego_set *set = set_of(source);
  for (size_t i = 0; i < rego_set_note_count(set); i++)
    console_text(rego_set_note(set, i));
  return rego_set_finish(set, err);
}

/* ---- compiling */

int policy_source_compile(struct policy_source *source, const struct rego_entry *entries,
                          uint32_t count, const struct rego_compile_options *options,
                          struct rego_program **ret_program, struct error *err)
{
  struct rego_compile_options filled = options ? *options : (struct rego_compile_options){0};
  filled.names = rego_set_names(source->set);
  filled.symbols = source->symbols;
  filled.strict = arguments_has(source->args, "strict");
  filled.data = rego_set_data(source->set);
  uint32_t module_count;
  const struct rego_module *const *modules = rego_set_modules(source->set, &module_count);
  rego_errors_clear(&source->errors);
  return rego_compile(&source->arena, modules, module_count, entries, count, &filled, ret_program,
                      &source->errors, err);
}

int policy_source_query(struct policy_source *source, struct str text, struct rego_body *ret_body,
                        struct error *err)
{
  struct rego_options options = {
      .version = source->options.version,
      .names = rego_set_names(set_of(source)),
  };
  rego_errors_clear(&source->errors);
  return rego_parse_query(&source->arena, text, &options, ret_body, &source->errors, err);
}

/* "data.shop" and "shop" are the same package. */
static void write_context(const struct arguments *args, struct buf *out)
{
  const char *package = arguments_value(args, "package");
  struct str path = str_from(package ? package : "query");
  if (str_starts(path, STR("data.")))
    path = str_sub(path, 5, SIZE_MAX);
  buf_printf(out, "package %.*s\n", STR_FMT(path));
  for (size_t i = 0; i < args->list.count; i++)
    if (strcmp(args->list.items[i].option->name, "import") == 0)
      buf_printf(out, "import %s\n", args->list.items[i].value);
}

int policy_source_context(struct policy_source *source, const struct rego_module **ret_module,
                          struct error *err)
{
  *ret_module = NULL;
  if (!arguments_value(source->args, "package") && !arguments_value(source->args, "import"))
    return 0;
  _cleanup_(buf_free) struct buf text = {0};
  write_context(source->args, &text);
  struct rego_options options = {
      .name = STR("--package and --import"),
      .version = source->options.version,
      .names = rego_set_names(set_of(source)),
  };
  rego_errors_clear(&source->errors);
  return rego_parse_module(&source->arena, arena_copy(&source->arena, buf_str(&text)), &options,
                           ret_module, &source->errors, err);
}

/* Whatever can be read, a FIFO too: `--input <(kubectl get ...)`. */
static int read_any(const char *path, size_t limit, struct buf *text, struct error *err)
{
  _cleanup_(file_closep) int fd = file_open_at(AT_FDCWD, path, path, FILE_ANY_KIND, err);
  return fd < 0 ? fd : file_read_fd(fd, path, limit, text, err);
}

int policy_source_input(struct policy_source *source, const char *path, struct arena *a,
                        struct buf *text, struct value *ret_input, struct error *err)
{
  if (strncmp(path, "file://", 7) == 0)
    path += 7;
  bool standard_input = strcmp(path, "-") == 0;
  const char *name = standard_input ? "standard input" : path;
  size_t before = text->len;
  int rc = standard_input ? file_read_fd(STDIN_FILENO, name, INPUT_MAX, text, err)
                          : read_any(path, INPUT_MAX, text, err);
  if (rc < 0)
    return rc;
  const struct rego_document_options options = {.yaml = true, .symbols = source->symbols};
  struct str document = str_sub(buf_str(text), before, SIZE_MAX);
  if (rego_document_parse(a, document, &options, ret_input, err) == 0)
    return 0;
  return err->line ? error_wrap(err, "%s:%u:%u", name, err->line, err->column)
                   : error_wrap(err, "%s", name);
}
