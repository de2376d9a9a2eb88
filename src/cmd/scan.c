#include "cmd/console.h"
#include "cmd/directory_kind.h"
#include "cmd/image_target.h"
#include "cmd/verb.h"
#include "oci/reference.h"
#include "scan/check/dockerfile.h"
#include "scan/sbom/sbom.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

extern const struct verb verb_scan;
extern const struct verb verb_scan_manifests, verb_scan_image, verb_scan_sbom, verb_scan_dockerfile;

enum { HEAD = 4096 };

/* What a path is held for, and what people are told it is. */
struct kind {
  const struct verb *verb; /* NULL: nothing that could be scanned */
  const char *is;
};

static const struct kind manifests = {&verb_scan_manifests, "taken for manifests"};
static const struct kind manifest_directory = {&verb_scan_manifests, "a directory of manifests"};
static const struct kind image_archive = {&verb_scan_image, "an image archive"};
static const struct kind image_layout = {&verb_scan_image, "an image layout"};
static const struct kind image_store = {&verb_scan_image, "a store of images"};
static const struct kind root_directory = {&verb_scan_image, "a root file system"};
static const struct kind image_name = {&verb_scan_image, "the name of an image"};
static const struct kind bill = {&verb_scan_sbom, "a bill of materials"};
static const struct kind dockerfile = {&verb_scan_dockerfile, "a Dockerfile"};
static const struct kind binary = {NULL, "an ELF binary"};
static const struct kind zip = {NULL, "a zip archive"};
static const struct kind absent = {NULL, "not there"};

static const struct kind *kind_of_bytes(const char *path, struct str head)
{
  struct str tar = str_sub(head, 257, 5);
  if (str_starts(head, STR("\x1f\x8b")) || str_starts(head, STR("\x28\xb5\x2f\xfd")) ||
      str_eq(tar, STR("ustar")))
    return &image_archive;
  if (str_starts(head, STR("\x7f"
                           "ELF")))
    return &binary;
  if (str_starts(head, STR("PK\x03\x04")))
    return &zip;
  if (sbom_detect(head))
    return &bill;
  return dockerfile_wants(str_from(path)) ? &dockerfile : &manifests;
}

static const struct kind *kind_of_file(const char *path)
{
  char head[HEAD];
  int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
  if (fd < 0)
    return &manifests; /* whose error says more */
  ssize_t got = read(fd, head, sizeof head);
  close(fd);
  return got < 0 ? &manifests : kind_of_bytes(path, str_make(head, (size_t)got));
}

static const struct kind *kind_of_directory(const char *path)
{
  static const struct kind *const kinds[] = {[DIRECTORY_OTHER] = &manifest_directory,
                                             [DIRECTORY_LAYOUT] = &image_layout,
                                             [DIRECTORY_STORE] = &image_store,
                                             [DIRECTORY_ROOT] = &root_directory};
  return kinds[directory_kind(path)];
}

