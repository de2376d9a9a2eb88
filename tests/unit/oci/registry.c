#include "fake_registry.h"

static int count_entry(void *ctx, const struct oci_entry *e, const struct oci_input *content,
                       struct error *err)
{
  struct buf *text = ctx;
  (void)content, (void)err;
  buf_printf(text, "%.*s:%llu ", STR_FMT(e->path), (unsigned long long)e->size);
  return 0;
}

static int read_image(const struct oci_registry_options *options, const char *rest,
                      const struct oci_choice *choice, struct oci_image *image, struct buf *text,
                      struct error *err)
{
  static const struct oci_choice any = {0};
  struct image_reference r = reference(&here, rest);
  _cleanup_(oci_source_freep) struct oci_source *source = NULL;
  const struct oci_visitor visitor = {count_entry, text};
  int rc = oci_source_open_registry(&r, options, &source, err);
  if (rc == 0)
    rc = oci_source_image(source, choice ? choice : &any, &arena, image, err);
  for (size_t i = 0; rc == 0 && i < image->layer_count; i++)
    rc = oci_source_read_layer(source, image, i, NULL, &visitor, NULL, err);
  return rc;
}

static void check_image(const struct oci_registry_options *options, const char *rest)
{
  _cleanup_(buf_free) struct buf text = {0};
  struct oci_image image;
  struct error err;
  if (read_image(options, rest, NULL, &image, &text, &err) < 0)
    fail_msg("%s", err.message);
  assert_str(buf_str(&text), "etc/one:5 etc/two:70000 ");
}

static struct error failure(const struct oci_registry_options *options, const char *rest)
{
  _cleanup_(buf_free) struct buf text = {0};
  struct oci_image image;
  struct error err = {0};
  assert_true(read_image(options, rest, NULL, &image, &text, &err) < 0);
  return err;
}

static const char *write_config(struct str text)
{
  const char *path = arena_printf(&arena, "%s/config.json", dir).data;
  struct error err;
  int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0600);
  assert_true(fd >= 0 && fd_write_all(fd, text.data, text.len, &err) == 0);
  close(fd);
  return path;
}

static struct oci_credentials *credentials_of(const char *entry)
{
  struct oci_credentials *c;
  struct error err;
  const struct oci_credentials_options options = {
      .file =
          write_config(arena_printf(&arena, "{\"auths\":{\"%s/team\":%s}}", here.l.name, entry))};
  assert_int_equal(oci_credentials_new(&options, &c, &err), 0);
  return c;
}

/* ---- images */

static void an_image_is_read(void **state)
{
  (void)state;
  struct asker a;
  struct str digest = put_image(&here);
  check_image(options_of(&a), "team/app:1");
  check_image(&a.options, arena_printf(&arena, "team/app@%.*s", STR_FMT(digest)).data);
  check_image(&a.options, arena_printf(&arena, "team/app:2@%.*s", STR_FMT(digest)).data);
  struct oci_image image;
  struct error err;
  _cleanup_(buf_free) struct buf text = {0};
  const struct oci_choice by_digest = {.reference = digest}, wrong = {.reference = STR("team/x")};
  assert_int_equal(read_image(&a.options, "team/app:9", &by_digest, &image, &text, &err), 0);
  assert_true(str_eq(image.digest, digest));
  assert_true(str_starts(image.name, str_from(here.l.name)));
  assert_true(str_ends(image.name, STR("/team/app:9")));
  assert_int_equal(read_image(&a.options, "team/app:1", &wrong, &image, &text, &err), SW_ENOENT);
  assert_error(err, SW_ENOENT, "it is not \"team/x\"");
}

static void what_is_not_there_is_told(void **state)
{
  (void)state;
  struct asker a;
  put_image(&here);
  struct error err = failure(options_of(&a), "team/app:3");
  assert_error(err, SW_ENOENT,
               "/team/app:3: manifest 3: there is no such thing (MANIFEST_UNKNOWN: "
               "unknown)");
  here.things[0].path = STR("gone");
  err = failure(&a.options, "team/app:1");
  assert_error(err, SW_ENOENT, "layer 1 of 2 (sha256:");
  assert_error(err, SW_ENOENT, "blob sha256:");
}

