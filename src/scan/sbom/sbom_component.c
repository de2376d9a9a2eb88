#include "scan/sbom/sbom_int.h"

#include "base/buf.h"
#include "base/clock.h"
#include "base/mem.h"
#include "scan/license.h"

#include <stdlib.h>

static const struct str fact_names[SBOM_FACTS] = {
    [SBOM_NAME] = STR_INIT("seawall:name"),
    [SBOM_VERSION] = STR_INIT("seawall:version"),
    [SBOM_TYPE] = STR_INIT("seawall:type"),
    [SBOM_SOURCE] = STR_INIT("seawall:source"),
    [SBOM_SOURCE_VERSION] = STR_INIT("seawall:source-version"),
    [SBOM_ARCHITECTURE] = STR_INIT("seawall:architecture"),
    [SBOM_MODULE] = STR_INIT("seawall:module"),
    [SBOM_PATH] = STR_INIT("seawall:path"),
    [SBOM_LAYER] = STR_INIT("seawall:layer"),
    [SBOM_LAYER_DIGEST] = STR_INIT("seawall:layer-digest"),
    [SBOM_LICENSE] = STR_INIT("seawall:license"),
    [SBOM_MAINTAINER] = STR_INIT("seawall:maintainer"),
    [SBOM_VENDOR] = STR_INIT("seawall:vendor"),
    [SBOM_INDIRECT] = STR_INIT("seawall:indirect"),
    [SBOM_DEVELOPMENT] = STR_INIT("seawall:development"),
    [SBOM_CODENAME] = STR_INIT("seawall:codename"),
    [SBOM_PRETTY] = STR_INIT("seawall:pretty-name"),
};

/* How others say the same: Trivy (in CycloneDX behind a prefix, in SPDX without one), Syft, cdxgen. */
static const struct {
  struct str name;
  enum sbom_fact fact;
} others[] = {
    {STR_INIT("SrcName"), SBOM_SOURCE},
    {STR_INIT("SrcVersion"), SBOM_SOURCE_VERSION},
    {STR_INIT("SrcRelease"), SBOM_SOURCE_RELEASE},
    {STR_INIT("SrcEpoch"), SBOM_SOURCE_EPOCH},
    {STR_INIT("Modularitylabel"), SBOM_MODULE},
    {STR_INIT("FilePath"), SBOM_PATH},
    {STR_INIT("LayerDiffID"), SBOM_LAYER},
    {STR_INIT("LayerDigest"), SBOM_LAYER_DIGEST},
    {STR_INIT("syft:metadata:source"), SBOM_SOURCE},
    {STR_INIT("syft:metadata:sourceVersion"), SBOM_SOURCE_VERSION},
    {STR_INIT("syft:metadata:originPackage"), SBOM_SOURCE},
    {STR_INIT("syft:metadata:sourceRpm"), SBOM_SOURCE_RPM},
    {STR_INIT("syft:metadata:modularityLabel"), SBOM_MODULE},
    {STR_INIT("syft:location:0:path"), SBOM_PATH},
    {STR_INIT("syft:location:0:layerID"), SBOM_LAYER},
    {STR_INIT("syft:distro:id"), SBOM_OS_ID},
    {STR_INIT("syft:distro:versionID"), SBOM_OS_VERSION},
    {STR_INIT("syft:distro:versionCodename"), SBOM_CODENAME},
    {STR_INIT("syft:distro:prettyName"), SBOM_PRETTY},
    {STR_INIT("SrcFile"), SBOM_PATH},
    {STR_INIT("cdx:npm:package:path"), SBOM_PATH},
    {STR_INIT("cdx:npm:package:development"), SBOM_DEVELOPMENT},
};

static const struct str trivy = STR_INIT("aquasecurity:trivy:");

struct str sbom_fact_name(enum sbom_fact fact)
{
  return fact_names[fact];
}

