/*
 * Open Source Vulnerability schema 1.7, and what its publishers put into database_specific and
 * ecosystem_specific: priorities of Ubuntu, urgencies of Debian, severities of GitHub, symbols of Go and RustSec.
 */
#include "scan/advisory/import_int.h"

struct osv {
  struct advisory_import *import;
  struct arena *arena;
  struct value root;
  struct advisory advisory;
  struct str module; /* "nodejs:18", of the module whose packages a distribution's update is of */
  bool distribution; /* some of it is a distribution's */
};

static struct value member(struct value v, const char *name)
{
  return value_get(v, value_from(name));
}

static struct str text(struct value v, const char *name)
{
  return value_str_or_empty(member(v, name));
}

/* ---- ranges */

static struct str trimmed_bound(struct str bound, enum version_event_kind *ret_kind)
{
  bound = str_trim(bound);
  if (str_starts(bound, STR("<="))) {
    *ret_kind = VERSION_LAST_AFFECTED;
    return str_trim(str_sub(bound, 2, SIZE_MAX));
  }
  if (str_starts(bound, STR("<"))) {
    *ret_kind = VERSION_LIMIT;
    return str_trim(str_sub(bound, 1, SIZE_MAX));
  }
  return STR_EMPTY;
}

/* Where nothing is fixed, GitHub says in words of its own how far the versions go that are known to be affected. */
static void add_known_bound(struct advisory_event *events, size_t *io_count, struct str bound)
{
  enum version_event_kind kind;
  for (size_t i = 0; i < *io_count; i++)
    if (events[i].kind != VERSION_INTRODUCED)
      return;
  struct str version = trimmed_bound(bound, &kind);
  if (version.len)
    events[(*io_count)++] = (struct advisory_event){.kind = kind, .version = version};
}

static size_t read_events(struct osv *o, struct value list, struct str bound,
                          const struct advisory_event **ret)
{
  size_t room = 1, count = 0;
  for (uint32_t i = 0; value_is(list, VALUE_ARRAY) && i < list.len; i++)
    room += value_is(list.items[i], VALUE_OBJECT) ? list.items[i].len : 0;
  struct advisory_event *events = arena_array(o->arena, struct advisory_event, room);
  for (uint32_t i = 0; value_is(list, VALUE_ARRAY) && i < list.len; i++) {
    struct value event = list.items[i];
    for (uint32_t m = 0; value_is(event, VALUE_OBJECT) && m < event.len; m++) {
      enum version_event_kind kind;
      struct str version = str_trim(value_str_or_empty(event.members[m].value));
      if (version.len && version_event_kind_named(value_str(event.members[m].key), &kind))
        events[count++] = (struct advisory_event){.kind = kind, .version = version};
    }
  }
  if (count)
    add_known_bound(events, &count, bound);
  *ret = events;
  return count;
}

/* Go says "all versions" where the tags of a module are none that its tool knows, and what they are beside it. */
static bool says_all(const struct advisory_affected *a)
{
  return a->range_count == 1 && a->ranges[0].count == 1 &&
         str_eq(a->ranges[0].events[0].version, STR("0"));
}

static void read_range_list(struct osv *o, struct value list, struct str bound,
                            struct advisory_affected *a)
{
  if (!value_is(list, VALUE_ARRAY) || list.len == 0)
    return;
  struct advisory_range *ranges = arena_array(o->arena, struct advisory_range, list.len);
  size_t count = 0;
  for (uint32_t i = 0; i < list.len; i++) {
    struct advisory_range *range = &ranges[count];
    if (str_eq(text(list.items[i], "type"), STR("GIT")))
      continue;
    range->count = read_events(o, member(list.items[i], "events"), bound, &range->events);
    count += range->count > 0;
  }
  if (count) {
    a->ranges = ranges;
    a->range_count = count;
  }
}

static bool has_order(struct osv *o, const struct advisory_affected *a)
{
  const struct version_ops *ops = version_ops_find(a->ecosystem);
  struct version version;
  for (size_t r = 0; ops && r < a->range_count; r++)
    for (size_t e = 0; e < a->ranges[r].count; e++)
      if (version_parse(ops, a->ranges[r].events[e].version, o->arena, &version, NULL) < 0)
        return false;
  return ops != NULL;
}

