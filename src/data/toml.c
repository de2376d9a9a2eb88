#include "data/toml_int.h"

#include "base/buf.h"
#include "base/map.h"
#include "base/utf8.h"
#include "base/vec.h"

/*
 * How it works
 *
 * Tables can be added to until the text ends, so it is read into nodes first, and made into values then. One
 * map holds all members of all tables, under the table's number and the key. Children of a node are a list,
 * in the order of the text.
 *
 * Which table may be opened again is what most of the rules are about. A table that a header names
 * ("defined"), one that dotted keys made, in the section of the text in which they did so, and an inline
 * table are closed for everything else; one that is only on the way of a header is not.
 */

enum node_kind { NODE_VALUE, NODE_ARRAY, NODE_TABLE, NODE_TABLES };

struct node {
  struct value value; /* NODE_VALUE */
  struct str key;     /* of the member; not used for elements */
  const char *key_at, *at;
  struct node *first, *last, *next;
  uint32_t count;
  uint32_t number;  /* of a table: part of its members' keys in the map */
  uint32_t depth;   /* the root's is 1 */
  uint32_t section; /* in which dotted keys made it or went through it; 0: none did */
  uint8_t kind;
  bool defined; /* by a header */
  bool inlined;
};

struct document {
  struct toml_reader r;
  struct toml_options options;
  struct arena scratch;
  struct map members;
  struct buf key; /* of the map */
  struct node *root;
  uint32_t values, sections;
  uint32_t section; /* that is being read; an inline table is one of its own */
  struct {
    struct value *items;
    size_t count, room;
  } made; /* children of containers that are being made */
  struct {
    struct value_position *items;
    size_t count, room;
  } places; /* in step with made, if they are wanted */
  const char *placed;
  struct value_position place; /* of placed */
};

/* ---- places and errors */

static struct value_position advance(struct value_position place, const char *from, const char *to)
{
  for (; from < to; from++) {
    if (*from == '\n')
      place = (struct value_position){place.line + 1, 1};
    else if (((unsigned char)*from & 0xC0) != 0x80)
      place.column++;
  }
  return place;
}

bool toml_fail(struct toml_reader *r, const char *at, int code, const char *format, ...)
{
  char text[ERROR_MESSAGE_MAX];
  struct value_position place = advance((struct value_position){1, 1}, r->begin, at);
  va_list args;
  va_start(args, format);
  vsnprintf(text, sizeof text, format, args);
  va_end(args);
  r->code = error_set_at(r->err, code, place.line, place.column, "%s", text);
  return false;
}

bool toml_fail_expected(struct toml_reader *r, const char *expected)
{
  uint32_t point = 0;
  if (r->at >= r->end)
    return toml_fail(r, r->at, SW_EINVAL, "the text ends where there should be %s", expected);
  utf8_decode(str_make(r->at, (size_t)(r->end - r->at)), 0, &point);
  if (point == '\n' || point == '\r')
    return toml_fail(r, r->at, SW_EINVAL, "the line ends where there should be %s", expected);
  if (point > 0x20 && point < 0x7f)
    return toml_fail(r, r->at, SW_EINVAL, "found '%c' instead of %s", *r->at, expected);
  return toml_fail(r, r->at, SW_EINVAL, "found character U+%04X instead of %s", point, expected);
}

/* ---- nodes */

static bool check_limits(struct document *d, enum node_kind kind, uint32_t depth, const char *at)
{
  const struct arena *a = d->r.arena;
  if (d->values >= d->options.values_max)
    return toml_fail(&d->r, at, SW_ELIMIT, "there are more than %u values", d->options.values_max);
  if (kind != NODE_VALUE && depth > d->options.depth_max)
    return toml_fail(&d->r, at, SW_ELIMIT, "tables and arrays are more than %u deep",
                     d->options.depth_max);
  if (a->limit && arena_used(a) + arena_used(&d->scratch) > a->limit)
    return toml_fail(&d->r, at, SW_ELIMIT, "the text takes more memory than allowed");
  return true;
}

static struct node *node_new(struct document *d, struct node *parent, enum node_kind kind,
                             const char *at)
{
  uint32_t depth = parent ? parent->depth + 1 : 1;
  if (!check_limits(d, kind, depth, at))
    return NULL;
  d->values++;
  struct node *node = arena_new(&d->scratch, struct node);
  node->kind = (uint8_t)kind;
  node->depth = depth;
  node->number = d->values;
  node->at = node->key_at = at;
  return node;
}

static void append(struct node *parent, struct node *child)
{
  if (parent->last)
    parent->last->next = child;
  else
    parent->first = child;
  parent->last = child;
  parent->count++;
}

