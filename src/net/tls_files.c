#include "net/tls_files.h"

#include "base/arena.h"
#include "base/buf.h"
#include "base/file.h"
#include "crypto/key.h"
#include "crypto/x509.h"

#include <errno.h>
#include <sys/stat.h>

enum {
  FILE_CERTIFICATE,
  FILE_KEY,
  FILE_CLIENT_CA,
  FILES,
  ATTEMPTS = 5,
  TEXT_ROOM = TLS_FILE_MAX + 4096
};

/* What tells that a file is another one, or was written to. */
struct identity {
  uint64_t device, inode, size;
  struct timespec changed, modified;
};

/* One reading of all files. */
struct reading {
  struct buf text[FILES];
  struct identity identity[FILES];
  struct arena arena; /* what was parsed */
  struct tls_material material;
};

struct tls_files {
  char *path[FILES]; /* NULL: not wanted */
  const struct clock *clock;
  struct reading *current;
  bool failing; /* the files on disk are not those of current, and wrong */
};

static void reading_free(struct reading *r)
{
  if (!r)
    return;
  for (unsigned i = 0; i < FILES; i++) {
    key_cleanse(buf_str(&r->text[i]));
    buf_free(&r->text[i]);
  }
  arena_free(&r->arena);
  mem_free(r);
}
MEM_DEFINE_CLEANUP(struct reading, reading_free)

static bool same_identity(const struct identity *a, const struct identity *b)
{
  return a->device == b->device && a->inode == b->inode && a->size == b->size &&
         a->changed.tv_sec == b->changed.tv_sec && a->changed.tv_nsec == b->changed.tv_nsec &&
         a->modified.tv_sec == b->modified.tv_sec && a->modified.tv_nsec == b->modified.tv_nsec;
}

static int identify_one(const char *path, struct identity *ret, struct error *err)
{
  struct stat st;
  if (stat(path, &st) < 0)
    return error_set_errno(err, errno, "%s", path);
  *ret = (struct identity){(uint64_t)st.st_dev, (uint64_t)st.st_ino, (uint64_t)st.st_size,
                           st.st_ctim, st.st_mtim};
  return 0;
}

static int identify(const struct tls_files *files, struct identity ret[static FILES],
                    struct error *err)
{
  for (unsigned i = 0; i < FILES; i++) {
    ret[i] = (struct identity){0};
    int rc = files->path[i] ? identify_one(files->path[i], &ret[i], err) : 0;
    if (rc < 0)
      return rc;
  }
  return 0;
}

static bool all_same(const struct identity *a, const struct identity *b)
{
  for (unsigned i = 0; i < FILES; i++)
    if (!same_identity(&a[i], &b[i]))
      return false;
  return true;
}

/* A private key's text must not stay behind where the buf has grown from: so it never grows. */
static int read_one(const char *path, struct buf *text, struct error *err)
{
  key_cleanse(buf_str(text));
  buf_clear(text);
  text->cap = TEXT_ROOM;
  buf_reserve(text, TEXT_ROOM);
  return file_read(path, TLS_FILE_MAX, text, err);
}

static int read_all(const struct tls_files *files, struct reading *r, struct error *err)
{
  for (unsigned i = 0; i < FILES; i++) {
    int rc = files->path[i] ? read_one(files->path[i], &r->text[i], err) : 0;
    if (rc < 0)
      return rc;
  }
  return 0;
}

/* Reads until nothing has changed between before and behind. */
static int read_together(const struct tls_files *files, struct reading *r, struct error *err)
{
  for (unsigned attempt = 0; attempt < ATTEMPTS; attempt++) {
    struct identity after[FILES];
    int rc = identify(files, r->identity, err);
    rc = rc < 0 ? rc : read_all(files, r, err);
    rc = rc < 0 ? rc : identify(files, after, err);
    if (rc < 0)
      return rc;
    if (all_same(r->identity, after))
      return 0;
  }
  return error_set(err, SW_EIO, "%s: it and its key change while they are read",
                   files->path[FILE_CERTIFICATE]);
}

