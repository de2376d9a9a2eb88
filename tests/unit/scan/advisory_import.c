#include "../test.h"

#include "base/buf.h"
#include "base/mem.h"
#include "scan/advisory/import.h"

#include <zlib.h>

/* What was handed over, a line each. */
static struct buf told;
static struct arena arena;
static struct advisory_import import;
static int sink_result;

static int start(void **state)
{
  (void)state;
  buf_clear(&told);
  arena_init(&arena, 0);
  sink_result = 0;
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

/* ---- the sink */

static const char *const statuses[] = {"affected", "not affected", "will not fix",
                                       "deferred", "investigated", "end of life"};
static const char *const events[] = {"introduced", "fixed", "last", "limit"};

static void tell_list(const char *name, const struct str *items, size_t count)
{
  for (size_t i = 0; i < count; i++)
    buf_printf(&told, " %s=%.*s", name, STR_FMT(items[i]));
}

static void tell(const char *name, struct str value)
{
  if (value.len)
    tell_list(name, &value, 1);
}

static void tell_affected(const struct advisory_affected *a)
{
  buf_printf(&told, "\n  %.*s %.*s%s: %s", STR_FMT(a->ecosystem), STR_FMT(a->name),
             a->binary ? " (binary)" : "", statuses[a->status]);
  for (size_t r = 0; r < a->range_count; r++)
    for (size_t e = 0; e < a->ranges[r].count; e++)
      buf_printf(&told, "%s%s %.*s", e ? ", " : " | ", events[a->ranges[r].events[e].kind],
                 STR_FMT(a->ranges[r].events[e].version));
  tell_list("version", a->versions, a->version_count);
  if (a->severity)
    tell("severity", severity_name(a->severity));
  tell("says", a->severity_text);
  tell("module", a->module);
  tell("note", a->note);
  tell_list("function", a->functions, a->function_count);
}

static int add(void *ctx, const struct advisory *a, struct error *err)
{
  if (sink_result < 0)
    return error_set(err, sink_result, "the sink is full");
  buf_printf(&told, "%.*s", STR_FMT(a->id));
  tell_list("alias", a->aliases, a->alias_count);
  tell_list("related", a->related, a->related_count);
  tell("title", a->title);
  if (a->severity)
    tell("severity", severity_name(a->severity));
  tell("says", a->severity_text);
  tell_list("cvss", a->cvss, a->cvss_count);
  tell_list("cwe", a->cwes, a->cwe_count);
  tell_list("url", a->references, a->reference_count);
  tell("published", a->published);
  tell("withdrawn", a->withdrawn);
  for (size_t i = 0; i < a->affected_count; i++)
    tell_affected(&a->affected[i]);
  buf_add_byte(&told, '\n');
  return 0;
}

static int exploited(void *ctx, struct str cve, struct str date, bool ransomware, struct error *err)
{
  buf_printf(&told, "%.*s exploited %.*s%s\n", STR_FMT(cve), STR_FMT(date),
             ransomware ? " ransomware" : "");
  return 0;
}

static int epss(void *ctx, struct str cve, uint32_t score, uint32_t percentile, struct error *err)
{
  buf_printf(&told, "%.*s %u %u\n", STR_FMT(cve), score, percentile);
  return 0;
}

static void unreadable(void *ctx, struct str id, const struct error *why)
{
  buf_printf(&told, "unreadable %.*s: %s\n", STR_FMT(id), why->message);
}

/* ---- the input: some bytes at a time, so that records lie across borders */

struct source {
  struct str left;
  size_t step;
};

static int read_source(void *ctx, void *to, size_t room, size_t *ret_got, struct error *err)
{
  struct source *s = ctx;
  size_t len = s->left.len < room ? s->left.len : room;
  if (s->step && len > s->step)
    len = s->step;
  memcpy(to, s->left.data, len);
  s->left = str_sub(s->left, len, SIZE_MAX);
  *ret_got = len;
  return 0;
}

static int import_bytes(const char *format, const char *name, struct str bytes, size_t step,
                        struct error *err)
{
  static const struct advisory_sink sink = {.add = add, .exploited = exploited, .epss = epss};
  struct source source = {bytes, step};
  buf_clear(&told);
  import = (struct advisory_import){
      .name = str_from(name), .sink = &sink, .unreadable = unreadable, .arena = &arena};
  return advisory_import_read(&import, format ? advisory_format_named(str_from(format)) : NULL,
                              (struct oci_input){read_source, &source}, err);
}

static void imports(const char *name, const char *text, const char *expected)
{
  static const size_t steps[] = {0, 1, 7};
  for (size_t i = 0; i < sizeof steps / sizeof *steps; i++) {
    struct error err;
    if (import_bytes(NULL, name, str_from(text), steps[i], &err) < 0)
      fail_msg("%s", err.message);
    assert_str(buf_str(&told), expected);
  }
}

static void fails(const char *format, const char *text, int code, const char *message)
{
  struct error err;
  assert_int_equal(import_bytes(format, "file", str_from(text), 0, &err), code);
  assert_error(err, code, message);
}

/* ---- formats are told apart */

static void tells_formats_apart(void **state)
{
  (void)state;
  static const struct {
    const char *name, *head, *format;
  } cases[] = {
      {"x", "{\"schema_version\":\"1.7.0\",\"id\":\"A-1\"}", "osv"},
      {"all.zip", "PK\3\4", "osv"},
      {"csaf_2026.zip", "PK\3\4", "csaf"},
      {"x", "{\"a\":{\"CVE-1\":{\"releases\":{\"sid\":{\"repositories\":{},\"urgency\":\"\"}}}}}",
       "debian-tracker"},
      {"list", "[01 Jan 2024] DSA-1-1 a - security update\n", "debian-list"},
      {"x", "{\"apkurl\":\"\",\"packages\":[]}", "alpine-secdb"},
      {"x", "{\"document\":{},\"product_tree\":{}}", "csaf"},
      {"x", "{\"catalogVersion\":\"1\",\"vulnerabilities\":[]}", "kev"},
      {"x", "#model_version:v1,score_date:2026-01-01\ncve,epss,percentile\n", "epss"},
      {"x", "CVE-2024-0001;0.5;0.5\n", "epss"},
      {"x", "{\"gem\":\"a\",\"title\":\"\",\"date\":\"\"}", "rubysec"},
      {"x", "{\"module_name\":\"a\",\"vulnerable_versions\":\"*\"}", "nodejs"},
      {"x", "{\"jquery\":{\"vulnerabilities\":[{\"below\":\"1\"}]}}", "retirejs"},
      {"x", "{\"cve\":\"2020-1\",\"affected\":[{\"version\":[]}]}", "victims"},
      {"x", "{\"vulnerability_id\":\"CVE-1\",\"artifacts\":[]}", "project-kb"},
  };
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    const struct advisory_format *format =
        advisory_format_detect(str_from(cases[i].name), str_from(cases[i].head));
    assert_non_null(format);
    assert_string_equal(format->name, cases[i].format);
    assert_ptr_equal(format, advisory_format_named(str_from(cases[i].format)));
  }
  assert_null(advisory_format_detect(STR("x"), STR("{\"hello\":1}")));
  assert_null(advisory_format_named(STR("nothing")));
  fails(NULL, "hello", SW_EINVAL, "file: is of no format of advisories that is known");
}

