/*
 * Whatever a registry says: challenges, links, tokens, reasons and ranges are read or refused, and what is
 * taken over can be sent in a header, or shown.
 */
#include "oci/registry_text.h"
#include "net/http.h"

#include <assert.h>

static bool lies_in(struct str part, struct str whole)
{
  return !part.len || (part.data >= whole.data && part.data + part.len <= whole.data + whole.len);
}

static void check_text(struct str text)
{
  for (size_t i = 0; i < text.len; i++)
    assert((unsigned char)text.data[i] >= 0x20 && (unsigned char)text.data[i] < 0x7f);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
  struct str text = str_make((const char *)data, size), target;
  struct oci_challenge challenge;
  struct oci_token token;
  struct error err;
  struct arena arena;
  uint64_t first = 0, last = 0, total = UINT64_MAX;
  if (size > 64 << 10)
    return 0;
  arena_init(&arena, 0);
  bool found = oci_challenge_choose(text, &arena, &challenge);
  assert(http_is_value(challenge.realm) && http_is_value(challenge.service) &&
         http_is_value(challenge.scope));
  assert(!challenge.bearer || (found && challenge.realm.len));
  assert(challenge.bearer || !challenge.realm.len);
  if (oci_link_next(text, &target))
    assert(lies_in(target, text) && str_find_byte(target, 0, '>') < 0);
  int rc = oci_token_read(text, &arena, &token, &err);
  assert(rc == 0 ? token.text.len && http_is_value(token.text) && token.seconds > 0
                 : rc == err.code && err.message[0]);
  struct str reason = oci_reason_read(text, &arena);
  assert(reason.len <= OCI_REASON_MAX + 2);
  check_text(reason);
  if (oci_content_range_read(text, &first, &last, &total))
    assert(first <= last && last < total);
  arena_free(&arena);
  return 0;
}
