#include "../test.h"

#include "scan/secret/scanner.h"

static struct secret_rules *rules;
static struct secret_scanner *scanner;
static struct arena arena;
static struct secret_list found;

/* Secrets that are made here, so that none stands in this file. */
static char access_key[21], token[41], password[25];

static void make(char *text, size_t len, const char *prefix, const char *letters)
{
  unsigned state = 12345;
  size_t at = strlen(prefix), count = strlen(letters);
  memcpy(text, prefix, at);
  for (; at < len; at++) {
    state = state * 1103515245u + 12345u;
    text[at] = letters[(state >> 16) % count];
  }
  text[len] = 0;
}

static int set_up(void **state)
{
  (void)state;
  struct error err;
  make(access_key, 20, "AKIA", "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567");
  make(token, 40, "ghp_", "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789");
  make(password, 24, "", "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789");
  arena_init(&arena, 0);
  secret_list_init(&found, &arena);
  return secret_rules_builtin(&rules, &err) < 0 ||
         secret_scanner_new(rules, NULL, &scanner, &err) < 0;
}

static int tear_down(void **state)
{
  (void)state;
  secret_scanner_free(scanner);
  secret_rules_free(rules);
  arena_free(&arena);
  return 0;
}

static int forget(void **state)
{
  (void)state;
  arena_reset(&arena);
  secret_list_init(&found, &arena);
  return 0;
}

static void scan_with(struct secret_scanner *s, const char *path, struct str text, size_t piece)
{
  if (secret_scanner_begin(s, str_from(path), text.len))
    for (size_t at = 0; at < text.len; at += piece)
      if (!secret_scanner_feed(s, str_sub(text, at, piece)))
        break;
  secret_scanner_end(s, &found);
}

static void scan(const char *path, struct str text)
{
  scan_with(scanner, path, text, text.len ? text.len : 1);
}

static struct str line(const char *format, const char *secret)
{
  struct buf out = {0};
  for (; *format; format++)
    if (*format == '%')
      buf_add_text(&out, secret);
    else
      buf_add_byte(&out, *format);
  struct str text = arena_copy(&arena, buf_str(&out));
  buf_free(&out);
  return text;
}

static void says_where_and_what(void **state)
{
  (void)state;
  scan("app/settings.py", line("import os\n# \xc3\xa4\nKEY = \"\xc3\xa4\", \"%\"\n", token));
  assert_int_equal(found.count, 1);
  const struct secret_match *m = &found.items[0];
  assert_str(m->rule->rule.id, "github-token");
  assert_ptr_equal(m->rule, secret_rules_at(rules, m->rule_number));
  assert_int_equal(m->line, 3);
  assert_int_equal(m->column, 13);
  assert_int_equal(m->offset, 28);
  assert_int_equal(m->length, 40);
  assert_str(m->place, "app/settings.py");
  assert_int_equal(strlen(m->fingerprint), SECRET_FINGERPRINT_LEN);
}

static void shows_little_of_a_secret(void **state)
{
  (void)state;
  scan("a.env", line("GITHUB_TOKEN=%\n", token));
  assert_int_equal(found.count, 1);
  assert_str(found.items[0].redacted, "GITHUB_TOKEN: ghp_\xe2\x80\xa6 (40 characters)");
  forget(NULL);
  char secret[10];
  make(secret, 9, "", "qvzkxw7391");
  scan("a.env", line("url=postgres://me:%@db.internal/app\n", secret));
  assert_int_equal(found.count, 1);
  assert_int_equal(found.items[0].length, 9);
  assert_true(str_find(found.items[0].redacted, 0, str_make(secret, 3)) < 0);
  assert_true(str_find(found.items[0].redacted, 0, STR("(9 characters)")) >= 0);
}

/* What stands before a secret is shown only if it is a name. */
static void shows_no_other_secret(void **state)
{
  (void)state;
  struct buf text = {0};
  buf_printf(&text, "%s %s:%s=%s\n%s: %s@%s x=%s\n", token, access_key, token, token, token, token,
             token, token);
  scan("a.env", buf_str(&text));
  assert_true(found.count >= 5);
  for (size_t i = 0; i < found.count; i++) {
    assert_true(str_find(found.items[i].redacted, 0, str_make(token, 12)) < 0);
    assert_true(str_find(found.items[i].redacted, 0, str_make(access_key, 12)) < 0);
    assert_true(found.items[i].redacted.len <= SECRET_REDACTED_MAX);
  }
  buf_free(&text);
}

