/* A directory as the root of a file system. */
#include "oci/source_int.h"

#include "base/file.h"
#include "base/vec.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <unistd.h>

enum {
  PENDING_BYTES_MAX = 64 << 20, /* paths of directories that wait to be read */
  NAMES_BYTES_MAX = 512 << 20,  /* names of one directory */
};

struct tree {
  int root;
};

/* A walk. Directories wait with their paths, and are opened part by part without following links: what
 * happens to the tree meanwhile cannot lead outside of it. */
struct tree_walk {
  int root;
  dev_t device;
  VEC(char *) pending; /* paths, the next one last */
  size_t pending_bytes;
  const struct oci_visitor *visitor;
  const struct oci_layer_options *options;
  uint64_t entries, bytes;
  bool telling; /* the directory was read */
};

struct names {
  VEC(char *) items;
  size_t bytes;
};

static void names_free(struct names *names)
{
  for (size_t i = 0; i < names->items.count; i++)
    mem_free(names->items.items[i]);
  vec_free(&names->items);
}

static int by_bytes(const void *a, const void *b)
{
  return strcmp(*(char *const *)a, *(char *const *)b);
}

/* ---- opening */

enum { OPEN_DIRECTORY = O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC };

static int open_below(int root, const char *path)
{
  int dir = openat(root, ".", OPEN_DIRECTORY);
  struct str rest = str_from(path);
  while (dir >= 0 && rest.data && rest.len) {
    char name[NAME_MAX + 1];
    struct str part = str_cut(rest, '/', &rest);
    if (part.len > NAME_MAX) {
      close(dir);
      errno = ENAMETOOLONG;
      return -1;
    }
    memcpy(name, part.data, part.len);
    name[part.len] = '\0';
    int next = openat(dir, name, OPEN_DIRECTORY);
    int errnum = errno;
    close(dir);
    errno = errnum;
    dir = next;
  }
  return dir;
}

/* File systems that the kernel makes up: nothing in them belongs to an image. */
static bool is_made_up(int dir)
{
  static const long magics[] = {
      PROC_SUPER_MAGIC,
      SYSFS_MAGIC,
      CGROUP_SUPER_MAGIC,
      CGROUP2_SUPER_MAGIC,
      DEBUGFS_MAGIC,
      TRACEFS_MAGIC,
      SECURITYFS_MAGIC,
      DEVPTS_SUPER_MAGIC,
      BPF_FS_MAGIC,
      PSTOREFS_MAGIC,
      EFIVARFS_MAGIC,
      SELINUX_MAGIC,
      BINFMTFS_MAGIC,
      NSFS_MAGIC,
      0x19800202 /* mqueue */,
      0x62656570 /* configfs */,
      0x65735543 /* fusectl */,
  };
  struct statfs fs;
  if (fstatfs(dir, &fs) < 0)
    return false;
  for (size_t i = 0; i < sizeof magics / sizeof *magics; i++)
    if ((long)fs.f_type == magics[i])
      return true;
  return false;
}

/* ---- one directory */

static int read_names(int dir, const char *path, struct names *names, struct error *err)
{
  int copy = fcntl(dir, F_DUPFD_CLOEXEC, 0);
  DIR *d = copy < 0 ? NULL : fdopendir(copy);
  if (!d) {
    int errnum = errno;
    if (copy >= 0)
      close(copy);
    return error_set_errno(err, errnum, "/%s", path);
  }
  int rc = 0;
  for (struct dirent *e; rc == 0 && (errno = 0, e = readdir(d));) {
    size_t len = strlen(e->d_name);
    if (strcmp(e->d_name, ".") == 0 || strcmp(e->d_name, "..") == 0)
      continue;
    names->bytes += len + 32;
    if (vec_full(&names->items, OCI_DIRECTORY_NAMES_MAX) || names->bytes > NAMES_BYTES_MAX)
      rc = error_set(err, SW_ELIMIT, "/%s: more names than a directory may have", path);
    else
      vec_push(&names->items, mem_copy_text(e->d_name, len));
  }
  if (rc == 0 && errno)
    rc = error_set_errno(err, errno, "/%s", path);
  closedir(d);
  if (rc == 0 && names->items.count)
    qsort(names->items.items, names->items.count, sizeof *names->items.items, by_bytes);
  return rc;
}

static const struct {
  mode_t mode;
  enum oci_entry_type type;
} types[] = {
    {S_IFREG, OCI_FILE},        {S_IFDIR, OCI_DIRECTORY},    {S_IFLNK, OCI_SYMLINK},
    {S_IFCHR, OCI_CHAR_DEVICE}, {S_IFBLK, OCI_BLOCK_DEVICE}, {S_IFIFO, OCI_FIFO},
    {S_IFSOCK, OCI_SOCKET},
};

