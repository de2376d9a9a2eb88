#include "base/buf.h"
#include "base/vec.h"
#include "data/json.h"
#include "scan/check/dockerfile_int.h"

static bool is_blank(char c)
{
  return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

static bool is_name_byte(char c, bool first)
{
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' ||
         (!first && c >= '0' && c <= '9');
}

/* ---- variables */

void dockerfile_scope_set(struct dockerfile_scope *scope, struct str name, const struct str *value)
{
  struct str *kept = NULL;
  if (value) {
    kept = arena_alloc(scope->arena, sizeof *kept);
    *kept = *value;
  }
  map_put(&scope->values, name, NULL)->view = kept;
}

struct expansion {
  const struct dockerfile_scope *scope;
  struct str text;
  size_t at;
  struct buf out;
  bool unknown;
};

/* A value; one that nobody knows, or that makes the whole too long, is told as unknown. */
static void put_variable(struct expansion *e, struct str name, size_t from)
{
  union map_value *found = map_get(&e->scope->values, name);
  const struct str *value = found ? found->view : NULL;
  if (value && e->out.len + value->len <= DOCKERFILE_VALUE_MAX &&
      *e->scope->expanded + value->len <= DOCKERFILE_EXPANDED_MAX) {
    *e->scope->expanded += value->len;
    buf_add(&e->out, *value);
    return;
  }
  e->unknown = true;
  buf_add(&e->out, str_sub(e->text, from, e->at - from));
}

/* "${NAME:-word}" and its kin, at the byte behind the name. The word is taken as it stands. */
static void put_modified(struct expansion *e, struct str name, size_t from, struct str modifier)
{
  union map_value *found = map_get(&e->scope->values, name);
  const struct str *value = found ? found->view : NULL;
  bool colon = modifier.data[0] == ':';
  struct str rest = str_sub(modifier, colon ? 1 : 0, modifier.len);
  struct str word = str_sub(rest, 1, rest.len);
  bool is_set = value && !(colon && !value->len);
  bool dynamic = str_find_byte(word, 0, '$') >= 0;
  char operation = rest.len ? rest.data[0] : '\0';
  if (operation == '-' && !is_set && !(found && !value) && !dynamic)
    buf_add(&e->out, word);
  else if (operation == '-' && is_set)
    put_variable(e, name, from);
  else if (operation == '+' && (is_set ? !dynamic : !(found && !value)))
    buf_add(&e->out, is_set ? word : STR_EMPTY);
  else if (operation == '?' && is_set)
    put_variable(e, name, from);
  else {
    e->unknown = true;
    buf_add(&e->out, str_sub(e->text, from, e->at - from));
  }
}

static size_t name_length(struct str s)
{
  size_t len = 0;
  while (len < s.len && is_name_byte(s.data[len], len == 0))
    len++;
  return len;
}

/* At "$". */
static void expand_variable(struct expansion *e)
{
  size_t from = e->at++;
  struct str rest = str_sub(e->text, e->at, e->text.len);
  bool braces = rest.len && rest.data[0] == '{';
  struct str name = str_sub(rest, braces, name_length(str_sub(rest, braces, rest.len)));
  ptrdiff_t close = braces ? str_find_byte(rest, 0, '}') : 0;
  if (!name.len || close < 0) {
    buf_add_byte(&e->out, '$');
    return;
  }
  if (!braces) {
    e->at += name.len;
    put_variable(e, name, from);
    return;
  }
  e->at += (size_t)close + 1;
  size_t behind = 1 + name.len;
  struct str modifier = str_sub(rest, behind, (size_t)close - behind);
  if (modifier.len)
    put_modified(e, name, from, modifier);
  else
    put_variable(e, name, from);
}

static void expand_quoted(struct expansion *e, char quote)
{
  e->at++;
  while (e->at < e->text.len && e->text.data[e->at] != quote) {
    char c = e->text.data[e->at];
    if (quote == '"' && c == '$') {
      expand_variable(e);
      continue;
    }
    if (quote == '"' && c == e->scope->escape && e->at + 1 < e->text.len) {
      char next = e->text.data[e->at + 1];
      if (next != '"' && next != '$' && next != c)
        buf_add_byte(&e->out, c);
      buf_add_byte(&e->out, next);
      e->at += 2;
      continue;
    }
    buf_add_byte(&e->out, c);
    e->at++;
  }
  e->at += e->at < e->text.len;
}

struct str dockerfile_expand(const struct dockerfile_scope *scope, struct str text,
                             bool *ret_unknown)
{
  struct expansion e = {.scope = scope, .text = text};
  while (e.at < text.len) {
    char c = text.data[e.at];
    if (c == '\'' || c == '"') {
      expand_quoted(&e, c);
    } else if (c == '$') {
      expand_variable(&e);
    } else {
      e.at += c == scope->escape && e.at + 1 < text.len;
      buf_add_byte(&e.out, text.data[e.at++]);
    }
  }
  *ret_unknown = e.unknown;
  struct str result = arena_copy(scope->arena, buf_str(&e.out));
  buf_free(&e.out);
  return result;
}

/* ---- words */

struct str dockerfile_next_word(struct str *io_text, char escape)
{
  struct str s = *io_text;
  size_t from = 0, at;
  char quote = '\0';
  while (from < s.len && is_blank(s.data[from]))
    from++;
  for (at = from; at < s.len && (quote || !is_blank(s.data[at])); at++) {
    char c = s.data[at];
    if (c == escape && quote != '\'' && at + 1 < s.len)
      at++;
    else if (quote ? c == quote : c == '"' || c == '\'')
      quote = quote ? '\0' : c;
  }
  *io_text = str_sub(s, at, s.len);
  return str_sub(s, from, at - from);
}

struct words VEC_BODY(struct dockerfile_word);

static int too_many(const struct dockerfile_instruction *i, struct error *err)
{
  return error_set_at(err, SW_ELIMIT, i->line, i->column, "%.*s has more than %d words",
                      STR_FMT(dockerfile_kind_name(i->kind)), DOCKERFILE_WORDS_MAX);
}

static void keep_words(const struct dockerfile_scope *scope, struct words *words,
                       struct dockerfile_instruction *i)
{
  i->words = arena_array(scope->arena, struct dockerfile_word, words->count);
  i->word_count = words->count;
  if (words->count)
    memcpy(i->words, words->items, words->count * sizeof *words->items);
  vec_free(words);
}

static void add_word(const struct dockerfile_scope *scope, struct words *words, struct str key,
                     struct str written)
{
  struct dockerfile_word word = {.key = key, .written = written};
  word.text = dockerfile_expand(scope, written, &word.unknown);
  vec_push(words, word);
}

static int take_plain(const struct dockerfile_scope *scope, struct dockerfile_instruction *i,
                      struct error *err)
{
  struct words words = {0};
  struct str rest = i->text, word;
  while ((word = dockerfile_next_word(&rest, scope->escape)).len) {
    if (words.count >= DOCKERFILE_WORDS_MAX) {
      vec_free(&words);
      return too_many(i, err);
    }
    add_word(scope, &words, STR_EMPTY, word);
  }
  keep_words(scope, &words, i);
  return 0;
}

/* One word for all of the text. */
static int take_whole(const struct dockerfile_scope *scope, struct dockerfile_instruction *i,
                      struct error *err)
{
  struct words words = {0};
  (void)err;
  if (str_trim(i->text).len)
    add_word(scope, &words, STR_EMPTY, str_trim(i->text));
  keep_words(scope, &words, i);
  return 0;
}

static struct str unquoted(const struct dockerfile_scope *scope, struct str key)
{
  bool unknown;
  return dockerfile_expand(scope, key, &unknown);
}

/* NAME=value ..., or the old "NAME value" */
static int take_pairs(const struct dockerfile_scope *scope, struct dockerfile_instruction *i,
                      struct error *err)
{
  struct words words = {0};
  struct str rest = i->text, word = dockerfile_next_word(&rest, scope->escape);
  if (word.len && str_find_byte(word, 0, '=') < 0) {
    add_word(scope, &words, unquoted(scope, word), str_trim(rest));
    keep_words(scope, &words, i);
    return 0;
  }
  for (; word.len; word = dockerfile_next_word(&rest, scope->escape)) {
    struct str value, key = str_cut(word, '=', &value);
    if (words.count >= DOCKERFILE_WORDS_MAX || !value.data) {
      bool full = value.data != NULL;
      vec_free(&words);
      return full ? too_many(i, err)
                  : error_set_at(err, SW_EINVAL, i->line, i->column,
                                 "%.*s takes pairs NAME=value, and \"%.*s\" is none",
                                 STR_FMT(dockerfile_kind_name(i->kind)),
                                 (int)(word.len < 60 ? word.len : 60), word.data);
    }
    add_word(scope, &words, unquoted(scope, key), value);
  }
  keep_words(scope, &words, i);
  return 0;
}

/* NAME or NAME=value, several. */
static int take_args(const struct dockerfile_scope *scope, struct dockerfile_instruction *i,
                     struct error *err)
{
  int rc = take_plain(scope, i, err);
  for (size_t w = 0; rc == 0 && w < i->word_count; w++) {
    struct dockerfile_word *word = &i->words[w];
    struct str value, key = str_cut(word->written, '=', &value);
    word->key = key;
    word->valueless = !value.data;
    word->written = word->valueless ? STR_EMPTY : value;
    word->text = dockerfile_expand(scope, word->written, &word->unknown);
  }
  return rc;
}

/* The exec form: a list of texts; false: it is none, and so the shell form. */
static bool take_json(const struct dockerfile_scope *scope, struct dockerfile_instruction *i)
{
  struct str text = str_trim(i->text);
  struct value root;
  struct error err;
  if (!text.len || text.data[0] != '[')
    return false;
  const struct json_options options = {.depth_max = 2};
  if (json_parse(scope->arena, text, &options, &root, &err) < 0 || !value_is(root, VALUE_ARRAY) ||
      root.len > DOCKERFILE_WORDS_MAX)
    return false;
  for (uint32_t k = 0; k < root.len; k++)
    if (!value_is(root.items[k], VALUE_STRING))
      return false;
  i->words = arena_zalloc(scope->arena, root.len + 1, sizeof *i->words);
  for (uint32_t k = 0; k < root.len; k++) {
    struct str item = arena_copy(scope->arena, value_str(root.items[k]));
    i->words[k] = (struct dockerfile_word){.written = item, .text = item};
    /* Here RUN, CMD and ENTRYPOINT replace nothing; the others do, without a shell's quotes. */
    if (i->kind == DOCKERFILE_COPY || i->kind == DOCKERFILE_ADD || i->kind == DOCKERFILE_VOLUME)
      i->words[k].unknown = str_find_byte(item, 0, '$') >= 0;
  }
  i->word_count = root.len;
  i->json = true;
  return true;
}

static const struct shape {
  bool json; /* it may be the exec form */
  int (*take)(const struct dockerfile_scope *scope, struct dockerfile_instruction *i,
              struct error *err);
} shapes[DOCKERFILE_KINDS] = {
    [DOCKERFILE_ADD] = {true, take_plain},
    [DOCKERFILE_ARG] = {false, take_args},
    [DOCKERFILE_CMD] = {true, NULL},
    [DOCKERFILE_COPY] = {true, take_plain},
    [DOCKERFILE_ENTRYPOINT] = {true, NULL},
    [DOCKERFILE_ENV] = {false, take_pairs},
    [DOCKERFILE_EXPOSE] = {false, take_plain},
    [DOCKERFILE_FROM] = {false, take_plain},
    [DOCKERFILE_HEALTHCHECK] = {false, take_plain},
    [DOCKERFILE_LABEL] = {false, take_pairs},
    [DOCKERFILE_MAINTAINER] = {false, take_whole},
    [DOCKERFILE_ONBUILD] = {false, NULL},
    [DOCKERFILE_RUN] = {true, NULL},
    [DOCKERFILE_SHELL] = {true, take_plain},
    [DOCKERFILE_STOPSIGNAL] = {false, take_plain},
    [DOCKERFILE_USER] = {false, take_plain},
    [DOCKERFILE_VOLUME] = {true, take_plain},
    [DOCKERFILE_WORKDIR] = {false, take_whole},
};

int dockerfile_take_words(const struct dockerfile_scope *scope, struct dockerfile_instruction *i,
                          struct error *err)
{
  const struct shape *shape = &shapes[i->kind];
  if (shape->json && take_json(scope, i))
    return 0;
  return shape->take ? shape->take(scope, i, err) : 0;
}

/* ---- flags */

static bool takes_flags(enum dockerfile_kind kind)
{
  return kind == DOCKERFILE_ADD || kind == DOCKERFILE_COPY || kind == DOCKERFILE_FROM ||
         kind == DOCKERFILE_HEALTHCHECK || kind == DOCKERFILE_RUN;
}

int dockerfile_take_flags(const struct dockerfile_scope *scope, struct str *io_text,
                          struct dockerfile_instruction *i, size_t *ret_skipped, struct error *err)
{
  VEC(struct dockerfile_flag) flags = {0};
  struct str rest = *io_text;
  while (takes_flags(i->kind)) {
    struct str behind = rest, word = dockerfile_next_word(&behind, scope->escape), value;
    if (!str_starts(word, STR("--")) || word.len == 2)
      break;
    if (flags.count >= DOCKERFILE_WORDS_MAX) {
      vec_free(&flags);
      return too_many(i, err);
    }
    struct dockerfile_flag flag = {.name = str_cut(str_sub(word, 2, word.len), '=', &value)};
    if (value.data)
      flag.value = dockerfile_expand(scope, value, &flag.unknown);
    vec_push(&flags, flag);
    rest = behind;
  }
  while (rest.len && is_blank(rest.data[0]))
    rest = str_sub(rest, 1, rest.len);
  *ret_skipped = io_text->len - rest.len;
  *io_text = rest;
  i->flags = arena_array(scope->arena, struct dockerfile_flag, flags.count);
  i->flag_count = flags.count;
  if (flags.count)
    memcpy(i->flags, flags.items, flags.count * sizeof *flags.items);
  vec_free(&flags);
  return 0;
}
