/*
 * readers.h - what the tests of the sandbox share: readers chosen by a word, and what came of them.
 *
 * A test file has a table of acts; the one reader runs the act that its argument begins with, and
 * hands it the rest behind the first space. Its main begins with readers_main.
 */
#ifndef SEAWALL_TESTS_UNIT_SANDBOX_READERS_H
#define SEAWALL_TESTS_UNIT_SANDBOX_READERS_H

#include "../test.h"

#include "base/buf.h"
#include "base/file.h"
#include "sandbox/sandbox.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

struct act {
  const char *name;
  int (*run)(struct sandbox_pipe *pipe, struct str rest, struct error *err);
};

extern const struct act acts[]; /* ends with a row without name */

static inline int act_run(struct sandbox_pipe *pipe, struct str argument, void *prepared,
                          struct error *err)
{
  (void)prepared;
  struct str rest, word = str_cut(argument, ' ', &rest);
  for (const struct act *a = acts; a->name; a++)
    if (str_eq(word, str_from(a->name)))
      return a->run(pipe, rest, err);
  return error_set(err, SW_EUSAGE, "no act");
}

static const struct sandbox_program act_program = {.name = "act", .run = act_run};

/* What came of a run. */
struct outcome {
  struct buf text; /* frames, each with a "|" behind it */
  int rc;
  struct error err;
  struct sandbox_report report;
};

static inline int outcome_frame(void *context, struct str frame, struct error *err)
{
  struct outcome *o = context;
  (void)err;
  buf_add(&o->text, frame);
  buf_add_byte(&o->text, '|');
  return 0;
}

/* Runs an act. Free text afterwards, if there is some. */
static inline struct outcome act(const char *what, const struct sandbox_options *options)
{
  static const struct sandbox_options usual = {0};
  struct outcome o = {0};
  struct sandbox_calls calls = {.frame = outcome_frame, .context = &o};
  o.rc = sandbox_run(options ? options : &usual, &act_program, str_from(what), &calls, &o.report,
                     &o.err);
  return o;
}

/* The act must end like that, with an error that contains the text. */
#define assert_end(what, options, end_expected, code, words)                                       \
  do {                                                                                             \
    struct outcome o_ = act((what), (options));                                                    \
    if (o_.rc == 0 || o_.report.end != (end_expected))                                             \
      print_error("%s: ended as %d: %s\n", (what), o_.report.end,                                  \
                  o_.rc ? o_.err.message : "well");                                                \
    assert_int_equal(o_.report.end, (end_expected));                                               \
    assert_int_equal(o_.rc, (code));                                                               \
    assert_error(o_.err, (code), (words));                                                         \
    buf_free(&o_.text);                                                                            \
  } while (0)

#define assert_answer(what, options, expected)                                                     \
  do {                                                                                             \
    struct outcome o_ = act((what), (options));                                                    \
    if (o_.rc)                                                                                     \
      print_error("%s: %s\n", (what), o_.err.message);                                             \
    assert_int_equal(o_.rc, 0);                                                                    \
    assert_int_equal(o_.report.end, SANDBOX_END_WELL);                                             \
    assert_str(buf_str(&o_.text), (expected));                                                     \
    buf_free(&o_.text);                                                                            \
  } while (0)

static inline int send_number(struct sandbox_pipe *pipe, long number, struct error *err)
{
  char text[32];
  int len = snprintf(text, sizeof text, "%ld", number);
  return sandbox_send(pipe, str_make(text, (size_t)len), err);
}

/* The value of "Name: value" in a file of /proc; false if the process is gone. */
static inline bool proc_value(pid_t pid, const char *file, const char *name, char ret_value[64])
{
  char path[64];
  _cleanup_(buf_free) struct buf text = {0};
  snprintf(path, sizeof path, "/proc/%d/%s", (int)pid, file);
  if (file_read(path, 1 << 20, &text, NULL) < 0)
    return false;
  struct str rest = buf_str(&text);
  while (rest.data) {
    struct str line = str_cut(rest, '\n', &rest);
    if (!str_starts(line, str_from(name)))
      continue;
    struct str value = str_trim(str_sub(line, strlen(name), line.len));
    snprintf(ret_value, 64, "%.*s", STR_FMT(value));
    return true;
  }
  return false;
}

#endif
