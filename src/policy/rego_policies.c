#include "policy/rego_policies.h"

#include "base/arena.h"
#include "base/buf.h"
#include "base/map.h"
#include "base/vec.h"
#include "base/walk.h"

static struct str base_name(struct str path)
{
  ptrdiff_t slash = str_find_last_byte(path, '/');
  return str_sub(path, (size_t)(slash + 1), path.len);
}

static bool is_document(struct str name)
{
  return str_ends(name, STR(".json")) || str_ends(name, STR(".yaml")) ||
         str_ends(name, STR(".yml"));
}

static bool is_data(struct str name)
{
  return str_eq(name, STR("data.json")) || str_eq(name, STR("data.yaml")) ||
         str_eq(name, STR("data.yml"));
}

struct rego_policies {
  struct rego_set *set;
  struct arena arena;
  VEC(const char *) ignored; /* patterns that mean exactly the names in `seen` */
  struct map seen;
};

static void ignore(struct rego_policies *p, struct str name)
{
  _cleanup_(buf_free) struct buf text = {0};
  bool added;
  map_put(&p->seen, name, &added);
  if (!added)
    return;
  for (size_t i = 0; i < name.len; i++) {
    if (strchr("*?[\\", name.data[i]))
      buf_add_byte(&text, '\\');
    buf_add_byte(&text, name.data[i]);
  }
  vec_push(&p->ignored, arena_copy(&p->arena, buf_str(&text)).data);
}

/* The documents below a path that are no base documents: Gatekeeper's, reviews, anything. */
static void ignore_documents(struct rego_policies *p, const char *path)
{
  struct walk_options options = {.skip_dirs = walk_usual_dirs};
  struct walk *walk = walk_new(&path, 1, &options);
  struct walk_entry entry;
  while (walk_next(walk, &entry)) {
    struct str name = base_name(entry.path);
    if (entry.kind == WALK_FILE && is_document(name) && !is_data(name))
      ignore(p, name);
  }
  walk_free(walk);
}

/* A document that was named itself and is no base document is Gatekeeper's business. */
static bool is_ours(const char *path)
{
  struct str name = base_name(str_from(path));
  return !is_document(name) || is_data(name);
}

struct rego_policies *rego_policies_read(const char *const *paths, size_t count,
                                         enum rego_version version)
{
  struct rego_policies *p = mem_zalloc(1, sizeof *p);
  struct error err; /* kept by the set as well */
  arena_init(&p->arena, 0);
  map_init(&p->seen, &p->arena);
  for (size_t i = 0; i < count; i++)
    ignore_documents(p, paths[i]);
  struct rego_set_options options = {
      .version = version,
      .ignore = p->ignored.items,
      .ignore_count = p->ignored.count,
      .without_tests = true,
      .annotations = true,
  };
  p->set = rego_set_new(&options);
  for (size_t i = 0; i < count; i++)
    if (is_ours(paths[i]))
      rego_set_add(p->set, paths[i], REGO_SET_FILES, &err);
  return p;
}

void rego_policies_free(struct rego_policies *p)
{
  if (!p)
    return;
  rego_set_free(p->set);
  vec_free(&p->ignored);
  map_free(&p->seen);
  arena_free(&p->arena);
  mem_free(p);
}

struct rego_set *rego_policies_set(struct rego_policies *p)
{
  return p->set;
}

void rego_policies_tell(struct buf *out, const struct rego_set_problem *problem)
{
  if (problem->syntax)
    rego_error_write(out, &problem->rego);
  else
    buf_add(out, problem->message);
}
