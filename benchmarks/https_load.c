/*
 * https_load - asks a webhook over TLS connections that stay open, checks every answer, and tells how
 * long they took.
 *
 *   https_load --port PORT --review FILE[=allow|deny|even|odd] [--review ...] [OPTION...]
 *
 *   --target PATH       /admit?timeout=10s
 *   --connections N     25
 *   --requests N        until so many have been sent (default: no end)
 *   --seconds N         ... or so long (default: no end)
 *   --rate N            requests a second; default: as fast as answers come
 *   --skip N            answers at the beginning that do not count for the figures
 *   --renew N           each connection is closed after N answers, and opened anew
 *   --check off         answers are only counted
 *   --every N           prints {"answered":M} after every N answers
 *
 * Reviews take turns. Each request has a uid of its own, and the answer must carry it, be 200 and
 * allow or deny as it is said behind the review's name: "even" is allowed by policies that say
 * "generation 2" (4, 6, ...) in what they answer, "odd" by the others.
 *
 * With a rate, requests are due at equal distances whatever the server does (an open loop), and time
 * counts from when a request was due, so that one slow answer is not hidden by the requests that it
 * delays. A request that is due waits for a connection that is free.
 *
 * Standard input may say, a line each: "ceiling N" (no answer may come from a later generation than N),
 * "floor N" (requests sent from now on must be answered by generation N or a later one), "stop". On one
 * connection generations never go back.
 *
 * Prints figures as one line of JSON, and what is wrong (the first ten) on standard error. Exit status: 1
 * if an answer was wrong or lost.
 */
#include "https_load.h"

#include "base/clock.h"
#include "base/mem.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/prctl.h>
#include <unistd.h>

enum { SLOTS = 400000, CERTIFICATES_MAX = 4096, COMPLAINTS_MAX = 10, INPUT = -1 };

struct load {
  /* options */
  uint16_t port;
  const char *target;
  bool unchecked;
  struct load_review reviews[LOAD_REVIEWS_MAX];
  size_t review_count;
  uint64_t connections_wanted, requests, seconds, rate, skip, renew, every;
  /* state */
  gnutls_certificate_credentials_t credentials;
  struct load_connection connections[LOAD_CONNECTIONS_MAX];
  uint32_t idle[LOAD_CONNECTIONS_MAX]; /* a ring */
  uint64_t idle_first, idle_count;
  int epoll;
  uint64_t started_ns, end_ns, looked_ns;
  uint64_t floor, ceiling;
  bool stopped;
  struct buf input;
  struct arena arena;
  /* figures */
  uint64_t sent, answered, lost, wrong, refused, opened, allowed, denied;
  uint64_t first_ns, last_ns; /* of the answers that count */
  uint64_t newest;            /* generation */
  uint64_t certificates[CERTIFICATES_MAX];
  size_t certificate_count;
  uint32_t *times; /* how many took so many microseconds */
  uint64_t longest_us;
};

_Noreturn static void die(const char *what)
{
  fprintf(stderr, "https_load: %s\n", what);
  exit(2);
}

static uint64_t now_ns(void)
{
  return clock_monotonic_ns(clock_system());
}

static void complain(const struct load *l, const struct load_connection *c, const char *what)
{
  if (l->lost + l->wrong + l->refused <= COMPLAINTS_MAX)
    fprintf(stderr, "https_load: request %llu: %s\n", (unsigned long long)c->number, what);
}

/* ---- connections */

static void remember_certificate(struct load *l, uint64_t certificate)
{
  for (size_t i = 0; i < l->certificate_count; i++)
    if (l->certificates[i] == certificate)
      return;
  if (l->certificate_count < CERTIFICATES_MAX)
    l->certificates[l->certificate_count++] = certificate;
}

static void make_idle(struct load *l, uint32_t i)
{
  l->idle[(l->idle_first + l->idle_count++) % LOAD_CONNECTIONS_MAX] = i;
}

static bool any_open(const struct load *l)
{
  for (uint32_t i = 0; i < l->connections_wanted; i++)
    if (l->connections[i].session)
      return true;
  return false;
}

/* If it cannot be reached there is a connection less; without any it is over. */
static void open_connection(struct load *l, uint32_t i)
{
  struct load_connection *c = &l->connections[i];
  struct epoll_event event = {.events = EPOLLIN, .data.u64 = i};
  struct error err;
  uint64_t certificate;
  if (load_connect(c, l->port, l->credentials, &certificate, &err) < 0) {
    l->refused++;
    complain(l, c, err.message);
    l->stopped |= !any_open(l);
    return;
  }
  l->opened++;
  remember_certificate(l, certificate);
  epoll_ctl(l->epoll, EPOLL_CTL_ADD, c->fd, &event);
  make_idle(l, i);
}

