#include "../test.h"

#include "scan/secret/scanner.h"

#include <dirent.h>
#include <pthread.h>
#include <sys/stat.h>
#include <unistd.h>

/* Loads a file and looks through a text with it; how much was found, or -1. */
struct trial {
  struct arena arena;
  struct secret_list found;
  struct secret_rules *rules;
};

static void end_trial(struct trial *t)
{
  secret_rules_free(t->rules);
  arena_free(&t->arena);
}

static void look(struct trial *t, const char *path, const char *text)
{
  struct secret_scanner *scanner;
  struct error err;
  secret_list_init(&t->found, &t->arena);
  assert_int_equal(secret_scanner_new(t->rules, NULL, &scanner, &err), 0);
  if (secret_scanner_begin(scanner, str_from(path), strlen(text)))
    secret_scanner_feed(scanner, str_from(text));
  secret_scanner_end(scanner, &t->found);
  secret_scanner_free(scanner);
}

static void try(struct trial *t, const char *file, const char *path, const char *text)
{
  struct error err;
  *t = (struct trial){0};
  arena_init(&t->arena, 0);
  if (secret_rules_load_gitleaks(str_from(file), "rules.toml", NULL, &t->rules, &err) < 0)
    fail_msg("%s", err.message);
  look(t, path, text);
}

static size_t count_found(const char *file, const char *path, const char *text)
{
  struct trial t;
  try(&t, file, path, text);
  size_t count = t.found.count;
  end_trial(&t);
  return count;
}

static void has_own_rules(void **state)
{
  (void)state;
  struct secret_rules *rules;
  struct error err;
  assert_int_equal(secret_rules_builtin(&rules, &err), 0);
  assert_true(secret_rules_count(rules) >= 150);
  for (size_t i = 0; i < secret_rules_count(rules); i++) {
    const struct secret_rule *r = secret_rules_at(rules, i);
    assert_true(r->builtin && r->pattern.len && r->rule.title.len && r->rule.why.len);
    assert_true(r->rule.remedy.len && r->rule.severity > SEVERITY_UNKNOWN);
    assert_ptr_equal(secret_rules_find(rules, r->rule.id), r);
    assert_false(str_ends(r->rule.title, STR(".")));
    assert_true(str_ends(r->rule.why, STR(".")) && str_ends(r->rule.remedy, STR(".")));
  }
  assert_str(secret_rules_find(rules, STR("aws-access-token"))->rule.id, "aws-access-key");
  assert_null(secret_rules_find(rules, STR("no-such-rule")));
  assert_int_equal(secret_rules_digest(rules).len, 64);
  secret_rules_free(rules);
}

static void reads_a_rule(void **state)
{
  (void)state;
  struct trial t;
  try(&t,
      "title = 'x'\n[[rules]]\nid = 'mine'\ndescription = 'A key of ours'\n"
      "regex = '''key-([0-9a-z]{8})'''\nentropy = 2.5\nsecretGroup = 1\nkeywords = ['KEY-']\n"
      "tags = ['a', 'b']\n",
      "a.txt", "x key-ab12cd34 key-aaaaaaaa");
  const struct secret_rule *r = secret_rules_at(t.rules, 0);
  assert_int_equal(secret_rules_count(t.rules), 1);
  assert_str(r->rule.id, "mine");
  assert_str(r->rule.why, "A key of ours");
  assert_int_equal(r->rule.severity, SEVERITY_HIGH);
  assert_int_equal(r->tag_count, 2);
  assert_false(r->builtin);
  assert_int_equal(t.found.count, 1);
  assert_int_equal(t.found.items[0].offset, 6);
  assert_int_equal(t.found.items[0].length, 8);
  end_trial(&t);
}