struct key {
  struct str text;
  const char *at;
};

static union map_value *member_slot(struct document *d, const struct node *table, struct str key,
                                    bool *ret_added)
{
  buf_clear(&d->key);
  buf_add(&d->key, str_make((const char *)&table->number, sizeof table->number));
  buf_add(&d->key, key);
  return map_put(&d->members, buf_str(&d->key), ret_added);
}

/* The member of a table, added as a node of that kind if there is none. */
static struct node *member(struct document *d, struct node *table, struct key key,
                           enum node_kind kind, bool *ret_added)
{
  union map_value *slot = member_slot(d, table, key.text, ret_added);
  if (!*ret_added)
    return slot->pointer;
  struct node *node = node_new(d, table, kind, key.at);
  if (!node)
    return NULL;
  node->key = key.text;
  slot->pointer = node;
  append(table, node);
  return node;
}

static bool fail_twice(struct document *d, struct key key, const struct node *earlier)
{
  struct value_position first = advance((struct value_position){1, 1}, d->r.begin, earlier->key_at);
  return toml_fail(&d->r, key.at, SW_EINVAL, "\"%.*s\" has been defined already, in line %u",
                   STR_FMT(str_sub(key.text, 0, 100)), first.line);
}

/* ---- white space */

static void skip_blanks(struct toml_reader *r)
{
  while (toml_peek(r, 0) == ' ' || toml_peek(r, 0) == '\t')
    r->at++;
}

static bool skip_comment(struct toml_reader *r)
{
  if (toml_peek(r, 0) != '#')
    return true;
  for (; r->at < r->end && *r->at != '\n'; r->at++) {
    if (*r->at == '\r' && toml_peek(r, 1) == '\n')
      return true;
    if (((unsigned char)*r->at < 0x20 && *r->at != '\t') || *r->at == 0x7f)
      return toml_fail(r, r->at, SW_EINVAL, "a comment contains the control character 0x%02x",
                       (unsigned char)*r->at);
  }
  return true;
}

static bool take_line_end(struct toml_reader *r)
{
  size_t len = toml_peek(r, 0) == '\r' ? 1 : 0;
  if (toml_peek(r, len) != '\n')
    return false;
  r->at += len + 1;
  return true;
}

/* Blanks, comments and line ends. */
static bool skip_lines(struct toml_reader *r)
{
  do {
    skip_blanks(r);
    if (!skip_comment(r))
      return false;
  } while (take_line_end(r));
  return true;
}

static bool end_line(struct toml_reader *r)
{
  skip_blanks(r);
  if (!skip_comment(r))
    return false;
  return r->at == r->end || take_line_end(r) || toml_fail_expected(r, "the end of the line");
}

/* ---- keys */

static bool is_bare(char c)
{
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' ||
         c == '-';
}

static bool read_key_part(struct toml_reader *r, struct key *ret)
{
  ret->at = r->at;
  if (toml_peek(r, 0) == '"' || toml_peek(r, 0) == '\'')
    return toml_read_string(r, false, &ret->text);
  while (is_bare(toml_peek(r, 0)))
    r->at++;
  ret->text = str_make(ret->at, (size_t)(r->at - ret->at));
  return ret->text.len || toml_fail_expected(r, "a key");
}

/* One part of a dotted key; *ret_last is true if no dot follows. */
static bool read_key(struct toml_reader *r, struct key *ret, bool *ret_last)
{
  skip_blanks(r);
  if (!read_key_part(r, ret))
    return false;
  skip_blanks(r);
  *ret_last = toml_peek(r, 0) != '.';
  r->at += !*ret_last;
  return true;
}

/* ---- values */

static bool read_value(struct document *d, struct node *node);

/* The table that a part of a dotted key, not its last, leads to. */
static struct node *enter_dotted(struct document *d, struct node *table, struct key key)
{
  bool added;
  struct node *next = member(d, table, key, NODE_TABLE, &added);
  if (!next)
    return NULL;
  bool open = next->kind == NODE_TABLE && !next->inlined && !next->defined &&
              (next->section == 0 || next->section == d->section);
  if (!added && !open) {
    fail_twice(d, key, next);
    return NULL;
  }
  next->section = d->section;
  return next;
}

static bool read_pair(struct document *d, struct node *table)
{
  struct toml_reader *r = &d->r;
  struct key key;
  bool last, added;
  while (read_key(r, &key, &last) && !last) {
    table = enter_dotted(d, table, key);
    if (!table)
      return false;
  }
  if (r->code < 0)
    return false;
  if (toml_peek(r, 0) != '=')
    return toml_fail_expected(r, "'=' behind the key");
  r->at++;
  struct node *node = member(d, table, key, NODE_VALUE, &added);
  if (!node)
    return false;
  if (!added)
    return fail_twice(d, key, node);
  skip_blanks(r);
  return read_value(d, node);
}

