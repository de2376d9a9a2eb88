/* Lists of names; and what refers to an image. */
#include "oci/registry_int.h"

#include "base/vec.h"
#include "data/json.h"
#include "oci/manifest.h"

enum { ASKED_NAMES = 1000 };

/* ---- lists */

struct list {
  struct oci_registry *registry;
  struct registry_endpoint *endpoint;
  struct str repository; /* empty: repositories are listed */
  struct arena arena;
  struct map pages; /* those that were asked for */
  /* A page's document, which lives in an arena that ends with it. */
  int (*read)(struct list *list, struct str text, struct arena *arena, struct error *err);
  oci_name_visitor *visit;
  void *ctx;
  size_t count, skipped;
};

static bool is_name(const struct list *list, struct str name, struct arena *arena)
{
  struct image_reference r;
  struct str text =
      list->repository.len
          ? arena_printf(arena, "registry.invalid/name:%.*s", STR_FMT(name))
          : arena_printf(arena, "%.*s/%.*s", STR_FMT(list->endpoint->name), STR_FMT(name));
  if (name.len > IMAGE_REFERENCE_MAX || image_reference_read(text, &r, NULL) < 0)
    return false;
  return list->repository.len ? str_eq(r.tag, name) && !r.digest.len
                              : str_eq(r.repository, name) && !r.tag_given && !r.digest.len;
}

static int tell_names(struct list *list, struct value names, struct arena *arena, struct error *err)
{
  int rc = 0;
  for (uint32_t i = 0; rc == 0 && i < names.len; i++) {
    struct str name = value_str_or_empty(names.items[i]);
    if (++list->count > OCI_NAMES_MAX)
      return error_set(err, SW_ELIMIT, "it lists more than %d names", OCI_NAMES_MAX);
    if (name.len && is_name(list, name, arena))
      rc = list->visit(list->ctx, name, err);
    else
      list->skipped++;
  }
  return rc;
}

static int read_names(struct list *list, struct str text, struct arena *arena, struct error *err)
{
  const struct json_options options = {.size_max = OCI_PAGE_BYTES_MAX};
  const char *member = list->repository.len ? "tags" : "repositories";
  struct value root;
  int rc = json_parse(arena, text, &options, &root, err);
  if (rc < 0)
    return rc;
  struct value names = value_get(root, value_from(member));
  if (value_is_nil(names) && value_is(root, VALUE_OBJECT))
    return 0;
  if (!value_is(names, VALUE_ARRAY))
    return error_set(err, SW_EINVAL, "\"%s\" must be an array", member);
  return tell_names(list, names, arena, err);
}

/* The next page is on the same server, whatever scheme a proxy before it made it believe in. */
static int next_page(struct list *list, struct str page, struct str target, struct str *ret,
                     struct error *err)
{
  static const struct str schemes[] = {STR_INIT("https://"), STR_INIT("http://")};
  const struct registry_endpoint *e = list->endpoint;
  struct str base = registry_base(e, &list->arena), rest = target;
  for (size_t i = 0; i < sizeof schemes / sizeof *schemes; i++) {
    if (!str_starts(target, schemes[i]))
      continue;
    rest = str_sub(target, schemes[i].len, target.len);
    if (rest.len <= e->host.len || !str_eq_nocase(str_sub(rest, 0, e->host.len), e->host) ||
        rest.data[e->host.len] != '/')
      return error_set(err, SW_EINVAL, "the next page is said to be on another server, \"%.*s\"",
                       STR_FMT(str_sub(target, 0, 100)));
    rest = str_sub(rest, e->host.len, rest.len);
  }
  if (str_starts(rest, STR("?"))) {
    struct str query, path = str_cut(page, '?', &query);
    *ret = arena_printf(&list->arena, "%.*s%.*s", STR_FMT(path), STR_FMT(rest));
  } else if (str_starts(rest, STR("/")) && !str_starts(rest, STR("//"))) {
    *ret = arena_printf(&list->arena, "%.*s%.*s", STR_FMT(base), STR_FMT(rest));
  } else {
    return error_set(err, SW_EINVAL, "the next page is said to be \"%.*s\", which is no path",
                     STR_FMT(str_sub(target, 0, 100)));
  }
  return ret->len > REGISTRY_URL_MAX
             ? error_set(err, SW_ELIMIT, "the next page has too long a name")
             : 0;
}

