#include "scan/advisory/mirror.h"

#include "base/file.h"
#include "base/sink.h"
#include "crypto/digest.h"
#include "scan/advisory/import_int.h"
#include "scan/advisory/mirror_int.h"

#include <errno.h>
#include <sys/stat.h>
#include <sys/utsname.h>
#include <unistd.h>

enum { AT_ONCE = 48, WAIT_MS = 1000, CACHED_MAX = 32 << 20, CHANGELOG_ARENA = 256 << 20 };

/* The first line of what is kept of a changelog; another form of it is read anew. */
static const struct str cache_mark = STR_INIT("seawall changelog 4\n");

/* The same of the updates of a release; the digest of the list that they are of comes behind it. */
static const struct str list_mark = STR_INIT("seawall list 1 ");

struct job {
  struct update *update;
  const struct mirror_package *package;
  const struct mirror_part *part; /* that is asked for; NULL: none yet */
  struct str url;
  struct buf lines;   /* of its fixes, as they are kept; empty until it is done */
  struct error error; /* why it could not be had; code 0: it could */
};

struct update {
  const struct mirror_options *options;
  struct http_client *client;
  struct advisory_import *import;
  const struct mirror_pocket *pocket;
  struct arena arena; /* for one pocket */
  struct mirror_index index;
  struct str ecosystem;
  bool local;   /* apt's copies are read, the mirror is not asked */
  bool updates; /* of this pocket what came by point releases counts */
  bool debian;  /* a security suite of Debian's has been read */
  struct arena lasting;
  struct map read; /* "ecosystem source": the highest version read of any pocket, in `lasting` */
  struct mirror_list list;
  struct buf folder; /* where changelogs are kept */
  VEC(struct job) jobs;
  size_t running;
};

/* ---- asking */

static int ask(struct update *u, struct str url, size_t limit, struct http_response *response,
               struct error *err)
{
  const struct http_query query = {.url = url, .limit = limit, .total_ms = 600000};
  int rc = http_client_fetch(u->client, &query, response, err);
  if (rc == 0 && response->status != 200) {
    rc = error_set(err, response->status == 404 ? SW_ENOENT : SW_EIO, "%.*s: the mirror answers %u",
                   STR_FMT(url), response->status);
    http_response_free(response);
  }
  return rc;
}

static int check_digest(struct str bytes, struct str sha256, uint64_t size, struct error *err)
{
  struct digest digest;
  struct arena arena;
  int rc = digest_of(DIGEST_SHA256, bytes, &digest, err);
  if (rc < 0)
    return rc;
  arena_init(&arena, 0);
  bool same = bytes.len == size && str_eq(digest_hex(&arena, &digest), sha256);
  arena_free(&arena);
  return same ? 0
              : error_set(err, SW_EINVAL,
                          "what came has another size or digest than the archive signed");
}

/* ---- apt's own copies */

/* The name that apt keeps a URL under: without its scheme, some characters as %xx, "_" for "/". */
static void copy_path(const struct update *u, struct str url, struct buf *ret)
{
  ptrdiff_t scheme = str_find(url, 0, STR("://"));
  struct str rest = str_sub(url, scheme < 0 ? 0 : (size_t)scheme + 3, SIZE_MAX);
  buf_clear(ret);
  buf_printf(ret, "%s/", u->options->lists);
  for (size_t i = 0; i < rest.len; i++) {
    char c = rest.data[i];
    if (c == '/')
      buf_add_byte(ret, '_');
    else if (strchr("\\|{}[]<>\"^~_=!@#$%&*", c))
      buf_printf(ret, "%%%02x", (unsigned)(unsigned char)c);
    else
      buf_add_byte(ret, c);
  }
}

static int read_copy(const struct update *u, struct str url, size_t limit, struct buf *ret,
                     struct error *err)
{
  _cleanup_(buf_free) struct buf path = {0};
  copy_path(u, url, &path);
  return file_read(buf_text(&path), limit, ret, err);
}

/* ---- index */

