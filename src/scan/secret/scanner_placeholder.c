#include "scan/secret/scanner_int.h"

#include <ctype.h>

enum { CHECKED_MAX = 4096 };

/* Words that nobody's secret has, and those of documentation do. */
static const char *const telling[] = {
    "example",     "sample",      "placeholder",  "changeme",     "change_me",    "change-me",
    "changeit",    "replaceme",   "replace_me",   "replace-me",   "replace_with", "replace-with",
    "your_",       "your-",       "yourpass",     "yoursecret",   "yourtoken",    "yourapi",
    "yourkey",     "my_secret",   "my-secret",    "mysecret",     "mypassword",   "my_password",
    "my-password", "dummy",       "xxxx",         "****",         "....",         "redacted",
    "foobar",      "lorem",       "_here",        "-here",        "insert_",      "insert-",
    "notreal",     "not_real",    "not-real",     "deadbeef",     "1234567890",   "0123456789",
    "abcdefgh",    "fake",        "todo",         "censored",     "masked",       "obfuscated",
    "secret123",   "password123", "passw0rd",     "\xe2\x80\xa6", "hunter2",      "s3cr3t",
    "supersecret", "topsecret",   "super_secret", "super-secret", "somesecret",   "some_secret",
    "testkey",     "test_key",    "test-key",     "testtoken",    "test_token",   "test-token",
    "qwerty",      "letmein",     "unset",
};

/* What refers to a secret instead of being one. */
static const char *const references[] = {
    "${",
    "$(",
    "{{",
    "<%",
    "%(",
    "#{",
    "@{",
    "secrets.",
    "env.",
    "environ",
    "getenv",
    "process.env",
    "secretref",
    "valuefrom",
    "/run/secrets",
    "vault:",
    "enc[",
    "!secret",
    "ssm:",
    "op://",
    "arn:aws:secretsmanager",
    "config.",
    "options.",
    "params.",
    "settings.",
    "self.",
    "this.",
    "args.",
    "var.",
    "local.",
    "data.",
    "module.",
    "keyvault",
    "secretmanager",
};

/* Whole values that mean none, or that are types and names. */
static const char *const whole[] = {
    "true",      "false",     "null",     "nil",     "none",        "undefined",  "default",
    "string",    "str",       "text",     "bytes",   "secret",      "secrets",    "password",
    "passwd",    "pass",      "pwd",      "token",   "tokens",      "key",        "apikey",
    "api_key",   "api-key",   "username", "user",    "test",        "testing",    "tests",
    "empty",     "required",  "optional", "enabled", "disabled",    "yes",        "no",
    "on",        "off",       "value",    "hidden",  "prompt",      "plain",      "basic",
    "bearer",    "oauth",     "oauth2",   "object",  "integer",     "boolean",    "number",
    "auto",      "any",       "all",      "todo",    "tbd",         "foo",        "bar",
    "baz",       "abc",       "abc123",   "123456",  "unknown",     "n/a",        "file",
    "env",       "stdin",     "private",  "public",  "credentials", "credential", "auth",
    "yourself",  "authtoken", "invalid",  "wrong",   "correct",     "bad",        "good",
    "anonymous", "guest",     "a",
};

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static bool has_any(struct str text, const char *const *list, size_t count)
{
  for (size_t i = 0; i < count; i++)
    if (str_find(text, 0, str_from(list[i])) >= 0)
      return true;
  return false;
}

static bool is_any(struct str text, const char *const *list, size_t count)
{
  for (size_t i = 0; i < count; i++)
    if (str_eq(text, str_from(list[i])))
      return true;
  return false;
}

/* At most two different characters, a short piece over and over, or a row of the alphabet. */
static bool is_regular(struct str text)
{
  bool seen[256] = {false};
  size_t different = 0, steps = 0;
  for (size_t i = 0; i < text.len; i++) {
    unsigned char c = (unsigned char)text.data[i];
    different += !seen[c];
    seen[c] = true;
    steps += i &&
             (c == (unsigned char)text.data[i - 1] + 1 || c == (unsigned char)text.data[i - 1]);
  }
  if (different <= 2 || (text.len >= 5 && steps * 5 >= (text.len - 1) * 4))
    return true;
  for (size_t period = 1; period * 3 <= text.len && period <= 16; period++) {
    size_t i = period;
    while (i < text.len && text.data[i] == text.data[i - period])
      i++;
    if (i == text.len)
      return true;
  }
  return false;
}

static bool is_wrapped(struct str text)
{
  char first = text.data[0], last = text.data[text.len - 1];
  return (first == '<' && last == '>') || (first == '{' && last == '}') ||
         (first == '[' && last == ']') || (first == '%' && last == '%') ||
         (first == '(' && last == ')') || (first == '_' && last == '_');
}

/* "$TOKEN", "%s", "&ref", "*ref". */
static bool is_variable(struct str text)
{
  if (text.data[0] != '$' && text.data[0] != '%' && text.data[0] != '&' && text.data[0] != '*')
    return false;
  for (size_t i = 1; i < text.len; i++)
    if (!isalnum((unsigned char)text.data[i]) && text.data[i] != '_')
      return false;
  return true;
}

bool secret_is_placeholder(struct str text)
{
  char small[CHECKED_MAX];
  text = str_trim(text);
  if (text.len < 3)
    return true;
  struct str part = str_make(small, text.len < CHECKED_MAX ? text.len : CHECKED_MAX);
  for (size_t i = 0; i < part.len; i++)
    small[i] = (char)tolower((unsigned char)text.data[i]);
  /* Long texts, keys for instance, hold short words by chance. */
  if (text.len > 256)
    return is_regular(part);
  return is_any(part, whole, COUNT(whole)) || has_any(part, telling, COUNT(telling)) ||
         has_any(part, references, COUNT(references)) || is_wrapped(text) || is_variable(text) ||
         is_regular(text);
}
