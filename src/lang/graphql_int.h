/* The trees of GraphQL documents, for the files of graphql. */
#ifndef SEAWALL_LANG_GRAPHQL_INT_H
#define SEAWALL_LANG_GRAPHQL_INT_H

#include "base/buf.h"
#include "base/map.h"
#include "lang/graphql.h"

/* Lists that grow in the arena. */
#define GQL_LIST(name, type)                                                                       \
  struct name {                                                                                    \
    type *items;                                                                                   \
    uint32_t count, room;                                                                          \
  }

void *gql_grow(struct arena *a, void *items, uint32_t count, uint32_t *room, size_t size);

/* Appends an item; the list is an lvalue without side effects. */
#define gql_push(a, list, ...)                                                                     \
  ((list)->count == (list)->room                                                                   \
       ? (void)((list)->items = gql_grow((a), (list)->items, (list)->count, &(list)->room,         \
                                         sizeof *(list)->items))                                   \
       : (void)0,                                                                                  \
   (void)((list)->items[(list)->count++] = (__VA_ARGS__)))

struct gql_place {
  int32_t line, column; /* line 0: not known */
};

struct gql_definition;
struct gql_directive_definition;
struct gql_field;
struct gql_fragment;
struct gql_variable;
struct gql_value;
struct gql_type;

GQL_LIST(gql_names, struct str);

struct gql_type {
  struct str name;       /* empty: a list */
  struct gql_type *elem; /* of a list */
  bool non_null;
  struct gql_place place;
};

enum gql_kind {
  GQL_VARIABLE,
  GQL_INT,
  GQL_FLOAT,
  GQL_STRING,
  GQL_BLOCK,
  GQL_BOOLEAN,
  GQL_NULL,
  GQL_ENUM,
  GQL_LIST_VALUE,
  GQL_OBJECT,
};

struct gql_child {
  struct str name; /* empty in lists */
  struct gql_value *value;
  struct gql_place place;
};
GQL_LIST(gql_children, struct gql_child);

struct gql_value {
  enum gql_kind kind;
  struct str raw;
  struct gql_children children;
  struct gql_place place;
  /* found by checking */
  const struct gql_definition *definition;
  const struct gql_variable *variable;
  const struct gql_type *expected;
  bool expected_has_default;
};

struct gql_argument {
  struct str name;
  struct gql_value *value;
  struct gql_place place;
};
GQL_LIST(gql_arguments, struct gql_argument);

struct gql_directive {
  struct str name;
  struct gql_arguments arguments;
  struct gql_place place;
  const struct gql_directive_definition *definition; /* found by checking */
  struct str location;                               /* likewise */
};
GQL_LIST(gql_directives, struct gql_directive);

enum gql_selection_kind { GQL_FIELD, GQL_SPREAD, GQL_INLINE };

struct gql_selection;
GQL_LIST(gql_selections, struct gql_selection);

struct gql_selection {
  enum gql_selection_kind kind;
  struct str alias, name; /* fields; spreads: name */
  struct str condition;   /* inline fragments: the type, or empty */
  struct gql_arguments arguments;
  struct gql_directives directives;
  struct gql_selections selections;
  struct gql_place place;
  /* found by checking */
  const struct gql_field *definition;
  const struct gql_definition *object;
  struct gql_fragment *fragment;
};

struct gql_variable {
  struct str name;
  struct gql_type *type;
  struct gql_value *default_value;
  struct gql_directives directives;
  struct gql_place place;
  /* found by checking */
  const struct gql_definition *definition;
  bool used;
};
GQL_LIST(gql_variables, struct gql_variable);

struct gql_operation {
  struct str operation, name;
  struct gql_variables variables;
  struct gql_directives directives;
  struct gql_selections selections;
  struct gql_place place;
};

struct gql_fragment {
  struct str name, condition;
  struct gql_variables variables;
  struct gql_directives directives;
  struct gql_selections selections;
  struct gql_place place;
  const struct gql_definition *definition; /* found by checking */
};

struct graphql_query {
  GQL_LIST(gql_operations, struct gql_operation) operations;
  GQL_LIST(gql_fragments, struct gql_fragment) fragments;
};

/* ---- schemas */

/* An argument's definition. */
struct gql_input {
  struct str description, name;
  struct gql_value *default_value;
  struct gql_type *type;
  struct gql_directives directives;
  struct gql_place place;
};
GQL_LIST(gql_inputs, struct gql_input);

struct gql_field {
  struct str description, name;
  struct gql_inputs arguments;
  struct gql_value *default_value; /* of input objects */
  struct gql_type *type;
  struct gql_directives directives;
  struct gql_place place;
};
GQL_LIST(gql_fields, struct gql_field);

struct gql_enum_value {
  struct str description, name;
  struct gql_directives directives;
  struct gql_place place;
};
GQL_LIST(gql_enum_values, struct gql_enum_value);

enum gql_definition_kind {
  GQL_KIND_SCALAR,
  GQL_KIND_OBJECT,
  GQL_KIND_INTERFACE,
  GQL_KIND_UNION,
  GQL_KIND_ENUM,
  GQL_KIND_INPUT,
};

