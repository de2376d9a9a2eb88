#include "scan/advisory/match_int.h"

/* ---- who is asked first */

/* Of several that speak of one package of a language: how their ids begin, the one to believe first. */
static const struct str preferred[] = {
    STR_INIT("GHSA-"),  STR_INIT("GO-"),  STR_INIT("RUSTSEC-"),
    STR_INIT("PYSEC-"), STR_INIT("CVE-"), STR_INIT("OSV-"),
};

enum { PREFERRED = sizeof preferred / sizeof preferred[0] };

static unsigned preference(const struct match_hit *hit)
{
  if (hit->ecosystem->vendor.len)
    return (unsigned)hit->ecosystem->rank;
  for (unsigned i = 0; i < PREFERRED; i++)
    if (str_starts(hit->head->id, preferred[i]))
      return i;
  return PREFERRED;
}

/* A status that says more, a fix, then the order in which sources were imported. */
static int order_hits(const void *left, const void *right)
{
  const struct match_hit *a = *(const struct match_hit *const *)left;
  const struct match_hit *b = *(const struct match_hit *const *)right;
  unsigned preference_a = preference(a), preference_b = preference(b);
  if (preference_a != preference_b)
    return preference_a < preference_b ? -1 : 1;
  if ((a->fixed.len > 0) != (b->fixed.len > 0))
    return a->fixed.len ? -1 : 1;
  return (a->advisory > b->advisory) - (a->advisory < b->advisory);
}

/* ---- what does not count */

static bool has_id(const struct advisory_record_head *head, struct str id)
{
  if (str_eq(head->id, id))
    return true;
  for (size_t i = 0; i < head->alias_count; i++)
    if (str_eq(head->aliases[i], id))
      return true;
  return false;
}

/* The one CVE of an advisory; 0: none or several. */
static uint64_t cve_of(const struct advisory_record_head *head)
{
  uint64_t cve = advisory_cve_number(advisory_id_cve(head->id));
  for (size_t i = 0; i < head->alias_count; i++) {
    uint64_t other = advisory_cve_number(head->aliases[i]);
    if (cve && other && cve != other)
      return 0;
    cve = cve ? cve : other;
  }
  return cve;
}

static int is_denied(struct matching *m, const struct match_hit *hit, bool *ret, struct error *err)
{
  *ret = false;
  for (size_t i = 0; i < m->denials.count && !*ret; i++) {
    const struct match_denial *denial = &m->denials.items[i];
    if (denial->cve) {
      *ret = denial->cve == hit->cve;
      continue;
    }
    const struct advisory_record_head *head;
    int rc = advisory_reader_head(m->reader, denial->advisory, &head, err);
    if (rc < 0)
      return rc;
    *ret = has_id(hit->head, head->id) || (hit->cve && cve_of(head) == hit->cve);
  }
  if (hit->ecosystem->rank == ADVISORY_ECOSYSTEM_EXTENDED)
    for (size_t i = 0; i < m->judged.count && !*ret; i++)
      *ret = hit->cve && m->judged.items[i] == hit->cve;
  return 0;
}

static int drop_denied(struct matching *m, struct error *err)
{
  size_t kept = 0;
  for (size_t i = 0; i < m->hits.count; i++) {
    struct match_hit *hit = &m->hits.items[i];
    bool denied;
    int rc = advisory_reader_head(m->reader, hit->advisory, &hit->head, err);
    if (rc < 0)
      return rc;
    if (!hit->cve)
      hit->cve = cve_of(hit->head);
    rc = is_denied(m, hit, &denied, err);
    if (rc < 0)
      return rc;
    if (!denied)
      m->hits.items[kept++] = *hit;
  }
  m->hits.count = kept;
  return 0;
}

/* ---- which are the same */

static size_t root_of(struct matching *m, size_t i)
{
  while (m->hits.items[i].group != i)
    i = m->hits.items[i].group = m->hits.items[m->hits.items[i].group].group;
  return i;
}

/* The CVE of a group is that of its first hit that has one. Two that have different ones are never the same,
 * whatever else they have in common: a bulletin may be about both. */
static void unite(struct matching *m, size_t a, size_t b)
{
  a = root_of(m, a);
  b = root_of(m, b);
  struct match_hit *left = &m->hits.items[a < b ? a : b], *right = &m->hits.items[a < b ? b : a];
  if (a == b || (left->cve && right->cve && left->cve != right->cve))
    return;
  right->group = a < b ? a : b;
  left->cve = left->cve ? left->cve : right->cve;
}

