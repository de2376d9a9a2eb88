/* A repository of a registry. */
#include "oci/source_int.h"

#include "oci/registry.h"

struct registry_source {
  struct oci_registry *registry;
  bool owned;
  struct arena arena; /* the reference's texts */
  struct image_reference reference;
  struct str shown; /* the reference as it is told */
  size_t name_len;  /* of it, registry and repository */
  /* What was looked up last, while its image is read. */
  struct oci_registry_manifest root;
  struct str named;  /* the digest of the index or manifest that it was found by */
  struct str memory; /* what is left of a document that is being read */
  struct buf document;
  struct oci_blob *blob; /* the one that is open; NULL: none */
};

/* The client's messages begin with registry and repository, as those of the source do anyway. */
static int shorten(const struct registry_source *s, int rc, struct error *err)
{
  struct str message = str_from(rc < 0 && err ? err->message : "");
  struct str name = str_sub(s->shown, 0, s->name_len);
  if (message.len > name.len + 2 && str_starts(message, name) && message.data[name.len] == ':')
    memmove(err->message, err->message + name.len + 2, message.len - name.len - 1);
  return rc;
}

/* ---- content */

static int blob_open(void *ctx, const struct oci_descriptor *d, struct oci_input *ret,
                     struct error *err)
{
  struct registry_source *s = ctx;
  return shorten(s, oci_blob_open(s->registry, &s->reference, d, &s->blob, ret, err), err);
}

static void blob_close(void *ctx, struct oci_input *input)
{
  struct registry_source *s = ctx;
  (void)input;
  oci_blob_free(s->blob);
  s->blob = NULL;
}

/* Verified here, and again by who asked: it costs nothing, and depends on nobody. */
static int manifest_open(void *ctx, const struct oci_descriptor *d, struct oci_input *ret,
                         struct error *err)
{
  struct registry_source *s = ctx;
  struct image_reference by_digest = s->reference;
  struct oci_registry_manifest found;
  struct arena arena;
  if (str_eq(d->digest, s->root.digest)) {
    s->memory = s->root.text;
    *ret = oci_text_input(&s->memory);
    return 0;
  }
  arena_init(&arena, 0);
  by_digest.digest = d->digest;
  int rc = shorten(s, oci_registry_manifest(s->registry, &by_digest, &arena, &found, err), err);
  if (rc == 0) {
    buf_clear(&s->document);
    buf_add(&s->document, found.text);
    s->memory = buf_str(&s->document);
    *ret = oci_text_input(&s->memory);
  }
  arena_free(&arena);
  return rc;
}

static struct oci_blobs blobs_of(struct registry_source *s)
{
  return (struct oci_blobs){
      .open = blob_open, .open_manifest = manifest_open, .close = blob_close, .ctx = s};
}

/* ---- the source */

/* The reference that a choice means; false: it is of something else. */
static bool choose(const struct registry_source *s, struct str wanted, struct image_reference *ret)
{
  *ret = s->reference;
  if (image_digest_valid(wanted)) {
    ret->digest = wanted;
    return true;
  }
  return !wanted.len || oci_name_fits(s->shown, wanted);
}

static int registry_image(void *state, const struct oci_choice *choice, struct arena *arena,
                          struct oci_image *ret, struct error *err)
{
  struct registry_source *s = state;
  const struct oci_blobs blobs = blobs_of(s);
  struct image_reference wanted;
  if (!choose(s, choice->reference, &wanted))
    return error_set(err, SW_ENOENT, "it is not \"%.*s\"",
                     STR_FMT(str_sub(choice->reference, 0, 200)));
  int rc = shorten(s, oci_registry_manifest(s->registry, &wanted, arena, &s->root, err), err);
  if (rc < 0)
    return rc;
  const struct oci_descriptor root = {
      .digest = s->root.digest, .size = s->root.text.len, .media_type = s->root.media_type};
  rc = oci_blobs_image_of(&blobs, &root, choice, arena, ret, err);
  s->named = arena_copy(&s->arena, s->root.digest);
  s->root = (struct oci_registry_manifest){.digest = STR_EMPTY};
  if (rc == 0)
    ret->name = arena_copy(arena, s->shown);
  return rc;
}

static int registry_read_layer(void *state, const struct oci_image *image, size_t i,
                               const struct oci_layer_options *options,
                               const struct oci_visitor *visitor, struct oci_layer_totals *totals,
                               struct error *err)
{
  const struct oci_blobs blobs = blobs_of(state);
  return oci_blobs_read_layer(&blobs, image, i, options, visitor, totals, err);
}

static int registry_open_layer(void *state, const struct oci_image *image, size_t i,
                               struct oci_input *ret, struct error *err)
{
  const struct oci_descriptor *d = &image->layers[i].packed;
  return oci_layer_missing(d, blob_open(state, d, ret, err), err);
}

/* Some sign the index, some each image, some both. */
static int registry_signed(void *state, const struct oci_image *image, struct arena *arena,
                           struct str *ret, struct error *err)
{
  struct registry_source *s = state;
  int rc = oci_registry_signed(s->registry, &s->reference, image->digest, arena, ret, err);
  if (rc == 0 && !ret->len && s->named.len && !str_eq(s->named, image->digest))
    rc = oci_registry_signed(s->registry, &s->reference, s->named, arena, ret, err);
  return shorten(s, rc, err);
}

static void registry_free(void *state)
{
  struct registry_source *s = state;
  oci_blob_free(s->blob);
  if (s->owned)
    oci_registry_free(s->registry);
  buf_free(&s->document);
  arena_free(&s->arena);
  mem_free(s);
}

static const struct oci_source_ops registry_ops = {
    .kind = OCI_SOURCE_REGISTRY,
    .image = registry_image,
    .read_layer = registry_read_layer,
    .open_layer = registry_open_layer,
    .close_layer = blob_close,
    .signed_by = registry_signed,
    .free = registry_free,
};

static void copy_reference(struct registry_source *s, const struct image_reference *from)
{
  struct image_reference *r = &s->reference;
  *r = *from;
  struct str *texts[] = {&r->registry, &r->repository, &r->tag, &r->digest, &r->name};
  for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
    *texts[i] = arena_copy(&s->arena, *texts[i]);
  struct str name = image_reference_name(r, &s->arena);
  s->name_len = name.len;
  s->shown = arena_printf(&s->arena, "%.*s%s%.*s%s%.*s", STR_FMT(name), r->tag.len ? ":" : "",
                          STR_FMT(r->tag), r->digest.len ? "@" : "", STR_FMT(r->digest));
}

int oci_source_of_registry(struct oci_registry *registry, const struct image_reference *reference,
                           struct oci_source **ret, struct error *err)
{
  (void)err;
  struct registry_source *s = mem_zalloc(1, sizeof *s);
  arena_init(&s->arena, 0);
  s->registry = registry;
  copy_reference(s, reference);
  struct oci_source *source = mem_zalloc(1, sizeof *source);
  source->ops = &registry_ops;
  source->state = s;
  source->path = mem_copy_text(s->shown.data, s->shown.len);
  *ret = source;
  return 0;
}

int oci_source_open_registry(const struct image_reference *reference,
                             const struct oci_registry_options *options, struct oci_source **ret,
                             struct error *err)
{
  struct oci_registry *registry;
  int rc = oci_registry_new(options, &registry, err);
  if (rc == 0)
    rc = oci_source_of_registry(registry, reference, ret, err);
  if (rc == 0)
    ((struct registry_source *)(*ret)->state)->owned = true;
  return rc;
}
