#include "scan/rpm.h"

#include "scan/rpm_header.h"
#include "scan/rpm_int.h"

#include <stdarg.h>

static const struct str folders[] = {STR_INIT("var/lib/rpm/"), STR_INIT("usr/lib/sysimage/rpm/"),
                                     STR_INIT("usr/share/rpm/")};
static const struct str names[] = {STR_INIT("rpmdb.sqlite"), STR_INIT("Packages.db"),
                                   STR_INIT("Packages")};
static const struct str manifest = STR_INIT("var/lib/rpmmanifest/container-manifest-2");

static const struct rpm_database *const databases[] = {&rpm_sqlite, &rpm_ndb, &rpm_bdb};

bool rpm_wants(struct str path)
{
  for (size_t i = 0; i < sizeof folders / sizeof folders[0]; i++)
    for (size_t j = 0; str_starts(path, folders[i]) && j < sizeof names / sizeof names[0]; j++)
      if (str_eq(str_sub(path, folders[i].len, SIZE_MAX), names[j]))
        return true;
  return str_eq(path, manifest);
}

int rpm_fault(struct rpm_reading *reading, int code, const char *format, ...)
{
  struct error err;
  char text[ERROR_MESSAGE_MAX];
  va_list arguments;
  va_start(arguments, format);
  vsnprintf(text, sizeof text, format, arguments);
  va_end(arguments);
  error_set(&err, code, "%s", text);
  return faults_add(&reading->faults, &err);
}

int rpm_blob(struct rpm_reading *reading, struct str blob)
{
  struct error err;
  if (blob.len > reading->bytes.len - reading->blob_bytes)
    return rpm_fault(reading, SW_ELIMIT,
                     "the headers overlap: they have more bytes than the database");
  reading->blob_bytes += blob.len;
  if (rpm_header_read(reading->path, reading->layer, blob, reading->list, &err) == 0)
    return 0;
  return faults_add(&reading->faults, &err);
}

/* ---- the list that images without rpm carry */

/* Name, version-release, times of installation and build, vendor, epoch, size, architecture, epoch as a
 * number, source: with tabs between. */
enum { MANIFEST_COLUMNS = 10 };

static int read_line(struct rpm_reading *reading, struct str line)
{
  enum { NAME = 0, VERSION = 1, VENDOR = 4, ARCHITECTURE = 7, EPOCH = 8, SOURCE = 9 };
  struct str columns[MANIFEST_COLUMNS], rest = line, version;
  size_t count = 0;
  char text[2 * PACKAGE_NAME_MAX + 32];
  struct error err;
  unsigned long long epoch = 0;
  while (rest.data && count < MANIFEST_COLUMNS)
    columns[count++] = str_trim(str_cut(rest, '\t', &rest));
  if (count < MANIFEST_COLUMNS)
    return error_set(&err, SW_EINVAL, "the line has %zu columns, not %d", count, MANIFEST_COLUMNS),
           faults_add(&reading->faults, &err);
  struct package p = {.type = PACKAGE_RPM,
                      .name = columns[NAME],
                      .architecture = columns[ARCHITECTURE],
                      .vendor = columns[VENDOR],
                      .path = reading->path,
                      .layer = reading->layer};
  struct str known = str_sub(columns[VERSION], 0, PACKAGE_NAME_MAX);
  if (str_to_u64(columns[EPOCH], UINT32_MAX, &epoch) && epoch) {
    int len = snprintf(text, sizeof text, "%llu:%.*s", epoch, STR_FMT(known));
    known = str_make(text, (size_t)len);
  }
  p.version = package_version_split(PACKAGE_RPM, known);
  if (rpm_source_name(columns[SOURCE], &p.source, &version))
    p.source_version = package_version_split(PACKAGE_RPM, version);
  return package_list_add(reading->list, &p, &err) < 0 ? faults_add(&reading->faults, &err) : 0;
}

static void read_manifest(struct rpm_reading *reading)
{
  for (struct str rest = reading->bytes; rest.data;) {
    struct str line = str_cut(rest, '\n', &rest);
    if (str_trim(line).len && read_line(reading, line) < 0)
      return;
  }
}

int rpm_read(struct str path, uint32_t layer, struct str bytes, struct package_list *list,
             struct error *err)
{
  struct rpm_reading reading = {.path = path, .layer = layer, .bytes = bytes, .list = list};
  if (bytes.len > RPM_SIZE_MAX)
    return error_set(err, SW_ELIMIT, "the database has %zu bytes, at most %d are read", bytes.len,
                     RPM_SIZE_MAX);
  if (str_eq(path, manifest)) {
    read_manifest(&reading);
    return faults_end(&reading.faults, err);
  }
  for (size_t i = 0; i < sizeof databases / sizeof databases[0]; i++)
    if (databases[i]->is(bytes)) {
      databases[i]->read(&reading);
      int rc = faults_end(&reading.faults, err);
      return rc < 0 ? error_wrap(err, "reading the %s database", databases[i]->name) : 0;
    }
  return error_set(err, SW_EINVAL,
                   "this is no database of rpm: neither SQLite, nor ndb, nor Berkeley DB");
}
