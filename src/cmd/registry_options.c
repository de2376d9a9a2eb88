#include "cmd/registry_options.h"

static int add_mirror(struct registry_options *registry, const char *value, struct error *err)
{
  struct str location;
  struct str name = str_cut(str_from(value), '=', &location);
  if (!name.len || !location.len)
    return error_set(err, SW_EUSAGE, "--registry-mirror \"%s\" is not REGISTRY=HOST[:PORT][/PATH]",
                     value);
  vec_push(&registry->mirrors, (struct oci_mirror){name, location});
  return 0;
}

static int read_lists(struct registry_options *registry, const struct arguments *args,
                      struct error *err)
{
  int rc = 0;
  for (size_t i = 0; rc == 0 && i < args->list.count; i++) {
    const struct argument *a = &args->list.items[i];
    if (strcmp(a->option->name, "insecure-registry") == 0)
      vec_push(&registry->insecure, str_from(a->value));
    else if (strcmp(a->option->name, "registry-mirror") == 0)
      rc = add_mirror(registry, a->value, err);
  }
  return rc;
}

int registry_options_read(struct registry_options *registry, const struct arguments *args,
                          struct error *err)
{
  *registry = (struct registry_options){0};
  int rc = read_lists(registry, args, err);
  if (rc < 0)
    return rc;
  const struct oci_credentials_options logins = {.file = arguments_value(args, "registry-auth")};
  rc = oci_credentials_new(&logins, &registry->credentials, err);
  if (rc < 0)
    return rc;
  registry->options = (struct oci_registry_options){
      .credentials = registry->credentials,
      .ca_file = arguments_value(args, "registry-ca"),
      .insecure = registry->insecure.items,
      .insecure_count = registry->insecure.count,
      .mirrors = registry->mirrors.items,
      .mirror_count = registry->mirrors.count,
  };
  return 0;
}

void registry_options_free(struct registry_options *registry)
{
  oci_credentials_free(registry->credentials);
  vec_free(&registry->insecure);
  vec_free(&registry->mirrors);
}
