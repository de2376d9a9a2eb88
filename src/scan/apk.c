#include "scan/apk.h"

#include "scan/faults_int.h"

enum { PATH_LENGTH_MAX = 4096 };

struct paragraph {
  struct str text; /* all lines of it */
  uint32_t line;   /* of the first, from 1 */
  struct package package;
};

bool apk_wants(struct str path)
{
  return str_eq(path, STR("lib/apk/db/installed")) || str_eq(path, STR("usr/lib/apk/db/installed"));
}

/* ---- owned files: "F:" names a directory, each "R:" behind it a file there */

struct file_walk {
  struct str rest, folder;
};

static bool next_file(struct file_walk *walk, struct str *ret_name)
{
  while (walk->rest.data) {
    struct str line = str_cut(walk->rest, '\n', &walk->rest);
    if (str_starts(line, STR("F:")))
      walk->folder = str_sub(line, 2, SIZE_MAX);
    if (str_starts(line, STR("R:"))) {
      *ret_name = str_sub(line, 2, SIZE_MAX);
      return true;
    }
  }
  return false;
}

static int measure_files(struct str text, size_t *ret_count, size_t *ret_bytes, struct error *err)
{
  struct file_walk walk = {text, STR_EMPTY};
  struct str name;
  *ret_count = *ret_bytes = 0;
  while (next_file(&walk, &name)) {
    size_t len = walk.folder.len + (walk.folder.len > 0) + name.len;
    if (len > PATH_LENGTH_MAX)
      return error_set(err, SW_EINVAL, "the path of a file has %zu bytes", len);
    ++*ret_count;
    *ret_bytes += len;
  }
  return 0;
}

static int read_files(struct package_list *list, struct paragraph *p, struct error *err)
{
  size_t count, bytes;
  char *out;
  int rc = measure_files(p->text, &count, &bytes, err);
  if (rc < 0 || count == 0)
    return rc;
  struct str *files = package_list_room_for_files(list, count, bytes, &out, err);
  if (!files)
    return SW_ELIMIT;
  struct file_walk walk = {p->text, STR_EMPTY};
  struct str name;
  for (size_t i = 0; next_file(&walk, &name); i++) {
    char *start = out;
    if (walk.folder.len) {
      memcpy(out, walk.folder.data, walk.folder.len);
      out += walk.folder.len;
      *out++ = '/';
    }
    if (name.len)
      memcpy(out, name.data, name.len);
    out += name.len;
    files[i] = str_make(start, (size_t)(out - start));
  }
  p->package.files = files;
  p->package.file_count = (uint32_t)count;
  return 0;
}

/* ---- paragraphs */

static void read_line(struct package *p, struct str line)
{
  if (line.len < 2 || line.data[1] != ':')
    return;
  struct str value = str_trim(str_sub(line, 2, SIZE_MAX));
  switch (line.data[0]) {
  case 'P':
    p->name = value;
    break;
  case 'V':
    p->version = package_version_split(PACKAGE_APK, value);
    break;
  case 'A':
    p->architecture = value;
    break;
  case 'o':
    p->source = value;
    break;
  case 'L':
    p->license = value;
    break;
  case 'm':
    p->maintainer = value;
    break;
  default:
    break;
  }
}

static int end_paragraph(struct package_list *list, struct paragraph *p, struct faults *faults)
{
  struct error err;
  int rc = 0;
  if (list->flags & PACKAGE_LIST_FILES)
    rc = read_files(list, p, &err);
  if (rc == 0)
    rc = package_list_add(list, &p->package, &err);
  if (rc == 0)
    return 0;
  err.line = p->line;
  return faults_add(faults, &err);
}

int apk_read(struct str path, uint32_t layer, struct str bytes, struct package_list *list,
             struct error *err)
{
  const struct package empty = {.type = PACKAGE_APK, .path = path, .layer = layer};
  struct paragraph p = {.package = empty};
  struct faults faults = {0};
  uint32_t line_number = 0;
  if (bytes.len > APK_SIZE_MAX)
    return error_set(err, SW_ELIMIT, "the database has %zu bytes, at most %d are read", bytes.len,
                     APK_SIZE_MAX);
  for (struct str rest = bytes; rest.data;) {
    struct str line = str_cut(rest, '\n', &rest);
    line_number++;
    bool blank = str_trim(line).len == 0;
    if (!blank) {
      if (!p.text.data)
        p = (struct paragraph){
            .text = str_make(line.data, 0), .line = line_number, .package = empty};
      p.text.len = (size_t)(line.data + line.len - p.text.data);
      read_line(&p.package, line);
    }
    if (p.text.data && (blank || !rest.data)) {
      if (end_paragraph(list, &p, &faults) < 0)
        break;
      p.text = (struct str){NULL, 0};
    }
  }
  return faults_end(&faults, err);
}
