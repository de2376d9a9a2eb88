#include "cmd/db_distribution.h"

#include "base/clock.h"
#include "base/draft.h"
#include "base/file.h"
#include "base/progress.h"
#include "base/sink.h"
#include "cmd/console.h"
#include "cmd/db_fetch.h"
#include "data/json_write.h"
#include "scan/advisory/mirror.h"
#include "scan/os_release.h"

#include <stdlib.h>
#include <unistd.h>

struct writing {
  struct sink sink;
  struct db_distribution_result *result;
  struct progress progress;
  uint64_t fixes, without_changelog;
  size_t told;
};

/* ---- records of OSV */

static void write_affected(struct json_writer *w, const struct advisory_affected *a)
{
  json_begin_object(w);
  json_key(w, STR("package"));
  json_begin_object(w);
  json_member_string(w, STR("ecosystem"), a->ecosystem);
  json_member_string(w, STR("name"), a->name);
  json_end_object(w);
  json_key(w, STR("ranges"));
  json_begin_array(w);
  json_begin_object(w);
  json_member_string(w, STR("type"), STR("ECOSYSTEM"));
  json_key(w, STR("events"));
  json_begin_array(w);
  for (size_t i = 0; i < a->ranges[0].count; i++) {
    bool fixed = a->ranges[0].events[i].kind == VERSION_FIXED;
    json_begin_object(w);
    json_member_string(w, fixed ? STR("fixed") : STR("introduced"), a->ranges[0].events[i].version);
    json_end_object(w);
  }
  json_end_array(w);
  json_end_object(w);
  json_end_array(w);
  json_end_object(w);
}

static int add(void *ctx, const struct advisory *a, struct error *err)
{
  struct writing *to = ctx;
  struct json_writer w = json_writer_start(&to->sink.buf, 0);
  json_begin_object(&w);
  json_member_string(&w, STR("id"), a->id);
  json_member_string(&w, STR("modified"), a->modified);
  json_member_string(&w, STR("summary"), a->title);
  if (a->severity_text.len) {
    json_key(&w, STR("database_specific"));
    json_begin_object(&w);
    json_member_string(&w, STR("severity"), a->severity_text);
    json_end_object(&w);
  }
  json_key(&w, STR("affected"));
  json_begin_array(&w);
  for (size_t i = 0; i < a->affected_count; i++)
    write_affected(&w, &a->affected[i]);
  json_end_array(&w);
  json_end_object(&w);
  buf_add_byte(&to->sink.buf, '\n');
  sink_settle(&to->sink);
  to->fixes++;
  return 0;
}

static void unreadable(void *ctx, struct str id, const struct error *why)
{
  ((struct writing *)ctx)->without_changelog++;
}

static void progress(void *ctx, struct str what, size_t done, size_t all)
{
  struct writing *to = ctx;
  if (to->told == 0 || done < to->told)
    progress_start(&to->progress, "changelogs", PROGRESS_COUNT, all);
  if (done > to->told)
    progress_add(&to->progress, done - to->told);
  to->told = done;
}

static void pocket_told(void *ctx, const struct mirror_pocket *pocket, const struct error *why)
{
  struct writing *to = ctx;
  struct db_distribution_result *result = to->result;
  size_t len = strlen(result->suites);
  if (!why) {
    snprintf(result->suites + len, sizeof result->suites - len, "%s%.*s", len ? ", " : "",
             STR_FMT(pocket->suite));
    return;
  }
  struct error fault = *why;
  error_wrap(&fault, "distribution (point releases of %.*s are left out)", STR_FMT(pocket->suite));
  progress_hide(&to->progress);
  console_error(&fault);
  result->incomplete = true;
}

/* ---- */

bool db_distribution_is_here(void)
{
  struct mirror_pocket *pockets;
  struct arena arena;
  size_t count;
  arena_init(&arena, 0);
  int rc = mirror_pockets_of_host("", &arena, &pockets, &count, NULL);
  arena_free(&arena);
  return rc == 0;
}

/* The suite of fixes of the release that runs here. */
static struct str suite_of_system(struct arena *arena)
{
  _cleanup_(buf_free) struct buf text = {0};
  struct os_release os;
  struct str path = STR("etc/os-release");
  if (file_read("/etc/os-release", OS_RELEASE_SIZE_MAX, &text, NULL) < 0 ||
      os_release_read(arena, path, arena_copy(arena, buf_str(&text)), &os, NULL) < 0 ||
      os.codename.len == 0)
    return STR_EMPTY;
  return arena_printf(arena, "%.*s-security", STR_FMT(os.codename));
}

