#include "scan/sbom/sbom_int.h"

#include "base/buf.h"
#include "base/clock.h"
#include "base/mem.h"
#include "scan/license.h"
#include "scan/license_int.h"

#include <stdlib.h>

static const struct str os_ref = STR_INIT("seawall:os");

struct writer {
  const struct sbom *sbom;
  struct arena *arena;
  struct arena *round; /* for one component, reset behind it */
  struct sink *out;
  struct json_writer json;
  struct str *refs;
  struct str subject_ref;
};

static void member(struct writer *w, const char *key, struct str text)
{
  if (text.len)
    json_member_string(&w->json, str_from(key), text);
}

static void property(void *ctx, struct str name, struct str value)
{
  struct writer *w = ctx;
  json_begin_object(&w->json);
  json_member_string(&w->json, STR("name"), name);
  json_member_string(&w->json, STR("value"), value);
  json_end_object(&w->json);
}

static void begin(struct writer *w, const char *key, bool array)
{
  json_key(&w->json, str_from(key));
  if (array)
    json_begin_array(&w->json);
  else
    json_begin_object(&w->json);
}

/* ---- metadata */

static void write_tool(struct writer *w)
{
  begin(w, "tools", false);
  begin(w, "components", true);
  json_begin_object(&w->json);
  member(w, "type", STR("application"));
  member(w, "name", STR("seawall"));
  member(w, "version", w->sbom->tool_version);
  json_end_object(&w->json);
  json_end_array(&w->json);
  json_end_object(&w->json);
}

static void write_subject(struct writer *w)
{
  static const char *const types[] = {
      [SBOM_UNKNOWN] = "application",
      [SBOM_IMAGE] = "container",
      [SBOM_DIRECTORY] = "application",
      [SBOM_MACHINE] = "device",
  };
  const struct sbom_subject *s = &w->sbom->subject;
  begin(w, "component", false);
  member(w, "bom-ref", w->subject_ref);
  member(w, "type", str_from(types[s->kind]));
  json_member_string(&w->json, STR("name"), s->name);
  member(w, "version", s->digest);
  member(w, "purl", sbom_image_purl(w->arena, s));
  begin(w, "properties", true);
  if (s->kind == SBOM_DIRECTORY)
    property(w, STR("seawall:kind"), STR("directory"));
  sbom_subject_facts(w->arena, w->sbom, w, property);
  json_end_array(&w->json);
  json_end_object(&w->json);
}

static void write_metadata(struct writer *w)
{
  char time[CLOCK_TEXT];
  begin(w, "metadata", false);
  member(w, "timestamp", clock_format(w->sbom->created, time));
  write_tool(w);
  write_subject(w);
  json_end_object(&w->json);
}

/* ---- components */

/* An identifier of the list, an expression, or a name; gives what a reader finds. */
static struct str write_license(struct writer *w, struct str stated)
{
  struct license license;
  license_read(w->round, stated, &license);
  struct str text = license.spdx ? license.expression : str_trim(stated);
  if (!license.expression.len)
    return STR_EMPTY;
  bool is_id = license.spdx && license_find(license_ids, license_ids_count, text);
  begin(w, "licenses", true);
  json_begin_object(&w->json);
  if (license.spdx && !is_id) {
    member(w, "expression", text);
  } else {
    begin(w, "license", false);
    member(w, is_id ? "id" : "name", text);
    json_end_object(&w->json);
  }
  json_end_object(&w->json);
  json_end_array(&w->json);
  return text;
}

static void write_hash(struct writer *w, struct str digest)
{
  static const struct {
    struct str name;
    const char *algorithm;
  } algorithms[] = {
      {STR_INIT("md5"), "MD5"},        {STR_INIT("sha1"), "SHA-1"},
      {STR_INIT("sha256"), "SHA-256"}, {STR_INIT("sha384"), "SHA-384"},
      {STR_INIT("sha512"), "SHA-512"},
  };
  struct str name, hex;
  if (!sbom_digest_split(digest, &name, &hex))
    return;
  for (size_t i = 0; i < sizeof algorithms / sizeof algorithms[0]; i++) {
    if (!str_eq(algorithms[i].name, name))
      continue;
    begin(w, "hashes", true);
    json_begin_object(&w->json);
    member(w, "alg", str_from(algorithms[i].algorithm));
    member(w, "content", hex);
    json_end_object(&w->json);
    json_end_array(&w->json);
  }
}

