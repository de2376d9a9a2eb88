/*
 * Two lines, two quantities: each survives writing and reading, the order is one, and sums can be
 * taken back.
 */
#include "data/quantity.h"
#include "base/mem.h"
#include "data/number.h"

#include <assert.h>

static bool check_text(struct str text, struct quantity *ret)
{
  struct error err;
  int rc = quantity_parse(text, ret, &err);
  if (rc < 0) {
    assert(err.code == rc && err.message[0]);
    return false;
  }
  _cleanup_(buf_free) struct buf first = {0}, second = {0};
  struct quantity again;
  quantity_write(&first, *ret);
  assert(quantity_parse(buf_str(&first), &again, NULL) == 0);
  assert(quantity_compare(*ret, again) == 0);
  quantity_write(&second, again);
  /* A binary amount that is no multiple of 1024 ("64000") is read as a decimal one ("64k"). */
  assert(again.format != ret->format || str_eq(buf_str(&first), buf_str(&second)));
  return true;
}

static void check_number(struct quantity q)
{
  struct arena a;
  arena_init(&a, 0);
  struct quantity again;
  struct value number = quantity_to_number(&a, q);
  assert(number_sign(number) == quantity_sign(q));
  if (number.flags & VALUE_TEXT && number.len > QUANTITY_LENGTH_MAX) {
    arena_free(&a);
    return;
  }
  assert(quantity_from_value(number, &again, NULL) == 0);
  assert(quantity_compare(q, again) == 0);
  int64_t units;
  if (quantity_ceil(q, &units)) {
    struct quantity whole = quantity_from_int(units);
    assert(quantity_compare(whole, q) * quantity_sign(q) >= 0);
    int64_t exact;
    assert(quantity_to_int(q, &exact) == (quantity_compare(whole, q) == 0));
  }
  arena_free(&a);
}

static void check_pair(struct quantity a, struct quantity b)
{
  struct quantity sum, back;
  assert(quantity_compare(a, b) == -quantity_compare(b, a));
  if (quantity_add(a, b, &sum)) {
    assert(quantity_compare(sum, a) == quantity_sign(b));
    if (quantity_subtract(sum, b, &back))
      assert(quantity_compare(back, a) == 0);
  }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
  struct str rest, line = str_cut(str_make((const char *)data, size), '\n', &rest);
  struct quantity a, b;
  if (!check_text(line, &a))
    return 0;
  check_number(a);
  if (rest.data && check_text(rest, &b))
    check_pair(a, b);
  return 0;
}
