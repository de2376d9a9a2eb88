/* registry_int.h - what the parts of the client for registries share. */
#ifndef SEAWALL_OCI_REGISTRY_INT_H
#define SEAWALL_OCI_REGISTRY_INT_H

#include "oci/registry.h"

#include "base/map.h"
#include "base/vec.h"
#include "net/http_client.h"
#include "oci/registry_text.h"

enum { REGISTRY_URL_MAX = 4096 };

/* A token for one repository. */
struct registry_token {
  char *text;
  uint64_t until_ns;
};

/* A server that has images of a registry: the registry itself, or a mirror. */
struct registry_endpoint {
  struct registry_endpoint
      *next;         /* to be asked after this one; NULL: this is the registry itself */
  struct str host;   /* HOST[:PORT], as in URLs */
  struct str name;   /* as credentials know it: docker.io */
  struct str prefix; /* "PATH/" before the repository, or empty */
  bool mirror, insecure, plain;
  bool probed;       /* whether an insecure one speaks TLS is known */
  bool basic;        /* it has asked for Basic: sent at once from now on */
  struct map tokens; /* repository, with the prefix → struct registry_token */
};

struct oci_registry {
  struct oci_registry_options options;
  struct arena arena;
  struct map endpoints; /* registry → its first struct registry_endpoint */
  VEC(struct registry_endpoint *) all;
  struct http_client *clients[2]; /* [insecure], for what is asked in one piece; made when needed */
  struct http_client *spare[2];   /* [insecure], of a blob that has ended */
  struct oci_blob *open;          /* the blob that is being read; NULL: none */
  uint64_t deadline_ns;           /* 0: none */
};

/* ---- registry.c */

/* The endpoints of a registry, the first to be asked first. */
struct registry_endpoint *registry_endpoints(struct oci_registry *r, struct str registry);

/* "library/nginx": the repository of a reference. */
struct str registry_repository(const struct image_reference *reference, struct arena *arena);

int registry_client(struct oci_registry *r, bool insecure, struct http_client **ret,
                    struct error *err);
int registry_new_client(const struct oci_registry *r, bool insecure, struct http_client **ret,
                        struct error *err);

/* What is left of the time, in milliseconds; 0: no limit. SW_EIO: nothing. */
int registry_time(const struct oci_registry *r, unsigned *ret_ms, struct error *err);

/* Finds out how an endpoint is to be asked, if that is not known. */
int registry_probe(struct oci_registry *r, struct registry_endpoint *e, struct error *err);

/* "https://HOST" or "http://HOST". */
struct str registry_base(const struct registry_endpoint *e, struct arena *arena);

/* What is asked of an endpoint. */
struct registry_query {
  enum http_method method;
  struct str repository; /* with the prefix of the endpoint; empty: of the registry itself */
  struct str url;
  struct str accept; /* empty: anything */
  const char *what;  /* for messages: "manifest 1.25", or NULL */
  size_t limit;
};

/* Asks, with what login there is; status 2xx, or an error. arena: for what is said in between. */
int registry_ask(struct oci_registry *r, struct registry_endpoint *e,
                 const struct registry_query *q, struct arena *arena,
                 struct http_response *response, struct error *err);

/* The first text of an error: "HOST/REPOSITORY: WHAT". */
int registry_wrap(const struct registry_endpoint *e, struct str repository, const char *what,
                  struct error *err);

/* An attempt at one endpoint of several, made for each until one succeeds. */
typedef int registry_attempt(void *ctx, struct registry_endpoint *e, struct error *err);
int registry_try(struct registry_endpoint *first, registry_attempt *attempt, void *ctx,
                 struct error *err);

/* ---- registry_auth.c */

/* Sets what is known to be wanted: a token that is still good, or a login. Texts live in the arena. */
void registry_authorize(struct oci_registry *r, struct registry_endpoint *e, struct str repository,
                        struct arena *arena, struct http_query *query);

/* Answers the challenge of a 401: afterwards registry_authorize sets something else than before. SW_EACCES: there
 * is nothing else to try, and the message says what the user can do. */
int registry_authenticate(struct oci_registry *r, struct registry_endpoint *e,
                          struct str repository, struct str head, struct str body,
                          struct arena *arena, struct error *err);

/* What an answer with an error status means. */
int registry_status_error(struct oci_registry *r, const struct registry_endpoint *e,
                          struct str repository, unsigned status, struct str head, struct str body,
                          struct arena *arena, struct error *err);

void registry_tokens_free(struct registry_endpoint *e);

#endif
