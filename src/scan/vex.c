#include "scan/vex.h"

#include "base/clock.h"
#include "data/json.h"
#include "scan/statement.h"
#include "scan/vex_int.h"

static const struct str status_names[] = {
    [VEX_NOT_AFFECTED] = STR_INIT("not_affected"),
    [VEX_AFFECTED] = STR_INIT("affected"),
    [VEX_FIXED] = STR_INIT("fixed"),
    [VEX_UNDER_INVESTIGATION] = STR_INIT("under_investigation"),
};

struct str vex_status_name(enum vex_status status)
{
  return status_names[status];
}

struct vex_set *vex_set_new(void)
{
  struct vex_set *set = mem_zalloc(1, sizeof *set);
  arena_init(&set->arena, VEX_MEMORY_MAX);
  map_init(&set->vulnerabilities, &set->arena);
  return set;
}

void vex_set_free(struct vex_set *set)
{
  if (!set)
    return;
  vec_free(&set->statements);
  vec_free(&set->links);
  map_free(&set->vulnerabilities);
  arena_free(&set->arena);
  mem_free(set);
}

size_t vex_set_count(const struct vex_set *set)
{
  return set ? set->statements.count : 0;
}

/* ---- names */

struct vex_name vex_name_read(struct arena *arena, struct str text)
{
  struct vex_name name = {.text = text};
  name.is_purl = str_starts(text, STR("pkg:")) &&
                 purl_pattern_make(arena, text, &name.purl, NULL) == 0;
  return name;
}

struct str vex_keep(struct vex_set *set, struct str text)
{
  return text.len ? arena_copy(&set->arena, text) : STR_EMPTY;
}

struct vex_name vex_name_make(struct vex_set *set, struct str text)
{
  return vex_name_read(&set->arena, vex_keep(set, text));
}

static bool name_means(const struct vex_name *said, const struct vex_name *asked)
{
  if (said->is_purl && asked->is_purl)
    return purl_pattern_means(&said->purl, &asked->purl);
  return asked->text.len && str_eq(said->text, asked->text);
}

static bool thing_is(const struct vex_thing *thing, const struct vex_name *asked)
{
  for (size_t i = 0; i < thing->count; i++)
    if (name_means(&thing->names[i], asked))
      return true;
  return false;
}

/* ---- adding */

struct vex_product *vex_products(struct vex_set *set, size_t count, struct error *err)
{
  if (count > VEX_PRODUCTS_MAX - set->products || arena_over(&set->arena)) {
    error_set(err, SW_ELIMIT, "there are more than %d products", VEX_PRODUCTS_MAX);
    return NULL;
  }
  set->products += count;
  return arena_zalloc(&set->arena, count + 1, sizeof(struct vex_product));
}

struct vex_thing *vex_things(struct vex_set *set, size_t count, struct error *err)
{
  if (count > VEX_PRODUCTS_MAX - set->products || arena_over(&set->arena)) {
    error_set(err, SW_ELIMIT, "there are more than %d products", VEX_PRODUCTS_MAX);
    return NULL;
  }
  set->products += count;
  return arena_zalloc(&set->arena, count + 1, sizeof(struct vex_thing));
}

int vex_add(struct vex_set *set, const struct str *ids, size_t id_count,
            const struct vex_statement *statement, struct error *err)
{
  if (vec_full(&set->statements, VEX_STATEMENTS_MAX) ||
      id_count > 4 * (size_t)VEX_STATEMENTS_MAX - set->links.count)
    return error_set(err, SW_ELIMIT, "there are more than %d statements", VEX_STATEMENTS_MAX);
  if (arena_over(&set->arena))
    return error_set(err, SW_ELIMIT, "the statements take more than %d bytes", VEX_MEMORY_MAX);
  vec_push(&set->statements, *statement);
  for (size_t i = 0; i < id_count; i++) {
    union map_value *head = map_put(&set->vulnerabilities, ids[i], NULL);
    struct vex_link link = {(uint32_t)set->statements.count - 1, (uint32_t)head->number};
    vec_push(&set->links, link);
    head->number = set->links.count;
  }
  return 0;
}

int64_t vex_time(struct str text)
{
  int64_t seconds;
  return text.len && clock_parse(text, &seconds, NULL, NULL) == 0 ? seconds : 0;
}

static const struct format {
  const char *name;
  /* A member that only this format has, and how its text begins. */
  const char *key;
  struct str start;
  int (*read)(struct vex_document *doc, struct error *err);
} formats[] = {
    {"OpenVEX", "@context", STR_INIT("https://openvex.dev"), vex_openvex_read},
    {"CycloneDX", "bomFormat", STR_INIT("CycloneDX"), vex_cyclonedx_read},
};

static const struct format csaf = {"CSAF", NULL, STR_INIT(""), vex_csaf_read};

static const struct format *format_of(struct value json)
{
  for (size_t i = 0; i < sizeof formats / sizeof formats[0]; i++)
    if (str_starts(vex_text(json, formats[i].key), formats[i].start) &&
        vex_text(json, formats[i].key).len)
      return &formats[i];
  if (value_is(vex_get(vex_get(json, "document"), "tracking"), VALUE_OBJECT))
    return &csaf;
  return NULL;
}

