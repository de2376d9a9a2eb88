#include "scan/image/findings.h"

#include "base/map.h"
#include "base/mem.h"
#include "scan/license.h"
#include "scan/secret/scanner.h"

enum { WHY_MAX = 4000 };

struct str vulnerability_status(const struct vulnerability *v)
{
  static const char *const words[] = {
      [ADVISORY_AFFECTED] = "affected",
      [ADVISORY_NOT_AFFECTED] = "not affected",
      [ADVISORY_WILL_NOT_FIX] = "will not fix",
      [ADVISORY_FIX_DEFERRED] = "fix deferred",
      [ADVISORY_UNDER_INVESTIGATION] = "under investigation",
      [ADVISORY_END_OF_LIFE] = "end of life",
  };
  return v->fixed.len ? STR("fixed") : str_from(words[v->status]);
}

struct str package_ecosystem(struct arena *arena, const struct package *p,
                             const struct os_release *os)
{
  if (!package_type_is_system(p->type))
    return package_type_text(p->type);
  if (!os || !os->family)
    return os && os->id.len ? os->id : package_type_text(p->type);
  return arena_printf(arena, "%s %.*s", os->family->name, STR_FMT(os->release));
}

static struct subject subject_of(const struct image_findings_target *target)
{
  return (struct subject){.kind = target->kind, .name = target->name};
}

static struct str layer_digest(const struct image_findings_target *target, uint32_t layer)
{
  const struct oci_image *image = target->image;
  if (!image || layer >= image->layer_count)
    return STR_EMPTY;
  const struct oci_image_layer *l = &image->layers[layer];
  return l->diff_id.len ? l->diff_id : l->packed.digest;
}

/* ---- vulnerabilities */

/* The id where there is nothing else to say: a rule is for all packages that have the vulnerability. */
static struct str title_of(const struct vulnerability *v)
{
  struct str rest;
  struct str first = str_trim(str_cut(v->title.len ? v->title : v->description, '\n', &rest));
  return first.len ? str_sub(first, 0, 300) : v->id;
}

static const struct rule *rule_for(const struct vulnerability *v, struct map *rules,
                                   struct arena *arena)
{
  bool added;
  union map_value *slot = map_put(rules, v->id, &added);
  if (added) {
    struct rule *rule = arena_new(arena, struct rule);
    *rule = (struct rule){
        .id = v->id,
        .title = title_of(v),
        .why = str_trim(str_sub(v->description, 0, WHY_MAX)),
        .severity = v->severity,
        .references = v->references,
        .reference_count = v->reference_count,
    };
    if (!rule->why.len)
      rule->why = rule->title;
    slot->view = rule;
  }
  return slot->view;
}

static struct finding_package *describe_package(const struct package *p,
                                                const struct image_findings_target *target,
                                                struct arena *arena)
{
  struct finding_package *ret = arena_new(arena, struct finding_package);
  *ret = (struct finding_package){
      .type = package_type_text(p->type),
      .name = p->name,
      .version = p->version.text,
      .source = str_eq(p->source, p->name) ? STR_EMPTY : p->source,
      .purl = p->purl,
      .path = p->path,
      .layer = layer_digest(target, p->layer),
      .base = p->layer < target->base_layers,
      .ecosystem = package_ecosystem(arena, p, target->os),
      .license = p->license,
  };
  return ret;
}

static const struct finding_package *package_of(const struct vulnerability *v,
                                                const struct image_findings_target *target,
                                                struct arena *arena)
{
  struct finding_package *ret = describe_package(v->package, target, arena);
  ret->fixed = v->fixed;
  ret->status = vulnerability_status(v);
  ret->aliases = v->aliases;
  ret->alias_count = v->alias_count;
  ret->advisory_source = v->source;
  ret->severity_source = v->severity_source;
  ret->cvss = v->cvss;
  ret->cvss_tenths = v->cvss_tenths;
  ret->exploited = v->exploited;
  ret->exploited_since = v->exploited_since;
  ret->has_epss = v->has_epss;
  ret->epss = v->epss;
  ret->epss_percentile = v->epss_percentile;
  ret->published = v->published;
  ret->modified = v->modified;
  return ret;
}

static bool stays_so(const struct vulnerability *v)
{
  return v->status == ADVISORY_WILL_NOT_FIX || v->status == ADVISORY_END_OF_LIFE;
}

