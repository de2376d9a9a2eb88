#include "lang/rego/rego.h"

#include "base/clock.h"
#include "crypto/random.h"
#include "lang/rego/check.h"
#include "lang/rego/parser.h"
#include "lang/rego/plan.h"
#include "lang/vm/vm.h"

#include <string.h>

struct rego_program {
  struct vm_program *code;
  struct rego_point *points; /* in the code's arena */
  uint32_t point_count;
};

/* ---- entries */

struct compilation {
  struct arena *arena;
  const struct rego_compile_options *options;
  struct check_options checks;
  const struct check_program *checked;
  struct rego_errors *errors;
  struct error *err;
};

static uint32_t numbered_name(struct compilation *c, const char *stem, uint32_t i)
{
  return rego_names_add(c->options->names, arena_printf(c->arena, "%s%u", stem, i));
}

static struct rego_term variable(uint32_t name, struct rego_place place)
{
  return (struct rego_term){.kind = REGO_VAR, .height = 1, .place = place, .var = name};
}

/* `name = term` with the place and the `with` of the expression. */
static struct rego_expr capture(struct compilation *c, const struct rego_expr *e, uint32_t name)
{
  struct rego_expr made = *e;
  struct rego_term *terms = arena_array(c->arena, struct rego_term, 2);
  terms[0] = variable(name, e->place);
  terms[1] = e->terms[0];
  made.kind = REGO_EXPR_UNIFY;
  made.count = 2;
  made.terms = terms;
  return made;
}

static bool is_print(const struct compilation *c, const struct rego_term *t)
{
  return t->kind == REGO_CALL && t->op == REGO_OP_NAMED && t->items[0].kind == REGO_VAR &&
         str_eq(rego_names_text(c->options->names, t->items[0].var), STR("print"));
}

static struct rego_body capture_values(struct compilation *c, const struct rego_body *query,
                                       uint32_t *ret_names)
{
  struct rego_expr *items = arena_array(c->arena, struct rego_expr, query->count + 1);
  for (uint32_t i = 0; i < query->count; i++) {
    const struct rego_expr *e = &query->items[i];
    items[i] = *e;
    ret_names[i] = REGO_NO_NAME;
    if (e->kind != REGO_EXPR_TERM || e->negated || is_print(c, &e->terms[0]))
      continue;
    ret_names[i] = numbered_name(c, "__expression_", i);
    items[i] = capture(c, e, ret_names[i]);
  }
  return (struct rego_body){.items = items, .count = query->count};
}

/* `data`, and constants behind it. */
static bool is_path(const struct compilation *c, const struct rego_term *t)
{
  if (t->kind != REGO_REF || t->items[0].kind != REGO_VAR ||
      !str_eq(rego_names_text(c->options->names, t->items[0].var), STR("data")))
    return false;
  for (uint32_t i = 1; i < t->count; i++)
    if (t->items[i].kind != REGO_SCALAR)
      return false;
  return true;
}

static int parse_path(struct compilation *c, struct str path, struct rego_body *ret)
{
  struct rego_options options = {.names = c->options->names};
  struct rego_term term;
  if (rego_parse_term(c->arena, path, &options, &term, c->errors, c->err) < 0)
    return error_wrap(c->err, "the entry %.*s", STR_FMT(path));
  if (!is_path(c, &term))
    return error_set(c->err, SW_EINVAL, "the entry %.*s is not the path of a document",
                     STR_FMT(path));
  struct rego_expr *e = arena_new(c->arena, struct rego_expr);
  struct rego_term *terms = arena_array(c->arena, struct rego_term, 1);
  terms[0] = term;
  *e = (struct rego_expr){.kind = REGO_EXPR_TERM, .height = 2, .count = 1, .place = term.place};
  e->terms = terms;
  *e = capture(c, e, rego_names_add(c->options->names, STR("__entry")));
  *ret = (struct rego_body){.items = e, .count = 1};
  return 0;
}

/* Variables that were made here are nobody's mistake: what is said of them is dropped if there is
 * anything else to say. */
static int forget_own_names(struct compilation *c, int result)
{
  struct rego_errors *errors = c->errors;
  uint32_t kept = 0;
  for (uint32_t i = 0; i < errors->count; i++)
    if (str_find(errors->items[i].message, 0, STR("__expression_")) < 0)
      errors->items[kept++] = errors->items[i];
  if (kept == 0 || kept == errors->count)
    return result;
  errors->count = kept;
  return rego_errors_to_error(errors, result, c->err);
}

