/*
 * Blobs, as they come: pieces of a blob that are asked for side by side and delivered one after another.
 *
 * Nothing happens but while somebody reads: then the client works until there is something to give. What arrives
 * meanwhile waits in the system's buffers, so that the sender is held back.
 */
#include "oci/registry_int.h"

#include "base/clock.h"

#include <poll.h>

enum {
  PARALLEL = 4,
  SAID_MAX = 16 << 10,     /* bytes kept of an answer that is an error */
  PROGRESS_MIN = 64 << 10, /* bytes that make an attempt one that was worth it */
  TURN_BYTES = 1 << 20,    /* delivered without looking after the others */
  TURN_MS = 250,           /* longest wait at a time */
  FAST_MS = 80,            /* in which a piece comes from a server that is near */
  IDLE_MS = 20,            /* wait while nothing is under way */
  SILENCE_MS = 30000,
  STALL_SILENCES = 4, /* so long must OCI_BLOB_RATE_MIN be reached on the average */
  SKIPPED_MAX = 3,    /* times the size of a blob that may come in vain */
  DAY_MS = 24 * 3600 * 1000,
};
#define MS_NS UINT64_C(1000000)
#define SECOND_NS UINT64_C(1000000000)

enum piece_state {
  PIECE_IDLE,    /* not asked for, or not any more; begins at wake_ns */
  PIECE_RUNNING, /* under way */
  PIECE_ENDED,   /* the query is over, and nobody has looked at it yet */
  PIECE_DONE,    /* all of it has come */
};

/* A part of the blob: [from, to). */
struct piece {
  struct oci_blob *blob;
  enum piece_state state;
  uint64_t from, to;
  uint64_t got;     /* bytes that have come, from `from` on */
  struct buf bytes; /* of these, those that are not delivered, behind `taken` */
  size_t taken;
  uint64_t wake_ns;
  unsigned failures; /* attempts without progress */
  unsigned logins;   /* of the blob when it was asked for */
  /* of the attempt */
  uint64_t asked; /* where it begins */
  uint64_t skip;  /* bytes that come before that */
  bool judged, wanted;
  int result; /* of the query */
  unsigned status;
  struct buf head, said; /* of an answer that is an error */
  struct error problem;  /* with what comes, or of the query */
};

struct oci_blob {
  struct oci_registry *registry;
  struct registry_endpoint *endpoint; /* that is asked now */
  struct http_client *client;
  bool client_insecure;
  struct arena arena;
  struct str repository, what; /* without the prefix of an endpoint; "blob sha256:0123456789ab" */
  struct str digest;
  uint64_t size;      /* OCI_SIZE_UNKNOWN: as it comes */
  uint64_t given_out; /* where the next piece begins */
  uint64_t delivered;
  uint64_t turned;    /* delivered when the client worked last */
  bool ranges;        /* the server has them */
  uint64_t ranges_ns; /* since when that is known */
  bool parallel;      /* several pieces */
  bool whole;         /* all that is left is one */
  bool login_tried;   /* since a piece has come last */
  unsigned logins;
  uint64_t skipped;
  struct str bearer;                    /* the last one that was sent, kept as long as the blob */
  struct piece pieces[OCI_BLOB_PIECES]; /* a ring: those that are in use, in their order */
  size_t first, count;
  struct error mirror;             /* what went wrong at the endpoint before */
  struct error failed;             /* nothing more comes */
  uint64_t waited_ns, waited_from; /* waiting since that many bytes had come */
  uint64_t arrived;
  struct oci_blob_stats stats;
};

static uint64_t now_ns(void)
{
  return clock_monotonic_ns(clock_system());
}

static struct piece *piece_at(struct oci_blob *b, size_t i)
{
  return &b->pieces[(b->first + i) % OCI_BLOB_PIECES];
}

static struct str repository_at(struct oci_blob *b)
{
  return arena_printf(&b->arena, "%.*s%.*s", STR_FMT(b->endpoint->prefix), STR_FMT(b->repository));
}

/* ---- what comes */

/* The head of an answer to a piece: how much of what follows is wanted. */
static void judge_success(struct piece *p, const struct http_response *answer)
{
  struct str range;
  uint64_t first, last, total = p->blob->size;
  http_response_header(answer, STR("Content-Range"), &range);
  if (answer->status != 206) {
    p->skip = p->asked; /* all of it, from the beginning */
    p->blob->skipped += p->skip;
    if (p->blob->skipped / SKIPPED_MAX > p->blob->size)
      error_set(&p->problem, SW_ELIMIT, "the server begins anew each time");
    return;
  }
  if (!oci_content_range_read(range, &first, &last, &total))
    error_set(&p->problem, SW_EINVAL, "a part is sent that does not say which");
  else if (first != p->asked)
    error_set(&p->problem, SW_EINVAL, "another part is sent than was asked for");
  else if (total != p->blob->size && p->blob->size != OCI_SIZE_UNKNOWN)
    error_set(&p->problem, SW_EINVAL, "its size should be %llu bytes, the registry has %llu",
              (unsigned long long)p->blob->size, (unsigned long long)total);
}

