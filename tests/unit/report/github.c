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

int main(void)
{
#define WITH_LIST(function) cmocka_unit_test_setup_teardown(function, setup, teardown)
  const struct CMUnitTest tests[] = {
      WITH_LIST(annotates_each_open_finding),
      WITH_LIST(levels_follow_severities),
      WITH_LIST(input_gives_no_commands),
      WITH_LIST(standard_input_is_no_file),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
