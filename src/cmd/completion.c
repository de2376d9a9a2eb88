#include "base/buf.h"
#include "base/file.h"
#include "cmd/console.h"
#include "cmd/verb.h"

#include <unistd.h>

/*
 * The scripts are made from the table of verbs. Each shell gets one function that
 * finds the verb among the words typed so far and offers what the verb takes.
 */

static void add_values(struct buf *out, const char *const *values)
{
  for (const char *const *v = values; v && *v; v++) {
    buf_add_text(out, v == values ? "" : " ");
    buf_add_text(out, *v);
  }
}

/* Words that may come first: the first word of each verb, once. */
static void add_first_words(struct buf *out)
{
  for (const struct verb *const *v = verbs; *v; v++) {
    struct str rest;
    struct str word = str_cut(str_from((*v)->name), ' ', &rest);
    bool seen = false;
    for (const struct verb *const *u = verbs; u < v && !seen; u++) {
      struct str other_rest;
      seen = str_eq(word, str_cut(str_from((*u)->name), ' ', &other_rest));
    }
    if (!seen) {
      buf_add(out, word);
      buf_add_byte(out, ' ');
    }
  }
}

/* What may follow a first word: the second words of verbs that begin with it. */
static void add_second_words(struct buf *out, const struct verb *first)
{
  for (const struct verb *const *v = verbs; *v; v++) {
    struct str rest;
    struct str word = str_cut(str_from((*v)->name), ' ', &rest);
    if (rest.data && str_eq(word, str_from(first->name))) {
      buf_add(out, rest);
      buf_add_byte(out, ' ');
    }
  }
}

static void add_option_names(struct buf *out, const struct verb *verb)
{
  const struct option *o;
  for (struct option_walk w = {.verb = verb}; (o = option_next(&w));)
    buf_printf(out, "--%s ", o->name);
}

static void bash_verb(struct buf *out, const struct verb *verb)
{
  const struct option *o;
  buf_printf(out, "    \"%s\")\n      case $previous in\n", verb->name);
  for (struct option_walk w = {.verb = verb}; (o = option_next(&w));) {
    if (!o->argument)
      continue;
    buf_printf(out, "        --%s) ", o->name);
    _cleanup_(buf_free) struct buf values = {0};
    option_values(verb, o, " ", &values);
    if (values.len) {
      buf_add_text(out, "COMPREPLY=($(compgen -W \"");
      buf_add(out, buf_str(&values));
      buf_add_text(out, "\" -- \"$current\"))");
    } else if (o->complete == COMPLETE_FILES) {
      buf_add_text(out, "COMPREPLY=($(compgen -f -- \"$current\"))");
    } else if (o->complete == COMPLETE_DIRECTORIES) {
      buf_add_text(out, "COMPREPLY=($(compgen -d -- \"$current\"))");
    } else {
      buf_add_text(out, "COMPREPLY=()");
    }
    buf_add_text(out, "; return ;;\n");
  }
  buf_add_text(out, "      esac\n      if [[ $current == -* ]]; then\n"
                    "        COMPREPLY=($(compgen -W \"");
  add_option_names(out, verb);
  buf_add_text(out, "\" -- \"$current\"))\n      else\n");
  buf_add_text(out, "        COMPREPLY=($(compgen -W \"");
  add_second_words(out, verb);
  add_values(out, verb->operands);
  if (verb->complete == COMPLETE_VERBS)
    add_first_words(out);
  buf_add_text(out, "\" -- \"$current\"))\n");
  if (verb->complete == COMPLETE_FILES)
    buf_add_text(out, "        COMPREPLY+=($(compgen -f -- \"$current\"))\n");
  buf_add_text(out, "      fi ;;\n");
}

static void bash(struct buf *out)
{
  buf_add_text(out,
               "# bash completion for seawall: source it, or put it into\n"
               "# /usr/share/bash-completion/completions/seawall\n"
               "_seawall() {\n"
               "  local current=${COMP_WORDS[COMP_CWORD]} previous=${COMP_WORDS[COMP_CWORD-1]}\n"
               "  local verb=${COMP_WORDS[1]} two=\"${COMP_WORDS[1]} ${COMP_WORDS[2]}\"\n"
               "  compopt -o filenames 2>/dev/null\n"
               "  if [[ $COMP_CWORD -eq 1 ]]; then\n    COMPREPLY=($(compgen -W \"");
  add_first_words(out);
  buf_add_text(out, "\" -- \"$current\"))\n    return\n  fi\n  case $two in\n");
  for (const struct verb *const *v = verbs; *v; v++)
    if (strchr((*v)->name, ' '))
      buf_printf(out, "    \"%s\") [[ $COMP_CWORD -gt 2 ]] && verb=$two ;;\n", (*v)->name);
  buf_add_text(out, "  esac\n  case $verb in\n");
  for (const struct verb *const *v = verbs; *v; v++)
    bash_verb(out, *v);
  buf_add_text(out, "  esac\n}\ncomplete -F _seawall seawall\n");
}

