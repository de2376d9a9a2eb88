#include "made.h"

#include "net/tls_files.h"

static char *directory;
static struct made_ca ca, other_ca;

static int set_up(void **state)
{
  (void)state;
  directory = made_directory();
  return 0;
}

static int tear_down(void **state)
{
  (void)state;
  made_directory_free(directory);
  return 0;
}

static struct tls_files_options wanted(void)
{
  return (struct tls_files_options){.certificate = made_path(directory, "tls.crt"),
                                    .key = made_path(directory, "tls.key")};
}

static void write_pair(const char *name, int from, int to)
{
  struct made_pair pair = made_certificate(&ca, name, false, from, to);
  made_files(directory, &pair);
  made_pair_free(&pair);
}

static struct tls_files *opened(void)
{
  struct tls_files_options options = wanted();
  struct tls_files *files = NULL;
  struct error err;
  made_check(tls_files_open(&options, &files, &err), &err);
  return files;
}

static void test_open(void **state)
{
  (void)state;
  write_pair("one", -1, 2);
  struct tls_files *files = opened();
  const struct tls_material *m = tls_files_current(files);
  assert_str(m->subject, "CN=one,O=a group");
  assert_int_equal(m->chain_count, 1);
  assert_int_equal(m->generation, 1);
  assert_int_equal(m->client_ca.len, 0);
  assert_int_equal(m->not_after - m->not_before, 3 * MADE_HOUR);
  assert_int_equal(strlen(m->key.data), m->key.len);
  bool changed = true;
  assert_int_equal(tls_files_poll(files, &changed, NULL), 0);
  assert_false(changed);
  tls_files_free(files);
}

static void test_replaced(void **state)
{
  (void)state;
  write_pair("one", -1, 2);
  struct tls_files *files = opened();
  write_pair("two", -1, 2);
  bool changed = false;
  struct error err;
  made_check(tls_files_poll(files, &changed, &err), &err);
  assert_true(changed);
  assert_str(tls_files_current(files)->subject, "CN=two,O=a group");
  assert_int_equal(tls_files_current(files)->generation, 2);
  made_check(tls_files_poll(files, &changed, &err), &err);
  assert_false(changed);
  tls_files_free(files);
}

/* As the kubelet does it: tls.crt -> ..data/tls.crt, ..data -> a directory that is swapped. */
static void test_swapped_link(void **state)
{
  (void)state;
  for (unsigned i = 0; i < 2; i++) {
    char folder[300];
    snprintf(folder, sizeof folder, "%s/..%u", directory, i);
    assert_int_equal(mkdir(folder, 0700), 0);
    struct made_pair pair = made_certificate(&ca, i ? "new" : "old", false, -1, 2);
    made_files(folder, &pair);
    made_pair_free(&pair);
  }
  assert_int_equal(symlink("..0", made_path(directory, "..data")), 0);
  assert_int_equal(symlink("..data/tls.crt", made_path(directory, "tls.crt")), 0);
  assert_int_equal(symlink("..data/tls.key", made_path(directory, "tls.key")), 0);
  struct tls_files *files = opened();
  assert_str(tls_files_current(files)->subject, "CN=old,O=a group");
  assert_int_equal(symlink("..1", made_path(directory, "..data_tmp")), 0);
  assert_int_equal(rename(made_path(directory, "..data_tmp"), made_path(directory, "..data")), 0);
  bool changed = false;
  assert_int_equal(tls_files_poll(files, &changed, NULL), 0);
  assert_true(changed);
  assert_str(tls_files_current(files)->subject, "CN=new,O=a group");
  tls_files_free(files);
}

static void stays(struct tls_files *files, int code, const char *message)
{
  for (unsigned i = 0; i < 2; i++) { /* told as long as it is wrong */
    bool changed = true;
    struct error err = {0};
    assert_int_equal(tls_files_poll(files, &changed, &err), code);
    assert_error(err, code, message);
    assert_false(changed);
    assert_str(tls_files_current(files)->subject, "CN=one,O=a group");
    assert_int_equal(tls_files_current(files)->generation, 1);
  }
}

static void test_wrong_ones_do_not_count(void **state)
{
  (void)state;
  write_pair("one", -1, 2);
  struct tls_files *files = opened();
  struct made_pair pair = made_certificate(&ca, "other", false, -1, 2);
  made_file(directory, "tls.crt", buf_str(&pair.certificate));
  stays(files, SW_EINVAL, "tls.key: the key does not belong to the certificate in");
  made_file(directory, "tls.key", STR("nonsense"));
  stays(files, SW_EINVAL, "tls.key: ");
  made_file(directory, "tls.key", buf_str(&ca.pem));
  stays(files, SW_EINVAL, "tls.key: ");
  made_file(directory, "tls.crt", buf_str(&pair.key));
  stays(files, SW_EINVAL, "tls.crt: ");
  made_file(directory, "tls.crt", STR_EMPTY);
  stays(files, SW_EINVAL, "tls.crt: ");
  assert_int_equal(unlink(made_path(directory, "tls.crt")), 0);
  stays(files, SW_ENOENT, "tls.crt: ");
  made_files(directory, &pair);
  bool changed = false;
  assert_int_equal(tls_files_poll(files, &changed, NULL), 0);
  assert_true(changed);
  assert_int_equal(tls_files_current(files)->generation, 2);
  made_pair_free(&pair);
  tls_files_free(files);
}

