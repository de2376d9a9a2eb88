#include "base/map.h"
#include "base/vec.h"
#include "scan/advisory/database_int.h"
#include "scan/advisory/ecosystem.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zstd.h>

/* Compared with what is in the file, letter by letter, so that nothing in a file can be computed or looked up
 * elsewhere: no views, no virtual tables, no generated columns. */
const struct advisory_table advisory_tables[] = {
    {"meta", "CREATE TABLE meta(key TEXT PRIMARY KEY, value) WITHOUT ROWID"},
    {"source",
     ("CREATE TABLE source(number INTEGER PRIMARY KEY, name TEXT, origin TEXT, date TEXT, "
      "fetched TEXT, digest TEXT, advisories INTEGER, affected INTEGER, "
      "withdrawn INTEGER, unreadable INTEGER)")},
    {"ecosystem",
     "CREATE TABLE ecosystem(name TEXT PRIMARY KEY, number INTEGER, names INTEGER) WITHOUT ROWID"},
    {"package", ("CREATE TABLE package(ecosystem INTEGER, name TEXT, first INTEGER, last INTEGER, "
                 "PRIMARY KEY(ecosystem, name)) WITHOUT ROWID")},
    {"records", "CREATE TABLE records(number INTEGER PRIMARY KEY, records BLOB)"},
    {"advisory", "CREATE TABLE advisory(number INTEGER PRIMARY KEY, head BLOB, text BLOB)"},
    {"cve", ("CREATE TABLE cve(cve INTEGER PRIMARY KEY, score INTEGER, percentile INTEGER, "
             "exploited TEXT, ransomware INTEGER, advisories TEXT)")},
};
const size_t advisory_table_count = sizeof advisory_tables / sizeof advisory_tables[0];

enum query {
  QUERY_ECOSYSTEM,
  QUERY_ECOSYSTEMS,
  QUERY_PACKAGE,
  QUERY_ADVISORY,
  QUERY_SOURCE,
  QUERY_CVE,
  QUERY_META,
  QUERY_SOURCES,
  QUERIES,
};

static const char *const queries[QUERIES] = {
    [QUERY_ECOSYSTEM] = "SELECT name, number, names FROM ecosystem WHERE name = ?1",
    [QUERY_ECOSYSTEMS] = "SELECT name, number, names FROM ecosystem WHERE name >= ?1 ORDER BY name",
    [QUERY_PACKAGE] =
        ("SELECT records FROM package CROSS JOIN records ON number BETWEEN first AND last "
         "WHERE ecosystem = ?1 AND name = ?2 ORDER BY number"),
    [QUERY_ADVISORY] = "SELECT head, text FROM advisory WHERE number = ?1",
    [QUERY_SOURCE] = "SELECT name FROM source WHERE number = ?1",
    [QUERY_CVE] = "SELECT * FROM cve WHERE cve = ?1",
    [QUERY_META] = "SELECT value FROM meta WHERE key = ?1",
    [QUERY_SOURCES] = "SELECT * FROM source ORDER BY number",
};

enum {
  STEPS_BETWEEN = 1000,
  STEPS_MAX = 10000,
  SOURCES_MAX = 10000,
  CVE_ADVISORIES_MAX = 16,
  CACHE_BYTES = 32 << 20, /* beyond, what was kept is forgotten before the reader is used again */
};

struct cached_advisory {
  struct advisory_record_head head;
  struct advisory_record_text text;
  struct str packed;
  bool unpacked;
};

struct advisory_reader {
  sqlite3 *sql;
  sqlite3_stmt *statements[QUERIES];
  ZSTD_DCtx *unpacker;
  struct arena cache;
  struct map advisories, cves, sources; /* by number, in the cache */
  const ZSTD_DDict *dictionary;         /* the database's */
  unsigned steps;
};

struct advisory_database {
  char *path;
  void *bytes;
  size_t len;
  ZSTD_DDict *dictionary; /* NULL: none */
  pthread_mutex_t lock;
  VEC(struct advisory_reader *) idle;
};

/* ---- SQLite on the mapped file */

