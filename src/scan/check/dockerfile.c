#include "scan/check/dockerfile.h"

#include "base/buf.h"
#include "base/suggestion.h"
#include "base/vec.h"
#include "scan/check/dockerfile_int.h"
#include "scan/faults_int.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static const struct str kind_names[DOCKERFILE_KINDS] = {
    [DOCKERFILE_ADD] = STR_INIT("ADD"),
    [DOCKERFILE_ARG] = STR_INIT("ARG"),
    [DOCKERFILE_CMD] = STR_INIT("CMD"),
    [DOCKERFILE_COPY] = STR_INIT("COPY"),
    [DOCKERFILE_ENTRYPOINT] = STR_INIT("ENTRYPOINT"),
    [DOCKERFILE_ENV] = STR_INIT("ENV"),
    [DOCKERFILE_EXPOSE] = STR_INIT("EXPOSE"),
    [DOCKERFILE_FROM] = STR_INIT("FROM"),
    [DOCKERFILE_HEALTHCHECK] = STR_INIT("HEALTHCHECK"),
    [DOCKERFILE_LABEL] = STR_INIT("LABEL"),
    [DOCKERFILE_MAINTAINER] = STR_INIT("MAINTAINER"),
    [DOCKERFILE_ONBUILD] = STR_INIT("ONBUILD"),
    [DOCKERFILE_RUN] = STR_INIT("RUN"),
    [DOCKERFILE_SHELL] = STR_INIT("SHELL"),
    [DOCKERFILE_STOPSIGNAL] = STR_INIT("STOPSIGNAL"),
    [DOCKERFILE_USER] = STR_INIT("USER"),
    [DOCKERFILE_VOLUME] = STR_INIT("VOLUME"),
    [DOCKERFILE_WORKDIR] = STR_INIT("WORKDIR"),
};

struct str dockerfile_kind_name(enum dockerfile_kind kind)
{
  return (unsigned)kind < DOCKERFILE_KINDS ? kind_names[kind] : STR_EMPTY;
}

struct reader {
  struct str text;
  size_t at;
  uint32_t line; /* of `at`, from 1 */
  struct arena *arena;
  VEC(struct dockerfile_instruction) items;
  VEC(struct dockerfile_stage) stages;
  struct dockerfile_scope global; /* ARG before the first FROM */
  struct dockerfile_scope scope;  /* of the current stage */
  struct faults faults;
};

/* ---- lines */

static bool next_line(struct reader *r, struct str *ret)
{
  if (r->at >= r->text.len)
    return false;
  ptrdiff_t end = str_find_byte(r->text, r->at, '\n');
  size_t stop = end < 0 ? r->text.len : (size_t)end;
  *ret = str_sub(r->text, r->at, stop - r->at);
  if (ret->len && ret->data[ret->len - 1] == '\r')
    ret->len--;
  r->at = end < 0 ? stop : stop + 1;
  r->line++;
  return true;
}

static struct str without_blanks(struct str s)
{
  while (s.len && (s.data[0] == ' ' || s.data[0] == '\t' || s.data[0] == '\r'))
    s = str_sub(s, 1, s.len);
  return s;
}

static bool is_comment(struct str line)
{
  struct str s = without_blanks(line);
  return s.len && s.data[0] == '#';
}

/* "# escape=`" at the top; false: directives have ended. */
static bool read_directive(struct reader *r, struct str line)
{
  if (!is_comment(line))
    return false;
  struct str s = str_trim(str_sub(without_blanks(line), 1, line.len)), value;
  struct str name = str_trim(str_cut(s, '=', &value));
  static const struct str known[] = {STR_INIT("syntax"), STR_INIT("escape"), STR_INIT("check")};
  bool directive = false;
  for (size_t i = 0; value.data && i < COUNT(known); i++)
    directive |= str_eq_nocase(name, known[i]);
  value = str_trim(value.data ? value : STR_EMPTY);
  if (directive && str_eq_nocase(name, STR("escape")) && value.len == 1 &&
      (value.data[0] == '`' || value.data[0] == '\\'))
    r->scope.escape = r->global.escape = value.data[0];
  return directive;
}

