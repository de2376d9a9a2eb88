#include "cmd/image_economy.h"

enum { UPGRADES_TOLD = 3 };

static struct economy_base base_of(const struct image_economy *e)
{
  struct economy_base base = {.evidence = ECONOMY_UNKNOWN};
  const struct economy_base_facts facts = {.config = &e->facts->image.config};
  if (e->facts->image.id.len)
    economy_base_find(&facts, &base);
  return base;
}

void image_economy_base(struct image_economy *e)
{
  if (e->facts)
    e->base_layers = base_of(e).layers;
}

static struct economy_vulnerability *list_of(const struct image_economy *e)
{
  size_t count = e->vulnerabilities->count;
  struct economy_vulnerability *list =
      arena_array(e->arena, struct economy_vulnerability, count + 1);
  for (size_t i = 0; i < count; i++) {
    const struct vulnerability *v = &e->vulnerabilities->items[i];
    list[i] = (struct economy_vulnerability){v->package, v->id, v->fixed, v->severity};
  }
  return list;
}

static unsigned percent(struct economy_part part)
{
  uint64_t all = part.base + part.own;
  return all ? (unsigned)(part.base * 100 / all) : 0;
}

static void tell_base(struct image_economy *e, const struct economy_content *content)
{
  struct economy_base base = base_of(e);
  struct economy_shares shares;
  if (!base.layers || base.layers >= content->layer_count)
    return;
  economy_share(&base, content, &shares);
  struct str name = base.name.len ? arena_printf(e->arena, " (%.*s)", STR_FMT(base.name))
                                  : STR_EMPTY;
  vec_push(
      &e->notes,
      arena_printf(
          e->arena,
          "base: %zu of %zu layers%.*s, with %u %% of the packages, %u %% of the bytes and %u %% "
          "of the vulnerabilities",
          base.layers, content->layer_count, STR_FMT(name), percent(shares.packages),
          percent(shares.bytes), percent(shares.vulnerabilities)));
}

static void tell_upgrades(struct image_economy *e, const struct economy_upgrades *upgrades)
{
  if (!upgrades->count || !upgrades->fixable)
    return;
  _cleanup_(buf_free) struct buf line = {0};
  buf_printf(&line, "upgrades: %llu of %llu vulnerabilities have a fix; most go with ",
             (unsigned long long)upgrades->fixable, (unsigned long long)upgrades->all);
  for (size_t i = 0; i < upgrades->count && i < UPGRADES_TOLD; i++) {
    const struct economy_upgrade *u = &upgrades->items[i];
    buf_printf(&line, "%s%.*s %.*s (%llu)", i ? ", " : "", STR_FMT(u->name), STR_FMT(u->target),
               (unsigned long long)u->removed);
  }
  vec_push(&e->notes, arena_copy(e->arena, buf_str(&line)));
}

static uint64_t *layer_bytes(const struct image_economy *e)
{
  size_t count = e->facts->image.layer_count;
  uint64_t *bytes = arena_array(e->arena, uint64_t, count + 1);
  for (size_t i = 0; i < count; i++)
    bytes[i] = e->facts->layers[i].totals.content_bytes;
  return bytes;
}

void image_economy_judge(struct image_economy *e, const struct check_target *target,
                         struct finding_list *findings)
{
  struct economy_upgrades upgrades;
  struct economy_reduction reduction;
  struct economy_content content = {.packages = e->packages,
                                    .package_count = e->package_count,
                                    .vulnerabilities = list_of(e),
                                    .vulnerability_count = e->vulnerabilities->count};
  if (e->facts) {
    content.first_layer = e->facts->first_layers;
    content.layer_bytes = layer_bytes(e);
    content.layer_count = e->facts->image.layer_count;
    tell_base(e, &content);
  }
  economy_upgrades(content.vulnerabilities, content.vulnerability_count, e->arena, &upgrades);
  economy_reduce(&content, &reduction);
  tell_upgrades(e, &upgrades);
  /* What a machine is for is not known; an image is to run one program. */
  bool image = e->facts && e->facts->image.id.len;
  const struct economy economy = {
      .os = e->os, .now = e->now, .upgrades = &upgrades, .reduction = image ? &reduction : NULL};
  economy_judge(&economy, target, findings);
}
