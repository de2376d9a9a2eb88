/*
 * rego_generate.h - small Rego programs from any bytes: what they ask for is valid more often than
 * not, and every construct of the language is within reach.
 *
 *     struct generate g = {.data = bytes, .size = count};
 *     generate_program(&g, &modules, &input);
 *
 * Rules are called r0, r1, ... and use only rules with higher numbers, so nothing is recursive; they lie in
 * the packages a and b, turn by turn, so they call each other by their whole path. Terms are made for a
 * type, so that few are refused by the checker; variables are taken from those in scope.
 */
#ifndef SEAWALL_TESTS_FUZZ_REGO_GENERATE_H
#define SEAWALL_TESTS_FUZZ_REGO_GENERATE_H

#include "base/buf.h"
#include "base/mem.h"

#include <stdint.h>

enum {
  GENERATE_PACKAGES = 2,
  GENERATE_RULES_MAX = 10,
  GENERATE_VARIABLES_MAX = 24,
  GENERATE_DEPTH_MAX = 4,
};

enum generate_type {
  GENERATE_ANY,
  GENERATE_NUMBER,
  GENERATE_STRING,
  GENERATE_BOOL,
  GENERATE_ARRAY,
  GENERATE_SET,
  GENERATE_OBJECT,
  GENERATE_TYPES,
};

enum generate_kind {
  GENERATE_COMPLETE,
  GENERATE_PARTIAL_SET,
  GENERATE_PARTIAL_OBJECT,
  GENERATE_FUNCTION,
  GENERATE_DEEP, /* an object of values and sets, with several operands in its heads */
  GENERATE_KINDS,
};

struct generate {
  const uint8_t *data;
  size_t size;
  struct buf *out;
  unsigned depth;
  bool negated;         /* `_` would be unsafe */
  bool logic;           /* `and`, `or` and the new `not` are imported */
  bool mixed;           /* heads of a deep rule are of different lengths */
  const char *guard;    /* every body of the rule begins with this == a string */
  unsigned rule, rules; /* the rule that is being made, and how many there are */
  uint8_t kinds[GENERATE_RULES_MAX];
  uint8_t types[GENERATE_RULES_MAX];         /* of the value, or of the elements */
  uint8_t variables[GENERATE_VARIABLES_MAX]; /* v0, v1, ...: their types */
  bool used[GENERATE_VARIABLES_MAX];
  unsigned named;                           /* how many there are in this body, */
  unsigned visible[GENERATE_VARIABLES_MAX]; /* and which of them are in scope */
  unsigned scope;
};

/* A number below `below`; 0 when the bytes have come to their end. */
static inline unsigned generate_pick(struct generate *g, unsigned below)
{
  if (!g->size || below < 2)
    return 0;
  g->size--;
  return *g->data++ % below;
}

static inline void generate_text(struct generate *g, const char *text)
{
  buf_add_text(g->out, text);
}

#define GENERATE_ONE(g, list)                                                                      \
  generate_text((g), (list)[generate_pick((g), sizeof(list) / sizeof *(list))])

static void generate_term(struct generate *g, unsigned type);
static void generate_body(struct generate *g, unsigned statements);

/* ---- variables */

/* Names a new variable and writes it; it is not in scope yet. -1 if there are too many. */
static inline int generate_new(struct generate *g, unsigned type)
{
  if (g->named == GENERATE_VARIABLES_MAX)
    return -1;
  g->variables[g->named] = (uint8_t)type;
  g->used[g->named] = false;
  return (int)g->named++;
}

static inline void generate_show(struct generate *g, int variable)
{
  if (variable >= 0)
    g->visible[g->scope++] = (unsigned)variable;
}

static inline void generate_name(struct generate *g, int variable)
{
  if (variable < 0)
    generate_text(g, "_");
  else
    buf_printf(g->out, "v%d", variable);
}