/* ---- OSV */

static void reads_osv(void **state)
{
  (void)state;
  imports(
      "x.json",
      "{\"id\":\"GHSA-1\",\"aliases\":[\"CVE-2024-0001\"],\"summary\":\"T\",\"modified\":\"2024-02-02T00:00:00Z\","
      "\"published\":\"2024-01-01T00:00:00Z\",\"severity\":[{\"type\":\"CVSS_V3\",\"score\":\"CVSS:3.1/AV:N\"}],"
      "\"database_specific\":{\"severity\":\"MODERATE\",\"cwe_ids\":[\"CWE-79\"]},"
      "\"references\":[{\"type\":\"WEB\",\"url\":\"https://example.com/\"}],\"affected\":["
      "{\"package\":{\"ecosystem\":\"npm\",\"name\":\"a\"},\"ranges\":[{\"type\":\"GIT\",\"events\":"
      "[{\"introduced\":\"0\"}]},{\"type\":\"SEMVER\",\"events\":[{\"introduced\":\"0\"},{\"fixed\":\"1.2\"},"
      "{\"introduced\":\"2.0\"},{\"last_affected\":\"2.5\"}]}],\"versions\":[\"0.1\"]},"
      "{\"package\":{\"ecosystem\":\"npm\",\"name\":\"b\"},\"ranges\":[{\"type\":\"SEMVER\",\"events\":"
      "[{\"introduced\":\"1\"}]}],\"database_specific\":{\"last_known_affected_version_range\":\"<= 1.5\"}}]}",
      "GHSA-1 alias=CVE-2024-0001 title=T severity=medium says=MODERATE cvss=CVSS:3.1/AV:N "
      "cwe=CWE-79 url=https://example.com/ published=2024-01-01T00:00:00Z\n"
      "  npm a: affected | introduced 0, fixed 1.2, introduced 2.0, last 2.5 version=0.1\n"
      "  npm b: affected | introduced 1, last 1.5\n");
  assert_str(import.ret_date, "2024-02-02T00:00:00Z");
}

