/* What type errors say: OPA's words, and lines of detail below them. */
#include "lang/rego/check_types_int.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

enum {
  ERRORS_KEPT = 1000,
  DETAILS_MAX = 8000,
  TYPE_MAX = 800, /* bytes of one type */
  REF_MAX = 500,
  NAMES_SHOWN = 25,
};

/* A type, or as much of it as can be taken in. */
static void write_type(struct buf *out, const struct rego_type *type)
{
  _cleanup_(buf_free) struct buf text = {.cap = TYPE_MAX};
  rego_type_write(&text, type);
  buf_add(out, buf_str(&text));
  if (buf_failed(&text))
    buf_add_text(out, "...");
}

void infer_fail(struct infer *f, struct rego_place place, struct str details, const char *format,
                ...)
{
  char message[1500];
  va_list args;
  f->failed++;
  if (f->types.over || f->errors.count == ERRORS_KEPT)
    return;
  va_start(args, format);
  vsnprintf(message, sizeof message, format, args);
  va_end(args);
  vec_push(&f->errors, (struct infer_error){
                           .module = f->c->module,
                           .place = place,
                           .message = arena_copy(f->c->arena, str_from(message)),
                           .details = arena_copy(f->c->arena, details),
                           .number = (uint32_t)f->errors.count,
                       });
}

void infer_fail_match(struct infer *f, struct rego_place place, const struct rego_type *left,
                      const struct rego_type *right)
{
  _cleanup_(buf_free) struct buf out = {.cap = DETAILS_MAX};
  buf_add_text(&out, "left  : ");
  write_type(&out, left);
  buf_add_text(&out, "\nright : ");
  write_type(&out, right);
  infer_fail(f, place, buf_str(&out), "match error");
}

/* (name: type, ...), with names as long as there are some. */
static void write_wanted(struct buf *out, const struct rego_type *function, struct str names,
                         bool with_result)
{
  uint32_t count = function->count + (with_result && function->rest);
  buf_add_byte(out, '(');
  for (uint32_t i = 0; i < count && !buf_failed(out); i++) {
    ptrdiff_t cut = str_find(names, 0, STR(", "));
    struct str name = cut < 0 ? names : str_sub(names, 0, (size_t)cut);
    names = cut < 0 ? STR_EMPTY : str_sub(names, (size_t)cut + 2, names.len);
    buf_printf(out, "%s%.*s%s", i ? ", " : "", STR_FMT(name), name.len ? ": " : "");
    write_type(out, i < function->count ? function->items[i] : function->rest);
  }
  buf_add_byte(out, ')');
}

struct str check_arguments_text(struct arena *a, struct str name,
                                const struct rego_type *const *have, uint32_t count,
                                const struct rego_type *function, bool with_result)
{
  _cleanup_(buf_free) struct buf out = {.cap = DETAILS_MAX};
  buf_add_text(&out, "have: (");
  for (uint32_t i = 0; i < count && !buf_failed(&out); i++) {
    if (i)
      buf_add_text(&out, ", ");
    write_type(&out, have[i]);
  }
  buf_add_text(&out, ")\nwant: ");
  write_wanted(&out, function, check_argument_names(name), with_result);
  return arena_copy(a, buf_str(&out));
}

void infer_fail_arguments(struct infer *f, struct rego_place place, struct str name,
                          const char *what, const struct rego_type *const *have, uint32_t count,
                          const struct rego_type *function, bool with_result)
{
  struct str details = check_arguments_text(f->c->arena, name, have, count, function, with_result);
  infer_fail(f, place, details, "%.*s: %s", STR_FMT(name), what);
}

/* ---- references */

static void write_term(const struct infer *f, struct buf *out, const struct check_term *term);

static void write_local(const struct infer *f, struct buf *out, uint32_t local)
{
  uint32_t name = f->names[local].name;
  if (name == REGO_NO_NAME)
    buf_printf(out, "__local%u__", local);
  else
    buf_add(out, check_name(f->c, name));
}

static bool is_identifier(struct str s)
{
  for (size_t i = 0; i < s.len; i++) {
    char ch = s.data[i];
    bool letter = (ch >= 'a' && ch <= 'z') || (ch >= 'A' && ch <= 'Z') || ch == '_';
    if (!letter && !(i && ch >= '0' && ch <= '9'))
      return false;
  }
  return s.len > 0;
}

static void write_value(struct buf *out, struct value value)
{
  struct rego_term term = {.kind = REGO_SCALAR, .height = 1, .value = value};
  rego_print_term(out, NULL, &term);
}

/* A reference with its first `count` operands. */
static void write_ref(const struct infer *f, struct buf *out, const struct check_term *ref,
                      uint32_t count)
{
  if (ref->root == CHECK_ROOT_LOCAL)
    write_local(f, out, ref->local);
  else
    buf_add_text(out, ref->root == CHECK_ROOT_INPUT ? "input" : "data");
  for (uint32_t i = 0; i < count && !buf_failed(out); i++) {
    const struct check_term *operand = &ref->items[i];
    if (operand->kind == CHECK_CONSTANT && operand->value.type == VALUE_STRING &&
        is_identifier(value_str(operand->value))) {
      buf_add_byte(out, '.');
      buf_add(out, value_str(operand->value));
      continue;
    }
    buf_add_byte(out, '[');
    write_term(f, out, operand);
    buf_add_byte(out, ']');
  }
}