static void platforms_are_chosen(void **state)
{
  (void)state;
  struct asker a;
  struct oci_image image;
  struct error err;
  struct oci_platform arm;
  _cleanup_(buf_free) struct buf text = {0};
  struct str digest = put_image(&here);
  size_t size = here.things[here.count - 1].bytes.len;
  put(&here, "team/app/manifests/", index_type,
      arena_printf(&arena,
                   "{\"schemaVersion\":2,\"mediaType\":\"%s\",\"manifests\":[{\"mediaType\":\"%s\","
                   "\"digest\":\"%.*s\",\"size\":%zu,\"platform\":{\"os\":\"linux\","
                   "\"architecture\":\"amd64\"}}]}",
                   index_type, manifest_type, STR_FMT(digest), size));
  tag(&here, "team/app/manifests/all");
  check_image(options_of(&a), "team/app:all");
  assert_int_equal(oci_platform_read(STR("linux/arm64"), &arm, &err), 0);
  const struct oci_choice choice = {.platform = &arm};
  assert_int_equal(read_image(&a.options, "team/app:all", &choice, &image, &text, &err), SW_ENOENT);
  assert_error(err, SW_ENOENT, "linux/amd64");
}

/* An index that holds itself cannot have its own digest in it: only a registry that lies can try. */
static void indexes_in_circles_end(void **state)
{
  (void)state;
  struct asker a;
  struct str digest = put_image(&here);
  size_t size = here.things[here.count - 1].bytes.len;
  const char *type = manifest_type;
  for (int i = 0; i <= OCI_INDEX_DEPTH_MAX; i++) {
    struct str d = described(type, digest, size);
    struct str index =
        arena_printf(&arena, "{\"schemaVersion\":2,\"manifests\":[%.*s]}", STR_FMT(d));
    digest = put(&here, "team/app/manifests/", index_type, index);
    size = index.len;
    type = index_type;
  }
  tag(&here, "team/app/manifests/deep");
  struct error err = failure(options_of(&a), "team/app:deep");
  assert_error(err, SW_ELIMIT, "indexes lie within each other");
  /* Under the digest that an index names lies the index itself. */
  struct thing *top = &here.things[here.count - 1];
  here.things[here.count - 3].bytes = top->bytes;
  err = failure(&a.options, "team/app:deep");
  assert_error(err, SW_EINVAL, "sha256:");
}

static void bytes_are_held_against_digests(void **state)
{
  (void)state;
  struct asker a;
  struct str digest = put_image(&here);
  const char *by_digest = arena_printf(&arena, "team/app@%.*s", STR_FMT(digest)).data;
  struct thing *manifest = &here.things[here.count - 2];
  struct thing right = *manifest;
  manifest->bytes = arena_printf(&arena, " %.*s", STR_FMT(right.bytes));
  here.says_digest = true;
  struct error err = failure(options_of(&a), by_digest);
  assert_error(err, SW_EINVAL, "its digest is sha256:");
  *manifest = right;
  here.things[1].bytes = layer_bytes("etc/two", 70001 - 1);
  here.things[0].bytes = layer_bytes("etc/ten", 5);
  err = failure(&a.options, by_digest);
  assert_error(err, SW_EINVAL, "layer 1 of 2");
}

static void answers_have_a_size(void **state)
{
  (void)state;
  struct asker a;
  struct buf text = {0};
  buf_add_repeat(&text, ' ', OCI_DOCUMENT_MAX + 1);
  put(&here, "team/app/manifests/", manifest_type, buf_str(&text));
  tag(&here, "team/app/manifests/1");
  struct error err = failure(options_of(&a), "team/app:1");
  assert_error(err, SW_ELIMIT, "longer than its limit");
  buf_free(&text);
}

static void tags_become_digests(void **state)
{
  (void)state;
  struct asker a;
  struct error err;
  struct str digest = put_image(&here), found;
  _cleanup_(oci_registry_freep) struct oci_registry *registry = NULL;
  assert_int_equal(oci_registry_new(options_of(&a), &registry, &err), 0);
  struct image_reference r = reference(&here, "team/app:1");
  for (int i = 0; i < 2; i++) {
    here.says_digest = i == 0;
    assert_int_equal(oci_registry_digest(registry, &r, &arena, &found, &err), 0);
    assert_true(str_eq(found, digest));
    assert_int_equal(loop_count(&here.l, "GET /v2/team/app/manifests/1"), (size_t)i);
  }
  r = reference(&here, "team/app:none");
  assert_int_equal(oci_registry_digest(registry, &r, &arena, &found, &err), SW_ENOENT);
  assert_error(err, SW_ENOENT, "MANIFEST_UNKNOWN");
}

