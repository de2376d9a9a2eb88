#include "daemon/deployment_certificate.h"
#include "../test.h"
#include "crypto/x509.h"
#include "data/base64.h"

enum { NOW = 1800000000, DAY = 86400 };

struct bench {
  struct arena arena;
  struct error err;
};

static int make(void **state)
{
  static struct bench b;
  b = (struct bench){0};
  arena_init(&b.arena, 0);
  *state = &b;
  return 0;
}

static int drop(void **state)
{
  struct bench *b = *state;
  arena_free(&b->arena);
  return 0;
}

static struct deployment_certificate made(struct bench *b, const char *in, int64_t now,
                                          unsigned days,
                                          const struct deployment_certificate *previous)
{
  struct deployment_certificate tls;
  if (deployment_certificate_make(&b->arena, in, now, days, previous, &tls, &b->err) < 0)
    fail_msg("%s", b->err.message);
  return tls;
}

static int check(struct bench *b, const char *in, int64_t now, struct deployment_certificate *tls)
{
  b->err = (struct error){0};
  return deployment_certificate_check(&b->arena, in, now, tls, &b->err);
}

static size_t count(struct bench *b, struct str pem)
{
  struct x509_list list;
  assert_int_equal(x509_parse(&b->arena, pem, &list, &b->err), 0);
  return list.count;
}

static void test_what_is_made_is_accepted(void **state)
{
  struct bench *b = *state;
  struct deployment_certificate tls = made(b, "guard", NOW, 90, NULL);
  struct x509_list list;
  assert_int_equal(tls.not_after, NOW + 90 * DAY);
  assert_int_equal(check(b, "guard", NOW, &tls), 0);
  assert_int_equal(check(b, "guard", NOW - 3600, &tls), 0); /* clocks differ */
  assert_int_equal(check(b, "guard", NOW + 90 * DAY, &tls), 0);
  assert_int_equal(tls.not_after, NOW + 90 * DAY);
  assert_int_equal(x509_parse(&b->arena, tls.certificate, &list, &b->err), 0);
  assert_int_equal(list.items[0].subject.names.dns.count, 4);
  assert_str(list.items[0].subject.names.dns.items[0], "seawall.guard.svc");
  assert_str(list.items[0].subject.names.dns.items[1], "seawall.guard.svc.cluster.local");
  assert_false(list.items[0].is_ca);
  assert_int_equal(x509_parse(&b->arena, tls.ca, &list, &b->err), 0);
  assert_true(list.items[0].is_ca);
  assert_int_equal(list.items[0].path_length, 0);
}

/* API servers are written in Go, whose reader takes DER by the letter: BOOLEAN true is 0xff. */
static void test_the_authority_is_der(void **state)
{
  struct bench *b = *state;
  struct deployment_certificate tls = made(b, "guard", NOW, 90, NULL);
  struct x509_list list;
  bool seen = false;
  assert_int_equal(x509_parse(&b->arena, tls.ca, &list, &b->err), 0);
  for (size_t i = 0; i < list.items[0].subject.extension_count; i++) {
    const struct x509_extension *e = &list.items[0].subject.extensions[i];
    if (!str_eq(e->oid, STR("2.5.29.19")))
      continue;
    seen = true;
    assert_true(str_eq(e->value, STR("\x30\x06\x01\x01\xff\x02\x01\x00")));
  }
  assert_true(seen);
}

static void test_a_long_namespace_has_no_common_name(void **state)
{
  struct bench *b = *state;
  char in[64];
  memset(in, 'n', 63);
  in[63] = '\0';
  struct deployment_certificate tls = made(b, in, NOW, 1, NULL);
  assert_int_equal(check(b, in, NOW, &tls), 0);
}

static void test_what_api_servers_refuse_is_refused(void **state)
{
  struct bench *b = *state;
  struct deployment_certificate tls = made(b, "guard", NOW, 90, NULL),
                                other = made(b, "guard", NOW, 90, NULL), mixed = tls;
  assert_int_equal(check(b, "elsewhere", NOW, &tls), SW_EINVAL);
  assert_error(b->err, SW_EINVAL, "seawall.elsewhere.svc");
  assert_int_equal(check(b, "guard", NOW + 91 * DAY, &tls), SW_EINVAL);
  assert_int_equal(check(b, "guard", NOW - DAY, &tls), SW_EINVAL);
  mixed.key = other.key;
  assert_int_equal(check(b, "guard", NOW, &mixed), SW_EINVAL);
  assert_error(b->err, SW_EINVAL, "another certificate");
  mixed = tls;
  mixed.ca = other.ca;
  assert_int_equal(check(b, "guard", NOW, &mixed), SW_EINVAL);
  mixed = tls;
  mixed.key = STR("no key");
  assert_int_equal(check(b, "guard", NOW, &mixed), SW_EINVAL);
  assert_error(b->err, SW_EINVAL, "private key");
  mixed = tls;
  mixed.certificate = STR_EMPTY;
  assert_int_equal(check(b, "guard", NOW, &mixed), SW_EINVAL);
}

