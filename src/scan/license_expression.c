#include "scan/license.h"

#include "base/mem.h"
#include "base/vec.h"
#include "scan/license_int.h"

/*
 * Operators and operands are read alternately, so whatever stands where an operand is expected is a name up to the
 * next operator. Precedence is SPDX's; a comma binds weakest, as in Debian's copyright files.
 */
enum { PROSE_WORDS = 7 }; /* a name of so many words that nobody knows is prose */

struct operator
{
  enum license_operator kind;
  unsigned precedence; /* 0: an opening parenthesis */
};

struct parser {
  struct arena *arena;
  struct str text;
  size_t at;
  unsigned open;
  struct license_leaves VEC_BODY(struct license_leaf) leaves;
  struct license_steps VEC_BODY(struct license_step) steps;
  struct operator stack[LICENSE_DEPTH_MAX];
  size_t depth;
  bool failed;
};

static bool is_space(char c)
{
  return c == ' ' || (c >= '\t' && c <= '\r');
}

static void skip_spaces(struct parser *p)
{
  while (p->at < p->text.len && is_space(p->text.data[p->at]))
    p->at++;
}

/* The word at a place: up to a space, a comma, or a closing parenthesis that is open. */
static struct str word_at(const struct parser *p, size_t at)
{
  while (at < p->text.len && is_space(p->text.data[at]))
    at++;
  size_t end = at;
  while (end < p->text.len && !is_space(p->text.data[end]) && p->text.data[end] != ',' &&
         p->text.data[end] != ';' && !(p->text.data[end] == ')' && p->open))
    end++;
  return str_sub(p->text, at, end - at);
}

static bool among(struct str word, const struct str *words, size_t count)
{
  while (word.len && (word.data[0] == '"' || word.data[0] == '\''))
    word = str_sub(word, 1, SIZE_MAX);
  while (word.len && (word.data[word.len - 1] == '"' || word.data[word.len - 1] == '\'' ||
                      word.data[word.len - 1] == ')'))
    word.len--;
  for (size_t i = 0; i < count; i++)
    if (str_eq_nocase(words[i], word))
      return true;
  return false;
}

/* "or later", "Notice and Disclaimer": words of names that look like operators. */
static bool is_of_name(struct str word, struct str next)
{
  static const struct str after_or[] = {
      STR_INIT("later"),  STR_INIT("newer"), STR_INIT("greater"), STR_INIT("above"),
      STR_INIT("higher"), STR_INIT("any"),   STR_INIT("revised"), STR_INIT("lesser")};
  static const struct str after_and[] = {STR_INIT("distribution"), STR_INIT("disclaimer"),
                                         STR_INIT("later")};
  if (str_eq_nocase(word, STR("or")))
    return among(next, after_or, sizeof after_or / sizeof after_or[0]);
  return among(next, after_and, sizeof after_and / sizeof after_and[0]);
}

static bool operator_of(struct str word, struct operator* ret)
{
  static const struct {
    struct str word;
    struct operator operator;
  } words[] = {
      {STR_INIT("and"), {LICENSE_AND, 4}},   {STR_INIT("or"), {LICENSE_OR, 3}},
      {STR_INIT("and/or"), {LICENSE_OR, 3}}, {STR_INIT("&"), {LICENSE_AND, 4}},
      {STR_INIT("&&"), {LICENSE_AND, 4}},    {STR_INIT("+"), {LICENSE_AND, 4}},
      {STR_INIT("|"), {LICENSE_OR, 3}},      {STR_INIT("||"), {LICENSE_OR, 3}},
      {STR_INIT("/"), {LICENSE_OR, 3}},
  };
  for (size_t i = 0; i < sizeof words / sizeof words[0]; i++)
    if (str_eq_nocase(words[i].word, word)) {
      *ret = words[i].operator;
      return true;
    }
  return false;
}

/* "Apache License, Version 2.0" is one name, and so are "GPL, version 2, June 1991" and "GPLv2, with the
 * Classpath exception". */
static bool comma_of_name(const struct parser *p)
{
  static const struct str versions[] = {
      STR_INIT("with"),    STR_INIT("january"), STR_INIT("february"), STR_INIT("march"),
      STR_INIT("june"),    STR_INIT("july"),    STR_INIT("november"), STR_INIT("december"),
      STR_INIT("version"), STR_INIT("ver"),     STR_INIT("ver."),     STR_INIT("v"),
      STR_INIT("v.")};
  struct str next = word_at(p, p->at + 1);
  if (among(next, versions, sizeof versions / sizeof versions[0]))
    return true;
  size_t i = next.len && (next.data[0] | 32) == 'v';
  return next.len > i && next.data[i] >= '0' && next.data[i] <= '9' &&
         str_find_byte(next, 0, '-') < 0;
}

