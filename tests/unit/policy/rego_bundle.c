#include "../crypto/made.h"

#include "crypto/signature.h"
#include "data/base64.h"
#include "data/json_write.h"
#include "policy/rego_bundle.h"

#include <archive.h>
#include <archive_entry.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

static struct arena arena;

static int setup(void **state)
{
  (void)state;
  arena_init(&arena, 256 << 20);
  return 0;
}

static int teardown(void **state)
{
  (void)state;
  arena_free(&arena);
  return 0;
}

/* ---- making archives */

struct file {
  const char *name, *text;
  mode_t type; /* 0: a file */
};

static void add_file(struct archive *a, const struct file *f)
{
  struct archive_entry *entry = archive_entry_new();
  archive_entry_set_pathname(entry, f->name);
  archive_entry_set_filetype(entry, f->type ? f->type : AE_IFREG);
  archive_entry_set_perm(entry, 0644);
  size_t len = f->text ? strlen(f->text) : 0;
  if (f->type == AE_IFLNK)
    archive_entry_set_symlink(entry, f->text);
  else
    archive_entry_set_size(entry, (int64_t)len);
  assert_int_equal(archive_write_header(a, entry), ARCHIVE_OK);
  if (f->type == 0)
    assert_int_equal(archive_write_data(a, f->text, len), (int)len);
  archive_entry_free(entry);
}

static struct str pack(const struct file *files, size_t count)
{
  enum { ROOM = 4 << 20 };
  char *memory = arena_alloc(&arena, ROOM);
  size_t used = 0;
  struct archive *a = archive_write_new();
  archive_write_add_filter_gzip(a);
  archive_write_set_format_ustar(a);
  assert_int_equal(archive_write_open_memory(a, memory, ROOM, &used), ARCHIVE_OK);
  for (size_t i = 0; i < count; i++)
    add_file(a, &files[i]);
  archive_write_close(a);
  archive_write_free(a);
  return str_make(memory, used);
}

#define PACK(...)                                                                                  \
  pack((const struct file[]){__VA_ARGS__},                                                         \
       sizeof((const struct file[]){__VA_ARGS__}) / sizeof(struct file))

static struct rego_bundle *read_with(struct str archive, const struct rego_bundle_options *options)
{
  struct rego_bundle *bundle = NULL;
  struct error err = {0};
  if (rego_bundle_read_archive(archive, STR("b.tar.gz"), options, &bundle, &err) < 0)
    fail_msg("%s", err.message);
  return bundle;
}

static void assert_refused_with(struct str archive, const struct rego_bundle_options *options,
                                int code, const char *message)
{
  struct rego_bundle *bundle = NULL;
  struct error err = {0};
  assert_int_equal(rego_bundle_read_archive(archive, STR("b.tar.gz"), options, &bundle, &err),
                   code);
  assert_null(bundle);
  assert_error(err, code, "b.tar.gz: ");
  assert_error(err, code, message);
}

static void assert_refused(struct str archive, int code, const char *message)
{
  assert_refused_with(archive, NULL, code, message);
}

/* ---- what is in a bundle */

static void sorts_files_out(void **state)
{
  (void)state;
  struct rego_bundle *b =
      read_with(PACK({"/z/data.json", "{}"}, {"./p.rego", "package p"}, {"a//data.yml", "x: 1"},
                     {"dir/", NULL, AE_IFDIR}, {"data.yaml", ""}, {"other.json", "no JSON"},
                     {"policy.wasm", "\1"}, {"sub/plan.json", "{}"}, {"p.rego.txt", ""}),
                NULL);
  const char *const paths[] = {"a/data.yml", "data.yaml", "p.rego", "z/data.json"};
  assert_int_equal(b->file_count, 4);
  for (size_t i = 0; i < 4; i++) {
    assert_str(b->files[i].path, paths[i]);
    assert_int_equal(b->files[i].kind, i == 2 ? REGO_BUNDLE_MODULE : REGO_BUNDLE_DATA);
    assert_false(b->files[i].has_version);
  }
  assert_str(b->files[2].text, "package p");
  assert_int_equal(b->note_count, 2);
  assert_str(b->notes[0], "policy.wasm: a policy compiled to wasm is not used; its Rego source is");
  assert_str(b->notes[1], "sub/plan.json: a plan is not used; the Rego source is");
  assert_false(b->has_manifest);
  assert_false(b->verified);
  assert_int_equal(b->root_count, 1);
  assert_str(b->roots[0], "");
  rego_bundle_free(b);
}

