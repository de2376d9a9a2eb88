#include "builtins.h"

static const struct call calls[] = {
    {"strings.render_template", "[\"{{.test}}\",{\"test\":\"hello world\"}]", "\"hello world\""},
    {"strings.render_template",
     "[\"{{range $i, $n := .h}}{{if $i}},{{end}}hello {{$n}}{{end}}\",{\"h\":[\"a\",\"b\"]}]",
     "\"hello a,hello b\""},
    {"strings.render_template", "[\"{{.a}} {{.b.c}} {{.n}}\",{\"n\":1}]",
     "\"<undefined> <undefined> 1\""},
    {"strings.render_template", "[\"{{range .s}}{{.}};{{end}}\",{\"s\":{\"$set\":[2,1]}}]",
     "\"1;2;\""},
    {"strings.render_template", "[\"\",{\"$object\":[[1,2]]}]",
     "error: strings.render_template: object value type mismatch, keys must be strings"},
    {"strings.render_template", "[\"{{.a.b}}\",{\"a\":\"x\"}]",
     "error: strings.render_template: template: template:1:2: executing \"template\" at <."
     "a.b>: can't evaluate field b in type string"},
    {"strings.render_template", "[\"{{\",{}]",
     "error: strings.render_template: template: template:1: unclosed action"},
    {"strings.render_template", "[1,{}]",
     "type: strings.render_template: operand 1 must be string but got number"},
    {"strings.render_template", "[\"x\",[]]",
     "type: strings.render_template: operand 2 must be object but got array"},
};

TEST_TABLE(calls)
