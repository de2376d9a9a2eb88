#include "base/utf8.h"
#include "format_test.h"

static void reads_from_top_to_bottom(void **state)
{
  (void)state;
  sample_fill(&list);
  sample_report(&out, "table", &options, &list);
  assert_str(buf_str(&out.buf),
             "deploy/web.yaml  -  1 critical, 1 high, 2 medium\n"
             "\n"
             "high: Containers share the host's namespaces [pss-host-namespaces]\n"
             "  > deploy/web.yaml:6:20  Deployment shop/web\n"
             "  6 |       hostNetwork: true # for now\n"
             "    |                    ^^^^ host namespaces (hostNetwork=true)\n"
             "  fix: Remove hostNetwork, hostPID and hostIPC, or set them to false.\n"
             "\n"
             "medium: No seccomp profile is set [pss-seccomp]\n"
             "  > deploy/web.yaml:8:15  Deployment shop/web\n"
             "   8 |       - name: app\n"
             "     |               ^^^\n"
             "       container \"app\" must set securityContext.seccompProfile.type\n"
             "  10 |       - name: sidecar\n"
             "     |               ^^^^^^^\n"
             "       container \"sidecar\" must set securityContext.seccompProfile.type\n"
             "  fix: Set it for the pod:\n"
             "         securityContext:\n"
             "           seccompProfile:\n"
             "             type: RuntimeDefault\n"
             "\n"
             "critical: Containers run privileged [pss-privileged]\n"
             "  > deploy/web.yaml:11:39  Deployment shop/web, container sidecar\n"
             "  11 |         securityContext: {privileged: true}\n"
             "     |                                       ^^^^ privileged=true\n"
             "\n"
             "2 errors: these could not be judged\n"
             "\n"
             "  deploy/broken.yaml:3:7\n"
             "    a value is missing here\n"
             "  deploy/secret.yaml\n"
             "    cannot be opened: no access\n"
             "\n"
             "2 skipped\n"
             "\n"
             "  1: not YAML or JSON, by its name\n"
             "    deploy/README.md\n"
             "  1: not a Kubernetes object: kind is missing\n"
             "    deploy/web.yaml:40\n"
             "\n"
             "summary: Pod Security Standards, restricted, latest\n"
             "\n"
             "  findings   1 critical, 1 high, 2 medium\n"
             "  excepted   1 finding; 1 exception covers nothing\n"
             "  judged     1 of 2 objects in 3 files (3 documents)\n"
             "  errors     2\n"
             "  skipped    2\n"
             "\n"
             "2 errors: not everything could be judged; 2 findings at or above high (--fail-on\n"
             "high)\n");
}

static void quiet_shows_findings_and_errors_only(void **state)
{
  (void)state;
  sample_fill(&list);
  options.quiet = true;
  sample_report(&out, "table", &options, &list);
  assert_has("[pss-privileged]");
  assert_has("a value is missing here");
  assert_lacks("skipped");
  assert_lacks("summary");
}

static void every_line_fits_a_narrow_terminal(void **state)
{
  (void)state;
  sample_fill(&list);
  options.unicode = true;
  for (options.width = 40; options.width < 120; options.width += 7) {
    sink_free(&out);
    sample_report(&out, "table", &options, &list);
    struct str rest = buf_str(&out.buf);
    while (rest.data && rest.len) {
      struct str line = str_cut(rest, '\n', &rest);
      /* A word that is longer than a line stands alone. */
      if (utf8_width(line) > options.width && str_find_byte(str_trim(line), 0, ' ') >= 0)
        fail_msg("%u columns: %.*s", options.width, STR_FMT(line));
    }
  }
}

static void colours_are_given_only_where_asked_for(void **state)
{
  (void)state;
  sample_fill(&list);
  sample_report(&out, "table", &options, &list);
  assert_lacks("\033");
  sink_free(&out);
  options.color = true;
  sample_report(&out, "table", &options, &list);
  assert_has("\033[1;31mhigh\033[0m: \033[1mContainers share");
  assert_has("\033[1;35m^^^^\033[0m privileged=true");
}

