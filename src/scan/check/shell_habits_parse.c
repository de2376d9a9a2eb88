#include "base/buf.h"
#include "scan/check/shell_habits_int.h"

/* A script on the way through. Offsets of a script in a script are those of the command it stands in. */
struct parse {
  struct shell_commands *to;
  struct str text;
  size_t at;
  bool fixed; /* offsets do not follow `at` */
  size_t fixed_from, fixed_end;
  unsigned depth;
  int current; /* command that is being read; SHELL_NONE */
  int last;    /* the latest that was read */
  int from;    /* what the next one reads; SHELL_NONE */
  int whole;
  enum shell_part part;
  struct str heredocs[8]; /* words that end here-documents which begin at the next line */
  size_t heredoc_count;
};

static void parse_until(struct parse *p, char end);

static char peek(const struct parse *p, size_t ahead)
{
  return p->at + ahead < p->text.len ? p->text.data[p->at + ahead] : '\0';
}

static bool at_end(const struct parse *p)
{
  return p->at >= p->text.len;
}

static bool at_text(const struct parse *p, struct str text)
{
  return str_starts(str_sub(p->text, p->at, text.len), text);
}

static int begin_command(struct parse *p)
{
  if (p->current != SHELL_NONE)
    return p->current;
  struct shell_commands *c = p->to;
  if (c->count >= SHELL_COMMANDS_MAX) {
    c->cut = true;
    return SHELL_NONE;
  }
  struct shell_command *command = vec_add(c);
  command->offset = p->fixed ? p->fixed_from : p->at;
  command->end = p->fixed ? p->fixed_end : p->at;
  command->from = p->from;
  command->whole = p->whole;
  command->part = p->part;
  command->depth = p->depth;
  p->from = SHELL_NONE;
  return p->current = (int)c->count - 1;
}

static void add_word(struct parse *p, struct str word)
{
  int index = begin_command(p);
  if (index == SHELL_NONE)
    return;
  struct shell_command *command = &p->to->items[index];
  if (command->count >= SHELL_WORDS_MAX) {
    p->to->cut = true;
    return;
  }
  if (command->count == command->room) {
    size_t room = command->room ? command->room * 2 : 8;
    struct str *words = arena_array(p->to->arena, struct str, room);
    if (command->count)
      memcpy(words, command->words, command->count * sizeof *words);
    command->words = words;
    command->room = room;
  }
  command->words[command->count++] = word;
  if (!p->fixed)
    command->end = p->at;
}

static void end_command(struct parse *p)
{
  if (p->current == SHELL_NONE)
    return;
  p->last = p->current;
  p->current = SHELL_NONE;
}

/* A script in the words of the current command, from `at` to its end mark. */
static void parse_part(struct parse *p, enum shell_part part, char end)
{
  if (p->depth + 1 >= SHELL_DEPTH_MAX || p->to->cut) {
    p->to->cut = true;
    p->at = p->text.len;
    return;
  }
  int whole = begin_command(p);
  struct parse inner = *p;
  inner.depth++;
  inner.current = inner.last = inner.from = SHELL_NONE;
  inner.whole = whole;
  inner.part = part;
  inner.heredoc_count = 0;
  parse_until(&inner, end);
  p->at = inner.at;
}

/* ---- words */

/* "${name...}" and "$((...))" are copied as they stand. */
static void copy_braces(struct parse *p, struct buf *word, char open, char close)
{
  size_t depth = 0;
  while (!at_end(p)) {
    char c = p->text.data[p->at++];
    buf_add_byte(word, c);
    depth += c == open;
    if (c == close && --depth == 0)
      return;
  }
}

/* At "$" or "`": copies an expansion, and takes a command substitution apart. */
static void read_expansion(struct parse *p, struct buf *word)
{
  size_t from = p->at;
  if (at_text(p, STR("$(("))) {
    buf_add_byte(word, '$');
    p->at++;
    copy_braces(p, word, '(', ')');
  } else if (at_text(p, STR("$("))) {
    p->at += 2;
    parse_part(p, SHELL_PART_VALUE, ')');
    buf_add(word, str_sub(p->text, from, p->at - from));
  } else if (peek(p, 0) == '`') {
    p->at++;
    parse_part(p, SHELL_PART_VALUE, '`');
    buf_add(word, str_sub(p->text, from, p->at - from));
  } else if (at_text(p, STR("${"))) {
    buf_add_byte(word, '$');
    p->at++;
    copy_braces(p, word, '{', '}');
  } else {
    buf_add_byte(word, p->text.data[p->at++]);
  }
}

