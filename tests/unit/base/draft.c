#include "../test.h"

#include "base/draft.h"
#include "base/file.h"

#include "scratch.h"

#include <dirent.h>
#include <errno.h>
#include <signal.h>
#include <sys/file.h>
#include <sys/wait.h>

#define LEFT "db.new-0123456789abcdef"

static struct scratch scratch;

static int open_scratch(void **state)
{
  (void)state;
  scratch_open(&scratch);
  return 0;
}

static int close_scratch(void **state)
{
  (void)state;
  scratch_close(&scratch);
  return 0;
}

static void assert_content(const char *path, const char *expected)
{
  _cleanup_(buf_free) struct buf text = {0};
  struct error err;
  if (file_read(path, 1000, &text, &err) < 0)
    fail_msg("%s", err.message);
  assert_str(buf_str(&text), expected);
}

static unsigned names_in(const char *path)
{
  unsigned count = 0;
  DIR *dir = opendir(path);
  assert_non_null(dir);
  while (readdir(dir))
    count++;
  closedir(dir);
  return count - 2; /* "." and ".." */
}

static struct draft make_draft(const char *target)
{
  struct draft d;
  struct error err;
  if (draft_open(&d, target, &err) < 0)
    fail_msg("%s", err.message);
  return d;
}

static void publish(struct draft *d)
{
  struct error err;
  if (draft_publish(d, &err) < 0)
    fail_msg("%s", err.message);
}

static bool is_there(const char *path)
{
  struct stat st;
  return lstat(path, &st) == 0;
}

/* What a draft that is made and given up finds beside its target goes, or stays. */
static void sweep(void)
{
  struct draft d = make_draft("db");
  draft_free(&d);
}

static void appears_when_it_is_published(void **state)
{
  (void)state;
  struct error err;
  struct stat st;
  struct draft d = make_draft("db");
  assert_int_equal(fd_write_all(d.fd, "one", 3, &err), 0);
  assert_false(is_there("db"));
  assert_int_equal(stat(d.path, &st), 0);
  assert_int_equal(st.st_mode & 07777, 0600);
  publish(&d);
  assert_content("db", "one");
  assert_int_equal(stat("db", &st), 0);
  assert_int_equal(st.st_mode & 07777, 0644);
  assert_int_equal(names_in("."), 1);
  draft_free(&d);
  assert_content("db", "one");
}

static void takes_the_mode_of_what_it_replaces(void **state)
{
  (void)state;
  struct stat st;
  scratch_file("db", "old");
  assert_int_equal(chmod("db", 0640), 0);
  struct draft d = make_draft("db");
  publish(&d);
  assert_content("db", "");
  assert_int_equal(stat("db", &st), 0);
  assert_int_equal(st.st_mode & 07777, 0640);
}

static void is_removed_when_it_is_given_up(void **state)
{
  (void)state;
  struct draft none = {0};
  scratch_file("db", "old");
  struct draft d = make_draft("db");
  assert_int_equal(names_in("."), 2);
  draft_free(&d);
  draft_free(&d);
  draft_free(&none);
  assert_int_equal(names_in("."), 1);
  assert_content("db", "old");
}

static void is_published_once(void **state)
{
  (void)state;
  struct error err;
  struct draft d = make_draft("db");
  publish(&d);
  assert_int_equal(draft_publish(&d, &err), SW_EUSAGE);
  draft_free(&d);
}

static void one_that_cannot_be_published_stays_a_draft(void **state)
{
  (void)state;
  struct error err;
  struct draft d = make_draft("db");
  scratch_dir("db");
  assert_true(draft_publish(&d, &err) < 0);
  assert_error(err, err.code, "db");
  assert_true(is_there(d.path));
  draft_free(&d);
  assert_int_equal(names_in("."), 1);
}

static void needs_a_folder(void **state)
{
  (void)state;
  struct error err;
  struct draft d;
  assert_int_equal(draft_open(&d, "nowhere/db", &err), SW_ENOENT);
  assert_error(err, SW_ENOENT, "nowhere/db");
  draft_free(&d);
}

