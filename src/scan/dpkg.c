#include "scan/dpkg.h"

#include "base/map.h"
#include "scan/faults_int.h"

struct paragraph {
  struct package package;
  struct str status;
  uint32_t line; /* of the first, from 1; 0: none yet */
};

/* ---- the database */

/* "curl (7.88.1-10)": a version is given where it differs from the package's own. */
static void read_source(struct package *p, struct str value)
{
  struct str version;
  p->source = str_trim(str_cut(value, '(', &version));
  if (version.data)
    p->source_version =
        package_version_split(PACKAGE_DEB, str_trim(str_cut(version, ')', &(struct str){0})));
}

static void read_field(struct paragraph *p, struct str name, struct str value)
{
  if (str_eq_nocase(name, STR("Package")))
    p->package.name = value;
  else if (str_eq_nocase(name, STR("Status")))
    p->status = value;
  else if (str_eq_nocase(name, STR("Version")))
    p->package.version = package_version_split(PACKAGE_DEB, value);
  else if (str_eq_nocase(name, STR("Architecture")))
    p->package.architecture = value;
  else if (str_eq_nocase(name, STR("Source")))
    read_source(&p->package, value);
  else if (str_eq_nocase(name, STR("Maintainer")))
    p->package.maintainer = value;
}

/* The third word of "install ok installed". */
static bool is_there(struct str status)
{
  struct str rest = status, word = STR_EMPTY;
  while (rest.data)
    word = str_cut(rest, ' ', &rest);
  return !str_eq(word, STR("not-installed")) && !str_eq(word, STR("config-files"));
}

static int end_paragraph(struct package_list *list, struct paragraph *p, struct faults *faults)
{
  struct error err;
  if (!is_there(p->status) || package_list_add(list, &p->package, &err) == 0)
    return 0;
  err.line = p->line;
  return faults_add(faults, &err);
}

static int read_database(struct str path, uint32_t layer, struct str bytes,
                         struct package_list *list, struct error *err)
{
  const struct package empty = {.type = PACKAGE_DEB, .path = path, .layer = layer};
  struct paragraph p = {.package = empty};
  struct faults faults = {0};
  uint32_t line_number = 0;
  for (struct str rest = bytes; rest.data;) {
    struct str value, line = str_cut(rest, '\n', &rest);
    line_number++;
    bool blank = str_trim(line).len == 0;
    if (!blank && p.line == 0)
      p = (struct paragraph){.package = empty, .line = line_number};
    if (!blank && line.data[0] != ' ' && line.data[0] != '\t') {
      struct str name = str_cut(line, ':', &value);
      if (value.data)
        read_field(&p, str_trim(name), str_trim(value));
    }
    if (p.line && (blank || !rest.data)) {
      if (end_paragraph(list, &p, &faults) < 0)
        break;
      p.line = 0;
    }
  }
  return faults_end(&faults, err);
}

/* ---- owned files */

struct list_walk {
  struct str rest;
  bool sums;                 /* lines are "md5  path", not "/path" */
  const struct map *folders; /* what is not a file; NULL: nothing */
};

static struct str path_of_line(const struct list_walk *walk, struct str line)
{
  if (walk->sums)
    str_cut(line, ' ', &line);
  struct str path = line.data ? line : STR_EMPTY;
  while (path.len && (path.data[0] == ' ' || path.data[0] == '/'))
    path = str_sub(path, 1, SIZE_MAX);
  return path;
}

static bool next_owned(struct list_walk *walk, struct str *ret_path)
{
  while (walk->rest.data) {
    *ret_path = path_of_line(walk, str_cut(walk->rest, '\n', &walk->rest));
    if (ret_path->len && !str_eq(*ret_path, STR(".")) &&
        !(walk->folders && map_get(walk->folders, *ret_path)))
      return true;
  }
  return false;
}

/* A list names directories as well; what has something in it is one. */
static void find_folders(struct map *folders, struct list_walk walk)
{
  struct str path, last = STR_EMPTY;
  while (next_owned(&walk, &path)) {
    ptrdiff_t slash = str_find_last_byte(path, '/');
    struct str folder = str_sub(path, 0, slash > 0 ? (size_t)slash : 0);
    if (folder.len && !str_eq(folder, last))
      map_put(folders, folder, NULL);
    last = folder;
  }
}

