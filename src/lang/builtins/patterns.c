/* Regular expressions and globs. */
#include "lang/builtin_int.h"

static const struct regex *want_regex(struct builtin_context *c, const struct value *args,
                                      struct str *text)
{
  struct str pattern;
  if (!builtin_want_string(c, args, 1, &pattern) || !builtin_want_string(c, args, 2, text) ||
      !builtin_spend(c, pattern.len / 4 + text->len / 4))
    return NULL;
  return builtin_regex(c, pattern);
}

CALL(is_valid)
{
  struct regex *regex;
  if (args[0].type != VALUE_STRING || regex_compile(value_str(args[0]), 0, &regex, NULL) < 0)
    return give(ret, value_bool(false));
  regex_free(regex);
  return give(ret, value_bool(true));
}

CALL(match)
{
  struct str text;
  const struct regex *regex = want_regex(c, args, &text);
  if (!regex)
    return BUILTIN_ERROR;
  return give(ret, value_bool(regex_match(regex, text)));
}

/* Two passes, so that the result is exactly as large as it has to be. */
static size_t count_matches(const struct regex *regex, struct str text, int64_t most)
{
  struct regex_walk walk = {0};
  struct regex_span span;
  size_t count = 0;
  while ((most < 0 || count < (uint64_t)most) && regex_next(regex, text, &walk, &span, 1))
    count++;
  return count;
}

CALL(split)
{
  struct str text;
  const struct regex *regex = want_regex(c, args, &text);
  if (!regex)
    return BUILTIN_ERROR;
  size_t count = count_matches(regex, text, -1) + 2;
  if (!builtin_fits(c, count) || !builtin_spend(c, count))
    return BUILTIN_ERROR;
  struct value *items = arena_array(c->arena, struct value, count);
  struct regex_walk walk = {0};
  struct regex_span span;
  size_t used = 0, from = 0, to = 0;
  if (text.len == 0 && regex_pattern(regex).len)
    return give(ret, value_array_make(c->arena, &args[1], NULL, 1));
  while (regex_next(regex, text, &walk, &span, 1)) {
    to = span.start;
    if (span.end != 0)
      items[used++] = value_string(str_sub(text, from, to - from));
    from = span.end;
  }
  if (to != text.len)
    items[used++] = value_string(str_sub(text, from, text.len));
  return give(ret, array_view(items, (uint32_t)used));
}

/* The groups of each match, or the match alone. */
static enum builtin_result find_all(struct builtin_context *c, const struct value *args,
                                    bool with_groups, struct value *ret)
{
  struct str text;
  int64_t most;
  const struct regex *regex = want_regex(c, args, &text);
  if (!regex || !builtin_want_int(c, args, 3, &most))
    return BUILTIN_ERROR;
  size_t groups = with_groups ? regex_groups(regex) + 1 : 1;
  if (groups > REGEX_GROUPS_MAX)
    return builtin_fail(c, "the pattern has more than %d groups", REGEX_GROUPS_MAX - 1);
  size_t count = count_matches(regex, text, most);
  if (!builtin_fits(c, (uint64_t)count * groups) || !builtin_spend(c, (uint64_t)count * groups))
    return BUILTIN_ERROR;
  struct value *items = arena_array(c->arena, struct value, count);
  struct regex_walk walk = {0};
  struct regex_span spans[REGEX_GROUPS_MAX];
  for (size_t i = 0; i < count && regex_next(regex, text, &walk, spans, groups); i++) {
    struct value *parts = with_groups ? arena_array(c->arena, struct value, groups) : &items[i];
    for (size_t g = 0; g < groups; g++)
      parts[g] = value_string(regex_text(text, spans[g]));
    if (with_groups)
      items[i] = array_view(parts, (uint32_t)groups);
  }
  return give(ret, array_view(items, (uint32_t)count));
}

CALL(find_n)
{
  return find_all(c, args, false, ret);
}

CALL(find_all_submatch)
{
  return find_all(c, args, true, ret);
}

CALL(replace)
{
  struct str pattern, text, replacement;
  if (!builtin_want_string(c, args, 1, &text) || !builtin_want_string(c, args, 2, &pattern) ||
      !builtin_want_string(c, args, 3, &replacement) ||
      !builtin_spend(c, pattern.len / 4 + text.len / 2))
    return BUILTIN_ERROR;
  const struct regex *regex = builtin_regex(c, pattern);
  if (!regex)
    return BUILTIN_ERROR;
  regex_replace(regex, text, replacement, builtin_text(c));
  return builtin_give_text(c, ret);
}

