/*
 * METADATA blocks: comments in the first column, from one that begins with METADATA to the end of
 * the run of lines, whose text behind `# ` is YAML.
 */
#include "lang/rego/parser_int.h"

#include "base/map.h"
#include "data/compare.h"
#include "data/json_write.h"
#include "data/yaml.h"
#include "lang/rego/ast_print.h"

enum { BLOCK_DEPTH_MAX = 50, ANNOTATIONS_MAX = 10000, ATTACHED_MAX = 1000000 };

struct block {
  size_t first, last; /* comments: METADATA, and the last line */
};

static struct str comment_text(const struct parser *p, size_t i)
{
  const struct rego_token *t = &p->comments.items[i];
  struct str text = str_sub(p->text, t->start + 1, t->end - t->start - 1);
  while (text.len && text.data[text.len - 1] == '\r')
    text.len--;
  return text;
}

static bool is_metadata(const struct parser *p, size_t i)
{
  return p->comments.items[i].column == 1 &&
         str_starts(str_trim(comment_text(p, i)), STR("METADATA"));
}

static bool continues(const struct parser *p, size_t i)
{
  const struct rego_token *t = &p->comments.items[i];
  return t->column == 1 && t->line == p->comments.items[i - 1].line + 1 && !is_metadata(p, i);
}

static struct rego_place comment_place(const struct parser *p, size_t i)
{
  const struct rego_token *t = &p->comments.items[i];
  return (struct rego_place){p->options->file, t->line, t->column, t->start, t->end};
}

/* ---- values */

/* Where something in a block is wrong: line is the YAML's, from 1; 0: the whole. */
static bool wrong(struct parser *p, const struct block *block, uint32_t line, const char *what)
{
  size_t comment = block->first + line;
  if (comment > block->last)
    comment = block->last;
  parser_note(p, p->errors, comment_place(p, comment), "%s", what);
  return false;
}

static bool read_text(struct parser *p, struct value value, struct str *ret)
{
  if (value_is_nil(value))
    return true;
  if (value.type == VALUE_STRING) {
    *ret = value_str(value);
    return true;
  }
  if (value.type != VALUE_BOOL && value.type != VALUE_NUMBER)
    return false;
  _cleanup_(buf_free) struct buf out = {.cap = 1 << 20};
  json_write(&out, value, 0);
  *ret = arena_copy(p->arena, buf_str(&out));
  return true;
}

/* Nothing is false. */
static bool read_flag(struct value value, bool *ret)
{
  if (value_is_nil(value))
    return true;
  if (value.type != VALUE_BOOL)
    return false;
  *ret = value_equal(value, value_bool(true));
  return true;
}

static struct str member_text(struct value object, const char *key)
{
  return str_trim(value_str_or_empty(value_get(object, value_from(key))));
}

static bool read_scope(struct str text, bool *ret_given, enum rego_scope *ret)
{
  static const struct {
    struct str name;
    enum rego_scope scope;
  } scopes[] = {
      {STR_INIT("rule"), REGO_SCOPE_RULE},
      {STR_INIT("document"), REGO_SCOPE_DOCUMENT},
      {STR_INIT("package"), REGO_SCOPE_PACKAGE},
      {STR_INIT("subpackages"), REGO_SCOPE_SUBPACKAGES},
  };
  *ret_given = text.len > 0;
  for (size_t i = 0; i < sizeof scopes / sizeof *scopes; i++)
    if (str_eq(text, scopes[i].name)) {
      *ret = scopes[i].scope;
      return true;
    }
  return text.len == 0;
}

static bool read_list(struct value value, uint32_t *ret_count)
{
  *ret_count = value.type == VALUE_ARRAY ? value.len : 0;
  return value_is_nil(value) || value.type == VALUE_ARRAY;
}

static const char *read_organizations(struct parser *p, struct value value,
                                      struct rego_annotation *ret)
{
  uint32_t count;
  if (!read_list(value, &count))
    return "organizations must be a list of strings";
  struct str *items = arena_array(p->arena, struct str, count);
  for (uint32_t i = 0; i < count; i++) {
    items[i] = STR_EMPTY;
    if (!read_text(p, value.items[i], &items[i]))
      return "organizations must be a list of strings";
  }
  ret->organizations = items;
  ret->organization_count = count;
  return NULL;
}

