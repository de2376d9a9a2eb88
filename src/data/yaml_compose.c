#include "data/yaml_compose.h"

#include "base/map.h"
#include "base/utf8.h"
#include "base/vec.h"
#include "data/yaml_scalar.h"

enum {
  NO_ANCHOR = 0,
  ALIAS_FREE = 1000,      /* nodes that any document may take from aliases */
  ALIAS_SHARE = 99,       /* beyond that, for each node that is written out */
  KEY_SHOWN_COLUMNS = 60, /* of a key in a message */
};

/* A container that is still open. */
struct frame {
  uint32_t base;   /* where its children begin on the stack */
  uint32_t height; /* of the highest child */
  uint32_t anchor;
  bool is_mapping, has_merge;
  struct value_position position;
  uint64_t nodes_before;
};

struct anchor {
  struct value value;
  uint64_t nodes;  /* that it stands for */
  uint32_t height; /* 0: a scalar */
  bool open;       /* the container is not complete yet */
};

/* The children of open containers; those of a mapping are keys and values in turn, which is how
 * struct value_member lies in memory. */
struct stack {
  struct value *values;
  struct value_position *positions;
  size_t count, room;
};

_Static_assert(sizeof(struct value_member) == 2 * sizeof(struct value),
               "two values in turn are a member");

struct yaml_composer {
  struct yaml_options options;
  struct stack stack;
  struct stack merged; /* of the mapping whose merge keys are being resolved */
  VEC(struct frame) frames;
  VEC(struct anchor) anchors; /* [NO_ANCHOR] is not used */
  VEC(struct yaml_duplicate) duplicates;
  struct map anchor_names;
  uint64_t nodes, alias_nodes;

  /* the document at hand */
  struct arena *arena;
  uint32_t lines_before;
  struct error *err;
};

static void stack_free(struct stack *stack)
{
  mem_free(stack->values);
  mem_free(stack->positions);
}

void yaml_composer_free(struct yaml_composer *c)
{
  if (!c)
    return;
  stack_free(&c->stack);
  stack_free(&c->merged);
  vec_free(&c->frames);
  vec_free(&c->anchors);
  vec_free(&c->duplicates);
  map_free(&c->anchor_names);
  mem_free(c);
}

static void stack_grow(struct stack *stack)
{
  stack->room = stack->room ? stack->room * 2 : 256;
  stack->values = mem_resize(stack->values, stack->room, sizeof *stack->values);
  stack->positions = mem_resize(stack->positions, stack->room, sizeof *stack->positions);
}

struct yaml_composer *yaml_composer_new(const struct yaml_options *options)
{
  struct yaml_composer *c = mem_zalloc(1, sizeof *c);
  if (options)
    c->options = *options;
  if (c->options.depth_max == 0)
    c->options.depth_max = YAML_DEPTH_DEFAULT;
  if (c->options.depth_max > YAML_DEPTH_MAX)
    c->options.depth_max = YAML_DEPTH_MAX;
  if (c->options.alias_max == 0)
    c->options.alias_max = YAML_ALIAS_DEFAULT;
  map_init(&c->anchor_names, NULL);
  stack_grow(&c->stack);
  stack_grow(&c->merged);
  return c;
}

static inline void stack_push(struct stack *stack, struct value v, struct value_position position)
{
  if (__builtin_expect(stack->count == stack->room, 0))
    stack_grow(stack);
  stack->values[stack->count] = v;
  stack->positions[stack->count++] = position;
}

static struct value_position position_of(const struct yaml_composer *c, yaml_mark_t mark)
{
  return (struct value_position){c->lines_before + (uint32_t)mark.line + 1,
                                 (uint32_t)mark.column + 1};
}

static int fail(struct yaml_composer *c, int code, struct value_position at, const char *text)
{
  return error_set_at(c->err, code, at.line, at.column, "%s", text);
}

