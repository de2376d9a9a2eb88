#include "scan/check/shell_habits.h"

#include "base/map.h"
#include "scan/check/secret_name.h"
#include "scan/check/shell_habits_int.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

struct look {
  const struct shell_commands *all;
  struct arena *arena;
  struct shell_habits *habits;
  size_t room;
  const struct str *secrets; /* of each command, what it has of a secret; empty: nothing */
};

static bool is_any(struct str word, const struct str *list, size_t count)
{
  for (size_t i = 0; i < count; i++)
    if (str_eq(word, list[i]))
      return true;
  return false;
}

static bool has_word(const struct shell_command *c, const char *word)
{
  for (size_t i = c->program + 1; i < c->count; i++)
    if (str_eq(c->words[i], str_from(word)))
      return true;
  return false;
}

static bool mentions(const struct shell_command *c, const char *text)
{
  for (size_t i = c->program; i < c->count; i++)
    if (str_find(c->words[i], 0, str_from(text)) >= 0)
      return true;
  return false;
}

/* A short option, alone or among others: "-y", "-qy". */
static bool has_letter(const struct shell_command *c, char letter)
{
  for (size_t i = c->program + 1; i < c->count; i++) {
    struct str word = c->words[i];
    if (word.len > 1 && word.data[0] == '-' && word.data[1] != '-' &&
        str_find_byte(word, 1, letter) >= 0)
      return true;
  }
  return false;
}

/* As written; of a command with a secret in it, or in what stands in its words, only the program's name. */
static struct str command_text(const struct look *l, const struct shell_command *c)
{
  for (size_t i = 0; i < l->all->count; i++) {
    const struct shell_command *other = &l->all->items[i];
    if (l->secrets[i].len && other->offset >= c->offset && other->offset <= c->end)
      return c->name.len ? c->name : l->secrets[i];
  }
  return str_trim(str_sub(l->all->script, c->offset, c->end - c->offset));
}

static void sign(struct look *l, enum shell_habit habit, const struct shell_command *c,
                 struct str detail)
{
  struct shell_habits *h = l->habits;
  if (h->count == l->room) {
    size_t room = l->room ? l->room * 2 : 8;
    struct shell_sign *items = arena_array(l->arena, struct shell_sign, room);
    if (h->count)
      memcpy(items, h->items, h->count * sizeof *items);
    h->items = items;
    l->room = room;
  }
  h->items[h->count++] = (struct shell_sign){
      .habit = habit, .offset = c->offset, .command = command_text(l, c), .detail = detail};
}

/* ---- package managers */

enum family {
  FAMILY_NONE,
  FAMILY_APT,
  FAMILY_APK,
  FAMILY_YUM,
  FAMILY_DNF,
  FAMILY_MICRODNF,
  FAMILY_ZYPPER,
  FAMILY_PIP,
  FAMILIES
};

enum deed { DEED_NONE, DEED_UPDATE, DEED_INSTALL, DEED_UPGRADE, DEED_DIST_UPGRADE, DEED_CLEAN };

static const struct manager {
  struct str name;
  enum family family;
  const char *with_value; /* short options before the verb that take the next word */
} managers[] = {
    {STR_INIT("apt-get"), FAMILY_APT, "oct"},    {STR_INIT("apt"), FAMILY_APT, "oct"},
    {STR_INIT("aptitude"), FAMILY_APT, "oqt"},   {STR_INIT("apk"), FAMILY_APK, "Xpt"},
    {STR_INIT("yum"), FAMILY_YUM, "cdex"},       {STR_INIT("dnf"), FAMILY_DNF, "cdex"},
    {STR_INIT("dnf5"), FAMILY_DNF, "cdex"},      {STR_INIT("tdnf"), FAMILY_DNF, "cdex"},
    {STR_INIT("microdnf"), FAMILY_MICRODNF, ""}, {STR_INIT("zypper"), FAMILY_ZYPPER, "cDR"},
    {STR_INIT("pip"), FAMILY_PIP, ""},           {STR_INIT("pip2"), FAMILY_PIP, ""},
    {STR_INIT("pip3"), FAMILY_PIP, ""},
};

