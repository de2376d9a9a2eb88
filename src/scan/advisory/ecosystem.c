#include "scan/advisory/ecosystem.h"

/*
 * By os-release's id. In a pattern %r is the release ("22.04"), %j its first number, %n its second, %s " SPn" unless
 * that is 0, %* any text.
 */
static const struct {
  const char *family;
  const char *pattern;
  enum advisory_ecosystem_rank rank;
} of_families[] = {
    {"debian", "Debian:%j", ADVISORY_ECOSYSTEM_OWN},
    {"ubuntu", "Ubuntu:%r:LTS", ADVISORY_ECOSYSTEM_OWN},
    {"ubuntu", "Ubuntu:%r", ADVISORY_ECOSYSTEM_OWN},
    {"ubuntu", "Ubuntu:Pro:%r:LTS", ADVISORY_ECOSYSTEM_EXTENDED},
    {"ubuntu", "Ubuntu:Pro:%r", ADVISORY_ECOSYSTEM_EXTENDED},
    {"alpine", "Alpine:v%r", ADVISORY_ECOSYSTEM_OWN},
    {"wolfi", "Wolfi", ADVISORY_ECOSYSTEM_OWN},
    {"chainguard", "Chainguard", ADVISORY_ECOSYSTEM_OWN},
    {"chainguard", "Wolfi", ADVISORY_ECOSYSTEM_FALLBACK},
    {"rhel", "Red Hat:enterprise_linux:%j", ADVISORY_ECOSYSTEM_OWN},
    {"rhel", "Red Hat:enterprise_linux:%j::%*", ADVISORY_ECOSYSTEM_OWN},
    {"centos", "CentOS:%j", ADVISORY_ECOSYSTEM_OWN},
    {"centos", "Red Hat:enterprise_linux:%j", ADVISORY_ECOSYSTEM_OWN},
    {"centos", "Red Hat:enterprise_linux:%j::%*", ADVISORY_ECOSYSTEM_OWN},
    {"almalinux", "AlmaLinux:%j", ADVISORY_ECOSYSTEM_OWN},
    {"rocky", "Rocky Linux:%j", ADVISORY_ECOSYSTEM_OWN},
    {"ol", "Oracle Linux:%j", ADVISORY_ECOSYSTEM_OWN},
    {"amzn", "Amazon Linux:%j", ADVISORY_ECOSYSTEM_OWN},
    {"fedora", "Fedora:%j", ADVISORY_ECOSYSTEM_OWN},
    {"sles", "SUSE:Linux Enterprise %j%s", ADVISORY_ECOSYSTEM_OWN},
    {"sles", "SUSE:Linux Enterprise Server %j%s", ADVISORY_ECOSYSTEM_OWN},
    {"sles", "SUSE:Linux Enterprise Server %j%s-%*", ADVISORY_ECOSYSTEM_OWN},
    {"sles", "SUSE:Linux Enterprise Module for %* %j%s", ADVISORY_ECOSYSTEM_OWN},
    {"sl-micro", "SUSE:Linux Enterprise Micro %r", ADVISORY_ECOSYSTEM_OWN},
    {"sl-micro", "SUSE:Linux Micro %r", ADVISORY_ECOSYSTEM_OWN},
    {"opensuse-leap", "openSUSE:Leap %r", ADVISORY_ECOSYSTEM_OWN},
    {"opensuse-tumbleweed", "openSUSE:Tumbleweed", ADVISORY_ECOSYSTEM_OWN},
    {"azurelinux", "Azure Linux:%j", ADVISORY_ECOSYSTEM_OWN},
    {"azurelinux", "Azure Linux:%r", ADVISORY_ECOSYSTEM_OWN},
    {"mariner", "CBL-Mariner:%r", ADVISORY_ECOSYSTEM_OWN},
    {"mariner", "Azure Linux:%j", ADVISORY_ECOSYSTEM_OWN},
    {"photon", "Photon OS:%r", ADVISORY_ECOSYSTEM_OWN},
};

static struct str numbers_of(struct str release, struct str *ret_second)
{
  struct str rest, first = str_cut(release, '.', &rest);
  *ret_second = rest.data ? str_cut(rest, '.', &rest) : STR_EMPTY;
  return first;
}

static struct str fill(struct arena *arena, const char *pattern, struct str release)
{
  struct str second, first = numbers_of(release, &second);
  char *out = arena_alloc(arena, strlen(pattern) + 3 * release.len + 16);
  size_t len = 0;
  for (const char *p = pattern; *p; p++) {
    struct str part = str_make(p, 1);
    if (*p == '%') {
      switch (*++p) {
      case 'r':
        part = release;
        break;
      case 'j':
        part = first;
        break;
      case '*':
        part = STR("*");
        break;
      default: /* s */
        part = STR_EMPTY;
        if (second.len && !str_eq(second, STR("0"))) {
          memcpy(out + len, " SP", 3);
          len += 3;
          part = second;
        }
      }
    }
    if (part.len)
      memcpy(out + len, part.data, part.len);
    len += part.len;
  }
  return str_make(out, len);
}

