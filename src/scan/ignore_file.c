#include "scan/ignore_file.h"

#include "base/clock.h"
#include "base/mem.h"
#include "base/suggestion.h"
#include "base/vec.h"
#include "data/glob.h"
#include "data/yaml.h"
#include "finding/exception.h"
#include "scan/license.h"
#include "scan/purl.h"

#include <inttypes.h>
#include <stdatomic.h>

struct entry {
  unsigned kinds; /* bits of enum ignore_kind */
  struct str id;
  struct str license; /* the id as an expression; empty: it is none */
  struct str check;   /* the id as that of a check of Trivy, "DS-0002"; empty: it is none */
  struct glob **paths;
  uint32_t path_count;
  struct purl_pattern *purls;
  uint32_t purl_count;
  struct str reason;
  struct str until;      /* the last day */
  struct str expiration; /* as written */
  struct value_position at;
  bool ended;
  atomic_bool used;
};

struct ignore_file {
  struct str path;
  struct arena *arena;
  struct entry *items;
  size_t count;
  struct entries VEC_BODY(struct entry) loading;
  struct str today;
};

static const unsigned all_kinds = (1U << IGNORE_KINDS) - 1;

/* The day before a date, which is the last on which an entry holds. */
static int take_expiration(struct ignore_file *f, struct entry *e, struct str text,
                           struct value_position at, struct error *err)
{
  int64_t seconds;
  char room[CLOCK_TEXT];
  struct str date = str_sub(text, 0, 10); /* a time behind it does not matter */
  bool has_time = text.len > 10 && (text.data[10] == 'T' || text.data[10] == ' ');
  if (clock_parse_date(date, &seconds, NULL) < 0 || (text.len > 10 && !has_time))
    return error_set_at(err, SW_EINVAL, at.line, at.column,
                        "\"%.*s\" is no date, must be one as 2026-12-31",
                        STR_FMT(str_sub(text, 0, 60)));
  struct str before = clock_format(seconds - 86400, room);
  e->until = arena_copy(f->arena, str_sub(before, 0, 10));
  e->expiration = arena_copy(f->arena, date);
  e->ended = str_compare(f->today, date) >= 0;
  return 0;
}

static bool is_upper(char c)
{
  return c >= 'A' && c <= 'Z';
}

/* Trivy's checks have had three spellings, all of which it still takes: "DS002", "AVD-DS-0002", "DS-0002". */
static struct str check_of(struct arena *arena, struct str id)
{
  enum { DIGITS_MAX = 6 };
  struct str rest = str_starts(id, STR("AVD-")) ? str_sub(id, 4, SIZE_MAX) : id;
  size_t letters = 0;
  unsigned number = 0;
  while (letters < rest.len && is_upper(rest.data[letters]))
    letters++;
  struct str group = str_sub(rest, 0, letters);
  rest = str_sub(rest, letters, SIZE_MAX);
  if (str_starts(rest, STR("-")))
    rest = str_sub(rest, 1, SIZE_MAX);
  if (!letters || !rest.len || rest.len > DIGITS_MAX)
    return STR_EMPTY;
  for (size_t i = 0; i < rest.len; i++) {
    if (rest.data[i] < '0' || rest.data[i] > '9')
      return STR_EMPTY;
    number = number * 10 + (unsigned)(rest.data[i] - '0');
  }
  return arena_printf(arena, "%.*s-%04u", STR_FMT(group), number);
}

static int add_entry(struct ignore_file *f, struct entry *e, struct error *err)
{
  struct license license;
  if (vec_full(&f->loading, IGNORE_ENTRIES_MAX))
    return error_set_at(err, SW_ELIMIT, e->at.line, e->at.column, "there are more than %d entries",
                        IGNORE_ENTRIES_MAX);
  if (e->kinds & (1U << IGNORE_LICENSE)) {
    license_read(f->arena, e->id, &license);
    if (license.spdx && !str_eq(license.expression, e->id))
      e->license = license.expression;
  }
  if (e->kinds & (1U << IGNORE_MISCONFIGURATION))
    e->check = check_of(f->arena, e->id);
  if (!e->reason.len)
    e->reason = arena_printf(f->arena, "listed in %.*s", STR_FMT(f->path));
  vec_push(&f->loading, *e);
  return 0;
}

