#include "base/map.h"
#include "cmd/console.h"
#include "cmd/image_run.h"
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
    IMAGE_RUN_ROWS,
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

struct listing {
  const struct arguments *args;
  struct image_run *run;
  struct oci_registry *registry; /* the run's */
  struct arena arena;
  struct str host;
  struct str repository; /* the one that is listed now */
  VEC(const struct glob *) repositories, tags;
  VEC(struct str) found; /* repositories */
  VEC(struct wanted) wanted;
  struct map by_digest; /* repository@digest to number in wanted */
  unsigned long long images_max;
  size_t skipped;
};

/* ---- options */

static int read_patterns(struct listing *l, struct error *err)
{
  for (size_t i = 0; i < l->args->list.count; i++) {
    const struct argument *a = &l->args->list.items[i];
    bool repository = strcmp(a->option->name, "repository") == 0;
    if (!repository && strcmp(a->option->name, "tag") != 0)
      continue;
    struct glob *glob;
    int rc = glob_compile(&l->arena, str_from(a->value), STR("/"), GLOB_PATH, &glob, err);
    if (rc < 0)
      return error_wrap(err, "--%s \"%s\"", a->option->name, a->value);
    if (repository)
      vec_push(&l->repositories, glob);
    else
      vec_push(&l->tags, glob);
  }
  const char *max = arguments_value(l->args, "max-images");
  l->images_max = 1000;
  if (max && (!str_to_u64(str_from(max), IMAGES_MAX, &l->images_max) || !l->images_max))
    return error_set(err, SW_EUSAGE, "--max-images \"%s\" must be a number from 1 to %d", max,
                     IMAGES_MAX);
  return 0;
}

/* What could be a repository of docker.io is one wherever images are named. */
static bool is_registry(struct str host)
{
  return oci_registry_is_host(host) &&
         (str_find_byte(host, 0, '.') >= 0 || str_find_byte(host, 0, ':') >= 0 ||
          str_eq(host, STR("localhost")));
}

static int check_repository(struct listing *l, struct str repository, struct error *err)
{
  struct image_reference reference;
  struct str text = arena_printf(&l->arena, "%.*s/%.*s", STR_FMT(l->host), STR_FMT(repository));
  int rc = image_reference_read(text, &reference, err);
  if (rc == 0 && (reference.tag_given || reference.digest.len))
    return error_set(err, SW_EUSAGE,
                     "\"%.*s\" is one image: \"seawall scan image\" scans it, --tag chooses from "
                     "those of a repository",
                     STR_FMT(text));
  return rc;
}

/* "registry.example:5000", with a repository behind it or a scheme in front. */
static int read_operand(struct listing *l, struct error *err)
{
  if (l->args->operands.count != 1)
    return error_set(err, SW_EUSAGE,
                     "name one registry (registry.example:5000), with a repository if only "
                     "that is meant");
  const char *operand = l->args->operands.items[0];
  struct str name = str_from(operand);
  static const char *const schemes[] = {"https://", "http://", "docker://"};
  for (size_t i = 0; i < sizeof schemes / sizeof *schemes; i++)
    if (str_starts(name, str_from(schemes[i])))
      name = str_sub(name, strlen(schemes[i]), SIZE_MAX);
  while (name.len && name.data[name.len - 1] == '/')
    name.len--;
  struct str repository;
  l->host = str_cut(name, '/', &repository);
  if (!is_registry(l->host))
    return error_set(
        err, SW_EUSAGE,
        "\"%s\" names no registry, as registry.example:5000 or docker.io/library/nginx "
        "does",
        operand);
  if (!repository.len && str_eq(l->host, STR("docker.io")))
    return error_set(
        err, SW_EUSAGE,
        "docker.io does not list its repositories: name one, as docker.io/library/nginx");
  if (!repository.len)
    return 0;
  vec_push(&l->found, repository);
  return check_repository(l, repository, err);
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
  struct listing *l = ctx;
  (void)err;
  if (matches(l->repositories.items, l->repositories.count, name))
    vec_push(&l->found, arena_copy(&l->arena, name));
  return 0;
}

static int reference_of(struct listing *l, struct str tag, struct image_reference *ret,
                        struct error *err)
{
  struct str text = arena_printf(&l->arena, "%.*s/%.*s%s%.*s", STR_FMT(l->host),
                                 STR_FMT(l->repository), tag.len ? ":" : "", STR_FMT(tag));
  return image_reference_read(text, ret, err);
}