static int allow(void *ctx, int action, const char *table, const char *column, const char *database,
                 const char *view)
{
  (void)ctx, (void)table, (void)column, (void)database;
  return (action == SQLITE_SELECT || action == SQLITE_READ) && !view ? SQLITE_OK : SQLITE_DENY;
}

static int out_of_steps(void *ctx)
{
  struct advisory_reader *reader = ctx;
  return reader->steps++ >= STEPS_MAX;
}

static int fault(struct advisory_reader *reader, struct error *err)
{
  int rc = sqlite3_errcode(reader->sql);
  return error_set(err, rc == SQLITE_IOERR ? SW_EIO : SW_EINVAL,
                   "the database is damaged (%s); make or fetch it again",
                   sqlite3_errmsg(reader->sql));
}

static void reader_free(struct advisory_reader *reader)
{
  if (!reader)
    return;
  for (unsigned i = 0; i < QUERIES; i++)
    sqlite3_finalize(reader->statements[i]);
  sqlite3_close(reader->sql);
  ZSTD_freeDCtx(reader->unpacker);
  map_free(&reader->advisories);
  map_free(&reader->cves);
  map_free(&reader->sources);
  arena_free(&reader->cache);
  mem_free(reader);
}

static int configure(struct advisory_database *db, struct advisory_reader *reader)
{
  sqlite3 *sql = reader->sql;
  sqlite3_limit(sql, SQLITE_LIMIT_LENGTH, ADVISORY_RECORD_BYTES_MAX);
  sqlite3_db_config(sql, SQLITE_DBCONFIG_DEFENSIVE, 1, (int *)NULL);
  sqlite3_db_config(sql, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, (int *)NULL);
  sqlite3_db_config(sql, SQLITE_DBCONFIG_ENABLE_VIEW, 0, (int *)NULL);
  sqlite3_db_config(sql, SQLITE_DBCONFIG_ENABLE_TRIGGER, 0, (int *)NULL);
  int rc = sqlite3_deserialize(sql, "main", db->bytes, (sqlite3_int64)db->len,
                               (sqlite3_int64)db->len, SQLITE_DESERIALIZE_READONLY);
  /* Each page is checked once, when it comes into the cache; one transaction, since nothing changes. */
  if (rc == SQLITE_OK)
    rc = sqlite3_exec(
        sql, "PRAGMA cell_size_check=ON; PRAGMA query_only=ON; PRAGMA cache_size=-8000; BEGIN",
        NULL, NULL, NULL);
  sqlite3_set_authorizer(sql, allow, NULL);
  sqlite3_progress_handler(sql, STEPS_BETWEEN, out_of_steps, reader);
  return rc;
}

static int reader_new(struct advisory_database *db, struct advisory_reader **ret, struct error *err)
{
  struct advisory_reader *reader = mem_zalloc(1, sizeof *reader);
  arena_init(&reader->cache, 0);
  map_init(&reader->advisories, &reader->cache);
  map_init(&reader->cves, &reader->cache);
  map_init(&reader->sources, &reader->cache);
  int rc =
      sqlite3_open_v2(":memory:", &reader->sql, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX, NULL);
  if (!reader->sql || rc != SQLITE_OK)
    rc = error_set(err, SW_EIO, "SQLite cannot be started");
  else if (configure(db, reader) != SQLITE_OK)
    rc = fault(reader, err);
  if (rc < 0) {
    reader_free(reader);
    return rc;
  }
  reader->dictionary = db->dictionary;
  *ret = reader;
  return 0;
}

static void forget(struct advisory_reader *reader)
{
  map_clear(&reader->advisories);
  map_clear(&reader->cves);
  map_clear(&reader->sources);
  arena_reset(&reader->cache);
}

int advisory_reader_take(struct advisory_database *db, struct advisory_reader **ret,
                         struct error *err)
{
  struct advisory_reader *reader = NULL;
  pthread_mutex_lock(&db->lock);
  if (db->idle.count)
    reader = vec_pop(&db->idle);
  pthread_mutex_unlock(&db->lock);
  if (reader && arena_used(&reader->cache) > CACHE_BYTES)
    forget(reader);
  int rc = reader ? 0 : reader_new(db, &reader, err);
  if (rc == 0)
    *ret = reader;
  return rc;
}

