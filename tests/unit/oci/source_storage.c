/* What container engines keep on their machines; and archives that come through pipes. */
#include "bolt_file.h"
#include "image.h"

#include "base/file.h"
#include "data/base64.h"
#include "oci/source.h"

#include <fcntl.h>
#include <ftw.h>
#include <pthread.h>
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
  snprintf(dir, sizeof dir, "/tmp/seawall-storage.XXXXXX");
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
  int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
  assert_true(fd >= 0 && fd_write_all(fd, bytes.data, bytes.len, &err) == 0);
  close(fd);
  return path;
}

static int on_entry(void *ctx, const struct oci_entry *e, const struct oci_input *content,
                    struct error *err)
{
  struct buf *text = ctx;
  buf_printf(text, "%.*s", STR_FMT(e->path));
  int rc = 0;
  if (content) {
    buf_add(text, STR("="));
    rc = oci_content_read(content, 1 << 20, text, err);
  }
  buf_add(text, STR(" "));
  return rc;
}

static int read_source(struct oci_source *source, const char *name, struct oci_image *image,
                       struct buf *text, struct error *err)
{
  const struct oci_choice choice = {.reference = str_from(name)};
  const struct oci_visitor visitor = {.entry = on_entry, .ctx = text};
  int rc = oci_source_image(source, &choice, &arena, image, err);
  for (size_t i = 0; rc == 0 && i < image->layer_count; i++)
    rc = oci_source_read_layer(source, image, i, NULL, &visitor, NULL, err);
  return rc;
}

static int read_image(const char *path, const char *name, struct oci_image *image, struct buf *text,
                      struct error *err)
{
  _cleanup_(oci_source_freep) struct oci_source *source = NULL;
  int rc = oci_source_open(path, OCI_SOURCE_ANY, &source, err);
  return rc < 0 ? rc : read_source(source, name, image, text, err);
}

/* ---- containers/storage */

struct layer {
  struct str id, diff_id;
};

/* A layer of one file, whose archive is split: everything but the file's content stands in the list. */
static struct layer put_layer(const char *root, const char *driver, const char *file,
                              const char *text)
{
  struct buf tar = {0}, lines = {0}, packed = {0};
  tar_file(&tar, file, text);
  tar_end(&tar);
  struct str bytes = buf_str(&tar), hex;
  struct str digest = digest_text(&arena, bytes);
  str_cut(digest, ':', &hex);
  size_t len = strlen(text);
  struct str head = base64_encode(&arena, str_sub(bytes, 0, TAR_BLOCK), BASE64_STANDARD);
  struct str tail =
      base64_encode(&arena, str_sub(bytes, TAR_BLOCK + len, bytes.len), BASE64_STANDARD);
  buf_printf(&lines, "{\"type\":2,\"payload\":\"%.*s\"}\n", STR_FMT(head));
  buf_printf(&lines, "{\"type\":1,\"name\":\"%s\",\"size\":%zu}\n", file, len);
  buf_printf(&lines, "{\"type\":2,\"payload\":\"%.*s\"}\n", STR_FMT(tail));
  pack_gzip(&packed, buf_str(&lines));
  put(arena_printf(&arena, "%s/%s-layers/%.*s.tar-split.gz", root, driver, STR_FMT(hex)).data,
      buf_str(&packed));
  bool vfs = strcmp(driver, "vfs") == 0;
  put(arena_printf(&arena, "%s/%s%.*s%s/%s", root, vfs ? "vfs/dir/" : "overlay/", STR_FMT(hex),
                   vfs ? "" : "/diff", file)
          .data,
      str_from(text));
  buf_free(&tar);
  buf_free(&lines);
  buf_free(&packed);
  return (struct layer){hex, digest};
}

static struct str hex_of(struct str digest)
{
  struct str hex;
  str_cut(digest, ':', &hex);
  return hex;
}

