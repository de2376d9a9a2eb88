/*
 * advisory_make.h - databases of advisories for tests, of records that fit on a line.
 */
#ifndef SEAWALL_TESTS_UNIT_SCAN_ADVISORY_MAKE_H
#define SEAWALL_TESTS_UNIT_SCAN_ADVISORY_MAKE_H

#include "../test.h"

#include "base/arena.h"
#include "base/mem.h"
#include "scan/advisory/database_writer.h"

#include <stdlib.h>
#include <unistd.h>

struct made {
  const char *id, *aliases; /* words */
  const char *ecosystem, *name;
  const char *events;   /* "introduced 0 fixed 1.2 | introduced 2 fixed 2.1"; NULL: no range */
  const char *versions; /* words */
  const char *requirement;
  const char *related; /* words */
  const char *cvss;
  const char *module, *architecture;
  const char *title, *description;
  enum advisory_status status;
  enum severity severity, advisory_severity;
  bool binary, withdrawn;
};

enum { MADE_TEXTS = 16, MADE_RANGES = 8, MADE_EVENTS = 16 };

struct made_parts {
  struct str aliases[MADE_TEXTS], versions[MADE_TEXTS], related[MADE_TEXTS], cvss[1];
  struct advisory_range ranges[MADE_RANGES];
  struct advisory_event events[MADE_RANGES][MADE_EVENTS];
  struct advisory_affected affected;
};

static inline size_t made_words(const char *text, struct str *ret)
{
  size_t count = 0;
  for (struct str rest = str_from(text ? text : ""); rest.data && rest.len;) {
    assert_true(count < MADE_TEXTS);
    ret[count++] = str_cut(rest, ' ', &rest);
  }
  return count;
}

static inline size_t made_events(struct str text, struct advisory_event *ret)
{
  size_t count = 0;
  for (struct str rest = text; rest.data && rest.len;) {
    struct str kind = str_cut(rest, ' ', &rest), version = str_cut(rest, ' ', &rest);
    assert_true(count < MADE_EVENTS);
    assert_true(version_event_kind_named(kind, &ret[count].kind));
    ret[count++].version = version;
  }
  return count;
}

static inline struct advisory made_advisory(const struct made *made, struct made_parts *parts)
{
  memset(parts, 0, sizeof *parts);
  struct advisory_affected *a = &parts->affected;
  for (struct str rest = str_from(made->events ? made->events : ""); rest.data && rest.len;) {
    struct advisory_range *range = &parts->ranges[a->range_count];
    struct str part = str_trim(str_cut(rest, '|', &rest));
    assert_true(a->range_count < MADE_RANGES);
    range->count = made_events(part, parts->events[a->range_count]);
    range->events = parts->events[a->range_count++];
  }
  a->ecosystem = str_from(made->ecosystem);
  a->name = str_from(made->name);
  a->ranges = parts->ranges;
  a->versions = parts->versions;
  a->version_count = made_words(made->versions, parts->versions);
  a->requirement = str_from(made->requirement);
  a->module = str_from(made->module);
  a->architecture = str_from(made->architecture);
  a->status = made->status;
  a->severity = made->severity;
  a->binary = made->binary;
  parts->cvss[0] = str_from(made->cvss);
  return (struct advisory){
      .id = str_from(made->id),
      .aliases = parts->aliases,
      .alias_count = made_words(made->aliases, parts->aliases),
      .related = parts->related,
      .related_count = made_words(made->related, parts->related),
      .title = str_from(made->title),
      .description = str_from(made->description),
      .severity = made->advisory_severity,
      .cvss = parts->cvss,
      .cvss_count = made->cvss != NULL,
      .withdrawn = made->withdrawn ? STR("2024-01-01T00:00:00Z") : STR_EMPTY,
      .affected = a,
      .affected_count = made->ecosystem != NULL,
  };
}

static inline void made_add(struct advisory_writer *w, const struct made *made)
{
  struct made_parts parts;
  struct error err;
  struct advisory_sink sink = advisory_writer_sink(w);
  struct advisory advisory = made_advisory(made, &parts);
  if (sink.add(sink.ctx, &advisory, &err) < 0)
    fail_msg("%s: %s", made->id, err.message);
}

/* A folder of the test's own, and a path in it. */
struct made_place {
  char folder[64], path[96];
};

static inline void made_place_begin(struct made_place *place)
{
  snprintf(place->folder, sizeof place->folder, "/tmp/seawall-test-XXXXXX");
  assert_non_null(mkdtemp(place->folder));
  snprintf(place->path, sizeof place->path, "%s/advisories.db", place->folder);
}

static inline void made_place_end(struct made_place *place)
{
  unlink(place->path);
  /* Fails if the writer left anything behind. */
  assert_int_equal(rmdir(place->folder), 0);
}

static inline struct advisory_writer *made_writer(const struct made_place *place,
                                                  const struct advisory_writer_options *options)
{
  static const struct advisory_writer_options plain = {.now = STR_INIT("2026-11-21T10:00:00Z")};
  struct advisory_writer *w = NULL;
  struct error err;
  if (advisory_writer_new(place->path, options ? options : &plain, &w, &err) < 0)
    fail_msg("%s", err.message);
  return w;
}

static inline void made_source(struct advisory_writer *w, const char *name)
{
  struct error err;
  assert_int_equal(
      advisory_writer_source(w,
                             &(struct advisory_source_info){.name = str_from(name),
                                                            .fetched = STR("2026-11-21T09:00:00Z")},
                             &err),
      0);
}

static inline void made_finish(struct advisory_writer *w)
{
  struct error err;
  if (advisory_writer_finish(w, &err) < 0)
    fail_msg("%s", err.message);
  advisory_writer_free(w);
}

static inline struct advisory_database *made_open(const struct made_place *place)
{
  struct advisory_database *db = NULL;
  struct error err;
  if (advisory_database_open(place->path, &db, &err) < 0)
    fail_msg("%s", err.message);
  return db;
}

#endif