static struct frame *top_frame(struct yaml_composer *c)
{
  return c->frames.count ? &c->frames.items[c->frames.count - 1] : NULL;
}

/* The next node is a key. */
static bool awaits_key(const struct yaml_composer *c, const struct frame *frame)
{
  return frame && frame->is_mapping && (c->stack.count - frame->base) % 2 == 0;
}

static struct str event_text(const unsigned char *text)
{
  return str_from((const char *)text);
}

static inline struct str copy_text(struct arena *a, struct str text)
{
  if (text.len == 0)
    return STR_EMPTY;
  char *copy = arena_alloc(a, text.len);
  if (text.len >= 4 && text.len <= 16) {
    /* most texts: two moves of fixed size, which may overlap, instead of a call */
    size_t half = text.len < 8 ? 4 : 8;
    char *last = copy + text.len - half;
    const char *from_last = text.data + text.len - half;
    if (half == 4) {
      memcpy(copy, text.data, 4);
      memcpy(last, from_last, 4);
    } else {
      memcpy(copy, text.data, 8);
      memcpy(last, from_last, 8);
    }
  } else
    memcpy(copy, text.data, text.len);
  return str_make(copy, text.len);
}

/* Anchors */

/* A new anchor, which from here on is what its name means. */
static uint32_t anchor_add(struct yaml_composer *c, const unsigned char *name, struct anchor anchor)
{
  if (c->anchors.count == 0)
    vec_push(&c->anchors, (struct anchor){0});
  bool added;
  uint32_t number = (uint32_t)c->anchors.count;
  struct str text = event_text(name);
  union map_value *known = map_get(&c->anchor_names, text);
  if (!known)
    known = map_put(&c->anchor_names, copy_text(c->arena, text), &added);
  known->number = number;
  vec_push(&c->anchors, anchor);
  return number;
}

/* The next node is the value of a merge key: its members take the place of the key, a level up. */
static bool awaits_merge(const struct yaml_composer *c, const struct frame *frame)
{
  return frame && frame->has_merge && !awaits_key(c, frame) &&
         c->stack.values[c->stack.count - 1].type == VALUE_ABSENT;
}

/* Counts a child of the container, of which the node is the next. */
static void note_height(const struct yaml_composer *c, struct frame *frame, uint32_t height)
{
  if (height && awaits_merge(c, frame))
    height--;
  if (frame && frame->height < height)
    frame->height = height;
}

static int charge_alias(struct yaml_composer *c, const struct anchor *anchor,
                        struct value_position at)
{
  uint64_t written = c->nodes - c->alias_nodes;
  c->nodes += anchor->nodes;
  c->alias_nodes += anchor->nodes;
  if (c->alias_nodes > c->options.alias_max ||
      (c->alias_nodes > ALIAS_FREE && c->alias_nodes > ALIAS_SHARE * written))
    return error_set_at(c->err, SW_ELIMIT, at.line, at.column,
                        "the aliases of this document stand for more than %llu values: it is made "
                        "to exhaust its readers",
                        (unsigned long long)(c->alias_nodes - anchor->nodes));
  if (c->frames.count + anchor->height > c->options.depth_max + awaits_merge(c, top_frame(c)))
    return error_set_at(c->err, SW_ELIMIT, at.line, at.column,
                        "with what this alias stands for, more than %u lists and mappings are "
                        "inside each other",
                        c->options.depth_max);
  return 0;
}

/* Repeated keys */

static struct str key_shown(struct str key)
{
  return utf8_cut_columns(str_sub(key, 0, (size_t)4 * KEY_SHOWN_COLUMNS), KEY_SHOWN_COLUMNS);
}

/* Refuses the repetition of a key, or notes it. */
static int repeated_key(struct yaml_composer *c, struct str key, struct value_position at,
                        struct value_position first)
{
  if (c->options.duplicates == VALUE_REFUSE)
    return error_set_at(c->err, SW_EINVAL, at.line, at.column,
                        "the key \"%.*s\" occurs twice in one mapping, first on line %u",
                        STR_FMT(key_shown(key)), first.line);
  if (!vec_full(&c->duplicates, YAML_DUPLICATES_KEPT))
    vec_push(&c->duplicates, (struct yaml_duplicate){key, at, first});
  return 0;
}