static void read_ranges(struct osv *o, struct value affected, struct advisory_affected *a)
{
  struct str bound =
      text(member(affected, "database_specific"), "last_known_affected_version_range");
  read_range_list(o, member(affected, "ranges"), bound, a);
  if (says_all(a)) {
    struct advisory_affected all = *a;
    read_range_list(o, member(member(affected, "ecosystem_specific"), "custom_ranges"), STR_EMPTY,
                    a);
    if (!has_order(o, a))
      *a = all;
  }
}

/* ---- severities */

/* Vectors go to the advisory; Ubuntu's priority is a severity among them since schema 1.7. */
static struct str read_severities(struct osv *o, struct value list)
{
  struct str word = STR_EMPTY;
  if (!value_is(list, VALUE_ARRAY) || list.len == 0)
    return word;
  size_t have = o->advisory.cvss_count, count = have;
  struct str *vectors = arena_array(o->arena, struct str, have + list.len);
  for (size_t i = 0; i < have; i++)
    vectors[i] = o->advisory.cvss[i];
  for (uint32_t i = 0; i < list.len && count < IMPORT_LIST_MAX; i++) {
    struct str type = text(list.items[i], "type"), score = text(list.items[i], "score");
    bool again = false;
    for (size_t v = 0; v < count; v++)
      again |= str_eq(vectors[v], score);
    if (str_starts(type, STR("CVSS_V")) && score.len && !again)
      vectors[count++] = score;
    else if (str_eq(type, STR("Ubuntu")))
      word = score;
  }
  o->advisory.cvss = vectors;
  o->advisory.cvss_count = count;
  return word;
}

/* Where a package's severity stands, in the publishers' own members. */
static struct str package_word(struct value affected)
{
  static const char *const members[] = {"urgency", "severity", "ubuntu_priority", "priority"};
  static const char *const places[] = {"ecosystem_specific", "database_specific"};
  for (size_t p = 0; p < sizeof places / sizeof *places; p++)
    for (size_t m = 0; m < sizeof members / sizeof *members; m++) {
      struct str word = text(member(affected, places[p]), members[m]);
      if (word.len)
        return word;
    }
  return STR_EMPTY;
}

/* Debian's words that weigh nothing: one says that nobody has looked, the other that nobody will. */
static void read_word(struct str word, struct advisory_affected *a)
{
  if (str_eq(word, STR("end-of-life"))) {
    a->status = ADVISORY_END_OF_LIFE;
    a->note = word;
  } else if (!str_eq(word, STR("not yet assigned"))) {
    a->severity_text = word;
    a->severity = import_severity(word);
  }
}

/* RustSec's notes about crates that nobody maintains or that are unsound: told, and weighed as what they are. */
static void read_informational(struct value affected, struct advisory_affected *a)
{
  struct str what = text(member(affected, "database_specific"), "informational");
  if (what.len == 0 || a->severity_text.len)
    return;
  a->severity = SEVERITY_INFO;
  a->severity_text = what;
}

/* ---- symbols */

struct symbols {
  struct arena *arena;
  struct str *items;
  size_t count, room;
};

static void add_symbol(struct symbols *s, struct str symbol)
{
  if (s->count < s->room && symbol.len)
    s->items[s->count++] = symbol;
}

static size_t count_symbols(struct value imports)
{
  size_t count = 0;
  for (uint32_t i = 0; value_is(imports, VALUE_ARRAY) && i < imports.len; i++) {
    struct value symbols = member(imports.items[i], "symbols");
    count += value_is(symbols, VALUE_ARRAY) ? symbols.len : 1;
  }
  return count;
}

/* Go: packages of the module with their symbols; a package without any is meant whole. */
static void read_go_symbols(struct symbols *s, struct value imports)
{
  for (uint32_t i = 0; value_is(imports, VALUE_ARRAY) && i < imports.len; i++) {
    struct str path = text(imports.items[i], "path");
    struct value symbols = member(imports.items[i], "symbols");
    if (!value_is(symbols, VALUE_ARRAY) || symbols.len == 0)
      add_symbol(s, path);
    for (uint32_t k = 0; value_is(symbols, VALUE_ARRAY) && k < symbols.len; k++) {
      struct str symbol = value_str_or_empty(symbols.items[k]);
      if (symbol.len)
        add_symbol(s, arena_printf(s->arena, "%.*s.%.*s", STR_FMT(path), STR_FMT(symbol)));
    }
  }
}

