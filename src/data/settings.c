#include "data/settings.h"

#include "base/mem.h"
#include "base/suggestion.h"
#include "base/utf8.h"
#include "base/vec.h"
#include "data/number.h"
#include "data/yaml.h"

#include <ctype.h>

const char *setting_name(const struct setting *setting)
{
  const char *dot = strrchr(setting->path, '.');
  return dot ? dot + 1 : setting->path;
}

static void *field_of(const struct setting *s, void *target)
{
  return (char *)target + s->field;
}

/* ---- the file */

/* What a path stands for. */
struct found {
  const struct setting *row; /* a setting */
  bool mapping;              /* others stand below it */
};

static struct found find_path(const struct setting *rows, struct str path)
{
  struct found found = {0};
  for (const struct setting *s = rows; s->path && !found.row && !found.mapping; s++) {
    struct str whole = str_from(s->path);
    if (!str_starts(whole, path))
      continue;
    if (whole.len == path.len)
      found.row = s;
    else
      found.mapping = whole.data[path.len] == '.';
  }
  return found;
}

/* The part of a path that is a key of the mapping `prefix` ("" or "listen."). */
static struct str key_below(const struct setting *s, struct str prefix)
{
  struct str path = str_from(s->path), rest;
  return str_starts(path, prefix) ? str_cut(str_sub(path, prefix.len, path.len), '.', &rest)
                                  : STR_EMPTY;
}

/* A table and what it fills. */
struct reading {
  const struct setting *rows;
  void *target;
  struct arena *arena;
};

static int unknown_key(const struct reading *r, struct str prefix, struct str name,
                       struct value_position at, struct error *err)
{
  struct suggestion suggestion = {.word = name};
  for (const struct setting *s = r->rows; s->path; s++) {
    struct str key = key_below(s, prefix);
    if (key.len)
      suggestion_consider(&suggestion, arena_copy(r->arena, key).data);
  }
  struct str shown = str_sub(name, 0, 100);
  if (suggestion.best)
    return error_set_at(err, SW_EINVAL, at.line, at.column,
                        "unknown key \"%.*s\", did you mean \"%s\"?", STR_FMT(shown),
                        suggestion.best);
  return error_set_at(err, SW_EINVAL, at.line, at.column, "unknown key \"%.*s\"", STR_FMT(shown));
}

/* As deep as paths of the table have parts. */
static int read_mapping(const struct reading *r, struct str prefix, const char *name,
                        struct setting_place where, struct error *err)
{
  if (value_is_nil(where.value))
    return 0;
  if (!value_is(where.value, VALUE_OBJECT))
    return setting_wrong_type(name, where, "a mapping of keys to values", err);
  for (uint32_t i = 0; i < where.value.len; i++) {
    struct str key = value_str_or_empty(where.value.members[i].key);
    struct setting_place member = {where.value.members[i].value, value_position(where.value, i)};
    char path[SETTINGS_PATH_MAX];
    struct found found = {0};
    int len = snprintf(path, sizeof path, "%.*s%.*s", STR_FMT(prefix), STR_FMT(key));
    if (len > 0 && (size_t)len + 1 < sizeof path && key.len && str_find_byte(key, 0, '.') < 0 &&
        str_find_byte(key, 0, '\0') < 0)
      found = find_path(r->rows, str_make(path, (size_t)len));
    int rc;
    if (found.row) {
      rc = found.row->type->read(found.row, member, r->arena, field_of(found.row, r->target), err);
    } else if (found.mapping) {
      const char *mapping = arena_copy(r->arena, key).data;
      path[len] = '.';
      rc = read_mapping(r, str_make(path, (size_t)len + 1), mapping, member, err);
    } else {
      rc = unknown_key(r, prefix, key, value_key_position(where.value, i), err);
    }
    if (rc < 0)
      return rc;
  }
  return 0;
}

int settings_read(const struct setting *rows, void *target, struct arena *arena, const char *name,
                  struct setting_place where, struct error *err)
{
  const struct reading r = {rows, target, arena};
  return read_mapping(&r, STR_EMPTY, name, where, err);
}

