#include "oci/manifest.h"

#include "base/buf.h"
#include "data/json.h"

#define OCI_TYPE "application/vnd.oci.image."
#define DOCKER_TYPE "application/vnd.docker."

enum { DEPTH_MAX = 64, PLATFORMS_TOLD = 12 };

static const struct str index_types[] = {
    STR_INIT(OCI_TYPE "index.v1+json"),
    STR_INIT(DOCKER_TYPE "distribution.manifest.list.v2+json"),
};
static const struct str manifest_types[] = {
    STR_INIT(OCI_TYPE "manifest.v1+json"),
    STR_INIT(DOCKER_TYPE "distribution.manifest.v2+json"),
};
static const struct str layer_types[] = {
    STR_INIT(OCI_TYPE "layer."),
    STR_INIT(DOCKER_TYPE "image.rootfs."),
};
static const struct str schema1_types[] = {
    STR_INIT(DOCKER_TYPE "distribution.manifest.v1+json"),
    STR_INIT(DOCKER_TYPE "distribution.manifest.v1+prettyjws"),
};

static bool one_of(struct str type, const struct str types[2])
{
  return str_eq(type, types[0]) || str_eq(type, types[1]);
}

bool oci_is_index(struct str media_type)
{
  return one_of(media_type, index_types);
}

bool oci_is_manifest(struct str media_type)
{
  return one_of(media_type, manifest_types);
}

bool oci_is_layer(struct str media_type)
{
  return !media_type.len || str_starts(media_type, layer_types[0]) ||
         str_starts(media_type, layer_types[1]);
}

/* ---- indexes and manifests */

static int parse(struct str text, struct arena *arena, struct value *ret, struct error *err)
{
  const struct json_options options = {.size_max = OCI_DOCUMENT_MAX, .depth_max = DEPTH_MAX};
  int rc = json_parse(arena, text, &options, ret, err);
  if (rc < 0)
    return rc;
  if (!value_is(*ret, VALUE_OBJECT))
    return error_set(err, SW_EINVAL, "it is a %s, must be an object", value_type_name(*ret));
  return 0;
}

static int read_descriptors(struct value root, const char *name, size_t max, struct arena *arena,
                            struct oci_descriptor **ret, size_t *ret_count, struct error *err)
{
  struct value list = value_get(root, value_from(name));
  *ret = NULL;
  *ret_count = 0;
  if (value_is_nil(list))
    return 0;
  if (!value_is(list, VALUE_ARRAY))
    return error_set(err, SW_EINVAL, "\"%s\" is a %s, must be an array", name,
                     value_type_name(list));
  if (list.len > max)
    return error_set(err, SW_ELIMIT, "\"%s\" has more than %zu elements", name, max);
  struct oci_descriptor *items = arena_array(arena, struct oci_descriptor, list.len);
  for (uint32_t i = 0; i < list.len; i++) {
    int rc = oci_descriptor_read(list.items[i], &items[i], err);
    if (rc < 0)
      return error_wrap(err, "%s[%u]", name, i);
  }
  *ret = items;
  *ret_count = list.len;
  return 0;
}

static bool has(struct value root, const char *name)
{
  return !value_is_nil(value_get(root, value_from(name)));
}

static int wrong_kind(const char *is, const char *also, struct error *err)
{
  return error_set(
      err, SW_EINVAL,
      "it is %s, and has \"%s\" all the same: what can be read in two ways is not read", is, also);
}

static int read_index(struct value root, struct arena *arena, struct oci_document *doc,
                      struct error *err)
{
  doc->kind = OCI_INDEX;
  if (has(root, "layers") || has(root, "config"))
    return wrong_kind("an index", has(root, "layers") ? "layers" : "config", err);
  if (has(root, "fsLayers"))
    return wrong_kind("an index", "fsLayers", err);
  return read_descriptors(root, "manifests", OCI_INDEX_MANIFESTS_MAX, arena, &doc->index.manifests,
                          &doc->index.count, err);
}

static int read_manifest(struct value root, struct arena *arena, struct oci_document *doc,
                         struct error *err)
{
  struct oci_manifest *m = &doc->manifest;
  doc->kind = OCI_MANIFEST;
  if (has(root, "manifests"))
    return wrong_kind("a manifest", "manifests", err);
  if (!has(root, "config"))
    return error_set(err, SW_EINVAL, "\"config\" is missing");
  int rc = oci_descriptor_read(value_get(root, value_from("config")), &m->config, err);
  if (rc < 0)
    return error_wrap(err, "config");
  m->artifact_type = value_str_or_empty(value_get(root, value_from("artifactType")));
  m->annotations = value_get(root, value_from("annotations"));
  if (!value_is(m->annotations, VALUE_OBJECT))
    m->annotations = VALUE_NONE;
  return read_descriptors(root, "layers", OCI_LAYERS_MAX, arena, &m->layers, &m->layer_count, err);
}

