/*
 * What looking for secrets costs, beside Vectorscan's own time for the same patterns and text in the same run.
 *
 *     benchmark_secrets [DIRECTORY [MEGABYTES [ROUNDS]]]
 *
 * Text is what the files of DIRECTORY hold (default: /usr/share, up to 64 MB of what the scanner wants). Printed are the
 * medians of CPU time: hs_scan alone over the files, the scanner over the same files in pieces of 64 KiB, their ratio;
 * and what it takes to have the rules ready.
 */
#include "base/buf.h"
#include "base/error.h"
#include "base/vec.h"
#include "base/walk.h"
#include "scan/secret/rules_int.h"
#include "scan/secret/scanner.h"

#include <hs/hs.h>
#include <time.h>

enum { ROUNDS_MAX = 99, FILE_MAX = 16 << 20, PIECE = 64 << 10, READY_ROUNDS = 20 };

struct file {
  struct str path, text;
};

struct files {
  struct arena arena;
  VEC(struct file) list;
  size_t bytes;
};

static double cpu(void)
{
  struct timespec t;
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
  return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

static int by_value(const void *a, const void *b)
{
  double x = *(const double *)a, y = *(const double *)b;
  return x < y ? -1 : x > y;
}

static double median(double *times, size_t count)
{
  qsort(times, count, sizeof *times, by_value);
  return times[count / 2];
}

static void die(const struct error *err)
{
  fprintf(stderr, "secrets: %s\n", err->message);
  exit(1);
}

/* The files whose content the scanner wants, so that both look at the same. */
static void load(struct files *files, const char *directory, size_t limit,
                 struct secret_scanner *scanner)
{
  struct walk_options options = {.skip_dirs = walk_usual_dirs};
  struct walk_entry entry;
  struct secret_list found;
  _cleanup_(buf_free) struct buf text = {0};
  struct walk *w = walk_new(&directory, 1, &options);
  arena_init(&files->arena, 0);
  secret_list_init(&found, &files->arena);
  while (files->bytes < limit && walk_next(w, &entry)) {
    buf_clear(&text);
    if (entry.kind != WALK_FILE || entry.size > FILE_MAX || walk_read(w, FILE_MAX, &text, NULL) < 0)
      continue;
    struct str path = str_sub(entry.path, entry.path.data[0] == '/', entry.path.len);
    bool wanted = secret_scanner_begin(scanner, path, SECRET_SIZE_UNKNOWN) &&
                  secret_scanner_feed(scanner, str_sub(buf_str(&text), 0, 4096));
    secret_scanner_end(scanner, &found);
    if (!wanted)
      continue;
    vec_push(&files->list, (struct file){arena_copy(&files->arena, path),
                                         arena_copy(&files->arena, buf_str(&text))});
    files->bytes += text.len;
  }
  walk_free(w);
}

static int count_one(unsigned id, unsigned long long from, unsigned long long to, unsigned flags,
                     void *context)
{
  (void)id, (void)from, (void)to, (void)flags;
  ++*(uint64_t *)context;
  return 0;
}

static double scan_alone(const struct files *files, const struct secret_rules *rules,
                         hs_scratch_t *scratch, uint64_t *candidates)
{
  const hs_database_t *db = secret_database_hs(rules->database);
  double start = cpu();
  for (size_t i = 0; i < files->list.count; i++) {
    struct str text = files->list.items[i].text;
    hs_scan(db, text.data, (unsigned)text.len, 0, scratch, count_one, candidates);
  }
  return cpu() - start;
}

static double scan_whole(const struct files *files, struct secret_scanner *scanner, size_t *found)
{
  struct arena arena;
  struct secret_list list;
  arena_init(&arena, 0);
  secret_list_init(&list, &arena);
  double start = cpu();
  for (size_t i = 0; i < files->list.count; i++) {
    const struct file *f = &files->list.items[i];
    if (secret_scanner_begin(scanner, f->path, f->text.len))
      for (size_t at = 0; at < f->text.len; at += PIECE)
        if (!secret_scanner_feed(scanner, str_sub(f->text, at, PIECE)))
          break;
    secret_scanner_end(scanner, &list);
  }
  double took = cpu() - start;
  *found = list.count;
  arena_free(&arena);
  return took;
}

static double make_ready(void)
{
  double times[READY_ROUNDS];
  for (size_t i = 0; i < READY_ROUNDS; i++) {
    struct secret_rules *rules;
    struct secret_scanner *scanner;
    struct error err;
    double start = cpu();
    if (secret_rules_builtin(&rules, &err) < 0 ||
        secret_scanner_new(rules, NULL, &scanner, &err) < 0)
      die(&err);
    times[i] = cpu() - start;
    secret_scanner_free(scanner);
    secret_rules_free(rules);
  }
  return median(times, READY_ROUNDS);
}

static double compile_anew(const struct secret_rules *rules)
{
  struct secret_database *d;
  struct error err;
  double start = cpu();
  if (secret_database_compile(rules->rules, rules->count, SECRET_DATABASE_HERE, &d, &err) < 0)
    die(&err);
  double took = cpu() - start;
  secret_database_free(d);
  return took;
}

int main(int argc, char **argv)
{
  const char *directory = argc > 1 ? argv[1] : "/usr/share";
  size_t limit = (argc > 2 ? strtoul(argv[2], NULL, 10) : 64) << 20;
  size_t rounds = argc > 3 ? strtoul(argv[3], NULL, 10) : 5, found = 0;
  double alone[ROUNDS_MAX], whole[ROUNDS_MAX];
  struct files files = {0};
  struct secret_rules *rules;
  struct secret_scanner *scanner;
  hs_scratch_t *scratch = NULL;
  uint64_t candidates = 0;
  struct error err;
  if (rounds < 1 || rounds > ROUNDS_MAX)
    rounds = 5;
  if (secret_rules_builtin(&rules, &err) < 0 || secret_scanner_new(rules, NULL, &scanner, &err) < 0)
    die(&err);
  if (hs_alloc_scratch(secret_database_hs(rules->database), &scratch) != HS_SUCCESS)
    return 1;
  load(&files, directory, limit, scanner);
  for (size_t i = 0; i < rounds; i++) {
    candidates = 0;
    alone[i] = scan_alone(&files, rules, scratch, &candidates);
    whole[i] = scan_whole(&files, scanner, &found);
  }
  double a = median(alone, rounds), b = median(whole, rounds), mb = (double)files.bytes / 1e6;
  printf("%zu files of %s, %.1f MB, %zu rules, %zu rounds\n", files.list.count, directory, mb,
         secret_rules_count(rules), rounds);
  printf("Vectorscan alone   %7.3f s  %6.0f MB/s  %llu candidates\n", a, mb / a,
         (unsigned long long)candidates);
  printf("the scanner        %7.3f s  %6.0f MB/s  %zu secrets  ratio %.2f\n", b, mb / b, found,
         b / a);
  printf("rules ready        %7.2f ms; compiled anew %.0f ms\n", make_ready() * 1e3,
         compile_anew(rules) * 1e3);
  hs_free_scratch(scratch);
  secret_scanner_free(scanner);
  secret_rules_free(rules);
  vec_free(&files.list);
  arena_free(&files.arena);
  return 0;
}
