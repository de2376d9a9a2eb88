/* The functions of templates. */
#include "lang/template_int.h"

#include "base/utf8.h"
#include "data/compare.h"
#include "data/number.h"

enum { TEXT_MAX = 16 << 20 };

struct template_function {
  const char *name;
  uint32_t least, most; /* arguments */
  void (*call)(struct template_run *r, const struct template_function *f,
               const struct template_value *args, uint32_t count, struct template_value *ret);
};

static void give_text(struct template_run *r, struct buf *out, struct template_value *ret)
{
  if (buf_failed(out) && !r->failed)
    r->failed = error_set(r->err, SW_ELIMIT, "a text longer than %d bytes", TEXT_MAX);
  *ret = (struct template_value){.type = TYPE_STRING, .text = arena_copy(r->arena, buf_str(out))};
}

static void give_bool(struct template_value *ret, bool b)
{
  *ret = (struct template_value){.type = TYPE_BOOL, .boolean = b};
}

#define FUNCTION(name)                                                                             \
  static void name(struct template_run *r, const struct template_function *f,                      \
                   const struct template_value *args, uint32_t count, struct template_value *ret)

FUNCTION(print)
{
  _cleanup_(buf_free) struct buf out = {.cap = TEXT_MAX};
  template_add_printed(r, &out, args, count, str_eq(str_from(f->name), STR("println")));
  give_text(r, &out, ret);
}

FUNCTION(print_format)
{
  _cleanup_(buf_free) struct buf out = {.cap = TEXT_MAX};
  (void)f;
  if (args[0].type != TYPE_STRING && args[0].type != TYPE_NUMBER) {
    template_fail(r, "wrong type for value; expected string; got %s", template_type_name(&args[0]));
    return;
  }
  template_add_format(r, &out, args[0].text, args + 1, count - 1);
  give_text(r, &out, ret);
}

/* ---- escaping */

static void escape_html(struct buf *out, struct str s)
{
  for (size_t i = 0; i < s.len; i++) {
    char ch = s.data[i];
    const char *as = ch == '"'    ? "&#34;"
                     : ch == '\'' ? "&#39;"
                     : ch == '&'  ? "&amp;"
                     : ch == '<'  ? "&lt;"
                     : ch == '>'  ? "&gt;"
                     : ch == 0    ? "\xEF\xBF\xBD"
                                  : NULL;
    if (as)
      buf_add_text(out, as);
    else
      buf_add_byte(out, ch);
  }
}

static void escape_js(struct buf *out, struct str s)
{
  for (size_t i = 0; i < s.len; i++) {
    unsigned char ch = (unsigned char)s.data[i];
    if (ch == '\\' || ch == '\'' || ch == '"')
      buf_printf(out, "\\%c", ch);
    else if (ch < 0x20 || ch == '<' || ch == '>' || ch == '&' || ch == '=')
      buf_printf(out, "\\u%04X", ch);
    else
      buf_add_byte(out, (char)ch);
  }
}

static void escape_query(struct buf *out, struct str s)
{
  for (size_t i = 0; i < s.len; i++) {
    unsigned char ch = (unsigned char)s.data[i];
    bool plain = (ch >= 'a' && ch <= 'z') || (ch >= 'A' && ch <= 'Z') || (ch >= '0' && ch <= '9') ||
                 (ch && strchr("-_.~", ch));
    if (plain)
      buf_add_byte(out, (char)ch);
    else if (ch == ' ')
      buf_add_byte(out, '+');
    else
      buf_printf(out, "%%%02X", ch);
  }
}

static void escape_as(struct template_run *r, const struct template_value *args, uint32_t count,
                      void (*escape)(struct buf *out, struct str s), struct template_value *ret)
{
  _cleanup_(buf_free) struct buf text = {.cap = TEXT_MAX}, out = {.cap = TEXT_MAX};
  template_add_printed(r, &text, args, count, false);
  template_spend(r, text.len / 8);
  escape(&out, buf_str(&text));
  give_text(r, &out, ret);
}

FUNCTION(html)
{
  (void)f;
  escape_as(r, args, count, escape_html, ret);
}

FUNCTION(js)
{
  (void)f;
  escape_as(r, args, count, escape_js, ret);
}

FUNCTION(urlquery)
{
  (void)f;
  escape_as(r, args, count, escape_query, ret);
}

/* ---- containers */

static int64_t length_of(const struct template_value *v)
{
  if (v->type == TYPE_STRING || v->type == TYPE_NUMBER)
    return (int64_t)v->text.len;
  return v->type == TYPE_LIST || v->type == TYPE_MAP ? (int64_t)v->data.len : -1;
}