static const char *const *choose_keyrings(struct update *u, struct mirror_keyrings *k)
{
  struct str own = u->pocket->keyring;
  char path[4096];
  if (u->options->keyrings)
    return u->options->keyrings;
  snprintf(path, sizeof path, "%.*s", STR_FMT(own));
  if (str_starts(own, STR("/")) && str_ends(own, STR(".gpg")) && access(path, R_OK) == 0)
    mirror_keyrings_add(k, path);
  else
    mirror_keyrings_of_system(k);
  vec_push(&k->paths, NULL);
  return (const char *const *)k->paths.items;
}

/* Another suite's index would be signed as well, and lack the fixes. */
static bool is_of_suite(const struct mirror_index *index, struct str suite)
{
  struct str updates = STR("/updates");
  if (str_eq(index->codename, suite) || str_eq(index->suite, suite))
    return true;
  return str_ends(suite, updates) &&
         str_eq(index->codename, str_sub(suite, 0, suite.len - updates.len));
}

static int check_index(struct update *u, struct error *err)
{
  const struct mirror_index *index = &u->index;
  bool debian = str_eq(index->origin, STR("Debian"));
  if (!is_of_suite(index, u->pocket->suite))
    return error_set(err, SW_EINVAL, "the mirror sent the index of \"%.*s\"",
                     STR_FMT(index->codename));
  if (index->valid_until && index->valid_until < u->options->now && !u->options->accept_expired)
    return error_set(err, SW_EINVAL,
                     "the index of %.*s is beyond its date: the mirror is not kept up to date, or "
                     "somebody holds fixes back",
                     STR_FMT(index->date_text));
  u->ecosystem = mirror_ecosystem(&u->arena, index);
  if (u->ecosystem.len == 0)
    return error_set(err, SW_EUNSUPPORTED,
                     "\"%.*s %.*s\" is no release of Debian or Ubuntu that is known",
                     STR_FMT(index->origin), STR_FMT(index->codename));
  u->updates = u->pocket->releases && debian;
  u->debian |= debian;
  return 0;
}

/* From the mirror, or what apt has of it; the error is the mirror's. */
static int fetch_index(struct update *u, struct str url, struct buf *ret, struct error *err)
{
  _cleanup_(http_response_free) struct http_response response = {0};
  int rc = ask(u, url, MIRROR_INDEX_MAX, &response, err);
  if (rc == 0)
    buf_add(ret, buf_str(&response.body));
  else if (u->options->lists && read_copy(u, url, MIRROR_INDEX_MAX, ret, NULL) == 0) {
    u->local = true;
    if (u->options->ret_copies)
      *u->options->ret_copies = true;
    rc = 0;
  }
  return rc;
}

static int read_index(struct update *u, struct error *err)
{
  _cleanup_(buf_free) struct buf signed_text = {0}, text = {0};
  struct mirror_keyrings keyrings = {0};
  struct str url = arena_printf(&u->arena, "%.*s/dists/%.*s/InRelease", STR_FMT(u->pocket->url),
                                STR_FMT(u->pocket->suite));
  int rc = fetch_index(u, url, &signed_text, err);
  if (rc < 0)
    return rc;
  rc = mirror_verify(buf_str(&signed_text), choose_keyrings(u, &keyrings), u->options->cache, &text,
                     err);
  mirror_keyrings_free(&keyrings);
  if (rc == 0)
    rc = mirror_index_parse(&u->arena, arena_copy(&u->arena, buf_str(&text)), &u->index, err);
  if (rc == 0)
    rc = check_index(u, err);
  return rc < 0 ? error_wrap(err, "%.*s%s", STR_FMT(url), u->local ? ", apt's copy" : "") : 0;
}

/* ---- lists of source packages */

static const struct mirror_file *find_file(const struct mirror_index *index, struct str path)
{
  for (size_t i = 0; i < index->file_count; i++)
    if (str_eq(index->files[i].path, path))
      return &index->files[i];
  return NULL;
}

