#include "kube/event_reader.h"
#include "../test.h"

struct heard {
  unsigned count;
  struct buf text;
  int answer;
};

static int take(void *context, const struct kube_event *event, struct error *err)
{
  struct heard *heard = context;
  heard->count++;
  struct value name =
      value_get(value_get(event->object, value_from("metadata")), value_from("name"));
  buf_printf(&heard->text, "%.*s:%.*s ", STR_FMT(kube_event_type_name(event->type)),
             STR_FMT(value_str_or_empty(name)));
  return heard->answer < 0 ? error_set(err, heard->answer, "enough") : 0;
}

#define EVENT(type, name)                                                                          \
  "{\"type\":\"" type "\",\"object\":{\"metadata\":{\"name\":\"" name "\"}}}\n"

static const char stream[] = EVENT("ADDED", "a") "\n \r\n" EVENT("MODIFIED", "b\\u00e4")
    EVENT("DELETED", "c") EVENT("BOOKMARK", "") EVENT("ERROR", "d") "{\"type\":\"ADD";

static const char expected[] = "ADDED:a MODIFIED:b\xc3\xa4 DELETED:c BOOKMARK: ERROR:d ";

/* Wherever the network cuts. */
static void test_pieces(void **state)
{
  (void)state;
  for (size_t size = 1; size <= sizeof stream; size++) {
    struct kube_event_reader reader;
    struct heard heard = {0};
    struct error err;
    kube_event_reader_init(&reader, 200);
    for (size_t at = 0; at < sizeof stream - 1; at += size)
      assert_int_equal(
          kube_event_reader_feed(&reader, str_sub(str_from(stream), at, size), take, &heard, &err),
          0);
    assert_str(buf_str(&heard.text), expected);
    assert_int_equal(heard.count, 5);
    kube_event_reader_free(&reader);
    buf_free(&heard.text);
  }
}

static void refused(const char *text, int code, const char *message)
{
  struct kube_event_reader reader;
  struct heard heard = {0};
  struct error err = {0};
  kube_event_reader_init(&reader, 64);
  assert_int_equal(kube_event_reader_feed(&reader, str_from(text), take, &heard, &err), code);
  assert_error(err, code, message);
  assert_int_equal(heard.count, 0);
  /* Nothing more is taken, good as it may be. */
  assert_int_equal(kube_event_reader_feed(&reader, STR(EVENT("ADDED", "a")), take, &heard, &err),
                   code);
  assert_int_equal(heard.count, 0);
  kube_event_reader_free(&reader);
  buf_free(&heard.text);
}

static void test_refused(void **state)
{
  (void)state;
  refused("<html>\n", SW_EINVAL, "an event of the watch");
  refused("[]\n", SW_EINVAL, "no event");
  refused("{\"type\":\"ADDED\"}\n", SW_EINVAL, "no event");
  refused("{\"type\":\"ADDED\",\"object\":null}\n", SW_EINVAL, "no event");
  refused("{\"type\":\"added\",\"object\":{}}\n", SW_EINVAL, "no event");
  refused("{\"type\":1,\"object\":{}}\n", SW_EINVAL, "no event");
  refused("{} {}\n", SW_EINVAL, "an event of the watch");
  /* Longer than a line may be, with and without its end, in one piece and in several. */
  refused("{\"type\":\"ADDED\",\"object\":{\"metadata\":{\"name\":\"abcdefghijklmnop\"}}}\n",
          SW_ELIMIT, "longer than 64 bytes");
  refused("{\"type\":\"ADDED\",\"object\":{\"metadata\":{\"name\":\"abcdefghijklmnopqrstuvw",
          SW_ELIMIT, "longer than 64 bytes");
}

static void test_line_limit_in_pieces(void **state)
{
  (void)state;
  struct kube_event_reader reader;
  struct heard heard = {0};
  struct error err = {0};
  int rc = 0;
  kube_event_reader_init(&reader, 1000);
  unsigned pieces = 0;
  while (rc == 0 && pieces < 100000) {
    pieces++;
    rc = kube_event_reader_feed(&reader, STR("          "), take, &heard, &err);
  }
  assert_int_equal(rc, SW_ELIMIT);
  assert_int_equal(pieces, 101);
  kube_event_reader_free(&reader);
}

static void test_receiver_stops(void **state)
{
  (void)state;
  struct kube_event_reader reader;
  struct heard heard = {.answer = SW_ETEST};
  struct error err = {0};
  kube_event_reader_init(&reader, 0);
  assert_int_equal(kube_event_reader_feed(&reader, str_from(stream), take, &heard, &err), SW_ETEST);
  assert_error(err, SW_ETEST, "enough");
  assert_int_equal(heard.count, 1);
  kube_event_reader_free(&reader);
  buf_free(&heard.text);
}

/* One large event does not leave its memory behind. */
static void test_memory(void **state)
{
  (void)state;
  struct kube_event_reader reader;
  struct heard heard = {0};
  struct error err = {0};
  struct buf large = {0};
  buf_add(&large, STR("{\"type\":\"ADDED\",\"object\":{\"x\":\""));
  buf_add_repeat(&large, 'x', 4 << 20);
  buf_add(&large, STR("\"}}\n"));
  kube_event_reader_init(&reader, 0);
  for (size_t at = 0; at < large.len; at += 10000)
    assert_int_equal(
        kube_event_reader_feed(&reader, str_sub(buf_str(&large), at, 10000), take, &heard, &err),
        0);
  assert_int_equal(heard.count, 1);
  assert_true(reader.line.room <= 256 << 10);
  kube_event_reader_free(&reader);
  buf_free(&large);
  buf_free(&heard.text);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_pieces),
      cmocka_unit_test(test_refused),
      cmocka_unit_test(test_line_limit_in_pieces),
      cmocka_unit_test(test_receiver_stops),
      cmocka_unit_test(test_memory),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