static void reads_the_manifest(void **state)
{
  (void)state;
  struct rego_bundle *b = read_with(
      PACK({".manifest", "{\"revision\": \"r1\", \"roots\": [\"/shop/prices/\", \"auth\"],"
                         " \"metadata\": {\"a\": 1}, \"wasm\": [], \"rego_version\": 0,"
                         " \"file_rego_versions\": {\"*/new.rego\": 1, \"/old/new.rego\": 0}}"},
           {"a.rego", ""}, {"x/new.rego", ""}, {"x/y/new.rego", ""}, {"old/new.rego", ""}),
      NULL);
  assert_true(b->has_manifest);
  assert_str(b->revision, "r1");
  assert_int_equal(b->root_count, 2);
  assert_str(b->roots[0], "auth");
  assert_str(b->roots[1], "shop/prices");
  const enum rego_version versions[] = {REGO_V0, REGO_V0, REGO_V1, REGO_V1};
  for (size_t i = 0; i < 4; i++) {
    assert_true(b->files[i].has_version);
    assert_int_equal(b->files[i].version, versions[i]);
  }
  assert_true(rego_bundle_owns(b, STR("auth")));
  assert_true(rego_bundle_owns(b, STR("auth/x")));
  assert_true(rego_bundle_owns(b, STR("shop/prices/x")));
  assert_false(rego_bundle_owns(b, STR("shop")));
  assert_false(rego_bundle_owns(b, STR("authority")));
  assert_false(rego_bundle_owns(b, STR("")));
  assert_true(rego_bundle_leads(b, STR("shop")));
  assert_true(rego_bundle_leads(b, STR("")));
  assert_false(rego_bundle_leads(b, STR("sho")));
  rego_bundle_free(b);
}

static void refuses_wrong_manifests(void **state)
{
  (void)state;
  static const struct {
    const char *manifest, *message;
  } cases[] = {
      {"{", ".manifest:1:"},
      {"[]", ".manifest: must be an object"},
      {"{} {}", ".manifest:1:4"},
      {"{\"revision\": 1}", "revision must be a string"},
      {"{\"roots\": \"a\"}", "roots must be a list"},
      {"{\"roots\": [1]}", "roots must be a list"},
      {"{\"roots\": [\"a/b\", \"c\", \"a\"]}", "roots \"a\" and \"a/b\" overlap"},
      {"{\"roots\": [\"x\", \"x\"]}", "overlap"},
      {"{\"roots\": [\"\", \"x\"]}", "overlap"},
      {"{\"rego_version\": 2}", "rego_version must be 0 or 1"},
      {"{\"rego_version\": \"1\"}", "rego_version must be 0 or 1"},
      {"{\"file_rego_versions\": []}", "file_rego_versions must be an object"},
      {"{\"file_rego_versions\": {\"*\": 3}}", "file_rego_versions must be 0 or 1"},
      {"{\"file_rego_versions\": {\"[\": 1}}", "pattern \"[\""},
      {"{\"metadata\": 1}", "metadata must be an object"},
  };
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
    assert_refused(PACK({".manifest", cases[i].manifest}, {"p.rego", ""}), SW_EINVAL,
                   cases[i].message);
}

static void finds_roots_that_overlap(void **state)
{
  (void)state;
  struct rego_bundle *one = read_with(PACK({".manifest", "{\"roots\": [\"a\", \"b/c\"]}"}), NULL);
  struct rego_bundle *two = read_with(PACK({".manifest", "{\"roots\": [\"ab\", \"b/d\"]}"}), NULL);
  struct rego_bundle *three = read_with(PACK({".manifest", "{\"roots\": [\"b/c/x\"]}"}), NULL);
  const struct rego_bundle *all[] = {one, two, three}, *whose[2];
  struct str roots[2];
  assert_false(rego_bundle_overlap(all, 2, roots, whose));
  assert_true(rego_bundle_overlap(all, 3, roots, whose));
  assert_str(roots[0], "b/c");
  assert_str(roots[1], "b/c/x");
  assert_ptr_equal(whose[0], one);
  assert_ptr_equal(whose[1], three);
  rego_bundle_free(one);
  rego_bundle_free(two);
  rego_bundle_free(three);
}