static int fetch_file(struct update *u, const struct mirror_file *file,
                      struct http_response *response, struct error *err)
{
  struct str base = arena_printf(&u->arena, "%.*s/dists/%.*s", STR_FMT(u->pocket->url),
                                 STR_FMT(u->pocket->suite));
  ptrdiff_t slash = str_find_last_byte(file->path, '/');
  struct str folder = str_sub(file->path, 0, slash < 0 ? 0 : (size_t)slash + 1);
  struct str by_hash = arena_printf(&u->arena, "%.*s/%.*sby-hash/SHA256/%.*s", STR_FMT(base),
                                    STR_FMT(folder), STR_FMT(file->sha256));
  struct str by_name = arena_printf(&u->arena, "%.*s/%.*s", STR_FMT(base), STR_FMT(file->path));
  size_t limit = MIRROR_SOURCES_MAX;
  int rc = u->index.by_hash ? ask(u, by_hash, limit, response, err) : SW_ENOENT;
  if (rc == SW_ENOENT)
    rc = ask(u, by_name, limit, response, err);
  if (rc < 0)
    return rc;
  rc = check_digest(buf_str(&response->body), file->sha256, file->size, err);
  return rc < 0 ? error_wrap(err, "%.*s", STR_FMT(by_name)) : 0;
}

static bool is_plain(struct str s)
{
  for (size_t i = 0; i < s.len; i++) {
    char c = s.data[i];
    bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
    if (!letter && !(i && strchr("+.-~:_", c)))
      return false;
  }
  return s.len && s.len <= 120;
}

/* Where the updates of a component of a release are kept; false: its name is none that a file may have. */
static bool kept_list_path(const struct update *u, struct str component, struct buf *ret)
{
  if (!is_plain(u->pocket->suite) || !is_plain(component))
    return false;
  buf_printf(ret, "%s/%.*s_%.*s.list", u->options->cache, STR_FMT(u->pocket->suite),
             STR_FMT(component));
  return true;
}

/* What it was made of stands in its first line: the list of a release is large, and changes every other month. */
static bool read_kept_list(const struct update *u, struct str component,
                           const struct mirror_file *file, struct buf *ret)
{
  _cleanup_(buf_free) struct buf path = {0}, text = {0};
  struct str rest;
  if (!u->updates || !kept_list_path(u, component, &path) ||
      file_read(buf_text(&path), CACHED_MAX, &text, NULL) < 0 ||
      !str_starts(buf_str(&text), list_mark))
    return false;
  struct str sha256 = str_cut(str_sub(buf_str(&text), list_mark.len, SIZE_MAX), '\n', &rest);
  if (!rest.data || !str_eq(sha256, file->sha256))
    return false;
  buf_add(ret, rest);
  return true;
}

static void keep_list(const struct update *u, struct str component, const struct mirror_file *file,
                      struct str text)
{
  _cleanup_(buf_free) struct buf path = {0};
  struct sink sink;
  if (!kept_list_path(u, component, &path) || sink_to_file(&sink, buf_text(&path), NULL) < 0)
    return;
  sink_printf(&sink, "%.*s%.*s\n", STR_FMT(list_mark), STR_FMT(file->sha256));
  sink_add(&sink, text);
  sink_finish(&sink, NULL);
  sink_free(&sink);
}

static void leave_updates(const struct update *u, struct buf *text)
{
  struct buf kept = {.cap = MIRROR_SOURCES_MAX};
  if (!u->updates)
    return;
  mirror_list_keep_updates(buf_str(text), &kept);
  buf_free(text);
  *text = kept;
}

static int fetch_list(struct update *u, struct str component, const struct mirror_file *file,
                      struct buf *ret, struct error *err)
{
  _cleanup_(http_response_free) struct http_response response = {0};
  if (read_kept_list(u, component, file, ret))
    return 0;
  int rc = fetch_file(u, file, &response, err);
  if (rc == 0)
    rc = mirror_unpack(buf_str(&response.body), MIRROR_SOURCES_MAX, ret, err);
  if (rc == 0) {
    leave_updates(u, ret);
    if (u->updates)
      keep_list(u, component, file, buf_str(ret));
  }
  return rc;
}

typedef int add_list(struct mirror_list *list, struct str text, struct error *err);