static void read_directives(struct reader *r)
{
  if (str_starts(r->text, STR("\xef\xbb\xbf")))
    r->at = 3;
  for (;;) {
    size_t at = r->at;
    uint32_t number = r->line;
    struct str line;
    if (!next_line(r, &line))
      return;
    if (read_directive(r, line))
      continue;
    r->at = at;
    r->line = number;
    return;
  }
}

/* An instruction's lines as one text. */
struct joined {
  struct buf text;
  VEC(struct dockerfile_piece) pieces;
};

/* The line goes on if it ends in the escape character; blanks behind that do not count. */
static bool goes_on(struct str *line, char escape)
{
  struct str s = *line;
  while (s.len && (s.data[s.len - 1] == ' ' || s.data[s.len - 1] == '\t'))
    s.len--;
  if (!s.len || s.data[s.len - 1] != escape)
    return false;
  s.len--;
  *line = s;
  return true;
}

static void add_piece(struct joined *j, struct str line, uint32_t number, size_t skipped)
{
  struct dockerfile_piece piece = {
      .offset = j->text.len, .line = number, .column = (uint32_t)skipped + 1};
  vec_push(&j->pieces, piece);
  buf_add(&j->text, line);
}

/* The next instruction; false: the file has ended. */
static bool join_lines(struct reader *r, struct joined *j)
{
  struct str line;
  bool open = false;
  while (next_line(r, &line)) {
    struct str content = without_blanks(line);
    if (!content.len || content.data[0] == '#')
      continue;
    size_t skipped = open ? 0 : line.len - content.len;
    struct str rest = open ? line : content;
    open = goes_on(&rest, r->scope.escape);
    add_piece(j, rest, r->line - 1, skipped);
    if (!open)
      return true;
  }
  return j->pieces.count > 0;
}

/* ---- here-documents */

static bool is_mark_byte(char c)
{
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
         c == '-' || c == '.';
}

/* "<<EOF", "<<-'EOF'" at the beginning of a text; the mark, or nothing. */
static struct str heredoc_mark(struct str s, bool *ret_strip)
{
  size_t at = 2;
  *ret_strip = at < s.len && s.data[at] == '-';
  at += *ret_strip;
  char quote = at < s.len && (s.data[at] == '"' || s.data[at] == '\'') ? s.data[at] : '\0';
  at += quote != '\0';
  size_t from = at;
  while (at < s.len && is_mark_byte(s.data[at]))
    at++;
  if (quote && (at >= s.len || s.data[at] != quote))
    return STR_EMPTY;
  return str_sub(s, from, at - from);
}

static int read_heredoc_body(struct reader *r, struct str mark, bool strip,
                             struct dockerfile_heredoc *ret, struct error *err)
{
  struct str line;
  size_t from = r->at;
  *ret = (struct dockerfile_heredoc){.mark = mark, .line = r->line};
  for (size_t end = r->at; next_line(r, &line); end = r->at) {
    while (strip && line.len && line.data[0] == '\t')
      line = str_sub(line, 1, line.len);
    if (str_eq(line, mark)) {
      ret->body = str_sub(r->text, from, end - from);
      return 0;
    }
  }
  ret->body = str_sub(r->text, from, r->text.len);
  return error_set_at(err, SW_EINVAL, ret->line, 1, "the here-document \"%.*s\" does not end",
                      STR_FMT(mark));
}

/* "<<" begins a word, but for the number of a descriptor: not so in $((1<<2)). */
static bool begins_word(struct str text, size_t at)
{
  while (at && text.data[at - 1] >= '0' && text.data[at - 1] <= '9')
    at--;
  return !at || text.data[at - 1] == ' ' || text.data[at - 1] == '\t';
}

