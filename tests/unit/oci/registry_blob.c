#include "fake_registry.h"

/* ---- reading a blob */

struct read {
  struct oci_registry *registry;
  struct oci_blob *blob;
  struct oci_input input;
  struct oci_blob_stats stats;
  struct buf bytes;
};

static void end(struct read *r)
{
  if (r->blob)
    r->stats = oci_blob_stats(r->blob);
  oci_blob_free(r->blob);
  oci_registry_free(r->registry);
  buf_free(&r->bytes);
}

static int begin(struct read *r, const struct oci_registry_options *options, struct str digest,
                 uint64_t size, struct error *err)
{
  struct image_reference name = reference(&here, "team/app:1");
  const struct oci_descriptor d = {.digest = digest, .size = size};
  *r = (struct read){.registry = NULL};
  assert_int_equal(oci_registry_new(options, &r->registry, err), 0);
  return oci_blob_open(r->registry, &name, &d, &r->blob, &r->input, err);
}

static int read_all(struct read *r, struct error *err)
{
  char piece[64 << 10];
  size_t got;
  do {
    int rc = r->input.read(r->input.ctx, piece, sizeof piece, &got, err);
    if (rc < 0)
      return rc;
    buf_add(&r->bytes, str_make(piece, got));
  } while (got > 0);
  return 0;
}

static struct str large(void)
{
  static struct buf bytes;
  uint64_t x = 1;
  buf_clear(&bytes);
  buf_reserve(&bytes, LARGE);
  while (bytes.len < LARGE) {
    x = x * 6364136223846793005u + 1442695040888963407u;
    buf_add(&bytes, str_make((const char *)&x, 5));
  }
  bytes.len = LARGE;
  return buf_str(&bytes);
}

/* All of it comes; how is in *ret_stats. */
static void check_blob(const struct oci_registry_options *options, struct str bytes, uint64_t size,
                       struct oci_blob_stats *ret_stats)
{
  struct read r;
  struct error err;
  struct str digest = put(&here, "team/app/blobs/", "", bytes);
  if (begin(&r, options, digest, size, &err) < 0 || read_all(&r, &err) < 0)
    fail_msg("%s", err.message);
  assert_true(str_eq(buf_str(&r.bytes), bytes));
  end(&r);
  *ret_stats = r.stats;
}

static struct error failure(const struct oci_registry_options *options, struct str digest,
                            uint64_t size)
{
  struct read r;
  struct error err = {0};
  int rc = begin(&r, options, digest, size, &err);
  if (rc == 0)
    rc = read_all(&r, &err);
  assert_true(rc < 0 && rc == err.code);
  end(&r);
  return err;
}

/* ---- ranges */

static void large_blobs_come_in_ranges(void **state)
{
  (void)state;
  struct asker a;
  struct oci_blob_stats stats;
  options_of(&a)->parallel = 4;
  check_blob(&a.options, large(), LARGE, &stats);
  assert_int_equal(stats.bytes, LARGE);
  assert_int_equal(stats.requests, (LARGE + OCI_BLOB_PIECE - 1) / OCI_BLOB_PIECE);
  assert_int_equal(stats.resumed, 0);
  assert_true(stats.most > 1 && stats.most <= 4);
  assert_int_equal(loop_count(&here.l, "range=bytes=4194304-8388607\n"), 1);
}

/* The first piece tells: slow servers are asked for several, those that are near for the rest at once. */
static void ranges_are_for_servers_that_are_far(void **state)
{
  (void)state;
  struct asker a;
  struct oci_blob_stats stats;
  here.late_ms = 150;
  check_blob(options_of(&a), large(), LARGE, &stats);
  assert_int_equal(stats.requests, (LARGE + OCI_BLOB_PIECE - 1) / OCI_BLOB_PIECE);
  assert_true(stats.most > 1);
}

static void small_ones_and_single_ones_do_not(void **state)
{
  (void)state;
  struct asker a;
  struct oci_blob_stats stats;
  check_blob(options_of(&a), STR("small"), 5, &stats);
  assert_int_equal(stats.requests, 1);
  check_blob(&a.options, STR("of unknown size"), OCI_SIZE_UNKNOWN, &stats);
  assert_int_equal(stats.requests, 1);
  check_blob(&a.options, STR_EMPTY, 0, &stats);
  assert_int_equal(stats.bytes, 0);
  a.options.parallel = 1;
  check_blob(&a.options, large(), LARGE, &stats);
  assert_int_equal(stats.requests, 1);
  assert_int_equal(loop_count(&here.l, "range=bytes"), 0);
}

