#include "../test.h"

#include "base/buf.h"
#include "base/mem.h"
#include "scan/language/binary.h"

#include <sys/resource.h>
#include <zlib.h>

#define BEFORE "\x30\x77\xaf\x0c\x92\x74\x08\x02\x41\xe1\xc1\x07\xe6\xd6\x18\xe6"
#define AFTER "\xf9\x32\x43\x31\x86\x18\x20\x72\x00\x82\x42\x10\x41\x16\xd8\xf2"

enum { TEXT_AT = 0x1000, DATA_AT = 0x4000, DATA_ADDRESS = 0x500000, TEXT_ADDRESS = 0x400000 };

/* ---- a file that is handed out in pieces */

struct pieces {
  struct str bytes;
  size_t at, piece, read;
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

static int failing_read(void *ctx, void *to, size_t room, size_t *ret_got, struct error *err)
{
  (void)ctx, (void)to, (void)room, (void)ret_got;
  return error_set(err, SW_EIO, "the cable fell out");
}

struct scanned {
  struct arena arena;
  struct package_list list;
  struct error err;
  int rc;
  size_t read;
};

static void scan_flags(struct scanned *s, const struct buf *file, size_t piece, unsigned flags)
{
  struct pieces pieces = {.bytes = buf_str(file), .piece = piece};
  const struct oci_input input = {read_pieces, &pieces};
  const struct analyser_file about = {
      .path = STR("usr/bin/tool"), .mode = 0755, .layer = 2, .size = file->len};
  arena_init(&s->arena, 0);
  package_list_init(&s->list, &s->arena, flags);
  s->err.message[0] = 0;
  s->rc = binary_stream(&about, &input, &s->list, &s->err);
  s->read = pieces.at;
}

static void scan(struct scanned *s, const struct buf *file)
{
  scan_flags(s, file, 100000, 0);
}

static void scanned_free(struct scanned *s)
{
  package_list_free(&s->list);
  arena_free(&s->arena);
}

static const struct package *find(const struct scanned *s, const char *name)
{
  for (size_t i = 0; i < s->list.count; i++)
    if (str_eq(s->list.items[i].name, str_from(name)))
      return &s->list.items[i];
  fail_msg("no package %s", name);
  return NULL;
}

/* ---- executables by hand */

static void put(struct buf *b, uint64_t number, size_t bytes, bool big)
{
  for (size_t i = 0; i < bytes; i++)
    buf_add_byte(b, (char)(number >> 8 * (big ? bytes - 1 - i : i)));
}

static void pad(struct buf *b, size_t until)
{
  assert_true(b->len <= until);
  buf_add_repeat(b, 0, until - b->len);
}

/* One segment of text and one of data; big: PowerPC's order, wide: 64 bits. */
static void elf(struct buf *b, bool wide, bool big)
{
  buf_add(b, STR("\177ELF"));
  buf_add_byte(b, wide ? 2 : 1);
  buf_add_byte(b, big ? 2 : 1);
  pad(b, 16);
  put(b, 2, 2, big);
  put(b, 62, 2, big);
  put(b, 1, 4, big);
  size_t word = wide ? 8 : 4;
  put(b, TEXT_ADDRESS, word, big);
  put(b, wide ? 64 : 52, word, big);
  put(b, 0, word, big);
  put(b, 0, 4, big);
  put(b, wide ? 64 : 52, 2, big);
  put(b, wide ? 56 : 32, 2, big);
  put(b, 2, 2, big);
  pad(b, wide ? 64 : 52);
  for (int i = 0; i < 2; i++) {
    put(b, 1, 4, big);
    if (wide)
      put(b, i ? 6 : 5, 4, big);
    put(b, i ? DATA_AT : 0, word, big);
    put(b, i ? DATA_ADDRESS : TEXT_ADDRESS, word, big);
    put(b, 0, word, big);
    put(b, 0x3000, word, big);
    put(b, 0x3000, word, big);
    if (!wide)
      put(b, i ? 6 : 5, 4, big);
    put(b, 0x1000, word, big);
  }
}

static void go_note(struct buf *b)
{
  pad(b, 0xf00);
  buf_add(b, STR("\4\0\0\0\4\0\0\0\4\0\0\0Go\0\0aaaa"));
}

static void varint(struct buf *b, size_t n)
{
  for (; n >= 128; n >>= 7)
    buf_add_byte(b, (char)(n | 128));
  buf_add_byte(b, (char)n);
}

static void inline_info(struct buf *b, const char *version, const char *lines)
{
  buf_add(b, STR("\xff Go buildinf:\x08\x02"));
  buf_add_repeat(b, 0, 16);
  varint(b, strlen(version));
  buf_add_text(b, version);
  if (!lines) {
    varint(b, 0);
    return;
  }
  varint(b, strlen(lines) + 32);
  buf_add(b, STR(BEFORE));
  buf_add_text(b, lines);
  buf_add(b, STR(AFTER));
}

static void go_file(struct buf *b, const char *version, const char *lines)
{
  elf(b, true, false);
  go_note(b);
  pad(b, DATA_AT);
  inline_info(b, version, lines);
  buf_add_repeat(b, 'z', 300000);
}

static const char modules[] = "path\texample.com/tool/cmd/tool\n"
                              "mod\texample.com/tool\tv1.4.2\th1:abc=\n"
                              "dep\tgithub.com/Masterminds/semver/v3\tv3.2.1\th1:abc=\n"
                              "dep\texample.com/old\tv1.0.0\n"
                              "=>\texample.com/new\tv1.0.1\th1:x=\n"
                              "dep\texample.com/here\tv0.1.0\n"
                              "=>\t./here\t(devel)\t\n"
                              "dep\texample.com/last\tv0.0.0-20220101000000-abcdefabcdef\n"
                              "build\t-compiler=gc\n"
                              "build\tvcs.revision=0123456789abcdef0123456789abcdef01234567\n";

static void reads_go(void **state)
{
  (void)state;
  static const size_t pieces[] = {1 << 20, 4096, 7};
  for (size_t i = 0; i < sizeof pieces / sizeof pieces[0]; i++) {
    struct buf file = {0};
    struct scanned s;
    go_file(&file, "go1.19.8", modules);
    scan_flags(&s, &file, pieces[i], 0);
    assert_int_equal(s.rc, 0);
    assert_int_equal(s.list.count, 6);
    const struct package *p = find(&s, "stdlib");
    assert_int_equal(p->type, PACKAGE_GOLANG);
    assert_str(p->version.text, "v1.19.8");
    assert_str(p->purl, "pkg:golang/stdlib@v1.19.8");
    assert_str(p->path, "usr/bin/tool");
    assert_int_equal(p->layer, 2);
    p = find(&s, "github.com/Masterminds/semver/v3");
    assert_str(p->version.text, "v3.2.1");
    assert_str(p->purl, "pkg:golang/github.com/Masterminds/semver/v3@v3.2.1");
    assert_str(find(&s, "example.com/new")->version.text, "v1.0.1");
    assert_str(find(&s, "example.com/here")->version.text, "(devel)");
    assert_str(find(&s, "example.com/here")->purl, "pkg:golang/example.com/here");
    assert_str(find(&s, "example.com/last")->version.text, "v0.0.0-20220101000000-abcdefabcdef");
    p = find(&s, "example.com/tool");
    assert_str(p->version.text, "v1.4.2");
    assert_str(
        p->purl,
        "pkg:golang/example.com/tool@v1.4.2?vcs_revision=0123456789abcdef0123456789abcdef01234567");
    scanned_free(&s);
    buf_free(&file);
  }
}

static void finds_the_version_of_the_program(void **state)
{
  (void)state;
  static const struct {
    const char *mod, *flags, *version;
  } cases[] = {
      {"(devel)", "", "(devel)"},
      {"", "", "(devel)"},
      {"(devel)", "build\t-ldflags=\"-s -w -X main.version=1.2.3\"\n", "1.2.3"},
      {"(devel)", "build\t-ldflags=\"-X=main.Version=v1.2.3 -X 'main.date=today now'\"\n",
       "v1.2.3"},
      {"(devel)", "build\t-ldflags=\"-X 'main.ver=2.0.0-rc.1'\"\n", "2.0.0-rc.1"},
      {"(devel)", "build\t-ldflags=\"-X \\\"main.version=2.0.0\\\"\"\n", "2.0.0"},
      {"(devel)", "build\t-ldflags=-Xmain.version=2.0.0\n", "2.0.0"},
      {"(devel)", "build\t-ldflags=`-X main.version=2.0.1`\n", "2.0.1"},
      {"(devel)", "build\t-ldflags=\"-X main.version=unknown\"\n", "(devel)"},
      {"(devel)", "build\t-ldflags=\"-X main.commit=1.2.3\"\n", "(devel)"},
      {"(devel)", "build\t-ldflags=\"-X main.version=1.2.3 -X version.version=1.2.4\"\n",
       "(devel)"},
      {"(devel)", "build\t-ldflags=\"-X main.version=1.2.3 -X version.version=1.2.3\"\n", "1.2.3"},
      {"(devel)", "build\t-ldflags=\"-X other.org/x.Version=9.9.9 -X main.version=1.2.3\"\n",
       "1.2.3"},
      {"(devel)", "build\t-ldflags=\"-X a.b/c/cmd/tool/x.version=3.0.0 -X main.version=1.2.3\"\n",
       "3.0.0"},
      {"v1.0.0", "build\t-ldflags=\"-X main.version=1.2.3\"\n", "v1.0.0"},
      {"v0.0.0-20240102030405-abcdefabcdef", "build\t-ldflags=\"-X main.version=1.2.3\"\n",
       "1.2.3"},
      {"v1.2.4-0.20240102030405-abcdefabcdef+dirty", "build\t-ldflags=\"-X main.version=1.2.3\"\n",
       "1.2.3"},
      {"v0.0.0-20240102030405-abcdefabcdef", "", "v0.0.0-20240102030405-abcdefabcdef"},
  };
  for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
    char lines[1024];
    struct buf file = {0};
    struct scanned s;
    snprintf(lines, sizeof lines, "path\ta.b/c\nmod\ta.b/c\t%s\t\n%s", cases[i].mod,
             cases[i].flags);
    go_file(&file, "go1.21.0", lines);
    scan(&s, &file);
    assert_int_equal(s.rc, 0);
    assert_str(find(&s, "a.b/c")->version.text, cases[i].version);
    scanned_free(&s);
    buf_free(&file);
  }
}

