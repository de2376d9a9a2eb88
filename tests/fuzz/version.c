/*
 * The first line names an order, two or three more are versions: what can be read is equal to itself, the
 * order is antisymmetric, and transitive except for Maven's; parsing and comparing in one step agree; what a
 * tool accepts can be read; case and spaces around do not get in the way of reading.
 */
#include "scan/version.h"
#include "base/mem.h"

#include <assert.h>

enum { VERSIONS = 3 };

static bool check_text(const struct version_ops *ops, struct str text, struct arena *a,
                       struct version *ret)
{
  struct error err;
  int result = version_parse(ops, text, a, ret, &err);
  assert(result == 0 || (err.code == result && err.message[0]));
  assert(result == 0 || !version_valid(ops, text));
  if (result < 0)
    return false;
  assert(ret->key.len <= VERSION_KEY_MAX && version_order(*ret, *ret) == 0);
  struct version again;
  struct str spaced = arena_printf(a, " %.*s\n", STR_FMT(text));
  assert(version_parse(ops, spaced, a, &again, NULL) == 0 && str_eq(again.key, ret->key));
  return true;
}

static void check_three(const struct version_ops *ops, const struct version v[VERSIONS])
{
  if (str_eq(version_ops_name(ops), STR("maven")))
    return;
  if (version_order(v[0], v[1]) <= 0 && version_order(v[1], v[2]) <= 0)
    assert(version_order(v[0], v[2]) <= 0);
  if (version_order(v[0], v[1]) == 0)
    assert(version_order(v[0], v[2]) == version_order(v[1], v[2]));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
  struct str rest, name = str_cut(str_make((const char *)data, size), '\n', &rest);
  const struct version_ops *ops = version_ops_named(name);
  struct version v[VERSIONS];
  struct str text[VERSIONS];
  struct arena arena;
  unsigned count = 0;
  if (!ops)
    ops = version_ops_at(name.len % 12);
  assert(ops);
  arena_init(&arena, 1 << 20);
  while (count < VERSIONS && rest.data) {
    text[count] = str_cut(rest, '\n', &rest);
    if (!check_text(ops, text[count], &arena, &v[count]))
      break;
    count++;
  }
  for (unsigned i = 1; i < count; i++) {
    int order = 7;
    assert(version_order(v[0], v[i]) == -version_order(v[i], v[0]));
    assert(version_compare(ops, text[0], text[i], &order, NULL) == 0);
    assert(order == version_order(v[0], v[i]));
  }
  if (count == VERSIONS)
    check_three(ops, v);
  arena_free(&arena);
  return 0;
}
