#include "scan/sbom/sbom_int.h"

#include "base/mem.h"
#include "data/json.h"
#include "scan/statement.h"

enum { SCRATCH_MAX = 1 << 30 };

const struct sbom_format *const sbom_formats[] = {&sbom_cyclonedx, &sbom_spdx_json, &sbom_spdx_tags,
                                                  NULL};

const struct sbom_format *sbom_format_named(struct str name)
{
  static const struct {
    struct str name;
    const struct sbom_format *format;
  } names[] = {
      {STR_INIT("cyclonedx-json"), &sbom_cyclonedx},
      {STR_INIT("spdx"), &sbom_spdx_json},
  };
  for (size_t i = 0; sbom_formats[i]; i++)
    if (str_eq(str_from(sbom_formats[i]->name), name))
      return sbom_formats[i];
  for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
    if (str_eq(names[i].name, name))
      return names[i].format;
  return NULL;
}

/* ---- finding out */

static struct str without_mark(struct str text)
{
  return str_starts(text, STR("\xef\xbb\xbf")) ? str_sub(text, 3, SIZE_MAX) : text;
}

bool sbom_detect(struct str head)
{
  static const struct {
    struct str one, other;
  } signs[] = {
      {STR_INIT("\"bomFormat\""), STR_INIT("\"CycloneDX\"")},
      {STR_INIT("\"spdxVersion\""), STR_INIT("\"SPDX-")},
      {STR_INIT("\"SPDXID\""), STR_INIT("\"SPDXRef-DOCUMENT\"")},
      {STR_INIT("\"payloadType\""), STR_INIT("application/vnd.in-toto+json")},
      {STR_INIT("\"predicateType\""), STR_INIT("https://cyclonedx.org/")},
      {STR_INIT("\"predicateType\""), STR_INIT("https://spdx.dev/")},
  };
  head = str_trim(without_mark(head));
  if (sbom_spdx_tags.detect(VALUE_NONE, head))
    return true;
  if (!str_starts(head, STR("{")))
    return false;
  for (size_t i = 0; i < sizeof signs / sizeof signs[0]; i++)
    if (str_find(head, 0, signs[i].one) >= 0 && str_find(head, 0, signs[i].other) >= 0)
      return true;
  return false;
}

static const struct sbom_format *format_of(struct value json, struct str text)
{
  for (size_t i = 0; sbom_formats[i]; i++)
    if (sbom_formats[i]->detect(json, text))
      return sbom_formats[i];
  return NULL;
}

/* Of what the statement is: an image by its digest. */
static void take_statement(struct arena *arena, const struct unwrapped_statement *u,
                           struct sbom *sbom)
{
  sbom->wrapped = u->statement.type != VALUE_ABSENT;
  if (!sbom->subject.digest.len && u->digest.len)
    sbom->subject.digest = arena_copy(arena, u->digest);
  if (!sbom->subject.name.len && u->subject.len)
    sbom->subject.name = arena_copy(arena, u->subject);
}

/* ---- reading */

static int unknown_format(struct value json, struct str text, struct error *err)
{
  if (str_starts(text, STR("<")))
    return error_set(err, SW_EUNSUPPORTED, "documents in XML are not read; convert it to JSON");
  if (!value_is(sbom_get(json, "@graph"), VALUE_ABSENT))
    return error_set(err, SW_EUNSUPPORTED,
                     "SPDX 3 is not read; have it written as SPDX 2.3 or CycloneDX");
  return error_set(err, SW_EINVAL, "the text is neither a CycloneDX nor an SPDX document");
}

static int read_as(const struct sbom_format *format, struct value json, struct str text,
                   struct arena *arena, struct sbom *sbom, struct error *err)
{
  sbom->format = format;
  int rc = format->read(json, text, arena, sbom, err);
  if (rc == 0 && arena_over(arena))
    return error_set(err, SW_ELIMIT, "what the document says takes more memory than allowed");
  return rc;
}

/* JSON, or JSON lines, of which the first that is a bill of materials is read. */
static int read_json(struct str text, const struct sbom_format *wanted, struct arena *arena,
                     struct arena *scratch, struct sbom *sbom, struct error *err)
{
  struct json_cursor cursor = json_cursor_start(text);
  struct json_options options = {.size_max = SBOM_SIZE_MAX};
  struct unwrapped_statement u, first = {0}, document = {0};
  struct value json;
  const struct sbom_format *found = NULL;
  int got;
  while ((got = json_parse_next(scratch, &cursor, &options, &json, NULL, err)) > 0) {
    int rc = statement_unwrap(scratch, json, &u, err);
    if (rc < 0)
      return rc;
    if (!first.document.type)
      first = u;
    if (!found && (found = format_of(u.document, STR_EMPTY)))
      document = u;
  }
  if (got < 0)
    return got;
  if (!found)
    return unknown_format(first.document, STR_EMPTY, err);
  if (wanted && wanted != found)
    return error_set(err, SW_EINVAL, "the document is not of the format \"%s\", but of \"%s\"",
                     wanted->name, found->name);
  int rc = read_as(found, document.document, text, arena, sbom, err);
  if (rc == 0)
    take_statement(arena, &document, sbom);
  return rc;
}

int sbom_read(struct str text, const struct sbom_format *format, struct arena *arena,
              struct sbom *ret_sbom, struct error *err)
{
  struct sbom sbom = {0};
  struct arena scratch;
  int rc;
  if (text.len > SBOM_SIZE_MAX)
    return error_set(err, SW_ELIMIT, "the document has %zu bytes, at most %d are read", text.len,
                     SBOM_SIZE_MAX);
  text = str_trim(without_mark(text));
  if (str_starts(text, STR("{"))) {
    arena_init(&scratch, SCRATCH_MAX);
    rc = read_json(text, format, arena, &scratch, &sbom, err);
    arena_free(&scratch);
  } else {
    if (!format)
      format = format_of(VALUE_NONE, text);
    rc = format && format->detect(VALUE_NONE, text)
             ? read_as(format, VALUE_NONE, text, arena, &sbom, err)
             : unknown_format(VALUE_NONE, text, err);
  }
  if (rc == 0)
    *ret_sbom = sbom;
  return rc;
}

/* ---- writing */

static bool numbers_hold(const struct sbom *sbom)
{
  for (size_t i = 0; i < sbom->dependency_count; i++)
    if (sbom->dependencies[i].package >= sbom->package_count ||
        sbom->dependencies[i].needs >= sbom->package_count)
      return false;
  for (size_t i = 0; i < sbom->vulnerability_count; i++) {
    const struct package *p = sbom->vulnerabilities[i].vulnerability->package;
    if (p < sbom->packages || p >= sbom->packages + sbom->package_count)
      return false;
  }
  return true;
}

int sbom_write(const struct sbom *sbom, const struct sbom_format *format, struct sink *out,
               struct error *err)
{
  if (!format->write)
    return error_set(err, SW_EUSAGE, "documents of the format \"%s\" are read, and not written",
                     format->name);
  if (!numbers_hold(sbom))
    return error_set(err, SW_EUSAGE,
                     "a dependency or a vulnerability is about a package that is not there");
  return format->write(sbom, out, err);
}
