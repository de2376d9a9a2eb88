/*
 * Programs, evaluated in several ways that must agree. The first byte chooses: a program made by
 * rego_generate.h from the bytes that follow, or modules as text with lines `---` between them and, after
 * a line `===`, an input of JSON.
 *
 * Compiled with the optimiser and without; with a symbol table and without; from an image; with an
 * observer; with rules and modules in another order; with input replaced by itself; and asked twice of
 * the same worker: `data` is the same value, or the same code of failure (in another order: some
 * failure), and each rule by its own path is what stands there in `data`. What ran into a budget is not
 * compared. Results are as values must be: sets in order, keys of objects once.
 */
#include "rego_generate.h"

#include "base/symbols.h"
#include "data/compare.h"
#include "data/json.h"
#include "data/json_write.h"
#include "lang/rego/ast_print.h"
#include "lang/rego/parser.h"
#include "lang/rego/rego.h"

#include <stdio.h>
#include <stdlib.h>

enum {
  MODULES_MAX = 4,
  PARTS_MAX = 12,
  PACKAGE_MAX = 4, /* parts of a package's path */
  STEPS = 200000,
  ARENA_BYTES = 64 << 20,
  RESULT_DEPTH_MAX = 1000,
};

static void must(bool ok)
{
  if (!ok)
    abort();
}

struct subject {
  struct str texts[MODULES_MAX];
  uint32_t count;
  struct str input;
  enum rego_version version;
  bool strict_errors, experimental;
};

struct way {
  bool no_optimiser, symbols, image, observed, turned, replaced;
};

enum outcome_kind { REFUSED, LIMITED, FAILED, UNDEFINED, VALUE };

struct outcome {
  enum outcome_kind kind;
  const char *code;
  struct value value;
};

/* ---- the form of results */

static void form(struct value v, unsigned depth)
{
  if (depth > RESULT_DEPTH_MAX)
    return;
  must(v.type != VALUE_ABSENT);
  for (uint32_t i = 0; (v.type == VALUE_ARRAY || v.type == VALUE_SET) && i < v.len; i++) {
    form(v.items[i], depth + 1);
    must(v.type == VALUE_ARRAY || i == 0 || value_compare(v.items[i - 1], v.items[i]) < 0);
  }
  if (v.type != VALUE_OBJECT)
    return;
  uint32_t *order = mem_alloc(v.len * sizeof *order);
  value_sort_keys(v, order);
  for (uint32_t i = 0; i < v.len; i++) {
    form(v.members[i].key, depth + 1);
    form(v.members[i].value, depth + 1);
    must(i == 0 || value_compare(v.members[order[i - 1]].key, v.members[order[i]].key) < 0);
    must(value_find_any(v, v.members[i].key) == i);
  }
  mem_free(order);
}

/* ---- compiling and evaluating */

static bool parse(struct arena *a, const struct subject *s, struct rego_names *names,
                  const struct rego_module **modules, struct error *err)
{
  static const char *const files[MODULES_MAX] = {"a.rego", "b.rego", "c.rego", "d.rego"};
  for (uint32_t i = 0; i < s->count; i++) {
    struct rego_options options = {.name = str_from(files[i]),
                                   .file = i,
                                   .version = s->version,
                                   .experimental = s->experimental,
                                   .names = names};
    if (rego_parse_module(a, s->texts[i], &options, &modules[i], NULL, err) < 0)
      return false;
  }
  return s->count > 0;
}

/* Modules and their rules from the last to the first. */
static void turn(struct arena *a, struct rego_module *module)
{
  struct rego_rule *rules = arena_array(a, struct rego_rule, module->rule_count);
  for (uint32_t j = 0; j < module->rule_count; j++)
    rules[j] = module->rules[module->rule_count - 1 - j];
  module->rules = rules;
}

/* Every expression of a rule's body is asked `with input as input`, which changes nothing. */
static struct rego_body with_input(struct arena *a, struct rego_body body,
                                   const struct rego_with *with)
{
  struct rego_expr *items = arena_array(a, struct rego_expr, body.count);
  for (uint32_t i = 0; i < body.count; i++) {
    items[i] = body.items[i];
    if (items[i].kind != REGO_EXPR_SOME && items[i].with_count == 0) {
      items[i].with_count = 1;
      items[i].with = with;
    }
  }
  return (struct rego_body){items, body.count};
}