static void names_releases_of_go(void **state)
{
  (void)state;
  static const struct {
    const char *written, *version;
  } cases[] = {
      {"go1.21.5", "v1.21.5"},
      {"go1.18", "v1.18"},
      {"go1.20.6 X:boringcrypto", "v1.20.6"},
      {"go1.26.0-X:nodwarf5", "v1.26.0"},
      {"go1.26.5 (Red Hat 1.26.5-1.el10)", "v1.26.5"},
      {"go1.21rc2", "v1.21.0-rc.2"},
      {"go1.18beta1", "v1.18.0-beta.1"},
      {"devel go1.21-0f29942 Wed Jan 1", "(devel)"},
  };
  for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
    struct buf file = {0};
    struct scanned s;
    go_file(&file, cases[i].written, NULL);
    scan(&s, &file);
    assert_int_equal(s.rc, 0);
    assert_int_equal(s.list.count, 1);
    assert_str(find(&s, "stdlib")->version.text, cases[i].version);
    scanned_free(&s);
    buf_free(&file);
  }
}

/* What Go 1.13 to 1.17 wrote: constants first, then the pointers, then the strings they lead to. */
static void old_go_file(struct buf *b, size_t word, bool big, bool lead_back)
{
  elf(b, word == 8, big);
  go_note(b);
  pad(b, TEXT_AT);
  buf_add(b, STR("go1.4 and other words"));
  size_t version_at = b->len;
  buf_add(b, STR("go1.16.3and what follows"));
  size_t lines_at = b->len;
  buf_add(b, STR(BEFORE "path\ta.b/c\nmod\ta.b/c\tv1.0.0\t\ndep\ta.b/d\tv1.5.0\t\n" AFTER));
  size_t lines_len = b->len - lines_at;
  pad(b, DATA_AT);
  buf_add(b, STR("\xff Go buildinf:"));
  put(b, word, 1, big);
  put(b, big, 1, big);
  put(b, lead_back ? TEXT_ADDRESS + 0x20 : DATA_ADDRESS + 0x100, word, big);
  put(b, DATA_ADDRESS + 0x100 + 2 * word, word, big);
  pad(b, DATA_AT + 0x100);
  put(b, TEXT_ADDRESS + version_at, word, big);
  put(b, 8, word, big);
  put(b, TEXT_ADDRESS + lines_at, word, big);
  put(b, lines_len, word, big);
  pad(b, DATA_AT + 0x3000);
}

