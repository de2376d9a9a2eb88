/* Verb "db update": fetches advisories, and makes the database of what could be fetched and what was there. */
#include "base/clock.h"
#include "base/file.h"
#include "cmd/console.h"
#include "cmd/db_bundle.h"
#include "cmd/db_distribution.h"
#include "cmd/db_fetch.h"
#include "cmd/db_import.h"
#include "cmd/verb.h"
#include "crypto/digest.h"
#include "scan/advisory/database_place.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/file.h>
#include <unistd.h>

enum { LIST_MAX = 1 << 20, SOURCES_MAX = 1000, PATH_ROOM = 4096 };

static const struct option options[] = {
    {.name = "source",
     .letter = 's',
     .argument = "NAME",
     .help = "only this source, or FORMAT=URL for one of your own; may be repeated",
     .repeatable = true},
    {.name = "sources",
     .argument = "FILE",
     .help = "lines of name, format and URL (default: /etc/seawall/sources, else the usual)",
     .complete = COMPLETE_FILES},
    {.name = "mirror",
     .argument = "[NAME=]URL",
     .help =
         "where a source is fetched from instead (no name: the distribution's); may be repeated",
     .repeatable = true},
    {.name = "suite",
     .argument = "SUITES",
     .help = "of the distribution: bookworm-security,bookworm (default: those of this system)"},
    {.name = "keyring",
     .argument = "FILE",
     .help = "what the distribution's index is signed with (default: the system's keyrings)",
     .complete = COMPLETE_FILES},
    {.name = "lists",
     .argument = "DIR",
     .help = "apt's copies, if the mirror cannot be reached (default /var/lib/apt/lists)",
     .complete = COMPLETE_DIRECTORIES},
    {.name = "allow-expired", .help = "take an index of the distribution that is beyond its date"},
    {.name = "from",
     .argument = "BUNDLE",
     .help = "take the database out of a signed bundle, and fetch nothing",
     .complete = COMPLETE_FILES},
    {.name = "key",
     .argument = "FILE",
     .help = "public key of whoever made the bundle",
     .complete = COMPLETE_FILES},
    {.name = "db",
     .argument = "FILE",
     .help = "the database (default: where scans look for it)",
     .complete = COMPLETE_FILES},
    {0},
};

/* ---- sources */

struct source {
  struct str name, format, url;
};

/* Where everybody fetches from. One row of OSV covers all that its ecosystem's databases publish. */
static const struct source usual[] = {
#define OSV "https://storage.googleapis.com/osv-vulnerabilities/"
    {STR_INIT("almalinux"), STR_INIT("osv"), STR_INIT(OSV "AlmaLinux/all.zip")},
    {STR_INIT("alpine"), STR_INIT("osv"), STR_INIT(OSV "Alpine/all.zip")},
    {STR_INIT("chainguard"), STR_INIT("osv"), STR_INIT(OSV "Chainguard/all.zip")},
    {STR_INIT("crates.io"), STR_INIT("osv"), STR_INIT(OSV "crates.io/all.zip")},
    {STR_INIT("debian"), STR_INIT("debian-tracker"),
     STR_INIT("https://security-tracker.debian.org/tracker/data/json")},
    {STR_INIT("epss"), STR_INIT("epss"),
     STR_INIT("https://epss.empiricalsecurity.com/epss_scores-current.csv.gz")},
    {STR_INIT("go"), STR_INIT("osv"), STR_INIT(OSV "Go/all.zip")},
    {STR_INIT("hex"), STR_INIT("osv"), STR_INIT(OSV "Hex/all.zip")},
    {STR_INIT("kev"), STR_INIT("kev"),
     STR_INIT(
         "https://www.cisa.gov/sites/default/files/feeds/known_exploited_vulnerabilities.json")},
    {STR_INIT("maven"), STR_INIT("osv"), STR_INIT(OSV "Maven/all.zip")},
    {STR_INIT("npm"), STR_INIT("osv"), STR_INIT(OSV "npm/all.zip")},
    {STR_INIT("nuget"), STR_INIT("osv"), STR_INIT(OSV "NuGet/all.zip")},
    {STR_INIT("opensuse"), STR_INIT("osv"), STR_INIT(OSV "openSUSE/all.zip")},
    {STR_INIT("packagist"), STR_INIT("osv"), STR_INIT(OSV "Packagist/all.zip")},
    {STR_INIT("pub"), STR_INIT("osv"), STR_INIT(OSV "Pub/all.zip")},
    {STR_INIT("pypi"), STR_INIT("osv"), STR_INIT(OSV "PyPI/all.zip")},
    {STR_INIT("redhat"), STR_INIT("osv"), STR_INIT(OSV "Red%20Hat/all.zip")},
    {STR_INIT("rocky"), STR_INIT("osv"), STR_INIT(OSV "Rocky%20Linux/all.zip")},
    {STR_INIT("rubygems"), STR_INIT("osv"), STR_INIT(OSV "RubyGems/all.zip")},
    {STR_INIT("suse"), STR_INIT("osv"), STR_INIT(OSV "SUSE/all.zip")},
    {STR_INIT("ubuntu"), STR_INIT("osv"), STR_INIT(OSV "Ubuntu/all.zip")},
    {STR_INIT("wolfi"), STR_INIT("osv"), STR_INIT(OSV "Wolfi/all.zip")},
#undef OSV
};

