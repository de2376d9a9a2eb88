#include "../test.h"

#include "base/buf.h"
#include "data/xml.h"

static int on_start(void *ctx, const struct xml_element *e, struct error *err)
{
  struct buf *out = ctx;
  (void)err;
  buf_printf(out, "<%.*s", STR_FMT(e->path));
  for (size_t i = 0; i < e->attribute_count; i++)
    buf_printf(out, " %.*s=%.*s", STR_FMT(e->attributes[i].name), STR_FMT(e->attributes[i].value));
  buf_add_text(out, ">");
  return 0;
}

static int on_end(void *ctx, const struct xml_element *e, struct error *err)
{
  struct buf *out = ctx;
  if (str_eq(e->name, STR("stop")))
    return error_set(err, SW_EUNSUPPORTED, "enough");
  buf_printf(out, "[%.*s]", STR_FMT(e->text));
  return 0;
}

static int read_text(struct str text, struct buf *out, struct error *err)
{
  const struct xml_visitor visitor = {on_start, on_end, out};
  buf_clear(out);
  return xml_read(text, &visitor, err);
}

static void tells_elements(void **state)
{
  (void)state;
  struct buf out = {0};
  assert_int_equal(
      read_text(STR("<?xml version=\"1.0\"?>\n<!-- c --><p:a xmlns:p='u' k='v&lt;' p:l=''>\n"
                    "<b> one <!-- x -->two\n</b><c/>tail &amp; more<![CDATA[ <d> ]]></p:a>"),
                &out, NULL),
      0);
  assert_str(buf_str(&out), "<a p=u k=v< l=><a/b>[one two]<a/c>[][tail & more <d>]");
  assert_int_equal(read_text(STR("<a>x<b>y</b>z</a>"), &out, NULL), 0);
  assert_str(buf_str(&out), "<a><a/b>[y][z]");
  assert_int_equal(
      read_text(STR("<?xml version='1.0' encoding='ISO-8859-1'?><a>\xe4</a>"), &out, NULL), 0);
  assert_str(buf_str(&out), "<a>[\xc3\xa4]");
  const struct xml_visitor none = {NULL, NULL, NULL};
  assert_int_equal(xml_read(STR("<a><b/></a>"), &none, NULL), 0);
  buf_free(&out);
}

static void finds_attributes(void **state)
{
  (void)state;
  const struct xml_attribute attributes[] = {{STR("a"), STR("1")}, {STR("b"), STR("2")}};
  const struct xml_element e = {.attributes = attributes, .attribute_count = 2};
  assert_str(xml_attribute(&e, STR("b")), "2");
  assert_str(xml_attribute(&e, STR("c")), "");
}

static void refuses_entities(void **state)
{
  (void)state;
  struct buf out = {0};
  struct error err;
  assert_int_equal(
      read_text(STR("<!DOCTYPE a [<!ENTITY b \"ha\"><!ENTITY c \"&b;&b;\">]><a>&c;</a>"), &out,
                &err),
      SW_EINVAL);
  assert_error(err, SW_EINVAL, "the document declares entities, which are not read");
  assert_int_equal(
      read_text(STR("<!DOCTYPE a [<!ENTITY b SYSTEM \"file:///etc/passwd\">]><a>&b;</a>"), &out,
                &err),
      SW_EINVAL);
  assert_error(err, SW_EINVAL, "declares entities");
  assert_int_equal(read_text(STR("<!DOCTYPE a [<!ENTITY % b SYSTEM \"x\"> %b;]><a/>"), &out, &err),
                   SW_EINVAL);
  assert_int_equal(read_text(STR("<a>&b;</a>"), &out, &err), SW_EINVAL);
  assert_int_equal(read_text(STR("<!DOCTYPE a SYSTEM \"a.dtd\"><a>x</a>"), &out, &err), 0);
  assert_str(buf_str(&out), "<a>[x]");
  buf_free(&out);
}

static void tells_what_is_wrong(void **state)
{
  (void)state;
  struct buf out = {0};
  struct error err;
  assert_int_equal(read_text(STR("<a>\n<b></a>"), &out, &err), SW_EINVAL);
  assert_error(err, SW_EINVAL, "XML: ");
  assert_int_equal(err.line, 2);
  assert_int_equal(read_text(STR(""), &out, &err), SW_EINVAL);
  assert_int_equal(read_text(STR("<a/>x"), &out, &err), SW_EINVAL);
  assert_int_equal(read_text(STR("<a>\n<stop/><b/></a>"), &out, &err), SW_EUNSUPPORTED);
  assert_error(err, SW_EUNSUPPORTED, "enough");
  assert_int_equal(err.line, 2);
  assert_str(buf_str(&out), "<a><a/stop>");
  buf_free(&out);
}

static void stops_at_limits(void **state)
{
  (void)state;
  struct buf out = {0}, text = {0};
  struct error err;
  for (int i = 0; i < XML_DEPTH_MAX; i++)
    buf_add_text(&text, "<a>");
  for (int i = 0; i < XML_DEPTH_MAX; i++)
    buf_add_text(&text, "</a>");
  assert_int_equal(read_text(buf_str(&text), &out, &err), 0);
  buf_clear(&text);
  for (int i = 0; i < 1000000; i++)
    buf_add_text(&text, "<a>");
  assert_int_equal(read_text(buf_str(&text), &out, &err), SW_ELIMIT);
  assert_error(err, SW_ELIMIT, "elements are nested too deep");
  buf_clear(&text);
  buf_add_text(&text, "<a>");
  buf_add_repeat(&text, 'x', XML_TEXT_MAX + 1);
  buf_add_text(&text, "</a>");
  assert_int_equal(read_text(buf_str(&text), &out, &err), SW_ELIMIT);
  assert_error(err, SW_ELIMIT, "a text is too long");
  buf_clear(&text);
  buf_add_text(&text, "<a");
  for (int i = 0; i <= XML_ATTRIBUTES_MAX; i++)
    buf_printf(&text, " a%d=''", i);
  buf_add_text(&text, "/>");
  assert_int_equal(read_text(buf_str(&text), &out, &err), SW_ELIMIT);
  assert_error(err, SW_ELIMIT, "the element has too many attributes");
  assert_int_equal(xml_read(str_make("", (size_t)XML_SIZE_MAX + 1),
                            &(const struct xml_visitor){NULL, NULL, NULL}, &err),
                   SW_ELIMIT);
  buf_free(&text);
  buf_free(&out);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(tells_elements),   cmocka_unit_test(finds_attributes),
      cmocka_unit_test(refuses_entities), cmocka_unit_test(tells_what_is_wrong),
      cmocka_unit_test(stops_at_limits),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
