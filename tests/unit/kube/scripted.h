/*
 * scripted.h - an API server that says exactly what a test tells it to: each request takes the next step
 * of a script, and what is sent is bytes.
 */
#ifndef SEAWALL_TESTS_UNIT_KUBE_SCRIPTED_H
#define SEAWALL_TESTS_UNIT_KUBE_SCRIPTED_H

#include "../test.h"

#include "../base/scratch.h"

#include "base/buf.h"
#include "base/clock.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <pthread.h>
#include <stdatomic.h>
#include <sys/socket.h>
#include <unistd.h>

enum { SCRIPTED_CONNECTIONS = 256 };

/* The head of a stream that ends with its connection. */
#define STREAM "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nConnection: close\r\n\r\n"
#define CHUNKED "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"

struct step {
  const char *wants;   /* in the request's head; NULL: any */
  unsigned status;     /* of the answer, with its length; 0: `text` is sent as it is */
  const char *headers; /* "Name: value\r\n"; NULL: none */
  const char *text;
  bool hold;        /* the connection stays open until the test lets go, or ends */
  const char *then; /* sent after that */
};

struct scripted {
  int listener;
  char url[64];
  pthread_t thread, each[SCRIPTED_CONNECTIONS];
  int sockets[SCRIPTED_CONNECTIONS];
  unsigned connections;

  pthread_mutex_t lock;
  const struct step *steps; /* ends with one that is all zero */
  bool in_any_order;        /* the first step that wants the request, instead of the next */
  bool tolerant;            /* what no step wants is no mistake of the test */
  bool used[64];
  unsigned taken; /* requests that have had a step */
  unsigned holding, released;
  bool ending;
  struct buf requests; /* heads of all, one after another */
  struct buf wrong;    /* what came that no step wanted */
};

struct scripted_connection {
  struct scripted *s;
  int fd;
};

static inline void scripted_send(int fd, const char *text)
{
  for (size_t left = strlen(text); left;) {
    ssize_t put = send(fd, text, left, MSG_NOSIGNAL);
    if (put <= 0)
      return;
    text += put;
    left -= (size_t)put;
  }
}

/* With the lock. */
static inline const struct step *scripted_step(struct scripted *s, const char *head)
{
  for (unsigned i = 0; i < 64 && s->steps[i].text; i++) {
    if (s->used[i])
      continue;
    bool fits = !s->steps[i].wants || strstr(head, s->steps[i].wants);
    if (fits) {
      s->used[i] = true;
      s->taken++;
      return &s->steps[i];
    }
    if (!s->in_any_order)
      break;
  }
  return NULL;
}

static inline void scripted_hold(struct scripted *s)
{
  pthread_mutex_lock(&s->lock);
  unsigned mine = s->holding++;
  while (!s->ending && s->released <= mine) {
    pthread_mutex_unlock(&s->lock);
    usleep(1000);
    pthread_mutex_lock(&s->lock);
  }
  pthread_mutex_unlock(&s->lock);
}

static inline void scripted_answer(struct scripted *s, int fd, const char *head)
{
  pthread_mutex_lock(&s->lock);
  buf_add_text(&s->requests, head);
  const struct step *step = scripted_step(s, head);
  if (!step && !s->tolerant && !strstr(head, "watch=true"))
    buf_add_text(&s->wrong, head);
  pthread_mutex_unlock(&s->lock);
  struct buf text = {0};
  if (step && step->status)
    buf_printf(&text, "HTTP/1.1 %u X\r\nConnection: close\r\nContent-Length: %zu\r\n%s\r\n%s",
               step->status, strlen(step->text), step->headers ? step->headers : "", step->text);
  else if (step)
    buf_add_text(&text, step->text);
  else if (strstr(head, "watch=true"))
    buf_add_text(&text, STREAM); /* beyond the script nothing happens */
  else
    buf_add_text(&text, "HTTP/1.1 503 X\r\nConnection: close\r\nContent-Length: 0\r\n\r\n");
  scripted_send(fd, buf_text(&text));
  buf_free(&text);
  if (step ? step->hold : strstr(head, "watch=true") != NULL)
    scripted_hold(s);
  if (step && step->then)
    scripted_send(fd, step->then);
}