static int read_heredocs(struct reader *r, struct dockerfile_instruction *i, struct error *err)
{
  struct dockerfile_heredoc list[DOCKERFILE_HEREDOCS_MAX];
  char quote = '\0';
  int rc = 0;
  for (size_t at = 0; at + 2 < i->text.len && rc == 0; at++) {
    char c = i->text.data[at];
    if (quote ? c == quote : c == '"' || c == '\'')
      quote = quote ? '\0' : c;
    bool opens = !quote && c == '<' && i->text.data[at + 1] == '<' && begins_word(i->text, at);
    if (!opens)
      continue;
    bool strip, string = i->text.data[at + 2] == '<';
    struct str mark = string ? STR_EMPTY : heredoc_mark(str_sub(i->text, at, i->text.len), &strip);
    at += string ? 2 : 1;
    if (!mark.len)
      continue;
    if (i->heredoc_count == DOCKERFILE_HEREDOCS_MAX)
      return error_set_at(err, SW_ELIMIT, i->line, i->column, "more than %d here-documents",
                          DOCKERFILE_HEREDOCS_MAX);
    rc = read_heredoc_body(r, mark, strip, &list[i->heredoc_count++], err);
  }
  i->heredocs = arena_array(r->arena, struct dockerfile_heredoc, i->heredoc_count);
  if (i->heredoc_count)
    memcpy(i->heredocs, list, i->heredoc_count * sizeof *list);
  return rc;
}

/* ---- what RUN hands to a shell */

static bool is_shell_name(struct str word)
{
  ptrdiff_t slash = str_find_last_byte(word, '/');
  struct str name = slash < 0 ? word : str_sub(word, (size_t)slash + 1, word.len);
  static const struct str shells[] = {STR_INIT("sh"),  STR_INIT("bash"), STR_INIT("dash"),
                                      STR_INIT("ash"), STR_INIT("zsh"),  STR_INIT("ksh")};
  for (size_t i = 0; i < COUNT(shells); i++)
    if (str_eq(name, shells[i]))
      return true;
  return false;
}

/* "#!/usr/bin/env python3" is no script of a shell. */
static bool is_shell_body(struct str body)
{
  struct str rest, line = str_cut(body, '\n', &rest);
  if (!str_starts(line, STR("#!")))
    return true;
  struct str tail = str_trim(str_sub(line, 2, line.len)), program = str_cut(tail, ' ', &rest);
  if (str_ends(program, STR("/env")) && rest.data)
    program = str_cut(str_trim(rest), ' ', &rest);
  return is_shell_name(program);
}

/* "RUN <<EOF" and "RUN bash <<EOF" run the document; others get it as a file. */
static bool runs_heredoc(const struct dockerfile_instruction *i)
{
  struct str rest, first = str_cut(str_trim(i->text), ' ', &rest);
  return i->heredoc_count && (str_starts(first, STR("<<")) || is_shell_name(first)) &&
         is_shell_body(i->heredocs[0].body);
}

/* ["sh", "-c", "script"] */
static struct str script_of_words(const struct dockerfile_instruction *i)
{
  for (size_t w = 1; w + 1 < i->word_count && is_shell_name(i->words[0].text); w++) {
    struct str option = i->words[w].text;
    if (option.len > 1 && option.data[0] == '-' && str_ends(option, STR("c")))
      return i->words[w + 1].text;
  }
  return STR_EMPTY;
}

static void find_script(struct reader *r, struct dockerfile_instruction *i)
{
  bool starts = i->kind == DOCKERFILE_CMD || i->kind == DOCKERFILE_ENTRYPOINT;
  if (i->kind != DOCKERFILE_RUN && !starts)
    return;
  if (i->json) {
    struct str script = script_of_words(i);
    _cleanup_(buf_free) struct buf words = {0};
    for (size_t w = 0; !script.len && w < i->word_count; w++) {
      buf_add_text(&words, w ? " " : "");
      buf_add(&words, i->words[w].text);
    }
    i->script = script.len ? script : arena_copy(r->arena, buf_str(&words));
  } else if (runs_heredoc(i)) {
    i->script = i->heredocs[0].body;
    i->script_heredoc = true;
  } else {
    i->script = i->text;
  }
}

/* ---- instructions */

static int unknown_instruction(struct str word, uint32_t line, uint32_t column, struct error *err)
{
  char name[32] = {0};
  struct suggestion s = {.word = str_make(name, word.len < 31 ? word.len : 31)};
  for (size_t i = 0; i < s.word.len; i++) {
    char c = word.data[i];
    name[i] = (char)(c >= 'a' && c <= 'z' ? c - 32 : c > ' ' && c < 127 ? c : '?');
  }
  for (int kind = 0; kind < DOCKERFILE_KINDS; kind++)
    suggestion_consider(&s, kind_names[kind].data);
  return error_set_at(err, SW_EINVAL, line, column, "there is no instruction \"%s\"%s%s%s", name,
                      s.best ? ", did you mean \"" : "", s.best ? s.best : "", s.best ? "\"?" : "");
}

