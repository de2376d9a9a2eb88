/*
 * What it costs to start: processor time, time and memory from exec to exit of verbs that do next to
 * nothing, beside a program that does nothing (/bin/true), and one that does nothing but is linked with
 * all libraries that seawall may call.
 *
 *     start SEAWALL LINKED [ROUNDS]
 *
 * Goals: `version` at most 4.5 times what nothing costs, and under half of what being linked with
 * everything costs before main; one small manifest at most 7 times nothing, and 12 MiB. Where nothing
 * takes 0.7 ms, that is 3 ms and 5 ms of processor time.
 *
 * The programs take turns, so that whatever else the machine does meets all of them; medians are told, and
 * the least, which is the figure of a quiet machine.
 */
#include "base/buf.h"
#include "base/mem.h"

#include <fcntl.h>
#include <spawn.h>
#include <stdbool.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

extern char **environ;

enum { COUNT = 5, ROUNDS = 300 };

static const char manifest[] = "apiVersion: v1\n"
                               "kind: ConfigMap\n"
                               "metadata: {name: settings, namespace: shop}\n"
                               "data: {colour: blue}\n";

struct program {
  const char *name;
  const char *words[6];
  double *cpu_ms, *wall_ms;
  long faults, memory_kib;
};

static void must(bool ok, const char *what)
{
  if (ok)
    return;
  perror(what);
  exit(2);
}

static double ms_of(struct timeval t)
{
  return (double)t.tv_sec * 1e3 + (double)t.tv_usec / 1e3;
}

static double now_ms(void)
{
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return (double)t.tv_sec * 1e3 + (double)t.tv_nsec / 1e6;
}

static void run(struct program *p, unsigned round)
{
  posix_spawn_file_actions_t quiet;
  must(posix_spawn_file_actions_init(&quiet) == 0 &&
           posix_spawn_file_actions_addopen(&quiet, STDOUT_FILENO, "/dev/null", O_WRONLY, 0) == 0,
       "posix_spawn_file_actions");
  pid_t pid;
  int status;
  struct rusage usage;
  double began = now_ms();
  must(posix_spawn(&pid, p->words[0], &quiet, NULL, (char **)(uintptr_t)p->words, environ) == 0,
       p->words[0]);
  must(wait4(pid, &status, 0, &usage) == pid, "wait4");
  p->wall_ms[round] = now_ms() - began;
  if (status != 0) {
    fprintf(stderr, "%s ended with status %d\n", p->name, status);
    exit(2);
  }
  p->cpu_ms[round] = ms_of(usage.ru_utime) + ms_of(usage.ru_stime);
  p->faults = usage.ru_minflt;
  p->memory_kib = usage.ru_maxrss;
  posix_spawn_file_actions_destroy(&quiet);
}

static int compare(const void *one, const void *other)
{
  double a = *(const double *)one, b = *(const double *)other;
  return (a > b) - (a < b);
}

static void tell(const struct program *p, const struct program *nothing,
                 const struct program *linked, unsigned rounds)
{
  double cpu = p->cpu_ms[rounds / 2];
  printf("%-30s %6.2f %6.2f %8.2f %8ld %8.1f %9.1f %9.2f\n", p->name, cpu, p->cpu_ms[0],
         p->wall_ms[rounds / 2], p->faults, (double)p->memory_kib / 1024,
         cpu / nothing->cpu_ms[rounds / 2], cpu / linked->cpu_ms[rounds / 2]);
}

int main(int argc, char **argv)
{
  if (argc < 3) {
    fprintf(stderr, "usage: start SEAWALL LINKED [ROUNDS]\n");
    return 2;
  }
  unsigned rounds = argc > 3 ? (unsigned)strtoul(argv[3], NULL, 10) : ROUNDS;
  must(rounds > 0 && rounds <= 100000, "ROUNDS");
  char path[] = "/tmp/seawall-start-XXXXXX.yaml";
  int fd = mkostemps(path, 5, O_CLOEXEC);
  must(fd >= 0 && write(fd, manifest, sizeof manifest - 1) == (ssize_t)sizeof manifest - 1, path);
  close(fd);
  struct program programs[COUNT] = {
      {.name = "nothing", .words = {"/bin/true"}},
      {.name = "nothing, all libraries linked", .words = {argv[2]}},
      {.name = "seawall version", .words = {argv[1], "version"}},
      {.name = "seawall policy list", .words = {argv[1], "policy", "list"}},
      {.name = "seawall scan manifests, one",
       .words = {argv[1], "scan", "manifests", "--no-config", path}},
  };
  for (unsigned i = 0; i < COUNT; i++) {
    programs[i].cpu_ms = mem_zalloc(rounds, sizeof(double));
    programs[i].wall_ms = mem_zalloc(rounds, sizeof(double));
  }
  for (unsigned round = 0; round < rounds; round++)
    for (unsigned i = 0; i < COUNT; i++)
      run(&programs[i], round);
  unlink(path);
  printf("%-30s %6s %6s %8s %8s %8s %9s %9s\n", "", "CPU ms", "least", "wall ms", "faults", "MiB",
         "/nothing", "/linked");
  for (unsigned i = 0; i < COUNT; i++) {
    qsort(programs[i].cpu_ms, rounds, sizeof(double), compare);
    qsort(programs[i].wall_ms, rounds, sizeof(double), compare);
  }
  for (unsigned i = 0; i < COUNT; i++)
    tell(&programs[i], &programs[0], &programs[1], rounds);
  for (unsigned i = 0; i < COUNT; i++) {
    mem_free(programs[i].cpu_ms);
    mem_free(programs[i].wall_ms);
  }
  return 0;
}
