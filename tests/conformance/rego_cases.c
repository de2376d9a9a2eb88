/*
 * Every case of OPA's own is compiled, evaluated, and held against what it wants. Cases that are not
 * right yet stand by name in rego_cases.known, which may only shrink.
 *
 *     rego_cases [--no-optimiser] [--shuffle SEED] [--symbols] [--image]
 *                [--only TEXT] [--verbose] [--groups] [--fork]
 *
 * --shuffle gives modules, and the rules in them, in another order (their text is that of the printer
 * then, so places in messages are not compared); --symbols compiles with a symbol table and reads
 * input and data with it; --image saves the program and evaluates what was loaded. --only takes the
 * cases whose name contains the text, and shows everything about those that are wrong; --fork runs
 * each case in a process of its own, so that a crash is one failure.
 */
#include "rego_case.h"

#include "base/clock.h"
#include "base/file.h"
#include "data/compare.h"
#include "data/json.h"
#include "data/json_write.h"
#include "lang/rego/ast_print.h"
#include "lang/rego/rego.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

enum { NAMED_MAX = 40, CASE_SECONDS = 10, FORKED_TEXT_MAX = 16 << 20 };

struct how {
  bool no_optimiser, shuffle, symbols, image, verbose, groups, fork;
  uint64_t seed;
  const char *only;
};

struct tally {
  const struct how *how;
  struct rego_known *known;
  struct rego_worker *worker; /* one for all, as a server has */
  struct map groups;          /* right cases << 32 | cases */
  struct arena names;
  unsigned cases, right, wrong;
};

/* What a case gave: bindings, or an error. */
struct answer {
  bool failed;
  struct value bindings; /* an array of objects */
  struct str code, text;
};

/* ---- what OPA makes of values before it compares: JSON */

static struct value as_json(struct arena *a, struct value v);

static struct value items_as_json(struct arena *a, struct value v)
{
  struct value *items = arena_array(a, struct value, v.len);
  for (uint32_t i = 0; i < v.len; i++)
    items[i] = as_json(a, v.items[i]);
  return value_array_make(a, items, NULL, v.len);
}

static struct value key_as_json(struct arena *a, struct value key)
{
  _cleanup_(buf_free) struct buf text = {0};
  if (key.type == VALUE_STRING)
    return key;
  json_write(&text, as_json(a, key), 0);
  return value_string(arena_copy(a, buf_str(&text)));
}

static struct value members_as_json(struct arena *a, struct value v)
{
  struct value_member *members = arena_array(a, struct value_member, v.len);
  uint32_t *order = arena_array(a, uint32_t, v.len);
  struct value object;
  value_sort_keys(v, order);
  for (uint32_t i = 0; i < v.len; i++) {
    members[i].key = key_as_json(a, v.members[order[i]].key);
    members[i].value = as_json(a, v.members[order[i]].value);
  }
  value_object_make(a, members, NULL, v.len, VALUE_LAST_WINS, NULL, &object);
  return object;
}

static struct value as_json(struct arena *a, struct value v)
{
  if (v.type == VALUE_ARRAY || v.type == VALUE_SET)
    return items_as_json(a, v);
  return v.type == VALUE_OBJECT ? members_as_json(a, v) : v;
}

static struct value sorted(struct arena *a, struct value v)
{
  if (v.type != VALUE_ARRAY)
    return v;
  struct value *items = arena_array(a, struct value, v.len);
  memcpy(items, v.items, v.len * sizeof *items);
  value_sort(items, v.len);
  return value_array_make(a, items, NULL, v.len);
}

/* One answer's bindings, as OPA's tests look at them. */
static struct value binding(struct arena *a, const struct rego_case *c, struct value one)
{
  struct value_member *members = arena_array(a, struct value_member, one.len);
  uint32_t count = 0;
  struct value object;
  if (one.type != VALUE_OBJECT)
    return one;
  for (uint32_t i = 0; i < one.len; i++) {
    struct value v = as_json(a, one.members[i].value);
    if (c->ignore_generated && str_starts(value_str_or_empty(one.members[i].key), STR("__localq")))
      continue;
    members[count++] =
        (struct value_member){one.members[i].key, c->sort_bindings ? sorted(a, v) : v};
  }
  value_object_make(a, members, NULL, count, VALUE_LAST_WINS, NULL, &object);
  return object;
}

static bool same_answers(struct arena *a, const struct rego_case *c, struct value got)
{
  struct value *bindings = arena_array(a, struct value, got.len);
  for (uint32_t i = 0; i < got.len; i++)
    bindings[i] = binding(a, c, got.items[i]);
  return value_equal(value_set_make(a, bindings, got.len),
                     value_set_make(a, c->want_result.items, c->want_result.len));
}