FUNCTION(len)
{
  (void)f;
  (void)count;
  int64_t n = length_of(&args[0]);
  if (n < 0)
    template_fail(
        r, "error calling len: len of %s%s",
        args[0].type == TYPE_NONE || args[0].type == TYPE_NULL ? "nil pointer" : "type ",
        args[0].type == TYPE_NONE || args[0].type == TYPE_NULL ? "" : template_type_name(&args[0]));
  *ret = (struct template_value){.type = TYPE_INT, .integer = n};
}

static bool want_index(struct template_run *r, const char *name, const struct template_value *v,
                       int64_t most)
{
  if (v->type != TYPE_INT)
    template_fail(r, "error calling %s: cannot index slice/array with type %s", name,
                  template_type_name(v));
  else if (v->integer < 0 || v->integer > most)
    template_fail(r, "error calling %s: index out of range: %lld", name, (long long)v->integer);
  return !r->failed;
}

/* The bytes of a text are numbers. */
static bool index_once(struct template_run *r, struct template_value *v,
                       const struct template_value *key)
{
  bool is_text = v->type == TYPE_STRING || v->type == TYPE_NUMBER;
  if (v->type == TYPE_LIST || is_text) {
    if (!want_index(r, "index", key, length_of(v) - 1))
      return false;
    if (is_text)
      *v = (struct template_value){.type = TYPE_INT,
                                   .integer = (unsigned char)v->text.data[key->integer]};
    else
      *v = template_of(r->arena, v->data.items[key->integer]);
  } else if (v->type == TYPE_MAP) {
    if (key->type != TYPE_STRING && key->type != TYPE_NUMBER)
      template_fail(r, "error calling index: value has type %s; should be string",
                    template_type_name(key));
    else {
      struct value found = value_get_str(v->data, key->text);
      *v = found.type == VALUE_ABSENT ? (struct template_value){.type = TYPE_NULL}
                                      : template_of(r->arena, found);
    }
  } else if (v->type == TYPE_NONE || v->type == TYPE_NULL) {
    template_fail(r, "error calling index: index of untyped nil");
  } else {
    template_fail(r, "error calling index: can't index item of type %s", template_type_name(v));
  }
  return !r->failed;
}

FUNCTION(index_of)
{
  (void)f;
  struct template_value v = args[0];
  if (v.type == TYPE_NONE || v.type == TYPE_NULL)
    template_fail(r, "error calling index: index of untyped nil");
  for (uint32_t i = 1; i < count && !r->failed; i++)
    index_once(r, &v, &args[i]);
  *ret = v;
}

FUNCTION(slice)
{
  (void)f;
  const struct template_value *v = &args[0];
  int64_t length = length_of(v), from = 0, to = length;
  if (length < 0 || v->type == TYPE_MAP) {
    template_fail(r, "error calling slice: can't slice item of type %s", template_type_name(v));
    return;
  }
  if (count == 4 && v->type != TYPE_LIST) {
    template_fail(r, "error calling slice: cannot 3-index slice a string");
    return;
  }
  for (uint32_t i = 1; i < count; i++)
    if (!want_index(r, "slice", &args[i], length))
      return;
  if (count > 1)
    from = args[1].integer;
  if (count > 2)
    to = args[2].integer;
  if (from > to) {
    template_fail(r, "error calling slice: invalid slice index: %lld > %lld", (long long)from,
                  (long long)to);
    return;
  }
  *ret = *v;
  if (v->type == TYPE_LIST) {
    ret->data.items += from;
    ret->data.len = (uint32_t)(to - from);
    ret->data.type = VALUE_ARRAY;
    ret->data.flags = 0;
  } else {
    ret->type = TYPE_STRING;
    ret->text = str_sub(v->text, (size_t)from, (size_t)(to - from));
  }
}

/* ---- logic and comparisons */

FUNCTION(not_of)
{
  (void)r;
  (void)f;
  (void)count;
  give_bool(ret, !template_is_true(&args[0]));
}

FUNCTION(lazy)
{
  (void)r;
  (void)f;
  (void)args;
  (void)count;
  (void)ret;
}

FUNCTION(call_of)
{
  (void)f;
  (void)count;
  (void)ret;
  if (args[0].type == TYPE_NONE || args[0].type == TYPE_NULL)
    template_fail(r, "error calling call: call of nil");
  else
    template_fail(r, "error calling call: non-function of type %s", template_type_name(&args[0]));
}

enum basic { BASIC_NONE, BASIC_BOOL, BASIC_INT, BASIC_FLOAT, BASIC_TEXT };

