#include "base/clock.h"
#include "base/file.h"
#include "cmd/console.h"
#include "cmd/policy_query.h"
#include "cmd/policy_stats.h"
#include "cmd/policy_table.h"
#include "data/duration.h"

#include <time.h>
#include <unistd.h>

static const char *const format_values[] = {"pretty", "json", NULL};

enum {
  RUNS_MAX = 1000,
  EVALUATIONS_MAX = 1000000000,
  WARM_UP = 3,     /* evaluations before measuring, so that caches and the arena are filled */
  INPUT_SHARE = 4, /* parsing the input is measured for a quarter of the time */
  EVALUATIONS_LEAST = 10,
};

static const struct option options[] = {
    {.name = "format",
     .letter = 'f',
     .argument = "FORMAT",
     .help = "how the result is written (default pretty)",
     .values = format_values},
    {.name = "benchtime",
     .argument = "TIME",
     .help = "how long to measure, or how many evaluations: 2s, 1000x (default 1s)"},
    {.name = "count", .argument = "N", .help = "measure N times (default 1)"},
    {.name = "allow-undefined", .help = "measure also if the result is undefined"},
    POLICY_QUERY_OPTIONS,
    {0},
};

struct bench {
  const struct arguments *args;
  struct policy_query query;
  bool json;
  unsigned long long runs;
  uint64_t time_ns;     /* to measure for */
  uint64_t evaluations; /* to make instead; 0: as many as fit into the time */
  struct buf out;
};

/* One measurement. Times are for one evaluation, in nanoseconds. */
struct measured {
  uint64_t evaluations;
  double wall_ns, cpu_ns;
  struct policy_stats each; /* wall time of every evaluation */
  uint64_t arena_bytes;
  uint64_t arena_grown; /* evaluations for which the arena needed more memory than it had */
  uint64_t steps;
  uint64_t input_parses;
  double input_wall_ns, input_cpu_ns;
};

/* ---- options */

static int read_benchtime(struct bench *b, struct error *err)
{
  const char *value = arguments_value(b->args, "benchtime");
  struct str text = str_from(value ? value : "1s");
  unsigned long long times;
  b->time_ns = 0;
  if (str_ends(text, STR("x"))) {
    if (!str_to_u64(str_sub(text, 0, text.len - 1), EVALUATIONS_MAX, &times) || times == 0)
      return error_set(err, SW_EUSAGE, "--benchtime \"%s\" must be from 1x to %dx", value,
                       EVALUATIONS_MAX);
    b->evaluations = times;
    return 0;
  }
  int64_t ns;
  if (duration_parse(text, &ns, err) < 0)
    return error_set(err, SW_EUSAGE,
                     "--benchtime \"%s\" is neither a duration like 2s nor a number like 1000x",
                     value);
  if (ns <= 0 || ns > DURATION_HOUR)
    return error_set(err, SW_EUSAGE,
                     "--benchtime \"%s\" must be longer than nothing, and 1h at most", value);
  b->time_ns = (uint64_t)ns;
  return 0;
}

static int read_options(struct bench *b, struct error *err)
{
  const char *format = arguments_value(b->args, "format");
  const char *count = arguments_value(b->args, "count");
  b->json = format && strcmp(format, "json") == 0;
  b->runs = 1;
  if (count && (!str_to_u64(str_from(count), RUNS_MAX, &b->runs) || b->runs == 0))
    return error_set(err, SW_EUSAGE, "--count \"%s\" must be a number from 1 to %d", count,
                     RUNS_MAX);
  return read_benchtime(b, err);
}

/* ---- measuring */

static uint64_t wall(void)
{
  return clock_monotonic_ns(clock_system());
}

