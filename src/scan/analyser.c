#include "scan/analyser.h"

#include "base/mem.h"
#include "base/vec.h"
#include "oci/layer.h"
#include "scan/apk.h"
#include "scan/dpkg.h"
#include "scan/faults_int.h"
#include "scan/language/binary.h"
#include "scan/language/cargo.h"
#include "scan/language/composer.h"
#include "scan/language/conda.h"
#include "scan/language/dotnet.h"
#include "scan/language/golang.h"
#include "scan/language/java.h"
#include "scan/language/lock.h"
#include "scan/language/lock_files.h"
#include "scan/language/npm.h"
#include "scan/language/project.h"
#include "scan/language/python.h"
#include "scan/language/ruby.h"
#include "scan/purl.h"
#include "scan/rpm.h"

/* ---- the rows */

static bool wants_os_release(struct str path, unsigned flags)
{
  (void)flags;
  return os_release_wants(path);
}

static int read_os_release(struct analysis *a, struct str path, uint32_t layer, struct str bytes,
                           struct error *err)
{
  struct os_release os;
  int rc = os_release_read(a->packages.arena, path, bytes, &os, err);
  if (rc == 0)
    vec_push(&a->seen, (struct analysis_os_seen){os, layer});
  return rc;
}

static int read_dpkg(struct analysis *a, struct str path, uint32_t layer, struct str bytes,
                     struct error *err)
{
  return dpkg_read(path, layer, bytes, &a->packages, err);
}

static bool wants_apk(struct str path, unsigned flags)
{
  (void)flags;
  return apk_wants(path);
}

static int read_apk(struct analysis *a, struct str path, uint32_t layer, struct str bytes,
                    struct error *err)
{
  return apk_read(path, layer, bytes, &a->packages, err);
}

static bool wants_rpm(struct str path, unsigned flags)
{
  (void)flags;
  return rpm_wants(path);
}

static int read_rpm(struct analysis *a, struct str path, uint32_t layer, struct str bytes,
                    struct error *err)
{
  return rpm_read(path, layer, bytes, &a->packages, err);
}

static int read_golang(struct analysis *a, struct str path, uint32_t layer, struct str bytes,
                       struct error *err)
{
  return golang_read(path, layer, bytes, &a->packages, err);
}

static int read_dotnet(struct analysis *a, struct str path, uint32_t layer, struct str bytes,
                       struct error *err)
{
  return dotnet_read(path, layer, bytes, &a->packages, err);
}

static int stream_java(struct analysis *a, const struct analyser_file *file,
                       const struct oci_input *content, struct error *err)
{
  return java_stream(file, content, &a->packages, err);
}

static int read_java_lock(struct analysis *a, struct str path, uint32_t layer, struct str bytes,
                          struct error *err)
{
  return java_lock_read(path, layer, bytes, &a->packages, err);
}

static int stream_binary(struct analysis *a, const struct analyser_file *file,
                         const struct oci_input *content, struct error *err)
{
  return binary_stream(file, content, &a->packages, err);
}

static int read_npm(struct analysis *a, struct str path, uint32_t layer, struct str bytes,
                    struct error *err)
{
  return npm_read(path, layer, bytes, &a->packages, err);
}

static int read_python(struct analysis *a, struct str path, uint32_t layer, struct str bytes,
                       struct error *err)
{
  return python_read(path, layer, bytes, &a->packages, err);
}

static int read_ruby(struct analysis *a, struct str path, uint32_t layer, struct str bytes,
                     struct error *err)
{
  return ruby_read(path, layer, bytes, &a->packages, err);
}

static int read_composer(struct analysis *a, struct str path, uint32_t layer, struct str bytes,
                         struct error *err)
{
  return composer_read(path, layer, bytes, &a->packages, err);
}

static int read_cargo(struct analysis *a, struct str path, uint32_t layer, struct str bytes,
                      struct error *err)
{
  return cargo_read(path, layer, bytes, &a->packages, err);
}

static int read_conda(struct analysis *a, struct str path, uint32_t layer, struct str bytes,
                      struct error *err)
{
  return conda_read(path, layer, bytes, &a->packages, err);
}

static int read_lock_files(struct analysis *a, struct str path, uint32_t layer, struct str bytes,
                           struct error *err)
{
  return lock_files_read(path, layer, bytes, &a->packages, err);
}

