#include "made.h"

#include "crypto/certificate.h"
#include "crypto/x509.h"

enum { NOW = 1700000000, DAY = 86400 };

static struct arena arena;
static struct key *ca_key, *key;
static struct buf ca_pem;

static const struct certificate_wanted ca_wanted = {
    .common_name = {"the root", 8},
    .organization = {"seawall", 7},
    .is_ca = true,
    .not_before = NOW - DAY,
    .not_after = NOW + 10 * DAY,
};

static int set_up(void **state)
{
  (void)state;
  arena_init(&arena, 0);
  return certificate_make_key(&ca_key, NULL) | certificate_make_key(&key, NULL) |
         certificate_issue(&ca_wanted, ca_key, NULL, &ca_pem, NULL);
}

static int tear_down(void **state)
{
  (void)state;
  key_free(ca_key);
  key_free(key);
  buf_free(&ca_pem);
  arena_free(&arena);
  return 0;
}

static struct certificate_wanted leaf_wanted(void)
{
  static const struct str dns[] = {STR_INIT("seawall.svc"), STR_INIT("*.example.org")};
  static const struct str addresses[] = {STR_INIT("127.0.0.1"), STR_INIT("::1")};
  return (struct certificate_wanted){
      .common_name = STR("seawall.svc"),
      .dns = dns,
      .dns_count = 2,
      .addresses = addresses,
      .address_count = 2,
      .not_before = NOW - DAY,
      .not_after = NOW + DAY,
      .server_auth = true,
  };
}

static struct x509_certificate *parsed(struct buf *pem)
{
  struct x509_list list;
  struct error err = {0};
  int rc = x509_parse(&arena, buf_str(pem), &list, &err);
  if (rc < 0)
    print_error("%s\n", err.message);
  assert_int_equal(rc, 0);
  assert_int_equal(list.count, 1);
  assert_queue_empty();
  return list.items;
}

static struct x509_certificate *issued(const struct certificate_wanted *w, struct buf *pem)
{
  struct certificate_issuer issuer = {buf_str(&ca_pem), ca_key};
  struct error err = {0};
  int rc = certificate_issue(w, key, &issuer, pem, &err);
  if (rc < 0)
    print_error("%s\n", err.message);
  assert_int_equal(rc, 0);
  return parsed(pem);
}

static void test_key(void **state)
{
  (void)state;
  assert_int_equal(key_curve(key), KEY_P256);
  assert_true(key_is_private(key));
  assert_false(key_same(key, ca_key));
  struct buf pem = {0};
  assert_int_equal(certificate_write_key(key, &pem, NULL), 0);
  assert_true(str_starts(buf_str(&pem), STR("-----BEGIN PRIVATE KEY-----\n")));
  struct key *again = NULL;
  assert_int_equal(key_parse(buf_str(&pem), &again, NULL), 0);
  assert_true(key_is_private(again));
  assert_true(key_same(again, key));
  key_free(again);
  buf_free(&pem);
  struct str der;
  assert_int_equal(key_public_der(&arena, key, &der, NULL), 0);
  struct key *public = NULL;
  assert_int_equal(key_parse(der, &public, NULL), 0);
  struct error err;
  assert_int_equal(certificate_write_key(public, &pem, &err), SW_EUSAGE);
  assert_error(err, SW_EUSAGE, "public key");
  assert_int_equal(certificate_issue(&ca_wanted, public, NULL, &pem, &err), SW_EUSAGE);
  assert_error(err, SW_EUSAGE, "private key");
  key_free(public);
  buf_free(&pem);
  assert_queue_empty();
}

static void test_ca(void **state)
{
  (void)state;
  struct x509_certificate *ca = parsed(&ca_pem);
  assert_str(ca->subject.name.text, "CN=the root,O=seawall");
  assert_str(ca->issuer.text, "CN=the root,O=seawall");
  assert_true(ca->is_ca);
  assert_int_equal(ca->path_length, -1);
  assert_int_equal(ca->key_usage, X509_CERT_SIGN | X509_CRL_SIGN);
  assert_int_equal(ca->not_before, NOW - DAY);
  assert_int_equal(ca->not_after, NOW + 10 * DAY);
  assert_int_equal(ca->subject.version, 3);
  assert_int_equal(ca->serial.len, 16);
  assert_false(ca->serial_negative);
  assert_int_equal(ca->subject.signature_algorithm, X509_SIGNATURE_ECDSA_SHA256);
}

