/* OPA's REST API for decisions: which request is what, and asking for documents. */
#include "daemon/data_api_int.h"

#include "base/clock.h"

#include <stdarg.h>
#include <stdio.h>

struct data_api *data_api_new(const struct data_api_options *options)
{
  struct data_api *api = mem_zalloc(1, sizeof *api);
  api->options = *options;
  if (!api->options.random)
    api->options.random = random_system();
  buf_init(&api->unpacked,
           options->unpacked_bytes ? options->unpacked_bytes : DATA_API_UNPACKED_DEFAULT);
  return api;
}

void data_api_free(struct data_api *api)
{
  if (!api)
    return;
  vec_free(&api->path);
  buf_free(&api->unpacked);
  buf_free(&api->text);
  mem_free(api);
}

bool data_fault(struct data_call *c, unsigned status, const char *code, const char *format, ...)
{
  va_list arguments;
  c->fault.status = status;
  c->fault.code = code;
  va_start(arguments, format);
  vsnprintf(c->fault.message, sizeof c->fault.message, format, arguments);
  va_end(arguments);
  return false;
}

static uint64_t now(void)
{
  return clock_monotonic_ns(clock_system());
}

/* ---- asking */

/* A random UUID (RFC 4122, section 4.4). */
static bool make_id(struct data_call *c)
{
  uint8_t b[16];
  struct error err;
  if (!c->api->options.decision_ids)
    return true;
  if (random_bytes(c->api->options.random, b, sizeof b, &err) < 0)
    return data_fault(c, 500, DATA_INTERNAL, "no decision_id can be made: %s", err.message);
  b[6] = (b[6] & 0x0f) | 0x40;
  b[8] = (b[8] & 0x3f) | 0x80;
  snprintf(c->id, sizeof c->id,
           "%02x%02x%02x%02x-%02x%02x-%02x%02x-%02x%02x-%02x%02x%02x%02x%02x%02x", b[0], b[1], b[2],
           b[3], b[4], b[5], b[6], b[7], b[8], b[9], b[10], b[11], b[12], b[13], b[14], b[15]);
  return true;
}

static bool begin(struct data_call *c)
{
  c->begun_ns = now();
  if (!c->worker)
    return data_fault(c, 503, DATA_INTERNAL, "no policies are loaded");
  rego_documents_begin(c->worker);
  return make_id(c);
}

/* The value of api->path; false: a fault is kept. *ret_failure is what the evaluation says, or NULL. */
static bool evaluate(struct data_call *c, const struct rego_failure **ret_failure)
{
  struct rego_documents_question question = {
      .path = c->api->path.items,
      .count = (uint32_t)c->api->path.count,
      .input = c->input,
      .deadline_ns = (int64_t)c->request->deadline_ns,
      .strict_errors = c->strict_errors,
  };
  struct error err;
  c->read_ns = now();
  int rc = rego_documents_ask(c->worker, &question, &c->result, &err);
  c->evaluated_ns = now();
  *ret_failure = rc < 0 ? rego_documents_failure(c->worker) : NULL;
  if (rc == 0)
    return true;
  if (*ret_failure)
    return data_fault(c, 500, DATA_INTERNAL, "error(s) occurred while evaluating query");
  return data_fault(c, 500, DATA_INTERNAL, "%s", err.message);
}

/* The path without slashes at its ends. */
static struct str logged_path(struct str where)
{
  while (str_starts(where, STR("/")))
    where = str_sub(where, 1, where.len);
  while (str_ends(where, STR("/")))
    where.len--;
  return where;
}

static void tell(const struct data_call *c, struct str error)
{
  if (!c->api->options.decided)
    return;
  struct data_api_decision decision = {
      .request = c->request,
      .id = str_from(c->id),
      .path = logged_path(c->where),
      .input = c->input,
      .result = c->result,
      .error = error,
      .status = c->answer->status,
      .duration_ns = c->evaluated_ns - c->read_ns,
  };
  c->api->options.decided(c->api->options.context, &decision);
}