/* apt's copy of a list; it may keep none, or only a packed one. */
static int read_list_copy(struct update *u, struct str component, const char *name, add_list *add,
                          bool *ret_found, struct error *err)
{
  _cleanup_(buf_free) struct buf text = {0};
  struct str path = arena_printf(&u->arena, "%.*s/%s", STR_FMT(component), name);
  struct str url = arena_printf(&u->arena, "%.*s/dists/%.*s/%.*s", STR_FMT(u->pocket->url),
                                STR_FMT(u->pocket->suite), STR_FMT(path));
  const struct mirror_file *file = find_file(&u->index, path);
  if (!file || read_copy(u, url, MIRROR_SOURCES_MAX, &text, NULL) < 0)
    return 0;
  *ret_found = true;
  int rc = check_digest(buf_str(&text), file->sha256, file->size, err);
  leave_updates(u, &text);
  if (rc == 0)
    rc = add(&u->list, arena_copy(&u->arena, buf_str(&text)), err);
  return rc < 0 ? error_wrap(err, "%.*s, apt's copy", STR_FMT(path)) : 0;
}

/* A list of a component, whichever way it is packed; *ret_found: the index has one. */
static int read_list(struct update *u, struct str component, const char *name, add_list *add,
                     bool *ret_found, struct error *err)
{
  static const char *const endings[] = {".xz", ".gz", ""};
  const struct mirror_file *file = NULL;
  if (u->local)
    return read_list_copy(u, component, name, add, ret_found, err);
  for (size_t i = 0; i < sizeof endings / sizeof *endings && !file; i++)
    file = find_file(&u->index,
                     arena_printf(&u->arena, "%.*s/%s%s", STR_FMT(component), name, endings[i]));
  if (!file)
    return 0;
  _cleanup_(buf_free) struct buf text = {0};
  *ret_found = true;
  int rc = fetch_list(u, component, file, &text, err);
  if (rc == 0)
    rc = add(&u->list, arena_copy(&u->arena, buf_str(&text)), err);
  return rc < 0 ? error_wrap(err, "%.*s", STR_FMT(file->path)) : 0;
}

/* Debian's name of the processor. */
static const char *architecture(void)
{
  static const struct {
    const char *machine, *name;
  } names[] = {{"x86_64", "amd64"},   {"aarch64", "arm64"},   {"armv7l", "armhf"},
               {"i686", "i386"},      {"ppc64le", "ppc64el"}, {"s390x", "s390x"},
               {"riscv64", "riscv64"}};
  struct utsname machine;
  for (size_t i = 0; uname(&machine) == 0 && i < sizeof names / sizeof *names; i++)
    if (strcmp(machine.machine, names[i].machine) == 0)
      return names[i].name;
  return "amd64";
}

static int read_component(struct update *u, struct str component, struct error *err)
{
  char name[64];
  bool found = false;
  int rc = read_list(u, component, "source/Sources", mirror_list_add_sources, &found, err);
  snprintf(name, sizeof name, "binary-%s/Packages", architecture());
  /* Of a release both lists are large, and one is enough. */
  if (rc == 0 && !(u->updates && found))
    rc = read_list(u, component, name, mirror_list_add_binaries, &found, err);
  return rc == 0 && !found
             ? import_unreadable_because(u->import, component,
                                         "the index lists no packages of this component")
             : rc;
}

/* Whether another pocket had this version, or a higher one, whose changelog goes on from it. */
static bool is_known(struct update *u, const struct mirror_package *p)
{
  struct version order;
  bool added;
  struct str version = arena_copy(&u->lasting, p->version);
  struct str key =
      arena_printf(&u->lasting, "%.*s %.*s", STR_FMT(u->ecosystem), STR_FMT(p->source));
  if (version_parse(version_ops_named(STR("dpkg")), version, &u->lasting, &order, NULL) < 0)
    return false;
  union map_value *value = map_put(&u->read, key, &added);
  struct version *highest = added ? NULL : value->pointer;
  if (highest && version_order(order, *highest) <= 0)
    return true;
  value->pointer = arena_new(&u->lasting, struct version);
  *(struct version *)value->pointer = order;
  return false;
}

