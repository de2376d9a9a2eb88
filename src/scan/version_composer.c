/*
 * Composer's order: the version is normalised as composer/semver does it ("v1.2b3" is 1.2.0.0-beta3, "1.x-dev"
 * is 1.9999999.9999999.9999999-dev), then compared as PHP's version_compare does. Branches ("dev-main") have no order.
 */
#include "scan/version_int.h"

/* What may stand at one place, in rising order. */
enum { DEV = 1, ALPHA, BETA, CANDIDATE, END, NUMBER, PATCH };

enum { NUMBERS = 4, FIRST_DIGITS_MAX = 5, PAIRS_MAX = 6 };

static const struct {
  struct str word;
  unsigned char kind; /* 0: "stable" says nothing */
} stabilities[] = {
    {STR_INIT("stable"), 0},     {STR_INIT("beta"), BETA},   {STR_INIT("b"), BETA},
    {STR_INIT("rc"), CANDIDATE}, {STR_INIT("alpha"), ALPHA}, {STR_INIT("a"), ALPHA},
    {STR_INIT("patch"), PATCH},  {STR_INIT("pl"), PATCH},    {STR_INIT("p"), PATCH},
};

/* PHP reads a part into a long, and stays at its largest. */
static void write_number(struct version_key *key, struct str digits)
{
  unsigned long long number;
  version_key_byte(key, NUMBER);
  if (str_to_u64(version_strip_zeros(digits), INT64_MAX, &number))
    version_key_u64(key, number);
  else
    version_key_u64(key, version_strip_zeros(digits).len ? INT64_MAX : 0);
}

struct modifier {
  bool stable, dev;
  unsigned char kind;
  struct str numbers; /* digits with '.' or '-' between, maybe one in front */
};

static bool take_dev(struct str *rest)
{
  struct str at = *rest;
  version_take_byte(&at, ".-");
  if (!version_take_word(&at, STR("dev")))
    return false;
  *rest = at;
  return true;
}

static struct str take_numbers(struct str *rest)
{
  struct str start = *rest, at = *rest;
  for (;;) {
    version_take_byte(&at, ".-");
    if (version_take_digits(&at).len == 0)
      break;
    *rest = at;
  }
  return str_sub(start, 0, start.len - rest->len);
}

/* [._-][stability[numbers]][dev], up to the end of the text. */
static bool read_modifier(struct str rest, struct modifier *ret)
{
  *ret = (struct modifier){.numbers = STR_EMPTY};
  version_take_byte(&rest, "._-");
  for (size_t i = 0; i < sizeof stabilities / sizeof stabilities[0]; i++)
    if (version_take_word(&rest, stabilities[i].word)) {
      ret->kind = stabilities[i].kind;
      ret->stable = ret->kind == 0;
      ret->numbers = take_numbers(&rest);
      break;
    }
  ret->dev = take_dev(&rest);
  return rest.len == 0;
}

static void write_numbers(struct version_key *key, struct str rest)
{
  while (rest.len) {
    struct str digits = version_take_digits(&rest);
    if (digits.len)
      write_number(key, digits);
    else
      rest = str_sub(rest, 1, rest.len);
  }
}

static void write_modifier(struct version_key *key, const struct modifier *m)
{
  if (m->kind) {
    version_key_byte(key, m->kind);
    write_numbers(key, m->numbers);
  }
  if (m->dev && !m->stable)
    version_key_byte(key, DEV);
  version_key_byte(key, END);
}

/* Up to four numbers, the first of at most five digits. */
static bool write_classical(struct str rest, struct version_key *key)
{
  struct modifier m;
  struct str numbers[NUMBERS] = {version_take_digits(&rest)};
  unsigned count = 1;
  if (numbers[0].len == 0 || numbers[0].len > FIRST_DIGITS_MAX)
    return false;
  for (; count < NUMBERS; count++) {
    struct str at = rest;
    if (!version_take_byte(&at, ".") || (numbers[count] = version_take_digits(&at)).len == 0)
      break;
    rest = at;
  }
  if (!read_modifier(rest, &m))
    return false;
  for (unsigned i = 0; i < NUMBERS; i++)
    write_number(key, i < count ? numbers[i] : STR("0"));
  write_modifier(key, &m);
  return true;
}

