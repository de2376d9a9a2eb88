#include "policy/rule_source.h"

#include "base/walk.h"
#include "lang/rego/parser.h"

void rule_sources_init(struct rule_sources *sources)
{
  *sources = (struct rule_sources){.names = rego_names_new()};
  arena_init(&sources->arena, 0);
}

void rule_sources_free(struct rule_sources *sources)
{
  vec_free(&sources->modules);
  vec_free(&sources->documents);
  vec_free(&sources->paths);
  rego_names_free(sources->names);
  arena_free(&sources->arena);
}

static int parse(struct rule_sources *s, struct str name, struct str text,
                 enum rego_version version, const struct rego_module **ret, struct error *err)
{
  struct rego_options options = {
      .name = name,
      .file = (uint32_t)s->modules.count,
      .version = version,
      .annotations = true,
      .names = s->names,
  };
  return rego_parse_module(&s->arena, text, &options, ret, NULL, err);
}

int rule_sources_add_module(struct rule_sources *sources, struct str name, struct str text,
                            struct error *err)
{
  const struct rego_module *module;
  int rc = parse(sources, name, text, REGO_V1, &module, err);
  if (rc < 0 && parse(sources, name, text, REGO_V0, &module, NULL) == 0)
    rc = 0;
  if (rc < 0)
    return error_wrap(err, "%.*s:%u:%u", STR_FMT(name), err ? err->line : 0, err ? err->column : 0);
  vec_push(&sources->modules, module);
  return 0;
}

static bool is_document(struct str path)
{
  return str_ends(path, STR(".yaml")) || str_ends(path, STR(".yml")) ||
         str_ends(path, STR(".json"));
}

static bool is_wanted(const struct rule_sources *s, struct str path)
{
  if (str_ends(path, STR("_test.rego")))
    return s->tests;
  return str_ends(path, STR(".rego")) || is_document(path);
}

static int take_file(struct rule_sources *s, struct walk *w, struct str shown, struct error *err)
{
  _cleanup_(buf_free) struct buf text = {0};
  if (vec_full(&s->paths, RULE_SOURCES_MAX))
    return error_set(err, SW_ELIMIT, "more than %d files of rules", RULE_SOURCES_MAX);
  int rc = walk_read(w, RULE_SOURCE_SIZE_MAX, &text, err);
  if (rc < 0)
    return rc;
  s->bytes += text.len;
  if (s->bytes > RULE_SOURCE_BYTES_MAX)
    return error_set(err, SW_ELIMIT, "the rules are larger than %d bytes together",
                     RULE_SOURCE_BYTES_MAX);
  struct rule_document file = {arena_copy(&s->arena, shown), arena_copy(&s->arena, buf_str(&text))};
  vec_push(&s->paths, file.path);
  if (!is_document(shown)) {
    struct str name =
        str_starts(file.path, s->root) ? str_sub(file.path, s->root.len, file.path.len) : file.path;
    return rule_sources_add_module(s, name, file.text, err);
  }
  vec_push(&s->documents, file);
  return 0;
}

int rule_sources_add(struct rule_sources *sources, const char *path, struct error *err)
{
  struct walk_options options = {.skip_dirs = walk_usual_dirs};
  _cleanup_(walk_freep) struct walk *w = walk_new(&path, 1, &options);
  struct walk_entry entry;
  while (walk_next(w, &entry)) {
    if (entry.kind == WALK_ERROR)
      return error_set(err, entry.error.code, "%s", entry.error.message);
    if (entry.kind == WALK_SKIPPED || !is_wanted(sources, entry.path))
      continue;
    int rc = take_file(sources, w, entry.path, err);
    if (rc < 0)
      return rc;
  }
  return 0;
}
