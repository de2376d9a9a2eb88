#include "scan/rpm_header.h"

#include "base/mem.h"
#include "scan/bytes_int.h"

enum {
  ENTRY_SIZE = 16,
  INTRO_SIZE = 8, /* number of entries, number of bytes */
  MAGIC_SIZE = 8,
  PATH_LENGTH_MAX = 4096,
  VERSION_TEXT_MAX = 2 * PACKAGE_NAME_MAX + 32,
};

enum type {
  TYPE_INT8 = 2,
  TYPE_INT16 = 3,
  TYPE_INT32 = 4,
  TYPE_STRING = 6,
  TYPE_STRINGS = 8,
  TYPE_I18N = 9
};

/* The tags that are asked for. */
enum tag {
  TAG_NAME,
  TAG_VERSION,
  TAG_RELEASE,
  TAG_EPOCH,
  TAG_VENDOR,
  TAG_LICENSE,
  TAG_PACKAGER,
  TAG_ARCH,
  TAG_OLDFILENAMES,
  TAG_FILESTATES,
  TAG_FILEMODES,
  TAG_FILEFLAGS,
  TAG_SOURCERPM,
  TAG_DIRINDEXES,
  TAG_BASENAMES,
  TAG_DIRNAMES,
  TAG_MODULARITY,
  TAGS,
};

static const uint32_t tag_numbers[TAGS] = {
    [TAG_NAME] = 1000,       [TAG_VERSION] = 1001,    [TAG_RELEASE] = 1002,
    [TAG_EPOCH] = 1003,      [TAG_VENDOR] = 1011,     [TAG_LICENSE] = 1014,
    [TAG_PACKAGER] = 1015,   [TAG_ARCH] = 1022,       [TAG_OLDFILENAMES] = 1027,
    [TAG_FILESTATES] = 1029, [TAG_FILEMODES] = 1030,  [TAG_FILEFLAGS] = 1037,
    [TAG_SOURCERPM] = 1044,  [TAG_DIRINDEXES] = 1116, [TAG_BASENAMES] = 1117,
    [TAG_DIRNAMES] = 1118,   [TAG_MODULARITY] = 5096,
};

struct entry {
  uint32_t type, count;
  struct str data; /* from its offset to the end of all data; data NULL: the tag is not there */
};

struct header {
  struct entry entries[TAGS];
};

static int find_tag(uint32_t number)
{
  for (int i = 0; i < TAGS; i++)
    if (tag_numbers[i] == number)
      return i;
  return -1;
}

static int read_entries(struct str blob, struct header *ret, struct error *err)
{
  static const char magic[] = {(char)0x8e, (char)0xad, (char)0xe8, 1};
  if (blob.len > RPM_HEADER_SIZE_MAX)
    return error_set(err, SW_ELIMIT, "the header has %zu bytes, at most %d are read", blob.len,
                     RPM_HEADER_SIZE_MAX);
  if (str_starts(blob, str_make(magic, sizeof magic)))
    blob = str_sub(blob, MAGIC_SIZE, SIZE_MAX);
  uint32_t count = bytes_u32(blob, 0, true), size = bytes_u32(blob, 4, true);
  if (blob.len < INTRO_SIZE || count == 0 || count > RPM_HEADER_ENTRIES_MAX ||
      (size_t)count * ENTRY_SIZE > blob.len - INTRO_SIZE ||
      size > blob.len - INTRO_SIZE - (size_t)count * ENTRY_SIZE)
    return error_set(err, SW_EINVAL,
                     "%u entries and %u bytes of data do not fit a header of %zu bytes", count,
                     size, blob.len);
  struct str data = str_sub(blob, INTRO_SIZE + (size_t)count * ENTRY_SIZE, size);
  *ret = (struct header){0};
  for (uint32_t i = 0; i < count; i++) {
    size_t at = INTRO_SIZE + (size_t)i * ENTRY_SIZE;
    int tag = find_tag(bytes_u32(blob, at, true));
    uint32_t offset = bytes_u32(blob, at + 8, true);
    if (tag < 0)
      continue;
    if (offset > data.len)
      return error_set(err, SW_EINVAL, "tag %u points outside the header", tag_numbers[tag]);
    ret->entries[tag] = (struct entry){bytes_u32(blob, at + 4, true),
                                       bytes_u32(blob, at + 12, true),
                                       {data.data + offset, data.len - offset}};
  }
  return 0;
}

/* ---- values */

static bool cut_text(struct str *rest, struct str *ret)
{
  const char *end = rest->len ? memchr(rest->data, 0, rest->len) : NULL;
  if (!end)
    return false;
  *ret = str_make(rest->data, (size_t)(end - rest->data));
  *rest = str_sub(*rest, ret->len + 1, SIZE_MAX);
  return true;
}

