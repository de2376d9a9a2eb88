#include "../net/made.h"

#include "base/arena.h"
#include "base/file.h"
#include "crypto/x509.h"
#include "daemon/self_signed.h"
#include "net/tls_files.h"

#include <fcntl.h>
#include <pthread.h>
#include <sys/file.h>
#include <sys/wait.h>

enum { DAY = 86400, STRANGER = 12345 };

/* A directory of its own for each test, and a clock that stands still in it. */
static char *above, *directory;
static struct clock_test watch;

static int set_up(void **state)
{
  (void)state;
  above = made_directory();
  directory = mem_copy_text(made_path(above, "a/b"), strlen(made_path(above, "a/b")));
  clock_test_init(&watch, (int64_t)1795246000 * 1000);
  return 0;
}

static int tear_down(void **state)
{
  (void)state;
  mem_free(directory);
  made_directory_free(above);
  return 0;
}

static struct self_signed_options wanted(void)
{
  return (struct self_signed_options){.directory = directory,
                                      .listen_address = "127.0.0.1",
                                      .host_name = "machine.example.org",
                                      .clock = &watch.clock};
}

static struct self_signed opened(const struct self_signed_options *options)
{
  struct self_signed files = {0};
  struct error err;
  made_check(self_signed_open(options, &files, &err), &err);
  return files;
}

/* made_ca and made_certificate in one text: "" or "ca crt". */
static const char *open_once(void)
{
  struct self_signed_options options = wanted();
  struct self_signed files = opened(&options);
  const char *made = files.made_ca ? "ca crt" : files.made_certificate ? "crt" : "";
  assert_true((files.reason != NULL) == files.made_certificate);
  self_signed_free(&files);
  return made;
}

static const char *reason(void)
{
  struct self_signed_options options = wanted();
  struct self_signed files = opened(&options);
  const char *text = files.reason ? files.reason : "";
  self_signed_free(&files);
  return text;
}

static void refused(int code, const char *text)
{
  struct self_signed_options options = wanted();
  struct self_signed files = {0};
  struct error err;
  assert_int_equal(self_signed_open(&options, &files, &err), code);
  assert_error(err, code, text);
  assert_null(files.directory);
}

static void write_file(const char *name, const char *text)
{
  made_file(directory, name, str_from(text));
  chmod(made_path(directory, name), 0600);
}

static struct buf file_text(const char *name)
{
  struct buf text = {0};
  struct error err;
  made_check(file_read(made_path(directory, name), 1 << 20, &text, &err), &err);
  return text;
}

static unsigned mode_of(const char *name)
{
  struct stat st;
  assert_int_equal(lstat(*name ? made_path(directory, name) : directory, &st), 0);
  return st.st_mode & 07777;
}

/* Whether a client that trusts ca.crt accepts tls.crt for a host now. */
static bool accepted(const char *host)
{
  _cleanup_(buf_free) struct buf ca = file_text("ca.crt"), server = file_text("tls.crt");
  struct arena a;
  arena_init(&a, 0);
  struct x509_list roots, list;
  struct error err;
  made_check(x509_parse(&a, buf_str(&ca), &roots, &err), &err);
  made_check(x509_parse(&a, buf_str(&server), &list, &err), &err);
  assert_int_equal(roots.count, 1);
  assert_int_equal(list.count, 1);
  struct str usage = X509_USAGE_SERVER_AUTH;
  struct x509_trust trust = {.roots = roots,
                             .time = clock_wall_seconds(&watch.clock),
                             .usages = &usage,
                             .usage_count = 1,
                             .host = str_from(host)};
  struct x509_chain chain;
  bool good = x509_verify(&a, &list.items[0], &trust, &chain, NULL, &err) == 0;
  arena_free(&a);
  return good;
}