/* A text inside single quotes of zsh and fish, without what _arguments gives a meaning. */
static void add_quoted(struct buf *out, const char *text)
{
  for (; *text; text++) {
    if (*text == '\'')
      buf_add_text(out, "'\\''");
    else if (*text == '[' || *text == ']' || *text == ':')
      buf_printf(out, "\\%c", *text);
    else
      buf_add_byte(out, *text);
  }
}

static void zsh_option(struct buf *out, const struct verb *verb, const struct option *o)
{
  buf_printf(out, " \\\n        '%s--%s%s[", o->repeatable ? "*" : "", o->name,
             o->argument ? "=" : "");
  add_quoted(out, o->help);
  buf_add_byte(out, ']');
  if (o->argument) {
    _cleanup_(buf_free) struct buf values = {0};
    option_values(verb, o, " ", &values);
    buf_printf(out, ":%s:", o->argument);
    if (values.len) {
      buf_printf(out, "(%s)", buf_text(&values));
    } else if (o->complete == COMPLETE_FILES) {
      buf_add_text(out, "_files");
    } else if (o->complete == COMPLETE_DIRECTORIES) {
      buf_add_text(out, "_files -/");
    }
  }
  buf_add_byte(out, '\'');
}

static void zsh_verb(struct buf *out, const struct verb *verb)
{
  buf_printf(out, "    '%s')\n      _arguments", verb->name);
  const struct option *o;
  for (struct option_walk w = {.verb = verb}; (o = option_next(&w));)
    zsh_option(out, verb, o);
  if (verb->complete == COMPLETE_FILES) {
    buf_add_text(out, " \\\n        '*:path:_files'");
  } else if (verb->operands || verb->complete == COMPLETE_VERBS) {
    buf_add_text(out, " \\\n        '*:what:(");
    add_values(out, verb->operands);
    if (verb->complete == COMPLETE_VERBS)
      add_first_words(out);
    buf_add_text(out, ")'");
  }
  buf_add_text(out, " ;;\n");
}

static void zsh(struct buf *out)
{
  buf_add_text(out, "#compdef seawall\n"
                    "# zsh completion for seawall: put it as _seawall into a directory of $fpath\n"
                    "_seawall() {\n"
                    "  local verb=$words[2]\n"
                    "  if (( CURRENT == 2 )); then\n    compadd -- ");
  add_first_words(out);
  buf_add_text(out, "\n    return\n  fi\n");
  for (const struct verb *const *v = verbs; *v; v++) {
    struct str rest;
    struct str first = str_cut(str_from((*v)->name), ' ', &rest);
    if (!rest.data)
      continue;
    buf_printf(out,
               "  if [[ $words[2] == %.*s ]]; then\n"
               "    (( CURRENT == 3 )) && compadd -- %.*s\n"
               "    if (( CURRENT > 3 )) && [[ $words[3] == %.*s ]]; then\n"
               "      verb='%s'\n      shift words\n      (( CURRENT-- ))\n    fi\n  fi\n",
               STR_FMT(first), STR_FMT(rest), STR_FMT(rest), (*v)->name);
  }
  buf_add_text(out, "  shift words\n  (( CURRENT-- ))\n  case $verb in\n");
  for (const struct verb *const *v = verbs; *v; v++)
    zsh_verb(out, *v);
  buf_add_text(out, "  esac\n}\nif [[ $funcstack[1] == _seawall ]]; then _seawall \"$@\"; "
                    "else compdef _seawall seawall; fi\n");
}

static void fish_quoted(struct buf *out, const char *text)
{
  for (; *text; text++) {
    if (*text == '\'' || *text == '\\')
      buf_add_byte(out, '\\');
    buf_add_byte(out, *text);
  }
}

