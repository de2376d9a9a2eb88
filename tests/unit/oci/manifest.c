#include "../test.h"

#include "base/buf.h"
#include "oci/manifest.h"

#define HEX(c) c c c c c c c c c c c c c c c c c c c c c c c c c c c c c c c c
#define DIGEST(c) "sha256:" HEX(c) HEX(c)
#define INDEX "application/vnd.oci.image.index.v1+json"
#define MANIFEST "application/vnd.oci.image.manifest.v1+json"
#define BLOB(c, more) "{\"size\":3,\"digest\":\"" DIGEST(c) "\"" more "}"
#define ON(os, arch) ",\"platform\":{\"os\":\"" os "\",\"architecture\":\"" arch "\"}"

static struct arena arena;

static int set_up(void **state)
{
  (void)state;
  arena_init(&arena, 0);
  return 0;
}

static int tear_down(void **state)
{
  (void)state;
  arena_free(&arena);
  return 0;
}

static int read_doc(const char *text, const char *type, struct oci_document *ret, struct error *err)
{
  return oci_document_read(str_from(text), str_from(type), &arena, ret, err);
}

static void manifests_are_read(void **state)
{
  (void)state;
  static const char text[] = "{\"schemaVersion\":2,\"config\":" BLOB("1", "") ",\"layers\":[" BLOB(
      "2", "") "," BLOB("3", "") "],\"annotations\":{\"a\":\"b\"}}";
  static const char *const types[] = {"", MANIFEST,
                                      "application/vnd.docker.distribution.manifest.v2+json"};
  for (size_t i = 0; i < 3; i++) {
    struct oci_document doc;
    struct error err;
    assert_int_equal(read_doc(text, types[i], &doc, &err), 0);
    assert_int_equal(doc.kind, OCI_MANIFEST);
    assert_str(doc.manifest.config.digest, DIGEST("1"));
    assert_int_equal(doc.manifest.layer_count, 2);
    assert_str(doc.manifest.layers[1].digest, DIGEST("3"));
  }
}

static void what_is_wrong_is_refused(void **state)
{
  (void)state;
  static const struct {
    const char *text, *type;
    int code;
    const char *told;
  } cases[] = {
      {"[]", "", SW_EINVAL, "must be an object"},
      {"{", "", SW_EINVAL, ""},
      {"{}", "", SW_EINVAL, "\"config\" is missing"},
      {"{\"mediaType\":\"" MANIFEST "\"}", INDEX, SW_EINVAL, "its descriptor says"},
      {"{\"mediaType\":5}", "", SW_EINVAL, "\"mediaType\""},
      {"{\"manifests\":[],\"layers\":[]}", INDEX, SW_EINVAL, "two ways"},
      {"{\"manifests\":[],\"config\":{}}", MANIFEST, SW_EINVAL, "two ways"},
      {"{\"schemaVersion\":1,\"fsLayers\":[]}", "", SW_EUNSUPPORTED, "schema 1"},
      {"{}", "application/vnd.docker.distribution.manifest.v1+prettyjws", SW_EUNSUPPORTED,
       "schema 1"},
      {"{}", "text/plain", SW_EUNSUPPORTED, "neither"},
      {"{\"config\":" BLOB("1", "") ",\"layers\":{}}", "", SW_EINVAL, "\"layers\""},
      {"{\"config\":" BLOB("1", "") ",\"layers\":[" BLOB("2", "") ",{}]}", "", SW_EINVAL,
       "layers[1]"},
  };
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    struct oci_document doc;
    struct error err;
    assert_int_equal(read_doc(cases[i].text, cases[i].type, &doc, &err), cases[i].code);
    assert_error(err, cases[i].code, cases[i].told);
  }
}

static void layers_have_a_limit(void **state)
{
  (void)state;
  _cleanup_(buf_free) struct buf text = {0};
  struct oci_document doc;
  struct error err;
  buf_add(&text, STR("{\"config\":" BLOB("1", "") ",\"layers\":[" BLOB("2", "")));
  for (int i = 0; i < OCI_LAYERS_MAX; i++)
    buf_add(&text, STR("," BLOB("2", "")));
  buf_add(&text, STR("]}"));
  assert_int_equal(read_doc(buf_text(&text), "", &doc, &err), SW_ELIMIT);
}

