/*
 * Every range of the shared advisories: each can be read, its fixes are not affected, and what begins a branch
 * is. Where an advisory lists the versions that it means, the ranges say the same of each. What does
 * not hold is counted and named, and how often it may is in the table.
 */
#include "base/buf.h"
#include "base/mem.h"
#include "data/json.h"
#include "scan/version_range.h"

#include <stdio.h>
#include <stdlib.h>

enum { SKIPPED = 77, SHOWN = 8, RANGES_MAX = 64, EVENTS_HERE_MAX = 512 };

/* Known: events that are no versions for their ecosystem's own tool, and listed versions that no range covers
 * (pre-releases of a version that a branch begins with, a fix). */
static const struct {
  const char *file;
  size_t unreadable, unlisted;
} sources[] = {
    {"almalinux.osv", 0, 0},  {"crates.osv", 0, 0}, {"go.osv", 0, 0},
    {"kubernetes.osv", 0, 0}, {"pypi.osv", 2, 9},   {"ubuntu.osv", 0, 0},
};

struct tally {
  size_t advisories, ranges, events, unreadable, branches, met, wrong, listed, unlisted;
};

static void say(size_t *count, struct value advisory, const char *what, struct str version)
{
  if ((*count)++ < SHOWN)
    printf("  %.*s: %s %.*s\n", STR_FMT(value_str_or_empty(value_get(advisory, value_from("id")))),
           what, STR_FMT(version));
}

/* Another event of the version says the opposite: branches that meet, or an empty one. */
static bool meets(const struct version_event *events, size_t count, const struct version_event *e)
{
  for (size_t i = 0; i < count; i++)
    if (events[i].kind != e->kind && !events[i].unbounded &&
        version_order(events[i].version, e->version) == 0)
      return true;
  return false;
}

/* A branch is affected where it begins, and no more where it is fixed. */
static void check_branches(struct tally *t, struct value advisory,
                           const struct version_range *range, const struct version_event *events,
                           size_t count)
{
  for (size_t i = 0; i < count; i++) {
    const struct version_event *e = &events[i];
    if (e->unbounded || (e->kind != VERSION_INTRODUCED && e->kind != VERSION_FIXED))
      continue;
    t->branches++;
    if (meets(events, count, e))
      t->met++;
    else if (version_range_affects(range, e->version) != (e->kind == VERSION_INTRODUCED))
      say(&t->wrong, advisory,
          e->kind == VERSION_FIXED ? "affects its fix" : "misses its beginning", e->text);
  }
}

static bool read_range(struct tally *t, const struct version_ops *ops, struct value advisory,
                       struct value range, struct arena *a, struct version_range *ret)
{
  struct version_event events[EVENTS_HERE_MAX];
  struct value list = value_get(range, value_from("events"));
  size_t count = 0;
  struct error err;
  for (uint32_t i = 0; list.type == VALUE_ARRAY && i < list.len; i++) {
    struct value event = value_at(list, i);
    for (uint32_t k = 0; event.type == VALUE_OBJECT && k < event.len; k++) {
      enum version_event_kind kind;
      struct str text = value_str_or_empty(event.members[k].value);
      if (count == EVENTS_HERE_MAX ||
          !version_event_kind_named(value_str(event.members[k].key), &kind))
        return false;
      t->events++;
      if (version_event_parse(ops, kind, text, a, &events[count++], &err) < 0) {
        say(&t->unreadable, advisory, err.message, STR_EMPTY);
        return false;
      }
    }
  }
  t->ranges++;
  if (version_range_make(ops, events, count, a, ret, &err) == 0) {
    check_branches(t, advisory, ret, events, count);
    return true;
  }
  say(&t->unreadable, advisory, err.message, STR_EMPTY);
  return false;
}

static void check_listed(struct tally *t, const struct version_ops *ops, struct value advisory,
                         struct value versions, const struct version_range *ranges, size_t count,
                         struct arena *a)
{
  for (uint32_t i = 0; count && versions.type == VALUE_ARRAY && i < versions.len; i++) {
    struct version v;
    bool affected = false;
    struct str text = value_str_or_empty(value_at(versions, i));
    if (version_parse(ops, text, a, &v, NULL) < 0)
      continue;
    for (size_t k = 0; k < count && !affected; k++)
      affected = version_range_affects(&ranges[k], v);
    t->listed++;
    if (!affected)
      say(&t->unlisted, advisory, "lists, outside its ranges,", text);
  }
}

static void check_package(struct tally *t, struct value advisory, struct value affected,
                          struct arena *a)
{
  struct version_range ranges[RANGES_MAX];
  size_t count = 0;
  struct value package = value_get(affected, value_from("package"));
  struct str ecosystem = value_str_or_empty(value_get(package, value_from("ecosystem")));
  const struct version_ops *ops = version_ops_find(ecosystem);
  struct value list = value_get(affected, value_from("ranges"));
  if (!ops) {
    say(&t->wrong, advisory, "no order for", ecosystem);
    return;
  }
  for (uint32_t i = 0; list.type == VALUE_ARRAY && i < list.len && count < RANGES_MAX; i++) {
    struct value range = value_at(list, i);
    if (value_eq_str(value_get(range, value_from("type")), STR("GIT")))
      continue;
    count += read_range(t, ops, advisory, range, a, &ranges[count]);
  }
  check_listed(t, ops, advisory, value_get(affected, value_from("versions")), ranges, count, a);
}

static bool check_file(const char *file, struct tally *t)
{
  const char *shared = getenv("SEAWALL_SHARED"), *root = getenv("SEAWALL_SOURCE_ROOT");
  char command[1024], *line = NULL;
  size_t room = 0;
  ssize_t len;
  struct arena arena;
  snprintf(command, sizeof command,
           "zstd -dc '%s%s/conformance/advisories/%s.jsonl.zst' 2>/dev/null",
           shared ? shared
           : root ? root
                  : ".",
           shared ? "" : "/../shared", file);
  FILE *in = popen(command, "r");
  arena_init(&arena, 0);
  while (in && (len = getline(&line, &room, in)) > 0) {
    struct value advisory, affected;
    arena_reset(&arena);
    if (json_parse(&arena, str_make(line, (size_t)len), NULL, &advisory, NULL) < 0)
      return false;
    t->advisories++;
    affected = value_get(advisory, value_from("affected"));
    for (uint32_t i = 0; affected.type == VALUE_ARRAY && i < affected.len; i++)
      check_package(t, advisory, value_at(affected, i), &arena);
  }
  mem_free(line);
  arena_free(&arena);
  return in && pclose(in) == 0;
}

int main(void)
{
  unsigned ran = 0, bad = 0;
  for (size_t i = 0; i < sizeof sources / sizeof sources[0]; i++) {
    struct tally t = {0};
    if (!check_file(sources[i].file, &t) && t.advisories == 0) {
      printf("%s: not here; set SEAWALL_SHARED to the folder that holds conformance/advisories\n",
             sources[i].file);
      continue;
    }
    ran++;
    printf(
        "%s: %zu advisories, %zu ranges, %zu events, %zu unreadable, %zu ends of branches (%zu meet), "
        "%zu wrong, %zu listed versions, %zu outside\n",
        sources[i].file, t.advisories, t.ranges, t.events, t.unreadable, t.branches, t.met, t.wrong,
        t.listed, t.unlisted);
    bad += t.ranges == 0 || t.wrong || t.unreadable != sources[i].unreadable ||
           t.unlisted != sources[i].unlisted;
  }
  if (ran == 0)
    printf("skipped: no advisories\n");
  return ran == 0 ? SKIPPED : bad ? 1 : 0;
}
