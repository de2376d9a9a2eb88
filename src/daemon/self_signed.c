#include "daemon/self_signed.h"

#include "base/arena.h"
#include "base/file.h"
#include "crypto/certificate.h"
#include "crypto/x509.h"
#include "daemon/self_signed_int.h"

#include <arpa/inet.h>
#include <stdlib.h>
#include <unistd.h>

enum {
  DAY = 86400,
  SKEW = 3600,   /* certificates begin earlier, for clocks that are behind */
  CA_REST = 366, /* days that are left at least, so that what it issues never outlives it */
  MEMORY_MAX = 16 << 20,
};

/* ---- where */

static const char *variable(char *const *environment, const char *name)
{
  size_t len = strlen(name);
  for (; *environment; environment++)
    if (strncmp(*environment, name, len) == 0 && (*environment)[len] == '=')
      return *environment + len + 1;
  return NULL;
}

static char *joined(struct str directory, const char *below)
{
  struct buf path = {0};
  while (directory.len > 1 && directory.data[directory.len - 1] == '/')
    directory.len--;
  buf_add(&path, directory);
  buf_add_text(&path, below);
  char *copy = mem_copy_text(path.data, path.len);
  buf_free(&path);
  return copy;
}

int self_signed_directory(char *const *environment, char **ret, struct error *err)
{
  static const struct {
    const char *variable, *below;
  } places[] = {
      {"STATE_DIRECTORY", ""}, {"XDG_STATE_HOME", "/seawall"}, {"HOME", "/.local/state/seawall"}};
  if (!environment)
    environment = environ;
  for (size_t i = 0; i < sizeof places / sizeof *places; i++) {
    struct str value = str_from(variable(environment, places[i].variable));
    if (i == 0) { /* systemd separates several by colons */
      struct str rest;
      value = str_cut(value, ':', &rest);
    }
    if (!str_starts(value, STR("/")))
      continue;
    *ret = joined(value, places[i].below);
    return 0;
  }
  return error_set(err, SW_ENOENT,
                   "there is no directory for a self-signed certificate: set STATE_DIRECTORY (or "
                   "HOME) to one, or configure tls.certificate and tls.key");
}

/* ---- names */

struct address {
  unsigned char bytes[16];
  unsigned len; /* 4, 16 */
};

static bool address_parse(struct str text, struct address *ret)
{
  char copy[64];
  if (!text.len || text.len >= sizeof copy || str_find_byte(text, 0, '\0') >= 0)
    return false;
  memcpy(copy, text.data, text.len);
  copy[text.len] = '\0';
  ret->len = inet_pton(AF_INET, copy, ret->bytes) == 1    ? 4
             : inet_pton(AF_INET6, copy, ret->bytes) == 1 ? 16
                                                          : 0;
  return ret->len > 0;
}

static bool address_is_any(const struct address *address)
{
  static const unsigned char zeros[16];
  return memcmp(address->bytes, zeros, address->len) == 0;
}

struct names {
  struct str dns[CERTIFICATE_NAMES_MAX], addresses[CERTIFICATE_NAMES_MAX];
  struct address parsed[CERTIFICATE_NAMES_MAX];
  size_t dns_count, address_count;
};

static bool has_dns(const struct names *names, struct str name)
{
  for (size_t i = 0; i < names->dns_count; i++)
    if (str_eq_nocase(names->dns[i], name))
      return true;
  return false;
}

static bool has_address(const struct names *names, const struct address *address)
{
  for (size_t i = 0; i < names->address_count; i++)
    if (names->parsed[i].len == address->len &&
        memcmp(names->parsed[i].bytes, address->bytes, address->len) == 0)
      return true;
  return false;
}

/* False: no room. text must last as long as the names. */
static bool add_name(struct names *names, struct str text)
{
  struct address address;
  if (!address_parse(text, &address)) {
    if (has_dns(names, text))
      return true;
    if (names->dns_count == CERTIFICATE_NAMES_MAX)
      return false;
    names->dns[names->dns_count++] = text;
    return true;
  }
  if (has_address(names, &address))
    return true;
  if (names->address_count == CERTIFICATE_NAMES_MAX)
    return false;
  names->parsed[names->address_count] = address;
  names->addresses[names->address_count++] = text;
  return true;
}

/* A machine may be called what a certificate cannot say. */
static bool is_host_name(struct str name)
{
  struct str rest = name;
  while (rest.data) {
    struct str label = str_cut(rest, '.', &rest);
    if (!label.len || label.len > 63 || label.data[0] == '-' || label.data[label.len - 1] == '-')
      return false;
    for (size_t i = 0; i < label.len; i++)
      if (!strchr("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_",
                  label.data[i]))
        return false;
  }
  return name.len <= CERTIFICATE_NAME_MAX;
}

