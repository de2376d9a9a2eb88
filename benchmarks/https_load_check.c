#include "https_load.h"

#include "base/file.h"
#include "data/json.h"

void load_number_write(char *digits, uint64_t number)
{
  for (int i = LOAD_UID_DIGITS - 1; i >= 0; i--, number >>= 4)
    digits[i] = "0123456789abcdef"[number & 15];
}

static int find_uid(struct str text, struct buf *ret, struct error *err)
{
  struct arena arena;
  struct value root;
  arena_init(&arena, 0);
  int rc = json_parse(&arena, text, NULL, &root, err);
  if (rc == 0) {
    struct str uid =
        value_str_or_empty(value_get_str(value_get_str(root, STR("request")), STR("uid")));
    if (uid.len < LOAD_UID_DIGITS)
      rc = error_set(err, SW_EINVAL, "request.uid is too short to carry a number");
    else
      buf_add(ret, uid);
  }
  arena_free(&arena);
  return rc;
}

int load_review_read(const char *path, const char *target, enum load_expected expected,
                     struct load_review *ret, struct error *err)
{
  _cleanup_(buf_free) struct buf body = {0};
  *ret = (struct load_review){.expected = expected};
  int rc = file_read(path, 1 << 20, &body, err);
  if (rc < 0)
    return rc;
  if ((rc = find_uid(buf_str(&body), &ret->uid, err)) < 0)
    return error_wrap(err, "%s", path);
  buf_printf(&ret->request,
             "POST %s HTTP/1.1\r\nHost: localhost\r\nUser-Agent: kube-apiserver-admission\r\n"
             "Accept: application/json, */*\r\nContent-Type: application/json\r\n"
             "Accept-Encoding: gzip\r\nContent-Length: %zu\r\n\r\n",
             target, body.len);
  buf_add(&ret->request, buf_str(&body));
  ptrdiff_t at = str_find(buf_str(&ret->request), 0, buf_str(&ret->uid));
  ret->digits = (size_t)at + ret->uid.len - LOAD_UID_DIGITS;
  return 0;
}

/* "generation 17" wherever it stands in the text: it must be the same everywhere. */
static int find_generation(struct str body, struct load_answer *ret, struct error *err)
{
  static const struct str word = STR_INIT("generation ");
  ret->has_generation = false;
  for (ptrdiff_t at; (at = str_find(body, 0, word)) >= 0;) {
    uint64_t number = 0;
    body = str_sub(body, (size_t)at + word.len, body.len);
    for (size_t i = 0; i < body.len && body.data[i] >= '0' && body.data[i] <= '9'; i++)
      number = number * 10 + (uint64_t)(body.data[i] - '0');
    if (ret->has_generation && ret->generation != number)
      return error_set(err, SW_EINVAL, "policies of generations %llu and %llu",
                       (unsigned long long)ret->generation, (unsigned long long)number);
    ret->has_generation = true;
    ret->generation = number;
  }
  return 0;
}

static int check_allowed(enum load_expected expected, const struct load_answer *a,
                         struct error *err)
{
  bool wanted = expected == LOAD_ALLOW || (expected == LOAD_EVEN && a->generation % 2 == 0) ||
                (expected == LOAD_ODD && a->generation % 2 == 1);
  if (expected == LOAD_ANY || a->allowed == wanted)
    return 0;
  return error_set(err, SW_EINVAL, "allowed is %s, not %s", a->allowed ? "true" : "false",
                   wanted ? "true" : "false");
}

int load_check(const struct load_review *review, uint64_t number, struct str body,
               struct arena *arena, struct load_answer *ret, struct error *err)
{
  struct value root;
  char digits[LOAD_UID_DIGITS];
  arena_reset(arena);
  int rc = json_parse(arena, body, NULL, &root, err);
  if (rc < 0)
    return rc;
  struct value response = value_get_str(root, STR("response"));
  struct value allowed = value_get_str(response, STR("allowed"));
  struct str uid = value_str_or_empty(value_get_str(response, STR("uid")));
  struct str wanted = buf_str(&review->uid);
  size_t front = wanted.len - LOAD_UID_DIGITS;
  load_number_write(digits, number);
  if (uid.len != wanted.len || memcmp(uid.data, wanted.data, front) != 0 ||
      memcmp(uid.data + front, digits, sizeof digits) != 0)
    return error_set(err, SW_EINVAL, "uid is \"%.*s\"", STR_FMT(uid));
  if (!value_is(allowed, VALUE_BOOL))
    return error_set(err, SW_EINVAL, "response.allowed is missing");
  ret->allowed = allowed.boolean;
  if ((rc = find_generation(body, ret, err)) < 0)
    return rc;
  if (!ret->has_generation && (review->expected == LOAD_EVEN || review->expected == LOAD_ODD))
    return error_set(err, SW_EINVAL, "there is no generation in it");
  return check_allowed(review->expected, ret, err);
}
