/* Each lock, tried by a reader. */
#include "readers.h"

#include "../base/scratch.h"

#include <dirent.h>
#include <linux/landlock.h>
#include <poll.h>
#include <pthread.h>
#include <seccomp.h>
#include <stdint.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <time.h>

#ifdef SW_SANDBOX_SANITIZED
#define MEMORY_IS_LIMITED false
#else
#define MEMORY_IS_LIMITED true
#endif

static const char path[] = "/etc/passwd";
static const char *const no_words[] = {NULL};
static const struct timespec moment = {0, 1000};

#define P(x) ((uintptr_t)(x))

/* System calls that a reader of bytes has no right to. */
static const struct forbidden {
  const char *name;
  long number;
  uintptr_t arguments[6];
} forbidden[] = {
    {"openat", SYS_openat, {(uintptr_t)AT_FDCWD, P(path), O_RDONLY}},
    {"openat2", SYS_openat2, {(uintptr_t)AT_FDCWD, P(path), P(path), 24}},
    {"statx", SYS_statx, {(uintptr_t)AT_FDCWD, P(path), 0, 0, 0}},
    {"mount", SYS_mount, {0, 0, 0, 0, 0}},
    {"chroot", SYS_chroot, {P("/")}},
    {"chdir", SYS_chdir, {P("/")}},
    {"socket", SYS_socket, {AF_INET, SOCK_STREAM, 0}},
    {"socket unix", SYS_socket, {AF_UNIX, SOCK_STREAM, 0}},
    {"socketpair", SYS_socketpair, {AF_UNIX, SOCK_STREAM, 0, 0}},
    {"connect", SYS_connect, {0, 0, 0}},
    {"bind", SYS_bind, {0, 0, 0}},
    {"sendmsg", SYS_sendmsg, {0, 0, 0}},
    {"recvmsg", SYS_recvmsg, {0, 0, 0}},
    {"clone", SYS_clone, {SIGCHLD, 0, 0, 0, 0}},
    {"clone3", SYS_clone3, {0, 0}},
    {"unshare", SYS_unshare, {0}},
    {"execve", SYS_execve, {P("/bin/true"), P(no_words), P(no_words)}},
    {"execveat", SYS_execveat, {0, P(""), P(no_words), P(no_words), AT_EMPTY_PATH}},
    {"mmap executable",
     SYS_mmap,
     {0, 4096, PROT_READ | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, (uintptr_t)-1, 0}},
    {"mmap shared",
     SYS_mmap,
     {0, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, (uintptr_t)-1, 0}},
    {"mprotect executable", SYS_mprotect, {0, 4096, PROT_READ | PROT_EXEC}},
    {"pkey_mprotect", SYS_pkey_mprotect, {0, 4096, PROT_READ | PROT_EXEC, (uintptr_t)-1}},
    {"memfd_create", SYS_memfd_create, {P("x"), 0}},
    {"shmget", SYS_shmget, {0, 4096, 0600}},
    {"ptrace", SYS_ptrace, {PTRACE_TRACEME, 0, 0, 0}},
    {"ptrace another", SYS_ptrace, {PTRACE_ATTACH, 1, 0, 0}},
    {"process_vm_readv", SYS_process_vm_readv, {1, 0, 0, 0, 0, 0}},
    {"kill", SYS_kill, {1, 0}},
    {"tgkill another", SYS_tgkill, {1, 1, SIGABRT}},
    {"rt_sigqueueinfo", SYS_rt_sigqueueinfo, {1, 0, 0}},
    {"pidfd_open", SYS_pidfd_open, {1, 0}},
    {"getppid", SYS_getppid, {0}},
    {"prctl", SYS_prctl, {PR_SET_DUMPABLE, 1}},
    {"no more death with the guard", SYS_prctl, {PR_SET_PDEATHSIG, 0}},
    {"prlimit64", SYS_prlimit64, {0, RLIMIT_CPU, 0, 0}},
    {"setrlimit", SYS_setrlimit, {RLIMIT_CPU, 0}},
    {"setuid", SYS_setuid, {0}},
    {"capset", SYS_capset, {0, 0}},
    {"seccomp", SYS_seccomp, {0, 0, 0}},
    {"setsid", SYS_setsid, {0}},
    {"ioctl", SYS_ioctl, {0, 0x5412, 0}}, /* TIOCSTI: typing into the terminal */
    {"fcntl owner", SYS_fcntl, {0, F_SETOWN, 1}},
    {"fcntl lease", SYS_fcntl, {0, F_SETLEASE, 0}},
    {"dup", SYS_dup, {1}},
    {"pipe2", SYS_pipe2, {0, 0}},
    {"ftruncate", SYS_ftruncate, {1, 0}},
    {"io_uring_setup", SYS_io_uring_setup, {1, 0}},
    {"userfaultfd", SYS_userfaultfd, {0}},
    {"perf_event_open", SYS_perf_event_open, {0, 0, 0, 0, 0}},
    {"bpf", SYS_bpf, {0, 0, 0}},
    {"keyctl", SYS_keyctl, {0, 0, 0, 0, 0}},
    {"nanosleep", SYS_nanosleep, {P(&moment), 0}},
#if defined SYS_open && !defined SW_SANDBOX_SANITIZED /* reports of sanitizers get an error */
    {"open", SYS_open, {P(path), O_RDONLY}},
#endif
#ifdef SYS_fork /* what older machines have beside the calls with "at" */
    {"stat", SYS_stat, {P(path), P(NULL)}},
    {"readlink", SYS_readlink, {P("/proc/self/exe"), 0, 0}},
    {"unlink", SYS_unlink, {P("/nothing/there")}},
    {"mkdir", SYS_mkdir, {P("/nothing/there"), 0700}},
    {"rename", SYS_rename, {P("/nothing/there"), P("/nothing/here")}},
    {"chmod", SYS_chmod, {P("/nothing/there"), 0777}},
    {"fork", SYS_fork, {0}},
    {"vfork", SYS_vfork, {0}},
#endif
    {"unknown", 100000, {0}},
};
enum { FORBIDDEN_COUNT = sizeof forbidden / sizeof *forbidden };

