#include "base/mem.h"
#include "scan/rpm_int.h"

#include <sqlite3.h>

enum {
  HEAD_SIZE = 100,
  WRITE_VERSION_AT = 18,
  READ_VERSION_AT = 19,
  JOURNAL_WAL = 2,
  JOURNAL_ROLLBACK = 1,
  STEPS_BETWEEN = 1000,   /* instructions of SQLite's machine between two looks at the bound */
  STEPS_FREE = 1000,      /* looks that any database may take */
  BYTES_EACH_STEP = 1024, /* and one more for so many bytes */
};

struct bound {
  uint64_t left;
};

static bool is_sqlite(struct str bytes)
{
  return bytes.len >= HEAD_SIZE && str_starts(bytes, str_make("SQLite format 3", 16));
}

/* Reading the one table, and the table of tables to see that it is one. */
static int allow(void *ctx, int action, const char *table, const char *column, const char *database,
                 const char *view)
{
  (void)ctx, (void)column, (void)database;
  if (action == SQLITE_SELECT)
    return SQLITE_OK;
  if (action != SQLITE_READ || view)
    return SQLITE_DENY;
  bool known = sqlite3_stricmp(table, "Packages") == 0 ||
               sqlite3_stricmp(table, "sqlite_master") == 0 ||
               sqlite3_stricmp(table, "sqlite_schema") == 0;
  return known ? SQLITE_OK : SQLITE_DENY;
}

static int out_of_steps(void *ctx)
{
  struct bound *bound = ctx;
  return bound->left-- == 0 ? 1 : 0;
}

/* A copy that SQLite may have: a database that was last written with a write-ahead log cannot be opened
 * without a file for it, so the mark of that is taken out. */
static unsigned char *copy_database(struct str bytes)
{
  unsigned char *copy = mem_alloc(bytes.len);
  memcpy(copy, bytes.data, bytes.len);
  if (copy[WRITE_VERSION_AT] == JOURNAL_WAL)
    copy[WRITE_VERSION_AT] = JOURNAL_ROLLBACK;
  if (copy[READ_VERSION_AT] == JOURNAL_WAL)
    copy[READ_VERSION_AT] = JOURNAL_ROLLBACK;
  return copy;
}

static int open_copy(unsigned char *copy, size_t len, struct bound *bound, sqlite3 **ret)
{
  sqlite3 *db = NULL;
  int rc = sqlite3_open_v2(":memory:", &db, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX, NULL);
  *ret = db;
  if (rc != SQLITE_OK)
    return rc;
  sqlite3_limit(db, SQLITE_LIMIT_LENGTH, len < INT32_MAX ? (int)len : INT32_MAX);
  sqlite3_db_config(db, SQLITE_DBCONFIG_DEFENSIVE, 1, (int *)NULL);
  sqlite3_db_config(db, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, (int *)NULL);
  sqlite3_db_config(db, SQLITE_DBCONFIG_ENABLE_VIEW, 0, (int *)NULL);
  sqlite3_db_config(db, SQLITE_DBCONFIG_ENABLE_TRIGGER, 0, (int *)NULL);
  rc = sqlite3_exec(db, "PRAGMA cell_size_check=ON", NULL, NULL, NULL);
  if (rc == SQLITE_OK)
    rc = sqlite3_deserialize(db, "main", copy, (sqlite3_int64)len, (sqlite3_int64)len,
                             SQLITE_DESERIALIZE_READONLY);
  sqlite3_set_authorizer(db, allow, NULL);
  sqlite3_progress_handler(db, STEPS_BETWEEN, out_of_steps, bound);
  return rc;
}

static void complain(struct rpm_reading *reading, sqlite3 *db)
{
  rpm_fault(reading, SW_EINVAL, "%s", db ? sqlite3_errmsg(db) : "it cannot be opened");
}

/* Only columns: whatever computes (generated columns, checks) has parentheses within those of the table. */
static bool is_plain(const char *sql)
{
  const char *open = sql ? strchr(sql, '(') : NULL;
  return open && !strchr(open + 1, '(');
}

/* Whether Packages is an ordinary table: virtual ones and views have no root page. */
static bool has_table(struct rpm_reading *reading, sqlite3 *db)
{
  static const char query[] = "SELECT type, name, sql, rootpage FROM sqlite_master";
  sqlite3_stmt *statement = NULL;
  bool found = false;
  if (sqlite3_prepare_v2(db, query, -1, &statement, NULL) != SQLITE_OK) {
    complain(reading, db);
    return false;
  }
  while (!found && sqlite3_step(statement) == SQLITE_ROW) {
    const char *type = (const char *)sqlite3_column_text(statement, 0);
    const char *name = (const char *)sqlite3_column_text(statement, 1);
    found = type && name && strcmp(type, "table") == 0 && sqlite3_stricmp(name, "Packages") == 0 &&
            is_plain((const char *)sqlite3_column_text(statement, 2)) &&
            sqlite3_column_int64(statement, 3) > 0;
  }
  sqlite3_finalize(statement);
  if (!found)
    rpm_fault(reading, SW_EINVAL, "it has no plain table Packages");
  return found;
}

static void read_rows(struct rpm_reading *reading, sqlite3 *db)
{
  sqlite3_stmt *statement = NULL;
  int rc = sqlite3_prepare_v2(db, "SELECT blob FROM Packages NOT INDEXED", -1, &statement, NULL);
  while (rc == SQLITE_OK && (rc = sqlite3_step(statement)) == SQLITE_ROW) {
    const char *blob = sqlite3_column_blob(statement, 0);
    int len = sqlite3_column_bytes(statement, 0);
    rc = rpm_blob(reading, str_make(blob, (size_t)(blob && len > 0 ? len : 0))) < 0 ? SQLITE_DONE
                                                                                    : SQLITE_OK;
  }
  if (rc != SQLITE_DONE)
    complain(reading, db);
  sqlite3_finalize(statement);
}

static void read_sqlite(struct rpm_reading *reading)
{
  struct bound bound = {STEPS_FREE + reading->bytes.len / BYTES_EACH_STEP};
  unsigned char *copy = copy_database(reading->bytes);
  sqlite3 *db = NULL;
  if (open_copy(copy, reading->bytes.len, &bound, &db) != SQLITE_OK)
    complain(reading, db);
  else if (has_table(reading, db))
    read_rows(reading, db);
  sqlite3_close(db);
  mem_free(copy);
}

const struct rpm_database rpm_sqlite = {"SQLite", is_sqlite, read_sqlite};