static void takes_the_group_that_is_there(void **state)
{
  (void)state;
  struct trial t;
  try(&t, "[[rules]]\nid='a'\nregex='''k=(x+)?(\\d+)'''\n", "a.txt", "k=123");
  assert_int_equal(t.found.items[0].offset, 2);
  end_trial(&t);
  try(&t, "[[rules]]\nid='a'\nregex='''k=\\d+'''\n", "a.txt", " k=123");
  assert_int_equal(t.found.items[0].offset, 1);
  assert_int_equal(t.found.items[0].length, 5);
  end_trial(&t);
}

static void asks_for_keywords_anywhere(void **state)
{
  (void)state;
  const char *file = "[[rules]]\nid='a'\nregex='''\\d{6}'''\nkeywords=['Twilio']\n";
  assert_int_equal(count_found(file, "a.txt", "123456"), 0);
  assert_int_equal(count_found(file, "a.txt", "# TWILIO\n\n\n123456"), 1);
}

static void asks_for_paths(void **state)
{
  (void)state;
  const char *both = "[[rules]]\nid='a'\nregex='''\\d{6}'''\npath='''(?i)\\.ENV$'''\n";
  assert_int_equal(count_found(both, "x/a.env", "123456"), 1);
  assert_int_equal(count_found(both, "x/a.txt", "123456"), 0);
  struct trial t;
  try(&t, "[[rules]]\nid='a'\npath='''\\.p12$'''\n", "x/a.p12", "anything");
  assert_int_equal(t.found.count, 1);
  assert_int_equal(t.found.items[0].line, 0);
  assert_str(t.found.items[0].place, "x/a.p12");
  end_trial(&t);
  /* A file that is not read has a path nevertheless. */
  assert_int_equal(count_found("[[rules]]\nid='a'\npath='''\\.png$'''\n", "a.png", "x"), 1);
}

static void allows(void **state)
{
  (void)state;
#define RULE "[[rules]]\nid='a'\nregex='''key=(\\w{8,})'''\n"
  static const struct {
    const char *allow, *path, *text;
    size_t found;
  } cases[] = {
      {"", "a.txt", "key=abcdefgh", 1},
      {"[rules.allowlist]\nregexes=['''^abc''']\n", "a.txt", "key=abcdefgh", 0},
      {"[rules.allowlist]\nregexes=['''^key''']\n", "a.txt", "key=abcdefgh", 1},
      {"[rules.allowlist]\nregexTarget='match'\nregexes=['''^key''']\n", "a.txt", "key=abcdefgh",
       0},
      {"[rules.allowlist]\nregexTarget='line'\nregexes=['''ours''']\n", "a.txt",
       "key=abcdefgh # ours\n", 0},
      {"[rules.allowlist]\nregexTarget='line'\nregexes=['''ours''']\n", "a.txt",
       "key=abcdefgh\n# ours\n", 1},
      {"[[rules.allowlists]]\nstopwords=['CDE']\n", "a.txt", "key=abcdefgh", 0},
      {"[[rules.allowlists]]\nstopWords=['xyz']\n", "a.txt", "key=abcdefgh", 1},
      {"[[rules.allowlists]]\npaths=['''^a''', '''^b''']\n", "b.txt", "key=abcdefgh", 0},
      {"[[rules.allowlists]]\npaths=['''^a''']\n", "c.txt", "key=abcdefgh", 1},
      {"[[rules.allowlists]]\ncondition='AND'\npaths=['''^a''']\nregexes=['''^abc''']\n", "a.txt",
       "key=abcdefgh", 0},
      {"[[rules.allowlists]]\ncondition='AND'\npaths=['''^a''']\nregexes=['''^abc''']\n", "b.txt",
       "key=abcdefgh", 1},
      {"[[rules.allowlists]]\ncondition='&&'\npaths=['''^a''']\nstopwords=['zzz']\n", "a.txt",
       "key=abcdefgh", 1},
      {"[rules.allowlist]\nregexes=['\\Qabc']\n", "a.txt", "key=abcdefgh", 0},
      {"[[rules.allowlists]]\ncommits=['abc']\n", "a.txt", "key=abcdefgh", 1},
      {"[[rules.allowlists]]\ncondition='AND'\ncommits=['abc']\npaths=['''a''']\n", "a.txt",
       "key=abcdefgh", 1},
      {"[[rules.allowlists]]\nregexes=['''^x''']\n[[rules.allowlists]]\nregexes=['''^a''']\n",
       "a.txt", "key=abcdefgh", 0},
      {"[allowlist]\npaths=['''\\.txt$''']\n", "a.txt", "key=abcdefgh", 0},
      {"[[allowlists]]\nregexes=['''^abc''']\n", "a.txt", "key=abcdefgh", 0},
      {"[[allowlists]]\ntargetRules=['a']\nregexes=['''^abc''']\n", "a.txt", "key=abcdefgh", 0},
      {"[[rules]]\nid='b'\nregex='''abcd'''\n[[allowlists]]\ntargetRules=['b']\n"
       "regexes=['''^abc''']\n",
       "a.txt", "key=abcdefgh", 1},
  };
  for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
    char file[1024];
    snprintf(file, sizeof file, "%s%s", RULE, cases[i].allow);
    size_t count = count_found(file, cases[i].path, cases[i].text);
    if (count != cases[i].found)
      fail_msg("%s: %s: found %zu", cases[i].allow, cases[i].text, count);
  }
}

