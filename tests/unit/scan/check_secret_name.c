#include "../test.h"

#include "scan/check/secret_name.h"

static void knows_names_of_secrets(void **state)
{
  (void)state;
  static const char *const names[] = {
      "PASSWORD",
      "MYSQL_ROOT_PASSWORD",
      "PGPASSWORD",
      "DB_PASS",
      "MYSQL_PWD",
      "API_KEY",
      "apiKey",
      "dbPassword",
      "db.password",
      "GITHUB_TOKEN",
      "AWS_ACCESS_KEY_ID",
      "AWS_SECRET_ACCESS_KEY",
      "SECRET_KEY_BASE",
      "client-secret",
      "JWT_SECRET",
      "SSH_PRIVATE_KEY",
      "NPM_TOKEN",
      "REDIS_AUTH",
      "KEY",
      "githubAccessToken",
      "SMTP_PASSPHRASE",
      "GOOGLE_CREDENTIALS",
      "ROOTPASSWD",
      "GITLAB_PAT",
  };
  for (size_t i = 0; i < sizeof names / sizeof *names; i++)
    if (!secret_name(str_from(names[i])))
      fail_msg("%s is not taken for a secret", names[i]);
}

static void leaves_others_alone(void **state)
{
  (void)state;
  static const char *const names[] = {
      "PATH",
      "GPG_KEY",
      "GPG_KEYS",
      "PUBLIC_KEY",
      "TOKEN_FILE",
      "PWD",
      "OLDPWD",
      "KEYBOARD",
      "MONKEY",
      "AUTHOR",
      "SECRET_NAME",
      "POSTGRES_PASSWORD_FILE",
      "PASSWORD_MIN_LENGTH",
      "AUTH_METHOD",
      "KEY_ID",
      "COMPASS",
      "TOKENIZER",
      "HOME",
      "",
      "_",
      "PYTHON_SHA256",
      "MYSQL_ALLOW_EMPTY_PASSWORD",
      "TOKEN_URL",
      "BYPASS",
  };
  for (size_t i = 0; i < sizeof names / sizeof *names; i++)
    if (secret_name(str_from(names[i])))
      fail_msg("%s is taken for a secret", names[i]);
  static char endless[SECRET_NAME_MAX + 2];
  memset(endless, 'x', sizeof endless - 1);
  memcpy(endless, "PASSWORD_", 9);
  assert_false(secret_name(str_from(endless)));
}

static void knows_values_that_are_none(void **state)
{
  (void)state;
  static const char *const none[] = {"",      " ",       "true", "No",        "/run/secrets/x",
                                     "$PASS", "${PASS}", "none", "./key.pem", "0",
                                     "fake"};
  for (size_t i = 0; i < sizeof none / sizeof *none; i++)
    if (secret_value(str_from(none[i])))
      fail_msg("\"%s\" is taken for a secret", none[i]);
  assert_false(secret_value(STR("B97B0AFCAA1A47F044F244A07FCC7D46ACCC4CF8")));
  assert_true(secret_value(STR("b97b0afcaa1a47f044f244a07fcc7d46accc4cf8")));
  assert_true(secret_value(STR("hunter2")));
  assert_true(secret_value(STR("${PASS:-hunter2}")));
  assert_true(secret_value(STR("$")));
  assert_true(secret_value(STR("12345")));
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(knows_names_of_secrets),
      cmocka_unit_test(leaves_others_alone),
      cmocka_unit_test(knows_values_that_are_none),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