static int choose(const char *manifests, const char *wanted, const char **ret, struct error *err)
{
  struct oci_document doc;
  struct oci_platform p;
  const struct oci_descriptor *d;
  struct str text = arena_printf(&arena, "{\"manifests\":[%s]}", manifests);
  if (read_doc(text.data, INDEX, &doc, err) < 0)
    fail_msg("%s", err->message);
  if (wanted && oci_platform_read(str_from(wanted), &p, err) < 0)
    fail_msg("%s", err->message);
  int rc = oci_index_choose(&doc.index, wanted ? &p : NULL, &d, err);
  if (rc == 0)
    *ret = arena_copy(&arena, d->digest).data;
  return rc;
}

static void the_best_platform_is_chosen(void **state)
{
  (void)state;
  static const char many[] =
      BLOB("0", ON("unknown", "unknown")) "," BLOB("1", ON("windows", "amd64")) "," BLOB("2", ",\"platform\":{\"os\":\"linux\",\"architecture\":\"arm\",\"variant\":\"v6\"}") "," BLOB(
          "3",
          ",\"platform\":{\"os\":\"linux\",\"architecture\":\"arm\",\"variant\":\"v7\"}") "," BLOB("4",
                                                                                                   ON("linux",
                                                                                                      "amd64")) "," BLOB("5",
                                                                                                                         ON("linux",
                                                                                                                            "amd64"));
  static const struct {
    const char *wanted, *digest;
  } cases[] = {
      {"linux/amd64", DIGEST("4")}, {"linux/arm/v7", DIGEST("3")},  {"linux/arm/v6", DIGEST("2")},
      {"linux/arm64", DIGEST("3")}, {"windows/amd64", DIGEST("1")}, {"linux/amd64/v3", DIGEST("4")},
  };
  struct error err;
  const char *got;
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    assert_int_equal(choose(many, cases[i].wanted, &got, &err), 0);
    assert_string_equal(got, cases[i].digest);
  }
  assert_int_equal(choose(many, "linux/s390x", &got, &err), SW_ENOENT);
  assert_error(err, SW_ENOENT, "no image for linux/s390x; there is windows/amd64, linux/arm/v6");
  assert_int_equal(choose(many, "unknown/unknown", &got, &err), SW_ENOENT);
}

static void the_only_one_is_taken(void **state)
{
  (void)state;
  struct error err;
  const char *got;
  static const char one[] = BLOB("0", ON("unknown", "unknown")) "," BLOB("1", ON("linux", "mips"));
  assert_int_equal(choose(one, NULL, &got, &err), 0);
  assert_string_equal(got, DIGEST("1"));
  assert_int_equal(choose(one, "linux/amd64", &got, &err), SW_ENOENT);
  assert_int_equal(choose(BLOB("7", ""), "linux/amd64", &got, &err), 0);
  assert_int_equal(choose("", NULL, &got, &err), SW_ENOENT);
  assert_error(err, SW_ENOENT, "none at all");
}