static void extends_the_own_rules(void **state)
{
  (void)state;
  struct trial t;
  struct secret_rules *own;
  struct error err;
  assert_int_equal(secret_rules_builtin(&own, &err), 0);
  try(&t,
      "[extend]\nuseDefault = true\ndisabledRules = ['generic-api-key', 'aws-access-token']\n"
      "[[rules]]\nid='mine'\nregex='''mine-\\d{4}'''\n"
      "[[rules]]\nid='github-pat'\nentropy=7\n[[rules.allowlists]]\npaths=['''ours''']\n"
      "[allowlist]\npaths=['''^skip/''']\n",
      "a.txt", "mine-2391");
  assert_int_equal(secret_rules_count(t.rules), secret_rules_count(own) - 2 + 1);
  assert_int_equal(t.found.count, 1);
  assert_null(secret_rules_find(t.rules, STR("aws-access-key")));
  const struct secret_rule *changed = secret_rules_find(t.rules, STR("github-token"));
  assert_non_null(changed);
  assert_true(changed->entropy > 6.9);
  assert_int_equal(changed->allow_count, 1);
  assert_true(changed->builtin);
  assert_true(
      str_eq(changed->rule.remedy, secret_rules_find(own, STR("github-token"))->rule.remedy));
  look(&t, "skip/a.txt", "mine-2391");
  assert_int_equal(t.found.count, 0);
  secret_rules_free(own);
  end_trial(&t);
}

static int read_file(void *context, struct str path, struct buf *ret_text, struct error *err)
{
  unsigned *depth = context;
  if (str_eq(path, STR("missing.toml")))
    return error_set(err, SW_ENOENT, "missing.toml: no such file");
  ++*depth;
  buf_printf(ret_text,
             "[extend]\npath='again.toml'\n[[rules]]\nid='base%u'\nregex='''b%u-\\d{4}'''\n",
             *depth, *depth);
  return 0;
}

