#include "../test.h"

#include "base/arena.h"

static void gives_aligned_pieces_that_do_not_overlap(void **state)
{
  (void)state;
  struct arena arena;
  arena_init(&arena, 0);
  char *pieces[300];
  for (size_t i = 0; i < 300; i++) {
    pieces[i] = arena_alloc(&arena, i);
    assert_int_equal((uintptr_t)pieces[i] % ARENA_ALIGN, 0);
    memset(pieces[i], (int)i & 0xff, i);
  }
  for (size_t i = 0; i < 300; i++)
    for (size_t k = 0; k < i; k++)
      assert_int_equal((unsigned char)pieces[i][k], i & 0xff);
  arena_free(&arena);
}

static void counts_what_was_handed_out(void **state)
{
  (void)state;
  struct arena arena;
  arena_init(&arena, 0);
  assert_int_equal(arena_used(&arena), 0);
  for (int i = 0; i < 1000; i++)
    arena_alloc(&arena, 64);
  assert_int_equal(arena_used(&arena), 64000);
  arena_alloc(&arena, 0); /* an empty piece takes nothing, whatever follows it */
  arena_alloc(&arena, 8);
  assert_int_equal(arena_used(&arena), 64008);
  arena_free(&arena);
}

static void empty_pieces_come_first_too(void **state)
{
  (void)state;
  struct arena arena;
  arena_init(&arena, 100);
  assert_non_null(arena_alloc(&arena, 0));
  assert_non_null(arena_alloc(&arena, 0));
  arena_alloc(&arena, 16);
  assert_int_equal(arena_used(&arena), 16);
  assert_false(arena_over(&arena));
  arena_free(&arena);
}

static void tells_when_the_limit_is_passed(void **state)
{
  (void)state;
  struct arena arena;
  arena_init(&arena, 1024);
  arena_alloc(&arena, 1024);
  assert_false(arena_over(&arena));
  char *beyond = arena_alloc(&arena, 8);
  memset(beyond, 1, 8); /* still answered */
  assert_true(arena_over(&arena));
  arena_reset(&arena);
  assert_false(arena_over(&arena));
  arena_free(&arena);

  arena_init(&arena, 0);
  arena_alloc(&arena, 1 << 20);
  assert_false(arena_over(&arena));
  arena_free(&arena);
}

static void remembers_the_peak_across_resets(void **state)
{
  (void)state;
  struct arena arena;
  arena_init(&arena, 0);
  arena_alloc(&arena, 100000);
  arena_reset(&arena);
  arena_alloc(&arena, 800);
  assert_int_equal(arena_used(&arena), 800);
  assert_int_equal(arena_peak(&arena), 100000);
  arena_alloc(&arena, 200000);
  assert_int_equal(arena_peak(&arena), 200800);
  arena_free(&arena);
  assert_int_equal(arena_peak(&arena), 0);
}

static void a_reset_keeps_memory_up_to_a_bound(void **state)
{
  (void)state;
#ifdef SW_ARENA_MALLOC
  print_message("in this build every piece is a malloc of its own: nothing is kept\n");
  skip();
#else
  struct arena arena;
  arena_init(&arena, 0);
  for (int i = 0; i < 1000; i++)
    arena_alloc(&arena, 1000);
  arena_reset(&arena);
  size_t kept = (size_t)(arena.end - arena.at);
  assert_in_range(kept, 1000000, 8 << 20);
  char *first = arena.at;
  for (int round = 0; round < 3; round++) {
    assert_ptr_equal(arena_alloc(&arena, 1000), first);
    for (int i = 1; i < 1000; i++)
      arena_alloc(&arena, 1000);
    arena_reset(&arena); /* the same work again takes no new chunk */
  }
  arena_keep(&arena, 4096);
  arena_reset(&arena);
  assert_int_equal(arena.end - arena.at, 4096);
  arena_keep(&arena, 0);
  arena_reset(&arena);
  assert_int_equal(arena.end - arena.at, 0);
  char *again = arena_alloc(&arena, 24);
  memset(again, 1, 24);
  arena_free(&arena);
#endif
}

static void makes_texts_and_arrays(void **state)
{
  (void)state;
  struct arena arena;
  arena_init(&arena, 0);
  struct str copy = arena_copy(&arena, STR("a\0b"));
  assert_int_equal(copy.len, 3);
  assert_memory_equal(copy.data, "a\0b", 4);
  assert_int_equal(arena_copy(&arena, str_make(NULL, 0)).len, 0);
  struct str text = arena_printf(&arena, "%s has %d", "web", 3);
  assert_str(text, "web has 3");
  assert_int_equal(text.data[text.len], 0);
  uint32_t *zeros = arena_zalloc(&arena, 5000, sizeof *zeros);
  for (int i = 0; i < 5000; i++)
    assert_int_equal(zeros[i], 0);
  uint64_t *array = arena_array(&arena, uint64_t, 3);
  array[2] = 7;
  struct str *one = arena_new(&arena, struct str);
  assert_int_equal(one->len, 0);
  arena_free(&arena);
}

static void a_piece_larger_than_any_chunk_is_given(void **state)
{
  (void)state;
  struct arena arena;
  arena_init(&arena, 0);
  arena_alloc(&arena, 8);
  size_t size = 9 << 20;
  char *piece = arena_alloc(&arena, size);
  piece[0] = piece[size - 1] = 1;
  assert_int_equal(arena_used(&arena), size + 8);
  arena_free(&arena);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(gives_aligned_pieces_that_do_not_overlap),
      cmocka_unit_test(counts_what_was_handed_out),
      cmocka_unit_test(empty_pieces_come_first_too),
      cmocka_unit_test(tells_when_the_limit_is_passed),
      cmocka_unit_test(remembers_the_peak_across_resets),
      cmocka_unit_test(a_reset_keeps_memory_up_to_a_bound),
      cmocka_unit_test(makes_texts_and_arrays),
      cmocka_unit_test(a_piece_larger_than_any_chunk_is_given),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
