/*
 * Requirements beside the tools whose grammar they are (versions/match_*): made-up requirements, each with
 * a version that is close to what it names. For npm both ways of judging pre-releases are held together.
 */
#include "version_tools.h"

#include "base/arena.h"
#include "base/buf.h"
#include "scan/version_requirement.h"

#include <stdio.h>

enum { PAIRS = 200000, COMPARED_MIN = 100000, SHOWN = 12 };

struct grammar {
  struct version_tool tool; /* answers with E or two flags: without and with pre-releases */
  const char *order;
  const char *const *signs;
  const char *between; /* comparisons */
  const char *alternatives;
  bool partial; /* versions may be short or hold an x */
};

static const char *const npm_signs[] = {"",  "<",  "<=", ">",  ">=",  "=",    "~",  "^",
                                        "^", "~>", "~",  "^ ", ">= ", "<= v", "=v", NULL};
static const char *const gem_signs[] = {"",    "<",   "<=", ">",  ">=", "=", "~>",
                                        "~> ", ">= ", "!=", "< ", "==", NULL};

static const struct grammar grammars[] = {
    {{"node-semver's ranges", "NODE_PATH=/usr/share/nodejs node -e 'require(\"semver\")'",
      "NODE_PATH=/usr/share/nodejs node match_npm.js", "nodejs and node-semver"},
     "npm",
     npm_signs,
     " ",
     "||",
     true},
    {{"Gem::Requirement", "ruby -e 1", "ruby match_gem.rb", "ruby"},
     "gem",
     gem_signs,
     ",",
     NULL,
     false},
};

struct context {
  uint64_t random;
  const struct grammar *grammar;
  const struct version_ops *ops;
  struct arena arena;
  size_t compared, matched, refused, wrong;
};

static size_t pick(struct context *c, size_t count)
{
  return version_tool_pick(&c->random, count);
}

static void add_number(struct context *c, struct buf *out, bool x)
{
  static const char *const xs[] = {"x", "X", "*"};
  if (x && pick(c, 8) == 0)
    buf_add_text(out, xs[pick(c, 3)]);
  else
    buf_add_u64(out, pick(c, 3));
}

static void add_version(struct context *c, struct buf *out, bool partial)
{
  static const char *const ends[] = {"-0", "-a", "-a.1", "-rc.2", "-1", "-rc", "+b1", "-a+b"};
  static const char *const gem_ends[] = {".a", ".pre", "-rc1", ".a.1", ".rc2", "-0", ".0", ".1.0"};
  size_t numbers = partial ? 1 + pick(c, 3) : 3;
  bool npm = c->grammar->partial;
  if (!npm)
    numbers = 1 + pick(c, 4);
  for (size_t i = 0; i < numbers; i++) {
    if (i)
      buf_add_byte(out, '.');
    add_number(c, out, partial);
  }
  if (pick(c, 3) == 0)
    buf_add_text(out, (npm ? ends : gem_ends)[pick(c, 8)]);
}

static void add_comparison(struct context *c, struct buf *out)
{
  size_t signs = 0;
  while (c->grammar->signs[signs])
    signs++;
  buf_add_text(out, c->grammar->signs[pick(c, signs)]);
  add_version(c, out, c->grammar->partial);
}

static void add_requirement(struct context *c, struct buf *out)
{
  size_t alternatives = c->grammar->alternatives ? 1 + pick(c, 4) / 2 : 1;
  for (size_t i = 0; i < alternatives; i++) {
    size_t comparisons = 1 + pick(c, 3) / 2;
    buf_add_text(out, i ? c->grammar->alternatives : "");
    if (c->grammar->partial && pick(c, 6) == 0) {
      add_version(c, out, true);
      buf_add_text(out, " - ");
      add_version(c, out, true);
      continue;
    }
    for (size_t k = 0; k < comparisons; k++) {
      buf_add_text(out, k ? c->grammar->between : "");
      add_comparison(c, out);
    }
  }
}

static struct str make(struct context *c, void (*add)(struct context *c, struct buf *out))
{
  _cleanup_(buf_free) struct buf out = {0};
  add(c, &out);
  return arena_copy(&c->arena, buf_str(&out));
}

static void add_whole_version(struct context *c, struct buf *out)
{
  add_version(c, out, false);
}

/* Two letters as the tool writes them, or "E". */
static const char *judge(struct context *c, struct version_pair p, char ret[static 3])
{
  struct version version;
  struct version_requirement requirement;
  memcpy(ret, "00", 3);
  if (version_parse(c->ops, p.right, &c->arena, &version, NULL) < 0)
    return "no version";
  for (unsigned i = 0; i < 2; i++) {
    if (version_requirement_parse(c->ops, p.left, i ? VERSION_PRERELEASES : 0, &c->arena,
                                  &requirement, NULL) < 0)
      return "E";
    ret[i] = version_requirement_matches(&requirement, version) ? '1' : '0';
  }
  return ret;
}

static void check_answer(void *context, struct version_pair p, const char *answer)
{
  struct context *c = context;
  char ours[3];
  const char *said = judge(c, p, ours);
  struct str theirs = str_trim(str_from(answer));
  c->compared++;
  c->matched += theirs.data[0] == '1';
  c->refused += theirs.data[0] == 'E';
  if (!str_eq(str_from(said), theirs) && c->wrong++ < SHOWN)
    printf("  \"%.*s\" and %.*s: %s here, %.*s there\n", STR_FMT(p.left), STR_FMT(p.right), said,
           STR_FMT(theirs));
}

/* node-semver takes ">=0.0-0" for ">=0.0.0": the dots of that pattern of its stand for any character. */
static bool is_defect(struct str requirement)
{
  return str_find(requirement, 0, STR("=0.0-0")) >= 0 ||
         str_find(requirement, 0, STR("= 0.0-0")) >= 0;
}

static bool run(const struct grammar *grammar)
{
  struct context c = {.random = UINT64_C(0x2545f4914f6cdd1d), .grammar = grammar};
  struct version_pairs pairs = {0};
  c.ops = version_ops_named(str_from(grammar->order));
  arena_init(&c.arena, 0);
  for (size_t i = 0; i < PAIRS; i++) {
    struct version_pair p = {make(&c, add_requirement), make(&c, add_whole_version)};
    if (!is_defect(p.left))
      vec_push(&pairs, p);
  }
  bool answered = version_tool_ask(&grammar->tool, &pairs, check_answer, &c);
  printf("%s: %zu pairs compared, %zu match, %zu refused, %zu disagreements%s\n",
         grammar->tool.name, c.compared, c.matched, c.refused, c.wrong,
         answered ? "" : "; the tool did not answer all");
  vec_free(&pairs);
  arena_free(&c.arena);
  return answered && c.wrong == 0 && c.compared - c.refused >= COMPARED_MIN;
}

int main(void)
{
  unsigned ran = 0, bad = 0;
  for (size_t i = 0; i < sizeof grammars / sizeof grammars[0]; i++) {
    if (!version_tool_installed(&grammars[i].tool))
      continue;
    ran++;
    bad += !run(&grammars[i]);
  }
  if (ran == 0)
    printf("skipped: none of the tools is installed\n");
  return ran == 0 ? VERSION_TOOLS_SKIPPED : bad ? 1 : 0;
}
