/*
 * Orders of versions beside the tools that they follow: for each, at least 100,000 pairs, real versions from
 * advisories, their neighbours and made-up ones, put to seawall and to the tool (versions/order_*). A tool
 * that is not installed is named with the packages that bring it, and left out; without any the test is
 * skipped. The first few disagreements are printed, and each fails the test.
 */
#include "version_tools.h"

#include "base/buf.h"
#include "base/mem.h"
#include "scan/version.h"

#include <stdio.h>
#include <stdlib.h>

enum {
  PAIRS = 110000, /* both sides valid; a tenth as many come on top whatever they are */
  COMPARED_MIN = 100000,
  SHOWN = 12,
  REAL_MAX = 60000,
  REAL_LENGTH_MAX = 60,
};

struct tool {
  struct version_tool tool; /* answers with the order or E, and whether each is valid (1, 0, ?) */
  const char *order;
  const char *advisories; /* files with real versions */
  const char *separators; /* of made-up versions */
  unsigned digits_max;    /* pairs with longer numbers are left out; 0: none are */
};

static const struct tool tools[] = {
    {{"libdpkg", "cc --version && test -e /usr/include/dpkg/version.h",
      "t=$(mktemp) && cc -o $t order_dpkg.c -ldpkg -lmd && $t; s=$?; rm -f $t; exit $s",
      "libdpkg-dev and libmd-dev"},
     "dpkg",
     "ubuntu.osv debian-tracker-subset",
     "..--~~++:"},
    {{"librpm", "/usr/bin/python3 -c 'import rpm'", "/usr/bin/python3 order_rpm.py", "python3-rpm"},
     "rpm",
     "almalinux.osv",
     "..--~^+_:"},
    {{"packaging", "/usr/bin/python3 -c 'import packaging.version'",
      "/usr/bin/python3 order_pypi.py", "python3-packaging"},
     "pypi",
     "pypi.osv",
     "...-_+!"},
    {{"Gem::Version", "ruby -e 1", "ruby order_gem.rb", "ruby"},
     "gem",
     "rubygems.native",
     "....--"},
    /* node-semver computes in doubles, and is not transitive where they round. */
    {{"node-semver", "NODE_PATH=/usr/share/nodejs node -e 'require(\"semver\")'",
      "NODE_PATH=/usr/share/nodejs node order_npm.js", "nodejs and node-semver"},
     "npm",
     "npm-nodejs-security-wg.native go.osv crates.osv",
     "...---+",
     15},
    {{"x/mod/semver", "go version && test -e /usr/share/gocode/src/golang.org/x/mod/semver",
      "GO111MODULE=off GOPATH=/usr/share/gocode go run order_go.go",
      "golang-go and golang-golang-x-mod-dev"},
     "go",
     "go.osv",
     "...---+"},
    {{"ComparableVersion", "java -version && test -e /usr/share/java/maven-artifact-3.x.jar",
      "java -cp /usr/share/java/maven-artifact-3.x.jar:/usr/share/java/commons-lang3.jar "
      "OrderMaven.java",
      "default-jdk-headless and libmaven3-core-java"},
     "maven",
     "maven-sap-project-kb.native",
     "...--_"},
    {{"composer/semver", "php -r 'require \"Composer/Semver/autoload.php\";'",
      "php order_composer.php", "php-cli and php-composer-semver"},
     "composer",
     "npm-nodejs-security-wg.native rubygems.native",
     "....-_+"},
};

static const char *const words[] = {
    "alpha",
    "beta",
    "rc",
    "a",
    "b",
    "c",
    "dev",
    "post",
    "final",
    "ga",
    "sp",
    "pre",
    "p",
    "pl",
    "r",
    "rev",
    "m",
    "cr",
    "x",
    "snapshot",
    "SNAPSHOT",
    "Final",
    "RC",
    "jre",
    "el8",
    "git",
    "patch",
    "fc",
    "deb",
    "u",
    "ubuntu",
    "milestone",
    "stable",
    "v",
    "BETA",
    "z",
    "A",
    "Alpha",
    "-r",
    "dfsg",
    "incompatible",
    "release",
    "preview",
    "x-dev",
};

