#include "sandbox/frame_reader.h"

#include "base/utf8.h"

static uint32_t get32(const char *from)
{
  const uint8_t *b = (const uint8_t *)from;
  return (uint32_t)b[0] | (uint32_t)b[1] << 8 | (uint32_t)b[2] << 16 | (uint32_t)b[3] << 24;
}

static void put32(uint8_t *to, uint32_t number)
{
  for (unsigned i = 0; i < 4; i++)
    to[i] = (uint8_t)(number >> (8 * i));
}

void frame_head(uint8_t ret_head[static FRAME_HEAD], enum frame_kind kind, uint32_t len)
{
  ret_head[0] = (uint8_t)kind;
  put32(ret_head + 1, len);
}

static bool is_error_code(int code)
{
  return code < 0 && code >= SW_EPIPE;
}

void frame_add_error(struct buf *out, const struct error *error)
{
  uint8_t head[FRAME_HEAD + FRAME_ERROR_HEAD];
  struct str message = {error->message, strnlen(error->message, ERROR_MESSAGE_MAX - 1)};
  frame_head(head, FRAME_ERROR, (uint32_t)(FRAME_ERROR_HEAD + message.len));
  put32(head + FRAME_HEAD, (uint32_t)(is_error_code(error->code) ? error->code : SW_EINVAL));
  put32(head + FRAME_HEAD + 4, error->line);
  put32(head + FRAME_HEAD + 8, error->column);
  buf_add(out, str_make((const char *)head, sizeof head));
  buf_add(out, message);
}

void frame_reader_init(struct frame_reader *r, const struct frame_limits *limits)
{
  *r = (struct frame_reader){.limits = *limits};
  size_t largest = limits->frame_bytes;
  if (largest < FRAME_ERROR_HEAD + ERROR_MESSAGE_MAX)
    largest = FRAME_ERROR_HEAD + ERROR_MESSAGE_MAX;
  buf_init(&r->part, largest + FRAME_HEAD);
}

void frame_reader_free(struct frame_reader *r)
{
  buf_free(&r->part);
}

static int fail(struct frame_reader *r, int code, struct error *err)
{
  if (err)
    r->error = *err;
  r->error.code = code;
  r->state = FRAME_READER_FAILED;
  return code;
}

static int give_error(const struct frame_reader *r, struct error *err)
{
  if (err)
    *err = r->error;
  return r->error.code;
}

/* What a head announces is judged before a byte of it is kept. */
static int check_head(const struct frame_reader *r, unsigned kind, uint32_t len, struct error *err)
{
  if (r->state != FRAME_READER_OPEN)
    return error_set(err, SW_EINVAL, "the reader's answer goes on behind its end");
  if (kind == FRAME_DATA && len > r->limits.frame_bytes)
    return error_set(err, SW_ELIMIT, "the reader announced a frame of %u bytes; %u are allowed",
                     (unsigned)len, (unsigned)r->limits.frame_bytes);
  if (kind == FRAME_DATA && r->frames >= r->limits.frames)
    return error_set(err, SW_ELIMIT, "the reader answered with more than %llu frames",
                     (unsigned long long)r->limits.frames);
  if (kind == FRAME_END && len != 0)
    return error_set(err, SW_EINVAL, "the reader's end frame has %u bytes of payload",
                     (unsigned)len);
  if (kind == FRAME_ERROR &&
      (len < FRAME_ERROR_HEAD || len >= FRAME_ERROR_HEAD + ERROR_MESSAGE_MAX))
    return error_set(err, SW_EINVAL, "the reader's error frame has %u bytes", (unsigned)len);
  if (kind < FRAME_DATA || kind > FRAME_ERROR)
    return error_set(err, SW_EINVAL, "the reader answered with a frame of the unknown kind %u",
                     kind);
  if (kind == FRAME_DATA && (uint64_t)len + FRAME_HEAD > r->limits.total_bytes - r->total)
    return error_set(err, SW_ELIMIT, "the reader's answer is longer than %llu bytes",
                     (unsigned long long)r->limits.total_bytes);
  return 0;
}