void sbom_component_property(struct sbom_component *c, struct str name, struct str value)
{
  if (str_starts(name, STR("seawall:"))) {
    for (size_t i = 0; i < SBOM_FACTS; i++)
      if (str_eq(fact_names[i], name)) {
        c->facts[i] = value;
        c->own[i] = true;
      }
    return;
  }
  if (str_starts(name, trivy))
    name = str_sub(name, trivy.len, SIZE_MAX);
  for (size_t i = 0; i < sizeof others / sizeof others[0]; i++)
    if (str_eq(others[i].name, name) && !c->facts[others[i].fact].len)
      c->facts[others[i].fact] = value;
}

/* ---- what a reader gathers */

void sbom_reader_init(struct sbom_reader *r, struct arena *arena, struct sbom *sbom)
{
  *r = (struct sbom_reader){.arena = arena, .sbom = sbom};
  package_list_init(&r->packages, arena, 0);
  map_init(&r->layer_numbers, arena);
  map_init(&r->refs, arena);
  map_init(&r->distros, arena);
}

void sbom_reader_free(struct sbom_reader *r)
{
  package_list_free(&r->packages);
  vec_free(&r->layers);
  vec_free(&r->tags);
  vec_free(&r->digests);
  vec_free(&r->unmatched);
  vec_free(&r->dependencies);
  map_free(&r->layer_numbers);
  map_free(&r->refs);
  map_free(&r->distros);
}

/* A copy in the arena, held to the length of texts. */
static struct str keep(const struct sbom_reader *r, struct str text)
{
  return text.len ? arena_copy(r->arena, str_sub(text, 0, PACKAGE_TEXT_MAX)) : STR_EMPTY;
}

static void leave_out(struct sbom_reader *r, const struct sbom_component *c, const char *why)
{
  r->sbom->unmatched_total++;
  if (vec_full(&r->unmatched, SBOM_UNMATCHED_MAX))
    return;
  struct sbom_unmatched u = {keep(r, c->name), keep(r, c->version), keep(r, c->purl),
                             arena_copy(r->arena, str_from(why))};
  vec_push(&r->unmatched, u);
}

static bool type_of(struct str text, enum package_type *ret)
{
  for (int i = PACKAGE_DEB; i <= PACKAGE_GENERIC; i++)
    if (str_eq_nocase(package_type_text((enum package_type)i), text)) {
      *ret = (enum package_type)i;
      return true;
    }
  return false;
}

/* ---- names and versions */

struct str sbom_purl_name(struct arena *arena, enum package_type type, const struct purl *purl)
{
  if (type == PACKAGE_COCOAPODS && purl->subpath.len)
    return arena_printf(arena, "%.*s/%.*s", STR_FMT(purl->name), STR_FMT(purl->subpath));
  if (package_type_is_system(type) || !purl->name_space.len)
    return purl->name;
  return arena_printf(arena, "%.*s%c%.*s", STR_FMT(purl->name_space),
                      type == PACKAGE_MAVEN ? ':' : '/', STR_FMT(purl->name));
}

struct str sbom_purl_version(struct arena *arena, enum package_type type, const struct purl *purl)
{
  struct str epoch = purl_qualifier(purl, STR("epoch"));
  bool has_epochs = type == PACKAGE_RPM || type == PACKAGE_DEB;
  if (!has_epochs || !epoch.len || str_eq(epoch, STR("0")) || !purl->version.len ||
      str_find_byte(purl->version, 0, ':') >= 0)
    return purl->version;
  return arena_printf(arena, "%.*s:%.*s", STR_FMT(epoch), STR_FMT(purl->version));
}

static char fold(enum package_type type, char c)
{
  if (type == PACKAGE_PYPI && (c == '_' || c == '.'))
    return '-';
  return c >= 'A' && c <= 'Z' ? (char)(c + 32) : c;
}

static bool same_but_spelling(enum package_type type, struct str a, struct str b)
{
  if (a.len != b.len)
    return false;
  for (size_t i = 0; i < a.len; i++)
    if (fold(type, a.data[i]) != fold(type, b.data[i]))
      return false;
  return true;
}