/* Alpine's branch under development calls itself by the next release: 3.21_alpha20240807. */
static bool is_alpine_edge(const struct os_release *os)
{
  return strcmp(os->family->id, "alpine") == 0 &&
         (str_find_byte(os->version, 0, '_') >= 0 || str_eq(os->version, STR("edge")));
}

size_t advisory_ecosystems_of_os(const struct os_release *os, struct arena *arena,
                                 struct advisory_ecosystem ret[static ADVISORY_ECOSYSTEMS_MAX])
{
  size_t count = 0;
  if (!os || !os->family)
    return 0;
  if (is_alpine_edge(os)) {
    ret[0] = (struct advisory_ecosystem){STR("Alpine:edge"), ADVISORY_ECOSYSTEM_OWN};
    return 1;
  }
  for (size_t i = 0; i < sizeof of_families / sizeof of_families[0]; i++) {
    bool needs_release = strchr(of_families[i].pattern, '%');
    if (strcmp(of_families[i].family, os->family->id) != 0 || (needs_release && !os->release.len))
      continue;
    if (count < ADVISORY_ECOSYSTEMS_MAX)
      ret[count++] = (struct advisory_ecosystem){fill(arena, of_families[i].pattern, os->release),
                                                 of_families[i].rank};
  }
  return count;
}

bool advisory_ecosystem_matches(struct str pattern, struct str name)
{
  struct str rest, head = str_cut(pattern, '*', &rest);
  if (!rest.data)
    return str_eq(pattern, name);
  /* One "*": what stands before it and behind it must both be there, without sharing bytes. */
  return name.len >= head.len + rest.len && str_starts(name, head) && str_ends(name, rest);
}

static const struct {
  enum package_type type;
  struct str ecosystem;
} of_types[] = {
    {PACKAGE_NPM, STR_INIT("npm")},
    {PACKAGE_PYPI, STR_INIT("PyPI")},
    {PACKAGE_GOLANG, STR_INIT("Go")},
    {PACKAGE_MAVEN, STR_INIT("Maven")},
    {PACKAGE_CARGO, STR_INIT("crates.io")},
    {PACKAGE_GEM, STR_INIT("RubyGems")},
    {PACKAGE_COMPOSER, STR_INIT("Packagist")},
    {PACKAGE_NUGET, STR_INIT("NuGet")},
    {PACKAGE_PUB, STR_INIT("Pub")},
    {PACKAGE_HEX, STR_INIT("Hex")},
    {PACKAGE_SWIFT, STR_INIT("SwiftURL")},
    {PACKAGE_CONAN, STR_INIT("ConanCenter")},
    {PACKAGE_JULIA, STR_INIT("Julia")},
};

struct str advisory_ecosystem_of_type(enum package_type type)
{
  for (size_t i = 0; i < sizeof of_types / sizeof of_types[0]; i++)
    if (of_types[i].type == type)
      return of_types[i].ecosystem;
  return STR_EMPTY;
}

/* ---- names */

static char lower(char c)
{
  return c >= 'A' && c <= 'Z' ? (char)(c + ('a' - 'A')) : c;
}

static size_t write_lower(struct str name, char *out)
{
  for (size_t i = 0; i < name.len; i++)
    out[i] = lower(name.data[i]);
  return name.len;
}

/* PEP 503: runs of "-", "_" and "." are one "-". */
static size_t write_pep503(struct str name, char *out)
{
  size_t len = 0;
  for (size_t i = 0; i < name.len; i++) {
    bool separator = strchr("-_.", name.data[i]) && name.data[i];
    if (!separator)
      out[len++] = lower(name.data[i]);
    else if (len == 0 || out[len - 1] != '-')
      out[len++] = '-';
  }
  return len;
}

/* Swift packages go by the address of their repository; advisories write it with and without its beginning and end. */
static size_t write_swift(struct str name, char *out)
{
  if (str_starts(name, STR("https://")))
    name = str_sub(name, 8, name.len);
  if (str_ends(name, STR(".git")))
    name = str_sub(name, 0, name.len - 4);
  return write_lower(name, out);
}

static const struct {
  struct str ecosystem;
  size_t (*write)(struct str name, char *out); /* out has room for name */
} spellings[] = {
    {STR_INIT("PyPI"), write_pep503},     {STR_INIT("NuGet"), write_lower},
    {STR_INIT("Packagist"), write_lower}, {STR_INIT("Pub"), write_lower},
    {STR_INIT("Hex"), write_lower},       {STR_INIT("SwiftURL"), write_swift},
};