static const struct str distribution = STR_INIT("distribution");

struct update {
  const struct arguments *args;
  const char *db;
  struct arena arena;
  struct str folder, now;
  VEC(struct source) known;  /* those there are */
  VEC(struct source) chosen; /* those to fetch; the distribution has no URL */
  struct http_client *client;
  unsigned failed;
};

static const struct source *find_source(const struct update *u, struct str name)
{
  for (size_t i = 0; i < u->known.count; i++)
    if (str_eq(u->known.items[i].name, name))
      return &u->known.items[i];
  return NULL;
}

/* A name is that of a file. */
static bool is_name(struct str name)
{
  for (size_t i = 0; i < name.len; i++) {
    char c = name.data[i];
    bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
    if (!letter && !(i && (c == '-' || c == '.' || c == '_')))
      return false;
  }
  return name.len && name.len <= 100;
}

static struct str next_word(struct str *rest)
{
  struct str word = STR_EMPTY;
  while (rest->data && word.len == 0)
    word = str_trim(str_cut(str_trim(*rest), ' ', rest));
  return word;
}

static int read_list(struct update *u, const char *path, struct error *err)
{
  _cleanup_(buf_free) struct buf text = {0};
  int rc = file_read(path, LIST_MAX, &text, err);
  uint32_t number = 0;
  if (rc < 0)
    return rc;
  struct str copy = arena_copy(&u->arena, buf_str(&text));
  for (struct str rest = copy; rest.data;) {
    struct str comment, line = str_trim(str_cut(str_cut(rest, '\n', &rest), '#', &comment));
    struct source s = {.name = next_word(&line), .format = next_word(&line)};
    s.url = next_word(&line);
    number++;
    if (s.name.len == 0)
      continue;
    if (!is_name(s.name) || !advisory_format_named(s.format) || s.url.len == 0 ||
        u->known.count == SOURCES_MAX)
      return error_set_at(
          err, SW_EINVAL, number, 1,
          "%s: a line must be a name, a format and a URL; \"seawall help db build\" "
          "lists formats",
          path);
    vec_push(&u->known, s);
  }
  return 0;
}

/* The file that lists sources; NULL: the usual ones. */
static const char *list_of(const struct update *u)
{
  static const char system[] = "/etc/seawall/sources";
  const char *given = arguments_value(u->args, "sources");
  return given ? given : access(system, R_OK) == 0 ? system : NULL;
}

static int known_sources(struct update *u, struct error *err)
{
  const char *list = list_of(u);
  if (list)
    return read_list(u, list, err);
  for (size_t i = 0; i < sizeof usual / sizeof *usual; i++)
    vec_push(&u->known, usual[i]);
  return 0;
}

/* "kev=https://...": a source of one's own, named by its URL. */
static int own_source(struct update *u, struct str format, struct str url, struct error *err)
{
  struct digest digest;
  if (!advisory_format_named(format))
    return error_set(err, SW_EUSAGE, "--source: there is no format \"%.*s\" of advisories",
                     STR_FMT(format));
  int rc = digest_of(DIGEST_SHA256, url, &digest, err);
  if (rc < 0)
    return rc;
  struct str hex = digest_hex(&u->arena, &digest);
  vec_push(&u->chosen, (struct source){arena_printf(&u->arena, "%.*s-%.*s", STR_FMT(format),
                                                    STR_FMT(str_sub(hex, 0, 12))),
                                       format, url});
  return 0;
}