static void hides_nothing_below_the_severity_unsaid(void **state)
{
  (void)state;
  sample_fill(&list);
  options.show_from = SEVERITY_HIGH;
  sample_report(&out, "table", &options, &list);
  assert_lacks("pss-seccomp");
  assert_has("  findings   1 critical, 1 high, 2 medium (2 below high not shown)\n");
  assert_has("deploy/web.yaml  -  1 critical, 1 high\n");
}

static void input_gives_the_terminal_no_commands(void **state)
{
  (void)state;
  static const char text[] = "a\n\033]0;owned\007: \xc2\x9b"
                             "2J\xff\t\xe2\x80\xae# x\n";
  struct finding *f = sample_add(&list, &sample_rule_privileged, 2, 1, "", "");
  f->message = STR("m\033[2J\nline");
  f->subject = (struct subject){.kind = STR("K\033c"), .name = STR("n\r")};
  f->location.file = STR("a\033[31m\n.yaml");
  struct report_file file = {.path = STR("p\007"), .text = str_from(text), .findings = &list};
  struct report_summary summary = {0};
  options.unicode = true;
  sink_to_memory(&out, 0);
  _cleanup_(report_freep) struct report *r =
      report_new(report_format_find(STR("table")), &options, &out);
  report_file(r, &file);
  report_end(r, &summary, NULL);
  assert_lacks("\033");
  assert_lacks("\xc2\x9b");
  assert_lacks("\xe2\x80\xae");
  assert_lacks("\xff");
  assert_lacks("\007");
  assert_lacks("\r");
  assert_has("\\x1b]0;owned\\x07: \\u009b2J\\xff    \\u202e# x\n");
  assert_has("a\\x1b[31m .yaml:2:1  K\\x1bc n\n");
  assert_has(" m\\x1b[2J line\n");
}

static void a_name_is_no_line_of_the_report(void **state)
{
  (void)state;
  struct finding *f = sample_add(&list, &sample_rule_privileged, 1, 1, "", "");
  f->message = STR("a long message that goes on and on until it has to be wrapped\nsummary");
  f->subject.name = STR("web\n\nno findings\n");
  sample_report(&out, "table", &options, &list);
  assert_lacks("\n    no findings");
  assert_has("shop/web no findings\n");
  assert_has("wrapped summary\n");
}

static void reads_without_a_source(void **state)
{
  (void)state;
  sample_add(&list, &sample_rule_privileged, 0, 0, "app", "no place known");
  sample_add(&list, &sample_rule_privileged, 900, 1, "side", "beyond the end");
  sample_report(&out, "table", &options, &list);
  assert_has("  > deploy/web.yaml  Deployment shop/web\n"
             "    container app: no place known\n"
             "    container side: beyond the end\n");
}

static void two_faults_at_one_place_quote_it_once(void **state)
{
  (void)state;
  sample_add(&list, &sample_rule_privileged, 8, 15, "app", "first");
  sample_add(&list, &sample_rule_privileged, 8, 15, "app", "second");
  sample_report(&out, "table", &options, &list);
  assert_has("  8 |       - name: app\n"
             "    |               ^^^ container app: first\n"
             "      container app: second\n");
}

static void many_skips_are_counted_by_reason(void **state)
{
  (void)state;
  struct report_skip skips[100];
  for (size_t i = 0; i < 100; i++) {
    skips[i].file = arena_printf(&arena, "file-%zu", i);
    skips[i].line = 0;
    skips[i].reason = i == 99 ? STR("excluded") : STR("not YAML");
  }
  struct report_file file = {.path = STR("x"), .skips = skips, .skip_count = 100};
  struct report_summary summary = {.skipped = 100};
  sink_to_memory(&out, 0);
  _cleanup_(report_freep) struct report *r =
      report_new(report_format_find(STR("table")), &options, &out);
  report_file(r, &file);
  report_end(r, &summary, NULL);
  assert_has("100 skipped\n\n  99: not YAML\n    file-0\n");
  assert_has("    file-9\n    and 89 more\n  1: excluded\n    file-99\n"
             "  All are listed by --format json.\n");
  assert_lacks("file-10\n");
}