static void write_items(const struct infer *f, struct buf *out, const struct check_term *term,
                        char open, char close)
{
  buf_add_byte(out, open);
  for (uint32_t i = 0; i < term->count && !buf_failed(out); i++) {
    if (i)
      buf_add_text(out, ", ");
    if (term->kind == CHECK_OBJECT) {
      write_term(f, out, &term->items[2 * i]);
      buf_add_text(out, ": ");
      write_term(f, out, &term->items[2 * i + 1]);
    } else {
      write_term(f, out, &term->items[i]);
    }
  }
  buf_add_byte(out, close);
}

static void write_term(const struct infer *f, struct buf *out, const struct check_term *term)
{
  if (buf_failed(out))
    return;
  switch ((enum check_term_kind)term->kind) {
  case CHECK_CONSTANT:
    if (infer_is_scalar(term))
      write_value(out, term->value);
    else
      buf_add_text(out, "...");
    return;
  case CHECK_LOCAL:
    write_local(f, out, term->local);
    return;
  case CHECK_REF:
    write_ref(f, out, term, term->count);
    return;
  case CHECK_ARRAY:
    write_items(f, out, term, '[', ']');
    return;
  case CHECK_OBJECT:
  case CHECK_SET:
    write_items(f, out, term, '{', '}');
    return;
  case CHECK_ARRAY_COMPREHENSION:
  case CHECK_OBJECT_COMPREHENSION:
  case CHECK_SET_COMPREHENSION:
    break;
  }
  buf_add_text(out, "...");
}

static size_t ref_length(const struct infer *f, const struct check_term *ref, uint32_t count)
{
  _cleanup_(buf_free) struct buf out = {.cap = REF_MAX};
  write_ref(f, &out, ref, count);
  return out.len;
}

static struct str ref_text(const struct infer *f, const struct check_term *ref)
{
  _cleanup_(buf_free) struct buf out = {.cap = REF_MAX};
  write_ref(f, &out, ref, ref->count);
  return arena_copy(f->c->arena, buf_str(&out));
}

void infer_fail_below(struct infer *f, const struct check_term *ref, uint32_t i,
                      const struct rego_type *have)
{
  _cleanup_(buf_free) struct buf out = {.cap = DETAILS_MAX};
  struct str text = ref_text(f, ref);
  buf_add(&out, text);
  buf_add_byte(&out, '\n');
  buf_add_repeat(&out, '^', ref_length(f, ref, i));
  buf_add_text(&out, "\nhave: ");
  write_type(&out, have);
  infer_fail(f, ref->place, buf_str(&out), "undefined ref: %.*s", STR_FMT(text));
}

static void write_names(struct buf *out, const struct value *names, uint32_t count)
{
  buf_add_byte(out, '[');
  for (uint32_t i = 0; i < count && i < NAMES_SHOWN; i++) {
    if (i)
      buf_add_byte(out, ' ');
    write_value(out, names[i]);
  }
  if (count > NAMES_SHOWN)
    buf_add_text(out, " ...");
  buf_add_byte(out, ']');
}

void infer_fail_operand(struct infer *f, const struct check_term *ref, uint32_t i,
                        const struct rego_type *have, const struct rego_type *want,
                        const struct value *one_of, uint32_t one_of_count)
{
  _cleanup_(buf_free) struct buf out = {.cap = DETAILS_MAX};
  struct str text = ref_text(f, ref);
  size_t indent = ref_length(f, ref, i) + 1;
  buf_add(&out, text);
  buf_add_byte(&out, '\n');
  buf_add_repeat(&out, ' ', indent);
  buf_add_text(&out, "^\n");
  buf_add_repeat(&out, ' ', indent);
  if (have) {
    buf_add_text(&out, "have (type): ");
    write_type(&out, have);
  } else {
    buf_add_text(&out, "have: ");
    write_term(f, &out, &ref->items[i]);
  }
  buf_add_byte(&out, '\n');
  buf_add_repeat(&out, ' ', indent);
  if (one_of_count) {
    buf_add_text(&out, "want (one of): ");
    write_names(&out, one_of, one_of_count);
  } else {
    buf_add_text(&out, "want (type): ");
    write_type(&out, want);
  }
  infer_fail(f, ref->place, buf_str(&out), "undefined ref: %.*s", STR_FMT(text));
}

/* ---- telling */

static int compare_errors(const void *a, const void *b)
{
  const struct infer_error *x = a, *y = b;
  int order = x->module && y->module ? str_compare(x->module->name, y->module->name) : 0;
  if (order)
    return order;
  if (x->place.line != y->place.line)
    return x->place.line < y->place.line ? -1 : 1;
  if (x->place.column != y->place.column)
    return x->place.column < y->place.column ? -1 : 1;
  return (x->number > y->number) - (x->number < y->number);
}

static bool is_same(const struct infer_error *a, const struct infer_error *b)
{
  return a->module == b->module && a->place.start == b->place.start &&
         str_eq(a->message, b->message) && str_eq(a->details, b->details);
}

void infer_tell(struct infer *f)
{
  if (f->errors.count > 1)
    qsort(f->errors.items, f->errors.count, sizeof *f->errors.items, compare_errors);
  for (size_t i = 0; i < f->errors.count; i++) {
    const struct infer_error *e = &f->errors.items[i];
    if (i && is_same(e, e - 1)) /* `with` stands at all that its expression became */
      continue;
    f->c->module = e->module;
    check_fail_details(f->c, STAGE_TYPES, REGO_TYPE_ERROR, e->place, e->details, "%.*s",
                       STR_FMT(e->message));
  }
}
