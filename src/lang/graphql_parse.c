/* Queries and schemas from texts (sections 2 and 3 of the specification). */
#include "lang/graphql_lex_int.h"

struct parser {
  struct arena *arena;
  struct gql_lexer lexer;
  struct gql_token token; /* the next one */
  struct error *err;
  int failed; /* the first error's code */
  unsigned depth;
};

/* ---- tokens */

static void fail_at(struct parser *p, const struct gql_token *t, const char *before,
                    struct str found, struct str text)
{
  _cleanup_(buf_free) struct buf out = {.cap = ERROR_MESSAGE_MAX};
  if (p->failed)
    return;
  buf_printf(&out, "%s%.*s", before, STR_FMT(found));
  if (text.len) {
    buf_add_byte(&out, ' ');
    struct gql_value quoted = {.kind = GQL_STRING, .raw = str_sub(text, 0, 300)};
    buf_add(&out, gql_value_text(p->arena, &quoted));
  }
  p->failed = error_set_at(p->err, SW_EINVAL, (uint32_t)t->place.line,
                           t->place.column > 0 ? (uint32_t)t->place.column : 0, "%s",
                           buf_text(&out));
}

static void fail_limit(struct parser *p, const char *what)
{
  if (!p->failed)
    p->failed = error_set_at(p->err, SW_ELIMIT, (uint32_t)p->token.place.line,
                             (uint32_t)p->token.place.column, "%s", what);
}

static bool is(const struct parser *p, enum gql_token_kind kind)
{
  return !p->failed && p->token.kind == kind;
}

static bool is_word(const struct parser *p, const char *word)
{
  return is(p, GQL_TOKEN_NAME) && str_eq(p->token.text, str_from(word));
}

static struct gql_token next(struct parser *p)
{
  struct gql_token t = p->token;
  if (!p->failed)
    p->token = gql_next_token(&p->lexer);
  if (arena_over(p->arena))
    fail_limit(p, "the text takes too much memory");
  return t;
}

static void unexpected_token(struct parser *p, const struct gql_token *t)
{
  fail_at(p, t, "Unexpected ", gql_token_name(t->kind), t->text);
}

static void unexpected(struct parser *p)
{
  unexpected_token(p, &p->token);
}

static bool skip(struct parser *p, enum gql_token_kind kind)
{
  if (!is(p, kind))
    return false;
  next(p);
  return true;
}

static struct gql_token expect(struct parser *p, enum gql_token_kind kind)
{
  char before[40];
  if (is(p, kind))
    return next(p);
  snprintf(before, sizeof before, "Expected %.*s, found ", STR_FMT(gql_token_name(kind)));
  fail_at(p, &p->token, before, gql_token_name(p->token.kind), STR_EMPTY);
  return (struct gql_token){.place = p->token.place};
}

static void expect_word(struct parser *p, const char *word)
{
  char before[60];
  if (is_word(p, word)) {
    next(p);
    return;
  }
  snprintf(before, sizeof before, "Expected \"%s\", found ", word);
  fail_at(p, &p->token, before, gql_token_name(p->token.kind), p->token.text);
}

static struct str name(struct parser *p)
{
  struct str text = expect(p, GQL_TOKEN_NAME).text;
  return text.data ? text : STR_EMPTY;
}

/* Things between brackets: begin, then `while (more(...))`, then end. At least one has to be there. */
static bool begin(struct parser *p, enum gql_token_kind start, enum gql_token_kind end)
{
  if (!skip(p, start))
    return false;
  if (is(p, end))
    fail_at(p, &p->token, "expected at least one definition, found ", gql_token_name(end),
            STR_EMPTY);
  return true;
}

static bool more(struct parser *p, enum gql_token_kind end)
{
  if (p->failed)
    return false;
  if (p->token.kind != end)
    return true;
  next(p);
  return false;
}

static bool enter(struct parser *p)
{
  if (++p->depth > GRAPHQL_DEPTH_MAX)
    fail_limit(p, "the text is nested too deep");
  return !p->failed;
}

static void leave(struct parser *p)
{
  p->depth--;
}

/* ---- values, types, directives */

static struct gql_value *value(struct parser *p, bool is_const);

static struct gql_value *new_value(struct parser *p, enum gql_kind kind)
{
  struct gql_value *v = arena_new(p->arena, struct gql_value);
  v->kind = kind;
  v->raw = STR_EMPTY;
  v->place = p->token.place;
  return v;
}

