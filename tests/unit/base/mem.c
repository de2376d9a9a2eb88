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

static size_t resident_kib(void)
{
  unsigned long total = 0, resident = 0;
  FILE *statm = fopen("/proc/self/statm", "r");
  assert_non_null(statm);
  assert_int_equal(fscanf(statm, "%lu %lu", &total, &resident), 2);
  fclose(statm);
  return resident * (size_t)sysconf(_SC_PAGESIZE) / 1024;
}

/* 40 MB of small pieces, of which one in 400 stays: free() alone gives back next to nothing. */
static void trimming_gives_back_what_is_free(void **state)
{
  (void)state;
  enum { COUNT = 40000, SIZE = 1000, KEPT = 400 };
  char **pieces = mem_alloc(COUNT * sizeof *pieces);
  for (size_t i = 0; i < COUNT; i++)
    memset(pieces[i] = mem_alloc(SIZE), (int)(i % 100), SIZE);
  size_t before = resident_kib();
  for (size_t i = 0; i < COUNT; i++)
    if (i % KEPT)
      mem_free(pieces[i]);
  mem_trim();
  size_t after = resident_kib();
#if defined __GLIBC__ && !defined SW_ARENA_MALLOC /* a sanitizer brings its own malloc */
  assert_true(after + 20000 < before);
#endif
  (void)before, (void)after;
  for (size_t i = 0; i < COUNT; i += KEPT) {
    assert_int_equal(pieces[i][SIZE - 1], (int)(i % 100));
    mem_free(pieces[i]);
  }
  mem_free(pieces);
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
      cmocka_unit_test(trimming_gives_back_what_is_free),
      cmocka_unit_test(an_overflow_ends_the_program),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