static struct str remedy_for(const struct vulnerability *v, struct arena *arena)
{
  const struct package *p = v->package;
  if (v->fixed.len)
    return arena_printf(arena, "Upgrade %.*s to %.*s.", STR_FMT(p->name), STR_FMT(v->fixed));
  if (stays_so(v))
    return arena_printf(arena,
                        "%.*s will not get a fix here: remove the package, or move to a release "
                        "that has one.",
                        STR_FMT(p->name));
  return arena_printf(arena, "There is no fixed version of %.*s yet.", STR_FMT(p->name));
}

void image_vulnerability_findings(const struct vulnerability_list *vulnerabilities,
                                  const struct image_findings_target *target,
                                  struct finding_list *findings)
{
  struct arena *arena = findings->arena;
  struct map rules;
  map_init(&rules, NULL);
  for (size_t i = 0; i < vulnerabilities->count; i++) {
    const struct vulnerability *v = &vulnerabilities->items[i];
    const struct package *p = v->package;
    struct finding *f = finding_add(findings, rule_for(v, &rules, arena));
    f->severity = v->severity;
    f->subject = subject_of(target);
    f->location.file = p->path;
    f->message = arena_printf(arena, "%.*s %.*s has %.*s, %s%.*s", STR_FMT(p->name),
                              STR_FMT(p->version.text), STR_FMT(v->id),
                              v->fixed.len  ? "fixed in "
                              : stays_so(v) ? "which will not be fixed"
                                            : "which is not fixed yet",
                              STR_FMT(v->fixed));
    f->remedy = remedy_for(v, arena);
    f->package = package_of(v, target, arena);
    finding_seal(
        f, arena_printf(arena, "%.*s/%.*s", STR_FMT(package_type_text(p->type)), STR_FMT(p->name)));
  }
  map_free(&rules);
}

/* ---- secrets */

void image_secret_findings(const struct image_facts *facts, const struct secret_rules *rules,
                           const struct image_findings_target *target,
                           struct finding_list *findings)
{
  struct arena *arena = findings->arena;
  for (size_t i = 0; i < facts->secrets.count; i++) {
    const struct image_secret *s = &facts->secrets.items[i];
    const struct secret_rule *rule = secret_rules_find(rules, s->secret.rule);
    if (!rule)
      continue;
    struct finding *f = finding_add(findings, &rule->rule);
    f->subject = subject_of(target);
    f->location = (struct location){
        .file = s->secret.path, .line = s->secret.line, .column = s->secret.column};
    f->message = s->secret.excerpt;
    if (s->hidden)
      f->message = arena_printf(arena,
                                "%.*s (a later layer hides the file, but it is still in layer %u)",
                                STR_FMT(s->secret.excerpt), s->secret.layer + 1);
    finding_seal(f, s->secret.fingerprint);
  }
}

static void scan_config(struct secret_scanner *scanner, const struct oci_config *config,
                        struct arena *arena, struct secret_list *found)
{
  for (size_t i = 0; i < config->env.count; i++)
    secret_scan_text(scanner, SECRET_ENVIRONMENT, arena_printf(arena, "/config/Env/%zu", i),
                     config->env.items[i], found);
  for (size_t i = 0; i < config->label_count; i++) {
    struct str text = arena_printf(arena, "%.*s=%.*s", STR_FMT(config->labels[i].key),
                                   STR_FMT(config->labels[i].value));
    secret_scan_text(scanner, SECRET_LABEL, arena_printf(arena, "/config/Labels/%zu", i), text,
                     found);
  }
  for (size_t i = 0; i < config->history_count; i++)
    secret_scan_text(scanner, SECRET_HISTORY, arena_printf(arena, "/history/%zu/created_by", i),
                     config->history[i].created_by, found);
}

int image_config_secrets(const struct oci_config *config, const struct secret_rules *rules,
                         const struct image_findings_target *target, struct finding_list *findings,
                         struct error *err)
{
  struct arena *arena = findings->arena;
  struct secret_scanner *scanner;
  struct secret_list found;
  if (!config->env.count && !config->label_count && !config->history_count)
    return 0;
  int rc = secret_scanner_new(rules, NULL, &scanner, err);
  if (rc < 0)
    return rc;
  secret_list_init(&found, arena);
  scan_config(scanner, config, arena, &found);
  for (size_t i = 0; i < found.count; i++) {
    const struct secret_match *m = &found.items[i];
    struct finding *f = finding_add(findings, &m->rule->rule);
    f->subject = subject_of(target);
    f->location = (struct location){.file = target->name, .pointer = m->place};
    f->message = arena_printf(arena, "%.*s: %.*s", STR_FMT(str_sub(m->place, 1, SIZE_MAX)),
                              STR_FMT(m->redacted));
    finding_seal(f, arena_copy(arena, str_from(m->fingerprint)));
  }
  secret_scanner_free(scanner);
  return 0;
}