static void fill_entry(struct oci_entry *e, const struct stat *st)
{
  for (size_t i = 0; i < sizeof types / sizeof *types; i++)
    if ((st->st_mode & S_IFMT) == types[i].mode)
      e->type = types[i].type;
  e->mode = st->st_mode & 07777;
  e->uid = st->st_uid;
  e->gid = st->st_gid;
  e->size = e->type == OCI_FILE ? (uint64_t)st->st_size : 0;
  e->mtime = st->st_mtime;
}

/* A file that is opened when somebody reads it, and not before. */
struct lazy_file {
  int dir, fd;
  const char *name;
};

static int lazy_read(void *ctx, void *to, size_t room, size_t *ret_got, struct error *err)
{
  struct lazy_file *f = ctx;
  if (f->fd < 0) {
    f->fd = file_open_at(f->dir, f->name, f->name, FILE_NO_FOLLOW, err);
    if (f->fd < 0)
      return f->fd;
  }
  const struct oci_input input = oci_fd_input(&f->fd);
  return input.read(input.ctx, to, room, ret_got, err);
}

/* What this user may not read, the disk does not give, or lies beyond a limit, need not end the walk. */
static int pass_over(const struct tree_walk *w, const struct error *why, struct error *err)
{
  bool of_place = why->code == SW_EACCES || why->code == SW_EIO || why->code == SW_ELIMIT;
  if (of_place && w->visitor->unreadable)
    return w->visitor->unreadable(w->visitor->ctx, why, err);
  if (err)
    *err = *why;
  return why->code;
}

static int pass_over_errno(const struct tree_walk *w, int errnum, struct str path,
                           struct error *err)
{
  struct error why;
  if (errnum == ENOENT)
    return 0; /* gone since its directory was listed */
  error_set_errno(&why, errnum, "/%.*s", STR_FMT(path));
  return pass_over(w, &why, err);
}

static int wait_for(struct tree_walk *w, struct str path, struct error *err)
{
  size_t depth = 1;
  for (size_t i = 0; i < path.len; i++)
    depth += path.data[i] == '/';
  size_t bytes = w->pending_bytes + path.len + 32;
  if (depth > OCI_TREE_DEPTH_MAX || bytes > PENDING_BYTES_MAX) {
    struct error why;
    error_set(&why, SW_ELIMIT, "/%.*s: directories lie too deep", STR_FMT(str_sub(path, 0, 200)));
    return pass_over(w, &why, err);
  }
  w->pending_bytes = bytes;
  vec_push(&w->pending, mem_copy_text(path.data, path.len));
  return 0;
}

static int tell(struct tree_walk *w, int dir, const char *name, struct str path, struct error *err)
{
  char link[OCI_PATH_MAX + 1];
  struct oci_entry e = {.path = path, .link = STR_EMPTY};
  struct stat st;
  if (fstatat(dir, name, &st, AT_SYMLINK_NOFOLLOW) < 0)
    return pass_over_errno(w, errno, path, err);
  fill_entry(&e, &st);
  if (e.type == OCI_SYMLINK) {
    ssize_t len = readlinkat(dir, name, link, sizeof link);
    if (len < 0 || (size_t)len > OCI_PATH_MAX)
      return pass_over_errno(w, len < 0 ? errno : ENAMETOOLONG, path, err);
    e.link = str_make(link, (size_t)len);
  }
  const uint64_t max = w->options->entries_max ? w->options->entries_max : OCI_ENTRIES_MAX;
  if (w->entries == max)
    return error_set(err, SW_ELIMIT, "it has more than %llu entries", (unsigned long long)max);
  e.number = w->entries++;
  w->bytes += e.size;
  struct lazy_file file = {dir, -1, name};
  const struct oci_input content = {lazy_read, &file};
  int rc = w->visitor->entry(w->visitor->ctx, &e, e.type == OCI_FILE ? &content : NULL, err);
  file_closep(&file.fd);
  return rc == 0 && e.type == OCI_DIRECTORY ? wait_for(w, path, err) : rc;
}

static int pass_over_long(const struct tree_walk *w, const char *directory, struct error *err)
{
  struct error why;
  error_set(&why, SW_ELIMIT, "/%.*s/...: a path is longer than %d bytes",
            STR_FMT(str_sub(str_from(directory), 0, 200)), OCI_PATH_MAX);
  return pass_over(w, &why, err);
}

