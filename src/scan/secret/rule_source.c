#include "scan/secret/rule_source.h"
#include "base/file.h"
#include "base/vec.h"
#include "base/walk.h"
#include "data/regex.h"
#include "data/yaml.h"
#include "scan/secret/rules_int.h"

void secret_sources_init(struct secret_sources *sources)
{
  *sources = (struct secret_sources){0};
  arena_init(&sources->arena, 0);
}

void secret_sources_free(struct secret_sources *sources)
{
  vec_free(sources);
  mem_free(sources->paths);
  arena_free(&sources->arena);
}

/* ---- examples */

struct alphabet {
  struct str name, letters;
};

#define DIGITS "0123456789"
#define LOWER "abcdefghijklmnopqrstuvwxyz"
#define UPPER "ABCDEFGHIJKLMNOPQRSTUVWXYZ"

static const struct alphabet alphabets[] = {
    {STR_INIT("hex"), STR_INIT(DIGITS "abcdef")},
    {STR_INIT("HEX"), STR_INIT(DIGITS "ABCDEF")},
    {STR_INIT("digits"), STR_INIT(DIGITS)},
    {STR_INIT("lower"), STR_INIT(LOWER DIGITS)},
    {STR_INIT("upper"), STR_INIT(UPPER DIGITS)},
    {STR_INIT("alnum"), STR_INIT(LOWER UPPER DIGITS)},
    {STR_INIT("letters"), STR_INIT(LOWER UPPER)},
    {STR_INIT("base32"), STR_INIT(UPPER "234567")},
    {STR_INIT("base64"), STR_INIT(LOWER UPPER DIGITS "+/")},
    {STR_INIT("base64url"), STR_INIT(LOWER UPPER DIGITS "-_")},
};

static const struct alphabet *alphabet_of(struct str name)
{
  for (size_t i = 0; i < sizeof alphabets / sizeof alphabets[0]; i++)
    if (str_eq(alphabets[i].name, name))
      return &alphabets[i];
  return NULL;
}

/* splitmix64 (Steele, Lea, Flood 2014): the same on every machine. */
static uint64_t next_number(uint64_t *state)
{
  uint64_t z = *state += 0x9e3779b97f4a7c15u;
  z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
  z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
  return z ^ (z >> 31);
}

/* `name:count` between < and >; false: something else stands there, which is kept as it is. */
static bool fill_one(struct buf *out, struct str inside, uint64_t *state)
{
  struct str count_text;
  unsigned long long count;
  struct str name = str_cut(inside, ':', &count_text);
  const struct alphabet *a = alphabet_of(name);
  if (!a || !str_to_u64(count_text, 1 << 16, &count))
    return false;
  for (; count; count--)
    buf_add_byte(out, a->letters.data[next_number(state) % a->letters.len]);
  return true;
}

/* `word:number`: a kind that is misspelt rather than a part of the example. */
static bool looks_like_kind(struct str inside)
{
  struct str number;
  unsigned long long any;
  struct str name = str_cut(inside, ':', &number);
  return name.len && name.len < 12 && str_to_u64(number, UINT64_MAX, &any);
}

int secret_example_fill(struct arena *arena, struct str text, uint64_t seed, struct str *ret,
                        struct error *err)
{
  _cleanup_(buf_free) struct buf out = {0};
  uint64_t state = seed;
  for (size_t at = 0; at < text.len;) {
    ptrdiff_t end = text.data[at] == '<' ? str_find_byte(text, at, '>') : -1;
    struct str inside = end < 0 ? STR("-") : str_sub(text, at + 1, (size_t)end - at - 1);
    if (!inside.len || fill_one(&out, inside, &state))
      at = (size_t)end + 1;
    else if (looks_like_kind(inside))
      return error_set(err, SW_EINVAL, "there are no characters <%.*s>", STR_FMT(inside));
    else
      buf_add_byte(&out, text.data[at++]);
  }
  *ret = arena_copy(arena, buf_str(&out));
  return 0;
}

/* ---- fields */

/* What stands for the usual between a name and its value. */
static const struct {
  struct str name, pattern;
} macros[] = {
    {STR_INIT("{{assign}}"),
     STR_INIT("[\"'\\x60]?\\]?[ \\t]{0,8}(?::=|=>|[:=]|,)[ \\t]{0,8}(?:\\\\?[\"'\\x60])?")},
    {STR_INIT("{{open}}"), STR_INIT("[\"'\\x60=:\\s]")},
    {STR_INIT("{{end}}"), STR_INIT("(?:[^\\w/+=-]|$)")},
};

