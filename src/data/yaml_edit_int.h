/*
 * yaml_edit_int.h - what the parts of yaml_edit share: where the nodes of a document stand in its text
 * (yaml_edit_nodes.c), how values are written (yaml_edit_write.c), and which bytes change
 * (yaml_edit_change.c, yaml_edit_block.c, yaml_edit_flow.c).
 */
#ifndef SEAWALL_DATA_YAML_EDIT_INT_H
#define SEAWALL_DATA_YAML_EDIT_INT_H

#include "base/vec.h"
#include "data/yaml_edit.h"

/* ---- nodes */

enum edit_kind {
  EDIT_SCALAR,
  EDIT_ALIAS,
  EDIT_MAPPING,
  EDIT_SEQUENCE,
};

enum edit_style {
  EDIT_PLAIN,
  EDIT_SINGLE,
  EDIT_DOUBLE,
  EDIT_LITERAL, /* and folded */
  EDIT_BLOCK,   /* containers */
  EDIT_FLOW,
};

enum { EDIT_NONE = UINT32_MAX };

/* Nodes lie in the order of the text, so that a node and all in it are a range. Positions are bytes
 * of the source. */
struct edit_node {
  uint8_t kind;
  uint8_t style;
  bool tagged;
  bool merges;  /* a mapping with a merge key */
  bool aliased; /* an alias stands for it */
  bool changed; /* while editing: something in it was written anew, and it is aliased */
  size_t start; /* of its anchor or tag, or as content */
  size_t content;
  size_t end; /* behind its last byte; of a block scalar, where the next line begins */
  struct value_position position; /* of start, in the source */
  uint32_t children;              /* elements; for mappings, keys and values alternate */
  uint32_t next;                  /* the next child of the same container */
  uint32_t after;                 /* first node that is not in this one */
  uint32_t of;                    /* an alias: what it stands for */
};

struct edit_nodes {
  struct edit_node *items; /* in the arena; the root is the first */
  uint32_t count;
  uint32_t aliases;
};

/* The nodes of a source that has been read without an error as what `json` says. */
int edit_nodes_read(struct arena *a, struct str source, bool json, struct edit_nodes *ret,
                    struct error *err);

/* Places in the text. */

/* Behind white space, line breaks and comments. */
size_t edit_skip_trivia(struct str text, size_t at);
/* Only spaces and tabs stand between the beginning of the line and `at`. */
bool edit_first_on_line(struct str text, size_t at);
/* Where the line behind a node's last byte begins; text.len if none does. */
size_t edit_line_after(struct str text, size_t end);
/* Only white space, a comment or nothing until the end of the line; *ret_comment: a comment. */
bool edit_rest_is_trivia(struct str text, size_t at, bool *ret_comment);

/* ---- writing */

struct edit_form {
  struct str newline;
  unsigned map_step;  /* columns by which a mapping is indented in a mapping */
  unsigned list_step; /* a list in a mapping */
  unsigned dash_step; /* what stands behind a dash */
  char quote;
  bool json;
  bool
      literals; /* texts of several lines may be block scalars: the source ends with a line break */
};

/* How a flow container is written. */
struct edit_flow {
  struct str colon, comma; /* with the spaces behind (and before) them */
  char key_quote;          /* 0: none unless needed */
  bool lines;              /* one child a line: */
  struct str prefix;       /* in front of each child */
  struct str unit;         /* that prefix is longer by than the one of the container's line */
};

/* What is written where. On a value that cannot be written `failed` says why. */
struct edit_writer {
  struct buf *out;
  const struct edit_form *form;
  const char *failed;
  unsigned depth;
};

/* A scalar or an empty container. quote: '"' or '\'' is preferred, 0: none unless needed. */
void edit_write_scalar(struct edit_writer *w, struct value v, char quote, bool in_flow);
void edit_write_key(struct edit_writer *w, struct value key, char quote, bool in_flow);
void edit_write_flow(struct edit_writer *w, struct value v, const struct edit_flow *flow);

/* Block form. Each ends with a line break. */

/* The members or elements of a container that is not empty, each in `column`; the first without
 * indentation if `inlined`. */
void edit_write_block(struct edit_writer *w, struct value v, unsigned column, bool inlined,
                      char quote);
/* One member or element. */
void edit_write_member(struct edit_writer *w, struct value key, struct value v, unsigned column,
                       char quote);
