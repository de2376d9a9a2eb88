/*
 * quantity.h - amounts with unit suffixes, as Kubernetes writes them: "500m", "1.5Gi", "1e3".
 *
 * Reads what apimachinery's resource.Quantity reads, and gives the same value:
 *
 *     quantity  sign? (digits | digits '.' digits? | '.' digits) suffix
 *     suffix    Ki Mi Gi Ti Pi Ei            powers of 1024
 *               n u m (none) k M G T P E     10^-9 ... 10^18
 *               e or E, sign?, digits        a power of ten
 *
 * "1E" is an exa, "1E3" a thousand, "1Ei" 2^60, "1e" nothing. No spaces, no "K",
 * no "mb". A text whose digits are missing altogether ("Mi", ".", "-") is read as 0,
 * as Kubernetes reads it; the empty text is an error.
 *
 *     struct quantity memory;
 *     if (quantity_parse(STR("512Mi"), &memory, &err) < 0)
 *         return error_wrap(&err, "memory");
 *     quantity_ceil(memory, &bytes);
 *
 * Values are exact, never floating point: an integer of up to 38 digits times a
 * power of ten. What is finer than a billionth is rounded away from zero to the
 * next billionth (0.1n is 1n). Binary amounts beyond 2^63-1 in magnitude become
 * +-(2^63-1); decimal ones are not capped.
 *
 * Limits: QUANTITY_LENGTH_MAX characters; more than 38 significant digits, or an
 * exponent beyond +-QUANTITY_EXPONENT_MAX, are SW_ELIMIT (Kubernetes takes these).
 *
 * Errors quote the text, say what is wrong and offer what may have been meant:
 *     "512mb": unknown suffix "mb", did you mean "512M" or "512Mi"?
 *
 * Thread safety: all functions may be called from any thread.
 */
#ifndef SEAWALL_DATA_QUANTITY_H
#define SEAWALL_DATA_QUANTITY_H

#include "base/buf.h"
#include "base/error.h"
#include "data/value.h"

enum {
  QUANTITY_LENGTH_MAX = 1024,   /* characters */
  QUANTITY_EXPONENT_MAX = 1000, /* powers of ten */
};

enum quantity_format {
  QUANTITY_DECIMAL,  /* 12M */
  QUANTITY_BINARY,   /* 12Mi */
  QUANTITY_EXPONENT, /* 12e6 */
};

/* Aligned as arenas align. */
typedef __int128 quantity_integer __attribute__((aligned(8)));

/* mantissa * 10^scale; scale is at least -9. All zero bytes: 0. */
struct quantity {
  quantity_integer mantissa; /* not divisible by ten, unless it is 0 */
  int32_t scale;
  enum quantity_format format; /* how it was written, for quantity_write */
};

int quantity_parse(struct str text, struct quantity *ret_quantity, struct error *err);

/* From a member of a manifest: a string as above or a number (its literal is read as a text).
 * SW_EINVAL for every other type. */
int quantity_from_value(struct value value, struct quantity *ret_quantity, struct error *err);

/* The amount `number` (times one). */
struct quantity quantity_from_int(int64_t number);

/* -1, 0 or 1, exactly; the format does not matter. */
int quantity_compare(struct quantity a, struct quantity b);

/* -1, 0 or 1. */
int quantity_sign(struct quantity q);

/* Sum and difference in the format of a (of b, if a is zero). False if it has more than 38
 * significant digits. */
bool quantity_add(struct quantity a, struct quantity b, struct quantity *ret_sum);
bool quantity_subtract(struct quantity a, struct quantity b, struct quantity *ret_difference);

/* The amount in base units (bytes, cores), rounded away from zero. False if it does not fit. */
bool quantity_ceil(struct quantity q, int64_t *ret_units);

/* The amount in units of 10^scale (scale -3: thousandths), rounded away from zero; scale is -9 to
 * 18. False if it does not fit. */
bool quantity_scaled(struct quantity q, int scale, int64_t *ret_units);

/* The amount as an integer if it is one that fits, exactly. */
bool quantity_to_int(struct quantity q, int64_t *ret_units);

/* The nearest double; infinite beyond its range. */
double quantity_to_double(struct quantity q);

/* The amount in base units as a number, exactly. */
struct value quantity_to_number(struct arena *a, struct quantity q);

/*
 * The canonical form: no fraction, no precision lost, the largest suffix that allows that ("1.5" is
 * "1500m", "1.5Gi" is "1536Mi", "1000E" is "1e21"). Binary amounts under 1024 and those that are no
 * integer are written in the decimal form.
 */
void quantity_write(struct buf *out, struct quantity q);

#endif
