#include "scan/vex_int.h"

#include "base/mem.h"

/*
 * CycloneDX: vulnerabilities with an analysis, which refer to components: by their "bom-ref" in the same document,
 * or by a BOM-Link, urn:cdx:SERIAL/VERSION#REF.
 */
enum { DEPTH_MAX = 64, IDS_MAX = 64 };

struct place {
  struct value list;
  uint32_t next;
};

static const struct {
  struct str state;
  enum vex_status status;
} states[] = {
    {STR_INIT("not_affected"), VEX_NOT_AFFECTED},
    {STR_INIT("false_positive"), VEX_NOT_AFFECTED},
    {STR_INIT("resolved"), VEX_FIXED},
    {STR_INIT("resolved_with_pedigree"), VEX_FIXED},
    {STR_INIT("in_triage"), VEX_UNDER_INVESTIGATION},
    {STR_INIT("exploitable"), VEX_AFFECTED},
};

static void take_component(struct map *purls, const struct value *v)
{
  struct str ref = vex_text(*v, "bom-ref");
  if (ref.len && vex_text(*v, "purl").len)
    map_put(purls, ref, NULL)->view = v;
}

static int take_components(struct map *purls, struct value list, struct error *err)
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
    const struct value *v = &top->list.items[top->next++];
    struct value inner = vex_get(*v, "components");
    take_component(purls, v);
    if (vex_len(inner) == 0)
      continue;
    if (depth == DEPTH_MAX)
      return error_set(err, SW_ELIMIT, "components are more than %d deep inside each other",
                       DEPTH_MAX);
    stack[depth++] = (struct place){inner, 0};
  }
  return 0;
}

/* ---- references */

static int digit_of(char c)
{
  if (c >= '0' && c <= '9')
    return c - '0';
  if ((c | 32) >= 'a' && (c | 32) <= 'f')
    return (c | 32) - 'a' + 10;
  return -1;
}

/* A reference inside a link is percent-encoded; a package URL in one may be so once or twice. */
static struct str decode(struct arena *arena, struct str text)
{
  char *out = arena_alloc(arena, text.len + 1);
  size_t len = 0;
  for (size_t i = 0; i < text.len; i++) {
    int high = i + 2 < text.len && text.data[i] == '%' ? digit_of(text.data[i + 1]) : -1;
    int low = high >= 0 ? digit_of(text.data[i + 2]) : -1;
    if (low >= 0) {
      out[len++] = (char)(high * 16 + low);
      i += 2;
    } else {
      out[len++] = text.data[i];
    }
  }
  return str_make(out, len);
}

/* The serial number of a BOM-Link, and what it refers to there. */
static bool split_link(struct str ref, struct str *ret_serial, struct str *ret_rest)
{
  static const struct str urn = STR_INIT("urn:cdx:");
  struct str rest, element;
  if (!str_starts(ref, urn))
    return false;
  *ret_serial = str_cut(str_sub(ref, urn.len, SIZE_MAX), '/', &rest);
  if (!rest.data)
    return false;
  str_cut(rest, '#', &element);
  *ret_rest = element.data ? element : STR_EMPTY;
  return ret_serial->len > 0;
}

static struct vex_thing thing_of(struct vex_document *doc, const struct map *purls, struct str ref)
{
  struct vex_set *set = doc->set;
  struct vex_name *names = arena_array(&set->arena, struct vex_name, 3);
  size_t count = 0;
  const union map_value *component = map_get(purls, ref);
  struct str decoded = decode(doc->scratch, ref);
  names[count++] = vex_name_make(set, ref);
  if (!str_eq(decoded, ref))
    names[count++] = vex_name_make(set, decoded);
  if (component)
    names[count++] = vex_name_make(set, vex_text(*(const struct value *)component->view, "purl"));
  return (struct vex_thing){names, count};
}

/* ---- vulnerabilities */

static size_t read_ids(struct value v, struct str ids[static IDS_MAX])
{
  struct value references = vex_get(v, "references");
  size_t count = 0;
  if (vex_text(v, "id").len)
    ids[count++] = vex_text(v, "id");
  for (uint32_t i = 0; i < vex_len(references) && count && count < IDS_MAX; i++)
    if (vex_text(references.items[i], "id").len)
      ids[count++] = vex_text(references.items[i], "id");
  return count;
}

