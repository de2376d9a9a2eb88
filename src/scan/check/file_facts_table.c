#include "scan/check/file_facts_int.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* Names of files that mean the same. */
enum group {
  SHELL,
  MANAGER,
  BECOME,
  COMPILER,
  DEBUGGER,
  NETWORK,
  DOWNLOAD,
  REMOTE,
  VERSIONS,
  CONTAINER,
  SSH_KEY,
  NETRC,
  DATABASE,
  NPM,
  PYPI,
  GIT,
  REGISTRY,
  HTPASSWD,
  VAULT,
  STORAGE,
  MAIL,
  DOTENV,
  TERRAFORM,
  NAMED,
  RAILS_KEY,
  GOOGLE,
  RAILS,
  KEYTAB,
  BROWSER,
  WIREGUARD,
  RECIPE,
  HISTORY,
  EDITOR,
  DESKTOP,
  GROUPS,
};

struct group_row {
  bool program; /* in a folder of programs only */
  struct file_fact_row row;
};

static const struct group_row groups[GROUPS] = {
    [SHELL] = {true, {FILE_FACT_SHELL, "a shell", false}},
    [MANAGER] = {true, {FILE_FACT_PACKAGE_MANAGER, "a package manager", false}},
    [BECOME] = {true, {FILE_FACT_TOOL, "a way to become another user", false}},
    [COMPILER] = {true, {FILE_FACT_TOOL, "a compiler", false}},
    [DEBUGGER] = {true, {FILE_FACT_TOOL, "a debugger", false}},
    [NETWORK] = {true, {FILE_FACT_TOOL, "a network tool", false}},
    [DOWNLOAD] = {true, {FILE_FACT_TOOL, "a download tool", false}},
    [REMOTE] = {true, {FILE_FACT_TOOL, "a remote shell", false}},
    [VERSIONS] = {true, {FILE_FACT_TOOL, "a version control client", false}},
    [CONTAINER] = {true, {FILE_FACT_TOOL, "a container tool", false}},
    [SSH_KEY] = {false, {FILE_FACT_CREDENTIAL, "an SSH private key", false}},
    [NETRC] = {false, {FILE_FACT_CREDENTIAL, "passwords of other machines", false}},
    [DATABASE] = {false, {FILE_FACT_CREDENTIAL, "a database password", false}},
    [NPM] = {false, {FILE_FACT_CREDENTIAL, "where npm and yarn keep registry tokens", true}},
    [PYPI] = {false, {FILE_FACT_CREDENTIAL, "a password of a Python package index", false}},
    [GIT] = {false, {FILE_FACT_CREDENTIAL, "passwords of git servers", false}},
    [REGISTRY] = {false, {FILE_FACT_CREDENTIAL, "passwords of image registries", false}},
    [HTPASSWD] = {false, {FILE_FACT_CREDENTIAL, "hashed passwords of a web server", true}},
    [VAULT] = {false, {FILE_FACT_CREDENTIAL, "a Vault token", false}},
    [STORAGE] = {false, {FILE_FACT_CREDENTIAL, "keys of an object storage", false}},
    [MAIL] = {false, {FILE_FACT_CREDENTIAL, "mail passwords", false}},
    [DOTENV] = {false,
                {FILE_FACT_CREDENTIAL, "settings of an environment, often with secrets", true}},
    [TERRAFORM] = {false,
                   {FILE_FACT_CREDENTIAL,
                    "a state or token of Terraform, with secrets in the clear", false}},
    [NAMED] = {false, {FILE_FACT_CREDENTIAL, "credentials, by its name", true}},
    [RAILS_KEY] = {false, {FILE_FACT_CREDENTIAL, "the key of a Rails application", false}},
    [GOOGLE] = {false, {FILE_FACT_CREDENTIAL, "a key of a Google service account", false}},
    [RAILS] = {false,
               {FILE_FACT_CREDENTIAL, "settings of a Ruby application, often with secrets", true}},
    [KEYTAB] = {false, {FILE_FACT_CREDENTIAL, "a Kerberos key table", false}},
    [BROWSER] = {false, {FILE_FACT_CREDENTIAL, "a store of passwords", false}},
    [WIREGUARD] = {false, {FILE_FACT_CREDENTIAL, "a WireGuard key", false}},
    [RECIPE] = {false, {FILE_FACT_UNNEEDED, "a recipe of an image or machine", false}},
    [HISTORY] = {false,
                 {FILE_FACT_UNNEEDED, "the history of a shell or client, which may hold secrets",
                  false}},
    [EDITOR] = {false, {FILE_FACT_UNNEEDED, "settings of an editor", false}},
    [DESKTOP] = {false, {FILE_FACT_UNNEEDED, "metadata of a desktop", false}},
};

