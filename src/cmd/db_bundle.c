#include "cmd/db_bundle.h"

#include "base/draft.h"
#include "base/file.h"
#include "crypto/signature.h"
#include "oci/layer.h"
#include "scan/advisory/database.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

enum { SIGNATURE_MAX = 64 << 10 };
#define DATABASE_MAX ((size_t)4 << 30)

struct bundle {
  struct draft draft;
  struct buf signature;
  struct digester *digester;
  bool has_database;
};

static int read_fd(void *ctx, void *to, size_t room, size_t *ret_got, struct error *err)
{
  ssize_t got;
  do
    got = read(*(const int *)ctx, to, room);
  while (got < 0 && errno == EINTR);
  *ret_got = got < 0 ? 0 : (size_t)got;
  return got < 0 ? error_set_errno(err, errno, "reading") : 0;
}

static int copy_database(struct bundle *b, const struct oci_input *content, struct error *err)
{
  char room[64 << 10];
  size_t got, total = 0;
  int rc;
  if (b->has_database)
    return error_set(err, SW_EINVAL, "it has two databases");
  b->has_database = true;
  while ((rc = content->read(content->ctx, room, sizeof room, &got, err)) == 0 && got) {
    total += got;
    if (total > DATABASE_MAX)
      return error_set(err, SW_ELIMIT, "its database is larger than 4 GiB");
    rc = fd_write_all(b->draft.fd, room, got, err);
    if (rc == 0)
      rc = digester_add(b->digester, str_make(room, got), err);
    if (rc < 0)
      return rc;
  }
  return rc;
}

static int take_entry(void *ctx, const struct oci_entry *entry, const struct oci_input *content,
                      struct error *err)
{
  struct bundle *b = ctx;
  if (entry->type != OCI_FILE || !content)
    return 0;
  if (str_eq(entry->path, STR("advisories.db")))
    return copy_database(b, content, err);
  if (str_eq(entry->path, STR("advisories.db.sig")) && b->signature.len == 0)
    return oci_content_read(content, SIGNATURE_MAX, &b->signature, err);
  return 0;
}

static int unpack(struct bundle *b, const char *path, struct error *err)
{
  const struct oci_layer_options options = {.name = path};
  const struct oci_visitor visitor = {.entry = take_entry, .ctx = b};
  _cleanup_(file_closep) int fd = file_open_at(AT_FDCWD, path, path, 0, err);
  if (fd < 0)
    return fd;
  int rc = oci_layer_read((struct oci_input){read_fd, &fd}, &options, &visitor, NULL, err);
  if (rc < 0)
    return rc;
  if (!b->has_database || b->signature.len == 0)
    return error_set(err, SW_ENOENT, "%s: the bundle has no %s", path,
                     b->has_database ? "advisories.db.sig" : "advisories.db");
  return 0;
}

/* ---- signature */

static int verify_text(const struct bundle *b, const struct key *key, struct error *err)
{
  const struct signature_scheme scheme = {.kind = SIGNATURE_ED25519};
  _cleanup_(buf_free) struct buf text = {.cap = DATABASE_MAX};
  int rc = file_read(b->draft.path, DATABASE_MAX, &text, err);
  return rc < 0 ? rc : signature_verify(&scheme, key, buf_str(&text), buf_str(&b->signature), err);
}

static int verify_digest(struct bundle *b, const struct key *key, struct error *err)
{
  const struct signature_scheme scheme = {.kind = key_type(key) == KEY_RSA ? SIGNATURE_RSA_PKCS1
                                                                           : SIGNATURE_ECDSA_DER,
                                          .digest = DIGEST_SHA256,
                                          .rsa_bits_min = 2048};
  struct digest digest;
  int rc = digester_end(b->digester, &digest, err);
  return rc < 0 ? rc : signature_verify_digest(&scheme, key, &digest, buf_str(&b->signature), err);
}

static int verify(struct bundle *b, const char *key_path, struct error *err)
{
  _cleanup_(buf_free) struct buf text = {0};
  _cleanup_(key_freep) struct key *key = NULL;
  int rc = file_read(key_path, KEY_TEXT_MAX, &text, err);
  if (rc < 0)
    return rc;
  rc = key_parse(buf_str(&text), &key, err);
  if (rc < 0)
    return error_wrap(err, "%s", key_path);
  rc = key_type(key) == KEY_ED25519 ? verify_text(b, key, err) : verify_digest(b, key, err);
  return rc < 0 ? error_wrap(err, "the signature of the bundle's database, by %s", key_path) : 0;
}

/* ---- */

static int put_in_place(struct bundle *b, struct error *err)
{
  struct advisory_database *db;
  int rc = advisory_database_open(b->draft.path, &db, err);
  if (rc < 0)
    return error_wrap(err, "the bundle's database");
  advisory_database_free(db);
  return draft_publish(&b->draft, err);
}

int db_bundle_install(const char *bundle, const char *key, const char *path, struct error *err)
{
  struct bundle b = {.has_database = false};
  int rc = digester_new(DIGEST_SHA256, &b.digester, err);
  if (rc < 0)
    return rc;
  rc = draft_open(&b.draft, path, err);
  if (rc == 0)
    rc = unpack(&b, bundle, err);
  if (rc == 0)
    rc = verify(&b, key, err);
  if (rc == 0)
    rc = put_in_place(&b, err);
  draft_free(&b.draft);
  buf_free(&b.signature);
  digester_free(b.digester);
  return rc;
}
