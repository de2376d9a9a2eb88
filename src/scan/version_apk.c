/*
 * apk's order: number{.number}{letter}{_suffix{number}}{~commit}{-rN}, as apk-tools 3 has it: it
 * compares part by part, and where the parts are of different kinds, the kind decides. A text that
 * leaves the grammar ends there, below one that ends well.
 */
#include "scan/version_int.h"

/* Kinds that can follow, from the one that makes a version lowest. */
enum kind {
  PRE_SUFFIX = 1,
  INVALID,
  END,
  REVISION,
  COMMIT,
  SUFFIX_NUMBER,
  POST_SUFFIX,
  LETTER,
  NUMBER,
};

static const struct {
  struct str name;
  enum kind kind;
} suffixes[] = {
    {STR_INIT("alpha"), PRE_SUFFIX}, {STR_INIT("beta"), PRE_SUFFIX}, {STR_INIT("pre"), PRE_SUFFIX},
    {STR_INIT("rc"), PRE_SUFFIX},    {STR_INIT("cvs"), POST_SUFFIX}, {STR_INIT("svn"), POST_SUFFIX},
    {STR_INIT("git"), POST_SUFFIX},  {STR_INIT("hg"), POST_SUFFIX},  {STR_INIT("p"), POST_SUFFIX},
};

static bool is_hex(char c)
{
  return version_is_digit(c) || (c >= 'a' && c <= 'f');
}

static enum kind read_suffix(struct version_key *key, struct str *rest)
{
  size_t len = 0;
  while (len < rest->len && version_is_lower(rest->data[len]))
    len++;
  struct str name = str_sub(*rest, 0, len);
  *rest = str_sub(*rest, len, rest->len);
  for (size_t i = 0; i < sizeof suffixes / sizeof suffixes[0]; i++)
    if (str_eq(suffixes[i].name, name)) {
      version_key_byte(key, (unsigned char)suffixes[i].kind);
      version_key_byte(key, (unsigned char)i);
      return suffixes[i].kind;
    }
  return INVALID;
}

static enum kind read_commit(struct version_key *key, struct str *rest)
{
  size_t len = 0;
  while (len < rest->len && is_hex(rest->data[len]))
    len++;
  if (len == 0)
    return INVALID;
  version_key_byte(key, COMMIT);
  version_key_text(key, str_sub(*rest, 0, len));
  version_key_byte(key, 0);
  *rest = str_sub(*rest, len, rest->len);
  return COMMIT;
}

/* As apk has it: what does not fit 64 bits wraps around. */
static void write_number(struct version_key *key, struct str digits)
{
  uint64_t number = 0;
  for (size_t i = 0; i < digits.len; i++)
    number = number * 10 + (uint64_t)(digits.data[i] - '0');
  version_key_u64(key, number);
}

static enum kind read_number(struct version_key *key, struct str *rest, enum kind kind)
{
  struct str digits = version_take_digits(rest);
  if (digits.len == 0)
    return INVALID;
  version_key_byte(key, (unsigned char)kind);
  write_number(key, digits);
  return kind;
}

/* Behind a '.': with a zero in front it is compared as text, and so below all without. */
static enum kind read_fraction(struct version_key *key, struct str *rest)
{
  struct str digits = version_take_digits(rest);
  if (digits.len == 0)
    return INVALID;
  bool as_text = digits.data[0] == '0';
  version_key_byte(key, NUMBER);
  version_key_byte(key, !as_text);
  if (as_text) {
    version_key_text(key, digits);
    version_key_byte(key, 0);
  } else {
    write_number(key, digits);
  }
  return NUMBER;
}

static enum kind read_next(struct version_key *key, struct str *rest, enum kind last)
{
  bool in_suffix = last == PRE_SUFFIX || last == POST_SUFFIX;
  char c = rest->data[0];
  if (version_is_lower(c) && last == NUMBER) {
    version_key_byte(key, LETTER);
    version_key_byte(key, (unsigned char)c);
    *rest = str_sub(*rest, 1, rest->len);
    return LETTER;
  }
  if (version_is_digit(c))
    return in_suffix ? read_number(key, rest, SUFFIX_NUMBER) : INVALID;
  if (c == '.' && last == NUMBER)
    return version_take_byte(rest, "."), read_fraction(key, rest);
  if (c == '_' && (last == NUMBER || last == LETTER || last == SUFFIX_NUMBER || in_suffix))
    return version_take_byte(rest, "_"), read_suffix(key, rest);
  if (c == '~' && last != COMMIT && last != REVISION)
    return version_take_byte(rest, "~"), read_commit(key, rest);
  if (last != REVISION && str_starts(*rest, STR("-r"))) {
    *rest = str_sub(*rest, 2, rest->len);
    return read_number(key, rest, REVISION);
  }
  return INVALID;
}

static enum kind write_kinds(struct str rest, struct version_key *key)
{
  enum kind last = read_number(key, &rest, NUMBER);
  while (last != INVALID && rest.len)
    last = read_next(key, &rest, last);
  last = last == INVALID ? INVALID : END;
  version_key_byte(key, (unsigned char)last);
  return last;
}

static int write(struct str text, struct version_key *key, struct error *err)
{
  if (!version_is_digit(text.data[0]))
    return version_fail(&version_apk, text, "it must begin with a number", err);
  write_kinds(text, key);
  return 0;
}

static bool valid(struct str text)
{
  struct version_key key = {.len = 0};
  return write_kinds(text, &key) == END;
}

const struct version_ops version_apk = {.name = STR_INIT("apk"), .write = write, .valid = valid};
