/* Values held against compiled schemas, in the order, and with the words, of gojsonschema. */
#include "lang/json_schema_int.h"

#include "base/utf8.h"
#include "data/arithmetic.h"
#include "data/compare.h"
#include "data/number.h"

enum { SPEND_AT_ONCE = 4096, TEXT_MAX = 16 << 20 };

/* Where in the value: a member or an element of what is above. */
struct place {
  const struct place *above; /* NULL: the root */
  struct str name;
  uint32_t index; /* if name has no data */
};

/* What came of a part. The score tells which of several that failed came closest. */
struct outcome {
  struct json_schema_problems problems;
  int64_t score;
};

struct checker {
  struct arena *arena;
  const struct json_schema_budget *budget;
  uint64_t steps, asked;
  uint32_t problems;
  unsigned depth;
  bool over;
};

static bool spend(struct checker *c, uint64_t steps)
{
  c->steps += steps;
  if (c->budget && c->budget->spend && c->steps - c->asked >= SPEND_AT_ONCE) {
    if (c->budget->spend(c->budget->user, c->steps - c->asked) < 0)
      c->over = true;
    c->asked = c->steps;
  }
  if (c->steps > JSON_SCHEMA_STEPS_MAX || arena_over(c->arena))
    c->over = true;
  return !c->over;
}

/* ---- problems */

static void push(struct checker *c, struct json_schema_problems *list,
                 struct json_schema_problem problem)
{
  if (list->count == list->room) {
    uint32_t room = list->room ? 2 * list->room : 4;
    struct json_schema_problem *items = arena_array(c->arena, struct json_schema_problem, room);
    if (list->count)
      memcpy(items, list->items, list->count * sizeof *items);
    list->items = items;
    list->room = room;
  }
  list->items[list->count++] = problem;
}

static void add_place(struct buf *out, const struct place *place)
{
  if (place->above)
    add_place(out, place->above);
  if (place->above && place->above->above)
    buf_add_byte(out, '.');
  if (!place->above)
    return;
  if (place->name.data)
    buf_add(out, place->name);
  else
    buf_add_u64(out, place->index);
}

static struct str field_of(struct checker *c, const struct place *place)
{
  _cleanup_(buf_free) struct buf out = {.cap = 1 << 20};
  if (!place->above)
    return STR("(root)");
  add_place(&out, place);
  return arena_copy(c->arena, buf_str(&out));
}

static void problem(struct checker *c, struct outcome *o, const struct place *place,
                    const char *type, const char *format, ...)
    __attribute__((format(printf, 5, 6)));

static void problem(struct checker *c, struct outcome *o, const struct place *place,
                    const char *type, const char *format, ...)
{
  va_list arguments;
  char head[2048];
  o->score -= 2;
  if (++c->problems > JSON_SCHEMA_PROBLEMS_MAX)
    c->over = true;
  va_start(arguments, format);
  int len = vsnprintf(head, sizeof head, format, arguments);
  va_end(arguments);
  if (len >= (int)sizeof head) {
    char *whole = arena_alloc(c->arena, (size_t)len + 1);
    va_start(arguments, format);
    vsnprintf(whole, (size_t)len + 1, format, arguments);
    va_end(arguments);
    push(c, &o->problems,
         (struct json_schema_problem){type, field_of(c, place), str_make(whole, (size_t)len)});
    return;
  }
  push(c, &o->problems,
       (struct json_schema_problem){
           type, field_of(c, place),
           arena_copy(c->arena, str_make(head, len < 0 ? 0 : (size_t)len))});
}

static void merge(struct checker *c, struct outcome *o, const struct outcome *other)
{
  for (uint32_t i = 0; i < other->problems.count; i++)
    push(c, &o->problems, other->problems.items[i]);
  o->score += other->score;
}

static void check(struct checker *c, const struct schema_node *n, struct value v,
                  const struct place *place, struct outcome *o);

static struct outcome apart(struct checker *c, const struct schema_node *n, struct value v,
                            const struct place *place)
{
  struct outcome o = {.score = 0};
  check(c, n, v, place, &o);
  return o;
}

