#include "../test.h"

#include "base/buf.h"
#include "data/compare.h"
#include "data/json.h"
#include "data/json_write.h"

#include <stdlib.h>

/* The text is copied to memory of exactly its size, so that sanitizers see a byte read too many. */
static int parse_options(struct arena *a, struct str text, const struct json_options *options,
                         struct value *ret, struct error *err)
{
  return json_parse(a, arena_copy(a, text), options, ret, err);
}

static struct value parse(struct arena *a, struct str text)
{
  struct value root = VALUE_NONE;
  struct error err;
  if (parse_options(a, text, NULL, &root, &err) < 0) {
    print_error("\"%.*s\": %u:%u: %s\n", STR_FMT(text), err.line, err.column, err.message);
    fail();
  }
  return root;
}

/* ---- what is JSON */

/* Texts and what they are written as again. */
static const struct {
  struct str text;
  const char *written; /* NULL: as it was read */
} accepted[] = {
    {STR_INIT("null"), NULL},
    {STR_INIT("true"), NULL},
    {STR_INIT("false"), NULL},
    {STR_INIT(" \t\r\nnull \t\r\n"), "null"},
    {STR_INIT("0"), NULL},
    {STR_INIT("-0"), NULL},
    {STR_INIT("7"), NULL},
    {STR_INIT("-7"), NULL},
    {STR_INIT("10"), NULL},
    {STR_INIT("9223372036854775807"), NULL},
    {STR_INIT("-9223372036854775808"), NULL},
    {STR_INIT("9223372036854775808"), NULL},
    {STR_INIT("-9223372036854775809"), NULL},
    {STR_INIT("18446744073709551615"), NULL},
    {STR_INIT("99999999999999999999999999999999999999999999999999"), NULL},
    {STR_INIT("0.0"), NULL},
    {STR_INIT("-0.0"), NULL},
    {STR_INIT("0.10"), NULL},
    {STR_INIT("1.5"), NULL},
    {STR_INIT("-1.5"), NULL},
    {STR_INIT("1e5"), NULL},
    {STR_INIT("1E5"), NULL},
    {STR_INIT("1e+5"), NULL},
    {STR_INIT("1e-5"), NULL},
    {STR_INIT("0e0"), NULL},
    {STR_INIT("0e+00"), NULL},
    {STR_INIT("-0e-0"), NULL},
    {STR_INIT("1.25e007"), NULL},
    {STR_INIT("1e400"), NULL},
    {STR_INIT("-1e-400"), NULL},
    {STR_INIT("1e99999999999999999999"), NULL},
    {STR_INIT("9007199254740993.0"), NULL},
    {STR_INIT("[]"), NULL},
    {STR_INIT("[ ]"), "[]"},
    {STR_INIT("[\n]\n"), "[]"},
    {STR_INIT("[1]"), NULL},
    {STR_INIT("[1,2,3]"), NULL},
    {STR_INIT("[ 1 , 2 , 3 ]"), "[1,2,3]"},
    {STR_INIT("[1\t,\r2\n,3]"), "[1,2,3]"},
    {STR_INIT("[[]]"), NULL},
    {STR_INIT("[[],[]]"), NULL},
    {STR_INIT("[[[[[[1]]]]]]"), NULL},
    {STR_INIT("[{},[],\"\",0,null,true,false]"), NULL},
    {STR_INIT("[1.0,1e1]"), NULL},
    {STR_INIT("[true,false]"), NULL},
    {STR_INIT("{}"), NULL},
    {STR_INIT("{ }"), "{}"},
    {STR_INIT("{\"a\":1}"), NULL},
    {STR_INIT("{ \"a\" : 1 }"), "{\"a\":1}"},
    {STR_INIT("{\"a\"\n:\n1\n,\n\"b\"\n:\n2\n}"), "{\"a\":1,\"b\":2}"},
    {STR_INIT("{\"\":0}"), NULL},
    {STR_INIT("{\"\":{\"\":{\"\":[]}}}"), NULL},
    {STR_INIT("{\"a\":{},\"b\":[],\"c\":\"\"}"), NULL},
    {STR_INIT("{\"a\":[{\"b\":[{\"c\":null}]}]}"), NULL},
    {STR_INIT("{\"z\":1,\"a\":2,\"m\":3}"), NULL},
    {STR_INIT("{\"true\":true}"), NULL},
    {STR_INIT("{\"a b\":\"c d\"}"), NULL},
    {STR_INIT("\"\""), NULL},
    {STR_INIT("\"a\""), NULL},
    {STR_INIT("\"a b\""), NULL},
    {STR_INIT("\"'\""), NULL},
    {STR_INIT("\"/\""), NULL},
    {STR_INIT("\"\\/\""), "\"/\""},
    {STR_INIT("\"\\\"\""), NULL},
    {STR_INIT("\"\\\\\""), NULL},
    {STR_INIT("\"\\\\\\\\\""), NULL},
    {STR_INIT("\"\\\\\\\"\""), NULL},
    {STR_INIT("\"\\b\\f\\n\\r\\t\""), NULL},
    {STR_INIT("\"\\u0041\""), "\"A\""},
    {STR_INIT("\"\\u0000\""), NULL},
    {STR_INIT("\"\\u001f\""), NULL},
    {STR_INIT("\"\\u001F\""), "\"\\u001f\""},
    {STR_INIT("\"\\u0022\""), "\"\\\"\""},
    {STR_INIT("\"\\u005C\""), "\"\\\\\""},
    {STR_INIT("\"\\u007f\""), "\"\x7f\""},
    {STR_INIT("\"\x7f\""), NULL},
    {STR_INIT("\"\\u0080\""), "\"\xC2\x80\""},
    {STR_INIT("\"\\u07ff\""), "\"\xDF\xBF\""},
    {STR_INIT("\"\\u0800\""), "\"\xE0\xA0\x80\""},
    {STR_INIT("\"\\uFFFF\""), "\"\xEF\xBF\xBF\""},
    {STR_INIT("\"\\uFEFF\""), "\"\xEF\xBB\xBF\""},
    {STR_INIT("\"\xEF\xBB\xBF\""), NULL},
    {STR_INIT("\"\\u2028\""), "\"\xE2\x80\xA8\""},
    {STR_INIT("\"\xE2\x80\xA8\""), NULL},
    {STR_INIT("\"\\uD83D\\uDE00\""), "\"\xF0\x9F\x98\x80\""},
    {STR_INIT("\"\\ud83d\\ude00x\""), "\"\xF0\x9F\x98\x80x\""},
    {STR_INIT("\"\\uD800\\uDC00\""), "\"\xF0\x90\x80\x80\""},
    {STR_INIT("\"\\uDBFF\\uDFFF\""), "\"\xF4\x8F\xBF\xBF\""},
    /* halves of a pair, as the API server's decoder mends them */
    {STR_INIT("\"\\uD800\""), "\"\xEF\xBF\xBD\""},
    {STR_INIT("\"\\uDC00\""), "\"\xEF\xBF\xBD\""},
    {STR_INIT("\"\\uD800x\""), "\"\xEF\xBF\xBDx\""},
    {STR_INIT("\"\\uD800\\n\""), "\"\xEF\xBF\xBD\\n\""},
    {STR_INIT("\"\\uD800\\u0041\""), "\"\xEF\xBF\xBD"
                                     "A\""},
    {STR_INIT("\"\\uD800\\uD800\""), "\"\xEF\xBF\xBD\xEF\xBF\xBD\""},
    {STR_INIT("\"\\uD800\\uD83D\\uDE00\""), "\"\xEF\xBF\xBD\xF0\x9F\x98\x80\""},
    {STR_INIT("\"\\uDC00\\uD800\""), "\"\xEF\xBF\xBD\xEF\xBF\xBD\""},
    {STR_INIT("\"\xC2\x80\""), NULL},
    {STR_INIT("\"\xDF\xBF\""), NULL},
    {STR_INIT("\"\xE0\xA0\x80\""), NULL},
    {STR_INIT("\"\xED\x9F\xBF\""), NULL},
    {STR_INIT("\"\xEE\x80\x80\""), NULL},
    {STR_INIT("\"\xEF\xBF\xBF\""), NULL},
    {STR_INIT("\"\xF0\x90\x80\x80\""), NULL},
    {STR_INIT("\"\xF4\x8F\xBF\xBF\""), NULL},
    {STR_INIT("{\"\xC3\xA4\":\"\xE6\x97\xA5\xE6\x9C\xAC\"}"), NULL},
    {STR_INIT("{\"\\u0061\":1}"), "{\"a\":1}"},
    {STR_INIT("[\"a\\tb\",\"c\\u0020d\"]"), "[\"a\\tb\",\"c d\"]"},
    {STR_INIT("[123456789012345678]"), NULL},
    {STR_INIT("[1234567890123456789]"), NULL},
    {STR_INIT("[12345678901234567890]"), NULL},
};

