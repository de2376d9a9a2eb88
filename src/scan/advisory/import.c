#include "scan/advisory/import.h"

#include "scan/advisory/import_int.h"

#include <string.h>

/* Told apart in this order: what is known by its name or by members of its own, before what is known by less. */
const struct advisory_format *const advisory_formats[] = {
    &advisory_format_epss,
    &advisory_format_debian_list,
    &advisory_format_debian_tracker,
    &advisory_format_alpine_secdb,
    &advisory_format_kev,
    &advisory_format_csaf,
    &advisory_format_project_kb,
    &advisory_format_nodejs,
    &advisory_format_rubysec,
    &advisory_format_retirejs,
    &advisory_format_victims,
    &advisory_format_osv,
    NULL,
};

const struct advisory_format *advisory_format_named(struct str name)
{
  for (size_t i = 0; advisory_formats[i]; i++)
    if (str_eq(str_from(advisory_formats[i]->name), name))
      return advisory_formats[i];
  return NULL;
}

const struct advisory_format *advisory_format_detect(struct str name, struct str head)
{
  for (size_t i = 0; advisory_formats[i]; i++)
    if (advisory_formats[i]->detect(name, head))
      return advisory_formats[i];
  return NULL;
}

bool import_head_has(struct str head, const char *const *members, size_t count)
{
  char quoted[64];
  for (size_t i = 0; i < count; i++) {
    snprintf(quoted, sizeof quoted, "\"%s\"", members[i]);
    if (str_find(head, 0, str_from(quoted)) < 0)
      return false;
  }
  return true;
}

/* ---- the input: what was read to tell the format, then the rest */

struct rejoined {
  struct oci_unpack *unpack;
  struct buf head;
  struct str piece; /* not given out yet */
  bool in_head;
};

static int read_rejoined(void *ctx, void *to, size_t room, size_t *ret_got, struct error *err)
{
  struct rejoined *r = ctx;
  while (r->piece.len == 0) {
    int rc = oci_unpack_next(r->unpack, &r->piece, err);
    if (rc <= 0) {
      *ret_got = 0;
      return rc;
    }
  }
  *ret_got = r->piece.len < room ? r->piece.len : room;
  memcpy(to, r->piece.data, *ret_got);
  r->piece = str_sub(r->piece, *ret_got, SIZE_MAX);
  return 0;
}

static int read_head(struct rejoined *r, struct error *err)
{
  while (r->head.len < IMPORT_HEAD) {
    struct str piece;
    int rc = oci_unpack_next(r->unpack, &piece, err);
    if (rc < 0)
      return rc;
    if (rc == 0)
      break;
    buf_add(&r->head, piece);
  }
  r->piece = buf_str(&r->head);
  return 0;
}

static int import_rejoined(struct advisory_import *import, const struct advisory_format *format,
                           struct rejoined *r, struct error *err)
{
  const struct oci_input unpacked = {.read = read_rejoined, .ctx = r};
  int rc = read_head(r, err);
  if (rc < 0)
    return rc;
  if (!format)
    format = advisory_format_detect(import->name, str_sub(r->piece, 0, IMPORT_HEAD));
  if (!format)
    return error_set(err, SW_EINVAL,
                     "is of no format of advisories that is known; name it as FORMAT=PATH");
  rc = format->import(import, &unpacked, err);
  return rc < 0 ? rc : oci_unpack_end(r->unpack, err);
}

int advisory_import_read(struct advisory_import *import, const struct advisory_format *format,
                         struct oci_input input, struct error *err)
{
  static const struct oci_unpack_options options = {0};
  struct rejoined r = {0};
  import->ret_date = STR_EMPTY;
  import->ret_left_out = 0;
  int rc = oci_unpack_new(input, &options, &r.unpack, err);
  if (rc == 0)
    rc = import_rejoined(import, format, &r, err);
  oci_unpack_free(r.unpack);
  buf_free(&r.head);
  return rc < 0 ? error_wrap(err, "%.*s", STR_FMT(str_sub(import->name, 0, 256))) : 0;
}

/* ---- faults */

int import_unreadable(struct advisory_import *import, struct str id, const struct error *why)
{
  char where[64];
  snprintf(where, sizeof where, "the record at byte %llu", (unsigned long long)import->ret_record);
  if (import->unreadable)
    import->unreadable(import->ctx, id.len ? id : str_from(where), why);
  return 0;
}

int import_unreadable_because(struct advisory_import *import, struct str id, const char *format,
                              ...)
{
  struct error err;
  char text[ERROR_MESSAGE_MAX];
  va_list arguments;
  va_start(arguments, format);
  vsnprintf(text, sizeof text, format, arguments);
  va_end(arguments);
  error_set(&err, SW_EINVAL, "%s", text);
  return import_unreadable(import, id, &err);
}
