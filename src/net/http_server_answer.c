#include "net/http_server_int.h"

#include "data/json_write.h"

#include <stdarg.h>

void http_answer_header(struct http_answer *answer, struct str name, struct str value)
{
  /* One too many is counted, and seen when the answer is sent. */
  if (answer->header_count < HTTP_ANSWER_HEADERS_MAX)
    answer->headers[answer->header_count] = (struct http_field){name, value};
  answer->header_count++;
}

static void write_error(struct buf *out, unsigned status, struct str message)
{
  (void)status;
  buf_add(out, STR("{\"error\":"));
  json_write_string(out, message);
  buf_add(out, STR("}\n"));
}

void http_answer_error(struct http_answer *answer, unsigned status, const char *format, ...)
{
  char message[ERROR_MESSAGE_MAX];
  va_list args;
  va_start(args, format);
  vsnprintf(message, sizeof message, format, args);
  va_end(args);
  answer->status = status;
  answer->content_type = STR("application/json");
  answer->body = (struct str){NULL, 0};
  buf_clear(answer->text);
  (answer->write_error ? answer->write_error : write_error)(answer->text, status,
                                                            str_from(message));
}

void http_answer_method(struct http_answer *answer, const char *allowed)
{
  http_answer_error(answer, 405, "this path takes %s only", allowed);
  http_answer_header(answer, STR("Allow"), str_from(allowed));
}

void http_answer_reset(struct http_exchange *x)
{
  buf_clear(&x->text);
  x->answer.status = 200;
  x->answer.content_type = STR("application/json");
  x->answer.text = &x->text;
  x->answer.body = (struct str){NULL, 0};
  x->answer.release = NULL;
  x->answer.release_context = NULL;
  x->answer.header_count = 0;
  x->answer.close = false;
  x->answer.write_error = x->connection->server->options.write_error;
}

/* The names that the server writes itself. */
static bool is_own(struct str name)
{
  static const struct str own[] = {STR_INIT("Connection"), STR_INIT("Content-Length"),
                                   STR_INIT("Date"), STR_INIT("Transfer-Encoding")};
  for (unsigned i = 0; i < sizeof own / sizeof own[0]; i++)
    if (str_eq_nocase(name, own[i]))
      return true;
  return false;
}

static bool add_header(struct http_exchange *x, struct MHD_Response *response, struct str name,
                       struct str value)
{
  if (!http_is_token(name) || !http_is_value(value) || !value.len)
    return false;
  buf_clear(&x->scratch);
  buf_add(&x->scratch, name);
  buf_add_byte(&x->scratch, 0);
  buf_add(&x->scratch, value);
  const char *text = buf_text(&x->scratch);
  return MHD_add_response_header(response, text, text + name.len + 1) == MHD_YES;
}

static bool add_headers(struct http_exchange *x, struct MHD_Response *response)
{
  const struct http_answer *answer = &x->answer;
  if (answer->header_count > HTTP_ANSWER_HEADERS_MAX)
    return false;
  if (answer->content_type.len &&
      !add_header(x, response, STR("Content-Type"), answer->content_type))
    return false;
  for (size_t i = 0; i < answer->header_count; i++)
    if (is_own(answer->headers[i].name) ||
        !add_header(x, response, answer->headers[i].name, answer->headers[i].value))
      return false;
  return true;
}

static struct MHD_Response *make_response(struct http_server *server, struct http_exchange *x)
{
  struct http_answer *answer = &x->answer;
  if (!answer->body.data && buf_failed(&x->text))
    return NULL;
  struct str body = answer->body.data ? answer->body : buf_str(&x->text);
  /* The bytes stay until http_exchange_ended, which comes when they have been sent. */
  struct MHD_Response *response = MHD_create_response_from_buffer(
      body.len, body.len ? (void *)(uintptr_t)body.data : "", MHD_RESPMEM_PERSISTENT);
  if (!response)
    mem_exhausted(0);
  bool closes = answer->close ||
                atomic_load_explicit(&server->draining_ns, memory_order_relaxed) != 0;
  if (add_headers(x, response) &&
      (!closes || MHD_add_response_header(response, "Connection", "close") == MHD_YES))
    return response;
  MHD_destroy_response(response);
  return NULL;
}

enum MHD_Result http_answer_send(struct http_server *server, struct MHD_Connection *mhd,
                                 struct http_exchange *x)
{
  struct http_answer *answer = &x->answer;
  bool good = answer->status >= 200 && answer->status <= 599;
  struct MHD_Response *response = good ? make_response(server, x) : NULL;
  if (!response) {
    answer->header_count = 0;
    http_answer_error(answer, 500, "the answer could not be written");
    response = make_response(server, x);
  }
  if (!response)
    return MHD_NO;
  enum MHD_Result result = MHD_queue_response(mhd, answer->status, response);
  MHD_destroy_response(response);
  return result;
}