/* The name of a certificate for a message: without control characters, not too long. */
static const char *shown(struct str text, char ret[static 128])
{
  size_t len = text.len < 127 ? text.len : 127;
  for (size_t i = 0; i < len; i++)
    ret[i] = (unsigned char)text.data[i] < 0x20 || text.data[i] == 0x7f ? '?' : text.data[i];
  ret[len] = 0;
  return ret;
}

static int check_time(struct reading *r, const struct x509_certificate *certificate, int64_t now,
                      struct error *err)
{
  char name[128], from[CLOCK_TEXT], until[CLOCK_TEXT];
  struct tls_material *m = &r->material;
  if (now > certificate->not_after || now < certificate->not_before)
    return error_set(err, SW_EINVAL,
                     "the certificate of \"%s\" is valid from %.*s to %.*s, not now",
                     shown(certificate->subject.name.text, name),
                     STR_FMT(clock_format(certificate->not_before, from)),
                     STR_FMT(clock_format(certificate->not_after, until)));
  if (certificate->not_before > m->not_before)
    m->not_before = certificate->not_before;
  if (certificate->not_after < m->not_after)
    m->not_after = certificate->not_after;
  return 0;
}

/* Each certificate is verified with the one behind it as its only root. */
static int check_order(struct reading *r, const struct x509_list *chain, int64_t now,
                       struct error *err)
{
  for (size_t i = 0; i + 1 < chain->count; i++) {
    struct x509_trust trust = {.roots = {&chain->items[i + 1], 1}, .time = now};
    struct x509_chain way;
    struct error why;
    char name[128];
    if (x509_verify(&r->arena, &chain->items[i], &trust, &way, NULL, &why) < 0)
      return error_set(err, SW_EINVAL,
                       "certificate %zu did not issue the one before it, of \"%s\" (%s); the order "
                       "is the server's own, then its issuer, and so on",
                       i + 2, shown(chain->items[i].subject.name.text, name), why.message);
  }
  return 0;
}

static int check_chain(struct reading *r, const struct x509_list *chain, int64_t now,
                       struct error *err)
{
  if (chain->count > TLS_CHAIN_MAX)
    return error_set(err, SW_ELIMIT, "more than %d certificates", TLS_CHAIN_MAX);
  struct tls_material *m = &r->material;
  m->chain_count = chain->count;
  m->subject = chain->items[0].subject.name.text;
  m->not_before = chain->items[0].not_before;
  m->not_after = chain->items[0].not_after;
  for (size_t i = 0; i < chain->count; i++) {
    int rc = check_time(r, &chain->items[i], now, err);
    if (rc < 0)
      return rc;
  }
  uint32_t usage = chain->items[0].key_usage;
  if (usage && !(usage & (X509_DIGITAL_SIGNATURE | X509_KEY_ENCIPHERMENT | X509_KEY_AGREEMENT)))
    return error_set(err, SW_EINVAL,
                     "the first certificate is not for a server: its key usage is signing "
                     "certificates only");
  return check_order(r, chain, now, err);
}

static int check_certificate(const struct tls_files *files, struct reading *r,
                             struct x509_list *chain, struct error *err)
{
  int rc = x509_parse(&r->arena, buf_str(&r->text[FILE_CERTIFICATE]), chain, err);
  rc = rc < 0 ? rc : check_chain(r, chain, clock_wall_seconds(files->clock), err);
  return rc < 0 ? error_wrap(err, "%s", files->path[FILE_CERTIFICATE]) : 0;
}

static int check_key(const struct tls_files *files, struct reading *r,
                     const struct x509_certificate *leaf, struct error *err)
{
  _cleanup_(key_freep) struct key *key = NULL, *public = NULL;
  const char *path = files->path[FILE_KEY];
  if (key_parse(buf_str(&r->text[FILE_KEY]), &key, err) < 0)
    return error_wrap(err, "%s", path);
  if (!key_is_private(key))
    return error_set(err, SW_EINVAL, "%s: a public key; the private one is needed", path);
  if (key_parse_block(STR("PUBLIC KEY"), leaf->subject.public_key, &public, err) < 0)
    return error_wrap(err, "%s: its key", files->path[FILE_CERTIFICATE]);
  if (!key_same(key, public))
    return error_set(err, SW_EINVAL, "%s: the key does not belong to the certificate in %s", path,
                     files->path[FILE_CERTIFICATE]);
  return 0;
}

