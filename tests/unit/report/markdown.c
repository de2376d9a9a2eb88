#include "format_test.h"

static void begins_with_the_summary(void **state)
{
  (void)state;
  sample_fill(&list);
  options.show_from = SEVERITY_HIGH;
  sample_report(&out, "markdown", &options, &list);
  assert_str(buf_str(&out.buf),
             "## seawall: 1 critical, 1 high, 2 medium\n"
             "\n"
             "**2 errors: not everything could be judged; 2 findings at or above high "
             "(--fail-on high)**\n"
             "\n"
             "| severity | open | excepted |\n"
             "|---|--:|--:|\n"
             "| critical | 1 | 0 |\n"
             "| high | 1 | 1 |\n"
             "| medium | 2 | 0 |\n"
             "\n"
             "1 of 2 objects judged in 3 files, 2 errors, 2 skipped. Held against Pod Security "
             "Standards, restricted, latest.\n"
             "\n"
             "### Not judged\n"
             "\n"
             "- `deploy/broken.yaml:3:7` `a value is missing here`\n"
             "- `deploy/secret.yaml` `cannot be opened: no access`\n"
             "\n"
             "### Findings\n"
             "\n"
             "#### `deploy/web.yaml`\n"
             "\n"
             "| severity | line | object | finding |\n"
             "|---|--:|---|---|\n"
             "| **high** | 6 | `Deployment shop/web` | Containers share the host's namespaces "
             "(`pss-host-namespaces`)<br>`host namespaces (hostNetwork=true)`<br>Fix: Remove "
             "hostNetwork, hostPID and hostIPC, or set them to false. |\n"
             "| **critical** | 11 | `Deployment shop/web, container sidecar` | Containers run "
             "privileged (`pss-privileged`)<br>`privileged=true` |\n");
}

static void remedies_keep_their_indentation(void **state)
{
  (void)state;
  sample_add(&list, &sample_rule_seccomp, 1, 1, "", "m");
  sample_report(&out, "markdown", &options, &list);
  assert_has("Fix: Set it for the pod:<br>&nbsp;&nbsp;securityContext:<br>&nbsp;&nbsp;&nbsp;&nbsp;"
             "seccompProfile:<br>");
}

static void input_is_no_markup(void **state)
{
  (void)state;
  struct finding *f = sample_add(&list, &sample_rule_privileged, 1, 1, "", "");
  f->message = STR("`a|b\\| <b> @me\n| x |");
  f->subject = (struct subject){.kind = STR("<script>"), .name = STR("@someone #1")};
  f->remedy = STR("ask @someone about #12, *or* <b>not</b> | `this` [x](y) \033");
  sample_report(&out, "markdown", &options, &list);
  assert_has("<code>&#96;a&#124;b&#92;&#124; &#60;b&#62; &#64;me &#124; x &#124;</code>");
  assert_has("| `<script> @someone #1` |");
  assert_has("Fix: ask @<!-- -->someone about #<!-- -->12, \\*or\\* &lt;b&gt;not&lt;/b&gt; \\| "
             "\\`this\\` \\[x\\]\\(y\\) \\x1b |\n");
}

static void stays_within_a_comment(void **state)
{
  (void)state;
  for (int i = 0; i < 3000; i++)
    sample_add(&list, &sample_rule_host, 6, 20, "", "host namespaces (hostNetwork=true)");
  sample_report(&out, "markdown", &options, &list);
  assert_true(out.buf.len < 65536);
  assert_has("findings are not listed here, for want of room: `--format json` lists all.\n");
  assert_has("## seawall: 3000 high\n");
}

static void one_long_message_does_not_fill_it(void **state)
{
  (void)state;
  char *message = arena_alloc(&arena, 100001);
  memset(message, '|', 100000);
  message[100000] = '\0';
  sample_add(&list, &sample_rule_host, 6, 20, "", message);
  sample_add(&list, &sample_rule_privileged, 7, 1, "", "seen");
  sample_report(&out, "markdown", &options, &list);
  assert_has("| **high** | 6 | | `pss-host-namespaces` (too long to show here) |\n");
  assert_has("`seen`");
  assert_lacks("want of room");
}

