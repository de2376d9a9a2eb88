#include "test.h"

#include "data/compare.h"
#include "data/json.h"
#include "data/yaml_edit.h"

struct fixture {
  struct arena arena;
  struct buf out;
  struct error err;
  struct yaml_edit_refusal refusal;
};

static int start(void **state)
{
  struct fixture *f = mem_zalloc(1, sizeof *f);
  arena_init(&f->arena, 0);
  *state = f;
  return 0;
}

static int stop(void **state)
{
  struct fixture *f = *state;
  arena_free(&f->arena);
  buf_free(&f->out);
  mem_free(f);
  return 0;
}

/* A patch; apostrophes stand for quotation marks. */
static struct patch read_patch(struct fixture *f, const char *text)
{
  struct str copy = arena_copy(&f->arena, str_from(text));
  for (size_t i = 0; i < copy.len; i++)
    if (copy.data[i] == '\'')
      ((char *)copy.data)[i] = '"';
  struct value document;
  struct patch patch;
  assert_int_equal(json_parse(&f->arena, copy, NULL, &document, NULL), 0);
  assert_int_equal(patch_read(&f->arena, document, NULL, &patch, NULL), 0);
  return patch;
}

static int edit(struct fixture *f, const char *text, uint32_t number, const char *patch)
{
  struct patch p = read_patch(f, patch);
  buf_clear(&f->out);
  return yaml_edit(&f->arena, str_from(text), number, &p, &f->refusal, &f->out, &f->err);
}

struct row {
  const char *text, *patch, *expected;
};

static void check_rows(struct fixture *f, const struct row *rows, size_t count)
{
  for (size_t i = 0; i < count; i++) {
    if (edit(f, rows[i].text, 1, rows[i].patch) < 0) {
      print_error("row %zu: %s\n%s\n", i, rows[i].patch, f->err.message);
      fail();
    }
    assert_str(buf_str(&f->out), rows[i].expected);
  }
}

#define CHECK(rows) check_rows(*state, rows, sizeof(rows) / sizeof *(rows))

static void test_members_are_added_to_block_mappings(void **state)
{
  static const struct row rows[] = {
      {"a: 1\n", "[{'op':'add','path':'/b','value':true}]", "a: 1\nb: true\n"},
      {"a: 1", "[{'op':'add','path':'/b','value':2},{'op':'add','path':'/c','value':3}]",
       "a: 1\nb: 2\nc: 3"},
      {"a: 1 # one\n# about a\n\n# the end\n", "[{'op':'add','path':'/b','value':2}]",
       "a: 1 # one\n# about a\nb: 2\n\n# the end\n"},
      {"spec:\n    hostname: x   \n    # foot\n  # not of spec\nnext: 1\n",
       "[{'op':'add','path':'/spec/b','value':{'c':{'d':[1,{'e':2,'f':[]}]}}}]",
       "spec:\n    hostname: x   \n    # foot\n    b:\n        c:\n            d:\n            - 1\n   "
       "         - e: 2\n              f: []\n  # not of spec\nnext: 1\n"},
      {"a:\r\n  - b: 1\r\n    c: 2\r\n  - d\r\n", "[{'op':'add','path':'/a/0/e','value':[1]}]",
       "a:\r\n  - b: 1\r\n    c: 2\r\n    e:\r\n      - 1\r\n  - d\r\n"},
      {"containers:\n- name: a\n  image: b\n  # trailing\n# about the next\n- name: c\n",
       "[{'op':'add','path':'/containers/0/x','value':{'z':false}}]",
       "containers:\n- name: a\n  image: b\n  # trailing\n  x:\n    z: false\n# about the next\n- "
       "name: c\n"},
      {"text: |\n  one\n\n  two\n\n\nb: 1\n", "[{'op':'add','path':'/c','value':1}]",
       "text: |\n  one\n\n  two\n\n\nb: 1\nc: 1\n"},
      {"b:\n  text: |\n    one\n\n\nc: 1\n", "[{'op':'add','path':'/b/d','value':1}]",
       "b:\n  text: |\n    one\n  d: 1\n\n\nc: 1\n"},
      {"b:\n  text: |+\n    one\n\n\nc: 1\n", "[{'op':'add','path':'/b/d','value':1}]",
       "b:\n  text: |+\n    one\n\n\n  d: 1\nc: 1\n"},
      {"b:\n  text: >-\n    one", "[{'op':'add','path':'/b/d','value':1}]",
       "b:\n  text: >-\n    one\n  d: 1"},
      {"\"a\": 'x'\n", "[{'op':'add','path':'/b','value':'y'}]", "\"a\": 'x'\n\"b\": \"y\"\n"},
      {"a: 'x'\n", "[{'op':'add','path':'/b','value':'yes'}]", "a: 'x'\nb: 'yes'\n"},
      {"? a\n: 1\n", "[{'op':'add','path':'/b','value':1}]", "? a\n: 1\nb: 1\n"},
      {"a: 1\nb:\n- x\n", "[{'op':'add','path':'/c','value':['l',['m','o']]}]",
       "a: 1\nb:\n- x\nc:\n- l\n- - m\n  - o\n"},
      {"x: &a\n  b: 1\n", "[{'op':'add','path':'/x/c','value':1}]", "x: &a\n  b: 1\n  c: 1\n"},
  };
  CHECK(rows);
}

