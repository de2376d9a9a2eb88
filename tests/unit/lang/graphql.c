#include "../test.h"

#include "data/compare.h"
#include "data/json_write.h"
#include "lang/graphql.h"

static struct arena arena;

static int start(void **state)
{
  (void)state;
  arena_init(&arena, 0);
  return 0;
}

static int stop(void **state)
{
  (void)state;
  arena_free(&arena);
  return 0;
}

static const char pets[] =
    "interface Node { id: ID! }\n"
    "type Person implements Node { id: ID! name(upper: Boolean = false): String pets(firs"
    "t: Int): [Pet!] }\n"
    "union Pet = Cat | Dog\n"
    "type Cat { lives: Int }\n"
    "type Dog { barks: Float! }\n"
    "enum Sort { ASC DESC }\n"
    "input Filter { like: String! sort: Sort = ASC }\n"
    "type Query { person(id: ID!): Person all(f: Filter): [Person!] }\n"
    "type Subscription { news: String old: String }\n";

static struct graphql_schema *make_schema(const char *text, struct error *err)
{
  struct graphql_document *document;
  struct graphql_schema *schema = NULL;
  if (graphql_read_schema(&arena, str_from(text), &document, err) == 0)
    (void)graphql_make_schema(&arena, document, &schema, err);
  return schema;
}

struct row {
  const char *text, *expected;
};

/* What is wrong with queries against `pets`: "line:column message", one a line. */
static void queries_are_checked(void **state)
{
  (void)state;
  static const struct row rows[] = {
      {"{ person(id: \"1\") { name(upper: true) pets { __typename ... on Cat { lives } ...D "
       "} } } fragment D on Dog { barks }",
       ""},
      {"{ persn(id: 1) { id } }",
       "1:3 Cannot query field \"persn\" on type \"Query\". Did you mean \"person\"?"},
      {"{ person { id } }",
       "1:3 Field \"person\" argument \"id\" of type \"ID!\" is required, but it was not pro"
       "vided."},
      {"{ person(id: 1) }",
       "1:3 Field \"person\" of type \"Person\" must have a selection of subfields. Did you "
       "mean \"person { ... }\"?"},
      {"{ person(id: 1) { id { x } } }",
       "1:24 Cannot query field \"x\" on type \"ID\".\n"
       "1:19 Field \"id\" must not have a selection since type \"ID\" has no subfields."},
      {"{ person(id: 1, id: 2, no: 3) { id } }",
       "1:3 Unknown argument \"no\" on field \"Query.person\".\n"
       "1:17 There can be only one argument named \"id\"."},
      {"{ person(id: 1) { ...F } }", "1:22 Unknown fragment \"F\"."},
      {"{ person(id: 1) { ...A } } fragment A on Person { ...B } fragment B on Person { ...A"
       " }",
       "1:84 Cannot spread fragment \"A\" within itself via \"B\"."},
      {"fragment U on Person { id } { person(id: 1) { id } }", "1:1 Fragment \"U\" is never used."},
      {"fragment U on Nothing { id } { person(id: 1) { ...U } }",
       "1:1 Unknown type \"Nothing\". Did you mean \"String\"?"},
      {"{ person(id: 1) { ... on Cat { lives } } }",
       "1:23 Fragment cannot be spread here as objects of type \"Person\" can never be of ty"
       "pe \"Cat\"."},
      {"query A { all { id } } query A { all { id } }",
       "1:24 There can be only one operation named \"A\"."},
      {"{ all { id } } query A { all { id } }",
       "1:1 This anonymous operation must be the only defined operation."},
      {"query ($x: Int!) { all { id } }", "1:8 Variable \"$x\" is never used."},
      {"query ($x: Int, $x: Int) { person(id: $x) { id } }",
       "1:39 Variable \"$x\" of type \"Int\" used in position expecting type \"ID!\".\n"
       "1:17 Variable \"$x\" is never used.\n"
       "1:17 There can be only one variable named \"$x\"."},
      {"query { person(id: $x) { id } }", "1:20 Variable \"$x\" is not defined."},
      {"query ($x: Person) { person(id: $x) { id } }",
       "1:33 Variable \"$x\" of type \"Person\" used in position expecting type \"ID!\".\n"
       "1:8 Variable \"$x\" cannot be non-input type \"Person\"."},
      {"query ($x: Strng) { person(id: $x) { id } }",
       "1:8 Unknown type \"Strng\".\n"
       "1:32 Variable \"$x\" of type \"Strng\" used in position expecting type \"ID!\"."},
      {"query ($x: Int = \"a\") { person(id: \"1\") { pets(first: $x) { __typename } } }",
       "1:19 Int cannot represent non-integer value: \"a\""},
      {"{ all(f: {lik: \"x\"}) { id } }",
       "1:10 Field \"Filter.like\" of required type \"String!\" was not provided.\n"
       "1:11 Field \"lik\" is not defined by type \"Filter\". Did you mean \"like\"?"},
      {"{ all(f: {like: 1, sort: UP}) { id } }",
       "1:17 String cannot represent a non string value: 1\n"
       "1:26 Value \"UP\" does not exist in \"Sort\" enum."},
      {"{ all(f: {like: \"x\", like: \"y\"}) { id } }",
       "1:22 There can be only one input field named \"like\"."},
      {"{ all(f: null) { id } }", ""},
      {"{ all @skip { id } }",
       "1:8 Directive \"@skip\" argument \"if\" of type \"Boolean!\" is required, but it was"
       " not provided."},
      {"{ all @what { id } }", "1:8 Unknown directive \"@what\"."},
      {"query @skip(if: true) { all { id } }", "1:8 Directive \"@skip\" may not be used on QUERY."},
      {"{ all @skip(if: true) @skip(if: false) { id } }",
       "1:24 The directive \"@skip\" can only be used once at this location."},
      {"{ a: person(id: 1) { id } a: person(id: 2) { id } }",
       "1:27 Fields \"a\" conflict because they have differing arguments. Use different alia"
       "ses on the fields to fetch both if this was intentional."},
      {"{ all { x: id x: name } }",
       "1:15 Fields \"x\" conflict because \"id\" and \"name\" are different fields. Use dif"
       "ferent aliases on the fields to fetch both if this was intentional."},
      {"subscription { news old }",
       "1:21 Anonymous Subscription must select only one top level field."},
      {"mutation { x }", "1:1 Schema does not support operation type \"mutation\""},
      {"{ __schema { queryType { name } } __type(name: \"Cat\") { kind } }", ""},
  };
  struct error err;
  _cleanup_(graphql_schema_freep) struct graphql_schema *schema = make_schema(pets, &err);
  assert_non_null(schema);
  for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
    struct graphql_query *query;
    struct graphql_problems problems = {0};
    _cleanup_(buf_free) struct buf out = {0};
    assert_int_equal(graphql_read_query(&arena, str_from(rows[i].text), &query, &err), 0);
    int rc = graphql_check(&arena, schema, query, NULL, &problems, &err);
    assert_int_equal(rc, problems.count ? SW_EINVAL : 0);
    for (size_t k = 0; k < problems.count; k++)
      buf_printf(&out, "%s%d:%d %.*s", k ? "\n" : "", problems.items[k].line,
                 problems.items[k].column, STR_FMT(problems.items[k].message));
    if (!str_eq(buf_str(&out), str_from(rows[i].expected)))
      fail_msg("%s\n  is       %s\n  expected %s", rows[i].text, buf_text(&out), rows[i].expected);
  }
}