GQL_LIST(gql_places, struct gql_place);

struct gql_definition {
  enum gql_definition_kind kind;
  struct str description, name;
  struct gql_directives directives;
  struct gql_names interfaces, types;
  struct gql_places type_places; /* of types, if known */
  struct gql_fields fields;
  struct gql_enum_values values;
  struct gql_place place;
  bool built_in;
};
GQL_LIST(gql_definitions, struct gql_definition);

struct gql_directive_definition {
  struct str description, name;
  struct gql_inputs arguments;
  struct gql_names locations;
  bool repeatable;
  struct gql_place place;
};
GQL_LIST(gql_directive_definitions, struct gql_directive_definition);

struct gql_root {
  struct str operation, type;
  struct gql_place place;
};
GQL_LIST(gql_roots, struct gql_root);

struct gql_schema_definition {
  struct str description;
  struct gql_directives directives;
  struct gql_roots roots;
  struct gql_place place;
};
GQL_LIST(gql_schema_definitions, struct gql_schema_definition);

struct graphql_document {
  struct gql_schema_definitions schemas, schema_extensions;
  struct gql_directive_definitions directives;
  struct gql_definitions definitions, extensions;
};

GQL_LIST(gql_types, const struct gql_definition *);

struct graphql_schema {
  struct gql_definition *query, *mutation, *subscription;
  struct gql_definition **types; /* sorted by name */
  uint32_t type_count;
  struct map by_name; /* struct gql_definition * */
  const struct gql_directive_definition **directives;
  uint32_t directive_count;
  struct map possible; /* name of an abstract type or object: struct gql_types * */
};

/* graphql.c */
struct str gql_kind_name(enum gql_definition_kind kind);
bool gql_kind_named(struct str name, enum gql_definition_kind *ret);
const struct gql_field *gql_field_named(const struct gql_definition *d, struct str name);
const struct gql_input *gql_input_named(const struct gql_inputs *inputs, struct str name);
const struct gql_argument *gql_argument_named(const struct gql_arguments *args, struct str name);
bool gql_has_name(const struct gql_names *names, struct str name);
struct str gql_type_name(const struct gql_type *type); /* of the innermost element */
struct str gql_type_text(struct arena *a, const struct gql_type *type);
struct str gql_value_text(struct arena *a, const struct gql_value *v);
/* Where one of type t may be used for `other`. */
bool gql_type_fits(const struct gql_type *t, const struct gql_type *other);

/* graphql_schema.c */
struct gql_definition *gql_find_type(const struct graphql_schema *schema, struct str name);
const struct gql_directive_definition *gql_find_directive(const struct graphql_schema *schema,
                                                          struct str name);
const struct gql_types *gql_possible_types(const struct graphql_schema *schema, struct str name);

/* ---- checking */

struct gql_checker {
  struct arena *arena;
  const struct graphql_schema *schema;
  struct graphql_query *query;
  const struct graphql_budget *budget;
  struct map fragments; /* by name: struct gql_fragment *, the first of a name */
  GQL_LIST(gql_problem_list, struct graphql_problem) problems;
  uint64_t steps;
  bool over;      /* a limit has been passed */
  uint32_t depth; /* of selections, through fragments */
  /* the walk */
  struct gql_operation *operation; /* NULL in fragments */
  struct map walked;               /* fragments, in the operation */
  /* rules that remember */
  struct map used_fragments, seen_fragments, seen_operations, cycle_free, misplaced;
  bool in_fragments;
  struct map fragment_pairs; /* compared; number: 1 exclusive, 2 not */
};

/* Counts work; false when there has been too much. */
bool gql_spend(struct gql_checker *c, uint64_t steps);

void gql_problem(struct gql_checker *c, struct gql_place place, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* graphql_rules.c: what is looked at when the walk leaves a node. */
void gql_rules_operation(struct gql_checker *c, struct gql_operation *operation);
void gql_rules_fragment(struct gql_checker *c, struct gql_fragment *fragment);
void gql_rules_field(struct gql_checker *c, struct gql_selection *field);
void gql_rules_inline(struct gql_checker *c, struct gql_selection *inline_fragment);
void gql_rules_spread(struct gql_checker *c, struct gql_selection *spread);
void gql_rules_directive(struct gql_checker *c, struct gql_directive *directive);
void gql_rules_directives(struct gql_checker *c, const struct gql_directives *directives);
void gql_rules_variable(struct gql_checker *c, const struct gql_variable *variable);

/* graphql_values.c */
void gql_rules_value(struct gql_checker *c, struct gql_value *v);
/* " Did you mean "a", "b", or "c"?", or empty. */
struct str gql_suggest(struct gql_checker *c, const char *before, struct str typed,
                       const struct gql_names *options, bool quoted);

/* graphql_overlap.c: fields of one name that cannot be merged. */
void gql_overlaps(struct gql_checker *c, const struct gql_selections *selections);

#endif