static void the_same_secret_has_the_same_fingerprint(void **state)
{
  (void)state;
  struct secret_scan_options options = {.key = STR("another")};
  struct secret_scanner *other;
  struct error err;
  scan("a.env", line("A=%\nB=%\n", token));
  scan("b.env", line("C=%\n", access_key));
  assert_int_equal(found.count, 3);
  assert_string_equal(found.items[0].fingerprint, found.items[1].fingerprint);
  assert_string_not_equal(found.items[0].fingerprint, found.items[2].fingerprint);
  assert_int_equal(secret_scanner_new(rules, &options, &other, &err), 0);
  scan_with(other, "a.env", line("A=%\n", token), 7);
  assert_int_equal(found.count, 4);
  assert_string_not_equal(found.items[0].fingerprint, found.items[3].fingerprint);
  secret_scanner_free(other);
}

/* A text of several windows, with a secret at each of the places. */
static struct str long_text(const size_t *places, size_t count, size_t len)
{
  char *text = arena_alloc(&arena, len);
  for (size_t i = 0; i < len; i++)
    text[i] = i % 64 == 63 ? '\n' : " abcdefg"[i % 8];
  for (size_t i = 0; i < count; i++) {
    text[places[i] - 1] = ' ';
    memcpy(text + places[i], token, 40);
    text[places[i] + 40] = ' ';
  }
  return str_make(text, len);
}

static void finds_secrets_wherever_pieces_end(void **state)
{
  (void)state;
  enum { MIB = 1 << 20 };
  const size_t places[] = {1,           MIB - 16384 - 20, MIB - 20,        MIB - 90,
                           MIB + 60,    MIB + 2000000,    2 * MIB - 32768, 2 * MIB - 16400,
                           3 * MIB + 5, 3 * MIB + 400000};
  size_t count = sizeof places / sizeof places[0], len = 3 * MIB + 400100;
  size_t pieces[] = {len, 65536, 1000003, 4096, 997};
  struct str text = long_text(places, count, len);
  for (size_t p = 0; p < sizeof pieces / sizeof pieces[0]; p++) {
    found.count = 0;
    scan_with(scanner, "log.txt", text, pieces[p]);
    assert_int_equal(found.count, count);
    for (size_t i = 0, k = 0; i < len && k < count; i++)
      if (str_starts(str_sub(text, i, 40), str_make(token, 40))) {
        assert_int_equal(found.items[k].offset, i);
        k++;
      }
  }
}

static void tells_lines_behind_windows(void **state)
{
  (void)state;
  size_t place = (2u << 20) + 64 * 1000 + 10;
  struct str text = long_text(&place, 1, 4u << 20);
  scan_with(scanner, "log.txt", text, 65536);
  assert_int_equal(found.count, 1);
  assert_int_equal(found.items[0].line, place / 64 + 1);
  assert_int_equal(found.items[0].column, place % 64 + 1);
}

/* One line of several MiB: columns go on counting, and nothing of it is shown but a few characters. */
static void survives_a_line_without_end(void **state)
{
  (void)state;
  size_t len = 5u << 20, at = 4500000;
  char *text = arena_alloc(&arena, len);
  for (size_t i = 0; i < len; i++)
    text[i] = "ab,cd;ef"[i % 8];
  text[at - 1] = ' ';
  memcpy(text + at, token, 40);
  text[at + 40] = ' ';
  scan_with(scanner, "bundle.js", str_make(text, len), 65536);
  assert_int_equal(found.count, 1);
  assert_int_equal(found.items[0].line, 1);
  assert_int_equal(found.items[0].column, at + 1);
  assert_true(found.items[0].redacted.len <= SECRET_REDACTED_MAX);
}

static struct str private_key(size_t lines)
{
  struct buf out = {0};
  char body[65];
  buf_add_text(&out, "-----BEGIN RSA PRIVATE");
  buf_add_text(&out, " KEY-----\n");
  make(body, 64, "MII", "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789+/");
  for (size_t i = 0; i < lines; i++)
    buf_printf(&out, "%s\n", body);
  buf_add_text(&out, "-----END RSA PRIVATE KEY-----\n");
  struct str text = arena_copy(&arena, buf_str(&out));
  buf_free(&out);
  return text;
}

static void finds_a_key_of_many_lines_across_pieces(void **state)
{
  (void)state;
  struct str key = private_key(200); /* 13 KB */
  for (size_t before = (1u << 20) - 20000; before < (1u << 20) + 100; before += 1999) {
    struct buf out = {0};
    buf_add_repeat(&out, '\n', before);
    buf_add(&out, key);
    buf_add_repeat(&out, 'x', 40000);
    found.count = 0;
    scan_with(scanner, "etc/server.key", buf_str(&out), 777);
    assert_int_equal(found.count, 1);
    assert_int_equal(found.items[0].offset, before);
    assert_int_equal(found.items[0].length, key.len - 1);
    assert_str(found.items[0].redacted,
               "-----BEGIN RSA PRIVATE KEY-----\xe2\x80\xa6 (13061 characters)");
    buf_free(&out);
  }
}

