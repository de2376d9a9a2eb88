#include "base/file.h"
#include "data/copy.h"
#include "data/duration.h"
#include "data/number.h"
#include "data/quantity.h"
#include "data/settings.h"

int setting_wrong_type(const char *name, struct setting_place where, const char *wanted,
                       struct error *err)
{
  const char *type = value_type_name(where.value);
  return error_set_at(err, SW_EINVAL, where.at.line, where.at.column, "\"%s\" is %s %s, must be %s",
                      name, strchr("aeiou", type[0]) ? "an" : "a", type, wanted);
}

/* A row's check, with the place put to its error. */
static int check_text(const struct setting *s, struct str text, struct value_position at,
                      struct error *err)
{
  struct error why;
  if (str_find_byte(text, 0, '\0') >= 0)
    return error_set_at(err, SW_EINVAL, at.line, at.column, "\"%s\" has a zero byte",
                        setting_name(s));
  if (!s->check || s->check(text, &why) == 0)
    return 0;
  return error_set_at(err, SW_EINVAL, at.line, at.column, "\"%s\": %s", setting_name(s),
                      why.message);
}

static int read_text(const struct setting *s, struct setting_place where, struct arena *arena,
                     void *field, struct error *err)
{
  if (!value_is(where.value, VALUE_STRING))
    return setting_wrong_type(setting_name(s), where, "a text (put it in quotes)", err);
  int rc = check_text(s, value_str(where.value), where.at, err);
  if (rc == 0)
    *(const char **)field = arena_copy(arena, value_str(where.value)).data;
  return rc;
}

static void write_text(const struct setting *s, const void *field, struct json_writer *w)
{
  (void)s;
  json_string(w, str_from(*(const char *const *)field));
}

static bool text_unsaid(const void *field)
{
  return *(const char *const *)field == NULL;
}

const struct setting_type setting_text = {SETTING_AS_TEXT, sizeof(const char *), read_text,
                                          write_text, text_unsaid};

static int read_fixed(const struct setting *s, struct setting_place where, struct arena *arena,
                      void *field, struct error *err)
{
  (void)arena, (void)field;
  if (value_eq_str(where.value, str_from(s->detail)))
    return 0;
  return error_set_at(err, SW_EINVAL, where.at.line, where.at.column, "\"%s\" must be \"%s\"",
                      setting_name(s), (const char *)s->detail);
}

static void write_fixed(const struct setting *s, const void *field, struct json_writer *w)
{
  (void)field;
  json_string(w, str_from(s->detail));
}

const struct setting_type setting_fixed = {SETTING_IN_FILE_ONLY, 0, read_fixed, write_fixed, NULL};

static int read_bool(const struct setting *s, struct setting_place where, struct arena *arena,
                     void *field, struct error *err)
{
  (void)arena;
  if (!value_is(where.value, VALUE_BOOL))
    return setting_wrong_type(setting_name(s), where, "true or false", err);
  *(bool *)field = where.value.boolean;
  return 0;
}

static void write_bool(const struct setting *s, const void *field, struct json_writer *w)
{
  (void)s;
  json_bool(w, *(const bool *)field);
}

const struct setting_type setting_bool = {SETTING_AS_LITERAL, sizeof(bool), read_bool, write_bool,
                                          NULL};

/* ---- amounts */

static int out_of_range(const struct setting *s, struct value_position at, struct str is,
                        struct str min, struct str max, struct error *err)
{
  return error_set_at(err, SW_EINVAL, at.line, at.column,
                      "\"%s\" is %.*s, must be from %.*s to %.*s", setting_name(s),
                      STR_FMT(str_sub(is, 0, 100)), STR_FMT(min), STR_FMT(max));
}

static int read_number(const struct setting *s, struct setting_place where, struct arena *arena,
                       void *field, struct error *err)
{
  int64_t number;
  if (!value_is(where.value, VALUE_NUMBER) || !number_is_integer(where.value))
    return setting_wrong_type(setting_name(s), where, "a whole number", err);
  if (!number_to_int64(where.value, &number) || number < s->min || number > s->max) {
    _cleanup_(buf_free) struct buf is = {0};
    number_write(&is, where.value);
    return out_of_range(s, where.at, buf_str(&is), arena_printf(arena, "%lld", (long long)s->min),
                        arena_printf(arena, "%lld", (long long)s->max), err);
  }
  *(int64_t *)field = number;
  return 0;
}

static void write_number(const struct setting *s, const void *field, struct json_writer *w)
{
  (void)s;
  json_int(w, *(const int64_t *)field);
}

const struct setting_type setting_number = {SETTING_AS_LITERAL, sizeof(int64_t), read_number,
                                            write_number, NULL};

static int read_size(const struct setting *s, struct setting_place where, struct arena *arena,
                     void *field, struct error *err)
{
  (void)arena;
  struct quantity q;
  struct error why;
  int64_t bytes;
  if (!value_is(where.value, VALUE_STRING) && !value_is(where.value, VALUE_NUMBER))
    return setting_wrong_type(setting_name(s), where, "a number of bytes, like 64Ki", err);
  if (quantity_from_value(where.value, &q, &why) < 0)
    return error_set_at(err, SW_EINVAL, where.at.line, where.at.column, "\"%s\": %s",
                        setting_name(s), why.message);
  if (!quantity_to_int(q, &bytes) || bytes < s->min || bytes > s->max) {
    char min[FILE_SIZE_TEXT], max[FILE_SIZE_TEXT];
    _cleanup_(buf_free) struct buf is = {0};
    json_write(&is, where.value, 0);
    return out_of_range(s, where.at, buf_str(&is), str_from(file_size_text((uint64_t)s->min, min)),
                        str_from(file_size_text((uint64_t)s->max, max)), err);
  }
  *(int64_t *)field = bytes;
  return 0;
}

