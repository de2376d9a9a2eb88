/* Addresses and ranges of addresses. */
#include "data/cidr.h"

#include "lang/builtin_int.h"

static bool want_range(struct builtin_context *c, struct value v, struct cidr *ret)
{
  if (v.type != VALUE_STRING) {
    builtin_wrong_type(c, 1, v, "string");
    return false;
  }
  if (cidr_parse(value_str(v), ret, NULL) < 0) {
    builtin_fail(c, "invalid CIDR address: %.*s", STR_FMT(value_str(v)));
    return false;
  }
  return true;
}

CALL(intersects)
{
  struct cidr x, y;
  if (!want_range(c, args[0], &x) || !want_range(c, args[1], &y))
    return BUILTIN_ERROR;
  return give(ret, value_bool(cidr_overlaps(x, y)));
}

/* The inner one may be an address. */
static bool contains_value(struct builtin_context *c, struct value outer, struct value inner,
                           bool *ret)
{
  struct cidr x, y;
  if (!want_range(c, outer, &x))
    return false;
  if (inner.type != VALUE_STRING) {
    builtin_wrong_type(c, 1, inner, "string");
    return false;
  }
  if (cidr_parse_or_address(value_str(inner), &y, NULL) < 0) {
    builtin_fail(c, "not a valid textual representation of an IP address or CIDR: %.*s",
                 STR_FMT(value_str(inner)));
    return false;
  }
  *ret = cidr_contains(x, y);
  return true;
}

CALL(contains)
{
  bool is_in;
  return contains_value(c, args[0], args[1], &is_in) ? give(ret, value_bool(is_in)) : BUILTIN_ERROR;
}

CALL(is_valid)
{
  struct cidr range;
  return give(ret, value_bool(args[0].type == VALUE_STRING &&
                              cidr_parse(value_str(args[0]), &range, NULL) == 0));
}

/* ---- contains_matches */

/* The ranges of an operand with what names each of them in the result. */
struct named {
  struct value range, name;
};

static bool read_named(struct builtin_context *c, const struct value *args, int position,
                       struct named **ret, uint32_t *ret_count)
{
  struct value v = args[position - 1];
  uint32_t count = v.type == VALUE_STRING ? 1 : v.type >= VALUE_ARRAY ? v.len : 0;
  struct named *list = arena_array(c->arena, struct named, count);
  for (uint32_t i = 0; i < count; i++) {
    struct value item = v.type == VALUE_STRING   ? v
                        : v.type == VALUE_OBJECT ? v.members[i].value
                                                 : v.items[i];
    struct value name = v.type == VALUE_OBJECT ? v.members[i].key : item;
    if (v.type == VALUE_ARRAY)
      name = value_int(i);
    if (v.type != VALUE_STRING && item.type == VALUE_ARRAY && item.len)
      item = item.items[0];
    else if (item.type != VALUE_STRING) {
      builtin_fail(c, "operand %d: element must be string or non-empty array", position);
      return false;
    }
    list[i] = (struct named){item, name};
  }
  *ret = list;
  *ret_count = count;
  return true;
}

CALL(contains_matches)
{
  struct named *outer, *inner;
  uint32_t outer_count, inner_count, used = 0, room = 16;
  if (!read_named(c, args, 1, &outer, &outer_count) ||
      !read_named(c, args, 2, &inner, &inner_count) ||
      !builtin_spend(c, (uint64_t)outer_count * inner_count))
    return BUILTIN_ERROR;
  struct value *items = arena_array(c->arena, struct value, room);
  for (uint32_t i = 0; i < outer_count; i++)
    for (uint32_t k = 0; k < inner_count; k++) {
      bool is_in;
      if (!contains_value(c, outer[i].range, inner[k].range, &is_in))
        return BUILTIN_ERROR;
      if (!is_in)
        continue;
      if (used == room) {
        struct value *more = arena_array(c->arena, struct value, (size_t)room * 2);
        memcpy(more, items, used * sizeof *more);
        items = more;
        room *= 2;
      }
      if (!builtin_fits(c, used))
        return BUILTIN_ERROR;
      struct value pair[2] = {outer[i].name, inner[k].name};
      items[used++] = value_array_make(c->arena, pair, NULL, 2);
    }
  return give(ret, value_set_make(c->arena, items, used));
}

/* ---- expand and merge: addresses as numbers of 128 bits */

static void next_address(struct ip_address *a)
{
  for (int i = a->width / 8 - 1; i >= 0; i--)
    if (++a->bytes[i])
      return;
}

static struct value address_text(struct builtin_context *c, struct ip_address address)
{
  struct buf *out = builtin_text(c);
  ip_write(out, address);
  return value_string(arena_copy(c->arena, buf_str(out)));
}

