/*
 * How long a Rego policy takes with one admission review: parsing it and evaluating data.system.main,
 * for a review that is allowed and one that is denied.
 *
 *     rego FOLDER [ROUNDS]      (policy.rego, data.json, review-allow.json, review-deny.json; 21 rounds)
 *
 * Beside it, in the same run and taking turns, because a busy machine then disturbs all alike:
 *   by hand        the same policy written in C over the value tree: what no interpreter of trees beats
 *   parse alone    of the same review, ours
 *   jansson        its parse of the review alone
 * CPU time is what counts; the arena is emptied between reviews, as a server does. Allocations are
 * those of the C library's allocator while the rounds run, of which there should be none.
 *
 * Goals: 10 us for the review that is allowed and 15 us for the one that is denied, parsing included.
 */
#include "lang/rego/rego.h"
#include "base/file.h"
#include "base/mem.h"
#include "data/json.h"
#include "lang/builtin.h"
#include "lang/rego/parser.h"
#include "rego_by_hand.h"

#include <jansson.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <time.h>

enum { TEXT_MAX = 16 << 20, ROUNDS_MAX = 101, REVIEWS = 2000, THREADS_MAX = 2 };

/* ---- the C library's allocator, counted */

static _Atomic unsigned long allocations;

void *__libc_malloc(size_t size);
void *__libc_calloc(size_t count, size_t size);
void *__libc_realloc(void *p, size_t size);

#undef malloc
#undef calloc
#undef realloc

void *malloc(size_t size)
{
  atomic_fetch_add_explicit(&allocations, 1, memory_order_relaxed);
  return __libc_malloc(size);
}

void *calloc(size_t count, size_t size)
{
  atomic_fetch_add_explicit(&allocations, 1, memory_order_relaxed);
  return __libc_calloc(count, size);
}

void *realloc(void *p, size_t size)
{
  atomic_fetch_add_explicit(&allocations, 1, memory_order_relaxed);
  return __libc_realloc(p, size);
}

/* ---- the load */

struct load {
  struct buf policy, data_text, reviews[2];
  struct symbols *symbols;
  struct by_hand_keys keys;
  struct rego_program *program;
  struct arena data_arena;
  struct value data;
};

/* What one thread holds reviews with. */
struct bench {
  const struct load *load;
  struct str review;
  struct arena arena;
  struct rego_worker *worker;
  struct builtin_cache *cache;
  struct value answer;
};

static _Noreturn void die(const char *what, const struct error *err)
{
  fprintf(stderr, "%s: %s\n", what, err ? err->message : "wrong");
  exit(1);
}

static void read_file(struct buf *out, const char *folder, const char *name)
{
  _cleanup_(buf_free) struct buf path = {0};
  struct error err;
  buf_printf(&path, "%s/%s", folder, name);
  out->cap = TEXT_MAX;
  if (file_read(buf_text(&path), TEXT_MAX, out, &err) < 0)
    die("reading", &err);
}

/* Milliseconds from text to program. */
static double compile(struct load *l)
{
  _cleanup_(rego_names_freep) struct rego_names *names = rego_names_new();
  struct rego_options options = {.name = STR("policy.rego"), .names = names};
  struct rego_compile_options how = {.names = names, .symbols = l->symbols};
  struct rego_entry entry = {.path = STR("data.system.main")};
  const struct rego_module *module;
  struct timespec from, to;
  struct arena trees;
  struct error err;
  arena_init(&trees, 0);
  rego_program_free(l->program);
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &from);
  if (rego_parse_module(&trees, buf_str(&l->policy), &options, &module, NULL, &err) < 0 ||
      rego_compile(&trees, &module, 1, &entry, 1, &how, &l->program, NULL, &err) < 0)
    die("compiling", &err);
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &to);
  arena_free(&trees);
  return (double)(to.tv_sec - from.tv_sec) * 1e3 + (double)(to.tv_nsec - from.tv_nsec) / 1e6;
}

static void load(struct load *l, const char *folder)
{
  struct json_options json;
  struct error err;
  *l = (struct load){.symbols = symbols_new(NULL, 0)};
  read_file(&l->policy, folder, "policy.rego");
  read_file(&l->data_text, folder, "data.json");
  read_file(&l->reviews[0], folder, "review-allow.json");
  read_file(&l->reviews[1], folder, "review-deny.json");
  double first = compile(l), again = compile(l);
  by_hand_keys_init(&l->keys, l->symbols);
  arena_init(&l->data_arena, 0);
  json = (struct json_options){.symbols = l->symbols};
  if (json_parse(&l->data_arena, buf_str(&l->data_text), &json, &l->data, &err) < 0)
    die("data.json", &err);
  struct rego_program_size size = rego_program_size(l->program);
  printf("compiled in %.2f ms (%.2f the second time): %u functions, %u instructions, %u constants, "
         "%zu bytes\n",
         first, again, size.functions, size.instructions, size.constants, size.bytes);
}