/* While the new Secret is on its way, pods show the old certificate: both authorities are trusted. */
static void test_renewing_trusts_both(void **state)
{
  struct bench *b = *state;
  struct deployment_certificate old = made(b, "guard", NOW, 90, NULL),
                                tls = made(b, "guard", NOW + 80 * DAY, 90, &old), shown = old;
  assert_int_equal(count(b, tls.ca), 2);
  shown.ca = tls.ca;
  assert_int_equal(check(b, "guard", NOW + 80 * DAY, &shown), 0);
  assert_int_equal(check(b, "guard", NOW + 80 * DAY, &tls), 0);
  assert_int_equal(check(b, "guard", NOW + 80 * DAY, &old), 0);
  /* Only the youngest stays, and only while it is valid. */
  assert_int_equal(count(b, made(b, "guard", NOW + 81 * DAY, 90, &tls).ca), 2);
  assert_int_equal(count(b, made(b, "guard", NOW + 1000 * DAY, 90, &tls).ca), 1);
}

static void test_a_secret_carries_it(void **state)
{
  struct bench *b = *state;
  struct deployment_certificate tls = made(b, "guard", NOW, 90, NULL), read;
  struct value secret = deployment_certificate_secret(&b->arena, "guard", &tls);
  assert_str(value_str(value_get(secret, value_from("type"))), "kubernetes.io/tls");
  struct value metadata = value_get(secret, value_from("metadata"));
  assert_str(value_str(value_get(metadata, value_from("namespace"))), "guard");
  struct value until = value_get(value_get(metadata, value_from("annotations")),
                                 value_from("seawall.dev/certificate-not-after"));
  assert_str(value_str(until), "2027-04-15T08:00:00Z");
  assert_int_equal(deployment_certificate_from_secret(&b->arena, secret, &read, &b->err), 0);
  assert_int_equal(check(b, "guard", NOW, &read), 0);
  assert_true(str_eq(read.key, tls.key) && str_eq(read.ca, tls.ca));
}

static void test_what_is_no_such_secret_is_refused(void **state)
{
  struct bench *b = *state;
  struct deployment_certificate tls = made(b, "guard", NOW, 90, NULL), read;
  struct value secret = deployment_certificate_secret(&b->arena, "guard", &tls), data, less;
  assert_int_equal(deployment_certificate_from_secret(&b->arena, VALUE_NONE, &read, &b->err),
                   SW_EINVAL);
  less = value_object_with(&b->arena, secret, value_from("kind"), value_from("ConfigMap"));
  assert_int_equal(deployment_certificate_from_secret(&b->arena, less, &read, &b->err), SW_EINVAL);
  data = value_get(secret, value_from("data"));
  less = value_object_with(&b->arena, secret, value_from("data"),
                           value_object_with(&b->arena, data, value_from("ca.crt"), VALUE_NONE));
  assert_int_equal(deployment_certificate_from_secret(&b->arena, less, &read, &b->err), SW_EINVAL);
  assert_error(b->err, SW_EINVAL, "ca.crt");
  less = value_object_with(
      &b->arena, secret, value_from("data"),
      value_object_with(&b->arena, data, value_from("tls.key"), value_from("***")));
  assert_int_equal(deployment_certificate_from_secret(&b->arena, less, &read, &b->err), SW_EINVAL);
  assert_error(b->err, SW_EINVAL, "tls.key");
  /* Plain text stands where a person wrote it. */
  less = value_object_with(
      &b->arena, less, value_from("stringData"),
      value_object_with(&b->arena, data, value_from("tls.key"), value_string(tls.key)));
  struct value plain = value_get(less, value_from("stringData"));
  plain = value_object_with(&b->arena, plain, value_from("tls.crt"), value_string(tls.certificate));
  plain = value_object_with(&b->arena, plain, value_from("ca.crt"), value_string(tls.ca));
  less = value_object_with(&b->arena, less, value_from("stringData"), plain);
  assert_int_equal(deployment_certificate_from_secret(&b->arena, less, &read, &b->err), 0);
  assert_int_equal(check(b, "guard", NOW, &read), 0);
}

static void test_days_have_a_range(void **state)
{
  struct bench *b = *state;
  struct deployment_certificate tls;
  assert_int_equal(deployment_certificate_make(&b->arena, "a", NOW, 0, NULL, &tls, &b->err),
                   SW_EUSAGE);
  assert_int_equal(deployment_certificate_make(&b->arena, "a", NOW,
                                               DEPLOYMENT_CERTIFICATE_DAYS_MAX + 1, NULL, &tls,
                                               &b->err),
                   SW_EUSAGE);
  made(b, "a", NOW, DEPLOYMENT_CERTIFICATE_DAYS_MAX, NULL);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test_setup_teardown(test_what_is_made_is_accepted, make, drop),
      cmocka_unit_test_setup_teardown(test_the_authority_is_der, make, drop),
      cmocka_unit_test_setup_teardown(test_a_long_namespace_has_no_common_name, make, drop),
      cmocka_unit_test_setup_teardown(test_what_api_servers_refuse_is_refused, make, drop),
      cmocka_unit_test_setup_teardown(test_renewing_trusts_both, make, drop),
      cmocka_unit_test_setup_teardown(test_a_secret_carries_it, make, drop),
      cmocka_unit_test_setup_teardown(test_what_is_no_such_secret_is_refused, make, drop),
      cmocka_unit_test_setup_teardown(test_days_have_a_range, make, drop),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
