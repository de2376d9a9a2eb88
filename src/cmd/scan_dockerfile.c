#include "base/file.h"
#include "base/suggestion.h"
#include "base/walk.h"
#include "cmd/console.h"
#include "cmd/scan_common.h"
#include "data/glob.h"
#include "scan/check/dockerfile.h"

#include <unistd.h>

static const struct option options[] = {
    SCAN_COMMON_ROWS,
    {.name = "rule",
     .argument = "ID",
     .help = "ask this rule alone; may be repeated (docs/dockerfile.md lists them)",
     .repeatable = true},
    {.name = "skip-rule",
     .argument = "ID",
     .help = "leave this rule out; may be repeated",
     .repeatable = true},
    {.name = "exclude",
     .argument = "PATTERN",
     .help = "pass over paths that match; may be repeated",
     .repeatable = true},
    SCAN_QUIET_ROW,
    {0},
};

struct run {
  const struct arguments *args;
  struct scan_common common;
  VEC(struct str) only;
  VEC(struct str) skip;
  VEC(const struct glob_exclude *) exclude;
  struct walk *walk;
  struct buf target, text;
  struct arena arena; /* of one file */
  const struct str *registries;
  size_t registry_count;
  struct progress progress;
  struct report_summary summary;
};

/* ---- options */

static bool is_rule(struct str id)
{
  for (size_t i = 0; i < dockerfile_rule_count; i++)
    if (str_eq(id, dockerfile_rules[i].id))
      return true;
  return false;
}

static int unknown_rule(const char *id, struct error *err)
{
  struct suggestion s = {.word = str_from(id)};
  for (size_t i = 0; i < dockerfile_rule_count; i++)
    suggestion_consider(&s, dockerfile_rules[i].id.data);
  if (s.best)
    return error_set(err, SW_EUSAGE, "there is no rule \"%s\", did you mean \"%s\"?", id, s.best);
  return error_set(err, SW_EUSAGE, "there is no rule \"%s\" for Dockerfiles", id);
}

static int add_exclude(struct run *run, const char *pattern, struct error *err)
{
  struct glob_exclude *exclude;
  int rc = glob_exclude_compile(&run->common.config.arena, str_from(pattern), &exclude, err);
  if (rc == 0)
    vec_push(&run->exclude, exclude);
  return rc;
}

static int read_option(struct run *run, const struct argument *a, struct error *err)
{
  bool only = strcmp(a->option->name, "rule") == 0,
       skip = strcmp(a->option->name, "skip-rule") == 0;
  if (strcmp(a->option->name, "exclude") == 0 && add_exclude(run, a->value, err) < 0)
    return error_wrap(err, "--exclude \"%s\"", a->value);
  if ((only || skip) && !is_rule(str_from(a->value)))
    return unknown_rule(a->value, err);
  if (only)
    vec_push(&run->only, str_from(a->value));
  if (skip)
    vec_push(&run->skip, str_from(a->value));
  return 0;
}

static int read_options(struct run *run, struct error *err)
{
  const struct config *config = &run->common.config;
  for (size_t i = 0; i < config->exclude.count; i++)
    if (add_exclude(run, config->exclude.items[i], err) < 0)
      return error_wrap(err, "%.*s: scan.exclude \"%s\"", STR_FMT(config->file),
                        config->exclude.items[i]);
  for (size_t i = 0; i < run->args->list.count; i++) {
    int rc = read_option(run, &run->args->list.items[i], err);
    if (rc < 0)
      return rc;
  }
  return 0;
}

static int read_paths(struct run *run, struct error *err)
{
  size_t standard_input = 0, count = run->args->operands.count;
  if (!count)
    return error_set(err, SW_EUSAGE,
                     "nothing to scan: name files or directories, or \"-\" for standard input");
  for (size_t i = 0; i < count; i++) {
    const char *path = run->args->operands.items[i];
    standard_input += strcmp(path, "-") == 0;
    buf_printf(&run->target, "%s%s", i ? " " : "", path);
  }
  if (standard_input > 1)
    return error_set(err, SW_EUSAGE, "\"-\" is given twice; standard input can be read once");
  run->common.options.target = buf_str(&run->target);
  run->common.options.policy = STR("rules for Dockerfiles");
  run->common.options.nothing = STR("nothing was judged: no Dockerfile was found");
  return 0;
}

static int prepare(struct run *run, struct error *err)
{
  int rc = read_paths(run, err);
  if (rc == 0)
    rc = scan_common_configure(&run->common, err);
  if (rc == 0)
    rc = scan_common_thresholds(&run->common, err);
  if (rc == 0)
    rc = read_options(run, err);
  if (rc == 0)
    run->registry_count = scan_common_registries(&run->common, &run->registries);
  if (rc == 0)
    rc = outputs_choose(&run->common.outputs, run->args, err);
  return rc < 0 ? rc : outputs_begin(&run->common.outputs, &run->common.options, err);
}

