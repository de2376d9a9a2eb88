#include "../test.h"

#include "base/file.h"
#include "base/sink.h"

#include "scratch.h"

#include <dirent.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/wait.h>

static struct scratch scratch;

static int open_scratch(void **state)
{
  (void)state;
  signal(SIGPIPE, SIG_IGN);
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

static unsigned names_here(void)
{
  unsigned count = 0;
  DIR *dir = opendir(".");
  assert_non_null(dir);
  while (readdir(dir))
    count++;
  closedir(dir);
  return count - 2; /* "." and ".." */
}

static unsigned mode_of(const char *path)
{
  struct stat st;
  assert_int_equal(stat(path, &st), 0);
  return st.st_mode & 07777;
}

static void memory_holds_all_up_to_its_cap(void **state)
{
  (void)state;
  struct sink s;
  struct error err;
  sink_to_memory(&s, 200000);
  char many[100000];
  memset(many, 'x', sizeof many);
  sink_add(&s, STR("a"));
  sink_printf(&s, "%d", 42);
  sink_add(&s, str_make(many, sizeof many));
  sink_printf(&s, "%.*s", 600, many);
  assert_int_equal(sink_finish(&s, &err), 0);
  assert_int_equal(s.buf.len, 100603);
  assert_true(str_starts(buf_str(&s.buf), STR("a42xxx")));
  sink_add(&s, str_make(many, sizeof many));
  assert_int_equal(sink_finish(&s, &err), SW_ELIMIT);
  assert_error(err, SW_ELIMIT, "200000 bytes");
  assert_int_equal(s.buf.len, 100603);
  sink_free(&s);
}

static void a_descriptor_gets_all_and_stays_open(void **state)
{
  (void)state;
  int fd = open("out", O_RDWR | O_CREAT | O_CLOEXEC, 0644);
  struct sink s;
  struct error err;
  sink_to_fd(&s, fd);
  sink_add(&s, STR("one "));
  assert_content("out", ""); /* buffered */
  assert_int_equal(sink_flush(&s, &err), 0);
  assert_content("out", "one ");
  buf_add(&s.buf, STR("two "));
  sink_settle(&s);
  assert_content("out", "one ");
  sink_printf(&s, "%s", "three");
  assert_int_equal(sink_finish(&s, &err), 0);
  assert_int_equal(s.written, 13);
  sink_free(&s);
  assert_content("out", "one two three");
  assert_true(fcntl(fd, F_GETFD) >= 0);
  close(fd);
}

static void long_output_keeps_its_order(void **state)
{
  (void)state;
  struct sink s;
  assert_int_equal(sink_to_file(&s, "out", NULL), 0);
  _cleanup_(buf_free) struct buf expected = {0};
  static char piece[SINK_BUFFER + 10];
  for (int i = 0; i < 40; i++) {
    memset(piece, 'a' + i % 26, sizeof piece);
    struct str text = str_make(piece, i % 3 == 0 ? sizeof piece : (size_t)i * 700);
    sink_add(&s, text);
    buf_add(&expected, text);
    sink_printf(&s, "%.*s", 1000, piece);
    buf_add(&expected, str_make(piece, 1000));
    assert_true(s.buf.len < 2 * SINK_BUFFER);
  }
  assert_int_equal(sink_finish(&s, NULL), 0);
  sink_free(&s);
  _cleanup_(buf_free) struct buf text = {0};
  assert_int_equal(file_read("out", 10 << 20, &text, NULL), 0);
  assert_true(str_eq(buf_str(&text), buf_str(&expected)));
}

static void a_file_appears_when_it_is_complete(void **state)
{
  (void)state;
  scratch_file("report.json", "old");
  assert_int_equal(chmod("report.json", 0604), 0);
  struct sink s;
  struct error err;
  assert_int_equal(sink_to_file(&s, "report.json", &err), 0);
  sink_add(&s, STR("new"));
  assert_int_equal(sink_flush(&s, &err), 0);
  assert_content("report.json", "old");
  assert_int_equal(sink_finish(&s, &err), 0);
  assert_content("report.json", "new");
  assert_int_equal(mode_of("report.json"), 0604);
  assert_int_equal(sink_finish(&s, &err), 0);
  sink_free(&s);
  assert_int_equal(names_here(), 1);
}

static void an_unfinished_file_does_not_appear(void **state)
{
  (void)state;
  struct sink s;
  assert_int_equal(sink_to_file(&s, "report.json", NULL), 0);
  sink_add(&s, STR("half"));
  assert_int_equal(sink_flush(&s, NULL), 0);
  sink_free(&s);
  assert_int_equal(names_here(), 0);
}

static void the_first_error_is_remembered(void **state)
{
  (void)state;
  int ends[2];
  assert_int_equal(pipe(ends), 0);
  close(ends[0]);
  struct sink s;
  struct error err;
  sink_to_fd(&s, ends[1]);
  sink_add(&s, STR("lost"));
  assert_int_equal(sink_flush(&s, &err), SW_EPIPE);
  sink_add(&s, STR("lost too"));
  sink_printf(&s, "%d", 1);
  assert_int_equal(sink_finish(&s, &err), SW_EPIPE);
  assert_error(err, SW_EPIPE, "Broken pipe");
  assert_int_equal(s.written, 0);
  sink_free(&s);
  close(ends[1]);
}

static void a_full_disk_is_told_at_the_end(void **state)
{
  (void)state;
  struct sink s;
  struct error err;
  assert_int_equal(sink_to_file(&s, "/dev/full", &err), 0);
  sink_add(&s, STR("x"));
  assert_int_equal(sink_finish(&s, &err), SW_EIO);
  assert_error(err, SW_EIO, "No space left on device");
  sink_free(&s);
}

static void says_what_cannot_be_written(void **state)
{
  (void)state;
  scratch_dir("dir");
  scratch_link("nothing", "dangling");
  static const struct {
    const char *path;
    int code;
    const char *message;
  } rows[] = {
      {"", SW_ENOENT, "the name of the file is empty"},
      {"dir", SW_EINVAL, "dir: is a directory"},
      {"dir/", SW_EINVAL, "dir/: is a directory"},
      {"new/", SW_ENOENT, "new/: names a directory that does not exist"},
      {"none/report.json", SW_ENOENT, "none/report.json: no file can be made in its directory: "},
      {"dangling", SW_ENOENT, "dangling: is a symbolic link that leads to nothing"},
  };
  for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
    struct sink s;
    struct error err;
    assert_int_equal(sink_to_file(&s, rows[i].path, &err), rows[i].code);
    assert_error(err, rows[i].code, rows[i].message);
    sink_add(&s, STR("dropped"));
    assert_int_equal(sink_finish(&s, &err), rows[i].code);
    sink_free(&s);
  }
  assert_int_equal(names_here(), 2);
}

