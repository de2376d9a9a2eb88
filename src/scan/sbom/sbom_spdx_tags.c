#include "scan/sbom/sbom_spdx_int.h"

#include "base/mem.h"
#include "base/utf8.h"

/*
 * Lines of "Tag: value", where a value may stand between <text> and </text> over several lines. Sections have no
 * end of their own: a package ends where the next package, file, snippet or licence begins. The text is read once
 * for each step of sbom_spdx_int.h, so that nothing has to be kept.
 */
struct tag {
  struct str name, value;
};

enum section { SECTION_DOCUMENT, SECTION_PACKAGE, SECTION_FILE, SECTION_OTHER };

struct tags {
  struct spdx_reader *spdx;
  enum section section;
  struct spdx_package package;
  struct str *file;     /* identifier and name */
  struct str annotated; /* what the annotation at hand is about */
  struct str version, name_space, name;
};

static bool next_tag(struct str *rest, struct tag *ret)
{
  static const struct str open = STR_INIT("<text>"), close = STR_INIT("</text>");
  while (rest->data) {
    struct str value, line = str_cut(*rest, '\n', rest), name = str_cut(line, ':', &value);
    name = str_trim(name);
    if (!value.data || !name.len || name.data[0] == '#')
      continue;
    value = str_trim(value);
    if (str_starts(value, open)) {
      /* the value goes on from where it begins in the whole text */
      struct str from = str_sub(value, open.len, SIZE_MAX);
      struct str whole =
          rest->data ? str_make(from.data, (size_t)(rest->data + rest->len - from.data)) : from;
      ptrdiff_t end = str_find(whole, 0, close);
      value = end < 0 ? whole : str_sub(whole, 0, (size_t)end);
      struct str behind = end < 0 ? STR_EMPTY : str_sub(whole, (size_t)end + close.len, SIZE_MAX);
      str_cut(behind, '\n', rest);
    }
    *ret = (struct tag){name, str_trim(value)};
    return true;
  }
  return false;
}

static enum section section_of(struct tag tag, enum section now)
{
  static const struct {
    struct str tag;
    enum section section;
  } starts[] = {
      {STR_INIT("PackageName"), SECTION_PACKAGE},
      {STR_INIT("FileName"), SECTION_FILE},
      {STR_INIT("SnippetSPDXID"), SECTION_OTHER},
      {STR_INIT("SnippetSPDXIdentifier"), SECTION_OTHER},
      {STR_INIT("LicenseID"), SECTION_OTHER},
  };
  for (size_t i = 0; i < sizeof starts / sizeof starts[0]; i++)
    if (str_eq(starts[i].tag, tag.name))
      return starts[i].section;
  return now;
}

/* "SPDXRef-A DEPENDS_ON SPDXRef-B" */
static bool split_relationship(struct str value, struct str ret_parts[static 3])
{
  struct str rest = value;
  for (int i = 0; i < 3; i++) {
    if (!rest.data)
      return false;
    ret_parts[i] = str_cut(str_trim(rest), ' ', &rest);
  }
  return ret_parts[2].len > 0;
}

/* ---- the steps */

static int take_file(struct tags *t, struct tag tag, struct error *err)
{
  (void)err;
  if (str_eq(tag.name, STR("FileName"))) {
    t->file = arena_array(t->spdx->reader.arena, struct str, 2);
    t->file[0] = STR_EMPTY;
    t->file[1] = tag.value;
  } else if (t->section == SECTION_FILE && str_eq(tag.name, STR("SPDXID")) && t->file) {
    t->file[0] = tag.value;
    spdx_take_file(t->spdx, &t->file[0], &t->file[1]);
    t->file = NULL;
  }
  return 0;
}

static int take_place(struct tags *t, struct tag tag, struct error *err)
{
  struct str parts[3];
  (void)err;
  if (str_eq(tag.name, STR("Relationship")) && split_relationship(tag.value, parts))
    spdx_take_place(t->spdx, parts[0], parts[1], parts[2]);
  return 0;
}

static int take_need(struct tags *t, struct tag tag, struct error *err)
{
  struct str parts[3];
  if (str_eq(tag.name, STR("Relationship")) && split_relationship(tag.value, parts))
    return spdx_take_need(t->spdx, parts[0], parts[1], parts[2], err);
  return 0;
}

static int take_document(struct tags *t, struct tag tag, struct error *err)
{
  const struct {
    struct str tag;
    struct str *value;
  } fields[] = {
      {STR("SPDXVersion"), &t->version},
      {STR("DocumentNamespace"), &t->name_space},
      {STR("DocumentName"), &t->name},
  };
  (void)err;
  for (size_t i = 0; i < sizeof fields / sizeof fields[0]; i++)
    if (str_eq(fields[i].tag, tag.name) && !fields[i].value->len)
      *fields[i].value = tag.value;
  if (str_eq(tag.name, STR("Creator")))
    spdx_take_creator(t->spdx, tag.value);
  if (str_eq(tag.name, STR("Created")))
    sbom_take_time(&t->spdx->reader, tag.value);
  return 0;
}