static void accepts_what_the_rfc_describes(void **state)
{
  (void)state;
  for (size_t i = 0; i < sizeof accepted / sizeof *accepted; i++) {
    struct arena a;
    arena_init(&a, 0);
    _cleanup_(buf_free) struct buf out = {0};
    struct value root = parse(&a, accepted[i].text);
    json_write(&out, root, 0);
    struct str wanted = accepted[i].written ? str_from(accepted[i].written) : accepted[i].text;
    if (!str_eq(buf_str(&out), wanted)) {
      print_error("\"%.*s\" became \"%.*s\"\n", STR_FMT(accepted[i].text), STR_FMT(buf_str(&out)));
      fail();
    }
    arena_free(&a);
  }
}

/* Texts, where the error is, and a part of what is said of it. */
static const struct {
  struct str text;
  unsigned line, column;
  const char *message;
} refused[] = {
    {STR_INIT(""), 1, 1, "the text ends where there should be a value"},
    {STR_INIT(" \n "), 2, 2, "the text ends where there should be a value"},
    {STR_INIT("\xEF\xBB\xBF{}"), 1, 1, "byte order mark"},
    {STR_INIT("\xEF\xBB\xBF"), 1, 1, "byte order mark"},
    {STR_INIT("[\xEF\xBB\xBF]"), 1, 2, "found character U+FEFF instead of a value"},
    /* more than one value */
    {STR_INIT("1 2"), 1, 3, "found '2' instead of the end of the text"},
    {STR_INIT("{}{}"), 1, 3, "a second value"},
    {STR_INIT("[] []"), 1, 4, "a second value"},
    {STR_INIT("null,"), 1, 5, "found ',' instead of the end of the text"},
    {STR_INIT("{}}"), 1, 3, "found '}' instead of the end of the text"},
    {STR_INIT("[]]"), 1, 3, "instead of the end of the text"},
    {STR_INIT("\"a\"b"), 1, 4, "instead of the end of the text"},
    {STR_INIT("{}\n\n x"), 3, 2, "found 'x' instead of the end of the text"},
    {STR_INIT("1\0"), 1, 2, "found character U+0000"},
    {STR_INIT("[]\0"), 1, 3, "found character U+0000"},
    /* constants */
    {STR_INIT("nul"), 1, 1, "found 'n' instead of a value"},
    {STR_INIT("tru"), 1, 1, "found 't' instead of a value"},
    {STR_INIT("fals"), 1, 1, "found 'f' instead of a value"},
    {STR_INIT("nulL"), 1, 1, "null has to be written in small letters"},
    {STR_INIT("True"), 1, 1, "true has to be written in small letters"},
    {STR_INIT("[FALSE]"), 1, 2, "false has to be written in small letters"},
    {STR_INIT("truee"), 1, 5, "found 'e' instead of the end of the text"},
    {STR_INIT("NaN"), 1, 1, "JSON has no NaN"},
    {STR_INIT("Infinity"), 1, 1, "JSON has no Infinity"},
    {STR_INIT("-Infinity"), 1, 2, "a digit behind '-'"},
    {STR_INIT("[None]"), 1, 2, "JSON has no None"},
    {STR_INIT("undefined"), 1, 1, "JSON has no undefined"},
    {STR_INIT("a"), 1, 1, "found 'a' instead of a value"},
    /* numbers */
    {STR_INIT("-"), 1, 2, "the text ends where there should be a digit behind '-'"},
    {STR_INIT("[-]"), 1, 3, "found ']' instead of a digit behind '-'"},
    {STR_INIT("+1"), 1, 1, "found '+' instead of a value"},
    {STR_INIT("01"), 1, 1, "begins with a 0"},
    {STR_INIT("00"), 1, 1, "begins with a 0"},
    {STR_INIT("-01"), 1, 1, "begins with a 0"},
    {STR_INIT("[012]"), 1, 2, "begins with a 0"},
    {STR_INIT("01.5"), 1, 1, "begins with a 0"},
    {STR_INIT("0x10"), 1, 2, "found 'x' instead of the end of the number"},
    {STR_INIT("0b1"), 1, 2, "found 'b' instead of the end of the number"},
    {STR_INIT("1_000"), 1, 2, "found '_' instead of the end of the number"},
    {STR_INIT("1a"), 1, 2, "found 'a' instead of the end of the number"},
    {STR_INIT("1."), 1, 3, "the text ends where there should be a digit behind the decimal point"},
    {STR_INIT("[1.]"), 1, 4, "found ']' instead of a digit behind the decimal point"},
    {STR_INIT("1.e5"), 1, 3, "found 'e' instead of a digit behind the decimal point"},
    {STR_INIT("1.-5"), 1, 3, "a digit behind the decimal point"},
    {STR_INIT(".5"), 1, 1, "found '.' instead of a value"},
    {STR_INIT("-.5"), 1, 2, "a digit behind '-'"},
    {STR_INIT("1e"), 1, 3, "a digit of the exponent"},
    {STR_INIT("1e+"), 1, 4, "a digit of the exponent"},
    {STR_INIT("1E-"), 1, 4, "a digit of the exponent"},
    {STR_INIT("[1e]"), 1, 4, "a digit of the exponent"},
    {STR_INIT("1e5.5"), 1, 4, "found '.' instead of the end of the number"},
    {STR_INIT("1e5e5"), 1, 4, "found 'e' instead of the end of the number"},
    {STR_INIT("1.5.5"), 1, 4, "found '.' instead of the end of the number"},
    {STR_INIT("1+1"), 1, 2, "found '+' instead of the end of the number"},
    {STR_INIT("1-1"), 1, 2, "found '-' instead of the end of the number"},
    {STR_INIT("--1"), 1, 2, "a digit behind '-'"},
    {STR_INIT("- 1"), 1, 2, "a digit behind '-'"},
    {STR_INIT("1 000"), 1, 3, "instead of the end of the text"},
    {STR_INIT("1,5"), 1, 2, "instead of the end of the text"},
    {STR_INIT("\xEF\xBC\x91"), 1, 1, "found character U+FF11 instead of a value"},
    {STR_INIT("1\xEF\xBC\x91"), 1, 2, "found character U+FF11"},
    {STR_INIT("12345678901234567890x"), 1, 21, "the end of the number"},
    {STR_INIT("0123456789012345678"), 1, 1, "begins with a 0"},
    /* arrays */
    {STR_INIT("["), 1, 2, "where there should be a value"},
    {STR_INIT("]"), 1, 1, "found ']' instead of a value"},
    {STR_INIT("[1"), 1, 3, "the text ends inside the array that begins at line 1, column 1"},
    {STR_INIT("[1,"), 1, 4, "where there should be a value"},
    {STR_INIT("[1,]"), 1, 4, "the last element is not followed by one"},
    {STR_INIT("[1,\n]"), 2, 1, "the last element is not followed by one"},
    {STR_INIT("[,]"), 1, 2, "found ',' instead of a value"},
    {STR_INIT("[,1]"), 1, 2, "found ',' instead of a value"},
    {STR_INIT("[1,,2]"), 1, 4, "found ',' instead of a value"},
    {STR_INIT("[1 2]"), 1, 4, "found '2' instead of ',' or ']' behind an element"},
    {STR_INIT("[1\n2]"), 2, 1, "found '2' instead of ',' or ']'"},
    {STR_INIT("[1}"), 1, 3, "found '}' instead of ',' or ']'"},
    {STR_INIT("[1:2]"), 1, 3, "found ':' instead of ',' or ']'"},
    {STR_INIT("[\"a\":1]"), 1, 5, "found ':' instead of ',' or ']'"},
    {STR_INIT("[[1]"), 1, 5, "inside the array that begins at line 1, column 1"},
    {STR_INIT("[\n [1"), 2, 4, "inside the array that begins at line 2, column 2"},
    {STR_INIT("[)"), 1, 2, "found ')' instead of a value"},
    {STR_INIT("[1;2]"), 1, 3, "found ';' instead of ',' or ']'"},
    {STR_INIT("[1 true]"), 1, 4, "found 't' instead of ',' or ']'"},
    {STR_INIT("[\f]"), 1, 2, "found character U+000C instead of a value"},
    {STR_INIT("[\v1]"), 1, 2, "found character U+000B instead of a value"},
    {STR_INIT("[\xC2\xA0]"), 1, 2, "found character U+00A0 instead of a value"},
    {STR_INIT("[1]\xC2\x85"), 1, 4, "found character U+0085"},
    {STR_INIT("[\xE2\x81\xA0]"), 1, 2, "found character U+2060"},
    /* objects */
    {STR_INIT("{"), 1, 2, "inside the object that begins at line 1, column 1: it lacks a key"},
    {STR_INIT("}"), 1, 1, "found '}' instead of a value"},
    {STR_INIT("{\"a\""), 1, 5, "it lacks ':' behind a key"},
    {STR_INIT("{\"a\":"), 1, 6, "where there should be a value"},
    {STR_INIT("{\"a\":1"), 1, 7, "it lacks ',' or '}' behind a member"},
    {STR_INIT("{\"a\":1,"), 1, 8, "it lacks a key"},
    {STR_INIT("{\"a\":1,}"), 1, 8, "the last member is not followed by one"},
    {STR_INIT("{\"a\":1,\n}"), 2, 1, "the last member is not followed by one"},
    {STR_INIT("{,}"), 1, 2, "found ',' instead of a key in double quotes, or '}'"},
    {STR_INIT("{\"a\":1,,\"b\":2}"), 1, 8, "found ',' instead of a key in double quotes"},
    {STR_INIT("{\"a\"}"), 1, 5, "found '}' instead of ':' behind a key"},
    {STR_INIT("{\"a\",1}"), 1, 5, "found ',' instead of ':' behind a key"},
    {STR_INIT("{\"a\"=1}"), 1, 5, "found '=' instead of ':' behind a key"},
    {STR_INIT("{\"a\" 1}"), 1, 6, "found '1' instead of ':' behind a key"},
    {STR_INIT("{\"a\"::1}"), 1, 6, "found ':' instead of a value"},
    {STR_INIT("{\"a\":}"), 1, 6, "found '}' instead of a value"},
    {STR_INIT("{\"a\":1 \"b\":2}"), 1, 8, "found '\"' instead of ',' or '}' behind a member"},
    {STR_INIT("{\"a\":1\n \"b\":2}"), 2, 2, "instead of ',' or '}' behind a member"},
    {STR_INIT("{\"a\":1]"), 1, 7, "found ']' instead of ',' or '}'"},
    {STR_INIT("{a:1}"), 1, 2, "found 'a' instead of a key in double quotes"},
    {STR_INIT("{'a':1}"), 1, 2, "a key has to stand in double quotes"},
    {STR_INIT("{1:1}"), 1, 2, "found '1' instead of a key in double quotes"},
    {STR_INIT("{null:1}"), 1, 2, "instead of a key in double quotes"},
    {STR_INIT("{[]:1}"), 1, 2, "instead of a key in double quotes"},
    {STR_INIT("{{}:1}"), 1, 2, "instead of a key in double quotes"},
    {STR_INIT("{]"), 1, 2, "found ']' instead of a key in double quotes"},
    {STR_INIT("{\"a\":1,\"b\"}"), 1, 11, "':' behind a key"},
    {STR_INIT("{\"a\":'b'}"), 1, 6, "double quotes"},
    {STR_INIT("{\"a\":b}"), 1, 6, "found 'b' instead of a value"},
    {STR_INIT("{\"a\":1;}"), 1, 7, "found ';'"},
    /* comments */
    {STR_INIT("// x\n{}"), 1, 1, "JSON has no comments"},
    {STR_INIT("/* x */1"), 1, 1, "JSON has no comments"},
    {STR_INIT("# x"), 1, 1, "JSON has no comments"},
    {STR_INIT("[1, // x\n2]"), 1, 5, "JSON has no comments"},
    {STR_INIT("[1 /* x */]"), 1, 4, "found '/' instead of ',' or ']'"},
    {STR_INIT("{/* x */}"), 1, 2, "found '/' instead of a key"},
    /* strings */
    {STR_INIT("\""), 1, 2, "inside the string that begins at line 1, column 1"},
    {STR_INIT("\"abc"), 1, 5, "inside the string that begins at line 1, column 1"},
    {STR_INIT("[\n\"abc]"), 2, 6, "inside the string that begins at line 2, column 1"},
    {STR_INIT("{\"abc"), 1, 6, "inside the string that begins at line 1, column 2"},
    {STR_INIT("'a'"), 1, 1, "double quotes"},
    {STR_INIT("`a`"), 1, 1, "found '`' instead of a value"},
    {STR_INIT("\xE2\x80\x9C"
              "a\xE2\x80\x9D"),
     1, 1, "found character U+201C instead of a value"},
    {STR_INIT("\"\\"), 1, 3, "the text ends inside the string"},
    {STR_INIT("\"\\\""), 1, 4, "the text ends inside the string"},
    {STR_INIT("\"\\x41\""), 1, 2, "found 'x' behind a backslash"},
    {STR_INIT("\"\\a\""), 1, 2, "found 'a' behind a backslash"},
    {STR_INIT("\"\\'\""), 1, 2, "found a single quote behind a backslash"},
    {STR_INIT("\"\\0\""), 1, 2, "found '0' behind a backslash"},
    {STR_INIT("\"\\B\""), 1, 2, "found 'B' behind a backslash"},
    {STR_INIT("\"\\U0041\""), 1, 2, "found 'U' behind a backslash"},
    {STR_INIT("\"\\ \""), 1, 2, "found character U+0020 behind a backslash"},
    {STR_INIT("\"\\\n\""), 1, 2, "found character U+000A behind a backslash"},
    {STR_INIT("\"\\\xC3\xA4\""), 1, 2, "found character U+00E4 behind a backslash"},
    {STR_INIT("\"\\\xFF\""), 1, 2, "byte 0xff"},
    {STR_INIT("\"\\\0\""), 1, 2, "found character U+0000 behind a backslash"},
    {STR_INIT("\"\\u\""), 1, 2, "four hexadecimal digits"},
    {STR_INIT("\"\\u1\""), 1, 2, "four hexadecimal digits"},
    {STR_INIT("\"\\u12\""), 1, 2, "four hexadecimal digits"},
    {STR_INIT("\"\\u123\""), 1, 2, "four hexadecimal digits"},
    {STR_INIT("\"\\u123"), 1, 2, "four hexadecimal digits"},
    {STR_INIT("\"\\u123g\""), 1, 2, "four hexadecimal digits"},
    {STR_INIT("\"\\u-123\""), 1, 2, "four hexadecimal digits"},
    {STR_INIT("\"\\u 123\""), 1, 2, "four hexadecimal digits"},
    {STR_INIT("\"\\u{41}\""), 1, 2, "four hexadecimal digits"},
    {STR_INIT("\"abc\\uD83D\\u\""), 1, 11, "four hexadecimal digits"},
    {STR_INIT("\"\\uD83D\\\""), 1, 10, "the text ends inside the string"},
    {STR_INIT("\"a\nb\""), 1, 3, "runs into the end of the line"},
    {STR_INIT("\"a\rb\""), 1, 3, "runs into the end of the line"},
    {STR_INIT("\"a\tb\""), 1, 3, "control character 0x09, which has to be escaped as \\u0009"},
    {STR_INIT("\"a\0b\""), 1, 3, "control character 0x00"},
    {STR_INIT("\"\x1f\""), 1, 2, "control character 0x1f"},
    {STR_INIT("{\"a\nb\":1}"), 1, 4, "runs into the end of the line"},
    {STR_INIT("\"\\n\n\""), 1, 4, "runs into the end of the line"},
    /* UTF-8 */
    {STR_INIT("\xFF"), 1, 1, "found byte 0xff, which is no UTF-8, instead of a value"},
    {STR_INIT("[\x80]"), 1, 2, "found byte 0x80"},
    {STR_INIT("\"\x80\""), 1, 2, "byte 0x80, which is no valid UTF-8"},
    {STR_INIT("\"\xBF\""), 1, 2, "byte 0xbf"},
    {STR_INIT("\"\xC0\x80\""), 1, 2, "byte 0xc0"},
    {STR_INIT("\"\xC1\xBF\""), 1, 2, "byte 0xc1"},
    {STR_INIT("\"\xC3\""), 1, 2, "byte 0xc3"},
    {STR_INIT("\"\xC3"), 1, 2, "byte 0xc3"},
    {STR_INIT("\"\xE0\x80\x80\""), 1, 2, "byte 0xe0"},
    {STR_INIT("\"\xE0\x9F\xBF\""), 1, 2, "byte 0xe0"},
    {STR_INIT("\"\xE2\x82\""), 1, 2, "byte 0xe2"},
    {STR_INIT("\"\xED\xA0\x80\""), 1, 2, "byte 0xed"},
    {STR_INIT("\"\xED\xBF\xBF\""), 1, 2, "byte 0xed"},
    {STR_INIT("\"\xF0\x80\x80\x80\""), 1, 2, "byte 0xf0"},
    {STR_INIT("\"\xF0\x9F\x98\""), 1, 2, "byte 0xf0"},
    {STR_INIT("\"\xF4\x90\x80\x80\""), 1, 2, "byte 0xf4"},
    {STR_INIT("\"\xF5\x80\x80\x80\""), 1, 2, "byte 0xf5"},
    {STR_INIT("\"\xFE\""), 1, 2, "byte 0xfe"},
    {STR_INIT("\"a\xC3\xA4\xC3\""), 1, 4, "byte 0xc3"},
    {STR_INIT("\"\xE6\x97\xA5\xE6\x9C\xAC\xFF\""), 1, 4, "byte 0xff"},
    {STR_INIT("[\"\xF0\x9F\x98\x80\",\n\"\xF0\x9F\x98\x80\" x]"), 2, 5, "found 'x'"},
    {STR_INIT("\xFF\xFE{\0}\0"), 1, 1, "byte 0xff"},
    {STR_INIT("{\0}\0"), 1, 2, "found character U+0000"},
    {STR_INIT("\0{\0}"), 1, 1, "found character U+0000 instead of a value"},
};

