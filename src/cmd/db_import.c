#include "cmd/db_import.h"

#include "base/clock.h"
#include "base/file.h"
#include "base/suggestion.h"
#include "base/walk.h"
#include "cmd/console.h"
#include "crypto/digest.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

enum { TOLD_MAX = 3, HEAD = 64 << 10 };

/* ---- names */

static const struct {
  const char *format, *name;
} names[] = {
    {"debian-tracker", "Debian security tracker"},
    {"debian-list", "Debian security announcements"},
    {"alpine-secdb", "secdb"},
    {"kev", "CISA KEV"},
    {"epss", "EPSS"},
    {"rubysec", "ruby-advisory-db"},
    {"nodejs", "Node.js security WG"},
    {"retirejs", "RetireJS"},
    {"victims", "victims"},
    {"project-kb", "project KB"},
};

/* "almalinux" of "data/almalinux.osv.jsonl.zst". */
static struct str stem_of(const char *path)
{
  struct str rest, name = str_from(path);
  while (str_ends(name, STR("/")))
    name.len--;
  ptrdiff_t slash = str_find_last_byte(name, '/');
  name = str_sub(name, (size_t)(slash + 1), SIZE_MAX);
  struct str stem = str_cut(name, '.', &rest);
  return stem.len ? stem : name;
}

static struct str name_of(const struct advisory_format *format, const char *path)
{
  for (size_t i = 0; i < sizeof names / sizeof *names; i++)
    if (strcmp(names[i].format, format->name) == 0)
      return str_from(names[i].name);
  return stem_of(path);
}

/* ---- what is left out */

static struct db_source_count *count_of(struct db_import *import, struct str name)
{
  for (size_t i = 0; i < import->counts.count; i++)
    if (str_eq(import->counts.items[i].name, name))
      return &import->counts.items[i];
  struct db_source_count *count = vec_add(&import->counts);
  count->name = arena_copy(&import->arena, name);
  return count;
}

static void complain(void *ctx, struct str source, struct str id, const struct error *why)
{
  struct db_import *import = ctx;
  struct db_source_count *count = count_of(import, source);
  if (count->unreadable++ < TOLD_MAX)
    console_note("%.*s: %.*s: %s", STR_FMT(str_sub(source, 0, 200)), STR_FMT(str_sub(id, 0, 255)),
                 why->message);
}

static void unreadable(void *ctx, struct str id, const struct error *why)
{
  struct db_import *import = ctx;
  advisory_writer_unreadable(import->writer, id, why);
}

static void tell_counts(const struct db_import *import)
{
  for (size_t i = 0; i < import->counts.count; i++) {
    const struct db_source_count *c = &import->counts.items[i];
    if (c->unreadable > TOLD_MAX)
      console_note("%.*s: %llu records in all could not be read", STR_FMT(c->name),
                   (unsigned long long)c->unreadable);
  }
}

/* ---- the bytes of a file, digested on the way */

struct reading {
  int fd;
  struct digester *digester;
};

static int read_bytes(void *ctx, void *to, size_t room, size_t *ret_got, struct error *err)
{
  struct reading *r = ctx;
  ssize_t got;
  do
    got = read(r->fd, to, room);
  while (got < 0 && errno == EINTR);
  if (got < 0)
    return error_set_errno(err, errno, "reading");
  *ret_got = (size_t)got;
  return digester_add(r->digester, str_make(to, *ret_got), err);
}

/* The first bytes of a file, unpacked; the file is at its beginning again. */
static bool read_head(int fd, struct buf *ret_head)
{
  struct reading r = {.fd = fd};
  _cleanup_(digester_freep) struct digester *digester = NULL;
  static const struct oci_unpack_options options = {0};
  struct oci_unpack *u = NULL;
  struct str piece;
  if (digester_new(DIGEST_SHA256, &digester, NULL) < 0)
    return false;
  r.digester = digester;
  int rc = oci_unpack_new((struct oci_input){read_bytes, &r}, &options, &u, NULL);
  while (rc >= 0 && ret_head->len < HEAD && (rc = oci_unpack_next(u, &piece, NULL)) > 0)
    buf_add(ret_head, str_sub(piece, 0, HEAD - ret_head->len));
  oci_unpack_free(u);
  return rc >= 0 && lseek(fd, 0, SEEK_SET) == 0;
}

/* The format that they show; NULL: none. */
static const struct advisory_format *detect(int fd, const char *path)
{
  _cleanup_(buf_free) struct buf head = {0};
  return read_head(fd, &head) ? advisory_format_detect(str_from(path), buf_str(&head)) : NULL;
}

bool db_import_fits(const char *path, struct str url, const struct advisory_format *format)
{
  _cleanup_(file_closep) int fd = file_open_at(AT_FDCWD, path, path, 0, NULL);
  _cleanup_(buf_free) struct buf head = {0};
  if (fd < 0 || !read_head(fd, &head))
    return false;
  struct str bytes = buf_str(&head);
  return str_starts(bytes, STR("PK\3\4")) || str_eq(str_sub(bytes, 257, 5), STR("ustar")) ||
         advisory_format_detect(url, bytes) == format;
}

static int begin_source(struct db_import *import, const char *path,
                        const struct advisory_format *format, const struct db_source *source,
                        struct error *err)
{
  const struct advisory_source_info about = {
      .name = source->name.len ? source->name : name_of(format, path),
      .origin = source->origin.len ? source->origin : str_from(path),
      .fetched = source->fetched.len ? source->fetched : import->now,
  };
  return advisory_writer_source(import->writer, &about, err);
}

