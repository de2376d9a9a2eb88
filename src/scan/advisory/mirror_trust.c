/* Whether the archive signed an index: gpgv's answer, which apt relies on as well. */
#include "scan/advisory/mirror_int.h"

#include "base/file.h"

#include <errno.h>
#include <fcntl.h>
#include <glob.h>
#include <signal.h>
#include <spawn.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

enum { ANSWER_MAX = 64 << 10, KEYRINGS_MAX = 64 };

/* ---- keyrings */

static const char *const places[] = {
    "/usr/share/keyrings/debian-archive-keyring.gpg",
    "/usr/share/keyrings/debian-archive-*-automatic.gpg",
    "/usr/share/keyrings/ubuntu-archive-keyring.gpg",
    "/etc/apt/trusted.gpg.d/*.gpg",
};

void mirror_keyrings_add(struct mirror_keyrings *k, const char *path)
{
  if (k->paths.count < KEYRINGS_MAX)
    vec_push(&k->paths, mem_copy_text(path, strlen(path)));
}

void mirror_keyrings_of_system(struct mirror_keyrings *k)
{
  for (size_t i = 0; i < sizeof places / sizeof *places; i++) {
    glob_t found;
    if (glob(places[i], 0, NULL, &found) != 0)
      continue;
    for (size_t g = 0; g < found.gl_pathc; g++)
      mirror_keyrings_add(k, found.gl_pathv[g]);
    globfree(&found);
  }
}

void mirror_keyrings_free(struct mirror_keyrings *k)
{
  for (size_t i = 0; i < k->paths.count; i++)
    mem_free(k->paths.items[i]);
  vec_free(&k->paths);
}

/* ---- files that gpgv reads and writes */

struct workspace {
  int in, out;
};

/* Without a name, so that it goes with whoever has it open, even if that is killed. */
static int open_unnamed(const char *scratch, int *ret_fd, struct error *err)
{
  char path[4096];
  snprintf(path, sizeof path, "%s/index.XXXXXX", scratch);
  int fd = mkostemp(path, O_CLOEXEC);
  if (fd < 0)
    return error_set_errno(err, errno, "making a file in %s", scratch);
  unlink(path);
  *ret_fd = fd;
  return 0;
}

static int make_workspace(struct workspace *w, const char *scratch, struct str text,
                          struct error *err)
{
  int rc = open_unnamed(scratch, &w->in, err);
  if (rc == 0)
    rc = open_unnamed(scratch, &w->out, err);
  if (rc == 0)
    rc = fd_write_all(w->in, text.data, text.len, err);
  return rc < 0 ? error_wrap(err, "for gpgv") : 0;
}

static int read_text(const struct workspace *w, struct buf *ret_text, struct error *err)
{
  if (lseek(w->out, 0, SEEK_SET) < 0)
    return error_set_errno(err, errno, "what gpgv wrote");
  return file_read_fd(w->out, "what gpgv wrote", MIRROR_INDEX_MAX, ret_text, err);
}

/* ---- gpgv */

enum { STATUS_FD = 3 };

/* Starts it with its answers going to a pipe. */
static int start(const struct workspace *w, const char *const *words, int to, pid_t *ret_pid,
                 struct error *err)
{
  static char path[] = "PATH=/usr/local/bin:/usr/bin:/bin", locale[] = "LC_ALL=C";
  char *const environment[] = {path, locale, NULL};
  posix_spawn_file_actions_t actions;
  posix_spawnattr_t attributes;
  sigset_t all, none;
  sigfillset(&all);
  sigemptyset(&none);
  posix_spawn_file_actions_init(&actions);
  posix_spawnattr_init(&attributes);
  int rc = posix_spawn_file_actions_adddup2(&actions, w->in, 0);
  if (rc == 0)
    rc = posix_spawn_file_actions_adddup2(&actions, w->out, 1);
  if (rc == 0)
    rc = posix_spawn_file_actions_addopen(&actions, 2, "/dev/null", O_WRONLY, 0);
  if (rc == 0)
    rc = posix_spawn_file_actions_adddup2(&actions, to, STATUS_FD);
  if (rc == 0)
    rc = posix_spawn_file_actions_addclosefrom_np(&actions, STATUS_FD + 1);
  if (rc == 0)
    rc = posix_spawnattr_setsigdefault(&attributes, &all);
  if (rc == 0)
    rc = posix_spawnattr_setsigmask(&attributes, &none);
  if (rc == 0)
    rc = posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK);
  if (rc == 0)
    rc = posix_spawnp(ret_pid, words[0], &actions, &attributes, (char *const *)words, environment);
  posix_spawn_file_actions_destroy(&actions);
  posix_spawnattr_destroy(&attributes);
  if (rc == ENOENT)
    return error_set(err, SW_ENOENT,
                     "there is no gpgv to check the archive's signature with; install gpgv");
  return rc ? error_set_errno(err, rc, "starting gpgv") : 0;
}