static int tell_all(struct tree_walk *w, int dir, const char *path, const struct names *names,
                    struct error *err)
{
  char full[OCI_PATH_MAX + 1];
  size_t first = w->pending.count;
  int rc = 0;
  for (size_t i = 0; rc == 0 && i < names->items.count; i++) {
    const char *name = names->items.items[i];
    int len = snprintf(full, sizeof full, "%s%s%s", path, path[0] ? "/" : "", name);
    rc = len < 0 || (size_t)len >= sizeof full
             ? pass_over_long(w, path, err)
             : tell(w, dir, name, str_make(full, (size_t)len), err);
  }
  /* The last one in is the first one out: turned round, they come in order. */
  for (size_t a = first, b = w->pending.count; a + 1 < b; a++) {
    char *other = w->pending.items[--b];
    w->pending.items[b] = w->pending.items[a];
    w->pending.items[a] = other;
  }
  return rc;
}

static int open_and_walk(struct tree_walk *w, const char *path, struct error *err)
{
  struct stat st;
  w->telling = false;
  _cleanup_(file_closep) int dir = open_below(w->root, path);
  if (dir < 0)
    return errno == ENOENT || errno == ENOTDIR || errno == ELOOP
               ? 0 /* gone, or something else by now */
               : error_set_errno(err, errno, "/%s", path);
  if (fstat(dir, &st) == 0 && st.st_dev != w->device && is_made_up(dir))
    return 0;
  _cleanup_(names_free) struct names names = {0};
  int rc = read_names(dir, path, &names, err);
  if (rc < 0)
    return rc;
  w->telling = true; /* an error of the visitor is not one of the directory */
  return tell_all(w, dir, path, &names, err);
}

/* The root itself must be there. */
static int walk_one(struct tree_walk *w, const char *path, struct error *err)
{
  struct error why;
  int rc = open_and_walk(w, path, &why);
  if (rc < 0 && path[0] && !w->telling)
    return pass_over(w, &why, err);
  if (rc < 0 && err)
    *err = why;
  return rc;
}

static int walk_all(struct tree_walk *w, struct error *err)
{
  int rc = walk_one(w, "", err);
  while (rc == 0 && w->pending.count) {
    _cleanup_(mem_freep) char *path = vec_pop(&w->pending);
    w->pending_bytes -= strlen(path) + 32;
    rc = walk_one(w, path, err);
  }
  return rc;
}

/* ---- the source */

static int tree_image(void *state, const struct oci_choice *choice, struct arena *arena,
                      struct oci_image *ret, struct error *err)
{
  (void)state;
  if (choice->reference.len)
    return error_set(err, SW_ENOENT, "a directory has no images with names");
  *ret = (struct oci_image){.digest = STR_EMPTY, .id = STR_EMPTY, .layer_count = 1};
  ret->layers = arena_new(arena, struct oci_image_layer);
  ret->layers[0].packed.size = OCI_SIZE_UNKNOWN;
  return 0;
}

static int tree_read_layer(void *state, const struct oci_image *image, size_t i,
                           const struct oci_layer_options *options,
                           const struct oci_visitor *visitor, struct oci_layer_totals *totals,
                           struct error *err)
{
  struct tree *tree = state;
  struct stat st;
  (void)image, (void)i;
  if (fstat(tree->root, &st) < 0)
    return error_set_errno(err, errno, "/");
  struct tree_walk w = {
      .root = tree->root, .device = st.st_dev, .visitor = visitor, .options = options};
  int rc = walk_all(&w, err);
  for (size_t p = 0; p < w.pending.count; p++)
    mem_free(w.pending.items[p]);
  vec_free(&w.pending);
  if (rc == 0 && totals)
    *totals = (struct oci_layer_totals){
        .entries = w.entries, .packed_bytes = w.bytes, .tar_bytes = w.bytes, .packing = "none"};
  return rc;
}

static void tree_free(void *state)
{
  struct tree *tree = state;
  file_closep(&tree->root);
  mem_free(tree);
}

static const struct oci_source_ops tree_ops = {
    .kind = OCI_SOURCE_DIRECTORY,
    .image = tree_image,
    .read_layer = tree_read_layer,
    .free = tree_free,
};

int oci_tree_open(int dir, struct oci_source *source, struct error *err)
{
  (void)err;
  struct tree *tree = mem_zalloc(1, sizeof *tree);
  tree->root = dir;
  source->ops = &tree_ops;
  source->state = tree;
  return 0;
}