static void a_clean_scan_says_so(void **state)
{
  (void)state;
  struct report_summary summary = {.files = 1, .documents = 1, .objects = 1, .judged = 1};
  sink_to_memory(&out, 0);
  options.policy = STR_EMPTY;
  _cleanup_(report_freep) struct report *r =
      report_new(report_format_find(STR("table")), &options, &out);
  report_end(r, &summary, NULL);
  assert_str(buf_str(&out.buf), "summary\n\n"
                                "  findings   none\n"
                                "  judged     1 of 1 object in 1 file\n\n"
                                "no findings at or above high (--fail-on high)\n");
}

static void packages_read_from_top_to_bottom(void **state)
{
  (void)state;
  options = package_options();
  package_fill(&list);
  package_report(&out, "table", &options, &list);
  assert_str(buf_str(&out.buf),
             "web.tar  -  3 high, 1 low, 1 unknown\n"
             "\n"
             "base: 1 of 2 layers\n"
             "\n"
             "openssl 3.0.11-1 (libssl3)  Debian 12  1 high, 1 low\n"
             "  high      CVE-2024-5535  3.0.15-1      exploited  EPSS 12 %  SSL_select_next_proto "
             "buffer overread\n"
             "  low       CVE-2023-0001  will not fix  A timing side channel\n"
             "\n"
             "bash 5.2-1  Debian 12  1 high\n"
             "  high      license-restricted  GPL-3.0-or-later\n"
             "\n"
             "golang.org/x/net v0.1.0  golang  1 unknown\n"
             "  usr/bin/app\n"
             "  unknown   GO-2024-1  no fix\n"
             "\n"
             "summary: vulnerabilities, licences\n"
             "\n"
             "  findings   3 high, 1 low, 1 unknown\n"
             "  excepted   1 finding\n"
             "  judged     4 of 4 packages in 1 target\n"
             "\n"
             "3 findings at or above high (--fail-on high); 1 that nobody has rated is not "
             "counted\n");
}

static void add_urgent(const char *package, const char *id, enum severity severity, bool exploited,
                       unsigned epss, const char *fixed)
{
  struct rule *rule = arena_new(&arena, struct rule);
  *rule = (struct rule){
      .id = str_from(id), .title = str_from(id), .why = STR("w"), .severity = severity};
  package_add(&list, rule,
              (struct finding_package){.type = STR("deb"),
                                       .name = str_from(package),
                                       .version = STR("1"),
                                       .ecosystem = STR("Debian 12"),
                                       .fixed = str_from(fixed),
                                       .status = *fixed ? STR("fixed") : STR("affected"),
                                       .exploited = exploited,
                                       .has_epss = epss > 0,
                                       .epss = epss});
}

