/* Values held against a schema. */
#include "data/openapi_schema_int.h"

#include "base/buf.h"
#include "base/utf8.h"
#include "data/compare.h"
#include "data/json_write.h"
#include "data/number.h"

enum {
  PATH_MAX_BYTES = 4096,
  QUOTE_MAX = 60,
  CHOICES_MAX = 400, /* bytes of a list of choices that a message shows */
};

struct checker {
  struct arena *a;
  struct openapi_faults *faults; /* NULL: only count */
  uint32_t count;
  struct buf path;
};

static void check(struct checker *c, const struct openapi_node *node, struct value v);

__attribute__((format(printf, 3, 4))) static void fault(struct checker *c, bool unknown,
                                                        const char *format, ...)
{
  c->count++;
  if (!c->faults)
    return;
  if (c->faults->count == OPENAPI_FAULTS_MAX) {
    c->faults->dropped++;
    return;
  }
  char text[512];
  va_list arguments;
  va_start(arguments, format);
  vsnprintf(text, sizeof text, format, arguments);
  va_end(arguments);
  c->faults->items[c->faults->count++] = (struct openapi_fault){
      .path = arena_copy(c->a, buf_str(&c->path)),
      .message = arena_copy(c->a, str_from(text)),
      .unknown = unknown,
  };
}

static const char *quote(struct checker *c, struct value v, size_t most)
{
  _cleanup_(buf_free) struct buf text = {0};
  buf_init(&text, most + 64);
  json_write(&text, v, 0);
  struct str all = buf_str(&text);
  if (!buf_failed(&text) && all.len <= most)
    return arena_copy(c->a, all).data;
  struct str cut = utf8_cut_columns(all, (unsigned)most);
  return arena_printf(c->a, "%.*s...", STR_FMT(cut)).data;
}

/* ---- type */

static const char *article_of(struct value v)
{
  static const char *const names[] = {"nothing",  "null",     "a boolean", "a number",
                                      "a string", "an array", "an object", "a set"};
  return names[v.type];
}

static bool has_type(const struct openapi_node *node, struct value v)
{
  bool is_integer = value_is(v, VALUE_NUMBER) && number_is_integer(v);
  if (node->int_or_string)
    return is_integer || value_is(v, VALUE_STRING);
  switch ((enum openapi_type)node->type) {
  case OPENAPI_OBJECT:
    return value_is(v, VALUE_OBJECT);
  case OPENAPI_ARRAY:
    return value_is(v, VALUE_ARRAY);
  case OPENAPI_STRING:
    return value_is(v, VALUE_STRING);
  case OPENAPI_INTEGER:
    return is_integer;
  case OPENAPI_NUMBER:
    return value_is(v, VALUE_NUMBER);
  case OPENAPI_BOOLEAN:
    return value_is(v, VALUE_BOOL);
  case OPENAPI_ANY:
  case OPENAPI_TYPE_COUNT:
    break;
  }
  return true;
}

/* ---- values of each type */

static void check_range(struct checker *c, struct openapi_range range, int64_t count,
                        const char *what)
{
  if (count < range.min)
    fault(c, false, "must have at least %lld %s, has %lld", (long long)range.min, what,
          (long long)count);
  if (count > range.max)
    fault(c, false, "must have at most %lld %s, has %lld", (long long)range.max, what,
          (long long)count);
}

static int64_t characters_of(struct str s)
{
  int64_t count = 0;
  for (size_t i = 0; i < s.len; i++)
    count += ((unsigned char)s.data[i] & 0xC0) != 0x80;
  return count;
}

static void check_string(struct checker *c, const struct openapi_node *node, struct value v)
{
  check_range(c, node->length, characters_of(value_str(v)), "characters");
  if (node->pattern && !regex_match(node->pattern, value_str(v)))
    fault(c, false, "must match \"%.*s\", is %s", STR_FMT(regex_pattern(node->pattern)),
          quote(c, v, QUOTE_MAX));
}

static bool is_multiple(struct value v, struct value of)
{
  double number, step;
  int64_t n, s;
  if (number_to_int64(v, &n) && number_to_int64(of, &s))
    return s != 0 && n % s == 0;
  if (!number_to_double(v, &number) || !number_to_double(of, &step) || step == 0)
    return false;
  double times = number / step;
  return times == (double)(int64_t)times;
}

static void check_number(struct checker *c, const struct openapi_node *node, struct value v)
{
  int64_t integer;
  if (value_is(node->minimum, VALUE_NUMBER)) {
    int order = number_compare(v, node->minimum);
    if (order < 0 || (order == 0 && node->exclusive_minimum))
      fault(c, false, "must be %s %s, is %s", node->exclusive_minimum ? "more than" : "at least",
            quote(c, node->minimum, QUOTE_MAX), quote(c, v, QUOTE_MAX));
  }
  if (value_is(node->maximum, VALUE_NUMBER)) {
    int order = number_compare(v, node->maximum);
    if (order > 0 || (order == 0 && node->exclusive_maximum))
      fault(c, false, "must be %s %s, is %s", node->exclusive_maximum ? "less than" : "at most",
            quote(c, node->maximum, QUOTE_MAX), quote(c, v, QUOTE_MAX));
  }
  if (value_is(node->multiple_of, VALUE_NUMBER) && !is_multiple(v, node->multiple_of))
    fault(c, false, "must be a multiple of %s, is %s", quote(c, node->multiple_of, QUOTE_MAX),
          quote(c, v, QUOTE_MAX));
  if (node->integer_bits == 0)
    return;
  if (!number_to_int64(v, &integer) ||
      (node->integer_bits == 32 && (integer < INT32_MIN || integer > INT32_MAX)))
    fault(c, false, "must be an integer of %u bits, is %s", node->integer_bits,
          quote(c, v, QUOTE_MAX));
}