static void extends_files(void **state)
{
  (void)state;
  unsigned depth = 0;
  struct secret_rules_options options = {.read = read_file, .context = &depth};
  struct secret_rules *rules, *restored;
  struct error err;
  struct buf bytes = {0};
  struct str text = STR("[extend]\npath='base.toml'\n[[rules]]\nid='a'\nregex='''\\d{6}'''\n");
  assert_int_equal(secret_rules_load_gitleaks(text, "t", &options, &rules, &err), 0);
  assert_int_equal(depth, 2); /* as deep as gitleaks goes */
  assert_int_equal(secret_rules_count(rules), 3);
  secret_rules_save(rules, &bytes);
  assert_int_equal(secret_rules_restore(buf_str(&bytes), &restored, &err), 0);
  assert_int_equal(secret_rules_count(restored), 3);
  assert_true(str_eq(secret_rules_digest(rules), secret_rules_digest(restored)));
  secret_rules_free(rules);
  secret_rules_free(restored);
  buf_free(&bytes);
  assert_int_equal(secret_rules_load_gitleaks(text, "t", NULL, &rules, &err), SW_EUNSUPPORTED);
  assert_int_equal(secret_rules_load_gitleaks(STR("[extend]\npath='missing.toml'\n"), "t", &options,
                                              &rules, &err),
                   SW_ENOENT);
}

static void refuses_what_is_no_rule_file(void **state)
{
  (void)state;
  static const struct {
    const char *text;
    int code;
    const char *message;
  } cases[] = {
      {"[[rules]\n", SW_EINVAL, "rules.toml:1"},
      {"rules = 1\n", SW_EINVAL, "\"rules\" must be a list"},
      {"rules = [1]\n", SW_EINVAL, "\"rules\" must be a list"},
      {"[[rules]]\nregex='x'\n", SW_EINVAL, "rule 1 has no id"},
      {"[[rules]]\nid='a'\n", SW_EINVAL, "neither \"regex\" nor \"path\""},
      {"[[rules]]\nid='a'\nregex='('\n", SW_EINVAL, "rule \"a\": the pattern ("},
      {"[[rules]]\nid='a'\nregex='(?=x)'\n", SW_EUNSUPPORTED, "rule \"a\""},
      {"[[rules]]\nid='a'\nregex=1\n", SW_EINVAL, "\"regex\" must be a text"},
      {"[[rules]]\nid='a'\nregex='x'\nentropy='much'\n", SW_EINVAL, "\"entropy\" must be a number"},
      {"[[rules]]\nid='a'\nregex='x'\nsecretGroup=1\n", SW_EINVAL, "\"secretGroup\" is more"},
      {"[[rules]]\nid='a'\nregex='x'\nkeywords='k'\n", SW_EINVAL, "\"keywords\" must be a list"},
      {"[[rules]]\nid='a'\nregex='x'\n[[rules.required]]\nid='b'\n", SW_EUNSUPPORTED, "require"},
      {"[[rules]]\nid='a'\nregex='x'\n[rules.allowlist]\ncondition='XOR'\npaths=['x']\n", SW_EINVAL,
       "AND or OR"},
      {"[[rules]]\nid='a'\nregex='x'\n[rules.allowlist]\nregexTarget='moon'\npaths=['x']\n",
       SW_EINVAL, "regexTarget"},
      {"[[rules]]\nid='a'\nregex='x'\n[rules.allowlist]\ndescription='x'\n", SW_EINVAL, "needs"},
      {"[[rules]]\nid='a'\nregex='x'\n[rules.allowlist]\npaths=['(']\n", SW_EINVAL, "the pattern"},
      {"[[allowlists]]\ntargetRules=['b']\npaths=['x']\n", SW_EINVAL, "\"b\""},
      {"[extend]\nuseDefault=true\npath='x'\n", SW_EINVAL, "both path and useDefault"},
      {"", SW_EINVAL, "no rule"},
      {"[[rule]]\nid='a'\nregex='x'\n", SW_EINVAL, "rules.toml: there is no rule in it"},
      {"[[rules]]\nid='a'\nregex='x*'\n", SW_EINVAL, "give the rule keywords"},
  };
  for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
    struct secret_rules *rules;
    struct error err = {0};
    int rc = secret_rules_load_gitleaks(str_from(cases[i].text), "rules.toml", NULL, &rules, &err);
    if (rc != cases[i].code)
      fail_msg("%s: %d %s", cases[i].text, rc, rc < 0 ? err.message : "");
    assert_error(err, cases[i].code, cases[i].message);
    assert_int_equal(secret_rules_load_gitleaks(str_from(cases[i].text), "t", NULL, &rules, NULL),
                     rc);
  }
}

