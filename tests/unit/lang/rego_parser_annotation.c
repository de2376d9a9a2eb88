#include "rego.h"

static const struct rego_options with_annotations = {.annotations = true};

static struct rego_parsed parse(const char *text)
{
  struct rego_parsed p;
  rego_parsed_start(&p, with_annotations);
  rego_parsed_module(&p, str_from(text));
  if (p.result < 0)
    print_error("%s\n", buf_text(&p.out));
  assert_int_equal(p.result, 0);
  return p;
}

static void reads_every_field(void **state)
{
  struct rego_parsed p = parse("# METADATA\n"
                               "# scope: package\n"
                               "# title: A title\n"
                               "# description: |\n"
                               "#  Two\n"
                               "#  lines\n"
                               "# entrypoint: true\n"
                               "# organizations: [Acme, \"B, C\"]\n"
                               "# related_resources:\n"
                               "# - https://example.com/a\n"
                               "# - ref: https://example.com/b\n"
                               "#   description: why\n"
                               "# authors:\n"
                               "# - Jane   Doe <jane@example.com>\n"
                               "# - name: John\n"
                               "#   email: j@example.com\n"
                               "# - Somebody\n"
                               "# schemas:\n"
                               "# - input: schema.in\n"
                               "# - data.acl[\"x y\"]: {type: boolean}\n"
                               "# compile:\n"
                               "#   unknowns: [input.a, data.b]\n"
                               "#   mask_rule: data.mask\n"
                               "# custom:\n"
                               "#   a: {b: [1, x]}\n"
                               "# labels: {c: d}\n"
                               "package a\n");
  (void)state;
  assert_int_equal(p.module->annotation_count, 1);
  const struct rego_annotation *a = &p.module->annotations[0];
  assert_int_equal(a->scope, REGO_SCOPE_PACKAGE);
  assert_int_equal(a->rule, -1);
  assert_true(a->entrypoint);
  assert_str(a->title, "A title");
  assert_str(a->description, "Two\nlines\n");
  assert_int_equal(a->organization_count, 2);
  assert_str(a->organizations[1], "B, C");
  assert_int_equal(a->related_resource_count, 2);
  assert_str(a->related_resources[0].ref, "https://example.com/a");
  assert_str(a->related_resources[1].ref, "https://example.com/b");
  assert_str(a->related_resources[1].description, "why");
  assert_int_equal(a->author_count, 3);
  assert_str(a->authors[0].name, "Jane Doe");
  assert_str(a->authors[0].email, "jane@example.com");
  assert_str(a->authors[1].name, "John");
  assert_str(a->authors[1].email, "j@example.com");
  assert_str(a->authors[2].name, "Somebody");
  assert_str(a->authors[2].email, "");
  assert_int_equal(a->schema_count, 2);
  rego_print_term(&p.out, p.names, &a->schemas[0].path);
  rego_print_term(&p.out, p.names, &a->schemas[0].schema);
  rego_print_term(&p.out, p.names, &a->schemas[1].path);
  assert_str(buf_str(&p.out), "package a\ninputschema.indata.acl[\"x y\"]");
  assert_true(
      value_eq_str(value_get(a->schemas[1].definition, value_from("type")), STR("boolean")));
  assert_int_equal(a->unknown_count, 2);
  assert_int_equal(a->mask_rule.kind, REGO_REF);
  assert_true(value_is(value_get(a->custom, value_from("a")), VALUE_OBJECT));
  assert_true(value_eq_str(value_get(a->labels, value_from("c")), STR("d")));
  assert_int_equal(a->place.line, 1);
  assert_int_equal(a->place.end, str_find(p.module->text, 0, STR("package a")) - 1);
  rego_parsed_free(&p);
}

static void belongs_to_what_follows(void **state)
{
  struct rego_parsed p = parse("package a\n"
                               "\n"
                               "# METADATA\n"
                               "# title: one\n"
                               "\n"
                               "# not part of it\n"
                               "p := 1 if input.x\n"
                               "#METADATA\n"
                               "#title: two\n"
                               "p := 2 if input.y\n"
                               "  # METADATA is not read here\n"
                               "# METADATA\n"
                               "# scope: document\n"
                               "# title: all\n"
                               "# METADATA\n"
                               "# entrypoint: true\n"
                               "default p := 3\n"
                               "q if { x } { y }\n"
                               "p := 4 if input.z # METADATA\n");
  (void)state;
  assert_int_equal(p.module->annotation_count, 4);
  const struct rego_rule *r = p.module->rules;
  assert_int_equal(r[0].annotation_count, 3);
  assert_str(r[0].annotations[0]->title, "one");
  assert_str(r[0].annotations[1]->title, "all");
  assert_int_equal(r[1].annotation_count, 3);
  assert_str(r[1].annotations[0]->title, "two");
  assert_int_equal(r[2].annotation_count, 2);
  assert_str(r[2].annotations[0]->title, "all");
  assert_int_equal(r[2].annotations[1]->scope, REGO_SCOPE_DOCUMENT);
  assert_true(r[2].annotations[1]->entrypoint);
  assert_int_equal(r[3].annotation_count, 0);
  assert_int_equal(r[5].annotation_count, 2);
  assert_int_equal(p.module->annotations[0].scope, REGO_SCOPE_RULE);
  assert_int_equal(p.module->annotations[1].rule, 1);
  rego_parsed_free(&p);
}