struct name_row {
  struct str name;
  enum group group;
};

/* In the order of bytes: it is searched by halves, once for each entry of an image. */
static const struct name_row names[] = {
    {STR_INIT(".DS_Store"), DESKTOP},
    {STR_INIT(".ash_history"), HISTORY},
    {STR_INIT(".bash_history"), HISTORY},
    {STR_INIT(".boto"), STORAGE},
    {STR_INIT(".dockercfg"), REGISTRY},
    {STR_INIT(".dockerconfigjson"), REGISTRY},
    {STR_INIT(".dockerignore"), RECIPE},
    {STR_INIT(".env"), DOTENV},
    {STR_INIT(".env.local"), DOTENV},
    {STR_INIT(".env.prod"), DOTENV},
    {STR_INIT(".env.production"), DOTENV},
    {STR_INIT(".env.staging"), DOTENV},
    {STR_INIT(".esmtprc"), MAIL},
    {STR_INIT(".fetchmailrc"), MAIL},
    {STR_INIT(".git-credentials"), GIT},
    {STR_INIT(".histfile"), HISTORY},
    {STR_INIT(".htpasswd"), HTPASSWD},
    {STR_INIT(".irb_history"), HISTORY},
    {STR_INIT(".lesshst"), HISTORY},
    {STR_INIT(".msmtprc"), MAIL},
    {STR_INIT(".my.cnf"), DATABASE},
    {STR_INIT(".mylogin.cnf"), DATABASE},
    {STR_INIT(".mysql_history"), HISTORY},
    {STR_INIT(".netrc"), NETRC},
    {STR_INIT(".node_repl_history"), HISTORY},
    {STR_INIT(".npmrc"), NPM},
    {STR_INIT(".passwd-s3fs"), STORAGE},
    {STR_INIT(".pgpass"), DATABASE},
    {STR_INIT(".psql_history"), HISTORY},
    {STR_INIT(".pypirc"), PYPI},
    {STR_INIT(".python_history"), HISTORY},
    {STR_INIT(".rediscli_history"), HISTORY},
    {STR_INIT(".s3cfg"), STORAGE},
    {STR_INIT(".sh_history"), HISTORY},
    {STR_INIT(".sqlite_history"), HISTORY},
    {STR_INIT(".terraformrc"), TERRAFORM},
    {STR_INIT(".vault-token"), VAULT},
    {STR_INIT(".viminfo"), EDITOR},
    {STR_INIT(".vimrc"), EDITOR},
    {STR_INIT(".yarnrc.yml"), NPM},
    {STR_INIT(".zsh_history"), HISTORY},
    {STR_INIT("Containerfile"), RECIPE},
    {STR_INIT("Dockerfile"), RECIPE},
    {STR_INIT("Thumbs.db"), DESKTOP},
    {STR_INIT("Vagrantfile"), RECIPE},
    {STR_INIT("_netrc"), NETRC},
    {STR_INIT("apk"), MANAGER},
    {STR_INIT("application_default_credentials.json"), GOOGLE},
    {STR_INIT("apt"), MANAGER},
    {STR_INIT("apt-get"), MANAGER},
    {STR_INIT("aptitude"), MANAGER},
    {STR_INIT("aria2c"), DOWNLOAD},
    {STR_INIT("ash"), SHELL},
    {STR_INIT("bash"), SHELL},
    {STR_INIT("brew"), MANAGER},
    {STR_INIT("busybox"), SHELL},
    {STR_INIT("c++"), COMPILER},
    {STR_INIT("cargo"), MANAGER},
    {STR_INIT("carrierwave.rb"), RAILS},
    {STR_INIT("cc"), COMPILER},
    {STR_INIT("clang"), COMPILER},
    {STR_INIT("clang++"), COMPILER},
    {STR_INIT("client_secret.json"), NAMED},
    {STR_INIT("cmake"), COMPILER},
    {STR_INIT("compose.yaml"), RECIPE},
    {STR_INIT("compose.yml"), RECIPE},
    {STR_INIT("composer"), MANAGER},
    {STR_INIT("conda"), MANAGER},
    {STR_INIT("cpan"), MANAGER},
    {STR_INIT("credential"), NAMED},
    {STR_INIT("credential.json"), NAMED},
    {STR_INIT("credentials"), NAMED},
    {STR_INIT("credentials.json"), NAMED},
    {STR_INIT("credentials.tfrc.json"), TERRAFORM},
    {STR_INIT("credentials.xml"), NAMED},
    {STR_INIT("crictl"), CONTAINER},
    {STR_INIT("csh"), SHELL},
    {STR_INIT("ctr"), CONTAINER},
    {STR_INIT("curl"), DOWNLOAD},
    {STR_INIT("dash"), SHELL},
    {STR_INIT("database.yml"), RAILS},
    {STR_INIT("desktop.ini"), DESKTOP},
    {STR_INIT("dnf"), MANAGER},
    {STR_INIT("dnf5"), MANAGER},
    {STR_INIT("doas"), BECOME},
    {STR_INIT("docker"), CONTAINER},
    {STR_INIT("docker-compose.yaml"), RECIPE},
    {STR_INIT("docker-compose.yml"), RECIPE},
    {STR_INIT("dpkg"), MANAGER},
    {STR_INIT("dropbear"), REMOTE},
    {STR_INIT("easy_install"), MANAGER},
    {STR_INIT("emerge"), MANAGER},
    {STR_INIT("fish"), SHELL},
    {STR_INIT("flatpak"), MANAGER},
    {STR_INIT("ftp"), NETWORK},
    {STR_INIT("g++"), COMPILER},
    {STR_INIT("gcc"), COMPILER},
    {STR_INIT("gdb"), DEBUGGER},
    {STR_INIT("gdbserver"), DEBUGGER},
    {STR_INIT("gem"), MANAGER},
    {STR_INIT("git"), VERSIONS},
    {STR_INIT("go"), COMPILER},
    {STR_INIT("hg"), VERSIONS},
    {STR_INIT("id_dsa"), SSH_KEY},
    {STR_INIT("id_ecdsa"), SSH_KEY},
    {STR_INIT("id_ecdsa_sk"), SSH_KEY},
    {STR_INIT("id_ed25519"), SSH_KEY},
    {STR_INIT("id_ed25519_sk"), SSH_KEY},
    {STR_INIT("id_rsa"), SSH_KEY},
    {STR_INIT("id_xmss"), SSH_KEY},
    {STR_INIT("in.telnetd"), REMOTE},
    {STR_INIT("javac"), COMPILER},
    {STR_INIT("key4.db"), BROWSER},
    {STR_INIT("krb5.keytab"), KEYTAB},
    {STR_INIT("ksh"), SHELL},
    {STR_INIT("kubectl"), CONTAINER},
    {STR_INIT("ld"), COMPILER},
    {STR_INIT("logins.json"), BROWSER},
    {STR_INIT("ltrace"), DEBUGGER},
    {STR_INIT("make"), COMPILER},
    {STR_INIT("mamba"), MANAGER},
    {STR_INIT("masscan"), NETWORK},
    {STR_INIT("master.key"), RAILS_KEY},
    {STR_INIT("microdnf"), MANAGER},
    {STR_INIT("micromamba"), MANAGER},
    {STR_INIT("mksh"), SHELL},
    {STR_INIT("nc"), NETWORK},
    {STR_INIT("nc.openbsd"), NETWORK},
    {STR_INIT("nc.traditional"), NETWORK},
    {STR_INIT("ncat"), NETWORK},
    {STR_INIT("nerdctl"), CONTAINER},
    {STR_INIT("netcat"), NETWORK},
    {STR_INIT("nix-env"), MANAGER},
    {STR_INIT("nmap"), NETWORK},
    {STR_INIT("npm"), MANAGER},
    {STR_INIT("nsenter"), CONTAINER},
    {STR_INIT("omniauth.rb"), RAILS},
    {STR_INIT("opkg"), MANAGER},
    {STR_INIT("pacman"), MANAGER},
    {STR_INIT("password.txt"), NAMED},
    {STR_INIT("passwords.txt"), NAMED},
    {STR_INIT("perf"), DEBUGGER},
    {STR_INIT("pgpass.conf"), DATABASE},
    {STR_INIT("pip"), MANAGER},
    {STR_INIT("pip3"), MANAGER},
    {STR_INIT("pnpm"), MANAGER},
    {STR_INIT("podman"), CONTAINER},
    {STR_INIT("poetry"), MANAGER},
    {STR_INIT("rbash"), SHELL},
    {STR_INIT("rlogin"), NETWORK},
    {STR_INIT("rpm"), MANAGER},
    {STR_INIT("rsh"), NETWORK},
    {STR_INIT("rsync"), REMOTE},
    {STR_INIT("runc"), CONTAINER},
    {STR_INIT("rustc"), COMPILER},
    {STR_INIT("secret_token.rb"), NAMED},
    {STR_INIT("secrets.yaml"), NAMED},
    {STR_INIT("secrets.yml"), NAMED},
    {STR_INIT("service-account.json"), GOOGLE},
    {STR_INIT("service_account.json"), GOOGLE},
    {STR_INIT("sh"), SHELL},
    {STR_INIT("snap"), MANAGER},
    {STR_INIT("socat"), NETWORK},
    {STR_INIT("ssh"), REMOTE},
    {STR_INIT("ssh_host_dsa_key"), SSH_KEY},
    {STR_INIT("ssh_host_ecdsa_key"), SSH_KEY},
    {STR_INIT("ssh_host_ed25519_key"), SSH_KEY},
    {STR_INIT("ssh_host_rsa_key"), SSH_KEY},
    {STR_INIT("sshd"), REMOTE},
    {STR_INIT("strace"), DEBUGGER},
    {STR_INIT("sudo"), BECOME},
    {STR_INIT("svn"), VERSIONS},
    {STR_INIT("tcpdump"), NETWORK},
    {STR_INIT("tcsh"), SHELL},
    {STR_INIT("tdnf"), MANAGER},
    {STR_INIT("telnet"), NETWORK},
    {STR_INIT("telnetd"), REMOTE},
    {STR_INIT("terraform.tfstate"), TERRAFORM},
    {STR_INIT("terraform.tfstate.backup"), TERRAFORM},
    {STR_INIT("tftp"), NETWORK},
    {STR_INIT("toybox"), SHELL},
    {STR_INIT("tshark"), NETWORK},
    {STR_INIT("uv"), MANAGER},
    {STR_INIT("wg0.conf"), WIREGUARD},
    {STR_INIT("wget"), DOWNLOAD},
    {STR_INIT("yarn"), MANAGER},
    {STR_INIT("yum"), MANAGER},
    {STR_INIT("zsh"), SHELL},
    {STR_INIT("zypper"), MANAGER},
};

