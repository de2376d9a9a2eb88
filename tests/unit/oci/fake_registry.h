/*
 * fake_registry.h - a registry on loopback that does as it is told, and how tests ask it.
 */
#ifndef SEAWALL_TESTS_UNIT_OCI_FAKE_REGISTRY_H
#define SEAWALL_TESTS_UNIT_OCI_FAKE_REGISTRY_H

#include "image.h"
#include "loopback.h"

#include "base/clock.h"
#include "base/file.h"
#include "oci/registry.h"
#include "oci/source.h"

#include "net/http_client.h"

#include <fcntl.h>
#include <stdatomic.h>
#include <stdlib.h>

enum { THINGS = 40, LARGE = (18 << 20) + 12345 };

/* A manifest or a blob, under a path behind /v2/. */
struct thing {
  struct str path, type, bytes;
};

enum asks { NOTHING, BASIC, BEARER };

/* A registry that does as it is told. */
struct fake {
  struct loopback l;
  struct thing things[THINGS];
  size_t count;
  enum asks asks;
  const char *login; /* "Basic ..." that is right; NULL: nobody's is needed for a token */
  atomic_uint tokens, tokens_good; /* given; from which one on they are good */
  bool no_ranges, moved, says_digest;
  atomic_int break_off; /* answers to blobs that end after break_at bytes */
  size_t break_at;
  int late_ms;              /* between the head of a blob and its bytes */
  struct loopback *storage; /* where `moved` leads to */
  /* First of all; true: it has answered. */
  bool (*hook)(struct fake *f, int fd, const struct loop_request *r);
  atomic_uint hooked;
};

static struct arena arena;
static struct fake here, other;
static char dir[64];

/* ---- the registry */

static inline void note(struct fake *f, const char *what, struct str text)
{
  pthread_mutex_lock(&f->l.lock);
  buf_printf(&f->l.log, "  %s=%.*s\n", what, STR_FMT(text));
  pthread_mutex_unlock(&f->l.lock);
}

static inline const struct thing *thing_at(const struct fake *f, struct str path)
{
  for (size_t i = 0; i < f->count; i++)
    if (str_eq(f->things[i].path, path))
      return &f->things[i];
  return NULL;
}

static inline void send_token(struct fake *f, int fd, const struct loop_request *r)
{
  char body[128];
  unsigned n = atomic_fetch_add(&f->tokens, 1) + 1;
  bool form = str_eq(r->method, STR("POST"));
  bool right = !f->login || str_eq(loop_header(r, STR("Authorization")), str_from(f->login)) ||
               (form && str_find(r->body, 0, str_from(f->login)) >= 0);
  note(f, "form", r->body);
  if (!right) {
    loop_answer(fd, 401, "", STR("{\"details\":\"wrong password\"}"));
    return;
  }
  snprintf(body, sizeof body, "{\"%s\":\"good-%u\",\"expires_in\":300}",
           form ? "access_token" : "token", n);
  loop_answer(fd, 200, "Content-Type: application/json", str_from(body));
}

static inline bool is_let_in(struct fake *f, const struct loop_request *r)
{
  struct str given = loop_header(r, STR("Authorization"));
  unsigned long long n = 0;
  if (f->asks == BASIC)
    return str_eq(given, str_from(f->login));
  return f->asks == NOTHING ||
         (str_starts(given, STR("Bearer good-")) &&
          str_to_u64(str_sub(given, 12, given.len), 1000, &n) && n >= atomic_load(&f->tokens_good));
}

static inline void challenge(struct fake *f, int fd)
{
  char headers[300];
  if (f->asks == BASIC)
    snprintf(headers, sizeof headers, "WWW-Authenticate: Basic realm=\"here\"");
  else
    snprintf(headers, sizeof headers,
             "WWW-Authenticate: Bearer realm=\"http://%s/token?x=1\",service=\"a service\","
             "scope=\"repository:team/app:pull\"",
             f->l.name);
  loop_answer(
      fd, 401, headers,
      STR("{\"errors\":[{\"code\":\"UNAUTHORIZED\",\"message\":\"authentication required\"}]}"));
}

