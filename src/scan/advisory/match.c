#include "scan/advisory/match_int.h"

#include "scan/version_requirement.h"

/* ---- ecosystems */

struct adding {
  struct matching *m;
  enum advisory_ecosystem_rank rank;
  struct match_ecosystem *one; /* NULL: to the system's */
  bool found;
};

static void add_ecosystem(void *ctx, const struct advisory_ecosystem_row *row)
{
  struct adding *adding = ctx;
  struct match_ecosystem ecosystem = {
      .number = row->number,
      .name = arena_copy(&adding->m->kept, row->name),
      .vendor = advisory_ecosystem_vendor(row->name),
      .ops = version_ops_find(row->name),
      .rank = adding->rank,
      .by_source = row->by_source,
      .by_binary = row->by_binary,
  };
  if (!ecosystem.ops || vec_full(&adding->m->system, ADVISORY_ECOSYSTEM_COUNT_MAX))
    return;
  adding->found = true;
  if (adding->one)
    *adding->one = ecosystem;
  else
    vec_push(&adding->m->system, ecosystem);
}

static int find_system(struct matching *m, struct error *err)
{
  struct advisory_ecosystem wanted[ADVISORY_ECOSYSTEMS_MAX];
  size_t count = advisory_ecosystems_of_os(m->os, &m->kept, wanted);
  int rc = 0;
  for (size_t i = 0; rc == 0 && i < count; i++) {
    struct adding adding = {m, wanted[i].rank, NULL, false};
    if (wanted[i].rank == ADVISORY_ECOSYSTEM_FALLBACK && m->system.count)
      continue;
    rc = advisory_reader_ecosystems(m->reader, wanted[i].pattern, add_ecosystem, &adding, err);
  }
  return rc;
}

/* The ecosystem of a language; NULL in *ret: the database knows none. */
static int find_language(struct matching *m, enum package_type type,
                         const struct match_ecosystem **ret, struct error *err)
{
  int rc = 0;
  *ret = NULL;
  if ((unsigned)type > PACKAGE_GENERIC)
    return 0;
  struct str name = advisory_ecosystem_of_type(type);
  if (!m->looked_up[type] && name.len) {
    struct adding adding = {m, ADVISORY_ECOSYSTEM_OWN, &m->languages[type], false};
    rc = advisory_reader_ecosystems(m->reader, name, add_ecosystem, &adding, err);
    m->known[type] = adding.found;
  }
  m->looked_up[type] = true;
  if (m->known[type])
    *ret = &m->languages[type];
  return rc;
}

/* ---- one name of a package in one ecosystem */

struct lookup {
  struct matching *m;
  const struct match_ecosystem *ecosystem;
  bool source_name, binary_name; /* which of the package's the name is */
  unsigned major; /* only branches that begin at this or behind: Go's modules; 0: any */
  /* The installed version: of the source package, of the package. Of a language: as it is published, as it is. */
  struct str texts[2];
  struct version versions[2];
  bool parsed[2], tried[2];
  struct str bare; /* rpm: the source's version, whose epoch nobody knows; empty: it is known */
  bool seen;       /* there is something about a package of this name */
};

static bool is_modular(struct str version)
{
  return str_find(version, 0, STR(".module")) >= 0;
}

/* "nodejs:12" of "nodejs:12:8030020201124152102:229f0a1c". */
static struct str stream_of(struct str label)
{
  ptrdiff_t first = str_find_byte(label, 0, ':');
  ptrdiff_t second = first < 0 ? -1 : str_find_byte(label, (size_t)first + 1, ':');
  return second < 0 ? label : str_sub(label, 0, (size_t)second);
}

/* Without a label, a module's stream that is a number ("ruby:2.7") is told by the version of the source package. */
static bool may_be_of_stream(const struct package *p, struct str module)
{
  struct str stream, rest = p->source_version.upstream;
  str_cut(module, ':', &stream);
  if (p->module.len || !is_modular(p->version.text))
    return false;
  if (stream.len == 0 || stream.data[0] < '0' || stream.data[0] > '9')
    return true;
  return str_starts(rest, stream) && (rest.len == stream.len || rest.data[stream.len] == '.');
}