/* As a user who is not root, whom modes do not bind. */
static void a_protected_file_stays(void **state)
{
  (void)state;
  scratch_dir("shared");
  assert_int_equal(chmod("shared", 0777), 0);
  scratch_file("shared/report.json", "old");
  assert_int_equal(chmod("shared/report.json", 0444), 0);
  pid_t child = fork();
  assert_true(child >= 0);
  if (child == 0) {
    if (geteuid() == 0 && setuid(65534) < 0)
      _exit(3);
    struct sink s;
    _exit(sink_to_file(&s, "shared/report.json", NULL) == SW_EACCES ? 0 : 1);
  }
  int status;
  assert_int_equal(waitpid(child, &status, 0), child);
  assert_int_equal(status, 0);
  assert_content("shared/report.json", "old");
}

static void links_are_written_through(void **state)
{
  (void)state;
  scratch_dir("real");
  scratch_file("real/a", "old");
  scratch_link("real/a", "link");
  struct sink s;
  assert_int_equal(sink_to_file(&s, "link", NULL), 0);
  sink_add(&s, STR("new"));
  assert_int_equal(sink_finish(&s, NULL), 0);
  sink_free(&s);
  assert_content("real/a", "new");
  struct stat st;
  assert_int_equal(lstat("link", &st), 0);
  assert_true(S_ISLNK(st.st_mode));
}

static void names_of_descriptors_mean_the_descriptor(void **state)
{
  (void)state;
  scratch_file("log", "before ");
  int fd = open("log", O_WRONLY | O_APPEND | O_CLOEXEC);
  char path[40];
  snprintf(path, sizeof path, "/dev/fd/%d", fd);
  struct sink s;
  assert_int_equal(sink_to_file(&s, path, NULL), 0);
  sink_add(&s, STR("behind"));
  assert_int_equal(sink_finish(&s, NULL), 0);
  sink_free(&s);
  assert_content("log", "before behind");
  assert_true(fcntl(fd, F_GETFD) >= 0);
  close(fd);
}

