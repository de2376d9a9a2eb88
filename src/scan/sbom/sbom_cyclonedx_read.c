#include "scan/sbom/sbom_int.h"

#include "base/buf.h"
#include "base/mem.h"

/* Components inside each other are walked with the places where the walk goes on on a stack. */
struct place {
  struct value list;
  uint32_t next;
};

static void add_license(struct buf *out, struct str text)
{
  if (!text.len)
    return;
  bool alternatives = str_find(text, 0, STR(" OR ")) >= 0;
  if (out->len)
    buf_add_text(out, " AND ");
  if (alternatives)
    buf_add_byte(out, '(');
  buf_add(out, text);
  if (alternatives)
    buf_add_byte(out, ')');
}

/* An expression, or licences that all apply. */
static struct str licenses_of(struct arena *arena, struct value list)
{
  _cleanup_(buf_free) struct buf out = {0};
  if (list.type == VALUE_ARRAY && list.len == 1 && sbom_text(value_at(list, 0), "expression").len)
    return sbom_text(value_at(list, 0), "expression");
  buf_init(&out, PACKAGE_TEXT_MAX);
  for (uint32_t i = 0; list.type == VALUE_ARRAY && i < list.len; i++) {
    struct value entry = list.items[i], license = sbom_get(entry, "license");
    struct str name = sbom_text(license, "id");
    if (!name.len)
      name = sbom_text(license, "name");
    if (list.len == 1 && name.len)
      return name;
    add_license(&out, name.len ? name : sbom_text(entry, "expression"));
  }
  return arena_copy(arena, buf_str(&out));
}

static struct str digest_of_hashes(struct arena *arena, struct value hashes)
{
  static const struct {
    struct str algorithm, name;
  } algorithms[] = {
      {STR_INIT("MD5"), STR_INIT("md5")},        {STR_INIT("SHA-1"), STR_INIT("sha1")},
      {STR_INIT("SHA-256"), STR_INIT("sha256")}, {STR_INIT("SHA-384"), STR_INIT("sha384")},
      {STR_INIT("SHA-512"), STR_INIT("sha512")},
  };
  for (uint32_t i = 0; hashes.type == VALUE_ARRAY && i < hashes.len; i++)
    for (size_t j = 0; j < sizeof algorithms / sizeof algorithms[0]; j++) {
      struct str unused[2];
      if (!value_eq_str(sbom_get(hashes.items[i], "alg"), algorithms[j].algorithm))
        continue;
      struct str digest = arena_printf(arena, "%.*s:%.*s", STR_FMT(algorithms[j].name),
                                       STR_FMT(sbom_text(hashes.items[i], "content")));
      if (sbom_digest_split(digest, &unused[0], &unused[1]))
        return digest;
    }
  return STR_EMPTY;
}

static void read_component(struct arena *arena, struct value v, struct sbom_component *c)
{
  struct value properties = sbom_get(v, "properties");
  struct value place = value_at(sbom_get(sbom_get(v, "evidence"), "occurrences"), 0);
  *c = (struct sbom_component){
      .ref = sbom_text(v, "bom-ref"),
      .kind = sbom_text(v, "type"),
      .group = sbom_text(v, "group"),
      .name = sbom_text(v, "name"),
      .version = sbom_text(v, "version"),
      .purl = sbom_text(v, "purl"),
      .license = licenses_of(arena, sbom_get(v, "licenses")),
      .digest = digest_of_hashes(arena, sbom_get(v, "hashes")),
      .excluded = value_eq_str(sbom_get(v, "scope"), STR("excluded")),
  };
  if (!c->ref.len)
    c->ref = c->purl;
  for (uint32_t i = 0; properties.type == VALUE_ARRAY && i < properties.len; i++)
    sbom_component_property(c, sbom_text(properties.items[i], "name"),
                            sbom_text(properties.items[i], "value"));
  if (!c->facts[SBOM_PATH].len)
    c->facts[SBOM_PATH] = sbom_text(place, "location");
  if (!c->facts[SBOM_MAINTAINER].len)
    c->facts[SBOM_MAINTAINER] = sbom_text(sbom_get(v, "supplier"), "name");
}

