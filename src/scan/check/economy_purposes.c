#include "scan/check/economy.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

struct str economy_purpose_name(enum economy_purpose purpose)
{
  static const struct str names[ECONOMY_PURPOSES] = {
      [ECONOMY_SHELL] = STR_INIT("shells"),
      [ECONOMY_PACKAGE_MANAGER] = STR_INIT("package managers"),
      [ECONOMY_ACCOUNTS] = STR_INIT("accounts and logins"),
      [ECONOMY_SYSTEM] = STR_INIT("system administration"),
      [ECONOMY_TOOLS] = STR_INIT("tools of scripts"),
      [ECONOMY_DOWNLOADS] = STR_INIT("network tools"),
      [ECONOMY_DEVELOPMENT] = STR_INIT("development"),
      [ECONOMY_DOCUMENTS] = STR_INIT("documentation"),
  };
  return (unsigned)purpose < ECONOMY_PURPOSES ? names[purpose] : STR_EMPTY;
}

/* Names of packages of systems. A "*" at the end stands for any rest. Libraries are not among them: what needs them is not
 * known here. */
static const struct {
  enum economy_purpose purpose;
  const char *names; /* with spaces between and around */
} rows[] = {
    {ECONOMY_SHELL,
     " bash dash zsh ksh mksh csh tcsh fish busybox busybox-binsh busybox-static bash-completion "
     "readline-common "},
    {ECONOMY_PACKAGE_MANAGER,
     " apt apt-utils aptitude dpkg dpkg-dev debconf debianutils debian-archive-keyring "
     "ubuntu-keyring "
     "apk-tools alpine-keys rpm rpm-libs rpm-build-libs rpm-sign-libs yum dnf dnf-data dnf5 libdnf "
     "python3-dnf python3-rpm python3-libdnf python3-hawkey microdnf tdnf tdnf-cli-libs "
     "zypper libzypp "
     "libsolv librepo libcomps gnupg gnupg2 gpgv gpg gpg-agent gpgconf dirmngr snapd flatpak opkg "
     "yum-utils libapt-pkg* librpm* "},
    {ECONOMY_ACCOUNTS,
     " login passwd adduser shadow shadow-utils sudo sudo-rs doas base-passwd util-linux-user "
     "libpam-runtime libpam-modules libpam-modules-bin pam authselect authselect-libs cracklib "
     "cracklib-dicts libpwquality openssh-server openssh-client openssh-clients openssh logsave "},
    {ECONOMY_SYSTEM,
     " systemd systemd-sysv systemd-libs-* systemd-pam systemd-udev udev sysvinit-utils init "
     "init-system-helpers openrc util-linux util-linux-core util-linux-extra util-linux-misc "
     "mount umount "
     "e2fsprogs fdisk hostname procps procps-ng psmisc kmod iproute iproute2 iputils "
     "iputils-ping net-tools "
     "ncurses-bin bsdutils tzdata-legacy cron cronie logrotate rsyslog dbus dbus-daemon dmsetup "
     "device-mapper lvm2 nftables iptables usr-is-merged usrmerge grub* kernel-* linux-image-* "},
    {ECONOMY_TOOLS,
     " coreutils coreutils-single coreutils-common findutils grep sed gawk mawk diffutils "
     "tar gzip bzip2 "
     "xz-utils xz unzip zip less vim vim-common vim-minimal vim-tiny nano which file perl "
     "perl-base "
     "perl-interpreter perl-modules-* ed patch cpio lsof strace jq "},
    {ECONOMY_DOWNLOADS,
     " curl curl-minimal wget wget2 netcat-openbsd netcat-traditional nmap ncat socat "
     "tcpdump telnet ftp "
     "rsync bind-tools dnsutils bind9-dnsutils bind9-host bind-utils whois ssl_client "},
    {ECONOMY_DEVELOPMENT,
     " gcc gcc-* g++ g++-* cpp cpp-* clang* llvm* make cmake automake autoconf libtool m4 binutils "
     "binutils-* build-essential build-base git git-man git-core subversion mercurial "
     "pkg-config pkgconf "
     "gdb fakeroot linux-libc-dev linux-headers kernel-headers musl-dev libc-dev-bin "
     "libc6-dev glibc-devel "
     "patch bison flex rust rustc cargo golang golang-* "},
    {ECONOMY_DOCUMENTS,
     " man-db manpages manpages-dev man-pages info install-info texinfo groff-base doc-base "},
};

/* The end of a compiler's package name that is its library: gcc-12-base, clang-libs. */
static bool is_runtime(struct str name)
{
  static const struct str ends[] = {STR_INIT("-base"), STR_INIT("-libs"), STR_INIT("-data")};
  for (size_t i = 0; i < COUNT(ends); i++)
    if (str_ends(name, ends[i]) && !str_eq(name, STR("perl-base")) &&
        !str_eq(name, STR("build-base")))
      return true;
  return false;
}

static bool is_listed(const char *names, struct str name)
{
  struct str rest = str_from(names);
  while (rest.data) {
    struct str word = str_cut(rest, ' ', &rest);
    bool prefix = word.len > 1 && word.data[word.len - 1] == '*';
    if (prefix ? str_starts(name, str_sub(word, 0, word.len - 1)) : word.len && str_eq(word, name))
      return !(prefix && is_runtime(name));
  }
  return false;
}

/* Headers and documents are packages of their own, by the end of their names. */
static bool by_ending(struct str name, enum economy_purpose *ret)
{
  bool headers = str_ends(name, STR("-dev")) || str_ends(name, STR("-devel")) ||
                 str_ends(name, STR("-headers"));
  bool documents = str_ends(name, STR("-doc")) || str_ends(name, STR("-docs")) ||
                   str_ends(name, STR("-help"));
  *ret = headers ? ECONOMY_DEVELOPMENT : ECONOMY_DOCUMENTS;
  return headers || documents;
}

bool economy_purpose_of(enum package_type type, struct str name, enum economy_purpose *ret)
{
  enum economy_purpose purpose;
  if (!package_type_is_system(type))
    return false;
  for (size_t i = 0; i < COUNT(rows); i++)
    if (is_listed(rows[i].names, name)) {
      *ret = rows[i].purpose;
      return true;
    }
  if (!by_ending(name, &purpose))
    return false;
  *ret = purpose;
  return true;
}
