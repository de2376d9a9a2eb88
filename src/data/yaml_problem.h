/*
 * yaml_problem.h - what libyaml complains about, in plain words and at the place that helps.
 *
 * libyaml names a problem in its own terms and often at the token behind the
 * mistake. Here its words become a sentence that says what is wrong and what to do,
 * placed where the mistake is (an unclosed quote where it opens, a line without a
 * colon on that line), with libyaml's own words in parentheses for those who search
 * for them.
 *
 *     if (!yaml_parser_parse(&parser, &event))
 *       return yaml_problem(&parser, lines_before, err);
 *
 * Thread safety: all functions may be called from any thread.
 */
#ifndef SEAWALL_DATA_YAML_PROBLEM_H
#define SEAWALL_DATA_YAML_PROBLEM_H

#include "base/error.h"
#include "base/str.h"

#include <yaml.h>

/* Fills err from the parser's error and returns its code (SW_EINVAL). lines_before is added to the
 * line: the parser's input may be a part of a file. */
int yaml_problem(const yaml_parser_t *parser, uint32_t lines_before, struct error *err);

/* What else the text at the place of an error (a few lines) suggests: a Helm template, or a colon
 * without a space behind it. "; ..." to end the message with, empty if it suggests nothing. */
const char *yaml_problem_hint(struct str lines);

#endif