/* Cuts the name off; DOCKERFILE_KINDS: there is none such. */
static enum dockerfile_kind take_name(struct str *io_text, struct str *ret_word,
                                      size_t *ret_skipped)
{
  struct str s = *io_text;
  size_t len = 0;
  while (len < s.len && s.data[len] != ' ' && s.data[len] != '\t')
    len++;
  *ret_word = str_sub(s, 0, len);
  struct str rest = without_blanks(str_sub(s, len, s.len));
  *ret_skipped = s.len - rest.len;
  *io_text = rest;
  for (int kind = 0; kind < DOCKERFILE_KINDS; kind++)
    if (str_eq_nocase(*ret_word, kind_names[kind]))
      return (enum dockerfile_kind)kind;
  return DOCKERFILE_KINDS;
}

/* Stages as ARG and ENV see them: a stage begins with nothing but what it asks for from the global arguments. */
static void begin_stage(struct reader *r, struct dockerfile_instruction *i)
{
  struct dockerfile_stage stage = {.base_stage = -1, .first = r->items.count};
  if (i->word_count) {
    stage.base = i->words[0].text;
    stage.base_unknown = i->words[0].unknown;
  }
  if (i->word_count == 3 && str_eq_nocase(i->words[1].text, STR("as")))
    stage.name = i->words[2].text;
  for (size_t s = 0; s < r->stages.count; s++)
    if (r->stages.items[s].name.len && str_eq_nocase(r->stages.items[s].name, stage.base))
      stage.base_stage = (int)s;
  vec_push(&r->stages, stage);
  i->stage = (uint32_t)r->stages.count - 1;
  map_clear(&r->scope.values);
}

static void define_arg(struct reader *r, const struct dockerfile_word *w)
{
  bool global = r->stages.count == 0;
  struct dockerfile_scope *scope = global ? &r->global : &r->scope;
  const struct str *value = w->valueless || w->unknown ? NULL : &w->text;
  union map_value *outside = global ? NULL : map_get(&r->global.values, w->key);
  if (w->valueless && outside)
    value = outside->view;
  dockerfile_scope_set(scope, w->key, value);
}

static void define_variables(struct reader *r, const struct dockerfile_instruction *i)
{
  for (size_t w = 0; w < i->word_count; w++) {
    if (i->kind == DOCKERFILE_ARG)
      define_arg(r, &i->words[w]);
    else if (i->kind == DOCKERFILE_ENV && i->words[w].key.len)
      dockerfile_scope_set(&r->scope, i->words[w].key,
                           i->words[w].unknown ? NULL : &i->words[w].text);
  }
}

static int check_shape(const struct reader *r, const struct dockerfile_instruction *i,
                       struct error *err)
{
  const char *name = kind_names[i->kind].data;
  bool empty = !str_trim(i->text).len && !i->heredoc_count;
  if (empty && i->kind != DOCKERFILE_CMD && i->kind != DOCKERFILE_ENTRYPOINT &&
      i->kind != DOCKERFILE_RUN)
    return error_set_at(err, SW_EINVAL, i->line, i->column, "%s needs an argument", name);
  if (r->stages.count == 0 && i->kind != DOCKERFILE_ARG && i->kind != DOCKERFILE_FROM)
    return error_set_at(err, SW_EINVAL, i->line, i->column,
                        "%s stands before the first FROM, where only ARG may", name);
  if (i->kind == DOCKERFILE_FROM && i->word_count != 1 && i->word_count != 3)
    return error_set_at(err, SW_EINVAL, i->line, i->column,
                        "FROM takes an image, or an image AS a name");
  if ((i->kind == DOCKERFILE_COPY || i->kind == DOCKERFILE_ADD) && i->word_count < 2)
    return error_set_at(err, SW_EINVAL, i->line, i->column, "%s needs a source and a destination",
                        name);
  if (i->on_build && (i->kind == DOCKERFILE_FROM || i->kind == DOCKERFILE_MAINTAINER))
    return error_set_at(err, SW_EINVAL, i->line, i->column, "%s cannot stand behind ONBUILD", name);
  return 0;
}

