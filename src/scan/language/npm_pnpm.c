#include "scan/language/npm_int.h"

#include "data/semver.h"
#include "data/yaml.h"

/* How keys are written: 5 "/@a/b/1.0.0_peer@2", 6 "/@a/b@1.0.0(peer@2)", 9 "@a/b@1.0.0(peer@2)". */
struct key {
  struct str name, version;
};

static int major_of(struct value version)
{
  int64_t number;
  unsigned long long major = 0;
  if (value_to_int(version, &number))
    return number > 0 && number < 1000 ? (int)number : 0;
  if (!value_is(version, VALUE_STRING) && !value_is(version, VALUE_NUMBER))
    return 0;
  struct str text = str_cut(value_str(version), '.', &(struct str){0});
  return str_to_u64(text, 999, &major) ? (int)major : 0;
}

static struct str without_peers(struct str version, int format)
{
  return str_cut(version, format < 6 ? '_' : '(', &(struct str){0});
}

static struct key split_key(struct str text, int format)
{
  struct key key = {0};
  struct str rest;
  if (format < 9) {
    str_cut(text, '/', &rest); /* a registry, or nothing */
    text = rest.data ? rest : STR_EMPTY;
  }
  text = without_peers(text, format);
  if (format < 6) {
    ptrdiff_t slash = str_find_last_byte(text, '/');
    key.name = str_sub(text, 0, slash < 0 ? 0 : (size_t)slash);
    key.version = str_sub(text, (size_t)(slash + 1), SIZE_MAX);
  } else {
    key.name = npm_cut_name(text, &key.version);
  }
  return key;
}

static bool is_version(struct str text)
{
  struct semver version;
  return semver_parse(text, &version, NULL) == 0;
}

/* Entries are known by their keys; plain: by name and version, without what else a key may hold. */
struct pnpm {
  struct lock *lock;
  int format;
  struct map plain;
};

static struct lock_node *add_entry(struct pnpm *p, struct str id, struct str name,
                                   struct str version)
{
  struct lock_node *node = lock_add(p->lock, id, NULL);
  if (!node)
    return NULL;
  node->name = name;
  node->version = version;
  map_put(&p->plain, lock_id(p->lock, name, version), NULL)->pointer = node;
  return node;
}

/* What a section of an importer, or an entry, means by "name: version": a key ("file:a.tgz", "/real@1.0.0" for an
 * alias), what follows the name in a key ("1.0.0(peer@2)"), or a plain version. */
static struct lock_node *find_entry(const struct pnpm *p, struct str name, struct str version)
{
  const char *before = p->format < 9 ? "/" : "", *between = p->format < 6 ? "/" : "@";
  struct lock *lock = p->lock;
  struct lock_node *node = lock_find(lock, version);
  if (!node)
    node = lock_find(lock, arena_printf(&lock->arena, "%s%.*s%s%.*s", before, STR_FMT(name),
                                        between, STR_FMT(version)));
  if (node)
    return node;
  const union map_value *found =
      map_get(&p->plain, lock_id(lock, name, without_peers(version, p->format)));
  return found ? found->pointer : NULL;
}

static void mark_roots(struct pnpm *p, struct value importer, const char *kind, enum lock_root root)
{
  struct value wanted = lock_get(importer, kind);
  for (uint32_t i = 0; value_is(wanted, VALUE_OBJECT) && i < wanted.len; i++) {
    struct value as = wanted.members[i].value;
    struct str version = value_is(as, VALUE_OBJECT) ? lock_text(as, "version")
                                                    : value_str_or_empty(as);
    struct lock_node *node = find_entry(p, value_str(wanted.members[i].key), version);
    if (node && node->root < root)
      node->root = root;
  }
}

static void mark_all_roots(struct pnpm *p, struct value document)
{
  struct value importers = lock_get(document, "importers");
  uint32_t count = value_is(importers, VALUE_OBJECT) ? importers.len : 0;
  for (uint32_t i = 0; i <= count; i++) {
    struct value importer = i < count ? importers.members[i].value : document;
    mark_roots(p, importer, "devDependencies", LOCK_DEVELOPMENT);
    mark_roots(p, importer, "dependencies", LOCK_PRODUCTION);
    mark_roots(p, importer, "optionalDependencies", LOCK_PRODUCTION);
  }
}

