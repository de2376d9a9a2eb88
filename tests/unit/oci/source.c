#include "../test.h"

#include "base/file.h"
#include "oci/overlay.h"
#include "oci/source.h"

#include "image.h"

#include <fcntl.h>
#include <ftw.h>
#include <stdlib.h>
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
  snprintf(dir, sizeof dir, "/tmp/seawall-source.XXXXXX");
  return mkdtemp(dir) ? 0 : -1;
}

static int tear_down(void **state)
{
  (void)state;
  arena_free(&arena);
  nftw(dir, remove_one, 32, FTW_DEPTH | FTW_PHYS);
  return 0;
}

static const char *path_of(const char *name)
{
  return arena_printf(&arena, "%s/%s", dir, name).data;
}

static const char *put(const char *name, struct str bytes)
{
  const char *path = path_of(name);
  struct error err;
  for (char *slash = strchr((char *)(uintptr_t)path + strlen(dir) + 1, '/'); slash;
       slash = strchr(slash + 1, '/')) {
    *slash = '\0';
    mkdir(path, 0755);
    *slash = '/';
  }
  int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0644);
  assert_true(fd >= 0);
  assert_int_equal(fd_write_all(fd, bytes.data, bytes.len, &err), 0);
  close(fd);
  return path;
}

/* ---- an image of two layers, in whatever form */

struct part {
  struct str name, bytes;
};

struct parts {
  struct part items[16];
  size_t count;
};

static struct str put_blob(struct parts *p, struct str bytes)
{
  struct str digest = digest_text(&arena, bytes), hex;
  str_cut(digest, ':', &hex);
  p->items[p->count++] =
      (struct part){arena_printf(&arena, "blobs/sha256/%.*s", STR_FMT(hex)), bytes};
  return digest;
}

static struct str layer_tar(const char *file, const char *text, const char *whiteout)
{
  struct buf tar = {0};
  tar_file(&tar, file, text);
  if (whiteout)
    tar_file(&tar, whiteout, "");
  tar_end(&tar);
  struct str copy = arena_copy(&arena, buf_str(&tar));
  buf_free(&tar);
  return copy;
}

static struct str packed(struct str tar, bool zstd)
{
  struct buf out = {0};
  zstd ? pack_zstd(&out, tar) : pack_gzip(&out, tar);
  struct str copy = arena_copy(&arena, buf_str(&out));
  buf_free(&out);
  return copy;
}

static struct str config_text(struct str one, struct str two, const char *arch)
{
  struct str d1 = digest_text(&arena, one), d2 = digest_text(&arena, two);
  return arena_printf(&arena,
                      "{\"os\":\"linux\",\"architecture\":\"%s\",\"config\":{\"User\":\"app\"},"
                      "\"rootfs\":{\"type\":\"layers\",\"diff_ids\":[\"%.*s\",\"%.*s\"]}}",
                      arch, STR_FMT(d1), STR_FMT(d2));
}

static struct str descriptor(const char *type, struct str digest, size_t size, const char *more)
{
  return arena_printf(
      &arena, "{\"mediaType\":\"application/vnd.oci.image.%s\",\"digest\":\"%.*s\",\"size\":%zu%s}",
      type, STR_FMT(digest), size, more);
}

/* The descriptor of the manifest. */
static struct str put_image(struct parts *p, const char *arch, const char *more)
{
  struct str one = layer_tar("etc/one", "first", NULL);
  struct str two = layer_tar("etc/two", "second", "etc/.wh.one");
  struct str gzip = packed(one, false), zstd = packed(two, true),
             config = config_text(one, two, arch);
  struct str g = descriptor("layer.v1.tar+gzip", put_blob(p, gzip), gzip.len, "");
  struct str z = descriptor("layer.v1.tar+zstd", put_blob(p, zstd), zstd.len, "");
  struct str c = descriptor("config.v1+json", put_blob(p, config), config.len, "");
  struct str manifest = arena_printf(&arena,
                                     "{\"schemaVersion\":2,\"config\":%.*s,\"layers\":[%.*s,%.*s]}",
                                     STR_FMT(c), STR_FMT(g), STR_FMT(z));
  return descriptor("manifest.v1+json", put_blob(p, manifest), manifest.len, more);
}

static void put_index(struct parts *p, struct str manifests)
{
  p->items[p->count++] =
      (struct part){STR("oci-layout"), STR("{\"imageLayoutVersion\":\"1.0.0\"}")};
  p->items[p->count++] = (struct part){
      STR("index.json"),
      arena_printf(&arena, "{\"schemaVersion\":2,\"manifests\":[%.*s]}", STR_FMT(manifests))};
}

