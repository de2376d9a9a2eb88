/*
 * xml.h - reads XML 1.0 as a sequence of elements, and nothing that could make it more than it is.
 *
 *     static int on_end(void *ctx, const struct xml_element *e, struct error *err)
 *     {
 *       if (str_eq(e->path, STR("project/dependencies/dependency/version")))
 *         ... e->text ...
 *       return 0;
 *     }
 *     const struct xml_visitor visitor = {.end = on_end, .ctx = &mine};
 *     if (xml_read(bytes, &visitor, &err) < 0) ...
 *
 * Of the names the part behind the prefix counts; namespaces are not told. An element's text is what stands between
 * its last inner element, or its start, and its end, without white space at both ends.
 *
 * Entities: only those that XML itself has. A document that declares any is refused, as is one that wants another
 * file; nothing is ever loaded.
 *
 * Encodings: UTF-8, UTF-16, ISO-8859-1, US-ASCII (Expat's own). Texts are told as UTF-8.
 *
 * Limits: XML_SIZE_MAX bytes, XML_DEPTH_MAX elements in each other, XML_PATH_MAX bytes of their names together,
 * XML_TEXT_MAX bytes of a text, XML_ATTRIBUTES_MAX attributes of an element: SW_ELIMIT. Errors have line and column.
 *
 * Thread safety: any number of threads.
 */
#ifndef SEAWALL_DATA_XML_H
#define SEAWALL_DATA_XML_H

#include "base/error.h"
#include "base/str.h"

#include <stdint.h>

enum {
  XML_SIZE_MAX = 64 << 20,
  XML_DEPTH_MAX = 200,
  XML_PATH_MAX = 16384,
  XML_TEXT_MAX = 1 << 20,
  XML_ATTRIBUTES_MAX = 256,
};

struct xml_attribute {
  struct str name, value;
};

/* Views, valid within the call. */
struct xml_element {
  struct str path; /* the names down to it, with "/" between them */
  struct str name;
  struct str text;                        /* at its end; empty at its start */
  const struct xml_attribute *attributes; /* at its start */
  size_t attribute_count;
  uint32_t line; /* where the tag begins */
};

/* Either may be NULL. An error ends the reading, and is its result. */
struct xml_visitor {
  int (*start)(void *ctx, const struct xml_element *element, struct error *err);
  int (*end)(void *ctx, const struct xml_element *element, struct error *err);
  void *ctx;
};

/* SW_EINVAL: not well-formed, or with declarations of entities; SW_ELIMIT. */
int xml_read(struct str bytes, const struct xml_visitor *visitor, struct error *err);

/* The value of an attribute; empty if there is none. */
struct str xml_attribute(const struct xml_element *element, struct str name);

#endif
