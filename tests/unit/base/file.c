#include "../test.h"

#include "base/file.h"

#include "scratch.h"

#include <errno.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>

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

static void appends_the_whole_file(void **state)
{
  (void)state;
  scratch_file("a.yaml", "kind: Pod\n");
  scratch_file("empty", "");
  _cleanup_(buf_free) struct buf text = {0};
  struct error err;
  buf_add(&text, STR("before "));
  assert_int_equal(file_read("a.yaml", 100, &text, &err), 0);
  assert_str(buf_str(&text), "before kind: Pod\n");
  assert_int_equal(file_read("empty", 0, &text, &err), 0);
  assert_int_equal(text.len, 17);
}

static void a_large_file_is_read_without_holding_it_twice(void **state)
{
  (void)state;
  _cleanup_(buf_free) struct buf large = {0};
  for (unsigned i = 0; large.len < 3000000; i++)
    buf_printf(&large, "%u\n", i);
  struct error err;
  scratch_file("large", buf_text(&large));
  _cleanup_(buf_free) struct buf text = {0};
  assert_int_equal(file_read("large", large.len, &text, &err), 0);
  assert_true(str_eq(buf_str(&text), buf_str(&large)));
  assert_in_range(text.room, large.len, large.len * 2);
}

static void takes_exactly_the_limit(void **state)
{
  (void)state;
  scratch_file("ten", "0123456789");
  _cleanup_(buf_free) struct buf text = {0};
  struct error err;
  assert_int_equal(file_read("ten", 10, &text, &err), 0);
  assert_int_equal(text.len, 10);
  assert_int_equal(file_read("ten", 9, &text, &err), SW_ELIMIT);
  assert_string_equal(err.message, "ten: 10 bytes is more than the limit of 9 bytes: raise the "
                                   "limit, split the file or leave it out");
  assert_int_equal(text.len, 10);
}

static void a_vast_file_is_refused_unread(void **state)
{
  (void)state;
  scratch_file("zeros", "");
  assert_int_equal(truncate("zeros", (off_t)1 << 30), 0);
  _cleanup_(buf_free) struct buf text = {0};
  struct error err;
  assert_int_equal(file_read("zeros", 64 << 20, &text, &err), SW_ELIMIT);
  assert_error(err, SW_ELIMIT, "zeros: 1 GiB is more than the limit of 64 MiB: ");
  assert_int_equal(text.room, 0);
}

static void the_cap_of_the_text_is_a_limit_too(void **state)
{
  (void)state;
  scratch_file("ten", "0123456789");
  _cleanup_(buf_free) struct buf text;
  buf_init(&text, 12);
  struct error err;
  assert_int_equal(file_read("ten", 1000, &text, &err), 0);
  assert_int_equal(file_read("ten", 1000, &text, &err), SW_ELIMIT);
  assert_error(err, SW_ELIMIT, "10 bytes is more than the limit of 2 bytes");
  assert_str(buf_str(&text), "0123456789");
  assert_false(buf_failed(&text));
}

static void reads_what_states_no_size(void **state)
{
  (void)state;
  _cleanup_(buf_free) struct buf text = {0};
  struct error err;
  if (file_read("/proc/self/status", 1 << 20, &text, &err) == SW_ENOENT)
    skip();
  assert_true(str_starts(buf_str(&text), STR("Name:")));
  size_t len = text.len;
  assert_int_equal(file_read("/proc/self/status", 10, &text, &err), SW_ELIMIT);
  assert_error(err, SW_ELIMIT, "/proc/self/status: at least 11 bytes is more than the limit of 10");
  assert_int_equal(text.len, len);
  _cleanup_(buf_free) struct buf small;
  buf_init(&small, 100);
  assert_int_equal(file_read("/proc/self/status", 1 << 20, &small, &err), SW_ELIMIT);
  assert_error(err, SW_ELIMIT, "limit of 100 bytes");
}

