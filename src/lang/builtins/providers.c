/* providers.aws.sign_req: AWS Signature Version 4 over a request as http.send takes it. */
#include "crypto/digest.h"
#include "lang/builtin_int.h"

enum { HEADERS_MAX = 1000 };

struct header {
  struct str name, value;
};

struct signing {
  struct str access_key, secret_key, region, service, session_token;
  struct str method, host, path, query;
  char date[9], stamp[17]; /* 20151228, 20151228T140825Z */
  struct str body_hash;
  struct header *own; /* the headers that signing adds, in order */
  uint32_t own_count;
};

static struct str text_of(struct value object, const char *key)
{
  return value_str_or_empty(value_get_str(object, str_from(key)));
}

static enum builtin_result fail_keys(struct builtin_context *c, const char *what,
                                     const struct builtin_array *keys)
{
  struct str text;
  if (builtin_term_text(c, value_set_make(c->arena, keys->items, keys->count), &text) !=
      BUILTIN_VALUE)
    return BUILTIN_ERROR;
  return builtin_fail_operand(c, "%s parameters(s): %.*s", what, STR_FMT(text));
}

static bool check_config(struct builtin_context *c, struct value config)
{
  static const char *const needed[] = {"aws_access_key", "aws_region", "aws_secret_access_key",
                                       "aws_service"};
  struct builtin_array missing = {.arena = c->arena}, wrong = {.arena = c->arena};
  for (size_t i = 0; i < sizeof needed / sizeof *needed; i++) {
    struct value key = value_from(needed[i]), v = value_get(config, key);
    if (v.type == VALUE_ABSENT)
      builtin_push(&missing, key);
    else if (v.type != VALUE_STRING)
      builtin_push(&wrong, key);
  }
  if (missing.count)
    fail_keys(c, "operand 2 missing required AWS config", &missing);
  else if (wrong.count)
    fail_keys(c, "operand 2 invalid values for required AWS config", &wrong);
  return !missing.count && !wrong.count;
}

static bool check_types(struct builtin_context *c, struct value request)
{
  struct builtin_array wrong = {.arena = c->arena};
  struct value headers = value_get_str(request, STR("headers"));
  if (headers.type != VALUE_ABSENT && headers.type != VALUE_OBJECT) {
    builtin_wrong_type(c, 0, headers, "object");
    return false;
  }
  for (unsigned i = 0; i < 2; i++) {
    struct value key = value_from(i ? "url" : "method");
    if (value_get(request, key).type != VALUE_STRING)
      builtin_push(&wrong, key);
  }
  if (wrong.count)
    fail_keys(c, "operand 1 invalid values for required request", &wrong);
  return !wrong.count;
}

/* ---- the parts */

static bool set_times(struct signing *s, int64_t ns)
{
  int64_t seconds = ns / 1000000000 - (ns % 1000000000 < 0);
  int64_t days = seconds / 86400 - (seconds % 86400 < 0), left = seconds - days * 86400;
  /* years of 400-year eras that begin in March (proleptic Gregorian) */
  int64_t z = days + 719468, era = (z >= 0 ? z : z - 146096) / 146097, doe = z - era * 146097;
  int64_t yoe = (doe - doe / 1460 + doe / 36524 - doe / 146096) / 365;
  int64_t doy = doe - (365 * yoe + yoe / 4 - yoe / 100), shifted = (5 * doy + 2) / 153;
  int64_t day = doy - (153 * shifted + 2) / 5 + 1, month = shifted < 10 ? shifted + 3 : shifted - 9;
  int64_t year = yoe + era * 400 + (month <= 2);
  char date[40], stamp[80];
  snprintf(date, sizeof date, "%04d%02d%02d", (int)year, (int)month, (int)day);
  snprintf(stamp, sizeof stamp, "%.8sT%02d%02d%02dZ", date, (int)(left / 3600),
           (int)(left / 60 % 60), (int)(left % 60));
  memcpy(s->date, date, 8);
  memcpy(s->stamp, stamp, 16);
  return year >= 0 && year <= 9999;
}