/* Of a program in another order only the code can be expected: its places are others. */
static bool says(const struct how *how, struct str wanted, const struct answer *got)
{
  return how->shuffle
             ? str_find(wanted, 0, STR("_error: ")) < 0 || str_find(wanted, 0, got->code) >= 0
             : str_find(got->text, 0, wanted) >= 0;
}

static bool is_right(struct arena *a, const struct how *how, const struct rego_case *c,
                     const struct answer *got)
{
  if (c->stranger.len)
    return false;
  if (c->want_code.len && !(got->failed && str_eq(got->code, c->want_code)))
    return false;
  if (c->want_text.len && !(got->failed && says(how, c->want_text, got)))
    return false;
  if (got->failed)
    return c->want_code.len || c->want_text.len;
  return c->want_result.type == VALUE_ARRAY && same_answers(a, c, got->bindings);
}

/* ---- another order of modules and rules */

static uint64_t next_random(uint64_t *seed)
{
  uint64_t z = *seed += 0x9E3779B97F4A7C15U;
  z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9U;
  z = (z ^ (z >> 27)) * 0x94D049BB133111EBU;
  return z ^ (z >> 31);
}

/* A module with annotations, which the printer does not write, stays as it is. */
static struct str shuffled_module(struct arena *a, const struct rego_module *module, uint64_t *seed)
{
  _cleanup_(buf_free) struct buf text = {0};
  if (module->annotation_count)
    return module->text;
  struct rego_module other = *module;
  struct rego_rule *rules = arena_array(a, struct rego_rule, module->rule_count);
  if (module->rule_count)
    memcpy(rules, module->rules, module->rule_count * sizeof *rules);
  for (uint32_t i = module->rule_count; i > 1; i--) {
    uint32_t with = (uint32_t)(next_random(seed) % i);
    struct rego_rule rule = rules[i - 1];
    rules[i - 1] = rules[with];
    rules[with] = rule;
  }
  other.rules = rules;
  rego_print_module(&text, &other);
  return arena_copy(a, buf_str(&text));
}

/* The case with its modules rewritten; as it was if they do not parse, before or after: a rule called
 * "as" cannot stand behind an import. */
static struct rego_case shuffled(struct arena *a, const struct rego_case *c, uint64_t seed)
{
  _cleanup_(rego_names_freep) struct rego_names *names = rego_names_new();
  struct rego_case_trees trees;
  struct rego_errors errors;
  struct rego_case other = *c;
  if (rego_case_parse(a, c, names, &trees, &errors, NULL) < 0)
    return *c;
  struct value *texts = arena_array(a, struct value, trees.count);
  for (uint32_t i = 0; i < trees.count; i++)
    texts[i] = value_string(shuffled_module(a, trees.modules[i], &seed));
  for (uint32_t i = trees.count; i > 1; i--) {
    uint32_t with = (uint32_t)(next_random(&seed) % i);
    struct value text = texts[i - 1];
    texts[i - 1] = texts[with];
    texts[with] = text;
  }
  other.modules = value_array_make(a, texts, NULL, trees.count);
  return rego_case_parse(a, &other, names, &trees, &errors, NULL) < 0 ? *c : other;
}

/* ---- compiling and evaluating */

/* A term without anything to evaluate. */
static struct value term_value(struct arena *a, const struct rego_term *term)
{
  uint32_t count = term->kind == REGO_SCALAR ? 0 : term->count;
  struct value *items = arena_array(a, struct value, count);
  struct value_member *members = arena_array(a, struct value_member, count);
  struct value object = VALUE_NONE;
  switch (term->kind) {
  case REGO_SCALAR:
    return term->value;
  case REGO_ARRAY:
  case REGO_SET:
    for (uint32_t i = 0; i < count; i++)
      items[i] = term_value(a, &term->items[i]);
    return term->kind == REGO_SET ? value_set_make(a, items, count)
                                  : value_array_make(a, items, NULL, count);
  case REGO_OBJECT:
    for (uint32_t i = 0; i < count; i++) {
      members[i].key = term_value(a, &term->items[2 * (size_t)i]);
      members[i].value = term_value(a, &term->items[2 * (size_t)i + 1]);
    }
    value_object_make_any(a, members, NULL, count, VALUE_LAST_WINS, NULL, &object);
    return object;
  default:
    return VALUE_NONE;
  }
}