static int prepare_entry(struct compilation *c, const struct rego_entry *entry,
                         struct plan_entry *ret)
{
  struct rego_body body;
  struct check_query *query = arena_new(c->arena, struct check_query);
  if (!entry->query) {
    int parsed = parse_path(c, entry->path, &body);
    if (parsed < 0)
      return parsed;
    ret->value = true;
  } else if (entry->expressions) {
    uint32_t *names = arena_array(c->arena, uint32_t, entry->query->count + 1);
    body = capture_values(c, entry->query, names);
    ret->expressions = body.count;
    ret->expression_names = names;
  } else {
    body = *entry->query;
  }
  ret->query = query;
  c->checks.context = entry->context;
  int result = rego_check_query(c->arena, c->checked, body, &c->checks, query, c->errors, c->err);
  return result < 0 ? forget_own_names(c, result) : result;
}

/* ---- compiling */

static void keep_points(struct rego_program *program, const struct plan_points *points)
{
  struct vm_program *code = program->code;
  program->points = arena_array(&code->arena, struct rego_point, points->count + 1);
  program->point_count = points->count;
  for (uint32_t i = 0; i < points->count; i++) {
    const struct plan_point *from = &points->items[i];
    program->points[i] = (struct rego_point){.kind = (enum rego_point_kind)from->kind,
                                             .place = from->place,
                                             .file = code->files[from->file],
                                             .text = from->text,
                                             .rule = from->rule};
  }
}

static int compile(struct compilation *c, const struct rego_module *const *modules, uint32_t count,
                   const struct rego_entry *entries, uint32_t entry_count,
                   struct rego_program **ret_program)
{
  int result =
      rego_check_modules(c->arena, modules, count, &c->checks, &c->checked, c->errors, c->err);
  if (result < 0)
    return result;
  struct plan_entry *planned = arena_zalloc(c->arena, entry_count + 1, sizeof *planned);
  for (uint32_t i = 0; i < entry_count; i++) {
    result = prepare_entry(c, &entries[i], &planned[i]);
    if (result < 0)
      return result;
  }
  struct plan_options options = {.symbols = c->options->symbols,
                                 .instrument = c->options->instrument,
                                 .no_optimiser = c->options->no_optimiser};
  struct plan_points points = {0};
  struct vm_program *code;
  result = rego_plan(c->arena, c->checked, planned, entry_count, &options, &code, &points, c->err);
  if (result < 0) {
    struct rego_place place = {.line = c->err->line, .column = c->err->column};
    rego_errors_add(c->errors, c->arena, REGO_COMPILE_ERROR, (struct rego_source){0}, place, "%s",
                    c->err->message);
    return result;
  }
  *ret_program = mem_zalloc(1, sizeof **ret_program);
  (*ret_program)->code = code;
  keep_points(*ret_program, &points);
  return 0;
}

int rego_compile(struct arena *a, const struct rego_module *const *modules, uint32_t count,
                 const struct rego_entry *entries, uint32_t entry_count,
                 const struct rego_compile_options *options, struct rego_program **ret_program,
                 struct rego_errors *ret_errors, struct error *err)
{
  struct rego_errors ignored;
  struct error unseen;
  struct compilation c = {.arena = a,
                          .options = options,
                          .checks = {.names = options->names,
                                     .strict = options->strict,
                                     .print = options->print,
                                     .data = options->data,
                                     .unsafe = options->unsafe,
                                     .unsafe_count = options->unsafe_count},
                          .errors = ret_errors ? ret_errors : &ignored,
                          .err = err ? err : &unseen};
  rego_errors_clear(c.errors);
  if (entry_count > REGO_ENTRIES_MAX)
    return error_set(err, SW_ELIMIT, "more than %d entries", REGO_ENTRIES_MAX);
  return compile(&c, modules, count, entries, entry_count, ret_program);
}

void rego_program_free(struct rego_program *program)
{
  if (!program)
    return;
  vm_program_free(program->code);
  mem_free(program);
}

void rego_program_save(const struct rego_program *program, struct buf *out)
{
  vm_program_save(program->code, out);
}

int rego_program_load(struct str image, struct symbols *symbols, struct rego_program **ret_program,
                      struct error *err)
{
  struct vm_program *code;
  int result = vm_program_load(image, symbols, &code, err);
  if (result < 0)
    return result;
  *ret_program = mem_zalloc(1, sizeof **ret_program);
  (*ret_program)->code = code;
  return 0;
}

struct rego_program_size rego_program_size(const struct rego_program *program)
{
  const struct vm_program *code = program->code;
  return (struct rego_program_size){.bytes = arena_used(&code->arena),
                                    .instructions = code->code_count,
                                    .functions = code->function_count,
                                    .constants = code->constant_count};
}

void rego_program_dump(const struct rego_program *program, struct buf *out)
{
  vm_program_dump(program->code, out);
}

uint32_t rego_point_count(const struct rego_program *program)
{
  return program->point_count;
}

const struct rego_point *rego_point(const struct rego_program *program, uint32_t i)
{
  return i < program->point_count ? &program->points[i] : NULL;
}

/* ---- evaluating */

enum { VARIABLES_MAX = 256 };

struct rego_worker {
  struct vm_worker *machine;
  const struct rego_program *program;
  struct rego_run run;
  struct rego_failure failure;
};

