#include "../test.h"

#include "base/arena.h"
#include "base/mem.h"
#include "scan/check/account_file.h"

static struct arena arena;
static struct account_facts facts;
static struct finding_list findings;
static struct error err;

static int start(void **state)
{
  (void)state;
  arena_init(&arena, 0);
  account_facts_init(&facts, &arena);
  finding_list_init(&findings, &arena);
  return 0;
}

static int stop(void **state)
{
  (void)state;
  arena_free(&arena);
  return 0;
}

static void read_ok(const char *path, const char *text)
{
  if (account_file_read(&facts, str_from(path), 3, str_from(text), &err) < 0)
    fail_msg("%s", err.message);
}

static void judge(void)
{
  const struct check_target target = {.image = STR("web:1")};
  findings.count = 0;
  account_facts_judge(&facts, &target, &findings);
}

static void wants_files_of_accounts(void **state)
{
  (void)state;
  assert_true(account_file_wants(STR("etc/passwd")));
  assert_true(account_file_wants(STR("etc/shadow")));
  assert_true(account_file_wants(STR("etc/group")));
  assert_true(account_file_wants(STR("etc/master.passwd")));
  assert_false(account_file_wants(STR("etc/passwd-")));
  assert_false(account_file_wants(STR("app/etc/passwd")));
}

static void is_content_with_usual_files(void **state)
{
  (void)state;
  read_ok("etc/passwd", "root:x:0:0:root:/root:/bin/bash\n# a comment\n\n"
                        "daemon:*:1:1::/:/usr/sbin/nologin\n+nis:::\r\nweb:!:1000:1000::/:/bin/sh");
  read_ok("etc/shadow", "root:*:19000:0:99999:7:::\nweb:!:19000::::::\nold:!$6$x$y:1::::::\n");
  read_ok("etc/group", "root:x:0:\nadm:x:4:root,web\nweb::1000:\n");
  assert_int_equal(facts.count, 0);
}

static void finds_what_is_wrong(void **state)
{
  (void)state;
  static const struct {
    const char *path, *text, *rule, *message;
    unsigned line;
    enum severity severity;
  } cases[] = {
      {"etc/shadow", "root::19000:0:99999:7:::\n", "image-empty-password", "root has no password",
       1, SEVERITY_HIGH},
      {"etc/passwd", "root:x:0:0::/:/bin/sh\napp::1:1::/:/bin/sh\n", "image-empty-password",
       "app has no password", 2, SEVERITY_HIGH},
      {"etc/shadow", "#\nweb:$6$salt$hash:19000::::::\n", "image-account-password",
       "web has the hash of a password", 2, SEVERITY_MEDIUM},
      {"etc/passwd", "root:x:0:0::/:/bin/sh\ntoor:x:00:0::/:/bin/sh\n", "image-second-root",
       "toor has user ID 0", 2, SEVERITY_HIGH},
      {"etc/passwd", "a:x:7:7::/:\nb:x:8:7::/:\nc:x:7:7::/:\n", "image-duplicate-account",
       "c has the same user ID as a", 3, SEVERITY_LOW},
      {"etc/group", "a:x:7:\nb:x:7:\n", "image-duplicate-account", "b has the same group ID as a",
       2, SEVERITY_LOW},
      {"etc/group", "a:x:7:\na:x:8:\n", "image-duplicate-account", "a is there twice", 2,
       SEVERITY_LOW},
      {"etc/shadow", "a:*:\na:*:\n", "image-duplicate-account", "a is there twice", 2,
       SEVERITY_LOW},
  };
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    account_facts_init(&facts, &arena);
    read_ok(cases[i].path, cases[i].text);
    judge();
    assert_int_equal(findings.count, 1);
    const struct finding *f = &findings.items[0];
    assert_str(f->rule->id, cases[i].rule);
    assert_str(f->message, cases[i].message);
    assert_str(f->location.file, cases[i].path);
    assert_int_equal(f->location.line, cases[i].line);
    assert_int_equal(f->severity, cases[i].severity);
  }
}