static void test_texts_are_quoted_where_they_must_be(void **state)
{
  static const struct row rows[] = {
      {"a: 1\n",
       "[{'op':'add','path':'/b','value':['yes','1.0','','~','a: b','a #b','- a','-a','--x=1','x y',"
       "'0x1F','2020-01-01','12:30','null',' a','{}','*a','1e3','8080/tcp','nginx:1.2','@','Off',"
       "'a:','0o7','=','1_000','---']}]",
       "a: 1\nb:\n- \"yes\"\n- \"1.0\"\n- \"\"\n- \"~\"\n- \"a: b\"\n- \"a #b\"\n- \"- a\"\n- -a\n- "
       "--x=1\n- x y\n- \"0x1F\"\n- \"2020-01-01\"\n- \"12:30\"\n- \"null\"\n- \" a\"\n- \"{}\"\n- "
       "\"*a\"\n- \"1e3\"\n- 8080/tcp\n- nginx:1.2\n- \"@\"\n- \"Off\"\n- \"a:\"\n- \"0o7\"\n- "
       "\"=\"\n- \"1_000\"\n- \"---\"\n"},
      {"a: 1\n",
       "[{'op':'add','path':'/yes','value':null},{'op':'add','path':'/1.5','value':1.50}]",
       "a: 1\n\"yes\": null\n\"1.5\": 1.50\n"},
      {"a: 1\n",
       "[{'op':'add','path':'/b','value':'one\\ntwo\\n'},{'op':'add','path':'/c',"
       "'value':'x\\n\\ny'},{'op':'add','path':'/d','value':'z\\n\\n'},"
       "{'op':'add','path':'/e','value':' z\\n'},{'op':'add','path':'/f','value':'\\u0007'}]",
       "a: 1\nb: |\n  one\n  two\nc: |-\n  x\n\n  y\nd: |+\n  z\n\ne: \" z\\n\"\nf: \"\\u0007\"\n"},
      {"a: {b: 1}\n",
       "[{'op':'add','path':'/a/c','value':'x,y'},{'op':'add','path':'/a/d',"
       "'value':'x:y'}]",
       "a: {b: 1, c: \"x,y\", d: \"x:y\"}\n"},
  };
  CHECK(rows);
}

