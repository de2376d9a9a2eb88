#include "advisory_make.h"

#include "base/buf.h"
#include "base/file.h"
#include "scan/advisory/match.h"

#include <pthread.h>
#include <sqlite3.h>
#include <sys/stat.h>

struct fixture {
  struct arena arena;
  struct made_place place;
};

static int setup(void **state)
{
  struct fixture *f = mem_zalloc(1, sizeof *f);
  arena_init(&f->arena, 0);
  made_place_begin(&f->place);
  *state = f;
  return 0;
}

static int teardown(void **state)
{
  struct fixture *f = *state;
  arena_free(&f->arena);
  made_place_end(&f->place);
  mem_free(f);
  return 0;
}

static void make(struct fixture *f)
{
  struct advisory_writer *w = made_writer(&f->place, NULL);
  made_source(w, "First");
  made_add(w, &(struct made){
                  .id = "CVE-2024-1", .ecosystem = "npm", .name = "a", .events = "introduced 0"});
  made_add(w, &(struct made){.id = "CVE-2024-1001",
                             .ecosystem = "npm",
                             .name = "a",
                             .events = "introduced 0 fixed 2.0.0",
                             .title = "A title"});
  made_add(w, &(struct made){.id = "CVE-2024-1001",
                             .ecosystem = "Red Hat:enterprise_linux:9::baseos",
                             .name = "b",
                             .events = "introduced 0"});
  made_add(
      w, &(struct made){.id = "CVE-2024-1002", .ecosystem = "npm", .name = "a", .withdrawn = true});
  made_finish(w);
}

static void tells_what_it_is(void **state)
{
  struct fixture *f = *state;
  struct advisory_database_info info;
  struct error err;
  make(f);
  struct advisory_database *db = made_open(&f->place);
  assert_int_equal(advisory_database_info(db, &f->arena, &info, &err), 0);
  assert_str(info.built, "2026-11-21T10:00:00Z");
  assert_int_equal(info.id.len, 7 + 64);
  assert_true(str_starts(info.id, STR("sha256:")));
  assert_int_equal(info.source_count, 1);
  assert_str(info.sources[0].name, "First");
  assert_str(info.sources[0].fetched, "2026-11-21T09:00:00Z");
  assert_int_equal(info.sources[0].advisories, 3);
  assert_int_equal(info.sources[0].affected, 3);
  assert_int_equal(info.sources[0].withdrawn, 1);
  assert_int_equal(info.advisories, 3);
  assert_int_equal(info.affected, 3);
  assert_int_equal(info.packages, 2);
  assert_int_equal(info.exploited, 0);
  assert_int_equal(info.epss, 0);
  struct stat st;
  assert_int_equal(stat(f->place.path, &st), 0);
  assert_int_equal(info.bytes, st.st_size);
  assert_true(advisory_database_covers(db, STR("npm")));
  assert_false(advisory_database_covers(db, STR("np")));
  assert_false(advisory_database_covers(db, STR("Debian:12")));
  advisory_database_free(db);
}

static void stays_what_it_was_when_replaced(void **state)
{
  struct fixture *f = *state;
  make(f);
  struct advisory_database *db = made_open(&f->place);
  struct advisory_writer *w = made_writer(&f->place, NULL);
  made_add(w,
           &(struct made){
               .id = "CVE-2024-1003", .ecosystem = "PyPI", .name = "a", .events = "introduced 0"});
  made_finish(w);
  assert_true(advisory_database_covers(db, STR("npm")));
  assert_false(advisory_database_covers(db, STR("PyPI")));
  advisory_database_free(db);
  db = made_open(&f->place);
  assert_true(advisory_database_covers(db, STR("PyPI")));
  assert_false(advisory_database_covers(db, STR("npm")));
  advisory_database_free(db);
}

static void opens_what_nobody_may_write(void **state)
{
  struct fixture *f = *state;
  make(f);
  assert_int_equal(chmod(f->place.path, 0444), 0);
  assert_int_equal(chmod(f->place.folder, 0555), 0);
  struct advisory_database *db = made_open(&f->place);
  assert_true(advisory_database_covers(db, STR("npm")));
  advisory_database_free(db);
  assert_int_equal(chmod(f->place.folder, 0755), 0);
}