static void write_facts(struct writer *w, struct str facts[static SBOM_FACTS])
{
  bool any = false;
  for (size_t i = 0; i < SBOM_FACTS; i++)
    any |= facts[i].len > 0;
  if (!any)
    return;
  begin(w, "properties", true);
  for (size_t i = 0; i < SBOM_FACTS; i++)
    if (facts[i].len)
      property(w, sbom_fact_name((enum sbom_fact)i), facts[i]);
  json_end_array(&w->json);
}

static void write_os(struct writer *w)
{
  const struct os_release *os = &w->sbom->os;
  struct str facts[SBOM_FACTS] = {[SBOM_CODENAME] = os->codename, [SBOM_PRETTY] = os->pretty};
  json_begin_object(&w->json);
  member(w, "bom-ref", os_ref);
  member(w, "type", STR("operating-system"));
  member(w, "name", os->id);
  member(w, "version", os->version);
  write_facts(w, facts);
  json_end_object(&w->json);
}

/* Maven's group and npm's scope have a field of their own. */
static void write_name(struct writer *w, const struct package *p)
{
  struct purl purl;
  bool grouped = (p->type == PACKAGE_MAVEN || p->type == PACKAGE_NPM) && p->purl.len &&
                 purl_parse(w->round, p->purl, &purl, NULL) == 0 && purl.name_space.len > 0 &&
                 p->name.len > purl.name_space.len + 1 && str_starts(p->name, purl.name_space);
  if (grouped)
    member(w, "group", purl.name_space);
  member(w, "name", grouped ? str_sub(p->name, purl.name_space.len + 1, SIZE_MAX) : p->name);
}

static void write_package(struct writer *w, size_t number)
{
  const struct package *p = &w->sbom->packages[number];
  struct str facts[SBOM_FACTS];
  sbom_package_facts(w->round, w->sbom, p, facts);
  facts[SBOM_MAINTAINER] = STR_EMPTY;
  json_begin_object(&w->json);
  member(w, "bom-ref", w->refs[number]);
  member(w, "type", STR("library"));
  if (p->maintainer.len) {
    begin(w, "supplier", false);
    member(w, "name", p->maintainer);
    json_end_object(&w->json);
  }
  write_name(w, p);
  member(w, "version", p->version.text);
  if (p->development)
    member(w, "scope", STR("excluded"));
  write_hash(w, p->digest);
  if (str_eq(write_license(w, p->license), p->license))
    facts[SBOM_LICENSE] = STR_EMPTY;
  member(w, "purl", p->purl);
  write_facts(w, facts);
  json_end_object(&w->json);
}

static void write_components(struct writer *w)
{
  begin(w, "components", true);
  if (w->sbom->os.id.len)
    write_os(w);
  for (size_t i = 0; i < w->sbom->package_count; i++) {
    write_package(w, i);
    sink_settle(w->out);
    arena_reset(w->round);
  }
  json_end_array(&w->json);
}

/* ---- dependencies */

struct edges {
  const struct sbom_dependency *items;
  size_t count, next;
};

static int compare_edges(const void *a, const void *b)
{
  const struct sbom_dependency *x = a, *y = b;
  if (x->package != y->package)
    return x->package < y->package ? -1 : 1;
  return (x->needs > y->needs) - (x->needs < y->needs);
}

static void write_group(struct writer *w, struct str ref, bool system, const bool *needed)
{
  json_begin_object(&w->json);
  member(w, "ref", ref);
  begin(w, "dependsOn", true);
  if (!system && w->sbom->os.id.len)
    json_string(&w->json, os_ref);
  for (size_t i = 0; i < w->sbom->package_count; i++) {
    bool below_os = package_type_is_system(w->sbom->packages[i].type) && w->sbom->os.id.len;
    if (below_os == system && (system || !needed[i]))
      json_string(&w->json, w->refs[i]);
    sink_settle(w->out);
  }
  json_end_array(&w->json);
  json_end_object(&w->json);
}

static void write_needs(struct writer *w, struct edges *edges, uint32_t package)
{
  json_begin_object(&w->json);
  member(w, "ref", w->refs[package]);
  begin(w, "dependsOn", true);
  uint32_t last = UINT32_MAX;
  for (; edges->next < edges->count && edges->items[edges->next].package == package;
       edges->next++) {
    uint32_t needs = edges->items[edges->next].needs;
    if (needs != last && needs != package)
      json_string(&w->json, w->refs[needs]);
    last = needs;
  }
  json_end_array(&w->json);
  json_end_object(&w->json);
  sink_settle(w->out);
}