/* Package URLs fold letters; the component's name has them as the package does. */
static struct str name_of(struct sbom_reader *r, const struct sbom_component *c,
                          enum package_type type, const struct purl *purl)
{
  if (c->facts[SBOM_NAME].len)
    return c->facts[SBOM_NAME];
  struct str name = purl ? sbom_purl_name(r->arena, type, purl) : c->name;
  struct str whole = c->name;
  if (c->group.len)
    whole = arena_printf(r->arena, "%.*s%c%.*s", STR_FMT(c->group),
                         type == PACKAGE_MAVEN ? ':' : '/', STR_FMT(c->name));
  return same_but_spelling(type, whole, name) ? whole : name;
}

static struct str version_of(struct sbom_reader *r, const struct sbom_component *c,
                             enum package_type type, const struct purl *purl)
{
  if (c->facts[SBOM_VERSION].len)
    return c->facts[SBOM_VERSION];
  struct str version = purl ? sbom_purl_version(r->arena, type, purl) : STR_EMPTY;
  return version.len ? version : c->version;
}

/* ---- sources */

/* "openssl-1.0.2k-16.el7.src.rpm": the last two dashes. */
static bool split_source_rpm(struct str file, struct str *ret_name, struct str *ret_version)
{
  static const struct str ends[] = {STR_INIT(".src.rpm"), STR_INIT(".nosrc.rpm")};
  bool is_file = false;
  for (size_t i = 0; i < 2; i++)
    if (str_ends(file, ends[i])) {
      file.len -= ends[i].len;
      is_file = true;
    }
  ptrdiff_t release = str_find_last_byte(file, '-');
  ptrdiff_t version = release > 0 ? str_find_last_byte(str_sub(file, 0, (size_t)release), '-') : -1;
  if (!is_file || version <= 0)
    return false;
  *ret_name = str_sub(file, 0, (size_t)version);
  *ret_version = str_sub(file, (size_t)version + 1, SIZE_MAX);
  return true;
}

static struct str with_epoch(struct arena *arena, struct str epoch, struct str version)
{
  if (!epoch.len || str_eq(epoch, STR("0")) || !version.len)
    return version;
  return arena_printf(arena, "%.*s:%.*s", STR_FMT(epoch), STR_FMT(version));
}

/* Version, release and epoch, which Trivy tells apart. */
static struct str source_version_of(struct arena *arena, const struct sbom_component *c)
{
  struct str version = c->facts[SBOM_SOURCE_VERSION], release = c->facts[SBOM_SOURCE_RELEASE];
  if (c->own[SBOM_SOURCE_VERSION] || !version.len)
    return version;
  if (release.len)
    version = arena_printf(arena, "%.*s-%.*s", STR_FMT(version), STR_FMT(release));
  return with_epoch(arena, c->facts[SBOM_SOURCE_EPOCH], version);
}

/* The qualifier "upstream": a name, name@version, or the file of a source rpm. */
static void read_upstream(struct arena *arena, struct str upstream, const struct package *p,
                          struct str *ret_name, struct str *ret_version)
{
  struct str version = STR_EMPTY;
  if (split_source_rpm(upstream, ret_name, &version)) {
    *ret_version = with_epoch(arena, p->version.epoch, version);
    return;
  }
  ptrdiff_t at = str_find_last_byte(upstream, '@');
  *ret_name = at > 0 ? str_sub(upstream, 0, (size_t)at) : upstream;
  *ret_version = at > 0 ? str_sub(upstream, (size_t)at + 1, SIZE_MAX) : STR_EMPTY;
}

static void fill_source(struct sbom_reader *r, const struct sbom_component *c,
                        const struct purl *purl, struct package *p)
{
  struct str version = source_version_of(r->arena, c);
  p->source = c->facts[SBOM_SOURCE];
  if (!p->source.len && c->facts[SBOM_SOURCE_RPM].len)
    read_upstream(r->arena, c->facts[SBOM_SOURCE_RPM], p, &p->source, &version);
  if (!p->source.len && purl)
    read_upstream(r->arena, purl_qualifier(purl, STR("upstream")), p, &p->source, &version);
  p->source_version = package_version_split(p->type, version);
}

/* ---- layers */