static void read_double_quotes(struct parse *p, struct buf *word)
{
  while (!at_end(p)) {
    char c = peek(p, 0);
    if (c == '"') {
      p->at++;
      return;
    }
    if (c == '$' || c == '`') {
      read_expansion(p, word);
      continue;
    }
    if (c == '\\' && p->at + 1 < p->text.len) {
      char next = peek(p, 1);
      p->at += 2;
      if (!strchr("$`\"\\\n", next))
        buf_add_byte(word, '\\');
      if (next != '\n')
        buf_add_byte(word, next);
      continue;
    }
    buf_add_byte(word, c);
    p->at++;
  }
}

static void read_single_quotes(struct parse *p, struct buf *word)
{
  ptrdiff_t end = str_find_byte(p->text, p->at, '\'');
  size_t stop = end < 0 ? p->text.len : (size_t)end;
  buf_add(word, str_sub(p->text, p->at, stop - p->at));
  p->at = end < 0 ? stop : stop + 1;
}

static bool ends_word(char c, char end)
{
  return c == end || (c && strchr(" \t\n\r;&|()<>", c)) || c == '\0';
}

/* One word at `at`; ret_quoted: it had quotes, so it is no keyword and no number of a redirection. */
static struct str read_word(struct parse *p, char end, bool *ret_quoted)
{
  _cleanup_(buf_free) struct buf word = {0};
  *ret_quoted = false;
  while (!at_end(p) && !ends_word(peek(p, 0), end)) {
    char c = peek(p, 0);
    if (c == '\\') {
      p->at += 2;
      if (p->at <= p->text.len && p->text.data[p->at - 1] != '\n')
        buf_add_byte(&word, p->text.data[p->at - 1]);
      *ret_quoted = true;
    } else if (c == '\'' || c == '"') {
      p->at++;
      *ret_quoted = true;
      if (c == '"')
        read_double_quotes(p, &word);
      else
        read_single_quotes(p, &word);
    } else if (c == '$' || (c == '`' && end != '`')) {
      read_expansion(p, &word);
    } else {
      buf_add_byte(&word, c);
      p->at++;
    }
  }
  if (p->at > p->text.len)
    p->at = p->text.len;
  return arena_copy(p->to->arena, buf_str(&word));
}

/* ---- redirections */

static void skip_blanks(struct parse *p)
{
  while (!at_end(p)) {
    if (peek(p, 0) == ' ' || peek(p, 0) == '\t' || peek(p, 0) == '\r')
      p->at++;
    else if (peek(p, 0) == '\\' && peek(p, 1) == '\n')
      p->at += 2;
    else
      return;
  }
}

static void read_heredoc_mark(struct parse *p, char end)
{
  if (peek(p, 0) == '-')
    p->at++;
  skip_blanks(p);
  bool quoted;
  struct str mark = read_word(p, end, &quoted);
  if (mark.len && p->heredoc_count < sizeof p->heredocs / sizeof *p->heredocs)
    p->heredocs[p->heredoc_count++] = mark;
}

/* At "<" or ">". */
static void read_redirection(struct parse *p, char end)
{
  bool quoted, output = peek(p, 0) == '>';
  if (peek(p, 1) == '(') {
    p->at += 2;
    parse_part(p, SHELL_PART_FILE, ')');
    add_word(p, STR("/dev/fd/63"));
    return;
  }
  if (at_text(p, STR("<<")) && !at_text(p, STR("<<<"))) {
    p->at += 2;
    read_heredoc_mark(p, end);
    return;
  }
  while (peek(p, 0) == '<' || peek(p, 0) == '>' || peek(p, 0) == '&' || peek(p, 0) == '|')
    p->at++;
  skip_blanks(p);
  struct str target = read_word(p, end, &quoted);
  int index = begin_command(p);
  if (index != SHELL_NONE && output)
    p->to->items[index].output = target;
}

