/*
 * Kubeconfig texts, with files that are not there. What is taken can be asked: a server with a host,
 * credentials that fit a header, and none over plain http.
 */
#include "kube/kubeconfig.h"

#include <assert.h>

static bool is_plain(struct str s)
{
  for (size_t i = 0; i < s.len; i++)
    if ((unsigned char)s.data[i] <= 0x20 || (unsigned char)s.data[i] == 0x7f)
      return false;
  return true;
}

static void check(const struct kube_config *c)
{
  bool secure = str_starts(c->server, STR("https://"));
  assert(secure || str_starts(c->server, STR("http://")));
  assert(is_plain(c->server) && !str_ends(c->server, STR("/")));
  assert(is_plain(c->token) && is_plain(c->server_name) && is_plain(c->proxy));
  assert(secure || (!c->token.len && !c->user.len && !c->password.len && !c->key_pem.len));
  assert(!c->certificate_pem.len == !c->key_pem.len);
  assert(!(c->insecure && c->ca_pem.len));
  assert(!(c->token.len && c->user.len));
  assert(str_find_byte(c->user, 0, ':') < 0);
  assert(c->namespace.len && c->origin.len);
  assert(!c->in_cluster);
  assert(!c->token.data[c->token.len] && !c->server.data[c->server.len]);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
  struct kube_config c = {0};
  struct error err = {0};
  int rc = kube_config_read_text(str_make((const char *)data, size), "kubeconfig", "/nonexistent",
                                 NULL, &c, &err);
  if (rc < 0) {
    assert(err.code == rc && err.message[0]);
    assert(!c.server.data);
    return 0;
  }
  check(&c);
  struct hash128 one = kube_config_digest(&c, true), other = kube_config_digest(&c, true);
  assert(one.low == other.low && one.high == other.high);
  kube_config_free(&c);
  return 0;
}
