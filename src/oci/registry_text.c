#include "oci/registry_text.h"

#include "base/buf.h"
#include "data/json.h"
#include "net/http.h"

enum {
  DOCUMENT_MAX = 1 << 20,
  ERROR_DOCUMENT_MAX = 64 << 10,
  TOKEN_SECONDS = 60,
  TOKEN_SECONDS_MAX = 366 * 24 * 3600
};

/* The next header of a name in what is left of a head. */
static bool next_header(struct str *rest, struct str name, struct str *ret_value)
{
  while (rest->data) {
    struct str value, line = str_cut(*rest, '\n', rest);
    struct str key = str_cut(line, ':', &value);
    if (value.data && str_eq_nocase(key, name)) {
      *ret_value = str_trim(value);
      return true;
    }
  }
  return false;
}

/* ---- words */

static bool is_space(char c)
{
  return c == ' ' || c == '\t';
}

static struct str behind(struct str s, size_t n)
{
  return str_sub(s, n, s.len);
}

static struct str skip(struct str s, bool commas)
{
  size_t n = 0;
  while (n < s.len && (is_space(s.data[n]) || (commas && s.data[n] == ',')))
    n++;
  return behind(s, n);
}

/* Up to what ends a word; of a challenge's credentials (token68) more than a token may have. */
static struct str take_word(struct str *s)
{
  size_t n = 0;
  while (n < s->len && !is_space(s->data[n]) && !strchr(",;=\"<>", s->data[n]))
    n++;
  struct str word = str_sub(*s, 0, n);
  *s = behind(*s, n);
  return word;
}

/* A word, or a text in quotes. */
static struct str take_value(struct str *s, struct arena *arena)
{
  if (!s->len || s->data[0] != '"')
    return take_word(s);
  size_t n = 1, len = 0;
  while (n < s->len && s->data[n] != '"')
    n += s->data[n] == '\\' && n + 1 < s->len ? 2 : 1;
  char *text = arena_alloc(arena, n + 1);
  for (size_t i = 1; i < n && i < s->len; i++) {
    if (s->data[i] == '\\' && i + 1 < s->len)
      i++;
    text[len++] = s->data[i];
  }
  *s = behind(*s, n + 1);
  return str_make(text, len);
}

/* ---- challenges */

static void set_parameter(struct oci_challenge *c, struct str name, struct str value)
{
  if (value.len > OCI_TOKEN_MAX || !http_is_value(value))
    return;
  if (str_eq_nocase(name, STR("realm")))
    c->realm = value;
  else if (str_eq_nocase(name, STR("service")))
    c->service = value;
  else if (str_eq_nocase(name, STR("scope")))
    c->scope = value;
}

/* Parameters up to the next scheme, which is a word that no "=" follows. */
static struct str read_parameters(struct str rest, struct arena *arena, struct oci_challenge *c)
{
  for (;;) {
    rest = skip(rest, true);
    struct str before = rest;
    struct str name = take_word(&rest);
    rest = skip(rest, false);
    if (!rest.len || rest.data[0] != '=')
      return name.len ? before : rest;
    while (rest.len && rest.data[0] == '=') /* several behind credentials of other schemes */
      rest = behind(rest, 1);
    rest = skip(rest, false);
    set_parameter(c, name, take_value(&rest, arena));
  }
}

/* The challenges of one header: the first Bearer that has a realm, and whether there is a Basic. */
static bool read_challenges(struct str rest, struct arena *arena, struct oci_challenge *ret,
                            bool *io_basic)
{
  for (;;) {
    rest = skip(rest, true);
    struct oci_challenge c = {.bearer = true, .realm = STR_EMPTY};
    struct str scheme = take_word(&rest);
    if (!scheme.len) {
      if (!rest.len)
        return false;
      rest = behind(rest, 1); /* nothing that could begin a challenge */
      continue;
    }
    struct str parameters = read_parameters(rest, arena, &c);
    /* A scheme without parameters, directly before another one or the end. */
    rest = parameters;
    *io_basic |= str_eq_nocase(scheme, STR("Basic"));
    if (str_eq_nocase(scheme, STR("Bearer")) && c.realm.len) {
      *ret = c;
      return true;
    }
  }
}

bool oci_challenge_choose(struct str head, struct arena *arena, struct oci_challenge *ret)
{
  struct str value;
  bool basic = false;
  while (next_header(&head, STR("WWW-Authenticate"), &value))
    if (read_challenges(value, arena, ret, &basic))
      return true;
  *ret = (struct oci_challenge){.realm = STR_EMPTY};
  return basic;
}

/* ---- links */

static bool has_word(struct str list, struct str word)
{
  struct str rest = list;
  while (rest.data)
    if (str_eq_nocase(str_cut(rest, ' ', &rest), word))
      return true;
  return false;
}

