/*
 * A template and the data for it (JSON), separated by a zero byte. Whatever they are, rendering ends, and
 * it says the same twice.
 */
#include "lang/template.h"
#include "data/json.h"

#include <stdlib.h>
#include <string.h>

static void must(bool ok)
{
  if (!ok)
    abort();
}

static uint64_t budget;

static int spend(void *user, uint64_t steps)
{
  (void)user;
  if (steps > budget)
    return -1;
  budget -= steps;
  return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
  struct arena arena;
  struct error err, again;
  struct str text = str_make((const char *)data, size);
  const char *end = size ? memchr(text.data, '\0', size) : NULL;
  struct value v = value_null();
  struct json_options options = {.depth_max = 100};
  struct template_options how = {STR("template"), STR("<undefined>"), spend, NULL};
  _cleanup_(buf_free) struct buf out = {.cap = 1 << 20}, other = {.cap = 1 << 20};
  if (size > 65536)
    return 0;
  arena_init(&arena, 256 << 20);
  if (end) {
    struct str rest = {end + 1, size - 1 - (size_t)(end - text.data)};
    text.len = (size_t)(end - text.data);
    if (json_parse(&arena, rest, &options, &v, NULL) < 0)
      v = value_null();
  }
  budget = 100000;
  int rc = template_render(&arena, text, v, &how, &out, &err);
  must(rc == 0 || err.message[0]);
  budget = 100000;
  must(template_render(&arena, text, v, &how, &other, &again) == rc);
  must(rc == 0 ? str_eq(buf_str(&out), buf_str(&other)) : !strcmp(err.message, again.message));
  arena_free(&arena);
  return 0;
}
