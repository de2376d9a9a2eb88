/*
 * OPA's own cases as documents: each package, each rule, and some of what lies below them is asked by
 * its path, as a request does, and held against a program that was compiled for that path alone.
 */
#include "rego_case.h"

#include "base/clock.h"
#include "data/compare.h"
#include "data/copy.h"
#include "data/json_write.h"
#include "lang/rego/rego.h"
#include "policy/rego_documents.h"

#include <stdio.h>
#include <stdlib.h>

enum { KEYS_BELOW = 4, DEPTH_MAX = 32, CASE_SECONDS = 10 };

struct tally {
  struct rego_worker *direct;
  unsigned cases, compiled, paths, defined, failed, wrong;
};

struct asking {
  struct tally *t;
  struct arena *a;
  const struct rego_case *c;
  const struct rego_case_trees *trees;
  struct rego_names *names;
  struct rego_documents_worker *worker;
  struct map seen;
  int64_t now_ns;
};

struct path {
  struct value keys[DEPTH_MAX];
  uint32_t count;
};

static struct path below(const struct path *p, struct value key)
{
  struct path longer = *p;
  if (longer.count < DEPTH_MAX)
    longer.keys[longer.count++] = key;
  return longer;
}

static struct str text_of(struct arena *a, const struct path *p)
{
  _cleanup_(buf_free) struct buf text = {0};
  buf_add_text(&text, "data");
  for (uint32_t i = 0; i < p->count; i++) {
    buf_add_byte(&text, '[');
    json_write(&text, p->keys[i], 0);
    buf_add_byte(&text, ']');
  }
  return arena_copy(a, buf_str(&text));
}

/* The value of the path by a program of its own. False: it does not compile. */
static bool ask_directly(struct asking *k, struct str path, struct value *ret,
                         const char **ret_code)
{
  _cleanup_(rego_program_freep) struct rego_program *program = NULL;
  struct rego_entry entry = {.path = path};
  struct rego_compile_options options = {.names = k->names};
  struct rego_errors errors = {0};
  struct error err;
  if (rego_compile(k->a, k->trees->modules, k->trees->count, &entry, 1, &options, &program, &errors,
                   &err) < 0)
    return false;
  struct rego_run run = {
      .arena = k->a,
      .input = k->c->input,
      .data = value_is(k->c->data, VALUE_OBJECT) ? k->c->data : VALUE_NONE,
      .strict_errors = k->c->strict_errors,
      .steps = ADMISSION_STEPS_DEFAULT,
      .deadline_ns = (int64_t)clock_monotonic_ns(clock_system()) +
                     CASE_SECONDS * INT64_C(1000000000),
  };
  *ret_code = NULL;
  *ret = VALUE_NONE;
  if (rego_eval(k->t->direct, program, 0, &run, ret, &err) < 0)
    *ret_code = rego_failure(k->t->direct)->code;
  else if (!value_is(*ret, VALUE_ABSENT) && value_copy(k->a, *ret, NULL, ret, &err) < 0)
    abort();
  return true;
}

static bool is_wrong(const char *code, struct value value, const char *wanted_code,
                     struct value wanted)
{
  if (code || wanted_code)
    return !code || !wanted_code || strcmp(code, wanted_code) != 0;
  if (value_is(value, VALUE_ABSENT) || value_is(wanted, VALUE_ABSENT))
    return value.type != wanted.type;
  return !value_equal(value, wanted);
}

static void tell(struct asking *k, struct str path, const char *code, struct value value,
                 const char *wanted_code, struct value wanted)
{
  _cleanup_(buf_free) struct buf text = {0};
  buf_printf(&text, "%.*s: %.*s\n  got    %s ", STR_FMT(k->c->name), STR_FMT(path),
             code ? code : "");
  json_write(&text, value, 0);
  buf_printf(&text, "\n  wanted %s ", wanted_code ? wanted_code : "");
  json_write(&text, wanted, 0);
  printf("%s\n", buf_text(&text));
}

