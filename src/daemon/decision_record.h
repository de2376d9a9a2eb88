/*
 * decision_record.h - what the decision log says of a decision, with secrets masked.
 *
 *     struct decision_mask_options options = {.pointers = pointers, .pointer_count = 1};
 *     if (decision_mask_new(&options, &mask, &err) < 0) ...
 *     decision_record_write(&line, mask, &record);
 *
 * A line is one object: time, id, path, kind, operation, namespace, name, user, allowed, and so on; what is
 * empty is left out. Masked values are written as "***", and never in any other way:
 *   - in every object whose kind is Secret (or List of such), and in the review of a Secret: each value
 *     below data and stringData, its keys stay. Of a patch to a Secret: all values;
 *   - the value of a member of a list `env` whose name matches one of the patterns ("*" and "?", any
 *     case); without patterns those of DECISION_ENV_PATTERNS. In patches, values of paths ending in
 *     /value below an env are masked whatever the name is;
 *   - the annotation kubectl.kubernetes.io/last-applied-configuration, which repeats whole objects;
 *   - what the configured JSON pointers lead to, from the root of the line ("/object/spec/token"); the part
 *     "*" stands for any key or index;
 *   - what is nested deeper than DECISION_DEPTH_MAX.
 * Texts of masked values, from four bytes on, are masked in messages too: a policy may quote what it judges.
 * Of Secrets' data the decoded text counts as well.
 *
 * Ownership: a record is views; a mask owns copies. Thread safety: a mask is immutable.
 */
#ifndef SEAWALL_DAEMON_DECISION_RECORD_H
#define SEAWALL_DAEMON_DECISION_RECORD_H

#include "base/buf.h"
#include "base/error.h"
#include "base/mem.h"
#include "base/str.h"
#include "data/value.h"

#include <stdbool.h>
#include <stdint.h>

#define DECISION_ENV_PATTERNS                                                                      \
  "*PASSWORD*", "*PASSWD*", "*PASSPHRASE*", "*SECRET*", "*TOKEN*", "*CREDENTIAL*", "*APIKEY*",     \
      "*API_KEY*", "*ACCESS_KEY*", "*PRIVATE_KEY*", "*AUTH*", "*DSN*", "*CONNECTION_STRING*"

enum {
  DECISION_POINTERS_MAX = 64,
  DECISION_PATTERNS_MAX = 256,
  DECISION_DEPTH_MAX = 200,
  DECISION_QUOTED_MAX =
      1000, /* masked texts that are looked for in messages; with more, messages are
                               * masked altogether */
};

struct decision_mask_options {
  const struct str *env_patterns; /* NULL: the default ones */
  size_t env_pattern_count;       /* 0 with env_patterns: no variable is masked */
  const struct str *pointers;
  size_t pointer_count;
};

struct decision_mask;

/* SW_EINVAL: a pointer or pattern that is none; SW_ELIMIT: too many. options may be NULL. */
int decision_mask_new(const struct decision_mask_options *options, struct decision_mask **ret,
                      struct error *err);
void decision_mask_free(struct decision_mask *mask);
MEM_DEFINE_CLEANUP(struct decision_mask, decision_mask_free)

/* Something that a policy said. */
struct decision_reason {
  struct str policy, rule, action, message;
  bool failed;
};

struct decision_record {
  int64_t time_ms; /* since the epoch */
  struct str id;   /* the review's uid */
  struct str path; /* "/admit" */
  struct str group, version, kind, subresource, operation, namespace, name, user;
  bool allowed, dry_run;
  struct str message;
  const struct decision_reason *reasons;
  size_t reason_count;
  const struct str *warnings;
  size_t warning_count;
  uint64_t duration_ns;
  struct str peer;
  struct value object, old_object, patch; /* absent: left out */
  bool is_document;           /* a document of OPA's API was asked for: there is no `allowed` */
  struct value input, result; /* of that; absent: left out */
};

/* Appends the line, without a newline. */
void decision_record_write(struct buf *out, const struct decision_mask *mask,
                           const struct decision_record *record);

#endif