static void refuses_everything_else_and_says_where(void **state)
{
  (void)state;
  for (size_t i = 0; i < sizeof refused / sizeof *refused; i++) {
    for (int positions = 0; positions < 2; positions++) {
      struct arena a;
      arena_init(&a, 0);
      struct error err = {0};
      struct value root = value_int(42);
      struct json_options options = {.positions = positions};
      int r = parse_options(&a, refused[i].text, &options, &root, &err);
      if (r != SW_EINVAL || err.code != r || err.line != refused[i].line ||
          err.column != refused[i].column || !strstr(err.message, refused[i].message)) {
        print_error("case %zu \"%.*s\": %d, %u:%u \"%s\", not %u:%u \"%s\"\n", i,
                    STR_FMT(refused[i].text), r, err.line, err.column, err.message, refused[i].line,
                    refused[i].column, refused[i].message);
        fail();
      }
      assert_int_equal(root.integer, 42); /* not touched */
      assert_int_equal(parse_options(&a, refused[i].text, &options, &root, NULL), SW_EINVAL);
      arena_free(&a);
    }
  }
}

static void every_prefix_of_a_text_is_refused(void **state)
{
  (void)state;
  struct str text = STR("{\"a\\n\\u00e4\":[1,-2.5e+3,true,null,{\"b\":\"\xC3\xA4\"}],\"c\":false}");
  for (size_t len = 0; len < text.len; len++) {
    struct arena a;
    arena_init(&a, 0);
    struct value root;
    struct error err;
    assert_int_equal(parse_options(&a, str_sub(text, 0, len), NULL, &root, &err), SW_EINVAL);
    assert_int_equal(err.line, 1);
    assert_true(err.column >= 1 && err.column <= len + 1);
    arena_free(&a);
  }
}

