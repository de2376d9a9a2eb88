#include "test.h"

#include "data/json.h"
#include "policy/manifest_fix.h"

static const struct rule rule = {.id = STR_INIT("r"), .title = STR_INIT("t")};

struct fixture {
  struct arena arena;
  struct finding_list findings;
  struct manifest_fix fix;
  struct error err;
  int rc;
};

static int start(void **state)
{
  struct fixture *f = mem_zalloc(1, sizeof *f);
  arena_init(&f->arena, 0);
  finding_list_init(&f->findings, &f->arena);
  *state = f;
  return 0;
}

static int stop(void **state)
{
  struct fixture *f = *state;
  manifest_fix_free(&f->fix);
  arena_free(&f->arena);
  mem_free(f);
  return 0;
}

/* A finding with a fix; apostrophes stand for quotation marks. */
static struct finding *add(struct fixture *f, uint32_t document, const char *patch)
{
  struct str copy = arena_copy(&f->arena, str_from(patch));
  for (size_t i = 0; i < copy.len; i++)
    if (copy.data[i] == '\'')
      ((char *)copy.data)[i] = '"';
  struct finding *finding = finding_add(&f->findings, &rule);
  finding->location.document = document;
  assert_int_equal(json_parse(&f->arena, copy, NULL, &finding->fix, NULL), 0);
  return finding;
}

static void mend(struct fixture *f, const char *text)
{
  struct report_file file = {
      .path = STR("x.yaml"), .text = str_from(text), .findings = &f->findings};
  f->rc = manifest_fix_file(&file, &f->arena, &f->fix, &f->err);
}

static void check(struct fixture *f, size_t mended, const char *text)
{
  assert_int_equal(f->rc, 0);
  assert_int_equal(f->fix.mended, mended);
  assert_str(buf_str(&f->fix.text), text);
}

static void test_fixes_of_all_documents_are_made(void **state)
{
  struct fixture *f = *state;
  add(f, 2, "[{'op':'add','path':'/c','value':3}]");
  add(f, 0, "[{'op':'replace','path':'/a','value':2}]");
  finding_add(&f->findings, &rule);
  mend(f, "a: 1 # x\n---\nb: 1\n---\nd: 1\n");
  check(f, 2, "a: 2 # x\n---\nb: 1\n---\nd: 1\nc: 3\n");
  assert_int_equal(f->fix.count, 2);
  assert_int_equal(f->fix.items[0].finding, 1);
  assert_true(f->fix.items[0].mended);
}

static void test_nothing_to_do_is_no_error(void **state)
{
  struct fixture *f = *state;
  finding_add(&f->findings, &rule);
  mend(f, "a: [\n");
  check(f, 0, "");
  assert_int_equal(f->fix.count, 0);
}

static void test_only_open_findings_are_mended(void **state)
{
  struct fixture *f = *state;
  add(f, 0, "[{'op':'remove','path':'/a'}]")->state = FINDING_EXCEPTED;
  mend(f, "a: 1\n");
  check(f, 0, "");
}

static void test_equal_operations_are_made_once(void **state)
{
  struct fixture *f = *state;
  add(f, 0, "[{'op':'add','path':'/sc','value':{}},{'op':'add','path':'/sc/a','value':1}]");
  add(f, 0, "[{'op':'add','path':'/sc','value':{}},{'op':'add','path':'/sc/b','value':2}]");
  add(f, 0, "[{'op':'add','path':'/sc','value':{'b':2,'c':{'d':['x']}}}]");
  add(f, 0, "[{'op':'add','path':'/sc','value':{'c':{'e':1}}}]");
  add(f, 0, "[{'op':'test','path':'/l','value':[]},{'op':'add','path':'/l/-','value':'ALL'}]");
  add(f, 0, "[{'op':'test','path':'/l','value':[]},{'op':'add','path':'/l/-','value':'ALL'}]");
  mend(f, "l: []\n");
  check(f, 6, "l:\n- ALL\nsc:\n  a: 1\n  b: 2\n  c:\n    d:\n    - x\n    e: 1\n");
}

static void check_skipped(struct fixture *f, size_t item, const char *reason)
{
  assert_false(f->fix.items[item].mended);
  struct str text = f->fix.items[item].reason;
  if (str_find(text, 0, str_from(reason)) < 0) {
    print_error("\"%.*s\" lacks \"%s\"\n", STR_FMT(text), reason);
    fail();
  }
}