static const char *write_layout(const struct parts *p)
{
  for (size_t i = 0; i < p->count; i++)
    put(arena_printf(&arena, "layout/%.*s", STR_FMT(p->items[i].name)).data, p->items[i].bytes);
  return path_of("layout");
}

enum { PLAIN, GZIP, ZSTD };

static const char *write_archive(const struct parts *p, int packing)
{
  struct buf tar = {0};
  for (size_t i = 0; i < p->count; i++)
    tar_add(&tar, '0', p->items[i].name.data, "", p->items[i].bytes);
  tar_end(&tar);
  struct str bytes = packing == PLAIN ? buf_str(&tar) : packed(buf_str(&tar), packing == ZSTD);
  const char *path = put("image.tar", bytes);
  buf_free(&tar);
  return path;
}

/* ---- reading it */

struct seen {
  struct buf text;
  struct oci_overlay *overlay;
  size_t layer;
};

static int on_entry(void *ctx, const struct oci_entry *e, const struct oci_input *content,
                    struct error *err)
{
  struct seen *s = ctx;
  buf_printf(&s->text, "%zu:%.*s", s->layer, STR_FMT(e->path));
  if (content && e->size < 1 << 20) {
    buf_add(&s->text, STR("="));
    int rc = oci_content_read(content, 1 << 20, &s->text, err);
    if (rc < 0)
      return rc;
  }
  buf_add(&s->text, STR(" "));
  return s->overlay ? oci_overlay_add(s->overlay, s->layer, e, e->type == OCI_FILE, e->number, err)
                    : 0;
}

static int read_image(const char *path, const struct oci_choice *choice, bool from_top,
                      struct buf *text, struct oci_image *image, struct error *err)
{
  static const struct oci_choice any = {0};
  _cleanup_(oci_source_freep) struct oci_source *source = NULL;
  struct seen seen = {0};
  const struct oci_visitor visitor = {on_entry, &seen};
  int rc = oci_source_open(path, OCI_SOURCE_ANY, &source, err);
  if (rc == 0)
    rc = oci_source_image(source, choice ? choice : &any, &arena, image, err);
  for (size_t i = 0; rc == 0 && i < image->layer_count; i++) {
    seen.layer = from_top ? image->layer_count - 1 - i : i;
    rc = oci_source_read_layer(source, image, seen.layer, NULL, &visitor, NULL, err);
  }
  if (rc == 0 && text)
    buf_add(text, buf_str(&seen.text));
  buf_free(&seen.text);
  return rc;
}

static void check_image(const char *path)
{
  for (int top = 0; top < 2; top++) {
    _cleanup_(buf_free) struct buf text = {0};
    struct oci_image image;
    struct error err;
    if (read_image(path, NULL, top, &text, &image, &err) < 0)
      fail_msg("%s", err.message);
    assert_str(buf_str(&text), top ? "1:etc/two=second 1:etc/.wh.one= 0:etc/one=first "
                                   : "0:etc/one=first 1:etc/two=second 1:etc/.wh.one= ");
    assert_str(image.config.user, "app");
    assert_true(str_starts(image.id, STR("sha256:")));
  }
}

static void layouts_and_archives_are_the_same(void **state)
{
  (void)state;
  struct parts p = {0};
  struct str d = put_image(&p, "amd64", "");
  put_index(&p, d);
  check_image(write_layout(&p));
  for (int packing = PLAIN; packing <= ZSTD; packing++)
    check_image(write_archive(&p, packing));
}

static void docker_archive(struct parts *p, const char *config_name)
{
  struct str one = layer_tar("etc/one", "first", NULL);
  struct str two = layer_tar("etc/two", "second", "etc/.wh.one");
  struct str config = config_text(one, two, "amd64");
  struct str digest = digest_text(&arena, config), hex;
  str_cut(digest, ':', &hex);
  struct str name = config_name ? str_from(config_name)
                                : arena_printf(&arena, "%.*s.json", STR_FMT(hex));
  p->items[p->count++] = (struct part){STR("b/layer.tar"), packed(two, false)};
  p->items[p->count++] = (struct part){name, config};
  p->items[p->count++] = (struct part){STR("a/layer.tar"), one};
  p->items[p->count++] = (struct part){
      STR("manifest.json"),
      arena_printf(
          &arena,
          "[{\"Config\":\"%.*s\",\"RepoTags\":[\"team/app:1\"],\"Layers\":[\"a/layer.tar\",\"b/layer.tar\"]}]",
          STR_FMT(name))};
}