void advisory_reader_give(struct advisory_database *db, struct advisory_reader *reader)
{
  if (!reader)
    return;
  pthread_mutex_lock(&db->lock);
  vec_push(&db->idle, reader);
  pthread_mutex_unlock(&db->lock);
}

/* A statement that is ready to have its parameters bound. */
static int prepare(struct advisory_reader *reader, enum query query, sqlite3_stmt **ret,
                   struct error *err)
{
  sqlite3_stmt **statement = &reader->statements[query];
  reader->steps = 0;
  if (!*statement && sqlite3_prepare_v3(reader->sql, queries[query], -1, SQLITE_PREPARE_PERSISTENT,
                                        statement, NULL) != SQLITE_OK)
    return fault(reader, err);
  *ret = *statement;
  return 0;
}

static void bind_text(sqlite3_stmt *statement, int at, struct str text)
{
  sqlite3_bind_text64(statement, at, text.len ? text.data : "", text.len, SQLITE_STATIC,
                      SQLITE_UTF8);
}

static struct str column(sqlite3_stmt *statement, int at)
{
  const char *data = sqlite3_column_blob(statement, at);
  int len = sqlite3_column_bytes(statement, at);
  return str_make(data ? data : "", data && len > 0 ? (size_t)len : 0);
}

/* 1: there is a row; 0: no more. */
static int step(struct advisory_reader *reader, sqlite3_stmt *statement, struct error *err)
{
  int rc = sqlite3_step(statement);
  if (rc == SQLITE_ROW)
    return 1;
  return rc == SQLITE_DONE ? 0 : fault(reader, err);
}

static int reset(sqlite3_stmt *statement, int rc)
{
  if (statement) {
    sqlite3_reset(statement);
    sqlite3_clear_bindings(statement);
  }
  return rc;
}

/* The one row of a number. */
static int find(struct advisory_reader *reader, enum query query, uint64_t number,
                sqlite3_stmt **ret, struct error *err)
{
  int rc = prepare(reader, query, ret, err);
  if (rc < 0)
    return rc;
  sqlite3_bind_int64(*ret, 1, (sqlite3_int64)number);
  return step(reader, *ret, err);
}

/* ---- rows */

int advisory_reader_ecosystems(struct advisory_reader *reader, struct str pattern,
                               void (*found)(void *ctx, const struct advisory_ecosystem_row *row),
                               void *ctx, struct error *err)
{
  struct str rest, head = str_cut(pattern, '*', &rest);
  sqlite3_stmt *statement = NULL;
  int rc = prepare(reader, rest.data ? QUERY_ECOSYSTEMS : QUERY_ECOSYSTEM, &statement, err);
  if (rc < 0)
    return rc;
  bind_text(statement, 1, head);
  while ((rc = step(reader, statement, err)) > 0) {
    sqlite3_int64 names = sqlite3_column_int64(statement, 2);
    struct advisory_ecosystem_row row = {.name = column(statement, 0),
                                         .number = (uint64_t)sqlite3_column_int64(statement, 1),
                                         .by_source = names & 1,
                                         .by_binary = names & 2};
    if (!str_starts(row.name, head))
      break;
    if (advisory_ecosystem_matches(pattern, row.name))
      found(ctx, &row);
  }
  return reset(statement, rc < 0 ? rc : 0);
}

int advisory_reader_package(struct advisory_reader *reader, uint64_t ecosystem, struct str name,
                            int (*row)(void *ctx, struct str bytes, struct error *err), void *ctx,
                            struct error *err)
{
  sqlite3_stmt *statement = NULL;
  int rc = prepare(reader, QUERY_PACKAGE, &statement, err);
  if (rc < 0)
    return rc;
  sqlite3_bind_int64(statement, 1, (sqlite3_int64)ecosystem);
  bind_text(statement, 2, name);
  for (unsigned rows = 0; (rc = step(reader, statement, err)) > 0; rows++) {
    if (rows == ADVISORY_CHUNKS_MAX)
      rc = error_set(err, SW_ELIMIT, "the database has too many rows for one package");
    else
      rc = row(ctx, column(statement, 0), err);
    if (rc < 0)
      break;
  }
  return reset(statement, rc);
}

