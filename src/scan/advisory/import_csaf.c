/*
 * Common Security Advisory Framework 2.0, as Red Hat and SUSE publish their advisories and VEX: a tree of products,
 * components of products by relationships (through modules, if they are of one), and for each vulnerability which
 * of them are fixed, affected, or not.
 */
#include "scan/advisory/import_int.h"

#include "scan/purl.h"

#include <stdlib.h>

enum { PRODUCTS_MAX = 1000000, BRANCHES_MAX = 1000000, CHAIN_MAX = 8, FIXES_MAX = 1000000 };

/* What a product id stands for: a distribution's release, a component, or one as a part of the other. */
struct product {
  struct str ecosystem;                           /* of a release */
  struct str name, version, architecture, module; /* of a component */
  struct str component, whole;                    /* of a part: ids of what it is, and of what */
  bool identified;                                /* a package URL says what it is */
};

struct csaf {
  struct advisory_import *import;
  struct arena *arena;
  struct value root;
  struct map products; /* id → struct product */
  struct str id;       /* of the document */
};

/* One package in one release, as a vulnerability has it. */
struct place {
  struct product component;
  struct str ecosystem;
};

/* A version that mends a package, in one of the streams of a release. */
struct fix {
  size_t affected; /* number of the package */
  struct str text;
  struct version order;
};

struct judgement {
  struct csaf *c;
  struct value vulnerability;
  struct map seen;     /* what has been said already, for another architecture */
  struct map notes;    /* product id → words about it */
  struct map deferred; /* product id → enum advisory_status of what is not fixed */
  struct map weights;  /* product id → words of severity */
  struct str weight;   /* of all products */
  VEC(struct advisory_affected) affected;
  struct map places; /* package, release and status: number in affected */
  VEC(struct fix) fixes;
};

static struct value member(struct value v, const char *name)
{
  return value_get(v, value_from(name));
}

static struct str text(struct value v, const char *name)
{
  return value_str_or_empty(member(v, name));
}

static uint32_t length(struct value array)
{
  return value_is(array, VALUE_ARRAY) ? array.len : 0;
}

/* ---- products */

static const struct {
  struct str cpe, ecosystem;
} vendors[] = {
    {STR_INIT("cpe:/o:redhat:"), STR_INIT("Red Hat:")},
    {STR_INIT("cpe:/a:redhat:"), STR_INIT("Red Hat:")},
};

static const struct {
  struct str name, ecosystem;
} named[] = {
    {STR_INIT("SUSE Linux "), STR_INIT("SUSE:Linux ")},
    {STR_INIT("openSUSE "), STR_INIT("openSUSE:")},
};

/* "cpe:/o:redhat:enterprise_linux:9::baseos" is "Red Hat:enterprise_linux:9::baseos", as in OSV. */
static struct str ecosystem_of(struct arena *arena, struct str cpe, struct str name)
{
  for (size_t i = 0; i < sizeof vendors / sizeof *vendors; i++)
    if (str_starts(cpe, vendors[i].cpe))
      return arena_printf(arena, "%.*s%.*s", STR_FMT(vendors[i].ecosystem),
                          STR_FMT(str_sub(cpe, vendors[i].cpe.len, SIZE_MAX)));
  for (size_t i = 0; i < sizeof named / sizeof *named; i++)
    if (str_starts(name, named[i].name))
      return arena_printf(arena, "%.*s%.*s", STR_FMT(named[i].ecosystem),
                          STR_FMT(str_sub(name, named[i].name.len, SIZE_MAX)));
  return STR_EMPTY;
}

/* "nodejs:18:8090020231031150735:a75119d5" is of the stream "nodejs:18". */
static struct str stream_of(struct str module)
{
  ptrdiff_t first = str_find_byte(module, 0, ':');
  ptrdiff_t second = first < 0 ? -1 : str_find_byte(module, (size_t)first + 1, ':');
  return second < 0 ? module : str_sub(module, 0, (size_t)second);
}

