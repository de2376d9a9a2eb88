#include "scan/language/lock.h"

#include "base/buf.h"
#include "base/mem.h"
#include "base/utf8.h"
#include "base/vec.h"
#include "data/json.h"
#include "data/toml.h"
#include "data/yaml.h"
#include "scan/purl.h"

#include <stdarg.h>
#include <stdio.h>

void lock_init(struct lock *lock, struct package_list *list, enum package_type type,
               struct str path, uint32_t layer)
{
  *lock = (struct lock){.list = list, .type = type, .path = path, .layer = layer};
  arena_init(&lock->arena, LOCK_MEMORY_MAX);
  map_init(&lock->ids, &lock->arena);
}

static void lock_free(struct lock *lock)
{
  map_free(&lock->ids);
  vec_free(&lock->nodes);
  vec_free(&lock->needs);
  arena_free(&lock->arena);
}

/* ---- nodes */

/* Ends the reading: what is there stays, and is not all. */
static void too_many(struct lock *lock, const char *what, int most)
{
  struct error err;
  if (arena_over(&lock->arena))
    error_set(&err, SW_ELIMIT, "the file takes more memory than allowed");
  else
    error_set(&err, SW_ELIMIT, "the file has more than %d %s", most, what);
  faults_add(&lock->faults, &err);
}

struct lock_node *lock_find(const struct lock *lock, struct str id)
{
  const union map_value *found = map_get(&lock->ids, id);
  return found ? found->pointer : NULL;
}

struct lock_node *lock_add(struct lock *lock, struct str id, bool *ret_added)
{
  struct lock_node *node = lock_find(lock, id);
  if (ret_added)
    *ret_added = !node;
  if (node)
    return node;
  if (vec_full(&lock->nodes, PACKAGES_MAX) || arena_over(&lock->arena)) {
    too_many(lock, "packages", PACKAGES_MAX);
    return NULL;
  }
  node = arena_new(&lock->arena, struct lock_node);
  map_put(&lock->ids, id, NULL)->pointer = node;
  node->id = id;
  vec_push(&lock->nodes, node);
  return node;
}

struct str lock_id(struct lock *lock, struct str name, struct str version)
{
  char *text = arena_alloc(&lock->arena, name.len + version.len + 1), *out = text;
  if (name.len)
    memcpy(out, name.data, name.len);
  out[name.len] = '@';
  if (version.len)
    memcpy(out + name.len + 1, version.data, version.len);
  return str_make(text, name.len + version.len + 1);
}

struct lock_node *lock_add_package(struct lock *lock, struct str name, struct str version,
                                   bool *ret_added)
{
  struct lock_node *node = lock_add(lock, lock_id(lock, name, version), ret_added);
  if (node) {
    node->name = name;
    node->version = version;
  }
  return node;
}

void lock_need(struct lock *lock, struct lock_node *node, struct str id)
{
  if (vec_full(&lock->needs, LOCK_NEEDS_MAX)) {
    too_many(lock, "dependencies", LOCK_NEEDS_MAX);
    return;
  }
  vec_push(&lock->needs, (struct lock_need){id, node->needs});
  node->needs = (uint32_t)lock->needs.count;
}

void lock_fault(struct lock *lock, uint32_t line, const char *format, ...)
{
  struct error err;
  char text[ERROR_MESSAGE_MAX];
  va_list args;
  va_start(args, format);
  vsnprintf(text, sizeof text, format, args);
  va_end(args);
  error_set_at(&err, SW_EINVAL, line, 0, "%s", text);
  faults_add(&lock->faults, &err);
}

/* ---- what the roots lead to */

/* Marks what is to be reached from roots of a kind; what has a mark already has been walked through. */
static void walk(struct lock *lock, enum lock_root root)
{
  struct lock_nodes stack = {0};
  for (size_t i = 0; i < lock->nodes.count; i++) {
    struct lock_node *node = lock->nodes.items[i];
    if (node->root == root && node->reached == LOCK_NO_ROOT) {
      node->reached = root;
      vec_push(&stack, node);
    }
  }
  while (stack.count) {
    const struct lock_node *node = vec_pop(&stack);
    for (uint32_t at = node->needs; at; at = lock->needs.items[at - 1].before) {
      struct lock_node *next = lock_find(lock, lock->needs.items[at - 1].id);
      if (next && next->reached == LOCK_NO_ROOT) {
        next->reached = root;
        vec_push(&stack, next);
      }
    }
  }
  vec_free(&stack);
}