/* A variable of the type, if there is one in scope. */
static inline bool generate_known(struct generate *g, unsigned type)
{
  unsigned from = generate_pick(g, g->scope);
  for (unsigned i = 0; i < g->scope; i++) {
    unsigned v = g->visible[(from + i) % g->scope];
    if (type == GENERATE_ANY || g->variables[v] == type) {
      buf_printf(g->out, "v%u", v);
      return g->used[v] = true;
    }
  }
  return false;
}

/* Variables that came into scope since `from` and were not used are an error; so they are. */
static inline void generate_uses(struct generate *g, unsigned from)
{
  for (unsigned i = from; i < g->scope; i++) {
    if (!g->used[g->visible[i]])
      buf_printf(g->out, "[v%u] != 0; ", g->visible[i]);
    g->used[g->visible[i]] = true;
  }
}

/* ---- terms */

static inline void generate_literal(struct generate *g, unsigned type)
{
  static const char *const numbers[] = {"0",
                                        "1",
                                        "2",
                                        "3",
                                        "-1",
                                        "1.0",
                                        "1.5",
                                        "1e2",
                                        "1e18",
                                        "10",
                                        "256",
                                        "0.1",
                                        "9223372036854775807"};
  static const char *const strings[] = {"\"\"",  "\"a\"",  "\"b\"", "\"x\"", "\"a/b\"",
                                        "\"1\"", "\"ab\"", "`a\\`", "\"é\"", "\"\\n\""};
  static const char *const bools[] = {"true", "false"};
  static const char *const others[] = {"null", "[]", "{}", "set()", "1", "\"a\"", "{1}", "[1]"};
  switch (type) {
  case GENERATE_NUMBER:
    GENERATE_ONE(g, numbers);
    break;
  case GENERATE_STRING:
    GENERATE_ONE(g, strings);
    break;
  case GENERATE_BOOL:
    GENERATE_ONE(g, bools);
    break;
  case GENERATE_ARRAY:
    generate_text(g, "[1, \"a\", 2]");
    break;
  case GENERATE_SET:
    generate_text(g, "{1, \"a\"}");
    break;
  case GENERATE_OBJECT:
    generate_text(g, "{\"a\": 1, \"b\": 2}");
    break;
  default:
    GENERATE_ONE(g, others);
  }
}

static inline void generate_terms(struct generate *g, const char *open, const char *close,
                                  unsigned count)
{
  generate_text(g, open);
  for (unsigned i = 0; i < count; i++) {
    generate_text(g, i ? ", " : "");
    generate_term(g, generate_pick(g, GENERATE_TYPES));
  }
  generate_text(g, close);
}

static inline void generate_composite(struct generate *g, unsigned type)
{
  unsigned count = generate_pick(g, 4);
  if (type == GENERATE_ARRAY) {
    generate_terms(g, "[", "]", count);
  } else if (type == GENERATE_SET) {
    generate_terms(g, "{", "}", count + 1);
  } else {
    generate_text(g, "{");
    for (unsigned i = 0; i < count; i++) {
      generate_text(g, i ? ", " : "");
      generate_term(g, generate_pick(g, 3));
      generate_text(g, ": ");
      generate_term(g, generate_pick(g, GENERATE_TYPES));
    }
    generate_text(g, "}");
  }
}

static inline void generate_comprehension(struct generate *g, unsigned type)
{
  static const char *const signs[][2] = {{"[", "]"}, {"{", "}"}, {"{", "}"}};
  unsigned which = type == GENERATE_ARRAY ? 0 : type == GENERATE_SET ? 1 : 2;
  unsigned scope = g->scope;
  int v = generate_new(g, GENERATE_ANY), k = generate_new(g, GENERATE_ANY);
  generate_text(g, signs[which][0]);
  if (which == 2) {
    generate_text(g, k < 0 ? "1" : "");
    if (k >= 0)
      generate_name(g, k);
    generate_text(g, ": ");
  }
  if (k < 0) { /* no names left */
    generate_text(g, "1 | true");
  } else {
    generate_name(g, v);
    generate_text(g, " | some ");
    generate_name(g, k);
    generate_text(g, ", ");
    generate_name(g, v);
    generate_text(g, " in ");
    generate_term(g, GENERATE_ARRAY + generate_pick(g, 3));
    generate_show(g, v);
    generate_show(g, k);
    generate_text(g, "; ");
    generate_body(g, generate_pick(g, 3));
    generate_uses(g, scope);
    generate_text(g, "true");
  }
  generate_text(g, signs[which][1]);
  g->scope = scope;
}