static void follows_pointers_of_old_go(void **state)
{
  (void)state;
  for (int i = 0; i < 4; i++) {
    struct buf file = {0};
    struct scanned s;
    old_go_file(&file, i & 1 ? 4 : 8, i & 2, false);
    scan(&s, &file);
    assert_int_equal(s.rc, 0);
    assert_int_equal(s.list.count, 3);
    assert_str(find(&s, "stdlib")->version.text, "v1.16.3");
    assert_str(find(&s, "a.b/c")->version.text, "v1.0.0");
    assert_str(find(&s, "a.b/d")->version.text, "v1.5.0");
    scanned_free(&s);
    buf_free(&file);
  }
}

static void tells_of_pointers_that_lead_nowhere(void **state)
{
  (void)state;
  struct buf file = {0};
  struct scanned s;
  old_go_file(&file, 8, false, true);
  scan(&s, &file);
  assert_error(s.err, SW_EUNSUPPORTED, "pointers of Go 1.17 or older");
  assert_int_equal(s.list.count, 2);
  scanned_free(&s);
  buf_free(&file);
}

static void takes_a_program_not_what_is_embedded(void **state)
{
  (void)state;
  struct buf file = {0};
  struct scanned s;
  elf(&file, true, false);
  pad(&file, TEXT_AT);
  inline_info(&file, "go1.20.1", "mod\tembedded.org/x\tv1.0.0\t\n");
  buf_add_text(&file, "\xff Go buildinf: as text");
  pad(&file, DATA_AT);
  inline_info(&file, "go1.21.1", "mod\touter.org/x\tv1.0.0\t\n");
  pad(&file, DATA_AT + 0x1000);
  scan(&s, &file);
  assert_int_equal(s.rc, 0);
  assert_int_equal(s.list.count, 2);
  find(&s, "outer.org/x");
  scanned_free(&s);
  file.len = DATA_AT;
  buf_add_repeat(&file, 'x', 5000);
  scan(&s, &file);
  assert_int_equal(s.rc, 0);
  find(&s, "embedded.org/x");
  scanned_free(&s);
  buf_free(&file);
}