/* ---- the plain form */

struct plain {
  struct ignore_file *file;
  struct str comment; /* right above */
  bool comment_ends;  /* an id was there since: the next comment begins anew */
  uint32_t line;
};

static struct str next_field(struct str *rest)
{
  size_t from = 0;
  while (from < rest->len && (rest->data[from] == ' ' || rest->data[from] == '\t'))
    from++;
  size_t end = from;
  while (end < rest->len && rest->data[end] != ' ' && rest->data[end] != '\t')
    end++;
  struct str field = str_sub(*rest, from, end - from);
  *rest = str_sub(*rest, end, SIZE_MAX);
  return field;
}

static struct str without_hashes(struct str comment)
{
  while (comment.len && comment.data[0] == '#')
    comment = str_sub(comment, 1, SIZE_MAX);
  return str_trim(comment);
}

static void take_comment(struct plain *p, struct str line)
{
  struct str text = without_hashes(line);
  if (p->comment_ends || !p->comment.len)
    p->comment = arena_copy(p->file->arena, text);
  else if (p->comment.len + text.len < 2000)
    p->comment = arena_printf(p->file->arena, "%.*s %.*s", STR_FMT(p->comment), STR_FMT(text));
  p->comment_ends = false;
}

static int take_line(struct plain *p, struct str line, struct error *err)
{
  struct arena *arena = p->file->arena;
  struct entry e = {.kinds = all_kinds, .at = {p->line, 1}, .reason = p->comment};
  struct str whole = line, rest = line;
  e.id = arena_copy(arena, next_field(&rest));
  p->comment_ends = true;
  while (rest.len) {
    struct str field = next_field(&rest);
    if (str_starts(field, STR("#"))) {
      struct str comment =
          without_hashes(str_sub(whole, (size_t)(field.data - whole.data), SIZE_MAX));
      if (comment.len)
        e.reason = arena_copy(arena, comment);
      break;
    }
    if (!str_starts(field, STR("exp:")))
      continue;
    struct value_position at = {p->line, (uint32_t)(field.data - whole.data) + 5};
    int rc = take_expiration(p->file, &e, str_sub(field, 4, SIZE_MAX), at, err);
    if (rc < 0)
      return rc;
  }
  return add_entry(p->file, &e, err);
}

static int read_plain(struct ignore_file *f, struct str text, struct error *err)
{
  struct plain p = {.file = f, .comment = STR_EMPTY};
  for (struct str rest = text; rest.data;) {
    struct str line = str_trim(str_cut(rest, '\n', &rest));
    p.line++;
    if (!line.len)
      p.comment = STR_EMPTY;
    else if (line.data[0] == '#')
      take_comment(&p, line);
    else if (take_line(&p, line, err) < 0)
      return err ? err->code : SW_EINVAL;
  }
  return 0;
}

/* ---- the YAML form */

struct member {
  struct str name;
  struct value value;
  struct value_position at, key_at;
};

static struct member member_of(struct value object, uint32_t i)
{
  return (struct member){value_str_or_empty(object.members[i].key), object.members[i].value,
                         value_position(object, i), value_key_position(object, i)};
}

static int refuse(const struct member *m, const char *wanted, struct error *err)
{
  return error_set_at(err, SW_EINVAL, m->at.line, m->at.column, "\"%.*s\" must be %s",
                      STR_FMT(str_sub(m->name, 0, 60)), wanted);
}

static int refuse_key(const struct member *m, const char *const *known, struct error *err)
{
  struct suggestion s = {.word = m->name};
  for (size_t i = 0; known[i]; i++)
    suggestion_consider(&s, known[i]);
  return error_set_at(err, SW_EINVAL, m->key_at.line, m->key_at.column,
                      s.best ? "unknown key \"%.*s\", did you mean \"%s\"?"
                             : "unknown key \"%.*s\"%s",
                      STR_FMT(str_sub(m->name, 0, 60)), s.best ? s.best : "");
}