static void write_size(const struct setting *s, const void *field, struct json_writer *w)
{
  static const char units[] = "KMGT";
  int64_t bytes = *(const int64_t *)field;
  unsigned unit = 0;
  (void)s;
  while (bytes && bytes % 1024 == 0 && unit < 4) {
    bytes /= 1024;
    unit++;
  }
  char text[32];
  if (unit)
    snprintf(text, sizeof text, "%lld%ci", (long long)bytes, units[unit - 1]);
  if (unit)
    json_string(w, str_from(text));
  else
    json_int(w, bytes);
}

const struct setting_type setting_size = {SETTING_AS_TEXT, sizeof(int64_t), read_size, write_size,
                                          NULL};

static struct str duration_text(struct arena *arena, int64_t ns)
{
  _cleanup_(buf_free) struct buf text = {0};
  duration_write(&text, ns);
  return arena_copy(arena, buf_str(&text));
}

static int read_duration(const struct setting *s, struct setting_place where, struct arena *arena,
                         void *field, struct error *err)
{
  int64_t ns;
  struct error why;
  if (!value_is(where.value, VALUE_STRING))
    return setting_wrong_type(setting_name(s), where, "a length of time with its unit, like 10s",
                              err);
  if (duration_parse(value_str(where.value), &ns, &why) < 0)
    return error_set_at(err, SW_EINVAL, where.at.line, where.at.column, "\"%s\": %s",
                        setting_name(s), why.message);
  if (ns < s->min || ns > s->max)
    return out_of_range(s, where.at, value_str(where.value), duration_text(arena, s->min),
                        duration_text(arena, s->max), err);
  *(int64_t *)field = ns;
  return 0;
}

static void write_duration(const struct setting *s, const void *field, struct json_writer *w)
{
  (void)s;
  _cleanup_(buf_free) struct buf text = {0};
  duration_write(&text, *(const int64_t *)field);
  json_string(w, buf_str(&text));
}

const struct setting_type setting_duration = {SETTING_AS_TEXT, sizeof(int64_t), read_duration,
                                              write_duration, NULL};

/* ---- choices and lists */

static int read_choice(const struct setting *s, struct setting_place where, struct arena *arena,
                       void *field, struct error *err)
{
  (void)arena;
  _cleanup_(buf_free) struct buf all = {0};
  const char *const *names = s->detail;
  for (unsigned i = 0; names[i]; i++) {
    if (value_eq_str(where.value, str_from(names[i]))) {
      *(unsigned *)field = i;
      return 0;
    }
    buf_printf(&all, "%s%s", i ? ", " : "", names[i]);
  }
  return error_set_at(err, SW_EINVAL, where.at.line, where.at.column, "\"%s\" must be one of %s",
                      setting_name(s), buf_text(&all));
}

static void write_choice(const struct setting *s, const void *field, struct json_writer *w)
{
  json_string(w, str_from(((const char *const *)s->detail)[*(const unsigned *)field]));
}

const struct setting_type setting_choice = {SETTING_AS_TEXT, sizeof(unsigned), read_choice,
                                            write_choice, NULL};

static int check_list(const struct setting *s, struct setting_place where, const char *wanted,
                      struct error *err)
{
  if (!value_is(where.value, VALUE_ARRAY))
    return setting_wrong_type(setting_name(s), where, wanted, err);
  if (where.value.len <= SETTINGS_LIST_MAX)
    return 0;
  return error_set_at(err, SW_ELIMIT, where.at.line, where.at.column,
                      "\"%s\" has %u items, at most %d", setting_name(s), where.value.len,
                      SETTINGS_LIST_MAX);
}

static int read_texts(const struct setting *s, struct setting_place where, struct arena *arena,
                      void *field, struct error *err)
{
  int rc = check_list(s, where, "a list of texts", err);
  if (rc < 0)
    return rc;
  struct setting_texts texts = {arena_array(arena, struct str, where.value.len), where.value.len};
  for (uint32_t i = 0; i < where.value.len; i++) {
    struct setting_place item = {where.value.items[i], value_position(where.value, i)};
    if (!value_is(item.value, VALUE_STRING))
      return setting_wrong_type(setting_name(s), item, "a list of texts (put them in quotes)", err);
    rc = check_text(s, value_str(item.value), item.at, err);
    if (rc < 0)
      return rc;
    texts.items[i] = arena_copy(arena, value_str(item.value));
  }
  *(struct setting_texts *)field = texts;
  return 0;
}

static void write_texts(const struct setting *s, const void *field, struct json_writer *w)
{
  (void)s;
  const struct setting_texts *texts = field;
  json_begin_array(w);
  for (size_t i = 0; i < texts->count; i++)
    json_string(w, texts->items[i]);
  json_end_array(w);
}

const struct setting_type setting_texts = {SETTING_AS_LIST, sizeof(struct setting_texts),
                                           read_texts, write_texts, NULL};

static int read_tree(const struct setting *s, struct setting_place where, struct arena *arena,
                     void *field, struct error *err)
{
  if (!value_is(where.value, VALUE_OBJECT))
    return setting_wrong_type(setting_name(s), where, "a mapping of keys to values", err);
  return value_copy(arena, where.value, NULL, field, err);
}

static void write_tree(const struct setting *s, const void *field, struct json_writer *w)
{
  (void)s;
  json_value(w, *(const struct value *)field);
}

static bool tree_unsaid(const void *field)
{
  return value_is(*(const struct value *)field, VALUE_ABSENT);
}

const struct setting_type setting_tree = {SETTING_IN_FILE_ONLY, sizeof(struct value), read_tree,
                                          write_tree, tree_unsaid};