/* The parameters of one link; whether it is the next one. */
static bool read_link(struct str *rest)
{
  bool next = false;
  for (;;) {
    *rest = skip(*rest, false);
    if (!rest->len || rest->data[0] != ';')
      return next;
    *rest = skip(behind(*rest, 1), false);
    struct str name = take_word(rest), value = STR_EMPTY;
    *rest = skip(*rest, false);
    if (rest->len && rest->data[0] == '=') {
      *rest = skip(behind(*rest, 1), false);
      ptrdiff_t quote = rest->len && rest->data[0] == '"' ? str_find_byte(*rest, 1, '"') : -1;
      if (quote > 0) {
        value = str_sub(*rest, 1, (size_t)quote - 1);
        *rest = behind(*rest, (size_t)quote + 1);
      } else {
        value = take_word(rest);
      }
    }
    next |= str_eq_nocase(name, STR("rel")) && has_word(value, STR("next"));
  }
}

bool oci_link_next(struct str head, struct str *ret_target)
{
  struct str rest;
  while (next_header(&head, STR("Link"), &rest)) {
    for (ptrdiff_t open; (open = str_find_byte(rest, 0, '<')) >= 0;) {
      ptrdiff_t end = str_find_byte(rest, (size_t)open, '>');
      if (end < 0)
        break;
      struct str target = str_sub(rest, (size_t)open + 1, (size_t)(end - open) - 1);
      rest = behind(rest, (size_t)end + 1);
      if (read_link(&rest)) {
        *ret_target = target;
        return true;
      }
    }
  }
  return false;
}

/* ---- documents */

static struct str member(struct value object, const char *name)
{
  return value_str_or_empty(value_get(object, value_from(name)));
}

int oci_token_read(struct str text, struct arena *arena, struct oci_token *ret, struct error *err)
{
  const struct json_options options = {.size_max = DOCUMENT_MAX};
  struct value root;
  int rc = json_parse(arena, text, &options, &root, err);
  if (rc < 0)
    return rc;
  struct str token = member(root, "token");
  if (!token.len)
    token = member(root, "access_token");
  if (!token.len || token.len > OCI_TOKEN_MAX || !http_is_value(token))
    return error_set(err, SW_EINVAL, "there is no token in it that could be sent");
  int64_t seconds;
  if (!value_to_int(value_get(root, value_from("expires_in")), &seconds) || seconds <= 0)
    seconds = TOKEN_SECONDS;
  ret->text = token;
  ret->seconds = seconds > TOKEN_SECONDS_MAX ? TOKEN_SECONDS_MAX : (uint64_t)seconds;
  return 0;
}

static void add_shown(struct buf *to, struct str text)
{
  for (size_t i = 0; i < text.len && to->len < OCI_REASON_MAX; i++) {
    unsigned char c = (unsigned char)text.data[i];
    buf_add_byte(to, c < 0x20 || c >= 0x7f ? ' ' : (char)c);
  }
}

struct str oci_reason_read(struct str text, struct arena *arena)
{
  const struct json_options options = {.size_max = ERROR_DOCUMENT_MAX};
  _cleanup_(buf_free) struct buf shown = {0};
  struct value root;
  if (json_parse(arena, text, &options, &root, NULL) < 0)
    return STR_EMPTY;
  struct value first = value_at(value_get(root, value_from("errors")), 0);
  struct str code = member(first, "code"), message = member(first, "message");
  if (!code.len && !message.len) {
    code = member(root, "error"); /* of token servers: RFC 6749, section 5.2 */
    message = member(root, "error_description");
  }
  if (!message.len)
    message = member(root, "details");
  add_shown(&shown, code);
  if (code.len && message.len)
    buf_add(&shown, STR(": "));
  add_shown(&shown, message);
  return arena_copy(arena, str_trim(buf_str(&shown)));
}

bool oci_content_range_read(struct str value, uint64_t *ret_first, uint64_t *ret_last,
                            uint64_t *ret_total)
{
  unsigned long long first, last, total = 0;
  if (value.len < 6 || !str_eq_nocase(str_sub(value, 0, 6), STR("bytes ")))
    return false;
  struct str size, end, range = str_cut(str_trim(behind(value, 6)), '/', &size);
  struct str begin = str_cut(range, '-', &end);
  bool known = !str_eq(size, STR("*"));
  if (!size.data || !end.data || !str_to_u64(begin, INT64_MAX, &first) ||
      !str_to_u64(end, INT64_MAX, &last) || last < first ||
      (known && (!str_to_u64(size, INT64_MAX, &total) || total <= last)))
    return false;
  *ret_first = first;
  *ret_last = last;
  if (known)
    *ret_total = total;
  return true;
}
