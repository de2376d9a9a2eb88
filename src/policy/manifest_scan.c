#include "policy/manifest_scan.h"

#include "base/file.h"
#include "base/pool.h"
#include "base/utf8.h"
#include "base/vec.h"
#include "base/walk.h"
#include "data/yaml.h"
#include "kube/keys.h"
#include "kube/object.h"
#include "policy/podsecurity_scan.h"

#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

/* An object that set rules need. */
struct kept_object {
  struct kube_object object;
  uint32_t document;
};

/* One file on its way from the walk through a worker to the report. */
struct job {
  struct job *next_free;
  struct buf path;
  int fd;        /* to read from; -1: there is nothing to read */
  uint64_t size; /* bytes, as the walk saw it */
  bool named;    /* the user named this file; it was not found in a directory */
  bool stdin_fd; /* fd is standard input, which stays open */
  bool found;    /* the file counts as read */
  struct buf text;
  struct arena arena;
  struct finding_list findings;
  VEC(struct report_error) errors;
  VEC(struct report_skip) skips;
  VEC(struct kept_object) kept; /* what set rules need; views of the file's values */
  uint64_t *rules_judged;       /* bits, by number of the rule */
  uint64_t documents, objects, judged;
};

/*
 * What a worker takes at once. Waking a thread costs as much as a small manifest, so
 * small files travel together; a large one travels alone.
 */
enum { BATCH_FILES = 16, BATCH_BYTES = 128 << 10 };

struct batch {
  struct batch *next_free;
  size_t count;
  struct job *jobs[BATCH_FILES];
};

struct scan {
  const struct manifest_scan *request;
  struct report_summary *summary;
  struct symbols *symbols;
  struct yaml_reader **readers; /* one for each worker, made at its first file */
  struct rule_judge **judges;   /* likewise; NULL: there are no rules */
  struct rule_needs needs;
  struct rule_inventory *inventory; /* NULL: no set rule needs one */
  bool inventory_failed;
  struct job *free_jobs;
  struct batch *free_batches;
  size_t batch_files; /* at most so many jobs in a batch */
  size_t path;        /* number of the path that is next */
  struct walk *walk;
};

static struct job *take_job(struct scan *s)
{
  struct job *job = s->free_jobs;
  if (job) {
    s->free_jobs = job->next_free;
  } else {
    job = mem_zalloc(1, sizeof *job);
    arena_init(&job->arena, MANIFEST_MEMORY_MAX);
    arena_keep(&job->arena, 1 << 20);
    buf_init(&job->text, (size_t)MANIFEST_SIZE_MAX + 1);
    if (s->request->rules)
      job->rules_judged = mem_zalloc(rule_bits_words(s->request->rules), sizeof(uint64_t));
  }
  job->fd = -1;
  job->size = 0;
  job->named = job->stdin_fd = job->found = false;
  job->documents = job->objects = job->judged = 0;
  finding_list_init(&job->findings, &job->arena);
  return job;
}

enum { TEXT_KEPT = 1 << 20 }; /* bytes of a text buffer that the next file may use again */

static void give_job_back(struct scan *s, struct job *job)
{
  if (job->fd >= 0 && !job->stdin_fd)
    close(job->fd);
  arena_reset(&job->arena);
  if (job->text.room > TEXT_KEPT)
    buf_free(&job->text);
  buf_clear(&job->text);
  buf_clear(&job->path);
  vec_clear(&job->errors);
  vec_clear(&job->skips);
  vec_clear(&job->kept);
  if (job->rules_judged)
    memset(job->rules_judged, 0, rule_bits_words(s->request->rules) * sizeof(uint64_t));
  job->next_free = s->free_jobs;
  s->free_jobs = job;
}

static void free_jobs(struct job *job)
{
  while (job) {
    struct job *next = job->next_free;
    buf_free(&job->path);
    buf_free(&job->text);
    arena_free(&job->arena);
    vec_free(&job->errors);
    vec_free(&job->skips);
    vec_free(&job->kept);
    mem_free(job->rules_judged);
    mem_free(job);
    job = next;
  }
}

static struct str job_path(const struct job *job)
{
  return buf_str(&job->path);
}

/* The message is copied; so are those below. */
static void add_error(struct job *job, uint32_t line, uint32_t column, struct str message)
{
  if (vec_full(&job->errors, MANIFEST_ERRORS_MAX))
    return;
  if (job->errors.count + 1 == MANIFEST_ERRORS_MAX)
    message = STR("more errors follow; they are not listed");
  struct report_error e = {.file = job_path(job),
                           .line = line,
                           .column = column,
                           .message = arena_copy(&job->arena, message)};
  vec_push(&job->errors, e);
}

