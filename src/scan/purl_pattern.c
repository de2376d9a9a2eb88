#include "scan/purl.h"

int purl_pattern_make(struct arena *arena, struct str text, struct purl_pattern *ret,
                      struct error *err)
{
  struct purl purl;
  int rc = purl_parse(arena, text, &purl, err);
  if (rc < 0)
    return rc;
  struct purl_qualifier *qualifiers =
      arena_array(arena, struct purl_qualifier, purl.qualifier_count + 1);
  for (size_t i = 0; i < purl.qualifier_count; i++)
    qualifiers[i] = purl.qualifiers[i];
  *ret = (struct purl_pattern){.type = purl.type,
                               .name_space = purl.name_space,
                               .name = purl.name,
                               .version = purl.version,
                               .subpath = purl.subpath,
                               .qualifiers = qualifiers,
                               .qualifier_count = purl.qualifier_count};
  return 0;
}

static bool has(const struct purl_pattern *purl, const struct purl_qualifier *wanted)
{
  for (size_t i = 0; i < purl->qualifier_count; i++)
    if (str_eq(purl->qualifiers[i].key, wanted->key))
      return str_eq(purl->qualifiers[i].value, wanted->value);
  return false;
}

bool purl_pattern_means(const struct purl_pattern *pattern, const struct purl_pattern *purl)
{
  if (!str_eq(pattern->type, purl->type) || !str_eq(pattern->name_space, purl->name_space) ||
      !str_eq(pattern->name, purl->name) ||
      (pattern->version.len && !str_eq(pattern->version, purl->version)) ||
      (pattern->subpath.len && !str_eq(pattern->subpath, purl->subpath)))
    return false;
  for (size_t i = 0; i < pattern->qualifier_count; i++)
    if (!has(purl, &pattern->qualifiers[i]))
      return false;
  return true;
}