static int store_owned(struct package_note *note, struct list_walk walk, struct package_list *list,
                       struct error *err)
{
  struct list_walk again = walk;
  struct str path;
  size_t count = 0, total = 0;
  char *out;
  for (; next_owned(&walk, &path); count++)
    total += path.len;
  struct str *files = package_list_room_for_files(list, count, total, &out, err);
  if (!files)
    return SW_ELIMIT;
  for (size_t i = 0; next_owned(&again, &path); i++) {
    memcpy(out, path.data, path.len);
    files[i] = str_make(out, path.len);
    out += path.len;
  }
  note->kind = PACKAGE_NOTE_FILES;
  note->files = files;
  note->file_count = (uint32_t)count;
  return package_list_note(list, note, err);
}

static int read_owned(struct package_note *note, struct str bytes, bool sums,
                      struct package_list *list, struct error *err)
{
  struct list_walk walk = {.rest = bytes, .sums = sums};
  struct map folders;
  map_init(&folders, NULL);
  if (!sums)
    find_folders(&folders, walk);
  walk.folders = &folders;
  int rc = store_owned(note, walk, list, err);
  map_free(&folders);
  return rc;
}

static int read_list(struct package_note *note, struct str bytes, struct package_list *list,
                     struct error *err)
{
  struct str name = note->name;
  note->name = str_cut(name, ':', &note->architecture);
  return read_owned(note, bytes, false, list, err);
}

static int read_sums(struct package_note *note, struct str bytes, struct package_list *list,
                     struct error *err)
{
  return read_owned(note, bytes, true, list, err);
}

static int read_copyright(struct package_note *note, struct str bytes, struct package_list *list,
                          struct error *err)
{
  note->kind = PACKAGE_NOTE_LICENSE;
  note->license = dpkg_license(list->arena, bytes);
  return note->license.len ? package_list_note(list, note, err) : 0;
}

/* ---- which files */

/* Those that say something about one package: the name stands between start and end, without a "/". */
static const struct place {
  struct str start, end;
  unsigned flags; /* that the list must have */
  int (*read)(struct package_note *note, struct str bytes, struct package_list *list,
              struct error *err);
} places[] = {
    {STR_INIT("var/lib/dpkg/info/"), STR_INIT(".list"), PACKAGE_LIST_FILES, read_list},
    {STR_INIT("var/lib/dpkg/status.d/"), STR_INIT(".md5sums"), PACKAGE_LIST_FILES, read_sums},
    {STR_INIT("usr/share/doc/"), STR_INIT("/copyright"), 0, read_copyright},
};

static const struct place *place_of(struct str path, struct str *ret_name)
{
  for (size_t i = 0; i < sizeof places / sizeof places[0]; i++) {
    const struct place *place = &places[i];
    if (path.len <= place->start.len + place->end.len || !str_starts(path, place->start) ||
        !str_ends(path, place->end))
      continue;
    *ret_name = str_sub(path, place->start.len, path.len - place->start.len - place->end.len);
    if (str_find_byte(*ret_name, 0, '/') < 0)
      return place;
  }
  return NULL;
}

static bool is_database(struct str path)
{
  struct str folder = STR("var/lib/dpkg/status.d/");
  if (str_eq(path, STR("var/lib/dpkg/status")))
    return true;
  return str_starts(path, folder) && path.len > folder.len &&
         str_find_byte(path, folder.len, '/') < 0 && !str_ends(path, STR(".md5sums"));
}

bool dpkg_wants(struct str path, unsigned flags)
{
  struct str name;
  const struct place *place = place_of(path, &name);
  return is_database(path) || (place && (flags & place->flags) == place->flags);
}

int dpkg_read(struct str path, uint32_t layer, struct str bytes, struct package_list *list,
              struct error *err)
{
  struct package_note note = {.type = PACKAGE_DEB, .path = path, .layer = layer};
  const struct place *place = place_of(path, &note.name);
  if (bytes.len > DPKG_SIZE_MAX)
    return error_set(err, SW_ELIMIT, "the file has %zu bytes, at most %d are read", bytes.len,
                     DPKG_SIZE_MAX);
  if (place)
    return place->read(&note, bytes, list, err);
  if (!is_database(path))
    return error_set(err, SW_EUSAGE, "this file is not one of dpkg's");
  return read_database(path, layer, bytes, list, err);
}