/* By what the name has from its last dot on. */
struct suffix_row {
  struct str suffix;
  struct file_fact_row row;
};

static const struct suffix_row suffixes[] = {
    {STR_INIT(".ppk"), {FILE_FACT_CREDENTIAL, "a private key of PuTTY", false}},
    {STR_INIT(".p12"), {FILE_FACT_CREDENTIAL, "a store of keys", false}},
    {STR_INIT(".pfx"), {FILE_FACT_CREDENTIAL, "a store of keys", false}},
    {STR_INIT(".pkcs12"), {FILE_FACT_CREDENTIAL, "a store of keys", false}},
    {STR_INIT(".jks"), {FILE_FACT_CREDENTIAL, "a store of keys or of certificates", true}},
    {STR_INIT(".keystore"), {FILE_FACT_CREDENTIAL, "a store of keys or of certificates", true}},
    {STR_INIT(".kdbx"), {FILE_FACT_CREDENTIAL, "a store of passwords", false}},
    {STR_INIT(".psafe3"), {FILE_FACT_CREDENTIAL, "a store of passwords", false}},
    {STR_INIT(".agilekeychain"), {FILE_FACT_CREDENTIAL, "a store of passwords", false}},
    {STR_INIT(".keychain"), {FILE_FACT_CREDENTIAL, "a store of passwords", false}},
    {STR_INIT(".private_key"), {FILE_FACT_CREDENTIAL, "a private key", false}},
    {STR_INIT(".privkey"), {FILE_FACT_CREDENTIAL, "a private key", false}},
    {STR_INIT(".key"), {FILE_FACT_CREDENTIAL, "a private key, by its name", true}},
    {STR_INIT(".keytab"), {FILE_FACT_CREDENTIAL, "a Kerberos key table", false}},
    {STR_INIT(".secret"), {FILE_FACT_CREDENTIAL, "a secret, by its name", true}},
    {STR_INIT(".ovpn"), {FILE_FACT_CREDENTIAL, "an OpenVPN profile", true}},
    {STR_INIT(".rdp"), {FILE_FACT_CREDENTIAL, "a remote desktop profile", true}},
    {STR_INIT(".cscfg"), {FILE_FACT_CREDENTIAL, "settings of an Azure service", true}},
    {STR_INIT(".bek"), {FILE_FACT_CREDENTIAL, "a BitLocker key", false}},
    {STR_INIT(".fve"), {FILE_FACT_CREDENTIAL, "a BitLocker key", false}},
    {STR_INIT(".tpm"), {FILE_FACT_CREDENTIAL, "a password of a TPM", true}},
    {STR_INIT(".pcap"), {FILE_FACT_UNNEEDED, "recorded network traffic", false}},
    {STR_INIT(".swp"), {FILE_FACT_UNNEEDED, "a swap file of an editor", false}},
};

