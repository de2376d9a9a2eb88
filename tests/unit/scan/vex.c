#include "../test.h"

#include "base/buf.h"
#include "base/clock.h"
#include "scan/vex.h"

static void add(struct vex_set *set, const char *text)
{
  struct error err;
  if (vex_set_add(set, str_from(text), STR("a.json"), &err) < 0)
    fail_msg("%s", err.message);
}

/* The status that counts for a package, in a product or by itself; "none" if nobody says anything. */
static struct str ask_full(const struct vex_set *set, const char *id, const char *package,
                           const char *product, const char *serial, struct vex_answer *ret)
{
  struct str ids[] = {STR("X-1"), str_from(id)}, products[] = {str_from(product)};
  struct vex_question q = {.ids = ids,
                           .id_count = 2,
                           .package = str_from(package),
                           .products = products,
                           .product_count = product ? 1 : 0,
                           .serial = str_from(serial)};
  if (!vex_ask(set, &q, ret))
    return STR("none");
  return vex_status_name(ret->status);
}

static struct str ask(const struct vex_set *set, const char *id, const char *package,
                      const char *product)
{
  struct vex_answer answer;
  return ask_full(set, id, package, product, NULL, &answer);
}

#define OPENVEX                                                                                    \
  "{\"@context\":\"https://openvex.dev/ns/v0.2.0\",\"author\":\"Example\","                        \
  "\"timestamp\":\"2024-01-01T00:00:00Z\",\"statements\":["

static void reads_openvex(void **state)
{
  (void)state;
  _cleanup_(vex_set_freep) struct vex_set *set = vex_set_new();
  struct vex_answer answer;
  add(set,
      OPENVEX "{\"vulnerability\":{\"@id\":\"https://nvd.example/vuln/CVE-1\",\"name\":\"CVE-1\","
              "\"aliases\":[\"GHSA-1\"]},\"products\":[{\"@id\":\"pkg:npm/a@1\"}],"
              "\"status\":\"not_affected\",\"justification\":\"vulnerable_code_not_present\","
              "\"impact_statement\":\"never built in\"},"
              "{\"vulnerability\":{\"name\":\"CVE-2\"},\"products\":[{\"@id\":\"pkg:oci/web\","
              "\"subcomponents\":[{\"@id\":\"pkg:deb/debian/bash\"}]}],\"status\":\"fixed\"},"
              "{\"vulnerability\":{\"name\":\"CVE-3\"},\"products\":[{\"identifiers\":{\"purl\":"
              "\"pkg:deb/debian/curl?arch=amd64\"},\"hashes\":{\"sha-256\":\"abcd\"}}],"
              "\"status\":\"under_investigation\"}]}");
  assert_int_equal(vex_set_count(set), 3);
  assert_str(ask_full(set, "GHSA-1", "pkg:npm/a@1", NULL, NULL, &answer), "not_affected");
  assert_str(answer.justification, "vulnerable_code_not_present");
  assert_str(answer.text, "never built in");
  assert_str(answer.author, "Example");
  assert_str(answer.source, "a.json");
  assert_int_equal(answer.time, 1704067200);
  assert_str(ask(set, "CVE-1", "pkg:npm/a@2", NULL), "none");
  assert_str(ask(set, "CVE-9", "pkg:npm/a@1", NULL), "none");

  const char *image = "pkg:oci/web@sha256%3Aaa?repository_url=registry.example%2Fweb";
  assert_str(ask(set, "CVE-2", "pkg:deb/debian/bash@5.0?arch=amd64", image), "fixed");
  assert_str(ask(set, "CVE-2", "pkg:deb/debian/tar@1?arch=amd64", image), "none");
  assert_str(ask(set, "CVE-2", "pkg:deb/debian/bash@5.0", "pkg:oci/other@sha256%3Aaa"), "none");
  assert_str(ask(set, "CVE-2", "pkg:deb/debian/bash@5.0", NULL), "none");

  assert_str(ask(set, "CVE-3", "pkg:deb/debian/curl@8?arch=amd64", NULL), "under_investigation");
  assert_str(ask(set, "CVE-3", "pkg:deb/debian/curl@8?arch=arm64", NULL), "none");
  assert_str(ask(set, "CVE-3", "pkg:deb/debian/curl@8", NULL), "none");
  assert_str(ask(set, "CVE-3", "pkg:npm/x@1", "sha256:abcd"), "under_investigation");
  assert_true(vex_dismisses(VEX_FIXED) && vex_dismisses(VEX_NOT_AFFECTED));
  assert_false(vex_dismisses(VEX_AFFECTED) || vex_dismisses(VEX_UNDER_INVESTIGATION));
}

