/*
 * What is read and written again is the same tree, compact, indented and canonical; symbols and
 * positions change nothing in it; canonical text is its own canonical text; an error is in the text,
 * and the same error whatever is kept. A text of several values is read to its end or to an error.
 */
#include "data/json.h"
#include "base/buf.h"
#include "base/mem.h"
#include "data/compare.h"
#include "data/json_write.h"
#include "data/number.h"

#include <assert.h>

static struct symbols *symbols;

static int read_text(struct arena *a, struct str text, unsigned flags, struct value *ret,
                     struct error *err)
{
  struct json_options options = {
      .positions = flags & 1,
      .symbols = flags & 2 ? symbols : NULL,
      .duplicates = flags & 4 ? VALUE_REFUSE : VALUE_LAST_WINS,
      .depth_max = 1000,
  };
  return json_parse(a, text, &options, ret, err);
}

static void check_place(struct value_position place, bool is_wanted)
{
  assert((place.line >= 1 && place.column >= 1) == is_wanted);
}

/* One level of the tree; the whole of it is compared elsewhere. */
static void check_places(struct value v, bool is_wanted)
{
  for (uint32_t i = 0; v.type >= VALUE_ARRAY && i < v.len; i++) {
    check_place(value_position(v, i), is_wanted);
    check_place(value_key_position(v, i), is_wanted && v.type == VALUE_OBJECT);
  }
}

static void check_members(struct value v)
{
  for (uint32_t i = 0; v.type == VALUE_OBJECT && i < v.len; i++)
    assert(value_find(v, v.members[i].key) == i);
}

static void check_round_trip(struct arena *a, struct value v, unsigned indent)
{
  _cleanup_(buf_free) struct buf out = {0}, again = {0};
  struct value back;
  json_write(&out, v, indent);
  assert(read_text(a, buf_str(&out), 4, &back, NULL) == 0);
  assert(value_equal(v, back) && value_compare(v, back) == 0 && value_hash(v) == value_hash(back));
  json_write(&again, back, indent);
  assert(str_eq(buf_str(&out), buf_str(&again)));
}

static void check_canonical(struct arena *a, struct value v)
{
  _cleanup_(buf_free) struct buf out = {0}, again = {0};
  struct value back;
  struct error err;
  if (json_write_canonical(&out, v, &err) < 0) {
    assert(err.code == SW_EINVAL && out.len == 0);
    return;
  }
  assert(read_text(a, buf_str(&out), 4, &back, NULL) == 0);
  assert(json_write_canonical(&again, back, NULL) == 0);
  assert(str_eq(buf_str(&out), buf_str(&again)));
}

static void check_number(struct value v)
{
  if (v.type != VALUE_NUMBER)
    return;
  assert(number_compare(v, v) == 0);
  double real;
  if (number_to_double(v, &real))
    assert(number_sign(v) == 0 ? real == 0 : number_sign(v) > 0 ? real >= 0 : real <= 0);
  int64_t integer;
  if (number_to_int64(v, &integer))
    assert(number_is_integer(v) && number_equal(v, value_int(integer)));
}

static void check_stream(struct arena *a, struct str text)
{
  struct json_cursor cursor = json_cursor_start(text);
  struct value v;
  struct value_position place;
  struct error err;
  int got;
  size_t left = text.len + 1;
  while ((got = json_parse_next(a, &cursor, NULL, &v, &place, &err)) > 0) {
    check_place(place, true);
    assert(cursor.rest.len < left);
    left = cursor.rest.len;
  }
  assert(got == 0 ? cursor.rest.len == 0 : err.line >= 1 && err.column >= 1);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
  if (!symbols) {
    static const struct str names[] = {STR_INIT("a"), STR_INIT("name"), STR_INIT("metadata")};
    symbols = symbols_new(names, 3);
  }
  struct str text = {(const char *)data, size};
  struct arena a;
  arena_init(&a, 0);
  struct value first = VALUE_NONE, v;
  struct error first_err, err;
  int rc = read_text(&a, text, 0, &first, &first_err);
  for (unsigned flags = 1; flags < 8; flags++) {
    int other = read_text(&a, text, flags, &v, &err);
    if (flags & 4 && rc == 0 && other < 0) {
      assert(other == SW_EINVAL && err.line >= 1 && err.column >= 1);
      continue;
    }
    if (flags & 4 && rc < 0) {
      assert(other < 0); /* another error, if a key was repeated before the first one */
      continue;
    }
    assert(other == rc);
    if (rc < 0) {
      assert(err.line == first_err.line && err.column == first_err.column);
      assert(strcmp(err.message, first_err.message) == 0);
      continue;
    }
    assert(value_equal(first, v) && value_hash(first) == value_hash(v));
    check_places(v, flags & 1);
    check_members(v);
  }
  if (rc == 0) {
    check_round_trip(&a, first, 0);
    check_round_trip(&a, first, 2);
    check_canonical(&a, first);
    check_number(first);
  }
  check_stream(&a, text);
  arena_free(&a);
  return 0;
}