/* Text into a file through a sink, whole or not at all. */
static int write_whole(const char *path, struct str text, struct error *err)
{
  struct sink out;
  int rc = sink_to_file(&out, path, err);
  if (rc == 0) {
    sink_add(&out, text);
    rc = sink_finish(&out, err);
  }
  sink_free(&out);
  return rc;
}

static void writes_and_replaces(void **state)
{
  (void)state;
  struct error err;
  scratch_dir("out");
  mode_t before = umask(027);
  assert_int_equal(write_whole("out/report.json", STR("{}\n"), &err), 0);
  umask(before);
  assert_content("out/report.json", "{}\n");
  assert_int_equal(mode_of("out/report.json"), 0640);
  assert_int_equal(chmod("out/report.json", 0604), 0);
  assert_int_equal(write_whole("out/report.json", STR_EMPTY, &err), 0);
  assert_content("out/report.json", "");
  assert_int_equal(mode_of("out/report.json"), 0604);
  assert_int_equal(chdir("out"), 0);
  assert_int_equal(names_here(), 1);
  assert_int_equal(write_whole("report.json", STR("new"), &err), 0);
  assert_int_equal(names_here(), 1);
  assert_content("report.json", "new");
  assert_int_equal(chdir(".."), 0);
}

static void who_reads_the_old_file_keeps_it(void **state)
{
  (void)state;
  scratch_file("a", "old");
  _cleanup_(file_closep) int fd = open("a", O_RDONLY | O_CLOEXEC);
  assert_int_equal(write_whole("a", STR("new"), NULL), 0);
  _cleanup_(buf_free) struct buf text = {0};
  assert_int_equal(file_read_fd(fd, "a", 100, &text, NULL), 0);
  assert_str(buf_str(&text), "old");
  assert_content("a", "new");
}

static void never_replaces_a_device(void **state)
{
  (void)state;
  struct error err;
  assert_int_equal(write_whole("/dev/null", STR("x"), &err), 0);
  struct stat st;
  assert_int_equal(stat("/dev/null", &st), 0);
  assert_true(S_ISCHR(st.st_mode));
  assert_int_equal(write_whole("/dev/full", STR("x"), &err), SW_EIO);
  assert_error(err, SW_EIO, "writing failed: No space left on device");
}

/* A limit on file sizes stands for the full disk. */
static void a_failed_write_leaves_everything_as_it_was(void **state)
{
  (void)state;
  scratch_file("a", "old");
  pid_t child = fork();
  assert_true(child >= 0);
  if (child == 0) {
    signal(SIGXFSZ, SIG_IGN);
    struct rlimit limit = {100, 100};
    char text[1000] = {0};
    struct error err;
    if (setrlimit(RLIMIT_FSIZE, &limit) < 0)
      _exit(1);
    int rc = write_whole("a", str_make(text, sizeof text), &err);
    bool told = rc == SW_ELIMIT && strstr(err.message, "writing failed: File too large");
    _exit(told ? 0 : 2);
  }
  int status;
  assert_int_equal(waitpid(child, &status, 0), child);
  assert_int_equal(status, 0);
  assert_content("a", "old");
  assert_int_equal(names_here(), 1);
}

#define IN_SCRATCH(function) cmocka_unit_test_setup_teardown(function, open_scratch, close_scratch)

int main(void)
{
  const struct CMUnitTest tests[] = {
      IN_SCRATCH(memory_holds_all_up_to_its_cap),
      IN_SCRATCH(a_descriptor_gets_all_and_stays_open),
      IN_SCRATCH(long_output_keeps_its_order),
      IN_SCRATCH(a_file_appears_when_it_is_complete),
      IN_SCRATCH(an_unfinished_file_does_not_appear),
      IN_SCRATCH(the_first_error_is_remembered),
      IN_SCRATCH(a_full_disk_is_told_at_the_end),
      IN_SCRATCH(says_what_cannot_be_written),
      IN_SCRATCH(a_protected_file_stays),
      IN_SCRATCH(links_are_written_through),
      IN_SCRATCH(names_of_descriptors_mean_the_descriptor),
      IN_SCRATCH(writes_and_replaces),
      IN_SCRATCH(who_reads_the_old_file_keeps_it),
      IN_SCRATCH(never_replaces_a_device),
      IN_SCRATCH(a_failed_write_leaves_everything_as_it_was),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
