#include "scan/advisory/cvss.h"
#include "scan/advisory/match_int.h"

/* Short names of those whose ids begin so; others go by the name of their source. */
static const struct {
  struct str prefix, name;
} writers[] = {
    {STR_INIT("GHSA-"), STR_INIT("ghsa")},  {STR_INIT("GO-"), STR_INIT("go-vulndb")},
    {STR_INIT("PYSEC-"), STR_INIT("pypa")}, {STR_INIT("RUSTSEC-"), STR_INIT("rustsec")},
    {STR_INIT("OSV-"), STR_INIT("osv")},
};

/* What one advisory says, among those that say something about the vulnerability. */
struct opinion {
  const struct advisory_record_head *head;
  uint64_t advisory;
  struct str vendor;      /* of the distribution whose package it is; empty: of none */
  enum severity severity; /* of this package; SEVERITY_UNKNOWN: none */
};

struct opinions {
  struct opinion items[MATCH_GROUP_MAX + MATCH_BORROW_MAX];
  size_t count;
};

static int writer_of(struct matching *m, const struct opinion *o, struct str *ret,
                     struct error *err)
{
  if (o->vendor.len) {
    *ret = o->vendor;
    return 0;
  }
  for (size_t i = 0; i < sizeof writers / sizeof writers[0]; i++)
    if (str_starts(o->head->id, writers[i].prefix)) {
      *ret = writers[i].name;
      return 0;
    }
  int rc = advisory_reader_source(m->reader, o->head->source, ret, err);
  *ret = arena_copy(m->arena, rc == 0 ? *ret : STR_EMPTY);
  return rc;
}

/* ---- the vector: of the newest version, of the opinion that comes first */

static bool best_vector(const struct opinion *o, struct str *ret_vector, struct cvss *ret)
{
  bool found = false;
  for (size_t i = 0; i < o->head->cvss_count; i++) {
    struct cvss score;
    if (cvss_read(o->head->cvss[i], &score, NULL) < 0 || (found && score.version <= ret->version))
      continue;
    *ret = score;
    *ret_vector = o->head->cvss[i];
    found = true;
  }
  return found;
}

/* A score that goes with the severity's own source is told before any other. */
static void set_cvss(struct matching *m, const struct opinions *all, size_t from,
                     struct vulnerability *v)
{
  struct str vector;
  struct cvss score;
  for (size_t i = 0; i < all->count && !v->cvss.len; i++)
    if (best_vector(&all->items[(from + i) % all->count], &vector, &score)) {
      v->cvss = arena_copy(m->arena, vector);
      v->cvss_tenths = score.tenths;
    }
}

/* ---- severity: the distribution's word about its package, its word about the vulnerability, GitHub's word, a
 * score, any word */

static enum severity of_package(const struct opinion *o)
{
  return o->vendor.len ? o->severity : SEVERITY_UNKNOWN;
}

static enum severity of_vendor(const struct opinion *o)
{
  return o->vendor.len ? o->head->severity : SEVERITY_UNKNOWN;
}

static enum severity of_github(const struct opinion *o)
{
  return str_starts(o->head->id, STR("GHSA-")) ? o->head->severity : SEVERITY_UNKNOWN;
}

static enum severity of_score(const struct opinion *o)
{
  struct str vector;
  struct cvss score;
  return best_vector(o, &vector, &score) ? score.severity : SEVERITY_UNKNOWN;
}

static enum severity of_anybody(const struct opinion *o)
{
  return o->severity != SEVERITY_UNKNOWN ? o->severity : o->head->severity;
}

static enum severity (*const judges[])(const struct opinion *o) = {
    of_package, of_vendor, of_github, of_score, of_anybody,
};

static int set_severity(struct matching *m, const struct opinions *all, size_t *ret_from,
                        struct vulnerability *v, struct error *err)
{
  *ret_from = 0;
  for (size_t j = 0; j < sizeof judges / sizeof judges[0]; j++)
    for (size_t i = 0; i < all->count; i++) {
      enum severity severity = judges[j](&all->items[i]);
      if (severity == SEVERITY_UNKNOWN)
        continue;
      v->severity = severity;
      *ret_from = i;
      return writer_of(m, &all->items[i], &v->severity_source, err);
    }
  return 0;
}

/* ---- texts */

