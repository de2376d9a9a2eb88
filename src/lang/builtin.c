#include "lang/builtin.h"

#include "base/file.h"
#include "base/hash.h"
#include "base/utf8.h"
#include "data/number.h"
#include "lang/builtin_int.h"
#include "lang/json_schema.h"

/* ---- the table */

static const struct builtin *const families[] = {
    builtins_aggregates, builtins_arithmetic, builtins_arrays,  builtins_crypto,
    builtins_durations,  builtins_encoding,   builtins_globs,   builtins_graph,
    builtins_graphql,    builtins_json,       builtins_jwt,     builtins_language,
    builtins_net,        builtins_numbers,    builtins_objects, builtins_parse,
    builtins_patterns,   builtins_providers,  builtins_render,  builtins_schema,
    builtins_semver,     builtins_services,   builtins_sets,    builtins_sprintf,
    builtins_strings,    builtins_time,       builtins_types,   builtins_units,
    builtins_uri,        builtins_uuid,       builtins_yaml,
};

const struct builtin *builtin_at(size_t i)
{
  for (size_t f = 0; f < sizeof families / sizeof *families; f++)
    for (const struct builtin *b = families[f]; b->name; b++)
      if (i-- == 0)
        return b;
  return NULL;
}

const struct builtin *builtin_find(struct str name)
{
  for (size_t f = 0; f < sizeof families / sizeof *families; f++)
    for (const struct builtin *b = families[f]; b->name; b++)
      if (name.len && strncmp(b->name, name.data, name.len) == 0 && strlen(b->name) == name.len)
        return b;
  return NULL;
}

const struct builtin *builtin_find_infix(struct str sign)
{
  for (size_t f = 0; f < sizeof families / sizeof *families; f++)
    for (const struct builtin *b = families[f]; b->name; b++)
      if (b->infix && str_eq(sign, str_from(b->infix)))
        return b;
  return NULL;
}

static void add_name(struct builtin_context *c, const char *name)
{
  size_t len = strlen(name);
  const char *message = c->error.message;
  if (strncmp(message, name, len) != 0 || message[len] != ':')
    error_wrap(&c->error, "%s", name);
}

enum builtin_result builtin_call(struct builtin_context *context, const struct builtin *builtin,
                                 const struct value *arguments, struct value *ret_result)
{
  for (unsigned i = 0; i < builtin->arity; i++)
    if (arguments[i].type == VALUE_ABSENT)
      return BUILTIN_UNDEFINED;
  enum builtin_result result = builtin->call(context, arguments, ret_result);
  if (result == BUILTIN_ERROR)
    add_name(context, builtin->name);
  return result;
}

/* ---- errors and arguments */

static __attribute__((format(printf, 3, 0))) enum builtin_result fail_as(
    struct builtin_context *c, enum builtin_error_kind kind, const char *format, va_list arguments)
{
  char text[ERROR_MESSAGE_MAX];
  vsnprintf(text, sizeof text, format, arguments);
  c->error_kind = kind;
  error_set(&c->error, kind == BUILTIN_HALT ? SW_ELIMIT : SW_EINVAL, "%s", text);
  return BUILTIN_ERROR;
}

enum builtin_result builtin_fail(struct builtin_context *c, const char *format, ...)
{
  va_list arguments;
  va_start(arguments, format);
  enum builtin_result result = fail_as(c, BUILTIN_FAILED, format, arguments);
  va_end(arguments);
  return result;
}

enum builtin_result builtin_fail_operand(struct builtin_context *c, const char *format, ...)
{
  va_list arguments;
  va_start(arguments, format);
  enum builtin_result result = fail_as(c, BUILTIN_TYPE_ERROR, format, arguments);
  va_end(arguments);
  return result;
}

enum builtin_result builtin_halt(struct builtin_context *c, const char *format, ...)
{
  va_list arguments;
  va_start(arguments, format);
  enum builtin_result result = fail_as(c, BUILTIN_HALT, format, arguments);
  va_end(arguments);
  return result;
}

