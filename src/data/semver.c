#include "data/semver.h"

enum { SHOWN_MAX = 80 };

static bool is_digit(char c)
{
  return c >= '0' && c <= '9';
}

static bool is_identifier_byte(char c)
{
  return is_digit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '-';
}

static int fail(struct str text, struct error *err, const char *why)
{
  return error_set(err, SW_EINVAL, "\"%.*s\" is not a semantic version: %s",
                   STR_FMT(str_sub(text, 0, SHOWN_MAX)), why);
}

static struct str take_digits(struct str *rest)
{
  size_t len = 0;
  while (len < rest->len && is_digit(rest->data[len]))
    len++;
  struct str digits = str_sub(*rest, 0, len);
  *rest = str_sub(*rest, len, rest->len);
  return digits;
}

static bool is_number(struct str s)
{
  struct str rest = s;
  return take_digits(&rest).len > 0 && rest.len == 0;
}

struct reading {
  struct str text, rest;
  bool tolerant;
  struct error *err;
};

static int read_number(struct reading *r, const char *name, uint64_t *ret)
{
  unsigned long long number = 0;
  struct str digits = take_digits(&r->rest);
  if (digits.len == 0)
    return error_set(r->err, SW_EINVAL,
                     "\"%.*s\" is not a semantic version: the %s number is missing",
                     STR_FMT(str_sub(r->text, 0, SHOWN_MAX)), name);
  if (digits.len > 1 && digits.data[0] == '0' && !r->tolerant)
    return error_set(r->err, SW_EINVAL,
                     "\"%.*s\" is not a semantic version: the %s number begins with 0",
                     STR_FMT(str_sub(r->text, 0, SHOWN_MAX)), name);
  while (digits.len > 1 && digits.data[0] == '0')
    digits = str_sub(digits, 1, digits.len);
  if (!str_to_u64(digits, UINT64_MAX, &number))
    return error_set(r->err, SW_ELIMIT, "\"%.*s\": the %s number is beyond 64 bits",
                     STR_FMT(str_sub(r->text, 0, SHOWN_MAX)), name);
  *ret = number;
  return 0;
}

static bool take_dot(struct reading *r)
{
  if (r->rest.len == 0 || r->rest.data[0] != '.')
    return false;
  r->rest = str_sub(r->rest, 1, r->rest.len);
  return true;
}

/* Dot-separated identifiers up to the end; those of a pre-release end at a '+' too. */
static int read_identifiers(struct reading *r, bool prerelease, struct str *ret)
{
  size_t begin = 0, i = 0;
  struct str s = r->rest;
  for (;; i++) {
    bool end = i == s.len || (prerelease && s.data[i] == '+');
    if (!end && s.data[i] != '.') {
      if (!is_identifier_byte(s.data[i]))
        return fail(r->text, r->err,
                    "letters, digits, \"-\" and \".\" only may follow the numbers");
      continue;
    }
    struct str identifier = str_sub(s, begin, i - begin);
    if (identifier.len == 0)
      return fail(r->text, r->err, "an identifier between dots is empty");
    if (prerelease && !r->tolerant && identifier.len > 1 && identifier.data[0] == '0' &&
        is_number(identifier))
      return fail(r->text, r->err, "a number in the pre-release begins with 0");
    begin = i + 1;
    if (end)
      break;
  }
  *ret = str_sub(s, 0, i);
  r->rest = str_sub(s, i, s.len);
  return 0;
}

static int read_version(struct reading *r, struct semver *v)
{
  uint64_t *const numbers[] = {&v->major, &v->minor, &v->patch};
  static const char *const names[] = {"major", "minor", "patch"};
  int result = read_number(r, names[0], numbers[0]);
  for (unsigned i = 1; result == 0 && i < 3; i++) {
    if (take_dot(r))
      result = read_number(r, names[i], numbers[i]);
    else if (!r->tolerant)
      return fail(r->text, r->err, "it needs three numbers, as in 1.2.3");
  }
  if (result == 0 && r->rest.len && r->rest.data[0] == '-') {
    r->rest = str_sub(r->rest, 1, r->rest.len);
    result = read_identifiers(r, true, &v->prerelease);
  }
  if (result == 0 && r->rest.len && r->rest.data[0] == '+') {
    r->rest = str_sub(r->rest, 1, r->rest.len);
    result = read_identifiers(r, false, &v->build);
  }
  if (result == 0 && r->rest.len)
    return fail(r->text, r->err, "behind the numbers must come \"-\", \"+\" or the end");
  return result;
}

