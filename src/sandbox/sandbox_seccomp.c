/*
 * Which system calls a reader has. Whatever is not in the lists kills it: a reader that tries
 * something else has been taken over, or is a mistake to be found in tests. The lists are of what
 * the C library needs under a program that computes; each further line is a way out, so it says why
 * it is none.
 */
#include "sandbox/sandbox_int.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <seccomp.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#ifdef SW_SANDBOX_SANITIZED
#include <sanitizer/common_interface_defs.h>
#endif

static const int calls_of_all[] = {
    /* the descriptors that are there */
    SCMP_SYS(read),
    SCMP_SYS(readv),
    SCMP_SYS(pread64),
    SCMP_SYS(preadv),
    SCMP_SYS(write),
    SCMP_SYS(writev),
    SCMP_SYS(lseek),
    SCMP_SYS(close),
    SCMP_SYS(fstat),
    SCMP_SYS(poll),
    SCMP_SYS(ppoll),
    SCMP_SYS(fadvise64),
    /* memory; mmap and mprotect are below */
    SCMP_SYS(brk),
    SCMP_SYS(munmap),
    SCMP_SYS(mremap),
    SCMP_SYS(madvise),
    /* locks, and waiting */
    SCMP_SYS(futex),
    SCMP_SYS(sched_yield),
    SCMP_SYS(restart_syscall),
    /* time, where the kernel does not answer in user space */
    SCMP_SYS(clock_gettime),
    SCMP_SYS(clock_getres),
    SCMP_SYS(gettimeofday),
    SCMP_SYS(time),
    /* qsort asks how much memory there is */
    SCMP_SYS(sysinfo),
    /* malloc and hash tables take their seeds here */
    SCMP_SYS(getrandom),
    /* abort() and returning from signals; tgkill is below */
    SCMP_SYS(rt_sigaction),
    SCMP_SYS(rt_sigprocmask),
    SCMP_SYS(rt_sigreturn),
    SCMP_SYS(sigaltstack),
    SCMP_SYS(getpid),
    SCMP_SYS(gettid),
    /* the end */
    SCMP_SYS(exit),
    SCMP_SYS(exit_group),
};

/* Landlock says which files; openat is below. Names and sizes of files elsewhere are seen. */
static const int calls_of_files[] = {
    SCMP_SYS(newfstatat), SCMP_SYS(fstatat64), SCMP_SYS(statx),     SCMP_SYS(getdents64),
    SCMP_SYS(readlinkat), SCMP_SYS(fstatfs),   SCMP_SYS(faccessat), SCMP_SYS(faccessat2),
};

static const int calls_of_threads[] = {
    SCMP_SYS(set_robust_list),
    SCMP_SYS(rseq),
    SCMP_SYS(sched_getaffinity),
};

/* A filter under construction: the first error is kept. */
struct filter {
  scmp_filter_ctx ctx;
  int rc;
};

static void allow(struct filter *f, int call, unsigned count, const struct scmp_arg_cmp *conditions)
{
  if (f->rc == 0)
    f->rc = seccomp_rule_add_array(f->ctx, SCMP_ACT_ALLOW, call, count, conditions);
}

static void allow_list(struct filter *f, const int *calls, size_t count)
{
  for (size_t i = 0; i < count; i++)
    allow(f, calls[i], 0, NULL);
}

static void answer(struct filter *f, int call, uint16_t errnum)
{
  if (f->rc == 0)
    f->rc = seccomp_rule_add(f->ctx, SCMP_ACT_ERRNO(errnum), call, 0);
}

#define ARG(number, mask, value)                                                                   \
  ((struct scmp_arg_cmp){(number), SCMP_CMP_MASKED_EQ, (scmp_datum_t)(mask), (scmp_datum_t)(value)})

/* Private memory, never to be executed. Shared memory would escape the limit on memory. */
static void allow_memory(struct filter *f)
{
  const struct scmp_arg_cmp map[] = {ARG(2, PROT_EXEC, 0), ARG(3, MAP_TYPE, MAP_PRIVATE)};
  const struct scmp_arg_cmp protect[] = {ARG(2, PROT_EXEC, 0)};
  allow(f, SCMP_SYS(mmap), 2, map);
  allow(f, SCMP_SYS(mprotect), 1, protect);
}

/* Only itself, so that abort() ends it by the signal that tells so. */
static void allow_abort(struct filter *f)
{
  const struct scmp_arg_cmp self[] = {
      {0, SCMP_CMP_EQ, (scmp_datum_t)getpid(), 0},
      {2, SCMP_CMP_EQ, SIGABRT, 0},
  };
  allow(f, SCMP_SYS(tgkill), 2, self);
}

