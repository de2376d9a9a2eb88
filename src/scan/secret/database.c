#include "scan/secret/database.h"
#include "base/file.h"
#include "base/sink.h"
#include "crypto/digest.h"
#include "scan/secret/database_library_int.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

enum { SAVED_MAX = 256 << 20 };

struct secret_database {
  hs_database_t *hs;
  uint32_t *reach;
  size_t count;
};

enum how { EXACT, APPROXIMATE, KEYWORDS };

/* What is handed to Vectorscan: several expressions may stand for one rule. */
struct expressions {
  struct arena arena;
  size_t count, room;
  const char **texts;
  unsigned *flags, *ids;
};

static void add_expression(struct expressions *e, struct str text, unsigned flags, size_t rule)
{
  if (e->count == e->room) {
    e->room = e->room ? e->room * 2 : 256;
    e->texts = mem_resize(e->texts, e->room, sizeof *e->texts);
    e->flags = mem_resize(e->flags, e->room, sizeof *e->flags);
    e->ids = mem_resize(e->ids, e->room, sizeof *e->ids);
  }
  e->texts[e->count] = arena_copy(&e->arena, text).data;
  e->flags[e->count] = flags;
  e->ids[e->count++] = (unsigned)rule;
}

static void free_expressions(struct expressions *e)
{
  mem_free(e->texts);
  mem_free(e->flags);
  mem_free(e->ids);
  arena_free(&e->arena);
}

/* A keyword as a pattern: every byte that could mean something is escaped. */
static void add_keyword(struct expressions *e, struct str keyword, size_t rule)
{
  _cleanup_(buf_free) struct buf text = {0};
  for (size_t i = 0; i < keyword.len; i++)
    buf_printf(&text, "\\x%02x", (unsigned char)keyword.data[i]);
  add_expression(e, buf_str(&text), HS_FLAG_CASELESS, rule);
}

static int add_keywords(struct expressions *e, const struct secret_rule *rule, size_t number,
                        struct error *err)
{
  for (size_t i = 0; i < rule->keyword_count; i++)
    if (!rule->keywords[i].len)
      return error_set(err, SW_EINVAL, "rule \"%.*s\": an empty keyword", STR_FMT(rule->rule.id));
  if (!rule->keyword_count)
    return error_set(err, SW_EINVAL,
                     "rule \"%.*s\": the pattern is not one that all text can be searched for "
                     "quickly; give the rule keywords",
                     STR_FMT(rule->rule.id));
  for (size_t i = 0; i < rule->keyword_count; i++)
    add_keyword(e, rule->keywords[i], number);
  return 0;
}

static unsigned flags_of(enum how how)
{
  return how == APPROXIMATE ? HS_FLAG_PREFILTER : 0;
}

/* The first way in which Vectorscan takes the pattern, and the longest match. A pattern that matches nothing at
 * all would be found everywhere. */
static enum how first_way(struct str pattern, uint32_t *ret_reach)
{
  _cleanup_(mem_freep) char *text = mem_copy_text(pattern.data, pattern.len);
  *ret_reach = UINT32_MAX;
  for (enum how how = EXACT; how < KEYWORDS && strlen(text) == pattern.len; how++) {
    hs_expr_info_t *info = NULL;
    hs_compile_error_t *wrong = NULL;
    if (hs_expression_info(text, flags_of(how), &info, &wrong) != HS_SUCCESS) {
      hs_free_compile_error(wrong);
      continue;
    }
    bool usable = info->min_width > 0;
    *ret_reach = how == EXACT ? info->max_width : UINT32_MAX;
    free(info); /* hs.h: by the allocator, which is the C library's */
    return usable ? how : KEYWORDS;
  }
  return KEYWORDS;
}

static int collect(struct expressions *e, const struct secret_rule *rules, size_t count,
                   const enum how *ways, struct error *err)
{
  for (size_t i = 0; i < count; i++) {
    if (!rules[i].pattern.len)
      continue;
    if (ways[i] != KEYWORDS)
      add_expression(e, rules[i].pattern, flags_of(ways[i]), i);
    else if (add_keywords(e, &rules[i], i, err) < 0)
      return err->code;
  }
  return 0;
}

static void platform_of(enum secret_database_target target, hs_platform_info_t *platform)
{
  memset(platform, 0, sizeof *platform);
  if (target == SECRET_DATABASE_HERE)
    hs_populate_platform(platform);
}

