#include "cmd/image_target.h"

#include "cmd/directory_kind.h"
#include "data/quantity.h"
#include "oci/reference.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

void image_target_init(struct image_target *target, const struct scan_common *common,
                       struct image_target_options *how)
{
  *target = (struct image_target){.common = common, .how = how};
  arena_init(&target->arena, 0);
  image_facts_init(&target->facts, &target->arena);
}

void image_target_free(struct image_target *target)
{
  image_facts_free(&target->facts);
  arena_free(&target->arena);
}

/* ---- options */

static int read_memory(const struct arguments *args, uint64_t *ret, struct error *err)
{
  const char *value = arguments_value(args, "memory");
  struct quantity q;
  int64_t bytes;
  if (!value)
    return 0;
  if (quantity_parse(str_from(value), &q, err) < 0 || !quantity_to_int(q, &bytes) ||
      bytes < 64 << 20)
    return error_set(err, SW_EUSAGE, "--memory \"%s\" is no size like 512Mi, of at least 64Mi",
                     value);
  *ret = (uint64_t)bytes;
  return 0;
}

static int read_platform(struct image_target_options *how, const char *value, struct error *err)
{
  if (!value)
    return 0;
  if (oci_platform_read(str_from(value), &how->platform, NULL) < 0)
    return error_set(err, SW_EUSAGE,
                     "--platform \"%s\" is no platform like linux/amd64 or linux/arm/v7", value);
  how->has_platform = true;
  oci_platform_text(&how->platform, how->platform_text);
  return 0;
}

int image_target_options_read(struct image_target_options *how, const struct arguments *args,
                              struct error *err)
{
  *how = (struct image_target_options){0};
  how->flags |= arguments_has(args, "lock-files") ? PACKAGE_LIST_LOCK_FILES : 0;
  how->flags |= arguments_has(args, "dev") ? PACKAGE_LIST_DEVELOPMENT : 0;
  int rc = read_platform(how, arguments_value(args, "platform"), err);
  if (rc == 0)
    rc = read_memory(args, &how->memory, err);
  return rc < 0 ? rc : registry_options_read(&how->registry, args, err);
}

void image_target_options_free(struct image_target_options *how)
{
  registry_options_free(&how->registry);
}

static void tell_progress(void *ctx, const struct image_scan_progress *progress)
{
  struct image_target *target = ctx;
  if (progress->total != target->progress.total)
    progress_set_total(&target->progress, progress->total);
  if (progress->bytes > target->told) {
    progress_add(&target->progress, progress->bytes - target->told);
    target->told = progress->bytes;
  }
}

/* "arm64" alone was made whole: the reader may not ask the kernel what this machine is. */
static void complete_options(struct image_target *target, struct image_scan_options *options)
{
  const struct image_target_options *how = target->how;
  options->platform = str_from(how->platform_text);
  options->choice.platform = how->has_platform ? &how->platform : NULL;
  options->flags |= how->flags;
  options->memory = how->memory;
  options->progress = tell_progress;
  options->ctx = target;
}

/* ---- what it is */

struct prefix {
  const char *text;
  enum oci_source_kind kind;
  bool registry;
};

static const struct prefix prefixes[] = {
    {"docker-archive:", OCI_SOURCE_DOCKER_ARCHIVE, false},
    {"oci-archive:", OCI_SOURCE_OCI_ARCHIVE, false},
    {"oci:", OCI_SOURCE_LAYOUT, false},
    {"dir:", OCI_SOURCE_DIRECTORY, false},
    {"containers-storage:", OCI_SOURCE_STORAGE, false},
    {"containerd:", OCI_SOURCE_CONTAINERD, false},
    {"registry:", OCI_SOURCE_ANY, true},
    {"docker://", OCI_SOURCE_ANY, true},
};

static const struct prefix *prefix_of(struct str name)
{
  for (size_t i = 0; i < sizeof prefixes / sizeof *prefixes; i++)
    if (str_starts(name, str_from(prefixes[i].text)))
      return &prefixes[i];
  return NULL;
}