static void what_docker_saves_is_read(void **state)
{
  (void)state;
  struct parts p = {0};
  docker_archive(&p, NULL);
  for (int packing = PLAIN; packing <= ZSTD; packing++) {
    const char *path = write_archive(&p, packing);
    check_image(path);
    struct oci_image image;
    struct error err;
    const struct oci_choice named = {.reference = STR("docker.io/team/app:1")};
    const struct oci_choice other = {.reference = STR("team/app:2")};
    assert_int_equal(read_image(path, &named, false, NULL, &image, &err), 0);
    assert_true(image.layers[1].place < image.layers[0].place);
    assert_int_equal(read_image(path, &other, false, NULL, &image, &err), SW_ENOENT);
    assert_error(err, SW_ENOENT, "there is team/app:1");
  }
}

static void wrong(const struct parts *p, int code, const char *told)
{
  struct oci_image image;
  struct error err;
  assert_int_equal(read_image(write_archive(p, PLAIN), NULL, false, NULL, &image, &err), code);
  assert_error(err, code, told);
  assert_error(err, code, "image.tar: ");
}

static void what_is_not_meant_is_refused(void **state)
{
  (void)state;
  struct parts p = {0};
  docker_archive(&p, "0000000000000000000000000000000000000000000000000000000000000000.json");
  wrong(&p, SW_EINVAL, "its digest is sha256:");
  p.count = 0;
  docker_archive(&p, NULL);
  p.items[2].bytes = layer_tar("etc/one", "changed", NULL);
  wrong(&p, SW_EINVAL, "layer 1 of 2 (sha256:");
  wrong(&p, SW_EINVAL, "diff_id");
  p.items[2].name = STR("c/layer.tar");
  wrong(&p, SW_ENOENT, "\"a/layer.tar\" is missing");
  p.items[3].bytes = STR("[]");
  wrong(&p, SW_ENOENT, "no image in it");
  p.items[3].bytes = STR("{}");
  wrong(&p, SW_EINVAL, "manifest.json");
  p.items[1].name = STR("manifest.json");
  wrong(&p, SW_EINVAL, "is there twice");
  p.count = 1;
  wrong(&p, SW_EINVAL, "no archive of images");
  p.items[0].name = STR("./usr/bin/tool");
  wrong(&p, SW_EINVAL, "the files of one: unpack it");
  p.count = 0;
  struct str d = put_image(&p, "amd64", "");
  put_index(&p, d);
  p.items[1].bytes = packed(layer_tar("etc/two", "changed", NULL), true);
  wrong(&p, SW_EINVAL, "layer 2 of 2 (sha256:");
  p.items[3].bytes = STR("{}");
  wrong(&p, SW_EINVAL, "manifest sha256:");
}

static void platforms_are_chosen(void **state)
{
  (void)state;
  struct parts p = {0};
  struct oci_platform arm, s390;
  struct error err;
  struct parts q = {0};
  struct str a =
      put_image(&p, "amd64", ",\"platform\":{\"os\":\"linux\",\"architecture\":\"amd64\"}");
  struct str b =
      put_image(&q, "arm64", ",\"platform\":{\"os\":\"linux\",\"architecture\":\"arm64\"}");
  /* The layers are the same; configuration and manifest are not. */
  p.items[p.count++] = q.items[2];
  p.items[p.count++] = q.items[3];
  put_index(&p, arena_printf(&arena, "%.*s,%.*s", STR_FMT(a), STR_FMT(b)));
  const char *path = write_archive(&p, PLAIN);
  assert_int_equal(oci_platform_read(STR("linux/arm64"), &arm, &err), 0);
  assert_int_equal(oci_platform_read(STR("linux/s390x"), &s390, &err), 0);
  struct oci_image image;
  const struct oci_choice wants_arm = {.platform = &arm}, wants_s390 = {.platform = &s390};
  if (read_image(path, &wants_arm, false, NULL, &image, &err) < 0)
    fail_msg("%s", err.message);
  assert_string_equal(image.config.platform.architecture, "arm64");
  assert_int_equal(read_image(path, &wants_s390, false, NULL, &image, &err), SW_ENOENT);
  assert_error(err, SW_ENOENT, "linux/amd64, linux/arm64");
}

static void one_image_says_its_platform(void **state)
{
  (void)state;
  struct parts p = {0};
  struct oci_platform arm;
  struct error err;
  struct oci_image image;
  struct str d = put_image(&p, "s390x", "");
  put_index(&p, d);
  const char *path = write_archive(&p, PLAIN);
  assert_int_equal(read_image(path, NULL, false, NULL, &image, &err), 0);
  assert_int_equal(oci_platform_read(STR("linux/arm64"), &arm, &err), 0);
  const struct oci_choice wants_arm = {.platform = &arm};
  assert_int_equal(read_image(path, &wants_arm, false, NULL, &image, &err), SW_ENOENT);
  assert_error(err, SW_ENOENT, "the image is for linux/s390x, not for linux/arm64");
}

