/* base64, hexadecimal, URL queries, YAML. */
#include "data/base64.h"
#include "data/yaml.h"
#include "lang/builtin_int.h"

static enum builtin_result encode64(struct builtin_context *c, const struct value *args,
                                    unsigned flags, struct value *ret)
{
  struct str s;
  if (!builtin_want_string(c, args, 1, &s) || !builtin_spend(c, s.len / 16))
    return BUILTIN_ERROR;
  return give(ret, value_string(base64_encode(c->arena, s, flags)));
}

CALL(base64_encode_call)
{
  return encode64(c, args, BASE64_STANDARD, ret);
}

CALL(base64url_encode)
{
  return encode64(c, args, BASE64_URL, ret);
}

CALL(base64url_encode_no_pad)
{
  return encode64(c, args, BASE64_URL | BASE64_RAW, ret);
}

/* Where Go's decoder stops: at the first character that does not belong there. */
static enum builtin_result fail64(struct builtin_context *c, const struct error *err)
{
  return builtin_fail(c, "illegal base64 data at input byte %u", err->column ? err->column - 1 : 0);
}

CALL(base64_decode_call)
{
  struct str s, bytes;
  struct error err;
  if (!builtin_want_string(c, args, 1, &s) || !builtin_spend(c, s.len / 16))
    return BUILTIN_ERROR;
  if (base64_decode(c->arena, s, BASE64_STANDARD | BASE64_AS_GO, &bytes, &err) < 0)
    return fail64(c, &err);
  return give(ret, builtin_string(c, bytes));
}

CALL(base64_is_valid)
{
  struct str bytes;
  if (args[0].type != VALUE_STRING)
    return give(ret, value_bool(false));
  if (!builtin_spend(c, args[0].len / 16))
    return BUILTIN_ERROR;
  return give(ret, value_bool(base64_decode(c->arena, value_str(args[0]),
                                            BASE64_STANDARD | BASE64_AS_GO, &bytes, NULL) == 0));
}

/* With padding or without. */
CALL(base64url_decode)
{
  struct str s, bytes;
  struct error err;
  if (!builtin_want_string(c, args, 1, &s) || !builtin_spend(c, s.len / 16))
    return BUILTIN_ERROR;
  bool padded = str_ends(s, STR("="));
  if (!padded && s.len % 4 == 1)
    return builtin_fail(c, "illegal base64url string: %.*s", STR_FMT(s));
  if (base64_decode(c->arena, s, BASE64_URL | BASE64_AS_GO | (padded ? 0 : BASE64_RAW), &bytes,
                    &err) < 0)
    return fail64(c, &err);
  return give(ret, builtin_string(c, bytes));
}

/* ---- hexadecimal */

static int hex_digit(char ch)
{
  if (ch >= '0' && ch <= '9')
    return ch - '0';
  if (ch >= 'a' && ch <= 'f')
    return ch - 'a' + 10;
  return ch >= 'A' && ch <= 'F' ? ch - 'A' + 10 : -1;
}

CALL(hex_encode)
{
  static const char digits[] = "0123456789abcdef";
  struct str s;
  if (!builtin_want_string(c, args, 1, &s) || !builtin_spend(c, s.len / 16))
    return BUILTIN_ERROR;
  if (s.len > BUILTIN_TEXT_MAX / 2)
    return builtin_halt(c, "the result is longer than %d bytes", BUILTIN_TEXT_MAX);
  char *text = arena_alloc(c->arena, 2 * s.len);
  for (size_t i = 0; i < s.len; i++) {
    text[2 * i] = digits[(unsigned char)s.data[i] >> 4];
    text[2 * i + 1] = digits[s.data[i] & 15];
  }
  return give(ret, value_string(str_make(text, 2 * s.len)));
}

CALL(hex_decode)
{
  struct str s;
  if (!builtin_want_string(c, args, 1, &s) || !builtin_spend(c, s.len / 16))
    return BUILTIN_ERROR;
  for (size_t i = 0; i < s.len; i++) {
    unsigned char ch = (unsigned char)s.data[i];
    if (hex_digit(s.data[i]) >= 0)
      continue;
    return ch >= 0x20 && ch < 0x7F
               ? builtin_fail(c, "encoding/hex: invalid byte: U+%04X '%c'", ch, ch)
               : builtin_fail(c, "encoding/hex: invalid byte: U+%04X", ch);
  }
  if (s.len % 2)
    return builtin_fail(c, "encoding/hex: odd length hex string");
  char *bytes = arena_alloc(c->arena, s.len / 2);
  for (size_t i = 0; i < s.len / 2; i++)
    bytes[i] = (char)(hex_digit(s.data[2 * i]) << 4 | hex_digit(s.data[2 * i + 1]));
  return give(ret, builtin_string(c, str_make(bytes, s.len / 2)));
}