enum builtin_result builtin_wrong_type(struct builtin_context *c, int position, struct value got,
                                       const char *expected)
{
  bool several = strchr(expected, ',');
  return builtin_fail_operand(c, "operand %d must be %s%s%s but got %s", position,
                              several ? "one of {" : "", expected, several ? "}" : "",
                              value_type_name(got));
}

enum builtin_result builtin_wrong_element(struct builtin_context *c, int position,
                                          struct value container, struct value got,
                                          const char *expected)
{
  const char *name = value_type_name(container);
  return builtin_fail_operand(c, "operand %d must be %s of %ss but got %s containing %s", position,
                              name, expected, name, value_type_name(got));
}

bool builtin_want(struct builtin_context *c, const struct value *args, int position,
                  enum value_type type)
{
  struct value got = args[position - 1];
  if (got.type == type)
    return true;
  builtin_wrong_type(c, position, got, value_type_name((struct value){.type = (uint8_t)type}));
  return false;
}

bool builtin_want_string(struct builtin_context *c, const struct value *args, int position,
                         struct str *ret)
{
  if (!builtin_want(c, args, position, VALUE_STRING))
    return false;
  *ret = value_str(args[position - 1]);
  return true;
}

bool builtin_want_int(struct builtin_context *c, const struct value *args, int position,
                      int64_t *ret)
{
  if (!builtin_want(c, args, position, VALUE_NUMBER))
    return false;
  if (number_to_int64(args[position - 1], ret))
    return true;
  builtin_fail_operand(c, "operand %d must be integer number but got floating-point number",
                       position);
  return false;
}

bool builtin_want_list(struct builtin_context *c, const struct value *args, int position,
                       const char *expected)
{
  if (is_list(args[position - 1]))
    return true;
  builtin_wrong_type(c, position, args[position - 1], expected);
  return false;
}

bool builtin_spend(struct builtin_context *c, uint64_t steps)
{
  if (steps <= BUILTIN_FREE_STEPS || !c->spend || c->spend(c->user, steps) >= 0)
    return true;
  builtin_halt(c, "the budget of the evaluation is used up");
  return false;
}

bool builtin_fits(struct builtin_context *c, uint64_t items)
{
  if (items <= BUILTIN_ITEMS_MAX && !arena_over(c->arena))
    return true;
  if (items > BUILTIN_ITEMS_MAX)
    builtin_halt(c, "the result has more than %d elements", BUILTIN_ITEMS_MAX);
  else
    builtin_halt(c, "the memory limit of the evaluation has been passed");
  return false;
}

/* ---- the cache */

enum { REGEX_SLOTS = 64, GLOB_SLOTS = 64, ZONE_SLOTS = 8, REGEX_MEMORY = 2 << 20 };
enum {
  ZONE_SIZE_MAX = 64 << 10,
  ZONE_NAME_MAX = 64,
  SCHEMA_SLOTS = 16,
  SCHEMA_TEXT_MAX = 256 << 10
};

struct glob_slot {
  struct arena arena; /* the pattern's texts and its program */
  struct str pattern, delimiters;
  struct glob *glob;
};

struct zone_slot {
  char name[ZONE_NAME_MAX];
  struct buf bytes;
};

struct builtin_cache {
  struct buf text;
  struct regex *regexes[REGEX_SLOTS];
  struct glob_slot globs[GLOB_SLOTS];
  struct builtin_schema_slot schemas[SCHEMA_SLOTS];
  struct zone_slot zones[ZONE_SLOTS];
  unsigned next_zone;
};

struct builtin_cache *builtin_cache_new(void)
{
  struct builtin_cache *cache = mem_zalloc(1, sizeof *cache);
  buf_init(&cache->text, BUILTIN_TEXT_MAX);
  return cache;
}

