#include "crypto/digest.h"
#include "oci/layer.h"
#include "scan/faults_int.h"
#include "scan/language/java_int.h"
#include "scan/language/language_add_int.h"
#include "scan/version.h"
#include "scan/zip.h"

enum {
  TEXT_MAX = 4 << 20,        /* bytes of a manifest, of properties, of a pom.xml */
  OUTER_HELD_MAX = 24 << 20, /* of an archive that others are in: leaves room for those */
  COORDINATES_MAX = 100000,  /* pom.properties of one archive */
  PIECE = 64 << 10,
};

struct scan {
  const struct analyser_file *file;
  struct package_list *list;
  struct faults faults;
  struct zip_meter meter;
  size_t held; /* bytes of archives in memory */
  unsigned archives;
  bool stopped;
};

struct jar {
  struct scan *scan;
  struct str path;
  unsigned depth;
  struct arena arena;
  struct java_manifest manifest;
  VEC(struct java_coordinates) all; /* of the pom.properties in it */
  struct map licenses;              /* "group:artifact" → struct str in the arena */
  struct str digest;
};

static const struct str endings[] = {
    STR_INIT(".jar"), STR_INIT(".war"), STR_INIT(".ear"), STR_INIT(".par"), STR_INIT(".sar"),
    STR_INIT(".kar"), STR_INIT(".hpi"), STR_INIT(".jpi"), STR_INIT(".rar"),
};

static bool is_archive(struct str name)
{
  struct str ending = name.len > 4 ? str_sub(name, name.len - 4, 4) : STR_EMPTY;
  for (size_t i = 0; i < sizeof endings / sizeof endings[0]; i++)
    if (str_eq_nocase(ending, endings[i]))
      return true;
  return false;
}

/* A resource adapter of Java is known by where it lies; any other .rar is of another archiver. */
bool java_wants(struct str path, unsigned flags)
{
  (void)flags;
  return is_archive(path) && !str_eq_nocase(str_sub(path, path.len - 4, 4), STR(".rar"));
}

/* ---- faults */

/* Keeps what is wrong with an archive, or a file in it; the rest is read. */
static void tell(struct jar *j, struct str name, struct error *fault)
{
  struct str outer = j->scan->file->path;
  struct str inner = str_sub(j->path, outer.len, SIZE_MAX);
  if (name.len)
    error_wrap(fault, "%.*s", STR_FMT(str_sub(name, 0, ERROR_PLACE_MAX)));
  if (inner.len) /* the caller puts the file's own path in front */
    error_wrap(fault, "%.*s", STR_FMT(str_sub(inner, 0, ERROR_PLACE_MAX)));
  faults_add(&j->scan->faults, fault);
}

/* A limit of the whole file ends everything. */
static void tell_and_stop(struct jar *j, struct str name, struct error *fault)
{
  if (fault->code == SW_ELIMIT)
    j->scan->stopped = true;
  tell(j, name, fault);
}

/* ---- bytes of an archive: those that were held, and what flows behind them */

struct flow {
  struct str held;
  size_t at;
  const struct oci_input *rest; /* NULL: nothing */
  struct digester *digester;
};

static int flow_read(void *ctx, void *to, size_t room, size_t *ret_got, struct error *err)
{
  struct flow *f = ctx;
  struct str piece = str_sub(f->held, f->at, room);
  int rc = 0;
  if (piece.len) {
    memcpy(to, piece.data, piece.len);
    f->at += piece.len;
  } else if (f->rest) {
    rc = f->rest->read(f->rest->ctx, to, room, &piece.len, err);
    piece.data = to;
  }
  *ret_got = rc < 0 ? 0 : piece.len;
  if (rc == 0 && piece.len && f->digester)
    rc = digester_add(f->digester, piece, err);
  return rc;
}

static void set_digest(struct jar *j, const struct digest *digest)
{
  struct str hex = digest_hex(&j->arena, digest);
  j->digest = arena_printf(&j->arena, "sha1:%.*s", STR_FMT(hex));
}

/* ---- files of an archive */

static void read_archive(struct scan *scan, struct str path, unsigned depth,
                         const struct oci_input *input, uint64_t size);

static int read_text(struct zip *zip, struct buf *text, struct error *err)
{
  const struct oci_input content = {zip_read, zip};
  buf_clear(text);
  return oci_content_read(&content, TEXT_MAX, text, err);
}

static void take_properties(struct jar *j, struct str text)
{
  struct java_coordinates c;
  java_properties_read(&j->arena, text, &c);
  if (c.group.len && c.artifact.len && c.version.len && !vec_full(&j->all, COORDINATES_MAX))
    vec_push(&j->all, c);
}