static inline void *scripted_serve(void *context)
{
  struct scripted_connection c = *(struct scripted_connection *)context;
  mem_free(context);
  char head[32768];
  size_t len = 0;
  while (len < sizeof head - 1) {
    ssize_t got = recv(c.fd, head + len, sizeof head - 1 - len, 0);
    if (got <= 0)
      break;
    len += (size_t)got;
    head[len] = 0;
    if (!strstr(head, "\r\n\r\n"))
      continue;
    scripted_answer(c.s, c.fd, head);
    break;
  }
  shutdown(c.fd, SHUT_WR);
  while (len && recv(c.fd, head, sizeof head, 0) > 0)
    ;
  return NULL;
}

static inline void *scripted_accept(void *context)
{
  struct scripted *s = context;
  for (int fd; (fd = accept(s->listener, NULL, NULL)) >= 0;) {
    if (s->connections == SCRIPTED_CONNECTIONS) {
      close(fd);
      continue;
    }
    struct scripted_connection *c = mem_zalloc(1, sizeof *c);
    *c = (struct scripted_connection){s, fd};
    s->sockets[s->connections] = fd;
    pthread_create(&s->each[s->connections++], NULL, scripted_serve, c);
  }
  return NULL;
}

static inline void scripted_start(struct scripted *s, const struct step *steps)
{
  struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr = {htonl(INADDR_LOOPBACK)}};
  socklen_t len = sizeof address;
  memset(s, 0, sizeof *s);
  s->steps = steps;
  pthread_mutex_init(&s->lock, NULL);
  s->listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  assert_int_equal(bind(s->listener, (struct sockaddr *)&address, sizeof address), 0);
  assert_int_equal(listen(s->listener, 64), 0);
  assert_int_equal(getsockname(s->listener, (struct sockaddr *)&address, &len), 0);
  snprintf(s->url, sizeof s->url, "http://127.0.0.1:%u", ntohs(address.sin_port));
  pthread_create(&s->thread, NULL, scripted_accept, s);
}

/* Ends it; whatever came had to be wanted, and everything that was wanted had to come. */
static inline void scripted_stop(struct scripted *s)
{
  pthread_mutex_lock(&s->lock);
  s->ending = true;
  pthread_mutex_unlock(&s->lock);
  shutdown(s->listener, SHUT_RDWR);
  pthread_join(s->thread, NULL);
  for (unsigned i = 0; i < s->connections; i++) {
    shutdown(s->sockets[i], SHUT_RDWR);
    pthread_join(s->each[i], NULL);
    close(s->sockets[i]);
  }
  close(s->listener);
  if (s->wrong.len)
    print_error("not in the script: %s\n", buf_text(&s->wrong));
  assert_int_equal(s->wrong.len, 0);
  for (unsigned i = 0; i < 64 && s->steps[i].text; i++)
    if (!s->used[i])
      fail_msg("step %u was not taken", i);
  buf_free(&s->requests);
  buf_free(&s->wrong);
  pthread_mutex_destroy(&s->lock);
}

static inline unsigned scripted_taken(struct scripted *s)
{
  pthread_mutex_lock(&s->lock);
  unsigned taken = s->taken;
  pthread_mutex_unlock(&s->lock);
  return taken;
}

static inline unsigned scripted_holding(struct scripted *s)
{
  pthread_mutex_lock(&s->lock);
  unsigned holding = s->holding;
  pthread_mutex_unlock(&s->lock);
  return holding;
}

/* Lets one more of those go on that are held, in the order in which they came. */
static inline void scripted_release(struct scripted *s)
{
  pthread_mutex_lock(&s->lock);
  s->released++;
  pthread_mutex_unlock(&s->lock);
}

/* Whether a text was in a request so far. */
static inline bool scripted_was_asked(struct scripted *s, const char *text)
{
  pthread_mutex_lock(&s->lock);
  bool asked = strstr(buf_text(&s->requests), text) != NULL;
  pthread_mutex_unlock(&s->lock);
  return asked;
}

/* A kubeconfig for it in the working directory. */
static inline void scripted_kubeconfig(const struct scripted *s, const char *name, const char *user)
{
  struct buf text = {0};
  buf_printf(&text,
             "current-context: c\n"
             "contexts: [{name: c, context: {cluster: k, user: u}}]\n"
             "clusters: [{name: k, cluster: {server: \"%s\"}}]\n"
             "users: [{name: u, user: {%s}}]\n",
             s->url, user ? user : "");
  scratch_file(name, buf_text(&text));
  buf_free(&text);
}

/* Waits for a condition that comes by itself. */
#define await(condition)                                                                           \
  do {                                                                                             \
    for (int tries_ = 0; !(condition); tries_++) {                                                 \
      assert_true(tries_ < 60000);                                                                 \
      usleep(1000);                                                                                \
    }                                                                                              \
  } while (0)

#endif