/* A fix that was built as part of a module is none for a package that was not, and the other way round. */
static bool is_of_same_build(const struct advisory_record_affected *a, const struct package *p)
{
  bool modular = p->module.len || is_modular(p->version.text);
  for (size_t i = 0; i < a->range_count; i++)
    for (uint32_t s = 0; s < a->ranges[i].count; s++)
      if (a->ranges[i].steps[s].fixed.len && is_modular(a->ranges[i].steps[s].fixed) != modular)
        return false;
  return true;
}

static bool applies(const struct lookup *l, const struct advisory_record_affected *a)
{
  const struct package *p = l->m->package;
  if (l->ecosystem->vendor.len == 0)
    return true;
  if (a->binary ? !l->binary_name : !l->source_name)
    return false;
  if (a->architecture.len && p->architecture.len && !str_eq(a->architecture, p->architecture))
    return false;
  if (p->type != PACKAGE_RPM)
    return true;
  if (a->module.len)
    return str_eq(a->module, stream_of(p->module)) || may_be_of_stream(p, a->module);
  return is_of_same_build(a, p);
}

/* Once for each package, however many names and ecosystems it has. */
static void tell_unreadable(struct matching *m, const struct error *why)
{
  if (m->unreadable.count && m->unreadable.items[m->unreadable.count - 1].package == m->package)
    return;
  vec_push(&m->unreadable,
           (struct unreadable_version){m->package, arena_copy(m->arena, str_from(why->message))});
}

/* The installed version that a record speaks of; false: it has no place in the order. */
static bool installed(struct lookup *l, bool which, struct version *ret)
{
  if (!l->tried[which]) {
    struct error why;
    l->tried[which] = true;
    l->parsed[which] = version_parse(l->ecosystem->ops, l->texts[which], &l->m->kept,
                                     &l->versions[which], &why) == 0;
    if (!l->parsed[which])
      tell_unreadable(l->m, &why);
  }
  *ret = l->versions[which];
  return l->parsed[which];
}

/* Which of the installed versions a record speaks of. Of a language's the whole only if a fix is a build, too. */
static bool version_of(const struct lookup *l, const struct advisory_record_affected *a)
{
  if (l->ecosystem->vendor.len)
    return a->binary;
  for (size_t i = 0; i < a->range_count; i++)
    for (uint32_t s = 0; s < a->ranges[i].count; s++)
      if (str_find_byte(a->ranges[i].steps[s].fixed, 0, '+') >= 0)
        return true;
  return false;
}

static bool is_listed(const struct advisory_record_affected *a, const struct version *version,
                      struct str text)
{
  for (size_t i = 0; i < a->version_count; i++) {
    const struct advisory_record_version *v = &a->versions[i];
    if (!v->parsed
            ? str_eq(v->bytes, str_trim(text))
            : version && version_order((struct version){version->ops, v->bytes}, *version) == 0)
      return true;
  }
  return false;
}

static bool meets_requirement(struct lookup *l, const struct advisory_record_affected *a,
                              struct version version)
{
  struct version_requirement requirement;
  return a->requirement.len &&
         version_requirement_parse(l->ecosystem->ops, a->requirement, VERSION_PRERELEASES,
                                   &l->m->scratch, &requirement, NULL) == 0 &&
         version_requirement_matches(&requirement, version);
}

/* Where the branch begins that an affected version is on. */
static const struct version_step *branch_of(const struct version_range *range,
                                            struct version version)
{
  const struct version_step *begin = NULL;
  bool on = false;
  for (uint32_t i = 0; i < range->count; i++) {
    const struct version_step *step = &range->steps[i];
    if (!step->unbounded && version_order(step->version, version) > 0)
      break;
    if (step->affected && (!on || step->fixed.len))
      begin = step;
    on = step->affected_beyond;
  }
  return begin;
}

/* The first number of the version that the branch begins with is at least so much. */
static bool begins_at_major(const struct lookup *l, const struct version_range *range,
                            struct version version)
{
  char text[32];
  struct version least;
  const struct version_step *begin = branch_of(range, version);
  snprintf(text, sizeof text, "%u.0.0-0", l->major);
  if (!begin || begin->unbounded ||
      version_parse(l->ecosystem->ops, str_from(text), &l->m->scratch, &least, NULL) < 0)
    return false;
  return version_order(begin->version, least) >= 0;
}