/* Tells of all repeated keys among members; with VALUE_REFUSE, of the first. */
static int tell_repeated(struct yaml_composer *c, const struct value_member *members,
                         const struct value_position *positions, uint32_t count)
{
  struct map seen;
  map_init(&seen, NULL);
  int rc = 0;
  for (uint32_t i = 0; i < count && rc == 0; i++) {
    bool added;
    struct str key = value_str(members[i].key);
    union map_value *last = map_put(&seen, key, &added);
    if (!added)
      rc = repeated_key(c, key, positions[2 * (size_t)i], positions[2 * last->number]);
    last->number = i;
  }
  map_free(&seen);
  return rc;
}

/* Merge keys. On the stack, the key of a merge is an absent value. */

enum origin { FROM_MERGE = 1, FROM_KEY };

struct merge {
  struct yaml_composer *c;
  struct map seen; /* key: member number << 2 | origin */
};

static int put_merged(struct merge *m, struct value key, struct value value,
                      const struct value_position at[2], enum origin origin)
{
  struct stack *out = &m->c->merged;
  bool added;
  union map_value *known = map_put(&m->seen, value_str(key), &added);
  if (added) {
    known->number = (uint64_t)(out->count / 2) << 2 | origin;
    stack_push(out, key, at[0]);
    stack_push(out, value, at[1]);
    return 0;
  }
  size_t member = known->number >> 2;
  int rc = 0;
  if (origin == FROM_KEY && (known->number & 3) == FROM_KEY)
    rc = repeated_key(m->c, value_str(key), at[0], out->positions[2 * member]);
  known->number = member << 2 | origin;
  out->values[2 * member + 1] = value;
  out->positions[2 * member] = at[0];
  out->positions[2 * member + 1] = at[1];
  return rc;
}

static int merge_mapping(struct merge *m, struct value mapping, struct value_position at)
{
  if (mapping.type != VALUE_OBJECT)
    return fail(
        m->c, SW_EINVAL, at,
        "\"<<\" merges a mapping or a list of mappings into this one; its value is neither");
  for (uint32_t i = 0; i < mapping.len; i++) {
    struct value_position places[2] = {value_key_position(mapping, i), value_position(mapping, i)};
    put_merged(m, mapping.members[i].key, mapping.members[i].value, places, FROM_MERGE);
  }
  return 0;
}

static int merge_value(struct merge *m, struct value value, struct value_position at)
{
  if (value.type != VALUE_ARRAY)
    return merge_mapping(m, value, at);
  int rc = 0;
  for (uint32_t i = value.len; i > 0 && rc == 0; i--) {
    struct value_position place = value_position(value, i - 1);
    rc = merge_mapping(m, value.items[i - 1], place.line ? place : at);
  }
  return rc;
}

/* Fills c->merged with the members of a mapping, its merge keys resolved. */
static int resolve_merges(struct yaml_composer *c, const struct value_member *members,
                          const struct value_position *positions, uint32_t count)
{
  struct merge m = {.c = c};
  map_init(&m.seen, NULL);
  c->merged.count = 0;
  int rc = 0;
  for (uint32_t i = 0; i < count && rc == 0; i++) {
    const struct value_member *member = &members[i];
    if (member->key.type == VALUE_ABSENT)
      rc = merge_value(&m, member->value, positions[2 * (size_t)i + 1]);
    else
      rc = put_merged(&m, member->key, member->value, &positions[2 * (size_t)i], FROM_KEY);
  }
  map_free(&m.seen);
  return rc;
}

/* Containers */