static void add_jobs(struct update *u)
{
  size_t count;
  const struct mirror_package *packages = mirror_list_packages(&u->list, &count);
  for (size_t i = 0; i < count; i++) {
    /* A signed kernel lacks what the kernel of the same version lacks: matching asks for that (match.c). */
    if (str_starts(packages[i].source, STR("linux-signed")))
      continue;
    if (is_known(u, &packages[i]) && u->updates)
      continue;
    struct job *job = vec_add(&u->jobs);
    job->update = u;
    job->package = &packages[i];
  }
}

static int read_components(struct update *u, struct error *err)
{
  struct str words = u->pocket->components.len ? u->pocket->components : u->index.components;
  struct str prefix =
      STR("updates/"); /* as Debian's security archive names its components, but not its folders */
  int rc = 0;
  for (struct str rest = words; rest.data && rc == 0;) {
    struct str word = str_trim(str_cut(rest, ' ', &rest));
    if (str_starts(word, prefix))
      word = str_sub(word, prefix.len, SIZE_MAX);
    if (word.len)
      rc = read_component(u, word, err);
  }
  if (rc == 0)
    add_jobs(u);
  return rc;
}

/* ---- what is kept of changelogs */

/* Where a package's changelog is kept; false: its name is none that a file may have. */
static bool cache_path(const struct update *u, const struct mirror_package *p, struct buf *ret)
{
  if (!is_plain(p->source) || !is_plain(p->version))
    return false;
  buf_clear(ret);
  buf_printf(ret, "%.*s/%.*s_%.*s", STR_FMT(buf_str(&u->folder)), STR_FMT(p->source),
             STR_FMT(p->version));
  return true;
}

static bool read_kept(struct update *u, struct job *job)
{
  _cleanup_(buf_free) struct buf path = {0}, text = {0};
  if (!cache_path(u, job->package, &path) ||
      file_read(buf_text(&path), CACHED_MAX, &text, NULL) < 0 ||
      !str_starts(buf_str(&text), cache_mark))
    return false;
  buf_add(&job->lines, str_sub(buf_str(&text), cache_mark.len, SIZE_MAX));
  return true;
}

/* A full disk is no reason to fail: the next update asks again. */
static void keep(struct update *u, const struct job *job)
{
  _cleanup_(buf_free) struct buf path = {0};
  struct sink sink;
  if (!cache_path(u, job->package, &path) || sink_to_file(&sink, buf_text(&path), NULL) < 0)
    return;
  sink_add(&sink, cache_mark);
  sink_add(&sink, buf_str(&job->lines));
  sink_finish(&sink, NULL);
  sink_free(&sink);
}

static void add_word(struct buf *lines, struct str word)
{
  for (size_t i = 0; i < word.len; i++)
    buf_add_byte(lines, (unsigned char)word.data[i] < ' ' ? ' ' : word.data[i]);
}

static void write_fixes(struct buf *lines, const struct mirror_fix *fixes, size_t count)
{
  for (size_t i = 0; i < count; i++) {
    add_word(lines, fixes[i].version);
    buf_add_text(lines, fixes[i].security ? "\tsecurity\t" : "\t\t");
    add_word(lines, fixes[i].cve);
    buf_add_byte(lines, '\t');
    add_word(lines, fixes[i].title);
    buf_add_byte(lines, '\n');
  }
}

/* ---- changelogs */

static int read_changelog(struct job *job, const struct http_response *response, struct error *err)
{
  _cleanup_(buf_free) struct buf text = {0};
  const struct mirror_part *part = job->part;
  struct mirror_fix *fixes;
  size_t count;
  struct arena arena;
  if (response->status != 200)
    return error_set(err, SW_ENOENT, "the mirror answers %u", response->status);
  int rc = check_digest(buf_str(&response->body), part->sha256, part->size, err);
  if (rc == 0)
    rc = mirror_changelog_find(part->path, buf_str(&response->body), &text, err);
  if (rc < 0)
    return rc;
  arena_init(&arena, CHANGELOG_ARENA);
  rc = mirror_changelog_parse(&arena, buf_str(&text), &fixes, &count, err);
  if (rc == 0)
    write_fixes(&job->lines, fixes, count);
  arena_free(&arena);
  return rc;
}