static bool range_affects(const struct lookup *l, const struct version_range *range,
                          struct version version)
{
  return version_range_affects(range, version) && (!l->major || begins_at_major(l, range, version));
}

/*
 * Names of source rpms have no epoch, and that of a binary package is its own: perl's is 4, that of perl-Errno, built of
 * the same source, 0. So it is taken to be the one that the fix has.
 */
static void take_epoch(struct lookup *l, const struct advisory_record_affected *a)
{
  struct str fixed = STR_EMPTY;
  for (size_t i = 0; i < a->range_count && !fixed.len; i++)
    for (uint32_t s = 0; s < a->ranges[i].count && !fixed.len; s++)
      fixed = a->ranges[i].steps[s].fixed;
  ptrdiff_t colon = str_find_byte(fixed, 0, ':');
  struct str epoch = colon < 0 ? STR("0") : str_sub(fixed, 0, (size_t)colon), rest;
  if (l->bare.len == 0 || a->binary || str_eq(str_cut(l->texts[0], ':', &rest), epoch))
    return;
  l->texts[0] = arena_printf(&l->m->kept, "%.*s:%.*s", STR_FMT(epoch), STR_FMT(l->bare));
  l->tried[0] = false;
}

static bool affects(struct lookup *l, const struct advisory_record_affected *a)
{
  struct version version;
  bool which = version_of(l, a);
  take_epoch(l, a);
  if (a->every)
    return true;
  if (!installed(l, which, &version))
    return is_listed(a, NULL, l->texts[which]);
  for (size_t i = 0; i < a->range_count; i++)
    if (range_affects(l, &a->ranges[i], version))
      return true;
  return is_listed(a, &version, l->texts[which]) || meets_requirement(l, a, version);
}

/* ---- where to move */

/* The records of one advisory about the package. */
struct run {
  struct advisory_record_affected *items;
  size_t count;
};

static bool any_affects(const struct run *run, const struct version_step *step)
{
  for (size_t i = 0; i < run->count; i++) {
    for (size_t r = 0; r < run->items[i].range_count; r++)
      if (version_range_affects(&run->items[i].ranges[r], step->version))
        return true;
    if (is_listed(&run->items[i], &step->version, step->fixed))
      return true;
  }
  return false;
}

/* All versions that end a branch and are not themselves affected, in their order. */
static size_t collect_fixes(const struct run *run, const struct version_step *ret[MATCH_FIXES_MAX])
{
  size_t count = 0;
  for (size_t i = 0; i < run->count; i++)
    for (size_t r = 0; r < run->items[i].range_count; r++)
      for (uint32_t s = 0; s < run->items[i].ranges[r].count; s++) {
        const struct version_step *step = &run->items[i].ranges[r].steps[s];
        size_t at = 0;
        if (!step->fixed.len || step->unbounded || any_affects(run, step))
          continue;
        while (at < count && version_order(ret[at]->version, step->version) < 0)
          at++;
        if (at < count && version_order(ret[at]->version, step->version) == 0)
          continue;
        if (count == MATCH_FIXES_MAX)
          continue;
        memmove(&ret[at + 1], &ret[at], (count - at) * sizeof *ret);
        ret[at] = step;
        count++;
      }
  return count;
}

/* The end of the branch that the version is on, if that is free of it; else the next version that is. A branch that ends
 * with what was last affected has no fix of its own, but one of a later branch may be moved to. */
static struct str find_fix(const struct run *run, struct version version,
                           const struct version_step *const *fixes, size_t count)
{
  const struct version_step *best = NULL;
  for (size_t i = 0; i < run->count; i++)
    for (size_t r = 0; r < run->items[i].range_count; r++) {
      const struct version_step *step = version_range_fix(&run->items[i].ranges[r], version);
      if (step && step->fixed.len && (!best || version_order(step->version, best->version) > 0))
        best = step;
    }
  for (size_t i = 0; i < count; i++)
    if (best ? version_order(fixes[i]->version, best->version) >= 0
             : version_order(fixes[i]->version, version) > 0)
      return fixes[i]->fixed;
  return STR_EMPTY;
}