static void read_symbols(struct osv *o, struct value affected, struct advisory_affected *a)
{
  struct value specific = member(affected, "ecosystem_specific");
  struct value imports = member(specific, "imports");
  struct symbols s = {.arena = o->arena, .room = count_symbols(imports)};
  if (s.room) {
    s.items = arena_array(o->arena, struct str, s.room);
    read_go_symbols(&s, imports);
    a->functions = s.items;
    a->function_count = s.count;
    return;
  }
  struct value functions = member(member(specific, "affects"), "functions");
  a->function_count = import_texts(o->arena, functions, IMPORT_LIST_MAX, &a->functions);
}

/* ---- packages */

static bool has_module_version(const struct advisory_affected *a)
{
  for (size_t r = 0; r < a->range_count; r++)
    for (size_t e = 0; e < a->ranges[r].count; e++)
      if (str_find(a->ranges[r].events[e].version, 0, STR(".module")) >= 0)
        return true;
  return false;
}

/* "Packagist:https://packages.drupal.org/8" names where a package is published beside the registry itself. Names are
 * nobody else's there, and what is installed does not tell. */
static struct str registry_of(struct str ecosystem)
{
  struct str place, name = str_cut(ecosystem, ':', &place);
  return str_starts(place, STR("https://")) ? name : ecosystem;
}

static bool read_affected(struct osv *o, struct value affected, struct advisory_affected *a)
{
  struct value package = member(affected, "package");
  *a = (struct advisory_affected){.ecosystem = text(package, "ecosystem"),
                                  .name = text(package, "name")};
  if (a->ecosystem.len == 0 || a->name.len == 0)
    return false; /* of a repository alone */
  if (import_is_distribution(a->ecosystem, &a->binary))
    o->distribution = true;
  else
    a->ecosystem = registry_of(a->ecosystem);
  read_ranges(o, affected, a);
  a->version_count =
      import_texts(o->arena, member(affected, "versions"), ADVISORY_VERSIONS_MAX, &a->versions);
  struct str word = read_severities(o, member(affected, "severity"));
  read_word(word.len ? word : package_word(affected), a);
  read_informational(affected, a);
  read_symbols(o, affected, a);
  if (o->module.len && has_module_version(a))
    a->module = o->module;
  return a->range_count || a->version_count;
}

/*
 * AlmaLinux's records lack packages of an update: of glibc's those of one repository are there, of the kernel's the
 * documentation. An update is of whole source packages, which its title names ("Moderate: poppler and evince security
 * update"); so it is told of those as well, where the packages that are there agree on the version that mends it.
 */
enum { TITLE_SOURCES_MAX = 8 };

static size_t sources_of_title(struct str title, struct str ret[static TITLE_SOURCES_MAX])
{
  static const struct str ends[] = {STR_INIT(" security"), STR_INIT(" bug fix"),
                                    STR_INIT(" enhancement")};
  struct str rest, word, severity = str_cut(title, ':', &rest);
  size_t count = 0, len;
  if (rest.data && import_severity(severity) != SEVERITY_UNKNOWN)
    title = rest;
  len = title.len + 1;
  for (size_t i = 0; i < sizeof ends / sizeof *ends; i++) {
    ptrdiff_t at = str_find(title, 0, ends[i]);
    len = at >= 0 && (size_t)at < len ? (size_t)at : len;
  }
  if (len > title.len || str_find(title, len, STR(" update")) < 0)
    return 0;
  /* Words between "and" and commas; two in a row (".NET 6.0") are no source package's name. */
  bool separated = true;
  for (rest = str_sub(title, 0, len); rest.data;) {
    word = str_cut(rest, ' ', &rest);
    bool comma = str_ends(word, STR(","));
    word = str_sub(word, 0, word.len - comma);
    if (word.len && !str_eq(word, STR("and"))) {
      if (!separated || count == TITLE_SOURCES_MAX || str_find_byte(word, 0, ':') >= 0)
        return 0;
      ret[count++] = word;
    }
    separated = comma || word.len == 0 || str_eq(word, STR("and"));
  }
  return count;
}

static struct str fix_of(const struct advisory_affected *a)
{
  bool plain = a->range_count == 1 && a->ranges[0].count == 2;
  return plain && a->ranges[0].events[1].kind == VERSION_FIXED ? a->ranges[0].events[1].version
                                                               : STR_EMPTY;
}

/* Whether a binary package is called by the source package's name: "glibc", "glibc-static". */
static bool is_named_by(struct str binary, struct str source)
{
  return str_starts(binary, source) && (binary.len == source.len || binary.data[source.len] == '-');
}