static void configurations_are_read(void **state)
{
  (void)state;
  static const char text[] =
      "{\"architecture\":\"amd64\",\"os\":\"linux\",\"created\":\"2024-01-01T00:00:00Z\","
      "\"config\":{\"User\":\"app\",\"Env\":[\"A=1\",\"B=2\"],\"Entrypoint\":[\"/x\"],\"Cmd\":null,"
      "\"WorkingDir\":\"/w\",\"Labels\":{\"l\":\"v\"},\"ExposedPorts\":{\"80/tcp\":{}},"
      "\"Volumes\":{\"/d\":{}},\"Healthcheck\":{\"Test\":[\"CMD\",\"y\"]}},"
      "\"history\":[{\"created_by\":\"RUN x\"},{\"created_by\":\"CMD\",\"empty_layer\":true}],"
      "\"rootfs\":{\"type\":\"layers\",\"diff_ids\":[\"" DIGEST("a") "\"]}}";
  struct oci_config c;
  struct error err;
  assert_int_equal(oci_config_read(STR_EMPTY, &arena, &c, &err), SW_EINVAL);
  if (oci_config_read(str_from(text), &arena, &c, &err) < 0)
    fail_msg("%s", err.message);
  assert_string_equal(c.platform.architecture, "amd64");
  assert_str(c.user, "app");
  assert_int_equal(c.env.count, 2);
  assert_str(c.env.items[1], "B=2");
  assert_int_equal(c.cmd.count, 0);
  assert_str(c.entrypoint.items[0], "/x");
  assert_int_equal(c.label_count, 1);
  assert_str(c.labels[0].key, "l");
  assert_str(c.labels[0].value, "v");
  assert_str(c.exposed_ports.items[0], "80/tcp");
  assert_str(c.volumes.items[0], "/d");
  assert_str(c.health_test.items[1], "y");
  assert_int_equal(c.history_count, 2);
  assert_true(!c.history[0].empty_layer && c.history[1].empty_layer);
  assert_str(c.diff_ids.items[0], DIGEST("a"));
  assert_int_equal(oci_config_read(STR("{}"), &arena, &c, &err), 0);
  assert_int_equal(c.diff_ids.count, 0);
}

static void wrong_configurations_are_refused(void **state)
{
  (void)state;
  static const char *const cases[][2] = {
      {"[]", "must be an object"},
      {"{\"os\":1}", "\"os\""},
      {"{\"config\":[]}", "\"config\""},
      {"{\"config\":{\"Env\":[1]}}", "config: \"Env\""},
      {"{\"config\":{\"Env\":\"A=1\"}}", "config: \"Env\""},
      {"{\"config\":{\"Labels\":{\"a\":{}}}}", "config: \"Labels\""},
      {"{\"config\":{\"User\":0}}", "config: \"User\""},
      {"{\"history\":[1]}", "history[0]"},
      {"{\"history\":[{\"empty_layer\":\"yes\"}]}", "history[0]: \"empty_layer\""},
      {"{\"rootfs\":{\"diff_ids\":[\"sha256:1\"]}}", "diff_ids[0]"},
  };
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    struct oci_config c;
    struct error err;
    assert_int_equal(oci_config_read(str_from(cases[i][0]), &arena, &c, &err), SW_EINVAL);
    assert_error(err, SW_EINVAL, cases[i][1]);
  }
}

static void media_types_say_what_is_a_layer(void **state)
{
  (void)state;
  assert_true(oci_is_layer(STR("application/vnd.oci.image.layer.v1.tar+gzip")));
  assert_true(oci_is_layer(STR("application/vnd.docker.image.rootfs.diff.tar.gzip")));
  assert_true(oci_is_layer(STR("application/vnd.docker.image.rootfs.foreign.diff.tar.gzip")));
  assert_true(oci_is_layer(STR_EMPTY));
  assert_false(oci_is_layer(STR("application/vnd.cncf.helm.chart.content.v1.tar+gzip")));
  assert_false(oci_is_layer(STR("application/vnd.in-toto+json")));
  assert_true(oci_is_index(STR(INDEX)) && !oci_is_index(STR(MANIFEST)));
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test_setup_teardown(manifests_are_read, set_up, tear_down),
      cmocka_unit_test_setup_teardown(what_is_wrong_is_refused, set_up, tear_down),
      cmocka_unit_test_setup_teardown(layers_have_a_limit, set_up, tear_down),
      cmocka_unit_test_setup_teardown(the_best_platform_is_chosen, set_up, tear_down),
      cmocka_unit_test_setup_teardown(the_only_one_is_taken, set_up, tear_down),
      cmocka_unit_test_setup_teardown(configurations_are_read, set_up, tear_down),
      cmocka_unit_test_setup_teardown(wrong_configurations_are_refused, set_up, tear_down),
      cmocka_unit_test_setup_teardown(media_types_say_what_is_a_layer, set_up, tear_down),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
