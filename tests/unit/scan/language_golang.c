#include "../test.h"

#include "base/buf.h"
#include "base/mem.h"
#include "scan/language/golang.h"

struct project {
  struct arena arena;
  struct package_list list;
  struct error err;
  int rc;
};

static void start(struct project *p)
{
  arena_init(&p->arena, 0);
  package_list_init(&p->list, &p->arena, PACKAGE_LIST_LOCK_FILES);
}

static void read_file(struct project *p, const char *path, const char *text)
{
  p->rc = golang_read(str_from(path), 3, str_from(text), &p->list, &p->err);
}

static void end(struct project *p)
{
  package_list_free(&p->list);
  arena_free(&p->arena);
}

/* "name version" of each, "~" before indirect ones. */
static void assert_modules(struct project *p, const char *expected)
{
  struct buf out = {0};
  for (size_t i = 0; i < p->list.count; i++)
    buf_printf(&out, "%s%s%.*s %.*s", i ? ", " : "", p->list.items[i].indirect ? "~" : "",
               STR_FMT(p->list.items[i].name), STR_FMT(p->list.items[i].version.text));
  assert_str(buf_str(&out), expected);
  buf_free(&out);
}

static void assert_mod(const char *text, const char *expected)
{
  struct project p;
  start(&p);
  read_file(&p, "go.mod", text);
  assert_int_equal(p.rc, 0);
  assert_modules(&p, expected);
  end(&p);
}

static void reads_requirements(void **state)
{
  (void)state;
  struct project p;
  start(&p);
  read_file(&p, "a/go.mod",
            "// a comment\nmodule example.com/a // mine\r\n\ngo 1.17\n\n"
            "require github.com/One/two/v2 v2.1.0\n"
            "require (\n\tgolang.org/x/net v0.0.0-20211111083644-e5c967477495 // indirect\n"
            "\n\t// a comment\n\t\"quoted.org/x\" `v1.0.0` // indirect; because\n"
            "\tgopkg.in/yaml.v3 v3.0.0 // indirectly\n)\n"
            "exclude golang.org/x/net v1.2.3\nretract v1.0.0\ngodebug x=y\n"
            "tool example.com/tool\n");
  assert_int_equal(p.rc, 0);
  assert_modules(&p, "github.com/One/two/v2 v2.1.0, "
                     "~golang.org/x/net v0.0.0-20211111083644-e5c967477495, "
                     "~quoted.org/x v1.0.0, gopkg.in/yaml.v3 v3.0.0");
  const struct package *one = &p.list.items[0];
  assert_int_equal(one->type, PACKAGE_GOLANG);
  assert_str(one->purl, "pkg:golang/github.com/One/two/v2@v2.1.0");
  assert_str(one->path, "a/go.mod");
  assert_int_equal(one->layer, 3);
  end(&p);
}

static void replaces_modules(void **state)
{
  (void)state;
  assert_mod(
      "go 1.20\nrequire(\na v1.0.0\nb v1.0.0\nc v1.0.0\nd v1.0.0\ne v1.0.0 // indirect\n)\n"
      "replace (\n\ta => new.org/a v1.1.0\n\tb v1.0.0 => b v1.2.0\n\tc v9.9.9 => c v9.9.10\n)\n"
      "replace d => ../d\nreplace e => x.org/e v2.0.0\nreplace unused => y v1.0.0\n",
      "new.org/a v1.1.0, b v1.2.0, c v1.0.0, ~x.org/e v2.0.0");
}

static void knows_the_toolchain(void **state)
{
  (void)state;
  assert_mod("go 1.22.0\ntoolchain go1.22.5-custom\nrequire a v1.0.0\n",
             "stdlib v1.22.5, a v1.0.0");
  assert_mod("go 1.22.0\nrequire a v1.0.0\n", "a v1.0.0");
  assert_mod("go 1.22.0\ntoolchain default\n", "");
}

static void distrusts_old_lists_of_indirect_modules(void **state)
{
  (void)state;
  assert_mod("go 1.16\nrequire a v1.0.0\nrequire b v1.0.0 // indirect\n", "a v1.0.0");
  assert_mod("require a v1.0.0\nrequire b v1.0.0 // indirect\n", "a v1.0.0");
  assert_mod("go 1.17\nrequire a v1.0.0\nrequire b v1.0.0 // indirect\n", "a v1.0.0, ~b v1.0.0");
  assert_mod("go 1.17\nrequire a v1.0.0\nrequire a v1.1.0\n", "a v1.1.0");
}

static const char sum[] = "a v1.0.0 h1:x=\na v1.0.0/go.mod h1:x//y=\n"
                          "b v0.9.0 h1:x=\nb v1.1.0/go.mod h1:y=\n\nbroken\n";

static void takes_from_sums_what_old_files_lack(void **state)
{
  (void)state;
  struct project p;
  for (int order = 0; order < 2; order++) {
    start(&p);
    if (order)
      read_file(&p, "x/go.sum", sum);
    read_file(&p, "x/go.mod", "go 1.16\nrequire a v1.0.1\n");
    if (!order)
      read_file(&p, "x/go.sum", sum);
    read_file(&p, "y/go.sum", "alone v1.0.0 h1:x=\n");
    read_file(&p, "z/go.mod", "go 1.17\nrequire a v1.0.1 // indirect\n");
    read_file(&p, "z/go.sum", sum);
    assert_int_equal(p.list.count, 2);
    golang_settle(&p.list);
    assert_modules(&p, "a v1.0.1, ~a v1.0.1, ~b v1.1.0");
    assert_str(p.list.items[2].path, "x/go.mod");
    end(&p);
  }
}

static void tells_what_is_wrong(void **state)
{
  (void)state;
  struct project p;
  start(&p);
  read_file(&p, "go.mod", "go 1.20\nrequire a\nrequire b v1.0.0\nreplace b => \nrequire \x01 v1\n");
  assert_error(p.err, SW_EINVAL, "3 records are wrong, the first: \"require\" takes a module");
  assert_int_equal(p.err.line, 2);
  assert_modules(&p, "b v1.0.0");
  read_file(&p, "go.mod", "go 1.20\nreplace a b c => d\n");
  assert_error(p.err, SW_EINVAL, "\"replace\" takes a module");
  read_file(&p, "go.mod", "");
  assert_int_equal(p.rc, 0);
  read_file(&p, "go.sum", "");
  assert_int_equal(p.rc, 0);
  read_file(&p, "go.mod", "require (\n\"open\n");
  assert_int_equal(p.rc, SW_EINVAL);
  end(&p);
}

static void says_what_it_wants(void **state)
{
  (void)state;
  assert_true(golang_wants(STR("go.mod"), PACKAGE_LIST_LOCK_FILES));
  assert_true(golang_wants(STR("a/go.sum"), PACKAGE_LIST_LOCK_FILES));
  assert_false(golang_wants(STR("a/go.sum"), 0));
  assert_false(golang_wants(STR("a/cargo.mod"), PACKAGE_LIST_LOCK_FILES));
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(reads_requirements),
      cmocka_unit_test(replaces_modules),
      cmocka_unit_test(knows_the_toolchain),
      cmocka_unit_test(distrusts_old_lists_of_indirect_modules),
      cmocka_unit_test(takes_from_sums_what_old_files_lack),
      cmocka_unit_test(tells_what_is_wrong),
      cmocka_unit_test(says_what_it_wants),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