static void refuses_what_is_no_bundle(void **state)
{
  (void)state;
  struct str good = PACK({"p.rego", "package p"});
  assert_refused(STR(""), SW_EINVAL, "is no bundle");
  assert_refused(STR("package p"), SW_EINVAL, "is no bundle");
  assert_refused(STR("\x1f\x8b garbage"), SW_EINVAL, "");
  assert_refused(str_sub(good, 0, good.len / 2), SW_EINVAL, "");
  assert_refused(PACK({"patch.json", "{\"data\": []}"}), SW_EUNSUPPORTED, "delta bundle");
}

static void refuses_hostile_entries(void **state)
{
  (void)state;
  assert_refused(PACK({"../p.rego", ""}), SW_EINVAL, "\"..\"");
  assert_refused(PACK({"/a/../../p.rego", ""}), SW_EINVAL, "\"..\"");
  assert_refused(PACK({"a.rego", ""}, {"./a.rego", ""}), SW_EINVAL, "occurs twice");
  assert_refused(PACK({"a\nb.rego", ""}), SW_EINVAL, "control characters");
  assert_refused(PACK({"a\xff.rego", ""}), SW_EINVAL, "UTF-8");
  assert_refused(PACK({"link.rego", "/etc/passwd", AE_IFLNK}), SW_EINVAL, "is a link");
  assert_refused(PACK({"pipe.rego", NULL, AE_IFIFO}), SW_EINVAL, "neither a file nor a directory");
}

/* 64 MiB of zeros in less than 100 KB. */
static void refuses_bombs(void **state)
{
  (void)state;
  enum { SIZE = 64 << 20 };
  char *zeros = mem_zalloc(1, SIZE), *memory = arena_alloc(&arena, 1 << 20);
  size_t used = 0;
  struct archive *a = archive_write_new();
  archive_write_add_filter_gzip(a);
  archive_write_set_format_ustar(a);
  archive_write_open_memory(a, memory, 1 << 20, &used);
  struct archive_entry *entry = archive_entry_new();
  archive_entry_set_pathname(entry, "data.json");
  archive_entry_set_filetype(entry, AE_IFREG);
  archive_entry_set_size(entry, SIZE);
  archive_write_header(a, entry);
  assert_int_equal(archive_write_data(a, zeros, SIZE), SIZE);
  archive_entry_free(entry);
  archive_write_close(a);
  archive_write_free(a);
  mem_free(zeros);
  assert_refused(str_make(memory, used), SW_ELIMIT, "unpacks to more than it may");
}

static bool leave_out(void *ctx, struct str path, bool is_directory)
{
  (void)ctx;
  return is_directory ? str_eq(path, STR("old")) : str_ends(path, STR("_test.rego"));
}

static void leaves_out_what_is_ignored(void **state)
{
  (void)state;
  const struct rego_bundle_options options = {.ignore = leave_out};
  struct rego_bundle *b = read_with(
      PACK({"a.rego", ""}, {"a_test.rego", ""}, {"old/x/b.rego", ""}, {"olds/c.rego", ""}),
      &options);
  assert_int_equal(b->file_count, 2);
  assert_str(b->files[1].path, "olds/c.rego");
  rego_bundle_free(b);
}

/* ---- signatures */

static struct str encode(struct str bytes)
{
  return base64_encode(&arena, bytes, BASE64_URL | BASE64_RAW);
}

/* .signatures.json with a payload, signed; the key is a secret, or the PEM of a private key. */
static const char *sign(const char *header, const char *payload, const char *algorithm,
                        struct str key)
{
  struct str text = arena_printf(&arena, "%.*s.%.*s", STR_FMT(encode(str_from(header))),
                                 STR_FMT(encode(str_from(payload))));
  struct str signature;
  struct digest sum;
  struct signature_scheme scheme;
  if (strcmp(algorithm, "HS256") == 0) {
    assert_int_equal(digest_hmac(DIGEST_SHA256, key, text, &sum, NULL), 0);
    signature = digest_str(&sum);
  } else {
    _cleanup_(key_freep) struct key *parsed = NULL;
    assert_int_equal(key_parse(key, &parsed, NULL), 0);
    assert_true(signature_scheme_named(str_from(algorithm), &scheme));
    assert_int_equal(signature_sign(&scheme, parsed, text, &arena, &signature, NULL), 0);
  }
  return arena_printf(&arena, "{\"signatures\": [\"%.*s.%.*s\"]}", STR_FMT(text),
                      STR_FMT(encode(signature)))
      .data;
}

static const char *hash(const char *text)
{
  struct digest sum;
  assert_int_equal(digest_of(DIGEST_SHA256, str_from(text), &sum, NULL), 0);
  return digest_hex(&arena, &sum).data;
}