/* The number of a row of the table. */
static int try_call(struct sandbox_pipe *pipe, struct str rest, struct error *err)
{
  unsigned long long row;
  if (!str_to_u64(rest, FORBIDDEN_COUNT - 1, &row))
    return error_set(err, SW_EUSAGE, "no row");
  const uintptr_t *a = forbidden[row].arguments;
  syscall(forbidden[row].number, a[0], a[1], a[2], a[3], a[4], a[5]);
  return sandbox_send(pipe, STR("still there"), err);
}

/* The other way into the kernel, with numbers of its own: 5 is open. */
static int try_other_abi(struct sandbox_pipe *pipe, struct str rest, struct error *err)
{
  (void)rest;
#ifdef __x86_64__
  long result = 20; /* getpid */
  __asm__ volatile("int $0x80" : "+a"(result) : : "memory");
#endif
  return sandbox_send(pipe, STR("still there"), err);
}

static int take_memory(struct sandbox_pipe *pipe, struct str rest, struct error *err)
{
  (void)rest;
  for (unsigned i = 0; i < 1024; i++)
    memset(mem_alloc(1 << 20), 1, 1 << 20);
  return sandbox_send(pipe, STR("a gigabyte"), err);
}

static int take_large_memory(struct sandbox_pipe *pipe, struct str rest, struct error *err)
{
  (void)rest;
  mem_free(mem_alloc((size_t)1 << 36));
  return sandbox_send(pipe, STR("64 gigabytes"), err);
}

static int spin(struct sandbox_pipe *pipe, struct str rest, struct error *err)
{
  volatile bool again = true;
  if (str_eq(rest, STR("deaf")))
    signal(SIGXCPU, SIG_IGN);
  while (again)
    ;
  return sandbox_send(pipe, STR("enough"), err);
}