static int check_list(const struct member *m, struct error *err)
{
  if (!value_is(m->value, VALUE_ARRAY) || m->value.len > IGNORE_LIST_MAX)
    return refuse(m, "a list, of at most 1000 texts", err);
  for (uint32_t i = 0; i < m->value.len; i++)
    if (!value_is(m->value.items[i], VALUE_STRING))
      return refuse(m, "a list of texts", err);
  return 0;
}

static int take_id(struct ignore_file *f, struct entry *e, const struct member *m,
                   struct error *err)
{
  if (!value_is(m->value, VALUE_STRING) || !str_trim(value_str(m->value)).len)
    return refuse(m, "the id of a finding", err);
  e->id = arena_copy(f->arena, str_trim(value_str(m->value)));
  return 0;
}

static int take_paths(struct ignore_file *f, struct entry *e, const struct member *m,
                      struct error *err)
{
  struct error why;
  int rc = check_list(m, err);
  if (rc < 0)
    return rc;
  e->paths = arena_array(f->arena, struct glob *, m->value.len + 1);
  for (uint32_t i = 0; i < m->value.len; i++) {
    struct value_position at = value_position(m->value, i);
    struct str pattern = value_str(m->value.items[i]);
    if (str_starts(pattern, STR("/")))
      pattern = str_sub(pattern, 1, SIZE_MAX);
    if (glob_compile(f->arena, pattern, STR("/"), GLOB_PATH, &e->paths[i], &why) < 0)
      return error_set_at(err, why.code, at.line, at.column, "not a usable pattern: %s",
                          why.message);
  }
  e->path_count = m->value.len;
  return 0;
}

static int take_purls(struct ignore_file *f, struct entry *e, const struct member *m,
                      struct error *err)
{
  struct error why;
  int rc = check_list(m, err);
  if (rc < 0)
    return rc;
  e->purls = arena_array(f->arena, struct purl_pattern, m->value.len + 1);
  for (uint32_t i = 0; i < m->value.len; i++) {
    struct value_position at = value_position(m->value, i);
    struct str text = arena_copy(f->arena, value_str(m->value.items[i]));
    if (purl_pattern_make(f->arena, text, &e->purls[i], &why) < 0)
      return error_set_at(err, why.code, at.line, at.column, "%s", why.message);
  }
  e->purl_count = m->value.len;
  return 0;
}

static int take_expired_at(struct ignore_file *f, struct entry *e, const struct member *m,
                           struct error *err)
{
  if (!value_is(m->value, VALUE_STRING))
    return refuse(m, "a date as 2026-12-31", err);
  return take_expiration(f, e, value_str(m->value), m->at, err);
}

static int take_statement(struct ignore_file *f, struct entry *e, const struct member *m,
                          struct error *err)
{
  if (!value_is(m->value, VALUE_STRING) && !value_is_nil(m->value))
    return refuse(m, "a text", err);
  struct str text = str_trim(value_str_or_empty(m->value));
  if (text.len)
    e->reason = arena_copy(f->arena, text);
  return 0;
}

static const struct {
  const char *name;
  int (*take)(struct ignore_file *f, struct entry *e, const struct member *m, struct error *err);
} fields[] = {
    {"id", take_id},
    {"paths", take_paths},
    {"purls", take_purls},
    {"expired_at", take_expired_at},
    {"statement", take_statement},
};

static const char *const field_names[] = {"id", "paths", "purls", "expired_at", "statement", NULL};

static const char *const list_names[] = {
    [IGNORE_VULNERABILITY] = "vulnerabilities",
    [IGNORE_MISCONFIGURATION] = "misconfigurations",
    [IGNORE_SECRET] = "secrets",
    [IGNORE_LICENSE] = "licenses",
    [IGNORE_KINDS] = NULL,
};