/* Only its licence is wanted: the properties say what it is. One that cannot be read has none. */
static void take_pom(struct jar *j, struct str text)
{
  struct java_pom pom;
  int rc = java_pom_read(&j->arena, text, &pom, NULL);
  struct str group = pom.project.group.len ? pom.project.group : pom.parent.group;
  if (rc == 0 && pom.license.len) {
    struct str key =
        arena_printf(&j->arena, "%.*s:%.*s", STR_FMT(group), STR_FMT(pom.project.artifact));
    struct str *license = arena_new(&j->arena, struct str);
    *license = pom.license;
    map_put(&j->licenses, key, NULL)->view = license;
  }
  java_pom_free(&pom);
}

static void take_archive(struct jar *j, struct zip *zip, const struct zip_entry *entry)
{
  const struct oci_input content = {zip_read, zip};
  struct error err;
  struct str path = arena_printf(&j->arena, "%.*s!%.*s", STR_FMT(j->path), STR_FMT(entry->name));
  if (j->depth + 1 > JAVA_DEPTH_MAX) {
    error_set(&err, SW_ELIMIT, "archives are nested more than %d deep", JAVA_DEPTH_MAX);
    tell(j, entry->name, &err);
    return;
  }
  read_archive(j->scan, path, j->depth + 1, &content, entry->size_known ? entry->size : UINT64_MAX);
}

static bool is_pom(struct str name)
{
  return str_starts(name, STR("META-INF/maven/")) && str_ends(name, STR("/pom.xml"));
}

static void take_entry(struct jar *j, struct zip *zip, const struct zip_entry *entry,
                       struct buf *text)
{
  struct str name = entry->name, base = language_base_name(name);
  bool properties = str_eq(base, STR("pom.properties")), pom = is_pom(name);
  bool manifest = str_eq_nocase(name, STR("META-INF/MANIFEST.MF"));
  struct error err;
  if (is_archive(name)) {
    take_archive(j, zip, entry);
    return;
  }
  if (!properties && !pom && !manifest)
    return;
  if (read_text(zip, text, &err) < 0) {
    tell_and_stop(j, name, &err);
    return;
  }
  if (properties)
    take_properties(j, buf_str(text));
  else if (manifest)
    java_manifest_read(&j->arena, buf_str(text), &j->manifest);
  else
    take_pom(j, buf_str(text));
}

static void read_entries(struct jar *j, struct zip *zip)
{
  _cleanup_(buf_free) struct buf text = {0};
  struct zip_entry entry;
  struct error err;
  int rc = 0;
  while (!j->scan->stopped && (rc = zip_next(zip, &entry, &err)) > 0)
    take_entry(j, zip, &entry, &text);
  if (rc < 0)
    tell_and_stop(j, STR_EMPTY, &err);
}

/* ---- what an archive is */

static void add(struct jar *j, const struct java_coordinates *c)
{
  struct error err;
  struct str name = arena_printf(&j->arena, "%.*s:%.*s", STR_FMT(c->group), STR_FMT(c->artifact));
  const union map_value *license = map_get(&j->licenses, name);
  struct package p = {.license = license ? *(const struct str *)license->view : STR_EMPTY,
                      .digest = j->digest,
                      .path = j->path,
                      .layer = j->scan->file->layer};
  if (!p.license.len && j->all.count <= 1)
    p.license = j->manifest.bundle_license;
  if (java_add(j->scan->list, &p, c, &j->arena, &err) < 0)
    tell_and_stop(j, STR_EMPTY, &err);
}

static bool is_same(const struct java_coordinates *a, const struct java_coordinates *b)
{
  int order;
  return str_eq(a->artifact, b->artifact) && str_eq(a->group, b->group) &&
         (str_eq(a->version, b->version) ||
          (version_compare(version_ops_named(STR("maven")), a->version, b->version, &order, NULL) ==
               0 &&
           order == 0));
}

/* Whether one of the properties is about the archive as a whole. */
static bool has_own(const struct jar *j)
{
  struct str artifact, version;
  java_name_split(language_base_name(j->path), &artifact, &version);
  for (size_t i = 0; i < j->all.count; i++)
    if (str_eq(j->all.items[i].artifact, artifact))
      return true;
  return j->all.count == 1 && (!version.len || str_starts(version, j->all.items[0].version));
}

