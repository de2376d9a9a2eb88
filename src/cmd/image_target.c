#include "cmd/image_target.h"

#include "cmd/console.h"
#include "data/quantity.h"
#include "oci/reference.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

void image_target_init(struct image_target *target, const struct scan_common *common)
{
  *target = (struct image_target){.common = common};
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

static int complete_options(struct image_target *target, struct image_scan_options *options,
                            struct error *err)
{
  const struct arguments *args = target->common->args;
  const char *platform = arguments_value(args, "platform");
  struct oci_platform p;
  if (platform) {
    if (oci_platform_read(str_from(platform), &p, err) < 0)
      return error_wrap(err, "--platform \"%s\"", platform);
    /* "arm64" alone is made whole here: the reader may not ask the kernel what this machine is. */
    options->platform = arena_printf(&target->arena, "%s/%s%s%s", p.os, p.architecture,
                                     p.variant[0] ? "/" : "", p.variant);
  }
  options->flags |= arguments_has(args, "lock-files") ? PACKAGE_LIST_LOCK_FILES : 0;
  options->flags |= arguments_has(args, "dev") ? PACKAGE_LIST_DEVELOPMENT : 0;
  options->progress = tell_progress;
  options->ctx = target;
  return read_memory(args, &options->memory, err);
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

static bool exists(const char *path)
{
  struct stat st;
  return stat(path, &st) == 0;
}

/* "archive.tar:name:tag", "layout:tag": the part behind a path that exists is the image in it. */
static const char *split_reference(struct image_target *target, const char *path,
                                   struct str *ret_reference)
{
  *ret_reference = STR_EMPTY;
  if (exists(path))
    return path;
  for (const char *colon = strchr(path, ':'); colon; colon = strchr(colon + 1, ':')) {
    struct str head = arena_copy(&target->arena, str_make(path, (size_t)(colon - path)));
    if (!exists(head.data))
      continue;
    *ret_reference = str_from(colon + 1);
    return head.data;
  }
  return path;
}

/* "web.tar:web:1" as well, where there is a file web.tar; a directory "nginx" does not hide nginx:1.25. */
static bool looks_like_path(struct image_target *target, const char *name)
{
  struct str ignored;
  struct stat st;
  if (name[0] == '/' || name[0] == '.' || exists(name))
    return true;
  return stat(split_reference(target, name, &ignored), &st) == 0 && S_ISREG(st.st_mode);
}

static int read_path(struct image_target *target, const char *path,
                     struct image_scan_options *options, struct error *err)
{
  path = split_reference(target, path, &options->choice.reference);
  int rc = image_scan_path(path, options, &target->facts, err);
  struct stat st;
  bool directory = target->facts.image.id.len == 0 && stat(path, &st) == 0 && S_ISDIR(st.st_mode);
  target->kind = directory ? STR("Directory") : STR("Image");
  return rc;
}

static int read_source(struct image_target *target, const struct image_reference *reference,
                       const char *name, struct image_scan_options *options, struct error *err)
{
  struct registry_options registry;
  struct oci_source *source = NULL;
  struct oci_platform platform;
  int rc = registry_options_read(&registry, target->common->args, err);
  if (rc == 0 && options->platform.len)
    rc = oci_platform_read(options->platform, &platform, err);
  options->choice.platform = options->platform.len ? &platform : NULL;
  if (rc == 0)
    rc = oci_source_open_registry(reference, &registry.options, &source, err);
  if (rc == 0)
    rc = image_scan_source(source, name, options, &target->facts, err);
  oci_source_free(source);
  registry_options_free(&registry);
  return rc;
}

static int read_registry(struct image_target *target, const char *name,
                         struct image_scan_options *options, struct error *err)
{
  struct image_reference reference;
  int rc = image_reference_read(str_from(name), &reference, err);
  if (rc < 0)
    return error_wrap(err, "\"%s\" is no file, and as the name of an image", name);
  target->kind = STR("Image");
  target->reference = str_from(name);
  return read_source(target, &reference, name, options, err);
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
  int rc = oci_source_keep_stream(STDIN_FILENO, "standard input", NULL, 0, &fd, err);
  if (rc < 0)
    return rc;
  fd = reopen_for_reading(fd, err);
  if (fd < 0)
    return fd;
  target->name = STR("standard input");
  rc = image_scan_descriptor(fd, "standard input", options, &target->facts, err);
  close(fd);
  return rc;
}

static int read_named(struct image_target *target, const char *name,
                      struct image_scan_options *options, struct error *err)
{
  const struct prefix *prefix = prefix_of(str_from(name));
  if (prefix) {
    name += strlen(prefix->text);
    options->kind = prefix->kind;
  }
  if (strcmp(name, "-") == 0)
    return read_standard_input(target, options, err);
  if (prefix ? prefix->registry : !looks_like_path(target, name))
    return read_registry(target, name, options, err);
  return read_path(target, name, options, err);
}

int image_target_read(struct image_target *target, const char *name,
                      struct image_scan_options options, struct error *err)
{
  int rc = complete_options(target, &options, err);
  if (rc < 0)
    return rc;
  target->name = str_from(name);
  target->kind = STR("Image");
  scan_common_progress(target->common, &target->progress, "reading layers", PROGRESS_BYTES, 0);
  rc = read_named(target, name, &options, err);
  progress_end(&target->progress);
  return rc;
}

int image_target_read_host(struct image_target *target, struct image_scan_options options,
                           struct error *err)
{
  char name[256] = "this machine";
  int rc = complete_options(target, &options, err);
  if (rc < 0)
    return rc;
  if (gethostname(name, sizeof name - 1) < 0)
    snprintf(name, sizeof name, "this machine");
  target->name = arena_copy(&target->arena, str_from(name));
  target->kind = STR("Host");
  options.kind = OCI_SOURCE_DIRECTORY;
  scan_common_progress(target->common, &target->progress, "reading this machine", PROGRESS_BYTES,
                       0);
  rc = image_scan_path("/", &options, &target->facts, err);
  progress_end(&target->progress);
  return rc;
}
