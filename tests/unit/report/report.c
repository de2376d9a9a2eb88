#include "../test.h"

#include "package_sample.h"
#include "report/report_int.h"
#include "sample.h"

static void formats_are_found_by_name(void **state)
{
  (void)state;
  static const char *const names[] = {"table", "json", "sarif", "junit", "markdown", "github"};
  for (size_t i = 0; i < 6; i++) {
    assert_non_null(report_formats[i]);
    assert_string_equal(report_formats[i]->name, names[i]);
    assert_ptr_equal(report_format_find(str_from(names[i])), report_formats[i]);
    assert_true(strlen(report_formats[i]->description) > 10);
  }
  assert_null(report_formats[6]);
  assert_null(report_format_find(STR("JSON")));
  assert_null(report_format_find(STR("js")));
  assert_null(report_format_find(STR_EMPTY));
}

static void assert_subject(struct subject s, const char *expected)
{
  _cleanup_(buf_free) struct buf out = {0};
  report_subject(&out, &s);
  assert_str(buf_str(&out), expected);
}

static void subjects_read_as_people_say_them(void **state)
{
  (void)state;
  struct subject s = {.kind = STR("Deployment"), .name = STR("web")};
  assert_subject(s, "Deployment web");
  s.namespace = STR("shop");
  s.container = STR("app");
  assert_subject(s, "Deployment shop/web, container app");
  assert_subject((struct subject){.kind = STR("Pod")}, "Pod");
  assert_subject((struct subject){.container = STR("app")}, "container app");
  assert_subject((struct subject){0}, "");
}

static void assert_verdict(const struct report_summary *summary, enum severity fail_on, bool never,
                           const char *expected)
{
  _cleanup_(buf_free) struct buf out = {0};
  struct report_options options = {.fail_on = fail_on, .fail_never = never};
  report_verdict(&out, &options, summary);
  assert_str(buf_str(&out), expected);
}

static void verdicts_explain_the_exit_status(void **state)
{
  (void)state;
  struct report_summary s = {.judged = 3, .objects = 4};
  assert_verdict(&s, SEVERITY_HIGH, false, "no findings at or above high (--fail-on high)");
  s.failing = 1;
  assert_verdict(&s, SEVERITY_LOW, false, "1 finding at or above low (--fail-on low)");
  assert_verdict(&s, SEVERITY_UNKNOWN, false, "1 finding (--fail-on unknown)");
  assert_verdict(&s, SEVERITY_HIGH, true, "findings do not fail the run (--fail-on never)");
  s.errors = 2;
  s.failing = 5;
  assert_verdict(&s, SEVERITY_HIGH, false,
                 "2 errors: not everything could be judged; "
                 "5 findings at or above high (--fail-on high)");
  struct report_summary unrated = {.judged = 3, .objects = 3};
  unrated.counts.open[SEVERITY_UNKNOWN] = 2;
  assert_verdict(&unrated, SEVERITY_HIGH, false,
                 "no findings at or above high (--fail-on high); 2 that nobody has rated are not "
                 "counted");
  unrated.failing = 2;
  assert_verdict(&unrated, SEVERITY_UNKNOWN, false, "2 findings (--fail-on unknown)");
  unrated.counts.open[SEVERITY_UNKNOWN] = 1;
  assert_verdict(&unrated, SEVERITY_LOW, false,
                 "2 findings at or above low (--fail-on low); 1 that nobody has rated is not "
                 "counted");
  struct report_summary none = {.objects = 4};
  assert_verdict(&none, SEVERITY_HIGH, false,
                 "nothing was judged: no object that holds a pod was found");
}

static void paths_and_messages_are_trimmed(void **state)
{
  (void)state;
  assert_str(report_path(STR("./a/b")), "a/b");
  assert_str(report_path(STR(".//.//a")), "a");
  assert_str(report_path(STR("../a")), "../a");
  assert_str(report_path(STR(".a")), ".a");
  assert_str(report_path(STR("/a")), "/a");
  assert_str(report_path(STR("./")), "./");
  struct report_error e = {STR("a.yaml"), 0, 0, STR("a.yaml: cannot be opened")};
  assert_str(report_error_message(&e), "cannot be opened");
  e.message = STR("a.yaml cannot be opened");
  assert_str(report_error_message(&e), "a.yaml cannot be opened");
  e.file = STR_EMPTY;
  e.message = STR(": x");
  assert_str(report_error_message(&e), ": x");
}

static void counts_are_told_worst_first(void **state)
{
  (void)state;
  uint64_t counts[SEVERITY_COUNT] = {
      [SEVERITY_UNKNOWN] = 1, [SEVERITY_LOW] = 20, [SEVERITY_CRITICAL] = 3};
  _cleanup_(buf_free) struct buf out = {0};
  report_counts(&out, counts);
  assert_str(buf_str(&out), "3 critical, 20 low, 1 unknown");
  assert_int_equal(report_sum(counts), 24);
}

static void assert_said(const struct report_options *options, const struct report_summary *summary,
                        const char *expected)
{
  _cleanup_(buf_free) struct buf out = {0};
  report_verdict(&out, options, summary);
  assert_str(buf_str(&out), expected);
}

