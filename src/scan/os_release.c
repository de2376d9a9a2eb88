#include "scan/os_release.h"

static const struct os_family families[] = {
    {"debian", "Debian", "debian", OS_RELEASE_MAJOR},
    {"ubuntu", "Ubuntu", "ubuntu", OS_RELEASE_MAJOR_MINOR},
    {"alpine", "Alpine Linux", "alpine", OS_RELEASE_MAJOR_MINOR},
    {"wolfi", "Wolfi", "wolfi", OS_RELEASE_ROLLING},
    {"chainguard", "Chainguard", "chainguard", OS_RELEASE_ROLLING},
    {"rhel", "Red Hat Enterprise Linux", "redhat", OS_RELEASE_MAJOR},
    {"centos", "CentOS", "centos", OS_RELEASE_MAJOR},
    {"almalinux", "AlmaLinux", "almalinux", OS_RELEASE_MAJOR},
    {"rocky", "Rocky Linux", "rocky", OS_RELEASE_MAJOR},
    {"ol", "Oracle Linux", "oracle", OS_RELEASE_MAJOR},
    {"amzn", "Amazon Linux", "amazon", OS_RELEASE_MAJOR},
    {"fedora", "Fedora", "fedora", OS_RELEASE_MAJOR},
    {"sles", "SUSE Linux Enterprise Server", "suse", OS_RELEASE_MAJOR_MINOR},
    {"sl-micro", "SUSE Linux Micro", "suse", OS_RELEASE_MAJOR_MINOR},
    {"opensuse-leap", "openSUSE Leap", "opensuse", OS_RELEASE_MAJOR_MINOR},
    {"opensuse-tumbleweed", "openSUSE Tumbleweed", "opensuse", OS_RELEASE_ROLLING},
    {"azurelinux", "Azure Linux", "azurelinux", OS_RELEASE_MAJOR_MINOR},
    {"mariner", "CBL-Mariner", "cbl-mariner", OS_RELEASE_MAJOR_MINOR},
    {"photon", "Photon OS", "photon", OS_RELEASE_MAJOR_MINOR},
};

/* Other ids of the same distribution. */
static const struct {
  struct str id;
  const char *family;
} aliases[] = {
    {STR_INIT("redhat"), "rhel"},
    {STR_INIT("oracle"), "ol"},
    {STR_INIT("amazon"), "amzn"},
    {STR_INIT("opensuse"), "opensuse-leap"},
    {STR_INIT("cbl-mariner"), "mariner"},
    {STR_INIT("suse"), "sles"},
    {STR_INIT("sled"), "sles"},
    {STR_INIT("sles_sap"), "sles"},
    {STR_INIT("sle-micro"), "sl-micro"},
    {STR_INIT("sle_hpc"), "sles"},
    {STR_INIT("suse-microos"), "sl-micro"},
    {STR_INIT("sl_micro"), "sl-micro"},
    {STR_INIT("sle-micro-rancher"), "sl-micro"},
};

const struct os_family *os_family_find(struct str id)
{
  for (size_t i = 0; i < sizeof aliases / sizeof aliases[0]; i++)
    if (str_eq_nocase(aliases[i].id, id))
      id = str_from(aliases[i].family);
  for (size_t i = 0; i < sizeof families / sizeof families[0]; i++)
    if (str_eq_nocase(str_from(families[i].id), id))
      return &families[i];
  return NULL;
}

/* ---- the part of a version that advisories go by */

static struct str first_numbers(struct str version, unsigned count)
{
  size_t end = 0;
  for (; end < version.len; end++) {
    char c = version.data[end];
    if (c == '.' && --count == 0)
      break;
    if ((c < '0' || c > '9') && c != '.')
      break;
  }
  while (end && version.data[end - 1] == '.')
    end--;
  return str_sub(version, 0, end);
}

static void settle(struct os_release *os)
{
  static const unsigned numbers[] = {[OS_RELEASE_MAJOR] = 1, [OS_RELEASE_MAJOR_MINOR] = 2};
  os->family = os_family_find(os->id);
  if (!os->family)
    os->release = os->version;
  else if (os->family->part == OS_RELEASE_ROLLING)
    os->release = STR_EMPTY;
  else
    os->release = first_numbers(os->version, numbers[os->family->part]);
  /* Amazon Linux 1 counts its releases by month: 2018.03. */
  if (os->family && strcmp(os->family->id, "amzn") == 0 && os->release.len == 4 &&
      str_compare(os->release, STR("2019")) < 0)
    os->release = STR("1");
}

/* ---- os-release */

/* A value as a shell would take it: quotes off, backslashes off within and without double ones. */
static struct str unquote(struct arena *arena, struct str value)
{
  char *out = arena_alloc(arena, value.len + 1);
  size_t len = 0;
  char quote = 0;
  for (size_t i = 0; i < value.len; i++) {
    char c = value.data[i];
    if (quote ? c == quote : (c == '"' || c == '\'')) {
      quote = quote ? 0 : c;
      continue;
    }
    if (c == '\\' && quote != '\'' && i + 1 < value.len)
      c = value.data[++i];
    if ((unsigned char)c >= ' ' && c != 0x7f)
      out[len++] = c;
  }
  out[len] = 0;
  return str_make(out, len);
}