static void servers_without_ranges_send_it_whole(void **state)
{
  (void)state;
  struct asker a;
  struct oci_blob_stats stats;
  here.no_ranges = true;
  check_blob(options_of(&a), large(), LARGE, &stats);
  assert_int_equal(stats.requests, 1);
  assert_int_equal(stats.most, 1);
}

static void ranges_follow_redirects(void **state)
{
  (void)state;
  struct asker a;
  struct oci_blob_stats stats;
  struct str bytes = large();
  put(&other, "team/app/blobs/", "", bytes);
  here.moved = true;
  here.storage = &other.l;
  options_of(&a)->parallel = 4;
  check_blob(&a.options, bytes, LARGE, &stats);
  assert_true(stats.most > 1);
  assert_int_equal(loop_count(&other.l, "range=bytes="), stats.requests);
}

/* ---- connections that break */

static void what_breaks_off_is_resumed(void **state)
{
  (void)state;
  struct asker a;
  struct oci_blob_stats stats;
  atomic_store(&here.break_off, 5);
  here.break_at = 100000;
  options_of(&a)->parallel = 4;
  check_blob(&a.options, large(), LARGE, &stats);
  assert_int_equal(stats.resumed, 5);
  /* In one piece, and from the beginning each time. */
  here.no_ranges = true;
  atomic_store(&here.break_off, 2);
  here.break_at = LARGE / 2;
  check_blob(&a.options, large(), LARGE, &stats);
  assert_int_equal(stats.resumed, 2);
}

static void blobs_of_unknown_size_are_resumed(void **state)
{
  (void)state;
  struct asker a;
  struct oci_blob_stats stats;
  atomic_store(&here.break_off, 2);
  here.break_at = 100000;
  check_blob(options_of(&a), str_sub(large(), 0, 1 << 20), OCI_SIZE_UNKNOWN, &stats);
  assert_int_equal(stats.resumed, 2);
}

static void what_breaks_off_always_is_given_up(void **state)
{
  (void)state;
  struct asker a;
  struct str digest = put(&here, "team/app/blobs/", "", large());
  atomic_store(&here.break_off, 1000);
  here.break_at = 10;
  options_of(&a)->retries = 2;
  struct error err = failure(&a.options, digest, LARGE);
  assert_int_equal(err.code, SW_EIO);
  assert_error(err, SW_EIO, "/team/app: blob sha256:");
}

static void anew_each_time_is_given_up(void **state)
{
  (void)state;
  struct asker a;
  struct str digest = put(&here, "team/app/blobs/", "", large());
  here.no_ranges = true;
  atomic_store(&here.break_off, 1000);
  here.break_at = LARGE - 1;
  struct error err = failure(options_of(&a), digest, LARGE);
  assert_error(err, SW_ELIMIT, "the server begins anew each time");
}

static void the_rest_comes_from_elsewhere(void **state)
{
  (void)state;
  struct asker a;
  struct oci_blob_stats stats;
  struct str bytes = large();
  options_of(&a)->retries = HTTP_NONE;
  a.mirrors[0] = (struct oci_mirror){str_from(here.l.name), str_from(other.l.name)};
  a.options.mirrors = a.mirrors;
  a.options.mirror_count = 1;
  put(&other, "team/app/blobs/", "", bytes);
  atomic_store(&other.break_off, 1000);
  other.break_at = 1000;
  check_blob(&a.options, bytes, LARGE, &stats);
  assert_true(loop_count(&other.l, "/blobs/") > 0);
  assert_true(loop_count(&here.l, "/blobs/") > 1);
}

/* ---- lies */

