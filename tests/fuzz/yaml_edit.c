/*
 * A patch in JSON, a line break, then a text of documents. Whatever the text and the patch: an edit that
 * works gives a text in which the document has become what the patch makes of its value and every other
 * document is as it was; one that fails writes nothing; and a patch that changes nothing changes no
 * byte. The patch is applied to each document in turn.
 */
#include "data/yaml_edit.h"
#include "data/compare.h"
#include "data/json.h"

#include <assert.h>

struct expectation {
  uint32_t number;
  const struct patch *patch;
  bool same;
};

static int expect(void *ctx, struct arena *a, uint32_t number, struct value *io_root,
                  struct error *err)
{
  struct expectation *e = ctx;
  struct value before = *io_root;
  if (number != e->number)
    return 0;
  int rc = patch_apply(a, before, e->patch, NULL, io_root, err);
  e->same = rc == 0 && value_equal(before, *io_root);
  return rc;
}

static void check(struct arena *a, struct str text, uint32_t number, const struct patch *patch)
{
  _cleanup_(buf_free) struct buf out = {0};
  struct error err = {0};
  struct yaml_edit_refusal refusal = {0};
  int rc = yaml_edit(a, text, number, patch, &refusal, &out, &err);
  if (rc < 0) {
    assert(err.code == rc && err.message[0] && out.len == 0);
    return;
  }
  struct expectation e = {number, patch, false};
  assert(yaml_edit_verify(text, buf_str(&out), expect, &e, &err) == 0);
  if (e.same)
    assert(str_eq(text, buf_str(&out)));
}

static uint32_t count_documents(struct str text)
{
  struct arena a;
  arena_init(&a, 0);
  struct yaml_reader *reader = yaml_reader_new(text, NULL);
  struct yaml_document document;
  while (yaml_reader_next(reader, &a, &document, NULL) != 0)
    arena_reset(&a);
  uint32_t count = yaml_reader_count(reader);
  yaml_reader_free(reader);
  arena_free(&a);
  return count;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
  struct str rest, line = str_cut(str_make((const char *)data, size), '\n', &rest);
  struct patch_limits limits = {.operations = 20, .copied_nodes = 1000, .copied_bytes = 1 << 16};
  struct arena a;
  struct value document;
  struct patch patch;
  if (size > 8192 || !rest.data)
    return 0;
  arena_init(&a, 0);
  if (json_parse(&a, line, NULL, &document, NULL) == 0 &&
      patch_read(&a, document, &limits, &patch, NULL) == 0) {
    uint32_t count = count_documents(rest);
    for (uint32_t i = 1; i <= count && i <= 4; i++)
      check(&a, rest, i, &patch);
  }
  arena_free(&a);
  return 0;
}