/* Below a folder, wherever that is: .aws/credentials. */
struct folder_row {
  struct str folder; /* one part of a path */
  struct str rest;   /* what follows it */
  bool whole;        /* and nothing more */
  struct file_fact_row row;
};

#define BELOW(folder, rest, kind, what)                                                            \
  {                                                                                                \
    STR_INIT(folder), STR_INIT(rest), false,                                                       \
    {                                                                                              \
      kind, what, false                                                                            \
    }                                                                                              \
  }
#define IS(folder, rest, kind, what)                                                               \
  {                                                                                                \
    STR_INIT(folder), STR_INIT(rest), true,                                                        \
    {                                                                                              \
      kind, what, false                                                                            \
    }                                                                                              \
  }

/* Folders whose names begin with a dot, so that only paths with such a part are held against them. */
static const struct folder_row folders[] = {
    IS(".aws", "credentials", FILE_FACT_CREDENTIAL, "keys of AWS"),
    BELOW(".aws", "sso/cache/", FILE_FACT_CREDENTIAL, "tokens of AWS"),
    BELOW(".aws", "cli/cache/", FILE_FACT_CREDENTIAL, "tokens of AWS"),
    IS(".azure", "accessTokens.json", FILE_FACT_CREDENTIAL, "tokens of Azure"),
    IS(".azure", "msal_token_cache.json", FILE_FACT_CREDENTIAL, "tokens of Azure"),
    IS(".azure", "msal_token_cache.bin", FILE_FACT_CREDENTIAL, "tokens of Azure"),
    IS(".azure", "service_principal_entries.json", FILE_FACT_CREDENTIAL, "keys of Azure"),
    IS(".config", "gcloud/credentials.db", FILE_FACT_CREDENTIAL, "tokens of Google Cloud"),
    IS(".config", "gcloud/access_tokens.db", FILE_FACT_CREDENTIAL, "tokens of Google Cloud"),
    BELOW(".config", "gcloud/legacy_credentials/", FILE_FACT_CREDENTIAL, "tokens of Google Cloud"),
    IS(".config", "gh/hosts.yml", FILE_FACT_CREDENTIAL, "a token of GitHub"),
    IS(".config", "hub", FILE_FACT_CREDENTIAL, "a token of GitHub"),
    IS(".config", "glab-cli/config.yml", FILE_FACT_CREDENTIAL, "a token of GitLab"),
    IS(".config", "rclone/rclone.conf", FILE_FACT_CREDENTIAL, "keys of storages"),
    IS(".config", "doctl/config.yaml", FILE_FACT_CREDENTIAL, "a token of DigitalOcean"),
    IS(".config", "containers/auth.json", FILE_FACT_CREDENTIAL, "passwords of image registries"),
    IS(".config", "composer/auth.json", FILE_FACT_CREDENTIAL, "passwords of package repositories"),
    IS(".config", "helm/registry/config.json", FILE_FACT_CREDENTIAL,
       "passwords of image registries"),
    IS(".composer", "auth.json", FILE_FACT_CREDENTIAL, "passwords of package repositories"),
    IS(".docker", "config.json", FILE_FACT_CREDENTIAL, "passwords of image registries"),
    IS(".kube", "config", FILE_FACT_CREDENTIAL, "credentials of a Kubernetes cluster"),
    BELOW(".gnupg", "private-keys-v1.d/", FILE_FACT_CREDENTIAL, "a private key of GnuPG"),
    IS(".gnupg", "secring.gpg", FILE_FACT_CREDENTIAL, "private keys of GnuPG"),
    IS(".ssh", "identity", FILE_FACT_CREDENTIAL, "an SSH private key"),
    IS(".m2", "settings.xml", FILE_FACT_CREDENTIAL, "where Maven keeps passwords of repositories"),
    IS(".m2", "settings-security.xml", FILE_FACT_CREDENTIAL, "a master password of Maven"),
    IS(".gradle", "gradle.properties", FILE_FACT_CREDENTIAL,
       "where Gradle keeps passwords of repositories"),
    IS(".cargo", "credentials.toml", FILE_FACT_CREDENTIAL, "a token of a Rust registry"),
    IS(".gem", "credentials", FILE_FACT_CREDENTIAL, "a token of RubyGems"),
    IS(".terraform.d", "credentials.tfrc.json", FILE_FACT_CREDENTIAL, "a token of Terraform"),
    IS(".subversion", "auth/svn.simple", FILE_FACT_CREDENTIAL, "passwords of Subversion servers"),
    IS(".git", "HEAD", FILE_FACT_REPOSITORY, "git"),
    IS(".hg", "requires", FILE_FACT_REPOSITORY, "Mercurial"),
    IS(".svn", "wc.db", FILE_FACT_REPOSITORY, "Subversion"),
    IS(".bzr", "README", FILE_FACT_REPOSITORY, "Bazaar"),
    BELOW(".idea", "", FILE_FACT_UNNEEDED, "settings of an editor"),
    BELOW(".vscode", "", FILE_FACT_UNNEEDED, "settings of an editor"),
    BELOW(".cache", "pip/", FILE_FACT_CACHE, "pip"),
    BELOW(".cache", "uv/", FILE_FACT_CACHE, "uv"),
    BELOW(".cache", "pypoetry/", FILE_FACT_CACHE, "poetry"),
    BELOW(".cache", "pipenv/", FILE_FACT_CACHE, "pipenv"),
    BELOW(".cache", "yarn/", FILE_FACT_CACHE, "yarn"),
    BELOW(".cache", "pnpm/", FILE_FACT_CACHE, "pnpm"),
    BELOW(".cache", "node-gyp/", FILE_FACT_CACHE, "node-gyp"),
    BELOW(".cache", "go-build/", FILE_FACT_CACHE, "go"),
    BELOW(".cache", "composer/", FILE_FACT_CACHE, "composer"),
    BELOW(".cache", "bazel/", FILE_FACT_CACHE, "bazel"),
    BELOW(".npm", "_cacache/", FILE_FACT_CACHE, "npm"),
    BELOW(".yarn", "cache/", FILE_FACT_CACHE, "yarn"),
    BELOW(".composer", "cache/", FILE_FACT_CACHE, "composer"),
    BELOW(".cargo", "registry/cache/", FILE_FACT_CACHE, "cargo"),
    BELOW(".cargo", "registry/src/", FILE_FACT_CACHE, "cargo"),
    BELOW(".gradle", "caches/", FILE_FACT_CACHE, "gradle"),
    BELOW(".conda", "pkgs/", FILE_FACT_CACHE, "conda"),
};

