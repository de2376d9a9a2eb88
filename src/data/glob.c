#include "data/glob.h"

#include "base/utf8.h"

/*
 * A pattern becomes a program for a set of states that are followed at once (Thompson's way), so
 * that no text makes it go back. A state is the number of an instruction.
 */
enum opcode {
  OP_CHAR,  /* arg: the character */
  OP_ANY,   /* one character that is no delimiter */
  OP_CLASS, /* arg: number of the class */
  OP_STAR,  /* any number of characters that are no delimiters */
  OP_SUPER, /* any number of characters */
  OP_SPLIT, /* go on behind it, and at arg */
  OP_JUMP,  /* go on at arg */
  OP_MATCH,
};

struct instruction {
  uint8_t op;
  uint32_t arg;
};

/* At most two instructions for a byte of the pattern (',' in braces), and the last. */
enum { PROGRAM_MAX = 2 * GLOB_LENGTH_MAX + 1, MARK_WORDS = (PROGRAM_MAX + 63) / 64 };

struct range {
  uint32_t low, high;
};

struct class
{
  const struct range *ranges;
  uint32_t count;
  bool negated;
};

struct glob {
  struct instruction *program;
  uint32_t length;
  struct class *classes;
  unsigned flags;
  uint32_t delimiters[GLOB_DELIMITERS_MAX];
  uint32_t delimiter_count;
  /* A literal with a star in front or behind, if the pattern is that. */
  bool plain;
  uint8_t before, behind; /* OP_STAR, OP_SUPER; OP_MATCH: no star */
  struct str literal;
};

/* Characters. */

enum { NOT_UTF8 = 0x110000 }; /* a byte that is not UTF-8 is the character NOT_UTF8 + byte */

/* The character at *at, and *at moved behind it. */
static uint32_t next_character(struct str s, size_t *at)
{
  uint32_t c = (unsigned char)s.data[*at], point;
  unsigned length = c < 0x80 ? 0 : utf8_decode(s, *at, &point);
  *at += length ? length : 1;
  if (c < 0x80)
    return c;
  return length ? point : NOT_UTF8 + c;
}

static uint32_t lower(uint32_t c)
{
  return c >= 'A' && c <= 'Z' ? c + ('a' - 'A') : c;
}

static uint32_t upper(uint32_t c)
{
  return c >= 'a' && c <= 'z' ? c - ('a' - 'A') : c;
}

static bool is_delimiter(const struct glob *g, uint32_t c)
{
  for (uint32_t i = 0; i < g->delimiter_count; i++)
    if (g->delimiters[i] == c)
      return true;
  return false;
}

/* Compiling. */

struct brace {
  uint32_t split;  /* the SPLIT in front of the current alternative */
  uint32_t jumps;  /* the last JUMP behind an alternative; each names the one before. 0: none */
  uint32_t opened; /* where in the pattern */
};

struct compiler {
  struct glob *g;
  struct str pattern;
  size_t at;
  size_t component; /* where the current component of the path begins */
  struct brace braces[GLOB_DEPTH_MAX];
  unsigned depth;
  uint32_t classes;
  struct range *ranges; /* room for those of all classes that are still to come */
  struct error *err;
};

static uint32_t put(struct compiler *c, enum opcode op, uint32_t arg)
{
  c->g->program[c->g->length] = (struct instruction){(uint8_t)op, arg};
  return c->g->length++;
}

static int fail(struct compiler *c, size_t at, const char *what)
{
  uint32_t column = 1;
  for (size_t i = 0; i < at; column++)
    next_character(c->pattern, &i);
  return error_set_at(c->err, SW_EINVAL, 1, column, "the pattern \"%.*s\": %s",
                      STR_FMT(str_sub(c->pattern, 0, 200)), what);
}

static bool has(const struct compiler *c, unsigned flag)
{
  return c->g->flags & flag;
}

static bool next_is(const struct compiler *c, char byte)
{
  return c->at < c->pattern.len && c->pattern.data[c->at] == byte;
}

/* A character of a class, maybe escaped. */
static int class_character(struct compiler *c, uint32_t *ret)
{
  if (next_is(c, '\\') && has(c, GLOB_ESCAPES))
    c->at++;
  if (c->at >= c->pattern.len)
    return -1;
  *ret = next_character(c->pattern, &c->at);
  return 0;
}