static void unite_by_id(struct matching *m, struct map *ids, struct str id, size_t hit)
{
  bool added;
  union map_value *value = map_put(ids, id, &added);
  if (added)
    value->number = hit;
  else
    unite(m, (size_t)value->number, hit);
}

/* Groups of one CVE are one, even if the id that they share was first met in the advisory of another CVE. */
static void unite_by_cve(struct matching *m)
{
  struct map cves;
  map_init(&cves, &m->scratch);
  for (size_t i = 0; i < m->hits.count; i++) {
    uint64_t cve = m->hits.items[root_of(m, i)].cve;
    if (cve)
      unite_by_id(m, &cves, str_make((const char *)&cve, sizeof cve), i);
  }
  map_free(&cves);
  arena_reset(&m->scratch);
}

static void group(struct matching *m)
{
  struct map ids;
  map_init(&ids, NULL);
  for (size_t i = 0; i < m->hits.count; i++)
    m->hits.items[i].group = i;
  for (size_t i = 0; i < m->hits.count; i++) {
    struct match_hit *hit = &m->hits.items[i];
    const struct advisory_record_head *head = hit->head;
    bool several = !hit->cve;
    struct str cve = advisory_id_cve(head->id);
    unite_by_id(m, &ids, head->id, i);
    if (cve.len && !str_eq(cve, head->id))
      unite_by_id(m, &ids, cve, i);
    for (size_t a = 0; a < head->alias_count; a++)
      if (!several || !advisory_cve_number(head->aliases[a]))
        unite_by_id(m, &ids, head->aliases[a], i);
  }
  map_free(&ids);
  unite_by_cve(m);
}

static bool is_told(struct matching *m, uint64_t cve)
{
  for (size_t i = 0; i < m->hits.count; i++)
    if (m->hits.items[root_of(m, i)].cve == cve)
      return true;
  return false;
}

/* A bulletin about several vulnerabilities is none itself, if each of them is told. */
static bool is_bulletin(struct matching *m, const struct match_hit *root)
{
  size_t cves = 0;
  if (root->cve)
    return false;
  for (size_t i = 0; i < root->head->alias_count; i++) {
    uint64_t cve = advisory_cve_number(root->head->aliases[i]);
    if (cve && !is_told(m, cve))
      return false;
    cves += cve != 0;
  }
  return cves > 1;
}

/* ---- one vulnerability of a group */

static int order_texts(const void *a, const void *b)
{
  return str_compare(*(const struct str *)a, *(const struct str *)b);
}

struct ids VEC_BODY(struct str);

static void add_id(struct ids *ids, struct str id, struct str name)
{
  if (id.len == 0 || str_eq(id, name) || vec_full(ids, MATCH_GROUP_MAX))
    return;
  for (size_t i = 0; i < ids->count; i++)
    if (str_eq(ids->items[i], id))
      return;
  vec_push(ids, id);
}

/* The name of another vulnerability of the package: as an alias it would say that whoever dismisses that one dismisses
 * this one, too. */
static bool is_anothers(const struct matching *m, size_t group, struct str id)
{
  uint64_t cve = advisory_cve_number(id);
  for (size_t i = 0; i < m->hits.count; i++) {
    const struct match_hit *hit = &m->hits.items[i];
    if (hit->group != group && (str_eq(hit->head->id, id) || (cve && hit->cve == cve)))
      return true;
  }
  return false;
}

static void set_aliases(struct matching *m, const struct match_hit *const *hits, size_t count,
                        struct vulnerability *v)
{
  struct ids ids = {0};
  for (size_t i = 0; i < count; i++) {
    const struct advisory_record_head *head = hits[i]->head;
    add_id(&ids, head->id, v->id);
    /* Advisories of distributions are about one each, and may be thousands. */
    for (size_t a = 0; a < head->alias_count; a++)
      if (hits[i]->ecosystem->vendor.len || !is_anothers(m, hits[i]->group, head->aliases[a]))
        add_id(&ids, head->aliases[a], v->id);
    /* The bulletins of a distribution stand here beside a CVE of theirs. */
    for (size_t r = 0; hits[i]->ecosystem->vendor.len && r < head->related_count; r++)
      if (!advisory_cve_number(advisory_id_cve(head->related[r])))
        add_id(&ids, head->related[r], v->id);
  }
  if (ids.count)
    qsort(ids.items, ids.count, sizeof *ids.items, order_texts);
  struct str *aliases = arena_array(m->arena, struct str, ids.count);
  for (size_t i = 0; i < ids.count; i++)
    aliases[i] = arena_copy(m->arena, ids.items[i]);
  v->aliases = aliases;
  v->alias_count = ids.count;
  vec_free(&ids);
}

