#include "scan/version.h"

#include "scan/version_int.h"

enum { SHOWN_MAX = 80 };

static const struct version_ops *const orders[] = {
    &version_dpkg, &version_rpm,  &version_apk,   &version_npm, &version_cargo, &version_go,
    &version_pub,  &version_pypi, &version_maven, &version_gem, &version_nuget, &version_composer,
};

enum { ORDERS = sizeof orders / sizeof orders[0] };

/* OSV's names, and those of distributions that it does not list. */
static const struct {
  struct str ecosystem;
  const struct version_ops *ops;
} ecosystems[] = {
    {STR_INIT("AlmaLinux"), &version_rpm},
    {STR_INIT("Alpaquita"), &version_apk},
    {STR_INIT("Alpine"), &version_apk},
    {STR_INIT("Amazon Linux"), &version_rpm},
    {STR_INIT("Azure Linux"), &version_rpm},
    {STR_INIT("BellSoft Hardened Containers"), &version_apk},
    {STR_INIT("Bitnami"), &version_cargo},
    {STR_INIT("CBL-Mariner"), &version_rpm},
    {STR_INIT("CentOS"), &version_rpm},
    {STR_INIT("Chainguard"), &version_apk},
    {STR_INIT("ConanCenter"), &version_maven},
    {STR_INIT("Debian"), &version_dpkg},
    {STR_INIT("Echo"), &version_dpkg},
    {STR_INIT("Fedora"), &version_rpm},
    {STR_INIT("GitHub Actions"), &version_cargo},
    {STR_INIT("Go"), &version_go},
    {STR_INIT("Hex"), &version_cargo},
    {STR_INIT("Julia"), &version_cargo},
    {STR_INIT("Kubernetes"), &version_go},
    {STR_INIT("Mageia"), &version_rpm},
    {STR_INIT("Maven"), &version_maven},
    {STR_INIT("MinimOS"), &version_apk},
    {STR_INIT("NuGet"), &version_nuget},
    {STR_INIT("Oracle Linux"), &version_rpm},
    {STR_INIT("Packagist"), &version_composer},
    {STR_INIT("Photon OS"), &version_rpm},
    {STR_INIT("Pub"), &version_pub},
    {STR_INIT("PyPI"), &version_pypi},
    {STR_INIT("Red Hat"), &version_rpm},
    {STR_INIT("Rocky Linux"), &version_rpm},
    {STR_INIT("RubyGems"), &version_gem},
    {STR_INIT("SUSE"), &version_rpm},
    {STR_INIT("SwiftURL"), &version_cargo},
    {STR_INIT("Ubuntu"), &version_dpkg},
    {STR_INIT("VSCode"), &version_cargo},
    {STR_INIT("Wolfi"), &version_apk},
    {STR_INIT("crates.io"), &version_cargo},
    {STR_INIT("kubernetes"), &version_go},
    {STR_INIT("npm"), &version_npm},
    {STR_INIT("openEuler"), &version_rpm},
    {STR_INIT("openSUSE"), &version_rpm},
};

const struct version_ops *version_ops_find(struct str ecosystem)
{
  struct str release, name = str_cut(ecosystem, ':', &release);
  for (size_t i = 0; i < sizeof ecosystems / sizeof ecosystems[0]; i++)
    if (str_eq(ecosystems[i].ecosystem, name))
      return ecosystems[i].ops;
  return NULL;
}

const struct version_ops *version_ops_named(struct str name)
{
  for (size_t i = 0; i < ORDERS; i++)
    if (str_eq(orders[i]->name, name))
      return orders[i];
  return NULL;
}

struct str version_ops_name(const struct version_ops *ops)
{
  return ops->name;
}

const struct version_ops *version_ops_at(size_t index)
{
  return index < ORDERS ? orders[index] : NULL;
}

static struct str shown(struct str text)
{
  return str_sub(text, 0, SHOWN_MAX);
}

int version_fail(const struct version_ops *ops, struct str text, const char *why, struct error *err)
{
  return error_set(err, SW_EINVAL, "\"%.*s\" is not a version for %.*s: %s", STR_FMT(shown(text)),
                   STR_FMT(ops->name), why);
}

static bool is_printable(struct str text)
{
  for (size_t i = 0; i < text.len; i++)
    if (text.data[i] < 0x20 || text.data[i] > 0x7e)
      return false;
  return true;
}

