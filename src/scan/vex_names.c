/* What vendors may call the package that is asked about: by itself, and by the source package it was built from. */
#include "scan/os_release.h"
#include "scan/vex_int.h"

static struct str qualifier_of(const struct purl_pattern *purl, struct str key)
{
  for (size_t i = 0; i < purl->qualifier_count; i++)
    if (str_eq(purl->qualifiers[i].key, key))
      return purl->qualifiers[i].value;
  return STR_EMPTY;
}

/* Sets a qualifier in a copy of all; an empty value takes it away. */
static void requalify(struct arena *arena, struct purl_pattern *purl, struct str key,
                      struct str value)
{
  struct purl_qualifier *all = arena_array(arena, struct purl_qualifier, purl->qualifier_count + 1);
  size_t count = 0;
  for (size_t i = 0; i < purl->qualifier_count; i++)
    if (!str_eq(purl->qualifiers[i].key, key))
      all[count++] = purl->qualifiers[i];
  if (value.len)
    all[count++] = (struct purl_qualifier){key, value};
  purl->qualifiers = all;
  purl->qualifier_count = count;
}

/* Takes "NAME-VERSION-RELEASE.src.rpm" apart; false: it is no such name of a file. */
static bool split_rpm(struct str file, struct str *ret_name, struct str *ret_version)
{
  static const struct str end = STR_INIT(".src.rpm");
  if (!str_ends(file, end))
    return false;
  file.len -= end.len;
  ptrdiff_t release = str_find_last_byte(file, '-');
  ptrdiff_t version = release > 0 ? str_find_last_byte(str_sub(file, 0, (size_t)release), '-') : -1;
  if (version <= 0)
    return false;
  *ret_name = str_sub(file, 0, (size_t)version);
  *ret_version = str_sub(file, (size_t)version + 1, SIZE_MAX);
  return true;
}

/* Qualifier upstream: "glibc", "glibc@2.36-9", as Syft writes it for rpm a file. Without a version it is the package's. */
static void take_upstream(struct purl_pattern *source, struct str upstream, bool rpm)
{
  if (rpm && split_rpm(upstream, &source->name, &source->version))
    return;
  ptrdiff_t at = str_find_last_byte(upstream, '@');
  source->name = at > 0 ? str_sub(upstream, 0, (size_t)at) : upstream;
  if (at <= 0)
    return;
  source->version = str_sub(upstream, (size_t)at + 1, SIZE_MAX);
  /* The epoch of an rpm is a qualifier, not a part of its version. */
  ptrdiff_t colon = rpm ? str_find_byte(source->version, 0, ':') : -1;
  if (colon >= 0)
    source->version = str_sub(source->version, (size_t)colon + 1, SIZE_MAX);
}

/* Vendors write architecture "source" for deb, "src" for rpm, or none; with another they mean the binary alone. */
static bool source_of(struct arena *arena, const struct purl_pattern *package, struct str named,
                      struct purl_pattern *ret)
{
  static const struct {
    struct str type, arch;
  } rows[] = {{STR_INIT("deb"), STR_INIT("source")},
              {STR_INIT("rpm"), STR_INIT("src")},
              {STR_INIT("apk"), STR_INIT("source")}};
  struct str upstream = qualifier_of(package, STR("upstream"));
  for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
    if (!str_eq(package->type, rows[i].type))
      continue;
    *ret = *package;
    take_upstream(ret, upstream.len ? upstream : named.len ? named : package->name, i == 1);
    requalify(arena, ret, STR("upstream"), STR_EMPTY);
    requalify(arena, ret, STR("arch"), rows[i].arch);
    return true;
  }
  return false;
}

/* "jammy" of "ubuntu-22.04": Ubuntu's documents say it so. */
static struct str codename_of(struct str distro)
{
  ptrdiff_t dash = str_find_last_byte(distro, '-');
  if (dash <= 0)
    return STR_EMPTY;
  struct os_release os = {.id = str_sub(distro, 0, (size_t)dash),
                          .release = str_sub(distro, (size_t)dash + 1, SIZE_MAX)};
  os.family = os_family_find(os.id);
  const struct os_end_of_life *row = os_release_end_of_life(&os);
  return row ? str_from(row->codename) : STR_EMPTY;
}

size_t vex_package_names(struct arena *arena, const struct vex_question *question,
                         struct vex_name ret[static VEX_PACKAGE_NAMES])
{
  size_t count = 1;
  ret[0] = vex_name_read(arena, question->package);
  if (!ret[0].is_purl)
    return count;
  ret[count] = ret[0];
  count += source_of(arena, &ret[0].purl, question->source, &ret[count].purl);
  struct str codename = codename_of(qualifier_of(&ret[0].purl, STR("distro")));
  for (size_t i = 0, known = count; codename.len && i < known; i++) {
    ret[count] = ret[i];
    requalify(arena, &ret[count++].purl, STR("distro"), codename);
  }
  return count;
}

/* ---- platforms */

/* What is behind "cpe:/o:" or "cpe:2.3:a:"; empty: it is no CPE of software. */
static struct str vendor_of(struct str cpe)
{
  static const struct str starts[] = {STR_INIT("cpe:/o:"), STR_INIT("cpe:/a:"),
                                      STR_INIT("cpe:2.3:o:"), STR_INIT("cpe:2.3:a:")};
  for (size_t i = 0; i < sizeof starts / sizeof *starts; i++)
    if (str_starts(cpe, starts[i]))
      return str_sub(cpe, starts[i].len, SIZE_MAX);
  return STR_EMPTY;
}

bool vex_cpe_is_distro(struct str cpe, const struct vex_name *package)
{
  static const struct str product = STR_INIT("redhat:enterprise_linux:"), id = STR_INIT("rhel-");
  struct str platform = vendor_of(cpe);
  if (!package->is_purl || !str_starts(platform, product))
    return false;
  struct str distro = qualifier_of(&package->purl, STR("distro")), minor;
  if (!str_starts(distro, id))
    return false;
  struct str major = str_cut(str_sub(distro, id.len, SIZE_MAX), '.', &minor);
  struct str said = str_cut(str_sub(platform, product.len, SIZE_MAX), ':', &minor);
  return major.len && str_eq(said, major);
}