static void write_dependencies(struct writer *w)
{
  size_t count = w->sbom->dependency_count;
  bool *needed = sbom_needed(w->arena, w->sbom);
  struct sbom_dependency *sorted = arena_array(w->arena, struct sbom_dependency, count + 1);
  for (size_t i = 0; i < count; i++)
    sorted[i] = w->sbom->dependencies[i];
  qsort(sorted, count, sizeof *sorted, compare_edges);
  struct edges edges = {sorted, count, 0};
  begin(w, "dependencies", true);
  write_group(w, w->subject_ref, false, needed);
  if (w->sbom->os.id.len)
    write_group(w, os_ref, true, needed);
  for (uint32_t i = 0; i < w->sbom->package_count; i++)
    write_needs(w, &edges, i);
  json_end_array(&w->json);
}

/* ---- vulnerabilities */

static bool among(struct str text, const char *const *words, size_t count)
{
  for (size_t i = 0; i < count; i++)
    if (str_eq(str_from(words[i]), text))
      return true;
  return false;
}

static void write_analysis(struct writer *w, const struct sbom_vulnerability *v)
{
  static const char *const states[] = {"resolved",  "resolved_with_pedigree", "exploitable",
                                       "in_triage", "false_positive",         "not_affected"};
  static const char *const justifications[] = {
      "code_not_present",     "code_not_reachable",     "requires_configuration",
      "requires_dependency",  "requires_environment",   "protected_by_compiler",
      "protected_at_runtime", "protected_at_perimeter", "protected_by_mitigating_control"};
  if (!among(v->state, states, sizeof states / sizeof states[0]))
    return;
  begin(w, "analysis", false);
  member(w, "state", v->state);
  if (among(v->justification, justifications, sizeof justifications / sizeof justifications[0]))
    member(w, "justification", v->justification);
  member(w, "detail", v->detail);
  json_end_object(&w->json);
}

static struct str method_of(struct str vector)
{
  static const struct {
    struct str start;
    const char *method;
  } methods[] = {
      {STR_INIT("CVSS:4"), "CVSSv4"},
      {STR_INIT("CVSS:3.1"), "CVSSv31"},
      {STR_INIT("CVSS:3.0"), "CVSSv3"},
      {STR_INIT("AV:"), "CVSSv2"},
  };
  for (size_t i = 0; i < sizeof methods / sizeof methods[0]; i++)
    if (str_starts(vector, methods[i].start))
      return str_from(methods[i].method);
  return STR("other");
}

static void write_rating(struct writer *w, const struct vulnerability *v)
{
  begin(w, "ratings", true);
  json_begin_object(&w->json);
  if (v->severity_source.len) {
    begin(w, "source", false);
    member(w, "name", v->severity_source);
    json_end_object(&w->json);
  }
  if (v->cvss.len) {
    json_key(&w->json, STR("score"));
    json_double(&w->json, (double)v->cvss_tenths / 10);
  }
  member(w, "severity", severity_name(v->severity));
  if (v->cvss.len) {
    member(w, "method", method_of(v->cvss));
    member(w, "vector", v->cvss);
  }
  json_end_object(&w->json);
  json_end_array(&w->json);
}

static void write_cwes(struct writer *w, const struct vulnerability *v)
{
  unsigned long long number;
  if (!v->cwe_count)
    return;
  begin(w, "cwes", true);
  for (size_t i = 0; i < v->cwe_count; i++) {
    struct str digits = v->cwes[i];
    if (str_starts(digits, STR("CWE-")))
      digits = str_sub(digits, 4, SIZE_MAX);
    if (str_to_u64(digits, INT32_MAX, &number) && number > 0)
      json_uint(&w->json, number);
  }
  json_end_array(&w->json);
}

/* A date alone becomes its first moment. */
static void write_time(struct writer *w, const char *key, struct str time)
{
  int64_t seconds;
  char text[CLOCK_TEXT];
  if (clock_parse(time, &seconds, NULL, NULL) < 0 && clock_parse_date(time, &seconds, NULL) < 0)
    return;
  member(w, key, clock_format(seconds, text));
}

static bool is_url(struct str text)
{
  if (!str_starts(text, STR("https://")) && !str_starts(text, STR("http://")))
    return false;
  for (size_t i = 0; i < text.len; i++)
    if ((unsigned char)text.data[i] <= ' ' || strchr("<>\"\\^`{|}", text.data[i]))
      return false;
  return true;
}

static void write_advisories(struct writer *w, const struct vulnerability *v)
{
  begin(w, "advisories", true);
  for (size_t i = 0; i < v->reference_count; i++) {
    if (!is_url(v->references[i]))
      continue;
    json_begin_object(&w->json);
    member(w, "url", v->references[i]);
    json_end_object(&w->json);
  }
  json_end_array(&w->json);
}