/* One attempt. SW_ENOTFOUND: *ret_rule has to be taken in another way. */
static int attempt(struct secret_database *d, const struct secret_rule *rules, const enum how *ways,
                   enum secret_database_target target, size_t *ret_rule, struct error *err)
{
  struct expressions e = {0};
  hs_platform_info_t platform;
  hs_compile_error_t *wrong = NULL;
  arena_init(&e.arena, 0);
  platform_of(target, &platform);
  int rc = collect(&e, rules, d->count, ways, err);
  if (rc == 0 && e.count) {
    hs_error_t answer =
        hs_compile_ext_multi(e.texts, e.flags, e.ids, NULL, (unsigned)e.count, HS_MODE_BLOCK,
                             target == SECRET_DATABASE_HERE ? NULL : &platform, &d->hs, &wrong);
    if (answer != HS_SUCCESS && wrong && wrong->expression >= 0) {
      *ret_rule = e.ids[wrong->expression];
      rc = error_set(err, SW_ENOTFOUND, "rule \"%.*s\": %s", STR_FMT(rules[*ret_rule].rule.id),
                     wrong->message);
    } else if (answer != HS_SUCCESS) {
      rc = error_set(err, answer == HS_ARCH_ERROR ? SW_EUNSUPPORTED : SW_EINVAL,
                     "the patterns of the rules cannot be compiled: %s",
                     wrong ? wrong->message : "Vectorscan does not run on this processor");
    }
    hs_free_compile_error(wrong);
  }
  free_expressions(&e);
  return rc;
}

static struct secret_database *new_database(size_t count)
{
  struct secret_database *d = mem_zalloc(1, sizeof *d);
  d->count = count;
  d->reach = mem_zalloc(count ? count : 1, sizeof *d->reach);
  return d;
}

int secret_database_compile(const struct secret_rule *rules, size_t count,
                            enum secret_database_target target, struct secret_database **ret,
                            struct error *err)
{
  _cleanup_(secret_database_freep) struct secret_database *d = new_database(count);
  _cleanup_(mem_freep) enum how *ways = mem_zalloc(count ? count : 1, sizeof *ways);
  size_t bad = 0;
  struct error own;
  int rc = secret_database_library(err);
  if (rc < 0)
    return rc;
  for (size_t i = 0; i < count; i++)
    if (rules[i].pattern.len)
      ways[i] = first_way(rules[i].pattern, &d->reach[i]);
  while ((rc = attempt(d, rules, ways, target, &bad, &own)) == SW_ENOTFOUND) {
    if (ways[bad] == KEYWORDS) {
      rc = SW_EINVAL;
      break;
    }
    ways[bad]++;
  }
  for (size_t i = 0; i < count; i++)
    if (ways[i] != EXACT)
      d->reach[i] = UINT32_MAX;
  if (rc < 0)
    return error_set(err, rc, "%s", own.message);
  *ret = d;
  d = NULL;
  return 0;
}

void secret_database_free(struct secret_database *d)
{
  if (!d)
    return;
  if (d->hs)
    hs_free_database(d->hs);
  mem_free(d->reach);
  mem_free(d);
}

const struct hs_database *secret_database_hs(const struct secret_database *d)
{
  return d->hs;
}

uint32_t secret_database_reach(const struct secret_database *d, size_t rule, uint32_t cap)
{
  return d->reach[rule] < cap ? d->reach[rule] : cap;
}

/* ---- as bytes: the reaches, then what Vectorscan writes */

void secret_database_save(const struct secret_database *d, struct buf *out)
{
  char *bytes = NULL;
  size_t len = 0;
  buf_add(out, str_make((const char *)d->reach, d->count * sizeof *d->reach));
  if (d->hs && hs_serialize_database(d->hs, &bytes, &len) == HS_SUCCESS)
    buf_add(out, str_make(bytes, len));
  free(bytes);
}

int secret_database_restore(struct str bytes, size_t count, struct secret_database **ret,
                            struct error *err)
{
  _cleanup_(secret_database_freep) struct secret_database *d = new_database(count);
  size_t head = count * sizeof *d->reach;
  int rc = secret_database_library(err);
  if (rc < 0)
    return rc;
  if (bytes.len < head)
    return error_set(err, SW_EINVAL, "a database of patterns is cut short");
  if (head)
    memcpy(d->reach, bytes.data, head);
  if (bytes.len > head &&
      hs_deserialize_database(bytes.data + head, bytes.len - head, &d->hs) != HS_SUCCESS)
    return error_set(err, SW_EUNSUPPORTED,
                     "a database of patterns is of another version of Vectorscan, or for another "
                     "processor");
  *ret = d;
  d = NULL;
  return 0;
}

