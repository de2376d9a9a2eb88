#include "base/hash.h"
#include "scan/advisory/database_writer_int.h"
#include "scan/advisory/ecosystem.h"
#include "scan/version_requirement.h"

enum { NAME_MAX_BYTES = 1024 };

/* What is collected until all sources are in; then it is sorted into the tables that stay. */
static const char staging[] =
    "CREATE TEMP TABLE staged_package(ecosystem INTEGER, name TEXT, advisory INTEGER, record BLOB);"
    "CREATE TEMP TABLE staged_advisory(number INTEGER PRIMARY KEY, cve INTEGER, head BLOB, text BLOB);"
    "CREATE TEMP TABLE staged_exploited(cve INTEGER, date TEXT, ransomware INTEGER);"
    "CREATE TEMP TABLE staged_epss(cve INTEGER, score INTEGER, percentile INTEGER);"
    "CREATE TEMP TABLE lender(cve INTEGER, number INTEGER);"
    "CREATE TEMP TABLE joined(cve INTEGER PRIMARY KEY, score INTEGER, percentile INTEGER, "
    "exploited TEXT, ransomware INTEGER, advisories TEXT);";

static const char *const statements[STAGED_STATEMENTS] = {
    [ADD_PACKAGE] = "INSERT INTO staged_package VALUES(?1, ?2, ?3, ?4)",
    [ADD_ADVISORY] = "INSERT INTO staged_advisory VALUES(?1, ?2, ?3, ?4)",
    [ADD_EXPLOITED] = "INSERT INTO staged_exploited VALUES(?1, ?2, ?3)",
    [ADD_EPSS] = "INSERT INTO staged_epss VALUES(?1, ?2, ?3)",
};

/* ---- SQLite */

int writer_fault(struct advisory_writer *w, struct error *err)
{
  int rc = sqlite3_errcode(w->sql);
  return error_set(err, rc == SQLITE_FULL || rc == SQLITE_TOOBIG ? SW_ELIMIT : SW_EIO,
                   "writing the database of advisories %s: %s", w->path, sqlite3_errmsg(w->sql));
}

int writer_execute(struct advisory_writer *w, const char *sql, struct error *err)
{
  return sqlite3_exec(w->sql, sql, NULL, NULL, NULL) == SQLITE_OK ? 0 : writer_fault(w, err);
}

void writer_bind(sqlite3_stmt *statement, int at, struct str bytes, bool text)
{
  const char *data = bytes.len ? bytes.data : "";
  if (text)
    sqlite3_bind_text64(statement, at, data, bytes.len, SQLITE_STATIC, SQLITE_UTF8);
  else
    sqlite3_bind_blob64(statement, at, data, bytes.len, SQLITE_STATIC);
}

int writer_run(struct advisory_writer *w, sqlite3_stmt *statement, struct error *err)
{
  int rc = sqlite3_step(statement) == SQLITE_DONE ? 0 : writer_fault(w, err);
  sqlite3_reset(statement);
  return rc;
}

int writer_prepare(struct advisory_writer *w, const char *sql, sqlite3_stmt **ret,
                   struct error *err)
{
  return sqlite3_prepare_v2(w->sql, sql, -1, ret, NULL) == SQLITE_OK ? 0 : writer_fault(w, err);
}

static void hash(struct advisory_writer *w, struct str bytes)
{
  uint64_t len = bytes.len;
  digester_add(w->digester, str_make((const char *)&len, sizeof len), NULL);
  digester_add(w->digester, bytes, NULL);
}

/* ---- beginning */

/* Without locks of SQLite's: nobody else writes the file, and they would be in the way of the draft's own. */
static int open_draft(struct advisory_writer *w, struct error *err)
{
  int rc = draft_open(&w->draft, w->path, err);
  if (rc == 0 &&
      sqlite3_open_v2(w->draft.path, &w->sql, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX,
                      "unix-none") != SQLITE_OK)
    rc = writer_fault(w, err);
  return rc;
}

