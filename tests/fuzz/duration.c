/* A duration that is read is the same when it has been written and read again. */
#include "data/duration.h"
#include "base/mem.h"

#include <assert.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
  struct error err;
  int64_t n, again;
  int rc = duration_parse(str_make((const char *)data, size), &n, &err);
  if (rc < 0) {
    assert(err.code == rc && err.message[0]);
    return 0;
  }
  _cleanup_(buf_free) struct buf out = {0};
  duration_write(&out, n);
  assert(duration_parse(buf_str(&out), &again, NULL) == 0);
  assert(n == again);
  return 0;
}