static void verdicts_about_packages(void **state)
{
  (void)state;
  struct report_options options = {.fail_on = SEVERITY_CRITICAL, .packages = true};
  struct report_summary summary = {.judged = 3, .objects = 3};
  options.fail_exploited = true;
  options.fail_text = STR("critical,kev");
  assert_said(&options, &summary, "no findings that fail the run (--fail-on critical,kev)");
  summary.failing = 1;
  assert_said(&options, &summary, "1 finding that fails the run (--fail-on critical,kev)");
  summary.failing = 2;
  assert_said(&options, &summary, "2 findings that fail the run (--fail-on critical,kev)");
  options = (struct report_options){
      .fail_epss = 100000, .fail_on_ignored = true, .fail_text = STR("epss=0.1"), .packages = true};
  assert_said(&options, &summary, "2 findings that fail the run (--fail-on epss=0.1)");
  struct report_summary nothing = {0};
  assert_said(&options, &nothing, "no package was found");
  nothing.objects = 1;
  assert_said(&options, &nothing, "no package could be judged");
  nothing.objects = 0;
  options.nothing = STR("no Dockerfile was found");
  assert_said(&options, &nothing, "no Dockerfile was found");
}

static void scopes_are_counted_in_packages(void **state)
{
  (void)state;
  _cleanup_(buf_free) struct buf out = {0};
  struct report_options options = {.packages = true};
  struct report_summary summary = {.judged = 1, .objects = 1};
  report_judged(&out, &options, &summary);
  report_files(&out, &options, 2);
  options.packages = false;
  report_judged(&out, &options, &summary);
  report_files(&out, &options, 1);
  assert_str(buf_str(&out), "1 of 1 package2 targets1 of 1 object1 file");
}

static void assert_page(const char *id, struct str reference, bool vulnerability,
                        const char *expected)
{
  _cleanup_(buf_free) struct buf out = {0};
  struct rule rule = {.id = str_from(id), .references = &reference, .reference_count = 1};
  assert_int_equal(report_rule_url(&out, &rule, vulnerability), expected != NULL);
  assert_str(buf_str(&out), expected ? expected : "");
}

static void rules_have_pages(void **state)
{
  (void)state;
  assert_page("CVE-2024-1", STR("https://a.example/"), true,
              "https://nvd.nist.gov/vuln/detail/CVE-2024-1");
  assert_page("GHSA-a-b-c", STR_EMPTY, true, "https://github.com/advisories/GHSA-a-b-c");
  assert_page("CVE-2024-1", STR("https://a.example/"), false, "https://a.example/");
  assert_page("DSA-1", STR("javascript:alert(1)"), true, NULL);
  assert_page("CVE-1)[x", STR_EMPTY, true, NULL);
}

/* Whatever the format, writing that fails is told at the end, and only there. */
static void a_full_disk_is_told_at_the_end(void **state)
{
  (void)state;
  for (const struct report_format *const *f = report_formats; *f; f++) {
    struct sink out;
    struct error err;
    struct report_options options = sample_options();
    struct report_summary summary = {0};
    assert_int_equal(sink_to_file(&out, "/dev/full", &err), 0);
    struct report *r = report_new(*f, &options, &out);
    struct report_file file = {.path = STR("a.yaml")};
    report_file(r, &file);
    assert_int_equal(report_end(r, &summary, &err), SW_EIO);
    assert_error(err, SW_EIO, "No space left on device");
    report_free(r);
    sink_free(&out);
  }
}

/* A report that is given up in the middle leaves nothing behind (the sanitizers look). */
static void a_report_may_be_given_up(void **state)
{
  (void)state;
  struct arena arena;
  arena_init(&arena, 0);
  struct finding_list list;
  finding_list_init(&list, &arena);
  sample_fill(&list);
  const struct report_error e = {STR("a"), 1, 1, STR("b")};
  const struct report_skip k = {STR("a"), 1, STR("b")};
  struct report_options options = sample_options();
  for (const struct report_format *const *f = report_formats; *f; f++) {
    struct sink out;
    sink_to_memory(&out, 0);
    struct report *r = report_new(*f, &options, &out);
    struct report_file file = {.path = STR("a"),
                               .findings = &list,
                               .errors = &e,
                               .error_count = 1,
                               .skips = &k,
                               .skip_count = 1};
    report_file(r, &file);
    report_free(r);
    sink_free(&out);
  }
  report_free(NULL);
  arena_free(&arena);
}

/* What comes out does not grow in memory: all of it has left for the descriptor. */
static void findings_are_not_kept(void **state)
{
  (void)state;
  struct arena arena;
  arena_init(&arena, 0);
  struct finding_list list;
  finding_list_init(&list, &arena);
  for (int i = 0; i < 2000; i++)
    sample_fill(&list);
  for (int i = 0; i < 2000; i++)
    package_fill(&list);
  struct report_options options = sample_options();
  for (const struct report_format *const *f = report_formats; *f; f++) {
    FILE *null = fopen("/dev/null", "w");
    struct sink out;
    sink_to_fd(&out, fileno(null));
    struct report *r = report_new(*f, &options, &out);
    struct report_file file = {.path = STR("a"), .text = str_from(sample_text), .findings = &list};
    report_file(r, &file);
    assert_true(out.buf.room <= 4 * SINK_BUFFER);
    struct report_summary summary = {0};
    assert_int_equal(report_end(r, &summary, NULL), 0);
    report_free(r);
    sink_free(&out);
    fclose(null);
  }
  arena_free(&arena);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(formats_are_found_by_name),
      cmocka_unit_test(subjects_read_as_people_say_them),
      cmocka_unit_test(verdicts_explain_the_exit_status),
      cmocka_unit_test(paths_and_messages_are_trimmed),
      cmocka_unit_test(counts_are_told_worst_first),
      cmocka_unit_test(verdicts_about_packages),
      cmocka_unit_test(scopes_are_counted_in_packages),
      cmocka_unit_test(rules_have_pages),
      cmocka_unit_test(a_full_disk_is_told_at_the_end),
      cmocka_unit_test(a_report_may_be_given_up),
      cmocka_unit_test(findings_are_not_kept),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