static int make_tables(struct advisory_writer *w, struct error *err)
{
  char text[128];
  snprintf(text, sizeof text, "PRAGMA application_id=%d; PRAGMA user_version=%d",
           ADVISORY_APPLICATION_ID, ADVISORY_DATABASE_SCHEMA);
  /* Nobody else sees the file before it is whole, so nothing need be undone. */
  int rc = writer_execute(
      w,
      "PRAGMA page_size=4096; PRAGMA journal_mode=OFF; PRAGMA synchronous=OFF; "
      "PRAGMA locking_mode=EXCLUSIVE; PRAGMA temp_store=FILE; PRAGMA cache_size=-65536; "
      "PRAGMA encoding='UTF-8'",
      err);
  if (rc == 0)
    rc = writer_execute(w, text, err);
  for (size_t i = 0; rc == 0 && i < advisory_table_count; i++)
    rc = writer_execute(w, advisory_tables[i].sql, err);
  if (rc == 0)
    rc = writer_execute(w, staging, err);
  for (size_t i = 0; rc == 0 && i < STAGED_STATEMENTS; i++)
    rc = writer_prepare(w, statements[i], &w->statements[i], err);
  return rc < 0 ? rc : writer_execute(w, "BEGIN", err);
}

int advisory_writer_new(const char *path, const struct advisory_writer_options *options,
                        struct advisory_writer **ret, struct error *err)
{
  struct advisory_writer *w = mem_zalloc(1, sizeof *w);
  w->path = mem_copy_text(path, strlen(path));
  arena_init(&w->arena, 0);
  arena_init(&w->scratch, 0);
  map_init(&w->ecosystems, &w->arena);
  map_init(&w->seen, &w->arena);
  if (options)
    w->options = *options;
  w->options.now = arena_copy(&w->arena, w->options.now);
  int rc = digester_new(DIGEST_SHA256, &w->digester, err);
  if (rc == 0)
    rc = open_draft(w, err);
  if (rc == 0)
    rc = make_tables(w, err);
  if (rc < 0)
    advisory_writer_free(w);
  else
    *ret = w;
  return rc;
}

void advisory_writer_free(struct advisory_writer *w)
{
  if (!w)
    return;
  for (size_t i = 0; i < STAGED_STATEMENTS; i++)
    sqlite3_finalize(w->statements[i]);
  sqlite3_close(w->sql);
  draft_free(&w->draft);
  digester_free(w->digester);
  map_free(&w->ecosystems);
  map_free(&w->seen);
  vec_free(&w->sources);
  buf_free(&w->head);
  buf_free(&w->text);
  buf_free(&w->record);
  mem_free(w->numbers);
  arena_free(&w->scratch);
  arena_free(&w->arena);
  mem_free(w->path);
  mem_free(w);
}

/* ---- sources */

int advisory_writer_source(struct advisory_writer *w, const struct advisory_source_info *about,
                           struct error *err)
{
  struct source *source;
  (void)err;
  source = vec_add(&w->sources);
  source->info.name = arena_copy(&w->arena, about->name);
  source->info.origin = arena_copy(&w->arena, about->origin);
  source->info.date = arena_copy(&w->arena, about->date);
  source->info.fetched = arena_copy(&w->arena, about->fetched);
  source->info.digest = arena_copy(&w->arena, about->digest);
  hash(w, about->name);
  return 0;
}

static struct advisory_source_info *current(struct advisory_writer *w)
{
  if (w->sources.count == 0) {
    struct advisory_source_info unnamed = {.name = STR_EMPTY};
    advisory_writer_source(w, &unnamed, NULL);
  }
  return &w->sources.items[w->sources.count - 1].info;
}

void advisory_writer_source_dated(struct advisory_writer *w, struct str date, struct str digest)
{
  struct advisory_source_info *source = current(w);
  if (date.len)
    source->date = arena_copy(&w->arena, date);
  if (digest.len)
    source->digest = arena_copy(&w->arena, digest);
}

void advisory_writer_unreadable(struct advisory_writer *w, struct str id, const struct error *why)
{
  struct advisory_source_info *source = current(w);
  source->unreadable++;
  if (w->options.complain)
    w->options.complain(w->options.ctx, source->name, id, why);
}

/* ---- one affected package */

static int complain(struct advisory_writer *w, const struct advisory *advisory,
                    const struct advisory_affected *a, struct error *why)
{
  error_wrap(why, "%.*s %.*s", STR_FMT(str_sub(a->ecosystem, 0, 64)),
             STR_FMT(str_sub(a->name, 0, 128)));
  advisory_writer_unreadable(w, advisory->id, why);
  return 0;
}

