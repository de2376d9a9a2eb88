#include "cmd/outputs.h"

#include "cmd/console.h"

#include <unistd.h>

static int unknown_format(const char *name, struct error *err)
{
  struct suggestion s = {.word = str_from(name)};
  for (const struct report_format *const *f = report_formats; *f; f++)
    suggestion_consider(&s, (*f)->name);
  if (s.best)
    return error_set(err, SW_EUSAGE, "there is no report format \"%s\", did you mean \"%s\"?", name,
                     s.best);
  return error_set(err, SW_EUSAGE, "there is no report format \"%s\"", name);
}

static void add(struct outputs *outputs, const struct report_format *format, const char *path)
{
  struct output *output = mem_zalloc(1, sizeof *output);
  output->format = format;
  output->path = path;
  vec_push(&outputs->list, output);
}

static int add_file(struct outputs *outputs, const char *value, struct error *err)
{
  const char *equals = strchr(value, '=');
  if (!equals || equals == value || !equals[1])
    return error_set(err, SW_EUSAGE,
                     "--output \"%s\" must be FORMAT=FILE, as in --output sarif=report.sarif",
                     value);
  const struct report_format *format =
      report_format_find(str_make(value, (size_t)(equals - value)));
  if (!format) {
    _cleanup_(mem_freep) char *name = mem_copy_text(value, (size_t)(equals - value));
    return unknown_format(name, err);
  }
  add(outputs, format, equals + 1);
  return 0;
}

static bool has_file(const struct outputs *outputs, const struct report_format *format)
{
  for (size_t i = 0; i < outputs->list.count; i++)
    if (outputs->list.items[i]->format == format)
      return true;
  return false;
}

static int choose_standard_output(struct outputs *outputs, const struct arguments *args,
                                  struct error *err)
{
  const struct report_format *chosen = NULL;
  bool any = false;
  for (size_t i = 0; i < args->list.count; i++) {
    const struct argument *a = &args->list.items[i];
    if (strcmp(a->option->name, "format") != 0)
      continue;
    any = true;
    const struct report_format *format = report_format_find(str_from(a->value));
    if (!format)
      return unknown_format(a->value, err);
    if (has_file(outputs, format) || format == chosen)
      continue;
    if (chosen)
      return error_set(err, SW_EUSAGE,
                       "--format %s and --format %s would both go to standard output; "
                       "write one into a file: --output %s=FILE",
                       chosen->name, format->name, format->name);
    chosen = format;
  }
  if (!any)
    chosen = report_formats[0];
  if (chosen)
    add(outputs, chosen, NULL);
  return 0;
}

int outputs_choose(struct outputs *outputs, const struct arguments *args, struct error *err)
{
  *outputs = (struct outputs){0};
  for (size_t i = 0; i < args->list.count; i++) {
    const struct argument *a = &args->list.items[i];
    if (strcmp(a->option->name, "output") != 0)
      continue;
    int rc = add_file(outputs, a->value, err);
    if (rc < 0)
      return rc;
  }
  return choose_standard_output(outputs, args, err);
}

int outputs_begin(struct outputs *outputs, const struct report_options *options, struct error *err)
{
  for (size_t i = 0; i < outputs->list.count; i++) {
    struct output *o = outputs->list.items[i];
    struct report_options own = *options;
    if (o->path) {
      int rc = sink_to_file(&o->sink, o->path, err);
      if (rc < 0)
        return rc;
      own.color = false;
      own.width = 0;
    } else {
      sink_to_fd(&o->sink, STDOUT_FILENO);
    }
    o->report = report_new(o->format, &own, &o->sink);
  }
  return 0;
}

void outputs_file(struct outputs *outputs, const struct report_file *file)
{
  for (size_t i = 0; i < outputs->list.count; i++)
    report_file(outputs->list.items[i]->report, file);
}

void outputs_flush(struct outputs *outputs)
{
  for (size_t i = 0; i < outputs->list.count; i++)
    if (!outputs->list.items[i]->path)
      sink_flush(&outputs->list.items[i]->sink, NULL);
}

int outputs_end(struct outputs *outputs, const struct report_summary *summary)
{
  int first = 0;
  for (size_t i = 0; i < outputs->list.count; i++) {
    struct output *o = outputs->list.items[i];
    struct error err;
    int rc = report_end(o->report, summary, &err);
    if (rc == 0)
      rc = sink_finish(&o->sink, &err);
    if (rc == 0)
      continue;
    if (first == 0)
      first = rc;
    if (rc == SW_EPIPE && !o->path)
      continue; /* whoever read has seen enough: nobody is there to be told */
    error_wrap(&err, "writing the %s report to %s", o->format->name,
               o->path ? o->path : "standard output");
    console_error(&err);
  }
  return first;
}

void outputs_free(struct outputs *outputs)
{
  for (size_t i = 0; i < outputs->list.count; i++) {
    struct output *o = outputs->list.items[i];
    report_free(o->report);
    if (o->report)
      sink_free(&o->sink);
    mem_free(o);
  }
  vec_free(&outputs->list);
}