static void reads_the_first_openvex(void **state)
{
  (void)state;
  _cleanup_(vex_set_freep) struct vex_set *set = vex_set_new();
  add(set, "{\"@context\":\"https://openvex.dev/ns\",\"statements\":[{\"vulnerability\":\"CVE-1\","
           "\"products\":[\"registry.example/web:1\"],\"subcomponents\":[\"pkg:npm/a\"],"
           "\"status\":\"not_affected\"}]}");
  assert_str(ask(set, "CVE-1", "pkg:npm/a@1", "registry.example/web:1"), "not_affected");
  assert_str(ask(set, "CVE-1", "pkg:npm/b@1", "registry.example/web:1"), "none");
}

static void believes_the_latest(void **state)
{
  (void)state;
  static const char statement[] = OPENVEX
      "{\"vulnerability\":{\"name\":\"CVE-1\"},\"products\":[{\"@id\":\"pkg:npm/a\"}],"
      "\"timestamp\":\"%s\",\"status\":\"%s\"}]}";
  static const struct {
    const char *time, *status, *then;
  } steps[] = {
      {"2024-03-01T00:00:00Z", "affected", "affected"},
      {"2024-02-01T00:00:00Z", "fixed", "affected"},
      {"2024-03-01T00:00:00Z", "not_affected", "not_affected"},
      {"2024-03-01T01:00:00+02:00", "affected", "not_affected"},
      {"2024-04-01T00:00:00.5Z", "fixed", "fixed"},
  };
  _cleanup_(vex_set_freep) struct vex_set *set = vex_set_new();
  for (size_t i = 0; i < sizeof steps / sizeof steps[0]; i++) {
    char text[1024];
    snprintf(text, sizeof text, statement, steps[i].time, steps[i].status);
    add(set, text);
    assert_str(ask(set, "CVE-1", "pkg:npm/a@1", NULL), steps[i].then);
  }
}

