#include "cmd/scan_fix.h"

#include "base/file.h"
#include "base/sink.h"
#include "cmd/console.h"
#include "policy/manifest_fix.h"
#include "report/diff.h"

#include <unistd.h>

/* ---- options */

static bool has_standard_input(const struct arguments *args)
{
  for (size_t i = 0; i < args->operands.count; i++)
    if (strcmp(args->operands.items[i], "-") == 0)
      return true;
  return false;
}

/* No report goes to standard output, where the diff or the mended text goes. */
static int take_standard_output(struct outputs *outputs, const struct arguments *args,
                                struct error *err)
{
  for (size_t i = 0; i < outputs->list.count; i++) {
    struct output *output = outputs->list.items[i];
    if (output->path)
      continue;
    if (arguments_has(args, "format") || arguments_value(args, "format"))
      return error_set(err, SW_EUSAGE,
                       "--fix writes to standard output; write the report into a file: --output "
                       "%s=FILE",
                       output->format->name);
    outputs->list.items[i] = outputs->list.items[--outputs->list.count];
    mem_free(output);
    return 0;
  }
  return 0;
}

int scan_fix_open(struct scan_fix *fix, const struct arguments *args, struct outputs *outputs,
                  struct error *err)
{
  *fix = (struct scan_fix){0};
  arena_init(&fix->arena, 0);
  map_init(&fix->files, &fix->arena);
  map_init(&fix->rules, &fix->arena);
  bool write = arguments_has(args, "write"), input = has_standard_input(args);
  if (!arguments_has(args, "fix"))
    return write ? error_set(err, SW_EUSAGE, "--write goes with --fix") : 0;
  if (write && input && args->operands.count > 1)
    return error_set(
        err, SW_EUSAGE,
        "--fix --write mends either files or standard input (\"-\"), not both at once");
  fix->mode = !write ? SCAN_FIX_SHOW : input ? SCAN_FIX_FILTER : SCAN_FIX_WRITE;
  fix->quiet = arguments_has(args, "quiet");
  fix->color = console_color(STDOUT_FILENO);
  fix->unicode = console_unicode();
  fix->terminal = isatty(STDOUT_FILENO);
  return fix->mode == SCAN_FIX_WRITE ? 0 : take_standard_output(outputs, args, err);
}

void scan_fix_close(struct scan_fix *fix)
{
  map_free(&fix->files);
  map_free(&fix->rules);
  arena_free(&fix->arena);
}

/* ---- telling */

/* "pss-privileged" and how often, in the order of the first of each. */
static void list_rules(const struct report_file *file, const struct manifest_fix *fix,
                       struct buf *out)
{
  struct map seen;
  map_init(&seen, NULL);
  for (size_t i = 0; i < fix->count; i++)
    if (fix->items[i].mended)
      map_put(&seen, file->findings->items[fix->items[i].finding].rule->id, NULL)->number++;
  size_t at = 0;
  for (struct map_entry *e; (e = map_next(&seen, &at));) {
    buf_add_text(out, out->len ? ", " : "");
    if (e->value.number > 1)
      buf_printf(out, "%llu x ", (unsigned long long)e->value.number);
    buf_add(out, e->key);
  }
  map_free(&seen);
}

static const char *plural(uint64_t count, const char *one, const char *many)
{
  return count == 1 ? one : many;
}

static void tell_mended(const struct scan_fix *fix, const struct report_file *file,
                        const struct manifest_fix *mended)
{
  _cleanup_(buf_free) struct buf rules = {0};
  if (fix->quiet)
    return;
  list_rules(file, mended, &rules);
  console_note("%.*s: mended %zu %s (%s)", STR_FMT(file->path), mended->mended,
               plural(mended->mended, "finding", "findings"), buf_text(&rules));
}

static void tell_skipped(struct scan_fix *fix, const struct report_file *file,
                         const struct manifest_fix *mended)
{
  for (size_t i = 0; i < mended->count; i++) {
    const struct manifest_fix_item *item = &mended->items[i];
    const struct finding *f = &file->findings->items[item->finding];
    if (item->mended)
      continue;
    fix->skipped++;
    console_note("%.*s:%u: %.*s is not mended: %.*s", STR_FMT(file->path), f->location.line,
                 STR_FMT(f->rule->id), STR_FMT(item->reason));
  }
}

/* ---- what is kept of findings that are gone */

static struct str keep(struct scan_fix *fix, struct str text)
{
  return arena_copy(&fix->arena, text);
}

