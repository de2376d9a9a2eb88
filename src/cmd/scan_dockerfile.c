#include "base/file.h"
#include "base/walk.h"
#include "cmd/console.h"
#include "cmd/image_except.h"
#include "cmd/image_rules.h"
#include "cmd/scan_common.h"
#include "scan/check/dockerfile.h"

#include <unistd.h>

static const struct option options[] = {
    SCAN_COMMON_ROWS,
    IMAGE_IGNORE_ROW,
    IMAGE_RULE_ROWS,
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
  struct image_rules rules;
  struct image_except except;
  struct walk *walk;
  struct buf policy, text;
  struct arena arena; /* of one file */
  const struct str *registries;
  size_t registry_count;
  struct progress progress;
  struct report_summary summary;
};

/* ---- options */

static int read_options(struct run *run, struct error *err)
{
  int rc = scan_common_exclude(&run->common, err);
  if (rc == 0)
    rc = image_rules_open(&run->rules, &run->common, IMAGE_RULES_OF_DOCKERFILES, err);
  if (rc == 0)
    rc = image_except_open(&run->except, &run->common, err);
  buf_add_text(&run->policy, "rules for Dockerfiles");
  image_rules_name(&run->rules, &run->policy);
  run->common.options.policy = buf_str(&run->policy);
  return rc;
}

static int read_paths(struct run *run, struct error *err)
{
  run->common.options.nothing = STR("nothing was judged: no Dockerfile was found");
  return scan_common_operands(
      &run->common, "nothing to scan: name files or directories, or \"-\" for standard input", err);
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
  image_rules_apply(&run->rules, &findings);
  image_rules_held(&run->rules, &(struct image_rules_held){.dockerfile = &how});
  exceptions_apply(run->common.config.exceptions, &findings);
  image_except_apply(&run->except, NULL, 0, STR_EMPTY, &findings);
  image_rules_found(&run->rules, &findings);
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
  for (size_t i = 0; i < run->common.exclude.count; i++)
    if (glob_excluded(run->common.exclude.items[i], path, is_directory) ||
        glob_excluded(run->common.exclude.items[i], walk_below(run->walk, path), is_directory))
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
  image_except_report(&run->except, &run->common, &run->summary);
  image_rules_end(&run->rules, &run->summary);
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
  int status = scan_common_init(&run.common, args, &err);
  arena_init(&run.arena, 0);
  if (status == 0)
    status = scan(&run, &err);
  if (status < 0) {
    console_error(&err);
    status = STATUS_FAILED;
  }
  scan_common_free(&run.common);
  image_rules_close(&run.rules);
  image_except_close(&run.except);
  arena_free(&run.arena);
  buf_free(&run.policy);
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
               "  seawall scan dockerfile --framework cis-docker --fail-on never .\n"
               "  seawall scan dockerfile --skip-rule dockerfile-recommends - <Dockerfile\n",
    .options = options,
    .complete = COMPLETE_FILES,
    .run = run_verb,
};
