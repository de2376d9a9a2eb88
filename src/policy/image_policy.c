#include "policy/image_policy.h"

#include "data/glob.h"

#include <stdio.h>

/* ---- references */

static bool is_lower_or_digit(char c)
{
  return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
}

static bool is_word(char c)
{
  return is_lower_or_digit(c) || (c >= 'A' && c <= 'Z');
}

static bool is_digit(char c)
{
  return c >= '0' && c <= '9';
}

/* The first part is a registry if it could not be a part of a repository on docker.io. */
static bool is_registry(struct str first)
{
  bool upper = false;
  for (size_t i = 0; i < first.len; i++)
    upper |= first.data[i] >= 'A' && first.data[i] <= 'Z';
  return upper || str_find_byte(first, 0, '.') >= 0 || str_find_byte(first, 0, ':') >= 0 ||
         str_eq(first, STR("localhost"));
}

static bool valid_label(struct str label)
{
  for (size_t i = 0; i < label.len; i++)
    if (!is_word(label.data[i]) && (label.data[i] != '-' || i == 0 || i + 1 == label.len))
      return false;
  return label.len > 0;
}

/* A host name or an address in brackets, and a port if there is one. */
static bool valid_registry(struct str text)
{
  ptrdiff_t colon = str_find_last_byte(text, ':');
  bool bracket = text.len && text.data[0] == '[';
  struct str host = text;
  if (colon >= 0 && !(bracket && text.data[text.len - 1] == ']')) {
    struct str port = str_sub(text, (size_t)colon + 1, text.len);
    unsigned long long number;
    host = str_sub(text, 0, (size_t)colon);
    if (!str_to_u64(port, 65535, &number))
      return false;
  }
  if (bracket) {
    for (size_t i = 1; i + 1 < host.len; i++)
      if (!is_word(host.data[i]) && host.data[i] != ':')
        return false;
    return host.len > 2 && host.data[host.len - 1] == ']';
  }
  struct str rest = host;
  while (rest.data)
    if (!valid_label(str_cut(rest, '.', &rest)))
      return false;
  return true;
}

/* Lower case letters and digits; between them ".", "_", "__" or dashes. */
static bool valid_part(struct str part)
{
  if (!part.len || !is_lower_or_digit(part.data[0]) || !is_lower_or_digit(part.data[part.len - 1]))
    return false;
  for (size_t i = 0; i < part.len; i++) {
    char c = part.data[i], before = i ? part.data[i - 1] : 'a';
    if (is_lower_or_digit(c) || (c == '-' && (before == '-' || is_lower_or_digit(before))))
      continue;
    bool second = c == '_' && before == '_' && i >= 2 && is_lower_or_digit(part.data[i - 2]);
    if ((c != '.' && c != '_') || (!is_lower_or_digit(before) && !second))
      return false;
  }
  return true;
}

static bool valid_repository(struct str text)
{
  struct str rest = text;
  while (rest.data)
    if (!valid_part(str_cut(rest, '/', &rest)))
      return false;
  return true;
}

static bool valid_tag(struct str tag)
{
  if (!tag.len || tag.len > IMAGE_TAG_MAX)
    return false;
  for (size_t i = 0; i < tag.len; i++) {
    char c = tag.data[i];
    if (!is_word(c) && c != '_' && !(i > 0 && (c == '.' || c == '-')))
      return false;
  }
  return true;
}

/* ALGORITHM:HEX, of the algorithms that registries use in their length. */
static bool valid_digest(struct str digest)
{
  struct str hex;
  struct str algorithm = str_cut(digest, ':', &hex);
  size_t wanted = str_eq(algorithm, STR("sha256"))   ? 64
                  : str_eq(algorithm, STR("sha384")) ? 96
                  : str_eq(algorithm, STR("sha512")) ? 128
                                                     : 0;
  if (!hex.data || !wanted || hex.len != wanted)
    return false;
  for (size_t i = 0; i < hex.len; i++)
    if (!is_digit(hex.data[i]) && !(hex.data[i] >= 'a' && hex.data[i] <= 'f'))
      return false;
  return true;
}

static int wrong(struct str text, const char *why, struct error *err)
{
  return error_set(err, SW_EINVAL, "\"%.*s\" is no image reference: %s",
                   STR_FMT(str_sub(text, 0, 128)), why);
}

/* Takes tag and digest off the end; what is left is the name. */
static int split(struct str text, struct image_reference *r, struct error *err)
{
  ptrdiff_t at = str_find_byte(text, 0, '@');
  r->name = text;
  if (at >= 0) {
    r->digest = str_sub(text, (size_t)at + 1, text.len);
    r->name = str_sub(text, 0, (size_t)at);
    if (!valid_digest(r->digest))
      return wrong(text, "the digest is not sha256:, sha384: or sha512: and its hexadecimal digits",
                   err);
  }
  ptrdiff_t slash = str_find_last_byte(r->name, '/'), colon = str_find_last_byte(r->name, ':');
  if (colon > slash) {
    r->tag = str_sub(r->name, (size_t)colon + 1, r->name.len);
    r->name = str_sub(r->name, 0, (size_t)colon);
    r->tag_given = true;
    if (!valid_tag(r->tag))
      return wrong(text, "the tag is not valid", err);
  }
  return 0;
}

int image_reference_read(struct str text, struct image_reference *ret, struct error *err)
{
  struct image_reference r = {.registry = STR("docker.io"), .digest = STR_EMPTY, .tag = STR_EMPTY};
  if (text.len > IMAGE_REFERENCE_MAX)
    return error_set(err, SW_ELIMIT, "an image reference is longer than %d bytes",
                     IMAGE_REFERENCE_MAX);
  if (!text.len)
    return wrong(text, "it is empty", err);
  int rc = split(text, &r, err);
  if (rc < 0)
    return rc;
  struct str rest;
  struct str first = str_cut(r.name, '/', &rest);
  r.repository = r.name;
  if (rest.data && is_registry(first)) {
    r.registry = first;
    r.repository = rest;
    if (!valid_registry(first))
      return wrong(text, "the registry is no host name", err);
  }
  if (str_eq(r.registry, STR("index.docker.io")))
    r.registry = STR("docker.io");
  r.library = str_eq(r.registry, STR("docker.io")) && str_find_byte(r.repository, 0, '/') < 0;
  if (!valid_repository(r.repository))
    return wrong(text, "the repository may have lower case letters, digits, and . _ - between them",
                 err);
  if (r.name.len > IMAGE_REPOSITORY_MAX)
    return wrong(text, "registry and repository are longer than 255 bytes", err);
  if (!r.tag.len && !r.digest.len)
    r.tag = STR("latest");
  *ret = r;
  return 0;
}

struct str image_reference_name(const struct image_reference *r, struct arena *arena)
{
  return arena_printf(arena, "%.*s/%s%.*s", STR_FMT(r->registry), r->library ? "library/" : "",
                      STR_FMT(r->repository));
}

/* ---- policies */

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
  if (!valid_digest(digest))
    return error_set(err, SW_EINVAL, "resolving the tag of \"%.*s\" gave no digest",
                     STR_FMT(str_sub(image, 0, 128)));
  *ret_image = arena_printf(arena, "%.*s@%.*s", STR_FMT(image), STR_FMT(digest));
  return 0;
}
