/*
 * scratch.h - a directory of its own for a test that needs files, removed behind it.
 */
#ifndef SEAWALL_TESTS_UNIT_BASE_SCRATCH_H
#define SEAWALL_TESTS_UNIT_BASE_SCRATCH_H

#include <fcntl.h>
#include <ftw.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

struct scratch {
  char path[PATH_MAX];
};

/* The directory becomes the working directory, so tests name files shortly. */
static inline void scratch_open(struct scratch *s)
{
  const char *tmp = getenv("TMPDIR");
  snprintf(s->path, sizeof s->path, "%s/seawall-test-XXXXXX", tmp && *tmp ? tmp : "/tmp");
  assert_non_null(mkdtemp(s->path));
  assert_int_equal(chmod(s->path, 0755), 0);
  assert_int_equal(chdir(s->path), 0);
}

static inline int scratch_remove(const char *path, const struct stat *st, int type, struct FTW *at)
{
  (void)st, (void)type, (void)at;
  return remove(path);
}

static inline void scratch_close(struct scratch *s)
{
  assert_int_equal(chdir("/"), 0);
  assert_int_equal(nftw(s->path, scratch_remove, 16, FTW_DEPTH | FTW_PHYS), 0);
}

static inline void scratch_file(const char *path, const char *text)
{
  FILE *file = fopen(path, "w");
  assert_non_null(file);
  assert_true(fputs(text, file) >= 0);
  assert_int_equal(fclose(file), 0);
}

static inline void scratch_dir(const char *path)
{
  assert_int_equal(mkdir(path, 0755), 0);
}

static inline void scratch_link(const char *to, const char *path)
{
  assert_int_equal(symlink(to, path), 0);
}

#endif