static void reads_what_publishers_add(void **state)
{
  (void)state;
  imports(
      "go.jsonl",
      "{\"id\":\"GO-1\",\"affected\":[{\"package\":{\"ecosystem\":\"Go\",\"name\":\"m\"},\"ranges\":[{\"events\":"
      "[{\"introduced\":\"0\"}]}],\"ecosystem_specific\":{\"imports\":[{\"path\":\"m/p\",\"symbols\":[\"F\",\"T.M\"]},"
      "{\"path\":\"m/q\"}],\"custom_ranges\":[{\"events\":[{\"introduced\":\"0\"},{\"fixed\":\"2.3.0\"}]}]}}]}\n"
      "{\"id\":\"GO-2\",\"affected\":[{\"package\":{\"ecosystem\":\"Go\",\"name\":\"m\"},\"ranges\":[{\"events\":"
      "[{\"introduced\":\"0\"}]}],\"ecosystem_specific\":{\"custom_ranges\":[{\"events\":[{\"introduced\":\"main\"}]}]}}]}\n"
      "{\"id\":\"RUSTSEC-1\",\"affected\":[{\"package\":{\"ecosystem\":\"crates.io\",\"name\":\"c\"},\"versions\":[\"1\"],"
      "\"database_specific\":{\"informational\":\"unmaintained\"},\"ecosystem_specific\":{\"affects\":{\"functions\":[\"c::f\"]}}}]}\n"
      "{\"id\":\"UBUNTU-CVE-2024-0002\",\"upstream\":[\"CVE-2024-0002\"],\"related\":[\"CVE-2024-9999\"],\"severity\":"
      "[{\"type\":\"Ubuntu\",\"score\":\"negligible\"}],\"affected\":[{\"package\":{\"ecosystem\":\"Ubuntu:22.04:LTS\","
      "\"name\":\"u\"},\"versions\":[\"1\"]}]}\n"
      "{\"id\":\"DEBIAN-CVE-2024-0003\",\"affected\":[{\"package\":{\"ecosystem\":\"Debian:12\",\"name\":\"d\"},"
      "\"versions\":[\"1\"],\"ecosystem_specific\":{\"urgency\":\"unimportant\"}}]}\n",
      "GO-1\n  Go m: affected | introduced 0, fixed 2.3.0 function=m/p.F function=m/p.T.M function=m/q\n"
      "GO-2\n  Go m: affected | introduced 0\n"
      "RUSTSEC-1\n  crates.io c: affected version=1 severity=info says=unmaintained function=c::f\n"
      "UBUNTU-CVE-2024-0002 alias=CVE-2024-0002 related=CVE-2024-9999 severity=info says=negligible\n"
      "  Ubuntu:22.04:LTS u: affected version=1\n"
      "DEBIAN-CVE-2024-0003 alias=CVE-2024-0003\n"
      "  Debian:12 d: affected version=1 severity=info says=unimportant\n");
}

