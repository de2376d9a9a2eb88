#include "../test.h"

#include "base/mem.h"
#include "scan/version_range.h"

struct fixture {
  struct arena arena;
};

static int setup(void **state)
{
  struct fixture *f = mem_zalloc(1, sizeof *f);
  arena_init(&f->arena, 0);
  *state = f;
  return 0;
}

static int teardown(void **state)
{
  struct fixture *f = *state;
  arena_free(&f->arena);
  mem_free(f);
  return 0;
}

/* "introduced 0 fixed 1.2 ..." */
static int make_range(struct fixture *f, const char *order, const char *text,
                      struct version_range *ret, struct error *err)
{
  struct version_event events[24];
  size_t count = 0;
  const struct version_ops *ops = version_ops_named(str_from(order));
  assert_non_null(ops);
  for (struct str rest = str_from(text); rest.data && rest.len;) {
    enum version_event_kind kind;
    struct str name = str_cut(rest, ' ', &rest), version = str_cut(rest, ' ', &rest);
    assert_true(version_event_kind_named(name, &kind));
    int result = version_event_parse(ops, kind, version, &f->arena, &events[count++], err);
    if (result < 0)
      return result;
  }
  return version_range_make(ops, events, count, &f->arena, ret, err);
}

static struct version parse(struct fixture *f, const struct version_range *range, struct str text)
{
  struct version v;
  struct error err;
  if (version_parse(range->ops, text, &f->arena, &v, &err) < 0)
    fail_msg("%s", err.message);
  return v;
}