static int missing(uint64_t number, struct error *err)
{
  return error_set(err, SW_EINVAL,
                   "the database is damaged: it lacks advisory %llu; make or fetch it again",
                   (unsigned long long)number);
}

static struct str number_key(const uint64_t *number)
{
  return str_make((const char *)number, sizeof *number);
}

static int read_advisory(struct advisory_reader *reader, uint64_t number,
                         struct cached_advisory *ret, struct error *err)
{
  sqlite3_stmt *statement = NULL;
  int rc = find(reader, QUERY_ADVISORY, number, &statement, err);
  if (rc == 0)
    rc = missing(number, err);
  else if (rc > 0) {
    struct str head = arena_copy(&reader->cache, column(statement, 0));
    ret->packed = arena_copy(&reader->cache, column(statement, 1));
    rc = advisory_record_read_head(head, &reader->cache, &ret->head, err);
  }
  return reset(statement, rc);
}

static int find_advisory(struct advisory_reader *reader, uint64_t number,
                         struct cached_advisory **ret, struct error *err)
{
  union map_value *known = map_get(&reader->advisories, number_key(&number));
  if (!known) {
    struct cached_advisory *read = arena_new(&reader->cache, struct cached_advisory);
    int rc = read_advisory(reader, number, read, err);
    if (rc < 0)
      return rc;
    known = map_put(&reader->advisories, number_key(&number), NULL);
    known->pointer = read;
  }
  *ret = known->pointer;
  return 0;
}

int advisory_reader_head(struct advisory_reader *reader, uint64_t number,
                         const struct advisory_record_head **ret, struct error *err)
{
  struct cached_advisory *advisory;
  int rc = find_advisory(reader, number, &advisory, err);
  if (rc == 0)
    *ret = &advisory->head;
  return rc;
}

/* The first byte says how the rest is packed. */
static int unpack(struct advisory_reader *reader, struct str packed, struct str *ret,
                  struct error *err)
{
  unsigned char kind = packed.len ? (unsigned char)packed.data[0] : 0xff;
  packed = str_sub(packed, 1, packed.len);
  if (kind == 0) {
    *ret = packed;
    return 0;
  }
  unsigned long long size = kind == 1 ? ZSTD_getFrameContentSize(packed.data, packed.len)
                                      : ZSTD_CONTENTSIZE_ERROR;
  if (size > ADVISORY_TEXT_BYTES_MAX)
    return error_set(err, SW_EINVAL, "the database is damaged: a text is packed wrongly");
  if (!reader->unpacker)
    reader->unpacker = ZSTD_createDCtx();
  char *room = arena_alloc(&reader->cache, (size_t)size + 1);
  size_t got =
      reader->dictionary
          ? ZSTD_decompress_usingDDict(reader->unpacker, room, (size_t)size, packed.data,
                                       packed.len, reader->dictionary)
          : ZSTD_decompressDCtx(reader->unpacker, room, (size_t)size, packed.data, packed.len);
  if (ZSTD_isError(got))
    return error_set(err, SW_EINVAL, "the database is damaged: a text cannot be unpacked: %s",
                     ZSTD_getErrorName(got));
  *ret = str_make(room, got);
  return 0;
}

int advisory_reader_text(struct advisory_reader *reader, uint64_t number,
                         const struct advisory_record_text **ret, struct error *err)
{
  struct cached_advisory *advisory;
  struct str text;
  int rc = find_advisory(reader, number, &advisory, err);
  if (rc == 0 && !advisory->unpacked) {
    rc = unpack(reader, advisory->packed, &text, err);
    if (rc == 0)
      rc = advisory_record_read_text(text, &reader->cache, &advisory->text, err);
    advisory->unpacked = rc == 0;
  }
  if (rc == 0)
    *ret = &advisory->text;
  return rc;
}