/* One whose fix all others of the source share; those that are called so, or else all. NULL: they disagree. */
static const struct advisory_affected *agreed_fix(const struct osv *o, struct str source, bool all)
{
  const struct advisory_affected *first = NULL;
  for (size_t i = 0; i < o->advisory.affected_count; i++) {
    const struct advisory_affected *a = &o->advisory.affected[i];
    if (!all && !is_named_by(a->name, source))
      continue;
    if (fix_of(a).len == 0 ||
        (first && (!str_eq(fix_of(a), fix_of(first)) || !str_eq(a->ecosystem, first->ecosystem))))
      return NULL;
    first = first ? first : a;
  }
  return first || all ? first : agreed_fix(o, source, true);
}

static void add_sources(struct osv *o, struct advisory_affected *room)
{
  struct str sources[TITLE_SOURCES_MAX];
  size_t listed = o->advisory.affected_count, added = 0;
  if (listed == 0 || !str_starts(room[0].ecosystem, STR("AlmaLinux:")))
    return;
  size_t count = sources_of_title(o->advisory.title, sources);
  for (size_t i = 0; i < count; i++) {
    const struct advisory_affected *like = agreed_fix(o, sources[i], false);
    /* Of several sources each has a version of its own. */
    if (!like || (count > 1 && !is_named_by(like->name, sources[i])) ||
        listed + added == ADVISORY_AFFECTED_MAX)
      continue;
    struct advisory_affected *a = &room[listed + added++];
    *a = *like;
    a->name = sources[i];
    a->binary = false;
  }
  o->advisory.affected_count += added;
}

static int read_packages(struct osv *o, struct error *err)
{
  struct value list = member(o->root, "affected");
  uint32_t count = value_is(list, VALUE_ARRAY) ? list.len : 0;
  if (count > ADVISORY_AFFECTED_MAX)
    return error_set(err, SW_ELIMIT, "it names %u packages, at most %d are read", count,
                     ADVISORY_AFFECTED_MAX);
  struct advisory_affected *items =
      arena_array(o->arena, struct advisory_affected, count + TITLE_SOURCES_MAX);
  for (uint32_t i = 0; i < count; i++)
    o->advisory.affected_count +=
        read_affected(o, list.items[i], &items[o->advisory.affected_count]);
  o->advisory.affected = items;
  add_sources(o, items);
  return 0;
}

/* ---- the record */

/* "Important: nodejs:18 security update": severity and module stream, as Red Hat and its kin title updates. */
static void read_title(struct osv *o)
{
  struct str rest, word = str_cut(o->advisory.title, ':', &rest);
  enum severity severity = import_severity(word);
  if (rest.data && severity != SEVERITY_UNKNOWN && o->advisory.severity_text.len == 0) {
    o->advisory.severity = severity;
    o->advisory.severity_text = word;
  }
  if (!rest.data || (severity == SEVERITY_UNKNOWN && str_find_byte(word, 0, ' ') < 0))
    rest = o->advisory.title;
  while (rest.data) {
    word = str_cut(rest, ' ', &rest);
    ptrdiff_t colon = str_find_byte(word, 0, ':');
    if (colon > 0 && (size_t)colon + 1 < word.len) {
      o->module = word;
      return;
    }
  }
}

static void read_references(struct osv *o)
{
  struct value list = member(o->root, "references");
  if (!value_is(list, VALUE_ARRAY) || list.len == 0)
    return;
  struct str *urls = arena_array(o->arena, struct str, list.len);
  size_t count = 0;
  for (uint32_t i = 0; i < list.len && count < IMPORT_LIST_MAX; i++) {
    urls[count] = text(list.items[i], "url");
    count += urls[count].len > 0;
  }
  o->advisory.references = urls;
  o->advisory.reference_count = count;
}

static void read_severity(struct osv *o)
{
  struct value specific = member(o->root, "database_specific");
  struct str word = read_severities(o, member(o->root, "severity"));
  o->advisory.severity_text = word.len ? word : text(specific, "severity");
  o->advisory.severity = import_severity(o->advisory.severity_text);
  if (str_starts(o->advisory.id, STR("MAL-")) && o->advisory.severity_text.len == 0) {
    o->advisory.severity = SEVERITY_CRITICAL; /* a package that was made to do harm */
    o->advisory.severity_text = STR("malicious");
  }
  o->advisory.cwe_count =
      import_texts(o->arena, member(specific, "cwe_ids"), IMPORT_LIST_MAX, &o->advisory.cwes);
}

