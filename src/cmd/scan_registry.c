#include "base/map.h"
#include "cmd/console.h"
#include "cmd/image_cache.h"
#include "cmd/image_judge.h"
#include "cmd/image_target.h"
#include "data/glob.h"
#include "oci/reference.h"

enum { IMAGES_MAX = 100000 };

static const struct option options[] = {
    {.name = "repository",
     .argument = "PATTERN",
     .help = "repositories to scan (default: all); may be repeated",
     .repeatable = true},
    {.name = "tag",
     .argument = "PATTERN",
     .help = "tags to scan (default: all); may be repeated",
     .repeatable = true},
    {.name = "max-images", .argument = "N", .help = "scan no more images than that (default 1000)"},
    IMAGE_JUDGE_ROWS,
    SCAN_REPORT_ROWS,
    IMAGE_FAIL_ROW,
    IMAGE_TARGET_ROWS,
    IMAGE_CACHE_ROWS,
    SCAN_QUIET_ROW,
    {0},
};

/* What is to be scanned: each digest once, under all the names it has. */
struct wanted {
  struct str name;  /* registry/repository@digest */
  struct str shown; /* registry/repository:tag, of the first tag */
  struct str tags;  /* the others, with spaces between */
};

struct run {
  const struct arguments *args;
  struct scan_common common;
  struct image_judge judge;
  struct image_cache cache;
  struct registry_options registry_options;
  struct oci_registry *registry;
  struct arena arena;
  struct str host;
  struct str repository; /* the one that is listed now */
  VEC(const struct glob *) repositories, tags;
  VEC(struct str) found; /* repositories */
  VEC(struct wanted) wanted;
  struct map by_digest; /* repository@digest to number in wanted */
  unsigned long long images_max;
  size_t skipped;
  struct report_summary summary;
};

/* ---- options */

static int read_patterns(struct run *run, struct error *err)
{
  for (size_t i = 0; i < run->args->list.count; i++) {
    const struct argument *a = &run->args->list.items[i];
    bool repository = strcmp(a->option->name, "repository") == 0;
    if (!repository && strcmp(a->option->name, "tag") != 0)
      continue;
    struct glob *glob;
    int rc = glob_compile(&run->arena, str_from(a->value), STR("/"), GLOB_PATH, &glob, err);
    if (rc < 0)
      return error_wrap(err, "--%s \"%s\"", a->option->name, a->value);
    if (repository)
      vec_push(&run->repositories, glob);
    else
      vec_push(&run->tags, glob);
  }
  const char *max = arguments_value(run->args, "max-images");
  run->images_max = 1000;
  if (max && (!str_to_u64(str_from(max), IMAGES_MAX, &run->images_max) || !run->images_max))
    return error_set(err, SW_EUSAGE, "--max-images \"%s\" must be a number from 1 to %d", max,
                     IMAGES_MAX);
  return 0;
}

/* "registry.example:5000", with a repository behind it or a scheme in front. */
static int read_operand(struct run *run, struct error *err)
{
  if (run->args->operands.count != 1)
    return error_set(err, SW_EUSAGE,
                     "name one registry (registry.example:5000), with a repository if only "
                     "that is meant");
  struct str name = str_from(run->args->operands.items[0]);
  static const char *const schemes[] = {"https://", "http://", "docker://"};
  for (size_t i = 0; i < sizeof schemes / sizeof *schemes; i++)
    if (str_starts(name, str_from(schemes[i])))
      name = str_sub(name, strlen(schemes[i]), SIZE_MAX);
  while (name.len && name.data[name.len - 1] == '/')
    name.len--;
  struct str rest;
  run->host = str_cut(name, '/', &rest);
  if (!run->host.len)
    return error_set(err, SW_EUSAGE, "\"%s\" names no registry", run->args->operands.items[0]);
  if (rest.len)
    vec_push(&run->found, rest);
  return 0;
}

/* ---- lists */

