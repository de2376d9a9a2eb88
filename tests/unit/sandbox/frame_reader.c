#include "../test.h"

#include "base/mem.h"
#include "sandbox/frame_reader.h"

static const struct frame_limits limits = {.frame_bytes = 16, .frames = 3, .total_bytes = 50};

struct taken {
  struct buf text;
  unsigned count;
  unsigned refuse_at;
};

static int take(void *context, struct str frame, struct error *err)
{
  struct taken *taken = context;
  if (++taken->count == taken->refuse_at)
    return error_set(err, SW_ETEST, "not this one");
  buf_add(&taken->text, frame);
  buf_add_byte(&taken->text, '|');
  return 0;
}

static void add(struct buf *out, enum frame_kind kind, const char *payload)
{
  uint8_t head[FRAME_HEAD];
  frame_head(head, kind, (uint32_t)strlen(payload));
  buf_add(out, str_make((const char *)head, sizeof head));
  buf_add_text(out, payload);
}

/* Feeds in pieces of a size, and finishes. */
static int read_all(struct str bytes, size_t size, struct taken *taken, struct error *err)
{
  struct frame_reader reader;
  int rc = 0;
  frame_reader_init(&reader, &limits);
  for (size_t at = 0; at < bytes.len && rc == 0; at += size)
    rc = frame_reader_feed(&reader, str_sub(bytes, at, size), take, taken, err);
  if (rc == 0)
    rc = frame_reader_finish(&reader, err);
  else
    assert_int_equal(frame_reader_finish(&reader, NULL), rc);
  frame_reader_free(&reader);
  return rc;
}

static void gives_frames_however_they_are_cut(void **state)
{
  (void)state;
  _cleanup_(buf_free) struct buf bytes = {0};
  add(&bytes, FRAME_DATA, "one");
  add(&bytes, FRAME_DATA, "");
  add(&bytes, FRAME_DATA, "exactly 16 bytes");
  add(&bytes, FRAME_END, "");
  for (size_t size = 1; size <= bytes.len; size++) {
    struct taken taken = {0};
    struct error err;
    assert_int_equal(read_all(buf_str(&bytes), size, &taken, &err), 0);
    assert_str(buf_str(&taken.text), "one||exactly 16 bytes|");
    buf_free(&taken.text);
  }
}

/* Any cut gives the same error. */
static void refuse(struct buf *bytes, int code, const char *text)
{
  for (size_t size = 1; size <= bytes->len; size++) {
    struct taken taken = {0};
    struct error err = {0};
    assert_int_equal(read_all(buf_str(bytes), size, &taken, &err), code);
    assert_error(err, code, text);
    buf_free(&taken.text);
  }
  buf_free(bytes);
}

static void refuses_what_is_larger_than_allowed(void **state)
{
  (void)state;
  struct buf bytes = {0};
  uint8_t head[FRAME_HEAD];
  add(&bytes, FRAME_DATA, "more than 16 byte");
  refuse(&bytes, SW_ELIMIT, "frame of 17 bytes; 16 are allowed");
  frame_head(head, FRAME_DATA, UINT32_MAX); /* without a byte of payload */
  buf_add(&bytes, str_make((const char *)head, sizeof head));
  refuse(&bytes, SW_ELIMIT, "4294967295");
  for (unsigned i = 0; i < 4; i++)
    add(&bytes, FRAME_DATA, "x");
  refuse(&bytes, SW_ELIMIT, "more than 3 frames");
  for (unsigned i = 0; i < 3; i++)
    add(&bytes, FRAME_DATA, "0123456789ab");
  refuse(&bytes, SW_ELIMIT, "longer than 50 bytes");
}

static void refuses_what_is_no_frame(void **state)
{
  (void)state;
  struct buf bytes = {0};
  add(&bytes, (enum frame_kind)0, "");
  refuse(&bytes, SW_EINVAL, "unknown kind 0");
  add(&bytes, (enum frame_kind)255, "x");
  refuse(&bytes, SW_EINVAL, "unknown kind 255");
  add(&bytes, FRAME_END, "x");
  refuse(&bytes, SW_EINVAL, "end frame has 1 bytes");
  add(&bytes, FRAME_ERROR, "01234567890");
  refuse(&bytes, SW_EINVAL, "error frame has 11 bytes");
  add(&bytes, FRAME_END, "");
  add(&bytes, FRAME_DATA, "late");
  refuse(&bytes, SW_EINVAL, "goes on behind its end");
  add(&bytes, FRAME_END, "");
  buf_add_byte(&bytes, '\0');
  refuse(&bytes, SW_EINVAL, "goes on behind its end");
}