static void unload(struct load *l)
{
  rego_program_free(l->program);
  symbols_free(l->symbols);
  arena_free(&l->data_arena);
  buf_free(&l->policy);
  buf_free(&l->data_text);
  buf_free(&l->reviews[0]);
  buf_free(&l->reviews[1]);
}

static void bench_start(struct bench *b, const struct load *l, struct str review)
{
  *b = (struct bench){
      .load = l, .review = review, .worker = rego_worker_new(), .cache = builtin_cache_new()};
  arena_init(&b->arena, 0);
}

static void bench_end(struct bench *b)
{
  rego_worker_free(b->worker);
  builtin_cache_free(b->cache);
  arena_free(&b->arena);
}

/* ---- ways */

static struct value parse(struct bench *b)
{
  struct json_options json = {.symbols = b->load->symbols};
  struct error err;
  struct value root;
  if (json_parse(&b->arena, b->review, &json, &root, &err) < 0)
    die("review", &err);
  return root;
}

static void parse_and_evaluate(struct bench *b)
{
  struct rego_run run = {.arena = &b->arena, .data = b->load->data, .now_ns = 1, .seed = 1};
  struct error err;
  arena_reset(&b->arena);
  run.input = parse(b);
  if (rego_eval(b->worker, b->load->program, 0, &run, &b->answer, &err) < 0)
    die("evaluating", &err);
}

static void parse_and_by_hand(struct bench *b)
{
  arena_reset(&b->arena);
  b->answer = by_hand(&b->arena, b->cache, &b->load->keys, parse(b), b->load->data);
}

static void parse_alone(struct bench *b)
{
  arena_reset(&b->arena);
  b->answer = parse(b);
}

static void jansson_alone(struct bench *b)
{
  json_t *root = json_loadb(b->review.data, b->review.len, 0, NULL);
  if (!root)
    die("jansson", NULL);
  json_decref(root);
}

static const struct way {
  const char *name;
  void (*run)(struct bench *b);
} ways[] = {
    {"parse and evaluate", parse_and_evaluate},
    {"parse and by hand in C", parse_and_by_hand},
    {"parse alone", parse_alone},
    {"jansson's parse alone", jansson_alone},
};

enum { WAYS = sizeof ways / sizeof *ways };

/* ---- measuring */

static double cpu_us(void)
{
  struct timespec now;
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return (double)now.tv_sec * 1e6 + (double)now.tv_nsec / 1e3;
}

static int compare_doubles(const void *a, const void *b)
{
  const double *x = a, *y = b;
  return (*x > *y) - (*x < *y);
}

static double median(double *values, unsigned count)
{
  qsort(values, count, sizeof *values, compare_doubles);
  return values[count / 2];
}

static struct str text_of(struct bench *b, struct arena *a)
{
  struct builtin_context context = {.arena = a, .cache = b->cache};
  struct str text;
  if (builtin_term_text(&context, b->answer, &text) != BUILTIN_VALUE)
    die("writing an answer", &context.error);
  return text;
}

/* Both give the same response, whatever the order of its members. */
static void compare_answers(struct bench *b, const char *name)
{
  struct arena kept;
  arena_init(&kept, 0);
  parse_and_evaluate(b);
  struct str ours = arena_copy(&kept, text_of(b, &kept));
  parse_and_by_hand(b);
  struct str by_hand = text_of(b, &kept);
  if (!str_eq(ours, by_hand)) {
    fprintf(stderr, "%s: the policy and what is written by hand differ\n%.*s\n%.*s\n", name,
            STR_FMT(ours), STR_FMT(by_hand));
    exit(1);
  }
  arena_free(&kept);
}