static int compile_range(struct compiler *c)
{
  size_t begin = c->at;
  uint32_t low, high;
  if (class_character(c, &low) < 0)
    return 0; /* the end is noticed by the caller */
  high = low;
  bool to = next_is(c, '-') && c->at + 1 < c->pattern.len && c->pattern.data[c->at + 1] != ']';
  if (to) {
    c->at++;
    if (class_character(c, &high) < 0)
      return 0;
  }
  if (high < low)
    return fail(c, begin, "a range in brackets runs backwards");
  *c->ranges++ = (struct range){low, high};
  return 0;
}

/* Behind a '['. */
static int compile_class(struct compiler *c)
{
  size_t opened = c->at - 1;
  struct class *class = &c->g->classes[c->classes];
  *class = (struct class){.negated = next_is(c, '!') || next_is(c, '^')};
  c->at += class->negated;
  class->ranges = c->ranges;
  for (bool first = true; first || !next_is(c, ']'); first = false) {
    if (c->at >= c->pattern.len)
      return fail(c, opened, "a \"[\" without its \"]\"");
    if (str_starts(str_sub(c->pattern, c->at, 2), STR("[:")) &&
        str_find(c->pattern, c->at, STR(":]")) >= 0)
      return fail(c, c->at, "names of character classes like [:alpha:] are not known here");
    int r = compile_range(c);
    if (r < 0)
      return r;
  }
  c->at++;
  class->count = (uint32_t)(c->ranges - class->ranges);
  put(c, OP_CLASS, c->classes++);
  return 0;
}

static int open_brace(struct compiler *c)
{
  if (c->depth == GLOB_DEPTH_MAX)
    return error_set(c->err, SW_ELIMIT, "the pattern \"%.*s\" has braces nested deeper than %d",
                     STR_FMT(str_sub(c->pattern, 0, 200)), GLOB_DEPTH_MAX);
  c->braces[c->depth++] =
      (struct brace){.split = put(c, OP_SPLIT, 0), .opened = (uint32_t)c->at - 1};
  return 0;
}

static void next_alternative(struct compiler *c)
{
  struct brace *b = &c->braces[c->depth - 1];
  b->jumps = put(c, OP_JUMP, b->jumps);
  c->g->program[b->split].arg = c->g->length;
  b->split = put(c, OP_SPLIT, 0);
}

static void close_brace(struct compiler *c)
{
  struct brace *b = &c->braces[--c->depth];
  struct instruction *program = c->g->program;
  program[b->split] = (struct instruction){OP_JUMP, b->split + 1};
  for (uint32_t jump = b->jumps; jump;) {
    uint32_t before = program[jump].arg;
    program[jump].arg = c->g->length;
    jump = before;
  }
}

/* Behind a '*'. */
static void compile_star(struct compiler *c)
{
  size_t begin = c->at - 1;
  while (next_is(c, '*'))
    c->at++;
  bool is_double = c->at - begin > 1 && has(c, GLOB_SUPER);
  if (!has(c, GLOB_COMPONENTS) || !is_double) {
    put(c, is_double ? OP_SUPER : OP_STAR, 0);
    return;
  }
  bool ends = c->at == c->pattern.len || (c->depth && (next_is(c, '}') || next_is(c, ',')));
  size_t behind = c->at;
  bool slash = !ends && next_character(c->pattern, &behind) == c->g->delimiters[0];
  if (begin != c->component || c->at - begin > 2 || !(ends || slash)) {
    put(c, OP_STAR, 0);
  } else if (ends) {
    put(c, OP_SUPER, 0);
  } else { /* any number of components, each with its delimiter, or none */
    uint32_t split = put(c, OP_SPLIT, 0);
    put(c, OP_SUPER, 0);
    put(c, OP_CHAR, c->g->delimiters[0]);
    c->g->program[split].arg = c->g->length;
    c->at = c->component = behind;
  }
}

static int compile_plain(struct compiler *c, uint32_t character)
{
  if (is_delimiter(c->g, character))
    c->component = c->at;
  put(c, OP_CHAR, has(c, GLOB_NOCASE) ? lower(character) : character);
  return 0;
}