static void reads_csaf(void **state)
{
  (void)state;
  _cleanup_(vex_set_freep) struct vex_set *set = vex_set_new();
  struct vex_answer answer;
  add(set,
      "{\"document\":{\"category\":\"csaf_vex\",\"publisher\":{\"name\":\"Vendor\"},\"tracking\":"
      "{\"current_release_date\":\"2024-01-04T17:17:25+01:00\"}},\"product_tree\":{\"branches\":["
      "{\"branches\":[{\"product\":{\"product_id\":\"A\",\"product_identification_helper\":"
      "{\"purl\":\"pkg:golang/example.com/a@v1\"}}},{\"product\":{\"product_id\":\"B\","
      "\"product_identification_helper\":{\"purl\":\"pkg:golang/example.com/b@v2\"}}}]}],"
      "\"full_product_names\":[{\"product_id\":\"C\",\"product_identification_helper\":{\"purl\":"
      "\"pkg:golang/example.com/c\"}}],\"relationships\":[{\"category\":\"default_component_of\","
      "\"product_reference\":\"A\",\"relates_to_product_reference\":\"B\",\"full_product_name\":"
      "{\"product_id\":\"B:A\"}}],\"product_groups\":[{\"group_id\":\"G\",\"product_ids\":[\"C\"]}]},"
      "\"vulnerabilities\":[{\"cve\":\"CVE-1\",\"product_status\":{\"known_not_affected\":[\"B:A\","
      "\"C\",\"unheard of\"],\"known_affected\":[\"B\"]},\"flags\":[{\"label\":"
      "\"component_not_present\",\"group_ids\":[\"G\"]},{\"label\":\"vulnerable_code_not_present\","
      "\"product_ids\":[\"B:A\"]}],\"threats\":[{\"category\":\"impact\",\"details\":\"no way\"}]}]}");
  assert_str(ask_full(set, "CVE-1", "pkg:golang/example.com/a@v1", "pkg:golang/example.com/b@v2",
                      NULL, &answer),
             "not_affected");
  assert_str(answer.justification, "vulnerable_code_not_present");
  assert_str(answer.text, "no way");
  assert_str(answer.author, "Vendor");
  assert_str(ask(set, "CVE-1", "pkg:golang/example.com/a@v1", NULL), "none");
  assert_str(ask(set, "CVE-1", "pkg:golang/example.com/b@v2", NULL), "affected");
  assert_str(ask_full(set, "CVE-1", "pkg:golang/example.com/c@v9", NULL, NULL, &answer),
             "not_affected");
  assert_str(answer.justification, "component_not_present");
}

static void reads_cyclonedx(void **state)
{
  (void)state;
  _cleanup_(vex_set_freep) struct vex_set *set = vex_set_new();
  struct vex_answer answer;
  const char *serial = "urn:uuid:3e671687-395b-41f5-a30f-a58921a69b79";
  add(set, "{\"bomFormat\":\"CycloneDX\",\"specVersion\":\"1.5\",\"metadata\":{\"timestamp\":"
           "\"2024-01-01T00:00:00Z\",\"authors\":[{\"name\":\"Somebody\"}]},\"components\":["
           "{\"bom-ref\":\"1\",\"purl\":\"pkg:npm/a@1\",\"components\":[{\"bom-ref\":\"2\","
           "\"purl\":\"pkg:npm/b@1\"}]}],\"vulnerabilities\":["
           "{\"id\":\"CVE-1\",\"analysis\":{\"state\":\"false_positive\",\"justification\":"
           "\"code_not_reachable\",\"detail\":\"d\"},\"affects\":[{\"ref\":\"2\"}]},"
           "{\"id\":\"CVE-2\",\"references\":[{\"id\":\"GHSA-2\"}],\"analysis\":{\"state\":"
           "\"exploitable\",\"lastUpdated\":\"2024-02-01T00:00:00Z\"},\"affects\":[{\"ref\":"
           "\"urn:cdx:3e671687-395b-41f5-a30f-a58921a69b79/1#pkg:deb/ubuntu/"
           "libstdc%252B%252B6@12?arch=amd64\"}]},"
           "{\"id\":\"CVE-3\",\"affects\":[{\"ref\":\"1\"}]}]}");
  assert_int_equal(vex_set_count(set), 2);
  assert_str(ask_full(set, "CVE-1", "pkg:npm/b@1", NULL, NULL, &answer), "not_affected");
  assert_str(answer.text, "d");
  assert_str(answer.author, "Somebody");
  assert_str(ask(set, "CVE-1", "pkg:npm/a@1", NULL), "none");
  const char *package = "pkg:deb/ubuntu/libstdc%2B%2B6@12?arch=amd64";
  assert_str(ask_full(set, "GHSA-2", package, NULL, serial, &answer), "affected");
  assert_int_equal(answer.time, 1706745600);
  assert_str(ask_full(set, "GHSA-2", package, NULL, "urn:uuid:0", &answer), "none");
  assert_str(ask(set, "GHSA-2", package, NULL), "none");
}