/* What other tools have and is not read here: as repositories of docker.io nobody means them. */
static const struct foreign {
  const char *prefix, *command, *behind, *then;
  bool piped;
} foreign[] = {
    {"docker-daemon:", "docker save ", "", "\" reads the image", true},
    {"ostree:", "skopeo copy ostree:", " oci-archive:image.tar", "\" makes an archive that is",
     false},
    {"sif:", "skopeo copy sif:", " oci-archive:image.tar", "\" makes an archive that is", false},
    {"tarball:", "tar -C root -xf ", "", "\" unpacks it for dir:root, which is", false},
};

static const struct foreign *foreign_of(struct str name)
{
  for (size_t i = 0; i < sizeof foreign / sizeof *foreign; i++)
    if (str_starts(name, str_from(foreign[i].prefix)))
      return &foreign[i];
  return NULL;
}

static int refuse_foreign(const struct image_target *target, const struct foreign *f,
                          const char *name, struct error *err)
{
  bool sbom = strcmp(target->common->args->verb->name, "sbom") == 0;
  return error_set(err, SW_EUNSUPPORTED, "\"%s\" is not supported; \"%s%.300s%s%s%s", f->prefix,
                   f->command, name + strlen(f->prefix), f->behind,
                   !f->piped ? ""
                   : sbom    ? " | seawall sbom -"
                             : " | seawall scan image -",
                   f->then);
}

static bool exists(const char *path)
{
  struct stat st;
  return stat(path, &st) == 0;
}

/* "archive.tar:name:tag", "layout:tag": the part behind a path that exists is the image in it. */
static const char *split_reference(struct arena *arena, const char *path, struct str *ret_reference)
{
  *ret_reference = STR_EMPTY;
  if (exists(path))
    return path;
  for (const char *colon = strchr(path, ':'); colon; colon = strchr(colon + 1, ':')) {
    struct str head = arena_copy(arena, str_make(path, (size_t)(colon - path)));
    if (!exists(head.data))
      continue;
    *ret_reference = str_from(colon + 1);
    return head.data;
  }
  return path;
}

/* "web.tar:web:1", where there is a file web.tar; a directory "nginx" does not hide nginx:1.25. */
static bool is_in_archive(struct arena *arena, const char *name)
{
  struct str ignored;
  struct stat st;
  return stat(split_reference(arena, name, &ignored), &st) == 0 && S_ISREG(st.st_mode);
}

static bool looks_like_path(struct image_target *target, const char *name)
{
  return name[0] == '/' || name[0] == '.' || exists(name) || is_in_archive(&target->arena, name);
}

bool image_target_says_image(const char *name)
{
  struct arena arena;
  arena_init(&arena, 0);
  bool says = prefix_of(str_from(name)) || foreign_of(str_from(name)) ||
              is_in_archive(&arena, name);
  arena_free(&arena);
  return says;
}

/* An image that could be read is not lost because a registry does not tell its signatures. */
static void ask_signature(struct image_target *target, struct oci_source *source)
{
  struct str by;
  struct error err;
  if (oci_source_signed(source, &target->facts.image, &target->arena, &by, &err) == 0)
    target->signature = by.len ? IMAGE_SIGNATURE_PRESENT : IMAGE_SIGNATURE_ABSENT;
  else
    target->signature_fault = arena_copy(&target->arena, str_from(err.message));
}

static int read_source(struct image_target *target, const struct image_reference *reference,
                       const char *name, struct image_scan_options *options, struct error *err)
{
  struct oci_registry *registry;
  struct oci_source *source = NULL;
  int rc = registry_options_client(&target->how->registry, &registry, err);
  if (rc == 0)
    rc = oci_source_of_registry(registry, reference, &source, err);
  if (rc == 0)
    rc = image_scan_source(source, name, options, &target->facts, err);
  if (rc == 0 && target->how->signatures)
    ask_signature(target, source);
  oci_source_free(source);
  return rc;
}

/* ---- what is not there */

