/*
 * The first byte chooses the kind of record, the second the order of its versions. What is read is written as bytes
 * that read as the same.
 */
#include "base/mem.h"
#include "scan/advisory/record.h"

#include <assert.h>

static void fuzz_affected(struct str row, const struct version_ops *ops, struct arena *arena)
{
  struct error err;
  for (struct str rest = row; rest.len;) {
    struct advisory_record_affected a, again;
    struct buf out = {0}, twice = {0};
    struct str before = rest;
    int rc = advisory_record_read_affected(&rest, ops, arena, &a, &err);
    assert(rc == 0 || (rc == SW_EINVAL && err.code == rc));
    if (rc < 0)
      return;
    assert(rest.len < before.len && a.severity < SEVERITY_COUNT);
    struct version zero = {ops, STR_EMPTY};
    for (size_t i = 0; i < a.range_count; i++) {
      zero.key = a.ranges[i].count ? a.ranges[i].steps[0].version.key : STR_EMPTY;
      version_range_affects(&a.ranges[i], zero);
      version_range_fix(&a.ranges[i], zero);
    }
    advisory_record_write_affected(&out, &a);
    struct str written = buf_str(&out);
    assert(advisory_record_read_affected(&written, ops, arena, &again, &err) == 0 && !written.len);
    advisory_record_write_affected(&twice, &again);
    assert(str_eq(buf_str(&out), buf_str(&twice)));
    buf_free(&out);
    buf_free(&twice);
  }
}

static void fuzz_head(struct str bytes, struct arena *arena)
{
  struct advisory_record_head head;
  struct buf out = {0};
  if (advisory_record_read_head(bytes, arena, &head, NULL) < 0)
    return;
  advisory_record_write_head(&out, &head);
  assert(advisory_record_read_head(buf_str(&out), arena, &head, NULL) == 0);
  buf_free(&out);
}

static void fuzz_text(struct str bytes, struct arena *arena)
{
  struct advisory_record_text text;
  struct buf out = {0};
  if (advisory_record_read_text(bytes, arena, &text, NULL) < 0)
    return;
  advisory_record_write_text(&out, &text);
  assert(advisory_record_read_text(buf_str(&out), arena, &text, NULL) == 0);
  buf_free(&out);
}

static void fuzz_id(struct str id)
{
  char room[ADVISORY_CVE_TEXT];
  struct str cve = advisory_id_cve(id);
  uint64_t number = advisory_cve_number(cve);
  assert(!cve.len == !number && str_ends(id, cve));
  if (number)
    assert(advisory_cve_number(advisory_cve_text(number, room)) == number);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
  struct arena arena;
  if (size < 2)
    return 0;
  struct str bytes = str_make((const char *)data + 2, size - 2);
  unsigned orders = 0;
  while (version_ops_at(orders))
    orders++;
  arena_init(&arena, 0);
  switch (data[0] % 4) {
  case 0:
    fuzz_affected(bytes, version_ops_at(data[1] % orders), &arena);
    break;
  case 1:
    fuzz_head(bytes, &arena);
    break;
  case 2:
    fuzz_text(bytes, &arena);
    break;
  default:
    fuzz_id(bytes);
  }
  arena_free(&arena);
  return 0;
}
