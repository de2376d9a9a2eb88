/*
 * Rule files of gitleaks: what is read has patterns that compile, and is found again by its ids.
 */
#include "scan/secret/rules_int.h"

#include <assert.h>

static int read_again(void *context, struct str path, struct buf *ret_text, struct error *err)
{
  const struct str *text = context;
  (void)err;
  assert(path.len);
  buf_add(ret_text, *text);
  return 0;
}

static void check(const struct secret_rules *set)
{
  for (size_t i = 0; i < set->count; i++) {
    const struct secret_rule *r = &set->rules[i];
    const struct secret_rule_state *state = &set->states[i];
    assert(r->rule.id.len && r->rule.title.len && r->rule.why.len && r->rule.remedy.len);
    assert(r->pattern.len || r->path.len);
    assert(secret_rules_find(set, r->rule.id));
    if (r->builtin)
      continue;
    assert(!r->pattern.len || secret_pattern_get(set, &state->pattern));
    assert(!r->path.len || secret_pattern_get(set, &state->path));
    for (size_t k = 0; k < r->allow_count; k++)
      assert(!r->allow[k].regexes.len || secret_pattern_get(set, &state->allow[k].regexes));
  }
  assert(strlen(set->digest) == 64);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
  struct str text = str_make((const char *)data, size);
  struct secret_rules_options options = {.read = read_again, .context = &text};
  struct secret_rules *set = secret_rules_new();
  struct error err = {0};
  int rc = secret_rules_read_gitleaks(set, text, "rules.toml", &options, true, &err);
  assert(rc == 0 || (err.code == rc && err.message[0]));
  if (rc == 0)
    check(set);
  secret_rules_free(set);
  return 0;
}
