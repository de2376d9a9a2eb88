/* uri.parse and uri.is_valid: the parts of a URL, as Go's net/url takes it apart. */
#include "lang/builtin_int.h"

struct uri {
  struct str scheme, user, host, port, path, query, fragment;
  bool has_host;
};

static int hex_digit(char ch)
{
  if (ch >= '0' && ch <= '9')
    return ch - '0';
  if (ch >= 'a' && ch <= 'f')
    return ch - 'a' + 10;
  return ch >= 'A' && ch <= 'F' ? ch - 'A' + 10 : -1;
}

static bool is_letter(char ch)
{
  return (ch >= 'a' && ch <= 'z') || (ch >= 'A' && ch <= 'Z');
}

static bool is_digit(char ch)
{
  return ch >= '0' && ch <= '9';
}

/* The first escape that is none; -1: all are right. */
static ptrdiff_t bad_escape(struct str s)
{
  for (size_t i = 0; i < s.len; i++)
    if (s.data[i] == '%' &&
        (i + 2 >= s.len || hex_digit(s.data[i + 1]) < 0 || hex_digit(s.data[i + 2]) < 0))
      return (ptrdiff_t)i;
  return -1;
}

static struct value unescape(struct builtin_context *c, struct str s)
{
  char *text = arena_alloc(c->arena, s.len);
  size_t len = 0;
  for (size_t i = 0; i < s.len; i++) {
    bool escape = s.data[i] == '%';
    text[len++] = escape ? (char)(hex_digit(s.data[i + 1]) << 4 | hex_digit(s.data[i + 2]))
                         : s.data[i];
    i += escape ? 2 : 0;
  }
  return builtin_string(c, str_make(text, len));
}

struct problem {
  char text[200];
};

static bool problem(struct problem *p, const char *before, struct str quoted, const char *after)
{
  snprintf(p->text, sizeof p->text, "%s%s%.*s%s%s", before, quoted.data ? "\"" : "",
           STR_FMT(str_sub(quoted, 0, 80)), quoted.data ? "\"" : "", after);
  return false;
}

static const struct str nothing = {NULL, 0};

static bool check_escapes(struct str s, struct problem *p)
{
  ptrdiff_t at = bad_escape(s);
  return at < 0 || problem(p, "invalid URL escape ", str_sub(s, (size_t)at, 3), "");
}

/* scheme ":" */
static bool take_scheme(struct str *s, struct uri *u, struct problem *p)
{
  for (size_t i = 0; i < s->len; i++) {
    char ch = s->data[i];
    if (is_letter(ch) || (i && (is_digit(ch) || ch == '+' || ch == '-' || ch == '.')))
      continue;
    if (ch == ':' && i == 0)
      return problem(p, "missing protocol scheme", nothing, "");
    if (ch == ':') {
      u->scheme = str_sub(*s, 0, i);
      *s = str_sub(*s, i + 1, s->len);
    }
    break;
  }
  return true;
}

static bool check_user(struct str user, struct problem *p)
{
  for (size_t i = 0; i < user.len; i++)
    if (!is_letter(user.data[i]) && !is_digit(user.data[i]) &&
        (!user.data[i] || !strchr("-._:~!$&'()*+,;=%@", user.data[i])))
      return problem(p, "net/url: invalid userinfo", nothing, "");
  return check_escapes(user, p);
}

static bool check_host(struct str host, struct problem *p)
{
  ptrdiff_t at = bad_escape(host);
  if (at >= 0)
    return problem(p, "invalid URL escape ", str_sub(host, (size_t)at, 3), "");
  bool in_brackets = host.len && host.data[0] == '[';
  for (size_t i = 0; i < host.len; i++) {
    char ch = host.data[i];
    /* only bytes beyond ASCII may be escaped in a name; in brackets "%25" begins a zone */
    if (ch == '%' && !in_brackets && hex_digit(host.data[i + 1]) < 8)
      return problem(p, "invalid URL escape ", str_sub(host, i, 3), "");
    if ((unsigned char)ch <= ' ' || ch == 0x7F || strchr("\\^`{|}", ch))
      return problem(p, "invalid character ", str_sub(host, i, 1), " in host name");
  }
  return true;
}

/* host [":" port], the host perhaps in brackets. */
static bool take_host(struct str s, struct uri *u, struct problem *p)
{
  ptrdiff_t colon = str_find_last_byte(s, ':');
  if (s.len && s.data[0] == '[') {
    ptrdiff_t end = str_find_last_byte(s, ']');
    if (end < 0)
      return problem(p, "missing ']' in host", nothing, "");
    struct str behind = str_sub(s, (size_t)end + 1, s.len);
    if (behind.len && behind.data[0] != ':')
      return problem(p, "invalid port ", behind, " after host");
    colon = behind.len ? end + 1 : -1;
  }
  struct str host = colon < 0 ? s : str_sub(s, 0, (size_t)colon);
  if (colon >= 0) {
    struct str port = str_sub(s, (size_t)colon, s.len);
    for (size_t i = 1; i < port.len; i++)
      if (!is_digit(port.data[i]))
        return problem(p, "invalid port ", port, " after host");
    u->port = str_sub(port, 1, port.len);
  }
  if (!check_host(host, p))
    return false;
  if (host.len && host.data[0] == '[')
    host = str_sub(host, 1, host.len - 2);
  u->host = host;
  return true;
}

