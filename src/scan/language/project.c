#include "scan/language/project.h"

#include "base/mem.h"
#include "base/vec.h"
#include "data/glob.h"
#include "scan/language/lock.h"

/* The folder of a path, with the "/" behind it; empty: the root. */
static struct str folder_of(struct str path)
{
  return str_sub(path, 0, path.len - lock_file_name(path).len);
}

/* ---- one lock file: the notes of its entries */

/* "a" of "a@^1" and "@b/c" of "@b/c@1". */
static struct str bare_name(struct str name)
{
  ptrdiff_t at = str_find_byte(name, 1, '@');
  return at < 0 ? name : str_sub(name, 0, (size_t)at);
}

struct settling {
  struct package_list *list;
  const struct package_note *first; /* of the entries */
  size_t count;
  struct str folder;
  struct lock lock;
  struct map names; /* that texts with '=' give: to nodes */
  struct map bare;  /* names of packages: to the number of the first node + 1 */
  struct lock_next {
    uint32_t *items; /* of each node, the next of its name + 1 */
    size_t count, room;
  } next;
  struct map purposes;    /* Cargo: "project\nname" to enum lock_root */
  const struct map *runs; /* paths of files to the number of their first package + 1 */
  bool marked;            /* development is known already */
};

static char mark_of(struct str text)
{
  return text.len ? text.data[0] : '\0';
}

static struct str behind_mark(struct str text)
{
  return str_sub(text, 1, SIZE_MAX);
}

static bool is_local(const struct package_note *note)
{
  for (uint32_t i = 0; i < note->file_count; i++)
    if (mark_of(note->files[i]) == '!' && note->files[i].len > 1)
      return true;
  return false;
}

/* The node that a name or an id means. */
static struct lock_node *node_of(const struct settling *s, struct str name)
{
  struct lock_node *node = lock_find(&s->lock, name);
  const union map_value *found = node ? NULL : map_get(&s->names, name);
  return found ? found->pointer : node;
}

/* Nodes, and the names by which they are asked for. */
static void add_nodes(struct settling *s)
{
  for (size_t i = 0; i < s->count; i++) {
    const struct package_note *note = &s->first[i];
    bool added;
    struct lock_node *node = lock_add(&s->lock, note->name, &added);
    if (!node)
      return;
    node->hidden = true; /* it is in the list already */
    if (added) {
      union map_value *first = map_put(&s->bare, bare_name(note->name), NULL);
      vec_push(&s->next, (uint32_t)first->number);
      first->number = s->lock.nodes.count;
    }
    for (uint32_t t = 0; t < note->file_count; t++) {
      struct str text = note->files[t];
      if (mark_of(text) == '=')
        map_put(&s->names, behind_mark(text), NULL)->pointer = node;
      s->marked |= text.len == 1 && text.data[0] == '!';
    }
  }
}

/* What entries need. Those of the project itself are looked at elsewhere, need by need. */
static void add_needs(struct settling *s)
{
  for (size_t i = 0; i < s->count; i++) {
    const struct package_note *note = &s->first[i];
    struct lock_node *node = lock_find(&s->lock, note->name);
    for (uint32_t t = 0; node && !is_local(note) && t < note->file_count; t++) {
      bool need = mark_of(note->files[t]) == '>';
      struct lock_node *needed = need ? node_of(s, behind_mark(note->files[t])) : NULL;
      if (needed)
        lock_need(&s->lock, node, needed->id);
    }
  }
}

static void ask(struct lock_node *node, enum lock_root root)
{
  if (node && node->root < root)
    node->root = root;
}

/* Every entry of a package; for names that no entry gives exactly. */
static void ask_by_name(struct settling *s, struct str name, enum lock_root root)
{
  const union map_value *first = map_get(&s->bare, name);
  for (uint64_t at = first ? first->number : 0; at; at = s->next.items[at - 1])
    ask(s->lock.nodes.items[at - 1], root);
}