#define MODULE "package p"
#define DATA "{ \"b\": [1.50, \"<\\u2028\\b\"],\n \"a\": {} }"
/* what OPA hashes of it */
#define DATA_HASHED "{\"a\":{},\"b\":[1.50,\"<\\u2028\\b\"]}"

static const char *payload_of(const char *prefix, const char *rest)
{
  return arena_printf(&arena,
                      "{\"files\": [{\"name\": \"%sp.rego\", \"hash\": \"%s\", \"algorithm\": "
                      "\"SHA-256\"}, {\"name\": \"%sdata.json\", \"hash\": \"%s\", \"algorithm\": "
                      "\"SHA-256\"}]%s}",
                      prefix, hash(MODULE), prefix, hash(DATA_HASHED), rest)
      .data;
}

static struct rego_bundle_key secret = {STR_INIT("default"), STR_INIT("HS256"), STR_INIT("s3cret")};
static struct rego_bundle_trust trust = {.keys = &secret, .key_count = 1};
static const struct rego_bundle_options trusting = {.trust = &trust};

#define HEADER "{\"alg\": \"HS256\", \"kid\": \"default\"}"

static struct str signed_with(const char *signatures)
{
  return PACK({".signatures.json", signatures}, {"/p.rego", MODULE}, {"data.json", DATA});
}

static void verifies_signatures(void **state)
{
  (void)state;
  struct rego_bundle *b =
      read_with(signed_with(sign(HEADER, payload_of("", ""), "HS256", secret.key)), &trusting);
  assert_true(b->verified);
  assert_int_equal(b->file_count, 2);
  rego_bundle_free(b);
  /* the older way of naming the key */
  b = read_with(signed_with(sign("{\"alg\": \"HS256\"}",
                                 payload_of("/", ", \"keyid\": \"default\""), "HS256", secret.key)),
                &trusting);
  assert_true(b->verified);
  rego_bundle_free(b);
}

static void verifies_with_every_kind_of_key(void **state)
{
  (void)state;
  static const char *const algorithms[] = {"RS256", "PS512", "ES256", "EdDSA"};
  EVP_PKEY *keys[] = {EVP_RSA_gen(2048), EVP_RSA_gen(2048), EVP_EC_gen("P-256"),
                      EVP_PKEY_Q_keygen(NULL, NULL, "ED25519")};
  for (size_t i = 0; i < 4; i++) {
    struct rego_bundle_key key = {STR("k"), str_from(algorithms[i]),
                                  made_public_pem(&arena, keys[i])};
    struct rego_bundle_trust with_key = {.keys = &key, .key_count = 1, .key_id = STR("k")};
    const struct rego_bundle_options options = {.trust = &with_key};
    const char *header = arena_printf(&arena, "{\"alg\": \"%s\"}", algorithms[i]).data;
    struct str archive = signed_with(
        sign(header, payload_of("", ""), algorithms[i], made_private_pem(&arena, keys[i])));
    struct rego_bundle *b = read_with(archive, &options);
    assert_true(b->verified);
    rego_bundle_free(b);
    key.key = made_public_pem(&arena, keys[(i + 1) % 4]);
    struct error err;
    assert_true(rego_bundle_read_archive(archive, STR("b"), &options, &b, &err) < 0);
    EVP_PKEY_free(keys[i]);
    keys[i] = EVP_EC_gen("P-256");
  }
  for (size_t i = 0; i < 4; i++)
    EVP_PKEY_free(keys[i]);
}

static void refuses_signatures_that_are_not_right(void **state)
{
  (void)state;
  const char *good = payload_of("", "");
  assert_refused_with(signed_with(sign(HEADER, good, "HS256", STR("other"))), &trusting, SW_EACCES,
                      "the signature is not right");
  assert_refused_with(
      signed_with(sign("{\"alg\": \"none\", \"kid\": \"default\"}", good, "HS256", secret.key)),
      &trusting, SW_EACCES, "not one of algorithm HS256");
  assert_refused_with(
      signed_with(sign("{\"alg\": \"HS256\", \"kid\": \"x\"}", good, "HS256", secret.key)),
      &trusting, SW_EACCES, "there is no key \"x\"");
  assert_refused_with(signed_with(sign("{\"alg\": \"HS256\"}", good, "HS256", secret.key)),
                      &trusting, SW_EACCES, "by which key");
  assert_refused_with(
      signed_with(sign("{\"alg\": \"HS256\", \"kid\": \"default\", \"crit\": [\"b64\"]}", good,
                       "HS256", secret.key)),
      &trusting, SW_EUNSUPPORTED, "extensions");
  assert_refused_with(
      signed_with(sign(HEADER, payload_of("", ", \"scope\": \"read\""), "HS256", secret.key)),
      &trusting, SW_EACCES, "scope \"read\"");
  assert_refused_with(signed_with("{\"signatures\": []}"), &trusting, SW_EINVAL, "exactly one");
  assert_refused_with(signed_with("{\"signatures\": [\"a.b\"]}"), &trusting, SW_EINVAL,
                      "three parts");
  assert_refused_with(signed_with("{\"signatures\": [\"a.b.c.d\"]}"), &trusting, SW_EINVAL,
                      "three parts");
  assert_refused_with(signed_with("{\"signatures\": [\"!.e30.e30\"]}"), &trusting, SW_EINVAL,
                      "header");
  assert_refused_with(signed_with("{\"signatures\": [\"e30.e30.e30\"], \"plugin\": \"p\"}"),
                      &trusting, SW_EUNSUPPORTED, "plugin");
}