int settings_read_text(const struct setting *rows, void *target, struct arena *arena,
                       struct str text, const char *name, struct error *err)
{
  struct yaml_options options = {.duplicates = VALUE_REFUSE, .positions = true};
  _cleanup_(yaml_reader_freep) struct yaml_reader *reader = yaml_reader_new(text, &options);
  struct yaml_document document, second;
  int rc = yaml_reader_next(reader, arena, &document, err);
  if (rc <= 0)
    return rc;
  struct setting_place root = {document.root, document.position};
  rc = settings_read(rows, target, arena, name, root, err);
  int more = rc == 0 ? yaml_reader_next(reader, arena, &second, err) : rc;
  if (more > 0)
    return error_set_at(err, SW_EINVAL, second.position.line, second.position.column,
                        "a second document; %s is one", name);
  return more;
}

static int read_items(const struct setting *s, struct setting_place where, struct arena *arena,
                      void *field, struct error *err)
{
  const struct setting_rows *rows = s->detail;
  if (!value_is(where.value, VALUE_ARRAY))
    return setting_wrong_type(setting_name(s), where, "a list of mappings", err);
  if (where.value.len > SETTINGS_LIST_MAX)
    return error_set_at(err, SW_ELIMIT, where.at.line, where.at.column,
                        "\"%s\" has %u items, at most %d", setting_name(s), where.value.len,
                        SETTINGS_LIST_MAX);
  struct setting_list list = {arena_zalloc(arena, where.value.len, rows->size), where.value.len};
  for (uint32_t i = 0; i < where.value.len; i++) {
    void *item = (char *)list.items + i * rows->size;
    struct setting_place place = {where.value.items[i], value_position(where.value, i)};
    if (!value_is(place.value, VALUE_OBJECT))
      return setting_wrong_type(setting_name(s), place, "a list of mappings", err);
    if (rows->needed && value_is(value_get(place.value, value_from(rows->needed)), VALUE_ABSENT))
      return error_set_at(err, SW_EINVAL, place.at.line, place.at.column,
                          "an item of \"%s\" needs the key \"%s\"", setting_name(s), rows->needed);
    int rc = settings_defaults(rows->rows, item, arena, err);
    if (rc == 0)
      rc = settings_read(rows->rows, item, arena, setting_name(s), place, err);
    if (rc < 0)
      return rc;
  }
  *(struct setting_list *)field = list;
  return 0;
}

/* ---- texts */

static struct value list_of(struct arena *arena, struct str text)
{
  VEC(struct value) items = {0};
  struct str rest = text;
  while (text.len && rest.data && items.count <= SETTINGS_LIST_MAX)
    vec_push(&items, value_string(str_trim(str_cut(rest, ',', &rest))));
  struct value list = value_array_make(arena, items.items, NULL, (uint32_t)items.count);
  vec_free(&items);
  return list;
}

static struct value literal_of(struct str text)
{
  if (str_eq(text, STR("true")) || str_eq(text, STR("false")))
    return value_bool(text.len == 4);
  struct value number = number_from_literal(text);
  return value_is(number, VALUE_ABSENT) ? value_string(text) : number;
}

static int read_one(const struct setting *s, void *target, struct arena *arena, struct str text,
                    struct error *err)
{
  struct setting_place where = {.value = value_string(text)};
  if (s->type->form == SETTING_IN_FILE_ONLY)
    return error_set(err, SW_EINVAL, "\"%s\" can only be set in the file", setting_name(s));
  if (text.len > SETTINGS_TEXT_MAX || !utf8_valid(text))
    return error_set(err, SW_EINVAL, "\"%s\" is too long or not UTF-8", setting_name(s));
  if (s->type->form == SETTING_AS_LIST)
    where.value = list_of(arena, text);
  else if (s->type->form == SETTING_AS_LITERAL)
    where.value = literal_of(text);
  return s->type->read(s, where, arena, field_of(s, target), err);
}

int settings_defaults(const struct setting *rows, void *target, struct arena *arena,
                      struct error *err)
{
  for (const struct setting *s = rows; s->path; s++) {
    memset(field_of(s, target), 0, s->type->size);
    int rc = s->fallback ? read_one(s, target, arena, str_from(s->fallback), err) : 0;
    if (rc < 0)
      return error_wrap(err, "%s", s->path);
  }
  return 0;
}