static const struct verb_row {
  unsigned families; /* 1 << enum family */
  struct str name;
  enum deed deed;
} verbs[] = {
#define RPM (1 << FAMILY_YUM | 1 << FAMILY_DNF | 1 << FAMILY_MICRODNF)
    {1 << FAMILY_APT | 1 << FAMILY_APK, STR_INIT("update"), DEED_UPDATE},
    {1 << FAMILY_APT | RPM | 1 << FAMILY_ZYPPER | 1 << FAMILY_PIP, STR_INIT("install"),
     DEED_INSTALL},
    {1 << FAMILY_APT, STR_INIT("build-dep"), DEED_INSTALL},
    {1 << FAMILY_APT | RPM, STR_INIT("reinstall"), DEED_INSTALL},
    {1 << FAMILY_APT | 1 << FAMILY_APK | RPM, STR_INIT("upgrade"), DEED_UPGRADE},
    {1 << FAMILY_APT, STR_INIT("safe-upgrade"), DEED_UPGRADE},
    {1 << FAMILY_APT, STR_INIT("dist-upgrade"), DEED_DIST_UPGRADE},
    {1 << FAMILY_APT, STR_INIT("full-upgrade"), DEED_DIST_UPGRADE},
    {1 << FAMILY_APT, STR_INIT("dist-clean"), DEED_CLEAN},
    {1 << FAMILY_APT, STR_INIT("distclean"), DEED_CLEAN},
    {1 << FAMILY_APK, STR_INIT("add"), DEED_INSTALL},
    {RPM, STR_INIT("update"), DEED_UPGRADE},
    {RPM, STR_INIT("distro-sync"), DEED_DIST_UPGRADE},
    {RPM, STR_INIT("system-upgrade"), DEED_DIST_UPGRADE},
    {RPM, STR_INIT("makecache"), DEED_UPDATE},
    {RPM, STR_INIT("check-update"), DEED_UPDATE},
    {RPM, STR_INIT("groupinstall"), DEED_INSTALL},
    {RPM, STR_INIT("localinstall"), DEED_INSTALL},
    {RPM, STR_INIT("clean"), DEED_CLEAN},
    {1 << FAMILY_ZYPPER, STR_INIT("in"), DEED_INSTALL},
    {1 << FAMILY_ZYPPER, STR_INIT("refresh"), DEED_UPDATE},
    {1 << FAMILY_ZYPPER, STR_INIT("ref"), DEED_UPDATE},
    {1 << FAMILY_ZYPPER, STR_INIT("update"), DEED_UPGRADE},
    {1 << FAMILY_ZYPPER, STR_INIT("up"), DEED_UPGRADE},
    {1 << FAMILY_ZYPPER, STR_INIT("patch"), DEED_UPGRADE},
    {1 << FAMILY_ZYPPER, STR_INIT("dist-upgrade"), DEED_DIST_UPGRADE},
    {1 << FAMILY_ZYPPER, STR_INIT("dup"), DEED_DIST_UPGRADE},
    {1 << FAMILY_ZYPPER, STR_INIT("clean"), DEED_CLEAN},
    {1 << FAMILY_ZYPPER, STR_INIT("cc"), DEED_CLEAN},
};

/* What a command asks of a package manager. */
struct request {
  enum family family;
  enum deed deed;
  size_t operands; /* place of the first word behind the verb */
};

static const struct manager *manager_of(struct str name)
{
  for (size_t i = 0; i < COUNT(managers); i++)
    if (str_eq(name, managers[i].name))
      return &managers[i];
  return NULL;
}

static size_t find_verb(const struct shell_command *c, const struct manager *manager, size_t at)
{
  for (; at < c->count; at++) {
    struct str word = c->words[at];
    if (!word.len || word.data[0] != '-')
      break;
    at += word.len == 2 && strchr(manager->with_value, word.data[1]) != NULL;
  }
  return at;
}

/* "apt-get install -s" does nothing but say what it would do. */
static bool only_simulates(const struct shell_command *c, enum family family)
{
  bool letter = (family == FAMILY_APT || family == FAMILY_APK) && has_letter(c, 's');
  return letter || has_word(c, "--simulate") || has_word(c, "--dry-run") ||
         has_word(c, "--just-print") || has_word(c, "--assumeno");
}

static struct request request_of(const struct shell_command *c)
{
  struct request none = {0};
  const struct manager *manager = manager_of(c->name);
  size_t at = c->program + 1;
  /* "python3 -m pip install" */
  if (!manager && str_starts(c->name, STR("python")) && at + 1 < c->count &&
      str_eq(c->words[at], STR("-m")) && str_eq(c->words[at + 1], STR("pip"))) {
    manager = manager_of(STR("pip"));
    at += 2;
  }
  if (!manager)
    return none;
  at = find_verb(c, manager, at);
  if (only_simulates(c, manager->family))
    return none;
  for (size_t i = 0; at < c->count && i < COUNT(verbs); i++)
    if (verbs[i].families >> manager->family & 1 && str_eq(c->words[at], verbs[i].name))
      return (struct request){manager->family, verbs[i].deed, at + 1};
  none.family = manager->family;
  return none;
}

/* Packages that are named, not options. */
static bool names_packages(const struct shell_command *c, const struct request *r)
{
  for (size_t i = r->operands; i < c->count; i++)
    if (c->words[i].len && c->words[i].data[0] != '-')
      return true;
  return false;
}

