/* Files of policies on their way into a ConfigMap. */
#include "daemon/deployment.h"

#include "base/file.h"
#include "base/utf8.h"

enum { KEY_MAX = 253 };

bool deployment_policy_named(struct str name)
{
  if (str_ends(name, STR(".rego")))
    return !str_ends(name, STR("_test.rego"));
  return str_ends(name, STR(".yaml")) || str_ends(name, STR(".yml")) ||
         str_ends(name, STR(".json"));
}

static bool is_data(struct str path)
{
  static const char *const names[] = {"/data.json", "/data.yaml", "/data.yml"};
  for (size_t i = 0; i < sizeof names / sizeof *names; i++)
    if (str_ends(path, str_from(names[i])))
      return true;
  return false;
}

/* What a key of a ConfigMap may be made of. */
static bool may_stand(char c)
{
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
         c == '_' || c == '.';
}

static int make_key(struct arena *a, struct str path, struct str *ret, struct error *err)
{
  char *key = arena_alloc(a, path.len * 2 + 1);
  size_t len = 0;
  for (size_t i = 0; i < path.len; i++) {
    if (path.data[i] == '/')
      key[len++] = '-';
    else if (!may_stand(path.data[i]))
      return error_set(
          err, SW_EINVAL,
          "a name in a ConfigMap has letters, digits, dots, dashes and underscores only");
    key[len++] = path.data[i] == '/' ? '-' : path.data[i];
  }
  if (len == 0 || len > KEY_MAX || key[0] == '.')
    return error_set(err, SW_EINVAL,
                     "a name in a ConfigMap has up to %d characters and does not begin with a dot",
                     KEY_MAX);
  *ret = str_make(key, len);
  return 0;
}

int deployment_policies_add(struct arena *a, struct deployment_policies *policies, struct str path,
                            struct str text, struct error *err)
{
  struct str key;
  if (vec_full(policies, DEPLOYMENT_POLICY_FILES_MAX))
    return error_set(err, SW_ELIMIT, "more than %d files of policies", DEPLOYMENT_POLICY_FILES_MAX);
  if (is_data(path))
    return error_set(
        err, SW_EINVAL,
        "%.*s: the directory of a data document is part of its meaning, and a ConfigMap has "
        "none; name the file itself if it is the root of data",
        STR_FMT(path));
  if (!utf8_valid(text))
    return error_set(err, SW_EINVAL, "%.*s: not UTF-8", STR_FMT(path));
  int rc = make_key(a, path, &key, err);
  if (rc < 0)
    return error_wrap(err, "%.*s", STR_FMT(path));
  for (size_t i = 0; i < policies->count; i++)
    if (str_eq(policies->items[i].key, key))
      return error_set(err, SW_EINVAL,
                       "%.*s: there are two files that would be called %.*s in the ConfigMap",
                       STR_FMT(path), STR_FMT(key));
  vec_push(policies, (struct deployment_policy){key, arena_copy(a, text)});
  return 0;
}

static int by_key(const void *x, const void *y)
{
  const struct deployment_policy *a = x, *b = y;
  return str_compare(a->key, b->key);
}

int deployment_policies_finish(struct deployment_policies *policies, struct error *err)
{
  size_t whole = 0, largest = 0;
  char is[FILE_SIZE_TEXT], big[FILE_SIZE_TEXT];
  for (size_t i = 0; i < policies->count; i++) {
    whole += policies->items[i].key.len + policies->items[i].text.len;
    if (policies->items[i].text.len > policies->items[largest].text.len)
      largest = i;
  }
  if (whole > DEPLOYMENT_POLICIES_MAX)
    return error_set(
        err, SW_ELIMIT,
        "the policies take %s, and a ConfigMap holds 1 MiB; the largest of %zu is %.*s with %s. "
        "Leave some out, or put them into the image or a volume",
        file_size_text(whole, is), policies->count, STR_FMT(policies->items[largest].key),
        file_size_text(policies->items[largest].text.len, big));
  if (policies->count)
    qsort(policies->items, policies->count, sizeof *policies->items, by_key);
  return 0;
}