static inline unsigned generate_rule_type(const struct generate *g, unsigned rule)
{
  switch (g->kinds[rule]) {
  case GENERATE_PARTIAL_SET:
    return GENERATE_SET;
  case GENERATE_PARTIAL_OBJECT:
  case GENERATE_DEEP:
    return GENERATE_OBJECT;
  default:
    return g->types[rule];
  }
}

/* A comprehension over what is the same each time, of which a variable picks a part. */
static inline bool generate_join(struct generate *g, unsigned type)
{
  static const char *const sources[] = {"input", "input.a", "input.b", "data.x.a", "data.x"};
  static const char *const picks[] = {"w", "w.a", "w[0]", "w.a.b", "w.x"};
  if (type != GENERATE_ARRAY && type != GENERATE_SET)
    return false;
  size_t mark = g->out->len;
  generate_text(g, type == GENERATE_ARRAY ? "[" : "{");
  generate_text(g, generate_pick(g, 2) ? "w | some w in " : "[w, 1] | w := ");
  GENERATE_ONE(g, sources);
  /* `some w in xs` or `w := xs[_]` */
  if (g->out->data[mark + 1] == '[')
    generate_text(g, "[_]");
  generate_text(g, "; ");
  GENERATE_ONE(g, picks);
  generate_text(g, generate_pick(g, 2) ? " == " : " = ");
  if (!generate_known(g, GENERATE_ANY)) {
    g->out->len = mark;
    return false;
  }
  generate_text(g, ((const char *const[]){"", ".a", "[0]"})[generate_pick(g, 3)]);
  generate_text(g, generate_pick(g, 2) ? "; w != 2" : "");
  generate_text(g, type == GENERATE_ARRAY ? "]" : "}");
  return true;
}

/* A rule of a higher number and of the type, if there is one, by its whole path. */
static inline bool generate_rule_ref(struct generate *g, unsigned type)
{
  unsigned left = g->rules - g->rule - 1, from = generate_pick(g, left);
  for (unsigned i = 0; i < left; i++) {
    unsigned other = g->rule + 1 + (from + i) % left;
    if (type != GENERATE_ANY && generate_rule_type(g, other) != type)
      continue;
    buf_printf(g->out, "data.%c.r%u", "ab"[other % GENERATE_PACKAGES], other);
    if (g->kinds[other] == GENERATE_FUNCTION)
      generate_terms(g, "(", ")", 1);
    else if (type == GENERATE_ANY && g->kinds[other] != GENERATE_COMPLETE && generate_pick(g, 2))
      generate_text(g, g->negated || generate_pick(g, 2) ? "[input.a]" : "[_]");
    return true;
  }
  return false;
}

static inline void generate_path(struct generate *g)
{
  static const char *const roots[] = {"input", "input", "data.x", "input.a", "data.x.b"};
  static const char *const steps[] = {".a", ".b", "[\"c\"]", "[0]", "[1]", ".x", "[_]"};
  unsigned count = sizeof steps / sizeof *steps - g->negated;
  GENERATE_ONE(g, roots);
  for (unsigned i = generate_pick(g, 4); i > 0; i--)
    if (generate_pick(g, 3))
      generate_text(g, steps[generate_pick(g, count)]);
    else
      generate_terms(g, "[", "]", 1);
}

/* "count(A)": the letters stand for arguments of a type. */
static inline void generate_call(struct generate *g, const char *pattern)
{
  static const char letters[] = "?NSBALO"; /* by enum generate_type */
  for (; *pattern; pattern++) {
    const char *type = strchr(letters, *pattern);
    if (type)
      generate_term(g, (unsigned)(type - letters));
    else
      buf_add_byte(g->out, *pattern);
  }
}

