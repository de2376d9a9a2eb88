#include "../test.h"

#include "base/file.h"
#include "base/walk.h"

#include "scratch.h"

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

/* What a walk tells, a line each: "path", "path (reason)" or "!message". Files are read, and their
 * content put behind the path where it is not empty. */
static void list(struct buf *out, const char *const *paths, size_t count,
                 const struct walk_options *options)
{
  _cleanup_(walk_freep) struct walk *w = walk_new(paths, count, options);
  struct walk_entry entry;
  while (walk_next(w, &entry)) {
    if (entry.kind == WALK_ERROR) {
      buf_printf(out, "!%s\n", entry.error.message);
      continue;
    }
    assert_int_equal(entry.path.data[entry.path.len], 0);
    buf_add(out, entry.path);
    struct error err;
    if (entry.kind == WALK_SKIPPED) {
      buf_printf(out, " (%s)", entry.reason);
      assert_int_equal(walk_open(w, &err), SW_EUSAGE);
    } else {
      _cleanup_(buf_free) struct buf text = {0};
      if (walk_read(w, 1000, &text, &err) < 0)
        buf_printf(out, " !%s", err.message);
      else if (text.len)
        buf_printf(out, "=%s", buf_text(&text));
      if (text.len && !entry.special)
        assert_int_equal(entry.size, text.len);
    }
    buf_add_byte(out, '\n');
  }
  assert_false(walk_next(w, &entry));
}

static void assert_walk(const char *path, const struct walk_options *options, const char *expected)
{
  _cleanup_(buf_free) struct buf out = {0};
  list(&out, &path, 1, options);
  assert_string_equal(buf_text(&out), expected);
}

static void a_directory_gives_all_below_in_order(void **state)
{
  (void)state;
  scratch_dir("m");
  scratch_dir("m/b");
  scratch_dir("m/b/c");
  scratch_dir("m/empty");
  scratch_file("m/z.yaml", "z");
  scratch_file("m/a.yaml", "a");
  scratch_file("m/b.yaml", "");
  scratch_file("m/B.yaml", "");
  scratch_file("m/b/2", "two");
  scratch_file("m/b/10", "ten");
  scratch_file("m/b/c/x", "");
  scratch_file("m/.hidden", "");
  scratch_file("m/\xC3\xA9", "");
  assert_walk("m", NULL,
              "m/.hidden\nm/B.yaml\nm/a.yaml=a\nm/b/10=ten\nm/b/2=two\nm/b/c/x\nm/b.yaml\n"
              "m/z.yaml=z\nm/\xC3\xA9\n");
}

static void what_is_below_the_root_is_told_without_it(void **state)
{
  (void)state;
  scratch_dir("m");
  scratch_dir("m/n");
  scratch_file("m/n/a", "");
  static const struct {
    const char *root, *below;
    bool at_root;
  } rows[] = {
      {"m", "n/a", false}, {"./m/", "n/a", false},   {".", "m/n/a", false},
      {"m/n", "a", false}, {"m/n/../n", "a", false}, {"m/n/a", "m/n/a", true},
  };
  for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
    _cleanup_(walk_freep) struct walk *w = walk_new(&rows[i].root, 1, NULL);
    struct walk_entry entry;
    assert_true(walk_next(w, &entry));
    assert_str(walk_below(w, entry.path), rows[i].below);
    assert_int_equal(walk_at_root(w), rows[i].at_root);
  }
}

static void paths_are_told_as_given_but_tidy(void **state)
{
  (void)state;
  scratch_dir("m");
  scratch_dir("m/n");
  scratch_file("m/n/a", "1");
  static const struct {
    const char *root, *expected;
  } rows[] = {
      {"m", "m/n/a=1\n"},           {"./m/", "m/n/a=1\n"},     {".", "m/n/a=1\n"},
      {"./", "m/n/a=1\n"},          {"m//n", "m/n/a=1\n"},     {"m/./n/.", "m/n/a=1\n"},
      {"m/../m", "m/../m/n/a=1\n"}, {".//m/n/a", "m/n/a=1\n"}, {"m/n/..", "m/n/../n/a=1\n"},
  };
  for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
    assert_walk(rows[i].root, NULL, rows[i].expected);
  assert_int_equal(chdir("m/n"), 0);
  assert_walk("..", NULL, "../n/a=1\n");
  assert_walk("../..//", NULL, "../../m/n/a=1\n");
  char expected[PATH_MAX + 32];
  snprintf(expected, sizeof expected, "%s/m/n/a=1\n", scratch.path);
  char root[PATH_MAX + 32];
  snprintf(root, sizeof root, "/%s//", scratch.path);
  assert_walk(root, NULL, expected);
}

