/*
 * Which constraints may be about an object. A constraint is entered under each pair of group and kind
 * that it names ("*" stands for any), and there under whatever tells it apart best: its namespaces, its
 * name, a label that it asks for, a label of namespaces that it asks for; wildcards stand under their
 * fixed front or end. What is found may still not match; what is not found cannot match, and would not
 * have asked for a Namespace that is not known either.
 */
#include "kube/keys.h"
#include "policy/gatekeeper_int.h"

enum {
  KEY_MAX = 512,
  PAIRS_MAX =
      4096,       /* pairs of group and kind of one constraint; with more it is looked at always */
  AFFIX_MAX = 63, /* bytes of a front or end that is looked up */
};

/* What a key in a bucket begins with. */
enum key_type {
  KEY_NAMESPACE = 'n', /* alone: objects without a namespace */
  KEY_NAME = 'm',
  KEY_LABEL = 'l',           /* key=value */
  KEY_LABEL_THERE = 'k',     /* key */
  KEY_NAMESPACE_LABEL = 'L', /* key=value; alone: the Namespace does not decide */
  KEY_NAMESPACE_LABEL_THERE = 'K',
  KEY_PAIR = '=', /* group/kind, in the index itself */
};

/* TYPE A, or TYPE A BETWEEN B; empty if it is too long. */
static struct str key_of(char out[KEY_MAX], char type, struct str a, char between, struct str b)
{
  size_t len = 1 + a.len + (between != 0) + b.len;
  if (a.len >= KEY_MAX || b.len >= KEY_MAX || len > KEY_MAX)
    return STR_EMPTY;
  out[0] = type;
  if (a.len)
    memcpy(out + 1, a.data, a.len);
  if (between)
    out[1 + a.len] = between;
  if (b.len)
    memcpy(out + 2 + a.len, b.data, b.len);
  return str_make(out, len);
}

/* The value of a key that is copied if it is new; new values are zeroed memory of that size. */
static void *entry_at(struct map *map, struct str key, size_t size)
{
  bool added;
  char *copy = mem_copy_text(key.data, key.len);
  union map_value *value = map_put(map, str_make(copy, key.len), &added);
  if (added)
    value->pointer = mem_zalloc(1, size);
  else
    mem_free(copy);
  return value->pointer;
}

/* ---- entering */

static void push(struct index_list *list, uint32_t number)
{
  if (list->count == 0 || list->items[list->count - 1] != number)
    vec_push(list, number);
}

static void push_at(struct index_bucket *bucket, struct str key, uint32_t number)
{
  push(entry_at(&bucket->by_key, key, sizeof(struct index_list)), number);
}

static bool can_index(const struct wildcard *w)
{
  return w->shape == WILDCARD_EXACT ? w->text.len + 2 < KEY_MAX
                                    : w->shape != WILDCARD_CONTAINS && w->text.len <= AFFIX_MAX;
}

static void put_wildcard(struct index_bucket *bucket, struct index_affixes *affixes, char type,
                         const struct wildcard *w, uint32_t number)
{
  char text[KEY_MAX];
  if (w->shape == WILDCARD_PREFIX)
    affixes->fronts |= UINT64_C(1) << w->text.len;
  else if (w->shape == WILDCARD_SUFFIX)
    affixes->ends |= UINT64_C(1) << w->text.len;
  else
    affixes->exact = true;
  char shape = "\0*$"[w->shape];
  push_at(bucket, key_of(text, type, w->text, shape, STR_EMPTY), number);
}

static bool put_by_namespace(struct index_bucket *bucket, const struct match *match,
                             uint32_t number)
{
  for (uint32_t i = 0; i < match->namespaces.count; i++)
    if (!can_index(&match->namespaces.items[i]))
      return false;
  for (uint32_t i = 0; i < match->namespaces.count; i++)
    put_wildcard(bucket, &bucket->namespaces, KEY_NAMESPACE, &match->namespaces.items[i], number);
  /* Lists of namespaces do not keep out what has none. */
  if (match->namespaces.count)
    push_at(bucket, STR("n"), number);
  return match->namespaces.count > 0;
}

static bool put_by_name(struct index_bucket *bucket, const struct match *match, uint32_t number)
{
  /* The namespaceSelector is tested before the name, and may not know: that must be told. */
  if (!match->has_name || !can_index(&match->name) || match->namespace_labels.given)
    return false;
  put_wildcard(bucket, &bucket->names, KEY_NAME, &match->name, number);
  return true;
}

