#include "base/walk.h"

#include "base/file.h"
#include "base/vec.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

const char *const walk_usual_dirs[] = {".git", ".hg", ".svn", "node_modules", NULL};

/* One directory between the root and the place: its names, and how far they have been walked. */
struct level {
  int fd;
  bool volume;         /* the directory that "..data" of the one above leads to */
  size_t path_len;     /* length of its display path; 0 for the root ".", which is not told */
  struct buf names;    /* all names, each with a zero byte behind */
  VEC(uint32_t) order; /* where each begins, sorted */
  size_t next;
  struct stat data; /* what "..data" in here leads to; st_ino 0: nothing */
};

struct walk {
  const char *const *roots;
  size_t root_count, root_next;
  struct walk_options options;
  struct level levels[WALK_DEPTH_MAX + 1];
  size_t depth;    /* levels in use */
  struct buf path; /* display path of the entry given last */
  char *root_real; /* real path of the root directory, by the system; NULL: not known yet */
  /* How the file given last is opened. */
  int open_dir;
  const char *open_name; /* NULL: nothing to open */
  bool open_link;
};

struct walk *walk_new(const char *const *paths, size_t count, const struct walk_options *options)
{
  struct walk *w = mem_zalloc(1, sizeof *w);
  w->roots = paths;
  w->root_count = count;
  if (options)
    w->options = *options;
  return w;
}

static void leave(struct walk *w)
{
  struct level *level = &w->levels[--w->depth];
  close(level->fd);
  buf_free(&level->names);
  vec_free(&level->order);
}

void walk_free(struct walk *w)
{
  if (!w)
    return;
  while (w->depth)
    leave(w);
  buf_free(&w->path);
  mem_free(w->root_real);
  mem_free(w);
}

/* Appends a path without empty and "." parts; nothing left of it is ".". */
static void add_clean(struct buf *path, const char *given)
{
  size_t start = path->len;
  if (given[0] == '/')
    buf_add_byte(path, '/');
  for (struct str rest = str_from(given); rest.data;) {
    struct str part = str_cut(rest, '/', &rest);
    if (part.len == 0 || str_eq(part, STR(".")))
      continue;
    if (path->len > start && path->data[path->len - 1] != '/')
      buf_add_byte(path, '/');
    buf_add(path, part);
  }
  if (path->len == start)
    buf_add_byte(path, '.');
}

/* The display path of a name in the directory whose own path has the given length. */
static void set_path(struct walk *w, size_t directory_len, const char *name)
{
  w->path.len = directory_len;
  if (directory_len && w->path.data[directory_len - 1] != '/')
    buf_add_byte(&w->path, '/');
  buf_add_text(&w->path, name);
}

static void start_entry(struct walk *w, struct walk_entry *entry, enum walk_kind kind)
{
  entry->kind = kind;
  entry->path = str_make(buf_text(&w->path), w->path.len);
  entry->size = 0;
  entry->special = false;
  entry->directory = false;
  entry->reason = NULL;
  entry->error.code = SW_OK;
  entry->error.message[0] = '\0';
  w->open_name = NULL;
}

static void give_error(struct walk *w, struct walk_entry *entry, int errnum, const char *what)
{
  start_entry(w, entry, WALK_ERROR);
  error_set_errno(&entry->error, errnum, "%s: %s", entry->path.data, what);
}

static void give_skipped(struct walk *w, struct walk_entry *entry, const char *reason,
                         bool directory)
{
  start_entry(w, entry, WALK_SKIPPED);
  entry->reason = reason;
  entry->directory = directory;
}

static void give_file(struct walk *w, struct walk_entry *entry, int dir, const char *name,
                      const struct stat *st)
{
  start_entry(w, entry, WALK_FILE);
  entry->special = !S_ISREG(st->st_mode);
  entry->size = entry->special ? 0 : (uint64_t)st->st_size;
  w->open_dir = dir;
  w->open_name = name;
  w->open_link = false;
}

