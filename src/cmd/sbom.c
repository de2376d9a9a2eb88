#include "scan/sbom/sbom.h"
#include "cmd/console.h"
#include "cmd/image_cache.h"
#include "cmd/image_target.h"

#include <unistd.h>

static const char *const format_values[] = {"cyclonedx", "spdx-json", NULL};

static const struct option options[] = {
    {.name = "format",
     .letter = 'f',
     .argument = "FORMAT",
     .help = "cyclonedx (1.6, default) or spdx-json (2.3)",
     .values = format_values},
    {.name = "output",
     .letter = 'o',
     .argument = "FILE",
     .help = "write into a file instead of standard output",
     .complete = COMPLETE_FILES},
    IMAGE_TARGET_ROWS,
    IMAGE_CACHE_ROWS,
    SCAN_QUIET_ROW,
    {0},
};

struct run {
  const struct arguments *args;
  struct scan_common common;
  struct image_cache cache;
  struct image_target_options reading;
  struct image_target target;
};

static void describe_layers(struct run *run, struct sbom_subject *subject)
{
  const struct oci_image *image = &run->target.facts.image;
  struct sbom_layer *layers =
      arena_array(&run->target.arena, struct sbom_layer, image->layer_count + 1);
  for (size_t i = 0; i < image->layer_count; i++)
    layers[i] = (struct sbom_layer){image->layers[i].packed.digest, image->layers[i].diff_id};
  subject->layers = layers;
  subject->layer_count = image->layer_count;
}

static void describe(struct run *run, struct sbom *sbom)
{
  const struct image_facts *facts = &run->target.facts;
  const struct oci_platform *platform = &facts->image.config.platform;
  struct sbom_subject *subject = &sbom->subject;
  bool image = str_eq(run->target.kind, STR("Image"));
  bool host = str_eq(run->target.kind, STR("Host"));
  *sbom = (struct sbom){.os = facts->analysis.os,
                        .packages = facts->analysis.packages.items,
                        .package_count = facts->analysis.packages.count,
                        .tool_version = STR(SEAWALL_VERSION),
                        .created = run->common.now};
  subject->kind = image ? SBOM_IMAGE : host ? SBOM_MACHINE : SBOM_DIRECTORY;
  subject->name = run->target.identity.len ? run->target.identity : run->target.name;
  subject->name_is_path = !run->target.identity.len;
  subject->digest = facts->image.digest;
  subject->image_id = facts->image.id;
  subject->architecture = str_from(platform->architecture);
  if (image)
    describe_layers(run, subject);
}

static int write_out(struct run *run, struct error *err)
{
  const char *path = arguments_value(run->args, "output");
  const char *name = arguments_value(run->args, "format");
  const struct sbom_format *format = sbom_format_named(str_from(name ? name : "cyclonedx"));
  struct sink sink;
  struct sbom sbom;
  describe(run, &sbom);
  int rc = 0;
  if (path)
    rc = sink_to_file(&sink, path, err);
  else
    sink_to_fd(&sink, STDOUT_FILENO);
  if (rc < 0)
    return rc;
  rc = sbom_write(&sbom, format, &sink, err);
  if (rc == 0)
    rc = sink_finish(&sink, err);
  sink_free(&sink);
  return rc;
}

/* What could not be read is missing in the document, which must not look whole. */
static int tell_faults(const struct run *run)
{
  const struct image_facts *facts = &run->target.facts;
  for (size_t i = 0; i < facts->faults.count; i++)
    console_note("%.*s: %.*s", STR_FMT(run->target.name), STR_FMT(facts->faults.items[i].message));
  return facts->faults.count ? STATUS_FAILED : STATUS_OK;
}

static int make_sbom(struct run *run, struct error *err)
{
  struct image_scan_options scan = {.flags = PACKAGE_LIST_FILES};
  if (run->args->operands.count != 1)
    return error_set(err, SW_EUSAGE, "name one image, archive or directory, or \"host\"");
  const char *name = run->args->operands.items[0];
  int rc = image_target_options_read(&run->reading, run->args, err);
  if (rc == 0)
    rc = image_cache_open(&run->cache, run->args, err);
  if (rc < 0)
    return rc;
  scan.cache = image_cache_use(&run->cache);
  if (strcmp(name, "host") == 0 && access(name, F_OK) < 0)
    rc = image_target_read_host(&run->target, scan, err);
  else
    rc = image_target_read(&run->target, name, scan, err);
  if (rc == 0)
    rc = write_out(run, err);
  if (rc < 0)
    return rc;
  return tell_faults(run);
}

static int sbom_run(const struct arguments *args)
{
  struct run run = {.args = args};
  struct error err;
  int status = scan_common_init(&run.common, args, &err);
  image_target_init(&run.target, &run.common, &run.reading);
  if (status == 0)
    status = make_sbom(&run, &err);
  if (status < 0) {
    console_error(&err);
    status = STATUS_FAILED;
  }
  image_target_free(&run.target);
  image_target_options_free(&run.reading);
  image_cache_close(&run.cache);
  scan_common_free(&run.common);
  return status;
}

const struct verb verb_sbom = {
    .name = "sbom",
    .operand = "IMAGE|DIRECTORY|host",
    .summary = "write down what an image, a directory or this machine consists of",
    .details = "Writes a software bill of materials: the packages of the operating system and of\n"
               "languages, with versions, licences and where they were found. \"scan sbom\" holds\n"
               "such a document against advisories later, without the image.\n\n"
               "Exit status: 0 written, 2 not, or something in the image could not be read.\n",
    .example = "  seawall sbom nginx:1.25 > nginx.cdx.json\n"
               "  seawall sbom --format spdx-json --output web.spdx.json web.tar\n",
    .options = options,
    .complete = COMPLETE_FILES,
    .run = sbom_run,
};
