#include "policy/image_policy.h"

#include "data/glob.h"

#include <stdio.h>

struct patterns {
  struct glob **items;
  size_t count;
};

struct image_policy {
  struct arena arena;
  struct patterns allowed, denied;
  bool require_digest, refuse_latest, resolve;
  struct image_resolver resolver;
  struct str allowed_text; /* for messages: the first patterns, and how many more there are */
};

enum { PATTERNS_TOLD = 3 };

static struct str told_patterns(struct arena *a, const struct str *texts, size_t count)
{
  struct str told = STR_EMPTY;
  for (size_t i = 0; i < count && i < PATTERNS_TOLD; i++)
    told = arena_printf(a, "%.*s%s%.*s", STR_FMT(told), i ? ", " : "", STR_FMT(texts[i]));
  return count > PATTERNS_TOLD
             ? arena_printf(a, "%.*s and %zu more", STR_FMT(told), count - PATTERNS_TOLD)
             : told;
}

static int compile(struct image_policy *p, struct str pattern, struct glob **ret, struct error *err)
{
  struct str whole = pattern;
  if (!pattern.len)
    return error_set(err, SW_EINVAL, "an image pattern is empty");
  if (str_find_byte(pattern, 0, '/') < 0)
    whole = arena_printf(&p->arena, "%.*s/**", STR_FMT(pattern));
  else if (str_ends(pattern, STR("/")))
    whole = arena_printf(&p->arena, "%.*s**", STR_FMT(pattern));
  int rc = glob_compile(&p->arena, whole, STR("/"), GLOB_SYNTAX, ret, err);
  return rc < 0 ? error_wrap(err, "image pattern \"%.*s\"", STR_FMT(str_sub(pattern, 0, 128))) : 0;
}

static int compile_all(struct image_policy *p, const struct str *texts, size_t count,
                       struct patterns *ret, struct error *err)
{
  int rc = 0;
  ret->items = arena_array(&p->arena, struct glob *, count);
  ret->count = count;
  for (size_t i = 0; rc == 0 && i < count; i++)
    rc = compile(p, texts[i], &ret->items[i], err);
  return rc;
}

int image_policy_new(const struct image_policy_config *config, struct image_policy **ret_policy,
                     struct error *err)
{
  if (config->resolve && !config->resolver.resolve)
    return error_set(err, SW_EUSAGE, "tags cannot be resolved: no registry client is there");
  _cleanup_(image_policy_freep) struct image_policy *p = mem_zalloc(1, sizeof *p);
  arena_init(&p->arena, 0);
  p->require_digest = config->require_digest;
  p->refuse_latest = config->refuse_latest;
  p->resolve = config->resolve;
  p->resolver = config->resolver;
  int rc = compile_all(p, config->allowed, config->allowed_count, &p->allowed, err);
  if (rc == 0)
    rc = compile_all(p, config->denied, config->denied_count, &p->denied, err);
  if (rc < 0)
    return rc;
  p->allowed_text = told_patterns(&p->arena, config->allowed, config->allowed_count);
  *ret_policy = p;
  p = NULL;
  return 0;
}

void image_policy_free(struct image_policy *policy)
{
  if (!policy)
    return;
  arena_free(&policy->arena);
  mem_free(policy);
}

bool image_policy_resolves(const struct image_policy *policy)
{
  return policy->resolve;
}

struct str image_fault_name(enum image_fault fault)
{
  static const struct str names[] = {
      [IMAGE_FINE] = STR_INIT(""),
      [IMAGE_NO_REFERENCE] = STR_INIT("invalid-reference"),
      [IMAGE_NOT_ALLOWED] = STR_INIT("registry"),
      [IMAGE_DENIED] = STR_INIT("registry"),
      [IMAGE_LATEST] = STR_INIT("latest"),
      [IMAGE_NO_DIGEST] = STR_INIT("digest"),
  };
  return names[fault];
}

static bool matches(const struct patterns *patterns, struct str name)
{
  for (size_t i = 0; i < patterns->count; i++)
    if (glob_match(patterns->items[i], name))
      return true;
  return false;
}

static enum image_fault judge(const struct image_policy *p, const struct image_reference *r)
{
  char text[IMAGE_REPOSITORY_MAX + 64];
  int len = snprintf(text, sizeof text, "%.*s/%s%.*s", STR_FMT(r->registry),
                     r->library ? "library/" : "", STR_FMT(r->repository));
  struct str name = str_make(text, (size_t)len);
  if (matches(&p->denied, name))
    return IMAGE_DENIED;
  if (p->allowed.count && !matches(&p->allowed, name))
    return IMAGE_NOT_ALLOWED;
  if (p->refuse_latest && !r->digest.len && str_eq(r->tag, STR("latest")))
    return IMAGE_LATEST;
  if (p->require_digest && !r->digest.len)
    return IMAGE_NO_DIGEST;
  return IMAGE_FINE;
}

static struct str explain(const struct image_policy *p, const struct image_reference *r,
                          struct str image, enum image_fault fault, struct arena *arena)
{
  struct str name = image_reference_name(r, arena);
  switch (fault) {
  case IMAGE_DENIED:
    return arena_printf(arena, "image \"%.*s\": %.*s is denied", STR_FMT(image), STR_FMT(name));
  case IMAGE_NOT_ALLOWED:
    return arena_printf(arena, "image \"%.*s\" does not come from where images may: %.*s",
                        STR_FMT(image), STR_FMT(p->allowed_text));
  case IMAGE_LATEST:
    return arena_printf(arena,
                        r->tag_given ? "image \"%.*s\" has the tag latest, which may be another "
                                       "image tomorrow; name a version"
                                     : "image \"%.*s\" has no tag, which means latest; name a "
                                       "version",
                        STR_FMT(image));
  default:
    return arena_printf(arena, "image \"%.*s\" has no digest; write it as NAME@sha256:...",
                        STR_FMT(image));
  }
}

enum image_fault image_policy_check(const struct image_policy *policy, struct str image,
                                    struct arena *arena, struct str *ret_message)
{
  struct image_reference r;
  struct error err;
  if (image_reference_read(image, &r, &err) < 0) {
    *ret_message = arena_printf(arena, "%s", err.message);
    return IMAGE_NO_REFERENCE;
  }
  enum image_fault fault = judge(policy, &r);
  if (fault != IMAGE_FINE)
    *ret_message = explain(policy, &r, image, fault, arena);
  return fault;
}

int image_policy_resolve(const struct image_policy *policy, struct str image, int64_t deadline_ns,
                         struct arena *arena, struct str *ret_image, struct error *err)
{
  struct image_reference r;
  struct str digest;
  int rc = image_reference_read(image, &r, err);
  if (rc < 0)
    return rc;
  if (r.digest.len) {
    *ret_image = image;
    return 0;
  }
  rc = policy->resolver.resolve(policy->resolver.ctx, &r, deadline_ns, arena, &digest, err);
  if (rc < 0)
    return error_wrap(err, "resolving the tag of \"%.*s\"", STR_FMT(str_sub(image, 0, 128)));
  if (!image_digest_valid(digest))
    return error_set(err, SW_EINVAL, "resolving the tag of \"%.*s\" gave no digest",
                     STR_FMT(str_sub(image, 0, 128)));
  *ret_image = arena_printf(arena, "%.*s@%.*s", STR_FMT(image), STR_FMT(digest));
  return 0;
}
