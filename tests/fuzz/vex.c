/*
 * What was added answers questions without going astray; an answer has a status, and comes again.
 */
#include "scan/vex.h"
#include "base/mem.h"

#include <assert.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
  static const struct str ids[] = {STR_INIT("CVE-1"), STR_INIT("CVE-2")};
  static const struct str products[] = {STR_INIT("pkg:oci/web@sha256%3Aaa"),
                                        STR_INIT("pkg:npm/b@1"), STR_INIT("registry.example/web")};
  struct vex_question q = {.ids = ids,
                           .id_count = 2,
                           .package = STR("pkg:npm/a@1"),
                           .products = products,
                           .product_count = 3,
                           .serial = STR("urn:uuid:0")};
  struct vex_set *set = vex_set_new();
  struct vex_answer answer, again;
  struct error err;
  struct str text = str_make((const char *)data, size);
  int rc = vex_set_add(set, text, STR("x"), &err);
  assert(rc == 0 || (err.code == rc && err.message[0]));
  bool found = vex_ask(set, &q, &answer);
  assert(!found || (vex_status_name(answer.status).len && vex_set_count(set) > 0));
  size_t count = vex_set_count(set);
  assert(vex_set_add(set, text, STR("x"), &err) == rc);
  assert(vex_set_count(set) == 2 * count);
  assert(vex_ask(set, &q, &again) == found);
  assert(!found || (again.status == answer.status && str_eq(again.text, answer.text)));
  /* Packages of bills of materials have the names that somebody wrote. */
  const struct str packages[] = {
      STR("pkg:deb/ubuntu/b@1?distro=ubuntu-22.04&upstream=a%402"),
      STR("pkg:rpm/redhat/b@1?arch=x86_64&distro=rhel-9.4&upstream=a-1-1.src.rpm"),
      text,
  };
  for (size_t i = 0; i < sizeof packages / sizeof packages[0]; i++) {
    q.package = q.source = packages[i];
    found = vex_ask(set, &q, &answer);
    assert(vex_ask(set, &q, &again) == found);
    assert(!found || (again.status == answer.status && str_eq(again.text, answer.text)));
  }
  vex_set_free(set);
  return 0;
}