/* ---- one file */

static bool is_listed(const struct str *list, size_t count, struct str id)
{
  for (size_t i = 0; i < count; i++)
    if (str_eq(list[i], id))
      return true;
  return false;
}

static bool is_asked(const struct run *run, const struct finding *f)
{
  if (run->only.count && !is_listed(run->only.items, run->only.count, f->rule->id))
    return false;
  return !is_listed(run->skip.items, run->skip.count, f->rule->id);
}

static void select_findings(const struct run *run, struct finding_list *findings)
{
  size_t kept = 0;
  for (size_t i = 0; i < findings->count; i++)
    if (is_asked(run, &findings->items[i]))
      findings->items[kept++] = findings->items[i];
  findings->count = kept;
}

static void tell(struct run *run, const struct report_file *file)
{
  struct report_summary *s = &run->summary;
  finding_count(&s->counts, file->findings);
  s->errors += file->error_count;
  s->skipped += file->skip_count;
  s->documents += file->documents;
  s->files += file->documents;
  s->objects += file->documents; /* what is judged is the file */
  s->judged += file->documents;
  if (file->findings->count || file->error_count)
    progress_hide(&run->progress);
  outputs_file(&run->common.outputs, file);
  progress_add(&run->progress, 1);
}

static void tell_error(struct run *run, struct str path, const struct error *err)
{
  struct finding_list none;
  finding_list_init(&none, &run->arena);
  struct report_error error = {.file = path, .message = str_from(err->message)};
  tell(run,
       &(struct report_file){.path = path, .findings = &none, .errors = &error, .error_count = 1});
}

static void tell_skip(struct run *run, struct str path, const char *reason)
{
  struct finding_list none;
  finding_list_init(&none, &run->arena);
  struct report_skip skip = {.file = path, .reason = str_from(reason)};
  tell(run,
       &(struct report_file){.path = path, .findings = &none, .skips = &skip, .skip_count = 1});
}

/* Where a line's secrets begin: behind the first "=", or else behind so many words. */
static size_t secret_start(const char *text, size_t from, size_t end, unsigned words)
{
  const char *equals = memchr(text + from, '=', end - from);
  size_t at = from;
  if (equals)
    return (size_t)(equals - text) + 1;
  for (; words; words--) {
    while (at < end && (text[at] == ' ' || text[at] == '\t'))
      at++;
    while (at < end && text[at] != ' ' && text[at] != '\t')
      at++;
  }
  return at;
}

/* Reports quote lines of the file: not what is secret in them. From a line on, as far as its instruction goes. */
static void cover_lines(char *text, size_t len, uint32_t line, unsigned words)
{
  size_t from = 0;
  for (bool open = true; open && from<len; line -= line> 1) {
    char *newline = memchr(text + from, '\n', len - from);
    size_t end = newline ? (size_t)(newline - text) : len;
    if (line == 1) {
      struct str written = str_trim(str_make(text + from, end - from));
      open = str_ends(written, STR("\\")) || str_ends(written, STR("`"));
      for (size_t at = secret_start(text, from, end, words); at < end; at++)
        if (!strchr(" \t\r\\", text[at]))
          text[at] = '*';
    }
    from = end + 1;
  }
}

static struct str covered(struct run *run, const struct finding_list *findings)
{
  static const struct {
    struct str rule;
    unsigned words; /* "ENV NAME value"; the program */
  } rows[] = {{STR_INIT("dockerfile-secret"), 2}, {STR_INIT("dockerfile-secret-command"), 1}};
  struct buf *text = &run->text;
  for (size_t i = 0; i < findings->count; i++)
    for (size_t k = 0; k < 2; k++)
      if (str_eq(findings->items[i].rule->id, rows[k].rule))
        cover_lines(text->data, text->len, findings->items[i].location.line, rows[k].words);
  return buf_str(text);
}

static void judge(struct run *run, struct str path)
{
  struct finding_list findings;
  struct error err;
  const struct dockerfile_options how = {.file = path,
                                         .now = run->common.now,
                                         .registries = run->registries,
                                         .registry_count = run->registry_count};
  finding_list_init(&findings, &run->arena);
  int rc = dockerfile_scan(buf_str(&run->text), &how, &run->arena, &findings, &err);
  struct str text = covered(run, &findings);
  scan_common_settings(&run->common, &findings);
  select_findings(run, &findings);
  exceptions_apply(run->common.config.exceptions, &findings);
  finding_list_distinguish(&findings);
  struct report_error error = {.file = path};
  struct report_file file = {
      .path = path, .text = text, .findings = &findings, .errors = &error, .documents = 1};
  if (rc < 0) {
    error.line = err.line;
    error.column = err.column;
    error.message = str_from(err.message);
    file.error_count = 1;
  }
  tell(run, &file);
}