static void holds_the_scope_against_the_token(void **state)
{
  (void)state;
  struct rego_bundle_trust scoped = trust;
  scoped.scope = STR("read");
  const struct rego_bundle_options options = {.trust = &scoped};
  struct rego_bundle *b = read_with(
      signed_with(sign(HEADER, payload_of("", ", \"scope\": \"read\""), "HS256", secret.key)),
      &options);
  assert_true(b->verified);
  rego_bundle_free(b);
  assert_refused_with(signed_with(sign(HEADER, payload_of("", ""), "HS256", secret.key)), &options,
                      SW_EACCES, "expected is \"read\"");
}

static void refuses_files_that_were_not_signed(void **state)
{
  (void)state;
  const char *good = sign(HEADER, payload_of("", ""), "HS256", secret.key);
  assert_refused_with(
      PACK({".signatures.json", good}, {"p.rego", "package q"}, {"data.json", DATA}), &trusting,
      SW_EACCES, "p.rego: is not the file that was signed");
  assert_refused_with(PACK({".signatures.json", good}, {"p.rego", MODULE}, {"data.json", "{}"}),
                      &trusting, SW_EACCES, "data.json: is not the file that was signed");
  assert_refused_with(PACK({".signatures.json", good}, {"p.rego", MODULE}), &trusting, SW_EACCES,
                      "data.json: is named by the signature, and missing");
  assert_refused_with(
      PACK({".signatures.json", good}, {"p.rego", MODULE}, {"data.json", DATA}, {"q.txt", ""}),
      &trusting, SW_EACCES, "q.txt: the signature does not name this file");
  /* order and spaces of JSON do not matter */
  struct rego_bundle *b = read_with(
      PACK({".signatures.json", good}, {"p.rego", MODULE}, {"data.json", DATA_HASHED}), &trusting);
  assert_true(b->verified);
  rego_bundle_free(b);
}

static void leaves_out_files_that_need_no_signature(void **state)
{
  (void)state;
  const char *const exclude[] = {"*.txt", "docs/*"};
  struct rego_bundle_trust some = trust;
  some.exclude = exclude;
  some.exclude_count = 2;
  const struct rego_bundle_options options = {.trust = &some};
  const char *good = sign(HEADER, payload_of("", ""), "HS256", secret.key);
  struct rego_bundle *b = read_with(PACK({".signatures.json", good}, {"p.rego", MODULE},
                                         {"data.json", DATA}, {"q.txt", ""}, {"docs/x.rego", ""}),
                                    &options);
  assert_true(b->verified);
  assert_int_equal(b->file_count, 3);
  rego_bundle_free(b);
  assert_refused_with(
      PACK({".signatures.json", good}, {"p.rego", MODULE}, {"data.json", DATA}, {"x/q.txt", ""}),
      &options, SW_EACCES, "x/q.txt");
}

static void asks_for_a_key_and_for_a_signature(void **state)
{
  (void)state;
  struct rego_bundle_trust none = {.skip = false}, skipping = {.skip = true};
  const struct rego_bundle_options without = {.trust = &none}, skip = {.trust = &skipping};
  struct str archive = signed_with("{\"signatures\": []}");
  assert_refused_with(archive, &without, SW_EACCES, "is signed; give the key");
  assert_refused_with(archive, NULL, SW_EACCES, "is signed; give the key");
  assert_refused_with(PACK({"p.rego", MODULE}), &trusting, SW_EACCES, "is not signed");
  struct rego_bundle *b = read_with(archive, &skip);
  assert_false(b->verified);
  assert_int_equal(b->file_count, 2);
  rego_bundle_free(b);
}