/* Waits for input that does not come. */
static int wait_for_ever(struct sandbox_pipe *pipe, struct str rest, struct error *err)
{
  (void)rest;
  for (;;) {
    struct pollfd none = {.fd = -1};
    if (poll(&none, 1, -1) < 0)
      return sandbox_send(pipe, STR("interrupted"), err);
  }
}

static int crash(struct sandbox_pipe *pipe, struct str rest, struct error *err)
{
  (void)rest;
  if (sandbox_send(pipe, STR("before"), err) < 0 || sandbox_flush(pipe, err) < 0)
    return err->code;
  int *volatile nowhere = NULL;
  *(volatile int *)nowhere = 1; /* NOLINT */
  return 0;
}

__attribute__((noinline)) static unsigned deeper(volatile char *above, unsigned depth)
{
  volatile char here[4096];
  here[0] = (char)(above[0] + 1);
  return depth ? deeper(here, depth - 1) + (unsigned)here[0] : 0;
}

static int overflow_stack(struct sandbox_pipe *pipe, struct str rest, struct error *err)
{
  (void)rest;
  volatile char first = 0;
  return send_number(pipe, deeper(&first, UINT32_MAX), err);
}

static int do_abort(struct sandbox_pipe *pipe, struct str rest, struct error *err)
{
  (void)pipe;
  (void)rest;
  (void)err;
  abort();
}

static int do_exit(struct sandbox_pipe *pipe, struct str rest, struct error *err)
{
  (void)pipe;
  (void)err;
  unsigned long long status = 0;
  str_to_u64(rest, 255, &status);
  _exit((int)status);
}

static int write_raw(struct sandbox_pipe *pipe, struct str rest, struct error *err)
{
  (void)pipe;
  return fd_write_all(STDOUT_FILENO, rest.data, rest.len, err);
}

static int write_for_ever(struct sandbox_pipe *pipe, struct str rest, struct error *err)
{
  (void)rest;
  (void)pipe;
  static const char frame[] = {1, 1, 0, 0, 0, 'x'};
  while (fd_write_all(STDOUT_FILENO, frame, sizeof frame, err) == 0)
    ;
  return err->code;
}

/* Descriptors that there are, and the environment. */
static int look_around(struct sandbox_pipe *pipe, struct str rest, struct error *err)
{
  (void)rest;
  char text[1100];
  size_t len = 0;
  for (int fd = 0; fd < 1024; fd++)
    if (fcntl(fd, F_GETFD) >= 0)
      len += (size_t)snprintf(text + len, sizeof text - len, "%d ", fd);
#ifdef SW_SANDBOX_SANITIZED
  environ = NULL;
#endif
  for (char **word = environ; word && *word; word++)
    len += (size_t)snprintf(text + len, sizeof text - len, "%s ", *word);
  return sandbox_send(pipe, str_make(text, len), err);
}

/* Tells its number and waits to be looked at. */
static int show(struct sandbox_pipe *pipe, struct str rest, struct error *err)
{
  (void)rest;
  char byte;
  size_t len = 1;
  int rc = send_number(pipe, getpid(), err);
  if (rc == 0)
    rc = sandbox_flush(pipe, err);
  while (rc == 0 && len)
    rc = sandbox_read(pipe, &byte, 1, &len, err);
  return rc;
}

/* What a computing program does. */
static int be_good(struct sandbox_pipe *pipe, struct str rest, struct error *err)
{
  (void)rest;
  for (size_t size = 1; size < 8 << 20; size *= 3) {
    char *p = mem_zalloc(1, size);
    p = mem_resize(p, 2, size);
    p[2 * size - 1] = 1;
    mem_free(p);
  }
  struct timespec now;
  struct stat st;
  char text[64];
  unsigned char seed[8];
  clock_gettime(CLOCK_MONOTONIC, &now);
  fstat(1, &st);
  if (getentropy(seed, sizeof seed) < 0)
    return error_set(err, SW_EIO, "no entropy");
  snprintf(text, sizeof text, "%.3f", 1.5);
  return sandbox_send(pipe, str_from(text), err);
}

