/* Findings about packages brought together by what has to be upgraded. */
#include "report/report_int.h"

enum { ONE_PERCENT = 10000 }; /* of what EPSS is counted in */

static bool is_system(const struct finding_package *p)
{
  return str_eq(p->type, STR("deb")) || str_eq(p->type, STR("rpm")) || str_eq(p->type, STR("apk"));
}

struct str package_group_name(const struct package_group *group)
{
  const struct finding_package *p = group->first->package;
  return p->source.len ? p->source : p->name;
}

struct str package_group_path(const struct package_group *group)
{
  const struct finding_package *p = group->first->package;
  return is_system(p) ? STR_EMPTY : p->path;
}

bool report_is_license(const struct finding *f)
{
  return f->package && !f->package->status.len && f->package->license.len;
}

static uint32_t epss_of(const struct finding_package *p)
{
  return p->has_epss ? p->epss : 0;
}

/* As it is shown: what is below one percent says too little to stand above the number of findings. */
static uint32_t percent_of(uint32_t epss)
{
  return epss < ONE_PERCENT ? 0 : (epss + ONE_PERCENT / 2) / ONE_PERCENT;
}

static bool seen_before(struct package_groups *g, size_t group, char kind, struct str text,
                        struct str more)
{
  bool added;
  map_put(&g->seen,
          arena_printf(&g->arena, "%zu %c%.*s\n%.*s", group, kind, STR_FMT(text), STR_FMT(more)),
          &added);
  return !added;
}

static size_t group_of(struct package_groups *g, const struct finding *f)
{
  const struct package_group alone = {.first = f};
  bool added;
  struct str key = arena_printf(&g->arena, "%.*s\n%.*s\n%.*s\n%.*s", STR_FMT(f->package->type),
                                STR_FMT(package_group_name(&alone)), STR_FMT(f->package->version),
                                STR_FMT(package_group_path(&alone)));
  union map_value *slot = map_put(&g->numbers, key, &added);
  if (added) {
    slot->number = g->list.count;
    vec_push(&g->list, alone);
  }
  return (size_t)slot->number;
}

static void add_finding(struct package_groups *g, const struct finding *f)
{
  const struct finding_package *p = f->package;
  size_t number = group_of(g, f);
  struct package_group *group = &g->list.items[number];
  if (!str_eq(p->name, package_group_name(group)) &&
      !seen_before(g, number, 'n', p->name, STR_EMPTY))
    vec_push(&group->names, p->name);
  /* Packages of one source share its vulnerabilities, not always its licence. */
  if (seen_before(g, number, 'v', f->rule->id, report_is_license(f) ? p->license : STR_EMPTY))
    return;
  vec_push(&group->findings, f);
  group->counts[f->severity]++;
  group->exploited |= p->exploited;
  if (epss_of(p) > group->epss)
    group->epss = epss_of(p);
  if (f->severity > group->worst)
    group->worst = f->severity;
}

static int by_descending(uint64_t a, uint64_t b)
{
  return (a < b) - (a > b);
}

/* The worst first, then the exploited, then the likeliest to be, then the most; then by name, so that the order is always
 * the same. */
static int by_worst(const void *left, const void *right)
{
  const struct package_group *a = left, *b = right;
  int order = by_descending(a->worst, b->worst);
  if (!order)
    order = by_descending(a->exploited, b->exploited);
  if (!order)
    order = by_descending(percent_of(a->epss), percent_of(b->epss));
  if (!order)
    order = by_descending(a->findings.count, b->findings.count);
  if (!order)
    order = str_compare(package_group_name(a), package_group_name(b));
  if (!order)
    order = str_compare(a->first->package->version, b->first->package->version);
  return order ? order : str_compare(package_group_path(a), package_group_path(b));
}

/* What to look at first: the worst, and of the same severity (often none is known) what is exploited, what is likely to be,
 * and what can be mended. */