int advisory_reader_source(struct advisory_reader *reader, uint64_t number, struct str *ret_name,
                           struct error *err)
{
  union map_value *known = map_get(&reader->sources, number_key(&number));
  if (!known) {
    sqlite3_stmt *statement = NULL;
    struct str *name = arena_new(&reader->cache, struct str);
    int rc = find(reader, QUERY_SOURCE, number, &statement, err);
    if (rc > 0)
      *name = arena_copy(&reader->cache, column(statement, 0));
    reset(statement, 0);
    if (rc < 0)
      return rc;
    known = map_put(&reader->sources, number_key(&number), NULL);
    known->view = name;
  }
  *ret_name = *(const struct str *)known->view;
  return 0;
}

static uint32_t millionths(sqlite3_stmt *statement, int at)
{
  sqlite3_int64 number = sqlite3_column_int64(statement, at);
  return number < 0 ? 0 : number > 1000000 ? 1000000 : (uint32_t)number;
}

/* "12,345": the numbers of rows. */
static void read_numbers(struct arena *arena, struct str list, struct advisory_cve *cve)
{
  uint64_t *numbers = arena_array(arena, uint64_t, CVE_ADVISORIES_MAX);
  for (struct str rest = list; rest.data && cve->advisory_count < CVE_ADVISORIES_MAX;) {
    unsigned long long number;
    if (str_to_u64(str_cut(rest, ',', &rest), INT64_MAX, &number))
      numbers[cve->advisory_count++] = number;
  }
  cve->advisories = numbers;
}

static void read_cve(struct arena *arena, sqlite3_stmt *row, struct advisory_cve *cve)
{
  enum { SCORE = 1, PERCENTILE, EXPLOITED, RANSOMWARE, ADVISORIES };
  cve->scored = sqlite3_column_type(row, SCORE) != SQLITE_NULL;
  cve->score = millionths(row, SCORE);
  cve->percentile = millionths(row, PERCENTILE);
  cve->listed = sqlite3_column_type(row, EXPLOITED) != SQLITE_NULL;
  cve->exploited = arena_copy(arena, column(row, EXPLOITED));
  cve->ransomware = sqlite3_column_int64(row, RANSOMWARE);
  struct str list = column(row, ADVISORIES);
  if (list.len)
    read_numbers(arena, list, cve);
}

int advisory_reader_cve(struct advisory_reader *reader, uint64_t number,
                        const struct advisory_cve **ret, struct error *err)
{
  union map_value *known = map_get(&reader->cves, number_key(&number));
  if (!known) {
    sqlite3_stmt *statement = NULL;
    struct advisory_cve *cve = arena_new(&reader->cache, struct advisory_cve);
    int rc = find(reader, QUERY_CVE, number, &statement, err);
    if (rc > 0)
      read_cve(&reader->cache, statement, cve);
    reset(statement, 0);
    if (rc < 0)
      return rc;
    known = map_put(&reader->cves, number_key(&number), NULL);
    known->view = cve;
  }
  *ret = known->view;
  return 0;
}

/* ---- opening */

static int map_file(const char *path, struct advisory_database *db, struct error *err)
{
  struct stat st;
  int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
  if (fd < 0)
    return error_set_errno(err, errno, "%s", path);
  int rc = 0;
  if (fstat(fd, &st) < 0)
    rc = error_set_errno(err, errno, "%s", path);
  else if (!S_ISREG(st.st_mode) || st.st_size < 512)
    rc = error_set(err, SW_EINVAL, "%s: it is not a database of advisories", path);
  else
    db->len = (size_t)st.st_size;
  if (rc == 0) {
    db->bytes = mmap(NULL, db->len, PROT_READ, MAP_PRIVATE, fd, 0);
    if (db->bytes == MAP_FAILED) {
      db->bytes = NULL;
      rc = error_set_errno(err, errno, "%s: mapping it", path);
    }
  }
  close(fd);
  return rc;
}

static uint32_t head_u32(const struct advisory_database *db, size_t at)
{
  const unsigned char *p = (const unsigned char *)db->bytes + at;
  return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3];
}

enum { USER_VERSION_AT = 60, APPLICATION_ID_AT = 68 };