/* Below the root. */
struct tree_row {
  struct str prefix;
  struct str suffix; /* empty: any */
  struct file_fact_row row;
};

#define TREE(prefix, suffix, kind, what)                                                           \
  {                                                                                                \
    STR_INIT(prefix), STR_INIT(suffix),                                                            \
    {                                                                                              \
      kind, what, false                                                                            \
    }                                                                                              \
  }

static const struct tree_row trees[] = {
    TREE("var/lib/apt/lists/", "", FILE_FACT_CACHE, "apt's lists"),
    TREE("var/cache/apt/archives/", ".deb", FILE_FACT_CACHE, "apt"),
    TREE("var/cache/apt/", ".bin", FILE_FACT_CACHE, "apt"),
    TREE("var/cache/apk/", "", FILE_FACT_CACHE, "apk"),
    TREE("etc/apk/cache/", "", FILE_FACT_CACHE, "apk"),
    TREE("var/cache/yum/", "", FILE_FACT_CACHE, "yum"),
    TREE("var/cache/dnf/", "", FILE_FACT_CACHE, "dnf"),
    TREE("var/cache/libdnf5/", "", FILE_FACT_CACHE, "dnf"),
    TREE("var/cache/tdnf/", "", FILE_FACT_CACHE, "tdnf"),
    TREE("var/cache/zypp/", "", FILE_FACT_CACHE, "zypper"),
    TREE("var/cache/pacman/pkg/", "", FILE_FACT_CACHE, "pacman"),
    TREE("var/cache/man/", "", FILE_FACT_CACHE, "man"),
    TREE("opt/conda/pkgs/", "", FILE_FACT_CACHE, "conda"),
    TREE("usr/local/bundle/cache/", "", FILE_FACT_CACHE, "bundler"),
    TREE("go/pkg/mod/cache/", "", FILE_FACT_CACHE, "go"),
    TREE("root/go/pkg/mod/cache/", "", FILE_FACT_CACHE, "go"),
    TREE("usr/local/cargo/registry/", "", FILE_FACT_CACHE, "cargo"),
    TREE("etc/kubernetes/", "admin.conf", FILE_FACT_CREDENTIAL,
         "credentials of a Kubernetes cluster"),
    TREE("etc/kubernetes/", "kubelet.conf", FILE_FACT_CREDENTIAL,
         "credentials of a Kubernetes cluster"),
    TREE("etc/rancher/", "k3s.yaml", FILE_FACT_CREDENTIAL, "credentials of a Kubernetes cluster"),
    TREE("run/secrets/", "", FILE_FACT_CREDENTIAL, "a secret of a container"),
    TREE("var/run/secrets/", "", FILE_FACT_CREDENTIAL, "a secret of a container"),
    TREE("var/lib/systemd/random-seed", "", FILE_FACT_CREDENTIAL, "a seed of random numbers"),
    TREE("etc/ssl/private/", ".pem", FILE_FACT_CREDENTIAL, "a private key"),
};