static void add_packages(struct jar *j)
{
  struct java_coordinates own;
  struct map seen;
  map_init(&seen, &j->arena);
  for (size_t i = 0; i < j->all.count && !j->scan->stopped; i++) {
    const struct java_coordinates *c = &j->all.items[i];
    struct str key = arena_printf(&j->arena, "%.*s:%.*s:%.*s", STR_FMT(c->group),
                                  STR_FMT(c->artifact), STR_FMT(c->version));
    bool added;
    map_put(&seen, key, &added);
    if (added)
      add(j, c);
  }
  map_free(&seen);
  if (has_own(j) || !java_identify(language_base_name(j->path), &j->manifest, &own))
    return;
  for (size_t i = 0; i < j->all.count; i++)
    if (is_same(&j->all.items[i], &own))
      return;
  if (!j->scan->stopped)
    add(j, &own);
}

/* ---- an archive */

static void read_held(struct jar *j, struct str bytes)
{
  struct zip *zip = NULL;
  struct error err;
  struct digest digest;
  if (digest_of(DIGEST_SHA1, bytes, &digest, NULL) == 0)
    set_digest(j, &digest);
  if (zip_open_bytes(bytes, &j->scan->meter, &zip, &err) < 0)
    tell(j, STR_EMPTY, &err);
  else
    read_entries(j, zip);
  zip_free(zip);
}

static void read_flowing(struct jar *j, struct str held, const struct oci_input *rest)
{
  _cleanup_(digester_freep) struct digester *digester = NULL;
  _cleanup_(zip_freep) struct zip *zip = NULL;
  char unread[PIECE];
  size_t got = 1;
  struct error err;
  struct digest digest;
  bool digests = digester_new(DIGEST_SHA1, &digester, NULL) == 0;
  struct flow flow = {.held = held, .rest = rest, .digester = digests ? digester : NULL};
  if (zip_open_stream((struct oci_input){flow_read, &flow}, &j->scan->meter, &zip, &err) == 0)
    read_entries(j, zip);
  while (!j->scan->stopped && got) /* the directory, and what is behind it, for the digest */
    if (flow_read(&flow, unread, sizeof unread, &got, &err) < 0) {
      tell_and_stop(j, STR_EMPTY, &err);
      return;
    }
  if (digests && !j->scan->stopped && digester_end(digester, &digest, NULL) == 0)
    set_digest(j, &digest);
}

/* Takes as much into memory as the archive may have there; whether that was all of it. */
static int hold(struct jar *j, const struct oci_input *input, uint64_t size, struct buf *held,
                bool *ret_all, struct error *err)
{
  size_t room = JAVA_MEMORY_MAX - j->scan->held, max = j->depth ? room : OUTER_HELD_MAX;
  *ret_all = false;
  if (size != UINT64_MAX && size > max)
    return 0;
  while (held->len < max) {
    size_t step = max - held->len < PIECE ? max - held->len : PIECE, got = 0;
    if (!buf_reserve(held, step))
      return 0;
    int rc = input->read(input->ctx, held->data + held->len, step, &got, err);
    if (rc < 0)
      return rc;
    held->len += got;
    if (got == 0) {
      *ret_all = true;
      return 0;
    }
  }
  return 0;
}

static void jar_free(struct jar *j)
{
  vec_free(&j->all);
  map_free(&j->licenses);
  arena_free(&j->arena);
}

/* One archive. The depth of archives in each other bounds the recursion. */
static void read_archive(struct scan *scan, struct str path, unsigned depth,
                         const struct oci_input *input, uint64_t size)
{
  struct jar j = {.scan = scan, .path = path, .depth = depth, .digest = STR_EMPTY};
  _cleanup_(buf_free) struct buf held = {0};
  struct error err;
  bool all;
  arena_init(&j.arena, 0);
  map_init(&j.licenses, NULL);
  java_manifest_read(&j.arena, STR_EMPTY, &j.manifest);
  int rc = hold(&j, input, size, &held, &all, &err);
  if (rc == 0 && ++scan->archives > JAVA_ARCHIVES_MAX)
    rc = error_set(&err, SW_ELIMIT, "there are more than %d archives", JAVA_ARCHIVES_MAX);
  if (rc < 0) {
    tell_and_stop(&j, STR_EMPTY, &err);
  } else if (held.len || !all) { /* an empty file is no archive, and no fault */
    scan->held += held.len;
    if (all)
      read_held(&j, buf_str(&held));
    else
      read_flowing(&j, buf_str(&held), input);
    scan->held -= held.len;
    add_packages(&j);
  }
  jar_free(&j);
}

int java_stream(const struct analyser_file *file, const struct oci_input *content,
                struct package_list *list, struct error *err)
{
  struct scan scan = {
      .file = file, .list = list, .meter = {.bytes = JAVA_BYTES_MAX, .entries = JAVA_ENTRIES_MAX}};
  read_archive(&scan, file->path, 0, content, file->size ? file->size : UINT64_MAX);
  return faults_end(&scan.faults, err);
}