static void schemas_are_checked(void **state)
{
  (void)state;
  static const struct row rows[] = {
      {"type Query { a: Int }", ""},
      {"type A { a: Int }", ""},
      {"type Query { a: Strng }", "Undefined type Strng."},
      {"type Query { a(b: Query): Int }",
       "cannot use Query as argument b because OBJECT is not a valid input type"},
      {"type Query implements I { a: Int } interface I { b: Int }",
       "For Query to implement I it must have a field called b."},
      {"interface I { a: Int! } type Query implements I { a: Int }",
       "For Query to implement I the field a must have type Int!."},
      {"type A { a: Int } type A { b: Int }", "Cannot redeclare type A."},
      {"union U = Int type Query { u: U }", "UNION type \"Int\" must be OBJECT."},
      {"input I { a: Query } type Query { a: Int }",
       "OBJECT a: field must be one of SCALAR, ENUM, INPUT_OBJECT."},
      {"enum E { true } type Query { e: E }", "ENUM E: non-enum value true."},
      {"type Query { __a: Int }",
       "Name \"__a\" must not begin with \"__\", which is reserved by GraphQL introspection."},
      {"type Query { a: Int a: Int }", "Field Query.a can only be defined once."},
      {"extend type Nothing { a: Int }", ""},
      {"directive @d on FIELD_DEFINITION type Query { a: Int @d @e }", "Undefined directive e."},
      {"directive @d on WHERE", "Unexpected Name \"WHERE\""},
      {"schema { query: Nope }", "Schema root query refers to a type Nope that does not exist."},
      {"schema { query: Query } schema { query: Query } type Query { a: Int }",
       "Cannot have multiple schema entry points, consider schema extensions instead."},
      {"type Query", "OBJECT Query: must define one or more fields."},
      {"type Query {}", "expected at least one definition, found }"},
      {"scalar __X",
       "Name \"__X\" must not begin with \"__\", which is reserved by GraphQL introspection."},
      {"union U", ""},
  };
  for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
    struct error err = {0};
    _cleanup_(graphql_schema_freep) struct graphql_schema *schema = make_schema(rows[i].text, &err);
    if ((schema != NULL) == (err.message[0] != 0) || strcmp(err.message, rows[i].expected) != 0)
      fail_msg("%s\n  is       %s\n  expected %s", rows[i].text, err.message, rows[i].expected);
  }
}