static const char *names_of_sources(struct update *u)
{
  _cleanup_(buf_free) struct buf names = {0};
  for (size_t i = 0; i < u->known.count; i++)
    buf_printf(&names, "%.*s, ", STR_FMT(u->known.items[i].name));
  buf_printf(&names, "%.*s", STR_FMT(distribution));
  return arena_copy(&u->arena, buf_str(&names)).data;
}

static int choose_source(struct update *u, const char *word, struct error *err)
{
  struct str rest, name = str_cut(str_from(word), '=', &rest);
  const struct source *source = find_source(u, name);
  struct suggestion s = {.word = name};
  if (rest.data)
    return own_source(u, name, rest, err);
  if (str_eq(name, distribution)) {
    vec_push(&u->chosen, (struct source){.name = distribution});
    return 0;
  }
  if (source) {
    vec_push(&u->chosen, *source);
    return 0;
  }
  suggestion_consider(&s, "distribution");
  for (size_t i = 0; i < u->known.count; i++)
    suggestion_consider(&s, arena_copy(&u->arena, u->known.items[i].name).data);
  if (s.best)
    return error_set(err, SW_EUSAGE, "there is no source \"%.100s\"; did you mean \"%s\"?", word,
                     s.best);
  return error_set(err, SW_EUSAGE, "there is no source \"%.100s\"; there are %s", word,
                   names_of_sources(u));
}

static bool named_mirror(struct str word, struct str *ret_name, struct str *ret_url)
{
  ptrdiff_t scheme = str_find(word, 0, STR("://")), equals = str_find_byte(word, 0, '=');
  bool named = equals > 0 && (scheme < 0 || equals < scheme);
  *ret_name = named ? str_sub(word, 0, (size_t)equals) : distribution;
  *ret_url = named ? str_sub(word, (size_t)equals + 1, SIZE_MAX) : word;
  return named;
}

static struct str mirror_of(const struct update *u, struct str name)
{
  struct str found = STR_EMPTY;
  for (size_t i = 0; i < u->args->list.count; i++) {
    const struct argument *a = &u->args->list.items[i];
    struct str of, url;
    if (!a->option || strcmp(a->option->name, "mirror") != 0)
      continue;
    named_mirror(str_from(a->value), &of, &url);
    if (str_eq(of, name))
      found = url;
  }
  return found;
}

static int choose(struct update *u, struct error *err)
{
  int rc = known_sources(u, err);
  for (size_t i = 0; rc == 0 && i < u->args->list.count; i++) {
    const struct argument *a = &u->args->list.items[i];
    if (a->option && strcmp(a->option->name, "source") == 0)
      rc = choose_source(u, a->value, err);
  }
  if (rc < 0 || u->chosen.count)
    return rc;
  for (size_t i = 0; i < u->known.count; i++)
    vec_push(&u->chosen, u->known.items[i]);
  bool usual_ones = !list_of(u);
  if (mirror_of(u, distribution).len || (usual_ones && db_distribution_is_here()))
    vec_push(&u->chosen, (struct source){.name = distribution});
  return 0;
}

/* ---- fetching */

static const char *path_of(struct update *u, struct str name)
{
  return arena_printf(&u->arena, "%.*s/%.*s.data", STR_FMT(u->folder), STR_FMT(name)).data;
}

static void tell(const char *format, ...) __attribute__((format(printf, 1, 2)));

static void tell(const char *format, ...)
{
  char line[1024];
  va_list arguments;
  va_start(arguments, format);
  int len = vsnprintf(line, sizeof line, format, arguments);
  va_end(arguments);
  fd_write_all(STDOUT_FILENO, line,
               len < 0                     ? 0
               : (size_t)len < sizeof line ? (size_t)len
                                           : sizeof line - 1,
               NULL);
}