/* 200 MB that are nowhere at once, and the information at their end. */
struct stretch {
  const struct buf *head, *tail;
  size_t at, middle;
};

static int read_stretch(void *ctx, void *to, size_t room, size_t *ret_got, struct error *err)
{
  struct stretch *s = ctx;
  size_t tail_at = s->head->len + s->middle;
  (void)err;
  struct str piece = s->at < s->head->len ? str_sub(buf_str(s->head), s->at, room)
                                          : str_sub(buf_str(s->tail), s->at - tail_at, room);
  if (s->at >= s->head->len && s->at < tail_at) {
    piece.len = tail_at - s->at < room ? tail_at - s->at : room;
    memset(to, 'x', piece.len);
  } else if (piece.len) {
    memcpy(to, piece.data, piece.len);
  }
  s->at += piece.len;
  *ret_got = piece.len;
  return 0;
}

static void reads_large_files_in_little_memory(void **state)
{
  (void)state;
  struct buf head = {0}, tail = {0}, lines = {0};
  struct scanned s;
  struct rusage before, after;
  for (int i = 0; i < 20000; i++)
    buf_printf(&lines, "dep\texample.com/module/number/%d\tv1.0.%d\th1:abcdefabcdef=\n", i, i);
  elf(&head, true, false);
  pad(&head, 256);
  inline_info(&tail, "go1.21.1", buf_text(&lines));
  struct stretch stretch = {.head = &head, .tail = &tail, .middle = 200000000};
  const struct oci_input input = {read_stretch, &stretch};
  const struct analyser_file about = {.path = STR("a"), .mode = 0755};
  arena_init(&s.arena, 0);
  package_list_init(&s.list, &s.arena, 0);
  getrusage(RUSAGE_SELF, &before);
  assert_int_equal(binary_stream(&about, &input, &s.list, &s.err), 0);
  getrusage(RUSAGE_SELF, &after);
  assert_int_equal(s.list.count, 20001);
  assert_true(after.ru_maxrss - before.ru_maxrss < 64 << 10);
  scanned_free(&s);
  buf_free(&head);
  buf_free(&tail);
  buf_free(&lines);
}