static void test_empty_containers_open_up(void **state)
{
  static const struct row rows[] = {
      {"sc: {}\n", "[{'op':'add','path':'/sc/a','value':1}]", "sc:\n  a: 1\n"},
      {"sc: {} # none\nb: 1\n", "[{'op':'add','path':'/sc/a','value':1}]",
       "sc: # none\n  a: 1\nb: 1\n"},
      {"sc: []\n", "[{'op':'add','path':'/sc/-','value':'ALL'}]", "sc:\n- ALL\n"},
      {"l:\n  - x\nsc: []\n", "[{'op':'add','path':'/sc/-','value':'ALL'}]",
       "l:\n  - x\nsc:\n  - ALL\n"},
      {"sc:\n", "[{'op':'add','path':'/sc','value':{'a':1}}]", "sc:\n  a: 1\n"},
      {"sc: # c\nb: 1\n", "[{'op':'add','path':'/sc','value':{'a':1}}]", "sc: # c\n  a: 1\nb: 1\n"},
      {"sc: null\n", "[{'op':'add','path':'/sc','value':{'a':1}}]", "sc:\n  a: 1\n"},
      {"- {}\n- []\n-\n",
       "[{'op':'add','path':'/0/a','value':1},{'op':'add','path':'/0/b','value':1},"
       "{'op':'add','path':'/1/-','value':1},{'op':'replace','path':'/2',"
       "'value':{'c':[]}}]",
       "- a: 1\n  b: 1\n- - 1\n- c: []\n"},
      {"- {} # c\n", "[{'op':'add','path':'/0/a','value':1}]", "- # c\n  a: 1\n"},
      {"{}", "[{'op':'add','path':'/a','value':{'b':1}}]", "{\"a\": {\"b\": 1}}"},
      {"--- {}\n", "[{'op':'add','path':'/a','value':1}]", "---\na: 1\n"},
      {"# c\n{ }\n", "[{'op':'add','path':'/a','value':1}]", "# c\na: 1\n"},
      {"a: &x {}\n", "[{'op':'add','path':'/a/b','value':1}]", "a: &x\n  b: 1\n"},
      {"- &x {}\n", "[{'op':'add','path':'/0/b','value':1}]", "- &x\n  b: 1\n"},
      {"a: {b: {}}\n", "[{'op':'add','path':'/a/b/c','value':1}]", "a: {b: {c: 1}}\n"},
      {"a: {b: , c}\n",
       "[{'op':'replace','path':'/a/b','value':[1]},{'op':'replace','path':'/a/c','value':2}]",
       "a: {b: [1], c: 2}\n"},
      {"a: {\n  # nothing\n}\n", "[{'op':'add','path':'/a/b','value':1}]", "a:\n  b: 1\n"},
  };
  CHECK(rows);
}