static void what_nobody_writes_is_swept(void **state)
{
  (void)state;
  scratch_dir("in");
  scratch_file(LEFT, "left");
  scratch_file("in/" LEFT, "left");
  sweep();
  assert_false(is_there(LEFT));
  assert_true(is_there("in/" LEFT));
  struct draft d = make_draft("in/db");
  assert_false(is_there("in/" LEFT));
  assert_int_equal(names_in("in"), 1);
  draft_free(&d);
}

static void what_somebody_writes_stays(void **state)
{
  (void)state;
  struct draft first = make_draft("db"), second = make_draft("db");
  assert_string_not_equal(first.path, second.path);
  assert_true(is_there(first.path));
  scratch_file(LEFT, "");
  int fd = open(LEFT, O_RDWR | O_CLOEXEC);
  assert_int_equal(flock(fd, LOCK_EX), 0);
  sweep();
  assert_int_equal(names_in("."), 3);
  close(fd);
  sweep();
  assert_int_equal(names_in("."), 2);
  publish(&first);
  publish(&second);
  assert_int_equal(names_in("."), 1);
}

static void what_only_looks_like_it_stays(void **state)
{
  (void)state;
  static const char *const names[] = {
      "db",
      "db.new-",
      "db.new-backup",
      "db.new-0123456789abcde",
      "db.new-0123456789abcdef0",
      "db.new-0123456789ABCDEF",
      "db.new-0123456789abcdeg",
      "db.old-0123456789abcdef",
      "db.0123456789abcdef",
      "db2.new-0123456789abcdef",
      "xdb.new-0123456789abcdef",
      "db.new-0123456789abcdef.gz",
  };
  const unsigned count = sizeof names / sizeof *names;
  for (unsigned i = 0; i < count; i++)
    scratch_file(names[i], "mine");
  sweep();
  assert_int_equal(names_in("."), count);
  for (unsigned i = 0; i < count; i++)
    assert_content(names[i], "mine");
}

static void what_is_no_file_stays(void **state)
{
  (void)state;
  scratch_file("precious", "mine");
  scratch_link("precious", LEFT);
  scratch_dir("db.new-0000000000000001");
  assert_int_equal(mkfifo("db.new-0000000000000002", 0600), 0);
  sweep();
  assert_true(is_there(LEFT));
  assert_content("precious", "mine");
  assert_int_equal(names_in("."), 4);
}

static void what_others_own_stays(void **state)
{
  (void)state;
  if (geteuid() != 0)
    skip();
  scratch_file(LEFT, "theirs");
  assert_int_equal(chown(LEFT, 65534, 65534), 0);
  sweep();
  assert_content(LEFT, "theirs");
}

/* Says by a byte that the draft is there, and waits to be killed. */
static void write_forever(int said)
{
  struct draft d;
  struct error err;
  if (draft_open(&d, "db", &err) < 0 || fd_write_all(d.fd, "half", 4, &err) < 0 ||
      write(said, "", 1) != 1)
    _exit(1);
  for (;;)
    pause();
}

static void what_a_killed_writer_left_is_swept(void **state)
{
  (void)state;
  int said[2], status;
  char byte;
  assert_int_equal(pipe(said), 0);
  pid_t pid = fork();
  assert_true(pid >= 0);
  if (pid == 0)
    write_forever(said[1]);
  assert_int_equal(read(said[0], &byte, 1), 1);
  sweep();
  assert_int_equal(names_in("."), 1); /* it lives */
  assert_int_equal(kill(pid, SIGKILL), 0);
  assert_int_equal(waitpid(pid, &status, 0), pid);
  assert_true(WIFSIGNALED(status));
  assert_int_equal(names_in("."), 1);
  sweep();
  assert_int_equal(names_in("."), 0);
  close(said[0]);
  close(said[1]);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, open_scratch, close_scratch)
  const struct CMUnitTest tests[] = {
      TEST(appears_when_it_is_published),
      TEST(takes_the_mode_of_what_it_replaces),
      TEST(is_removed_when_it_is_given_up),
      TEST(is_published_once),
      TEST(one_that_cannot_be_published_stays_a_draft),
      TEST(needs_a_folder),
      TEST(what_nobody_writes_is_swept),
      TEST(what_somebody_writes_stays),
      TEST(what_only_looks_like_it_stays),
      TEST(what_is_no_file_stays),
      TEST(what_others_own_stays),
      TEST(what_a_killed_writer_left_is_swept),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