static void read_purl(struct arena *arena, struct str url, struct product *p)
{
  struct purl purl;
  p->identified |= url.len > 0;
  if (url.len == 0 || purl_parse(arena, url, &purl, NULL) < 0)
    return;
  /* "pkg:rpmmod/redhat/ruby:2.6/ruby" is the package of the module, "pkg:rpmmod/redhat/ruby@2.6:..." the module. */
  struct str inside, vendor = str_cut(purl.name_space, '/', &inside);
  if (str_eq(purl.type, STR("rpmmod")) && vendor.len && inside.data) {
    p->module = stream_of(inside);
    p->name = purl.name;
    p->architecture = STR("src");
    return;
  }
  if (str_eq(purl.type, STR("rpmmod"))) {
    p->module =
        stream_of(arena_printf(arena, "%.*s:%.*s", STR_FMT(purl.name), STR_FMT(purl.version)));
    return;
  }
  if (!str_eq(purl.type, STR("rpm")))
    return;
  struct str epoch = purl_qualifier(&purl, STR("epoch"));
  p->name = purl.name;
  p->version = purl.version;
  p->architecture = purl_qualifier(&purl, STR("arch"));
  p->module = stream_of(purl_qualifier(&purl, STR("rpmmod")));
  if (purl.version.len && epoch.len && !str_eq(epoch, STR("0")))
    p->version = arena_printf(arena, "%.*s:%.*s", STR_FMT(epoch), STR_FMT(purl.version));
}

static void put_product(struct csaf *c, struct str id, const struct product *product)
{
  bool added;
  if (id.len == 0 || c->products.count >= PRODUCTS_MAX)
    return;
  union map_value *value = map_put(&c->products, id, &added);
  if (!added)
    return;
  struct product *copy = arena_new(c->arena, struct product);
  *copy = *product;
  value->pointer = copy;
}

static void read_product(struct csaf *c, struct value product)
{
  struct product p = {0};
  struct value helper = member(product, "product_identification_helper");
  struct value purls = member(helper, "purls"); /* since CSAF 2.1 */
  struct str name = text(product, "name");
  p.ecosystem = ecosystem_of(c->arena, text(helper, "cpe"), name);
  read_purl(c->arena, text(helper, "purl"), &p);
  if (p.name.len == 0)
    read_purl(c->arena, import_text(purls), &p);
  put_product(c, text(product, "product_id"), &p);
}

static void read_branches(struct csaf *c, struct value tree)
{
  VEC(struct value) open = {0};
  size_t count = 0;
  vec_push(&open, tree);
  while (open.count && count < BRANCHES_MAX) {
    struct value branch = vec_pop(&open), inner = member(branch, "branches");
    struct value product = member(branch, "product");
    if (value_is(product, VALUE_OBJECT))
      read_product(c, product);
    for (uint32_t i = 0; i < length(inner) && count < BRANCHES_MAX; i++, count++)
      vec_push(&open, inner.items[i]);
  }
  vec_free(&open);
}

static void read_relationships(struct csaf *c, struct value list)
{
  for (uint32_t i = 0; i < length(list); i++) {
    const struct product part = {.component = text(list.items[i], "product_reference"),
                                 .whole = text(list.items[i], "relates_to_product_reference")};
    put_product(c, text(member(list.items[i], "full_product_name"), "product_id"), &part);
  }
}

static const struct product *find_product(const struct csaf *c, struct str id)
{
  const union map_value *value = map_get(&c->products, id);
  return value ? value->pointer : NULL;
}

/* A component that nothing identifies is named by its id: "kernel", "ruby:2.6/ruby". What has a path or a digest is
 * the name of a container's image. */
static struct product component_of_id(struct str id)
{
  ptrdiff_t slash = str_find_byte(id, 0, '/'), colon = str_find_byte(id, 0, ':');
  struct product p = {.name = id, .architecture = STR("src")};
  if (slash > 0 && colon > 0 && colon < slash) {
    p.module = stream_of(str_sub(id, 0, (size_t)slash));
    p.name = str_sub(id, (size_t)slash + 1, SIZE_MAX);
  }
  if (str_find_byte(p.name, 0, '/') >= 0 || str_find_byte(p.name, 0, ':') >= 0 ||
      str_find_byte(p.name, 0, '@') >= 0)
    p.name = STR_EMPTY;
  return p;
}