static const struct kind *kind_of(const char *path)
{
  struct stat st;
  if (strcmp(path, "-") == 0)
    return &manifests;
  if (stat(path, &st) < 0)
    return image_target_says_image(path) ? &image_name : &absent;
  if (S_ISDIR(st.st_mode))
    return kind_of_directory(path);
  return S_ISREG(st.st_mode) ? kind_of_file(path) : &manifests;
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

static void refuse_absent(const char *path)
{
  const char *meant = meant_verb(path);
  struct image_reference reference;
  if (meant)
    console_note("there is no file \"%s\"; did you mean \"seawall scan %s\"?", path, meant);
  else if (path[0] != '.' && path[0] != '/' &&
           image_reference_read(str_from(path), &reference, NULL) == 0)
    console_note("there is no file or directory \"%s\"; \"seawall scan image %s\" asks a registry",
                 path, path);
  else
    console_note("there is no file or directory \"%s\"", path);
}

static void refuse(const char *path, const struct kind *kind)
{
  console_note("%s is %s; \"seawall scan\" takes Kubernetes manifests, images (archives, layouts, "
               "root file systems), bills of materials and Dockerfiles",
               path, kind->is);
}

/* "--fix belongs to ..., web.tar is an image archive". */
static void refuse_option(const struct option *option, const char *path, const struct kind *kind)
{
  _cleanup_(buf_free) struct buf owners = {0};
  const struct verb *const *all = verb_scan.stands_for;
  for (size_t i = 0; all[i]; i++)
    if (verb_option(all[i], str_from(option->name)))
      buf_printf(&owners, "%s\"seawall %s\"", owners.len ? " and " : "", all[i]->name);
  console_note("--%s belongs to %s; %s is %s", option->name, buf_text(&owners),
               strcmp(path, "-") == 0 ? "standard input" : path, kind->is);
}

/* Whether a path may stand in front of those behind it; what is wrong is told. */
static bool agrees(const char *path, const struct kind *kind, const char *next,
                   const struct kind *found)
{
  if (!kind->verb)
    refuse(path, kind);
  else if (found && kind->verb != found->verb)
    console_note("%s is %s and %s is %s: scan them one after the other", path, kind->is, next,
                 found->is);
  return kind->verb && (!found || kind->verb == found->verb);
}

/* What all operands are, and the first that says it; NULL: it has been told. Of several manifests, Dockerfiles or bills
 * one that is not there is told with the others; as an image it would be looked for in a registry. */
static const struct kind *find_out(const struct arguments *args, const char **ret_first)
{
  const struct kind *found = NULL;
  const char *missing = NULL;
  for (size_t i = args->operands.count; i-- > 0;) {
    const char *path = args->operands.items[i];
    const struct kind *kind = kind_of(path);
    if (kind == &absent) {
      missing = path;
      continue;
    }
    if (!agrees(path, kind, *ret_first, found))
      return NULL;
    found = kind;
    *ret_first = path;
  }
  if (!missing || (found && found->verb != &verb_scan_image))
    return found;
  refuse_absent(missing);
  return NULL;
}

static int run(const struct arguments *args)
{
  const char *first = NULL;
  if (!args->operands.count) {
    console_note("nothing to scan: name files or directories, or \"-\" for standard input");
    return STATUS_FAILED;
  }
  const struct kind *kind = find_out(args, &first);
  if (!kind)
    return STATUS_FAILED;
  struct arguments narrowed;
  const struct option *foreign;
  struct error err;
  int status = STATUS_FAILED;
  if (arguments_narrow(args, kind->verb, &narrowed, &foreign, &err) == 0)
    status = kind->verb->run(&narrowed);
  else if (foreign)
    refuse_option(foreign, first, kind);
  else
    console_error(&err);
  arguments_free(&narrowed);
  return status;
}

static const struct verb *const stands_for[] = {&verb_scan_image, &verb_scan_sbom,
                                                &verb_scan_manifests, &verb_scan_dockerfile, NULL};

const struct verb verb_scan = {
    .name = "scan",
    .operand = "PATH...|-",
    .summary = "find out what PATH is, and scan it",
    .details =
        "Manifests (YAML or JSON files, directories of them, standard input) are scanned as\n"
        "\"seawall scan manifests\" does; archives and layouts of images and root file systems as by\n"
        "\"scan image\", bills of materials as by \"scan sbom\", Dockerfiles as by \"scan\n"
        "dockerfile\". It takes the options of each; one that does not belong to what was found is\n"
        "refused. Registries are not asked: \"seawall scan image nginx:1.25\" does that.\n\n"
        "Exit status: 0 nothing from --fail-on up, 1 findings from there up, 2 something could\n"
        "not be read, or the request makes no sense.\n",
    .example = "  seawall scan deploy/\n"
               "  seawall scan --fail-on critical,kev web.tar\n"
               "  seawall scan --fix deploy/\n",
    .stands_for = stands_for,
    .complete = COMPLETE_FILES,
    .run = run,
};
