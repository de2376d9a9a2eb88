#include "../test.h"

#include "data/json.h"
#include "lang/template.h"

static struct arena arena;

static int start(void **state)
{
  (void)state;
  arena_init(&arena, 0);
  return 0;
}

static int stop(void **state)
{
  (void)state;
  arena_free(&arena);
  return 0;
}

static const char data_text[] =
    "{\"a\":{\"b\":\"deep\",\"n\":null},\"list\":[\"x\",\"y\",3],\"n\":5,\"zero\":0,\"f\":1.50,"
    "\"empty\":[],\"yes\":true,\"no\":false,\"html\":\"<a href='x'>&</a>\"}";

static int render(const char *text, struct buf *out, struct error *err)
{
  struct value data;
  struct json_options json = {.depth_max = 40};
  const struct template_options options = {.name = STR("t"), .missing = STR("<none>")};
  assert_int_equal(json_parse(&arena, str_from(data_text), &json, &data, err), 0);
  return template_render(&arena, str_from(text), data, &options, out, err);
}

struct row {
  const char *text, *expected;
};

static void check_rows(const struct row *rows, size_t count)
{
  for (size_t i = 0; i < count; i++) {
    _cleanup_(buf_free) struct buf out = {0};
    struct error err;
    int rc = render(rows[i].text, &out, &err);
    const char *is = rc < 0 ? err.message : buf_text(&out);
    if (strcmp(is, rows[i].expected) != 0)
      fail_msg("%s\n  is       %s\n  expected %s", rows[i].text, is, rows[i].expected);
  }
}

static void actions_are_executed(void **state)
{
  static const struct row rows[] = {
      {"plain", "plain"},
      {"{{.a.b}} {{.n}} {{.f}} {{.nothing}} {{.a.n}}", "deep 5 1.50 <none> <none>"},
      {"{{if .yes}}y{{else}}n{{end}}{{if .no}}y{{else if .yes}}e{{else}}n{{end}}{{if .empty}"
       "}y{{end}}{{if .zero}}z{{end}}",
       "yez"},
      {"{{range .list}}[{{.}}]{{end}}{{range $i, $e := .list}}{{$i}}{{$e}}{{end}}{{range .em"
       "pty}}{{else}}none{{end}}",
       "[x][y][3]0x1y23none"},
      {"{{range $k, $v := .a}}{{$k}};{{end}}", "b;n;"},
      {"{{range 3}}{{.}}{{end}}", "012"},
      {"{{range .list}}{{if eq . \"y\"}}{{break}}{{end}}{{.}}{{end}}", "x"},
      {"{{range .list}}{{if eq . \"y\"}}{{continue}}{{end}}{{.}}{{end}}", "x3"},
      {"{{with .a}}{{.b}}{{end}}{{with .no}}x{{else}}y{{end}}{{with .no}}{{else with .a}}{{."
       "b}}{{end}}",
       "deepydeep"},
      {"{{$x := 1}}{{$x}}{{$x = 2}}{{$x}}{{if true}}{{$x := 3}}{{$x}}{{end}}{{$x}}", "1232"},
      {"a {{- /* c */ -}} b", "ab"},
      {"a\n{{- .n -}}\n b", "a5b"},
      {"{{define \"d\"}}<{{.}}>{{end}}{{template \"d\" .n}}{{template \"d\"}}", "<5><<none>>"},
      {"{{block \"k\" .list}}{{len .}}{{end}}", "3"},
      {"{{\"q\\n\"}}{{`r\\n`}}{{'a'}}{{0x1F}}{{1e3}}{{1.5}}{{true}}", "q\nr\\n973110001.5true"},
      {"{{.list}} {{.a}} {{.empty}}", "[x y 3] map[b:deep n:<nil>] []"},
      {"{{(index .list 0)}} {{.a.b | printf \"%s-%s\" \"x\" | len}}", "x 6"},
      {"{{$.n}}{{with .a}}{{$.n}}{{end}}", "55"},
      {"{{and 1 0}}", "0"},
  };
  (void)state;
  check_rows(rows, sizeof rows / sizeof *rows);
}