/* Follows a product id to the release that it is of; false if it is no package of a distribution. */
static bool find_place(const struct csaf *c, struct str id, struct place *ret)
{
  const struct product *p = find_product(c, id);
  *ret = (struct place){0};
  for (unsigned step = 0; p && step < CHAIN_MAX; step++) {
    const struct product *component = p->component.len ? find_product(c, p->component) : NULL;
    if (component && component->name.len && ret->component.name.len == 0)
      ret->component = *component;
    else if (step == 0 && p->component.len && (!component || !component->identified))
      ret->component = component_of_id(p->component);
    if (component && component->module.len && ret->component.module.len == 0)
      ret->component.module = component->module;
    if (p->ecosystem.len) {
      ret->ecosystem = p->ecosystem;
      return ret->component.name.len > 0;
    }
    p = p->whole.len ? find_product(c, p->whole) : NULL;
  }
  return false;
}

/* ---- what is said of products */

static void note_products(struct map *map, struct value ids, const char *words, size_t len)
{
  for (uint32_t i = 0; i < length(ids); i++) {
    struct str id = value_str_or_empty(ids.items[i]);
    bool added;
    union map_value *value = map_put(map, id, &added);
    struct str *copy = added ? arena_new(map->arena, struct str) : NULL;
    if (copy) {
      *copy = str_make(words, len);
      value->pointer = copy;
    }
  }
}

static struct str noted(const struct map *map, struct str id)
{
  const union map_value *value = map_get(map, id);
  return value ? *(const struct str *)value->pointer : STR_EMPTY;
}

/* Red Hat's words about what it does not fix. */
static const struct {
  struct str category, details; /* details empty: whatever they are */
  enum advisory_status status;
} remedies[] = {
    {STR_INIT("no_fix_planned"), STR_INIT(""), ADVISORY_WILL_NOT_FIX},
    {STR_INIT("none_available"), STR_INIT("Will not fix"), ADVISORY_WILL_NOT_FIX},
    {STR_INIT("none_available"), STR_INIT("Out of support scope"), ADVISORY_END_OF_LIFE},
    {STR_INIT("none_available"), STR_INIT("Fix deferred"), ADVISORY_FIX_DEFERRED},
    {STR_INIT("none_available"), STR_INIT("Under investigation"), ADVISORY_UNDER_INVESTIGATION},
};

static void read_remediations(struct judgement *j)
{
  struct value list = member(j->vulnerability, "remediations");
  for (uint32_t i = 0; i < length(list); i++) {
    struct str category = text(list.items[i], "category");
    struct str details = str_trim(text(list.items[i], "details"));
    struct value ids = member(list.items[i], "product_ids");
    for (size_t r = 0; r < sizeof remedies / sizeof *remedies; r++) {
      if (!str_eq(remedies[r].category, category) ||
          (remedies[r].details.len && !str_eq_nocase(remedies[r].details, details)))
        continue;
      for (uint32_t p = 0; p < length(ids); p++)
        map_put(&j->deferred, value_str_or_empty(ids.items[p]), NULL)->number = remedies[r].status;
      note_products(&j->notes, ids, details.data, details.len);
      break;
    }
  }
}

static void read_flags(struct judgement *j)
{
  struct value list = member(j->vulnerability, "flags");
  for (uint32_t i = 0; i < length(list); i++) {
    struct str label = text(list.items[i], "label");
    note_products(&j->notes, member(list.items[i], "product_ids"), label.data, label.len);
  }
}

static void read_threats(struct judgement *j)
{
  struct value list = member(j->vulnerability, "threats");
  for (uint32_t i = 0; i < length(list); i++) {
    struct str details = str_trim(text(list.items[i], "details"));
    struct value ids = member(list.items[i], "product_ids");
    if (!str_eq(text(list.items[i], "category"), STR("impact")))
      continue;
    if (length(ids) == 0)
      j->weight = details;
    note_products(&j->weights, ids, details.data, details.len);
  }
}

/* ---- packages */

static struct str id_of(struct value vulnerability)
{
  struct str cve = text(vulnerability, "cve");
  return cve.len ? cve : text(value_at(member(vulnerability, "ids"), 0), "text");
}