/* A pattern that matches everything, or that Vectorscan does not know, goes by the rule's keywords. */
static void goes_by_keywords_where_it_must(void **state)
{
  (void)state;
  const char *file = "[[rules]]\nid='a'\nregex='''(\\pL{3})-(\\d*)'''\nsecretGroup=2\n"
                     "keywords=['abc-']\n";
  assert_int_equal(count_found(file, "a.txt", "xyz-1234 ABC-1234"), 2);
  assert_int_equal(count_found(file, "a.txt", "xyz-1234"), 0);
  const char *all = "[[rules]]\nid='a'\nregex='''x*'''\nkeywords=['k']\n";
  assert_int_equal(count_found(all, "a.txt", "xxx k"), 1);
}

static void keeps_databases(void **state)
{
  (void)state;
  char directory[] = "/tmp/secret-rules.XXXXXX", cache[64], path[512], command[128];
  struct str text = STR("[[rules]]\nid='a'\nregex='''key-([0-9a-z]{8})'''\n");
  struct secret_rules *rules;
  struct error err;
  assert_non_null(mkdtemp(directory));
  snprintf(cache, sizeof cache, "%s/a/b", directory);
  struct secret_rules_options options = {.cache = cache};
  for (unsigned round = 0; round < 4; round++) {
    struct trial t = {0};
    arena_init(&t.arena, 0);
    assert_int_equal(secret_rules_load_gitleaks(text, "t", &options, &rules, &err), 0);
    t.rules = rules;
    look(&t, "a.txt", "key-ab12cd34");
    assert_int_equal(t.found.count, 1);
    end_trial(&t);
    DIR *d = opendir(cache);
    struct dirent *e;
    unsigned files = 0;
    assert_non_null(d);
    while ((e = readdir(d)))
      if (e->d_name[0] != '.') {
        snprintf(path, sizeof path, "%s/%.200s", cache, e->d_name);
        files++;
      }
    closedir(d);
    assert_int_equal(files, 1);
    struct stat st;
    assert_int_equal(stat(path, &st), 0);
    assert_int_equal(st.st_mode & 0777, 0600);
    /* What is broken, cut, or open to others is made anew. */
    if (round == 0)
      assert_int_equal(truncate(path, st.st_size / 2), 0);
    else if (round == 1)
      assert_int_equal(truncate(path, 0), 0);
    else if (round == 2)
      assert_int_equal(chmod(path, 0666), 0);
  }
  snprintf(command, sizeof command, "rm -r %s", directory);
  assert_int_equal(system(command), 0);
}

static void comes_back_from_bytes(void **state)
{
  (void)state;
  struct secret_rules *rules, *restored;
  struct error err;
  struct buf bytes = {0};
  assert_int_equal(secret_rules_builtin(&rules, &err), 0);
  secret_rules_save(rules, &bytes);
  assert_true(bytes.len < 100);
  assert_int_equal(secret_rules_restore(buf_str(&bytes), &restored, &err), 0);
  assert_true(str_eq(secret_rules_digest(rules), secret_rules_digest(restored)));
  secret_rules_free(restored);
  secret_rules_free(rules);
  buf_clear(&bytes);
  struct trial t;
  try(&t, "[[rules]]\nid='a'\nregex='''key-([0-9a-z]{8})'''\n", "a.txt", "key-ab12cd34");
  secret_rules_save(t.rules, &bytes);
  secret_rules_free(t.rules);
  assert_int_equal(secret_rules_restore(buf_str(&bytes), &t.rules, &err), 0);
  look(&t, "a.txt", "key-ab12cd34");
  assert_int_equal(t.found.count, 1);
  end_trial(&t);
  for (size_t len = 9; len < bytes.len; len += 1 + bytes.len / 50)
    assert_true(secret_rules_restore(str_sub(buf_str(&bytes), 0, len), &restored, &err) < 0);
  assert_int_equal(secret_rules_restore(STR("other"), &restored, &err), SW_EINVAL);
  buf_free(&bytes);
}