static void ask_all(struct settling *s, const struct package_note *project)
{
  for (uint32_t t = 0; t < project->file_count; t++) {
    char mark = mark_of(project->files[t]);
    if (mark != '+' && mark != '-')
      continue;
    enum lock_root root = mark == '+' ? LOCK_PRODUCTION : LOCK_DEVELOPMENT;
    struct lock_node *node = node_of(s, behind_mark(project->files[t]));
    if (node)
      ask(node, root);
    else
      ask_by_name(s, bare_name(behind_mark(project->files[t])), root);
  }
}

/* ---- projects of npm and Python: the file beside the lock file, and those of its workspace */

static bool in_workspace(const struct package_note *root, struct str below)
{
  struct arena arena;
  bool found = false;
  arena_init(&arena, 0);
  for (uint32_t t = 0; !found && t < root->file_count; t++) {
    struct glob *glob;
    struct str pattern = behind_mark(root->files[t]);
    if (str_starts(pattern, STR("./")))
      pattern = str_sub(pattern, 2, SIZE_MAX);
    if (str_ends(pattern, STR("/")))
      pattern.len--;
    if (mark_of(root->files[t]) == '*' &&
        glob_compile(&arena, pattern, STR("/"), GLOB_SUPER | GLOB_BRACES | GLOB_COMPONENTS, &glob,
                     NULL) == 0)
      found = glob_match(glob, below);
  }
  arena_free(&arena);
  return found;
}

static void add_project(struct settling *s, const struct package_note *project)
{
  struct package p = {.type = s->lock.type,
                      .license = project->license,
                      .path = s->lock.path,
                      .layer = s->lock.layer};
  for (uint32_t t = 0; t < project->file_count; t++) {
    if (mark_of(project->files[t]) != '=')
      continue;
    struct str id = behind_mark(project->files[t]);
    p.name = bare_name(id);
    if (p.name.len < id.len) /* without a version it is only a name */
      lock_add_installed(s->list, &p, str_sub(id, p.name.len + 1, SIZE_MAX), NULL);
  }
}

/* Whether there is such a file, so that it is known what is asked for. */
static bool ask_beside(struct settling *s, const struct package_note *projects, size_t count)
{
  const struct package_note *root = NULL;
  for (size_t i = 0; i < count && !root; i++)
    if (projects[i].type == s->lock.type && projects[i].layer == s->lock.layer &&
        str_eq(folder_of(projects[i].path), s->folder))
      root = &projects[i];
  if (!root)
    return false;
  ask_all(s, root);
  add_project(s, root);
  for (size_t i = 0; i < count; i++) {
    struct str folder = folder_of(projects[i].path);
    if (projects[i].type != s->lock.type || folder.len <= s->folder.len + 1 ||
        !str_starts(folder, s->folder))
      continue;
    if (in_workspace(root, str_sub(folder, s->folder.len, folder.len - s->folder.len - 1))) {
      ask_all(s, &projects[i]);
      add_project(s, &projects[i]);
    }
  }
  return true;
}

/* ---- Cargo: entries of the project itself need exact entries; the file says what for */

static struct str purpose_key(struct settling *s, struct str project, struct str name)
{
  return arena_printf(&s->lock.arena, "%.*s\n%.*s", STR_FMT(project), STR_FMT(name));
}

/* What each package of the project asks for; two files of one name both count. */
static void learn_purposes(struct settling *s, const struct package_note *projects, size_t count)
{
  for (size_t i = 0; i < count; i++) {
    const struct package_note *project = &projects[i];
    if (project->type != PACKAGE_CARGO || !str_starts(project->path, s->folder))
      continue;
    for (uint32_t t = 0; t < project->file_count; t++) {
      struct str name = behind_mark(project->files[t]);
      uint64_t root = mark_of(project->files[t]) == '+' ? LOCK_PRODUCTION : LOCK_DEVELOPMENT;
      union map_value *known = map_put(&s->purposes, purpose_key(s, project->name, name), NULL);
      known->number = root > known->number ? root : known->number;
    }
  }
}