static uint32_t layer_number(struct sbom_reader *r, struct str diff_id, struct str digest)
{
  struct str key = diff_id.len ? diff_id : digest;
  if (!key.len)
    return UINT32_MAX;
  union map_value *found = map_get(&r->layer_numbers, key);
  if (!found && vec_full(&r->layers, SBOM_LAYERS_MAX))
    return UINT32_MAX;
  if (!found) {
    vec_push(&r->layers, (struct sbom_layer){.diff_id = keep(r, diff_id)});
    found = map_put(&r->layer_numbers, key, NULL);
    found->number = r->layers.count;
  }
  struct sbom_layer *layer = &r->layers.items[found->number - 1];
  if (!layer->digest.len)
    layer->digest = keep(r, digest);
  return (uint32_t)found->number - 1;
}

/* ---- the distribution */

static struct str os_id_of(struct str name)
{
  static const struct {
    struct str name, id;
  } names[] = {
      {STR_INIT("alma"), STR_INIT("almalinux")},
      {STR_INIT("opensuse.leap"), STR_INIT("opensuse-leap")},
      {STR_INIT("opensuse.tumbleweed"), STR_INIT("opensuse-tumbleweed")},
      {STR_INIT("suse linux enterprise server"), STR_INIT("sles")},
      {STR_INIT("suse linux enterprise micro"), STR_INIT("sl-micro")},
      {STR_INIT("slem"), STR_INIT("sl-micro")},
      {STR_INIT("red hat enterprise linux"), STR_INIT("rhel")},
      {STR_INIT("azure"), STR_INIT("azurelinux")},
  };
  for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
    if (str_eq_nocase(names[i].name, name))
      return names[i].id;
  return name;
}

static void add_pair(struct buf *text, const char *key, struct str value)
{
  buf_printf(text, "%s='", key);
  for (size_t i = 0; i < value.len; i++)
    if (value.data[i] != '\'' && value.data[i] != '\n' && value.data[i] != '\r')
      buf_add_byte(text, value.data[i]);
  buf_add_text(text, "'\n");
}

/* By way of the text that a distribution would have said it in: its reader knows families and releases. */
static void take_os(struct sbom_reader *r, struct str id, struct str version, struct str codename,
                    struct str pretty)
{
  _cleanup_(buf_free) struct buf text = {0};
  buf_init(&text, OS_RELEASE_SIZE_MAX);
  add_pair(&text, "ID", os_id_of(id));
  if (version.len)
    add_pair(&text, "VERSION_ID", version);
  if (codename.len)
    add_pair(&text, "VERSION_CODENAME", codename);
  if (pretty.len)
    add_pair(&text, "PRETTY_NAME", pretty);
  struct os_release os;
  if (!buf_failed(&text) &&
      os_release_read(r->arena, STR("etc/os-release"), buf_str(&text), &os, NULL) == 0) {
    os.path = STR_EMPTY;
    r->sbom->os = os;
  }
}

static void take_os_component(struct sbom_reader *r, const struct sbom_component *c)
{
  struct str id = c->facts[SBOM_OS_ID].len ? c->facts[SBOM_OS_ID] : c->name;
  struct str version = c->facts[SBOM_OS_VERSION].len ? c->facts[SBOM_OS_VERSION] : c->version;
  if (r->has_os || !id.len)
    return;
  r->has_os = true;
  take_os(r, id, version, c->facts[SBOM_CODENAME], c->facts[SBOM_PRETTY]);
}

/* A package of a system says in its purl where it is from. */
static void count_distro(struct sbom_reader *r, const struct purl *purl)
{
  struct str distro = purl_qualifier(purl, STR("distro"));
  struct str name = purl_qualifier(purl, STR("os_name"));
  struct str version = purl_qualifier(purl, STR("os_version"));
  if (!distro.len && name.len)
    distro = version.len ? arena_printf(r->arena, "%.*s-%.*s", STR_FMT(name), STR_FMT(version))
                         : name;
  if (!distro.len)
    distro = purl->name_space;
  else if (distro.data[0] >= '0' && distro.data[0] <= '9') /* Trivy's of apk: "3.16.0" */
    distro = arena_printf(r->arena, "%.*s-%.*s", STR_FMT(purl->name_space), STR_FMT(distro));
  if (distro.len && (r->distros.count < 1000 || map_get(&r->distros, distro)))
    map_put(&r->distros, distro, NULL)->number++;
}