static int make_mapping(struct yaml_composer *c, const struct frame *frame, struct value *ret)
{
  const struct stack *from = &c->stack;
  uint32_t base = frame->base;
  if (frame->has_merge) {
    int rc = resolve_merges(c, (const struct value_member *)(const void *)(from->values + base),
                            from->positions + base, (uint32_t)(from->count - base) / 2);
    if (rc < 0)
      return rc;
    from = &c->merged;
    base = 0;
  }
  const struct value_member *members = (const void *)(from->values + base);
  const struct value_position *positions = from->positions + base;
  uint32_t count = (uint32_t)(from->count - base) / 2;
  uint32_t duplicate;
  if (!value_object_make(c->arena, members, c->options.positions ? positions : NULL, count,
                         c->options.duplicates, &duplicate, ret) ||
      duplicate != UINT32_MAX)
    return tell_repeated(c, members, positions, count);
  return 0;
}

static void close_anchor(struct yaml_composer *c, const struct frame *frame, struct value value)
{
  if (frame->anchor == NO_ANCHOR)
    return;
  c->anchors.items[frame->anchor] = (struct anchor){
      .value = value, .nodes = c->nodes - frame->nodes_before, .height = frame->height + 1};
}

static int on_end(struct yaml_composer *c)
{
  struct frame frame = vec_pop(&c->frames);
  struct value value;
  if (frame.is_mapping) {
    int rc = make_mapping(c, &frame, &value);
    if (rc < 0)
      return rc;
  } else {
    value = value_array_make(c->arena, c->stack.values + frame.base,
                             c->options.positions ? c->stack.positions + frame.base : NULL,
                             (uint32_t)c->stack.count - frame.base);
  }
  close_anchor(c, &frame, value);
  c->stack.count = frame.base;
  note_height(c, top_frame(c), frame.height + 1);
  stack_push(&c->stack, value, frame.position);
  return 0;
}

static int on_start(struct yaml_composer *c, const yaml_event_t *event, bool is_mapping,
                    const unsigned char *anchor)
{
  struct frame *parent = top_frame(c);
  struct value_position at = position_of(c, event->start_mark);
  if (awaits_key(c, parent))
    return fail(c, SW_EINVAL, at,
                is_mapping ? "a mapping cannot be a key; \"{\" begins a mapping, a text that "
                             "begins with one must be quoted"
                           : "a list cannot be a key; \"[\" begins a list, a text that begins "
                             "with one must be quoted");
  if (c->frames.count >= c->options.depth_max)
    return error_set_at(c->err, SW_ELIMIT, at.line, at.column,
                        "more than %u lists and mappings are inside each other",
                        c->options.depth_max);
  struct frame frame = {.base = (uint32_t)c->stack.count,
                        .is_mapping = is_mapping,
                        .position = at,
                        .nodes_before = c->nodes++};
  if (anchor)
    frame.anchor = anchor_add(c, anchor, (struct anchor){.open = true});
  vec_push(&c->frames, frame);
  return 0;
}

/* Scalars and aliases */

/* The string that a scalar becomes as a key, with its symbol. */
static int make_key(struct yaml_composer *c, struct value_position at, struct value *io_value)
{
  if (io_value->type != VALUE_STRING) {
    struct str text;
    if (!yaml_scalar_key(c->arena, *io_value, &text))
      return error_set_at(c->err, SW_EINVAL, at.line, at.column,
                          io_value->type == VALUE_NULL
                              ? "a key is missing or null; a key that is meant as text must be "
                                "quoted"
                              : "what this alias stands for cannot be a key");
    *io_value = value_string(text);
  }
  if (c->options.symbols)
    io_value->symbol = symbols_find(c->options.symbols, value_str(*io_value));
  return 0;
}

/* Takes a value whose text is the event's over into the arena. */
static inline void keep_text(struct yaml_composer *c, struct str event, struct value *io_value)
{
  if (io_value->text == event.data &&
      (io_value->type == VALUE_STRING ||
       (io_value->type == VALUE_NUMBER && (io_value->flags & VALUE_TEXT))))
    io_value->text = copy_text(c->arena, event).data;
}