static void what_is_urgent_comes_first(void **state)
{
  (void)state;
  options = package_options();
  options.quiet = true;
  add_urgent("many", "CVE-1", SEVERITY_UNKNOWN, false, 0, "");
  add_urgent("many", "CVE-2", SEVERITY_UNKNOWN, false, 0, "2");
  add_urgent("many", "CVE-3", SEVERITY_UNKNOWN, false, 400, "");
  add_urgent("many", "CVE-4", SEVERITY_UNKNOWN, false, 500, "");
  add_urgent("many", "CVE-5", SEVERITY_UNKNOWN, true, 0, "");
  add_urgent("many", "CVE-6", SEVERITY_LOW, false, 0, "");
  add_urgent("few", "CVE-7", SEVERITY_LOW, true, 0, "");
  add_urgent("likely", "CVE-7", SEVERITY_UNKNOWN, false, 20000, "");
  add_urgent("likelier", "CVE-8", SEVERITY_UNKNOWN, false, 900000, "");
  add_urgent("unlikely", "CVE-9", SEVERITY_UNKNOWN, false, 9000, "");
  add_urgent("two", "CVE-1", SEVERITY_UNKNOWN, false, 0, "");
  add_urgent("two", "CVE-2", SEVERITY_UNKNOWN, false, 0, "");
  package_report(&out, "table", &options, &list);
  assert_has("many 1  Debian 12  1 low, 5 unknown\n"
             "  low       CVE-6  no fix\n"
             "  unknown   CVE-5  no fix  exploited\n"
             "  unknown   CVE-4  no fix\n"
             "  unknown   CVE-3  no fix\n"
             "  unknown   CVE-2  2\n"
             "  unknown   CVE-1  no fix\n"
             "\n"
             "few 1  Debian 12  1 low\n"
             "  low       CVE-7  no fix  exploited\n"
             "\n"
             "likelier 1  Debian 12  1 unknown\n"
             "  unknown   CVE-8  no fix  EPSS 90 %\n"
             "\n"
             "likely 1  Debian 12  1 unknown\n"
             "  unknown   CVE-7  no fix  EPSS 2 %\n"
             "\n"
             "two 1  Debian 12  2 unknown\n"
             "  unknown   CVE-1  no fix\n"
             "  unknown   CVE-2  no fix\n"
             "\n"
             "unlikely 1  Debian 12  1 unknown\n"
             "  unknown   CVE-9  no fix\n");
}

static void packages_fit_a_terminal_of_80_columns(void **state)
{
  (void)state;
  options = package_options();
  options.width = 80;
  options.quiet = true;
  package_fill(&list);
  package_report(&out, "table", &options, &list);
  assert_str(buf_str(&out.buf),
             "web.tar  -  3 high, 1 low, 1 unknown\n"
             "\n"
             "openssl 3.0.11-1 (libssl3)  Debian 12  1 high, 1 low\n"
             "  high      CVE-2024-5535  3.0.15-1      exploited  EPSS 12 %  SSL_select_nex...\n"
             "  low       CVE-2023-0001  will not fix  A timing side channel\n"
             "\n"
             "bash 5.2-1  Debian 12  1 high\n"
             "  high      license-restricted  GPL-3.0-or-later\n"
             "\n"
             "golang.org/x/net v0.1.0  golang  1 unknown\n"
             "  usr/bin/app\n"
             "  unknown   GO-2024-1  no fix\n"
             "\n");
}

static void packages_fit_a_terminal_of_40_columns(void **state)
{
  (void)state;
  options = package_options();
  options.width = 40;
  options.quiet = true;
  package_fill(&list);
  package_report(&out, "table", &options, &list);
  assert_str(buf_str(&out.buf), "web.tar  -  3 high, 1 low, 1 unknown\n"
                                "\n"
                                "openssl 3.0.11-1 (libssl3)  Debian 12\n"
                                "    1 high, 1 low\n"
                                "  high      CVE-2024-5535  3.0.15-1\n"
                                "            exploited  EPSS 12 %\n"
                                "  low       CVE-2023-0001  will not fix\n"
                                "\n"
                                "bash 5.2-1  Debian 12  1 high\n"
                                "  high      license-restricted\n"
                                "            GPL-3.0-or-later\n"
                                "\n"
                                "golang.org/x/net v0.1.0  golang\n"
                                "    1 unknown\n"
                                "  usr/bin/app\n"
                                "  unknown   GO-2024-1  no fix\n"
                                "\n");
}

static void assert_lines_fit(void)
{
  struct str rest = buf_str(&out.buf);
  while (rest.data && rest.len) {
    struct str line = str_cut(rest, '\n', &rest);
    assert_false(str_ends(line, STR(" ")));
    if (utf8_width(line) > options.width && str_find_byte(str_trim(line), 0, ' ') >= 0)
      fail_msg("%u columns: %.*s", options.width, STR_FMT(line));
  }
}

