/*
 * What is read holds together, can be written in both formats, and comes back as the same packages.
 */
#include "scan/sbom/sbom.h"
#include "base/mem.h"

#include <assert.h>

static void check(const struct sbom *sbom)
{
  for (size_t i = 0; i < sbom->package_count; i++) {
    const struct package *p = &sbom->packages[i];
    assert(p->name.len && p->version.text.len && p->source.len && p->file_count == 0);
    assert(p->layer < sbom->subject.layer_count || p->layer == UINT32_MAX ||
           sbom->subject.layer_count == 0);
  }
  for (size_t i = 0; i < sbom->dependency_count; i++)
    assert(sbom->dependencies[i].package < sbom->package_count &&
           sbom->dependencies[i].needs < sbom->package_count);
  assert(sbom->unmatched_count <= sbom->unmatched_total);
  for (size_t i = 0; i < sbom->unmatched_count; i++)
    assert(sbom->unmatched[i].why.len);
}

static void comes_back(struct arena *arena, const struct sbom *sbom, const char *format)
{
  struct sink out;
  struct sbom back;
  struct error err;
  sink_to_memory(&out, 0);
  assert(sbom_write(sbom, sbom_format_named(str_from(format)), &out, &err) == 0);
  assert(sink_finish(&out, &err) == 0);
  assert(sbom_read(buf_str(&out.buf), NULL, arena, &back, &err) == 0);
  check(&back);
  assert(back.package_count == sbom->package_count && back.unmatched_total == 0);
  for (size_t i = 0; i < back.package_count; i++) {
    const struct package *a = &sbom->packages[i], *b = &back.packages[i];
    assert(a->type == b->type && str_eq(a->name, b->name));
    assert(str_eq(a->version.text, b->version.text));
    assert(str_eq(a->source, b->source) && str_eq(a->source_version.text, b->source_version.text));
  }
  sink_free(&out);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
  struct arena arena;
  struct sbom sbom;
  struct error err;
  struct str text = str_make((const char *)data, size);
  arena_init(&arena, 256 << 20);
  sbom_detect(text);
  int rc = sbom_read(text, NULL, &arena, &sbom, &err);
  assert(rc == 0 || (err.code == rc && err.message[0]));
  if (rc == 0) {
    check(&sbom);
    comes_back(&arena, &sbom, "cyclonedx");
    comes_back(&arena, &sbom, "spdx-json");
  }
  arena_free(&arena);
  return 0;
}
