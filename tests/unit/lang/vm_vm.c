/* The machine by itself: programs written by hand. */
#include "../test.h"

#include "lang/vm/vm.h"

enum { CODE_MAX = 32 };

/* A program of one function that says input.n + 1, or nothing. */
struct unit {
  struct vm_instruction code[CODE_MAX];
  struct vm_place places[CODE_MAX];
  struct value constants[4], keys[4];
  uint32_t key_constants[4], entries[1];
  uint16_t operands[4];
  struct vm_function function;
  const struct builtin *builtins[1];
  struct vm_program program;
  struct vm_worker *worker;
  struct arena arena;
  struct error err;
};

static void emit(struct unit *u, unsigned op, unsigned a, unsigned b, unsigned c, uint32_t d,
                 uint32_t target)
{
  u->places[u->program.code_count] = (struct vm_place){.line = u->program.code_count + 1};
  u->code[u->program.code_count++] =
      (struct vm_instruction){(uint16_t)op, (uint16_t)a, (uint16_t)b, (uint16_t)c, d, target};
}

static void start(struct unit *u)
{
  memset(u, 0, sizeof *u);
  u->constants[0] = value_from("n");
  u->constants[1] = value_int(1);
  u->keys[0] = u->constants[0];
  u->builtins[0] = builtin_find(STR("plus"));
  u->function = (struct vm_function){.registers = 4};
  u->program = (struct vm_program){.code = u->code,
                                   .places = u->places,
                                   .constants = u->constants,
                                   .keys = u->keys,
                                   .key_constants = u->key_constants,
                                   .operands = u->operands,
                                   .functions = &u->function,
                                   .builtins = u->builtins,
                                   .entries = u->entries,
                                   .constant_count = 2,
                                   .key_count = 1,
                                   .operand_count = 2,
                                   .function_count = 1,
                                   .builtin_count = 1,
                                   .entry_count = 1};
  u->worker = vm_worker_new();
  arena_init(&u->arena, 0);
}

static void end(struct unit *u)
{
  vm_worker_free(u->worker);
  arena_free(&u->arena);
}

static void write_sum(struct unit *u)
{
  emit(u, VM_CLEAR, 1, 0, 0, 0, 0);
  emit(u, VM_INPUT, 0, 0, 1, 0, 3);
  emit(u, VM_PLUS, 1, 0, VM_CONSTANT | 1, 0, 3);
  emit(u, VM_RETURN, 0, 1, 0, 0, 0);
}

static int ask(struct unit *u, struct value input, uint64_t steps, struct value *ret)
{
  struct vm_run run = {.arena = &u->arena, .input = input, .steps = steps};
  vm_begin(u->worker, &u->program, &run);
  return vm_ask(u->worker, 0, ret, &u->err);
}

static struct value number(struct unit *u, struct value n)
{
  struct value_member member = {value_from("n"), n};
  struct value object;
  value_object_make(&u->arena, &member, NULL, 1, VALUE_LAST_WINS, NULL, &object);
  return object;
}

static void test_sum(void **state)
{
  struct unit u;
  struct value v;
  start(&u);
  write_sum(&u);
  assert_int_equal(vm_program_verify(&u.program, &u.err), 0);
  assert_int_equal(ask(&u, number(&u, value_int(41)), 100, &v), 0);
  assert_int_equal(v.integer, 42);
  assert_int_equal(ask(&u, VALUE_NONE, 100, &v), 0);
  assert_int_equal(v.type, VALUE_ABSENT);
  /* beyond 64 bits the function takes over */
  assert_int_equal(ask(&u, number(&u, value_int(INT64_MAX)), 100000, &v), 0);
  assert_str(value_str(v), "9223372036854775808");
  /* an error of the function is undefined */
  assert_int_equal(ask(&u, number(&u, value_from("x")), 100, &v), 0);
  assert_int_equal(v.type, VALUE_ABSENT);
  end(&u);
}

static void test_strict_errors(void **state)
{
  struct unit u;
  struct value v;
  start(&u);
  write_sum(&u);
  struct vm_run run = {
      .arena = &u.arena, .input = number(&u, value_null()), .steps = 100, .strict_errors = true};
  vm_begin(u.worker, &u.program, &run);
  assert_int_equal(vm_ask(u.worker, 0, &v, &u.err), SW_EINVAL);
  assert_error(u.err, SW_EINVAL, "plus: operand 1 must be number but got null");
  assert_int_equal(vm_failure(u.worker)->kind, VM_FAILURE_TYPE);
  assert_int_equal(vm_failure(u.worker)->place.line, 3);
  end(&u);
}

/* for ever: walk over [1], begin again */
static void test_budget(void **state)
{
  struct unit u;
  struct value v, item = value_int(1);
  start(&u);
  u.constants[1] = value_array_make(&u.arena, &item, NULL, 1);
  emit(&u, VM_ITERATE, 0, VM_CONSTANT | 1, 0, 0, 3);
  emit(&u, VM_NEXT, 0, VM_NONE, 2, 0, 0);
  emit(&u, VM_JUMP, 0, 0, 0, 0, 1);
  emit(&u, VM_RETURN, 0, 2, 0, 0, 0);
  assert_int_equal(vm_program_verify(&u.program, &u.err), 0);
  assert_int_equal(ask(&u, VALUE_NONE, 50000, &v), SW_ELIMIT);
  assert_error(u.err, SW_ELIMIT, "more than 50000 steps");
  assert_int_equal(vm_failure(u.worker)->kind, VM_FAILURE_LIMIT);
  assert_true(vm_steps(u.worker) >= 50000 && vm_steps(u.worker) <= 50000 + VM_CHUNK);
  struct vm_run run = {.arena = &u.arena, .steps = UINT64_MAX, .deadline_ns = 1};
  vm_begin(u.worker, &u.program, &run);
  assert_int_equal(vm_ask(u.worker, 0, &v, &u.err), SW_ELIMIT);
  assert_error(u.err, SW_ELIMIT, "took too long");
  end(&u);
}

