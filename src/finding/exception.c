#include "finding/exception.h"

#include "base/clock.h"
#include "base/mem.h"
#include "data/glob.h"

#include <stdatomic.h>

const struct rule exception_rule_expired = {
    .id = STR_INIT("exception-expired"),
    .title = STR_INIT("An exception has ended"),
    .why =
        STR_INIT("An exception accepts findings until a day that somebody chose. Behind that day "
                 "it covers nothing, and the findings it covered count again."),
    .remedy = STR_INIT("Mend what the exception covered and remove it, or decide anew and set a "
                       "later day in \"until\"."),
    .severity = SEVERITY_MEDIUM,
};

enum subject_part {
  PART_KIND,
  PART_NAMESPACE,
  PART_NAME,
  PART_CONTAINER,
  PART_PACKAGE,
  PART_IMAGE,
  PART_COUNT,
};

struct label_pattern {
  struct str key;
  struct glob *value;
};

struct exception {
  struct str rule_text;
  struct glob *rule;
  struct glob *parts[PART_COUNT]; /* NULL: any */
  struct label_pattern *labels;
  uint32_t label_count;
  struct glob_exclude *path; /* NULL: any */
  struct str reason;
  struct str until; /* empty: for good */
  struct value_position until_position;
  bool ended;
  atomic_bool used;
};

struct exception_set {
  struct exception *items;
  uint32_t count;
  struct str file;
};

/* A member that is being read: its name, value and places, for the functions of the tables. */
struct member {
  struct str name;
  struct value value;
  struct value_position at, key_at;
};

struct loader {
  struct arena *arena;
  struct str today;
  struct exception *exception;
};

struct field {
  const char *name;
  int (*take)(struct loader *l, const struct field *field, const struct member *m,
              struct error *err);
  enum subject_part part;
};

static const char *type_with_article(struct value v)
{
  switch (v.type) {
  case VALUE_NULL:
  case VALUE_ABSENT:
    return "empty";
  case VALUE_BOOL:
    return "a boolean";
  case VALUE_NUMBER:
    return "a number";
  case VALUE_STRING:
    return "a text";
  case VALUE_OBJECT:
    return "a mapping";
  default:
    return "a list";
  }
}

static int refuse_type(const struct member *m, const char *wanted, struct error *err)
{
  return error_set_at(err, SW_EINVAL, m->at.line, m->at.column, "\"%.*s\" is %s, must be %s",
                      STR_FMT(m->name), type_with_article(m->value), wanted);
}

static int read_text(const struct member *m, const char *wanted, struct str *ret, struct error *err)
{
  if (!value_is(m->value, VALUE_STRING))
    return refuse_type(m, wanted, err);
  if (str_trim(value_str(m->value)).len == 0)
    return error_set_at(err, SW_EINVAL, m->at.line, m->at.column, "\"%.*s\" is empty, must be %s",
                        STR_FMT(m->name), wanted);
  *ret = value_str(m->value);
  return 0;
}

static int refuse_pattern(const struct member *m, const struct error *cause, struct error *err)
{
  return error_set_at(err, cause->code, m->at.line, m->at.column,
                      "\"%.*s\" is not a usable pattern: %s", STR_FMT(m->name), cause->message);
}

static int compile_name(struct loader *l, const struct member *m, struct str pattern,
                        struct glob **ret, struct error *err)
{
  struct error cause;
  if (glob_compile(l->arena, pattern, STR_EMPTY, GLOB_WILDCARD, ret, &cause) < 0)
    return refuse_pattern(m, &cause, err);
  return 0;
}

static int take_rule(struct loader *l, const struct field *field, const struct member *m,
                     struct error *err)
{
  (void)field;
  struct str text;
  int rc = read_text(m, "the id of a rule or a pattern, as pss-*", &text, err);
  if (rc < 0)
    return rc;
  l->exception->rule_text = arena_copy(l->arena, text);
  return compile_name(l, m, text, &l->exception->rule, err);
}

static int take_reason(struct loader *l, const struct field *field, const struct member *m,
                       struct error *err)
{
  (void)field;
  struct str text;
  int rc = read_text(m, "a text that says why this is accepted", &text, err);
  if (rc == 0)
    l->exception->reason = arena_copy(l->arena, str_trim(text));
  return rc;
}

