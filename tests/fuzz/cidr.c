/*
 * Two lines, two ranges: each survives writing and reading, contains its ends, and containing and
 * overlapping agree with the order of addresses.
 */
#include "data/cidr.h"
#include "base/mem.h"

#include <assert.h>

static bool check_text(struct str text, struct cidr *ret)
{
  struct error err;
  struct cidr again;
  int rc = cidr_parse_or_address(text, ret, &err);
  if (rc < 0) {
    assert(err.code == SW_EINVAL && err.message[0]);
    return false;
  }
  _cleanup_(buf_free) struct buf out = {0};
  cidr_write(&out, *ret);
  assert(cidr_parse(buf_str(&out), &again, NULL) == 0);
  assert(again.prefix == ret->prefix && ip_compare(again.address, ret->address) == 0);
  assert(ip_compare(cidr_first(*ret), ret->address) <= 0);
  assert(ip_compare(ret->address, cidr_last(*ret)) <= 0);
  assert(cidr_contains_address(*ret, cidr_first(*ret)));
  assert(cidr_contains_address(*ret, cidr_last(*ret)));
  assert(cidr_is_masked(cidr_masked(*ret)));
  return true;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
  struct str rest, line = str_cut(str_make((const char *)data, size), '\n', &rest);
  struct cidr a, b;
  if (!check_text(line, &a) || !rest.data || !check_text(rest, &b))
    return 0;
  bool same = a.address.width == b.address.width;
  bool contains = same && ip_compare(cidr_first(a), cidr_first(b)) <= 0 &&
                  ip_compare(cidr_last(b), cidr_last(a)) <= 0;
  bool overlaps = same && ip_compare(cidr_first(a), cidr_last(b)) <= 0 &&
                  ip_compare(cidr_first(b), cidr_last(a)) <= 0;
  assert(cidr_contains(a, b) == contains);
  assert(cidr_overlaps(a, b) == overlaps);
  return 0;
}
