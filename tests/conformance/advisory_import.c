/*
 * The advisories of the shared folder, each file through the importer that it is told by its first bytes to be for.
 *
 *     conformance_advisory_import                 imports all, prints counts, and compares them with the table
 *     conformance_advisory_import FILE...         prints the counts of files, and what could not be read
 *
 * The counts are those of a separate reading of the same files. What is no advisory is named with the reason.
 */
#include "base/file.h"
#include "base/mem.h"
#include "scan/advisory/import.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

enum { SKIPPED = 77, SHOWN = 12 };

struct tally {
  size_t advisories, affected, withdrawn, unreadable, left_out, exploited, epss;
  size_t wrong; /* versions that their ecosystem's order has no place for, records without an id */
  struct arena arena;
};

static const struct {
  const char *file, *format;
  size_t advisories, affected, withdrawn, unreadable, left_out;
  size_t further; /* entries of KEV, scores of EPSS */
  size_t wrong;
  const char *reason; /* it is not imported, because */
} sources[] = {
    {"almalinux.osv.jsonl", "osv", 16630, 281912, 0, 0, 1197},
    {"alpine-secdb.native.jsonl", "alpine-secdb", 12032, 12032, 0, 1},
    {"crates.osv.jsonl", "osv", 1206, 1206, 13},
    {"debian-dla.list", "debian-list", 11100, 11105, 0, 0, 210},
    {"debian-dsa.list", "debian-list", 18153, 23353, 0, 0, 124},
    {"debian-tracker-subset.json", "debian-tracker", 4840, 10981},
    {"epss.csv", "epss", .further = 360142},
    {"go.osv.jsonl", "osv", 4291, 6125, 17},
    {"jsrepository-v5.json", "retirejs", 382, 382, 0, 49, 1, .wrong = 3},
    {"known_exploited_vulnerabilities.json", "kev", .further = 1404},
    {"kubernetes.osv.jsonl", "osv", 44, 47},
    {"maven-pypi-victims.native.jsonl", "victims", 218, 277},
    {"maven-sap-project-kb.native.jsonl", "project-kb", 545, 1046, 0, 0, 752},
    {"nodejs-core.native.jsonl", "nodejs", 358, 358, 0, 14},
    {"npm-nodejs-security-wg.native.jsonl", "nodejs", 954, 954},
    {"npmrepository.json", "retirejs", 561, 561, 0, 0, 1, .wrong = 4},
    {"pypi.osv.jsonl", "osv", 2661, 2660, 10, .wrong = 2},
    {"rubygems.native.jsonl", "rubysec", 1234, 1234, 0, 147},
    {"ubuntu.osv.jsonl", "osv", 3732, 6558},
    {"anchore-match-labels.jsonl", .reason = "verdicts about findings, which tests compare with"},
    {"source-to-binary.json", .reason = "names of packages and no advisories"},
};

static void check_version(struct tally *t, const struct advisory *a, struct str ecosystem,
                          struct str version)
{
  const struct version_ops *ops = version_ops_find(ecosystem);
  struct version parsed;
  struct error err;
  if (ops &&
      (str_eq(version, STR("0")) || version_parse(ops, version, &t->arena, &parsed, &err) == 0))
    return;
  if (!ops)
    error_set(&err, SW_EINVAL, "no order of versions for %.*s", STR_FMT(ecosystem));
  if (t->wrong++ < SHOWN)
    printf("  %.*s: %s\n", STR_FMT(a->id), err.message);
}

static int add(void *ctx, const struct advisory *a, struct error *err)
{
  struct tally *t = ctx;
  t->advisories++;
  t->withdrawn += a->withdrawn.len > 0;
  t->affected += a->affected_count;
  t->wrong += a->id.len == 0;
  for (size_t i = 0; i < a->affected_count; i++) {
    const struct advisory_affected *p = &a->affected[i];
    for (size_t r = 0; r < p->range_count; r++)
      for (size_t e = 0; e < p->ranges[r].count; e++)
        check_version(t, a, p->ecosystem, p->ranges[r].events[e].version);
    arena_reset(&t->arena);
  }
  return 0;
}

static int exploited(void *ctx, struct str cve, struct str date, bool ransomware, struct error *err)
{
  ((struct tally *)ctx)->exploited++;
  return 0;
}

