/*
 * sandbox.h - readers of untrusted bytes, each in a process that can do nothing else.
 *
 * A program that reads what others made (layers of images, databases of packages, archives) is a
 * row with a name. sandbox_run starts this very executable again as a process of its own, locks it
 * up, runs that row there, and hands what it answers, frame by frame, to a function here:
 *
 *     static int read_layer(struct sandbox_pipe *pipe, struct str argument, void *prepared,
 *                           struct error *err);
 *     const struct sandbox_program layer_reader = {.name = "layer", .run = read_layer};
 *
 *     int main(int argc, char **argv)
 *     {
 *       static const struct sandbox_program *const programs[] = {&layer_reader, NULL};
 *       int status = sandbox_main(argc, argv, programs);   before anything else
 *       if (status >= 0)
 *         return status;
 *       ...
 *       rc = sandbox_run(&options, &layer_reader, argument, &calls, &report, err);
 *
 * What the locked-up process cannot do: open a file (or, with the profile for files, anything but
 * files below given directories, for reading), make a socket, a process, a thread (unless asked
 * for), memory that can be executed, signal or trace another process, see the environment or a
 * descriptor that was not given to it, gain rights, dump core, or live longer than the one that
 * started it. Its memory, processor time, time and answer have limits. The locks are no_new_privs,
 * dropped capabilities, rlimits, Landlock and seccomp; all are in place before the first byte of
 * input is there. docs/internals/sandbox.md says which does what.
 *
 * However it ends, sandbox_run returns one error that says so: a crash by its signal, a forbidden
 * system call, each limit by its size, an answer that is not one. The process is gone by then and
 * leaves no zombie, whatever the program does with SIGCHLD.
 *
 * Callbacks run on the calling thread, between two waits. The time limit is looked at between
 * them, so a callback ends by itself (a download has a time limit of its own).
 *
 * Thread safety: sandbox_run may be called by any number of threads at once; options, calls and
 * context belong to the call. Cost: starting the executable, and a fork of it while it is small.
 */
#ifndef SEAWALL_SANDBOX_SANDBOX_H
#define SEAWALL_SANDBOX_SANDBOX_H

#include "base/error.h"
#include "base/str.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
  SANDBOX_ARGUMENT_MAX = 16 << 20, /* bytes */
  SANDBOX_DIRECTORIES_MAX = 16,
  SANDBOX_DESCRIPTORS_MAX = 16,
  SANDBOX_NAME_MAX = 64,
};

/* What the process has of the other side: on stack and heap of the reader, opaque. */
struct sandbox_pipe;

/* A reader: immutable, known on both sides. */
struct sandbox_program {
  const char *name; /* under SANDBOX_NAME_MAX bytes */

  /* Called before the locks, and before any input can be there: for what must be opened (rules,
   * databases). It may not leave threads behind. May be NULL. What it gives is passed to run. Its error is sandbox_run's. */
  int (*prepare)(struct str argument, void **ret_prepared, struct error *err);

  /* Called with the locks in place. Reads, sends frames, returns 0 or an error, which becomes
   * sandbox_run's. The process ends behind it; nothing needs to be freed. */
  int (*run)(struct sandbox_pipe *pipe, struct str argument, void *prepared, struct error *err);
};

/* Whether this process was started by sandbox_run: then the program asked for runs, and the exit
 * status is returned; else -1. Call it first thing in main. programs ends with NULL. */
int sandbox_main(int argc, char **argv, const struct sandbox_program *const *programs);

/* In the reader: */

/* Sends one frame (kept and sent together with others, until 64 KiB are there). SW_ELIMIT: larger
 * than the options allow, or the answer is. */
int sandbox_send(struct sandbox_pipe *pipe, struct str frame, struct error *err);

/* Sends what is kept now, so that the other side sees it while this one goes on working. */
int sandbox_flush(struct sandbox_pipe *pipe, struct error *err);

/* The next bytes of the input, up to room: 0 bytes at its end. Waits for them. */
int sandbox_read(struct sandbox_pipe *pipe, void *to, size_t room, size_t *ret_len,
                 struct error *err);

/* Descriptors that were passed, and directories, in the order of the options; -1 beyond them. A
 * directory is for openat with O_RDONLY; what it opens in another way kills the process. Devices
 * and FIFOs below it open like files: say O_NONBLOCK where one does not know. */
int sandbox_descriptor(const struct sandbox_pipe *pipe, size_t number);
int sandbox_directory(const struct sandbox_pipe *pipe, size_t number);

