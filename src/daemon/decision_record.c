#include "daemon/decision_record.h"

#include "base/clock.h"
#include "base/vec.h"
#include "data/base64.h"
#include "data/glob.h"
#include "data/json_write.h"
#include "data/pointer.h"

#include <stdlib.h>

#define MASKED STR("***")

enum {
  QUOTED_FROM = 4,    /* bytes; shorter texts are everywhere */
  QUOTED_LEVELS = 32, /* of what is masked, that are looked through */
};

struct decision_mask {
  struct arena arena;
  struct glob **env;
  size_t env_count;
  struct {
    struct str *parts; /* unescaped */
    size_t count;
  } pointers[DECISION_POINTERS_MAX];
  size_t pointer_count;
};

static int compile_env(struct decision_mask *mask, const struct str *patterns, size_t count,
                       struct error *err)
{
  if (count > DECISION_PATTERNS_MAX)
    return error_set(err, SW_ELIMIT, "more than %d patterns", DECISION_PATTERNS_MAX);
  mask->env = arena_array(&mask->arena, struct glob *, count);
  mask->env_count = count;
  for (size_t i = 0; i < count; i++) {
    int rc = glob_compile(&mask->arena, patterns[i], STR_EMPTY, GLOB_WILDCARD | GLOB_NOCASE,
                          &mask->env[i], err);
    if (rc < 0)
      return error_wrap(err, "the pattern \"%.*s\"", STR_FMT(str_sub(patterns[i], 0, 100)));
  }
  return 0;
}

static int compile_default_env(struct decision_mask *mask, struct error *err)
{
  static const char *const names[] = {DECISION_ENV_PATTERNS};
  enum { COUNT = sizeof names / sizeof names[0] };
  struct str patterns[COUNT];
  for (size_t i = 0; i < COUNT; i++)
    patterns[i] = str_from(names[i]);
  return compile_env(mask, patterns, COUNT, err);
}

static int take_pointers(struct decision_mask *mask, const struct str *pointers, size_t count,
                         struct error *err)
{
  if (count > DECISION_POINTERS_MAX)
    return error_set(err, SW_ELIMIT, "more than %d pointers", DECISION_POINTERS_MAX);
  for (size_t i = 0; i < count; i++) {
    struct str rest = pointers[i], token;
    if (!rest.len)
      return error_set(err, SW_EINVAL, "an empty pointer would mask everything");
    int rc = pointer_check(rest, err);
    if (rc < 0)
      return error_wrap(err, "the pointer \"%.*s\"", STR_FMT(str_sub(rest, 0, 100)));
    rest = arena_copy(&mask->arena, rest);
    size_t parts = pointer_count(rest);
    mask->pointers[i].parts = arena_array(&mask->arena, struct str, parts);
    while (pointer_next(&rest, &token))
      mask->pointers[i].parts[mask->pointers[i].count++] = pointer_key(&mask->arena, token);
  }
  mask->pointer_count = count;
  return 0;
}

int decision_mask_new(const struct decision_mask_options *options, struct decision_mask **ret,
                      struct error *err)
{
  static const struct decision_mask_options none;
  const struct decision_mask_options *o = options ? options : &none;
  _cleanup_(decision_mask_freep) struct decision_mask *mask = mem_zalloc(1, sizeof *mask);
  arena_init(&mask->arena, 0);
  int rc = o->env_patterns ? compile_env(mask, o->env_patterns, o->env_pattern_count, err)
                           : compile_default_env(mask, err);
  if (rc == 0)
    rc = take_pointers(mask, o->pointers, o->pointer_count, err);
  if (rc < 0)
    return rc;
  *ret = mask;
  mask = NULL;
  return 0;
}

void decision_mask_free(struct decision_mask *mask)
{
  if (!mask)
    return;
  arena_free(&mask->arena);
  mem_free(mask);
}

/* ---- writing */

/* What a value lies in. */
struct place {
  uint64_t pointers; /* those whose first `depth` parts lead here */
  unsigned depth;
  bool hidden; /* masked, whatever it is */
  bool secret; /* an object of kind Secret, or in the review of one */
  bool env;    /* the list `env`, or a member of it */
  bool annotations;
};

struct writing {
  const struct decision_mask *mask;
  struct json_writer w;
  struct arena arena;     /* decoded texts */
  VEC(struct str) quoted; /* masked texts */
  bool too_many;
};