/* Characters that stand in a path as they are; '%' begins an escape. */
static bool is_path_char(char ch)
{
  return (ch >= 'a' && ch <= 'z') || (ch >= 'A' && ch <= 'Z') || (ch >= '0' && ch <= '9') ||
         (ch && strchr("-_.~$&+,/:;=@%!'()*[]", ch));
}

static struct str escaped(struct builtin_context *c, struct str path)
{
  _cleanup_(buf_free) struct buf out = {.cap = BUILTIN_TEXT_MAX};
  for (size_t i = 0; i < path.len; i++)
    if (is_path_char(path.data[i]))
      buf_add_byte(&out, path.data[i]);
    else
      buf_printf(&out, "%%%02X", (unsigned char)path.data[i]);
  return arena_copy(c->arena, buf_str(&out));
}

static bool split_url(struct builtin_context *c, struct str url, struct signing *s)
{
  struct str rest, fragment, query;
  for (size_t i = 0; i < url.len; i++)
    if ((unsigned char)url.data[i] < ' ' || url.data[i] == 0x7F) {
      builtin_fail(c, "parse \"%.*s\": net/url: invalid control character in URL",
                   STR_FMT(str_sub(url, 0, 200)));
      return false;
    }
  url = str_cut(url, '#', &fragment);
  url = str_cut(url, '?', &query);
  ptrdiff_t slashes = str_find(url, 0, STR("//"));
  s->query = query.data ? query : STR_EMPTY;
  s->host = STR_EMPTY;
  if (slashes >= 0) {
    url = str_sub(url, (size_t)slashes + 2, url.len);
    s->host = str_cut(url, '/', &rest);
    url = str_sub(url, s->host.len, url.len);
    ptrdiff_t at = str_find_last_byte(s->host, '@');
    s->host = str_sub(s->host, (size_t)(at + 1), s->host.len);
  }
  s->path = escaped(c, url);
  return true;
}

static bool hash_hex(struct builtin_context *c, struct str text, struct str *ret)
{
  struct digest digest;
  struct error err;
  if (!builtin_spend(c, text.len / 16))
    return false;
  if (digest_of(DIGEST_SHA256, text, &digest, &err) < 0) {
    builtin_fail(c, "%s", err.message);
    return false;
  }
  *ret = digest_hex(c->arena, &digest);
  return true;
}

static bool hash_body(struct builtin_context *c, struct value request, struct str *ret_hash)
{
  struct value raw = value_get_str(request, STR("raw_body")),
               body = value_get_str(request, STR("body")), text = value_from("");
  if (raw.type != VALUE_ABSENT)
    text = raw.type == VALUE_STRING ? raw : value_from("");
  else if (body.type != VALUE_ABSENT && (!builtin_add_json(c, builtin_text(c), body) ||
                                         builtin_give_text(c, &text) != BUILTIN_VALUE))
    return false;
  return hash_hex(c, value_str(text), ret_hash);
}

static void add_own(struct signing *s, const char *name, struct str value)
{
  s->own[s->own_count++] = (struct header){str_from(name), value};
}

/* ---- the signature */

static int compare_headers(const void *a, const void *b)
{
  return str_compare(((const struct header *)a)->name, ((const struct header *)b)->name);
}

static struct str lower(struct builtin_context *c, struct str s)
{
  char *text = arena_alloc(c->arena, s.len);
  for (size_t i = 0; i < s.len; i++)
    text[i] = (char)(s.data[i] | (s.data[i] >= 'A' && s.data[i] <= 'Z' ? 32 : 0));
  return str_make(text, s.len);
}

/* The headers to sign, sorted: the caller's, but for those that proxies change, and those of signing
 * that the caller has not set. */