static void names_choose(void **state)
{
  (void)state;
  struct parts p = {0};
  struct error err;
  struct oci_image image;
  struct str a =
      put_image(&p, "amd64", ",\"annotations\":{\"org.opencontainers.image.ref.name\":\"v1\"}");
  struct parts other = {0};
  struct str b =
      put_image(&other, "amd64", ",\"annotations\":{\"org.opencontainers.image.ref.name\":\"v2\"}");
  put_index(&p, arena_printf(&arena, "%.*s,%.*s", STR_FMT(a), STR_FMT(b)));
  const char *path = write_layout(&p);
  assert_int_equal(read_image(path, NULL, false, NULL, &image, &err), SW_ENOENT);
  assert_error(err, SW_ENOENT, "several images in it, name one: v1, v2");
  const struct oci_choice v2 = {.reference = STR("v2")}, v3 = {.reference = STR("v3")};
  assert_int_equal(read_image(path, &v2, false, NULL, &image, &err), 0);
  assert_str(image.name, "v2");
  assert_int_equal(read_image(path, &v3, false, NULL, &image, &err), SW_ENOENT);
}

/* Descriptors of an index that name the index itself cannot be made; a long chain can. */
static void indexes_have_a_depth(void **state)
{
  (void)state;
  for (int depth = OCI_INDEX_DEPTH_MAX; depth <= OCI_INDEX_DEPTH_MAX + 1; depth++) {
    struct parts p = {0};
    struct error err;
    struct oci_image image;
    struct str d = put_image(&p, "amd64", "");
    for (int i = 0; i < depth; i++) {
      struct str index =
          arena_printf(&arena, "{\"schemaVersion\":2,\"manifests\":[%.*s]}", STR_FMT(d));
      d = descriptor("index.v1+json", put_blob(&p, index), index.len, "");
    }
    put_index(&p, d);
    int rc = read_image(write_archive(&p, PLAIN), NULL, false, NULL, &image, &err);
    assert_int_equal(rc, depth > OCI_INDEX_DEPTH_MAX ? SW_ELIMIT : 0);
  }
}

static void a_directory_is_one_layer(void **state)
{
  (void)state;
  put("root/etc/passwd", STR("root:x"));
  put("root/b/c/d", STR("deep"));
  put("root/a", STR("1"));
  assert_int_equal(symlink("/etc/passwd", path_of("root/etc/link")), 0);
  assert_int_equal(symlink("/tmp", path_of("root/out")), 0);
  assert_int_equal(mkfifo(path_of("root/fifo"), 0600), 0);
  _cleanup_(buf_free) struct buf text = {0};
  struct oci_image image;
  struct error err;
  if (read_image(path_of("root"), NULL, false, &text, &image, &err) < 0)
    fail_msg("%s", err.message);
  assert_int_equal(image.layer_count, 1);
  assert_str(buf_str(&text), "0:a=1 0:b 0:etc 0:fifo 0:out 0:b/c 0:b/c/d=deep 0:etc/link "
                             "0:etc/passwd=root:x ");
}

static void make_deep(const char *name)
{
  mkdir(path_of(name), 0755);
  int at = open(path_of(name), O_RDONLY | O_DIRECTORY);
  for (int i = 0; i < OCI_TREE_DEPTH_MAX + 2; i++) {
    assert_int_equal(mkdirat(at, "d", 0755), 0);
    int next = openat(at, "d", O_RDONLY | O_DIRECTORY);
    close(at);
    at = next;
  }
  close(at);
}

static void deep_directories_are_an_error(void **state)
{
  (void)state;
  struct oci_image image;
  struct error err;
  make_deep("root");
  assert_int_equal(read_image(path_of("root"), NULL, false, NULL, &image, &err), SW_ELIMIT);
}

/* A tree that changes while it is read: it is changed by whoever is told of it. */
struct changing {
  struct buf told;
  const char *change_at; /* told of this path, */
  void (*change)(void);  /* the tree becomes another one */
};

static int on_changing(void *ctx, const struct oci_entry *entry, const struct oci_input *content,
                       struct error *err)
{
  struct changing *c = ctx;
  char text[8];
  size_t got = 0;
  struct error why;
  (void)err;
  if (str_eq(entry->path, str_from(c->change_at)))
    c->change();
  buf_printf(&c->told, "%.*s", STR_FMT(entry->path));
  int rc = content ? content->read(content->ctx, text, sizeof text, &got, &why) : 0;
  buf_printf(&c->told, rc < 0 ? "!%d " : content ? "=%.*s " : " ", rc < 0 ? rc : (int)got, text);
  return 0;
}

