#include "base/map.h"
#include "base/mem.h"
#include "data/yaml_edit_int.h"
#include "data/yaml_input.h"

/* ---- places in the text */

static bool is_blank(char c)
{
  return c == ' ' || c == '\t';
}

size_t edit_skip_trivia(struct str text, size_t at)
{
  while (at < text.len) {
    char c = text.data[at];
    if (is_blank(c) || c == '\n' || c == '\r')
      at++;
    else if (c == '#' && (at == 0 || is_blank(text.data[at - 1]) || yaml_line_begins(text, at)))
      at = yaml_line_next(text, at);
    else
      break;
  }
  return at;
}

bool edit_first_on_line(struct str text, size_t at)
{
  while (at > 0 && is_blank(text.data[at - 1]))
    at--;
  return yaml_line_begins(text, at);
}

size_t edit_line_after(struct str text, size_t end)
{
  return end > 0 && yaml_line_begins(text, end) ? end : yaml_line_next(text, end);
}

bool edit_rest_is_trivia(struct str text, size_t at, bool *ret_comment)
{
  size_t from = at;
  *ret_comment = false;
  while (at < text.len && is_blank(text.data[at]))
    at++;
  if (at == text.len || text.data[at] == '\n' || text.data[at] == '\r')
    return true;
  *ret_comment = text.data[at] == '#' && (at > from || yaml_line_begins(text, at));
  return *ret_comment;
}

unsigned edit_column(struct str text, size_t at)
{
  return (unsigned)(at - yaml_line_start(text, at));
}

/* ---- from the events of a parser */

struct nodes_reader {
  struct arena *arena;
  struct str source;
  VEC(struct edit_node) nodes;
  VEC(uint32_t) open;   /* containers that have not ended */
  VEC(uint32_t) latest; /* the last child of each, or EDIT_NONE */
  struct map anchors;
  uint32_t aliases;
  uint64_t index; /* characters up to: */
  size_t byte;
};

/* The byte of a character. Marks come nearly in order, so that looking from the last one is short. */
static size_t byte_of(struct nodes_reader *r, yaml_mark_t mark)
{
  const char *s = r->source.data;
  while (r->index < mark.index && r->byte < r->source.len) {
    r->byte++;
    while (r->byte < r->source.len && ((unsigned char)s[r->byte] & 0xC0) == 0x80)
      r->byte++;
    r->index++;
  }
  while (r->index > mark.index && r->byte > 0) {
    r->byte--;
    while (r->byte > 0 && ((unsigned char)s[r->byte] & 0xC0) == 0x80)
      r->byte--;
    r->index--;
  }
  return r->byte;
}

/* Behind as many anchors and tags as there are, and what stands between. */
static size_t skip_properties(struct str text, size_t at, unsigned count)
{
  for (; count > 0; count--) {
    at = edit_skip_trivia(text, at);
    while (at < text.len && !strchr(" \t\r\n", text.data[at]))
      at++;
  }
  return at;
}

static struct edit_node *add_node(struct nodes_reader *r, enum edit_kind kind,
                                  const yaml_event_t *event)
{
  uint32_t number = (uint32_t)r->nodes.count;
  struct edit_node *node = vec_add(&r->nodes);
  node->kind = (uint8_t)kind;
  node->start = node->content = byte_of(r, event->start_mark);
  node->position.line = (uint32_t)event->start_mark.line + 1;
  node->position.column = (uint32_t)event->start_mark.column + 1;
  node->next = node->of = EDIT_NONE;
  node->after = number + 1;
  if (r->open.count) {
    uint32_t *latest = &r->latest.items[r->latest.count - 1];
    if (*latest != EDIT_NONE)
      r->nodes.items[*latest].next = number;
    *latest = number;
    r->nodes.items[r->open.items[r->open.count - 1]].children++;
  }
  return node;
}

static void name_anchor(struct nodes_reader *r, const unsigned char *anchor)
{
  if (anchor)
    map_put(&r->anchors, str_from((const char *)anchor), NULL)->number = r->nodes.count - 1;
}

static void set_properties(struct nodes_reader *r, struct edit_node *node,
                           const unsigned char *anchor, const unsigned char *tag)
{
  /* A tag of the parser's own making has no bytes. */
  unsigned count = (anchor != NULL) + (tag != NULL);
  node->tagged = tag != NULL;
  if (count)
    node->content = skip_properties(r->source, node->start, count);
  name_anchor(r, anchor);
}

