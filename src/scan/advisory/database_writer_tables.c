#include "scan/advisory/database_writer_int.h"

#include <zdict.h>
#include <zstd.h>

enum {
  SAMPLE_BYTES = 4 << 20, /* that a dictionary is learnt from */
  SAMPLES_MIN = 200,      /* texts; of fewer nothing is learnt */
  DICTIONARY_SIZE = 32 * 1024,
  ZSTD_LEVEL = 12,
};

/* Advisories are numbered anew, in the order in which packages mention them: those of one package stand together, and a
 * look-up touches few pages. */
static uint64_t final_number(struct advisory_writer *w, uint64_t staged)
{
  if (!w->numbers[staged])
    w->numbers[staged] = ++w->numbered;
  return w->numbers[staged];
}

static void number_the_rest(struct advisory_writer *w)
{
  for (uint64_t i = 1; i <= w->advisories; i++)
    final_number(w, i);
}

/* Packages in their order, their records joined to rows. */
struct joining {
  struct advisory_writer *w;
  sqlite3_stmt *from, *package, *records;
  struct buf row;
  struct buf name;
  sqlite3_int64 ecosystem, first, last; /* rows of the package at hand */
};

static struct str column(sqlite3_stmt *statement, int at)
{
  const char *data = sqlite3_column_blob(statement, at);
  return str_make(data ? data : "", data ? (size_t)sqlite3_column_bytes(statement, at) : 0);
}

static int end_row(struct joining *j, struct error *err)
{
  sqlite3_bind_int64(j->records, 1, ++j->last);
  writer_bind(j->records, 2, buf_str(&j->row), false);
  int rc = writer_run(j->w, j->records, err);
  buf_clear(&j->row);
  return rc;
}

static int end_package(struct joining *j, struct error *err)
{
  if (j->row.len == 0)
    return 0;
  int rc = end_row(j, err);
  sqlite3_bind_int64(j->package, 1, j->ecosystem);
  writer_bind(j->package, 2, buf_str(&j->name), true);
  sqlite3_bind_int64(j->package, 3, j->first);
  sqlite3_bind_int64(j->package, 4, j->last);
  j->first = j->last + 1;
  j->w->packages++;
  return rc < 0 ? rc : writer_run(j->w, j->package, err);
}

static int join(struct joining *j, struct error *err)
{
  sqlite3_int64 ecosystem = sqlite3_column_int64(j->from, 0);
  struct str name = column(j->from, 1), record = column(j->from, 3);
  bool other = ecosystem != j->ecosystem || !str_eq(name, buf_str(&j->name));
  int rc = 0;
  if (other)
    rc = end_package(j, err);
  else if (j->row.len + record.len > ADVISORY_CHUNK)
    rc = end_row(j, err);
  if (other) {
    j->ecosystem = ecosystem;
    buf_clear(&j->name);
    buf_add(&j->name, name);
  }
  advisory_record_renumber(&j->row, record,
                           final_number(j->w, (uint64_t)sqlite3_column_int64(j->from, 2)));
  return rc;
}

static int write_packages(struct advisory_writer *w, struct error *err)
{
  struct joining j = {.w = w, .first = 1};
  int got = SQLITE_DONE;
  int rc = writer_prepare(w,
                          "SELECT ecosystem, name, advisory, record FROM staged_package "
                          "ORDER BY ecosystem, name, rowid",
                          &j.from, err);
  if (rc == 0)
    rc = writer_prepare(w, "INSERT INTO package VALUES(?1, ?2, ?3, ?4)", &j.package, err);
  if (rc == 0)
    rc = writer_prepare(w, "INSERT INTO records VALUES(?1, ?2)", &j.records, err);
  while (rc == 0 && (got = sqlite3_step(j.from)) == SQLITE_ROW)
    rc = join(&j, err);
  if (rc == 0 && got != SQLITE_DONE)
    rc = writer_fault(w, err);
  if (rc == 0)
    rc = end_package(&j, err);
  sqlite3_finalize(j.from);
  sqlite3_finalize(j.package);
  sqlite3_finalize(j.records);
  buf_free(&j.row);
  buf_free(&j.name);
  return rc;
}

