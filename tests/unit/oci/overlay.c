#include "../test.h"

#include "base/arena.h"
#include "base/buf.h"
#include "oci/overlay.h"

/* "LAYER TYPE PATH [TARGET]": types f (kept file), F (not kept), d, l (symbolic), h (hard), H (kept hard link). */
struct step {
  size_t layer;
  char type;
  const char *path, *link;
};

static int add(struct oci_overlay *o, const struct step *s, uint64_t number, uint64_t tag,
               struct error *err)
{
  static const char types[] = "fdlhcbps";
  char lower = (char)(s->type >= 'A' && s->type <= 'Z' ? s->type + 32 : s->type);
  const struct oci_entry e = {.path = str_from(s->path),
                              .link = str_from(s->link),
                              .type = (enum oci_entry_type)(strchr(types, lower) - types),
                              .number = number};
  return oci_overlay_add(o, s->layer, &e, s->type == 'f' || s->type == 'H', tag, err);
}

enum { UP, DOWN, TOGETHER };

/* Layers from the base up, from the top down, or as if they were read at once. */
static struct oci_overlay *build(const struct step *steps, size_t layers, int order)
{
  struct oci_overlay *o = oci_overlay_new(layers);
  struct error err;
  for (size_t turn = 0; turn < layers; turn++) {
    size_t layer = order == UP ? turn : layers - 1 - turn;
    for (size_t i = 0; steps[i].path; i++)
      if (steps[i].layer == layer && add(o, &steps[i], i, i, &err) < 0)
        fail_msg("%s", err.message);
    if (order != TOGETHER)
      oci_overlay_done(o, layer);
  }
  assert_int_equal(oci_overlay_finish(o, &err), 0);
  return o;
}

static void check(const struct step *steps, size_t layers, const char *expected)
{
  for (int order = UP; order <= TOGETHER; order++) {
    _cleanup_(oci_overlay_freep) struct oci_overlay *o = build(steps, layers, order);
    _cleanup_(buf_free) struct buf got = {0};
    struct oci_overlay_file f, same;
    /* In the order of the steps, whatever the order of telling. */
    for (size_t i = 0; steps[i].path; i++)
      for (size_t at = 0; oci_overlay_next(o, &at, &f);)
        if (f.tag == i) {
          buf_printf(&got, "%s%zu:%.*s", got.len ? " " : "", f.layer, STR_FMT(f.path));
          if (f.type == OCI_HARDLINK && f.content_kept)
            buf_printf(&got, "=%zu", f.content_layer);
          else if (f.type == OCI_HARDLINK)
            buf_printf(&got, "=?%.*s", STR_FMT(f.content_path));
          assert_true(oci_overlay_find(o, f.path, &same));
          assert_int_equal(same.tag, f.tag);
        }
    if (!str_eq(buf_str(&got), str_from(expected)))
      fail_msg("order %d: \"%s\", not \"%s\"", order, buf_text(&got), expected);
  }
}

#define CHECK(layers, expected, ...)                                                               \
  check((const struct step[]){__VA_ARGS__, {0}}, layers, expected)

static void upper_layers_replace_and_delete(void **state)
{
  (void)state;
  CHECK(1, "0:a", {0, 'f', "a"});
  CHECK(2, "1:a", {0, 'f', "a"}, {1, 'f', "a"});
  CHECK(2, "", {0, 'f', "a"}, {1, 'F', "a"});
  CHECK(2, "0:b", {0, 'f', "a"}, {0, 'f', "b"}, {1, 'F', ".wh.a"});
  CHECK(2, "0:d/b", {0, 'f', "d/a"}, {0, 'f', "d/b"}, {1, 'F', "d/.wh.a"});
  CHECK(2, "0:other/x", {0, 'f', "d/e/a"}, {0, 'f', "other/x"}, {1, 'F', ".wh.d"});
  CHECK(2, "0:dd/a", {0, 'f', "d/a"}, {0, 'f', "dd/a"}, {1, 'F', ".wh.d"});
  CHECK(3, "2:a", {0, 'f', "a"}, {1, 'F', ".wh.a"}, {2, 'f', "a"});
  CHECK(3, "2:d/b", {0, 'f', "d/a"}, {1, 'F', ".wh.d"}, {2, 'd', "d"}, {2, 'f', "d/b"});
}

static void a_whiteout_spares_its_own_layer(void **state)
{
  (void)state;
  CHECK(2, "1:a", {0, 'f', "a"}, {1, 'f', "a"}, {1, 'F', ".wh.a"});
  CHECK(2, "1:a", {0, 'f', "a"}, {1, 'F', ".wh.a"}, {1, 'f', "a"});
  CHECK(2, "1:d/n", {0, 'f', "d/o"}, {1, 'f', "d/n"}, {1, 'F', "d/.wh..wh..opq"});
}

