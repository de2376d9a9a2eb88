#include "../test.h"

#include "base/mem.h"
#include "rpm_make.h"
#include "scan/rpm.h"

#include <sqlite3.h>

enum { PAGE = 512 };

static struct arena arena;
static struct package_list list;
static struct buf database;

static int start(void **state)
{
  (void)state;
  arena_init(&arena, 0);
  package_list_init(&list, &arena, 0);
  return 0;
}

static int stop(void **state)
{
  (void)state;
  package_list_free(&list);
  arena_free(&arena);
  buf_free(&database);
  database = (struct buf){0};
  return 0;
}

static int read_database(struct error *err)
{
  return rpm_read(STR("var/lib/rpm/Packages"), 1, buf_str(&database), &list, err);
}

static void expect(size_t count, const char *last)
{
  struct error err;
  if (read_database(&err) < 0)
    fail_msg("%s", err.message);
  assert_int_equal(list.count, count);
  assert_str(list.items[count - 1].name, last);
  assert_str(list.items[count - 1].version.text, "1.0-2.el9");
  assert_str(list.items[count - 1].source, "source");
}

static void expect_fault(const char *message)
{
  struct error err = {0};
  assert_int_equal(read_database(&err), SW_EINVAL);
  assert_error(err, SW_EINVAL, message);
}

/* ---- ndb */

static void add_slot(uint32_t package, uint32_t block, uint32_t blocks, size_t slot)
{
  size_t at = slot * 16;
  memcpy(database.data + at, "Slot", 4);
  make_at(&database, at + 4, package, 4, false);
  make_at(&database, at + 8, block, 4, false);
  make_at(&database, at + 12, blocks, 4, false);
}

/* A database with packages "one", "two", ... and all other slots free. */
static void make_ndb(unsigned count)
{
  static const char *const names[] = {"one", "two", "three"};
  buf_add(&database, STR("RpmP"));
  make_number(&database, 0, 4, false);
  make_number(&database, 1, 4, false);
  make_number(&database, 1, 4, false);
  buf_add_repeat(&database, 0, 4096 - 16);
  for (size_t slot = 2; slot < 256; slot++)
    add_slot(0, 0, 0, slot);
  for (unsigned i = 0; i < count; i++) {
    struct buf blob = {0};
    make_package(&blob, names[i]);
    size_t start_at = database.len, blocks = (16 + blob.len + 12 + 15) / 16;
    buf_add(&database, STR("BlbS"));
    make_number(&database, i + 1, 4, false);
    make_number(&database, 1, 4, false);
    make_number(&database, blob.len, 4, false);
    buf_add(&database, buf_str(&blob));
    buf_add_repeat(&database, 0, blocks * 16 - 16 - blob.len - 8);
    make_number(&database, blob.len, 4, false);
    buf_add(&database, STR("BlbE"));
    add_slot(i + 1, (uint32_t)(start_at / 16), (uint32_t)blocks, 5 + i);
    buf_free(&blob);
  }
}

static void reads_ndb(void **state)
{
  (void)state;
  make_ndb(3);
  expect(3, "three");
}

static void refuses_broken_ndb(void **state)
{
  (void)state;
  struct error err;
  make_ndb(3);
  make_at(&database, 6 * 16 + 8, 0x0fffffff, 4, false); /* the second lies outside */
  expect_fault("reading the ndb database: package 2 lies outside the file");
  assert_int_equal(list.count, 2);
  make_at(&database, 6 * 16 + 8, 256, 4, false); /* it is the first */
  expect_fault("is not package 2");
  database.data[6 * 16] = 'X';
  expect_fault("the slot at byte 96 is not one");
  make_at(&database, 12, 2, 4, false);
  expect_fault("2 pages of slots is not known, or cut short");
  buf_clear(&database);
  make_ndb(1);
  for (size_t slot = 6; slot < 256; slot++) /* one blob for all */
    memcpy(database.data + slot * 16, database.data + 5 * 16, 16);
  assert_int_equal(read_database(&err), SW_ELIMIT);
  assert_error(err, SW_ELIMIT, "the headers overlap");
}

/* ---- Berkeley DB */

static void begin_page(size_t page, uint8_t type, bool big)
{
  while (database.len < (page + 1) * PAGE)
    buf_add_repeat(&database, 0, PAGE);
  make_at(&database, page * PAGE + 8, page, 4, big);
  database.data[page * PAGE + 25] = (char)type;
}

