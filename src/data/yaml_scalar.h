/*
 * yaml_scalar.h - what the text of a YAML scalar means.
 *
 * The rules are those of the YAML 1.1 that kubectl reads (go-yaml 2 converted to
 * JSON), so that a manifest means here what it means to the cluster:
 *
 *   null     the empty text, ~, null, Null, NULL
 *   boolean  y, yes, on, true, n, no, off, false; also Capitalised and UPPER CASE
 *   integer  decimal, 0x, 0o, 0b, octal with a leading zero; a sign; underscores
 *   float    1.5, .5, 1., 1e3; a sign; underscores
 *   string   everything else: timestamps and sexagesimal numbers (1:30) too
 *
 * An integer that fits int64_t is VALUE_INT. Other numbers are VALUE_TEXT, written
 * as JSON writes numbers, digit for digit what the text says (1_000.50 gives
 * 1000.50, +.5 gives 0.5, 0xffffffffffffffff gives 18446744073709551615): nothing is
 * rounded. As in Go, a number beyond the range of a double is a string, and so is a
 * hexadecimal, binary or 0o number beyond 64 bits, while digits that are not octal
 * after all (089) make a decimal number.
 *
 * Ownership: a result views `text` where it is written as it stands there, and lies
 * in the arena where it is not. Thread safety: all functions may be called from any
 * thread, with an arena of its own.
 */
#ifndef SEAWALL_DATA_YAML_SCALAR_H
#define SEAWALL_DATA_YAML_SCALAR_H

#include "base/arena.h"
#include "base/error.h"
#include "data/value.h"

/* Bytes with which a plain scalar that is not a string can begin. */
extern const uint8_t yaml_scalar_first[256];

struct value yaml_scalar_plain_slow(struct arena *a, struct str text);

/* A plain scalar without a tag. VALUE_ABSENT: it is infinite or not a number, which JSON cannot
 * hold. */
static inline struct value yaml_scalar_plain(struct arena *a, struct str text)
{
  if (text.len && !yaml_scalar_first[(unsigned char)text.data[0]])
    return value_string(text);
  return yaml_scalar_plain_slow(a, text);
}

/*
 * A scalar with a tag, given whole ("tag:yaml.org,2002:int"). !!str, !!int, !!float, !!bool, !!null
 * and !!timestamp ask for that type; !!binary is decoded from base64, and bytes that are not UTF-8
 * become U+FFFD, as on their way through Go's JSON; with any other tag the text is a string.
 *
 * Errors (SW_EINVAL, without a place): the text is not of the tag's type; invalid base64; a float
 * that is infinite or not a number.
 */
int yaml_scalar_tagged(struct arena *a, struct str tag, struct str text, struct value *ret_value,
                       struct error *err);

/*
 * The text that a scalar becomes as a key of an object: a string itself, true, false, an integer in
 * decimal, a float in the shortest form that gives the same 32-bit float (kubectl's rule: 1.50 gives
 * 1.5, 1e3 gives 1000, 1e6 gives 1e+06). False for null and for containers, which cannot be keys.
 */
bool yaml_scalar_key(struct arena *a, struct value scalar, struct str *ret_key);

/* The key that the text of a plain scalar becomes for which yaml_scalar_plain answers VALUE_ABSENT:
 * .inf, -.inf or .nan. */
struct str yaml_scalar_key_not_finite(struct str text);

#endif
