/* Formats that are turned into OSV's shape: CSAF, and databases in fields of their own. */
#include "../test.h"

#include "base/buf.h"
#include "base/mem.h"
#include "scan/advisory/import.h"

static struct buf told;
static struct arena arena;

static int start(void **state)
{
  (void)state;
  arena_init(&arena, 0);
  return 0;
}

static int stop(void **state)
{
  (void)state;
  arena_free(&arena);
  buf_free(&told);
  told = (struct buf){0};
  return 0;
}

static const char *const statuses[] = {"affected", "not affected", "will not fix",
                                       "deferred", "investigated", "end of life"};
static const char *const signs[] = {">=", "<", "<=", "limit"};

static void tell_affected(const struct advisory_affected *a)
{
  buf_printf(&told, "\n  %.*s %.*s%s: %s", STR_FMT(a->ecosystem), STR_FMT(a->name),
             a->binary ? " (binary)" : "", statuses[a->status]);
  for (size_t r = 0; r < a->range_count; r++) {
    buf_add(&told, STR(" |"));
    for (size_t e = 0; e < a->ranges[r].count; e++)
      buf_printf(&told, " %s%.*s", signs[a->ranges[r].events[e].kind],
                 STR_FMT(a->ranges[r].events[e].version));
  }
  for (size_t v = 0; v < a->version_count; v++)
    buf_printf(&told, " =%.*s", STR_FMT(a->versions[v]));
  if (a->module.len)
    buf_printf(&told, " of %.*s", STR_FMT(a->module));
  if (a->severity_text.len)
    buf_printf(&told, ", %.*s", STR_FMT(a->severity_text));
  if (a->note.len)
    buf_printf(&told, ", %.*s", STR_FMT(a->note));
}

static int add(void *ctx, const struct advisory *a, struct error *err)
{
  buf_printf(&told, "%.*s", STR_FMT(a->id));
  for (size_t i = 0; i < a->alias_count; i++)
    buf_printf(&told, " alias %.*s", STR_FMT(a->aliases[i]));
  for (size_t i = 0; i < a->related_count; i++)
    buf_printf(&told, " of %.*s", STR_FMT(a->related[i]));
  if (a->severity)
    buf_printf(&told, " %.*s", STR_FMT(severity_name(a->severity)));
  for (size_t i = 0; i < a->cvss_count; i++)
    buf_printf(&told, " %.*s", STR_FMT(a->cvss[i]));
  for (size_t i = 0; i < a->affected_count; i++)
    tell_affected(&a->affected[i]);
  buf_add_byte(&told, '\n');
  return 0;
}

static void unreadable(void *ctx, struct str id, const struct error *why)
{
  buf_printf(&told, "unreadable %.*s: %s\n", STR_FMT(id), why->message);
}

static int read_text(void *ctx, void *to, size_t room, size_t *ret_got, struct error *err)
{
  struct str *left = ctx;
  *ret_got = left->len < room ? left->len : room;
  memcpy(to, left->data, *ret_got);
  *left = str_sub(*left, *ret_got, SIZE_MAX);
  return 0;
}

static uint64_t imports(const char *format, const char *text, const char *expected)
{
  static const struct advisory_sink sink = {.add = add};
  struct str left = str_from(text);
  struct error err;
  struct advisory_import import = {
      .name = STR("x.json"), .sink = &sink, .unreadable = unreadable, .arena = &arena};
  buf_clear(&told);
  if (advisory_import_read(&import, advisory_format_named(str_from(format)),
                           (struct oci_input){read_text, &left}, &err) < 0)
    fail_msg("%s", err.message);
  assert_str(buf_str(&told), expected);
  return import.ret_left_out;
}

/* ---- gems: what is patched or never was affected, of all versions */

static void gem(const char *patched, const char *unaffected, const char *expected)
{
  char text[1024], line[1024];
  snprintf(
      text, sizeof text,
      "{\"gem\":\"g\",\"cve\":\"2024-0001\",\"title\":\"\",\"date\":\"\",\"patched_versions\":[%s],"
      "\"unaffected_versions\":[%s]}",
      patched, unaffected);
  snprintf(line, sizeof line, "CVE-2024-0001\n  RubyGems g: %s\n", expected);
  imports("rubysec", text, line);
}

