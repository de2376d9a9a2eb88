#include "scan/license.h"

#include "base/buf.h"
#include "base/mem.h"
#include "data/glob.h"
#include "scan/license_int.h"

enum { ENTRY_MAX = 256 };

static const struct {
  struct str name;
  enum severity severity;
} categories[LICENSE_CATEGORIES] = {
    [LICENSE_UNKNOWN] = {STR_INIT("unknown"), SEVERITY_UNKNOWN},
    [LICENSE_UNENCUMBERED] = {STR_INIT("unencumbered"), SEVERITY_LOW},
    [LICENSE_PERMISSIVE] = {STR_INIT("permissive"), SEVERITY_LOW},
    [LICENSE_NOTICE] = {STR_INIT("notice"), SEVERITY_LOW},
    [LICENSE_RECIPROCAL] = {STR_INIT("reciprocal"), SEVERITY_MEDIUM},
    [LICENSE_RESTRICTED] = {STR_INIT("restricted"), SEVERITY_HIGH},
    [LICENSE_FORBIDDEN] = {STR_INIT("forbidden"), SEVERITY_CRITICAL},
};

/* The classification of licenseclassifier: patterns of identifiers without "-only" and "-or-later". The
 * first that fits counts. */
static const struct {
  const char *pattern;
  enum license_category category;
} classes[] = {
    {"0bsd", LICENSE_UNENCUMBERED},
    {"cc0-1.0", LICENSE_UNENCUMBERED},
    {"unlicense", LICENSE_UNENCUMBERED},
    {"agpl-1.0", LICENSE_FORBIDDEN},
    {"agpl-3.0", LICENSE_FORBIDDEN},
    {"commons-clause", LICENSE_FORBIDDEN},
    {"facebook-2-clause", LICENSE_FORBIDDEN},
    {"facebook-3-clause", LICENSE_FORBIDDEN},
    {"facebook-examples", LICENSE_FORBIDDEN},
    {"wtfpl", LICENSE_FORBIDDEN},
    {"cc-by-nc-1.0", LICENSE_FORBIDDEN},
    {"cc-by-nc-2.0", LICENSE_FORBIDDEN},
    {"cc-by-nc-2.5", LICENSE_FORBIDDEN},
    {"cc-by-nc-3.0", LICENSE_FORBIDDEN},
    {"cc-by-nc-4.0", LICENSE_FORBIDDEN},
    {"cc-by-nc-nd-?.?", LICENSE_FORBIDDEN},
    {"cc-by-nc-sa-?.?", LICENSE_FORBIDDEN},
    {"bcl", LICENSE_RESTRICTED},
    {"cc-by-nd-?.?", LICENSE_RESTRICTED},
    {"cc-by-sa-?.?", LICENSE_RESTRICTED},
    {"gpl-1.0", LICENSE_RESTRICTED},
    {"gpl-2.0", LICENSE_RESTRICTED},
    {"gpl-2.0-with-*-exception", LICENSE_RESTRICTED},
    {"gpl-3.0", LICENSE_RESTRICTED},
    {"gpl-3.0-with-*-exception", LICENSE_RESTRICTED},
    {"lgpl-2.0", LICENSE_RESTRICTED},
    {"lgpl-2.1", LICENSE_RESTRICTED},
    {"lgpl-3.0", LICENSE_RESTRICTED},
    {"npl-1.0", LICENSE_RESTRICTED},
    {"npl-1.1", LICENSE_RESTRICTED},
    {"osl-?.?", LICENSE_RESTRICTED},
    {"qpl-1.0", LICENSE_RESTRICTED},
    {"sleepycat", LICENSE_RESTRICTED},
    {"apsl-?.?", LICENSE_RECIPROCAL},
    {"cddl-1.0", LICENSE_RECIPROCAL},
    {"cddl-1.1", LICENSE_RECIPROCAL},
    {"cpl-1.0", LICENSE_RECIPROCAL},
    {"epl-1.0", LICENSE_RECIPROCAL},
    {"epl-2.0", LICENSE_RECIPROCAL},
    {"freeimage", LICENSE_RECIPROCAL},
    {"ipl-1.0", LICENSE_RECIPROCAL},
    {"mpl-1.0", LICENSE_RECIPROCAL},
    {"mpl-1.1", LICENSE_RECIPROCAL},
    {"mpl-2.0", LICENSE_RECIPROCAL},
    {"ruby", LICENSE_RECIPROCAL},
    {"afl-?.?", LICENSE_NOTICE},
    {"apache-1.0", LICENSE_NOTICE},
    {"apache-1.1", LICENSE_NOTICE},
    {"apache-2.0", LICENSE_NOTICE},
    {"artistic-1.0", LICENSE_NOTICE},
    {"artistic-1.0-cl8", LICENSE_NOTICE},
    {"artistic-1.0-perl", LICENSE_NOTICE},
    {"artistic-2.0", LICENSE_NOTICE},
    {"bsl-1.0", LICENSE_NOTICE},
    {"bsd-1-clause", LICENSE_NOTICE},
    {"bsd-2-clause", LICENSE_NOTICE},
    {"bsd-2-clause-freebsd", LICENSE_NOTICE},
    {"bsd-2-clause-netbsd", LICENSE_NOTICE},
    {"bsd-3-clause", LICENSE_NOTICE},
    {"bsd-3-clause-attribution", LICENSE_NOTICE},
    {"bsd-3-clause-clear", LICENSE_NOTICE},
    {"bsd-3-clause-lbnl", LICENSE_NOTICE},
    {"bsd-4-clause", LICENSE_NOTICE},
    {"bsd-4-clause-uc", LICENSE_NOTICE},
    {"bsd-protection", LICENSE_NOTICE},
    {"cc-by-1.0", LICENSE_NOTICE},
    {"cc-by-2.0", LICENSE_NOTICE},
    {"cc-by-2.5", LICENSE_NOTICE},
    {"cc-by-3.0", LICENSE_NOTICE},
    {"cc-by-4.0", LICENSE_NOTICE},
    {"ftl", LICENSE_NOTICE},
    {"imagemagick", LICENSE_NOTICE},
    {"isc", LICENSE_NOTICE},
    {"libpng", LICENSE_NOTICE},
    {"lil-1.0", LICENSE_NOTICE},
    {"linux-openib", LICENSE_NOTICE},
    {"lpl-1.0", LICENSE_NOTICE},
    {"lpl-1.02", LICENSE_NOTICE},
    {"mit", LICENSE_NOTICE},
    {"ms-pl", LICENSE_NOTICE},
    {"ncsa", LICENSE_NOTICE},
    {"openssl", LICENSE_NOTICE},
    {"php-3.0", LICENSE_NOTICE},
    {"php-3.01", LICENSE_NOTICE},
    {"pil", LICENSE_NOTICE},
    {"postgresql", LICENSE_NOTICE},
    {"python-2.0", LICENSE_NOTICE},
    {"python-2.0-complete", LICENSE_NOTICE},
    {"sgi-b-?.?", LICENSE_NOTICE},
    {"unicode-dfs-2015", LICENSE_NOTICE},
    {"unicode-dfs-2016", LICENSE_NOTICE},
    {"unicode-tou", LICENSE_NOTICE},
    {"upl-1.0", LICENSE_NOTICE},
    {"w3c", LICENSE_NOTICE},
    {"w3c-19980720", LICENSE_NOTICE},
    {"w3c-20150513", LICENSE_NOTICE},
    {"x11", LICENSE_NOTICE},
    {"xnet", LICENSE_NOTICE},
    {"zend-2.0", LICENSE_NOTICE},
    {"zlib", LICENSE_NOTICE},
    {"zlib-acknowledgement", LICENSE_NOTICE},
    {"zpl-1.1", LICENSE_NOTICE},
    {"zpl-2.0", LICENSE_NOTICE},
    {"zpl-2.1", LICENSE_NOTICE},
};

