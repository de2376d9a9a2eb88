#include "data/yaml_problem.h"

#include "base/mem.h"

#include <stdbool.h>

enum tell {
  AT_PROBLEM,
  AT_CONTEXT,           /* placed where what is being read began */
  AT_PROBLEM_SINCE_LINE /* the line where it began ends the sentence */
};

static const struct words {
  const char *problem; /* libyaml's */
  const char *context; /* libyaml's; NULL: any */
  enum tell tell;
  const char *text;
} table[] = {
    {"mapping values are not allowed in this context", NULL, AT_PROBLEM,
     "a \":\" that begins a value is not allowed here: the line is indented wrongly, lacks a "
     "quote, or holds a text with \": \" in it, which must be quoted"},
    {"could not find expected ':'", NULL, AT_CONTEXT,
     "a \":\" and a space are missing behind the key, or the line is indented less than the text "
     "it continues"},
    {"did not find expected key", NULL, AT_PROBLEM_SINCE_LINE,
     "a key is expected here: a value before it is quoted wrongly, or the indentation is not that "
     "of the mapping that begins on line"},
    {"did not find expected '-' indicator", NULL, AT_PROBLEM_SINCE_LINE,
     "a \"- \" is expected here: the indentation is not that of the list that begins on line"},
    {"did not find expected ',' or ']'", NULL, AT_PROBLEM_SINCE_LINE,
     "a \",\" or \"]\" is expected here, for the list that \"[\" begins on line"},
    {"did not find expected ',' or '}'", NULL, AT_PROBLEM_SINCE_LINE,
     "a \",\" or \"}\" is expected here, for the mapping that \"{\" begins on line"},
    {"did not find expected <document start>", NULL, AT_PROBLEM,
     "the document has ended, but text follows: the indentation is wrong, or a line \"---\" is "
     "missing between two documents"},
    {"did not find expected node content", NULL, AT_PROBLEM, "a value is expected here"},
    {"found unexpected end of stream", "while scanning a quoted scalar", AT_CONTEXT,
     "the quote that opens here is never closed"},
    {"found unexpected document indicator", "while scanning a quoted scalar", AT_CONTEXT,
     "the quote that opens here is not closed before the end of the document"},
    {"found a tab character that violates indentation", NULL, AT_PROBLEM,
     "a tab is used for indentation; YAML allows only spaces"},
    {"found a tab character where an indentation space is expected", NULL, AT_PROBLEM,
     "a tab is used for indentation; YAML allows only spaces"},
    {"block sequence entries are not allowed in this context", NULL, AT_PROBLEM,
     "a list entry (\"- \") is not allowed here: it belongs on a line of its own"},
    {"mapping keys are not allowed in this context", NULL, AT_PROBLEM,
     "a key (\"? \") is not allowed here"},
    {"found undefined tag handle", NULL, AT_PROBLEM,
     "the tag begins with a handle that no %TAG line defines; a text that begins with \"!\" must "
     "be quoted"},
    {"found unknown escape character", NULL, AT_PROBLEM,
     "unknown escape in a double-quoted text: a backslash is doubled there, or the text put in "
     "single quotes"},
    {"did not find expected hexdecimal number", NULL, AT_PROBLEM,
     "an escape lacks its hexadecimal digits"},
    {"found invalid Unicode character escape code", NULL, AT_PROBLEM,
     "the escape stands for no Unicode character (halves of surrogate pairs are none in YAML)"},
    {"did not find expected alphabetic or numeric character", NULL, AT_PROBLEM,
     "\"&\" and \"*\" begin the name of an anchor or alias, of letters, digits, \"-\" and \"_\"; "
     "a text that begins with one must be quoted"},
    {"did not find expected comment or line break", NULL, AT_PROBLEM,
     "only a comment may stand behind \"|\" or \">\" and its indicators"},
    {"found an indentation indicator equal to 0", NULL, AT_PROBLEM,
     "the indentation indicator of a block text is 1 to 9"},
    {"found unexpected ':'", NULL, AT_PROBLEM,
     "a text with \":\" in it must be quoted between brackets"},
    {"found duplicate %YAML directive", NULL, AT_PROBLEM, "a second %YAML line for one document"},
    {"found incompatible YAML document", NULL, AT_PROBLEM,
     "the %YAML line asks for another version than 1.1 or 1.2"},
    {"found unknown directive name", NULL, AT_PROBLEM,
     "a line that begins with \"%\" is a directive, %YAML or %TAG; a text that does must be "
     "indented or quoted"},
    {"found duplicate %TAG directive", NULL, AT_PROBLEM, "a handle is defined twice by %TAG lines"},
};

static const struct words *find_words(const yaml_parser_t *parser)
{
  for (size_t i = 0; i < sizeof table / sizeof *table; i++)
    if (strcmp(table[i].problem, parser->problem) == 0 &&
        (!table[i].context || (parser->context && !strcmp(table[i].context, parser->context))))
      return &table[i];
  return NULL;
}

/* What stands where a token should begin. */
static int set_bad_start(const yaml_parser_t *parser, uint32_t line, uint32_t column,
                         struct error *err)
{
  char c = (char)*parser->buffer.pointer;
  if (c == '\t')
    return error_set_at(err, SW_EINVAL, line, column,
                        "a tab is used for indentation; YAML allows only spaces (%s)",
                        parser->problem);
  return error_set_at(err, SW_EINVAL, line, column,
                      "a value cannot begin with \"%c\"; a text that does must be quoted (%s)",
                      c >= ' ' ? c : '?', parser->problem);
}

int yaml_problem(const yaml_parser_t *parser, uint32_t lines_before, struct error *err)
{
  if (parser->error == YAML_MEMORY_ERROR)
    mem_exhausted(0);
  const struct words *words = find_words(parser);
  bool at_context = words && words->tell == AT_CONTEXT;
  yaml_mark_t mark = at_context ? parser->context_mark : parser->problem_mark;
  uint32_t line = lines_before + (uint32_t)mark.line + 1;
  uint32_t column = (uint32_t)mark.column + 1;
  if (strcmp(parser->problem, "found character that cannot start any token") == 0)
    return set_bad_start(parser, line, column, err);
  if (!words)
    return error_set_at(err, SW_EINVAL, line, column, "%s%s%s",
                        parser->context ? parser->context : "", parser->context ? ": " : "",
                        parser->problem);
  if (words->tell == AT_PROBLEM_SINCE_LINE)
    return error_set_at(err, SW_EINVAL, line, column, "%s %u (%s)", words->text,
                        lines_before + (uint32_t)parser->context_mark.line + 1, parser->problem);
  return error_set_at(err, SW_EINVAL, line, column, "%s (%s)", words->text, parser->problem);
}

/* key:value, where a space is missing; an address (http://...) is not that. */
static bool lacks_space(struct str line)
{
  struct str value;
  struct str key = str_cut(str_trim(line), ':', &value);
  if (!value.data || value.len == 0 || key.len == 0 || strchr(" \t\r/:\"'", value.data[0]))
    return false;
  for (size_t i = 0; i < key.len; i++)
    if (!strchr("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_./ ", key.data[i]))
      return false;
  return true;
}

const char *yaml_problem_hint(struct str lines)
{
  if (str_find(lines, 0, STR("{{")) >= 0)
    return "; this looks like a Helm template: render it (helm template) and read the result";
  for (struct str rest = lines; rest.data;)
    if (lacks_space(str_cut(rest, '\n', &rest)))
      return "; a colon lacks the space behind it";
  return "";
}
