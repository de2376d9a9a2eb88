/*
 * What the rule library costs: objects a second on one core over 10,000 generated workloads, all rules
 * (Pod Security at level privileged, so that no rule leaves its word to a check), and from exec to exit
 * with one small manifest.
 *
 *     rules SEAWALL [OBJECTS [ROUNDS]]
 *     rules --each                       every rule alone, with what it shares with others
 *
 * The reference of the same run is the reading of the same manifests. Goals: 20,000 objects a second;
 * under 20 ms from exec to exit.
 */
#include "workloads.h"

#include "base/mem.h"
#include "base/vec.h"
#include "data/yaml.h"
#include "kube/object.h"
#include "policy/podsecurity_scan.h"
#include "policy/rule_library.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { OBJECTS = 10000, ROUNDS = 5, STARTS = 100 };

struct bench {
  struct arena arena;
  struct buf text;
  VEC(struct kube_object) objects;
  struct rule_library *library;
  uint64_t *judged;
};

static double seconds(clockid_t clock)
{
  struct timespec t;
  clock_gettime(clock, &t);
  return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static _Noreturn void die(const char *what)
{
  fprintf(stderr, "%s\n", what);
  exit(2);
}

static double read_objects(struct bench *b)
{
  struct yaml_options options = {.positions = true, .symbols = rule_library_symbols(b->library)};
  double start = seconds(CLOCK_PROCESS_CPUTIME_ID);
  struct yaml_reader *reader = yaml_reader_new(buf_str(&b->text), &options);
  struct yaml_document document;
  struct error err;
  vec_clear(&b->objects);
  for (int rc; (rc = yaml_reader_next(reader, &b->arena, &document, &err)) != 0;) {
    if (rc < 0)
      die(err.message);
    struct kube_object object;
    kube_object_read(document.root, document.position, &object);
    vec_push(&b->objects, object);
  }
  yaml_reader_free(reader);
  return seconds(CLOCK_PROCESS_CPUTIME_ID) - start;
}

/* Judges all, and returns the seconds of CPU. */
static double judge(struct bench *b, uint64_t *ret_findings)
{
  struct arena arena;
  struct location place = {.file = STR("bench.yaml")};
  struct rule_judge *j = rule_judge_new(b->library);
  *ret_findings = 0;
  arena_init(&arena, 0);
  double start = seconds(CLOCK_PROCESS_CPUTIME_ID);
  for (size_t i = 0; i < b->objects.count; i++) {
    struct finding_list list;
    struct rule_failures failures;
    finding_list_init(&list, &arena);
    rule_judge_object(j, &b->objects.items[i], &place, 1, 0, &list, b->judged, &failures);
    if (failures.count)
      die("a rule failed");
    *ret_findings += list.count;
    arena_reset(&arena);
  }
  double spent = seconds(CLOCK_PROCESS_CPUTIME_ID) - start;
  rule_judge_free(j);
  arena_free(&arena);
  return spent;
}

static size_t count_active(const struct rule_library *l)
{
  size_t count = 0;
  for (size_t i = 0; i < rule_library_count(l); i++)
    count += rule_library_active(l, i) && rule_library_details(l, i);
  return count;
}

static void bench_objects(unsigned objects, unsigned rounds)
{
  struct bench b = {0};
  struct error err;
  struct rule_library_options options = {.target = {PODSECURITY_PRIVILEGED, PODSECURITY_LATEST}};
  arena_init(&b.arena, 0);
  if (rule_library_new(&options, &b.library, &err) < 0)
    die(err.message);
  for (unsigned i = 0; i < objects; i++) {
    buf_add_text(&b.text, "---\n");
    workload_make(&b.text, i);
  }
  b.judged = mem_zalloc(rule_bits_words(b.library), sizeof(uint64_t));
  double reading = read_objects(&b);
  uint64_t findings = 0;
  double best = 0;
  for (unsigned i = 0; i < rounds; i++) {
    double spent = judge(&b, &findings);
    best = i == 0 || spent < best ? spent : best;
  }
  printf("%zu objects, %zu rules active, %llu findings\n", b.objects.count, count_active(b.library),
         (unsigned long long)findings);
  printf("rules     %8.0f objects a second a core, %6.1f us each (best of %u)\n", objects / best,
         best / objects * 1e6, rounds);
  printf("reading   %8.0f objects a second a core, %6.1f us each: rules cost %.2f times that\n",
         objects / reading, reading / objects * 1e6, best / reading);
  rule_library_free(b.library);
  mem_free(b.judged);
  vec_free(&b.objects);
  buf_free(&b.text);
  arena_free(&b.arena);
}

/* What each rule costs alone, the costliest first. */
struct cost {
  struct str id;
  double spent;
};

static int by_cost(const void *a, const void *b)
{
  double x = ((const struct cost *)a)->spent, y = ((const struct cost *)b)->spent;
  return (x < y) - (x > y);
}

static double cost_of(struct bench *b, struct str id)
{
  struct error err;
  uint64_t findings;
  struct rule_library *whole = b->library;
  struct rule_library_options options = {
      .target = {PODSECURITY_PRIVILEGED, PODSECURITY_LATEST}, .only = &id, .only_count = 1};
  if (rule_library_new(&options, &b->library, &err) < 0)
    die(err.message);
  read_objects(b);
  double spent = judge(b, &findings);
  rule_library_free(b->library);
  b->library = whole;
  return spent;
}

static void bench_rules(unsigned objects)
{
  struct bench b = {0};
  struct error err;
  struct rule_library_options options = {.target = {PODSECURITY_PRIVILEGED, PODSECURITY_LATEST}};
  VEC(struct cost) costs = {0};
  arena_init(&b.arena, 0);
  if (rule_library_new(&options, &b.library, &err) < 0)
    die(err.message);
  for (unsigned i = 0; i < objects; i++) {
    buf_add_text(&b.text, "---\n");
    workload_make(&b.text, i);
  }
  b.judged = mem_zalloc(rule_bits_words(b.library), sizeof(uint64_t));
  for (size_t i = 0; i < rule_library_count(b.library); i++) {
    const struct library_rule *d = rule_library_details(b.library, i);
    if (d && d->workload && !d->is_set)
      vec_push(&costs, (struct cost){d->rule.id, cost_of(&b, d->rule.id)});
    arena_reset(&b.arena);
  }
  qsort(costs.items, costs.count, sizeof *costs.items, by_cost);
  for (size_t i = 0; i < costs.count; i++)
    printf("%6.2f us  %.*s\n", costs.items[i].spent / objects * 1e6, STR_FMT(costs.items[i].id));
  rule_library_free(b.library);
  mem_free(b.judged);
  vec_free(&costs);
  vec_free(&b.objects);
  buf_free(&b.text);
  arena_free(&b.arena);
}

static double run_once(const char *seawall, const char *path)
{
  double start = seconds(CLOCK_MONOTONIC);
  pid_t pid = fork();
  if (pid == 0) {
    int null = open("/dev/null", O_WRONLY);
    dup2(null, 1);
    dup2(null, 2);
    execl(seawall, seawall, "scan", "manifests", "--no-config", "--fail-on", "never", path,
          (char *)NULL);
    _exit(127);
  }
  int status;
  if (pid < 0 || waitpid(pid, &status, 0) != pid || !WIFEXITED(status) || WEXITSTATUS(status))
    die("seawall failed");
  return seconds(CLOCK_MONOTONIC) - start;
}

static int by_size(const void *a, const void *b)
{
  double x = *(const double *)a, y = *(const double *)b;
  return (x > y) - (x < y);
}

static void bench_start(const char *seawall)
{
  char path[] = "/tmp/seawall-bench-XXXXXX.yaml";
  int fd = mkstemps(path, 5);
  _cleanup_(buf_free) struct buf text = {0};
  workload_make(&text, 7);
  if (fd < 0 || write(fd, text.data, text.len) != (ssize_t)text.len)
    die("the manifest cannot be written");
  close(fd);
  double times[STARTS];
  for (int i = 0; i < STARTS; i++)
    times[i] = run_once(seawall, path);
  unlink(path);
  qsort(times, STARTS, sizeof *times, by_size);
  printf("exec to exit, one manifest, whole library: median %.1f ms, best %.1f ms\n",
         times[STARTS / 2] * 1e3, times[0] * 1e3);
}

int main(int argc, char **argv)
{
  if (argc < 2)
    die("usage: rules SEAWALL [OBJECTS [ROUNDS]], or rules --each");
  if (strcmp(argv[1], "--each") == 0) {
    bench_rules(1000);
    return 0;
  }
  int objects = argc > 2 ? (int)strtol(argv[2], NULL, 10) : OBJECTS;
  int rounds = argc > 3 ? (int)strtol(argv[3], NULL, 10) : ROUNDS;
  if (objects <= 0 || rounds <= 0)
    die("a number of objects and of rounds from 1 up");
  bench_objects((unsigned)objects, (unsigned)rounds);
  bench_start(argv[1]);
  return 0;
}