static void add_fixes(struct lookup *l, const struct run *run, bool which, struct match_hit *hit)
{
  const struct version_step *fixes[MATCH_FIXES_MAX + 1];
  struct version version;
  take_epoch(l, &run->items[0]);
  if (!installed(l, which, &version))
    return;
  size_t count = collect_fixes(run, fixes);
  hit->fixed = arena_copy(&l->m->kept, find_fix(run, version, fixes, count));
  for (size_t i = 0; i < count; i++)
    hit->fixes[i] = arena_copy(&l->m->kept, fixes[i]->fixed);
  hit->fix_count = count;
}

/* ---- rows */

static struct advisory_record_affected keep(struct lookup *l,
                                            const struct advisory_record_affected *a)
{
  struct arena *arena = &l->m->kept;
  return (struct advisory_record_affected){
      .advisory = a->advisory,
      .cve = a->cve,
      .status = a->status,
      .severity = a->severity,
      .severity_text = arena_copy(arena, a->severity_text),
      .note = arena_copy(arena, a->note),
  };
}

static void judge(struct lookup *l, const struct run *run)
{
  struct matching *m = l->m;
  const struct advisory_record_affected *hit = NULL;
  bool denied = false;
  if (run->count == 0)
    return;
  uint64_t cve = run->items[0].cve;
  for (size_t i = 0; i < run->count; i++) {
    denied = denied || run->items[i].status == ADVISORY_NOT_AFFECTED;
    if (!hit && run->items[i].status != ADVISORY_NOT_AFFECTED && affects(l, &run->items[i]))
      hit = &run->items[i];
  }
  if (!hit && cve && l->ecosystem->rank == ADVISORY_ECOSYSTEM_OWN)
    vec_push(&m->judged, cve);
  if (denied)
    vec_push(&m->denials, (struct match_denial){run->items[0].advisory, cve});
  if (!hit || denied)
    return;
  struct match_hit *added = vec_add(&m->hits);
  added->ecosystem = l->ecosystem;
  added->advisory = hit->advisory;
  added->cve = cve;
  added->affected = keep(l, hit);
  added->fixed = STR_EMPTY;
  add_fixes(l, run, version_of(l, hit), added);
}

/* Records of one advisory stand together. */
static int read_row(void *ctx, struct str row, struct error *err)
{
  struct lookup *l = ctx;
  VEC(struct advisory_record_affected) items = {0};
  int rc = 0;
  for (struct str rest = row; rc == 0 && rest.len;) {
    struct advisory_record_affected record;
    rc = advisory_record_read_affected(&rest, l->ecosystem->ops, &l->m->scratch, &record, err);
    if (rc < 0 || !applies(l, &record))
      continue;
    if (items.count && items.items[0].advisory != record.advisory) {
      judge(l, &(struct run){items.items, items.count});
      vec_clear(&items);
    }
    vec_push(&items, record);
  }
  judge(l, &(struct run){items.items, items.count});
  vec_free(&items);
  arena_reset(&l->m->scratch);
  if (rc == 0 && arena_over(l->m->arena))
    rc = error_set(err, SW_ELIMIT, "more vulnerabilities than there is memory for");
  return rc;
}

static int look_up(struct lookup *l, struct str name, struct error *err)
{
  memset(l->tried, 0, sizeof l->tried);
  return advisory_reader_package(l->m->reader, l->ecosystem->number, name, read_row, l, err);
}

/* ---- packages of a system */

/*
 * Debian and Ubuntu sign kernels in source packages of their own, and judge them under the name of the kernel's:
 * linux-signed-amd64 6.1.76+1 is linux 6.1.76-1, linux-signed-aws is linux-aws.
 */
static void name_kernel(const struct matching *m, struct str *name, struct str *version)
{
  static const struct str signed_prefix = STR_INIT("linux-signed");
  if (m->package->type != PACKAGE_DEB || !m->os || !m->os->family ||
      !str_starts(*name, signed_prefix))
    return;
  if (strcmp(m->os->family->id, "ubuntu") == 0) {
    struct str flavour = str_sub(*name, signed_prefix.len, name->len);
    *name = flavour.len ? arena_printf(m->arena, "linux%.*s", STR_FMT(flavour)) : STR("linux");
    return;
  }
  ptrdiff_t plus = str_find_byte(*version, 0, '+');
  if (plus < 0)
    return;
  *name = STR("linux");
  *version = arena_printf(m->arena, "%.*s-%.*s", STR_FMT(str_sub(*version, 0, (size_t)plus)),
                          STR_FMT(str_sub(*version, (size_t)plus + 1, version->len)));
}

