#include "oci/tar_split.h"

#include "base/file.h"
#include "data/base64.h"
#include "data/json.h"
#include "oci/layer.h"
#include "oci/source_int.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

enum { ENTRY_FILE = 1, ENTRY_BYTES = 2, TOLD_MAX = 200, LINKS_MAX = 40 /* the kernel's, too */ };

struct oci_tar_split {
  int root, parts;
  struct oci_unpack *unpack;
  struct str piece; /* of the unpacked text, what is not read yet */
  struct buf line;
  uint64_t line_number;
  bool ended;
  struct arena arena;     /* of the line */
  struct str bytes;       /* that come next */
  struct buf folder_name; /* of the file before, as the archive calls it */
  int folder;             /* -1: none */
  int file;               /* whose content comes next; -1: none */
  uint64_t left;          /* bytes of it */
};

/* ---- files */

/*
 * Where a path leads in the end, as if the root were the system's. openat2(2) would do that, but what it is asked for lies
 * in memory, where the filter of the sandbox cannot look, so readers may not call it.
 */
static int follow(struct oci_tar_split *s, struct str path, char to[static OCI_PATH_MAX + 1],
                  struct error *err)
{
  char target[OCI_PATH_MAX + 1];
  size_t len = 0;
  unsigned links = 0;
  to[0] = '\0';
  for (struct str rest = path; rest.data;) {
    struct str part = str_cut(rest, '/', &rest);
    const size_t before = len;
    bool up = str_eq(part, STR(".."));
    if (!part.len || str_eq(part, STR(".")))
      continue;
    while (up && len > 0 && to[--len] != '/')
      ;
    if (!up) {
      if (len + 1 + part.len > OCI_PATH_MAX)
        return error_set(err, SW_ELIMIT, "a path is longer than %d bytes", OCI_PATH_MAX);
      if (len)
        to[len++] = '/';
      memcpy(to + len, part.data, part.len);
      len += part.len;
    }
    to[len] = '\0';
    ssize_t got = up ? -1 : readlinkat(s->root, to, target, sizeof target);
    if (up || (got < 0 && errno == EINVAL)) /* no link */
      continue;
    if (got < 0 || got == sizeof target || ++links > LINKS_MAX)
      return error_set_errno(err, got < 0 ? errno : ELOOP, "\"%s\"", to);
    len = target[0] == '/' ? 0 : before;
    to[len] = '\0';
    rest = arena_printf(&s->arena, "%.*s/%.*s", (int)got, target, STR_FMT(rest));
  }
  return 0;
}

/* Files come folder by folder, so the last one is kept open. */
static int enter_folder(struct oci_tar_split *s, struct str name, struct error *err)
{
  char path[OCI_PATH_MAX + 1];
  if (s->folder >= 0 && str_eq(name, buf_str(&s->folder_name)))
    return 0;
  file_closep(&s->folder);
  s->folder = -1;
  int rc = follow(s, name, path, err);
  if (rc < 0)
    return rc;
  s->folder = openat(s->root, path[0] ? path : ".", O_PATH | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW);
  if (s->folder < 0)
    return error_set_errno(err, errno, "\"%s\"", path);
  buf_clear(&s->folder_name);
  buf_add(&s->folder_name, name);
  return 0;
}

static int open_in_root(struct oci_tar_split *s, struct str path, struct error *err)
{
  const int flags = O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK | O_NOFOLLOW;
  char end[OCI_PATH_MAX + 1];
  size_t base = path.len;
  while (base > 0 && path.data[base - 1] != '/')
    base--;
  int rc = enter_folder(s, str_sub(path, 0, base), err);
  if (rc < 0)
    return rc;
  s->file = openat(s->folder, path.data + base, flags);
  if (s->file < 0 && errno == ELOOP) {
    rc = follow(s, path, end, err);
    if (rc < 0)
      return rc;
    s->file = openat(s->root, end, flags);
  }
  return s->file < 0 ? error_set_errno(err, errno, "\"%s\"", path.data) : 0;
}

static int open_file(struct oci_tar_split *s, struct str name, struct error *err)
{
  char path[OCI_PATH_MAX + 1];
  bool escapes;
  struct stat st;
  struct str shown = str_sub(name, 0, TOLD_MAX);
  int len = oci_path_clean(name, path, &escapes);
  if (len <= 0 || strlen(path) != (size_t)len)
    return error_set(err, SW_EINVAL, "\"%.*s\" is no path", STR_FMT(shown));
  int rc = open_in_root(s, str_make(path, (size_t)len), err);
  if (rc < 0)
    return rc;
  if (fstat(s->file, &st) < 0 || !S_ISREG(st.st_mode))
    return error_set(err, SW_EINVAL, "\"%.*s\" is no file any more", STR_FMT(shown));
  return 0;
}

static int read_file(struct oci_tar_split *s, void *to, size_t room, size_t *ret_got,
                     struct error *err)
{
  const struct oci_input input = oci_fd_input(&s->file);
  int rc = input.read(input.ctx, to, room < s->left ? room : (size_t)s->left, ret_got, err);
  if (rc < 0)
    return rc;
  if (*ret_got == 0)
    return error_set(err, SW_EINVAL, "a file is %llu bytes shorter than it was",
                     (unsigned long long)s->left);
  s->left -= *ret_got;
  if (s->left == 0) {
    close(s->file);
    s->file = -1;
  }
  return 0;
}