static int resolve_not_finite(struct yaml_composer *c, struct str text, bool is_key,
                              struct value_position at, struct value *ret)
{
  if (!is_key)
    return error_set_at(c->err, SW_EINVAL, at.line, at.column,
                        "%.*s is not a number that JSON can hold; quote it if it is meant as text",
                        STR_FMT(text));
  *ret = value_string(yaml_scalar_key_not_finite(text));
  return 0;
}

static int resolve_tagged(struct yaml_composer *c, const yaml_event_t *event, struct str text,
                          struct value_position at, struct value *ret)
{
  struct error cause;
  if (yaml_scalar_tagged(c->arena, event_text(event->data.scalar.tag), text, ret, &cause) < 0)
    return fail(c, cause.code, at, cause.message);
  return 0;
}

static int resolve(struct yaml_composer *c, const yaml_event_t *event, struct str text, bool is_key,
                   struct value_position at, struct value *ret)
{
  if (event->data.scalar.tag)
    return resolve_tagged(c, event, text, at, ret);
  if (!event->data.scalar.plain_implicit) {
    *ret = value_string(text);
    return 0;
  }
  *ret = yaml_scalar_plain(c->arena, text);
  if (ret->type == VALUE_ABSENT)
    return resolve_not_finite(c, text, is_key, at, ret);
  return 0;
}

static bool is_merge_key(const yaml_event_t *event, struct str text)
{
  if (text.len != 2 || memcmp(text.data, "<<", 2) != 0)
    return false;
  if (!event->data.scalar.tag)
    return event->data.scalar.plain_implicit;
  return str_eq(event_text(event->data.scalar.tag), STR("tag:yaml.org,2002:merge"));
}

static int on_scalar(struct yaml_composer *c, const yaml_event_t *event)
{
  struct str text = str_make((const char *)event->data.scalar.value, event->data.scalar.length);
  struct value_position at = position_of(c, event->start_mark);
  struct frame *frame = top_frame(c);
  bool is_key = awaits_key(c, frame);
  c->nodes++;
  if (is_key && is_merge_key(event, text)) {
    frame->has_merge = true;
    stack_push(&c->stack, VALUE_NONE, at);
    return 0;
  }
  struct value value;
  int rc = resolve(c, event, text, is_key, at, &value);
  if (rc < 0)
    return rc;
  keep_text(c, text, &value);
  if (event->data.scalar.anchor)
    anchor_add(c, event->data.scalar.anchor, (struct anchor){.value = value, .nodes = 1});
  if (is_key && (rc = make_key(c, at, &value)) < 0)
    return rc;
  stack_push(&c->stack, value, at);
  return 0;
}

static int on_alias(struct yaml_composer *c, const yaml_event_t *event)
{
  struct value_position at = position_of(c, event->start_mark);
  struct str name = event_text(event->data.alias.anchor);
  union map_value *known = map_get(&c->anchor_names, name);
  if (!known)
    return error_set_at(c->err, SW_EINVAL, at.line, at.column,
                        "the alias *%.*s stands for nothing: no anchor &%.*s comes before it",
                        STR_FMT(key_shown(name)), STR_FMT(key_shown(name)));
  const struct anchor *anchor = &c->anchors.items[known->number];
  if (anchor->open)
    return error_set_at(c->err, SW_EINVAL, at.line, at.column,
                        "the anchor &%.*s contains itself by this alias", STR_FMT(key_shown(name)));
  struct frame *frame = top_frame(c);
  struct value value = anchor->value;
  int rc = charge_alias(c, anchor, at);
  if (rc == 0 && awaits_key(c, frame))
    rc = make_key(c, at, &value);
  if (rc < 0)
    return rc;
  note_height(c, frame, anchor->height);
  stack_push(&c->stack, value, at);
  return 0;
}

