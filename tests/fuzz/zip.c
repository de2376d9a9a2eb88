/*
 * Zip archives, in memory and as a stream: no more is unpacked than the meter allows, and what is read whole has
 * the size it should; in pieces of any size a stream gives the same.
 */
#include "scan/zip.h"
#include "base/hash.h"

#include <assert.h>

enum { BYTES = 1 << 20, ENTRIES = 1000 };

struct pieces {
  struct str bytes;
  size_t at, piece;
};

struct sum {
  int rc;
  uint64_t entries, bytes, hash;
};

static int read_pieces(void *ctx, void *to, size_t room, size_t *ret_got, struct error *err)
{
  struct pieces *p = ctx;
  (void)err;
  struct str piece = str_sub(p->bytes, p->at, p->piece < room ? p->piece : room);
  if (piece.len)
    memcpy(to, piece.data, piece.len);
  p->at += piece.len;
  *ret_got = piece.len;
  return 0;
}

/* Every second file is read, the others are passed over. */
static struct sum read_all(struct zip *zip, struct zip_meter *meter)
{
  struct sum sum = {0};
  struct zip_entry entry;
  struct error err;
  while ((sum.rc = zip_next(zip, &entry, &err)) > 0) {
    char room[1000];
    size_t got = 0;
    uint64_t size = 0;
    int rc = 0;
    assert(entry.name.len <= UINT16_MAX);
    sum.hash = hash_mix(sum.hash, hash_bytes(entry.name));
    while (sum.entries % 2 == 0 && (rc = zip_read(zip, room, sizeof room, &got, &err)) == 0 && got)
      size += got;
    assert(rc == 0 || err.message[0]);
    if (rc == 0 && sum.entries % 2 == 0 && entry.size_known)
      assert(size == entry.size);
    sum.entries++;
    sum.bytes += size;
    sum.hash = hash_mix(sum.hash, rc == 0 ? size : 1);
  }
  assert(sum.rc == 0 || err.message[0]);
  assert(sum.entries <= ENTRIES && sum.bytes <= BYTES && meter->bytes <= BYTES);
  zip_free(zip);
  return sum;
}

static struct sum read_stream(struct str bytes, size_t piece)
{
  struct pieces pieces = {.bytes = bytes, .piece = piece};
  struct zip_meter meter = {BYTES, ENTRIES};
  struct zip *zip;
  zip_open_stream((struct oci_input){read_pieces, &pieces}, &meter, &zip, NULL);
  return read_all(zip, &meter);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
  struct str bytes = str_make((const char *)data, size);
  struct zip_meter meter = {BYTES, ENTRIES};
  struct zip *zip;
  struct error err;
  if (zip_open_bytes(bytes, &meter, &zip, &err) == 0)
    read_all(zip, &meter);
  else
    assert(err.code == SW_EINVAL);
  struct sum whole = read_stream(bytes, SIZE_MAX), parts = read_stream(bytes, 5);
  assert(whole.rc == parts.rc && whole.entries == parts.entries && whole.hash == parts.hash);
  return 0;
}
