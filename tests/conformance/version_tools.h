/*
 * version_tools.h - putting pairs of texts to the tools of ecosystems: programs in versions/ that read lines
 * "LEFT\tRIGHT" and write a line for each.
 */
#ifndef SEAWALL_TESTS_CONFORMANCE_VERSION_TOOLS_H
#define SEAWALL_TESTS_CONFORMANCE_VERSION_TOOLS_H

#include "base/str.h"
#include "base/vec.h"

#include <stdint.h>

enum { VERSION_TOOLS_SKIPPED = 77 };

struct version_tool {
  const char *name;
  const char *probe;    /* a command that succeeds if the tool is there */
  const char *command;  /* run in the folder versions/ */
  const char *packages; /* of Debian, that bring it */
};

struct version_pair {
  struct str left, right;
};
struct version_pairs VEC_BODY(struct version_pair);

/* Says what is missing and how to get it. */
bool version_tool_installed(const struct version_tool *tool);

/* False if the tool failed or did not answer every pair. */
bool version_tool_ask(const struct version_tool *tool, const struct version_pairs *pairs,
                      void (*answered)(void *context, struct version_pair pair, const char *answer),
                      void *context);

/* A number below count; the same in every run (state begins as anything but 0). */
size_t version_tool_pick(uint64_t *state, size_t count);

#endif