static struct str name_of(struct matching *m, const struct match_hit *first, uint64_t cve)
{
  char text[ADVISORY_CVE_TEXT];
  if (cve)
    return arena_copy(m->arena, advisory_cve_text(cve, text));
  return arena_copy(m->arena, first->head->id);
}

static struct str join_fixes(struct matching *m, const struct match_hit *hit)
{
  struct buf out = {0};
  for (size_t i = 0; i < hit->fix_count; i++) {
    buf_add(&out, i ? STR(", ") : STR_EMPTY);
    buf_add(&out, hit->fixes[i]);
  }
  struct str joined = arena_copy(m->arena, buf_str(&out));
  buf_free(&out);
  return joined;
}

/* What the first says; where it names no fix, what the next does. */
static void set_fix(struct matching *m, const struct match_hit *const *hits, size_t count,
                    struct vulnerability *v)
{
  v->fixed = v->fixed_all = STR_EMPTY;
  v->status = hits[0]->affected.status;
  for (size_t i = 0; i < count; i++) {
    if (!hits[i]->fixed.len)
      continue;
    v->fixed = arena_copy(m->arena, hits[i]->fixed);
    v->fixed_all = join_fixes(m, hits[i]);
    if (i > 0)
      v->status = hits[i]->affected.status;
    return;
  }
}

static int add_vulnerability(struct matching *m, const struct match_hit **hits, size_t count,
                             struct error *err)
{
  struct vulnerability v = {.package = m->package};
  uint64_t cve = 0;
  qsort(hits, count, sizeof *hits, order_hits);
  for (size_t i = 0; i < count && !cve; i++)
    cve = hits[i]->cve;
  v.id = name_of(m, hits[0], cve);
  set_aliases(m, hits, count, &v);
  set_fix(m, hits, count, &v);
  int rc = advisory_reader_source(m->reader, hits[0]->head->source, &v.source, err);
  v.source = arena_copy(m->arena, rc == 0 ? v.source : STR_EMPTY);
  if (rc == 0)
    rc = match_describe(m, hits, count, cve, &v, err);
  if (rc == 0)
    vec_push(&m->found, v);
  return rc;
}

static int order_found(const void *left, const void *right)
{
  const struct vulnerability *a = left, *b = right;
  if (a->severity != b->severity)
    return a->severity > b->severity ? -1 : 1;
  return str_compare(a->id, b->id);
}

static int order_groups(const void *left, const void *right)
{
  const struct match_hit *a = *(const struct match_hit *const *)left;
  const struct match_hit *b = *(const struct match_hit *const *)right;
  if (a->group != b->group)
    return a->group < b->group ? -1 : 1;
  return (a > b) - (a < b);
}

int match_merge(struct matching *m, struct error *err)
{
  size_t before = m->found.count;
  int rc = drop_denied(m, err);
  if (rc < 0 || m->hits.count == 0)
    return rc;
  group(m);
  const struct match_hit **hits = mem_zalloc(m->hits.count, sizeof *hits);
  for (size_t i = 0; i < m->hits.count; i++) {
    m->hits.items[i].group = root_of(m, i);
    hits[i] = &m->hits.items[i];
  }
  qsort(hits, m->hits.count, sizeof *hits, order_groups);
  for (size_t i = 0, end; rc == 0 && i < m->hits.count; i = end) {
    for (end = i + 1; end < m->hits.count && hits[end]->group == hits[i]->group; end++)
      ;
    if (end - i > 1 || !is_bulletin(m, hits[i]))
      rc = add_vulnerability(m, hits + i, end - i, err);
  }
  mem_free(hits);
  if (m->found.count > before)
    qsort(m->found.items + before, m->found.count - before, sizeof *m->found.items, order_found);
  return rc;
}
