#include "scan/check/economy.h"

#include "base/map.h"
#include "scan/check/check_int.h"
#include "scan/check/image_config.h"
#include "scan/version.h"

#include <stdlib.h>

/* ---- the base */

static size_t common_layers(const struct oci_strings *diff_ids, const struct economy_known_base *k)
{
  if (!k->diff_id_count || k->diff_id_count > diff_ids->count)
    return 0;
  for (size_t i = 0; i < k->diff_id_count; i++)
    if (!str_eq(k->diff_ids[i], diff_ids->items[i]))
      return 0;
  return k->diff_id_count;
}

static bool find_known(const struct economy_base_facts *facts, struct economy_base *base)
{
  for (size_t i = 0; i < facts->known_count; i++) {
    size_t layers = common_layers(&facts->config->diff_ids, &facts->known[i]);
    if (layers > base->layers)
      *base = (struct economy_base){
          .evidence = ECONOMY_LAYERS, .name = facts->known[i].name, .layers = layers};
  }
  return base->layers > 0;
}

static struct str label_of(const struct oci_config *config, struct str name)
{
  for (size_t i = 0; i < config->label_count; i++)
    if (str_eq(config->labels[i].key, name))
      return config->labels[i].value;
  return STR_EMPTY;
}

static bool ends_an_image(const struct oci_history *step)
{
  struct image_step read = image_step_read(step->created_by);
  return step->empty_layer &&
         (str_eq(read.instruction, STR("CMD")) || str_eq(read.instruction, STR("ENTRYPOINT")));
}

/*
 * Steps that set how a container starts stand at the end of an image. Those of the image itself come last; what stands
 * below the last step that made files is of the image it was built on. 0: there is none, or the numbers do not agree.
 */
static size_t layers_by_history(const struct oci_config *config)
{
  size_t all = 0, below = 0, end = config->history_count;
  for (size_t i = 0; i < config->history_count; i++)
    all += !config->history[i].empty_layer;
  if (all != config->diff_ids.count)
    return 0;
  while (end && config->history[end - 1].empty_layer)
    end--;
  while (end && !ends_an_image(&config->history[end - 1]))
    end--;
  for (size_t i = 0; i < end; i++)
    below += !config->history[i].empty_layer;
  return below;
}

/* The distribution comes with the base; what lies on it may be of the base, too. */
static size_t layers_by_system(const struct economy_base_facts *facts)
{
  size_t layers = (size_t)facts->os_layer + 1;
  bool known = facts->os && facts->os->family;
  return known && layers < facts->config->diff_ids.count ? layers : 0;
}

void economy_base_find(const struct economy_base_facts *facts, struct economy_base *ret)
{
  *ret = (struct economy_base){0};
  if (find_known(facts, ret))
    return;
  ret->name = label_of(facts->config, STR("org.opencontainers.image.base.name"));
  ret->digest = label_of(facts->config, STR("org.opencontainers.image.base.digest"));
  ret->layers = layers_by_history(facts->config);
  bool history = ret->layers > 0;
  if (!history)
    ret->layers = layers_by_system(facts);
  if (ret->name.len || ret->digest.len)
    ret->evidence = ECONOMY_LABELS;
  else if (ret->layers)
    ret->evidence = history ? ECONOMY_HISTORY : ECONOMY_DISTRIBUTION;
}

/* ---- shares */

static void count_part(struct economy_part *part, bool base, uint64_t amount)
{
  if (base)
    part->base += amount;
  else
    part->own += amount;
}

static uint32_t layer_of(const struct economy_content *content, const struct package *p)
{
  bool listed = content->first_layer && p >= content->packages &&
                p < content->packages + content->package_count;
  return listed ? content->first_layer[p - content->packages] : p->layer;
}

void economy_share(const struct economy_base *base, const struct economy_content *content,
                   struct economy_shares *ret)
{
  *ret = (struct economy_shares){0};
  for (size_t i = 0; i < content->package_count; i++)
    count_part(&ret->packages, layer_of(content, &content->packages[i]) < base->layers, 1);
  for (size_t i = 0; content->layer_bytes && i < content->layer_count; i++)
    count_part(&ret->bytes, i < base->layers, content->layer_bytes[i]);
  for (size_t i = 0; i < content->vulnerability_count; i++) {
    const struct economy_vulnerability *v = &content->vulnerabilities[i];
    bool in_base = layer_of(content, v->package) < base->layers;
    count_part(&ret->vulnerabilities, in_base, 1);
    count_part(&ret->fixable, in_base, v->fixed.len > 0);
  }
}