/* How each family's caches are told and taken away. */
static const struct cleaning {
  enum shell_habit habit;
  const char *folders[2]; /* what a later rm names */
  const char *avoid;      /* an option under which there is nothing to clean */
} cleanings[FAMILIES] = {
    [FAMILY_APT] = {SHELL_APT_LEFT, {"/var/lib/apt", "/var/lib/*"}, NULL},
    [FAMILY_APK] = {SHELL_APK_LEFT, {"/var/cache/apk", "/etc/apk/cache"}, "--no-cache"},
    [FAMILY_YUM] = {SHELL_YUM_LEFT, {"/var/cache/yum", "/var/cache/"}, NULL},
    [FAMILY_DNF] = {SHELL_DNF_LEFT, {"/var/cache/dnf", "/var/cache/"}, NULL},
    [FAMILY_MICRODNF] = {SHELL_MICRODNF_LEFT, {"/var/cache/yum", "/var/cache/"}, NULL},
    [FAMILY_ZYPPER] = {SHELL_ZYPPER_LEFT, {"/var/cache/zypp", "/var/cache/"}, NULL},
    [FAMILY_PIP] = {SHELL_PIP_LEFT, {"/.cache", "~/.cache"}, "--no-cache-dir"},
};

static bool is_removal(const struct shell_command *c, const struct cleaning *cleaning)
{
  bool remover = str_eq(c->name, STR("rm")) || str_eq(c->name, STR("find"));
  return remover && (mentions(c, cleaning->folders[0]) || mentions(c, cleaning->folders[1]));
}

/* yum is dnf on systems of today, and either cleans what the other left. */
static bool cleans_for(enum family cleaner, enum family family)
{
  bool kin = (cleaner == FAMILY_YUM || cleaner == FAMILY_DNF) &&
             (family == FAMILY_YUM || family == FAMILY_DNF);
  return cleaner == family || kin;
}

static bool cleaned_later(const struct look *l, size_t index, enum family family)
{
  for (size_t i = index + 1; i < l->all->count; i++) {
    const struct shell_command *c = &l->all->items[i];
    struct request r = request_of(c);
    if ((r.deed == DEED_CLEAN && cleans_for(r.family, family)) || is_removal(c, &cleanings[family]))
      return true;
    if (family == FAMILY_PIP && str_starts(c->name, STR("pip")) && has_word(c, "purge"))
      return true;
  }
  return false;
}

static bool installed_later(const struct look *l, size_t index, enum family family)
{
  for (size_t i = index + 1; i < l->all->count; i++) {
    struct request r = request_of(&l->all->items[i]);
    if (r.family == family &&
        (r.deed == DEED_INSTALL || r.deed == DEED_UPGRADE || r.deed == DEED_DIST_UPGRADE))
      return true;
  }
  return false;
}

static bool answers_yes(const struct look *l, const struct shell_command *c, enum family family)
{
  if (c->from != SHELL_NONE && str_eq(l->all->items[c->from].name, STR("yes")))
    return true;
  if (family == FAMILY_ZYPPER)
    return has_letter(c, 'n') || has_letter(c, 'y') || has_word(c, "--non-interactive") ||
           has_word(c, "--no-confirm");
  size_t quiet = 0;
  for (size_t i = c->program + 1; i < c->count; i++)
    quiet += str_eq(c->words[i], STR("-q")) || str_eq(c->words[i], STR("--quiet"));
  return has_letter(c, 'y') || has_word(c, "--yes") || has_word(c, "--assume-yes") ||
         has_word(c, "--assumeyes") || has_word(c, "--force-yes") || mentions(c, "-qq") ||
         mentions(c, "--quiet=2") || mentions(c, "-q=2") || mentions(c, "Assume-Yes") || quiet > 1;
}

static bool may_ask(enum family family)
{
  return family == FAMILY_APT || family == FAMILY_YUM || family == FAMILY_DNF ||
         family == FAMILY_MICRODNF || family == FAMILY_ZYPPER;
}

static bool takes_recommended(const struct shell_command *c)
{
  return !has_word(c, "--no-install-recommends") && !has_word(c, "--without-recommends") &&
         !mentions(c, "Install-Recommends") && !has_letter(c, 'R');
}

