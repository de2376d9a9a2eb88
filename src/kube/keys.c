#include "kube/keys.h"

#define KUBE_KEY_VALUE(constant, name)                                                             \
  [KUBE_##constant] = {                                                                            \
      .type = VALUE_STRING, .symbol = KUBE_##constant, .len = sizeof(name) - 1, .text = (name)},

const struct value kube_keys[KUBE_KEY_COUNT] = {[KUBE_NO_KEY] = {.type = VALUE_STRING, .text = ""},
                                                KUBE_KEYS(KUBE_KEY_VALUE)};

static int compare(struct str a, struct str b)
{
  if (a.len != b.len)
    return a.len < b.len ? -1 : 1;
  return memcmp(a.data, b.data, a.len);
}

enum kube_key kube_key_find(struct str name)
{
  unsigned low = 1, high = KUBE_KEY_COUNT;
  if (!name.len)
    return KUBE_NO_KEY;
  while (low < high) {
    unsigned middle = low + (high - low) / 2;
    int order = compare(value_str(kube_keys[middle]), name);
    if (order == 0)
      return (enum kube_key)middle;
    if (order < 0)
      low = middle + 1;
    else
      high = middle;
  }
  return KUBE_NO_KEY;
}

struct symbols *kube_symbols_new(void)
{
  struct str names[KUBE_KEY_COUNT - 1];
  for (int i = 1; i < KUBE_KEY_COUNT; i++)
    names[i - 1] = value_str(kube_keys[i]);
  return symbols_new(names, KUBE_KEY_COUNT - 1);
}
