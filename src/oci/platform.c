#include "oci/platform.h"

struct alias {
  const char *from, *to, *variant;
};

static const struct alias architectures[] = {
    {"x86_64", "amd64", ""},
    {"x86-64", "amd64", ""},
    {"i386", "386", ""},
    {"i486", "386", ""},
    {"i586", "386", ""},
    {"i686", "386", ""},
    {"aarch64", "arm64", ""},
    {"armhf", "arm", "v7"},
    {"armel", "arm", "v6"},
    {"armv7l", "arm", "v7"},
    {"armv6l", "arm", "v6"},
    {"armv8l", "arm", "v7"},
    {"loongarch64", "loong64", ""},
};

static const char *const known_architectures[] = {
    "386",      "amd64", "arm",   "arm64",   "loong64", "mips",  "mipsle", "mips64",
    "mips64le", "ppc",   "ppc64", "ppc64le", "riscv64", "s390x", "wasm",   "sparc64",
};

static bool set(char *to, size_t room, struct str from)
{
  if (from.len > room)
    return false;
  for (size_t i = 0; i < from.len; i++) {
    char c = from.data[i];
    to[i] = c >= 'A' && c <= 'Z' ? (char)(c + 32) : c;
  }
  to[from.len] = '\0';
  return true;
}

/* The characters that containerd allows in a part. */
static bool is_part(struct str text)
{
  for (size_t i = 0; i < text.len; i++) {
    char c = text.data[i];
    if (!(c >= 'a' && c <= 'z') && !(c >= 'A' && c <= 'Z') && !(c >= '0' && c <= '9') && c != '_' &&
        c != '.' && c != '-')
      return false;
  }
  return text.len > 0 && text.len <= OCI_PLATFORM_PART_MAX;
}

static void replace(char *to, const char *text)
{
  set(to, OCI_PLATFORM_PART_MAX, str_from(text));
}

static bool is(const char *a, const char *b)
{
  return strcmp(a, b) == 0;
}

static void normalise(struct oci_platform *p)
{
  if (is(p->os, "macos"))
    replace(p->os, "darwin");
  for (size_t i = 0; i < sizeof architectures / sizeof *architectures; i++)
    if (is(p->architecture, architectures[i].from)) {
      replace(p->architecture, architectures[i].to);
      if (!p->variant[0] || architectures[i].variant[0])
        replace(p->variant, architectures[i].variant);
      break;
    }
  if (p->variant[0] >= '5' && p->variant[0] <= '9' && !p->variant[1] &&
      is(p->architecture, "arm")) {
    p->variant[1] = p->variant[0];
    p->variant[0] = 'v';
    p->variant[2] = '\0';
  }
  if (is(p->architecture, "arm") && !p->variant[0])
    replace(p->variant, "v7");
  bool plain = (is(p->architecture, "arm64") && (is(p->variant, "v8") || is(p->variant, "8"))) ||
               (is(p->architecture, "amd64") && is(p->variant, "v1"));
  if (plain)
    p->variant[0] = '\0';
}

static bool is_architecture(const char *text)
{
  for (size_t i = 0; i < sizeof known_architectures / sizeof *known_architectures; i++)
    if (is(text, known_architectures[i]))
      return true;
  return false;
}

static int one_word(struct oci_platform *p)
{
  struct oci_platform as = {0};
  replace(as.architecture, p->os);
  normalise(&as);
  if (is_architecture(as.architecture)) {
    replace(as.os, "linux");
    *p = as;
    return 0;
  }
  struct oci_platform here;
  oci_platform_here(&here);
  replace(p->architecture, here.architecture);
  replace(p->variant, here.variant);
  return 0;
}

int oci_platform_read(struct str text, struct oci_platform *ret, struct error *err)
{
  struct oci_platform p = {0};
  char *const parts[] = {p.os, p.architecture, p.variant};
  struct str rest = text;
  size_t count = 0;
  while (rest.data) {
    struct str part = str_cut(rest, '/', &rest);
    if (count == 3 || !is_part(part))
      return error_set(
          err, SW_EINVAL,
          "\"%.*s\" is no platform; write OS/ARCHITECTURE, as linux/amd64 or linux/arm/v7",
          STR_FMT(str_sub(text, 0, 128)));
    set(parts[count++], OCI_PLATFORM_PART_MAX, part);
  }
  if (count == 0)
    return error_set(err, SW_EINVAL, "the platform is empty; write OS/ARCHITECTURE");
  if (count == 1)
    one_word(&p);
  normalise(&p);
  *ret = p;
  return 0;
}

