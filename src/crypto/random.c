#include "crypto/random.h"

#include <errno.h>
#include <sys/random.h>

static int fill_system(const struct random_source *source, uint8_t *bytes, size_t len,
                       struct error *err)
{
  (void)source;
  while (len) {
    ssize_t got = getrandom(bytes, len, 0);
    if (got < 0 && errno == EINTR)
      continue;
    if (got <= 0)
      return error_set_errno(err, got < 0 ? errno : EIO, "asking the kernel for random bytes");
    bytes += got;
    len -= (size_t)got;
  }
  return 0;
}

static int fill_test(const struct random_source *source, uint8_t *bytes, size_t len,
                     struct error *err)
{
  const struct random_test *test = (const struct random_test *)(const void *)source;
  if (len > *test->left)
    return error_set(err, SW_EIO, "the test's source of random bytes is used up");
  *test->left -= len;
  for (size_t i = 0; i < len; i++)
    bytes[i] = (*test->next)++;
  return 0;
}

static const struct random_ops system_ops = {fill_system};
static const struct random_ops test_ops = {fill_test};

const struct random_source *random_system(void)
{
  static const struct random_source source = {&system_ops};
  return &source;
}

int random_bytes(const struct random_source *source, void *bytes, size_t len, struct error *err)
{
  int rc = source->ops->fill(source, bytes, len, err);
  if (rc < 0 && len)
    memset(bytes, 0, len);
  return rc;
}

int random_below(const struct random_source *source, uint64_t below, uint64_t *ret,
                 struct error *err)
{
  /* The lowest 2^64 mod below numbers are drawn again, so that what remains is a multiple of it. */
  uint64_t first = (0 - below) % below, number;
  do {
    int rc = random_bytes(source, &number, sizeof number, err);
    if (rc < 0)
      return rc;
  } while (number < first);
  *ret = number % below;
  return 0;
}

void random_test_init(struct random_test *test, uint8_t first, size_t left)
{
  *test = (struct random_test){{&test_ops}, &test->next_byte, &test->left_bytes, first, left};
}