static void judge(struct piece *p, const struct http_response *answer)
{
  p->judged = true;
  p->status = answer->status;
  p->wanted = answer->status == 200 || answer->status == 206;
  if (p->wanted)
    judge_success(p, answer);
}

static void note_ranges(struct oci_blob *b)
{
  if (!b->ranges)
    b->ranges_ns = now_ns();
  b->ranges = true;
}

static void on_head(void *context, const struct http_response *answer)
{
  struct piece *p = context;
  struct oci_blob *b = p->blob;
  judge(p, answer);
  if (!p->wanted || p->problem.code)
    return;
  /* The first answer tells whether there are ranges. */
  if (p->status == 206 && p->to != b->size)
    note_ranges(b);
  if (p->status == 200 && !b->ranges) {
    b->whole = true;
    p->to = b->size;
    b->given_out = b->size;
  }
  http_client_wake(b->client);
}

static int too_much(struct piece *p)
{
  return error_set(&p->problem, SW_EINVAL, "more comes than its %llu bytes",
                   (unsigned long long)p->blob->size);
}

static int on_body(void *context, const struct http_response *answer, struct str bytes)
{
  struct piece *p = context;
  if (!p->judged)
    judge(p, answer);
  if (p->problem.code)
    return p->problem.code;
  if (!p->wanted) {
    buf_add(&p->said, str_sub(bytes, 0, SAID_MAX - p->said.len));
    return 0;
  }
  if (p->skip >= bytes.len) {
    p->skip -= bytes.len;
    return 0;
  }
  bytes = str_sub(bytes, (size_t)p->skip, bytes.len);
  p->skip = 0;
  uint64_t room = p->to - p->from - p->got;
  bool last = p->to == p->blob->size;
  if (bytes.len > room && last)
    return too_much(p);
  if (p->bytes.len == p->taken) {
    buf_clear(&p->bytes);
    p->taken = 0;
  }
  struct str fits = str_sub(bytes, 0, bytes.len > room ? (size_t)room : bytes.len);
  buf_add(&p->bytes, fits);
  p->got += fits.len;
  p->blob->arrived += fits.len;
  if (p == piece_at(p->blob, 0))
    http_client_wake(p->blob->client);
  return bytes.len > room ? SW_EPIPE : 0; /* the server ignores where a range ends: enough */
}

static void on_done(void *context, int result, struct http_response *answer,
                    const struct error *err)
{
  struct piece *p = context;
  p->state = PIECE_ENDED;
  p->result = result;
  if (result < 0 && !p->problem.code)
    p->problem = *err;
  if (result == 0) {
    if (!p->judged)
      judge(p, answer);
    buf_clear(&p->head);
    buf_add(&p->head, buf_str(&answer->head));
  }
  http_response_free(answer);
  http_client_wake(p->blob->client);
}

/* ---- asking */

static void authorize(struct oci_blob *b, struct http_query *query)
{
  struct arena arena;
  arena_init(&arena, 0);
  registry_authorize(b->registry, b->endpoint, repository_at(b), &arena, query);
  /* What a query looks at has to stay until it is over. */
  if (query->bearer.len && !str_eq(query->bearer, b->bearer))
    b->bearer = arena_copy(&b->arena, query->bearer);
  if (query->bearer.len)
    query->bearer = b->bearer;
  query->user = arena_copy(&b->arena, query->user);
  query->password = arena_copy(&b->arena, query->password);
  arena_free(&arena);
}

static const struct http_field *range_of(struct oci_blob *b, const struct piece *p)
{
  struct http_field *range = arena_new(&b->arena, struct http_field);
  range->name = STR("Range");
  if (p->to == OCI_SIZE_UNKNOWN)
    range->value = arena_printf(&b->arena, "bytes=%llu-", (unsigned long long)p->asked);
  else
    range->value = arena_printf(&b->arena, "bytes=%llu-%llu", (unsigned long long)p->asked,
                                (unsigned long long)p->to - 1);
  return range;
}