static bool is_plain(struct str text)
{
  for (size_t i = 0; i < text.len; i++)
    if ((unsigned char)text.data[i] < ' ' || text.data[i] == 0x7f)
      return false;
  return true;
}

static int check(const struct advisory_affected *a, const struct version_ops **ret_ops,
                 struct error *why)
{
  if (a->name.len == 0 || a->name.len > NAME_MAX_BYTES || !is_plain(a->name))
    return error_set(why, SW_EINVAL,
                     "the name of the package is empty, too long, or not plain text");
  if (!is_plain(a->ecosystem) || !(*ret_ops = version_ops_find(a->ecosystem)))
    return error_set(why, SW_EINVAL, "an ecosystem that is not known");
  if (a->version_count > ADVISORY_VERSIONS_MAX)
    return error_set(why, SW_ELIMIT, "%zu versions are more than %d", a->version_count,
                     ADVISORY_VERSIONS_MAX);
  return 0;
}

static int make_range(struct advisory_writer *w, const struct version_ops *ops,
                      const struct advisory_range *range, struct version_range *ret,
                      struct error *why)
{
  if (range->count > VERSION_EVENTS_MAX)
    return error_set(why, SW_ELIMIT, "a range of %zu events has more than %d", range->count,
                     VERSION_EVENTS_MAX);
  struct version_event *events = arena_array(&w->scratch, struct version_event, range->count);
  for (size_t i = 0; i < range->count; i++) {
    const struct advisory_event *event = &range->events[i];
    int rc = version_event_parse(ops, event->kind, event->version, &w->scratch, &events[i], why);
    if (rc < 0)
      return rc;
  }
  return version_range_make(ops, events, range->count, &w->scratch, ret, why);
}

/* A range that cannot be read is left out and complained of; the others stay. */
static void add_ranges(struct advisory_writer *w, const struct version_ops *ops,
                       const struct advisory *advisory, const struct advisory_affected *a,
                       struct advisory_record_affected *record)
{
  struct version_range *ranges = arena_array(&w->scratch, struct version_range, a->range_count);
  struct error why;
  for (size_t i = 0; i < a->range_count; i++) {
    if (make_range(w, ops, &a->ranges[i], &ranges[record->range_count], &why) < 0)
      complain(w, advisory, a, &why);
    else
      record->range_count++;
  }
  record->ranges = ranges;
}

static bool in_ranges(const struct advisory_record_affected *record, struct version version)
{
  for (size_t i = 0; i < record->range_count; i++)
    if (version_range_affects(&record->ranges[i], version))
      return true;
  return false;
}

/* Only the versions that no range has already. One that is no version is compared as text. */
static void add_versions(struct advisory_writer *w, const struct version_ops *ops,
                         const struct advisory_affected *a, struct advisory_record_affected *record)
{
  struct advisory_record_version *versions =
      arena_array(&w->scratch, struct advisory_record_version, a->version_count);
  for (size_t i = 0; i < a->version_count; i++) {
    struct version version;
    bool parsed = version_parse(ops, a->versions[i], &w->scratch, &version, NULL) == 0;
    if (parsed && in_ranges(record, version))
      continue;
    struct str bytes = parsed ? version.key
                              : str_sub(str_trim(a->versions[i]), 0, VERSION_LENGTH_MAX);
    if (bytes.len || parsed)
      versions[record->version_count++] = (struct advisory_record_version){parsed, bytes};
  }
  record->versions = versions;
}

static void add_requirement(struct advisory_writer *w, const struct version_ops *ops,
                            const struct advisory *advisory, const struct advisory_affected *a,
                            struct advisory_record_affected *record)
{
  struct version_requirement requirement;
  struct error why;
  if (a->requirement.len == 0)
    return;
  if (version_requirement_parse(ops, a->requirement, VERSION_PRERELEASES, &w->scratch, &requirement,
                                &why) < 0)
    complain(w, advisory, a, &why);
  else
    record->requirement = a->requirement;
}

static struct str cut(struct str text)
{
  return str_sub(text, 0, ADVISORY_ID_MAX);
}