static bool put_requirement(struct index_bucket *bucket, const struct selector_requirement *r,
                            char type, char type_there, uint32_t number)
{
  char text[KEY_MAX];
  struct str key = value_str(r->key);
  if (r->operator== SELECTOR_EXISTS && key.len + 2<KEY_MAX) {
    push_at(bucket, key_of(text, type_there, key, 0, STR_EMPTY), number);
    return true;
  }
  if (r->operator!= SELECTOR_IN)
    return false;
  for (uint32_t i = 0; i < r->values.count; i++)
    if (key_of(text, type, key, '=', r->values.items[i]).len == 0)
      return false;
  for (uint32_t i = 0; i < r->values.count; i++)
    push_at(bucket, key_of(text, type, key, '=', r->values.items[i]), number);
  return true;
}

static bool put_by_label(struct index_bucket *bucket, const struct match *match, uint32_t number)
{
  for (uint32_t i = 0; i < match->labels.count; i++)
    if (put_requirement(bucket, &match->labels.items[i], KEY_LABEL, KEY_LABEL_THERE, number)) {
      bucket->has_labels = true;
      return true;
    }
  return false;
}

static bool put_by_namespace_label(struct index_bucket *bucket, const struct match *match,
                                   uint32_t number)
{
  for (uint32_t i = 0; i < match->namespace_labels.count; i++)
    if (put_requirement(bucket, &match->namespace_labels.items[i], KEY_NAMESPACE_LABEL,
                        KEY_NAMESPACE_LABEL_THERE, number)) {
      push_at(bucket, STR("L"), number);
      bucket->has_namespace_labels = true;
      return true;
    }
  return false;
}

static void put(struct index *index, struct str group, struct str kind, const struct match *match,
                uint32_t number)
{
  char text[KEY_MAX];
  if (group.len + kind.len + 2 > KEY_MAX)
    group = kind = STR("*");
  bool any_group = str_eq(group, STR("*")), any_kind = str_eq(kind, STR("*"));
  struct str key = key_of(text, KEY_PAIR, group, '/', kind);
  struct index_bucket *bucket = entry_at(&index->buckets, key, sizeof *bucket);
  if (any_group && any_kind)
    index->every = bucket;
  else if (any_group)
    index->has_any_group = true;
  else if (any_kind)
    index->has_any_kind = true;
  if (!put_by_namespace(bucket, match, number) && !put_by_name(bucket, match, number) &&
      !put_by_label(bucket, match, number) && !put_by_namespace_label(bucket, match, number))
    push(&bucket->of_scope[match->scope], number);
}

void gatekeeper_index_add(struct index *index, const struct match *match, uint32_t number)
{
  static const struct str star[] = {STR_INIT("*")};
  static const struct texts any = {star, 1};
  size_t pairs = 0;
  for (uint32_t i = 0; i < match->kind_count; i++)
    pairs += ((size_t)match->kinds[i].groups.count + 1) * ((size_t)match->kinds[i].kinds.count + 1);
  if (match->kind_count == 0 || pairs > PAIRS_MAX) {
    put(index, STR("*"), STR("*"), match, number);
    return;
  }
  for (uint32_t i = 0; i < match->kind_count; i++) {
    struct texts groups = match->kinds[i].groups.count ? match->kinds[i].groups : any;
    struct texts kinds = match->kinds[i].kinds.count ? match->kinds[i].kinds : any;
    for (uint32_t g = 0; g < groups.count; g++)
      for (uint32_t k = 0; k < kinds.count; k++)
        put(index, groups.items[g], kinds.items[k], match, number);
  }
}

static void free_bucket(struct index_bucket *bucket)
{
  size_t at = 0;
  for (struct map_entry *l; (l = map_next(&bucket->by_key, &at));) {
    struct index_list *list = l->value.pointer;
    vec_free(list);
    mem_free(list);
    mem_free((void *)(uintptr_t)l->key.data);
  }
  map_free(&bucket->by_key);
  for (size_t i = 0; i < sizeof bucket->of_scope / sizeof *bucket->of_scope; i++)
    vec_free(&bucket->of_scope[i]);
  mem_free(bucket);
}

void gatekeeper_index_free(struct index *index)
{
  size_t at = 0;
  for (struct map_entry *e; (e = map_next(&index->buckets, &at));) {
    free_bucket(e->value.pointer);
    mem_free((void *)(uintptr_t)e->key.data);
  }
  map_free(&index->buckets);
}

/* ---- finding */

static void take(const struct index_list *list, struct index_found *found)
{
  for (size_t i = 0; i < list->count; i++) {
    uint32_t number = list->items[i];
    if (found->stamps[number] == found->stamp)
      continue;
    found->stamps[number] = found->stamp;
    found->items[found->count++] = number;
  }
}

