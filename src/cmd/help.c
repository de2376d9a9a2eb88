#include "base/buf.h"
#include "base/file.h"
#include "cmd/console.h"
#include "cmd/verb.h"

#include <unistd.h>

enum {
  COLUMN_MAX = 31,    /* where the right-hand column begins */
  COLUMN_NARROW = 10, /* on a narrow terminal */
  COLUMN_VERBS = 19,
  WIDTH_MAX = 100,
};

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

struct page {
  struct buf out;
  size_t width; /* of the terminal; SIZE_MAX: lines stay as they are */
};

/* Lines longer than that are hard to read on any terminal. */
static size_t width(void)
{
  unsigned columns = console_width(STDOUT_FILENO);
  return columns == 0 ? SIZE_MAX : columns < WIDTH_MAX ? columns : WIDTH_MAX;
}

/* Words that do not fit go to the next line, below the first; at is where the text begins, indent where lines do. */
static void add_words(struct page *page, size_t at, size_t indent, struct str text)
{
  size_t column = at;
  bool first = true;
  while (text.data) {
    struct str word = str_cut(text, ' ', &text);
    if (!first && column + 1 + word.len > page->width) {
      buf_add_byte(&page->out, '\n');
      buf_add_repeat(&page->out, ' ', indent);
      column = indent;
    } else if (!first) {
      buf_add_byte(&page->out, ' ');
      column++;
    }
    buf_add(&page->out, word);
    column += word.len;
    first = false;
  }
  buf_add_byte(&page->out, '\n');
}

static void add_line(struct page *page, struct buf *words)
{
  if (words->len)
    add_words(page, 0, 0, buf_str(words));
  buf_clear(words);
}

/* Paragraphs, whose lines may be made shorter; those that begin with a space are tables, and stay. */
static void add_paragraphs(struct page *page, struct str text)
{
  _cleanup_(buf_free) struct buf words = {0};
  if (page->width == SIZE_MAX) {
    buf_add(&page->out, text);
    return;
  }
  while (text.len) {
    struct str line = str_cut(text, '\n', &text);
    if (line.len && line.data[0] != ' ') {
      buf_printf(&words, "%s%.*s", words.len ? " " : "", STR_FMT(line));
      continue;
    }
    add_line(page, &words);
    buf_printf(&page->out, "%.*s\n", STR_FMT(line));
  }
  add_line(page, &words);
}

static void add_option(struct page *page, const struct verb *verb, const struct option *o)
{
  char left[80];
  struct buf *out = &page->out;
  size_t column = page->width < 2 * COLUMN_MAX ? COLUMN_NARROW : COLUMN_MAX;
  int used = o->letter ? snprintf(left, sizeof left, "  -%c, --%s", o->letter, o->name)
                       : snprintf(left, sizeof left, "      --%s", o->name);
  if (o->argument && used > 0 && (size_t)used < sizeof left)
    snprintf(left + used, sizeof left - (size_t)used, " %s", o->argument);
  size_t width = strlen(left);
  buf_add_text(out, left);
  if (width >= column)
    buf_add_byte(out, '\n');
  buf_add_repeat(out, ' ', width >= column ? column : column - width);
  add_words(page, column, column, str_from(o->help));
  _cleanup_(buf_free) struct buf list = {0};
  option_values(verb, o, ", ", &list);
  if (list.len) {
    buf_add_repeat(out, ' ', column);
    add_words(page, column, column, buf_str(&list));
  }
}

static bool common_option(const struct option *o)
{
  const struct option *c = common_options;
  while (c->name && c != o)
    c++;
  return c->name;
}

/* Which of the verbs that a verb stands for take an option, as bits; 0: not one of those, or a common one. */
static unsigned takers(const struct verb *verb, const struct option *o)
{
  unsigned found = 0;
  if (common_option(o))
    return 0;
  for (size_t i = 0; verb->stands_for && verb->stands_for[i]; i++)
    found |= (verb_option(verb->stands_for[i], str_from(o->name)) != NULL) << i;
  return found;
}