static void tells_what_is_wrong_with_go(void **state)
{
  (void)state;
  struct buf file = {0};
  struct scanned s;
  elf(&file, true, false);
  pad(&file, DATA_AT);
  inline_info(&file, "go1.21.1", "mod\touter.org/x\tv1.0.0\t\n");
  file.len -= 8;
  scan(&s, &file);
  assert_error(s.err, SW_EINVAL, "Go's build information is cut off at byte");
  assert_int_equal(s.list.count, 0);
  scanned_free(&s);
  buf_clear(&file);
  go_file(&file, "go1.21.1", "mod\touter.org/x\tv1.0.0\ndep\ta\x01\tv1\ndep\tb\tv1\n");
  scan(&s, &file);
  assert_error(s.err, SW_EINVAL, "the name of the package holds the byte 0x01");
  assert_int_equal(s.list.count, 3);
  scanned_free(&s);
  const struct oci_input input = {failing_read, NULL};
  const struct analyser_file about = {.path = STR("a"), .mode = 0755};
  arena_init(&s.arena, 0);
  package_list_init(&s.list, &s.arena, 0);
  assert_int_equal(binary_stream(&about, &input, &s.list, &s.err), SW_EIO);
  scanned_free(&s);
  buf_free(&file);
}

/* ---- Rust */

static void add_packed(struct buf *b, const char *json, int level)
{
  unsigned char room[4096];
  uLongf len = sizeof room;
  assert_int_equal(compress2(room, &len, (const Bytef *)json, strlen(json), level), Z_OK);
  buf_add(b, str_make((const char *)room, len));
}

static const char crates[] =
    "{\"packages\":[{\"name\":\"adler\",\"version\":\"1.0.2\",\"source\":\"crates.io\"},"
    "{\"name\":\"cc\",\"version\":\"1.0.73\",\"source\":\"crates.io\",\"kind\":\"build\"},"
    "{\"name\":\"tool\",\"version\":\"0.1.0\",\"source\":\"local\",\"root\":true,"
    "\"dependencies\":[0]}],\"format\":1}";

static void rust_file(struct buf *b, const char *json, int level, const char *section)
{
  elf(b, true, false);
  pad(b, TEXT_AT);
  for (int i = 0; i < 3000; i++)
    buf_add(b, STR("x\x9c\xab\x56 x\x01\x02x\xda\xff"));
  add_packed(b, json, level);
  buf_add_repeat(b, 'y', 700000);
  buf_add_text(b, section);
  buf_add_byte(b, 0);
}

