#include "format_test.h"

static void has_a_suite_for_each_file(void **state)
{
  (void)state;
  sample_fill(&list);
  options.show_from = SEVERITY_HIGH;
  sample_report(&out, "junit", &options, &list);
  assert_str(
      buf_str(&out.buf),
      "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
      "<testsuites name=\"seawall\">\n"
      "  <testsuite name=\"deploy/web.yaml\" tests=\"3\" failures=\"2\" errors=\"0\" "
      "skipped=\"1\">\n"
      "    <testcase name=\"pss-host-namespaces: Deployment shop/web\" "
      "classname=\"deploy/web.yaml\" file=\"deploy/web.yaml\" line=\"6\">\n"
      "      <failure type=\"high\" message=\"host namespaces (hostNetwork=true)\">"
      "deploy/web.yaml:6:20: Containers share the host's namespaces\n"
      "host namespaces (hostNetwork=true)\n"
      "Fix: Remove hostNetwork, hostPID and hostIPC, or set them to false.\n"
      "</failure>\n"
      "    </testcase>\n"
      "    <testcase name=\"pss-privileged: Deployment shop/web, container sidecar\" "
      "classname=\"deploy/web.yaml\" file=\"deploy/web.yaml\" line=\"11\">\n"
      "      <failure type=\"critical\" message=\"privileged=true\">"
      "deploy/web.yaml:11:39: Containers run privileged\n"
      "privileged=true\n"
      "</failure>\n"
      "    </testcase>\n"
      "    <testcase name=\"pss-host-namespaces: Deployment shop/web\" "
      "classname=\"deploy/web.yaml\" file=\"deploy/web.yaml\" line=\"1\">\n"
      "      <skipped message=\"accepted: reads counters (until 2026-12-31)\"/>\n"
      "    </testcase>\n"
      "  </testsuite>\n"
      "  <testsuite name=\"deploy/broken.yaml\" tests=\"4\" failures=\"0\" errors=\"2\" "
      "skipped=\"2\">\n"
      "    <testcase name=\"can be judged\" classname=\"deploy/broken.yaml\" "
      "file=\"deploy/broken.yaml\" line=\"3\">\n"
      "      <error type=\"error\" message=\"a value is missing here\"/>\n"
      "    </testcase>\n"
      "    <testcase name=\"can be judged\" classname=\"deploy/secret.yaml\" "
      "file=\"deploy/secret.yaml\">\n"
      "      <error type=\"error\" message=\"cannot be opened: no access\"/>\n"
      "    </testcase>\n"
      "    <testcase name=\"is judged\" classname=\"deploy/README.md\" "
      "file=\"deploy/README.md\">\n"
      "      <skipped message=\"not YAML or JSON, by its name\"/>\n"
      "    </testcase>\n"
      "    <testcase name=\"is judged\" classname=\"deploy/web.yaml\" file=\"deploy/web.yaml\" "
      "line=\"40\">\n"
      "      <skipped message=\"not a Kubernetes object: kind is missing\"/>\n"
      "    </testcase>\n"
      "  </testsuite>\n"
      "  <testsuite name=\"deploy/clean.yaml\" tests=\"1\" failures=\"0\" errors=\"0\" "
      "skipped=\"0\">\n"
      "    <testcase name=\"has no findings\" classname=\"deploy/clean.yaml\" "
      "file=\"deploy/clean.yaml\"/>\n"
      "  </testsuite>\n"
      "</testsuites>\n");
}

static void any_bytes_are_valid_xml(void **state)
{
  (void)state;
  struct finding *f = sample_add(&list, &sample_rule_privileged, 1, 1, "", "");
  f->message = STR("</failure>&\"'\n\t\033\xff\0]]>\xef\xbf\xbf\r");
  f->subject.name = STR("<a>");
  sample_report(&out, "junit", &options, &list);
  assert_has("name=\"pss-privileged: Deployment shop/&lt;a&gt;\"");
  assert_has("message=\"&lt;/failure&gt;&amp;&quot;'&#10;&#9;\\x1b\\xff\\x00]]&gt;\\uffff\\x0d\"");
  assert_has("privileged\n&lt;/failure&gt;&amp;&quot;'\n\t\\x1b\\xff\\x00]]&gt;\\uffff\\x0d\n");
}

static void packages_are_cases_of_their_image(void **state)
{
  (void)state;
  options = package_options();
  package_fill(&list);
  package_report(&out, "junit", &options, &list);
  assert_has("<testsuite name=\"web.tar\" tests=\"6\" failures=\"5\" errors=\"0\" skipped=\"1\">");
  assert_has("    <testcase name=\"CVE-2024-5535: libssl3 3.0.11-1\" classname=\"web.tar\" "
             "file=\"var/lib/dpkg/status\">\n"
             "      <failure type=\"high\" message=\"libssl3 3.0.11-1 has CVE-2024-5535\">"
             "var/lib/dpkg/status: SSL_select_next_proto buffer overread\n"
             "libssl3 3.0.11-1 has CVE-2024-5535\n"
             "pkg:deb/debian/libssl3@3.0.11-1\n"
             "</failure>\n");
  assert_has("<testcase name=\"license-restricted: bash 5.2-1\"");
  assert_has("<skipped message=\"accepted: the attacker is not near enough\"/>");
}

int main(void)
{
#define WITH_LIST(function) cmocka_unit_test_setup_teardown(function, setup, teardown)
  const struct CMUnitTest tests[] = {
      WITH_LIST(has_a_suite_for_each_file),
      WITH_LIST(any_bytes_are_valid_xml),
      WITH_LIST(packages_are_cases_of_their_image),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