static bool takes_heredocs(enum dockerfile_kind kind)
{
  return kind == DOCKERFILE_RUN || kind == DOCKERFILE_COPY || kind == DOCKERFILE_ADD;
}

/* Pieces whose offsets begin where the text behind the name does. */
static void take_pieces(struct reader *r, const struct joined *j, size_t skipped,
                        struct dockerfile_instruction *i)
{
  struct dockerfile_piece *pieces = arena_array(r->arena, struct dockerfile_piece, j->pieces.count);
  size_t count = 0;
  for (size_t p = 0; p < j->pieces.count; p++) {
    struct dockerfile_piece piece = j->pieces.items[p];
    size_t end = p + 1 < j->pieces.count ? j->pieces.items[p + 1].offset : SIZE_MAX;
    if (end <= skipped)
      continue;
    if (piece.offset < skipped) {
      piece.column += (uint32_t)(skipped - piece.offset);
      piece.offset = skipped;
    }
    piece.offset -= skipped;
    pieces[count++] = piece;
  }
  i->pieces = pieces;
  i->piece_count = count;
}

static int finish_instruction(struct reader *r, const struct joined *j, size_t skipped,
                              struct dockerfile_instruction *i, struct error *err)
{
  struct dockerfile_scope *scope = i->kind == DOCKERFILE_FROM || !r->stages.count ? &r->global
                                                                                  : &r->scope;
  size_t flags;
  i->stage = r->stages.count ? (uint32_t)r->stages.count - 1 : UINT32_MAX;
  int rc = takes_heredocs(i->kind) ? read_heredocs(r, i, err) : 0;
  if (rc == 0)
    rc = dockerfile_take_flags(scope, &i->text, i, &flags, err);
  if (rc == 0) {
    take_pieces(r, j, skipped + flags, i);
    rc = dockerfile_take_words(scope, i, err);
  }
  if (rc == 0)
    rc = check_shape(r, i, err);
  if (rc < 0)
    return rc;
  find_script(r, i);
  if (i->kind == DOCKERFILE_FROM)
    begin_stage(r, i);
  if (!i->on_build)
    define_variables(r, i);
  vec_push(&r->items, *i);
  return 0;
}

static int read_instruction(struct reader *r, const struct joined *j, struct error *err)
{
  struct dockerfile_instruction i = {.line = j->pieces.items[0].line,
                                     .column = j->pieces.items[0].column};
  struct str text = arena_copy(r->arena, buf_str(&j->text)), word;
  size_t skipped, behind;
  if (r->items.count >= DOCKERFILE_INSTRUCTIONS_MAX)
    return error_set_at(err, SW_ELIMIT, i.line, i.column, "more than %d instructions",
                        DOCKERFILE_INSTRUCTIONS_MAX);
  i.kind = take_name(&text, &word, &skipped);
  if (i.kind == DOCKERFILE_ONBUILD) {
    i.on_build = true;
    i.kind = take_name(&text, &word, &behind);
    skipped += behind;
    if (i.kind == DOCKERFILE_ONBUILD)
      return error_set_at(err, SW_EINVAL, i.line, i.column, "ONBUILD cannot stand behind ONBUILD");
  }
  if (i.kind == DOCKERFILE_KINDS)
    return unknown_instruction(word, i.line, i.column, err);
  i.text = text;
  return finish_instruction(r, j, skipped, &i, err);
}

static int read_instructions(struct reader *r, struct error *err)
{
  struct joined j = {0};
  int rc = 0;
  while (rc == 0) {
    buf_clear(&j.text);
    vec_clear(&j.pieces);
    if (!join_lines(r, &j))
      break;
    struct error fault;
    if (read_instruction(r, &j, &fault) < 0 && faults_add(&r->faults, &fault) < 0)
      break;
  }
  buf_free(&j.text);
  vec_free(&j.pieces);
  if (!r->faults.count && !r->stages.count)
    return error_set_at(err, SW_EINVAL, 1, 1, "there is no FROM in it: it is no Dockerfile");
  return faults_end(&r->faults, err);
}

