#include "store/image_store.h"

#include "base/clock.h"

#include <errno.h>
#include <sqlite3.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zstd.h>

enum { BUSY_MS = 2000, PACK_LEVEL = 1, APPLICATION = 0x53574953 /* "SWIS" */ };

enum statement { GET, TOUCH, PUT, EACH, COUNT, BYTES, OLDEST, DROP, STATEMENTS };

static const char *const texts[STATEMENTS] = {
    [GET] = "SELECT size, value FROM items WHERE kind = ?1 AND key = ?2",
    [TOUCH] = "UPDATE items SET used = ?3 WHERE kind = ?1 AND key = ?2 AND used < ?3 - 3600",
    [PUT] =
        "INSERT OR REPLACE INTO items (kind, key, used, size, value) VALUES (?1, ?2, ?3, ?4, ?5)",
    [EACH] = "SELECT size, value, key FROM items WHERE kind = ?1 ORDER BY key",
    [COUNT] = "SELECT count(*) FROM items WHERE kind = ?1",
    [BYTES] = "SELECT coalesce(sum(length(value)), 0) FROM items",
    [OLDEST] = "SELECT kind, key, length(value) FROM items ORDER BY used LIMIT 100",
    [DROP] = "DELETE FROM items WHERE kind = ?1 AND key = ?2",
};

struct image_store {
  sqlite3 *db;
  sqlite3_stmt *statements[STATEMENTS];
  uint64_t bytes_max;
  uint64_t bytes; /* as of the opening, and what was put since */
  struct buf packed;
};

/* ---- opening */

static int make_directories(const char *path, struct error *err)
{
  _cleanup_(buf_free) struct buf part = {0};
  for (const char *p = path; (p = strchr(p + 1, '/'));) {
    buf_clear(&part);
    buf_add(&part, str_make(path, (size_t)(p - path)));
    if (mkdir(buf_text(&part), 0700) < 0 && errno != EEXIST)
      return error_set_errno(err, errno, "%s", buf_text(&part));
  }
  return 0;
}

static int failed(sqlite3 *db, const char *path, struct error *err)
{
  int code = sqlite3_errcode(db);
  bool access = code == SQLITE_CANTOPEN || code == SQLITE_READONLY || code == SQLITE_PERM;
  return error_set(err, access ? SW_EACCES : SW_EIO, "%s: %s", path, sqlite3_errmsg(db));
}

static int64_t pragma(sqlite3 *db, const char *text)
{
  sqlite3_stmt *s;
  int64_t value = -1;
  if (sqlite3_prepare_v2(db, text, -1, &s, NULL) != SQLITE_OK)
    return -1;
  if (sqlite3_step(s) == SQLITE_ROW)
    value = sqlite3_column_int64(s, 0);
  sqlite3_finalize(s);
  return value;
}

static bool prepare(struct image_store *store)
{
  static const char *const setup =
      "PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL; PRAGMA trusted_schema = OFF;"
      "PRAGMA application_id = 1398229331; PRAGMA user_version = 1;"
      "CREATE TABLE IF NOT EXISTS items (kind INTEGER NOT NULL, key TEXT NOT NULL, used INTEGER NOT NULL,"
      " size INTEGER NOT NULL, value BLOB NOT NULL, PRIMARY KEY (kind, key)) WITHOUT ROWID;"
      "CREATE INDEX IF NOT EXISTS items_used ON items (used)";
  sqlite3_busy_timeout(store->db, BUSY_MS);
  int64_t application = pragma(store->db, "PRAGMA application_id");
  int64_t version = pragma(store->db, "PRAGMA user_version");
  bool fresh = application == 0 && version == 0;
  if (!fresh && (application != APPLICATION || version != IMAGE_STORE_SCHEMA))
    return false;
  if (sqlite3_exec(store->db, setup, NULL, NULL, NULL) != SQLITE_OK)
    return false;
  for (int i = 0; i < STATEMENTS; i++)
    if (sqlite3_prepare_v2(store->db, texts[i], -1, &store->statements[i], NULL) != SQLITE_OK)
      return false;
  return true;
}