static bool ask_cargo(struct settling *s, const struct package_note *projects, size_t count)
{
  bool any = false;
  learn_purposes(s, projects, count);
  for (size_t i = 0; i < s->count; i++) {
    const struct package_note *note = &s->first[i];
    if (!is_local(note))
      continue;
    any = true;
    ask(lock_find(&s->lock, note->name), LOCK_PRODUCTION);
    for (uint32_t t = 0; t < note->file_count; t++) {
      struct str id = behind_mark(note->files[t]);
      if (mark_of(note->files[t]) != '>')
        continue;
      const union map_value *purpose =
          map_get(&s->purposes, purpose_key(s, bare_name(note->name), bare_name(id)));
      ask(lock_find(&s->lock, id), purpose ? (enum lock_root)purpose->number : LOCK_PRODUCTION);
    }
  }
  return any;
}

/* ---- back to the list */

static struct str run_key(struct arena *arena, enum package_type type, struct str path,
                          uint32_t layer)
{
  return arena_printf(arena, "%d %u %.*s", (int)type, layer, STR_FMT(path));
}

/* Packages of one file are one behind the other. */
static void find_runs(const struct package_list *list, struct arena *arena, struct map *runs)
{
  for (size_t i = 0; i < list->count; i++) {
    const struct package *p = &list->items[i];
    if (i && p[-1].type == p->type && p[-1].layer == p->layer && str_eq(p[-1].path, p->path))
      continue;
    bool added;
    union map_value *first = map_put(runs, run_key(arena, p->type, p->path, p->layer), &added);
    if (added)
      first->number = i + 1;
  }
}

static void write_back(struct settling *s)
{
  struct lock *lock = &s->lock;
  const union map_value *first =
      map_get(s->runs, run_key(&lock->arena, lock->type, lock->path, lock->layer));
  for (size_t i = first ? (size_t)first->number - 1 : SIZE_MAX; i < s->list->count; i++) {
    struct package *p = &s->list->items[i];
    if (p->type != lock->type || p->layer != lock->layer || !str_eq(p->path, lock->path))
      return;
    const struct lock_node *node = lock_find(lock, lock_id(lock, p->name, p->version.text));
    if (!node)
      continue;
    p->indirect = node->indirect;
    if (!s->marked)
      p->development = node->development;
  }
}

static void settle_lock(struct package_list *list, const struct map *runs,
                        const struct package_note *first, size_t count,
                        const struct package_note *projects, size_t project_count)
{
  struct settling s = {
      .list = list, .runs = runs, .first = first, .count = count, .folder = folder_of(first->path)};
  lock_init(&s.lock, list, first->type, first->path, first->layer);
  map_init(&s.names, NULL);
  map_init(&s.bare, NULL);
  map_init(&s.purposes, NULL);
  add_nodes(&s);
  add_needs(&s);
  bool known = first->type == PACKAGE_CARGO ? ask_cargo(&s, projects, project_count)
                                            : ask_beside(&s, projects, project_count);
  if (known) {
    lock_reach(&s.lock);
    write_back(&s);
  }
  map_free(&s.names);
  map_free(&s.bare);
  map_free(&s.purposes);
  vec_free(&s.next);
  lock_finish(&s.lock, 0, NULL);
}

static void drop_development(struct package_list *list)
{
  size_t kept = 0;
  for (size_t i = 0; i < list->count; i++)
    if (!list->items[i].development || (list->flags & PACKAGE_LIST_DEVELOPMENT))
      list->items[kept++] = list->items[i];
  list->count = kept;
}

/* The entries of a lock file are notes one behind the other, since it was read at once. */
static void settle_locks(struct package_list *list, struct arena *arena)
{
  struct {
    struct package_note *items;
    size_t count, room;
  } projects = {0};
  const struct package_note *notes = list->notes.items;
  size_t count = list->notes.count;
  struct map runs;
  map_init(&runs, NULL);
  find_runs(list, arena, &runs);
  for (size_t i = 0; i < count; i++)
    if (notes[i].kind == PACKAGE_NOTE_PROJECT)
      vec_push(&projects, notes[i]);
  for (size_t i = 0, end; i < count; i = end) {
    for (end = i + 1; end < count && notes[end].kind == notes[i].kind &&
                      notes[end].type == notes[i].type && notes[end].layer == notes[i].layer &&
                      str_eq(notes[end].path, notes[i].path);)
      end++;
    if (notes[i].kind == PACKAGE_NOTE_NEEDS)
      settle_lock(list, &runs, &notes[i], end - i, projects.items, projects.count);
  }
  vec_free(&projects);
  map_free(&runs);
}