static void remember(struct writing *x, struct str text)
{
  if (text.len < QUOTED_FROM)
    return;
  if (vec_full(&x->quoted, DECISION_QUOTED_MAX))
    x->too_many = true;
  else
    vec_push(&x->quoted, text);
}

/* All texts in what is masked, `levels` deep. */
static void remember_value(struct writing *x, struct value v, bool encoded, unsigned levels)
{
  struct str decoded;
  if (value_is(v, VALUE_STRING)) {
    remember(x, value_str(v));
    if (encoded && v.len < (64 << 10) &&
        base64_decode(&x->arena, value_str(v), BASE64_STANDARD, &decoded, NULL) == 0)
      remember(x, decoded);
  } else if (value_is(v, VALUE_OBJECT)) {
    for (uint32_t i = 0; levels && i < v.len; i++)
      remember_value(x, v.members[i].value, encoded, levels - 1);
  } else if (value_is(v, VALUE_ARRAY)) {
    for (uint32_t i = 0; levels && i < v.len; i++)
      remember_value(x, v.items[i], encoded, levels - 1);
  }
}

/* The pointers that lead on to a part, and whether one of them ends there. */
static struct place below(const struct writing *x, struct place p, struct str part)
{
  struct place next = {.depth = p.depth + 1, .hidden = p.hidden};
  for (uint64_t left = p.pointers; left; left &= left - 1) {
    unsigned i = (unsigned)__builtin_ctzll(left);
    struct str wanted = x->mask->pointers[i].parts[p.depth];
    if (!str_eq(wanted, part) && !str_eq(wanted, STR("*")))
      continue;
    if (x->mask->pointers[i].count == p.depth + 1)
      next.hidden = true;
    else
      next.pointers |= UINT64_C(1) << i;
  }
  next.hidden |= next.depth > DECISION_DEPTH_MAX;
  return next;
}

static void write_value(struct writing *x, struct place p, struct value v);

/* Keys of what is masked in Secrets stay. */
static void write_hidden(struct writing *x, struct value v, bool encoded, bool keys)
{
  remember_value(x, v, encoded, QUOTED_LEVELS);
  if (!keys || !value_is(v, VALUE_OBJECT)) {
    json_string(&x->w, MASKED);
    return;
  }
  json_begin_object(&x->w);
  for (uint32_t i = 0; i < v.len; i++) {
    json_key(&x->w, value_str_or_empty(v.members[i].key));
    json_string(&x->w, MASKED);
  }
  json_end_object(&x->w);
}

static bool matches_env(const struct decision_mask *mask, struct str name)
{
  for (size_t i = 0; i < mask->env_count; i++)
    if (glob_match(mask->env[i], name))
      return true;
  return false;
}

static bool is_secret_kind(struct value object)
{
  struct str kind = value_str_or_empty(value_get(object, value_from("kind")));
  return str_eq(kind, STR("Secret")) || str_eq(kind, STR("SecretList"));
}

static void write_object(struct writing *x, struct place p, struct value v)
{
  bool secret = p.secret || is_secret_kind(v);
  bool masks_value = p.env &&
                     matches_env(x->mask, value_str_or_empty(value_get(v, value_from("name"))));
  json_begin_object(&x->w);
  for (uint32_t i = 0; i < v.len; i++) {
    struct str key = value_str_or_empty(v.members[i].key);
    struct place next = below(x, p, key);
    bool data = str_eq(key, STR("data")), string_data = str_eq(key, STR("stringData"));
    json_key(&x->w, key);
    /* Items of a list of Secrets need not say what they are. */
    next.secret = secret && str_eq(key, STR("items"));
    next.env = str_eq(key, STR("env"));
    next.annotations = str_eq(key, STR("annotations"));
    next.hidden |= masks_value && str_eq(key, STR("value"));
    next.hidden |= p.annotations &&
                   str_eq(key, STR("kubectl.kubernetes.io/last-applied-configuration"));
    if (secret && (data || string_data) && !next.hidden)
      write_hidden(x, v.members[i].value, data, true);
    else
      write_value(x, next, v.members[i].value);
  }
  json_end_object(&x->w);
}

static void write_list(struct writing *x, struct place p, struct value v)
{
  json_begin_array(&x->w);
  for (uint32_t i = 0; i < v.len; i++) {
    char index[16];
    int len = snprintf(index, sizeof index, "%u", i);
    struct place next = below(x, p, str_make(index, (size_t)len));
    next.secret = p.secret;
    next.env = p.env;
    write_value(x, next, v.items[i]);
  }
  json_end_array(&x->w);
}