static void choose_distro(struct sbom_reader *r)
{
  size_t at = 0;
  const struct map_entry *best = NULL, *e;
  while ((e = map_next(&r->distros, &at)))
    if (!best || e->value.number > best->value.number)
      best = e;
  if (r->has_os || !best)
    return;
  ptrdiff_t dash = str_find_last_byte(best->key, '-');
  struct str version = dash > 0 ? str_sub(best->key, (size_t)dash + 1, SIZE_MAX) : STR_EMPTY;
  bool is_version = version.len && version.data[0] >= '0' && version.data[0] <= '9';
  take_os(r, is_version ? str_sub(best->key, 0, (size_t)dash) : best->key,
          is_version ? version : STR_EMPTY, STR_EMPTY, STR_EMPTY);
}

/* ---- components */

static bool is_package_kind(struct str kind)
{
  return str_eq(kind, STR("library")) || str_eq(kind, STR("framework"));
}

static bool is_true(struct str text)
{
  return str_eq_nocase(text, STR("true"));
}

static struct str without_slash(struct str path)
{
  while (path.len && path.data[0] == '/')
    path = str_sub(path, 1, SIZE_MAX);
  return path;
}

static struct str canonical_purl(struct sbom_reader *r, const struct sbom_component *c,
                                 const struct purl *purl)
{
  _cleanup_(buf_free) struct buf text = {0};
  if (!purl)
    return STR_EMPTY;
  return keep(r, purl_write(&text, purl, NULL) < 0 ? c->purl : buf_str(&text));
}

static int add_package(struct sbom_reader *r, const struct sbom_component *c,
                       enum package_type type, const struct purl *purl, struct error *err)
{
  struct error why;
  struct str module = purl ? purl_qualifier(purl, STR("modularitylabel")) : STR_EMPTY;
  if (!module.len && purl)
    module = purl_qualifier(purl, STR("rpmmod"));
  struct package p = {
      .type = type,
      .name = name_of(r, c, type, purl),
      .version = package_version_split(type, version_of(r, c, type, purl)),
      .architecture = c->facts[SBOM_ARCHITECTURE],
      .license = c->own[SBOM_LICENSE] ? c->facts[SBOM_LICENSE] : c->license,
      .maintainer = c->facts[SBOM_MAINTAINER],
      .vendor = c->facts[SBOM_VENDOR],
      .module = c->facts[SBOM_MODULE].len ? c->facts[SBOM_MODULE] : module,
      .purl = canonical_purl(r, c, purl),
      .digest = keep(r, c->digest),
      .indirect = is_true(c->facts[SBOM_INDIRECT]),
      .development = c->excluded || is_true(c->facts[SBOM_DEVELOPMENT]),
      .path = without_slash(c->facts[SBOM_PATH]),
      .layer = layer_number(r, c->facts[SBOM_LAYER], c->facts[SBOM_LAYER_DIGEST]),
  };
  if (!p.architecture.len && purl && package_type_is_system(type))
    p.architecture = purl_qualifier(purl, STR("arch"));
  if (package_type_is_system(type))
    fill_source(r, c, purl, &p);
  if (package_list_add(&r->packages, &p, &why) < 0) {
    if (why.code == SW_ELIMIT && (r->packages.count == PACKAGES_MAX || arena_over(r->arena))) {
      if (err)
        *err = why;
      return why.code;
    }
    leave_out(r, c, why.message);
    return 0;
  }
  if (package_type_is_system(type) && purl)
    count_distro(r, purl);
  if (c->ref.len)
    map_put(&r->refs, c->ref, NULL)->number = r->packages.count;
  return 0;
}