static void *compute(void *context)
{
  unsigned *sum = context;
  char *p = mem_zalloc(1, 100000);
  for (unsigned i = 0; i < 1000; i++)
    *sum += i + (unsigned)p[i];
  mem_free(p);
  return NULL;
}

static int start_threads(struct sandbox_pipe *pipe, struct str rest, struct error *err)
{
  (void)rest;
  pthread_t threads[4];
  unsigned sums[4] = {0}, all = 0;
  for (unsigned i = 0; i < 4; i++)
    if (pthread_create(&threads[i], NULL, compute, &sums[i]) != 0)
      return error_set(err, SW_EIO, "no thread");
  for (unsigned i = 0; i < 4; i++) {
    pthread_join(threads[i], NULL);
    all += sums[i];
  }
  return send_number(pipe, all, err);
}

/* Opens for reading: what is there, or the error. */
static int read_below(struct sandbox_pipe *pipe, struct str rest, struct error *err)
{
  char name[256], text[256];
  snprintf(name, sizeof name, "%.*s", STR_FMT(rest));
  int fd = openat(sandbox_directory(pipe, 0), name, O_RDONLY | O_CLOEXEC);
  if (fd < 0)
    return sandbox_send(pipe, str_from(strerrorname_np(errno)), err);
  ssize_t got = read(fd, text, sizeof text);
  close(fd);
  return sandbox_send(pipe, str_make(text, got > 0 ? (size_t)got : 0), err);
}

static int open_with(struct sandbox_pipe *pipe, struct str rest, struct error *err)
{
  unsigned long long flags = 0;
  str_to_u64(rest, UINT32_MAX, &flags);
  int fd = openat(sandbox_directory(pipe, 0), "written", (int)flags, 0600);
  return send_number(pipe, fd, err);
}

static int list(struct sandbox_pipe *pipe, struct str rest, struct error *err)
{
  (void)rest;
  DIR *directory = fdopendir(openat(sandbox_directory(pipe, 0), ".", O_RDONLY | O_DIRECTORY));
  if (!directory)
    return error_set_errno(err, errno, "listing");
  unsigned files = 0;
  for (struct dirent *e; (e = readdir(directory));)
    files += e->d_name[0] != '.';
  closedir(directory);
  return send_number(pipe, files, err);
}

static int remove_file(struct sandbox_pipe *pipe, struct str rest, struct error *err)
{
  (void)rest;
  return send_number(pipe, unlinkat(sandbox_directory(pipe, 0), "a", 0), err);
}

const struct act acts[] = {
    {"call", try_call},
    {"abi", try_other_abi},
    {"memory", take_memory},
    {"large-memory", take_large_memory},
    {"spin", spin},
    {"wait", wait_for_ever},
    {"crash", crash},
    {"stack", overflow_stack},
    {"abort", do_abort},
    {"exit", do_exit},
    {"raw", write_raw},
    {"flood", write_for_ever},
    {"around", look_around},
    {"show", show},
    {"good", be_good},
    {"threads", start_threads},
    {"read", read_below},
    {"open", open_with},
    {"list", list},
    {"remove", remove_file},
    {0},
};

static void forbidden_calls_end_the_reader(void **state)
{
  (void)state;
  for (unsigned i = 0; i < FORBIDDEN_COUNT; i++) {
    char what[32];
    snprintf(what, sizeof what, "call %u", i);
    struct outcome o = act(what, NULL);
    if (o.report.end != SANDBOX_END_FORBIDDEN)
      print_error("%s: ended as %d: %s\n", forbidden[i].name, o.report.end,
                  o.rc ? o.err.message : "well");
    assert_int_equal(o.report.end, SANDBOX_END_FORBIDDEN);
    assert_int_equal(o.report.signal, SIGSYS);
    assert_error(o.err, SW_EINVAL, "tried what its sandbox forbids");
    buf_free(&o.text);
  }
}

static void so_does_the_other_way_into_the_kernel(void **state)
{
  (void)state;
#ifdef __x86_64__
  struct outcome o = act("abi", NULL);
  /* A kernel without that way has nothing to lock: there it is a fault. */
  assert_true(o.report.end == SANDBOX_END_FORBIDDEN || o.report.signal == SIGSEGV);
  buf_free(&o.text);
#else
  skip();
#endif
}