static void usable(void)
{
  struct tls_files_options options = {
      .certificate = mem_copy_text(made_path(directory, "tls.crt"), strlen(directory) + 8),
      .key = mem_copy_text(made_path(directory, "tls.key"), strlen(directory) + 8),
      .clock = &watch.clock};
  struct tls_files *files = NULL;
  struct error err;
  made_check(tls_files_open(&options, &files, &err), &err);
  tls_files_free(files);
  mem_free((char *)options.certificate);
  mem_free((char *)options.key);
}

static void makes_what_is_missing(void **state)
{
  (void)state;
  struct self_signed_options options = wanted();
  options.names = (struct str[]){STR("seawall.example.org"), STR("10.1.2.3"), STR("LOCALHOST")};
  options.name_count = 3;
  options.listen_address = "fd00::7";
  struct self_signed files = opened(&options);
  assert_true(files.made_ca);
  assert_true(files.made_certificate);
  assert_string_equal(files.reason, "there was none");
  assert_string_equal(files.directory, directory);
  assert_string_equal(files.ca, made_path(directory, "ca.crt"));
  assert_string_equal(files.certificate, made_path(directory, "tls.crt"));
  assert_string_equal(files.key, made_path(directory, "tls.key"));
  int64_t now = clock_wall_seconds(&watch.clock);
  assert_int_equal(files.not_after, now + (int64_t)SELF_SIGNED_DAYS * DAY);
  assert_int_equal(files.ca_not_after, now + (int64_t)SELF_SIGNED_CA_DAYS * DAY);
  self_signed_free(&files);
  assert_int_equal(mode_of(""), 0700);
  assert_int_equal(mode_of("ca.key"), 0600);
  assert_int_equal(mode_of("tls.key"), 0600);
  assert_int_equal(mode_of("ca.crt"), 0644);
  assert_int_equal(mode_of("tls.crt"), 0644);
  static const char *const hosts[] = {
      "localhost", "127.0.0.1",           "::1",     "machine.example.org",
      "fd00::7",   "seawall.example.org", "10.1.2.3"};
  for (size_t i = 0; i < sizeof hosts / sizeof *hosts; i++)
    assert_true(accepted(hosts[i]));
  assert_false(accepted("other.example.org"));
  usable();
}

static void uses_what_is_there(void **state)
{
  (void)state;
  assert_string_equal(open_once(), "ca crt");
  _cleanup_(buf_free) struct buf before = file_text("tls.crt");
  assert_string_equal(open_once(), "");
  _cleanup_(buf_free) struct buf after = file_text("tls.crt");
  assert_true(str_eq(buf_str(&before), buf_str(&after)));
}

static void any_address_is_no_name(void **state)
{
  (void)state;
  struct self_signed_options options = wanted();
  options.listen_address = "::";
  struct self_signed files = opened(&options);
  self_signed_free(&files);
  assert_false(accepted("::"));
  options.listen_address = "0.0.0.0";
  files = opened(&options);
  assert_false(files.made_certificate);
  self_signed_free(&files);
}

static void host_names_that_no_certificate_can_say_are_passed_over(void **state)
{
  (void)state;
  static const char *const names[] = {"a b", "-x", "x..y", "", "caf\xC3\xA9", "127.0.0.1", "x."};
  for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
    struct self_signed_options options = wanted();
    options.host_name = names[i];
    struct self_signed files = opened(&options);
    assert_int_equal(files.made_certificate, i == 0);
    self_signed_free(&files);
  }
  assert_true(accepted("localhost"));
}

static void renewed_before_it_ends(void **state)
{
  (void)state;
  assert_string_equal(open_once(), "ca crt");
  clock_test_advance(&watch, (uint64_t)243 * DAY * 1000); /* two thirds */
  assert_string_equal(open_once(), "");
  clock_test_advance(&watch, (uint64_t)1 * DAY * 1000);
  assert_string_equal(reason(), "it was about to expire");
  assert_true(accepted("localhost"));
  clock_test_advance(&watch, (uint64_t)400 * DAY * 1000);
  assert_false(accepted("localhost"));
  assert_string_equal(reason(), "it had expired");
  assert_true(accepted("localhost"));
  usable();
}

