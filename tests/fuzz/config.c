/*
 * A configuration file, read and, if it is one, its exceptions applied to a finding.
 *
 * Beyond not crashing: an error names the file, and applying exceptions twice changes nothing more.
 */
#include "cmd/config.h"

#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

static const struct rule rule = {
    .id = STR_INIT("pss-privileged"),
    .title = STR_INIT("A container is privileged"),
    .severity = SEVERITY_CRITICAL,
};

static void must(bool ok)
{
  if (!ok)
    abort();
}

static void apply(struct config *config)
{
  struct arena arena;
  arena_init(&arena, 0);
  struct finding_list findings;
  finding_list_init(&findings, &arena);
  struct finding *f = finding_add(&findings, &rule);
  f->subject = (struct subject){
      .kind = STR("Pod"), .namespace = STR("shop"), .name = STR("web"), .container = STR("web")};
  f->location = (struct location){.file = STR("deploy/web.yaml"), .line = 3, .column = 5};
  finding_seal(f, STR_EMPTY);
  exceptions_apply(config->exceptions, &findings);
  enum finding_state state = findings.items[0].state;
  exceptions_apply(config->exceptions, &findings);
  must(findings.items[0].state == state);
  must(state == FINDING_OPEN || findings.items[0].exception_reason.len > 0);
  if (config->exceptions) {
    exceptions_report(config->exceptions, &findings);
    must(exceptions_unused(config->exceptions) <= exceptions_count(config->exceptions));
  }
  arena_free(&arena);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
  static int fd = -1;
  if (fd < 0)
    fd = memfd_create("config", 0);
  must(fd >= 0 && ftruncate(fd, 0) == 0);
  must(pwrite(fd, data, size, 0) == (ssize_t)size);
  char path[32];
  snprintf(path, sizeof path, "/proc/self/fd/%d", fd);

  struct config config;
  struct error err;
  config_init(&config);
  if (config_read(&config, path, STR("2026-07-01"), &err) == 0)
    apply(&config);
  else
    must(strncmp(err.message, path, strlen(path)) == 0);
  config_free(&config);
  return 0;
}
