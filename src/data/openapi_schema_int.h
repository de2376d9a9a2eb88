/* What the parts of openapi_schema share: a node of a schema that has been read. */
#ifndef SEAWALL_DATA_OPENAPI_SCHEMA_INT_H
#define SEAWALL_DATA_OPENAPI_SCHEMA_INT_H

#include "data/openapi_schema.h"
#include "data/regex.h"

enum openapi_type {
  OPENAPI_ANY, /* none given */
  OPENAPI_OBJECT,
  OPENAPI_ARRAY,
  OPENAPI_STRING,
  OPENAPI_INTEGER,
  OPENAPI_NUMBER,
  OPENAPI_BOOLEAN,
  OPENAPI_TYPE_COUNT,
};

struct openapi_node;

struct openapi_property {
  struct value key; /* a string */
  const struct openapi_node *node;
};

struct openapi_nodes {
  const struct openapi_node **items;
  uint32_t count;
};

/* Numbers of things that must be there: at least `min`, at most `max`. */
struct openapi_range {
  int64_t min, max;
};

struct openapi_node {
  uint8_t type; /* enum openapi_type */
  bool nullable, preserve, int_or_string, embedded;
  bool narrows; /* stands in allOf, anyOf, oneOf or not: makes no field unknown */
  bool exclusive_minimum, exclusive_maximum;
  uint8_t integer_bits; /* of format: 32 or 64; 0: none */
  const struct openapi_property *properties;
  uint32_t property_count;
  bool additional_any;                        /* additionalProperties: true */
  const struct openapi_node *additional;      /* additionalProperties: {...}; NULL: none */
  const struct openapi_node *items;           /* NULL: none */
  struct value required;                      /* an array of strings, or absent */
  struct value choices;                       /* enum: an array, or absent */
  struct value minimum, maximum, multiple_of; /* numbers, or absent */
  struct value fallback;                      /* default; absent: none */
  const struct regex *pattern;
  struct openapi_range length, item_count, member_count;
  struct openapi_nodes all_of, any_of, one_of;
  const struct openapi_node *none_of; /* not */
};

struct openapi_pattern {
  struct openapi_pattern *next;
  struct regex *regex;
};

struct openapi_schema {
  struct arena arena;
  const struct openapi_node *root;
  struct openapi_pattern *patterns; /* all of them, to be freed */
};

/* The property of a name; NULL if there is none. */
const struct openapi_node *openapi_property_find(const struct openapi_node *node, struct value key);

/* "an object", with its article. */
const char *openapi_type_text(const struct openapi_node *node);

#endif