/* ---- upgrades */

/* The order of each type's versions (scan/version.h). */
static const struct version_ops *order_of(enum package_type type)
{
  static const struct {
    enum package_type type;
    struct str order;
  } rows[] = {
      {PACKAGE_DEB, STR_INIT("dpkg")},    {PACKAGE_APK, STR_INIT("apk")},
      {PACKAGE_RPM, STR_INIT("rpm")},     {PACKAGE_NPM, STR_INIT("npm")},
      {PACKAGE_PYPI, STR_INIT("pypi")},   {PACKAGE_GOLANG, STR_INIT("go")},
      {PACKAGE_MAVEN, STR_INIT("maven")}, {PACKAGE_CARGO, STR_INIT("cargo")},
      {PACKAGE_GEM, STR_INIT("gem")},     {PACKAGE_COMPOSER, STR_INIT("composer")},
      {PACKAGE_NUGET, STR_INIT("nuget")}, {PACKAGE_PUB, STR_INIT("pub")},
      {PACKAGE_HEX, STR_INIT("cargo")},   {PACKAGE_SWIFT, STR_INIT("cargo")},
  };
  for (size_t i = 0; i < CHECK_COUNT(rows); i++)
    if (rows[i].type == type)
      return version_ops_named(rows[i].order);
  return NULL;
}

/* Versions that cannot be compared: the first stays. */
static bool is_higher(enum package_type type, struct str version, struct str than)
{
  const struct version_ops *ops = order_of(type);
  struct error err;
  int order;
  return ops && version_compare(ops, version, than, &order, &err) == 0 && order > 0;
}

struct grouping {
  struct arena scratch; /* keys */
  struct map groups;    /* of upgrades: number */
  struct map seen;      /* group and id of a vulnerability */
  struct economy_upgrade *items;
  size_t count, room;
};

static struct economy_upgrade *group_of(struct grouping *g, const struct package *p,
                                        struct buf *key)
{
  bool system = package_type_is_system(p->type), added;
  struct str name = system && p->source.len ? p->source : p->name;
  struct str version = system && p->source_version.text.len ? p->source_version.text
                                                            : p->version.text;
  buf_clear(key);
  buf_printf(key, "%d %zu:%.*s %.*s", (int)p->type, name.len, STR_FMT(name), STR_FMT(version));
  uint64_t *number = &map_put(&g->groups, buf_str(key), &added)->number;
  if (!added)
    return &g->items[*number];
  if (g->count == g->room) {
    g->room = g->room ? g->room * 2 : 32;
    g->items = mem_resize(g->items, g->room, sizeof *g->items);
  }
  *number = g->count;
  g->items[g->count] = (struct economy_upgrade){.type = p->type, .name = name, .version = version};
  return &g->items[g->count++];
}

static void add_vulnerability(struct grouping *g, const struct economy_vulnerability *v,
                              struct buf *key)
{
  struct economy_upgrade *u = group_of(g, v->package, key);
  bool added;
  if (!u->target.len || is_higher(u->type, v->fixed, u->target))
    u->target = v->fixed;
  buf_printf(key, "\n%.*s", STR_FMT(v->id));
  map_put(&g->seen, buf_str(key), &added);
  if (!added)
    return;
  u->removed++;
  u->by_severity[(unsigned)v->severity < SEVERITY_COUNT ? v->severity : SEVERITY_UNKNOWN]++;
}

static int by_use(const void *a, const void *b)
{
  const struct economy_upgrade *x = a, *y = b;
  if (x->removed != y->removed)
    return x->removed > y->removed ? -1 : 1;
  for (int s = SEVERITY_COUNT - 1; s >= 0; s--)
    if (x->by_severity[s] != y->by_severity[s])
      return x->by_severity[s] > y->by_severity[s] ? -1 : 1;
  int order = str_compare(x->name, y->name);
  return order ? order : str_compare(x->version, y->version);
}