/* The version of the source package. The epoch that readers give it, or that it lacks, is the one of the package, and a
 * guess unless that has the source's name. */
static struct str source_version(const struct matching *m, bool same, struct str *ret_bare)
{
  const struct package *p = m->package;
  struct str text = p->source_version.text.len ? p->source_version.text : p->version.text;
  struct str epoch = p->version.epoch, rest, own = STR_EMPTY;
  *ret_bare = STR_EMPTY;
  if (p->type != PACKAGE_RPM)
    return text;
  if (str_find_byte(text, 0, ':') >= 0)
    own = str_cut(text, ':', &rest);
  else
    rest = text;
  if (same)
    return own.len == 0 && epoch.len
               ? arena_printf(m->arena, "%.*s:%.*s", STR_FMT(epoch), STR_FMT(text))
               : text;
  if (own.len == 0 || str_eq(own, epoch))
    *ret_bare = rest;
  return text;
}

static int match_system(struct matching *m, struct error *err)
{
  const struct package *p = m->package;
  struct str source = p->source.len ? p->source : p->name, bare;
  bool same = str_eq(source, p->name);
  struct str version = source_version(m, same, &bare);
  int rc = 0;
  name_kernel(m, &source, &version);
  for (size_t i = 0; rc == 0 && i < m->system.count; i++) {
    struct lookup l = {.m = m,
                       .ecosystem = &m->system.items[i],
                       .source_name = true,
                       .binary_name = same,
                       .texts = {version, p->version.text},
                       .bare = bare};
    if (same || l.ecosystem->by_source)
      rc = look_up(&l, source, err);
    if (rc == 0 && !same && l.ecosystem->by_binary) {
      l.source_name = false;
      l.binary_name = true;
      rc = look_up(&l, p->name, err);
    }
  }
  return rc;
}

/* ---- packages of languages */

/* "/v2" behind a module's path: the number, and the path without it. */
static unsigned cut_major(struct str *name)
{
  unsigned long long major;
  ptrdiff_t slash = str_find_last_byte(*name, '/');
  struct str last = str_sub(*name, (size_t)(slash + 1), name->len);
  if (slash <= 0 || !str_starts(last, STR("v")) ||
      !str_to_u64(str_sub(last, 1, last.len), 1000, &major) || major < 2)
    return 0;
  *name = str_sub(*name, 0, (size_t)slash);
  return (unsigned)major;
}

/* A release of Go, whatever a builder put behind it ("1.22.5-fips", "1.22.5-1"), which is no earlier one; and as other
 * tools write it ("1.21rc2"). */
static struct str go_release(struct matching *m, struct str version)
{
  struct str label,
      number = str_starts(version, STR("v")) ? str_sub(version, 1, SIZE_MAX) : version;
  struct str plain = str_cut(number, '-', &label);
  if (str_starts(number, STR("go")) || str_starts(label, STR("rc.")) ||
      str_starts(label, STR("beta.")))
    return number;
  return arena_printf(&m->kept, "go%.*s", STR_FMT(plain));
}

/* Builds of one version: a gem's for a platform ("1.13.0-x86_64-linux"), a wheel's with a label of whoever built it
 * ("2.0.1+cu118"). Advisories are about the version, and "last affected 2.0.1" means all of its builds. */
static struct str published_version(struct matching *m, const struct package *p)
{
  static const struct {
    enum package_type type;
    char mark;
  } marks[] = {{PACKAGE_GEM, '-'}, {PACKAGE_PYPI, '+'}};
  struct str rest;
  if (p->type == PACKAGE_GOLANG && str_eq(p->name, STR("stdlib")))
    return go_release(m, p->version.text);
  for (size_t i = 0; i < sizeof marks / sizeof marks[0]; i++)
    if (marks[i].type == p->type)
      return str_cut(p->version.text, marks[i].mark, &rest);
  return p->version.text;
}