static void add_skip(struct job *job, uint32_t line, struct str reason)
{
  struct report_skip skip = {
      .file = job_path(job), .line = line, .reason = arena_copy(&job->arena, reason)};
  vec_push(&job->skips, skip);
}

/* ---- Which files ---- */

static bool has_extension(struct str name, struct str extension)
{
  return name.len >= extension.len &&
         str_eq_nocase(str_sub(name, name.len - extension.len, extension.len), extension);
}

static bool is_json_name(struct str name)
{
  return has_extension(name, STR(".json"));
}

static bool is_manifest_name(struct str name)
{
  return has_extension(name, STR(".yaml")) || has_extension(name, STR(".yml")) ||
         is_json_name(name);
}

static bool is_excluded(const struct scan *s, struct str path, bool is_directory)
{
  for (size_t i = 0; i < s->request->exclude_count; i++) {
    const struct glob_exclude *exclude = s->request->exclude[i];
    if (glob_excluded(exclude, path, is_directory) ||
        glob_excluded(exclude, walk_below(s->walk, path), is_directory))
      return true;
  }
  return false;
}

static const char *why_skip(void *ctx, struct str path, struct str name, bool is_directory)
{
  const struct scan *s = ctx;
  if (is_excluded(s, path, is_directory))
    return "excluded";
  if (is_directory)
    return NULL;
  if (s->request->config_file && str_eq(path, str_from(s->request->config_file)))
    return "seawall's own configuration";
  if (!is_manifest_name(name))
    return "not YAML or JSON, by its name";
  return NULL;
}

static const struct walk_options walk_rules = {.skip_dirs = walk_usual_dirs, .skip = why_skip};

static struct job *standard_input_job(struct scan *s)
{
  struct job *job = take_job(s);
  buf_add_byte(&job->path, '-');
  job->fd = STDIN_FILENO;
  job->stdin_fd = job->named = true;
  return job;
}

static struct job *entry_job(struct scan *s, const struct walk_entry *entry)
{
  struct job *job = take_job(s);
  job->size = entry->size;
  buf_add(&job->path, entry->path);
  buf_text(&job->path);
  if (entry->kind == WALK_SKIPPED) {
    add_skip(job, 0, str_from(entry->reason));
  } else if (entry->kind == WALK_ERROR) {
    add_error(job, 0, 0, str_from(entry->error.message));
  } else {
    struct error err;
    job->named = walk_at_root(s->walk);
    job->fd = walk_open(s->walk, &err);
    if (job->fd < 0)
      add_error(job, 0, 0, str_from(err.message));
  }
  return job;
}

/* Opens the walk over one path; the rules need the scan, so they are the walk's own copy. */
static void start_walk(struct scan *s, struct walk_options *options, const char *const *path)
{
  *options = walk_rules;
  options->ctx = s;
  s->walk = walk_new(path, 1, options);
}

struct producer {
  struct scan scan;
  struct walk_options options;
};

static struct job *next_job(struct producer *p)
{
  struct scan *s = &p->scan;
  for (;;) {
    struct walk_entry entry;
    if (s->walk && walk_next(s->walk, &entry))
      return entry_job(s, &entry);
    walk_free(s->walk);
    s->walk = NULL;
    if (s->path == s->request->path_count)
      return NULL;
    const char *const *path = &s->request->paths[s->path++];
    if (strcmp(*path, "-") == 0)
      return standard_input_job(s);
    start_walk(s, &p->options, path);
  }
}

static struct batch *take_batch(struct scan *s)
{
  struct batch *batch = s->free_batches;
  if (batch)
    s->free_batches = batch->next_free;
  else
    batch = mem_alloc(sizeof *batch);
  batch->count = 0;
  return batch;
}

static void give_batch_back(struct scan *s, struct batch *batch)
{
  for (size_t i = 0; i < batch->count; i++)
    give_job_back(s, batch->jobs[i]);
  batch->next_free = s->free_batches;
  s->free_batches = batch;
}

static void free_batches(struct batch *batch)
{
  while (batch) {
    struct batch *next = batch->next_free;
    mem_free(batch);
    batch = next;
  }
}

static void *next_batch(void *ctx)
{
  struct producer *p = ctx;
  struct batch *batch = take_batch(&p->scan);
  uint64_t bytes = 0;
  while (batch->count < p->scan.batch_files && bytes < BATCH_BYTES) {
    struct job *job = next_job(p);
    if (!job)
      break;
    bytes += job->size;
    batch->jobs[batch->count++] = job;
  }
  if (batch->count)
    return batch;
  give_batch_back(&p->scan, batch);
  return NULL;
}