const struct analyser analysers[] = {
    {.name = "os-release",
     .wants = wants_os_release,
     .read = read_os_release,
     .size_max = OS_RELEASE_SIZE_MAX},
    {.name = "dpkg",
     .wants = dpkg_wants,
     .read = read_dpkg,
     .size_max = DPKG_SIZE_MAX,
     .by_name = true},
    {.name = "apk", .wants = wants_apk, .read = read_apk, .size_max = APK_SIZE_MAX},
    {.name = "rpm", .wants = wants_rpm, .read = read_rpm, .size_max = RPM_SIZE_MAX},
    {.name = "go", .wants = golang_wants, .read = read_golang, .size_max = GOLANG_SIZE_MAX},
    {.name = "dotnet", .wants = dotnet_wants, .read = read_dotnet, .size_max = DOTNET_SIZE_MAX},
    {.name = "java", .wants = java_wants, .stream = stream_java, .size_max = JAVA_SIZE_MAX},
    {.name = "java lock files",
     .wants = java_lock_wants,
     .read = read_java_lock,
     .size_max = JAVA_LOCK_SIZE_MAX},
    {.name = "binary",
     .wants_head = binary_wants_head,
     .stream = stream_binary,
     .size_max = BINARY_SIZE_MAX},
    {.name = "npm", .wants = npm_wants, .read = read_npm, .size_max = LOCK_SIZE_MAX},
    {.name = "python", .wants = python_wants, .read = read_python, .size_max = LOCK_SIZE_MAX},
    {.name = "ruby", .wants = ruby_wants, .read = read_ruby, .size_max = LOCK_SIZE_MAX},
    {.name = "composer", .wants = composer_wants, .read = read_composer, .size_max = LOCK_SIZE_MAX},
    {.name = "cargo", .wants = cargo_wants, .read = read_cargo, .size_max = LOCK_SIZE_MAX},
    {.name = "conda", .wants = conda_wants, .read = read_conda, .size_max = LOCK_SIZE_MAX},
    {.name = "lock files",
     .wants = lock_files_wants,
     .read = read_lock_files,
     .size_max = LOCK_SIZE_MAX},
};

const size_t analyser_count = sizeof analysers / sizeof analysers[0];

const struct analyser *analyser_find(struct str path, unsigned flags)
{
  for (size_t i = 0; i < analyser_count; i++)
    if (analysers[i].wants && analysers[i].wants(path, flags))
      return &analysers[i];
  return NULL;
}

bool analyser_wants_head(const struct analyser_file *file)
{
  static const char *const ends[] = {".so", ".exe", ".dll", ".dylib"};
  if (file->mode & 0111)
    return true;
  for (size_t i = 0; i < sizeof ends / sizeof *ends; i++)
    if (str_ends(file->path, str_from(ends[i])))
      return true;
  return str_find(file->path, 0, STR(".so.")) >= 0;
}

const struct analyser *analyser_find_by_head(const struct analyser_file *file, struct str head,
                                             unsigned flags)
{
  for (size_t i = 0; i < analyser_count; i++)
    if (analysers[i].wants_head && analysers[i].wants_head(file, head, flags))
      return &analysers[i];
  return NULL;
}

/* ---- an analysis */

void analysis_init(struct analysis *a, struct arena *arena, unsigned flags)
{
  *a = (struct analysis){0};
  package_list_init(&a->packages, arena, flags);
}

void analysis_free(struct analysis *a)
{
  package_list_free(&a->packages);
  vec_free(&a->seen);
}

int analysis_read(struct analysis *a, const struct analyser *analyser, struct str path,
                  uint32_t layer, struct str bytes, struct error *err)
{
  struct error own;
  if (!err)
    err = &own;
  if (analyser->read(a, path, layer, bytes, err) == 0)
    return 0;
  return error_wrap(err, "%.*s", STR_FMT(str_sub(path, 0, ERROR_PLACE_MAX)));
}