static void covers_what_was_built_from_a_source(void **state)
{
  (void)state;
  static const char *const libc =
      "pkg:deb/ubuntu/libc6@2.35-0ubuntu3.8?arch=amd64&distro=ubuntu-22.04&upstream=glibc";
  static const char *const rebuilt =
      "pkg:deb/debian/bash@5.2-2%2Bb7?arch=amd64&distro=debian-12&upstream=bash%405.2-2";
  static const char *const ssl =
      "pkg:rpm/redhat/openssl-libs@3.0.7-27.el9?arch=x86_64&distro=rhel-9.4&epoch=1&"
      "upstream=openssl%401:3.0.7-27.el9";
  static const char *const file =
      "pkg:rpm/redhat/openssl-libs@3.0.7-27.el9?arch=x86_64&upstream=openssl-3.0.7-27.el9.src.rpm";
  static const struct {
    const char *product, *package;
    bool covers;
  } rows[] = {
      {"pkg:deb/ubuntu/glibc", libc, true},
      {"pkg:deb/ubuntu/glibc@2.35-0ubuntu3.8?arch=source&distro=jammy", libc, true},
      {"pkg:deb/ubuntu/glibc@2.35-0ubuntu3.8?arch=source&distro=ubuntu-22.04", libc, true},
      {"pkg:deb/ubuntu/libc6?arch=amd64&distro=jammy", libc, true},
      {"pkg:deb/ubuntu/glibc@2.35-0ubuntu3.7?arch=source", libc, false},
      {"pkg:deb/ubuntu/glibc?arch=source&distro=noble", libc, false},
      {"pkg:deb/ubuntu/glibc?arch=amd64", libc, false},
      {"pkg:deb/ubuntu/libc6?arch=source", libc, false},
      {"pkg:deb/debian/glibc", libc, false},
      {"pkg:deb/ubuntu/glib", libc, false},
      {"pkg:deb/debian/bash@5.2-2", rebuilt, true},
      {"pkg:deb/debian/bash@5.2-2%2Bb7", rebuilt, true},
      {"pkg:deb/debian/bash@5.2-2?arch=amd64", rebuilt, false},
      {"pkg:deb/debian/bash@5.2-2?arch=source&distro=bookworm", rebuilt, true},
      {"pkg:rpm/redhat/openssl@3.0.7-27.el9?arch=src&epoch=1", ssl, true},
      {"pkg:rpm/redhat/openssl?arch=src", ssl, true},
      {"pkg:rpm/redhat/openssl@3.0.7-28.el9?arch=src", ssl, false},
      {"pkg:rpm/redhat/openssl?arch=source", ssl, false},
      {"pkg:rpm/redhat/openssl@3.0.7-27.el9?arch=src", file, true},
      {"pkg:rpm/redhat/openssl@3.0.7-26.el9?arch=src", file, false},
      {"pkg:npm/a", "pkg:npm/b@1?upstream=a", false},
  };
  for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
    _cleanup_(vex_set_freep) struct vex_set *set = vex_set_new();
    char text[1024];
    snprintf(text, sizeof text,
             OPENVEX "{\"vulnerability\":{\"name\":\"CVE-1\"},\"products\":[{\"@id\":\"%s\"}],"
                     "\"status\":\"fixed\"},{\"vulnerability\":{\"name\":\"CVE-2\"},\"products\":"
                     "[{\"@id\":\"web:1\",\"subcomponents\":[{\"@id\":\"%s\"}]}],"
                     "\"status\":\"fixed\"}]}",
             rows[i].product, rows[i].product);
    add(set, text);
    assert_str(ask(set, "CVE-1", rows[i].package, NULL), rows[i].covers ? "fixed" : "none");
    assert_str(ask(set, "CVE-2", rows[i].package, "web:1"), rows[i].covers ? "fixed" : "none");
    assert_str(ask(set, "CVE-2", rows[i].package, NULL), "none");
  }
}

