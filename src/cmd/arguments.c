#include "cmd/verb.h"

/* The number-th table of options that a verb takes from; false: there are no more. */
static bool table_at(const struct verb *verb, size_t number, const struct option **ret)
{
  size_t others = 0;
  while (verb->stands_for && verb->stands_for[others])
    others++;
  if (number > others + 1)
    return false;
  *ret = number == 0        ? verb->options
         : number <= others ? verb->stands_for[number - 1]->options
                            : common_options;
  return true;
}

static const struct option *option_in(const struct option *table, struct str name)
{
  for (const struct option *o = table; o && o->name; o++)
    if (str_eq(str_from(o->name), name))
      return o;
  return NULL;
}

const struct option *verb_option(const struct verb *verb, struct str name)
{
  const struct option *table, *found = NULL;
  for (size_t t = 0; !found && table_at(verb, t, &table); t++)
    found = option_in(table, name);
  return found;
}

const struct option *option_next(struct option_walk *walk)
{
  const struct option *table;
  for (; table_at(walk->verb, walk->table, &table); walk->table++, walk->at = 0)
    while (table && table[walk->at].name) {
      const struct option *o = &table[walk->at++];
      if (verb_option(walk->verb, str_from(o->name)) == o)
        return o;
    }
  return NULL;
}

static bool has_value(const struct option *option, const char *value)
{
  for (const char *const *v = option ? option->values : NULL; v && *v; v++)
    if (strcmp(*v, value) == 0)
      return true;
  return false;
}

/* Whether a table in front of this one has the value as well. */
static bool value_seen(const struct verb *verb, size_t before, struct str name, const char *value)
{
  const struct option *table;
  for (size_t t = 0; t < before && table_at(verb, t, &table); t++)
    if (has_value(option_in(table, name), value))
      return true;
  return false;
}

void option_values(const struct verb *verb, const struct option *option, const char *between,
                   struct buf *out)
{
  const struct option *table;
  struct str name = str_from(option->name);
  size_t count = 0;
  for (size_t t = 0; table_at(verb, t, &table); t++) {
    const struct option *o = option_in(table, name);
    for (const char *const *v = o ? o->values : NULL; v && *v; v++)
      if (!value_seen(verb, t, name, *v))
        buf_printf(out, "%s%s", count++ ? between : "", *v);
  }
}

static const struct option *find_letter(const struct verb *verb, char letter)
{
  const struct option *o;
  for (struct option_walk w = {.verb = verb}; (o = option_next(&w));)
    if (o->letter == letter)
      return o;
  return NULL;
}

static int unknown_option(const struct verb *verb, struct str name, struct error *err)
{
  struct suggestion s = {.word = name};
  const struct option *o;
  for (struct option_walk w = {.verb = verb}; (o = option_next(&w));)
    suggestion_consider(&s, o->name);
  if (s.best)
    return error_set(err, SW_EUSAGE, "unknown option --%.*s, did you mean --%s?", STR_FMT(name),
                     s.best);
  return error_set(err, SW_EUSAGE,
                   "unknown option --%.*s; \"seawall help %s\" lists those there are",
                   STR_FMT(name), verb->name);
}

static int check_value(const struct option *option, const char *value, struct error *err)
{
  if (!option->values)
    return 0;
  struct suggestion s = {.word = str_from(value)};
  char list[256];
  size_t used = 0;
  for (const char *const *v = option->values; *v; v++) {
    if (strcmp(*v, value) == 0)
      return 0;
    suggestion_consider(&s, *v);
    int wanted = snprintf(list + used, sizeof list - used, "%s%s", used ? ", " : "", *v);
    if (wanted > 0 && used + (size_t)wanted < sizeof list)
      used += (size_t)wanted;
  }
  if (s.best)
    return error_set(err, SW_EUSAGE, "--%s \"%s\" is not one of %s; did you mean \"%s\"?",
                     option->name, value, list, s.best);
  return error_set(err, SW_EUSAGE, "--%s \"%s\" is not one of %s", option->name, value, list);
}

static int take_option(struct arguments *args, const struct option *option, const char *value,
                       struct error *err)
{
  if (value && !option->argument)
    return error_set(err, SW_EUSAGE, "--%s takes no argument", option->name);
  if (!option->repeatable && option->argument && arguments_value(args, option->name))
    return error_set(err, SW_EUSAGE, "--%s is given twice; it takes one %s", option->name,
                     option->argument);
  if (value && !args->verb->stands_for && check_value(option, value, err) < 0)
    return err->code;
  vec_push(&args->list, (struct argument){option, value});
  return 0;
}