static int by_bytes(const void *a, const void *b, void *names)
{
  const char *base = names;
  return strcmp(base + *(const uint32_t *)a, base + *(const uint32_t *)b);
}

/* Reads the names of a directory. Returns 0, an errno, or -1 if there are too many. */
static int read_names(struct level *level)
{
  int copy = fcntl(level->fd, F_DUPFD_CLOEXEC, 0);
  DIR *dir = copy < 0 ? NULL : fdopendir(copy);
  if (!dir) {
    int errnum = errno;
    if (copy >= 0)
      close(copy);
    return errnum;
  }
  int rc = 0;
  struct dirent *found;
  while (errno = 0, (found = readdir(dir))) {
    const char *name = found->d_name;
    if (strcmp(name, ".") == 0 || strcmp(name, "..") == 0)
      continue;
    if (vec_full(&level->order, WALK_NAMES_MAX)) {
      rc = -1;
      break;
    }
    vec_push(&level->order, (uint32_t)level->names.len);
    buf_add(&level->names, str_make(name, strlen(name) + 1));
  }
  if (rc == 0)
    rc = errno;
  closedir(dir);
  return rc;
}

/* Goes into a directory of which fd is open; takes fd over. */
static void enter(struct walk *w, int fd, struct walk_entry *entry, bool *ret_given)
{
  struct level *level = &w->levels[w->depth++];
  memset(level, 0, sizeof *level);
  level->fd = fd;
  level->path_len = str_eq(buf_str(&w->path), STR(".")) ? 0 : w->path.len;
  buf_init(&level->names, UINT32_MAX);
  int rc = read_names(level);
  if (level->order.count)
    qsort_r(level->order.items, level->order.count, sizeof *level->order.items, by_bytes,
            level->names.data);
  struct stat st;
  if (fstatat(fd, "..data", &st, AT_SYMLINK_NOFOLLOW) == 0 && S_ISLNK(st.st_mode) &&
      fstatat(fd, "..data", &st, 0) == 0 && S_ISDIR(st.st_mode))
    level->data = st;
  *ret_given = rc != 0;
  if (rc > 0) {
    give_error(w, entry, rc, "cannot be listed");
  } else if (rc < 0) {
    start_entry(w, entry, WALK_ERROR);
    error_set(&entry->error, SW_ELIMIT, "%s: holds more than %d names; the others are not read",
              entry->path.data, (int)WALK_NAMES_MAX);
  }
  if (rc)
    entry->directory = true;
}

static bool listed(const char *const *names, const char *name)
{
  for (; names && *names; names++)
    if (strcmp(*names, name) == 0)
      return true;
  return false;
}

/* The reason to skip what w->path names, if the caller has one. */
static const char *callers_reason(struct walk *w, const char *name, bool directory)
{
  if (directory && listed(w->options.skip_dirs, name))
    return "directory left out by name";
  if (!w->options.skip)
    return NULL;
  struct str path = str_make(buf_text(&w->path), w->path.len);
  return w->options.skip(w->options.ctx, path, str_from(name), directory);
}

/* The directory that "..data" leads to. */
static bool is_volume(const struct level *level, const struct stat *st)
{
  return level->data.st_ino && level->data.st_ino == st->st_ino && level->data.st_dev == st->st_dev;
}

/* What the kubelet has put another directory in the place of, and has not removed yet or never will. */
static bool is_old_volume(const struct level *level, const char *name, const struct stat *st)
{
  return level->data.st_ino && name[0] == '.' && name[1] == '.' && !is_volume(level, st);
}