static const char *const numbers[] = {
    "0",
    "0",
    "0",
    "0",
    "1",
    "1",
    "1",
    "2",
    "3",
    "9",
    "10",
    "11",
    "99",
    "00",
    "01",
    "08",
    "007",
    "20",
    "2019",
    "255",
    "1000",
    "20191109",
    "64",
    "12",
    "0000000000000000000000001",
    "18446744073709551615",
    "123456789012345678901234567890",
};

struct context {
  uint64_t random;
  VEC(struct str) real;
  struct arena arena;
};

static size_t pick(struct context *c, size_t count)
{
  return version_tool_pick(&c->random, count);
}

#define PICK(c, list) (list)[pick((c), sizeof(list) / sizeof(list)[0])]

static bool is_part(char ch)
{
  return (ch >= '0' && ch <= '9') || (ch >= 'a' && ch <= 'z') || (ch >= 'A' && ch <= 'Z') ||
         (ch && strchr(".+~:^_!-", ch));
}

/* Every word of a text that begins like a version is taken for one. */
static void collect(struct context *c, struct str text)
{
  for (size_t i = 0; i < text.len && !vec_full(&c->real, REAL_MAX); i++) {
    size_t start = i;
    while (i < text.len && is_part(text.data[i]))
      i++;
    struct str word = str_sub(text, start, i - start);
    bool like = word.len && word.len <= REAL_LENGTH_MAX && word.data[0] >= '0' &&
                word.data[0] <= '9' && str_find_byte(word, 0, '.') > 0;
    if (like && !str_ends(word, STR(".")))
      vec_push(&c->real, arena_copy(&c->arena, word));
  }
}

static void read_advisories(struct context *c, const char *names)
{
  const char *shared = getenv("SEAWALL_SHARED"), *root = getenv("SEAWALL_SOURCE_ROOT");
  char line[65536], command[1024];
  for (struct str rest = str_from(names); rest.data;) {
    struct str name = str_cut(rest, ' ', &rest);
    snprintf(command, sizeof command,
             "zstd -dc %s%s/conformance/advisories/%.*s.json*.zst 2>/dev/null",
             shared ? shared
             : root ? root
                    : ".",
             shared ? "" : "/../shared", STR_FMT(name));
    FILE *in = popen(command, "r");
    while (in && fgets(line, sizeof line, in))
      collect(c, str_from(line));
    if (in)
      pclose(in);
  }
}

/* A piece of a version. */
static void make_piece(struct context *c, const struct tool *tool, struct buf *out)
{
  size_t kind = pick(c, 10);
  if (kind < 4)
    buf_add_byte(out, tool->separators[pick(c, strlen(tool->separators))]);
  if (kind < 8)
    buf_add_text(out, PICK(c, numbers));
  else
    buf_add_text(out, PICK(c, words));
}

static void make_version(struct context *c, const struct tool *tool, struct buf *out)
{
  size_t pieces = 1 + pick(c, 5);
  buf_add_text(out, PICK(c, numbers));
  if (pick(c, 3))
    buf_printf(out, ".%s.%s", PICK(c, numbers), PICK(c, numbers));
  for (size_t i = 0; i < pieces; i++)
    make_piece(c, tool, out);
}

/* The same with a piece put in, or some bytes taken out, or both. */
static void make_neighbour(struct context *c, const struct tool *tool, struct str of,
                           struct buf *out)
{
  size_t at = pick(c, of.len + 1), drop = pick(c, 3);
  buf_add(out, str_sub(of, 0, at));
  if (pick(c, 3))
    make_piece(c, tool, out);
  buf_add(out, str_sub(of, at + drop, of.len));
}

static struct str make_text(struct context *c, const struct tool *tool, struct str other)
{
  _cleanup_(buf_free) struct buf out = {0};
  size_t how = pick(c, 6);
  if (how == 0 && c->real.count)
    return c->real.items[pick(c, c->real.count)];
  if (how < 4 && other.len)
    make_neighbour(c, tool, other, &out);
  else if (how < 5 && c->real.count)
    make_neighbour(c, tool, c->real.items[pick(c, c->real.count)], &out);
  else
    make_version(c, tool, &out);
  return arena_copy(&c->arena, buf_str(&out));
}

