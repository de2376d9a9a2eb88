#include "scan/sbom/sbom_int.h"

#include "base/buf.h"
#include "base/hash.h"
#include "base/mem.h"
#include "crypto/digest.h"

/* ---- what a package's purl does not say */

static bool purl_of(struct arena *arena, const struct package *p, struct purl *ret)
{
  return p->purl.len && purl_parse(arena, p->purl, ret, NULL) == 0;
}

static struct str unless(bool same, struct str text)
{
  return same ? STR_EMPTY : text;
}

static void layer_facts(const struct sbom *sbom, const struct package *p,
                        struct str facts[static SBOM_FACTS])
{
  if (p->layer >= sbom->subject.layer_count)
    return;
  facts[SBOM_LAYER] = sbom->subject.layers[p->layer].diff_id;
  facts[SBOM_LAYER_DIGEST] = sbom->subject.layers[p->layer].digest;
}

void sbom_package_facts(struct arena *arena, const struct sbom *sbom, const struct package *p,
                        struct str ret_facts[static SBOM_FACTS])
{
  struct purl purl;
  bool is_system = package_type_is_system(p->type), has_purl = purl_of(arena, p, &purl);
  struct str name = STR_EMPTY, version = STR_EMPTY, arch = STR_EMPTY;
  memset(ret_facts, 0, SBOM_FACTS * sizeof *ret_facts);
  if (has_purl && str_eq(purl.type, package_type_text(p->type))) {
    name = sbom_purl_name(arena, p->type, &purl);
    version = sbom_purl_version(arena, p->type, &purl);
    arch = is_system ? purl_qualifier(&purl, STR("arch")) : STR_EMPTY;
  } else {
    ret_facts[SBOM_TYPE] = package_type_text(p->type);
  }
  ret_facts[SBOM_NAME] = unless(str_eq(name, p->name), p->name);
  ret_facts[SBOM_VERSION] = unless(str_eq(version, p->version.text), p->version.text);
  ret_facts[SBOM_ARCHITECTURE] = unless(str_eq(arch, p->architecture), p->architecture);
  if (is_system) {
    ret_facts[SBOM_SOURCE] = p->source;
    ret_facts[SBOM_SOURCE_VERSION] = p->source_version.text;
  }
  ret_facts[SBOM_MODULE] = p->module;
  ret_facts[SBOM_PATH] = p->path;
  ret_facts[SBOM_LICENSE] = p->license;
  ret_facts[SBOM_MAINTAINER] = p->maintainer;
  ret_facts[SBOM_VENDOR] = p->vendor;
  ret_facts[SBOM_INDIRECT] = p->indirect ? STR("true") : STR_EMPTY;
  ret_facts[SBOM_DEVELOPMENT] = p->development ? STR("true") : STR_EMPTY;
  layer_facts(sbom, p, ret_facts);
}

/* ---- references */

struct str *sbom_package_refs(struct arena *arena, const struct sbom *sbom)
{
  struct str *refs = arena_array(arena, struct str, sbom->package_count + 1);
  struct map seen;
  map_init(&seen, NULL);
  for (size_t i = 0; i < sbom->package_count; i++)
    map_put(&seen, sbom->packages[i].purl, NULL)->number++;
  for (size_t i = 0; i < sbom->package_count; i++) {
    const struct package *p = &sbom->packages[i];
    refs[i] = p->purl;
    if (p->purl.len && map_get(&seen, p->purl)->number == 1)
      continue;
    struct str all = arena_printf(arena, "%.*s\n%.*s\n%.*s\n%.*s\n%u\n%zu", STR_FMT(p->purl),
                                  STR_FMT(p->name), STR_FMT(p->version.text), STR_FMT(p->path),
                                  (unsigned)p->layer, i);
    struct hash128 hash = hash_stable(all);
    refs[i] = arena_printf(arena, "%.*s%spackage-%016llx%016llx", STR_FMT(p->purl),
                           p->purl.len ? "#" : "", (unsigned long long)hash.high,
                           (unsigned long long)hash.low);
  }
  map_free(&seen);
  return refs;
}

bool *sbom_needed(struct arena *arena, const struct sbom *sbom)
{
  bool *needed = arena_zalloc(arena, sbom->package_count + 1, sizeof *needed);
  for (size_t i = 0; i < sbom->dependency_count; i++)
    if (sbom->dependencies[i].package != sbom->dependencies[i].needs)
      needed[sbom->dependencies[i].needs] = true;
  return needed;
}

/* ---- the subject */