/* False: a directory whose content follows, and no entry of its own. */
static bool visit_directory(struct walk *w, struct level *level, const char *name,
                            const struct stat *st, struct walk_entry *entry)
{
  if (w->depth > WALK_DEPTH_MAX) {
    start_entry(w, entry, WALK_ERROR);
    error_set(&entry->error, SW_ELIMIT, "%s: is more than %d directories deep and is not read",
              entry->path.data, (int)WALK_DEPTH_MAX);
    entry->directory = true;
    return true;
  }
  if (is_old_volume(level, name, st)) {
    give_skipped(w, entry, "an older version of the volume", true);
    return true;
  }
  int fd = openat(level->fd, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK);
  if (fd < 0) {
    give_error(w, entry, errno, "cannot be opened");
    entry->directory = true;
    return true;
  }
  bool given;
  enter(w, fd, entry, &given);
  w->levels[w->depth - 1].volume = is_volume(level, st);
  return given;
}

/* A file of the volume's hidden directory that has a link by its name in the directory above: told
 * there. */
static bool told_above(struct walk *w, struct level *level, const char *name, const struct stat *st)
{
  if (!level->volume || w->depth < 2)
    return false;
  struct stat above;
  return fstatat(level[-1].fd, name, &above, 0) == 0 && above.st_ino == st->st_ino &&
         above.st_dev == st->st_dev;
}

/* The real path of an open descriptor; false where there is no /proc to ask. */
static bool real_path_of(int fd, char ret_path[static PATH_MAX])
{
  char link[40];
  snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
  ssize_t len = readlink(link, ret_path, PATH_MAX - 1);
  if (len <= 0 || ret_path[0] != '/')
    return false;
  ret_path[len] = '\0';
  return true;
}

/* Without /proc: the real path by name, if that still is the file that is open. */
static bool real_path_by_name(int fd, const char *path, char ret_path[static PATH_MAX])
{
  struct stat open_one, named;
  return realpath(path, ret_path) && fstat(fd, &open_one) == 0 && lstat(ret_path, &named) == 0 &&
         open_one.st_ino == named.st_ino && open_one.st_dev == named.st_dev;
}

/* The file that fd is open on lies below the root. */
static bool is_inside(struct walk *w, int fd)
{
  char real[PATH_MAX];
  if (!w->root_real) {
    if (!real_path_of(w->levels[0].fd, real) && !realpath(w->roots[w->root_next - 1], real))
      return false;
    w->root_real = mem_copy_text(real, strlen(real));
  }
  if (!real_path_of(fd, real) && !real_path_by_name(fd, buf_text(&w->path), real))
    return false;
  size_t len = strlen(w->root_real);
  if (len == 1)
    return true;
  return strncmp(real, w->root_real, len) == 0 && real[len] == '/';
}

static const char *broken_link_reason(int errnum)
{
  switch (errnum) {
  case ENOENT:
  case ENOTDIR:
    return "link to nothing";
  case ELOOP:
    return "link that leads round in a circle";
  default:
    return NULL;
  }
}

static void visit_link(struct walk *w, struct level *level, const char *name,
                       struct walk_entry *entry)
{
  /* O_PATH: where the link leads can be asked without opening devices or waiting for FIFOs. */
  _cleanup_(file_closep) int fd = openat(level->fd, name, O_PATH | O_CLOEXEC);
  struct stat st;
  if (fd < 0 || fstat(fd, &st) < 0) {
    const char *reason = broken_link_reason(errno);
    if (reason)
      give_skipped(w, entry, reason, false);
    else
      give_error(w, entry, errno, "cannot be followed");
    return;
  }
  if (S_ISDIR(st.st_mode)) {
    give_skipped(w, entry, "link to a directory", true);
  } else if (!is_inside(w, fd)) {
    give_skipped(w, entry, "link that leads out of the directory given", false);
  } else if (!S_ISREG(st.st_mode)) {
    give_skipped(w, entry, "link to something that is not a regular file", false);
  } else {
    give_file(w, entry, level->fd, name, &st);
    w->open_link = true;
  }
}

static const char *odd_kind(mode_t mode)
{
  if (S_ISFIFO(mode))
    return "a FIFO, not a regular file";
  if (S_ISSOCK(mode))
    return "a socket, not a regular file";
  return "a device, not a regular file";
}