static struct gql_value *list(struct parser *p, bool is_const)
{
  struct gql_value *v = new_value(p, GQL_LIST_VALUE);
  next(p);
  while (more(p, GQL_TOKEN_BRACKET_R)) {
    struct gql_value *item = value(p, is_const);
    gql_push(p->arena, &v->children, (struct gql_child){.name = STR_EMPTY, .value = item});
  }
  return v;
}

static struct gql_value *object(struct parser *p, bool is_const)
{
  struct gql_value *v = new_value(p, GQL_OBJECT);
  next(p);
  while (more(p, GQL_TOKEN_BRACE_R)) {
    struct gql_child child = {.place = p->token.place};
    child.name = name(p);
    expect(p, GQL_TOKEN_COLON);
    child.value = value(p, is_const);
    gql_push(p->arena, &v->children, child);
  }
  return v;
}

static enum gql_kind word_kind(struct str word)
{
  if (str_eq(word, STR("true")) || str_eq(word, STR("false")))
    return GQL_BOOLEAN;
  return str_eq(word, STR("null")) ? GQL_NULL : GQL_ENUM;
}

static struct gql_value *scalar(struct parser *p, bool is_const)
{
  enum gql_kind kind = GQL_ENUM;
  switch (p->token.kind) {
  case GQL_TOKEN_INT:
    kind = GQL_INT;
    break;
  case GQL_TOKEN_FLOAT:
    kind = GQL_FLOAT;
    break;
  case GQL_TOKEN_STRING:
    kind = GQL_STRING;
    break;
  case GQL_TOKEN_BLOCK:
    kind = GQL_BLOCK;
    break;
  case GQL_TOKEN_NAME:
    kind = word_kind(p->token.text);
    break;
  case GQL_TOKEN_DOLLAR:
    kind = GQL_VARIABLE;
    if (!is_const)
      break;
    unexpected(p);
    break;
  default:
    unexpected(p);
  }
  struct gql_value *v = new_value(p, kind);
  if (kind == GQL_VARIABLE)
    next(p);
  v->raw = kind == GQL_VARIABLE ? name(p) : next(p).text;
  return v;
}

static struct gql_value *value(struct parser *p, bool is_const)
{
  struct gql_value *v;
  if (!enter(p))
    v = new_value(p, GQL_NULL);
  else if (is(p, GQL_TOKEN_BRACKET_L))
    v = list(p, is_const);
  else if (is(p, GQL_TOKEN_BRACE_L))
    v = object(p, is_const);
  else
    v = scalar(p, is_const);
  leave(p);
  return v;
}

static struct gql_type *type(struct parser *p)
{
  struct gql_type *t = arena_new(p->arena, struct gql_type);
  t->name = STR_EMPTY;
  if (enter(p) && skip(p, GQL_TOKEN_BRACKET_L)) {
    t->place = p->token.place;
    t->elem = type(p);
    expect(p, GQL_TOKEN_BRACKET_R);
  } else {
    t->place = p->token.place;
    t->name = name(p);
  }
  t->non_null = skip(p, GQL_TOKEN_BANG);
  leave(p);
  return t;
}

static struct gql_arguments arguments(struct parser *p, bool is_const)
{
  struct gql_arguments list = {.count = 0};
  if (!begin(p, GQL_TOKEN_PAREN_L, GQL_TOKEN_PAREN_R))
    return list;
  while (more(p, GQL_TOKEN_PAREN_R)) {
    struct gql_argument arg = {.place = p->token.place};
    arg.name = name(p);
    expect(p, GQL_TOKEN_COLON);
    arg.value = value(p, is_const);
    gql_push(p->arena, &list, arg);
  }
  return list;
}

static struct gql_directives directives(struct parser *p, bool is_const)
{
  struct gql_directives list = {.count = 0};
  while (skip(p, GQL_TOKEN_AT)) {
    struct gql_directive d = {.place = p->token.place, .location = STR_EMPTY};
    d.name = name(p);
    d.arguments = arguments(p, is_const);
    gql_push(p->arena, &list, d);
  }
  return list;
}

/* ---- queries */

static struct gql_variables variables(struct parser *p)
{
  struct gql_variables list = {.count = 0};
  if (!begin(p, GQL_TOKEN_PAREN_L, GQL_TOKEN_PAREN_R))
    return list;
  while (more(p, GQL_TOKEN_PAREN_R)) {
    struct gql_variable v = {.place = p->token.place};
    expect(p, GQL_TOKEN_DOLLAR);
    v.name = name(p);
    expect(p, GQL_TOKEN_COLON);
    v.type = type(p);
    if (skip(p, GQL_TOKEN_EQUALS))
      v.default_value = value(p, true);
    v.directives = directives(p, false);
    gql_push(p->arena, &list, v);
  }
  return list;
}