static int check_client_ca(const struct tls_files *files, struct reading *r, struct error *err)
{
  if (!files->path[FILE_CLIENT_CA])
    return 0;
  struct x509_list list;
  if (x509_parse(&r->arena, buf_str(&r->text[FILE_CLIENT_CA]), &list, err) < 0)
    return error_wrap(err, "%s", files->path[FILE_CLIENT_CA]);
  for (size_t i = 0; i < list.count; i++) {
    char name[128];
    if (list.items[i].has_basic_constraints && !list.items[i].is_ca)
      return error_set(err, SW_EINVAL, "%s: the certificate of \"%s\" is not that of a CA",
                       files->path[FILE_CLIENT_CA], shown(list.items[i].subject.name.text, name));
  }
  return 0;
}

static struct str ended(struct buf *text)
{
  return text->len ? str_make(buf_text(text), text->len) : STR_EMPTY;
}

static int load(const struct tls_files *files, struct reading **ret, struct error *err)
{
  _cleanup_(reading_freep) struct reading *r = mem_zalloc(1, sizeof *r);
  arena_init(&r->arena, 0);
  struct x509_list chain;
  int rc = read_together(files, r, err);
  rc = rc < 0 ? rc : check_certificate(files, r, &chain, err);
  rc = rc < 0 ? rc : check_key(files, r, &chain.items[0], err);
  rc = rc < 0 ? rc : check_client_ca(files, r, err);
  if (rc < 0)
    return rc;
  r->material.chain = ended(&r->text[FILE_CERTIFICATE]);
  r->material.key = ended(&r->text[FILE_KEY]);
  r->material.client_ca = ended(&r->text[FILE_CLIENT_CA]);
  *ret = r;
  r = NULL;
  return 0;
}

static char *copy_path(const char *path)
{
  return path ? mem_copy_text(path, strlen(path)) : NULL;
}

int tls_files_open(const struct tls_files_options *options, struct tls_files **ret,
                   struct error *err)
{
  if (!options->certificate || !options->key)
    return error_set(err, SW_EUSAGE, "TLS needs both a certificate and a key");
  _cleanup_(tls_files_freep) struct tls_files *files = mem_zalloc(1, sizeof *files);
  files->path[FILE_CERTIFICATE] = copy_path(options->certificate);
  files->path[FILE_KEY] = copy_path(options->key);
  files->path[FILE_CLIENT_CA] = copy_path(options->client_ca);
  files->clock = options->clock ? options->clock : clock_system();
  int rc = load(files, &files->current, err);
  if (rc < 0)
    return rc;
  files->current->material.generation = 1;
  *ret = files;
  files = NULL;
  return 0;
}

void tls_files_free(struct tls_files *files)
{
  if (!files)
    return;
  reading_free(files->current);
  for (unsigned i = 0; i < FILES; i++)
    mem_free(files->path[i]);
  mem_free(files);
}

const struct tls_material *tls_files_current(const struct tls_files *files)
{
  return &files->current->material;
}

int tls_files_poll(struct tls_files *files, bool *ret_changed, struct error *err)
{
  struct identity now[FILES];
  *ret_changed = false;
  int rc = identify(files, now, err);
  if (rc == 0 && !files->failing && all_same(now, files->current->identity))
    return 0;
  struct reading *fresh = NULL;
  rc = rc < 0 ? rc : load(files, &fresh, err);
  files->failing = rc < 0;
  if (rc < 0)
    return rc;
  fresh->material.generation = files->current->material.generation + 1;
  reading_free(files->current);
  files->current = fresh;
  *ret_changed = true;
  return 0;
}