static void computing_is_allowed(void **state)
{
  (void)state;
  assert_answer("good", NULL, "1.500|");
}

static void threads_are_allowed_where_asked_for(void **state)
{
  (void)state;
  struct sandbox_options options = {.threads = true};
  struct outcome o = act("threads", NULL);
  assert_int_equal(o.report.end, SANDBOX_END_FORBIDDEN);
  buf_free(&o.text);
  assert_answer("threads", &options, "1998000|");
  /* and are no way to a process */
  for (unsigned i = 0; i < FORBIDDEN_COUNT; i++) {
    char what[32];
    snprintf(what, sizeof what, "call %u", i);
    if (strcmp(forbidden[i].name, "clone") == 0 || strcmp(forbidden[i].name, "fork") == 0)
      assert_end(what, &options, SANDBOX_END_FORBIDDEN, SW_EINVAL, "forbids");
  }
}

static void memory_is_limited(void **state)
{
  (void)state;
  if (!MEMORY_IS_LIMITED) {
    print_message("memory is not limited in a build with sanitizers\n");
    skip();
  }
  struct sandbox_options options = {.memory = 64 << 20};
  assert_end("memory", &options, SANDBOX_END_MEMORY, SW_ELIMIT, "more than 64 MiB of memory");
  assert_end("large-memory", NULL, SANDBOX_END_MEMORY, SW_ELIMIT, "more than 512 MiB of memory");
}

static void processor_time_is_limited(void **state)
{
  (void)state;
  struct sandbox_options options = {.cpu_seconds = 1};
  assert_end("spin", &options, SANDBOX_END_CPU, SW_ELIMIT, "more than 1 s of processor time");
  assert_end("spin deaf", &options, SANDBOX_END_CPU, SW_ELIMIT, "more than 1 s of processor time");
}

static void time_is_limited(void **state)
{
  (void)state;
  struct sandbox_options options = {.time_ms = 300};
  assert_end("spin", &options, SANDBOX_END_TIME, SW_ELIMIT, "took longer than 300 ms");
  assert_end("wait", &options, SANDBOX_END_TIME, SW_ELIMIT, "took longer than 300 ms");
}

static void crashes_are_errors(void **state)
{
  (void)state;
  assert_end("crash", NULL, SANDBOX_END_CRASH, SW_EINVAL, "crashed (signal 11, SIGSEGV)");
  assert_end("stack", NULL, SANDBOX_END_CRASH, SW_EINVAL, "crashed (signal 11, SIGSEGV)");
  assert_end("abort", NULL, SANDBOX_END_CRASH, SW_EINVAL, "crashed (signal 6, SIGABRT)");
  assert_end("exit 3", NULL, SANDBOX_END_CRASH, SW_EINVAL, "ended with status 3");
}

static void answers_are_held_against_their_format(void **state)
{
  (void)state;
  struct sandbox_options few = {.frames = 1000}, small = {.total_bytes = 1000};
  assert_end("exit 0", NULL, SANDBOX_END_ANSWER, SW_EINVAL, "has no end");
  assert_end("raw garbage", NULL, SANDBOX_END_ANSWER, SW_EINVAL, "unknown kind 103");
  assert_end("raw \x01\xff\xff\xff\xff", NULL, SANDBOX_END_ANSWER, SW_ELIMIT, "4294967295");
  assert_end("flood", &few, SANDBOX_END_ANSWER, SW_ELIMIT, "more than 1000 frames");
  assert_end("flood", &small, SANDBOX_END_ANSWER, SW_ELIMIT, "longer than 1000 bytes");
}

static void nothing_of_the_program_is_there(void **state)
{
  (void)state;
  assert_int_equal(setenv("SEAWALL_TEST_SECRET", "x", 1), 0);
  int low = open("/dev/null", O_RDONLY), high = fcntl(low, F_DUPFD, 500);
  assert_true(low >= 0 && high >= 500);
  assert_answer("around", NULL, "0 1 2 |");
  close(low);
  close(high);
}

