#include "cmd/db_fetch.h"

#include "base/file.h"
#include "base/sink.h"
#include "cmd/db_import.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

enum { META_MAX = 64 << 10, ATTEMPTS = 5, PATH_ROOM = 4096 };
#define FILE_LIMIT ((size_t)4 << 30)

/* ---- meta */

static const struct {
  const char *name;
  size_t offset;
} fields[] = {
    {"name", offsetof(struct db_meta, name)},
    {"format", offsetof(struct db_meta, format)},
    {"url", offsetof(struct db_meta, url)},
    {"etag", offsetof(struct db_meta, etag)},
    {"modified", offsetof(struct db_meta, modified)},
    {"fetched", offsetof(struct db_meta, fetched)},
};

static struct str *field_of(const struct db_meta *meta, size_t i)
{
  return (struct str *)((char *)meta + fields[i].offset);
}

int db_meta_read(const char *path, struct arena *arena, struct db_meta *ret, struct error *err)
{
  _cleanup_(buf_free) struct buf text = {0};
  char meta[PATH_ROOM];
  snprintf(meta, sizeof meta, "%s.meta", path);
  *ret = (struct db_meta){.name = STR_EMPTY};
  int rc = file_read(meta, META_MAX, &text, err);
  for (struct str rest = buf_str(&text); rc == 0 && rest.data;) {
    struct str value, name = str_cut(str_cut(rest, '\n', &rest), ':', &value);
    for (size_t i = 0; value.data && i < sizeof fields / sizeof *fields; i++)
      if (str_eq(name, str_from(fields[i].name)))
        *field_of(ret, i) = arena_copy(arena, str_trim(value));
  }
  return rc;
}

int db_meta_write(const char *path, const struct db_meta *meta, struct error *err)
{
  char name[PATH_ROOM];
  struct sink sink;
  snprintf(name, sizeof name, "%s.meta", path);
  int rc = sink_to_file(&sink, name, err);
  if (rc < 0)
    return rc;
  for (size_t i = 0; i < sizeof fields / sizeof *fields; i++)
    if (field_of(meta, i)->len)
      sink_printf(&sink, "%s: %.*s\n", fields[i].name, STR_FMT(*field_of(meta, i)));
  rc = sink_finish(&sink, err);
  sink_free(&sink);
  return rc;
}

/* ---- one attempt */

struct download {
  const struct db_meta *meta;
  char part[PATH_ROOM];
  struct arena arena;
  struct db_meta kept; /* of what is in the part, as the server said */
  int fd;
  uint64_t have; /* bytes in the part */
  uint64_t received;
  bool began;
};

/* A validator that means the very same bytes. */
static struct str strong_validator(const struct db_meta *meta)
{
  return meta->etag.len && !str_starts(meta->etag, STR("W/")) ? meta->etag : meta->modified;
}

static void note_head(struct download *d, const struct http_response *so_far)
{
  struct str etag, modified;
  d->kept = *d->meta;
  if (http_response_header(so_far, STR("ETag"), &etag))
    d->kept.etag = arena_copy(&d->arena, etag);
  if (http_response_header(so_far, STR("Last-Modified"), &modified))
    d->kept.modified = arena_copy(&d->arena, modified);
}

/* The first bytes: a part that is gone on with, or a new one. */
static int begin(struct download *d, const struct http_response *so_far)
{
  bool goes_on = so_far->status == 206;
  d->began = true;
  note_head(d, so_far);
  if (!goes_on) {
    d->have = 0;
    if (ftruncate(d->fd, 0) < 0)
      return SW_EIO;
  }
  if (lseek(d->fd, (off_t)d->have, SEEK_SET) < 0)
    return SW_EIO;
  return goes_on ? 0 : db_meta_write(d->part, &d->kept, NULL);
}

static int take_piece(void *context, const struct http_response *so_far, struct str piece)
{
  struct download *d = context;
  if (so_far->status != 200 && so_far->status != 206)
    return 0;
  int rc = d->began ? 0 : begin(d, so_far);
  if (rc == 0)
    rc = fd_write_all(d->fd, piece.data, piece.len, NULL);
  if (rc == 0) {
    d->have += piece.len;
    d->received += piece.len;
  }
  return rc;
}

static size_t conditions(struct download *d, const struct db_meta *old, bool have_old,
                         struct http_field *headers)
{
  size_t count = 0;
  struct str validator = strong_validator(&d->kept);
  if (d->have && validator.len) {
    headers[count++] = (struct http_field){
        STR("Range"), arena_printf(&d->arena, "bytes=%llu-", (unsigned long long)d->have)};
    headers[count++] = (struct http_field){STR("If-Range"), validator};
    return count;
  }
  d->have = 0;
  if (have_old && old->etag.len)
    headers[count++] = (struct http_field){STR("If-None-Match"), old->etag};
  if (have_old && old->modified.len)
    headers[count++] = (struct http_field){STR("If-Modified-Since"), old->modified};
  return count;
}

