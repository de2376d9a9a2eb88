#include "scan/vex_int.h"

#include "base/mem.h"

/*
 * OpenVEX 0.2.0: vulnerability, products and subcomponents are objects with "@id", identifiers and hashes. In
 * 0.0.1 they were plain strings, and subcomponents belonged to the statement.
 */
enum { IDS_MAX = 64 };

static int status_of(struct str text, enum vex_status *ret, struct error *err)
{
  for (int i = VEX_NOT_AFFECTED; i <= VEX_UNDER_INVESTIGATION; i++)
    if (str_eq(vex_status_name((enum vex_status)i), text)) {
      *ret = (enum vex_status)i;
      return 0;
    }
  return error_set(err, SW_EINVAL, "\"%.*s\" is no status of OpenVEX",
                   STR_FMT(str_sub(text, 0, 40)));
}

/* ---- vulnerabilities */

/* The id may be the address of a page about it. */
static struct str last_segment(struct str id)
{
  ptrdiff_t slash = str_find_last_byte(id, '/');
  return slash >= 0 ? str_sub(id, (size_t)slash + 1, SIZE_MAX) : id;
}

static size_t read_ids(struct value v, struct str ids[static IDS_MAX])
{
  struct value aliases = vex_get(v, "aliases");
  const struct str candidates[] = {value_str_or_empty(v), vex_text(v, "name"),
                                   last_segment(vex_text(v, "@id"))};
  size_t count = 0;
  for (size_t i = 0; i < 3; i++)
    if (candidates[i].len && (count == 0 || !str_eq(ids[count - 1], candidates[i])))
      ids[count++] = candidates[i];
  for (uint32_t i = 0; i < vex_len(aliases) && count < IDS_MAX; i++)
    if (value_str_or_empty(aliases.items[i]).len)
      ids[count++] = value_str(aliases.items[i]);
  return count;
}

/* ---- products */

static const struct {
  struct str name, as;
} hashes[] = {
    {STR_INIT("sha-256"), STR_INIT("sha256:")},
    {STR_INIT("sha-384"), STR_INIT("sha384:")},
    {STR_INIT("sha-512"), STR_INIT("sha512:")},
};

/* All that the thing goes by. */
static void read_thing(struct vex_set *set, struct value v, struct vex_thing *ret)
{
  struct value identifiers = vex_get(v, "identifiers"), sums = vex_get(v, "hashes");
  struct str id = v.type == VALUE_STRING ? value_str(v) : vex_text(v, "@id");
  size_t room = 1 + (identifiers.type == VALUE_OBJECT ? identifiers.len : 0) +
                (sums.type == VALUE_OBJECT ? sums.len : 0);
  struct vex_name *names = arena_array(&set->arena, struct vex_name, room);
  size_t count = 0;
  if (id.len)
    names[count++] = vex_name_make(set, id);
  for (uint32_t i = 0; identifiers.type == VALUE_OBJECT && i < identifiers.len; i++)
    if (value_str_or_empty(identifiers.members[i].value).len)
      names[count++] = vex_name_make(set, value_str(identifiers.members[i].value));
  for (uint32_t i = 0; sums.type == VALUE_OBJECT && i < sums.len; i++)
    for (size_t j = 0; j < sizeof hashes / sizeof hashes[0]; j++) {
      struct str sum = value_str_or_empty(sums.members[i].value);
      if (sum.len && value_eq_str(sums.members[i].key, hashes[j].name))
        names[count++] = vex_name_make(
            set, arena_printf(&set->arena, "%.*s%.*s", STR_FMT(hashes[j].as), STR_FMT(sum)));
    }
  *ret = (struct vex_thing){names, count};
}

static int read_parts(struct vex_set *set, struct value list, struct vex_product *product,
                      struct error *err)
{
  struct vex_thing *parts = vex_things(set, vex_len(list), err);
  if (!parts)
    return SW_ELIMIT;
  for (uint32_t i = 0; i < vex_len(list); i++)
    read_thing(set, list.items[i], &parts[i]);
  product->parts = parts;
  product->part_count = vex_len(list);
  return 0;
}

static int read_products(struct vex_set *set, struct value statement, struct vex_statement *ret,
                         struct error *err)
{
  struct value list = vex_get(statement, "products");
  struct vex_product *products = vex_products(set, vex_len(list), err);
  if (!products)
    return SW_ELIMIT;
  for (uint32_t i = 0; i < vex_len(list); i++) {
    struct value parts = vex_get(list.items[i], "subcomponents");
    if (parts.type == VALUE_ABSENT)
      parts = vex_get(statement, "subcomponents");
    read_thing(set, list.items[i], &products[i].thing);
    if (read_parts(set, parts, &products[i], err) < 0)
      return SW_ELIMIT;
  }
  ret->products = products;
  ret->product_count = vex_len(list);
  return 0;
}

/* ---- statements */

static struct str first_text(struct value v, const char *const *keys, size_t count)
{
  for (size_t i = 0; i < count; i++)
    if (vex_text(v, keys[i]).len)
      return vex_text(v, keys[i]);
  return STR_EMPTY;
}

static int read_statement(struct vex_document *doc, struct value v, struct error *err)
{
  static const char *const texts[] = {"impact_statement", "action_statement", "status_notes"};
  struct str ids[IDS_MAX];
  size_t count = read_ids(vex_get(v, "vulnerability"), ids);
  struct vex_statement s = {.author = doc->author, .source = doc->source, .time = doc->time};
  if (count == 0)
    return error_set(err, SW_EINVAL, "a statement names no vulnerability");
  int rc = status_of(vex_text(v, "status"), &s.status, err);
  if (rc == 0)
    rc = read_products(doc->set, v, &s, err);
  if (rc < 0)
    return rc;
  int64_t time = vex_time(vex_text(v, "timestamp"));
  if (time)
    s.time = time;
  s.justification = vex_keep(doc->set, vex_text(v, "justification"));
  s.text = vex_keep(doc->set, first_text(v, texts, sizeof texts / sizeof texts[0]));
  return vex_add(doc->set, ids, count, &s, err);
}

int vex_openvex_read(struct vex_document *doc, struct error *err)
{
  struct value list = vex_get(doc->json, "statements");
  doc->author = vex_keep(doc->set, vex_text(doc->json, "author"));
  doc->time = vex_time(vex_text(doc->json, "timestamp"));
  for (uint32_t i = 0; i < vex_len(list); i++) {
    struct error fault;
    if (read_statement(doc, list.items[i], &fault) == 0)
      continue;
    error_wrap(&fault, "statement %u", (unsigned)i + 1);
    if (faults_add(&doc->faults, &fault) < 0) {
      if (err)
        *err = fault;
      return fault.code;
    }
  }
  return 0;
}
