/*
 * dockerfile.h - Dockerfiles: their instructions with places, and what is wrong with them before there is an image.
 *
 *     if (dockerfile_wants(path)) {
 *         const struct dockerfile_options options = {.file = path, .now = seconds};
 *         if (dockerfile_scan(text, &options, &arena, &findings, &err) < 0)
 *             ... err has line and column; what could be read has been judged nevertheless
 *     }
 *
 * Syntax: Dockerfile reference 1.x as BuildKit reads it: parser directives (syntax, escape, check), comments, lines
 * that go on, also with comments between, here-documents, flags, exec and shell forms, several stages, ONBUILD,
 * expansion of ARG and ENV. Nothing is fetched or run; a variable whose value is not in the file is unknown, and what
 * depends on it is not judged.
 *
 * The rules are those of CIS Docker section 4, Trivy's for Dockerfiles and what of hadolint's is about security;
 * docs/dockerfile.md lists them.
 *
 * Limits: enum below; SW_ELIMIT. Errors: SW_EINVAL with line and column; of several the first, with their number.
 * Ownership: all that is given lives in the arena or is a view of the text, which must outlive it.
 * Thread safety: any number of threads, each with its own arena.
 */
#ifndef SEAWALL_SCAN_CHECK_DOCKERFILE_H
#define SEAWALL_SCAN_CHECK_DOCKERFILE_H

#include "base/arena.h"
#include "base/error.h"
#include "finding/finding.h"

enum {
  DOCKERFILE_SIZE_MAX = 1 << 20,
  DOCKERFILE_INSTRUCTIONS_MAX = 2000,
  DOCKERFILE_WORDS_MAX = 2000,  /* of an instruction */
  DOCKERFILE_HEREDOCS_MAX = 16, /* of an instruction */
  DOCKERFILE_VALUE_MAX = 8192,  /* bytes of a value with its variables replaced */
};

enum dockerfile_kind {
  DOCKERFILE_ADD,
  DOCKERFILE_ARG,
  DOCKERFILE_CMD,
  DOCKERFILE_COPY,
  DOCKERFILE_ENTRYPOINT,
  DOCKERFILE_ENV,
  DOCKERFILE_EXPOSE,
  DOCKERFILE_FROM,
  DOCKERFILE_HEALTHCHECK,
  DOCKERFILE_LABEL,
  DOCKERFILE_MAINTAINER,
  DOCKERFILE_ONBUILD,
  DOCKERFILE_RUN,
  DOCKERFILE_SHELL,
  DOCKERFILE_STOPSIGNAL,
  DOCKERFILE_USER,
  DOCKERFILE_VOLUME,
  DOCKERFILE_WORKDIR,
  DOCKERFILE_KINDS,
};

/* "ADD", ... */
struct str dockerfile_kind_name(enum dockerfile_kind kind);

/* A word of an instruction, or a pair of ENV, LABEL and ARG. */
struct dockerfile_word {
  struct str key;     /* of a pair; empty: none */
  struct str written; /* as in the file; of a pair the value */
  struct str text;    /* without quotes, variables replaced as far as they are known */
  bool unknown;       /* a variable in it is not known */
  bool valueless;     /* "ARG NAME" */
};

struct dockerfile_flag {
  struct str name;  /* "from", without the dashes */
  struct str value; /* variables replaced; empty: none */
  bool unknown;
};

struct dockerfile_heredoc {
  struct str mark;
  struct str body; /* as written, without the line that ends it */
  uint32_t line;   /* of the body's first */
};

/* Where a piece of an instruction's text stands in the file: lines that go on are one text. */
struct dockerfile_piece {
  size_t offset;
  uint32_t line, column;
};

struct dockerfile_instruction {
  enum dockerfile_kind kind;
  bool on_build;  /* behind ONBUILD */
  uint32_t stage; /* number of its stage; UINT32_MAX: before the first FROM */
  uint32_t line, column;
  struct str text; /* behind the name, and behind flags: lines joined, comments left out */
  struct str
      script; /* of RUN, and of the shell form of CMD and ENTRYPOINT: what a shell gets; empty: none */
  bool script_heredoc; /* it is a here-document: lines follow from heredocs[0].line */
  bool json;           /* the exec form */
  struct dockerfile_word *words;
  size_t word_count;
  struct dockerfile_flag *flags;
  size_t flag_count;
  struct dockerfile_heredoc *heredocs;
  size_t heredoc_count;
  const struct dockerfile_piece *pieces; /* of text */
  size_t piece_count;
};

struct dockerfile_stage {
  struct str name;    /* empty: none */
  struct str base;    /* the image's name with variables replaced */
  bool base_unknown;  /* a variable in it is not known */
  int base_stage;     /* the stage it is built on; -1: an image */
  size_t first, last; /* its instructions, from FROM to the one before the next */
};

struct dockerfile {
  char escape; /* '\\' or '`' */
  struct dockerfile_instruction *items;
  size_t count;
  struct dockerfile_stage *stages;
  size_t stage_count;
};

/* *ret is filled with what could be read, also on SW_EINVAL. */
int dockerfile_read(struct str text, struct arena *arena, struct dockerfile *ret,
                    struct error *err);

/* The place of a byte of an instruction's text, or of its script. */
void dockerfile_place(const struct dockerfile_instruction *i, size_t offset, uint32_t *ret_line,
                      uint32_t *ret_column);

/* The flag of a name; NULL: it is not there. */
const struct dockerfile_flag *dockerfile_flag_of(const struct dockerfile_instruction *i,
                                                 const char *name);

/* Whether a path is a Dockerfile by its name: Dockerfile, Containerfile, Dockerfile.prod, web.dockerfile. */
bool dockerfile_wants(struct str path);

struct dockerfile_options {
  struct str file;              /* location.file of the findings */
  int64_t now;                  /* seconds since 1970; 0: the end of life of bases is not judged */
  const struct str *registries; /* where bases may come from (image_setting_allowed) */
  size_t registry_count;        /* 0: from anywhere */
};

/* Reads and judges; adds sealed findings, which are the list's to distinguish. */
int dockerfile_scan(struct str text, const struct dockerfile_options *options, struct arena *arena,
                    struct finding_list *findings, struct error *err);

/* Whether a rule of dockerfile_rules that finds nothing has been passed, given the options: not if there are no registries
 * to compare with, and not what only the image can show. */
bool dockerfile_asks(const struct dockerfile_options *options, const struct rule *rule);

extern const struct rule dockerfile_rules[];
extern const size_t dockerfile_rule_count;

#endif