struct str license_category_name(enum license_category category)
{
  return categories[category].name;
}

bool license_category_named(struct str name, enum license_category *ret)
{
  for (size_t i = 0; i < LICENSE_CATEGORIES; i++)
    if (str_eq_nocase(categories[i].name, name)) {
      *ret = (enum license_category)i;
      return true;
    }
  return false;
}

enum severity license_category_severity(enum license_category category)
{
  return categories[category].severity;
}

/* In lower case, cut to what room holds. */
static struct str lower(struct str text, char room[static ENTRY_MAX])
{
  if (text.len > ENTRY_MAX)
    text.len = ENTRY_MAX;
  for (size_t i = 0; i < text.len; i++)
    room[i] = text.data[i] >= 'A' && text.data[i] <= 'Z' ? (char)(text.data[i] + 32) : text.data[i];
  return str_make(room, text.len);
}

/* The identifier without exception and without what it says of versions. */
static struct str base_of(struct str id)
{
  static const struct str ends[] = {STR_INIT("-only"), STR_INIT("-or-later"), STR_INIT("+")};
  ptrdiff_t with = str_find(id, 0, STR(" with "));
  if (with > 0)
    id.len = (size_t)with;
  for (size_t i = 0; i < sizeof ends / sizeof ends[0]; i++)
    if (str_ends(id, ends[i]) && id.len > ends[i].len)
      id.len -= ends[i].len;
  return id;
}

