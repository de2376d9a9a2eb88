#include "base/suggestion.h"

void suggestion_consider(struct suggestion *s, const char *candidate)
{
  struct str name = str_from(candidate);
  unsigned distance = str_distance(s->word, name);
  bool begins = s->word.len >= 3 && str_starts(name, s->word);
  unsigned allowed = s->word.len < 5 ? 1 : s->word.len < 9 ? 2 : 3;
  if (!begins && distance > allowed)
    return;
  if (!s->best || distance < s->distance) {
    s->best = candidate;
    s->distance = distance;
  }
}
