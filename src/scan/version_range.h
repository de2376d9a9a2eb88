/*
 * version_range.h - which versions an advisory means: the ranges of OSV.
 *
 *     struct version_event events[2];
 *     if (version_event_parse(ops, VERSION_INTRODUCED, STR("0"), &arena, &events[0], err) < 0 ||
 *         version_event_parse(ops, VERSION_FIXED, STR("2.4-3"), &arena, &events[1], err) < 0 ||
 *         version_range_make(ops, events, 2, &arena, &range, err) < 0)
 *       return err->code;
 *     if (version_range_affects(&range, installed))
 *       fix = version_range_fix(&range, installed);
 *
 * Specification: the Open Source Vulnerability schema 1.7, "Evaluation" and affected[].ranges[].events. Events
 * are put in the order of their versions; a version is affected from an "introduced" on until it reaches a "fixed"
 * or passes a "last_affected". So one range may hold several branches, each with its own fix. Where a branch
 * is fixed in the very version that the next begins with, that version is affected; a branch that is fixed
 * where it begins is empty. Both occur, and in any order of the events. "limit" events say how far a range reaches
 * at all, and of several the highest counts. An advisory with several ranges affects what any of them affects.
 *
 * Limits: VERSION_EVENTS_MAX events a range.
 *
 * Ownership: a range lives in the arena, and the texts of its events are views of what the caller gave.
 * Thread safety: all functions may be called from any thread; a range is immutable.
 */
#ifndef SEAWALL_SCAN_VERSION_RANGE_H
#define SEAWALL_SCAN_VERSION_RANGE_H

#include "scan/version.h"

#include <stdint.h>

enum { VERSION_EVENTS_MAX = 4096 };

enum version_event_kind {
  VERSION_INTRODUCED,
  VERSION_FIXED,
  VERSION_LAST_AFFECTED,
  VERSION_LIMIT,
};

struct version_event {
  enum version_event_kind kind;
  bool unbounded;         /* introduced "0": before every version; limit "*": behind every one */
  struct version version; /* key empty if unbounded */
  struct str text;        /* as it was given */
};

/* What changes at a version. */
struct version_step {
  bool unbounded;         /* at the beginning of all versions */
  bool affected;          /* the version itself is affected */
  bool affected_beyond;   /* and so are those behind it, up to the next step */
  struct version version; /* key empty if unbounded */
  struct str fixed;       /* text of the "fixed" event, if there is one */
};

struct version_range {
  const struct version_ops *ops;
  const struct version_step *steps; /* by version */
  uint32_t count;
  bool limited;
  struct version limit; /* the highest, if limited */
};

/* The kind that an event of OSV's has by its member's name ("introduced"); false if there is none. */
bool version_event_kind_named(struct str name, enum version_event_kind *ret_kind);

/* Reads an event; errors as version_parse. */
int version_event_parse(const struct version_ops *ops, enum version_event_kind kind,
                        struct str text, struct arena *a, struct version_event *ret_event,
                        struct error *err);

/* Copies and sorts the events. SW_ELIMIT: more than VERSION_EVENTS_MAX. SW_EINVAL: "fixed" or
 * "last_affected" of a range without any "introduced", which would affect nothing unnoticed. */
int version_range_make(const struct version_ops *ops, const struct version_event *events,
                       size_t count, struct arena *a, struct version_range *ret_range,
                       struct error *err);

/* The version, parsed by the same ops, lies in the range. */
bool version_range_affects(const struct version_range *range, struct version version);

/* For a version that is affected: the step with the "fixed" event that ends its branch, the least version to
 * move to. NULL: there is none, the branch is fixed nowhere or ends with what was last affected. */
const struct version_step *version_range_fix(const struct version_range *range,
                                             struct version version);

#endif
