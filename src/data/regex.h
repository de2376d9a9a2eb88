/*
 * regex.h - regular expressions: RE2 behind a C interface.
 *
 * The syntax is RE2's (https://github.com/google/re2/wiki/Syntax), which is also
 * Go's, so that Rego, CEL and Kyverno patterns mean here what they mean there; it
 * is not PCRE's. Matching takes time linear in the text, whatever the pattern.
 * What cannot be done in linear time does not exist: look-ahead, look-behind,
 * back-references, atomic groups, possessive repetition are refused with a message
 * that says so. Besides, as in Go: "$" is the end of the text (of a line under
 * (?m)), "\z" the end, never "before a last newline"; (?i) (?s) (?U) work; counted
 * repetition goes up to 1000; "\C" is refused. Named groups are (?P<name>x) or
 * (?<name>x). The leftmost match wins, and among those the one that a
 * backtracking matcher would find first.
 *
 * Patterns and texts are UTF-8; offsets are bytes. A text that is not UTF-8 is no
 * error: its bad bytes match nothing.
 *
 *     struct regex *regex;
 *     if (regex_compile(STR("^v([0-9]+)"), 0, &regex, &err) < 0)
 *         return error_wrap(&err, "the tag pattern");
 *     struct regex_span groups[2];
 *     if (regex_find(regex, text, 0, groups, 2))
 *         major = regex_text(text, groups[1]);
 *     regex_free(regex);
 *
 * Ownership: a regex is owned; regex_free ends it. Patterns are copied.
 *
 * Limits: REGEX_LENGTH_MAX bytes of pattern and REGEX_MEMORY_MAX bytes of compiled
 * program and caches (SW_ELIMIT). Errors in a pattern are SW_EINVAL, look-around
 * and its like SW_EUNSUPPORTED, with the column (in characters, line 1) where it
 * can be told.
 *
 * Thread safety: a compiled regex may be used by many threads at once.
 */
#ifndef SEAWALL_DATA_REGEX_H
#define SEAWALL_DATA_REGEX_H

#include "base/error.h"
#include "base/mem.h"
#include "base/str.h"

#ifdef __cplusplus
extern "C" {
#endif

struct buf;
struct regex;

enum {
  REGEX_LENGTH_MAX = 64 << 10,
  REGEX_MEMORY_MAX = 8 << 20, /* bytes, where regex_compile_within named no other */
  REGEX_GROUPS_MAX = 64,      /* groups whose places can be asked for, the whole match among them */
};

enum regex_flag {
  REGEX_NOCASE = 1,  /* as (?i) */
  REGEX_LITERAL = 2, /* the pattern is a plain text */
  REGEX_DOT_ALL = 4, /* as (?s): '.' matches a newline */
};

int regex_compile(struct str pattern, unsigned flags, struct regex **ret_regex, struct error *err);

/* The same with a memory cap in bytes. */
int regex_compile_within(struct str pattern, unsigned flags, size_t memory,
                         struct regex **ret_regex, struct error *err);

/* What Go's regexp package says of a pattern that it refuses: "missing closing ]: `[`". False: RE2 takes
 * the pattern. */
bool regex_refusal(struct str pattern, struct buf *out);

void regex_free(struct regex *regex);

/* The pattern as it was given. */
struct str regex_pattern(const struct regex *regex);

/* The pattern matches somewhere in the text. */
bool regex_match(const struct regex *regex, struct str text);

/* The pattern matches the whole text. */
bool regex_match_full(const struct regex *regex, struct str text);

/* A piece of the text: bytes from start up to, not including, end. A group that took no part in the
 * match has start REGEX_NOWHERE. */
struct regex_span {
  size_t start, end;
};

#define REGEX_NOWHERE ((size_t)-1)

/* The piece as a text; empty if the group took no part. */
static inline struct str regex_text(struct str text, struct regex_span span)
{
  return span.start == REGEX_NOWHERE ? str_make(text.data, 0)
                                     : str_make(text.data + span.start, span.end - span.start);
}

/*
 * The first match at or behind `from`: the whole match in spans[0], the groups behind it, `count` in
 * all (0 to REGEX_GROUPS_MAX; those beyond the pattern's groups are nowhere). Anchors look at the
 * whole text.
 */
bool regex_find(const struct regex *regex, struct str text, size_t from, struct regex_span *spans,
                size_t count);

/*
 * Walks through the matches one after the other, as Go's FindAll: they do not overlap, and an empty
 * match right behind another match is left out.
 *
 *     struct regex_walk walk = {0};
 *     while (regex_next(regex, text, &walk, spans, 1)) ...
 */
struct regex_walk {
  size_t at;
  size_t last_end; /* of the match before, + 1; 0: none yet */
};

bool regex_next(const struct regex *regex, struct str text, struct regex_walk *walk,
                struct regex_span *spans, size_t count);

/*
 * Writes the text with every match replaced. In the replacement, as in Go's Expand, $1 or ${1} is a
 * group, $name or ${name} a named one, $$ a dollar sign; a name is as long as letters, digits and
 * '_' go, and one that does not exist is empty. `out` is marked (buf_failed) if the result passes
 * its cap.
 */
void regex_replace(const struct regex *regex, struct str text, struct str replacement,
                   struct buf *out);

/* The same with the replacement taken as it stands. */
void regex_replace_literal(const struct regex *regex, struct str text, struct str replacement,
                           struct buf *out);

/* Number of groups, without the whole match. */
unsigned regex_groups(const struct regex *regex);

/* The name of group 1 to regex_groups; empty if it has none. Valid as long as the regex. */
struct str regex_group_name(const struct regex *regex, unsigned group);

/* The number of a named group; 0 if there is none. */
unsigned regex_group_number(const struct regex *regex, struct str name);

enum regex_shape {
  REGEX_OTHER,    /* anything else */
  REGEX_CONTAINS, /* matches just the texts that contain the literal */
  REGEX_PREFIX,   /* ... that begin with it */
  REGEX_SUFFIX,   /* ... that end with it */
  REGEX_EQUALS,   /* ... that are it */
};

/* What an unanchored match amounts to, and the literal. Only plain patterns are recognised; those
 * that ignore case never. */
enum regex_shape regex_shape(const struct regex *regex, struct str *ret_literal);

/* The text with everything that means something in a pattern escaped. */
void regex_quote(struct buf *out, struct str text);

MEM_DEFINE_CLEANUP(struct regex, regex_free)

#ifdef __cplusplus
}
#endif

#endif