/* ---- URL queries, as Go's net/url */

static bool is_unreserved(char ch)
{
  return (ch >= 'a' && ch <= 'z') || (ch >= 'A' && ch <= 'Z') || (ch >= '0' && ch <= '9') ||
         ch == '-' || ch == '_' || ch == '.' || ch == '~';
}

static void add_escaped(struct buf *out, struct str s)
{
  static const char digits[] = "0123456789ABCDEF";
  for (size_t i = 0; i < s.len; i++) {
    char ch = s.data[i];
    if (is_unreserved(ch)) {
      buf_add_byte(out, ch);
    } else if (ch == ' ') {
      buf_add_byte(out, '+');
    } else {
      buf_add_byte(out, '%');
      buf_add_byte(out, digits[(unsigned char)ch >> 4]);
      buf_add_byte(out, digits[ch & 15]);
    }
  }
}

static bool unescape(struct builtin_context *c, struct str s, struct value *ret)
{
  char *text = arena_alloc(c->arena, s.len);
  size_t len = 0;
  for (size_t i = 0; i < s.len; i++) {
    if (s.data[i] != '%') {
      text[len++] = s.data[i] == '+' ? ' ' : s.data[i];
      continue;
    }
    int high = i + 2 < s.len ? hex_digit(s.data[i + 1]) : -1;
    int low = i + 2 < s.len ? hex_digit(s.data[i + 2]) : -1;
    if (high >= 0 && low >= 0) {
      text[len++] = (char)(high << 4 | low);
      i += 2;
      continue;
    }
    builtin_fail(c, "invalid URL escape \"%.*s\"", STR_FMT(str_sub(s, i, 3)));
    return false;
  }
  *ret = builtin_string(c, str_make(text, len));
  return true;
}

CALL(query_encode)
{
  struct str s;
  if (!builtin_want_string(c, args, 1, &s) || !builtin_spend(c, s.len / 8))
    return BUILTIN_ERROR;
  add_escaped(builtin_text(c), s);
  return builtin_give_text(c, ret);
}

CALL(query_decode)
{
  struct str s;
  if (!builtin_want_string(c, args, 1, &s) || !builtin_spend(c, s.len / 8))
    return BUILTIN_ERROR;
  return unescape(c, s, ret) ? BUILTIN_VALUE : BUILTIN_ERROR;
}

static void add_pair(struct buf *out, struct str key, struct str v)
{
  if (out->len)
    buf_add_byte(out, '&');
  add_escaped(out, key);
  buf_add_byte(out, '=');
  add_escaped(out, v);
}

CALL(query_encode_object)
{
  if (!builtin_want(c, args, 1, VALUE_OBJECT) || !builtin_spend(c, (uint64_t)args[0].len * 4))
    return BUILTIN_ERROR;
  uint32_t *order = arena_array(c->arena, uint32_t, args[0].len);
  value_sort_keys(args[0], order);
  struct buf *out = builtin_text(c);
  for (uint32_t i = 0; i < args[0].len; i++) {
    const struct value_member *member = &args[0].members[order[i]];
    bool fits = member->key.type == VALUE_STRING &&
                (member->value.type == VALUE_STRING || is_list(member->value));
    if (fits && member->value.type == VALUE_STRING)
      add_pair(out, value_str(member->key), value_str(member->value));
    for (uint32_t k = 0; fits && is_list(member->value) && k < member->value.len; k++) {
      fits = member->value.items[k].type == VALUE_STRING;
      if (fits)
        add_pair(out, value_str(member->key), value_str(member->value.items[k]));
    }
    if (!fits)
      return builtin_fail_operand(c,
                                  "operand 1 values must be string, array[string], or set[string]");
  }
  return builtin_give_text(c, ret);
}

/* Key and value of the parts between '&', in the order in which they stand. */
static bool read_pairs(struct builtin_context *c, struct str s, struct value_member *pairs,
                       uint32_t *ret_count)
{
  uint32_t count = 0;
  for (struct str rest = s; rest.data;) {
    struct str v, part = str_cut(rest, '&', &rest);
    if (part.len == 0)
      continue;
    if (str_find_byte(part, 0, ';') >= 0) {
      builtin_fail(c, "invalid semicolon separator in query");
      return false;
    }
    struct str key = str_cut(part, '=', &v);
    if (!v.data)
      v = STR_EMPTY;
    if (!unescape(c, key, &pairs[count].key) || !unescape(c, v, &pairs[count].value))
      return false;
    count++;
  }
  *ret_count = count;
  return true;
}