static bool is_valid(const struct outcome *o)
{
  return o->problems.count == 0;
}

/* ---- types */

static bool has_type(const struct schema_node *n, enum schema_type type)
{
  for (unsigned i = 0; i < n->type_count; i++)
    if (n->types[i] == type)
      return true;
  return false;
}

static bool type_of(struct value v, enum schema_type *ret)
{
  static const enum schema_type types[] = {
      [VALUE_NULL] = SCHEMA_NULL,     [VALUE_BOOL] = SCHEMA_BOOLEAN, [VALUE_NUMBER] = SCHEMA_NUMBER,
      [VALUE_STRING] = SCHEMA_STRING, [VALUE_ARRAY] = SCHEMA_ARRAY,  [VALUE_OBJECT] = SCHEMA_OBJECT,
      [VALUE_SET] = SCHEMA_ARRAY};
  if (v.type == VALUE_ABSENT)
    return false;
  *ret = types[v.type];
  if (v.type == VALUE_NUMBER && number_is_integer(v))
    *ret = SCHEMA_INTEGER;
  return true;
}

static bool check_type(struct checker *c, const struct schema_node *n, struct value v,
                       const struct place *place, struct outcome *o)
{
  enum schema_type type = SCHEMA_NULL;
  char expected[100] = "";
  size_t len = 0;
  type_of(v, &type);
  if (!n->type_count || has_type(n, type) || (type == SCHEMA_INTEGER && has_type(n, SCHEMA_NUMBER)))
    return true;
  for (unsigned i = 0; i < n->type_count; i++)
    len += (size_t)snprintf(expected + len, sizeof expected - len, "%s%s", i ? "," : "",
                            schema_type_name(n->types[i]).data);
  bool several = n->type_count > 1;
  problem(c, o, place, "invalid_type", "Invalid type. Expected: %s%s%s, given: %s",
          several ? "[" : "", expected, several ? "]" : "", schema_type_name(type).data);
  return false;
}

/* ---- schemas within a schema */

static void check_any_of(struct checker *c, const struct schema_node *n, struct value v,
                         const struct place *place, struct outcome *o)
{
  struct outcome best = {.score = 0};
  bool has_best = false;
  if (!n->any_of.count)
    return;
  for (uint32_t i = 0; i < n->any_of.count; i++) {
    struct outcome part = apart(c, n->any_of.items[i], v, place);
    if (is_valid(&part))
      return;
    if (!has_best || part.score > best.score)
      best = part;
    has_best = true;
  }
  problem(c, o, place, "number_any_of", "Must validate at least one schema (anyOf)");
  merge(c, o, &best);
}

static void check_one_of(struct checker *c, const struct schema_node *n, struct value v,
                         const struct place *place, struct outcome *o)
{
  struct outcome best = {.score = 0};
  bool has_best = false;
  uint32_t valid = 0;
  if (!n->one_of.count)
    return;
  for (uint32_t i = 0; i < n->one_of.count; i++) {
    struct outcome part = apart(c, n->one_of.items[i], v, place);
    if (is_valid(&part)) {
      valid++;
    } else if (!valid && (!has_best || part.score > best.score)) {
      best = part;
      has_best = true;
    }
  }
  if (valid == 1)
    return;
  problem(c, o, place, "number_one_of", "Must validate one and only one schema (oneOf)");
  if (!valid)
    merge(c, o, &best);
}

static void check_all_of(struct checker *c, const struct schema_node *n, struct value v,
                         const struct place *place, struct outcome *o)
{
  uint32_t valid = 0;
  for (uint32_t i = 0; i < n->all_of.count; i++) {
    struct outcome part = apart(c, n->all_of.items[i], v, place);
    valid += is_valid(&part);
    merge(c, o, &part);
  }
  if (valid != n->all_of.count)
    problem(c, o, place, "number_all_of", "Must validate all the schemas (allOf)");
}