/* ---- what is installed and locked */

/* Types of which an installed package is below a folder of the project, and what lock files are called. */
static const struct place {
  enum package_type type;
  struct str folder; /* between the project's folder and the file */
} places[] = {
    {PACKAGE_NPM, STR_INIT("node_modules/")},
    {PACKAGE_COMPOSER, STR_INIT("vendor/composer/")},
};

/* The project's folder of an installed package; data NULL if the package is none. */
static struct str project_of(const struct package *p)
{
  for (size_t i = 0; i < sizeof places / sizeof places[0]; i++) {
    if (places[i].type != p->type)
      continue;
    for (ptrdiff_t at = 0; (at = str_find(p->path, (size_t)at, places[i].folder)) >= 0; at++)
      if (at == 0 || p->path.data[at - 1] == '/')
        return str_sub(p->path, 0, (size_t)at);
  }
  return (struct str){NULL, 0};
}

static struct str key_of(struct arena *arena, const struct package *p, struct str folder,
                         bool whole)
{
  if (!whole)
    return arena_printf(arena, "%d %.*s", (int)p->type, STR_FMT(folder));
  return arena_printf(arena, "%d %.*s\n%.*s\n%.*s", (int)p->type, STR_FMT(folder), STR_FMT(p->name),
                      STR_FMT(p->version.text));
}

/* The nearest folder with a lock file of the type, from a project's folder upwards; data NULL: there is none. */
static struct str locked_folder(struct arena *arena, const struct map *folders,
                                const struct package *p, struct str folder)
{
  for (;;) {
    if (map_get(folders, key_of(arena, p, folder, false)))
      return folder;
    if (!folder.len)
      return (struct str){NULL, 0};
    folder = folder_of(str_sub(folder, 0, folder.len - 1));
  }
}

/* Installed packages out, their licences kept for the packages of the lock file. */
static void drop_installed(struct package_list *list, struct arena *arena,
                           const struct map *folders, struct map *licenses)
{
  size_t kept = 0;
  for (size_t i = 0; i < list->count; i++) {
    struct package *p = &list->items[i];
    struct str project = project_of(p);
    struct str folder = project.data ? locked_folder(arena, folders, p, project) : project;
    if (!folder.data) {
      list->items[kept++] = *p;
    } else if (p->license.len) {
      struct str *license = arena_new(arena, struct str);
      *license = p->license;
      map_put(licenses, key_of(arena, p, folder, true), NULL)->view = license;
    }
  }
  list->count = kept;
}

static void give_licenses(struct package_list *list, struct arena *arena,
                          const struct map *licenses)
{
  for (size_t i = 0; licenses->count && i < list->count; i++) {
    struct package *p = &list->items[i];
    const union map_value *found =
        p->license.len ? NULL : map_get(licenses, key_of(arena, p, folder_of(p->path), true));
    if (found)
      p->license = *(const struct str *)found->view;
  }
}

void project_settle(struct package_list *list)
{
  struct arena arena;
  struct map folders, licenses;
  if (!(list->flags & PACKAGE_LIST_LOCK_FILES))
    return;
  arena_init(&arena, 0);
  map_init(&folders, NULL);
  map_init(&licenses, NULL);
  settle_locks(list, &arena);
  for (size_t i = 0; i < list->count; i++)
    if (!project_of(&list->items[i]).data)
      map_put(&folders, key_of(&arena, &list->items[i], folder_of(list->items[i].path), false),
              NULL);
  drop_development(list);
  drop_installed(list, &arena, &folders, &licenses);
  give_licenses(list, &arena, &licenses);
  map_free(&folders);
  map_free(&licenses);
  arena_free(&arena);
}
