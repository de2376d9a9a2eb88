#include "scan/purl.h"

#include "base/mem.h"
#include "base/utf8.h"

#include <stdlib.h>

/* What a type says of the spelling of its parts. */
enum rules {
  SPACE_LOWER = 1,
  NAME_LOWER = 2,
  VERSION_LOWER = 4,
  NAME_DASHES = 8,       /* "_" is written "-" */
  NAME_UNDERSCORES = 16, /* whatever is no letter or digit is written "_" */
  SPACE_NEEDED = 32,
  SPACE_NONE = 64,
  VERSION_NEEDED = 128,
  NAME_NO_COLONS = 256,  /* a distribution is named, not one of its modules */
  NAME_DATABRICKS = 512, /* lower case if repository_url is of that product, which ignores case */
};

/* Sorted. For systems' packages and Go the registered types want a namespace; much of what is written has
 * none (packages of unknown distributions, pkg:golang/stdlib), so it is not asked for. */
static const struct type_rules {
  struct str type;
  unsigned rules;
  struct str key_needed;
} type_rules[] = {
    {STR_INIT("alpm"), SPACE_LOWER | NAME_LOWER},
    {STR_INIT("apk"), SPACE_LOWER | NAME_LOWER},
    {STR_INIT("bazel"), SPACE_NONE},
    {STR_INIT("bitbucket"), SPACE_LOWER | NAME_LOWER | SPACE_NEEDED},
    {STR_INIT("bitnami"), NAME_LOWER | SPACE_NONE},
    {STR_INIT("brew"), SPACE_LOWER | NAME_LOWER},
    {STR_INIT("cargo"), SPACE_NONE},
    {STR_INIT("chrome-extension"), NAME_LOWER | SPACE_NONE},
    {STR_INIT("cocoapods"), SPACE_NONE},
    {STR_INIT("composer"), SPACE_LOWER | NAME_LOWER | SPACE_NEEDED},
    {STR_INIT("conda"), SPACE_NONE},
    {STR_INIT("cpan"), NAME_NO_COLONS},
    {STR_INIT("cran"), SPACE_NONE},
    {STR_INIT("deb"), SPACE_LOWER | NAME_LOWER},
    {STR_INIT("gem"), SPACE_NONE},
    {STR_INIT("github"), SPACE_LOWER | NAME_LOWER | SPACE_NEEDED},
    {STR_INIT("hackage"), SPACE_NONE},
    {STR_INIT("hex"), SPACE_LOWER | NAME_LOWER},
    {STR_INIT("huggingface"), VERSION_LOWER},
    {STR_INIT("julia"), SPACE_NONE, STR_INIT("uuid")},
    {STR_INIT("luarocks"), SPACE_LOWER | NAME_LOWER},
    {STR_INIT("maven"), SPACE_NEEDED},
    {STR_INIT("mlflow"), SPACE_NONE | NAME_DATABRICKS},
    {STR_INIT("nuget"), SPACE_NONE},
    {STR_INIT("oci"), NAME_LOWER | VERSION_LOWER | SPACE_NONE},
    {STR_INIT("opam"), SPACE_NONE},
    {STR_INIT("otp"), NAME_LOWER | SPACE_NONE},
    {STR_INIT("pub"), NAME_LOWER | NAME_UNDERSCORES | SPACE_NONE},
    {STR_INIT("pypi"), NAME_LOWER | NAME_DASHES | VERSION_LOWER | SPACE_NONE},
    {STR_INIT("qpkg"), SPACE_LOWER},
    {STR_INIT("rpm"), SPACE_LOWER},
    {STR_INIT("swid"), 0, STR_INIT("tag_id")},
    {STR_INIT("swift"), SPACE_NEEDED},
    {STR_INIT("vcpkg"), SPACE_NONE},
    {STR_INIT("vscode-extension"), SPACE_LOWER | NAME_LOWER | VERSION_LOWER | SPACE_NEEDED},
};

static const struct type_rules no_rules = {0};

static const struct type_rules *rules_of(struct str type)
{
  for (size_t i = 0; i < sizeof type_rules / sizeof type_rules[0]; i++)
    if (str_eq_nocase(type_rules[i].type, type))
      return &type_rules[i];
  return &no_rules;
}

