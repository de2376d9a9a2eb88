#include "data/yaml.h"

#include "base/utf8.h"
#include "data/json.h"
#include "data/yaml_input.h"
#include "data/yaml_problem.h"

/*
 * The text is read as one stream by one parser, which is what libyaml is fast at. Only when
 * something is wrong is the stream cut: a new parser begins at the next separator line, its lines
 * counted from there.
 *
 * A byte that YAML does not allow is found before the stream is read. The stream then ends in front
 * of the document that holds it, so that the earlier ones are read first.
 */
enum state {
  AT_DOCUMENT, /* a document may begin at `base`: JSON or YAML */
  IN_STREAM,   /* the parser is at work */
  AT_END,
};

struct reader_place {
  size_t at;     /* byte position, the start of a line but behind a JSON value */
  uint32_t line; /* lines before it */
};

struct yaml_reader {
  struct yaml_options options;
  struct yaml_composer *composer;
  struct str text;
  char *decoded; /* the text if it came as UTF-16 */
  bool may_be_json;
  enum state state;

  struct reader_place base;     /* where the parser's input begins */
  uint32_t base_column;         /* from 1; behind a JSON value it may be any */
  struct reader_place document; /* where the document at hand begins */
  struct yaml_input input;
  yaml_parser_t parser;
  bool parser_in_use;

  size_t end; /* where the parser's input ends: text.len, or before the document with `bad` */
  size_t bad; /* a byte that YAML does not allow; text.len: none in sight */

  int failed; /* an error about the whole text */
  struct error failure;

  uint32_t documents, errors;
};

static void stop_parser(struct yaml_reader *r)
{
  if (r->parser_in_use)
    yaml_input_stop(&r->input, &r->parser);
  r->parser_in_use = false;
}

/* Whole texts */

static void fail_text(struct yaml_reader *r, int rc)
{
  r->failed = rc;
  r->documents = 1;
}

/* libyaml compares each %TAG line with all before it. */
static void check_tag_lines(struct yaml_reader *r)
{
  const char *at = r->text.data, *end = at + r->text.len;
  for (unsigned count = 0; (at = memchr(at, '%', (size_t)(end - at))); at++) {
    bool starts_line = at == r->text.data || at[-1] == '\n' || at[-1] == '\r';
    if (!starts_line || end - at < 4 || memcmp(at, "%TAG", 4) != 0)
      continue;
    if (++count > YAML_TAG_LINES_MAX) {
      fail_text(r,
                error_set(&r->failure, SW_ELIMIT, "more than %d %%TAG lines", YAML_TAG_LINES_MAX));
      return;
    }
  }
}

static uint32_t utf16_unit(struct str bytes, size_t at, bool big)
{
  const unsigned char *s = (const unsigned char *)bytes.data + at;
  return (uint32_t)(big ? s[0] << 8 | s[1] : s[1] << 8 | s[0]);
}

/* Code point at `at`, and its size; a lone surrogate or half a unit at the end is size 0. */
static unsigned utf16_point(struct str bytes, size_t at, bool big, uint32_t *ret)
{
  if (bytes.len - at < 2)
    return 0;
  uint32_t unit = utf16_unit(bytes, at, big);
  *ret = unit;
  if (unit < 0xD800 || unit > 0xDFFF)
    return 2;
  if (unit > 0xDBFF || bytes.len - at < 4)
    return 0;
  uint32_t low = utf16_unit(bytes, at + 2, big);
  *ret = 0x10000 + ((unit - 0xD800) << 10) + (low - 0xDC00);
  return low >= 0xDC00 && low <= 0xDFFF ? 4 : 0;
}

static void decode_utf16(struct yaml_reader *r, struct str bytes, bool big)
{
  if (bytes.len > (size_t)YAML_SIZE_MAX / 2) {
    fail_text(r, error_set(&r->failure, SW_ELIMIT, "a text in UTF-16 larger than %d MiB",
                           YAML_SIZE_MAX >> 21));
    return;
  }
  r->decoded = mem_alloc(bytes.len * 2 + 4);
  r->may_be_json = false;
  size_t len = 0;
  for (size_t at = 0; at < bytes.len;) {
    uint32_t point;
    unsigned size = utf16_point(bytes, at, big, &point);
    if (size == 0) {
      fail_text(r, error_set(&r->failure, SW_EINVAL, "byte %zu of the text is not UTF-16", at + 2));
      return;
    }
    len += utf8_encode(point, r->decoded + len);
    at += size;
  }
  r->text = str_make(r->decoded, len);
}