static const struct rego_rule *replace_rule(struct arena *a, const struct rego_rule *rule,
                                            const struct rego_with *with)
{
  struct rego_rule *first = NULL, **to = &first;
  for (; rule; rule = rule->otherwise) {
    *to = arena_new(a, struct rego_rule);
    **to = *rule;
    if (!rule->is_default)
      (*to)->body = with_input(a, rule->body, with);
    to = (struct rego_rule **)(uintptr_t) & (*to)->otherwise;
  }
  return first;
}

static void replace(struct arena *a, struct rego_module *module, struct rego_names *names)
{
  struct rego_rule *rules = arena_array(a, struct rego_rule, module->rule_count);
  struct rego_options options = {.names = names};
  struct rego_with *with = arena_new(a, struct rego_with);
  must(rego_parse_term(a, STR("input"), &options, &with->target, NULL, NULL) == 0);
  with->value = with->target;
  for (uint32_t j = 0; j < module->rule_count; j++)
    rules[j] = *replace_rule(a, &module->rules[j], with);
  module->rules = rules;
}

/* The same program, written differently. */
static struct subject rewritten(struct arena *a, const struct subject *s, const struct way *way)
{
  _cleanup_(rego_names_freep) struct rego_names *names = rego_names_new();
  const struct rego_module *modules[MODULES_MAX];
  struct subject other = *s;
  if ((!way->turned && !way->replaced) || !parse(a, s, names, modules, NULL))
    return other;
  for (uint32_t i = 0; i < s->count; i++) {
    _cleanup_(buf_free) struct buf text = {0};
    struct rego_module module = *modules[i];
    if (way->replaced)
      replace(a, &module, names);
    else
      turn(a, &module);
    rego_print_module(&text, &module);
    other.texts[way->turned ? s->count - 1 - i : i] = arena_copy(a, buf_str(&text));
  }
  return other;
}

static struct outcome ask(struct rego_worker *worker, uint32_t entry)
{
  struct outcome o = {.kind = VALUE};
  struct error err;
  int r = rego_ask(worker, entry, &o.value, &err);
  if (r < 0) {
    must((r == SW_EINVAL || r == SW_ELIMIT) && err.code == r && err.message[0]);
    must(rego_failure(worker) && rego_failure(worker)->code);
    o.kind = r == SW_ELIMIT ? LIMITED : FAILED;
    o.code = rego_failure(worker)->code;
  } else if (o.value.type == VALUE_ABSENT) {
    o.kind = UNDEFINED;
  } else {
    form(o.value, 0);
  }
  must(rego_steps(worker) > 0);
  return o;
}

/* `loose`: it is not the same that is evaluated, or not in the same order. Then the first failure may be
 * another one, and a body that fails may not be needed any more. */
static bool same(const struct outcome *a, const struct outcome *b, bool loose)
{
  if (a->kind == LIMITED || b->kind == LIMITED)
    return true;
  if (loose && (a->kind == FAILED || b->kind == FAILED))
    return true;
  if (a->kind != b->kind)
    return false;
  if (a->kind == FAILED)
    return strcmp(a->code, b->code) == 0;
  return a->kind != VALUE || value_equal(a->value, b->value);
}

/* An image that is not what was saved is refused, or taken for a program; it is not evaluated. */
static void spoil(struct str image)
{
  char *copy = mem_copy_text(image.data, image.len);
  for (size_t i = 0; i < 8; i++) {
    size_t at = (image.len * (2 * i + 1) / 16 + (uint8_t)image.data[image.len - 1 - i]) % image.len;
    struct rego_program *program = NULL;
    struct error err;
    copy[at] ^= (char)(1 << i);
    int r = rego_program_load(str_make(copy, image.len - (i & 1)), NULL, &program, &err);
    must(r == 0 || (r == SW_EINVAL && !program && err.message[0]));
    rego_program_free(program);
    copy[at] = image.data[at];
  }
  mem_free(copy);
}

