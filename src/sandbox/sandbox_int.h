/*
 * sandbox_int.h - what the two sides of the sandbox share.
 *
 * Descriptors of the process that sandbox_run starts, the guard, and of the reader that it forks:
 * 0 the input (or /dev/null), 1 the answer, 2 /dev/null (standard error in builds with sanitizers,
 * for their reports), 3 the control socket (which the reader closes when its locks are in place),
 * from 4 on what was passed, then the directories.
 *
 * Over the control socket go, once each: the setup, to the guard; a ready record, from the reader
 * before it has seen a byte of input; an ended record, from the guard. Its end, seen by the guard,
 * means that the reader is to be killed.
 */
#ifndef SEAWALL_SANDBOX_SANDBOX_INT_H
#define SEAWALL_SANDBOX_SANDBOX_INT_H

#include "sandbox/frame_reader.h"
#include "sandbox/sandbox.h"

#include "base/buf.h"

#include <sys/types.h>

/* How much is locked is decided by the build: src/sandbox/meson.build. */
#ifdef SW_SANDBOX_UNLOCKED
#define SANDBOX_IS_UNLOCKED 1
#else
#define SANDBOX_IS_UNLOCKED 0
#endif
#if defined(SW_SANDBOX_SANITIZED) || defined(SW_SANDBOX_UNLOCKED)
#define SANDBOX_LIMITS_MEMORY 0
#else
#define SANDBOX_LIMITS_MEMORY 1
#endif

#define SANDBOX_WORD "--sandbox-reader"

enum { SANDBOX_CONTROL_FD = 3, SANDBOX_FIRST_FD = 4, SANDBOX_OUT_OF_MEMORY_STATUS = 2 };

enum { SANDBOX_PATHS_MAX = SANDBOX_DIRECTORIES_MAX * 4096 };

/* Followed by the paths of the directories, each with its zero byte, and the argument. Both sides
 * are the same executable, so the struct is its own format. */
struct sandbox_setup {
  uint64_t memory;
  uint32_t cpu_seconds;
  uint32_t profile, landlock, threads;
  uint32_t descriptor_count, directory_count;
  uint32_t paths_len, argument_len;
  struct frame_limits limits;
};

enum sandbox_record_kind { SANDBOX_READY = 1, SANDBOX_ENDED = 2 };

struct sandbox_record {
  uint32_t kind;
  int32_t landlock;    /* ready: version in force */
  int32_t wait_status; /* ended: as waitpid gives it */
  uint64_t cpu_us, memory_peak;
  struct error error; /* ready: code 0, or why it is not */
};

struct sandbox_pipe {
  struct frame_limits limits;
  uint64_t frames, total;
  struct buf out;
  int descriptors[SANDBOX_DESCRIPTORS_MAX], directories[SANDBOX_DIRECTORIES_MAX];
  size_t descriptor_count, directory_count;
};

/* A running guard, as seen from outside. Descriptors are -1 where there is none. */
struct sandbox_process {
  pid_t pid; /* 0: none */
  int control, answer, input;
};

/* Starts the guard and tells it the setup. On failure nothing is left running or open. */
int sandbox_start(const struct sandbox_options *options, const struct sandbox_program *program,
                  struct str argument, bool with_input, struct sandbox_process *ret_process,
                  struct error *err);

/* The options with the defaults in place; lengths of what follows the setup are 0. */
struct sandbox_setup sandbox_make_setup(const struct sandbox_options *options);

/* Closes a descriptor, if it is one, and makes it -1; all of a process. */
void sandbox_close(int *fd);
void sandbox_process_close(struct sandbox_process *p);

/* All locks of this process but seccomp; ret_landlock: the version in force, 0: none. */
int sandbox_lock(const struct sandbox_setup *setup, const int *directories, int *ret_landlock,
                 struct error *err);

/* The last lock. */
int sandbox_lock_calls(const struct sandbox_setup *setup, struct error *err);

#endif