static void test_flow_containers_keep_their_form(void **state)
{
  static const struct row rows[] = {
      {"a: {b: 1} # c\n", "[{'op':'add','path':'/a/c','value':{'d':['x']}}]",
       "a: {b: 1, c: {d: [x]}} # c\n"},
      {"a: { b: 1 }\n", "[{'op':'add','path':'/a/c','value':2}]", "a: { b: 1, c: 2 }\n"},
      {"{\"a\":1,\"b\":2}", "[{'op':'add','path':'/c','value':{'d':true}}]",
       "{\"a\":1,\"b\":2,\"c\":{\"d\":true}}"},
      {"{\n  \"a\": 1,\n  \"b\": {\n    \"c\": []\n  }\n}\n",
       "[{'op':'add','path':'/d','value':{'e':[1,{}]}},{'op':'add','path':'/b/c/-','value':'x'},"
       "{'op':'add','path':'/b/f','value':null}]",
       "{\n  \"a\": 1,\n  \"b\": {\n    \"c\": [\n      \"x\"\n    ],\n    \"f\": null\n  },\n  \"d\": "
       "{\n    \"e\": [\n      1,\n      {}\n    ]\n  }\n}\n"},
      {"{\n\t\"a\": 1\n}", "[{'op':'add','path':'/b','value':[1]}]",
       "{\n\t\"a\": 1,\n\t\"b\": [\n\t\t1\n\t]\n}"},
      {"a: [\n  x, # first\n  y # second\n]\n", "[{'op':'add','path':'/a/-','value':'z'}]",
       "a: [\n  x, # first\n  y, # second\n  z\n]\n"},
      {"a: [\n  x,\n  y,\n]\n", "[{'op':'add','path':'/a/-','value':'z'}]",
       "a: [\n  x,\n  y,\n  z,\n]\n"},
      {"a: [x, y]\n",
       "[{'op':'add','path':'/a/0','value':'v'},{'op':'add','path':'/a/2','value':'w'}]",
       "a: [v, x, w, y]\n"},
      {"a: [x, y, z]\n", "[{'op':'remove','path':'/a/0'}]", "a: [y, z]\n"},
      {"a: [x, y, z]\n", "[{'op':'remove','path':'/a/2'},{'op':'remove','path':'/a/1'}]",
       "a: [x]\n"},
      {"a: [x]\n", "[{'op':'remove','path':'/a/0'}]", "a: []\n"},
      {"{\"a\": 1, \"b\": [1, 2]}", "[{'op':'remove','path':'/a'},{'op':'remove','path':'/b/0'}]",
       "{\"b\": [2]}"},
      {"{\n  \"a\": 1,\n  \"b\": 2\n}\n", "[{'op':'remove','path':'/b'}]", "{\n  \"a\": 1\n}\n"},
      {"a: {b: 1, c: 2}\n", "[{'op':'remove','path':'/a/b'},{'op':'add','path':'/a/d','value':1}]",
       "a: {c: 2, d: 1}\n"},
  };
  CHECK(rows);
}

static void test_values_are_replaced_in_place(void **state)
{
  static const struct row rows[] = {
      {"a: true  # why\nb: 1\n", "[{'op':'replace','path':'/a','value':false}]",
       "a: false  # why\nb: 1\n"},
      {"a: 'x' # why\n", "[{'op':'replace','path':'/a','value':'it'}]", "a: 'it' # why\n"},
      {"a: \"x\"\n", "[{'op':'replace','path':'/a','value':'y'}]", "a: \"y\"\n"},
      {"a: x\n", "[{'op':'replace','path':'/a','value':'on'}]", "a: \"on\"\n"},
      {"a: \"x\"\n", "[{'op':'replace','path':'/a','value':5}]", "a: 5\n"},
      {"a: !!str 5\n", "[{'op':'replace','path':'/a','value':6}]", "a: 6\n"},
      {"a: one\n  two # c\nb: 1\n", "[{'op':'replace','path':'/a','value':1}]", "a: 1 # c\nb: 1\n"},
      {"a: |\n  x\n  y\nb: 1\n", "[{'op':'replace','path':'/a','value':'z\\nw\\n'}]",
       "a: |\n  z\n  w\nb: 1\n"},
      {"a: |\n  x\n\nb: 1\n", "[{'op':'replace','path':'/a','value':'z'}]", "a: z\n\nb: 1\n"},
      {"a: |\n  x\n", "[{'op':'replace','path':'/a','value':{'b':1}}]", "a:\n  b: 1\n"},
      {"a: # c\n  # d\n  x: 1\n  y: 2\nb: 1\n", "[{'op':'replace','path':'/a','value':3}]",
       "a: 3 # c\n  # d\nb: 1\n"},
      {"a:\n- x\nb: 1\n", "[{'op':'replace','path':'/a','value':{'c':1}}]", "a:\n  c: 1\nb: 1\n"},
      {"- x: 1\n  y: 2\n- z\n", "[{'op':'replace','path':'/0','value':'w'}]", "- w\n- z\n"},
      {"- x: 1\n  y: 2\n- z\n", "[{'op':'replace','path':'/0','value':['w']}]", "- - w\n- z\n"},
      {"-\n  x: 1\n", "[{'op':'replace','path':'/0','value':1}]", "- 1\n"},
      {"a: 1 # c\n", "[{'op':'replace','path':'/a','value':[1,2]}]", "a: # c\n- 1\n- 2\n"},
      {"a: 1\n", "[{'op':'replace','path':'','value':[1]}]", "- 1\n"},
      {"a: 1\n", "[{'op':'replace','path':'','value':{}}]", "{}\n"},
      {"a:\n  b: 1\n", "[{'op':'replace','path':'/a','value':{'c':{'d':2}}}]",
       "a:\n  c:\n    d: 2\n"},
      {"{\"a\": \"x\"}", "[{'op':'replace','path':'/a','value':'\\u20ac\\n'}]",
       "{\"a\": \"\u20ac\\n\"}"},
      {"a: {b: 'x'}\n", "[{'op':'replace','path':'/a/b','value':'y'}]", "a: {b: 'y'}\n"},
      {"a: [1, 2]\n", "[{'op':'replace','path':'/a','value':{'x':1}}]", "a:\n  x: 1\n"},
      {"a: 1 # c\n", "[{'op':'replace','path':'','value':{'b':'x\\ny\\n'}}]",
       "b: \"x\\ny\\n\" # c\n"},
      {"a: 1", "[{'op':'add','path':'/b','value':'x\\ny\\n'}]", "a: 1\nb: \"x\\ny\\n\""},
      {"a: 1\n", "[{'op':'test','path':'/a','value':1}]", "a: 1\n"},
      {"a: 1\nb: {c: 2}\n",
       "[{'op':'move','from':'/b/c','path':'/d'},{'op':'copy','from':'/a',"
       "'path':'/e'}]",
       "a: 1\nb: {}\nd: 2\ne: 1\n"},
  };
  CHECK(rows);
}

