/* From an index down to the layers of one image. */
#include "oci/source_int.h"

#include "oci/reference.h"

enum { NAMES_TOLD = 12, NAME_TOLD_MAX = 100 };

static const struct str config_types[] = {
    STR_INIT("application/vnd.oci.image.config.v1+json"),
    STR_INIT("application/vnd.docker.container.image.v1+json"),
};

/* ---- names */

/* containerd and Docker write the whole reference into one, the tag alone into the other. */
static struct str whole_name(const struct oci_descriptor *d)
{
  return oci_descriptor_annotation(d, STR("io.containerd.image.name"));
}

static struct str ref_name(const struct oci_descriptor *d)
{
  return oci_descriptor_annotation(d, STR("org.opencontainers.image.ref.name"));
}

static struct str name_of(const struct oci_descriptor *d)
{
  return whole_name(d).len ? whole_name(d) : ref_name(d);
}

/* Of docker.io's library without that, whether it was written or not. */
static struct str bare_repository(const struct image_reference *r)
{
  struct str library = STR("library/");
  bool hub = str_eq(r->registry, STR("docker.io")) && str_starts(r->repository, library) &&
             str_find_byte(r->repository, library.len, '/') < 0;
  return hub ? str_sub(r->repository, library.len, r->repository.len) : r->repository;
}

bool oci_name_fits(struct str name, struct str wanted)
{
  struct image_reference a, b;
  if (!name.len || str_eq(name, wanted))
    return name.len > 0;
  if (image_reference_read(name, &a, NULL) < 0 || image_reference_read(wanted, &b, NULL) < 0)
    return false;
  return str_eq(a.registry, b.registry) && str_eq(bare_repository(&a), bare_repository(&b)) &&
         str_eq(a.tag, b.tag) && str_eq(a.digest, b.digest);
}

static bool fits(const struct oci_descriptor *d, struct str wanted)
{
  return !wanted.len || str_eq(d->digest, wanted) || oci_name_fits(whole_name(d), wanted) ||
         oci_name_fits(ref_name(d), wanted);
}

static void tell_names(const struct oci_index *index, struct buf *told)
{
  size_t count = 0;
  for (size_t i = 0; i < index->count; i++) {
    struct str name = name_of(&index->manifests[i]);
    if (!name.len)
      name = index->manifests[i].digest;
    if (count++ < NAMES_TOLD)
      buf_printf(told, "%s%.*s", count > 1 ? ", " : "", STR_FMT(str_sub(name, 0, NAME_TOLD_MAX)));
  }
  if (count > NAMES_TOLD)
    buf_printf(told, " and %zu more", count - NAMES_TOLD);
}

/* Those of an index that have the name; without one, all, if they have one name in common. */
static int pick(const struct oci_index *index, struct str wanted, struct arena *arena,
                struct oci_index *ret, struct error *err)
{
  _cleanup_(buf_free) struct buf told = {0};
  ret->manifests = arena_array(arena, struct oci_descriptor, index->count);
  ret->count = 0;
  for (size_t i = 0; i < index->count; i++)
    if (fits(&index->manifests[i], wanted))
      ret->manifests[ret->count++] = index->manifests[i];
  if (ret->count == 0) {
    if (!index->count)
      return error_set(err, SW_ENOENT, "there is no image in it");
    tell_names(index, &told);
    return error_set(err, SW_ENOENT, "there is no image \"%.*s\" in it; there is %s",
                     STR_FMT(str_sub(wanted, 0, NAME_TOLD_MAX)), buf_text(&told));
  }
  for (size_t i = 1; i < ret->count && !wanted.len; i++)
    if (!str_eq(name_of(&ret->manifests[i]), name_of(&ret->manifests[0]))) {
      tell_names(index, &told);
      return error_set(err, SW_ENOENT, "there are several images in it, name one: %s",
                       buf_text(&told));
    }
  return 0;
}

/* ---- documents */

