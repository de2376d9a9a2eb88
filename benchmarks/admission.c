/*
 * What a decision costs: CPU microseconds from the bytes of a review to the bytes of the answer.
 *
 *     admission [SHARED] [ROUNDS]      (../shared and 7)
 *
 * The review is SHARED/bench/admission's (3.3 KB). It is decided by the policy beside it, by Pod Security,
 * by that and the rule library, and by the pod security policies of Gatekeeper's library with their first
 * sample constraints. The reference is reading the review and writing an answer, without any policy; reading
 * alone is shown too. Rounds take turns; the least of them counts.
 */
#include "policy/admission.h"
#include "base/buf.h"
#include "base/file.h"
#include "data/json.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

enum { REPETITIONS = 2000, CASES = 5 };

static double cpu_us(void)
{
  struct timespec t;
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
  return (double)t.tv_sec * 1e6 + (double)t.tv_nsec / 1e3;
}

__attribute__((noreturn)) static void die(const struct error *err)
{
  fprintf(stderr, "%s\n", err->message);
  exit(1);
}

/* ---- policies */

struct paths VEC_BODY(const char *);

static void add_lines_of(struct paths *paths, const char *command)
{
  char line[4096];
  FILE *list = popen(command, "r");
  while (list && fgets(line, sizeof line, list)) {
    line[strcspn(line, "\n")] = 0;
    vec_push(paths, mem_copy_text(line, strlen(line)));
  }
  if (list)
    pclose(list);
}

struct measured {
  const char *name;
  struct admission_options options;
  struct paths paths;
  struct admission_worker *worker;
  double least[2];
};

static void load(struct measured *m)
{
  struct admission_snapshot *snapshot;
  struct error err;
  m->options.paths = m->paths.items;
  m->options.path_count = m->paths.count;
  if (admission_snapshot_load(&m->options, &snapshot, NULL, &err) < 0)
    die(&err);
  m->worker = admission_worker_new(snapshot);
  admission_snapshot_drop(snapshot);
}

/* ---- measuring */

static double time_answers(struct measured *m, struct str review)
{
  struct buf out = {0};
  double begun = cpu_us();
  for (int i = 0; i < REPETITIONS; i++) {
    buf_clear(&out);
    admission_answer(m->worker, review, ADMISSION_VALIDATE, 0, &out, NULL);
  }
  double took = (cpu_us() - begun) / REPETITIONS;
  buf_free(&out);
  return took;
}

static double time_reading(struct str review)
{
  struct arena arena;
  struct value root;
  struct error err;
  arena_init(&arena, 0);
  double begun = cpu_us();
  for (int i = 0; i < REPETITIONS; i++) {
    arena_reset(&arena);
    if (json_parse(&arena, review, NULL, &root, &err) < 0)
      die(&err);
  }
  double took = (cpu_us() - begun) / REPETITIONS;
  arena_free(&arena);
  return took;
}

static void keep_least(double *least, double took)
{
  if (*least == 0 || took < *least)
    *least = took;
}

int main(int argc, char **argv)
{
  const char *shared = argc > 1 ? argv[1] : "../shared";
  unsigned long long rounds = 7;
  if (argc > 2)
    str_to_u64(str_from(argv[2]), 1000, &rounds);
  static const char *const names[2] = {"review-allow.json", "review-deny.json"};
  struct buf reviews[2] = {{0}, {0}};
  struct error err;
  char text[4096];
  for (int i = 0; i < 2; i++) {
    snprintf(text, sizeof text, "%s/bench/admission/%s", shared, names[i]);
    if (file_read(text, 1 << 20, &reviews[i], &err) == SW_ENOENT) {
      printf("skipped: %s is not there\n", text);
      return 77;
    }
  }
  struct podsecurity_config restricted = {.defaults = podsecurity_policy_default()};
  restricted.defaults.enforce.level = PODSECURITY_RESTRICTED;
  struct admission_rules rules = {.action = ADMISSION_ACTION_WARN};
  struct measured all[CASES] = {
      {.name = "no policy (reference)"},
      {.name = "its policy (Rego)"},
      {.name = "Pod Security",
       .options = {.pod_security = true, .pod_security_config = &restricted}},
      {.name = "and the rule library",
       .options = {.pod_security = true,
                   .pod_security_config = &restricted,
                   .rules_enabled = true,
                   .rules = rules}},
      {.name = "Gatekeeper's pod security policies"},
  };
  snprintf(text, sizeof text, "echo %s/bench/admission", shared);
  add_lines_of(&all[1].paths, text);
  snprintf(text, sizeof text,
           "for d in '%s'/conformance/gatekeeper/pod-security-policy/*/; do "
           "[ -f \"${d}template.yaml\" ] || continue; echo \"${d}template.yaml\"; "
           "ls \"$d\"samples/*/constraint*.yaml | head -n 1; done",
           shared);
  add_lines_of(&all[4].paths, text);
  for (int i = 0; i < CASES; i++)
    load(&all[i]);
  double reading[2] = {0};
  for (unsigned long long round = 0; round < rounds; round++)
    for (int r = 0; r < 2; r++) {
      keep_least(&reading[r], time_reading(buf_str(&reviews[r])));
      for (int i = 0; i < CASES; i++)
        keep_least(&all[i].least[r], time_answers(&all[i], buf_str(&reviews[r])));
    }
  printf("CPU microseconds from bytes to bytes, least of %llu rounds\n", rounds);
  printf("%-36s %10s %10s\n", "", "allowed", "denied");
  printf("%-36s %10.1f %10.1f\n", "reading alone", reading[0], reading[1]);
  for (int i = 0; i < CASES; i++) {
    printf("%-36s %10.1f %10.1f   %.1f and %.1f times the reference\n", all[i].name,
           all[i].least[0], all[i].least[1], all[i].least[0] / all[0].least[0],
           all[i].least[1] / all[0].least[1]);
    admission_worker_free(all[i].worker);
    for (size_t k = 0; k < all[i].paths.count; k++)
      mem_free((void *)(uintptr_t)all[i].paths.items[k]);
    vec_free(&all[i].paths);
  }
  buf_free(&reviews[0]);
  buf_free(&reviews[1]);
  return 0;
}