static struct str expand(struct arena *arena, struct str text)
{
  _cleanup_(buf_free) struct buf out = {0};
  for (size_t at = 0; at < text.len;) {
    struct str rest = str_sub(text, at, text.len);
    size_t m = 0;
    while (m < sizeof macros / sizeof macros[0] && !str_starts(rest, macros[m].name))
      m++;
    if (m == sizeof macros / sizeof macros[0]) {
      buf_add_byte(&out, text.data[at++]);
      continue;
    }
    buf_add(&out, macros[m].pattern);
    at += macros[m].name.len;
  }
  return arena_copy(arena, buf_str(&out));
}

struct reading {
  struct secret_sources *sources;
  struct secret_source *source;
  uint32_t line;
  struct error *err;
};

static int wrong(struct reading *r, const char *what, struct str key)
{
  return error_set_at(r->err, SW_EINVAL, r->line, 1, "\"%.*s\" %s", STR_FMT(key), what);
}

static int read_text(struct reading *r, struct value v, struct str key, struct str *ret)
{
  if (!value_is(v, VALUE_STRING) || !v.len)
    return wrong(r, "must be a text", key);
  *ret = arena_copy(&r->sources->arena, str_trim(value_str(v)));
  return 0;
}

static int read_texts(struct reading *r, struct value v, struct str key, const struct str **ret,
                      size_t *ret_count)
{
  struct str *list = arena_array(&r->sources->arena, struct str, v.len + 1);
  if (!value_is(v, VALUE_ARRAY))
    return wrong(r, "must be a list of texts", key);
  for (uint32_t i = 0; i < v.len; i++)
    if (read_text(r, v.items[i], key, &list[i]) < 0)
      return r->err->code;
  *ret = list;
  *ret_count = v.len;
  return 0;
}

static int read_flag(struct reading *r, struct value v, struct str key, bool *ret)
{
  *ret = value_is_true(v);
  return value_is(v, VALUE_BOOL) ? 0 : wrong(r, "must be true or false", key);
}

static int read_id(struct reading *r, struct value v, struct str key)
{
  return read_text(r, v, key, &r->source->rule.rule.id);
}

static int read_title(struct reading *r, struct value v, struct str key)
{
  return read_text(r, v, key, &r->source->rule.rule.title);
}

static int read_why(struct reading *r, struct value v, struct str key)
{
  return read_text(r, v, key, &r->source->rule.rule.why);
}

static int read_remedy(struct reading *r, struct value v, struct str key)
{
  return read_text(r, v, key, &r->source->rule.rule.remedy);
}

static int read_severity(struct reading *r, struct value v, struct str key)
{
  return severity_from_name(value_str_or_empty(v), &r->source->rule.rule.severity)
             ? 0
             : wrong(r, "is no severity", key);
}

static int read_references(struct reading *r, struct value v, struct str key)
{
  return read_texts(r, v, key, &r->source->rule.rule.references,
                    &r->source->rule.rule.reference_count);
}

static int read_pattern(struct reading *r, struct value v, struct str key)
{
  struct str text;
  if (read_text(r, v, key, &text) < 0)
    return r->err->code;
  r->source->rule.pattern = expand(&r->sources->arena, text);
  return 0;
}

static int read_path(struct reading *r, struct value v, struct str key)
{
  return read_text(r, v, key, &r->source->rule.path);
}

static int read_group(struct reading *r, struct value v, struct str key)
{
  int64_t n;
  if (!value_to_int(v, &n) || n < 1 || n > 9)
    return wrong(r, "must be a number from 1 to 9", key);
  r->source->rule.secret_group = (uint32_t)n;
  return 0;
}

static int read_entropy(struct reading *r, struct value v, struct str key)
{
  int64_t n;
  char text[32] = "";
  char *end = text;
  if (value_to_int(v, &n)) {
    r->source->rule.entropy = (double)n;
  } else if (value_is(v, VALUE_NUMBER) && (v.flags & VALUE_TEXT) && v.len < sizeof text) {
    memcpy(text, v.text, v.len);
    r->source->rule.entropy = strtod(text, &end);
  }
  return r->source->rule.entropy > 0 && r->source->rule.entropy < 8
             ? 0
             : wrong(r, "must be a number of bits above 0 and below 8", key);
}