/* Every so many texts, up to SAMPLE_BYTES. Empty: there are too few to learn from. */
static int learn_dictionary(struct advisory_writer *w, struct buf *ret, struct error *err)
{
  VEC(size_t) sizes = {0};
  struct buf samples = {0};
  sqlite3_stmt *from = NULL;
  int rc = writer_prepare(
      w, "SELECT text FROM staged_advisory WHERE number % ?1 = 0 ORDER BY number", &from, err);
  if (rc < 0)
    return rc;
  sqlite3_bind_int64(from, 1, (sqlite3_int64)(w->advisories / 20000 + 1));
  while (samples.len < SAMPLE_BYTES && sqlite3_step(from) == SQLITE_ROW) {
    struct str text = str_sub(column(from, 0), 0, 4096);
    buf_add(&samples, text);
    vec_push(&sizes, text.len);
  }
  sqlite3_finalize(from);
  if (sizes.count >= SAMPLES_MIN && buf_reserve(ret, DICTIONARY_SIZE)) {
    size_t len = ZDICT_trainFromBuffer(ret->data, DICTIONARY_SIZE, samples.data, sizes.items,
                                       (unsigned)sizes.count);
    ret->len = ZDICT_isError(len) ? 0 : len;
  }
  vec_free(&sizes);
  buf_free(&samples);
  return 0;
}

/* As it is, if packing it does not pay. */
static void pack(ZSTD_CCtx *packer, const ZSTD_CDict *dictionary, struct str text, struct buf *out)
{
  buf_clear(out);
  if (!buf_reserve(out, ZSTD_compressBound(text.len) + 1))
    return;
  size_t got = dictionary ? ZSTD_compress_usingCDict(packer, out->data + 1, out->room - 1,
                                                     text.data, text.len, dictionary)
                          : ZSTD_compressCCtx(packer, out->data + 1, out->room - 1, text.data,
                                              text.len, ZSTD_LEVEL);
  bool packed = !ZSTD_isError(got) && got < text.len;
  if (packed)
    out->len = got + 1;
  else
    memcpy(out->data + 1, text.data, text.len);
  out->len = packed ? got + 1 : text.len + 1;
  out->data[0] = packed;
}

/* Under which number each was staged, by its final one. */
static uint64_t *staged_numbers(const struct advisory_writer *w)
{
  uint64_t *staged = mem_zalloc(w->advisories + 1, sizeof *staged);
  for (uint64_t i = 1; i <= w->advisories; i++)
    staged[w->numbers[i]] = i;
  return staged;
}

static int write_texts(struct advisory_writer *w, const ZSTD_CDict *dictionary, struct error *err)
{
  ZSTD_CCtx *packer = ZSTD_createCCtx();
  struct buf packed = {0};
  uint64_t *staged = staged_numbers(w);
  sqlite3_stmt *from = NULL, *to = NULL;
  int rc =
      writer_prepare(w, "SELECT head, text FROM staged_advisory WHERE number = ?1", &from, err);
  if (rc == 0)
    rc = writer_prepare(w, "INSERT INTO advisory VALUES(?1, ?2, ?3)", &to, err);
  for (uint64_t i = 1; rc == 0 && i <= w->advisories; i++) {
    sqlite3_bind_int64(from, 1, (sqlite3_int64)staged[i]);
    if (sqlite3_step(from) != SQLITE_ROW) {
      rc = writer_fault(w, err);
      break;
    }
    pack(packer, dictionary, column(from, 1), &packed);
    sqlite3_bind_int64(to, 1, (sqlite3_int64)i);
    writer_bind(to, 2, column(from, 0), false);
    writer_bind(to, 3, buf_str(&packed), false);
    rc = writer_run(w, to, err);
    sqlite3_reset(from);
  }
  sqlite3_finalize(from);
  sqlite3_finalize(to);
  ZSTD_freeCCtx(packer);
  buf_free(&packed);
  mem_free(staged);
  return rc;
}