/* ---- what belongs to an image */

static bool without_referrers(struct fake *f, int fd, const struct loop_request *r)
{
  (void)f;
  if (str_find(r->target, 0, STR("/referrers/")) < 0)
    return false;
  loop_answer(fd, 404, "", STR("404 page not found"));
  return true;
}

static struct str artifact_index(const char *artifact_type)
{
  return arena_printf(
      &arena,
      "{\"schemaVersion\":2,\"mediaType\":\"%s\",\"manifests\":[{\"mediaType\":\"%s\",\"digest\":"
      "\"sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855\",\"size\":3,"
      "\"artifactType\":\"%s\"}]}",
      index_type, manifest_type, artifact_type);
}

static struct str signed_by(struct str digest)
{
  struct asker a;
  struct error err;
  struct str by;
  _cleanup_(oci_registry_freep) struct oci_registry *registry = NULL;
  struct image_reference r = reference(&here, "team/app:1");
  assert_int_equal(oci_registry_new(options_of(&a), &registry, &err), 0);
  if (oci_registry_signed(registry, &r, digest, &arena, &by, &err) < 0)
    fail_msg("%s", err.message);
  return by;
}

static void signatures_are_noticed(void **state)
{
  (void)state;
  static const char *const types[][2] = {
      {"application/vnd.dev.cosign.artifact.sig.v1+json", "cosign"},
      {"application/vnd.dev.sigstore.bundle.v0.3+json", "sigstore"},
      {"application/vnd.cncf.notary.signature", "notation"},
      {"application/spdx+json", ""},
  };
  struct str hex, digest = put_image(&here);
  str_cut(digest, ':', &hex);
  assert_str(signed_by(digest), "");
  size_t count = here.count;
  for (size_t i = 0; i < sizeof types / sizeof *types; i++) {
    /* By the API, and by the tag in its place. */
    put(&here, "team/app/referrers/", index_type, artifact_index(types[i][0]));
    here.things[here.count - 1].path =
        arena_printf(&arena, "team/app/referrers/%.*s", STR_FMT(digest));
    assert_str(signed_by(digest), types[i][1]);
    tag(&here, arena_printf(&arena, "team/app/manifests/sha256-%.*s", STR_FMT(hex)).data);
    here.hook = without_referrers;
    assert_str(signed_by(digest), types[i][1]);
    here.hook = NULL;
    here.count = count;
  }
  put(&here, "team/app/manifests/", manifest_type, STR("{}"));
  tag(&here, arena_printf(&arena, "team/app/manifests/sha256-%.*s.sig", STR_FMT(hex)).data);
  assert_str(signed_by(digest), "cosign");
}

static struct str image_signed_by(const struct oci_registry_options *options)
{
  struct error err;
  struct oci_image image;
  struct str by;
  const struct oci_choice any = {0};
  struct image_reference r = reference(&here, "team/app:all");
  _cleanup_(oci_source_freep) struct oci_source *source = NULL;
  assert_int_equal(oci_source_open_registry(&r, options, &source, &err), 0);
  assert_int_equal(oci_source_image(source, &any, &arena, &image, &err), 0);
  if (oci_source_signed(source, &image, &arena, &by, &err) < 0)
    fail_msg("%s", err.message);
  return by;
}

static struct str put_index(struct str digest, size_t size)
{
  struct str index =
      arena_printf(&arena,
                   "{\"schemaVersion\":2,\"mediaType\":\"%s\",\"manifests\":[{\"mediaType\":\"%s\","
                   "\"digest\":\"%.*s\",\"size\":%zu}]}",
                   index_type, manifest_type, STR_FMT(digest), size);
  put(&here, "team/app/manifests/", index_type, index);
  tag(&here, "team/app/manifests/all");
  return digest_text(&arena, index);
}