static void many_roots_follow_each_other(void **state)
{
  (void)state;
  scratch_dir("m");
  scratch_file("m/b", "");
  scratch_file("m/a", "");
  scratch_file("one", "1");
  const char *const roots[] = {"one", "missing", "m", "one", "./m/a", ""};
  _cleanup_(buf_free) struct buf out = {0};
  list(&out, roots, 6, NULL);
  assert_string_equal(buf_text(&out),
                      "one=1\n!missing: cannot be read: No such file or directory\nm/a\nm/b\n"
                      "one=1\nm/a\n!an empty path names no file\n");
  buf_clear(&out);
  list(&out, NULL, 0, NULL);
  assert_int_equal(out.len, 0);
}

static void errors_have_a_code(void **state)
{
  (void)state;
  const char *root = "missing";
  _cleanup_(walk_freep) struct walk *w = walk_new(&root, 1, NULL);
  struct walk_entry entry;
  assert_true(walk_next(w, &entry));
  assert_int_equal(entry.kind, WALK_ERROR);
  assert_error(entry.error, SW_ENOENT, "missing: ");
  assert_str(entry.path, "missing");
}

static const char *skip_tests(void *ctx, struct str path, struct str name, bool is_directory)
{
  unsigned *asked = ctx;
  ++*asked;
  assert_true(str_ends(path, name));
  assert_int_equal(path.data[path.len], 0);
  return is_directory && str_eq(name, STR("tests")) ? "tests"
         : str_ends(name, STR(".md"))               ? "glob"
                                                    : NULL;
}

static void the_caller_says_what_to_leave_out(void **state)
{
  (void)state;
  scratch_dir(".git");
  scratch_file(".git/config", "");
  scratch_dir("node_modules");
  scratch_dir("src");
  scratch_dir("src/tests");
  scratch_file("src/tests/x", "");
  scratch_file("src/node_modules", "a file by that name");
  scratch_file("src/README.md", "");
  unsigned asked = 0;
  struct walk_options options = {.skip_dirs = walk_usual_dirs, .skip = skip_tests, .ctx = &asked};
  assert_walk(".", &options,
              ".git (directory left out by name)\nnode_modules (directory left out by name)\n"
              "src/README.md (glob)\nsrc/node_modules=a file by that name\nsrc/tests (tests)\n");
  assert_int_equal(asked, 4);
  assert_walk(".git", &options, ".git/config\n"); /* the user named it */
}

static void links_inside_are_followed_and_others_told(void **state)
{
  (void)state;
  scratch_file("outside", "secret");
  scratch_dir("outdir");
  scratch_dir("m");
  scratch_dir("m/sub");
  scratch_file("m/sub/real", "r");
  scratch_link("sub/real", "m/a-inside");
  scratch_link("a-inside", "m/b-twice");
  scratch_link("../outside", "m/c-out");
  scratch_link("/etc/passwd", "m/d-absolute");
  scratch_link("nothing", "m/e-dangling");
  scratch_link("f-self", "m/f-self");
  scratch_link("h-loop", "m/g-loop");
  scratch_link("g-loop", "m/h-loop");
  scratch_link("sub", "m/i-dir");
  scratch_link("..", "m/j-up");
  scratch_link("../outdir", "m/k-outdir");
  scratch_link("../m/sub/real", "m/l-round"); /* out and in again: where it ends counts */
  scratch_link("sub/real/x", "m/m-below-file");
  scratch_link("/dev/zero", "m/n-device");
  char absolute[PATH_MAX + 32];
  snprintf(absolute, sizeof absolute, "%s/m/sub/real", scratch.path);
  scratch_link(absolute, "m/o-absolute-inside");
  scratch_dir("m2"); /* a name that begins like the root's */
  scratch_file("m2/x", "secret");
  scratch_link("../m2/x", "m/p-neighbour");
  assert_walk("m", NULL,
              "m/a-inside=r\n"
              "m/b-twice=r\n"
              "m/c-out (link that leads out of the directory given)\n"
              "m/d-absolute (link that leads out of the directory given)\n"
              "m/e-dangling (link to nothing)\n"
              "m/f-self (link that leads round in a circle)\n"
              "m/g-loop (link that leads round in a circle)\n"
              "m/h-loop (link that leads round in a circle)\n"
              "m/i-dir (link to a directory)\n"
              "m/j-up (link to a directory)\n"
              "m/k-outdir (link to a directory)\n"
              "m/l-round=r\n"
              "m/m-below-file (link to nothing)\n"
              "m/n-device (link that leads out of the directory given)\n"
              "m/o-absolute-inside=r\n"
              "m/p-neighbour (link that leads out of the directory given)\n"
              "m/sub/real=r\n");
}

