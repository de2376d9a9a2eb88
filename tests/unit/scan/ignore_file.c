#include "../test.h"

#include "base/mem.h"
#include "finding/exception.h"
#include "scan/ignore_file.h"

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
  return 0;
}

static struct ignore_file *load(const char *path, const char *text)
{
  struct ignore_file *file;
  struct error err;
  if (ignore_file_load(&arena, str_from(path), str_from(text), STR("2026-11-21"), &file, &err) < 0)
    fail_msg("%u:%u: %s", err.line, err.column, err.message);
  return file;
}

static bool asks(struct ignore_file *file, enum ignore_kind kind, const char *id, const char *path,
                 const char *purl, struct ignore_answer *ret)
{
  struct str ids[] = {STR("OTHER"), str_from(id)}, paths[] = {str_from(path)};
  struct ignore_question q = {.kind = kind,
                              .ids = ids,
                              .id_count = 2,
                              .paths = paths,
                              .path_count = path ? 1 : 0,
                              .purl = str_from(purl)};
  return ignore_file_ask(file, &q, ret);
}

static bool has(struct ignore_file *file, enum ignore_kind kind, const char *id, const char *path,
                const char *purl)
{
  struct ignore_answer answer;
  return asks(file, kind, id, path, purl, &answer);
}

static void reads_the_plain_form(void **state)
{
  (void)state;
  struct ignore_answer answer;
  struct ignore_file *file = load(".trivyignore", "# Accept the risk\r\n"
                                                  "# for now\n"
                                                  "CVE-2018-14618\n"
                                                  "CVE-2018-1 # because\n"
                                                  "\n"
                                                  "  CVE-2019-14697  exp:2026-12-01 \n"
                                                  "CVE-2020-1 exp:2026-11-21\n"
                                                  "aws-account-id\n"
                                                  "GPL-3.0\n");
  assert_int_equal(ignore_file_count(file), 6);
  assert_int_equal(ignore_file_unused(file), 5);
  assert_true(asks(file, IGNORE_VULNERABILITY, "CVE-2018-14618", "x", NULL, &answer));
  assert_str(answer.reason, "Accept the risk for now");
  assert_str(answer.id, "CVE-2018-14618");
  assert_str(answer.until, "");
  assert_int_equal(answer.line, 3);
  assert_true(asks(file, IGNORE_VULNERABILITY, "CVE-2018-1", NULL, NULL, &answer));
  assert_str(answer.reason, "because");
  assert_true(asks(file, IGNORE_VULNERABILITY, "CVE-2019-14697", NULL, NULL, &answer));
  assert_str(answer.until, "2026-11-30");
  assert_str(answer.reason, "listed in .trivyignore");
  assert_int_equal(ignore_file_unused(file), 2);
  assert_false(has(file, IGNORE_VULNERABILITY, "CVE-2020-1", NULL, NULL));
  assert_false(has(file, IGNORE_VULNERABILITY, "cve-2018-1", NULL, NULL));
  assert_true(has(file, IGNORE_SECRET, "aws-account-id", "etc/x", NULL));
  assert_true(has(file, IGNORE_MISCONFIGURATION, "aws-account-id", NULL, NULL));
  assert_true(has(file, IGNORE_LICENSE, "GPL-3.0-only", NULL, NULL));
  assert_false(has(file, IGNORE_SECRET, "GPL-3.0-only", NULL, NULL));
  assert_int_equal(ignore_file_unused(file), 0);
}

static void takes_every_spelling_of_a_check(void **state)
{
  (void)state;
  static const char *const same[] = {"DS002\n", "DS-0002\n", "AVD-DS-0002\n", "DS-002 # x\n"};
  static const char *const others[] = {"DS003\n",    "DS\n",         "AVD-\n",
                                       "0002\n",     "ds-0002\n",    "DS-\n",
                                       "DS-0002a\n", "DS-0000002\n", "AVD-AVD-DS-0002\n"};
  for (size_t i = 0; i < sizeof same / sizeof *same; i++)
    assert_true(has(load("a", same[i]), IGNORE_MISCONFIGURATION, "DS-0002", NULL, NULL));
  for (size_t i = 0; i < sizeof others / sizeof *others; i++)
    assert_false(has(load("a", others[i]), IGNORE_MISCONFIGURATION, "DS-0002", NULL, NULL));
  assert_true(has(load("a", "KSV01010\n"), IGNORE_MISCONFIGURATION, "KSV-1010", NULL, NULL));
  assert_false(has(load("a", "DS002\n"), IGNORE_VULNERABILITY, "DS-0002", NULL, NULL));
  assert_false(has(load("a", "DS002\n"), IGNORE_SECRET, "DS-0002", NULL, NULL));
  assert_true(has(load("a.yaml", "misconfigurations: [{id: AVD-DS-0002}]\n"),
                  IGNORE_MISCONFIGURATION, "DS-0002", NULL, NULL));
  assert_false(has(load("a.yaml", "secrets: [{id: AVD-DS-0002}]\n"), IGNORE_MISCONFIGURATION,
                   "DS-0002", NULL, NULL));
}