static int read_keywords(struct reading *r, struct value v, struct str key)
{
  return read_texts(r, v, key, &r->source->rule.keywords, &r->source->rule.keyword_count);
}

static int read_tags(struct reading *r, struct value v, struct str key)
{
  return read_texts(r, v, key, &r->source->rule.tags, &r->source->rule.tag_count);
}

static int read_also(struct reading *r, struct value v, struct str key)
{
  return read_texts(r, v, key, &r->source->rule.also, &r->source->rule.also_count);
}

static int read_trivy(struct reading *r, struct value v, struct str key)
{
  return read_texts(r, v, key, &r->source->rule.trivy, &r->source->rule.trivy_count);
}

static int read_weak(struct reading *r, struct value v, struct str key)
{
  return read_flag(r, v, key, &r->source->rule.weak);
}

static int read_text_only(struct reading *r, struct value v, struct str key)
{
  return read_flag(r, v, key, &r->source->rule.text);
}

static int read_skip_tests(struct reading *r, struct value v, struct str key)
{
  return read_flag(r, v, key, &r->source->rule.skip_tests);
}

static const struct str place_names[SECRET_PLACES] = {
    [SECRET_FILE] = STR_INIT("file"),
    [SECRET_ENVIRONMENT] = STR_INIT("environment"),
    [SECRET_LABEL] = STR_INIT("label"),
    [SECRET_HISTORY] = STR_INIT("history"),
};

static int read_places(struct reading *r, struct value v, struct str key)
{
  const struct str *names;
  size_t count;
  if (read_texts(r, v, key, &names, &count) < 0)
    return r->err->code;
  r->source->rule.places = 0;
  for (size_t i = 0; i < count; i++) {
    uint32_t place = 0;
    while (place < SECRET_PLACES && !str_eq(place_names[place], names[i]))
      place++;
    if (place == SECRET_PLACES)
      return wrong(r, "names a place that is none", key);
    r->source->rule.places |= 1u << place;
  }
  return 0;
}

static struct str join(struct arena *arena, const struct str *patterns, size_t count)
{
  _cleanup_(buf_free) struct buf out = {0};
  for (size_t i = 0; i < count; i++)
    buf_printf(&out, "%s(?:%.*s)", i ? "|" : "", STR_FMT(patterns[i]));
  return arena_copy(arena, buf_str(&out));
}

static int read_allow_one(struct reading *r, struct value v, struct secret_allow *a)
{
  static const struct {
    struct str key;
    enum secret_target target;
  } targets[] = {{STR_INIT("secret"), SECRET_TARGET_SECRET},
                 {STR_INIT("match"), SECRET_TARGET_MATCH},
                 {STR_INIT("line"), SECRET_TARGET_LINE}};
  const struct str *list = NULL;
  size_t count = 0;
  if (!value_is(v, VALUE_OBJECT) || v.len != 1 || !value_is(v.members[0].key, VALUE_STRING))
    return wrong(r, "must be a list of mappings with one member", STR("allow"));
  struct str key = value_str(v.members[0].key);
  if (read_texts(r, v.members[0].value, key, &list, &count) < 0)
    return r->err->code;
  *a = (struct secret_allow){0};
  for (size_t i = 0; i < 3; i++)
    if (str_eq(key, targets[i].key)) {
      a->target = targets[i].target;
      a->regexes = join(&r->sources->arena, list, count);
      return 0;
    }
  if (str_eq(key, STR("paths"))) {
    a->paths = join(&r->sources->arena, list, count);
  } else if (str_eq(key, STR("words"))) {
    a->stopwords = list;
    a->stopword_count = count;
  } else {
    return wrong(r, "is nothing that \"allow\" knows", key);
  }
  return 0;
}

static int read_allow(struct reading *r, struct value v, struct str key)
{
  struct secret_allow *list = arena_array(&r->sources->arena, struct secret_allow, v.len + 1);
  if (!value_is(v, VALUE_ARRAY))
    return wrong(r, "must be a list", key);
  for (uint32_t i = 0; i < v.len; i++)
    if (read_allow_one(r, v.items[i], &list[i]) < 0)
      return r->err->code;
  r->source->rule.allow = list;
  r->source->rule.allow_count = v.len;
  return 0;
}