/* Past a parenthesis that is part of a name. */
static void skip_parentheses(struct parser *p)
{
  unsigned open = 0;
  for (; p->at < p->text.len; p->at++) {
    char c = p->text.data[p->at];
    open += c == '(';
    if (c == ')' && --open == 0) {
      p->at++;
      return;
    }
  }
}

static struct str read_name(struct parser *p)
{
  size_t from = p->at, end = p->at;
  while (p->at < p->text.len) {
    char c = p->text.data[p->at];
    struct operator operator;
    if (is_space(c)) {
      skip_spaces(p);
      struct str word = word_at(p, p->at);
      if (p->at < p->text.len && operator_of(word, &operator) &&
          !is_of_name(word, word_at(p, p->at + word.len)))
        break;
      continue;
    }
    if ((c == ',' || c == ';') && !comma_of_name(p))
      break;
    if (c == ')' && p->open)
      break;
    if (c == '(')
      skip_parentheses(p);
    else
      p->at++;
    end = p->at;
  }
  return str_sub(p->text, from, end - from);
}

/* ---- operands */

/* What a name nobody knows is, cut at a character. */
static struct str unknown_name(struct arena *arena, struct str name)
{
  name = str_trim(name);
  if (name.len > LICENSE_NAME_MAX) {
    name.len = LICENSE_NAME_MAX;
    while (name.len > LICENSE_NAME_MAX - 3 && ((unsigned char)name.data[name.len] & 0xc0) == 0x80)
      name.len--;
  }
  struct str copy = arena_copy(arena, name);
  for (size_t i = 0; i < copy.len; i++)
    if ((unsigned char)copy.data[i] < ' ' || copy.data[i] == 0x7f)
      ((char *)copy.data)[i] = ' ';
  return copy;
}

static void push_leaf(struct parser *p, struct str id, bool spdx, enum license_category category)
{
  if (vec_full(&p->leaves, LICENSE_LEAVES_MAX)) {
    p->failed = true;
    return;
  }
  struct license_leaf leaf = {id, spdx, category};
  struct license_step step = {LICENSE_LEAF, (uint32_t)p->leaves.count};
  vec_push(&p->leaves, leaf);
  vec_push(&p->steps, step);
}

static void push_known(struct parser *p, struct str id)
{
  push_leaf(p, id, true, license_category_of(id));
}

static void push_unknown(struct parser *p, struct str name)
{
  push_leaf(p, unknown_name(p->arena, name), false, LICENSE_UNKNOWN);
}

static void push_operator(struct parser *p, enum license_operator kind)
{
  struct license_step step = {kind, 0};
  vec_push(&p->steps, step);
}

/* Debian writes "GPL-2+-with-bison-exception". */
static bool is_gap(char c)
{
  return is_space(c) || c == '-';
}

/* The place of the word "with"; -1 if there is none. */
static ptrdiff_t find_with(struct str name)
{
  for (size_t i = 1; i + 6 < name.len; i++)
    if (is_gap(name.data[i]) && is_gap(name.data[i + 5]) &&
        str_eq_nocase(str_sub(name, i + 1, 4), STR("with")))
      return (ptrdiff_t)i;
  return -1;
}

static bool push_with(struct parser *p, struct str name)
{
  struct str base, exception;
  ptrdiff_t with = find_with(name);
  if (with < 0)
    return false;
  struct str front = str_trim(str_sub(name, 0, (size_t)with));
  if (str_ends(front, STR(",")))
    front.len--;
  if (!license_name(p->arena, front, &base))
    return false;
  if (license_exception(p->arena, str_sub(name, (size_t)with + 6, SIZE_MAX), &exception))
    push_known(p, arena_printf(p->arena, "%.*s WITH %.*s", STR_FMT(base), STR_FMT(exception)));
  else
    push_leaf(p, unknown_name(p->arena, name), false, license_category_of(base));
  return true;
}

static bool is_separator(char c, const char *separators)
{
  return strchr(separators, c) && c != '\0';
}

/* A name that is several known ones with one of the separators between them. */
static bool push_parts(struct parser *p, struct str name, const char *separators,
                       enum license_operator kind)
{
  struct str ids[16];
  size_t count = 0;
  for (size_t at = 0; at < name.len;) {
    size_t from = at;
    while (at < name.len && !is_separator(name.data[at], separators))
      at++;
    if (at == from) {
      at++;
      continue;
    }
    if (count == 16 || !license_name(p->arena, str_sub(name, from, at - from), &ids[count++]))
      return false;
  }
  for (size_t i = 0; i < count; i++) {
    push_known(p, ids[i]);
    if (i)
      push_operator(p, kind);
  }
  return count > 0;
}