static void the_digest_tells_rules_apart(void **state)
{
  (void)state;
  static const char *const files[] = {
      "[[rules]]\nid='a'\nregex='''k\\d'''\n",
      "[[rules]]\nid='b'\nregex='''k\\d'''\n",
      "[[rules]]\nid='a'\nregex='''k\\d'''\nentropy=1\n",
      "[[rules]]\nid='a'\nregex='''k\\d'''\nkeywords=['x']\n",
      "[[rules]]\nid='a'\nregex='''k\\d'''\n[[rules.allowlists]]\nstopwords=['x']\n",
      "[[rules]]\nid='a'\nregex='''k\\d'''\n[[allowlists]]\nstopwords=['x']\n",
  };
  enum { COUNT = sizeof files / sizeof files[0] };
  struct secret_rules *rules[COUNT];
  struct error err;
  for (size_t i = 0; i < COUNT; i++) {
    assert_int_equal(secret_rules_load_gitleaks(str_from(files[i]), "t", NULL, &rules[i], &err), 0);
    for (size_t k = 0; k < i; k++)
      assert_false(str_eq(secret_rules_digest(rules[i]), secret_rules_digest(rules[k])));
  }
  for (size_t i = 0; i < COUNT; i++)
    secret_rules_free(rules[i]);
}

/* Patterns are compiled when they are first needed, by whichever thread. */
static void *scan_much(void *context)
{
  const struct secret_rules *rules = context;
  struct secret_scanner *scanner;
  struct secret_list found;
  struct arena arena;
  uintptr_t count = 0;
  if (secret_scanner_new(rules, NULL, &scanner, NULL) < 0)
    return NULL;
  arena_init(&arena, 0);
  for (unsigned i = 0; i < 50; i++) {
    struct str text = STR("db: postgres://me:Zq81kd92mXo10a@db.internal/app\n"
                          "API_KEY=q8Zk2Lm9Xa71Pd03Wn5Bv\n");
    secret_list_init(&found, &arena);
    if (secret_scanner_begin(scanner, STR("app/settings.py"), text.len))
      secret_scanner_feed(scanner, text);
    secret_scanner_end(scanner, &found);
    count += found.count;
  }
  secret_scanner_free(scanner);
  arena_free(&arena);
  return (void *)count;
}

static void threads_share_rules(void **state)
{
  (void)state;
  enum { THREADS = 4 };
  pthread_t threads[THREADS];
  struct secret_rules *rules;
  struct error err;
  assert_int_equal(secret_rules_builtin(&rules, &err), 0);
  for (size_t i = 0; i < THREADS; i++)
    assert_int_equal(pthread_create(&threads[i], NULL, scan_much, rules), 0);
  for (size_t i = 0; i < THREADS; i++) {
    void *count;
    assert_int_equal(pthread_join(threads[i], &count), 0);
    assert_int_equal((uintptr_t)count, 100);
  }
  secret_rules_free(rules);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(has_own_rules),
      cmocka_unit_test(reads_a_rule),
      cmocka_unit_test(takes_the_group_that_is_there),
      cmocka_unit_test(asks_for_keywords_anywhere),
      cmocka_unit_test(asks_for_paths),
      cmocka_unit_test(allows),
      cmocka_unit_test(extends_the_own_rules),
      cmocka_unit_test(extends_files),
      cmocka_unit_test(refuses_what_is_no_rule_file),
      cmocka_unit_test(goes_by_keywords_where_it_must),
      cmocka_unit_test(keeps_databases),
      cmocka_unit_test(comes_back_from_bytes),
      cmocka_unit_test(the_digest_tells_rules_apart),
      cmocka_unit_test(threads_share_rules),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
