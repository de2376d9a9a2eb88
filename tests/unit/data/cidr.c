#include "../test.h"

#include "base/mem.h"
#include "data/cidr.h"

static struct ip_address ip(const char *text)
{
  struct ip_address address = {0};
  struct error err;
  if (ip_parse(str_from(text), &address, &err) < 0)
    fail_msg("%s", err.message);
  return address;
}

static struct cidr range(const char *text)
{
  struct cidr r = {0};
  struct error err;
  if (cidr_parse_or_address(str_from(text), &r, &err) < 0)
    fail_msg("%s", err.message);
  return r;
}

static void assert_ip(struct ip_address address, const char *expected)
{
  _cleanup_(buf_free) struct buf out = {0};
  ip_write(&out, address);
  assert_str(buf_str(&out), expected);
}

static void reads_and_writes_addresses(void **state)
{
  (void)state;
  static const struct {
    const char *text, *canonical;
  } cases[] = {
      {"0.0.0.0", "0.0.0.0"},
      {"192.168.140.255", "192.168.140.255"},
      {"::", "::"},
      {"::1", "::1"},
      {"1::", "1::"},
      {"0:0:0:0:0:0:0:0", "::"},
      {"FD7A:115C:A1E0:AB12:4843:CD96:626B:430B", "fd7a:115c:a1e0:ab12:4843:cd96:626b:430b"},
      {"2001:db8::0001", "2001:db8::1"},
      {"2001:0:0:1:0:0:0:1", "2001:0:0:1::1"},
      {"2001:db8:0:0:1:0:0:1", "2001:db8::1:0:0:1"},
      {"2001:db8:0:1:1:1:1:1", "2001:db8:0:1:1:1:1:1"},
      {"1:2:3:4:5:6:7::", "1:2:3:4:5:6:7:0"},
      {"::2:3:4:5:6:7:8", "0:2:3:4:5:6:7:8"},
      {"::ffff:192.168.1.1", "::ffff:192.168.1.1"},
      {"::ffff:c0a8:101", "::ffff:192.168.1.1"},
      {"64:ff9b::192.0.2.33", "64:ff9b::c000:221"},
      {"1:2:3:4:5:6:1.2.3.4", "1:2:3:4:5:6:102:304"},
      {"::1.2.3.4", "::102:304"},
      {"1:0:0:2:0:0:0:0", "1:0:0:2::"},
      {"fe80::", "fe80::"},
  };
  for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
    assert_ip(ip(cases[i].text), cases[i].canonical);
    assert_int_equal(ip_compare(ip(cases[i].text), ip(cases[i].canonical)), 0);
  }
}

static void refuses_addresses(void **state)
{
  (void)state;
  static const struct {
    const char *text, *message;
  } cases[] = {
      {"", "the IP address is empty"},
      {"1.2.3", "an IPv4 address has four numbers"},
      {"1.2.3.4.5", "an IPv4 address has four numbers"},
      {"1.2.3.256", "from 0 to 255"},
      {"1.2.3.", "from 0 to 255"},
      {"1.2..4", "from 0 to 255"},
      {"01.2.3.4", "begins with 0"},
      {"1.2.3.00", "begins with 0"},
      {"1.2.3.+4", "from 0 to 255"},
      {" 1.2.3.4", "from 0 to 255"},
      {"localhost", "from 0 to 255"},
      {":", "one to four hexadecimal digits"},
      {":1", "one to four hexadecimal digits"},
      {":::", "one to four hexadecimal digits"},
      {"1:", "groups are separated"},
      {"1:2:3:4:5:6:7", "fewer than eight groups"},
      {"1:2:3:4:5:6:7:8:9", "more than eight groups"},
      {"1:2:3:4:5:6:7:8::", "\"::\" stands for no group"},
      {"1:2:3:4::5:6:7:8", "\"::\" stands for no group"},
      {"1::2::3", "may occur once only"},
      {"12345::", "one to four hexadecimal digits"},
      {"g::", "one to four hexadecimal digits"},
      {"1:2:3:4:5:6:7:1.2.3.4", "wrong place"},
      {"1.2.3.4::", "wrong place"},
      {"::1.2.3.04", "begins with 0"},
      {"::1.2.3", "four numbers"},
      {"::ffff:1.2.3.4:5", "from 0 to 255"},
      {"fe80::1%eth0", "zones"},
      {"::g", "one to four hexadecimal digits"},
      {"1::2 ", "groups are separated"},
  };
  for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
    struct ip_address address = {.width = 77};
    struct error err;
    assert_int_equal(ip_parse(str_from(cases[i].text), &address, &err), SW_EINVAL);
    assert_error(err, SW_EINVAL, cases[i].message);
    assert_int_equal(address.width, 77);
  }
}