static int by_urgency(const void *left, const void *right)
{
  const struct finding *a = *(const struct finding *const *)left;
  const struct finding *b = *(const struct finding *const *)right;
  int order = by_descending(a->severity, b->severity);
  if (!order)
    order = by_descending(a->package->exploited, b->package->exploited);
  if (!order)
    order = by_descending(epss_of(a->package), epss_of(b->package));
  if (!order)
    order = by_descending(a->package->fixed.len > 0, b->package->fixed.len > 0);
  if (!order)
    order = str_compare(a->rule->id, b->rule->id);
  return order ? order : str_compare(a->package->license, b->package->license);
}

void package_groups_make(struct package_groups *ret, const struct report_options *options,
                         const struct finding_list *findings)
{
  *ret = (struct package_groups){0};
  arena_init(&ret->arena, 0);
  for (size_t i = 0; findings && i < findings->count; i++) {
    const struct finding *f = &findings->items[i];
    if (f->package && f->state == FINDING_OPEN && report_shows(options, f))
      add_finding(ret, f);
  }
  if (ret->list.count)
    qsort(ret->list.items, ret->list.count, sizeof *ret->list.items, by_worst);
  for (size_t i = 0; i < ret->list.count; i++) {
    struct package_group *group = &ret->list.items[i];
    qsort(group->findings.items, group->findings.count, sizeof *group->findings.items, by_urgency);
  }
}

void package_groups_free(struct package_groups *groups)
{
  for (size_t i = 0; i < groups->list.count; i++) {
    vec_free(&groups->list.items[i].findings);
    vec_free(&groups->list.items[i].names);
  }
  vec_free(&groups->list);
  map_free(&groups->numbers);
  map_free(&groups->seen);
  arena_free(&groups->arena);
}

struct str package_fix(const struct finding *f)
{
  const struct finding_package *p = f->package;
  if (p->fixed.len)
    return p->fixed;
  return str_eq(p->status, STR("affected")) ? STR("no fix") : p->status;
}

struct str report_vulnerability_title(const struct finding *f)
{
  if (report_is_license(f))
    return f->package->license;
  struct str title = str_trim(f->rule->title);
  if (!str_starts(title, f->rule->id))
    return title;
  /* "CVE-2024-1: overflow": the id stands in front already. */
  struct str rest = str_sub(title, f->rule->id.len, SIZE_MAX);
  return rest.len && rest.data[0] != ':' && rest.data[0] != ' '
             ? title
             : str_trim(str_sub(rest, rest.len != 0, SIZE_MAX));
}

void report_urgency(struct buf *out, const struct finding_package *package)
{
  if (package->exploited)
    buf_add_text(out, "exploited");
  if (epss_of(package) >= ONE_PERCENT)
    buf_printf(out, "%sEPSS %u %%", out->len ? "  " : "", percent_of(package->epss));
}

/* Ids come from advisories: what is put into an address must be one. */
static bool is_plain_id(struct str id)
{
  for (size_t i = 0; i < id.len; i++) {
    char c = id.data[i];
    if (!((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
          c == ':' || c == '.'))
      return false;
  }
  return id.len > 0 && id.len <= 100;
}

static bool is_url(struct str text)
{
  return str_starts(text, STR("https://")) || str_starts(text, STR("http://"));
}

bool report_rule_url(struct buf *out, const struct rule *rule, bool vulnerability)
{
  static const struct {
    const char *begin, *page;
  } pages[] = {{"CVE-", "https://nvd.nist.gov/vuln/detail/"},
               {"GHSA-", "https://github.com/advisories/"}};
  for (size_t i = 0; vulnerability && is_plain_id(rule->id) && i < sizeof pages / sizeof *pages;
       i++)
    if (str_starts(rule->id, str_from(pages[i].begin))) {
      buf_printf(out, "%s%.*s", pages[i].page, STR_FMT(rule->id));
      return true;
    }
  for (size_t i = 0; i < rule->reference_count; i++)
    if (is_url(rule->references[i])) {
      buf_add(out, rule->references[i]);
      return true;
    }
  return false;
}

bool report_in_image(const struct finding *f)
{
  static const char *const kinds[] = {"Image", "Host", "Directory", "SBOM"};
  for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
    if (str_eq(f->subject.kind, str_from(kinds[i])))
      return true;
  return false;
}
