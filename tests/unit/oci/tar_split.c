#include "image.h"

#include "base/file.h"
#include "data/base64.h"
#include "oci/layer.h"
#include "oci/tar_split.h"

#include <fcntl.h>
#include <ftw.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

static struct arena arena;
static char dir[64];

static int remove_one(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
  (void)st, (void)type, (void)ftw;
  return remove(path);
}

static int set_up(void **state)
{
  (void)state;
  arena_init(&arena, 0);
  snprintf(dir, sizeof dir, "/tmp/seawall-split.XXXXXX");
  return mkdtemp(dir) ? 0 : -1;
}

static int tear_down(void **state)
{
  (void)state;
  arena_free(&arena);
  nftw(dir, remove_one, 32, FTW_DEPTH | FTW_PHYS);
  return 0;
}

static void put(const char *name, struct str bytes)
{
  struct error err;
  const char *path = arena_printf(&arena, "%s/%s", dir, name).data;
  int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
  assert_true(fd >= 0 && fd_write_all(fd, bytes.data, bytes.len, &err) == 0);
  close(fd);
}

/* ---- */

static void add_bytes(struct buf *lines, struct str bytes)
{
  struct str coded = base64_encode(&arena, bytes, BASE64_STANDARD);
  buf_printf(lines, "{\"type\":2,\"payload\":\"%.*s\",\"position\":1}\n", STR_FMT(coded));
}

static int read_split(struct str lines, bool packed, size_t room, struct buf *bytes,
                      struct error *err)
{
  struct buf gz = {0};
  if (packed)
    pack_gzip(&gz, lines);
  struct str text = packed ? buf_str(&gz) : lines;
  int parts = memfd_create("parts", MFD_CLOEXEC), root = open(dir, O_RDONLY | O_DIRECTORY);
  assert_int_equal(fd_write_all(parts, text.data, text.len, err), 0);
  assert_int_equal(lseek(parts, 0, SEEK_SET), 0);
  buf_free(&gz);
  struct oci_tar_split *split;
  assert_int_equal(oci_tar_split_new(root, parts, &split, err), 0);
  struct oci_input input = oci_tar_split_input(split);
  char piece[4096];
  size_t got = 1;
  int rc = 0;
  while (rc == 0 && got > 0) {
    rc = input.read(input.ctx, piece, room, &got, err);
    if (rc == 0)
      buf_add(bytes, str_make(piece, got));
  }
  oci_tar_split_free(split);
  return rc;
}

static void archives_are_put_together(void **state)
{
  (void)state;
  struct error err;
  _cleanup_(buf_free) struct buf lines = {0};
  assert_int_equal(mkdir(arena_printf(&arena, "%s/etc", dir).data, 0755), 0);
  put("etc/one", STR("first"));
  put("z\xff", STR("raw"));
  add_bytes(&lines, STR("<head>"));
  buf_add(&lines, STR("{\"type\":1,\"name\":\"etc/\",\"payload\":null,\"position\":1}\n"));
  buf_add(&lines, STR("{\"type\":1,\"name\":\"./etc/one\",\"size\":5,\"payload\":\"x\"}\n\n"));
  add_bytes(&lines, STR("<pad>"));
  buf_add(&lines, STR("{\"type\":1,\"name_raw\":\"ev8=\",\"size\":3}\n"));
  buf_add(&lines, STR("{\"type\":2,\"payload\":\"\"}\n{\"type\":2,\"payload\":null}\n"));
  buf_add(&lines, STR("{\"type\":2,\"payload\":\"ZW5k\"}"));
  for (size_t room = 1; room <= 4096; room *= 8)
    for (int packed = 0; packed < 2; packed++) {
      _cleanup_(buf_free) struct buf bytes = {0};
      if (read_split(buf_str(&lines), packed, room, &bytes, &err) < 0)
        fail_msg("%s", err.message);
      assert_str(buf_str(&bytes), "<head>first<pad>rawend");
    }
}

static void links_stay_inside(void **state)
{
  (void)state;
  struct error err;
  put("inside", STR("mine"));
  assert_int_equal(symlink("/inside", arena_printf(&arena, "%s/absolute", dir).data), 0);
  assert_int_equal(symlink("../../../../inside", arena_printf(&arena, "%s/up", dir).data), 0);
  assert_int_equal(symlink("/etc/passwd", arena_printf(&arena, "%s/out", dir).data), 0);
  static const char *const names[] = {"absolute", "up", "../../inside"};
  for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
    _cleanup_(buf_free) struct buf bytes = {0};
    struct str line = arena_printf(&arena, "{\"type\":1,\"name\":\"%s\",\"size\":4}", names[i]);
    assert_int_equal(read_split(line, false, 100, &bytes, &err), 0);
    assert_str(buf_str(&bytes), "mine");
  }
  _cleanup_(buf_free) struct buf bytes = {0};
  assert_int_equal(
      read_split(STR("{\"type\":1,\"name\":\"out\",\"size\":4}"), false, 100, &bytes, &err),
      SW_ENOENT);
}

