/*
 * Whatever the list: what comes out are the bytes it says and those of files below its directory, here an empty one,
 * or a clear error.
 */
#include "oci/tar_split.h"

#include <assert.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

static char empty[] = "/tmp/seawall-fuzz.XXXXXX";

static void remove_empty(void)
{
  rmdir(empty);
}

int LLVMFuzzerInitialize(int *argc, char ***argv);
int LLVMFuzzerInitialize(int *argc, char ***argv)
{
  (void)argc, (void)argv;
  if (!mkdtemp(empty))
    abort();
  atexit(remove_empty);
  return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
  struct oci_tar_split *split = NULL;
  struct error err;
  char piece[512];
  size_t got = 1, total = 0;
  if (size > 64 << 10)
    return 0;
  int parts = memfd_create("parts", MFD_CLOEXEC), root = open(empty, O_RDONLY | O_DIRECTORY);
  assert(parts >= 0 && root >= 0 && write(parts, data, size) == (ssize_t)size);
  lseek(parts, 0, SEEK_SET);
  int rc = oci_tar_split_new(root, parts, &split, &err);
  assert(rc == 0);
  struct oci_input input = oci_tar_split_input(split);
  while (rc == 0 && got > 0 && total < 16 << 20) {
    rc = input.read(input.ctx, piece, sizeof piece, &got, &err);
    assert(rc < 0 ? err.code == rc && err.message[0] : got <= sizeof piece);
    total += rc == 0 ? got : 0;
  }
  oci_tar_split_free(split);
  return 0;
}