int analysis_read_stream(struct analysis *a, const struct analyser *analyser,
                         const struct analyser_file *file, const struct oci_input *content,
                         struct buf *scratch, struct error *err)
{
  struct error own;
  if (!err)
    err = &own;
  int rc = 0;
  if (file->size > analyser->size_max)
    rc = error_set(err, SW_ELIMIT, "%llu bytes; a file for %s may have %llu",
                   (unsigned long long)file->size, analyser->name,
                   (unsigned long long)analyser->size_max);
  else if (analyser->stream)
    rc = analyser->stream(a, file, content, err);
  buf_clear(scratch);
  if (rc == 0 && analyser->read) {
    rc = oci_content_read(content, (size_t)analyser->size_max, scratch, err);
    if (rc == 0)
      return analysis_read(a, analyser, file->path, file->layer, buf_str(scratch), err);
  }
  return rc < 0 ? error_wrap(err, "%.*s", STR_FMT(str_sub(file->path, 0, ERROR_PLACE_MAX))) : 0;
}

void analysis_add_os(struct analysis *a, const struct os_release *os, uint32_t layer)
{
  vec_push(&a->seen, (struct analysis_os_seen){*os, layer});
}

void analysis_keep(struct analysis *a, bool (*visible)(void *ctx, struct str path, uint32_t layer),
                   void *ctx)
{
  size_t kept = 0;
  package_list_keep(&a->packages, visible, ctx);
  for (size_t i = 0; i < a->seen.count; i++)
    if (visible(ctx, a->seen.items[i].os.path, a->seen.items[i].layer))
      a->seen.items[kept++] = a->seen.items[i];
  a->seen.count = kept;
}

/* ---- package URLs */

static struct str namespace_of(const struct os_release *os)
{
  return os->family ? str_from(os->family->purl) : os->id;
}

static struct str version_of(const struct package *p)
{
  if (p->type != PACKAGE_RPM || !p->version.epoch.len)
    return p->version.text;
  return str_sub(p->version.text, p->version.epoch.len + 1, SIZE_MAX);
}

/* The source, and its version where it is another than the package's own. */
static struct str upstream_of(struct arena *arena, const struct package *p)
{
  bool same_version = str_eq(p->source_version.text, p->version.text);
  if (str_eq(p->source, p->name) && same_version)
    return STR_EMPTY;
  if (same_version)
    return p->source;
  return arena_printf(arena, "%.*s@%.*s", STR_FMT(p->source), STR_FMT(p->source_version.text));
}

static struct str distro_of(struct arena *arena, const struct os_release *os)
{
  if (!os->id.len)
    return STR_EMPTY;
  if (!os->version.len)
    return os->id;
  return arena_printf(arena, "%.*s-%.*s", STR_FMT(os->id), STR_FMT(os->version));
}

struct str analysis_purl(struct arena *arena, const struct package *p, const struct os_release *os)
{
  static const struct os_release unknown = {0};
  _cleanup_(buf_free) struct buf out = {0};
  if (!package_type_is_system(p->type))
    return STR_EMPTY;
  if (!os)
    os = &unknown;
  struct purl purl = {.type = package_type_text(p->type),
                      .name_space = namespace_of(os),
                      .name = p->name,
                      .version = version_of(p)};
  purl_qualify(&purl, STR("arch"), p->architecture, NULL);
  purl_qualify(&purl, STR("distro"), distro_of(arena, os), NULL);
  purl_qualify(&purl, STR("upstream"), upstream_of(arena, p), NULL);
  if (p->type == PACKAGE_RPM)
    purl_qualify(&purl, STR("epoch"), p->version.epoch, NULL);
  if (purl_write(&out, &purl, NULL) < 0)
    return STR_EMPTY;
  return arena_copy(arena, buf_str(&out));
}

void analysis_finish(struct analysis *a)
{
  a->os = (struct os_release){0};
  for (size_t i = 0; i < a->seen.count; i++)
    if (os_release_prefer(&a->os, &a->seen.items[i].os))
      a->os = a->seen.items[i].os;
  project_settle(&a->packages);
  golang_settle(&a->packages);
  struct faults faults = {0};
  java_settle(&a->packages, &faults);
  a->unsettled.code = 0;
  faults_end(&faults, &a->unsettled);
  package_list_join(&a->packages);
  for (size_t i = 0; i < a->packages.count; i++) {
    struct package *p = &a->packages.items[i];
    if (!p->purl.len)
      p->purl = analysis_purl(a->packages.arena, p, &a->os);
  }
  package_list_sort(&a->packages);
}