/* ---- kept in files */

/* What a database depends on: rules, library, processor. */
static int cache_name(const struct secret_rule *rules, size_t count, const char *directory,
                      struct arena *arena, struct str *ret, struct error *err)
{
  _cleanup_(buf_free) struct buf all = {0};
  hs_platform_info_t platform;
  struct digest digest;
  platform_of(SECRET_DATABASE_HERE, &platform);
  buf_printf(&all, "1 %s %u %llu\n", hs_version(), platform.tune, platform.cpu_features);
  for (size_t i = 0; i < count; i++) {
    buf_printf(&all, "%zu %zu\n", rules[i].pattern.len, rules[i].keyword_count);
    buf_add(&all, rules[i].pattern);
    for (size_t k = 0; k < rules[i].keyword_count; k++) {
      buf_printf(&all, "%zu\n", rules[i].keywords[k].len);
      buf_add(&all, rules[i].keywords[k]);
    }
  }
  int rc = digest_of(DIGEST_SHA256, buf_str(&all), &digest, err);
  if (rc == 0)
    *ret = arena_printf(arena, "%s/secret-patterns-%.32s.db", directory,
                        digest_hex(arena, &digest).data);
  return rc;
}

/* Only what this user alone could have written: the bytes steer Vectorscan, which does not check them. */
static bool read_own(const char *path, struct buf *ret_bytes)
{
  _cleanup_(file_closep) int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
  struct stat st;
  return fd >= 0 && fstat(fd, &st) == 0 && S_ISREG(st.st_mode) && st.st_uid == geteuid() &&
         !(st.st_mode & 022) && file_read_fd(fd, path, SAVED_MAX, ret_bytes, NULL) == 0;
}

static bool restore_file(const char *path, size_t count, struct secret_database **ret)
{
  _cleanup_(buf_free) struct buf bytes = {0};
  struct digest digest;
  if (!read_own(path, &bytes) || bytes.len < 32)
    return false;
  struct str saved = str_sub(buf_str(&bytes), 32, bytes.len);
  return digest_of(DIGEST_SHA256, saved, &digest, NULL) == 0 &&
         digest_equal(digest_str(&digest), str_sub(buf_str(&bytes), 0, 32)) &&
         secret_database_restore(saved, count, ret, NULL) == 0;
}

static void make_directory(const char *path)
{
  _cleanup_(mem_freep) char *copy = mem_copy_text(path, strlen(path));
  for (char *slash = strchr(copy + 1, '/'); slash; slash = strchr(slash + 1, '/')) {
    *slash = 0;
    mkdir(copy, 0700);
    *slash = '/';
  }
  mkdir(copy, 0700);
}

static void keep_file(const struct secret_database *d, const char *directory, const char *path)
{
  _cleanup_(buf_free) struct buf bytes = {0};
  struct digest digest;
  struct sink sink;
  secret_database_save(d, &bytes);
  make_directory(directory);
  if (digest_of(DIGEST_SHA256, buf_str(&bytes), &digest, NULL) == 0 &&
      sink_to_file(&sink, path, NULL) == 0) {
    sink_add(&sink, digest_str(&digest));
    sink_add(&sink, buf_str(&bytes));
    if (sink_finish(&sink, NULL) == 0)
      chmod(path, 0600); /* whatever the umask allowed others */
    sink_free(&sink);
  }
}

int secret_database_cached(const struct secret_rule *rules, size_t count, const char *directory,
                           struct secret_database **ret, struct error *err)
{
  struct arena arena;
  struct str path;
  arena_init(&arena, 0);
  int rc = secret_database_library(err);
  if (rc == 0)
    rc = cache_name(rules, count, directory, &arena, &path, err);
  if (rc == 0 && !restore_file(path.data, count, ret)) {
    rc = secret_database_compile(rules, count, SECRET_DATABASE_HERE, ret, err);
    if (rc == 0)
      keep_file(*ret, directory, path.data);
  }
  arena_free(&arena);
  return rc;
}