static bool ask_for_next(struct job *job);

static void job_done(void *context, int result, struct http_response *response,
                     const struct error *err)
{
  struct job *job = context;
  struct update *u = job->update;
  u->running--;
  if (result < 0)
    job->error = *err;
  else if (read_changelog(job, response, &job->error) == 0)
    job->error.code = 0;
  http_response_free(response);
  if (job->error.code == 0)
    keep(u, job);
  else
    ask_for_next(job);
}

static size_t part_max(const struct update *u)
{
  return u->updates ? MIRROR_UPDATE_MAX : MIRROR_PACKAGE_MAX;
}

/* The next part that there is; false: that was all. */
static bool ask_for_next(struct job *job)
{
  struct update *u = job->update;
  const struct mirror_part *parts = job->package->parts;
  const struct mirror_part *part = job->part ? job->part + 1 : parts;
  while (part < parts + MIRROR_PARTS_MAX && (part->path.len == 0 || part->size > part_max(u)))
    part++;
  if (part == parts + MIRROR_PARTS_MAX)
    return false;
  job->part = part;
  job->url = arena_printf(&u->arena, "%.*s/%.*s", STR_FMT(u->pocket->url), STR_FMT(part->path));
  const struct http_query query = {.url = job->url, .limit = part_max(u), .total_ms = 300000};
  if (http_client_start(u->client, &query, job_done, job, &job->error) == 0)
    u->running++;
  return true;
}

static void start_job(struct update *u, struct job *job)
{
  if (read_kept(u, job))
    return;
  if (u->local)
    error_set(&job->error, SW_EIO, "the mirror cannot be reached");
  else if (!ask_for_next(job))
    error_set(&job->error, SW_ELIMIT,
              "no part of it that could have the changelog is listed, or "
              "none of less than %zu MiB",
              part_max(u) >> 20);
}

static void read_changelogs(struct update *u)
{
  size_t next = 0;
  while (next < u->jobs.count || u->running) {
    while (next < u->jobs.count && u->running < AT_ONCE)
      start_job(u, &u->jobs.items[next++]);
    if (u->running)
      http_client_run(u->client, WAIT_MS);
    if (u->options->progress)
      u->options->progress(u->options->ctx, u->pocket->suite, next - u->running, u->jobs.count);
  }
}

/* ---- advisories */

static int add_fix(struct update *u, struct arena *arena, const struct mirror_package *p,
                   const struct mirror_fix *fix, struct error *err)
{
  const struct advisory_affected affected = {.ecosystem = u->ecosystem,
                                             .name = p->source,
                                             .ranges = import_range(arena, STR_EMPTY, fix->version),
                                             .range_count = 1};
  struct advisory advisory = {.id = fix->cve,
                              .title = fix->title,
                              .severity = fix->security ? SEVERITY_MEDIUM : SEVERITY_UNKNOWN,
                              .severity_text = fix->security ? STR("medium") : STR_EMPTY,
                              .modified = u->index.date_text,
                              .affected = &affected,
                              .affected_count = 1};
  if (fix->cve.len == 0)
    advisory.id =
        arena_printf(arena, "SECURITY-%.*s-%.*s", STR_FMT(p->source), STR_FMT(fix->version));
  if (fix->title.len == 0)
    advisory.title = arena_printf(arena, "%.*s lacks the security fix %.*s", STR_FMT(p->source),
                                  STR_FMT(fix->version));
  if (advisory.id.len > ADVISORY_ID_MAX)
    return import_unreadable_because(u->import, p->source, "its name and version are too long");
  return import_add(u->import, arena, &advisory, NULL, 0, err);
}

/* "version TAB security TAB cve TAB title" */
static bool read_fix(struct str line, struct mirror_fix *ret)
{
  struct str security, rest;
  ret->version = str_cut(line, '\t', &rest);
  if (!rest.data)
    return false;
  security = str_cut(rest, '\t', &rest);
  ret->security = security.len > 0;
  if (!rest.data)
    return false;
  ret->cve = str_cut(rest, '\t', &ret->title);
  return ret->title.data && ret->version.len;
}