static int compare_pairs(const void *a, const void *b)
{
  const struct value_member *x = *(const struct value_member *const *)a,
                            *y = *(const struct value_member *const *)b;
  int order = value_compare(x->key, y->key);
  return order ? order : (x > y) - (x < y);
}

CALL(query_decode_object)
{
  struct str s;
  if (!builtin_want_string(c, args, 1, &s) || !builtin_spend(c, s.len))
    return BUILTIN_ERROR;
  uint32_t most = 1, count;
  for (size_t i = 0; i < s.len; i++)
    most += s.data[i] == '&';
  struct value_member *pairs = arena_array(c->arena, struct value_member, most);
  struct value_member *members = arena_array(c->arena, struct value_member, most);
  const struct value_member **sorted = arena_array(c->arena, const struct value_member *, most);
  struct value *values = arena_array(c->arena, struct value, most);
  if (!read_pairs(c, s, pairs, &count))
    return BUILTIN_ERROR;
  for (uint32_t i = 0; i < count; i++)
    sorted[i] = &pairs[i];
  qsort(sorted, count, sizeof *sorted, compare_pairs);
  uint32_t used = 0;
  for (uint32_t i = 0; i < count; i++) {
    values[i] = sorted[i]->value;
    if (used && value_equal(members[used - 1].key, sorted[i]->key))
      members[used - 1].value.len++;
    else
      members[used++] = (struct value_member){sorted[i]->key, array_view(&values[i], 1)};
  }
  value_object_make(c->arena, members, NULL, used, VALUE_LAST_WINS, NULL, ret);
  return BUILTIN_VALUE;
}

/* ---- YAML */

static int read_yaml(struct builtin_context *c, struct str text, struct value *ret,
                     struct error *err)
{
  struct yaml_options options = {.size_max = BUILTIN_TEXT_MAX};
  _cleanup_(yaml_reader_freep) struct yaml_reader *reader = yaml_reader_new(text, &options);
  struct yaml_document document;
  int got = yaml_reader_next(reader, c->arena, &document, err);
  if (got > 0)
    *ret = document.root;
  else if (got == 0)
    *ret = value_null();
  return got < 0 ? got : 0;
}

CALL(yaml_unmarshal)
{
  struct str s;
  struct error err;
  if (!builtin_want_string(c, args, 1, &s) || !builtin_spend(c, s.len))
    return BUILTIN_ERROR;
  if (read_yaml(c, s, ret, &err) < 0)
    return builtin_fail(c, "yaml: line %u: %s", err.line, err.message);
  return BUILTIN_VALUE;
}

CALL(yaml_is_valid)
{
  struct value v;
  if (args[0].type != VALUE_STRING)
    return give(ret, value_bool(false));
  if (!builtin_spend(c, args[0].len))
    return BUILTIN_ERROR;
  return give(ret, value_bool(read_yaml(c, value_str(args[0]), &v, NULL) == 0));
}

const struct builtin builtins_encoding[] = {
    ROW(base64_decode_call, "base64.decode", 1, "string", "string"),
    ROW(base64_encode_call, "base64.encode", 1, "string", "string"),
    ROW(base64_is_valid, "base64.is_valid", 1, "any", "boolean"),
    ROW(base64url_decode, "base64url.decode", 1, "string", "string"),
    ROW(base64url_encode, "base64url.encode", 1, "string", "string"),
    ROW(base64url_encode_no_pad, "base64url.encode_no_pad", 1, "string", "string"),
    ROW(hex_decode, "hex.decode", 1, "string", "string"),
    ROW(hex_encode, "hex.encode", 1, "string", "string"),
    ROW(query_decode, "urlquery.decode", 1, "string", "string"),
    ROW(query_decode_object, "urlquery.decode_object", 1, "string", "object<string:array<string>>"),
    ROW(query_encode, "urlquery.encode", 1, "string", "string"),
    ROW(query_encode_object, "urlquery.encode_object", 1,
        "object<string:string|array<string>|set<string>>", "string"),
    ROW(yaml_is_valid, "yaml.is_valid", 1, "any", "boolean"),
    ROW(yaml_unmarshal, "yaml.unmarshal", 1, "string", "any"),
    {.name = NULL},
};