static void ecosystems_of_places_and_of_sources(void **state)
{
  (void)state;
  imports(
      "x.jsonl",
      "{\"id\":\"DRUPAL-CONTRIB-1\",\"affected\":[{\"package\":{\"ecosystem\":"
      "\"Packagist:https://packages.drupal.org/8\",\"name\":\"drupal/a\"},\"versions\":[\"1\"]}]}\n"
      "{\"id\":\"AZL-1\",\"upstream\":[\"CVE-2024-0001\"],\"affected\":[{\"package\":{\"ecosystem\":"
      "\"Azure Linux:3\",\"name\":\"vim\"},\"versions\":[\"1\"]}]}\n"
      "{\"id\":\"A-1\",\"affected\":[{\"package\":{\"ecosystem\":\"Amazon Linux:2\",\"name\":\"b\"},"
      "\"versions\":[\"1\"]}]}\n",
      "DRUPAL-CONTRIB-1\n  Packagist drupal/a: affected version=1\n"
      "AZL-1 alias=CVE-2024-0001\n  Azure Linux:3 vim: affected version=1\n"
      "A-1\n  Amazon Linux:2 b (binary): affected version=1\n");
}

static void words_that_weigh_nothing_are_no_severity(void **state)
{
  (void)state;
  imports(
      "x.jsonl",
      "{\"id\":\"DSA-1-1\",\"upstream\":[\"CVE-2024-0001\"],\"affected\":[{\"package\":{\"ecosystem\":\"Debian:12\","
      "\"name\":\"a\"},\"versions\":[\"1\"],\"ecosystem_specific\":{\"urgency\":\"not yet assigned\"}},{\"package\":"
      "{\"ecosystem\":\"Debian:10\",\"name\":\"a\"},\"versions\":[\"1\"],\"ecosystem_specific\":{\"urgency\":\"end-of-life\"}}]}\n"
      "{\"id\":\"MAL-2024-1\",\"affected\":[{\"package\":{\"ecosystem\":\"npm\",\"name\":\"b\"},\"versions\":[\"1\"]}]}\n",
      "DSA-1-1 alias=CVE-2024-0001\n  Debian:12 a: affected version=1\n"
      "  Debian:10 a: end of life version=1 note=end-of-life\n"
      "MAL-2024-1 severity=critical says=malicious\n  npm b: affected version=1\n");
}

static void gives_each_vulnerability_of_an_update(void **state)
{
  (void)state;
  imports(
      "alma.jsonl",
      "{\"id\":\"ALSA-1\",\"summary\":\"Important: nodejs:18 security update\",\"details\":\"Fixes:\\n* nodejs: one "
      "(CVE-2024-0001)\\n* nodejs: two (CVE-2024-0002)\\n\",\"related\":[\"CVE-2024-0001\",\"CVE-2024-0002\","
      "\"CVE-2024-0001\"],\"affected\":[{\"package\":{\"ecosystem\":\"AlmaLinux:8\",\"name\":\"nodejs\"},\"ranges\":"
      "[{\"events\":[{\"introduced\":\"0\"},{\"fixed\":\"1:18-1.module_el8\"}]}]}]}\n"
      "{\"id\":\"ALBA-1\",\"summary\":\"x bug fix update\",\"affected\":[{\"package\":{\"ecosystem\":\"AlmaLinux:8\","
      "\"name\":\"x\"},\"versions\":[\"1\"]}]}\n",
      "CVE-2024-0001 related=ALSA-1 title=nodejs: one severity=high says=Important\n"
      "  AlmaLinux:8 nodejs (binary): affected | introduced 0, fixed 1:18-1.module_el8 module=nodejs:18\n"
      "CVE-2024-0002 related=ALSA-1 title=nodejs: two severity=high says=Important\n"
      "  AlmaLinux:8 nodejs (binary): affected | introduced 0, fixed 1:18-1.module_el8 module=nodejs:18\n");
  assert_int_equal(import.ret_left_out, 1);
}

#define ALMA(name, fixed)                                                                          \
  "{\"package\":{\"ecosystem\":\"AlmaLinux:8\",\"name\":\"" name                                   \
  "\"},\"ranges\":[{\"events\":[{\"introduced\":\"0\"},{\"fixed\":\"" fixed "\"}]}]}"
#define ALMA_IS(name, fixed) "  AlmaLinux:8 " name ": affected | introduced 0, fixed " fixed "\n"