static int on_unreadable(void *ctx, const struct error *why, struct error *err)
{
  struct changing *c = ctx;
  (void)err;
  buf_printf(&c->told, "[%s] ", why->message);
  return 0;
}

static int read_changing(struct changing *c, bool may_go_on, struct error *err)
{
  _cleanup_(oci_source_freep) struct oci_source *source = NULL;
  const struct oci_visitor visitor = {on_changing, c, may_go_on ? on_unreadable : NULL};
  const struct oci_choice any = {0};
  struct oci_image image;
  assert_int_equal(oci_source_open(path_of("root"), OCI_SOURCE_DIRECTORY, &source, err), 0);
  assert_int_equal(oci_source_image(source, &any, &arena, &image, err), 0);
  return oci_source_read_layer(source, &image, 0, NULL, &visitor, NULL, err);
}

static void change_all(void)
{
  assert_int_equal(unlink(path_of("root/b")), 0); /* told of just now, and not read yet */
  assert_int_equal(unlink(path_of("root/c")), 0);
  assert_int_equal(unlink(path_of("root/d")), 0);
  assert_int_equal(symlink("a", path_of("root/d")), 0);
  assert_int_equal(unlink(path_of("root/e/x")), 0);
  assert_int_equal(rmdir(path_of("root/e")), 0);
  put("root/e", STR("now a file"));
}

static void change_directories(void)
{
  assert_int_equal(unlink(path_of("root/a/x")), 0);
  assert_int_equal(rmdir(path_of("root/a")), 0);
  assert_int_equal(unlink(path_of("root/b/x")), 0);
  assert_int_equal(rmdir(path_of("root/b")), 0);
  put("root/b", STR("now a file"));
  assert_int_equal(unlink(path_of("root/c/x")), 0);
  assert_int_equal(rmdir(path_of("root/c")), 0);
  assert_int_equal(symlink("/", path_of("root/c")), 0);
}

static void files_change_while_they_are_read(void **state)
{
  (void)state;
  struct changing c = {.change_at = "b", .change = change_all};
  struct error err;
  for (const char *name = "abcd"; *name; name++)
    put(arena_printf(&arena, "root/%c", *name).data, str_make(name, 1));
  put("root/e/x", STR("x"));
  put("root/f/x", STR("x"));
  if (read_changing(&c, false, &err) < 0)
    fail_msg("%s", err.message);
  assert_str(buf_str(&c.told), "a=a b!-4 d e=now a fi f f/x=x ");
  buf_free(&c.told);
}

static void directories_change_while_they_are_read(void **state)
{
  (void)state;
  struct changing c = {.change_at = "d", .change = change_directories};
  struct error err;
  for (const char *name = "abc"; *name; name++)
    put(arena_printf(&arena, "root/%c/x", *name).data, STR("x"));
  put("root/d", STR("d"));
  put("root/e/x", STR("x"));
  if (read_changing(&c, false, &err) < 0)
    fail_msg("%s", err.message);
  assert_str(buf_str(&c.told), "a b c d=d e e/x=x ");
  buf_free(&c.told);
}

/* Where somebody listens, what lies too deep is told, and what lies elsewhere is read. */
static void deep_directories_are_passed_over(void **state)
{
  (void)state;
  struct changing c = {.change_at = "?"};
  struct error err;
  make_deep("root");
  put("root/e", STR("e"));
  assert_int_equal(read_changing(&c, false, &err), SW_ELIMIT);
  buf_clear(&c.told);
  if (read_changing(&c, true, &err) < 0)
    fail_msg("%s", err.message);
  assert_true(str_starts(buf_str(&c.told), STR("d e=e d/d ")));
  assert_true(str_ends(buf_str(&c.told), STR(": directories lie too deep] ")));
  buf_free(&c.told);
}

