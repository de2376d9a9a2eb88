/* "did you mean": names that are near to one that means nothing. */
#include "lang/rego/check_int.h"

enum {
  WORD_MIN = 3, /* shorter words are near to anything */
  WORD_MAX = 60,
  CANDIDATES_MAX = 3000,
};

struct hint {
  struct str word, best;
  uint32_t distance; /* of the best; at first, one more than a hint may have */
  uint32_t considered;
};

static struct hint start(struct str word)
{
  struct hint h = {.word = word, .distance = word.len < 6 ? 2 : word.len < 12 ? 3 : 4};
  if (word.len < WORD_MIN || word.len > WORD_MAX)
    h.distance = 0;
  return h;
}

static uint32_t smallest(uint32_t a, uint32_t b)
{
  return a < b ? a : b;
}

/* Letters to insert, drop, change or swap with their neighbours (optimal string alignment). */
static uint32_t distance_of(struct str a, struct str b)
{
  uint32_t rows[3][WORD_MAX + 1];
  for (size_t j = 0; j <= b.len; j++)
    rows[0][j] = (uint32_t)j;
  for (size_t i = 1; i <= a.len; i++) {
    uint32_t *row = rows[i % 3], *above = rows[(i + 2) % 3], *second = rows[(i + 1) % 3];
    row[0] = (uint32_t)i;
    for (size_t j = 1; j <= b.len; j++) {
      bool same = a.data[i - 1] == b.data[j - 1];
      row[j] = smallest(smallest(row[j - 1], above[j]) + 1, above[j - 1] + !same);
      if (i > 1 && j > 1 && a.data[i - 1] == b.data[j - 2] && a.data[i - 2] == b.data[j - 1])
        row[j] = smallest(row[j], second[j - 2] + 1);
    }
  }
  return rows[a.len % 3][b.len];
}

static void consider(struct hint *h, struct str candidate)
{
  size_t more = candidate.len > h->word.len ? candidate.len - h->word.len
                                            : h->word.len - candidate.len;
  if (candidate.len > WORD_MAX || more >= h->distance || h->considered++ >= CANDIDATES_MAX)
    return;
  uint32_t distance = distance_of(h->word, candidate);
  if (distance && distance < h->distance) {
    h->distance = distance;
    h->best = candidate;
  }
}

static bool is_rule(const struct check_path *path)
{
  return path->rules_expected || (path->child_count && !path->module_count);
}

static void consider_rules(struct hint *h, const struct check_path *package, bool functions)
{
  for (uint32_t i = 0; i < package->child_count; i++) {
    const struct check_path *child = package->children[i];
    if (child->key.type == VALUE_STRING && is_rule(child) && (!functions || child->is_function))
      consider(h, value_str(child->key));
  }
}

static void consider_imports(struct hint *h, const struct rego_module *module)
{
  for (uint32_t i = 0; i < module->import_count; i++)
    consider(h, module->imports[i].alias.len
                    ? module->imports[i].alias
                    : value_str_or_empty(
                          module->imports[i].path[module->imports[i].path_count - 1].value));
}

static struct str finish(struct checker *c, const struct hint *h)
{
  if (!h->best.len)
    return STR_EMPTY;
  return arena_printf(c->arena, " (did you mean `%.*s`?)", STR_FMT(h->best));
}

struct str check_hint_var(struct checker *c, struct str name)
{
  struct hint h = start(name);
  const struct rego_module *module = c->module ? c->module : c->context;
  const struct check_path *package = c->program->data;
  if (!module || !h.distance)
    return STR_EMPTY;
  for (uint32_t i = 0; package && i < module->package.path_count; i++)
    package = check_path_child(package, module->package.path[i].value);
  if (package)
    consider_rules(&h, package, false);
  consider_imports(&h, module);
  consider(&h, STR("input"));
  consider(&h, STR("data"));
  return finish(c, &h);
}

struct str check_hint_function(struct checker *c, const struct check_path *below, struct str name)
{
  struct hint h = start(name);
  if (!h.distance)
    return STR_EMPTY;
  if (below)
    consider_rules(&h, below, true);
  for (size_t i = 0; !below && builtin_at(i); i++)
    consider(&h, str_from(builtin_at(i)->name));
  if (!below && c->context)
    consider_rules(&h, c->package, true);
  return finish(c, &h);
}