/* One page; *io_url becomes the next one, or empty. */
static int ask_page(struct list *list, struct str *io_url, struct error *err)
{
  _cleanup_(http_response_free) struct http_response response = {0};
  _cleanup_(arena_free) struct arena arena;
  struct str target;
  arena_init(&arena, 0);
  const struct registry_query q = {
      .repository = list->repository, .url = *io_url, .limit = OCI_PAGE_BYTES_MAX};
  int rc = registry_ask(list->registry, list->endpoint, &q, &arena, &response, err);
  if (rc < 0)
    return rc;
  rc = list->read(list, buf_str(&response.body), &arena, err);
  if (rc == 0 && !oci_link_next(buf_str(&response.head), &target)) {
    *io_url = STR_EMPTY;
    return 0;
  }
  if (rc == 0)
    rc = next_page(list, *io_url, target, io_url, err);
  return rc < 0 && err ? registry_wrap(list->endpoint, list->repository, NULL, err) : rc;
}

static int ask_pages(struct list *list, struct str url, struct error *err)
{
  int rc = 0;
  while (rc == 0 && url.len) {
    bool added;
    map_put(&list->pages, url, &added);
    if (added && list->pages.count <= OCI_PAGES_MAX) {
      rc = ask_page(list, &url, err);
      continue;
    }
    rc = added ? error_set(err, SW_ELIMIT, "the list has more than %d pages", OCI_PAGES_MAX)
               : error_set(err, SW_EINVAL, "the list leads back to a page that was read");
    return err ? registry_wrap(list->endpoint, list->repository, NULL, err) : rc;
  }
  return rc;
}

static void begin_list(struct list *list, struct oci_registry *r, struct str registry)
{
  *list = (struct list){.registry = r, .read = read_names, .repository = STR_EMPTY};
  arena_init(&list->arena, 0);
  list->endpoint = registry_endpoints(r, registry);
  while (list->endpoint->next)
    list->endpoint = list->endpoint->next;
}

/* way: behind /v2/. */
static int run_list(struct list *list, struct str way, struct error *err)
{
  int rc = registry_probe(list->registry, list->endpoint, err);
  if (rc == 0) {
    struct str base = registry_base(list->endpoint, &list->arena);
    rc = ask_pages(list, arena_printf(&list->arena, "%.*s/v2/%.*s", STR_FMT(base), STR_FMT(way)),
                   err);
  }
  map_free(&list->pages);
  arena_free(&list->arena);
  return rc;
}

int oci_registry_tags(struct oci_registry *r, const struct image_reference *reference,
                      oci_name_visitor *visit, void *ctx, size_t *ret_skipped, struct error *err)
{
  struct list list;
  begin_list(&list, r, reference->registry);
  list.visit = visit;
  list.ctx = ctx;
  list.repository = registry_repository(reference, &list.arena);
  int rc = run_list(
      &list,
      arena_printf(&list.arena, "%.*s/tags/list?n=%d", STR_FMT(list.repository), ASKED_NAMES), err);
  if (ret_skipped)
    *ret_skipped = list.skipped;
  return rc;
}

int oci_registry_repositories(struct oci_registry *r, struct str name, oci_name_visitor *visit,
                              void *ctx, size_t *ret_skipped, struct error *err)
{
  struct list list;
  begin_list(&list, r, name);
  list.visit = visit;
  list.ctx = ctx;
  int rc = run_list(&list, arena_printf(&list.arena, "_catalog?n=%d", ASKED_NAMES), err);
  if (ret_skipped)
    *ret_skipped = list.skipped;
  return rc;
}

/* ---- referrers */

struct referrers {
  struct arena *arena;
  VEC(struct oci_descriptor) items;
};

static int take_index(struct referrers *found, struct str text, struct error *err)
{
  struct oci_document doc;
  int rc = oci_document_read(arena_copy(found->arena, text), STR_EMPTY, found->arena, &doc, err);
  if (rc < 0)
    return rc;
  if (doc.kind != OCI_INDEX)
    return error_set(err, SW_EINVAL, "its referrers are no index");
  for (size_t i = 0; i < doc.index.count; i++) {
    if (vec_full(&found->items, OCI_INDEX_MANIFESTS_MAX))
      return error_set(err, SW_ELIMIT, "it has more than %d referrers", OCI_INDEX_MANIFESTS_MAX);
    vec_push(&found->items, doc.index.manifests[i]);
  }
  return 0;
}

