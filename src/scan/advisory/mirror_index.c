/* The archive's own lists: InRelease, and the source packages of a component. */
#include "scan/advisory/mirror.h"

#include "base/clock.h"
#include "base/vec.h"
#include "scan/advisory/import_int.h"
#include "scan/version.h"

#include <stdlib.h>

enum { FILES_MAX = 100000 };

/* ---- paragraphs of "Name: value" */

/* Takes the next field with the lines that continue it; false at the end of the paragraph. */
static bool take_field(struct str *rest, struct str *ret_name, struct str *ret_value)
{
  struct str value, line = rest->data ? str_cut(*rest, '\n', rest) : STR_EMPTY;
  if (str_trim(line).len == 0)
    return false;
  *ret_name = str_trim(str_cut(line, ':', &value));
  if (!value.data)
    value = str_sub(line, line.len, 0);
  const char *end = line.data + line.len;
  while (rest->data && rest->len && (rest->data[0] == ' ' || rest->data[0] == '\t')) {
    line = str_cut(*rest, '\n', rest);
    end = line.data + line.len;
  }
  *ret_value = str_make(value.data, (size_t)(end - value.data));
  return true;
}

static struct str next_word(struct str *rest)
{
  struct str word = STR_EMPTY;
  while (rest->data && word.len == 0)
    word = str_trim(str_cut(str_trim(*rest), ' ', rest));
  return word;
}

static bool is_sha256(struct str s)
{
  if (s.len != 64)
    return false;
  for (size_t i = 0; i < s.len; i++)
    if (!((s.data[i] >= '0' && s.data[i] <= '9') || (s.data[i] >= 'a' && s.data[i] <= 'f')))
      return false;
  return true;
}

/* "digest size name" */
static bool read_file(struct str line, struct mirror_file *ret)
{
  unsigned long long size;
  struct str rest = line;
  ret->sha256 = next_word(&rest);
  if (!is_sha256(ret->sha256) || !str_to_u64(next_word(&rest), UINT64_MAX >> 1, &size))
    return false;
  ret->size = size;
  ret->path = next_word(&rest);
  return ret->path.len > 0;
}

/* ---- InRelease */

/* "Fri, 20 Nov 2026 00:12:41 UTC"; 0 if it is none. */
static int64_t read_date(struct str text)
{
  static const struct str months = STR_INIT("JanFebMarAprMayJunJulAugSepOctNovDec");
  struct str rest = text;
  unsigned long long day, year, hour, minute, second;
  next_word(&rest);
  struct str day_text = next_word(&rest), month = next_word(&rest);
  bool right = str_to_u64(day_text, 31, &day) && str_to_u64(next_word(&rest), 9999, &year);
  struct str minutes, seconds, time = next_word(&rest);
  struct str hours = str_cut(time, ':', &minutes);
  minutes = minutes.data ? str_cut(minutes, ':', &seconds) : (seconds = STR_EMPTY);
  ptrdiff_t at = month.len == 3 ? str_find(months, 0, month) : -1;
  right = right && at >= 0 && at % 3 == 0 && day && str_to_u64(hours, 23, &hour) &&
          str_to_u64(minutes, 59, &minute) && seconds.data && str_to_u64(seconds, 60, &second);
  if (!right)
    return 0;
  const struct clock_date date = {
      .year = (int32_t)year, .month = (uint8_t)(at / 3 + 1), .day = (uint8_t)day};
  if (day > clock_month_length(date.year, date.month))
    return 0;
  return clock_days_of(date) * 86400 + (int64_t)(hour * 3600 + minute * 60 + second);
}

static size_t count_lines(struct str text)
{
  size_t count = 0;
  while (text.data && count < FILES_MAX) {
    str_cut(text, '\n', &text);
    count++;
  }
  return count;
}

static void read_files(struct arena *arena, struct str value, struct mirror_index *index)
{
  size_t room = count_lines(value), count = 0;
  struct mirror_file *files = arena_array(arena, struct mirror_file, room);
  for (struct str rest = value; rest.data && count < room;)
    count += read_file(str_cut(rest, '\n', &rest), &files[count]);
  index->files = files;
  index->file_count = count;
}