static void trusts_no_weak_hash(void **state)
{
  (void)state;
  const char *payload =
      "{\"files\": [{\"name\": \"p.rego\", \"hash\": \"00\", \"algorithm\": \"MD5\"}]}";
  assert_refused_with(
      PACK({".signatures.json", sign(HEADER, payload, "HS256", secret.key)}, {"p.rego", MODULE}),
      &trusting, SW_EUNSUPPORTED, "\"MD5\"");
}

/* ---- directories */

static void write_file(const char *directory, const char *name, const char *text)
{
  char path[512];
  snprintf(path, sizeof path, "%s/%s", directory, name);
  FILE *f = fopen(path, "w");
  assert_non_null(f);
  fputs(text, f);
  fclose(f);
}

static void reads_directories(void **state)
{
  (void)state;
  char directory[] = "/tmp/seawall-bundle-XXXXXX", command[64];
  assert_non_null(mkdtemp(directory));
  snprintf(command, sizeof command, "%s/sub", directory);
  assert_int_equal(mkdir(command, 0755), 0);
  write_file(directory, "p.rego", MODULE);
  write_file(directory, "sub/data.json", "{\"x\": 1}");
  write_file(directory, ".manifest", "{\"revision\": \"7\"}");
  write_file(directory, "README", "text");
  struct rego_bundle *b;
  struct error err = {0};
  assert_int_equal(rego_bundle_read_directory(directory, NULL, &b, &err), 0);
  assert_str(b->revision, "7");
  assert_int_equal(b->file_count, 2);
  assert_str(b->files[1].path, "sub/data.json");
  rego_bundle_free(b);
  /* signed as `opa sign` does it, with the directory in front of names */
  write_file(directory, "data.json", DATA);
  unlink(arena_printf(&arena, "%s/sub/data.json", directory).data);
  unlink(arena_printf(&arena, "%s/.manifest", directory).data);
  const char *prefix = arena_printf(&arena, "%s/", directory + 1).data;
  write_file(directory, ".signatures.json",
             sign(HEADER, payload_of(prefix, ""), "HS256", secret.key));
  assert_int_equal(rego_bundle_read_directory(directory, &trusting, &b, &err), SW_EACCES);
  assert_error(err, SW_EACCES, "README: the signature does not name this file");
  unlink(arena_printf(&arena, "%s/README", directory).data);
  assert_int_equal(rego_bundle_read_directory(directory, &trusting, &b, &err), 0);
  assert_true(b->verified);
  rego_bundle_free(b);
  assert_int_equal(rego_bundle_read_directory(directory, NULL, &b, &err), SW_EACCES);
  write_file(directory, "p.rego", "package other");
  assert_int_equal(rego_bundle_read_directory(directory, &trusting, &b, &err), SW_EACCES);
  const char *file = arena_printf(&arena, "%s/p.rego", directory).data;
  assert_int_equal(rego_bundle_read_directory(file, NULL, &b, &err), SW_EINVAL);
  assert_error(err, SW_EINVAL, "is not a directory");
  assert_int_equal(rego_bundle_read_directory("/nowhere/at/all", NULL, &b, &err), SW_ENOENT);
  snprintf(command, sizeof command, "rm -r %s", directory);
  assert_int_equal(system(command), 0);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(sorts_files_out),
      cmocka_unit_test(reads_the_manifest),
      cmocka_unit_test(refuses_wrong_manifests),
      cmocka_unit_test(finds_roots_that_overlap),
      cmocka_unit_test(refuses_what_is_no_bundle),
      cmocka_unit_test(refuses_hostile_entries),
      cmocka_unit_test(refuses_bombs),
      cmocka_unit_test(leaves_out_what_is_ignored),
      cmocka_unit_test(verifies_signatures),
      cmocka_unit_test(verifies_with_every_kind_of_key),
      cmocka_unit_test(refuses_signatures_that_are_not_right),
      cmocka_unit_test(holds_the_scope_against_the_token),
      cmocka_unit_test(refuses_files_that_were_not_signed),
      cmocka_unit_test(leaves_out_files_that_need_no_signature),
      cmocka_unit_test(asks_for_a_key_and_for_a_signature),
      cmocka_unit_test(trusts_no_weak_hash),
      cmocka_unit_test(reads_directories),
  };
  return cmocka_run_group_tests(tests, setup, teardown);
}