static void begin_attempt(struct oci_blob *b, struct piece *p)
{
  p->asked = p->from + p->got;
  p->skip = 0;
  p->judged = p->wanted = false;
  p->problem.code = 0;
  p->status = 0;
  p->logins = b->logins;
  buf_clear(&p->said);
  if (b->parallel) /* at once: growing would take twice as much */
    buf_reserve(&p->bytes, (size_t)(p->to - p->from - p->got));
}

static int ask_piece(struct oci_blob *b, struct piece *p, struct error *err)
{
  struct str base = registry_base(b->endpoint, &b->arena), repository = repository_at(b);
  begin_attempt(b, p);
  bool part = p->asked > 0 || p->to != b->size;
  struct http_query query = {
      .url = arena_printf(&b->arena, "%.*s/v2/%.*s/blobs/%.*s", STR_FMT(base), STR_FMT(repository),
                          STR_FMT(b->digest)),
      .headers = range_of(b, p),
      .header_count = part,
      .limit = SIZE_MAX / 2,
      .total_ms = DAY_MS, /* how long it may take is for us: work() */
      .silence_ms = b->registry->options.silence_ms,
      .on_head = on_head,
      .on_body = on_body,
      .context = p,
  };
  authorize(b, &query);
  int rc = http_client_start(b->client, &query, on_done, p, err);
  if (rc < 0)
    return rc;
  p->state = PIECE_RUNNING;
  b->stats.requests++;
  b->stats.resumed += p->got > 0;
  return 0;
}

static unsigned running(struct oci_blob *b)
{
  unsigned n = 0;
  for (size_t i = 0; i < b->count; i++)
    n += piece_at(b, i)->state == PIECE_RUNNING;
  return n;
}

static void add_piece(struct oci_blob *b)
{
  struct piece *p = piece_at(b, b->count++);
  struct buf bytes = p->bytes, head = p->head, said = p->said;
  *p = (struct piece){.blob = b, .from = b->given_out, .bytes = bytes, .head = head, .said = said};
  buf_clear(&p->bytes);
  bool cut = !b->whole && b->size != OCI_SIZE_UNKNOWN && b->size - p->from > OCI_BLOB_PIECE;
  p->to = cut ? p->from + OCI_BLOB_PIECE : b->size;
  b->given_out = p->to;
}

/* Side by side if the first piece takes its time. Where it does not, asking anew for each costs more than it gives. */
static void decide(struct oci_blob *b)
{
  if (!b->ranges || b->parallel || b->whole)
    return;
  bool fast = now_ns() - b->ranges_ns < FAST_MS * MS_NS;
  if (b->registry->options.parallel > 1 || !fast)
    b->parallel = true;
  else if (b->count == 0 || piece_at(b, 0)->state == PIECE_DONE)
    b->whole = true;
}

/* As many pieces as may be; before it is known how the rest is asked for, the first one alone. */
static void add_pieces(struct oci_blob *b)
{
  while (b->count < OCI_BLOB_PIECES && b->given_out < b->size &&
         (b->parallel || b->whole || b->count == 0))
    add_piece(b);
}

static int start_due(struct oci_blob *b, struct error *err)
{
  unsigned most = b->registry->options.parallel ? b->registry->options.parallel : PARALLEL;
  unsigned now_running = running(b);
  uint64_t now = now_ns();
  int rc = 0;
  for (size_t i = 0; rc == 0 && i < b->count && now_running < most; i++) {
    struct piece *p = piece_at(b, i);
    if (p->state != PIECE_IDLE || p->wake_ns > now)
      continue;
    rc = ask_piece(b, p, err);
    now_running++;
  }
  if (now_running > b->stats.most)
    b->stats.most = now_running;
  return rc;
}

/* ---- what has ended */

static bool is_complete(const struct piece *p)
{
  return p->to != OCI_SIZE_UNKNOWN && p->got == p->to - p->from;
}

/* What is under way ends with its client; what has come of it stays. */
static void drop_client(struct oci_blob *b)
{
  http_client_free(b->client);
  b->client = NULL;
  for (size_t i = 0; i < b->count; i++) {
    struct piece *p = piece_at(b, i);
    if (p->state == PIECE_RUNNING || p->state == PIECE_ENDED)
      p->state = is_complete(p) ? PIECE_DONE : PIECE_IDLE;
    p->failures = 0;
    p->wake_ns = 0;
  }
}

static int take_client(struct oci_blob *b, struct error *err)
{
  struct oci_registry *r = b->registry;
  int rc = registry_probe(r, b->endpoint, err);
  if (rc < 0)
    return rc;
  b->client_insecure = b->endpoint->insecure;
  b->client = r->spare[b->client_insecure];
  r->spare[b->client_insecure] = NULL;
  return b->client ? 0 : registry_new_client(r, b->client_insecure, &b->client, err);
}