static void check_dependencies(struct checker *c, const struct schema_node *n, struct value v,
                               const struct place *place, struct outcome *o)
{
  for (uint32_t i = 0; v.type == VALUE_OBJECT && i < n->dependencies.count; i++) {
    const struct schema_named *d = &n->dependencies.items[i];
    if (value_get_str(v, d->name).type == VALUE_ABSENT)
      continue;
    for (uint32_t k = 0; k < d->name_count && spend(c, 1); k++)
      if (value_get_str(v, d->names[k]).type == VALUE_ABSENT)
        problem(c, o, place, "missing_dependency", "Has a dependency on %.*s",
                STR_FMT(d->names[k]));
    if (d->node)
      check(c, d->node, v, place, o);
  }
}

static void check_condition(struct checker *c, const struct schema_node *n, struct value v,
                            const struct place *place, struct outcome *o)
{
  if (!n->when)
    return;
  struct outcome when = apart(c, n->when, v, place);
  const struct schema_node *next = is_valid(&when) ? n->then : n->otherwise;
  if (!next)
    return;
  struct outcome part = apart(c, next, v, place);
  if (is_valid(&part))
    return;
  if (is_valid(&when))
    problem(c, o, place, "condition_then", "Must validate \"then\" as \"if\" was valid");
  else
    problem(c, o, place, "condition_else", "Must validate \"else\" as \"if\" was not valid");
  merge(c, o, &part);
}

static void check_combined(struct checker *c, const struct schema_node *n, struct value v,
                           const struct place *place, struct outcome *o)
{
  check_any_of(c, n, v, place, o);
  check_one_of(c, n, v, place, o);
  check_all_of(c, n, v, place, o);
  if (n->not ) {
    struct outcome part = apart(c, n->not, v, place);
    if (is_valid(&part))
      problem(c, o, place, "number_not", "Must not validate the schema (not)");
  }
  check_dependencies(c, n, v, place, o);
  check_condition(c, n, v, place, o);
  o->score++;
}

/* ---- any type: const, enum, format */

static bool is_listed(const struct schema_texts *list, struct str text)
{
  for (uint32_t i = 0; i < list->count; i++)
    if (str_eq(list->items[i], text))
      return true;
  return false;
}

static void tell_enum(struct checker *c, const struct schema_node *n, const struct place *place,
                      struct outcome *o)
{
  _cleanup_(buf_free) struct buf allowed = {.cap = TEXT_MAX};
  for (uint32_t i = 0; i < n->values.count; i++)
    buf_printf(&allowed, "%s%.*s", i ? ", " : "", STR_FMT(n->values.items[i]));
  if (!n->values.count)
    buf_add_text(&allowed, "(none)");
  problem(c, o, place, "enum", "%.*s must be one of the following: %.*s",
          STR_FMT(field_of(c, place)), STR_FMT(buf_str(&allowed)));
}

static void check_common(struct checker *c, const struct schema_node *n, struct value v,
                         const struct place *place, struct outcome *o)
{
  if (n->has_const || n->has_enum) {
    _cleanup_(buf_free) struct buf text = {.cap = TEXT_MAX};
    schema_write(&text, v);
    if (buf_failed(&text) || !spend(c, text.len / 16 + n->values.count))
      c->over = true;
    if (n->has_const && !str_eq(buf_str(&text), n->constant))
      problem(c, o, place, "const", "%.*s does not match: %.*s", STR_FMT(field_of(c, place)),
              STR_FMT(n->constant));
    if (n->has_enum && !is_listed(&n->values, buf_str(&text)))
      tell_enum(c, n, place, o);
  }
  if (n->format.len && v.type == VALUE_STRING && spend(c, v.len / 8) &&
      !schema_has_format(n->format, value_str(v)))
    problem(c, o, place, "format", "Does not match format '%.*s'", STR_FMT(n->format));
  o->score++;
}

/* ---- arrays */

static void check_element(struct checker *c, const struct schema_node *n, struct value v,
                          uint32_t i, const struct place *place, struct outcome *o)
{
  struct place below = {.above = place, .index = i};
  struct outcome part = apart(c, n, v.items[i], &below);
  merge(c, o, &part);
}

