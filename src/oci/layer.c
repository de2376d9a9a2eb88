#include "oci/layer.h"

#include "oci/layer_int.h"

/* ---- paths */

/* Where the last part of to[0, len) begins, less the '/' before it. */
static size_t without_last(const char *to, size_t len)
{
  while (len && to[len - 1] != '/')
    len--;
  return len ? len - 1 : 0;
}

int oci_path_clean(struct str path, char ret_text[static OCI_PATH_MAX + 1], bool *ret_escapes)
{
  size_t len = 0;
  *ret_escapes = false;
  struct str rest = path;
  while (rest.data) {
    struct str part = str_cut(rest, '/', &rest);
    if (!part.len || str_eq(part, STR(".")))
      continue;
    if (str_eq(part, STR(".."))) {
      *ret_escapes = true;
      len = without_last(ret_text, len);
      continue;
    }
    if (part.len + 1 > OCI_PATH_MAX - len)
      return -1;
    if (len)
      ret_text[len++] = '/';
    memcpy(ret_text + len, part.data, part.len);
    len += part.len;
  }
  ret_text[len] = '\0';
  return (int)len;
}

int oci_content_read(const struct oci_input *content, size_t max, struct buf *to, struct error *err)
{
  size_t got = 0, all = 0;
  do {
    size_t room = max - all < OCI_UNPACK_PIECE_MAX ? max - all + 1 : OCI_UNPACK_PIECE_MAX;
    if (!buf_reserve(to, room))
      return error_set(err, SW_ELIMIT, "the content is larger than it may be");
    int rc = content->read(content->ctx, to->data + to->len, room, &got, err);
    if (rc < 0)
      return rc;
    all += got;
    if (all > max)
      return error_set(err, SW_ELIMIT, "the content is larger than the %zu bytes that it may be",
                       max);
    to->len += got;
  } while (got);
  return 0;
}

/* ---- the pass */

static int read_tar(struct oci_tar *tar, const struct oci_layer_options *options,
                    const struct oci_visitor *visitor, uint64_t *ret_entries, struct error *err)
{
  const uint64_t max = options->entries_max ? options->entries_max : OCI_ENTRIES_MAX;
  const struct oci_input content = {oci_tar_read, tar};
  struct oci_entry entry;
  uint64_t count = 0;
  int rc;
  while ((rc = oci_tar_next(tar, &entry, err)) > 0) {
    if (count == max)
      return error_set(err, SW_ELIMIT, "it has more than %llu entries", (unsigned long long)max);
    entry.number = count++;
    rc = visitor->entry(visitor->ctx, &entry, entry.type == OCI_FILE ? &content : NULL, err);
    if (rc < 0)
      return rc;
  }
  *ret_entries = count;
  return rc;
}

static int read_layer(struct oci_unpack *u, const struct oci_layer_options *options,
                      const struct oci_visitor *visitor, struct oci_layer_totals *totals,
                      struct error *err)
{
  _cleanup_(oci_tar_freep) struct oci_tar *tar = NULL;
  int rc = oci_tar_new(u, &tar, err);
  if (rc == 0)
    rc = read_tar(tar, options, visitor, &totals->entries, err);
  if (rc == 0)
    rc = oci_unpack_end(u, err);
  totals->packed_bytes = oci_unpack_in(u);
  totals->tar_bytes = oci_unpack_out(u);
  totals->packing = oci_unpack_name(u);
  return rc;
}

int oci_layer_read(struct oci_input input, const struct oci_layer_options *options,
                   const struct oci_visitor *visitor, struct oci_layer_totals *ret_totals,
                   struct error *err)
{
  const struct oci_unpack_options unpack = {.packed = options->packed,
                                            .diff_id = options->diff_id,
                                            .bytes_max = options->bytes_max,
                                            .ratio_max = options->ratio_max,
                                            .free_bytes = options->free_bytes};
  _cleanup_(oci_unpack_freep) struct oci_unpack *u = NULL;
  struct oci_layer_totals totals = {.packing = ""};
  int rc = oci_unpack_new(input, &unpack, &u, err);
  if (rc == 0)
    rc = read_layer(u, options, visitor, &totals, err);
  if (rc < 0) {
    if (err)
      error_wrap(err, "%s", options->name ? options->name : "layer");
    return rc;
  }
  if (ret_totals)
    *ret_totals = totals;
  return 0;
}