static int take_field(struct ignore_file *f, struct entry *e, const struct member *m,
                      struct error *err)
{
  for (size_t i = 0; i < sizeof fields / sizeof fields[0]; i++)
    if (str_eq(str_from(fields[i].name), m->name))
      return fields[i].take(f, e, m, err);
  return refuse_key(m, field_names, err);
}

static int take_yaml_entry(struct ignore_file *f, struct value v, struct value_position at,
                           unsigned kinds, struct error *err)
{
  struct entry e = {.kinds = kinds, .at = at};
  if (!value_is(v, VALUE_OBJECT))
    return error_set_at(err, SW_EINVAL, at.line, at.column,
                        "an entry must be a mapping with \"id\"");
  for (uint32_t i = 0; i < v.len; i++) {
    struct member m = member_of(v, i);
    int rc = take_field(f, &e, &m, err);
    if (rc < 0)
      return rc;
  }
  if (!e.id.len)
    return error_set_at(err, SW_EINVAL, at.line, at.column, "the entry has no \"id\"");
  return add_entry(f, &e, err);
}

static int take_list(struct ignore_file *f, const struct member *m, struct error *err)
{
  unsigned kind = 0;
  while (list_names[kind] && !str_eq(str_from(list_names[kind]), m->name))
    kind++;
  if (!list_names[kind])
    return refuse_key(m, list_names, err);
  if (!value_is(m->value, VALUE_ARRAY) && !value_is_nil(m->value))
    return refuse(m, "a list", err);
  for (uint32_t i = 0; m->value.type == VALUE_ARRAY && i < m->value.len; i++) {
    int rc = take_yaml_entry(f, m->value.items[i], value_position(m->value, i), 1U << kind, err);
    if (rc < 0)
      return rc;
  }
  return 0;
}

static int take_document(struct ignore_file *f, struct value root, struct value_position at,
                         struct error *err)
{
  if (value_is_nil(root))
    return 0;
  if (!value_is(root, VALUE_OBJECT))
    return error_set_at(err, SW_EINVAL, at.line, at.column, "the file must be a mapping");
  for (uint32_t i = 0; i < root.len; i++) {
    struct member m = member_of(root, i);
    int rc = take_list(f, &m, err);
    if (rc < 0)
      return rc;
  }
  return 0;
}

static int read_yaml(struct ignore_file *f, struct str text, struct error *err)
{
  struct yaml_options options = {
      .positions = true, .size_max = IGNORE_SIZE_MAX, .duplicates = VALUE_REFUSE};
  _cleanup_(yaml_reader_freep) struct yaml_reader *reader = yaml_reader_new(text, &options);
  struct yaml_document doc;
  int got, rc = 0;
  while (rc == 0 && (got = yaml_reader_next(reader, f->arena, &doc, err)) != 0)
    rc = got < 0 ? got : take_document(f, doc.root, doc.position, err);
  return rc;
}

/* ---- loading */

static int wrap_place(struct str path, int rc, struct error *err)
{
  if (!err)
    return rc;
  if (err->line)
    error_wrap(err, "%.*s:%" PRIu32 ":%" PRIu32, STR_FMT(path), err->line, err->column);
  else
    error_wrap(err, "%.*s", STR_FMT(path));
  return rc;
}

int ignore_file_load(struct arena *arena, struct str path, struct str text, struct str today,
                     struct ignore_file **ret, struct error *err)
{
  struct error own;
  int64_t seconds;
  if (!err)
    err = &own;
  int rc = clock_parse_date(today, &seconds, err);
  if (rc < 0)
    return rc;
  if (text.len > IGNORE_SIZE_MAX)
    return error_set(err, SW_ELIMIT, "the file has %zu bytes, at most %d are read", text.len,
                     IGNORE_SIZE_MAX);
  struct ignore_file *f = arena_new(arena, struct ignore_file);
  f->arena = arena;
  f->path = path;
  f->today = today;
  bool is_yaml = str_ends(path, STR(".yaml")) || str_ends(path, STR(".yml"));
  rc = is_yaml ? read_yaml(f, text, err) : read_plain(f, text, err);
  f->count = f->loading.count;
  f->items = arena_zalloc(arena, f->count, sizeof *f->items);
  if (f->count)
    memcpy(f->items, f->loading.items, f->count * sizeof *f->items);
  vec_free(&f->loading);
  if (rc < 0)
    return wrap_place(path, rc, err);
  *ret = f;
  return 0;
}