/* The vulnerabilities that a distribution's record is about: "UBUNTU-CVE-2024-1" is of one, whatever it refers to. */
static size_t read_cves(struct osv *o, const struct str **ret)
{
  static const char *const members[] = {"upstream", "aliases", "related"};
  struct str own;
  size_t end, count = 0, room = 1;
  for (size_t m = 0; m < 3; m++) {
    struct value list = member(o->root, members[m]);
    room += value_is(list, VALUE_ARRAY) ? list.len : 0;
  }
  struct str *cves = arena_array(o->arena, struct str, room);
  *ret = cves;
  if (import_find_cve(o->advisory.id, 0, &own, &end)) {
    cves[count++] = own;
    return count;
  }
  struct map seen;
  map_init(&seen, NULL);
  for (size_t m = 0; m < 3; m++) {
    struct value list = member(o->root, members[m]);
    for (uint32_t i = 0; value_is(list, VALUE_ARRAY) && i < list.len; i++) {
      struct str cve = value_str_or_empty(list.items[i]);
      bool added = false;
      if (import_is_cve(cve))
        map_put(&seen, cve, &added);
      if (added)
        cves[count++] = cve;
    }
  }
  map_free(&seen);
  return count;
}

/* Updates of AlmaLinux, Rocky and Red Hat that mend other faults: "ALBA-", "RLEA-", "RHBA-". */
static bool is_no_security(struct str id)
{
  static const struct str prefixes[] = {STR_INIT("ALBA-"), STR_INIT("ALEA-"), STR_INIT("RLBA-"),
                                        STR_INIT("RLEA-"), STR_INIT("RHBA-"), STR_INIT("RHEA-")};
  for (size_t i = 0; i < sizeof prefixes / sizeof *prefixes; i++)
    if (str_starts(id, prefixes[i]))
      return true;
  return false;
}

static int hand_over(struct osv *o, struct error *err)
{
  const struct str *cves = NULL;
  size_t count = o->distribution ? read_cves(o, &cves) : 0;
  if (o->distribution && count == 0 && is_no_security(o->advisory.id)) {
    o->import->ret_left_out++;
    return 0;
  }
  return import_add(o->import, o->arena, &o->advisory, cves, count, err);
}

static int read_document(struct advisory_import *import, struct arena *arena, struct str name,
                         struct value root, struct error *err)
{
  struct osv o = {.import = import, .arena = arena, .root = root};
  struct advisory *a = &o.advisory;
  struct error fault;
  a->id = text(root, "id");
  if (a->id.len == 0 || a->id.len > ADVISORY_ID_MAX)
    return import_unreadable_because(import, a->id.len ? str_sub(a->id, 0, ADVISORY_ID_MAX) : name,
                                     a->id.len ? "its id is longer than %d bytes"
                                               : "it has no id, which OSV's records have",
                                     ADVISORY_ID_MAX);
  a->alias_count = import_texts(arena, member(root, "aliases"), ADVISORY_ALIASES_MAX, &a->aliases);
  a->related_count =
      import_texts(arena, member(root, "related"), ADVISORY_ALIASES_MAX, &a->related);
  a->title = text(root, "summary");
  a->description = text(root, "details");
  a->published = text(root, "published");
  a->modified = text(root, "modified");
  a->withdrawn = text(root, "withdrawn");
  read_severity(&o);
  read_title(&o);
  read_references(&o);
  if (read_packages(&o, &fault) < 0)
    return import_unreadable(import, a->id, &fault);
  if (str_compare(a->modified, import->ret_date) > 0 && a->modified.len <= 64 &&
      str_compare(a->modified, STR("1990")) > 0) /* Go has no dates of change, and says year 1 */
    import->ret_date = arena_copy(import->arena, a->modified);
  return hand_over(&o, err);
}

static int import(struct advisory_import *import, const struct oci_input *unpacked,
                  struct error *err)
{
  return import_documents(import, unpacked, read_document, err);
}

static bool detect(struct str name, struct str head)
{
  static const char *const affected[] = {"id", "affected"}, *const modified[] = {"id", "modified"},
                           *const schema[] = {"schema_version", "id"};
  if (str_starts(head, STR("PK\3\4")) || str_eq(str_sub(head, 257, 5), STR("ustar")))
    return true;
  return import_head_has(head, affected, 2) || import_head_has(head, modified, 2) ||
         import_head_has(head, schema, 2);
}

const struct advisory_format advisory_format_osv = {
    .name = "osv",
    .description = "Open Source Vulnerability records: JSON, JSON lines, zip or tar of them",
    .detect = detect,
    .import = import,
};
