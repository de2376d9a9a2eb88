/*
 * made.h - certificates and keys that a test makes, in files of a directory of its own.
 */
#ifndef SEAWALL_TESTS_UNIT_NET_MADE_H
#define SEAWALL_TESTS_UNIT_NET_MADE_H

#include "../test.h"

#include "base/buf.h"
#include "base/clock.h"
#include "crypto/certificate.h"

#include <ftw.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

enum { MADE_HOUR = 3600 };

struct made_ca {
  struct key *key;
  struct buf pem;
};

struct made_pair {
  struct buf certificate, key;
};

static inline void made_check(int rc, const struct error *err)
{
  if (rc < 0)
    print_error("%s\n", err->message);
  assert_int_equal(rc, 0);
}

static inline struct made_ca made_authority(const char *name)
{
  struct made_ca ca = {0};
  struct error err;
  int64_t now = clock_wall_seconds(clock_system());
  struct certificate_wanted wanted = {.common_name = str_from(name),
                                      .is_ca = true,
                                      .not_before = now - 24 * MADE_HOUR,
                                      .not_after = now + 24 * MADE_HOUR};
  made_check(certificate_make_key(&ca.key, &err), &err);
  made_check(certificate_issue(&wanted, ca.key, NULL, &ca.pem, &err), &err);
  return ca;
}

static inline void made_ca_free(struct made_ca *ca)
{
  key_free(ca->key);
  buf_free(&ca->pem);
}

/* A certificate for 127.0.0.1, valid from and to hours from now. */
static inline struct made_pair made_certificate(const struct made_ca *ca, const char *name,
                                                bool for_client, int from, int to)
{
  struct made_pair pair = {0};
  struct error err;
  struct key *key = NULL;
  int64_t now = clock_wall_seconds(clock_system());
  static const struct str dns = STR_INIT("localhost"), address = STR_INIT("127.0.0.1");
  struct certificate_wanted wanted = {.common_name = str_from(name),
                                      .organization = STR("a group"),
                                      .dns = &dns,
                                      .dns_count = 1,
                                      .addresses = &address,
                                      .address_count = 1,
                                      .not_before = now + from * MADE_HOUR,
                                      .not_after = now + to * MADE_HOUR,
                                      .server_auth = !for_client,
                                      .client_auth = for_client};
  struct certificate_issuer issuer = {buf_str(&ca->pem), ca->key};
  made_check(certificate_make_key(&key, &err), &err);
  made_check(certificate_issue(&wanted, key, &issuer, &pair.certificate, &err), &err);
  made_check(certificate_write_key(key, &pair.key, &err), &err);
  key_free(key);
  return pair;
}

static inline void made_pair_free(struct made_pair *pair)
{
  buf_free(&pair->certificate);
  buf_free(&pair->key);
}

/* A new directory; its name is the caller's to free. */
static inline char *made_directory(void)
{
  const char *parent = getenv("TMPDIR");
  char path[200];
  snprintf(path, sizeof path, "%s/seawall-net.XXXXXX", parent ? parent : "/tmp");
  assert_non_null(mkdtemp(path));
  return mem_copy_text(path, strlen(path));
}

static inline int made_remove(const char *path, const struct stat *st, int type, struct FTW *at)
{
  return remove(path);
}

static inline void made_directory_free(char *path)
{
  nftw(path, made_remove, 16, FTW_DEPTH | FTW_PHYS);
  mem_free(path);
}

/* "directory/name"; valid until the fourth call from now. */
static inline const char *made_path(const char *directory, const char *name)
{
  static struct buf paths[4];
  static unsigned turn;
  struct buf *path = &paths[turn++ % 4];
  buf_clear(path);
  buf_printf(path, "%s/%s", directory, name);
  return buf_text(path);
}

/* A file that is there at once, whole. */
static inline void made_file(const char *directory, const char *name, struct str text)
{
  const char *aside = made_path(directory, ".aside");
  FILE *file = fopen(aside, "w");
  assert_non_null(file);
  assert_int_equal(fwrite(text.data, 1, text.len, file), text.len);
  assert_int_equal(fclose(file), 0);
  assert_int_equal(rename(aside, made_path(directory, name)), 0);
}

static inline void made_files(const char *directory, const struct made_pair *pair)
{
  made_file(directory, "tls.crt", buf_str(&pair->certificate));
  made_file(directory, "tls.key", buf_str(&pair->key));
}

#endif