static int fetch_distribution(struct update *u, struct error *err)
{
  const char *suite = arguments_value(u->args, "suite"), *lists = arguments_value(u->args, "lists");
  const struct db_distribution about = {
      .path = path_of(u, distribution),
      .cache = u->folder,
      .url = mirror_of(u, distribution),
      .suites = str_from(suite ? suite : ""),
      .now = u->now,
      .keyring = arguments_value(u->args, "keyring"),
      .lists = lists ? lists : "/var/lib/apt/lists",
      .accept_expired = arguments_has(u->args, "allow-expired"),
  };
  struct db_distribution_result result;
  int rc = db_distribution_fetch(u->client, &about, &result, err);
  if (rc < 0)
    return rc;
  tell("distribution: %llu fixes of %s, index of %s\n", (unsigned long long)result.fixes,
       result.suites, result.date);
  if (result.copies)
    tell("distribution: the mirror cannot be reached; this is what apt has of its index\n");
  if (result.without_changelog)
    tell("distribution: %llu packages go in by their versions alone, as their changelogs cannot "
         "be had\n",
         (unsigned long long)result.without_changelog);
  if (result.left_out)
    tell(
        "distribution: %llu packages of point releases are left out, as their changelogs cannot be "
        "had\n",
        (unsigned long long)result.left_out);
  u->failed += result.incomplete;
  return 0;
}

static int fetch_source(struct update *u, const struct source *s, struct error *err)
{
  struct str mirror = mirror_of(u, s->name);
  const struct db_meta meta = {
      .name = s->name, .format = s->format, .url = mirror.len ? mirror : s->url, .fetched = u->now};
  struct db_fetched fetched;
  char size[FILE_SIZE_TEXT];
  int rc = db_fetch(u->client, &meta, path_of(u, s->name), &fetched, err);
  if (rc == 0)
    tell("%.*s: %s%s\n", STR_FMT(s->name), fetched.changed ? "new, " : "unchanged",
         fetched.changed ? file_size_text(fetched.bytes, size) : "");
  return rc;
}

static void fetch_all(struct update *u)
{
  for (size_t i = 0; i < u->chosen.count; i++) {
    const struct source *s = &u->chosen.items[i];
    struct error err;
    int rc = s->url.len ? fetch_source(u, s, &err) : fetch_distribution(u, &err);
    if (rc == 0)
      continue;
    u->failed++;
    bool old = access(path_of(u, s->name), R_OK) == 0;
    error_wrap(&err, "%.*s%s", STR_FMT(s->name), old ? " (what was fetched before stays)" : "");
    console_error(&err);
  }
}

/* ---- the database, of all that lies in the folder */

static int is_data(const struct dirent *entry)
{
  return str_ends(str_from(entry->d_name), STR(".data"));
}

static int by_name(const struct dirent **a, const struct dirent **b)
{
  return strcmp((*a)->d_name, (*b)->d_name);
}

static int import_kept(struct update *u, struct db_import *import, const char *file,
                       struct error *err)
{
  const char *path = arena_printf(&u->arena, "%.*s/%s", STR_FMT(u->folder), file).data;
  struct db_meta meta;
  struct error fault;
  if (db_meta_read(path, &u->arena, &meta, NULL) < 0)
    return 0; /* nobody knows what it is */
  const struct db_source source = {.name = meta.name, .origin = meta.url, .fetched = meta.fetched};
  int rc = db_import_path(import, path, advisory_format_named(meta.format), &source, &fault);
  if (rc == 0)
    return 0;
  if (rc != SW_EINVAL && rc != SW_EUNSUPPORTED) {
    if (err)
      *err = fault;
    return rc;
  }
  /* A server may answer with something else than it should; the others are good all the same. */
  console_error(&fault);
  u->failed++;
  return 0;
}

static int import_all(struct update *u, struct db_import *import, struct error *err)
{
  struct dirent **entries;
  int rc = 0, count = scandir(u->folder.data, &entries, is_data, by_name);
  if (count < 0)
    return error_set_errno(err, errno, "%s", u->folder.data);
  for (int i = 0; i < count; i++) {
    if (rc == 0)
      rc = import_kept(u, import, entries[i]->d_name, err);
    free(entries[i]);
  }
  free(entries);
  return rc == 0 && count == 0 ? error_set(err, SW_ENOENT,
                                           "no source could be fetched: there is nothing to make a "
                                           "database of")
                               : rc;
}

static int build(struct update *u, struct error *err)
{
  struct db_import import;
  int rc = db_import_open(&import, u->db, err);
  if (rc == 0)
    rc = import_all(u, &import, err);
  if (rc == 0)
    rc = db_import_finish(&import, err);
  db_import_close(&import);
  if (rc == 0)
    tell(u->failed ? "%s is made of what there is\n" : "%s is up to date\n", u->db);
  return rc;
}