/* The rest is asked of another server, if there is one. */
static int next_endpoint(struct oci_blob *b, const struct error *problem)
{
  struct error text = *problem;
  registry_wrap(b->endpoint, repository_at(b), b->what.data, &text);
  if (b->endpoint->next) {
    b->mirror = text;
    b->endpoint = b->endpoint->next;
    b->login_tried = false;
    drop_client(b);
    return take_client(b, &b->failed);
  }
  b->failed = text;
  if (b->mirror.code)
    error_set(&b->failed, text.code, "%s (before: %.160s)", text.message, b->mirror.message);
  return b->failed.code;
}

static int again(struct oci_blob *b, struct piece *p)
{
  unsigned most = b->registry->options.retries == HTTP_NONE ? 0 : b->registry->options.retries;
  unsigned first = b->registry->options.backoff_ms ? b->registry->options.backoff_ms : 200;
  bool progress = p->from + p->got - p->asked >= PROGRESS_MIN;
  if (!p->judged) /* nobody has answered, and the client has tried that often enough */
    return next_endpoint(b, &p->problem);
  p->failures = progress ? 0 : p->failures + 1;
  if (p->failures > most) {
    p->failures = 0;
    return next_endpoint(b, &p->problem);
  }
  p->wake_ns = progress ? 0 : now_ns() + http_backoff_ms(first, 10000, p->failures, 0) * MS_NS;
  return 0;
}

/* A 401: a token that has run out is made anew, and a login that was not sent is sent, once. */
static int log_in(struct oci_blob *b, struct piece *p)
{
  struct arena arena;
  if (p->logins != b->logins)
    return 0; /* it was asked for with the one before */
  if (b->login_tried)
    return SW_EACCES;
  arena_init(&arena, 0);
  int rc = registry_authenticate(b->registry, b->endpoint, repository_at(b), buf_str(&p->head),
                                 buf_str(&p->said), &arena, &p->problem);
  arena_free(&arena);
  b->login_tried = true;
  b->logins++;
  return rc;
}

static int judge_status(struct oci_blob *b, struct piece *p)
{
  struct arena arena;
  if (p->status == 401 && log_in(b, p) == 0)
    return 0;
  /* The server behind a redirect whose signature has run out: asked anew, there is a new one. */
  if (p->status == 403 && p->got > 0)
    return again(b, p);
  if (!p->problem.code) {
    arena_init(&arena, 0);
    registry_status_error(b->registry, b->endpoint, repository_at(b), p->status, buf_str(&p->head),
                          buf_str(&p->said), &arena, &p->problem);
    arena_free(&arena);
  }
  return next_endpoint(b, &p->problem);
}

static int judge_end(struct oci_blob *b, struct piece *p)
{
  p->state = PIECE_IDLE;
  if (p->wanted && !p->problem.code && p->result == 0 && p->to == OCI_SIZE_UNKNOWN)
    b->size = p->to = b->given_out = p->from + p->got;
  if (p->wanted && is_complete(p) && (!p->problem.code || p->result == SW_EPIPE)) {
    p->state = PIECE_DONE;
    b->login_tried = false;
    return 0;
  }
  if (p->result == 0 && !p->wanted)
    return judge_status(b, p);
  if (p->result == 0)
    error_set(&p->problem, SW_EIO, "it ends after %llu of %llu bytes",
              (unsigned long long)(p->from + p->got), (unsigned long long)p->to);
  return p->problem.code == SW_EIO ? again(b, p) : next_endpoint(b, &p->problem);
}

static int judge_ended(struct oci_blob *b)
{
  int rc = 0;
  for (size_t i = 0; rc == 0 && i < b->count; i++)
    if (piece_at(b, i)->state == PIECE_ENDED)
      rc = judge_end(b, piece_at(b, i));
  return rc;
}

/* ---- reading */

static struct str ready(struct oci_blob *b)
{
  struct piece *p = b->count ? piece_at(b, 0) : NULL;
  return p ? str_sub(buf_str(&p->bytes), p->taken, SIZE_MAX) : STR_EMPTY;
}

static bool is_delivered(struct oci_blob *b)
{
  return b->size != OCI_SIZE_UNKNOWN && b->delivered == b->size;
}