static int check_head(const struct advisory_database *db, struct error *err)
{
  if (memcmp(db->bytes, "SQLite format 3", 16) != 0 ||
      head_u32(db, APPLICATION_ID_AT) != ADVISORY_APPLICATION_ID)
    return error_set(err, SW_EINVAL, "it is not a database of advisories");
  uint32_t schema = head_u32(db, USER_VERSION_AT);
  if (schema != ADVISORY_DATABASE_SCHEMA)
    return error_set(
        err, SW_EINVAL,
        "it is of schema %u, this program reads schema %d; make or fetch it again with "
        "this program",
        schema, ADVISORY_DATABASE_SCHEMA);
  return 0;
}

static int check_tables(struct advisory_reader *reader, struct error *err)
{
  static const char query[] = "SELECT type, name, sql FROM sqlite_schema";
  sqlite3_stmt *statement = NULL;
  size_t found = 0, rows = 0;
  if (sqlite3_prepare_v2(reader->sql, query, -1, &statement, NULL) != SQLITE_OK)
    return fault(reader, err);
  int rc;
  while ((rc = step(reader, statement, err)) > 0 && rows++ < advisory_table_count)
    for (size_t i = 0; i < advisory_table_count; i++)
      if (str_eq(column(statement, 0), STR("table")) &&
          str_eq(column(statement, 1), str_from(advisory_tables[i].name)) &&
          str_eq(column(statement, 2), str_from(advisory_tables[i].sql)))
        found++;
  sqlite3_finalize(statement);
  if (rc == 0 && (found != advisory_table_count || rows != found))
    rc = error_set(err, SW_EINVAL, "its tables are not those of a database of advisories");
  return rc > 0 ? error_set(err, SW_EINVAL, "it has more tables than a database of advisories")
                : rc;
}

/* A value of meta; empty: there is none. */
static int read_meta(struct advisory_reader *reader, const char *key, struct arena *arena,
                     struct str *ret, struct error *err)
{
  sqlite3_stmt *statement = NULL;
  int rc = prepare(reader, QUERY_META, &statement, err);
  if (rc < 0)
    return rc;
  bind_text(statement, 1, str_from(key));
  rc = step(reader, statement, err);
  if (rc >= 0)
    *ret = rc ? arena_copy(arena, column(statement, 0)) : STR_EMPTY;
  return reset(statement, rc < 0 ? rc : 0);
}

static int read_head(struct advisory_database *db, struct advisory_reader *reader,
                     struct arena *arena, struct error *err)
{
  struct str keys, dictionary;
  unsigned long long format = 0;
  int rc = check_tables(reader, err);
  if (rc == 0)
    rc = read_meta(reader, "keys", arena, &keys, err);
  if (rc == 0 && (!str_to_u64(keys, UINT32_MAX, &format) || format != VERSION_KEY_FORMAT))
    rc = error_set(err, SW_EINVAL,
                   "its versions are stored as another version of this program does; make or fetch "
                   "it again with this one");
  if (rc == 0)
    rc = read_meta(reader, "dictionary", arena, &dictionary, err);
  if (rc == 0 && dictionary.len && dictionary.len <= ADVISORY_DICTIONARY_MAX)
    db->dictionary = ZSTD_createDDict(dictionary.data, dictionary.len);
  reader->dictionary = db->dictionary;
  return rc;
}

int advisory_database_open(const char *path, struct advisory_database **ret, struct error *err)
{
  struct advisory_database *db = mem_zalloc(1, sizeof *db);
  struct advisory_reader *reader = NULL;
  struct arena arena;
  struct error own;
  err = err ? err : &own;
  db->path = mem_copy_text(path, strlen(path));
  pthread_mutex_init(&db->lock, NULL);
  arena_init(&arena, 0);
  int rc = map_file(path, db, err);
  if (rc == 0) {
    rc = check_head(db, err);
    if (rc == 0)
      rc = reader_new(db, &reader, err);
    if (rc == 0)
      rc = read_head(db, reader, &arena, err);
    if (rc < 0)
      rc = error_wrap(err, "%s", path);
  }
  advisory_reader_give(db, reader);
  arena_free(&arena);
  if (rc < 0)
    advisory_database_free(db);
  else
    *ret = db;
  return rc;
}