static bool matches(const struct glob *const *list, size_t count, struct str text)
{
  for (size_t i = 0; i < count; i++)
    if (glob_match(list[i], text))
      return true;
  return count == 0;
}

static int take_repository(void *ctx, struct str name, struct error *err)
{
  struct run *run = ctx;
  (void)err;
  if (matches(run->repositories.items, run->repositories.count, name))
    vec_push(&run->found, arena_copy(&run->arena, name));
  return 0;
}

static int reference_of(struct run *run, struct str tag, struct image_reference *ret,
                        struct error *err)
{
  struct str text = arena_printf(&run->arena, "%.*s/%.*s%s%.*s", STR_FMT(run->host),
                                 STR_FMT(run->repository), tag.len ? ":" : "", STR_FMT(tag));
  return image_reference_read(text, ret, err);
}

/* A tag that cannot be looked up is told, and the others go on. */
static int take_tag(void *ctx, struct str tag, struct error *err)
{
  struct run *run = ctx;
  if (!matches(run->tags.items, run->tags.count, tag))
    return 0;
  struct image_reference reference;
  struct str digest;
  struct error why;
  struct str shown = arena_printf(&run->arena, "%.*s/%.*s:%.*s", STR_FMT(run->host),
                                  STR_FMT(run->repository), STR_FMT(tag));
  if (reference_of(run, arena_copy(&run->arena, tag), &reference, &why) < 0 ||
      oci_registry_digest(run->registry, &reference, &run->arena, &digest, &why) < 0) {
    image_judge_failed(&run->judge, shown, &why, &run->summary);
    return 0;
  }
  struct str name = arena_printf(&run->arena, "%.*s/%.*s@%.*s", STR_FMT(run->host),
                                 STR_FMT(run->repository), STR_FMT(digest));
  bool added;
  union map_value *number = map_put(&run->by_digest, name, &added);
  if (!added) {
    struct wanted *w = &run->wanted.items[number->number];
    w->tags = arena_printf(&run->arena, "%.*s%s%.*s", STR_FMT(w->tags), w->tags.len ? ", " : "",
                           STR_FMT(tag));
    return 0;
  }
  if (run->wanted.count >= run->images_max)
    return error_set(err, SW_ELIMIT,
                     "there are more than %llu images; --repository and --tag choose, "
                     "--max-images allows more",
                     run->images_max);
  number->number = run->wanted.count;
  vec_push(&run->wanted, (struct wanted){name, shown, STR_EMPTY});
  return 0;
}

static int list_tags(struct run *run, struct error *err)
{
  for (size_t i = 0; i < run->found.count; i++) {
    struct image_reference reference;
    size_t skipped = 0;
    struct error why;
    run->repository = run->found.items[i];
    int rc = reference_of(run, STR_EMPTY, &reference, &why);
    if (rc == 0)
      rc = oci_registry_tags(run->registry, &reference, take_tag, run, &skipped, &why);
    run->skipped += skipped;
    if (rc == SW_ELIMIT) {
      *err = why;
      return rc;
    }
    if (rc < 0)
      image_judge_failed(&run->judge, run->repository, &why, &run->summary);
  }
  return 0;
}

/* ---- scanning */

static void scan_one(struct run *run, const struct wanted *w)
{
  struct image_target target;
  struct image_scan_options scan = {0};
  struct error err;
  image_target_init(&target, &run->common);
  image_judge_options(&run->judge, &scan);
  scan.cache = image_cache_use(&run->cache);
  struct str name = arena_printf(&run->arena, "registry:%.*s", STR_FMT(w->name));
  struct str shown =
      w->tags.len ? arena_printf(&run->arena, "%.*s (%.*s)", STR_FMT(w->shown), STR_FMT(w->tags))
                  : w->shown;
  if (image_target_read(&target, name.data, scan, &err) < 0) {
    image_judge_failed(&run->judge, shown, &err, &run->summary);
  } else {
    const struct image_facts *facts = &target.facts;
    struct image_judge_subject subject = {.kind = target.kind,
                                          .name = shown,
                                          .reference = w->shown,
                                          .os = &facts->analysis.os,
                                          .packages = facts->analysis.packages.items,
                                          .package_count = facts->analysis.packages.count,
                                          .facts = facts};
    image_judge_tell(&run->judge, &subject, &run->summary);
    outputs_flush(&run->common.outputs);
  }
  image_target_free(&target);
}