static void check_items(struct checker *c, const struct schema_node *n, struct value v,
                        const struct place *place, struct outcome *o)
{
  if (n->single_item) {
    for (uint32_t i = 0; i < v.len && !c->over; i++)
      check_element(c, n->items.items[0], v, i, place, o);
    return;
  }
  if (!n->items.count)
    return;
  for (uint32_t i = 0; i < n->items.count && i < v.len && !c->over; i++)
    check_element(c, n->items.items[i], v, i, place, o);
  if (n->items.count >= v.len)
    return;
  if (n->rest_items == SCHEMA_REST_FORBIDDEN)
    problem(c, o, place, "array_no_additional_items", "No additional items allowed on array");
  for (uint32_t i = n->items.count; n->rest_items == SCHEMA_REST_NODE && i < v.len && !c->over; i++)
    check_element(c, n->rest_items_node, v, i, place, o);
}

static void check_unique(struct checker *c, struct value v, const struct place *place,
                         struct outcome *o)
{
  struct map seen;
  map_init(&seen, c->arena);
  for (uint32_t i = 0; i < v.len && spend(c, 1); i++) {
    _cleanup_(buf_free) struct buf text = {.cap = TEXT_MAX};
    bool added;
    schema_write(&text, v.items[i]);
    if (buf_failed(&text) || !spend(c, text.len / 16))
      c->over = true;
    union map_value *before = map_put(&seen, buf_str(&text), &added);
    if (!added)
      problem(c, o, place, "unique", "array items[%u,%u] must be unique", (unsigned)before->number,
              (unsigned)i);
    before->number = i;
  }
  map_free(&seen);
}

static void check_contains(struct checker *c, const struct schema_node *n, struct value v,
                           const struct place *place, struct outcome *o)
{
  struct outcome best = {.score = 0};
  bool has_best = false;
  for (uint32_t i = 0; i < v.len && !c->over; i++) {
    struct place below = {.above = place, .index = i};
    struct outcome part = apart(c, n->contains, v.items[i], &below);
    if (is_valid(&part))
      return;
    if (!has_best || part.score > best.score)
      best = part;
    has_best = true;
  }
  problem(c, o, place, "contains", "At least one of the items must match");
  if (has_best)
    merge(c, o, &best);
}

static void check_array(struct checker *c, const struct schema_node *n, struct value v,
                        const struct place *place, struct outcome *o)
{
  check_items(c, n, v, place, o);
  if (n->min_items >= 0 && v.len < n->min_items)
    problem(c, o, place, "array_min_items", "Array must have at least %lld items",
            (long long)n->min_items);
  if (n->max_items >= 0 && v.len > n->max_items)
    problem(c, o, place, "array_max_items", "Array must have at most %lld items",
            (long long)n->max_items);
  if (n->unique)
    check_unique(c, v, place, o);
  if (n->contains)
    check_contains(c, n, v, place, o);
  o->score++;
}

/* ---- objects */

static const struct schema_node *property_named(const struct schema_node *n, struct str name)
{
  uint32_t low = 0, high = n->properties.count;
  while (low < high) {
    uint32_t middle = low + (high - low) / 2;
    int order = str_compare(name, n->properties.items[middle].name);
    if (order == 0)
      return n->properties.items[middle].node;
    if (order < 0)
      high = middle;
    else
      low = middle + 1;
  }
  return NULL;
}

static bool check_patterns(struct checker *c, const struct schema_node *n,
                           const struct value_member *m, const struct place *place,
                           struct outcome *o)
{
  bool matched = false;
  for (uint32_t i = 0; i < n->pattern_properties.count && spend(c, 1 + m->key.len / 8); i++) {
    const struct schema_named *p = &n->pattern_properties.items[i];
    if (!p->regex || !regex_match(p->regex, value_str(m->key)))
      continue;
    struct place below = {.above = place, .name = value_str(m->key)};
    struct outcome part = apart(c, p->node, m->value, &below);
    merge(c, o, &part);
    matched = true;
  }
  o->score += matched;
  return matched;
}