/* What it is: by the descriptor, by itself, or by what it has; the first two must not disagree. */
static int find_type(struct value root, struct str media_type, struct str *ret, struct error *err)
{
  struct value own = value_get(root, value_from("mediaType"));
  if (!value_is_nil(own) && !value_is(own, VALUE_STRING))
    return error_set(err, SW_EINVAL, "\"mediaType\" is a %s, must be a string",
                     value_type_name(own));
  struct str said = value_str_or_empty(own);
  if (said.len && media_type.len && !str_eq(said, media_type))
    return error_set(err, SW_EINVAL, "its mediaType is \"%.*s\", its descriptor says \"%.*s\"",
                     STR_FMT(str_sub(said, 0, 128)), STR_FMT(str_sub(media_type, 0, 128)));
  *ret = media_type.len ? media_type : said;
  if (!ret->len)
    *ret = has(root, "manifests") ? index_types[0] : manifest_types[0];
  return 0;
}

int oci_document_read(struct str text, struct str media_type, struct arena *arena,
                      struct oci_document *ret, struct error *err)
{
  struct value root;
  struct str type;
  struct oci_document doc = {0};
  int rc = parse(text, arena, &root, err);
  if (rc == 0)
    rc = find_type(root, media_type, &type, err);
  if (rc < 0)
    return rc;
  int64_t version;
  bool old = value_to_int(value_get(root, value_from("schemaVersion")), &version) && version == 1;
  if (old || one_of(type, schema1_types))
    return error_set(
        err, SW_EUNSUPPORTED,
        "it is a manifest of Docker's schema 1, which registries gave up; push the image "
        "again with a current tool");
  if (oci_is_index(type))
    rc = read_index(root, arena, &doc, err);
  else if (oci_is_manifest(type))
    rc = read_manifest(root, arena, &doc, err);
  else
    return error_set(err, SW_EUNSUPPORTED, "\"%.*s\" is neither an image nor an index of images",
                     STR_FMT(str_sub(type, 0, 128)));
  if (rc < 0)
    return rc;
  *ret = doc;
  return 0;
}

/* ---- the choice */

static bool is_unknown(const struct oci_platform *p)
{
  return strcmp(p->os, "unknown") == 0 || strcmp(p->architecture, "unknown") == 0;
}

static bool is_image(const struct oci_descriptor *d)
{
  if (d->media_type.len && !oci_is_index(d->media_type) && !oci_is_manifest(d->media_type))
    return false;
  return !d->artifact_type.len && !(d->has_platform && is_unknown(&d->platform));
}

static int none_suits(const struct oci_index *index, const struct oci_platform *wanted,
                      struct error *err)
{
  char name[OCI_PLATFORM_TEXT];
  _cleanup_(buf_free) struct buf told = {0};
  size_t count = 0;
  for (size_t i = 0; i < index->count; i++) {
    if (!is_image(&index->manifests[i]) || !index->manifests[i].has_platform)
      continue;
    if (count++ < PLATFORMS_TOLD)
      buf_printf(&told, "%s%s", count > 1 ? ", " : "",
                 oci_platform_text(&index->manifests[i].platform, name));
  }
  if (count > PLATFORMS_TOLD)
    buf_printf(&told, " and %zu more", count - PLATFORMS_TOLD);
  return error_set(err, SW_ENOENT, "there is no image for %s; there is %s",
                   oci_platform_text(wanted, name), count ? buf_text(&told) : "none at all");
}

int oci_index_choose(const struct oci_index *index, const struct oci_platform *platform,
                     const struct oci_descriptor **ret, struct error *err)
{
  struct oci_platform here;
  const struct oci_descriptor *best = NULL, *unsaid = NULL, *any = NULL;
  int best_rank = 0;
  size_t images = 0;
  oci_platform_here(&here);
  const struct oci_platform *wanted = platform ? platform : &here;
  for (size_t i = 0; i < index->count; i++) {
    const struct oci_descriptor *d = &index->manifests[i];
    if (!is_image(d))
      continue;
    images++;
    any = d;
    if (!d->has_platform) {
      unsaid = unsaid ? unsaid : d;
      continue;
    }
    int rank = oci_platform_rank(wanted, &d->platform);
    if (rank >= 0 && (!best || rank < best_rank)) {
      best = d;
      best_rank = rank;
    }
  }
  if (!best)
    best = unsaid;
  if (!best && !platform && images == 1)
    best = any;
  if (!best)
    return none_suits(index, wanted, err);
  *ret = best;
  return 0;
}
