#include "oci/descriptor.h"

#include "crypto/digest.h"
#include "oci/reference.h"

enum { SHORT_DIGEST = 19 };

/* ---- reading */

static int read_text(struct value object, const char *name, struct str *ret, struct error *err)
{
  struct value v = value_get(object, value_from(name));
  if (!value_is_nil(v) && !value_is(v, VALUE_STRING))
    return error_set(err, SW_EINVAL, "\"%s\" is a %s, must be a string", name, value_type_name(v));
  *ret = value_str_or_empty(v);
  return 0;
}

static int read_size(struct value object, uint64_t *ret, struct error *err)
{
  int64_t size;
  struct value v = value_get(object, value_from("size"));
  if (!value_to_int(v, &size) || size < 0)
    return error_set(err, SW_EINVAL, "\"size\" must be a number of bytes");
  *ret = (uint64_t)size;
  return 0;
}

static int read_annotations(struct value object, struct value *ret, struct error *err)
{
  struct value v = value_get(object, value_from("annotations"));
  if (value_is_nil(v)) {
    *ret = VALUE_NONE;
    return 0;
  }
  if (!value_is(v, VALUE_OBJECT))
    return error_set(err, SW_EINVAL, "\"annotations\" is a %s, must be an object",
                     value_type_name(v));
  for (uint32_t i = 0; i < v.len; i++)
    if (!value_is(v.members[i].value, VALUE_STRING))
      return error_set(err, SW_EINVAL, "\"annotations\" may hold strings only");
  *ret = v;
  return 0;
}

static int read_platform(struct value object, struct oci_descriptor *d, struct error *err)
{
  struct value v = value_get(object, value_from("platform"));
  if (value_is_nil(v))
    return 0;
  if (!value_is(v, VALUE_OBJECT))
    return error_set(err, SW_EINVAL, "\"platform\" is a %s, must be an object", value_type_name(v));
  d->has_platform = true;
  int rc = oci_platform_from_value(v, &d->platform, err);
  return rc < 0 ? error_wrap(err, "platform") : 0;
}

int oci_descriptor_read(struct value value, struct oci_descriptor *ret, struct error *err)
{
  struct oci_descriptor d = {.path = STR_EMPTY};
  if (!value_is(value, VALUE_OBJECT))
    return error_set(err, SW_EINVAL, "a descriptor is a %s, must be an object",
                     value_type_name(value));
  int rc = read_text(value, "mediaType", &d.media_type, err);
  if (rc == 0)
    rc = read_text(value, "digest", &d.digest, err);
  if (rc == 0)
    rc = read_text(value, "artifactType", &d.artifact_type, err);
  if (rc == 0)
    rc = read_size(value, &d.size, err);
  if (rc == 0)
    rc = read_annotations(value, &d.annotations, err);
  if (rc == 0)
    rc = read_platform(value, &d, err);
  if (rc < 0)
    return rc;
  if (d.media_type.len > OCI_MEDIA_TYPE_MAX)
    return error_set(err, SW_ELIMIT, "\"mediaType\" is longer than %d bytes", OCI_MEDIA_TYPE_MAX);
  if (!image_digest_valid(d.digest))
    return error_set(err, SW_EINVAL, "\"digest\" is no digest: \"%.*s\"",
                     STR_FMT(str_sub(d.digest, 0, OCI_DIGEST_TEXT_MAX)));
  struct value urls = value_get(value, value_from("urls"));
  d.foreign = value_is(urls, VALUE_ARRAY) && urls.len > 0;
  *ret = d;
  return 0;
}

struct str oci_descriptor_annotation(const struct oci_descriptor *descriptor, struct str key)
{
  return value_str_or_empty(value_get_str(descriptor->annotations, key));
}

struct str oci_descriptor_short(const struct oci_descriptor *descriptor)
{
  return descriptor->digest.len ? str_sub(descriptor->digest, 0, SHORT_DIGEST)
                                : str_sub(descriptor->path, 0, 128);
}

/* ---- checking */

struct oci_check {
  struct digester *digester; /* NULL: no digest is known */
  uint64_t size, count;
  char expected[OCI_DIGEST_TEXT_MAX + 1];
  size_t expected_len;
};

int oci_check_new(const struct oci_descriptor *descriptor, struct oci_check **ret,
                  struct error *err)
{
  _cleanup_(oci_check_freep) struct oci_check *c = mem_zalloc(1, sizeof *c);
  c->size = descriptor->size;
  if (descriptor->digest.len) {
    enum digest_algorithm algorithm;
    struct str hex, name = str_cut(descriptor->digest, ':', &hex);
    if (!image_digest_valid(descriptor->digest) || !digest_named(name, &algorithm))
      return error_set(err, SW_EINVAL, "\"%.*s\" is no digest",
                       STR_FMT(str_sub(descriptor->digest, 0, OCI_DIGEST_TEXT_MAX)));
    memcpy(c->expected, descriptor->digest.data, descriptor->digest.len);
    c->expected_len = descriptor->digest.len;
    int rc = digester_new(algorithm, &c->digester, err);
    if (rc < 0)
      return rc;
  }
  *ret = c;
  c = NULL;
  return 0;
}

int oci_check_add(struct oci_check *check, struct str piece, struct error *err)
{
  if (check->size != OCI_SIZE_UNKNOWN && piece.len > check->size - check->count)
    return error_set(err, SW_EINVAL, "there are more than the %llu bytes that its descriptor says",
                     (unsigned long long)check->size);
  check->count += piece.len;
  return check->digester ? digester_add(check->digester, piece, err) : 0;
}

int oci_check_end(struct oci_check *check, struct error *err)
{
  if (check->size != OCI_SIZE_UNKNOWN && check->count != check->size)
    return error_set(err, SW_EINVAL, "there are %llu bytes, not the %llu that its descriptor says",
                     (unsigned long long)check->count, (unsigned long long)check->size);
  if (!check->digester)
    return 0;
  struct digest sum;
  int rc = digester_end(check->digester, &sum, err);
  if (rc < 0)
    return rc;
  struct str expected = str_make(check->expected, check->expected_len), hex;
  struct str name = str_cut(expected, ':', &hex);
  struct arena arena;
  arena_init(&arena, 0);
  struct str got = digest_hex(&arena, &sum);
  if (!str_eq(got, hex))
    rc = error_set(err, SW_EINVAL,
                   "its digest is %.*s:%.*s, not %.*s: the content is not what was meant",
                   STR_FMT(name), STR_FMT(got), STR_FMT(expected));
  arena_free(&arena);
  return rc;
}

uint64_t oci_check_count(const struct oci_check *check)
{
  return check->count;
}

void oci_check_free(struct oci_check *check)
{
  if (!check)
    return;
  digester_free(check->digester);
  mem_free(check);
}

int oci_check_bytes(const struct oci_descriptor *descriptor, struct str bytes, struct error *err)
{
  _cleanup_(oci_check_freep) struct oci_check *check = NULL;
  int rc = oci_check_new(descriptor, &check, err);
  if (rc == 0)
    rc = oci_check_add(check, bytes, err);
  return rc < 0 ? rc : oci_check_end(check, err);
}