static inline void generate_function(struct generate *g, unsigned type)
{
  static const char *const numbers[] = {"(N + N)",      "(N - N)",     "(N * N)",       "(N / N)",
                                        "(N % N)",      "count(A)",    "count(L)",      "count(O)",
                                        "sum([N, N])",  "max([N, N])", "abs(N)",        "round(N)",
                                        "to_number(S)", "count(S)",    "bits.and(N, N)"};
  static const char *const strings[] = {"sprintf(\"%v-%d\", [?, N])",
                                        "concat(\",\", [S, S])",
                                        "lower(S)",
                                        "trim(S, S)",
                                        "replace(S, S, S)",
                                        "substring(S, N, N)",
                                        "type_name(?)",
                                        "format_int(N, 10)",
                                        "json.marshal(?)",
                                        "$\"{?}+{?}\""};
  static const char *const bools[] = {
      "startswith(S, S)", "contains(S, S)",         "is_string(?)", "(? in A)", "(? in L)",
      "(?, ? in O)",      "regex.match(\"a+\", S)", "is_number(?)", "(N < N)",  "(? == ?)",
      "(? != ?)"};
  static const char *const arrays[] = {
      "split(S, S)", "array.concat(A, A)", "array.slice(A, 1, N)", "sort(A)",
      "sort(L)",     "array.reverse(A)",   "numbers.range(N, 5)",  "[x | x := A[_]]"};
  static const char *const sets[] = {"(L | L)",          "(L & L)",        "(L - L)",
                                     "union({L, L})",    "object.keys(O)", "{x | some x in A}",
                                     "intersection({L})"};
  static const char *const objects[] = {"object.union(O, O)", "object.remove(O, [S])",
                                        "object.filter(O, {S})", "json.filter(O, [S])",
                                        "{k: x | some k, x in A}"};
  static const char *const others[] = {"object.get(O, ?, ?)",
                                       "object.get(O, [S, ?], ?)",
                                       "A[N]",
                                       "O[?]",
                                       "O[S]",
                                       "L[?]",
                                       "json.unmarshal(S)",
                                       "walk(O)",
                                       "A[_]",
                                       "O[_]"};
  switch (type) {
  case GENERATE_NUMBER:
    generate_call(g, numbers[generate_pick(g, sizeof numbers / sizeof *numbers)]);
    break;
  case GENERATE_STRING:
    generate_call(g, strings[generate_pick(g, sizeof strings / sizeof *strings)]);
    break;
  case GENERATE_BOOL:
    generate_call(g, bools[generate_pick(g, sizeof bools / sizeof *bools)]);
    break;
  case GENERATE_ARRAY:
    generate_call(g, arrays[generate_pick(g, sizeof arrays / sizeof *arrays)]);
    break;
  case GENERATE_SET:
    generate_call(g, sets[generate_pick(g, sizeof sets / sizeof *sets)]);
    break;
  case GENERATE_OBJECT:
    generate_call(g, objects[generate_pick(g, sizeof objects / sizeof *objects)]);
    break;
  default:
    generate_call(
        g, others[generate_pick(g, sizeof others / sizeof *others - (g->negated ? 2u : 0u))]);
  }
}

static void generate_term(struct generate *g, unsigned type)
{
  unsigned what = generate_pick(g, 8);
  if (++g->depth > GENERATE_DEPTH_MAX || !g->size)
    what &= 1;
  if ((what == 1 || what == 5) && generate_known(g, type)) {
    /* written */
  } else if (what == 2) {
    generate_path(g);
  } else if (what == 3 && type >= GENERATE_ARRAY) {
    if (!generate_pick(g, 2) || !generate_join(g, type))
      generate_comprehension(g, type);
  } else if (what == 4 || (what == 5 && type < GENERATE_ARRAY)) {
    generate_function(g, type);
  } else if (what == 6 && generate_rule_ref(g, type)) {
    /* written */
  } else if (what >= 5 && type >= GENERATE_ARRAY) {
    generate_composite(g, type);
  } else {
    generate_literal(g, type);
  }
  g->depth--;
}

/* ---- statements */