static int read_document(struct vex_document *doc, struct str text, struct error *err)
{
  struct value json;
  struct unwrapped_statement unwrapped;
  struct json_options options = {.size_max = VEX_SIZE_MAX};
  int rc = json_parse(doc->scratch, text, &options, &json, err);
  if (rc == 0)
    rc = statement_unwrap(doc->scratch, json, &unwrapped, err);
  if (rc < 0)
    return rc;
  const struct format *format = format_of(unwrapped.document);
  if (!format)
    return error_set(err, SW_EINVAL, "the text is no OpenVEX, CSAF or CycloneDX document");
  doc->json = unwrapped.document;
  rc = format->read(doc, err);
  return rc < 0 ? rc : faults_end(&doc->faults, err);
}

int vex_set_add(struct vex_set *set, struct str text, struct str source, struct error *err)
{
  struct arena scratch;
  if (text.len > VEX_SIZE_MAX)
    return error_set(err, SW_ELIMIT, "the document has %zu bytes, at most %d are read", text.len,
                     VEX_SIZE_MAX);
  if (str_starts(text, STR("\xef\xbb\xbf")))
    text = str_sub(text, 3, SIZE_MAX);
  arena_init(&scratch, VEX_MEMORY_MAX);
  struct vex_document doc = {
      .set = set, .scratch = &scratch, .source = vex_keep(set, source), .author = STR_EMPTY};
  int rc = read_document(&doc, text, err);
  arena_free(&scratch);
  return rc;
}

/* ---- asking */

struct asked {
  struct vex_name names[VEX_PACKAGE_NAMES]; /* of the package */
  size_t name_count;
  struct vex_name *products;
  size_t product_count;
  struct str serial;
};

static bool thing_is_package(const struct vex_thing *thing, const struct asked *asked)
{
  for (size_t i = 0; i < asked->name_count; i++)
    if (thing_is(thing, &asked->names[i]))
      return true;
  return false;
}

static bool parts_are(const struct vex_product *product, const struct asked *asked)
{
  for (size_t i = 0; i < product->part_count; i++)
    if (thing_is_package(&product->parts[i], asked))
      return true;
  return product->part_count == 0;
}

/* Red Hat's documents say which component of which platform. */
static bool thing_is_platform(const struct vex_thing *thing, const struct asked *asked)
{
  for (size_t i = 0; i < thing->count; i++)
    if (vex_cpe_is_distro(thing->names[i].text, &asked->names[0]))
      return true;
  return false;
}

static bool product_is(const struct vex_product *product, const struct asked *asked)
{
  if (!parts_are(product, asked))
    return false;
  bool is = thing_is_package(&product->thing, asked) ||
            (product->part_count && thing_is_platform(&product->thing, asked));
  for (size_t i = 0; i < asked->product_count && !is; i++)
    is = thing_is(&product->thing, &asked->products[i]);
  return is;
}

static bool is_about(const struct vex_statement *statement, const struct asked *asked)
{
  if (statement->serial.len && !str_eq(statement->serial, asked->serial))
    return false;
  for (size_t i = 0; i < statement->product_count; i++)
    if (product_is(&statement->products[i], asked))
      return true;
  return false;
}

/* 0, or the number + 1 of the latest statement that is about it. */
static uint32_t latest(const struct vex_set *set, const struct vex_question *question,
                       const struct asked *asked)
{
  uint32_t best = 0;
  for (size_t i = 0; i < question->id_count; i++) {
    const union map_value *head = map_get(&set->vulnerabilities, question->ids[i]);
    for (uint32_t at = head ? (uint32_t)head->number : 0; at; at = set->links.items[at - 1].next) {
      uint32_t number = set->links.items[at - 1].statement;
      const struct vex_statement *statement = &set->statements.items[number];
      const struct vex_statement *now = best ? &set->statements.items[best - 1] : NULL;
      if (now &&
          (statement->time < now->time || (statement->time == now->time && number + 1 <= best)))
        continue;
      if (is_about(statement, asked))
        best = number + 1;
    }
  }
  return best;
}

static bool names_any(const struct vex_set *set, const struct vex_question *question)
{
  for (size_t i = 0; i < question->id_count; i++)
    if (map_get(&set->vulnerabilities, question->ids[i]))
      return true;
  return false;
}

static struct str without_urn(struct str serial)
{
  static const struct str urn = STR_INIT("urn:uuid:");
  return str_starts(serial, urn) ? str_sub(serial, urn.len, SIZE_MAX) : serial;
}

bool vex_ask(const struct vex_set *set, const struct vex_question *question, struct vex_answer *ret)
{
  if (!set || !names_any(set, question))
    return false;
  struct arena arena;
  arena_init(&arena, 0);
  struct asked asked = {.products = arena_array(&arena, struct vex_name, question->product_count),
                        .product_count = question->product_count,
                        .serial = without_urn(question->serial)};
  asked.name_count = vex_package_names(&arena, question, asked.names);
  for (size_t i = 0; i < question->product_count; i++)
    asked.products[i] = vex_name_read(&arena, question->products[i]);
  uint32_t found = latest(set, question, &asked);
  arena_free(&arena);
  if (!found)
    return false;
  const struct vex_statement *s = &set->statements.items[found - 1];
  *ret = (struct vex_answer){s->status, s->justification, s->text, s->author, s->source, s->time};
  return true;
}