static void test_members_and_elements_are_taken_away(void **state)
{
  static const struct row rows[] = {
      {"a: 1\n# about b\nb: 2 # b\nc: 3\n", "[{'op':'remove','path':'/b'}]",
       "a: 1\n# about b\nc: 3\n"},
      {"a:\n  b:\n    c: 1\n  d: 2\n", "[{'op':'remove','path':'/a/b'}]", "a:\n  d: 2\n"},
      {"a:\n  b: 1\nc: 2\n", "[{'op':'remove','path':'/a/b'}]", "a: {}\nc: 2\n"},
      {"- a: 1\n  b: 2\n", "[{'op':'remove','path':'/0/a'}]", "- b: 2\n"},
      {"- a: 1\n  b: 2\n  c: 3\n", "[{'op':'remove','path':'/0/a'},{'op':'remove','path':'/0/b'}]",
       "- c: 3\n"},
      {"- a: 1 # a\n  # about b\n  b: 2\n", "[{'op':'remove','path':'/0/a'}]",
       "-  # a\n  # about b\n  b: 2\n"},
      {"- a: 1\n", "[{'op':'remove','path':'/0/a'}]", "- {}\n"},
      {"a:\n- 1\n- 2\n- 3\n", "[{'op':'remove','path':'/a/1'}]", "a:\n- 1\n- 3\n"},
      {"a:\n- 1\n", "[{'op':'remove','path':'/a/0'}]", "a: []\n"},
      {"a:\n- x: 1\n- y: 2\n- z: 3\n- w: 4\n",
       "[{'op':'remove','path':'/a/2'},{'op':'remove','path':'/a/0'}]", "a:\n- y: 2\n- w: 4\n"},
      {"- - 1\n  - 2\n", "[{'op':'remove','path':'/0/0'}]", "- - 2\n"},
      {"a: 1\nb: 2", "[{'op':'remove','path':'/b'},{'op':'add','path':'/c','value':3}]",
       "a: 1\nc: 3\n"},
      {"a: 1\n", "[{'op':'remove','path':'/a'},{'op':'add','path':'/b','value':1}]", "b: 1\n"},
      {"a: 1\n", "[{'op':'remove','path':'/a'}]", "{}\n"},
  };
  CHECK(rows);
}