static void the_authority_lasts_to_its_last_year(void **state)
{
  (void)state;
  assert_string_equal(open_once(), "ca crt");
  _cleanup_(buf_free) struct buf first = file_text("ca.crt");
  clock_test_advance(&watch, (uint64_t)(SELF_SIGNED_CA_DAYS - 366) * DAY * 1000);
  assert_string_equal(open_once(), "crt");
  clock_test_advance(&watch, (uint64_t)1 * DAY * 1000);
  assert_string_equal(open_once(), "ca crt");
  _cleanup_(buf_free) struct buf old = file_text("ca.crt.old"), second = file_text("ca.crt");
  assert_true(str_eq(buf_str(&first), buf_str(&old)));
  assert_false(str_eq(buf_str(&first), buf_str(&second)));
  assert_int_equal(mode_of("ca.key.old"), 0600);
  assert_true(accepted("localhost"));
}

static void a_clock_that_went_back_is_told(void **state)
{
  (void)state;
  assert_string_equal(open_once(), "ca crt");
  _cleanup_(buf_free) struct buf before = file_text("ca.crt");
  watch.now_ms -= (int64_t)30 * DAY * 1000;
  refused(SW_EINVAL, "set the clock, or remove the file");
  _cleanup_(buf_free) struct buf after = file_text("ca.crt");
  assert_true(str_eq(buf_str(&before), buf_str(&after)));
}

static void made_anew_if_a_name_is_missing(void **state)
{
  (void)state;
  assert_string_equal(open_once(), "ca crt");
  struct self_signed_options options = wanted();
  options.listen_address = "192.0.2.1";
  struct self_signed files = opened(&options);
  assert_string_equal(files.reason, "it lacked a name");
  assert_false(files.made_ca);
  self_signed_free(&files);
  assert_true(accepted("192.0.2.1"));
  options.host_name = "another";
  files = opened(&options);
  assert_true(files.made_certificate);
  self_signed_free(&files);
  /* Those from before stay, so that two who share the directory do not take turns. */
  assert_true(accepted("machine.example.org"));
  assert_true(accepted("another"));
  assert_string_equal(open_once(), "");
}

static void names_that_cannot_be_are_errors(void **state)
{
  (void)state;
  struct self_signed_options options = wanted();
  options.names = (struct str[]){STR("not a name")};
  options.name_count = 1;
  struct self_signed files = {0};
  struct error err;
  assert_int_equal(self_signed_open(&options, &files, &err), SW_EUSAGE);
  assert_error(err, SW_EUSAGE, "\"not a name\"");
  struct str many[200];
  char texts[200][16];
  for (int i = 0; i < 200; i++) {
    snprintf(texts[i], sizeof texts[i], "name%d", i);
    many[i] = str_from(texts[i]);
  }
  options.names = many;
  options.name_count = 200;
  assert_int_equal(self_signed_open(&options, &files, &err), SW_ELIMIT);
}

static void garbage_is_replaced(void **state)
{
  (void)state;
  static const struct {
    const char *file, *made;
  } cases[] = {{"tls.crt", "crt"}, {"tls.key", "crt"}, {"ca.crt", "ca crt"}};
  static const char *const contents[] = {
      "", "garbage", "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n",
      "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n"};
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
    for (size_t j = 0; j < sizeof contents / sizeof *contents; j++) {
      open_once();
      write_file(cases[i].file, contents[j]);
      assert_string_equal(open_once(), cases[i].made);
      assert_true(accepted("localhost"));
      usable();
      assert_string_equal(open_once(), "");
    }
  _cleanup_(buf_free) struct buf old = file_text("ca.crt.old");
  assert_str(buf_str(&old), contents[3]);
}

static void a_file_that_is_too_large_is_garbage(void **state)
{
  (void)state;
  open_once();
  _cleanup_(buf_free) struct buf large = file_text("tls.crt");
  buf_add_repeat(&large, '\n', SELF_SIGNED_FILE_MAX);
  write_file("tls.crt", buf_text(&large));
  assert_string_equal(reason(), "it was incomplete or wrong");
  assert_true(accepted("localhost"));
}

