/*
 * The first byte chooses a format, the rest is a file of it. What is handed over has ids and names, events and
 * lists within their limits, and is the same however the bytes come in pieces.
 */
#include "scan/advisory/import.h"

#include "base/buf.h"
#include "base/mem.h"

#include <assert.h>

struct source {
  struct str left;
  size_t step;
};

static int read_source(void *ctx, void *to, size_t room, size_t *ret_got, struct error *err)
{
  struct source *s = ctx;
  size_t len = s->left.len < room ? s->left.len : room;
  len = s->step && len > s->step ? s->step : len;
  if (len)
    memcpy(to, s->left.data, len);
  s->left = str_sub(s->left, len, SIZE_MAX);
  *ret_got = len;
  return 0;
}

static void note(struct buf *told, struct str s)
{
  buf_printf(told, "%zu:", s.len);
  buf_add(told, s);
}

static int add(void *ctx, const struct advisory *a, struct error *err)
{
  struct buf *told = ctx;
  assert(a->id.len && a->id.len <= ADVISORY_ID_MAX);
  assert(a->alias_count <= ADVISORY_ALIASES_MAX + 1 && a->affected_count <= ADVISORY_AFFECTED_MAX);
  assert(a->severity < SEVERITY_COUNT);
  note(told, a->id);
  for (size_t i = 0; i < a->alias_count; i++)
    note(told, a->aliases[i]);
  for (size_t i = 0; i < a->affected_count; i++) {
    const struct advisory_affected *p = &a->affected[i];
    assert(p->ecosystem.len && p->name.len && p->version_count <= ADVISORY_VERSIONS_MAX);
    note(told, p->ecosystem);
    note(told, p->name);
    for (size_t r = 0; r < p->range_count; r++)
      for (size_t e = 0; e < p->ranges[r].count; e++) {
        assert(p->ranges[r].events[e].version.len);
        note(told, p->ranges[r].events[e].version);
      }
  }
  return 0;
}

static int exploited(void *ctx, struct str cve, struct str date, bool ransomware, struct error *err)
{
  assert(cve.len);
  note(ctx, cve);
  return 0;
}

static int epss(void *ctx, struct str cve, uint32_t score, uint32_t percentile, struct error *err)
{
  assert(cve.len && score <= 1000000 && percentile <= 1000000);
  note(ctx, cve);
  return 0;
}

static void unreadable(void *ctx, struct str id, const struct error *why)
{
  assert(why->code < 0 && why->message[0]);
  buf_add_byte(ctx, '!');
}

static int import_it(const struct advisory_format *format, struct str bytes, size_t step,
                     struct buf *told)
{
  const struct advisory_sink sink = {.add = add, .exploited = exploited, .epss = epss, .ctx = told};
  struct source source = {bytes, step};
  struct arena arena;
  struct error err = {0};
  arena_init(&arena, 0);
  struct advisory_import import = {.name = STR("in.jsonl"),
                                   .sink = &sink,
                                   .unreadable = unreadable,
                                   .ctx = told,
                                   .arena = &arena};
  int rc = advisory_import_read(&import, format, (struct oci_input){read_source, &source}, &err);
  assert(rc == 0 || (err.code == rc && err.message[0]));
  assert(import.ret_date.len <= 64);
  arena_free(&arena);
  return rc;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
  struct buf whole = {0}, pieces = {0};
  size_t count = 0;
  if (size == 0)
    return 0;
  while (advisory_formats[count])
    count++;
  size_t chosen = (data[0] - (size_t)'a') % (count + 1);
  struct str bytes = str_make((const char *)data + 1, size - 1);
  int first = import_it(advisory_formats[chosen], bytes, 0, &whole);
  int second = import_it(advisory_formats[chosen], bytes, 3, &pieces);
  assert(first == second && str_eq(buf_str(&whole), buf_str(&pieces)));
  buf_free(&whole);
  buf_free(&pieces);
  return 0;
}