static void take_key(const struct index_bucket *bucket, struct str key, struct index_found *found)
{
  const union map_value *value = key.len ? map_get(&bucket->by_key, key) : NULL;
  if (value)
    take(value->view, found);
}

static void take_fronts(const struct index_bucket *bucket, uint64_t lengths, char type,
                        struct str text, struct index_found *found)
{
  char key[KEY_MAX];
  for (; lengths; lengths &= lengths - 1) {
    size_t len = (size_t)__builtin_ctzll(lengths);
    if (len > text.len)
      break;
    take_key(bucket, key_of(key, type, str_sub(text, 0, len), '*', STR_EMPTY), found);
  }
}

static void take_ends(const struct index_bucket *bucket, uint64_t lengths, char type,
                      struct str text, struct index_found *found)
{
  char key[KEY_MAX];
  for (; lengths; lengths &= lengths - 1) {
    size_t len = (size_t)__builtin_ctzll(lengths);
    if (len > text.len)
      break;
    take_key(bucket, key_of(key, type, str_sub(text, text.len - len, len), '$', STR_EMPTY), found);
  }
}

static void take_wildcards(const struct index_bucket *bucket, const struct index_affixes *affixes,
                           char type, struct str text, struct index_found *found)
{
  char key[KEY_MAX];
  if (affixes->exact)
    take_key(bucket, key_of(key, type, text, 0, STR_EMPTY), found);
  take_fronts(bucket, affixes->fronts, type, text, found);
  take_ends(bucket, affixes->ends, type, text, found);
}

static void take_labels(const struct index_bucket *bucket, struct value labels, char type,
                        char type_there, struct index_found *found)
{
  char key[KEY_MAX];
  for (uint32_t i = 0; value_is(labels, VALUE_OBJECT) && i < labels.len; i++) {
    const struct value_member *m = &labels.members[i];
    if (!value_is(m->value, VALUE_STRING))
      continue;
    take_key(bucket, key_of(key, type, value_str(m->key), '=', value_str(m->value)), found);
    take_key(bucket, key_of(key, type_there, value_str(m->key), 0, STR_EMPTY), found);
  }
}

/* As the selector sees it: a Namespace by its own labels; what has none, or an unknown one, is not
 * decided by labels. */
static void take_namespace_labels(const struct index_bucket *bucket, const struct match_target *t,
                                  struct index_found *found)
{
  struct value metadata = value_get(t->namespace, kube_key(KUBE_METADATA));
  struct value labels = t->is_namespace ? t->object.labels
                                        : value_get(metadata, kube_key(KUBE_LABELS));
  if (t->is_namespace || !value_is(t->namespace, VALUE_ABSENT))
    take_labels(bucket, labels, KEY_NAMESPACE_LABEL, KEY_NAMESPACE_LABEL_THERE, found);
  else
    take_key(bucket, STR("L"), found);
}

static void take_bucket(const struct index_bucket *bucket, const struct match_target *t,
                        struct index_found *found)
{
  bool in_namespace = t->object.namespace.len || !value_is(t->namespace, VALUE_ABSENT);
  take(&bucket->of_scope[SCOPE_ANY], found);
  take(&bucket->of_scope[!t->is_namespace && in_namespace ? SCOPE_NAMESPACED : SCOPE_CLUSTER],
       found);
  if (bucket->by_key.count == 0)
    return;
  if (t->namespace_name.len)
    take_wildcards(bucket, &bucket->namespaces, KEY_NAMESPACE, t->namespace_name, found);
  else
    take_key(bucket, STR("n"), found);
  take_wildcards(bucket, &bucket->names, KEY_NAME, t->object.name, found);
  take_fronts(bucket, bucket->names.fronts, KEY_NAME, t->object.generate_name, found);
  if (bucket->has_labels)
    take_labels(bucket, t->object.labels, KEY_LABEL, KEY_LABEL_THERE, found);
  if (bucket->has_namespace_labels)
    take_namespace_labels(bucket, t, found);
}

static void take_pattern(const struct index *index, struct str group, struct str kind,
                         const struct match_target *t, struct index_found *found)
{
  char text[KEY_MAX];
  struct str key = key_of(text, KEY_PAIR, group, '/', kind);
  const union map_value *value = key.len ? map_get(&index->buckets, key) : NULL;
  if (value)
    take_bucket(value->view, t, found);
}

void gatekeeper_index_find(const struct index *index, const struct match_target *target,
                           struct index_found *found)
{
  if (index->every)
    take_bucket(index->every, target, found);
  take_pattern(index, target->object.group, target->object.kind, target, found);
  if (index->has_any_group)
    take_pattern(index, STR("*"), target->object.kind, target, found);
  if (index->has_any_kind)
    take_pattern(index, target->object.group, STR("*"), target, found);
}
