#include "format_test.h"

static void annotates_each_open_finding(void **state)
{
  (void)state;
  sample_fill(&list);
  options.show_from = SEVERITY_HIGH;
  sample_report(&out, "github", &options, &list);
  assert_str(buf_str(&out.buf),
             "::error file=deploy/web.yaml,line=6,col=20,title=Containers share the host's "
             "namespaces (pss-host-namespaces)::Deployment shop/web: host namespaces "
             "(hostNetwork=true)%0AFix: Remove hostNetwork, hostPID and hostIPC, or set them to "
             "false.\n"
             "::error file=deploy/web.yaml,line=11,col=39,title=Containers run privileged "
             "(pss-privileged)::Deployment shop/web, container sidecar: privileged=true\n"
             "::error file=deploy/broken.yaml,line=3,col=7,title=Not judged::a value is missing "
             "here\n"
             "::error file=deploy/secret.yaml,title=Not judged::cannot be opened: no access\n"
             "seawall: 2 errors: not everything could be judged; 2 findings at or above high "
             "(--fail-on high)\n");
}

static void levels_follow_severities(void **state)
{
  (void)state;
  static const char *const levels[SEVERITY_COUNT] = {"notice",  "notice", "notice",
                                                     "warning", "error",  "error"};
  for (int i = 0; i < SEVERITY_COUNT; i++)
    sample_add(&list, &sample_rule_host, 0, 0, "", "x")->severity = (enum severity)i;
  sample_report(&out, "github", &options, &list);
  struct str rest = buf_str(&out.buf);
  for (int i = 0; i < SEVERITY_COUNT; i++) {
    struct str line = str_cut(rest, '\n', &rest);
    char begin[60];
    snprintf(begin, sizeof begin, "::%s file=deploy/web.yaml,title=", levels[i]);
    assert_true(str_starts(line, str_from(begin)));
  }
}

static void input_gives_no_commands(void **state)
{
  (void)state;
  struct finding *f = sample_add(&list, &sample_rule_privileged, 1, 1, "", "");
  f->message = STR("100%\n::add-mask::x\r\033[31m\xff");
  f->location.file = STR("./a,b:c%\n::stop-commands::y.yaml");
  f->subject = (struct subject){.name = STR("n\n::error::z")};
  sample_report(&out, "github", &options, &list);
  struct str rest;
  assert_str(str_cut(buf_str(&out.buf), '\n', &rest),
             "::error file=a%2Cb%3Ac%25%0A%3A%3Astop-commands%3A%3Ay.yaml,line=1,col=1,"
             "title=Containers run privileged (pss-privileged)::n%0A::error::z: "
             "100%25%0A::add-mask::x%0D\\x1b[31m\\xff");
  assert_true(str_starts(rest, STR("::error file=deploy/broken.yaml,")));
}

static void standard_input_is_no_file(void **state)
{
  (void)state;
  sample_add(&list, &sample_rule_privileged, 5, 1, "", "m")->location.file = STR("-");
  sample_report(&out, "github", &options, &list);
  assert_true(str_starts(buf_str(&out.buf), STR("::error title=Containers run privileged")));
}

static void packages_are_annotated_once_each(void **state)
{
  (void)state;
  options = package_options();
  package_fill(&list);
  package_report(&out, "github", &options, &list);
  assert_str(
      buf_str(&out.buf),
      "::error title=openssl 3.0.11-1%3A 1 high%2C 1 low (Image web.tar)::"
      "high CVE-2024-5535, fixed in 3.0.15-1, exploited  EPSS 12 %25: "
      "SSL_select_next_proto buffer overread%0A"
      "low CVE-2023-0001, will not fix: A timing side channel\n"
      "::error title=bash 5.2-1%3A 1 high (Image web.tar)::"
      "high license-restricted: GPL-3.0-or-later\n"
      "::notice title=golang.org/x/net v0.1.0%3A 1 unknown (Image web.tar)::usr/bin/app%0A"
      "unknown GO-2024-1, no fix\n"
      "seawall: 3 findings at or above high (--fail-on high); 1 that nobody has rated is not counted\n");
}

static void long_lists_of_vulnerabilities_are_cut(void **state)
{
  (void)state;
  struct rule rules[25];
  options = package_options();
  for (unsigned i = 0; i < 25; i++) {
    rules[i] = (struct rule){.id = arena_printf(&arena, "CVE-%02u", i), .severity = SEVERITY_LOW};
    package_add(&list, &rules[i], package_libssl);
  }
  package_report(&out, "github", &options, &list);
  assert_has("low CVE-19, ");
  assert_lacks("low CVE-20, ");
  assert_has("%0Aand 5 more\n");
}

/* A path in an image is none of the repository. */
static void what_is_in_an_image_is_in_no_file(void **state)
{
  (void)state;
  struct finding *f = sample_add(&list, &sample_rule_privileged, 3, 1, "", "KEY=ab...");
  options = package_options();
  f->subject = (struct subject){.kind = STR("Image"), .name = STR("web.tar")};
  f->location.file = STR("app/.env");
  package_report(&out, "github", &options, &list);
  assert_has("::error title=Containers run privileged (pss-privileged)::Image web.tar: "
             "app/.env:3: KEY=ab...\n");
}

int main(void)
{
#define WITH_LIST(function) cmocka_unit_test_setup_teardown(function, setup, teardown)
  const struct CMUnitTest tests[] = {
      WITH_LIST(annotates_each_open_finding),
      WITH_LIST(levels_follow_severities),
      WITH_LIST(input_gives_no_commands),
      WITH_LIST(standard_input_is_no_file),
      WITH_LIST(packages_are_annotated_once_each),
      WITH_LIST(long_lists_of_vulnerabilities_are_cut),
      WITH_LIST(what_is_in_an_image_is_in_no_file),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