static void what_is_longer_than_the_reach_is_none(void **state)
{
  (void)state;
  struct str key = private_key(400);
  assert_true(key.len > SECRET_REACH);
  scan("etc/server.key", key);
  assert_int_equal(found.count, 0);
}

static void passes_over_what_holds_no_text(void **state)
{
  (void)state;
  static const char *const unwanted[] = {
      "a.png", "x/y.WOFF2", "node/package-lock.json", "go.sum", "var/lib/dpkg/status", "a.tar.gz",
  };
  static const char *const wanted[] = {"a.sh", "png", ".env", "x/Dockerfile", "a.png.txt", "a.so"};
  for (size_t i = 0; i < sizeof unwanted / sizeof unwanted[0]; i++)
    assert_false(secret_scanner_begin(scanner, str_from(unwanted[i]), 100));
  for (size_t i = 0; i < sizeof wanted / sizeof wanted[0]; i++)
    assert_true(secret_scanner_begin(scanner, str_from(wanted[i]), 100));
  assert_false(secret_scanner_begin(scanner, STR("a.sh"), 0));
  assert_true(secret_scanner_begin(scanner, STR("a.sh"), SECRET_SIZE_UNKNOWN));
  struct str packed = line("\x1f\x8b % ", token);
  assert_true(secret_scanner_begin(scanner, STR("blob"), packed.len));
  assert_false(secret_scanner_feed(scanner, packed));
  secret_scanner_end(scanner, &found);
  assert_int_equal(found.count, 0);
}

static void reads_binaries_for_what_has_a_form(void **state)
{
  (void)state;
  struct secret_scan_options options = {.no_binaries = true};
  struct secret_scanner *other;
  struct error err;
  struct buf out = {0};
  buf_add(&out, str_make("\177ELF\0\0\0", 7));
  buf_printf(&out, "\n%s\n", token);
  buf_add(&out, private_key(10));
  scan("usr/bin/tool", buf_str(&out));
  assert_int_equal(found.count, 1);
  assert_str(found.items[0].rule->rule.id, "github-token");
  assert_int_equal(secret_scanner_new(rules, &options, &other, &err), 0);
  scan_with(other, "usr/bin/tool", buf_str(&out), 10);
  assert_int_equal(found.count, 1);
  secret_scanner_free(other);
  buf_free(&out);
}

static void among_tests_only_what_has_a_form(void **state)
{
  (void)state;
  scan("app/tests/server.key", private_key(10));
  scan("usr/share/doc/x/README.md", line("API_KEY=%\n", password));
  assert_int_equal(found.count, 0);
  scan("app/tests/config.env", line("TOKEN=%\n", token));
  assert_int_equal(found.count, 1);
  scan("app/server.key", private_key(10));
  assert_int_equal(found.count, 2);
}

static void a_comment_allows(void **state)
{
  (void)state;
  struct secret_scan_options options = {.no_allow_comments = true};
  struct secret_scanner *other;
  struct error err;
  struct str text = line("A=% # seawall:allow\nB=% # gitleaks:allow\nC=%\n", token);
  scan("a.sh", text);
  assert_int_equal(found.count, 1);
  assert_int_equal(found.items[0].line, 3);
  assert_int_equal(secret_scanner_new(rules, &options, &other, &err), 0);
  found.count = 0;
  scan_with(other, "a.sh", text, text.len);
  assert_int_equal(found.count, 3);
  secret_scanner_free(other);
}

static void looks_through_environment_labels_and_history(void **state)
{
  (void)state;
  secret_scan_text(scanner, SECRET_ENVIRONMENT, STR("Env"), line("DB_PASSWORD=%", password),
                   &found);
  assert_int_equal(found.count, 1);
  assert_str(found.items[0].rule->rule.id, "environment-secret");
  assert_str(found.items[0].place, "Env");
  assert_int_equal(found.items[0].line, 1);
  secret_scan_text(scanner, SECRET_HISTORY, STR("history"),
                   line("|1 NPM_TOKEN=% /bin/sh -c npm ci", password), &found);
  assert_int_equal(found.count, 2);
  secret_scan_text(scanner, SECRET_LABEL, STR("label"), line("ci.token=%", token), &found);
  assert_int_equal(found.count, 3);
  assert_str(found.items[2].rule->rule.id, "github-token");
  /* A form is known everywhere, and goes before the name. */
  secret_scan_text(scanner, SECRET_ENVIRONMENT, STR("Env"), line("MY_TOKEN=%", token), &found);
  assert_int_equal(found.count, 4);
  assert_str(found.items[3].rule->rule.id, "github-token");
  secret_scan_text(scanner, SECRET_ENVIRONMENT, STR("Env"), STR("PATH=/usr/bin:/bin"), &found);
  secret_scan_text(scanner, SECRET_ENVIRONMENT, STR("Env"), STR(""), &found);
  secret_scan_text(scanner, SECRET_ENVIRONMENT, STR("Env"), STR("DB_PASSWORD=changeme"), &found);
  assert_int_equal(found.count, 4);
}

