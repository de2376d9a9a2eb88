/*
 * glob.h - compiled wildcard patterns.
 *
 * Always:
 *     *         any number of characters, none of them a delimiter
 *     ?         one character that is not a delimiter
 * and, each by its flag:
 *     **        any number of characters, delimiters too       GLOB_SUPER
 *     [a-z]     one of these; [!a-z] and [^a-z] one of the     GLOB_CLASSES
 *               others; never a delimiter, unless GLOB_CLASS_DELIMITERS. A ']'
 *               that comes first is a character; so is a '-' at an edge
 *     {a,b*}    one of these; may be nested                    GLOB_BRACES
 *     \x        the character x itself                         GLOB_ESCAPES
 *     a/ ** /b  "**" between delimiters (here without the      GLOB_COMPONENTS
 *               spaces) matches any number of whole components, none too: a/b,
 *               a/x/b, a/x/y/b. Needs one delimiter and GLOB_SUPER; a "**" that
 *               is not a whole component is "*", as in gitignore
 * What is not switched on is an ordinary character. Characters are Unicode code
 * points; bytes that are not UTF-8 are characters of their own. Without delimiters
 * "*" matches everything.
 *
 *     struct glob *glob;
 *     if (glob_compile(&arena, STR("registry.example.com/ *"), STR("/"), GLOB_SYNTAX, &glob, &err) < 0)
 *         ...
 *     if (glob_match(glob, image))
 *
 * The compiled form lives in the arena and looks at nothing else. Matching
 * allocates nothing and never backtracks: its cost is at most the length of the
 * text times the length of the pattern, and patterns that are a literal, or a
 * literal with one star at one or both ends, are compared directly. It needs
 * about 20 KB of stack.
 *
 * Limits: GLOB_LENGTH_MAX bytes, braces nested GLOB_DEPTH_MAX deep.
 * Errors: SW_EINVAL with what is wrong and its column (in characters, line 1);
 * SW_ELIMIT.
 *
 * Thread safety: a compiled pattern is immutable and may be shared.
 */
#ifndef SEAWALL_DATA_GLOB_H
#define SEAWALL_DATA_GLOB_H

#include "base/arena.h"
#include "base/error.h"
#include "base/str.h"

enum {
  GLOB_LENGTH_MAX = 2048, /* bytes of a pattern */
  GLOB_DEPTH_MAX = 16,    /* braces within braces */
  GLOB_DELIMITERS_MAX = 16,
};

enum glob_flag {
  GLOB_SUPER = 1,
  GLOB_CLASSES = 2,
  GLOB_BRACES = 4,
  GLOB_ESCAPES = 8,
  GLOB_COMPONENTS = 16,
  GLOB_CLASS_DELIMITERS = 32,
  GLOB_NOCASE = 64, /* ASCII letters match either case */
  /* everything but the path rule */
  GLOB_SYNTAX = GLOB_SUPER | GLOB_CLASSES | GLOB_BRACES | GLOB_ESCAPES,
  /* paths: give "/" as delimiter */
  GLOB_PATH = GLOB_SYNTAX | GLOB_COMPONENTS,
  /* names: "*" and "?" and nothing else */
  GLOB_WILDCARD = 0,
};

struct glob;

/* Compiles a pattern. `delimiters` is a text whose characters each are one; empty: none. */
int glob_compile(struct arena *a, struct str pattern, struct str delimiters, unsigned flags,
                 struct glob **ret_glob, struct error *err);

/* The whole text matches. */
bool glob_match(const struct glob *glob, struct str text);

/* Has the pattern anything in it that is not a plain character, under these flags? */
bool glob_is_pattern(struct str pattern, unsigned flags);

/* "*" (any) and "?" (one) against the whole name, without compiling: for patterns used once. Never
 * backtracks further than the last star: at most name times pattern steps. */
bool glob_match_name(struct str pattern, struct str name);

/*
 * Patterns that exclude files, as in a .gitignore:
 *
 *     *.bak       no '/' but at the end: matches a file or directory of that name anywhere
 *     build/      '/' at the end: directories only
 *     /charts     any other '/': relative to the root, and so is
 *     a/b/ *.yaml this one (without the space)
 *     ** /tmp     (without the space) "tmp" at any depth
 *
 * What lies in a directory that matches is excluded as well. "!" at the beginning (include again)
 * is refused with SW_EUNSUPPORTED; "\!" is the character. A leading "./" is dropped from patterns
 * and paths.
 */
struct glob_exclude;

int glob_exclude_compile(struct arena *a, struct str pattern, struct glob_exclude **ret_exclude,
                         struct error *err);

/* Is the path excluded? It is relative to the root, its components separated by single '/'. The root
 * itself ("", ".") never is. */
bool glob_excluded(const struct glob_exclude *exclude, struct str path, bool is_directory);

#endif
