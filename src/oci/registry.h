/*
 * registry.h - asks registries: manifests, blobs, tags, repositories.
 *
 *     const struct oci_registry_options options = {.credentials = credentials, .ca_file = ca};
 *     _cleanup_(oci_registry_freep) struct oci_registry *registry = NULL;
 *     if (oci_registry_new(&options, &registry, &err) < 0) ...
 *     struct oci_registry_manifest manifest;
 *     if (oci_registry_manifest(registry, &reference, &arena, &manifest, &err) < 0) ...
 *     struct oci_blob *blob;
 *     struct oci_input input;
 *     if (oci_blob_open(registry, &reference, &descriptor, &blob, &input, &err) < 0) ...
 *     oci_layer_read(input, ...), oci_blob_free(blob);
 *
 * An image to be scanned is more easily had as a source: oci_source_open_registry (oci/source.h).
 *
 * Specification: OCI distribution specification 1.1, "Pull" and "Content Discovery"; Distribution's token
 * authentication (Bearer, with or without a login, and OAuth 2 refresh tokens) and Basic.
 *
 * HTTPS, with certificates that are verified. A registry that `insecure` names may have any certificate, and is
 * asked by plain HTTP where it speaks no TLS; no other one is, those on this machine neither. Logins go to the
 * registry they are for and to the token server it names, which must use TLS if the registry does. Redirects lead
 * to http and https only, never from https to http, and without credentials to another host (net/http_client.h).
 *
 * Mirrors are asked first, in their order, then the registry itself; what fails at one is tried at the next, and
 * an error is that of the registry. Manifests of a digest are verified, so that a mirror that has other ones is
 * passed over; a tag is what the first one says that has it. Content is digested by who reads it
 * (oci/layer.h), so a blob is only as good as that.
 *
 * Blobs: a broken connection is mended by asking for the rest. One that is large is asked for in ranges,
 * several at a time, and delivered in order out of a window in memory of OCI_BLOB_WINDOW bytes; if the server has
 * no ranges, or is so near that they only cost time, it comes in one piece. At no time does a blob exist as a whole.
 *
 * What servers can do to a client is bounded: sizes of answers (limits below; a blob: its descriptor's size),
 * time (a connection that is silent, or slower than OCI_BLOB_RATE_MIN, is given up), redirects, pages,
 * repetitions. 429 and 503 are repeated as Retry-After asks, if that is no longer than retry_after_ms.
 *
 * Ownership: a registry is owned by its holder, and borrows credentials and the texts of its options; what it gives
 * lives in the caller's arena. Thread safety: a registry and its blobs belong to one thread.
 *
 * Errors begin with registry and repository. SW_EACCES: a login is needed, or what there is was refused, or a
 * certificate is not trusted; SW_ENOENT: there is no such image, or no such host; SW_ELIMIT; SW_EINVAL: an
 * answer that is none; SW_EIO: no connection, too many requests, a server that fails.
 */
#ifndef SEAWALL_OCI_REGISTRY_H
#define SEAWALL_OCI_REGISTRY_H

#include "oci/credentials.h"
#include "oci/descriptor.h"
#include "oci/manifest.h"
#include "oci/reference.h"
#include "oci/unpack.h"

enum {
  OCI_PAGES_MAX = 10000,        /* of a list */
  OCI_NAMES_MAX = 1000000,      /* of a list: tags of a repository, repositories of a registry */
  OCI_PAGE_BYTES_MAX = 8 << 20, /* of a page */
  OCI_BLOB_PIECE = 4 << 20,     /* bytes of a range */
  OCI_BLOB_PIECES = 6,          /* ranges in the window */
  OCI_BLOB_WINDOW = OCI_BLOB_PIECE * OCI_BLOB_PIECES,
  OCI_BLOB_RATE_MIN = 1024, /* bytes a second, while somebody waits for them */
};

/* A place where the images of a registry are as well. */
struct oci_mirror {
  struct str registry; /* whose: "docker.io" */
  struct str location; /* HOST[:PORT][/PATH]: the repository is looked for below PATH */
};

/* All zero is a good default. */
struct oci_registry_options {
  struct oci_credentials *credentials; /* NULL: none */
  struct str user, password;           /* for every registry but mirrors, before the credentials */
  struct str token;                    /* a bearer token, likewise */
  const char *ca_file;                 /* PEM: whom to trust; NULL: the system's */
  const struct str *insecure;          /* HOST[:PORT]; "http://HOST[:PORT]": plain at once */
  size_t insecure_count;
  const struct oci_mirror *mirrors;
  size_t mirror_count;
  unsigned parallel;   /* ranges of a blob at a time; 0: 4 where the server is not near; 1: none */
  unsigned connect_ms; /* 0: 10,000 */
  unsigned silence_ms; /* longest without a byte, in whole seconds; 0: 30,000 */
  unsigned retries;    /* 0: 4; of http_client.h: HTTP_NONE */
  unsigned backoff_ms; /* the first pause, then doubling; 0: 200 */
  unsigned retry_after_ms; /* the longest that a server may ask for; 0: 30,000 */
};

