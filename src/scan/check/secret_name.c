#include "scan/check/secret_name.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* What services read their secrets from; "ID" would else make some of them harmless. */
static const struct str known_names[] = {
    STR_INIT("AWS_ACCESS_KEY_ID"), STR_INIT("PGPASSWORD"),      STR_INIT("MYSQL_PWD"),
    STR_INIT("REDISCLI_AUTH"),     STR_INIT("SSHPASS"),         STR_INIT("LDAP_BINDPW"),
    STR_INIT("COMPOSER_AUTH"),     STR_INIT("NPM_AUTH"),        STR_INIT("DOCKER_AUTH_CONFIG"),
    STR_INIT("ERLANG_COOKIE"),     STR_INIT("SECRET_KEY_BASE"), STR_INIT("RABBITMQ_ERLANG_COOKIE"),
};

/* Endings of words and names that stand for a secret, whatever is before them. */
static const struct str endings[] = {
    STR_INIT("password"),    STR_INIT("passwd"),      STR_INIT("passphrase"), STR_INIT("secret"),
    STR_INIT("credential"),  STR_INIT("credentials"), STR_INIT("apikey"),     STR_INIT("authtoken"),
    STR_INIT("accesstoken"), STR_INIT("privatekey"),  STR_INIT("secretkey"),  STR_INIT("accesskey"),
};

/* Words that do if they are whole. */
static const struct str words[] = {
    STR_INIT("key"),     STR_INIT("token"), STR_INIT("pass"),  STR_INIT("pwd"),
    STR_INIT("pword"),   STR_INIT("auth"),  STR_INIT("creds"), STR_INIT("passwords"),
    STR_INIT("secrets"), STR_INIT("pat"),
};

/* Words beside which the others are harmless. */
static const struct str harmless[] = {
    STR_INIT("public"),  STR_INIT("pub"),         STR_INIT("gpg"),      STR_INIT("keyserver"),
    STR_INIT("keyring"), STR_INIT("fingerprint"), STR_INIT("checksum"), STR_INIT("sha256"),
    STR_INIT("method"),  STR_INIT("mode"),        STR_INIT("type"),     STR_INIT("policy"),
    STR_INIT("enabled"), STR_INIT("disabled"),    STR_INIT("enable"),   STR_INIT("disable"),
    STR_INIT("allow"),   STR_INIT("version"),     STR_INIT("min"),      STR_INIT("max"),
    STR_INIT("length"),  STR_INIT("ttl"),         STR_INIT("required"), STR_INIT("algorithm"),
    STR_INIT("random"),
};

/* Last words that say where a secret is, or which, instead of what. */
static const struct str places[] = {
    STR_INIT("file"),     STR_INIT("path"),   STR_INIT("dir"),    STR_INIT("name"),
    STR_INIT("url"),      STR_INIT("uri"),    STR_INIT("id"),     STR_INIT("host"),
    STR_INIT("port"),     STR_INIT("size"),   STR_INIT("store"),  STR_INIT("header"),
    STR_INIT("field"),    STR_INIT("prefix"), STR_INIT("server"), STR_INIT("endpoint"),
    STR_INIT("location"), STR_INIT("expiry"), STR_INIT("alias"),  STR_INIT("timeout"),
    STR_INIT("provider"), STR_INIT("issuer"), STR_INIT("realm"),
};

static bool is_one_of(struct str word, const struct str *list, size_t count)
{
  for (size_t i = 0; i < count; i++)
    if (str_eq(word, list[i]))
      return true;
  return false;
}

static bool ends_as_one(struct str word)
{
  for (size_t i = 0; i < COUNT(endings); i++)
    if (str_ends(word, endings[i]))
      return true;
  return false;
}

static bool is_upper(char c)
{
  return c >= 'A' && c <= 'Z';
}

static bool is_letter(char c)
{
  return is_upper(c) || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
}

/* The next word of a name in lower case, into text; *at moves behind it. */
static struct str next_word(struct str name, size_t *at, char *text)
{
  size_t len = 0;
  while (*at < name.len && !is_letter(name.data[*at]))
    (*at)++;
  for (; *at < name.len && is_letter(name.data[*at]); (*at)++) {
    char c = name.data[*at];
    bool begins = is_upper(c) && len && !is_upper(name.data[*at - 1]);
    if (begins)
      break;
    text[len++] = (char)(is_upper(c) ? c + 32 : c);
  }
  return str_make(text, len);
}

bool secret_name(struct str name)
{
  if (name.len > SECRET_NAME_MAX)
    return false;
  if (is_one_of(name, known_names, COUNT(known_names)))
    return true;
  char text[SECRET_NAME_MAX];
  bool secret = false, last_is_place = false, before = false;
  for (size_t at = 0; at < name.len;) {
    struct str word = next_word(name, &at, text);
    if (!word.len)
      break;
    if (is_one_of(word, harmless, COUNT(harmless)))
      return false;
    secret |= is_one_of(word, words, COUNT(words)) || ends_as_one(word);
    last_is_place = before && is_one_of(word, places, COUNT(places));
    before = true;
  }
  /* PWD and OLDPWD are the shell's own. */
  bool of_shell = str_eq(name, STR("PWD")) || str_eq(name, STR("OLDPWD"));
  return secret && !last_is_place && !of_shell;
}

/* "$NAME", "${NAME}": the value comes from elsewhere. With a default behind the name it may be here. */
static bool is_reference(struct str value)
{
  return value.len > 1 && value.data[0] == '$' && str_find_byte(value, 0, '-') < 0 &&
         str_find_byte(value, 0, '=') < 0;
}

/* The fingerprint of an OpenPGP key: 40 digits and capitals. */
static bool is_fingerprint(struct str value)
{
  size_t digits = 0;
  for (size_t i = 0; i < value.len; i++) {
    char c = value.data[i];
    if (!(c >= '0' && c <= '9') && !(c >= 'A' && c <= 'F') && c != ' ')
      return false;
    digits += c != ' ';
  }
  return digits == 40;
}

bool secret_value(struct str value)
{
  static const struct str nothing[] = {
      STR_INIT("true"),     STR_INIT("false"),     STR_INIT("yes"),         STR_INIT("no"),
      STR_INIT("on"),       STR_INIT("off"),       STR_INIT("none"),        STR_INIT("null"),
      STR_INIT("nil"),      STR_INIT("undefined"), STR_INIT("0"),           STR_INIT("1"),
      STR_INIT("fake"),     STR_INIT("dummy"),     STR_INIT("placeholder"), STR_INIT("example"),
      STR_INIT("redacted"), STR_INIT("xxx"),       STR_INIT("..."),
  };
  value = str_trim(value);
  for (size_t i = 0; i < COUNT(nothing); i++)
    if (str_eq_nocase(value, nothing[i]))
      return false;
  bool path = str_starts(value, STR("/")) || str_starts(value, STR("./")) ||
              str_starts(value, STR("../")) || str_starts(value, STR("~/"));
  return value.len && !path && !is_reference(value) && !is_fingerprint(value);
}