/* An index may be signed, or the image in it. */
static void images_of_a_registry_know_their_signatures(void **state)
{
  (void)state;
  struct asker a;
  struct error err;
  struct str by, hex, digest = put_image(&here);
  struct str index = put_index(digest, here.things[here.count - 1].bytes.len);
  const struct oci_registry_options *options = options_of(&a);
  size_t count = here.count;
  assert_str(image_signed_by(options), "");
  const struct str digests[] = {digest, index};
  for (size_t i = 0; i < 2; i++) {
    here.count = count;
    str_cut(digests[i], ':', &hex);
    put(&here, "team/app/manifests/", manifest_type, STR("{}"));
    tag(&here, arena_printf(&arena, "team/app/manifests/sha256-%.*s.sig", STR_FMT(hex)).data);
    assert_str(image_signed_by(options), "cosign");
  }
  _cleanup_(oci_source_freep) struct oci_source *tree = NULL;
  assert_int_equal(oci_source_open(dir, OCI_SOURCE_DIRECTORY, &tree, &err), 0);
  assert_int_equal(oci_source_signed(tree, NULL, &arena, &by, &err), SW_EUNSUPPORTED);
  assert_error(err, SW_EUNSUPPORTED, "does not know signatures");
}

static struct str tag_around(const char *before, struct str hex, const char *behind)
{
  return arena_printf(&arena, "%s%.*s%s", before, STR_FMT(hex), behind);
}

static void tags_of_digests_are_known(void **state)
{
  (void)state;
  struct str hex;
  str_cut(digest_text(&arena, STR("x")), ':', &hex);
  static const char *const ends[] = {"", ".sig", ".att"};
  for (size_t i = 0; i < sizeof ends / sizeof *ends; i++)
    assert_true(oci_tag_belongs_to_digest(tag_around("sha256-", hex, ends[i])));
  assert_false(oci_tag_belongs_to_digest(tag_around("sha256-", hex, "0")));
  assert_false(oci_tag_belongs_to_digest(tag_around("sha256", hex, "")));
  assert_false(oci_tag_belongs_to_digest(tag_around("v-", hex, "")));
  assert_false(oci_tag_belongs_to_digest(STR("latest")));
  assert_false(oci_tag_belongs_to_digest(STR("sha256-abc")));
  assert_false(oci_tag_belongs_to_digest(STR_EMPTY));
}

static const char *bad_referrers;

static bool send_bad_referrers(struct fake *f, int fd, const struct loop_request *r)
{
  (void)f, (void)r;
  loop_answer(fd, 200, "", str_from(bad_referrers));
  return true;
}

static void referrers_are_checked(void **state)
{
  (void)state;
  struct asker a;
  struct error err;
  struct oci_index index;
  _cleanup_(oci_registry_freep) struct oci_registry *registry = NULL;
  struct image_reference r = reference(&here, "team/app:1");
  struct str digest = put_image(&here);
  assert_int_equal(oci_registry_new(options_of(&a), &registry, &err), 0);
  assert_int_equal(oci_registry_referrers(registry, &r, STR("1"), &arena, &index, &err), SW_EINVAL);
  here.hook = send_bad_referrers;
  static const char *const bad[] = {"{", "{\"manifests\":7}",
                                    "{\"schemaVersion\":2,\"layers\":[]}"};
  for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
    bad_referrers = bad[i];
    assert_int_equal(oci_registry_referrers(registry, &r, digest, &arena, &index, &err), SW_EINVAL);
    assert_error(err, SW_EINVAL, "/team/app: ");
  }
}

/* ---- logins */

static void tokens_are_used_again(void **state)
{
  (void)state;
  struct asker a;
  put_image(&here);
  here.asks = BEARER;
  check_image(options_of(&a), "team/app:1");
  assert_int_equal(atomic_load(&here.tokens), 1);
  assert_int_equal(loop_count(&here.l, "GET /token?x=1&service=a%20service&scope="
                                       "repository%3Ateam%2Fapp%3Apull\n"),
                   1);
  assert_int_equal(loop_count(&here.l, "authorization=Bearer good-1\n"), 4);
}

/* From the second one on they are good; then the third. */
static void tokens_are_made_anew(void **state)
{
  (void)state;
  struct asker a;
  struct error err;
  struct oci_image image;
  _cleanup_(buf_free) struct buf text = {0};
  const struct oci_choice any = {0};
  const struct oci_visitor visitor = {count_entry, &text};
  _cleanup_(oci_source_freep) struct oci_source *source = NULL;
  struct image_reference r = reference(&here, "team/app:1");
  put_image(&here);
  here.asks = BEARER;
  assert_int_equal(oci_source_open_registry(&r, options_of(&a), &source, &err), 0);
  assert_int_equal(oci_source_image(source, &any, &arena, &image, &err), 0);
  atomic_store(&here.tokens_good, 2);
  assert_int_equal(oci_source_read_layer(source, &image, 0, NULL, &visitor, NULL, &err), 0);
  atomic_store(&here.tokens_good, 3);
  assert_int_equal(oci_source_image(source, &any, &arena, &image, &err), 0);
  assert_int_equal(atomic_load(&here.tokens), 3);
  atomic_store(&here.tokens_good, 1000);
  assert_int_equal(oci_source_read_layer(source, &image, 0, NULL, &visitor, NULL, &err), SW_EACCES);
  assert_error(err, SW_EACCES, "log in with `docker login 127.0.0.1:");
}