static void reads_rust(void **state)
{
  (void)state;
  for (int level = 1; level <= 9; level++) {
    struct buf file = {0};
    struct scanned s;
    rust_file(&file, crates, level, ".dep-v0");
    scan_flags(&s, &file, level == 5 ? 13 : 65536, level == 9 ? PACKAGE_LIST_DEVELOPMENT : 0);
    assert_int_equal(s.rc, 0);
    assert_int_equal(s.list.count, level == 9 ? 3 : 2);
    const struct package *p = find(&s, "adler");
    assert_int_equal(p->type, PACKAGE_CARGO);
    assert_str(p->version.text, "1.0.2");
    assert_str(p->purl, "pkg:cargo/adler@1.0.2");
    assert_false(p->development);
    find(&s, "tool");
    if (level == 9)
      assert_true(find(&s, "cc")->development);
    scanned_free(&s);
    buf_free(&file);
  }
}

static void doubts_what_is_no_list_of_crates(void **state)
{
  (void)state;
  struct buf file = {0};
  struct scanned s;
  rust_file(&file, crates, 6, ".another");
  scan(&s, &file);
  assert_int_equal(s.rc, 0);
  assert_int_equal(s.list.count, 0);
  scanned_free(&s);
  buf_clear(&file);
  rust_file(&file, "{\"packages\":{}}", 6, ".dep-v0");
  scan(&s, &file);
  assert_error(s.err, SW_EINVAL, "the section .dep-v0: the list of crates is no list");
  scanned_free(&s);
  buf_clear(&file);
  rust_file(&file, "{\"packages\":[{\"name\":\"a\"},{\"name\":\"b\",\"version\":\"1.0.0\"}", 6,
            ".dep-v0");
  scan(&s, &file);
  assert_int_equal(s.rc, SW_EINVAL);
  scanned_free(&s);
  buf_clear(&file);
  rust_file(&file, "{\"packages\":[{\"name\":\"a\"},{\"name\":\"b\",\"version\":\"1.0.0\"}]}", 6,
            ".dep-v0");
  scan(&s, &file);
  assert_error(s.err, SW_EINVAL, "the version of the package is missing");
  assert_int_equal(s.list.count, 1);
  scanned_free(&s);
  buf_free(&file);
}

static void stops_a_bomb(void **state)
{
  (void)state;
  enum { SIZE = 40 << 20 };
  struct buf file = {0}, json = {0};
  struct scanned s;
  buf_add_text(&json, "{\"packages\":[");
  buf_add_repeat(&json, ' ', SIZE);
  uLongf len = compressBound(json.len);
  char *room = mem_alloc(len);
  assert_int_equal(compress2((Bytef *)room, &len, (const Bytef *)json.data, json.len, 9), Z_OK);
  elf(&file, true, false);
  pad(&file, TEXT_AT);
  buf_add(&file, str_make(room, len));
  buf_add_text(&file, ".dep-v0");
  scan(&s, &file);
  assert_error(s.err, SW_ELIMIT, "the list of crates is longer than 8 MiB");
  scanned_free(&s);
  mem_free(room);
  buf_free(&json);
  buf_free(&file);
}

/* ---- which files */

static bool wants(const char *path, uint32_t mode, struct str head)
{
  char room[ANALYSER_HEAD] = {0};
  memcpy(room, head.data, head.len);
  const struct analyser_file file = {.path = str_from(path), .mode = mode, .size = 1000};
  return binary_wants_head(&file, str_make(room, sizeof room), 0);
}

