/* A compiled schema, for the files of json_schema. */
#ifndef SEAWALL_LANG_JSON_SCHEMA_INT_H
#define SEAWALL_LANG_JSON_SCHEMA_INT_H

#include "base/buf.h"
#include "base/map.h"
#include "base/vec.h"
#include "data/regex.h"
#include "lang/json_schema.h"

enum schema_type {
  SCHEMA_ARRAY,
  SCHEMA_BOOLEAN,
  SCHEMA_INTEGER,
  SCHEMA_NUMBER,
  SCHEMA_NULL,
  SCHEMA_OBJECT,
  SCHEMA_STRING,
  SCHEMA_TYPE_COUNT
};

enum schema_draft {
  SCHEMA_DRAFT4 = 4,
  SCHEMA_DRAFT6 = 6,
  SCHEMA_DRAFT7 = 7,
  SCHEMA_HYBRID = 100, /* not said: everything counts */
};

struct schema_node;

struct schema_named {
  struct str name;
  struct schema_node *node;  /* NULL: of dependencies, names */
  const struct regex *regex; /* of patternProperties */
  const struct str *names;   /* of dependencies */
  uint32_t name_count;
};

struct schema_named_list {
  struct schema_named *items;
  uint32_t count;
};

struct schema_list {
  struct schema_node **items;
  uint32_t count;
};

struct schema_texts {
  struct str *items;
  uint32_t count;
};

/* additionalProperties, additionalItems */
enum schema_rest {
  SCHEMA_REST_UNSAID,
  SCHEMA_REST_ALLOWED,
  SCHEMA_REST_FORBIDDEN,
  SCHEMA_REST_NODE
};

struct schema_node {
  enum schema_draft draft;
  bool is_boolean, passes;
  struct schema_node *ref; /* stands for all else */
  uint8_t types[SCHEMA_TYPE_COUNT], type_count;
  struct schema_named_list properties, pattern_properties, dependencies;
  enum schema_rest rest_properties, rest_items;
  struct schema_node *rest_properties_node, *rest_items_node;
  struct schema_node *property_names, *contains, *not, *when, *then, *otherwise;
  struct schema_list items, one_of, any_of, all_of;
  bool single_item;
  /* absent: not said */
  struct value multiple_of, minimum, exclusive_minimum, maximum, exclusive_maximum;
  /* negative: not said */
  int64_t min_length, max_length, min_properties, max_properties, min_items, max_items;
  const struct regex *pattern;
  struct str format;
  struct schema_texts required, values; /* values: enum, as texts */
  bool has_enum, has_const, unique;
  struct str constant;
};

struct json_schema {
  struct arena arena;
  struct schema_node *root;
  VEC(struct regex *) regexes;
  uint32_t nodes;
};

/* "array", ... */
struct str schema_type_name(enum schema_type type);

/* A value as text that is the same for equal ones: keys sorted, numbers as doubles. */
void schema_write(struct buf *out, struct value v);

/* json_schema_refs.c: documents within the document, by their ids, and where references lead. */
struct schema_refs {
  struct arena *arena;
  struct map documents; /* by absolute reference: struct value * */
  struct map targets; /* by address of the members of an object with $ref: the absolute reference */
  unsigned drafts;    /* bits by draft: its own schema is one of the documents */
};

void schema_refs_collect(struct schema_refs *refs, struct value document);
void schema_refs_free(struct schema_refs *refs);
/* The absolute reference of an object with "$ref". */
struct str schema_refs_target(const struct schema_refs *refs, struct value object);
/* *ret_draft is written if it leads into a draft's own schema. */
int schema_refs_find(struct schema_refs *refs, struct str target, struct value *ret,
                     enum schema_draft *ret_draft, struct error *err);
/* Without an empty fragment. */
struct str schema_refs_normal(struct arena *a, struct str reference);

/* json_schema_drafts.c: the draft that a URL without fragment names, and its own schema. */
bool schema_draft_of(struct str url, enum schema_draft *ret_draft, struct str *ret_text);

/* json_schema_format.c: true for formats that are not known. */
bool schema_has_format(struct str format, struct str text);

#endif
