#include "advisory_make.h"

#include "base/buf.h"
#include "base/file.h"
#include "scan/advisory/match.h"

#include <dirent.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/wait.h>

struct fixture {
  struct arena arena;
  struct made_place place;
  struct buf complaints;
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
  buf_free(&f->complaints);
  made_place_end(&f->place);
  mem_free(f);
  return 0;
}

static void complain(void *ctx, struct str source, struct str id, const struct error *why)
{
  struct fixture *f = ctx;
  buf_printf(&f->complaints, "%.*s %.*s: %s\n", STR_FMT(source), STR_FMT(id), why->message);
}

static const struct made some[] = {
    {.id = "GHSA-1",
     .aliases = "CVE-2024-1001",
     .ecosystem = "npm",
     .name = "b",
     .cvss = "none",
     .events = "introduced 0 fixed 1.0.0",
     .title = "A title",
     .description = "Words, more words"},
    {.id = "CVE-2024-1002",
     .ecosystem = "Debian:12",
     .name = "a",
     .events = "introduced 0",
     .severity = SEVERITY_HIGH},
    {.id = "CVE-2024-1003", .ecosystem = "npm", .name = "a", .versions = "1.0.0 1.0.1"},
};

static void add_some(struct advisory_writer *w)
{
  struct error err;
  struct advisory_sink sink = advisory_writer_sink(w);
  made_source(w, "One");
  for (size_t i = 0; i < sizeof some / sizeof some[0]; i++)
    made_add(w, &some[i]);
  made_source(w, "Two");
  assert_int_equal(sink.epss(sink.ctx, STR("CVE-2024-1002"), 5, 6, &err), 0);
  assert_int_equal(sink.epss(sink.ctx, STR("CVE-1999-1002"), 7, 8, &err), 0);
  assert_int_equal(sink.exploited(sink.ctx, STR("CVE-2024-1002"), STR("2024-02-02"), false, &err),
                   0);
}

static void read_file(const struct fixture *f, struct buf *ret)
{
  struct error err;
  if (file_read(f->place.path, 1 << 24, ret, &err) < 0)
    fail_msg("%s", err.message);
}

static struct advisory_database_info info_of(struct fixture *f)
{
  struct advisory_database_info info;
  struct error err;
  struct advisory_database *db = made_open(&f->place);
  assert_int_equal(advisory_database_info(db, &f->arena, &info, &err), 0);
  advisory_database_free(db);
  return info;
}

static void same_sources_same_file(void **state)
{
  struct fixture *f = *state;
  struct buf first = {0}, second = {0};
  struct advisory_writer *w = made_writer(&f->place, NULL);
  add_some(w);
  made_finish(w);
  read_file(f, &first);
  struct str id = info_of(f).id;
  w = made_writer(&f->place, NULL);
  add_some(w);
  made_finish(w);
  read_file(f, &second);
  assert_true(str_eq(buf_str(&first), buf_str(&second)));
  /* Another time is not another content; another content is. */
  w = made_writer(&f->place, &(struct advisory_writer_options){.now = STR("2030-01-01T00:00:00Z")});
  add_some(w);
  made_finish(w);
  assert_true(str_eq(info_of(f).id, id));
  assert_str(info_of(f).built, "2030-01-01T00:00:00Z");
  w = made_writer(&f->place, NULL);
  add_some(w);
  made_add(w,
           &(struct made){.id = "X-1", .ecosystem = "npm", .name = "z", .events = "introduced 0"});
  made_finish(w);
  assert_false(str_eq(info_of(f).id, id));
  buf_free(&first);
  buf_free(&second);
}

static unsigned files_in(const char *folder)
{
  unsigned count = 0;
  DIR *dir = opendir(folder);
  assert_non_null(dir);
  for (struct dirent *entry; (entry = readdir(dir));)
    count += entry->d_name[0] != '.';
  closedir(dir);
  return count;
}

