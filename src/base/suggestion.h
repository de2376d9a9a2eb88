/*
 * suggestion.h - what was meant by a mistyped word.
 *
 *     struct suggestion s = {.word = word};
 *     for (...)
 *       suggestion_consider(&s, candidate);
 *     if (s.best)
 *       ... did you mean s.best?
 *
 * A candidate is close enough if the word is its beginning (from three bytes on), or if few bytes
 * differ: one in words under five bytes, two under nine, else three.
 *
 * Ownership: the word and the candidates are the caller's. Thread safety: a suggestion belongs to one
 * thread.
 */
#ifndef SEAWALL_BASE_SUGGESTION_H
#define SEAWALL_BASE_SUGGESTION_H

#include "base/str.h"

struct suggestion {
  struct str word;
  const char *best; /* the closest so far; NULL: none is close enough */
  unsigned distance;
};

void suggestion_consider(struct suggestion *s, const char *candidate);

#endif