/* Rules may belong to the scan that found; what is kept of them outlives it. */
static const struct rule *keep_rule(struct scan_fix *fix, const struct rule *rule)
{
  bool added;
  union map_value *known = map_put(&fix->rules, rule->id, &added);
  if (!added)
    return known->view;
  struct rule *copy = arena_new(&fix->arena, struct rule);
  *copy = (struct rule){.id = keep(fix, rule->id),
                        .title = keep(fix, rule->title),
                        .why = keep(fix, rule->why),
                        .remedy = keep(fix, rule->remedy),
                        .severity = rule->severity,
                        .reference_count = rule->reference_count,
                        .control_count = rule->control_count};
  struct str *references = arena_array(&fix->arena, struct str, rule->reference_count + 1);
  for (size_t i = 0; i < rule->reference_count; i++)
    references[i] = keep(fix, rule->references[i]);
  struct control *controls = arena_array(&fix->arena, struct control, rule->control_count + 1);
  for (size_t i = 0; i < rule->control_count; i++)
    controls[i] =
        (struct control){keep(fix, rule->controls[i].framework), keep(fix, rule->controls[i].id)};
  copy->references = references;
  copy->controls = controls;
  known->view = copy;
  return copy;
}

static void keep_finding(struct scan_fix *fix, struct finding_list *list, const struct finding *f)
{
  const struct rule *rule = keep_rule(fix, f->rule);
  struct finding *copy = finding_add(list, rule);
  *copy = *f;
  copy->rule = rule;
  copy->state = FINDING_MENDED;
  struct str *const texts[] = {
      &copy->subject.api_version,
      &copy->subject.kind,
      &copy->subject.namespace,
      &copy->subject.name,
      &copy->subject.container,
      &copy->location.file,
      &copy->location.pointer,
      &copy->message,
      &copy->evidence,
      &copy->remedy,
  };
  for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
    *texts[i] = keep(fix, *texts[i]);
  copy->subject.labels = VALUE_NONE;
  copy->fix = VALUE_NONE; /* it has been used */
}

static void keep_mended(struct scan_fix *fix, const struct report_file *file,
                        const struct manifest_fix *mended)
{
  struct finding_list *list = arena_new(&fix->arena, struct finding_list);
  finding_list_init(list, &fix->arena);
  for (size_t i = 0; i < mended->count; i++)
    if (mended->items[i].mended)
      keep_finding(fix, list, &file->findings->items[mended->items[i].finding]);
  map_put(&fix->files, file->path, NULL)->pointer = list;
}

/* ---- files */

/* What is found only when all files have been read is handed over by itself, without the text of its
 * file; such findings carry no fix. */
static bool has_text(const struct report_file *file)
{
  return file->text.len > 0;
}

/* What is on the disk is still what was judged. */
static int check_unchanged(const char *path, struct str text, struct error *err)
{
  _cleanup_(buf_free) struct buf now = {0};
  int rc = file_read(path, MANIFEST_SIZE_MAX, &now, err);
  if (rc == 0 && !str_eq(buf_str(&now), text))
    rc = error_set(err, SW_EIO, "%s: it has changed since it was read; nothing was written", path);
  return rc;
}

static int replace_file(const char *path, struct str before, struct str after, struct error *err)
{
  int rc = check_unchanged(path, before, err);
  if (rc < 0)
    return rc;
  if (access(path, W_OK) < 0)
    return error_set(err, SW_EACCES, "%s: it may not be written to", path);
  struct sink out;
  rc = sink_to_file(&out, path, err);
  if (rc == 0) {
    sink_add(&out, after);
    rc = sink_finish(&out, err);
    if (rc < 0)
      error_wrap(err, "writing %s", path);
  }
  sink_free(&out);
  return rc;
}

/* ---- the first pass of --write */

static void write_file(void *ctx, const struct report_file *file)
{
  struct scan_fix *fix = ctx;
  if (!has_text(file))
    return;
  struct manifest_fix mended;
  struct error err;
  struct arena arena;
  arena_init(&arena, 0);
  manifest_fix_file(file, &arena, &mended, &err);
  if (mended.mended) {
    _cleanup_(mem_freep) char *path = mem_copy_text(file->path.data, file->path.len);
    fix->found += mended.mended;
    fix->mended_files++;
    if (replace_file(path, file->text, buf_str(&mended.text), &err) < 0) {
      console_error(&err);
      fix->failed = true;
    } else {
      tell_mended(fix, file, &mended);
      keep_mended(fix, file, &mended);
    }
  }
  tell_skipped(fix, file, &mended);
  manifest_fix_free(&mended);
  arena_free(&arena);
}

int scan_fix_write(struct scan_fix *fix, const struct manifest_scan *scan, struct error *err)
{
  struct manifest_scan first = *scan;
  struct report_summary unused;
  first.tallies = NULL;
  first.file = write_file;
  first.ctx = fix;
  int rc = manifest_scan_run(&first, &unused, err);
  if (rc == 0 && fix->found == 0 && !fix->quiet)
    console_note("no finding has a safe fix that can be made");
  return rc;
}

/* ---- files on their way to the reports */

static bool is_there(const struct map *fingerprints, const struct finding *f)
{
  return map_get(fingerprints, str_make(f->fingerprint, FINGERPRINT_LEN)) != NULL;
}