/* Whether a text can be one of `insecure`; the location of a mirror. */
bool oci_registry_is_host(struct str text);
bool oci_registry_is_location(struct str text);

struct oci_registry;

/* SW_EUSAGE: a mirror or an insecure registry that is no HOST[:PORT]. */
int oci_registry_new(const struct oci_registry_options *options, struct oci_registry **ret,
                     struct error *err);
void oci_registry_free(struct oci_registry *registry);
MEM_DEFINE_CLEANUP(struct oci_registry, oci_registry_free)

/* What is asked from now on of manifests and lists, tokens with them, ends by then, in nanoseconds of the monotonic
 * clock: SW_EIO. 0: no end but those of single requests. Repetitions are each bounded by it, so retries should be
 * HTTP_NONE. */
void oci_registry_deadline(struct oci_registry *registry, uint64_t deadline_ns);

/* ---- manifests */

struct oci_registry_manifest {
  struct str text;       /* of an index or a manifest */
  struct str digest;     /* of these bytes, calculated here, whatever the registry's headers say */
  struct str media_type; /* empty: the registry gives none that means anything */
};

/* What a reference names: its digest, else its tag. At most OCI_DOCUMENT_MAX bytes. */
int oci_registry_manifest(struct oci_registry *registry, const struct image_reference *reference,
                          struct arena *arena, struct oci_registry_manifest *ret,
                          struct error *err);

/*
 * The digest of a tag, without fetching the manifest where the registry tells it (which most do not count as
 * a pull). It is the registry's word: whoever fetches what it names verifies it.
 */
int oci_registry_digest(struct oci_registry *registry, const struct image_reference *reference,
                        struct arena *arena, struct str *ret, struct error *err);

/* ---- lists */

/* Each name is told as a view, valid within the call; an error ends the list, and is its result. */
typedef int oci_name_visitor(void *ctx, struct str name, struct error *err);

/* Tags of a reference's repository, repositories of a registry ("quay.io"), in the order of the registry, from
 * itself and not from mirrors. Names that are none are left out and counted; ret_skipped may be NULL. */
int oci_registry_tags(struct oci_registry *registry, const struct image_reference *reference,
                      oci_name_visitor *visit, void *ctx, size_t *ret_skipped, struct error *err);
int oci_registry_repositories(struct oci_registry *registry, struct str name,
                              oci_name_visitor *visit, void *ctx, size_t *ret_skipped,
                              struct error *err);

/* ---- what belongs to an image */

/*
 * Descriptors of what refers to a manifest (signatures, attestations, bills of materials): by the referrers API, or
 * by the tag that stands in for it where a registry does not have that. None is no error.
 */
int oci_registry_referrers(struct oci_registry *registry, const struct image_reference *reference,
                           struct str digest, struct arena *arena, struct oci_index *ret,
                           struct error *err);

/* Whether a tag is no image's: "sha256-HEX", by which referrers are kept where there is no API for them, and what cosign
 * keeps beside an image ("sha256-HEX.sig", ".att", ".sbom"). */
bool oci_tag_belongs_to_digest(struct str tag);

/*
 * Whether somebody has signed a manifest, in one of the ways that are in use: "cosign" (a referrer, or its tag),
 * "sigstore" (a bundle), "notation"; empty: nobody. That there is a signature, not whose it is nor that it is right.
 */
int oci_registry_signed(struct oci_registry *registry, const struct image_reference *reference,
                        struct str digest, struct arena *arena, struct str *ret, struct error *err);

/* ---- blobs */

struct oci_blob;

/*
 * The bytes of a descriptor, in a reference's repository, unverified but for their number, which is the
 * descriptor's if it says one. One blob of a registry at a time. When it returns, the registry has begun to
 * deliver. The input lives as long as the blob.
 */
int oci_blob_open(struct oci_registry *registry, const struct image_reference *reference,
                  const struct oci_descriptor *descriptor, struct oci_blob **ret,
                  struct oci_input *ret_input, struct error *err);

/* How it has come: for tests and for those who are curious. */
struct oci_blob_stats {
  uint64_t bytes;    /* delivered */
  unsigned requests; /* begun */
  unsigned resumed;  /* of these, for the rest of what had broken off */
  unsigned most;     /* at a time */
};
struct oci_blob_stats oci_blob_stats(const struct oci_blob *blob);

void oci_blob_free(struct oci_blob *blob);
MEM_DEFINE_CLEANUP(struct oci_blob, oci_blob_free)

#endif