static void says_what_cannot_be_read(void **state)
{
  (void)state;
  scratch_dir("dir");
  assert_int_equal(mkfifo("fifo", 0600), 0);
  scratch_link("nowhere", "dangling");
  scratch_file("file", "");
  struct sockaddr_un address = {.sun_family = AF_UNIX};
  memcpy(address.sun_path, "socket", 7);
  _cleanup_(file_closep) int listener = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  assert_int_equal(bind(listener, (struct sockaddr *)&address, sizeof address), 0);
  static const struct {
    const char *path;
    int code;
    const char *message;
  } rows[] = {
      {"missing", SW_ENOENT, "missing: cannot be opened: No such file or directory"},
      {"", SW_ENOENT, ": cannot be opened: No such file or directory"},
      {"file/below", SW_ENOENT, "file/below: cannot be opened: Not a directory"},
      {"dangling", SW_ENOENT, "dangling: cannot be opened: No such file or directory"},
      {"dir", SW_EINVAL, "dir: is a directory"},
      {"fifo", SW_EINVAL, "fifo: is not a regular file but a FIFO"},
      {"socket", SW_EINVAL, "socket: is not a regular file but a socket or device"},
      {"/dev/null", SW_EINVAL, "/dev/null: is not a regular file but a device"},
  };
  for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
    _cleanup_(buf_free) struct buf text = {0};
    struct error err;
    assert_int_equal(file_read(rows[i].path, 100, &text, &err), rows[i].code);
    assert_string_equal(err.message, rows[i].message);
    assert_int_equal(file_read(rows[i].path, 100, &text, NULL), rows[i].code);
    assert_int_equal(text.len, 0);
  }
}

static void a_dash_is_a_file_name(void **state)
{
  (void)state;
  scratch_file("-", "dash");
  _cleanup_(buf_free) struct buf text = {0};
  assert_int_equal(file_read("-", 100, &text, NULL), 0);
  assert_str(buf_str(&text), "dash");
}

static void links_are_followed_unless_told_otherwise(void **state)
{
  (void)state;
  scratch_file("target", "t");
  scratch_link("target", "link");
  _cleanup_(buf_free) struct buf text = {0};
  struct error err;
  assert_int_equal(file_read("link", 100, &text, &err), 0);
  assert_str(buf_str(&text), "t");
  assert_int_equal(file_open_at(AT_FDCWD, "link", "the link", FILE_NO_FOLLOW, &err), SW_EINVAL);
  assert_string_equal(err.message, "the link: is a symbolic link");
}

static void devices_are_read_on_demand(void **state)
{
  (void)state;
  struct error err;
  _cleanup_(file_closep) int fd = file_open_at(AT_FDCWD, "/dev/zero", "zero", FILE_ANY_KIND, &err);
  assert_true(fd >= 0);
  assert_true(fcntl(fd, F_GETFD) & FD_CLOEXEC);
  _cleanup_(buf_free) struct buf text = {0};
  assert_int_equal(file_read_fd(fd, "zero", 100000, &text, &err), SW_ELIMIT);
  assert_error(err, SW_ELIMIT,
               "zero: at least 100001 bytes is more than the limit of 100000 bytes");
  assert_int_equal(text.len, 0);
}

static void reads_a_pipe_to_its_end(void **state)
{
  (void)state;
  int ends[2];
  assert_int_equal(pipe2(ends, O_NONBLOCK), 0);
  pid_t child = fork();
  assert_true(child >= 0);
  if (child == 0) {
    close(ends[0]);
    /* More than a pipe holds, into a descriptor that does not block. */
    char block[1000];
    memset(block, 'x', sizeof block);
    for (int i = 0; i < 300; i++)
      if (fd_write_all(ends[1], block, sizeof block, NULL) < 0)
        _exit(1);
    _exit(0);
  }
  close(ends[1]);
  _cleanup_(buf_free) struct buf text = {0};
  struct error err;
  assert_int_equal(file_read_fd(ends[0], "standard input", 300000, &text, &err), 0);
  assert_int_equal(text.len, 300000);
  close(ends[0]);
  int status;
  assert_int_equal(waitpid(child, &status, 0), child);
  assert_int_equal(status, 0);
}