/* ---- values */

static void integers_are_inline_and_the_rest_is_kept_as_written(void **state)
{
  (void)state;
  static const struct {
    const char *text;
    uint8_t flags;
    int64_t integer;
  } cases[] = {
      {"0", VALUE_INT, 0},
      {"-1", VALUE_INT, -1},
      {"999999999999999999", VALUE_INT, 999999999999999999},
      {"-999999999999999999", VALUE_INT, -999999999999999999},
      {"1000000000000000000", VALUE_INT, 1000000000000000000},
      {"9223372036854775807", VALUE_INT, INT64_MAX},
      {"-9223372036854775807", VALUE_INT, -INT64_MAX},
      {"-9223372036854775808", VALUE_INT, INT64_MIN},
      {"9223372036854775808", VALUE_TEXT, 0},
      {"-9223372036854775809", VALUE_TEXT, 0},
      {"9999999999999999999", VALUE_TEXT, 0},
      {"10000000000000000000", VALUE_TEXT, 0},
      {"18446744073709551616", VALUE_TEXT, 0},
      {"-0", VALUE_TEXT, 0},
      {"1.0", VALUE_TEXT, 0},
      {"1e2", VALUE_TEXT, 0},
      {"9007199254740993.0", VALUE_TEXT, 0},
  };
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    struct arena a;
    arena_init(&a, 0);
    struct value v = parse(&a, str_from(cases[i].text));
    assert_int_equal(v.type, VALUE_NUMBER);
    assert_int_equal(v.flags, cases[i].flags);
    if (v.flags == VALUE_INT)
      assert_true(v.integer == cases[i].integer);
    else
      assert_str(value_str(v), cases[i].text);
    arena_free(&a);
  }
}

