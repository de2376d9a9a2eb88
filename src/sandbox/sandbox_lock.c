/* The locks other than seccomp: no_new_privs, capabilities, rlimits, Landlock. */
#include "sandbox/sandbox_int.h"

#include <errno.h>
#include <linux/capability.h>
#include <linux/landlock.h>
#include <sched.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

/* Memory that is reserved without being private (mappings of files) may exceed the limit by this. */
enum { ADDRESS_SPACE_SLACK = 1 << 30 };

enum { DESCRIPTORS_OF_FILES = 128, STACK_MAX = 8 << 20 };

static int drop_capabilities(const struct sandbox_setup *setup, struct error *err)
{
  struct __user_cap_header_struct head = {.version = _LINUX_CAPABILITY_VERSION_3};
  struct __user_cap_data_struct had[2] = {0}, kept[2] = {0};
  if (syscall(SYS_capget, &head, had) < 0)
    return error_set_errno(err, errno, "asking for the capabilities of the reader");
  /* Whoever scans a host as root means to read the files of all users: below the directories. */
  if (setup->profile == SANDBOX_FILES)
    kept[0].effective = kept[0].permitted = had[0].permitted & 1u << CAP_DAC_READ_SEARCH;
  if (syscall(SYS_capset, &head, kept) < 0)
    return error_set_errno(err, errno, "dropping the capabilities of the reader");
  return 0;
}

static int limit(int resource, uint64_t most, struct error *err)
{
  struct rlimit now;
  if (getrlimit((__rlimit_resource_t)resource, &now) < 0)
    return error_set_errno(err, errno, "reading limit %d of the reader", resource);
  rlim_t hard = now.rlim_max < most ? now.rlim_max : (rlim_t)most;
  struct rlimit wanted = {hard, hard};
  if (setrlimit((__rlimit_resource_t)resource, &wanted) < 0)
    return error_set_errno(err, errno, "setting limit %d of the reader", resource);
  return 0;
}

/* SIGXCPU at the soft limit; a reader that has learned to ignore it is killed a second later. */
static int limit_cpu(uint32_t seconds, struct error *err)
{
  struct rlimit now, wanted = {seconds, (rlim_t)seconds + 1};
  if (getrlimit(RLIMIT_CPU, &now) < 0)
    return error_set_errno(err, errno, "reading the limit of processor time");
  if (wanted.rlim_max > now.rlim_max)
    wanted.rlim_max = now.rlim_max;
  if (wanted.rlim_cur > wanted.rlim_max)
    wanted.rlim_cur = wanted.rlim_max;
  if (setrlimit(RLIMIT_CPU, &wanted) < 0)
    return error_set_errno(err, errno, "limiting processor time");
  return 0;
}

static int limit_memory(const struct sandbox_setup *setup, struct error *err)
{
  if (!SANDBOX_LIMITS_MEMORY)
    return 0;
  int rc = limit(RLIMIT_DATA, setup->memory, err);
  uint64_t space;
  if (rc < 0 || __builtin_add_overflow(setup->memory, (uint64_t)ADDRESS_SPACE_SLACK, &space))
    return rc;
  return limit(RLIMIT_AS, space, err);
}

static int set_limits(const struct sandbox_setup *setup, struct error *err)
{
  /* No new descriptor where nothing may be opened: those that are there stay. */
  uint64_t descriptors = SANDBOX_FIRST_FD + setup->descriptor_count + setup->directory_count;
  if (setup->profile == SANDBOX_FILES)
    descriptors += DESCRIPTORS_OF_FILES;
  const struct {
    int resource;
    uint64_t most;
  } limits[] = {
      {RLIMIT_CORE, 0},     {RLIMIT_NOFILE, descriptors}, {RLIMIT_MEMLOCK, 0},
      {RLIMIT_MSGQUEUE, 0}, {RLIMIT_STACK, STACK_MAX},
#ifndef SW_SANDBOX_SANITIZED /* whose report may go to a file */
      {RLIMIT_FSIZE, 0},
#endif
  };
  for (size_t i = 0; i < sizeof limits / sizeof *limits; i++) {
    int rc = limit(limits[i].resource, limits[i].most, err);
    if (rc < 0)
      return rc;
  }
  int rc = limit_cpu(setup->cpu_seconds, err);
  return rc < 0 ? rc : limit_memory(setup, err);
}