static void passes_over_hidden_files(void **state)
{
  (void)state;
  read_ok("etc/passwd", "toor:x:0:0:::\n");
  assert_int_equal(facts.items[0].layer, 3);
  assert_true(account_facts_is_root(&facts, STR("toor")));
  assert_false(account_facts_is_root(&facts, STR("root")));
  facts.items[0].hidden = true;
  assert_false(account_facts_is_root(&facts, STR("toor")));
  judge();
  assert_int_equal(findings.count, 0);
}

static void broken_lines_hide_nothing(void **state)
{
  (void)state;
  int rc = account_file_read(&facts, STR("etc/passwd"), 0,
                             STR("nothing\na:x:many:1:::\ntoor:x:0:0:::\n:x:1:1::\n"), &err);
  assert_int_equal(rc, SW_EINVAL);
  assert_error(err, SW_EINVAL, "etc/passwd: 3 records are wrong, the first: line 1 is no account");
  assert_int_equal(facts.count, 1);
  assert_str(facts.items[0].name, "toor");
  rc = account_file_read(&facts, STR("etc/hosts"), 0, STR("x"), &err);
  assert_int_equal(rc, SW_EUSAGE);
}

static void has_limits(void **state)
{
  (void)state;
  _cleanup_(buf_free) struct buf text = {0};
  for (int i = 0; i < 200; i++)
    buf_printf(&text, "user%d::\n", i);
  int rc = account_file_read(&facts, STR("etc/shadow"), 0, buf_str(&text), &err);
  assert_int_equal(rc, SW_ELIMIT);
  assert_int_equal(facts.count, ACCOUNT_FACTS_MAX);
  buf_clear(&text);
  buf_add_repeat(&text, '\n', ACCOUNT_LINES_MAX + 1);
  assert_int_equal(account_file_read(&facts, STR("etc/shadow"), 0, buf_str(&text), &err),
                   SW_ELIMIT);
  assert_error(err, SW_ELIMIT, "more than 20000 lines");
  buf_add_repeat(&text, '#', ACCOUNT_FILE_MAX);
  assert_int_equal(account_file_read(&facts, STR("etc/shadow"), 0, buf_str(&text), &err),
                   SW_ELIMIT);
}

static void facts_are_texts_and_back(void **state)
{
  (void)state;
  read_ok("etc/passwd", "t\too\xc3\xa4r:x:0:0:::\na:x:7:7:::\nb:x:7:7:::\nn::9:9:::\n");
  static const char *const expected[] = {"second-root 1 t?oo??r", "same-uid 3 b a",
                                         "empty-password 4 n"};
  assert_int_equal(facts.count, 3);
  struct account_facts back;
  account_facts_init(&back, &arena);
  for (size_t i = 0; i < facts.count; i++) {
    _cleanup_(buf_free) struct buf text = {0};
    account_fact_write(&facts.items[i], &text);
    assert_str(buf_str(&text), expected[i]);
    assert_int_equal(account_fact_read(&back, STR("etc/passwd"), 5, buf_str(&text), &err), 0);
    assert_int_equal(back.items[i].kind, facts.items[i].kind);
    assert_int_equal(back.items[i].line, facts.items[i].line);
    assert_int_equal(back.items[i].layer, 5);
    assert_true(str_eq(back.items[i].other, facts.items[i].other));
  }
  static const char *const wrong[] = {"",
                                      "second-root",
                                      "second-root x a",
                                      "other 1 a",
                                      "second-root 1 ",
                                      "second-root 1 a\nb",
                                      "same-uid 1 a b c"};
  for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++)
    assert_int_equal(account_fact_read(&back, STR("etc/passwd"), 0, str_from(wrong[i]), &err),
                     SW_EINVAL);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test_setup_teardown(wants_files_of_accounts, start, stop),
      cmocka_unit_test_setup_teardown(is_content_with_usual_files, start, stop),
      cmocka_unit_test_setup_teardown(finds_what_is_wrong, start, stop),
      cmocka_unit_test_setup_teardown(passes_over_hidden_files, start, stop),
      cmocka_unit_test_setup_teardown(broken_lines_hide_nothing, start, stop),
      cmocka_unit_test_setup_teardown(has_limits, start, stop),
      cmocka_unit_test_setup_teardown(facts_are_texts_and_back, start, stop),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
