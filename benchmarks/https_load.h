/*
 * https_load.h - the parts of https_load: https_load.c is options, pace and figures,
 * https_load_connection.c one connection, https_load_check.c what an answer must be.
 */
#ifndef SEAWALL_BENCHMARKS_HTTPS_LOAD_H
#define SEAWALL_BENCHMARKS_HTTPS_LOAD_H

#include "base/arena.h"
#include "base/buf.h"
#include "base/error.h"
#include "base/str.h"

#include <gnutls/gnutls.h>
#include <stdbool.h>
#include <stdint.h>

enum {
  LOAD_CONNECTIONS_MAX = 1000,
  LOAD_REVIEWS_MAX = 16,
  LOAD_ANSWER_MAX = 1 << 20,
  LOAD_PATIENCE_S = 20, /* for a handshake, and for an answer */
  LOAD_UID_DIGITS = 12, /* the last ones of a uid are the request's number */
};

enum load_expected {
  LOAD_ANY,
  LOAD_ALLOW,
  LOAD_DENY,
  LOAD_EVEN, /* allowed by policies of even generations, denied by others */
  LOAD_ODD,
};

struct load_review {
  struct buf request; /* head and body */
  size_t digits;      /* where the number is in it */
  struct buf uid;
  enum load_expected expected;
};

/* What an answer tells. */
struct load_answer {
  bool allowed, has_generation;
  uint64_t generation;
};

struct load_connection {
  gnutls_session_t session; /* NULL: closed */
  int fd;
  bool waiting; /* for an answer */
  bool closing; /* the server has said Connection: close */
  unsigned review;
  uint64_t number;
  uint64_t intended_ns; /* when the request was due */
  uint64_t sent_ns;
  uint64_t floor;      /* the least generation that may answer */
  uint64_t generation; /* of its last answer */
  uint64_t answers;    /* since it was opened */
  struct buf in;
};

/* ---- https_load_connection.c */

/* Connects and shakes hands, with patience. *ret_certificate: a hash of the server's. */
int load_connect(struct load_connection *c, uint16_t port,
                 gnutls_certificate_credentials_t credentials, uint64_t *ret_certificate,
                 struct error *err);
void load_disconnect(struct load_connection *c, bool politely);

/* Sends the request of a review under a number. False: the connection is lost. */
bool load_send(struct load_connection *c, struct load_review *review, uint64_t number);

/* Reads what has come: 1: *ret is a whole answer, body in *ret_body; 0: not yet; -1: lost. */
int load_receive(struct load_connection *c, unsigned *ret_status, struct str *ret_body);

/* ---- https_load_check.c */

/* The LOAD_UID_DIGITS hexadecimal digits of a number. */
void load_number_write(char *digits, uint64_t number);

int load_review_read(const char *path, const char *target, enum load_expected expected,
                     struct load_review *ret, struct error *err);

/* SW_EINVAL: what is wrong with the answer to that request. */
int load_check(const struct load_review *review, uint64_t number, struct str body,
               struct arena *arena, struct load_answer *ret, struct error *err);

#endif