static void what_is_not_patched_is_affected(void **state)
{
  (void)state;
  gem("", "", "affected | >=0");
  gem("\">= 1.2\"", "", "affected | >=0 <1.2");
  gem("\"~> 1.2.3\",\">= 1.3.1\"", "", "affected | >=0 <1.2.3 >=1.3.a <1.3.1");
  gem("\">= 1.3.1\",\"~> 1.2.3\"", "\"< 1.0\"", "affected | >=1.0 <1.2.3 >=1.3.a <1.3.1");
  gem("\">= 2\"", "\"<= 1.1\"", "affected | >=1.1.0.0.0.1 <2");
  gem("\"> 2\"", "", "affected | >=0 <=2");
  gem("\">= 1.2, < 1.5\",\">= 1.4\"", "", "affected | >=0 <1.2");
  gem("\"= 1.2\"", "", "affected | >=0 <1.2 >=1.2.0.0.0.1");
  gem("\">= 0\"", "", "affected | >=0 <0");
  gem("\"~> 2\"", "\"< 2\"", "affected | >=3.a");
  gem("\"< 3\",\">= 3\"", "", "not affected");
}

static void reads_gems(void **state)
{
  (void)state;
  imports(
      "rubysec",
      "{\"gem\":\"g\",\"ghsa\":\"x\",\"osvdb\":7,\"cvss_v3\":9.8,\"patched_versions\":[\">= 1\"]}\n"
      "{\"gem\":\"g\",\"cve\":\"2024-0002\",\"patched_versions\":[\"!= 1\"]}\n"
      "{\"engine\":\"jruby\",\"cve\":\"2024-0003\"}\n{\"gem\":\"g\"}",
      "GHSA-x alias OSVDB-7 critical\n  RubyGems g: affected | >=0 <1\n"
      "unreadable CVE-2024-0002: \"!= 1\" leaves out a single version\n"
      "unreadable CVE-2024-0003: it is about no gem but about \"jruby\"\n"
      "unreadable the record at byte 170: it has no CVE, GHSA or OSVDB\n");
}

/* ---- npm */

static void npm(const char *vulnerable, const char *patched, const char *expected)
{
  char text[1024], line[1024];
  snprintf(
      text, sizeof text,
      "{\"id\":1,\"module_name\":\"m\",\"vulnerable_versions\":\"%s\",\"patched_versions\":\"%s\"}",
      vulnerable, patched);
  snprintf(line, sizeof line, "NSWG-ECO-1\n  npm m: affected | %s\n", expected);
  imports("nodejs", text, line);
}

static void an_end_is_fixed_where_something_patched_begins(void **state)
{
  (void)state;
  npm("<=1.5.1", ">=1.5.2", ">=0 <1.5.2");
  npm("<=1.5.1", "", ">=0 <=1.5.1");
  npm("*", "", ">=0");
  npm("<2.0.0", ">2.0.0", ">=0 <2.0.0");
  npm("<1.2.3 || >=2.0.0 <2.1.0", "~1.2.3 || >=2.1.0", ">=0 <1.2.3 >=2.0.0 <2.1.0");
  npm("4.x || 6.x", "^4.9.0 || ^6.14.0", ">=4.0.0 <4.9.0 >=6.0.0 <6.14.0");
  npm("<= 10", ">= 10.9.0", ">=0 <10.9.0");
  npm("< 0.12.0", "^0.10.48", ">=0 <0.10.48 >=0.11.0-0 <0.12.0");
  npm("1.2.3 || v1.3.0", "> 2.x", ">=1.2.3 <=1.2.3 >=1.3.0 <=1.3.0");
  npm("> 1.0.0 < 1.2.0", "", ">=1.0.1-0 <1.2.0");
}