static void many_packages_fit_any_terminal(void **state)
{
  (void)state;
  options = package_options();
  options.unicode = true;
  for (unsigned i = 0; i < 300; i++) {
    struct finding_package p = package_libssl;
    p.name = arena_printf(&arena, "lib%.*s%u", (int)(i % 40),
                          "abcdefghijklmnopqrstuvwxyzabcdefghijklmnopqrst", i);
    p.source = i % 3 ? arena_printf(&arena, "source%u", i / 20) : STR_EMPTY;
    p.fixed = i % 5 ? arena_printf(&arena, "1:%u.0+really~deb12u%u", i, i) : STR_EMPTY;
    p.status = i % 5 ? STR("fixed") : STR("under investigation");
    p.exploited = i % 7 == 0;
    p.has_epss = i % 2;
    package_add(&list, i % 2 ? &package_rule_overread : &package_rule_timing, p);
    package_add(&list, &package_rule_unrated, p);
  }
  for (options.width = 40; options.width < 160; options.width += 9) {
    sink_free(&out);
    package_report(&out, "table", &options, &list);
    assert_lines_fit();
    if (options.width < 100)
      assert_has("\xe2\x80\xa6\n");
    options.quiet = !options.quiet;
  }
}

static void packages_are_painted_only_where_asked_for(void **state)
{
  (void)state;
  options = package_options();
  package_fill(&list);
  package_report(&out, "table", &options, &list);
  assert_lacks("\033");
  sink_free(&out);
  options.color = true;
  package_report(&out, "table", &options, &list);
  assert_has("\033[1mopenssl\033[0m \033[1m3.0.11-1\033[0m (libssl3)  \033[2mDebian\033[0m");
  assert_has("  \033[1;31mhigh\033[0m      CVE-2024-5535  \033[32m3.0.15-1\033[0m      "
             "\033[1;31mexploited  EPSS 12 %\033[0m  SSL_");
}

static void names_of_packages_give_no_commands(void **state)
{
  (void)state;
  static const struct rule rule = {.id = STR_INIT("CVE-1\033[2J"),
                                   .title = STR_INIT("a\n\nsummary: clean\r\033c"),
                                   .severity = SEVERITY_HIGH};
  options = package_options();
  options.unicode = true;
  package_add(&list, &rule,
              (struct finding_package){.type = STR("npm"),
                                       .name = STR("evil\033]0;x\007\nname"),
                                       .source = STR("src\xe2\x80\xae"),
                                       .version = STR("1\n\n0 findings\n\xff"),
                                       .path = STR("a\nb\033"),
                                       .ecosystem = STR("npm\r"),
                                       .fixed = STR("2\033[8m"),
                                       .status = STR("fixed")});
  package_report(&out, "table", &options, &list);
  assert_lacks("\033");
  assert_lacks("\r");
  assert_lacks("\007");
  assert_lacks("\xff");
  assert_lacks("\xe2\x80\xae");
  assert_lacks("\n0 findings");
  assert_lacks("\nsummary: clean");
  assert_has("src\\u202e 1  0 findings \\xff (evil\\x1b]0;x\\x07 name)  npm  1 high\n"
             "  a b\\x1b\n"
             "  high      CVE-1\\x1b[2J  2\\x1b[8m  a  summary: clean \\x1bc\n");
}

static void a_long_name_does_not_push_the_others_away(void **state)
{
  (void)state;
  struct rule rule = {.severity = SEVERITY_HIGH, .title = STR("x")};
  options = package_options();
  rule.id = arena_printf(&arena, "CVE-%0500d", 1);
  package_add(&list, &rule, package_libssl);
  package_add(&list, &package_rule_overread, package_libssl);
  package_report(&out, "table", &options, &list);
  assert_has("  high      CVE-2024-5535                             3.0.15-1  exploited");
}