static void logins_are_used(void **state)
{
  (void)state;
  struct asker a;
  put_image(&here);
  _cleanup_(oci_credentials_freep) struct oci_credentials *c =
      credentials_of("{\"auth\":\"YWxpY2U6c2VjcmV0\"}");
  options_of(&a)->credentials = c;
  here.login = "Basic YWxpY2U6c2VjcmV0";
  here.asks = BASIC;
  check_image(&a.options, "team/app:1");
  assert_int_equal(loop_count(&here.l, "authorization=\n"),
                   1); /* nothing before it was asked for */
  here.asks = BEARER;
  check_image(&a.options, "team/app:1");
  a.options.credentials = NULL;
  a.options.user = STR("alice");
  a.options.password = STR("secret");
  check_image(&a.options, "team/app:1");
}

static void identity_tokens_are_exchanged(void **state)
{
  (void)state;
  struct asker a;
  put_image(&here);
  _cleanup_(oci_credentials_freep) struct oci_credentials *c =
      credentials_of("{\"identitytoken\":\"a/b\"}");
  options_of(&a)->credentials = c;
  here.login = "refresh_token=a%2Fb";
  here.asks = BEARER;
  check_image(&a.options, "team/app:1");
  assert_int_equal(loop_count(&here.l, "POST /token?x=1\n"), 1);
  assert_int_equal(loop_count(&here.l, "grant_type=refresh_token&service=a%20service"), 1);
}

static void who_is_refused_is_told_why(void **state)
{
  (void)state;
  struct asker a;
  put_image(&here);
  here.login = "Basic nobody's";
  for (enum asks asks = BASIC; asks <= BEARER; asks++) {
    here.asks = asks;
    struct error err = failure(options_of(&a), "team/app:1");
    assert_error(err, SW_EACCES, "a login is needed");
    assert_error(err, SW_EACCES, "`docker login 127.0.0.1:");
    _cleanup_(oci_credentials_freep) struct oci_credentials *c =
        credentials_of("{\"auth\":\"YWxpY2U6c2VjcmV0\"}");
    a.options.credentials = c;
    err = failure(&a.options, "team/app:1");
    assert_error(err, SW_EACCES, "the login of alice (from /tmp/seawall-registry.");
    assert_error(err, SW_EACCES, asks == BASIC ? "UNAUTHORIZED" : "wrong password");
    assert_null(strstr(err.message, "secret"));
  }
}

static bool ask_nothing(struct fake *f, int fd, const struct loop_request *r)
{
  (void)f, (void)r;
  loop_answer(fd, 401, "WWW-Authenticate: Negotiate", STR_EMPTY);
  return true;
}

static bool ask_file(struct fake *f, int fd, const struct loop_request *r)
{
  (void)f, (void)r;
  loop_answer(fd, 401, "WWW-Authenticate: Bearer realm=\"file:///etc/passwd\"", STR_EMPTY);
  return true;
}

static void strange_challenges_are_refused(void **state)
{
  (void)state;
  struct asker a;
  here.hook = ask_nothing;
  struct error err = failure(options_of(&a), "team/app:1");
  assert_error(err, SW_EACCES, "neither a token nor a password");
  here.hook = ask_file;
  err = failure(&a.options, "team/app:1");
  assert_error(err, SW_EACCES, "not of https");
}

/* ---- mirrors */

static void mirrors_are_asked_first(void **state)
{
  (void)state;
  struct asker a;
  put_image(&here);
  put_image(&other);
  for (size_t i = 0; i < other.count; i++)
    other.things[i].path = arena_printf(&arena, "proxy/%.*s", STR_FMT(other.things[i].path));
  options_of(&a);
  a.mirrors[0] =
      (struct oci_mirror){str_from(here.l.name), arena_printf(&arena, "%s/proxy", other.l.name)};
  a.options.mirrors = a.mirrors;
  a.options.mirror_count = 1;
  a.options.user = STR("alice");
  a.options.password = STR("secret");
  check_image(&a.options, "team/app:1");
  assert_int_equal(loop_count(&here.l, "GET"), 0);
  /* The login is the registry's. */
  other.asks = BASIC;
  other.login = "Basic YWxpY2U6c2VjcmV0";
  check_image(&a.options, "team/app:1");
  assert_int_equal(loop_count(&other.l, "authorization=Basic"), 0);
  assert_int_equal(loop_count(&here.l, "GET"), 4);
}