static struct value read_again(struct arena *a, struct value v, const struct symbols *symbols)
{
  _cleanup_(buf_free) struct buf text = {0};
  struct json_options options = {.symbols = symbols};
  struct value again = v;
  if (v.type == VALUE_ABSENT || !symbols)
    return v;
  json_write(&text, v, 0);
  if (json_parse(a, arena_copy(a, buf_str(&text)), &options, &again, NULL) < 0)
    abort();
  return again;
}

static struct value input_of(struct arena *a, const struct rego_case *c, struct rego_names *names,
                             const struct symbols *symbols)
{
  struct rego_options options = {.version = c->suite->version, .names = names};
  struct rego_term term;
  struct error err;
  if (!c->input_term.len)
    return read_again(a, c->input, symbols);
  if (rego_parse_term(a, c->input_term, &options, &term, NULL, &err) < 0)
    abort();
  return term_value(a, &term);
}

static struct answer compile_failed(struct arena *a, const struct rego_errors *errors, int code,
                                    const struct error *err)
{
  _cleanup_(buf_free) struct buf text = {0};
  if (code == SW_EUNSUPPORTED)
    return (struct answer){true, VALUE_NONE, STR("unsupported"),
                           arena_printf(a, "%s", err->message)};
  rego_errors_write(&text, errors);
  return (struct answer){true, VALUE_NONE,
                         errors->count ? str_from(rego_code_name(errors->items[0].code))
                                       : STR("no code"),
                         arena_copy(a, buf_str(&text))};
}

static struct answer run_failed(struct arena *a, const struct rego_failure *failure,
                                const struct error *err)
{
  _cleanup_(buf_free) struct buf text = {0};
  if (!failure)
    return (struct answer){true, VALUE_NONE, STR("no failure"),
                           arena_printf(a, "%s", err->message)};
  if (failure->place.line && failure->file.len)
    buf_printf(&text, "%.*s:%u: ", STR_FMT(failure->file), failure->place.line);
  else if (failure->place.line)
    buf_printf(&text, "%u:%u: ", failure->place.line, failure->place.column);
  buf_printf(&text, "%s: %.*s", failure->code, STR_FMT(failure->message));
  return (struct answer){true, VALUE_NONE, str_from(failure->code), arena_copy(a, buf_str(&text))};
}

/* A resolver that needs no network: it knows addresses, and "localhost". */
static enum builtin_result look_up(void *user, struct builtin_context *context, struct str host,
                                   struct value *ret_addresses)
{
  struct value address = value_string(str_eq(host, STR("localhost")) ? STR("127.0.0.1") : host);
  *ret_addresses = value_set_make(context->arena, &address, 1);
  return BUILTIN_VALUE;
}

static struct answer ask(struct tally *t, struct arena *a, const struct rego_case *c,
                         const struct rego_program *program, struct value input, struct value data)
{
  static const struct builtin_services services = {.lookup_ip_addr = look_up};
  struct rego_run run = {
      .arena = a,
      .services = &services,
      .input = input,
      .data = data.type == VALUE_OBJECT ? data : VALUE_NONE,
      .strict_errors = c->strict_errors,
      .deadline_ns = (int64_t)clock_monotonic_ns(clock_system()) +
                     CASE_SECONDS * INT64_C(1000000000),
  };
  struct value result = VALUE_NONE;
  struct error err;
  if (rego_eval(t->worker, program, 0, &run, &result, &err) < 0)
    return run_failed(a, rego_failure(t->worker), &err);
  if (result.type == VALUE_ABSENT)
    result = value_array_make(a, NULL, NULL, 0);
  if (result.type != VALUE_ARRAY)
    return (struct answer){true, VALUE_NONE, STR("no answers"), STR("a query's value is no array")};
  return (struct answer){.bindings = result};
}