static void add_host_name(struct arena *a, struct names *names, const char *host_name)
{
  char own[256] = "";
  if (!host_name)
    host_name = gethostname(own, sizeof own - 1) == 0 ? own : "";
  struct str name = str_from(host_name);
  struct address address;
  if (name.len && is_host_name(name) && !address_parse(name, &address))
    add_name(names, arena_copy(a, name));
}

static int wanted_names(struct arena *a, const struct self_signed_options *options,
                        struct names *ret, struct error *err)
{
  *ret = (struct names){0};
  add_name(ret, STR("localhost"));
  add_name(ret, STR("127.0.0.1"));
  add_name(ret, STR("::1"));
  add_host_name(a, ret, options->host_name);
  struct address address;
  struct str listen = str_from(options->listen_address);
  if (address_parse(listen, &address) && !address_is_any(&address))
    add_name(ret, listen);
  for (size_t i = 0; i < options->name_count; i++)
    if (!add_name(ret, options->names[i]))
      return error_set(err, SW_ELIMIT, "a certificate has at most %d names", CERTIFICATE_NAMES_MAX);
  return 0;
}

/* The names of a certificate that was made before, as far as there is room. */
static void add_names_of(struct arena *a, struct names *names,
                         const struct x509_certificate *certificate)
{
  const struct x509_names *old = &certificate->subject.names;
  for (size_t i = 0; i < old->dns.count; i++)
    if (is_host_name(old->dns.items[i]))
      add_name(names, old->dns.items[i]);
  for (size_t i = 0; i < old->addresses.count; i++) {
    struct str bytes = old->addresses.items[i];
    char text[INET6_ADDRSTRLEN];
    if ((bytes.len == 4 || bytes.len == 16) &&
        inet_ntop(bytes.len == 4 ? AF_INET : AF_INET6, bytes.data, text, sizeof text))
      add_name(names, arena_copy(a, str_from(text)));
  }
}

static bool certificate_has(const struct x509_certificate *certificate, const struct names *names)
{
  const struct x509_names *there = &certificate->subject.names;
  for (size_t i = 0; i < names->dns_count; i++) {
    bool found = false;
    for (size_t j = 0; j < there->dns.count && !found; j++)
      found = str_eq_nocase(there->dns.items[j], names->dns[i]);
    if (!found)
      return false;
  }
  for (size_t i = 0; i < names->address_count; i++) {
    struct str bytes = str_make((const char *)names->parsed[i].bytes, names->parsed[i].len);
    bool found = false;
    for (size_t j = 0; j < there->addresses.count && !found; j++)
      found = str_eq(there->addresses.items[j], bytes);
    if (!found)
      return false;
  }
  return true;
}

/* ---- what is there */

struct pair {
  struct buf certificate_text, key_text;
  const struct x509_certificate *certificate; /* in the arena; NULL: none, or wrong */
  struct key *key;                            /* NULL: none, wrong, or not of the certificate */
  bool certificate_there, key_there;
};

static void pair_free(struct pair *pair)
{
  key_cleanse(buf_str(&pair->key_text));
  buf_free(&pair->certificate_text);
  buf_free(&pair->key_text);
  key_free(pair->key);
  *pair = (struct pair){0};
}

static bool belongs(const struct pair *pair)
{
  struct key *public = NULL;
  struct error err;
  if (key_parse_block(STR("PUBLIC KEY"), pair->certificate->subject.public_key, &public, &err) < 0)
    return false;
  bool same = key_is_private(pair->key) && key_same(public, pair->key);
  key_free(public);
  return same;
}

/* Parsers take DER too, but what reads these files later does not. */
static bool is_pem(const struct buf *text)
{
  return str_find(buf_str(text), 0, STR("-----BEGIN ")) >= 0;
}

/* Files that are wrong are not errors: others are made. */
static int pair_read(const struct own_directory *directory, const char *certificate,
                     const char *key, struct arena *a, struct pair *pair, struct error *err)
{
  enum own_file found;
  int rc = own_file_read(directory, certificate, false, &pair->certificate_text, &found, err);
  if (rc < 0)
    return rc;
  pair->certificate_there = found != OWN_MISSING;
  struct x509_list list;
  struct error wrong;
  if (found == OWN_READ && is_pem(&pair->certificate_text) &&
      x509_parse(a, buf_str(&pair->certificate_text), &list, &wrong) == 0)
    pair->certificate = &list.items[0];
  rc = own_file_read(directory, key, true, &pair->key_text, &found, err);
  if (rc < 0)
    return rc;
  pair->key_there = found != OWN_MISSING;
  if (found != OWN_READ || !is_pem(&pair->key_text) ||
      key_parse(buf_str(&pair->key_text), &pair->key, &wrong) < 0)
    pair->key = NULL;
  if (pair->key && (!pair->certificate || !belongs(pair))) {
    key_free(pair->key);
    pair->key = NULL;
  }
  return 0;
}