static void add_heading(struct page *page, const struct verb *verb, unsigned who)
{
  _cleanup_(buf_free) struct buf line = {0};
  buf_add_text(&line, "Options of ");
  const char *between = "";
  for (size_t i = 0; verb->stands_for[i]; i++) {
    if (!(who & 1U << i))
      continue;
    buf_printf(&line, "%s\"%s\"", between, verb->stands_for[i]->name);
    between = __builtin_popcount(who >> (i + 1)) > 1 ? ", " : " and ";
  }
  buf_add_byte(&line, ':');
  buf_add_byte(&page->out, '\n');
  add_words(page, 0, 0, buf_str(&line));
}

/* Those that all take who stand behind a verb, then those of some, together with others of the same. */
static void add_options(struct page *page, const struct verb *verb)
{
  VEC(unsigned) groups = {0};
  const struct option *o;
  unsigned all = 0;
  for (size_t i = 0; verb->stands_for && verb->stands_for[i]; i++)
    all |= 1U << i;
  vec_push(&groups, all);
  for (struct option_walk w = {.verb = verb}; (o = option_next(&w));) {
    unsigned who = takers(verb, o);
    bool seen = !who;
    for (size_t g = 0; g < groups.count; g++)
      seen |= groups.items[g] == who;
    if (!seen)
      vec_push(&groups, who);
  }
  buf_add_text(&page->out, "Options:\n");
  for (size_t g = 0; g < groups.count; g++) {
    unsigned wanted = groups.items[g];
    if (g)
      add_heading(page, verb, wanted);
    for (struct option_walk w = {.verb = verb}; (o = option_next(&w));) {
      unsigned who = takers(verb, o);
      if (who == wanted || (!g && !who))
        add_option(page, verb, o);
    }
  }
  vec_free(&groups);
}

int help_verb(const struct verb *verb)
{
  struct page page = {.width = width()};
  _cleanup_(buf_free) struct buf title = {0};
  buf_printf(&title, "seawall %s - %s", verb->name, verb->summary);
  add_words(&page, 0, 0, buf_str(&title));
  buf_printf(&page.out, "\nUsage: seawall %s", verb->name);
  buf_add_text(&page.out, verb->options || verb->stands_for ? " [OPTION...]" : "");
  if (verb->operand)
    buf_printf(&page.out, " %s", verb->operand);
  buf_add_text(&page.out, "\n\n");
  if (verb->details) {
    add_paragraphs(&page, str_from(verb->details));
    buf_add_byte(&page.out, '\n');
  }
  add_options(&page, verb);
  if (verb->example)
    buf_printf(&page.out, "\nExamples:\n%s", verb->example);
  int status = write_out(&page.out);
  buf_free(&page.out);
  return status;
}

int help_program(void)
{
  struct page page = {.width = width()};
  add_paragraphs(&page,
                 STR("seawall - one program that secures a Kubernetes cluster at every layer\n\n"
                     "Usage: seawall VERB [OPTION...] [ARGUMENT...]\n\nVerbs:\n"));
  for (const struct verb *const *v = verbs; *v; v++) {
    buf_printf(&page.out, "  %-16s ", (*v)->name);
    add_words(&page, COLUMN_VERBS, COLUMN_VERBS, str_from((*v)->summary));
  }
  add_paragraphs(&page,
                 STR("\n\"seawall help VERB\" shows what a verb takes. Exit status: 0 nothing to "
                     "mend,\n1 findings, 2 could not do what was asked.\n"));
  int status = write_out(&page.out);
  buf_free(&page.out);
  return status;
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
  _cleanup_(buf_free) struct buf name = {0};
  for (size_t i = 0; i < args->operands.count; i++)
    buf_printf(&name, "%s%s", i ? " " : "", words[i]);
  struct suggestion s = {.word = buf_str(&name)};
  for (const struct verb *const *v = verbs; *v; v++)
    suggestion_consider(&s, (*v)->name);
  if (s.best)
    console_note("there is no verb \"%s\"; did you mean \"seawall help %s\"?", buf_text(&name),
                 s.best);
  else
    console_note("there is no verb \"%s\"; \"seawall help\" lists those there are",
                 buf_text(&name));
  return STATUS_FAILED;
}

const struct verb verb_help = {
    .name = "help",
    .operand = "[VERB]",
    .summary = "show what seawall can do, or what a verb takes",
    .complete = COMPLETE_VERBS,
    .run = run,
};