/* Behind the end of a line: the bodies of here-documents. */
static void skip_heredocs(struct parse *p)
{
  for (size_t i = 0; i < p->heredoc_count; i++)
    while (!at_end(p)) {
      ptrdiff_t end = str_find_byte(p->text, p->at, '\n');
      size_t stop = end < 0 ? p->text.len : (size_t)end;
      struct str line = str_trim(str_sub(p->text, p->at, stop - p->at));
      p->at = end < 0 ? stop : stop + 1;
      if (str_eq(line, p->heredocs[i]))
        break;
    }
  p->heredoc_count = 0;
}

/* ---- lists */

/* At an operator; false: it is the end of this script. */
static bool read_operator(struct parse *p, char end, unsigned *parens)
{
  char c = p->text.data[p->at];
  if (c == ')' && end == ')' && !*parens)
    return false;
  p->at++;
  if (c == '|' && peek(p, 0) != '|') {
    end_command(p);
    p->from = p->last;
    p->at += peek(p, 0) == '&';
    return true;
  }
  if (c == '&' && peek(p, 0) == '>') {
    read_redirection(p, end);
    return true;
  }
  end_command(p);
  *parens += c == '(';
  *parens -= c == ')' && *parens;
  if (c == '\n')
    skip_heredocs(p);
  /* What a pipe ends at goes on behind an empty line: "curl x |\n sh". */
  if (c != '\n' && c != '(')
    p->from = SHELL_NONE;
  return true;
}

static void read_item(struct parse *p, char end)
{
  char c = peek(p, 0);
  if (c == '<' || c == '>') {
    read_redirection(p, end);
    return;
  }
  size_t before = p->at;
  bool quoted;
  begin_command(p);
  struct str word = read_word(p, end, &quoted);
  unsigned long long number;
  char next = peek(p, 0);
  if (!quoted && (next == '<' || next == '>') && str_to_u64(word, 99, &number))
    return;
  if (p->at > before)
    add_word(p, word);
  else
    p->at++;
}

static void parse_until(struct parse *p, char end)
{
  unsigned parens = 0;
  while (!p->to->cut) {
    skip_blanks(p);
    if (at_end(p))
      break;
    char c = peek(p, 0);
    if (end == '`' && c == '`') {
      p->at++;
      break;
    }
    if (c == '#') {
      ptrdiff_t line = str_find_byte(p->text, p->at, '\n');
      p->at = line < 0 ? p->text.len : (size_t)line;
    } else if (strchr(";&|()\n", c) && c) {
      if (!read_operator(p, end, &parens)) {
        p->at++;
        break;
      }
    } else {
      read_item(p, end);
    }
  }
  end_command(p);
}

/* ---- which program */

/* Words before a program that change nothing about it, and how many words of their own they take. */
static const struct prefix {
  struct str word;
  const char *with_value; /* options that take the next word */
  unsigned operands;
} prefixes[] = {
    {STR_INIT("if"), "", 0},        {STR_INIT("then"), "", 0},
    {STR_INIT("elif"), "", 0},      {STR_INIT("else"), "", 0},
    {STR_INIT("do"), "", 0},        {STR_INIT("while"), "", 0},
    {STR_INIT("until"), "", 0},     {STR_INIT("!"), "", 0},
    {STR_INIT("{"), "", 0},         {STR_INIT("time"), "", 0},
    {STR_INIT("exec"), "a", 0},     {STR_INIT("command"), "", 0},
    {STR_INIT("builtin"), "", 0},   {STR_INIT("nohup"), "", 0},
    {STR_INIT("env"), "uSC", 0},    {STR_INIT("sudo"), "ugpCDhRT", 0},
    {STR_INIT("doas"), "uC", 0},    {STR_INIT("nice"), "n", 0},
    {STR_INIT("timeout"), "ks", 1}, {STR_INIT("gosu"), "", 1},
    {STR_INIT("su-exec"), "", 1},   {STR_INIT("xargs"), "IdEnPLsa", 0},
    {STR_INIT("chroot"), "", 1},    {STR_INIT("stdbuf"), "ioe", 0},
};

static struct str base_name(struct str word)
{
  ptrdiff_t slash = str_find_last_byte(word, '/');
  return slash < 0 ? word : str_sub(word, (size_t)slash + 1, word.len);
}

