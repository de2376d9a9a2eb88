/*
 * Three lines, three numbers: their order is one, equal ones have equal hashes and normal texts, and
 * conversions agree with it.
 */
#include "data/number.h"
#include "base/buf.h"
#include "base/mem.h"

#include <assert.h>

static void check_one(struct value v)
{
  int64_t integer;
  double real;
  bool fits = number_to_int64(v, &integer);
  if (fits)
    assert(number_equal(v, value_int(integer)) &&
           number_hash(v) == number_hash(value_int(integer)));
  if (number_to_double(v, &real)) {
    struct value nearest = number_from_double(real);
    double back;
    char text[NUMBER_TEXT_MAX];
    size_t len = number_format_double(real, text);
    assert(len < NUMBER_TEXT_MAX && number_is_literal(str_make(text, len)));
    assert(number_to_double(nearest, &back) && back == real);
    assert(number_to_double(number_from_literal(str_make(text, len)), &back) && back == real);
  }
  _cleanup_(buf_free) struct buf out = {0};
  if (number_write_normal(&out, v)) {
    struct value normal = number_from_literal(buf_str(&out));
    assert(number_equal(v, normal) && number_hash(v) == number_hash(normal));
  }
}

static void check_two(struct value a, struct value b)
{
  int order = number_compare(a, b);
  assert(number_compare(b, a) == -order);
  double x, y;
  if (number_to_double(a, &x) && number_to_double(b, &y))
    assert(order < 0 ? x <= y : order > 0 ? x >= y : x == y);
  if (order)
    return;
  assert(number_hash(a) == number_hash(b));
  assert(number_is_integer(a) == number_is_integer(b) && number_sign(a) == number_sign(b));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
  struct str rest = {(const char *)data, size};
  struct value numbers[3] = {value_int(0), value_int(0), value_int(0)};
  for (int i = 0; i < 3 && rest.data; i++) {
    struct str line = str_cut(rest, '\n', &rest);
    numbers[i] = number_from_literal(line);
    assert((numbers[i].type == VALUE_NUMBER) == number_is_literal(line));
    if (numbers[i].type != VALUE_NUMBER)
      return 0;
    check_one(numbers[i]);
  }
  for (int i = 0; i < 3; i++)
    for (int j = 0; j < 3; j++)
      check_two(numbers[i], numbers[j]);
  if (number_compare(numbers[0], numbers[1]) <= 0 && number_compare(numbers[1], numbers[2]) <= 0)
    assert(number_compare(numbers[0], numbers[2]) <= 0);
  return 0;
}
