/*
 * toml_int.h - what the parts of the TOML reader share: the place in the text, errors, and single values.
 *
 * Functions that read answer false after an error, which toml_fail has described. They begin at r->at and
 * leave it behind what they read.
 */
#ifndef SEAWALL_DATA_TOML_INT_H
#define SEAWALL_DATA_TOML_INT_H

#include "data/toml.h"

struct toml_reader {
  struct arena *arena;
  const char *begin, *at, *end;
  struct error *err;
  int code;
};

/* Sets the error, with the place of `at`; returns false. */
bool toml_fail(struct toml_reader *r, const char *at, int code, const char *format, ...)
    __attribute__((format(printf, 4, 5)));

/* As toml_fail, with what is found at r->at in front of "instead of" and what was expected. */
bool toml_fail_expected(struct toml_reader *r, const char *expected);

/* The byte at r->at + ahead; 0 beyond the end, which is a byte that TOML has no use for. */
static inline char toml_peek(const struct toml_reader *r, size_t ahead)
{
  return ahead < (size_t)(r->end - r->at) ? r->at[ahead] : '\0';
}

/* A string at its first quote. lines: it may be one of several lines. */
bool toml_read_string(struct toml_reader *r, bool lines, struct str *ret);

/* A boolean, number, date or time. */
bool toml_read_word(struct toml_reader *r, struct value *ret);

#endif
