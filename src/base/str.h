/*
 * str.h - a view of text: pointer and length.
 *
 * A struct str owns nothing; it is valid as long as the memory it looks at. It
 * may hold any bytes, zero bytes among them, and is not zero-terminated. Pass
 * it by value. The empty string has len 0 and any data, NULL too.
 *
 *     struct str name = str_from(argument);
 *     if (str_eq(name, STR("web")) || str_starts(name, STR("web-")))
 *
 * In printf formats: "%.*s", STR_FMT(name).
 */
#ifndef SEAWALL_BASE_STR_H
#define SEAWALL_BASE_STR_H

#include <stdbool.h>
#include <stddef.h>
#include <string.h>

struct str {
  const char *data;
  size_t len;
};

/* A view of a string literal. */
#define STR(literal) ((struct str){"" literal, sizeof(literal) - 1})
/* The same where a constant initialiser is needed. */
#define STR_INIT(literal)                                                                          \
  {                                                                                                \
    "" literal, sizeof(literal) - 1                                                                \
  }
#define STR_EMPTY ((struct str){"", 0})
/* The two arguments of "%.*s". */
#define STR_FMT(s) (int)(s).len, (s).len ? (s).data : ""

static inline struct str str_make(const char *data, size_t len)
{
  return (struct str){data, len};
}

/* A view of a zero-terminated text; NULL gives the empty string. */
static inline struct str str_from(const char *text)
{
  return (struct str){text ? text : "", text ? strlen(text) : 0};
}

static inline bool str_eq(struct str a, struct str b)
{
  return a.len == b.len && (a.len == 0 || memcmp(a.data, b.data, a.len) == 0);
}

static inline bool str_starts(struct str s, struct str prefix)
{
  return s.len >= prefix.len && (prefix.len == 0 || memcmp(s.data, prefix.data, prefix.len) == 0);
}

static inline bool str_ends(struct str s, struct str suffix)
{
  return s.len >= suffix.len &&
         (suffix.len == 0 || memcmp(s.data + s.len - suffix.len, suffix.data, suffix.len) == 0);
}

/* The part from `from`, at most `len` bytes long; positions beyond the end give the empty string. */
static inline struct str str_sub(struct str s, size_t from, size_t len)
{
  if (from > s.len)
    from = s.len;
  if (len > s.len - from)
    len = s.len - from;
  return (struct str){from ? s.data + from : s.data, len}; /* data may be NULL */
}

/* Order of bytes, as memcmp; a prefix comes before the longer text. Returns -1, 0 or 1. */
int str_compare(struct str a, struct str b);

/* Equal without regard to the case of ASCII letters. */
bool str_eq_nocase(struct str a, struct str b);

/* Position of the first needle or byte at or behind `from`; -1 if there is none. */
ptrdiff_t str_find(struct str s, size_t from, struct str needle);
ptrdiff_t str_find_byte(struct str s, size_t from, char byte);

/* Position of the last such byte; -1 if there is none. */
ptrdiff_t str_find_last_byte(struct str s, char byte);

/* Without spaces, tabs, CR and LF at both ends. */
struct str str_trim(struct str s);

/*
 * Cuts s at the first separator: the part before it, and in *rest what follows.
 * Without a separator the whole string is returned and *rest has data NULL, so
 * that a loop can run `while (rest.data)`.
 */
struct str str_cut(struct str s, char separator, struct str *rest);

/* Least number of inserted, deleted, replaced or swapped bytes between a and b, for suggestions;
 * texts longer than 64 bytes count as too far apart (100). */
unsigned str_distance(struct str a, struct str b);

/* The whole of s as a decimal number, no sign, no spaces, at most max. False if it is not one. */
bool str_to_u64(struct str s, unsigned long long max, unsigned long long *ret);

#endif