static void mirrors_that_fail_are_passed_over(void **state)
{
  (void)state;
  struct asker a;
  struct str digest = put_image(&here);
  const char *by_digest = arena_printf(&arena, "team/app@%.*s", STR_FMT(digest)).data;
  options_of(&a);
  a.mirrors[0] = (struct oci_mirror){str_from(here.l.name), str_from(other.l.name)};
  a.options.mirrors = a.mirrors;
  a.options.mirror_count = 1;
  put(&other, "team/app/manifests/", manifest_type, STR("other bytes"));
  other.things[0].path = arena_printf(&arena, "team/app/manifests/%.*s", STR_FMT(digest));
  check_image(&a.options, by_digest);
  assert_int_equal(loop_count(&other.l, "/manifests/"), 1);
  struct error err = failure(&a.options, "team/app:5");
  assert_error(err, SW_ENOENT, "manifest 5: there is no such thing");
  assert_error(err, SW_ENOENT, "(before: mirror 127.0.0.1:");
}

/* ---- servers that fail */

static bool refuse_once(struct fake *f, int fd, const struct loop_request *r)
{
  (void)r;
  if (atomic_fetch_add(&f->hooked, 1) > 0)
    return false;
  loop_answer(fd, 429, "Retry-After: 1", STR_EMPTY);
  return true;
}

static bool refuse_for_long(struct fake *f, int fd, const struct loop_request *r)
{
  (void)r;
  atomic_fetch_add(&f->hooked, 1);
  loop_answer(fd, 429, "Retry-After: 3600", STR("{\"errors\":[{\"code\":\"TOOMANYREQUESTS\"}]}"));
  return true;
}

static bool fail_always(struct fake *f, int fd, const struct loop_request *r)
{
  (void)r;
  atomic_fetch_add(&f->hooked, 1);
  loop_answer(fd, 500, "", STR("no"));
  return true;
}

static uint64_t now_ms(void)
{
  return clock_monotonic_ns(clock_system()) / 1000000;
}

static void limits_are_respected(void **state)
{
  (void)state;
  struct asker a;
  put_image(&here);
  here.hook = refuse_once;
  uint64_t begin = now_ms();
  check_image(options_of(&a), "team/app:1");
  assert_true(now_ms() - begin >= 990);
  atomic_store(&here.hooked, 0);
  here.hook = refuse_for_long;
  struct error err = failure(&a.options, "team/app:1");
  assert_error(err, SW_EIO, "too many requests, try again later: in 3600 s; with a login more");
  assert_error(err, SW_EIO, "TOOMANYREQUESTS");
  assert_int_equal(atomic_load(&here.hooked), 1);
}

static void servers_that_fail_are_asked_again_and_given_up(void **state)
{
  (void)state;
  struct asker a;
  here.hook = fail_always;
  options_of(&a)->retries = 2;
  struct error err = failure(&a.options, "team/app:1");
  assert_error(err, SW_EIO, "status 500");
  assert_int_equal(atomic_load(&here.hooked), 3);
}

static bool lead_to_itself(struct fake *f, int fd, const struct loop_request *r)
{
  char headers[300];
  snprintf(headers, sizeof headers, "Location: http://%s%.*s", f->l.name, STR_FMT(r->target));
  if (str_find(r->target, 0, STR("/blobs/")) < 0)
    return false;
  loop_answer(fd, 302, headers, STR_EMPTY);
  return true;
}

static bool lead_to_file(struct fake *f, int fd, const struct loop_request *r)
{
  (void)f, (void)r;
  loop_answer(fd, 302, "Location: file:///etc/passwd", STR_EMPTY);
  return true;
}

static void redirects_end(void **state)
{
  (void)state;
  struct asker a;
  put_image(&here);
  here.hook = lead_to_itself;
  struct error err = failure(options_of(&a), "team/app:1");
  assert_error(err, SW_ELIMIT, "too many redirects");
  here.hook = lead_to_file;
  err = failure(&a.options, "team/app:1");
  assert_error(err, SW_EINVAL, "redirects to a URL that is none, or not of http");
}

