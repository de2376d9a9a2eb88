/*
 * package_sample.h - an image with findings about packages, for the tests of the report formats.
 */
#ifndef SEAWALL_TESTS_UNIT_REPORT_PACKAGE_SAMPLE_H
#define SEAWALL_TESTS_UNIT_REPORT_PACKAGE_SAMPLE_H

#include "report/report.h"

static const struct str package_references[] = {
    STR_INIT("not a page"),
    STR_INIT("https://www.openssl.org/news/secadv/20240627.txt"),
};

static const struct rule package_rule_overread = {
    .id = STR_INIT("CVE-2024-5535"),
    .title = STR_INIT("SSL_select_next_proto buffer overread"),
    .why = STR_INIT("Calling it with an empty list of protocols may crash or leak memory."),
    .severity = SEVERITY_HIGH,
    .references = package_references,
    .reference_count = 2,
};

static const struct rule package_rule_timing = {
    .id = STR_INIT("CVE-2023-0001"),
    .title = STR_INIT("CVE-2023-0001: A timing side channel"),
    .severity = SEVERITY_LOW,
};

static const struct rule package_rule_unrated = {
    .id = STR_INIT("GO-2024-1"),
    .title = STR_INIT("GO-2024-1"),
    .severity = SEVERITY_UNKNOWN,
    .references = package_references,
    .reference_count = 2,
};

static const struct rule package_rule_license = {
    .id = STR_INIT("license-restricted"),
    .title = STR_INIT("A package asks that what is shipped with it is published"),
    .why = STR_INIT("Sources have to be offered."),
    .remedy = STR_INIT("Offer the sources with the image, or replace the package."),
    .severity = SEVERITY_HIGH,
};

static const struct str package_aliases[] = {STR_INIT("GHSA-abcd"), STR_INIT("DSA-1")};

static const struct finding_package package_libssl = {
    .type = STR_INIT("deb"),
    .name = STR_INIT("libssl3"),
    .version = STR_INIT("3.0.11-1"),
    .source = STR_INIT("openssl"),
    .purl = STR_INIT("pkg:deb/debian/libssl3@3.0.11-1"),
    .path = STR_INIT("var/lib/dpkg/status"),
    .layer = STR_INIT("sha256:11"),
    .base = true,
    .ecosystem = STR_INIT("Debian 12"),
    .fixed = STR_INIT("3.0.15-1"),
    .status = STR_INIT("fixed"),
    .license = STR_INIT("Apache-2.0"),
    .aliases = package_aliases,
    .alias_count = 2,
    .advisory_source = STR_INIT("Debian security tracker"),
    .severity_source = STR_INIT("Debian security tracker"),
    .cvss = STR_INIT("CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:N/A:H"),
    .cvss_tenths = 91,
    .exploited = true,
    .exploited_since = STR_INIT("2024-07-01"),
    .has_epss = true,
    .epss = 123456,
    .epss_percentile = 954321,
    .published = STR_INIT("2024-06-27T10:30:00Z"),
};

static inline struct finding *package_add(struct finding_list *list, const struct rule *rule,
                                          struct finding_package package)
{
  struct finding *f = finding_add(list, rule);
  struct finding_package *kept = arena_new(list->arena, struct finding_package);
  *kept = package;
  f->package = kept;
  f->subject = (struct subject){.kind = STR("Image"), .name = STR("web.tar")};
  f->location.file = package.path;
  f->message = arena_printf(list->arena, "%.*s %.*s has %.*s", STR_FMT(package.name),
                            STR_FMT(package.version), STR_FMT(rule->id));
  finding_seal(f, package.name);
  return f;
}

/* Two packages of one source, one of which has two vulnerabilities; a Go program with an unrated one; a licence; and one
 * that is excepted. */
static inline void package_fill(struct finding_list *list)
{
  struct finding_package p = package_libssl;
  package_add(list, &package_rule_overread, p);
  p.name = STR("openssl");
  p.source = STR_EMPTY;
  package_add(list, &package_rule_overread, p);
  package_add(list, &package_rule_timing,
              (struct finding_package){.type = STR("deb"),
                                       .name = STR("libssl3"),
                                       .version = STR("3.0.11-1"),
                                       .source = STR("openssl"),
                                       .path = STR("var/lib/dpkg/status"),
                                       .ecosystem = STR("Debian 12"),
                                       .status = STR("will not fix")});
  package_add(list, &package_rule_unrated,
              (struct finding_package){.type = STR("golang"),
                                       .name = STR("golang.org/x/net"),
                                       .version = STR("v0.1.0"),
                                       .path = STR("usr/bin/app"),
                                       .status = STR("affected")});
  package_add(list, &package_rule_license,
              (struct finding_package){.type = STR("deb"),
                                       .name = STR("bash"),
                                       .version = STR("5.2-1"),
                                       .path = STR("var/lib/dpkg/status"),
                                       .ecosystem = STR("Debian 12"),
                                       .license = STR("GPL-3.0-or-later")});
  struct finding *f = package_add(list, &package_rule_timing, p);
  f->state = FINDING_EXCEPTED;
  f->exception_reason = STR("the attacker is not near enough");
  finding_list_distinguish(list);
}

static inline struct report_options package_options(void)
{
  return (struct report_options){
      .target = STR("web.tar"),
      .tool_version = STR("0.1.0"),
      .policy = STR("vulnerabilities, licences"),
      .started = STR("2026-11-21T01:23:45Z"),
      .fail_on = SEVERITY_HIGH,
      .show_from = SEVERITY_LOW,
      .packages = true,
  };
}

/* Reports the image into memory. The caller frees the sink. */
static inline void package_report(struct sink *out, const char *format,
                                  const struct report_options *options,
                                  const struct finding_list *list)
{
  static const struct str notes[] = {STR_INIT("base: 1 of 2 layers")};
  struct report_file file = {.path = STR("web.tar"),
                             .findings = list,
                             .documents = 1,
                             .objects = 4,
                             .notes = notes,
                             .note_count = 1};
  struct report_summary summary = {.files = 1, .documents = 1, .objects = 4, .judged = 4};
  finding_count(&summary.counts, list);
  summary.failing = finding_open_from(&summary.counts, options->fail_on);
  sink_to_memory(out, 1 << 20);
  _cleanup_(report_freep) struct report *r =
      report_new(report_format_find(str_from(format)), options, out);
  report_file(r, &file);
  assert_int_equal(report_end(r, &summary, NULL), 0);
}

#endif