static void refused(int code, const char *message)
{
  struct tls_files_options options = wanted();
  struct tls_files *files = NULL;
  struct error err = {0};
  assert_int_equal(tls_files_open(&options, &files, &err), code);
  assert_error(err, code, message);
  assert_null(files);
}

static void test_times(void **state)
{
  (void)state;
  write_pair("old", -3, -1);
  refused(SW_EINVAL, "of \"CN=old,O=a group\" is valid from 2");
  write_pair("early", 1, 3);
  refused(SW_EINVAL, "not now");
}

static void test_time_of_the_clock(void **state)
{
  (void)state;
  write_pair("one", -3, -1);
  struct clock_test then;
  clock_test_init(&then, clock_wall_ms(clock_system()) - 2 * MADE_HOUR * 1000);
  struct tls_files_options options = wanted();
  options.clock = &then.clock;
  struct tls_files *files = NULL;
  assert_int_equal(tls_files_open(&options, &files, NULL), 0);
  tls_files_free(files);
}

static void test_chains(void **state)
{
  (void)state;
  struct made_pair pair = made_certificate(&ca, "one", false, -1, 2);
  struct buf chain = {0};
  buf_add(&chain, buf_str(&pair.certificate));
  buf_add(&chain, buf_str(&ca.pem));
  made_file(directory, "tls.crt", buf_str(&chain));
  made_file(directory, "tls.key", buf_str(&pair.key));
  struct tls_files *files = opened();
  assert_int_equal(tls_files_current(files)->chain_count, 2);
  tls_files_free(files);
  buf_clear(&chain);
  buf_add(&chain, buf_str(&pair.certificate));
  buf_add(&chain, buf_str(&other_ca.pem));
  made_file(directory, "tls.crt", buf_str(&chain));
  refused(SW_EINVAL, "certificate 2 did not issue the one before it");
  buf_clear(&chain);
  buf_add(&chain, buf_str(&ca.pem));
  buf_add(&chain, buf_str(&pair.certificate));
  made_file(directory, "tls.crt", buf_str(&chain));
  refused(SW_EINVAL, "not for a server");
  buf_clear(&chain);
  for (unsigned i = 0; i <= TLS_CHAIN_MAX; i++)
    buf_add(&chain, buf_str(&pair.certificate));
  made_file(directory, "tls.crt", buf_str(&chain));
  refused(SW_ELIMIT, "more than 10 certificates");
  buf_clear(&chain);
  buf_add_repeat(&chain, '\n', TLS_FILE_MAX + 1);
  made_file(directory, "tls.crt", buf_str(&chain));
  refused(SW_ELIMIT, "tls.crt");
  buf_free(&chain);
  made_pair_free(&pair);
}

static void test_client_ca(void **state)
{
  (void)state;
  write_pair("one", -1, 2);
  made_file(directory, "ca.crt", buf_str(&other_ca.pem));
  struct tls_files_options options = wanted();
  options.client_ca = made_path(directory, "ca.crt");
  struct tls_files *files = NULL;
  struct error err;
  made_check(tls_files_open(&options, &files, &err), &err);
  assert_true(str_eq(tls_files_current(files)->client_ca, buf_str(&other_ca.pem)));
  struct made_pair pair = made_certificate(&ca, "end", false, -1, 2);
  made_file(directory, "ca.crt", buf_str(&pair.certificate));
  bool changed;
  assert_int_equal(tls_files_poll(files, &changed, &err), SW_EINVAL);
  assert_error(err, SW_EINVAL,
               "ca.crt: the certificate of \"CN=end,O=a group\" is not that of a CA");
  made_pair_free(&pair);
  tls_files_free(files);
}

static void test_both_are_needed(void **state)
{
  (void)state;
  struct tls_files_options options = {.certificate = "a"};
  struct tls_files *files = NULL;
  struct error err;
  assert_int_equal(tls_files_open(&options, &files, &err), SW_EUSAGE);
  assert_error(err, SW_EUSAGE, "both");
  tls_files_free(NULL);
}

#define in_directory(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int main(void)
{
  const struct CMUnitTest tests[] = {
      in_directory(test_open),
      in_directory(test_replaced),
      in_directory(test_swapped_link),
      in_directory(test_wrong_ones_do_not_count),
      in_directory(test_times),
      in_directory(test_time_of_the_clock),
      in_directory(test_chains),
      in_directory(test_client_ca),
      in_directory(test_both_are_needed),
  };
  ca = made_authority("the authority");
  other_ca = made_authority("another");
  int rc = cmocka_run_group_tests(tests, NULL, NULL);
  made_ca_free(&ca);
  made_ca_free(&other_ca);
  return rc;
}