static bool is_blank_line(struct str line)
{
  return str_trim(line).len == 0;
}

/* A block scalar without the blank lines behind it, unless it keeps them. */
static size_t block_scalar_end(struct str text, size_t content, size_t end)
{
  size_t header = yaml_line_next(text, content);
  for (size_t i = content; i < header && text.data[i] != '#'; i++)
    if (text.data[i] == '+')
      return end;
  while (end > header) {
    size_t line = yaml_line_start(text, end - 1);
    if (line < header || !is_blank_line(str_sub(text, line, end - line)))
      break;
    end = line;
  }
  return end;
}

static uint8_t style_of(yaml_scalar_style_t style)
{
  switch (style) {
  case YAML_SINGLE_QUOTED_SCALAR_STYLE:
    return EDIT_SINGLE;
  case YAML_DOUBLE_QUOTED_SCALAR_STYLE:
    return EDIT_DOUBLE;
  case YAML_LITERAL_SCALAR_STYLE:
  case YAML_FOLDED_SCALAR_STYLE:
    return EDIT_LITERAL;
  default:
    return EDIT_PLAIN;
  }
}

static bool is_merge_key(const yaml_event_t *event)
{
  const char *tag = (const char *)event->data.scalar.tag;
  if (strcmp((const char *)event->data.scalar.value, "<<") != 0)
    return false;
  return tag ? strcmp(tag, "tag:yaml.org,2002:merge") == 0 : event->data.scalar.plain_implicit;
}

static void on_scalar(struct nodes_reader *r, const yaml_event_t *event)
{
  struct edit_node *node = add_node(r, EDIT_SCALAR, event);
  node->style = style_of(event->data.scalar.style);
  node->end = byte_of(r, event->end_mark);
  set_properties(r, node, event->data.scalar.anchor, event->data.scalar.tag);
  if (node->content != node->start)
    node->content = edit_skip_trivia(r->source, node->content);
  if (node->content > node->end)
    node->content = node->end;
  if (node->style == EDIT_LITERAL)
    node->end = block_scalar_end(r->source, node->content, node->end);
  if (!r->open.count)
    return;
  struct edit_node *parent = &r->nodes.items[r->open.items[r->open.count - 1]];
  if (parent->kind == EDIT_MAPPING && parent->children % 2 == 1 && is_merge_key(event))
    parent->merges = true;
}

static void on_alias(struct nodes_reader *r, const yaml_event_t *event)
{
  struct edit_node *node = add_node(r, EDIT_ALIAS, event);
  node->end = byte_of(r, event->end_mark);
  union map_value *known = map_get(&r->anchors, str_from((const char *)event->data.alias.anchor));
  r->aliases++;
  if (!known)
    return; /* the reader has refused such a text */
  node->of = (uint32_t)known->number;
  r->nodes.items[node->of].aliased = true;
}

static void on_start(struct nodes_reader *r, const yaml_event_t *event)
{
  bool mapping = event->type == YAML_MAPPING_START_EVENT;
  struct edit_node *node = add_node(r, mapping ? EDIT_MAPPING : EDIT_SEQUENCE, event);
  bool flow = mapping ? event->data.mapping_start.style == YAML_FLOW_MAPPING_STYLE
                      : event->data.sequence_start.style == YAML_FLOW_SEQUENCE_STYLE;
  node->style = flow ? EDIT_FLOW : EDIT_BLOCK;
  set_properties(r, node,
                 mapping ? event->data.mapping_start.anchor : event->data.sequence_start.anchor,
                 mapping ? event->data.mapping_start.tag : event->data.sequence_start.tag);
  if (node->content != node->start)
    node->content = edit_skip_trivia(r->source, node->content);
  vec_push(&r->open, (uint32_t)r->nodes.count - 1);
  vec_push(&r->latest, EDIT_NONE);
}

static void on_end(struct nodes_reader *r, const yaml_event_t *event)
{
  struct edit_node *node = &r->nodes.items[vec_pop(&r->open)];
  uint32_t last = vec_pop(&r->latest);
  node->after = (uint32_t)r->nodes.count;
  if (node->style == EDIT_FLOW || last == EDIT_NONE)
    node->end = byte_of(r, event->end_mark);
  else
    node->end = r->nodes.items[last].end;
}