void edit_write_item(struct edit_writer *w, struct value v, unsigned column, char quote);
/* A text as a literal block scalar, if it can be one: "|" and lines in `column`. */
bool edit_write_literal(struct edit_writer *w, struct value v, unsigned column);

static inline bool edit_is_nonempty(struct value v)
{
  return (v.type == VALUE_OBJECT || v.type == VALUE_ARRAY) && v.len > 0;
}

/* ---- changing */

struct edit_change {
  size_t at, end; /* of the source; these bytes make way */
  struct str text;
  bool lines; /* text is whole lines */
};

struct editor {
  struct arena *arena;
  struct str source;
  struct edit_nodes nodes;
  struct edit_form form;
  VEC(struct edit_change) changes;
  struct buf pointer; /* of the place at hand, in the document as it was */
  /* For each node that is an alias or aliased, once it has been reached and shall change; NULL: there
   * are no aliases. */
  struct edit_target {
    struct value value;
    struct str pointer;
  } * targets;
  struct buf text; /* what is being written */
  struct error *err;
  uint32_t lines_before; /* of the text, in front of the source */
  size_t refused;        /* the byte to name in an error */
};

/* Refuses; `at` is a byte of the source. Returns SW_EUNSUPPORTED. */
int edit_refuse(struct editor *e, size_t at, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

void edit_replace(struct editor *e, size_t at, size_t end, struct str text);
/* Whole lines in front of the line that begins at `at`, or at the end of the text. */
void edit_insert_lines(struct editor *e, size_t at, struct str text);

/* A writer into e->text, emptied; and the text as it then is, in the arena. */
struct edit_writer edit_writer_start(struct editor *e);
int edit_writer_end(struct editor *e, struct edit_writer *w, size_t at, struct str *ret);

/* Refuses if an alias stands for something in nodes[from .. to). */
int edit_may_go(struct editor *e, uint32_t from, uint32_t to);

/* What a node is in. */
struct edit_context {
  uint32_t parent;              /* EDIT_NONE: it is the root */
  size_t indicator;             /* behind the colon or dash in front of it */
  unsigned column;              /* of the parent's keys or dashes, in block form */
  const struct edit_flow *flow; /* NULL: block form */
};

/* What happens to the children of a container. */
struct edit_plan {
  uint32_t count; /* pairs or elements as written */
  uint32_t *children;
  uint32_t *keys;      /* a mapping: nodes of keys; else NULL */
  struct value *names; /* and what they are read as */
  struct value *from;
  struct value *to; /* absent: it is taken away */
  uint32_t kept;
  uint32_t added;
  struct edit_addition {
    struct value key; /* absent: an element */
    struct value value;
    uint32_t before; /* number of the child in front of which it goes; count: at the end */
  } * additions;
};

/* Makes the changes that turn a node's value into another. */
int edit_node(struct editor *e, uint32_t node, struct value from, struct value to,
              const struct edit_context *context);

/* The same for one child that a plan keeps. */
int edit_child(struct editor *e, uint32_t node, const struct edit_plan *plan, uint32_t i,
               unsigned column, const struct edit_flow *flow);

/* The values of one container before and after, as a plan. */
int edit_plan_mapping(struct editor *e, uint32_t node, struct value from, struct value to,
                      struct edit_plan *ret);
int edit_plan_sequence(struct editor *e, uint32_t node, struct value from, struct value to,
                       struct edit_plan *ret);

/* Carry a plan out; something is kept. */
int edit_block(struct editor *e, uint32_t node, const struct edit_plan *plan,
               const struct edit_context *context);
int edit_flow(struct editor *e, uint32_t node, const struct edit_plan *plan,
              const struct edit_context *context);

/* A node replaced by a value as a whole. */
int edit_block_replace(struct editor *e, uint32_t node, struct value to,
                       const struct edit_context *context);
int edit_flow_replace(struct editor *e, uint32_t node, struct value to,
                      const struct edit_context *context);

/* How flow containers are written where nothing shows it. */
struct edit_flow edit_flow_plain(const struct editor *e);

/* How a flow container is written; around: what it is in, or NULL. */
struct edit_flow edit_flow_of(struct editor *e, uint32_t node, const struct edit_flow *around);

/* Columns in front of a byte on its line. */
unsigned edit_column(struct str text, size_t at);
/* Where child i of a container in block form begins: a key, or a dash. */
size_t edit_child_start(const struct editor *e, uint32_t node, const struct edit_plan *plan,
                        uint32_t i);

#endif