/* A tag that cannot be looked up is told, and the others go on. */
static int take_tag(void *ctx, struct str tag, struct error *err)
{
  struct listing *l = ctx;
  if (oci_tag_belongs_to_digest(tag) || !matches(l->tags.items, l->tags.count, tag))
    return 0;
  struct image_reference reference;
  struct str digest;
  struct error why;
  struct str shown = arena_printf(&l->arena, "%.*s/%.*s:%.*s", STR_FMT(l->host),
                                  STR_FMT(l->repository), STR_FMT(tag));
  if (reference_of(l, arena_copy(&l->arena, tag), &reference, &why) < 0 ||
      oci_registry_digest(l->registry, &reference, &l->arena, &digest, &why) < 0) {
    image_judge_failed(&l->run->judge, shown, &why, &l->run->summary);
    return 0;
  }
  struct str name = arena_printf(&l->arena, "%.*s/%.*s@%.*s", STR_FMT(l->host),
                                 STR_FMT(l->repository), STR_FMT(digest));
  bool added;
  union map_value *number = map_put(&l->by_digest, name, &added);
  if (!added) {
    struct wanted *w = &l->wanted.items[number->number];
    w->tags = arena_printf(&l->arena, "%.*s%s%.*s", STR_FMT(w->tags), w->tags.len ? ", " : "",
                           STR_FMT(tag));
    return 0;
  }
  if (l->wanted.count >= l->images_max)
    return error_set(err, SW_ELIMIT,
                     "there are more than %llu images; --repository and --tag choose, "
                     "--max-images allows more",
                     l->images_max);
  number->number = l->wanted.count;
  vec_push(&l->wanted, (struct wanted){name, shown, STR_EMPTY});
  return 0;
}

static struct str full_name(struct listing *l)
{
  return arena_printf(&l->arena, "%.*s/%.*s", STR_FMT(l->host), STR_FMT(l->repository));
}

static int list_tags(struct listing *l, struct error *err)
{
  for (size_t i = 0; i < l->found.count; i++) {
    struct image_reference reference;
    size_t skipped = 0;
    struct error why;
    l->repository = l->found.items[i];
    int rc = reference_of(l, STR_EMPTY, &reference, &why);
    if (rc == 0)
      rc = oci_registry_tags(l->registry, &reference, take_tag, l, &skipped, &why);
    l->skipped += skipped;
    if (rc == SW_ELIMIT) {
      *err = why;
      return rc;
    }
    if (rc < 0)
      image_judge_failed(&l->run->judge, full_name(l), &why, &l->run->summary);
  }
  return 0;
}

/* ---- scanning */

static void scan_one(struct listing *l, const struct wanted *w)
{
  struct str name = arena_printf(&l->arena, "registry:%.*s", STR_FMT(w->name));
  struct str tags = w->tags.len ? arena_printf(&l->arena, " (%.*s)", STR_FMT(w->tags)) : STR_EMPTY;
  const struct image_run_shown shown = {
      .name = arena_printf(&l->arena, "%.*s%.*s", STR_FMT(w->shown), STR_FMT(tags)),
      .reference = w->shown};
  image_run_image(l->run, name.data, &shown);
}

static int begin(struct image_run *run, struct error *err)
{
  struct listing *l = run->ctx;
  l->run = run;
  int rc = read_operand(l, err);
  run->common.options.target = l->host;
  return rc < 0 ? rc : read_patterns(l, err);
}

static int scan(struct image_run *run, struct error *err)
{
  struct listing *l = run->ctx;
  int rc = registry_options_client(&run->reading.registry, &l->registry, err);
  if (rc == 0 && !l->found.count)
    rc = oci_registry_repositories(l->registry, l->host, take_repository, l, &l->skipped, err);
  if (rc == 0)
    rc = list_tags(l, err);
  if (rc < 0)
    return rc;
  for (size_t i = 0; i < l->wanted.count; i++)
    scan_one(l, &l->wanted.items[i]);
  if (l->skipped)
    console_note("%zu names that are no names were passed over", l->skipped);
  if (!l->wanted.count && !run->summary.errors) {
    struct error none;
    error_set(&none, SW_ENOENT, "no image of this registry matches");
    image_judge_failed(&run->judge, l->host, &none, &run->summary);
  }
  return 0;
}

static int scan_registry_run(const struct arguments *args)
{
  static const struct image_run_verb registry = {
      .scanners = IMAGE_SCANNERS, .reads = true, .caches = true, .begin = begin, .scan = scan};
  struct listing listing = {.args = args};
  arena_init(&listing.arena, 0);
  map_init(&listing.by_digest, &listing.arena);
  int status = image_run(&registry, args, &listing);
  vec_free(&listing.repositories);
  vec_free(&listing.tags);
  vec_free(&listing.found);
  vec_free(&listing.wanted);
  map_free(&listing.by_digest);
  arena_free(&listing.arena);
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