/* The number of the package's entry, which is made if there is none yet. */
static size_t entry_of(struct judgement *j, struct str id, const struct place *place,
                       enum advisory_status status, bool fixed)
{
  const struct product *p = &place->component;
  bool source = str_eq(p->architecture, STR("src")), added;
  struct str key = arena_printf(j->c->arena, "%.*s\n%.*s\n%.*s\n%d%d%d", STR_FMT(place->ecosystem),
                                STR_FMT(p->name), STR_FMT(p->module), status, source, fixed);
  union map_value *value = map_put(&j->places, key, &added);
  if (!added)
    return (size_t)value->number;
  struct str weight = noted(&j->weights, id);
  struct advisory_affected a = {.ecosystem = place->ecosystem,
                                .name = p->name,
                                .binary = !source,
                                .module = p->module,
                                .status = status,
                                .severity_text = weight.len ? weight : j->weight,
                                .note = noted(&j->notes, id)};
  a.severity = import_severity(a.severity_text);
  if (status != ADVISORY_NOT_AFFECTED && !fixed) {
    a.ranges = import_range(j->c->arena, STR_EMPTY, STR_EMPTY);
    a.range_count = 1;
  }
  value->number = j->affected.count;
  vec_push(&j->affected, a);
  return j->affected.count - 1;
}

static void add_affected(struct judgement *j, struct str id, const struct place *place,
                         enum advisory_status status, bool fixed)
{
  struct arena *arena = j->c->arena;
  struct version order;
  struct str version = place->component.version;
  if (vec_full(&j->affected, ADVISORY_AFFECTED_MAX) || vec_full(&j->fixes, FIXES_MAX))
    return;
  if (!fixed) {
    entry_of(j, id, place, status, false);
    return;
  }
  if (version_parse(version_ops_named(STR("rpm")), version, arena, &order, NULL) < 0) {
    import_unreadable_because(j->c->import, id_of(j->vulnerability), "%.*s: this is no version",
                              STR_FMT(str_sub(version, 0, 200)));
    return;
  }
  struct fix fix = {
      .affected = entry_of(j, id, place, status, true), .text = version, .order = order};
  bool added;
  map_put(&j->seen, arena_printf(arena, "%zu\n%.*s", fix.affected, STR_FMT(version)), &added);
  if (added)
    vec_push(&j->fixes, fix);
}

/* ---- fixes of several streams */

static int by_package_and_version(const void *a, const void *b)
{
  const struct fix *x = a, *y = b;
  if (x->affected != y->affected)
    return x->affected < y->affected ? -1 : 1;
  return version_order(x->order, y->order);
}

/*
 * "7.76.1-23.el9_2.4" mends the stream of 9.2, whose later builds keep the 23: what comes behind them begins with
 * "7.76.1-24" and may lack the fix that 9.3 has in "7.76.1-26.el9_3.2". Empty: the version is of no such stream.
 */
static struct str behind_stream(struct arena *arena, struct str version)
{
  ptrdiff_t hyphen = str_find_last_byte(version, '-');
  struct str rest, release = str_sub(version, (size_t)(hyphen + 1), SIZE_MAX);
  struct str number = str_cut(release, '.', &rest);
  unsigned long long n;
  if (hyphen < 0 || !rest.data || !str_starts(rest, STR("el")) ||
      str_find_byte(str_cut(rest, '.', &rest), 0, '_') < 0 || !str_to_u64(number, 1000000, &n))
    return STR_EMPTY;
  return arena_printf(arena, "%.*s-%llu", STR_FMT(str_sub(version, 0, (size_t)hyphen)), n + 1);
}

/* The fixes of one package as branches of one range. */
static void join_fixes(struct judgement *j, const struct fix *fixes, size_t count)
{
  struct arena *arena = j->c->arena;
  struct advisory_event *events = arena_array(arena, struct advisory_event, count * 2);
  struct advisory_range *range = arena_new(arena, struct advisory_range);
  struct advisory_affected *a = &j->affected.items[fixes[0].affected];
  struct str start = STR("0");
  for (size_t i = 0; i < count; i++) {
    struct version begins;
    bool opens = str_eq(start, STR("0"));
    /* A stream that has no room before the next fix is part of that one's. */
    if (!opens && (version_parse(fixes[i].order.ops, start, arena, &begins, NULL) < 0 ||
                   version_order(begins, fixes[i].order) >= 0))
      continue;
    events[range->count++] = (struct advisory_event){.kind = VERSION_INTRODUCED, .version = start};
    events[range->count++] =
        (struct advisory_event){.kind = VERSION_FIXED, .version = fixes[i].text};
    start = behind_stream(arena, fixes[i].text);
    if (start.len == 0)
      start = fixes[i].text; /* the next fix is of what came behind */
  }
  range->events = events;
  a->ranges = range;
  a->range_count = 1;
}

