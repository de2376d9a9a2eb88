/*
 * number.h - what can be done with numbers whose text has been kept.
 *
 * A number is a VALUE_NUMBER: an int64_t, a double, or a JSON literal of any length
 * (data/value.h). Comparison is exact in decimal: 0.1 and 1e-1 are equal, and
 * 9007199254740993 is more than 9007199254740992.0. An exponent is never expanded:
 * 1e1000000000 takes no more time or memory than its eleven characters.
 *
 * What number a double is: a double that is an integer and fits int64_t is that
 * integer; any other is the number that its shortest text says (0.1, not
 * 0.1000000000000000055...). Writing and reading a tree therefore never changes
 * what is equal to what.
 *
 * Functions that take a value expect VALUE_NUMBER and answer false (or treat it as
 * 0) for anything else. None allocates, except where an arena or a buf is passed.
 *
 * Thread safety: all functions may be called from any thread.
 */
#ifndef SEAWALL_DATA_NUMBER_H
#define SEAWALL_DATA_NUMBER_H

#include "base/buf.h"
#include "base/str.h"
#include "data/value.h"

enum { NUMBER_TEXT_MAX = 32 }; /* bytes that number_format_double writes at most, with the zero */

/* Is the whole of s a number as RFC 8259, section 6, writes it? */
bool number_is_literal(struct str s);

/* The number of a literal: VALUE_INT where it is an integer without fraction and exponent that fits,
 * else a view of s. VALUE_ABSENT if s is not a literal or 2^32 bytes or longer. */
struct value number_from_literal(struct str s);

/* The number of a computed double: VALUE_INT if it is an integer that fits (-0.0 gives 0), else
 * VALUE_DOUBLE; VALUE_ABSENT for NaN and infinities. */
struct value number_from_double(double number);

/* Order of two numbers: -1, 0 or 1. */
int number_compare(struct value a, struct value b);

static inline bool number_equal(struct value a, struct value b)
{
  return number_compare(a, b) == 0;
}

/* -1, 0 or 1. */
int number_sign(struct value number);

/* Equal numbers have equal hashes, however they are written. Keyed: see base/hash.h. */
uint64_t number_hash(struct value number);

/* Does the number have no fraction (1.0, 1e3 and 10.50e1 have none)? */
bool number_is_integer(struct value number);

/* The number as int64_t if it is one exactly: 1.0, 1e3 and 10.5e1 are, 10.50 and 1e30 are not. */
bool number_to_int64(struct value number, int64_t *ret);

/* The nearest double (ties to even). False if it is beyond the range of doubles; too small a number
 * gives 0. */
bool number_to_double(struct value number, double *ret);

/* The shortest text that reads back as the same double, written as ECMAScript does (Number::toString:
 * 1e+21, 0.000001, 1e-7, -0.0 is "0"). The number must be finite. Returns the length. */
size_t number_format_double(double number, char out[NUMBER_TEXT_MAX]);

/* Appends the number as JSON: integers in digits, literals as they were written. */
void number_write(struct buf *out, struct value number);

/* A text that is the same for equal numbers: plain digits for integers below 10^21 and fractions down
 * to 10^-6, the form d.ddde[+-]dd beyond. No digit is lost, so it may be long as the literal. An
 * exponent beyond 18 digits is refused with false. */
bool number_write_normal(struct buf *out, struct value number);

#endif