void lock_reach(struct lock *lock)
{
  walk(lock, LOCK_PRODUCTION);
  walk(lock, LOCK_DEVELOPMENT);
  for (size_t i = 0; i < lock->nodes.count; i++) {
    struct lock_node *node = lock->nodes.items[i];
    node->development = node->reached == LOCK_DEVELOPMENT;
    node->indirect = node->root == LOCK_NO_ROOT;
  }
}

void lock_text_add(struct lock *lock, struct lock_texts *texts, char mark, struct str text,
                   struct str range)
{
  if (vec_full(texts, LOCK_NEEDS_MAX))
    return;
  struct str added = range.len ? lock_id(lock, text, range) : text;
  vec_push(texts, arena_printf(&lock->arena, "%c%.*s", mark, STR_FMT(added)));
}

static struct str put_text(char **out, struct str text, const char *mark)
{
  char *begin = *out;
  if (mark)
    *(*out)++ = *mark;
  if (text.len)
    memcpy(*out, text.data, text.len);
  *out += text.len;
  return str_make(begin, (size_t)(*out - begin));
}

int lock_tell(struct lock *lock, enum package_note_kind kind, const struct lock_node *node,
              const struct lock_texts *texts, struct error *err)
{
  const struct lock_need *needs = lock->needs.items;
  size_t count = texts->count, bytes = 0, at = 0;
  char *out;
  for (size_t i = 0; i < texts->count; i++)
    bytes += texts->items[i].len;
  for (uint32_t n = node->needs; n; n = needs[n - 1].before, count++)
    bytes += needs[n - 1].id.len + 1;
  struct str *kept = package_list_room_for_files(lock->list, count, bytes, &out, err);
  if (!kept)
    return SW_ELIMIT;
  for (; at < texts->count; at++)
    kept[at] = put_text(&out, texts->items[at], NULL);
  for (uint32_t n = node->needs; n; n = needs[n - 1].before)
    kept[at++] = put_text(&out, needs[n - 1].id, ">");
  struct package_note note = {.kind = kind,
                              .type = lock->type,
                              .name = node->id,
                              .license = node->license,
                              .files = kept,
                              .file_count = (uint32_t)count,
                              .path = lock->path,
                              .layer = lock->layer};
  return package_list_note(lock->list, &note, err);
}

/* ---- into the list */

/* Types whose names have a namespace in front of the last "/", and one whose subspecs follow the first. */
static void fill_purl(struct purl *purl, enum package_type type, struct str name)
{
  static const uint64_t spaced = 1u << PACKAGE_NPM | 1u << PACKAGE_COMPOSER | 1u << PACKAGE_SWIFT |
                                 1u << PACKAGE_GOLANG;
  ptrdiff_t last = str_find_last_byte(name, '/'), first = str_find_byte(name, 0, '/');
  purl->name = name;
  if ((spaced >> type & 1) && last > 0) {
    purl->name_space = str_sub(name, 0, (size_t)last);
    purl->name = str_sub(name, (size_t)last + 1, SIZE_MAX);
  } else if (type == PACKAGE_COCOAPODS && first > 0) {
    purl->name = str_sub(name, 0, (size_t)first);
    purl->subpath = str_sub(name, (size_t)first + 1, SIZE_MAX);
  }
}

static int add_with_purl(struct package_list *list, struct package *p, struct str version,
                         struct str uuid, struct error *err)
{
  _cleanup_(buf_free) struct buf text = {0};
  if (!utf8_valid(p->name) || !utf8_valid(version))
    return error_set(err, SW_EINVAL, "the name or the version of a package is not UTF-8");
  if (!utf8_valid(p->license))
    p->license = STR_EMPTY;
  struct purl purl = {.type = package_type_text(p->type), .version = version};
  fill_purl(&purl, p->type, p->name);
  purl_qualify(&purl, STR("uuid"), uuid, NULL);
  p->version = package_version_split(p->type, version);
  p->purl = purl_write(&text, &purl, NULL) < 0 ? STR_EMPTY : buf_str(&text);
  return package_list_add(list, p, err);
}

int lock_add_installed(struct package_list *list, struct package *p, struct str version,
                       struct error *err)
{
  return add_with_purl(list, p, version, STR_EMPTY, err);
}