/* What holds for every order. */
static int trim(const struct version_ops *ops, struct str *text, struct error *err)
{
  *text = str_trim(*text);
  if (text->len == 0)
    return error_set(err, SW_EINVAL, "the version is empty");
  if (text->len > VERSION_LENGTH_MAX)
    return error_set(err, SW_ELIMIT, "a version of %zu bytes is longer than %d", text->len,
                     VERSION_LENGTH_MAX);
  if (!is_printable(*text))
    return error_set(err, SW_EINVAL, "a version for %.*s holds bytes that are not printable ASCII",
                     STR_FMT(ops->name));
  return 0;
}

static int write_key(const struct version_ops *ops, struct str text, struct version_key *key,
                     struct error *err)
{
  key->len = 0;
  key->full = false;
  int result = trim(ops, &text, err);
  if (result == 0)
    result = ops->write(text, key, err);
  if (result == 0 && key->full)
    return error_set(err, SW_ELIMIT, "\"%.*s\": the version has too many parts",
                     STR_FMT(shown(text)));
  return result;
}

static struct str key_str(const struct version_key *key)
{
  return str_make(key->bytes, key->len);
}

int version_parse(const struct version_ops *ops, struct str text, struct arena *a,
                  struct version *ret_version, struct error *err)
{
  struct version_key key;
  int result = write_key(ops, text, &key, err);
  if (result == 0)
    *ret_version = (struct version){ops, arena_copy(a, key_str(&key))};
  return result;
}

bool version_valid(const struct version_ops *ops, struct str text)
{
  struct version_key key;
  if (write_key(ops, text, &key, NULL) < 0)
    return false;
  return !ops->valid || ops->valid(str_trim(text));
}

static int order_keys(const struct version_ops *ops, struct str a, struct str b)
{
  return ops->order ? ops->order(a, b) : str_compare(a, b);
}

int version_order(struct version a, struct version b)
{
  return order_keys(a.ops, a.key, b.key);
}

int version_compare(const struct version_ops *ops, struct str a, struct str b, int *ret_order,
                    struct error *err)
{
  struct version_key key_a, key_b;
  int result = write_key(ops, a, &key_a, err);
  if (result == 0)
    result = write_key(ops, b, &key_b, err);
  if (result == 0)
    *ret_order = order_keys(ops, key_str(&key_a), key_str(&key_b));
  return result;
}

void version_key_byte(struct version_key *key, unsigned char byte)
{
  if (key->len == sizeof key->bytes) {
    key->full = true;
    return;
  }
  key->bytes[key->len++] = (char)byte;
}

void version_key_text(struct version_key *key, struct str text)
{
  for (size_t i = 0; i < text.len; i++)
    version_key_byte(key, (unsigned char)text.data[i]);
}

void version_key_lower(struct version_key *key, struct str text)
{
  for (size_t i = 0; i < text.len; i++) {
    char c = text.data[i];
    version_key_byte(key, (unsigned char)(c >= 'A' && c <= 'Z' ? c + ('a' - 'A') : c));
  }
}

void version_key_number(struct version_key *key, struct str digits)
{
  digits = version_strip_zeros(digits);
  if (digits.len < 255) {
    version_key_byte(key, (unsigned char)digits.len);
  } else {
    version_key_byte(key, 255);
    version_key_byte(key, (unsigned char)(digits.len >> 8));
    version_key_byte(key, (unsigned char)(digits.len & 255));
  }
  version_key_text(key, digits);
}

void version_key_u64(struct version_key *key, uint64_t number)
{
  char digits[20];
  size_t at = sizeof digits;
  for (; number; number /= 10)
    digits[--at] = (char)('0' + number % 10);
  version_key_number(key, str_make(digits + at, sizeof digits - at));
}

struct str version_strip_zeros(struct str digits)
{
  while (digits.len && digits.data[0] == '0')
    digits = str_sub(digits, 1, digits.len);
  return digits;
}

struct str version_take_digits(struct str *rest)
{
  size_t len = 0;
  while (len < rest->len && version_is_digit(rest->data[len]))
    len++;
  struct str digits = str_sub(*rest, 0, len);
  *rest = str_sub(*rest, len, rest->len);
  return digits;
}

struct str version_take_letters(struct str *rest)
{
  size_t len = 0;
  while (len < rest->len && version_is_alpha(rest->data[len]))
    len++;
  struct str letters = str_sub(*rest, 0, len);
  *rest = str_sub(*rest, len, rest->len);
  return letters;
}

bool version_take_byte(struct str *rest, const char *set)
{
  if (rest->len == 0 || rest->data[0] == '\0' || !strchr(set, rest->data[0]))
    return false;
  *rest = str_sub(*rest, 1, rest->len);
  return true;
}

bool version_take_word(struct str *rest, struct str word)
{
  if (!str_eq_nocase(str_sub(*rest, 0, word.len), word))
    return false;
  *rest = str_sub(*rest, word.len, rest->len);
  return true;
}
