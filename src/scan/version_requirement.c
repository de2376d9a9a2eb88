#include "scan/version_requirement.h"

#include "scan/version_requirement_int.h"

enum { SHOWN_MAX = 80 };

int version_requirement_fail(struct version_reading *r, const char *why)
{
  return error_set(r->err, SW_EINVAL, "\"%.*s\" is not a requirement for %.*s: %s",
                   STR_FMT(str_sub(r->text, 0, SHOWN_MAX)), STR_FMT(r->ops->name), why);
}

int version_bound_add(struct version_reading *r, enum version_bound_kind kind, struct str version)
{
  struct version_bound bound = {.kind = kind, .alternative = r->alternative};
  if (vec_full(&r->bounds, VERSION_BOUNDS_MAX))
    return error_set(r->err, SW_ELIMIT, "a requirement has more than %d comparisons",
                     VERSION_BOUNDS_MAX);
  if (kind != BOUND_ANY) {
    int result = version_parse(r->ops, version, r->arena, &bound.version, r->err);
    if (result < 0)
      return result;
  }
  vec_push(&r->bounds, bound);
  return 0;
}

enum version_bound_kind version_take_sign(struct str *rest)
{
  static const struct {
    struct str sign;
    enum version_bound_kind kind;
  } signs[] = {
      {STR_INIT("<="), BOUND_LE}, {STR_INIT(">="), BOUND_GE}, {STR_INIT("=="), BOUND_EQ},
      {STR_INIT("!="), BOUND_NE}, {STR_INIT("<"), BOUND_LT},  {STR_INIT(">"), BOUND_GT},
      {STR_INIT("="), BOUND_EQ},
  };
  for (size_t i = 0; i < sizeof signs / sizeof signs[0]; i++)
    if (str_starts(*rest, signs[i].sign)) {
      *rest = str_sub(*rest, signs[i].sign.len, rest->len);
      return signs[i].kind;
    }
  return BOUND_EQ;
}

static int read_alternative(struct version_reading *r, struct str rest)
{
  if (str_eq(str_trim(rest), STR("*")))
    return version_bound_add(r, BOUND_ANY, STR_EMPTY);
  while (rest.data) {
    struct str one = str_trim(str_cut(rest, ',', &rest));
    enum version_bound_kind kind = version_take_sign(&one);
    one = str_trim(one);
    if (one.len == 0)
      return version_requirement_fail(r, "a version is missing");
    int result = version_bound_add(r, kind, one);
    if (result < 0)
      return result;
  }
  return 0;
}

static int read_plain(struct version_reading *r)
{
  size_t at = 0;
  for (;; r->alternative++) {
    ptrdiff_t bar = str_find(r->text, at, STR("||"));
    size_t end = bar < 0 ? r->text.len : (size_t)bar;
    int result = read_alternative(r, str_sub(r->text, at, end - at));
    if (result < 0 || bar < 0)
      return result;
    at = end + 2;
  }
}

static const struct {
  const struct version_ops *ops;
  int (*read)(struct version_reading *r);
} grammars[] = {
    {&version_npm, version_requirement_read_npm},
    {&version_gem, version_requirement_read_gem},
};

static int read(struct version_reading *r)
{
  for (size_t i = 0; i < sizeof grammars / sizeof grammars[0]; i++)
    if (grammars[i].ops == r->ops)
      return grammars[i].read(r);
  return read_plain(r);
}

int version_requirement_parse(const struct version_ops *ops, struct str text, unsigned flags,
                              struct arena *a, struct version_requirement *ret_requirement,
                              struct error *err)
{
  struct version_reading r = {.ops = ops, .text = text, .arena = a, .flags = flags, .err = err};
  if (text.len > VERSION_REQUIREMENT_LENGTH_MAX)
    return error_set(err, SW_ELIMIT, "a requirement of %zu bytes is longer than %d", text.len,
                     VERSION_REQUIREMENT_LENGTH_MAX);
  int result = read(&r);
  if (result == 0) {
    struct version_bound *bounds = arena_array(a, struct version_bound, r.bounds.count);
    if (r.bounds.count)
      memcpy(bounds, r.bounds.items, r.bounds.count * sizeof *bounds);
    *ret_requirement = (struct version_requirement){ops, bounds, (uint32_t)r.bounds.count, flags};
  }
  vec_free(&r.bounds);
  return result;
}

static bool holds(const struct version_bound *bound, struct version version)
{
  if (bound->kind == BOUND_ANY)
    return true;
  int order = version_order(version, bound->version);
  switch (bound->kind) {
  case BOUND_LT:
    return order < 0;
  case BOUND_LE:
    return order <= 0;
  case BOUND_GT:
    return order > 0;
  case BOUND_GE:
    return order >= 0;
  case BOUND_NE:
    return order != 0;
  default:
    return order == 0;
  }
}

/* Of the comparisons of one alternative one names a pre-release of the same three numbers. */
static bool allows(const struct version_bound *bounds, uint32_t count, struct str release)
{
  for (uint32_t i = 0; i < count; i++) {
    bool prerelease = false;
    if (bounds[i].kind == BOUND_ANY)
      continue;
    size_t len = version_npm_release(bounds[i].version.key, &prerelease);
    if (prerelease && str_eq(str_sub(bounds[i].version.key, 0, len), release))
      return true;
  }
  return false;
}

static bool alternative_holds(const struct version_requirement *requirement, uint32_t begin,
                              uint32_t end, struct version version)
{
  bool prerelease = false;
  for (uint32_t i = begin; i < end; i++)
    if (!holds(&requirement->bounds[i], version))
      return false;
  if (requirement->ops != &version_npm || (requirement->flags & VERSION_PRERELEASES))
    return true;
  size_t len = version_npm_release(version.key, &prerelease);
  return !prerelease ||
         allows(requirement->bounds + begin, end - begin, str_sub(version.key, 0, len));
}

bool version_requirement_matches(const struct version_requirement *requirement,
                                 struct version version)
{
  for (uint32_t begin = 0, end; begin < requirement->count; begin = end) {
    end = begin + 1;
    while (end < requirement->count &&
           requirement->bounds[end].alternative == requirement->bounds[begin].alternative)
      end++;
    if (alternative_holds(requirement, begin, end, version))
      return true;
  }
  return false;
}
