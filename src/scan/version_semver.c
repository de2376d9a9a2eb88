/* Orders that are Semantic Versioning 2.0.0: npm, cargo and its like, go, pub. */
#include "data/semver.h"
#include "scan/version_int.h"

#include <stdio.h>

enum { END, NUMBER, WORD, RELEASE = 0xff };

enum { NPM_LENGTH_MAX = 256 };

static const uint64_t npm_number_max = (UINT64_C(1) << 53) - 1;

static bool is_number(struct str s)
{
  struct str rest = s;
  return version_take_digits(&rest).len && rest.len == 0;
}

/* Identifiers between dots: numbers before words, fewer before more. */
static void write_identifiers(struct version_key *key, struct str rest)
{
  while (rest.data) {
    struct str identifier = str_cut(rest, '.', &rest);
    if (is_number(identifier)) {
      version_key_byte(key, NUMBER);
      version_key_number(key, identifier);
    } else {
      version_key_byte(key, WORD);
      version_key_text(key, identifier);
      version_key_byte(key, 0);
    }
  }
  version_key_byte(key, END);
}

static void write_prerelease(struct version_key *key, struct str prerelease)
{
  if (prerelease.len)
    write_identifiers(key, prerelease);
  else
    version_key_byte(key, RELEASE);
}

static void write_semver(struct version_key *key, struct semver v)
{
  version_key_u64(key, v.major);
  version_key_u64(key, v.minor);
  version_key_u64(key, v.patch);
  write_prerelease(key, v.prerelease);
}

static int write(struct str text, struct version_key *key, struct error *err)
{
  struct semver v;
  int result = semver_parse_tolerant(text, &v, err);
  if (result == 0)
    write_semver(key, v);
  return result;
}

static bool cargo_valid(struct str text)
{
  struct semver v;
  return semver_parse(text, &v, NULL) == 0;
}

/* node-semver takes a "v", and numbers that JavaScript holds exactly. */
static bool npm_valid(struct str text)
{
  struct semver v;
  version_take_byte(&text, "v");
  return text.len <= NPM_LENGTH_MAX && semver_parse(text, &v, NULL) == 0 &&
         v.major <= npm_number_max && v.minor <= npm_number_max && v.patch <= npm_number_max;
}

struct go_version {
  struct str numbers[3];
  unsigned count;
  struct semver rest; /* its pre-release and build */
  char text[VERSION_LENGTH_MAX + 8];
};

/* Numbers of any length, which data/semver does not read; what follows them it does. */
static int read_go(struct str text, bool strict, struct go_version *ret, struct error *err)
{
  struct str rest = text;
  version_take_byte(&rest, "vV");
  for (ret->count = 0; ret->count < 3; ret->count++) {
    struct str at = rest;
    if (ret->count && !version_take_byte(&at, "."))
      break;
    struct str digits = version_take_digits(&at);
    if (digits.len == 0)
      return version_fail(&version_go, text, "a number is missing", err);
    ret->numbers[ret->count] = digits;
    rest = at;
  }
  int len = snprintf(ret->text, sizeof ret->text, "0.0.0%.*s", STR_FMT(rest));
  struct str tail = str_make(ret->text, (size_t)len);
  return strict ? semver_parse(tail, &ret->rest, err)
                : semver_parse_tolerant(tail, &ret->rest, err);
}

static int write_go_semver(struct str text, struct version_key *key, struct error *err)
{
  struct go_version v;
  int result = read_go(text, false, &v, err);
  if (result < 0)
    return result;
  for (unsigned i = 0; i < 3; i++)
    version_key_number(key, i < v.count ? v.numbers[i] : STR_EMPTY);
  write_prerelease(key, v.rest.prerelease);
  return 0;
}

/* "go1.21", "go1.21rc2", "go1.21.3": a release of Go itself, as the Go vulnerability database numbers them. */
static int write_go_release(struct str text, struct version_key *key, struct error *err)
{
  struct str numbers[3] = {STR_EMPTY, STR_EMPTY, STR_EMPTY}, rest = str_sub(text, 2, text.len);
  unsigned count = 0;
  do {
    numbers[count] = version_take_digits(&rest);
  } while (numbers[count++].len && count < 3 && version_take_byte(&rest, "."));
  struct str word = version_take_letters(&rest), number = version_take_digits(&rest);
  bool ends = rest.len == 0 || strchr(" -+", rest.data[0]);
  if (!ends || numbers[count - 1].len == 0)
    return version_fail(&version_go, text, "it is no release of Go, as go1.21.3 is", err);
  for (unsigned i = 0; i < 3; i++)
    version_key_number(key, numbers[i]);
  if (word.len == 0) {
    version_key_byte(key, RELEASE);
    return 0;
  }
  version_key_byte(key, WORD);
  version_key_text(key, word);
  version_key_byte(key, 0);
  if (number.len) {
    version_key_byte(key, NUMBER);
    version_key_number(key, number);
  }
  version_key_byte(key, END);
  return 0;
}

static bool names_go_release(struct str text)
{
  return str_starts(text, STR("go")) && text.len > 2 && version_is_digit(text.data[2]);
}

static int write_go(struct str text, struct version_key *key, struct error *err)
{
  return names_go_release(text) ? write_go_release(text, key, err)
                                : write_go_semver(text, key, err);
}

/* golang.org/x/mod/semver takes "v1" and "v1.2", but nothing behind them; advisories leave out the "v". */
static bool go_valid(struct str text)
{
  struct go_version v;
  if (names_go_release(text))
    return true;
  if (text.data[0] == 'V' || read_go(text, true, &v, NULL) < 0)
    return false;
  for (unsigned i = 0; i < v.count; i++)
    if (v.numbers[i].len > 1 && v.numbers[i].data[0] == '0')
      return false;
  return v.count == 3 || (v.rest.prerelease.len == 0 && v.rest.build.len == 0);
}

/* pub_semver puts versions with build metadata behind the same without. */
static int write_pub(struct str text, struct version_key *key, struct error *err)
{
  struct semver v;
  int result = semver_parse_tolerant(text, &v, err);
  if (result < 0)
    return result;
  write_semver(key, v);
  if (v.build.len)
    write_identifiers(key, v.build);
  else
    version_key_byte(key, END);
  return 0;
}

const struct version_ops version_npm = {
    .name = STR_INIT("npm"), .write = write, .valid = npm_valid};
const struct version_ops version_cargo = {
    .name = STR_INIT("cargo"), .write = write, .valid = cargo_valid};
const struct version_ops version_go = {
    .name = STR_INIT("go"), .write = write_go, .valid = go_valid};
const struct version_ops version_pub = {
    .name = STR_INIT("pub"), .write = write_pub, .valid = cargo_valid};