static int take_until(struct loader *l, const struct field *field, const struct member *m,
                      struct error *err)
{
  (void)field;
  static const char wanted[] = "a date as 2026-12-31 (leave it out for no end)";
  struct str text;
  int rc = read_text(m, wanted, &text, err);
  if (rc < 0)
    return rc;
  int64_t seconds;
  if (clock_parse_date(text, &seconds, NULL) < 0)
    return error_set_at(err, SW_EINVAL, m->at.line, m->at.column,
                        "\"until\" is \"%.*s\", must be %s", STR_FMT(str_sub(text, 0, 100)),
                        wanted);
  l->exception->until = arena_copy(l->arena, text);
  l->exception->until_position = m->at;
  /* Dates of this form are ordered as their texts are. */
  l->exception->ended = str_compare(l->today, text) > 0;
  return 0;
}

static int take_part(struct loader *l, const struct field *field, const struct member *m,
                     struct error *err)
{
  struct str text = STR_EMPTY;
  /* An empty namespace means the objects that name none. */
  if (field->part != PART_NAMESPACE || !value_eq_str(m->value, STR_EMPTY)) {
    int rc = read_text(m, "a name or a pattern, in quotes if it looks like a number", &text, err);
    if (rc < 0)
      return rc;
  }
  return compile_name(l, m, text, &l->exception->parts[field->part], err);
}

static int take_path(struct loader *l, const struct field *field, const struct member *m,
                     struct error *err)
{
  (void)field;
  struct str text;
  int rc = read_text(m, "the path of a file or a pattern, as deploy/monitoring/**", &text, err);
  if (rc < 0)
    return rc;
  struct error cause;
  if (glob_exclude_compile(l->arena, text, &l->exception->path, &cause) < 0)
    return refuse_pattern(m, &cause, err);
  return 0;
}

static struct member member_of(struct value object, uint32_t i)
{
  return (struct member){value_str_or_empty(object.members[i].key), object.members[i].value,
                         value_position(object, i), value_key_position(object, i)};
}

static int take_labels(struct loader *l, const struct field *field, const struct member *m,
                       struct error *err)
{
  (void)field;
  if (!value_is(m->value, VALUE_OBJECT))
    return refuse_type(m, "a mapping of labels to values or patterns", err);
  struct label_pattern *labels = arena_array(l->arena, struct label_pattern, m->value.len);
  for (uint32_t i = 0; i < m->value.len; i++) {
    struct member label = member_of(m->value, i);
    /* A label's value may be empty, but not left out: that would be null. */
    if (!value_is(label.value, VALUE_STRING))
      return refuse_type(&label, "a value or a pattern, in quotes if it looks like a number", err);
    labels[i].key = arena_copy(l->arena, label.name);
    int rc = compile_name(l, &label, value_str(label.value), &labels[i].value, err);
    if (rc < 0)
      return rc;
  }
  l->exception->labels = labels;
  l->exception->label_count = m->value.len;
  return 0;
}

static int take_subject(struct loader *l, const struct field *field, const struct member *m,
                        struct error *err);

static const struct field exception_fields[] = {
    {"rule", take_rule, 0},
    {"subject", take_subject, 0},
    {"reason", take_reason, 0},
    {"until", take_until, 0},
    {0},
};

static const struct field subject_fields[] = {
    {"kind", take_part, PART_KIND},
    {"namespace", take_part, PART_NAMESPACE},
    {"name", take_part, PART_NAME},
    {"container", take_part, PART_CONTAINER},
    {"package", take_part, PART_PACKAGE},
    {"image", take_part, PART_IMAGE},
    {"labels", take_labels, 0},
    {"path", take_path, 0},
    {0},
};

static const struct field *find_field(const struct field *fields, struct str name)
{
  for (const struct field *f = fields; f->name; f++)
    if (str_eq(str_from(f->name), name))
      return f;
  return NULL;
}