/* What the node of a value becomes when that turns out to hold others. */
static bool open_container(struct document *d, struct node *node, enum node_kind kind)
{
  if (!check_limits(d, kind, node->depth, d->r.at))
    return false;
  node->kind = (uint8_t)kind;
  d->r.at++;
  return true;
}

static bool read_array(struct document *d, struct node *array)
{
  struct toml_reader *r = &d->r;
  if (!open_container(d, array, NODE_ARRAY))
    return false;
  for (bool more = true; more;) {
    if (!skip_lines(r))
      return false;
    if (toml_peek(r, 0) == ']')
      break;
    struct node *element = node_new(d, array, NODE_VALUE, r->at);
    if (!element || !read_value(d, element) || !skip_lines(r))
      return false;
    append(array, element);
    more = toml_peek(r, 0) == ',';
    r->at += more;
  }
  if (toml_peek(r, 0) != ']')
    return toml_fail_expected(r, "',' or ']' in an array");
  r->at++;
  return true;
}

static bool read_members(struct document *d, struct node *table)
{
  struct toml_reader *r = &d->r;
  skip_blanks(r);
  if (toml_peek(r, 0) == '}')
    return true;
  for (;;) {
    if (!read_pair(d, table))
      return false;
    skip_blanks(r);
    if (toml_peek(r, 0) != ',')
      break;
    r->at++;
  }
  return toml_peek(r, 0) == '}' || toml_fail_expected(r, "',' or '}' in an inline table");
}

static bool read_inline_table(struct document *d, struct node *table)
{
  uint32_t outside = d->section;
  if (!open_container(d, table, NODE_TABLE))
    return false;
  table->inlined = true;
  d->section = ++d->sections;
  if (!read_members(d, table))
    return false;
  d->section = outside;
  d->r.at++;
  return true;
}

static bool read_value(struct document *d, struct node *node)
{
  struct toml_reader *r = &d->r;
  char c = toml_peek(r, 0);
  struct str text;
  node->at = r->at;
  if (c == '[')
    return read_array(d, node);
  if (c == '{')
    return read_inline_table(d, node);
  if (c != '"' && c != '\'')
    return toml_read_word(r, &node->value);
  if (!toml_read_string(r, true, &text))
    return false;
  node->value = value_string(text);
  return true;
}

/* ---- headers */

/* The table that a part of a header, not its last, leads to: of tables, the latest. */
static struct node *enter_header(struct document *d, struct node *table, struct key key)
{
  bool added;
  struct node *next = member(d, table, key, NODE_TABLE, &added);
  if (next && next->kind == NODE_TABLES)
    return next->last;
  if (next && (next->kind != NODE_TABLE || next->inlined)) {
    fail_twice(d, key, next);
    return NULL;
  }
  return next;
}

static struct node *define_table(struct document *d, struct node *parent, struct key key)
{
  bool added;
  struct node *table = member(d, parent, key, NODE_TABLE, &added);
  if (!table)
    return NULL;
  if (!added && (table->kind != NODE_TABLE || table->inlined || table->defined || table->section)) {
    fail_twice(d, key, table);
    return NULL;
  }
  table->defined = true;
  return table;
}

static struct node *add_table(struct document *d, struct node *parent, struct key key)
{
  bool added;
  struct node *tables = member(d, parent, key, NODE_TABLES, &added);
  if (!tables)
    return NULL;
  if (tables->kind != NODE_TABLES) {
    fail_twice(d, key, tables);
    return NULL;
  }
  struct node *table = node_new(d, tables, NODE_TABLE, key.at);
  if (!table)
    return NULL;
  table->defined = true;
  append(tables, table);
  return table;
}

/* "[a.b]" or "[[a.b]]" at its first bracket. */
static bool read_header(struct document *d, struct node **ret_table)
{
  struct toml_reader *r = &d->r;
  bool many = toml_peek(r, 1) == '[', last;
  struct node *table = d->root;
  struct key key;
  r->at += many ? 2 : 1;
  while (read_key(r, &key, &last) && !last) {
    table = enter_header(d, table, key);
    if (!table)
      return false;
  }
  if (r->code < 0)
    return false;
  table = many ? add_table(d, table, key) : define_table(d, table, key);
  if (!table)
    return false;
  if (toml_peek(r, 0) != ']' || (many && toml_peek(r, 1) != ']'))
    return toml_fail_expected(r, many ? "']]' behind the name of a table"
                                      : "']' behind the name of a table");
  r->at += many ? 2 : 1;
  d->section = ++d->sections;
  *ret_table = table;
  return true;
}

