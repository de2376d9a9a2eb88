#include "scan/vex_int.h"

#include "base/mem.h"

/*
 * CSAF 2.0: a tree names products by identifiers of its own, vulnerabilities list those identifiers under a status.
 * A relationship is a product of its own: one product as part of another.
 */
enum { DEPTH_MAX = 64 };

struct csaf {
  struct vex_document *doc;
  struct map products; /* product_id → struct vex_product * */
  struct map groups;   /* group_id → its entry (a value) */
  size_t expanded;     /* products that flags and threats name */
};

struct place {
  struct value list;
  uint32_t next;
};

static const struct {
  const char *key;
  enum vex_status status;
} statuses[] = {
    {"known_affected", VEX_AFFECTED},
    {"first_affected", VEX_AFFECTED},
    {"last_affected", VEX_AFFECTED},
    {"under_investigation", VEX_UNDER_INVESTIGATION},
    {"fixed", VEX_FIXED},
    {"first_fixed", VEX_FIXED},
    {"known_not_affected", VEX_NOT_AFFECTED},
};

/* ---- the tree */

static int take_product(struct csaf *c, struct value v, struct error *err)
{
  struct vex_set *set = c->doc->set;
  struct value helper = vex_get(v, "product_identification_helper");
  struct str id = vex_text(v, "product_id"), purl = vex_text(helper, "purl");
  struct str said = purl.len ? purl : vex_text(helper, "cpe");
  if (!id.len)
    return 0;
  struct vex_product *product = vex_products(set, 1, err);
  if (!product)
    return SW_ELIMIT;
  if (said.len) {
    struct vex_name *name = arena_new(&set->arena, struct vex_name);
    *name = vex_name_make(set, said);
    product->thing = (struct vex_thing){name, 1};
  }
  map_put(&c->products, id, NULL)->pointer = product;
  return 0;
}

static int take_branches(struct csaf *c, struct value list, struct error *err)
{
  struct place stack[DEPTH_MAX];
  size_t depth = 0;
  stack[depth++] = (struct place){list, 0};
  while (depth) {
    struct place *top = &stack[depth - 1];
    if (top->next == vex_len(top->list)) {
      depth--;
      continue;
    }
    struct value branch = top->list.items[top->next++];
    if (take_product(c, vex_get(branch, "product"), err) < 0)
      return SW_ELIMIT;
    struct value inner = vex_get(branch, "branches");
    if (vex_len(inner) == 0)
      continue;
    if (depth == DEPTH_MAX)
      return error_set(err, SW_ELIMIT, "branches are more than %d deep inside each other",
                       DEPTH_MAX);
    stack[depth++] = (struct place){inner, 0};
  }
  return 0;
}

static const struct vex_product *product_of(const struct csaf *c, struct str id)
{
  const union map_value *found = map_get(&c->products, id);
  return found ? found->pointer : NULL;
}

static int take_relationship(struct csaf *c, struct value v, struct error *err)
{
  struct vex_set *set = c->doc->set;
  struct value whole = vex_get(v, "full_product_name");
  const struct vex_product *outer = product_of(c, vex_text(v, "relates_to_product_reference"));
  const struct vex_product *inner = product_of(c, vex_text(v, "product_reference"));
  if (take_product(c, whole, err) < 0)
    return SW_ELIMIT;
  const union map_value *made = map_get(&c->products, vex_text(whole, "product_id"));
  if (!made || !outer || !inner)
    return 0;
  struct vex_product *product = made->pointer;
  struct vex_thing *part = vex_things(set, 1, err);
  if (!part)
    return SW_ELIMIT;
  *part = inner->thing;
  /* A name of its own means the part; without one it is the product with the part. */
  if (product->thing.count == 0 || str_starts(product->thing.names[0].text, STR("cpe:")))
    *product = (struct vex_product){outer->thing, part, 1};
  return 0;
}

static int take_tree(struct csaf *c, struct value tree, struct error *err)
{
  struct value names = vex_get(tree, "full_product_names");
  struct value relationships = vex_get(tree, "relationships");
  struct value groups = vex_get(tree, "product_groups");
  int rc = take_branches(c, vex_get(tree, "branches"), err);
  for (uint32_t i = 0; i < vex_len(names) && rc == 0; i++)
    rc = take_product(c, names.items[i], err);
  for (uint32_t i = 0; i < vex_len(relationships) && rc == 0; i++)
    rc = take_relationship(c, relationships.items[i], err);
  for (uint32_t i = 0; i < vex_len(groups) && rc == 0; i++)
    map_put(&c->groups, vex_text(groups.items[i], "group_id"), NULL)->view = &groups.items[i];
  return rc;
}

/* ---- vulnerabilities */

/* Flags, or threats of a category, of one vulnerability: what the first about a product says. */
struct notes {
  struct map texts;   /* product_id → value of the entry */
  struct str general; /* of the first entry that names no product */
};

static int take_ids(struct csaf *c, struct notes *notes, struct value ids,
                    const struct value *entry, struct error *err)
{
  for (uint32_t i = 0; i < vex_len(ids); i++) {
    bool added;
    union map_value *note = map_put(&notes->texts, value_str_or_empty(ids.items[i]), &added);
    if (added)
      note->view = entry;
    if (++c->expanded > VEX_PRODUCTS_MAX)
      return error_set(err, SW_ELIMIT, "flags and threats name more than %d products",
                       VEX_PRODUCTS_MAX);
  }
  return 0;
}