static void reads_the_yaml_form(void **state)
{
  (void)state;
  struct ignore_answer answer;
  struct ignore_file *file = load("a/.trivyignore.yaml",
                                  "vulnerabilities:\n"
                                  "  - id: CVE-1\n"
                                  "    paths: [\"usr/**/METADATA\", opt/x]\n"
                                  "    statement: Accept the risk\n"
                                  "  - id: CVE-2\n"
                                  "    purls:\n"
                                  "      - pkg:deb/debian/libssl1.1\n"
                                  "      - pkg:npm/a@1\n"
                                  "  - id: CVE-3\n"
                                  "    expired_at: 2023-09-01\n"
                                  "  - {id: CVE-4, expired_at: 2027-01-01T00:00:00Z}\n"
                                  "secrets:\n"
                                  "  - id: token\n"
                                  "misconfigurations:\n"
                                  "licenses:\n"
                                  "  - id: Apache-2.0 WITH LLVM-exception\n");
  assert_true(asks(file, IGNORE_VULNERABILITY, "CVE-1", "/usr/lib/a/METADATA", NULL, &answer));
  assert_str(answer.reason, "Accept the risk");
  assert_int_equal(answer.line, 2);
  assert_true(has(file, IGNORE_VULNERABILITY, "CVE-1", "opt/x", NULL));
  assert_true(has(file, IGNORE_VULNERABILITY, "CVE-1", NULL, NULL));
  assert_false(has(file, IGNORE_VULNERABILITY, "CVE-1", "opt/y", NULL));
  assert_true(has(file, IGNORE_VULNERABILITY, "CVE-2", "x", "pkg:deb/debian/libssl1.1@1?arch=a"));
  assert_true(has(file, IGNORE_VULNERABILITY, "CVE-2", "x", "pkg:npm/a@1"));
  assert_false(has(file, IGNORE_VULNERABILITY, "CVE-2", "x", "pkg:npm/a@2"));
  assert_false(has(file, IGNORE_VULNERABILITY, "CVE-2", "x", "no purl"));
  assert_false(has(file, IGNORE_VULNERABILITY, "CVE-3", "x", NULL));
  assert_true(asks(file, IGNORE_VULNERABILITY, "CVE-4", "x", NULL, &answer));
  assert_str(answer.until, "2026-12-31");
  assert_true(has(file, IGNORE_SECRET, "token", "x", NULL));
  assert_false(has(file, IGNORE_VULNERABILITY, "token", "x", NULL));
  assert_true(has(file, IGNORE_LICENSE, "Apache-2.0 WITH LLVM-exception", "x", NULL));
  assert_int_equal(ignore_file_unused(file), 0);
}

static void tells_what_has_ended(void **state)
{
  (void)state;
  struct finding_list findings;
  finding_list_init(&findings, &arena);
  ignore_file_report(load("x.yml", "vulnerabilities:\n"
                                   "- {id: A, expired_at: 2026-11-22}\n"
                                   "- {id: B, expired_at: 2026-11-21}\n"),
                     &findings);
  assert_int_equal(findings.count, 1);
  const struct finding *f = &findings.items[0];
  assert_ptr_equal(f->rule, &exception_rule_expired);
  assert_str(f->location.file, "x.yml");
  assert_int_equal(f->location.line, 3);
  assert_str(f->message, "the entry for B expired on 2026-11-21 and covers nothing now");
  assert_int_equal(f->fingerprint[FINGERPRINT_LEN], 0);
  ignore_file_report(NULL, &findings);
  assert_int_equal(findings.count, 1);
}

