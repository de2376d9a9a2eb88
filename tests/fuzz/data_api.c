/*
 * Any request to OPA's API, answered from fixed policies. The first line is method and path, the second
 * the parameters, the third Content-Type and Content-Encoding with a ";" between, the rest the body. The answer
 * is always one line or more of JSON, with a known status; there is a result or an error, never both; the
 * same request gets the same answer.
 */
#include "daemon/data_api.h"

#include "base/buf.h"
#include "data/json.h"
#include "lang/rego/parser.h"

#include <assert.h>
#include <stdio.h>

enum { INPUT_MAX = 65536, FIELDS = 20 };

static struct rego_documents_worker *worker;
static struct data_api *api;
static struct arena arena;
static struct buf first, second;

static const char orders_text[] =
    "package shop.orders\ndefault allow := false\nallow if input.user == \"ann\"\n"
    "deny contains m if { some m in input.bad }\n"
    "conflict := x if some x in input.several\ndivided := 1 / input.by\necho := input\n"
    "r.s[k].t := v if some k, v in input.map\nr.s.fixed := 1\nf(x) := x\n"
    "keys := {1: \"one\", \"a/b\": [10, {20}], null: input}\n"
    "slow if { some i in input; some k in input; some l in input; [i, k] == l }\n";

static const char system_text[] = "package system\nmain := {\"n\": input}\n"
                                  "health.live := input.plugins_ready\nhealth.sick := 1\n";

static const char data_text[] =
    "{\"limits\": [{\"max\": 3}, 4], \"odd\": {\"7\": \"x\", \"\": {\"a b\": null}}}";

static void set_up(void)
{
  static const char *const texts[] = {orders_text, system_text};
  const struct rego_module *modules[2];
  struct rego_names *names = rego_names_new();
  struct rego_documents *documents;
  struct data_api_options options = {.version = STR("fuzz"), .unpacked_bytes = 1 << 20};
  struct rego_documents_options limits = {.steps = 20000, .memory = 4 << 20};
  struct rego_documents_source source = {.modules = modules, .count = 2, .names = names};
  struct error err;
  arena_init(&arena, 0);
  for (uint32_t i = 0; i < 2; i++) {
    struct rego_options parsing = {.names = names, .file = i, .name = STR("a.rego")};
    int rc = rego_parse_module(&arena, str_from(texts[i]), &parsing, &modules[i], NULL, &err);
    assert(rc == 0);
  }
  int rc = json_parse(&arena, str_from(data_text), NULL, &source.data, &err);
  assert(rc == 0);
  rc = rego_documents_make(&source, &limits, &documents, NULL, &err);
  if (rc < 0)
    fprintf(stderr, "%s\n", err.message);
  assert(rc == 0);
  worker = rego_documents_worker_new(documents);
  rego_documents_drop(documents);
  rego_names_free(names);
  arena_reset(&arena);
  api = data_api_new(&options);
}

static size_t read_fields(struct str line, struct http_field *ret)
{
  size_t count = 0;
  while (line.data && count < FIELDS) {
    struct str value, part = str_cut(line, '&', &line);
    struct str name = str_cut(part, '=', &value);
    ret[count++] = (struct http_field){name, value.data ? value : STR_EMPTY};
  }
  return count;
}

static bool is_known(unsigned status)
{
  static const unsigned known[] = {200, 400, 404, 405, 413, 415, 500, 501};
  for (size_t i = 0; i < sizeof known / sizeof *known; i++)
    if (status == known[i])
      return true;
  return false;
}

static void check(const struct http_request *request, const struct http_answer *answer)
{
  struct json_options options = {.depth_max = JSON_DEPTH_MAX};
  struct value root;
  struct error err;
  assert(is_known(answer->status));
  assert(!buf_failed(answer->text) && str_ends(buf_str(answer->text), STR("\n")));
  int rc = json_parse(&arena, buf_str(answer->text), &options, &root, &err);
  assert(rc == 0);
  bool result = !value_is(value_get_str(root, STR("result")), VALUE_ABSENT);
  bool code = value_is(value_get_str(root, STR("code")), VALUE_STRING);
  if (answer->status == 200) {
    if (str_starts(request->encoded, STR("/v1/")))
      assert(value_is(root, VALUE_OBJECT) && !code);
    return;
  }
  assert(value_is(root, VALUE_OBJECT) && !result);
  assert(code || value_is(value_get_str(root, STR("error")), VALUE_STRING));
  if (code)
    assert(value_is(value_get_str(root, STR("message")), VALUE_STRING));
}

static unsigned answer_into(struct buf *out, const struct http_request *request)
{
  struct http_answer answer = {.status = 200, .content_type = STR("application/json"), .text = out};
  buf_clear(out);
  data_api_answer(api, worker, request, &answer);
  check(request, &answer);
  return answer.status;
}

/* Times and values of the clock apart, which a second answer cannot have again. */
static bool repeats(const struct http_request *request)
{
  return !http_request_query(request, STR("metrics"), NULL) &&
         !http_request_query(request, STR("instrument"), NULL);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
  struct http_field query[FIELDS], headers[2];
  struct http_request request = {.query = query, .headers = headers, .header_count = 2};
  struct str coding, path, rest = str_make((const char *)data, size);
  if (size > INPUT_MAX)
    return 0;
  if (!worker)
    set_up();
  struct str line = str_cut(rest, '\n', &rest);
  struct str method = str_cut(line, ' ', &path);
  if (!http_method_named(method, &request.method) || !str_starts(path, STR("/")))
    return 0;
  request.path = request.encoded = path;
  if (rest.data)
    request.query_count = read_fields(str_cut(rest, '\n', &rest), query);
  struct str type = rest.data ? str_cut(rest, '\n', &rest) : STR_EMPTY;
  type = str_cut(type, ';', &coding);
  headers[0] = (struct http_field){STR("Content-Type"), type};
  headers[1] = (struct http_field){STR("Content-Encoding"), coding.data ? coding : STR_EMPTY};
  request.body = rest.data ? rest : STR_EMPTY;
  unsigned status = answer_into(&first, &request);
  assert(status == answer_into(&second, &request));
  if (repeats(&request))
    assert(str_eq(buf_str(&first), buf_str(&second)));
  arena_reset(&arena);
  return 0;
}