static void reads_the_working_groups_records(void **state)
{
  (void)state;
  imports(
      "nodejs",
      "{\"cve\":[\"CVE-2024-0001\"],\"vulnerable\":\"8.x\",\"patched\":\"^8.1.4\",\"severity\":\"high\"}\n"
      "{\"id\":3,\"module_name\":\"m\",\"cves\":[\"CVE-2024-0002\"],\"vulnerable_versions\":\"*\",\"cvss_vector\":\"CVSS:3.0/AV:N\"}\n"
      "{\"id\":4,\"module_name\":\"m\",\"cves\":[\"CVE-2024-0003\",\"CVE-2024-0004\"],\"vulnerable_versions\":\"*\"}\n"
      "{\"cve\":[],\"vulnerable\":\"8.x\"}\n"
      "{\"12\":{\"cve\":[],\"vulnerable\":\"9.x\"}}\n"
      "{\"id\":5,\"module_name\":\"m\",\"vulnerable_versions\":\"1.2.3 - 2\"}\n",
      "CVE-2024-0001 high\n  Bitnami node: affected | >=8.0.0 <8.1.4\n"
      "NSWG-ECO-3 alias CVE-2024-0002 CVSS:3.0/AV:N\n  npm m: affected | >=0\n"
      "CVE-2024-0003 of NSWG-ECO-4\n  npm m: affected | >=0\n"
      "CVE-2024-0004 of NSWG-ECO-4\n  npm m: affected | >=0\n"
      "unreadable the record at byte 284: it has neither an id nor a CVE\n"
      "NSWG-CORE-12\n  Bitnami node: affected | >=9.0.0 <10.0.0-0\n"
      "unreadable NSWG-ECO-5: a version is missing in the requirement\n");
}

static void reads_retirejs(void **state)
{
  (void)state;
  uint64_t left_out = imports(
      "retirejs",
      "{\"retire-example\":{\"vulnerabilities\":[]},\"jquery\":{\"npmname\":\"jQuery\",\"extractors\":{},\"vulnerabilities\":["
      "{\"below\":\"1.6.3\",\"severity\":\"medium\",\"identifiers\":{\"CVE\":[\"CVE-2011-4969\"],\"githubID\":\"GHSA-x\"}},"
      "{\"atOrAbove\":\"1.3.0-*\",\"below\":\"2\",\"identifiers\":{\"summary\":\"S\"}},{}]},"
      "\"plain\":{\"vulnerabilities\":[{\"below\":\"1\",\"identifiers\":{\"CVE\":[\"CVE-2024-0001\",\"CVE-2024-0002\"]}}]},"
      "\"script\":{\"extractors\":{},\"vulnerabilities\":[{}]}}",
      "CVE-2011-4969 alias GHSA-x medium\n  npm jQuery: affected | >=0 <1.6.3\n"
      "RETIREJS-jQuery-2\n  npm jQuery: affected | >=1.3.0-0 <2\n"
      "unreadable RETIREJS-jQuery-3: jQuery: it says not below which version\n"
      "CVE-2024-0001\n  npm plain: affected | >=0 <1\n"
      "CVE-2024-0002 of CVE-2024-0001\n  npm plain: affected | >=0 <1\n"
      "unreadable script: it has no name in npm; its 1 entries are left out\n");
  assert_int_equal(left_out, 1);
}

/* ---- Java */

static void reads_victims(void **state)
{
  (void)state;
  imports(
      "victims",
      "{\"cve\":\"2008-6504\",\"affected\":[{\"groupId\":\"g\",\"artifactId\":\"a\",\"version\":[\"<=2.0.11,2.0\",\"<=2.1.2,2.1\",\"==3\"],"
      "\"fixedin\":[\">=2.0.12,2.0\"]},{\"name\":\"p\",\"version\":[\"<1.2\"]}]}\n{\"cve\":\"2008-1\",\"affected\":[]}",
      "CVE-2008-6504\n  Maven g:a: affected | >=2.0 <2.0.12 | >=2.1 <=2.1.2 | >=3 <=3\n"
      "  PyPI p: affected | >=0 <1.2\n"
      "unreadable CVE-2008-1: it names no package with versions\n");
}

static void reads_statements(void **state)
{
  (void)state;
  uint64_t left_out = imports(
      "project-kb",
      "{\"vulnerability_id\":\"CVE-1\",\"artifacts\":[{\"id\":\"pkg:maven/g/a@1\",\"affected\":true},{\"id\":\"pkg:maven/g/a@2\","
      "\"affected\":false},{\"id\":\"pkg:maven/g/a@3\",\"affected\":true},{\"id\":\"pkg:maven/g/b@1\",\"affected\":true},{\"id\":\"?\",\"affected\":true}]}\n"
      "{\"vulnerability_id\":\"CVE-2\",\"fixes\":[]}\n{\"notes\":[]}",
      "CVE-1\n  Maven g:a: affected =1 =3\n  Maven g:b: affected =1\n"
      "unreadable the record at byte 275: it has no vulnerability_id\n");
  assert_int_equal(left_out, 1);
}

