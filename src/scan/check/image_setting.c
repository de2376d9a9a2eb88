#include "scan/check/image_setting.h"

#include "oci/reference.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static const struct {
  unsigned port;
  const char *what;
} remote_ports[] = {
    {22, "SSH"},
    {23, "telnet"},
    {69, "TFTP"},
    {512, "rexec"},
    {513, "rlogin"},
    {514, "rsh"},
    {2375, "Docker without encryption"},
    {3389, "remote desktop"},
    {5900, "VNC"},
};

const char *image_setting_remote_port(unsigned long long port)
{
  for (size_t i = 0; i < COUNT(remote_ports); i++)
    if (port == remote_ports[i].port)
      return remote_ports[i].what;
  return NULL;
}

bool image_setting_sensitive_volume(struct str path)
{
  static const struct str whole[] = {STR_INIT("/"),      STR_INIT("/etc"),  STR_INIT("/usr"),
                                     STR_INIT("/bin"),   STR_INIT("/sbin"), STR_INIT("/lib"),
                                     STR_INIT("/lib64"), STR_INIT("/root"), STR_INIT("/boot"),
                                     STR_INIT("/var"),   STR_INIT("/home")};
  static const struct str trees[] = {STR_INIT("/proc"),
                                     STR_INIT("/sys"),
                                     STR_INIT("/dev"),
                                     STR_INIT("/var/run/docker.sock"),
                                     STR_INIT("/run/docker.sock"),
                                     STR_INIT("/run/containerd"),
                                     STR_INIT("/var/lib/kubelet"),
                                     STR_INIT("/var/lib/docker"),
                                     STR_INIT("/run/secrets"),
                                     STR_INIT("/var/run/secrets"),
                                     STR_INIT("/etc/kubernetes")};
  while (path.len > 1 && path.data[path.len - 1] == '/')
    path.len--;
  for (size_t i = 0; i < COUNT(whole); i++)
    if (str_eq(path, whole[i]))
      return true;
  for (size_t i = 0; i < COUNT(trees); i++)
    if (str_starts(path, trees[i]) && (path.len == trees[i].len || path.data[trees[i].len] == '/'))
      return true;
  return false;
}

/* A part of a search path that is not below a directory of root's. */
static bool is_weak_folder(struct str folder)
{
  return !folder.len || folder.data[0] != '/' || str_eq(folder, STR("/tmp")) ||
         str_starts(folder, STR("/tmp/")) || str_starts(folder, STR("/var/tmp")) ||
         str_starts(folder, STR("/dev/shm"));
}

bool image_setting_weak_path(struct str name, struct str value, struct str *ret_folder)
{
  bool path = str_eq(name, STR("PATH"));
  struct str rest = value;
  if (!value.len || (!path && !str_eq(name, STR("LD_LIBRARY_PATH"))))
    return false;
  while (rest.data) {
    struct str folder = str_cut(rest, ':', &rest);
    /* Library paths end in an empty part by habit; a variable is whatever it is. */
    bool skipped = (!folder.len && !path) || (folder.len && folder.data[0] == '$');
    if (skipped || !is_weak_folder(folder))
      continue;
    *ret_folder = folder;
    return true;
  }
  return false;
}

bool image_setting_unverified(struct str name, struct str value)
{
  static const struct {
    struct str name, value; /* value: empty: any but empty, 0 and false */
  } rows[] = {
      {STR_INIT("NODE_TLS_REJECT_UNAUTHORIZED"), STR_INIT("0")},
      {STR_INIT("PYTHONHTTPSVERIFY"), STR_INIT("0")},
      {STR_INIT("GIT_SSL_NO_VERIFY"), STR_INIT("")},
      {STR_INIT("NPM_CONFIG_STRICT_SSL"), STR_INIT("false")},
      {STR_INIT("npm_config_strict_ssl"), STR_INIT("false")},
      {STR_INIT("PIP_TRUSTED_HOST"), STR_INIT("")},
      {STR_INIT("GONOSUMCHECK"), STR_INIT("")},
      {STR_INIT("GONOSUMDB"), STR_INIT("*")},
      {STR_INIT("GOINSECURE"), STR_INIT("")},
  };
  bool off = str_eq(value, STR("0")) || str_eq_nocase(value, STR("false"));
  for (size_t i = 0; i < COUNT(rows); i++)
    if (str_eq(name, rows[i].name) &&
        (rows[i].value.len ? str_eq(value, rows[i].value) : value.len && !off))
      return true;
  return false;
}

bool image_setting_latest(struct str reference)
{
  struct image_reference r;
  struct error err;
  return image_reference_read(reference, &r, &err) == 0 && !r.digest.len &&
         str_eq(r.tag, STR("latest"));
}

/* The text without its first part, if that is the name of a host or of a folder. */
static bool take_part(struct str *io_text, struct str part)
{
  if (!str_starts(*io_text, part))
    return false;
  struct str rest = str_sub(*io_text, part.len, io_text->len);
  if (rest.len && rest.data[0] != '/')
    return false;
  *io_text = str_sub(rest, rest.len > 0, rest.len);
  return true;
}

static bool comes_from(const struct image_reference *r, struct str place)
{
  if (!take_part(&place, r->registry))
    return false;
  if (!place.len)
    return true;
  if (r->library)
    return str_eq(place, STR("library")) ||
           (take_part(&place, STR("library")) && str_eq(place, r->repository));
  struct str repository = r->repository;
  return take_part(&repository, place);
}

bool image_setting_allowed(struct str reference, const struct str *registries, size_t count)
{
  struct image_reference r;
  struct error err;
  if (image_reference_read(reference, &r, &err) < 0)
    return false;
  for (size_t i = 0; i < count; i++)
    if (comes_from(&r, registries[i]))
      return true;
  return false;
}

bool image_setting_kill(struct str signal)
{
  return str_eq(signal, STR("9")) || str_eq(signal, STR("SIGKILL")) || str_eq(signal, STR("KILL"));
}
