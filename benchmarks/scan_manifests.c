/*
 * What `seawall scan manifests` costs over 10,000 workloads in as many files, beside
 * the cost of doing nothing but opening the same files and running libyaml's events
 * over them; how memory grows with the number of files; what a second worker brings;
 * and what one small manifest costs from exec to exit.
 *
 *     scan_manifests SEAWALL [FILES]
 *
 * Goals: at most 1.3 times the CPU of the bare events with one job; the same peak
 * memory for ten times the files; near half the wall time with two jobs (on two
 * processors); under 10 ms and 8 MB for one small manifest.
 */
#include "workloads.h"

#include "base/buf.h"
#include "base/file.h"
#include "base/mem.h"

#include <dirent.h>
#include <fcntl.h>
#include <ftw.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>
#include <yaml.h>

enum { ROUNDS = 5, FOLDER_FILES = 100, STARTS = 200 };

/* ---- The tree ---- */

static void must(bool ok, const char *what)
{
  if (ok)
    return;
  perror(what);
  exit(2);
}

static uint64_t make_tree(const char *root, unsigned files)
{
  uint64_t bytes = 0;
  _cleanup_(buf_free) struct buf text = {0}, path = {0};
  for (unsigned i = 0; i < files; i++) {
    buf_clear(&path);
    buf_printf(&path, "%s/folder-%03u", root, i / FOLDER_FILES);
    if (i % FOLDER_FILES == 0)
      must(mkdir(buf_text(&path), 0755) == 0, "mkdir");
    buf_printf(&path, "/workload-%05u.yaml", i);
    buf_clear(&text);
    workload_make(&text, i);
    bytes += text.len;
    int fd = open(buf_text(&path), O_CREAT | O_WRONLY | O_CLOEXEC, 0644);
    must(fd >= 0 && write(fd, text.data, text.len) == (ssize_t)text.len, "write");
    close(fd);
  }
  return bytes;
}

static int remove_entry(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
  (void)st, (void)type, (void)ftw;
  return remove(path);
}

/* ---- The reference: read each file, run the events, nothing else ---- */

static uint64_t bare_events(struct str text)
{
  yaml_parser_t parser;
  yaml_event_t event;
  uint64_t count = 0;
  must(yaml_parser_initialize(&parser), "yaml_parser_initialize");
  yaml_parser_set_input_string(&parser, (const unsigned char *)text.data, text.len);
  for (bool end = false; !end; count++) {
    must(yaml_parser_parse(&parser, &event), "yaml_parser_parse");
    end = event.type == YAML_STREAM_END_EVENT;
    yaml_event_delete(&event);
  }
  yaml_parser_delete(&parser);
  return count;
}

static void reference(const char *root, unsigned files)
{
  _cleanup_(buf_free) struct buf text = {0}, path = {0};
  uint64_t events = 0;
  for (unsigned i = 0; i < files; i++) {
    buf_clear(&path);
    buf_clear(&text);
    buf_printf(&path, "%s/folder-%03u/workload-%05u.yaml", root, i / FOLDER_FILES, i);
    must(file_read(buf_text(&path), 1 << 20, &text, NULL) == 0, "read");
    events += bare_events(buf_str(&text));
  }
  must(events > files, "events");
}

/* ---- Measuring ---- */

struct cost {
  double cpu, wall; /* seconds */
  long peak_kib;
  int status;
};

static double seconds(struct timeval t)
{
  return (double)t.tv_sec + (double)t.tv_usec / 1e6;
}