CALL(expand)
{
  struct cidr range;
  if (!want_range(c, args[0], &range))
    return BUILTIN_ERROR;
  unsigned host = range.address.width - range.prefix;
  uint64_t count = host > 40 ? UINT64_MAX / 2 : 1ULL << host;
  if (!builtin_fits(c, count) || !builtin_spend(c, count * 8))
    return BUILTIN_ERROR;
  struct value *items = arena_array(c->arena, struct value, count);
  struct ip_address at = cidr_first(range);
  for (uint64_t i = 0; i < count; i++, next_address(&at))
    items[i] = address_text(c, at);
  return give(ret, value_set_make(c->arena, items, (uint32_t)count));
}

/* A run of addresses of one family. */
struct run {
  struct ip_address first, last;
};

static int compare_runs(const void *a, const void *b)
{
  const struct run *x = a, *y = b;
  int order = ip_compare(x->first, y->first);
  return order ? order : ip_compare(x->last, y->last);
}

/* Go's mask for an address alone: that of its class. */
static uint8_t class_prefix(struct ip_address a)
{
  return a.bytes[0] < 128 ? 8 : a.bytes[0] < 192 ? 16 : a.bytes[0] < 224 ? 24 : 32;
}

static bool read_run(struct builtin_context *c, struct value v, struct run *ret)
{
  struct cidr range;
  if (v.type != VALUE_STRING) {
    builtin_fail(c, "element must be string");
    return false;
  }
  if (ip_parse(value_str(v), &range.address, NULL) == 0) {
    if (range.address.width != 32) {
      builtin_fail(c, "IPv6 invalid: needs prefix length");
      return false;
    }
    range.prefix = class_prefix(range.address);
  } else if (!want_range(c, v, &range)) {
    return false;
  }
  *ret = (struct run){cidr_first(range), cidr_last(range)};
  return true;
}

/* Does the second begin inside the first or right behind it? */
static bool touches(const struct run *x, const struct run *y)
{
  if (x->last.width != y->first.width)
    return false;
  struct ip_address behind = x->last;
  next_address(&behind);
  bool at_end = ip_compare(behind, x->last) < 0;
  return at_end || ip_compare(y->first, behind) <= 0;
}

/* The largest range that begins at an address and does not pass the last. */
static struct cidr largest_at(struct ip_address first, struct ip_address last)
{
  struct cidr range = {.address = first, .prefix = first.width};
  while (range.prefix > 0) {
    struct cidr wider = {.address = first, .prefix = (uint8_t)(range.prefix - 1)};
    if (!cidr_is_masked(wider) || ip_compare(cidr_last(wider), last) > 0)
      break;
    range = wider;
  }
  return range;
}

CALL(merge)
{
  struct value list = args[0];
  if (!is_list(list))
    return builtin_fail(c, "operand must be an array");
  if (!builtin_spend(c, (uint64_t)list.len * 64))
    return BUILTIN_ERROR;
  struct run *runs = arena_array(c->arena, struct run, list.len);
  for (uint32_t i = 0; i < list.len; i++)
    if (!read_run(c, list.items[i], &runs[i]))
      return BUILTIN_ERROR;
  if (list.len)
    qsort(runs, list.len, sizeof *runs, compare_runs);
  uint32_t count = 0;
  for (uint32_t i = 0; i < list.len; i++) {
    if (count == 0 || !touches(&runs[count - 1], &runs[i]))
      runs[count++] = runs[i];
    else if (ip_compare(runs[i].last, runs[count - 1].last) > 0)
      runs[count - 1].last = runs[i].last;
  }
  /* a run of n merged ranges is cut into n ranges at most twice their bits */
  struct value *items = arena_array(c->arena, struct value, (size_t)count * 256 + 1);
  uint32_t used = 0;
  for (uint32_t i = 0; i < count; i++)
    for (struct ip_address at = runs[i].first;;) {
      struct cidr range = largest_at(at, runs[i].last);
      struct buf *out = builtin_text(c);
      cidr_write(out, range);
      items[used++] = value_string(arena_copy(c->arena, buf_str(out)));
      at = cidr_last(range);
      if (ip_compare(at, runs[i].last) >= 0)
        break;
      next_address(&at);
    }
  return give(ret, value_set_make(c->arena, items, used));
}

#define RANGES                                                                                     \
  "string|array<string|array<any>>|set<string|array<any>>|object<string:string|array<any>>"

const struct builtin builtins_net[] = {
    ROW(contains, "net.cidr_contains", 2, "string, string", "boolean"),
    ROW(contains_matches, "net.cidr_contains_matches", 2, RANGES ", " RANGES, "set<[any,any]>"),
    ROW(expand, "net.cidr_expand", 1, "string", "set<string>"),
    ROW(intersects, "net.cidr_intersects", 2, "string, string", "boolean"),
    ROW(is_valid, "net.cidr_is_valid", 1, "any", "boolean"),
    ROW(merge, "net.cidr_merge", 1, "array<string>|set<string>", "set<string>"),
    ROW(contains, "net.cidr_overlap", 2, "string, string", "boolean", .flags = BUILTIN_DEPRECATED),
    {.name = NULL},
};