/* Outside: */

enum sandbox_profile {
  SANDBOX_BYTES, /* what was handed over, nothing else */
  SANDBOX_FILES, /* files below the directories of the options, for reading */
};

/* What to do on a kernel without Landlock (before 5.13, or not switched on). Without it the profile
 * for bytes lacks its second wall, since seccomp forbids opening files as well; the one for files
 * would lack its only wall, and could read whatever this user can. */
enum sandbox_landlock {
  SANDBOX_LANDLOCK_USUAL, /* go on and tell (report) with the profile for bytes; refuse for files */
  SANDBOX_LANDLOCK_REQUIRED, /* refuse */
  SANDBOX_LANDLOCK_OPTIONAL, /* go on and tell */
};

/* Zero stands for the default of each. */
struct sandbox_options {
  enum sandbox_profile profile;
  enum sandbox_landlock landlock;
  bool threads;         /* the reader may start threads */
  uint64_t memory;      /* bytes of heap, stacks and other private memory; 0: 512 MiB */
  uint32_t cpu_seconds; /* processor time of all its threads; 0: 60 */
  uint64_t time_ms;     /* from start to end; 0: 120,000 */
  uint32_t frame_bytes; /* one frame; 0: 1 MiB */
  uint64_t frames;      /* 0: 10,000,000 */
  uint64_t total_bytes; /* the whole answer; 0: 1 GiB */

  /* SANDBOX_FILES: paths of directories, relative ones to the working directory. */
  const char *const *directories;
  size_t directory_count;

  /* Passed on: opened for reading only, and no sockets (SW_EUSAGE), since what the reader could
   * write to would be a way out. They stay open here, and share their position. */
  const int *descriptors;
  size_t descriptor_count;
};

struct sandbox_calls {
  /* Gets each frame: hostile bytes, valid until it returns. An error ends the reader and is
   * sandbox_run's. NULL: a data frame is an error. */
  int (*frame)(void *context, struct str frame, struct error *err);

  /* Gives the next bytes of input, at most room; 0 bytes: that was all. Called when the reader has
   * taken the former; not called any more once it has stopped reading, which is no error. NULL: no
   * input. */
  int (*input)(void *context, char *to, size_t room, size_t *ret_len, struct error *err);

  void *context;

  /* Not 0: a descriptor; as soon as it can be read, which another thread sees to, the reader is ended, with SW_EPIPE
   * (SANDBOX_END_CALLBACK). Nothing is read from it. */
  int stop;
};

enum sandbox_end {
  SANDBOX_END_WELL,      /* the program returned 0 */
  SANDBOX_END_ERROR,     /* the program returned an error */
  SANDBOX_END_START,     /* it was not started, or not all locks closed */
  SANDBOX_END_CRASH,     /* a signal, or an exit nobody asked for */
  SANDBOX_END_FORBIDDEN, /* a system call that it has no right to */
  SANDBOX_END_MEMORY,    /* each of these: that limit */
  SANDBOX_END_CPU,
  SANDBOX_END_TIME,
  SANDBOX_END_ANSWER,   /* frames that are none, or more than allowed */
  SANDBOX_END_CALLBACK, /* a callback returned an error */
};

/* Filled whatever the outcome. */
struct sandbox_report {
  enum sandbox_end end;
  int signal;      /* that ended the reader; 0: none */
  int landlock;    /* version in force (1 and up); 0: none, because the kernel has none */
  bool unlocked;   /* built with -Dsandbox=unlocked: neither seccomp nor Landlock nor rlimits */
  uint64_t cpu_us; /* microseconds of processor time the reader used */
  uint64_t memory_peak; /* bytes it had in memory at most, shared libraries included */
};

/*
 * Runs the program on argument (at most SANDBOX_ARGUMENT_MAX bytes, copied) and returns when it has
 * ended and is gone. report may be NULL.
 *
 * Errors: the program's own; a callback's; SW_ELIMIT (memory, processor time, time, size of the
 * answer); SW_EINVAL (it crashed, did what is forbidden, or sent an answer that is none: with
 * hostile input that is what the input did); SW_EIO (no process could be started, or it was killed
 * from outside); SW_EUNSUPPORTED (the kernel lacks a lock that is asked for, or sandbox_main does
 * not know the program); SW_EUSAGE (options); errors of opening the directories.
 */
int sandbox_run(const struct sandbox_options *options, const struct sandbox_program *program,
                struct str argument, const struct sandbox_calls *calls,
                struct sandbox_report *report, struct error *err);

#endif
