/*
 * language_add_int.h - adds a package of a language with its package URL.
 *
 *     struct package p = {.type = PACKAGE_GOLANG, .name = name, .path = path, .layer = layer};
 *     rc = language_add(list, &p, version, &purl, &err);
 *
 * purl holds what is special (namespace, name, qualifiers); type and version are filled in here. A package whose
 * URL cannot be written (an empty part) is added without one. The arguments are views, list's arena gets copies.
 */
#ifndef SEAWALL_SCAN_LANGUAGE_LANGUAGE_ADD_INT_H
#define SEAWALL_SCAN_LANGUAGE_LANGUAGE_ADD_INT_H

#include "base/mem.h"
#include "scan/package.h"
#include "scan/purl.h"

static inline int language_add(struct package_list *list, struct package *p, struct str version,
                               struct purl *purl, struct error *err)
{
  _cleanup_(buf_free) struct buf text = {0};
  p->version = package_version_split(p->type, version);
  purl->type = package_type_text(p->type);
  if (!purl->version.len)
    purl->version = version;
  p->purl = purl_write(&text, purl, NULL) < 0 ? STR_EMPTY : buf_str(&text);
  return package_list_add(list, p, err);
}

/* The last part of a path, and of an archive's "a.war!b.jar". */
static inline struct str language_base_name(struct str path)
{
  for (size_t i = path.len; i > 0; i--)
    if (path.data[i - 1] == '/' || path.data[i - 1] == '!')
      return str_sub(path, i, SIZE_MAX);
  return path;
}

#endif
