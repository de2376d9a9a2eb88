/*
 * rego_bundle.h - OPA's bundles: modules, documents and a manifest in a .tar.gz or a directory,
 * signed or not.
 *
 *     struct rego_bundle_trust trust = {.keys = keys, .key_count = 1};
 *     struct rego_bundle_options options = {.trust = &trust};
 *     struct rego_bundle *bundle;
 *     if (rego_bundle_read_archive(text, STR("authz.tar.gz"), &options, &bundle, &err) < 0)
 *         return err.code;
 *     for (size_t i = 0; i < bundle->file_count; i++)
 *         use(&bundle->files[i]);
 *
 * Specification: OPA's "Bundle File Format" and "Signing". Read are *.rego, data.json, data.yaml and
 * data.yml in any directory, .manifest and .signatures.json at the root. policy.wasm and plan.json are
 * passed over with a note; everything else without one, as OPA does, though signatures cover it. A
 * delta bundle (patch.json) is refused: it only means something together with what it changes.
 *
 * Manifest: revision, roots (no root may be within another; every module's package and every document
 * must lie below one), rego_version (0 or 1), file_rego_versions (by path or pattern), metadata, wasm
 * (ignored). Other members are ignored. Without a manifest the only root is "", everything.
 *
 * Signatures: .signatures.json holds one JSON Web Token (RFC 7515, compact) that names every file with
 * its hash. It is verified with the key that the trust names (or, if it names none, the one that the
 * token names): HS256 to HS512, RS, PS, ES likewise, and EdDSA. The algorithm is the key's; a token
 * that names another is refused. Then every file must be named and have its hash, and every file that
 * is named must be there. data.json, data.yaml and the manifest are hashed by their structure (members
 * in order of their names, no spaces, numbers as written), other files by their bytes; SHA-224 to
 * SHA-512. In a directory the names may have the directory's path in front, as `opa sign` writes them.
 * A bundle that is signed and for which there is no key is refused, unless trust.skip; one that is not
 * signed while a key was given is refused as well.
 *
 * Hostile archives: REGO_BUNDLE_ENTRIES_MAX entries, REGO_BUNDLE_FILE_MAX bytes a file,
 * REGO_BUNDLE_BYTES_MAX in all, at most REGO_BUNDLE_RATIO times the size of the archive (beyond
 * 16 MiB). A "/" in front of names is left out (OPA writes it); names that climb (".."), that are no
 * UTF-8 or have control characters, or that occur twice, and entries that are neither files nor
 * directories, are errors. Nothing is ever written to disk.
 *
 * Ownership: a bundle owns its texts. Thread safety: immutable once read.
 */
#ifndef SEAWALL_POLICY_REGO_BUNDLE_H
#define SEAWALL_POLICY_REGO_BUNDLE_H

#include "base/arena.h"
#include "base/buf.h"
#include "base/error.h"
#include "base/mem.h"
#include "base/str.h"
#include "data/value.h"
#include "lang/rego/ast.h"

enum {
  REGO_BUNDLE_ENTRIES_MAX = 100000,
  REGO_BUNDLE_FILE_MAX = 256 << 20,
  REGO_BUNDLE_RATIO = 200,
  REGO_BUNDLE_PATH_MAX = 4096, /* bytes of an entry's name */
  REGO_BUNDLE_ROOTS_MAX = 10000,
};
#define REGO_BUNDLE_BYTES_MAX (UINT64_C(1) << 30)

/* A key that signatures are verified with. */
struct rego_bundle_key {
  struct str id;
  struct str algorithm; /* "RS256" ... */
  struct str key;       /* PEM of a public key or certificate; for HS*, the secret itself */
};

struct rego_bundle_trust {
  const struct rego_bundle_key *keys;
  size_t key_count;
  struct str key_id;          /* to use, whatever the token says; empty: the token's */
  struct str scope;           /* that the token must name; empty: it must name none */
  const char *const *exclude; /* patterns of files that need not be signed */
  size_t exclude_count;
  bool skip; /* look at no signatures */
};

enum rego_bundle_file_kind {
  REGO_BUNDLE_MODULE,
  REGO_BUNDLE_DATA,
};

struct rego_bundle_file {
  enum rego_bundle_file_kind kind;
  struct str path;           /* in the bundle, without "/" in front */
  struct str text;           /* of modules and documents */
  enum rego_version version; /* of modules: REGO_V0 or REGO_V1, if has_version */
  bool has_version;
};

struct rego_bundle {
  struct arena arena;
  struct str name; /* path of the archive or directory, for messages */
  bool verified;   /* it is signed, and the signature is right */
  bool has_manifest;
  struct str revision;
  const struct str *roots; /* without "/" at the ends; {""}: everything */
  size_t root_count;
  struct value manifest;                /* as written; absent: none */
  const struct rego_bundle_file *files; /* in order of their paths */
  size_t file_count;
  const struct str *notes; /* what was passed over, and why */
  size_t note_count;
};

struct rego_bundle_options {
  const struct rego_bundle_trust *trust; /* NULL: no keys */
  /* Whether a path of the bundle is left out (--ignore); NULL: none is. It is hashed all the same. */
  bool (*ignore)(void *ctx, struct str path, bool is_directory);
  void *ctx;
};

/* Both read a whole bundle. Errors: SW_EINVAL (not a bundle; a manifest or signature that is wrong),
 * SW_ELIMIT, SW_EUNSUPPORTED (delta bundles), SW_EACCES (a signature that cannot be trusted), and what
 * reading gives. Messages begin with the name. */
int rego_bundle_read_archive(struct str archive, struct str name,
                             const struct rego_bundle_options *options,
                             struct rego_bundle **ret_bundle, struct error *err);
int rego_bundle_read_directory(const char *path, const struct rego_bundle_options *options,
                               struct rego_bundle **ret_bundle, struct error *err);
void rego_bundle_free(struct rego_bundle *bundle);
MEM_DEFINE_CLEANUP(struct rego_bundle, rego_bundle_free)

/* Whether a path below data ("shop/prices") is one of the roots or lies below one. */
bool rego_bundle_owns(const struct rego_bundle *bundle, struct str path);

/* Whether one of the roots is the path or lies below it. */
bool rego_bundle_leads(const struct rego_bundle *bundle, struct str path);

/* Two roots, of one or of two of the bundles, of which one is the other or lies below it: true, and
 * which they are and whose. */
bool rego_bundle_overlap(const struct rego_bundle *const *bundles, size_t count,
                         struct str ret_roots[2], const struct rego_bundle *ret_bundles[2]);

#endif