static void kinds_are_told_apart(void **state)
{
  (void)state;
  struct oci_source *source;
  struct error err;
  assert_int_equal(oci_source_open(path_of("nothing"), OCI_SOURCE_ANY, &source, &err), SW_ENOENT);
  const char *text = put("text", STR("only a text"));
  assert_int_equal(oci_source_open(text, OCI_SOURCE_ANY, &source, &err), SW_EINVAL);
  assert_int_equal(oci_source_open(text, OCI_SOURCE_LAYOUT, &source, &err), SW_EINVAL);
  assert_int_equal(oci_source_open(dir, OCI_SOURCE_OCI_ARCHIVE, &source, &err), SW_EINVAL);
  assert_int_equal(mkfifo(path_of("pipe"), 0600), 0);
  assert_true(oci_source_open(path_of("pipe"), OCI_SOURCE_ANY, &source, &err) < 0);
  struct parts p = {0};
  docker_archive(&p, NULL);
  const char *docker = write_archive(&p, PLAIN);
  assert_int_equal(oci_source_open(docker, OCI_SOURCE_OCI_ARCHIVE, &source, &err), SW_EINVAL);
  assert_error(err, SW_EINVAL, "is of kind \"docker-archive\"");
  assert_int_equal(oci_source_open(docker, OCI_SOURCE_DOCKER_ARCHIVE, &source, &err), 0);
  assert_int_equal(oci_source_kind(source), OCI_SOURCE_DOCKER_ARCHIVE);
  oci_source_free(source);
}

/* ---- images that others made */

static const char *os_release_of(const char *path)
{
  struct oci_source *source;
  struct oci_image image;
  struct error err;
  struct seen seen = {0};
  const struct oci_visitor visitor = {on_entry, &seen};
  const struct oci_choice any = {0};
  if (oci_source_open(path, OCI_SOURCE_ANY, &source, &err) < 0 ||
      oci_source_image(source, &any, &arena, &image, &err) < 0)
    fail_msg("%s", err.message);
  seen.overlay = oci_overlay_new(image.layer_count);
  for (seen.layer = 0; seen.layer < image.layer_count; seen.layer++) {
    if (oci_source_read_layer(source, &image, seen.layer, NULL, &visitor, NULL, &err) < 0)
      fail_msg("%s", err.message);
    oci_overlay_done(seen.overlay, seen.layer);
  }
  assert_int_equal(oci_overlay_finish(seen.overlay, &err), 0);
  assert_true(oci_overlay_find(seen.overlay, STR("etc/os-release"), NULL));
  ptrdiff_t at = str_find(buf_str(&seen.text), 0, STR("VERSION_ID="));
  assert_true(at >= 0);
  struct str line = str_cut(str_sub(buf_str(&seen.text), (size_t)at, 100), '\n', &(struct str){0});
  const char *copy = arena_copy(&arena, line).data;
  oci_overlay_free(seen.overlay);
  buf_free(&seen.text);
  oci_source_free(source);
  return copy;
}

static const char *alpine(const char *version)
{
  const char *shared = getenv("SEAWALL_SHARED");
  const char *path = arena_printf(&arena, "%s/conformance/images/archives/alpine-%s.tar.gz",
                                  shared ? shared : "", version)
                         .data;
  if (!shared || access(path, R_OK) != 0) {
    print_message("skipped: the archives of other projects are not here\n");
    skip();
  }
  return path;
}

static void alpine_images_are_read(void **state)
{
  (void)state;
  assert_string_equal(os_release_of(alpine("310")), "VERSION_ID=3.10.4");
  assert_string_equal(os_release_of(alpine("311")), "VERSION_ID=3.11.5");
}

static bool run(const char *command)
{
  return system(command) == 0; /* made of names of our own */
}

/* skopeo turns one form into the others: each must hold the same. */
static void other_tools_forms_hold_the_same(void **state)
{
  (void)state;
  static const char *const forms[] = {"oci:%s/o:x", "oci-archive:%s/oa.tar:x",
                                      "docker-archive:%s/da.tar:x:1"};
  static const char *const names[] = {"o", "oa.tar", "da.tar"};
  const char *archive = alpine("311");
  if (!run("command -v skopeo >/dev/null 2>&1")) {
    print_message("skipped: skopeo is not installed (apt install skopeo)\n");
    skip();
  }
  assert_true(run(arena_printf(&arena, "gzip -dc %s > %s/in.tar", archive, dir).data));
  for (size_t i = 0; i < 3; i++) {
    struct str to = str_from(forms[i]), place = STR("%s");
    size_t at = (size_t)str_find(to, 0, place);
    const char *command =
        arena_printf(
            &arena,
            "skopeo --insecure-policy copy -q docker-archive:%s/in.tar %.*s%s%.*s >/dev/null", dir,
            (int)at, to.data, dir, STR_FMT(str_sub(to, at + 2, SIZE_MAX)))
            .data;
    assert_true(run(command));
    assert_string_equal(os_release_of(path_of(names[i])), "VERSION_ID=3.11.5");
  }
}