enum license_category license_category_of(struct str id)
{
  char room[ENTRY_MAX];
  struct str base = base_of(lower(id, room));
  for (size_t i = 0; i < sizeof classes / sizeof classes[0]; i++)
    if (glob_match_name(str_from(classes[i].pattern), base))
      return classes[i].category;
  return LICENSE_UNKNOWN;
}

/* ---- what is true of a whole expression */

static enum license_category join(enum license_operator operator, enum license_category a,
                                  enum license_category b)
{
  if (a == LICENSE_UNKNOWN || b == LICENSE_UNKNOWN)
    return LICENSE_UNKNOWN;
  return (operator== LICENSE_AND) == (a > b) ? a : b;
}

static enum license_category category_of_all(struct arena *arena, const struct license *license)
{
  enum license_category *stack = arena_array(arena, enum license_category, license->leaf_count);
  size_t depth = 0;
  for (size_t i = 0; i < license->step_count; i++) {
    const struct license_step *step = &license->steps[i];
    if (step->operator== LICENSE_LEAF) {
      stack[depth++] = license->leaves[step->leaf].category;
    } else {
      depth--;
      stack[depth - 1] = join(step->operator, stack[depth - 1], stack[depth]);
    }
  }
  return stack[0];
}

/* ---- writing */

struct piece {
  struct str text;
  uint32_t step; /* if the text is empty */
};

/* How many steps each step's own expression has. */
static uint32_t *sizes_of(struct arena *arena, const struct license *license)
{
  uint32_t *sizes = arena_array(arena, uint32_t, license->step_count);
  for (uint32_t i = 0; i < license->step_count; i++)
    sizes[i] = license->steps[i].operator== LICENSE_LEAF
                   ? 1
                   : 1 + sizes[i - 1] + sizes[i - 1 - sizes[i - 1]];
  return sizes;
}

static struct str text_of_leaf(struct arena *arena, const struct license_leaf *leaf, bool spdx)
{
  return leaf->spdx || !spdx ? leaf->id : license_reference(arena, leaf->id);
}

static size_t push_child(struct piece *stack, size_t depth, const struct license *license,
                         enum license_operator parent, uint32_t child)
{
  bool parentheses = parent == LICENSE_AND && license->steps[child].operator== LICENSE_OR;
  if (parentheses)
    stack[depth++] = (struct piece){.text = STR(")")};
  stack[depth++] = (struct piece){.step = child};
  if (parentheses)
    stack[depth++] = (struct piece){.text = STR("(")};
  return depth;
}