static bool ends_as_archive(struct str name)
{
  static const char *const ends[] = {".tar", ".tar.gz", ".tgz", ".tar.zst", ".tzst"};
  for (size_t i = 0; i < sizeof ends / sizeof *ends; i++)
    if (name.len > strlen(ends[i]) && str_ends(name, str_from(ends[i])))
      return true;
  return false;
}

/* "web.tar" of "web.tar:web:1"; a name that is no archive's is empty. */
static struct str archive_of(const char *name)
{
  for (const char *colon = strchr(name, ':'); colon; colon = strchr(colon + 1, ':'))
    if (ends_as_archive(str_make(name, (size_t)(colon - name))))
      return str_make(name, (size_t)(colon - name));
  return ends_as_archive(str_from(name)) ? str_from(name) : STR_EMPTY;
}

static int no_file(const char *name, struct error *err)
{
  struct str file = archive_of(name);
  if (!file.len)
    file = str_from(name);
  return error_set(err, SW_ENOENT, "there is no file or directory \"%.*s\"", STR_FMT(file));
}

/* Whether a registry stands in front: a directory here that is called as one could be is none. */
static bool says_registry(struct image_target *target, const struct image_reference *reference)
{
  return reference->repository.data != reference->name.data &&
         !exists(arena_copy(&target->arena, reference->registry).data);
}

static bool means_archive(struct image_target *target, const char *name,
                          const struct image_reference *reference)
{
  return archive_of(name).len && !says_registry(target, reference);
}

/* "web.tar" could be a repository as well, though hardly anybody's: how to ask for that is said. */
static int no_archive(struct image_target *target, const char *name,
                      const struct image_reference *reference, struct error *err)
{
  bool written = reference->repository.data != reference->name.data;
  struct str full = image_reference_name(reference, &target->arena);
  no_file(name, err);
  struct error first = *err;
  return error_set(err, SW_ENOENT, "%s; if an image in a registry is meant: %s%.*s%s",
                   first.message, written ? "registry:" : "", STR_FMT(full),
                   name + reference->name.len);
}

static int no_name(const char *name, struct error *err)
{
  if (archive_of(name).len)
    return no_file(name, err);
  return error_wrap(err,
                    "there is no file or directory \"%s\", and images in registries are called "
                    "otherwise (docker.io/library/nginx:1.25)",
                    name);
}

/* What errors say behind the name in front of them. */
static const char *behind_name(const char *message, const char *name)
{
  size_t len = strlen(name);
  bool named = strncmp(message, name, len) == 0 && strncmp(message + len, ": ", 2) == 0;
  return named ? message + len + 2 : message;
}

/* Readers and sources each put the name in front. */
static int name_once(const char *name, int rc, struct error *err)
{
  if (rc == 0)
    return 0;
  const char *first = behind_name(err->message, name);
  while (first != err->message && behind_name(first, name) != first) {
    memmove(err->message, first, strlen(first) + 1);
    first = behind_name(err->message, name);
  }
  return rc;
}

static int read_registry(struct image_target *target, const char *name, bool said,
                         struct image_scan_options *options, struct error *err)
{
  struct image_reference reference;
  int rc = image_reference_read(str_from(name), &reference, err);
  if (rc < 0)
    return said || !name[0] ? rc : no_name(name, err);
  if (!said && means_archive(target, name, &reference))
    return no_archive(target, name, &reference, err);
  target->kind = STR("Image");
  target->reference = str_from(name);
  rc = read_source(target, &reference, name, options, err);
  /* "wbe" may be a directory mistyped, "nginx:1.25" is none. */
  bool open = !said && !reference.tag_given && !reference.digest.len;
  if (rc < 0 && open && !says_registry(target, &reference)) {
    const struct error why = *err;
    return error_set(err, rc, "there is no file or directory \"%s\", so a registry was asked: %s",
                     name, behind_name(why.message, name));
  }
  return rc;
}

/* In a directory of sources nothing is installed: its packages are those of its lock files. */
static bool is_of_sources(const char *path, const struct image_scan_options *options)
{
  struct stat st;
  return (options->kind == OCI_SOURCE_ANY || options->kind == OCI_SOURCE_DIRECTORY) &&
         stat(path, &st) == 0 && S_ISDIR(st.st_mode) && directory_kind(path) == DIRECTORY_OTHER;
}