static struct gql_selections selections(struct parser *p);

static struct str fragment_name(struct parser *p)
{
  if (is_word(p, "on")) {
    unexpected(p);
    return STR_EMPTY;
  }
  return name(p);
}

static struct gql_selection spread(struct parser *p)
{
  struct gql_selection s = {.alias = STR_EMPTY, .name = STR_EMPTY, .condition = STR_EMPTY};
  next(p);
  s.place = p->token.place;
  if (is(p, GQL_TOKEN_NAME) && !is_word(p, "on")) {
    s.kind = GQL_SPREAD;
    s.name = fragment_name(p);
    s.directives = directives(p, false);
    return s;
  }
  s.kind = GQL_INLINE;
  if (is_word(p, "on")) {
    next(p);
    s.condition = name(p);
  }
  s.directives = directives(p, false);
  s.selections = selections(p);
  return s;
}

static struct gql_selection field(struct parser *p)
{
  struct gql_selection s = {.kind = GQL_FIELD, .condition = STR_EMPTY, .place = p->token.place};
  s.alias = name(p);
  s.name = skip(p, GQL_TOKEN_COLON) ? name(p) : s.alias;
  s.arguments = arguments(p, false);
  s.directives = directives(p, false);
  if (is(p, GQL_TOKEN_BRACE_L))
    s.selections = selections(p);
  return s;
}

static struct gql_selections selections(struct parser *p)
{
  struct gql_selections list = {.count = 0};
  if (!is(p, GQL_TOKEN_BRACE_L))
    expect(p, GQL_TOKEN_BRACE_L);
  if (enter(p) && begin(p, GQL_TOKEN_BRACE_L, GQL_TOKEN_BRACE_R))
    while (more(p, GQL_TOKEN_BRACE_R)) {
      struct gql_selection s = is(p, GQL_TOKEN_SPREAD) ? spread(p) : field(p);
      gql_push(p->arena, &list, s);
    }
  leave(p);
  return list;
}

static void operation(struct parser *p, struct graphql_query *query)
{
  struct gql_operation op = {.place = p->token.place, .operation = STR("query"), .name = STR_EMPTY};
  if (!is(p, GQL_TOKEN_BRACE_L)) {
    op.operation = next(p).text;
    if (is(p, GQL_TOKEN_NAME))
      op.name = name(p);
    op.variables = variables(p);
    op.directives = directives(p, false);
  }
  op.selections = selections(p);
  gql_push(p->arena, &query->operations, op);
}

static void fragment(struct parser *p, struct graphql_query *query)
{
  struct gql_fragment f = {.place = p->token.place};
  next(p);
  f.name = fragment_name(p);
  f.variables = variables(p);
  expect_word(p, "on");
  f.condition = name(p);
  f.directives = directives(p, false);
  f.selections = selections(p);
  gql_push(p->arena, &query->fragments, f);
}

static int start(struct parser *p, struct arena *a, struct str text, struct error *err)
{
  *p = (struct parser){.arena = a, .lexer = gql_lexer_start(a, text), .err = err};
  if (text.len > GRAPHQL_TEXT_MAX)
    return error_set(err, SW_ELIMIT, "a text of more than %d bytes", GRAPHQL_TEXT_MAX);
  p->token = gql_next_token(&p->lexer);
  return 0;
}

int graphql_read_query(struct arena *a, struct str text, struct graphql_query **ret,
                       struct error *err)
{
  struct graphql_query *query = arena_new(a, struct graphql_query);
  struct parser p;
  int rc = start(&p, a, text, err);
  if (rc < 0)
    return rc;
  while (!p.failed && p.token.kind != GQL_TOKEN_END) {
    if (is(&p, GQL_TOKEN_BRACE_L) || is_word(&p, "query") || is_word(&p, "mutation") ||
        is_word(&p, "subscription"))
      operation(&p, query);
    else if (is_word(&p, "fragment"))
      fragment(&p, query);
    else
      unexpected(&p);
  }
  *ret = query;
  return p.failed;
}

/* ---- schemas */

static struct str description(struct parser *p)
{
  if (is(p, GQL_TOKEN_STRING) || is(p, GQL_TOKEN_BLOCK))
    return next(p).text;
  return STR_EMPTY;
}