static void a_root_may_be_a_link(void **state)
{
  (void)state;
  scratch_dir("real");
  scratch_file("real/a", "1");
  scratch_link("a", "real/b");
  scratch_link("real", "link");
  scratch_link("real/a", "file-link");
  scratch_link("nothing", "dangling");
  assert_walk("link", NULL, "link/a=1\nlink/b=1\n");
  assert_walk("link/", NULL, "link/a=1\nlink/b=1\n");
  assert_walk("file-link", NULL, "file-link=1\n");
  assert_walk("dangling", NULL, "!dangling: cannot be read: No such file or directory\n");
}

/* As the kubelet writes them. */
static void a_configmap_volume_is_told_by_its_short_names(void **state)
{
  (void)state;
  scratch_dir("cm");
  scratch_dir("cm/..2026_11_21_01_23_45.1234567890");
  scratch_file("cm/..2026_11_21_01_23_45.1234567890/web.yaml", "w");
  scratch_file("cm/..2026_11_21_01_23_45.1234567890/api.yaml", "a");
  scratch_file("cm/..2026_11_21_01_23_45.1234567890/unlinked", "u");
  scratch_dir("cm/..2026_11_21_01_23_45.1234567890/conf");
  scratch_file("cm/..2026_11_21_01_23_45.1234567890/conf/x", "x");
  scratch_link("..2026_11_21_01_23_45.1234567890", "cm/..data");
  scratch_link("..data/web.yaml", "cm/web.yaml");
  scratch_link("..data/api.yaml", "cm/api.yaml");
  scratch_link("..data/conf", "cm/conf");
  assert_walk("cm", NULL,
              "cm/..2026_11_21_01_23_45.1234567890/conf/x=x\n"
              "cm/..2026_11_21_01_23_45.1234567890/unlinked=u\n"
              "cm/..data (link to a directory)\n"
              "cm/api.yaml=a\n"
              "cm/conf (link to a directory)\n"
              "cm/web.yaml=w\n");
  scratch_dir("outer");
  assert_int_equal(rename("cm", "outer/cm"), 0);
  assert_walk("outer", NULL,
              "outer/cm/..2026_11_21_01_23_45.1234567890/conf/x=x\n"
              "outer/cm/..2026_11_21_01_23_45.1234567890/unlinked=u\n"
              "outer/cm/..data (link to a directory)\n"
              "outer/cm/api.yaml=a\n"
              "outer/cm/conf (link to a directory)\n"
              "outer/cm/web.yaml=w\n");
}

static void odd_files_are_told_and_not_opened(void **state)
{
  (void)state;
  scratch_dir("m");
  assert_int_equal(mkfifo("m/fifo", 0600), 0);
  scratch_link("fifo", "m/link");
  assert_walk("m", NULL,
              "m/fifo (a FIFO, not a regular file)\n"
              "m/link (link to something that is not a regular file)\n");
}

static void a_root_may_be_a_pipe(void **state)
{
  (void)state;
  int ends[2];
  assert_int_equal(pipe(ends), 0);
  assert_int_equal(fd_write_all(ends[1], "from a pipe", 11, NULL), 0);
  close(ends[1]);
  char path[40], expected[80];
  snprintf(path, sizeof path, "/dev/fd/%d", ends[0]);
  if (access(path, R_OK) < 0)
    skip();
  snprintf(expected, sizeof expected, "%s=from a pipe\n", path);
  assert_walk(path, NULL, expected);
  close(ends[0]);
}

/* As a user who is not root: a child that may be anybody. */
static void what_may_not_be_read_is_an_error_and_the_walk_goes_on(void **state)
{
  (void)state;
  scratch_dir("m");
  scratch_dir("m/a-closed");
  scratch_file("m/b-closed", "secret");
  scratch_file("m/c", "c");
  assert_int_equal(chmod("m/a-closed", 0), 0);
  assert_int_equal(chmod("m/b-closed", 0), 0);
  pid_t child = fork();
  assert_true(child >= 0);
  if (child == 0) {
    if (geteuid() == 0 && setuid(65534) < 0)
      _exit(3);
    _cleanup_(buf_free) struct buf out = {0};
    const char *root = "m";
    list(&out, &root, 1, NULL);
    const char expected[] = "!m/a-closed: cannot be opened: Permission denied\n"
                            "m/b-closed !m/b-closed: cannot be opened: Permission denied\n"
                            "m/c=c\n";
    _exit(strcmp(buf_text(&out), expected) == 0 ? 0 : 1);
  }
  int status;
  assert_int_equal(waitpid(child, &status, 0), child);
  assert_int_equal(chmod("m/a-closed", 0700), 0);
  assert_true(WIFEXITED(status));
  assert_int_equal(WEXITSTATUS(status), 0);
}