static void functions_are_called(void **state)
{
  static const struct row rows[] = {
      {"{{printf \"%d|%5d|%-5d|%05d|%x|%X|%o|%b|%c|%q|%U\" 1 2 3 4 255 255 8 5 65 65 65}}",
       "1|    2|3    |00004|ff|FF|10|101|A|'A'|U+0041"},
      {"{{printf \"%s|%10s|%-10s|%.2s|%q|%x|%v|%T\" \"ab\" \"ab\" \"ab\" \"abc\" \"a\\\"b\" "
       "\"hi\" \"v\" \"t\"}}",
       "ab|        ab|ab        |ab|\"a\\\"b\"|6869|v|string"},
      {"{{printf \"%f|%.2f|%8.3f|%e|%g|%v\" 1.5 1.5 1.5 1500.0 1500.0 2.5}}",
       "1.500000|1.50|   1.500|1.500000e+03|1500|2.5"},
      {"{{printf \"%v %d %s\" .n .n .n}}", "5 %!d(json.Number=5) 5"},
      {"{{printf \"%d\"}} {{printf \"x\" 1}} {{printf \"%z\" 1}} {{printf \"%\"}} "
       "{{printf \"%%\"}}",
       "%!d(MISSING) x%!(EXTRA int=1) %!z(int=1) %!(NOVERB) %"},
      {"{{printf \"%t %v\" true false}} {{printf \"%[2]d %[1]d\" 1 2}} {{printf \"%*d\" 5 1}"
       "}",
       "true false 2 1     1"},
      {"{{printf \"%[3]*.[2]*[1]f|%[9]d\" 12.0 2 6}}", " 12.00|%!d(BADINDEX)"},
      {"{{printf \"%*d|%.*d\" \"x\" 7 -1 8}}", "%!(BADWIDTH)7|%!(BADPREC)8"},
      {"{{printf \"%q %q %v %g\" 39 34 1e6 1e5}}", "'\\'' '\"' 1e+06 100000"},
      {"{{print 1 2 \"a\" \"b\" 3}} {{println \"a\" 1}}", "1 2ab3 a 1\n"},
      {"{{html .html}} {{js \"it's <b>\\n\"}} {{urlquery \"a b&c\"}}",
       "&lt;a href=&#39;x&#39;&gt;&amp;&lt;/a&gt; it\\'s \\u003Cb\\u003E\\u000A a+b%26c"},
      {"{{len .list}} {{len \"abc\"}} {{len .a}}", "3 3 2"},
      {"{{index .list 1}} {{index .a \"b\"}} {{index \"abc\" 1}} {{slice \"abcdef\" 1 3}} {{"
       "slice .list 1}}",
       "y deep 98 bc [y 3]"},
      {"{{eq 1 1}} {{eq 1 2 1}} {{ne \"a\" \"b\"}} {{lt 1 2}} {{le 2 2}} {{gt 1.5 1.0}} {{ge"
       " \"b\" \"a\"}}",
       "true true true true true true true"},
      {"{{and 1 0}} {{or 0 \"x\"}} {{not 0}} {{and .yes .no}}", "0 x true false"},
      {"{{eq .n \"5\"}} {{lt .n \"6\"}}", "true true"},
      {"{{.list | len | printf \"%03d\"}}", "003"},
  };
  (void)state;
  check_rows(rows, sizeof rows / sizeof *rows);
}