/* The record of an affected package; its advisory's number is still to come. False: it was left out. */
static bool make_record(struct advisory_writer *w, const struct advisory *advisory,
                        const struct advisory_affected *a, struct advisory_record_affected *ret)
{
  const struct version_ops *ops = NULL;
  struct error why;
  bool conditions = a->range_count || a->version_count || a->requirement.len;
  *ret = (struct advisory_record_affected){
      .cve = advisory_cve_number(advisory_id_cve(advisory->id)),
      .binary = a->binary,
      .every = a->status != ADVISORY_AFFECTED && !conditions,
      .status = a->status,
      .severity = a->severity,
      .architecture = cut(a->architecture),
      .module = cut(a->module),
      .severity_text = cut(a->severity_text),
      .requirement = STR_EMPTY,
      .note = str_sub(a->note, 0, ADVISORY_TEXT_MAX),
      .functions = a->functions,
      .function_count = a->function_count,
  };
  if (check(a, &ops, &why) < 0) {
    complain(w, advisory, a, &why);
    return false;
  }
  if (!conditions && a->status == ADVISORY_AFFECTED) {
    error_set(&why, SW_EINVAL, "no version is named");
    complain(w, advisory, a, &why);
    return false;
  }
  if (a->status != ADVISORY_NOT_AFFECTED) {
    add_ranges(w, ops, advisory, a, ret);
    add_versions(w, ops, a, ret);
    add_requirement(w, ops, advisory, a, ret);
  }
  /* What the ranges affect, they affect; a record of which nothing could be read says nothing. */
  return ret->every || ret->status == ADVISORY_NOT_AFFECTED || ret->range_count ||
         ret->version_count || ret->requirement.len;
}

static uint64_t ecosystem_number(struct advisory_writer *w, const struct advisory_affected *a)
{
  bool added;
  union map_value *value = map_put(&w->ecosystems, a->ecosystem, &added);
  if (added)
    value->number = w->ecosystems.count << ECOSYSTEM_SHIFT;
  value->number |= a->binary ? BY_BINARY : BY_SOURCE;
  return value->number >> ECOSYSTEM_SHIFT;
}

/* What a reader takes, with room for what stands beside it in a row. */
static bool fits(const struct buf *bytes)
{
  return !buf_failed(bytes) && bytes->len <= ADVISORY_RECORD_BYTES_MAX / 2;
}

static int stage_package(struct advisory_writer *w, const struct advisory *advisory,
                         const struct advisory_affected *a,
                         const struct advisory_record_affected *record, struct error *err)
{
  sqlite3_stmt *statement = w->statements[ADD_PACKAGE];
  struct error why;
  buf_clear(&w->record);
  advisory_record_write_affected(&w->record, record);
  if (!fits(&w->record)) {
    error_set(&why, SW_ELIMIT, "its versions take more than %d bytes",
              ADVISORY_RECORD_BYTES_MAX / 2);
    return complain(w, advisory, a, &why);
  }
  sqlite3_bind_int64(statement, 1, (sqlite3_int64)ecosystem_number(w, a));
  writer_bind(statement, 2, advisory_package_name(a->ecosystem, a->name, &w->scratch), true);
  sqlite3_bind_int64(statement, 3, (sqlite3_int64)record->advisory);
  writer_bind(statement, 4, buf_str(&w->record), false);
  hash(w, a->ecosystem);
  hash(w, a->name);
  hash(w, buf_str(&w->record));
  current(w)->affected++;
  w->affected++;
  return writer_run(w, statement, err);
}

/* ---- one advisory */

static int check_ids(const struct advisory *advisory, struct error *why)
{
  if (advisory->id.len == 0 || advisory->id.len > ADVISORY_ID_MAX || !is_plain(advisory->id))
    return error_set(why, SW_EINVAL, "the id is empty, too long, or not plain text");
  if (advisory->alias_count > ADVISORY_ALIASES_MAX ||
      advisory->related_count > ADVISORY_VERSIONS_MAX)
    return error_set(why, SW_ELIMIT, "more than %d aliases", ADVISORY_ALIASES_MAX);
  for (size_t i = 0; i < advisory->alias_count; i++)
    if (advisory->aliases[i].len > ADVISORY_ID_MAX || !is_plain(advisory->aliases[i]))
      return error_set(why, SW_EINVAL, "an alias is too long, or not plain text");
  if (advisory->affected_count > ADVISORY_AFFECTED_MAX)
    return error_set(why, SW_ELIMIT, "%zu packages are more than %d", advisory->affected_count,
                     ADVISORY_AFFECTED_MAX);
  return 0;
}