/* ---- licences */

/* What a licence may ask for that is told; the others have no rule. */
enum asks { ASKS_UNKNOWN, ASKS_RECIPROCAL, ASKS_RESTRICTED, ASKS_FORBIDDEN, ASKS_COUNT };

static const struct rule *const category_rules[LICENSE_CATEGORIES] = {
    [LICENSE_UNKNOWN] = &package_license_rules[ASKS_UNKNOWN],
    [LICENSE_RECIPROCAL] = &package_license_rules[ASKS_RECIPROCAL],
    [LICENSE_RESTRICTED] = &package_license_rules[ASKS_RESTRICTED],
    [LICENSE_FORBIDDEN] = &package_license_rules[ASKS_FORBIDDEN],
};

static const struct str license_references[] = {
    STR_INIT("https://spdx.org/licenses/"),
    STR_INIT("https://opensource.google/documentation/reference/thirdparty/licenses")};

const struct rule package_license_rules[] = {
    [ASKS_UNKNOWN] =
        {
            .id = STR_INIT("license-unknown"),
            .title = STR_INIT("A package has a licence that is not known"),
            .why = STR_INIT("What it asks of those who pass the image on cannot be said."),
            .remedy = STR_INIT("Read the licence, and except the package if it may be shipped."),
            .severity = SEVERITY_UNKNOWN,
            .references = license_references,
            .reference_count = sizeof license_references / sizeof *license_references,
        },
    [ASKS_RECIPROCAL] =
        {
            .id = STR_INIT("license-reciprocal"),
            .title = STR_INIT("A package asks that changes to it are published"),
            .why = STR_INIT(
                "Whoever ships a changed copy has to publish the changes under the same licence."),
            .remedy = STR_INIT("Publish what was changed, or ship it unchanged."),
            .severity = SEVERITY_MEDIUM,
            .references = license_references,
            .reference_count = sizeof license_references / sizeof *license_references,
        },
    [ASKS_RESTRICTED] =
        {
            .id = STR_INIT("license-restricted"),
            .title = STR_INIT("A package asks that what is shipped with it is published"),
            .why = STR_INIT(
                "Whoever passes the image on has to offer the sources of the package, and possibly of what "
                "is linked with it."),
            .remedy = STR_INIT("Offer the sources with the image, or replace the package."),
            .severity = SEVERITY_HIGH,
            .references = license_references,
            .reference_count = sizeof license_references / sizeof *license_references,
        },
    [ASKS_FORBIDDEN] =
        {
            .id = STR_INIT("license-forbidden"),
            .title = STR_INIT("A package may not be used freely in a service"),
            .why = STR_INIT(
                "The licence asks for the sources of what is offered over a network, or rules out "
                "commercial use."),
            .remedy = STR_INIT("Replace the package, or get a licence for it."),
            .severity = SEVERITY_CRITICAL,
            .references = license_references,
            .reference_count = sizeof license_references / sizeof *license_references,
        },
};

const size_t package_license_rule_count = ASKS_COUNT;

void package_license_findings(const struct package *packages, size_t count,
                              const struct image_findings_target *target,
                              struct finding_list *findings)
{
  struct arena *arena = findings->arena;
  for (size_t i = 0; i < count; i++) {
    const struct package *p = &packages[i];
    struct license license;
    license_read(arena, p->license, &license);
    const struct rule *rule = category_rules[license.category];
    if (!license.expression.len || !rule)
      continue;
    struct finding *f = finding_add(findings, rule);
    f->subject = subject_of(target);
    f->location.file = p->path;
    f->message = arena_printf(arena, "%.*s %.*s is under %.*s", STR_FMT(p->name),
                              STR_FMT(p->version.text), STR_FMT(license.expression));
    f->package = describe_package(p, target, arena);
    finding_seal(
        f, arena_printf(arena, "%.*s/%.*s", STR_FMT(package_type_text(p->type)), STR_FMT(p->name)));
  }
}