static void logins_stay_behind(void **state)
{
  (void)state;
  struct asker a;
  put_image(&here);
  put_image(&other);
  here.asks = BASIC;
  here.login = "Basic YWxpY2U6c2VjcmV0";
  here.moved = true;
  here.storage = &other.l;
  options_of(&a)->user = STR("alice");
  a.options.password = STR("secret");
  check_image(&a.options, "team/app:1");
  assert_int_equal(loop_count(&other.l, "/blobs/"), 3);
  assert_int_equal(loop_count(&other.l, "authorization=Basic"), 0);
}

/* ---- without TLS */

static void plain_http_is_for_the_named(void **state)
{
  (void)state;
  struct asker a;
  put_image(&here);
  options_of(&a)->insecure_count = 0;
  a.options.retries = HTTP_NONE;
  struct error err = failure(&a.options, "team/app:1");
  assert_error(err, SW_EIO, "name the registry as insecure");
  a.insecure[0] = str_from(here.l.name);
  a.options.insecure_count = 1;
  check_image(&a.options, "team/app:1");
}

static void options_are_checked(void **state)
{
  (void)state;
  struct asker a;
  struct oci_registry *registry;
  struct error err;
  options_of(&a);
  a.insecure[0] = STR("host/path");
  assert_int_equal(oci_registry_new(&a.options, &registry, &err), SW_EUSAGE);
  a.options.insecure_count = 0;
  a.options.mirrors = a.mirrors;
  a.options.mirror_count = 1;
  const char *const wrong[] = {"", "https://m", "m/../x", "m//x", "m x"};
  for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
    a.mirrors[0] = (struct oci_mirror){STR("docker.io"), str_from(wrong[i])};
    assert_int_equal(oci_registry_new(&a.options, &registry, &err), SW_EUSAGE);
  }
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test_setup_teardown(an_image_is_read, set_up, tear_down),
      cmocka_unit_test_setup_teardown(what_is_not_there_is_told, set_up, tear_down),
      cmocka_unit_test_setup_teardown(platforms_are_chosen, set_up, tear_down),
      cmocka_unit_test_setup_teardown(indexes_in_circles_end, set_up, tear_down),
      cmocka_unit_test_setup_teardown(bytes_are_held_against_digests, set_up, tear_down),
      cmocka_unit_test_setup_teardown(answers_have_a_size, set_up, tear_down),
      cmocka_unit_test_setup_teardown(tags_become_digests, set_up, tear_down),
      cmocka_unit_test_setup_teardown(signatures_are_noticed, set_up, tear_down),
      cmocka_unit_test_setup_teardown(tags_of_digests_are_known, set_up, tear_down),
      cmocka_unit_test_setup_teardown(images_of_a_registry_know_their_signatures, set_up,
                                      tear_down),
      cmocka_unit_test_setup_teardown(referrers_are_checked, set_up, tear_down),
      cmocka_unit_test_setup_teardown(tokens_are_used_again, set_up, tear_down),
      cmocka_unit_test_setup_teardown(tokens_are_made_anew, set_up, tear_down),
      cmocka_unit_test_setup_teardown(logins_are_used, set_up, tear_down),
      cmocka_unit_test_setup_teardown(identity_tokens_are_exchanged, set_up, tear_down),
      cmocka_unit_test_setup_teardown(who_is_refused_is_told_why, set_up, tear_down),
      cmocka_unit_test_setup_teardown(strange_challenges_are_refused, set_up, tear_down),
      cmocka_unit_test_setup_teardown(mirrors_are_asked_first, set_up, tear_down),
      cmocka_unit_test_setup_teardown(mirrors_that_fail_are_passed_over, set_up, tear_down),
      cmocka_unit_test_setup_teardown(limits_are_respected, set_up, tear_down),
      cmocka_unit_test_setup_teardown(servers_that_fail_are_asked_again_and_given_up, set_up,
                                      tear_down),
      cmocka_unit_test_setup_teardown(redirects_end, set_up, tear_down),
      cmocka_unit_test_setup_teardown(logins_stay_behind, set_up, tear_down),
      cmocka_unit_test_setup_teardown(plain_http_is_for_the_named, set_up, tear_down),
      cmocka_unit_test_setup_teardown(options_are_checked, set_up, tear_down),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