static void test_elements_are_put_between(void **state)
{
  static const struct row rows[] = {
      {"a:\n  - x # x\n  # about y\n  - y\n", "[{'op':'add','path':'/a/1','value':'m'}]",
       "a:\n  - x # x\n  - m\n  # about y\n  - y\n"},
      {"a:\n# about x\n- x\n", "[{'op':'add','path':'/a/0','value':{'b':1,'c':2}}]",
       "a:\n- b: 1\n  c: 2\n# about x\n- x\n"},
      {"- - x\n  - y\n", "[{'op':'add','path':'/0/0','value':'w'}]", "- - w\n  - x\n  - y\n"},
      {"a:\n- x\n# about b\nb: 1\n", "[{'op':'add','path':'/a/-','value':'w'}]",
       "a:\n- x\n- w\n# about b\nb: 1\n"},
      {"c:\n- name: a\n  v: 1 # keep\n- name: b\n  v: 2\n",
       "[{'op':'add','path':'/c/0','value':{'name':'m'}},{'op':'replace','path':'/c/1/v','value':9},"
       "{'op':'remove','path':'/c/2'}]",
       "c:\n- name: m\n- name: a\n  v: 9 # keep\n"},
  };
  CHECK(rows);
}

static void test_documents_around_stay(void **state)
{
  struct fixture *f = *state;
  const char *text =
      "\xEF\xBB\xBF# first\r\na: 1\r\n---\r\n\r\nb: 2 # two\r\n...\r\n%YAML 1.1\r\n---\r\n"
      "c: [3]\r\n--- # empty\r\n---\r\nd: 4\r\n";
  assert_int_equal(edit(f, text, 2, "[{'op':'add','path':'/x','value':1}]"), 0);
  assert_str(
      buf_str(&f->out),
      "\xEF\xBB\xBF# first\r\na: 1\r\n---\r\n\r\nb: 2 # two\r\nx: 1\r\n...\r\n%YAML 1.1\r\n---\r\n"
      "c: [3]\r\n--- # empty\r\n---\r\nd: 4\r\n");
  assert_int_equal(edit(f, text, 5, "[{'op':'replace','path':'/d','value':5}]"), 0);
  assert_int_equal(edit(f, text, 3, "[{'op':'add','path':'/c/0','value':5}]"), 0);
  assert_int_equal(edit(f, text, 4, "[]"), SW_ENOTFOUND);
  assert_int_equal(edit(f, text, 6, "[]"), SW_ENOTFOUND);
  assert_int_equal(edit(f, text, 1, "[{'op':'remove','path':'/z'}]"), SW_ENOTFOUND);
  assert_int_equal(edit(f, text, 1, "[{'op':'test','path':'/a','value':2}]"), SW_ETEST);
  assert_int_equal(edit(f, "{\"a\":1}{\"a\":2}\n[3]", 2, "[{'op':'add','path':'/b','value':1}]"),
                   0);
  assert_str(buf_str(&f->out), "{\"a\":1}{\"a\":2,\"b\":1}\n[3]");
  assert_int_equal(edit(f, "a: 1\n---\nb: [\n---\nc: 1\n", 3, "[{'op':'remove','path':'/c'}]"), 0);
  assert_str(buf_str(&f->out), "a: 1\n---\nb: [\n---\n{}\n");
  assert_int_equal(edit(f, "a: 1\n---\nb: [\n", 2, "[]"), SW_EINVAL);
}

static const char anchored[] =
    "base: &sc\n  run: true\ncontainers:\n- name: a\n  sc: *sc\n- name: b\n"
    "  sc: *sc\n  image: &img x\n- image: *img\n";