static void take_byte_order_mark(struct yaml_reader *r)
{
  struct str text = r->text;
  if (str_starts(text, STR("\xEF\xBB\xBF")))
    r->text = str_sub(text, 3, text.len);
  else if (str_starts(text, STR("\xFF\xFE\0\0")) || str_starts(text, STR("\0\0\xFE\xFF")))
    fail_text(
        r, error_set(&r->failure, SW_EINVAL, "the text is in UTF-32; YAML is UTF-8 (or UTF-16)"));
  else if (str_starts(text, STR("\xFF\xFE")) || str_starts(text, STR("\xFE\xFF")))
    decode_utf16(r, str_sub(text, 2, text.len), text.data[0] == '\xFE');
}

static void start_text(struct yaml_reader *r, struct str text)
{
  r->text = text.len ? text : STR_EMPTY;
  r->may_be_json = true;
  r->state = AT_DOCUMENT;
  r->base = r->document = (struct reader_place){0};
  r->base_column = 1;
  r->failed = 0;
  r->documents = r->errors = 0;
  if (text.len > r->options.size_max)
    fail_text(r, error_set(&r->failure, SW_ELIMIT, "%zu bytes; at most %zu are read", text.len,
                           r->options.size_max));
  else
    take_byte_order_mark(r);
  if (!r->failed)
    check_tag_lines(r);
  r->end = r->bad = r->text.len;
  yaml_input_set(&r->input, r->text);
}

struct yaml_reader *yaml_reader_new(struct str text, const struct yaml_options *options)
{
  struct yaml_reader *r = mem_zalloc(1, sizeof *r);
  if (options)
    r->options = *options;
  if (r->options.size_max == 0)
    r->options.size_max = YAML_SIZE_DEFAULT;
  if (r->options.size_max > YAML_SIZE_MAX)
    r->options.size_max = YAML_SIZE_MAX;
  r->composer = yaml_composer_new(&r->options);
  start_text(r, text);
  return r;
}

void yaml_reader_reset(struct yaml_reader *r, struct str text)
{
  stop_parser(r);
  mem_free(r->decoded);
  r->decoded = NULL;
  start_text(r, text);
}

void yaml_reader_free(struct yaml_reader *r)
{
  if (!r)
    return;
  stop_parser(r);
  yaml_input_free(&r->input);
  mem_free(r->decoded);
  yaml_composer_free(r->composer);
  mem_free(r);
}

uint32_t yaml_reader_count(const struct yaml_reader *r)
{
  return r->documents;
}

/* Separator lines */

/* "---" and then white space or nothing. */
static bool is_separator(struct str text, size_t at)
{
  if (!str_starts(str_sub(text, at, 3), STR("---")))
    return false;
  return at + 3 == text.len || strchr(" \t\r\n", text.data[at + 3]) != NULL;
}

/* Position of the first separator line that begins at or behind `from`; text.len if there is none. */
static size_t next_separator(struct str text, size_t from)
{
  if (from > text.len)
    return text.len;
  for (ptrdiff_t at; (at = str_find(text, from, STR("---"))) >= 0;) {
    from = (size_t)at;
    if (is_separator(text, from) && yaml_line_begins(text, from))
      return from;
    while (from < text.len && text.data[from] == '-')
      from++;
  }
  return text.len;
}

/* Position of the last separator line behind `from` and at or before `to`; `from` if there is none. */
static size_t last_separator(struct str text, size_t from, size_t to)
{
  for (size_t at = yaml_line_start(text, to); at > from; at = yaml_line_start(text, at - 1))
    if (is_separator(text, at))
      return at;
  return from;
}

/* A place further on than a known one. */
static struct reader_place place_at(const struct yaml_reader *r, struct reader_place known,
                                    size_t at)
{
  struct str between = str_sub(r->text, known.at, at - known.at);
  return (struct reader_place){at, known.line + yaml_line_count(between)};
}

