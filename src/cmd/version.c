#include "base/file.h"
#include "cmd/console.h"
#include "cmd/verb.h"

#include <unistd.h>

static int run(const struct arguments *args)
{
  (void)args;
  struct error err;
  static const char text[] = "seawall " SEAWALL_VERSION "\n";
  if (fd_write_all(STDOUT_FILENO, text, sizeof text - 1, &err) == 0)
    return STATUS_OK;
  error_wrap(&err, "writing to standard output");
  console_error(&err);
  return STATUS_FAILED;
}

const struct verb verb_version = {
    .name = "version",
    .summary = "print the version",
    .run = run,
};