void economy_upgrades(const struct economy_vulnerability *vulnerabilities, size_t count,
                      struct arena *arena, struct economy_upgrades *ret)
{
  struct grouping g = {0};
  struct buf key = {0};
  arena_init(&g.scratch, 0);
  map_init(&g.groups, &g.scratch);
  map_init(&g.seen, &g.scratch);
  *ret = (struct economy_upgrades){.all = count};
  for (size_t i = 0; i < count; i++) {
    if (!vulnerabilities[i].fixed.len)
      continue;
    ret->fixable++;
    add_vulnerability(&g, &vulnerabilities[i], &key);
  }
  if (g.count)
    qsort(g.items, g.count, sizeof *g.items, by_use);
  ret->count = g.count < ECONOMY_UPGRADES_MAX ? g.count : ECONOMY_UPGRADES_MAX;
  ret->items = arena_array(arena, struct economy_upgrade, ret->count);
  if (ret->count)
    memcpy(ret->items, g.items, ret->count * sizeof *g.items);
  mem_free(g.items);
  map_free(&g.groups);
  map_free(&g.seen);
  arena_free(&g.scratch);
  buf_free(&key);
}

/* ---- what is not needed */

void economy_reduce(const struct economy_content *content, struct economy_reduction *ret)
{
  enum economy_purpose purpose;
  *ret = (struct economy_reduction){0};
  for (size_t i = 0; i < content->package_count; i++) {
    const struct package *p = &content->packages[i];
    if (!economy_purpose_of(p->type, p->name, &purpose))
      continue;
    if (!ret->groups[purpose].packages++)
      ret->groups[purpose].example = p->name;
    ret->packages++;
  }
  for (size_t i = 0; i < content->vulnerability_count; i++) {
    const struct economy_vulnerability *v = &content->vulnerabilities[i];
    if (!economy_purpose_of(v->package->type, v->package->name, &purpose))
      continue;
    ret->groups[purpose].vulnerabilities++;
    ret->vulnerabilities++;
    ret->by_severity[(unsigned)v->severity < SEVERITY_COUNT ? v->severity : SEVERITY_UNKNOWN]++;
  }
}

/* ---- findings */

enum economy_rule { RULE_END_OF_LIFE, RULE_UPGRADE, RULE_DISTROLESS, RULES };

static const struct str references[] = {STR_INIT(CHECK_PRACTICES_URL), STR_INIT(CHECK_CIS_URL)};
static const struct control end_controls[] = {CHECK_CIS("4.2"), CHECK_CIS("4.4"),
                                              CHECK_DOCKLE("CIS-DI-0004")};
static const struct control upgrade_controls[] = {CHECK_CIS("4.4"), CHECK_DOCKLE("CIS-DI-0004")};
static const struct control package_controls[] = {CHECK_CIS("4.3"), CHECK_DOCKLE("CIS-DI-0003")};

const struct rule economy_rules[RULES] = {
    [RULE_END_OF_LIFE] =
        {
            .id = STR_INIT("image-end-of-life"),
            .title = STR_INIT("The distribution gets no fixes any more"),
            .why =
                STR_INIT("Vulnerabilities that are found from now on stay, and are often not even "
                         "listed: a scan "
                         "of such an image looks better than it is."),
            .remedy = STR_INIT("Build on a release that is supported."),
            .severity = SEVERITY_HIGH,
            CHECK_REFERENCES(references),
            CHECK_CONTROLS(end_controls),
        },
    [RULE_UPGRADE] =
        {
            .id = STR_INIT("image-best-upgrade"),
            .title = STR_INIT("One upgrade removes more vulnerabilities than any other"),
            .why = STR_INIT("It is where to begin."),
            .remedy = STR_INIT("Upgrade the package, or build on a base that has it."),
            .severity = SEVERITY_INFO,
            CHECK_REFERENCES(references),
            CHECK_CONTROLS(upgrade_controls),
        },
    [RULE_DISTROLESS] =
        {
            .id = STR_INIT("image-distroless"),
            .title = STR_INIT("A smaller base would leave out what no service needs"),
            .why = STR_INIT(
                "Shells, package managers and tools are there for people and scripts. Each "
                "is more to patch, and "
                "more to use for whoever breaks in."),
            .remedy = STR_INIT(
                "Build in one stage, and copy the result onto a distroless or scratch base."),
            .severity = SEVERITY_INFO,
            CHECK_REFERENCES(references),
            CHECK_CONTROLS(package_controls),
        },
};

