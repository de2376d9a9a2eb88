/* Signatures of bundles: one token (RFC 7515, compact form) that holds the hashes of all files. */
#include "crypto/signature.h"
#include "crypto/x509.h"
#include "data/base64.h"
#include "data/compare.h"
#include "data/json.h"
#include "data/json_write.h"
#include "policy/rego_bundle_int.h"
#include "policy/rego_document.h"

enum { TOKEN_MAX = 64 << 20 }; /* bytes; a line of the payload takes some 150 for each file */

/* ---- hashes */

/* The letter that stands for a byte behind a backslash; 0: it is not written so. */
static char escape_of(char c)
{
  static const char escaped[] = "\b\f\n\r\t\"\\", letters[] = "bfnrt\"\\";
  const char *at = c ? strchr(escaped, c) : NULL;
  return at ? letters[at - escaped] : '\0';
}

/* U+2028 and U+2029, which Go escapes for the sake of JavaScript. */
static bool is_line_separator(struct str s, size_t at)
{
  return str_starts(str_sub(s, at, 3), STR("\xe2\x80")) && at + 2 < s.len &&
         ((uint8_t)s.data[at + 2] & 0xfe) == 0xa8;
}

/* A string as Go's encoder writes it without HTML escapes. */
static void write_string(struct buf *out, struct str s)
{
  buf_add_byte(out, '"');
  for (size_t i = 0; i < s.len; i++) {
    char c = s.data[i], letter = escape_of(c);
    if (letter) {
      buf_add_byte(out, '\\');
      buf_add_byte(out, letter);
    } else if ((uint8_t)c < 0x20) {
      buf_printf(out, "\\u%04x", (uint8_t)c);
    } else if (is_line_separator(s, i)) {
      buf_add_text(out, (uint8_t)s.data[i + 2] == 0xa8 ? "\\u2028" : "\\u2029");
      i += 2;
    } else {
      buf_add_byte(out, c);
    }
  }
  buf_add_byte(out, '"');
}

/* The text that is hashed for a structured file. Depth is what the reader allowed. */
static void write_structure(struct buf *out, struct value v, struct arena *a)
{
  if (v.type == VALUE_OBJECT) {
    uint32_t *order = arena_array(a, uint32_t, v.len);
    value_sort_keys(v, order);
    buf_add_byte(out, '{');
    for (uint32_t i = 0; i < v.len; i++) {
      if (i)
        buf_add_byte(out, ',');
      write_string(out, value_str(v.members[order[i]].key));
      buf_add_byte(out, ':');
      write_structure(out, v.members[order[i]].value, a);
    }
    buf_add_byte(out, '}');
  } else if (v.type == VALUE_ARRAY) {
    buf_add_byte(out, '[');
    for (uint32_t i = 0; i < v.len; i++) {
      if (i)
        buf_add_byte(out, ',');
      write_structure(out, v.items[i], a);
    }
    buf_add_byte(out, ']');
  } else if (v.type == VALUE_STRING) {
    write_string(out, value_str(v));
  } else {
    json_write(out, v, 0);
  }
}

static struct str base_of(struct str path)
{
  ptrdiff_t slash = str_find_last_byte(path, '/');
  return str_sub(path, (size_t)(slash + 1), SIZE_MAX);
}

static bool is_structured(struct str path)
{
  struct str base = base_of(path);
  return str_eq(base, STR("data.json")) || str_eq(base, STR("data.yaml")) ||
         str_eq(base, STR(".manifest"));
}

static int algorithm_of(struct str name, enum digest_algorithm *ret, struct error *err)
{
  static const struct {
    struct str name;
    enum digest_algorithm algorithm;
  } known[] = {
      {STR_INIT("SHA-256"), DIGEST_SHA256},
      {STR_INIT("SHA-224"), DIGEST_SHA224},
      {STR_INIT("SHA-384"), DIGEST_SHA384},
      {STR_INIT("SHA-512"), DIGEST_SHA512},
  };
  for (size_t i = 0; i < sizeof known / sizeof *known; i++)
    if (str_eq(known[i].name, name)) {
      *ret = known[i].algorithm;
      return 0;
    }
  return error_set(err, SW_EUNSUPPORTED,
                   "hashes of kind \"%.*s\" are not trusted here; use SHA-256, SHA-384 or SHA-512",
                   STR_FMT(name));
}