static struct answer evaluate(struct tally *t, struct arena *a, const struct rego_case *c)
{
  _cleanup_(rego_names_freep) struct rego_names *names = rego_names_new();
  _cleanup_(symbols_freep) struct symbols *symbols = t->how->symbols ? symbols_new(NULL, 0) : NULL;
  _cleanup_(rego_program_freep) struct rego_program *compiled = NULL, *loaded = NULL;
  _cleanup_(buf_free) struct buf image = {0};
  struct rego_compile_options options = {
      .names = names, .symbols = symbols, .no_optimiser = t->how->no_optimiser};
  struct rego_case_trees trees;
  struct rego_errors errors;
  struct error err;
  int r;
  rego_errors_clear(&errors);
  if ((r = rego_case_parse(a, c, names, &trees, &errors, &err)) < 0)
    return compile_failed(a, &errors, r, &err);
  struct rego_entry entry = {.query = &trees.query};
  if ((r = rego_compile(a, trees.modules, trees.count, &entry, 1, &options, &compiled, &errors,
                        &err)) < 0)
    return compile_failed(a, &errors, r, &err);
  if (t->how->image) {
    rego_program_save(compiled, &image);
    if (rego_program_load(buf_str(&image), symbols, &loaded, &err) < 0)
      return (struct answer){true, VALUE_NONE, STR("image"), arena_printf(a, "%s", err.message)};
  }
  struct answer got = ask(t, a, c, loaded ? loaded : compiled, input_of(a, c, names, symbols),
                          read_again(a, c->data, symbols));
  /* results may view the program's constants, which end here */
  if (!got.failed)
    got.bindings = read_again(a, as_json(a, got.bindings), symbols);
  _cleanup_(buf_free) struct buf copy = {0};
  if (!got.failed) {
    json_write(&copy, got.bindings, 0);
    if (json_parse(a, arena_copy(a, buf_str(&copy)), NULL, &got.bindings, &err) < 0)
      return (struct answer){true, VALUE_NONE, STR("result"), arena_printf(a, "%s", err.message)};
  }
  return got;
}

/* ---- telling */

static void add_value(struct buf *out, const char *what, struct value v)
{
  if (v.type == VALUE_ABSENT)
    return;
  buf_printf(out, "  %s: ", what);
  json_write(out, v, 0);
  buf_add_byte(out, '\n');
}

static void tell_answer(struct buf *out, const struct rego_case *c, const struct answer *got)
{
  if (c->stranger.len)
    buf_printf(out, "  the case has a \"%.*s\", which nobody here knows\n", STR_FMT(c->stranger));
  if (c->want_code.len || c->want_text.len)
    buf_printf(out, "  wanted: %.*s: %.*s\n", STR_FMT(c->want_code), STR_FMT(c->want_text));
  add_value(out, "wanted", c->want_result);
  if (got->failed)
    buf_printf(out, "  got: %.*s\n", STR_FMT(got->text));
  else
    add_value(out, "got", got->bindings);
}

static void tell_case(struct buf *out, const struct rego_case *c)
{
  for (uint32_t i = 0; c->modules.type == VALUE_ARRAY && i < c->modules.len; i++)
    buf_printf(out, "---- test-%u.rego\n%.*s\n", i,
               STR_FMT(value_str_or_empty(c->modules.items[i])));
  buf_printf(out, "----\n  query: %.*s\n", STR_FMT(c->query));
  add_value(out, "input", c->input);
  if (c->input_term.len)
    buf_printf(out, "  input: %.*s\n", STR_FMT(c->input_term));
  add_value(out, "data", c->data);
  if (c->strict_errors)
    buf_add_text(out, "  strict errors\n");
}

/* True if the case is right; *out is what there is to say if it is not. */
static bool run_case(struct tally *t, struct arena *a, const struct rego_case *given,
                     struct buf *out)
{
  struct rego_case c = t->how->shuffle ? shuffled(a, given, t->how->seed) : *given;
  for (uint32_t i = 0; c.env.type == VALUE_OBJECT && i < c.env.len; i++)
    setenv(arena_copy(a, value_str_or_empty(c.env.members[i].key)).data,
           arena_copy(a, value_str_or_empty(c.env.members[i].value)).data, 1);
  struct answer got = evaluate(t, a, &c);
  if (is_right(a, t->how, &c, &got))
    return true;
  if (t->how->only)
    tell_case(out, &c);
  tell_answer(out, &c, &got);
  return false;
}

/* ---- each in a process of its own */

static _Noreturn void child(struct tally *t, struct arena *a, const struct rego_case *c, int fd)
{
  struct buf out = {0};
  struct error err;
  alarm(2 * CASE_SECONDS);
  buf_add_byte(&out, run_case(t, a, c, &out) ? 'r' : 'w');
  fd_write_all(fd, out.data, out.len, &err);
  _exit(0);
}