static void pairs_that_do_not_fit_are_replaced(void **state)
{
  (void)state;
  open_once();
  _cleanup_(buf_free) struct buf key = file_text("tls.key"), ca = file_text("ca.crt");
  unlink(made_path(directory, "tls.crt"));
  assert_string_equal(open_once(), "crt");
  write_file("tls.key", buf_text(&key)); /* as if killed between two files */
  assert_string_equal(open_once(), "crt");
  usable();
  unlink(made_path(directory, "ca.crt"));
  assert_string_equal(open_once(), "ca crt");
  write_file("ca.crt", buf_text(&ca));
  assert_string_equal(open_once(), "ca crt"); /* not issued by it, and its key is another's */
  assert_true(accepted("localhost"));
}

/* Whoever takes the authority's key away keeps the certificate as long as it is good. */
static void the_key_of_the_authority_is_needed_to_issue_alone(void **state)
{
  (void)state;
  open_once();
  unlink(made_path(directory, "ca.key"));
  assert_string_equal(open_once(), "");
  clock_test_advance(&watch, (uint64_t)300 * DAY * 1000);
  assert_string_equal(open_once(), "ca crt");
}

static void a_certificate_that_is_no_authority_is_no_authority(void **state)
{
  (void)state;
  open_once();
  _cleanup_(buf_free) struct buf server = file_text("tls.crt");
  write_file("ca.crt", buf_text(&server));
  assert_string_equal(open_once(), "ca crt");
}

static void links_are_refused(void **state)
{
  (void)state;
  static const char *const files[] = {"ca.crt", "ca.key", "tls.crt", "tls.key"};
  open_once();
  made_file(above, "victim", STR("untouched"));
  for (size_t i = 0; i < sizeof files / sizeof *files; i++) {
    _cleanup_(buf_free) struct buf text = file_text(files[i]);
    unlink(made_path(directory, files[i]));
    char *target = mem_copy_text(made_path(above, "victim"), strlen(made_path(above, "victim")));
    assert_int_equal(symlink(target, made_path(directory, files[i])), 0);
    refused(SW_EACCES, "is a symbolic link");
    mem_free(target);
    unlink(made_path(directory, files[i]));
    assert_int_equal(mkdir(made_path(directory, files[i]), 0700), 0);
    refused(SW_EACCES, "is a directory");
    rmdir(made_path(directory, files[i]));
    assert_int_equal(mkfifo(made_path(directory, files[i]), 0600), 0);
    refused(SW_EACCES, "FIFO");
    unlink(made_path(directory, files[i]));
    write_file(files[i], buf_text(&text));
  }
  assert_string_equal(open_once(), "");
  /* The lock, and files that were half written. */
  unlink(made_path(directory, ".lock"));
  unlink(made_path(directory, "tls.crt"));
  assert_int_equal(symlink("../../victim", made_path(directory, ".lock")), 0);
  refused(SW_EIO, "no file can be made");
  unlink(made_path(directory, ".lock"));
  assert_int_equal(symlink("../../victim", made_path(directory, ".tls.crt.new")), 0);
  assert_int_equal(symlink("../../victim", made_path(directory, ".tls.key.new")), 0);
  assert_string_equal(open_once(), "crt");
  struct buf victim = {0};
  assert_int_equal(file_read(made_path(above, "victim"), 100, &victim, NULL), 0);
  assert_str(buf_str(&victim), "untouched");
  buf_free(&victim);
}

static void modes_that_let_others_in_are_refused(void **state)
{
  (void)state;
  open_once();
  chmod(made_path(directory, "ca.key"), 0640);
  refused(SW_EACCES, "ca.key: others may read this key (mode 0640)");
  chmod(made_path(directory, "ca.key"), 0600);
  chmod(made_path(directory, "tls.key"), 0604);
  refused(SW_EACCES, "tls.key: others may read this key");
  chmod(made_path(directory, "tls.key"), 0600);
  chmod(made_path(directory, "ca.crt"), 0666);
  refused(SW_EACCES, "ca.crt: others may write");
  chmod(made_path(directory, "ca.crt"), 0644);
  chmod(directory, 0770);
  refused(SW_EACCES, "others may write to the directory (mode 0770)");
  chmod(directory, 0755);
  assert_string_equal(open_once(), "");
}