/* A message that can be printed, whoever wrote it. */
static void copy_message(char ret_text[static ERROR_MESSAGE_MAX], struct str message)
{
  size_t at = 0, used = 0;
  while (at < message.len && used + 4 < ERROR_MESSAGE_MAX) {
    uint32_t point;
    unsigned len = utf8_decode(message, at, &point);
    if (len == 0 || (point != ' ' && !utf8_point_visible(point))) {
      ret_text[used++] = '?';
    } else {
      memcpy(ret_text + used, message.data + at, len);
      used += len;
    }
    at += len ? len : 1;
  }
  ret_text[used] = '\0';
}

static void keep_error(struct frame_reader *r, struct str payload)
{
  int code = (int)get32(payload.data);
  r->error.code = is_error_code(code) ? code : SW_EINVAL;
  r->error.line = get32(payload.data + 4);
  r->error.column = get32(payload.data + 8);
  copy_message(r->error.message, str_sub(payload, FRAME_ERROR_HEAD, ERROR_MESSAGE_MAX));
  r->state = FRAME_READER_ERROR;
}

static int take_frame(struct frame_reader *r, unsigned kind, struct str payload,
                      int (*take)(void *context, struct str frame, struct error *err),
                      void *context, struct error *err)
{
  if (kind == FRAME_END) {
    r->state = FRAME_READER_ENDED;
    return 0;
  }
  if (kind == FRAME_ERROR) {
    keep_error(r, payload);
    return 0;
  }
  r->frames++;
  r->total += FRAME_HEAD + payload.len;
  return take(context, payload, err);
}

/* Moves bytes from the front of *bytes until the part has `wanted` of them; whether it has. */
static bool fill_part(struct frame_reader *r, size_t wanted, struct str *bytes)
{
  if (r->part.len < wanted) {
    struct str more = str_sub(*bytes, 0, wanted - r->part.len);
    buf_add(&r->part, more);
    *bytes = str_sub(*bytes, more.len, bytes->len);
  }
  return r->part.len >= wanted;
}

/* The next frame, from the bytes themselves if it lies whole in them, else by way of the part. */
static int next_frame(struct frame_reader *r, struct str *bytes,
                      int (*take)(void *context, struct str frame, struct error *err),
                      void *context, struct error *err)
{
  bool direct = r->part.len == 0 && bytes->len >= FRAME_HEAD;
  if (!direct && !fill_part(r, FRAME_HEAD, bytes))
    return r->state == FRAME_READER_OPEN
               ? 0
               : error_set(err, SW_EINVAL, "the reader's answer goes on behind its end");
  const char *head = direct ? bytes->data : r->part.data;
  unsigned kind = (uint8_t)head[0];
  uint32_t len = get32(head + 1);
  int rc = check_head(r, kind, len, err);
  if (rc < 0)
    return rc;
  if (direct && bytes->len - FRAME_HEAD >= len) {
    struct str payload = str_sub(*bytes, FRAME_HEAD, len);
    *bytes = str_sub(*bytes, (size_t)FRAME_HEAD + len, bytes->len);
    return take_frame(r, kind, payload, take, context, err);
  }
  if (!fill_part(r, (size_t)FRAME_HEAD + len, bytes))
    return 0;
  rc = take_frame(r, kind, str_sub(buf_str(&r->part), FRAME_HEAD, len), take, context, err);
  buf_clear(&r->part);
  return rc;
}

int frame_reader_feed(struct frame_reader *r, struct str bytes,
                      int (*take)(void *context, struct str frame, struct error *err),
                      void *context, struct error *err)
{
  struct error own;
  if (r->state == FRAME_READER_FAILED)
    return give_error(r, err);
  if (!err)
    err = &own;
  while (bytes.len) {
    int rc = next_frame(r, &bytes, take, context, err);
    if (rc < 0)
      return fail(r, rc, err);
  }
  return 0;
}

int frame_reader_finish(const struct frame_reader *r, struct error *err)
{
  if (r->state == FRAME_READER_FAILED || r->state == FRAME_READER_ERROR)
    return give_error(r, err);
  if (r->part.len)
    return error_set(err, SW_EINVAL, "the reader's answer ends within a frame");
  if (r->state == FRAME_READER_OPEN)
    return error_set(err, SW_EINVAL, "the reader's answer has no end");
  return 0;
}
