/*
 * Whatever the archive holds: reading ends, within its limits; what is read has clean names, in order,
 * and roots that do not overlap; with a key, only what is signed is read; and the same bytes give the
 * same answer twice.
 *
 * The first byte says what the rest is: 0 an archive as it is; 1 a tar archive, which is packed here
 * without being compressed; else names and texts in turn, each up to a zero byte, which are made into
 * an archive, so that manifests and signatures come to be read.
 */
#include "policy/rego_bundle.h"

#include "base/utf8.h"

#include <assert.h>

enum { BLOCK = 512, STORED_MAX = 65535 };

/* RFC 1952 around RFC 1951's stored blocks; libarchive looks at no checksum. */
static void pack(struct buf *out, struct str tar)
{
  buf_add(out, STR("\x1f\x8b\x08\0\0\0\0\0\0\xff"));
  do {
    struct str piece = str_sub(tar, 0, STORED_MAX);
    tar = str_sub(tar, piece.len, SIZE_MAX);
    buf_add_byte(out, tar.len == 0);
    buf_add_byte(out, (char)(piece.len & 0xff));
    buf_add_byte(out, (char)(piece.len >> 8));
    buf_add_byte(out, (char)(~piece.len & 0xff));
    buf_add_byte(out, (char)((~piece.len >> 8) & 0xff));
    buf_add(out, piece);
  } while (tar.len);
  buf_add(out, STR("\0\0\0\0\0\0\0\0"));
}

static void add_entry(struct buf *tar, struct str name, struct str text)
{
  char header[BLOCK] = {0};
  memcpy(header, name.data, name.len < 99 ? name.len : 99);
  snprintf(header + 100, 8, "0000644");
  snprintf(header + 124, 12, "%011zo", text.len);
  snprintf(header + 136, 12, "00000000000");
  header[156] = '0';
  memcpy(header + 257, "ustar\00000", 8);
  memset(header + 148, ' ', 8);
  unsigned sum = 0;
  for (size_t i = 0; i < BLOCK; i++)
    sum += (uint8_t)header[i];
  snprintf(header + 148, 8, "%06o", sum);
  buf_add(tar, str_make(header, BLOCK));
  buf_add(tar, text);
  buf_add_repeat(tar, '\0', (BLOCK - text.len % BLOCK) % BLOCK);
}

static void make_tar(struct buf *tar, struct str rest)
{
  while (rest.data && rest.len) {
    struct str name = str_cut(rest, '\0', &rest);
    struct str text = rest.data ? str_cut(rest, '\0', &rest) : STR_EMPTY;
    add_entry(tar, name, text);
  }
  buf_add_repeat(tar, '\0', 2 * BLOCK);
}

static void check_file(const struct rego_bundle *b, size_t i)
{
  const struct rego_bundle_file *file = &b->files[i];
  assert(file->path.len && file->path.len <= REGO_BUNDLE_PATH_MAX && utf8_valid(file->path));
  struct str rest = file->path;
  while (rest.data) {
    struct str part = str_cut(rest, '/', &rest);
    assert(part.len && !str_eq(part, STR(".")) && !str_eq(part, STR("..")));
  }
  assert(i == 0 || str_compare(b->files[i - 1].path, file->path) < 0);
  assert(file->kind == REGO_BUNDLE_MODULE || !file->has_version);
}

static void check_bundle(const struct rego_bundle *b)
{
  struct str two[2];
  const struct rego_bundle *owners[2];
  assert(!rego_bundle_overlap(&b, 1, two, owners));
  for (size_t i = 0; i < b->root_count; i++) {
    assert(!str_starts(b->roots[i], STR("/")) && !str_ends(b->roots[i], STR("/")));
    assert(rego_bundle_owns(b, b->roots[i]) && rego_bundle_leads(b, b->roots[i]));
    assert(rego_bundle_leads(b, STR_EMPTY));
  }
  for (size_t i = 0; i < b->file_count; i++)
    check_file(b, i);
}

static int read_once(struct str archive, const struct rego_bundle_options *options,
                     struct error *err)
{
  struct rego_bundle *b = NULL;
  int rc = rego_bundle_read_archive(archive, STR("b"), options, &b, err);
  if (rc < 0) {
    assert(!b && err->code == rc && err->message[0]);
    return rc;
  }
  assert(b);
  check_bundle(b);
  assert(!b->verified || (options && options->trust->key_count));
  assert(b->verified || !options || !options->trust->key_count);
  rego_bundle_free(b);
  return 0;
}

static void read_all(struct str archive)
{
  static const struct rego_bundle_key key = {STR_INIT("k"), STR_INIT("HS256"), STR_INIT("secret")};
  static const char *const exclude[] = {"*.txt"};
  static const struct rego_bundle_trust trust = {.keys = &key,
                                                 .key_count = 1,
                                                 .key_id = STR_INIT("k"),
                                                 .exclude = exclude,
                                                 .exclude_count = 1};
  static const struct rego_bundle_trust skip = {.skip = true};
  const struct rego_bundle_options trusting = {.trust = &trust}, skipping = {.trust = &skip};
  struct error first, again;
  int rc = read_once(archive, &skipping, &first);
  assert(read_once(archive, &skipping, &again) == rc);
  assert(rc == 0 || strcmp(first.message, again.message) == 0);
  int with_key = read_once(archive, &trusting, &again);
  assert(rc == 0 || with_key < 0);
  read_once(archive, NULL, &again);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
  if (size == 0 || size > 1 << 20)
    return 0;
  struct str rest = str_make((const char *)data + 1, size - 1);
  _cleanup_(buf_free) struct buf tar = {0};
  _cleanup_(buf_free) struct buf archive = {0};
  if (data[0] == 0) {
    buf_add(&archive, rest);
  } else {
    if (data[0] == 1)
      buf_add(&tar, rest);
    else
      make_tar(&tar, rest);
    pack(&archive, buf_str(&tar));
  }
  read_all(buf_str(&archive));
  return 0;
}
