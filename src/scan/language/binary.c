#include "scan/bytes_int.h"
#include "scan/language/binary_int.h"

#include <zlib.h>

enum {
  BLOCK = 256 << 10,
  OVERLAP = 64, /* no needle is longer */
  GO_STEP = 16, /* Go's linker aligns its build information */
  GO_HEAD = 32, /* bytes before the strings, or with the pointers */
  GO_VERSION_MAX = 256,
  SNIPPET = 32, /* bytes kept of what may be the name of a Go release */
  SNIPPETS_MAX = 4096,
  RUST_PROBE = 512, /* packed bytes that have to give the first few */
  RUST_INPUT_MAX = 4 << 20,
};

static const struct str go_magic = STR_INIT("\xff Go buildinf:");
/* What stands around the lines about modules. */
static const struct str go_before =
    STR_INIT("\x30\x77\xaf\x0c\x92\x74\x08\x02\x41\xe1\xc1\x07\xe6\xd6\x18\xe6");
static const struct str go_after =
    STR_INIT("\xf9\x32\x43\x31\x86\x18\x20\x72\x00\x82\x42\x10\x41\x16\xd8\xf2");
static const struct str rust_section = STR_INIT(".dep-v0");
static const struct str rust_begin = STR_INIT("{\"packages\":");

struct snippet {
  uint64_t offset;
  char bytes[SNIPPET];
};

struct scan {
  const struct oci_input *content;
  struct buf window; /* bytes of the file from offset base */
  uint64_t base;
  bool ended;
  struct binary_layout layout;
  struct {
    bool found, is_sure; /* sure: in data of the program itself */
    struct buf version, modules;
    struct buf old_modules; /* lines that were passed on the way, for old pointers */
    struct snippet *releases;
    size_t release_count;
    struct error unread;
  } go;
  struct {
    bool has_section;
    struct buf json;
    z_stream unpacker;
    bool has_unpacker;
  } rust;
};

/* ---- which files */

static bool is_named_so(struct str path)
{
  static const struct str endings[] = {STR_INIT(".so"), STR_INIT(".exe"), STR_INIT(".dll"),
                                       STR_INIT(".node"), STR_INIT(".dylib")};
  for (size_t i = 0; i < sizeof endings / sizeof endings[0]; i++)
    if (path.len >= endings[i].len &&
        str_eq_nocase(str_sub(path, path.len - endings[i].len, SIZE_MAX), endings[i]))
      return true;
  return str_find(path, 0, STR(".so.")) >= 0;
}

static bool is_elf_program(struct str head)
{
  enum { ET_EXEC_TYPE = 2, ET_DYN_TYPE = 3 };
  uint16_t type = bytes_u16(head, 16, bytes_u8(head, 5) == 2);
  return str_starts(head, STR("\177ELF")) && (type == ET_EXEC_TYPE || type == ET_DYN_TYPE);
}

/* A fat file begins as Java's class files do, whose next number is their version, 45 or more. */
static bool is_mach(struct str head)
{
  static const struct str magics[] = {STR_INIT("\xce\xfa\xed\xfe"), STR_INIT("\xcf\xfa\xed\xfe"),
                                      STR_INIT("\xfe\xed\xfa\xce"), STR_INIT("\xfe\xed\xfa\xcf")};
  for (size_t i = 0; i < sizeof magics / sizeof magics[0]; i++)
    if (str_starts(head, magics[i]))
      return true;
  return str_starts(head, STR("\xca\xfe\xba\xbe")) && bytes_u32(head, 4, true) < 45;
}

bool binary_wants_head(const struct analyser_file *file, struct str head, unsigned flags)
{
  (void)flags;
  if (head.len < 64 || (!(file->mode & 0111) && !is_named_so(file->path)))
    return false;
  return is_elf_program(head) || str_starts(head, STR("MZ")) || is_mach(head);
}

/* ---- the window */

static uint64_t window_end(const struct scan *s)
{
  return s->base + s->window.len;
}