static uint32_t collect(struct builtin_context *c, const struct signing *s, struct value headers,
                        struct header *ret)
{
  static const struct str left_out[] = {STR_INIT("authorization"), STR_INIT("user-agent"),
                                        STR_INIT("x-amzn-trace-id")};
  uint32_t count = 0;
  for (uint32_t i = 0; i < headers.len; i++) {
    struct str name = lower(c, value_str_or_empty(headers.members[i].key));
    bool skip = false;
    for (unsigned k = 0; k < sizeof left_out / sizeof *left_out; k++)
      skip |= str_eq(name, left_out[k]);
    if (!skip)
      ret[count++] = (struct header){name, value_str_or_empty(headers.members[i].value)};
  }
  uint32_t callers = count;
  for (uint32_t i = 0; i < s->own_count; i++) {
    bool found = false;
    for (uint32_t k = 0; k < callers; k++)
      found |= str_eq(ret[k].name, s->own[i].name);
    if (!found)
      ret[count++] = s->own[i];
  }
  qsort(ret, count, sizeof *ret, compare_headers);
  return count;
}

static bool mac(struct builtin_context *c, struct str key, struct str text, struct digest *ret)
{
  struct error err;
  if (digest_hmac(DIGEST_SHA256, key, text, ret, &err) == 0)
    return true;
  builtin_fail(c, "%s", err.message);
  return false;
}

static bool sign(struct builtin_context *c, const struct signing *s, struct str to_sign,
                 struct str *ret_hex)
{
  struct str first = arena_printf(c->arena, "AWS4%.*s", STR_FMT(s->secret_key));
  struct digest key, next;
  if (!mac(c, first, str_make(s->date, 8), &key) || !mac(c, digest_str(&key), s->region, &next) ||
      !mac(c, digest_str(&next), s->service, &key) ||
      !mac(c, digest_str(&key), STR("aws4_request"), &next) ||
      !mac(c, digest_str(&next), to_sign, &key))
    return false;
  *ret_hex = digest_hex(c->arena, &key);
  return true;
}

static bool authorize(struct builtin_context *c, const struct signing *s, struct value headers,
                      struct str *ret)
{
  struct header *all = arena_array(c->arena, struct header, headers.len + s->own_count);
  uint32_t count = collect(c, s, headers, all);
  _cleanup_(buf_free) struct buf request = {.cap = BUILTIN_TEXT_MAX}, names = {.cap = 1 << 20};
  buf_printf(&request, "%.*s\n%.*s\n%.*s\n", STR_FMT(s->method), STR_FMT(s->path),
             STR_FMT(s->query));
  for (uint32_t i = 0; i < count; i++) {
    buf_printf(&request, "%.*s:%.*s\n", STR_FMT(all[i].name), STR_FMT(all[i].value));
    buf_printf(&names, "%s%.*s", i ? ";" : "", STR_FMT(all[i].name));
  }
  buf_printf(&request, "\n%.*s\n%.*s", STR_FMT(buf_str(&names)), STR_FMT(s->body_hash));
  if (buf_failed(&request) || buf_failed(&names)) {
    builtin_halt(c, "the request is longer than %d bytes", BUILTIN_TEXT_MAX);
    return false;
  }
  struct str hash, signature;
  if (!hash_hex(c, buf_str(&request), &hash))
    return false;
  struct str scope = arena_printf(c->arena, "%.8s/%.*s/%.*s/aws4_request", s->date,
                                  STR_FMT(s->region), STR_FMT(s->service));
  struct str to_sign = arena_printf(c->arena, "AWS4-HMAC-SHA256\n%.16s\n%.*s\n%.*s", s->stamp,
                                    STR_FMT(scope), STR_FMT(hash));
  if (!sign(c, s, to_sign, &signature))
    return false;
  *ret = arena_printf(
      c->arena, "AWS4-HMAC-SHA256 Credential=%.*s/%.*s,SignedHeaders=%.*s,Signature=%.*s",
      STR_FMT(s->access_key), STR_FMT(scope), STR_FMT(buf_str(&names)), STR_FMT(signature));
  return true;
}

