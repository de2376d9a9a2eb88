/*
 * What matching costs: opening a database of 300,000 advisories and looking up 500 packages, with nothing wrong (look-ups
 * alone) and with one vulnerability each (which is fetched, unpacked and described), and 1,000 images of 200 packages each
 * matched again as after a change of the database.
 *
 *     advisories [FILE...]       with advisories of these files too (OSV, Debian's tracker, ...; may be packed)
 *
 * The reference of the same run is SQLite alone, reading the same rows of the same file by their keys. Goals: under 5 ms
 * for opening and look-ups; under 2 s for the images, on one core.
 */
#include "base/buf.h"
#include "base/mem.h"
#include "scan/advisory/database_writer.h"
#include "scan/advisory/import.h"
#include "scan/advisory/match.h"

#include <fcntl.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

enum {
  SOURCES = 6000,  /* source packages of a distribution */
  MODULES = 60000, /* packages of a language */
  JUDGEMENTS = 200000,
  FLAWS = 100000,
  LOOKUPS = 500,
  IMAGES = 1000,
  OF_SYSTEM = 150, /* packages of an image */
  OF_LANGUAGE = 50,
  ROUNDS = 5,
};

static double seconds(void)
{
  struct timespec t;
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
  return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static _Noreturn void die(const char *what)
{
  fprintf(stderr, "%s\n", what);
  exit(2);
}

/* The same numbers in every run. */
static uint32_t next_number(uint32_t *seed)
{
  *seed = *seed * 1664525 + 1013904223;
  return *seed >> 8;
}

/* ---- the database */

static void add_one(const struct advisory_sink *sink, unsigned i, const char *ecosystem,
                    const char *name, const char *fixed)
{
  char id[32], description[400];
  struct error err;
  snprintf(id, sizeof id, "CVE-%u-%u", 2010 + i % 15, 1000 + i / 15);
  snprintf(
      description, sizeof description,
      "In %s a length that comes from a file is used without being checked (case %u of %u), so that a file that "
      "was made for it makes the program read or write beyond its memory. Everybody who opens files of others is "
      "affected; what can be done without the fix is to open none.",
      name, i, i % 977);
  const struct advisory_event events[] = {{VERSION_INTRODUCED, STR("0")},
                                          {VERSION_FIXED, str_from(fixed)}};
  const struct advisory_range range = {events, 2};
  const struct advisory_affected affected = {.ecosystem = str_from(ecosystem),
                                             .name = str_from(name),
                                             .severity = SEVERITY_LOW + i % 4,
                                             .ranges = &range,
                                             .range_count = 1};
  const struct advisory advisory = {.id = str_from(id),
                                    .description = str_from(description),
                                    .affected = &affected,
                                    .affected_count = 1};
  if (sink->add(sink->ctx, &advisory, &err) < 0)
    die(err.message);
}

static void add_made_up(const struct advisory_sink *sink)
{
  char name[64], fixed[32];
  uint32_t seed = 1;
  for (unsigned i = 0; i < JUDGEMENTS; i++) {
    /* One in forty is the kernel's, as in life. */
    unsigned source = i % 40 == 0 ? 0 : next_number(&seed) % SOURCES;
    snprintf(name, sizeof name, "source-%u", source);
    snprintf(fixed, sizeof fixed, "%u.%u-1", next_number(&seed) % 100, i % 10);
    add_one(sink, i, i % 3 ? "Debian:12" : "Debian:11", name, fixed);
  }
  for (unsigned i = 0; i < FLAWS; i++) {
    snprintf(name, sizeof name, "module-%u", next_number(&seed) % MODULES);
    snprintf(fixed, sizeof fixed, "%u.%u.0", next_number(&seed) % 20, i % 10);
    add_one(sink, JUDGEMENTS + i, "npm", name, fixed);
  }
}

static int read_fd(void *ctx, void *to, size_t room, size_t *ret_got, struct error *err)
{
  ssize_t got = read(*(int *)ctx, to, room);
  if (got < 0)
    return error_set(err, SW_EIO, "it cannot be read");
  *ret_got = (size_t)got;
  return 0;
}

static void nobody_told(void *ctx, struct str id, const struct error *why)
{
  (void)ctx, (void)id, (void)why;
}

static void add_file(const struct advisory_sink *sink, const char *path)
{
  struct arena arena;
  struct error err;
  int fd = open(path, O_RDONLY | O_CLOEXEC);
  if (fd < 0)
    die(path);
  arena_init(&arena, 0);
  struct advisory_import import = {
      .name = str_from(path), .sink = sink, .unreadable = nobody_told, .arena = &arena};
  if (advisory_import_read(&import, NULL, (struct oci_input){read_fd, &fd}, &err) < 0)
    die(err.message);
  arena_free(&arena);
  close(fd);
}

static void make(const char *path, char **files, int count)
{
  struct advisory_writer *w = NULL;
  struct error err;
  struct stat st;
  double start = seconds();
  if (advisory_writer_new(path, NULL, &w, &err) < 0)
    die(err.message);
  struct advisory_sink sink = advisory_writer_sink(w);
  add_made_up(&sink);
  for (int i = 0; i < count; i++)
    add_file(&sink, files[i]);
  if (advisory_writer_finish(w, &err) < 0)
    die(err.message);
  advisory_writer_free(w);
  if (stat(path, &st) < 0)
    die(path);
  printf("making    %6.2f s for %d advisories and what was given, %.1f MB\n", seconds() - start,
         JUDGEMENTS + FLAWS, (double)st.st_size / 1e6);
}

/* ---- packages */

static struct package of_system(struct arena *arena, uint32_t *seed)
{
  uint32_t source = next_number(seed) % SOURCES;
  struct str version =
      arena_printf(arena, "%u.%u-1", 90 + next_number(seed) % 10, next_number(seed) % 10);
  return (struct package){
      .type = PACKAGE_DEB,
      .name = arena_printf(arena, "libsource-%u-%u", source, next_number(seed) % 3),
      .version = package_version_split(PACKAGE_DEB, version),
      .source = arena_printf(arena, "source-%u", source),
      .source_version = package_version_split(PACKAGE_DEB, version),
  };
}

static struct package of_language(struct arena *arena, uint32_t *seed)
{
  struct str name = arena_printf(arena, "module-%u", next_number(seed) % (2 * MODULES));
  struct str version =
      arena_printf(arena, "%u.%u.3", 15 + next_number(seed) % 5, next_number(seed) % 10);
  return (struct package){
      .type = PACKAGE_NPM,
      .name = name,
      .version = package_version_split(PACKAGE_NPM, version),
      .source = name,
      .source_version = package_version_split(PACKAGE_NPM, version),
  };
}

static const struct os_release system_12 = {.id = STR_INIT("debian"), .release = STR_INIT("12")};

static struct os_release debian(void)
{
  struct os_release os = system_12;
  os.family = os_family_find(os.id);
  return os;
}

/* ---- measures */

static double open_and_look_up(const char *path, const struct package *packages, size_t *ret_found)
{
  struct advisory_database *db = NULL;
  struct vulnerability_list list;
  struct os_release os = debian();
  struct arena arena;
  struct error err;
  arena_init(&arena, 0);
  double start = seconds();
  if (advisory_database_open(path, &db, &err) < 0 ||
      advisory_match(db, &os, packages, LOOKUPS, &arena, &list, &err) < 0)
    die(err.message);
  double spent = seconds() - start;
  *ret_found = list.count;
  advisory_database_free(db);
  arena_free(&arena);
  return spent;
}

static void use(const void *bytes, int len, uint64_t *sum)
{
  for (int i = 0; i < len; i += 64)
    *sum += ((const unsigned char *)bytes)[i];
}

/* The rows alone. */
static double sqlite_alone(const char *path, const struct package *packages, uint64_t *sum)
{
  static const char query[] =
      "SELECT records FROM package CROSS JOIN records ON records.number BETWEEN first AND last WHERE "
      "ecosystem = (SELECT number FROM ecosystem WHERE name = 'Debian:12') AND name = ?1";
  sqlite3 *db = NULL;
  sqlite3_stmt *statement = NULL;
  char uri[512];
  double start = seconds();
  snprintf(uri, sizeof uri, "file:%s?immutable=1", path);
  if (sqlite3_open_v2(uri, &db, SQLITE_OPEN_READONLY | SQLITE_OPEN_URI, NULL) != SQLITE_OK ||
      sqlite3_exec(db, "PRAGMA mmap_size=1000000000", NULL, NULL, NULL) != SQLITE_OK ||
      sqlite3_prepare_v2(db, query, -1, &statement, NULL) != SQLITE_OK)
    die("SQLite cannot read the database");
  for (size_t i = 0; i < LOOKUPS; i++) {
    sqlite3_bind_text(statement, 1, packages[i].source.data, (int)packages[i].source.len,
                      SQLITE_STATIC);
    while (sqlite3_step(statement) == SQLITE_ROW)
      use(sqlite3_column_blob(statement, 0), sqlite3_column_bytes(statement, 0), sum);
    sqlite3_reset(statement);
  }
  sqlite3_finalize(statement);
  sqlite3_close(db);
  return seconds() - start;
}

/* Best of all rounds, in milliseconds. */
static double best_of(const char *path, const struct package *packages, size_t *ret_found)
{
  double best = 1e9;
  for (int i = 0; i < ROUNDS; i++) {
    double spent = open_and_look_up(path, packages, ret_found) * 1e3;
    best = spent < best ? spent : best;
  }
  return best;
}

static void bench_lookups(const char *path)
{
  struct package packages[LOOKUPS], mended[LOOKUPS];
  struct arena arena;
  uint32_t seed = 7;
  uint64_t sum = 0;
  size_t found = 0, none = 0;
  double reference = 1e9;
  arena_init(&arena, 0);
  for (size_t i = 0; i < LOOKUPS; i++) {
    packages[i] = mended[i] = of_system(&arena, &seed);
    mended[i].version = mended[i].source_version =
        package_version_split(PACKAGE_DEB, STR("1000-1"));
  }
  double lookups = best_of(path, mended, &none), all = best_of(path, packages, &found);
  for (int i = 0; i < ROUNDS; i++) {
    double alone = sqlite_alone(path, packages, &sum) * 1e3;
    reference = alone < reference ? alone : reference;
  }
  printf(
      "look-ups  %6.2f ms to open and to judge %d packages, %zu vulnerabilities (best of %d; goal 5 ms)\n",
      lookups, LOOKUPS, none, ROUNDS);
  printf("found     %6.2f ms with %zu vulnerabilities\n", all, found);
  printf("SQLite    %6.2f ms to open and to read the rows: look-ups cost %.2f times that (%llu)\n",
         reference, lookups / reference, (unsigned long long)sum % 10);
  arena_free(&arena);
}

/* Images share most of their packages, as those of one organisation do. */
static void bench_images(const char *path)
{
  enum { OF_IMAGE = OF_SYSTEM + OF_LANGUAGE, BASES = 20 };
  struct advisory_database *db = NULL;
  struct os_release os = debian();
  struct arena arena, found;
  struct error err;
  uint32_t seed = 9;
  uint64_t vulnerabilities = 0;
  arena_init(&arena, 0);
  arena_init(&found, 0);
  struct package *images = arena_array(&arena, struct package, (size_t)IMAGES * OF_IMAGE);
  for (size_t i = 0; i < IMAGES; i++)
    for (size_t p = 0; p < OF_IMAGE; p++) {
      struct package *to = &images[i * OF_IMAGE + p];
      if (i >= BASES && p < OF_SYSTEM)
        *to = images[i % BASES * OF_IMAGE + p];
      else
        *to = p < OF_SYSTEM ? of_system(&arena, &seed) : of_language(&arena, &seed);
    }
  double start = seconds();
  if (advisory_database_open(path, &db, &err) < 0)
    die(err.message);
  for (size_t i = 0; i < IMAGES; i++) {
    struct vulnerability_list list;
    if (advisory_match(db, &os, images + i * OF_IMAGE, OF_IMAGE, &found, &list, &err) < 0)
      die(err.message);
    vulnerabilities += list.count;
    arena_reset(&found);
  }
  double spent = seconds() - start;
  printf(
      "images    %6.2f s for %d images of %d packages, %llu vulnerabilities: %.2f ms an image (goal 2 s)\n",
      spent, IMAGES, OF_IMAGE, (unsigned long long)vulnerabilities, spent / IMAGES * 1e3);
  advisory_database_free(db);
  arena_free(&found);
  arena_free(&arena);
}

int main(int argc, char **argv)
{
  char folder[] = "/tmp/seawall-bench-XXXXXX", path[64];
  if (!mkdtemp(folder))
    die("there is no room in /tmp");
  snprintf(path, sizeof path, "%s/advisories.db", folder);
  make(path, argv + 1, argc - 1);
  bench_lookups(path);
  bench_images(path);
  unlink(path);
  rmdir(folder);
  return 0;
}