/* ---- lines */

/* The next line, without its end: 1; 0 at the end of the text. */
static int next_line(struct oci_tar_split *s, struct error *err)
{
  buf_clear(&s->line);
  for (;;) {
    ptrdiff_t end = str_find_byte(s->piece, 0, '\n');
    buf_add(&s->line, str_sub(s->piece, 0, end < 0 ? s->piece.len : (size_t)end));
    if (buf_failed(&s->line))
      return error_set(err, SW_ELIMIT, "a line is longer than %d MiB",
                       OCI_TAR_SPLIT_LINE_MAX >> 20);
    if (end >= 0) {
      s->piece = str_sub(s->piece, (size_t)end + 1, s->piece.len);
      s->line_number++;
      return 1;
    }
    int rc = oci_unpack_next(s->unpack, &s->piece, err);
    if (rc < 0)
      return rc;
    if (rc == 0) {
      s->piece = STR_EMPTY;
      s->line_number++;
      return s->line.len > 0;
    }
  }
}

static int take_bytes(struct oci_tar_split *s, struct value entry, struct error *err)
{
  struct str payload = value_str_or_empty(value_get(entry, value_from("payload")));
  return payload.len ? base64_decode(&s->arena, payload, BASE64_STANDARD, &s->bytes, err) : 0;
}

static int take_file(struct oci_tar_split *s, struct value entry, struct error *err)
{
  int64_t size = 0;
  struct value given = value_get(entry, value_from("size"));
  struct str name = value_str_or_empty(value_get(entry, value_from("name")));
  struct str raw = value_str_or_empty(value_get(entry, value_from("name_raw")));
  if (!value_is_nil(given) && (!value_to_int(given, &size) || size < 0))
    return error_set(err, SW_EINVAL, "\"size\" must be a number of bytes");
  if (size == 0)
    return 0;
  int rc = raw.len ? base64_decode(&s->arena, raw, BASE64_STANDARD, &name, err) : 0;
  if (rc == 0)
    rc = open_file(s, name, err);
  s->left = (uint64_t)size;
  return rc;
}

static int take_line(struct oci_tar_split *s, struct error *err)
{
  const struct json_options options = {.size_max = OCI_TAR_SPLIT_LINE_MAX};
  struct value entry;
  int64_t type = 0;
  arena_reset(&s->arena);
  if (!str_trim(buf_str(&s->line)).len)
    return 0;
  int rc = json_parse(&s->arena, buf_str(&s->line), &options, &entry, err);
  if (rc < 0)
    return rc;
  value_to_int(value_get(entry, value_from("type")), &type);
  if (type == ENTRY_BYTES)
    return take_bytes(s, entry, err);
  if (type == ENTRY_FILE)
    return take_file(s, entry, err);
  return error_set(err, SW_EINVAL, "an entry of a type that is not known");
}

static int advance(struct oci_tar_split *s, struct error *err)
{
  int rc = next_line(s, err);
  if (rc == 0) {
    s->ended = true;
    return oci_unpack_end(s->unpack, err);
  }
  if (rc > 0)
    rc = take_line(s, err);
  return rc < 0 && err ? error_wrap(err, "tar-split, line %llu", (unsigned long long)s->line_number)
                       : rc;
}

static int split_read(void *ctx, void *to, size_t room, size_t *ret_got, struct error *err)
{
  struct oci_tar_split *s = ctx;
  while (!s->bytes.len && s->file < 0 && !s->ended) {
    int rc = advance(s, err);
    if (rc < 0)
      return rc;
  }
  if (!s->bytes.len && s->file >= 0)
    return read_file(s, to, room, ret_got, err);
  struct str piece = str_sub(s->bytes, 0, room);
  if (piece.len)
    memcpy(to, piece.data, piece.len);
  s->bytes = str_sub(s->bytes, piece.len, SIZE_MAX);
  *ret_got = piece.len;
  return 0;
}

/* ---- */

int oci_tar_split_new(int root, int parts, struct oci_tar_split **ret, struct error *err)
{
  static const struct oci_unpack_options options = {0};
  struct oci_tar_split *s = mem_zalloc(1, sizeof *s);
  *s = (struct oci_tar_split){.root = root, .parts = parts, .folder = -1, .file = -1};
  arena_init(&s->arena, 0);
  buf_init(&s->line, OCI_TAR_SPLIT_LINE_MAX);
  int rc = oci_unpack_new(oci_fd_input(&s->parts), &options, &s->unpack, err);
  if (rc < 0)
    oci_tar_split_free(s);
  else
    *ret = s;
  return rc;
}

void oci_tar_split_free(struct oci_tar_split *s)
{
  if (!s)
    return;
  oci_unpack_free(s->unpack);
  file_closep(&s->root);
  file_closep(&s->parts);
  file_closep(&s->folder);
  file_closep(&s->file);
  buf_free(&s->folder_name);
  buf_free(&s->line);
  arena_free(&s->arena);
  mem_free(s);
}

struct oci_input oci_tar_split_input(struct oci_tar_split *split)
{
  return (struct oci_input){split_read, split};
}