/* Up to a whole character. */
static struct str cut_text(struct str text, size_t max)
{
  if (text.len <= max)
    return text;
  while (max && ((unsigned char)text.data[max] & 0xc0) == 0x80)
    max--;
  return str_sub(text, 0, max);
}

static void write_rows(struct advisory_writer *w, const struct advisory *advisory)
{
  struct advisory_record_head head = {
      .source = w->sources.count - 1,
      .id = advisory->id,
      .aliases = advisory->aliases,
      .alias_count = advisory->alias_count,
      .related = advisory->related,
      .related_count = advisory->related_count,
      .severity = advisory->severity,
      .severity_text = cut(advisory->severity_text),
      .cvss = advisory->cvss,
      .cvss_count = advisory->cvss_count,
      .cwes = advisory->cwes,
      .cwe_count = advisory->cwe_count,
      .published = cut(advisory->published),
      .modified = cut(advisory->modified),
  };
  struct advisory_record_text text = {
      .title = cut_text(advisory->title, ADVISORY_TEXT_MAX),
      .description = cut_text(advisory->description, ADVISORY_TEXT_MAX),
      .references = advisory->references,
      .reference_count = advisory->reference_count,
  };
  buf_clear(&w->head);
  buf_clear(&w->text);
  advisory_record_write_head(&w->head, &head);
  advisory_record_write_text(&w->text, &text);
  /* Neither ids of others nor addresses are missed as much as the advisory would be. */
  if (!fits(&w->head)) {
    head.related_count = head.cwe_count = head.cvss_count = 0;
    buf_clear(&w->head);
    advisory_record_write_head(&w->head, &head);
  }
  if (w->text.len > ADVISORY_TEXT_BYTES_MAX) {
    text.reference_count = 0;
    buf_clear(&w->text);
    advisory_record_write_text(&w->text, &text);
  }
}

/* The CVE that the advisory is about, if it is about one; else 0. */
static uint64_t only_cve(const struct advisory *advisory)
{
  uint64_t cve = advisory_cve_number(advisory_id_cve(advisory->id));
  for (size_t i = 0; i < advisory->alias_count; i++) {
    uint64_t other = advisory_cve_number(advisory->aliases[i]);
    if (cve && other && cve != other)
      return 0;
    cve = cve ? cve : other;
  }
  return cve;
}

/* What a distribution says of a CVE is meant for its packages; others lend their words to whoever has none. */
static bool lends(const struct advisory *advisory)
{
  for (size_t i = 0; i < advisory->affected_count; i++)
    if (advisory_ecosystem_vendor(advisory->affected[i].ecosystem).len)
      return false;
  return advisory->cvss_count || advisory->severity != SEVERITY_UNKNOWN ||
         advisory->description.len || advisory->title.len;
}

/* An advisory that another one of this source is the very same as is kept once (Debian's tracker repeats a CVE for each
 * source package). */
static int number_of(struct advisory_writer *w, const struct advisory *advisory,
                     uint64_t *ret_number, struct error *err)
{
  struct hash128 parts[2];
  bool added;
  write_rows(w, advisory);
  parts[0] = hash_stable(buf_str(&w->head));
  parts[1] = hash_stable(buf_str(&w->text));
  union map_value *value = map_put(&w->seen, str_make((const char *)parts, sizeof parts), &added);
  if (!added) {
    *ret_number = value->number;
    return 0;
  }
  value->number = *ret_number = ++w->advisories;
  uint64_t cve = only_cve(advisory);
  sqlite3_stmt *statement = w->statements[ADD_ADVISORY];
  sqlite3_bind_int64(statement, 1, (sqlite3_int64)*ret_number);
  sqlite3_bind_int64(statement, 2, lends(advisory) ? (sqlite3_int64)cve : 0);
  writer_bind(statement, 3, buf_str(&w->head), false);
  writer_bind(statement, 4, buf_str(&w->text), false);
  hash(w, buf_str(&w->head));
  hash(w, buf_str(&w->text));
  return writer_run(w, statement, err);
}