/* Reads on until the window reaches `until`, or the file ends. */
static int fill(struct scan *s, uint64_t until, struct error *err)
{
  while (!s->ended && window_end(s) < until) {
    size_t got = 0;
    if (!buf_reserve(&s->window, BLOCK))
      return error_set(err, SW_ELIMIT, "build information is longer than %d MiB",
                       BINARY_WINDOW_MAX >> 20);
    int rc = s->content->read(s->content->ctx, s->window.data + s->window.len, BLOCK, &got, err);
    if (rc < 0)
      return rc;
    s->window.len += got;
    s->ended = got == 0;
  }
  return 0;
}

/* Bytes of the file, if they are still, or can yet be, in the window; len 0 if not. */
static int need(struct scan *s, uint64_t offset, size_t len, struct str *ret, struct error *err)
{
  *ret = STR_EMPTY;
  if (offset < s->base || len > BINARY_WINDOW_MAX ||
      offset - s->base > (uint64_t)BINARY_WINDOW_MAX - len - BLOCK)
    return 0;
  int rc = fill(s, offset + len, err);
  if (rc == 0 && offset + len <= window_end(s))
    *ret = str_make(s->window.data + (offset - s->base), len);
  return rc;
}

static void drop_before(struct scan *s, uint64_t offset)
{
  size_t gone = (size_t)(offset - s->base);
  memmove(s->window.data, s->window.data + gone, s->window.len - gone);
  s->window.len -= gone;
  s->base = offset;
}

/* ---- Go */

static struct str without_marks(struct str modules)
{
  if (modules.len < go_before.len + go_after.len + 1 ||
      modules.data[modules.len - go_after.len - 1] != '\n')
    return STR_EMPTY;
  return str_sub(modules, go_before.len, modules.len - go_before.len - go_after.len);
}

static bool is_release(struct str text)
{
  return str_starts(text, STR("go1")) || str_starts(text, STR("devel")) ||
         str_find(text, 0, STR("go1.")) >= 0;
}

static void keep_go(struct scan *s, uint64_t offset, struct str version, struct str modules)
{
  s->go.is_sure = binary_is_data(&s->layout, offset);
  if (s->go.found && !s->go.is_sure)
    return;
  s->go.found = true;
  buf_clear(&s->go.version);
  buf_clear(&s->go.modules);
  buf_add(&s->go.version, version);
  buf_add(&s->go.modules, modules);
}

/* A length as unsigned LEB128, and that many bytes: *io_offset moves behind them. False: not there. */
static int read_string(struct scan *s, uint64_t *io_offset, size_t max, struct str *ret,
                       bool *ret_ok, struct error *err)
{
  uint64_t len = 0;
  struct str byte;
  *ret_ok = false;
  for (unsigned shift = 0; shift < 35; shift += 7) {
    int rc = need(s, *io_offset, 1, &byte, err);
    if (rc < 0 || !byte.len)
      return rc;
    ++*io_offset;
    len |= (uint64_t)(bytes_u8(byte, 0) & 0x7f) << shift;
    if (!(bytes_u8(byte, 0) & 0x80))
      break;
  }
  if (len > max)
    return 0;
  int rc = need(s, *io_offset, (size_t)len, ret, err);
  *ret_ok = rc == 0 && ret->len == len;
  *io_offset += len;
  return rc;
}

static int take_inline(struct scan *s, uint64_t offset, struct error *err)
{
  uint64_t at = offset + GO_HEAD;
  struct str text, modules;
  bool ok;
  int rc = read_string(s, &at, GO_VERSION_MAX, &text, &ok, err);
  if (rc < 0 || !ok || !is_release(text))
    return rc;
  char version[GO_VERSION_MAX];
  size_t len = text.len; /* the window may move */
  memcpy(version, text.data, len);
  rc = read_string(s, &at, BINARY_INFO_MAX, &modules, &ok, err);
  if (rc < 0)
    return rc;
  if (!ok)
    return error_set(err, SW_EINVAL, "Go's build information is cut off at byte %llu",
                     (unsigned long long)at);
  keep_go(s, offset, str_make(version, len), without_marks(modules));
  return 0;
}