static void counts_what_is_too_much(void **state)
{
  (void)state;
  struct buf out = {0};
  for (unsigned i = 0; i < SECRET_MATCHES_MAX + 50; i++)
    buf_printf(&out, "t = %s\n", token);
  scan_with(scanner, "a.txt", buf_str(&out), 1000);
  assert_int_equal(found.count, SECRET_MATCHES_MAX);
  assert_int_equal(found.dropped, 50);
  buf_free(&out);
}

static void a_new_file_forgets_the_last(void **state)
{
  (void)state;
  assert_true(secret_scanner_begin(scanner, STR("a.txt"), SECRET_SIZE_UNKNOWN));
  secret_scanner_feed(scanner, line("t = % ", token));
  assert_true(secret_scanner_begin(scanner, STR("b.txt"), SECRET_SIZE_UNKNOWN));
  secret_scanner_feed(scanner, STR("nothing"));
  secret_scanner_end(scanner, &found);
  assert_int_equal(found.count, 0);
}

static void the_beginning_of_a_file_is_not_that_of_a_window(void **state)
{
  (void)state;
  struct secret_rules *own;
  struct secret_scanner *other;
  struct error err;
  assert_int_equal(
      secret_rules_load_gitleaks(STR("[[rules]]\nid = 'first'\nregex = '''^x([0-9]{8})'''\n"
                                     "[[rules]]\nid = 'last'\nregex = '''y([0-9]{8})$'''\n"),
                                 "t", NULL, &own, &err),
      0);
  assert_int_equal(secret_scanner_new(own, NULL, &other, &err), 0);
  size_t len = 3u << 20;
  char *text = arena_alloc(&arena, len);
  for (size_t i = 0; i < len; i += 16)
    memcpy(text + i, i % 32 ? "y12345678       " : "x12345678      y", 16);
  memcpy(text + len - 16, "       y12345678", 16);
  scan_with(other, "a.txt", str_make(text, len), 65536);
  assert_int_equal(found.count, 2);
  assert_int_equal(found.items[0].offset, 1);
  assert_int_equal(found.items[1].offset, len - 8);
  secret_scanner_free(other);
  secret_rules_free(own);
}

static void knows_placeholders(void **state)
{
  (void)state;
  static const char *const placeholders[] = {
      "",         "ab",         "changeme",   "<your-token>", "${TOKEN}",    "$TOKEN",
      "{{ .x }}", "xxxxxxxx",   "aaaaaaaa",   "abababababab", "your_secret", "AKIAIOSFODNN7EXAMPLE",
      "password", "1234567890", "abcdefghij", "%s",           "[redacted]",  "process.env.X",
  };
  for (size_t i = 0; i < sizeof placeholders / sizeof placeholders[0]; i++)
    if (!secret_is_placeholder(str_from(placeholders[i])))
      fail_msg("\"%s\"", placeholders[i]);
  assert_false(secret_is_placeholder(str_from(token)));
  assert_false(secret_is_placeholder(str_from(password)));
  assert_false(secret_is_placeholder(STR("tr0ub4dor&3")));
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test_setup(says_where_and_what, forget),
      cmocka_unit_test_setup(shows_little_of_a_secret, forget),
      cmocka_unit_test_setup(shows_no_other_secret, forget),
      cmocka_unit_test_setup(the_same_secret_has_the_same_fingerprint, forget),
      cmocka_unit_test_setup(finds_secrets_wherever_pieces_end, forget),
      cmocka_unit_test_setup(tells_lines_behind_windows, forget),
      cmocka_unit_test_setup(survives_a_line_without_end, forget),
      cmocka_unit_test_setup(finds_a_key_of_many_lines_across_pieces, forget),
      cmocka_unit_test_setup(what_is_longer_than_the_reach_is_none, forget),
      cmocka_unit_test_setup(passes_over_what_holds_no_text, forget),
      cmocka_unit_test_setup(reads_binaries_for_what_has_a_form, forget),
      cmocka_unit_test_setup(among_tests_only_what_has_a_form, forget),
      cmocka_unit_test_setup(a_comment_allows, forget),
      cmocka_unit_test_setup(looks_through_environment_labels_and_history, forget),
      cmocka_unit_test_setup(counts_what_is_too_much, forget),
      cmocka_unit_test_setup(a_new_file_forgets_the_last, forget),
      cmocka_unit_test_setup(the_beginning_of_a_file_is_not_that_of_a_window, forget),
      cmocka_unit_test_setup(knows_placeholders, forget),
  };
  return cmocka_run_group_tests(tests, set_up, tear_down);
}
