#include "oci/reference.h"

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
bool image_digest_valid(struct str digest)
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

/* What Docker takes for the number of an image, which no registry could be asked for. */
static bool is_identifier(struct str text)
{
  if (text.len != 64)
    return false;
  for (size_t i = 0; i < text.len; i++)
    if (!is_digit(text.data[i]) && !(text.data[i] >= 'a' && text.data[i] <= 'f'))
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
    if (!image_digest_valid(r->digest))
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
  if (is_identifier(text))
    return wrong(text, "64 hexadecimal digits are the number of an image, not its name", err);
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