/* One line for each licence, though the rule is the same. */
static void licences_of_one_source_are_told_apart(void **state)
{
  (void)state;
  struct finding_package p = {.type = STR("deb"),
                              .name = STR("liba"),
                              .source = STR("s"),
                              .version = STR("1"),
                              .license = STR("GPL-2.0-only")};
  options = package_options();
  package_add(&list, &package_rule_license, p);
  p.name = STR("libb");
  package_add(&list, &package_rule_license, p);
  p.license = STR("AGPL-3.0-only");
  package_add(&list, &package_rule_license, p);
  package_report(&out, "table", &options, &list);
  assert_has("s 1 (liba, libb)  deb  2 high\n"
             "  high      license-restricted  AGPL-3.0-only\n"
             "  high      license-restricted  GPL-2.0-only\n");
}

static void names_of_packages_are_counted_from_six_on(void **state)
{
  (void)state;
  struct finding_package p = package_libssl;
  options = package_options();
  for (unsigned i = 0; i < 8; i++) {
    p.name = arena_printf(&arena, "lib%u", i);
    package_add(&list, &package_rule_overread, p);
  }
  package_report(&out, "table", &options, &list);
  assert_has("openssl 3.0.11-1 (lib0, lib1, lib2, lib3, lib4, lib5 and 2 more)  Debian 12  1 high");
}

static void unrated_vulnerabilities_are_no_hidden_ones(void **state)
{
  (void)state;
  options = package_options();
  package_fill(&list);
  options.show_from = SEVERITY_MEDIUM;
  package_report(&out, "table", &options, &list);
  assert_has("web.tar  -  3 high\n");
  assert_lacks("GO-2024-1");
  assert_has("  findings   3 high, 1 low, 1 unknown (2 below medium not shown)\n");
}

static void an_image_is_its_own_place(void **state)
{
  (void)state;
  struct finding *f = sample_add(&list, &sample_rule_host, 0, 0, "", "it starts as root");
  options = package_options();
  f->subject = (struct subject){.kind = STR("Image"), .name = STR("web.tar")};
  f->location.file = STR("web.tar");
  package_report(&out, "table", &options, &list);
  assert_has("  > web.tar\n    it starts as root\n");
}

int main(void)
{
#define WITH_LIST(function) cmocka_unit_test_setup_teardown(function, setup, teardown)
  const struct CMUnitTest tests[] = {
      WITH_LIST(reads_from_top_to_bottom),
      WITH_LIST(quiet_shows_findings_and_errors_only),
      WITH_LIST(every_line_fits_a_narrow_terminal),
      WITH_LIST(colours_are_given_only_where_asked_for),
      WITH_LIST(hides_nothing_below_the_severity_unsaid),
      WITH_LIST(input_gives_the_terminal_no_commands),
      WITH_LIST(a_name_is_no_line_of_the_report),
      WITH_LIST(reads_without_a_source),
      WITH_LIST(two_faults_at_one_place_quote_it_once),
      WITH_LIST(many_skips_are_counted_by_reason),
      WITH_LIST(a_clean_scan_says_so),
      WITH_LIST(packages_read_from_top_to_bottom),
      WITH_LIST(what_is_urgent_comes_first),
      WITH_LIST(packages_fit_a_terminal_of_80_columns),
      WITH_LIST(packages_fit_a_terminal_of_40_columns),
      WITH_LIST(many_packages_fit_any_terminal),
      WITH_LIST(packages_are_painted_only_where_asked_for),
      WITH_LIST(names_of_packages_give_no_commands),
      WITH_LIST(a_long_name_does_not_push_the_others_away),
      WITH_LIST(licences_of_one_source_are_told_apart),
      WITH_LIST(names_of_packages_are_counted_from_six_on),
      WITH_LIST(unrated_vulnerabilities_are_no_hidden_ones),
      WITH_LIST(an_image_is_its_own_place),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