static uint64_t read_pointer(struct str bytes, size_t at, size_t size, bool big)
{
  uint64_t first = bytes_u32(bytes, at, big);
  if (size == 4)
    return first;
  uint64_t second = bytes_u32(bytes, at + 4, big);
  return big ? first << 32 | second : second << 32 | first;
}

/* A Go string: the address of where a pointer and a length stand. Only what lies further on can be followed. */
static int follow_string(struct scan *s, uint64_t address, size_t size, bool big,
                         uint64_t *ret_offset, uint64_t *ret_len, struct error *err)
{
  uint64_t offset;
  struct str header;
  *ret_len = 0;
  if (!binary_offset_of(&s->layout, address, &offset))
    return 0;
  int rc = need(s, offset, 2 * size, &header, err);
  if (rc < 0 || !header.len)
    return rc;
  if (binary_offset_of(&s->layout, read_pointer(header, 0, size, big), ret_offset))
    *ret_len = read_pointer(header, size, size, big);
  return 0;
}

/* The text of a release, which stood among the constants that were passed. */
static struct str release_at(const struct scan *s, uint64_t offset, uint64_t len)
{
  for (size_t i = 0; i < s->go.release_count; i++)
    if (s->go.releases[i].offset == offset && len <= SNIPPET)
      return str_make(s->go.releases[i].bytes, (size_t)len);
  return STR_EMPTY;
}

static int take_pointers(struct scan *s, uint64_t offset, struct str head, struct error *err)
{
  size_t size = bytes_u8(head, 14);
  bool big = bytes_u8(head, 15) & 1;
  uint64_t first = read_pointer(head, 16, size, big);
  uint64_t text_offset, len;
  int rc = follow_string(s, first, size, big, &text_offset, &len, err);
  if (rc < 0)
    return rc;
  struct str version = len ? release_at(s, text_offset, len) : STR_EMPTY;
  if (!version.len && len && len <= GO_VERSION_MAX)
    rc = need(s, text_offset, (size_t)len, &version, err);
  if (rc < 0)
    return rc;
  if (version.len && !is_release(version))
    return 0;
  if (!version.len && !s->go.old_modules.len)
    return 0;
  if (!version.len)
    error_set(&s->go.unread, SW_EUNSUPPORTED,
              "the Go release is named by pointers of Go 1.17 or older that cannot be followed");
  keep_go(s, offset, version, buf_str(&s->go.old_modules));
  return 0;
}

static int take_go(struct scan *s, uint64_t offset, struct error *err)
{
  struct str head;
  int rc = need(s, offset, GO_HEAD, &head, err);
  if (rc < 0 || !head.len)
    return rc;
  uint8_t size = bytes_u8(head, 14), kind = bytes_u8(head, 15);
  if (kind & 2)
    return take_inline(s, offset, err);
  return (size == 4 || size == 8) && kind < 2 ? take_pointers(s, offset, head, err) : 0;
}

/* From the front to the back in steps: eight bytes decide, which costs no more than reading them. */
static bool next_magic(const struct scan *s, uint64_t *io_offset, uint64_t end)
{
  uint64_t wanted, at = (*io_offset + GO_STEP - 1) & ~(uint64_t)(GO_STEP - 1);
  memcpy(&wanted, go_magic.data, 8);
  for (const char *p = s->window.data + (at - s->base); at < end; at += GO_STEP, p += GO_STEP) {
    uint64_t word;
    if (window_end(s) - at < GO_STEP)
      break;
    memcpy(&word, p, 8);
    if (word == wanted && memcmp(p, go_magic.data, go_magic.len) == 0) {
      *io_offset = at;
      return true;
    }
  }
  return false;
}

static int look_for_go(struct scan *s, uint64_t from, uint64_t end, struct error *err)
{
  int rc = 0;
  for (uint64_t at = from; rc == 0 && !s->go.is_sure && next_magic(s, &at, end); at += GO_STEP)
    rc = take_go(s, at, err);
  return rc;
}