static struct gql_input input(struct parser *p)
{
  struct gql_input in = {.description = description(p), .place = p->token.place};
  in.place = p->token.place;
  in.name = name(p);
  expect(p, GQL_TOKEN_COLON);
  in.type = type(p);
  if (skip(p, GQL_TOKEN_EQUALS))
    in.default_value = value(p, true);
  in.directives = directives(p, true);
  return in;
}

static struct gql_inputs inputs(struct parser *p)
{
  struct gql_inputs list = {.count = 0};
  if (begin(p, GQL_TOKEN_PAREN_L, GQL_TOKEN_PAREN_R))
    while (more(p, GQL_TOKEN_PAREN_R)) {
      struct gql_input in = input(p);
      gql_push(p->arena, &list, in);
    }
  return list;
}

static void output_fields(struct parser *p, struct gql_definition *d)
{
  if (!begin(p, GQL_TOKEN_BRACE_L, GQL_TOKEN_BRACE_R))
    return;
  while (more(p, GQL_TOKEN_BRACE_R)) {
    struct gql_field f = {.description = description(p)};
    f.place = p->token.place;
    f.name = name(p);
    f.arguments = inputs(p);
    expect(p, GQL_TOKEN_COLON);
    f.type = type(p);
    f.directives = directives(p, true);
    gql_push(p->arena, &d->fields, f);
  }
}

static void input_fields(struct parser *p, struct gql_definition *d)
{
  if (!begin(p, GQL_TOKEN_BRACE_L, GQL_TOKEN_BRACE_R))
    return;
  while (more(p, GQL_TOKEN_BRACE_R)) {
    struct gql_input in = input(p);
    gql_push(p->arena, &d->fields,
             (struct gql_field){.description = in.description,
                                .name = in.name,
                                .default_value = in.default_value,
                                .type = in.type,
                                .directives = in.directives,
                                .place = in.place});
  }
}

static void enum_values(struct parser *p, struct gql_definition *d)
{
  if (!begin(p, GQL_TOKEN_BRACE_L, GQL_TOKEN_BRACE_R))
    return;
  while (more(p, GQL_TOKEN_BRACE_R)) {
    struct gql_enum_value v = {.description = description(p)};
    v.place = p->token.place;
    v.name = name(p);
    v.directives = directives(p, true);
    gql_push(p->arena, &d->values, v);
  }
}

static void union_types(struct parser *p, struct gql_definition *d)
{
  if (!skip(p, GQL_TOKEN_EQUALS))
    return;
  skip(p, GQL_TOKEN_PIPE);
  do {
    gql_push(p->arena, &d->type_places, p->token.place);
    struct str member = name(p);
    gql_push(p->arena, &d->types, member);
  } while (skip(p, GQL_TOKEN_PIPE));
}

static void interfaces(struct parser *p, struct gql_definition *d)
{
  if (!is_word(p, "implements"))
    return;
  next(p);
  skip(p, GQL_TOKEN_AMP);
  do {
    struct str interface = name(p);
    gql_push(p->arena, &d->interfaces, interface);
  } while (skip(p, GQL_TOKEN_AMP));
}

static void no_members(struct parser *p, struct gql_definition *d)
{
  (void)p;
  (void)d;
}

static const struct form {
  const char *word;
  enum gql_definition_kind kind;
  void (*members)(struct parser *p, struct gql_definition *d);
} forms[] = {
    {"scalar", GQL_KIND_SCALAR, no_members},
    {"type", GQL_KIND_OBJECT, output_fields},
    {"interface", GQL_KIND_INTERFACE, output_fields},
    {"union", GQL_KIND_UNION, union_types},
    {"enum", GQL_KIND_ENUM, enum_values},
    {"input", GQL_KIND_INPUT, input_fields},
};

static const struct form *find_form(const struct parser *p)
{
  for (unsigned i = 0; i < sizeof forms / sizeof *forms; i++)
    if (is_word(p, forms[i].word))
      return &forms[i];
  return NULL;
}

static struct gql_definition definition(struct parser *p, const struct form *form, struct str text,
                                        bool is_extension)
{
  struct gql_definition d = {.kind = form->kind, .description = text};
  bool may_implement = form->kind == GQL_KIND_OBJECT ||
                       (form->kind == GQL_KIND_INTERFACE && !is_extension);
  next(p);
  d.place = p->token.place;
  d.name = name(p);
  if (may_implement)
    interfaces(p, &d);
  d.directives = directives(p, !(is_extension && form->kind == GQL_KIND_INPUT));
  form->members(p, &d);
  if (is_extension && !d.interfaces.count && !d.directives.count && !d.fields.count &&
      !d.types.count && !d.values.count)
    unexpected(p);
  return d;
}