static inline void generate_condition(struct generate *g)
{
  static const char *const signs[] = {" == ", " != ", " < ", " >= ", " = "};
  unsigned what = generate_pick(g, 4);
  if (what == 0) {
    generate_term(g, GENERATE_BOOL);
  } else if (what == 1) {
    generate_path(g);
  } else {
    unsigned type = generate_pick(g, GENERATE_TYPES);
    generate_term(g, type);
    GENERATE_ONE(g, signs);
    if (what == 2)
      generate_term(g, type);
    else
      generate_path(g);
  }
}

static inline void generate_with(struct generate *g)
{
  static const char *const targets[] = {"input", "input.a", "input.b[\"c\"]", "data.x", "data.x.b"};
  static const char *const functions[] = {"count as 1", "time.now_ns as 5", "lower as upper"};
  unsigned left = g->rules - g->rule - 1, what = generate_pick(g, 8);
  if (what > 4)
    return;
  generate_text(g, " with ");
  if (what == 1 && left) {
    unsigned other = g->rule + 1 + generate_pick(g, left);
    buf_printf(g->out, "data.%c.r%u as ", "ab"[other % GENERATE_PACKAGES], other);
    generate_term(g, GENERATE_ANY);
  } else if (what == 2) {
    GENERATE_ONE(g, functions);
  } else {
    GENERATE_ONE(g, targets);
    generate_text(g, " as ");
    generate_term(g, generate_pick(g, GENERATE_TYPES));
  }
}

static inline void generate_every(struct generate *g)
{
  unsigned scope = g->scope;
  int k = generate_new(g, GENERATE_ANY), v = generate_new(g, GENERATE_ANY);
  if (v < 0) {
    generate_text(g, "true");
    return;
  }
  generate_text(g, "every ");
  generate_name(g, k);
  generate_text(g, ", ");
  generate_name(g, v);
  generate_text(g, " in ");
  generate_term(g, GENERATE_ARRAY + generate_pick(g, 3));
  generate_text(g, " { ");
  generate_show(g, k);
  generate_show(g, v);
  generate_body(g, 1 + generate_pick(g, 2));
  generate_uses(g, scope);
  generate_condition(g);
  generate_text(g, " }");
  g->scope = scope;
}

/* An array or an object with two new variables = a document, or a literal of the same shape. */
static inline void generate_pattern(struct generate *g, int v, int w)
{
  static const char *const opening[] = {"[", "{\"a\": ", "[1, "};
  static const char *const middle[] = {", {\"a\": ", ", \"b\": [", ", "};
  static const char *const closing[] = {"}]", "]}", "]"};
  unsigned shape = generate_pick(g, 3);
  generate_text(g, opening[shape]);
  generate_name(g, v);
  generate_text(g, middle[shape]);
  generate_name(g, w);
  generate_text(g, closing[shape]);
  generate_text(g, " = ");
  if (generate_pick(g, 2)) {
    generate_path(g);
    return;
  }
  generate_text(g, opening[shape]);
  generate_term(g, generate_pick(g, GENERATE_TYPES));
  generate_text(g, middle[shape]);
  generate_term(g, generate_pick(g, GENERATE_TYPES));
  generate_text(g, closing[shape]);
}

/* A statement that binds variables, which its `with` does not see yet. */
static inline void generate_binding(struct generate *g, unsigned what)
{
  unsigned type = generate_pick(g, GENERATE_TYPES);
  int v = generate_new(g, what == 0 ? type : GENERATE_ANY);
  int w = what == 1 || what == 2 ? generate_new(g, GENERATE_ANY) : -1;
  if (v < 0) {
    generate_condition(g);
    return;
  }
  switch (what) {
  case 0:
    generate_name(g, v);
    generate_text(g, " := ");
    generate_term(g, type);
    break;
  case 1:
    generate_text(g, "some ");
    generate_name(g, w);
    generate_text(g, ", ");
    generate_name(g, v);
    generate_text(g, " in ");
    generate_term(g, GENERATE_ARRAY + generate_pick(g, 3));
    break;
  case 2:
    generate_pattern(g, v, w);
    break;
  case 3:
    generate_path(g);
    generate_text(g, "[");
    generate_name(g, v);
    generate_text(g, "]");
    break;
  default:
    generate_path(g);
    generate_text(g, " = ");
    generate_name(g, v);
  }
  generate_with(g);
  generate_show(g, v);
  generate_show(g, w);
}

