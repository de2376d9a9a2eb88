#include "scan/secret/scanner_int.h"

#include <ctype.h>
#include <math.h>

enum { GROUPS_MAX = 16, PATIENCE_MIN = 32 };

/* What was matched, as offsets in the window. */
struct match {
  struct regex_span whole, secret;
};

/* ---- which rules look at a file */

bool scanner_path_allowed(const struct secret_rules *set, const struct secret_allow *allow,
                          const struct secret_allow_state *states, size_t count, struct str path)
{
  for (size_t i = 0; i < count; i++) {
    bool more = allow[i].regexes.len || allow[i].stopword_count;
    const struct regex *paths = secret_pattern_get(set, &states[i].paths);
    if (paths && !(allow[i].all && more) && regex_match(paths, path))
      return true;
  }
  return false;
}

bool scanner_rule_applies(const struct secret_scanner *s, uint32_t number)
{
  const struct secret_rule *rule = &s->rules->rules[number];
  const struct secret_rule_state *state = &s->rules->states[number];
  if (!(rule->places >> s->kind & 1) || (rule->text && s->binary) ||
      (rule->skip_tests && s->kind == SECRET_FILE && scanner_path_of_tests(s->path)) || s->allowed)
    return false;
  if (!rule->path.len && s->kind != SECRET_FILE)
    return true;
  const struct regex *path = secret_pattern_get(s->rules, &state->path);
  if (path && (s->kind != SECRET_FILE || !regex_match(path, s->path)))
    return false;
  return !scanner_path_allowed(s->rules, rule->allow, state->allow, rule->allow_count, s->path);
}

/* ---- conditions on a match */

static double entropy_of(struct str text)
{
  uint32_t counts[256] = {0};
  double bits = 0;
  for (size_t i = 0; i < text.len; i++)
    counts[(unsigned char)text.data[i]]++;
  for (size_t c = 0; c < 256; c++)
    if (counts[c]) {
      double share = (double)counts[c] / (double)text.len;
      bits -= share * log2(share);
    }
  return bits;
}

static char lower(char c)
{
  return c >= 'A' && c <= 'Z' ? (char)(c + 32) : c;
}

/* Without regard to the case of ASCII letters; word may be in any. */
static bool contains_word(struct str text, struct str word)
{
  if (!word.len || word.len > text.len)
    return false;
  const char *end = text.data + text.len - word.len + 1;
  char small = lower(word.data[0]), large = (char)toupper((unsigned char)small);
  for (const char *p = text.data; p < end; p++) {
    if (*p != small && *p != large)
      continue;
    size_t i = 1;
    while (i < word.len && lower(p[i]) == lower(word.data[i]))
      i++;
    if (i == word.len)
      return true;
  }
  return false;
}

static bool contains_any(struct str text, const struct str *words, size_t count)
{
  for (size_t i = 0; i < count; i++)
    if (contains_word(text, words[i]))
      return true;
  return false;
}

static struct str around(struct str text, struct regex_span span, size_t before, size_t behind)
{
  size_t from = span.start > before ? span.start - before : 0;
  return str_sub(text, from, span.end - from + behind);
}

/* Own rules ask for a keyword near the match; those of a file for one anywhere, as gitleaks does. */
static bool has_keyword(struct secret_scanner *s, uint32_t number, struct regex_span whole)
{
  const struct secret_rule *rule = &s->rules->rules[number];
  struct scanner_rule *state = &s->states[number];
  if (!rule->keyword_count)
    return true;
  if (rule->builtin)
    return contains_any(around(s->view.text, whole, SECRET_NEAR, SECRET_NEAR), rule->keywords,
                        rule->keyword_count);
  if (contains_any(regex_text(s->view.text, whole), rule->keywords, rule->keyword_count))
    return true;
  if (!state->keyword_known) {
    state->keyword_known = true;
    state->keyword = contains_any(s->view.text, rule->keywords, rule->keyword_count);
  }
  return state->keyword;
}

/* The lines on which a match stands, so far as they are near. */
static struct str lines_of(struct str text, struct regex_span span)
{
  size_t from = span.start, to = span.end;
  while (from && span.start - from < SECRET_LINE_MAX && text.data[from - 1] != '\n')
    from--;
  while (to < text.len && to - span.end < SECRET_LINE_MAX && text.data[to] != '\n')
    to++;
  return str_sub(text, from, to - from);
}

static bool allowed_by_comment(const struct secret_scanner *s, struct regex_span whole)
{
  struct str line = lines_of(s->view.text, whole);
  return !s->no_allow_comments && (str_find(line, 0, STR("seawall:allow")) >= 0 ||
                                   str_find(line, 0, STR("gitleaks:allow")) >= 0);
}

static bool one_allows(const struct secret_scanner *s, const struct secret_allow *a,
                       const struct secret_allow_state *state, const struct match *m)
{
  const struct regex *regexes = secret_pattern_get(s->rules, &state->regexes);
  const struct regex *paths = secret_pattern_get(s->rules, &state->paths);
  struct str secret = regex_text(s->view.text, m->secret);
  struct str target = a->target == SECRET_TARGET_SECRET  ? secret
                      : a->target == SECRET_TARGET_MATCH ? regex_text(s->view.text, m->whole)
                                                         : lines_of(s->view.text, m->whole);
  bool by_regex = regexes && regex_match(regexes, target);
  bool by_word = contains_any(secret, a->stopwords, a->stopword_count);
  if (!a->all)
    return by_regex || by_word;
  return (!regexes || by_regex) && (!a->stopword_count || by_word) &&
         (!paths || (s->kind == SECRET_FILE && regex_match(paths, s->path)));
}