static void says_what_it_wants(void **state)
{
  (void)state;
  struct buf program = {0};
  elf(&program, true, false);
  struct str head = buf_str(&program);
  assert_true(wants("usr/bin/a", 0755, head));
  assert_true(wants("usr/bin/a", 0100, head));
  assert_false(wants("usr/bin/a", 0644, head));
  assert_true(wants("usr/lib/liba.so", 0644, head));
  assert_true(wants("usr/lib/liba.so.1.2", 0644, head));
  program.data[16] = 1; /* an object file */
  assert_false(wants("usr/lib/a.so", 0755, head));
  assert_true(wants("a.EXE", 0644, STR("MZ\x90")));
  assert_false(wants("a.txt", 0644, STR("MZ\x90")));
  assert_true(wants("a", 0755, STR("\xcf\xfa\xed\xfe")));
  assert_true(wants("a", 0755, STR("\xca\xfe\xba\xbe\0\0\0\2")));
  assert_false(wants("a", 0755, STR("\xca\xfe\xba\xbe\0\0\0\x34")));
  assert_false(wants("a", 0755, STR("#!/bin/sh\n")));
  const struct analyser_file file = {.path = STR("a"), .mode = 0755, .size = 10};
  assert_false(binary_wants_head(&file, STR("\177ELF"), 0));
  buf_free(&program);
}

static void reads_other_formats(void **state)
{
  (void)state;
  struct buf file = {0};
  struct scanned s;
  /* PE: one section, writable */
  buf_add_text(&file, "MZ");
  pad(&file, 0x3c);
  put(&file, 0x80, 4, false);
  pad(&file, 0x80);
  buf_add(&file, STR("PE\0\0\x64\x86\1\0"));
  pad(&file, 0x80 + 20);
  put(&file, 0, 2, false);
  pad(&file, 0x80 + 24);
  pad(&file, 0x80 + 24 + 12);
  put(&file, 0x1000, 4, false);
  put(&file, 0x1000, 4, false);
  put(&file, 0x400, 4, false);
  pad(&file, 0x80 + 24 + 36);
  put(&file, 0xc0000040, 4, false);
  pad(&file, 0x400);
  inline_info(&file, "go1.21.1", "mod\tpe.org/x\tv1.0.0\t\n");
  buf_add_repeat(&file, 0, 4096);
  scan(&s, &file);
  assert_int_equal(s.rc, 0);
  find(&s, "pe.org/x");
  scanned_free(&s);
  buf_clear(&file);
  /* Mach-O: one writable segment */
  buf_add(&file, STR("\xcf\xfa\xed\xfe"));
  pad(&file, 16);
  put(&file, 1, 4, false);
  put(&file, 72, 4, false);
  pad(&file, 32);
  put(&file, 0x19, 4, false);
  put(&file, 72, 4, false);
  pad(&file, 32 + 24);
  put(&file, 0x100000000, 8, false);
  put(&file, 0x1000, 8, false);
  put(&file, 0x1000, 8, false);
  put(&file, 0x1000, 8, false);
  put(&file, 3, 4, false);
  put(&file, 3, 4, false);
  pad(&file, 0x1000);
  inline_info(&file, "go1.21.1", "mod\tmach.org/x\tv1.0.0\t\n");
  pad(&file, 0x2000);
  scan(&s, &file);
  assert_int_equal(s.rc, 0);
  find(&s, "mach.org/x");
  scanned_free(&s);
  buf_clear(&file);
  /* A file that is none, and an empty one */
  buf_add_text(&file, "MZ and nothing more");
  scan(&s, &file);
  assert_int_equal(s.rc, 0);
  assert_int_equal(s.list.count, 0);
  scanned_free(&s);
  buf_clear(&file);
  scan(&s, &file);
  assert_int_equal(s.rc, 0);
  scanned_free(&s);
  buf_free(&file);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(reads_go),
      cmocka_unit_test(finds_the_version_of_the_program),
      cmocka_unit_test(names_releases_of_go),
      cmocka_unit_test(follows_pointers_of_old_go),
      cmocka_unit_test(tells_of_pointers_that_lead_nowhere),
      cmocka_unit_test(takes_a_program_not_what_is_embedded),
      cmocka_unit_test(reads_large_files_in_little_memory),
      cmocka_unit_test(tells_what_is_wrong_with_go),
      cmocka_unit_test(reads_rust),
      cmocka_unit_test(doubts_what_is_no_list_of_crates),
      cmocka_unit_test(stops_a_bomb),
      cmocka_unit_test(says_what_it_wants),
      cmocka_unit_test(reads_other_formats),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