static void look_at_deed(struct look *l, const struct shell_command *c, size_t index,
                         const struct request *r)
{
  bool installs = r->deed == DEED_INSTALL || r->deed == DEED_UPGRADE ||
                  r->deed == DEED_DIST_UPGRADE;
  if (r->deed == DEED_UPDATE && !installed_later(l, index, r->family) &&
      !cleaned_later(l, index, r->family))
    sign(l, SHELL_UPDATE_ALONE, c, c->name);
  if (r->deed == DEED_DIST_UPGRADE)
    sign(l, SHELL_DIST_UPGRADE, c, c->name);
  if (r->deed == DEED_UPGRADE && !names_packages(c, r))
    sign(l, SHELL_UPGRADE, c, c->name);
  if (installs && may_ask(r->family) && !answers_yes(l, c, r->family))
    sign(l, SHELL_NO_YES, c, c->name);
  if (r->deed == DEED_INSTALL && r->family == FAMILY_APT && takes_recommended(c))
    sign(l, SHELL_RECOMMENDS, c, c->name);
  const struct cleaning *cleaning = &cleanings[r->family];
  bool leaves = r->deed == DEED_INSTALL || (installs && r->family != FAMILY_PIP);
  if (leaves && !(cleaning->avoid && has_word(c, cleaning->avoid)) &&
      !cleaned_later(l, index, r->family))
    sign(l, cleaning->habit, c, c->name);
}

static void look_at_ssh_server(struct look *l, const struct shell_command *c,
                               const struct request *r)
{
  static const struct str servers[] = {STR_INIT("openssh-server"), STR_INIT("ssh-server"),
                                       STR_INIT("dropbear"), STR_INIT("tinysshd")};
  if (r->deed != DEED_INSTALL || r->family == FAMILY_PIP)
    return;
  for (size_t i = r->operands; i < c->count; i++) {
    struct str rest, package = str_cut(c->words[i], '=', &rest);
    /* Alpine's package "openssh" brings the server along. */
    bool alpine = r->family == FAMILY_APK && str_eq(package, STR("openssh"));
    if (alpine || is_any(package, servers, COUNT(servers))) {
      sign(l, SHELL_SSH_SERVER, c, c->words[i]);
      return;
    }
  }
}

static void look_at_packages(struct look *l, size_t index)
{
  const struct shell_command *c = &l->all->items[index];
  struct request r = request_of(c);
  if (r.deed == DEED_NONE)
    return;
  look_at_deed(l, c, index, &r);
  look_at_ssh_server(l, c, &r);
  if (str_eq(c->name, STR("apt")))
    sign(l, SHELL_APT, c, STR_EMPTY);
}

/* ---- downloads */

static const struct str downloaders[] = {STR_INIT("curl"),  STR_INIT("wget"), STR_INIT("aria2c"),
                                         STR_INIT("fetch"), STR_INIT("axel"), STR_INIT("lynx")};
static const struct str interpreters[] = {
    STR_INIT("sh"),   STR_INIT("bash"), STR_INIT("dash"),   STR_INIT("ash"),
    STR_INIT("zsh"),  STR_INIT("ksh"),  STR_INIT("fish"),   STR_INIT("node"),
    STR_INIT("ruby"), STR_INIT("perl"), STR_INIT("php"),    STR_INIT("lua"),
    STR_INIT("pwsh"), STR_INIT("eval"), STR_INIT("source"), STR_INIT("."),
};

static bool is_downloader(const struct shell_command *c)
{
  return is_any(c->name, downloaders, COUNT(downloaders));
}

static bool is_interpreter(const struct shell_command *c)
{
  return is_any(c->name, interpreters, COUNT(interpreters)) || str_starts(c->name, STR("python"));
}

/* It runs what comes from standard input: no file is named, and no "-c" or "-e". */
static bool runs_input(const struct shell_command *c)
{
  for (size_t i = c->program + 1; i < c->count; i++) {
    struct str word = c->words[i];
    if (str_eq(word, STR("-")) || str_eq(word, STR("-s")) || str_eq(word, STR("/dev/stdin")))
      return true;
    if (!word.len || word.data[0] != '-')
      return false;
    if (word.data[1] != '-' && (str_ends(word, STR("c")) || str_ends(word, STR("e"))) &&
        !str_starts(word, STR("-e")))
      return false;
    if (str_eq(word, STR("-e")) && !str_ends(c->name, STR("sh")))
      return false;
  }
  return true;
}

static bool ends_group(struct str name)
{
  return str_eq(name, STR("}")) || str_eq(name, STR("done")) || str_eq(name, STR("fi"));
}

/* A downloader on the way to a command's input; of a group ("{ a; b; } |") any of what is before it. */
static const struct shell_command *input_download(const struct look *l,
                                                  const struct shell_command *c)
{
  bool group = false;
  for (int at = c->from, steps = 0; at != SHELL_NONE && steps < 32; steps++) {
    const struct shell_command *from = &l->all->items[at];
    if (is_downloader(from))
      return from;
    group = (group || ends_group(from->name)) && !(from->count && str_eq(from->words[0], STR("{")));
    at = group ? at - 1 : from->from;
  }
  return NULL;
}

static bool is_within(const struct look *l, const struct shell_command *c, int whole)
{
  for (int at = c->whole, steps = 0; at != SHELL_NONE && steps < SHELL_DEPTH_MAX; steps++) {
    if (at == whole)
      return true;
    at = l->all->items[at].whole;
  }
  return false;
}