static void write_vulnerability_properties(struct writer *w, const struct vulnerability *v)
{
  struct str epss = arena_printf(w->round, "%u.%06u", v->epss / 1000000, v->epss % 1000000);
  begin(w, "properties", true);
  for (size_t i = 0; i < v->alias_count; i++)
    property(w, STR("seawall:alias"), v->aliases[i]);
  if (v->fixed.len)
    property(w, STR("seawall:fixed-version"), v->fixed);
  if (v->exploited)
    property(w, STR("seawall:known-exploited"),
             v->exploited_since.len ? v->exploited_since : STR("true"));
  if (v->has_epss)
    property(w, STR("seawall:epss"), epss);
  json_end_array(&w->json);
}

static void write_affected(struct writer *w, const struct vulnerability *v)
{
  begin(w, "affects", true);
  json_begin_object(&w->json);
  member(w, "ref", w->refs[v->package - w->sbom->packages]);
  begin(w, "versions", true);
  json_begin_object(&w->json);
  member(w, "version", v->package->version.text);
  member(w, "status", STR("affected"));
  json_end_object(&w->json);
  json_end_array(&w->json);
  json_end_object(&w->json);
  json_end_array(&w->json);
}

static void write_vulnerability(struct writer *w, const struct sbom_vulnerability *sv)
{
  const struct vulnerability *v = sv->vulnerability;
  json_begin_object(&w->json);
  member(w, "id", v->id);
  if (v->source.len) {
    begin(w, "source", false);
    member(w, "name", v->source);
    json_end_object(&w->json);
  }
  write_rating(w, v);
  write_cwes(w, v);
  member(w, "description", v->title.len ? v->title : v->description);
  member(w, "detail", v->title.len ? v->description : STR_EMPTY);
  if (v->fixed.len)
    member(w, "recommendation",
           arena_printf(w->round, "Upgrade %.*s to %.*s", STR_FMT(v->package->name),
                        STR_FMT(v->fixed)));
  write_advisories(w, v);
  write_time(w, "published", v->published);
  write_time(w, "updated", v->modified);
  write_analysis(w, sv);
  write_affected(w, v);
  write_vulnerability_properties(w, v);
  json_end_object(&w->json);
}

static void write_vulnerabilities(struct writer *w)
{
  if (!w->sbom->vulnerability_count)
    return;
  begin(w, "vulnerabilities", true);
  for (size_t i = 0; i < w->sbom->vulnerability_count; i++) {
    write_vulnerability(w, &w->sbom->vulnerabilities[i]);
    sink_settle(w->out);
    arena_reset(w->round);
  }
  json_end_array(&w->json);
}

/* ---- the document */

static void write_document(struct writer *w)
{
  json_begin_object(&w->json);
  member(w, "$schema", STR("http://cyclonedx.org/schema/bom-1.6.schema.json"));
  member(w, "bomFormat", STR("CycloneDX"));
  member(w, "specVersion", STR("1.6"));
  struct str uuid = sbom_uuid(w->arena, w->sbom, STR("cyclonedx"));
  member(w, "serialNumber", arena_printf(w->arena, "urn:uuid:%.*s", STR_FMT(uuid)));
  json_member_int(&w->json, STR("version"), 1);
  write_metadata(w);
  write_components(w);
  write_dependencies(w);
  write_vulnerabilities(w);
  json_end_object(&w->json);
}

static int write_cyclonedx(const struct sbom *sbom, struct sink *out, struct error *err)
{
  struct arena arena, round;
  (void)err;
  arena_init(&arena, 0);
  arena_init(&round, 0);
  struct writer w = {.sbom = sbom, .arena = &arena, .round = &round, .out = out};
  w.json = json_writer_start(&out->buf, 2);
  w.refs = sbom_package_refs(&arena, sbom);
  w.subject_ref = sbom_image_purl(&arena, &sbom->subject);
  if (!w.subject_ref.len)
    w.subject_ref = STR("seawall:subject");
  write_document(&w);
  sink_add(out, STR("\n"));
  arena_free(&round);
  arena_free(&arena);
  return 0;
}

static bool is_cyclonedx(struct value json, struct str text)
{
  (void)text;
  return value_eq_str(sbom_get(json, "bomFormat"), STR("CycloneDX"));
}

const struct sbom_format sbom_cyclonedx = {
    .name = "cyclonedx",
    .description = "CycloneDX 1.6, JSON",
    .write = write_cyclonedx,
    .detect = is_cyclonedx,
    .read = sbom_cyclonedx_read,
};