int sbom_take_component(struct sbom_reader *r, const struct sbom_component *c, struct error *err)
{
  struct error why;
  struct purl purl;
  enum package_type type;
  if (++r->components > PACKAGES_MAX)
    return error_set(err, SW_ELIMIT, "there are more than %d components", PACKAGES_MAX);
  if (str_eq(c->kind, STR("operating-system"))) {
    take_os_component(r, c);
    return 0;
  }
  if (!c->purl.len) {
    if (type_of(c->facts[SBOM_TYPE], &type))
      return add_package(r, c, type, NULL, err);
    if (is_package_kind(c->kind))
      leave_out(r, c, "it has no package URL");
    return 0;
  }
  if (purl_parse(r->arena, c->purl, &purl, &why) < 0) {
    leave_out(r, c, why.message);
    return 0;
  }
  if (str_eq(purl.type, STR("oci")) || str_eq(purl.type, STR("docker")))
    return 0;
  if (!type_of(purl.type, &type)) {
    error_set(&why, SW_EUNSUPPORTED, "nothing is known about packages of the type \"%.*s\"",
              STR_FMT(str_sub(purl.type, 0, 40)));
    leave_out(r, c, why.message);
    return 0;
  }
  return add_package(r, c, type, &purl, err);
}

/* ---- the subject */

void sbom_take_subject(struct sbom_reader *r, const struct sbom_component *c)
{
  static const struct {
    struct str kind;
    enum sbom_kind is;
  } kinds[] = {
      {STR_INIT("container"), SBOM_IMAGE},
      {STR_INIT("file"), SBOM_DIRECTORY},
      {STR_INIT("application"), SBOM_DIRECTORY},
      {STR_INIT("device"), SBOM_MACHINE},
  };
  struct sbom_subject *subject = &r->sbom->subject;
  struct purl purl;
  subject->name = keep(r, c->name);
  for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++)
    if (str_eq(kinds[i].kind, c->kind))
      subject->kind = kinds[i].is;
  if (c->purl.len && purl_parse(r->arena, c->purl, &purl, NULL) == 0 &&
      str_eq(purl.type, STR("oci"))) {
    subject->digest = keep(r, purl.version);
    subject->architecture = keep(r, purl_qualifier(&purl, STR("arch")));
  }
  if (!subject->digest.len && str_starts(c->version, STR("sha256:")))
    subject->digest = keep(r, c->version);
}

/* "seawall:layer:3:diff-id". */
static void take_layer(struct sbom_reader *r, struct str rest, struct str value)
{
  unsigned long long number;
  struct str what, digits = str_cut(rest, ':', &what);
  if (!str_to_u64(digits, SBOM_LAYERS_MAX - 1, &number) || number > r->layers.count)
    return;
  if (number == r->layers.count)
    vec_push(&r->layers, (struct sbom_layer){0});
  struct sbom_layer *layer = &r->layers.items[number];
  if (str_eq(what, STR("diff-id")))
    layer->diff_id = keep(r, value);
  else if (str_eq(what, STR("digest")))
    layer->digest = keep(r, value);
  else
    return;
  if (value.len && (str_eq(what, STR("diff-id")) || !layer->diff_id.len))
    map_put(&r->layer_numbers, value, NULL)->number = number + 1;
}

void sbom_take_subject_property(struct sbom_reader *r, struct str name, struct str value)
{
  struct sbom_subject *subject = &r->sbom->subject;
  const struct {
    struct str name;
    struct str *text;
    struct sbom_texts *list;
  } known[] = {
      {STR("seawall:digest"), &subject->digest, NULL},
      {STR("seawall:image-id"), &subject->image_id, NULL},
      {STR("seawall:architecture"), &subject->architecture, NULL},
      {STR("seawall:tag"), NULL, &r->tags},
      {STR("seawall:repository-digest"), NULL, &r->digests},
      {STR("ImageID"), &subject->image_id, NULL},
      {STR("RepoTag"), NULL, &r->tags},
      {STR("RepoDigest"), NULL, &r->digests},
  };
  if (str_starts(name, STR("seawall:layer:"))) {
    take_layer(r, str_sub(name, STR("seawall:layer:").len, SIZE_MAX), value);
    return;
  }
  if (str_eq(name, STR("seawall:kind"))) {
    if (str_eq(value, STR("directory")))
      subject->kind = SBOM_DIRECTORY;
    return;
  }
  if (str_starts(name, trivy))
    name = str_sub(name, trivy.len, SIZE_MAX);
  if (str_eq(name, STR("DiffID"))) {
    layer_number(r, value, STR_EMPTY);
    return;
  }
  for (size_t i = 0; i < sizeof known / sizeof known[0]; i++) {
    if (!str_eq(known[i].name, name))
      continue;
    if (known[i].text)
      *known[i].text = keep(r, value);
    else if (!vec_full(known[i].list, SBOM_LAYERS_MAX))
      vec_push(known[i].list, keep(r, value));
  }
}

