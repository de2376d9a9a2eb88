/*
 * admission_namespaces.h - Namespaces and their labels from a file, for decisions without a cluster.
 *
 *     struct admission_namespace_map *map;
 *     if (admission_namespace_map_read(text, &map, &err) < 0) ...
 *     options.namespaces = admission_namespace_map_service(map);
 *
 * The text is YAML or JSON: Namespaces as the API server gives them (documents, or a list), or one object
 * from names to labels, where "*" stands for every other name:
 *
 *     shop: {pod-security.kubernetes.io/enforce: restricted}
 *     "*": {pod-security.kubernetes.io/enforce: baseline}
 *
 * Ownership: the map owns a copy of everything. Thread safety: immutable once read.
 */
#ifndef SEAWALL_POLICY_ADMISSION_NAMESPACES_H
#define SEAWALL_POLICY_ADMISSION_NAMESPACES_H

#include "base/error.h"
#include "base/mem.h"
#include "base/str.h"
#include "policy/admission.h"

enum { ADMISSION_NAMESPACES_MAX = 100000 };

struct admission_namespace_map;

/* SW_EINVAL with the line: not YAML, neither form, a name that occurs twice, labels that are no texts. */
int admission_namespace_map_read(struct str text, struct admission_namespace_map **ret_map,
                                 struct error *err);
void admission_namespace_map_free(struct admission_namespace_map *map);
MEM_DEFINE_CLEANUP(struct admission_namespace_map, admission_namespace_map_free)

/* How many names there are, "*" among them. */
size_t admission_namespace_map_count(const struct admission_namespace_map *map);

/* For admission_options.namespaces; the map must outlive its use. */
struct admission_namespaces admission_namespace_map_service(
    const struct admission_namespace_map *map);

#endif