/* Becomes somebody else for a test, which needs root. */
static void become(unsigned user)
{
  if (user && geteuid() != 0)
    skip();
  assert_int_equal(seteuid(user), 0);
}

static void what_belongs_to_others_is_refused(void **state)
{
  (void)state;
  become(STRANGER); /* or skip */
  become(0);
  open_once();
  chmod(above, 0755);
  chmod(made_path(above, "a"), 0755);
  chmod(directory, 0755);
  become(STRANGER);
  refused(SW_EACCES, "the directory belongs to user 0, and seawall runs as user 12345");
  become(0);
  assert_int_equal(chown(directory, STRANGER, (gid_t)-1), 0);
  refused(SW_EACCES, "the directory belongs to user 12345, and seawall runs as user 0");
  become(STRANGER);
  refused(SW_EACCES, "ca.crt: belongs to user 0");
  become(0);
  /* A stranger's link, and root's. */
  assert_int_equal(chown(directory, 0, (gid_t)-1), 0);
  char *real = directory;
  directory = mem_copy_text(made_path(above, "link"), strlen(made_path(above, "link")));
  assert_int_equal(symlink("a/b", directory), 0);
  assert_string_equal(open_once(), "");
  assert_int_equal(lchown(directory, STRANGER, (gid_t)-1), 0);
  refused(SW_EACCES, "a symbolic link that somebody else made");
  mem_free(directory);
  directory = real;
}

static void a_directory_that_cannot_be_written(void **state)
{
  (void)state;
  bool root = geteuid() == 0;
  open_once();
  if (root) {
    static const char *const files[] = {"ca.crt", "ca.key", "tls.crt", "tls.key", ".lock", "."};
    for (size_t i = 0; i < sizeof files / sizeof *files; i++)
      assert_int_equal(chown(made_path(directory, files[i]), STRANGER, (gid_t)-1), 0);
    chmod(above, 0755);
    chmod(made_path(above, "a"), 0755);
    become(STRANGER);
  }
  chmod(directory, 0500);
  assert_string_equal(open_once(), ""); /* all is there: nothing need be written */
  clock_test_advance(&watch, (uint64_t)300 * DAY * 1000);
  refused(SW_EACCES, "Permission denied");
  chmod(directory, 0700);
  assert_string_equal(open_once(), "crt");
  char *real = directory;
  directory = mem_copy_text(made_path(above, "c/d"), strlen(made_path(above, "c/d")));
  if (root)
    refused(SW_EACCES, "the directory cannot be made: Permission denied");
  mem_free(directory);
  directory = mem_copy_text("/proc/none/x", 12);
  refused(SW_ENOENT, "/proc/none: the directory cannot be made");
  mem_free(directory);
  directory = real;
  if (root)
    become(0);
}

static void a_file_in_the_place_of_the_directory(void **state)
{
  (void)state;
  made_file(above, "a", STR("x"));
  refused(SW_EACCES, "a/b: is not a directory");
  char *real = directory;
  directory = mem_copy_text(made_path(above, "a"), strlen(made_path(above, "a")));
  refused(SW_EACCES, "is not a directory");
  mem_free(directory);
  directory = real;
}

enum { STARTS = 8 };

static void *start(void *argument)
{
  struct self_signed *files = argument;
  struct self_signed_options options = wanted();
  struct error err;
  if (self_signed_open(&options, files, &err) < 0)
    print_error("%s\n", err.message);
  return NULL;
}