/* bash -c "$(curl ...)", sh <(curl ...), eval `wget -O- ...` */
static bool runs_a_part(const struct look *l, size_t index)
{
  for (size_t i = index + 1; i < l->all->count; i++) {
    const struct shell_command *c = &l->all->items[i];
    if (is_downloader(c) && is_within(l, c, (int)index) && c->part != SHELL_PART_SCRIPT)
      return true;
  }
  return false;
}

/* "eval" and "." take any substitution; shells those that are their script, not those among its arguments. */
static bool takes_parts(const struct shell_command *c)
{
  if (str_eq(c->name, STR("eval")) || str_eq(c->name, STR("source")) || str_eq(c->name, STR(".")))
    return true;
  if (c->program + 1 >= c->count)
    return false;
  struct str first = c->words[c->program + 1];
  return str_ends(first, STR("c")) || str_starts(first, STR("/dev/fd/")) ||
         str_starts(first, STR("-e"));
}

static bool checks_files(const struct shell_command *c)
{
  static const struct str checkers[] = {
      STR_INIT("sha256sum"),     STR_INIT("sha512sum"), STR_INIT("sha384sum"),
      STR_INIT("sha1sum"),       STR_INIT("sha224sum"), STR_INIT("md5sum"),
      STR_INIT("shasum"),        STR_INIT("b2sum"),     STR_INIT("cksum"),
      STR_INIT("gpg"),           STR_INIT("gpgv"),      STR_INIT("gpg2"),
      STR_INIT("cosign"),        STR_INIT("minisign"),  STR_INIT("signify"),
      STR_INIT("slsa-verifier"), STR_INIT("openssl"),
  };
  return is_any(c->name, checkers, COUNT(checkers));
}

static struct str last_part(struct str path)
{
  ptrdiff_t slash = str_find_last_byte(path, '/');
  return slash < 0 ? path : str_sub(path, (size_t)slash + 1, path.len);
}

/* The name under which a download lands; empty: standard output, or unknown. */
static struct str downloaded_file(const struct shell_command *c)
{
  bool wget = str_eq(c->name, STR("wget")), remote_name = wget;
  struct str url = STR_EMPTY;
  if (c->output.len)
    return last_part(c->output);
  for (size_t i = c->program + 1; i < c->count; i++) {
    struct str word = c->words[i];
    bool named = str_eq(word, STR("--output")) || str_eq(word, STR("--output-document")) ||
                 (word.len > 1 && word.data[0] == '-' && word.data[1] != '-' &&
                  str_ends(word, wget ? STR("O") : STR("o")));
    if (named && i + 1 < c->count)
      return last_part(c->words[i + 1]);
    remote_name |= !wget && has_letter(c, 'O');
    if (str_find(word, 0, STR("://")) >= 0)
      url = word;
  }
  return remote_name ? last_part(url) : STR_EMPTY;
}

static bool runs_file(const struct shell_command *c, struct str file)
{
  bool looks_only = str_ends(c->name, STR("sh")) && has_word(c, "-n");
  if (looks_only)
    return false;
  if (c->program < c->count && str_eq(last_part(c->words[c->program]), file) &&
      str_find_byte(c->words[c->program], 0, '/') >= 0)
    return true;
  for (size_t i = c->program + 1; is_interpreter(c) && i < c->count; i++)
    if (str_eq(last_part(c->words[i]), file))
      return true;
  return false;
}

/* curl -o x.sh URL && sh x.sh, with nothing in between that looks at it. */
static bool runs_download_later(const struct look *l, size_t index)
{
  struct str file = downloaded_file(&l->all->items[index]);
  for (size_t i = 0; i < l->all->count; i++)
    if (checks_files(&l->all->items[i]))
      return false;
  for (size_t i = index + 1; file.len && i < l->all->count; i++)
    if (runs_file(&l->all->items[i], file))
      return true;
  return false;
}

static bool is_plain_http(struct str url)
{
  static const struct str here[] = {STR_INIT("localhost"), STR_INIT("127."), STR_INIT("[::1]"),
                                    STR_INIT("0.0.0.0"),   STR_INIT("$"),    STR_INIT("169.254.")};
  if (!str_starts(url, STR("http://")))
    return false;
  struct str host = str_sub(url, 7, url.len);
  for (size_t i = 0; i < COUNT(here); i++)
    if (str_starts(host, here[i]))
      return false;
  return host.len > 0;
}

