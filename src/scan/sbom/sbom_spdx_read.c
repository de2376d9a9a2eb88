#include "scan/sbom/sbom_spdx_int.h"

#include "base/mem.h"

/* ---- what both forms of SPDX share */

/* Kinds by what the package is for, or, where that is not said, by how its identifier begins. */
static struct str kind_of(struct str purpose, struct str id)
{
  static const struct {
    struct str sign, kind;
  } purposes[] =
      {
          {STR_INIT("OPERATING-SYSTEM"), STR_INIT("operating-system")},
          {STR_INIT("OPERATING_SYSTEM"), STR_INIT("operating-system")},
          {STR_INIT("CONTAINER"), STR_INIT("container")},
          {STR_INIT("SOURCE"), STR_INIT("application")},
          {STR_INIT("APPLICATION"), STR_INIT("application")},
          {STR_INIT("FRAMEWORK"), STR_INIT("framework")},
          {STR_INIT("FILE"), STR_INIT("file")},
          {STR_INIT("DEVICE"), STR_INIT("device")},
          {STR_INIT("FIRMWARE"), STR_INIT("firmware")},
          {STR_INIT("ARCHIVE"), STR_INIT("file")},
          {STR_INIT("OTHER"), STR_INIT("data")},
      },
    ids[] = {
        {STR_INIT("SPDXRef-OperatingSystem"), STR_INIT("operating-system")},
        {STR_INIT("SPDXRef-ContainerImage"), STR_INIT("container")},
        {STR_INIT("SPDXRef-DocumentRoot-Image"), STR_INIT("container")},
        {STR_INIT("SPDXRef-DocumentRoot"), STR_INIT("application")},
        {STR_INIT("SPDXRef-Filesystem"), STR_INIT("application")},
        {STR_INIT("SPDXRef-Repository"), STR_INIT("application")},
        {STR_INIT("SPDXRef-Application"), STR_INIT("application")},
    };
  for (size_t i = 0; i < sizeof purposes / sizeof purposes[0]; i++)
    if (str_eq(purposes[i].sign, purpose))
      return purposes[i].kind;
  for (size_t i = 0; i < sizeof ids / sizeof ids[0]; i++)
    if (str_starts(id, ids[i].sign))
      return ids[i].kind;
  return STR("library");
}

void spdx_init(struct spdx_reader *s, struct arena *arena, struct sbom *sbom)
{
  *s = (struct spdx_reader){.root = STR_EMPTY};
  sbom_reader_init(&s->reader, arena, sbom);
  map_init(&s->file_names, NULL);
  map_init(&s->package_files, NULL);
}

void spdx_free(struct spdx_reader *s)
{
  map_free(&s->file_names);
  map_free(&s->package_files);
  sbom_reader_free(&s->reader);
}

int spdx_check_version(struct str version, struct error *err)
{
  static const char *const versions[] = {"SPDX-2.2", "SPDX-2.3", "SPDX-2.1"};
  for (size_t i = 0; i < sizeof versions / sizeof versions[0]; i++)
    if (str_eq(str_from(versions[i]), version))
      return 0;
  return error_set(err, SW_EUNSUPPORTED, "%.*s is not read, only SPDX-2.1 to SPDX-2.3",
                   STR_FMT(str_sub(version, 0, 20)));
}

void spdx_take_file(struct spdx_reader *s, const struct str *id, const struct str *name)
{
  if (id->len && name->len && s->file_names.count < PACKAGE_FILES_MAX)
    map_put(&s->file_names, *id, NULL)->view = name;
}

/* Before the packages: what is described, and which file a package is in. */
void spdx_take_place(struct spdx_reader *s, struct str from, struct str how, struct str to)
{
  if (str_eq(how, STR("DESCRIBES")) && str_eq(from, STR("SPDXRef-DOCUMENT")) && !s->root.len)
    s->root = to;
  if (str_eq(how, STR("DESCRIBED_BY")) && str_eq(to, STR("SPDXRef-DOCUMENT")) && !s->root.len)
    s->root = from;
  const union map_value *file = map_get(&s->file_names, to);
  if (file && (str_eq(how, STR("CONTAINS")) || str_eq(how, STR("OTHER"))) &&
      !map_get(&s->package_files, from))
    map_put(&s->package_files, from, NULL)->view = file->view;
}

/* Behind the packages. */
int spdx_take_need(struct spdx_reader *s, struct str from, struct str how, struct str to,
                   struct error *err)
{
  if (str_eq(how, STR("DEPENDS_ON")))
    return sbom_take_dependency(&s->reader, from, to, err);
  if (str_eq(how, STR("DEPENDENCY_OF")))
    return sbom_take_dependency(&s->reader, to, from, err);
  return 0;
}