static bool take_authority(struct str *s, struct uri *u, struct problem *p)
{
  if (!str_starts(*s, STR("//")) || (str_starts(*s, STR("///")) && !u->scheme.len))
    return true;
  ptrdiff_t end = str_find_byte(*s, 2, '/');
  struct str authority = str_sub(*s, 2, end < 0 ? s->len : (size_t)end - 2);
  *s = end < 0 ? STR_EMPTY : str_sub(*s, (size_t)end, s->len);
  ptrdiff_t at = str_find_last_byte(authority, '@');
  if (at >= 0) {
    u->user = str_sub(authority, 0, (size_t)at);
    authority = str_sub(authority, (size_t)at + 1, authority.len);
    if (!check_user(u->user, p))
      return false;
  }
  u->has_host = true;
  return take_host(authority, u, p);
}

static bool read_uri(struct str text, struct uri *u, struct problem *p)
{
  *u = (struct uri){.scheme = STR_EMPTY};
  struct str rest, s = text;
  for (size_t i = 0; i < s.len; i++)
    if ((unsigned char)s.data[i] < ' ' || s.data[i] == 0x7F)
      return problem(p, "net/url: invalid control character in URL", nothing, "");
  s = str_cut(s, '#', &rest);
  u->fragment = rest.data ? rest : STR_EMPTY;
  if (!check_escapes(u->fragment, p) || !take_scheme(&s, u, p))
    return false;
  s = str_cut(s, '?', &rest);
  u->query = rest.data ? rest : STR_EMPTY;
  if (!str_starts(s, STR("/"))) {
    struct str first = str_cut(s, '/', &rest);
    if (!u->scheme.len && str_find_byte(first, 0, ':') >= 0)
      return problem(p, "first path segment in URL cannot contain colon", nothing, "");
    if (u->scheme.len) /* opaque: no path */
      return true;
  }
  if (!take_authority(&s, u, p))
    return false;
  u->path = s;
  return check_escapes(s, p);
}

bool builtin_read_uri(struct str text, struct str *ret_scheme, struct str *ret_path)
{
  struct uri u;
  struct problem p;
  if (!read_uri(text, &u, &p))
    return false;
  *ret_scheme = u.scheme;
  *ret_path = u.path;
  return true;
}

/* Is the path escaped just where Go would escape what it stands for? */
static bool is_escaped_plainly(struct str s)
{
  for (size_t i = 0; i < s.len; i++) {
    bool escape = s.data[i] == '%';
    char ch = escape ? (char)(hex_digit(s.data[i + 1]) << 4 | hex_digit(s.data[i + 2])) : s.data[i];
    bool plain = is_letter(ch) || is_digit(ch) || (ch && strchr("-_.~$&+,/:;=@", ch));
    if (plain == escape || (escape && (s.data[i + 1] >= 'a' || s.data[i + 2] >= 'a')))
      return false;
    i += escape ? 2 : 0;
  }
  return true;
}

struct parts {
  struct value_member members[7];
  uint32_t count;
};

static void add(struct parts *parts, const char *name, struct value v)
{
  if (v.len)
    parts->members[parts->count++] = (struct value_member){value_from(name), v};
}

/* Scheme names are case-insensitive; Go gives them in lower case. */
static struct str lower_case(struct arena *a, struct str s)
{
  char *text = arena_alloc(a, s.len);
  for (size_t i = 0; i < s.len; i++)
    text[i] = (char)(s.data[i] | (s.data[i] >= 'A' && s.data[i] <= 'Z' ? 32 : 0));
  return str_make(text, s.len);
}

CALL(parse)
{
  struct str text;
  struct uri u;
  struct problem p;
  if (!builtin_want_string(c, args, 1, &text) || !builtin_spend(c, text.len / 4))
    return BUILTIN_ERROR;
  if (!read_uri(text, &u, &p))
    return builtin_fail(c, "parse \"%.*s\": %s", STR_FMT(str_sub(text, 0, 200)), p.text);
  struct parts parts = {.count = 0};
  add(&parts, "scheme", value_string(lower_case(c->arena, u.scheme)));
  add(&parts, "hostname", unescape(c, u.host));
  add(&parts, "port", value_string(u.port));
  add(&parts, "path", unescape(c, u.path));
  add(&parts, "raw_path", is_escaped_plainly(u.path) ? unescape(c, u.path) : value_string(u.path));
  add(&parts, "raw_query", value_string(u.query));
  add(&parts, "fragment", unescape(c, u.fragment));
  value_object_make(c->arena, parts.members, NULL, parts.count, VALUE_LAST_WINS, NULL, ret);
  return BUILTIN_VALUE;
}

CALL(is_valid)
{
  struct uri u;
  struct problem p;
  if (args[0].type != VALUE_STRING || args[0].len == 0)
    return give(ret, value_bool(false));
  if (!builtin_spend(c, args[0].len / 4))
    return BUILTIN_ERROR;
  return give(ret, value_bool(read_uri(value_str(args[0]), &u, &p)));
}

const struct builtin builtins_uri[] = {
    ROW(is_valid, "uri.is_valid", 1, "any", "boolean"),
    ROW(parse, "uri.parse", 1, "string", "object<string:string>"),
    {.name = NULL},
};