static void drop_connection(struct image_store *store)
{
  for (int i = 0; i < STATEMENTS; i++) {
    sqlite3_finalize(store->statements[i]);
    store->statements[i] = NULL;
  }
  sqlite3_close(store->db);
  store->db = NULL;
}

static int open_file(struct image_store *store, const char *path, struct error *err)
{
  const int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX;
  mode_t before = umask(077);
  int rc = sqlite3_open_v2(path, &store->db, flags, NULL);
  bool good = rc == SQLITE_OK && prepare(store);
  umask(before);
  if (good)
    return 0;
  rc = failed(store->db, path, err);
  drop_connection(store);
  return rc;
}

/* Only what is a store of another version, or was one, may go. */
static bool is_ours(const char *path)
{
  struct stat st;
  return lstat(path, &st) == 0 && S_ISREG(st.st_mode) && st.st_uid == geteuid();
}

static void remove_all(const char *path)
{
  static const char *const suffixes[] = {"", "-wal", "-shm"};
  for (size_t i = 0; i < sizeof suffixes / sizeof *suffixes; i++) {
    _cleanup_(buf_free) struct buf name = {0};
    buf_printf(&name, "%s%s", path, suffixes[i]);
    unlink(buf_text(&name));
  }
}

static uint64_t sum(struct image_store *store, enum statement which, int kind)
{
  sqlite3_stmt *s = store->statements[which];
  uint64_t number = 0;
  if (which == COUNT)
    sqlite3_bind_int(s, 1, kind);
  if (sqlite3_step(s) == SQLITE_ROW)
    number = (uint64_t)sqlite3_column_int64(s, 0);
  sqlite3_reset(s);
  return number;
}

int image_store_open(const char *path, uint64_t bytes_max, struct image_store **ret,
                     struct error *err)
{
  int rc = make_directories(path, err);
  if (rc < 0)
    return rc;
  struct image_store *store = mem_zalloc(1, sizeof *store);
  store->bytes_max = bytes_max ? bytes_max : IMAGE_STORE_BYTES_DEFAULT;
  rc = open_file(store, path, err);
  if (rc == SW_EIO && is_ours(path)) {
    remove_all(path);
    rc = open_file(store, path, err);
  }
  if (rc < 0) {
    image_store_close(store);
    return rc;
  }
  store->bytes = sum(store, BYTES, 0);
  *ret = store;
  return 0;
}

void image_store_close(struct image_store *store)
{
  if (!store)
    return;
  drop_connection(store);
  buf_free(&store->packed);
  mem_free(store);
}

/* ---- values */

static void bind(sqlite3_stmt *s, enum image_store_kind kind, struct str key)
{
  sqlite3_bind_int(s, 1, (int)kind);
  sqlite3_bind_text(s, 2, key.data ? key.data : "", (int)key.len, SQLITE_STATIC);
}

static void done(sqlite3_stmt *s)
{
  sqlite3_reset(s);
  sqlite3_clear_bindings(s);
}

/* Columns 0 and 1: size, and the packed bytes. */
static bool unpack(sqlite3_stmt *s, struct buf *out)
{
  int64_t size = sqlite3_column_int64(s, 0);
  const void *bytes = sqlite3_column_blob(s, 1);
  int len = sqlite3_column_bytes(s, 1);
  if (size < 0 || size > IMAGE_STORE_VALUE_MAX || !bytes || !buf_reserve(out, (size_t)size))
    return false;
  if (size == 0)
    return true;
  size_t got = ZSTD_decompress(out->data + out->len, (size_t)size, bytes, (size_t)len);
  if (ZSTD_isError(got) || got != (size_t)size)
    return false;
  out->len += got;
  return true;
}

static int64_t now(void)
{
  return clock_wall_seconds(clock_system());
}