static void packages_have_a_table_each(void **state)
{
  (void)state;
  options = package_options();
  package_fill(&list);
  struct finding *f = sample_add(&list, &sample_rule_host, 0, 0, "", "it starts as root");
  f->subject = (struct subject){.kind = STR("Image"), .name = STR("web.tar")};
  f->remedy = STR("do");
  package_report(&out, "markdown", &options, &list);
  assert_has("4 of 4 packages judged in 1 target, 0 errors");
  assert_has("### Findings\n"
             "\n"
             "#### `web.tar`\n"
             "\n"
             "##### `openssl 3.0.11-1` (`libssl3`), Debian 12\n"
             "\n"
             "| severity | vulnerability | fixed in | |\n"
             "|---|---|---|---|\n"
             "| **high** | [`CVE-2024-5535`](https://nvd.nist.gov/vuln/detail/CVE-2024-5535) | "
             "`3.0.15-1` | **exploited  EPSS 12 %** SSL\\_select\\_next\\_proto buffer overread |\n"
             "| **low** | [`CVE-2023-0001`](https://nvd.nist.gov/vuln/detail/CVE-2023-0001) | "
             "will not fix | A timing side channel |\n"
             "\n"
             "##### `bash 5.2-1`, Debian 12\n"
             "\n"
             "| severity | vulnerability | fixed in | |\n"
             "|---|---|---|---|\n"
             "| **high** | `license-restricted` |  | GPL-3.0-or-later |\n"
             "\n"
             "##### `golang.org/x/net v0.1.0`, golang, `usr/bin/app`\n"
             "\n"
             "| severity | vulnerability | fixed in | |\n"
             "|---|---|---|---|\n"
             "| **unknown** | `GO-2024-1` | no fix |  |\n"
             "\n"
             "| severity | line | object | finding |\n"
             "|---|--:|---|---|\n"
             "| **high** |  | `Image web.tar` | Containers share");
}

static void names_of_packages_are_no_markup(void **state)
{
  (void)state;
  static const struct rule rule = {.id = STR_INIT("CVE-1](x)|`"),
                                   .title = STR_INIT("<img> @me | [x](y)"),
                                   .severity = SEVERITY_HIGH};
  options = package_options();
  package_add(&list, &rule,
              (struct finding_package){.type = STR("npm"),
                                       .name = STR("`a|b"),
                                       .version = STR("1\n|"),
                                       .ecosystem = STR("*n*"),
                                       .fixed = STR("`2"),
                                       .path = STR("@me")});
  package_report(&out, "markdown", &options, &list);
  assert_has("##### <code>&#96;a&#124;b 1 &#124;</code>, \\*n\\*, `@me`\n");
  assert_has("| **high** | <code>CVE&#45;1&#93;&#40;x&#41;&#124;&#96;</code> | "
             "<code>&#96;2</code> | &lt;img&gt; @<!-- -->me \\| \\[x\\]\\(y\\) |\n");
}

static void many_packages_stay_within_a_comment(void **state)
{
  (void)state;
  options = package_options();
  for (unsigned i = 0; i < 2000; i++) {
    struct finding_package p = package_libssl;
    p.source = arena_printf(&arena, "source%u", i);
    package_add(&list, &package_rule_overread, p);
  }
  package_report(&out, "markdown", &options, &list);
  assert_true(out.buf.len < 65536);
  assert_has("findings are not listed here, for want of room");
}

int main(void)
{
#define WITH_LIST(function) cmocka_unit_test_setup_teardown(function, setup, teardown)
  const struct CMUnitTest tests[] = {
      WITH_LIST(begins_with_the_summary),
      WITH_LIST(remedies_keep_their_indentation),
      WITH_LIST(input_is_no_markup),
      WITH_LIST(stays_within_a_comment),
      WITH_LIST(one_long_message_does_not_fill_it),
      WITH_LIST(packages_have_a_table_each),
      WITH_LIST(names_of_packages_are_no_markup),
      WITH_LIST(many_packages_stay_within_a_comment),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