static const char *read_related_resources(struct parser *p, struct value value,
                                          struct rego_annotation *ret)
{
  uint32_t count;
  if (!read_list(value, &count))
    return "related_resources must be a list";
  struct rego_related_resource *items = arena_array(p->arena, struct rego_related_resource, count);
  for (uint32_t i = 0; i < count; i++) {
    struct value item = value.items[i];
    items[i] = (struct rego_related_resource){STR_EMPTY, STR_EMPTY};
    if (item.type == VALUE_STRING) {
      items[i].ref = value_str(item);
      if (items[i].ref.len == 0)
        return "invalid related-resource definition: ref URL may not be empty string";
    } else if (item.type == VALUE_OBJECT) {
      items[i].ref = member_text(item, "ref");
      items[i].description = member_text(item, "description");
      if (items[i].ref.len == 0)
        return "invalid related-resource definition: 'ref' value required in object";
    } else {
      return "invalid related-resource definition: invalid value type, must be string or map";
    }
  }
  ret->related_resources = items;
  ret->related_resource_count = count;
  return NULL;
}

/* "Jane Doe <jane@example.com>": the last word is the address if it stands in angle brackets. */
static void split_author(struct parser *p, struct str text, struct rego_author *ret)
{
  text = str_trim(text);
  ptrdiff_t space = str_find_last_byte(text, ' ');
  struct str last = space < 0 ? text : str_sub(text, (size_t)space + 1, SIZE_MAX);
  *ret = (struct rego_author){text, STR_EMPTY};
  if (last.len >= 2 && last.data[0] == '<' && last.data[last.len - 1] == '>') {
    ret->email = str_sub(last, 1, last.len - 2);
    ret->name = str_trim(str_sub(text, 0, text.len - last.len));
  }
  _cleanup_(buf_free) struct buf words = {.cap = 1 << 20}; /* one space between words */
  struct str rest = ret->name;
  while (rest.data && rest.len) {
    struct str word = str_cut(rest, ' ', &rest);
    if (word.len && words.len)
      buf_add_byte(&words, ' ');
    buf_add(&words, word);
  }
  ret->name = arena_copy(p->arena, buf_str(&words));
}

static const char *read_authors(struct parser *p, struct value value, struct rego_annotation *ret)
{
  uint32_t count;
  if (!read_list(value, &count))
    return "authors must be a list";
  struct rego_author *items = arena_array(p->arena, struct rego_author, count);
  for (uint32_t i = 0; i < count; i++) {
    struct value item = value.items[i];
    if (item.type == VALUE_STRING) {
      split_author(p, value_str(item), &items[i]);
      if (items[i].name.len == 0 && items[i].email.len == 0)
        return "invalid author definition: author is an empty string";
    } else if (item.type == VALUE_OBJECT) {
      items[i] = (struct rego_author){member_text(item, "name"), member_text(item, "email")};
      if (items[i].name.len == 0 && items[i].email.len == 0)
        return "invalid author definition: 'name' and/or 'email' values required in object";
    } else {
      return "invalid author definition: invalid value type, must be string or map";
    }
  }
  ret->authors = items;
  ret->author_count = count;
  return NULL;
}

static bool read_reference(struct parser *p, struct str text, struct rego_term *ret)
{
  struct error err;
  return rego_parse_term(p->arena, text, p->options, ret, NULL, &err) == 0 && ret->kind == REGO_REF;
}

/* `schema`, or a reference that begins with it. */
static bool read_schema_reference(struct parser *p, struct str text, struct rego_term *ret)
{
  struct error err;
  if (rego_parse_term(p->arena, text, p->options, ret, NULL, &err) < 0)
    return false;
  const struct rego_term *head = ret->kind == REGO_REF ? &ret->items[0] : ret;
  return head->kind == REGO_VAR && str_eq(rego_names_text(p->names, head->var), STR("schema"));
}

static const char *read_schemas(struct parser *p, struct value value, struct rego_annotation *ret)
{
  uint32_t count;
  if (!read_list(value, &count))
    return "schemas must be a list";
  struct rego_schema *items = arena_alloc_array(p->arena, count, sizeof *items);
  for (uint32_t i = 0; i < count; i++) {
    struct value item = value.items[i];
    items[i] = (struct rego_schema){0};
    if (item.type != VALUE_OBJECT || item.len == 0)
      return "schemas must be a list of maps";
    if (!read_reference(p, value_str(item.members[0].key), &items[i].path))
      return "invalid document reference";
    struct value schema = item.members[0].value;
    if (schema.type == VALUE_OBJECT)
      items[i].definition = schema;
    else if (schema.type != VALUE_STRING)
      return "invalid schema declaration";
    else if (!read_schema_reference(p, value_str(schema), &items[i].schema))
      return "invalid schema reference";
  }
  ret->schemas = items;
  ret->schema_count = count;
  return NULL;
}