/* Folders that are links, on the way and in links; and ways that do not end. */
static void folders_may_be_links(void **state)
{
  (void)state;
  static const struct {
    const char *link, *target;
  } links[] = {
      {"bin", "usr/bin"},         {"usr/lib", "/usr/../usr/./bin"},   {"usr/bin/self", "."},
      {"usr/bin/deep", "../lib"}, {"usr/bin/last", "../../bin/tool"}, {"loop", "loop/loop"},
      {"usr/gone", "nowhere"}};
  static const struct {
    const char *name;
    int rc;
  } names[] = {{"bin/tool", 0},       {"bin/tool", 0},
               {"usr/lib/tool", 0},   {"bin/self/self/deep/deep/tool", 0},
               {"bin/last", 0},       {"usr/lib/self/last", 0},
               {"usr/bin/tool", 0},   {"usr/gone/tool", SW_ENOENT},
               {"loop/tool", SW_EIO}, {"bin/tool/more", SW_ENOENT},
               {"bin", SW_EINVAL}};
  struct error err;
  assert_int_equal(mkdir(arena_printf(&arena, "%s/usr", dir).data, 0755), 0);
  assert_int_equal(mkdir(arena_printf(&arena, "%s/usr/bin", dir).data, 0755), 0);
  put("usr/bin/tool", STR("mine"));
  for (size_t i = 0; i < sizeof links / sizeof *links; i++)
    assert_int_equal(
        symlink(links[i].target, arena_printf(&arena, "%s/%s", dir, links[i].link).data), 0);
  _cleanup_(buf_free) struct buf all = {0}, expected = {0};
  for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
    _cleanup_(buf_free) struct buf bytes = {0};
    struct str line =
        arena_printf(&arena, "{\"type\":1,\"name\":\"%s\",\"size\":4}\n", names[i].name);
    assert_int_equal(read_split(line, false, 100, &bytes, &err), names[i].rc);
    if (names[i].rc == 0) {
      assert_str(buf_str(&bytes), "mine");
      buf_add(&all, line);
      buf_add(&expected, STR("mine"));
    }
  }
  _cleanup_(buf_free) struct buf bytes = {0};
  assert_int_equal(read_split(buf_str(&all), true, 100, &bytes, &err), 0);
  assert_str(buf_str(&bytes), buf_text(&expected));
}

static void what_is_damaged_is_told(void **state)
{
  (void)state;
  static const struct {
    const char *line;
    int code;
    const char *told;
  } rows[] = {
      {"{\"type\":1,\"name\":\"none\",\"size\":4}", SW_ENOENT, "line 2: \"none\""},
      {"{\"type\":1,\"name\":\"file\",\"size\":9}", SW_EINVAL, "5 bytes shorter than it was"},
      {"{\"type\":1,\"name\":\"fifo\",\"size\":9}", SW_EINVAL, "no file any more"},
      {"{\"type\":1,\"name\":\"\",\"size\":9}", SW_EINVAL, "no path"},
      {"{\"type\":1,\"name\":\"a\\u0000b\",\"size\":9}", SW_EINVAL, "no path"},
      {"{\"type\":1,\"name\":\"file\",\"size\":-9}", SW_EINVAL, "\"size\" must be"},
      {"{\"type\":1,\"name\":\"file\",\"size\":\"9\"}", SW_EINVAL, "\"size\" must be"},
      {"{\"type\":2,\"payload\":\"***\"}", SW_EINVAL, "line 2"},
      {"{\"type\":3}", SW_EINVAL, "not known"},
      {"[]", SW_EINVAL, "not known"},
      {"{", SW_EINVAL, "tar-split, line 2: "},
  };
  put("file", STR("four"));
  assert_int_equal(mkfifo(arena_printf(&arena, "%s/fifo", dir).data, 0600), 0);
  for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
    struct error err;
    _cleanup_(buf_free) struct buf bytes = {0};
    struct str lines = arena_printf(&arena, "{\"type\":2,\"payload\":\"\"}\n%s\n", rows[i].line);
    assert_int_equal(read_split(lines, false, 100, &bytes, &err), rows[i].code);
    assert_error(err, rows[i].code, rows[i].told);
  }
}

static void lines_have_a_length(void **state)
{
  (void)state;
  struct error err;
  _cleanup_(buf_free) struct buf lines = {0}, bytes = {0};
  buf_add_repeat(&lines, ' ', OCI_TAR_SPLIT_LINE_MAX + 1);
  assert_int_equal(read_split(buf_str(&lines), false, 100, &bytes, &err), SW_ELIMIT);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test_setup_teardown(archives_are_put_together, set_up, tear_down),
      cmocka_unit_test_setup_teardown(links_stay_inside, set_up, tear_down),
      cmocka_unit_test_setup_teardown(folders_may_be_links, set_up, tear_down),
      cmocka_unit_test_setup_teardown(what_is_damaged_is_told, set_up, tear_down),
      cmocka_unit_test_setup_teardown(lines_have_a_length, set_up, tear_down),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