static int read_example(struct reading *r, struct value v, struct str key, uint64_t seed,
                        struct secret_example *ret)
{
  struct value text = value_is(v, VALUE_OBJECT) ? value_get(v, value_from("text")) : v;
  struct value path = value_get(v, value_from("path"));
  if (!value_is(text, VALUE_STRING) || (value_is(v, VALUE_OBJECT) && !value_is(path, VALUE_STRING)))
    return wrong(r, "must be texts, or mappings with path and text", key);
  ret->path = value_is(path, VALUE_STRING) ? arena_copy(&r->sources->arena, value_str(path))
                                           : STR("config/settings.yaml");
  struct error own;
  if (secret_example_fill(&r->sources->arena, value_str(text), seed, &ret->text, &own) < 0)
    return error_set_at(r->err, own.code, r->line, 1, "\"%.*s\": %s", STR_FMT(key), own.message);
  return 0;
}

static int read_examples_into(struct reading *r, struct value v, struct str key,
                              const struct secret_example **ret, size_t *ret_count)
{
  struct secret_example *list = arena_array(&r->sources->arena, struct secret_example, v.len + 1);
  if (!value_is(v, VALUE_ARRAY) || !v.len)
    return wrong(r, "must be a list of texts", key);
  for (uint32_t i = 0; i < v.len; i++)
    if (read_example(r, v.items[i], key, (uint64_t)r->line * 131 + i, &list[i]) < 0)
      return r->err->code;
  *ret = list;
  *ret_count = v.len;
  return 0;
}

static int read_examples(struct reading *r, struct value v, struct str key)
{
  return read_examples_into(r, v, key, &r->source->examples, &r->source->example_count);
}

static int read_counterexamples(struct reading *r, struct value v, struct str key)
{
  return read_examples_into(r, v, key, &r->source->counterexamples,
                            &r->source->counterexample_count);
}

static const struct field {
  struct str key;
  bool required;
  int (*read)(struct reading *r, struct value v, struct str key);
} fields[] = {
    {STR_INIT("id"), true, read_id},
    {STR_INIT("title"), true, read_title},
    {STR_INIT("severity"), true, read_severity},
    {STR_INIT("why"), true, read_why},
    {STR_INIT("remedy"), true, read_remedy},
    {STR_INIT("references"), false, read_references},
    {STR_INIT("pattern"), true, read_pattern},
    {STR_INIT("path"), false, read_path},
    {STR_INIT("group"), false, read_group},
    {STR_INIT("entropy"), false, read_entropy},
    {STR_INIT("keywords"), false, read_keywords},
    {STR_INIT("tags"), false, read_tags},
    {STR_INIT("also"), false, read_also},
    {STR_INIT("trivy"), false, read_trivy},
    {STR_INIT("weak"), false, read_weak},
    {STR_INIT("text"), false, read_text_only},
    {STR_INIT("skip_tests"), false, read_skip_tests},
    {STR_INIT("places"), false, read_places},
    {STR_INIT("allow"), false, read_allow},
    {STR_INIT("examples"), true, read_examples},
    {STR_INIT("counterexamples"), true, read_counterexamples},
};

enum { FIELDS = sizeof fields / sizeof fields[0] };

static int check_keys(struct reading *r, struct value rule)
{
  for (uint32_t i = 0; i < rule.len; i++) {
    struct str key = value_str_or_empty(rule.members[i].key);
    size_t f = 0;
    while (f < FIELDS && !str_eq(fields[f].key, key))
      f++;
    if (f == FIELDS)
      return wrong(r, "is nothing that a rule has", key);
  }
  return 0;
}

static int check_pattern(struct reading *r, struct str pattern, struct str key)
{
  struct regex *regex = NULL;
  struct error own;
  if (!pattern.len || regex_compile(pattern, 0, &regex, &own) == 0) {
    uint32_t groups = regex ? regex_groups(regex) : 9;
    regex_free(regex);
    return str_eq(key, STR("pattern")) && r->source->rule.secret_group > groups
               ? wrong(r, "has no such group", STR("group"))
               : 0;
  }
  return error_set_at(r->err, SW_EINVAL, r->line, 1, "\"%.*s\": %s", STR_FMT(key), own.message);
}