static void check_member(struct checker *c, const struct schema_node *n,
                         const struct value_member *m, const struct place *place, struct outcome *o)
{
  struct str name = value_str(m->key);
  bool known = property_named(n, name) != NULL;
  bool matched = check_patterns(c, n, m, place, o);
  if (known || matched)
    return;
  if (n->rest_properties == SCHEMA_REST_FORBIDDEN) {
    problem(c, o, place, "additional_property_not_allowed",
            "Additional property %.*s is not allowed", STR_FMT(name));
  } else if (n->rest_properties == SCHEMA_REST_NODE) {
    struct place below = {.above = place, .name = name};
    struct outcome part = apart(c, n->rest_properties_node, m->value, &below);
    merge(c, o, &part);
  }
}

static void check_required(struct checker *c, const struct schema_node *n, struct value v,
                           const struct place *place, struct outcome *o)
{
  for (uint32_t i = 0; i < n->required.count && spend(c, 1); i++)
    if (value_get_str(v, n->required.items[i]).type != VALUE_ABSENT)
      o->score++;
    else
      problem(c, o, place, "required", "%.*s is required", STR_FMT(n->required.items[i]));
}

static void check_names(struct checker *c, const struct schema_node *n, struct value v,
                        const uint32_t *order, const struct place *place, struct outcome *o)
{
  for (uint32_t i = 0; n->property_names && i < v.len && !c->over; i++) {
    struct value key = v.members[order[i]].key;
    struct outcome part = apart(c, n->property_names, key, place);
    if (is_valid(&part))
      continue;
    problem(c, o, place, "invalid_property_name", "Property name of \"%.*s\" does not match",
            STR_FMT(value_str(key)));
    merge(c, o, &part);
  }
}

static void check_object(struct checker *c, const struct schema_node *n, struct value v,
                         const struct place *place, struct outcome *o)
{
  uint32_t *order = arena_array(c->arena, uint32_t, v.len);
  if (n->min_properties >= 0 && v.len < n->min_properties)
    problem(c, o, place, "array_min_properties", "Must have at least %lld properties",
            (long long)n->min_properties);
  if (n->max_properties >= 0 && v.len > n->max_properties)
    problem(c, o, place, "array_max_properties", "Must have at most %lld properties",
            (long long)n->max_properties);
  check_required(c, n, v, place, o);
  value_sort_keys(v, order);
  for (uint32_t i = 0; i < v.len && spend(c, 1); i++)
    check_member(c, n, &v.members[order[i]], place, o);
  check_names(c, n, v, order, place, o);
  o->score++;
}

static void check_properties(struct checker *c, const struct schema_node *n, struct value v,
                             const struct place *place, struct outcome *o)
{
  for (uint32_t i = 0; i < n->properties.count && spend(c, 1); i++) {
    struct value child = value_get_str(v, n->properties.items[i].name);
    struct place below = {.above = place, .name = n->properties.items[i].name};
    if (child.type != VALUE_ABSENT)
      check(c, n->properties.items[i].node, child, &below, o);
  }
}

/* ---- strings */

static int64_t length_of(struct str s)
{
  int64_t n = 0;
  for (size_t at = 0; at < s.len; n++) {
    uint32_t point;
    unsigned size = utf8_decode(s, at, &point);
    at += size ? size : 1;
  }
  return n;
}

static void check_string(struct checker *c, const struct schema_node *n, struct value v,
                         const struct place *place, struct outcome *o)
{
  struct str text = value_str(v);
  int64_t length = n->min_length >= 0 || n->max_length >= 0 ? length_of(text) : 0;
  spend(c, text.len / 16);
  if (n->min_length >= 0 && length < n->min_length)
    problem(c, o, place, "string_gte", "String length must be greater than or equal to %lld",
            (long long)n->min_length);
  if (n->max_length >= 0 && length > n->max_length)
    problem(c, o, place, "string_lte", "String length must be less than or equal to %lld",
            (long long)n->max_length);
  if (n->pattern && !regex_match(n->pattern, text))
    problem(c, o, place, "pattern", "Does not match pattern '%.*s'",
            STR_FMT(regex_pattern(n->pattern)));
  o->score++;
}