/* What pointers of an old Go will lead back to: names of releases, and the lines about modules. */
static int look_for_go_texts(struct scan *s, uint64_t from, uint64_t end, struct error *err)
{
  struct str window = buf_str(&s->window);
  ptrdiff_t at = (ptrdiff_t)(from - s->base);
  uint64_t stop = end - s->base;
  while (s->go.release_count < SNIPPETS_MAX &&
         (at = str_find(window, (size_t)at, STR("go1."))) >= 0 && (uint64_t)at < stop) {
    struct str text = str_sub(window, (size_t)at, SNIPPET);
    struct snippet *one = &s->go.releases[s->go.release_count++];
    one->offset = s->base + (uint64_t)at++;
    memcpy(one->bytes, text.data, text.len);
  }
  at = str_find(window, (size_t)(from - s->base), go_before);
  if (at < 0 || (uint64_t)at >= stop || s->go.old_modules.len)
    return 0;
  uint64_t offset = s->base + (uint64_t)at;
  for (size_t len = BLOCK; len <= BINARY_INFO_MAX; len *= 2) {
    int rc = fill(s, offset + len, err);
    if (rc < 0)
      return rc;
    struct str text = str_sub(buf_str(&s->window), (size_t)(offset - s->base), len);
    ptrdiff_t last = str_find(text, 0, go_after);
    if (last >= 0) {
      buf_add(&s->go.old_modules, without_marks(str_sub(text, 0, (size_t)last + go_after.len)));
      return 0;
    }
    if (s->ended)
      return 0;
  }
  return 0;
}

/* ---- Rust */

/* Whether bytes are the beginning of packed JSON as it would be. */
static bool probe(struct scan *s, struct str packed)
{
  char out[16];
  z_stream *z = &s->rust.unpacker;
  if (inflateReset(z) != Z_OK)
    return false;
  z->next_in = (Bytef *)(uintptr_t)packed.data; /* zlib's own prototype lacks the const */
  z->avail_in = (uInt)packed.len;
  z->next_out = (Bytef *)out;
  z->avail_out = (uInt)rust_begin.len;
  int rc = inflate(z, Z_SYNC_FLUSH);
  return (rc == Z_OK || rc == Z_BUF_ERROR || rc == Z_STREAM_END) && z->avail_out == 0 &&
         memcmp(out, rust_begin.data, rust_begin.len) == 0;
}

static int unpack_rust(struct scan *s, uint64_t offset, struct error *err)
{
  z_stream *z = &s->rust.unpacker;
  struct buf *out = &s->rust.json;
  inflateReset(z);
  for (size_t used = 0, len = BLOCK; used < RUST_INPUT_MAX; len += BLOCK) {
    int rc = fill(s, offset + len, err);
    if (rc < 0)
      return rc;
    struct str packed = str_sub(buf_str(&s->window), (size_t)(offset - s->base), len);
    struct str fresh = str_sub(packed, used, SIZE_MAX);
    z->next_in = (Bytef *)(uintptr_t)fresh.data;
    z->avail_in = (uInt)fresh.len;
    do {
      if (!buf_reserve(out, BLOCK))
        return error_set(err, SW_ELIMIT, "the list of crates is longer than %d MiB",
                         BINARY_INFO_MAX >> 20);
      z->next_out = (Bytef *)(out->data + out->len);
      z->avail_out = BLOCK;
      rc = inflate(z, Z_NO_FLUSH);
      out->len += BLOCK - z->avail_out;
    } while (rc == Z_OK && z->avail_out == 0);
    if (rc == Z_STREAM_END)
      return 0;
    if ((rc != Z_OK && rc != Z_BUF_ERROR) || s->ended)
      break;
    used = packed.len;
  }
  buf_clear(out); /* it was something else */
  return 0;
}