static void write_value(struct writing *x, struct place p, struct value v)
{
  if (p.hidden)
    write_hidden(x, v, false, false);
  else if (value_is(v, VALUE_OBJECT))
    write_object(x, p, v);
  else if (value_is(v, VALUE_ARRAY) || value_is(v, VALUE_SET))
    write_list(x, p, v);
  else
    json_value(&x->w, v);
}

/* ---- patches */

static bool path_is_env_value(struct str path)
{
  return str_find(path, 0, STR("/env/")) >= 0 && str_ends(path, STR("/value"));
}

/* The last key of a path that names what the value is. */
static struct place place_of_patch(struct str path)
{
  struct place p = {0};
  ptrdiff_t slash = str_find_last_byte(path, '/');
  struct str last = slash < 0 ? path : str_sub(path, (size_t)slash + 1, path.len);
  struct str above = slash < 0 ? STR_EMPTY : str_sub(path, 0, (size_t)slash);
  p.env = str_eq(last, STR("env")) || str_ends(above, STR("/env"));
  p.annotations = str_eq(last, STR("annotations"));
  p.hidden = path_is_env_value(path) ||
             str_eq(last, STR("kubectl.kubernetes.io~1last-applied-configuration"));
  return p;
}

static void write_operation(struct writing *x, struct place p, struct value operation, bool secret)
{
  struct str path = value_str_or_empty(value_get(operation, value_from("path")));
  json_begin_object(&x->w);
  for (uint32_t i = 0; i < operation.len; i++) {
    struct str key = value_str_or_empty(operation.members[i].key);
    struct place next = below(x, p, key);
    json_key(&x->w, key);
    if (str_eq(key, STR("value"))) {
      struct place named = place_of_patch(path);
      named.pointers = next.pointers;
      named.depth = next.depth;
      named.hidden |= next.hidden || secret;
      next = named;
    }
    write_value(x, next, operation.members[i].value);
  }
  json_end_object(&x->w);
}

static void write_patch(struct writing *x, struct place p, struct value patch, bool secret)
{
  if (p.hidden || !value_is(patch, VALUE_ARRAY)) {
    write_value(x, p, patch);
    return;
  }
  json_begin_array(&x->w);
  for (uint32_t i = 0; i < patch.len; i++) {
    char index[16];
    int len = snprintf(index, sizeof index, "%u", i);
    struct place next = below(x, p, str_make(index, (size_t)len));
    if (value_is(patch.items[i], VALUE_OBJECT) && !next.hidden)
      write_operation(x, next, patch.items[i], secret);
    else
      write_value(x, next, patch.items[i]);
  }
  json_end_array(&x->w);
}

/* ---- the line */

static struct place root_of(const struct decision_mask *mask)
{
  struct place p = {0};
  if (mask->pointer_count)
    p.pointers = UINT64_MAX >> (64 - mask->pointer_count);
  return p;
}

static void member(struct writing *x, struct place p, const char *name, struct value v)
{
  json_key(&x->w, str_from(name));
  write_value(x, below(x, p, str_from(name)), v);
}

static void text_member(struct writing *x, struct place p, const char *name, struct str text)
{
  if (text.len)
    member(x, p, name, value_string(text));
}

/* Longer ones first: a part of one may be another. */
static int compare_lengths(const void *a, const void *b)
{
  size_t first = ((const struct str *)a)->len, second = ((const struct str *)b)->len;
  return first < second ? 1 : first > second ? -1 : 0;
}

/* The text with what was masked masked in it; in the arena. */
static struct str without_secrets(struct writing *x, struct str text)
{
  if (x->too_many && text.len)
    return MASKED;
  for (size_t i = 0; i < x->quoted.count; i++) {
    struct str secret = x->quoted.items[i];
    if (str_find(text, 0, secret) < 0)
      continue;
    _cleanup_(buf_free) struct buf out = {0};
    size_t at = 0;
    for (ptrdiff_t hit; (hit = str_find(text, at, secret)) >= 0; at = (size_t)hit + secret.len) {
      buf_add(&out, str_sub(text, at, (size_t)hit - at));
      buf_add(&out, MASKED);
    }
    buf_add(&out, str_sub(text, at, text.len));
    text = arena_copy(&x->arena, buf_str(&out));
  }
  return text;
}