static void on_event(struct nodes_reader *r, const yaml_event_t *event)
{
  switch (event->type) {
  case YAML_SCALAR_EVENT:
    on_scalar(r, event);
    break;
  case YAML_ALIAS_EVENT:
    on_alias(r, event);
    break;
  case YAML_MAPPING_START_EVENT:
  case YAML_SEQUENCE_START_EVENT:
    on_start(r, event);
    break;
  case YAML_MAPPING_END_EVENT:
  case YAML_SEQUENCE_END_EVENT:
    on_end(r, event);
    break;
  default:
    break;
  }
}

static int read_yaml(struct nodes_reader *r, struct error *err)
{
  struct yaml_input input = {0};
  yaml_parser_t parser;
  yaml_input_set(&input, r->source);
  yaml_input_start(&input, &parser, 0, yaml_input_check(&input, 0));
  bool ended = false, sound = true;
  while (!ended && sound) {
    yaml_event_t event;
    sound = yaml_parser_parse(&parser, &event);
    if (!sound)
      break;
    on_event(r, &event);
    ended = event.type == YAML_DOCUMENT_END_EVENT || event.type == YAML_STREAM_END_EVENT;
    yaml_event_delete(&event);
  }
  yaml_input_stop(&input, &parser);
  yaml_input_free(&input);
  if (!sound || !r->nodes.count || r->open.count)
    return error_set(err, SW_EUNSUPPORTED, "the document cannot be read by itself");
  return 0;
}

/* ---- JSON: has been read, so its form is sound */

static struct edit_node *add_json(struct nodes_reader *r, enum edit_kind kind, size_t at)
{
  yaml_event_t event = {0};
  struct edit_node *node = add_node(r, kind, &event);
  node->start = node->content = at;
  node->position = (struct value_position){0};
  return node;
}

static size_t json_string_end(struct str text, size_t at)
{
  for (at++; at < text.len && text.data[at] != '"'; at++)
    at += text.data[at] == '\\';
  return at + 1;
}

static size_t read_json_scalar(struct nodes_reader *r, size_t at)
{
  struct edit_node *node = add_json(r, EDIT_SCALAR, at);
  if (r->source.data[at] == '"') {
    node->style = EDIT_DOUBLE;
    at = json_string_end(r->source, at);
  } else {
    while (at < r->source.len && !strchr(",]} \t\r\n", r->source.data[at]))
      at++;
  }
  return node->end = at;
}

static void end_json_container(struct nodes_reader *r, size_t at)
{
  struct edit_node *node = &r->nodes.items[vec_pop(&r->open)];
  (void)vec_pop(&r->latest);
  node->after = (uint32_t)r->nodes.count;
  node->end = at + 1;
}

static int read_json(struct nodes_reader *r, struct error *err)
{
  for (size_t at = 0; at < r->source.len;) {
    char c = r->source.data[at];
    if (c == '{' || c == '[') {
      add_json(r, c == '{' ? EDIT_MAPPING : EDIT_SEQUENCE, at++)->style = EDIT_FLOW;
      vec_push(&r->open, (uint32_t)r->nodes.count - 1);
      vec_push(&r->latest, EDIT_NONE);
    } else if ((c == '}' || c == ']') && r->open.count) {
      end_json_container(r, at++);
    } else if (strchr(" \t\r\n,:", c)) {
      at++;
    } else {
      at = read_json_scalar(r, at);
    }
  }
  if (r->open.count || r->nodes.count == 0)
    return error_set(err, SW_EUNSUPPORTED, "the JSON value does not end");
  return 0;
}

int edit_nodes_read(struct arena *a, struct str source, bool json, struct edit_nodes *ret,
                    struct error *err)
{
  struct nodes_reader r = {.arena = a, .source = source};
  map_init(&r.anchors, a);
  int rc = json ? read_json(&r, err) : read_yaml(&r, err);
  if (rc == 0) {
    ret->items = arena_array(a, struct edit_node, r.nodes.count);
    memcpy(ret->items, r.nodes.items, r.nodes.count * sizeof *ret->items);
    ret->count = (uint32_t)r.nodes.count;
    ret->aliases = r.aliases;
  }
  vec_free(&r.nodes);
  vec_free(&r.open);
  vec_free(&r.latest);
  map_free(&r.anchors);
  return rc;
}