static const char *put_storage(const char *root, const char *driver, const char *parent)
{
  struct layer one = put_layer(root, driver, "etc/one", "first");
  struct layer two = put_layer(root, driver, "etc/two", "second");
  struct str config = arena_printf(
      &arena,
      "{\"os\":\"linux\",\"architecture\":\"amd64\",\"rootfs\":{\"type\":\"layers\",\"diff_ids\":"
      "[\"%.*s\",\"%.*s\"]}}",
      STR_FMT(one.diff_id), STR_FMT(two.diff_id));
  struct str dc = digest_text(&arena, config);
  struct str manifest = arena_printf(
      &arena,
      "{\"schemaVersion\":2,\"config\":{\"digest\":\"%.*s\",\"size\":%zu,\"mediaType\":"
      "\"application/vnd.oci.image.config.v1+json\"},\"layers\":["
      "{\"digest\":\"%.*s\",\"size\":7,\"mediaType\":\"application/vnd.oci.image.layer.v1.tar+gzip\"},"
      "{\"digest\":\"%.*s\",\"size\":8,\"mediaType\":\"application/vnd.oci.image.layer.v1.tar+gzip\"}]}",
      STR_FMT(dc), config.len, STR_FMT(dc), STR_FMT(dc));
  struct str dm = digest_text(&arena, manifest), coded = base64_encode(&arena, dc, BASE64_STANDARD);
  struct str id = hex_of(dc);
  put(arena_printf(&arena, "%s/%s-images/%.*s/manifest", root, driver, STR_FMT(id)).data, manifest);
  put(arena_printf(&arena, "%s/%s-images/%.*s/=%.*s", root, driver, STR_FMT(id), STR_FMT(coded))
          .data,
      config);
  put(arena_printf(&arena, "%s/%s-layers/layers.json", root, driver).data,
      arena_printf(&arena, "[{\"id\":\"%.*s\"},{\"id\":\"%.*s\",\"parent\":\"%s\"}]",
                   STR_FMT(one.id), STR_FMT(two.id), parent ? parent : one.id.data));
  put(arena_printf(&arena, "%s/%s-images/images.json", root, driver).data,
      arena_printf(&arena,
                   "[{\"id\":\"%.*s\",\"digest\":\"%.*s\",\"names\":[\"localhost/team/app:1\"],"
                   "\"layer\":\"%.*s\",\"big-data-digests\":{\"manifest\":\"%.*s\"}}]",
                   STR_FMT(id), STR_FMT(dm), STR_FMT(two.id), STR_FMT(dm)));
  return path_of(root);
}

static void storages_are_read(void **state)
{
  (void)state;
  static const char *const driver[] = {"overlay", "vfs"};
  for (size_t i = 0; i < 2; i++) {
    const char *path = put_storage(driver[i], driver[i], NULL);
    struct oci_image image;
    struct error err;
    static const char *const names[] = {"", "team/app:1", "localhost/team/app:1"};
    for (size_t n = 0; n < 3; n++) {
      _cleanup_(buf_free) struct buf text = {0};
      if (read_image(path, names[n], &image, &text, &err) < 0)
        fail_msg("%s", err.message);
      assert_str(buf_str(&text), "etc/one=first etc/two=second ");
      assert_str(image.name, "localhost/team/app:1");
    }
    _cleanup_(buf_free) struct buf text = {0};
    const char *id = arena_printf(&arena, "%.*s", STR_FMT(str_sub(hex_of(image.id), 0, 12))).data;
    assert_int_equal(read_image(path, id, &image, &text, &err), 0);
    assert_int_equal(image.manifest.layers[1].size, 8);
    assert_int_equal(read_image(path, arena_printf(&arena, "%.*s", STR_FMT(image.digest)).data,
                                &image, &text, &err),
                     0);
    assert_int_equal(read_image(path, "team/app:2", &image, &text, &err), SW_ENOENT);
    assert_error(err, SW_ENOENT, "there is localhost/team/app:1");
    _cleanup_(oci_source_freep) struct oci_source *source = NULL;
    assert_int_equal(oci_source_open(path, OCI_SOURCE_ANY, &source, &err), 0);
    assert_string_equal(oci_source_kind_name(oci_source_kind(source)), "containers-storage");
  }
}

static void storages_that_were_changed_are_told(void **state)
{
  (void)state;
  struct oci_image image;
  struct error err;
  _cleanup_(buf_free) struct buf text = {0};
  const char *path = put_storage("s", "overlay", NULL);
  assert_int_equal(read_image(path, "", &image, &text, &err), 0);
  const char *layer = arena_printf(&arena, "%.*s", STR_FMT(image.layers[1].packed.path)).data;
  put(arena_printf(&arena, "s/overlay/%s/diff/etc/two", layer).data, STR("SECOND"));
  assert_int_equal(read_image(path, "", &image, &text, &err), SW_EINVAL);
  assert_error(err, SW_EINVAL, "layer 2 of 2 (");
  assert_error(err, SW_EINVAL, "diff_id");
  assert_int_equal(
      unlink(path_of(arena_printf(&arena, "s/overlay-layers/%s.tar-split.gz", layer).data)), 0);
  assert_int_equal(read_image(path, "", &image, &text, &err), SW_EUNSUPPORTED);
  assert_error(err, SW_EUNSUPPORTED, "its archive was not kept");
}