/* Where a line begins that is not before the document at hand. */
static size_t line_offset(const struct yaml_reader *r, uint32_t line)
{
  size_t at = r->document.at;
  for (uint32_t lines = r->document.line + 1; lines < line && at < r->text.len; lines++)
    at = yaml_line_next(r->text, at);
  return at;
}

/* Errors */

/* The line that begins at `line` and the one before it, of the document at hand. */
static struct str lines_around(const struct yaml_reader *r, size_t line)
{
  size_t before = line > r->document.at ? yaml_line_start(r->text, line - 1) : line;
  return str_sub(r->text, before, yaml_line_next(r->text, line) - before);
}

/* Goes on at the next separator line that is at or behind position `from`, but behind the line on
 * which the document at hand begins. */
static void go_on_behind(struct yaml_reader *r, size_t from)
{
  if (from <= r->document.at)
    from = yaml_line_next(r->text, r->document.at);
  size_t separator = next_separator(str_sub(r->text, 0, r->end), from);
  stop_parser(r);
  r->base = r->document = place_at(r, r->document, separator);
  r->base_column = 1;
  r->state = AT_DOCUMENT;
}

/* Ends the document at hand with the error in err. */
static int fail_document(struct yaml_reader *r, struct error *err)
{
  size_t line = line_offset(r, err->line);
  const char *more = err->code == SW_EINVAL ? yaml_problem_hint(lines_around(r, line)) : "";
  r->documents++;
  r->errors++;
  go_on_behind(r, line);
  if (r->errors == YAML_ERRORS_MAX) {
    more = "; too many documents are broken, the rest of the text is not read";
    r->state = AT_END;
  }
  size_t len = strlen(err->message);
  snprintf(err->message + len, sizeof err->message - len, "%s", more);
  return err->code;
}

/* Everything before `end` has been read. If a bad byte follows, that is what its document is told. */
static int end_input(struct yaml_reader *r, struct error *err)
{
  stop_parser(r);
  if (r->bad == r->text.len) {
    r->state = AT_END;
    return 0;
  }
  r->document = place_at(r, r->document, r->end);
  yaml_input_refuse(r->text, r->bad, place_at(r, r->document, r->bad).line + 1, err);
  r->end = r->bad = r->text.len;
  return fail_document(r, err);
}

/* JSON */

static size_t skip_white(struct str text, size_t at)
{
  while (at < text.len && strchr(" \t\r\n", text.data[at]) && text.data[at])
    at++;
  return at;
}

static bool begins_json(struct str text, size_t at)
{
  return at < text.len && (text.data[at] == '{' || text.data[at] == '[');
}

/* What follows the bracket is what JSON would have there. */
static bool looks_like_json(struct str text, size_t at)
{
  size_t next = skip_white(text, at + 1);
  return next < text.len && strchr(text.data[at] == '{' ? "\"}" : "\"{[]", text.data[next]);
}

/* Position of a bracket with which the document at `base` begins; text.len if it does not. */
static size_t find_json(const struct yaml_reader *r)
{
  size_t at = skip_white(r->text, r->base.at);
  if (is_separator(r->text, at) && yaml_line_begins(r->text, at)) {
    size_t next = yaml_line_next(r->text, at);
    at = skip_white(r->text, at + 3);
    if (at < next)
      return r->text.len;
  }
  return begins_json(r->text, at) ? at : r->text.len;
}

/* JSON, then the end, another JSON value, or a separator line. */
static bool ends_json(struct str text, size_t at)
{
  at = skip_white(text, at);
  return at == text.len || begins_json(text, at) ||
         (is_separator(text, at) && yaml_line_begins(text, at));
}

/* The key that the parser refused because it was there before. */
static void note_duplicate(struct yaml_reader *r, struct arena *a, const struct error *refusal,
                           struct yaml_document *ret)
{
  size_t at = line_offset(r, refusal->line);
  for (uint32_t column = 1; column < refusal->column && at < r->text.len; column++) {
    uint32_t point;
    unsigned width = utf8_decode(r->text, at, &point);
    at += width ? width : 1;
  }
  struct json_cursor cursor = json_cursor_start(str_sub(r->text, at, r->text.len));
  struct value key;
  if (json_parse_next(a, &cursor, NULL, &key, NULL, NULL) != 1 || key.type != VALUE_STRING)
    return;
  struct yaml_duplicate *duplicate = arena_new(a, struct yaml_duplicate);
  duplicate->key = value_str(key);
  duplicate->position = (struct value_position){refusal->line, refusal->column};
  ret->duplicates = duplicate;
  ret->duplicate_count = 1;
}