/* ---- What is in them ---- */

/* Is the file one of a Helm chart's templates: a folder "templates" beside a Chart.yaml above it? */
static bool is_chart_template(struct str path)
{
  char chart[4096];
  for (ptrdiff_t at = 0; (at = str_find(path, (size_t)at, STR("templates/"))) >= 0; at++) {
    if ((at > 0 && path.data[at - 1] != '/') || (size_t)at + sizeof "Chart.yaml" > sizeof chart)
      continue;
    snprintf(chart, sizeof chart, "%.*sChart.yaml", (int)at, path.data);
    struct stat st;
    if (stat(chart, &st) == 0)
      return true;
  }
  return false;
}

static bool contains(const struct job *job, struct str text)
{
  return str_find(buf_str(&job->text), 0, text) >= 0;
}

/*
 * What makes a broken file in a directory something that was never meant to be a
 * manifest; NULL if nothing does. A file that the user named has no such excuse.
 */
static const char *excuse(const struct job *job)
{
  if (job->named)
    return NULL;
  if (contains(job, STR("{{")) && is_chart_template(job_path(job)))
    return "a Helm template; scan what it renders to: helm template CHART | seawall scan "
           "manifests -";
  if (is_json_name(job_path(job)) && !contains(job, STR("\"apiVersion\"")))
    return "not a manifest (no \"apiVersion\" in it), nor strict JSON";
  return NULL;
}

static void tell_failures(struct job *job, const struct rule_failures *failures,
                          struct value_position at)
{
  for (size_t i = 0; i < failures->count; i++)
    add_error(job, at.line, at.column, failures->items[i].message);
}

static bool ask_rules(const struct scan *s, unsigned worker, struct job *job,
                      const struct kube_object *object, const struct location *place, unsigned pods,
                      size_t from)
{
  struct rule_failures failures;
  if (!s->judges)
    return false;
  if (!s->judges[worker])
    s->judges[worker] = rule_judge_new(s->request->rules);
  bool any = rule_judge_object(s->judges[worker], object, place, pods, from, &job->findings,
                               job->rules_judged, &failures);
  tell_failures(job, &failures, object->position);
  return any;
}

static void judge_object(const struct scan *s, unsigned worker, struct job *job, uint32_t document,
                         const struct kube_object *object)
{
  job->objects++;
  struct location place = {.file = job_path(job), .document = document};
  size_t from = job->findings.count;
  unsigned pods = podsecurity_scan(&job->findings, object, s->request->target, &place);
  bool any = ask_rules(s, worker, job, object, &place, pods, from);
  if (pods || any || s->needs.everything)
    job->judged++;
  if (s->inventory && rule_needs_object(&s->needs, object))
    vec_push(&job->kept, (struct kept_object){*object, document});
}

/* The last value was judged, as it is the one that counts where repetition is tolerated; but API
 * servers refuse it, and readers see whichever they see first. */
static void tell_duplicates(struct job *job, const struct yaml_document *document)
{
  for (uint32_t i = 0; i < document->duplicate_count; i++) {
    const struct yaml_duplicate *d = &document->duplicates[i];
    char first[32] = "";
    if (d->first.line)
      snprintf(first, sizeof first, ", first on line %u", d->first.line);
    struct str message =
        arena_printf(&job->arena,
                     "key \"%.*s\" is given twice in one mapping%s; the last value was judged, but "
                     "API servers refuse this: remove one",
                     STR_FMT(utf8_cut_columns(d->key, 80)), first);
    add_error(job, d->position.line, d->position.column, message);
  }
}

static void judge_document(const struct scan *s, unsigned worker, struct job *job,
                           const struct yaml_document *document)
{
  tell_duplicates(job, document);
  uint32_t number = document->number - 1;
  job->documents++;
  struct kube_objects it;
  struct kube_object object;
  kube_objects_begin(&it, document->root, document->position);
  while (kube_objects_next(&it, &object)) {
    if (object.is_object) {
      judge_object(s, worker, job, number, &object);
      continue;
    }
    struct str why = kube_object_reason(&object, &job->arena);
    struct str reason = arena_printf(&job->arena, "not a Kubernetes object: %.*s", STR_FMT(why));
    add_skip(job, object.position.line, reason);
  }
}