static int read_pairs(struct arena *arena, struct str bytes, struct os_release *os,
                      struct error *err)
{
  const struct {
    struct str key;
    struct str *value;
  } wanted[] = {
      {STR("ID"), &os->id},
      {STR("VERSION_ID"), &os->version},
      {STR("VERSION_CODENAME"), &os->codename},
      {STR("PRETTY_NAME"), &os->pretty},
      {STR("DISTRIB_ID"), &os->id},
      {STR("DISTRIB_RELEASE"), &os->version},
      {STR("DISTRIB_CODENAME"), &os->codename},
      {STR("DISTRIB_DESCRIPTION"), &os->pretty},
  };
  for (struct str rest = bytes; rest.data;) {
    struct str value, key = str_trim(str_cut(str_trim(str_cut(rest, '\n', &rest)), '=', &value));
    for (size_t i = 0; value.data && i < sizeof wanted / sizeof wanted[0]; i++)
      if (str_eq(key, wanted[i].key))
        *wanted[i].value = unquote(arena, str_trim(value));
  }
  if (os->id.len == 0)
    return error_set(err, SW_EINVAL, "no line gives the ID of a distribution");
  return 0;
}

/* ---- files of one line */

static struct str first_line(struct arena *arena, struct str bytes)
{
  struct str rest;
  return unquote(arena, str_trim(str_cut(bytes, '\n', &rest)));
}

/* The first word that begins with a digit. */
static struct str first_number(struct str line)
{
  for (struct str rest = line; rest.data;) {
    struct str word = str_cut(rest, ' ', &rest);
    if (word.len && word.data[0] >= '0' && word.data[0] <= '9')
      return word;
  }
  return STR_EMPTY;
}

static int read_version(struct arena *arena, struct str id, struct str bytes, struct os_release *os,
                        struct error *err)
{
  struct str line = first_line(arena, bytes);
  if (line.len == 0)
    return error_set(err, SW_EINVAL, "the first line is empty");
  os->id = id;
  os->pretty = line;
  if (line.data[0] >= '0' && line.data[0] <= '9')
    os->version = line;
  else
    os->codename = str_cut(line, '/', &(struct str){0}); /* "trixie/sid" */
  return 0;
}

static int read_alpine(struct arena *arena, struct str bytes, struct os_release *os,
                       struct error *err)
{
  return read_version(arena, STR("alpine"), bytes, os, err);
}

static int read_debian(struct arena *arena, struct str bytes, struct os_release *os,
                       struct error *err)
{
  return read_version(arena, STR("debian"), bytes, os, err);
}

/* "CentOS release 6.10 (Final)": whose it is stands at the beginning. */
static int read_redhat(struct arena *arena, struct str bytes, struct os_release *os,
                       struct error *err)
{
  static const struct {
    struct str start, id;
  } starts[] = {
      {STR_INIT("CentOS"), STR_INIT("centos")},       {STR_INIT("Red Hat"), STR_INIT("rhel")},
      {STR_INIT("AlmaLinux"), STR_INIT("almalinux")}, {STR_INIT("Rocky"), STR_INIT("rocky")},
      {STR_INIT("Oracle"), STR_INIT("ol")},           {STR_INIT("Amazon"), STR_INIT("amzn")},
      {STR_INIT("Fedora"), STR_INIT("fedora")},
  };
  struct str line = first_line(arena, bytes);
  for (size_t i = 0; i < sizeof starts / sizeof starts[0]; i++)
    if (str_starts(line, starts[i].start))
      os->id = starts[i].id;
  if (os->id.len == 0)
    return error_set(err, SW_EINVAL, "the first line names no distribution that is known");
  os->pretty = line;
  os->version = first_number(line);
  return 0;
}

/* In the order of trust. */
static const struct file {
  struct str path;
  int (*read)(struct arena *arena, struct str bytes, struct os_release *os, struct error *err);
} files[] = {
    {STR_INIT("etc/os-release"), read_pairs},      {STR_INIT("usr/lib/os-release"), read_pairs},
    {STR_INIT("etc/alpine-release"), read_alpine}, {STR_INIT("etc/oracle-release"), read_redhat},
    {STR_INIT("etc/redhat-release"), read_redhat}, {STR_INIT("etc/centos-release"), read_redhat},
    {STR_INIT("etc/system-release"), read_redhat}, {STR_INIT("etc/lsb-release"), read_pairs},
    {STR_INIT("etc/debian_version"), read_debian},
};

enum { FILES = sizeof files / sizeof files[0] };

static size_t rank(struct str path)
{
  size_t i = 0;
  while (i < FILES && !str_eq(files[i].path, path))
    i++;
  return i;
}

bool os_release_wants(struct str path)
{
  return rank(path) < FILES;
}

int os_release_read(struct arena *arena, struct str path, struct str bytes,
                    struct os_release *ret_os, struct error *err)
{
  struct os_release os = {0};
  size_t at = rank(path);
  if (at == FILES)
    return error_set(err, SW_EUSAGE, "this file does not tell of a distribution");
  if (bytes.len > OS_RELEASE_SIZE_MAX)
    return error_set(err, SW_ELIMIT, "the file has %zu bytes, at most %d are read", bytes.len,
                     OS_RELEASE_SIZE_MAX);
  int rc = files[at].read(arena, bytes, &os, err);
  if (rc < 0)
    return rc;
  os.path = files[at].path;
  settle(&os);
  *ret_os = os;
  return 0;
}

bool os_release_prefer(const struct os_release *a, const struct os_release *b)
{
  if (!b->id.len || !a->id.len)
    return b->id.len > 0;
  bool same = a->family == b->family && (a->family || str_eq(a->id, b->id));
  bool rolling = a->family && a->family->part == OS_RELEASE_ROLLING;
  if (same && !rolling && (a->version.len > 0) != (b->version.len > 0))
    return b->version.len > 0;
  return rank(b->path) < rank(a->path);
}