static int check_rule(struct reading *r)
{
  const struct secret_rule *rule = &r->source->rule;
  if (check_pattern(r, rule->pattern, STR("pattern")) < 0 ||
      check_pattern(r, rule->path, STR("path")) < 0)
    return r->err->code;
  for (size_t i = 0; i < rule->allow_count; i++)
    if (check_pattern(r, rule->allow[i].regexes, STR("allow")) < 0 ||
        check_pattern(r, rule->allow[i].paths, STR("allow")) < 0)
      return r->err->code;
  for (size_t i = 0; i < r->sources->count; i++)
    if (str_eq(r->sources->items[i].rule.rule.id, rule->rule.id))
      return wrong(r, "is there twice", rule->rule.id);
  return 0;
}

static int read_rule(struct secret_sources *sources, struct value v, struct str file, uint32_t line,
                     struct error *err)
{
  struct secret_source source = {.file = file, .line = line};
  struct reading r = {sources, &source, line, err};
  source.rule.builtin = true;
  source.rule.places = (1u << SECRET_PLACES) - 1;
  if (!value_is(v, VALUE_OBJECT))
    return wrong(&r, "must be a list of mappings", STR("rules"));
  if (check_keys(&r, v) < 0)
    return err->code;
  for (size_t f = 0; f < FIELDS; f++) {
    struct value member = value_get_str(v, fields[f].key);
    if (fields[f].required && value_is(member, VALUE_ABSENT))
      return wrong(&r, "is missing", fields[f].key);
    if (!value_is(member, VALUE_ABSENT) && fields[f].read(&r, member, fields[f].key) < 0)
      return err->code;
  }
  if (check_rule(&r) < 0)
    return err->code;
  vec_push(sources, source);
  return 0;
}

static int by_id(const void *a, const void *b)
{
  const struct secret_source *x = a, *y = b;
  return str_compare(x->rule.rule.id, y->rule.rule.id);
}

static int read_document(struct secret_sources *sources, struct value root, struct str file,
                         struct error *err)
{
  struct value rules = value_get(root, value_from("rules"));
  if (!value_is(rules, VALUE_ARRAY))
    return error_set_at(err, SW_EINVAL, 1, 1, "\"rules\" must be a list");
  for (uint32_t i = 0; i < rules.len; i++)
    if (read_rule(sources, rules.items[i], file, value_position(rules, i).line, err) < 0)
      return err->code;
  if (sources->count)
    qsort(sources->items, sources->count, sizeof *sources->items, by_id);
  return 0;
}

int secret_sources_add_text(struct secret_sources *sources, struct str text, const char *name,
                            struct error *err)
{
  struct yaml_options options = {.positions = true, .duplicates = VALUE_REFUSE};
  struct yaml_reader *reader = yaml_reader_new(text, &options);
  struct yaml_document document;
  struct str file = arena_copy(&sources->arena, str_from(name));
  int rc;
  while ((rc = yaml_reader_next(reader, &sources->arena, &document, err)) > 0)
    if ((rc = read_document(sources, document.root, file, err)) < 0)
      break;
  yaml_reader_free(reader);
  return rc < 0 ? error_wrap(err, "%s:%u", name, err->line) : 0;
}

static int add_file(struct secret_sources *sources, const char *path, struct error *err)
{
  _cleanup_(buf_free) struct buf text = {0};
  if (file_read(path, SECRET_SOURCE_MAX, &text, err) < 0)
    return err->code;
  if (sources->path_count == sources->path_room) {
    sources->path_room = sources->path_room ? sources->path_room * 2 : 16;
    sources->paths = mem_resize(sources->paths, sources->path_room, sizeof *sources->paths);
  }
  sources->paths[sources->path_count++] = arena_copy(&sources->arena, str_from(path));
  return secret_sources_add_text(sources, arena_copy(&sources->arena, buf_str(&text)), path, err);
}

int secret_sources_add(struct secret_sources *sources, const char *directory, struct error *err)
{
  struct walk_options options = {0};
  struct walk_entry entry;
  const char *paths[] = {directory};
  struct walk *w = walk_new(paths, 1, &options);
  int rc = 0;
  while (rc == 0 && walk_next(w, &entry)) {
    if (entry.kind == WALK_ERROR)
      rc = error_set(err, entry.error.code, "%s", entry.error.message);
    else if (entry.kind == WALK_FILE && str_ends(entry.path, STR(".yaml")))
      rc = add_file(sources, entry.path.data, err);
  }
  walk_free(w);
  return rc;
}