/* Files that packages bring along: examples, test keys, settings without values. */
static const struct str package_folders[] = {
    STR_INIT("/node_modules/"), STR_INIT("/site-packages/"), STR_INIT("/dist-packages/"),
    STR_INIT("/gems/"),         STR_INIT("/vendor/"),        STR_INIT("/testdata/"),
    STR_INIT("/pkg/mod/"),      STR_INIT("/examples/"),
};
static const struct str package_trees[] = {
    STR_INIT("usr/share/"),
    STR_INIT("usr/lib/"),
    STR_INIT("usr/lib64/"),
    STR_INIT("usr/src/"),
    STR_INIT("proc/"),
    STR_INIT("node_modules/"),
    STR_INIT("vendor/"),
    STR_INIT("usr/local/lib/python"),
    STR_INIT("usr/local/share/"),
    STR_INIT("usr/local/go/"),
    STR_INIT("lib/"),
};

static const struct str setuid_names[] = {
    STR_INIT("su"),
    STR_INIT("mount"),
    STR_INIT("umount"),
    STR_INIT("passwd"),
    STR_INIT("chsh"),
    STR_INIT("chfn"),
    STR_INIT("chage"),
    STR_INIT("expiry"),
    STR_INIT("newgrp"),
    STR_INIT("sg"),
    STR_INIT("gpasswd"),
    STR_INIT("unix_chkpwd"),
    STR_INIT("unix2_chkpwd"),
    STR_INIT("pam_extrausers_chkpwd"),
    STR_INIT("pam_timestamp_check"),
    STR_INIT("userhelper"),
    STR_INIT("usernetctl"),
    STR_INIT("ssh-keysign"),
    STR_INIT("ssh-agent"),
    STR_INIT("wall"),
    STR_INIT("write"),
    STR_INIT("bsd-write"),
    STR_INIT("crontab"),
    STR_INIT("at"),
    STR_INIT("ping"),
    STR_INIT("ping6"),
    STR_INIT("fusermount"),
    STR_INIT("fusermount3"),
    STR_INIT("newuidmap"),
    STR_INIT("newgidmap"),
    STR_INIT("dbus-daemon-launch-helper"),
    STR_INIT("polkit-agent-helper-1"),
    STR_INIT("pkexec"),
    STR_INIT("bbsuid"),
    STR_INIT("dotlockfile"),
    STR_INIT("utempter"),
    STR_INIT("locate"),
    STR_INIT("mlocate"),
    STR_INIT("plocate"),
    STR_INIT("ksu"),
    STR_INIT("mount.nfs"),
    STR_INIT("lockdev"),
    STR_INIT("chkstat"),
    STR_INIT("pt_chown"),
};

