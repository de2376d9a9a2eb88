#include "version_tools.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

bool version_tool_installed(const struct version_tool *tool)
{
  char command[1024];
  snprintf(command, sizeof command, "{ %s; } >/dev/null 2>&1", tool->probe);
  bool installed = system(command) == 0;
  if (!installed)
    printf("%s is not here; Debian has it in %s\n", tool->name, tool->packages);
  return installed;
}

static bool write_pairs(FILE *file, const struct version_pairs *pairs)
{
  for (size_t i = 0; i < pairs->count; i++)
    fprintf(file, "%.*s\t%.*s\n", STR_FMT(pairs->items[i].left), STR_FMT(pairs->items[i].right));
  return fflush(file) == 0 && !ferror(file);
}

bool version_tool_ask(const struct version_tool *tool, const struct version_pairs *pairs,
                      void (*answered)(void *context, struct version_pair pair, const char *answer),
                      void *context)
{
  const char *root = getenv("SEAWALL_SOURCE_ROOT");
  char path[] = "/tmp/seawall-versions-XXXXXX", command[2048], answer[256];
  int fd = mkstemp(path);
  FILE *file = fd < 0 ? NULL : fdopen(fd, "w");
  if (!file)
    return false;
  size_t count = 0;
  if (write_pairs(file, pairs)) {
    snprintf(command, sizeof command, "cd '%s/tests/conformance/versions' && { %s; } <%s",
             root ? root : ".", tool->command, path);
    FILE *in = popen(command, "r");
    for (; in && count < pairs->count && fgets(answer, sizeof answer, in); count++)
      answered(context, pairs->items[count], answer);
    if (in && pclose(in) != 0)
      count = 0;
  }
  fclose(file);
  unlink(path);
  return count == pairs->count;
}

size_t version_tool_pick(uint64_t *state, size_t count)
{
  *state ^= *state << 13;
  *state ^= *state >> 7;
  *state ^= *state << 17;
  return (size_t)(*state % count);
}
