#include "../test.h"

#include "base/vec.h"

#include <sys/wait.h>
#include <unistd.h>

struct point {
  int x, y;
};

struct point_list VEC_BODY(struct point);

static void keeps_what_is_pushed(void **state)
{
  (void)state;
  struct point_list list = {0};
  for (int i = 0; i < 1000; i++)
    vec_push(&list, (struct point){i, -i});
  assert_int_equal(list.count, 1000);
  for (int i = 0; i < 1000; i++) {
    assert_int_equal(list.items[i].x, i);
    assert_int_equal(list.items[i].y, -i);
  }
  struct point last = vec_pop(&list);
  assert_int_equal(last.x, 999);
  assert_int_equal(list.count, 999);
  vec_free(&list);
  assert_int_equal(list.count, 0);
  assert_int_equal(list.room, 0);
  assert_null(list.items);
}

static void an_added_item_is_zero(void **state)
{
  (void)state;
  struct point_list list = {0};
  vec_push(&list, (struct point){1, 2});
  vec_clear(&list);
  struct point *p = vec_add(&list);
  assert_int_equal(p->x, 0);
  assert_int_equal(p->y, 0);
  assert_ptr_equal(p, list.items);
  vec_free(&list);
}

static void reserves_once_for_many(void **state)
{
  (void)state;
  VEC(uint64_t) list = {0};
  vec_reserve(&list, 100);
  uint64_t *items = list.items;
  assert_true(list.room >= 100);
  for (uint64_t i = 0; i < 100; i++)
    vec_push(&list, i);
  assert_ptr_equal(list.items, items);
  assert_true(vec_full(&list, 100));
  assert_false(vec_full(&list, 101));
  vec_free(&list);
}

static volatile size_t vast = SIZE_MAX / 4;

static void a_size_that_overflows_ends_the_program(void **state)
{
  (void)state;
  pid_t child = fork();
  assert_true(child >= 0);
  if (child == 0) {
    close(STDERR_FILENO);
    VEC(uint64_t) list = {0};
    vec_push(&list, 1);
    vec_reserve(&list, vast);
    _exit(0);
  }
  int status;
  assert_int_equal(waitpid(child, &status, 0), child);
  assert_true(WIFEXITED(status));
  assert_int_equal(WEXITSTATUS(status), 2);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(keeps_what_is_pushed),
      cmocka_unit_test(an_added_item_is_zero),
      cmocka_unit_test(reserves_once_for_many),
      cmocka_unit_test(a_size_that_overflows_ends_the_program),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