struct words {
  int count, at;
  char *const *words;
};

/* The argument of an option: what follows its name in the same word, or the next word. */
static int option_value(struct words *w, const struct option *option, const char *attached,
                        const char **ret_value, struct error *err)
{
  if (attached || !option->argument) {
    *ret_value = attached;
    return 0;
  }
  if (w->at + 1 >= w->count)
    return error_set(err, SW_EUSAGE, "--%s needs %s behind it", option->name, option->argument);
  *ret_value = w->words[++w->at];
  return 0;
}

static int parse_long(struct arguments *args, struct words *w, struct error *err)
{
  const char *word = w->words[w->at] + 2;
  const char *equals = strchr(word, '=');
  struct str name = equals ? str_make(word, (size_t)(equals - word)) : str_from(word);
  const struct option *option = verb_option(args->verb, name);
  if (!option)
    return unknown_option(args->verb, name, err);
  const char *value = NULL;
  int rc = option_value(w, option, equals ? equals + 1 : NULL, &value, err);
  return rc < 0 ? rc : take_option(args, option, value, err);
}

static int parse_letters(struct arguments *args, struct words *w, struct error *err)
{
  for (const char *at = w->words[w->at] + 1; *at; at++) {
    const struct option *option = find_letter(args->verb, *at);
    if (!option)
      return error_set(err, SW_EUSAGE,
                       "unknown option -%c; \"seawall help %s\" lists those there are", *at,
                       args->verb->name);
    if (!option->argument) {
      int rc = take_option(args, option, NULL, err);
      if (rc < 0)
        return rc;
      continue;
    }
    const char *value = NULL;
    int rc = option_value(w, option, at[1] ? at + 1 : NULL, &value, err);
    return rc < 0 ? rc : take_option(args, option, value, err);
  }
  return 0;
}

int arguments_parse(struct arguments *args, const struct verb *verb, int count, char *const *words,
                    struct error *err)
{
  *args = (struct arguments){.verb = verb};
  struct words w = {.count = count, .words = words};
  bool only_operands = false;
  for (; w.at < w.count; w.at++) {
    const char *word = words[w.at];
    int rc = 0;
    if (only_operands || word[0] != '-' || word[1] == '\0')
      vec_push(&args->operands, word);
    else if (strcmp(word, "--") == 0)
      only_operands = true;
    else if (word[1] == '-')
      rc = parse_long(args, &w, err);
    else
      rc = parse_letters(args, &w, err);
    if (rc < 0)
      return rc;
  }
  if (args->operands.count && !verb->operand && !arguments_has(args, "help"))
    return error_set(err, SW_EUSAGE, "\"seawall %s\" takes no argument like \"%s\"", verb->name,
                     args->operands.items[0]);
  return 0;
}

int arguments_narrow(const struct arguments *args, const struct verb *verb, struct arguments *ret,
                     const struct option **ret_foreign, struct error *err)
{
  *ret = (struct arguments){.verb = verb};
  *ret_foreign = NULL;
  for (size_t i = 0; i < args->operands.count; i++)
    vec_push(&ret->operands, args->operands.items[i]);
  for (size_t i = 0; i < args->list.count; i++) {
    const struct argument *given = &args->list.items[i];
    const struct option *option = verb_option(verb, str_from(given->option->name));
    if (!option) {
      *ret_foreign = given->option;
      return error_set(err, SW_EUSAGE, "\"seawall %s\" does not take --%s", verb->name,
                       given->option->name);
    }
    int rc = take_option(ret, option, given->value, err);
    if (rc < 0)
      return rc;
  }
  return 0;
}

void arguments_free(struct arguments *args)
{
  vec_free(&args->list);
  vec_free(&args->operands);
}

const char *arguments_value(const struct arguments *args, const char *name)
{
  for (size_t i = args->list.count; i-- > 0;)
    if (strcmp(args->list.items[i].option->name, name) == 0)
      return args->list.items[i].value;
  return NULL;
}

bool arguments_has(const struct arguments *args, const char *name)
{
  for (size_t i = 0; i < args->list.count; i++)
    if (strcmp(args->list.items[i].option->name, name) == 0)
      return true;
  return false;
}