/* ---- numbers */

/* Digits without zeros around, and the power of ten of the first behind a point in front: 0.digits. */
struct decimal {
  bool negative;
  char digits[800];
  size_t count;
  int64_t exponent;
  bool cut; /* more digits than fit */
};

static struct decimal decimal_of(struct value v)
{
  struct decimal d = {.negative = false};
  _cleanup_(buf_free) struct buf text = {.cap = 1 << 20};
  number_write(&text, v);
  struct str s = buf_str(&text);
  bool point = false;
  size_t i = 0;
  for (; i < s.len && s.data[i] != 'e' && s.data[i] != 'E'; i++) {
    char ch = s.data[i];
    d.negative |= ch == '-';
    point |= ch == '.';
    if (ch < '0' || ch > '9')
      continue;
    bool leading = ch == '0' && !d.count;
    if (!point && !leading)
      d.exponent++;
    if (point && leading)
      d.exponent--;
    if (!leading && d.count < sizeof d.digits)
      d.digits[d.count++] = ch;
    else if (!leading)
      d.cut = true;
  }
  while (d.count && d.digits[d.count - 1] == '0')
    d.count--;
  int64_t written = 0;
  bool minus = i + 1 < s.len && s.data[i + 1] == '-';
  for (i++; i < s.len && written < 1000000000; i++)
    if (s.data[i] >= '0' && s.data[i] <= '9')
      written = written * 10 + (s.data[i] - '0');
  d.exponent += minus ? -written : written;
  if (!d.count)
    d.exponent = 1;
  return d;
}

/* A bound as Go prints a big float: the shortest form, with an exponent from 10^6 on. */
static struct str bound_text(struct checker *c, struct value v)
{
  struct decimal d = decimal_of(v);
  _cleanup_(buf_free) struct buf out = {.cap = 4000};
  int64_t power = d.exponent - 1;
  if (!d.count)
    return STR("0");
  if (d.negative)
    buf_add_byte(&out, '-');
  if (power < -4 || power >= 6) {
    buf_add_byte(&out, d.digits[0]);
    if (d.count > 1)
      buf_printf(&out, ".%.*s", (int)d.count - 1, d.digits + 1);
    buf_printf(&out, "e%c%02lld", power < 0 ? '-' : '+', (long long)(power < 0 ? -power : power));
  } else if (d.exponent <= 0) {
    buf_add_text(&out, "0.");
    buf_add_repeat(&out, '0', (size_t)-d.exponent);
    buf_add(&out, str_make(d.digits, d.count));
  } else {
    size_t whole = (size_t)d.exponent < d.count ? (size_t)d.exponent : d.count;
    buf_add(&out, str_make(d.digits, whole));
    buf_add_repeat(&out, '0', (size_t)d.exponent - whole);
    if (whole < d.count)
      buf_printf(&out, ".%.*s", (int)(d.count - whole), d.digits + whole);
  }
  return arena_copy(c->arena, buf_str(&out));
}

/* The decimal times 10^shift, which makes it whole, as a literal. */
static struct value scaled(struct checker *c, const struct decimal *d, int64_t shift)
{
  _cleanup_(buf_free) struct buf out = {.cap = 1 << 20};
  buf_add(&out, str_make(d->digits, d->count));
  buf_add_repeat(&out, '0', (size_t)(d->exponent + shift - (int64_t)d->count));
  return number_from_literal(arena_copy(c->arena, buf_str(&out)));
}

