/* Whatever the text: what is read fits its limits, and read again from its parts it is the same. */
#include "oci/reference.h"

#include <assert.h>

static bool within(struct str part, struct str text)
{
  return !part.len || (part.data >= text.data && part.data + part.len <= text.data + text.len);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
  struct str text = str_make((const char *)data, size);
  struct image_reference r, again;
  struct error err;
  int rc = image_reference_read(text, &r, &err);
  if (rc < 0) {
    assert(err.code == rc && err.message[0]);
    return 0;
  }
  assert(size <= IMAGE_REFERENCE_MAX && r.name.len <= IMAGE_REPOSITORY_MAX);
  assert(r.tag.len <= IMAGE_TAG_MAX && (r.tag.len || r.digest.len));
  assert(within(r.name, text) && within(r.repository, text) && within(r.digest, text));
  assert(!r.digest.len || image_digest_valid(r.digest));
  struct arena arena;
  arena_init(&arena, 0);
  struct str name = image_reference_name(&r, &arena);
  if (name.len <= IMAGE_REPOSITORY_MAX) {
    assert(image_reference_read(name, &again, &err) == 0);
    assert(str_eq(image_reference_name(&again, &arena), name) && !again.tag_given);
  }
  arena_free(&arena);
  return 0;
}
