#include "data/base64.h"

static const char standard[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
static const char url[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

/* The six bits of a character; -1: not of the alphabet. */
static int sextet(unsigned char c, bool is_url)
{
  if (c >= 'A' && c <= 'Z')
    return c - 'A';
  if (c >= 'a' && c <= 'z')
    return c - 'a' + 26;
  if (c >= '0' && c <= '9')
    return c - '0' + 52;
  if (c == (is_url ? '-' : '+'))
    return 62;
  return c == (is_url ? '_' : '/') ? 63 : -1;
}

static int fail(struct error *err, size_t offset, const char *what)
{
  return error_set_at(err, SW_EINVAL, 1, offset < UINT32_MAX ? (uint32_t)offset + 1 : 0,
                      "not base64: %s at offset %zu", what, offset);
}

static int fail_byte(struct error *err, struct str text, size_t at, bool is_url)
{
  unsigned char c = (unsigned char)text.data[at];
  if (c == '=')
    return fail(err, at, "padding");
  if (sextet(c, !is_url) >= 0)
    return fail(err, at,
                is_url ? "a character of the standard alphabet, not of the URL one,"
                       : "a character of the URL alphabet, not of the standard one,");
  if (c == ' ' || c == '\n' || c == '\r' || c == '\t')
    return fail(err, at, "white space");
  return fail(err, at, "a character that is not of the alphabet");
}

struct decoder {
  struct str text;
  unsigned flags;
  size_t at;
  struct error *err;
};

static void skip_newlines(struct decoder *d)
{
  while ((d->flags & BASE64_AS_GO) && d->at < d->text.len &&
         (d->text.data[d->at] == '\n' || d->text.data[d->at] == '\r'))
    d->at++;
}

/* Up to four characters as bits from the left; *ret_count says how many. */
static int read_group(struct decoder *d, uint32_t *ret_bits, unsigned *ret_count)
{
  uint32_t bits = 0;
  unsigned count = 0;
  bool is_url = d->flags & BASE64_URL;
  for (; count < 4; count++) {
    skip_newlines(d);
    if (d->at == d->text.len)
      break;
    int six = sextet((unsigned char)d->text.data[d->at], is_url);
    if (six < 0 && d->text.data[d->at] == '=' && count >= 2 && !(d->flags & BASE64_RAW))
      break;
    if (six < 0)
      return fail_byte(d->err, d->text, d->at, is_url);
    bits |= (uint32_t)six << (26 - 6 * count);
    d->at++;
  }
  *ret_bits = bits;
  *ret_count = count;
  return 0;
}

/* The padding of a last group of two or three characters, and that nothing follows. */
static int read_padding(struct decoder *d, unsigned count)
{
  for (unsigned i = count; i < 4; i++) {
    skip_newlines(d);
    if (d->at == d->text.len || d->text.data[d->at] != '=')
      return fail(d->err, d->at, "padding is missing");
    d->at++;
  }
  skip_newlines(d);
  return d->at < d->text.len ? fail(d->err, d->at, "text behind the padding") : 0;
}

static int end_group(struct decoder *d, uint32_t bits, unsigned count)
{
  if (count == 1)
    return fail(d->err, d->text.len, "the text ends in the middle of a byte");
  uint32_t unused = count == 2 ? 0x00ff0000 : 0x0000ff00;
  if ((bits & unused) && !(d->flags & BASE64_AS_GO))
    return fail(d->err, d->at - 1, "bits that belong to no byte are set");
  return d->flags & BASE64_RAW ? 0 : read_padding(d, count);
}

int base64_decode(struct arena *a, struct str text, unsigned flags, struct str *ret_bytes,
                  struct error *err)
{
  struct decoder d = {.text = text, .flags = flags, .err = err};
  char *out = arena_alloc(a, text.len / 4 * 3 + 3);
  size_t len = 0;
  for (;;) {
    uint32_t bits = 0;
    unsigned count = 0;
    int r = read_group(&d, &bits, &count);
    if (r == 0 && count > 0 && count < 4)
      r = end_group(&d, bits, count);
    if (r < 0)
      return r;
    for (unsigned i = 1; i < count; i++)
      out[len++] = (char)(bits >> (32 - 8 * i));
    if (count < 4)
      break;
  }
  *ret_bytes = str_make(out, len);
  return 0;
}

struct str base64_encode(struct arena *a, struct str bytes, unsigned flags)
{
  const char *alphabet = flags & BASE64_URL ? url : standard;
  char *out = arena_alloc(a, bytes.len / 3 * 4 + 4);
  size_t len = 0;
  for (size_t i = 0; i < bytes.len; i += 3) {
    size_t count = bytes.len - i < 3 ? bytes.len - i : 3;
    uint32_t bits = 0;
    for (size_t k = 0; k < count; k++)
      bits |= (uint32_t)(unsigned char)bytes.data[i + k] << (16 - 8 * k);
    for (size_t k = 0; k <= count; k++)
      out[len++] = alphabet[bits >> (18 - 6 * k) & 63];
    for (size_t k = count; k < 3 && !(flags & BASE64_RAW); k++)
      out[len++] = '=';
  }
  return str_make(out, len);
}
