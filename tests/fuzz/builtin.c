/*
 * The first byte chooses a function, the rest is a JSON array of its arguments (arrays in an object with
 * the key "$set" become sets). Whatever they are, it ends, and a result is a whole value that can be
 * written and, but for signatures, is the same the second time.
 */
#include "lang/builtin.h"
#include "base/buf.h"
#include "data/compare.h"
#include "data/json.h"
#include "data/json_write.h"

#include <assert.h>

static uint64_t budget;

static int spend(void *user, uint64_t steps)
{
  (void)user;
  if (steps > budget)
    return -1;
  budget -= steps;
  return 0;
}

static struct value with_sets(struct arena *a, struct value v)
{
  struct value set = value_get_str(v, STR("$set"));
  if (set.type == VALUE_ARRAY)
    return value_set_make(a, set.items, set.len);
  if (v.type != VALUE_ARRAY)
    return v;
  struct value *items = arena_array(a, struct value, v.len);
  for (uint32_t i = 0; i < v.len; i++)
    items[i] = with_sets(a, v.items[i]);
  return value_array_make(a, items, NULL, v.len);
}

static void call(struct arena *a, struct builtin_cache *cache, const struct builtin *b,
                 struct value arguments)
{
  struct builtin_context c = {.arena = a, .cache = cache, .spend = spend};
  struct value args[BUILTIN_ARITY_MAX] = {{0}}, first = VALUE_NONE, second = VALUE_NONE;
  for (unsigned i = 0; i < b->arity; i++)
    args[i] = i < arguments.len ? arguments.items[i] : value_from("");
  budget = 100000;
  enum builtin_result result = builtin_call(&c, b, args, &first);
  if (result == BUILTIN_ERROR)
    assert(c.error.message[0] && c.error.code < 0);
  if (result != BUILTIN_VALUE)
    return;
  assert(first.type != VALUE_ABSENT && value_equal(first, first));
  budget = 100000;
  assert(builtin_call(&c, b, args, &second) == BUILTIN_VALUE);
  if (!(b->flags & BUILTIN_NONDETERMINISTIC))
    assert(value_equal(first, second) && value_hash(first) == value_hash(second));
  for (uint32_t i = 1; first.type == VALUE_SET && i < first.len; i++)
    assert(value_compare(first.items[i - 1], first.items[i]) < 0);
  _cleanup_(buf_free) struct buf out = {0};
  struct value back;
  json_write(&out, first, 0);
  struct json_options options = {.depth_max = JSON_DEPTH_MAX};
  assert(json_parse(a, buf_str(&out), &options, &back, NULL) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
  static struct builtin_cache *cache;
  if (size < 2 || size > 4096)
    return 0;
  if (!cache)
    cache = builtin_cache_new();
  size_t count = 0;
  while (builtin_at(count))
    count++;
  struct arena a;
  struct value arguments;
  struct json_options options = {.depth_max = 40};
  arena_init(&a, 64 << 20);
  struct str text = {(const char *)data + 1, size - 1};
  if (json_parse(&a, text, &options, &arguments, NULL) == 0 && arguments.type == VALUE_ARRAY)
    call(&a, cache, builtin_at(data[0] % count), with_sets(&a, arguments));
  arena_free(&a);
  return 0;
}
