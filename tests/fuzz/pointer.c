/*
 * The first line is a pointer, the rest a document: what is found is found again token by token, and
 * the tokens make the pointer again.
 */
#include "data/pointer.h"
#include "base/mem.h"
#include "data/json.h"

#include <assert.h>

static void check_tokens(struct str pointer)
{
  _cleanup_(buf_free) struct buf again = {0};
  struct str rest = pointer, token, last;
  size_t count = 0;
  while (pointer_next(&rest, &token)) {
    _cleanup_(buf_free) struct buf key = {0};
    pointer_unescape(&key, token);
    assert(pointer_token_is(token, buf_str(&key)));
    pointer_add_key(&again, buf_str(&key));
    count++;
  }
  assert(str_eq(buf_str(&again), pointer));
  assert(pointer_count(pointer) == count);
  if (count)
    assert(pointer_inside(pointer, pointer_parent(pointer, &last)));
}

static void check_place(struct value root, struct str pointer)
{
  struct pointer_place place = {.index = 77};
  struct error err;
  int rc = pointer_find(root, pointer, &place, &err);
  if (rc < 0) {
    assert(err.code == rc && err.message[0] && place.index == 77);
    assert(pointer_get(root, pointer).type == VALUE_ABSENT);
    return;
  }
  assert(memcmp(&(struct value){0}, &place.value, sizeof place.value) != 0);
  if (pointer.len == 0)
    return;
  struct value again = place.parent.type == VALUE_OBJECT ? place.parent.members[place.index].value
                                                         : value_at(place.parent, place.index);
  assert(memcmp(&again, &place.value, sizeof again) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
  struct str text, pointer = str_cut(str_make((const char *)data, size), '\n', &text);
  struct arena a;
  struct value root;
  arena_init(&a, 64 << 20);
  struct json_options options = {.positions = true};
  if (pointer_check(pointer, NULL) == 0)
    check_tokens(pointer);
  if (json_parse(&a, text, &options, &root, NULL) == 0)
    check_place(root, pointer);
  arena_free(&a);
  return 0;
}
