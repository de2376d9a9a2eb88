/* Tar: libarchive takes it apart, everything it says is checked here. */
#include "oci/archive.h"
#include "oci/layer_int.h"

#include <iconv.h>
#include <locale.h>
#include <sys/stat.h>

enum { BLOCK = 512 };

struct oci_tar {
  struct archive *archive;
  struct oci_unpack *unpack;
  uint64_t header_bytes; /* given out while a header is read */
  bool in_header;
  uint64_t content_end; /* of the last entry, in the bytes of the archive */
  locale_t plain; /* "C": in any other libarchive converts and normalises names, which are bytes */
  int failed;     /* what the unpacker answered, which libarchive cannot pass on */
  struct error error;
  struct oci_entry entry;
  char path[OCI_PATH_MAX + 1], link[OCI_PATH_MAX + 1];
};

/*
 * Some who write layers (umoci insert) stop behind the content of the last file. Runtimes take the missing rest of its
 * block for the end of the archive, so such an image runs, and has to be read.
 */
static la_ssize_t give_rest_of_block(struct oci_tar *tar, const void **ret_bytes)
{
  static const char zeros[BLOCK];
  uint64_t all = oci_unpack_out(tar->unpack),
           block_end = (tar->content_end + BLOCK - 1) / BLOCK * BLOCK;
  if (all < tar->content_end || all >= block_end)
    return 0;
  tar->content_end = 0; /* once */
  *ret_bytes = zeros;
  return (la_ssize_t)(block_end - all);
}

static la_ssize_t give_bytes(struct archive *archive, void *ctx, const void **ret_bytes)
{
  struct oci_tar *tar = ctx;
  struct str piece;
  int rc = oci_unpack_next(tar->unpack, &piece, &tar->error);
  if (rc > 0 && tar->in_header) {
    tar->header_bytes += piece.len;
    if (tar->header_bytes > OCI_TAR_HEADER_MAX)
      rc = error_set(&tar->error, SW_ELIMIT, "the headers of an entry are longer than %d MiB",
                     (int)(OCI_TAR_HEADER_MAX >> 20));
  }
  if (rc < 0) {
    tar->failed = rc;
    archive_set_error(archive, -1, "no more bytes");
    return ARCHIVE_FATAL;
  }
  *ret_bytes = rc ? piece.data : NULL;
  return rc ? (la_ssize_t)piece.len : give_rest_of_block(tar, ret_bytes);
}

int oci_tar_new(struct oci_unpack *u, struct oci_tar **ret, struct error *err)
{
  int rc = archive_load(err);
  if (rc < 0)
    return rc;
  _cleanup_(oci_tar_freep) struct oci_tar *tar = mem_zalloc(1, sizeof *tar);
  tar->unpack = u;
  tar->plain = newlocale(LC_CTYPE_MASK, "C", (locale_t)0);
  if (!tar->plain)
    return error_set(err, SW_EUNSUPPORTED, "this system has no locale C");
  tar->archive = archive_read_new();
  if (!tar->archive)
    mem_exhausted(sizeof(void *));
  archive_read_support_format_tar(tar->archive);
  archive_read_support_format_empty(tar->archive);
  tar->in_header = true;
  if (archive_read_open(tar->archive, tar, NULL, give_bytes, NULL) != ARCHIVE_OK && !tar->failed) {
    const char *why = archive_error_string(tar->archive);
    return error_set(err, SW_EINVAL, "opening the tar archive: %s", why ? why : "it is damaged");
  }
  if (tar->failed) {
    if (err)
      *err = tar->error;
    return tar->failed;
  }
  *ret = tar;
  tar = NULL;
  return 0;
}

void oci_tar_free(struct oci_tar *tar)
{
  if (!tar)
    return;
  archive_read_free(tar->archive);
  if (tar->plain)
    freelocale(tar->plain);
  mem_free(tar);
}

static int tar_failed(struct oci_tar *tar, struct error *err)
{
  if (tar->failed) {
    if (err)
      *err = tar->error;
    return tar->failed;
  }
  const char *why = archive_error_string(tar->archive);
  return error_set(err, SW_EINVAL, "the tar archive before its byte %llu: %s",
                   (unsigned long long)oci_unpack_out(tar->unpack), why ? why : "it is damaged");
}

/* Bytes that are no UTF-8 come as they are; what could be converted comes either way. */
static const char *either(const char *bytes, const char *utf8)
{
  return bytes ? bytes : utf8;
}

static int take_path(struct oci_tar *tar, const char *raw, char *to, struct str *ret,
                     struct error *err)
{
  bool escapes;
  int len = oci_path_clean(str_from(raw), to, &escapes);
  if (len < 0)
    return error_set(err, SW_ELIMIT, "a path is longer than %d bytes, before byte %llu of the tar",
                     OCI_PATH_MAX, (unsigned long long)oci_unpack_out(tar->unpack));
  tar->entry.escapes |= escapes;
  *ret = str_make(to, (size_t)len);
  return 0;
}

static int take_symlink(struct oci_tar *tar, const char *raw, struct error *err)
{
  struct str link = str_from(raw);
  if (link.len > OCI_PATH_MAX)
    return error_set(err, SW_ELIMIT, "%.*s: the target of the link is longer than %d bytes",
                     STR_FMT(str_sub(tar->entry.path, 0, 256)), OCI_PATH_MAX);
  memcpy(tar->link, link.data, link.len);
  tar->entry.link = str_make(tar->link, link.len);
  return 0;
}