static void test_contradictions_are_skipped(void **state)
{
  struct fixture *f = *state;
  add(f, 0, "[{'op':'replace','path':'/a','value':2}]");
  add(f, 0, "[{'op':'replace','path':'/a','value':3}]");
  add(f, 0, "[{'op':'remove','path':'/a'}]");
  add(f, 0, "[{'op':'add','path':'/b','value':{'x':1}}]");
  add(f, 0, "[{'op':'add','path':'/n','value':1},{'op':'add','path':'/b','value':{'x':2}}]");
  add(f, 0, "[{'op':'remove','path':'/c'}]");
  add(f, 0, "[{'op':'add','path':'/c/y','value':1}]");
  add(f, 0, "[{'op':'add','path':'/d/w','value':1}]");
  add(f, 0, "[{'op':'replace','path':'/d','value':1}]");
  mend(f, "a: 1\nc: {z: 1}\nd: {z: 1}\n");
  check(f, 4, "a: 2\nd: {z: 1, w: 1}\nb:\n  x: 1\n");
  check_skipped(f, 1, "/a: another fix sets another value there");
  check_skipped(f, 2, "/a: another fix sets it");
  check_skipped(f, 4, "/b: another fix sets another value there");
  check_skipped(f, 6, "operation");
  check_skipped(f, 8, "/d: another fix changes what is in it");
}

static void test_what_no_longer_applies_is_skipped(void **state)
{
  struct fixture *f = *state;
  add(f, 0, "[{'op':'test','path':'/a','value':9},{'op':'add','path':'/b','value':{}}]");
  add(f, 0, "[{'op':'add','path':'/b','value':{}},{'op':'add','path':'/b/c','value':1}]");
  add(f, 0, "[{'op':'add','path':'/x/y','value':1}]");
  add(f, 0, "[{'op':'jump'}]");
  add(f, 7, "[{'op':'add','path':'/x','value':1}]");
  mend(f, "a: 1\n");
  check(f, 1, "a: 1\nb:\n  c: 1\n");
  check_skipped(f, 0, "test");
  check_skipped(f, 2, "/x");
  check_skipped(f, 3, "jump");
  check_skipped(f, 4, "not found");
}

static void test_elements_are_taken_from_the_back(void **state)
{
  struct fixture *f = *state;
  add(f, 0, "[{'op':'remove','path':'/l/1'}]");
  add(f, 0, "[{'op':'remove','path':'/l/10'}]");
  add(f, 0, "[{'op':'remove','path':'/l/2'}]");
  add(f, 0, "[{'op':'replace','path':'/l/3','value':'three'}]");
  add(f, 0, "[{'op':'remove','path':'/l/2'}]");
  add(f, 0, "[{'op':'remove','path':'/l/1'},{'op':'replace','path':'/l/2','value':'two'}]");
  mend(f, "l: [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11]\n");
  assert_int_equal(f->rc, 0);
  assert_str(buf_str(&f->fix.text), "l: [0, three, 4, 5, 6, 7, 8, 9, 11]\n");
  assert_int_equal(f->fix.mended, 4);
}

static void test_what_cannot_be_written_is_skipped(void **state)
{
  struct fixture *f = *state;
  add(f, 0, "[{'op':'add','path':'/a/m','value':1}]");
  add(f, 0, "[{'op':'add','path':'/b/0/m','value':2}]");
  add(f, 0, "[{'op':'add','path':'/d','value':1}]");
  mend(f, "a: &x {y: 1}\nb: [*x]\n");
  check(f, 1, "a: &x {y: 1}\nb: [*x]\nd: 1\n");
  check_skipped(f, 0, "alias");
  check_skipped(f, 1, "alias");
}

static void test_anchors_and_aliases_are_mended_together(void **state)
{
  struct fixture *f = *state;
  add(f, 0, "[{'op':'add','path':'/a/m','value':1}]");
  add(f, 0, "[{'op':'add','path':'/b/0/m','value':1}]");
  mend(f, "a: &x {y: 1}\nb: [*x]\n");
  check(f, 2, "a: &x {y: 1, m: 1}\nb: [*x]\n");
}

static void test_broken_documents_stay(void **state)
{
  struct fixture *f = *state;
  add(f, 1, "[{'op':'add','path':'/m','value':1}]");
  mend(f, "a: [\n---\nb: 1\n---\n{{ c }}: {\n");
  check(f, 1, "a: [\n---\nb: 1\nm: 1\n---\n{{ c }}: {\n");
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test_setup_teardown(test_fixes_of_all_documents_are_made, start, stop),
      cmocka_unit_test_setup_teardown(test_nothing_to_do_is_no_error, start, stop),
      cmocka_unit_test_setup_teardown(test_only_open_findings_are_mended, start, stop),
      cmocka_unit_test_setup_teardown(test_equal_operations_are_made_once, start, stop),
      cmocka_unit_test_setup_teardown(test_contradictions_are_skipped, start, stop),
      cmocka_unit_test_setup_teardown(test_what_no_longer_applies_is_skipped, start, stop),
      cmocka_unit_test_setup_teardown(test_elements_are_taken_from_the_back, start, stop),
      cmocka_unit_test_setup_teardown(test_what_cannot_be_written_is_skipped, start, stop),
      cmocka_unit_test_setup_teardown(test_anchors_and_aliases_are_mended_together, start, stop),
      cmocka_unit_test_setup_teardown(test_broken_documents_stay, start, stop),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
