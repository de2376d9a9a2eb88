/*
 * What a process nobody trusts answers. The first byte says into which pieces it is cut. However it
 * is, the same frames come and the same end; limits hold; a message can be printed.
 */
#include "sandbox/frame_reader.h"
#include "base/mem.h"
#include "base/utf8.h"

#include <assert.h>

static const struct frame_limits limits = {.frame_bytes = 300, .frames = 50, .total_bytes = 2000};

struct taken {
  struct buf text;
  uint64_t frames, total;
};

static int take(void *context, struct str frame, struct error *err)
{
  struct taken *taken = context;
  (void)err;
  assert(frame.len <= limits.frame_bytes);
  taken->total += frame.len + FRAME_HEAD;
  assert(++taken->frames <= limits.frames && taken->total <= limits.total_bytes);
  buf_add_u64(&taken->text, frame.len);
  buf_add(&taken->text, frame);
  return 0;
}

static int feed(struct str bytes, size_t size, struct taken *taken, struct error *err)
{
  struct frame_reader reader;
  int rc = 0;
  frame_reader_init(&reader, &limits);
  for (size_t at = 0; at < bytes.len && rc == 0; at += size) {
    rc = frame_reader_feed(&reader, str_sub(bytes, at, size), take, taken, err);
    assert(reader.part.len <= FRAME_HEAD + FRAME_ERROR_HEAD + ERROR_MESSAGE_MAX);
    assert(!buf_failed(&reader.part));
  }
  if (rc < 0)
    assert(frame_reader_feed(&reader, STR("x"), take, taken, err) == rc);
  int end = frame_reader_finish(&reader, err);
  assert(rc == 0 || end == rc);
  assert((end == 0) == (reader.state == FRAME_READER_ENDED));
  frame_reader_free(&reader);
  return end;
}

static void check_message(const struct error *err)
{
  struct str message = str_from(err->message);
  assert(message.len < ERROR_MESSAGE_MAX && utf8_valid(message));
  for (size_t i = 0; i < message.len; i++)
    assert((unsigned char)message.data[i] >= ' ' && message.data[i] != 0x7f);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
  if (!size)
    return 0;
  struct str bytes = str_make((const char *)data + 1, size - 1);
  struct taken whole = {0}, pieces = {0};
  struct error err, again;
  int rc = feed(bytes, bytes.len + 1, &whole, &err);
  assert(feed(bytes, (size_t)data[0] + 1, &pieces, &again) == rc);
  assert(whole.frames == pieces.frames);
  assert(str_eq(buf_str(&whole.text), buf_str(&pieces.text)));
  if (rc < 0) {
    assert(err.code == rc && again.code == rc);
    assert(err.line == again.line && err.column == again.column);
    assert(strcmp(err.message, again.message) == 0);
    check_message(&err);
  }
  buf_free(&whole.text);
  buf_free(&pieces.text);
  return 0;
}