struct str advisory_package_name(struct str ecosystem, struct str name, struct arena *arena)
{
  for (size_t i = 0; i < sizeof spellings / sizeof spellings[0]; i++) {
    if (!str_eq(spellings[i].ecosystem, ecosystem))
      continue;
    char *out = arena_alloc(arena, name.len + 1);
    struct str spelled = str_make(out, spellings[i].write(name, out));
    return str_eq(spelled, name) ? name : spelled;
  }
  return name;
}

/* ---- who speaks */

static const struct {
  struct str ecosystem; /* up to its first ":" */
  struct str vendor;
} vendors[] = {
    {STR_INIT("AlmaLinux"), STR_INIT("alma")},
    {STR_INIT("Alpine"), STR_INIT("alpine")},
    {STR_INIT("Amazon Linux"), STR_INIT("amazon")},
    {STR_INIT("Azure Linux"), STR_INIT("azure")},
    {STR_INIT("CBL-Mariner"), STR_INIT("cbl-mariner")},
    {STR_INIT("CentOS"), STR_INIT("centos")},
    {STR_INIT("Chainguard"), STR_INIT("chainguard")},
    {STR_INIT("Debian"), STR_INIT("debian")},
    {STR_INIT("Fedora"), STR_INIT("fedora")},
    {STR_INIT("Oracle Linux"), STR_INIT("oracle")},
    {STR_INIT("Photon OS"), STR_INIT("photon")},
    {STR_INIT("Red Hat"), STR_INIT("redhat")},
    {STR_INIT("Rocky Linux"), STR_INIT("rocky")},
    {STR_INIT("SUSE"), STR_INIT("suse")},
    {STR_INIT("Ubuntu"), STR_INIT("ubuntu")},
    {STR_INIT("Wolfi"), STR_INIT("wolfi")},
    {STR_INIT("openSUSE"), STR_INIT("suse")},
};

struct str advisory_ecosystem_vendor(struct str ecosystem)
{
  struct str rest, name = str_cut(ecosystem, ':', &rest);
  for (size_t i = 0; i < sizeof vendors / sizeof vendors[0]; i++)
    if (str_eq(vendors[i].ecosystem, name))
      return vendors[i].vendor;
  return STR_EMPTY;
}

/* ---- packages from elsewhere */

/* How the vendor tag of a distribution's packages begins. Several rows for a family: any. */
static const struct {
  const char *family;
  struct str vendor;
} builders[] = {
    {"rhel", STR_INIT("Red Hat")},
    {"centos", STR_INIT("CentOS")},
    {"centos", STR_INIT("Red Hat")},
    {"almalinux", STR_INIT("AlmaLinux")},
    {"almalinux", STR_INIT("CloudLinux")},
    {"rocky", STR_INIT("Rocky")},
    {"ol", STR_INIT("Oracle")},
    {"amzn", STR_INIT("Amazon")},
    {"fedora", STR_INIT("Fedora")},
    {"sles", STR_INIT("SUSE")},
    {"sl-micro", STR_INIT("SUSE")},
    {"opensuse-leap", STR_INIT("openSUSE")},
    {"opensuse-leap", STR_INIT("SUSE")},
    {"opensuse-tumbleweed", STR_INIT("openSUSE")},
    {"opensuse-tumbleweed", STR_INIT("SUSE")},
    {"azurelinux", STR_INIT("Microsoft")},
    {"mariner", STR_INIT("Microsoft")},
    {"photon", STR_INIT("VMware")},
    {"photon", STR_INIT("Broadcom")},
};

static bool is_built_elsewhere(const char *family, struct str vendor)
{
  bool known = false;
  for (size_t i = 0; i < sizeof builders / sizeof builders[0]; i++)
    if (strcmp(builders[i].family, family) == 0) {
      if (str_eq_nocase(str_sub(vendor, 0, builders[i].vendor.len), builders[i].vendor))
        return false;
      known = true;
    }
  return known && vendor.len;
}

static const struct {
  enum package_type type;
  struct str mark; /* in the version */
} marks[] = {
    {PACKAGE_RPM, STR_INIT(".remi")},
    {PACKAGE_DEB, STR_INIT("nodesource")},
    {PACKAGE_DEB, STR_INIT("deb.sury.org")},
    {PACKAGE_DEB, STR_INIT(".pgdg")},
};

bool advisory_package_is_foreign(const struct os_release *os, const struct package *p)
{
  for (size_t i = 0; i < sizeof marks / sizeof marks[0]; i++)
    if (marks[i].type == p->type && str_find(p->version.text, 0, marks[i].mark) >= 0)
      return true;
  return p->type == PACKAGE_RPM && os && os->family &&
         is_built_elsewhere(os->family->id, p->vendor);
}