static bool run_forked(struct tally *t, struct arena *a, const struct rego_case *c, struct buf *out)
{
  int ends[2], status = 0;
  struct error err;
  fflush(stdout);
  if (pipe(ends) < 0)
    abort();
  pid_t pid = fork();
  if (pid < 0)
    abort();
  if (pid == 0)
    child(t, a, c, ends[1]);
  close(ends[1]);
  if (file_read_fd(ends[0], "a case", FORKED_TEXT_MAX, out, &err) < 0)
    buf_printf(out, "  %s\n", err.message);
  close(ends[0]);
  waitpid(pid, &status, 0);
  if (WIFSIGNALED(status) || (WIFEXITED(status) && WEXITSTATUS(status) != 0)) {
    buf_clear(out);
    buf_printf(out, "  crashed: signal %d, status %d\n", WIFSIGNALED(status) ? WTERMSIG(status) : 0,
               WIFEXITED(status) ? WEXITSTATUS(status) : 0);
    return false;
  }
  /* the verdict is behind the text */
  bool right = out->len && out->data[out->len - 1] == 'r';
  out->len -= out->len > 0;
  return right;
}

static void try_case(void *user, struct arena *a, const struct rego_case *c)
{
  struct tally *t = user;
  _cleanup_(buf_free) struct buf out = {0};
  struct str ignored;
  if (t->how->only && str_find(c->name, 0, str_from(t->how->only)) < 0)
    return;
  bool right = t->how->fork ? run_forked(t, a, c, &out) : run_case(t, a, c, &out);
  map_put(&t->groups, str_cut(c->file, '/', &ignored), NULL)->number += 1 + ((uint64_t)right << 32);
  t->cases++;
  t->right += right;
  if (right || rego_known_fails(t->known, c->name))
    return;
  if (t->wrong++ < NAMED_MAX || t->how->verbose)
    printf("%.*s\n%.*s", STR_FMT(c->name), STR_FMT(buf_str(&out)));
}

static void tell_groups(const struct map *groups)
{
  size_t at = 0;
  for (struct map_entry *e; (e = map_next(groups, &at));)
    printf("  %5u of %5u  %.*s\n", (unsigned)(e->value.number >> 32),
           (unsigned)(e->value.number & UINT32_MAX), STR_FMT(e->key));
}

/* 0, 1, or CASES_SKIPPED. */
static int suite(const char *shared, const struct rego_suite *suite, const struct how *how,
                 struct rego_known *known)
{
  _cleanup_(rego_worker_freep) struct rego_worker *worker = rego_worker_new();
  struct tally t = {.how = how, .known = known, .worker = worker};
  arena_init(&t.names, 0);
  map_init(&t.groups, &t.names);
  int result = rego_cases_each(shared, suite, try_case, &t);
  if (how->groups)
    tell_groups(&t.groups);
  if (result != CASES_SKIPPED)
    printf("%s: rego cases %u of %u\n", suite->file, t.right, t.cases);
  map_free(&t.groups);
  arena_free(&t.names);
  return result ? result : t.wrong > 0;
}

static int usage(const char *argument)
{
  fprintf(stderr, "rego_cases: unknown or incomplete: %s\n", argument);
  return 2;
}

static bool read_flag(struct how *how, const char *argument)
{
  const struct {
    const char *name;
    bool *flag;
  } flags[] = {
      {"--no-optimiser", &how->no_optimiser},
      {"--symbols", &how->symbols},
      {"--image", &how->image},
      {"--verbose", &how->verbose},
      {"--groups", &how->groups},
      {"--fork", &how->fork},
  };
  for (size_t i = 0; i < sizeof(flags) / sizeof *flags; i++)
    if (strcmp(argument, flags[i].name) == 0)
      return *flags[i].flag = true;
  return false;
}

int main(int argc, char **argv)
{
  _cleanup_(buf_free) struct buf path = {0};
  struct how how = {0};
  struct rego_known known;
  for (int i = 1; i < argc; i++) {
    if (read_flag(&how, argv[i]))
      continue;
    if (i + 1 == argc)
      return usage(argv[i]);
    if (strcmp(argv[i], "--only") == 0)
      how.only = argv[++i];
    else if (strcmp(argv[i], "--shuffle") == 0)
      how.shuffle = true, how.seed = strtoull(argv[++i], NULL, 0);
    else
      return usage(argv[i]);
  }
  const char *shared = rego_case_shared(&path);
  rego_known_read(&known, "rego_cases.known");
  int v1 = suite(shared, &rego_suites[0], &how, &known);
  int v0 = suite(shared, &rego_suites[1], &how, &known);
  bool skipped = v1 == CASES_SKIPPED || v0 == CASES_SKIPPED;
  bool shrunk = skipped || how.only || rego_known_all_fail(&known);
  rego_known_free(&known);
  if (v1 == CASES_SKIPPED && v0 == CASES_SKIPPED) {
    printf("skipped: no conformance/rego in %s\n", shared);
    return CASES_SKIPPED;
  }
  return v1 == 1 || v0 == 1 || !shrunk;
}