const size_t economy_rule_count = RULES;

static void tell(const struct check_target *target, struct finding_list *findings,
                 enum economy_rule rule, struct str message, enum severity severity)
{
  struct finding *f = check_finding(findings, &economy_rules[rule], target, STR_EMPTY);
  f->message = message;
  f->severity = severity;
  finding_seal(f, STR_EMPTY);
}

static void judge_end_of_life(const struct economy *e, const struct check_target *target,
                              struct finding_list *findings)
{
  const struct os_release *os = e->os;
  if (!e->now || !os || !os->family || !os_release_is_over(os, false, e->now))
    return;
  const struct os_end_of_life *dates = os_release_end_of_life(os);
  bool longer = dates->extended[0] && !os_release_is_over(os, true, e->now);
  struct str message =
      arena_printf(findings->arena, "%s %.*s has had no %sfixes since %s%s%s", os->family->name,
                   STR_FMT(os->release), longer ? "regular " : "", dates->standard,
                   longer ? "; longer support ends " : "", longer ? dates->extended : "");
  /* Longer support is there for whom it has been arranged. */
  tell(target, findings, RULE_END_OF_LIFE, message, longer ? SEVERITY_LOW : SEVERITY_HIGH);
}

static void judge_upgrade(const struct economy *e, const struct check_target *target,
                          struct finding_list *findings)
{
  const struct economy_upgrades *upgrades = e->upgrades;
  if (!upgrades || !upgrades->count)
    return;
  const struct economy_upgrade *u = &upgrades->items[0];
  struct str message =
      arena_printf(findings->arena, "%.*s %.*s to %.*s removes %llu of %llu vulnerabilities",
                   STR_FMT(u->name), STR_FMT(u->version), STR_FMT(u->target),
                   (unsigned long long)u->removed, (unsigned long long)upgrades->all);
  tell(target, findings, RULE_UPGRADE, message, SEVERITY_INFO);
}

/* "shells (bash), package managers (apt): 9 packages with 31 vulnerabilities" */
static void judge_reduction(const struct economy *e, const struct check_target *target,
                            struct finding_list *findings)
{
  const struct economy_reduction *r = e->reduction;
  if (!r || !r->packages)
    return;
  _cleanup_(buf_free) struct buf text = {0};
  for (int i = 0; i < ECONOMY_PURPOSES; i++)
    if (r->groups[i].packages) {
      struct str name = economy_purpose_name((enum economy_purpose)i);
      buf_printf(&text, "%s%.*s (", text.len ? ", " : "", STR_FMT(name));
      check_quote(&text, r->groups[i].example);
      buf_add_byte(&text, ')');
    }
  buf_printf(&text, ": %llu package%s", (unsigned long long)r->packages,
             r->packages == 1 ? "" : "s");
  if (r->vulnerabilities)
    buf_printf(&text, " with %llu vulnerabilit%s", (unsigned long long)r->vulnerabilities,
               r->vulnerabilities == 1 ? "y" : "ies");
  tell(target, findings, RULE_DISTROLESS, arena_copy(findings->arena, buf_str(&text)),
       SEVERITY_INFO);
}

void economy_judge(const struct economy *economy, const struct check_target *target,
                   struct finding_list *findings)
{
  judge_end_of_life(economy, target, findings);
  judge_upgrade(economy, target, findings);
  judge_reduction(economy, target, findings);
}

bool economy_asks(const struct economy *economy, const struct rule *rule)
{
  const struct os_release *os = economy->os;
  const bool enough[RULES] = {
      [RULE_END_OF_LIFE] = economy->now && os && os->family && os_release_end_of_life(os),
      [RULE_UPGRADE] = economy->upgrades != NULL,
      [RULE_DISTROLESS] = economy->reduction != NULL,
  };
  return enough[rule - economy_rules];
}