static void knows_red_hats_platforms(void **state)
{
  (void)state;
  static const char document[] =
      "{\"document\":{\"tracking\":{\"current_release_date\":\"2024-01-01T00:00:00Z\"}},"
      "\"product_tree\":{\"branches\":[{\"product\":{\"product_id\":\"P\","
      "\"product_identification_helper\":{\"cpe\":\"%s\"}}},{\"product\":{\"product_id\":"
      "\"openssl.src\",\"product_identification_helper\":{\"purl\":"
      "\"pkg:rpm/redhat/openssl?arch=src\"}}}],\"relationships\":[{\"category\":"
      "\"default_component_of\",\"full_product_name\":{\"product_id\":\"P:openssl.src\"},"
      "\"product_reference\":\"openssl.src\",\"relates_to_product_reference\":\"P\"}]},"
      "\"vulnerabilities\":[{\"cve\":\"CVE-1\",\"product_status\":{\"known_not_affected\":"
      "[\"P:openssl.src\"]}},{\"cve\":\"CVE-2\",\"product_status\":{\"known_not_affected\":"
      "[\"P\"]}}]}";
  static const char *const libs = "pkg:rpm/redhat/openssl-libs@3.0.7-27.el9?arch=x86_64&"
                                  "distro=rhel-9.4&epoch=1&upstream=openssl";
  static const struct {
    const char *cpe;
    bool is;
  } rows[] = {
      {"cpe:/o:redhat:enterprise_linux:9", true},
      {"cpe:/o:redhat:enterprise_linux:9::baseos", true},
      {"cpe:/a:redhat:enterprise_linux:9::appstream", true},
      {"cpe:2.3:o:redhat:enterprise_linux:9:*:*:*:*:*:*:*", true},
      {"cpe:/o:redhat:enterprise_linux:8", false},
      {"cpe:/o:redhat:enterprise_linux:94", false},
      {"cpe:/o:redhat:rhel_eus:9.2", false},
      {"cpe:/o:redhat:enterprise_linux", false},
      {"cpe:/o:redhat:enterprise_linux:", false},
      {"cpe:/h:redhat:enterprise_linux:9", false},
      {"redhat:enterprise_linux:9", false},
  };
  for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
    _cleanup_(vex_set_freep) struct vex_set *set = vex_set_new();
    char text[2048];
    snprintf(text, sizeof text, document, rows[i].cpe);
    add(set, text);
    assert_str(ask(set, "CVE-1", libs, NULL), rows[i].is ? "not_affected" : "none");
    assert_str(ask(set, "CVE-1", "pkg:rpm/redhat/bash@5?distro=rhel-9.4", NULL), "none");
    assert_str(ask(set, "CVE-1", "pkg:rpm/redhat/openssl@3", NULL), "none");
    assert_str(ask(set, "CVE-2", libs, NULL), "none");
  }
}

static void takes_the_source_that_is_told(void **state)
{
  (void)state;
  _cleanup_(vex_set_freep) struct vex_set *set = vex_set_new();
  struct str id = STR("CVE-1");
  struct vex_question q = {.ids = &id, .id_count = 1, .package = STR("pkg:deb/debian/libc6@2.36")};
  struct vex_answer answer;
  add(set, OPENVEX "{\"vulnerability\":{\"name\":\"CVE-1\"},\"products\":[{\"@id\":"
                   "\"pkg:deb/debian/glibc@2.36\"}],\"status\":\"fixed\"}]}");
  assert_false(vex_ask(set, &q, &answer));
  q.source = STR("glibc");
  assert_true(vex_ask(set, &q, &answer));
  q.package = STR("pkg:deb/debian/libc6@2.37");
  assert_false(vex_ask(set, &q, &answer));
  q.package = STR("glibc");
  assert_false(vex_ask(set, &q, &answer));
}

