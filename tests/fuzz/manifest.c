/*
 * Whatever the document: what is read keeps its limits, every digest in it is one, and the choice of an index is
 * one of its manifests that runs on the platform, or says none.
 */
#include "oci/manifest.h"
#include "oci/reference.h"

#include <assert.h>

static void check_descriptor(const struct oci_descriptor *d)
{
  assert(image_digest_valid(d->digest) && d->media_type.len <= OCI_MEDIA_TYPE_MAX);
  assert(oci_descriptor_short(d).len > 0);
}

static void check_choice(const struct oci_index *index, const struct oci_platform *wanted)
{
  const struct oci_descriptor *d;
  struct error err;
  int rc = oci_index_choose(index, wanted, &d, &err);
  assert(rc == 0 || rc == SW_ENOENT);
  if (rc < 0)
    return;
  assert(d >= index->manifests && d < index->manifests + index->count);
  for (size_t i = 0; wanted && d->has_platform && i < index->count; i++) {
    const struct oci_descriptor *other = &index->manifests[i];
    int mine = oci_platform_rank(wanted, &d->platform);
    assert(mine >= 0);
    if (other->has_platform && other < d && !other->artifact_type.len &&
        (!other->media_type.len || oci_is_manifest(other->media_type)))
      assert(strcmp(other->platform.os, "unknown") == 0 ||
             strcmp(other->platform.architecture, "unknown") == 0 ||
             oci_platform_rank(wanted, &other->platform) != 0 || mine == 0);
  }
}

static void check_config(struct str text, struct arena *arena)
{
  struct oci_config c;
  struct error err;
  int rc = oci_config_read(text, arena, &c, &err);
  if (rc < 0) {
    assert(err.code == rc && err.message[0]);
    return;
  }
  assert(c.diff_ids.count <= OCI_LAYERS_MAX && c.env.count <= OCI_CONFIG_LIST_MAX);
  for (size_t i = 0; i < c.diff_ids.count; i++)
    assert(image_digest_valid(c.diff_ids.items[i]));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
  struct str text = str_make((const char *)data, size);
  struct oci_document doc;
  struct oci_platform arm;
  struct error err;
  struct arena arena;
  arena_init(&arena, 64 << 20);
  assert(oci_platform_read(STR("linux/arm64"), &arm, &err) == 0);
  int rc = oci_document_read(text, STR_EMPTY, &arena, &doc, &err);
  if (rc < 0) {
    assert(err.code == rc && err.message[0]);
  } else if (doc.kind == OCI_INDEX) {
    for (size_t i = 0; i < doc.index.count; i++)
      check_descriptor(&doc.index.manifests[i]);
    check_choice(&doc.index, NULL);
    check_choice(&doc.index, &arm);
  } else {
    check_descriptor(&doc.manifest.config);
    for (size_t i = 0; i < doc.manifest.layer_count; i++)
      check_descriptor(&doc.manifest.layers[i]);
  }
  check_config(text, &arena);
  arena_free(&arena);
  return 0;
}
