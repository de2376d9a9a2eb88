#include "scan/sbom/sbom_int.h"

#include "base/clock.h"
#include "base/hash.h"
#include "base/mem.h"
#include "scan/license.h"

static const char document_id[] = "SPDXRef-DOCUMENT", root_id[] = "SPDXRef-DocumentRoot",
                  os_id[] = "SPDXRef-OperatingSystem";

struct writer {
  const struct sbom *sbom;
  struct arena *arena;
  struct arena *round; /* for one package, reset behind it */
  struct sink *out;
  struct json_writer json;
  struct str *ids;
  struct str date, tool;
  struct map licenses; /* LicenseRef → the name it stands for */
};

static void member(struct writer *w, const char *key, const char *text)
{
  json_member_string(&w->json, str_from(key), str_from(text));
}

static void member_str(struct writer *w, const char *key, struct str text)
{
  if (text.len)
    json_member_string(&w->json, str_from(key), text);
}

static void begin(struct writer *w, const char *key, bool array)
{
  json_key(&w->json, str_from(key));
  if (array)
    json_begin_array(&w->json);
  else
    json_begin_object(&w->json);
}

static void annotation(void *ctx, struct str name, struct str value)
{
  struct writer *w = ctx;
  json_begin_object(&w->json);
  member_str(w, "annotationDate", w->date);
  member(w, "annotationType", "OTHER");
  member_str(w, "annotator", w->tool);
  member_str(w, "comment", arena_printf(w->round, "%.*s: %.*s", STR_FMT(name), STR_FMT(value)));
  json_end_object(&w->json);
}

static void write_purl(struct writer *w, struct str purl)
{
  if (!purl.len)
    return;
  begin(w, "externalRefs", true);
  json_begin_object(&w->json);
  member(w, "referenceCategory", "PACKAGE-MANAGER");
  member(w, "referenceType", "purl");
  member_str(w, "referenceLocator", purl);
  json_end_object(&w->json);
  json_end_array(&w->json);
}

/* What the specification wants of every package, and is not known. */
static void write_common(struct writer *w, const char *purpose)
{
  member(w, "downloadLocation", "NOASSERTION");
  json_member_bool(&w->json, STR("filesAnalyzed"), false);
  member(w, "licenseConcluded", "NOASSERTION");
  member(w, "copyrightText", "NOASSERTION");
  member(w, "primaryPackagePurpose", purpose);
}

/* ---- the subject and its distribution */

static void write_root(struct writer *w)
{
  static const char *const purposes[] = {
      [SBOM_UNKNOWN] = "OTHER",
      [SBOM_IMAGE] = "CONTAINER",
      [SBOM_DIRECTORY] = "SOURCE",
      [SBOM_MACHINE] = "DEVICE",
  };
  const struct sbom_subject *s = &w->sbom->subject;
  struct str algorithm, hex;
  json_begin_object(&w->json);
  member(w, "SPDXID", root_id);
  json_member_string(&w->json, STR("name"), s->name);
  member_str(w, "versionInfo", s->digest);
  if (sbom_digest_split(s->digest, &algorithm, &hex) && str_eq(algorithm, STR("sha256"))) {
    begin(w, "checksums", true);
    json_begin_object(&w->json);
    member(w, "algorithm", "SHA256");
    member_str(w, "checksumValue", hex);
    json_end_object(&w->json);
    json_end_array(&w->json);
  }
  write_purl(w, sbom_image_purl(w->arena, s));
  write_common(w, purposes[s->kind]);
  begin(w, "annotations", true);
  if (s->kind == SBOM_DIRECTORY)
    annotation(w, STR("seawall:kind"), STR("directory"));
  sbom_subject_facts(w->arena, w->sbom, w, annotation);
  json_end_array(&w->json);
  json_end_object(&w->json);
}

static void write_facts(struct writer *w, const struct str facts[static SBOM_FACTS])
{
  bool any = false;
  for (size_t i = 0; i < SBOM_FACTS; i++)
    any |= facts[i].len > 0;
  if (!any)
    return;
  begin(w, "annotations", true);
  for (size_t i = 0; i < SBOM_FACTS; i++)
    if (facts[i].len)
      annotation(w, sbom_fact_name((enum sbom_fact)i), facts[i]);
  json_end_array(&w->json);
}