/* Between delimiters stands a pattern, outside of them plain text. */
CALL(template_match)
{
  struct str template, text, start, end;
  if (!builtin_want_string(c, args, 1, &template) || !builtin_want_string(c, args, 2, &text) ||
      !builtin_want_string(c, args, 3, &start) || !builtin_want_string(c, args, 4, &end) ||
      !builtin_spend(c, template.len + text.len / 4))
    return BUILTIN_ERROR;
  if (start.len != 1)
    return builtin_fail(c, "start delimiter has to be exactly one character long but is %zu long",
                        start.len);
  if (end.len != 1)
    return builtin_fail(c, "end delimiter has to be exactly one character long but is %zu long",
                        end.len);
  struct buf *pattern = builtin_text(c);
  buf_add_byte(pattern, '^');
  size_t level = 0, from = 0;
  for (size_t at = 0; at < template.len; at++) {
    if (template.data[at] == start.data[0] && level++ == 0) {
      regex_quote(pattern, str_sub(template, from, at - from));
      from = at + 1;
    } else if (template.data[at] == end.data[0] && level > 0) {
      if (--level)
        continue;
      buf_add_byte(pattern, '(');
      buf_add(pattern, str_sub(template, from, at - from));
      buf_add_byte(pattern, ')');
      from = at + 1;
    } else if (template.data[at] == end.data[0]) {
      level = 1;
      break;
    }
  }
  if (level)
    return builtin_fail(c, "mux: unbalanced braces in \"%.*s\"", STR_FMT(template));
  regex_quote(pattern, str_sub(template, from, template.len));
  buf_add_byte(pattern, '$');
  const struct regex *regex = builtin_regex(c, buf_str(pattern));
  if (!regex)
    return BUILTIN_ERROR;
  return give(ret, value_bool(regex_match(regex, text)));
}

/* ---- globs */

CALL(glob_matches)
{
  struct str pattern, text, delimiters = STR_EMPTY;
  char joined[64];
  if (!builtin_want_string(c, args, 1, &pattern))
    return BUILTIN_ERROR;
  if (args[1].type != VALUE_ARRAY && args[1].type != VALUE_NULL)
    return builtin_wrong_type(c, 2, args[1], "array, null");
  if (args[1].type == VALUE_ARRAY && args[1].len == 0)
    delimiters = STR(".");
  for (uint32_t i = 0; args[1].type == VALUE_ARRAY && i < args[1].len; i++) {
    struct value item = args[1].items[i];
    if (item.type != VALUE_STRING)
      return builtin_wrong_element(c, 2, args[1], item, "string");
    size_t points = 0;
    for (uint32_t k = 0; k < item.len; k++)
      points += ((unsigned char)item.text[k] & 0xC0) != 0x80;
    if (points != 1)
      return builtin_wrong_element(c, 2, args[1], item, "rune");
    if (delimiters.len + item.len > sizeof joined)
      return builtin_fail(c, "more than %d delimiters", GLOB_DELIMITERS_MAX);
    memcpy(joined + delimiters.len, item.text, item.len);
    delimiters = str_make(joined, delimiters.len + item.len);
  }
  if (!builtin_want_string(c, args, 3, &text) ||
      !builtin_spend(c, (uint64_t)text.len * (pattern.len / 16 + 1)))
    return BUILTIN_ERROR;
  const struct glob *glob = builtin_glob(c, pattern, delimiters);
  if (!glob)
    return BUILTIN_ERROR;
  return give(ret, value_bool(glob_match(glob, text)));
}

CALL(glob_quote)
{
  struct str s;
  if (!builtin_want_string(c, args, 1, &s))
    return BUILTIN_ERROR;
  struct buf *out = builtin_text(c);
  for (size_t i = 0; i < s.len; i++) {
    if (s.data[i] && strchr("*?\\[]{}", s.data[i]))
      buf_add_byte(out, '\\');
    buf_add_byte(out, s.data[i]);
  }
  return builtin_give_text(c, ret);
}

const struct builtin builtins_patterns[] = {
    ROW(glob_matches, "glob.match", 3, "string, null|array<string>, string", "boolean"),
    ROW(glob_quote, "glob.quote_meta", 1, "string", "string"),
    ROW(match, "re_match", 2, "string, string", "boolean", .flags = BUILTIN_DEPRECATED),
    ROW(find_all_submatch, "regex.find_all_string_submatch_n", 3, "string, string, number",
        "array<array<string>>"),
    ROW(find_n, "regex.find_n", 3, "string, string, number", "array<string>"),
    ROW(is_valid, "regex.is_valid", 1, "any", "boolean"),
    ROW(match, "regex.match", 2, "string, string", "boolean"),
    ROW(replace, "regex.replace", 3, "string, string, string", "string"),
    ROW(split, "regex.split", 2, "string, string", "array<string>"),
    ROW(template_match, "regex.template_match", 4, "string, string, string, string", "boolean"),
    {.name = NULL},
};
