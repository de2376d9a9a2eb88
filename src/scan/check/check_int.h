/*
 * check_int.h - what the tables of rules in this folder are written with.
 */
#ifndef SEAWALL_SCAN_CHECK_CHECK_INT_H
#define SEAWALL_SCAN_CHECK_CHECK_INT_H

#include "base/buf.h"
#include "finding/finding.h"
#include "scan/check/target.h"

#define CHECK_COUNT(array) (sizeof(array) / sizeof((array)[0]))
#define CHECK_REFERENCES(array) .references = (array), .reference_count = CHECK_COUNT(array)
#define CHECK_CONTROLS(array) .controls = (array), .control_count = CHECK_COUNT(array)

/* Section 4 of the CIS Docker benchmark, editions 1.6 and 1.7. */
#define CHECK_CIS(id)                                                                              \
  {                                                                                                \
    STR_INIT("cis-docker"), STR_INIT(id)                                                           \
  }
#define CHECK_DOCKLE(id)                                                                           \
  {                                                                                                \
    STR_INIT("dockle"), STR_INIT(id)                                                               \
  }
/* Rules of Trivy and hadolint that look for the same, for those who come from there. */
#define CHECK_TRIVY(id)                                                                            \
  {                                                                                                \
    STR_INIT("trivy"), STR_INIT(id)                                                                \
  }
#define CHECK_HADOLINT(id)                                                                         \
  {                                                                                                \
    STR_INIT("hadolint"), STR_INIT(id)                                                             \
  }
#define CHECK_MITRE(id)                                                                            \
  {                                                                                                \
    STR_INIT("mitre"), STR_INIT(id)                                                                \
  }

#define CHECK_PRACTICES_URL "https://docs.docker.com/build/building/best-practices/"
#define CHECK_DOCKERFILE_URL "https://docs.docker.com/reference/dockerfile/"
#define CHECK_CIS_URL "https://www.cisecurity.org/benchmark/docker"

/* A new finding about the image; path: the file to blame, or empty. The caller adds message and evidence, and seals. */
static inline struct finding *check_finding(struct finding_list *findings, const struct rule *rule,
                                            const struct check_target *target, struct str path)
{
  struct finding *f = finding_add(findings, rule);
  f->subject = (struct subject){.kind = STR("Image"), .name = target->image};
  f->location.file = path.len ? path : target->location.len ? target->location : target->image;
  return f;
}

enum { CHECK_QUOTE_MAX = 120 };

/* A text for a message: one line, at most CHECK_QUOTE_MAX bytes, ends of characters kept. */
static inline void check_quote(struct buf *b, struct str text)
{
  text = str_trim(text);
  bool cut = text.len > CHECK_QUOTE_MAX;
  size_t len = cut ? CHECK_QUOTE_MAX : text.len;
  while (cut && len && ((unsigned char)text.data[len] & 0xc0) == 0x80)
    len--;
  for (size_t i = 0; i < len; i++)
    buf_add_byte(b, (unsigned char)text.data[i] < ' ' ? ' ' : text.data[i]);
  if (cut)
    buf_add_text(b, "...");
}

/* The whole of a text on one line, without what would move a cursor. */
static inline void check_quote_all(struct buf *b, struct str text)
{
  for (size_t i = 0; i < text.len; i++)
    buf_add_byte(b, (unsigned char)text.data[i] < ' ' ? ' ' : text.data[i]);
}

#endif
