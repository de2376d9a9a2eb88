/*
 * A text of documents, YAML or JSON. Whatever value was read: it is written, and what is read from that is
 * the same value; or it is refused and nothing is written. The last bytes of a JSON text may be a number
 * beyond all ranges, so both readers are tried.
 */
#include "data/yaml_write.h"
#include "data/compare.h"
#include "data/json.h"
#include "data/yaml.h"

#include <assert.h>

static void check(struct value v)
{
  _cleanup_(buf_free) struct buf out = {0};
  struct error err = {0};
  struct arena a;
  buf_add(&out, STR("---\n"));
  int rc = yaml_write(&out, v, &err);
  if (rc < 0) {
    assert(rc == SW_EUNSUPPORTED && err.message[0] && out.len == 4);
    return;
  }
  assert(out.data[out.len - 1] == '\n');
  arena_init(&a, 0);
  struct yaml_options options = {.duplicates = VALUE_REFUSE};
  struct yaml_reader *reader = yaml_reader_new(buf_str(&out), &options);
  struct yaml_document document, another;
  /* A document with nothing but null in it is one that was written out: "null". */
  assert(yaml_reader_next(reader, &a, &document, &err) == 1);
  assert(value_equal(document.root, v));
  assert(yaml_reader_next(reader, &a, &another, &err) == 0);
  yaml_reader_free(reader);
  arena_free(&a);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
  struct str text = str_make((const char *)data, size);
  struct arena a;
  struct value root;
  if (size > 16384)
    return 0;
  arena_init(&a, 0);
  if (json_parse(&a, text, NULL, &root, NULL) == 0)
    check(root);
  struct yaml_reader *reader = yaml_reader_new(text, NULL);
  struct yaml_document document;
  for (int got; (got = yaml_reader_next(reader, &a, &document, NULL)) != 0;)
    if (got > 0)
      check(document.root);
  yaml_reader_free(reader);
  arena_free(&a);
  return 0;
}