static int refuse_key(const struct field *fields, const struct member *m, struct error *err)
{
  struct str shown = str_sub(m->name, 0, 100);
  bool top = fields == exception_fields;
  if (find_field(top ? subject_fields : exception_fields, m->name))
    return error_set_at(err, SW_EINVAL, m->key_at.line, m->key_at.column,
                        "unknown key \"%.*s\", it belongs %s", STR_FMT(shown),
                        top ? "under \"subject\"" : "beside \"subject\", not under it");
  const char *best = NULL;
  unsigned least = 2 + (unsigned)(shown.len / 5);
  for (const struct field *f = fields; f->name; f++) {
    unsigned distance = str_distance(m->name, str_from(f->name));
    if (distance < least) {
      least = distance;
      best = f->name;
    }
  }
  if (best)
    return error_set_at(err, SW_EINVAL, m->key_at.line, m->key_at.column,
                        "unknown key \"%.*s\", did you mean \"%s\"?", STR_FMT(shown), best);
  return error_set_at(err, SW_EINVAL, m->key_at.line, m->key_at.column,
                      "unknown key \"%.*s\", known are %s", STR_FMT(shown),
                      top ? "rule, subject, reason, until"
                          : "kind, namespace, name, container, package, image, labels, "
                            "path");
}

static int take_fields(struct loader *l, const struct field *fields, struct value object,
                       struct error *err)
{
  for (uint32_t i = 0; i < object.len; i++) {
    struct member m = member_of(object, i);
    const struct field *f = find_field(fields, m.name);
    int rc = f ? f->take(l, f, &m, err) : refuse_key(fields, &m, err);
    if (rc < 0)
      return rc;
  }
  return 0;
}

static int take_subject(struct loader *l, const struct field *field, const struct member *m,
                        struct error *err)
{
  (void)field;
  if (!value_is(m->value, VALUE_OBJECT))
    return refuse_type(m, "a mapping (leave it out to cover every object)", err);
  return take_fields(l, subject_fields, m->value, err);
}

static int load_one(struct loader *l, const struct member *m, struct error *err)
{
  if (!value_is(m->value, VALUE_OBJECT))
    return error_set_at(err, SW_EINVAL, m->at.line, m->at.column,
                        "an exception is %s, must be a mapping with \"rule\" and \"reason\"",
                        type_with_article(m->value));
  int rc = take_fields(l, exception_fields, m->value, err);
  if (rc < 0)
    return rc;
  const char *missing = !l->exception->rule ? "rule" : !l->exception->reason.len ? "reason" : NULL;
  if (missing)
    return error_set_at(err, SW_EINVAL, m->at.line, m->at.column, "the exception has no \"%s\"",
                        missing);
  return 0;
}

int exceptions_load(struct arena *arena, struct value list, struct value_position list_position,
                    struct str file, struct str today, struct exception_set **ret_set,
                    struct error *err)
{
  int64_t seconds;
  int rc = clock_parse_date(today, &seconds, err);
  if (rc < 0)
    return rc;
  struct exception_set *set = arena_new(arena, struct exception_set);
  set->file = file;
  if (!value_is_nil(list) && !value_is(list, VALUE_ARRAY))
    return error_set_at(err, SW_EINVAL, list_position.line, list_position.column,
                        "\"exceptions\" is %s, must be a list", type_with_article(list));
  uint32_t count = value_is_nil(list) ? 0 : list.len;
  if (count > EXCEPTIONS_MAX)
    return error_set_at(err, SW_ELIMIT, list_position.line, list_position.column,
                        "%u exceptions are more than the limit of %d", count, EXCEPTIONS_MAX);
  set->items = arena_zalloc(arena, count, sizeof *set->items);
  for (uint32_t i = 0; i < count; i++) {
    struct member m = {STR_EMPTY, list.items[i], value_position(list, i), {0}};
    struct loader l = {arena, today, &set->items[i]};
    if ((rc = load_one(&l, &m, err)) < 0)
      return rc;
  }
  set->count = count;
  *ret_set = set;
  return 0;
}

static bool labels_match(const struct exception *e, struct value labels)
{
  for (uint32_t i = 0; i < e->label_count; i++) {
    struct value v = value_get_str(labels, e->labels[i].key);
    if (!value_is(v, VALUE_STRING) || !glob_match(e->labels[i].value, value_str(v)))
      return false;
  }
  return true;
}