static struct str query(const struct fixture *f, struct advisory_database *db, struct arena *arena)
{
  struct package p = {.type = PACKAGE_NPM,
                      .name = STR("a"),
                      .version = package_version_split(PACKAGE_NPM, STR("1.0.0")),
                      .source = STR("a")};
  struct vulnerability_list found = {.count = 0};
  struct error err;
  (void)f;
  if (advisory_match(db, NULL, &p, 1, arena, &found, &err) < 0)
    return arena_copy(arena, str_from(err.message));
  return found.count ? found.items[0].id : STR_EMPTY;
}

struct asking {
  struct fixture *f;
  struct advisory_database *db;
  unsigned right;
};

static void *ask(void *ctx)
{
  struct asking *asking = ctx;
  struct arena arena;
  arena_init(&arena, 0);
  for (unsigned i = 0; i < 200; i++) {
    asking->right += str_eq(query(asking->f, asking->db, &arena), STR("CVE-2024-1"));
    arena_reset(&arena);
  }
  arena_free(&arena);
  return NULL;
}

static void answers_several_threads(void **state)
{
  struct fixture *f = *state;
  pthread_t threads[4];
  struct asking asking[4];
  make(f);
  struct advisory_database *db = made_open(&f->place);
  for (unsigned i = 0; i < 4; i++) {
    asking[i] = (struct asking){f, db, 0};
    assert_int_equal(pthread_create(&threads[i], NULL, ask, &asking[i]), 0);
  }
  for (unsigned i = 0; i < 4; i++) {
    assert_int_equal(pthread_join(threads[i], NULL), 0);
    assert_int_equal(asking[i].right, 200);
  }
  advisory_database_free(db);
}

/* ---- what is none, or damaged */

static void write_file(const struct fixture *f, const void *bytes, size_t len)
{
  FILE *file = fopen(f->place.path, "wb");
  assert_non_null(file);
  assert_int_equal(fwrite(bytes, 1, len, file), len);
  assert_int_equal(fclose(file), 0);
}

static void refuses(const struct fixture *f, int code, const char *why)
{
  struct advisory_database *db = NULL;
  struct error err;
  assert_int_equal(advisory_database_open(f->place.path, &db, &err), code);
  assert_error(err, code, why);
  assert_non_null(strstr(err.message, f->place.path));
}

static void refuses_other_files(void **state)
{
  struct fixture *f = *state;
  char zeros[4096] = {0};
  refuses(f, SW_ENOENT, "No such file");
  write_file(f, "", 0);
  refuses(f, SW_EINVAL, "not a database of advisories");
  write_file(f, zeros, sizeof zeros);
  refuses(f, SW_EINVAL, "not a database of advisories");
  unlink(f->place.path);
  assert_int_equal(mkdir(f->place.path, 0755), 0);
  refuses(f, SW_EINVAL, "not a database of advisories");
  assert_int_equal(rmdir(f->place.path), 0);
}

static void change(const struct fixture *f, const char *sql)
{
  sqlite3 *db;
  char *message = NULL;
  assert_int_equal(sqlite3_open(f->place.path, &db), SQLITE_OK);
  sqlite3_db_config(db, SQLITE_DBCONFIG_DEFENSIVE, 0, (int *)NULL);
  if (sqlite3_exec(db, sql, NULL, NULL, &message) != SQLITE_OK)
    fail_msg("%s", message);
  assert_int_equal(sqlite3_close(db), SQLITE_OK);
}