static void appears_whole_or_not_at_all(void **state)
{
  struct fixture *f = *state;
  struct advisory_writer *w = made_writer(&f->place, NULL);
  add_some(w);
  assert_int_equal(access(f->place.path, F_OK), -1);
  advisory_writer_free(w);
  assert_int_equal(files_in(f->place.folder), 0);
  w = made_writer(&f->place, NULL);
  add_some(w);
  made_finish(w);
  assert_int_equal(files_in(f->place.folder), 1);
  assert_int_equal(chmod(f->place.path, 0640), 0);
  struct buf before = {0}, after = {0};
  read_file(f, &before);
  w = made_writer(&f->place, NULL);
  made_add(w, &some[0]);
  advisory_writer_free(w);
  read_file(f, &after);
  assert_true(str_eq(buf_str(&before), buf_str(&after)));
  w = made_writer(&f->place, NULL);
  made_add(w, &some[0]);
  made_finish(w);
  struct stat st;
  assert_int_equal(stat(f->place.path, &st), 0);
  assert_int_equal(st.st_mode & 0777, 0640);
  assert_int_equal(files_in(f->place.folder), 1);
  buf_free(&before);
  buf_free(&after);
}

static void write_forever(const struct fixture *f, int said)
{
  struct advisory_writer *w = made_writer(&f->place, NULL);
  add_some(w);
  if (write(said, "", 1) != 1)
    _exit(1);
  for (;;)
    pause();
}

/* What a killed writer left is removed by the next one; what a living one writes is not. */
static void sweeps_behind_the_killed(void **state)
{
  struct fixture *f = *state;
  int said[2], status;
  char byte;
  assert_int_equal(pipe(said), 0);
  pid_t pid = fork();
  assert_true(pid >= 0);
  if (pid == 0)
    write_forever(f, said[1]);
  assert_int_equal(read(said[0], &byte, 1), 1);
  struct advisory_writer *w = made_writer(&f->place, NULL);
  assert_int_equal(files_in(f->place.folder), 2);
  add_some(w);
  made_finish(w);
  assert_int_equal(files_in(f->place.folder), 2);
  assert_int_equal(kill(pid, SIGKILL), 0);
  assert_int_equal(waitpid(pid, &status, 0), pid);
  assert_true(WIFSIGNALED(status));
  w = made_writer(&f->place, NULL);
  assert_int_equal(files_in(f->place.folder), 2); /* the database, and the draft of this one */
  made_finish(w);
  assert_int_equal(files_in(f->place.folder), 1);
  close(said[0]);
  close(said[1]);
}

static void needs_a_place(void **state)
{
  (void)state;
  struct advisory_writer *w = NULL;
  struct error err;
  assert_int_equal(advisory_writer_new("/nonexistent/folder/db", NULL, &w, &err), SW_ENOENT);
  assert_error(err, SW_ENOENT, "/nonexistent/folder/db");
}

static void finishes_once(void **state)
{
  struct fixture *f = *state;
  struct error err;
  struct advisory_writer *w = made_writer(&f->place, NULL);
  assert_int_equal(advisory_writer_finish(w, &err), 0);
  assert_int_equal(advisory_writer_finish(w, &err), SW_EUSAGE);
  advisory_writer_free(w);
  assert_int_equal(info_of(f).advisories, 0);
}