void advisory_database_free(struct advisory_database *db)
{
  if (!db)
    return;
  for (size_t i = 0; i < db->idle.count; i++)
    reader_free(db->idle.items[i]);
  vec_free(&db->idle);
  ZSTD_freeDDict(db->dictionary);
  if (db->bytes)
    munmap(db->bytes, db->len);
  pthread_mutex_destroy(&db->lock);
  mem_free(db->path);
  mem_free(db);
}

/* ---- what it is */

static int read_sources(struct advisory_reader *reader, struct arena *arena,
                        struct advisory_database_info *info, struct error *err)
{
  VEC(struct advisory_source_info) sources = {0};
  sqlite3_stmt *statement = NULL;
  int rc = prepare(reader, QUERY_SOURCES, &statement, err);
  if (rc < 0)
    return rc;
  while ((rc = step(reader, statement, err)) > 0 && !vec_full(&sources, SOURCES_MAX)) {
    struct advisory_source_info *source = vec_add(&sources);
    struct str *const texts[] = {&source->name, &source->origin, &source->date, &source->fetched,
                                 &source->digest};
    uint64_t *const numbers[] = {&source->advisories, &source->affected, &source->withdrawn,
                                 &source->unreadable};
    for (int i = 0; i < 5; i++)
      *texts[i] = arena_copy(arena, column(statement, 1 + i));
    for (int i = 0; i < 4; i++)
      *numbers[i] = (uint64_t)sqlite3_column_int64(statement, 6 + i);
  }
  struct advisory_source_info *copy =
      arena_array(arena, struct advisory_source_info, sources.count + 1);
  if (sources.count)
    memcpy(copy, sources.items, sources.count * sizeof *copy);
  info->sources = copy;
  info->source_count = sources.count;
  vec_free(&sources);
  return reset(statement, rc < 0 ? rc : 0);
}

static int read_info(struct advisory_reader *reader, struct arena *arena,
                     struct advisory_database_info *info, struct error *err)
{
  const struct {
    const char *key;
    uint64_t *number;
  } numbers[] = {
      {"advisories", &info->advisories},
      {"affected", &info->affected},
      {"packages", &info->packages},
      {"exploited", &info->exploited},
      {"epss", &info->epss},
  };
  int rc = read_meta(reader, "built", arena, &info->built, err);
  if (rc == 0)
    rc = read_meta(reader, "id", arena, &info->id, err);
  for (size_t i = 0; rc == 0 && i < sizeof numbers / sizeof numbers[0]; i++) {
    struct str text;
    unsigned long long number = 0;
    rc = read_meta(reader, numbers[i].key, arena, &text, err);
    if (rc == 0 && !str_to_u64(text, INT64_MAX, &number))
      rc = error_set(err, SW_EINVAL, "the database is damaged: it does not say its number of %s",
                     numbers[i].key);
    *numbers[i].number = number;
  }
  return rc < 0 ? rc : read_sources(reader, arena, info, err);
}

int advisory_database_info(struct advisory_database *db, struct arena *arena,
                           struct advisory_database_info *ret, struct error *err)
{
  struct advisory_database_info info = {.bytes = db->len};
  struct advisory_reader *reader = NULL;
  struct error own;
  err = err ? err : &own;
  int rc = advisory_reader_take(db, &reader, err);
  if (rc == 0)
    rc = read_info(reader, arena, &info, err);
  advisory_reader_give(db, reader);
  if (rc < 0)
    return error_wrap(err, "%s", db->path);
  *ret = info;
  return 0;
}

static void note_found(void *ctx, const struct advisory_ecosystem_row *row)
{
  (void)row;
  *(bool *)ctx = true;
}

bool advisory_database_covers(struct advisory_database *db, struct str ecosystem)
{
  bool found = false;
  struct advisory_reader *reader = NULL;
  if (advisory_reader_take(db, &reader, NULL) == 0)
    advisory_reader_ecosystems(reader, ecosystem, note_found, &found, NULL);
  advisory_reader_give(db, reader);
  return found;
}
