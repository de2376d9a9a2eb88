#include "../test.h"

#include "data/json.h"
#include "data/number.h"
#include "lang/rego/types.h"

struct fixture {
  struct arena arena;
  struct rego_types types;
  struct buf out;
};

static void start(struct fixture *f)
{
  *f = (struct fixture){0};
  arena_init(&f->arena, 0);
  rego_types_start(&f->types, &f->arena);
}

static void end(struct fixture *f)
{
  buf_free(&f->out);
  arena_free(&f->arena);
}

static const struct rego_type *parse(struct fixture *f, const char *notation)
{
  return rego_type_parse(&f->types, str_from(notation));
}

static struct str text(struct fixture *f, const struct rego_type *type)
{
  buf_clear(&f->out);
  rego_type_write(&f->out, type);
  return buf_str(&f->out);
}

static void test_notation(void **state)
{
  static const char *const rows[][2] = {
      {"any", "any"},
      {"string", "string"},
      {"string|number", "any<number, string>"},
      {"number|number", "number"},
      {"null|boolean|string", "any<null, boolean, string>"},
      {"any|string", "any"},
      {"array<any>", "array[any]"},
      {"[string,array<number>]", "array<string, array[number]>"},
      {"set<set<any>>", "set[set[any]]"},
      {"object<any:array<any>|set<any>>", "object[any: any<array[any], set[any]>]"},
      {"array<string|array<any>>|set<string>", "any<array[any<string, array[any]>], set[string]>"},
      {"what", "any"},
      {"array<", "any"},
      {"", "any"},
  };
  struct fixture f;
  start(&f);
  for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
    assert_str(text(&f, parse(&f, rows[i][0])), rows[i][1]);
  assert_str(text(&f, NULL), "?\?\?");
  end(&f);
}

static void test_objects(void **state)
{
  struct fixture f;
  start(&f);
  struct value keys[] = {value_from("b"), value_from("a"), value_int(1), value_from("b")};
  const struct rego_type *values[] = {&rego_type_string, &rego_type_number, NULL,
                                      &rego_type_boolean};
  const struct rego_type *o = rego_type_object(&f.types, keys, values, 4, NULL, NULL);
  assert_str(text(&f, o), "object<1: ?\?\?, a: number, b: boolean>");
  assert_true(o->unknown);
  assert_str(text(&f, rego_type_keys(&f.types, o)), "any<number, string>");
  assert_str(text(&f, rego_type_values(&f.types, o)), "any<boolean, number>");
  assert_ptr_equal(rego_type_select(&f.types, o, value_from("a")), &rego_type_number);
  assert_null(rego_type_select(&f.types, o, value_from("c")));
  o = rego_type_object(&f.types, keys, values, 1, &rego_type_string, &rego_type_null);
  assert_str(text(&f, o), "object<b: string>[string: null]");
  assert_ptr_equal(rego_type_select(&f.types, o, value_from("c")), &rego_type_null);
  assert_null(rego_type_select(&f.types, o, value_int(1)));
  end(&f);
}

/* Two types, and whether a value may have both. */
static void test_unifies(void **state)
{
  static const struct {
    const char *a, *b;
    bool unifies;
  } rows[] = {
      {"any", "string", true},
      {"string", "string", true},
      {"string", "number", false},
      {"string|number", "number|null", true},
      {"string|number", "boolean|null", false},
      {"array<any>", "array<string>", true},
      {"array<string>", "array<number>", false},
      {"[string,number]", "array<string|number>", true},
      {"[string,number]", "array<string>", false},
      {"[string,number]", "[string]", false},
      {"[string]", "[string]", true},
      {"set<string>", "array<string>", false},
      {"set<any>", "set<string>", true},
      {"object<string:string>", "object<any:number>", false},
      {"object<string:string>", "object<number:string>", true},
      {"set<string|number>|null", "set<number>", true},
  };
  struct fixture f;
  start(&f);
  for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
    const struct rego_type *a = parse(&f, rows[i].a), *b = parse(&f, rows[i].b);
    if (rego_type_unifies(&f.types, a, b) != rows[i].unifies ||
        rego_type_unifies(&f.types, b, a) != rows[i].unifies)
      fail_msg("%s and %s", rows[i].a, rows[i].b);
  }
  assert_false(rego_type_unifies(&f.types, NULL, &rego_type_any));
  end(&f);
}