static void empty_slot(struct builtin_schema_slot *slot)
{
  json_schema_free(slot->schema);
  arena_free(&slot->arena);
  *slot = (struct builtin_schema_slot){0};
}

void builtin_cache_free(struct builtin_cache *cache)
{
  if (!cache)
    return;
  buf_free(&cache->text);
  for (unsigned i = 0; i < REGEX_SLOTS; i++)
    regex_free(cache->regexes[i]);
  for (unsigned i = 0; i < GLOB_SLOTS; i++)
    arena_free(&cache->globs[i].arena);
  for (unsigned i = 0; i < SCHEMA_SLOTS; i++)
    empty_slot(&cache->schemas[i]);
  for (unsigned i = 0; i < ZONE_SLOTS; i++)
    buf_free(&cache->zones[i].bytes);
  mem_free(cache);
}

/* A slot may be this one or the one beside it, so that two patterns in turn do not push each other
 * out. */
const struct regex *builtin_regex(struct builtin_context *c, struct str pattern)
{
  uint64_t hash = hash_bytes(pattern);
  struct regex **slot = &c->cache->regexes[hash % REGEX_SLOTS],
               **other = &c->cache->regexes[(hash % REGEX_SLOTS) ^ 1];
  if (*slot && str_eq(regex_pattern(*slot), pattern))
    return *slot;
  if (*other && str_eq(regex_pattern(*other), pattern))
    return *other;
  struct regex *made;
  struct error err;
  if (regex_compile_within(pattern, 0, REGEX_MEMORY, &made, &err) < 0) {
    _cleanup_(buf_free) struct buf text = {.cap = ERROR_MESSAGE_MAX / 2};
    builtin_fail(c, "error parsing regexp: %s",
                 regex_refusal(pattern, &text) ? buf_text(&text) : err.message);
    return NULL;
  }
  if (*slot && !*other) {
    *other = *slot;
    *slot = NULL;
  }
  regex_free(*slot);
  return *slot = made;
}

const struct glob *builtin_glob(struct builtin_context *c, struct str pattern,
                                struct str delimiters)
{
  uint64_t hash = hash_mix(hash_bytes(pattern), hash_bytes(delimiters));
  struct glob_slot *slot = &c->cache->globs[hash % GLOB_SLOTS];
  if (slot->glob && str_eq(slot->pattern, pattern) && str_eq(slot->delimiters, delimiters))
    return slot->glob;
  slot->glob = NULL;
  arena_reset(&slot->arena);
  arena_keep(&slot->arena, 64 << 10);
  struct error err;
  if (glob_compile(&slot->arena, pattern, delimiters, GLOB_SYNTAX, &slot->glob, &err) < 0) {
    slot->glob = NULL;
    builtin_fail(c, "%s", err.message);
    return NULL;
  }
  slot->pattern = arena_copy(&slot->arena, pattern);
  slot->delimiters = arena_copy(&slot->arena, delimiters);
  return slot->glob;
}

struct builtin_schema_slot *builtin_schema_slot(struct builtin_context *c, struct str text)
{
  struct builtin_schema_slot *slot = &c->cache->schemas[hash_bytes(text) % SCHEMA_SLOTS];
  if (text.len > SCHEMA_TEXT_MAX)
    return NULL;
  if (!slot->schema || !str_eq(slot->text, text)) {
    empty_slot(slot);
    slot->text = arena_copy(&slot->arena, text);
  }
  return slot;
}

/* Names as in the database: no path out of it. */
static bool is_zone_name(struct str name)
{
  if (name.len == 0 || name.len >= ZONE_NAME_MAX || name.data[0] == '/' || name.data[0] == '.')
    return false;
  for (size_t i = 0; i < name.len; i++) {
    char ch = name.data[i];
    bool letter = (ch >= 'a' && ch <= 'z') || (ch >= 'A' && ch <= 'Z') || (ch >= '0' && ch <= '9');
    if (!letter && !strchr("_+-/", ch ? ch : '!'))
      return false;
  }
  return true;
}