/* Up to version 8: each package says itself whether it is for development. */
static void read_marked(struct pnpm *p, struct value document)
{
  struct value packages = lock_get(document, "packages");
  for (uint32_t i = 0; value_is(packages, VALUE_OBJECT) && i < packages.len; i++) {
    struct value entry = packages.members[i].value;
    struct str id = value_str(packages.members[i].key);
    struct str name = lock_text(entry, "name"), version = lock_text(entry, "version");
    struct key key = split_key(id, p->format);
    if (!version.len && is_version(key.version))
      version = key.version;
    struct lock_node *node = add_entry(p, id, name.len ? name : key.name, version);
    if (!node)
      return;
    node->development = value_is_true(lock_get(entry, "dev"));
  }
  mark_all_roots(p, document);
  for (size_t i = 0; i < p->lock->nodes.count; i++)
    p->lock->nodes.items[i]->indirect = p->lock->nodes.items[i]->root == LOCK_NO_ROOT;
}

static void add_needs(struct pnpm *p, struct lock_node *node, struct value needs)
{
  for (uint32_t i = 0; value_is(needs, VALUE_OBJECT) && i < needs.len; i++) {
    const struct lock_node *needed =
        find_entry(p, value_str(needs.members[i].key), value_str_or_empty(needs.members[i].value));
    if (needed)
      lock_need(p->lock, node, needed->id);
  }
}

/* From version 9: "packages" holds what is known of a package, "snapshots" what each use of it needs. */
static void read_snapshots(struct pnpm *p, struct value document)
{
  struct value packages = lock_get(document, "packages"),
               snapshots = lock_get(document, "snapshots");
  uint32_t count = value_is(snapshots, VALUE_OBJECT) ? snapshots.len : 0;
  for (uint32_t i = 0; i < count; i++) {
    struct key key = split_key(value_str(snapshots.members[i].key), p->format);
    struct value known = value_get_str(packages, lock_id(p->lock, key.name, key.version));
    struct str version = lock_text(known, "version");
    if (!version.len && is_version(key.version))
      version = key.version;
    if (!add_entry(p, value_str(snapshots.members[i].key), key.name, version))
      return;
  }
  for (uint32_t i = 0; i < count; i++) {
    struct lock_node *node = lock_find(p->lock, value_str(snapshots.members[i].key));
    add_needs(p, node, lock_get(snapshots.members[i].value, "dependencies"));
    add_needs(p, node, lock_get(snapshots.members[i].value, "optionalDependencies"));
  }
  mark_all_roots(p, document);
  lock_reach(p->lock);
}

/* pnpm 11 keeps a lock file of its own tools in front of the project's. */
static bool is_of_tools(struct value document)
{
  struct value own = lock_get(lock_get(document, "importers"), ".");
  return value_is(lock_get(own, "configDependencies"), VALUE_OBJECT) ||
         value_is(lock_get(own, "packageManagerDependencies"), VALUE_OBJECT);
}

static int find_document(struct lock *lock, struct str bytes, struct value *ret, struct error *err)
{
  struct yaml_options options = {.size_max = LOCK_SIZE_MAX};
  struct yaml_reader *reader = yaml_reader_new(bytes, &options);
  struct yaml_document document;
  int got;
  while ((got = yaml_reader_next(reader, &lock->arena, &document, err)) > 0 &&
         is_of_tools(document.root))
    ;
  yaml_reader_free(reader);
  *ret = got > 0 ? document.root : VALUE_NONE;
  return got < 0 ? got : 0;
}

int npm_read_pnpm(struct lock *lock, struct str bytes, struct error *err)
{
  struct value document;
  int rc = find_document(lock, bytes, &document, err);
  if (rc < 0 || value_is_nil(document))
    return rc;
  struct pnpm p = {.lock = lock, .format = major_of(lock_get(document, "lockfileVersion"))};
  if (p.format == 0)
    return error_set(err, SW_EINVAL, "the file has no lockfileVersion that is known");
  map_init(&p.plain, NULL);
  if (p.format < 9)
    read_marked(&p, document);
  else
    read_snapshots(&p, document);
  map_free(&p.plain);
  return 0;
}
