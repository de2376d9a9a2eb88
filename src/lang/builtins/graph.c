/* Graphs as objects from a node to its neighbours; walking through values. */
#include "base/vec.h"
#include "lang/builtin_int.h"

static bool want_graph(struct builtin_context *c, const struct value *args)
{
  if (!builtin_want(c, args, 1, VALUE_OBJECT))
    return false;
  if (is_list(args[1]))
    return true;
  builtin_fail_operand(c, "operand 2 must be {array, set} but got %s", value_type_name(args[1]));
  return false;
}

/* Nodes are known by their number in the graph's object, so that having been seen is a bit. */
struct search {
  struct builtin_context *context;
  struct value graph;
  bool *seen;
  uint32_t *queue;
  uint32_t used;
};

static bool enter_all(struct search *s, struct value nodes)
{
  if (!is_list(nodes))
    return true;
  if (!builtin_spend(s->context, (uint64_t)nodes.len * 2))
    return false;
  for (uint32_t i = 0; i < nodes.len; i++) {
    int64_t at = value_find_any(s->graph, nodes.items[i]);
    if (at < 0 || s->seen[at])
      continue;
    s->seen[at] = true;
    s->queue[s->used++] = (uint32_t)at;
  }
  return true;
}

CALL(reachable)
{
  if (!want_graph(c, args))
    return BUILTIN_ERROR;
  struct search s = {.context = c, .graph = args[0]};
  s.seen = arena_zalloc(c->arena, args[0].len + 1, sizeof *s.seen);
  s.queue = arena_array(c->arena, uint32_t, args[0].len + 1);
  if (!enter_all(&s, args[1]))
    return BUILTIN_ERROR;
  for (uint32_t at = 0; at < s.used; at++)
    if (!enter_all(&s, args[0].members[s.queue[at]].value))
      return BUILTIN_ERROR;
  struct value *items = arena_array(c->arena, struct value, s.used);
  for (uint32_t i = 0; i < s.used; i++)
    items[i] = args[0].members[s.queue[i]].key;
  return give(ret, value_set_make(c->arena, items, s.used));
}

/* ---- paths */

enum { PATHS_MAX = 100000 };

/* A depth-first search: path[0 .. depth) are node numbers with the neighbour to look at next. */
struct step {
  uint32_t node, next;
};

struct paths {
  struct search search;
  struct step *path;
  uint32_t depth;
  VEC(struct value) found;
};

static bool add_path(struct paths *p)
{
  struct builtin_context *c = p->search.context;
  if (p->found.count >= PATHS_MAX) {
    builtin_halt(c, "more than %d paths", PATHS_MAX);
    return false;
  }
  if (!builtin_fits(c, p->depth) || !builtin_spend(c, p->depth + BUILTIN_FREE_STEPS))
    return false;
  struct value *items = arena_array(c->arena, struct value, p->depth);
  for (uint32_t i = 0; i < p->depth; i++)
    items[i] = p->search.graph.members[p->path[i].node].key;
  vec_push(&p->found, array_view(items, p->depth));
  return true;
}

static bool push(struct paths *p, uint32_t node)
{
  p->path[p->depth++] = (struct step){.node = node};
  p->search.seen[node] = true;
  struct value edges = p->search.graph.members[node].value;
  return (is_list(edges) && edges.len) || add_path(p);
}

/* One edge further, or one node back. */
static bool advance(struct paths *p)
{
  struct step *top = &p->path[p->depth - 1];
  struct value edges = p->search.graph.members[top->node].value;
  if (!is_list(edges) || top->next == edges.len) {
    p->search.seen[top->node] = false;
    p->depth--;
    return true;
  }
  int64_t at = value_find_any(p->search.graph, edges.items[top->next++]);
  if (at < 0 || p->search.seen[at])
    return add_path(p);
  return push(p, (uint32_t)at);
}

static bool find_paths(struct paths *p, struct value start)
{
  for (uint32_t i = 0; i < start.len; i++) {
    int64_t at = value_find_any(p->search.graph, start.items[i]);
    if (at < 0)
      continue;
    if (!push(p, (uint32_t)at))
      return false;
    for (uint32_t steps = 0; p->depth; steps++)
      if (!advance(p) || (steps % 1024 == 1023 && !builtin_spend(p->search.context, 1024)))
        return false;
  }
  return true;
}

CALL(reachable_paths)
{
  if (!want_graph(c, args))
    return BUILTIN_ERROR;
  struct paths p = {.search = {.context = c, .graph = args[0]}};
  p.search.seen = arena_zalloc(c->arena, args[0].len + 1, sizeof *p.search.seen);
  p.path = arena_array(c->arena, struct step, args[0].len + 1);
  bool done = find_paths(&p, args[1]);
  if (done)
    *ret = value_set_make(c->arena, p.found.items, (uint32_t)p.found.count);
  vec_free(&p.found);
  return done ? BUILTIN_VALUE : BUILTIN_ERROR;
}