static void sizes_are_held_against_what_comes(void **state)
{
  (void)state;
  struct asker a;
  struct str bytes = large();
  struct str digest = put(&here, "team/app/blobs/", "", bytes);
  struct error err = failure(options_of(&a), digest, LARGE - 1);
  assert_error(err, SW_EINVAL, "its size should be 18886712 bytes, the registry has 18886713");
  here.no_ranges = true;
  err = failure(&a.options, digest, LARGE - 1);
  assert_error(err, SW_EINVAL, "more comes than its 18886712 bytes");
  a.options.retries = 1;
  err = failure(&a.options, digest, LARGE + 1);
  assert_error(err, SW_EIO, "it ends after 18886713 of 18886714 bytes");
}

static bool send_another_part(struct fake *f, int fd, const struct loop_request *r)
{
  (void)f, (void)r;
  char head[200];
  int len = snprintf(head, sizeof head,
                     "HTTP/1.1 206 Fine\r\nConnection: close\r\nContent-Length: 5\r\n"
                     "Content-Range: bytes 10-14/%d\r\n\r\nhello",
                     LARGE);
  loop_send(fd, str_make(head, (size_t)len));
  return true;
}

static bool say_a_longer_length(struct fake *f, int fd, const struct loop_request *r)
{
  (void)f, (void)r;
  loop_send(fd,
            STR("HTTP/1.1 200 Fine\r\nConnection: close\r\nContent-Length: 1000000\r\n\r\nshort"));
  return true;
}

static void parts_and_lengths_that_lie_are_noticed(void **state)
{
  (void)state;
  struct asker a;
  struct str digest = digest_text(&arena, STR("hello"));
  here.hook = send_another_part;
  struct error err = failure(options_of(&a), digest, LARGE);
  assert_error(err, SW_EINVAL, "another part is sent than was asked for");
  here.hook = say_a_longer_length;
  err = failure(&a.options, digest, 1000000);
  assert_int_equal(err.code, SW_EIO);
  err = failure(&a.options, digest, 4);
  assert_error(err, SW_EINVAL, "more comes than its 4 bytes");
}

/* ---- time */

static bool say_nothing(struct fake *f, int fd, const struct loop_request *r)
{
  (void)fd, (void)r;
  loop_stall(&f->l);
  return true;
}

static bool stop_in_the_middle(struct fake *f, int fd, const struct loop_request *r)
{
  (void)r;
  loop_send(fd, STR("HTTP/1.1 200 Fine\r\nContent-Length: 1000000\r\n\r\nshort"));
  loop_stall(&f->l);
  return true;
}

static bool drip(struct fake *f, int fd, const struct loop_request *r)
{
  (void)r;
  loop_send(fd, STR("HTTP/1.1 200 Fine\r\nContent-Length: 1000000\r\n\r\n"));
  while (!loop_pause(&f->l, 100))
    loop_send(fd, STR("."));
  return true;
}

static uint64_t now_ms(void)
{
  return clock_monotonic_ns(clock_system()) / 1000000;
}

static void who_stalls_or_drips_is_given_up(void **state)
{
  (void)state;
  static const struct {
    bool (*hook)(struct fake *f, int fd, const struct loop_request *r);
    const char *told;
  } rows[] = {
      {say_nothing, ""},
      {stop_in_the_middle, ""},
      {drip, "bytes have come in 4 s"},
  };
  for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
    struct asker a;
    uint64_t start = now_ms();
    here.hook = rows[i].hook;
    options_of(&a)->retries = HTTP_NONE;
    struct error err = failure(&a.options, digest_text(&arena, STR("x")), 1000000);
    assert_error(err, SW_EIO, rows[i].told);
    assert_true(now_ms() - start < 10000);
  }
}

/* What is under way when nobody wants it any more. */
static void blobs_are_left_in_the_middle(void **state)
{
  (void)state;
  struct asker a;
  struct read r;
  struct error err;
  char piece[100];
  size_t got;
  struct str digest = put(&here, "team/app/blobs/", "", large());
  assert_int_equal(begin(&r, options_of(&a), digest, LARGE, &err), 0);
  assert_int_equal(r.input.read(r.input.ctx, piece, sizeof piece, &got, &err), 0);
  assert_int_equal(got, sizeof piece);
  struct image_reference name = reference(&here, "team/app:1");
  const struct oci_descriptor d = {.digest = digest, .size = LARGE};
  struct oci_blob *second;
  struct oci_input input;
  assert_int_equal(oci_blob_open(r.registry, &name, &d, &second, &input, &err), SW_EUSAGE);
  oci_blob_free(r.blob);
  r.blob = NULL;
  assert_int_equal(oci_blob_open(r.registry, &name, &d, &r.blob, &r.input, &err), 0);
  end(&r);
}

