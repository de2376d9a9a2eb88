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
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