static void refuses_what_it_does_not_know(void **state)
{
  struct fixture *f = *state;
  static const struct {
    const char *sql, *why;
  } cases[] = {
      {"PRAGMA user_version=99", "schema 99"},
      {"PRAGMA application_id=1", "not a database of advisories"},
      {"UPDATE meta SET value='99' WHERE key='keys'", "another version of this program"},
      {"DELETE FROM meta WHERE key='keys'", "another version of this program"},
      {"DROP TABLE cve", "its tables are not those"},
      {"DROP TABLE cve; CREATE VIEW cve AS SELECT 1 AS cve, 2 AS score, 3 AS percentile",
       "its tables are not those"},
      {"CREATE TABLE more(x)", "more tables"},
      {"CREATE INDEX i ON advisory(length(head))", "more tables"},
      {"CREATE TRIGGER t AFTER INSERT ON cve BEGIN SELECT 1; END", "more tables"},
      {"DROP TABLE cve; CREATE TABLE cve(cve INTEGER PRIMARY KEY, score INTEGER, "
       "percentile INTEGER AS (score+1))",
       "its tables are not those"},
  };
  for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
    make(f);
    change(f, cases[i].sql);
    refuses(f, SW_EINVAL, cases[i].why);
  }
}

static void tells_of_damage(void **state)
{
  struct fixture *f = *state;
  static const struct {
    const char *sql, *why;
  } cases[] = {
      {"UPDATE records SET records=x'ff'", "damaged"},
      {"UPDATE advisory SET head=x'00'", "damaged"},
      {"UPDATE advisory SET text=x''", "packed wrongly"},
      {"UPDATE advisory SET text=x'01aabb'", "packed wrongly"},
      {"UPDATE advisory SET text=x'0128b52ffd2001'", "cannot be unpacked"},
      {"UPDATE advisory SET text=x'00ff'", "damaged"},
      {"DELETE FROM advisory", "lacks advisory"},
      {"UPDATE meta SET value='many' WHERE key='advisories'", NULL},
  };
  struct error err;
  for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
    struct advisory_database_info info;
    make(f);
    change(f, cases[i].sql);
    struct advisory_database *db = made_open(&f->place);
    struct str answer = query(f, db, &f->arena);
    if (cases[i].why && str_find(answer, 0, str_from(cases[i].why)) < 0)
      fail_msg("%s: %.*s", cases[i].sql, STR_FMT(answer));
    if (!cases[i].why)
      assert_int_equal(advisory_database_info(db, &f->arena, &info, &err), SW_EINVAL);
    advisory_database_free(db);
  }
}

/* Each byte of a small file in turn; what is asked of it answers or fails, and that is all. */
static void survives_any_damage(void **state)
{
  struct fixture *f = *state;
  struct buf bytes = {0};
  struct error err;
  unsigned opened = 0, refused = 0;
  make(f);
  assert_int_equal(file_read(f->place.path, 1 << 20, &bytes, &err), 0);
  for (size_t i = 0; i < bytes.len; i += 61) {
    struct advisory_database *db = NULL;
    char was = bytes.data[i];
    bytes.data[i] = (char)(was ^ 0x5b);
    write_file(f, bytes.data, bytes.len);
    bytes.data[i] = was;
    if (advisory_database_open(f->place.path, &db, &err) < 0) {
      refused++;
      continue;
    }
    struct advisory_database_info info;
    opened++;
    query(f, db, &f->arena);
    advisory_database_covers(db, STR("npm"));
    advisory_database_info(db, &f->arena, &info, &err);
    advisory_database_free(db);
    arena_reset(&f->arena);
  }
  for (size_t len = 0; len < bytes.len; len += 512) {
    struct advisory_database *db = NULL;
    write_file(f, bytes.data, len);
    if (advisory_database_open(f->place.path, &db, &err) == 0)
      query(f, db, &f->arena);
    advisory_database_free(db);
  }
  assert_true(opened > 0 && refused > 0);
  buf_free(&bytes);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
  const struct CMUnitTest tests[] = {
      TEST(tells_what_it_is),
      TEST(stays_what_it_was_when_replaced),
      TEST(opens_what_nobody_may_write),
      TEST(answers_several_threads),
      TEST(refuses_other_files),
      TEST(refuses_what_it_does_not_know),
      TEST(tells_of_damage),
      TEST(survives_any_damage),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