static int digest_file(struct bundle_reader *reader, const struct bundle_raw *file,
                       enum digest_algorithm algorithm, struct digest *ret, struct error *err)
{
  if (!is_structured(file->path))
    return digest_of(algorithm, file->text, ret, err);
  struct arena scratch;
  arena_init(&scratch, REGO_BUNDLE_BYTES_MAX);
  struct value root;
  const struct rego_document_options options = {.yaml = true};
  int rc = rego_document_parse(&scratch, file->text, &options, &root, err);
  if (rc == 0) {
    _cleanup_(buf_free) struct buf text = {0};
    write_structure(&text, root, &scratch);
    rc = buf_failed(&text) ? error_set(err, SW_ELIMIT, "too large to be hashed")
                           : digest_of(algorithm, buf_str(&text), ret, err);
  }
  arena_free(&scratch);
  return rc;
}

/* ---- the token */

struct token {
  struct str signed_text; /* header.payload */
  struct str signature;
  struct value header, payload;
};

static int decode_object(struct arena *a, struct str part, const char *what, struct value *ret,
                         struct error *err)
{
  struct str bytes;
  if (base64_decode(a, part, BASE64_URL | BASE64_RAW, &bytes, err) < 0)
    return error_wrap(err, "the signature's %s", what);
  const struct json_options options = {.duplicates = VALUE_REFUSE};
  if (json_parse(a, bytes, &options, ret, err) < 0)
    return error_wrap(err, "the signature's %s", what);
  if (!value_is(*ret, VALUE_OBJECT))
    return error_set(err, SW_EINVAL, "the signature's %s is not an object", what);
  return 0;
}

static int parse_token(struct arena *a, struct str text, struct token *ret, struct error *err)
{
  if (text.len > TOKEN_MAX)
    return error_set(err, SW_ELIMIT, "the signature is larger than %d MiB", TOKEN_MAX >> 20);
  struct str rest;
  struct str header = str_cut(text, '.', &rest);
  struct str payload = rest.data ? str_cut(rest, '.', &rest) : STR_EMPTY;
  if (!rest.data || str_find_byte(rest, 0, '.') >= 0)
    return error_set(err, SW_EINVAL, "the signature is no token of three parts");
  ret->signed_text = str_sub(text, 0, header.len + 1 + payload.len);
  int rc = decode_object(a, header, "header", &ret->header, err);
  if (rc == 0)
    rc = decode_object(a, payload, "payload", &ret->payload, err);
  if (rc == 0 && base64_decode(a, rest, BASE64_URL | BASE64_RAW, &ret->signature, err) < 0)
    rc = error_wrap(err, "the signature's last part");
  return rc;
}

/* The key to use: the one the user named; else the token says. */
static int choose_key(const struct rego_bundle_trust *trust, const struct token *token,
                      const struct rego_bundle_key **ret, struct error *err)
{
  struct str id = trust->key_id;
  if (id.len == 0)
    id = value_str_or_empty(value_get_str(token->header, STR("kid")));
  if (id.len == 0)
    id = value_str_or_empty(value_get_str(token->payload, STR("keyid")));
  if (id.len == 0)
    return error_set(err, SW_EACCES, "the signature does not say by which key it was made");
  for (size_t i = 0; i < trust->key_count; i++)
    if (str_eq(trust->keys[i].id, id)) {
      *ret = &trust->keys[i];
      return 0;
    }
  return error_set(err, SW_EACCES, "there is no key \"%.*s\" to verify the signature with",
                   STR_FMT(id));
}

static int public_key(struct str text, struct key **ret, struct error *err)
{
  int rc = key_parse(text, ret, err);
  if (rc == 0 || str_find(text, 0, STR("BEGIN CERTIFICATE")) < 0)
    return rc;
  struct arena scratch;
  arena_init(&scratch, 16 << 20);
  struct x509_list list;
  rc = x509_parse(&scratch, text, &list, err);
  if (rc == 0)
    rc = key_parse_block(STR("PUBLIC KEY"), list.items[0].subject.public_key, ret, err);
  arena_free(&scratch);
  return rc;
}

static int verify_hmac(enum digest_algorithm algorithm, struct str secret,
                       const struct token *token, struct error *err)
{
  struct digest sum;
  int rc = digest_hmac(algorithm, secret, token->signed_text, &sum, err);
  if (rc < 0)
    return rc;
  if (!digest_equal(digest_str(&sum), token->signature))
    return error_set(err, SW_EACCES, "the signature is not right");
  return 0;
}

