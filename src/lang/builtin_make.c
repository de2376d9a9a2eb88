/* Values put together piece by piece. */
#include "data/base64.h"
#include "lang/builtin_int.h"

void builtin_put_key(struct builtin_object *o, struct value key, struct value v)
{
  if (o->count == o->room) {
    uint32_t room = o->room ? 2 * o->room : 8;
    struct value_member *members = arena_array(o->arena, struct value_member, room);
    if (o->count)
      memcpy(members, o->members, o->count * sizeof *members);
    o->members = members;
    o->room = room;
  }
  o->members[o->count++] = (struct value_member){key, v};
}

void builtin_put(struct builtin_object *o, const char *key, struct value v)
{
  builtin_put_key(o, value_from(key), v);
}

struct value builtin_object_end(const struct builtin_object *o)
{
  struct value v;
  value_object_make_any(o->arena, o->members, NULL, o->count, VALUE_LAST_WINS, NULL, &v);
  return v;
}

void builtin_push(struct builtin_array *a, struct value v)
{
  if (a->count == a->room) {
    uint32_t room = a->room ? 2 * a->room : 8;
    struct value *items = arena_array(a->arena, struct value, room);
    if (a->count)
      memcpy(items, a->items, a->count * sizeof *items);
    a->items = items;
    a->room = room;
  }
  a->items[a->count++] = v;
}

struct value builtin_array_end(const struct builtin_array *a)
{
  return array_view(a->items, a->count);
}

struct value builtin_base64(struct builtin_context *c, struct str bytes)
{
  return value_string(base64_encode(c->arena, bytes, BASE64_STANDARD));
}

/* Digits to the base 10^9, the lowest first. */
static uint32_t to_billions(struct str magnitude, uint32_t *digits)
{
  uint32_t count = 0;
  for (size_t i = 0; i < magnitude.len; i++) {
    uint64_t carry = (unsigned char)magnitude.data[i];
    for (uint32_t k = 0; k < count; k++) {
      carry += (uint64_t)digits[k] << 8;
      digits[k] = (uint32_t)(carry % 1000000000);
      carry /= 1000000000;
    }
    if (carry)
      digits[count++] = (uint32_t)carry;
  }
  return count;
}

struct value builtin_big(struct builtin_context *c, struct str magnitude, bool negative)
{
  uint32_t *digits = arena_array(c->arena, uint32_t, magnitude.len / 3 + 2);
  uint32_t count = to_billions(magnitude, digits);
  if (count == 0)
    return value_int(0);
  struct buf *out = builtin_text(c);
  buf_printf(out, "%s%u", negative ? "-" : "", (unsigned)digits[count - 1]);
  for (uint32_t k = count - 1; k-- > 0;)
    buf_printf(out, "%09u", (unsigned)digits[k]);
  return number_from_literal(arena_copy(c->arena, buf_str(out)));
}