static void an_update_is_of_the_sources_that_its_title_names(void **state)
{
  (void)state;
  imports(
      "alma.jsonl",
      "{\"id\":\"ALSA-2\",\"summary\":\"Low: glibc security, bug fix, and enhancement update\",\"affected\":[" ALMA("glibc-static", "2.28-1") "," ALMA(
          "nss_hesiod",
          "2.28-1") "]}\n"
                    "{\"id\":\"ALSA-3\",\"summary\":\"Moderate: poppler and evince security update\",\"affected\":[" ALMA(
                        "poppler-qt5",
                        "20-2") "," ALMA("evince-devel",
                                         "3-1") "]}\n"
                                                "{\"id\":\"ALSA-4\",\"summary\":\"python-dns security update\",\"affected\":[" ALMA(
                                                    "python3-dns",
                                                    "1-2") "]}\n"
                                                           /* Who knows whose these versions are. */
                                                           "{\"id\":\"ALSA-5\",\"summary\":\"Important: x security update\",\"affected\":[" ALMA(
                                                               "a",
                                                               "1") "," ALMA("b",
                                                                             "2") "]}\n"
                                                                                  "{\"id\":\"ALSA-6\",\"summary\":\"Important: .NET 6.0 security update\",\"affected\":[" ALMA(
                                                                                      "dotnet",
                                                                                      "6") "]}\n"
                                                                                           "{\"id\":\"ALSA-7\",\"summary\":\"Important: a and b security update\",\"affected\":[" ALMA(
                                                                                               "c",
                                                                                               "6") "]}\n",
      "ALSA-2 title=Low: glibc security, bug fix, and enhancement update severity=low says=Low\n" ALMA_IS(
          "glibc-static (binary)", "2.28-1") ALMA_IS("nss_hesiod (binary)", "2.28-1")
          ALMA_IS("glibc", "2.28-1") "ALSA-3 title=Moderate: poppler and evince security update severity=medium says=Moderate\n" ALMA_IS(
              "poppler-qt5 (binary)", "20-2") ALMA_IS("evince-devel (binary)",
                                                      "3-1") ALMA_IS("poppler", "20-2")
              ALMA_IS("evince", "3-1") "ALSA-4 title=python-dns security update\n" ALMA_IS(
                  "python3-dns (binary)", "1-2")
                  ALMA_IS("python-dns", "1-2") "ALSA-5 title=Important: x security update severity=high says=Important\n" ALMA_IS(
                      "a (binary)", "1")
                      ALMA_IS("b (binary)", "2") "ALSA-6 title=Important: .NET 6.0 security update severity=high says=Important\n" ALMA_IS(
                          "dotnet (binary)",
                          "6") "ALSA-7 title=Important: a and b security update severity=high says=Important\n" ALMA_IS("c (binary)",
                                                                                                                        "6"));
}

static void a_broken_record_hides_no_other(void **state)
{
  (void)state;
  imports(
      "a.jsonl",
      "{\"id\":\"A\",\"affected\":[}\n{\"id\":\"B\",\"x\":{\n{\"summary\":\"none\"}\n{\"id\":\"C\"}",
      "unreadable the record at byte 0: its line ends before the record does\n"
      "unreadable the record at byte 24: its line ends before the record does\n"
      "unreadable the record at byte 40: it has no id, which OSV's records have\n"
      "C\n");
}

static void documents_may_be_a_list(void **state)
{
  (void)state;
  imports("a", "[ {\"id\":\"A\",\"modified\":\"\"},\n {\"id\":\"B\"} ]\n", "A\nB\n");
  imports("a", "{\"id\":\"A\",\"modified\":\"\"}\n\n{\n\"id\":\"B\"}{\"id\":\"C\"}", "A\nB\nC\n");
  fails("osv", "[{\"id\":\"A\"}", SW_EINVAL, "cut off");
  fails("osv", "[{\"id\":\"A\"}] 1", SW_EINVAL, "something follows the list");
  fails("osv", "{\"id\":\"A\"", SW_EINVAL, "cut off in the record that begins at byte 0");
  fails("osv", "}", SW_EINVAL, "does not belong there");
  sink_result = SW_EIO;
  fails("osv", "{\"id\":\"A\"}", SW_EIO, "the sink is full");
}

/* ---- zip */

static void put(struct buf *out, uint64_t number, unsigned bytes)
{
  for (unsigned i = 0; i < bytes; i++)
    buf_add_byte(out, (char)(number >> (8 * i)));
}

enum zipped { STORED, DEFLATED, DESCRIBED };