/* Events */

static int on_event(struct yaml_composer *c, const yaml_event_t *event)
{
  switch (event->type) {
  case YAML_SCALAR_EVENT:
    return on_scalar(c, event);
  case YAML_SEQUENCE_START_EVENT:
    return on_start(c, event, false, event->data.sequence_start.anchor);
  case YAML_MAPPING_START_EVENT:
    return on_start(c, event, true, event->data.mapping_start.anchor);
  case YAML_SEQUENCE_END_EVENT:
  case YAML_MAPPING_END_EVENT:
    return on_end(c);
  case YAML_ALIAS_EVENT:
    return on_alias(c, event);
  default:
    return fail(c, SW_EINVAL, position_of(c, event->start_mark), "the document ends too early");
  }
}

/* The root is plain, empty and neither tagged nor anchored: there is nothing in the document. */
static bool is_nothing(const yaml_event_t *event)
{
  return event->type == YAML_SCALAR_EVENT && event->data.scalar.length == 0 &&
         event->data.scalar.plain_implicit && !event->data.scalar.anchor;
}

/* Events without a name or tag own no memory. */
static void delete_event(yaml_event_t *event)
{
  bool owns_nothing = event->type == YAML_MAPPING_END_EVENT ||
                      event->type == YAML_SEQUENCE_END_EVENT ||
                      (event->type == YAML_MAPPING_START_EVENT &&
                       !event->data.mapping_start.anchor && !event->data.mapping_start.tag) ||
                      (event->type == YAML_SEQUENCE_START_EVENT &&
                       !event->data.sequence_start.anchor && !event->data.sequence_start.tag);
  if (!owns_nothing)
    yaml_event_delete(event);
}

static void start_document(struct yaml_composer *c, struct arena *a, uint32_t lines_before,
                           struct error *err)
{
  c->arena = a;
  c->lines_before = lines_before;
  c->err = err;
  c->stack.count = 0;
  c->nodes = c->alias_nodes = 0;
  vec_clear(&c->frames);
  vec_clear(&c->duplicates);
  if (c->anchors.count) {
    /* not map_clear: what one document with many anchors took is not to be cleared for each of the
     * documents behind it */
    map_free(&c->anchor_names);
    map_init(&c->anchor_names, NULL);
    vec_clear(&c->anchors);
  }
}

static void finish_document(struct yaml_composer *c, struct yaml_document *ret)
{
  ret->root = c->stack.values[0];
  ret->position = c->stack.positions[0];
  ret->duplicates = NULL;
  ret->duplicate_count = (uint32_t)c->duplicates.count;
  if (c->duplicates.count) {
    struct yaml_duplicate *kept = arena_array(c->arena, struct yaml_duplicate, c->duplicates.count);
    memcpy(kept, c->duplicates.items, c->duplicates.count * sizeof *kept);
    ret->duplicates = kept;
  }
}

int yaml_compose(struct yaml_composer *c, yaml_parser_t *parser, struct arena *a,
                 uint32_t lines_before, struct yaml_document *ret, bool *ret_empty,
                 bool *ret_syntax, struct error *err)
{
  start_document(c, a, lines_before, err);
  *ret_syntax = false;
  *ret_empty = false;
  do {
    yaml_event_t event;
    if (!yaml_parser_parse(parser, &event)) {
      *ret_syntax = true;
      return SW_EINVAL;
    }
    if (c->frames.count == 0)
      *ret_empty = is_nothing(&event);
    int rc = on_event(c, &event);
    if (rc == 0 && arena_over(a))
      rc = error_set_at(err, SW_ELIMIT, position_of(c, event.start_mark).line, 0,
                        "the values of this text need more than the %zu bytes of memory allowed",
                        a->limit);
    delete_event(&event);
    if (rc < 0)
      return rc;
  } while (c->frames.count);
  finish_document(c, ret);
  return 0;
}