static void missing_ones_are_told(void **state)
{
  (void)state;
  struct asker a;
  struct error err = failure(options_of(&a), digest_text(&arena, STR("x")), 100);
  assert_error(err, SW_ENOENT, "there is no such thing");
  err = failure(&a.options, STR("sha256:no"), 100);
  assert_error(err, SW_EINVAL, "without a digest");
}

/* ---- lists */

static const char *const *pages;

static bool send_page(struct fake *f, int fd, const struct loop_request *r)
{
  struct str query, path = str_cut(r->target, '?', &query);
  ptrdiff_t at = str_find(query, 0, STR("page="));
  size_t page = at < 0 ? 0 : (size_t)(query.data[at + 5] - '0');
  (void)f;
  if (!str_ends(path, STR("/tags/list")) && !str_ends(path, STR("/_catalog")))
    return false;
  loop_answer(fd, 200, pages[2 * page + 1], str_from(pages[2 * page]));
  return true;
}

static int add_name(void *ctx, struct str name, struct error *err)
{
  struct buf *text = ctx;
  buf_printf(text, "%.*s ", STR_FMT(name));
  return str_eq(name, STR("stop")) ? error_set(err, SW_EPIPE, "enough") : 0;
}

static int list(bool tags, const char *const *given, struct buf *text, size_t *skipped,
                struct error *err)
{
  struct asker a;
  _cleanup_(oci_registry_freep) struct oci_registry *registry = NULL;
  struct image_reference name = reference(&here, "team/app");
  pages = given;
  here.hook = send_page;
  assert_int_equal(oci_registry_new(options_of(&a), &registry, err), 0);
  buf_clear(text);
  return tags ? oci_registry_tags(registry, &name, add_name, text, skipped, err)
              : oci_registry_repositories(registry, str_from(here.l.name), add_name, text, skipped,
                                          err);
}

static void lists_come_in_pages(void **state)
{
  (void)state;
  struct error err;
  size_t skipped = 0;
  _cleanup_(buf_free) struct buf text = {0};
  const char *absolute =
      arena_printf(&arena, "Link: <https://%s/v2/team/app/tags/list?page=2>; rel=next", here.l.name)
          .data;
  const char *const three[] = {
      "{\"tags\":[\"a\",\"b/c\",\"\",7,\"b\"]}",
      "Link: </v2/team/app/tags/list?page=1&n=2>; rel=\"next\"",
      "{\"tags\":[\"c\"]}",
      absolute,
      "{\"tags\":null}",
      "",
  };
  assert_int_equal(list(true, three, &text, &skipped, &err), 0);
  assert_str(buf_str(&text), "a b c ");
  assert_int_equal(skipped, 3);
  const char *const names[] = {"{\"repositories\":[\"team/app\",\"UPPER\",\"a:b\",\"x\"]}", ""};
  assert_int_equal(list(false, names, &text, &skipped, &err), 0);
  assert_str(buf_str(&text), "team/app x ");
  assert_int_equal(skipped, 2);
  const char *const stopped[] = {"{\"tags\":[\"a\",\"stop\",\"b\"]}", ""};
  assert_int_equal(list(true, stopped, &text, NULL, &err), SW_EPIPE);
  assert_str(buf_str(&text), "a stop ");
}