/* The findings of a file, and those of before that are not among them any more. */
static void tell_with_mended(const struct report_file *file, const struct finding_list *mended,
                             void (*tell)(void *ctx, const struct report_file *file), void *ctx)
{
  struct arena arena;
  arena_init(&arena, 0);
  struct finding_list all;
  struct map fingerprints;
  finding_list_init(&all, &arena);
  map_init(&fingerprints, NULL);
  for (size_t i = 0; i < file->findings->count; i++) {
    const struct finding *f = &file->findings->items[i];
    *finding_add(&all, f->rule) = *f;
    map_put(&fingerprints, str_make(f->fingerprint, FINGERPRINT_LEN), NULL);
  }
  for (size_t i = 0; i < mended->count; i++)
    if (!is_there(&fingerprints, &mended->items[i]))
      *finding_add(&all, mended->items[i].rule) = mended->items[i];
  struct report_file whole = *file;
  whole.findings = &all;
  tell(ctx, &whole);
  map_free(&fingerprints);
  arena_free(&arena);
}

static void write_out(struct scan_fix *fix, struct str text)
{
  struct error err;
  if (!fix->failed && fd_write_all(STDOUT_FILENO, text.data, text.len, &err) < 0) {
    if (err.code != SW_EPIPE) {
      error_wrap(&err, "writing to standard output");
      console_error(&err);
    }
    fix->failed = true;
  }
}

static void show_diff(struct scan_fix *fix, const struct report_file *file, struct str after)
{
  _cleanup_(buf_free) struct buf out = {0}, before = {0}, behind = {0};
  buf_add_text(&before, "a/");
  buf_add(&before, file->path);
  buf_add_text(&behind, "b/");
  buf_add(&behind, file->path);
  struct diff_style style = {.before = buf_str(&before),
                             .after = buf_str(&behind),
                             .color = fix->color,
                             .visible = fix->terminal,
                             .unicode = fix->unicode};
  diff_write(&out, file->text, after, &style);
  write_out(fix, buf_str(&out));
}

/* The list with the mended findings marked, and what is gone counted. */
static void mark_mended(struct scan_fix *fix, const struct report_file *file,
                        const struct manifest_fix *mended, struct finding_list *all)
{
  for (size_t i = 0; i < file->findings->count; i++)
    *finding_add(all, file->findings->items[i].rule) = file->findings->items[i];
  for (size_t i = 0; i < mended->count; i++) {
    if (!mended->items[i].mended)
      continue;
    struct finding *f = &all->items[mended->items[i].finding];
    f->state = FINDING_MENDED;
    fix->mended[f->severity]++;
  }
}

/* There is no report on standard output that would say it. */
static void tell_errors(const struct report_file *file)
{
  for (size_t i = 0; i < file->error_count; i++) {
    const struct report_error *e = &file->errors[i];
    bool named = str_starts(e->message, e->file) || !e->line;
    if (named)
      console_note("%.*s", STR_FMT(e->message));
    else
      console_note("%.*s:%u:%u: %.*s", STR_FMT(e->file), e->line, e->column, STR_FMT(e->message));
  }
}

static void fix_and_tell(struct scan_fix *fix, const struct report_file *file,
                         void (*tell)(void *ctx, const struct report_file *file), void *ctx)
{
  struct manifest_fix mended;
  struct error err;
  struct arena arena;
  struct finding_list all;
  struct report_file told = *file;
  arena_init(&arena, 0);
  finding_list_init(&all, &arena);
  manifest_fix_file(file, &arena, &mended, &err);
  fix->found += mended.mended;
  fix->mended_files += mended.mended > 0;
  if (fix->mode == SCAN_FIX_FILTER) {
    write_out(fix, mended.mended ? buf_str(&mended.text) : file->text);
    mark_mended(fix, file, &mended, &all);
    told.findings = &all;
    if (mended.mended)
      tell_mended(fix, file, &mended);
  } else if (mended.mended) {
    show_diff(fix, file, buf_str(&mended.text));
  }
  tell_errors(file);
  tell_skipped(fix, file, &mended);
  tell(ctx, &told);
  manifest_fix_free(&mended);
  arena_free(&arena);
}

void scan_fix_file(struct scan_fix *fix, const struct report_file *file,
                   void (*tell)(void *ctx, const struct report_file *file), void *ctx)
{
  bool shows = fix->mode == SCAN_FIX_SHOW || fix->mode == SCAN_FIX_FILTER;
  if (shows && (has_text(file) || file->error_count)) {
    fix_and_tell(fix, file, tell, ctx);
    return;
  }
  union map_value *mended = has_text(file) ? map_get(&fix->files, file->path) : NULL;
  if (mended)
    tell_with_mended(file, mended->pointer, tell, ctx);
  else
    tell(ctx, file);
}

void scan_fix_end(struct scan_fix *fix, struct report_summary *summary)
{
  for (int i = 0; i < SEVERITY_COUNT; i++)
    summary->counts.open[i] -= fix->mended[i];
  if (fix->mode != SCAN_FIX_SHOW || fix->quiet)
    return;
  if (fix->found == 0)
    console_note("no finding has a safe fix that can be made");
  else
    console_note("%llu %s in %llu %s can be mended: --fix --write makes these changes",
                 (unsigned long long)fix->found, plural(fix->found, "finding", "findings"),
                 (unsigned long long)fix->mended_files, plural(fix->mended_files, "file", "files"));
}