static struct rego_program *from_image(const struct rego_program *program, struct symbols *symbols,
                                       struct buf *image)
{
  struct rego_program *loaded = NULL;
  struct error err;
  rego_program_save(program, image);
  spoil(buf_str(image));
  must(rego_program_load(buf_str(image), symbols, &loaded, &err) == 0);
  return loaded;
}

/* ---- rules by their own paths */

enum { QUERIES = 3 };

struct parts {
  struct rego_entry
      entries[PARTS_MAX + 1 + QUERIES]; /* the first is `data`, the last are queries */
  struct rego_body queries[QUERIES];
  struct str keys[PARTS_MAX + 1][PACKAGE_MAX + 2];
  uint32_t count;
};

static void add_part(struct parts *parts, struct arena *a, const struct rego_module *module,
                     const struct rego_rule *rule)
{
  _cleanup_(buf_free) struct buf path = {0};
  const struct rego_package *package = &module->package;
  struct str *keys = parts->keys[parts->count];
  uint32_t i = 0;
  if (parts->count > PARTS_MAX || package->path_count > PACKAGE_MAX ||
      rule->head.kind == REGO_RULE_FUNCTION || rule->head.arg_count)
    return;
  buf_add_text(&path, "data");
  for (; i < package->path_count; i++) {
    keys[i] = value_str_or_empty(package->path[i].value);
    buf_add_byte(&path, '[');
    json_write_string(&path, keys[i]);
    buf_add_byte(&path, ']');
  }
  keys[i] = arena_copy(a, rego_names_text(module->names, rule->head.ref[0].var));
  keys[i + 1] = STR_EMPTY;
  buf_add_byte(&path, '[');
  json_write_string(&path, keys[i]);
  buf_add_byte(&path, ']');
  parts->entries[parts->count++].path = arena_copy(a, buf_str(&path));
}

static void add_parts(struct parts *parts, struct arena *a,
                      const struct rego_module *const *modules, uint32_t count)
{
  parts->entries[0].path = STR("data");
  parts->count = 1;
  for (uint32_t i = 0; i < count; i++)
    for (uint32_t j = 0; j < modules[i]->rule_count; j++)
      add_part(parts, a, modules[i], &modules[i]->rules[j]);
}

static const char *const queries[QUERIES] = {"whole := data", "data", "data[k] = v"};

static void add_queries(struct parts *parts, struct arena *a, struct rego_names *names)
{
  struct rego_options options = {.names = names, .file = MODULES_MAX};
  for (uint32_t i = 0; i < QUERIES; i++) {
    must(rego_parse_query(a, str_from(queries[i]), &options, &parts->queries[i], NULL, NULL) == 0);
    parts->entries[parts->count + i] =
        (struct rego_entry){.query = &parts->queries[i], .expressions = i == 1};
  }
}

static struct value first_of(struct value v)
{
  must(v.type == VALUE_ARRAY && v.len == 1);
  return v.items[0];
}

/* The same by queries: bound, as an expression, and member by member. */
static void hold_queries(struct rego_worker *worker, const struct parts *parts, struct value whole)
{
  struct outcome o[QUERIES];
  for (uint32_t i = 0; i < QUERIES; i++) {
    o[i] = ask(worker, parts->count + i);
    if (o[i].kind == LIMITED)
      return;
    must(o[i].kind == VALUE);
  }
  must(value_equal(value_get_str(first_of(o[0].value), STR("whole")), whole));
  must(value_equal(first_of(value_get_str(first_of(o[1].value), STR("expressions"))), whole));
  must(o[2].value.len == whole.len);
  for (uint32_t i = 0; i < whole.len; i++) {
    struct value key = value_get_str(o[2].value.items[i], STR("k"));
    must(value_equal(value_get_str(o[2].value.items[i], STR("v")), value_get_any(whole, key)));
  }
}

