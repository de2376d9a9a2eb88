#include "../test.h"

#include "data/yaml.h"
#include "policy/finding_place.h"

static const char text[] = "apiVersion: v1\n"
                           "kind: Pod\n"
                           "metadata: {generateName: web-, namespace: shop}\n"
                           "spec:\n"
                           "  containers:\n"
                           "  - name: a\n"
                           "    image: b\n";

struct fixture {
  struct arena arena;
  struct kube_object object;
  struct rule rule;
  struct finding_list list;
};

static int setup(void **state)
{
  struct fixture *f = mem_zalloc(1, sizeof *f);
  arena_init(&f->arena, 0);
  struct yaml_options options = {.positions = true};
  struct yaml_reader *reader = yaml_reader_new(str_from(text), &options);
  struct yaml_document document;
  struct error err;
  assert_int_equal(yaml_reader_next(reader, &f->arena, &document, &err), 1);
  assert_true(kube_object_read(document.root, document.position, &f->object));
  yaml_reader_free(reader);
  f->rule = (struct rule){.id = STR("rule"), .severity = SEVERITY_LOW};
  finding_list_init(&f->list, &f->arena);
  *state = f;
  return 0;
}

static int teardown(void **state)
{
  struct fixture *f = *state;
  arena_free(&f->arena);
  mem_free(f);
  return 0;
}

static struct finding *place(struct fixture *f, const char *pointer, const char *key)
{
  struct location file = {.file = STR("pod.yaml"), .document = 2};
  struct finding *found = finding_add(&f->list, &f->rule);
  found->subject = finding_subject(&f->object, STR("a"), &f->arena);
  finding_place(found, &f->object, &file, str_from(pointer), str_from(key), &f->arena);
  return found;
}

static void a_value_is_pointed_to(void **state)
{
  struct finding *found = place(*state, "/spec/containers/0/image", "");
  assert_str(found->location.file, "pod.yaml");
  assert_int_equal(found->location.document, 2);
  assert_int_equal(found->location.line, 7);
  assert_int_equal(found->location.column, 12);
  assert_str(found->location.pointer, "/spec/containers/0/image");
}

static void a_missing_value_is_shown_at_the_deepest_place(void **state)
{
  struct finding *found = place(*state, "/spec/containers/0/securityContext/privileged", "");
  assert_str(found->location.pointer, "/spec/containers/0");
  assert_int_equal(found->location.line, 6);
  found = place(*state, "/spec/securityContext", "");
  assert_str(found->location.pointer, "/spec");
  assert_int_equal(found->location.line, 4); /* where the key stands */
  found = place(*state, "/status", "");
  assert_str(found->location.pointer, "");
  assert_int_equal(found->location.line, 1);
}

static void fingerprints_tell_places_and_keys_apart(void **state)
{
  struct fixture *f = *state;
  char first[FINGERPRINT_LEN + 1];
  memcpy(first, place(f, "/spec/a/b", "")->fingerprint, sizeof first);
  assert_string_equal(place(f, "/spec/a/b", "")->fingerprint, first);
  assert_string_not_equal(place(f, "/spec/a/c", "")->fingerprint, first);
  assert_string_not_equal(place(f, "/spec/a/b", "key")->fingerprint, first);
}

static void a_point_is_the_same_place_without_a_fingerprint(void **state)
{
  struct fixture *f = *state;
  static const char *const pointers[] = {"/spec/containers/0/image", "/spec/containers/0/x/y",
                                         "/spec/securityContext", "/status", ""};
  for (size_t i = 0; i < sizeof pointers / sizeof pointers[0]; i++) {
    struct location file = {.file = STR("pod.yaml"), .document = 2};
    const struct finding *placed = place(f, pointers[i], "");
    struct location wanted = placed->location;
    struct finding *found = finding_add(&f->list, &f->rule);
    finding_point(found, &f->object, &file, str_from(pointers[i]), &f->arena);
    assert_str(found->location.file, "pod.yaml");
    assert_true(str_eq(found->location.pointer, wanted.pointer));
    assert_int_equal(found->location.document, wanted.document);
    assert_int_equal(found->location.line, wanted.line);
    assert_int_equal(found->location.column, wanted.column);
    assert_int_equal(found->fingerprint[0], '\0');
  }
}

static void the_subject_is_the_object(void **state)
{
  struct fixture *f = *state;
  struct subject s = finding_subject(&f->object, STR("c"), &f->arena);
  assert_str(s.kind, "Pod");
  assert_str(s.name, "web-*");
  assert_str(s.namespace, "shop");
  assert_str(s.container, "c");
}

static void values_are_quoted_and_cut_at_a_character(void **state)
{
  struct fixture *f = *state;
  assert_str(finding_quote(VALUE_NONE, &f->arena), "");
  assert_str(finding_quote(value_from("x\n"), &f->arena), "\"x\\n\"");
  char longer[400];
  for (size_t i = 0; i < sizeof longer; i += 2)
    memcpy(longer + i, "\xc3\xa9", 2);
  struct str quoted = finding_quote(value_string(str_make(longer, sizeof longer)), &f->arena);
  assert_true(quoted.len <= FINDING_EVIDENCE_MAX);
  assert_true(str_ends(quoted, STR("\xc3\xa9...")));
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test_setup_teardown(a_value_is_pointed_to, setup, teardown),
      cmocka_unit_test_setup_teardown(a_missing_value_is_shown_at_the_deepest_place, setup,
                                      teardown),
      cmocka_unit_test_setup_teardown(fingerprints_tell_places_and_keys_apart, setup, teardown),
      cmocka_unit_test_setup_teardown(a_point_is_the_same_place_without_a_fingerprint, setup,
                                      teardown),
      cmocka_unit_test_setup_teardown(the_subject_is_the_object, setup, teardown),
      cmocka_unit_test_setup_teardown(values_are_quoted_and_cut_at_a_character, setup, teardown),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