static const char *read_compile(struct parser *p, struct value value, struct rego_annotation *ret)
{
  struct value unknowns = value_get(value, value_from("unknowns"));
  struct value mask = value_get(value, value_from("mask_rule"));
  uint32_t count;
  struct error err;
  ret->mask_rule.kind = REGO_ARRAY;
  if (!value_is_nil(value) && value.type != VALUE_OBJECT)
    return "compile must be a map";
  if (!read_list(unknowns, &count))
    return "compile.unknowns must be a list";
  struct rego_term *items = arena_array(p->arena, struct rego_term, count);
  for (uint32_t i = 0; i < count; i++)
    if (unknowns.items[i].type != VALUE_STRING ||
        !read_reference(p, value_str(unknowns.items[i]), &items[i]))
      return "invalid unknowns element";
  ret->unknowns = items;
  ret->unknown_count = count;
  if (mask.type != VALUE_STRING)
    return NULL;
  if (rego_parse_term(p->arena, value_str(mask), p->options, &ret->mask_rule, NULL, &err) < 0)
    return "invalid mask_rule annotation";
  bool fits = ret->mask_rule.kind == REGO_VAR || ret->mask_rule.kind == REGO_REF ||
              rego_is_string(&ret->mask_rule);
  return fits ? NULL : "invalid mask_rule annotation type";
}

static const char *read_maps(struct value root, struct rego_annotation *ret)
{
  struct value custom = value_get(root, value_from("custom"));
  struct value labels = value_get(root, value_from("labels"));
  if ((!value_is_nil(custom) && custom.type != VALUE_OBJECT) ||
      (!value_is_nil(labels) && labels.type != VALUE_OBJECT))
    return "custom and labels must be maps";
  if (custom.type == VALUE_OBJECT)
    ret->custom = custom;
  if (labels.type == VALUE_OBJECT)
    ret->labels = labels;
  return NULL;
}

/* ---- blocks */

/* The block's YAML, without the METADATA line. */
static void collect(const struct parser *p, const struct block *block, struct buf *out)
{
  for (size_t i = block->first + 1; i <= block->last; i++) {
    struct str line = comment_text(p, i);
    if (line.len && line.data[0] == ' ')
      line = str_sub(line, 1, SIZE_MAX);
    buf_add(out, line);
    buf_add_byte(out, '\n');
  }
}

static bool read_yaml(struct parser *p, const struct block *block, struct value *ret)
{
  _cleanup_(buf_free) struct buf lines = {.cap = REGO_SIZE_MAX + PARSER_COMMENTS_MAX};
  collect(p, block, &lines);
  struct str text = arena_copy(p->arena, buf_str(&lines));
  if (str_trim(text).len == 0)
    return wrong(p, block, 0, "expected METADATA block, found whitespace");
  struct yaml_options options = {.positions = true, .depth_max = BLOCK_DEPTH_MAX};
  _cleanup_(yaml_reader_freep) struct yaml_reader *reader = yaml_reader_new(text, &options);
  struct yaml_document document;
  struct error err;
  int got = yaml_reader_next(reader, p->arena, &document, &err);
  if (got < 0) {
    struct str message = arena_printf(p->arena, "yaml: %s", err.message);
    return wrong(p, block, err.line, message.data);
  }
  *ret = got ? document.root : value_null();
  if (ret->type == VALUE_OBJECT || value_is_nil(*ret))
    return true;
  return wrong(p, block, document.position.line, "yaml: METADATA must be a map");
}

/* The line of a member of the root. */
static uint32_t line_of(struct value root, const char *key)
{
  int64_t i = value_find(root, value_from(key));
  return i < 0 ? 0 : value_key_position(root, (uint32_t)i).line;
}

typedef const char *(*reader_fn)(struct parser *, struct value, struct rego_annotation *);