static void mistakes_are_told_in_gos_words(void **state)
{
  static const struct row rows[] = {
      {"{{", "template: t:1: unclosed action"},
      {"{{.a", "template: t:1: unclosed action"},
      {"{{if .a}}", "template: t:1: unexpected EOF"},
      {"{{end}}", "template: t:1: unexpected {{end}}"},
      {"{{else}}", "template: t:1: unexpected {{else}}"},
      {"{{nofunction}}", "template: t:1: function \"nofunction\" not defined"},
      {"{{$x}}", "template: t:1: undefined variable \"$x\""},
      {"{{range}}x{{end}}", "template: t:1: missing value for range"},
      {"{{template}}", "template: t:1: unexpected \"}}\" in template clause"},
      {"{{template \"no\"}}",
       "template: t:1:2: executing \"t\" at <template \"no\">: template \"no\" not defined"},
      {"{{.n.x}}",
       "template: t:1:2: executing \"t\" at <.n.x>: can't evaluate field x in type json.Numb"
       "er"},
      {"{{.list.x}}",
       "template: t:1:2: executing \"t\" at <.list.x>: can't evaluate field x in type []inte"
       "rface {}"},
      {"{{index .list 9}}",
       "template: t:1:2: executing \"t\" at <index .list 9>: error calling index: index out "
       "of range: 9"},
      {"{{index .list \"a\"}}",
       "template: t:1:2: executing \"t\" at <index .list \"a\">: error calling index: cannot"
       " index slice/array with type string"},
      {"{{index .n 1}}",
       "template: t:1:2: executing \"t\" at <index .n 1>: error calling index: index out of "
       "range: 1"},
      {"{{len 3}}",
       "template: t:1:2: executing \"t\" at <len 3>: error calling len: len of type int"},
      {"{{eq 1 \"a\"}}",
       "template: t:1:2: executing \"t\" at <eq 1 \"a\">: error calling eq: incompatible typ"
       "es for comparison"},
      {"{{eq 1}}",
       "template: t:1:2: executing \"t\" at <eq 1>: error calling eq: missing argument for c"
       "omparison"},
      {"{{lt .list 1}}",
       "template: t:1:2: executing \"t\" at <lt .list 1>: error calling lt: invalid type for"
       " comparison"},
      {"{{range 1.5}}{{end}}",
       "template: t:1:8: executing \"t\" at <1.5>: range can't iterate over 1.5"},
      {"{{range .yes}}{{end}}",
       "template: t:1:8: executing \"t\" at <.yes>: range can't iterate over true"},
      {"{{slice \"abc\" 2 1}}",
       "template: t:1:2: executing \"t\" at <slice \"abc\" 2 1>: error calling slice: invali"
       "d slice index: 2 > 1"},
      {"{{\"a\" \"b\"}}",
       "template: t:1:2: executing \"t\" at <\"a\">: can't give argument to non-function \"a"
       "\""},
      {"{{1 2}}", "template: t:1:2: executing \"t\" at <1>: can't give argument to non-function 1"},
      {"{{.a | 3}}", "template: t:1: non executable command in pipeline stage 2"},
      {"{{break}}", "template: t:1: {{break}} outside {{range}}"},
      {"{{define \"x\"}}", "template: t:1: unexpected EOF"},
      {"{{/* c }}", "template: t:1: unclosed comment"},
      {"{{\"a}}", "template: t:1: unterminated quoted string"},
      {"{{'ab'}}", "template: t:1: malformed character constant: 'ab'"},
      {"{{1z}}", "template: t:1: bad number syntax: \"1z\""},
      {"{{.a..b}}", "template: t:1: unexpected \".\" in operand"},
      {"{{(1}}", "template: t:1: unclosed left paren"},
      {"{{call .n}}",
       "template: t:1:2: executing \"t\" at <call .n>: error calling call: non-function of t"
       "ype json.Number"},
      {"{{$x = 1}}", "template: t:1: undefined variable \"$x\""},
      {"{{nil}}", "template: t:1:2: executing \"t\" at <nil>: nil is not a command"},
      {"{{printf}}",
       "template: t:1:2: executing \"t\" at <printf>: wrong number of args for printf: want "
       "at least 1 got 0"},
      {"{{print}}{{not}}",
       "template: t:1:11: executing \"t\" at <not>: wrong number of args for not: want 1 got"
       " 0"},
      {"{{range $a, $b, $c := .list}}{{end}}", "template: t:1: undefined variable \"$a\""},
      {"a\n\nb {{.n.y}}",
       "template: t:3:4: executing \"t\" at <.n.y>: can't evaluate field y in type json.Numb"
       "er"},
      {"{{if}}x{{end}}", "template: t:1: missing value for if"},
      {"{{with $x := 1}}{{end}}{{$x}}", "template: t:1: undefined variable \"$x\""},
  };
  (void)state;
  check_rows(rows, sizeof rows / sizeof *rows);
}

static void templates_within_each_other_have_a_limit(void **state)
{
  (void)state;
  _cleanup_(buf_free) struct buf out = {0};
  struct error err;
  assert_int_equal(
      render("{{define \"r\"}}{{template \"r\" .}}{{end}}{{template \"r\" .}}", &out, &err),
      SW_ELIMIT);
}

static int refuse(void *user, uint64_t steps)
{
  (void)user;
  (void)steps;
  return -1;
}

static void budget_and_cap_end_it(void **state)
{
  (void)state;
  _cleanup_(buf_free) struct buf out = {.cap = 1024};
  struct error err;
  struct template_options options = {.name = STR("t"), .missing = STR("")};
  struct str text = STR("{{range 100000}}{{range 100000}}.{{end}}{{end}}");
  assert_int_equal(template_render(&arena, text, value_null(), &options, &out, &err), SW_ELIMIT);
  buf_clear(&out);
  options.spend = refuse;
  assert_int_equal(template_render(&arena, text, value_null(), &options, &out, &err), SW_ELIMIT);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test_setup_teardown(actions_are_executed, start, stop),
      cmocka_unit_test_setup_teardown(functions_are_called, start, stop),
      cmocka_unit_test_setup_teardown(mistakes_are_told_in_gos_words, start, stop),
      cmocka_unit_test_setup_teardown(templates_within_each_other_have_a_limit, start, stop),
      cmocka_unit_test_setup_teardown(budget_and_cap_end_it, start, stop),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