static void takes_empty_files(void **state)
{
  (void)state;
  static const char *const paths[] = {".trivyignore", "x.yaml"};
  for (size_t i = 0; i < 2; i++) {
    struct ignore_file *file = load(paths[i], "# nothing\n");
    assert_int_equal(ignore_file_count(file), 0);
    assert_false(has(file, IGNORE_SECRET, "x", NULL, NULL));
  }
  assert_false(has(NULL, IGNORE_SECRET, "x", NULL, NULL));
  assert_int_equal(ignore_file_count(NULL) + ignore_file_unused(NULL), 0);
}

static void refuses(void **state)
{
  (void)state;
  static const struct {
    const char *path, *text;
    unsigned line;
    const char *message;
  } cases[] = {
      {"x", "A\nCVE-1 exp:soon\n", 2, "\"soon\" is no date"},
      {"x", "CVE-1 exp:2026-12-01x\n", 1, "is no date"},
      {"x.yaml", "[]\n", 1, "must be a mapping"},
      {"x.yaml", "vulnerabilitys: []\n", 1, "did you mean \"vulnerabilities\""},
      {"x.yaml", "secrets: 1\n", 1, "\"secrets\" must be a list"},
      {"x.yaml", "secrets:\n- 1\n", 2, "must be a mapping with \"id\""},
      {"x.yaml", "secrets:\n- path: [a]\n", 2, "did you mean \"paths\""},
      {"x.yaml", "secrets:\n- paths: [a]\n", 2, "has no \"id\""},
      {"x.yaml", "secrets:\n- id: [a]\n", 2, "\"id\" must be"},
      {"x.yaml", "secrets:\n- {id: a, paths: b}\n", 2, "\"paths\" must be a list"},
      {"x.yaml", "secrets:\n- {id: a, paths: [1]}\n", 2, "\"paths\" must be a list"},
      {"x.yaml", "secrets:\n- {id: a, paths: ['{']}\n", 2, "not a usable pattern"},
      {"x.yaml", "secrets:\n- {id: a, purls: ['x']}\n", 2, ""},
      {"x.yaml", "secrets:\n- {id: a, expired_at: never}\n", 2, "is no date"},
      {"x.yaml", "secrets:\n- {id: a, statement: [1]}\n", 2, "\"statement\" must be"},
      {"x.yaml", "secrets: [\n", 0, ""},
  };
  for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
    struct ignore_file *file;
    struct error err;
    if (ignore_file_load(&arena, str_from(cases[i].path), str_from(cases[i].text),
                         STR("2026-11-21"), &file, &err) == 0)
      fail_msg("%s", cases[i].text);
    assert_error(err, SW_EINVAL, cases[i].message);
    if (cases[i].line && err.line != cases[i].line)
      fail_msg("%s: line %u", cases[i].text, err.line);
    if (strncmp(err.message, cases[i].path, strlen(cases[i].path)) != 0)
      fail_msg("%s: the file is not named: %s", cases[i].text, err.message);
  }
}

static void keeps_limits(void **state)
{
  (void)state;
  struct ignore_file *file;
  struct error err;
  char *huge = mem_zalloc(IGNORE_SIZE_MAX + 1, 1);
  assert_int_equal(ignore_file_load(&arena, STR("x"), str_make(huge, IGNORE_SIZE_MAX + 1),
                                    STR("2026-11-21"), &file, &err),
                   SW_ELIMIT);
  for (size_t i = 0; i < 2 * (IGNORE_ENTRIES_MAX + 1); i += 2)
    memcpy(huge + i, "x\n", 2);
  struct str text = str_make(huge, 2 * IGNORE_ENTRIES_MAX);
  assert_int_equal(ignore_file_load(&arena, STR("x"), text, STR("2026-11-21"), &file, &err), 0);
  text.len += 2;
  assert_int_equal(ignore_file_load(&arena, STR("x"), text, STR("2026-11-21"), &file, &err),
                   SW_ELIMIT);
  mem_free(huge);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(reads_the_plain_form), cmocka_unit_test(takes_every_spelling_of_a_check),
      cmocka_unit_test(reads_the_yaml_form),  cmocka_unit_test(tells_what_has_ended),
      cmocka_unit_test(takes_empty_files),    cmocka_unit_test(refuses),
      cmocka_unit_test(keeps_limits),
  };
  return cmocka_run_group_tests(tests, start, stop);
}