static int add_node(struct lock *lock, const struct lock_node *node)
{
  struct error err;
  struct package p = {.type = lock->type,
                      .name = node->name,
                      .license = node->license,
                      .indirect = node->indirect,
                      .development = node->development,
                      .path = lock->path,
                      .layer = lock->layer};
  if (node->hidden || !node->name.len || !node->version.len ||
      (node->development && !(lock->list->flags & PACKAGE_LIST_DEVELOPMENT)))
    return 0;
  if (add_with_purl(lock->list, &p, node->version, node->uuid, &err) == 0)
    return 0;
  if (utf8_valid(node->name))
    error_wrap(&err, "%.*s", STR_FMT(str_sub(node->name, 0, 100)));
  return faults_add(&lock->faults, &err);
}

/* Entries of other ids that are the same package: the first of them says what all are. */
static void merge_nodes(struct lock *lock)
{
  struct map seen;
  map_init(&seen, &lock->arena);
  for (size_t i = 0; i < lock->nodes.count; i++) {
    struct lock_node *node = lock->nodes.items[i];
    if (node->hidden || !node->name.len || !node->version.len)
      continue;
    bool added;
    struct str id = lock_id(lock, lock_id(lock, node->name, node->version), node->uuid);
    union map_value *slot = map_put(&seen, id, &added);
    struct lock_node *first = slot->pointer;
    if (added) {
      slot->pointer = node;
      continue;
    }
    first->development = first->development && node->development;
    first->indirect = first->indirect && node->indirect;
    if (!first->license.len)
      first->license = node->license;
    node->hidden = true;
  }
  map_free(&seen);
}

int lock_finish(struct lock *lock, int rc, struct error *err)
{
  merge_nodes(lock);
  for (size_t i = 0; i < lock->nodes.count; i++)
    if (add_node(lock, lock->nodes.items[i]) < 0)
      break;
  if (rc == 0)
    rc = faults_end(&lock->faults, err);
  lock_free(lock);
  return rc;
}

/* ---- files of known formats */

static int parse_yaml(struct lock *lock, struct str bytes, struct value *ret, struct error *err)
{
  struct yaml_options options = {.size_max = LOCK_SIZE_MAX};
  struct yaml_reader *reader = yaml_reader_new(bytes, &options);
  struct yaml_document document = {0};
  int got = yaml_reader_next(reader, &lock->arena, &document, err);
  yaml_reader_free(reader);
  *ret = got > 0 ? document.root : VALUE_NONE;
  return got < 0 ? got : 0;
}

int lock_parse(struct lock *lock, enum lock_format format, struct str bytes, struct value *ret,
               struct error *err)
{
  static const struct json_options json = {.size_max = LOCK_SIZE_MAX};
  static const struct toml_options toml = {.size_max = LOCK_SIZE_MAX};
  if (str_starts(bytes, STR("\xEF\xBB\xBF")))
    bytes = str_sub(bytes, 3, SIZE_MAX);
  if (format == LOCK_TOML)
    return toml_read(bytes, &lock->arena, &toml, ret, err);
  if (format == LOCK_YAML)
    return parse_yaml(lock, bytes, ret, err);
  return json_parse(&lock->arena, bytes, &json, ret, err);
}

struct str lock_file_name(struct str path)
{
  ptrdiff_t slash = str_find_last_byte(path, '/');
  return str_sub(path, (size_t)(slash + 1), SIZE_MAX);
}

static struct str one_license(struct value v)
{
  struct str text = value_is(v, VALUE_OBJECT) ? lock_text(v, "type") : value_str_or_empty(v);
  if (!text.len && value_is(v, VALUE_OBJECT))
    text = lock_text(v, "name");
  return str_trim(text);
}

struct str lock_license(struct arena *arena, struct value v, const char *between)
{
  _cleanup_(buf_free) struct buf all = {0};
  if (!value_is(v, VALUE_ARRAY))
    return one_license(v);
  buf_init(&all, PACKAGE_TEXT_MAX);
  for (uint32_t i = 0; i < v.len; i++) {
    struct str license = one_license(v.items[i]);
    if (license.len && all.len)
      buf_add_text(&all, between);
    buf_add(&all, license);
  }
  return arena_copy(arena, buf_str(&all));
}