static int put_meta(struct advisory_writer *w, const char *key, struct str value, bool text,
                    struct error *err)
{
  sqlite3_stmt *statement = NULL;
  int rc = writer_prepare(w, "INSERT INTO meta VALUES(?1, ?2)", &statement, err);
  if (rc < 0)
    return rc;
  writer_bind(statement, 1, str_from(key), true);
  writer_bind(statement, 2, value, text);
  rc = writer_run(w, statement, err);
  sqlite3_finalize(statement);
  return rc;
}

static int write_advisories(struct advisory_writer *w, struct error *err)
{
  struct buf dictionary = {0};
  ZSTD_CDict *loaded = NULL;
  int rc = learn_dictionary(w, &dictionary, err);
  if (rc == 0 && dictionary.len) {
    loaded = ZSTD_createCDict(dictionary.data, dictionary.len, ZSTD_LEVEL);
    rc = put_meta(w, "dictionary", buf_str(&dictionary), false, err);
  }
  if (rc == 0)
    rc = write_texts(w, loaded, err);
  ZSTD_freeCDict(loaded);
  buf_free(&dictionary);
  return rc;
}

static int write_ecosystems(struct advisory_writer *w, struct error *err)
{
  sqlite3_stmt *statement = NULL;
  size_t at = 0;
  int rc = writer_prepare(w, "INSERT INTO ecosystem VALUES(?1, ?2, ?3)", &statement, err);
  for (struct map_entry *e; rc == 0 && (e = map_next(&w->ecosystems, &at));) {
    writer_bind(statement, 1, e->key, true);
    sqlite3_bind_int64(statement, 2, (sqlite3_int64)(e->value.number >> ECOSYSTEM_SHIFT));
    sqlite3_bind_int64(statement, 3, e->value.number & (BY_SOURCE | BY_BINARY));
    rc = writer_run(w, statement, err);
  }
  sqlite3_finalize(statement);
  return rc;
}

static int write_sources(struct advisory_writer *w, struct error *err)
{
  sqlite3_stmt *statement = NULL;
  int rc = writer_prepare(w, "INSERT INTO source VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)",
                          &statement, err);
  for (size_t i = 0; rc == 0 && i < w->sources.count; i++) {
    const struct advisory_source_info *info = &w->sources.items[i].info;
    const struct str texts[] = {info->name, info->origin, info->date, info->fetched, info->digest};
    const uint64_t numbers[] = {info->advisories, info->affected, info->withdrawn,
                                info->unreadable};
    sqlite3_bind_int64(statement, 1, (sqlite3_int64)i);
    for (int t = 0; t < 5; t++)
      writer_bind(statement, 2 + t, texts[t], true);
    for (int n = 0; n < 4; n++)
      sqlite3_bind_int64(statement, 7 + n, (sqlite3_int64)numbers[n]);
    rc = writer_run(w, statement, err);
  }
  sqlite3_finalize(statement);
  return rc;
}

static int count_rows(struct advisory_writer *w, const char *sql, uint64_t *ret, struct error *err)
{
  sqlite3_stmt *statement = NULL;
  int rc = writer_prepare(w, sql, &statement, err);
  if (rc == 0 && sqlite3_step(statement) == SQLITE_ROW)
    *ret = (uint64_t)sqlite3_column_int64(statement, 0);
  sqlite3_finalize(statement);
  return rc;
}