struct state {
  struct own_directory directory;
  struct arena arena;
  struct names names;
  int64_t now;
  struct pair ca, server;
  bool ca_wanted;     /* another authority must be made */
  const char *reason; /* why a certificate must be made; NULL: need not */
  bool lacks_name;    /* that is the reason */
};

static void state_forget(struct state *s)
{
  pair_free(&s->ca);
  pair_free(&s->server);
}

static void state_close(struct state *s)
{
  state_forget(s);
  arena_free(&s->arena);
  own_directory_close(&s->directory);
}

static int judge_authority(struct state *s, struct error *err)
{
  const struct x509_certificate *ca = s->ca.certificate;
  s->ca_wanted = true;
  if (!ca || !ca->is_ca || !(ca->key_usage & X509_CERT_SIGN))
    return 0;
  if (ca->not_before > s->now) {
    char from[CLOCK_TEXT], now[CLOCK_TEXT];
    return error_set(
        err, SW_EINVAL,
        "%s/ca.crt: is valid from %.*s, and it is %.*s: set the clock, or remove the file",
        s->directory.path, STR_FMT(clock_format(ca->not_before, from)),
        STR_FMT(clock_format(s->now, now)));
  }
  s->ca_wanted = ca->not_after - s->now < (int64_t)CA_REST * DAY;
  return 0;
}

/* The authority is right. */
static bool is_issued(struct state *s)
{
  struct str usage = X509_USAGE_SERVER_AUTH;
  struct x509_certificate root = *s->ca.certificate;
  struct x509_trust trust = {
      .roots = {&root, 1}, .time = s->now, .usages = &usage, .usage_count = 1, .depth = 1};
  struct x509_chain chain;
  struct error wrong;
  return x509_verify(&s->arena, s->server.certificate, &trust, &chain, NULL, &wrong) == 0;
}

static void judge_server(struct state *s)
{
  const struct x509_certificate *server = s->server.certificate;
  s->lacks_name = false;
  s->reason = NULL;
  if (!s->server.certificate_there && !s->server.key_there)
    s->reason = "there was none";
  else if (s->ca_wanted)
    s->reason = "there is another authority";
  else if (!server || !s->server.key)
    s->reason = "it was incomplete or wrong";
  else if (server->not_after < s->now)
    s->reason = "it had expired";
  else if (server->not_before > s->now)
    s->reason = "its time had not begun";
  else if (!is_issued(s))
    s->reason = "it was not of this authority";
  else if ((server->not_after - s->now) * 3 <= server->not_after - server->not_before)
    s->reason = "it was about to expire";
  else if (!certificate_has(server, &s->names))
    s->reason = "it lacked a name";
  else
    return;
  s->lacks_name = server && strcmp(s->reason, "it lacked a name") == 0;
  /* What is wrong with the key of the authority matters only now. */
  s->ca_wanted |= !s->ca.key;
}

static int state_read(struct state *s, struct error *err)
{
  state_forget(s);
  int rc = pair_read(&s->directory, "ca.crt", "ca.key", &s->arena, &s->ca, err);
  if (rc == 0)
    rc = pair_read(&s->directory, "tls.crt", "tls.key", &s->arena, &s->server, err);
  if (rc == 0)
    rc = judge_authority(s, err);
  if (rc == 0)
    judge_server(s);
  return rc;
}

/* ---- making */

static int pair_make(const struct certificate_wanted *wanted,
                     const struct certificate_issuer *issuer, struct arena *a, struct pair *pair,
                     struct error *err)
{
  pair_free(pair);
  buf_reserve(&pair->key_text, SELF_SIGNED_FILE_MAX);
  int rc = certificate_make_key(&pair->key, err);
  if (rc == 0)
    rc = certificate_issue(wanted, pair->key, issuer, &pair->certificate_text, err);
  if (rc == 0)
    rc = certificate_write_key(pair->key, &pair->key_text, err);
  struct x509_list list;
  if (rc == 0)
    rc = x509_parse(a, buf_str(&pair->certificate_text), &list, err);
  if (rc == 0)
    pair->certificate = &list.items[0];
  return rc;
}

