/*
 * admission.h - what an API server asks before it stores an object, and what it is told.
 *
 *     struct admission_request request;
 *     if (admission_read(root, &request, &err) < 0)
 *         answer with admission_peek's uid: not allowed
 *     struct admission_response response = {.version = request.version, .uid = request.uid, ...};
 *     admission_response_write(&out, &response);
 *
 * AdmissionReview of admission.k8s.io, v1 and v1beta1, and ImageReview of imagepolicy.k8s.io,
 * v1alpha1. https://kubernetes.io/docs/reference/access-authn-authz/extensible-admission-controllers/
 *
 * Reading is strict where a mistake would change what is judged: a field of the wrong type, an
 * operation that does not exist, a missing uid, kind or resource, an object that says it is of another
 * kind, or in another namespace, than the request does. It is lax about fields that it does not know. Messages name the field:
 * request.operation "PATCH" is not CREATE, UPDATE, DELETE or CONNECT.
 *
 * Ownership: everything read is a view of the tree. Nothing here allocates but the writers, into the
 * caller's buf. Thread safety: all functions may be called from any thread.
 */
#ifndef SEAWALL_KUBE_ADMISSION_H
#define SEAWALL_KUBE_ADMISSION_H

#include "base/arena.h"
#include "base/buf.h"
#include "base/error.h"
#include "data/value.h"

#include <stdbool.h>
#include <stdint.h>

enum admission_version {
  ADMISSION_V1,
  ADMISSION_V1BETA1,
};

/* One bit each, so that they make sets. */
enum admission_operation {
  ADMISSION_CREATE = 1,
  ADMISSION_UPDATE = 2,
  ADMISSION_DELETE = 4,
  ADMISSION_CONNECT = 8,
  ADMISSION_OPERATIONS = 15,
};

enum {
  ADMISSION_SIZE_MAX = 16 << 20,    /* bytes of a review that are worth reading */
  ADMISSION_UID_MAX = 256,          /* bytes; a longer one is refused */
  ADMISSION_WARNINGS_LENGTH = 4096, /* bytes of all warnings; the API server cuts what is beyond */
  ADMISSION_MESSAGE_MAX = 16384, /* bytes of status.message; the rest is left out, which is said */
  ADMISSION_ANNOTATION_MAX = 16384, /* bytes of an audit annotation's value */
  ADMISSION_IMAGES_MAX = 10000,     /* containers of an ImageReview */
};

/* "CREATE", ...; "" for anything else. */
struct str admission_operation_name(unsigned operation);

/* The operation of a name, upper case; 0 if it is none. */
unsigned admission_operation_from_name(struct str name);

/* A kind, or a resource (then `name` is "pods"), with its group ("" is the core group). */
struct admission_type {
  struct str group, version, name;
};

struct admission_request {
  enum admission_version version;
  struct value review;  /* the whole document, as it came */
  struct value request; /* its request */
  struct str uid;
  struct admission_type kind, resource; /* as the webhook's rules matched it */
  struct str subresource; /* "status", "scale", "ephemeralcontainers", "exec"; or empty */
  struct admission_type request_kind, request_resource; /* as the client sent it; else as above */
  struct str request_subresource;
  struct str name, namespace;
  unsigned operation; /* enum admission_operation */
  struct str username;
  struct value user_info;
  struct value object;     /* absent instead of null; with an API server always absent for DELETE */
  struct value old_object; /* absent instead of null */
  struct value options;    /* absent instead of null */
  bool dry_run;
};

/* Is it an AdmissionReview, of whatever version? */
bool admission_is_review(struct value root);

/*
 * Reads a review. SW_EINVAL: something is missing or of the wrong type; SW_EUNSUPPORTED: another kind or
 * version, which the message names; SW_ELIMIT: a uid that is too long.
 */
int admission_read(struct value root, struct admission_request *ret_request, struct error *err);

/* Of a document that admission_read refused: what an answer to it needs. Version v1 and an empty uid
 * where there is nothing better. */
void admission_peek(struct value root, enum admission_version *ret_version, struct str *ret_uid);

/*
 * A request as an API server would make it of an object that is to be created: the whole review, in the
 * arena. The resource is guessed from the kind as kubectl would ("pods", "networkpolicies"); an object of a
 * kind that is known to live in namespaces, and names none, goes into "default". SW_EINVAL: not an object
 * with apiVersion and kind, or a list of objects.
 */
int admission_review_make(struct arena *arena, struct value object, struct value *ret_review,
                          struct error *err);

struct admission_annotation {
  struct str key, value;
};

struct admission_response {
  enum admission_version version;
  struct str uid;
  bool allowed;
  int code;           /* HTTP status; 0: no status is written */
  struct str reason;  /* "Forbidden"; may be empty */
  struct str message; /* may be empty */
  const struct str *warnings;
  size_t warning_count;
  const struct admission_annotation *annotations;
  size_t annotation_count;
  struct value patch; /* a JSON Patch document with at least one operation; else absent */
};

/*
 * Appends the answer, an AdmissionReview, as JSON on one line.
 *
 * Warnings: control characters become spaces, since the API server drops a warning that has one; each is
 * cut to 1,024 bytes; what would take more than ADMISSION_WARNINGS_LENGTH bytes together is left out, and the
 * last warning says how many are missing: below that the API server shows them all, whole. Annotations: keys are made valid (letters, digits, "-", "_" and ".", at most 63), values
 * are cut.
 */
void admission_response_write(struct buf *out, const struct admission_response *response);

/* ---- ImageReview: what the admission plugin ImagePolicyWebhook asks */

struct image_review {
  struct value review;
  struct str namespace;
  const struct value *containers; /* objects with a text `image` */
  uint32_t container_count;
  struct value annotations; /* an object, or absent: keys below image-policy.k8s.io */
};

/* Is it an ImageReview, of whatever version? */
bool image_review_is(struct value root);

/* As admission_read. */
int image_review_read(struct value root, struct image_review *ret_review, struct error *err);

/* The image of a container of a review that was read. */
struct str image_review_image(const struct image_review *review, uint32_t i);

struct image_response {
  bool allowed;
  struct str reason; /* may be empty; written only if not allowed */
  const struct admission_annotation *annotations;
  size_t annotation_count;
};

/* Appends the answer, an ImageReview. */
void image_response_write(struct buf *out, const struct image_response *response);

#endif
