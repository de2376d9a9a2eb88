/* Archives: libarchive takes gzip and tar apart, everything it says is checked here. */
#include "oci/archive.h"
#include "policy/rego_bundle_int.h"

#include <sys/stat.h>

enum {
  BLOCK = 64 << 10,      /* bytes read at a time */
  RATIO_FREE = 16 << 20, /* bytes that any archive may hold, however small it is */
  GZIP_MAGIC_1 = 0x1f,   /* RFC 1952, section 2.3.1 */
  GZIP_MAGIC_2 = 0x8b,
};

static void reader_free(struct archive **archive)
{
  if (*archive)
    archive_read_free(*archive);
}

static int archive_failed(struct archive *archive, const char *doing, struct error *err)
{
  const char *why = archive_error_string(archive);
  return error_set(err, SW_EINVAL, "%s: %s", doing, why ? why : "it is damaged");
}

/* libarchive gives names of old formats as bytes and those of new ones as UTF-8, which it cannot turn
 * into bytes where the locale is not UTF-8. */
static const char *name_of(struct archive_entry *entry)
{
  const char *name = archive_entry_pathname(entry);
  return name ? name : archive_entry_pathname_utf8(entry);
}

/* What all entries together may take, given the size of the archive. */
static uint64_t bytes_allowed(struct str archive)
{
  uint64_t by_ratio = (uint64_t)archive.len * REGO_BUNDLE_RATIO;
  if (by_ratio < RATIO_FREE)
    by_ratio = RATIO_FREE;
  return by_ratio < REGO_BUNDLE_BYTES_MAX ? by_ratio : REGO_BUNDLE_BYTES_MAX;
}

struct tar {
  struct archive *archive;
  struct bundle_reader *reader;
  struct buf text; /* of the entry being read */
  uint64_t left;   /* bytes that may still come out of the archive */
};

static int read_text(struct tar *tar, struct str name, struct error *err)
{
  buf_clear(&tar->text);
  for (;;) {
    if (!buf_reserve(&tar->text, BLOCK))
      return error_set(err, SW_ELIMIT, "%.*s: larger than a file of a bundle may be",
                       STR_FMT(name));
    la_ssize_t got = archive_read_data(tar->archive, tar->text.data + tar->text.len, BLOCK);
    if (got < 0)
      return archive_failed(tar->archive, "reading the archive", err);
    if (got == 0)
      return 0;
    if ((uint64_t)got > tar->left)
      return error_set(
          err, SW_ELIMIT,
          "%.*s: the archive unpacks to more than it may (%d times its size, or %d MiB)",
          STR_FMT(name), REGO_BUNDLE_RATIO, (int)(REGO_BUNDLE_BYTES_MAX >> 20));
    tar->left -= (uint64_t)got;
    tar->text.len += (size_t)got;
    int rc = bundle_reader_fits(tar->reader, name, tar->text.len, err);
    if (rc < 0)
      return rc;
  }
}

static int read_entry(struct tar *tar, struct archive_entry *entry, struct error *err)
{
  const char *raw = name_of(entry);
  if (!raw)
    return error_set(err, SW_EINVAL, "an entry of the archive has a name that is not UTF-8");
  struct str name = str_from(raw);
  if (archive_entry_hardlink(entry) || archive_entry_symlink(entry))
    return error_set(err, SW_EINVAL, "%s: is a link, and bundles hold files and directories only",
                     raw);
  if (archive_entry_filetype(entry) == AE_IFDIR)
    return 0;
  if (archive_entry_filetype(entry) != AE_IFREG)
    return error_set(err, SW_EINVAL, "%s: is neither a file nor a directory", raw);
  if (archive_entry_size_is_set(entry)) {
    int64_t size = archive_entry_size(entry);
    int rc = bundle_reader_fits(tar->reader, name, size < 0 ? UINT64_MAX : (uint64_t)size, err);
    if (rc < 0)
      return rc;
  }
  int rc = read_text(tar, name, err);
  return rc < 0 ? rc : bundle_reader_add(tar->reader, name, buf_str(&tar->text), err);
}

static int read_entries(struct tar *tar, struct error *err)
{
  for (uint32_t count = 0;; count++) {
    struct archive_entry *entry;
    int rc = archive_read_next_header(tar->archive, &entry);
    if (rc == ARCHIVE_EOF)
      return 0;
    if (rc != ARCHIVE_OK && rc != ARCHIVE_WARN)
      return archive_failed(tar->archive, "reading the archive", err);
    if (count == REGO_BUNDLE_ENTRIES_MAX)
      return error_set(err, SW_ELIMIT, "the archive has more than %d entries",
                       REGO_BUNDLE_ENTRIES_MAX);
    rc = read_entry(tar, entry, err);
    if (rc < 0)
      return rc;
  }
}

int bundle_read_tar(struct bundle_reader *reader, struct str archive, struct error *err)
{
  if (archive.len < 2 || (uint8_t)archive.data[0] != GZIP_MAGIC_1 ||
      (uint8_t)archive.data[1] != GZIP_MAGIC_2)
    return error_set(err, SW_EINVAL,
                     "is no bundle: bundles are directories, or tar archives packed with gzip");
  int rc = archive_load(err);
  if (rc < 0)
    return rc;
  _cleanup_(reader_free) struct archive *a = archive_read_new();
  if (!a)
    mem_exhausted(sizeof(void *));
  archive_read_support_filter_gzip(a);
  archive_read_support_format_tar(a);
  if (archive_read_open_memory(a, archive.data, archive.len) != ARCHIVE_OK)
    return archive_failed(a, "opening the archive", err);
  struct tar tar = {.archive = a, .reader = reader, .left = bytes_allowed(archive)};
  buf_init(&tar.text, REGO_BUNDLE_FILE_MAX + BLOCK);
  rc = read_entries(&tar, err);
  buf_free(&tar.text);
  return rc;
}