static void read_field(struct arena *arena, struct str name, struct str value,
                       struct mirror_index *index)
{
  const struct {
    struct str name, *to;
  } texts[] = {
      {STR("Origin"), &index->origin},         {STR("Codename"), &index->codename},
      {STR("Suite"), &index->suite},           {STR("Version"), &index->version},
      {STR("Components"), &index->components},
  };
  for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
    if (str_eq_nocase(texts[i].name, name))
      *texts[i].to = str_trim(value);
  if (str_eq_nocase(name, STR("Date")))
    index->date = read_date(value);
  else if (str_eq_nocase(name, STR("Valid-Until")))
    index->valid_until = read_date(value);
  else if (str_eq_nocase(name, STR("Acquire-By-Hash")))
    index->by_hash = str_eq_nocase(str_trim(value), STR("yes"));
  else if (str_eq_nocase(name, STR("SHA256")))
    read_files(arena, value, index);
}

int mirror_index_parse(struct arena *arena, struct str text, struct mirror_index *ret,
                       struct error *err)
{
  struct mirror_index index = {0};
  struct str name, value, rest = text;
  char date[CLOCK_TEXT];
  while (take_field(&rest, &name, &value))
    read_field(arena, name, value, &index);
  if (index.file_count == 0 || index.origin.len == 0 || index.codename.len == 0)
    return error_set(
        err, SW_EINVAL,
        "the index has no origin, no codename or no SHA256 digests, as an archive's has");
  if (index.date)
    index.date_text = arena_copy(arena, clock_format(index.date, date));
  *ret = index;
  return 0;
}

struct str mirror_ecosystem(struct arena *arena, const struct mirror_index *index)
{
  struct str rest, codename = index->codename;
  ptrdiff_t hyphen = str_find_byte(codename, 0, '-'), slash = str_find_byte(codename, 0, '/');
  ptrdiff_t end = hyphen >= 0 ? hyphen : slash;
  codename = str_sub(codename, 0, end < 0 ? codename.len : (size_t)end);
  if (str_eq(index->origin, STR("Debian"))) {
    struct str release = import_debian_release(codename);
    return release.len ? arena_printf(arena, "Debian:%.*s", STR_FMT(release)) : STR_EMPTY;
  }
  unsigned long long year;
  struct str month, version = index->version;
  if (!str_eq(index->origin, STR("Ubuntu")) || version.len == 0 ||
      !str_to_u64(str_cut(version, '.', &month), 9999, &year) || !month.data)
    return STR_EMPTY;
  bool lts = year % 2 == 0 && str_eq(str_cut(month, '.', &rest), STR("04"));
  return arena_printf(arena, "Ubuntu:%.*s%s", STR_FMT(version), lts ? ":LTS" : "");
}

/* ---- lists of packages */

struct listed {
  struct mirror_package package;
  struct version order;
};

/* The Debian part first; the diff of old formats; else the whole. Signatures and upstream's part are none. */
static unsigned rank_of(struct str name)
{
  if (str_ends(name, STR(".asc")) || str_find(name, 0, STR(".orig.")) >= 0 ||
      str_find(name, 0, STR(".orig-")) >= 0)
    return 0;
  if (str_find(name, 0, STR(".debian.tar.")) >= 0)
    return 3;
  if (str_ends(name, STR(".diff.gz")))
    return 2;
  return str_find(name, 0, STR(".tar.")) >= 0 ? 1 : 0;
}

static struct mirror_part choose_part(struct arena *arena, struct str directory, struct str files)
{
  struct mirror_part part = {.size = 0};
  unsigned best = 0;
  for (struct str rest = files; rest.data;) {
    struct mirror_file file;
    struct str line = str_cut(rest, '\n', &rest);
    if (!read_file(line, &file) || rank_of(file.path) <= best ||
        str_find_byte(file.path, 0, '/') >= 0)
      continue;
    best = rank_of(file.path);
    part.path = arena_printf(arena, "%.*s/%.*s", STR_FMT(directory), STR_FMT(file.path));
    part.sha256 = file.sha256;
    part.size = file.size;
  }
  return part;
}

static bool leads_out(struct str path)
{
  return str_starts(path, STR("/")) || str_find(path, 0, STR("..")) >= 0;
}