static void reads_from_where_the_descriptor_stands(void **state)
{
  (void)state;
  scratch_file("ten", "0123456789");
  _cleanup_(file_closep) int fd = open("ten", O_RDONLY | O_CLOEXEC);
  assert_int_equal(lseek(fd, 6, SEEK_SET), 6);
  _cleanup_(buf_free) struct buf text = {0};
  assert_int_equal(file_read_fd(fd, "ten", 4, &text, NULL), 0);
  assert_str(buf_str(&text), "6789");
  assert_int_equal(file_read_fd(fd, "ten", 0, &text, NULL), 0);
  _cleanup_(file_closep) int dir = open(".", O_RDONLY | O_CLOEXEC);
  struct error err;
  assert_int_equal(file_read_fd(dir, "standard input", 4, &text, &err), SW_EINVAL);
  assert_string_equal(err.message, "standard input: is a directory");
  assert_int_equal(file_read_fd(-1, "standard input", 4, &text, &err), SW_EIO);
}

static void a_reader_who_left_is_an_error_of_its_own(void **state)
{
  (void)state;
  signal(SIGPIPE, SIG_IGN);
  int ends[2];
  assert_int_equal(pipe(ends), 0);
  struct error err;
  assert_int_equal(fd_write_all(ends[1], "abc", 3, &err), 0);
  close(ends[0]);
  assert_int_equal(fd_write_all(ends[1], "abc", 3, &err), SW_EPIPE);
  assert_string_equal(err.message, "writing failed: Broken pipe");
  assert_int_equal(fd_write_all(ends[1], NULL, 0, &err), 0);
  close(ends[1]);
  assert_int_equal(fd_write_all(-1, "abc", 3, NULL), SW_EIO);
}

static void sizes_are_told_as_people_say_them(void **state)
{
  (void)state;
  static const struct {
    uint64_t bytes;
    const char *text;
  } rows[] = {
      {0, "0 bytes"},
      {1, "1 byte"},
      {1023, "1023 bytes"},
      {1024, "1 KiB"},
      {1536, "1.5 KiB"},
      {1075, "1 KiB"},
      {1076, "1.1 KiB"},
      {102348, "99.9 KiB"},
      {150 * 1024 + 100, "150 KiB"},
      {1023 * 1024, "1023 KiB"},
      {1024 * 1024 - 1, "1 MiB"},
      {64 << 20, "64 MiB"},
      {1ULL << 30, "1 GiB"},
      {UINT64_MAX, "16 EiB"},
  };
  for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
    char text[FILE_SIZE_TEXT];
    assert_string_equal(file_size_text(rows[i].bytes, text), rows[i].text);
  }
}

#define IN_SCRATCH(function) cmocka_unit_test_setup_teardown(function, open_scratch, close_scratch)

int main(void)
{
  const struct CMUnitTest tests[] = {
      IN_SCRATCH(appends_the_whole_file),
      IN_SCRATCH(a_large_file_is_read_without_holding_it_twice),
      IN_SCRATCH(takes_exactly_the_limit),
      IN_SCRATCH(a_vast_file_is_refused_unread),
      IN_SCRATCH(the_cap_of_the_text_is_a_limit_too),
      IN_SCRATCH(reads_what_states_no_size),
      IN_SCRATCH(says_what_cannot_be_read),
      IN_SCRATCH(a_dash_is_a_file_name),
      IN_SCRATCH(links_are_followed_unless_told_otherwise),
      IN_SCRATCH(devices_are_read_on_demand),
      IN_SCRATCH(reads_a_pipe_to_its_end),
      IN_SCRATCH(reads_from_where_the_descriptor_stands),
      IN_SCRATCH(a_reader_who_left_is_an_error_of_its_own),
      IN_SCRATCH(sizes_are_told_as_people_say_them),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