static void zip_file(struct buf *out, const char *name, struct str content, enum zipped how)
{
  unsigned char packed[4096];
  z_stream z = {.next_in = (void *)content.data,
                .avail_in = (uInt)content.len,
                .next_out = packed,
                .avail_out = sizeof packed};
  struct str bytes = content;
  uint32_t crc = (uint32_t)crc32(0, (const void *)content.data, (uInt)content.len);
  if (how != STORED) {
    deflateInit2(&z, 9, Z_DEFLATED, -MAX_WBITS, 9, Z_DEFAULT_STRATEGY);
    assert_int_equal(deflate(&z, Z_FINISH), Z_STREAM_END);
    bytes = str_make((const char *)packed, sizeof packed - z.avail_out);
    deflateEnd(&z);
  }
  buf_add(out, STR("PK\3\4"));
  put(out, 20, 2);
  put(out, how == DESCRIBED ? 8 : 0, 2);
  put(out, how == STORED ? 0 : 8, 2);
  put(out, 0, 4);
  put(out, how == DESCRIBED ? 0 : crc, 4);
  put(out, how == DESCRIBED ? 0 : bytes.len, 4);
  put(out, how == DESCRIBED ? 0 : content.len, 4);
  put(out, strlen(name), 2);
  put(out, 0, 2);
  buf_add_text(out, name);
  buf_add(out, bytes);
  if (how == DESCRIBED) {
    buf_add(out, STR("PK\7\10"));
    put(out, crc, 4);
    put(out, bytes.len, 4);
    put(out, content.len, 4);
  }
}

static void reads_zip(void **state)
{
  (void)state;
  struct error err;
  struct buf zip = {0};
  zip_file(&zip, "A.json", STR("{\"id\":\"A\"}"), STORED);
  zip_file(&zip, "README", STR("words"), DEFLATED);
  zip_file(&zip, "B.json", STR("{\"id\":\"B\"}"), DEFLATED);
  zip_file(&zip, "C.json", STR("{\"id\":\"C\"}"), DESCRIBED);
  zip_file(&zip, "D.json", STR("{"), DEFLATED);
  struct str without_end = buf_str(&zip);
  assert_int_equal(import_bytes(NULL, "all.zip", without_end, 0, &err), SW_EINVAL);
  assert_error(err, SW_EINVAL, "the zip archive is cut off");
  buf_add(&zip, STR("PK\5\6 and so on"));
  assert_int_equal(import_bytes(NULL, "all.zip", buf_str(&zip), 0, &err), 0);
  assert_true(str_starts(buf_str(&told), STR("A\nB\nC\nunreadable D.json: ")));
  assert_int_equal(import_bytes(NULL, "all.zip", buf_str(&zip), 5, &err), 0);
  zip.data[40] ^= 1;
  assert_int_equal(import_bytes(NULL, "all.zip", buf_str(&zip), 0, &err), SW_EINVAL);
  assert_error(err, SW_EINVAL, "A.json in the zip archive is damaged");
  zip.data[6] = 1;
  assert_int_equal(import_bytes(NULL, "all.zip", buf_str(&zip), 0, &err), SW_EUNSUPPORTED);
  buf_free(&zip);
}

/* ---- Debian */