static bool read_source(struct arena *arena, struct str *rest, struct mirror_package *ret)
{
  struct str name, value, files = STR_EMPTY, directory = STR_EMPTY;
  *ret = (struct mirror_package){0};
  while (take_field(rest, &name, &value))
    if (str_eq_nocase(name, STR("Package")))
      ret->source = str_trim(value);
    else if (str_eq_nocase(name, STR("Version")))
      ret->version = str_trim(value);
    else if (str_eq_nocase(name, STR("Directory")))
      directory = str_trim(value);
    else if (str_eq_nocase(name, STR("Checksums-Sha256")))
      files = value;
  if (ret->source.len == 0 || ret->version.len == 0)
    return false;
  if (!leads_out(directory))
    ret->parts[0] = choose_part(arena, directory, files);
  return true;
}

/* "Source: linux-signed-amd64 (6.1.192+1)": named where name or version differ. */
static bool read_binary(struct arena *arena, struct str *rest, struct mirror_package *ret)
{
  struct str name, value, version, package = STR_EMPTY;
  unsigned long long size = 0;
  struct mirror_part *part = &ret->parts[1];
  *ret = (struct mirror_package){0};
  (void)arena;
  while (take_field(rest, &name, &value)) {
    value = str_trim(value);
    if (str_eq_nocase(name, STR("Package")))
      package = value;
    else if (str_eq_nocase(name, STR("Source")))
      ret->source = value;
    else if (str_eq_nocase(name, STR("Version")))
      ret->version = value;
    else if (str_eq_nocase(name, STR("Filename")))
      part->path = leads_out(value) ? STR_EMPTY : value;
    else if (str_eq_nocase(name, STR("SHA256")))
      part->sha256 = value;
    else if (str_eq_nocase(name, STR("Size")) && str_to_u64(value, UINT64_MAX >> 1, &size))
      part->size = size;
  }
  if (ret->source.len == 0)
    ret->source = package;
  ret->source = str_trim(str_cut(ret->source, '(', &version));
  if (version.data)
    ret->version = str_trim(str_cut(version, ')', &(struct str){0}));
  if (!is_sha256(part->sha256))
    *part = (struct mirror_part){.size = 0};
  return ret->source.len && ret->version.len;
}

enum { ROOM_FOR_CHANGELOG = 8192 };

/* Which binary package to look into first: the "-common" one, which has the folder of documents that others share;
 * then small ones; at last those that are too small to have anything in them but a link to that folder. */
static uint64_t weight_of(const struct mirror_part *part)
{
  if (part->size < ROOM_FOR_CHANGELOG)
    return MIRROR_PACKAGE_MAX + part->size;
  return str_find(part->path, 0, STR("-common_")) >= 0 ? part->size / 64 : part->size;
}

/* Keeps the lightest. */
static void add_part(struct mirror_package *p, const struct mirror_part *part)
{
  size_t at = MIRROR_PARTS_MAX;
  if (part->path.len == 0)
    return;
  while (at > 1 &&
         (p->parts[at - 1].path.len == 0 || weight_of(part) < weight_of(&p->parts[at - 1])))
    at--;
  if (at == MIRROR_PARTS_MAX)
    return;
  memmove(&p->parts[at + 1], &p->parts[at], (MIRROR_PARTS_MAX - 1 - at) * sizeof *part);
  p->parts[at] = *part;
}

/* What is told of the same version twice is put together. */
static void join(struct mirror_package *to, const struct mirror_package *from)
{
  if (to->parts[0].path.len == 0)
    to->parts[0] = from->parts[0];
  for (size_t i = 1; i < MIRROR_PARTS_MAX; i++)
    add_part(to, &from->parts[i]);
}

/* Versions without an order are left to the others. */
static void add_package(struct mirror_list *list, const struct mirror_package *p)
{
  struct version order;
  bool added;
  if (version_parse(version_ops_named(STR("dpkg")), p->version, list->arena, &order, NULL) < 0)
    return;
  union map_value *value = map_put(&list->map, p->source, &added);
  if (added)
    value->pointer = arena_new(list->arena, struct listed);
  struct listed *there = value->pointer;
  int newer = added ? 1 : version_order(order, there->order);
  if (newer > 0)
    *there = (struct listed){.package = *p, .order = order};
  else if (newer == 0)
    join(&there->package, p);
}

