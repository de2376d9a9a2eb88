#include "finding/framework.h"

#include "base/vec.h"
#include "data/yaml.h"

static int wrong(struct error *err, struct value_position at, const char *what, struct str name)
{
  return error_set_at(err, SW_EINVAL, at.line, at.column, "%s \"%.*s\"", what, STR_FMT(name));
}

static int take_text(struct arena *arena, struct value v, struct value_position at, struct str name,
                     struct str *ret, struct error *err)
{
  if (!value_is(v, VALUE_STRING) || v.len == 0)
    return wrong(err, at, "there must be a text (in quotes, if it looks like a number) under",
                 name);
  *ret = arena_copy(arena, value_str(v));
  return 0;
}

static int read_control(struct arena *arena, struct value v, struct value_position at,
                        struct framework_control *ret, struct error *err)
{
  *ret = (struct framework_control){0};
  if (!value_is(v, VALUE_OBJECT))
    return error_set_at(err, SW_EINVAL, at.line, at.column,
                        "a control is a mapping with id and title");
  for (uint32_t i = 0; i < v.len; i++) {
    struct str key = value_str(v.members[i].key);
    struct str *field = str_eq(key, STR("id"))      ? &ret->id
                        : str_eq(key, STR("title")) ? &ret->title
                                                    : NULL;
    if (!field)
      return wrong(err, value_key_position(v, i), "unknown key", key);
    int rc = take_text(arena, v.members[i].value, value_position(v, i), key, field, err);
    if (rc < 0)
      return rc;
  }
  if (!ret->id.len || !ret->title.len)
    return error_set_at(err, SW_EINVAL, at.line, at.column, "a control needs both id and title");
  return 0;
}

static int read_controls(struct arena *arena, struct value v, struct value_position at,
                         struct framework *f, struct error *err)
{
  if (!value_is(v, VALUE_ARRAY) || v.len == 0 || v.len > FRAMEWORK_CONTROLS_MAX)
    return error_set_at(err, SW_EINVAL, at.line, at.column, "controls must be a list of 1 to %d",
                        FRAMEWORK_CONTROLS_MAX);
  struct framework_control *list = arena_array(arena, struct framework_control, v.len);
  for (uint32_t i = 0; i < v.len; i++) {
    int rc = read_control(arena, v.items[i], value_position(v, i), &list[i], err);
    if (rc < 0)
      return rc;
    f->controls = list;
    f->control_count = i;
    if (framework_control(f, list[i].id))
      return wrong(err, value_position(v, i), "a control twice:", list[i].id);
  }
  f->control_count = v.len;
  return 0;
}

static int read_root(struct arena *arena, const struct yaml_document *document,
                     struct framework *ret, struct error *err)
{
  struct value root = document->root;
  struct framework f = {0};
  if (!value_is(root, VALUE_OBJECT))
    return error_set_at(err, SW_EINVAL, 1, 1, "a framework is a mapping");
  for (uint32_t i = 0; i < root.len; i++) {
    struct str key = value_str(root.members[i].key);
    struct value v = root.members[i].value;
    struct value_position at = value_position(root, i);
    int rc;
    if (str_eq(key, STR("controls")))
      rc = read_controls(arena, v, at, &f, err);
    else if (str_eq(key, STR("id")))
      rc = take_text(arena, v, at, key, &f.id, err);
    else if (str_eq(key, STR("title")))
      rc = take_text(arena, v, at, key, &f.title, err);
    else if (str_eq(key, STR("url")))
      rc = take_text(arena, v, at, key, &f.url, err);
    else
      rc = wrong(err, value_key_position(root, i), "unknown key", key);
    if (rc < 0)
      return rc;
  }
  if (!f.id.len || !f.title.len || !f.url.len || !f.control_count)
    return error_set_at(err, SW_EINVAL, document->position.line, 1,
                        "a framework needs id, title, url and controls");
  *ret = f;
  return 0;
}

int framework_read(struct arena *arena, struct str text, struct framework *ret_framework,
                   struct error *err)
{
  struct yaml_options options = {.duplicates = VALUE_REFUSE, .positions = true};
  _cleanup_(yaml_reader_freep) struct yaml_reader *reader = yaml_reader_new(text, &options);
  struct yaml_document document;
  int rc = yaml_reader_next(reader, arena, &document, err);
  if (rc == 0)
    return error_set_at(err, SW_EINVAL, 1, 1, "the file is empty");
  return rc < 0 ? rc : read_root(arena, &document, ret_framework, err);
}

const struct framework *framework_find(const struct framework *list, size_t count, struct str id)
{
  for (size_t i = 0; i < count; i++)
    if (str_eq(list[i].id, id))
      return &list[i];
  return NULL;
}

const struct framework_control *framework_control(const struct framework *f, struct str id)
{
  for (size_t i = 0; i < f->control_count; i++)
    if (str_eq(f->controls[i].id, id))
      return &f->controls[i];
  return NULL;
}

bool framework_serves(const struct framework *f, const struct rule *rule)
{
  for (size_t i = 0; i < rule->control_count; i++)
    if (str_eq(rule->controls[i].framework, f->id))
      return true;
  return false;
}

struct str control_state_name(enum control_state state)
{
  static const struct str names[] = {
      [CONTROL_NOT_COVERED] = STR_INIT("not covered"),
      [CONTROL_NOT_APPLICABLE] = STR_INIT("not applicable"),
      [CONTROL_PASS] = STR_INIT("pass"),
      [CONTROL_FAIL] = STR_INIT("fail"),
  };
  return names[state];
}

void framework_summary_init(struct framework_summary *summary, const struct framework *f,
                            struct arena *arena)
{
  struct control_result *results =
      arena_zalloc(arena, f->control_count, sizeof(struct control_result));
  for (size_t i = 0; i < f->control_count; i++)
    results[i].control = &f->controls[i];
  *summary = (struct framework_summary){.framework = f, .results = results};
}

static void add_result(struct control_result *r, bool judged, uint64_t open, uint64_t excepted)
{
  enum control_state state = open ? CONTROL_FAIL : judged ? CONTROL_PASS : CONTROL_NOT_APPLICABLE;
  r->open += open;
  r->excepted += excepted;
  if (state > r->state)
    r->state = state;
}

/* The result of the rule's control number i; NULL: it is of another framework. */
static struct control_result *result_of(struct framework_summary *summary, const struct rule *rule,
                                        size_t i)
{
  const struct framework *f = summary->framework;
  const struct control *c = &rule->controls[i];
  const struct framework_control *control =
      str_eq(c->framework, f->id) ? framework_control(f, c->id) : NULL;
  return control ? &summary->results[control - f->controls] : NULL;
}

void framework_summary_add(struct framework_summary *summary, const struct rule *rule, bool judged,
                           uint64_t open, uint64_t excepted)
{
  for (size_t i = 0; i < rule->control_count; i++) {
    struct control_result *r = result_of(summary, rule, i);
    if (!r)
      continue;
    add_result(r, judged, open, excepted);
    r->rules++;
  }
}

void framework_summary_find(struct framework_summary *summary, const struct rule *rule,
                            const struct finding *f)
{
  for (size_t i = 0; i < rule->control_count; i++) {
    struct control_result *r = result_of(summary, rule, i);
    if (r)
      add_result(r, true, f->state == FINDING_OPEN, f->state == FINDING_EXCEPTED);
  }
}