static int verify_token(const struct rego_bundle_key *key, const struct token *token,
                        struct error *err)
{
  static const struct {
    struct str name;
    enum digest_algorithm algorithm;
  } hmacs[] = {
      {STR_INIT("HS256"), DIGEST_SHA256},
      {STR_INIT("HS384"), DIGEST_SHA384},
      {STR_INIT("HS512"), DIGEST_SHA512},
  };
  if (!value_eq_str(value_get_str(token->header, STR("alg")), key->algorithm))
    return error_set(err, SW_EACCES, "the signature is not one of algorithm %.*s, as its key is",
                     STR_FMT(key->algorithm));
  if (!value_is(value_get_str(token->header, STR("crit")), VALUE_ABSENT))
    return error_set(err, SW_EUNSUPPORTED,
                     "the signature asks for extensions (\"crit\") that are not known here");
  for (size_t i = 0; i < sizeof hmacs / sizeof *hmacs; i++)
    if (str_eq(hmacs[i].name, key->algorithm))
      return verify_hmac(hmacs[i].algorithm, key->key, token, err);
  struct signature_scheme scheme;
  if (!signature_scheme_named(key->algorithm, &scheme))
    return error_set(err, SW_EUSAGE, "there is no signature algorithm \"%.*s\"",
                     STR_FMT(key->algorithm));
  _cleanup_(key_freep) struct key *parsed = NULL;
  if (public_key(key->key, &parsed, err) < 0)
    return error_wrap(err, "reading the verification key");
  int rc = signature_verify(&scheme, parsed, token->signed_text, token->signature, err);
  return rc == SW_EINVAL ? error_set(err, SW_EACCES, "the signature is not right") : rc;
}

static int check_scope(const struct rego_bundle_trust *trust, const struct token *token,
                       struct error *err)
{
  struct value scope = value_get_str(token->payload, STR("scope"));
  if (!value_is(scope, VALUE_ABSENT) && !value_is(scope, VALUE_STRING))
    return error_set(err, SW_EINVAL, "the signature's scope is not a string");
  if (str_eq(value_str_or_empty(scope), trust->scope))
    return 0;
  return error_set(err, SW_EACCES, "the signature is for scope \"%.*s\", expected is \"%.*s\"",
                   STR_FMT(value_str_or_empty(scope)), STR_FMT(trust->scope));
}

/* ---- files against the token */

struct listed {
  struct str name, hash, algorithm;
  bool met;
};

struct listing {
  struct listed *items;
  uint32_t count;
  struct map by_name;
};

static int read_listing(struct arena *a, struct value payload, struct listing *ret,
                        struct error *err)
{
  struct value files = value_get_str(payload, STR("files"));
  if (!value_is(files, VALUE_ARRAY))
    return error_set(err, SW_EINVAL, "the signature lists no files");
  ret->items = arena_array(a, struct listed, files.len);
  ret->count = files.len;
  for (uint32_t i = 0; i < files.len; i++) {
    struct value file = files.items[i];
    struct value name = value_get_str(file, STR("name"));
    if (!value_is(name, VALUE_STRING))
      return error_set(err, SW_EINVAL, "the signature lists a file without a name");
    struct str path = value_str(name);
    while (str_starts(path, STR("/")))
      path = str_sub(path, 1, SIZE_MAX);
    ret->items[i] = (struct listed){
        .name = path,
        .hash = value_str_or_empty(value_get_str(file, STR("hash"))),
        .algorithm = value_str_or_empty(value_get_str(file, STR("algorithm"))),
    };
    bool added;
    map_put(&ret->by_name, path, &added)->number = i;
    if (!added)
      return error_set(err, SW_EINVAL, "the signature lists %.*s twice", STR_FMT(path));
  }
  return 0;
}

static int compare_hash(struct bundle_reader *reader, const struct bundle_raw *file,
                        const struct listed *listed, struct error *err)
{
  enum digest_algorithm algorithm = DIGEST_SHA256;
  struct digest sum;
  int rc = algorithm_of(listed->algorithm, &algorithm, err);
  if (rc == 0)
    rc = digest_file(reader, file, algorithm, &sum, err);
  if (rc < 0)
    return error_wrap(err, "%.*s", STR_FMT(file->path));
  struct str hex = digest_hex(&reader->bundle->arena, &sum);
  if (!str_eq_nocase(hex, listed->hash))
    return error_set(err, SW_EACCES,
                     "%.*s: is not the file that was signed (its hash is %.*s, signed is %.*s)",
                     STR_FMT(file->path), STR_FMT(hex), STR_FMT(str_sub(listed->hash, 0, 128)));
  return 0;
}

static int is_excluded(struct bundle_reader *reader, struct str path, bool *ret, struct error *err)
{
  const struct rego_bundle_trust *trust = reader->options->trust;
  *ret = false;
  for (size_t i = 0; i < trust->exclude_count && !*ret; i++) {
    struct str pattern = str_from(trust->exclude[i]);
    if (bundle_match(&reader->bundle->arena, pattern, path, ret, err) < 0)
      return error_wrap(err, "pattern \"%.*s\" of files that need not be signed", STR_FMT(pattern));
  }
  return 0;
}

static bool is_signatures(struct str path)
{
  return str_eq(path, STR(".signatures.json"));
}