struct str sbom_image_purl(struct arena *arena, const struct sbom_subject *subject)
{
  if (subject->kind != SBOM_IMAGE || subject->name_is_path || !subject->digest.len)
    return STR_EMPTY;
  return purl_of_image(arena, subject->name, subject->digest, subject->architecture);
}

void sbom_subject_facts(struct arena *arena, const struct sbom *sbom, void *ctx,
                        void (*property)(void *ctx, struct str name, struct str value))
{
  const struct sbom_subject *s = &sbom->subject;
  const struct {
    struct str name, value;
  } single[] = {
      {STR("seawall:digest"), s->digest},
      {STR("seawall:image-id"), s->image_id},
      {STR("seawall:architecture"), s->architecture},
  };
  for (size_t i = 0; i < sizeof single / sizeof single[0]; i++)
    if (single[i].value.len)
      property(ctx, single[i].name, single[i].value);
  for (size_t i = 0; i < s->tag_count; i++)
    property(ctx, STR("seawall:tag"), s->tags[i]);
  for (size_t i = 0; i < s->digest_count; i++)
    property(ctx, STR("seawall:repository-digest"), s->digests[i]);
  for (size_t i = 0; i < s->layer_count; i++) {
    property(ctx, arena_printf(arena, "seawall:layer:%zu:diff-id", i), s->layers[i].diff_id);
    if (s->layers[i].digest.len)
      property(ctx, arena_printf(arena, "seawall:layer:%zu:digest", i), s->layers[i].digest);
  }
}

/* ---- digests */

bool sbom_digest_split(struct str digest, struct str *ret_algorithm, struct str *ret_hex)
{
  struct str hex, name = str_cut(digest, ':', &hex);
  enum digest_algorithm algorithm;
  if (!hex.data || !digest_named(name, &algorithm) || hex.len != 2 * digest_size(algorithm) ||
      algorithm == DIGEST_SHA224)
    return false;
  for (size_t i = 0; i < hex.len; i++)
    if (!((hex.data[i] >= '0' && hex.data[i] <= '9') ||
          ((hex.data[i] | 32) >= 'a' && (hex.data[i] | 32) <= 'f')))
      return false;
  *ret_algorithm = name;
  *ret_hex = hex;
  return true;
}

/* ---- the serial number */

/* With its length in front, so that no two lists of texts give the same bytes. */
static void add_text(struct digester *digester, struct str text)
{
  uint64_t length = text.len;
  char bytes[8];
  for (int i = 0; i < 8; i++)
    bytes[i] = (char)(length >> (8 * i));
  digester_add(digester, str_make(bytes, 8), NULL);
  digester_add(digester, text, NULL);
}

static void add_packages(struct digester *digester, const struct sbom *sbom)
{
  for (size_t i = 0; i < sbom->package_count; i++) {
    const struct package *p = &sbom->packages[i];
    const struct str texts[] = {p->purl,    p->name,   p->version.text, p->source_version.text,
                                p->license, p->digest, p->path};
    for (size_t j = 0; j < sizeof texts / sizeof texts[0]; j++)
      add_text(digester, texts[j]);
  }
  for (size_t i = 0; i < sbom->vulnerability_count; i++)
    add_text(digester, sbom->vulnerabilities[i].vulnerability->id);
}

struct str sbom_uuid(struct arena *arena, const struct sbom *sbom, struct str format)
{
  _cleanup_(digester_freep) struct digester *digester = NULL;
  struct digest sum = {.len = 32};
  if (digester_new(DIGEST_SHA256, &digester, NULL) == 0) {
    const struct str texts[] = {format,
                                sbom->tool_version,
                                sbom->subject.name,
                                sbom->subject.digest,
                                sbom->subject.image_id,
                                arena_printf(arena, "%lld", (long long)sbom->created),
                                sbom->os.id,
                                sbom->os.version};
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++)
      add_text(digester, texts[i]);
    add_packages(digester, sbom);
    digester_end(digester, &sum, NULL);
  }
  uint8_t *b = sum.bytes;
  b[6] = (uint8_t)(0x80 | (b[6] & 0x0f));
  b[8] = (uint8_t)(0x80 | (b[8] & 0x3f));
  return arena_printf(arena, "%02x%02x%02x%02x-%02x%02x-%02x%02x-%02x%02x-%02x%02x%02x%02x%02x%02x",
                      b[0], b[1], b[2], b[3], b[4], b[5], b[6], b[7], b[8], b[9], b[10], b[11],
                      b[12], b[13], b[14], b[15]);
}