static bool read_members(struct parser *p, const struct block *block, struct value root,
                         struct rego_annotation *ret)
{
  static const struct {
    const char *key;
    reader_fn read;
  } readers[] = {
      {"organizations", read_organizations},
      {"related_resources", read_related_resources},
      {"authors", read_authors},
      {"schemas", read_schemas},
      {"compile", read_compile},
  };
  if (!read_text(p, value_get(root, value_from("title")), &ret->title))
    return wrong(p, block, line_of(root, "title"), "title must be a string");
  if (!read_text(p, value_get(root, value_from("description")), &ret->description))
    return wrong(p, block, line_of(root, "description"), "description must be a string");
  if (!read_flag(value_get(root, value_from("entrypoint")), &ret->entrypoint))
    return wrong(p, block, line_of(root, "entrypoint"), "entrypoint must be true or false");
  for (size_t i = 0; i < sizeof readers / sizeof *readers; i++) {
    const char *why = readers[i].read(p, value_get(root, value_from(readers[i].key)), ret);
    if (why)
      return wrong(p, block, line_of(root, readers[i].key), why);
  }
  const char *why = read_maps(root, ret);
  return !why || wrong(p, block, line_of(root, "custom"), why);
}

/* The statement behind a line; NULL if there is none. Statements are in order. */
static const struct parser_statement *statement_behind(const struct parser *p, uint32_t line)
{
  size_t low = 0, high = p->statements.count;
  while (low < high) {
    size_t middle = low + (high - low) / 2;
    if (p->statements.items[middle].line > line)
      high = middle;
    else
      low = middle + 1;
  }
  return low < p->statements.count ? &p->statements.items[low] : NULL;
}

static bool check_scope(struct parser *p, const struct block *block, struct str scope, bool given,
                        struct rego_annotation *io)
{
  const struct parser_statement *behind = statement_behind(p, io->place.line);
  bool on_rule = behind && behind->rule >= 0;
  bool on_package = behind && behind->rule == PARSER_PACKAGE;
  if (!given) {
    io->scope = on_package       ? REGO_SCOPE_PACKAGE
                : io->entrypoint ? REGO_SCOPE_DOCUMENT
                                 : REGO_SCOPE_RULE;
    if (!on_rule && !on_package) {
      parser_note(p, &p->late, comment_place(p, block->first),
                  "invalid annotation scope '%s'. Use one of 'rule', 'document', 'package', or "
                  "'subpackages'",
                  behind ? "import" : "");
      return false;
    }
  }
  bool wants_rule = io->scope == REGO_SCOPE_RULE || io->scope == REGO_SCOPE_DOCUMENT;
  if (wants_rule ? !on_rule : !on_package) {
    parser_note(p, &p->late, comment_place(p, block->first),
                "annotation scope '%.*s' must be applied to %s%s", STR_FMT(scope),
                wants_rule ? "rule" : "package",
                !behind      ? ""
                : on_rule    ? " (have rule)"
                : on_package ? " (have package)"
                             : " (have import)");
    return false;
  }
  if (io->entrypoint && io->scope != REGO_SCOPE_DOCUMENT && io->scope != REGO_SCOPE_PACKAGE) {
    parser_note(p, &p->late, comment_place(p, block->first),
                "annotation entrypoint applied to non-document or package scope '%s'",
                io->scope == REGO_SCOPE_RULE ? "rule" : "subpackages");
    return false;
  }
  io->rule = on_rule ? behind->rule : PARSER_PACKAGE;
  return true;
}

static bool read_block(struct parser *p, const struct block *block)
{
  struct rego_annotation annotation = {.place = comment_place(p, block->first)};
  struct value root;
  struct str scope = STR_EMPTY;
  bool given;
  annotation.place.end = comment_place(p, block->last).end;
  if (!read_yaml(p, block, &root) || !read_members(p, block, root, &annotation))
    return false;
  if (!read_text(p, value_get(root, value_from("scope")), &scope) ||
      !read_scope(scope, &given, &annotation.scope)) {
    parser_note(p, &p->late, comment_place(p, block->first),
                "invalid annotation scope '%.*s'. Use one of 'rule', 'document', 'package', or "
                "'subpackages'",
                STR_FMT(scope));
    return false;
  }
  if (!check_scope(p, block, scope, given, &annotation))
    return false;
  vec_push(&p->annotations, annotation);
  return true;
}

