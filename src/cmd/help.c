#include "base/buf.h"
#include "base/file.h"
#include "cmd/console.h"
#include "cmd/verb.h"

#include <unistd.h>

enum { COLUMN_MAX = 31 }; /* where the right-hand column begins */

/* Help that cannot be written (a closed pipe, a full disk) fails as any output does. */
static int write_out(struct buf *text)
{
  struct error err;
  if (fd_write_all(STDOUT_FILENO, text->data, text->len, &err) < 0) {
    error_wrap(&err, "writing to standard output");
    console_error(&err);
    return STATUS_FAILED;
  }
  return STATUS_OK;
}

static void add_option(struct buf *out, const struct option *o)
{
  char left[80];
  int used = o->letter ? snprintf(left, sizeof left, "  -%c, --%s", o->letter, o->name)
                       : snprintf(left, sizeof left, "      --%s", o->name);
  if (o->argument && used > 0 && (size_t)used < sizeof left)
    snprintf(left + used, sizeof left - (size_t)used, " %s", o->argument);
  size_t width = strlen(left);
  buf_add_text(out, left);
  if (width >= COLUMN_MAX)
    buf_add_byte(out, '\n');
  buf_add_repeat(out, ' ', width >= COLUMN_MAX ? COLUMN_MAX : COLUMN_MAX - width);
  buf_add_text(out, o->help);
  if (o->values) {
    buf_add_byte(out, '\n');
    buf_add_repeat(out, ' ', COLUMN_MAX);
    for (const char *const *v = o->values; *v; v++) {
      buf_add_text(out, v == o->values ? "" : ", ");
      buf_add_text(out, *v);
    }
  }
  buf_add_byte(out, '\n');
}

int help_verb(const struct verb *verb)
{
  _cleanup_(buf_free) struct buf out = {0};
  buf_printf(&out, "seawall %s - %s\n\nUsage: seawall %s", verb->name, verb->summary, verb->name);
  buf_add_text(&out, verb->options ? " [OPTION...]" : "");
  if (verb->operand)
    buf_printf(&out, " %s", verb->operand);
  buf_add_text(&out, "\n\n");
  if (verb->details)
    buf_printf(&out, "%s\n", verb->details);
  buf_add_text(&out, "Options:\n");
  for (const struct option *o = verb->options; o && o->name; o++)
    add_option(&out, o);
  for (const struct option *o = common_options; o->name; o++)
    add_option(&out, o);
  if (verb->example)
    buf_printf(&out, "\nExamples:\n%s", verb->example);
  return write_out(&out);
}

int help_program(void)
{
  _cleanup_(buf_free) struct buf out = {0};
  buf_add_text(&out, "seawall - one program that secures a Kubernetes cluster at every layer\n\n"
                     "Usage: seawall VERB [OPTION...] [ARGUMENT...]\n\nVerbs:\n");
  for (const struct verb *const *v = verbs; *v; v++)
    buf_printf(&out, "  %-16s %s\n", (*v)->name, (*v)->summary);
  buf_add_text(&out, "\n\"seawall help VERB\" shows what a verb takes. Exit status: 0 nothing to "
                     "mend,\n1 findings, 2 could not do what was asked.\n");
  return write_out(&out);
}

static int run(const struct arguments *args)
{
  if (args->operands.count == 0)
    return help_program();
  int used;
  char *const *words = (char *const *)args->operands.items;
  const struct verb *verb = verb_find((int)args->operands.count, words, &used);
  if (verb && (size_t)used == args->operands.count)
    return help_verb(verb);
  struct suggestion s = {.word = str_from(words[0])};
  for (const struct verb *const *v = verbs; *v; v++)
    suggestion_consider(&s, (*v)->name);
  if (s.best)
    console_note("there is no verb \"%s\"; did you mean \"seawall help %s\"?", words[0], s.best);
  else
    console_note("there is no verb \"%s\"; \"seawall help\" lists those there are", words[0]);
  return STATUS_FAILED;
}

const struct verb verb_help = {
    .name = "help",
    .operand = "[VERB]",
    .summary = "show what seawall can do, or what a verb takes",
    .complete = COMPLETE_VERBS,
    .run = run,
};
