/* Operators on numbers, operations on bits, comparison. Minus is the difference of sets too. */
#include "data/arithmetic.h"
#include "data/number.h"
#include "lang/builtin_int.h"

static enum builtin_result fail_from(struct builtin_context *c, const struct error *err)
{
  return err->code == SW_ELIMIT ? builtin_halt(c, "%s", err->message)
                                : builtin_fail(c, "%s", err->message);
}

static enum builtin_result compute(struct builtin_context *c, enum arithmetic_operation operation,
                                   const struct value *args, struct value *ret)
{
  struct error err;
  if (arithmetic_binary(c->arena, operation, args[0], args[1], ret, &err) < 0)
    return fail_from(c, &err);
  bool is_long = ret->flags & VALUE_TEXT;
  return is_long && !builtin_spend(c, BUILTIN_FREE_STEPS + ret->len) ? BUILTIN_ERROR
                                                                     : BUILTIN_VALUE;
}

static enum builtin_result on_numbers(struct builtin_context *c,
                                      enum arithmetic_operation operation, const struct value *args,
                                      struct value *ret)
{
  if (!builtin_want(c, args, 1, VALUE_NUMBER) || !builtin_want(c, args, 2, VALUE_NUMBER))
    return BUILTIN_ERROR;
  return compute(c, operation, args, ret);
}

CALL(plus)
{
  return on_numbers(c, ARITHMETIC_PLUS, args, ret);
}

CALL(times)
{
  return on_numbers(c, ARITHMETIC_TIMES, args, ret);
}

CALL(divide)
{
  return on_numbers(c, ARITHMETIC_DIVIDE, args, ret);
}

CALL(rem)
{
  return on_numbers(c, ARITHMETIC_REM, args, ret);
}

static enum builtin_result difference(struct builtin_context *c, const struct value *args,
                                      struct value *ret)
{
  if (!builtin_spend(c, (uint64_t)args[0].len + args[1].len))
    return BUILTIN_ERROR;
  struct value *items = arena_array(c->arena, struct value, args[0].len);
  uint32_t used = 0;
  for (uint32_t i = 0; i < args[0].len; i++)
    if (!value_set_has(args[1], args[0].items[i]))
      items[used++] = args[0].items[i];
  return give(ret, set_view(items, used));
}

CALL(minus)
{
  struct value x = args[0], y = args[1];
  if (x.type == VALUE_NUMBER && y.type == VALUE_NUMBER)
    return compute(c, ARITHMETIC_MINUS, args, ret);
  if (x.type == VALUE_SET && y.type == VALUE_SET)
    return difference(c, args, ret);
  if (x.type != VALUE_NUMBER && x.type != VALUE_SET)
    return builtin_wrong_type(c, 1, x, "number, set");
  return builtin_wrong_type(c, 2, y, y.type == VALUE_NUMBER ? "set" : "number");
}

static enum builtin_result on_one(struct builtin_context *c, enum arithmetic_unary operation,
                                  const struct value *args, struct value *ret)
{
  struct error err;
  if (!builtin_want(c, args, 1, VALUE_NUMBER))
    return BUILTIN_ERROR;
  return arithmetic_unary(c->arena, operation, args[0], ret, &err) < 0 ? fail_from(c, &err)
                                                                       : BUILTIN_VALUE;
}

CALL(absolute)
{
  return on_one(c, ARITHMETIC_ABS, args, ret);
}

CALL(ceiling)
{
  return on_one(c, ARITHMETIC_CEIL, args, ret);
}

CALL(floored)
{
  return on_one(c, ARITHMETIC_FLOOR, args, ret);
}

CALL(rounded)
{
  return on_one(c, ARITHMETIC_ROUND, args, ret);
}

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

static enum builtin_result on_bits(struct builtin_context *c, enum arithmetic_operation operation,
                                   const struct value *args, struct value *ret)
{
  if (!want_integer(c, args, 1) || !want_integer(c, args, 2))
    return BUILTIN_ERROR;
  if (operation >= ARITHMETIC_LSH && number_sign(args[1]) < 0)
    return builtin_fail_operand(
        c, "operand 2 must be an unsigned integer number but got a negative integer");
  return compute(c, operation, args, ret);
}

CALL(bits_and)
{
  return on_bits(c, ARITHMETIC_AND, args, ret);
}

CALL(bits_or)
{
  return on_bits(c, ARITHMETIC_OR, args, ret);
}

CALL(bits_xor)
{
  return on_bits(c, ARITHMETIC_XOR, args, ret);
}

CALL(bits_lsh)
{
  return on_bits(c, ARITHMETIC_LSH, args, ret);
}

CALL(bits_rsh)
{
  return on_bits(c, ARITHMETIC_RSH, args, ret);
}

CALL(bits_negate)
{
  return want_integer(c, args, 1) ? on_one(c, ARITHMETIC_NEGATE, args, ret) : BUILTIN_ERROR;
}

/* ---- comparison */

CALL(equal)
{
  return give(ret, value_bool(value_equal(args[0], args[1])));
}

CALL(not_equal)
{
  return give(ret, value_bool(!value_equal(args[0], args[1])));
}

CALL(less)
{
  return give(ret, value_bool(value_compare(args[0], args[1]) < 0));
}

CALL(less_or_equal)
{
  return give(ret, value_bool(value_compare(args[0], args[1]) <= 0));
}

CALL(greater)
{
  return give(ret, value_bool(value_compare(args[0], args[1]) > 0));
}

CALL(greater_or_equal)
{
  return give(ret, value_bool(value_compare(args[0], args[1]) >= 0));
}

#define TWO "number, number"

const struct builtin builtins_arithmetic[] = {
    ROW(absolute, "abs", 1, "number", "number"),
    ROW(bits_and, "bits.and", 2, TWO, "number"),
    ROW(bits_lsh, "bits.lsh", 2, TWO, "number"),
    ROW(bits_negate, "bits.negate", 1, "number", "number"),
    ROW(bits_or, "bits.or", 2, TWO, "number"),
    ROW(bits_rsh, "bits.rsh", 2, TWO, "number"),
    ROW(bits_xor, "bits.xor", 2, TWO, "number"),
    ROW(ceiling, "ceil", 1, "number", "number"),
    ROW(divide, "div", 2, TWO, "number", .infix = "/"),
    ROW(equal, "equal", 2, "any, any", "boolean", .infix = "=="),
    ROW(floored, "floor", 1, "number", "number"),
    ROW(greater, "gt", 2, "any, any", "boolean", .infix = ">"),
    ROW(greater_or_equal, "gte", 2, "any, any", "boolean", .infix = ">="),
    ROW(less, "lt", 2, "any, any", "boolean", .infix = "<"),
    ROW(less_or_equal, "lte", 2, "any, any", "boolean", .infix = "<="),
    ROW(minus, "minus", 2, "number|set<any>, number|set<any>", "number|set<any>", .infix = "-"),
    ROW(times, "mul", 2, TWO, "number", .infix = "*"),
    ROW(not_equal, "neq", 2, "any, any", "boolean", .infix = "!="),
    ROW(plus, "plus", 2, TWO, "number", .infix = "+"),
    ROW(rem, "rem", 2, TWO, "number", .infix = "%"),
    ROW(rounded, "round", 1, "number", "number"),
    {.name = NULL},
};
