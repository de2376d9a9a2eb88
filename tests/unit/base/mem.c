#include "../test.h"

#include "base/mem.h"

#include <sys/wait.h>
#include <unistd.h>

static void gives_memory_for_every_size(void **state)
{
  (void)state;
  mem_free(NULL);
  mem_free(mem_alloc(0));
  mem_free(mem_zalloc(0, 8));
  char *p = mem_resize(NULL, 3, 2);
  memcpy(p, "abcde", 6);
  p = mem_resize(p, 1000, 10);
  assert_string_equal(p, "abcde");
  p[9999] = 1;
  mem_free(p);
  unsigned char *zeros = mem_zalloc(100, 7);
  for (int i = 0; i < 700; i++)
    assert_int_equal(zeros[i], 0);
  mem_free(zeros);
}

static void copies_texts(void **state)
{
  (void)state;
  _cleanup_(mem_freep) char *copy = mem_copy_text("abcdef", 3);
  assert_string_equal(copy, "abc");
  _cleanup_(mem_freep) char *nothing = mem_copy_text(NULL, 0);
  assert_string_equal(nothing, "");
}

/* Runs a function in a child; what it wrote to standard error, and how it ended. */
static int run_apart(void (*function)(void), char *said, size_t size)
{
  int ends[2];
  assert_int_equal(pipe(ends), 0);
  pid_t child = fork();
  assert_true(child >= 0);
  if (child == 0) {
    dup2(ends[1], STDERR_FILENO);
    function();
    _exit(0);
  }
  close(ends[1]);
  ssize_t got = read(ends[0], said, size - 1);
  said[got > 0 ? got : 0] = '\0';
  close(ends[0]);
  int status;
  assert_int_equal(waitpid(child, &status, 0), child);
  assert_true(WIFEXITED(status));
  return WEXITSTATUS(status);
}

static volatile size_t half = SIZE_MAX / 2; /* volatile: the compiler must not see the overflow */

static void resize_beyond_everything(void)
{
  mem_free(mem_resize(NULL, half, 4));
}

static void exhaust(void)
{
  mem_exhausted(12345);
}

static void an_overflow_ends_the_program(void **state)
{
  (void)state;
  char said[200];
  assert_int_equal(run_apart(resize_beyond_everything, said, sizeof said), 2);
  assert_non_null(strstr(said, "out of memory"));
  assert_int_equal(run_apart(exhaust, said, sizeof said), 2);
  assert_string_equal(said, "seawall: out of memory: 12345 bytes were refused\n");
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(gives_memory_for_every_size),
      cmocka_unit_test(copies_texts),
      cmocka_unit_test(an_overflow_ends_the_program),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
