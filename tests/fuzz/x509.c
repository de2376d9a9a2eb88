/*
 * A certificate that is read is read as the same from its own bytes; verifying it with itself and its
 * neighbours as roots ends, and what is trusted is trusted with its chain's end as the only root.
 * OpenSSL's error queue is empty afterwards.
 */
#include "crypto/x509.h"

#include <assert.h>
#include <openssl/err.h>

static void check_again(struct arena *a, const struct x509_certificate *c)
{
  struct x509_list again;
  assert(x509_parse(a, c->subject.raw, &again, NULL) == 0 && again.count == 1);
  const struct x509_certificate *d = again.items;
  assert(str_eq(c->subject.raw_tbs, d->subject.raw_tbs));
  assert(str_eq(c->subject.name.text, d->subject.name.text));
  assert(c->not_before == d->not_before && c->not_after == d->not_after);
  assert(c->subject.extension_count == d->subject.extension_count);
  assert(c->subject.raw_tbs.len < c->subject.raw.len && c->serial.len);
}

static void check_chain(struct arena *a, const struct x509_list *list)
{
  struct x509_certificate *leaf = &list->items[list->count - 1];
  struct str usage = X509_USAGE_SERVER_AUTH;
  struct x509_trust trust = {
      .roots = {list->items, list->count < 8 ? list->count : 8},
      .intermediates = {list->items, list->count < 8 ? list->count : 8},
      .time = leaf->not_before,
      .usages = &usage,
      .usage_count = 1,
      .host = leaf->subject.names.dns.count ? leaf->subject.names.dns.items[0] : STR("10.0.0.1")};
  struct x509_chain chain = {.count = 77}, again;
  enum x509_fault fault = X509_FAULT_NONE;
  struct error err;
  int rc = x509_verify(a, leaf, &trust, &chain, &fault, &err);
  if (rc < 0) {
    assert(chain.count == 77 && err.message[0] && (rc != SW_EINVAL || fault != X509_FAULT_NONE));
    return;
  }
  assert(chain.count >= 1 && chain.count <= X509_DEPTH_MAX + 2 && chain.items[0] == leaf);
  struct x509_certificate end = *chain.items[chain.count - 1];
  trust.roots = (struct x509_list){&end, 1};
  assert(x509_verify(a, leaf, &trust, &again, NULL, &err) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
  struct str text = {(const char *)data, size};
  struct x509_list list = {NULL, 77};
  struct x509_subject request;
  struct arena a;
  struct error err;
  arena_init(&a, 0);
  if (x509_parse(&a, text, &list, &err) < 0) {
    assert(list.count == 77 && err.message[0]);
  } else {
    assert(list.count >= 1 && list.count <= X509_LIST_MAX);
    for (size_t i = 0; i < list.count; i++)
      check_again(&a, &list.items[i]);
    check_chain(&a, &list);
  }
  if (x509_parse_request(&a, text, &request, &err) == 0)
    x509_request_verify(&request, NULL);
  assert(ERR_peek_error() == 0);
  arena_free(&a);
  return 0;
}
