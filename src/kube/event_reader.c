#include "kube/event_reader.h"

#include "data/json.h"

static const struct str names[] = {
    [KUBE_ADDED] = STR_INIT("ADDED"),     [KUBE_MODIFIED] = STR_INIT("MODIFIED"),
    [KUBE_DELETED] = STR_INIT("DELETED"), [KUBE_BOOKMARK] = STR_INIT("BOOKMARK"),
    [KUBE_ERROR] = STR_INIT("ERROR"),
};

struct str kube_event_type_name(enum kube_event_type type)
{
  return names[type];
}

void kube_event_reader_init(struct kube_event_reader *reader, size_t line_max)
{
  *reader = (struct kube_event_reader){.line_max = line_max ? line_max : KUBE_LINE_DEFAULT};
  buf_init(&reader->line, reader->line_max);
  arena_init(&reader->arena, reader->line_max * 20 + (1 << 20));
  arena_keep(&reader->arena, 256 << 10);
}

void kube_event_reader_free(struct kube_event_reader *reader)
{
  buf_free(&reader->line);
  arena_free(&reader->arena);
}

static bool type_named(struct value name, enum kube_event_type *ret)
{
  for (unsigned i = 0; i < sizeof names / sizeof names[0]; i++)
    if (value_eq_str(name, names[i])) {
      *ret = (enum kube_event_type)i;
      return true;
    }
  return false;
}

static int take_line(struct kube_event_reader *reader, struct str line, kube_take_event *take,
                     void *context, struct error *err)
{
  struct kube_event event = {.arena = &reader->arena};
  struct value root;
  line = str_trim(line);
  if (!line.len)
    return 0;
  arena_reset(&reader->arena);
  int rc = json_parse(&reader->arena, line, NULL, &root, err);
  if (rc < 0)
    return error_wrap(err, "an event of the watch");
  event.object = value_get(root, value_from("object"));
  if (!type_named(value_get(root, value_from("type")), &event.type) ||
      !value_is(event.object, VALUE_OBJECT))
    return error_set(err, SW_EINVAL, "the watch says something that is no event");
  return take(context, &event, err);
}

static int keep(struct kube_event_reader *reader, struct str part, struct error *err)
{
  buf_add(&reader->line, part);
  if (buf_failed(&reader->line))
    return error_set(err, SW_ELIMIT, "an event of the watch is longer than %zu bytes",
                     reader->line_max);
  return 0;
}

static int feed(struct kube_event_reader *reader, struct str piece, kube_take_event *take,
                void *context, struct error *err)
{
  int rc = 0;
  for (struct str rest = piece; rc == 0 && rest.len;) {
    struct str line = str_cut(rest, '\n', &rest);
    if (!rest.data)
      return keep(reader, line, err);
    if (reader->line.len) {
      rc = keep(reader, line, err);
      line = buf_str(&reader->line);
    } else if (line.len > reader->line_max) {
      rc = keep(reader, line, err);
    }
    if (rc == 0)
      rc = take_line(reader, line, take, context, err);
    buf_clear(&reader->line);
  }
  return rc;
}

int kube_event_reader_feed(struct kube_event_reader *reader, struct str piece,
                           kube_take_event *take, void *context, struct error *err)
{
  if (reader->failed)
    return error_set(err, reader->failed, "the watch has failed before");
  int rc = feed(reader, piece, take, context, err);
  if (rc < 0)
    reader->failed = rc;
  /* One large event is no reason to keep its memory. */
  if (!reader->line.len && reader->line.room > 256 << 10) {
    buf_free(&reader->line);
    buf_init(&reader->line, reader->line_max);
  }
  return rc;
}
