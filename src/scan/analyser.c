#include "scan/analyser.h"

#include "base/mem.h"
#include "base/vec.h"
#include "scan/apk.h"
#include "scan/dpkg.h"
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

const struct analyser analysers[] = {
    {"os-release", wants_os_release, read_os_release, OS_RELEASE_SIZE_MAX},
    {"dpkg", dpkg_wants, read_dpkg, DPKG_SIZE_MAX},
    {"apk", wants_apk, read_apk, APK_SIZE_MAX},
    {"rpm", wants_rpm, read_rpm, RPM_SIZE_MAX},
};

const size_t analyser_count = sizeof analysers / sizeof analysers[0];

const struct analyser *analyser_find(struct str path, unsigned flags)
{
  for (size_t i = 0; i < analyser_count; i++)
    if (analysers[i].wants(path, flags))
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
  package_list_join(&a->packages);
  for (size_t i = 0; i < a->packages.count; i++) {
    struct package *p = &a->packages.items[i];
    if (!p->purl.len)
      p->purl = analysis_purl(a->packages.arena, p, &a->os);
  }
  package_list_sort(&a->packages);
}