static void look_at_downloads(struct look *l, size_t index)
{
  const struct shell_command *c = &l->all->items[index];
  bool piped = is_interpreter(c) && input_download(l, c) && runs_input(c);
  if (piped || (is_interpreter(c) && takes_parts(c) && runs_a_part(l, index)))
    sign(l, SHELL_PIPE_TO_SHELL, c, c->name);
  if (!is_downloader(c))
    return;
  l->habits->curl |= str_eq(c->name, STR("curl"));
  l->habits->wget |= str_eq(c->name, STR("wget"));
  if (runs_download_later(l, index))
    sign(l, SHELL_PIPE_TO_SHELL, c, downloaded_file(c));
  for (size_t i = c->program + 1; i < c->count; i++)
    if (is_plain_http(c->words[i])) {
      sign(l, SHELL_PLAIN_HTTP, c, c->words[i]);
      break;
    }
}

/* ---- checks that are switched off */

static const struct unverified {
  const char *program; /* NULL: any */
  const char *word;
  bool part; /* a part of a word is enough */
} unverified[] = {
    {NULL, "--allow-unauthenticated", true},
    {NULL, "--force-yes", false},
    {NULL, "AllowUnauthenticated", true},
    {NULL, "AllowInsecureRepositories", true},
    {NULL, "--allow-insecure-repositories", false},
    {NULL, "--nogpgcheck", false},
    {NULL, "--no-gpg-check", true},
    {NULL, "--no-gpg-checks", false},
    {NULL, "gpgcheck=0", true},
    {NULL, "http.sslVerify=false", true},
    {NULL, "GIT_SSL_NO_VERIFY", true},
    {NULL, "NODE_TLS_REJECT_UNAUTHORIZED=0", true},
    {"apk", "--allow-untrusted", false},
    {"curl", "--insecure", false},
    {"wget", "--no-check-certificate", false},
    {"pip", "--trusted-host", true},
    {"pip3", "--trusted-host", true},
    {"npm", "strict-ssl=false", true},
    {"rpm", "--nosignature", false},
    {"rpm", "--nodigest", false},
    {"gem", "NoSecurity", true},
};

static void look_at_checks(struct look *l, size_t index)
{
  const struct shell_command *c = &l->all->items[index];
  for (size_t i = 0; i < COUNT(unverified); i++) {
    const struct unverified *row = &unverified[i];
    if (row->program && !str_eq(c->name, str_from(row->program)))
      continue;
    if (row->part ? mentions(c, row->word) : has_word(c, row->word)) {
      sign(l, SHELL_UNVERIFIED, c, str_from(row->word));
      return;
    }
  }
  /* A repository that the build has made itself, in a directory, needs no signature. */
  bool trusted = mentions(c, "trusted=yes") && !mentions(c, "file:") && !mentions(c, "copy:");
  if (trusted)
    sign(l, SHELL_UNVERIFIED, c, STR("trusted=yes"));
  else if (str_eq(c->name, STR("curl")) && has_letter(c, 'k'))
    sign(l, SHELL_UNVERIFIED, c, STR("-k"));
  else if (str_eq(c->name, STR("npm")) && has_word(c, "strict-ssl") && has_word(c, "false"))
    sign(l, SHELL_UNVERIFIED, c, STR("strict-ssl false"));
  else if (str_eq(c->name, STR("git")) && has_word(c, "http.sslVerify") && has_word(c, "false"))
    sign(l, SHELL_UNVERIFIED, c, STR("http.sslVerify false"));
}

/* ---- secrets */

/* user:password@ in a URL; the password as it is. */
static bool has_url_password(struct str word)
{
  ptrdiff_t scheme = str_find(word, 0, STR("://"));
  if (scheme < 0)
    return false;
  struct str rest, host = str_cut(str_sub(word, (size_t)scheme + 3, word.len), '/', &rest);
  ptrdiff_t at = str_find_last_byte(host, '@'), colon = str_find_byte(host, 0, ':');
  if (at < 0 || colon < 0 || colon > at)
    return false;
  return secret_value(str_sub(host, (size_t)colon + 1, (size_t)(at - colon - 1)));
}

/* NAME=value, --name=value. A variable of a script that is just called "key" is as often a fingerprint. */
static struct str secret_assignment(struct str word)
{
  static const struct str vague[] = {STR_INIT("key"), STR_INIT("auth"), STR_INIT("pat"),
                                     STR_INIT("pass")};
  while (word.len && word.data[0] == '-')
    word = str_sub(word, 1, word.len);
  struct str value, name = str_cut(word, '=', &value);
  bool secret = value.data && secret_name(name) && secret_value(value);
  return secret && !is_any(name, vague, COUNT(vague)) ? name : STR_EMPTY;
}

/* Words whose next word is a secret. */
static const struct str secret_options[] = {
    STR_INIT("--password"),
    STR_INIT("--passwd"),
    STR_INIT("--token"),
    STR_INIT("--access-token"),
    STR_INIT("--api-key"),
    STR_INIT("--secret"),
    STR_INIT("--client-secret"),
    STR_INIT("--auth-token"),
    STR_INIT("--http-password"),
    STR_INIT("--proxy-password"),
    STR_INIT("--ftp-password"),
    STR_INIT("--secret-key"),
    STR_INIT("aws_secret_access_key"),
    STR_INIT("aws_access_key_id"),
    STR_INIT("--federated-token"),
    STR_INIT("--passphrase"),
};