static void storages_that_are_wrong_are_refused(void **state)
{
  (void)state;
  struct oci_image image;
  struct error err;
  _cleanup_(buf_free) struct buf text = {0};
  const char *path = put_storage("s", "overlay", "gone");
  assert_int_equal(read_image(path, "", &image, &text, &err), SW_ENOENT);
  assert_error(err, SW_ENOENT, "layer gone is missing");
  path = put_storage("s", "overlay", "");
  assert_int_equal(read_image(path, "", &image, &text, &err), SW_EINVAL);
  assert_error(err, SW_EINVAL, "fewer layers than the image's 2");
  put("s/overlay-images/images.json", STR("[]"));
  assert_int_equal(read_image(path, "", &image, &text, &err), SW_ENOENT);
  put("s/overlay-images/images.json", STR("{}"));
  assert_int_equal(read_image(path, "", &image, &text, &err), SW_EINVAL);
  assert_error(err, SW_EINVAL, "images.json: it must be an array");
  put("s/overlay-images/images.json",
      STR("[{\"id\":\"../x\",\"big-data-digests\":{\"manifest\":\"sha256:"
          "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855\"}}]"));
  assert_int_equal(read_image(path, "", &image, &text, &err), SW_EINVAL);
  assert_error(err, SW_EINVAL, "without an id");
  struct oci_source *source;
  assert_int_equal(oci_source_open(path_of(""), OCI_SOURCE_STORAGE, &source, &err), SW_EINVAL);
}

static bool run(const char *command)
{
  return system(command) == 0; /* NOLINT(cert-env33-c): the test's own words */
}

static void buildah_is_read(void **state)
{
  (void)state;
  if (geteuid() != 0 || !run("command -v buildah >/dev/null 2>&1")) {
    print_message("skipped: needs root and buildah (apt install buildah)\n");
    skip();
  }
  const char *command =
      arena_printf(
          &arena,
          "(cd %s && export STORAGE_DRIVER=vfs BUILDAH_ISOLATION=chroot && echo x >f &&"
          " b='buildah --root %s/root --runroot %s/run' && $b from --name c scratch &&"
          " $b copy c f /etc/one && $b commit c team/app:1 && $b from --name d team/app:1 &&"
          " $b copy d f /etc/two && $b commit d team/app:2 && $b rm -a) >/dev/null 2>&1",
          dir, dir, dir)
          .data;
  assert_true(run(command));
  _cleanup_(buf_free) struct buf text = {0};
  struct oci_image image;
  struct error err;
  if (read_image(path_of("root"), "team/app:2", &image, &text, &err) < 0)
    fail_msg("%s", err.message);
  assert_int_equal(image.layer_count, 2);
  assert_str(buf_str(&text), "etc etc/one=x\n etc etc/two=x\n ");
}

/* ---- containerd */

static struct str put_content(const char *root, struct str bytes)
{
  struct str digest = digest_text(&arena, bytes);
  put(arena_printf(&arena, "%s/blobs/sha256/%.*s", root, STR_FMT(hex_of(digest))).data, bytes);
  return digest;
}

/* An image of one layer; the digest of its manifest. */
static struct str put_contents(const char *root, const char *file, struct str *ret_layer)
{
  struct buf tar = {0};
  tar_file(&tar, file, "text");
  tar_end(&tar);
  struct str one = put_content(root, buf_str(&tar));
  struct str config = arena_printf(
      &arena,
      "{\"os\":\"linux\",\"architecture\":\"amd64\",\"rootfs\":{\"type\":\"layers\",\"diff_ids\":"
      "[\"%.*s\"]}}",
      STR_FMT(one));
  struct str dc = put_content(root, config);
  struct str manifest = arena_printf(
      &arena,
      "{\"schemaVersion\":2,\"config\":{\"digest\":\"%.*s\",\"size\":%zu,\"mediaType\":"
      "\"application/vnd.oci.image.config.v1+json\"},\"layers\":[{\"digest\":\"%.*s\",\"size\":%zu,"
      "\"mediaType\":\"application/vnd.oci.image.layer.v1.tar\"}]}",
      STR_FMT(dc), config.len, STR_FMT(one), tar.len);
  buf_free(&tar);
  *ret_layer = one;
  return put_content(root, manifest);
}