static struct gql_schema_definition schema(struct parser *p, struct str text)
{
  struct gql_schema_definition s = {.description = text};
  next(p);
  s.place = p->token.place;
  s.directives = directives(p, true);
  if (!begin(p, GQL_TOKEN_BRACE_L, GQL_TOKEN_BRACE_R))
    return s;
  while (more(p, GQL_TOKEN_BRACE_R)) {
    struct gql_root root = {.place = p->token.place};
    struct gql_token word = next(p);
    if (word.kind != GQL_TOKEN_NAME ||
        (!str_eq(word.text, STR("query")) && !str_eq(word.text, STR("mutation")) &&
         !str_eq(word.text, STR("subscription"))))
      unexpected_token(p, &word);
    root.operation = word.text;
    expect(p, GQL_TOKEN_COLON);
    root.type = name(p);
    gql_push(p->arena, &s.roots, root);
  }
  return s;
}

static void location(struct parser *p, struct gql_names *list)
{
  static const char *const known[] = {"QUERY",
                                      "MUTATION",
                                      "SUBSCRIPTION",
                                      "FIELD",
                                      "FRAGMENT_DEFINITION",
                                      "FRAGMENT_SPREAD",
                                      "INLINE_FRAGMENT",
                                      "VARIABLE_DEFINITION",
                                      "SCHEMA",
                                      "SCALAR",
                                      "OBJECT",
                                      "FIELD_DEFINITION",
                                      "ARGUMENT_DEFINITION",
                                      "INTERFACE",
                                      "UNION",
                                      "ENUM",
                                      "ENUM_VALUE",
                                      "INPUT_OBJECT",
                                      "INPUT_FIELD_DEFINITION"};
  struct gql_token word = expect(p, GQL_TOKEN_NAME);
  for (unsigned i = 0; i < sizeof known / sizeof *known; i++)
    if (str_eq(word.text, str_from(known[i]))) {
      gql_push(p->arena, list, word.text);
      return;
    }
  unexpected_token(p, &word);
}

static struct gql_directive_definition directive_definition(struct parser *p, struct str text)
{
  struct gql_directive_definition d = {.description = text};
  next(p);
  expect(p, GQL_TOKEN_AT);
  d.place = p->token.place;
  d.name = name(p);
  d.arguments = inputs(p);
  if (is_word(p, "repeatable")) {
    d.repeatable = true;
    next(p);
  }
  expect_word(p, "on");
  skip(p, GQL_TOKEN_PIPE);
  do
    location(p, &d.locations);
  while (skip(p, GQL_TOKEN_PIPE));
  return d;
}

static void extension(struct parser *p, struct graphql_document *document)
{
  next(p);
  const struct form *form = find_form(p);
  if (form) {
    struct gql_definition d = definition(p, form, STR_EMPTY, true);
    gql_push(p->arena, &document->extensions, d);
  } else if (is_word(p, "schema")) {
    struct gql_schema_definition s = schema(p, STR_EMPTY);
    if (!s.directives.count && !s.roots.count)
      unexpected(p);
    gql_push(p->arena, &document->schema_extensions, s);
  } else {
    unexpected(p);
  }
}

static void system_definition(struct parser *p, struct graphql_document *document)
{
  struct gql_token before = p->token;
  struct str text = description(p);
  const struct form *form = find_form(p);
  if (form) {
    struct gql_definition d = definition(p, form, text, false);
    gql_push(p->arena, &document->definitions, d);
  } else if (is_word(p, "schema")) {
    struct gql_schema_definition s = schema(p, text);
    gql_push(p->arena, &document->schemas, s);
  } else if (is_word(p, "directive")) {
    struct gql_directive_definition d = directive_definition(p, text);
    gql_push(p->arena, &document->directives, d);
  } else if (is_word(p, "extend")) {
    if (text.len)
      unexpected_token(p, &before);
    extension(p, document);
  } else {
    unexpected(p);
  }
}

int graphql_read_schema(struct arena *a, struct str text, struct graphql_document **ret,
                        struct error *err)
{
  struct graphql_document *document = arena_new(a, struct graphql_document);
  struct parser p;
  int rc = start(&p, a, text, err);
  if (rc < 0)
    return rc;
  while (!p.failed && p.token.kind != GQL_TOKEN_END)
    system_definition(&p, document);
  *ret = document;
  return p.failed;
}