static bool path_matches(const struct exception *e, struct str file)
{
  if (!e->path)
    return true;
  /* Patterns are relative; that of a file named by its whole path begins behind the root. */
  while (file.len && file.data[0] == '/')
    file = str_sub(file, 1, file.len);
  return file.len && glob_excluded(e->path, file, false);
}

/* Vulnerabilities go by several ids. */
static bool rule_matches(const struct exception *e, const struct finding *f)
{
  if (glob_match(e->rule, f->rule->id))
    return true;
  for (size_t i = 0; f->package && i < f->package->alias_count; i++)
    if (glob_match(e->rule, f->package->aliases[i]))
      return true;
  return false;
}

/* What is scanned as an image is: an archive's, a root file system, a machine, a bill of materials. */
static bool is_about_image(const struct finding *f)
{
  static const struct str kinds[] = {STR_INIT("Image"), STR_INIT("Directory"), STR_INIT("Host"),
                                     STR_INIT("SBOM")};
  for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
    if (str_eq(f->subject.kind, kinds[i]))
      return true;
  return false;
}

static bool covers(const struct exception *e, const struct finding *f)
{
  if (e->ended || !rule_matches(e, f))
    return false;
  /* What a finding is not about does not match even "*". */
  if ((e->parts[PART_PACKAGE] && !f->package) || (e->parts[PART_IMAGE] && !is_about_image(f)))
    return false;
  const struct str parts[PART_COUNT] = {
      [PART_KIND] = f->subject.kind,
      [PART_NAMESPACE] = f->subject.namespace,
      [PART_NAME] = f->subject.name,
      [PART_CONTAINER] = f->subject.container,
      [PART_PACKAGE] = f->package ? f->package->name : STR_EMPTY,
      [PART_IMAGE] = f->subject.name,
  };
  for (int i = 0; i < PART_COUNT; i++)
    if (e->parts[i] && !glob_match(e->parts[i], parts[i]))
      return false;
  return labels_match(e, f->subject.labels) && path_matches(e, f->location.file);
}

/* The first in the list gives the reason; all that cover the finding count as used. */
static void apply_to(struct exception_set *set, struct finding *f)
{
  for (uint32_t i = 0; i < set->count; i++) {
    struct exception *e = &set->items[i];
    if (!covers(e, f))
      continue;
    atomic_store_explicit(&e->used, true, memory_order_relaxed);
    if (f->state == FINDING_EXCEPTED)
      continue;
    f->state = FINDING_EXCEPTED;
    f->exception_reason = e->reason;
    f->exception_until = e->until;
  }
}

void exceptions_apply(struct exception_set *set, struct finding_list *findings)
{
  if (!set)
    return;
  for (size_t i = 0; i < findings->count; i++)
    apply_to(set, &findings->items[i]);
}

static void report_ended(const struct exception_set *set, uint32_t i, struct finding_list *findings)
{
  const struct exception *e = &set->items[i];
  struct arena *arena = findings->arena;
  struct finding *f = finding_add(findings, &exception_rule_expired);
  f->location = (struct location){
      .file = set->file,
      .line = e->until_position.line,
      .column = e->until_position.column,
      .pointer = arena_printf(arena, "/exceptions/%u/until", i),
  };
  f->message = arena_printf(arena, "the exception from %.*s ended on %.*s and covers nothing now",
                            STR_FMT(e->rule_text), STR_FMT(e->until));
  f->evidence = e->until;
  finding_seal(f, arena_printf(arena, "%zu:%.*s%.*s%.*s", e->rule_text.len, STR_FMT(e->rule_text),
                               STR_FMT(e->until), STR_FMT(e->reason)));
}

void exceptions_report(const struct exception_set *set, struct finding_list *findings)
{
  for (uint32_t i = 0; set && i < set->count; i++)
    if (set->items[i].ended)
      report_ended(set, i, findings);
}

size_t exceptions_count(const struct exception_set *set)
{
  return set ? set->count : 0;
}

size_t exceptions_unused(const struct exception_set *set)
{
  size_t unused = 0;
  for (uint32_t i = 0; set && i < set->count; i++) {
    const struct exception *e = &set->items[i];
    unused += !e->ended && !atomic_load_explicit(&e->used, memory_order_relaxed);
  }
  return unused;
}