static struct value check(struct asking *k, const struct path *p)
{
  struct value value = VALUE_NONE, wanted = VALUE_NONE;
  const char *code = NULL, *wanted_code = NULL;
  struct error err;
  bool added;
  struct str text = text_of(k->a, p);
  map_put(&k->seen, text, &added);
  if (!added)
    return VALUE_NONE;
  struct rego_documents_question question = {
      .path = p->keys,
      .count = p->count,
      .input = k->c->input,
      .strict_errors = k->c->strict_errors,
      .deadline_ns = (int64_t)clock_monotonic_ns(clock_system()) +
                     CASE_SECONDS * INT64_C(1000000000),
  };
  if (!ask_directly(k, text, &wanted, &wanted_code))
    return VALUE_NONE;
  rego_documents_begin(k->worker);
  if (rego_documents_ask(k->worker, &question, &value, &err) < 0)
    code = rego_documents_failure(k->worker)->code;
  k->t->paths++;
  k->t->failed += wanted_code != NULL;
  k->t->defined += !wanted_code && !value_is(wanted, VALUE_ABSENT);
  if (is_wrong(code, value, wanted_code, wanted)) {
    k->t->wrong++;
    tell(k, text, code, value, wanted_code, wanted);
  }
  return wanted;
}

/* The document, and a few things below it: what is there, and what is not. */
static void check_around(struct asking *k, const struct path *p, unsigned levels)
{
  struct value v = check(k, p);
  if (levels == 0 || p->count == DEPTH_MAX)
    return;
  struct path missing = below(p, value_from("nothing here"));
  check(k, &missing);
  for (uint32_t i = 0; i < v.len && i < KEYS_BELOW; i++) {
    struct value key = v.type == VALUE_OBJECT  ? v.members[i].key
                       : v.type == VALUE_ARRAY ? value_int((int64_t)i)
                       : v.type == VALUE_SET   ? v.items[i]
                                               : VALUE_NONE;
    int64_t number;
    if (!value_is(key, VALUE_STRING) && !value_to_int(key, &number))
      continue;
    struct path longer = below(p, key);
    check_around(k, &longer, levels - 1);
  }
}

static void check_module(struct asking *k, const struct rego_module *m)
{
  struct path p = {0};
  check_around(k, &p, 1);
  for (uint32_t i = 0; i < m->package.path_count; i++) {
    p = below(&p, m->package.path[i].value);
    check_around(k, &p, 1);
  }
  for (uint32_t i = 0; i < m->rule_count; i++) {
    const struct rego_head *head = &m->rules[i].head;
    if (head->kind == REGO_RULE_FUNCTION)
      continue;
    struct path rule = below(&p, value_string(rego_names_text(m->names, head->ref[0].var)));
    check_around(k, &rule, 2);
    for (uint32_t r = 1; r < head->ref_count && head->ref[r].kind == REGO_SCALAR; r++) {
      int64_t number;
      if (!value_is(head->ref[r].value, VALUE_STRING) && !value_to_int(head->ref[r].value, &number))
        break;
      rule = below(&rule, head->ref[r].value);
      check_around(k, &rule, 2);
    }
  }
}

static void each(void *user, struct arena *a, const struct rego_case *c)
{
  struct tally *t = user;
  _cleanup_(rego_names_freep) struct rego_names *names = rego_names_new();
  _cleanup_(rego_documents_dropp) struct rego_documents *documents = NULL;
  _cleanup_(rego_documents_worker_freep) struct rego_documents_worker *worker = NULL;
  struct rego_case_trees trees;
  struct rego_errors errors = {0};
  struct error err;
  t->cases++;
  if (rego_case_parse(a, c, names, &trees, &errors, &err) < 0 || c->input_term.len)
    return;
  struct rego_documents_source source = {
      .modules = trees.modules,
      .count = trees.count,
      .names = names,
      .data = value_is(c->data, VALUE_OBJECT) ? c->data : VALUE_NONE,
  };
  struct rego_documents_options options = {0};
  if (rego_documents_make(&source, &options, &documents, NULL, &err) < 0)
    return;
  t->compiled++;
  worker = rego_documents_worker_new(documents);
  struct asking k = {.t = t, .a = a, .c = c, .trees = &trees, .names = names, .worker = worker};
  map_init(&k.seen, NULL);
  for (uint32_t i = 0; i < trees.count; i++)
    check_module(&k, trees.modules[i]);
  map_free(&k.seen);
}

int main(void)
{
  struct tally t = {.direct = rego_worker_new()};
  _cleanup_(buf_free) struct buf folder = {0};
  int result = 0;
  const char *shared = rego_case_shared(&folder);
  for (size_t i = 0; i < 2 && result == 0; i++)
    result = rego_cases_each(shared, &rego_suites[i], each, &t);
  rego_worker_free(t.direct);
  if (result)
    return result;
  printf("%u cases, %u compiled: %u documents asked by path (%u defined, %u failed), %u wrong\n",
         t.cases, t.compiled, t.paths, t.defined, t.failed, t.wrong);
  return t.wrong || t.paths < 1000;
}