static void reads_the_debian_tracker(void **state)
{
  (void)state;
  imports(
      "data.json",
      "{\"a\":{\"CVE-2024-0001\":{\"description\":\"D\",\"scope\":\"remote\",\"releases\":{"
      "\"bookworm\":{\"status\":\"resolved\",\"repositories\":{\"bookworm\":\"2\"},\"fixed_version\":\"1.5\",\"urgency\":\"high\"},"
      "\"bullseye\":{\"status\":\"open\",\"repositories\":{},\"urgency\":\"low**\",\"nodsa\":\"Minor issue\",\"nodsa_reason\":\"\"},"
      "\"buster\":{\"status\":\"open\",\"urgency\":\"end-of-life\"},"
      "\"trixie\":{\"status\":\"resolved\",\"fixed_version\":\"0\",\"urgency\":\"unimportant\"},"
      "\"sid\":{\"status\":\"undetermined\",\"urgency\":\"not yet assigned\"},"
      "\"forky\":{\"status\":\"open\",\"urgency\":\"medium\",\"nodsa\":\"Too intrusive\",\"nodsa_reason\":\"ignored\"},"
      "\"unheard-of\":{\"status\":\"open\"}}}},"
      "\"b\":[],\"c\":{\"TEMP-1\":{\"releases\":{\"jessie\":{\"status\":\"open\",\"nodsa\":\"x\",\"nodsa_reason\":\"postponed\"}}},\"CVE-2\":{}}}",
      "CVE-2024-0001\n"
      "  Debian:12 a: affected | introduced 0, fixed 1.5 severity=high says=high\n"
      "  Debian:11 a: deferred | introduced 0 severity=low says=low** note=Minor issue\n"
      "  Debian:10 a: end of life | introduced 0 note=end-of-life\n"
      "  Debian:13 a: not affected severity=info says=unimportant\n"
      "  Debian:sid a: investigated | introduced 0\n"
      "  Debian:14 a: will not fix | introduced 0 severity=medium says=medium note=Too intrusive\n"
      "unreadable b: a source package must have an object of vulnerabilities\n"
      "TEMP-1\n  Debian:8 c: deferred | introduced 0 note=x\n"
      "unreadable CVE-2: c: it has no releases\n");
  assert_int_equal(import_bytes("debian-tracker", "x", STR("{}"), 0, NULL), 0);
}

static void members_are_held_to_their_grammar(void **state)
{
  (void)state;
  fails("debian-tracker", "[]", SW_EINVAL, "there must be \"{\" at byte 0");
  fails("debian-tracker", "{\"a\":{}", SW_EINVAL, "there must be \"}\"");
  fails("debian-tracker", "{\"a\":}", SW_EINVAL, "\"a\" has no value");
  fails("debian-tracker", "{1:2}", SW_EINVAL, "there must be a name in quotes");
  fails("debian-tracker", "{\"a\" {}}", SW_EINVAL, "there must be \":\"");
  fails("debian-tracker", "{\"a\":{\"b\":", SW_EINVAL, "cut off");
}

static void reads_the_lists_of_announcements(void **state)
{
  (void)state;
  imports(
      "list",
      "[29 Mar 2023] DSA-2-1 a - security update\n\t{CVE-2023-0001 CVE-2023-0002}\n\t[bullseye] - a 1:2-3\n"
      "\tNOTE: words\n[1 Feb 2023] DSA-1-2 b - regression update\n\t[bullseye] - b 1\n"
      "[1 Jan 2023] DSA-1-1 b - security update\n\t{CVE-2023-0003}\n\t[buster] - b <not-affected>\n\t[moon] - b 1\n",
      "CVE-2023-0001 related=DSA-2-1 title=a - security update published=2023-03-29\n"
      "  Debian:11 a: affected | introduced 0, fixed 1:2-3\n"
      "CVE-2023-0002 related=DSA-2-1 title=a - security update published=2023-03-29\n"
      "  Debian:11 a: affected | introduced 0, fixed 1:2-3\n"
      "unreadable DSA-1-1: \"[moon] - b 1\" must be a release, a source package and a version\n"
      "DSA-1-1 alias=CVE-2023-0003 title=b - security update published=2023-01-01\n"
      "  Debian:10 b: not affected\n");
  assert_int_equal(import.ret_left_out, 1);
  assert_str(import.ret_date, "2023-03-29");
}

/* ---- secdb, scores */

static void reads_secdb(void **state)
{
  (void)state;
  imports(
      "main.json",
      "{\"apkurl\":\"\",\"distroversion\":\"v3.19\",\"packages\":[{\"pkg\":{\"name\":\"p\",\"secfixes\":{"
      "\"1.2-r0\":[\"CVE-2024-0001 (+ regression fix)\",\"CVE-2024-0002 GHSA-x\",\"XSA-1\",\"CVE-2024-0003 CVE-2024-0004\",\"nothing\"],"
      "\"0\":[\"CVE_2024-0005\"]}}},{\"pkg\":{}}]}",
      "CVE-2024-0001\n  Alpine:v3.19 p: affected | introduced 0, fixed 1.2-r0\n"
      "CVE-2024-0002 alias=GHSA-x\n  Alpine:v3.19 p: affected | introduced 0, fixed 1.2-r0\n"
      "XSA-1\n  Alpine:v3.19 p: affected | introduced 0, fixed 1.2-r0\n"
      "CVE-2024-0003\n  Alpine:v3.19 p: affected | introduced 0, fixed 1.2-r0\n"
      "CVE-2024-0004\n  Alpine:v3.19 p: affected | introduced 0, fixed 1.2-r0\n"
      "unreadable nothing: p: this names no vulnerability\n"
      "CVE-2024-0005\n  Alpine:v3.19 p: not affected\n"
      "unreadable the record at byte 0: a package must have a name and secfixes\n");
  imports(
      "x",
      "{\"apkurl\":\"{{urlprefix}}\",\"urlprefix\":\"https://packages.wolfi.example\",\"packages\":[{\"pkg\":{\"name\":\"p\","
      "\"secfixes\":{\"1\":[\"CVE-2024-0001\"]}}}]}",
      "CVE-2024-0001\n  Wolfi p: affected | introduced 0, fixed 1\n");
}