static bool is_letter(char c)
{
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static bool is_digit(char c)
{
  return c >= '0' && c <= '9';
}

static char lower(char c)
{
  return c >= 'A' && c <= 'Z' ? (char)(c + 32) : c;
}

/* One byte as the rules for names spell it. */
static char fold_name(unsigned rules, char c)
{
  if (rules & NAME_LOWER)
    c = lower(c);
  if ((rules & NAME_DASHES) && c == '_')
    c = '-';
  if ((rules & NAME_UNDERSCORES) && !is_letter(c) && !is_digit(c))
    c = '_';
  return c;
}

static char fold_lower(unsigned rules, char c)
{
  return rules ? lower(c) : c;
}

/* What is true of one purl beyond its type. */
static unsigned rules_for(const struct type_rules *type, const struct purl *purl)
{
  unsigned rules = type->rules;
  if ((rules & NAME_DATABRICKS) &&
      str_find(purl_qualifier(purl, STR("repository_url")), 0, STR("databricks")) >= 0)
    rules |= NAME_LOWER;
  return rules;
}

/* ---- what a purl must be */

static int check_type(struct str type, struct error *err)
{
  if (type.len == 0)
    return error_set(err, SW_EINVAL, "the package URL has no type");
  if (!is_letter(type.data[0]))
    return error_set(err, SW_EINVAL, "the type of a package URL begins with a letter");
  for (size_t i = 0; i < type.len; i++)
    if (!is_letter(type.data[i]) && !is_digit(type.data[i]) && type.data[i] != '.' &&
        type.data[i] != '-')
      return error_set(err, SW_EINVAL,
                       "the type of a package URL is made of letters, digits, \".\" and \"-\"");
  return 0;
}

static int check_key(struct str key, struct error *err)
{
  bool good = key.len > 0 && is_letter(key.data[0]);
  for (size_t i = 0; good && i < key.len; i++)
    good = is_letter(key.data[i]) || is_digit(key.data[i]) || key.data[i] == '.' ||
           key.data[i] == '-' || key.data[i] == '_';
  return good ? 0
              : error_set(
                    err, SW_EINVAL,
                    "\"%.*s\" is no key of a qualifier: a letter, then letters, digits, \".\", "
                    "\"-\" and \"_\"",
                    STR_FMT(str_sub(key, 0, 60)));
}

static bool has_segment(struct str text)
{
  for (size_t i = 0; i < text.len; i++)
    if (text.data[i] != '/')
      return true;
  return false;
}

static int check_parts(const struct type_rules *type, const struct purl *purl, struct error *err)
{
  if (!has_segment(purl->name))
    return error_set(err, SW_EINVAL, "the package URL has no name");
  bool spaced = has_segment(purl->name_space);
  if ((type->rules & SPACE_NEEDED) && !spaced)
    return error_set(err, SW_EINVAL, "a package URL of type %.*s needs a namespace",
                     STR_FMT(type->type));
  if ((type->rules & SPACE_NONE) && spaced)
    return error_set(err, SW_EINVAL, "a package URL of type %.*s has no namespace",
                     STR_FMT(type->type));
  if ((type->rules & NAME_NO_COLONS) && str_find(purl->name, 0, STR("::")) >= 0)
    return error_set(err, SW_EINVAL,
                     "a package URL of type %.*s names a distribution, not a module",
                     STR_FMT(type->type));
  if (type->key_needed.len && !purl_qualifier(purl, type->key_needed).len)
    return error_set(err, SW_EINVAL, "a package URL of type %.*s needs the qualifier \"%.*s\"",
                     STR_FMT(type->type), STR_FMT(type->key_needed));
  return 0;
}

static int check_utf8(const struct purl *purl, struct error *err)
{
  if (!utf8_valid(purl->name_space) || !utf8_valid(purl->name) || !utf8_valid(purl->version) ||
      !utf8_valid(purl->subpath))
    return error_set(err, SW_EINVAL, "the package URL holds bytes that are not UTF-8");
  for (size_t i = 0; i < purl->qualifier_count; i++)
    if (!utf8_valid(purl->qualifiers[i].value))
      return error_set(err, SW_EINVAL, "the qualifier \"%.*s\" holds bytes that are not UTF-8",
                       STR_FMT(purl->qualifiers[i].key));
  return 0;
}

/* ---- qualifiers */

static int compare_keys(struct str a, struct str b)
{
  for (size_t i = 0; i < a.len && i < b.len; i++) {
    unsigned char x = (unsigned char)lower(a.data[i]), y = (unsigned char)lower(b.data[i]);
    if (x != y)
      return x < y ? -1 : 1;
  }
  return (a.len > b.len) - (a.len < b.len);
}

int purl_qualify(struct purl *purl, struct str key, struct str value, struct error *err)
{
  int rc = check_key(key, err);
  if (rc < 0 || value.len == 0)
    return rc;
  size_t at = 0;
  int order = -1;
  while (at < purl->qualifier_count && (order = compare_keys(purl->qualifiers[at].key, key)) < 0)
    at++;
  if (at < purl->qualifier_count && order == 0)
    return error_set(err, SW_EINVAL, "the qualifier \"%.*s\" is given twice",
                     STR_FMT(str_sub(key, 0, 60)));
  if (purl->qualifier_count == PURL_QUALIFIERS_MAX)
    return error_set(err, SW_ELIMIT, "a package URL has at most %d qualifiers",
                     PURL_QUALIFIERS_MAX);
  memmove(&purl->qualifiers[at + 1], &purl->qualifiers[at],
          (purl->qualifier_count - at) * sizeof purl->qualifiers[0]);
  purl->qualifiers[at] = (struct purl_qualifier){key, value};
  purl->qualifier_count++;
  return 0;
}

struct str purl_qualifier(const struct purl *purl, struct str key)
{
  for (size_t i = 0; i < purl->qualifier_count; i++)
    if (str_eq_nocase(purl->qualifiers[i].key, key))
      return purl->qualifiers[i].value;
  return STR_EMPTY;
}

/* ---- writing */

static void add_encoded(struct buf *out, struct str text, unsigned rules,
                        char (*fold)(unsigned rules, char c))
{
  static const char digits[] = "0123456789ABCDEF";
  for (size_t i = 0; i < text.len; i++) {
    char c = fold(rules, text.data[i]);
    unsigned char byte = (unsigned char)c;
    if (is_letter(c) || is_digit(c) || c == '.' || c == '-' || c == '_' || c == '~' || c == ':') {
      buf_add_byte(out, c);
    } else {
      buf_add_byte(out, '%');
      buf_add_byte(out, digits[byte >> 4]);
      buf_add_byte(out, digits[byte & 15]);
    }
  }
}

static bool is_dots(struct str segment)
{
  return str_eq(segment, STR(".")) || str_eq(segment, STR(".."));
}

/* Segments with one "/" between them; those that are empty are left out, and in a subpath dots too. */
static bool add_segments(struct buf *out, struct str text, unsigned rules, bool subpath)
{
  bool any = false;
  for (struct str rest = text; rest.data;) {
    struct str segment = str_cut(rest, '/', &rest);
    if (segment.len == 0 || (subpath && is_dots(segment)))
      continue;
    if (any)
      buf_add_byte(out, '/');
    any = true;
    add_encoded(out, segment, rules, fold_lower);
  }
  return any;
}

static struct str trim_slashes(struct str text)
{
  while (text.len && text.data[0] == '/')
    text = str_sub(text, 1, SIZE_MAX);
  while (text.len && text.data[text.len - 1] == '/')
    text.len--;
  return text;
}

static void write_parts(struct buf *out, const struct purl *purl, unsigned rules)
{
  buf_add(out, STR("pkg:"));
  for (size_t i = 0; i < purl->type.len; i++)
    buf_add_byte(out, lower(purl->type.data[i]));
  buf_add_byte(out, '/');
  if (add_segments(out, purl->name_space, rules & SPACE_LOWER, false))
    buf_add_byte(out, '/');
  add_encoded(out, trim_slashes(purl->name), rules, fold_name);
  if (purl->version.len) {
    buf_add_byte(out, '@');
    add_encoded(out, purl->version, rules & VERSION_LOWER, fold_lower);
  }
  char separator = '?';
  for (size_t i = 0; i < purl->qualifier_count; i++) {
    if (!purl->qualifiers[i].value.len)
      continue;
    buf_add_byte(out, separator);
    separator = '&';
    add_encoded(out, purl->qualifiers[i].key, 1, fold_lower);
    buf_add_byte(out, '=');
    add_encoded(out, purl->qualifiers[i].value, 0, fold_lower);
  }
  size_t before = out->len;
  buf_add_byte(out, '#');
  if (!add_segments(out, purl->subpath, 0, true))
    out->len = before;
}

/* Qualifiers that the caller filled in by hand: in order, and well-formed. */
static int ordered(const struct purl *purl, struct purl *ret, struct error *err)
{
  *ret = *purl;
  ret->qualifier_count = 0;
  if (purl->qualifier_count > PURL_QUALIFIERS_MAX)
    return error_set(err, SW_ELIMIT, "a package URL has at most %d qualifiers",
                     PURL_QUALIFIERS_MAX);
  for (size_t i = 0; i < purl->qualifier_count; i++) {
    int rc = purl_qualify(ret, purl->qualifiers[i].key, purl->qualifiers[i].value, err);
    if (rc < 0)
      return rc;
  }
  return 0;
}

int purl_write(struct buf *out, const struct purl *purl, struct error *err)
{
  struct purl sorted;
  const struct type_rules *type = rules_of(purl->type);
  int rc = check_type(purl->type, err);
  if (rc == 0)
    rc = ordered(purl, &sorted, err);
  if (rc == 0)
    rc = check_parts(type, &sorted, err);
  if (rc == 0)
    rc = check_utf8(&sorted, err);
  if (rc < 0)
    return rc;
  size_t before = out->len;
  write_parts(out, &sorted, rules_for(type, &sorted));
  if (out->len - before > PURL_LENGTH_MAX || buf_failed(out)) {
    out->len = before;
    return error_set(err, SW_ELIMIT, "the package URL would be longer than %d bytes",
                     PURL_LENGTH_MAX);
  }
  return 0;
}

/* ---- reading */

static int hex(char c)
{
  if (is_digit(c))
    return c - '0';
  c = lower(c);
  return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

static int decode(struct arena *arena, struct str text, struct str *ret, struct error *err)
{
  char *out = arena_alloc(arena, text.len + 1);
  size_t len = 0;
  for (size_t i = 0; i < text.len; i++) {
    char c = text.data[i];
    if (c == '%') {
      bool whole = text.len - i > 2;
      int high = whole ? hex(text.data[i + 1]) : -1, low = whole ? hex(text.data[i + 2]) : -1;
      if (high < 0 || low < 0)
        return error_set(err, SW_EINVAL,
                         "in a package URL, \"%%\" is followed by two hexadecimal digits");
      c = (char)(high * 16 + low);
      i += 2;
    }
    out[len++] = c;
  }
  out[len] = 0;
  *ret = str_make(out, len);
  return 0;
}

/* Decodes segment by segment; empty ones are dropped, and dots where they mean steps. */
static int decode_segments(struct arena *arena, struct str text, bool subpath, struct str *ret,
                           struct error *err)
{
  char *out = arena_alloc(arena, text.len + 1);
  size_t len = 0;
  for (struct str rest = text; rest.data;) {
    struct str decoded, segment = str_cut(rest, '/', &rest);
    int rc = decode(arena, segment, &decoded, err);
    if (rc < 0)
      return rc;
    if (decoded.len == 0 || (subpath && is_dots(decoded)))
      continue;
    if (str_find_byte(decoded, 0, '/') >= 0)
      return error_set(err, SW_EINVAL, "a segment of a package URL holds an encoded \"/\"");
    if (len)
      out[len++] = '/';
    memcpy(out + len, decoded.data, decoded.len);
    len += decoded.len;
  }
  out[len] = 0;
  *ret = str_make(out, len);
  return 0;
}

static struct str fold(struct arena *arena, struct str text, unsigned rules,
                       char (*folded)(unsigned rules, char c))
{
  char *out = arena_alloc(arena, text.len + 1);
  for (size_t i = 0; i < text.len; i++)
    out[i] = folded(rules, text.data[i]);
  out[text.len] = 0;
  return str_make(out, text.len);
}

static int parse_qualifiers(struct arena *arena, struct str text, struct purl *purl,
                            struct error *err)
{
  for (struct str rest = text; rest.data;) {
    struct str value, pair = str_cut(rest, '&', &rest);
    if (pair.len == 0)
      continue;
    struct str key = fold(arena, str_cut(pair, '=', &value), 1, fold_lower);
    if (!value.data)
      return error_set(err, SW_EINVAL, "the qualifier \"%.*s\" has no value",
                       STR_FMT(str_sub(key, 0, 60)));
    int rc = decode(arena, value, &value, err);
    if (rc == 0)
      rc = purl_qualify(purl, key, value, err);
    if (rc < 0)
      return rc;
  }
  return 0;
}

/* What follows the last separator, taken off; data NULL if there is none. */
static struct str cut_last(struct str *text, char separator)
{
  ptrdiff_t at = str_find_last_byte(*text, separator);
  if (at < 0)
    return (struct str){NULL, 0};
  struct str after = str_sub(*text, (size_t)at + 1, SIZE_MAX);
  *text = str_sub(*text, 0, (size_t)at);
  return after;
}

/* An "@" at the beginning of a segment that is not the last is part of it: a scope of npm, not encoded. */
static struct str cut_version(struct str *text)
{
  ptrdiff_t at = str_find_last_byte(*text, '@');
  if (at < 0 ||
      ((at == 0 || text->data[at - 1] == '/') && str_find_byte(*text, (size_t)at, '/') > 0))
    return STR_EMPTY;
  return cut_last(text, '@');
}

static int parse_parts(struct arena *arena, struct str rest, struct purl *purl, struct error *err)
{
  struct str subpath = cut_last(&rest, '#'), qualifiers = cut_last(&rest, '?');
  struct str path, type = str_cut(trim_slashes(rest), '/', &path);
  int rc = check_type(type, err);
  if (rc < 0)
    return rc;
  purl->type = fold(arena, type, 1, fold_lower);
  path = trim_slashes(path.data ? path : STR_EMPTY);
  struct str version = cut_version(&path);
  bool bare = path.len && path.data[path.len - 1] == '/';
  struct str name = cut_last(&path, '/');
  if (!name.data) {
    name = path;
    path = STR_EMPTY;
  }
  if (bare)
    return error_set(err, SW_EINVAL, "the package URL has no name");
  rc = decode_segments(arena, path, false, &purl->name_space, err);
  if (rc == 0)
    rc = decode(arena, name, &purl->name, err);
  if (rc == 0)
    rc = decode(arena, version, &purl->version, err);
  if (rc == 0)
    rc = decode_segments(arena, subpath, true, &purl->subpath, err);
  if (rc == 0)
    rc = parse_qualifiers(arena, qualifiers, purl, err);
  return rc;
}

int purl_parse(struct arena *arena, struct str text, struct purl *ret_purl, struct error *err)
{
  struct purl purl = {0};
  if (text.len > PURL_LENGTH_MAX)
    return error_set(err, SW_ELIMIT, "the package URL is longer than %d bytes", PURL_LENGTH_MAX);
  if (!str_eq_nocase(str_sub(text, 0, 4), STR("pkg:")))
    return error_set(err, SW_EINVAL, "a package URL begins with \"pkg:\"");
  int rc = parse_parts(arena, str_sub(text, 4, SIZE_MAX), &purl, err);
  if (rc < 0)
    return rc;
  const struct type_rules *type = rules_of(purl.type);
  unsigned rules = rules_for(type, &purl);
  purl.name_space = fold(arena, purl.name_space, rules & SPACE_LOWER, fold_lower);
  purl.name = fold(arena, trim_slashes(purl.name), rules, fold_name);
  purl.version = fold(arena, purl.version, rules & VERSION_LOWER, fold_lower);
  rc = check_parts(type, &purl, err);
  if (rc == 0)
    rc = check_utf8(&purl, err);
  if (rc == 0)
    *ret_purl = purl;
  return rc;
}