static void push_operand(struct parser *p, struct str name)
{
  struct str id;
  if (license_name(p->arena, name, &id)) {
    push_known(p, id);
    return;
  }
  if (push_with(p, name) || push_parts(p, name, "/|", LICENSE_OR) ||
      push_parts(p, name, " \t", LICENSE_AND))
    return;
  push_unknown(p, name);
}

/* ---- the whole */

static void push_stack(struct parser *p, struct operator operator)
{
  if (p->depth == LICENSE_DEPTH_MAX)
    p->failed = true;
  else
    p->stack[p->depth++] = operator;
}

static void take_operator(struct parser *p, struct operator operator)
{
  while (p->depth && p->stack[p->depth - 1].precedence >= operator.precedence)
    push_operator(p, p->stack[--p->depth].kind);
  push_stack(p, operator);
}

static void close_parenthesis(struct parser *p)
{
  while (p->depth && p->stack[p->depth - 1].precedence)
    push_operator(p, p->stack[--p->depth].kind);
  if (p->depth == 0) {
    p->failed = true;
    return;
  }
  p->depth--;
  p->open--;
}

/* Behind an operand; false: it is complete. */
static bool read_operator(struct parser *p)
{
  struct operator operator;
  while (p->at < p->text.len && p->text.data[p->at] == ')' && p->open) {
    p->at++;
    close_parenthesis(p);
    skip_spaces(p);
  }
  if (p->at == p->text.len)
    return false;
  bool comma = p->text.data[p->at] == ',' || p->text.data[p->at] == ';';
  p->at += comma;
  struct str word = word_at(p, p->at);
  bool found = operator_of(word, &operator);
  if (comma && str_trim(str_sub(p->text, p->at, SIZE_MAX)).len == 0)
    return false;
  if (found)
    p->at = (size_t)(word.data + word.len - p->text.data);
  else if (comma)
    operator.kind = LICENSE_AND;
  else
    p->failed = true;
  if (comma)
    operator.precedence = operator.kind == LICENSE_AND ? 2 : 1;
  if (!p->failed)
    take_operator(p, operator);
  return !p->failed;
}

static void read_operand(struct parser *p)
{
  skip_spaces(p);
  while (p->at < p->text.len && p->text.data[p->at] == '(' && !p->failed) {
    push_stack(p, (struct operator){LICENSE_LEAF, 0});
    p->open++;
    p->at++;
    skip_spaces(p);
  }
  struct str name = p->failed ? STR_EMPTY : read_name(p);
  if (name.len == 0)
    p->failed = true;
  else
    push_operand(p, name);
  skip_spaces(p);
}

static size_t count_words(struct str name)
{
  size_t count = 0;
  for (size_t i = 0; i < name.len; i++)
    count += !is_space(name.data[i]) && (i == 0 || is_space(name.data[i - 1]));
  return count;
}

static void parse(struct parser *p)
{
  do
    read_operand(p);
  while (!p->failed && read_operator(p));
  while (p->depth && !p->failed) {
    struct operator operator= p->stack[--p->depth];
    p->failed = operator.precedence == 0;
    push_operator(p, operator.kind);
  }
  for (size_t i = 0; i < p->leaves.count && !p->failed; i++)
    p->failed = !p->leaves.items[i].spdx && count_words(p->leaves.items[i].id) >= PROSE_WORDS;
}

/* A text of several lines is a licence's own; its first line is often its name. */
static struct str first_line(struct str text)
{
  struct str rest;
  return str_trim(str_cut(text, '\n', &rest));
}

void license_parse(struct arena *arena, struct str text, struct license *ret)
{
  struct parser p = {.arena = arena, .text = str_trim(text)};
  struct str line = first_line(p.text), id;
  if (line.len < p.text.len || (p.text.data[0] != '(' && license_name(arena, p.text, &id)))
    push_operand(&p, line.len < p.text.len && !license_name(arena, line, &id) ? p.text : line);
  else
    parse(&p);
  if (p.failed) {
    vec_clear(&p.leaves);
    vec_clear(&p.steps);
    p.failed = false;
    push_unknown(&p, p.text);
  }
  struct license_leaf *leaves = arena_array(arena, struct license_leaf, p.leaves.count);
  struct license_step *steps = arena_array(arena, struct license_step, p.steps.count);
  memcpy(leaves, p.leaves.items, p.leaves.count * sizeof *leaves);
  memcpy(steps, p.steps.items, p.steps.count * sizeof *steps);
  ret->leaves = leaves;
  ret->leaf_count = p.leaves.count;
  ret->steps = steps;
  ret->step_count = p.steps.count;
  vec_free(&p.leaves);
  vec_free(&p.steps);
}