static void refuses_what_stops_early(void **state)
{
  (void)state;
  struct buf bytes = {0};
  add(&bytes, FRAME_DATA, "one");
  refuse(&bytes, SW_EINVAL, "has no end");
  add(&bytes, FRAME_DATA, "one");
  bytes.len--;
  refuse(&bytes, SW_EINVAL, "ends within a frame");
  add(&bytes, FRAME_END, "");
  bytes.len--;
  refuse(&bytes, SW_EINVAL, "ends within a frame");
  struct taken taken = {0};
  struct error err;
  assert_int_equal(read_all(STR_EMPTY, 1, &taken, &err), SW_EINVAL);
  assert_error(err, SW_EINVAL, "has no end");
}

static void an_error_of_the_other_side_is_told(void **state)
{
  (void)state;
  struct buf bytes = {0};
  struct error told;
  add(&bytes, FRAME_DATA, "one");
  error_set_at(&told, SW_ELIMIT, 7, 9, "grün: too deep");
  frame_add_error(&bytes, &told);
  for (size_t size = 1; size <= bytes.len; size++) {
    struct taken taken = {0};
    struct error err;
    assert_int_equal(read_all(buf_str(&bytes), size, &taken, &err), SW_ELIMIT);
    assert_string_equal(err.message, "grün: too deep");
    assert_int_equal(err.line, 7);
    assert_int_equal(err.column, 9);
    assert_int_equal(taken.count, 1);
    buf_free(&taken.text);
  }
  buf_free(&bytes);
}

static void its_message_can_be_printed_whatever_it_was(void **state)
{
  (void)state;
  struct buf bytes = {0};
  struct error told = {.code = 17};
  struct taken taken = {0};
  struct error err;
  memcpy(told.message, "a\x1b[2Jb\n\xff c", 10);
  frame_add_error(&bytes, &told);
  assert_int_equal(read_all(buf_str(&bytes), 4096, &taken, &err), SW_EINVAL);
  assert_string_equal(err.message, "a?[2Jb?? c");
  buf_clear(&bytes);
  memset(told.message, 'x', sizeof told.message); /* without an end */
  frame_add_error(&bytes, &told);
  assert_int_equal(read_all(buf_str(&bytes), 4096, &taken, &err), SW_EINVAL);
  assert_in_range(strlen(err.message), ERROR_MESSAGE_MAX - 8, ERROR_MESSAGE_MAX - 1);
  buf_clear(&bytes);
  /* a code that would pass for success */
  add(&bytes, FRAME_ERROR, "0123456789abfine");
  memset(bytes.data + FRAME_HEAD, 0, 4);
  assert_int_equal(read_all(buf_str(&bytes), 4096, &taken, &err), SW_EINVAL);
  assert_error(err, SW_EINVAL, "fine");
  buf_free(&bytes);
}

static void what_the_taker_says_sticks(void **state)
{
  (void)state;
  _cleanup_(buf_free) struct buf bytes = {0};
  add(&bytes, FRAME_DATA, "one");
  add(&bytes, FRAME_DATA, "two");
  add(&bytes, FRAME_END, "");
  struct taken taken = {.refuse_at = 2};
  struct frame_reader reader;
  struct error err;
  frame_reader_init(&reader, &limits);
  assert_int_equal(frame_reader_feed(&reader, buf_str(&bytes), take, &taken, &err), SW_ETEST);
  assert_error(err, SW_ETEST, "not this one");
  assert_int_equal(frame_reader_feed(&reader, STR("x"), take, &taken, &err), SW_ETEST);
  assert_int_equal(frame_reader_finish(&reader, &err), SW_ETEST);
  assert_error(err, SW_ETEST, "not this one");
  assert_int_equal(taken.count, 2);
  frame_reader_free(&reader);
  buf_free(&taken.text);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(gives_frames_however_they_are_cut),
      cmocka_unit_test(refuses_what_is_larger_than_allowed),
      cmocka_unit_test(refuses_what_is_no_frame),
      cmocka_unit_test(refuses_what_stops_early),
      cmocka_unit_test(an_error_of_the_other_side_is_told),
      cmocka_unit_test(its_message_can_be_printed_whatever_it_was),
      cmocka_unit_test(what_the_taker_says_sticks),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
