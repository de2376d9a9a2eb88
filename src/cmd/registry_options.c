#include "cmd/registry_options.h"

#include "base/file.h"

#include <fcntl.h>

static int add_mirror(struct registry_options *registry, const char *value, struct error *err)
{
  struct str location;
  struct str name = str_cut(str_from(value), '=', &location);
  if (!name.len || !oci_registry_is_location(location))
    return error_set(err, SW_EUSAGE, "--registry-mirror \"%s\" is not REGISTRY=HOST[:PORT][/PATH]",
                     value);
  vec_push(&registry->mirrors, (struct oci_mirror){name, location});
  return 0;
}

static int add_insecure(struct registry_options *registry, const char *value, struct error *err)
{
  if (!oci_registry_is_host(str_from(value)))
    return error_set(err, SW_EUSAGE, "--insecure-registry \"%s\" is not HOST[:PORT]", value);
  vec_push(&registry->insecure, str_from(value));
  return 0;
}

static int read_lists(struct registry_options *registry, const struct arguments *args,
                      struct error *err)
{
  int rc = 0;
  for (size_t i = 0; rc == 0 && i < args->list.count; i++) {
    const struct argument *a = &args->list.items[i];
    if (strcmp(a->option->name, "insecure-registry") == 0)
      rc = add_insecure(registry, a->value, err);
    else if (strcmp(a->option->name, "registry-mirror") == 0)
      rc = add_mirror(registry, a->value, err);
  }
  return rc;
}

/* That the file is there is found out before anything is scanned; what is in it, when a registry is spoken to. */
static int check_authorities(const char *path, struct error *err)
{
  _cleanup_(file_closep) int fd = -1;
  if (!path)
    return 0;
  fd = file_open_at(AT_FDCWD, path, path, 0, err);
  return fd < 0 ? error_wrap(err, "--registry-ca") : 0;
}

int registry_options_client(struct registry_options *registry, struct oci_registry **ret,
                            struct error *err)
{
  const struct oci_credentials_options logins = {.file = registry->auth_file};
  int rc = 0;
  if (!registry->credentials)
    rc = oci_credentials_new(&logins, &registry->credentials, err);
  registry->options.credentials = registry->credentials;
  if (rc == 0 && !registry->client)
    rc = oci_registry_new(&registry->options, &registry->client, err);
  if (rc == 0)
    *ret = registry->client;
  return rc;
}

int registry_options_read(struct registry_options *registry, const struct arguments *args,
                          struct error *err)
{
  *registry = (struct registry_options){.auth_file = arguments_value(args, "registry-auth")};
  int rc = read_lists(registry, args, err);
  registry->options = (struct oci_registry_options){
      .ca_file = arguments_value(args, "registry-ca"),
      .insecure = registry->insecure.items,
      .insecure_count = registry->insecure.count,
      .mirrors = registry->mirrors.items,
      .mirror_count = registry->mirrors.count,
  };
  struct oci_registry *client;
  if (rc == 0)
    rc = check_authorities(registry->options.ca_file, err);
  if (rc == 0 && registry->auth_file && registry_options_client(registry, &client, err) < 0)
    return error_wrap(err, "--registry-auth");
  return rc;
}

void registry_options_free(struct registry_options *registry)
{
  oci_registry_free(registry->client);
  oci_credentials_free(registry->credentials);
  vec_free(&registry->insecure);
  vec_free(&registry->mirrors);
}