/* ---- */

/* Two updates at a time would write the same files. */
static int lock_folder(struct update *u, int *ret_fd, struct error *err)
{
  const char *path = arena_printf(&u->arena, "%.*s/lock", STR_FMT(u->folder)).data;
  *ret_fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0644);
  if (*ret_fd < 0)
    return error_set_errno(err, errno, "%s", path);
  if (flock(*ret_fd, LOCK_EX | LOCK_NB) < 0)
    return errno == EWOULDBLOCK
               ? error_set(err, SW_EIO,
                           "another update of %s is under way; try again when it has "
                           "ended",
                           u->db)
               : error_set_errno(err, errno, "locking %s", path);
  return 0;
}

static int fetch_and_build(struct update *u, struct error *err)
{
  static const struct http_client_options http = {.total_ms = 300000};
  _cleanup_(file_closep) int lock = -1;
  int rc = choose(u, err);
  if (rc == 0)
    rc = db_make_folders(arena_printf(&u->arena, "%.*s/x", STR_FMT(u->folder)).data, err);
  if (rc == 0)
    rc = lock_folder(u, &lock, err);
  if (rc == 0)
    rc = http_client_new(&http, &u->client, err);
  if (rc < 0)
    return rc;
  fetch_all(u);
  http_client_free(u->client);
  return build(u, err);
}

static int take_bundle(struct update *u, const char *bundle, struct error *err)
{
  const char *key = arguments_value(u->args, "key");
  if (!key)
    return error_set(err, SW_EUSAGE,
                     "--from needs --key, the public key of whoever made the bundle");
  int rc = db_make_folders(u->db, err);
  if (rc == 0)
    rc = db_bundle_install(bundle, key, u->db, err);
  if (rc == 0)
    tell("%s is the bundle's\n", u->db);
  return rc;
}

static int update(struct update *u, struct error *err)
{
  _cleanup_(buf_free) struct buf place = {0};
  const char *bundle = arguments_value(u->args, "from");
  char now[CLOCK_TEXT];
  int rc = 0;
  u->db = arguments_value(u->args, "db");
  if (!u->db) {
    rc = advisory_database_place(&place, err);
    u->db = buf_text(&place);
  }
  if (rc < 0)
    return rc;
  u->folder = arena_printf(&u->arena, "%s.sources", u->db);
  u->now = arena_copy(&u->arena, clock_format(clock_wall_seconds(clock_system()), now));
  return bundle ? take_bundle(u, bundle, err) : fetch_and_build(u, err);
}

static int run(const struct arguments *args)
{
  struct update u = {.args = args};
  struct error err;
  arena_init(&u.arena, 0);
  int rc = update(&u, &err);
  if (rc < 0)
    console_error(&err);
  vec_free(&u.known);
  vec_free(&u.chosen);
  arena_free(&u.arena);
  return rc < 0 || u.failed ? STATUS_FAILED : STATUS_OK;
}

const struct verb verb_db_update = {
    .name = "db update",
    .summary = "fetch advisories and bring the database up to date",
    .details =
        "Fetches sources of advisories (what has changed of them), and makes the database of all that\n"
        "was fetched now or before. What cannot be fetched is told, and stays as it was.\n"
        "\n"
        "Sources: almalinux alpine chainguard crates.io debian epss go hex kev maven npm nuget opensuse\n"
        "packagist pub pypi redhat rocky rubygems suse ubuntu wolfi, and distribution: on Debian and\n"
        "Ubuntu, the security fixes that the system's own mirror offers, Debian's point releases among\n"
        "them, from its signed indexes and the changelogs of the packages. It needs nothing but that\n"
        "mirror, and gpgv.\n"
        "\n"
        "Without a network, --from takes a database out of a bundle: a tar archive (zstd, gzip or plain)\n"
        "with advisories.db and its signature advisories.db.sig, which --key has to fit.\n"
        "\n"
        "Exits with 2 if a source could not be fetched, with the database made of the others.",
    .example = "  seawall db update\n"
               "  seawall db update --source distribution\n"
               "  seawall db update --source npm --mirror npm=https://mirror.example/osv/npm.zip\n"
               "  seawall db update --from bundle.tar.zst --key publisher.pem\n",
    .options = options,
    .run = run,
};