/* The text of a tag, of several the first (i18n: that of the C locale); empty if it is not there. */
static int text_of(const struct header *h, enum tag tag, struct str *ret, struct error *err)
{
  const struct entry *e = &h->entries[tag];
  struct str rest = e->data;
  *ret = STR_EMPTY;
  if (!rest.data || e->count == 0)
    return 0;
  if (e->type != TYPE_STRING && e->type != TYPE_STRINGS && e->type != TYPE_I18N)
    return error_set(err, SW_EINVAL, "tag %u is no text", tag_numbers[tag]);
  if (!cut_text(&rest, ret))
    return error_set(err, SW_EINVAL, "the text of tag %u does not end within the header",
                     tag_numbers[tag]);
  return 0;
}

/* Whether the tag holds count numbers of a type. */
static bool has_numbers(const struct header *h, enum tag tag, enum type type, size_t count)
{
  static const uint8_t sizes[] = {[TYPE_INT8] = 1, [TYPE_INT16] = 2, [TYPE_INT32] = 4};
  const struct entry *e = &h->entries[tag];
  return e->data.data && e->type == (uint32_t)type && e->count >= count &&
         count <= e->data.len / sizes[type];
}

/* ---- files */

struct file_walk {
  const struct header *header;
  struct str names; /* what is left of them */
  struct str *folders;
  size_t folder_count, at, count;
  bool modes, flags, states;
};

/* Directories, files that only might come to be (ghosts) and those that were not installed are no files
 * that the package owns here. */
static bool is_owned(const struct file_walk *walk, size_t i)
{
  enum { KIND = 0170000, FOLDER = 0040000, GHOST = 1 << 6, REPLACED = 1 };
  const struct entry *entries = walk->header->entries;
  if (walk->modes && (bytes_u16(entries[TAG_FILEMODES].data, i * 2, true) & KIND) == FOLDER)
    return false;
  if (walk->flags && (bytes_u32(entries[TAG_FILEFLAGS].data, i * 4, true) & GHOST))
    return false;
  return !walk->states || bytes_u8(entries[TAG_FILESTATES].data, i) <= REPLACED;
}

static bool next_file(struct file_walk *walk, struct str *ret_folder, struct str *ret_name)
{
  while (walk->at < walk->count && cut_text(&walk->names, ret_name)) {
    size_t i = walk->at++;
    *ret_folder = STR_EMPTY;
    if (walk->folders) {
      uint32_t folder = bytes_u32(walk->header->entries[TAG_DIRINDEXES].data, i * 4, true);
      if (folder >= walk->folder_count)
        continue;
      *ret_folder = walk->folders[folder];
    }
    struct str *first = ret_folder->len ? ret_folder : ret_name;
    if (first->len && first->data[0] == '/')
      *first = str_sub(*first, 1, SIZE_MAX);
    if (is_owned(walk, i))
      return true;
  }
  return false;
}

static int read_folders(const struct header *h, struct file_walk *walk, struct error *err)
{
  const struct entry *folders = &h->entries[TAG_DIRNAMES];
  struct str rest = folders->data;
  if (!rest.data || folders->count > PACKAGE_FILES_MAX || folders->count > rest.len ||
      !has_numbers(h, TAG_DIRINDEXES, TYPE_INT32, walk->count))
    return error_set(err, SW_EINVAL, "the folders of the package's files are missing");
  walk->folders = mem_alloc(((size_t)folders->count + 1) * sizeof *walk->folders);
  for (uint32_t i = 0; i < folders->count; i++)
    if (!cut_text(&rest, &walk->folders[walk->folder_count++]))
      return error_set(err, SW_EINVAL, "the folders of the package's files do not end");
  return 0;
}

static int store_files(struct file_walk walk, struct package *p, struct package_list *list,
                       struct error *err)
{
  struct file_walk again = walk;
  struct str folder, name;
  size_t count = 0, bytes = 0;
  char *out;
  for (; next_file(&walk, &folder, &name); count++) {
    if (folder.len + name.len > PATH_LENGTH_MAX)
      return error_set(err, SW_EINVAL, "the path of a file has %zu bytes", folder.len + name.len);
    bytes += folder.len + name.len;
  }
  struct str *files = package_list_room_for_files(list, count, bytes, &out, err);
  if (!files)
    return SW_ELIMIT;
  for (size_t i = 0; next_file(&again, &folder, &name); i++) {
    files[i] = str_make(out, folder.len + name.len);
    if (folder.len)
      memcpy(out, folder.data, folder.len);
    if (name.len)
      memcpy(out + folder.len, name.data, name.len);
    out += files[i].len;
  }
  p->files = files;
  p->file_count = (uint32_t)count;
  return 0;
}