static void read_documents(const struct scan *s, unsigned worker, struct job *job)
{
  for (;;) {
    struct yaml_document document;
    struct error err;
    int rc = yaml_reader_next(s->readers[worker], &job->arena, &document, &err);
    if (rc == 0)
      break;
    if (rc < 0) {
      add_error(job, err.line, err.column, str_from(err.message));
      if (vec_full(&job->errors, MANIFEST_ERRORS_MAX))
        break;
      continue;
    }
    judge_document(s, worker, job, &document);
  }
}

static int read_text(struct job *job, struct error *err)
{
  const char *name = job->stdin_fd ? "standard input" : buf_text(&job->path);
  int rc = file_read_fd(job->fd, name, MANIFEST_SIZE_MAX, &job->text, err);
  if (!job->stdin_fd)
    close(job->fd);
  job->fd = -1;
  return rc;
}

static void judge_file(struct scan *s, unsigned worker, struct job *job)
{
  if (job->fd < 0)
    return;
  struct error err;
  if (read_text(job, &err) < 0) {
    add_error(job, 0, 0, str_from(err.message));
    return;
  }
  job->found = true;
  struct yaml_options options = {
      .duplicates = VALUE_LAST_WINS, .positions = true, .symbols = s->symbols};
  if (!s->readers[worker])
    s->readers[worker] = yaml_reader_new(buf_str(&job->text), &options);
  else
    yaml_reader_reset(s->readers[worker], buf_str(&job->text));
  read_documents(s, worker, job);
  const char *reason = job->errors.count ? excuse(job) : NULL;
  if (reason) {
    vec_clear(&job->errors);
    add_skip(job, 0, str_from(reason));
  }
  finding_list_distinguish(&job->findings);
  exceptions_apply(s->request->exceptions, &job->findings);
}

static void work(void *ctx, unsigned worker, void *item)
{
  struct batch *batch = item;
  for (size_t i = 0; i < batch->count; i++)
    judge_file(&((struct producer *)ctx)->scan, worker, batch->jobs[i]);
}

/* ---- What is told ---- */

static void count_rules(struct scan *s, const struct finding_list *list, const uint64_t *judged)
{
  struct rule_tally *tallies = s->request->tallies;
  if (!tallies || !s->request->rules)
    return;
  for (size_t i = 0; i < rule_library_count(s->request->rules); i++)
    tallies[i].judged |= judged[i / 64] >> (i % 64) & 1;
  for (size_t i = 0; i < list->count; i++) {
    size_t number = rule_library_index(s->request->rules, list->items[i].rule);
    if (number == SIZE_MAX)
      continue;
    tallies[number].open += list->items[i].state == FINDING_OPEN;
    tallies[number].excepted += list->items[i].state == FINDING_EXCEPTED;
  }
}

/* Objects are taken in the order of the walk, so that what set rules say does not depend on workers. */
static void keep_objects(struct scan *s, struct job *job)
{
  for (size_t i = 0; s->inventory && !s->inventory_failed && i < job->kept.count; i++) {
    const struct kept_object *k = &job->kept.items[i];
    struct location place = {.file = job_path(job), .document = k->document};
    struct error err;
    if (rule_inventory_add(s->inventory, &k->object, &place, &err) == 0)
      continue;
    s->inventory_failed = true;
    error_wrap(&err, "rules over several objects were not asked");
    add_error(job, k->object.position.line, k->object.position.column, str_from(err.message));
  }
}

static void tell_file(struct scan *s, struct job *job)
{
  keep_objects(s, job);
  count_rules(s, &job->findings, job->rules_judged);
  struct report_file file = {
      .path = job_path(job),
      .text = buf_str(&job->text),
      .findings = &job->findings,
      .errors = job->errors.items,
      .error_count = job->errors.count,
      .skips = job->skips.items,
      .skip_count = job->skips.count,
      .documents = job->documents,
      .objects = job->objects,
  };
  finding_count(&s->summary->counts, &job->findings);
  s->summary->files += job->found;
  s->summary->documents += job->documents;
  s->summary->objects += job->objects;
  s->summary->judged += job->judged;
  s->summary->errors += job->errors.count;
  s->summary->skipped += job->skips.count;
  s->request->file(s->request->ctx, &file);
}

static int hand_over(void *ctx, void *item, struct error *err)
{
  (void)err;
  struct scan *s = &((struct producer *)ctx)->scan;
  struct batch *batch = item;
  for (size_t i = 0; i < batch->count; i++)
    tell_file(s, batch->jobs[i]);
  give_batch_back(s, batch);
  return 0;
}

/* ---- Rules over all objects ---- */