struct expected {
  const char *file, *name, *value;
};

static int look_at(void *context, struct str frame, struct error *err)
{
  (void)err;
  static const struct expected all[] = {
      {"status", "NoNewPrivs:", "1"},
      {"status", "Seccomp:", "2"},
      {"status", "CapEff:", "0000000000000000"},
      {"status", "CapPrm:", "0000000000000000"},
      {"status", "Threads:", "1"},
      {"limits", "Max core file size", "0                    0                    bytes"},
      {"limits", "Max locked memory", "0                    0                    bytes"},
      {"limits", "Max open files", "4                    4                    files"},
      {"limits", "Max cpu time", "60                   61                   seconds"},
  };
  unsigned long long pid;
  assert_true(str_to_u64(frame, INT32_MAX, &pid));
  for (size_t i = 0; i < sizeof all / sizeof *all; i++) {
    char value[64];
    assert_true(proc_value((pid_t)pid, all[i].file, all[i].name, value));
    assert_string_equal(value, all[i].value);
  }
  *(unsigned *)context += 1;
  return 0;
}

/* The input of a reader that waits for its end, which comes when it has been looked at. */
static int no_input(void *context, char *to, size_t room, size_t *ret_len, struct error *err)
{
  (void)room;
  (void)err;
  *to = 'x';
  *ret_len = *(unsigned *)context == 0;
  return 0;
}

static void the_kernel_says_so_too(void **state)
{
  (void)state;
  unsigned seen = 0;
  struct sandbox_options options = {0};
  struct sandbox_calls calls = {.frame = look_at, .input = no_input, .context = &seen};
  struct error err;
  int rc = sandbox_run(&options, &act_program, STR("show"), &calls, NULL, &err);
  assert_int_equal(rc, 0);
  assert_int_equal(seen, 1);
}

static struct scratch scratch;

static void files_are_read_below_the_directories_alone(void **state)
{
  (void)state;
  scratch_open(&scratch);
  assert_int_equal(mkdir("tree", 0755), 0);
  scratch_file("tree/a", "inside");
  scratch_file("b", "outside");
  assert_int_equal(symlink("../b", "tree/link"), 0);
  assert_int_equal(symlink("/etc/passwd", "tree/absolute"), 0);
  const char *directories[] = {"tree"};
  struct sandbox_options options = {
      .profile = SANDBOX_FILES, .directories = directories, .directory_count = 1};
  assert_answer("read a", &options, "inside|");
  assert_answer("list", &options, "3|");
  assert_answer("read missing", &options, "ENOENT|");
  assert_answer("read ../b", &options, "EACCES|");
  assert_answer("read link", &options, "EACCES|");
  assert_answer("read absolute", &options, "EACCES|");
  assert_answer("read /etc/passwd", &options, "EACCES|");
  assert_answer("read /proc/self/environ", &options, "EACCES|");
  assert_answer("read /dev/null", &options, "EACCES|");
  scratch_close(&scratch);
}

static void files_are_not_written(void **state)
{
  (void)state;
  static const int ways[] = {
      O_WRONLY,          O_RDWR, O_RDONLY | O_CREAT, O_RDONLY | O_TRUNC, O_WRONLY | O_APPEND,
      O_RDWR | O_TMPFILE};
  scratch_open(&scratch);
  scratch_file("a", "stays");
  scratch_file("written", "stays");
  const char *directories[] = {"."};
  struct sandbox_options options = {
      .profile = SANDBOX_FILES, .directories = directories, .directory_count = 1};
  for (size_t i = 0; i < sizeof ways / sizeof *ways; i++) {
    char what[32];
    snprintf(what, sizeof what, "open %d", ways[i]);
    assert_end(what, &options, SANDBOX_END_FORBIDDEN, SW_EINVAL, "forbids");
  }
  assert_end("remove", &options, SANDBOX_END_FORBIDDEN, SW_EINVAL, "forbids");
  assert_answer("read written", &options, "stays|");
  assert_answer("read a", &options, "stays|");
  scratch_close(&scratch);
}