/* ---- walk */

struct builtin_walk_frame {
  struct value container;
  uint32_t next;
  uint32_t *order;  /* of an object's members */
  struct value key; /* that led here; absent at the root */
};

void builtin_walk_start(struct builtin_walk *walk, struct value root)
{
  *walk = (struct builtin_walk){.root = root};
}

static bool enter(struct builtin_context *c, struct builtin_walk *walk, struct value key,
                  struct value v)
{
  if (walk->depth == BUILTIN_DEPTH_MAX) {
    builtin_halt(c, "walk: a value is nested deeper than %d", BUILTIN_DEPTH_MAX);
    return false;
  }
  if (walk->depth == walk->room) {
    uint32_t room = walk->room ? walk->room * 2 : 16;
    struct builtin_walk_frame *frames = arena_array(c->arena, struct builtin_walk_frame, room);
    if (walk->depth)
      memcpy(frames, walk->frames, walk->depth * sizeof *frames);
    walk->frames = frames;
    walk->room = room;
  }
  struct builtin_walk_frame *f = &walk->frames[walk->depth++];
  *f = (struct builtin_walk_frame){.container = v, .key = key};
  if (v.type == VALUE_OBJECT) {
    f->order = arena_array(c->arena, uint32_t, v.len);
    value_sort_keys(v, f->order);
  }
  return builtin_spend(c, v.len);
}

/* The keys of the frames but the first, and the last one. */
static struct value make_path(struct arena *a, const struct builtin_walk *walk, struct value last)
{
  uint32_t count = walk->depth;
  struct value *items = arena_array(a, struct value, count);
  for (uint32_t i = 1; i < walk->depth; i++)
    items[i - 1] = walk->frames[i].key;
  items[count - 1] = last;
  return array_view(items, count);
}

static void next_child(struct builtin_walk_frame *f, struct value *key, struct value *v)
{
  uint32_t i = f->next++;
  struct value in = f->container;
  if (in.type == VALUE_OBJECT) {
    *key = in.members[f->order[i]].key;
    *v = in.members[f->order[i]].value;
    return;
  }
  *v = in.items[i];
  *key = in.type == VALUE_ARRAY ? value_int(i) : *v;
}

enum builtin_result builtin_walk_next(struct builtin_context *context, struct builtin_walk *walk,
                                      struct value *ret_path, struct value *ret_value)
{
  struct value key = VALUE_NONE, v = walk->root;
  if (!walk->started) {
    walk->started = true;
    if (ret_path)
      *ret_path = array_view(NULL, 0);
  } else {
    while (walk->depth &&
           walk->frames[walk->depth - 1].next == walk->frames[walk->depth - 1].container.len)
      walk->depth--;
    if (walk->depth == 0)
      return BUILTIN_UNDEFINED;
    next_child(&walk->frames[walk->depth - 1], &key, &v);
    if (arena_over(context->arena))
      return builtin_halt(context, "walk: the memory limit of the evaluation has been passed");
    if (ret_path)
      *ret_path = make_path(context->arena, walk, key);
  }
  if (v.type >= VALUE_ARRAY && v.len && !enter(context, walk, key, v))
    return BUILTIN_ERROR;
  *ret_value = v;
  return BUILTIN_VALUE;
}

CALL(walk_all)
{
  struct builtin_walk walk;
  VEC(struct value) found = {0};
  enum builtin_result result;
  struct value path, v;
  builtin_walk_start(&walk, args[0]);
  while ((result = builtin_walk_next(c, &walk, &path, &v)) == BUILTIN_VALUE) {
    if (!builtin_fits(c, found.count + 1)) {
      result = BUILTIN_ERROR;
      break;
    }
    struct value pair[2] = {path, v};
    vec_push(&found, value_array_make(c->arena, pair, NULL, 2));
  }
  if (result == BUILTIN_UNDEFINED) {
    *ret = value_array_make(c->arena, found.items, NULL, (uint32_t)found.count);
    result = BUILTIN_VALUE;
  }
  vec_free(&found);
  return result;
}

#define GRAPH "object<any:array<any>|set<any>>, array<any>|set<any>"

const struct builtin builtins_graph[] = {
    ROW(reachable, "graph.reachable", 2, GRAPH, "set<any>"),
    ROW(reachable_paths, "graph.reachable_paths", 2, GRAPH, "set<array<any>>"),
    ROW(walk_all, "walk", 1, "any", "[array<any>,any]", .flags = BUILTIN_RELATION),
    {.name = NULL},
};