/* Hands over findings [from, to), which are about one file. */
static void tell_set_findings(struct scan *s, struct finding_list *list, size_t from, size_t to)
{
  struct finding_list part = {
      .arena = list->arena, .items = list->items + from, .count = to - from};
  finding_list_distinguish(&part);
  exceptions_apply(s->request->exceptions, &part);
  finding_count(&s->summary->counts, &part);
  struct report_file file = {.path = part.items[0].location.file, .findings = &part};
  s->request->file(s->request->ctx, &file);
}

static int by_file(const void *a, const void *b)
{
  const struct finding *x = a, *y = b;
  int order = str_compare(x->location.file, y->location.file);
  if (order)
    return order;
  if (x->location.line != y->location.line)
    return x->location.line < y->location.line ? -1 : 1;
  order = str_compare(x->rule->id, y->rule->id);
  return order ? order : str_compare(x->message, y->message);
}

static void tell_set_failures(struct scan *s, const struct rule_failures *failures,
                              struct arena *arena)
{
  if (!failures->count)
    return;
  struct report_error *errors = arena_array(arena, struct report_error, failures->count);
  for (size_t i = 0; i < failures->count; i++)
    errors[i] = (struct report_error){.file = STR("rules over several objects"),
                                      .message = failures->items[i].message};
  struct finding_list none = {.arena = arena};
  struct report_file file = {
      .path = errors[0].file, .findings = &none, .errors = errors, .error_count = failures->count};
  s->summary->errors += failures->count;
  s->request->file(s->request->ctx, &file);
}

static void ask_set_rules(struct scan *s)
{
  struct arena arena;
  struct finding_list list;
  struct rule_failures failures;
  if (!s->inventory || s->inventory_failed)
    return;
  arena_init(&arena, MANIFEST_MEMORY_MAX);
  finding_list_init(&list, &arena);
  uint64_t *judged = arena_zalloc(&arena, rule_bits_words(s->request->rules), sizeof(uint64_t));
  struct rule_judge *judge = rule_judge_new(s->request->rules);
  rule_judge_set(judge, s->inventory, &list, judged, &failures);
  rule_judge_free(judge);
  if (list.count)
    qsort(list.items, list.count, sizeof *list.items, by_file);
  for (size_t from = 0, to; from < list.count; from = to) {
    for (to = from + 1; to < list.count; to++)
      if (!str_eq(list.items[to].location.file, list.items[from].location.file))
        break;
    tell_set_findings(s, &list, from, to);
  }
  count_rules(s, &list, judged);
  tell_set_failures(s, &failures, &arena);
  arena_free(&arena);
}

static void drop(void *ctx, void *item)
{
  give_batch_back(&((struct producer *)ctx)->scan, item);
}

static const struct pool_ops pool = {
    .produce = next_batch, .work = work, .consume = hand_over, .discard = drop};

static void start(struct scan *s, unsigned jobs)
{
  struct rule_library *rules = s->request->rules;
  s->batch_files = jobs > 1 ? BATCH_FILES : 1;
  s->symbols = rules ? rule_library_symbols(rules) : kube_symbols_new();
  s->readers = mem_zalloc(jobs, sizeof(struct yaml_reader *));
  if (!rules)
    return;
  s->judges = mem_zalloc(jobs, sizeof(struct rule_judge *));
  s->needs = rule_library_needs(rules);
  if (s->needs.everything || s->needs.workloads || s->needs.kind_count)
    s->inventory = rule_inventory_new(s->needs, s->symbols);
}

static void finish(struct scan *s, unsigned jobs)
{
  walk_free(s->walk);
  free_jobs(s->free_jobs);
  free_batches(s->free_batches);
  for (unsigned i = 0; i < jobs; i++) {
    yaml_reader_free(s->readers[i]);
    if (s->judges)
      rule_judge_free(s->judges[i]);
  }
  mem_free(s->readers);
  mem_free(s->judges);
  rule_inventory_free(s->inventory);
  if (!s->request->rules)
    symbols_free(s->symbols);
}

int manifest_scan_run(const struct manifest_scan *scan, struct report_summary *ret_summary,
                      struct error *err)
{
  unsigned jobs = scan->jobs ? scan->jobs : pool_cpus();
  *ret_summary = (struct report_summary){0};
  struct producer p = {.scan = {.request = scan, .summary = ret_summary}};
  start(&p.scan, jobs);
  int rc = pool_run(&pool, &p, jobs, 0, err);
  if (rc == 0)
    ask_set_rules(&p.scan);
  finish(&p.scan, jobs);
  return rc;
}