static void judges_as_the_schema_says(void **state)
{
  struct fixture *f = *state;
  static const struct {
    const char *order, *events, *affected, *unaffected;
  } cases[] = {
      {"cargo", "introduced 1.0.0 fixed 1.2.0", "1.0.0 1.1.9 1.2.0-rc.1",
       "0.9.9 1.0.0-rc.1 1.2.0 2.0.0"},
      {"cargo", "introduced 0 fixed 1.2.0", "0.0.0-0 0.0.0 1.1.9", "1.2.0"},
      {"cargo", "introduced 0.0.0-0", "0.0.0-0 99.0.0", ""},
      {"cargo", "introduced 1.0.0 last_affected 1.2.0", "1.0.0 1.2.0 1.2.0+build",
       "1.2.1-0 1.2.1 0.1.0"},
      /* several branches, each fixed by itself */
      {"go",
       "introduced 1.3.0 fixed 1.7.14 introduced 1.8.0 fixed 1.8.9 introduced 1.9.0 fixed 1.9.4",
       "1.3.0 1.7.13 1.8.0 1.8.8 1.9.0 1.9.3", "1.2.9 1.7.14 1.7.99 1.8.9 1.8.99 1.9.4 1.10.0"},
      /* events in any order */
      {"pypi", "fixed 5.2 introduced 4.0 introduced 5.0 fixed 4.3", "4.0 4.2 5.0 5.1.9 5.2rc1",
       "3.9 4.3 4.9 5.2 5.0rc1"},
      /* fixed in one branch before the next begins without an event of its own */
      {"cargo", "introduced 0 fixed 1.2.5 fixed 1.3.2", "0.1.0 1.2.4", "1.2.5 1.3.0 1.3.1 1.3.2"},
      /* one ends where the next begins; one that is empty */
      {"cargo", "introduced 0 fixed 1.0.0 introduced 1.0.0 fixed 1.1.0", "0.5.0 1.0.0 1.0.9",
       "1.1.0"},
      {"pypi", "introduced 0.13.0 fixed 0.14.0rc1 introduced 0.12.2 fixed 0.13.0",
       "0.12.2 0.12.9 0.13.0 0.13.9", "0.12.1 0.14.0rc1 0.14.0"},
      {"cargo", "introduced 1.0.0 fixed 1.0.0", "", "0.9.0 1.0.0 1.0.1"},
      {"cargo", "fixed 1.0.0 introduced 1.0.0", "", "0.9.0 1.0.0 1.0.1"},
      {"cargo", "introduced 0 fixed 1.0.0 introduced 1.0.0 fixed 1.0.0", "0.9.0", "1.0.0 1.0.1"},
      {"cargo", "introduced 1.0.0 last_affected 1.0.0", "1.0.0", "0.9.0 1.0.1"},
      /* what is introduced again */
      {"cargo", "introduced 1.0.0 fixed 1.1.0 introduced 1.2.0", "1.0.0 1.2.0 9.0.0",
       "1.1.0 1.1.9"},
      {"cargo", "introduced 1.0.0 limit 1.5.0 limit 1.4.0", "1.0.0 1.4.0 1.4.9", "1.5.0 2.0.0"},
      {"cargo", "introduced 1.0.0 limit 1.5.0 limit *", "1.0.0 1.5.0 2.0.0", "0.9.0"},
      {"dpkg", "introduced 0 fixed 1:2.4-3+deb12u1", "0~ 2.4-3 1:2.4-3 1:2.4-3+deb12u1~bpo11+1",
       "1:2.4-3+deb12u1 1:2.4-3+deb12u2 2:0"},
      {"rpm", "introduced 0 fixed 128.12.0-1.el10_0", "128.11.0-9.el10_0 128.12.0-1.el10",
       "128.12.0-1.el10_0 1:0.1-1"},
      {"apk", "introduced 0 fixed 1.1.1k-r0", "1.1.1j-r9 1.1.1_rc1",
       "1.1.1k-r0 1.1.1k-r1 3.0.0-r0"},
      {"maven", "introduced 2.0-beta9 fixed 2.3.1 introduced 2.4 fixed 2.12.2",
       "2.0-beta9 2.0-rc1 2.0 2.3 2.4 2.11.2 2.12.1", "2.0-beta8 2.3.1 2.3.2 2.12.2 2.15.0"},
  };
  for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
    struct version_range range;
    struct error err;
    if (make_range(f, cases[i].order, cases[i].events, &range, &err) < 0)
      fail_msg("%s: %s", cases[i].events, err.message);
    for (unsigned side = 0; side < 2; side++) {
      struct str rest = str_from(side ? cases[i].affected : cases[i].unaffected);
      while (rest.len) {
        struct str text = str_cut(rest, ' ', &rest);
        if (version_range_affects(&range, parse(f, &range, text)) != side)
          fail_msg("\"%s\" %s %.*s", cases[i].events, side ? "misses" : "affects", STR_FMT(text));
      }
    }
  }
}

static void names_the_fix_of_the_branch(void **state)
{
  struct fixture *f = *state;
  static const struct {
    const char *version, *fix;
  } cases[] = {
      {"1.3.0", "1.7.14"}, {"1.8.8", "1.8.9"}, {"1.9.0", NULL},    {"1.7.14", NULL},
      {"2.0.0", NULL},     {"3.1.0", NULL},    {"1.2.0", NULL},    {"1.9.4", NULL},
      {"4.0.1", NULL},     {"0.1.0", "0.5.0"}, {"0.3.0", "0.5.0"},
  };
  struct version_range range;
  struct error err;
  assert_int_equal(
      make_range(
          f, "go",
          "introduced 0 fixed 0.3.0 introduced 0.3.0 fixed 0.5.0 introduced 1.3.0 fixed 1.7.14 introduced 1.8.0 fixed 1.8.9 introduced 1.9.0 "
          "last_affected 1.9.4 introduced 3.0.0",
          &range, &err),
      0);
  for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
    struct version v = parse(f, &range, str_from(cases[i].version));
    const struct version_step *fix = version_range_fix(&range, v);
    assert_true((fix != NULL) == (cases[i].fix != NULL));
    if (fix)
      assert_str(fix->fixed, cases[i].fix);
  }
}

