/* Debian's order: [epoch:]upstream[-revision], deb-version(7). */
#include "scan/version_int.h"

enum { TILDE = 0x01, END = 0x02, OTHER = 0x80 };

static void write_nondigits(struct version_key *key, struct str *rest)
{
  size_t len = 0;
  for (; len < rest->len && !version_is_digit(rest->data[len]); len++) {
    unsigned char c = (unsigned char)rest->data[len];
    version_key_byte(key, c == '~' ? TILDE : version_is_alpha((char)c) ? c : OTHER | c);
  }
  version_key_byte(key, END);
  *rest = str_sub(*rest, len, rest->len);
}

/* Turns of what is not digits and of numbers; an absent number is 0, and so is an absent part. */
static void write_part(struct version_key *key, struct str rest)
{
  do {
    write_nondigits(key, &rest);
    version_key_number(key, version_take_digits(&rest));
  } while (rest.len);
  version_key_byte(key, END);
}

/* False: the text in front of a ':' is not a number, as strtol reads one. */
static bool cut_epoch(struct str *text, struct str *ret_epoch)
{
  ptrdiff_t colon = str_find_byte(*text, 0, ':');
  *ret_epoch = STR_EMPTY;
  if (colon < 0)
    return true;
  struct str rest = str_sub(*text, 0, (size_t)colon);
  bool negative = version_take_byte(&rest, "-");
  if (!negative)
    version_take_byte(&rest, "+");
  struct str digits = version_take_digits(&rest);
  *ret_epoch = version_strip_zeros(digits);
  *text = str_sub(*text, (size_t)colon + 1, text->len);
  return digits.len && rest.len == 0 && !(negative && ret_epoch->len);
}

static struct str cut_revision(struct str *text)
{
  ptrdiff_t dash = str_find_last_byte(*text, '-');
  if (dash < 0)
    return STR_EMPTY;
  struct str revision = str_sub(*text, (size_t)dash + 1, text->len);
  *text = str_sub(*text, 0, (size_t)dash);
  return revision;
}

static int write(struct str text, struct version_key *key, struct error *err)
{
  struct str epoch, upstream = text;
  if (str_find_byte(text, 0, ' ') >= 0)
    return version_fail(&version_dpkg, text, "it holds spaces", err);
  if (!cut_epoch(&upstream, &epoch))
    return version_fail(&version_dpkg, text, "the epoch in front of ':' must be a number", err);
  struct str revision = cut_revision(&upstream);
  if (upstream.len == 0)
    return version_fail(&version_dpkg, text, "nothing stands between epoch and revision", err);
  version_key_number(key, epoch);
  write_part(key, upstream);
  write_part(key, revision);
  return 0;
}

static bool holds_only(struct str text, const char *others)
{
  for (size_t i = 0; i < text.len; i++)
    if (!version_is_alnum(text.data[i]) && !strchr(others, text.data[i]))
      return false;
  return true;
}

/* deb-version(7): which characters may stand where, and epochs as far as an int. */
static bool valid(struct str text)
{
  struct str epoch;
  unsigned long long number;
  bool dashed = str_find_byte(text, 0, '-') >= 0;
  if (!cut_epoch(&text, &epoch) || (epoch.len && !str_to_u64(epoch, INT32_MAX, &number)))
    return false;
  struct str revision = cut_revision(&text);
  return version_is_digit(text.data[0]) && holds_only(text, ".+-~:") && (!dashed || revision.len) &&
         holds_only(revision, ".+~");
}

const struct version_ops version_dpkg = {.name = STR_INIT("dpkg"), .write = write, .valid = valid};