/* Asked one by one, from the last to the first, they are what `data` has in their places. */
static void hold_parts(struct rego_worker *worker, const struct rego_program *program,
                       const struct rego_run *run, const struct parts *parts,
                       const struct outcome *whole)
{
  rego_begin(worker, program, run);
  for (uint32_t i = parts->count - 1; i > 0; i--) {
    struct outcome part = ask(worker, i);
    struct value there = whole->value;
    if (part.kind == LIMITED)
      return;
    for (uint32_t k = 0; whole->kind == VALUE && parts->keys[i][k].len; k++)
      there = value_get_str(there, parts->keys[i][k]);
    if (whole->kind == VALUE)
      must(part.kind == (there.type == VALUE_ABSENT ? UNDEFINED : VALUE) &&
           value_equal(part.value, there));
    if (part.kind == FAILED)
      return;
  }
  struct outcome again = ask(worker, 0);
  must(same(whole, &again, false));
  if (again.kind == VALUE)
    hold_queries(worker, parts, again.value);
}

/* ---- one way */

static void see(void *user, enum rego_event event, uint32_t point, uint32_t depth,
                const struct rego_variable *variables, uint32_t count)
{
  const struct rego_program *program = user;
  must(event <= REGO_EXIT && point < rego_point_count(program) && depth <= STEPS);
  for (uint32_t i = 0; i < count; i++)
    must(variables[i].name.len && variables[i].value.type != VALUE_ABSENT);
}

static void hear(void *user, struct str text, struct str file, struct rego_place place)
{
  must(text.len == 0 || (text.data && file.len && place.line));
}

static struct outcome evaluate(struct arena *a, struct rego_worker *worker, const struct subject *s,
                               const struct rego_program *program, const struct parts *parts,
                               struct symbols *symbols, bool observed)
{
  static const char data[] = "{\"x\": {\"a\": [1, \"a\"], \"b\": {\"c\": 2}}, \"a\": {\"y\": 1}}";
  struct json_options json = {.symbols = symbols};
  struct rego_observer observer = {see, (void *)(uintptr_t)program};
  struct rego_run run = {.arena = a,
                         .steps = STEPS,
                         .strict_errors = s->strict_errors,
                         .now_ns = 1700000000000000000,
                         .seed = 7,
                         .observer = observed ? &observer : NULL,
                         .print = observed ? hear : NULL};
  struct error err;
  if (json_parse(a, s->input, &json, &run.input, &err) < 0)
    run.input = value_null();
  must(json_parse(a, str_from(data), &json, &run.data, &err) == 0);
  rego_begin(worker, program, &run);
  struct outcome whole = ask(worker, 0);
  if (whole.kind != LIMITED)
    hold_parts(worker, program, &run, parts, &whole);
  return whole;
}

/* The outcome lives in the arena `a` and views the program and its image. */
static struct outcome go(struct arena *a, struct rego_worker *worker, const struct subject *given,
                         const struct way *way, struct rego_program **ret_program,
                         struct buf *image)
{
  _cleanup_(rego_names_freep) struct rego_names *names = rego_names_new();
  _cleanup_(symbols_freep) struct symbols *symbols = way->symbols ? symbols_new(NULL, 0) : NULL;
  const struct rego_module *modules[MODULES_MAX];
  struct subject s = rewritten(a, given, way);
  struct parts parts = {0};
  struct rego_compile_options options = {.names = names,
                                         .symbols = symbols,
                                         .no_optimiser = way->no_optimiser,
                                         .instrument = way->observed,
                                         .print = way->observed};
  struct rego_program *program = NULL;
  struct rego_errors errors;
  struct error err;
  struct arena trees;
  int r = SW_EINVAL;
  arena_init(&trees, ARENA_BYTES);
  if (parse(&trees, &s, names, modules, &err)) {
    add_parts(&parts, a, modules, s.count);
    add_queries(&parts, &trees, names);
    r = rego_compile(&trees, modules, s.count, parts.entries, parts.count + QUERIES, &options,
                     &program, &errors, &err);
  }
  must((r == 0) == (program != NULL));
  if (r < 0 && getenv("REGO_TELL"))
    fprintf(stderr, "%s\n", err.message);
  arena_free(&trees);
  if (r < 0)
    return (struct outcome){.kind = r == SW_ELIMIT ? LIMITED : REFUSED};
  if (way->image) {
    struct rego_program *loaded = from_image(program, symbols, image);
    rego_program_free(program);
    program = loaded;
  }
  *ret_program = program;
  return evaluate(a, worker, &s, program, &parts, symbols, way->observed);
}