static void allow_fcntl(struct filter *f, int command)
{
  const struct scmp_arg_cmp is[] = {{1, SCMP_CMP_EQ, (scmp_datum_t)command, 0}};
  allow(f, SCMP_SYS(fcntl), 1, is);
}

/* How the C library asks for the size of a descriptor that was passed. The path it gives is empty, which a filter cannot
 * see: with another one, sizes of files elsewhere are seen, as in the profile for files. */
static void allow_descriptor_size(struct filter *f)
{
  const struct scmp_arg_cmp empty[] = {{3, SCMP_CMP_EQ, AT_EMPTY_PATH, 0}};
  allow(f, SCMP_SYS(newfstatat), 1, empty);
}

static void allow_files(struct filter *f)
{
  const scmp_datum_t writing = O_ACCMODE | O_CREAT | O_TRUNC | O_APPEND |
                               (O_TMPFILE & ~O_DIRECTORY);
  const struct scmp_arg_cmp reading[] = {ARG(2, writing, O_RDONLY)};
  allow(f, SCMP_SYS(openat), 1, reading);
  allow_fcntl(f, F_DUPFD_CLOEXEC);
  allow_fcntl(f, F_SETFD);
  allow_list(f, calls_of_files, sizeof calls_of_files / sizeof *calls_of_files);
}

/* Threads of this process, which share all of it; with any other flags it could be a process. */
static void allow_threads(struct filter *f)
{
  const scmp_datum_t shared = CLONE_VM | CLONE_FS | CLONE_FILES | CLONE_SIGHAND | CLONE_THREAD;
  const scmp_datum_t denied = CLONE_NEWNS | CLONE_NEWUSER | CLONE_NEWPID | CLONE_NEWNET |
                              CLONE_NEWIPC | CLONE_NEWUTS | CLONE_NEWCGROUP | CLONE_PTRACE |
                              CLONE_VFORK | CLONE_PARENT;
  const struct scmp_arg_cmp thread[] = {ARG(0, shared | denied, shared)};
  allow(f, SCMP_SYS(clone), 1, thread);
  answer(f, SCMP_SYS(clone3),
         ENOSYS); /* its flags lie in memory, unseen; the C library goes on with clone */
  allow_list(f, calls_of_threads, sizeof calls_of_threads / sizeof *calls_of_threads);
}

static void fill(struct filter *f, const struct sandbox_setup *setup)
{
  f->rc = seccomp_attr_set(f->ctx, SCMP_FLTATR_ACT_BADARCH, SCMP_ACT_KILL_PROCESS);
  if (f->rc == 0)
    f->rc = seccomp_attr_set(f->ctx, SCMP_FLTATR_CTL_OPTIMIZE, 2);
  allow_list(f, calls_of_all, sizeof calls_of_all / sizeof *calls_of_all);
  allow_memory(f);
  allow_abort(f);
  allow_fcntl(f, F_GETFL);
  allow_fcntl(f, F_GETFD);
  if (setup->profile == SANDBOX_FILES)
    allow_files(f);
  else if (setup->descriptor_count)
    allow_descriptor_size(f);
  else
    answer(f, SCMP_SYS(newfstatat), EACCES); /* how the C library asks for a descriptor's size */
  if (setup->threads)
    allow_threads(f);
#ifdef SW_SANDBOX_SANITIZED
  answer(f, SCMP_SYS(open), EACCES); /* for reports: then they take what was noted before */
#endif
}

int sandbox_lock_calls(const struct sandbox_setup *setup, struct error *err)
{
  if (SANDBOX_IS_UNLOCKED)
    return 0;
  struct filter f = {.ctx = seccomp_init(SCMP_ACT_KILL_PROCESS)};
  if (!f.ctx)
    return error_set(err, SW_EUNSUPPORTED,
                     "the kernel cannot filter system calls (seccomp, 4.14 and later)");
  fill(&f, setup);
#ifdef SW_SANDBOX_SANITIZED
  __sanitizer_sandbox_arguments arguments = {.coverage_fd = -1};
  __sanitizer_sandbox_on_notify(&arguments);
#endif
  if (f.rc == 0)
    f.rc = seccomp_load(f.ctx);
  seccomp_release(f.ctx);
  if (f.rc < 0)
    return error_set(err, SW_EUNSUPPORTED, "filtering the system calls of the reader: %s",
                     strerror(-f.rc));
  return 0;
}