static struct str *copy_texts(struct matching *m, const struct str *texts, size_t count)
{
  struct str *copies = arena_array(m->arena, struct str, count);
  for (size_t i = 0; i < count; i++)
    copies[i] = arena_copy(m->arena, texts[i]);
  return copies;
}

static void take_text(struct matching *m, struct str *to, struct str from)
{
  if (to->len == 0)
    *to = arena_copy(m->arena, from);
}

static int set_texts(struct matching *m, const struct opinion *o, struct vulnerability *v,
                     struct error *err)
{
  const struct advisory_record_text *text;
  take_text(m, &v->published, o->head->published);
  take_text(m, &v->modified, o->head->modified);
  if (!v->cwe_count && o->head->cwe_count) {
    v->cwes = copy_texts(m, o->head->cwes, o->head->cwe_count);
    v->cwe_count = o->head->cwe_count;
  }
  if (v->title.len && v->description.len && v->reference_count)
    return 0;
  int rc = advisory_reader_text(m->reader, o->advisory, &text, err);
  if (rc == 0) {
    take_text(m, &v->title, text->title);
    take_text(m, &v->description, text->description);
    if (!v->reference_count && text->reference_count) {
      v->references = copy_texts(m, text->references, text->reference_count);
      v->reference_count = text->reference_count;
    }
  }
  return rc;
}

/* ---- what goes by CVE alone */

static void set_scores(struct matching *m, const struct advisory_cve *cve, struct vulnerability *v)
{
  v->exploited = cve->listed;
  v->exploited_since = arena_copy(m->arena, cve->exploited);
  v->ransomware = cve->ransomware;
  v->has_epss = cve->scored;
  v->epss = cve->score;
  v->epss_percentile = cve->percentile;
}

/* ---- all of it */

static void add_opinion(struct opinions *all, const struct opinion *o, size_t max)
{
  for (size_t i = 0; i < all->count; i++)
    if (all->items[i].advisory == o->advisory)
      return;
  if (all->count < max)
    all->items[all->count++] = *o;
}

/* Whether somebody else has to be asked: a distribution that gives neither a severity nor words. */
static bool says_enough(const struct vulnerability *v)
{
  return v->severity != SEVERITY_UNKNOWN && v->description.len && v->cvss.len;
}

static int borrow(struct matching *m, const struct advisory_cve *cve, struct opinions *all,
                  struct error *err)
{
  int rc = 0;
  for (size_t i = 0; rc == 0 && i < cve->advisory_count && i < MATCH_BORROW_MAX; i++) {
    struct opinion o = {.advisory = cve->advisories[i], .vendor = STR_EMPTY};
    rc = advisory_reader_head(m->reader, o.advisory, &o.head, err);
    if (rc == 0)
      add_opinion(all, &o, sizeof all->items / sizeof all->items[0]);
  }
  return rc;
}

static int set_all(struct matching *m, const struct opinions *all, struct vulnerability *v,
                   struct error *err)
{
  size_t from = 0;
  int rc = v->severity == SEVERITY_UNKNOWN ? set_severity(m, all, &from, v, err) : 0;
  set_cvss(m, all, from, v);
  for (size_t i = 0; rc == 0 && i < all->count; i++)
    rc = set_texts(m, &all->items[i], v, err);
  return rc;
}

static int describe_by_cve(struct matching *m, uint64_t number, struct opinions *all,
                           struct vulnerability *v, struct error *err)
{
  const struct advisory_cve *cve;
  size_t before = all->count;
  int rc = advisory_reader_cve(m->reader, number, &cve, err);
  if (rc < 0)
    return rc;
  set_scores(m, cve, v);
  if (!says_enough(v))
    rc = borrow(m, cve, all, err);
  return rc < 0 || all->count == before ? rc : set_all(m, all, v, err);
}

int match_describe(struct matching *m, const struct match_hit *const *group, size_t count,
                   uint64_t cve, struct vulnerability *v, struct error *err)
{
  struct opinions all = {.count = 0};
  for (size_t i = 0; i < count; i++)
    add_opinion(&all,
                &(struct opinion){group[i]->head, group[i]->advisory, group[i]->ecosystem->vendor,
                                  group[i]->affected.severity},
                MATCH_GROUP_MAX);
  int rc = set_all(m, &all, v, err);
  if (rc == 0 && cve)
    rc = describe_by_cve(m, cve, &all, v, err);
  return rc;
}
