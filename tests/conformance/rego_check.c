/*
 * Every case of OPA's own is checked: modules and query. A case that wants an error of compilation must
 * give that code and its words; every other one must be without error. Cases that are not right yet
 * stand by name in rego_check.known, which may only shrink.
 */
#include "rego_case.h"

#include "lang/rego/check.h"

#include <stdio.h>

enum { NAMED_MAX = 40 };

struct tally {
  struct rego_known *known;
  unsigned cases, right, wrong;
};

struct outcome {
  bool failed;
  struct str code, text;
};

static bool is_compile_code(struct str code)
{
  for (int i = REGO_PARSE_ERROR; i <= REGO_RECURSION_ERROR; i++)
    if (str_eq(code, str_from(rego_code_name((enum rego_code)i))))
      return true;
  return false;
}

static struct outcome told(struct arena *a, const struct rego_errors *errors)
{
  _cleanup_(buf_free) struct buf text = {0};
  rego_errors_write(&text, errors);
  return (struct outcome){true, str_from(rego_code_name(errors->items[0].code)),
                          arena_copy(a, buf_str(&text))};
}

static struct outcome check_case(struct arena *a, const struct rego_case *c)
{
  _cleanup_(rego_names_freep) struct rego_names *names = rego_names_new();
  struct check_options checks = {.names = names};
  const struct check_program *program;
  struct check_query query;
  struct rego_case_trees trees;
  struct rego_errors errors;
  struct error err;
  if (rego_case_parse(a, c, names, &trees, &errors, &err) < 0 ||
      rego_check_modules(a, trees.modules, trees.count, &checks, &program, &errors, &err) < 0 ||
      rego_check_query(a, program, trees.query, &checks, &query, &errors, &err) < 0)
    return told(a, &errors);
  return (struct outcome){0};
}

static bool is_right(const struct outcome *o, const struct rego_case *c)
{
  if (!is_compile_code(c->want_code))
    return !o->failed;
  return str_eq(o->code, c->want_code) &&
         (!c->want_text.len || str_find(o->text, 0, c->want_text) >= 0);
}

static void try_case(void *user, struct arena *a, const struct rego_case *c)
{
  struct tally *t = user;
  struct outcome o = check_case(a, c);
  bool right = is_right(&o, c);
  t->cases++;
  t->right += right;
  if (!right && !rego_known_fails(t->known, c->name) && t->wrong++ < NAMED_MAX)
    printf("%.*s\n  wanted: %.*s\n  %.*s\n", STR_FMT(c->name), STR_FMT(c->want_code),
           STR_FMT(o.text));
}

/* 0, 1, or CASES_SKIPPED. */
static int suite(const char *shared, const struct rego_suite *suite, struct rego_known *known)
{
  struct tally t = {.known = known};
  int result = rego_cases_each(shared, suite, try_case, &t);
  if (result != CASES_SKIPPED)
    printf("%s: rego checks %u of %u\n", suite->file, t.right, t.cases);
  return result ? result : t.wrong > 0;
}

int main(void)
{
  _cleanup_(buf_free) struct buf path = {0};
  const char *shared = rego_case_shared(&path);
  struct rego_known known;
  rego_known_read(&known, "rego_check.known");
  int v1 = suite(shared, &rego_suites[0], &known);
  int v0 = suite(shared, &rego_suites[1], &known);
  bool shrunk = v1 == CASES_SKIPPED || v0 == CASES_SKIPPED || rego_known_all_fail(&known);
  rego_known_free(&known);
  if (v1 == CASES_SKIPPED && v0 == CASES_SKIPPED) {
    printf("skipped: no conformance/rego in %s\n", shared);
    return CASES_SKIPPED;
  }
  return v1 == 1 || v0 == 1 || !shrunk;
}