static void reads_ranges(void **state)
{
  (void)state;
  static const struct {
    const char *text, *first, *last, *masked;
    bool is_masked;
  } cases[] = {
      {"10.0.0.0/8", "10.0.0.0", "10.255.255.255", "10.0.0.0/8", true},
      {"10.1.2.3/8", "10.0.0.0", "10.255.255.255", "10.0.0.0/8", false},
      {"0.0.0.0/0", "0.0.0.0", "255.255.255.255", "0.0.0.0/0", true},
      {"192.168.1.77/27", "192.168.1.64", "192.168.1.95", "192.168.1.64/27", false},
      {"1.2.3.4/32", "1.2.3.4", "1.2.3.4", "1.2.3.4/32", true},
      {"1.2.3.4", "1.2.3.4", "1.2.3.4", "1.2.3.4/32", true},
      {"2001:db8::/33", "2001:db8::", "2001:db8:7fff:ffff:ffff:ffff:ffff:ffff", "2001:db8::/33",
       true},
      {"::/0", "::", "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", "::/0", true},
      {"::1", "::1", "::1", "::1/128", true},
  };
  for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
    struct cidr r = range(cases[i].text);
    assert_ip(cidr_first(r), cases[i].first);
    assert_ip(cidr_last(r), cases[i].last);
    assert_int_equal(cidr_is_masked(r), cases[i].is_masked);
    _cleanup_(buf_free) struct buf out = {0};
    cidr_write(&out, cidr_masked(r));
    assert_str(buf_str(&out), cases[i].masked);
  }
}

static void refuses_ranges(void **state)
{
  (void)state;
  static const struct {
    const char *text, *message;
  } cases[] = {
      {"10.0.0.0", "must end in \"/\" and a prefix length"},
      {"10.0.0.0/", "a number from 0 to 32"},
      {"10.0.0.0/33", "a number from 0 to 32"},
      {"10.0.0.0/08", "a number from 0 to 32 without leading zeros"},
      {"10.0.0.0/+8", "a number from 0 to 32"},
      {"10.0.0.0/-1", "a number from 0 to 32"},
      {"10.0.0.0/8/8", "\"10.0.0.0/8/8\": \"10.0.0.0/8\" is not an IP address"},
      {"::/129", "a number from 0 to 128"},
      {"/8", "the IP address is empty"},
      {"10.0.0/8", "four numbers"},
      {"10.0.0.0/255.0.0.0", "a number from 0 to 32"},
  };
  for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
    struct cidr r = {.prefix = 77};
    struct error err;
    assert_int_equal(cidr_parse(str_from(cases[i].text), &r, &err), SW_EINVAL);
    assert_error(err, SW_EINVAL, cases[i].message);
    assert_int_equal(r.prefix, 77);
  }
}

static void tells_what_contains_what(void **state)
{
  (void)state;
  static const struct {
    const char *a, *b;
    bool a_contains_b, b_contains_a, overlaps;
  } cases[] = {
      {"10.0.0.0/8", "10.1.0.0/16", true, false, true},
      {"10.0.0.0/8", "10.0.0.0/8", true, true, true},
      {"10.9.9.9/8", "10.0.0.0/8", true, true, true},
      {"10.0.0.0/9", "10.128.0.0/9", false, false, false},
      {"10.0.0.0/8", "11.0.0.0/8", false, false, false},
      {"0.0.0.0/0", "1.2.3.4/32", true, false, true},
      {"0.0.0.0/0", "::/0", false, false, false},
      {"::/0", "::ffff:1.2.3.4", true, false, true},
      {"0.0.0.0/0", "::ffff:1.2.3.4", false, false, false},
      {"2001:db8::/32", "2001:db8:1::/48", true, false, true},
      {"2001:db8::/47", "2001:db8:1::/48", true, false, true},
      {"2001:db8::/48", "2001:db8:1::/48", false, false, false},
  };
  for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
    struct cidr a = range(cases[i].a), b = range(cases[i].b);
    assert_int_equal(cidr_contains(a, b), cases[i].a_contains_b);
    assert_int_equal(cidr_contains(b, a), cases[i].b_contains_a);
    assert_int_equal(cidr_overlaps(a, b), cases[i].overlaps);
    assert_int_equal(cidr_overlaps(b, a), cases[i].overlaps);
  }
  assert_true(cidr_contains_address(range("192.168.0.0/16"), ip("192.168.255.1")));
  assert_false(cidr_contains_address(range("192.168.0.0/16"), ip("192.169.0.1")));
  assert_int_equal(ip_compare(ip("255.255.255.255"), ip("::")), -1);
  assert_int_equal(ip_compare(ip("10.0.0.2"), ip("10.0.0.1")), 1);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(reads_and_writes_addresses),
      cmocka_unit_test(refuses_addresses),
      cmocka_unit_test(reads_ranges),
      cmocka_unit_test(refuses_ranges),
      cmocka_unit_test(tells_what_contains_what),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