/* Landlock. The kernel's interface grows by versions; the headers here may be older than the kernel,
 * so what the later ones know is written out. */

struct ruleset {
  uint64_t files, network, scoped;
};

enum {
  RIGHTS_1 = 13, /* number of rights over files by version of the interface */
  RIGHTS_2 = 14,
  RIGHTS_3 = 15,
  RIGHTS_5 = 16,
};

static uint64_t file_rights(int version)
{
  int rights = version >= 5   ? RIGHTS_5
               : version >= 3 ? RIGHTS_3
               : version >= 2 ? RIGHTS_2
                              : RIGHTS_1;
  return ((uint64_t)1 << rights) - 1;
}

static int landlock_version(void)
{
  long version = syscall(SYS_landlock_create_ruleset, NULL, 0, LANDLOCK_CREATE_RULESET_VERSION);
  return version > 0 ? (int)version : 0;
}

static int without_landlock(const struct sandbox_setup *setup, struct error *err)
{
  if (setup->landlock == SANDBOX_LANDLOCK_OPTIONAL)
    return 0;
  if (setup->landlock == SANDBOX_LANDLOCK_USUAL && setup->profile == SANDBOX_BYTES)
    return 0;
  return error_set(err, SW_EUNSUPPORTED,
                   "the kernel has no Landlock (5.13 and later have, with \"landlock\" in the lsm= "
                   "list), which the sandbox is told not to go without");
}

static int make_ruleset(int version)
{
  struct ruleset rules = {.files = file_rights(version)};
  size_t size = sizeof rules.files;
  if (version >= 4) { /* binding and connecting TCP sockets */
    rules.network = 3;
    size = 2 * sizeof(uint64_t);
  }
  if (version >= 6) { /* abstract sockets and signals */
    rules.scoped = 3;
    size = sizeof rules;
  }
  return (int)syscall(SYS_landlock_create_ruleset, &rules, size, 0);
}

static int lock_files(const struct sandbox_setup *setup, const int *directories, int *ret_landlock,
                      struct error *err)
{
  int version = landlock_version();
  if (version == 0) {
    *ret_landlock = 0;
    return without_landlock(setup, err);
  }
  int ruleset = make_ruleset(version);
  if (ruleset < 0)
    return error_set_errno(err, errno, "making a Landlock ruleset");
  for (uint32_t i = 0; i < setup->directory_count; i++) {
    struct landlock_path_beneath_attr below = {
        .allowed_access = LANDLOCK_ACCESS_FS_READ_FILE | LANDLOCK_ACCESS_FS_READ_DIR,
        .parent_fd = directories[i],
    };
    if (syscall(SYS_landlock_add_rule, ruleset, LANDLOCK_RULE_PATH_BENEATH, &below, 0) < 0) {
      int rc = error_set_errno(err, errno, "allowing a directory in Landlock");
      close(ruleset);
      return rc;
    }
  }
  int rc = 0;
  if (syscall(SYS_landlock_restrict_self, ruleset, 0) < 0)
    rc = error_set_errno(err, errno, "restricting the reader with Landlock");
  close(ruleset);
  *ret_landlock = version;
  return rc;
}

/* Landlock and seccomp bind the thread that asks for them. unshare refuses this where there are
 * others, and does nothing else. */
static int check_alone(struct error *err)
{
  if (unshare(CLONE_THREAD) == 0)
    return 0;
  return error_set(err, SW_EUSAGE, "the reader has started threads before its locks closed");
}

int sandbox_lock(const struct sandbox_setup *setup, const int *directories, int *ret_landlock,
                 struct error *err)
{
  *ret_landlock = 0;
  if (SANDBOX_IS_UNLOCKED)
    return 0;
  if (check_alone(err) < 0)
    return err->code;
  if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0)
    return error_set_errno(err, errno, "setting no_new_privs");
  if (prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) < 0)
    return error_set_errno(err, errno, "making the reader's memory private");
  int rc = lock_files(setup, directories, ret_landlock, err);
  if (rc == 0)
    rc = drop_capabilities(setup, err);
  return rc < 0 ? rc : set_limits(setup, err);
}
