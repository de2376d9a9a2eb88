/*
 * The first byte chooses the flags, the first line is a pattern, the rest a text. All ways to match
 * agree, matches come in order, replacing each match by itself changes nothing, and a quoted text
 * matches itself.
 */
#include "data/regex.h"
#include "base/buf.h"
#include "base/utf8.h"

#include <assert.h>

static void check_matches(const struct regex *r, struct str text)
{
  struct regex_span spans[4];
  bool found = regex_find(r, text, 0, spans, 4);
  assert(regex_match(r, text) == found);
  assert(!regex_match_full(r, text) || found);
  struct regex_walk walk = {0};
  size_t last = 0;
  for (bool first = true; regex_next(r, text, &walk, spans, 4); first = false) {
    assert(spans[0].start >= last && spans[0].end >= spans[0].start && spans[0].end <= text.len);
    assert(first || spans[0].end > last || spans[0].start > last);
    last = spans[0].end;
    for (unsigned i = 1; i < 4; i++)
      assert(spans[i].start == REGEX_NOWHERE ||
             (spans[i].start >= spans[0].start && spans[i].end <= spans[0].end));
  }
}

static void check_replace(const struct regex *r, struct str text)
{
  _cleanup_(buf_free) struct buf out = {0};
  regex_replace(r, text, STR("$0"), &out);
  assert(str_eq(buf_str(&out), text));
  buf_clear(&out);
  regex_replace(r, text, text, &out);
  buf_clear(&out);
  regex_replace_literal(r, text, STR_EMPTY, &out);
  assert(out.len <= text.len);
}

static void check_quote(struct str text)
{
  _cleanup_(buf_free) struct buf quoted = {0};
  _cleanup_(regex_freep) struct regex *r = NULL;
  if (!utf8_valid(text))
    return;
  regex_quote(&quoted, text);
  assert(regex_compile(buf_str(&quoted), 0, &r, NULL) == 0);
  assert(regex_match_full(r, text));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
  if (size < 1 || size > 2000)
    return 0;
  struct str text, pattern = str_cut(str_make((const char *)data + 1, size - 1), '\n', &text);
  _cleanup_(regex_freep) struct regex *r = NULL;
  struct error err;
  int rc = regex_compile_within(pattern, data[0] & 7U, 1 << 20, &r, &err);
  if (rc < 0) {
    assert(err.code == rc && err.message[0] && !r);
    return 0;
  }
  check_matches(r, text);
  check_replace(r, text);
  check_quote(text);
  for (unsigned i = 1; i <= regex_groups(r); i++) {
    struct str name = regex_group_name(r, i);
    assert(name.len == 0 || regex_group_number(r, name) == i);
  }
  return 0;
}
