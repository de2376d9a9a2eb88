/* Documents of many files as one. */
#include "policy/rego_set_int.h"

struct piece {
  struct value value;
  struct value_position position; /* in its file; line 0: unknown */
  uint32_t source;                /* in set->documents */
  uint32_t next;                  /* further piece of the same key; UINT32_MAX: none */
};

/* The way down to where pieces meet. */
struct way {
  const struct way *up;
  struct str key;
};

static void write_way(struct buf *out, const struct way *way)
{
  if (!way) {
    buf_add_text(out, "data");
    return;
  }
  write_way(out, way->up);
  bool plain = way->key.len > 0;
  for (size_t i = 0; i < way->key.len; i++) {
    char c = way->key.data[i];
    plain = plain && (c == '_' || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
                      (i && c >= '0' && c <= '9'));
  }
  buf_printf(out, plain ? ".%.*s" : "[\"%.*s\"]", STR_FMT(way->key));
}

static void write_source(struct buf *out, const struct rego_set *set, const struct piece *piece)
{
  buf_add(out, set->documents.items[piece->source].source);
  if (piece->position.line)
    buf_printf(out, ":%u:%u", piece->position.line, piece->position.column);
}

static int conflict(struct rego_set *set, const struct way *way, const struct piece *first,
                    const struct piece *second)
{
  _cleanup_(buf_free) struct buf text = {0};
  write_source(&text, set, first);
  buf_add_text(&text, " and ");
  write_source(&text, set, second);
  buf_add_text(&text, " both give ");
  write_way(&text, way);
  buf_add_text(&text, " a value, and these are not both objects");
  return set_problem(set, SW_EINVAL, "%s", buf_text(&text));
}

struct gathering {
  struct arena *scratch;
  struct piece *pieces; /* members of all objects */
  uint32_t count;
  struct map first, last; /* by key: numbers of pieces */
};

static void gather(struct gathering *g, const struct piece *piece)
{
  for (uint32_t i = 0; i < piece->value.len; i++) {
    struct value_member member = piece->value.members[i];
    uint32_t number = g->count++;
    g->pieces[number] = (struct piece){
        .value = member.value,
        .position = value_position(piece->value, i),
        .source = piece->source,
        .next = UINT32_MAX,
    };
    bool added;
    struct str key = value_str(member.key);
    map_put(&g->first, key, &added);
    if (added)
      map_get(&g->first, key)->number = number;
    else
      g->pieces[map_get(&g->last, key)->number].next = number;
    map_put(&g->last, key, NULL)->number = number;
  }
}

static int merge(struct rego_set *set, struct arena *scratch, const struct piece *pieces,
                 uint32_t first, const struct way *way, struct value *ret);

/* The members of all pieces together; pieces are objects. */
static int merge_members(struct rego_set *set, struct gathering *g, const struct way *way,
                         struct value *ret)
{
  struct value_member *members = arena_array(g->scratch, struct value_member, g->first.count);
  uint32_t count = 0;
  int rc = 0;
  size_t at = 0;
  for (struct map_entry *e; (e = map_next(&g->first, &at));) {
    struct way down = {way, e->key};
    members[count].key = value_string(e->key);
    int one =
        merge(set, g->scratch, g->pieces, (uint32_t)e->value.number, &down, &members[count].value);
    rc = rc < 0 ? rc : one;
    count += one == 0;
  }
  value_object_make(&set->arena, members, NULL, count, VALUE_LAST_WINS, NULL, ret);
  return rc;
}

/* A chain of pieces as one value. Recursion goes as deep as documents, whose readers cap that, and the
 * directories around them. */
static int merge(struct rego_set *set, struct arena *scratch, const struct piece *pieces,
                 uint32_t first, const struct way *way, struct value *ret)
{
  if (pieces[first].next == UINT32_MAX) {
    *ret = pieces[first].value;
    return 0;
  }
  struct gathering g = {.scratch = scratch};
  uint64_t members = 0;
  for (uint32_t i = first; i != UINT32_MAX; i = pieces[i].next) {
    if (!value_is(pieces[i].value, VALUE_OBJECT))
      return conflict(set, way, &pieces[first], &pieces[i == first ? pieces[i].next : i]);
    members += pieces[i].value.len;
  }
  if (members > VALUE_CHILDREN_MAX)
    return set_problem(set, SW_ELIMIT, "documents have too many members");
  g.pieces = arena_array(scratch, struct piece, members);
  for (uint32_t i = first; i != UINT32_MAX; i = pieces[i].next)
    gather(&g, &pieces[i]);
  int rc = merge_members(set, &g, way, ret);
  map_free(&g.first);
  map_free(&g.last);
  return rc;
}

int set_merge(struct rego_set *set)
{
  struct arena scratch;
  arena_init(&scratch, 0);
  uint32_t count = (uint32_t)set->documents.count;
  struct piece *pieces = arena_array(&scratch, struct piece, count + 1);
  for (uint32_t i = 0; i < count; i++)
    pieces[i] = (struct piece){
        .value = set->documents.items[i].root,
        .source = i,
        .next = i + 1 < count ? i + 1 : UINT32_MAX,
    };
  int rc = 0;
  if (count)
    rc = merge(set, &scratch, pieces, 0, NULL, &set->data);
  else
    value_object_make(&set->arena, NULL, NULL, 0, VALUE_LAST_WINS, NULL, &set->data);
  arena_free(&scratch);
  return rc;
}