static int read_verified(const struct oci_input *input, const struct oci_descriptor *d,
                         struct arena *arena, struct str *ret, struct error *err)
{
  _cleanup_(buf_free) struct buf text = {0};
  buf_init(&text, OCI_DOCUMENT_MAX + OCI_UNPACK_PIECE_MAX);
  int rc = oci_content_read(input, OCI_DOCUMENT_MAX, &text, err);
  if (rc == 0)
    rc = oci_check_bytes(d, buf_str(&text), err);
  if (rc == 0)
    *ret = arena_copy(arena, buf_str(&text));
  return rc;
}

enum document { MANIFEST, CONFIGURATION };

static int get_document(const struct oci_blobs *blobs, const struct oci_descriptor *d,
                        enum document kind, struct arena *arena, struct str *ret, struct error *err)
{
  const char *what = kind == MANIFEST ? "manifest" : "configuration";
  bool apart = kind == MANIFEST && blobs->open_manifest;
  struct oci_input input;
  if (d->size != OCI_SIZE_UNKNOWN && d->size > OCI_DOCUMENT_MAX)
    return error_set(err, SW_ELIMIT, "%s %.*s: larger than the %d MiB that it may be", what,
                     STR_FMT(oci_descriptor_short(d)), (int)(OCI_DOCUMENT_MAX >> 20));
  int rc = (apart ? blobs->open_manifest : blobs->open)(blobs->ctx, d, &input, err);
  if (rc == 0) {
    rc = read_verified(&input, d, arena, ret, err);
    blobs->close(blobs->ctx, &input);
  }
  return rc < 0 ? error_wrap(err, "%s %.*s", what, STR_FMT(oci_descriptor_short(d))) : 0;
}

static int check_layer(const struct oci_descriptor *d, size_t i, struct error *err)
{
  if (!oci_is_layer(d->media_type))
    return error_set(err, SW_EUNSUPPORTED, "layer %zu is \"%.*s\": an artifact, not an image",
                     i + 1, STR_FMT(d->media_type));
  if (str_ends(d->media_type, STR("+encrypted")))
    return error_set(err, SW_EUNSUPPORTED, "layer %zu is encrypted", i + 1);
  return 0;
}

static int take_manifest(const struct oci_blobs *blobs, const struct oci_manifest *m,
                         struct arena *arena, struct oci_image *image, struct error *err)
{
  struct str type = m->config.media_type, text;
  if (type.len && !str_eq(type, config_types[0]) && !str_eq(type, config_types[1]))
    return error_set(err, SW_EUNSUPPORTED,
                     "its configuration is \"%.*s\": an artifact, not an image", STR_FMT(type));
  int rc = get_document(blobs, &m->config, CONFIGURATION, arena, &text, err);
  if (rc < 0)
    return rc;
  rc = oci_config_read(text, arena, &image->config, err);
  if (rc < 0)
    return error_wrap(err, "configuration %.*s", STR_FMT(oci_descriptor_short(&m->config)));
  const struct oci_strings *ids = &image->config.diff_ids;
  if (ids->count != m->layer_count)
    return error_set(err, SW_EINVAL, "the manifest has %zu layers, its configuration %zu diff_ids",
                     m->layer_count, ids->count);
  image->manifest = *m;
  image->id = m->config.digest;
  image->layer_count = m->layer_count;
  image->layers = arena_zalloc(arena, m->layer_count, sizeof *image->layers);
  for (size_t i = 0; i < m->layer_count; i++) {
    rc = check_layer(&m->layers[i], i, err);
    if (rc < 0)
      return rc;
    image->layers[i].packed = m->layers[i];
    image->layers[i].diff_id = ids->items[i];
    image->layers[i].place = blobs->place ? blobs->place(blobs->ctx, &m->layers[i]) : i;
  }
  return 0;
}

