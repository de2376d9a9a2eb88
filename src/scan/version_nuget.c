/* NuGet's order: up to four numbers, then labels as in Semantic Versioning, without regard to case. */
#include "scan/version_int.h"

enum { END, NEGATIVE, NUMBER, WORD, RELEASE = 0xff };

enum { LABEL_DIGITS = 10 }; /* of the largest 32-bit number */

static bool is_label(struct str s)
{
  for (size_t i = 0; i < s.len; i++)
    if (!version_is_alnum(s.data[i]) && s.data[i] != '-')
      return false;
  return s.len > 0;
}

/* Of labels, what .NET reads as a 32-bit number is one, with a minus in front too. */
static bool label_number(struct str label, struct str *ret_digits, bool *ret_negative)
{
  unsigned long long number;
  bool negative = version_take_byte(&label, "-");
  unsigned long long max = negative ? (unsigned long long)INT32_MAX + 1 : INT32_MAX;
  struct str digits = version_take_digits(&label);
  if (digits.len == 0 || label.len)
    return false;
  digits = version_strip_zeros(digits);
  if (digits.len && !str_to_u64(digits, max, &number))
    return false;
  *ret_digits = digits;
  *ret_negative = negative && digits.len;
  return true;
}

/* Larger below smaller: each digit counted down from 9. */
static void write_negative(struct version_key *key, struct str digits)
{
  version_key_byte(key, NEGATIVE);
  version_key_byte(key, (unsigned char)(LABEL_DIGITS - digits.len));
  for (size_t i = 0; i < digits.len; i++)
    version_key_byte(key, (unsigned char)('9' - digits.data[i]));
}

static void write_label(struct version_key *key, struct str label)
{
  struct str digits;
  bool negative;
  if (!label_number(label, &digits, &negative)) {
    version_key_byte(key, WORD);
    version_key_lower(key, label);
    version_key_byte(key, 0);
  } else if (negative) {
    write_negative(key, digits);
  } else {
    version_key_byte(key, NUMBER);
    version_key_number(key, digits);
  }
}

static int write_numbers(struct str text, struct str numbers, struct version_key *key,
                         struct error *err)
{
  unsigned long long number;
  unsigned count = 0;
  for (; numbers.data; count++) {
    struct str part = version_strip_zeros(str_cut(numbers, '.', &numbers));
    if (count == 4)
      return version_fail(&version_nuget, text, "it has more than four numbers", err);
    if (part.len && !str_to_u64(part, INT32_MAX, &number))
      return version_fail(&version_nuget, text, "its parts must be numbers up to 2147483647", err);
    version_key_number(key, part);
  }
  for (; count < 4; count++)
    version_key_number(key, STR_EMPTY);
  return 0;
}

static int write_labels(struct str text, struct str labels, struct version_key *key,
                        struct error *err)
{
  while (labels.data) {
    struct str label = str_cut(labels, '.', &labels);
    if (!is_label(label))
      return version_fail(&version_nuget, text,
                          "labels are letters, digits and \"-\", with dots between", err);
    write_label(key, label);
  }
  version_key_byte(key, END);
  return 0;
}

static bool are_digits(struct str numbers)
{
  while (numbers.data) {
    struct str part = str_cut(numbers, '.', &numbers);
    if (version_take_digits(&part).len == 0 || part.len)
      return false;
  }
  return true;
}

/* numbers[-labels][+metadata] */
static void cut(struct str text, struct str *ret_numbers, struct str *ret_labels,
                struct str *ret_metadata)
{
  struct str front = str_cut(text, '+', ret_metadata);
  *ret_numbers = str_cut(front, '-', ret_labels);
}

static int write(struct str text, struct version_key *key, struct error *err)
{
  struct str numbers, labels, metadata;
  cut(text, &numbers, &labels, &metadata);
  if (!are_digits(numbers))
    return version_fail(&version_nuget, text, "it must begin with numbers and dots between", err);
  int result = write_numbers(text, numbers, key, err);
  if (result < 0)
    return result;
  if (labels.data)
    return write_labels(text, labels, key, err);
  version_key_byte(key, RELEASE);
  return 0;
}

static bool valid(struct str text)
{
  struct str numbers, labels, metadata;
  cut(text, &numbers, &labels, &metadata);
  while (labels.data) {
    struct str label = str_cut(labels, '.', &labels), rest = label;
    bool number = version_take_digits(&rest).len && rest.len == 0;
    if (number && label.len > 1 && label.data[0] == '0')
      return false;
  }
  while (metadata.data)
    if (!is_label(str_cut(metadata, '.', &metadata)))
      return false;
  return true;
}

const struct version_ops version_nuget = {
    .name = STR_INIT("nuget"), .write = write, .valid = valid};