/* An image that umoci changed: its layer says what it deleted. */
static void umoci_deletes_with_whiteouts(void **state)
{
  (void)state;
  if (geteuid() != 0 || !run("command -v umoci >/dev/null 2>&1")) {
    print_message("skipped: needs root and umoci (apt install umoci)\n");
    skip();
  }
  const char *script =
      "cd %s && umoci init --layout l && umoci new --image l:a && umoci unpack --image l:a b1 &&"
      " mkdir -p b1/rootfs/etc b1/rootfs/usr/lib && echo VERSION_ID=7 >b1/rootfs/usr/lib/os-release &&"
      " ln -s ../usr/lib/os-release b1/rootfs/etc/os-release && echo x >b1/rootfs/gone &&"
      " umoci repack --image l:a b1 && umoci unpack --image l:a b2 && rm b2/rootfs/gone &&"
      " echo y >b2/rootfs/new && umoci repack --image l:a b2";
  char command[2048];
  char *at = strstr(script, "%s");
  snprintf(command, sizeof command, "(%.*s%s%s) >/dev/null 2>&1", (int)(at - script), script, dir,
           at + 2);
  assert_true(run(command));
  assert_string_equal(os_release_of(path_of("l")), "VERSION_ID=7");
  _cleanup_(buf_free) struct buf text = {0};
  struct oci_image image;
  struct error err;
  assert_int_equal(read_image(path_of("l"), NULL, false, &text, &image, &err), 0);
  assert_int_equal(image.layer_count, 2);
  assert_true(str_find(buf_str(&text), 0, STR("1:.wh.gone")) >= 0);
}

/* As a process reads that may open nothing by a path. */
static void descriptors_are_sources(void **state)
{
  (void)state;
  struct parts p = {0};
  struct error err;
  struct oci_image image;
  _cleanup_(buf_free) struct buf text = {0};
  const struct oci_choice any = {0};
  struct str d = put_image(&p, "amd64", "");
  put_index(&p, d);
  put("root/etc/passwd", STR("root:x"));
  const struct {
    const char *path;
    enum oci_source_kind kind;
  } rows[] = {
      {write_archive(&p, GZIP), OCI_SOURCE_OCI_ARCHIVE},
      {write_layout(&p), OCI_SOURCE_LAYOUT},
      {path_of("root"), OCI_SOURCE_DIRECTORY},
  };
  for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
    _cleanup_(oci_source_freep) struct oci_source *source = NULL;
    struct seen seen = {0};
    const struct oci_visitor visitor = {on_entry, &seen};
    int fd = open(rows[i].path, O_RDONLY | O_CLOEXEC);
    assert_int_equal(oci_source_open_fd(fd, "given", OCI_SOURCE_ANY, &source, &err), 0);
    assert_int_equal(oci_source_kind(source), rows[i].kind);
    assert_int_equal(oci_source_image(source, &any, &arena, &image, &err), 0);
    assert_int_equal(oci_source_read_layer(source, &image, 0, NULL, &visitor, NULL, &err), 0);
    buf_add(&text, buf_str(&seen.text));
    buf_free(&seen.text);
  }
  assert_str(buf_str(&text), "0:etc/one=first 0:etc/one=first 0:etc 0:etc/passwd=root:x ");
}

static bool is_closed(int fd)
{
  return fcntl(fd, F_GETFD) < 0;
}

static void descriptors_are_taken_over(void **state)
{
  (void)state;
  struct error err;
  struct oci_source *source = NULL;
  int pipes[2];
  assert_int_equal(pipe(pipes), 0);
  assert_int_equal(oci_source_open_fd(pipes[0], "given", OCI_SOURCE_ANY, &source, &err), SW_EINVAL);
  assert_error(err, SW_EINVAL, "given: is neither a file nor a directory");
  assert_true(is_closed(pipes[0]));
  close(pipes[1]);
  int fd = open(put("no.tar", STR("nothing")), O_RDONLY | O_CLOEXEC);
  assert_true(oci_source_open_fd(fd, "given", OCI_SOURCE_ANY, &source, &err) < 0);
  assert_true(is_closed(fd));
  fd = open(dir, O_RDONLY | O_CLOEXEC);
  assert_int_equal(oci_source_open_fd(fd, "given", OCI_SOURCE_DOCKER_ARCHIVE, &source, &err),
                   SW_EINVAL);
  assert_error(err, SW_EINVAL, "is a directory, and cannot be of kind \"docker-archive\"");
  assert_true(is_closed(fd));
}

/* The packed bytes of a layer, read to their end. */
static void check_packed(struct oci_source *source, const struct oci_image *image, size_t i,
                         struct str expected)
{
  struct error err;
  struct oci_input input;
  _cleanup_(buf_free) struct buf bytes = {0};
  assert_int_equal(oci_source_open_layer(source, image, i, &input, &err), 0);
  assert_int_equal(oci_content_read(&input, 1 << 20, &bytes, &err), 0);
  oci_source_close_layer(source, &input);
  assert_true(str_eq(buf_str(&bytes), expected));
}