bool builtin_zone_file(struct builtin_context *c, struct str name, struct str *ret_bytes)
{
  if (!is_zone_name(name))
    return false;
  for (unsigned i = 0; i < ZONE_SLOTS; i++)
    if (str_eq(name, str_from(c->cache->zones[i].name))) {
      *ret_bytes = buf_str(&c->cache->zones[i].bytes);
      return true;
    }
  struct zone_slot *slot = &c->cache->zones[c->cache->next_zone++ % ZONE_SLOTS];
  slot->name[0] = '\0';
  buf_clear(&slot->bytes);
  char path[ZONE_NAME_MAX + 32];
  snprintf(path, sizeof path, "/usr/share/zoneinfo/%.*s", STR_FMT(name));
  if (file_read(path, ZONE_SIZE_MAX, &slot->bytes, NULL) < 0)
    return false;
  snprintf(slot->name, sizeof slot->name, "%.*s", STR_FMT(name));
  *ret_bytes = buf_str(&slot->bytes);
  return true;
}

/* ---- texts */

struct buf *builtin_text(struct builtin_context *c)
{
  buf_clear(&c->cache->text);
  return &c->cache->text;
}

enum builtin_result builtin_give_text(struct builtin_context *c, struct value *ret)
{
  const struct buf *text = &c->cache->text;
  if (buf_failed(text))
    return builtin_halt(c, "the result is longer than %d bytes", BUILTIN_TEXT_MAX);
  if (arena_over(c->arena))
    return builtin_halt(c, "the memory limit of the evaluation has been passed");
  *ret = value_string(arena_copy(c->arena, buf_str(text)));
  return BUILTIN_VALUE;
}

struct value builtin_string(struct builtin_context *c, struct str bytes)
{
  size_t valid = utf8_valid_length(bytes);
  if (valid == bytes.len)
    return value_string(bytes);
  char *text = arena_alloc(c->arena, valid + 3 * (bytes.len - valid));
  size_t len = 0;
  for (size_t at = 0; at < bytes.len;) {
    uint32_t point;
    unsigned size = utf8_decode(bytes, at, &point);
    if (size)
      memcpy(text + len, bytes.data + at, size);
    else
      memcpy(text + len, "\xEF\xBF\xBD", 3);
    len += size ? size : 3;
    at += size ? size : 1;
  }
  return value_string(str_make(text, len));
}

/* Spaces other than ' ', formatting characters, private ones: what Go does not count as printable. */
static bool is_printable(uint32_t p)
{
  static const uint32_t ranges[][2] = {
      {0x00, 0x1F},     {0x7F, 0xA0},     {0xAD, 0xAD},       {0x61C, 0x61C},
      {0x1680, 0x1680}, {0x180E, 0x180E}, {0x2000, 0x200F},   {0x2028, 0x202F},
      {0x205F, 0x206F}, {0x3000, 0x3000}, {0xD800, 0xF8FF},   {0xFEFF, 0xFEFF},
      {0xFFF0, 0xFFFB}, {0xFFFE, 0xFFFF}, {0xE0000, 0xE00FF}, {0xE01F0, 0x10FFFF}};
  for (size_t i = 0; i < sizeof ranges / sizeof *ranges && ranges[i][0] <= p; i++)
    if (p <= ranges[i][1])
      return false;
  return true;
}

static void add_escape(struct buf *out, uint32_t point)
{
  static const char letters[] = "abtnvfr";
  if (point >= 7 && point <= 13) {
    buf_add_byte(out, '\\');
    buf_add_byte(out, letters[point - 7]);
  } else if (point < 0x80) {
    buf_printf(out, "\\x%02x", point);
  } else {
    buf_printf(out, point > 0xFFFF ? "\\U%08x" : "\\u%04x", point);
  }
}