/* Some advisories name a Go module of a later major version by the path of its first: there only branches count
 * that begin with that major version, since the others are of the other module. */
static int match_language(struct matching *m, const struct match_ecosystem *ecosystem,
                          struct error *err)
{
  const struct package *p = m->package;
  struct str version = published_version(m, p);
  struct lookup l = {.m = m,
                     .ecosystem = ecosystem,
                     .source_name = true,
                     .binary_name = true,
                     .texts = {version, p->version.text}};
  struct str name = advisory_package_name(ecosystem->name, p->name, &m->kept);
  int rc = look_up(&l, name, err);
  if (rc == 0 && p->type == PACKAGE_GOLANG && (l.major = cut_major(&name)))
    rc = look_up(&l, name, err);
  return rc;
}

/* ---- all packages */

/* Its file belongs to a package of the distribution, which mends it without changing its version, and is judged itself. */
static bool is_the_systems(const struct matching *m, const struct package *p)
{
  return p->owner.len && m->system.count && !map_get(&m->foreign, p->owner);
}

static void note_foreign(struct matching *m, const struct package *packages, size_t count)
{
  for (size_t i = 0; i < count; i++)
    if (package_type_is_system(packages[i].type) &&
        advisory_package_is_foreign(m->os, &packages[i]))
      map_put(&m->foreign, packages[i].name, NULL);
}

static int match_package(struct matching *m, const struct package *p, bool *ret_covered,
                         struct error *err)
{
  const struct match_ecosystem *language = NULL;
  int rc = 0;
  m->package = p;
  vec_clear(&m->hits);
  vec_clear(&m->denials);
  vec_clear(&m->judged);
  if (package_type_is_system(p->type)) {
    *ret_covered = m->system.count && !map_get(&m->foreign, p->name);
    if (*ret_covered)
      rc = match_system(m, err);
  } else {
    rc = find_language(m, p->type, &language, err);
    *ret_covered = language;
    if (rc == 0 && language && !is_the_systems(m, p))
      rc = match_language(m, language, err);
  }
  return rc < 0 ? rc : match_merge(m, err);
}

static void begin(struct matching *m)
{
  arena_init(&m->scratch, 0);
  arena_init(&m->kept, 0);
}

static void end(struct matching *m)
{
  map_free(&m->foreign);
  vec_free(&m->system);
  vec_free(&m->hits);
  vec_free(&m->denials);
  vec_free(&m->judged);
  vec_free(&m->found);
  vec_free(&m->unreadable);
  arena_free(&m->scratch);
  arena_free(&m->kept);
}

static void give(struct matching *m, struct vulnerability_list *ret)
{
  struct vulnerability *items = arena_array(m->arena, struct vulnerability, m->found.count);
  struct unreadable_version *unreadable =
      arena_array(m->arena, struct unreadable_version, m->unreadable.count);
  if (m->found.count)
    memcpy(items, m->found.items, m->found.count * sizeof *items);
  if (m->unreadable.count)
    memcpy(unreadable, m->unreadable.items, m->unreadable.count * sizeof *unreadable);
  ret->items = items;
  ret->count = m->found.count;
  ret->unreadable = unreadable;
  ret->unreadable_count = m->unreadable.count;
}

int advisory_match(struct advisory_database *db, const struct os_release *os,
                   const struct package *packages, size_t count, struct arena *arena,
                   struct vulnerability_list *ret, struct error *err)
{
  struct matching m = {.os = os, .arena = arena};
  struct vulnerability_list list = {.count = 0};
  int rc = advisory_reader_take(db, &m.reader, err);
  if (rc < 0)
    return rc;
  begin(&m);
  note_foreign(&m, packages, count);
  rc = find_system(&m, err);
  for (size_t i = 0; rc == 0 && i < count; i++) {
    bool covered = false;
    rc = match_package(&m, &packages[i], &covered, err);
    list.covered += covered;
    list.uncovered += !covered;
  }
  if (rc == 0) {
    give(&m, &list);
    *ret = list;
  }
  end(&m);
  advisory_reader_give(db, m.reader);
  return rc;
}