/* Page 1 holds the counter and one value that lies on pages 2 and 3. */
static void make_bdb(bool big)
{
  struct buf blob = {0};
  make_package(&blob, "one");
  buf_add_repeat(&blob, 0, 600 - blob.len); /* more than a page */
  begin_page(0, 8, big);
  make_at(&database, 12, 0x061561, 4, big);
  make_at(&database, 16, 9, 4, big);
  make_at(&database, 20, PAGE, 4, big);
  make_at(&database, 32, 3, 4, big);
  begin_page(1, 13, big);
  static const uint16_t places[] = {507, 502, 497, 485};
  make_at(&database, PAGE + 20, 4, 2, big);
  for (size_t i = 0; i < 4; i++) {
    make_at(&database, PAGE + 26 + i * 2, places[i], 2, big);
    database.data[PAGE + places[i]] = i < 3 ? 1 : 3;
  }
  make_at(&database, PAGE + 485 + 4, 2, 4, big);
  make_at(&database, PAGE + 485 + 8, blob.len, 4, big);
  size_t first = PAGE - 26;
  for (size_t i = 0; i < 2; i++) {
    size_t len = i ? blob.len - first : first;
    begin_page(2 + i, 7, big);
    make_at(&database, (2 + i) * PAGE + 16, i ? 0 : 3, 4, big);
    make_at(&database, (2 + i) * PAGE + 22, len, 2, big);
    memcpy(database.data + (2 + i) * PAGE + 26, blob.data + i * first, len);
  }
  buf_free(&blob);
}

static void reads_berkeley_db(void **state)
{
  (void)state;
  make_bdb(false);
  expect(1, "one");
}

static void reads_berkeley_db_of_the_other_byte_order(void **state)
{
  (void)state;
  make_bdb(true);
  expect(1, "one");
}

static void refuses_broken_berkeley_db(void **state)
{
  (void)state;
  struct error err;
  make_bdb(false);
  make_at(&database, 3 * PAGE + 16, 2, 4, false); /* in circles */
  expect_fault("reading the Berkeley DB database: a value on page 1 has no whole chain");
  make_at(&database, 3 * PAGE + 16, 77, 4, false); /* out of the file */
  expect_fault("no whole chain");
  make_at(&database, 3 * PAGE + 16, 0, 4, false);
  make_at(&database, PAGE + 485 + 8, 601, 4, false);
  expect_fault("no whole chain");
  make_at(&database, PAGE + 26 + 6, 5, 2, false);
  expect_fault("lies outside of it");
  make_at(&database, PAGE + 20, 999, 2, false);
  expect_fault("page 1 has 999 items");
  make_at(&database, 32, 50, 4, false);
  expect_fault("it has 4 pages, and should have 51");
  make_at(&database, 20, 500, 4, false);
  expect_fault("describes no hash");
  database.data[24] = 1;
  assert_int_equal(read_database(&err), SW_EUNSUPPORTED);
}

/* ---- SQLite */

static void make_sqlite(const char *sql, const struct buf *blob)
{
  sqlite3 *db;
  sqlite3_stmt *statement;
  sqlite3_int64 len;
  assert_int_equal(sqlite3_open(":memory:", &db), SQLITE_OK);
  assert_int_equal(sqlite3_exec(db, sql, NULL, NULL, NULL), SQLITE_OK);
  if (blob) {
    assert_int_equal(
        sqlite3_prepare_v2(db, "INSERT INTO Packages VALUES(NULL, ?)", -1, &statement, NULL),
        SQLITE_OK);
    sqlite3_bind_blob(statement, 1, blob->data, (int)blob->len, SQLITE_STATIC);
    for (int i = 0; i < 2; i++) {
      assert_int_equal(sqlite3_step(statement), SQLITE_DONE);
      sqlite3_reset(statement);
    }
    sqlite3_finalize(statement);
  }
  unsigned char *bytes = sqlite3_serialize(db, "main", &len, 0);
  buf_clear(&database);
  buf_add(&database, str_make((const char *)bytes, (size_t)len));
  sqlite3_free(bytes);
  sqlite3_close(db);
}

static const char table[] =
    "CREATE TABLE 'Packages' (hnum INTEGER PRIMARY KEY AUTOINCREMENT, blob BLOB NOT NULL)";