static int parse(struct reading *r, struct semver *ret_version)
{
  struct semver v = {.prerelease = STR_EMPTY, .build = STR_EMPTY};
  if (r->text.len == 0)
    return error_set(r->err, SW_EINVAL, "the version is empty");
  if (r->text.len > SEMVER_LENGTH_MAX)
    return error_set(r->err, SW_ELIMIT, "a version of %zu bytes is longer than %d", r->text.len,
                     SEMVER_LENGTH_MAX);
  int result = read_version(r, &v);
  if (result == 0)
    *ret_version = v;
  return result;
}

int semver_parse(struct str text, struct semver *ret_version, struct error *err)
{
  struct reading r = {.text = text, .rest = text, .err = err};
  return parse(&r, ret_version);
}

static struct str without_v(struct str text)
{
  bool v = text.len && (text.data[0] == 'v' || text.data[0] == 'V');
  return v ? str_sub(text, 1, text.len) : text;
}

int semver_parse_tolerant(struct str text, struct semver *ret_version, struct error *err)
{
  struct reading r = {.text = text, .rest = without_v(text), .tolerant = true, .err = err};
  return parse(&r, ret_version);
}

static int compare_u64(uint64_t a, uint64_t b)
{
  return (a > b) - (a < b);
}

/* Of any length. */
static int compare_digits(struct str a, struct str b)
{
  while (a.len && a.data[0] == '0')
    a = str_sub(a, 1, a.len);
  while (b.len && b.data[0] == '0')
    b = str_sub(b, 1, b.len);
  return a.len != b.len ? (a.len < b.len ? -1 : 1) : str_compare(a, b);
}

static int compare_identifiers(struct str a, struct str b)
{
  bool a_number = is_number(a), b_number = is_number(b);
  if (a_number != b_number)
    return a_number ? -1 : 1;
  return a_number ? compare_digits(a, b) : str_compare(a, b);
}

static int compare_prereleases(struct str a, struct str b)
{
  if (a.len == 0 || b.len == 0)
    return (a.len == 0) - (b.len == 0);
  while (a.data && b.data) {
    int order = compare_identifiers(str_cut(a, '.', &a), str_cut(b, '.', &b));
    if (order)
      return order;
  }
  return (a.data != NULL) - (b.data != NULL);
}

int semver_compare(struct semver a, struct semver b)
{
  int order = compare_u64(a.major, b.major);
  if (order == 0)
    order = compare_u64(a.minor, b.minor);
  if (order == 0)
    order = compare_u64(a.patch, b.patch);
  return order ? order : compare_prereleases(a.prerelease, b.prerelease);
}

void semver_write(struct buf *out, struct semver version)
{
  buf_add_u64(out, version.major);
  buf_add_byte(out, '.');
  buf_add_u64(out, version.minor);
  buf_add_byte(out, '.');
  buf_add_u64(out, version.patch);
  if (version.prerelease.len) {
    buf_add_byte(out, '-');
    buf_add(out, version.prerelease);
  }
  if (version.build.len) {
    buf_add_byte(out, '+');
    buf_add(out, version.build);
  }
}

static int fail_minor(struct str text, struct error *err)
{
  return error_set(err, SW_EINVAL,
                   "\"%.*s\" is not a version: it must be major.minor, as in 1.29 or v1.29.3",
                   STR_FMT(str_sub(text, 0, SHOWN_MAX)));
}

int version_minor_parse(struct str text, struct version_minor *ret_version, struct error *err)
{
  if (text.len > SEMVER_LENGTH_MAX)
    return error_set(err, SW_ELIMIT, "a version of %zu bytes is longer than %d", text.len,
                     SEMVER_LENGTH_MAX);
  struct str rest = without_v(text);
  unsigned long long major, minor;
  if (!str_to_u64(take_digits(&rest), VERSION_MINOR_MAX, &major) || rest.len == 0 ||
      rest.data[0] != '.')
    return fail_minor(text, err);
  rest = str_sub(rest, 1, rest.len);
  if (!str_to_u64(take_digits(&rest), VERSION_MINOR_MAX, &minor))
    return fail_minor(text, err);
  bool ends = rest.len == 0 || rest.data[0] == '.' || rest.data[0] == '-' || rest.data[0] == '+';
  if (!ends)
    return fail_minor(text, err);
  *ret_version = (struct version_minor){(uint32_t)major, (uint32_t)minor};
  return 0;
}