/* A function that calls itself ends in an error, not in the stack. */
static void test_depth(void **state)
{
  struct unit u;
  struct value v;
  start(&u);
  emit(&u, VM_RULE, 0, 0, 0, 0, 1);
  emit(&u, VM_RETURN, 0, 0, 0, 0, 0);
  assert_int_equal(ask(&u, VALUE_NONE, 1000000, &v), SW_ELIMIT);
  assert_error(u.err, SW_ELIMIT, "nested too deep");
  end(&u);
}

static void check_refused(const char *what, struct vm_instruction broken)
{
  struct unit u;
  start(&u);
  write_sum(&u);
  u.code[0] = broken;
  if (vm_program_verify(&u.program, &u.err) != SW_EINVAL)
    fail_msg("accepted: %s", what);
  end(&u);
}

static void test_verify(void **state)
{
  check_refused("an unknown instruction", (struct vm_instruction){.op = VM_OPERATION_COUNT});
  check_refused("a register beyond", (struct vm_instruction){.op = VM_CLEAR, .a = 4});
  check_refused("a constant beyond", (struct vm_instruction){.op = VM_MOVE, .b = VM_CONSTANT | 2});
  check_refused("a second register beyond",
                (struct vm_instruction){.op = VM_ITERATE, .a = 3, .target = 1});
  check_refused("keys beyond", (struct vm_instruction){.op = VM_INPUT, .d = 1, .c = 1});
  check_refused("a run of keys that wraps",
                (struct vm_instruction){.op = VM_INPUT, .d = UINT32_MAX, .c = 2});
  check_refused("a jump out", (struct vm_instruction){.op = VM_JUMP, .target = 4});
  check_refused("operands beyond", (struct vm_instruction){.op = VM_ARRAY, .d = 1, .c = 2});
  check_refused("a function beyond", (struct vm_instruction){.op = VM_RULE, .d = 1, .target = 1});
  check_refused("too few arguments",
                (struct vm_instruction){.op = VM_BUILTIN, .c = 1, .target = 1});
  check_refused("a table beyond", (struct vm_instruction){.op = VM_SWITCH});
  check_refused("an override beyond", (struct vm_instruction){.op = VM_WITH});
}

static void test_end_is_needed(void **state)
{
  struct unit u;
  start(&u);
  emit(&u, VM_CLEAR, 0, 0, 0, 0, 0);
  assert_int_equal(vm_program_verify(&u.program, &u.err), SW_EINVAL);
  end(&u);
}

/* Every prefix of an image, and every flip of a byte, is refused or a program in good form. */
static void test_damaged_images(void **state)
{
  struct unit u;
  _cleanup_(buf_free) struct buf image = {0};
  start(&u);
  write_sum(&u);
  vm_program_save(&u.program, &image);
  for (size_t len = 0; len < image.len; len++) {
    struct vm_program *program;
    assert_true(vm_program_load((struct str){image.data, len}, NULL, &program, &u.err) < 0);
  }
  for (size_t at = 0; at < image.len; at++)
    for (unsigned bit = 0; bit < 8; bit++) {
      struct vm_program *program = NULL;
      image.data[at] = (char)(image.data[at] ^ 1 << bit);
      if (vm_program_load(buf_str(&image), NULL, &program, &u.err) == 0)
        assert_int_equal(vm_program_verify(program, &u.err), 0);
      vm_program_free(program);
      image.data[at] = (char)(image.data[at] ^ 1 << bit);
    }
  end(&u);
}

static void test_image(void **state)
{
  struct unit u;
  struct vm_program *program;
  struct value v;
  _cleanup_(buf_free) struct buf image = {0};
  start(&u);
  write_sum(&u);
  vm_program_save(&u.program, &image);
  assert_int_equal(vm_program_load(buf_str(&image), NULL, &program, &u.err), 0);
  struct vm_run run = {.arena = &u.arena, .input = number(&u, value_int(1)), .steps = 100};
  vm_begin(u.worker, program, &run);
  assert_int_equal(vm_ask(u.worker, 0, &v, &u.err), 0);
  assert_int_equal(v.integer, 2);
  vm_program_free(program);
  end(&u);
}

static void test_switch_hash(void **state)
{
  assert_int_equal(vm_switch_hash(value_from("Pod")), vm_switch_hash(value_from("Pod")));
  assert_int_not_equal(vm_switch_hash(value_from("Pod")), vm_switch_hash(value_from("Job")));
  assert_int_equal(vm_switch_hash(value_int(1)), vm_switch_hash(value_int(1)));
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_sum),         cmocka_unit_test(test_strict_errors),
      cmocka_unit_test(test_budget),      cmocka_unit_test(test_depth),
      cmocka_unit_test(test_verify),      cmocka_unit_test(test_end_is_needed),
      cmocka_unit_test(test_image),       cmocka_unit_test(test_damaged_images),
      cmocka_unit_test(test_switch_hash),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
