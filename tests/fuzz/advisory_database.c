/*
 * A whole file, or, if the first byte is odd, a sound one with what follows laid over it at a place that two more bytes
 * name. Whatever a file holds, opening it and asking it ends with an answer or an error.
 */
#include "base/file.h"
#include "base/mem.h"
#include "scan/advisory/database_writer.h"
#include "scan/advisory/match.h"

#include <assert.h>
#include <sys/mman.h>
#include <unistd.h>

static struct buf sound;

static void make_sound(void)
{
  char path[] = "/tmp/seawall-fuzz-XXXXXX";
  int fd = mkstemp(path);
  struct advisory_writer *w;
  struct error err;
  assert(fd >= 0 && close(fd) == 0);
  assert(advisory_writer_new(path, &(struct advisory_writer_options){.now = STR("now")}, &w,
                             &err) == 0);
  struct advisory_sink sink = advisory_writer_sink(w);
  const struct advisory_event events[] = {{VERSION_INTRODUCED, STR("0")},
                                          {VERSION_FIXED, STR("2.0.0")}};
  const struct advisory_range range = {events, 2};
  const struct advisory_affected affected[] = {
      {.ecosystem = STR("npm"), .name = STR("a"), .ranges = &range, .range_count = 1},
      {.ecosystem = STR("Debian:12"), .name = STR("a"), .ranges = &range, .range_count = 1},
  };
  const struct advisory advisory = {
      .id = STR("CVE-2024-1001"),
      .title = STR("A title"),
      .description = STR("Words, and words, and words, and words, and words"),
      .affected = affected,
      .affected_count = 2};
  assert(sink.add(sink.ctx, &advisory, &err) == 0);
  assert(sink.epss(sink.ctx, advisory.id, 1, 2, &err) == 0);
  assert(sink.exploited(sink.ctx, advisory.id, STR("2024-01-01"), true, &err) == 0);
  assert(advisory_writer_finish(w, &err) == 0);
  advisory_writer_free(w);
  assert(file_read(path, 1 << 20, &sound, &err) == 0);
  unlink(path);
}

static void ask(struct advisory_database *db)
{
  struct arena arena;
  struct advisory_database_info info;
  struct vulnerability_list found;
  struct error err;
  const struct package packages[] = {
      {.type = PACKAGE_NPM,
       .name = STR("a"),
       .version = package_version_split(PACKAGE_NPM, STR("1.0.0"))},
      {.type = PACKAGE_DEB,
       .name = STR("a"),
       .version = package_version_split(PACKAGE_DEB, STR("1.0-1"))},
  };
  arena_init(&arena, 64 << 20);
  const struct os_release os = {.family = os_family_find(STR("debian")), .release = STR("12")};
  int rc = advisory_match(db, &os, packages, 2, &arena, &found, &err);
  assert(rc == 0 || (err.code == rc && err.message[0]));
  for (size_t i = 0; rc == 0 && i < found.count; i++)
    assert(found.items[i].id.len && found.items[i].cvss_tenths <= 100 &&
           found.items[i].epss <= 1000000);
  rc = advisory_database_info(db, &arena, &info, &err);
  assert(rc == 0 || (err.code == rc && err.message[0]));
  advisory_database_covers(db, STR("npm"));
  arena_free(&arena);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
  struct advisory_database *db = NULL;
  struct error err;
  char path[64];
  if (size < 3)
    return 0;
  if (!sound.len)
    make_sound();
  int fd = memfd_create("advisories", MFD_CLOEXEC);
  assert(fd >= 0);
  if (data[0] & 1) {
    off_t at = (data[1] << 8 | data[2]) * 2 % (off_t)sound.len;
    assert(fd_write_all(fd, sound.data, sound.len, NULL) == 0);
    assert(pwrite(fd, data + 3, size - 3, at) == (ssize_t)(size - 3));
  } else {
    assert(fd_write_all(fd, data + 1, size - 1, NULL) == 0);
  }
  snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
  int rc = advisory_database_open(path, &db, &err);
  assert(rc == 0 || (err.code == rc && err.message[0]));
  if (rc == 0)
    ask(db);
  advisory_database_free(db);
  close(fd);
  return 0;
}