/* Those of the suites that apt knows. */
static int pick_pockets(struct str suites, struct mirror_pocket *pockets, size_t *count,
                        struct error *err)
{
  size_t picked = 0;
  for (struct str rest = suites; rest.data;) {
    struct str suite = str_cut(rest, ',', &rest);
    size_t at = picked;
    while (at < *count && !str_eq(pockets[at].suite, suite))
      at++;
    if (at == *count)
      return error_set(
          err, SW_ENOENT,
          "apt of this system does not know the suite \"%.*s\"; --mirror says where it is",
          STR_FMT(suite));
    struct mirror_pocket pocket = pockets[at];
    pockets[at] = pockets[picked];
    pockets[picked++] = pocket;
  }
  *count = picked;
  return 0;
}

static void name_pockets(struct str url, struct str suites, struct arena *arena,
                         struct mirror_pocket **ret, size_t *ret_count)
{
  struct mirror_pocket *pockets = arena_array(arena, struct mirror_pocket, MIRROR_POCKETS_MAX);
  size_t count = 0;
  while (str_ends(url, STR("/")))
    url.len--;
  for (struct str rest = suites; rest.data && count < MIRROR_POCKETS_MAX;) {
    struct str suite = str_cut(rest, ',', &rest);
    pockets[count++] =
        (struct mirror_pocket){.url = url, .suite = suite, .releases = !mirror_is_security(suite)};
  }
  *ret = pockets;
  *ret_count = count;
}

static int choose_pockets(const struct db_distribution *about, struct arena *arena,
                          struct mirror_pocket **ret, size_t *ret_count, struct error *err)
{
  struct str suites = about->suites;
  if (about->url.len == 0) {
    int rc = mirror_pockets_of_host("", arena, ret, ret_count, err);
    return rc < 0 || suites.len == 0 ? rc : pick_pockets(suites, *ret, ret_count, err);
  }
  if (suites.len == 0)
    suites = suite_of_system(arena);
  if (suites.len == 0)
    return error_set(err, SW_EUSAGE,
                     "--mirror needs --suite where the system is no Debian or Ubuntu");
  name_pockets(about->url, suites, arena, ret, ret_count);
  return 0;
}

static int fetch(struct http_client *client, const struct db_distribution *about,
                 const struct mirror_pocket *pockets, size_t count, struct arena *arena,
                 struct db_distribution_result *ret, struct error *err)
{
  struct writing to = {.result = ret};
  const struct advisory_sink sink = {.add = add, .ctx = &to};
  struct advisory_import import = {.name = STR("distribution"),
                                   .sink = &sink,
                                   .unreadable = unreadable,
                                   .ctx = &to,
                                   .arena = arena};
  const char *const keyrings[] = {about->keyring, NULL};
  const struct mirror_options options = {
      .pockets = pockets,
      .keyrings = about->keyring ? keyrings : NULL,
      .pocket_count = count,
      .cache = arena_copy(arena, about->cache).data,
      .now = clock_wall_seconds(clock_system()),
      .lists = about->lists,
      .ret_left_out = &ret->left_out,
      .ret_copies = &ret->copies,
      .accept_expired = about->accept_expired,
      .progress = progress,
      .told = pocket_told,
      .ctx = &to,
  };
  struct draft draft;
  int rc = draft_open(&draft, about->path, err);
  if (rc < 0)
    return rc;
  sink_to_fd(&to.sink, draft.fd);
  progress_init(&to.progress, progress_mode_for(isatty(2), getenv("CI"), getenv("TERM")), 2,
                console_width(2), NULL);
  rc = mirror_import(&options, client, &import, err);
  progress_end(&to.progress);
  if (rc == 0)
    rc = sink_finish(&to.sink, err);
  if (rc == 0)
    rc = draft_publish(&draft, err);
  sink_free(&to.sink);
  draft_free(&draft);
  ret->fixes = to.fixes;
  ret->without_changelog = to.without_changelog;
  snprintf(ret->date, sizeof ret->date, "%.*s", STR_FMT(import.ret_date));
  return rc;
}

int db_distribution_fetch(struct http_client *client, const struct db_distribution *about,
                          struct db_distribution_result *ret, struct error *err)
{
  struct mirror_pocket *pockets;
  struct arena arena;
  size_t count;
  *ret = (struct db_distribution_result){.fixes = 0};
  arena_init(&arena, 0);
  int rc = choose_pockets(about, &arena, &pockets, &count, err);
  if (rc == 0)
    rc = fetch(client, about, pockets, count, &arena, ret, err);
  if (rc == 0) {
    const struct db_meta meta = {.name = STR("distribution"),
                                 .format = STR("osv"),
                                 .url = pockets[0].url,
                                 .fetched = about->now};
    rc = db_meta_write(about->path, &meta, err);
  }
  arena_free(&arena);
  return rc;
}