static void join_all_fixes(struct judgement *j)
{
  size_t from = 0;
  if (j->fixes.count)
    qsort(j->fixes.items, j->fixes.count, sizeof *j->fixes.items, by_package_and_version);
  while (from < j->fixes.count) {
    size_t to = from + 1;
    while (to < j->fixes.count && j->fixes.items[to].affected == j->fixes.items[from].affected)
      to++;
    join_fixes(j, &j->fixes.items[from], to - from);
    from = to;
  }
}

static const struct {
  const char *member;
  enum advisory_status status;
  bool fixed;
} statuses[] = {
    {"fixed", ADVISORY_AFFECTED, true},
    {"first_fixed", ADVISORY_AFFECTED, true},
    {"recommended", ADVISORY_AFFECTED, true},
    {"known_affected", ADVISORY_AFFECTED, false},
    {"known_not_affected", ADVISORY_NOT_AFFECTED, false},
    {"under_investigation", ADVISORY_UNDER_INVESTIGATION, false},
};

static void read_status(struct judgement *j, size_t number)
{
  struct value ids = member(member(j->vulnerability, "product_status"), statuses[number].member);
  bool fixed = statuses[number].fixed;
  for (uint32_t i = 0; i < length(ids) && !arena_over(j->c->arena); i++) {
    struct str id = value_str_or_empty(ids.items[i]);
    enum advisory_status status = statuses[number].status;
    struct place place;
    if (!find_place(j->c, id, &place))
      continue;
    /* A fix is said of binary packages; of the source package it would only be said twice. */
    if (fixed &&
        (place.component.version.len == 0 || str_eq(place.component.architecture, STR("src"))))
      continue;
    const union map_value *deferred = map_get(&j->deferred, id);
    if (deferred && !fixed && status == ADVISORY_AFFECTED)
      status = (enum advisory_status)deferred->number;
    add_affected(j, id, &place, status, fixed);
  }
}

/* ---- the advisory */

static void read_scores(struct judgement *j, struct advisory *a)
{
  static const char *const versions[] = {"cvss_v4", "cvss_v3", "cvss_v2"};
  struct value list = member(j->vulnerability, "scores");
  struct str *vectors = arena_array(j->c->arena, struct str, IMPORT_LIST_MAX);
  for (uint32_t i = 0; i < length(list); i++)
    for (size_t v = 0; v < sizeof versions / sizeof *versions; v++) {
      struct str vector = text(member(list.items[i], versions[v]), "vectorString");
      bool again = vector.len == 0 || a->cvss_count == IMPORT_LIST_MAX;
      for (size_t k = 0; k < a->cvss_count && !again; k++)
        again = str_eq(vectors[k], vector);
      if (!again)
        vectors[a->cvss_count++] = vector;
    }
  a->cvss = vectors;
}

static void read_texts(struct judgement *j, struct advisory *a)
{
  struct value notes = member(j->vulnerability, "notes");
  struct value references = member(j->vulnerability, "references");
  struct str *urls = arena_array(j->c->arena, struct str, length(references));
  for (uint32_t i = 0; i < length(notes); i++) {
    struct str category = text(notes.items[i], "category");
    if (str_eq(category, STR("description")) ||
        (str_eq(category, STR("summary")) && a->description.len == 0))
      a->description = text(notes.items[i], "text");
  }
  for (uint32_t i = 0; i < length(references) && a->reference_count < IMPORT_LIST_MAX; i++) {
    urls[a->reference_count] = text(references.items[i], "url");
    a->reference_count += urls[a->reference_count].len > 0;
  }
  a->references = urls;
  a->title = text(j->vulnerability, "title");
}

