/* data_api_int.h - what the parts of data_api share: a request under way. */
#ifndef SEAWALL_DAEMON_DATA_API_INT_H
#define SEAWALL_DAEMON_DATA_API_INT_H

#include "base/buf.h"
#include "base/vec.h"
#include "daemon/data_api.h"

struct data_api {
  struct data_api_options options;
  VEC(struct value) path;
  struct buf unpacked; /* a body */
  struct buf text;     /* names of documents, for messages */
};

/* What goes wrong with a request: status, code, message. */
struct data_fault {
  unsigned status;
  const char *code;
  char message[1024];
};

/* One request, from its reading to its answer. */
struct data_call {
  struct data_api *api;
  struct rego_documents_worker *worker; /* NULL: there are no policies */
  const struct http_request *request;
  struct http_answer *answer;
  struct str where; /* the encoded path behind /v1/data and the like */
  struct value input, result;
  bool pretty, metrics, provenance, strict_errors;
  bool warn; /* that there is no input */
  char id[DATA_API_ID];
  uint64_t begun_ns, read_ns, evaluated_ns; /* when; the monotonic clock */
  struct data_fault fault;
};

#define DATA_INVALID_PARAMETER "invalid_parameter"
#define DATA_INTERNAL "internal_error"

/* Keeps a fault; false, for whoever returns it. */
bool data_fault(struct data_call *c, unsigned status, const char *code, const char *format, ...)
    __attribute__((format(printf, 4, 5)));

/* ---- reading: false with a fault kept */

/* The keys of c->where, into api->path. */
bool data_read_path(struct data_call *c);

/* A parameter that is a boolean: there, and empty or "true". */
bool data_flag(const struct http_request *request, struct str name);

/* pretty, metrics, instrument, provenance, strict-builtin-errors, explain. */
bool data_read_flags(struct data_call *c);

/* The parameter `input`; absent without one. */
bool data_read_parameter(struct data_call *c);

/* The body as one document; absent if there is nothing in it. */
bool data_read_body(struct data_call *c, struct value *ret);

/* The member `input` of a body; absent if it is null or missing. */
bool data_read_envelope(struct data_call *c);

/* ---- writing */

/* The fault, in OPA's form. */
void data_write_fault(struct data_call *c);

/* What ended an evaluation. */
void data_write_failure(struct data_call *c, const struct rego_failure *failure);

/* {"result": ...} with what else was asked for. */
void data_write_result(struct data_call *c);

/* The result alone. */
void data_write_value(struct data_call *c);

/* {}, or 500 with {"error": message}. */
void data_write_health(struct data_call *c, const char *message);

/* "data.shop["a-b"][0]": appends the document that api->path names. */
void data_write_ref(struct buf *out, const struct value *path, size_t count);

#endif
