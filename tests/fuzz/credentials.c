/*
 * Whatever the file: it is read or refused, and a login that is found has what is needed to use it. No helper is
 * run: the PATH leads nowhere.
 */
#include "oci/credentials.h"

#include <assert.h>
#include <stdlib.h>

static const char *nothing(const char *name)
{
  (void)name;
  return NULL;
}

int LLVMFuzzerInitialize(int *argc, char ***argv);
int LLVMFuzzerInitialize(int *argc, char ***argv)
{
  (void)argc, (void)argv;
  setenv("PATH", "/nonexistent", 1);
  return 0;
}

static void check_login(struct oci_credentials *c, struct str registry, struct str repository)
{
  struct oci_login login;
  struct arena arena;
  arena_init(&arena, 0);
  if (oci_credentials_find(c, registry, repository, &arena, &login)) {
    assert(login.user.len || login.identity_token.len || login.registry_token.len);
    assert(login.origin.len);
  }
  assert(login.problem.len < 1000);
  arena_free(&arena);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
  const struct oci_credentials_options options = {.environment = nothing};
  struct str text = str_make((const char *)data, size);
  struct oci_credentials *c = NULL;
  struct oci_login login;
  struct error err;
  struct arena arena;
  if (size > 64 << 10)
    return 0;
  assert(oci_credentials_new(&options, &c, &err) == 0);
  int rc = oci_credentials_add(c, "file", text, &err);
  assert(rc == 0 || (rc == err.code && str_starts(str_from(err.message), STR("file: "))));
  check_login(c, STR("docker.io"), STR("library/nginx"));
  check_login(c, STR("a.io"), STR("b/c"));
  oci_credentials_free(c);
  arena_init(&arena, 0);
  rc = oci_credentials_read_answer(text, &arena, &login, &err);
  assert(rc < 0 || (login.user.len && login.password.len) || login.identity_token.len);
  arena_free(&arena);
  return 0;
}
