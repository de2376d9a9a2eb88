/*
 * version_int.h - what the orders of version.h are made of: a row each, and the writing of keys.
 *
 * A key is written from left to right so that comparing bytes compares versions: every part is either of a
 * fixed length, or carries its length in front (numbers), or ends with a byte below all that it may hold.
 */
#ifndef SEAWALL_SCAN_VERSION_INT_H
#define SEAWALL_SCAN_VERSION_INT_H

#include "scan/version.h"

#include <stdint.h>

struct version_key {
  size_t len;
  bool full; /* something did not fit */
  char bytes[VERSION_KEY_MAX];
};

struct version_ops {
  struct str name;
  /* Writes the key of a text that is trimmed, not empty, printable ASCII, not too long. */
  int (*write)(struct str text, struct version_key *key, struct error *err);
  /* What the tool accepts, if that is less than what write does. */
  bool (*valid)(struct str text);
  /* Order of keys; NULL: that of their bytes. */
  int (*order)(struct str a, struct str b);
};

extern const struct version_ops version_dpkg, version_rpm, version_apk, version_npm, version_cargo,
    version_go, version_pub, version_pypi, version_maven, version_gem, version_nuget,
    version_composer;

/* "V" is not a version of NAME: WHY */
int version_fail(const struct version_ops *ops, struct str text, const char *why,
                 struct error *err);

void version_key_byte(struct version_key *key, unsigned char byte);
void version_key_text(struct version_key *key, struct str text);

/* As version_key_text, capital letters made small. */
void version_key_lower(struct version_key *key, struct str text);

/* A decimal number of any length: how many digits, then the digits, without leading zeros. */
void version_key_number(struct version_key *key, struct str digits);
void version_key_u64(struct version_key *key, uint64_t number);

static inline bool version_is_digit(char c)
{
  return c >= '0' && c <= '9';
}

static inline bool version_is_lower(char c)
{
  return c >= 'a' && c <= 'z';
}

static inline bool version_is_alpha(char c)
{
  return version_is_lower(c) || (c >= 'A' && c <= 'Z');
}

static inline bool version_is_alnum(char c)
{
  return version_is_digit(c) || version_is_alpha(c);
}

/* The digits that *rest begins with (maybe none), taken from it. */
struct str version_take_digits(struct str *rest);

/* The letters that *rest begins with, likewise. */
struct str version_take_letters(struct str *rest);

/* Takes the byte from *rest if it begins with one of set. */
bool version_take_byte(struct str *rest, const char *set);

/* Takes the small-letter word from *rest if it begins with it, capitals or not. */
bool version_take_word(struct str *rest, struct str word);

/* Digits without leading zeros; "0" becomes empty. */
struct str version_strip_zeros(struct str digits);

#endif