static void plain_strings_and_literals_are_views_of_the_input(void **state)
{
  (void)state;
  struct arena a;
  arena_init(&a, 0);
  struct str text = STR("{\"key\":\"v\xC3\xA4lue\",\"n\":1.50,\"e\":\"a\\tb\"}");
  struct value root;
  struct error err;
  assert_int_equal(json_parse(&a, text, NULL, &root, &err), 0);
  assert_ptr_equal(root.members[0].key.text, text.data + 2);
  assert_ptr_equal(root.members[0].value.text, text.data + 8);
  assert_str(value_str(root.members[0].value), "v\xC3\xA4lue");
  assert_str(value_str(root.members[1].value), "1.50");
  assert_str(value_str(root.members[2].value), "a\tb");
  assert_true(root.members[2].value.text < text.data ||
              root.members[2].value.text > text.data + text.len);
  arena_free(&a);
}

static void keys_get_their_numbers(void **state)
{
  (void)state;
  static const struct str names[] = {STR_INIT("spec"), STR_INIT("name"),
                                     STR_INIT("terminationGracePeriodSeconds")};
  _cleanup_(symbols_freep) struct symbols *table = symbols_new(names, 3);
  struct json_options options = {.symbols = table};
  struct arena a;
  arena_init(&a, 0);
  struct value root;
  assert_int_equal(parse_options(&a,
                                 STR("{\"name\":\"spec\",\"other\":1,\"\\u0073pec\":"
                                     "{\"terminationGracePeriodSeconds\":30}}"),
                                 &options, &root, NULL),
                   0);
  assert_int_equal(root.members[0].key.symbol, 2);
  assert_int_equal(root.members[0].value.symbol, 0); /* values do not */
  assert_int_equal(root.members[1].key.symbol, 0);
  assert_int_equal(root.members[2].key.symbol, 1);
  struct value key = value_from("spec");
  key.symbol = 1;
  struct value spec = value_get(root, key);
  assert_int_equal(spec.members[0].key.symbol, 3);
  assert_int_equal(value_get_str(spec, names[2]).integer, 30);
  arena_free(&a);
}

static void repeated_keys_are_resolved_or_refused(void **state)
{
  (void)state;
  struct arena a;
  arena_init(&a, 0);
  struct str text = STR("{\"a\":1,\n \"b\":2,\n \"\\u0061\":3}");
  struct value root = parse(&a, text);
  assert_int_equal(root.len, 2);
  assert_str(value_str(root.members[0].key), "a");
  assert_int_equal(root.members[0].value.integer, 3);
  assert_int_equal(root.members[1].value.integer, 2);
  for (int positions = 0; positions < 2; positions++) {
    struct error err = {0};
    struct json_options options = {.duplicates = VALUE_REFUSE, .positions = positions};
    assert_int_equal(parse_options(&a, text, &options, &root, &err), SW_EINVAL);
    assert_error(err, SW_EINVAL, "key \"a\" occurs twice in an object; first at line 1, column 2");
    assert_int_equal(err.line, 3);
    assert_int_equal(err.column, 2);
    assert_int_equal(parse_options(&a, STR("[{\"a\":1},{\"a\":1}]"), &options, &root, &err), 0);
    assert_int_equal(parse_options(&a, STR("{\"a\":{\"a\":{\"a\":1}}}"), &options, &root, &err), 0);
  }
  arena_free(&a);
}