static double now(void)
{
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

/* Runs a command (argv), or the reference if argv is NULL, in a child. */
static struct cost measure(char *const *argv, const char *root, unsigned files)
{
  double start = now();
  pid_t child = fork();
  must(child >= 0, "fork");
  if (child == 0) {
    if (!argv) {
      reference(root, files);
      _exit(0);
    }
    int null = open("/dev/null", O_WRONLY);
    dup2(null, STDOUT_FILENO);
    dup2(null, STDERR_FILENO);
    execv(argv[0], argv);
    _exit(127);
  }
  struct rusage usage;
  int status;
  must(wait4(child, &status, 0, &usage) == child, "wait4");
  return (struct cost){.cpu = seconds(usage.ru_utime) + seconds(usage.ru_stime),
                       .wall = now() - start,
                       .peak_kib = usage.ru_maxrss,
                       .status = WIFEXITED(status) ? WEXITSTATUS(status) : 128};
}

static int by_size(const void *a, const void *b)
{
  double x = *(const double *)a, y = *(const double *)b;
  return (x > y) - (x < y);
}

static double median(double *values, size_t count)
{
  qsort(values, count, sizeof *values, by_size);
  return values[count / 2];
}

static struct cost scan(const char *seawall, const char *root, const char *jobs, const char *format)
{
  char *argv[] = {(char *)seawall, "scan",     "manifests",    "--no-config", "--jobs",
                  (char *)jobs,    "--format", (char *)format, (char *)root,  NULL};
  struct cost c = measure(argv, NULL, 0);
  must(c.status == 1 || c.status == 0, "seawall failed");
  return c;
}

static void compare(const char *seawall, const char *root, unsigned files, uint64_t bytes)
{
  double bare[ROUNDS], one[ROUNDS], json[ROUNDS], two[ROUNDS], wall_one[ROUNDS], wall_two[ROUNDS];
  double ratio[ROUNDS];
  long peak = 0;
  for (int i = -1; i < ROUNDS; i++) { /* the first round warms the page cache */
    struct cost b = measure(NULL, root, files);
    struct cost s = scan(seawall, root, "1", "table");
    struct cost j = scan(seawall, root, "1", "json");
    struct cost t = scan(seawall, root, "2", "table");
    if (i < 0)
      continue;
    bare[i] = b.cpu, one[i] = s.cpu, json[i] = j.cpu, two[i] = t.cpu;
    wall_one[i] = s.wall, wall_two[i] = t.wall;
    ratio[i] = s.cpu / b.cpu;
    peak = s.peak_kib > peak ? s.peak_kib : peak;
  }
  double mb = (double)bytes / 1e6;
  printf("%u files, %.1f MB, medians of %d rounds\n", files, mb, ROUNDS);
  printf("  bare libyaml events      %7.3f s CPU  %6.1f MB/s\n", median(bare, ROUNDS),
         mb / median(bare, ROUNDS));
  printf("  scan manifests, table    %7.3f s CPU  %6.1f MB/s  %.2f times the bare events\n",
         median(one, ROUNDS), mb / median(one, ROUNDS), median(ratio, ROUNDS));
  printf("  scan manifests, json     %7.3f s CPU\n", median(json, ROUNDS));
  printf(
      "  two jobs                 %7.3f s CPU, wall %.3f s against %.3f s with one: %.2f times\n",
      median(two, ROUNDS), median(wall_two, ROUNDS), median(wall_one, ROUNDS),
      median(wall_one, ROUNDS) / median(wall_two, ROUNDS));
  printf("  peak memory              %7.1f MB\n", (double)peak / 1024);
}

static void start_up(const char *seawall, const char *root)
{
  _cleanup_(buf_free) struct buf path = {0};
  buf_printf(&path, "%s/folder-000/workload-00000.yaml", root);
  double walls[STARTS], cpus[STARTS];
  long peak = 0;
  for (int i = 0; i < STARTS; i++) {
    struct cost c = scan(seawall, buf_text(&path), "1", "table");
    walls[i] = c.wall * 1e3;
    cpus[i] = c.cpu * 1e3;
    peak = c.peak_kib > peak ? c.peak_kib : peak;
  }
  printf("one small manifest, %d times: median %.2f ms wall, %.2f ms CPU; peak memory %.1f MB\n",
         STARTS, median(walls, STARTS), median(cpus, STARTS), (double)peak / 1024);
}

int main(int argc, char **argv)
{
  if (argc < 2) {
    fputs("usage: scan_manifests SEAWALL [FILES]\n", stderr);
    return 2;
  }
  unsigned long long files = 10000;
  if (argc > 2)
    must(str_to_u64(str_from(argv[2]), 1000000, &files) && files >= 10, "FILES");
  char root[] = "/tmp/seawall-bench-XXXXXX";
  must(mkdtemp(root) != NULL, "mkdtemp");
  _cleanup_(buf_free) struct buf small = {0}, large = {0};
  buf_printf(&small, "%s/small", root);
  buf_printf(&large, "%s/large", root);
  must(mkdir(buf_text(&small), 0755) == 0 && mkdir(buf_text(&large), 0755) == 0, "mkdir");
  unsigned few = (unsigned)files / 10;
  uint64_t small_bytes = make_tree(buf_text(&small), few);
  uint64_t bytes = make_tree(buf_text(&large), (unsigned)files);
  compare(argv[1], buf_text(&small), few, small_bytes);
  compare(argv[1], buf_text(&large), (unsigned)files, bytes);
  start_up(argv[1], buf_text(&small));
  nftw(root, remove_entry, 16, FTW_DEPTH | FTW_PHYS);
  return 0;
}