static void test_aliases_are_not_edited_through(void **state)
{
  struct fixture *f = *state;
  assert_int_equal(edit(f, anchored, 1, "[{'op':'add','path':'/containers/1/sc/b','value':1}]"),
                   SW_EUNSUPPORTED);
  assert_error(f->err, SW_EUNSUPPORTED, "/containers/1/sc: it comes from an alias");
  assert_str(f->refusal.pointer, "/containers/1/sc");
  assert_int_equal(f->refusal.position.line, 7);
  assert_int_equal(f->refusal.position.column, 7);
  assert_int_equal(buf_str(&f->out).len, 0);
  assert_int_equal(edit(f, anchored, 1, "[{'op':'add','path':'/base/b','value':1}]"),
                   SW_EUNSUPPORTED);
  assert_error(f->err, SW_EUNSUPPORTED, "the alias on line 5");
  assert_int_equal(edit(f, anchored, 1, "[{'op':'remove','path':'/base'}]"), SW_EUNSUPPORTED);
  assert_error(f->err, SW_EUNSUPPORTED, "would go");
  assert_int_equal(
      edit(f, anchored, 1, "[{'op':'replace','path':'/containers/1/image','value':'z'}]"),
      SW_EUNSUPPORTED);
}

static void test_aliases_follow_their_anchor(void **state)
{
  struct fixture *f = *state;
  assert_int_equal(
      edit(f, anchored, 1,
           "[{'op':'add','path':'/base/b','value':1},{'op':'add','path':'/containers/0/sc/"
           "b','value':1},{'op':'add','path':'/containers/1/sc/b','value':1}]"),
      0);
  assert_str(buf_str(&f->out),
             "base: &sc\n  run: true\n  b: 1\ncontainers:\n- name: a\n  sc: *sc\n- name: b\n"
             "  sc: *sc\n  image: &img x\n- image: *img\n");
  assert_int_equal(edit(f, anchored, 1,
                        "[{'op':'replace','path':'/containers/2/image','value':'z'},"
                        "{'op':'remove','path':'/containers/0/sc'}]"),
                   0);
  assert_str(buf_str(&f->out), "base: &sc\n  run: true\ncontainers:\n- name: a\n- name: b\n"
                               "  sc: *sc\n  image: &img x\n- image: z\n");
}

static void test_merged_members_are_not_edited(void **state)
{
  struct fixture *f = *state;
  const char *text = "a: &m\n  x: {y: 1}\nb:\n  <<: *m\n  z: 2\n";
  assert_int_equal(edit(f, text, 1,
                        "[{'op':'add','path':'/b/w','value':1},{'op':'replace','path':"
                        "'/b/z','value':3}]"),
                   0);
  assert_str(buf_str(&f->out), "a: &m\n  x: {y: 1}\nb:\n  <<: *m\n  z: 3\n  w: 1\n");
  assert_int_equal(edit(f, text, 1, "[{'op':'add','path':'/b/x/y','value':2}]"), SW_EUNSUPPORTED);
  assert_error(f->err, SW_EUNSUPPORTED, "/b/x: it comes out of a merge key");
  assert_int_equal(edit(f, text, 1, "[{'op':'remove','path':'/b/x'}]"), SW_EUNSUPPORTED);
  assert_int_equal(edit(f, text, 1, "[{'op':'add','path':'/a/n','value':2}]"), SW_EUNSUPPORTED);
}

static void test_what_cannot_be_edited_is_refused(void **state)
{
  struct fixture *f = *state;
  assert_int_equal(edit(f, "a: 1\na: 2\n", 1, "[{'op':'add','path':'/b','value':1}]"),
                   SW_EUNSUPPORTED);
  assert_error(f->err, SW_EUNSUPPORTED, "twice");
  assert_int_equal(edit(f, "? a\n: 1\nb: 2\n", 1, "[{'op':'remove','path':'/a'}]"),
                   SW_EUNSUPPORTED);
  assert_error(f->err, SW_EUNSUPPORTED, "'?'");
  struct str wide = STR("\xFF\xFE"
                        "a\0:\0 \0001\0\n\0");
  struct patch patch = read_patch(f, "[{'op':'add','path':'/b','value':1}]");
  assert_int_equal(yaml_edit(&f->arena, wide, 1, &patch, NULL, &f->out, &f->err), SW_EUNSUPPORTED);
  assert_error(f->err, SW_EUNSUPPORTED, "UTF-16");
  assert_int_equal(buf_str(&f->out).len, 0);
}