/* Asks for the document and writes the answer, or what went wrong. */
static void decide(struct data_call *c, void (*write)(struct data_call *c))
{
  const struct rego_failure *failure;
  if (evaluate(c, &failure)) {
    write(c);
    tell(c, c->answer->status == 200 ? STR_EMPTY : str_from(c->fault.message));
    return;
  }
  if (failure)
    data_write_failure(c, failure);
  else
    data_write_fault(c);
  tell(c, failure ? failure->message : str_from(c->fault.message));
}

/* ---- data */

static void get_data(struct data_call *c)
{
  if (begin(c) && data_read_flags(c) && data_read_path(c) && data_read_parameter(c))
    decide(c, data_write_result);
  else
    data_write_fault(c);
}

static void post_data(struct data_call *c)
{
  if (begin(c) && data_read_flags(c) && data_read_path(c) && data_read_envelope(c)) {
    c->warn = value_is(c->input, VALUE_ABSENT);
    decide(c, data_write_result);
  } else {
    data_write_fault(c);
  }
}

/* Undefined is an error where there is no envelope that could lack a result. */
static void write_or_miss(struct data_call *c)
{
  const struct value *path = c->api->path.items;
  size_t count = c->api->path.count;
  if (!value_is(c->result, VALUE_ABSENT)) {
    data_write_value(c);
    return;
  }
  bool rules = rego_documents_has_rules(rego_documents_of(c->worker), path, (uint32_t)count);
  buf_clear(&c->api->text);
  data_write_ref(&c->api->text, path, count);
  data_fault(c, 404, "undefined_document", "%s: %s",
             rules ? "document undefined" : "document missing", buf_text(&c->api->text));
  data_write_fault(c);
}

/* The whole body is the input, and null if there is none. */
static void post_data_v0(struct data_call *c)
{
  if (!begin(c) || !data_read_path(c) || !data_read_body(c, &c->input)) {
    data_write_fault(c);
    return;
  }
  c->pretty = data_flag(c->request, STR("pretty"));
  if (value_is(c->input, VALUE_ABSENT))
    c->input = value_null();
  decide(c, write_or_miss);
}

static void post_default(struct data_call *c)
{
  c->where = STR("/system/main");
  post_data_v0(c);
}

/* ---- health */

static bool asks_for_bundles(const struct http_request *request)
{
  return data_flag(request, STR("bundles")) || data_flag(request, STR("bundle")) ||
         data_flag(request, STR("plugins"));
}

/* data.system.health and what lies below it, asked with what OPA says of its plugins. */
static void ask_health(struct data_call *c)
{
  struct arena *a = rego_documents_arena(c->worker);
  struct value_member members[] = {{value_from("plugin_state"), VALUE_NONE},
                                   {value_from("plugins_ready"), value_bool(true)}};
  const struct rego_failure *failure;
  value_object_make(a, NULL, NULL, 0, VALUE_LAST_WINS, NULL, &members[0].value);
  value_object_make(a, members, NULL, 2, VALUE_LAST_WINS, NULL, &c->input);
  buf_clear(&c->api->text);
  if (!evaluate(c, &failure)) {
    data_write_health(c, failure ? arena_copy(a, failure->message).data : c->fault.message);
    return;
  }
  if (value_is_true(c->result)) {
    data_write_health(c, NULL);
    return;
  }
  buf_add_text(&c->api->text, "health check (");
  data_write_ref(&c->api->text, c->api->path.items, c->api->path.count);
  buf_add_text(&c->api->text, value_is(c->result, VALUE_ABSENT) ? ") was undefined"
                                                                : ") returned unexpected value");
  data_write_health(c, buf_text(&c->api->text));
}

static void get_health(struct data_call *c)
{
  if (c->where.len == 0) {
    bool ready = c->worker || !asks_for_bundles(c->request);
    data_write_health(c, ready ? NULL : "one or more bundles are not activated");
    return;
  }
  if (!c->worker) {
    data_write_health(c, "no policies are loaded");
    return;
  }
  rego_documents_begin(c->worker);
  struct str below = c->where;
  c->where = arena_printf(rego_documents_arena(c->worker), "system/health%.*s", STR_FMT(below));
  if (data_read_path(c))
    ask_health(c);
  else
    data_write_fault(c);
}

/* ---- what is refused */