static void lose(struct load *l, uint32_t i, const char *why)
{
  struct load_connection *c = &l->connections[i];
  if (c->waiting) {
    l->lost++;
    complain(l, c, why);
  }
  load_disconnect(c, false);
}

/* ---- requests */

static void send_next(struct load *l, uint64_t intended_ns)
{
  uint32_t i = l->idle[l->idle_first % LOAD_CONNECTIONS_MAX];
  struct load_connection *c = &l->connections[i];
  l->idle_first++, l->idle_count--;
  if (!c->session) { /* closed by the server while it waited */
    open_connection(l, i);
    return;
  }
  c->number = ++l->sent;
  c->review = (unsigned)(c->number % l->review_count);
  c->floor = l->floor;
  c->intended_ns = intended_ns;
  c->sent_ns = now_ns();
  c->waiting = true;
  if (!load_send(c, &l->reviews[c->review], c->number)) {
    lose(l, i, "the connection was lost while sending");
    open_connection(l, i);
  }
}

static uint64_t due_ns(const struct load *l)
{
  return l->rate ? l->started_ns + (uint64_t)((double)l->sent * 1e9 / (double)l->rate) : 0;
}

static bool may_send(const struct load *l)
{
  return !l->stopped && (!l->requests || l->sent < l->requests);
}

static void send_what_is_due(struct load *l)
{
  while (l->idle_count && may_send(l)) {
    uint64_t now = now_ns(), due = due_ns(l);
    if (due > now)
      break;
    send_next(l, l->rate ? due : now);
  }
}

/* ---- answers */

static void count_time(struct load *l, const struct load_connection *c, uint64_t now)
{
  if (l->answered <= l->skip) {
    l->first_ns = now;
    return;
  }
  uint64_t us = (now - c->intended_ns) / 1000;
  l->times[us < SLOTS ? us : SLOTS - 1]++;
  l->longest_us = us > l->longest_us ? us : l->longest_us;
  l->last_ns = now;
}

static void take_input(struct load *l);

static int check_generation(struct load *l, struct load_connection *c, const struct load_answer *a,
                            struct error *err)
{
  if (!a->has_generation)
    return 0;
  if (a->generation > l->ceiling)
    take_input(l);
  if (a->generation > l->ceiling)
    return error_set(err, SW_EINVAL, "generation %llu before its time",
                     (unsigned long long)a->generation);
  uint64_t least = c->generation > c->floor ? c->generation : c->floor;
  if (a->generation < least)
    return error_set(err, SW_EINVAL, "generation %llu, at least %llu was in force",
                     (unsigned long long)a->generation, (unsigned long long)least);
  c->generation = a->generation;
  l->newest = a->generation > l->newest ? a->generation : l->newest;
  return 0;
}

static int check_answer(struct load *l, struct load_connection *c, unsigned status, struct str body,
                        struct error *err)
{
  struct load_answer answer;
  if (l->unchecked)
    return 0;
  if (status != 200)
    return error_set(err, SW_EINVAL, "status %u: %.*s", status, STR_FMT(body));
  int rc = load_check(&l->reviews[c->review], c->number, body, &l->arena, &answer, err);
  if (rc < 0)
    return error_wrap(err, "%.*s", STR_FMT(body));
  *(answer.allowed ? &l->allowed : &l->denied) += 1;
  return check_generation(l, c, &answer, err);
}

static void take_answer(struct load *l, uint32_t i, unsigned status, struct str body)
{
  struct load_connection *c = &l->connections[i];
  struct error err;
  l->answered++;
  count_time(l, c, now_ns());
  c->waiting = false;
  if (check_answer(l, c, status, body, &err) < 0) {
    l->wrong++;
    complain(l, c, err.message);
  }
  if (l->every && l->answered % l->every == 0) {
    printf("{\"answered\":%llu}\n", (unsigned long long)l->answered);
    fflush(stdout);
  }
  if (c->closing || (l->renew && ++c->answers >= l->renew)) {
    load_disconnect(c, true);
    open_connection(l, i);
  } else {
    make_idle(l, i);
  }
}

static void receive(struct load *l, uint32_t i)
{
  struct load_connection *c = &l->connections[i];
  unsigned status;
  struct str body;
  if (!c->session)
    return;
  int rc = load_receive(c, &status, &body);
  if (rc > 0) {
    take_answer(l, i, status, body);
  } else if (rc < 0) {
    bool was_waiting = c->waiting;
    lose(l, i, "the connection was lost before the answer");
    if (was_waiting)
      open_connection(l, i);
  }
}