static bool is_assignment(struct str word)
{
  size_t i = 0;
  for (; i < word.len && word.data[i] != '='; i++) {
    char c = word.data[i];
    bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
    if (!letter && !(i && c >= '0' && c <= '9'))
      return false;
  }
  return i && i < word.len;
}

static const struct prefix *prefix_of(struct str word)
{
  for (size_t i = 0; i < sizeof prefixes / sizeof *prefixes; i++)
    if (str_eq(word, prefixes[i].word))
      return &prefixes[i];
  return NULL;
}

/* The place behind the options and operands of a prefix. */
static size_t behind_prefix(const struct shell_command *c, const struct prefix *prefix, size_t at)
{
  unsigned operands = prefix->operands;
  for (; at < c->count; at++) {
    struct str word = c->words[at];
    if (str_eq(word, STR("--")))
      continue;
    if (word.len > 1 && word.data[0] == '-') {
      at += word.len == 2 && strchr(prefix->with_value, word.data[1]) != NULL;
      continue;
    }
    if (!operands || is_assignment(word))
      break;
    operands--;
  }
  return at < c->count ? at : c->count;
}

static void find_program(struct shell_command *c)
{
  size_t at = 0;
  while (at < c->count) {
    if (is_assignment(c->words[at])) {
      at++;
      continue;
    }
    struct str word = base_name(c->words[at]);
    const struct prefix *prefix = prefix_of(word);
    if (!prefix)
      break;
    c->sudo |= str_eq(word, STR("sudo")) || str_eq(word, STR("doas"));
    at = behind_prefix(c, prefix, at + 1);
  }
  c->program = at;
  c->name = at < c->count ? base_name(c->words[at]) : STR_EMPTY;
}

/* "sh -c SCRIPT", "bash -euxc SCRIPT", "su - user -c SCRIPT": the script's text, or NULL. */
static const struct str *script_of(const struct shell_command *c)
{
  static const struct str shells[] = {STR_INIT("sh"),  STR_INIT("bash"),   STR_INIT("dash"),
                                      STR_INIT("ash"), STR_INIT("zsh"),    STR_INIT("ksh"),
                                      STR_INIT("su"),  STR_INIT("busybox")};
  bool shell = false;
  for (size_t i = 0; i < sizeof shells / sizeof *shells; i++)
    shell |= str_eq(c->name, shells[i]);
  for (size_t i = c->program + 1; shell && i + 1 < c->count; i++) {
    struct str word = c->words[i];
    if (word.len > 1 && word.data[0] == '-' && word.data[1] != '-' && str_ends(word, STR("c")))
      return &c->words[i + 1];
  }
  return NULL;
}

static void parse_inner_script(struct shell_commands *commands, size_t index)
{
  const struct shell_command *c = &commands->items[index];
  const struct str *script = script_of(c);
  if (!script)
    return;
  if (c->depth + 1 >= SHELL_DEPTH_MAX) {
    commands->cut = true;
    return;
  }
  struct parse p = {.to = commands,
                    .text = *script,
                    .fixed = true,
                    .fixed_from = c->offset,
                    .fixed_end = c->end,
                    .depth = c->depth + 1,
                    .current = SHELL_NONE,
                    .last = SHELL_NONE,
                    .from = SHELL_NONE,
                    .whole = (int)index,
                    .part = SHELL_PART_SCRIPT};
  parse_until(&p, '\0');
}

void shell_commands_read(struct shell_commands *commands, struct str script, struct arena *arena)
{
  *commands = (struct shell_commands){.arena = arena, .script = script};
  if (script.len > SHELL_SCRIPT_MAX) {
    commands->cut = true;
    script.len = SHELL_SCRIPT_MAX;
  }
  struct parse p = {.to = commands,
                    .text = script,
                    .current = SHELL_NONE,
                    .last = SHELL_NONE,
                    .from = SHELL_NONE,
                    .whole = SHELL_NONE};
  bool cut = commands->cut;
  commands->cut = false;
  parse_until(&p, '\0');
  for (size_t i = 0; i < commands->count; i++) {
    find_program(&commands->items[i]);
    parse_inner_script(commands, i);
  }
  commands->cut |= cut;
}

void shell_commands_free(struct shell_commands *commands)
{
  vec_free(commands);
}