/* "name: value", as seawall and Trivy write annotations. */
bool spdx_split_note(struct str note, struct str *ret_name, struct str *ret_value)
{
  ptrdiff_t colon = str_find(note, 0, STR(": "));
  if (colon <= 0)
    return false;
  *ret_name = str_sub(note, 0, (size_t)colon);
  *ret_value = str_sub(note, (size_t)colon + 2, SIZE_MAX);
  return true;
}

/* Trivy: "built package from: NAME VERSION"; Syft: "acquired package info from ...: PATH, PATH". */
static void read_source_info(struct sbom_component *c, struct str info)
{
  static const struct str built = STR_INIT("built package from: "),
                          acquired = STR_INIT("acquired package info from ");
  struct str name, value;
  if (str_starts(info, built) && !c->facts[SBOM_SOURCE].len) {
    struct str version;
    c->facts[SBOM_SOURCE] = str_cut(str_sub(info, built.len, SIZE_MAX), ' ', &version);
    c->facts[SBOM_SOURCE_VERSION] = version.data ? version : STR_EMPTY;
  } else if (str_starts(info, acquired) && !c->facts[SBOM_PATH].len &&
             spdx_split_note(info, &name, &value)) {
    c->facts[SBOM_PATH] = str_cut(value, ',', &(struct str){0});
  }
}

static struct str digest_of(struct arena *arena, const struct spdx_package *p)
{
  struct str algorithm, hex;
  struct str digest =
      arena_printf(arena, "%.*s:%.*s", STR_FMT(p->checksum_algorithm), STR_FMT(p->checksum));
  for (char *c = (char *)digest.data; *c && *c != ':'; c++)
    if (*c >= 'A' && *c <= 'Z')
      *c = (char)(*c + 32);
  return sbom_digest_split(digest, &algorithm, &hex) ? digest : STR_EMPTY;
}

static bool says_nothing(struct str text)
{
  return !text.len || str_eq(text, STR("NOASSERTION")) || str_eq(text, STR("NONE"));
}

static struct str supplier_of(struct str text)
{
  static const struct str starts[] = {STR_INIT("Organization: "), STR_INIT("Person: ")};
  for (size_t i = 0; i < 2; i++)
    if (str_starts(text, starts[i]))
      return str_sub(text, starts[i].len, SIZE_MAX);
  return STR_EMPTY;
}

int spdx_take_package(struct spdx_reader *s, struct spdx_package *p, struct error *err)
{
  struct sbom_component *c = &p->component;
  const union map_value *file = map_get(&s->package_files, c->ref);
  bool is_root = s->root.len && str_eq(c->ref, s->root);
  c->kind = kind_of(p->purpose, c->ref);
  c->license = says_nothing(p->declared) ? p->concluded : p->declared;
  if (says_nothing(c->license))
    c->license = STR_EMPTY;
  if (p->checksum.len)
    c->digest = digest_of(s->reader.arena, p);
  if (!c->facts[SBOM_MAINTAINER].len)
    c->facts[SBOM_MAINTAINER] = supplier_of(p->supplier);
  read_source_info(c, p->source_info);
  if (!c->facts[SBOM_PATH].len && file)
    c->facts[SBOM_PATH] = *(const struct str *)file->view;
  if (!is_root)
    return sbom_take_component(&s->reader, c, err);
  sbom_take_subject(&s->reader, c);
  return c->purl.len ? sbom_take_component(&s->reader, c, err) : 0;
}

/* ---- JSON */

/* Of a package, or, behind its name, of the subject. */
static void take_notes(struct spdx_reader *s, struct sbom_component *c, struct value v)
{
  static const char *const lists[] = {"attributionTexts", "annotations"};
  for (size_t i = 0; i < 2; i++) {
    struct value list = sbom_get(v, lists[i]);
    for (uint32_t j = 0; list.type == VALUE_ARRAY && j < list.len; j++) {
      struct str name, value,
          note = list.items[j].type == VALUE_STRING ? value_str(list.items[j])
                                                    : sbom_text(list.items[j], "comment");
      if (!spdx_split_note(note, &name, &value))
        continue;
      if (c)
        sbom_component_property(c, name, value);
      else
        sbom_take_subject_property(&s->reader, name, value);
    }
  }
}

static struct str purl_of(struct value refs)
{
  for (uint32_t i = 0; refs.type == VALUE_ARRAY && i < refs.len; i++)
    if (value_eq_str(sbom_get(refs.items[i], "referenceType"), STR("purl")))
      return sbom_text(refs.items[i], "referenceLocator");
  return STR_EMPTY;
}