static void directories_must_be_there(void **state)
{
  (void)state;
  const char *missing[] = {"/nothing/there"}, *file[] = {"/etc/passwd"};
  struct sandbox_options options = {
      .profile = SANDBOX_FILES, .directories = missing, .directory_count = 1};
  assert_end("list", &options, SANDBOX_END_START, SW_ENOENT, "/nothing/there");
  options.directories = file;
  assert_end("list", &options, SANDBOX_END_START, SW_ENOENT, "/etc/passwd: Not a directory");
  options.profile = SANDBOX_BYTES;
  assert_end("list", &options, SANDBOX_END_START, SW_EUSAGE, "profile for files only");
}

/* In a process whose kernel says that it has no Landlock: 0, or the line of what is not so. */
static int without_landlock(void)
{
  const char *directories[] = {"/etc"};
  struct sandbox_options bytes = {0}, files = {.profile = SANDBOX_FILES,
                                               .directories = directories,
                                               .directory_count = 1};
  scmp_filter_ctx ctx = seccomp_init(SCMP_ACT_ALLOW);
  if (seccomp_rule_add(ctx, SCMP_ACT_ERRNO(ENOSYS), SCMP_SYS(landlock_create_ruleset), 0) < 0 ||
      seccomp_load(ctx) < 0)
    return __LINE__;
  struct outcome o = act("good", &bytes);
  if (o.rc != 0 || o.report.landlock != 0)
    return __LINE__;
  bytes.landlock = SANDBOX_LANDLOCK_REQUIRED;
  o = act("good", &bytes);
  if (o.rc != SW_EUNSUPPORTED || o.report.end != SANDBOX_END_START ||
      !strstr(o.err.message, "Landlock"))
    return __LINE__;
  o = act("list", &files);
  if (o.rc != SW_EUNSUPPORTED)
    return __LINE__;
  files.landlock = SANDBOX_LANDLOCK_OPTIONAL;
  o = act("list", &files);
  return o.rc == 0 && o.report.landlock == 0 ? 0 : __LINE__;
}

static void a_kernel_without_landlock_is_told(void **state)
{
  (void)state;
  struct outcome o = act("good", NULL);
  long version = syscall(SYS_landlock_create_ruleset, NULL, 0, LANDLOCK_CREATE_RULESET_VERSION);
  assert_int_equal(o.report.landlock, version > 0 ? version : 0);
  assert_false(o.report.unlocked);
  buf_free(&o.text);
  pid_t pid = fork();
  assert_true(pid >= 0);
  if (pid == 0)
    _exit(without_landlock() % 256);
  int status;
  assert_int_equal(waitpid(pid, &status, 0), pid);
  assert_true(WIFEXITED(status));
  assert_int_equal(WEXITSTATUS(status), 0);
}

int main(int argc, char **argv)
{
  static const struct sandbox_program *const programs[] = {&act_program, NULL};
  int status = sandbox_main(argc, argv, programs);
  if (status >= 0)
    return status;
#ifdef SW_SANDBOX_UNLOCKED
  print_message("1..0 # SKIP built without locks\n");
  return 77;
#endif
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(forbidden_calls_end_the_reader),
      cmocka_unit_test(so_does_the_other_way_into_the_kernel),
      cmocka_unit_test(computing_is_allowed),
      cmocka_unit_test(threads_are_allowed_where_asked_for),
      cmocka_unit_test(memory_is_limited),
      cmocka_unit_test(processor_time_is_limited),
      cmocka_unit_test(time_is_limited),
      cmocka_unit_test(crashes_are_errors),
      cmocka_unit_test(answers_are_held_against_their_format),
      cmocka_unit_test(nothing_of_the_program_is_there),
      cmocka_unit_test(the_kernel_says_so_too),
      cmocka_unit_test(files_are_read_below_the_directories_alone),
      cmocka_unit_test(files_are_not_written),
      cmocka_unit_test(directories_must_be_there),
      cmocka_unit_test(a_kernel_without_landlock_is_told),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
