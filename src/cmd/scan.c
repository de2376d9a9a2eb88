#include "cmd/console.h"
#include "cmd/scan_manifests.h"
#include "cmd/verb.h"
#include "scan/check/dockerfile.h"
#include "scan/sbom/sbom.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

extern const struct verb verb_scan_manifests, verb_scan_image, verb_scan_sbom, verb_scan_dockerfile;

enum { HEAD = 4096 };

/* What a path is held for. */
enum kind { KIND_MANIFESTS, KIND_IMAGE, KIND_SBOM, KIND_DOCKERFILE, KIND_NOTHING };

static const char *const kind_names[] = {
    [KIND_MANIFESTS] = "manifests",
    [KIND_IMAGE] = "an image",
    [KIND_SBOM] = "a bill of materials",
    [KIND_DOCKERFILE] = "a Dockerfile",
};

static enum kind kind_of_bytes(const char *path, struct str head, const char **ret_refused)
{
  struct str tar = str_sub(head, 257, 5);
  if (str_starts(head, STR("\x1f\x8b")) || str_starts(head, STR("\x28\xb5\x2f\xfd")) ||
      str_eq(tar, STR("ustar")))
    return KIND_IMAGE;
  *ret_refused = NULL;
  if (str_starts(head, STR("\x7f"
                           "ELF")))
    *ret_refused = "an ELF binary";
  else if (str_starts(head, STR("PK\x03\x04")))
    *ret_refused = "a zip archive";
  if (*ret_refused)
    return KIND_NOTHING;
  if (sbom_detect(head))
    return KIND_SBOM;
  return dockerfile_wants(str_from(path)) ? KIND_DOCKERFILE : KIND_MANIFESTS;
}

static enum kind kind_of_file(const char *path, const char **ret_refused)
{
  char head[HEAD];
  int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
  if (fd < 0)
    return KIND_MANIFESTS; /* whose error says more */
  ssize_t got = read(fd, head, sizeof head);
  close(fd);
  return got < 0 ? KIND_MANIFESTS : kind_of_bytes(path, str_make(head, (size_t)got), ret_refused);
}

/* A layout, or the root of a file system; else a directory is one of manifests. */
static enum kind kind_of_directory(const char *path)
{
  static const char *const marks[] = {"oci-layout",           "etc/os-release",
                                      "usr/lib/os-release",   "var/lib/dpkg/status",
                                      "lib/apk/db/installed", "var/lib/rpm"};
  for (size_t i = 0; i < sizeof marks / sizeof *marks; i++) {
    _cleanup_(buf_free) struct buf name = {0};
    buf_printf(&name, "%s/%s", path, marks[i]);
    if (access(buf_text(&name), F_OK) == 0)
      return KIND_IMAGE;
  }
  return KIND_MANIFESTS;
}

/* "seawall scan manifets": a path that does not exist and looks like a kind of scan. */
static const char *meant_verb(const char *path)
{
  struct suggestion s = {.word = str_from(path)};
  for (const struct verb *const *v = verbs; *v; v++)
    if (str_starts(str_from((*v)->name), STR("scan ")))
      suggestion_consider(&s, (*v)->name + strlen("scan "));
  return s.best;
}

/* What a path is; KIND_NOTHING, and it has been told. */
static enum kind find_out(const char *path)
{
  struct stat st;
  const char *refused = NULL;
  if (strcmp(path, "-") == 0)
    return KIND_MANIFESTS;
  if (stat(path, &st) < 0) {
    const char *meant = meant_verb(path);
    if (!meant)
      return KIND_MANIFESTS;
    console_note("there is no file \"%s\"; did you mean \"seawall scan %s\"?", path, meant);
    return KIND_NOTHING;
  }
  if (S_ISDIR(st.st_mode))
    return kind_of_directory(path);
  if (!S_ISREG(st.st_mode))
    return KIND_MANIFESTS;
  enum kind kind = kind_of_file(path, &refused);
  if (kind == KIND_NOTHING)
    console_note(
        "%s is %s; \"seawall scan\" takes Kubernetes manifests, images (archives, layouts, root file "
        "systems), bills of materials and Dockerfiles",
        path, refused);
  return kind;
}

static int run(const struct arguments *args)
{
  static const struct verb *const kinds[] = {
      [KIND_MANIFESTS] = &verb_scan_manifests,
      [KIND_IMAGE] = &verb_scan_image,
      [KIND_SBOM] = &verb_scan_sbom,
      [KIND_DOCKERFILE] = &verb_scan_dockerfile,
  };
  enum kind kind = KIND_MANIFESTS;
  for (size_t i = 0; i < args->operands.count; i++) {
    const char *path = args->operands.items[i];
    enum kind this = find_out(path);
    if (this == KIND_NOTHING)
      return STATUS_FAILED;
    if (i && this != kind) {
      console_note("%s is %s and %s is %s: scan them one after the other", args->operands.items[0],
                   kind_names[kind], path, kind_names[this]);
      return STATUS_FAILED;
    }
    kind = this;
  }
  return kinds[kind]->run(args);
}

const struct verb verb_scan = {
    .name = "scan",
    .operand = "PATH...|-",
    .summary = "find out what PATH is, and scan it",
    .details =
        "Manifests (YAML or JSON files, directories of them, standard input) are scanned as\n"
        "\"seawall scan manifests\" does; archives and layouts of images and root file systems as by\n"
        "\"scan image\", bills of materials as by \"scan sbom\", Dockerfiles as by \"scan\n"
        "dockerfile\". These verbs have options of their own.\n",
    .example = "  seawall scan deploy/\n"
               "  seawall scan web.tar\n",
    .options = scan_manifests_options,
    .complete = COMPLETE_FILES,
    .run = run,
};
