/* rpm's order: [epoch:]version[-release], each by rpmvercmp. */
#include "scan/version_int.h"

/* What may stand at one place, in rising order: 1.0~rc1 < 1.0 < 1.0^git1 < 1.0a < 1.0.1. */
enum { TILDE = 1, END, CARET, LETTERS, NUMBER };

static bool is_separator(char c)
{
  return !version_is_alnum(c) && c != '~' && c != '^';
}

static void write_segments(struct version_key *key, struct str rest)
{
  for (;;) {
    while (rest.len && is_separator(rest.data[0]))
      rest = str_sub(rest, 1, rest.len);
    if (rest.len == 0)
      break;
    if (version_take_byte(&rest, "~")) {
      version_key_byte(key, TILDE);
    } else if (version_take_byte(&rest, "^")) {
      version_key_byte(key, CARET);
    } else if (version_is_digit(rest.data[0])) {
      version_key_byte(key, NUMBER);
      version_key_number(key, version_take_digits(&rest));
    } else {
      version_key_byte(key, LETTERS);
      version_key_text(key, version_take_letters(&rest));
      version_key_byte(key, 0);
    }
  }
  version_key_byte(key, END);
}

static int write(struct str text, struct version_key *key, struct error *err)
{
  struct str rest = text, release = STR_EMPTY, epoch = version_take_digits(&rest);
  bool has_epoch = version_take_byte(&rest, ":");
  struct str version = has_epoch ? rest : text;
  ptrdiff_t dash = str_find_last_byte(version, '-');
  if (dash >= 0) {
    release = str_sub(version, (size_t)dash + 1, version.len);
    version = str_sub(version, 0, (size_t)dash);
  }
  if (version.len == 0)
    return version_fail(&version_rpm, text, "the version between epoch and release is missing",
                        err);
  version_key_number(key, has_epoch ? epoch : STR_EMPTY);
  write_segments(key, version);
  version_key_byte(key, dash >= 0);
  write_segments(key, release);
  return 0;
}

/* What rpmbuild lets into the tags. */
static bool valid(struct str text)
{
  unsigned dashes = 0;
  struct str rest = text;
  if (version_take_digits(&rest).len && version_take_byte(&rest, ":"))
    text = rest;
  for (size_t i = 0; i < text.len; i++) {
    if (text.data[i] == '-')
      dashes++;
    else if (!version_is_alnum(text.data[i]) && !strchr("._+~^", text.data[i]))
      return false;
  }
  return dashes <= 1 && text.len && text.data[0] != '-' && text.data[text.len - 1] != '-';
}

const struct version_ops version_rpm = {.name = STR_INIT("rpm"), .write = write, .valid = valid};