static bool fits(const struct tool *tool, struct str text)
{
  unsigned digits = 0;
  for (size_t i = 0; i < text.len && tool->digits_max; i++) {
    digits = text.data[i] >= '0' && text.data[i] <= '9' ? digits + 1 : 0;
    if (digits > tool->digits_max)
      return false;
  }
  return text.len > 0;
}

static void make_pairs(struct context *c, const struct tool *tool, const struct version_ops *ops,
                       struct version_pairs *pairs)
{
  size_t valid = 0, any = 0;
  for (size_t tries = 0; valid < PAIRS && tries < 40 * (size_t)PAIRS; tries++) {
    struct version_pair p = {.left = make_text(c, tool, STR_EMPTY)};
    p.right = make_text(c, tool, p.left);
    if (!fits(tool, p.left) || !fits(tool, p.right))
      continue;
    if (version_valid(ops, p.left) && version_valid(ops, p.right))
      valid++;
    else if (++any > PAIRS / 10)
      continue;
    vec_push(pairs, p);
  }
}

struct tally {
  const struct tool *tool;
  const struct version_ops *ops;
  size_t compared, validated, wrong;
};

static void disagree(struct tally *t, struct version_pair p, const char *what, int ours,
                     const char *theirs)
{
  if (t->wrong++ < SHOWN)
    printf("  %s: \"%.*s\" and \"%.*s\": %s is %d here, %s there\n", t->tool->tool.name,
           STR_FMT(p.left), STR_FMT(p.right), what, ours, theirs);
}

static void check_validity(struct tally *t, struct version_pair p, const char *valid)
{
  for (unsigned i = 0; i < 2; i++) {
    bool ours = version_valid(t->ops, i ? p.right : p.left);
    if (valid[i] == '?')
      continue;
    t->validated++;
    if (ours != (valid[i] == '1'))
      disagree(t, p, i ? "validity of the second" : "validity of the first", ours, valid);
  }
}

static void check_answer(void *context, struct version_pair p, const char *answer)
{
  struct tally *t = context;
  int order = 2;
  char theirs[8] = "", valid[8] = "";
  if (sscanf(answer, "%7s %7s", theirs, valid) != 2 || strlen(valid) != 2) {
    disagree(t, p, "the answer", 0, answer);
    return;
  }
  check_validity(t, p, valid);
  bool ours = version_valid(t->ops, p.left) && version_valid(t->ops, p.right);
  if (theirs[0] == 'E' || strchr(valid, '0') || (!ours && strchr(valid, '?')))
    return;
  t->compared++;
  if (version_compare(t->ops, p.left, p.right, &order, NULL) < 0 ||
      order != (int)strtol(theirs, NULL, 10))
    disagree(t, p, "order", order, theirs);
}

/* False if anything is not as it should be. */
static bool run(const struct tool *tool)
{
  struct context c = {.random = UINT64_C(0x9e3779b97f4a7c15)};
  struct version_pairs pairs = {0};
  struct tally t = {.tool = tool, .ops = version_ops_named(str_from(tool->order))};
  arena_init(&c.arena, 0);
  read_advisories(&c, tool->advisories);
  make_pairs(&c, tool, t.ops, &pairs);
  bool answered = version_tool_ask(&tool->tool, &pairs, check_answer, &t);
  printf(
      "%s beside %s: %zu pairs compared (%zu real versions), %zu validities, %zu disagreements%s\n",
      tool->order, tool->tool.name, t.compared, c.real.count, t.validated, t.wrong,
      answered ? "" : "; the tool did not answer all");
  fflush(stdout);
  vec_free(&pairs);
  vec_free(&c.real);
  arena_free(&c.arena);
  return answered && t.wrong == 0 && t.compared >= COMPARED_MIN;
}

/* With arguments: only the tools of these orders. */
int main(int argc, char **argv)
{
  unsigned ran = 0, bad = 0;
  for (size_t i = 0; i < sizeof tools / sizeof tools[0]; i++) {
    bool wanted = argc < 2;
    for (int k = 1; k < argc; k++)
      wanted = wanted || strcmp(argv[k], tools[i].order) == 0;
    if (!wanted || !version_tool_installed(&tools[i].tool))
      continue;
    ran++;
    bad += !run(&tools[i]);
  }
  if (ran == 0)
    printf("skipped: none of the tools is installed\n");
  return ran == 0 ? VERSION_TOOLS_SKIPPED : bad ? 1 : 0;
}