static void write_os(struct writer *w)
{
  const struct os_release *os = &w->sbom->os;
  struct str facts[SBOM_FACTS] = {[SBOM_CODENAME] = os->codename, [SBOM_PRETTY] = os->pretty};
  json_begin_object(&w->json);
  member(w, "SPDXID", os_id);
  member_str(w, "name", os->id);
  member_str(w, "versionInfo", os->version);
  write_common(w, "OPERATING_SYSTEM");
  write_facts(w, facts);
  json_end_object(&w->json);
}

/* ---- packages */

static void remember_references(struct writer *w, const struct license *license)
{
  for (size_t i = 0; i < license->leaf_count; i++) {
    const struct license_leaf *leaf = &license->leaves[i];
    bool is_ours = !leaf->spdx, is_other = str_starts(leaf->id, STR("LicenseRef-"));
    bool added = false;
    if (!is_ours && !is_other)
      continue;
    struct str id = is_ours ? license_reference(w->round, leaf->id) : leaf->id;
    union map_value *value = map_put(&w->licenses, id, &added);
    if (added) {
      struct str *name = arena_new(w->arena, struct str);
      *name = arena_copy(w->arena, leaf->id);
      value->pointer = name;
    }
  }
}

/* What a reader finds. */
static struct str write_license(struct writer *w, struct str stated)
{
  struct license license;
  license_read(w->round, stated, &license);
  struct str text = license_spdx(w->round, &license);
  remember_references(w, &license);
  member_str(w, "licenseDeclared", text.len ? text : STR("NOASSERTION"));
  return text;
}

static void write_checksum(struct writer *w, struct str digest)
{
  struct str name, hex;
  if (!sbom_digest_split(digest, &name, &hex))
    return;
  struct str algorithm = arena_copy(w->round, name);
  for (char *c = (char *)algorithm.data; c < algorithm.data + algorithm.len; c++)
    if (*c >= 'a' && *c <= 'z')
      *c = (char)(*c - 32);
  begin(w, "checksums", true);
  json_begin_object(&w->json);
  member_str(w, "algorithm", algorithm);
  member_str(w, "checksumValue", hex);
  json_end_object(&w->json);
  json_end_array(&w->json);
}

static void write_package(struct writer *w, size_t number)
{
  const struct package *p = &w->sbom->packages[number];
  struct str facts[SBOM_FACTS];
  sbom_package_facts(w->round, w->sbom, p, facts);
  json_begin_object(&w->json);
  member_str(w, "SPDXID", w->ids[number]);
  member_str(w, "name", p->name);
  member_str(w, "versionInfo", p->version.text);
  if (p->maintainer.len) {
    member_str(w, "supplier", arena_printf(w->round, "Organization: %.*s", STR_FMT(p->maintainer)));
    facts[SBOM_MAINTAINER] = STR_EMPTY;
  }
  if (package_type_is_system(p->type))
    member_str(w, "sourceInfo",
               arena_printf(w->round, "built package from: %.*s %.*s", STR_FMT(p->source),
                            STR_FMT(p->source_version.text)));
  write_checksum(w, p->digest);
  write_purl(w, p->purl);
  if (str_eq(write_license(w, p->license), p->license))
    facts[SBOM_LICENSE] = STR_EMPTY;
  write_common(w, "LIBRARY");
  write_facts(w, facts);
  json_end_object(&w->json);
}

static void write_packages(struct writer *w)
{
  begin(w, "packages", true);
  write_root(w);
  if (w->sbom->os.id.len)
    write_os(w);
  for (size_t i = 0; i < w->sbom->package_count; i++) {
    write_package(w, i);
    sink_settle(w->out);
    arena_reset(w->round);
  }
  json_end_array(&w->json);
}

static void write_licenses(struct writer *w)
{
  size_t at = 0;
  if (!w->licenses.count)
    return;
  begin(w, "hasExtractedLicensingInfos", true);
  for (struct map_entry *e; (e = map_next(&w->licenses, &at));) {
    const struct str *name = e->value.view;
    json_begin_object(&w->json);
    member_str(w, "licenseId", e->key);
    member_str(w, "name", *name);
    member_str(w, "extractedText", *name);
    json_end_object(&w->json);
  }
  json_end_array(&w->json);
}

/* ---- relationships */

static void relate(struct writer *w, struct str from, const char *how, struct str to)
{
  json_begin_object(&w->json);
  member_str(w, "spdxElementId", from);
  member(w, "relationshipType", how);
  member_str(w, "relatedSpdxElement", to);
  json_end_object(&w->json);
  sink_settle(w->out);
}