/* From the root down, with the pieces that are still to be written on a stack, the next on top. */
static struct str write_license(struct arena *arena, const struct license *license, bool spdx)
{
  _cleanup_(buf_free) struct buf out = {0};
  uint32_t *sizes = sizes_of(arena, license);
  struct piece *stack = arena_array(arena, struct piece, 6 * license->step_count);
  size_t depth = 0;
  stack[depth++] = (struct piece){.step = (uint32_t)license->step_count - 1};
  while (depth) {
    struct piece piece = stack[--depth];
    const struct license_step *step = &license->steps[piece.step];
    if (piece.text.len) {
      buf_add(&out, piece.text);
    } else if (step->operator== LICENSE_LEAF) {
      buf_add(&out, text_of_leaf(arena, &license->leaves[step->leaf], spdx));
    } else {
      uint32_t right = piece.step - 1, left = right - sizes[right];
      depth = push_child(stack, depth, license, step->operator, right);
      stack[depth++] =
          (struct piece){.text = step->operator== LICENSE_AND ? STR(" AND ") : STR(" OR ")};
      depth = push_child(stack, depth, license, step->operator, left);
    }
  }
  return arena_copy(arena, buf_str(&out));
}

static bool states_nothing(struct str text)
{
  static const struct str words[] = {STR_INIT(""), STR_INIT("NONE"), STR_INIT("NOASSERTION"),
                                     STR_INIT("UNKNOWN")};
  for (size_t i = 0; i < sizeof words / sizeof words[0]; i++)
    if (str_eq_nocase(words[i], str_trim(text)))
      return true;
  return false;
}

void license_read(struct arena *arena, struct str stated, struct license *ret)
{
  struct license license = {.expression = STR_EMPTY};
  *ret = license;
  if (states_nothing(stated))
    return;
  license_parse(arena, stated, &license);
  license.spdx = true;
  for (size_t i = 0; i < license.leaf_count; i++)
    license.spdx &= license.leaves[i].spdx;
  license.category = category_of_all(arena, &license);
  license.expression = write_license(arena, &license, false);
  *ret = license;
}

struct str license_spdx(struct arena *arena, const struct license *license)
{
  if (license->step_count == 0 || license->spdx)
    return license->expression;
  return write_license(arena, license, true);
}

struct str license_reference(struct arena *arena, struct str name)
{
  struct str text = arena_printf(arena, "LicenseRef-%.*s", STR_FMT(name));
  for (char *c = (char *)text.data; c < text.data + text.len; c++)
    if (!((*c >= 'a' && *c <= 'z') || (*c >= 'A' && *c <= 'Z') || (*c >= '0' && *c <= '9') ||
          *c == '.'))
      *c = '-';
  return text;
}

/* ---- policies */

static bool entry_fits(struct str entry, struct str id, enum license_category category)
{
  char room[ENTRY_MAX], id_room[ENTRY_MAX];
  enum license_category named;
  if (license_category_named(entry, &named))
    return named == category;
  struct str pattern = lower(entry, room), text = lower(id, id_room);
  return glob_match_name(pattern, text) || glob_match_name(pattern, base_of(text));
}

static bool lists(const struct str *entries, size_t count, struct str id,
                  enum license_category category)
{
  for (size_t i = 0; i < count; i++)
    if (entry_fits(entries[i], id, category))
      return true;
  return false;
}

static bool id_allowed(const struct license_policy *policy, struct str id,
                       enum license_category category)
{
  return !lists(policy->denied, policy->denied_count, id, category) &&
         (policy->allowed_count == 0 ||
          lists(policy->allowed, policy->allowed_count, id, category));
}

bool license_allowed(const struct license *license, const struct license_policy *policy,
                     const struct license_leaf **ret_leaf)
{
  const struct license_leaf *stack[LICENSE_LEAVES_MAX]; /* what is in the way; NULL: nothing */
  size_t depth = 0;
  if (license->step_count == 0) {
    bool allowed = id_allowed(policy, STR_EMPTY, LICENSE_UNKNOWN);
    if (!allowed && ret_leaf)
      *ret_leaf = NULL;
    return allowed;
  }
  for (size_t i = 0; i < license->step_count; i++) {
    const struct license_step *step = &license->steps[i];
    if (step->operator== LICENSE_LEAF) {
      const struct license_leaf *leaf = &license->leaves[step->leaf];
      stack[depth++] = id_allowed(policy, leaf->id, leaf->category) ? NULL : leaf;
      continue;
    }
    depth--;
    if (step->operator== LICENSE_OR ? !stack[depth] : !stack[depth - 1])
      stack[depth - 1] = stack[depth];
  }
  if (stack[0] && ret_leaf)
    *ret_leaf = stack[0];
  return stack[0] == NULL;
}
