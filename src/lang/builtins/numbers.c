#include "base/hash.h"
#include "data/arithmetic.h"
#include "data/number.h"
#include "lang/builtin_int.h"

static bool want_integer(struct builtin_context *c, const struct value *args, int position)
{
  if (args[position - 1].type != VALUE_NUMBER) {
    builtin_wrong_type(c, position, args[position - 1], "integer");
    return false;
  }
  if (number_is_integer(args[position - 1]))
    return true;
  builtin_fail_operand(c, "operand %d must be integer number but got floating-point number",
                       position);
  return false;
}

/* Room for all from x to y; their number is told apart from the span, which may not fit. */
static enum builtin_result small_range(struct builtin_context *c, int64_t x, int64_t y,
                                       uint64_t step, struct value *ret)
{
  uint64_t span = x <= y ? (uint64_t)y - (uint64_t)x : (uint64_t)x - (uint64_t)y;
  uint64_t count = span / step;
  if (!builtin_fits(c, count) || !builtin_spend(c, ++count))
    return BUILTIN_ERROR;
  struct value *items = arena_array(c->arena, struct value, count);
  for (uint64_t i = 0; i < count; i++)
    items[i] = value_int((int64_t)(x <= y ? (uint64_t)x + i * step : (uint64_t)x - i * step));
  return give(ret, array_view(items, (uint32_t)count));
}

/* Numbers beyond int64_t. The span is computed first, so that a range that is too long costs nothing. */
static enum builtin_result large_range(struct builtin_context *c, struct value x, struct value y,
                                       struct value step, struct value *ret)
{
  struct error err;
  bool down = number_compare(x, y) > 0;
  struct value span, rest, count;
  int64_t n = 0;
  if (arithmetic_binary(c->arena, ARITHMETIC_MINUS, down ? x : y, down ? y : x, &span, &err) < 0 ||
      arithmetic_binary(c->arena, ARITHMETIC_REM, span, step, &rest, &err) < 0 ||
      arithmetic_binary(c->arena, ARITHMETIC_MINUS, span, rest, &span, &err) < 0 ||
      arithmetic_binary(c->arena, ARITHMETIC_DIVIDE, span, step, &count, &err) < 0)
    return builtin_halt(c, "%s", err.message);
  if (!builtin_fits(c, number_to_int64(count, &n) ? (uint64_t)n : UINT64_MAX) ||
      !builtin_spend(c, (uint64_t)++n * 8))
    return BUILTIN_ERROR;
  struct value *items = arena_array(c->arena, struct value, (size_t)n);
  for (int64_t i = 0; i < n; i++) {
    if (i && arithmetic_binary(c->arena, down ? ARITHMETIC_MINUS : ARITHMETIC_PLUS, x, step, &x,
                               &err) < 0)
      return builtin_halt(c, "%s", err.message);
    items[i] = x;
    if (arena_over(c->arena) && !builtin_fits(c, 0))
      return BUILTIN_ERROR;
  }
  return give(ret, array_view(items, (uint32_t)n));
}

static enum builtin_result range_of(struct builtin_context *c, const struct value *args,
                                    struct value step, struct value *ret)
{
  int64_t x, y, by;
  bool has_step = number_to_int64(step, &by);
  if (number_to_int64(args[0], &x) && number_to_int64(args[1], &y)) {
    if (has_step)
      return small_range(c, x, y, (uint64_t)by, ret);
  }
  return large_range(c, args[0], args[1], step, ret);
}

CALL(range)
{
  if (!want_integer(c, args, 1) || !want_integer(c, args, 2))
    return BUILTIN_ERROR;
  return range_of(c, args, value_int(1), ret);
}

CALL(range_step)
{
  if (!want_integer(c, args, 1) || !want_integer(c, args, 2) || !want_integer(c, args, 3))
    return BUILTIN_ERROR;
  if (number_sign(args[2]) <= 0)
    return builtin_fail(c, "step must be a positive integer");
  return range_of(c, args, args[2], ret);
}

/* The same key and limit give the same number throughout a query. */
CALL(rand_intn)
{
  struct str key;
  int64_t n;
  if (!builtin_want_string(c, args, 1, &key) || !builtin_want_int(c, args, 2, &n))
    return BUILTIN_ERROR;
  uint64_t limit = n < 0 ? 0 - (uint64_t)n : (uint64_t)n;
  if (limit == 0)
    return give(ret, value_int(0));
  uint8_t seed[16] = {'r', 'a', 'n', 'd'};
  memcpy(seed + 8, &c->seed, 8);
  struct str text = arena_printf(c->arena, "%.*s-%llu", STR_FMT(key), (unsigned long long)limit);
  return give(ret, value_int((int64_t)(hash_siphash24(seed, text) % limit)));
}

const struct builtin builtins_numbers[] = {
    ROW(range, "numbers.range", 2, "number, number", "array<number>"),
    ROW(range_step, "numbers.range_step", 3, "number, number, number", "array<number>"),
    ROW(rand_intn, "rand.intn", 2, "string, number", "number", .flags = BUILTIN_NONDETERMINISTIC),
    {.name = NULL},
};