/* ---- */

static bool read_disabled(struct builtin_context *c, struct value config, bool *ret)
{
  struct value v = value_get_str(config, STR("disable_payload_signing"));
  *ret = value_is_true(v);
  if (v.type == VALUE_ABSENT || v.type == VALUE_BOOL)
    return true;
  builtin_fail_operand(c, "operand 2 invalid value for 'disable_payload_signing' in AWS config");
  return false;
}

/* s3 and glacier ask for the hash of the body in a header. */
static void add_headers(struct signing *s, bool disabled, struct str hash)
{
  bool is_s3 = str_eq(s->service, STR("s3")) || str_eq(s->service, STR("glacier"));
  s->body_hash = disabled ? STR("UNSIGNED-PAYLOAD") : hash;
  add_own(s, "host", s->host);
  add_own(s, "x-amz-date", str_make(s->stamp, 16));
  if (is_s3)
    add_own(s, "x-amz-content-sha256", s->body_hash);
  if (s->session_token.len)
    add_own(s, "x-amz-security-token", s->session_token);
}

static struct value signed_request(struct builtin_context *c, const struct signing *s,
                                   struct value request, struct value headers, struct str text)
{
  struct builtin_object all = {.arena = c->arena};
  for (uint32_t i = 0; i < headers.len; i++)
    builtin_put_key(&all, value_string(value_str_or_empty(headers.members[i].key)),
                    value_string(value_str_or_empty(headers.members[i].value)));
  builtin_put(&all, "Authorization", value_string(text));
  for (uint32_t i = 0; i < s->own_count; i++)
    builtin_put_key(&all, value_string(arena_copy(c->arena, s->own[i].name)),
                    value_string(arena_copy(c->arena, s->own[i].value)));
  return value_object_with(c->arena, request, value_from("headers"), builtin_object_end(&all));
}

CALL(sign_req)
{
  struct value request = args[0], config = args[1], headers;
  struct header own[4];
  int64_t ns;
  bool disabled;
  struct str hash, text;
  if (!builtin_want(c, args, 1, VALUE_OBJECT) || !builtin_want(c, args, 2, VALUE_OBJECT) ||
      !check_config(c, config) || !builtin_want(c, args, 3, VALUE_NUMBER))
    return BUILTIN_ERROR;
  struct signing s = {.access_key = text_of(config, "aws_access_key"),
                      .secret_key = text_of(config, "aws_secret_access_key"),
                      .region = text_of(config, "aws_region"),
                      .service = text_of(config, "aws_service"),
                      .session_token = text_of(config, "aws_session_token"),
                      .own = own};
  if (args[2].flags != VALUE_INT || !number_to_int64(args[2], &ns) || !set_times(&s, ns))
    return builtin_fail_operand(c,
                                "operand 3 could not convert time_ns value into a unix timestamp");
  if (!builtin_check_request(c, request) || !check_types(c, request) ||
      !split_url(c, text_of(request, "url"), &s) || !hash_body(c, request, &hash) ||
      !read_disabled(c, config, &disabled))
    return BUILTIN_ERROR;
  headers = value_get_str(request, STR("headers"));
  if (headers.type != VALUE_OBJECT)
    value_object_make(c->arena, NULL, NULL, 0, VALUE_LAST_WINS, NULL, &headers);
  if (headers.len > HEADERS_MAX)
    return builtin_halt(c, "more than %d headers", HEADERS_MAX);
  s.method = text_of(request, "method");
  add_headers(&s, disabled, hash);
  if (!authorize(c, &s, headers, &text))
    return BUILTIN_ERROR;
  return give(ret, signed_request(c, &s, request, headers, text));
}

const struct builtin builtins_providers[] = {
    ROW(sign_req, "providers.aws.sign_req", 3, "object<string:any>, object<string:any>, number",
        "object<any:any>"),
    {.name = NULL},
};