static void reads_sqlite(void **state)
{
  (void)state;
  struct buf blob = {0};
  make_package(&blob, "one");
  make_sqlite(table, &blob);
  database.data[18] = database.data[19] = 2; /* as rpm leaves it: written with a write-ahead log */
  expect(2, "one");
  buf_free(&blob);
}

static void refuses_hostile_sqlite(void **state)
{
  (void)state;
  static const struct {
    const char *sql, *message;
  } cases[] = {
      {"CREATE TABLE other (a)", "it has no plain table Packages"},
      {"CREATE VIEW Packages AS WITH RECURSIVE c(blob) AS (SELECT 1 UNION ALL SELECT blob+1 FROM c) "
       "SELECT blob FROM c",
       "it has no plain table Packages"},
      {"CREATE TABLE Packages (hnum)", "no such column: blob"},
      {"CREATE TABLE Packages (hnum, blob AS (hex(zeroblob(hnum))))",
       "it has no plain table Packages"},
  };
  struct error err;
  for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
    make_sqlite(cases[i].sql, NULL);
    assert_int_equal(read_database(&err), SW_EINVAL);
    assert_error(err, SW_EINVAL, cases[i].message);
  }
  struct buf blob = {0};
  buf_add(&blob, STR("no header"));
  make_sqlite(table, &blob);
  expect_fault("reading the SQLite database: 2 records are wrong, the first: ");
  buf_free(&blob);
  memset(database.data + 100, 0xff, database.len - 100);
  expect_fault("reading the SQLite database");
  database.len = 100;
  expect_fault("reading the SQLite database");
  assert_int_equal(list.count, 0);
}

/* ---- the list of images without rpm */

static void reads_the_manifest(void **state)
{
  (void)state;
  struct error err;
  const struct str path = STR("var/lib/rpmmanifest/container-manifest-2");
  assert_int_equal(
      rpm_read(
          path, 0,
          STR("bash\t5.1.8-2.cm2\t1\t2\tMicrosoft\t(none)\t3\tx86_64\t0\tbash-5.1.8-2.cm2.src.rpm\n"
              "zlib-x\t1.2-1\t1\t2\tMicrosoft\t4\t3\tx86_64\t4\tzlib-1.2-1.src.rpm\n"
              "short\t1-1\n"),
          &list, &err),
      SW_EINVAL);
  assert_error(err, SW_EINVAL, "the line has 2 columns");
  assert_int_equal(list.count, 2);
  assert_str(list.items[0].version.text, "5.1.8-2.cm2");
  assert_str(list.items[0].vendor, "Microsoft");
  assert_str(list.items[1].version.text, "4:1.2-1");
  assert_str(list.items[1].source, "zlib");
}

static void says_what_it_wants(void **state)
{
  (void)state;
  assert_true(rpm_wants(STR("var/lib/rpm/Packages")));
  assert_true(rpm_wants(STR("var/lib/rpm/rpmdb.sqlite")));
  assert_true(rpm_wants(STR("usr/lib/sysimage/rpm/Packages.db")));
  assert_true(rpm_wants(STR("usr/share/rpm/rpmdb.sqlite")));
  assert_true(rpm_wants(STR("var/lib/rpmmanifest/container-manifest-2")));
  assert_false(rpm_wants(STR("var/lib/rpm/Name")));
  assert_false(rpm_wants(STR("var/lib/rpm/rpmdb.sqlite-shm")));
  buf_add(&database, STR("neither of them"));
  expect_fault("this is no database of rpm");
  buf_clear(&database);
  expect_fault("this is no database of rpm");
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test_setup_teardown(reads_ndb, start, stop),
      cmocka_unit_test_setup_teardown(refuses_broken_ndb, start, stop),
      cmocka_unit_test_setup_teardown(reads_berkeley_db, start, stop),
      cmocka_unit_test_setup_teardown(reads_berkeley_db_of_the_other_byte_order, start, stop),
      cmocka_unit_test_setup_teardown(refuses_broken_berkeley_db, start, stop),
      cmocka_unit_test_setup_teardown(reads_sqlite, start, stop),
      cmocka_unit_test_setup_teardown(refuses_hostile_sqlite, start, stop),
      cmocka_unit_test_setup_teardown(reads_the_manifest, start, stop),
      cmocka_unit_test_setup_teardown(says_what_it_wants, start, stop),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