static int read_path(struct image_target *target, const char *name,
                     struct image_scan_options *options, struct error *err)
{
  const char *path = split_reference(&target->arena, name, &options->choice.reference);
  struct stat st;
  if (lstat(path, &st) < 0 && (errno == ENOENT || errno == ENOTDIR))
    return no_file(name, err);
  if (is_of_sources(path, options))
    options->flags |= PACKAGE_LIST_LOCK_FILES;
  int rc = image_scan_path(path, options, &target->facts, err);
  bool directory = target->facts.image.id.len == 0 && stat(path, &st) == 0 && S_ISDIR(st.st_mode);
  target->kind = directory ? STR("Directory") : STR("Image");
  return name_once(path, rc, err);
}

/* What is handed to a reader may not be writable. */
static int reopen_for_reading(int fd, struct error *err)
{
  char path[40];
  snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
  int reading = open(path, O_RDONLY | O_CLOEXEC);
  if (reading < 0)
    error_set_errno(err, errno, "standard input");
  close(fd);
  return reading < 0 ? SW_EIO : reading;
}

static int read_standard_input(struct image_target *target, struct image_scan_options *options,
                               struct error *err)
{
  int fd;
  target->name = STR("standard input");
  int rc = oci_source_keep_stream(STDIN_FILENO, "standard input", NULL, 0, &fd, err);
  if (rc < 0)
    return rc;
  fd = reopen_for_reading(fd, err);
  if (fd < 0)
    return fd;
  rc = image_scan_descriptor(fd, "standard input", options, &target->facts, err);
  close(fd);
  return name_once("standard input", rc, err);
}

static int read_named(struct image_target *target, const char *name,
                      struct image_scan_options *options, struct error *err)
{
  const struct prefix *prefix = prefix_of(str_from(name));
  const struct foreign *not_read = foreign_of(str_from(name));
  if (not_read && !exists(name))
    return refuse_foreign(target, not_read, name, err);
  if (prefix) {
    name += strlen(prefix->text);
    options->kind = prefix->kind;
  }
  if (strcmp(name, "-") == 0)
    return read_standard_input(target, options, err);
  if (prefix ? prefix->registry : !looks_like_path(target, name))
    return read_registry(target, name, prefix, options, err);
  return read_path(target, name, options, err);
}

/* "latest" or "1.2", as layouts have it, names no image. */
static bool is_whole_reference(struct str name)
{
  struct image_reference reference;
  return !image_digest_valid(name) && image_reference_read(name, &reference, NULL) == 0 &&
         (reference.tag_given || reference.digest.len);
}

/* An archive is the image that was saved in it, wherever the file lies and whatever it is called. */
static void identify(struct image_target *target)
{
  struct str saved = target->facts.image.name;
  target->identity = target->reference;
  if (!target->identity.len && is_whole_reference(saved))
    target->identity = saved;
}

int image_target_read(struct image_target *target, const char *name,
                      struct image_scan_options options, struct error *err)
{
  complete_options(target, &options);
  target->name = str_from(name);
  target->kind = STR("Image");
  scan_common_progress(target->common, &target->progress, "reading layers", PROGRESS_BYTES, 0);
  int rc = read_named(target, name, &options, err);
  if (rc == 0)
    identify(target);
  progress_end(&target->progress);
  return rc;
}

int image_target_read_host(struct image_target *target, struct image_scan_options options,
                           struct error *err)
{
  char name[256] = "this machine";
  complete_options(target, &options);
  if (gethostname(name, sizeof name - 1) < 0)
    snprintf(name, sizeof name, "this machine");
  target->name = arena_copy(&target->arena, str_from(name));
  target->kind = STR("Host");
  options.kind = OCI_SOURCE_DIRECTORY;
  scan_common_progress(target->common, &target->progress, "reading this machine", PROGRESS_BYTES,
                       0);
  int rc = image_scan_path("/", &options, &target->facts, err);
  progress_end(&target->progress);
  return rc;
}