static int look_for_rust(struct scan *s, uint64_t from, uint64_t end, struct error *err)
{
  for (uint64_t at = from; at < end && !s->rust.json.len; at++) {
    struct str rest = str_sub(buf_str(&s->window), (size_t)(at - s->base), (size_t)(end - at));
    const char *x = memchr(rest.data, 'x', rest.len);
    if (!x)
      break;
    at += (uint64_t)(x - rest.data);
    struct str packed = str_sub(buf_str(&s->window), (size_t)(at - s->base), RUST_PROBE);
    uint8_t second = bytes_u8(packed, 1), kind = (bytes_u8(packed, 2) >> 1) & 3;
    bool is_zlib = second == 0x01 || second == 0x5e || second == 0x9c || second == 0xda;
    if (!is_zlib || (kind != 1 && kind != 2) || !probe(s, packed))
      continue;
    int rc = unpack_rust(s, at, err);
    if (rc < 0)
      return rc;
  }
  return 0;
}

static void look_for_section(struct scan *s, uint64_t from)
{
  if (!s->rust.has_section)
    s->rust.has_section = str_find(buf_str(&s->window), (size_t)(from - s->base), rust_section) >=
                          0;
}

/* ---- the pass */

static int look(struct scan *s, uint64_t from, uint64_t end, struct error *err)
{
  int rc = 0;
  if (s->layout.go_sign)
    rc = look_for_go_texts(s, from, end, err);
  if (rc == 0)
    rc = look_for_go(s, from, end, err);
  if (rc == 0 && !s->layout.go_sign && s->rust.has_unpacker) {
    look_for_section(s, from);
    rc = look_for_rust(s, from, end, err);
  }
  return rc;
}

static int pass(struct scan *s, struct error *err)
{
  int rc = fill(s, BINARY_HEAD_MAX, err);
  if (rc < 0)
    return rc;
  binary_layout_read(buf_str(&s->window), &s->layout);
  for (uint64_t from = 0; rc == 0 && !s->go.is_sure;) {
    rc = fill(s, from + BLOCK + OVERLAP + RUST_PROBE, err);
    if (rc < 0)
      break;
    uint64_t last = window_end(s), ahead = s->ended ? 0 : OVERLAP + RUST_PROBE;
    uint64_t end = last - from > ahead ? last - ahead : from;
    bool ended = s->ended;
    rc = look(s, from, end, err);
    if (rc < 0 || ended)
      break;
    drop_before(s, end);
    from = end;
  }
  return rc;
}

static int take_result(struct scan *s, const struct analyser_file *file, struct package_list *list,
                       struct error *err)
{
  int rc = 0;
  if (s->go.found)
    rc = binary_go_add(file, buf_str(&s->go.version), buf_str(&s->go.modules), list, err);
  if (rc == 0 && s->go.found && s->go.unread.code < 0) {
    rc = s->go.unread.code;
    if (err)
      *err = s->go.unread;
  }
  if (s->rust.has_section && s->rust.json.len) {
    int other = binary_rust_add(file, buf_str(&s->rust.json), list, rc < 0 ? NULL : err);
    rc = rc < 0 ? rc : other;
  }
  return rc;
}

int binary_stream(const struct analyser_file *file, const struct oci_input *content,
                  struct package_list *list, struct error *err)
{
  struct scan s = {.content = content};
  struct error own;
  if (!err)
    err = &own;
  buf_init(&s.window, BINARY_WINDOW_MAX);
  buf_init(&s.rust.json, BINARY_INFO_MAX);
  s.go.releases = mem_zalloc(SNIPPETS_MAX, sizeof *s.go.releases);
  s.rust.has_unpacker = inflateInit(&s.rust.unpacker) == Z_OK;
  int rc = pass(&s, err);
  int added = take_result(&s, file, list, rc < 0 ? NULL : err);
  rc = rc < 0 ? rc : added;
  if (s.rust.has_unpacker)
    inflateEnd(&s.rust.unpacker);
  mem_free(s.go.releases);
  buf_free(&s.window);
  buf_free(&s.go.version);
  buf_free(&s.go.modules);
  buf_free(&s.go.old_modules);
  buf_free(&s.rust.json);
  return rc;
}