/* A body in braces (with a second expression, or it might be a set), or something short. */
static inline void generate_operand(struct generate *g)
{
  if (generate_pick(g, 2)) {
    generate_path(g);
    return;
  }
  generate_text(g, "{ ");
  generate_condition(g);
  generate_text(g, "; true }");
}

/* Several conditions bound together: `{ a; b } or c`, `a and b`, `not { a }`. */
static inline void generate_logic(struct generate *g)
{
  static const char *const signs[] = {" or ", " and "};
  bool before = g->negated;
  unsigned what = generate_pick(g, 4);
  g->negated = true;
  generate_text(g, what == 0 ? "not " : "");
  generate_operand(g);
  for (; what > 0; what--) {
    GENERATE_ONE(g, signs);
    generate_operand(g);
  }
  g->negated = before;
}

static void generate_body(struct generate *g, unsigned statements)
{
  for (; statements > 0 && g->depth < 2 * GENERATE_DEPTH_MAX; statements--) {
    unsigned what = generate_pick(g, 9);
    g->depth++;
    if (what < 5) {
      generate_binding(g, what);
    } else if (what == 5) {
      generate_every(g);
    } else if (what == 8 && g->logic) {
      generate_logic(g);
    } else {
      bool before = g->negated;
      g->negated = before || what == 6;
      generate_text(g, what == 6 ? "not " : "");
      generate_condition(g);
      g->negated = before;
      generate_with(g);
    }
    generate_text(g, "; ");
    g->depth--;
  }
}

/* ---- rules */

/* r3.a[t].b and the like: heads of one rule overlap, and sometimes contradict each other. */
static inline void generate_deep(struct generate *g)
{
  static const char *const refs[] = {".a[t]", "[t].b", ".a.b", "[t][t]",   ".b[t]",
                                     "[t].a", ".a",    "[t]",  "[t].b[t]", ".a.b[t]"};
  const char *ref = refs[generate_pick(g, g->mixed ? 10 : 6)];
  for (; *ref; ref++)
    if (*ref == 't')
      generate_term(g, generate_pick(g, 3) ? GENERATE_STRING : GENERATE_ANY);
    else
      buf_add_byte(g->out, *ref);
}

/* What stands in front of `if`: it may use what the body has bound, so it is made behind it. */
static inline void generate_head(struct generate *g, int argument)
{
  unsigned kind = g->kinds[g->rule], type = g->types[g->rule];
  buf_printf(g->out, "r%u", g->rule);
  if (kind == GENERATE_DEEP)
    generate_deep(g);
  if (kind == GENERATE_PARTIAL_SET || (kind == GENERATE_DEEP && generate_pick(g, 3) == 1)) {
    generate_text(g, " contains ");
    generate_term(g, type);
    return;
  }
  if (kind == GENERATE_PARTIAL_OBJECT) {
    generate_text(g, "[");
    generate_term(g, generate_pick(g, 3));
    generate_text(g, "]");
  } else if (kind == GENERATE_FUNCTION) {
    generate_text(g, "(");
    if (argument >= 0 && generate_pick(g, 8) != 1)
      generate_name(g, argument);
    else
      generate_literal(g, generate_pick(g, GENERATE_TYPES));
    generate_text(g, ")");
  }
  generate_text(g, " := ");
  generate_term(g, type);
}