static inline void send_part(struct fake *f, int fd, const struct loop_request *r, struct str bytes)
{
  struct str last, range = loop_header(r, STR("Range"));
  unsigned long long from = 0, to = bytes.len ? bytes.len - 1 : 0;
  bool part = range.len && !f->no_ranges;
  struct buf head = {0};
  note(f, "range", range);
  if (part) {
    struct str first = str_cut(str_sub(range, 6, range.len), '-', &last);
    assert_true(str_to_u64(first, bytes.len - 1, &from));
    if (last.len)
      assert_true(str_to_u64(last, bytes.len - 1, &to));
  }
  struct str body = str_sub(bytes, (size_t)from, (size_t)(to - from) + (bytes.len > 0));
  buf_printf(&head, "HTTP/1.1 %d Fine\r\nConnection: close\r\nContent-Length: %zu\r\n",
             part ? 206 : 200, body.len);
  if (part)
    buf_printf(&head, "Content-Range: bytes %llu-%llu/%zu\r\n", from, to, bytes.len);
  buf_add(&head, STR("\r\n"));
  loop_send(fd, buf_str(&head));
  buf_free(&head);
  if (f->late_ms)
    loop_pause(&f->l, f->late_ms);
  bool breaks = atomic_load(&f->break_off) > 0 && body.len > f->break_at;
  if (breaks)
    atomic_fetch_sub(&f->break_off, 1);
  loop_send(fd, breaks ? str_sub(body, 0, f->break_at) : body);
}

static inline void send_thing(struct fake *f, int fd, const struct loop_request *r,
                              const struct thing *t)
{
  char headers[300] = "";
  bool blob = str_find(t->path, 0, STR("/blobs/")) >= 0;
  if (blob && f->moved) {
    snprintf(headers, sizeof headers, "Location: http://%s/v2/%.*s", f->storage->name,
             STR_FMT(t->path));
    loop_answer(fd, 307, headers, STR_EMPTY);
  } else if (blob) {
    send_part(f, fd, r, t->bytes);
  } else {
    struct str digest = digest_text(&arena, t->bytes);
    snprintf(headers, sizeof headers, "Content-Type: %.*s%s%.*s", STR_FMT(t->type),
             f->says_digest ? "\r\nDocker-Content-Digest: " : "",
             f->says_digest ? (int)digest.len : 0, digest.data);
    loop_answer(fd, 200, headers, str_eq(r->method, STR("HEAD")) ? STR_EMPTY : t->bytes);
  }
}

static inline void serve(struct loopback *l, int fd, const struct loop_request *r)
{
  struct fake *f = l->context;
  struct str query, path = str_cut(r->target, '?', &query);
  note(f, "authorization", loop_header(r, STR("Authorization")));
  if (f->hook && f->hook(f, fd, r))
    return;
  if (str_eq(path, STR("/token"))) {
    send_token(f, fd, r);
    return;
  }
  const struct thing *t = str_starts(path, STR("/v2/")) ? thing_at(f, str_sub(path, 4, path.len))
                                                        : NULL;
  if (!is_let_in(f, r))
    challenge(f, fd);
  else if (t)
    send_thing(f, fd, r, t);
  else
    loop_answer(
        fd, 404, "",
        STR("{\"errors\":[{\"code\":\"MANIFEST_UNKNOWN\",\"message\":\"unknown\\u0007\"}]}"));
}

/* ---- what it has */

static inline struct str put(struct fake *f, const char *path, const char *type, struct str bytes)
{
  struct str digest = digest_text(&arena, bytes);
  assert_true(f->count + 2 <= THINGS);
  f->things[f->count++] =
      (struct thing){arena_printf(&arena, "%s%.*s", path, STR_FMT(digest)), str_from(type), bytes};
  return digest;
}

static inline void tag(struct fake *f, const char *path)
{
  f->things[f->count] = f->things[f->count - 1];
  f->things[f->count++].path = str_from(path);
}

