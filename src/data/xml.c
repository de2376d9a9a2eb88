#include "data/xml.h"

#include "base/buf.h"
#include "base/hash.h"
#include "base/mem.h"

#include <expat.h>

struct reading {
  XML_Parser parser;
  const struct xml_visitor *visitor;
  struct error error; /* code 0: none */
  struct buf path, text;
  uint32_t depth;
};

static void stop(struct reading *r)
{
  XML_StopParser(r->parser, XML_FALSE);
}

static void refuse(struct reading *r, int code, const char *why)
{
  if (r->error.code < 0)
    return;
  error_set_at(&r->error, code, (uint32_t)XML_GetCurrentLineNumber(r->parser),
               (uint32_t)XML_GetCurrentColumnNumber(r->parser) + 1, "%s", why);
  stop(r);
}

static struct str local_name(const XML_Char *name)
{
  struct str whole = str_from(name);
  ptrdiff_t colon = str_find_byte(whole, 0, ':');
  return colon < 0 ? whole : str_sub(whole, (size_t)colon + 1, SIZE_MAX);
}

static void tell(struct reading *r,
                 int (*told)(void *ctx, const struct xml_element *element, struct error *err),
                 const struct xml_element *element)
{
  struct error err = {.code = 0};
  if (!told || told(r->visitor->ctx, element, &err) >= 0)
    return;
  r->error = err;
  if (!r->error.line)
    r->error.line = element->line;
  stop(r);
}

static void XMLCALL on_start(void *ctx, const XML_Char *name, const XML_Char **attributes)
{
  struct reading *r = ctx;
  struct xml_attribute told[XML_ATTRIBUTES_MAX];
  size_t count = 0;
  if (r->error.code < 0)
    return;
  struct str local = local_name(name);
  if (r->depth == XML_DEPTH_MAX || r->path.len + local.len + 1 > XML_PATH_MAX) {
    refuse(r, SW_ELIMIT, "elements are nested too deep");
    return;
  }
  for (; attributes[2 * count]; count++) {
    if (count == XML_ATTRIBUTES_MAX) {
      refuse(r, SW_ELIMIT, "the element has too many attributes");
      return;
    }
    told[count] = (struct xml_attribute){local_name(attributes[2 * count]),
                                         str_from(attributes[2 * count + 1])};
  }
  if (r->depth++)
    buf_add_byte(&r->path, '/');
  buf_add(&r->path, local);
  buf_clear(&r->text);
  const struct xml_element element = {.path = buf_str(&r->path),
                                      .name = local,
                                      .text = STR_EMPTY,
                                      .attributes = told,
                                      .attribute_count = count,
                                      .line = (uint32_t)XML_GetCurrentLineNumber(r->parser)};
  tell(r, r->visitor->start, &element);
}

static void XMLCALL on_end(void *ctx, const XML_Char *name)
{
  struct reading *r = ctx;
  if (r->error.code < 0)
    return;
  struct str local = local_name(name);
  const struct xml_element element = {.path = buf_str(&r->path),
                                      .name = local,
                                      .text = str_trim(buf_str(&r->text)),
                                      .line = (uint32_t)XML_GetCurrentLineNumber(r->parser)};
  tell(r, r->visitor->end, &element);
  r->depth--;
  r->path.len -= local.len + (r->depth > 0);
  buf_clear(&r->text);
}

static void XMLCALL on_text(void *ctx, const XML_Char *text, int len)
{
  struct reading *r = ctx;
  if (r->error.code < 0)
    return;
  if (r->text.len + (size_t)len > XML_TEXT_MAX)
    refuse(r, SW_ELIMIT, "a text is too long");
  else
    buf_add(&r->text, str_make(text, (size_t)len));
}

static void XMLCALL on_entity(void *ctx, const XML_Char *name, int is_parameter,
                              const XML_Char *value, int length, const XML_Char *base,
                              const XML_Char *system_id, const XML_Char *public_id,
                              const XML_Char *notation)
{
  (void)name, (void)is_parameter, (void)value, (void)length, (void)base, (void)system_id,
      (void)public_id, (void)notation;
  refuse(ctx, SW_EINVAL, "the document declares entities, which are not read");
}

static int parse(struct reading *r, struct str bytes, struct error *err)
{
  enum { PIECE = 1 << 20 };
  enum XML_Status status = XML_STATUS_OK;
  for (size_t at = 0; status == XML_STATUS_OK && at <= bytes.len; at += PIECE) {
    struct str piece = str_sub(bytes, at, PIECE);
    status =
        XML_Parse(r->parser, piece.len ? piece.data : "", (int)piece.len, at + PIECE > bytes.len);
  }
  if (r->error.code < 0) {
    if (err)
      *err = r->error;
    return r->error.code;
  }
  if (status == XML_STATUS_OK)
    return 0;
  return error_set_at(err, SW_EINVAL, (uint32_t)XML_GetCurrentLineNumber(r->parser),
                      (uint32_t)XML_GetCurrentColumnNumber(r->parser) + 1, "XML: %s",
                      XML_ErrorString(XML_GetErrorCode(r->parser)));
}

int xml_read(struct str bytes, const struct xml_visitor *visitor, struct error *err)
{
  struct reading r = {.visitor = visitor};
  if (bytes.len > XML_SIZE_MAX)
    return error_set(err, SW_ELIMIT, "the document has %zu bytes, at most %d are read", bytes.len,
                     XML_SIZE_MAX);
  r.parser = XML_ParserCreate(NULL);
  if (!r.parser)
    mem_exhausted(sizeof(void *));
  XML_SetHashSalt(r.parser, (unsigned long)hash_bytes(STR("xml")) | 1);
  XML_SetUserData(r.parser, &r);
  XML_SetElementHandler(r.parser, on_start, on_end);
  XML_SetCharacterDataHandler(r.parser, on_text);
  XML_SetEntityDeclHandler(r.parser, on_entity);
  int rc = parse(&r, bytes, err);
  XML_ParserFree(r.parser);
  buf_free(&r.path);
  buf_free(&r.text);
  return rc;
}

struct str xml_attribute(const struct xml_element *element, struct str name)
{
  for (size_t i = 0; i < element->attribute_count; i++)
    if (str_eq(element->attributes[i].name, name))
      return element->attributes[i].value;
  return STR_EMPTY;
}
