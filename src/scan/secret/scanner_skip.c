#include "scan/secret/scanner_int.h"

#include <ctype.h>

/* Formats that hold no text of their own, or packed text, which is not unpacked here. */
static const char *const skipped_extensions[] = {
    "7z",   "aac",  "ai",   "apk",   "avi",  "avif", "bmp",   "br",  "bz2",  "cab", "crl",  "deb",
    "dmg",  "doc",  "docx", "eot",   "epub", "eps",  "flac",  "flv", "gif",  "gmo", "gz",   "gzip",
    "heic", "icns", "ico",  "iso",   "jar",  "jpeg", "jpg",   "lz4", "lzma", "m4a", "mkv",  "mo",
    "mov",  "mp3",  "mp4",  "mpeg",  "mpg",  "msi",  "nupkg", "odp", "ods",  "odt", "oga",  "ogg",
    "ogv",  "otf",  "pack", "pdf",   "png",  "ppt",  "pptx",  "psd", "rar",  "rpm", "snap", "svg",
    "tgz",  "tif",  "tiff", "ttc",   "ttf",  "txz",  "war",   "ear", "wasm", "wav", "webm", "webp",
    "whl",  "wmv",  "woff", "woff2", "xls",  "xlsx", "xpm",   "xz",  "zip",  "zst", "egg",  "gem",
};

/* Lists of packages and checksums: long, written by programs, full of what looks random. */
static const char *const skipped_names[] = {
    "Cargo.lock",
    "Gemfile.lock",
    "Package.resolved",
    "Pipfile.lock",
    "Podfile.lock",
    "bun.lock",
    "bun.lockb",
    "composer.lock",
    "conan.lock",
    "deno.lock",
    "flake.lock",
    "go.mod",
    "go.sum",
    "go.work.sum",
    "gradle.lockfile",
    "mix.lock",
    "npm-shrinkwrap.json",
    "package-lock.json",
    ".package-lock.json",
    "packages.lock.json",
    "pdm.lock",
    "pnpm-lock.yaml",
    "poetry.lock",
    "pubspec.lock",
    "uv.lock",
    "yarn.lock",
    "RECORD",
    "SHASUMS256.txt",
    "mvnw",
    "gradlew",
};

/* Databases of package managers, and what is generated from them. */
static const char *const skipped_beginnings[] = {
    "var/lib/dpkg/",         "var/lib/rpm/",
    "usr/lib/sysimage/rpm/", "lib/apk/db/",
    "var/lib/apt/lists/",    "usr/share/locale/",
    "usr/share/zoneinfo/",   "usr/share/i18n/",
    "usr/share/mime/",       "usr/share/fonts/",
    "usr/share/icons/",      "usr/share/man/",
    "etc/ssl/certs/",        "usr/share/ca-certificates/",
    "usr/share/unicode/",
};

/* Directories in which examples stand, or what others wrote and everybody has. */
static const char *const test_directories[] = {
    "__tests__",     "doc",       "docs",     "example",          "examples",  "fixture",
    "fixtures",      "mock",      "mocks",    "node_modules",     "sample",    "samples",
    "specs",         "test",      "testdata", "testing",          "tests",     "site-packages",
    "dist-packages", "testsuite", "gems",     "bower_components", "test-data",
};

static const char *const test_beginnings[] = {
    "usr/share/doc/",
    "usr/share/perl",
    "usr/lib/python3",
    "usr/local/lib/python3",
    "usr/lib/go",
    "usr/local/go/",
    "usr/include/",
    "usr/share/vim/",
    "usr/lib/ruby/",
    "usr/share/gtk-doc/",
    "usr/share/bash-completion/",
    "usr/share/zsh/",
    "usr/lib/x86_64-linux-gnu/perl",
    "usr/lib/aarch64-linux-gnu/perl",
    "usr/share/nodejs/",
    "usr/share/info/",
};