static void write_reasons(struct writing *x, struct place p, const struct decision_record *r)
{
  struct place list = below(x, p, STR("reasons"));
  json_key(&x->w, STR("reasons"));
  json_begin_array(&x->w);
  for (size_t i = 0; i < r->reason_count; i++) {
    const struct decision_reason *reason = &r->reasons[i];
    char index[24];
    int len = snprintf(index, sizeof index, "%zu", i);
    struct place at = below(x, list, str_make(index, (size_t)len));
    json_begin_object(&x->w);
    text_member(x, at, "policy", reason->policy);
    text_member(x, at, "rule", reason->rule);
    text_member(x, at, "action", reason->action);
    if (reason->failed)
      member(x, at, "failed", value_bool(true));
    text_member(x, at, "message", without_secrets(x, reason->message));
    json_end_object(&x->w);
  }
  json_end_array(&x->w);
}

static void write_warnings(struct writing *x, struct place p, const struct decision_record *r)
{
  struct value *items = arena_array(&x->arena, struct value, r->warning_count);
  for (size_t i = 0; i < r->warning_count; i++)
    items[i] = value_string(without_secrets(x, r->warnings[i]));
  member(x, p, "warnings",
         (struct value){.type = VALUE_ARRAY, .len = (uint32_t)r->warning_count, .items = items});
}

/* What may hold secrets comes first: messages are searched for what was masked there. */
static void write_trees(struct writing *x, struct place root, const struct decision_record *r)
{
  const struct {
    const char *name;
    struct value value;
  } trees[] = {{"object", r->object},
               {"oldObject", r->old_object},
               {"input", r->input},
               {"result", r->result}};
  bool secret = str_eq(r->kind, STR("Secret")) || is_secret_kind(r->object) ||
                is_secret_kind(r->old_object);
  for (size_t i = 0; i < sizeof trees / sizeof *trees; i++) {
    if (value_is(trees[i].value, VALUE_ABSENT))
      continue;
    struct place p = below(x, root, str_from(trees[i].name));
    p.secret = secret;
    json_key(&x->w, str_from(trees[i].name));
    write_value(x, p, trees[i].value);
  }
  if (value_is(r->patch, VALUE_ABSENT))
    return;
  json_key(&x->w, STR("patch"));
  write_patch(x, below(x, root, STR("patch")), r->patch, secret);
}

static void write_head(struct writing *x, struct place root, const struct decision_record *r)
{
  char when[CLOCK_TEXT];
  int64_t seconds = r->time_ms / 1000 - (r->time_ms % 1000 < 0);
  struct str second = clock_format(seconds, when);
  struct str time = arena_printf(&x->arena, "%.*s.%03dZ", (int)second.len - 1, second.data,
                                 (int)(r->time_ms - seconds * 1000));
  text_member(x, root, "time", time);
  text_member(x, root, "id", r->id);
  text_member(x, root, "path", r->path);
  text_member(x, root, "group", r->group);
  text_member(x, root, "version", r->version);
  text_member(x, root, "kind", r->kind);
  text_member(x, root, "subresource", r->subresource);
  text_member(x, root, "operation", r->operation);
  text_member(x, root, "namespace", r->namespace);
  text_member(x, root, "name", r->name);
  text_member(x, root, "user", r->user);
  text_member(x, root, "peer", r->peer);
  if (!r->is_document)
    member(x, root, "allowed", value_bool(r->allowed));
  if (r->dry_run)
    member(x, root, "dryRun", value_bool(true));
  member(x, root, "durationNs", value_int((int64_t)r->duration_ns));
}

void decision_record_write(struct buf *out, const struct decision_mask *mask,
                           const struct decision_record *r)
{
  struct writing x = {.mask = mask, .w = json_writer_start(out, 0)};
  struct place root = root_of(mask);
  arena_init(&x.arena, 0);
  json_begin_object(&x.w);
  write_head(&x, root, r);
  write_trees(&x, root, r);
  if (x.quoted.count)
    qsort(x.quoted.items, x.quoted.count, sizeof *x.quoted.items, compare_lengths);
  text_member(&x, root, "message", without_secrets(&x, r->message));
  if (r->reason_count)
    write_reasons(&x, root, r);
  if (r->warning_count)
    write_warnings(&x, root, r);
  json_end_object(&x.w);
  vec_free(&x.quoted);
  arena_free(&x.arena);
}