/* ---- CSAF */

static const char tree[] =
    "\"document\":{\"aggregate_severity\":{\"text\":\"Important\"},\"tracking\":{\"id\":\"RHSA-1\"}},\"product_tree\":{\"branches\":["
    "{\"category\":\"vendor\",\"branches\":[{\"product\":{\"product_id\":\"B9\",\"name\":\"RHEL\",\"product_identification_helper\":"
    "{\"cpe\":\"cpe:/o:redhat:enterprise_linux:9::baseos\"}}},{\"product\":{\"product_id\":\"k64\",\"product_identification_helper\":"
    "{\"purl\":\"pkg:rpm/redhat/kernel@5.14-1.el9?arch=x86_64&epoch=2\"}}},{\"product\":{\"product_id\":\"karm\",\"product_identification_helper\":"
    "{\"purl\":\"pkg:rpm/redhat/kernel@5.14-1.el9?arch=aarch64&epoch=2\"}}},{\"product\":{\"product_id\":\"ksrc\",\"product_identification_helper\":"
    "{\"purl\":\"pkg:rpm/redhat/kernel?arch=src\"}}},{\"product\":{\"product_id\":\"mod\",\"product_identification_helper\":"
    "{\"purl\":\"pkg:rpmmod/redhat/nodejs@18:80:x\"}}},{\"product\":{\"product_id\":\"node\",\"product_identification_helper\":"
    "{\"purl\":\"pkg:rpm/redhat/nodejs@18-1?arch=x86_64\"}}}]}],\"relationships\":["
    "{\"product_reference\":\"k64\",\"relates_to_product_reference\":\"B9\",\"full_product_name\":{\"product_id\":\"B9:k64\"}},"
    "{\"product_reference\":\"karm\",\"relates_to_product_reference\":\"B9\",\"full_product_name\":{\"product_id\":\"B9:karm\"}},"
    "{\"product_reference\":\"ksrc\",\"relates_to_product_reference\":\"B9\",\"full_product_name\":{\"product_id\":\"B9:ksrc\"}},"
    "{\"product_reference\":\"mod\",\"relates_to_product_reference\":\"B9\",\"full_product_name\":{\"product_id\":\"B9:mod\"}},"
    "{\"product_reference\":\"node\",\"relates_to_product_reference\":\"B9:mod\",\"full_product_name\":{\"product_id\":\"B9:mod:node\"}},"
    "{\"product_reference\":\"loop\",\"relates_to_product_reference\":\"loop\",\"full_product_name\":{\"product_id\":\"loop\"}}]}";

static void csaf(const char *vulnerability, const char *expected)
{
  char text[8192];
  snprintf(text, sizeof text, "{%s,\"vulnerabilities\":[%s]}", tree, vulnerability);
  imports("csaf", text, expected);
}

static void reads_fixes_of_csaf(void **state)
{
  (void)state;
  csaf(
      "{\"cve\":\"CVE-2024-0001\",\"scores\":[{\"cvss_v3\":{\"vectorString\":\"CVSS:3.1/AV:N\"}},{\"cvss_v3\":{\"vectorString\":\"CVSS:3.1/AV:N\"}}],"
      "\"product_status\":{\"fixed\":[\"B9:k64\",\"B9:karm\",\"B9:mod:node\",\"loop\",\"unknown\"]},"
      "\"threats\":[{\"category\":\"impact\",\"details\":\"Low\",\"product_ids\":[\"B9:mod:node\"]},{\"category\":\"impact\",\"details\":\"Moderate\"}]}",
      "CVE-2024-0001 of RHSA-1 high CVSS:3.1/AV:N\n"
      "  Red Hat:enterprise_linux:9::baseos kernel (binary): affected | >=0 <2:5.14-1.el9, Moderate\n"
      "  Red Hat:enterprise_linux:9::baseos nodejs (binary): affected | >=0 <18-1 of nodejs:18, Low\n");
}

