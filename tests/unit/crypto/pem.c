#include "../test.h"

#include "base/buf.h"
#include "base/mem.h"
#include "crypto/pem.h"

static int read_one(const char *text, struct pem_block *block, struct error *err)
{
  struct pem_reader reader = pem_reader(str_from(text));
  memset(err, 0, sizeof *err);
  return pem_next(&reader, block, err);
}

static void assert_refused(const char *text, uint32_t line, const char *why)
{
  struct pem_block block = {0};
  struct error err;
  assert_int_equal(read_one(text, &block, &err), SW_EINVAL);
  assert_error(err, SW_EINVAL, why);
  assert_int_equal(err.line, line);
  assert_null(block.der.data);
}

static void reads_blocks_and_passes_over_the_rest(void **state)
{
  (void)state;
  struct pem_reader reader = pem_reader(STR("a text: before\n"
                                            "-----BEGIN A B-----\r\n"
                                            "aGVs \t\r\n"
                                            "\r\n"
                                            "bG8=\r\n"
                                            "-----END A B-----  \r\n"
                                            "between\n"
                                            "-----BEGIN C-----\n"
                                            "Proc-Type: 4,ENCRYPTED\n"
                                            "DEK-Info: x\n"
                                            "\n"
                                            "eA==\n"
                                            "-----END C-----"));
  _cleanup_(pem_block_free) struct pem_block block = {0};
  assert_int_equal(pem_next(&reader, &block, NULL), 0);
  assert_str(block.label, "A B");
  assert_str(block.der, "hello");
  assert_str(block.headers, "");
  assert_int_equal(block.line, 2);
  assert_int_equal(pem_next(&reader, &block, NULL), 0);
  assert_str(block.label, "C");
  assert_str(block.der, "x");
  assert_str(block.headers, "Proc-Type: 4,ENCRYPTED\nDEK-Info: x");
  assert_int_equal(block.line, 8);
  assert_int_equal(pem_next(&reader, &block, NULL), SW_ENOTFOUND);
  assert_null(block.der.data);
  assert_int_equal(pem_next(&reader, &block, NULL), SW_ENOTFOUND);
}

static void tells_what_is_broken_and_where(void **state)
{
  (void)state;
  assert_refused("\n-----BEGIN A-----\naGVsbG8=\n", 2, "has no end");
  assert_refused("-----BEGIN A-----\naGVsbG8=\n-----BEGIN A-----\naGVsbG8=\n-----END A-----\n", 1,
                 "has no end");
  assert_refused("-----BEGIN A-----\naGVsbG8=\n-----END B-----\n", 3, "ends with another line");
  assert_refused("-----BEGIN A-----\naGVsbG8=\n-----END A----\n", 3, "ends with another line");
  assert_refused("-----BEGIN A----\n-----END A-----\n", 1, "does not end with");
  assert_refused("-----BEGIN -----\n-----END -----\n", 1, "does not end with");
  assert_refused("-----BEGIN A-----\n\n-----END A-----\n", 1, "is empty");
  assert_refused("-----BEGIN A-----\nab: c\naGVs\n-----END A-----\n", 4, "no empty line");
  assert_refused("-----BEGIN A-----\naGVs\nbG-=\n-----END A-----\n", 3, "not of the alphabet");
  assert_refused("-----BEGIN A-----\naGVs\nbG8\n-----END A-----\n", 3, "within a group");
  assert_refused("-----BEGIN A-----\nbG8=\naGVs\n-----END A-----\n", 3, "padding");
  assert_refused("-----BEGIN A-----\nb===\n-----END A-----\n", 2, "padding");
  assert_refused("-----BEGIN A-----\n====\n-----END A-----\n", 2, "padding");
}

static void nothing_there_is_not_an_error(void **state)
{
  (void)state;
  struct pem_block block = {0};
  struct error err;
  assert_int_equal(read_one("", &block, &err), SW_ENOTFOUND);
  assert_int_equal(read_one("no block\n ----BEGIN A-----\n", &block, &err), SW_ENOTFOUND);
  assert_int_equal(err.code, 0);
  struct pem_reader none = pem_reader(str_make(NULL, 0));
  assert_int_equal(pem_next(&none, &block, NULL), SW_ENOTFOUND);
  assert_true(pem_is(STR("x\n-----BEGIN A-----")));
  assert_false(pem_is(STR("x -----BEGIN A-----")));
}

/* base64 of `groups` times three zero bytes, in lines of 64 characters. */
static char *block_of(size_t groups)
{
  struct buf text = {0};
  buf_add_text(&text, "-----BEGIN A-----");
  for (size_t i = 0; i < groups; i++)
    buf_add_text(&text, i % 16 == 0 ? "\nAAAA" : "AAAA");
  buf_add_text(&text, "\n-----END A-----\n");
  char *copy = mem_copy_text(text.data, text.len);
  buf_free(&text);
  return copy;
}

static void large_blocks_are_refused(void **state)
{
  (void)state;
  struct pem_block block = {0};
  struct error err;
  char *fits = block_of(PEM_BLOCK_MAX / 3), *large = block_of(PEM_BLOCK_MAX / 3 + 1);
  char *huge = block_of(PEM_BLOCK_MAX / 2);
  assert_int_equal(read_one(fits, &block, &err), 0);
  assert_int_equal(block.der.len, PEM_BLOCK_MAX / 3 * 3);
  pem_block_free(&block);
  assert_int_equal(read_one(large, &block, &err), SW_ELIMIT);
  assert_int_equal(read_one(huge, &block, &err), SW_ELIMIT);
  assert_error(err, SW_ELIMIT, "more than");
  mem_free(fits);
  mem_free(large);
  mem_free(huge);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(reads_blocks_and_passes_over_the_rest),
      cmocka_unit_test(tells_what_is_broken_and_where),
      cmocka_unit_test(nothing_there_is_not_an_error),
      cmocka_unit_test(large_blocks_are_refused),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
