#include "../test.h"

#include "policy/rule_source.h"

#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

struct fixture {
  char folder[64];
  struct rule_sources sources;
};

static int setup(void **state)
{
  struct fixture *f = mem_zalloc(1, sizeof *f);
  snprintf(f->folder, sizeof f->folder, "/tmp/seawall-rules-XXXXXX");
  assert_non_null(mkdtemp(f->folder));
  rule_sources_init(&f->sources);
  *state = f;
  return 0;
}

static const char *path_of(struct fixture *f, const char *name)
{
  static char path[256];
  snprintf(path, sizeof path, "%s/%s", f->folder, name);
  return path;
}

static int teardown(void **state)
{
  static const char *const names[] = {"a.rego", "a_test.rego", "b.yaml",
                                      "c.txt",  "v0.rego",     "x.rego"};
  struct fixture *f = *state;
  for (size_t i = 0; i < sizeof names / sizeof *names; i++)
    unlink(path_of(f, names[i]));
  rmdir(f->folder);
  rule_sources_free(&f->sources);
  mem_free(f);
  return 0;
}

static void write_file(struct fixture *f, const char *name, const char *text)
{
  FILE *file = fopen(path_of(f, name), "w");
  assert_non_null(file);
  fputs(text, file);
  fclose(file);
}

static void a_folder_gives_modules_and_documents(void **state)
{
  struct fixture *f = *state;
  struct error err;
  write_file(f, "a.rego", "package a\n\np := 1\n");
  write_file(f, "a_test.rego", "package a_test\n\ntest_p := true\n");
  write_file(f, "b.yaml", "a: b\n");
  write_file(f, "c.txt", "nothing\n");
  assert_int_equal(rule_sources_add(&f->sources, f->folder, &err), 0);
  assert_int_equal(f->sources.modules.count, 1);
  assert_int_equal(f->sources.documents.count, 1);
  assert_str(f->sources.documents.items[0].text, "a: b\n");
  assert_int_equal(f->sources.paths.count, 2);
}

static void tests_are_taken_if_asked_for(void **state)
{
  struct fixture *f = *state;
  struct error err;
  write_file(f, "a.rego", "package a\n\np := 1\n");
  write_file(f, "a_test.rego", "package a_test\n\ntest_p := true\n");
  f->sources.tests = true;
  assert_int_equal(rule_sources_add(&f->sources, f->folder, &err), 0);
  assert_int_equal(f->sources.modules.count, 2);
  assert_int_equal(f->sources.modules.items[1]->file, 1);
}

static void older_rego_is_taken_as_what_it_is(void **state)
{
  struct fixture *f = *state;
  struct error err;
  write_file(f, "v0.rego", "package a\n\ndeny[msg] { msg := \"x\" }\n");
  assert_int_equal(rule_sources_add(&f->sources, f->folder, &err), 0);
  assert_int_equal(f->sources.modules.items[0]->version, REGO_V0);
}

static void an_error_names_file_line_and_column(void **state)
{
  struct fixture *f = *state;
  struct error err;
  write_file(f, "x.rego", "package a\n\np := ]\n");
  assert_int_equal(rule_sources_add(&f->sources, f->folder, &err), SW_EINVAL);
  assert_error(err, SW_EINVAL, "x.rego:3:");
}

static void what_is_not_there_is_an_error(void **state)
{
  struct fixture *f = *state;
  struct error err;
  assert_int_equal(rule_sources_add(&f->sources, path_of(f, "nothing"), &err), SW_ENOENT);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test_setup_teardown(a_folder_gives_modules_and_documents, setup, teardown),
      cmocka_unit_test_setup_teardown(tests_are_taken_if_asked_for, setup, teardown),
      cmocka_unit_test_setup_teardown(older_rego_is_taken_as_what_it_is, setup, teardown),
      cmocka_unit_test_setup_teardown(an_error_names_file_line_and_column, setup, teardown),
      cmocka_unit_test_setup_teardown(what_is_not_there_is_an_error, setup, teardown),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