static int read_components(struct sbom_reader *r, struct value list, struct error *err)
{
  struct place stack[SBOM_DEPTH_MAX];
  size_t depth = 0;
  struct sbom_component c;
  stack[depth++] = (struct place){list, 0};
  while (depth) {
    struct place *top = &stack[depth - 1];
    if (top->list.type != VALUE_ARRAY || top->next == top->list.len) {
      depth--;
      continue;
    }
    struct value v = top->list.items[top->next++];
    read_component(r->arena, v, &c);
    int rc = sbom_take_component(r, &c, err);
    if (rc < 0)
      return rc;
    struct value inner = sbom_get(v, "components");
    if (inner.type != VALUE_ARRAY)
      continue;
    if (depth == SBOM_DEPTH_MAX)
      return error_set(err, SW_ELIMIT, "components are more than %d deep inside each other",
                       SBOM_DEPTH_MAX);
    stack[depth++] = (struct place){inner, 0};
  }
  return 0;
}

static int read_dependencies(struct sbom_reader *r, struct value list, struct error *err)
{
  for (uint32_t i = 0; list.type == VALUE_ARRAY && i < list.len; i++) {
    struct value on = sbom_get(list.items[i], "dependsOn");
    struct str from = sbom_text(list.items[i], "ref");
    for (uint32_t j = 0; on.type == VALUE_ARRAY && j < on.len; j++) {
      int rc = sbom_take_dependency(r, from, value_str_or_empty(on.items[j]), err);
      if (rc < 0)
        return rc;
    }
  }
  return 0;
}

/* Since 1.5 an object with components, before that a list. */
static struct str tool_of(struct arena *arena, struct value tools)
{
  struct value tool = value_at(tools, 0);
  if (tools.type == VALUE_OBJECT)
    tool = value_at(sbom_get(tools, "components"), 0);
  struct str name = sbom_text(tool, "name"), version = sbom_text(tool, "version");
  if (!name.len)
    return STR_EMPTY;
  return arena_printf(arena, "%.*s%s%.*s", STR_FMT(str_sub(name, 0, 200)), version.len ? " " : "",
                      STR_FMT(str_sub(version, 0, 200)));
}

static int read_subject(struct sbom_reader *r, struct value v, struct error *err)
{
  struct value properties = sbom_get(v, "properties");
  struct sbom_component c;
  if (v.type != VALUE_OBJECT)
    return 0;
  read_component(r->arena, v, &c);
  sbom_take_subject(r, &c);
  for (uint32_t i = 0; properties.type == VALUE_ARRAY && i < properties.len; i++)
    sbom_take_subject_property(r, sbom_text(properties.items[i], "name"),
                               sbom_text(properties.items[i], "value"));
  if (c.purl.len) { /* a package whose own bill of materials it is */
    int rc = sbom_take_component(r, &c, err);
    if (rc < 0)
      return rc;
  }
  return read_components(r, sbom_get(v, "components"), err);
}

static int check_version(struct value json, struct error *err)
{
  static const char *const versions[] = {"1.2", "1.3", "1.4", "1.5", "1.6", "1.7"};
  struct str version = sbom_text(json, "specVersion");
  for (size_t i = 0; i < sizeof versions / sizeof versions[0]; i++)
    if (str_eq(str_from(versions[i]), version))
      return 0;
  return error_set(err, SW_EUNSUPPORTED, "CycloneDX %.*s is not read, only 1.2 to 1.7",
                   STR_FMT(str_sub(version, 0, 20)));
}

static int read_all(struct sbom_reader *r, struct value json, struct error *err)
{
  struct value metadata = sbom_get(json, "metadata");
  int rc = read_subject(r, sbom_get(metadata, "component"), err);
  if (rc == 0)
    rc = read_components(r, sbom_get(json, "components"), err);
  if (rc == 0)
    rc = read_dependencies(r, sbom_get(json, "dependencies"), err);
  if (rc < 0)
    return rc;
  struct sbom *sbom = r->sbom;
  sbom_take_time(r, sbom_text(metadata, "timestamp"));
  sbom->format_version = arena_copy(r->arena, sbom_text(json, "specVersion"));
  sbom->serial = arena_copy(r->arena, sbom_text(json, "serialNumber"));
  sbom->tool = tool_of(r->arena, sbom_get(metadata, "tools"));
  sbom_reader_finish(r);
  return 0;
}

int sbom_cyclonedx_read(struct value json, struct str text, struct arena *arena,
                        struct sbom *io_sbom, struct error *err)
{
  struct sbom_reader r;
  (void)text;
  int rc = check_version(json, err);
  if (rc < 0)
    return rc;
  sbom_reader_init(&r, arena, io_sbom);
  rc = read_all(&r, json, err);
  sbom_reader_free(&r);
  return rc;
}
