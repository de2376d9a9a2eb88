/*
 * https_certificate - makes a key on P-256 and a certificate for localhost that signs itself, as
 * DIRECTORY/tls.crt and DIRECTORY/tls.key. For benchmarks and tests; it is valid for a day.
 *
 *   https_certificate DIRECTORY
 */
#include "base/buf.h"
#include "base/clock.h"
#include "crypto/certificate.h"

#include <stdio.h>
#include <stdlib.h>

_Noreturn static void die(const char *what)
{
  fprintf(stderr, "https_certificate: %s\n", what);
  exit(1);
}

static void check(int rc, const struct error *err)
{
  if (rc < 0)
    die(err->message);
}

static void write_file(const char *directory, const char *name, const struct buf *text)
{
  struct buf path = {0};
  buf_printf(&path, "%s/%s", directory, name);
  FILE *file = fopen(buf_text(&path), "w");
  if (!file || fwrite(text->data, 1, text->len, file) != text->len || fclose(file) != 0)
    die(buf_text(&path));
  buf_free(&path);
}

int main(int argc, char **argv)
{
  static const struct str dns = STR_INIT("localhost"), address = STR_INIT("127.0.0.1");
  struct buf certificate = {0}, pem = {0};
  struct key *key = NULL;
  struct error err;
  if (argc != 2)
    die("usage: https_certificate DIRECTORY");
  int64_t now = clock_wall_seconds(clock_system());
  struct certificate_wanted wanted = {.common_name = STR("localhost"),
                                      .dns = &dns,
                                      .dns_count = 1,
                                      .addresses = &address,
                                      .address_count = 1,
                                      .not_before = now - 3600,
                                      .not_after = now + 86400,
                                      .server_auth = true};
  check(certificate_make_key(&key, &err), &err);
  check(certificate_issue(&wanted, key, NULL, &certificate, &err), &err);
  check(certificate_write_key(key, &pem, &err), &err);
  write_file(argv[1], "tls.crt", &certificate);
  write_file(argv[1], "tls.key", &pem);
  key_free(key);
  buf_free(&certificate);
  buf_free(&pem);
  return 0;
}
