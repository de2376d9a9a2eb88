#include "daemon/tag_resolver.h"
#include "../oci/loopback.h"

#include "base/clock.h"

#include <stdatomic.h>
#include <stdlib.h>

static const char digest[] =
    "sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

/* A registry that has team/app:1, in its ways. Set before it starts. */
struct registry {
  struct loopback l;
  bool silent;
  atomic_uint asked;
};

static struct arena arena;
static struct registry registry;
static struct str insecure[1];
static char auth_file[64];

static void serve(struct loopback *l, int fd, const struct loop_request *r)
{
  struct registry *mine = l->context;
  char header[200];
  atomic_fetch_add(&mine->asked, 1);
  if (mine->silent) {
    loop_stall(l);
    return;
  }
  snprintf(header, sizeof header, "Docker-Content-Digest: %s", digest);
  bool has = str_ends(r->target, STR("/v2/team/app/manifests/1"));
  if (!has)
    loop_answer(fd, 404, "", STR_EMPTY);
  else if (str_eq(loop_header(r, STR("Authorization")), STR("Basic YTpi")))
    loop_answer(fd, 200, header, STR_EMPTY);
  else
    loop_answer(fd, 401, "WWW-Authenticate: Basic realm=x", STR_EMPTY);
}

static void write_auth(const char *password)
{
  FILE *file = fopen(auth_file, "w");
  assert_non_null(file);
  fprintf(file, "{\"auths\":{\"%s\":{\"username\":\"a\",\"password\":\"%s\"}}}", registry.l.name,
          password);
  fclose(file);
}

static void start(bool silent)
{
  memset(&registry, 0, sizeof registry);
  registry.silent = silent;
  loop_start(&registry.l, serve, &registry);
  insecure[0] = arena_printf(&arena, "http://%s", registry.l.name);
  write_auth("b");
}

static int set_up(void **state)
{
  (void)state;
  arena_init(&arena, 0);
  snprintf(auth_file, sizeof auth_file, "/tmp/seawall-auth.XXXXXX");
  int fd = mkstemp(auth_file);
  close(fd);
  return fd < 0;
}

static int tear_down(void **state)
{
  (void)state;
  loop_stop(&registry.l);
  unlink(auth_file);
  arena_free(&arena);
  return 0;
}

static struct tag_resolver *resolver(unsigned keep_ms, unsigned timeout_ms)
{
  const struct tag_resolver_options options = {.auth_file = auth_file,
                                               .insecure = insecure,
                                               .insecure_count = 1,
                                               .keep_ms = keep_ms,
                                               .timeout_ms = timeout_ms};
  struct tag_resolver *r;
  struct error err;
  if (tag_resolver_new(&options, &r, &err) < 0)
    fail_msg("%s", err.message);
  return r;
}

static int resolve(struct tag_resolver *r, const char *rest, int64_t deadline_ns, struct str *ret,
                   struct error *err)
{
  struct image_reference reference;
  struct str text = arena_printf(&arena, "%s/%s", registry.l.name, rest);
  assert_int_equal(image_reference_read(text, &reference, err), 0);
  struct image_resolver service = tag_resolver_service(r);
  return service.resolve(service.ctx, &reference, deadline_ns, &arena, ret, err);
}

static void digests_are_kept(void **state)
{
  (void)state;
  struct str found;
  struct error err;
  start(false);
  _cleanup_(tag_resolver_freep) struct tag_resolver *r = resolver(60000, 0);
  for (int i = 0; i < 3; i++) {
    assert_int_equal(resolve(r, "team/app:1", 0, &found, &err), 0);
    assert_str(found, digest);
  }
  assert_int_equal(atomic_load(&registry.asked), 2); /* without a login, and with it */
}

static void without_keeping_each_is_asked(void **state)
{
  (void)state;
  struct str found;
  struct error err;
  start(false);
  _cleanup_(tag_resolver_freep) struct tag_resolver *r = resolver(0, 0);
  for (int i = 0; i < 3; i++)
    assert_int_equal(resolve(r, "team/app:1", 0, &found, &err), 0);
  assert_int_equal(atomic_load(&registry.asked), 4);
}