void builtin_add_quoted(struct buf *out, struct str s)
{
  buf_add_byte(out, '"');
  size_t plain = 0;
  for (size_t at = 0; at < s.len;) {
    unsigned char ch = (unsigned char)s.data[at];
    if (ch >= 0x20 && ch < 0x7F && ch != '"' && ch != '\\') {
      at++;
      continue;
    }
    uint32_t point = ch;
    unsigned size = ch < 0x80 ? 1 : utf8_decode(s, at, &point);
    size += size == 0;
    if (ch >= 0x80 && is_printable(point)) {
      at += size;
      continue;
    }
    buf_add(out, str_sub(s, plain, at - plain));
    if (ch == '"' || ch == '\\') {
      buf_add_byte(out, '\\');
      buf_add_byte(out, (char)ch);
    } else {
      add_escape(out, point);
    }
    plain = at += size;
  }
  buf_add(out, str_sub(s, plain, s.len));
  buf_add_byte(out, '"');
}

static bool add_term(struct builtin_context *c, struct buf *out, struct value v, unsigned depth);

static bool add_members(struct builtin_context *c, struct buf *out, struct value v, unsigned depth)
{
  uint32_t *order = arena_array(c->arena, uint32_t, v.len);
  value_sort_keys(v, order);
  buf_add_byte(out, '{');
  for (uint32_t i = 0; i < v.len; i++) {
    const struct value_member *member = &v.members[order[i]];
    if (i)
      buf_add(out, STR(", "));
    if (!add_term(c, out, member->key, depth + 1))
      return false;
    buf_add(out, STR(": "));
    if (!add_term(c, out, member->value, depth + 1))
      return false;
  }
  buf_add_byte(out, '}');
  return true;
}

static bool add_items(struct builtin_context *c, struct buf *out, struct value v, unsigned depth)
{
  bool is_set = v.type == VALUE_SET;
  if (is_set && v.len == 0) {
    buf_add(out, STR("set()"));
    return true;
  }
  buf_add_byte(out, is_set ? '{' : '[');
  for (uint32_t i = 0; i < v.len; i++) {
    if (i)
      buf_add(out, STR(", "));
    if (!add_term(c, out, v.items[i], depth + 1))
      return false;
  }
  buf_add_byte(out, is_set ? '}' : ']');
  return true;
}

static bool add_term(struct builtin_context *c, struct buf *out, struct value v, unsigned depth)
{
  if (depth > BUILTIN_DEPTH_MAX || buf_failed(out)) {
    builtin_halt(c, "a value is nested deeper than %d, or too long", BUILTIN_DEPTH_MAX);
    return false;
  }
  switch (v.type) {
  case VALUE_BOOL:
    buf_add_text(out, v.boolean ? "true" : "false");
    return true;
  case VALUE_NUMBER:
    number_write(out, v);
    return true;
  case VALUE_STRING:
    builtin_add_quoted(out, value_str(v));
    return true;
  case VALUE_ARRAY:
  case VALUE_SET:
    return add_items(c, out, v, depth);
  case VALUE_OBJECT:
    return add_members(c, out, v, depth);
  default:
    buf_add_text(out, v.type == VALUE_NULL ? "null" : "<undefined>");
    return true;
  }
}

bool builtin_add_term(struct builtin_context *c, struct buf *out, struct value v)
{
  return add_term(c, out, v, 0);
}

enum builtin_result builtin_term_text(struct builtin_context *context, struct value v,
                                      struct str *ret_text)
{
  struct value text;
  if (!builtin_add_term(context, builtin_text(context), v))
    return BUILTIN_ERROR;
  enum builtin_result result = builtin_give_text(context, &text);
  if (result == BUILTIN_VALUE)
    *ret_text = value_str(text);
  return result;
}

enum builtin_result builtin_print_text(struct builtin_context *context, struct value v,
                                       struct str *ret_text)
{
  if (v.type != VALUE_STRING)
    return builtin_term_text(context, v, ret_text);
  *ret_text = value_str(v);
  return BUILTIN_VALUE;
}