/* ---- asking */

static bool id_matches(const struct entry *e, const struct ignore_question *q)
{
  for (size_t i = 0; i < q->id_count; i++)
    if (str_eq(e->id, q->ids[i]) ||
        (q->kind == IGNORE_LICENSE && e->license.len && str_eq(e->license, q->ids[i])) ||
        (q->kind == IGNORE_MISCONFIGURATION && e->check.len && str_eq(e->check, q->ids[i])))
      return true;
  return false;
}

static bool path_matches(const struct entry *e, const struct ignore_question *q)
{
  if (e->path_count == 0 || q->path_count == 0)
    return true;
  for (size_t i = 0; i < q->path_count; i++) {
    struct str path = q->paths[i];
    while (path.len && path.data[0] == '/')
      path = str_sub(path, 1, SIZE_MAX);
    for (uint32_t j = 0; j < e->path_count; j++)
      if (glob_match(e->paths[j], path))
        return true;
  }
  return false;
}

static bool purl_matches(const struct entry *e, const struct purl_pattern *purl)
{
  if (e->purl_count == 0 || !purl)
    return true;
  for (uint32_t i = 0; i < e->purl_count; i++)
    if (purl_pattern_means(&e->purls[i], purl))
      return true;
  return false;
}

static bool covers(const struct entry *e, const struct ignore_question *q,
                   const struct purl_pattern *purl)
{
  return !e->ended && (e->kinds & (1U << q->kind)) && id_matches(e, q) && path_matches(e, q) &&
         purl_matches(e, purl);
}

bool ignore_file_ask(struct ignore_file *file, const struct ignore_question *question,
                     struct ignore_answer *ret)
{
  struct arena arena;
  struct purl_pattern pattern = {0}; /* if the purl cannot be read: nothing means it */
  bool found = false;
  if (!file || file->count == 0)
    return false;
  arena_init(&arena, 0);
  if (question->purl.len)
    purl_pattern_make(&arena, question->purl, &pattern, NULL);
  for (size_t i = 0; i < file->count; i++) {
    struct entry *e = &file->items[i];
    if (!covers(e, question, question->purl.len ? &pattern : NULL))
      continue;
    atomic_store_explicit(&e->used, true, memory_order_relaxed);
    if (!found)
      *ret = (struct ignore_answer){e->reason, e->until, e->id, e->at.line};
    found = true;
  }
  arena_free(&arena);
  return found;
}

void ignore_file_report(const struct ignore_file *file, struct finding_list *findings)
{
  struct arena *arena = findings->arena;
  for (size_t i = 0; file && i < file->count; i++) {
    const struct entry *e = &file->items[i];
    if (!e->ended)
      continue;
    struct finding *f = finding_add(findings, &exception_rule_expired);
    f->location = (struct location){.file = file->path, .line = e->at.line, .column = e->at.column};
    f->message = arena_printf(arena, "the entry for %.*s expired on %.*s and covers nothing now",
                              STR_FMT(e->id), STR_FMT(e->expiration));
    f->evidence = e->expiration;
    finding_seal(
        f, arena_printf(arena, "%u %.*s %.*s", e->kinds, STR_FMT(e->id), STR_FMT(e->expiration)));
  }
}

size_t ignore_file_count(const struct ignore_file *file)
{
  return file ? file->count : 0;
}

size_t ignore_file_unused(const struct ignore_file *file)
{
  size_t unused = 0;
  for (size_t i = 0; file && i < file->count; i++)
    unused += !file->items[i].ended &&
              !atomic_load_explicit(&file->items[i].used, memory_order_relaxed);
  return unused;
}