static int add_packages(struct mirror_list *list, struct str text,
                        bool (*read)(struct arena *arena, struct str *rest,
                                     struct mirror_package *ret),
                        struct error *err)
{
  struct mirror_package package;
  for (struct str rest = text; rest.data;) {
    if (read(list->arena, &rest, &package))
      add_package(list, &package);
    if (list->map.count > MIRROR_PACKAGES_MAX || arena_over(list->arena))
      return error_set(err, SW_ELIMIT, "the list has more than %d source packages",
                       MIRROR_PACKAGES_MAX);
  }
  return 0;
}

void mirror_list_init(struct mirror_list *list, struct arena *arena)
{
  list->arena = arena;
  map_init(&list->map, NULL);
}

void mirror_list_free(struct mirror_list *list)
{
  map_free(&list->map);
}

int mirror_list_add_sources(struct mirror_list *list, struct str text, struct error *err)
{
  return add_packages(list, text, read_source, err);
}

int mirror_list_add_binaries(struct mirror_list *list, struct str text, struct error *err)
{
  return add_packages(list, text, read_binary, err);
}

/* ---- updates of a release */

static bool is_digit(char c)
{
  return c >= '0' && c <= '9';
}

bool mirror_is_update(struct str version)
{
  static const struct str marks[] = {STR_INIT("+deb"), STR_INIT("~deb")};
  for (size_t m = 0; m < sizeof marks / sizeof *marks; m++)
    for (ptrdiff_t at = 0; (at = str_find(version, (size_t)at, marks[m])) >= 0; at++) {
      struct str rest = str_sub(version, (size_t)at + marks[m].len, SIZE_MAX);
      size_t digits = 0;
      while (digits < rest.len && is_digit(rest.data[digits]))
        digits++;
      if (digits && digits + 1 < rest.len && rest.data[digits] == 'u' &&
          is_digit(rest.data[digits + 1]))
        return true;
    }
  return false;
}

/* The fields that read_source and read_binary look at. */
static bool is_read(struct str name)
{
  static const struct str names[] = {
      STR_INIT("Package"),          STR_INIT("Version"),  STR_INIT("Source"), STR_INIT("Directory"),
      STR_INIT("Checksums-Sha256"), STR_INIT("Filename"), STR_INIT("SHA256"), STR_INIT("Size")};
  for (size_t i = 0; i < sizeof names / sizeof *names; i++)
    if (str_eq_nocase(name, names[i]))
      return true;
  return false;
}

/* A binary package's field Source has the version where it differs. */
static bool names_update(struct str name, struct str value)
{
  return (str_eq_nocase(name, STR("Version")) || str_eq_nocase(name, STR("Source"))) &&
         mirror_is_update(value);
}

static void add_field(struct buf *ret, struct str name, struct str value)
{
  buf_add(ret, name);
  buf_add_byte(ret, ':');
  buf_add(ret, value);
  buf_add_byte(ret, '\n');
}

void mirror_list_keep_updates(struct str text, struct buf *ret)
{
  struct str name, value;
  for (struct str rest = text; rest.data;) {
    size_t before = ret->len;
    bool update = false;
    while (take_field(&rest, &name, &value)) {
      update |= names_update(name, value);
      if (is_read(name))
        add_field(ret, name, value);
    }
    if (update)
      buf_add_byte(ret, '\n');
    else
      ret->len = before;
  }
}

/* ---- */

static int by_source(const void *a, const void *b)
{
  return str_compare(((const struct mirror_package *)a)->source,
                     ((const struct mirror_package *)b)->source);
}

struct mirror_package *mirror_list_packages(struct mirror_list *list, size_t *ret_count)
{
  struct mirror_package *packages =
      arena_array(list->arena, struct mirror_package, list->map.count);
  size_t at = 0, count = 0;
  for (struct map_entry *e; (e = map_next(&list->map, &at));)
    packages[count++] = ((const struct listed *)e->value.pointer)->package;
  qsort(packages, count, sizeof *packages, by_source);
  *ret_count = count;
  return packages;
}