void sbom_take_time(struct sbom_reader *r, struct str time)
{
  if (time.len && clock_parse(time, &r->sbom->created, NULL, NULL) < 0)
    r->sbom->created = 0;
}

/* ---- the end */

int sbom_take_dependency(struct sbom_reader *r, struct str from, struct str to, struct error *err)
{
  const union map_value *a = map_get(&r->refs, from), *b = map_get(&r->refs, to);
  if (!a || !b)
    return 0;
  if (vec_full(&r->dependencies, SBOM_DEPENDENCIES_MAX))
    return error_set(err, SW_ELIMIT, "there are more than %d dependencies", SBOM_DEPENDENCIES_MAX);
  struct sbom_dependency d = {(uint32_t)a->number - 1, (uint32_t)b->number - 1};
  vec_push(&r->dependencies, d);
  return 0;
}

static int compare_dependencies(const void *a, const void *b)
{
  const struct sbom_dependency *x = a, *y = b;
  if (x->package != y->package)
    return x->package < y->package ? -1 : 1;
  return (x->needs > y->needs) - (x->needs < y->needs);
}

/* Sorting moves packages, so each carries its number through it, where the number of its files would be. */
static void sort_packages(struct sbom_reader *r)
{
  size_t count = r->packages.count;
  uint32_t *now = arena_array(r->arena, uint32_t, count + 1);
  for (size_t i = 0; i < count; i++)
    r->packages.items[i].file_count = (uint32_t)i;
  package_list_sort(&r->packages);
  for (size_t i = 0; i < count; i++) {
    now[r->packages.items[i].file_count] = (uint32_t)i;
    r->packages.items[i].file_count = 0;
  }
  for (size_t i = 0; i < r->dependencies.count; i++) {
    struct sbom_dependency *d = &r->dependencies.items[i];
    *d = (struct sbom_dependency){now[d->package], now[d->needs]};
  }
  if (r->dependencies.count)
    qsort(r->dependencies.items, r->dependencies.count, sizeof *r->dependencies.items,
          compare_dependencies);
}

static void *keep_array(struct sbom_reader *r, const void *items, size_t count, size_t size)
{
  void *copy = arena_alloc_array(r->arena, count + 1, size);
  if (count)
    memcpy(copy, items, count * size);
  return copy;
}

#define KEEP_ARRAY(r, v) keep_array((r), (v)->items, (v)->count, sizeof *(v)->items)

void sbom_reader_finish(struct sbom_reader *r)
{
  struct sbom *sbom = r->sbom;
  choose_distro(r);
  for (size_t i = 0; i < r->packages.count && r->layers.count == 0; i++)
    r->packages.items[i].layer = 0;
  sort_packages(r);
  sbom->packages = KEEP_ARRAY(r, &r->packages);
  sbom->package_count = r->packages.count;
  sbom->dependencies = KEEP_ARRAY(r, &r->dependencies);
  sbom->dependency_count = r->dependencies.count;
  sbom->unmatched = KEEP_ARRAY(r, &r->unmatched);
  sbom->unmatched_count = r->unmatched.count;
  sbom->subject.layers = KEEP_ARRAY(r, &r->layers);
  sbom->subject.layer_count = r->layers.count;
  sbom->subject.tags = KEEP_ARRAY(r, &r->tags);
  sbom->subject.tag_count = r->tags.count;
  sbom->subject.digests = KEEP_ARRAY(r, &r->digests);
  sbom->subject.digest_count = r->digests.count;
}
