/*
 * The stream of a watch, in pieces. The first byte says how long they are. However it is cut, the same
 * events come, and the same error; no line longer than the limit is kept.
 */
#include "kube/event_reader.h"

#include "data/json_write.h"

#include <assert.h>

enum { LINE_MAX = 4000 };

struct heard {
  struct buf text;
  unsigned count;
};

static int take(void *context, const struct kube_event *event, struct error *err)
{
  struct heard *heard = context;
  (void)err;
  heard->count++;
  assert(value_is(event->object, VALUE_OBJECT));
  buf_add(&heard->text, kube_event_type_name(event->type));
  json_write(&heard->text, event->object, 0);
  return 0;
}

static int feed(struct str text, size_t size, struct heard *heard, bool *ret_end)
{
  struct kube_event_reader reader;
  struct error err;
  int rc = 0;
  kube_event_reader_init(&reader, LINE_MAX);
  for (size_t at = 0; at < text.len && rc == 0; at += size) {
    rc = kube_event_reader_feed(&reader, str_sub(text, at, size), take, heard, &err);
    assert(reader.line.len <= LINE_MAX);
    assert(rc == 0 || (err.code == rc && err.message[0]));
  }
  if (rc < 0)
    assert(kube_event_reader_feed(&reader, STR("{\"type\":\"ADDED\",\"object\":{}}\n"), take, heard,
                                  &err) == rc);
  *ret_end = reader.line.len == 0;
  kube_event_reader_free(&reader);
  return rc;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
  if (!size)
    return 0;
  struct str text = str_make((const char *)data + 1, size - 1);
  struct heard whole = {0}, pieces = {0};
  bool end, end_of_pieces;
  int rc = feed(text, text.len + 1, &whole, &end);
  int again = feed(text, (size_t)data[0] + 1, &pieces, &end_of_pieces);
  assert(rc == again);
  assert(whole.count == pieces.count);
  assert(str_eq(buf_str(&whole.text), buf_str(&pieces.text)));
  assert(rc < 0 || end == end_of_pieces);
  buf_free(&whole.text);
  buf_free(&pieces.text);
  return 0;
}
