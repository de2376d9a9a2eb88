/* Parsed templates, and values while they are rendered, for the files of template. */
#ifndef SEAWALL_LANG_TEMPLATE_INT_H
#define SEAWALL_LANG_TEMPLATE_INT_H

#include "base/mem.h"
#include "lang/template.h"

enum template_kind {
  TEMPLATE_TEXT,
  TEMPLATE_ACTION, /* pipe */
  TEMPLATE_IF,
  TEMPLATE_RANGE,
  TEMPLATE_WITH,
  TEMPLATE_CALL, /* name, pipe or NULL */
  TEMPLATE_BREAK,
  TEMPLATE_CONTINUE,
};

enum template_operand_kind {
  OPERAND_DOT,
  OPERAND_NIL,
  OPERAND_BOOL,
  OPERAND_INT,
  OPERAND_FLOAT,
  OPERAND_STRING,
  OPERAND_FIELD,    /* of dot: fields */
  OPERAND_VARIABLE, /* name, fields */
  OPERAND_FUNCTION, /* name */
  OPERAND_PIPE,     /* pipe, fields */
};

struct template_pipe;

struct template_operand {
  enum template_operand_kind kind;
  struct str name; /* with the '$'; what a string stands for */
  bool boolean;
  int64_t integer;
  double real;
  struct template_pipe *pipe;
  const struct str *fields;
  uint32_t field_count;
  size_t start, end; /* in the text */
};

struct template_command {
  struct template_operand *operands;
  uint32_t count, room;
};

struct template_pipe {
  struct str variables[2];
  uint32_t variable_count;
  bool assigns; /* `=` */
  struct template_command *commands;
  uint32_t count, room;
  size_t start, end;
};

struct template_node {
  enum template_kind kind;
  struct str text; /* TEMPLATE_TEXT; the name of TEMPLATE_CALL */
  struct template_pipe *pipe;
  struct template_node *body, *otherwise; /* lists */
  struct template_node *next;
  size_t start, end;
};

struct template_definition {
  struct str name;
  struct template_node *body;
  struct template_definition *next;
};

struct template_tree {
  struct str text;
  struct template_node *body;
  struct template_definition *definitions; /* later ones first */
};

int template_parse(struct arena *a, struct str text, struct str name, struct template_tree *ret,
                   struct error *err);

/* Line from 1 of a place in a text, and the bytes of the line before it. */
void template_place(struct str text, size_t at, unsigned *ret_line, unsigned *ret_column);

/* ---- values */

enum template_type {
  TYPE_NONE, /* nothing there: Go's invalid value */
  TYPE_BOOL,
  TYPE_INT,
  TYPE_FLOAT,
  TYPE_STRING,
  TYPE_NUMBER, /* json.Number: a text */
  TYPE_LIST,
  TYPE_MAP,
  TYPE_NULL, /* a nil that came as an element */
};

struct template_value {
  enum template_type type;
  union {
    bool boolean;
    int64_t integer;
    double real;
    struct str text;
    struct value data; /* lists and maps */
  };
};

struct template_run {
  struct arena *arena;
  const struct template_tree *tree;
  const struct template_options *options;
  struct buf *out;
  struct error *err;
  int failed;
  uint64_t steps, asked;
  unsigned depth;
  /* what is being evaluated, for messages */
  size_t at_start, at_end;
  struct template_variable {
    struct str name;
    struct template_value value;
  } * variables;
  uint32_t count, room;
  bool breaks, continues;
};

/* template_values.c */
struct template_value template_of(struct arena *a, struct value v);
bool template_is_true(const struct template_value *v);
const char *template_type_name(const struct template_value *v);
/* As fmt.Fprint writes it, inside of others or alone. */
void template_add_value(struct template_run *r, struct buf *out, const struct template_value *v);
void template_add_printed(struct template_run *r, struct buf *out, const struct template_value *v,
                          uint32_t count, bool line);
void template_add_format(struct template_run *r, struct buf *out, struct str format,
                         const struct template_value *v, uint32_t count);

/* template_functions.c */
struct template_function;
const struct template_function *template_function_find(struct str name);
/* and, or: their arguments are evaluated one by one. */
bool template_function_is_lazy(const struct template_function *f);
bool template_function_is_and(const struct template_function *f);
void template_call(struct template_run *r, const struct template_function *f,
                   const struct template_value *args, uint32_t count, struct template_value *ret);

/* template_run.c */
bool template_spend(struct template_run *r, uint64_t steps);
void template_fail(struct template_run *r, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

#endif