static void repeated_keys_are_noticed_in_objects_of_all_sizes(void **state)
{
  (void)state;
  for (unsigned count = 2; count < 70; count++)
    for (unsigned repeated = 0; repeated + 1 < count; repeated += 1 + count / 8) {
      struct arena a;
      arena_init(&a, 0);
      _cleanup_(buf_free) struct buf text = {0};
      for (unsigned i = 0; i + 1 < count; i++)
        buf_printf(&text, "%s\"key-%u\":%u", i ? "," : "{", i, i);
      buf_printf(&text, ",\"key-%u\":1000}", repeated);
      struct value root;
      struct error err;
      struct json_options refuse = {.duplicates = VALUE_REFUSE};
      assert_int_equal(json_parse(&a, buf_str(&text), &refuse, &root, &err), SW_EINVAL);
      assert_int_equal(json_parse(&a, buf_str(&text), NULL, &root, &err), 0);
      assert_int_equal(root.len, count - 1);
      for (unsigned i = 0; i < root.len; i++)
        assert_int_equal(root.members[i].value.integer, i == repeated ? 1000 : i);
      arena_free(&a);
    }
}

/* ---- places */

static void check_place(struct value_position place, unsigned line, unsigned column)
{
  if (place.line != line || place.column != column) {
    print_error("%u:%u, not %u:%u\n", place.line, place.column, line, column);
    fail();
  }
}

static void positions_count_lines_and_characters(void **state)
{
  (void)state;
  struct arena a;
  arena_init(&a, 0);
  struct json_options options = {.positions = true};
  struct value root;
  struct error err;
  struct str text = STR("\n"
                        "{ \"a\": 1, \"\xC3\xA4\": \"\xF0\x9F\x98\x80\", \"c\" :\r\n"
                        "\t[true,\t\"x\xE2\x82\xAC\", \"\",\n"
                        "                                        {\"long\":\n"
                        "  null}, [ ] , \"\\u00e4\" ,7]}");
  assert_int_equal(parse_options(&a, text, &options, &root, &err), 0);
  check_place(value_key_position(root, 0), 2, 3);
  check_place(value_position(root, 0), 2, 8);
  check_place(value_key_position(root, 1), 2, 11);
  check_place(value_position(root, 1), 2, 16);
  check_place(value_key_position(root, 2), 2, 21);
  check_place(value_position(root, 2), 3, 2);
  struct value array = root.members[2].value;
  check_place(value_position(array, 0), 3, 3);
  check_place(value_position(array, 1), 3, 9);
  check_place(value_position(array, 2), 3, 15);
  check_place(value_position(array, 3), 4, 41);
  check_place(value_key_position(array.items[3], 0), 4, 42);
  check_place(value_position(array.items[3], 0), 5, 3);
  check_place(value_position(array, 4), 5, 10);
  check_place(value_position(array, 5), 5, 16);
  check_place(value_position(array, 6), 5, 26);
  check_place(value_position(array, 7), 0, 0);
  options.positions = false;
  assert_int_equal(parse_options(&a, text, &options, &root, &err), 0);
  check_place(value_position(root, 0), 0, 0);
  arena_free(&a);
}

/* The last of equal keys has the place, whichever member carries it. */
static void the_value_that_won_has_the_position(void **state)
{
  (void)state;
  struct arena a;
  arena_init(&a, 0);
  struct json_options options = {.positions = true};
  struct value root;
  struct error err;
  assert_int_equal(parse_options(&a, STR("{\"a\":1,\"b\":2,\n\"a\":3}"), &options, &root, &err), 0);
  check_place(value_key_position(root, 0), 2, 1);
  check_place(value_position(root, 0), 2, 5);
  check_place(value_position(root, 1), 1, 12);
  arena_free(&a);
}

static void positions_survive_a_growing_stack(void **state)
{
  (void)state;
  struct arena a;
  arena_init(&a, 0);
  _cleanup_(buf_free) struct buf text = {0};
  buf_add_byte(&text, '[');
  for (unsigned i = 0; i < 5000; i++)
    buf_printf(&text, "%s{\"n\":[%u]}", i ? ",\n" : "", i);
  buf_add_byte(&text, ']');
  struct json_options options = {.positions = true};
  struct value root;
  struct error err;
  assert_int_equal(json_parse(&a, buf_str(&text), &options, &root, &err), 0);
  assert_int_equal(root.len, 5000);
  for (unsigned i = 0; i < 5000; i++) {
    unsigned column = i ? 1 : 2;
    check_place(value_position(root, i), i + 1, column);
    check_place(value_key_position(root.items[i], 0), i + 1, column + 1);
    check_place(value_position(root.items[i], 0), i + 1, column + 5);
    check_place(value_position(root.items[i].members[0].value, 0), i + 1, column + 6);
    assert_int_equal(root.items[i].members[0].value.items[0].integer, i);
  }
  arena_free(&a);
}

/* ---- limits */

static void depth_is_capped(void **state)
{
  (void)state;
  enum { MANY = 100000 };
  struct arena a;
  arena_init(&a, 0);
  _cleanup_(buf_free) struct buf text = {0};
  struct value root;
  struct error err;
  buf_add_repeat(&text, '[', MANY);
  assert_int_equal(json_parse(&a, buf_str(&text), NULL, &root, &err), SW_ELIMIT);
  assert_error(err, SW_ELIMIT, "more than 200 arrays and objects inside each other");
  assert_int_equal(err.column, 201);
  struct json_options options = {.depth_max = UINT32_MAX};
  assert_int_equal(json_parse(&a, buf_str(&text), &options, &root, &err), SW_ELIMIT);
  assert_int_equal(err.column, 10001);
  text.len = 10000;
  buf_add_repeat(&text, ']', 10000);
  assert_int_equal(json_parse(&a, buf_str(&text), &options, &root, &err), 0);
  options.depth_max = 9999;
  assert_int_equal(json_parse(&a, buf_str(&text), &options, &root, &err), SW_ELIMIT);
  options.depth_max = 2;
  assert_int_equal(json_parse(&a, STR("[{},{\"a\":1},[]]"), &options, &root, &err), 0);
  assert_int_equal(json_parse(&a, STR("[{\"a\":{}}]"), &options, &root, &err), SW_ELIMIT);
  assert_int_equal(err.column, 7);
  arena_free(&a);
}

static void depth_is_counted_for_objects_too(void **state)
{
  (void)state;
  struct arena a;
  arena_init(&a, 0);
  _cleanup_(buf_free) struct buf text = {0};
  for (int i = 0; i < 200; i++)
    buf_add_text(&text, "{\"a\":");
  buf_add_text(&text, "1");
  buf_add_repeat(&text, '}', 200);
  struct value root = parse(&a, buf_str(&text));
  for (int i = 0; i < 200; i++)
    root = value_get_str(root, STR("a"));
  assert_int_equal(root.integer, 1);
  buf_clear(&text);
  for (int i = 0; i < 201; i++)
    buf_add_text(&text, "{\"a\":");
  struct error err;
  assert_int_equal(json_parse(&a, buf_str(&text), NULL, &root, &err), SW_ELIMIT);
  arena_free(&a);
}

