/*
 * Two lines, two versions: what is read is written as it was, what the strict form reads the tolerant
 * one reads alike, and the order is one.
 */
#include "data/semver.h"
#include "base/mem.h"

#include <assert.h>

static bool check_text(struct str text, struct semver *ret)
{
  struct error err;
  struct version_minor minor;
  struct semver strict;
  int rc = version_minor_parse(text, &minor, &err);
  assert(rc == 0 || (err.code == rc && err.message[0]));
  rc = semver_parse_tolerant(text, ret, &err);
  if (rc < 0) {
    assert(err.code == rc && err.message[0]);
    assert(semver_parse(text, &strict, NULL) < 0);
    return false;
  }
  if (semver_parse(text, &strict, NULL) == 0) {
    _cleanup_(buf_free) struct buf out = {0};
    semver_write(&out, strict);
    assert(str_eq(buf_str(&out), text));
    assert(semver_compare(strict, *ret) == 0);
  }
  return true;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
  struct str rest, line = str_cut(str_make((const char *)data, size), '\n', &rest);
  struct semver a, b;
  if (!check_text(line, &a))
    return 0;
  assert(semver_compare(a, a) == 0);
  if (rest.data && check_text(rest, &b))
    assert(semver_compare(a, b) == -semver_compare(b, a));
  return 0;
}