static void give(struct reader *r, struct dockerfile *ret)
{
  *ret = (struct dockerfile){
      .escape = r->scope.escape, .count = r->items.count, .stage_count = r->stages.count};
  ret->items = arena_array(r->arena, struct dockerfile_instruction, r->items.count);
  ret->stages = arena_array(r->arena, struct dockerfile_stage, r->stages.count);
  if (r->items.count)
    memcpy(ret->items, r->items.items, r->items.count * sizeof *ret->items);
  if (r->stages.count)
    memcpy(ret->stages, r->stages.items, r->stages.count * sizeof *ret->stages);
  for (size_t s = 0; s < ret->stage_count; s++)
    ret->stages[s].last = (s + 1 < ret->stage_count ? ret->stages[s + 1].first : ret->count) - 1;
}

int dockerfile_read(struct str text, struct arena *arena, struct dockerfile *ret, struct error *err)
{
  *ret = (struct dockerfile){.escape = '\\'};
  if (text.len > DOCKERFILE_SIZE_MAX)
    return error_set(err, SW_ELIMIT, "it is larger than %d bytes", DOCKERFILE_SIZE_MAX);
  struct reader r = {.text = text, .line = 1, .arena = arena};
  size_t expanded = 0;
  r.global = (struct dockerfile_scope){.arena = arena, .escape = '\\', .expanded = &expanded};
  r.scope = r.global;
  map_init(&r.global.values, arena);
  map_init(&r.scope.values, arena);
  read_directives(&r);
  int rc = read_instructions(&r, err);
  give(&r, ret);
  map_free(&r.global.values);
  map_free(&r.scope.values);
  vec_free(&r.items);
  vec_free(&r.stages);
  return rc;
}

void dockerfile_place(const struct dockerfile_instruction *i, size_t offset, uint32_t *ret_line,
                      uint32_t *ret_column)
{
  *ret_line = i->line;
  *ret_column = i->column;
  if (i->script_heredoc) {
    struct str body = str_sub(i->script, 0, offset);
    ptrdiff_t last = str_find_last_byte(body, '\n');
    *ret_line = i->heredocs[0].line;
    for (size_t k = 0; k < body.len; k++)
      *ret_line += body.data[k] == '\n';
    *ret_column = (uint32_t)(body.len - (size_t)(last + 1)) + 1;
    return;
  }
  for (size_t p = 0; p < i->piece_count && i->pieces[p].offset <= offset; p++) {
    *ret_line = i->pieces[p].line;
    *ret_column = i->pieces[p].column + (uint32_t)(offset - i->pieces[p].offset);
  }
}

const struct dockerfile_flag *dockerfile_flag_of(const struct dockerfile_instruction *i,
                                                 const char *name)
{
  for (size_t f = 0; f < i->flag_count; f++)
    if (str_eq(i->flags[f].name, str_from(name)))
      return &i->flags[f];
  return NULL;
}

static bool starts_nocase(struct str s, struct str prefix)
{
  return s.len >= prefix.len && str_eq_nocase(str_sub(s, 0, prefix.len), prefix);
}

bool dockerfile_wants(struct str path)
{
  ptrdiff_t slash = str_find_last_byte(path, '/');
  struct str name = slash < 0 ? path : str_sub(path, (size_t)slash + 1, path.len);
  static const struct str words[] = {STR_INIT("dockerfile"), STR_INIT("containerfile")};
  /* What a Dockerfile is made of by another program is none yet. */
  static const struct str others[] = {
      STR_INIT(".dockerignore"), STR_INIT(".md"),  STR_INIT(".template"), STR_INIT(".tmpl"),
      STR_INIT(".tpl"),          STR_INIT(".j2"),  STR_INIT(".jinja2"),   STR_INIT(".erb"),
      STR_INIT(".in"),           STR_INIT(".swp"), STR_INIT("~")};
  for (size_t i = 0; i < COUNT(others); i++)
    if (str_ends(name, others[i]))
      return false;
  for (size_t i = 0; i < COUNT(words); i++) {
    struct str word = words[i];
    if (str_eq_nocase(name, word))
      return true;
    if (name.len <= word.len + 1)
      continue;
    /* Dockerfile.prod, Dockerfile-prod, prod.dockerfile */
    bool before = starts_nocase(name, word) &&
                  (name.data[word.len] == '.' || name.data[word.len] == '-');
    struct str end = str_sub(name, name.len - word.len, word.len);
    if (before || (str_eq_nocase(end, word) && name.data[name.len - word.len - 1] == '.'))
      return true;
  }
  return false;
}