/* 1: asked and not answered to the end, 0: answered with ret_status. */
static int attempt(struct http_client *client, struct download *d, const struct db_meta *old,
                   bool have_old, unsigned *ret_status, struct error *err)
{
  _cleanup_(http_response_free) struct http_response response = {0};
  struct http_field headers[4];
  const struct http_query query = {.url = d->meta->url,
                                   .headers = headers,
                                   .header_count = conditions(d, old, have_old, headers),
                                   .limit = FILE_LIMIT,
                                   .total_ms = 3600000,
                                   .silence_ms = 60000,
                                   .on_body = take_piece,
                                   .context = d};
  d->began = false;
  int rc = http_client_fetch(client, &query, &response, err);
  *ret_status = response.status;
  if (rc == 0 && !d->began && response.status == 200)
    rc = begin(d, &response); /* an empty file */
  return rc;
}

/* ---- */

static int take_place(struct download *d, const char *path, struct error *err)
{
  char part_meta[PATH_ROOM + 8];
  snprintf(part_meta, sizeof part_meta, "%s.meta", d->part);
  if (!db_import_fits(d->part, d->meta->url, advisory_format_named(d->meta->format))) {
    unlink(d->part);
    unlink(part_meta);
    return error_set(err, SW_EINVAL, "%.*s: what came is not of the format %.*s",
                     STR_FMT(d->meta->url), STR_FMT(d->meta->format));
  }
  if (fsync(d->fd) < 0 || rename(d->part, path) < 0)
    return error_set_errno(err, errno, "putting %s in place", path);
  unlink(part_meta);
  return db_meta_write(path, &d->kept, err);
}

static int finish(struct download *d, unsigned status, const struct db_meta *old, const char *path,
                  struct db_fetched *ret, struct error *err)
{
  ret->bytes = d->received;
  if (status == 304) {
    struct db_meta same = *old;
    same.name = d->meta->name;
    same.format = d->meta->format;
    same.fetched = d->meta->fetched;
    unlink(d->part);
    return db_meta_write(path, &same, err);
  }
  if (status != 200 && status != 206)
    return error_set(err, status == 404 ? SW_ENOENT : SW_EIO, "%.*s: the server answers %u",
                     STR_FMT(d->meta->url), status);
  ret->changed = true;
  return take_place(d, path, err);
}

static int run(struct http_client *client, struct download *d, const char *path,
               struct db_fetched *ret, struct error *err)
{
  struct db_meta old;
  bool have_old = access(path, R_OK) == 0 && db_meta_read(path, &d->arena, &old, NULL) == 0 &&
                  str_eq(old.url, d->meta->url);
  unsigned status = 0;
  int rc = SW_EIO;
  for (unsigned i = 0; i < ATTEMPTS; i++) {
    uint64_t before = d->received;
    rc = attempt(client, d, &old, have_old, &status, err);
    if (rc == 0 && status == 416) { /* the part is not of what the server has now */
      d->have = 0;
      continue;
    }
    if (rc == 0 || (rc != SW_EIO && rc != SW_EINVAL) || d->received == before)
      break;
  }
  return rc < 0 ? rc : finish(d, status, &old, path, ret, err);
}

int db_fetch(struct http_client *client, const struct db_meta *meta, const char *path,
             struct db_fetched *ret, struct error *err)
{
  struct download d = {.meta = meta};
  struct stat info;
  *ret = (struct db_fetched){.changed = false};
  arena_init(&d.arena, 0);
  snprintf(d.part, sizeof d.part, "%s.part", path);
  d.fd = open(d.part, O_RDWR | O_CREAT | O_CLOEXEC, 0644);
  if (d.fd < 0) {
    arena_free(&d.arena);
    return error_set_errno(err, errno, "%s", d.part);
  }
  /* Only what the same URL gave may be gone on with. */
  if (fstat(d.fd, &info) == 0 && info.st_size > 0 &&
      db_meta_read(d.part, &d.arena, &d.kept, NULL) == 0 && str_eq(d.kept.url, meta->url))
    d.have = (uint64_t)info.st_size;
  int rc = run(client, &d, path, ret, err);
  close(d.fd);
  if (d.have == 0)
    unlink(d.part);
  arena_free(&d.arena);
  return rc;
}