static int compile_escape(struct compiler *c)
{
  if (c->at >= c->pattern.len)
    return fail(c, c->at - 1, "a \"\\\" at the end escapes nothing");
  return compile_plain(c, next_character(c->pattern, &c->at));
}

static int compile_next(struct compiler *c)
{
  size_t begin = c->at;
  uint32_t character = next_character(c->pattern, &c->at);
  switch (character) {
  case '*':
    compile_star(c);
    return 0;
  case '?':
    put(c, OP_ANY, 0);
    return 0;
  case '[':
    return has(c, GLOB_CLASSES) ? compile_class(c) : compile_plain(c, character);
  case '\\':
    return has(c, GLOB_ESCAPES) ? compile_escape(c) : compile_plain(c, character);
  case '{':
    if (!has(c, GLOB_BRACES))
      break;
    if (c->component == begin)
      c->component = c->at;
    return open_brace(c);
  case ',':
  case '}':
    if (!c->depth)
      break;
    if (character == ',') {
      if (c->braces[c->depth - 1].opened == 0)
        c->component = c->at;
      next_alternative(c);
    } else {
      close_brace(c);
    }
    return 0;
  default:
    break;
  }
  return compile_plain(c, character);
}

static int read_delimiters(struct glob *g, struct str delimiters, struct error *err)
{
  for (size_t at = 0; at < delimiters.len;) {
    if (g->delimiter_count == GLOB_DELIMITERS_MAX)
      return error_set(err, SW_ELIMIT, "a pattern has at most %d delimiters", GLOB_DELIMITERS_MAX);
    g->delimiters[g->delimiter_count++] = next_character(delimiters, &at);
  }
  if ((g->flags & GLOB_COMPONENTS) && g->delimiter_count == 0)
    g->flags &= ~(unsigned)GLOB_COMPONENTS;
  return 0;
}

/* Notices patterns that are a literal with a star at an edge. Bytes that are not UTF-8 could be found
 * in the middle of a character, so they are left to the program. */
static void find_plain(struct arena *a, struct glob *g)
{
  uint32_t begin = 0, end = g->length - 1;
  g->before = g->behind = OP_MATCH;
  if (begin < end && (g->program[begin].op == OP_STAR || g->program[begin].op == OP_SUPER))
    g->before = g->program[begin++].op;
  if (begin < end && (g->program[end - 1].op == OP_STAR || g->program[end - 1].op == OP_SUPER))
    g->behind = g->program[--end].op;
  for (uint32_t i = begin; i < end; i++)
    if (g->program[i].op != OP_CHAR || g->program[i].arg >= NOT_UTF8)
      return;
  bool limited = g->delimiter_count && (g->before == OP_STAR || g->behind == OP_STAR);
  if ((g->flags & GLOB_NOCASE) || (g->before != OP_MATCH && g->behind != OP_MATCH && limited))
    return;
  char *text = arena_alloc(a, (size_t)(end - begin) * 4);
  size_t len = 0;
  for (uint32_t i = begin; i < end; i++)
    len += utf8_encode(g->program[i].arg, text + len);
  g->literal = str_make(text, len);
  g->plain = true;
}

int glob_compile(struct arena *a, struct str pattern, struct str delimiters, unsigned flags,
                 struct glob **ret_glob, struct error *err)
{
  if (pattern.len > GLOB_LENGTH_MAX)
    return error_set(err, SW_ELIMIT, "a pattern of %zu bytes is longer than %d", pattern.len,
                     GLOB_LENGTH_MAX);
  struct glob *g = arena_new(a, struct glob);
  g->flags = flags;
  int r = read_delimiters(g, delimiters, err);
  if (r < 0)
    return r;
  g->program = arena_array(a, struct instruction, 2 * pattern.len + 1);
  size_t classes = 0;
  for (size_t i = 0; i < pattern.len; i++)
    classes += pattern.data[i] == '[';
  g->classes = arena_array(a, struct class, classes);
  struct compiler c = {.g = g, .pattern = pattern, .err = err};
  if (classes)
    c.ranges = arena_array(a, struct range, pattern.len);
  while (c.at < pattern.len) {
    r = compile_next(&c);
    if (r < 0)
      return r;
  }
  if (c.depth)
    return fail(&c, c.braces[c.depth - 1].opened, "a \"{\" without its \"}\"");
  put(&c, OP_MATCH, 0);
  find_plain(a, g);
  *ret_glob = g;
  return 0;
}