static int read_referrers(struct list *list, struct str text, struct arena *arena,
                          struct error *err)
{
  (void)arena;
  return take_index(list->ctx, text, err);
}

static int ask_referrers(struct oci_registry *r, const struct image_reference *reference,
                         struct str digest, struct referrers *found, struct error *err)
{
  struct list list;
  begin_list(&list, r, reference->registry);
  list.read = read_referrers;
  list.ctx = found;
  list.repository = registry_repository(reference, &list.arena);
  return run_list(
      &list,
      arena_printf(&list.arena, "%.*s/referrers/%.*s", STR_FMT(list.repository), STR_FMT(digest)),
      err);
}

/* "sha256-HEX", and what may stand behind it: names for what belongs to a digest. */
static struct image_reference tag_of(const struct image_reference *reference, struct str digest,
                                     const char *behind, struct arena *arena)
{
  struct image_reference r = *reference;
  struct str hex, algorithm = str_cut(digest, ':', &hex);
  r.digest = STR_EMPTY;
  r.tag = arena_printf(arena, "%.*s-%.*s%s", STR_FMT(algorithm), STR_FMT(hex), behind);
  return r;
}

bool oci_tag_belongs_to_digest(struct str tag)
{
  struct str rest, hex, algorithm = str_cut(tag, '-', &rest);
  hex = str_cut(rest, '.', &rest);
  struct arena arena;
  arena_init(&arena, 0);
  struct str digest = arena_printf(&arena, "%.*s:%.*s", STR_FMT(algorithm), STR_FMT(hex));
  bool belongs = image_digest_valid(digest);
  arena_free(&arena);
  return belongs;
}

static int ask_referrers_tag(struct oci_registry *r, const struct image_reference *reference,
                             struct str digest, struct referrers *found, struct error *err)
{
  struct oci_registry_manifest manifest;
  struct image_reference tag = tag_of(reference, digest, "", found->arena);
  int rc = oci_registry_manifest(r, &tag, found->arena, &manifest, err);
  return rc == SW_ENOENT ? 0 : rc < 0 ? rc : take_index(found, manifest.text, err);
}

int oci_registry_referrers(struct oci_registry *r, const struct image_reference *reference,
                           struct str digest, struct arena *arena, struct oci_index *ret,
                           struct error *err)
{
  struct referrers found = {.arena = arena};
  if (!image_digest_valid(digest))
    return error_set(err, SW_EINVAL, "referrers are asked for by digest");
  int rc = ask_referrers(r, reference, digest, &found, err);
  if (rc == SW_ENOENT || rc == SW_EUNSUPPORTED)
    rc = ask_referrers_tag(r, reference, digest, &found, err);
  if (rc == 0) {
    ret->count = found.items.count;
    ret->manifests = arena_array(arena, struct oci_descriptor, found.items.count);
    if (found.items.count)
      memcpy(ret->manifests, found.items.items, found.items.count * sizeof *ret->manifests);
  }
  vec_free(&found.items);
  return rc;
}

static const struct {
  struct str type; /* of an artifact, from its beginning on */
  struct str by;
} signatures[] = {
    {STR_INIT("application/vnd.dev.cosign.artifact.sig."), STR_INIT("cosign")},
    {STR_INIT("application/vnd.dev.sigstore.bundle"), STR_INIT("sigstore")},
    {STR_INIT("application/vnd.cncf.notary.signature"), STR_INIT("notation")},
};

static struct str signed_by(const struct oci_index *referrers)
{
  for (size_t i = 0; i < referrers->count; i++)
    for (size_t k = 0; k < sizeof signatures / sizeof *signatures; k++)
      if (str_starts(referrers->manifests[i].artifact_type, signatures[k].type))
        return signatures[k].by;
  return STR_EMPTY;
}

int oci_registry_signed(struct oci_registry *r, const struct image_reference *reference,
                        struct str digest, struct arena *arena, struct str *ret, struct error *err)
{
  struct oci_index referrers;
  struct str found;
  int rc = oci_registry_referrers(r, reference, digest, arena, &referrers, err);
  if (rc < 0)
    return rc;
  *ret = signed_by(&referrers);
  if (ret->len)
    return 0;
  struct image_reference tag = tag_of(reference, digest, ".sig", arena);
  rc = oci_registry_digest(r, &tag, arena, &found, err);
  if (rc == 0)
    *ret = STR("cosign");
  return rc == SW_ENOENT ? 0 : rc;
}