static struct made_entry image_entry(const char *name, struct str digest)
{
  const struct made_entry target[] = {{STR("digest"), digest, false}, text_entry("size", "x")};
  const struct made_entry image[] = {text_entry("createdat", "x"),
                                     inline_bucket(&arena, "target", target, 2)};
  return inline_bucket(&arena, name, image, 2);
}

static void put_names(const char *path, const struct made_entry *images, size_t count)
{
  const struct made_entry bucket[] = {inline_bucket(&arena, "images", images, count)};
  const struct made_entry spaces[] = {text_entry("version", "4"),
                                      inline_bucket(&arena, "default", NULL, 0),
                                      inline_bucket(&arena, "k8s.io", bucket, 1)};
  const struct made_entry root[] = {inline_bucket(&arena, "v1", spaces, 3)};
  struct str page = leaf_page(&arena, 3, root, 1);
  put(path, bolt_file(&arena, 3, &page, 1));
}

static void containerd_is_read(void **state)
{
  (void)state;
  struct oci_image image;
  struct error err;
  struct str layer;
  static const char content[] = "c/io.containerd.content.v1.content";
  struct str a = put_contents(content, "etc/a", &layer), b = put_contents(content, "etc/b", &layer);
  const char *digest = arena_printf(&arena, "%.*s", STR_FMT(a)).data;
  const struct {
    const char *name, *text;
  } rows[] = {
      {"a:1", "etc/a=text "}, {"docker.io/library/b:2", "etc/b=text "}, {digest, "etc/a=text "}};
  const struct made_entry names[] = {image_entry("docker.io/library/a:1", a),
                                     image_entry("docker.io/library/b:2", b),
                                     image_entry(digest, a)};
  put_names("c/io.containerd.metadata.v1.bolt/meta.db", names, 3);
  for (size_t i = 0; i < 3; i++) {
    _cleanup_(buf_free) struct buf text = {0};
    if (read_image(path_of("c"), rows[i].name, &image, &text, &err) < 0)
      fail_msg("%s", err.message);
    assert_str(buf_str(&text), rows[i].text);
  }
  _cleanup_(buf_free) struct buf text = {0};
  assert_int_equal(read_image(path_of("c"), "", &image, &text, &err), SW_ENOENT);
  assert_error(err, SW_ENOENT,
               "name one, or its digest: docker.io/library/a:1, docker.io/library/b:2");
  assert_int_equal(read_image(path_of("c"), "x:1", &image, &text, &err), SW_ENOENT);
  assert_error(err, SW_ENOENT, "there is no image \"x:1\" in it; there is docker.io/library/a:1");
  put_names("c/io.containerd.metadata.v1.bolt/meta.db", names, 1);
  assert_int_equal(read_image(path_of("c"), "", &image, &text, &err), 0);
  assert_str(image.name, "docker.io/library/a:1");
  assert_int_equal(
      unlink(path_of(
          arena_printf(&arena, "%s/blobs/sha256/%.*s", content, STR_FMT(hex_of(layer))).data)),
      0);
  assert_int_equal(
      read_image(path_of("c"), arena_printf(&arena, "%.*s", STR_FMT(b)).data, &image, &text, &err),
      SW_ENOENT);
  assert_error(err, SW_ENOENT, "discard_unpacked_layers");
}

static void contents_without_names_are_read(void **state)
{
  (void)state;
  struct oci_image image;
  struct error err;
  struct str layer, digest = put_contents("c", "etc/a", &layer);
  _cleanup_(buf_free) struct buf text = {0};
  assert_int_equal(mkdir(path_of("c/ingest"), 0755), 0);
  assert_int_equal(read_image(path_of("c"), arena_printf(&arena, "%.*s", STR_FMT(digest)).data,
                              &image, &text, &err),
                   0);
  assert_str(buf_str(&text), "etc/a=text ");
  assert_int_equal(read_image(path_of("c"), "a:1", &image, &text, &err), SW_ENOENT);
  assert_error(err, SW_ENOENT, "meta.db");
  struct oci_source *source;
  assert_int_equal(oci_source_open(dir, OCI_SOURCE_CONTAINERD, &source, &err), SW_EINVAL);
}

/* ---- pipes */

struct writer {
  int fd;
  struct str bytes;
};

static void *write_all(void *context)
{
  struct writer *w = context;
  struct error err;
  fd_write_all(w->fd, w->bytes.data, w->bytes.len, &err);
  close(w->fd);
  return NULL;
}