static bool is_multiple(struct checker *c, struct value v, struct value of)
{
  struct decimal a = decimal_of(v), b = decimal_of(of);
  struct value rest;
  if (!a.count)
    return true;
  int64_t least = a.exponent - (int64_t)a.count, other = b.exponent - (int64_t)b.count;
  int64_t shift = -(least < other ? least : other);
  if (a.cut || b.cut || a.exponent + shift > ARITHMETIC_DIGITS_MAX ||
      b.exponent + shift > ARITHMETIC_DIGITS_MAX || !spend(c, (uint64_t)(a.exponent + shift)) ||
      arithmetic_binary(c->arena, ARITHMETIC_REM, scaled(c, &a, shift), scaled(c, &b, shift), &rest,
                        NULL) < 0) {
    c->over = true;
    return false;
  }
  return number_sign(rest) == 0;
}

static void check_number(struct checker *c, const struct schema_node *n, struct value v,
                         const struct place *place, struct outcome *o)
{
  if (n->multiple_of.type && !is_multiple(c, v, n->multiple_of))
    problem(c, o, place, "multiple_of", "Must be a multiple of %.*s",
            STR_FMT(bound_text(c, n->multiple_of)));
  if (n->maximum.type && number_compare(v, n->maximum) > 0)
    problem(c, o, place, "number_lte", "Must be less than or equal to %.*s",
            STR_FMT(bound_text(c, n->maximum)));
  if (n->exclusive_maximum.type && number_compare(v, n->exclusive_maximum) >= 0)
    problem(c, o, place, "number_lt", "Must be less than %.*s",
            STR_FMT(bound_text(c, n->exclusive_maximum)));
  if (n->minimum.type && number_compare(v, n->minimum) < 0)
    problem(c, o, place, "number_gte", "Must be greater than or equal to %.*s",
            STR_FMT(bound_text(c, n->minimum)));
  if (n->exclusive_minimum.type && number_compare(v, n->exclusive_minimum) <= 0)
    problem(c, o, place, "number_gt", "Must be greater than %.*s",
            STR_FMT(bound_text(c, n->exclusive_minimum)));
  o->score++;
}

/* ---- a schema and a value */

static void check_content(struct checker *c, const struct schema_node *n, struct value v,
                          const struct place *place, struct outcome *o)
{
  check_combined(c, n, v, place, o);
  if (v.type == VALUE_ARRAY || v.type == VALUE_SET)
    check_array(c, n, v, place, o);
  else if (v.type == VALUE_OBJECT)
    check_object(c, n, v, place, o);
  else if (v.type == VALUE_NUMBER)
    check_number(c, n, v, place, o);
  check_common(c, n, v, place, o);
  if (v.type == VALUE_OBJECT)
    check_properties(c, n, v, place, o);
  else if (v.type == VALUE_STRING)
    check_string(c, n, v, place, o);
}

static void check(struct checker *c, const struct schema_node *n, struct value v,
                  const struct place *place, struct outcome *o)
{
  while (n->ref && spend(c, 1))
    n = n->ref;
  if (++c->depth > JSON_SCHEMA_DEPTH_MAX)
    c->over = true;
  if (!spend(c, 1)) {
    /* told at the end */
  } else if (n->is_boolean) {
    if (!n->passes)
      problem(c, o, place, "false", "False always fails validation");
  } else if (check_type(c, n, v, place, o)) {
    check_content(c, n, v, place, o);
    o->score++;
  }
  c->depth--;
}

int json_schema_check(const struct json_schema *schema, struct value v, struct arena *a,
                      const struct json_schema_budget *budget,
                      struct json_schema_problems *ret_problems, struct error *err)
{
  struct checker c = {.arena = a, .budget = budget};
  struct place root = {.name = STR_EMPTY};
  struct outcome o = apart(&c, schema->root, v, &root);
  if (c.over)
    return error_set(err, SW_ELIMIT, "checking against the schema takes too much");
  if (is_valid(&o))
    return 0;
  *ret_problems = o.problems;
  return error_set(err, SW_EINVAL, "%.*s: %.*s",
                   STR_FMT(str_sub(o.problems.items[0].field, 0, 200)),
                   STR_FMT(str_sub(o.problems.items[0].description, 0, 400)));
}
