/*
 * arithmetic.h - computing with numbers as Rego does it.
 *
 * Integers of any size are exact, however they are written (1.0 and 1e3 are
 * integers). Everything else is computed in binary with 64 bits of mantissa, each
 * operation rounded to the nearest (ties to even), and the result is the shortest
 * decimal that reads back as the same 64 bits: 1/3 is 0.33333333333333333334. That
 * is what OPA does. A quotient is an integer only if the division leaves no rest.
 * Results that fit int64_t are VALUE_INT, whole numbers beyond are digits, the
 * others text ("0.5", "1.5e+06", "1e-07"). Zero has no sign.
 *
 *     struct value sum;
 *     if (arithmetic_binary(&arena, ARITHMETIC_PLUS, x, y, &sum, &err) < 0)
 *
 * Errors: SW_EINVAL ("divide by zero", "modulo by zero", "modulo on floating-point
 * number", an operand that is no number or, for operations on bits, no integer);
 * SW_ELIMIT for operands and results of more than ARITHMETIC_DIGITS_MAX digits,
 * exponent counted.
 *
 * Results live in the arena; operands are not referred to. Two inline integers
 * whose result is one allocate nothing.
 *
 * Thread safety: all functions may be called from any thread, with an arena of
 * its own.
 */
#ifndef SEAWALL_DATA_ARITHMETIC_H
#define SEAWALL_DATA_ARITHMETIC_H

#include "base/arena.h"
#include "base/error.h"
#include "data/value.h"

enum {
  ARITHMETIC_DIGITS_MAX = 10000, /* decimal digits */
  ARITHMETIC_BITS_MAX = 33216,   /* the same in bits: as far as a shift may go */
};

enum arithmetic_operation {
  ARITHMETIC_PLUS,
  ARITHMETIC_MINUS,
  ARITHMETIC_TIMES,
  ARITHMETIC_DIVIDE,
  ARITHMETIC_REM, /* sign of the dividend; integers only */
  ARITHMETIC_AND, /* on integers in two's complement of unlimited width */
  ARITHMETIC_OR,
  ARITHMETIC_XOR,
  ARITHMETIC_LSH, /* by a count that is not negative */
  ARITHMETIC_RSH, /* rounds down */
};

enum arithmetic_unary {
  ARITHMETIC_ABS,
  ARITHMETIC_CEIL,
  ARITHMETIC_FLOOR,
  ARITHMETIC_ROUND,  /* halves away from zero */
  ARITHMETIC_TRUNC,  /* towards zero */
  ARITHMETIC_NEGATE, /* of the bits: -x - 1 */
};

int arithmetic_slow(struct arena *a, enum arithmetic_operation operation, struct value x,
                    struct value y, struct value *ret_result, struct error *err);

static inline int arithmetic_binary(struct arena *a, enum arithmetic_operation operation,
                                    struct value x, struct value y, struct value *ret_result,
                                    struct error *err)
{
  int64_t p, q, r;
  if (operation <= ARITHMETIC_TIMES && value_to_int(x, &p) && value_to_int(y, &q)) {
    bool over = operation == ARITHMETIC_PLUS    ? __builtin_add_overflow(p, q, &r)
                : operation == ARITHMETIC_MINUS ? __builtin_sub_overflow(p, q, &r)
                                                : __builtin_mul_overflow(p, q, &r);
    if (!over) {
      *ret_result = value_int(r);
      return 0;
    }
  }
  return arithmetic_slow(a, operation, x, y, ret_result, err);
}

int arithmetic_unary(struct arena *a, enum arithmetic_unary operation, struct value x,
                     struct value *ret_result, struct error *err);

/* A decimal literal times numerator/denominator, exactly: an integer where it is one, else a decimal
 * rounded to `places` (half away from zero). numerator and denominator are positive. */
int arithmetic_scale(struct arena *a, struct str literal, uint64_t numerator, uint64_t denominator,
                     unsigned places, struct value *ret_result, struct error *err);

/* The integer part of a number (towards zero) in base 2 to 36 with lower case digits. */
int arithmetic_format(struct arena *a, struct value x, int base, struct str *ret_text,
                      struct error *err);

#endif
