/*
 * rpm_make.h - headers and databases of rpm, made for tests.
 */
#ifndef SEAWALL_TESTS_UNIT_SCAN_RPM_MAKE_H
#define SEAWALL_TESTS_UNIT_SCAN_RPM_MAKE_H

#include "base/buf.h"

enum { MAKE_INT8 = 2, MAKE_INT16 = 3, MAKE_INT32 = 4, MAKE_STRING = 6, MAKE_STRINGS = 8 };

static inline void make_number(struct buf *out, uint64_t number, unsigned bytes, bool big_endian)
{
  for (unsigned i = 0; i < bytes; i++)
    buf_add_byte(out, (char)(number >> 8 * (big_endian ? bytes - 1 - i : i)));
}

static inline void make_at(struct buf *out, size_t at, uint64_t number, unsigned bytes,
                           bool big_endian)
{
  struct buf text = {0};
  make_number(&text, number, bytes, big_endian);
  memcpy(out->data + at, text.data, bytes);
  buf_free(&text);
}

/* A header that grows: its table, and its data. */
struct make_header {
  struct buf table, data;
  uint32_t count;
};

static inline void make_entry(struct make_header *h, uint32_t tag, uint32_t type, uint32_t count)
{
  make_number(&h->table, tag, 4, true);
  make_number(&h->table, type, 4, true);
  make_number(&h->table, h->data.len, 4, true);
  make_number(&h->table, count, 4, true);
  h->count++;
}

static inline void make_text(struct make_header *h, uint32_t tag, const char *text)
{
  make_entry(h, tag, MAKE_STRING, 1);
  buf_add(&h->data, str_make(text, strlen(text) + 1));
}

/* Texts with a zero byte behind each: "a\0b\0" */
static inline void make_texts(struct make_header *h, uint32_t tag, uint32_t count, struct str texts)
{
  make_entry(h, tag, MAKE_STRINGS, count);
  buf_add(&h->data, texts);
}

static inline void make_numbers(struct make_header *h, uint32_t tag, uint32_t type, uint32_t count,
                                const uint32_t *numbers)
{
  static const unsigned sizes[] = {[MAKE_INT8] = 1, [MAKE_INT16] = 2, [MAKE_INT32] = 4};
  make_entry(h, tag, type, count);
  for (uint32_t i = 0; i < count; i++)
    make_number(&h->data, numbers[i], sizes[type], true);
}

/* The blob, as a database holds it; the header is empty again. */
static inline void make_blob(struct make_header *h, struct buf *ret_blob)
{
  make_number(ret_blob, h->count, 4, true);
  make_number(ret_blob, h->data.len, 4, true);
  buf_add(ret_blob, buf_str(&h->table));
  buf_add(ret_blob, buf_str(&h->data));
  buf_free(&h->table);
  buf_free(&h->data);
  *h = (struct make_header){0};
}

static inline void make_package(struct buf *ret_blob, const char *name)
{
  struct make_header h = {0};
  make_text(&h, 1000, name);
  make_text(&h, 1001, "1.0");
  make_text(&h, 1002, "2.el9");
  make_text(&h, 1022, "x86_64");
  make_text(&h, 1044, "source-1.0-2.el9.src.rpm");
  make_blob(&h, ret_blob);
}

#endif