static int64_t time_of(struct vex_document *doc, struct value v, struct value analysis)
{
  const struct str texts[] = {vex_text(analysis, "lastUpdated"), vex_text(analysis, "firstIssued"),
                              vex_text(v, "updated")};
  for (size_t i = 0; i < 3; i++)
    if (vex_time(texts[i]))
      return vex_time(texts[i]);
  return doc->time;
}

static int status_of(struct str state, enum vex_status *ret, struct error *err)
{
  for (size_t i = 0; i < sizeof states / sizeof states[0]; i++)
    if (str_eq(states[i].state, state)) {
      *ret = states[i].status;
      return 0;
    }
  return error_set(err, SW_EINVAL, "\"%.*s\" is no state of an analysis",
                   STR_FMT(str_sub(state, 0, 40)));
}

/* One statement for each reference, since a link may be about another bill of materials. */
static int take_vulnerability(struct vex_document *doc, const struct map *purls, struct value v,
                              struct error *err)
{
  struct value analysis = vex_get(v, "analysis"), affects = vex_get(v, "affects");
  struct str ids[IDS_MAX];
  size_t count = read_ids(v, ids);
  struct vex_statement s = {.author = doc->author, .source = doc->source};
  if (!value_is(vex_get(analysis, "state"), VALUE_STRING))
    return 0;
  if (count == 0)
    return error_set(err, SW_EINVAL, "a vulnerability has no \"id\"");
  int rc = status_of(vex_text(analysis, "state"), &s.status, err);
  s.time = time_of(doc, v, analysis);
  s.justification = vex_keep(doc->set, vex_text(analysis, "justification"));
  s.text = vex_keep(doc->set, vex_text(analysis, "detail"));
  for (uint32_t i = 0; i < vex_len(affects) && rc == 0; i++) {
    struct str ref = vex_text(affects.items[i], "ref"), serial = STR_EMPTY;
    struct vex_product *product = vex_products(doc->set, 1, err);
    if (!product)
      return SW_ELIMIT;
    split_link(ref, &serial, &ref);
    if (!ref.len)
      continue;
    product->thing = thing_of(doc, purls, ref);
    s.serial = vex_keep(doc->set, serial);
    s.products = product;
    s.product_count = 1;
    rc = vex_add(doc->set, ids, count, &s, err);
  }
  return rc;
}

static struct str author_of(struct value metadata)
{
  const struct value people[] = {value_at(vex_get(metadata, "authors"), 0),
                                 vex_get(metadata, "supplier"), vex_get(metadata, "manufacturer"),
                                 vex_get(metadata, "manufacture")};
  for (size_t i = 0; i < sizeof people / sizeof people[0]; i++)
    if (vex_text(people[i], "name").len)
      return vex_text(people[i], "name");
  return STR_EMPTY;
}

static int read_all(struct vex_document *doc, struct map *purls, struct error *err)
{
  struct value list = vex_get(doc->json, "vulnerabilities");
  struct value metadata = vex_get(doc->json, "metadata"), root = vex_get(metadata, "component");
  take_component(purls, &root);
  int rc = take_components(purls, vex_get(doc->json, "components"), err);
  if (rc < 0)
    return rc;
  for (uint32_t i = 0; i < vex_len(list); i++) {
    struct error fault;
    if (take_vulnerability(doc, purls, list.items[i], &fault) == 0)
      continue;
    error_wrap(&fault, "vulnerability %u", (unsigned)i + 1);
    if (faults_add(&doc->faults, &fault) < 0) {
      if (err)
        *err = fault;
      return fault.code;
    }
  }
  return 0;
}

int vex_cyclonedx_read(struct vex_document *doc, struct error *err)
{
  struct value metadata = vex_get(doc->json, "metadata");
  struct map purls;
  doc->author = vex_keep(doc->set, author_of(metadata));
  doc->time = vex_time(vex_text(metadata, "timestamp"));
  map_init(&purls, NULL);
  int rc = read_all(doc, &purls, err);
  map_free(&purls);
  return rc;
}