/* One name of the innermost directory; false if it makes no entry of its own. */
static bool visit(struct walk *w, struct level *level, struct walk_entry *entry)
{
  const char *name = buf_text(&level->names) + level->order.items[level->next++];
  set_path(w, level->path_len, name);
  struct stat st;
  if (fstatat(level->fd, name, &st, AT_SYMLINK_NOFOLLOW) < 0) {
    if (errno == ENOENT)
      return false; /* removed since the directory was listed */
    give_error(w, entry, errno, "cannot be examined");
    return true;
  }
  bool directory = S_ISDIR(st.st_mode);
  const char *reason = callers_reason(w, name, directory);
  if (reason)
    give_skipped(w, entry, reason, directory);
  else if (directory)
    return visit_directory(w, level, name, &st, entry);
  else if (S_ISLNK(st.st_mode))
    visit_link(w, level, name, entry);
  else if (!S_ISREG(st.st_mode))
    give_skipped(w, entry, odd_kind(st.st_mode), false);
  else if (told_above(w, level, name, &st))
    return false;
  else
    give_file(w, entry, level->fd, name, &st);
  return true;
}

/* A PATH argument; false if it is a directory whose content follows. */
static bool visit_root(struct walk *w, const char *root, struct walk_entry *entry)
{
  mem_free(w->root_real);
  w->root_real = NULL;
  buf_clear(&w->path);
  if (!*root) {
    start_entry(w, entry, WALK_ERROR);
    error_set(&entry->error, SW_ENOENT, "an empty path names no file");
    return true;
  }
  add_clean(&w->path, root);
  struct stat st;
  if (stat(root, &st) < 0) {
    give_error(w, entry, errno, "cannot be read");
    return true;
  }
  if (!S_ISDIR(st.st_mode)) {
    give_file(w, entry, AT_FDCWD, root, &st);
    return true;
  }
  int fd = open(root, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (fd < 0) {
    give_error(w, entry, errno, "cannot be opened");
    entry->directory = true;
    return true;
  }
  bool given;
  enter(w, fd, entry, &given);
  return given;
}

bool walk_next(struct walk *w, struct walk_entry *ret_entry)
{
  w->open_name = NULL;
  for (;;) {
    if (w->depth == 0) {
      if (w->root_next == w->root_count)
        return false;
      if (visit_root(w, w->roots[w->root_next++], ret_entry))
        return true;
      continue;
    }
    struct level *level = &w->levels[w->depth - 1];
    if (level->next == level->order.count)
      leave(w);
    else if (visit(w, level, ret_entry))
      return true;
  }
}

struct str walk_below(const struct walk *w, struct str path)
{
  size_t root = w->depth ? w->levels[0].path_len : 0;
  if (root == 0 || root >= path.len)
    return path;
  return str_sub(path, path.data[root] == '/' ? root + 1 : root, SIZE_MAX);
}

bool walk_at_root(const struct walk *w)
{
  return w->depth == 0;
}

int walk_open(struct walk *w, struct error *err)
{
  const char *path = buf_text(&w->path);
  if (!w->open_name)
    return error_set(err, SW_EUSAGE, "%s: is not a file to open", path);
  unsigned flags = w->depth == 0 ? FILE_ANY_KIND : w->open_link ? 0 : FILE_NO_FOLLOW;
  int fd = file_open_at(w->open_dir, w->open_name, path, flags, err);
  if (fd >= 0 && w->open_link && !is_inside(w, fd)) {
    close(fd);
    return error_set(err, SW_EACCES, "%s: is a link that leads out of the directory given", path);
  }
  return fd;
}

int walk_read(struct walk *w, size_t limit, struct buf *ret_text, struct error *err)
{
  _cleanup_(file_closep) int fd = walk_open(w, err);
  if (fd < 0)
    return fd;
  return file_read_fd(fd, buf_text(&w->path), limit, ret_text, err);
}