/* The key first: a program that is killed in between leaves a pair that does not fit, which is seen. */
static int pair_write(const struct state *s, const char *certificate, const char *key,
                      const struct pair *pair, struct error *err)
{
  int rc = own_file_write(&s->directory, key, true, buf_str(&pair->key_text), err);
  if (rc == 0)
    rc = own_file_write(&s->directory, certificate, false, buf_str(&pair->certificate_text), err);
  return rc;
}

static int64_t begin_of(const struct state *s)
{
  return s->now > SKEW ? s->now - SKEW : 0;
}

static int make_authority(struct state *s, struct error *err)
{
  struct certificate_wanted wanted = {.common_name = STR("seawall self-signed CA"),
                                      .not_before = begin_of(s),
                                      .not_after = s->now + (int64_t)SELF_SIGNED_CA_DAYS * DAY,
                                      .is_ca = true,
                                      .limits_path = true};
  int rc = own_file_set_aside(&s->directory, "ca.crt", err);
  if (rc == 0)
    rc = own_file_set_aside(&s->directory, "ca.key", err);
  if (rc == 0)
    rc = pair_make(&wanted, NULL, &s->arena, &s->ca, err);
  return rc < 0 ? rc : pair_write(s, "ca.crt", "ca.key", &s->ca, err);
}

static int make_server(struct state *s, struct error *err)
{
  if (s->lacks_name)
    add_names_of(&s->arena, &s->names, s->server.certificate);
  struct certificate_wanted wanted = {.common_name = STR("seawall"),
                                      .dns = s->names.dns,
                                      .dns_count = s->names.dns_count,
                                      .addresses = s->names.addresses,
                                      .address_count = s->names.address_count,
                                      .not_before = begin_of(s),
                                      .not_after = s->now + (int64_t)SELF_SIGNED_DAYS * DAY,
                                      .server_auth = true};
  struct certificate_issuer issuer = {buf_str(&s->ca.certificate_text), s->ca.key};
  struct pair made = {0};
  int rc = pair_make(&wanted, &issuer, &s->arena, &made, err);
  if (rc == 0)
    rc = pair_write(s, "tls.crt", "tls.key", &made, err);
  pair_free(&s->server); /* names that were taken over lie in the arena */
  s->server = made;
  return rc;
}

/* Another process may have made everything while this one waited. */
static int make_missing(struct state *s, unsigned wait_ms, struct self_signed *ret,
                        struct error *err)
{
  _cleanup_(file_closep) int lock = -1;
  int rc = own_directory_lock(&s->directory, wait_ms ? wait_ms : SELF_SIGNED_WAIT_MS, &lock, err);
  if (rc == 0)
    rc = state_read(s, err);
  if (rc < 0 || !s->reason)
    return rc;
  ret->made_certificate = true;
  ret->reason = s->reason;
  ret->made_ca = s->ca_wanted;
  if (s->ca_wanted)
    rc = make_authority(s, err);
  return rc < 0 ? rc : make_server(s, err);
}

static int open_in(struct state *s, const struct self_signed_options *options,
                   struct self_signed *ret, struct error *err)
{
  int rc = wanted_names(&s->arena, options, &s->names, err);
  if (rc == 0)
    rc = own_directory_open(ret->directory, &s->directory, err);
  if (rc == 0)
    rc = state_read(s, err);
  if (rc == 0 && s->reason)
    rc = make_missing(s, options->wait_ms, ret, err);
  if (rc < 0)
    return rc;
  ret->not_after = s->server.certificate->not_after;
  ret->ca_not_after = s->ca.certificate->not_after;
  struct str directory = str_from(ret->directory);
  ret->ca = joined(directory, "/ca.crt");
  ret->certificate = joined(directory, "/tls.crt");
  ret->key = joined(directory, "/tls.key");
  return 0;
}

int self_signed_open(const struct self_signed_options *options, struct self_signed *ret,
                     struct error *err)
{
  struct self_signed made = {0};
  int rc = 0;
  if (options->directory)
    made.directory = joined(str_from(options->directory), "");
  else
    rc = self_signed_directory(NULL, &made.directory, err);
  if (rc < 0)
    return rc;
  const struct clock *clock = options->clock ? options->clock : clock_system();
  struct state s = {.directory = {.fd = -1}, .now = clock_wall_seconds(clock)};
  arena_init(&s.arena, MEMORY_MAX);
  rc = open_in(&s, options, &made, err);
  state_close(&s);
  if (rc < 0) {
    self_signed_free(&made);
    return rc;
  }
  *ret = made;
  return 0;
}

void self_signed_free(struct self_signed *files)
{
  mem_free(files->directory);
  mem_free(files->ca);
  mem_free(files->certificate);
  mem_free(files->key);
  *files = (struct self_signed){0};
}