static uint64_t cpu(void)
{
  struct timespec t;
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
  return (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
}

static bool enough(const struct bench *b, uint64_t done, uint64_t spent)
{
  if (b->evaluations)
    return done >= b->evaluations;
  return done >= EVALUATIONS_LEAST && spent >= b->time_ns;
}

static int measure_evaluations(struct bench *b, struct measured *m, struct error *err)
{
  struct arena *arena = &b->query.arena;
  for (int i = 0; i < WARM_UP; i++)
    if (policy_query_run(&b->query, NULL, err) < 0)
      return err->code;
  arena_reset(arena);
  uint64_t cpu_start = cpu(), start = wall(), before = start;
  while (!enough(b, m->evaluations, before - start)) {
    const struct arena_chunk *chunk = arena->chunk;
    if (policy_query_run(&b->query, NULL, err) < 0)
      return err->code;
    uint64_t at = wall();
    policy_stats_add(&m->each, at - before);
    before = at;
    m->arena_grown += arena->chunk != chunk;
    m->evaluations++;
  }
  m->cpu_ns = (double)(cpu() - cpu_start) / (double)m->evaluations;
  m->wall_ns = (double)(before - start) / (double)m->evaluations;
  m->arena_bytes = arena_used(arena);
  m->steps = rego_steps(b->query.worker);
  return 0;
}

static int measure_input(struct bench *b, struct measured *m, struct error *err)
{
  if (b->query.input_text.len == 0)
    return 0;
  struct arena arena;
  arena_init(&arena, 0);
  uint64_t cpu_start = cpu(), start = wall(), before = start;
  int rc = 0;
  while (rc == 0 && !enough(b, m->input_parses, (before - start) * INPUT_SHARE)) {
    arena_reset(&arena);
    rc = policy_query_parse_input(&b->query, &arena, err);
    before = wall();
    m->input_parses++;
  }
  arena_free(&arena);
  m->input_cpu_ns = (double)(cpu() - cpu_start) / (double)m->input_parses;
  m->input_wall_ns = (double)(before - start) / (double)m->input_parses;
  return rc;
}

/* ---- telling */

static void member_double(struct json_writer *w, const char *key, double number)
{
  json_key(w, str_from(key));
  json_double(w, number);
}

static void write_json(struct bench *b, struct measured *m)
{
  struct json_writer w = json_writer_start(&b->out, 2);
  json_begin_object(&w);
  json_member_int(&w, STR("evaluations"), (int64_t)m->evaluations);
  member_double(&w, "cpu_ns_per_evaluation", m->cpu_ns);
  member_double(&w, "wall_ns_per_evaluation", m->wall_ns);
  json_key(&w, STR("wall_ns"));
  policy_stats_json(&m->each, &w);
  json_member_int(&w, STR("steps_per_evaluation"), (int64_t)m->steps);
  json_member_int(&w, STR("arena_bytes_per_evaluation"), (int64_t)m->arena_bytes);
  member_double(&w, "arena_allocations_per_evaluation",
                (double)m->arena_grown / (double)m->evaluations);
  if (m->input_parses) {
    json_key(&w, STR("input_parse"));
    json_begin_object(&w);
    json_member_int(&w, STR("bytes"), (int64_t)b->query.input_text.len);
    json_member_int(&w, STR("parses"), (int64_t)m->input_parses);
    member_double(&w, "cpu_ns", m->input_cpu_ns);
    member_double(&w, "wall_ns", m->input_wall_ns);
    json_end_object(&w);
  }
  json_member_int(&w, STR("load_ns"), (int64_t)b->query.timers[POLICY_TIME_LOAD]);
  json_member_int(&w, STR("query_parse_ns"), (int64_t)b->query.timers[POLICY_TIME_QUERY]);
  json_member_int(&w, STR("compile_ns"), (int64_t)b->query.timers[POLICY_TIME_COMPILE]);
  json_end_object(&w);
  buf_add_byte(&b->out, '\n');
}

static void time_row(struct policy_table *table, const char *name, double ns)
{
  char text[POLICY_TIME_TEXT];
  policy_table_cell(table, str_from(name));
  policy_table_cell(table,
                    str_from(policy_time_text((uint64_t)(ns + 0.5), console_unicode(), text)));
}

static void number_row(struct policy_table *table, const char *name, uint64_t number)
{
  policy_table_cell(table, str_from(name));
  policy_table_cellf(table, "%llu", (unsigned long long)number);
}

static void write_pretty(struct bench *b, struct measured *m)
{
  static const struct {
    const char *name;
    double p;
  } percentiles[] = {
      {"wall, median", 50}, {"wall, 90%", 90}, {"wall, 99%", 99}, {"wall, 99.9%", 99.9}};
  struct policy_table table;
  policy_table_init(&table, 2);
  policy_table_head(&table, 0, "per evaluation", false);
  policy_table_head(&table, 1, "", true);
  time_row(&table, "CPU", m->cpu_ns);
  time_row(&table, "wall", m->wall_ns);
  time_row(&table, "wall, least", (double)m->each.least);
  for (size_t i = 0; i < sizeof percentiles / sizeof *percentiles; i++)
    time_row(&table, percentiles[i].name,
             (double)policy_stats_percentile(&m->each, percentiles[i].p));
  time_row(&table, "wall, greatest", (double)m->each.greatest);
  number_row(&table, "steps", m->steps);
  number_row(&table, "bytes of arena", m->arena_bytes);
  policy_table_cell(&table, STR("allocations of arena"));
  policy_table_cellf(&table, "%.2f", (double)m->arena_grown / (double)m->evaluations);
  if (m->input_parses) {
    time_row(&table, "parsing the input, CPU", m->input_cpu_ns);
    time_row(&table, "parsing the input, wall", m->input_wall_ns);
  }
  policy_table_write(&table, &b->out, console_width(STDOUT_FILENO), console_color(STDOUT_FILENO),
                     console_unicode());
  policy_table_free(&table);
  char load[POLICY_TIME_TEXT], compile[POLICY_TIME_TEXT];
  buf_printf(&b->out, "\n%llu evaluations; loaded in %s, compiled in %s\n",
             (unsigned long long)m->evaluations,
             policy_time_text(b->query.timers[POLICY_TIME_LOAD], console_unicode(), load),
             policy_time_text(b->query.timers[POLICY_TIME_COMPILE], console_unicode(), compile));
}

static int put_out(struct bench *b, struct error *err)
{
  int rc = fd_write_all(STDOUT_FILENO, b->out.data, b->out.len, err);
  buf_clear(&b->out);
  return rc < 0 ? error_wrap(err, "writing to standard output") : 0;
}

static int measure_once(struct bench *b, struct error *err)
{
  struct measured m = {0};
  int rc = measure_evaluations(b, &m, err);
  if (rc == 0)
    rc = measure_input(b, &m, err);
  if (rc == 0) {
    if (b->json)
      write_json(b, &m);
    else
      write_pretty(b, &m);
    rc = put_out(b, err);
  }
  policy_stats_free(&m.each);
  return rc;
}

/* Whoever measures an undefined result has usually mistyped a name. */
static bool is_undefined(const struct bench *b)
{
  struct value result = b->query.result;
  return !value_is(result, VALUE_ARRAY) || result.len == 0;
}

static int bench(struct bench *b, struct error *err)
{
  int rc = read_options(b, err);
  if (rc < 0)
    return rc;
  rc = policy_query_open(&b->query, b->args, NULL, err);
  if (rc == 0)
    rc = policy_query_run(&b->query, NULL, err);
  if (rc < 0)
    return rc;
  if (is_undefined(b) && !arguments_has(b->args, "allow-undefined")) {
    console_note("the result is undefined; --allow-undefined measures that, too");
    return STATUS_FINDINGS;
  }
  for (unsigned long long i = 0; i < b->runs && rc == 0; i++) {
    if (i && !b->json)
      buf_add_byte(&b->out, '\n');
    rc = measure_once(b, err);
  }
  return rc;
}

static int run(const struct arguments *args)
{
  struct bench b = {.args = args};
  struct error err;
  int status = bench(&b, &err);
  if (status < 0) {
    policy_query_tell(&b.query, &err);
    status = STATUS_FAILED;
  }
  policy_query_close(&b.query);
  buf_free(&b.out);
  return status;
}

const struct verb verb_policy_bench = {
    .name = "policy bench",
    .operand = "QUERY",
    .summary = "measure how long a Rego query takes",
    .details =
        "Evaluates the query over and over, as `policy eval` would, and tells CPU and wall time\n"
        "of an evaluation, how they spread, steps of the machine, and memory. Parsing the input is\n"
        "measured apart. Loading and compiling happen once.\n\n"
        "Exit status: 0 measured, 1 the result is undefined, 2 there were errors, or the request\n"
        "makes no sense.\n",
    .example =
        "  seawall policy bench -d policy.rego -i review.json data.authz.allow\n"
        "  seawall policy bench -b bundle.tar.gz -i review.json --benchtime 5s --count 3 \\\n"
        "      --format json data.k8s.deny\n",
    .options = options,
    .run = run,
};