/* A condition under which a verb's options are offered: all its words have been typed, and no further one of a longer verb. */
static void fish_condition(struct buf *out, const struct verb *verb)
{
  buf_add_text(out, " -n '");
  struct str rest = str_from(verb->name);
  for (bool first = true; rest.data; first = false) {
    struct str word = str_cut(rest, ' ', &rest);
    buf_printf(out, "%s__fish_seen_subcommand_from %.*s", first ? "" : "; and ", STR_FMT(word));
  }
  _cleanup_(buf_free) struct buf longer = {0};
  add_second_words(&longer, verb);
  if (longer.len)
    buf_printf(out, "; and not __fish_seen_subcommand_from %s", buf_text(&longer));
  buf_add_byte(out, '\'');
}

static void fish_verb(struct buf *out, const struct verb *verb)
{
  struct str rest;
  struct str first = str_cut(str_from(verb->name), ' ', &rest);
  if (rest.data)
    buf_printf(out,
               "complete -c seawall -n '__fish_seen_subcommand_from %.*s; and not "
               "__fish_seen_subcommand_from %.*s' -a %.*s -d '",
               STR_FMT(first), STR_FMT(rest), STR_FMT(rest));
  else
    buf_printf(out, "complete -c seawall -f -n __fish_use_subcommand -a %s -d '", verb->name);
  fish_quoted(out, verb->summary);
  buf_add_text(out, "'\n");
  const struct option *o;
  for (struct option_walk w = {.verb = verb}; (o = option_next(&w));) {
    buf_add_text(out, "complete -c seawall");
    fish_condition(out, verb);
    buf_printf(out, " -l %s", o->name);
    if (o->letter)
      buf_printf(out, " -s %c", o->letter);
    if (o->argument)
      buf_add_text(out, o->complete == COMPLETE_FILES ? " -r" : " -x");
    if (o->complete == COMPLETE_DIRECTORIES)
      buf_add_text(out, " -a '(__fish_complete_directories)'");
    _cleanup_(buf_free) struct buf values = {0};
    option_values(verb, o, " ", &values);
    if (values.len)
      buf_printf(out, " -a '%s'", buf_text(&values));
    buf_add_text(out, " -d '");
    fish_quoted(out, o->help);
    buf_add_text(out, "'\n");
  }
  if (verb->operands || verb->complete == COMPLETE_VERBS) {
    buf_add_text(out, "complete -c seawall -f");
    fish_condition(out, verb);
    buf_add_text(out, " -a '");
    add_values(out, verb->operands);
    if (verb->complete == COMPLETE_VERBS)
      add_first_words(out);
    buf_add_text(out, "'\n");
  }
}

static void fish(struct buf *out)
{
  buf_add_text(out, "# fish completion for seawall: put it as seawall.fish into\n"
                    "# ~/.config/fish/completions\n");
  for (const struct verb *const *v = verbs; *v; v++)
    fish_verb(out, *v);
}

static const struct shell {
  const char *name;
  void (*write)(struct buf *out);
} shells[] = {{"bash", bash}, {"zsh", zsh}, {"fish", fish}};

static int run(const struct arguments *args)
{
  struct error err;
  const char *name = args->operands.count == 1 ? args->operands.items[0] : NULL;
  if (!name) {
    console_note("completion needs the name of a shell: bash, zsh or fish");
    return STATUS_FAILED;
  }
  for (size_t i = 0; i < sizeof shells / sizeof *shells; i++) {
    if (strcmp(shells[i].name, name) != 0)
      continue;
    _cleanup_(buf_free) struct buf out = {0};
    shells[i].write(&out);
    if (fd_write_all(STDOUT_FILENO, out.data, out.len, &err) == 0)
      return STATUS_OK;
    error_wrap(&err, "writing to standard output");
    console_error(&err);
    return STATUS_FAILED;
  }
  console_note("there is no completion for \"%s\"; there is for bash, zsh and fish", name);
  return STATUS_FAILED;
}

static const char *const shell_names[] = {"bash", "zsh", "fish", NULL};

const struct verb verb_completion = {
    .name = "completion",
    .operand = "bash|zsh|fish",
    .summary = "print the completion script of a shell",
    .example = "  source <(seawall completion bash)\n"
               "  seawall completion fish > ~/.config/fish/completions/seawall.fish\n",
    .operands = shell_names,
    .run = run,
};
