/*
 * An object, as JSON, on its way into the decision log. Beyond not crashing: the line is one line of JSON,
 * and nothing that begins with the mark below stringData of a Secret, or as the value of a variable that is
 * masked, is in it.
 */
#include "daemon/decision_record.h"
#include "data/json.h"

#include <stdlib.h>

static void must(bool ok)
{
  if (!ok)
    abort();
}

static void check(struct arena *arena, const struct decision_mask *mask,
                  const struct decision_record *record, struct str secret)
{
  struct buf out = {0};
  struct value line;
  decision_record_write(&out, mask, record);
  must(str_find_byte(buf_str(&out), 0, '\n') < 0);
  must(json_parse(arena, buf_str(&out), NULL, &line, NULL) == 0);
  must(value_is(line, VALUE_OBJECT));
  if (secret.len)
    must(str_find(buf_str(&out), 0, secret) < 0);
  buf_free(&out);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
  static struct decision_mask *mask;
  const struct str pointers[] = {STR("/object/spec/*/token"), STR("/patch/*/value/a")};
  if (!mask)
    must(
        decision_mask_new(&(struct decision_mask_options){.pointers = pointers, .pointer_count = 2},
                          &mask, NULL) == 0);
  struct arena arena;
  arena_init(&arena, 64 << 20);
  struct value v;
  if (json_parse(&arena, str_make((const char *)data, size), NULL, &v, NULL) == 0) {
    const struct decision_record record = {
        .object = v, .old_object = v, .patch = v, .message = STR("planted-mark-planted")};
    check(&arena, mask, &record, STR_EMPTY);
    const struct value_member members[] = {
        {value_from("kind"), value_from("Secret")},
        {value_from("anything"), v},
        {value_from("stringData"), value_from("planted-mark-planted")},
    };
    struct value secret;
    must(value_object_make(&arena, members, NULL, 3, VALUE_REFUSE, NULL, &secret));
    /* The input may have it too, in plain sight. */
    bool has = str_find(str_make((const char *)data, size), 0, STR("planted")) >= 0;
    check(&arena, mask, &(struct decision_record){.object = secret, .message = record.message},
          has ? STR_EMPTY : STR("planted-mark"));
  }
  arena_free(&arena);
  return 0;
}