static int member(struct value object, const char *name, char *to, size_t room, struct error *err)
{
  struct value v = value_get(object, value_from(name));
  if (!value_is_nil(v) && !value_is(v, VALUE_STRING))
    return error_set(err, SW_EINVAL, "\"%s\" is a %s, must be a string", name, value_type_name(v));
  struct str text = value_str_or_empty(v);
  if (!set(to, room, text) || memchr(text.data, '\0', text.len))
    return error_set(err, SW_EINVAL, "\"%s\" is no name of a platform", name);
  return 0;
}

int oci_platform_from_value(struct value value, struct oci_platform *ret, struct error *err)
{
  struct oci_platform p = {0};
  int rc = member(value, "os", p.os, OCI_PLATFORM_PART_MAX, err);
  if (rc == 0)
    rc = member(value, "architecture", p.architecture, OCI_PLATFORM_PART_MAX, err);
  if (rc == 0)
    rc = member(value, "variant", p.variant, OCI_PLATFORM_PART_MAX, err);
  if (rc == 0)
    rc = member(value, "os.version", p.os_version, OCI_PLATFORM_VERSION_MAX, err);
  if (rc < 0)
    return rc;
  normalise(&p);
  *ret = p;
  return 0;
}

/* What this was built for, as containerd does it. The kernel is not asked: readers of images may not (sandbox/). */
static const char built_for[] =
#if defined __x86_64__
    "amd64";
#elif defined __aarch64__
    "arm64";
#elif defined __i386__
    "386";
#elif defined __arm__ && __ARM_ARCH >= 7
    "armhf";
#elif defined __arm__
    "armel";
#elif defined __powerpc64__ && __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
    "ppc64le";
#elif defined __powerpc64__
    "ppc64";
#elif defined __s390x__
    "s390x";
#elif defined __riscv && __riscv_xlen == 64
    "riscv64";
#elif defined __loongarch64
    "loong64";
#elif defined __mips64 && __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
    "mips64le";
#else
    ""; /* images that say nothing, or are the only one, can still be read */
#endif

void oci_platform_here(struct oci_platform *ret)
{
  *ret = (struct oci_platform){.os = "linux"};
  replace(ret->architecture, built_for);
  normalise(ret);
}

/* The number in "v7"; `none` for no variant; -1 for one that is no number. */
static int level(const char *variant, int none)
{
  unsigned long long n;
  if (!variant[0])
    return none;
  if (variant[0] != 'v' || !str_to_u64(str_from(variant + 1), 99, &n))
    return -1;
  return (int)n;
}

/* Variants of one family, from the wanted one downwards. */
static int rank_down(const char *wanted, const char *offered, int none, int least)
{
  int w = level(wanted, none), o = level(offered, none);
  if (w < 0 || o < 0)
    return is(wanted, offered) ? 0 : -1;
  return o <= w && o >= least ? w - o : -1;
}

enum { OTHER_FAMILY = 100 };

int oci_platform_rank(const struct oci_platform *w, const struct oci_platform *o)
{
  if (!is(w->os, o->os))
    return -1;
  if (is(w->architecture, o->architecture)) {
    if (is(w->architecture, "amd64"))
      return rank_down(w->variant, o->variant, 1, 1);
    if (is(w->architecture, "arm64"))
      return rank_down(w->variant, o->variant, 8, 8);
    if (is(w->architecture, "arm"))
      return rank_down(w->variant, o->variant, 7, 5);
    return is(w->variant, o->variant) ? 0 : -1;
  }
  if (is(w->architecture, "amd64") && is(o->architecture, "386"))
    return OTHER_FAMILY;
  if (is(w->architecture, "arm64") && is(o->architecture, "arm")) {
    int rank = rank_down("v8", o->variant, 7, 5);
    return rank < 0 ? -1 : OTHER_FAMILY + rank;
  }
  return -1;
}

const char *oci_platform_text(const struct oci_platform *p, char ret_text[static OCI_PLATFORM_TEXT])
{
  snprintf(ret_text, OCI_PLATFORM_TEXT, "%s/%s%s%s", p->os[0] ? p->os : "unknown",
           p->architecture[0] ? p->architecture : "unknown", p->variant[0] ? "/" : "", p->variant);
  return ret_text;
}