static void reads_what_is_exploited(void **state)
{
  (void)state;
  imports(
      "kev.json",
      "{\"catalogVersion\":\"1\",\"dateReleased\":\"2026-01-02T00:00:00Z\",\"vulnerabilities\":[{\"cveID\":\"CVE-2024-0001\","
      "\"dateAdded\":\"2024-05-06\",\"knownRansomwareCampaignUse\":\"Known\"},{\"cveID\":\"CVE-2024-0002\",\"dateAdded\":"
      "\"2024-05-07\",\"knownRansomwareCampaignUse\":\"Unknown\"},{\"cveID\":\"X\"}]}",
      "CVE-2024-0001 exploited 2024-05-06 ransomware\nCVE-2024-0002 exploited 2024-05-07\n"
      "unreadable X: this is no CVE\n");
  assert_str(import.ret_date, "2026-01-02T00:00:00Z");
}

static void reads_scores(void **state)
{
  (void)state;
  imports(
      "epss.csv",
      "#model_version:v2025.03.14,score_date:2026-08-20T00:00:00+0000\ncve,epss,percentile\n"
      "CVE-2024-0001,0.97539,0.99999\r\nCVE-2024-0002,1,1.0\nCVE-2024-0003,4e-05,0.0000019\nCVE-2024-0004,1.2,0\n"
      "CVE-2024-0005,0.5\nwords",
      "CVE-2024-0001 975390 999990\nCVE-2024-0002 1000000 1000000\nCVE-2024-0003 40 2\n"
      "unreadable CVE-2024-0004: line 6 must be a CVE, a score and a percentile from 0 to 1\n"
      "unreadable CVE-2024-0005: line 7 must be a CVE, a score and a percentile from 0 to 1\n"
      "unreadable words: line 8 must be a CVE, a score and a percentile from 0 to 1\n");
  assert_str(import.ret_date, "2026-08-20T00:00:00+0000");
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test_setup_teardown(tells_formats_apart, start, stop),
      cmocka_unit_test_setup_teardown(reads_osv, start, stop),
      cmocka_unit_test_setup_teardown(reads_what_publishers_add, start, stop),
      cmocka_unit_test_setup_teardown(ecosystems_of_places_and_of_sources, start, stop),
      cmocka_unit_test_setup_teardown(words_that_weigh_nothing_are_no_severity, start, stop),
      cmocka_unit_test_setup_teardown(gives_each_vulnerability_of_an_update, start, stop),
      cmocka_unit_test_setup_teardown(an_update_is_of_the_sources_that_its_title_names, start,
                                      stop),
      cmocka_unit_test_setup_teardown(a_broken_record_hides_no_other, start, stop),
      cmocka_unit_test_setup_teardown(documents_may_be_a_list, start, stop),
      cmocka_unit_test_setup_teardown(reads_zip, start, stop),
      cmocka_unit_test_setup_teardown(reads_the_debian_tracker, start, stop),
      cmocka_unit_test_setup_teardown(members_are_held_to_their_grammar, start, stop),
      cmocka_unit_test_setup_teardown(reads_the_lists_of_announcements, start, stop),
      cmocka_unit_test_setup_teardown(reads_secdb, start, stop),
      cmocka_unit_test_setup_teardown(reads_what_is_exploited, start, stop),
      cmocka_unit_test_setup_teardown(reads_scores, start, stop),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