static void refuse_change(struct data_call *c)
{
  data_fault(c, 400, DATA_INVALID_PARAMETER,
             "policies and data come from the directories that seawall was given (policies.paths); "
             "change the files there, they are loaded again by themselves");
  data_write_fault(c);
}

static void refuse_kind(struct data_call *c)
{
  data_fault(c, 501, "invalid_operation",
             "%.*s is not answered by seawall; documents are asked for under /v1/data",
             STR_FMT(str_sub(c->request->path, 0, 100)));
  data_write_fault(c);
}

static void refuse_method(struct data_call *c, const char *allowed)
{
  http_answer_header(c->answer, STR("Allow"), str_from(allowed));
  data_fault(c, 405, "invalid_operation", "this path takes %s only", allowed);
  data_write_fault(c);
}

static void refuse_path(struct data_call *c)
{
  data_fault(c, 404, "resource_not_found", "there is nothing at this path");
  data_write_fault(c);
}

/* ---- routes */

enum { METHODS = HTTP_OPTIONS + 1 };

static const struct route {
  struct str path;
  bool alone; /* not what lies below it */
  const char *allowed;
  void (*answer[METHODS])(struct data_call *c); /* NULL: a method that is not allowed */
} routes[] = {
    {STR_INIT("/v1/data"),
     false,
     "GET, HEAD, POST",
     {[HTTP_GET] = get_data,
      [HTTP_HEAD] = get_data,
      [HTTP_POST] = post_data,
      [HTTP_PUT] = refuse_change,
      [HTTP_PATCH] = refuse_change,
      [HTTP_DELETE] = refuse_change}},
    {STR_INIT("/v0/data"), false, "POST", {[HTTP_POST] = post_data_v0}},
    {STR_INIT("/health"), false, "GET, HEAD", {[HTTP_GET] = get_health, [HTTP_HEAD] = get_health}},
    {STR_INIT("/"), true, "POST", {[HTTP_POST] = post_default}},
    {STR_INIT("/v1/policies"),
     false,
     "GET, HEAD",
     {[HTTP_GET] = refuse_kind,
      [HTTP_HEAD] = refuse_kind,
      [HTTP_PUT] = refuse_change,
      [HTTP_DELETE] = refuse_change}},
    {STR_INIT("/v1/query"),
     false,
     "GET, HEAD, POST",
     {[HTTP_GET] = refuse_kind, [HTTP_HEAD] = refuse_kind, [HTTP_POST] = refuse_kind}},
    {STR_INIT("/v1/compile"),
     false,
     "GET, HEAD, POST",
     {[HTTP_GET] = refuse_kind, [HTTP_HEAD] = refuse_kind, [HTTP_POST] = refuse_kind}},
    {STR_INIT("/v1/config"),
     true,
     "GET, HEAD",
     {[HTTP_GET] = refuse_kind, [HTTP_HEAD] = refuse_kind}},
    {STR_INIT("/v1/status"),
     true,
     "GET, HEAD",
     {[HTTP_GET] = refuse_kind, [HTTP_HEAD] = refuse_kind}},
};

/* The route of a path, and in *ret_where what lies below it. */
static const struct route *route_of(struct str path, struct str *ret_where)
{
  for (size_t i = 0; i < sizeof routes / sizeof *routes; i++) {
    const struct route *r = &routes[i];
    if (!str_starts(path, r->path))
      continue;
    *ret_where = str_sub(path, r->path.len, path.len);
    if (ret_where->len == 0 || (!r->alone && ret_where->data[0] == '/'))
      return r;
  }
  return NULL;
}

bool data_api_serves(struct str path)
{
  struct str where;
  return route_of(path, &where) != NULL;
}

void data_api_answer(struct data_api *api, struct rego_documents_worker *worker,
                     const struct http_request *request, struct http_answer *answer)
{
  struct data_call call = {.api = api, .worker = worker, .request = request, .answer = answer};
  bool encoded = request->encoded.len > 0; /* it is not where a request was made by hand */
  const struct route *route = route_of(encoded ? request->encoded : request->path, &call.where);
  if (!route)
    refuse_path(&call);
  else if (!route->answer[request->method])
    refuse_method(&call, route->allowed);
  else
    route->answer[request->method](&call);
}
