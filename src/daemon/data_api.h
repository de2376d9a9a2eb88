/*
 * data_api.h - OPA's REST API for decisions, so that what asks OPA can ask seawall: /v1/data, /v0/data, the
 * default decision and /health. docs/opa-api.md says what is answered, and what is not.
 *
 *     struct data_api_options options = {.version = STR("0.1.0"), .decision_ids = true};
 *     struct data_api *api = data_api_new(&options);          one for each worker thread
 *
 *     if (data_api_serves(request->path))
 *         data_api_answer(api, documents_worker, request, answer);     the worker of what is in force now
 *
 * Answers are JSON, also where something is wrong: {"code": ..., "message": ..., "errors": [...]}, as OPA
 * has them. Keys of objects are sorted, sets are sorted arrays. Policies come from directories: requests to change
 * data or policies are refused.
 *
 *     GET, POST /v1/data[/PATH]      {"result": ...}; without "result" if undefined
 *     POST /v0/data[/PATH], POST /   the result itself; 404 if undefined
 *     GET /health[/PATH]             {}, or 500 and {"error": ...}
 *
 * Who may ask is not decided here: whoever reaches the server may.
 *
 * Ownership: texts of the options must outlive the api; nothing of an answer is kept. Thread safety: an api
 * belongs to one thread.
 */
#ifndef SEAWALL_DAEMON_DATA_API_H
#define SEAWALL_DAEMON_DATA_API_H

#include "base/mem.h"
#include "base/str.h"
#include "crypto/random.h"
#include "data/value.h"
#include "net/http_server.h"
#include "policy/rego_documents.h"

enum {
  DATA_API_UNPACKED_DEFAULT = 64 << 20,
  DATA_API_ID = 37, /* bytes of a decision's id, with a zero byte */
};

/* A document was asked for, and an answer was found, or none. All of it is valid during the call. */
struct data_api_decision {
  const struct http_request *request;
  struct str id;              /* its decision_id; empty without decision_ids */
  struct str path;            /* as OPA logs it: "shop/orders/allow" */
  struct value input, result; /* absent: undefined */
  struct str error;           /* why there is no answer; empty: there is one */
  unsigned status;
  uint64_t duration_ns; /* of the evaluation */
};

/* All zero is a good default. */
struct data_api_options {
  struct str version;                 /* of the program, told with `provenance` */
  bool decision_ids;                  /* answers have a decision_id */
  size_t unpacked_bytes;              /* of a gzip body; 0: DATA_API_UNPACKED_DEFAULT */
  const struct random_source *random; /* of ids; NULL: the system's */
  void (*decided)(void *context, const struct data_api_decision *decision); /* or NULL */
  void *context;
};

struct data_api;

struct data_api *data_api_new(const struct data_api_options *options);
void data_api_free(struct data_api *api);
MEM_DEFINE_CLEANUP(struct data_api, data_api_free)

/* Is it one of the paths above, or one that is refused in OPA's form (/v1/policies, /v1/query,
 * /v1/compile, /v1/config, /v1/status)? */
bool data_api_serves(struct str path);

/* Answers any request; a path that is not served with 404. worker NULL: no policies are loaded, which is
 * said with 503. */
void data_api_answer(struct data_api *api, struct rego_documents_worker *worker,
                     const struct http_request *request, struct http_answer *answer);

#endif