bool parser_annotations(struct parser *p)
{
  for (size_t i = 0; i < p->comments.count; i++) {
    if (!is_metadata(p, i))
      continue;
    struct block block = {i, i};
    while (block.last + 1 < p->comments.count && continues(p, block.last + 1))
      block.last++;
    if (vec_full(&p->annotations, ANNOTATIONS_MAX))
      return parser_exceed(p, "more than %d METADATA blocks", ANNOTATIONS_MAX);
    read_block(p, &block);
    i = block.last;
  }
  return true;
}

/* ---- which rules an annotation belongs to */

/* Annotations of documents by the path of their rule: index + 1 of the first, and of the next. */
struct documents {
  struct map paths;
  uint32_t *next;
};

/* The text of a head's reference up to the first operand that is not constant. */
static struct str fixed_path(struct parser *p, const struct rego_head *head)
{
  struct rego_head fixed = *head;
  fixed.arg_count = 0;
  fixed.ref_count = 1;
  while (fixed.ref_count < head->ref_count && rego_is_constant(&head->ref[fixed.ref_count]))
    fixed.ref_count++;
  _cleanup_(buf_free) struct buf out = {0};
  rego_print_head(&out, p->names, &fixed);
  return arena_copy(p->arena, buf_str(&out));
}

static void find_documents(struct parser *p, const struct rego_module *module,
                           struct documents *ret)
{
  map_init(&ret->paths, NULL);
  ret->next = arena_array(p->arena, uint32_t, module->annotation_count);
  for (uint32_t i = module->annotation_count; i-- > 0;) {
    const struct rego_annotation *annotation = &module->annotations[i];
    if (annotation->scope != REGO_SCOPE_DOCUMENT)
      continue;
    struct str path = fixed_path(p, &module->rules[annotation->rule].head);
    union map_value *first = map_put(&ret->paths, path, NULL);
    ret->next[i] = (uint32_t)first->number;
    first->number = i + 1;
  }
}

/* Those of one rule, in order: *io_own is the first annotation that may stand right before it. */
static bool attach_to_rule(struct parser *p, const struct rego_module *module, uint32_t rule,
                           const struct documents *documents, uint32_t *io_own, size_t *io_total,
                           struct rego_rule *ret)
{
  VEC(uint32_t) found = {0};
  const union map_value *first = NULL;
  if (documents->paths.count)
    first = map_get(&documents->paths, fixed_path(p, &ret->head));
  uint32_t document = first ? (uint32_t)first->number : 0, own = *io_own;
  for (;;) {
    while (own < module->annotation_count &&
           (module->annotations[own].rule < (int32_t)rule ||
            module->annotations[own].scope == REGO_SCOPE_DOCUMENT))
      own++;
    bool direct = own < module->annotation_count && module->annotations[own].rule == (int32_t)rule;
    if (!direct && !document)
      break;
    if (direct && (!document || own < document - 1)) {
      vec_push(&found, own++);
    } else {
      vec_push(&found, document - 1);
      document = documents->next[document - 1];
    }
  }
  *io_own = own;
  *io_total += found.count;
  const struct rego_annotation **list =
      arena_array(p->arena, const struct rego_annotation *, found.count);
  for (size_t i = 0; i < found.count; i++)
    list[i] = &module->annotations[found.items[i]];
  ret->annotations = list;
  ret->annotation_count = (uint32_t)found.count;
  vec_free(&found);
  return *io_total <= ATTACHED_MAX;
}

bool parser_attach_annotations(struct parser *p, struct rego_module *module)
{
  module->annotation_count = (uint32_t)p->annotations.count;
  if (module->annotation_count == 0)
    return true;
  size_t size = p->annotations.count * sizeof(struct rego_annotation);
  struct rego_annotation *items = arena_alloc(p->arena, size);
  memcpy(items, p->annotations.items, size);
  module->annotations = items;
  struct rego_rule *rules = (struct rego_rule *)module->rules; /* nobody else has them yet */
  struct documents documents;
  uint32_t own = 0;
  size_t total = 0;
  bool ok = true;
  find_documents(p, module, &documents);
  for (uint32_t i = 0; ok && i < module->rule_count; i++)
    ok = attach_to_rule(p, module, i, &documents, &own, &total, &rules[i]);
  map_free(&documents.paths);
  return ok || parser_exceed(p, "METADATA blocks apply to rules more than %d times", ATTACHED_MAX);
}