/* Programs whose option of one letter is a secret: user:password, or the password. */
static const struct {
  const char *program, *option;
  bool user_first;
} secret_letters[] = {
    {"curl", "-u", true},    {"curl", "--user", true}, {"sshpass", "-p", false},
    {"docker", "-p", false}, {"podman", "-p", false},  {"az", "-p", false},
    {"doctl", "-t", false},
};

/* Clients of MySQL take the password in the same word: -phunter2. */
static bool has_attached_password(const struct shell_command *c, struct str word)
{
  static const struct str clients[] = {STR_INIT("mysql"),        STR_INIT("mysqladmin"),
                                       STR_INIT("mysqldump"),    STR_INIT("mysqlimport"),
                                       STR_INIT("mysqlshow"),    STR_INIT("mariadb"),
                                       STR_INIT("mariadb-dump"), STR_INIT("mariadb-admin")};
  return str_starts(word, STR("-p")) && is_any(c->name, clients, COUNT(clients)) &&
         secret_value(str_sub(word, 2, word.len));
}

/* "Authorization: Bearer abc", "X-Api-Key: abc", the argument of -H. */
static bool is_secret_header(struct str word)
{
  static const struct str schemes[] = {STR_INIT("bearer"), STR_INIT("basic"), STR_INIT("token")};
  struct str value, name = str_cut(word, ':', &value);
  if (!value.data)
    return false;
  struct str rest, first = str_cut(str_trim(value), ' ', &rest);
  bool authorization = str_eq_nocase(name, STR("Authorization")) ||
                       str_eq_nocase(name, STR("Proxy-Authorization"));
  for (size_t i = 0; authorization && i < COUNT(schemes); i++)
    if (str_eq_nocase(first, schemes[i]))
      return secret_value(str_trim(rest));
  return !authorization && secret_name(name) && secret_value(str_trim(value));
}

static bool is_secret_of_user(struct str word)
{
  ptrdiff_t colon = str_find_byte(word, 0, ':');
  return colon >= 0 && secret_value(str_sub(word, (size_t)colon + 1, word.len));
}

static struct str secret_option(const struct shell_command *c, size_t i)
{
  struct str word = c->words[i], next = c->words[i + 1];
  if (is_any(word, secret_options, COUNT(secret_options)) && secret_value(next) &&
      next.data[0] != '-')
    return word;
  if ((str_eq(word, STR("-H")) || str_eq(word, STR("--header"))) && is_secret_header(next))
    return word;
  for (size_t k = 0; k < COUNT(secret_letters); k++)
    if (str_eq(c->name, str_from(secret_letters[k].program)) &&
        str_eq(word, str_from(secret_letters[k].option)) &&
        (secret_letters[k].user_first ? is_secret_of_user(next) : secret_value(next)))
      return word;
  return STR_EMPTY;
}

/* echo root:secret | chpasswd */
static bool sets_password(const struct look *l, const struct shell_command *c)
{
  if (!str_eq(c->name, STR("chpasswd")) || c->from == SHELL_NONE || has_letter(c, 'e'))
    return false;
  const struct shell_command *from = &l->all->items[c->from];
  for (size_t i = from->program + 1; i < from->count; i++)
    if (is_secret_of_user(from->words[i]))
      return true;
  return false;
}

static struct str secret_of(const struct look *l, const struct shell_command *c)
{
  for (size_t i = 0; i < c->count; i++) {
    struct str name = secret_assignment(c->words[i]);
    if (name.len && str_find_byte(name, 0, ' ') < 0)
      return name;
    if (has_url_password(c->words[i]))
      return STR("a URL with a password");
    if (i > c->program && has_attached_password(c, c->words[i]))
      return STR("-p");
    if (str_starts(c->words[i], STR("--header=")) &&
        is_secret_header(str_sub(c->words[i], 9, c->words[i].len)))
      return STR("--header");
    name = i > c->program && i + 1 < c->count ? secret_option(c, i) : STR_EMPTY;
    if (name.len)
      return name;
  }
  return sets_password(l, c) ? STR("chpasswd") : STR_EMPTY;
}

static void find_secrets(struct look *l)
{
  struct str *secrets = arena_array(l->arena, struct str, l->all->count);
  for (size_t i = 0; i < l->all->count; i++)
    secrets[i] = secret_of(l, &l->all->items[i]);
  l->secrets = secrets;
}

static void look_at_secrets(struct look *l, size_t index)
{
  if (l->secrets[index].len)
    sign(l, SHELL_SECRET, &l->all->items[index], l->secrets[index]);
}

/* ---- the rest */