static void test_known_properties_unify(void **state)
{
  struct fixture f;
  start(&f);
  struct value keys[] = {value_from("a"), value_from("b")};
  const struct rego_type *strings[] = {&rego_type_string, &rego_type_string};
  const struct rego_type *mixed[] = {&rego_type_string, &rego_type_number};
  const struct rego_type *one = rego_type_object(&f.types, keys, strings, 1, NULL, NULL);
  const struct rego_type *two = rego_type_object(&f.types, keys, strings, 2, NULL, NULL);
  const struct rego_type *other = rego_type_object(&f.types, keys, mixed, 2, NULL, NULL);
  const struct rego_type *open =
      rego_type_object(&f.types, keys, strings, 1, &rego_type_string, &rego_type_number);
  assert_false(rego_type_unifies(&f.types, one, two));
  assert_false(rego_type_unifies(&f.types, two, other));
  assert_true(rego_type_unifies(&f.types, open, other));
  assert_false(rego_type_unifies(&f.types, open, two));
  end(&f);
}

static void test_look_ups(void **state)
{
  static const struct {
    const char *type, *keys, *values;
  } rows[] = {
      {"array<string>", "number", "string"},
      {"[string,number]", "number", "any<number, string>"},
      {"set<string>", "string", "string"},
      {"object<string:number>", "string", "number"},
      {"any", "any", "any"},
      {"array<string>|object<string:null>", "any<number, string>", "any<null, string>"},
      {"string", "?\?\?", "?\?\?"},
      {"string|array<null>", "number", "null"},
  };
  struct fixture f;
  start(&f);
  for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
    const struct rego_type *type = parse(&f, rows[i].type);
    assert_str(text(&f, rego_type_keys(&f.types, type)), rows[i].keys);
    assert_str(text(&f, rego_type_values(&f.types, type)), rows[i].values);
  }
  const struct rego_type *pair = parse(&f, "[string,number]");
  assert_ptr_equal(rego_type_select(&f.types, pair, value_int(1)), &rego_type_number);
  assert_ptr_equal(rego_type_select(&f.types, pair, number_from_literal(STR("1.0"))),
                   &rego_type_number);
  assert_null(rego_type_select(&f.types, pair, number_from_literal(STR("0.5"))));
  assert_null(rego_type_select(&f.types, pair, value_int(2)));
  assert_null(rego_type_select(&f.types, pair, value_int(-1)));
  assert_null(rego_type_select(&f.types, pair, value_from("0")));
  assert_ptr_equal(rego_type_select(&f.types, parse(&f, "set<string|number>"), value_int(7)),
                   &rego_type_number);
  assert_null(rego_type_select(&f.types, parse(&f, "set<string>"), value_int(7)));
  end(&f);
}

static void test_functions(void **state)
{
  struct fixture f;
  start(&f);
  const struct rego_type *args[] = {&rego_type_string, NULL};
  const struct rego_type *a = rego_type_function(&f.types, args, 2, &rego_type_number);
  assert_str(text(&f, a), "(string, ?\?\?) => number");
  args[0] = &rego_type_null;
  args[1] = &rego_type_any;
  const struct rego_type *b = rego_type_function(&f.types, args, 2, &rego_type_boolean);
  assert_str(text(&f, rego_type_or(&f.types, a, b)),
             "(any<null, string>, any) => any<boolean, number>");
  assert_null(rego_type_or(&f.types, a, rego_type_function(&f.types, args, 1, NULL)));
  assert_false(rego_type_unifies(&f.types, b, &rego_type_any));
  assert_true(rego_type_unifies(&f.types, b, b));
  end(&f);
}

static void test_or_is_a_set(void **state)
{
  static const char *const parts[] = {"string",      "array<any>",         "null",       "string",
                                      "set<number>", "object<string:any>", "array<any>", "number"};
  struct fixture f;
  start(&f);
  const struct rego_type *forth = NULL, *back = NULL;
  for (size_t i = 0; i < 8; i++) {
    forth = rego_type_or(&f.types, forth, parse(&f, parts[i]));
    back = rego_type_or(&f.types, parse(&f, parts[7 - i]), back);
  }
  assert_int_equal(rego_type_compare(&f.types, forth, back), 0);
  assert_str(text(&f, forth),
             "any<null, number, string, array[any], object[string: any], set[number]>");
  end(&f);
}