static void size_and_memory_are_capped(void **state)
{
  (void)state;
  struct arena a;
  arena_init(&a, 0);
  struct value root;
  struct error err;
  struct json_options options = {.size_max = 9};
  assert_int_equal(json_parse(&a, STR("[1,2,3,4]"), &options, &root, &err), 0);
  assert_int_equal(json_parse(&a, STR("[1,2,3,4] "), &options, &root, &err), SW_ELIMIT);
  assert_error(err, SW_ELIMIT, "the text has 10 bytes; 9 are allowed");
  arena_free(&a);

  _cleanup_(buf_free) struct buf text = {0};
  buf_add_byte(&text, '[');
  for (int i = 0; i < 100000; i++)
    buf_add_text(&text, "1,");
  buf_add_text(&text, "1]");
  arena_init(&a, 1 << 20);
  assert_int_equal(json_parse(&a, buf_str(&text), NULL, &root, &err), SW_ELIMIT);
  assert_error(err, SW_ELIMIT, "more memory than the 1048576 bytes that are allowed");
  assert_true(arena_used(&a) < 2 << 20);
  arena_free(&a);

  buf_clear(&text);
  buf_add_byte(&text, '[');
  for (int i = 0; i < 100000; i++)
    buf_add_text(&text, "[1],");
  buf_add_text(&text, "1]");
  arena_init(&a, 1 << 19);
  assert_int_equal(json_parse(&a, buf_str(&text), NULL, &root, &err), SW_ELIMIT);
  assert_true(arena_used(&a) < 1 << 20);
  arena_free(&a);

  buf_clear(&text);
  buf_add_text(&text, "[\"\\n");
  buf_add_repeat(&text, 'x', 3 << 20);
  buf_add_text(&text, "\"]");
  arena_init(&a, 1 << 20);
  assert_int_equal(json_parse(&a, buf_str(&text), NULL, &root, &err), SW_ELIMIT);
  arena_free(&a);
}

/* ---- blocks of 8 and 16 bytes */

static void strings_of_every_length_at_every_offset(void **state)
{
  (void)state;
  enum { LENGTHS = 70, OFFSETS = 33 };
  for (size_t len = 0; len < LENGTHS; len++)
    for (size_t offset = 0; offset < OFFSETS; offset += 1 + len % 3) {
      struct arena a;
      arena_init(&a, 0);
      _cleanup_(buf_free) struct buf text = {0};
      buf_add_repeat(&text, ' ', offset);
      buf_add_byte(&text, '"');
      for (size_t i = 0; i < len; i++)
        buf_add_byte(&text, (char)('a' + i % 26));
      buf_add_byte(&text, '"');
      struct value v = parse(&a, buf_str(&text));
      assert_int_equal(v.type, VALUE_STRING);
      assert_true(str_eq(value_str(v), str_sub(buf_str(&text), offset + 1, len)));
      arena_free(&a);
    }
}

/* One byte of a long string replaced, at every place, with what has to be seen there. */
static void no_place_in_a_block_hides_a_byte(void **state)
{
  (void)state;
  static const struct {
    struct str bytes;
    bool is_valid;
  } cases[] = {
      {STR_INIT("\x80"), false},
      {STR_INIT("\xFF"), false},
      {STR_INIT("\xC3"), false},
      {STR_INIT("\xE2\x82"), false},
      {STR_INIT("\xF0\x9F\x98"), false},
      {STR_INIT("\xED\xA0\x80"), false},
      {STR_INIT("\n"), false},
      {STR_INIT("\0"), false},
      {STR_INIT("\x1F"), false},
      {STR_INIT("\\q"), false},
      {STR_INIT("\\u12x4"), false},
      {STR_INIT("\x7F"), true},
      {STR_INIT("\xC3\xA4"), true},
      {STR_INIT("\xE2\x82\xAC"), true},
      {STR_INIT("\xF0\x9F\x98\x80"), true},
  };
  enum { LEN = 48 };
  for (size_t c = 0; c < sizeof cases / sizeof *cases; c++)
    for (size_t at = 0; at <= LEN; at++) {
      struct arena a;
      arena_init(&a, 0);
      _cleanup_(buf_free) struct buf text = {0};
      buf_add_byte(&text, '"');
      buf_add_repeat(&text, 'x', at);
      buf_add(&text, cases[c].bytes);
      buf_add_repeat(&text, 'y', LEN - at);
      buf_add_byte(&text, '"');
      struct value v = VALUE_NONE;
      struct error err = {0};
      int r = parse_options(&a, buf_str(&text), NULL, &v, &err);
      if (cases[c].is_valid) {
        assert_int_equal(r, 0);
        assert_true(str_eq(value_str(v), str_sub(buf_str(&text), 1, text.len - 2)));
      } else {
        assert_int_equal(r, SW_EINVAL);
        assert_int_equal(err.column, at + 2);
      }
      arena_free(&a);
    }
}

static void escapes_are_decoded_at_every_offset(void **state)
{
  (void)state;
  enum { LEN = 40 };
  for (size_t at = 0; at <= LEN; at++)
    for (size_t gap = 0; gap + at <= LEN; gap++) {
      struct arena a;
      arena_init(&a, 0);
      _cleanup_(buf_free) struct buf text = {0}, wanted = {0};
      buf_add_byte(&text, '"');
      for (int end = 0; end < 2; end++) {
        struct buf *b = end ? &wanted : &text;
        buf_add_repeat(b, 'x', at);
        buf_add_text(b, end ? "\n" : "\\n");
        buf_add_repeat(b, 'y', gap);
        buf_add_text(b, end ? "\xE2\x82\xAC\"" : "\\u20ac\\\"");
        buf_add_repeat(b, 'z', LEN - at - gap);
      }
      buf_add_byte(&text, '"');
      assert_true(str_eq(value_str(parse(&a, buf_str(&text))), buf_str(&wanted)));
      arena_free(&a);
    }
}

static void white_space_of_every_length(void **state)
{
  (void)state;
  for (size_t len = 0; len < 60; len++)
    for (size_t newline = 0; newline <= len; newline++) {
      struct arena a;
      arena_init(&a, 0);
      _cleanup_(buf_free) struct buf text = {0};
      buf_add_byte(&text, '[');
      for (size_t i = 0; i < len; i++)
        buf_add_byte(&text, i == newline ? '\n' : "\t \r "[i % 4]);
      buf_add_text(&text, "1]");
      struct json_options options = {.positions = true};
      struct value root;
      assert_int_equal(parse_options(&a, buf_str(&text), &options, &root, NULL), 0);
      unsigned line = newline < len ? 2 : 1;
      unsigned column = newline < len ? (unsigned)(len - newline) : (unsigned)len + 2;
      check_place(value_position(root, 0), line, column);
      text.data[text.len - 2] = '?';
      struct error err;
      assert_int_equal(parse_options(&a, buf_str(&text), NULL, &root, &err), SW_EINVAL);
      check_place((struct value_position){err.line, err.column}, line, column);
      arena_free(&a);
    }
}