/* The name under which a signature may know a file: of a directory, with its path in front. */
static struct str long_name(struct bundle_reader *reader, struct str directory, struct str path)
{
  while (str_starts(directory, STR("/")))
    directory = str_sub(directory, 1, SIZE_MAX);
  if (directory.len == 0 || str_eq(directory, STR(".")))
    return path;
  return arena_printf(&reader->bundle->arena, "%.*s/%.*s", STR_FMT(directory), STR_FMT(path));
}

/* Either all files are listed with the directory's path in front, or none is: the first one decides,
 * so that no file can pass as another. */
static bool names_are_long(struct bundle_reader *reader, struct str directory,
                           const struct listing *listing)
{
  for (size_t i = 0; i < reader->files.count; i++) {
    struct str path = reader->files.items[i].path;
    if (is_signatures(path))
      continue;
    return !map_get(&listing->by_name, path) &&
           map_get(&listing->by_name, long_name(reader, directory, path));
  }
  return false;
}

static int check_file(struct bundle_reader *reader, const struct bundle_raw *file, struct str name,
                      struct listing *listing, struct error *err)
{
  bool excluded;
  int rc = is_excluded(reader, name, &excluded, err);
  if (rc < 0)
    return rc;
  const union map_value *found = map_get(&listing->by_name, name);
  if (found)
    listing->items[found->number].met = true;
  if (excluded)
    return 0;
  if (!found)
    return error_set(err, SW_EACCES, "%.*s: the signature does not name this file", STR_FMT(name));
  return compare_hash(reader, file, &listing->items[found->number], err);
}

static int check_files(struct bundle_reader *reader, struct str directory, struct listing *listing,
                       struct error *err)
{
  bool with_directory = names_are_long(reader, directory, listing);
  for (size_t i = 0; i < reader->files.count; i++) {
    const struct bundle_raw *file = &reader->files.items[i];
    if (is_signatures(file->path))
      continue;
    struct str name = with_directory ? long_name(reader, directory, file->path) : file->path;
    int rc = check_file(reader, file, name, listing, err);
    if (rc < 0)
      return rc;
  }
  for (uint32_t i = 0; i < listing->count; i++)
    if (!listing->items[i].met)
      return error_set(err, SW_EACCES, "%.*s: is named by the signature, and missing",
                       STR_FMT(listing->items[i].name));
  return 0;
}

static int the_token(struct arena *a, struct str text, struct token *ret, struct error *err)
{
  struct value root;
  const struct json_options options = {.duplicates = VALUE_REFUSE};
  if (json_parse(a, text, &options, &root, err) < 0)
    return error_wrap(err, ".signatures.json");
  struct value plugin = value_get_str(root, STR("plugin"));
  struct value tokens = value_get_str(root, STR("signatures"));
  if (value_str_or_empty(plugin).len)
    return error_set(err, SW_EUNSUPPORTED,
                     ".signatures.json: verification by plugin (\"%.*s\") is not known here",
                     STR_FMT(value_str(plugin)));
  if (!value_is(tokens, VALUE_ARRAY) || tokens.len != 1 || !value_is(tokens.items[0], VALUE_STRING))
    return error_set(err, SW_EINVAL, ".signatures.json: must hold exactly one signature");
  return parse_token(a, value_str(tokens.items[0]), ret, err);
}

static int verify_with(struct bundle_reader *reader, struct str directory, struct str text,
                       struct error *err)
{
  const struct rego_bundle_trust *trust = reader->options->trust;
  struct arena *a = &reader->bundle->arena;
  struct token token;
  const struct rego_bundle_key *key = NULL;
  int rc = the_token(a, text, &token, err);
  if (rc == 0)
    rc = choose_key(trust, &token, &key, err);
  if (rc == 0)
    rc = verify_token(key, &token, err);
  if (rc == 0)
    rc = check_scope(trust, &token, err);
  struct listing listing = {0};
  if (rc == 0)
    rc = read_listing(a, token.payload, &listing, err);
  if (rc == 0)
    rc = check_files(reader, directory, &listing, err);
  map_free(&listing.by_name);
  return rc;
}

int bundle_verify(struct bundle_reader *reader, struct str directory, bool *ret_verified,
                  struct error *err)
{
  const struct rego_bundle_trust *trust = reader->options->trust;
  const struct bundle_raw *file = bundle_reader_find(reader, STR(".signatures.json"));
  bool has_key = trust && trust->key_count;
  *ret_verified = false;
  if (trust && trust->skip)
    return 0;
  if (!file && !has_key)
    return 0;
  if (!file)
    return error_set(err, SW_EACCES, "is not signed (.signatures.json is missing)");
  if (!has_key)
    return error_set(err, SW_EACCES,
                     "is signed; give the key with --verification-key, or --skip-verify");
  int rc = verify_with(reader, directory, file->text, err);
  *ret_verified = rc == 0;
  return rc;
}