int settings_override(const struct setting *rows, void *target, struct arena *arena,
                      struct str path, struct str text, struct error *err)
{
  struct suggestion suggestion = {.word = path};
  for (const struct setting *s = rows; s->path; s++) {
    if (str_eq(str_from(s->path), path)) {
      int rc = read_one(s, target, arena, text, err);
      return rc < 0 ? error_wrap(err, "%s", s->path) : 0;
    }
    suggestion_consider(&suggestion, s->path);
  }
  struct str shown = str_sub(path, 0, 100);
  if (suggestion.best)
    return error_set(err, SW_EINVAL, "unknown setting \"%.*s\", did you mean \"%s\"?",
                     STR_FMT(shown), suggestion.best);
  return error_set(err, SW_EINVAL, "unknown setting \"%.*s\"", STR_FMT(shown));
}

void settings_variable(struct buf *out, struct str prefix, const char *path)
{
  buf_add(out, prefix);
  for (const char *c = path; *c; c++) {
    /* clientCA is CLIENT_CA */
    if (isupper((unsigned char)*c) && c > path && !isupper((unsigned char)c[-1]))
      buf_add_byte(out, '_');
    buf_add_byte(out, *c == '.' ? '_' : (char)toupper((unsigned char)*c));
  }
}

static int read_variable(const struct reading *r, struct str prefix, struct str name,
                         struct str text, struct error *err)
{
  _cleanup_(buf_free) struct buf variable = {0};
  struct suggestion suggestion = {.word = name};
  for (const struct setting *s = r->rows; s->path; s++) {
    buf_clear(&variable);
    settings_variable(&variable, prefix, s->path);
    if (str_eq(buf_str(&variable), name))
      return read_one(s, r->target, r->arena, text, err);
    suggestion_consider(&suggestion, arena_copy(r->arena, buf_str(&variable)).data);
  }
  if (suggestion.best)
    return error_set(err, SW_EINVAL, "there is no such setting, did you mean %s?", suggestion.best);
  return error_set(err, SW_EINVAL, "there is no such setting");
}

int settings_environment(const struct setting *rows, void *target, struct arena *arena,
                         struct str prefix, char *const *environment, struct error *err)
{
  const struct reading r = {rows, target, arena};
  for (; environment && *environment; environment++) {
    struct str text, name = str_cut(str_from(*environment), '=', &text);
    if (!str_starts(name, prefix) || !text.data)
      continue;
    int rc = read_variable(&r, prefix, name, text, err);
    if (rc < 0)
      return error_wrap(err, "%.*s", STR_FMT(str_sub(name, 0, 200)));
  }
  return 0;
}

/* ---- writing */

/* Bytes of the mappings that both paths lie in, dots included. */
static size_t common_mappings(const char *a, const char *b)
{
  size_t common = 0;
  for (size_t i = 0; a[i] && a[i] == b[i]; i++)
    if (a[i] == '.')
      common = i + 1;
  return common;
}

static void close_mappings(struct json_writer *w, const char *path, size_t from)
{
  for (const char *c = path + from; (c = strchr(c, '.')); c++)
    json_end_object(w);
}

static void open_mappings(struct json_writer *w, const char *path, size_t from)
{
  const char *c = path + from;
  for (const char *dot; (dot = strchr(c, '.')); c = dot + 1) {
    json_key(w, str_make(c, (size_t)(dot - c)));
    json_begin_object(w);
  }
}

static void write_rows(const struct setting *rows, const void *target, struct json_writer *w)
{
  const char *last = "";
  json_begin_object(w);
  for (const struct setting *s = rows; s->path; s++) {
    const void *field = (const char *)target + s->field;
    if (!s->type->write || (s->type->unsaid && s->type->unsaid(field)))
      continue;
    size_t common = common_mappings(last, s->path);
    close_mappings(w, last, common);
    open_mappings(w, s->path, common);
    json_key(w, str_from(setting_name(s)));
    s->type->write(s, field, w);
    last = s->path;
  }
  close_mappings(w, last, 0);
  json_end_object(w);
}

static void write_items(const struct setting *s, const void *field, struct json_writer *w)
{
  const struct setting_rows *rows = s->detail;
  const struct setting_list *list = field;
  json_begin_array(w);
  for (size_t i = 0; i < list->count; i++)
    write_rows(rows->rows, (const char *)list->items + i * rows->size, w);
  json_end_array(w);
}

const struct setting_type setting_items = {SETTING_IN_FILE_ONLY, sizeof(struct setting_list),
                                           read_items, write_items, NULL};

void settings_write(const struct setting *rows, const void *target, struct buf *out)
{
  struct json_writer w = json_writer_start(out, 2);
  write_rows(rows, target, &w);
  buf_add_byte(out, '\n');
}