static void opaque_directories_hide_what_is_below(void **state)
{
  (void)state;
  CHECK(2, "0:x", {0, 'f', "d/a"}, {0, 'f', "d/e/b"}, {0, 'f', "x"}, {1, 'd', "d"},
        {1, 'F', "d/.wh..wh..opq"});
  CHECK(2, "1:n", {0, 'f', "a"}, {0, 'f', "d/b"}, {1, 'F', ".wh..wh..opq"}, {1, 'f', "n"});
  CHECK(3, "2:d/a", {0, 'f', "d/a"}, {1, 'F', "d/.wh..wh..opq"}, {2, 'f', "d/a"});
}

static void kinds_replace_each_other(void **state)
{
  (void)state;
  CHECK(2, "0:d/a", {0, 'f', "d/a"}, {1, 'd', "d"});
  CHECK(2, "", {0, 'f', "d/a"}, {1, 'F', "d"});
  CHECK(2, "", {0, 'f', "d/a"}, {1, 'l', "d", "elsewhere"});
  CHECK(2, "", {0, 'f', "a"}, {1, 'd', "a"});
  CHECK(3, "", {0, 'f', "d/a"}, {1, 'F', "d"}, {2, 'd', "d"});
}

static void the_later_entry_of_a_layer_wins(void **state)
{
  (void)state;
  CHECK(1, "0:a", {0, 'F', "a"}, {0, 'f', "a"});
  CHECK(1, "", {0, 'f', "a"}, {0, 'F', "a"});
  CHECK(1, "", {0, 'f', "d/a"}, {0, 'F', "d"});
  CHECK(1, "0:d/a", {0, 'f', "d/a"}, {0, 'd', "d"});
}

static void bookkeeping_of_aufs_is_no_whiteout(void **state)
{
  (void)state;
  CHECK(2, "0:a", {0, 'f', "a"}, {1, 'd', ".wh..wh.plnk"}, {1, 'F', ".wh..wh.aufs"});
  struct oci_overlay *o = oci_overlay_new(1);
  struct error err;
  static const char *const wrong[] = {".wh.", "d/.wh..", ".wh..."};
  for (size_t i = 0; i < 3; i++) {
    const struct step s = {0, 'F', wrong[i], NULL};
    assert_int_equal(add(o, &s, 0, 0, &err), SW_EINVAL);
  }
  const struct step outside = {1, 'F', "a", NULL};
  assert_int_equal(add(o, &outside, 0, 0, &err), SW_EUSAGE);
  oci_overlay_free(o);
}

static void parents_that_are_links_are_followed(void **state)
{
  (void)state;
  CHECK(2, "1:usr/lib/x", {0, 'l', "lib", "usr/lib"}, {1, 'f', "lib/x"});
  CHECK(2, "1:usr/lib/x", {0, 'l', "lib", "usr/lib"}, {0, 'f', "usr/lib/x"}, {1, 'f', "lib/x"});
  CHECK(2, "1:usr/lib/x", {0, 'l', "lib", "/usr/lib"}, {0, 'f', "usr/lib/x"}, {1, 'f', "lib/x"});
  CHECK(2, "0:usr/lib/y", {0, 'l', "lib", "usr/lib"}, {0, 'f', "usr/lib/x"}, {0, 'f', "usr/lib/y"},
        {1, 'F', "lib/.wh.x"});
  CHECK(2, "", {0, 'l', "lib", "usr/lib"}, {0, 'f', "lib/x"}, {1, 'F', "usr/lib/.wh.x"});
  /* A directory takes the place of a link, as runtimes unpack it. */
  CHECK(2, "0:usr/lib/x 1:lib/x", {0, 'l', "lib", "usr/lib"}, {0, 'f', "usr/lib/x"},
        {1, 'd', "lib"}, {1, 'f', "lib/x"});
  CHECK(2, "0:c/b 1:a/b", {0, 'l', "a", "c"}, {0, 'f', "c/b"}, {1, 'F', ".wh.a"}, {1, 'f', "a/b"});
  CHECK(2, "0:etc/x", {0, 'l', "out", "../../../etc"}, {0, 'f', "out/x"}, {1, 'd', "other"});
}

