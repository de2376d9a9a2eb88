/*
 * A byte chooses the file. What is read names a distribution, has no control characters, and is preferred to
 * nothing.
 */
#include "scan/os_release.h"
#include "base/mem.h"

#include <assert.h>

static const struct str paths[] = {
    STR_INIT("etc/os-release"),
    STR_INIT("etc/alpine-release"),
    STR_INIT("etc/redhat-release"),
    STR_INIT("etc/debian_version"),
};

static void check_text(struct str text)
{
  for (size_t i = 0; i < text.len; i++)
    assert((unsigned char)text.data[i] >= ' ' && text.data[i] != 0x7f);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
  struct arena arena;
  struct os_release os, none = {0};
  struct error err;
  if (size == 0)
    return 0;
  arena_init(&arena, 0);
  int rc = os_release_read(&arena, paths[data[0] % 4], str_make((const char *)data + 1, size - 1),
                           &os, &err);
  if (rc < 0) {
    assert(err.code == rc && err.message[0]);
  } else {
    assert(os.id.len && os_release_prefer(&none, &os) && !os_release_prefer(&os, &none));
    assert(os.release.len <= os.version.len || os.release.len == 1);
    check_text(os.id);
    check_text(os.version);
    check_text(os.codename);
    check_text(os.pretty);
    os_release_is_over(&os, true, 0);
  }
  arena_free(&arena);
  return 0;
}