static int keep(struct str bytes, uint64_t max, int *ret_fd, struct error *err)
{
  int pipes[2];
  pthread_t thread;
  assert_int_equal(pipe2(pipes, O_CLOEXEC), 0);
  struct writer w = {pipes[1], bytes};
  assert_int_equal(pthread_create(&thread, NULL, write_all, &w), 0);
  int rc = oci_source_keep_stream(pipes[0], "standard input", dir, max, ret_fd, err);
  if (rc < 0) { /* what is left, so that the writer ends */
    char piece[4096];
    while (read(pipes[0], piece, sizeof piece) > 0)
      ;
  }
  pthread_join(thread, NULL);
  close(pipes[0]);
  return rc;
}

static struct str docker_archive(void)
{
  struct buf one = {0}, tar = {0};
  tar_file(&one, "etc/one", "first");
  tar_end(&one);
  struct str id = digest_text(&arena, buf_str(&one));
  const char *config = arena_printf(&arena,
                                    "{\"os\":\"linux\",\"architecture\":\"amd64\",\"rootfs\":{"
                                    "\"type\":\"layers\",\"diff_ids\":[\"%.*s\"]}}",
                                    STR_FMT(id))
                           .data;
  tar_add(&tar, '0', "one.tar", "", buf_str(&one));
  tar_file(&tar, "config.json", config);
  tar_file(&tar, "manifest.json",
           "[{\"Config\":\"config.json\",\"RepoTags\":[\"a:1\"],\"Layers\":["
           "\"one.tar\"]}]");
  tar_end(&tar);
  struct str copy = arena_copy(&arena, buf_str(&tar));
  buf_free(&one);
  buf_free(&tar);
  return copy;
}

static void archives_come_through_pipes(void **state)
{
  (void)state;
  struct error err;
  struct oci_image image;
  struct stat st;
  int fd;
  _cleanup_(buf_free) struct buf text = {0};
  _cleanup_(oci_source_freep) struct oci_source *source = NULL;
  assert_int_equal(keep(docker_archive(), 0, &fd, &err), 0);
  assert_int_equal(fstat(fd, &st), 0);
  assert_int_equal(st.st_nlink, 0);
  assert_int_equal(oci_source_open_fd(fd, "standard input", OCI_SOURCE_ANY, &source, &err), 0);
  assert_int_equal(read_source(source, "", &image, &text, &err), 0);
  assert_str(buf_str(&text), "etc/one=first ");
}

static void streams_have_limits(void **state)
{
  (void)state;
  struct error err;
  int fd = -1;
  struct str bytes = docker_archive();
  assert_int_equal(keep(bytes, bytes.len - 1, &fd, &err), SW_ELIMIT);
  assert_error(err, SW_ELIMIT, "standard input: it is longer than");
  assert_int_equal(keep(STR_EMPTY, 0, &fd, &err), SW_EINVAL);
  assert_error(err, SW_EINVAL, "it is empty");
  int folder = open(dir, O_RDONLY | O_CLOEXEC);
  assert_int_equal(oci_source_keep_stream(folder, "standard input", NULL, 0, &fd, &err), SW_EINVAL);
  assert_error(err, SW_EINVAL, "is a directory, and no archive");
  close(folder);
  int file = open(put("file", STR("x")), O_RDONLY | O_CLOEXEC);
  assert_int_equal(oci_source_keep_stream(file, "standard input", path_of("gone"), 0, &fd, &err),
                   0);
  assert_true(fd != file);
  close(fd);
  close(file);
  int pipes[2];
  assert_int_equal(pipe2(pipes, O_CLOEXEC), 0);
  assert_int_equal(oci_source_keep_stream(pipes[0], "-", path_of("gone"), 0, &fd, &err), SW_ENOENT);
  close(pipes[0]);
  close(pipes[1]);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test_setup_teardown(storages_are_read, set_up, tear_down),
      cmocka_unit_test_setup_teardown(storages_that_were_changed_are_told, set_up, tear_down),
      cmocka_unit_test_setup_teardown(storages_that_are_wrong_are_refused, set_up, tear_down),
      cmocka_unit_test_setup_teardown(buildah_is_read, set_up, tear_down),
      cmocka_unit_test_setup_teardown(containerd_is_read, set_up, tear_down),
      cmocka_unit_test_setup_teardown(contents_without_names_are_read, set_up, tear_down),
      cmocka_unit_test_setup_teardown(archives_come_through_pipes, set_up, tear_down),
      cmocka_unit_test_setup_teardown(streams_have_limits, set_up, tear_down),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
