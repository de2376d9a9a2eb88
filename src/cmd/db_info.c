/* Verb "db info": what is in a database of advisories, from whom, and how old it is. */
#include "base/clock.h"
#include "base/file.h"
#include "cmd/console.h"
#include "cmd/db_open.h"
#include "cmd/policy_table.h"
#include "cmd/verb.h"
#include "data/json_write.h"

#include <unistd.h>

static const char *const format_values[] = {"table", "json", NULL};

static const struct option options[] = {
    {.name = "db",
     .argument = "FILE",
     .help = "the database (default: where scans look for it)",
     .complete = COMPLETE_FILES},
    {.name = "format",
     .letter = 'f',
     .argument = "FORMAT",
     .help = "table (default) or json",
     .values = format_values},
    {0},
};

static void write_table(struct buf *out, const char *path,
                        const struct advisory_database_info *info)
{
  char size[FILE_SIZE_TEXT];
  struct policy_table table;
  policy_table_init(&table, 5);
  policy_table_head(&table, 0, "source", false);
  policy_table_head(&table, 1, "date", false);
  policy_table_head(&table, 2, "fetched", false);
  policy_table_head(&table, 3, "advisories", true);
  policy_table_head(&table, 4, "unreadable", true);
  for (size_t i = 0; i < info->source_count; i++) {
    const struct advisory_source_info *s = &info->sources[i];
    policy_table_cell(&table, s->name);
    policy_table_cell(&table, s->date.len ? s->date : STR("not said"));
    policy_table_cell(&table, s->fetched);
    policy_table_cellf(&table, "%llu", (unsigned long long)s->advisories);
    policy_table_cellf(&table, "%llu", (unsigned long long)s->unreadable);
  }
  policy_table_write(&table, out, console_width(STDOUT_FILENO), console_color(STDOUT_FILENO),
                     console_unicode());
  policy_table_free(&table);
  buf_printf(out,
             "\n%s, built %.*s, %s\n"
             "%llu advisories about %llu packages, %llu exploited, %llu scores of EPSS\n",
             path, STR_FMT(info->built), file_size_text(info->bytes, size),
             (unsigned long long)info->advisories, (unsigned long long)info->packages,
             (unsigned long long)info->exploited, (unsigned long long)info->epss);
}

static void write_number(struct json_writer *w, struct str key, uint64_t number)
{
  json_key(w, key);
  json_uint(w, number);
}

static void write_source(struct json_writer *w, const struct advisory_source_info *s)
{
  json_begin_object(w);
  json_member_string(w, STR("name"), s->name);
  json_member_string(w, STR("origin"), s->origin);
  json_member_string(w, STR("date"), s->date);
  json_member_string(w, STR("fetched"), s->fetched);
  json_member_string(w, STR("digest"), s->digest);
  write_number(w, STR("advisories"), s->advisories);
  write_number(w, STR("affected"), s->affected);
  write_number(w, STR("withdrawn"), s->withdrawn);
  write_number(w, STR("unreadable"), s->unreadable);
  json_end_object(w);
}

static void write_json(struct buf *out, const char *path, const struct advisory_database_info *info)
{
  struct json_writer w = json_writer_start(out, 2);
  json_begin_object(&w);
  json_member_string(&w, STR("path"), str_from(path));
  json_member_string(&w, STR("id"), info->id);
  json_member_string(&w, STR("built"), info->built);
  write_number(&w, STR("bytes"), info->bytes);
  write_number(&w, STR("advisories"), info->advisories);
  write_number(&w, STR("affected"), info->affected);
  write_number(&w, STR("packages"), info->packages);
  write_number(&w, STR("exploited"), info->exploited);
  write_number(&w, STR("epss"), info->epss);
  json_key(&w, STR("sources"));
  json_begin_array(&w);
  for (size_t i = 0; i < info->source_count; i++)
    write_source(&w, &info->sources[i]);
  json_end_array(&w);
  json_end_object(&w);
  buf_add_byte(out, '\n');
}

static int show(const char *given, bool json, struct error *err)
{
  _cleanup_(advisory_database_freep) struct advisory_database *db = NULL;
  _cleanup_(buf_free) struct buf out = {0}, path = {0};
  struct advisory_database_info info;
  struct arena arena;
  int rc = db_open(given, &path, &db, err);
  if (rc < 0)
    return rc;
  arena_init(&arena, 0);
  rc = advisory_database_info(db, &arena, &info, err);
  if (rc == 0) {
    if (json)
      write_json(&out, buf_text(&path), &info);
    else
      write_table(&out, buf_text(&path), &info);
    rc = fd_write_all(STDOUT_FILENO, out.data, out.len, err);
  }
  arena_free(&arena);
  return rc;
}

static int run(const struct arguments *args)
{
  const char *format = arguments_value(args, "format");
  struct error err;
  int rc = show(arguments_value(args, "db"), format && strcmp(format, "json") == 0, &err);
  if (rc < 0)
    console_error(&err);
  return rc < 0 ? STATUS_FAILED : STATUS_OK;
}

const struct verb verb_db_info = {
    .name = "db info",
    .summary = "show what a database of advisories holds, and how old it is",
    .details = "Lists each source with the date it gives itself and when it was read.",
    .example = "  seawall db info\n  seawall db info --db advisories.db --format json\n",
    .options = options,
    .run = run,
};