static void measure(const struct load *l, unsigned which, unsigned rounds)
{
  static const char *const names[] = {"allowed", "denied"};
  static const double goals[] = {10, 15};
  static double took[WAYS][ROUNDS_MAX];
  unsigned long allocated[WAYS] = {0};
  struct bench b;
  bench_start(&b, l, buf_str(&l->reviews[which]));
  compare_answers(&b, names[which]);
  for (unsigned round = 0; round < rounds; round++)
    for (unsigned w = 0; w < WAYS; w++) {
      for (unsigned i = 0; i < 20; i++)
        ways[w].run(&b);
      unsigned long before = allocations;
      double from = cpu_us();
      for (unsigned i = 0; i < REVIEWS; i++)
        ways[w].run(&b);
      took[w][round] = (cpu_us() - from) / REVIEWS;
      allocated[w] += allocations - before;
    }
  parse_and_evaluate(&b);
  printf("\nreview that is %s, %zu bytes; %u rounds of %u reviews, CPU us for a review\n",
         names[which], b.review.len, rounds, (unsigned)REVIEWS);
  printf("  %-26s %8s %8s %12s %12s\n", "", "best", "median", "of by hand", "allocations");
  double reference = median(took[1], rounds);
  for (unsigned w = 0; w < WAYS; w++) {
    double mid = median(took[w], rounds);
    printf("  %-26s %8.2f %8.2f %11.2fx %12.2f\n", ways[w].name, took[w][0], mid, mid / reference,
           (double)allocated[w] / rounds / REVIEWS);
  }
  printf("  steps %llu, arena %zu bytes; goal %.0f us: %s\n",
         (unsigned long long)rego_steps(b.worker), arena_used(&b.arena), goals[which],
         median(took[0], rounds) <= goals[which] ? "met" : "missed");
  bench_end(&b);
}

/* ---- threads */

static void *review_many(void *argument)
{
  struct bench *b = argument;
  for (unsigned i = 0; i < 10 * REVIEWS; i++)
    parse_and_evaluate(b);
  return NULL;
}

static double seconds(clockid_t clock)
{
  struct timespec now;
  clock_gettime(clock, &now);
  return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

struct speed {
  double per_second; /* by the clock on the wall */
  double cpu_us;     /* for a review: rises if threads get into each other's way */
};

static struct speed throughput(const struct load *l, unsigned threads)
{
  struct bench benches[THREADS_MAX];
  pthread_t ids[THREADS_MAX];
  for (unsigned i = 0; i < threads; i++)
    bench_start(&benches[i], l, buf_str(&l->reviews[0]));
  double from = seconds(CLOCK_MONOTONIC), cpu = seconds(CLOCK_PROCESS_CPUTIME_ID);
  for (unsigned i = 0; i < threads; i++)
    if (pthread_create(&ids[i], NULL, review_many, &benches[i]) != 0)
      die("threads", NULL);
  for (unsigned i = 0; i < threads; i++)
    pthread_join(ids[i], NULL);
  double took = seconds(CLOCK_MONOTONIC) - from, reviews = threads * 10.0 * REVIEWS;
  cpu = seconds(CLOCK_PROCESS_CPUTIME_ID) - cpu;
  for (unsigned i = 0; i < threads; i++)
    bench_end(&benches[i]);
  return (struct speed){reviews / took, cpu * 1e6 / reviews};
}

static void measure_threads(const struct load *l)
{
  double per_second[2][5], cpu[2][5];
  for (unsigned i = 0; i < 10; i++) {
    struct speed speed = throughput(l, 1 + i % 2);
    per_second[i % 2][i / 2] = speed.per_second;
    cpu[i % 2][i / 2] = speed.cpu_us;
  }
  double one = median(per_second[0], 5), two = median(per_second[1], 5);
  printf("\nreviews a second: one thread %.0f, two threads %.0f (%.2fx; on an idle machine of two "
         "processors)\nCPU us for a review: one thread %.2f, two threads %.2f\n",
         one, two, two / one, median(cpu[0], 5), median(cpu[1], 5));
}

int main(int argc, char **argv)
{
  unsigned long rounds = argc > 2 ? strtoul(argv[2], NULL, 10) : 21;
  struct rusage usage;
  struct load l;
  if (argc < 2) {
    printf("skipped: there is no load (bench/admission beside the checkout)\n");
    return 77;
  }
  if (rounds < 1 || rounds > ROUNDS_MAX) {
    fprintf(stderr, "usage: rego FOLDER [ROUNDS, 1 to %d]\n", ROUNDS_MAX);
    return 2;
  }
  load(&l, argv[1]);
  measure(&l, 0, (unsigned)rounds);
  measure(&l, 1, (unsigned)rounds);
  measure_threads(&l);
  unload(&l);
  getrusage(RUSAGE_SELF, &usage);
  printf("peak memory %.1f MiB\n", (double)usage.ru_maxrss / 1024);
  return 0;
}