/* ---- streams */

static void several_values_are_read_one_by_one(void **state)
{
  (void)state;
  struct arena a;
  arena_init(&a, 0);
  struct json_options options = {.positions = true};
  struct json_cursor cursor =
      json_cursor_start(STR(" {\"a\":1}\n[2]\"\xC3\xA4\"3 4\n\n  {\"b\":\n5}{} \n"));
  static const struct {
    const char *text;
    unsigned line, column;
  } wanted[] = {{"{\"a\":1}", 1, 2}, {"[2]", 2, 1}, {"\"\xC3\xA4\"", 2, 4},
                {"3", 2, 7},         {"4", 2, 9},   {"{\"b\":5}", 4, 3},
                {"{}", 5, 3}};
  struct value root;
  struct value_position place;
  struct error err;
  for (size_t i = 0; i < sizeof wanted / sizeof *wanted; i++) {
    assert_int_equal(json_parse_next(&a, &cursor, &options, &root, &place, &err), 1);
    check_place(place, wanted[i].line, wanted[i].column);
    _cleanup_(buf_free) struct buf out = {0};
    json_write(&out, root, 0);
    assert_str(buf_str(&out), wanted[i].text);
    if (i == 5)
      check_place(value_position(root, 0), 5, 1);
  }
  root = value_int(9);
  assert_int_equal(json_parse_next(&a, &cursor, &options, &root, NULL, &err), 0);
  assert_int_equal(json_parse_next(&a, &cursor, &options, &root, NULL, &err), 0);
  assert_int_equal(root.integer, 9);
  assert_int_equal(cursor.rest.len, 0);
  check_place(cursor.position, 6, 1);
  arena_free(&a);
}

static void an_error_in_a_stream_leaves_the_cursor(void **state)
{
  (void)state;
  struct arena a;
  arena_init(&a, 0);
  struct json_cursor cursor = json_cursor_start(STR("{}\n {\"a\": x}"));
  cursor.position = (struct value_position){10, 5};
  struct value root;
  struct value_position place = {0};
  struct error err;
  assert_int_equal(json_parse_next(&a, &cursor, NULL, &root, &place, &err), 1);
  check_place(place, 10, 5);
  check_place(cursor.position, 10, 7);
  struct json_cursor before = cursor;
  for (int i = 0; i < 2; i++) {
    assert_int_equal(json_parse_next(&a, &cursor, NULL, &root, &place, &err), SW_EINVAL);
    check_place((struct value_position){err.line, err.column}, 11, 8);
    assert_ptr_equal(cursor.rest.data, before.rest.data);
    check_place(cursor.position, 10, 7);
  }
  struct json_options refuse = {.duplicates = VALUE_REFUSE};
  cursor = json_cursor_start(STR("[1]\n{\"a\":1,\"a\":2}"));
  assert_int_equal(json_parse_next(&a, &cursor, &refuse, &root, NULL, &err), 1);
  assert_int_equal(json_parse_next(&a, &cursor, &refuse, &root, NULL, &err), SW_EINVAL);
  assert_error(err, SW_EINVAL, "first at line 2, column 2");
  check_place((struct value_position){err.line, err.column}, 2, 8);
  cursor = json_cursor_start(STR("12-3"));
  assert_int_equal(json_parse_next(&a, &cursor, NULL, &root, NULL, &err), SW_EINVAL);
  cursor = json_cursor_start(STR("01"));
  assert_int_equal(json_parse_next(&a, &cursor, NULL, &root, NULL, &err), SW_EINVAL);
  arena_free(&a);
}

/* ---- one tree in every way */

static void a_reused_arena_takes_no_new_memory(void **state)
{
  (void)state;
#ifdef SW_ARENA_MALLOC
  print_message("in this build every piece is an allocation of its own, on purpose\n");
  skip();
#endif
  struct arena a;
  arena_init(&a, 0);
  _cleanup_(buf_free) struct buf text = {0};
  buf_add_byte(&text, '[');
  for (int i = 0; i < 300; i++)
    buf_printf(&text, "%s{\"name\":\"pod-%d\\n\",\"n\":[%d,%d.5]}", i ? "," : "", i, i, i);
  buf_add_byte(&text, ']');
  parse(&a, buf_str(&text));
  arena_reset(&a);
  struct arena_chunk *chunk = a.chunk;
  struct value root;
  for (int i = 0; i < 3; i++) {
    assert_int_equal(json_parse(&a, buf_str(&text), NULL, &root, NULL), 0);
    assert_ptr_equal(a.chunk, chunk);
    arena_reset(&a);
  }
  arena_free(&a);
}

static void options_do_not_change_the_tree(void **state)
{
  (void)state;
  static const struct str names[] = {STR_INIT("a"), STR_INIT("metadata")};
  _cleanup_(symbols_freep) struct symbols *table = symbols_new(names, 2);
  struct arena a;
  arena_init(&a, 0);
  for (size_t i = 0; i < sizeof accepted / sizeof *accepted; i++) {
    struct value plain = parse(&a, accepted[i].text);
    for (int n = 1; n < 4; n++) {
      struct json_options options = {.positions = n & 1, .symbols = n & 2 ? table : NULL};
      struct value root;
      assert_int_equal(parse_options(&a, accepted[i].text, &options, &root, NULL), 0);
      assert_true(value_equal(plain, root));
    }
  }
  arena_free(&a);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(accepts_what_the_rfc_describes),
      cmocka_unit_test(refuses_everything_else_and_says_where),
      cmocka_unit_test(every_prefix_of_a_text_is_refused),
      cmocka_unit_test(integers_are_inline_and_the_rest_is_kept_as_written),
      cmocka_unit_test(plain_strings_and_literals_are_views_of_the_input),
      cmocka_unit_test(keys_get_their_numbers),
      cmocka_unit_test(repeated_keys_are_resolved_or_refused),
      cmocka_unit_test(repeated_keys_are_noticed_in_objects_of_all_sizes),
      cmocka_unit_test(positions_count_lines_and_characters),
      cmocka_unit_test(the_value_that_won_has_the_position),
      cmocka_unit_test(positions_survive_a_growing_stack),
      cmocka_unit_test(depth_is_capped),
      cmocka_unit_test(depth_is_counted_for_objects_too),
      cmocka_unit_test(size_and_memory_are_capped),
      cmocka_unit_test(strings_of_every_length_at_every_offset),
      cmocka_unit_test(no_place_in_a_block_hides_a_byte),
      cmocka_unit_test(escapes_are_decoded_at_every_offset),
      cmocka_unit_test(white_space_of_every_length),
      cmocka_unit_test(several_values_are_read_one_by_one),
      cmocka_unit_test(an_error_in_a_stream_leaves_the_cursor),
      cmocka_unit_test(a_reused_arena_takes_no_new_memory),
      cmocka_unit_test(options_do_not_change_the_tree),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