static inline struct str described(const char *type, struct str digest, size_t size)
{
  return arena_printf(&arena, "{\"mediaType\":\"%s\",\"digest\":\"%.*s\",\"size\":%zu}", type,
                      STR_FMT(digest), size);
}

static inline struct str layer_bytes(const char *file, size_t size)
{
  struct buf tar = {0};
  struct buf text = {0};
  for (size_t i = 0; i < size; i++)
    buf_add_byte(&text, (char)(i * 7 + i / 255));
  tar_add(&tar, '0', file, "", buf_str(&text));
  tar_end(&tar);
  struct str copy = arena_copy(&arena, buf_str(&tar));
  buf_free(&tar);
  buf_free(&text);
  return copy;
}

static const char manifest_type[] = "application/vnd.oci.image.manifest.v1+json";
static const char index_type[] = "application/vnd.oci.image.index.v1+json";

/* team/app:1, of two layers; the digest of its manifest. */
static inline struct str put_image(struct fake *f)
{
  struct str one = layer_bytes("etc/one", 5), two = layer_bytes("etc/two", 70000);
  struct str d1 = put(f, "team/app/blobs/", "", one), d2 = put(f, "team/app/blobs/", "", two);
  struct str config = arena_printf(
      &arena,
      "{\"os\":\"linux\",\"architecture\":\"amd64\",\"rootfs\":{\"type\":\"layers\",\"diff_ids\":"
      "[\"%.*s\",\"%.*s\"]}}",
      STR_FMT(d1), STR_FMT(d2));
  struct str dc = put(f, "team/app/blobs/", "", config);
  struct str c = described("application/vnd.oci.image.config.v1+json", dc, config.len);
  struct str l1 = described("application/vnd.oci.image.layer.v1.tar", d1, one.len);
  struct str l2 = described("application/vnd.oci.image.layer.v1.tar", d2, two.len);
  struct str manifest = arena_printf(
      &arena, "{\"schemaVersion\":2,\"mediaType\":\"%s\",\"config\":%.*s,\"layers\":[%.*s,%.*s]}",
      manifest_type, STR_FMT(c), STR_FMT(l1), STR_FMT(l2));
  struct str digest = put(f, "team/app/manifests/", manifest_type, manifest);
  tag(f, "team/app/manifests/1");
  return digest;
}

/* ---- asking it */

struct asker {
  struct oci_registry_options options;
  struct str insecure[2];
  struct oci_mirror mirrors[2];
};

static inline struct oci_registry_options *options_of(struct asker *a)
{
  *a = (struct asker){.insecure = {arena_printf(&arena, "http://%s", here.l.name),
                                   arena_printf(&arena, "http://%s", other.l.name)}};
  a->options.insecure = a->insecure;
  a->options.insecure_count = 2;
  a->options.backoff_ms = 1;
  a->options.silence_ms = 1000;
  return &a->options;
}

static inline struct image_reference reference(const struct fake *f, const char *rest)
{
  struct image_reference r;
  struct error err;
  struct str text = arena_printf(&arena, "%s/%s", f->l.name, rest);
  if (image_reference_read(text, &r, &err) < 0)
    fail_msg("%s", err.message);
  return r;
}

/* ---- set-up */

static inline int set_up(void **state)
{
  (void)state;
  arena_init(&arena, 0);
  memset(&here, 0, sizeof here);
  memset(&other, 0, sizeof other);
  loop_start(&here.l, serve, &here);
  loop_start(&other.l, serve, &other);
  snprintf(dir, sizeof dir, "/tmp/seawall-registry.XXXXXX");
  return mkdtemp(dir) ? 0 : -1;
}

static inline int tear_down(void **state)
{
  (void)state;
  loop_stop(&here.l);
  loop_stop(&other.l);
  unlink(arena_printf(&arena, "%s/config.json", dir).data);
  rmdir(dir);
  arena_free(&arena);
  return 0;
}

#endif
