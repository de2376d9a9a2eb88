/*
 * template.h - texts with actions in them: Go's text/template, which Rego's strings.render_template is.
 *
 *     struct template_options options = {.name = STR("template"), .missing = STR("<undefined>")};
 *     if (template_render(&arena, text, data, &options, &out, &err) < 0)
 *         return error_wrap(&err, "rendering %s", name);
 *
 * The language is whole: pipelines, variables, if, else if, range (with else, break, continue; over
 * arrays, objects by key, and numbers written in the template), with, define, template, block, comments,
 * trimming, and the functions and, or, not, call, html, index, slice, js, len, print, printf, println,
 * urlquery, eq, ne, lt, le, gt, ge.
 *
 * Data is JSON: objects are maps, sets and arrays slices. Numbers of the data are what Go's json.Number
 * is, texts: {{if .n}} is true for 0, and they compare with texts, not with the numbers of a template.
 * Nothing of it has methods.
 *
 * Messages are Go's: "template: NAME:LINE: ..." for what cannot be read, "template: NAME:LINE:COLUMN:
 * executing "NAME" at <.x>: ..." for what fails while it is rendered.
 *
 * Limits (SW_ELIMIT): TEMPLATE_TEXT_MAX bytes, TEMPLATE_DEPTH_MAX actions, parentheses or templates
 * within each other, the buf's cap, the arena's limit, and the budget.
 * Errors: SW_EINVAL. What is in the buf after an error is a part of the text.
 *
 * Thread safety: any number of threads, each with its own arena and buf.
 */
#ifndef SEAWALL_LANG_TEMPLATE_H
#define SEAWALL_LANG_TEMPLATE_H

#include "base/arena.h"
#include "base/buf.h"
#include "base/error.h"
#include "data/value.h"

enum { TEMPLATE_TEXT_MAX = 4 << 20, TEMPLATE_DEPTH_MAX = 100, TEMPLATE_STEPS_MAX = 50000000 };

struct template_options {
  struct str name;    /* in messages */
  struct str missing; /* what stands for a value that is not there; Go: "<no value>" */
  int (*spend)(void *user, uint64_t steps); /* negative: the budget is used up; may be NULL */
  void *user;
};

int template_render(struct arena *a, struct str text, struct value data,
                    const struct template_options *options, struct buf *out, struct error *err);

#endif