/* What cannot be kept is told, and counted where it came from; the rest is kept. */
static void complains_and_goes_on(void **state)
{
  struct fixture *f = *state;
  static const struct {
    struct made made;
    const char *complaint; /* NULL: none */
    unsigned advisories;
  } cases[] = {
      {{.id = "A-1", .ecosystem = "Nowhere", .name = "a", .events = "introduced 0"},
       "not known",
       0},
      {{.id = "A-2", .ecosystem = "npm", .name = "", .events = "introduced 0"},
       "name of the package",
       0},
      {{.id = "A-3", .ecosystem = "npm", .name = "a"}, "no version is named", 0},
      {{.id = "A-4", .ecosystem = "PyPI", .name = "a", .events = "introduced 0 fixed what"},
       "\"what\" is not a version",
       0},
      {{.id = "A-5",
        .ecosystem = "PyPI",
        .name = "a",
        .events = "introduced 0 fixed what",
        .versions = "1"},
       "\"what\" is not a version",
       1},
      {{.id = "A-6",
        .ecosystem = "PyPI",
        .name = "a",
        .events = "introduced 0 fixed what | introduced 0 fixed 2"},
       "\"what\" is not a version",
       1},
      {{.id = "A-7", .ecosystem = "npm", .name = "a", .events = "fixed 1.0.0"}, "introduced", 0},
      {{.id = "A-8", .ecosystem = "npm", .name = "a", .requirement = "=> nonsense <"},
       "nonsense",
       0},
      {{.id = "", .ecosystem = "npm", .name = "a", .events = "introduced 0"}, "the id is empty", 0},
      {{.id = "A-9", .ecosystem = "PyPI", .name = "a", .versions = "not-one"}, NULL, 1},
      {{.id = "A-10", .ecosystem = "npm", .name = "a", .withdrawn = true, .events = "fixed 1.0.0"},
       NULL,
       0},
      /* Without packages: kept for what it says about its CVE, if it is about one. */
      {{.id = "CVE-2024-1001", .description = "Words"}, NULL, 1},
      {{.id = "A-11", .description = "Words"}, NULL, 0},
  };
  for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
    struct advisory_writer_options options = {.complain = complain, .ctx = f, .now = STR("now")};
    struct advisory_writer *w = made_writer(&f->place, &options);
    buf_clear(&f->complaints);
    made_source(w, "Src");
    made_add(w, &cases[i].made);
    made_finish(w);
    struct advisory_database_info info = info_of(f);
    bool complained = f->complaints.len;
    assert_int_equal(info.sources[0].unreadable, complained);
    if (complained != (cases[i].complaint != NULL))
      fail_msg("%s: %s", cases[i].made.id, buf_text(&f->complaints));
    if (complained && !strstr(buf_text(&f->complaints), cases[i].complaint))
      fail_msg("%s: %s", cases[i].made.id, buf_text(&f->complaints));
    if (complained)
      assert_true(str_starts(buf_str(&f->complaints), STR("Src ")));
    assert_int_equal(info.advisories, cases[i].advisories);
  }
}

static void keeps_the_same_advisory_once(void **state)
{
  struct fixture *f = *state;
  struct advisory_writer *w = made_writer(&f->place, NULL);
  made_source(w, "Tracker");
  for (unsigned i = 0; i < 3; i++)
    made_add(w, &(struct made){.id = "CVE-2024-1001",
                               .description = "The same words",
                               .ecosystem = "Debian:12",
                               .name = i ? "a" : "b",
                               .events = "introduced 0"});
  made_finish(w);
  struct advisory_database_info info = info_of(f);
  assert_int_equal(info.advisories, 1);
  assert_int_equal(info.affected, 3);
  assert_int_equal(info.packages, 2);
  assert_int_equal(info.sources[0].advisories, 3);
}

/* A reader refuses rows beyond a size; what would make one is left out, and the rest kept. */
static void leaves_out_what_is_too_large(void **state)
{
  struct fixture *f = *state;
  enum { MANY = 40000, LONG = 200 };
  struct advisory_writer_options options = {.complain = complain, .ctx = f, .now = STR("now")};
  struct advisory_writer *w = made_writer(&f->place, &options);
  struct str *versions = arena_array(&f->arena, struct str, MANY);
  char padding[LONG];
  struct error err;
  memset(padding, 'x', sizeof padding);
  for (size_t i = 0; i < MANY; i++)
    versions[i] = arena_printf(&f->arena, "%zu.%.*s", i, LONG, padding);
  const struct advisory_affected affected[] = {
      {.ecosystem = STR("npm"), .name = STR("a"), .versions = versions, .version_count = MANY},
      {.ecosystem = STR("npm"), .name = STR("b"), .versions = versions, .version_count = 1},
  };
  const struct advisory advisory = {.id = STR("A-1"),
                                    .related = versions,
                                    .related_count = MANY,
                                    .affected = affected,
                                    .affected_count = 2};
  struct advisory_sink sink = advisory_writer_sink(w);
  assert_int_equal(sink.add(sink.ctx, &advisory, &err), 0);
  made_finish(w);
  assert_non_null(strstr(buf_text(&f->complaints), "A-1: npm a: its versions take more than"));
  struct advisory_database *db = made_open(&f->place);
  struct package p = {.type = PACKAGE_NPM,
                      .name = STR("b"),
                      .version = package_version_split(PACKAGE_NPM, versions[0]),
                      .source = STR("b")};
  struct vulnerability_list found;
  if (advisory_match(db, NULL, &p, 1, &f->arena, &found, &err) < 0)
    fail_msg("%s", err.message);
  assert_int_equal(found.count, 1);
  advisory_database_free(db);
}