static int add_advisory(struct advisory_writer *w, const struct advisory *advisory,
                        struct error *err)
{
  struct advisory_record_affected *records =
      arena_array(&w->scratch, struct advisory_record_affected, advisory->affected_count);
  bool *kept = arena_zalloc(&w->scratch, advisory->affected_count + 1, sizeof *kept);
  struct advisory_source_info *source = current(w);
  size_t count = 0;
  for (size_t i = 0; i < advisory->affected_count; i++)
    count += kept[i] = make_record(w, advisory, &advisory->affected[i], &records[i]);
  /* One without packages is kept for what it says about its CVE. */
  if (count == 0 && (advisory->affected_count || !only_cve(advisory)))
    return 0;
  uint64_t number = 0;
  int rc = number_of(w, advisory, &number, err);
  for (size_t i = 0; rc == 0 && i < advisory->affected_count; i++)
    if (kept[i]) {
      records[i].advisory = number;
      rc = stage_package(w, advisory, &advisory->affected[i], &records[i], err);
    }
  source->advisories++;
  return rc;
}

static int sink_add(void *ctx, const struct advisory *advisory, struct error *err)
{
  struct advisory_writer *w = ctx;
  struct error why;
  struct advisory_source_info *source = current(w);
  if (advisory->withdrawn.len) {
    source->withdrawn++;
    return 0;
  }
  if (check_ids(advisory, &why) < 0) {
    advisory_writer_unreadable(w, str_sub(advisory->id, 0, ADVISORY_ID_MAX), &why);
    return 0;
  }
  int rc = add_advisory(w, advisory, err);
  arena_reset(&w->scratch);
  return rc;
}

static uint64_t cve_or_complain(struct advisory_writer *w, struct str cve)
{
  uint64_t number = advisory_cve_number(cve);
  if (!number) {
    struct error why;
    error_set(&why, SW_EINVAL, "it is not the id of a CVE");
    advisory_writer_unreadable(w, str_sub(cve, 0, ADVISORY_ID_MAX), &why);
  }
  return number;
}

static int sink_exploited(void *ctx, struct str cve, struct str date, bool ransomware,
                          struct error *err)
{
  struct advisory_writer *w = ctx;
  sqlite3_stmt *statement = w->statements[ADD_EXPLOITED];
  uint64_t number = cve_or_complain(w, cve);
  if (!number)
    return 0;
  sqlite3_bind_int64(statement, 1, (sqlite3_int64)number);
  writer_bind(statement, 2, cut(date), true);
  sqlite3_bind_int64(statement, 3, ransomware);
  hash(w, cve);
  hash(w, date);
  hash(w, ransomware ? STR("1") : STR("0"));
  current(w)->advisories++;
  return writer_run(w, statement, err);
}

static int sink_epss(void *ctx, struct str cve, uint32_t score, uint32_t percentile,
                     struct error *err)
{
  struct advisory_writer *w = ctx;
  sqlite3_stmt *statement = w->statements[ADD_EPSS];
  uint64_t number = cve_or_complain(w, cve);
  uint32_t numbers[2] = {score, percentile};
  if (!number)
    return 0;
  sqlite3_bind_int64(statement, 1, (sqlite3_int64)number);
  sqlite3_bind_int64(statement, 2, score);
  sqlite3_bind_int64(statement, 3, percentile);
  hash(w, cve);
  hash(w, str_make((const char *)numbers, sizeof numbers));
  current(w)->advisories++;
  return writer_run(w, statement, err);
}

struct advisory_sink advisory_writer_sink(struct advisory_writer *w)
{
  return (struct advisory_sink){sink_add, sink_exploited, sink_epss, w};
}

/* ---- into its place */

static int check_readable(struct advisory_writer *w, struct error *err)
{
  struct advisory_database *db = NULL;
  int rc = advisory_database_open(w->draft.path, &db, err);
  if (rc < 0)
    return error_wrap(err, "what was written cannot be read");
  advisory_database_free(db);
  return 0;
}

int advisory_writer_finish(struct advisory_writer *w, struct error *err)
{
  if (!w->sql)
    return error_set(err, SW_EUSAGE, "the database has been finished already");
  int rc = writer_fill(w, err);
  if (rc == 0)
    rc = check_readable(w, err);
  return rc < 0 ? rc : draft_publish(&w->draft, err);
}