/* Four digits, one to six pairs, and perhaps up to three digits more; single separators before pairs and the rest. */
static bool is_date(struct str date)
{
  size_t pairs = 0;
  struct str digits = version_take_digits(&date);
  size_t len = digits.len < 4 ? 1 : digits.len - 4;
  while (date.len && len % 2 == 0) {
    pairs += len / 2;
    version_take_byte(&date, ".:-");
    len = version_take_digits(&date).len;
    if (len == 0)
      return false;
  }
  if (date.len || digits.len < 4)
    return false;
  for (size_t tail = len % 2; tail <= 3 && tail <= len; tail += 2) {
    size_t all = pairs + (len - tail) / 2;
    if (all >= 1 && all <= PAIRS_MAX)
      return true;
  }
  return false;
}

static bool write_date(struct str text, struct version_key *key)
{
  struct modifier m;
  struct str at = text, rest = text;
  if (version_take_digits(&at).len == 0)
    return false;
  do {
    rest = at;
  } while (version_take_byte(&at, ".:-") && version_take_digits(&at).len);
  struct str date = str_sub(text, 0, text.len - rest.len);
  if (!is_date(date) || !read_modifier(rest, &m))
    return false;
  write_numbers(key, date);
  write_modifier(key, &m);
  return true;
}

/* "1.2.x-dev": the end of a branch with numbers for a name. */
static bool write_branch(struct str text, struct version_key *key)
{
  if (text.len < 3 || !str_eq_nocase(str_sub(text, text.len - 3, 3), STR("dev")))
    return false;
  struct str rest = str_sub(text, 0, text.len - 3);
  if (rest.len && strchr(".-", rest.data[rest.len - 1]))
    rest = str_sub(rest, 0, rest.len - 1);
  rest = str_trim(rest);
  version_take_byte(&rest, "vV");
  struct str numbers[NUMBERS] = {version_take_digits(&rest)};
  if (numbers[0].len == 0)
    return false;
  for (unsigned i = 1; i < NUMBERS; i++) {
    numbers[i] = STR_EMPTY;
    if (version_take_byte(&rest, ".") && !version_take_byte(&rest, "xX*") &&
        (numbers[i] = version_take_digits(&rest)).len == 0)
      return false;
  }
  if (rest.len)
    return false;
  for (unsigned i = 0; i < NUMBERS; i++)
    write_number(key, numbers[i].len ? numbers[i] : STR("9999999"));
  version_key_byte(key, DEV);
  version_key_byte(key, END);
  return true;
}

static struct str without_alias(struct str text)
{
  ptrdiff_t as = str_find(text, 0, STR(" as "));
  if (as > 0)
    text = str_trim(str_sub(text, 0, (size_t)as));
  return text;
}

static struct str without_stability(struct str text)
{
  static const struct str flags[] = {STR_INIT("stable"), STR_INIT("rc"), STR_INIT("beta"),
                                     STR_INIT("alpha"), STR_INIT("dev")};
  ptrdiff_t at = str_find_last_byte(text, '@');
  struct str flag = at < 0 ? STR_EMPTY : str_sub(text, (size_t)at + 1, text.len);
  for (size_t i = 0; i < sizeof flags / sizeof flags[0]; i++)
    if (flag.len && str_eq_nocase(flag, flags[i]))
      return str_sub(text, 0, (size_t)at);
  return text;
}

static struct str without_build(struct str text)
{
  ptrdiff_t plus = str_find_byte(text, 0, '+');
  if (plus <= 0 || (size_t)plus + 1 == text.len || str_find_byte(text, 0, ' ') >= 0 ||
      str_find_byte(str_sub(text, 0, (size_t)plus), 0, ',') >= 0)
    return text;
  return str_sub(text, 0, (size_t)plus);
}

static int write(struct str text, struct version_key *key, struct error *err)
{
  struct str bare = without_build(without_stability(without_alias(text))), rest = bare;
  version_take_byte(&rest, "vV");
  if (write_classical(rest, key) || write_date(rest, key) || write_branch(bare, key))
    return 0;
  return version_fail(&version_composer, text,
                      "it must be numbers with dots between, and perhaps a stability", err);
}

const struct version_ops version_composer = {.name = STR_INIT("composer"), .write = write};