static void notes_what_is_learnt_late(void **state)
{
  struct fixture *f = *state;
  struct advisory_writer *w = made_writer(&f->place, NULL);
  struct error why;
  made_source(w, "Src");
  advisory_writer_source_dated(w, STR("2026-11-20T00:00:00Z"), STR("sha256:00"));
  advisory_writer_source_dated(w, STR(""), STR(""));
  error_set(&why, SW_EINVAL, "cut off");
  advisory_writer_unreadable(w, STR("X"), &why);
  made_finish(w);
  struct advisory_database_info info = info_of(f);
  assert_str(info.sources[0].date, "2026-11-20T00:00:00Z");
  assert_str(info.sources[0].digest, "sha256:00");
  assert_int_equal(info.sources[0].unreadable, 1);
}

/* So many that texts are packed with a dictionary, and one package takes several rows. */
static void holds_many(void **state)
{
  struct fixture *f = *state;
  struct advisory_writer *w = made_writer(&f->place, NULL);
  enum { MANY = 3000 };
  char id[32], title[64], description[512];
  for (unsigned i = 0; i < MANY; i++) {
    snprintf(id, sizeof id, "CVE-2024-%u", 10000 + i);
    snprintf(title, sizeof title, "Title number %u", i);
    snprintf(description, sizeof description,
             "A flaw number %u was found in the parser of a file format, where a length is not "
             "checked, so that a file made for it makes the program number %u read beyond the end.",
             i * 7919, i * 104729);
    made_add(w, &(struct made){.id = id,
                               .title = title,
                               .description = description,
                               .ecosystem = "npm",
                               .name = "a",
                               .events = "introduced 0 fixed 2.0.0"});
  }
  made_finish(w);
  struct advisory_database *db = made_open(&f->place);
  struct package p = {.type = PACKAGE_NPM,
                      .name = STR("a"),
                      .version = package_version_split(PACKAGE_NPM, STR("1.0.0")),
                      .source = STR("a")};
  struct vulnerability_list found;
  struct error err;
  assert_int_equal(advisory_match(db, NULL, &p, 1, &f->arena, &found, &err), 0);
  assert_int_equal(found.count, MANY);
  for (unsigned i = 0; i < MANY; i++) {
    snprintf(id, sizeof id, "CVE-2024-%u", 10000 + i);
    snprintf(title, sizeof title, "Title number %u", i);
    assert_str(found.items[i].id, id);
    assert_str(found.items[i].title, title);
    assert_true(str_starts(found.items[i].description, STR("A flaw number ")));
  }
  /* Packed, the words are less than half of what they are. */
  assert_true(info_of(f).bytes < MANY * 300);
  advisory_database_free(db);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
  const struct CMUnitTest tests[] = {
      TEST(same_sources_same_file),
      TEST(appears_whole_or_not_at_all),
      TEST(sweeps_behind_the_killed),
      TEST(needs_a_place),
      TEST(finishes_once),
      TEST(complains_and_goes_on),
      TEST(keeps_the_same_advisory_once),
      TEST(leaves_out_what_is_too_large),
      TEST(notes_what_is_learnt_late),
      TEST(holds_many),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