static void check_array(struct checker *c, const struct openapi_node *node, struct value v)
{
  check_range(c, node->item_count, v.len, "elements");
  for (uint32_t i = 0; node->items && i < v.len; i++) {
    size_t before = c->path.len;
    buf_printf(&c->path, "[%u]", i);
    check(c, node->items, v.items[i]);
    c->path.len = before;
  }
}

static void enter_member(struct checker *c, struct value key)
{
  struct str name = value_str_or_empty(key);
  if (c->path.len)
    buf_add_byte(&c->path, '.');
  buf_add(&c->path, name);
}

static void check_required(struct checker *c, const struct openapi_node *node, struct value v)
{
  for (uint32_t i = 0; i < node->required.len; i++) {
    struct value name = node->required.items[i];
    if (value_find(v, name) >= 0)
      continue;
    size_t before = c->path.len;
    enter_member(c, name);
    fault(c, false, "is required, but missing");
    c->path.len = before;
  }
}

/* Does a node say which fields there may be? */
static bool knows_fields(const struct openapi_node *node)
{
  return node->type == OPENAPI_OBJECT && !node->preserve && !node->additional_any && !node->narrows;
}

static bool is_of_every_resource(const struct openapi_node *node, struct value key)
{
  return node->embedded && (value_eq_str(key, STR("apiVersion")) ||
                            value_eq_str(key, STR("kind")) || value_eq_str(key, STR("metadata")));
}

static void check_object(struct checker *c, const struct openapi_node *node, struct value v)
{
  check_range(c, node->member_count, v.len, "members");
  check_required(c, node, v);
  for (uint32_t i = 0; i < v.len; i++) {
    const struct value_member *m = &v.members[i];
    const struct openapi_node *child = openapi_property_find(node, m->key);
    child = child ? child : node->additional;
    size_t before = c->path.len;
    enter_member(c, m->key);
    if (child)
      check(c, child, m->value);
    else if (knows_fields(node) && !is_of_every_resource(node, m->key))
      fault(c, true, "is a field that the schema does not know");
    c->path.len = before;
  }
}

/* ---- what several schemas say together */

static bool fits(struct checker *c, const struct openapi_node *node, struct value v)
{
  struct checker silent = {.a = c->a};
  buf_init(&silent.path, PATH_MAX_BYTES);
  check(&silent, node, v);
  buf_free(&silent.path);
  return silent.count == 0;
}

static uint32_t fitting(struct checker *c, struct openapi_nodes nodes, struct value v)
{
  uint32_t count = 0;
  for (uint32_t i = 0; i < nodes.count; i++)
    count += fits(c, nodes.items[i], v);
  return count;
}

static void check_junctors(struct checker *c, const struct openapi_node *node, struct value v)
{
  for (uint32_t i = 0; i < node->all_of.count; i++)
    check(c, node->all_of.items[i], v);
  if (node->any_of.count && fitting(c, node->any_of, v) == 0)
    fault(c, false, "must fit at least one of the schemas in anyOf");
  if (node->one_of.count) {
    uint32_t count = fitting(c, node->one_of, v);
    if (count != 1)
      fault(c, false, "must fit exactly one of the schemas in oneOf, fits %u", count);
  }
  if (node->none_of && fits(c, node->none_of, v))
    fault(c, false, "must not fit the schema in not");
}

static void check_choices(struct checker *c, const struct openapi_node *node, struct value v)
{
  for (uint32_t i = 0; i < node->choices.len; i++)
    if (value_equal(node->choices.items[i], v))
      return;
  fault(c, false, "must be one of %s, is %s", quote(c, node->choices, CHOICES_MAX),
        quote(c, v, QUOTE_MAX));
}

static void check(struct checker *c, const struct openapi_node *node, struct value v)
{
  if (value_is(v, VALUE_NULL) && node->nullable)
    return;
  if (!has_type(node, v)) {
    fault(c, false, "must be %s, is %s", openapi_type_text(node), article_of(v));
    return;
  }
  if (value_is(node->choices, VALUE_ARRAY) && node->choices.len)
    check_choices(c, node, v);
  if (value_is(v, VALUE_STRING))
    check_string(c, node, v);
  else if (value_is(v, VALUE_NUMBER))
    check_number(c, node, v);
  else if (value_is(v, VALUE_ARRAY))
    check_array(c, node, v);
  else if (value_is(v, VALUE_OBJECT))
    check_object(c, node, v);
  check_junctors(c, node, v);
}

uint32_t openapi_schema_check(const struct openapi_schema *schema, struct arena *a, struct value v,
                              struct str root, struct openapi_faults *ret_faults)
{
  struct checker c = {.a = a, .faults = ret_faults};
  *ret_faults = (struct openapi_faults){0};
  buf_init(&c.path, PATH_MAX_BYTES);
  buf_add(&c.path, root);
  check(&c, schema->root, v);
  buf_free(&c.path);
  return c.count;
}