/* A text without anything is an empty document. */
static void what_cannot_be_read_is_refused(void **state)
{
  (void)state;
  static const struct row rows[] = {
      {"", ""},
      {"{", "Expected Name, found <EOF>"},
      {"{ }", "expected at least one definition, found }"},
      {"{ a(b: ) }", "Unexpected )"},
      {"{ a b: }", "Expected Name, found }"},
      {"query Q( { a }", "Expected $, found {"},
      {"fragment on on T { a }", "Unexpected Name \"on\""},
      {"{ a(b: \"x) }", "Unexpected <Invalid>"},
      {"{ a(b: \"\\q\") }", "Unexpected <Invalid>"},
      {"{ a(b: 01) }", "Unexpected <Invalid>"},
      {"{ ...  }", "Expected {, found }"},
      {"# only", ""},
      {"type A { a: Int }", "Unexpected Name \"type\""},
      {"{ a(b: \"\"\"x) }", "Unexpected <Invalid>"},
      {"\\u0007", "Unexpected <Invalid>"},
      {"{ a(b: 1.) }", "Unexpected <Invalid>"},
  };
  for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
    struct error err = {0};
    struct graphql_query *query;
    int rc = graphql_read_query(&arena, str_from(rows[i].text), &query, &err);
    assert_int_equal(rc, rows[i].expected[0] ? SW_EINVAL : 0);
    if (strcmp(err.message, rows[i].expected) != 0)
      fail_msg("%s\n  is       %s\n  expected %s", rows[i].text, err.message, rows[i].expected);
  }
}

static void values_lead_back(void **state)
{
  (void)state;
  struct graphql_query *query, *again;
  struct graphql_document *document, *other;
  struct error err;
  struct str text = STR("query Q($a: Int = 1) { x: person(id: \"1\") { name @skip(if: true) } }");
  assert_int_equal(graphql_read_query(&arena, text, &query, &err), 0);
  struct value v = graphql_query_value(&arena, query);
  assert_int_equal(graphql_query_of(&arena, v, &again, &err), 0);
  assert_true(value_equal(graphql_query_value(&arena, again), v));
  assert_int_equal(graphql_read_schema(&arena, str_from(pets), &document, &err), 0);
  v = graphql_document_value(&arena, document);
  assert_int_equal(graphql_document_of(&arena, v, &other, &err), 0);
  assert_true(value_equal(graphql_document_value(&arena, other), v));
}

static void depth_has_a_limit(void **state)
{
  (void)state;
  struct graphql_query *query;
  struct error err;
  _cleanup_(buf_free) struct buf text = {0};
  for (int i = 0; i < GRAPHQL_DEPTH_MAX + 10; i++)
    buf_add_text(&text, "{a");
  assert_int_equal(graphql_read_query(&arena, buf_str(&text), &query, &err), SW_ELIMIT);
}

static int refuse(void *user, uint64_t steps)
{
  *(uint64_t *)user += steps;
  return -1;
}

static void the_budget_ends_it(void **state)
{
  (void)state;
  uint64_t asked = 0;
  struct error err;
  struct graphql_query *query;
  struct graphql_problems problems = {0};
  const struct graphql_budget budget = {refuse, &asked};
  _cleanup_(graphql_schema_freep) struct graphql_schema *schema = make_schema(pets, &err);
  _cleanup_(buf_free) struct buf text = {0};
  buf_add_text(&text, "{ ");
  for (int i = 0; i < 2000; i++)
    buf_printf(&text, "a: person(id: 1) { id } ");
  buf_add_text(&text, "}");
  assert_int_equal(graphql_read_query(&arena, buf_str(&text), &query, &err), 0);
  assert_int_equal(graphql_check(&arena, schema, query, &budget, &problems, &err), SW_ELIMIT);
  assert_true(asked > 0);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test_setup_teardown(queries_are_checked, start, stop),
      cmocka_unit_test_setup_teardown(schemas_are_checked, start, stop),
      cmocka_unit_test_setup_teardown(what_cannot_be_read_is_refused, start, stop),
      cmocka_unit_test_setup_teardown(values_lead_back, start, stop),
      cmocka_unit_test_setup_teardown(depth_has_a_limit, start, stop),
      cmocka_unit_test_setup_teardown(the_budget_ends_it, start, stop),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