static void documents_are_told_by_their_fixed_path(void **state)
{
  struct rego_parsed p = parse("package a\n"
                               "# METADATA\n"
                               "# scope: document\n"
                               "p.q[x] := 1 if x := 1\n"
                               "p.q[y].z := 2 if y := 1\n"
                               "p.r := 3\n"
                               "p.q contains 1\n");
  (void)state;
  assert_int_equal(p.module->rules[0].annotation_count, 1);
  assert_int_equal(p.module->rules[1].annotation_count, 1);
  assert_int_equal(p.module->rules[2].annotation_count, 0);
  assert_int_equal(p.module->rules[3].annotation_count, 1);
  rego_parsed_free(&p);
}

static void are_read_only_when_asked_for(void **state)
{
  struct rego_parsed p;
  (void)state;
  rego_parsed_start(&p, (struct rego_options){0});
  rego_parsed_module(&p, STR("package a\n# METADATA\n# scope: nonsense\np := 1\n"));
  assert_int_equal(p.result, 0);
  assert_int_equal(p.module->annotation_count, 0);
  rego_parsed_free(&p);
}

static void says_what_is_wrong(void **state)
{
  static const struct {
    const char *text, *expected;
  } rows[] = {
      {"# METADATA\np := 1", "2:1: expected METADATA block, found whitespace"},
      {"# METADATA\n# \n#\np := 1", "2:1: expected METADATA block, found whitespace"},
      {"# METADATA\n# - a\np := 1", "3:1: yaml: METADATA must be a map"},
      {"# METADATA\n# scope: x\np := 1", "2:1: invalid annotation scope 'x'. Use one of 'rule', "
                                         "'document', 'package', or 'subpackages'"},
      {"# METADATA\n# scope: package\np := 1",
       "2:1: annotation scope 'package' must be applied to package (have rule)"},
      {"# METADATA\n# scope: rule\nimport data.x",
       "2:1: annotation scope 'rule' must be applied to rule (have import)"},
      {"# METADATA\n# scope: rule", "2:1: annotation scope 'rule' must be applied to rule"},
      {"# METADATA\n# title: x\nimport data.x",
       "2:1: invalid annotation scope 'import'. Use one of 'rule', 'document', 'package', or "
       "'subpackages'"},
      {"# METADATA\n# scope: rule\n# entrypoint: true\np := 1",
       "2:1: annotation entrypoint applied to non-document or package scope 'rule'"},
      {"# METADATA\n# title: x\n# entrypoint: 1\np := 1", "4:1: entrypoint must be true or false"},
      {"# METADATA\n# title: [x]\np := 1", "3:1: title must be a string"},
      {"# METADATA\n# organizations: x\np := 1", "3:1: organizations must be a list of strings"},
      {"# METADATA\n# authors: [\"\"]\np := 1",
       "3:1: invalid author definition: author is an empty string"},
      {"# METADATA\n# authors: [{a: b}]\np := 1",
       "3:1: invalid author definition: 'name' and/or 'email' values required in object"},
      {"# METADATA\n# related_resources: [1]\np := 1",
       "3:1: invalid related-resource definition: invalid value type, must be string or map"},
      {"# METADATA\n# related_resources: [{}]\np := 1",
       "3:1: invalid related-resource definition: 'ref' value required in object"},
      {"# METADATA\n# schemas: [{\"1\": schema}]\np := 1", "3:1: invalid document reference"},
      {"# METADATA\n# schemas: [{input: data.x}]\np := 1", "3:1: invalid schema reference"},
      {"# METADATA\n# schemas: [{input: 1}]\np := 1", "3:1: invalid schema declaration"},
      {"# METADATA\n# compile: {unknowns: [1]}\np := 1", "3:1: invalid unknowns element"},
      {"# METADATA\n# compile: {mask_rule: \"[1]\"}\np := 1",
       "3:1: invalid mask_rule annotation type"},
      {"# METADATA\n# custom: 1\np := 1", "3:1: custom and labels must be maps"},
  };
  (void)state;
  for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
    struct rego_parsed p;
    _cleanup_(buf_free) struct buf text = {0};
    rego_parsed_start(&p, with_annotations);
    buf_printf(&text, "package a\n%s\n", rows[i].text);
    assert_str(rego_parsed_module(&p, buf_str(&text)), rows[i].expected);
    rego_parsed_free(&p);
  }
}

static void broken_yaml_is_told_with_its_line(void **state)
{
  struct rego_parsed p;
  (void)state;
  rego_parsed_start(&p, with_annotations);
  rego_parsed_module(&p, STR("package a\n# METADATA\n# title: x\n# description: [a\np := 1\n"));
  assert_int_equal(p.result, SW_EINVAL);
  assert_int_equal(p.errors.items[0].place.line, 4);
  assert_true(str_starts(p.errors.items[0].message, STR("yaml: ")));
  rego_parsed_free(&p);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(reads_every_field),
      cmocka_unit_test(belongs_to_what_follows),
      cmocka_unit_test(documents_are_told_by_their_fixed_path),
      cmocka_unit_test(are_read_only_when_asked_for),
      cmocka_unit_test(says_what_is_wrong),
      cmocka_unit_test(broken_yaml_is_told_with_its_line),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
