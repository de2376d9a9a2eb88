/*
 * Whatever the bytes are: the reader ends, every answer has a place, what it reads survives being
 * written as JSON and read again, the same text gives the same answers whatever the options and
 * from a reader that has been used before, and libyaml's events from the lent buffer are those it
 * makes of the text by itself.
 */
#include "data/yaml.h"
#include "base/utf8.h"
#include "data/compare.h"
#include "data/json.h"
#include "data/json_write.h"
#include "data/yaml_input.h"

#include <assert.h>

enum { TEXT_MAX = 1 << 16 };

struct answer {
  int got;
  uint32_t line, column;
};

static void check_root(struct arena *arena, const struct yaml_document *doc)
{
  struct buf text = {0};
  struct value again;
  struct json_options options = {.depth_max = JSON_DEPTH_MAX};
  json_write(&text, doc->root, 0);
  assert(!buf_failed(&text));
  assert(json_parse(arena, buf_str(&text), &options, &again, NULL) == 0);
  assert(value_equal(doc->root, again));
  buf_free(&text);
}

/* Reads all documents, into the answers if there is room for them: how many there were. */
static size_t read_all(struct yaml_reader *reader, struct arena *arena, bool thorough,
                       struct answer *answers, size_t room)
{
  size_t count = 0;
  uint32_t number = 0;
  for (;;) {
    struct yaml_document doc;
    struct error err = {0};
    int got = yaml_reader_next(reader, arena, &doc, &err);
    if (got == 0)
      break;
    if (got < 0) {
      assert(got == SW_EINVAL || got == SW_ELIMIT);
      assert(err.code == got && err.message[0]);
      assert(utf8_valid(str_from(err.message)));
    } else {
      assert(doc.number > number && doc.position.line && doc.position.column);
      number = doc.number;
      for (uint32_t i = 0; i < doc.duplicate_count; i++)
        assert(doc.duplicates[i].position.line);
      if (thorough)
        check_root(arena, &doc);
    }
    if (count < room)
      answers[count] = got < 0 ? (struct answer){got, err.line, err.column}
                               : (struct answer){got, doc.position.line, doc.position.column};
    count++;
  }
  assert(yaml_reader_count(reader) >= number);
  return count;
}

static void check_same(struct str text)
{
  static struct answer first[TEXT_MAX], second[TEXT_MAX];
  struct arena arena;
  arena_init(&arena, 256 << 20);
  struct yaml_options options = {.positions = true};
  struct yaml_reader *reader = yaml_reader_new(text, &options);
  size_t count = read_all(reader, &arena, true, first, TEXT_MAX);
  yaml_reader_reset(reader, text);
  assert(read_all(reader, &arena, false, second, TEXT_MAX) == count);
  assert(memcmp(first, second, count * sizeof *first) == 0);
  yaml_reader_free(reader);

  reader = yaml_reader_new(text, NULL);
  assert(read_all(reader, &arena, false, second, TEXT_MAX) == count);
  yaml_reader_free(reader);

  struct yaml_options strict = {.duplicates = VALUE_REFUSE, .depth_max = 5, .alias_max = 20};
  reader = yaml_reader_new(text, &strict);
  read_all(reader, &arena, false, second, 0);
  yaml_reader_free(reader);
  arena_free(&arena);
}

static bool same_mark(yaml_mark_t a, yaml_mark_t b)
{
  return a.index == b.index && a.line == b.line && a.column == b.column;
}

static void check_events(yaml_parser_t *lent, yaml_parser_t *own)
{
  for (bool more = true; more;) {
    yaml_event_t a, b;
    int got = yaml_parser_parse(lent, &a);
    assert(yaml_parser_parse(own, &b) == got);
    if (!got) {
      assert(lent->error == own->error && strcmp(lent->problem, own->problem) == 0);
      assert(same_mark(lent->problem_mark, own->problem_mark));
      return;
    }
    assert(a.type == b.type && same_mark(a.start_mark, b.start_mark) &&
           same_mark(a.end_mark, b.end_mark));
    if (a.type == YAML_SCALAR_EVENT)
      assert(a.data.scalar.length == b.data.scalar.length &&
             memcmp(a.data.scalar.value, b.data.scalar.value, a.data.scalar.length) == 0);
    more = a.type != YAML_STREAM_END_EVENT;
    yaml_event_delete(&a);
    yaml_event_delete(&b);
  }
}

static void check_lent_buffer(struct str text)
{
  struct yaml_input input = {0};
  yaml_input_set(&input, text);
  size_t good = yaml_input_check(&input, 0);
  assert(good <= text.len);
  if (good < text.len) {
    struct error err;
    assert(yaml_input_refuse(text, good, 1, &err) == SW_EINVAL);
  }
  yaml_parser_t lent, own;
  yaml_input_start(&input, &lent, 0, good);
  if (!yaml_parser_initialize(&own))
    abort();
  yaml_parser_set_encoding(&own, YAML_UTF8_ENCODING);
  yaml_parser_set_input_string(&own, (const unsigned char *)text.data, good);
  check_events(&lent, &own);
  yaml_parser_delete(&own);
  yaml_input_stop(&input, &lent);
  yaml_input_free(&input);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
  if (size > TEXT_MAX)
    return 0;
  struct str text = str_make((const char *)data, size);
  check_same(text);
  check_lent_buffer(text);
  return 0;
}