static int write_meta(struct advisory_writer *w, struct error *err)
{
  struct digest sum;
  int rc = count_rows(w, "SELECT count(exploited) FROM cve", &w->exploited, err);
  if (rc == 0)
    rc = count_rows(w, "SELECT count(score) FROM cve", &w->epss, err);
  if (rc == 0)
    rc = digester_end(w->digester, &sum, err);
  if (rc < 0)
    return rc;
  struct str hex = digest_hex(&w->arena, &sum);
  const struct {
    const char *key;
    struct str value;
  } rows[] = {
      {"keys", arena_printf(&w->arena, "%d", VERSION_KEY_FORMAT)},
      {"built", w->options.now},
      {"id", arena_printf(&w->arena, "sha256:%.*s", STR_FMT(hex))},
      {"advisories", arena_printf(&w->arena, "%llu", (unsigned long long)w->advisories)},
      {"affected", arena_printf(&w->arena, "%llu", (unsigned long long)w->affected)},
      {"packages", arena_printf(&w->arena, "%llu", (unsigned long long)w->packages)},
      {"exploited", arena_printf(&w->arena, "%llu", (unsigned long long)w->exploited)},
      {"epss", arena_printf(&w->arena, "%llu", (unsigned long long)w->epss)},
  };
  for (size_t i = 0; rc == 0 && i < sizeof rows / sizeof rows[0]; i++)
    rc = put_meta(w, rows[i].key, rows[i].value, true, err);
  return rc;
}

/* Advisories that lend their words, by their final numbers, in the order in which they came. */
static int write_lenders(struct advisory_writer *w, struct error *err)
{
  sqlite3_stmt *from = NULL, *to = NULL;
  int rc = writer_prepare(
      w, "SELECT cve, number FROM staged_advisory WHERE cve <> 0 ORDER BY number", &from, err);
  if (rc == 0)
    rc = writer_prepare(w, "INSERT INTO lender VALUES(?1, ?2)", &to, err);
  while (rc == 0 && sqlite3_step(from) == SQLITE_ROW) {
    uint64_t staged = (uint64_t)sqlite3_column_int64(from, 1);
    sqlite3_bind_int64(to, 1, sqlite3_column_int64(from, 0));
    sqlite3_bind_int64(to, 2, (sqlite3_int64)final_number(w, staged));
    rc = writer_run(w, to, err);
  }
  sqlite3_finalize(from);
  sqlite3_finalize(to);
  return rc;
}

/* The last that was said about a CVE counts. */
static const char join_cves[] =
    "INSERT OR REPLACE INTO joined(cve, score, percentile) SELECT cve, score, percentile "
    "FROM staged_epss ORDER BY cve, rowid;"
    "INSERT INTO joined(cve, exploited, ransomware) SELECT cve, date, ransomware "
    "FROM staged_exploited WHERE true ORDER BY cve, rowid "
    "ON CONFLICT DO UPDATE SET exploited = excluded.exploited, ransomware = excluded.ransomware;"
    "INSERT INTO joined(cve, advisories) SELECT cve, group_concat(number) FROM "
    "(SELECT cve, number FROM lender ORDER BY cve, rowid) "
    "WHERE true GROUP BY cve ON CONFLICT DO UPDATE SET advisories = excluded.advisories;"
    "INSERT INTO cve SELECT * FROM joined ORDER BY cve;";

int writer_fill(struct advisory_writer *w, struct error *err)
{
  w->numbers = mem_zalloc(w->advisories + 1, sizeof *w->numbers);
  int rc = write_packages(w, err);
  number_the_rest(w);
  if (rc == 0)
    rc = write_advisories(w, err);
  if (rc == 0)
    rc = write_lenders(w, err);
  if (rc == 0)
    rc = writer_execute(w, join_cves, err);
  if (rc == 0)
    rc = write_ecosystems(w, err);
  if (rc == 0)
    rc = write_sources(w, err);
  if (rc == 0)
    rc = write_meta(w, err);
  for (size_t i = 0; i < STAGED_STATEMENTS; i++) {
    sqlite3_finalize(w->statements[i]);
    w->statements[i] = NULL;
  }
  if (rc == 0)
    rc = writer_execute(w, "COMMIT", err);
  if (rc == 0 && sqlite3_close(w->sql) != SQLITE_OK)
    rc = writer_fault(w, err);
  else if (rc == 0)
    w->sql = NULL;
  return rc;
}