/* "PACKAGE-MANAGER purl pkg:..." */
static void take_reference(struct spdx_package *p, struct str value)
{
  struct str parts[3];
  if (split_relationship(value, parts) && str_eq(parts[1], STR("purl")) && !p->component.purl.len)
    p->component.purl = parts[2];
}

static void take_checksum(struct spdx_package *p, struct str value)
{
  struct str hex, algorithm = str_cut(value, ':', &hex);
  if (hex.data && !p->checksum.len) {
    p->checksum_algorithm = str_trim(algorithm);
    p->checksum = str_trim(hex);
  }
}

static void take_note(struct tags *t, struct str note)
{
  struct str name, value;
  if (spdx_split_note(note, &name, &value) &&
      (!t->annotated.len || str_eq(t->annotated, t->package.component.ref))) {
    sbom_component_property(&t->package.component, name, value);
    if (t->spdx->root.len && str_eq(t->package.component.ref, t->spdx->root))
      sbom_take_subject_property(&t->spdx->reader, name, value);
  }
}

static void take_field(struct tags *t, struct tag tag)
{
  struct spdx_package *p = &t->package;
  const struct {
    struct str tag;
    struct str *value;
  } fields[] = {
      {STR("PackageName"), &p->component.name},
      {STR("SPDXID"), &p->component.ref},
      {STR("PackageVersion"), &p->component.version},
      {STR("PackageSupplier"), &p->supplier},
      {STR("PackageLicenseDeclared"), &p->declared},
      {STR("PackageLicenseConcluded"), &p->concluded},
      {STR("PackageSourceInfo"), &p->source_info},
      {STR("PrimaryPackagePurpose"), &p->purpose},
  };
  for (size_t i = 0; i < sizeof fields / sizeof fields[0]; i++)
    if (str_eq(fields[i].tag, tag.name))
      *fields[i].value = tag.value;
  if (str_eq(tag.name, STR("ExternalRef")))
    take_reference(p, tag.value);
  if (str_eq(tag.name, STR("PackageChecksum")))
    take_checksum(p, tag.value);
  if (str_eq(tag.name, STR("Annotator")))
    t->annotated = STR_EMPTY;
  if (str_eq(tag.name, STR("SPDXREF")))
    t->annotated = tag.value;
  if (str_eq(tag.name, STR("PackageAttributionText")) || str_eq(tag.name, STR("AnnotationComment")))
    take_note(t, tag.value);
}

static int end_package(struct tags *t, struct error *err)
{
  int rc = t->package.component.name.len ? spdx_take_package(t->spdx, &t->package, err) : 0;
  t->package = (struct spdx_package){0};
  t->annotated = STR_EMPTY;
  return rc;
}

static int take_package(struct tags *t, struct tag tag, struct error *err)
{
  bool ends = section_of(tag, SECTION_DOCUMENT) != SECTION_DOCUMENT;
  int rc = ends ? end_package(t, err) : 0;
  if (rc == 0 && t->section == SECTION_PACKAGE)
    take_field(t, tag);
  return rc;
}

static int each_tag(struct tags *t, struct str text,
                    int (*take)(struct tags *t, struct tag tag, struct error *err),
                    struct error *err)
{
  struct tag tag;
  int rc = 0;
  t->section = SECTION_DOCUMENT;
  for (struct str rest = text; rc == 0 && next_tag(&rest, &tag);) {
    t->section = section_of(tag, t->section);
    rc = take(t, tag, err);
  }
  return rc;
}

static int read_tags(struct tags *t, struct str text, struct error *err)
{
  int rc = each_tag(t, text, take_document, err);
  if (rc == 0)
    rc = spdx_check_version(t->version, err);
  if (rc == 0)
    rc = each_tag(t, text, take_file, err);
  if (rc == 0)
    rc = each_tag(t, text, take_place, err);
  if (rc == 0)
    rc = each_tag(t, text, take_package, err);
  if (rc == 0)
    rc = end_package(t, err);
  if (rc == 0)
    rc = each_tag(t, text, take_need, err);
  if (rc == 0)
    spdx_finish(t->spdx, t->version, t->name_space, t->name);
  return rc;
}

int sbom_spdx_tags_read(struct value json, struct str text, struct arena *arena,
                        struct sbom *io_sbom, struct error *err)
{
  struct spdx_reader spdx;
  struct tags tags = {.spdx = &spdx, .version = STR_EMPTY};
  (void)json;
  if (!utf8_valid(text))
    return error_set(err, SW_EINVAL, "the text is not UTF-8 from byte %zu on",
                     utf8_valid_length(text));
  spdx_init(&spdx, arena, io_sbom);
  int rc = read_tags(&tags, text, err);
  spdx_free(&spdx);
  return rc;
}

static bool is_tags(struct value json, struct str text)
{
  return json.type == VALUE_ABSENT && str_starts(text, STR("SPDXVersion:"));
}

const struct sbom_format sbom_spdx_tags = {
    .name = "spdx-tag-value",
    .description = "SPDX 2.3, tag-value; only read",
    .detect = is_tags,
    .read = sbom_spdx_tags_read,
};