static void lists_that_do_not_end_are_refused(void **state)
{
  (void)state;
  static const struct {
    const char *pages[4];
    int code;
    const char *told;
  } rows[] = {
      {{"{\"tags\":[\"a\"]}", "Link: </v2/team/app/tags/list?n=1000>; rel=next"},
       SW_EINVAL,
       "leads back to a page that was read"},
      {{"{\"tags\":[\"a\"]}", "Link: <?page=1>; rel=next", "{\"tags\":[]}",
        "Link: <?page=1>; rel=next"},
       SW_EINVAL,
       "leads back"},
      {{"{\"tags\":[\"a\"]}", "Link: <http://elsewhere.example/v2/x>; rel=next"},
       SW_EINVAL,
       "on another server, \"http://elsewhere.example/"},
      {{"{\"tags\":[\"a\"]}", "Link: <//elsewhere.example/v2/x>; rel=next"}, SW_EINVAL, "no path"},
      {{"{\"tags\":[\"a\"]}", "Link: <file:///etc/passwd>; rel=next"}, SW_EINVAL, "no path"},
      {{"{\"tags\":7}", ""}, SW_EINVAL, "\"tags\" must be an array"},
      {{"[]", ""}, SW_EINVAL, "\"tags\" must be an array"},
      {{"{\"tags\":", ""}, SW_EINVAL, "/team/app: "},
  };
  _cleanup_(buf_free) struct buf text = {0};
  for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
    struct error err;
    assert_int_equal(list(true, rows[i].pages, &text, NULL, &err), rows[i].code);
    assert_error(err, rows[i].code, rows[i].told);
  }
}

static bool send_a_new_page(struct fake *f, int fd, const struct loop_request *r)
{
  char headers[100];
  (void)r;
  snprintf(headers, sizeof headers, "Link: </v2/team/app/tags/list?last=%u>; rel=next",
           atomic_fetch_add(&f->hooked, 1));
  struct buf body = {0};
  buf_add(&body, STR("{\"tags\":[\"a\""));
  for (int i = 0; i < 200000; i++)
    buf_add(&body, STR(",\"a\""));
  buf_add(&body, STR("]}"));
  loop_answer(fd, 200, headers, buf_str(&body));
  buf_free(&body);
  return true;
}

static int count_name(void *ctx, struct str name, struct error *err)
{
  (void)name, (void)err;
  ++*(size_t *)ctx;
  return 0;
}

static void lists_have_a_length(void **state)
{
  (void)state;
  struct asker a;
  struct error err;
  size_t count = 0;
  _cleanup_(oci_registry_freep) struct oci_registry *registry = NULL;
  struct image_reference name = reference(&here, "team/app");
  here.hook = send_a_new_page;
  assert_int_equal(oci_registry_new(options_of(&a), &registry, &err), 0);
  assert_int_equal(oci_registry_tags(registry, &name, count_name, &count, NULL, &err), SW_ELIMIT);
  assert_error(err, SW_ELIMIT, "more than 1000000 names");
  assert_int_equal(count, OCI_NAMES_MAX);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test_setup_teardown(large_blobs_come_in_ranges, set_up, tear_down),
      cmocka_unit_test_setup_teardown(ranges_are_for_servers_that_are_far, set_up, tear_down),
      cmocka_unit_test_setup_teardown(small_ones_and_single_ones_do_not, set_up, tear_down),
      cmocka_unit_test_setup_teardown(servers_without_ranges_send_it_whole, set_up, tear_down),
      cmocka_unit_test_setup_teardown(ranges_follow_redirects, set_up, tear_down),
      cmocka_unit_test_setup_teardown(what_breaks_off_is_resumed, set_up, tear_down),
      cmocka_unit_test_setup_teardown(blobs_of_unknown_size_are_resumed, set_up, tear_down),
      cmocka_unit_test_setup_teardown(what_breaks_off_always_is_given_up, set_up, tear_down),
      cmocka_unit_test_setup_teardown(anew_each_time_is_given_up, set_up, tear_down),
      cmocka_unit_test_setup_teardown(the_rest_comes_from_elsewhere, set_up, tear_down),
      cmocka_unit_test_setup_teardown(sizes_are_held_against_what_comes, set_up, tear_down),
      cmocka_unit_test_setup_teardown(parts_and_lengths_that_lie_are_noticed, set_up, tear_down),
      cmocka_unit_test_setup_teardown(who_stalls_or_drips_is_given_up, set_up, tear_down),
      cmocka_unit_test_setup_teardown(blobs_are_left_in_the_middle, set_up, tear_down),
      cmocka_unit_test_setup_teardown(missing_ones_are_told, set_up, tear_down),
      cmocka_unit_test_setup_teardown(lists_come_in_pages, set_up, tear_down),
      cmocka_unit_test_setup_teardown(lists_that_do_not_end_are_refused, set_up, tear_down),
      cmocka_unit_test_setup_teardown(lists_have_a_length, set_up, tear_down),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