/* Time that was spent waiting, and what it has brought: who drips is as bad as who is silent. */
static int check_rate(struct oci_blob *b, uint64_t waited_ns)
{
  struct error slow;
  unsigned silence = b->registry->options.silence_ms ? b->registry->options.silence_ms : SILENCE_MS;
  b->waited_ns += waited_ns;
  if (b->waited_ns < silence * STALL_SILENCES * MS_NS)
    return 0;
  uint64_t bytes = b->arrived - b->waited_from, seconds = b->waited_ns / SECOND_NS;
  b->waited_ns = 0;
  b->waited_from = b->arrived;
  if (bytes >= OCI_BLOB_RATE_MIN * seconds)
    return 0;
  error_set(&slow, SW_EIO, "only %llu bytes have come in %llu s", (unsigned long long)bytes,
            (unsigned long long)seconds);
  return next_endpoint(b, &slow);
}

static int work(struct oci_blob *b, unsigned ms)
{
  struct error err;
  decide(b);
  add_pieces(b);
  int rc = start_due(b, &err);
  if (rc < 0)
    return next_endpoint(b, &err);
  uint64_t begin = now_ns();
  if (running(b) || !ms)
    http_client_run(b->client, ms);
  else
    poll(NULL, 0, IDLE_MS);
  b->turned = b->delivered;
  rc = judge_ended(b);
  return rc < 0 || !ms ? rc : check_rate(b, now_ns() - begin);
}

/* Pieces that are read to their end make room for others. */
static void drop_read(struct oci_blob *b)
{
  while (b->count && piece_at(b, 0)->state == PIECE_DONE && !ready(b).len) {
    b->first = (b->first + 1) % OCI_BLOB_PIECES;
    b->count--;
  }
}

/* Waits until there is something to give, or an end. */
static int wait_for_bytes(struct oci_blob *b, struct error *err)
{
  int rc = 0;
  drop_read(b);
  if (b->parallel && b->delivered - b->turned >= TURN_BYTES)
    rc = work(b, 0);
  while (rc == 0 && !b->failed.code && !ready(b).len && !is_delivered(b)) {
    rc = work(b, TURN_MS);
    drop_read(b);
  }
  if (b->failed.code && !ready(b).len && err)
    *err = b->failed;
  return b->failed.code && !ready(b).len ? b->failed.code : 0;
}

static int blob_read(void *ctx, void *to, size_t room, size_t *ret_got, struct error *err)
{
  struct oci_blob *b = ctx;
  int rc = wait_for_bytes(b, err);
  if (rc < 0)
    return rc;
  struct str piece = str_sub(ready(b), 0, room);
  if (piece.len)
    memcpy(to, piece.data, piece.len);
  piece_at(b, 0)->taken += piece.len;
  b->delivered += piece.len;
  b->stats.bytes = b->delivered;
  *ret_got = piece.len;
  return 0;
}

/* ---- opening */

void oci_blob_free(struct oci_blob *b)
{
  if (!b)
    return;
  b->registry->open = NULL;
  if (is_delivered(b) && b->client && running(b))
    http_client_run(b->client,
                    0); /* the end of the last answer, after which the connection is free */
  if (running(b) || !b->client || b->registry->spare[b->client_insecure])
    http_client_free(b->client);
  else
    b->registry->spare[b->client_insecure] = b->client;
  for (size_t i = 0; i < OCI_BLOB_PIECES; i++) {
    buf_free(&b->pieces[i].bytes);
    buf_free(&b->pieces[i].head);
    buf_free(&b->pieces[i].said);
  }
  arena_free(&b->arena);
  mem_free(b);
}

struct oci_blob_stats oci_blob_stats(const struct oci_blob *blob)
{
  return blob->stats;
}

int oci_blob_open(struct oci_registry *r, const struct image_reference *reference,
                  const struct oci_descriptor *descriptor, struct oci_blob **ret,
                  struct oci_input *ret_input, struct error *err)
{
  if (r->open)
    return error_set(err, SW_EUSAGE, "a blob of this client is still open");
  if (!image_digest_valid(descriptor->digest))
    return error_set(err, SW_EINVAL, "a blob without a digest cannot be asked for");
  _cleanup_(oci_blob_freep) struct oci_blob *b = mem_zalloc(1, sizeof *b);
  arena_init(&b->arena, 0);
  b->registry = r;
  b->endpoint = registry_endpoints(r, reference->registry);
  b->repository = registry_repository(reference, &b->arena);
  b->digest = arena_copy(&b->arena, descriptor->digest);
  b->what = arena_printf(&b->arena, "blob %.*s", STR_FMT(oci_descriptor_short(descriptor)));
  b->size = descriptor->size;
  b->whole = r->options.parallel == 1;
  r->open = b;
  int rc = take_client(b, err);
  if (rc == 0)
    rc = wait_for_bytes(b, err);
  if (rc < 0)
    return rc;
  *ret_input = (struct oci_input){blob_read, b};
  *ret = b;
  b = NULL;
  return 0;
}