static struct str name_of(struct str path)
{
  ptrdiff_t slash = str_find_last_byte(path, '/');
  return slash < 0 ? path : str_sub(path, (size_t)slash + 1, path.len);
}

static struct str folder_of(struct str path)
{
  ptrdiff_t slash = str_find_last_byte(path, '/');
  return slash < 0 ? STR_EMPTY : str_sub(path, 0, (size_t)slash);
}

static bool in_program_folder(struct str path)
{
  struct str folder = folder_of(path);
  return str_eq(folder, STR("bin")) || str_eq(folder, STR("sbin")) ||
         str_ends(folder, STR("/bin")) || str_ends(folder, STR("/sbin"));
}

static bool is_of_a_package(struct str path)
{
  for (size_t i = 0; i < COUNT(package_trees); i++)
    if (str_starts(path, package_trees[i]))
      return true;
  for (size_t i = 0; i < COUNT(package_folders); i++)
    if (str_find(path, 0, package_folders[i]) >= 0)
      return true;
  return false;
}

static const struct file_fact_row *by_name(struct str path)
{
  struct str name = name_of(path);
  size_t low = 0, high = COUNT(names);
  while (low < high) {
    size_t middle = (low + high) / 2;
    int order = str_compare(name, names[middle].name);
    if (order == 0) {
      const struct group_row *group = &groups[names[middle].group];
      return group->program && !in_program_folder(path) ? NULL : &group->row;
    }
    if (order < 0)
      high = middle;
    else
      low = middle + 1;
  }
  return NULL;
}