/* For people: REGO_TELL=1 shows what an input is, and what came of it. */
static void tell(const struct subject *s)
{
  if (!getenv("REGO_TELL"))
    return;
  for (uint32_t i = 0; i < s->count; i++)
    fprintf(stderr, "%.*s---\n", STR_FMT(s->texts[i]));
  fprintf(stderr, "===\n%.*s\n", STR_FMT(s->input));
}

static void tell_outcome(unsigned way, const struct outcome *o)
{
  static const char *const kinds[] = {"refused", "limited", "failed", "undefined", "value"};
  _cleanup_(buf_free) struct buf text = {0};
  if (!getenv("REGO_TELL"))
    return;
  if (o->kind == VALUE)
    json_write(&text, o->value, 0);
  fprintf(stderr, "way %u: %s %s %.*s\n", way, kinds[o->kind], o->code ? o->code : "",
          STR_FMT(buf_str(&text)));
}

static void hold(const struct subject *s)
{
  static const struct way ways[] = {
      {.symbols = true},  {.no_optimiser = true}, {.image = true},
      {.observed = true}, {.turned = true},
  };
  enum { WAYS = sizeof ways / sizeof *ways };
  _cleanup_(rego_worker_freep) struct rego_worker *worker = rego_worker_new();
  struct arena arenas[WAYS];
  struct rego_program *programs[WAYS] = {NULL};
  struct outcome outcomes[WAYS];
  struct buf images[WAYS] = {0};
  tell(s);
  for (unsigned i = 0; i < WAYS; i++) {
    arena_init(&arenas[i], ARENA_BYTES);
    outcomes[i] = go(&arenas[i], worker, s, &ways[i], &programs[i], &images[i]);
    tell_outcome(i, &outcomes[i]);
    must(same(&outcomes[0], &outcomes[i],
              ways[i].turned || ways[i].no_optimiser || ways[i].observed));
    if (outcomes[0].kind == REFUSED)
      break;
  }
  for (unsigned i = 0; i < WAYS; i++) {
    if (outcomes[0].kind == REFUSED && i > 0)
      break;
    rego_program_free(programs[i]);
    buf_free(&images[i]);
    arena_free(&arenas[i]);
  }
}

/* ---- where subjects come from */

static void made(struct subject *s, struct str bytes)
{
  struct buf modules[GENERATE_PACKAGES] = {0}, input = {0};
  struct generate g = {.data = (const uint8_t *)bytes.data, .size = bytes.len};
  generate_program(&g, modules, &input);
  s->version = REGO_V1;
  s->experimental = true;
  s->count = GENERATE_PACKAGES;
  for (uint32_t i = 0; i < s->count; i++)
    s->texts[i] = buf_str(&modules[i]);
  s->input = buf_str(&input);
  hold(s);
  buf_free(&input);
  for (uint32_t i = 0; i < GENERATE_PACKAGES; i++)
    buf_free(&modules[i]);
}

static void written(struct subject *s, struct str text)
{
  ptrdiff_t cut = str_find(text, 0, STR("\n===\n"));
  s->input = cut < 0 ? STR("null") : str_sub(text, (size_t)cut + 5, text.len);
  struct str rest = cut < 0 ? text : str_sub(text, 0, (size_t)cut + 1);
  while (rest.len && s->count < MODULES_MAX) {
    cut = str_find(rest, 0, STR("\n---\n"));
    s->texts[s->count++] = cut < 0 ? rest : str_sub(rest, 0, (size_t)cut + 1);
    rest = cut < 0 ? STR_EMPTY : str_sub(rest, (size_t)cut + 5, rest.len);
  }
  hold(s);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
  if (size < 1)
    return 0;
  struct str rest = str_make((const char *)data + 1, size - 1);
  struct subject s = {.version = data[0] & 1 ? REGO_V0 : REGO_V1,
                      .experimental = data[0] & 2,
                      .strict_errors = data[0] & 4};
  /* Texts begin with a letter or a blank, so that corpora can be written by hand. */
  if (data[0] & 0x80)
    made(&s, rest);
  else
    written(&s, rest);
  return 0;
}