bool image_store_get(struct image_store *store, enum image_store_kind kind, struct str key,
                     struct buf *out)
{
  sqlite3_stmt *s = store->statements[GET], *touch = store->statements[TOUCH];
  if (key.len > IMAGE_STORE_KEY_MAX)
    return false;
  bind(s, kind, key);
  bool found = sqlite3_step(s) == SQLITE_ROW && unpack(s, out);
  done(s);
  if (found) {
    bind(touch, kind, key);
    sqlite3_bind_int64(touch, 3, now());
    (void)sqlite3_step(touch);
    done(touch);
  }
  return found;
}

/* The oldest go, until a tenth is free. */
static void make_room(struct image_store *store)
{
  sqlite3_stmt *oldest = store->statements[OLDEST], *drop = store->statements[DROP];
  const uint64_t wanted = store->bytes_max - store->bytes_max / 10;
  bool any = true;
  while (store->bytes > wanted && any) {
    struct {
      int kind;
      char key[IMAGE_STORE_KEY_MAX + 1];
      uint64_t len;
    } row;
    any = sqlite3_step(oldest) == SQLITE_ROW;
    if (any) {
      row.kind = sqlite3_column_int(oldest, 0);
      snprintf(row.key, sizeof row.key, "%s", (const char *)sqlite3_column_text(oldest, 1));
      row.len = (uint64_t)sqlite3_column_int64(oldest, 2);
    }
    sqlite3_reset(oldest);
    if (!any)
      break;
    bind(drop, (enum image_store_kind)row.kind, str_from(row.key));
    any = sqlite3_step(drop) == SQLITE_DONE && sqlite3_changes(store->db) == 1;
    done(drop);
    store->bytes -= row.len < store->bytes ? row.len : store->bytes;
  }
}

bool image_store_put(struct image_store *store, enum image_store_kind kind, struct str key,
                     struct str value)
{
  sqlite3_stmt *s = store->statements[PUT];
  if (key.len > IMAGE_STORE_KEY_MAX || value.len > IMAGE_STORE_VALUE_MAX)
    return false;
  size_t room = ZSTD_compressBound(value.len);
  buf_clear(&store->packed);
  if (!buf_reserve(&store->packed, room))
    return false;
  size_t len =
      ZSTD_compress(store->packed.data, room, value.data ? value.data : "", value.len, PACK_LEVEL);
  if (ZSTD_isError(len) || len > store->bytes_max)
    return false;
  store->bytes += len;
  if (store->bytes > store->bytes_max)
    make_room(store);
  bind(s, kind, key);
  sqlite3_bind_int64(s, 3, now());
  sqlite3_bind_int64(s, 4, (int64_t)value.len);
  sqlite3_bind_blob(s, 5, store->packed.data, (int)len, SQLITE_STATIC);
  bool good = sqlite3_step(s) == SQLITE_DONE;
  done(s);
  return good;
}

int image_store_each(struct image_store *store, enum image_store_kind kind,
                     int (*visit)(void *ctx, struct str key, struct str value, struct error *err),
                     void *ctx, struct error *err)
{
  _cleanup_(buf_free) struct buf value = {0};
  sqlite3_stmt *s = store->statements[EACH];
  int rc = 0;
  sqlite3_bind_int(s, 1, (int)kind);
  while (rc == 0 && sqlite3_step(s) == SQLITE_ROW) {
    buf_clear(&value);
    if (!unpack(s, &value))
      continue;
    struct str key =
        str_make((const char *)sqlite3_column_text(s, 2), (size_t)sqlite3_column_bytes(s, 2));
    rc = visit(ctx, key, buf_str(&value), err);
  }
  done(s);
  return rc;
}

uint64_t image_store_count(struct image_store *store, enum image_store_kind kind)
{
  return sum(store, COUNT, (int)kind);
}

uint64_t image_store_bytes(struct image_store *store)
{
  return sum(store, BYTES, 0);
}