static int descend(const struct oci_blobs *blobs, const struct oci_descriptor *d,
                   const struct oci_choice *choice, struct arena *arena, struct oci_image *image,
                   struct error *err)
{
  for (int depth = 0; depth <= OCI_INDEX_DEPTH_MAX; depth++) {
    struct oci_document doc;
    struct str text;
    int rc = get_document(blobs, d, MANIFEST, arena, &text, err);
    if (rc < 0)
      return rc;
    rc = oci_document_read(text, d->media_type, arena, &doc, err);
    if (rc == 0 && doc.kind == OCI_MANIFEST) {
      image->digest = d->digest;
      rc = take_manifest(blobs, &doc.manifest, arena, image, err);
    }
    if (rc < 0)
      return error_wrap(err, "manifest %.*s", STR_FMT(oci_descriptor_short(d)));
    if (doc.kind == OCI_MANIFEST)
      return 0;
    /* The descriptors live in the arena; the index itself does not have to. */
    rc = oci_index_choose(&doc.index, choice->platform, &d, err);
    if (rc < 0)
      return rc;
  }
  return error_set(err, SW_ELIMIT, "more than %d indexes lie within each other",
                   OCI_INDEX_DEPTH_MAX);
}

int oci_image_agree(const struct oci_image *image, const struct oci_choice *choice,
                    struct error *err)
{
  char is[OCI_PLATFORM_TEXT], wanted[OCI_PLATFORM_TEXT];
  if (!choice->platform || oci_platform_rank(choice->platform, &image->config.platform) >= 0)
    return 0;
  return error_set(err, SW_ENOENT, "the image is for %s, not for %s",
                   oci_platform_text(&image->config.platform, is),
                   oci_platform_text(choice->platform, wanted));
}

int oci_blobs_image(const struct oci_blobs *blobs, struct str index_text,
                    const struct oci_choice *choice, struct arena *arena, struct oci_image *ret,
                    struct error *err)
{
  struct oci_document doc;
  struct oci_index named;
  int rc = oci_document_read(index_text, STR_EMPTY, arena, &doc, err);
  if (rc == 0 && doc.kind != OCI_INDEX)
    rc = error_set(err, SW_EINVAL, "it is no index");
  if (rc < 0)
    return error_wrap(err, "index.json");
  rc = pick(&doc.index, choice->reference, arena, &named, err);
  if (rc < 0)
    return rc;
  const struct oci_descriptor *d = named.manifests;
  if (named.count > 1)
    rc = oci_index_choose(&named, choice->platform, &d, err);
  if (rc == 0)
    rc = oci_blobs_image_of(blobs, d, choice, arena, ret, err);
  if (rc == 0)
    ret->name = name_of(d);
  return rc;
}

int oci_blobs_image_of(const struct oci_blobs *blobs, const struct oci_descriptor *root,
                       const struct oci_choice *choice, struct arena *arena, struct oci_image *ret,
                       struct error *err)
{
  struct oci_image image = {.digest = STR_EMPTY};
  int rc = descend(blobs, root, choice, arena, &image, err);
  if (rc == 0)
    rc = oci_image_agree(&image, choice, err);
  if (rc == 0)
    *ret = image;
  return rc;
}

static int text_read(void *ctx, void *to, size_t room, size_t *ret_got, struct error *err)
{
  struct str *rest = ctx;
  struct str piece = str_sub(*rest, 0, room);
  (void)err;
  if (piece.len)
    memcpy(to, piece.data, piece.len);
  *rest = str_sub(*rest, piece.len, SIZE_MAX);
  *ret_got = piece.len;
  return 0;
}

struct oci_input oci_text_input(struct str *rest)
{
  return (struct oci_input){text_read, rest};
}

int oci_layer_missing(const struct oci_descriptor *d, int rc, struct error *err)
{
  if (rc == SW_ENOENT && d->foreign)
    return error_set(err, SW_EUNSUPPORTED, "it is kept elsewhere, and is not part of the image");
  return rc;
}

int oci_blobs_read_layer(const struct oci_blobs *blobs, const struct oci_image *image, size_t i,
                         const struct oci_layer_options *options, const struct oci_visitor *visitor,
                         struct oci_layer_totals *totals, struct error *err)
{
  const struct oci_descriptor *d = &image->layers[i].packed;
  struct oci_input input;
  int rc = blobs->open(blobs->ctx, d, &input, err);
  if (rc < 0)
    return oci_layer_missing(d, rc, err) < 0 && err ? error_wrap(err, "%s", options->name) : rc;
  rc = oci_layer_read(input, options, visitor, totals, err);
  blobs->close(blobs->ctx, &input);
  return rc;
}