static enum basic basic_of(const struct template_value *v)
{
  static const enum basic kinds[] = {
      [TYPE_NONE] = BASIC_NONE,   [TYPE_BOOL] = BASIC_BOOL,   [TYPE_INT] = BASIC_INT,
      [TYPE_FLOAT] = BASIC_FLOAT, [TYPE_STRING] = BASIC_TEXT, [TYPE_NUMBER] = BASIC_TEXT,
      [TYPE_LIST] = BASIC_NONE,   [TYPE_MAP] = BASIC_NONE,    [TYPE_NULL] = BASIC_NONE};
  return kinds[v->type];
}

static bool is_nil(const struct template_value *v)
{
  return v->type == TYPE_NONE || v->type == TYPE_NULL;
}

/* -1, 0, 1 of two of one kind. */
static int order(const struct template_value *a, const struct template_value *b)
{
  switch (basic_of(a)) {
  case BASIC_INT:
    return a->integer < b->integer ? -1 : a->integer > b->integer;
  case BASIC_FLOAT:
    return a->real < b->real ? -1 : a->real > b->real;
  case BASIC_BOOL:
    return a->boolean - b->boolean;
  default:
    return str_compare(a->text, b->text);
  }
}

static bool equal(struct template_run *r, const char *name, const struct template_value *a,
                  const struct template_value *b)
{
  enum basic kind = basic_of(a);
  if (kind != basic_of(b)) {
    if (!is_nil(a) && !is_nil(b))
      template_fail(r, "error calling %s: incompatible types for comparison", name);
    return false;
  }
  if (kind != BASIC_NONE)
    return order(a, b) == 0;
  if (is_nil(a) || is_nil(b))
    return is_nil(a) && is_nil(b);
  template_fail(r, "error calling %s: non-comparable type: %s", name, template_type_name(a));
  return false;
}

FUNCTION(eq)
{
  bool found = false;
  if (count < 2)
    template_fail(r, "error calling %s: missing argument for comparison", f->name);
  for (uint32_t i = 1; i < count && !found && !r->failed; i++)
    found = equal(r, f->name, &args[0], &args[i]);
  give_bool(ret, found);
}

FUNCTION(ne)
{
  (void)count;
  give_bool(ret, !equal(r, f->name, &args[0], &args[1]));
}

FUNCTION(compare)
{
  (void)count;
  enum basic kind = basic_of(&args[0]);
  if (kind == BASIC_NONE || basic_of(&args[1]) == BASIC_NONE || kind == BASIC_BOOL) {
    template_fail(r, "error calling %s: invalid type for comparison", f->name);
    return;
  }
  if (kind != basic_of(&args[1])) {
    template_fail(r, "error calling %s: incompatible types for comparison", f->name);
    return;
  }
  int o = order(&args[0], &args[1]);
  bool less = f->name[0] == 'l', or_equal = f->name[1] == 'e';
  give_bool(ret, (or_equal && o == 0) || (less ? o < 0 : o > 0));
}

static const struct template_function functions[] = {
    {"and", 1, UINT32_MAX, lazy},
    {"call", 1, UINT32_MAX, call_of},
    {"eq", 1, UINT32_MAX, eq},
    {"ge", 2, 2, compare},
    {"gt", 2, 2, compare},
    {"html", 0, UINT32_MAX, html},
    {"index", 1, UINT32_MAX, index_of},
    {"js", 0, UINT32_MAX, js},
    {"le", 2, 2, compare},
    {"len", 1, 1, len},
    {"lt", 2, 2, compare},
    {"ne", 2, 2, ne},
    {"not", 1, 1, not_of},
    {"or", 1, UINT32_MAX, lazy},
    {"print", 0, UINT32_MAX, print},
    {"printf", 1, UINT32_MAX, print_format},
    {"println", 0, UINT32_MAX, print},
    {"slice", 1, 4, slice},
    {"urlquery", 0, UINT32_MAX, urlquery},
};

const struct template_function *template_function_find(struct str name)
{
  for (size_t i = 0; i < sizeof functions / sizeof *functions; i++)
    if (str_eq(name, str_from(functions[i].name)))
      return &functions[i];
  return NULL;
}

bool template_function_is_lazy(const struct template_function *f)
{
  return f->call == lazy;
}

bool template_function_is_and(const struct template_function *f)
{
  return f->name[0] == 'a';
}

void template_call(struct template_run *r, const struct template_function *f,
                   const struct template_value *args, uint32_t count, struct template_value *ret)
{
  bool several = f->most == UINT32_MAX;
  if (several && count < f->least)
    template_fail(r, "wrong number of args for %s: want at least %u got %u", f->name, f->least,
                  count);
  else if (count < f->least || count > f->most)
    template_fail(r, "wrong number of args for %s: want %u got %u", f->name, f->least, count);
  else
    f->call(r, f, args, count, ret);
}
