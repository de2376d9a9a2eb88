/*
 * What is read holds no key twice, writes valid JSON, and reads alike with positions, symbols and without;
 * every child has a place in the text. An error is in the text, and the same error whatever is kept; a smaller
 * limit refuses, and changes nothing else.
 */
#include "data/toml.h"
#include "base/buf.h"
#include "base/mem.h"
#include "data/compare.h"
#include "data/json.h"
#include "data/json_write.h"

#include <assert.h>

static void check_tree(struct value v, uint32_t lines, bool placed)
{
  assert(v.type >= VALUE_BOOL && v.type <= VALUE_OBJECT);
  for (uint32_t i = 0; v.type >= VALUE_ARRAY && i < v.len; i++) {
    struct value_position place = value_position(v, i);
    assert(placed ? place.line >= 1 && place.line <= lines && place.column >= 1 : place.line == 0);
    if (v.type == VALUE_OBJECT)
      assert(value_find(v, v.members[i].key) == i);
    check_tree(v.type == VALUE_OBJECT ? v.members[i].value : v.items[i], lines, placed);
  }
}

static void check_json(struct arena *a, struct value v)
{
  struct buf out = {0};
  struct json_options refuse = {.duplicates = VALUE_REFUSE, .depth_max = TOML_DEPTH_MAX};
  struct value back;
  json_write(&out, v, 0);
  assert(json_parse(a, buf_str(&out), &refuse, &back, NULL) == 0 && value_equal(v, back));
  buf_free(&out);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
  static const struct str names[] = {STR_INIT("a"), STR_INIT("package"), STR_INIT("name")};
  struct str text = str_make((const char *)data, size);
  struct symbols *symbols = symbols_new(names, 3);
  struct toml_options all = {.positions = true, .symbols = symbols};
  struct toml_options few = {.depth_max = 4, .values_max = 20};
  struct arena a;
  struct value plain, placed, limited;
  struct error err, other;
  uint32_t lines = 1;
  for (size_t i = 0; i < size; i++)
    lines += data[i] == '\n';
  arena_init(&a, 0);
  int rc = toml_read(text, &a, NULL, &plain, &err);
  assert(toml_read(text, &a, &all, &placed, &other) == rc);
  if (rc == 0) {
    check_tree(plain, lines, false);
    check_tree(placed, lines, true);
    assert(value_equal(plain, placed));
    check_json(&a, plain);
  } else {
    assert(err.code == rc && err.line == other.line && err.column == other.column);
    assert(err.message[0] && err.line <= lines && (err.line == 0) == (err.column == 0));
  }
  int third = toml_read(text, &a, &few, &limited, NULL);
  assert(third == SW_ELIMIT || third == rc);
  assert(third < 0 || value_equal(plain, limited));
  arena_free(&a);
  symbols_free(symbols);
  return 0;
}