static void write_relationships(struct writer *w)
{
  const struct sbom *sbom = w->sbom;
  bool has_os = sbom->os.id.len > 0;
  begin(w, "relationships", true);
  relate(w, str_from(document_id), "DESCRIBES", str_from(root_id));
  if (has_os)
    relate(w, str_from(root_id), "CONTAINS", str_from(os_id));
  for (size_t i = 0; i < sbom->package_count; i++) {
    bool below_os = has_os && package_type_is_system(sbom->packages[i].type);
    relate(w, str_from(below_os ? os_id : root_id), "CONTAINS", w->ids[i]);
  }
  for (size_t i = 0; i < sbom->dependency_count; i++)
    relate(w, w->ids[sbom->dependencies[i].package], "DEPENDS_ON",
           w->ids[sbom->dependencies[i].needs]);
  json_end_array(&w->json);
}

/* ---- the document */

static struct str plain(struct arena *arena, struct str text)
{
  struct str copy = arena_copy(arena, str_sub(text, 0, 100));
  for (char *c = (char *)copy.data; c < copy.data + copy.len; c++)
    if (!((*c >= 'a' && *c <= 'z') || (*c >= 'A' && *c <= 'Z') || (*c >= '0' && *c <= '9') ||
          *c == '.'))
      *c = '-';
  return copy;
}

static struct str *make_ids(struct writer *w)
{
  struct str *ids = sbom_package_refs(w->arena, w->sbom);
  for (size_t i = 0; i < w->sbom->package_count; i++) {
    struct hash128 hash = hash_stable(ids[i]);
    struct str name = plain(w->arena, w->sbom->packages[i].name);
    ids[i] = arena_printf(w->arena, "SPDXRef-Package-%.*s-%016llx%016llx", STR_FMT(name),
                          (unsigned long long)hash.high, (unsigned long long)hash.low);
  }
  return ids;
}

static void write_document(struct writer *w)
{
  const struct sbom *sbom = w->sbom;
  struct str uuid = sbom_uuid(w->arena, sbom, STR("spdx"));
  struct str name = plain(w->arena, sbom->subject.name);
  json_begin_object(&w->json);
  member(w, "spdxVersion", "SPDX-2.3");
  member(w, "dataLicense", "CC0-1.0");
  member(w, "SPDXID", document_id);
  json_member_string(&w->json, STR("name"),
                     sbom->subject.name.len ? sbom->subject.name : STR("unknown"));
  member_str(
      w, "documentNamespace",
      arena_printf(w->arena, "https://seawall.dev/spdx/%.*s-%.*s", STR_FMT(name), STR_FMT(uuid)));
  begin(w, "creationInfo", false);
  member_str(w, "created", w->date);
  begin(w, "creators", true);
  json_string(&w->json, w->tool);
  json_end_array(&w->json);
  member(w, "licenseListVersion", "3.28");
  json_end_object(&w->json);
  write_packages(w);
  write_licenses(w);
  write_relationships(w);
  json_end_object(&w->json);
}

static int write_spdx(const struct sbom *sbom, struct sink *out, struct error *err)
{
  struct arena arena, round;
  char time[CLOCK_TEXT];
  (void)err;
  arena_init(&arena, 0);
  arena_init(&round, 0);
  struct writer w = {.sbom = sbom, .arena = &arena, .round = &round, .out = out};
  w.json = json_writer_start(&out->buf, 2);
  w.date = clock_format(sbom->created, time);
  w.tool = arena_printf(&arena, "Tool: seawall-%.*s", STR_FMT(sbom->tool_version));
  w.ids = make_ids(&w);
  map_init(&w.licenses, &arena);
  write_document(&w);
  sink_add(out, STR("\n"));
  map_free(&w.licenses);
  arena_free(&round);
  arena_free(&arena);
  return 0;
}

static bool is_spdx(struct value json, struct str text)
{
  (void)text;
  return value_eq_str(sbom_get(json, "SPDXID"), STR("SPDXRef-DOCUMENT")) ||
         str_starts(sbom_text(json, "spdxVersion"), STR("SPDX-2"));
}

const struct sbom_format sbom_spdx_json = {
    .name = "spdx-json",
    .description = "SPDX 2.3, JSON",
    .write = write_spdx,
    .detect = is_spdx,
    .read = sbom_spdx_read,
};