static int import_bytes(struct db_import *import, int fd, const char *path,
                        const struct advisory_format *format, struct error *err)
{
  struct advisory_sink sink = advisory_writer_sink(import->writer);
  struct reading r = {.fd = fd};
  _cleanup_(digester_freep) struct digester *digester = NULL;
  struct digest digest;
  int rc = digester_new(DIGEST_SHA256, &digester, err);
  if (rc < 0)
    return rc;
  r.digester = digester;
  struct advisory_import a = {.name = str_from(path),
                              .sink = &sink,
                              .unreadable = unreadable,
                              .ctx = import,
                              .arena = &import->arena};
  rc = advisory_import_read(&a, format, (struct oci_input){read_bytes, &r}, err);
  if (rc == 0)
    rc = digester_end(digester, &digest, err);
  if (rc == 0)
    advisory_writer_source_dated(
        import->writer, a.ret_date,
        arena_printf(&import->arena, "sha256:%.*s", STR_FMT(digest_hex(&import->arena, &digest))));
  return rc;
}

/* A folder of single documents (GHSA's repository, CSAF) is one source, not one for each file. */
struct folder {
  const char *path;
  const struct advisory_format *last; /* of the single documents that came last; NULL: none */
  bool inside;
};

static bool is_single(const struct folder *folder, const struct advisory_format *format,
                      const char *path)
{
  return folder->inside && str_ends(str_from(path), STR(".json")) &&
         (strcmp(format->name, "osv") == 0 || strcmp(format->name, "csaf") == 0);
}

static int import_file(struct db_import *import, const char *path,
                       const struct advisory_format *format, const struct db_source *source,
                       struct folder *folder, struct error *err)
{
  _cleanup_(file_closep) int fd = file_open_at(AT_FDCWD, path, path, 0, err);
  if (fd < 0)
    return fd;
  if (!format)
    format = detect(fd, path);
  if (!format && folder->inside)
    return 0;
  if (!format)
    return error_set(err, SW_EINVAL,
                     "%s: is of no format of advisories that is known; name it as FORMAT=PATH",
                     path);
  bool single = is_single(folder, format, path), goes_on = single && folder->last == format;
  int rc = goes_on ? 0 : begin_source(import, single ? folder->path : path, format, source, err);
  folder->last = single ? format : NULL;
  return rc < 0 ? rc : import_bytes(import, fd, path, format, err);
}

int db_import_path(struct db_import *import, const char *path, const struct advisory_format *format,
                   const struct db_source *source, struct error *err)
{
  const struct walk_options options = {.skip_dirs = walk_usual_dirs};
  _cleanup_(walk_freep) struct walk *walk = walk_new(&path, 1, &options);
  struct folder folder = {.path = path};
  struct walk_entry entry;
  int rc = 0;
  while (rc == 0 && walk_next(walk, &entry)) {
    folder.inside = !walk_at_root(walk);
    if (entry.kind == WALK_ERROR) {
      if (err)
        *err = entry.error;
      return entry.error.code;
    }
    if (entry.kind == WALK_FILE)
      rc = import_file(import, entry.path.data, format, source, &folder, err);
  }
  return rc;
}

int db_import_operand(const char *operand, const struct advisory_format **ret_format,
                      const char **ret_path, struct error *err)
{
  struct str rest, name = str_cut(str_from(operand), '=', &rest);
  *ret_format = NULL;
  *ret_path = operand;
  if (!rest.data || str_find_byte(name, 0, '/') >= 0 || access(operand, F_OK) == 0)
    return 0;
  *ret_format = advisory_format_named(name);
  *ret_path = rest.data;
  if (*ret_format)
    return 0;
  struct suggestion s = {.word = name};
  for (size_t i = 0; advisory_formats[i]; i++)
    suggestion_consider(&s, advisory_formats[i]->name);
  return error_set(err, SW_EUSAGE, "there is no format \"%.*s\" of advisories%s%s%s",
                   STR_FMT(str_sub(name, 0, 100)), s.best ? "; did you mean \"" : "",
                   s.best ? s.best : "", s.best ? "\"?" : "");
}

/* ---- */

int db_make_folders(const char *path, struct error *err)
{
  char folder[4096];
  size_t len = strlen(path);
  if (len >= sizeof folder)
    return error_set(err, SW_ELIMIT, "%.200s...: the path is too long", path);
  for (size_t i = 1; i < len; i++) {
    if (path[i] != '/')
      continue;
    memcpy(folder, path, i);
    folder[i] = 0;
    if (mkdir(folder, 0755) < 0 && errno != EEXIST)
      return error_set_errno(err, errno, "making the folder %s", folder);
  }
  return 0;
}

int db_import_open(struct db_import *import, const char *path, struct error *err)
{
  char now[CLOCK_TEXT];
  *import = (struct db_import){.now = STR_EMPTY};
  arena_init(&import->arena, 0);
  import->now = arena_copy(&import->arena, clock_format(clock_wall_seconds(clock_system()), now));
  const struct advisory_writer_options options = {
      .complain = complain, .ctx = import, .now = import->now};
  int rc = db_make_folders(path, err);
  return rc < 0 ? rc : advisory_writer_new(path, &options, &import->writer, err);
}

int db_import_finish(struct db_import *import, struct error *err)
{
  tell_counts(import);
  return advisory_writer_finish(import->writer, err);
}

void db_import_close(struct db_import *import)
{
  advisory_writer_free(import->writer);
  vec_free(&import->counts);
  arena_free(&import->arena);
}
