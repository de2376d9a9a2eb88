/*
 * RubyGems' order. Segments are numbers and words; an absent segment is 0, and a word is below every
 * number. So at each place a version goes on, from low to high, with a word; with zeros and then
 * a word; not at all; with zeros and then a number; with a number.
 */
#include "scan/version_int.h"

enum { WORD = 1, ZEROS_WORD, END, ZEROS_NUMBER, NUMBER };

/* The next run of digits or letters, '-' standing for ".pre."; empty at the end. */
static struct str next_segment(struct str *rest)
{
  while (rest->len && !version_is_alnum(rest->data[0]))
    if (version_take_byte(rest, "-"))
      return STR("pre");
    else
      *rest = str_sub(*rest, 1, rest->len);
  if (rest->len && version_is_digit(rest->data[0]))
    return version_take_digits(rest);
  return version_take_letters(rest);
}

static void write_zeros(struct version_key *key, unsigned zeros, bool before_word)
{
  if (zeros == 0)
    return;
  if (!before_word)
    zeros = UINT16_MAX - zeros;
  version_key_byte(key, before_word ? ZEROS_WORD : ZEROS_NUMBER);
  version_key_byte(key, (unsigned char)(zeros >> 8));
  version_key_byte(key, (unsigned char)(zeros & 255));
}

/* Zeros at the end do not count, nor do those between the first numbers and the first word. */
static void write_segments(struct str text, struct version_key *key)
{
  unsigned zeros = 0;
  bool words = false;
  for (struct str s = next_segment(&text); s.len; s = next_segment(&text)) {
    bool word = !version_is_digit(s.data[0]);
    if (!word && version_strip_zeros(s).len == 0) {
      zeros++;
      continue;
    }
    if (word && !words)
      zeros = 0;
    words = words || word;
    write_zeros(key, zeros, word);
    zeros = 0;
    version_key_byte(key, word ? WORD : NUMBER);
    if (word) {
      version_key_text(key, s);
      version_key_byte(key, 0);
    } else {
      version_key_number(key, s);
    }
  }
  version_key_byte(key, END);
}

/* Runs of letters and digits with single dots between them; behind a dash, dashes count as letters. */
static bool is_dotted(struct str text, bool dashes)
{
  bool wants = true;
  for (size_t i = 0; i < text.len; i++) {
    char c = text.data[i];
    if (c == '.' ? wants : !(version_is_alnum(c) || (dashes && c == '-')))
      return false;
    wants = c == '.';
  }
  return !wants;
}

static int write(struct str text, struct version_key *key, struct error *err)
{
  ptrdiff_t dash = str_find_byte(text, 0, '-');
  struct str front = dash < 0 ? text : str_sub(text, 0, (size_t)dash), first = front;
  struct str digits = version_take_digits(&first);
  bool good = digits.len && (first.len == 0 || first.data[0] == '.') && is_dotted(front, false);
  if (good && dash >= 0)
    good = is_dotted(str_sub(text, (size_t)dash + 1, text.len), true);
  if (!good)
    return version_fail(&version_gem, text,
                        "it must be numbers and words with dots between, a number first", err);
  write_segments(text, key);
  return 0;
}

const struct version_ops version_gem = {.name = STR_INIT("gem"), .write = write};