static void hard_links_know_their_content(void **state)
{
  (void)state;
  CHECK(1, "0:a 0:b=0", {0, 'f', "a"}, {0, 'H', "b", "a"});
  CHECK(2, "0:a 1:b=0", {0, 'f', "a"}, {1, 'H', "b", "a"});
  CHECK(2, "0:b=0", {0, 'f', "a"}, {0, 'H', "b", "a"}, {1, 'F', ".wh.a"});
  CHECK(2, "0:a 0:c=0", {0, 'f', "a"}, {0, 'h', "b", "a"}, {0, 'H', "c", "b"}, {1, 'd', "x"});
  CHECK(1, "0:b=?a", {0, 'F', "a"}, {0, 'H', "b", "a"});
  CHECK(2, "1:a 0:b=0", {0, 'f', "a"}, {1, 'f', "a"}, {0, 'H', "b", "a"});
}

static void paths_are_found_through_links(void **state)
{
  (void)state;
  static const struct step steps[] = {
      {0, 'f', "usr/lib/os-release"},
      {0, 'l', "etc/os-release", "../usr/lib/os-release"},
      {0, 'l', "abs", "/usr/lib"},
      {0, 'l', "climb", "../../../../usr"},
      {0, 'l', "round", "round"},
      {0, 'l', "ping", "pong"},
      {0, 'l', "pong", "ping"},
      {0, 'l', "dangling", "nowhere"},
      {0, 'l', "gone", "usr"},
      {1, 'F', ".wh.gone"},
      {0},
  };
  static const char *const good[] = {"etc/os-release",          "/etc/os-release",
                                     "abs/os-release",          "climb/lib/os-release",
                                     "etc/../abs/./os-release", "../usr/lib/os-release"};
  static const char *const bad[] = {"round", "ping",    "dangling", "gone/lib/os-release",
                                    "",      "usr/lib", "abs"};
  for (int order = UP; order <= TOGETHER; order++) {
    _cleanup_(oci_overlay_freep) struct oci_overlay *o = build(steps, 2, order);
    struct oci_overlay_file f;
    struct error err;
    char text[OCI_PATH_MAX + 1];
    for (size_t i = 0; i < sizeof good / sizeof *good; i++) {
      if (!oci_overlay_find(o, str_from(good[i]), &f))
        fail_msg("%s was not found", good[i]);
      assert_str(f.path, "usr/lib/os-release");
    }
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
      if (oci_overlay_find(o, str_from(bad[i]), NULL))
        fail_msg("%s was found", bad[i]);
    assert_int_equal(oci_overlay_resolve(o, STR("round/x"), text, &err), SW_ELIMIT);
    assert_int_equal(oci_overlay_resolve(o, STR("dangling/x"), text, &err), 9);
    assert_string_equal(text, "nowhere/x");
  }
}

/* From the base upwards memory does not grow with what nobody keeps. */
static void memory_depends_on_what_is_kept(void **state)
{
  (void)state;
  struct oci_overlay *o = oci_overlay_new(3), *down = oci_overlay_new(3);
  struct error err;
  char path[64];
  for (size_t layer = 0; layer < 3; layer++) {
    for (uint64_t i = 0; i < 50000; i++) {
      snprintf(path, sizeof path, "usr/share/%u/%u", (unsigned)i % 100, (unsigned)i);
      struct step s = {layer, i == 7 ? 'f' : 'F', path, NULL};
      assert_int_equal(add(o, &s, i, i, &err), 0);
      s.layer = 2 - layer;
      assert_int_equal(add(down, &s, i, i, &err), 0);
    }
    oci_overlay_done(o, layer);
    oci_overlay_done(down, 2 - layer);
  }
  assert_int_equal(oci_overlay_finish(o, &err), 0);
  assert_int_equal(oci_overlay_finish(down, &err), 0);
  struct oci_overlay_file f;
  for (int i = 0; i < 2; i++) {
    size_t at = 0;
    assert_true(oci_overlay_next(i ? down : o, &at, &f));
    assert_int_equal(f.layer, 2);
    assert_false(oci_overlay_next(i ? down : o, &at, &f));
  }
  assert_true(oci_overlay_memory(o) < 64 << 10);
  assert_true(oci_overlay_memory(down) < 24 * 2 * 50000);
  oci_overlay_free(o);
  oci_overlay_free(down);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(upper_layers_replace_and_delete),
      cmocka_unit_test(a_whiteout_spares_its_own_layer),
      cmocka_unit_test(opaque_directories_hide_what_is_below),
      cmocka_unit_test(kinds_replace_each_other),
      cmocka_unit_test(the_later_entry_of_a_layer_wins),
      cmocka_unit_test(bookkeeping_of_aufs_is_no_whiteout),
      cmocka_unit_test(parents_that_are_links_are_followed),
      cmocka_unit_test(hard_links_know_their_content),
      cmocka_unit_test(paths_are_found_through_links),
      cmocka_unit_test(memory_depends_on_what_is_kept),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
