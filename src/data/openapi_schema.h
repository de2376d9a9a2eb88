/*
 * openapi_schema.h - the structural OpenAPI v3 schemas of CustomResourceDefinitions: defaults and
 * validation as the API server does them (apiextensions.k8s.io/v1).
 *
 *     struct openapi_schema *schema;
 *     if (openapi_schema_new(document, false, &schema, &err) < 0)
 *         return error_wrap(&err, "openAPIV3Schema");
 *     v = openapi_schema_default(schema, &arena, v);
 *     struct openapi_faults faults;
 *     if (openapi_schema_check(schema, &arena, v, STR("spec.parameters"), &faults) > 0)
 *         for (uint32_t i = 0; i < faults.count; i++)
 *             show(faults.items[i].path, faults.items[i].message);
 *
 * Known are: type, properties, required, items, enum, pattern, format (int32, int64), minimum,
 * maximum, exclusiveMinimum, exclusiveMaximum, multipleOf, minLength, maxLength, minItems, maxItems,
 * minProperties, maxProperties, additionalProperties, nullable, default, allOf, anyOf, oneOf, not,
 * x-kubernetes-preserve-unknown-fields, x-kubernetes-int-or-string, x-kubernetes-embedded-resource.
 * Other formats and x-kubernetes-validations are not looked at. $ref, definitions, dependencies,
 * patternProperties, additionalItems, id, uniqueItems: true, additionalProperties: false and `items`
 * that is a list are refused, as the API server refuses them. Words that mean nothing are passed over.
 *
 * A schema must be structural: a type for every object, property and element, unless it preserves
 * unknown fields or is int-or-string. `legacy` is Gatekeeper's legacySchema: everything without a
 * type and every object preserves unknown fields.
 *
 * Fields that the schema does not know are faults of their own kind (`unknown`): an API server would
 * silently drop them.
 *
 * Limits: OPENAPI_DEPTH_MAX levels and OPENAPI_NODES_MAX nodes of a schema (SW_ELIMIT). Errors of
 * openapi_schema_new are SW_EINVAL and begin with the path in the schema: "properties.labels.type".
 *
 * Ownership: a schema copies what it needs. Defaults put into a value are the schema's, which must
 * outlive it; texts of faults lie in the arena or view value and schema. Thread safety: a schema is
 * immutable and may be shared.
 */
#ifndef SEAWALL_DATA_OPENAPI_SCHEMA_H
#define SEAWALL_DATA_OPENAPI_SCHEMA_H

#include "base/arena.h"
#include "base/error.h"
#include "base/mem.h"
#include "data/value.h"

enum {
  OPENAPI_DEPTH_MAX = 64,
  OPENAPI_NODES_MAX = 100000,
  OPENAPI_FAULTS_MAX = 20,
};

struct openapi_schema;

int openapi_schema_new(struct value document, bool legacy, struct openapi_schema **ret_schema,
                       struct error *err);
void openapi_schema_free(struct openapi_schema *schema);
MEM_DEFINE_CLEANUP(struct openapi_schema, openapi_schema_free)

/* The value with defaults set where fields are missing or null without being nullable; other such
 * nulls of objects are taken out. Shares what does not change. */
struct value openapi_schema_default(const struct openapi_schema *schema, struct arena *a,
                                    struct value v);

struct openapi_fault {
  struct str path;    /* "spec.parameters.labels[0].key" */
  struct str message; /* "must be a string, is a number" */
  bool unknown;       /* a field that the schema does not know */
};

struct openapi_faults {
  struct openapi_fault items[OPENAPI_FAULTS_MAX];
  uint32_t count;
  uint32_t dropped; /* found when the list was full */
};

/* All that does not fit; paths begin with `root`. Returns how many were found. */
uint32_t openapi_schema_check(const struct openapi_schema *schema, struct arena *a, struct value v,
                              struct str root, struct openapi_faults *ret_faults);

#endif
