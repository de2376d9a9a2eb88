/* Manifests. */
#include "oci/registry_int.h"

#include "crypto/digest.h"
#include "oci/manifest.h"

static const struct str accepted =
    STR_INIT("application/vnd.oci.image.index.v1+json, application/vnd.oci.image.manifest.v1+json, "
             "application/vnd.docker.distribution.manifest.list.v2+json, "
             "application/vnd.docker.distribution.manifest.v2+json, */*;q=0.1");

/* ---- manifests */

struct wanted {
  struct oci_registry *registry;
  const struct image_reference *reference;
  struct arena *arena;
  struct str named;  /* tag or digest */
  struct str digest; /* that it must have; empty: any */
  enum http_method method;
  struct oci_registry_manifest found;
};

static struct str sha256_of(struct str text, struct arena *arena)
{
  struct digest sum;
  if (digest_of(DIGEST_SHA256, text, &sum, NULL) < 0)
    return STR_EMPTY;
  return arena_printf(arena, "sha256:%.*s", STR_FMT(digest_hex(arena, &sum)));
}

/* What a registry says of a document, if it is one that means something. */
static struct str media_type_of(const struct http_response *response, struct arena *arena)
{
  struct str type, rest;
  http_response_header(response, STR("Content-Type"), &type);
  type = str_trim(str_cut(type, ';', &rest));
  return oci_is_index(type) || oci_is_manifest(type) ? arena_copy(arena, type) : STR_EMPTY;
}

static int take(struct wanted *w, const struct http_response *response, struct error *err)
{
  struct str body = buf_str(&response->body);
  const struct oci_descriptor d = {.digest = w->digest, .size = OCI_SIZE_UNKNOWN};
  int rc = w->digest.len ? oci_check_bytes(&d, body, err) : 0;
  if (rc < 0)
    return rc;
  w->found.text = arena_copy(w->arena, body);
  w->found.digest = w->digest.len ? arena_copy(w->arena, w->digest) : sha256_of(body, w->arena);
  w->found.media_type = media_type_of(response, w->arena);
  if (!w->found.digest.len)
    return error_set(err, SW_EUNSUPPORTED, "this system has no SHA-256");
  return 0;
}

/* HEAD: only what the registry says is the digest. */
static int take_digest(struct wanted *w, const struct http_response *response, struct error *err)
{
  struct str digest;
  http_response_header(response, STR("Docker-Content-Digest"), &digest);
  if (!image_digest_valid(digest))
    return error_set(err, SW_ENOENT, "no digest is said");
  w->found.digest = arena_copy(w->arena, digest);
  return 0;
}

static int ask_manifest(void *ctx, struct registry_endpoint *e, struct error *err)
{
  struct wanted *w = ctx;
  _cleanup_(http_response_free) struct http_response response = {0};
  struct str repository = registry_repository(w->reference, w->arena);
  int rc = registry_probe(w->registry, e, err);
  if (rc < 0)
    return rc;
  repository = arena_printf(w->arena, "%.*s%.*s", STR_FMT(e->prefix), STR_FMT(repository));
  struct str base = registry_base(e, w->arena);
  const struct registry_query q = {
      .method = w->method,
      .repository = repository,
      .accept = accepted,
      .url = arena_printf(w->arena, "%.*s/v2/%.*s/manifests/%.*s", STR_FMT(base),
                          STR_FMT(repository), STR_FMT(w->named)),
      .what = arena_printf(w->arena, "manifest %.*s", STR_FMT(w->named)).data,
      .limit = OCI_DOCUMENT_MAX};
  rc = registry_ask(w->registry, e, &q, w->arena, &response, err);
  if (rc < 0)
    return rc;
  rc = w->method == HTTP_HEAD ? take_digest(w, &response, err) : take(w, &response, err);
  if (rc < 0 && err)
    registry_wrap(e, repository, q.what, err);
  return rc;
}

static struct wanted wanted_of(struct oci_registry *r, const struct image_reference *reference,
                               struct arena *arena)
{
  return (struct wanted){
      .registry = r,
      .reference = reference,
      .arena = arena,
      .named = reference->digest.len ? reference->digest : reference->tag,
      .digest = reference->digest,
  };
}

int oci_registry_manifest(struct oci_registry *r, const struct image_reference *reference,
                          struct arena *arena, struct oci_registry_manifest *ret, struct error *err)
{
  struct wanted w = wanted_of(r, reference, arena);
  int rc = registry_try(registry_endpoints(r, reference->registry), ask_manifest, &w, err);
  if (rc == 0)
    *ret = w.found;
  return rc;
}

int oci_registry_digest(struct oci_registry *r, const struct image_reference *reference,
                        struct arena *arena, struct str *ret, struct error *err)
{
  struct wanted w = wanted_of(r, reference, arena);
  w.method = HTTP_HEAD;
  int rc = registry_try(registry_endpoints(r, reference->registry), ask_manifest, &w, err);
  if (rc == SW_ENOENT || rc == SW_EUNSUPPORTED) {
    /* HEAD is not everywhere; GET says what is wrong, besides. */
    w.method = HTTP_GET;
    rc = registry_try(registry_endpoints(r, reference->registry), ask_manifest, &w, err);
  }
  if (rc == 0)
    *ret = w.found.digest;
  return rc;
}