static bool read_lines(struct document *d)
{
  struct toml_reader *r = &d->r;
  struct node *table = d->root;
  while (skip_lines(r)) {
    if (r->at == r->end)
      return true;
    bool good = toml_peek(r, 0) == '[' ? read_header(d, &table) : read_pair(d, table);
    if (!good || !end_line(r))
      return false;
  }
  return false;
}

/* ---- values from nodes */

/* Nodes are met in the order of the text as a rule, so that the text is walked about once. */
static struct value_position place_of(struct document *d, const char *at)
{
  if (at < d->placed) {
    d->placed = d->r.begin;
    d->place = (struct value_position){1, 1};
  }
  d->place = advance(d->place, d->placed, at);
  d->placed = at;
  return d->place;
}

static void push(struct document *d, struct value value, const char *at)
{
  vec_push(&d->made, value);
  if (d->options.positions)
    vec_push(&d->places, place_of(d, at));
}

static struct value make_key(const struct document *d, struct str text)
{
  struct value key = value_string(text);
  if (d->options.symbols)
    key.symbol = symbols_find(d->options.symbols, text);
  return key;
}

/* As deep as the nodes are, which is depth_max at most. */
static struct value make_value(struct document *d, const struct node *node)
{
  if (node->kind == NODE_VALUE)
    return node->value;
  bool table = node->kind == NODE_TABLE, placed = d->options.positions;
  size_t base = d->made.count;
  for (const struct node *child = node->first; child; child = child->next) {
    if (table)
      push(d, make_key(d, child->key), child->key_at);
    struct value value = make_value(d, child);
    push(d, value, child->at);
  }
  const struct value *children = d->made.items ? d->made.items + base : NULL;
  const struct value_position none = {0}, *places = placed ? &none : NULL;
  struct value value;
  if (placed && d->places.items)
    places = d->places.items + base;
  if (table)
    value_object_make(d->r.arena, (const struct value_member *)children, places, node->count,
                      VALUE_REFUSE, NULL, &value);
  else
    value = value_array_make(d->r.arena, children, places, node->count);
  d->made.count = base;
  d->places.count = placed ? base : 0;
  return value;
}

/* ---- */

static bool check_text(struct document *d)
{
  struct toml_reader *r = &d->r;
  size_t size = (size_t)(r->end - r->begin), most = d->options.size_max;
  if (size > most) {
    r->code =
        error_set(r->err, SW_ELIMIT, "the text has %zu bytes, at most %zu are read", size, most);
    return false;
  }
  const char *bad = r->begin + utf8_valid_length(str_make(r->begin, size));
  if (bad < r->end)
    return toml_fail(r, bad, SW_EINVAL, "byte 0x%02x is no valid UTF-8 here", (unsigned char)*bad);
  if (str_starts(str_make(r->begin, size), STR("\xEF\xBB\xBF")))
    r->begin = r->at = r->begin + 3;
  return true;
}

static uint32_t option(uint32_t given, uint32_t standard, uint32_t most)
{
  uint32_t wanted = given ? given : standard;
  return wanted < most ? wanted : most;
}

static struct toml_options complete(const struct toml_options *options)
{
  struct toml_options all = options ? *options : (struct toml_options){0};
  if (all.size_max == 0)
    all.size_max = TOML_SIZE_DEFAULT;
  if (all.size_max > TOML_SIZE_MAX)
    all.size_max = TOML_SIZE_MAX;
  all.depth_max = option(all.depth_max, TOML_DEPTH_DEFAULT, TOML_DEPTH_MAX);
  all.values_max = option(all.values_max, TOML_VALUES_DEFAULT, UINT32_MAX - 1);
  return all;
}

int toml_read(struct str text, struct arena *arena, const struct toml_options *options,
              struct value *ret_root, struct error *err)
{
  const char *begin = text.len ? text.data : "";
  struct document d = {
      .r = {.arena = arena, .begin = begin, .at = begin, .end = begin + text.len, .err = err},
      .options = complete(options),
  };
  if (!check_text(&d))
    return d.r.code;
  arena_init(&d.scratch, 0);
  map_init(&d.members, &d.scratch);
  d.section = d.sections = 1;
  d.root = node_new(&d, NULL, NODE_TABLE, d.r.at);
  if (d.root && read_lines(&d)) {
    d.placed = d.r.begin;
    d.place = (struct value_position){1, 1};
    *ret_root = make_value(&d, d.root);
  }
  vec_free(&d.made);
  vec_free(&d.places);
  buf_free(&d.key);
  map_free(&d.members);
  arena_free(&d.scratch);
  return d.r.code;
}