static int read_files(const struct header *h, struct package *p, struct package_list *list,
                      struct error *err)
{
  const struct entry *split = &h->entries[TAG_BASENAMES], *whole = &h->entries[TAG_OLDFILENAMES];
  const struct entry *names = split->data.data ? split : whole;
  struct file_walk walk = {.header = h, .names = names->data, .count = names->count};
  int rc = 0;
  if (!names->data.data || names->count == 0)
    return 0;
  if (walk.count > walk.names.len)
    return error_set(err, SW_EINVAL, "%zu names of files do not fit %zu bytes", walk.count,
                     walk.names.len);
  walk.modes = has_numbers(h, TAG_FILEMODES, TYPE_INT16, walk.count);
  walk.flags = has_numbers(h, TAG_FILEFLAGS, TYPE_INT32, walk.count);
  walk.states = has_numbers(h, TAG_FILESTATES, TYPE_INT8, walk.count);
  if (names == split)
    rc = read_folders(h, &walk, err);
  if (rc == 0)
    rc = store_files(walk, p, list, err);
  mem_free(walk.folders);
  return rc;
}

/* ---- the package */

/* [epoch:]version-release, its parts views of what is written into room. */
static struct package_version compose(char room[static VERSION_TEXT_MAX], uint32_t epoch,
                                      struct str upstream, struct str release)
{
  char number[16] = "";
  if (epoch)
    snprintf(number, sizeof number, "%u:", epoch);
  int len =
      snprintf(room, VERSION_TEXT_MAX, "%s%.*s-%.*s", number, STR_FMT(upstream), STR_FMT(release));
  size_t start = strlen(number);
  struct str text = str_make(room, (size_t)len);
  return (struct package_version){text, str_sub(text, 0, start ? start - 1 : 0),
                                  str_sub(text, start, upstream.len),
                                  str_sub(text, start + upstream.len + 1, release.len)};
}

bool rpm_source_name(struct str file, struct str *ret_name, struct str *ret_version)
{
  if (str_ends(file, STR(".nosrc.rpm")))
    file.len -= sizeof ".nosrc.rpm" - 1;
  else if (str_ends(file, STR(".src.rpm")))
    file.len -= sizeof ".src.rpm" - 1;
  else
    return false;
  ptrdiff_t release = str_find_last_byte(file, '-');
  ptrdiff_t version = release > 0 ? str_find_last_byte(str_sub(file, 0, (size_t)release), '-') : -1;
  if (version <= 0)
    return false;
  *ret_name = str_sub(file, 0, (size_t)version);
  *ret_version = str_sub(file, (size_t)version + 1, SIZE_MAX);
  return true;
}

/* The source's epoch is that of its packages, whose file name does not say it. */
static void set_source(struct package *p, char room[static VERSION_TEXT_MAX], uint32_t epoch,
                       struct str file)
{
  struct str version;
  if (!rpm_source_name(file, &p->source, &version) || version.len > PACKAGE_NAME_MAX)
    return;
  struct package_version parts = package_version_split(PACKAGE_RPM, version);
  p->source_version = compose(room, epoch, parts.upstream, parts.release);
}

static int read_texts(const struct header *h, struct package *p, struct str *ret_version,
                      struct str *ret_release, struct str *ret_source, struct error *err)
{
  const struct {
    enum tag tag;
    struct str *text;
  } texts[] = {
      {TAG_NAME, &p->name},           {TAG_VERSION, ret_version},   {TAG_RELEASE, ret_release},
      {TAG_ARCH, &p->architecture},   {TAG_LICENSE, &p->license},   {TAG_VENDOR, &p->vendor},
      {TAG_PACKAGER, &p->maintainer}, {TAG_MODULARITY, &p->module}, {TAG_SOURCERPM, ret_source},
  };
  for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
    int rc = text_of(h, texts[i].tag, texts[i].text, err);
    if (rc < 0)
      return rc;
  }
  if (!ret_version->len || !ret_release->len || ret_version->len > PACKAGE_NAME_MAX / 2 ||
      ret_release->len > PACKAGE_NAME_MAX / 2 - 16)
    return error_set(err, SW_EINVAL, "the header has no version and release");
  return 0;
}

int rpm_header_read(struct str path, uint32_t layer, struct str blob, struct package_list *list,
                    struct error *err)
{
  struct package p = {.type = PACKAGE_RPM, .path = path, .layer = layer};
  struct header h;
  struct str version, release, source;
  char room[VERSION_TEXT_MAX], source_room[VERSION_TEXT_MAX];
  int rc = read_entries(blob, &h, err);
  if (rc == 0)
    rc = read_texts(&h, &p, &version, &release, &source, err);
  if (rc == 0 && (list->flags & PACKAGE_LIST_FILES))
    rc = read_files(&h, &p, list, err);
  if (rc < 0)
    return rc;
  uint32_t epoch =
      has_numbers(&h, TAG_EPOCH, TYPE_INT32, 1) ? bytes_u32(h.entries[TAG_EPOCH].data, 0, true) : 0;
  p.version = compose(room, epoch, version, release);
  set_source(&p, source_room, epoch, source);
  return package_list_add(list, &p, err);
}
