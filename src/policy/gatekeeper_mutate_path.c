/* Locations of mutators: spec.containers[name: web]."odd name".image */
#include "policy/gatekeeper_mutate_int.h"

struct scanner {
  struct str text;
  size_t at;
  struct error *err;
};

static void skip_space(struct scanner *s)
{
  while (s->at < s->text.len && (s->text.data[s->at] == ' ' || s->text.data[s->at] == '\t'))
    s->at++;
}

static char next(struct scanner *s)
{
  skip_space(s);
  return s->at < s->text.len ? s->text.data[s->at] : 0;
}

static bool take(struct scanner *s, char c)
{
  if (next(s) != c || s->at >= s->text.len)
    return false;
  s->at++;
  return true;
}

static int expected(const struct scanner *s, const char *what)
{
  return error_set(s->err, SW_EINVAL, "location \"%.*s\": there should be %s at column %zu",
                   STR_FMT(str_sub(s->text, 0, 200)), what, s->at + 1);
}

static bool is_plain(char c)
{
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
         c == '-' || c == '/';
}

/* In quotes of either kind, with \ before what would end it. */
static int read_quoted(struct scanner *s, struct arena *a, char quote, struct str *ret)
{
  char *text = arena_alloc(a, s->text.len);
  size_t len = 0;
  for (s->at++; s->at < s->text.len && s->text.data[s->at] != quote; s->at++) {
    if (s->text.data[s->at] == '\\' && s->at + 1 < s->text.len)
      s->at++;
    text[len++] = s->text.data[s->at];
  }
  if (s->at >= s->text.len)
    return expected(s, "a closing quote");
  s->at++;
  *ret = str_make(text, len);
  return 0;
}

static int read_word(struct scanner *s, struct arena *a, struct str *ret, bool *ret_quoted)
{
  char c = next(s);
  *ret_quoted = c == '"' || c == '\'';
  if (*ret_quoted)
    return read_quoted(s, a, c, ret);
  size_t from = s->at;
  while (s->at < s->text.len && is_plain(s->text.data[s->at]))
    s->at++;
  *ret = str_sub(s->text, from, s->at - from);
  return ret->len ? 0 : expected(s, "a name");
}

/* Behind "[": key: value, or key: *. */
static int read_list(struct scanner *s, struct arena *a, struct path_node *node)
{
  bool quoted;
  struct str value;
  unsigned long long number;
  node->is_list = true;
  int rc = read_word(s, a, &node->name, &quoted);
  if (rc < 0)
    return rc;
  if (!take(s, ':'))
    return expected(s, "':'");
  node->glob = take(s, '*');
  if (!node->glob) {
    rc = read_word(s, a, &value, &quoted);
    if (rc < 0)
      return rc;
    node->key = !quoted && str_to_u64(value, INT64_MAX, &number) ? value_int((int64_t)number)
                                                                 : value_string(value);
  }
  return take(s, ']') ? 0 : expected(s, "']'");
}

int gatekeeper_path_read(struct arena *a, struct str text, struct path *ret, struct error *err)
{
  struct scanner s = {text, 0, err};
  struct path p = {arena_zalloc(a, GATEKEEPER_LOCATION_MAX, sizeof(struct path_node)), 0};
  bool quoted, after_list = false;
  int rc = read_word(&s, a, &p.nodes[p.count++].name, &quoted);
  while (rc == 0 && next(&s)) {
    if (p.count == GATEKEEPER_LOCATION_MAX)
      return error_set(err, SW_EINVAL, "a location has more than %d parts",
                       GATEKEEPER_LOCATION_MAX);
    struct path_node *node = &p.nodes[p.count++];
    if (take(&s, '.'))
      rc = read_word(&s, a, &node->name, &quoted);
    else if (!after_list && take(&s, '['))
      rc = read_list(&s, a, node);
    else
      rc = expected(&s, after_list ? "'.'" : "'.' or '['");
    after_list = node->is_list;
  }
  if (rc == 0)
    *ret = p;
  return rc;
}