static void starts_at_once_do_not_fight(void **state)
{
  (void)state;
  for (int round = 0; round < 5; round++) {
    struct self_signed files[STARTS] = {0};
    pthread_t ids[STARTS];
    for (int i = 0; i < STARTS; i++)
      assert_int_equal(pthread_create(&ids[i], NULL, start, &files[i]), 0);
    unsigned made = 0;
    for (int i = 0; i < STARTS; i++) {
      pthread_join(ids[i], NULL);
      assert_non_null(files[i].certificate);
      made += files[i].made_certificate;
      self_signed_free(&files[i]);
    }
    assert_int_equal(made, 1);
    assert_true(accepted("localhost"));
    usable();
    clock_test_advance(&watch, (uint64_t)300 * DAY * 1000);
  }
}

static void a_lock_that_is_held_is_told(void **state)
{
  (void)state;
  assert_int_equal(mkdir(made_path(above, "a"), 0700), 0);
  assert_int_equal(mkdir(directory, 0700), 0);
  int fd = open(made_path(directory, ".lock"), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  assert_int_equal(flock(fd, LOCK_EX), 0);
  struct self_signed_options options = wanted();
  options.wait_ms = 30;
  struct self_signed files = {0};
  struct error err;
  assert_int_equal(self_signed_open(&options, &files, &err), SW_EIO);
  assert_error(err, SW_EIO, "another process has held the lock");
  close(fd);
  assert_string_equal(open_once(), "ca crt");
}

static void the_directory_follows_from_the_environment(void **state)
{
  (void)state;
  static const struct {
    char *environment[4];
    const char *expected; /* NULL: an error */
  } cases[] = {
      {{"STATE_DIRECTORY=/var/lib/seawall", "XDG_STATE_HOME=/x", "HOME=/h"}, "/var/lib/seawall"},
      {{"STATE_DIRECTORY=/var/lib/one:/var/lib/two"}, "/var/lib/one"},
      {{"HOME=/h", "XDG_STATE_HOME=/x/"}, "/x/seawall"},
      {{"HOME=/h", "XDG_STATE_HOME="}, "/h/.local/state/seawall"},
      {{"HOME=/h", "XDG_STATE_HOME=relative", "STATE_DIRECTORY=too"}, "/h/.local/state/seawall"},
      {{"HOME=/"}, "//.local/state/seawall"},
      {{"HOME="}, NULL},
      {{"HOMES=/x", "XSTATE_DIRECTORY=/y"}, NULL},
      {{NULL}, NULL},
  };
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    char *path = NULL;
    struct error err;
    int rc = self_signed_directory(cases[i].environment, &path, &err);
    if (cases[i].expected) {
      assert_int_equal(rc, 0);
      assert_string_equal(path, cases[i].expected);
    } else {
      assert_int_equal(rc, SW_ENOENT);
      assert_error(err, SW_ENOENT, "set STATE_DIRECTORY");
    }
    mem_free(path);
  }
}

#define in_directory(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int main(void)
{
  const struct CMUnitTest tests[] = {
      in_directory(makes_what_is_missing),
      in_directory(uses_what_is_there),
      in_directory(any_address_is_no_name),
      in_directory(host_names_that_no_certificate_can_say_are_passed_over),
      in_directory(renewed_before_it_ends),
      in_directory(the_authority_lasts_to_its_last_year),
      in_directory(a_clock_that_went_back_is_told),
      in_directory(made_anew_if_a_name_is_missing),
      in_directory(names_that_cannot_be_are_errors),
      in_directory(garbage_is_replaced),
      in_directory(a_file_that_is_too_large_is_garbage),
      in_directory(pairs_that_do_not_fit_are_replaced),
      in_directory(the_key_of_the_authority_is_needed_to_issue_alone),
      in_directory(a_certificate_that_is_no_authority_is_no_authority),
      in_directory(links_are_refused),
      in_directory(modes_that_let_others_in_are_refused),
      in_directory(what_belongs_to_others_is_refused),
      in_directory(a_directory_that_cannot_be_written),
      in_directory(a_file_in_the_place_of_the_directory),
      in_directory(starts_at_once_do_not_fight),
      in_directory(a_lock_that_is_held_is_told),
      cmocka_unit_test(the_directory_follows_from_the_environment),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