static int prepare(struct run *run, struct error *err)
{
  int rc = read_operand(run, err);
  if (rc == 0)
    rc = read_patterns(run, err);
  if (rc == 0)
    rc = registry_options_read(&run->registry_options, run->args, err);
  if (rc == 0)
    rc = oci_registry_new(&run->registry_options.options, &run->registry, err);
  if (rc == 0)
    rc = scan_common_configure(&run->common, err);
  if (rc == 0)
    rc = scan_common_thresholds(&run->common, err);
  if (rc == 0)
    rc = image_judge_open(
        &run->judge, &run->common,
        IMAGE_SCANNER_VULNERABILITIES | IMAGE_SCANNER_SECRETS | IMAGE_SCANNER_CONFIG, err);
  if (rc == 0)
    rc = image_cache_open(&run->cache, run->args, err);
  if (rc == 0)
    rc = outputs_choose(&run->common.outputs, run->args, err);
  run->common.options.target = run->host;
  run->common.options.policy = STR("images of a registry");
  return rc < 0 ? rc : outputs_begin(&run->common.outputs, &run->common.options, err);
}

static int scan(struct run *run, struct error *err)
{
  int rc = prepare(run, err);
  if (rc == 0 && !run->found.count)
    rc = oci_registry_repositories(run->registry, run->host, take_repository, run, &run->skipped,
                                   err);
  if (rc == 0)
    rc = list_tags(run, err);
  if (rc < 0)
    return rc;
  for (size_t i = 0; i < run->wanted.count; i++)
    scan_one(run, &run->wanted.items[i]);
  if (run->skipped)
    console_note("%zu names that are no names were passed over", run->skipped);
  if (!run->wanted.count && !run->summary.errors) {
    struct error none;
    error_set(&none, SW_ENOENT, "no image of this registry matches");
    image_judge_failed(&run->judge, run->host, &none, &run->summary);
  }
  image_judge_expired(&run->judge, &run->summary);
  return scan_common_end(&run->common, &run->summary);
}

static int scan_registry_run(const struct arguments *args)
{
  struct run run = {.args = args};
  struct error err;
  arena_init(&run.arena, 0);
  map_init(&run.by_digest, &run.arena);
  scan_common_init(&run.common, args);
  run.common.options.packages = true;
  int status = scan(&run, &err);
  if (status < 0) {
    console_error(&err);
    status = STATUS_FAILED;
  }
  image_cache_close(&run.cache);
  image_judge_close(&run.judge);
  oci_registry_free(run.registry);
  registry_options_free(&run.registry_options);
  scan_common_free(&run.common);
  vec_free(&run.repositories);
  vec_free(&run.tags);
  vec_free(&run.found);
  vec_free(&run.wanted);
  map_free(&run.by_digest);
  arena_free(&run.arena);
  return status;
}

const struct verb verb_scan_registry = {
    .name = "scan registry",
    .operand = "REGISTRY[/REPOSITORY]",
    .summary = "scan the images of a registry, each digest once",
    .details =
        "Lists the repositories and tags of a registry, or the tags of one repository, and scans\n"
        "what --repository and --tag choose (patterns of \"*\", \"?\" and \"**\"). Tags that name the same\n"
        "digest are scanned once. Layers that were read before come out of the cache, so a second\n"
        "run reads only what is new, and holds all of it against the advisories of today.\n\n"
        "Exit status: as \"scan image\".\n",
    .example = "  seawall scan registry registry.example:5000 --tag 'v*' --fail-on critical\n"
               "  seawall scan registry ghcr.io/owner/web --tag '1.*'\n",
    .options = options,
    .run = scan_registry_run,
};