static void test_values_without_a_form_are_refused(void **state)
{
  struct fixture *f = *state;
  struct value item = value_int(1), set = value_set_make(&f->arena, &item, 1);
  struct patch_operation op = {.verb = PATCH_ADD, .path = STR("/b"), .value = set};
  struct patch patch = {&op, 1};
  assert_int_equal(yaml_edit(&f->arena, STR("a: 1\n"), 1, &patch, NULL, &f->out, &f->err),
                   SW_EUNSUPPORTED);
  assert_error(f->err, SW_EUNSUPPORTED, "set");
  struct value_member member = {.key = value_int(1), .value = value_int(2)};
  assert_true(value_object_make_any(&f->arena, &member, NULL, 1, VALUE_REFUSE, NULL, &op.value));
  assert_int_equal(yaml_edit(&f->arena, STR("a: 1\n"), 1, &patch, NULL, &f->out, &f->err),
                   SW_EUNSUPPORTED);
  char *long_key = arena_alloc(&f->arena, 1101);
  memset(long_key, 'k', 1101);
  long_key[0] = '/';
  op = (struct patch_operation){
      .verb = PATCH_ADD, .path = str_make(long_key, 1101), .value = value_int(1)};
  assert_int_equal(yaml_edit(&f->arena, STR("a: 1\n"), 1, &patch, NULL, &f->out, &f->err),
                   SW_EUNSUPPORTED);
  assert_int_equal(buf_str(&f->out).len, 0);
}

static int expect_nothing(void *ctx, struct arena *a, uint32_t number, struct value *io_root,
                          struct error *err)
{
  (void)a, (void)io_root, (void)err;
  *(uint32_t *)ctx += number;
  return 0;
}

static void test_differences_are_seen(void **state)
{
  struct fixture *f = *state;
  uint32_t sum = 0;
  assert_int_equal(yaml_edit_verify(STR("a: 1\n---\nb: 2\n"), STR("{a: 0x1}\n--- #\n\"b\": 2"),
                                    expect_nothing, &sum, &f->err),
                   0);
  assert_int_equal(sum, 3);
  assert_int_equal(yaml_edit_verify(STR("a: 1\n---\nb: 2\n"), STR("a: 1\n---\nb: 3\n"),
                                    expect_nothing, &sum, &f->err),
                   SW_EUNSUPPORTED);
  assert_int_equal(
      yaml_edit_verify(STR("a: 1\n---\nb: 2\n"), STR("a: 1\n"), expect_nothing, &sum, &f->err),
      SW_EUNSUPPORTED);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test_setup_teardown(test_members_are_added_to_block_mappings, start, stop),
      cmocka_unit_test_setup_teardown(test_texts_are_quoted_where_they_must_be, start, stop),
      cmocka_unit_test_setup_teardown(test_empty_containers_open_up, start, stop),
      cmocka_unit_test_setup_teardown(test_flow_containers_keep_their_form, start, stop),
      cmocka_unit_test_setup_teardown(test_values_are_replaced_in_place, start, stop),
      cmocka_unit_test_setup_teardown(test_members_and_elements_are_taken_away, start, stop),
      cmocka_unit_test_setup_teardown(test_elements_are_put_between, start, stop),
      cmocka_unit_test_setup_teardown(test_documents_around_stay, start, stop),
      cmocka_unit_test_setup_teardown(test_aliases_are_not_edited_through, start, stop),
      cmocka_unit_test_setup_teardown(test_aliases_follow_their_anchor, start, stop),
      cmocka_unit_test_setup_teardown(test_merged_members_are_not_edited, start, stop),
      cmocka_unit_test_setup_teardown(test_what_cannot_be_edited_is_refused, start, stop),
      cmocka_unit_test_setup_teardown(test_values_without_a_form_are_refused, start, stop),
      cmocka_unit_test_setup_teardown(test_differences_are_seen, start, stop),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