static int epss(void *ctx, struct str cve, uint32_t score, uint32_t percentile, struct error *err)
{
  ((struct tally *)ctx)->epss++;
  return 0;
}

static void unreadable(void *ctx, struct str id, const struct error *why)
{
  struct tally *t = ctx;
  if (t->unreadable++ < SHOWN)
    printf("  %.*s: %s\n", STR_FMT(id), why->message);
}

static int read_fd(void *ctx, void *to, size_t room, size_t *ret_got, struct error *err)
{
  ssize_t got = read(*(const int *)ctx, to, room);
  if (got < 0)
    return error_set(err, SW_EIO, "reading failed");
  *ret_got = (size_t)got;
  return 0;
}

/* Negative: the file cannot be opened (SW_ENOENT) or imported. */
static int import_file(const char *path, const char *name, const struct advisory_format *format,
                       struct tally *t, struct error *err)
{
  _cleanup_(file_closep) int fd = open(path, O_RDONLY | O_CLOEXEC);
  if (fd < 0)
    return error_set(err, SW_ENOENT, "%s is not here", path);
  const struct advisory_sink sink = {.add = add, .exploited = exploited, .epss = epss, .ctx = t};
  struct arena arena;
  arena_init(&arena, 0);
  arena_init(&t->arena, 0);
  struct advisory_import import = {
      .name = str_from(name), .sink = &sink, .unreadable = unreadable, .ctx = t, .arena = &arena};
  int rc = advisory_import_read(&import, format, (struct oci_input){read_fd, &fd}, err);
  t->left_out = (size_t)import.ret_left_out;
  printf("%s: %zu advisories, %zu packages affected, %zu withdrawn, %zu unreadable, %zu about no "
         "vulnerability, %zu exploited, %zu scores, %zu wrong, made %.*s\n",
         name, t->advisories, t->affected, t->withdrawn, t->unreadable, t->left_out, t->exploited,
         t->epss, t->wrong, STR_FMT(import.ret_date));
  arena_free(&t->arena);
  arena_free(&arena);
  return rc;
}

static bool check_source(size_t i, const char *path)
{
  struct tally t = {0};
  struct error err;
  const struct advisory_format *format = NULL;
  if (!sources[i].reason && !(format = advisory_format_named(str_from(sources[i].format))))
    return false;
  if (sources[i].reason) {
    int rc = import_file(path, sources[i].file, NULL, &t, &err);
    printf("%s: not imported: %s\n", sources[i].file, sources[i].reason);
    return rc < 0 && t.advisories == 0;
  }
  if (import_file(path, sources[i].file, format, &t, &err) < 0) {
    printf("%s\n", err.message);
    return false;
  }
  return t.advisories == sources[i].advisories && t.affected == sources[i].affected &&
         t.withdrawn == sources[i].withdrawn && t.unreadable == sources[i].unreadable &&
         t.left_out == sources[i].left_out && t.exploited + t.epss == sources[i].further &&
         t.wrong == sources[i].wrong;
}

static int import_files(char **files)
{
  int result = 0;
  for (; *files; files++) {
    struct tally t = {0};
    struct error err;
    if (import_file(*files, *files, NULL, &t, &err) < 0) {
      printf("%s\n", err.message);
      result = 1;
    }
  }
  return result;
}

int main(int argc, char **argv)
{
  const char *shared = getenv("SEAWALL_SHARED");
  unsigned ran = 0, bad = 0;
  char path[4096];
  if (argc > 1)
    return import_files(argv + 1);
  for (size_t i = 0; i < sizeof sources / sizeof sources[0]; i++) {
    snprintf(path, sizeof path, "%s/conformance/advisories/%s.zst", shared ? shared : "../shared",
             sources[i].file);
    if (access(path, R_OK) < 0) {
      printf("%s: skipped: it is not here; set SEAWALL_SHARED to the folder that holds "
             "conformance/advisories\n",
             sources[i].file);
      continue;
    }
    ran++;
    if (!check_source(i, path)) {
      printf("%s: these are not the counts that are expected\n", sources[i].file);
      bad++;
    }
  }
  printf("%u files, %u as expected\n", ran, ran - bad);
  return ran == 0 ? SKIPPED : bad ? 1 : 0;
}