static int take_notes(struct csaf *c, struct notes *notes, struct value list, const char *category,
                      const char *key, struct error *err)
{
  int rc = 0;
  map_init(&notes->texts, NULL);
  notes->general = STR_EMPTY;
  for (uint32_t i = 0; i < vex_len(list) && rc == 0; i++) {
    const struct value *entry = &list.items[i];
    struct value ids = vex_get(*entry, "product_ids"), groups = vex_get(*entry, "group_ids");
    if (category && !value_eq_str(vex_get(*entry, "category"), str_from(category)))
      continue;
    if (vex_len(ids) + vex_len(groups) == 0 && !notes->general.len)
      notes->general = vex_text(*entry, key);
    rc = take_ids(c, notes, ids, entry, err);
    for (uint32_t j = 0; j < vex_len(groups) && rc == 0; j++) {
      const union map_value *group = map_get(&c->groups, value_str_or_empty(groups.items[j]));
      if (group)
        rc = take_ids(c, notes, vex_get(*(const struct value *)group->view, "product_ids"), entry,
                      err);
    }
  }
  return rc;
}

static struct str note_of(const struct notes *notes, const char *key, struct str id)
{
  const union map_value *entry = map_get(&notes->texts, id);
  return entry ? vex_text(*(const struct value *)entry->view, key) : notes->general;
}

struct said {
  struct notes flags, threats;
};

/* Products that the same is said of are one statement. */
static int add_products(struct csaf *c, const struct said *said, struct value list, uint32_t *next,
                        struct vex_statement *s, struct error *err)
{
  struct vex_set *set = c->doc->set;
  struct str first = value_str_or_empty(list.items[*next]);
  struct str flag = note_of(&said->flags, "label", first);
  struct str threat = note_of(&said->threats, "details", first);
  uint32_t end = *next;
  while (end < list.len) {
    struct str id = value_str_or_empty(list.items[end]);
    if (!str_eq(flag, note_of(&said->flags, "label", id)) ||
        !str_eq(threat, note_of(&said->threats, "details", id)))
      break;
    end++;
  }
  struct vex_product *products = vex_products(set, end - *next, err);
  if (!products)
    return SW_ELIMIT;
  s->product_count = 0;
  for (uint32_t i = *next; i < end; i++) {
    const struct vex_product *product = product_of(c, value_str_or_empty(list.items[i]));
    if (product && product->thing.count)
      products[s->product_count++] = *product;
  }
  s->products = products;
  s->justification = vex_keep(set, flag);
  s->text = vex_keep(set, threat);
  *next = end;
  return 0;
}

static struct str id_of(struct value v)
{
  struct str cve = vex_text(v, "cve");
  return cve.len ? cve : vex_text(value_at(vex_get(v, "ids"), 0), "text");
}

static int take_statuses(struct csaf *c, const struct said *said, struct str id,
                         struct value status, struct error *err)
{
  for (size_t i = 0; i < sizeof statuses / sizeof statuses[0]; i++) {
    struct value list = vex_get(status, statuses[i].key);
    struct vex_statement s = {.status = statuses[i].status,
                              .author = c->doc->author,
                              .source = c->doc->source,
                              .time = c->doc->time};
    for (uint32_t next = 0; next < vex_len(list);) {
      int rc = add_products(c, said, list, &next, &s, err);
      if (rc == 0 && s.product_count)
        rc = vex_add(c->doc->set, &id, 1, &s, err);
      if (rc < 0)
        return rc;
    }
  }
  return 0;
}

static int take_vulnerability(struct csaf *c, struct value v, struct error *err)
{
  struct str id = id_of(v);
  struct said said;
  if (!id.len)
    return error_set(err, SW_EINVAL, "a vulnerability has neither \"cve\" nor \"ids\"");
  int rc = take_notes(c, &said.flags, vex_get(v, "flags"), NULL, "label", err);
  int other = take_notes(c, &said.threats, vex_get(v, "threats"), "impact", "details", err);
  if (rc == 0 && (rc = other) == 0)
    rc = take_statuses(c, &said, id, vex_get(v, "product_status"), err);
  map_free(&said.flags.texts);
  map_free(&said.threats.texts);
  return rc;
}

static int read_all(struct csaf *c, struct error *err)
{
  struct value list = vex_get(c->doc->json, "vulnerabilities");
  int rc = take_tree(c, vex_get(c->doc->json, "product_tree"), err);
  if (rc < 0)
    return rc;
  for (uint32_t i = 0; i < vex_len(list); i++) {
    struct error fault;
    if (take_vulnerability(c, list.items[i], &fault) == 0)
      continue;
    error_wrap(&fault, "vulnerability %u", (unsigned)i + 1);
    if (faults_add(&c->doc->faults, &fault) < 0) {
      if (err)
        *err = fault;
      return fault.code;
    }
  }
  return 0;
}

int vex_csaf_read(struct vex_document *doc, struct error *err)
{
  struct value about = vex_get(doc->json, "document");
  struct csaf c = {.doc = doc};
  doc->author = vex_keep(doc->set, vex_text(vex_get(about, "publisher"), "name"));
  doc->time = vex_time(vex_text(vex_get(about, "tracking"), "current_release_date"));
  map_init(&c.products, NULL);
  map_init(&c.groups, NULL);
  int rc = read_all(&c, err);
  map_free(&c.products);
  map_free(&c.groups);
  return rc;
}
