#include "scan/secret/scanner_int.h"

#include <ctype.h>

enum { NAME_MAX_SHOWN = 40, SHOWN_MAX = 4, SEPARATORS_MAX = 12 };

/* ---- lines */

static uint64_t count_line_feeds(struct str text)
{
  uint64_t count = 0;
  while (text.len >= 128) { /* a fixed number of turns, which the compiler makes vectors of */
    unsigned block = 0;
    for (size_t i = 0; i < 128; i++)
      block += text.data[i] == '\n';
    count += block;
    text = str_sub(text, 128, text.len);
  }
  for (size_t i = 0; i < text.len; i++)
    count += text.data[i] == '\n';
  return count;
}

/* The window moves on by what is dropped at its front. */
void scanner_slide(struct secret_scanner *s, struct str dropped)
{
  s->lines += count_line_feeds(dropped);
  ptrdiff_t last = str_find_last_byte(dropped, '\n');
  if (last >= 0)
    s->line_start = s->base + (uint64_t)last + 1;
  s->base += dropped.len;
}

static uint32_t column_of(const struct secret_scanner *s, size_t at)
{
  struct str before = str_sub(s->view.text, 0, at);
  ptrdiff_t feed = str_find_last_byte(before, '\n');
  uint64_t column = feed < 0 ? s->base - s->line_start + 1 : 1;
  for (size_t i = (size_t)(feed + 1); i < at; i++)
    column += ((unsigned char)before.data[i] & 0xc0) != 0x80;
  return column < UINT32_MAX ? (uint32_t)column : UINT32_MAX;
}

static uint32_t line_of(const struct secret_scanner *s, size_t at)
{
  uint64_t line = s->lines + count_line_feeds(str_sub(s->view.text, 0, at)) + 1;
  return line < UINT32_MAX ? (uint32_t)line : UINT32_MAX;
}

/* ---- what may be shown */

static bool is_name_byte(char c)
{
  return isalnum((unsigned char)c) || c == '_' || c == '-' || c == '.';
}

static bool is_separator(char c)
{
  return c && strchr(" \t\"'`=:>[]()\\", c);
}

/* A name that could be a secret itself is not shown: long pieces with digits in them. */
static bool is_plain_name(struct str name)
{
  size_t piece = 0, digits = 0;
  for (size_t i = 0; i < name.len; i++) {
    bool cut = strchr("_-.", name.data[i]);
    piece = cut ? 0 : piece + 1;
    digits = cut ? 0 : digits + (isdigit((unsigned char)name.data[i]) != 0);
    if (piece > 30 || (piece > 12 && digits > 1))
      return false;
  }
  return name.len && (isalpha((unsigned char)name.data[0]) || name.data[0] == '_');
}

/* Behind a space alone only what is called like a secret counts as its name. */
static bool is_telling_name(struct str name)
{
  static const struct str words[] = {STR_INIT("pass"), STR_INIT("key"),  STR_INIT("token"),
                                     STR_INIT("auth"), STR_INIT("bear"), STR_INIT("secret")};
  char small[NAME_MAX_SHOWN];
  for (size_t i = 0; i < name.len && i < sizeof small; i++)
    small[i] = (char)tolower((unsigned char)name.data[i]);
  for (size_t i = 0; i < sizeof words / sizeof words[0]; i++)
    if (str_find(str_make(small, name.len), 0, words[i]) >= 0)
      return true;
  return false;
}

/* The name that stands before a secret on its line; empty if there is none that may be shown. */
static struct str name_before(struct str text, size_t at)
{
  size_t end = at;
  bool assigned = false;
  while (end && at - end < SEPARATORS_MAX && is_separator(text.data[end - 1])) {
    end--;
    assigned |= text.data[end] == '=' || text.data[end] == ':';
  }
  size_t start = end;
  while (start && end - start <= NAME_MAX_SHOWN && is_name_byte(text.data[start - 1]))
    start--;
  struct str name = str_sub(text, start, end - start);
  if (end == at || name.len > NAME_MAX_SHOWN || !is_plain_name(name))
    return STR_EMPTY;
  return assigned || is_telling_name(name) ? name : STR_EMPTY;
}

/* How much of a secret is shown: four characters, never more than a quarter; of PEM its first line, which tells
 * nothing. */
static size_t shown_of(struct str secret)
{
  ptrdiff_t dashes = str_starts(secret, STR("-----BEGIN ")) ? str_find(secret, 11, STR("-----"))
                                                            : -1;
  if (dashes > 0 && dashes < 40 && secret.len > (size_t)dashes + 25) {
    size_t i = 0;
    while (i < (size_t)dashes &&
           (isupper((unsigned char)secret.data[i]) || isdigit((unsigned char)secret.data[i]) ||
            secret.data[i] == ' ' || secret.data[i] == '-'))
      i++;
    if (i == (size_t)dashes)
      return i + 5;
  }
  size_t shown = 0;
  while (shown < SHOWN_MAX && (shown + 1) * 4 <= secret.len &&
         isgraph((unsigned char)secret.data[shown]))
    shown++;
  return shown;
}

static struct str redact(struct arena *arena, struct str text, struct regex_span span)
{
  struct str secret = regex_text(text, span), name = name_before(text, span.start);
  size_t shown = shown_of(secret);
  struct str out = arena_printf(arena, "%.*s%s%.*s\u2026 (%zu characters)", STR_FMT(name),
                                name.len ? ": " : "", (int)shown, secret.data, secret.len);
  if (out.len > SECRET_REDACTED_MAX)
    out = arena_printf(arena, "%.*s\u2026 (%zu characters)", (int)shown, secret.data, secret.len);
  return str_sub(out, 0, SECRET_REDACTED_MAX);
}

/* ---- matches */

static void fingerprint(const struct secret_scanner *s, struct str secret, char *ret)
{
  static const char digits[] = "0123456789abcdef";
  struct digest digest;
  ret[0] = 0;
  if (digest_hmac(DIGEST_SHA256, str_make(s->key, s->key_len), secret, &digest, NULL) < 0)
    return;
  for (size_t i = 0; i < SECRET_FINGERPRINT_LEN; i++)
    ret[i] = digits[digest.bytes[i / 2] >> (i % 2 ? 0 : 4) & 15];
  ret[SECRET_FINGERPRINT_LEN] = 0;
}

void scanner_keep(struct secret_scanner *s, uint32_t rule, struct regex_span span)
{
  struct scanner_found *f = vec_add(&s->found);
  struct str secret = regex_text(s->view.text, span);
  f->rule = rule;
  f->match = (struct secret_match){
      .rule = &s->rules->rules[rule],
      .rule_number = rule,
      .line = line_of(s, span.start),
      .column = column_of(s, span.start),
      .offset = s->base + span.start,
      .length = (uint32_t)secret.len,
      .redacted = redact(&s->arena, s->view.text, span),
  };
  fingerprint(s, secret, f->match.fingerprint);
}

void scanner_keep_path(struct secret_scanner *s, uint32_t rule)
{
  if (s->found.count >= SECRET_MATCHES_MAX) {
    s->dropped++;
    return;
  }
  struct scanner_found *f = vec_add(&s->found);
  f->rule = rule;
  f->match = (struct secret_match){
      .rule = &s->rules->rules[rule], .rule_number = rule, .redacted = STR("(the file itself)")};
  fingerprint(s, s->path, f->match.fingerprint);
}