static bool is_allowed(const struct secret_scanner *s, const struct secret_allow *allow,
                       const struct secret_allow_state *states, size_t count, const struct match *m)
{
  for (size_t i = 0; i < count; i++)
    if (one_allows(s, &allow[i], &states[i], m))
      return true;
  return false;
}

static void judge_match(struct secret_scanner *s, uint32_t number, const struct match *m)
{
  const struct secret_rules *set = s->rules;
  const struct secret_rule *rule = &set->rules[number];
  struct str secret = regex_text(s->view.text, m->secret);
  if (!secret.len || (rule->entropy > 0 && entropy_of(secret) <= rule->entropy) ||
      (rule->builtin && secret_is_placeholder(secret)) || !has_keyword(s, number, m->whole) ||
      is_allowed(s, rule->allow, set->states[number].allow, rule->allow_count, m) ||
      is_allowed(s, set->allow, set->allow_states, set->allow_count, m) ||
      allowed_by_comment(s, m->whole))
    return;
  if (s->found.count < SECRET_MATCHES_MAX)
    scanner_keep(s, number, m->secret);
  else
    s->dropped++;
}

/* ---- finding the match */

/* The group that the rule names, else the first that is not empty, else the whole. */
static struct regex_span secret_of(const struct secret_rule *rule, const struct regex *regex,
                                   const struct regex_span *spans)
{
  if (rule->secret_group && rule->secret_group < GROUPS_MAX) {
    struct regex_span span = spans[rule->secret_group];
    return span.start == REGEX_NOWHERE ? (struct regex_span){spans[0].start, spans[0].start} : span;
  }
  for (unsigned g = 1; g <= regex_groups(regex) && g < GROUPS_MAX; g++)
    if (spans[g].start != REGEX_NOWHERE && spans[g].end > spans[g].start)
      return spans[g];
  return spans[0];
}

/* Line feeds around a match do not belong to it. */
static struct regex_span without_line_feeds(struct str text, struct regex_span span)
{
  while (span.end > span.start && text.data[span.end - 1] == '\n')
    span.end--;
  while (span.start < span.end && text.data[span.start] == '\n')
    span.start++;
  return span;
}

/* What Vectorscan takes for a match and RE2 does not: characters that are no UTF-8, patterns that are compiled
 * approximately. Should there be many, they must not cost a search each. */
static void pass_over(struct secret_scanner *s, struct scanner_rule *state, size_t to)
{
  state->patience = state->patience ? state->patience * 2 : PATIENCE_MIN;
  if (state->patience > SECRET_REACH)
    state->patience = SECRET_REACH;
  state->passed = s->base + to + state->patience;
}

/* Where to begin to look for a match that has no greatest length: first at the line that is a little before, since
 * looking through all that could belong to it costs a hundred times as much and hardly ever finds more. */
static size_t near_line(struct str text, size_t to, size_t from)
{
  size_t at = to > from + SECRET_NEAR ? to - SECRET_NEAR : from;
  size_t least = at > from + SECRET_LINE_MAX ? at - SECRET_LINE_MAX : from;
  while (at > least && text.data[at - 1] != '\n')
    at--;
  return at;
}

static bool find(const struct regex *regex, struct str text, size_t from, size_t to,
                 struct regex_span *spans)
{
  size_t near = near_line(text, to, from);
  return (near > from && regex_find(regex, text, near, spans, GROUPS_MAX) && spans[0].start < to) ||
         regex_find(regex, text, from, spans, GROUPS_MAX);
}

void scanner_judge(struct secret_scanner *s, uint32_t number, size_t to)
{
  struct scanner_rule *state = &s->states[number];
  const struct regex *regex = secret_pattern_get(s->rules, &s->rules->states[number].pattern);
  size_t reach = secret_database_reach(s->rules->database, number, SECRET_REACH) + 1;
  struct str text = str_sub(s->view.text, 0, to + SECRET_REACH);
  size_t settled = s->view.last ? text.len : s->view.text.len - SECRET_REACH;
  size_t done = state->done > s->base ? (size_t)(state->done - s->base) : 0;
  size_t from = to > reach ? to - reach : 0;
  struct regex_span spans[GROUPS_MAX];
  if (from < done)
    from = done;
  if (!from && s->base)
    from = 1; /* "^" is the beginning of the file, not of the window */
  while (from < to) {
    if (!regex || !find(regex, text, from, to, spans) || spans[0].end == spans[0].start) {
      pass_over(s, state, to);
      return;
    }
    struct regex_span whole = spans[0];
    if (whole.end > settled) {
      state->passed = s->base + whole.end;
      return;
    }
    state->patience = 0;
    state->done = s->base + whole.end;
    from = whole.end;
    if (whole.end == text.len && text.len < s->view.text.len)
      continue; /* longer than the reach: not a secret */
    struct match m = {without_line_feeds(text, whole),
                      without_line_feeds(text, secret_of(&s->rules->rules[number], regex, spans))};
    judge_match(s, number, &m);
  }
}