static void failures_are_kept(void **state)
{
  (void)state;
  struct str found;
  struct error err;
  start(false);
  _cleanup_(tag_resolver_freep) struct tag_resolver *r = resolver(60000, 0);
  assert_int_equal(resolve(r, "team/app:2", 0, &found, &err), SW_ENOENT);
  unsigned asked = atomic_load(&registry.asked);
  assert_int_equal(resolve(r, "team/app:2", 0, &found, &err), SW_ENOENT);
  assert_error(err, SW_ENOENT, "/team/app: manifest 2: there is no such thing");
  assert_int_equal(atomic_load(&registry.asked), asked);
}

static void new_logins_are_read(void **state)
{
  (void)state;
  struct str found;
  struct error err;
  start(false);
  write_auth("wrong");
  _cleanup_(tag_resolver_freep) struct tag_resolver *r = resolver(60000, 0);
  assert_int_equal(resolve(r, "team/app:1", 0, &found, &err), SW_EACCES);
  write_auth("b");
  /* Under another name, since the failure is kept. */
  assert_int_equal(resolve(r, "team/app:9", 0, &found, &err), SW_ENOENT);
  assert_int_equal(loop_count(&registry.l, "HEAD /v2/team/app/manifests/9"), 1);
  unlink(auth_file);
  struct tag_resolver *none;
  const struct tag_resolver_options options = {.auth_file = auth_file};
  assert_int_equal(tag_resolver_new(&options, &none, &err), SW_ENOENT);
  write_auth("b");
}

static uint64_t now_ns(void)
{
  return clock_monotonic_ns(clock_system());
}

static void nobody_waits_longer_than_he_may(void **state)
{
  (void)state;
  struct str found;
  struct error err;
  start(true);
  _cleanup_(tag_resolver_freep) struct tag_resolver *r = resolver(60000, 300);
  uint64_t begin = now_ns();
  assert_int_equal(resolve(r, "team/app:1", 0, &found, &err), SW_EIO);
  assert_true(now_ns() - begin < UINT64_C(5000000000));
  assert_int_equal(resolve(r, "team/app:1", 0, &found, &err), SW_EIO);
  assert_int_equal(atomic_load(&registry.asked), 1);
  /* One whose own time is over says nothing to others. */
  assert_int_equal(resolve(r, "team/app:3", (int64_t)now_ns() - 1, &found, &err), SW_EIO);
  assert_error(err, SW_EIO, "the time is over");
  assert_int_equal(resolve(r, "team/app:3", 0, &found, &err), SW_EIO);
  assert_int_equal(atomic_load(&registry.asked), 2);
}

struct asker {
  struct tag_resolver *r;
  struct arena arena;
  bool right;
};

static void *ask_often(void *context)
{
  struct asker *a = context;
  struct image_resolver service = tag_resolver_service(a->r);
  a->right = true;
  for (int i = 0; i < 50; i++) {
    struct image_reference reference;
    struct str found = STR_EMPTY;
    struct str text = arena_printf(&a->arena, "%s/team/app:1", registry.l.name);
    a->right = a->right && image_reference_read(text, &reference, NULL) == 0 &&
               service.resolve(service.ctx, &reference, 0, &a->arena, &found, NULL) == 0 &&
               str_eq(found, str_from(digest));
  }
  return NULL;
}

static void many_ask_at_once(void **state)
{
  (void)state;
  enum { THREADS = 4 };
  pthread_t threads[THREADS];
  struct asker askers[THREADS];
  start(false);
  _cleanup_(tag_resolver_freep) struct tag_resolver *r = resolver(1, 0);
  for (int i = 0; i < THREADS; i++) {
    askers[i].r = r;
    arena_init(&askers[i].arena, 0);
    assert_int_equal(pthread_create(&threads[i], NULL, ask_often, &askers[i]), 0);
  }
  for (int i = 0; i < THREADS; i++) {
    pthread_join(threads[i], NULL);
    assert_true(askers[i].right);
    arena_free(&askers[i].arena);
  }
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test_setup_teardown(digests_are_kept, set_up, tear_down),
      cmocka_unit_test_setup_teardown(without_keeping_each_is_asked, set_up, tear_down),
      cmocka_unit_test_setup_teardown(failures_are_kept, set_up, tear_down),
      cmocka_unit_test_setup_teardown(new_logins_are_read, set_up, tear_down),
      cmocka_unit_test_setup_teardown(nobody_waits_longer_than_he_may, set_up, tear_down),
      cmocka_unit_test_setup_teardown(many_ask_at_once, set_up, tear_down),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