/* One body with its head; further ones of an else-branch have only a value. */
static inline void generate_definition(struct generate *g, struct buf *out, bool otherwise)
{
  _cleanup_(buf_free) struct buf body = {0};
  int argument = -1;
  g->scope = g->named = g->depth = 0;
  if (g->kinds[g->rule] == GENERATE_FUNCTION) {
    argument = generate_new(g, GENERATE_ANY);
    generate_show(g, argument);
  }
  g->out = &body;
  if (g->guard) {
    generate_text(g, g->guard);
    GENERATE_ONE(g, ((const char *const[]){" == \"a\"; ", " == \"b\"; ", " == \"x\"; ",
                                           " == null; ", " = true; ", " == \"a/b\"; "}));
  }
  generate_body(g, generate_pick(g, 4));
  generate_uses(g, argument >= 0);
  g->out = out;
  if (otherwise) {
    generate_text(g, " else := ");
    generate_term(g, g->types[g->rule]);
  } else {
    generate_head(g, argument);
  }
  generate_text(g, " if { ");
  buf_add(out, buf_str(&body));
  generate_text(g, "true }");
}

static inline void generate_rule(struct generate *g, struct buf *out)
{
  unsigned kind = g->kinds[g->rule];
  bool single = kind == GENERATE_COMPLETE || kind == GENERATE_FUNCTION;
  if (single && generate_pick(g, 3) == 1) {
    buf_printf(out, "default r%u%s := ", g->rule, kind == GENERATE_FUNCTION ? "(_)" : "");
    g->out = out;
    generate_literal(g, g->types[g->rule]);
    buf_add_byte(out, '\n');
  }
  static const char *const guards[] = {"input.a", "input.b", "input.x.a", "input[\"c\"]"};
  g->mixed = generate_pick(g, 3) == 1;
  g->guard = generate_pick(g, 4) == 1 ? guards[generate_pick(g, 4)] : NULL;
  for (unsigned i = g->guard ? 6 : 1 + generate_pick(g, 3); i > 0; i--) {
    generate_definition(g, out, false);
    if (single && !g->guard && generate_pick(g, 4) == 1)
      generate_definition(g, out, true);
    buf_add_byte(out, '\n');
  }
}

/* Two modules (packages a and b), and an input of JSON. */
static inline void generate_program(struct generate *g, struct buf modules[GENERATE_PACKAGES],
                                    struct buf *input)
{
  static const char *const inputs[] = {
      "{}",
      "{\"a\": 1, \"b\": [1, 2, {\"c\": \"x\"}], \"c\": {\"a\": \"a\", \"b\": null}}",
      "{\"a\": {\"b\": {\"c\": [0, 1, 2]}, \"x\": [true, false]}, \"x\": \"a/b\"}",
      "[{\"a\": 1.0, \"x\": \"a\"}, {\"a\": 2, \"x\": [\"b\"]}, {\"b\": {}}, [1, [2]]]",
      "{\"a\": [\"a\", \"b\", \"a\"], \"b\": {\"c\": 1e2}, \"0\": 0}",
      "\"a\"",
      "{\"a\": \"a\", \"b\": null, \"c\": \"x\", \"x\": {\"a\": true}}",
      "{\"a\": \"x\", \"b\": \"b\", \"c\": true, \"x\": {\"a\": \"a\"}}",
      "{\"a\": [[1, 2], [3]], \"b\": \"\", \"c\": -1, \"x\": {\"a\": {\"a\": {\"a\": 5}}}}",
  };
  g->out = input;
  GENERATE_ONE(g, inputs);
  g->rules = 1 + generate_pick(g, GENERATE_RULES_MAX);
  for (unsigned i = 0; i < g->rules; i++) {
    g->kinds[i] = (uint8_t)generate_pick(g, GENERATE_KINDS);
    g->types[i] = (uint8_t)generate_pick(g, GENERATE_TYPES);
  }
  g->logic = generate_pick(g, 3) == 1;
  for (unsigned i = 0; i < GENERATE_PACKAGES; i++)
    buf_printf(&modules[i], "package %c\n%s", (int)('a' + i),
               g->logic ? "import future.keywords.and\nimport future.keywords.not\n"
                          "import future.keywords.or\n"
                        : "");
  for (g->rule = 0; g->rule < g->rules; g->rule++)
    generate_rule(g, &modules[g->rule % GENERATE_PACKAGES]);
}

#endif