static const struct {
  mode_t mode;
  enum oci_entry_type type;
} types[] = {
    {AE_IFREG, OCI_FILE},        {AE_IFDIR, OCI_DIRECTORY},    {AE_IFLNK, OCI_SYMLINK},
    {AE_IFCHR, OCI_CHAR_DEVICE}, {AE_IFBLK, OCI_BLOCK_DEVICE}, {AE_IFIFO, OCI_FIFO},
};

static int take_type(struct oci_tar *tar, struct archive_entry *e, struct error *err)
{
  const char *hard = either(archive_entry_hardlink(e), archive_entry_hardlink_utf8(e));
  if (hard) {
    tar->entry.type = OCI_HARDLINK;
    return take_path(tar, hard, tar->link, &tar->entry.link, err);
  }
  mode_t mode = archive_entry_filetype(e);
  for (size_t i = 0; i < sizeof types / sizeof *types; i++)
    if (types[i].mode == mode) {
      tar->entry.type = types[i].type;
      if (tar->entry.type != OCI_SYMLINK)
        return 0;
      const char *soft = either(archive_entry_symlink(e), archive_entry_symlink_utf8(e));
      if (!soft)
        return error_set(err, SW_EINVAL, "%.*s: the target of the link cannot be read",
                         STR_FMT(str_sub(tar->entry.path, 0, 256)));
      return take_symlink(tar, soft, err);
    }
  return error_set(err, SW_EINVAL, "%.*s: is of no kind that layers have",
                   STR_FMT(str_sub(tar->entry.path, 0, 256)));
}

static uint32_t id_of(int64_t id)
{
  return id < 0 || id > UINT32_MAX ? UINT32_MAX : (uint32_t)id;
}

static int take(struct oci_tar *tar, struct archive_entry *e, struct error *err)
{
  const char *raw = either(archive_entry_pathname(e), archive_entry_pathname_utf8(e));
  if (!raw)
    return error_set(err, SW_EINVAL,
                     "an entry before byte %llu of the tar has a name that cannot be read",
                     (unsigned long long)oci_unpack_out(tar->unpack));
  tar->entry = (struct oci_entry){.link = STR_EMPTY};
  int rc = take_path(tar, raw, tar->path, &tar->entry.path, err);
  if (rc == 0)
    rc = take_type(tar, e, err);
  if (rc < 0)
    return rc;
  tar->entry.mode = archive_entry_perm(e) & 07777;
  tar->entry.uid = id_of(archive_entry_uid(e));
  tar->entry.gid = id_of(archive_entry_gid(e));
  tar->entry.mtime = archive_entry_mtime_is_set(e) ? archive_entry_mtime(e) : 0;
  int64_t size = archive_entry_size_is_set(e) ? archive_entry_size(e) : 0;
  if (size < 0)
    return error_set(err, SW_EINVAL, "%.*s: has a negative size",
                     STR_FMT(str_sub(tar->entry.path, 0, 256)));
  tar->entry.size = tar->entry.type == OCI_FILE ? (uint64_t)size : 0;
  return 0;
}

static int next_header(struct oci_tar *tar, struct archive_entry **ret)
{
  locale_t before = uselocale(tar->plain);
  tar->content_end = 0;
  int rc = archive_read_next_header(tar->archive, ret);
  uselocale(before);
  return rc;
}

int oci_tar_next(struct oci_tar *tar, struct oci_entry *ret, struct error *err)
{
  struct archive_entry *e;
  /* What is left of the entry before counts towards that one, not towards the headers of this one. */
  if (!tar->in_header && archive_read_data_skip(tar->archive) < ARCHIVE_WARN)
    return tar_failed(tar, err);
  tar->in_header = true;
  tar->header_bytes = 0;
  int rc = next_header(tar, &e);
  if (rc == ARCHIVE_EOF && !tar->failed)
    return 0;
  if ((rc != ARCHIVE_OK && rc != ARCHIVE_WARN) || tar->failed)
    return tar_failed(tar, err);
  tar->in_header = false;
  locale_t before = uselocale(tar->plain);
  rc = take(tar, e, err);
  uselocale(before);
  if (rc < 0)
    return rc;
  /* A sparse file has fewer bytes in the archive than its size. */
  if (archive_entry_sparse_count(e) == 0)
    tar->content_end = (uint64_t)archive_filter_bytes(tar->archive, 0) + tar->entry.size;
  *ret = tar->entry;
  return 1;
}

int oci_tar_read(void *ctx, void *to, size_t room, size_t *ret_got, struct error *err)
{
  struct oci_tar *tar = ctx;
  la_ssize_t got = archive_read_data(tar->archive, to, room);
  if (got < 0)
    return tar_failed(tar, err);
  *ret_got = (size_t)got;
  return 0;
}

int oci_layer_prepare(struct error *err)
{
  /* Digests of nothing: OpenSSL reads its configuration when the first is computed. */
  static const char *const empty[] = {
      "sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
      "sha512:cf83e1357eefb8bdf1542850d66d8007d620e4050b5715dc83f4a921d36ce9ce"
      "47d0d13c5d85f2b0ff8318d2877eec2f63b931bd47417a81a538327af927da3e",
  };
  struct error ignored;
  for (size_t i = 0; i < sizeof empty / sizeof *empty; i++) {
    struct oci_descriptor descriptor = {.digest = str_from(empty[i])};
    (void)oci_check_bytes(&descriptor, STR_EMPTY, &ignored);
  }
  iconv_t conversion = iconv_open("UTF-8", "UTF-8");
  if (conversion != (iconv_t)-1)
    iconv_close(conversion);
  return archive_load(err);
}