/* Matching. */

struct states {
  uint16_t list[PROGRAM_MAX];
  uint32_t count;
  uint64_t marks[MARK_WORDS];
};

static void clear_states(struct states *s, uint32_t length)
{
  s->count = 0;
  memset(s->marks, 0, (length + 63) / 64 * sizeof s->marks[0]);
}

static void add_state(struct states *s, uint32_t state)
{
  uint64_t bit = (uint64_t)1 << (state & 63);
  if (s->marks[state / 64] & bit)
    return;
  s->marks[state / 64] |= bit;
  s->list[s->count++] = (uint16_t)state;
}

static bool in_class(const struct glob *g, const struct class *class, uint32_t c)
{
  bool nocase = g->flags & GLOB_NOCASE;
  bool found = false;
  for (uint32_t i = 0; i < class->count && !found; i++) {
    const struct range *r = &class->ranges[i];
    found = (c >= r->low && c <= r->high) ||
            (nocase && ((lower(c) >= r->low && lower(c) <= r->high) ||
                        (upper(c) >= r->low && upper(c) <= r->high)));
  }
  return found != class->negated;
}

static const uint32_t end_of_text = UINT32_MAX;

/* What one state does with a character; what needs none goes on in the same list. True: MATCH. */
static bool follow(const struct glob *g, uint32_t state, uint32_t c, bool delimiter,
                   struct states *now, struct states *next)
{
  const struct instruction *i = &g->program[state];
  bool is_end = c == end_of_text;
  switch ((enum opcode)i->op) {
  case OP_CHAR:
    if (i->arg == (g->flags & GLOB_NOCASE ? lower(c) : c))
      add_state(next, state + 1);
    return false;
  case OP_ANY:
    if (!delimiter && !is_end)
      add_state(next, state + 1);
    return false;
  case OP_CLASS:
    if (!is_end && (!delimiter || (g->flags & GLOB_CLASS_DELIMITERS)) &&
        in_class(g, &g->classes[i->arg], c))
      add_state(next, state + 1);
    return false;
  case OP_STAR:
  case OP_SUPER:
    add_state(now, state + 1);
    if (!is_end && (!delimiter || i->op == OP_SUPER))
      add_state(next, state);
    return false;
  case OP_SPLIT:
    add_state(now, state + 1);
    add_state(now, i->arg);
    return false;
  case OP_JUMP:
    add_state(now, i->arg);
    return false;
  case OP_MATCH:
    return true;
  }
  return false;
}

enum matched { NOT_MATCHED, MATCHED, MATCHED_BEFORE_DELIMITER };

/* Runs the program over the text. With `parents`, a match that ends in front of a delimiter counts
 * too. */
static enum matched run(const struct glob *g, struct str text, bool parents)
{
  struct states sets[2];
  struct states *now = &sets[0], *next = &sets[1];
  clear_states(now, g->length);
  add_state(now, 0);
  for (size_t at = 0;;) {
    uint32_t c = at < text.len ? next_character(text, &at) : end_of_text;
    bool delimiter = is_delimiter(g, c), match = false;
    clear_states(next, g->length);
    for (uint32_t i = 0; i < now->count; i++)
      match |= follow(g, now->list[i], c, delimiter, now, next);
    if (c == end_of_text)
      return match ? MATCHED : NOT_MATCHED;
    if (match && parents && delimiter)
      return MATCHED_BEFORE_DELIMITER;
    if (next->count == 0)
      return NOT_MATCHED;
    struct states *done = now;
    now = next;
    next = done;
  }
}

/* May a star stand for this text? */
static bool star_takes(const struct glob *g, uint8_t star, struct str text)
{
  if (star == OP_MATCH)
    return text.len == 0;
  if (star == OP_SUPER || g->delimiter_count == 0)
    return true;
  for (size_t at = 0; at < text.len;)
    if (is_delimiter(g, next_character(text, &at)))
      return false;
  return true;
}