/* What mends one stream of a release does not say that the next is mended. */
static void fixes_of_streams_are_branches(void **state)
{
  (void)state;
  imports(
      "csaf",
      "{\"document\":{},\"product_tree\":{\"branches\":[{\"product\":{\"product_id\":\"R\",\"product_identification_helper\":"
      "{\"cpe\":\"cpe:/o:redhat:enterprise_linux:9::baseos\"}}},"
      "{\"product\":{\"product_id\":\"c3\",\"product_identification_helper\":{\"purl\":\"pkg:rpm/redhat/curl@7.76.1-26.el9_3.2?arch=s390x\"}}},"
      "{\"product\":{\"product_id\":\"c2\",\"product_identification_helper\":{\"purl\":\"pkg:rpm/redhat/curl@7.76.1-23.el9_2.4?arch=s390x\"}}},"
      "{\"product\":{\"product_id\":\"m\",\"product_identification_helper\":{\"purl\":\"pkg:rpmmod/redhat/ruby:2.6/ruby\"}}}],"
      "\"relationships\":["
      "{\"product_reference\":\"c3\",\"relates_to_product_reference\":\"R\",\"full_product_name\":{\"product_id\":\"R:c3\"}},"
      "{\"product_reference\":\"c2\",\"relates_to_product_reference\":\"R\",\"full_product_name\":{\"product_id\":\"R:c2\"}},"
      "{\"product_reference\":\"m\",\"relates_to_product_reference\":\"R\",\"full_product_name\":{\"product_id\":\"R:m\"}},"
      "{\"product_reference\":\"plain\",\"relates_to_product_reference\":\"R\",\"full_product_name\":{\"product_id\":\"R:plain\"}},"
      "{\"product_reference\":\"a/b\",\"relates_to_product_reference\":\"R\",\"full_product_name\":{\"product_id\":\"R:a/b\"}}]},"
      "\"vulnerabilities\":[{\"cve\":\"CVE-2024-0001\",\"product_status\":{\"fixed\":[\"R:c3\",\"R:c2\"],\"known_affected\":[\"R:m\",\"R:plain\",\"R:a/b\"]}}]}",
      "CVE-2024-0001\n"
      "  Red Hat:enterprise_linux:9::baseos curl (binary): affected | >=0 <7.76.1-23.el9_2.4 >=7.76.1-24 <7.76.1-26.el9_3.2\n"
      "  Red Hat:enterprise_linux:9::baseos ruby: affected | >=0 of ruby:2.6\n"
      "  Red Hat:enterprise_linux:9::baseos plain: affected | >=0\n");
}

static void reads_what_will_not_be_fixed(void **state)
{
  (void)state;
  csaf(
      "{\"cve\":\"CVE-2024-0002\",\"product_status\":{\"known_affected\":[\"B9:ksrc\"],\"known_not_affected\":[\"B9:mod:node\"]},"
      "\"remediations\":[{\"category\":\"none_available\",\"details\":\"Will not fix\",\"product_ids\":[\"B9:ksrc\"]}],"
      "\"flags\":[{\"label\":\"vulnerable_code_not_present\",\"product_ids\":[\"B9:mod:node\"]}]},"
      "{\"ids\":[{\"text\":\"X-1\"}],\"product_status\":{\"under_investigation\":[\"B9:ksrc\"]}},"
      "{\"cve\":\"CVE-2024-0003\",\"product_status\":{\"known_affected\":[\"B9\"]}}",
      "CVE-2024-0002 of RHSA-1 high\n"
      "  Red Hat:enterprise_linux:9::baseos kernel: will not fix | >=0, Will not fix\n"
      "  Red Hat:enterprise_linux:9::baseos nodejs (binary): not affected of nodejs:18, vulnerable_code_not_present\n"
      "X-1 of RHSA-1 high\n  Red Hat:enterprise_linux:9::baseos kernel: investigated | >=0\n");
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test_setup_teardown(what_is_not_patched_is_affected, start, stop),
      cmocka_unit_test_setup_teardown(reads_gems, start, stop),
      cmocka_unit_test_setup_teardown(an_end_is_fixed_where_something_patched_begins, start, stop),
      cmocka_unit_test_setup_teardown(reads_the_working_groups_records, start, stop),
      cmocka_unit_test_setup_teardown(reads_retirejs, start, stop),
      cmocka_unit_test_setup_teardown(reads_victims, start, stop),
      cmocka_unit_test_setup_teardown(reads_statements, start, stop),
      cmocka_unit_test_setup_teardown(reads_fixes_of_csaf, start, stop),
      cmocka_unit_test_setup_teardown(fixes_of_streams_are_branches, start, stop),
      cmocka_unit_test_setup_teardown(reads_what_will_not_be_fixed, start, stop),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