/* Reads a value, repeated keys and all, if the options allow them. */
static int parse_json(struct yaml_reader *r, struct arena *a, struct json_cursor *io_cursor,
                      struct yaml_document *ret, struct error *err)
{
  struct json_options options = {.size_max = YAML_SIZE_MAX,
                                 .depth_max = r->options.depth_max,
                                 .duplicates = VALUE_REFUSE,
                                 .positions = r->options.positions,
                                 .symbols = r->options.symbols};
  ret->duplicates = NULL;
  ret->duplicate_count = 0;
  int rc = json_parse_next(a, io_cursor, &options, &ret->root, &ret->position, err);
  if (rc != SW_EINVAL || r->options.duplicates == VALUE_REFUSE)
    return rc;
  options.duplicates = VALUE_LAST_WINS;
  struct error refusal = *err;
  rc = json_parse_next(a, io_cursor, &options, &ret->root, &ret->position, err);
  if (rc == 1)
    note_duplicate(r, a, &refusal, ret);
  return rc;
}

/* Line and column at `at`, with only white space and a separator line between `base` and it. */
static struct value_position position_at(const struct yaml_reader *r, size_t at)
{
  struct value_position position = {r->base.line + 1, r->base_column};
  for (size_t i = r->base.at + 1; i <= at; i++) {
    bool begins = yaml_line_begins(r->text, i);
    position.line += begins;
    position.column = begins ? 1 : position.column + 1;
  }
  return position;
}

/*
 * The document at `base` as JSON: 1, or an error, or 0 if it should be read as YAML; what JSON's
 * parser had to say is then in err.
 */
static int next_json(struct yaml_reader *r, struct arena *a, size_t at, struct yaml_document *ret,
                     struct error *err)
{
  struct json_cursor cursor = json_cursor_start(str_sub(r->text, at, r->end - at));
  cursor.position = position_at(r, at);
  bool may_be_yaml = r->base_column == 1;
  int rc = parse_json(r, a, &cursor, ret, err);
  if (rc == SW_EINVAL && may_be_yaml)
    return 0;
  if (rc < 0)
    return fail_document(r, err);
  size_t behind = (size_t)(cursor.rest.data - r->text.data);
  if (may_be_yaml && !ends_json(r->text, behind)) {
    *err = (struct error){0};
    return 0;
  }
  r->base = r->document = (struct reader_place){behind, cursor.position.line - 1};
  r->base_column = cursor.position.column;
  ret->json = true;
  ret->source = str_sub(r->text, at, behind - at);
  ret->number = ++r->documents;
  return 1;
}

/* YAML */

static void start_parser(struct yaml_reader *r)
{
  size_t from = r->base.at;
  size_t good = yaml_input_check(&r->input, from);
  if (good < r->end) {
    r->bad = good;
    r->end = last_separator(r->text, from, good);
  }
  yaml_input_start(&r->input, &r->parser, from, r->end);
  r->parser_in_use = true;
  r->state = IN_STREAM;
}

static struct reader_place place_of_mark(const struct yaml_reader *r, yaml_mark_t mark)
{
  size_t at = yaml_input_position(&r->input, &r->parser, r->base.at, mark);
  return (struct reader_place){yaml_line_start(r->text, at), r->base.line + (uint32_t)mark.line};
}

/* Whether what JSON's parser said of a document helps more than what YAML's did: the text looks like
 * JSON, and the parser came at least as far. */
static bool json_knows_better(const struct error *json, const struct error *yaml)
{
  return json->code &&
         (json->line > yaml->line || (json->line == yaml->line && json->column >= yaml->column));
}

/* Takes the event that ends the document; only now is it known that the scanner went past it. */
static int take_end(struct yaml_reader *r, struct str *ret_source, struct error *err)
{
  size_t from = r->document.at;
  yaml_event_t event;
  if (!yaml_parser_parse(&r->parser, &event))
    return yaml_problem(&r->parser, r->base.line, err);
  r->document = place_of_mark(r, event.end_mark);
  size_t to = yaml_input_position(&r->input, &r->parser, r->base.at, event.start_mark);
  *ret_source = str_sub(r->text, from, to - from);
  yaml_event_delete(&event);
  return 0;
}