static bool match_plain(const struct glob *g, struct str text)
{
  size_t len = g->literal.len;
  if (g->before != OP_MATCH && g->behind != OP_MATCH)
    return str_find(text, 0, g->literal) >= 0;
  if (g->before != OP_MATCH)
    return str_ends(text, g->literal) && star_takes(g, g->before, str_sub(text, 0, text.len - len));
  return str_starts(text, g->literal) && star_takes(g, g->behind, str_sub(text, len, text.len));
}

bool glob_match(const struct glob *glob, struct str text)
{
  return glob->plain ? match_plain(glob, text) : run(glob, text, false) == MATCHED;
}

bool glob_is_pattern(struct str pattern, unsigned flags)
{
  for (size_t i = 0; i < pattern.len; i++) {
    char c = pattern.data[i];
    if (c == '*' || c == '?' || (c == '[' && (flags & GLOB_CLASSES)) ||
        (c == '{' && (flags & GLOB_BRACES)) || (c == '\\' && (flags & GLOB_ESCAPES)))
      return true;
  }
  return false;
}

bool glob_match_name(struct str pattern, struct str name)
{
  size_t p = 0, n = 0, star = SIZE_MAX, resume = 0;
  while (n < name.len) {
    if (p < pattern.len && pattern.data[p] == '*') {
      star = ++p;
      resume = n;
      if (p == pattern.len) /* it takes the rest, whatever that is */
        return true;
      continue;
    }
    size_t p_next = p, n_next = n;
    uint32_t c = next_character(name, &n_next);
    uint32_t wanted = p < pattern.len ? next_character(pattern, &p_next) : end_of_text;
    if (wanted == '?' || wanted == c) {
      p = p_next;
      n = n_next;
    } else if (star != SIZE_MAX) { /* the last star takes one character more */
      next_character(name, &resume);
      p = star;
      n = resume;
    } else {
      return false;
    }
  }
  while (p < pattern.len && pattern.data[p] == '*')
    p++;
  return p == pattern.len;
}

/* Excludes. */

struct glob_exclude {
  struct glob *glob;
  bool anchored;    /* held against the whole path, else against each component */
  bool directories; /* directories only */
};

static struct str drop_dot(struct str path)
{
  while (str_starts(path, STR("./")))
    path = str_sub(path, 2, path.len);
  return str_eq(path, STR(".")) ? STR_EMPTY : path;
}

int glob_exclude_compile(struct arena *a, struct str pattern, struct glob_exclude **ret_exclude,
                         struct error *err)
{
  struct str p = drop_dot(pattern);
  if (p.len && p.data[0] == '!')
    return error_set(
        err, SW_EUNSUPPORTED,
        "the pattern \"%.*s\": \"!\" (include again) is not supported; write \"\\!\" for "
        "a name that begins with it",
        STR_FMT(str_sub(pattern, 0, 200)));
  struct glob_exclude *e = arena_new(a, struct glob_exclude);
  while (p.len > 1 && p.data[p.len - 1] == '/') {
    e->directories = true;
    p.len--;
  }
  e->anchored = str_find_byte(p, 0, '/') >= 0;
  if (p.len && p.data[0] == '/')
    p = str_sub(p, 1, p.len);
  if (p.len == 0)
    return error_set(err, SW_EINVAL, "the pattern \"%.*s\" names nothing",
                     STR_FMT(str_sub(pattern, 0, 200)));
  int r = glob_compile(a, p, STR("/"), GLOB_PATH, &e->glob, err);
  if (r < 0)
    return r;
  *ret_exclude = e;
  return 0;
}

bool glob_excluded(const struct glob_exclude *exclude, struct str path, bool is_directory)
{
  path = drop_dot(path);
  if (path.len == 0)
    return false;
  bool last_counts = is_directory || !exclude->directories;
  if (exclude->anchored) {
    enum matched m = run(exclude->glob, path, true);
    return m == MATCHED_BEFORE_DELIMITER || (m == MATCHED && last_counts);
  }
  for (struct str rest = path; rest.data;) {
    struct str component = str_cut(rest, '/', &rest);
    if ((rest.data || last_counts) && glob_match(exclude->glob, component))
      return true;
  }
  return false;
}