static int hand_over(struct judgement *j, struct error *err)
{
  struct csaf *c = j->c;
  struct value document = member(c->root, "document"), tracking = member(document, "tracking");
  struct str cwe = text(member(j->vulnerability, "cwe"), "id");
  struct advisory a = {.id = id_of(j->vulnerability), .cwes = &cwe, .cwe_count = cwe.len ? 1 : 0};
  if (a.id.len == 0)
    a.id = c->id;
  if (a.id.len == 0 || a.id.len > ADVISORY_ID_MAX)
    return import_unreadable_because(c->import, c->id, "a vulnerability has no id");
  if (j->affected.count == 0) {
    c->import->ret_left_out++;
    return 0;
  }
  read_scores(j, &a);
  read_texts(j, &a);
  a.severity_text = text(member(document, "aggregate_severity"), "text");
  a.severity = import_severity(a.severity_text);
  a.published = text(j->vulnerability, "release_date");
  a.modified = text(tracking, "current_release_date");
  a.related = &c->id;
  a.related_count = c->id.len && !str_eq(c->id, a.id) ? 1 : 0;
  a.affected = j->affected.items;
  a.affected_count = j->affected.count;
  return import_add(c->import, c->arena, &a, NULL, 0, err);
}

static int read_vulnerability(struct csaf *c, struct value vulnerability, struct error *err)
{
  struct judgement j = {.c = c, .vulnerability = vulnerability};
  map_init(&j.seen, NULL);
  map_init(&j.places, NULL);
  map_init(&j.notes, c->arena);
  map_init(&j.deferred, NULL);
  map_init(&j.weights, c->arena);
  read_remediations(&j);
  read_flags(&j);
  read_threats(&j);
  for (size_t i = 0; i < sizeof statuses / sizeof *statuses; i++)
    read_status(&j, i);
  join_all_fixes(&j);
  int rc = arena_over(c->arena)
               ? import_unreadable_because(c->import, id_of(vulnerability),
                                           "it says more of products than memory is given for")
               : hand_over(&j, err);
  map_free(&j.seen);
  map_free(&j.places);
  vec_free(&j.fixes);
  map_free(&j.notes);
  map_free(&j.deferred);
  map_free(&j.weights);
  vec_free(&j.affected);
  return rc;
}

static int read_document(struct advisory_import *import, struct arena *arena, struct str name,
                         struct value root, struct error *err)
{
  struct csaf c = {.import = import, .arena = arena, .root = root};
  struct value tracking = member(member(root, "document"), "tracking");
  struct value tree = member(root, "product_tree"), list = member(root, "vulnerabilities");
  struct str date = text(tracking, "current_release_date");
  int rc = 0;
  c.id = text(tracking, "id");
  if (!value_is(member(root, "document"), VALUE_OBJECT) || c.id.len > ADVISORY_ID_MAX)
    return import_unreadable_because(import, name, "it is no CSAF document, or its id is too long");
  map_init(&c.products, NULL);
  read_branches(&c, tree);
  read_relationships(&c, member(tree, "relationships"));
  for (uint32_t i = 0; rc == 0 && i < length(list); i++)
    rc = read_vulnerability(&c, list.items[i], err);
  map_free(&c.products);
  if (str_compare(date, import->ret_date) > 0 && date.len <= 64)
    import->ret_date = arena_copy(import->arena, date);
  return rc;
}

static int import(struct advisory_import *import, const struct oci_input *unpacked,
                  struct error *err)
{
  return import_documents(import, unpacked, read_document, err);
}

/* Archives do not say in their first bytes whose documents they hold; their names do. */
static bool detect(struct str name, struct str head)
{
  static const char *const members[] = {"document", "csaf_version"}, *const trees[] = {
                                                                         "document",
                                                                         "product_tree"};
  bool archive = str_starts(head, STR("PK\3\4")) || str_eq(str_sub(head, 257, 5), STR("ustar"));
  if (archive)
    return str_find(name, 0, STR("csaf")) >= 0 || str_find(name, 0, STR("vex")) >= 0;
  return import_head_has(head, members, 2) || import_head_has(head, trees, 2);
}

const struct advisory_format advisory_format_csaf = {
    .name = "csaf",
    .description = "CSAF 2.0 advisories and VEX of Red Hat and SUSE: JSON, tar or zip of them",
    .detect = detect,
    .import = import,
};