static void look_for_late_ones(struct load *l, uint64_t now)
{
  if (now - l->looked_ns < 1000000000)
    return;
  l->looked_ns = now;
  for (uint32_t i = 0; i < l->connections_wanted; i++)
    if (l->connections[i].waiting &&
        now - l->connections[i].sent_ns > LOAD_PATIENCE_S * UINT64_C(1000000000)) {
      lose(l, i, "no answer");
      open_connection(l, i);
    }
}

/* ---- standard input */

static void obey(struct load *l, struct str line)
{
  struct str value, word = str_cut(line, ' ', &value);
  unsigned long long n = 0;
  str_to_u64(value, UINT64_MAX, &n);
  if (str_eq(word, STR("floor")))
    l->floor = n;
  else if (str_eq(word, STR("ceiling")))
    l->ceiling = n;
  else if (str_eq(word, STR("stop")))
    l->stopped = true;
}

static void take_input(struct load *l)
{
  char bytes[4096];
  ssize_t got = read(STDIN_FILENO, bytes, sizeof bytes);
  if (got == 0 || (got < 0 && errno != EAGAIN && errno != EINTR))
    epoll_ctl(l->epoll, EPOLL_CTL_DEL, STDIN_FILENO, NULL);
  if (got <= 0)
    return;
  buf_add(&l->input, str_make(bytes, (size_t)got));
  struct str rest = buf_str(&l->input);
  ptrdiff_t end;
  while ((end = str_find_byte(rest, 0, '\n')) >= 0) {
    obey(l, str_make(rest.data, (size_t)end));
    rest = str_make(rest.data + end + 1, rest.len - (size_t)end - 1);
  }
  memmove(l->input.data, rest.data, rest.len);
  l->input.len = rest.len;
}

/* ---- the loop */

static bool is_done(const struct load *l)
{
  return !may_send(l) && l->answered + l->lost >= l->sent;
}

/* Until the next request is due; a second at most. */
static struct timespec how_long(const struct load *l)
{
  uint64_t now = now_ns(), wait = 1000000000;
  if (l->rate && l->idle_count && may_send(l)) {
    uint64_t due = due_ns(l);
    wait = due > now ? due - now : 0;
  }
  if (l->end_ns && !l->stopped && l->end_ns < now + wait)
    wait = l->end_ns > now ? l->end_ns - now : 0;
  return (struct timespec){(time_t)(wait / 1000000000), (long)(wait % 1000000000)};
}

static void run(struct load *l)
{
  struct epoll_event events[64];
  l->started_ns = l->looked_ns = l->first_ns = now_ns();
  l->end_ns = l->seconds ? l->started_ns + l->seconds * 1000000000 : 0;
  while (!is_done(l)) {
    send_what_is_due(l);
    struct timespec wait = how_long(l);
    int count = epoll_pwait2(l->epoll, events, 64, &wait, NULL);
    if (count < 0 && errno != EINTR)
      die(strerror(errno));
    for (int i = 0; i < count; i++)
      if (events[i].data.u64 == (uint64_t)INPUT)
        take_input(l);
      else
        receive(l, (uint32_t)events[i].data.u64);
    uint64_t now = now_ns();
    l->stopped |= l->end_ns && now >= l->end_ns;
    look_for_late_ones(l, now);
  }
}

/* ---- figures */

/* The time that a share of all answers did not exceed. */
static uint64_t quantile(const struct load *l, double share)
{
  uint64_t total = 0, sum = 0;
  for (size_t i = 0; i < SLOTS; i++)
    total += l->times[i];
  for (size_t i = 0; i < SLOTS - 1; i++) {
    sum += l->times[i];
    if (total && (double)sum >= share * (double)total)
      return i;
  }
  return l->longest_us;
}