static int next_yaml(struct yaml_reader *r, struct arena *a, struct yaml_document *ret,
                     struct error *err)
{
  bool is_empty = false, is_syntax = false;
  int rc = yaml_compose(r->composer, &r->parser, a, r->base.line, ret, &is_empty, &is_syntax, err);
  if (is_syntax)
    return yaml_problem(&r->parser, r->base.line, err);
  if (rc == 0)
    rc = take_end(r, &ret->source, err);
  if (rc < 0)
    return rc;
  r->documents++;
  if (is_empty)
    return 0;
  ret->json = false;
  ret->number = r->documents;
  return 1;
}

/* One step through the stream: 1 with a document, 0 to go on, or an error. */
static int step(struct yaml_reader *r, struct arena *a, struct yaml_document *ret,
                struct error *err)
{
  yaml_event_t event;
  if (!yaml_parser_parse(&r->parser, &event))
    return yaml_problem(&r->parser, r->base.line, err);
  yaml_event_type_t type = event.type;
  if (type == YAML_DOCUMENT_START_EVENT)
    r->document = place_of_mark(r, event.start_mark);
  yaml_event_delete(&event);
  if (type == YAML_DOCUMENT_START_EVENT)
    return next_yaml(r, a, ret, err);
  if (type == YAML_STREAM_END_EVENT)
    r->state = AT_END;
  return 0;
}

/* From `base` on as YAML: as step, but 0 at the end of the input. json (may be NULL) is what JSON's
 * parser said of the first document. */
static int read_stream(struct yaml_reader *r, struct arena *a, struct yaml_document *ret,
                       const struct error *json, struct error *err)
{
  while (r->state == IN_STREAM) {
    int rc = step(r, a, ret, err);
    if (rc > 0)
      return rc;
    if (rc < 0) {
      if (json && json_knows_better(json, err))
        *err = *json;
      return fail_document(r, err);
    }
  }
  return end_input(r, err);
}

/* Behind a JSON value: moves `base` on to a separator line that follows, where YAML may begin. */
static void skip_to_separator(struct yaml_reader *r)
{
  size_t at = skip_white(r->text, r->base.at);
  if (r->base_column == 1 || !is_separator(r->text, at) || !yaml_line_begins(r->text, at))
    return;
  r->base = r->document = place_at(r, r->base, at);
  r->base_column = 1;
}

/* What follows several JSON values is neither another nor a separator line. */
static int refuse_behind_json(struct yaml_reader *r, struct error *err)
{
  struct value_position at = position_at(r, skip_white(r->text, r->base.at));
  error_set_at(err, SW_EINVAL, at.line, at.column,
               "text behind a JSON value that is not another one; documents are separated by a "
               "line \"---\"");
  return fail_document(r, err);
}

/* A document begins at `base`. */
static int begin_document(struct yaml_reader *r, struct arena *a, struct yaml_document *ret,
                          struct error *err)
{
  if (skip_white(r->text, r->base.at) >= r->end) {
    r->document = r->base;
    return end_input(r, err);
  }
  skip_to_separator(r);
  struct error json = {0};
  size_t at = r->may_be_json ? find_json(r) : r->text.len;
  if (at < r->end) {
    int rc = next_json(r, a, at, ret, err);
    if (rc != 0)
      return rc;
    if (looks_like_json(r->text, at))
      json = *err;
  } else if (r->base_column != 1)
    return refuse_behind_json(r, err);
  start_parser(r);
  return read_stream(r, a, ret, &json, err);
}

int yaml_reader_next(struct yaml_reader *r, struct arena *a, struct yaml_document *ret,
                     struct error *err)
{
  struct error unwanted;
  if (!err)
    err = &unwanted;
  if (r->failed) {
    r->state = AT_END;
    r->failed = 0;
    *err = r->failure;
    return err->code;
  }
  struct yaml_document document = {0};
  int rc = 0;
  if (r->state == AT_DOCUMENT)
    rc = begin_document(r, a, &document, err);
  else if (r->state == IN_STREAM)
    rc = read_stream(r, a, &document, NULL, err);
  if (rc > 0)
    *ret = document;
  return rc;
}