/* Endings of names that say the same. */
static const char *const test_endings[] = {
    ".md",       ".markdown", ".rst",     ".adoc",    ".example", ".sample",  ".dist",
    ".template", ".tmpl",     "_test.go", ".test.js", ".test.ts", ".spec.js", ".spec.ts",
    "_test.py",  "_spec.rb",  ".html",    ".htm",     ".tpl",     ".j2",      ".css",
    ".map",      ".min.js",   ".po",      ".pot",
};

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static struct str base_of(struct str path)
{
  return str_sub(path, (size_t)(str_find_last_byte(path, '/') + 1), path.len);
}

static bool is_one_of(struct str text, const char *const *list, size_t count)
{
  for (size_t i = 0; i < count; i++)
    if (str_eq_nocase(text, str_from(list[i])))
      return true;
  return false;
}

static bool begins_with_one(struct str text, const char *const *list, size_t count)
{
  for (size_t i = 0; i < count; i++)
    if (str_starts(text, str_from(list[i])))
      return true;
  return false;
}

static bool ends_with_one(struct str text, const char *const *list, size_t count)
{
  for (size_t i = 0; i < count; i++)
    if (str_ends(text, str_from(list[i])))
      return true;
  return false;
}

bool scanner_path_wanted(struct str path)
{
  struct str base = base_of(path);
  ptrdiff_t dot = str_find_last_byte(base, '.');
  if (dot > 0 && is_one_of(str_sub(base, (size_t)dot + 1, base.len), skipped_extensions,
                           COUNT(skipped_extensions)))
    return false;
  return !is_one_of(base, skipped_names, COUNT(skipped_names)) &&
         !begins_with_one(path, skipped_beginnings, COUNT(skipped_beginnings));
}

bool scanner_path_of_tests(struct str path)
{
  struct str base = base_of(path);
  if (ends_with_one(base, test_endings, COUNT(test_endings)) || str_starts(base, STR("test_")) ||
      begins_with_one(path, test_beginnings, COUNT(test_beginnings)))
    return true;
  for (struct str rest = str_sub(path, 0, path.len - base.len); rest.data;)
    if (is_one_of(str_cut(rest, '/', &rest), test_directories, COUNT(test_directories)))
      return true;
  return false;
}

static const struct {
  struct str bytes;
  size_t at;
} packed[] = {
    {STR_INIT("\x89PNG"), 0},
    {STR_INIT("\xff\xd8\xff"), 0},
    {STR_INIT("GIF8"), 0},
    {STR_INIT("\x1f\x8b"), 0},
    {STR_INIT("PK\x03\x04"), 0},
    {STR_INIT("\xfd\x37zXZ"), 0},
    {STR_INIT("BZh"), 0},
    {STR_INIT("\x28\xb5\x2f\xfd"), 0},
    {STR_INIT("7z\xbc\xaf"), 0},
    {STR_INIT("Rar!"), 0},
    {STR_INIT("%PDF-"), 0},
    {STR_INIT("wOFF"), 0},
    {STR_INIT("wOF2"), 0},
    {STR_INIT("OTTO"), 0},
    {STR_INIT("\0\1\0\0\0"), 0},
    {STR_INIT("OggS"), 0},
    {STR_INIT("ID3"), 0},
    {STR_INIT("fLaC"), 0},
    {STR_INIT("\xed\xab\xee\xdb"), 0},
    {STR_INIT("\x04\x22\x4d\x18"), 0},
    {STR_INIT("ftyp"), 4},
    {STR_INIT("WEBP"), 8},
    {STR_INIT("\xde\x12\x04\x95"), 0},
};

/* By first bytes; then, as grep does it, a zero byte makes a file binary. */
enum scanner_content scanner_content_of(struct str head)
{
  head = str_sub(head, 0, SECRET_HEAD);
  for (size_t i = 0; i < COUNT(packed); i++)
    if (str_starts(str_sub(head, packed[i].at, head.len), packed[i].bytes))
      return SCANNER_PACKED;
  return str_find_byte(head, 0, 0) >= 0 ? SCANNER_BINARY : SCANNER_TEXT;
}