static void opens_envelopes(void **state)
{
  (void)state;
  _cleanup_(vex_set_freep) struct vex_set *set = vex_set_new();
  add(set, "\xef\xbb\xbf{\"predicateType\":\"https://openvex.dev/ns\",\"predicate\":" OPENVEX
           "{\"vulnerability\":{\"name\":\"CVE-1\"},\"products\":[{\"@id\":\"pkg:npm/a\"}],"
           "\"status\":\"fixed\"}]}}");
  assert_str(ask(set, "CVE-1", "pkg:npm/a@1", NULL), "fixed");
}

static void refuses(void **state)
{
  (void)state;
  static const struct {
    const char *text, *message;
  } cases[] = {
      {"", ""},
      {"{}", "no OpenVEX, CSAF or CycloneDX"},
      {"{\"@context\":\"https://example.org\"}", "no OpenVEX"},
      {"[1,2]", "no OpenVEX"},
  };
  _cleanup_(vex_set_freep) struct vex_set *set = vex_set_new();
  struct error err;
  for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
    assert_int_equal(vex_set_add(set, str_from(cases[i].text), STR("x"), &err), SW_EINVAL);
    assert_error(err, SW_EINVAL, cases[i].message);
  }
  assert_int_equal(vex_set_count(set), 0);
  assert_int_equal(vex_set_count(NULL), 0);
  assert_false(vex_ask(NULL, &(struct vex_question){0}, &(struct vex_answer){0}));
}

static void reads_the_rest(void **state)
{
  (void)state;
  _cleanup_(vex_set_freep) struct vex_set *set = vex_set_new();
  struct error err;
  struct str text =
      STR(OPENVEX "{\"vulnerability\":{\"name\":\"CVE-1\"},\"status\":\"nonsense\"},"
                  "{\"vulnerability\":{},\"status\":\"fixed\"},"
                  "{\"vulnerability\":{\"name\":\"CVE-2\"},\"products\":[{\"@id\":\"pkg:npm/a\"}],"
                  "\"status\":\"fixed\"}]}");
  assert_int_equal(vex_set_add(set, text, STR("x"), &err), SW_EINVAL);
  assert_error(err, SW_EINVAL, "2 records are wrong, the first");
  assert_error(err, SW_EINVAL, "statement 1");
  assert_int_equal(vex_set_count(set), 1);
  assert_str(ask(set, "CVE-2", "pkg:npm/a@1", NULL), "fixed");
}

static void keeps_limits(void **state)
{
  (void)state;
  _cleanup_(vex_set_freep) struct vex_set *set = vex_set_new();
  _cleanup_(buf_free) struct buf text = {0};
  struct error err;
  char *huge = mem_zalloc(VEX_SIZE_MAX + 1, 1);
  assert_int_equal(vex_set_add(set, str_make(huge, VEX_SIZE_MAX + 1), STR("x"), &err), SW_ELIMIT);
  mem_free(huge);
  buf_add_text(&text, "{\"document\":{\"tracking\":{}},\"product_tree\":");
  for (int i = 0; i < 70; i++)
    buf_add_text(&text, "{\"branches\":[");
  for (int i = 0; i < 70; i++)
    buf_add_text(&text, "]}");
  buf_add_text(&text, "}");
  assert_int_equal(vex_set_add(set, buf_str(&text), STR("x"), &err), SW_ELIMIT);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(reads_openvex),
      cmocka_unit_test(reads_the_first_openvex),
      cmocka_unit_test(believes_the_latest),
      cmocka_unit_test(reads_csaf),
      cmocka_unit_test(reads_cyclonedx),
      cmocka_unit_test(covers_what_was_built_from_a_source),
      cmocka_unit_test(knows_red_hats_platforms),
      cmocka_unit_test(takes_the_source_that_is_told),
      cmocka_unit_test(opens_envelopes),
      cmocka_unit_test(refuses),
      cmocka_unit_test(reads_the_rest),
      cmocka_unit_test(keeps_limits),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