static int run(const struct workspace *w, const char *const *words, struct buf *ret_answer,
               struct error *err)
{
  int ends[2], status = 0;
  pid_t pid;
  if (lseek(w->in, 0, SEEK_SET) < 0 || pipe2(ends, O_CLOEXEC) < 0)
    return error_set_errno(err, errno, "making a pipe");
  int rc = start(w, words, ends[1], &pid, err);
  close(ends[1]);
  if (rc == 0) {
    rc = file_read_fd(ends[0], "gpgv", ANSWER_MAX, ret_answer, err);
    if (rc < 0)
      kill(pid, SIGKILL);
    while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
      ;
  }
  close(ends[0]);
  if (rc == 0 && WIFSIGNALED(status))
    rc = error_set(err, SW_EIO, "gpgv was ended by signal %d", WTERMSIG(status));
  return rc;
}

/* What gpgv says, a line each: one good signature is enough, a bad one is too much. */
static int judge(struct str answer, struct error *err)
{
  bool good = false, valid = false;
  struct str missing = STR_EMPTY;
  for (struct str rest = answer; rest.data;) {
    struct str words, line = str_cut(rest, '\n', &rest);
    struct str mark = STR("[GNUPG:] ");
    if (!str_starts(line, mark))
      continue;
    struct str word = str_cut(str_sub(line, mark.len, SIZE_MAX), ' ', &words);
    if (str_eq(word, STR("BADSIG")))
      return error_set(err, SW_EINVAL,
                       "the archive's signature is wrong: what came is not what was signed");
    if (str_eq(word, STR("EXPKEYSIG")) || str_eq(word, STR("REVKEYSIG")) ||
        str_eq(word, STR("EXPSIG")))
      missing = STR("the key that signed it has expired or was revoked");
    good |= str_eq(word, STR("GOODSIG"));
    valid |= str_eq(word, STR("VALIDSIG"));
    if (str_eq(word, STR("NO_PUBKEY")) && missing.len == 0)
      missing = STR("none of the keyrings has the key that signed it; a newer keyring package of "
                    "the distribution may");
  }
  if (good && valid)
    return 0;
  return error_set(err, SW_EINVAL, "the archive's signature cannot be relied on: %.*s",
                   STR_FMT(missing.len ? missing : STR("it is not signed")));
}

static int check(const struct workspace *w, const char *const *keyrings, struct error *err)
{
  const char *words[KEYRINGS_MAX * 2 + 16];
  char near[KEYRINGS_MAX][256];
  size_t count = 0;
  static const char *const first[] = {"gpgv", "--status-fd", "3", "--output", "-"};
  for (size_t i = 0; i < sizeof first / sizeof *first; i++)
    words[count++] = first[i];
  for (size_t i = 0; keyrings[i] && i < KEYRINGS_MAX; i++) {
    bool plain = !strchr(keyrings[i], '/'); /* which gpgv would look for in its own folder */
    snprintf(near[i], sizeof near[i], "./%.250s", plain ? keyrings[i] : "");
    words[count++] = "--keyring";
    words[count++] = plain ? near[i] : keyrings[i];
  }
  words[count++] = "-";
  words[count] = NULL;
  _cleanup_(buf_free) struct buf answer = {0};
  int rc = run(w, words, &answer, err);
  return rc < 0 ? rc : judge(buf_str(&answer), err);
}

int mirror_verify(struct str signed_text, const char *const *keyrings, const char *scratch,
                  struct buf *ret_text, struct error *err)
{
  struct workspace w = {.in = -1, .out = -1};
  if (!keyrings[0])
    return error_set(err, SW_ENOENT,
                     "there is no keyring of an archive in /usr/share/keyrings; install "
                     "debian-archive-keyring or ubuntu-keyring");
  int rc = make_workspace(&w, scratch, signed_text, err);
  if (rc == 0)
    rc = check(&w, keyrings, err);
  if (rc == 0)
    rc = read_text(&w, ret_text, err);
  file_closep(&w.in);
  file_closep(&w.out);
  return rc;
}