static void test_leaf(void **state)
{
  (void)state;
  struct buf pem = {0};
  struct certificate_wanted w = leaf_wanted();
  struct x509_certificate *leaf = issued(&w, &pem);
  struct x509_certificate *ca = parsed(&ca_pem);
  assert_false(leaf->is_ca);
  assert_int_equal(leaf->key_usage, X509_DIGITAL_SIGNATURE);
  assert_int_equal(leaf->usages.count, 1);
  assert_true(str_eq(leaf->usages.items[0], X509_USAGE_SERVER_AUTH));
  assert_int_equal(leaf->subject.names.dns.count, 2);
  assert_str(leaf->subject.names.dns.items[1], "*.example.org");
  assert_int_equal(leaf->subject.names.addresses.count, 2);
  assert_int_equal(leaf->subject.names.addresses.items[1].len, 16);
  assert_true(str_eq(leaf->authority_key_id, ca->subject_key_id));
  assert_true(leaf->authority_key_id.len > 0);
  static const char *const hosts[] = {"seawall.svc", "a.example.org", "127.0.0.1", "::1"};
  const struct str usage = X509_USAGE_SERVER_AUTH;
  for (unsigned i = 0; i < 4; i++) {
    struct x509_trust trust = {.roots = {ca, 1},
                               .time = NOW,
                               .usages = &usage,
                               .usage_count = 1,
                               .host = str_from(hosts[i])};
    struct x509_chain chain;
    struct error err = {0};
    int rc = x509_verify(&arena, leaf, &trust, &chain, NULL, &err);
    if (rc < 0)
      print_error("%s: %s\n", hosts[i], err.message);
    assert_int_equal(rc, 0);
    assert_int_equal(chain.count, 2);
  }
  struct x509_trust trust = {.roots = {ca, 1}, .time = NOW + 2 * DAY};
  enum x509_fault fault;
  struct x509_chain chain;
  assert_int_equal(x509_verify(&arena, leaf, &trust, &chain, &fault, NULL), SW_EINVAL);
  assert_int_equal(fault, X509_FAULT_EXPIRED);
  buf_free(&pem);
}

static void test_serials_differ(void **state)
{
  (void)state;
  struct buf one = {0}, other = {0};
  struct certificate_wanted w = leaf_wanted();
  assert_false(str_eq(issued(&w, &one)->serial, issued(&w, &other)->serial));
  buf_free(&one);
  buf_free(&other);
}

static void test_path_length(void **state)
{
  (void)state;
  struct buf pem = {0};
  struct certificate_wanted w = ca_wanted;
  w.limits_path = true;
  struct x509_certificate *middle = issued(&w, &pem);
  assert_true(middle->is_ca);
  assert_int_equal(middle->path_length, 0);
  buf_free(&pem);
}

static void test_client_without_common_name(void **state)
{
  (void)state;
  struct buf pem = {0};
  static const struct str dns = STR_INIT("client.example");
  struct certificate_wanted w = {
      .dns = &dns, .dns_count = 1, .not_before = NOW, .not_after = NOW, .client_auth = true};
  struct x509_certificate *leaf = issued(&w, &pem);
  assert_str(leaf->subject.name.text, "");
  assert_true(str_eq(leaf->usages.items[0], X509_USAGE_CLIENT_AUTH));
  for (size_t i = 0; i < leaf->subject.extension_count; i++)
    if (str_eq(leaf->subject.extensions[i].oid, STR("2.5.29.17")))
      assert_true(leaf->subject.extensions[i].critical);
  buf_free(&pem);
}

static void refused(struct certificate_wanted w, const struct certificate_issuer *issuer,
                    const char *message)
{
  struct buf pem = {0};
  buf_add(&pem, STR("before"));
  struct error err = {0};
  assert_int_equal(certificate_issue(&w, key, issuer, &pem, &err), SW_EUSAGE);
  assert_error(err, SW_EUSAGE, message);
  assert_str(buf_str(&pem), "before");
  assert_queue_empty();
  buf_free(&pem);
}

static void test_refused(void **state)
{
  (void)state;
  struct certificate_issuer issuer = {buf_str(&ca_pem), ca_key};
  struct certificate_wanted w = leaf_wanted();
  w.not_after = w.not_before - 1;
  refused(w, &issuer, "must end after its start");
  w = leaf_wanted();
  w.not_after = 253402300800;
  refused(w, NULL, "year 10000");
  w = leaf_wanted();
  w.not_after = NOW + 11 * DAY;
  refused(w, &issuer, "outlive");
  static const char *const no_hosts[] = {"",     "a b", "a..b",        "-a",
                                         "a-.b", ".a",  "*.*.example", "a/b"};
  for (unsigned i = 0; i < sizeof no_hosts / sizeof no_hosts[0]; i++) {
    struct str name = str_from(no_hosts[i]);
    w = leaf_wanted();
    w.dns = &name;
    w.dns_count = 1;
    refused(w, &issuer, "is not a host name");
  }
  struct str address = STR("1.2.3");
  w = leaf_wanted();
  w.addresses = &address;
  w.address_count = 1;
  refused(w, &issuer, "is not an IP address");
  refused((struct certificate_wanted){.not_after = 1}, NULL, "must have a name");
  w = leaf_wanted();
  w.common_name = STR("12345678901234567890123456789012345678901234567890123456789012345");
  refused(w, &issuer, "cannot be the CN");
}

static void test_wrong_issuer(void **state)
{
  (void)state;
  struct certificate_issuer issuer = {buf_str(&ca_pem), key};
  refused(leaf_wanted(), &issuer, "does not belong");
  issuer = (struct certificate_issuer){STR("-----BEGIN nothing"), ca_key};
  refused(leaf_wanted(), &issuer, "cannot be read");
  struct buf pem = {0};
  struct certificate_wanted w = leaf_wanted();
  issued(&w, &pem);
  issuer = (struct certificate_issuer){buf_str(&pem), key};
  refused(leaf_wanted(), &issuer, "not that of a CA");
  buf_free(&pem);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_key),         cmocka_unit_test(test_ca),
      cmocka_unit_test(test_leaf),        cmocka_unit_test(test_serials_differ),
      cmocka_unit_test(test_path_length), cmocka_unit_test(test_client_without_common_name),
      cmocka_unit_test(test_refused),     cmocka_unit_test(test_wrong_issuer),
  };
  return cmocka_run_group_tests(tests, set_up, tear_down);
}
