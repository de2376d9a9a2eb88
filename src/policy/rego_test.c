#include "policy/rego_test.h"

#include "data/json_write.h"
#include "policy/rego_test_int.h"

/* ---- names */

static bool is_identifier(struct str s)
{
  if (s.len == 0 || (s.data[0] >= '0' && s.data[0] <= '9'))
    return false;
  for (size_t i = 0; i < s.len; i++) {
    char c = s.data[i];
    if (!(c == '_' || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9')))
      return false;
  }
  return true;
}

/* One more step of a reference: `.name` or `["na-me"]`. */
static void add_step(struct buf *out, struct str step)
{
  if (is_identifier(step)) {
    buf_add_text(out, out->len ? "." : "");
    buf_add(out, step);
    return;
  }
  buf_add_byte(out, '[');
  json_write_string(out, step);
  buf_add_byte(out, ']');
}

/* The text of an operand that may be part of a rule's name; false: it is none. */
static bool name_of(const struct rego_tests *tests, const struct rego_term *term, bool head,
                    struct str *ret)
{
  if (head && term->kind == REGO_VAR)
    *ret = rego_names_text(tests->names, term->var);
  else if (rego_is_string(term))
    *ret = value_str(term->value);
  else
    return false;
  return true;
}

/* How many operands of a rule's reference make up the name of a test; 0: it is no test. */
static uint32_t test_name_length(const struct rego_tests *tests, const struct rego_head *head,
                                 bool *ret_skipped)
{
  for (uint32_t i = 0; i < head->ref_count; i++) {
    struct str step;
    if (!name_of(tests, &head->ref[i], i == 0, &step))
      return 0;
    *ret_skipped = str_starts(step, STR("todo_test_"));
    if (*ret_skipped || str_starts(step, STR("test_")))
      return i + 1;
  }
  return 0;
}

/* ---- finding tests */

struct finder {
  struct rego_tests *tests;
  const struct regex *filter;
  struct map seen; /* full name -> how many there are */
  const struct rego_module *module;
  struct buf package, name;
};

static struct str keep(struct finder *f, struct buf *text)
{
  return arena_copy(&f->tests->arena, buf_str(text));
}

static void write_package(struct finder *f)
{
  buf_clear(&f->package);
  buf_add_text(&f->package, "data");
  for (uint32_t i = 0; i < f->module->package.path_count; i++)
    add_step(&f->package, value_str_or_empty(f->module->package.path[i].value));
}

/* The steps of a test's name; the last one with a number behind it if the name was there before. */
static void write_name(struct finder *f, const struct rego_head *head, uint32_t length,
                       struct str last)
{
  buf_clear(&f->name);
  for (uint32_t i = 0; i < length; i++) {
    struct str step = last;
    if (i + 1 < length)
      name_of(f->tests, &head->ref[i], i == 0, &step);
    if (i == 0)
      buf_add(&f->name, step); /* a number is told as OPA does, without brackets */
    else
      add_step(&f->name, step);
  }
}

static struct str entry_path(struct finder *f, const struct rego_head *head, uint32_t length,
                             struct str last)
{
  _cleanup_(buf_free) struct buf path = {0};
  buf_add(&path, buf_str(&f->package));
  for (uint32_t i = 0; i < length; i++) {
    struct str step = last;
    if (i + 1 < length)
      name_of(f->tests, &head->ref[i], i == 0, &step);
    add_step(&path, step);
  }
  return keep(f, &path);
}

/* The number behind a name that has been given before; 0: it has not. */
static uint64_t count_name(struct finder *f)
{
  _cleanup_(buf_free) struct buf full = {0};
  buf_add(&full, buf_str(&f->package));
  buf_add_byte(&full, '\n');
  buf_add(&full, buf_str(&f->name));
  return map_put(&f->seen, keep(f, &full), NULL)->number++;
}

static bool is_wanted(struct finder *f)
{
  _cleanup_(buf_free) struct buf full = {0};
  buf_add(&full, buf_str(&f->package));
  buf_add_byte(&full, '.');
  buf_add(&full, buf_str(&f->name));
  return !f->filter || regex_match(f->filter, buf_str(&full));
}

/* A copy of the rule's head with another name at the end of the test's. */
static void rename_test(struct finder *f, struct rego_rule *rule, uint32_t length, struct str last)
{
  uint32_t count = rule->head.ref_count;
  struct rego_term *ref = arena_array(&f->tests->arena, struct rego_term, count);
  memcpy(ref, rule->head.ref, count * sizeof *ref);
  if (length == 1)
    ref[0].var = rego_names_add(f->tests->names, last);
  else
    ref[length - 1].value = value_string(last);
  rule->head.ref = ref;
}

struct changes {
  bool renamed, rewritten;
};

/* A rule that is a test: notes it and changes copies of the rule. */
static void take_test(struct finder *f, struct rego_rule *plain, struct rego_rule *rewritten,
                      struct changes *io_changes)
{
  bool skipped = false;
  uint32_t length = test_name_length(f->tests, &plain->head, &skipped);
  if (length == 0 || plain->head.kind == REGO_RULE_FUNCTION)
    return;
  struct str last = STR_EMPTY;
  name_of(f->tests, &plain->head.ref[length - 1], length == 1, &last);
  write_name(f, &plain->head, length, last);
  uint64_t number = skipped ? 0 : count_name(f);
  bool wanted = is_wanted(f);
  if (number) {
    last = arena_printf(&f->tests->arena, "%.*s#%02llu", STR_FMT(last), (unsigned long long)number);
    rename_test(f, plain, length, last);
    write_name(f, &plain->head, length, last);
    rewritten->head = plain->head;
    io_changes->renamed = true;
  }
  struct test_entry entry = {
      .test = {.package = keep(f, &f->package),
               .name = keep(f, &f->name),
               .file = f->module->name,
               .place = plain->place,
               .skipped = skipped,
               .cases = plain->head.ref_count > length},
      .path = entry_path(f, &plain->head, length, last),
      .entry = UINT32_MAX,
      .point = UINT32_MAX,
      .module = f->module,
      .first = f->tests->comparisons.count,
  };
  if (!wanted)
    return;
  if (!skipped && plain->body.count) {
    rewritten->body = rego_test_rewrite(f->tests, plain->body, plain->head.ref + length,
                                        plain->head.ref_count - length);
    io_changes->rewritten = true;
  }
  entry.comparison_count = f->tests->comparisons.count - entry.first;
  vec_push(&f->tests->entries, entry);
}

static struct rego_rule *copy_rules(struct finder *f)
{
  const struct rego_module *module = f->module;
  struct rego_rule *rules = arena_array(&f->tests->arena, struct rego_rule, module->rule_count + 1);
  if (module->rule_count)
    memcpy(rules, module->rules, module->rule_count * sizeof *rules);
  return rules;
}

static const struct rego_module *with_rules(struct finder *f, const struct rego_rule *rules,
                                            bool changed)
{
  if (!changed)
    return f->module;
  struct rego_module *copy = arena_new(&f->tests->arena, struct rego_module);
  *copy = *f->module;
  copy->rules = rules;
  return copy;
}

static void take_module(struct finder *f, const struct rego_module *module, uint32_t number)
{
  struct changes changes = {0};
  f->module = module;
  write_package(f);
  struct rego_rule *plain = copy_rules(f), *rewritten = copy_rules(f);
  for (uint32_t i = 0; i < module->rule_count; i++)
    take_test(f, &plain[i], &rewritten[i], &changes);
  f->tests->plain[number] = with_rules(f, plain, changes.renamed);
  f->tests->modules[number] = with_rules(f, rewritten, changes.renamed || changes.rewritten);
}

struct rego_tests *rego_tests_new(const struct rego_module *const *modules, uint32_t count,
                                  struct rego_names *names, const struct regex *filter)
{
  struct rego_tests *tests = mem_zalloc(1, sizeof *tests);
  arena_init(&tests->arena, 0);
  tests->names = names;
  tests->module_count = count;
  tests->modules = arena_array(&tests->arena, const struct rego_module *, count + 1);
  tests->plain = arena_array(&tests->arena, const struct rego_module *, count + 1);
  struct finder f = {.tests = tests, .filter = filter};
  map_init(&f.seen, NULL);
  for (uint32_t i = 0; i < count; i++)
    take_module(&f, modules[i], i);
  map_free(&f.seen);
  buf_free(&f.package);
  buf_free(&f.name);
  return tests;
}

void rego_tests_free(struct rego_tests *tests)
{
  if (!tests)
    return;
  rego_program_free(tests->program);
  vec_free(&tests->entries);
  vec_free(&tests->comparisons);
  arena_free(&tests->arena);
  mem_free(tests);
}

size_t rego_tests_count(const struct rego_tests *tests)
{
  return tests->entries.count;
}

const struct rego_test *rego_tests_get(const struct rego_tests *tests, size_t i)
{
  return &tests->entries.items[i].test;
}

const struct rego_program *rego_tests_program(const struct rego_tests *tests)
{
  return tests->program;
}

/* ---- compiling */

/* Which point is the rule of each test. */
static void find_points(struct rego_tests *tests)
{
  struct map points;
  map_init(&points, &tests->arena);
  _cleanup_(buf_free) struct buf key = {0};
  uint32_t count = rego_point_count(tests->program);
  for (uint32_t i = 0; i < count; i++) {
    const struct rego_point *point = rego_point(tests->program, i);
    if (point->kind != REGO_POINT_RULE)
      continue;
    buf_clear(&key);
    buf_printf(&key, "%.*s:%u", STR_FMT(point->file), point->place.start);
    bool added;
    union map_value *known = map_put(&points, buf_str(&key), &added);
    if (added)
      known->number = i;
  }
  for (size_t i = 0; i < tests->entries.count; i++) {
    struct test_entry *entry = &tests->entries.items[i];
    buf_clear(&key);
    buf_printf(&key, "%.*s:%u", STR_FMT(entry->test.file), entry->test.place.start);
    union map_value *known = map_get(&points, buf_str(&key));
    entry->point = known ? (uint32_t)known->number : UINT32_MAX;
  }
  map_free(&points);
}

/* What was put into the tests must not show in errors, nor make any: if the modules with it do not
 * compile, those without it say why, or are used. */
static int compile(struct rego_tests *tests, struct arena *a, const struct rego_entry *entries,
                   uint32_t count, const struct rego_compile_options *options,
                   struct rego_errors *ret_errors, struct error *err)
{
  struct rego_errors unwanted;
  int rc = rego_compile(a, tests->modules, tests->module_count, entries, count, options,
                        &tests->program, &unwanted, err);
  if (rc != SW_EINVAL)
    return rc;
  for (size_t i = 0; i < tests->entries.count; i++)
    tests->entries.items[i].comparison_count = 0;
  return rego_compile(a, tests->plain, tests->module_count, entries, count, options,
                      &tests->program, ret_errors, err);
}

int rego_tests_compile(struct rego_tests *tests, struct arena *a,
                       const struct rego_compile_options *options, struct rego_errors *ret_errors,
                       struct error *err)
{
  struct rego_compile_options filled = *options;
  filled.names = tests->names;
  filled.print = true;
  filled.instrument = true;
  VEC(struct rego_entry) entries = {0};
  for (size_t i = 0; i < tests->entries.count; i++) {
    struct test_entry *entry = &tests->entries.items[i];
    if (entry->test.skipped)
      continue;
    entry->entry = (uint32_t)entries.count;
    vec_push(&entries, (struct rego_entry){.path = entry->path});
  }
  int rc;
  if (entries.count > REGO_ENTRIES_MAX)
    rc = error_set(err, SW_ELIMIT, "%zu tests are more than %d; run fewer with --run",
                   entries.count, REGO_ENTRIES_MAX);
  else
    rc = compile(tests, a, entries.items, (uint32_t)entries.count, &filled, ret_errors, err);
  vec_free(&entries);
  if (rc == 0)
    find_points(tests);
  return rc;
}