struct rego_worker *rego_worker_new(void)
{
  struct rego_worker *worker = mem_zalloc(1, sizeof *worker);
  worker->machine = vm_worker_new();
  return worker;
}

void rego_worker_free(struct rego_worker *worker)
{
  if (!worker)
    return;
  vm_worker_free(worker->machine);
  mem_free(worker);
}

static struct rego_place place_of(const struct vm_place *place)
{
  return (struct rego_place){.file = place->file,
                             .line = place->line,
                             .column = place->column,
                             .start = place->start,
                             .end = place->end};
}

static struct str file_of(const struct rego_worker *worker, const struct vm_place *place)
{
  const struct vm_program *code = worker->program->code;
  return place->file < code->file_count ? code->files[place->file] : STR_EMPTY;
}

static void on_print(void *user, struct str text, const struct vm_place *place)
{
  struct rego_worker *worker = user;
  worker->run.print(worker->run.user, text, file_of(worker, place), place_of(place));
}

static void on_note(void *user, struct str text)
{
  struct rego_worker *worker = user;
  if (worker->run.note)
    worker->run.note(worker->run.user, text);
}

static void on_observe(void *user, const struct vm_observation *observation, uint32_t depth,
                       const struct value *registers)
{
  const struct rego_worker *worker = user;
  const struct vm_program *code = worker->program->code;
  struct rego_variable variables[VARIABLES_MAX];
  uint32_t count = observation->count < VARIABLES_MAX ? observation->count : VARIABLES_MAX;
  for (uint32_t i = 0; i < count; i++) {
    const struct vm_variable *from = &code->variables[observation->first + i];
    variables[i].name = from->name;
    variables[i].value = from->operand & VM_CONSTANT ? code->constants[from->operand & ~VM_CONSTANT]
                                                     : registers[from->operand];
  }
  worker->run.observer->event(worker->run.observer->user, (enum rego_event)observation->event,
                              observation->point, depth, variables, count);
}

static int64_t wall_ns(void)
{
  return clock_wall_ms(clock_system()) * 1000000;
}

void rego_begin(struct rego_worker *worker, const struct rego_program *program,
                const struct rego_run *run)
{
  worker->program = program;
  worker->run = *run;
  struct vm_run machine = {
      .arena = run->arena,
      .input = run->input,
      .data = run->data,
      .steps = run->steps ? run->steps : REGO_STEPS_DEFAULT,
      .deadline_ns = run->deadline_ns,
      .strict_errors = run->strict_errors,
      .builtins = {.now_ns = run->now_ns ? run->now_ns : wall_ns(),
                   .seed = run->seed ? run->seed : (uint64_t)wall_ns(),
                   .environment = run->environment,
                   .services = run->services},
      .print = run->print ? on_print : NULL,
      .note = on_note,
      .observe = run->observer ? on_observe : NULL,
      .user = worker,
  };
  vm_begin(worker->machine, program->code, &machine);
}

static const char *const failure_codes[] = {
    [VM_FAILURE_NONE] = "eval_internal_error",   [VM_FAILURE_CONFLICT] = "eval_conflict_error",
    [VM_FAILURE_BUILTIN] = "eval_builtin_error", [VM_FAILURE_TYPE] = "eval_type_error",
    [VM_FAILURE_LIMIT] = "eval_cancel_error",    [VM_FAILURE_INTERNAL] = "eval_internal_error",
};

static void tell_failure(struct rego_worker *worker)
{
  const struct vm_failure *failure = vm_failure(worker->machine);
  worker->failure =
      (struct rego_failure){.code = failure_codes[failure->kind],
                            .message = arena_copy(worker->run.arena, str_from(failure->message)),
                            .file = file_of(worker, &failure->place),
                            .place = place_of(&failure->place)};
}

int rego_ask(struct rego_worker *worker, uint32_t entry, struct value *ret_value, struct error *err)
{
  const struct vm_program *code = worker->program->code;
  if (entry >= code->entry_count)
    return error_set(err, SW_EUSAGE, "the program has no entry %u", entry);
  int result = vm_ask(worker->machine, code->entries[entry], ret_value, err);
  if (result == 0)
    return 0;
  tell_failure(worker);
  error_wrap(err, "%s", worker->failure.code);
  if (worker->failure.file.len && worker->failure.place.line)
    error_wrap(err, "%.*s:%u", STR_FMT(worker->failure.file), worker->failure.place.line);
  return result;
}

int rego_eval(struct rego_worker *worker, const struct rego_program *program, uint32_t entry,
              const struct rego_run *run, struct value *ret_value, struct error *err)
{
  rego_begin(worker, program, run);
  return rego_ask(worker, entry, ret_value, err);
}

uint64_t rego_steps(const struct rego_worker *worker)
{
  return vm_steps(worker->machine);
}

const struct rego_failure *rego_failure(const struct rego_worker *worker)
{
  return &worker->failure;
}
