/* scanner_int.h - what the parts of the scanner share. */
#ifndef SEAWALL_SCAN_SECRET_SCANNER_INT_H
#define SEAWALL_SCAN_SECRET_SCANNER_INT_H

#include "crypto/digest.h"
#include "scan/secret/database_library_int.h"
#include "scan/secret/rules_int.h"
#include "scan/secret/scanner.h"

#include "base/vec.h"

enum {
  SECRET_WINDOW = 1 << 20,
  SECRET_CARRY = 2 * SECRET_REACH, /* how far a window reaches into the one before */
  SECRET_NEAR = 256,               /* bytes around a match in which own rules look for keywords */
  SECRET_HEAD = 4096,              /* bytes by which the kind of content is known */
  SECRET_LINE_MAX = 4 << 10,       /* bytes of a line that is looked at, on each side of a match */
  SECRET_DROPPED_MAX = 10000,      /* matches beyond the limit after which a file is given up */
};

/* What is known of a rule while a file is read. */
struct scanner_rule {
  uint64_t file;     /* the file of which the next two speak */
  uint64_t done;     /* end of its last match in the file */
  bool applies;      /* to this file */
  uint64_t window;   /* the window of which the next four speak */
  uint64_t passed;   /* candidates that end before are not looked at again in this window */
  uint32_t patience; /* bytes that are passed over after a candidate that was none */
  bool keyword_known, keyword; /* whether the window holds one of its keywords */
};

/* A match of this file. */
struct scanner_found {
  uint32_t rule;
  struct secret_match match; /* redacted is in the scanner's arena */
};

/* The part of the file that is looked at. */
struct scanner_view {
  struct str text;
  bool last; /* the file ends with it */
};

struct secret_scanner {
  const struct secret_rules *rules;
  struct hs_scratch *scratch;
  bool no_allow_comments, no_binaries;
  char *key;
  size_t key_len;

  /* the file */
  enum secret_place kind;
  struct str path;
  uint64_t size;
  uint64_t file; /* counts files */
  bool wanted;   /* its content, still */
  bool headed;   /* its first bytes have been looked at */
  bool binary;
  bool allowed; /* its path is on the list of what is allowed for all rules */

  /* the window */
  char *window;
  size_t fill;
  uint64_t base;       /* bytes of the file before the window */
  uint64_t lines;      /* line feeds before it */
  uint64_t line_start; /* where the line began that the window begins in */
  uint64_t windows;    /* counts windows */
  struct scanner_view view;

  struct scanner_rule *states;
  VEC(struct scanner_found) found;
  uint64_t dropped;
  struct arena arena; /* of the file's matches */
};

/* scanner_skip.c: what a path and first bytes say of a file. */
enum scanner_content { SCANNER_TEXT, SCANNER_BINARY, SCANNER_PACKED };

bool scanner_path_wanted(struct str path);
bool scanner_path_of_tests(struct str path);
enum scanner_content scanner_content_of(struct str head);

/* scanner_judge.c: a candidate of a rule that ends at `to` in the view. */
void scanner_judge(struct secret_scanner *s, uint32_t rule, size_t to);

/* Whether the rule looks at this file at all. */
bool scanner_rule_applies(const struct secret_scanner *s, uint32_t rule);

/* Whether a path is on a list, of which this is the first condition or the only one. */
bool scanner_path_allowed(const struct secret_rules *set, const struct secret_allow *allow,
                          const struct secret_allow_state *states, size_t count, struct str path);

/* scanner_place.c: where a secret is, and what may be shown of it. */
void scanner_keep(struct secret_scanner *s, uint32_t rule, struct regex_span secret);
void scanner_keep_path(struct secret_scanner *s, uint32_t rule);
void scanner_slide(struct secret_scanner *s, struct str dropped);

#endif