static int add_fixes(struct update *u, struct arena *arena, const struct job *job,
                     struct error *err)
{
  int rc = 0;
  for (struct str rest = buf_str(&job->lines); rest.len && rc == 0;) {
    struct mirror_fix fix;
    if (read_fix(str_cut(rest, '\n', &rest), &fix))
      rc = add_fix(u, arena, job->package, &fix, err);
  }
  return rc;
}

static int add_job(struct update *u, struct arena *arena, const struct job *job, struct error *err)
{
  arena_reset(arena);
  if (job->error.code == 0)
    return add_fixes(u, arena, job, err);
  if (u->updates) { /* which need not have been for security */
    if (u->options->ret_left_out)
      ++*u->options->ret_left_out;
    return 0;
  }
  import_unreadable(u->import, job->package->source, &job->error);
  const struct mirror_fix fix = {.version = job->package->version, .security = true};
  return add_fix(u, arena, job->package, &fix, err);
}

static int add_all(struct update *u, struct error *err)
{
  struct arena arena;
  int rc = 0;
  arena_init(&arena, 0);
  for (size_t i = 0; i < u->jobs.count && rc == 0; i++)
    rc = add_job(u, &arena, &u->jobs.items[i], err);
  arena_free(&arena);
  if (str_compare(u->index.date_text, u->import->ret_date) > 0)
    u->import->ret_date = arena_copy(u->import->arena, u->index.date_text);
  return rc;
}

/* ---- */

static int make_folder(const char *path, struct error *err)
{
  return mkdir(path, 0755) == 0 || errno == EEXIST
             ? 0
             : error_set_errno(err, errno, "making the folder %s", path);
}

/* Beside security suites the others are an addition, which may fail. */
static bool is_addition(const struct update *u)
{
  bool security = false;
  for (size_t i = 0; i < u->options->pocket_count; i++)
    security |= !u->options->pockets[i].releases;
  return security && u->pocket->releases;
}

static void tell(const struct update *u, const struct error *why)
{
  if (u->options->told)
    u->options->told(u->options->ctx, u->pocket, why);
}

static int read_pocket(struct update *u, struct error *err)
{
  struct error why;
  bool addition = is_addition(u);
  if (addition && !u->debian)
    return 0;
  int rc = read_index(u, &why);
  if (rc == SW_EUNSUPPORTED && addition)
    return 0; /* another archive has suites of the same names */
  if (rc == 0)
    rc = read_components(u, &why);
  if (rc < 0 && addition) {
    tell(u, &why);
    return 0;
  }
  if (rc < 0) {
    if (err)
      *err = why;
    return rc;
  }
  read_changelogs(u);
  rc = add_all(u, err);
  if (rc == 0)
    tell(u, NULL);
  return rc;
}

static void end_pocket(struct update *u)
{
  for (size_t i = 0; i < u->jobs.count; i++)
    buf_free(&u->jobs.items[i].lines);
  vec_free(&u->jobs);
  mirror_list_free(&u->list);
  arena_free(&u->arena);
}

int mirror_import(const struct mirror_options *options, struct http_client *client,
                  struct advisory_import *import, struct error *err)
{
  struct update u = {.options = options, .client = client, .import = import};
  arena_init(&u.lasting, 0);
  map_init(&u.read, &u.lasting);
  buf_printf(&u.folder, "%s/changelogs", options->cache);
  int rc = make_folder(options->cache, err);
  if (rc == 0)
    rc = make_folder(buf_text(&u.folder), err);
  for (size_t i = 0; i < options->pocket_count && rc == 0; i++) {
    u.pocket = &options->pockets[i];
    u.local = u.updates = false;
    arena_init(&u.arena, 0);
    mirror_list_init(&u.list, &u.arena);
    rc = read_pocket(&u, err);
    end_pocket(&u);
  }
  buf_free(&u.folder);
  map_free(&u.read);
  arena_free(&u.lasting);
  return rc;
}