/* Modes under which others may write: 777, 0666, 2777, but not 1777. */
static bool is_open_mode(struct str word)
{
  unsigned others = 0;
  for (size_t i = 0; i < word.len; i++)
    if (word.data[i] < '0' || word.data[i] > '7')
      return false;
  if (word.len < 3 || word.len > 5)
    return false;
  others = (unsigned)(word.data[word.len - 1] - '0');
  unsigned special = word.len > 3 ? (unsigned)(word.data[word.len - 4] - '0') : 0;
  return (others & 2) && !(special & 1);
}

static bool is_open_clause(struct str clause)
{
  size_t at = 0;
  bool others = false;
  for (; at < clause.len && strchr("ugoa", clause.data[at]); at++)
    others |= clause.data[at] == 'o' || clause.data[at] == 'a';
  if (!others || at >= clause.len || !strchr("+=", clause.data[at]))
    return false;
  struct str rights = str_sub(clause, at + 1, clause.len);
  for (size_t i = 0; i < rights.len; i++)
    if (!strchr("rwxXst", rights.data[i]))
      return false;
  return str_find_byte(rights, 0, 'w') >= 0 && str_find_byte(rights, 0, 't') < 0;
}

static bool opens_to_others(struct str word)
{
  if (is_open_mode(word))
    return true;
  struct str rest = word;
  while (rest.data)
    if (is_open_clause(str_cut(rest, ',', &rest)))
      return true;
  return false;
}

/* 4755, 06755, u+s, +s, but not 2755. */
static bool is_setuid_mode(struct str word)
{
  for (size_t i = 0; i < word.len; i++)
    if (word.data[i] < '0' || word.data[i] > '7')
      return false;
  return (word.len == 4 || word.len == 5) && ((word.data[word.len - 4] - '0') & 4);
}

static bool is_setuid_clause(struct str clause)
{
  size_t at = 0;
  bool owner = false;
  for (; at < clause.len && strchr("ugoa", clause.data[at]); at++)
    owner |= clause.data[at] == 'u' || clause.data[at] == 'a';
  if ((at && !owner) || at >= clause.len || !strchr("+=", clause.data[at]))
    return false;
  struct str rights = str_sub(clause, at + 1, clause.len);
  for (size_t i = 0; i < rights.len; i++)
    if (!strchr("rwxXst", rights.data[i]))
      return false;
  return str_find_byte(rights, 0, 's') >= 0;
}

static bool makes_setuid(struct str word)
{
  if (is_setuid_mode(word))
    return true;
  struct str rest = word;
  while (rest.data)
    if (is_setuid_clause(str_cut(rest, ',', &rest)))
      return true;
  return false;
}

static void look_at_modes(struct look *l, size_t index)
{
  const struct shell_command *c = &l->all->items[index];
  bool chmod = str_eq(c->name, STR("chmod"));
  bool maker = str_eq(c->name, STR("install")) || str_eq(c->name, STR("mkdir"));
  for (size_t i = c->program + 1; (chmod || maker) && i < c->count; i++) {
    struct str word = c->words[i];
    bool mode = chmod
                    ? word.data[0] != '-'
                    : str_eq(c->words[i - 1], STR("-m")) || str_eq(c->words[i - 1], STR("--mode"));
    if (word.len && mode && !str_eq(c->name, STR("mkdir")) && makes_setuid(word))
      sign(l, SHELL_SETUID, c, word);
    if (word.len && mode && opens_to_others(word)) {
      sign(l, SHELL_WORLD_WRITABLE, c, word);
      return;
    }
    if (chmod && mode)
      return;
  }
}

static void look_at_sudo(struct look *l, size_t index)
{
  const struct shell_command *c = &l->all->items[index];
  if (c->sudo)
    sign(l, SHELL_SUDO, c, STR_EMPTY);
}

static void look_at_cd(struct look *l)
{
  const struct shell_command *c = l->all->count ? &l->all->items[0] : NULL;
  if (c && str_eq(c->name, STR("cd")) && c->program + 1 < c->count)
    sign(l, SHELL_CD, c, c->words[c->program + 1]);
}

void shell_habits_read(struct str script, struct arena *arena, struct shell_habits *ret)
{
  static void (*const looks[])(struct look *, size_t) = {
      look_at_sudo,    look_at_downloads, look_at_checks,
      look_at_secrets, look_at_modes,     look_at_packages,
  };
  struct shell_commands all;
  shell_commands_read(&all, script, arena);
  *ret = (struct shell_habits){.cut = all.cut};
  struct look l = {.all = &all, .arena = arena, .habits = ret};
  find_secrets(&l);
  look_at_cd(&l);
  for (size_t i = 0; i < all.count; i++)
    for (size_t k = 0; k < COUNT(looks); k++)
      looks[k](&l, i);
  shell_commands_free(&all);
}
