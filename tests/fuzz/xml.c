/*
 * XML: elements begin and end in order, and texts and paths keep within their limits.
 */
#include "data/xml.h"

#include <assert.h>

static int on_start(void *ctx, const struct xml_element *e, struct error *err)
{
  unsigned *depth = ctx;
  (void)err;
  ++*depth;
  assert(*depth <= XML_DEPTH_MAX && e->line && e->path.len <= XML_PATH_MAX);
  assert(str_ends(e->path, e->name) && !e->text.len && e->attribute_count <= XML_ATTRIBUTES_MAX);
  for (size_t i = 0; i < e->attribute_count; i++)
    xml_attribute(e, e->attributes[i].name);
  return 0;
}

static int on_end(void *ctx, const struct xml_element *e, struct error *err)
{
  unsigned *depth = ctx;
  (void)err;
  assert(*depth > 0 && e->text.len <= XML_TEXT_MAX && str_ends(e->path, e->name));
  --*depth;
  assert((*depth == 0) == (e->path.len == e->name.len));
  return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
  unsigned depth = 0;
  const struct xml_visitor visitor = {on_start, on_end, &depth};
  struct error err;
  int rc = xml_read(str_make((const char *)data, size), &visitor, &err);
  assert(rc < 0 ? rc == err.code && err.message[0] : depth == 0);
  return 0;
}