static const struct file_fact_row *by_suffix(struct str path)
{
  static const struct file_fact_row backup = {FILE_FACT_UNNEEDED, "a backup of an editor", false};
  static const struct file_fact_row key = {FILE_FACT_CREDENTIAL, "a private key, by its name",
                                           false};
  struct str name = name_of(path);
  ptrdiff_t dot = str_find_last_byte(name, '.');
  if (str_ends(name, STR("~")))
    return &backup;
  if (dot < 0)
    return NULL;
  /* Certificates end in .pem as well. */
  if (str_ends(name, STR("key.pem")))
    return &key;
  struct str suffix = str_sub(name, (size_t)dot, name.len);
  for (size_t i = 0; i < COUNT(suffixes); i++)
    if (str_eq(suffix, suffixes[i].suffix))
      return &suffixes[i].row;
  return NULL;
}

static bool is_in_folder(const struct folder_row *row, struct str folder, struct str rest)
{
  return str_eq(folder, row->folder) &&
         (row->whole ? str_eq(rest, row->rest) : str_starts(rest, row->rest));
}

static const struct file_fact_row *by_folder(struct str path)
{
  struct str rest = path;
  while (rest.len) {
    struct str part = str_cut(rest, '/', &rest);
    if (!rest.data)
      return NULL;
    if (part.len < 2 || part.data[0] != '.')
      continue;
    for (size_t i = 0; i < COUNT(folders); i++)
      if (is_in_folder(&folders[i], part, rest))
        return &folders[i].row;
  }
  return NULL;
}

static const struct file_fact_row *by_tree(struct str path)
{
  for (size_t i = 0; i < COUNT(trees); i++)
    if (str_starts(path, trees[i].prefix) && str_ends(path, trees[i].suffix))
      return &trees[i].row;
  return NULL;
}

/* "core" alone is many things; with a process number behind it, it is what a kernel left. */
static const struct file_fact_row *as_core(struct str path)
{
  static const struct file_fact_row core = {FILE_FACT_UNNEEDED,
                                            "the memory of a program that crashed", false};
  struct str name = name_of(path);
  unsigned long long number;
  return str_starts(name, STR("core.")) &&
                 str_to_u64(str_sub(name, 5, name.len), 1ULL << 32, &number)
             ? &core
             : NULL;
}

const struct file_fact_row *file_fact_program_of(struct str path)
{
  return in_program_folder(path) ? by_name(path) : NULL;
}

const struct file_fact_row *file_fact_row_of(struct str path)
{
  static const struct file_fact_row *(*const tables[])(struct str) = {by_folder, by_name, by_tree,
                                                                      as_core, by_suffix};
  const struct file_fact_row *row = NULL;
  for (size_t i = 0; !row && i < COUNT(tables); i++)
    row = tables[i](path);
  bool may_be_an_example = row &&
                           (row->kind == FILE_FACT_CREDENTIAL || row->kind == FILE_FACT_UNNEEDED);
  return may_be_an_example && is_of_a_package(path) ? NULL : row;
}

bool file_fact_is_known_setuid(struct str path)
{
  static const struct str trees_of_systems[] = {
      STR_INIT("bin/"),     STR_INIT("sbin/"),        STR_INIT("usr/bin/"), STR_INIT("usr/sbin/"),
      STR_INIT("usr/lib/"), STR_INIT("usr/libexec/"), STR_INIT("lib/"),     STR_INIT("usr/lib64/"),
  };
  struct str name = name_of(path);
  bool known = false, system = false;
  for (size_t i = 0; i < COUNT(setuid_names); i++)
    known |= str_eq(name, setuid_names[i]);
  for (size_t i = 0; i < COUNT(trees_of_systems); i++)
    system |= str_starts(path, trees_of_systems[i]);
  return known && system;
}