static void check_both_packed(const char *path, struct str first, struct str second)
{
  struct error err;
  struct oci_image image;
  const struct oci_choice any = {0};
  _cleanup_(oci_source_freep) struct oci_source *source = NULL;
  assert_int_equal(oci_source_open(path, OCI_SOURCE_ANY, &source, &err), 0);
  assert_int_equal(oci_source_image(source, &any, &arena, &image, &err), 0);
  check_packed(source, &image, 1, second);
  check_packed(source, &image, 0, first);
}

static void layers_are_given_as_stored(void **state)
{
  (void)state;
  struct parts p = {0}, q = {0};
  struct str d = put_image(&p, "amd64", "");
  put_index(&p, d);
  docker_archive(&q, NULL);
  check_both_packed(write_layout(&p), p.items[0].bytes, p.items[1].bytes);
  check_both_packed(write_archive(&p, ZSTD), p.items[0].bytes, p.items[1].bytes);
  check_both_packed(write_archive(&q, PLAIN), q.items[2].bytes, q.items[0].bytes);
}

static void layers_that_are_not_there_are_told(void **state)
{
  (void)state;
  struct error err;
  struct parts p = {0};
  struct oci_image image;
  struct oci_input input;
  const struct oci_choice any = {0};
  struct str d = put_image(&p, "amd64", "");
  put_index(&p, d);
  _cleanup_(oci_source_freep) struct oci_source *source = NULL, *tree = NULL;
  const char *path = write_layout(&p);
  assert_int_equal(unlink(path_of(arena_printf(&arena, "layout/%s", p.items[1].name.data).data)),
                   0);
  assert_int_equal(oci_source_open(path, OCI_SOURCE_ANY, &source, &err), 0);
  assert_int_equal(oci_source_image(source, &any, &arena, &image, &err), 0);
  assert_int_equal(oci_source_open_layer(source, &image, 1, &input, &err), SW_ENOENT);
  assert_error(err, SW_ENOENT, "layout: layer 2 of 2 (sha256:");
  image.layers[1].packed.foreign = true;
  assert_int_equal(oci_source_open_layer(source, &image, 1, &input, &err), SW_EUNSUPPORTED);
  assert_error(err, SW_EUNSUPPORTED, "kept elsewhere");
  assert_int_equal(oci_source_open(dir, OCI_SOURCE_DIRECTORY, &tree, &err), 0);
  assert_int_equal(oci_source_image(tree, &any, &arena, &image, &err), 0);
  assert_int_equal(oci_source_open_layer(tree, &image, 0, &input, &err), SW_EUNSUPPORTED);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test_setup_teardown(layouts_and_archives_are_the_same, set_up, tear_down),
      cmocka_unit_test_setup_teardown(what_docker_saves_is_read, set_up, tear_down),
      cmocka_unit_test_setup_teardown(what_is_not_meant_is_refused, set_up, tear_down),
      cmocka_unit_test_setup_teardown(platforms_are_chosen, set_up, tear_down),
      cmocka_unit_test_setup_teardown(one_image_says_its_platform, set_up, tear_down),
      cmocka_unit_test_setup_teardown(names_choose, set_up, tear_down),
      cmocka_unit_test_setup_teardown(indexes_have_a_depth, set_up, tear_down),
      cmocka_unit_test_setup_teardown(a_directory_is_one_layer, set_up, tear_down),
      cmocka_unit_test_setup_teardown(deep_directories_are_an_error, set_up, tear_down),
      cmocka_unit_test_setup_teardown(files_change_while_they_are_read, set_up, tear_down),
      cmocka_unit_test_setup_teardown(directories_change_while_they_are_read, set_up, tear_down),
      cmocka_unit_test_setup_teardown(deep_directories_are_passed_over, set_up, tear_down),
      cmocka_unit_test_setup_teardown(kinds_are_told_apart, set_up, tear_down),
      cmocka_unit_test_setup_teardown(descriptors_are_sources, set_up, tear_down),
      cmocka_unit_test_setup_teardown(descriptors_are_taken_over, set_up, tear_down),
      cmocka_unit_test_setup_teardown(layers_are_given_as_stored, set_up, tear_down),
      cmocka_unit_test_setup_teardown(layers_that_are_not_there_are_told, set_up, tear_down),
      cmocka_unit_test_setup_teardown(alpine_images_are_read, set_up, tear_down),
      cmocka_unit_test_setup_teardown(other_tools_forms_hold_the_same, set_up, tear_down),
      cmocka_unit_test_setup_teardown(umoci_deletes_with_whiteouts, set_up, tear_down),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