static int read_package(struct spdx_reader *s, struct value v, struct error *err)
{
  struct value checksum = value_at(sbom_get(v, "checksums"), 0);
  struct spdx_package p = {
      .component = {.ref = sbom_text(v, "SPDXID"),
                    .name = sbom_text(v, "name"),
                    .version = sbom_text(v, "versionInfo"),
                    .purl = purl_of(sbom_get(v, "externalRefs"))},
      .purpose = sbom_text(v, "primaryPackagePurpose"),
      .declared = sbom_text(v, "licenseDeclared"),
      .concluded = sbom_text(v, "licenseConcluded"),
      .supplier = sbom_text(v, "supplier"),
      .source_info = sbom_text(v, "sourceInfo"),
      .checksum_algorithm = sbom_text(checksum, "algorithm"),
      .checksum = sbom_text(checksum, "checksumValue"),
  };
  take_notes(s, &p.component, v);
  int rc = spdx_take_package(s, &p, err);
  if (rc == 0 && s->root.len && str_eq(p.component.ref, s->root))
    take_notes(s, NULL, v);
  return rc;
}

static void read_files(struct spdx_reader *s, struct value json)
{
  struct value files = sbom_get(json, "files"), packages = sbom_get(json, "packages");
  for (uint32_t i = 0; files.type == VALUE_ARRAY && i < files.len; i++) {
    struct str *pair = arena_array(s->reader.arena, struct str, 2);
    pair[0] = sbom_text(files.items[i], "SPDXID");
    pair[1] = sbom_text(files.items[i], "fileName");
    spdx_take_file(s, &pair[0], &pair[1]);
  }
  for (uint32_t i = 0; packages.type == VALUE_ARRAY && i < packages.len; i++)
    spdx_take_place(s, sbom_text(packages.items[i], "SPDXID"), STR("CONTAINS"),
                    value_str_or_empty(value_at(sbom_get(packages.items[i], "hasFiles"), 0)));
}

static int read_relationships(struct spdx_reader *s, struct value list, bool places,
                              struct error *err)
{
  int rc = 0;
  for (uint32_t i = 0; list.type == VALUE_ARRAY && i < list.len && rc == 0; i++) {
    struct str from = sbom_text(list.items[i], "spdxElementId");
    struct str how = sbom_text(list.items[i], "relationshipType");
    struct str to = sbom_text(list.items[i], "relatedSpdxElement");
    if (places)
      spdx_take_place(s, from, how, to);
    else
      rc = spdx_take_need(s, from, how, to, err);
  }
  return rc;
}

void spdx_take_creator(struct spdx_reader *s, struct str creator)
{
  static const struct str tool = STR_INIT("Tool: ");
  struct sbom *sbom = s->reader.sbom;
  if (str_starts(creator, tool) && !sbom->tool.len)
    sbom->tool = arena_copy(s->reader.arena, str_sub(creator, tool.len, 200));
}

static int read_document(struct spdx_reader *s, struct value json, struct error *err)
{
  struct value packages = sbom_get(json, "packages"), info = sbom_get(json, "creationInfo");
  struct value relationships = sbom_get(json, "relationships");
  struct value creators = sbom_get(info, "creators");
  s->root = value_str_or_empty(value_at(sbom_get(json, "documentDescribes"), 0));
  read_files(s, json);
  int rc = read_relationships(s, relationships, true, err);
  for (uint32_t i = 0; packages.type == VALUE_ARRAY && i < packages.len && rc == 0; i++)
    rc = read_package(s, packages.items[i], err);
  if (rc == 0)
    rc = read_relationships(s, relationships, false, err);
  if (rc < 0)
    return rc;
  for (uint32_t i = 0; creators.type == VALUE_ARRAY && i < creators.len; i++)
    spdx_take_creator(s, value_str_or_empty(creators.items[i]));
  sbom_take_time(&s->reader, sbom_text(info, "created"));
  spdx_finish(s, sbom_text(json, "spdxVersion"), sbom_text(json, "documentNamespace"),
              sbom_text(json, "name"));
  return 0;
}

void spdx_finish(struct spdx_reader *s, struct str version, struct str name_space, struct str name)
{
  struct arena *arena = s->reader.arena;
  struct sbom *sbom = s->reader.sbom;
  sbom->format_version = arena_copy(arena, version);
  sbom->serial = arena_copy(arena, name_space);
  if (!sbom->subject.name.len)
    sbom->subject.name = arena_copy(arena, name);
  sbom_reader_finish(&s->reader);
}

int sbom_spdx_read(struct value json, struct str text, struct arena *arena, struct sbom *io_sbom,
                   struct error *err)
{
  struct spdx_reader s;
  (void)text;
  int rc = spdx_check_version(sbom_text(json, "spdxVersion"), err);
  struct value version = sbom_get(json, "spdxVersion");
  if (rc < 0 && version.type != VALUE_ABSENT)
    return rc;
  spdx_init(&s, arena, io_sbom);
  rc = read_document(&s, json, err);
  spdx_free(&s);
  return rc;
}