/* Reads the text that rc is about, and judges it. */
static void take_text(struct run *run, struct str path, int rc, const struct error *err)
{
  if (rc < 0)
    tell_error(run, path, err);
  else
    judge(run, path);
  arena_reset(&run->arena);
  buf_clear(&run->text);
}

/* ---- the walk */

static bool is_excluded(const struct run *run, struct str path, bool is_directory)
{
  for (size_t i = 0; i < run->exclude.count; i++)
    if (glob_excluded(run->exclude.items[i], path, is_directory) ||
        glob_excluded(run->exclude.items[i], walk_below(run->walk, path), is_directory))
      return true;
  return false;
}

static const char *why_skip(void *ctx, struct str path, struct str name, bool is_directory)
{
  const struct run *run = ctx;
  if (is_excluded(run, path, is_directory))
    return "excluded";
  return is_directory || dockerfile_wants(name) ? NULL : "no Dockerfile, by its name";
}

static void take_entry(struct run *run, const struct walk_entry *entry)
{
  struct error err;
  if (entry->kind == WALK_SKIPPED)
    tell_skip(run, entry->path, entry->reason);
  else if (entry->kind == WALK_ERROR)
    tell_error(run, entry->path, &entry->error);
  else
    take_text(run, entry->path, walk_read(run->walk, DOCKERFILE_SIZE_MAX, &run->text, &err), &err);
}

static void scan_path(struct run *run, const char *path)
{
  struct error err;
  if (strcmp(path, "-") == 0) {
    int rc = file_read_fd(STDIN_FILENO, "standard input", DOCKERFILE_SIZE_MAX, &run->text, &err);
    take_text(run, STR("-"), rc, &err);
    return;
  }
  const struct walk_options how = {.skip_dirs = walk_usual_dirs, .skip = why_skip, .ctx = run};
  struct walk_entry entry;
  run->walk = walk_new(&path, 1, &how);
  while (walk_next(run->walk, &entry))
    take_entry(run, &entry);
  walk_free(run->walk);
  run->walk = NULL;
}

static int scan(struct run *run, struct error *err)
{
  int rc = prepare(run, err);
  if (rc < 0)
    return rc;
  scan_common_progress(&run->common, &run->progress, "scanning files", PROGRESS_COUNT, 0);
  for (size_t i = 0; i < run->args->operands.count; i++)
    scan_path(run, run->args->operands.items[i]);
  progress_end(&run->progress);
  scan_common_expired(&run->common, &run->summary);
  int status = scan_common_end(&run->common, &run->summary);
  if (run->summary.documents || run->summary.errors)
    return status;
  console_note("no Dockerfile in %.*s: nothing was judged (%llu files passed over)",
               STR_FMT(run->common.options.target), (unsigned long long)run->summary.skipped);
  return STATUS_FAILED;
}

static int run_verb(const struct arguments *args)
{
  struct run run = {.args = args};
  struct error err;
  scan_common_init(&run.common, args);
  arena_init(&run.arena, 0);
  int status = scan(&run, &err);
  if (status < 0) {
    console_error(&err);
    status = STATUS_FAILED;
  }
  scan_common_free(&run.common);
  vec_free(&run.only);
  vec_free(&run.skip);
  vec_free(&run.exclude);
  arena_free(&run.arena);
  buf_free(&run.target);
  buf_free(&run.text);
  return status;
}

const struct verb verb_scan_dockerfile = {
    .name = "scan dockerfile",
    .operand = "PATH...|-",
    .summary = "judge Dockerfiles before there is an image",
    .details =
        "Reads Dockerfiles and Containerfiles, directories of them (Dockerfile, Dockerfile.prod,\n"
        "web.dockerfile, Containerfile), or standard input (\"-\"), and reports with line and remedy what\n"
        "the CIS Docker benchmark, dockle, Trivy and hadolint look for: root users, secrets, scripts run\n"
        "as they are downloaded, unpinned bases, package managers used in ways that hide old packages.\n"
        "A file that cannot be parsed is reported, and what could be read of it is judged.\n\n"
        "Exit status: 0 nothing from --fail-on up, 1 findings from there up, 2 something could\n"
        "not be read, or the request makes no sense.\n",
    .example = "  seawall scan dockerfile .\n"
               "  seawall scan dockerfile --fail-on medium Dockerfile\n"
               "  seawall scan dockerfile --output sarif=dockerfile.sarif --format github .\n"
               "  seawall scan dockerfile --skip-rule dockerfile-recommends - <Dockerfile\n",
    .options = options,
    .complete = COMPLETE_FILES,
    .run = run_verb,
};