static void there_is_a_bottom(void **state)
{
  (void)state;
  scratch_dir("d");
  assert_int_equal(chdir("d"), 0);
  for (int depth = 1; depth <= WALK_DEPTH_MAX + 1; depth++) {
    scratch_file("f", "");
    scratch_dir("d");
    assert_int_equal(chdir("d"), 0);
  }
  scratch_file("too-deep", "");
  assert_int_equal(chdir(scratch.path), 0);
  const char *root = "d";
  _cleanup_(walk_freep) struct walk *w = walk_new(&root, 1, NULL);
  struct walk_entry entry;
  unsigned files = 0, errors = 0;
  while (walk_next(w, &entry)) {
    files += entry.kind == WALK_FILE;
    if (entry.kind == WALK_ERROR) {
      errors++;
      assert_error(entry.error, SW_ELIMIT, ": is more than 128 directories deep and is not read");
      assert_true(entry.directory);
    }
  }
  assert_int_equal(errors, 1);
  assert_int_equal(files, WALK_DEPTH_MAX + 1);
}

static void a_file_that_is_swapped_is_not_followed_out(void **state)
{
  (void)state;
  scratch_file("outside", "secret");
  scratch_dir("m");
  scratch_file("m/a", "1");
  scratch_file("m/real", "2");
  scratch_link("real", "m/b");
  const char *root = "m";
  _cleanup_(walk_freep) struct walk *w = walk_new(&root, 1, NULL);
  struct walk_entry entry;
  struct error err;
  assert_true(walk_next(w, &entry));
  assert_str(entry.path, "m/a");
  assert_int_equal(unlink("m/a"), 0);
  scratch_link("../outside", "m/a");
  assert_int_equal(walk_open(w, &err), SW_EINVAL);
  assert_string_equal(err.message, "m/a: is a symbolic link");
  assert_true(walk_next(w, &entry));
  assert_str(entry.path, "m/b");
  assert_int_equal(unlink("m/b"), 0);
  scratch_link("../outside", "m/b");
  assert_int_equal(walk_open(w, &err), SW_EACCES);
  assert_string_equal(err.message, "m/b: is a link that leads out of the directory given");
}

static void ends_early_without_leaks(void **state)
{
  (void)state;
  scratch_dir("m");
  scratch_dir("m/n");
  scratch_file("m/n/a", "1");
  scratch_file("m/n/b", "1");
  const char *root = "m";
  _cleanup_(walk_freep) struct walk *w = walk_new(&root, 1, NULL);
  struct walk_entry entry;
  struct error err;
  assert_int_equal(walk_open(w, &err), SW_EUSAGE);
  assert_true(walk_next(w, &entry));
  int fd = walk_open(w, &err);
  assert_true(fd >= 0);
  assert_true(fcntl(fd, F_GETFD) & FD_CLOEXEC);
  close(fd);
  walk_free(NULL);
}

#define IN_SCRATCH(function) cmocka_unit_test_setup_teardown(function, open_scratch, close_scratch)

int main(void)
{
  const struct CMUnitTest tests[] = {
      IN_SCRATCH(a_directory_gives_all_below_in_order),
      IN_SCRATCH(what_is_below_the_root_is_told_without_it),
      IN_SCRATCH(paths_are_told_as_given_but_tidy),
      IN_SCRATCH(many_roots_follow_each_other),
      IN_SCRATCH(errors_have_a_code),
      IN_SCRATCH(the_caller_says_what_to_leave_out),
      IN_SCRATCH(links_inside_are_followed_and_others_told),
      IN_SCRATCH(a_root_may_be_a_link),
      IN_SCRATCH(a_configmap_volume_is_told_by_its_short_names),
      IN_SCRATCH(odd_files_are_told_and_not_opened),
      IN_SCRATCH(a_root_may_be_a_pipe),
      IN_SCRATCH(what_may_not_be_read_is_an_error_and_the_walk_goes_on),
      IN_SCRATCH(there_is_a_bottom),
      IN_SCRATCH(a_file_that_is_swapped_is_not_followed_out),
      IN_SCRATCH(ends_early_without_leaks),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
