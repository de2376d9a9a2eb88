/*
 * pull.c - reads an image from a registry as a scan does, and prints what it found: for tests/e2e/registry/run.
 *
 *     pull [--ca FILE] [--auth FILE] [--insecure HOST] [--mirror REGISTRY=LOCATION] [--platform OS/ARCH] VERB NAME
 *
 * VERB: image (digest, then a line for each layer: entries, bytes of tar), digest, tags, repositories.
 * Exit status 1 and a message on standard error if it fails.
 */
#include "oci/registry.h"
#include "oci/source.h"

#include "base/buf.h"

#include <stdio.h>

enum { LINES_MAX = 8 };

struct pull {
  struct oci_registry_options options;
  struct oci_credentials_options files;
  struct str insecure[LINES_MAX];
  struct oci_mirror mirrors[LINES_MAX];
  struct oci_platform platform;
  bool has_platform;
  struct arena arena;
};

static int on_entry(void *ctx, const struct oci_entry *entry, const struct oci_input *content,
                    struct error *err)
{
  (void)ctx, (void)entry, (void)content, (void)err;
  return 0;
}

static int pull_image(struct pull *p, const struct image_reference *reference, struct error *err)
{
  static const struct oci_visitor visitor = {on_entry, NULL};
  const struct oci_choice choice = {.platform = p->has_platform ? &p->platform : NULL};
  _cleanup_(oci_source_freep) struct oci_source *source = NULL;
  struct oci_image image;
  int rc = oci_source_open_registry(reference, &p->options, &source, err);
  if (rc == 0)
    rc = oci_source_image(source, &choice, &p->arena, &image, err);
  if (rc < 0)
    return rc;
  printf("%.*s\n", STR_FMT(image.digest));
  for (size_t i = 0; i < image.layer_count; i++) {
    struct oci_layer_totals totals;
    rc = oci_source_read_layer(source, &image, i, NULL, &visitor, &totals, err);
    if (rc < 0)
      return rc;
    printf("%llu %llu\n", (unsigned long long)totals.entries, (unsigned long long)totals.tar_bytes);
  }
  return 0;
}

static int print_name(void *ctx, struct str name, struct error *err)
{
  (void)ctx, (void)err;
  printf("%.*s\n", STR_FMT(name));
  return 0;
}

static int ask(struct pull *p, const char *verb, const char *name, struct error *err)
{
  _cleanup_(oci_registry_freep) struct oci_registry *registry = NULL;
  struct image_reference reference;
  struct str digest;
  if (strcmp(verb, "repositories") != 0) {
    int rc = image_reference_read(str_from(name), &reference, err);
    if (rc < 0 || strcmp(verb, "image") == 0)
      return rc < 0 ? rc : pull_image(p, &reference, err);
  }
  int rc = oci_registry_new(&p->options, &registry, err);
  if (rc < 0)
    return rc;
  if (strcmp(verb, "tags") == 0)
    return oci_registry_tags(registry, &reference, print_name, NULL, NULL, err);
  if (strcmp(verb, "repositories") == 0)
    return oci_registry_repositories(registry, str_from(name), print_name, NULL, NULL, err);
  if (strcmp(verb, "digest") != 0)
    return error_set(err, SW_EUSAGE, "there is no verb \"%s\"", verb);
  rc = oci_registry_digest(registry, &reference, &p->arena, &digest, err);
  if (rc == 0)
    printf("%.*s\n", STR_FMT(digest));
  return rc;
}

static int take_option(struct pull *p, const char *option, const char *value, struct error *err)
{
  struct oci_registry_options *o = &p->options;
  struct str location, registry = str_cut(str_from(value), '=', &location);
  if (strcmp(option, "--ca") == 0)
    o->ca_file = value;
  else if (strcmp(option, "--auth") == 0)
    p->files.file = value;
  else if (strcmp(option, "--insecure") == 0 && o->insecure_count < LINES_MAX)
    p->insecure[o->insecure_count++] = str_from(value);
  else if (strcmp(option, "--mirror") == 0 && o->mirror_count < LINES_MAX && location.data)
    p->mirrors[o->mirror_count++] = (struct oci_mirror){registry, location};
  else if (strcmp(option, "--platform") == 0) {
    p->has_platform = true;
    return oci_platform_read(str_from(value), &p->platform, err);
  } else
    return error_set(err, SW_EUSAGE, "there is no option \"%s\"", option);
  return 0;
}

int main(int argc, char **argv)
{
  struct pull p = {.has_platform = false};
  struct error err;
  int i = 1, rc = 0;
  p.options.insecure = p.insecure;
  p.options.mirrors = p.mirrors;
  arena_init(&p.arena, 0);
  for (; rc == 0 && i + 3 < argc; i += 2)
    rc = take_option(&p, argv[i], argv[i + 1], &err);
  if (rc == 0 && i + 2 != argc)
    rc = error_set(&err, SW_EUSAGE, "pull [OPTION VALUE]... VERB NAME");
  if (rc == 0)
    rc = oci_credentials_new(&p.files, &p.options.credentials, &err);
  if (rc == 0)
    rc = ask(&p, argv[i], argv[i + 1], &err);
  if (rc < 0)
    fprintf(stderr, "%s\n", err.message);
  oci_credentials_free(p.options.credentials);
  arena_free(&p.arena);
  return rc < 0;
}