static void report(const struct load *l)
{
  double seconds = (double)(l->last_ns - l->first_ns) / 1e9;
  uint64_t counted = l->answered > l->skip ? l->answered - l->skip : 0;
  printf("{\"requests\":%llu,\"answered\":%llu,\"lost\":%llu,\"wrong\":%llu,\"refused\":%llu,"
         "\"opened\":%llu,\"certificates\":%zu,\"allowed\":%llu,\"denied\":%llu,"
         "\"generation\":%llu,\"seconds\":%.3f,\"rate\":%.1f,",
         (unsigned long long)l->sent, (unsigned long long)l->answered, (unsigned long long)l->lost,
         (unsigned long long)l->wrong, (unsigned long long)l->refused,
         (unsigned long long)l->opened, l->certificate_count, (unsigned long long)l->allowed,
         (unsigned long long)l->denied, (unsigned long long)l->newest, seconds,
         seconds > 0 ? (double)counted / seconds : 0.0);
  printf("\"p50_us\":%llu,\"p90_us\":%llu,\"p99_us\":%llu,\"p999_us\":%llu,\"longest_us\":%llu}\n",
         (unsigned long long)quantile(l, 0.5), (unsigned long long)quantile(l, 0.9),
         (unsigned long long)quantile(l, 0.99), (unsigned long long)quantile(l, 0.999),
         (unsigned long long)l->longest_us);
}

/* ---- options */

static void add_review(struct load *l, const char *text)
{
  static const char *const words[] = {"any", "allow", "deny", "even", "odd"};
  struct str expected, path = str_cut(str_from(text), '=', &expected);
  enum load_expected e = LOAD_ANY;
  struct buf name = {0};
  struct error err;
  for (unsigned i = 0; i < sizeof words / sizeof *words; i++)
    if (str_eq(expected, str_from(words[i])))
      e = (enum load_expected)i;
  if (l->review_count == LOAD_REVIEWS_MAX)
    die("too many reviews");
  buf_add(&name, path);
  if (load_review_read(buf_text(&name), l->target, e, &l->reviews[l->review_count++], &err) < 0)
    die(err.message);
  buf_free(&name);
}

static void read_options(struct load *l, int argc, char **argv)
{
  unsigned long long port = 0;
  struct {
    const char *name;
    unsigned long long most;
    uint64_t *ret;
  } numbers[] = {
      {"--connections", LOAD_CONNECTIONS_MAX, &l->connections_wanted},
      {"--requests", UINT64_MAX, &l->requests},
      {"--seconds", 1000000, &l->seconds},
      {"--rate", 1000000, &l->rate},
      {"--skip", UINT64_MAX, &l->skip},
      {"--renew", UINT64_MAX, &l->renew},
      {"--every", UINT64_MAX, &l->every},
  };
  for (int i = 1; i + 1 < argc; i += 2) {
    if (strcmp(argv[i], "--target") == 0)
      l->target = argv[i + 1];
    if (strcmp(argv[i], "--check") == 0)
      l->unchecked = strcmp(argv[i + 1], "off") == 0;
    if (strcmp(argv[i], "--port") == 0)
      str_to_u64(str_from(argv[i + 1]), UINT16_MAX, &port);
    for (size_t k = 0; k < sizeof numbers / sizeof *numbers; k++) {
      unsigned long long n;
      if (strcmp(argv[i], numbers[k].name) == 0) {
        if (!str_to_u64(str_from(argv[i + 1]), numbers[k].most, &n))
          die(argv[i]);
        *numbers[k].ret = n;
      }
    }
  }
  for (int i = 1; i + 1 < argc; i += 2) /* the target is known now */
    if (strcmp(argv[i], "--review") == 0)
      add_review(l, argv[i + 1]);
  l->port = (uint16_t)port;
  if (!port || !l->review_count || !l->connections_wanted || argc % 2 == 0)
    die("usage: https_load --port PORT --review FILE[=allow|deny|even|odd] [OPTION...]");
}

int main(int argc, char **argv)
{
  struct load *l = mem_zalloc(1, sizeof *l);
  l->target = "/admit?timeout=10s";
  l->connections_wanted = 25;
  l->ceiling = UINT64_MAX;
  read_options(l, argc, argv);
  prctl(PR_SET_TIMERSLACK, 1UL);
  l->times = mem_zalloc(SLOTS, sizeof *l->times);
  arena_init(&l->arena, 0);
  gnutls_certificate_allocate_credentials(&l->credentials);
  l->epoll = epoll_create1(EPOLL_CLOEXEC);
  struct epoll_event input = {.events = EPOLLIN, .data.u64 = (uint64_t)INPUT};
  fcntl(STDIN_FILENO, F_SETFL, O_NONBLOCK);
  epoll_ctl(l->epoll, EPOLL_CTL_ADD, STDIN_FILENO,
            &input); /* refused: it is a file, with nothing */
  for (uint32_t i = 0; i < l->connections_wanted; i++)
    open_connection(l, i);
  run(l);
  report(l);
  for (uint32_t i = 0; i < l->connections_wanted; i++)
    load_disconnect(&l->connections[i], true);
  return l->lost || l->wrong || l->refused;
}