static void refuses_what_means_nothing(void **state)
{
  struct fixture *f = *state;
  struct version_range range;
  struct version_event event = {.kind = VERSION_FIXED};
  enum version_event_kind kind;
  struct error err;
  assert_int_equal(make_range(f, "cargo", "", &range, &err), SW_EINVAL);
  assert_error(err, SW_EINVAL, "a range without \"introduced\" affects nothing");
  assert_int_equal(make_range(f, "cargo", "fixed 1.0.0", &range, &err), SW_EINVAL);
  assert_int_equal(make_range(f, "cargo", "introduced 0 fixed main", &range, &err), SW_EINVAL);
  assert_error(err, SW_EINVAL, "the event \"fixed\": \"main\" is not a semantic version");
  /* "0" is special where something is introduced, "*" where it is limited */
  assert_int_equal(make_range(f, "cargo", "introduced *", &range, &err), SW_EINVAL);
  assert_int_equal(make_range(f, "cargo", "introduced 0 fixed *", &range, &err), SW_EINVAL);
  assert_false(version_event_kind_named(STR("Fixed"), &kind));
  assert_int_equal(version_event_parse(version_ops_named(STR("cargo")), VERSION_INTRODUCED,
                                       STR("0"), &f->arena, &event, &err),
                   0);
  assert_true(event.unbounded);

  struct version_event *many = mem_zalloc(VERSION_EVENTS_MAX + 1, sizeof *many);
  for (size_t i = 0; i <= VERSION_EVENTS_MAX; i++)
    many[i] = event;
  assert_int_equal(
      version_range_make(event.version.ops, many, VERSION_EVENTS_MAX + 1, &f->arena, &range, &err),
      SW_ELIMIT);
  assert_error(err, SW_ELIMIT, "has more than 4096");
  assert_int_equal(
      version_range_make(event.version.ops, many, VERSION_EVENTS_MAX, &f->arena, &range, &err), 0);
  assert_int_equal(range.count, 1);
  mem_free(many);
}

/* Many branches in reverse: the order of equals and of the rest is kept by sorting. */
static void sorts_many_events(void **state)
{
  struct fixture *f = *state;
  enum { BRANCHES = 300 };
  struct version_event events[2 * BRANCHES];
  const struct version_ops *ops = version_ops_named(STR("npm"));
  struct version_range range;
  struct error err;
  for (unsigned i = 0; i < BRANCHES; i++) {
    unsigned major = BRANCHES - i;
    struct str from = arena_printf(&f->arena, "%u.0.0", major);
    struct str to = arena_printf(&f->arena, "%u.5.0", major);
    assert_int_equal(version_event_parse(ops, VERSION_FIXED, to, &f->arena, &events[2 * i], &err),
                     0);
    assert_int_equal(
        version_event_parse(ops, VERSION_INTRODUCED, from, &f->arena, &events[2 * i + 1], &err), 0);
  }
  assert_int_equal(version_range_make(ops, events, 2 * BRANCHES, &f->arena, &range, &err), 0);
  for (unsigned major = 1; major <= BRANCHES; major++) {
    struct str text = arena_printf(&f->arena, "%u.4.9", major);
    struct str fix = arena_printf(&f->arena, "%u.5.0", major);
    struct version v = parse(f, &range, text);
    assert_true(version_range_affects(&range, v));
    assert_true(str_eq(version_range_fix(&range, v)->fixed, fix));
    assert_false(version_range_affects(&range, parse(f, &range, fix)));
  }
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test_setup_teardown(judges_as_the_schema_says, setup, teardown),
      cmocka_unit_test_setup_teardown(names_the_fix_of_the_branch, setup, teardown),
      cmocka_unit_test_setup_teardown(refuses_what_means_nothing, setup, teardown),
      cmocka_unit_test_setup_teardown(sorts_many_events, setup, teardown),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