/* Whatever is too deep, too wide or too much work is any. */
static void test_limits(void **state)
{
  struct fixture f;
  start(&f);
  const struct rego_type *deep = &rego_type_string;
  for (int i = 1; i < REGO_TYPE_DEPTH_MAX; i++)
    deep = rego_type_set(&f.types, deep);
  assert_int_equal(deep->depth, REGO_TYPE_DEPTH_MAX);
  assert_ptr_equal(rego_type_set(&f.types, deep), &rego_type_any);

  const struct rego_type *wide = NULL;
  for (int i = 0; i < REGO_TYPE_UNION_MAX + 1; i++) {
    struct value key = value_int(i);
    const struct rego_type *null = &rego_type_null;
    wide = rego_type_or(&f.types, wide, rego_type_object(&f.types, &key, &null, 1, NULL, NULL));
    if (i + 1 < REGO_TYPE_UNION_MAX)
      assert_int_equal(wide->count, i ? i + 1 : 1);
  }
  assert_ptr_equal(wide, &rego_type_any);

  static const struct rego_type *many[REGO_TYPE_ITEMS_MAX + 1];
  for (size_t i = 0; i < sizeof many / sizeof *many; i++)
    many[i] = i % 2 ? &rego_type_string : &rego_type_null;
  assert_int_equal(rego_type_array(&f.types, many, REGO_TYPE_ITEMS_MAX, NULL)->count,
                   REGO_TYPE_ITEMS_MAX);
  assert_str(text(&f, rego_type_array(&f.types, many, REGO_TYPE_ITEMS_MAX + 1, NULL)),
             "array[any<null, string>]");

  const struct rego_type *a = &rego_type_string, *b = &rego_type_string;
  for (int i = 0; i < 40; i++) {
    const struct rego_type *two[][2] = {{a, a}, {b, b}};
    a = rego_type_array(&f.types, two[0], 2, NULL);
    b = rego_type_array(&f.types, two[1], 2, NULL);
  }
  assert_true(rego_type_unifies(&f.types, a, b));
  assert_true(f.types.over);
  assert_true(rego_type_unifies(&f.types, &rego_type_string, &rego_type_number));
  struct buf small = {.cap = 100};
  rego_type_write(&small, a);
  assert_true(buf_failed(&small));
  buf_free(&small);
  end(&f);
}

static struct value parse_json(struct fixture *f, const char *json)
{
  struct value value;
  struct error err;
  assert_int_equal(json_parse(&f->arena, str_from(json), NULL, &value, &err), 0);
  return value;
}

static void test_schemas(void **state)
{
  static const char *const rows[][2] = {
      {"{}", "any"},
      {"true", "any"},
      {"{\"type\": \"string\"}", "string"},
      {"{\"type\": \"integer\"}", "number"},
      {"{\"type\": [\"string\", \"null\"]}", "any<null, string>"},
      {"{\"type\": \"null\"}", "any"},
      {"{\"type\": \"object\"}", "object[any: any]"},
      {"{\"type\": \"array\"}", "array[any]"},
      {"{\"properties\": {\"a\": {\"type\": \"boolean\"}, \"b\": {}}}",
       "object<a: boolean, b: any>"},
      {"{\"items\": {\"type\": \"string\"}}", "array[string]"},
      {"{\"items\": [{\"type\": \"string\"}, {\"type\": \"number\"}]}", "array<string, number>"},
      {"{\"type\": \"object\", \"additionalProperties\": true, \"properties\": {\"a\": {}}}",
       "object<a: any>"},
      {"{\"anyOf\": [{\"type\": \"string\"}, {\"type\": \"number\"}]}", "any<number, string>"},
      {"{\"allOf\": [{\"properties\": {\"a\": {\"type\": \"string\"}}}, {\"type\": \"object\"}, "
       "{\"properties\": {\"b\": {}, \"a\": {}}}]}",
       "object<a: string, b: any>"},
      {"{\"$ref\": \"#/definitions/x\", \"definitions\": {\"x\": {\"type\": \"number\"}}}",
       "number"},
      {"{\"properties\": {\"a\": {\"$ref\": \"#\"}, \"b\": {\"$ref\": \"#/properties/c\"}, \"c\": "
       "{\"type\": \"string\"}}}",
       "object<a: object<a: any, b: string, c: string>, b: string, c: string>"},
      {"{\"$ref\": \"https://example.com/x.json\"}", "any"},
      {"{\"enum\": [1]}", "any"},
  };
  static const char *const wrong[][2] = {
      {"{\"type\": \"strng\"}", "has a primitive type that is NOT VALID -- given: /strng/"},
      {"{\"properties\": {\"a\": {\"type\": [\"x\"]}}}", "given: /x/"},
      {"{\"allOf\": [{\"type\": \"string\"}, {\"type\": \"number\"}]}",
       "unable to merge these schemas"},
      {"{\"$ref\": \"#/definitions/y\"}", "reference #/definitions/y leads nowhere"},
  };
  const struct rego_type *type;
  struct fixture f;
  struct error err;
  start(&f);
  for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
    assert_int_equal(rego_type_from_schema(&f.types, parse_json(&f, rows[i][0]), &type, &err), 0);
    assert_str(text(&f, type), rows[i][1]);
  }
  for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
    assert_int_equal(rego_type_from_schema(&f.types, parse_json(&f, wrong[i][0]), &type, &err),
                     SW_EINVAL);
    assert_error(err, SW_EINVAL, wrong[i][1]);
  }
  end(&f);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_notation),    cmocka_unit_test(test_objects),
      cmocka_unit_test(test_unifies),     cmocka_unit_test(test_known_properties_unify),
      cmocka_unit_test(test_look_ups),    cmocka_unit_test(test_functions),
      cmocka_unit_test(test_or_is_a_set), cmocka_unit_test(test_limits),
      cmocka_unit_test(test_schemas),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
