/*
 * Pods with the answers of Kubernetes' own Pod Security admission: cases.jsonl holds one a line,
 * with level, version, the check that must fail, and, where one was taken, the message of a real
 * API server. Every pod goes through the admission interface and through the scan of manifests.
 */
#include "policy/podsecurity.h"
#include "base/file.h"
#include "data/json.h"
#include "data/pointer.h"
#include "finding/finding.h"
#include "kube/keys.h"
#include "kube/object.h"
#include "kube/pod.h"
#include "policy/podsecurity_scan.h"

#include <ctype.h>

enum { SKIPPED = 77, CASES_SIZE_MAX = 64 << 20, NAMED_MAX = 20 };

struct tally {
  unsigned verdicts, verdicts_right;
  unsigned messages, messages_right;
  unsigned scans, scans_right;
  unsigned named; /* misses told by name so far */
};

struct test_case {
  struct str name, level, version, check;
  bool allowed;
  struct value pod;
  struct value_position position; /* of the pod */
  struct str message;             /* empty: none taken */
};

static void miss(struct tally *t, const struct test_case *c, const char *what, struct str is,
                 struct str expected)
{
  if (t->named++ < NAMED_MAX)
    printf("%.*s: %s\n  is       %.*s\n  expected %.*s\n", STR_FMT(c->name), what, STR_FMT(is),
           STR_FMT(expected));
}

static struct str text_of(struct value line, struct str key)
{
  return value_str_or_empty(value_get_str(line, key));
}

static struct test_case read_case(struct value line)
{
  int64_t pod = value_find(line, value_from("pod"));
  struct test_case c = {
      .name = text_of(line, STR("case")),
      .level = text_of(line, STR("level")),
      .version = text_of(line, STR("version")),
      .check = text_of(line, STR("check")),
      .allowed = str_eq(text_of(line, STR("expect")), STR("allowed")),
      .message = text_of(line, STR("message")),
  };
  if (pod >= 0) {
    c.pod = line.members[pod].value;
    c.position = value_position(line, (uint32_t)pod);
  }
  return c;
}

static void test_admission(struct tally *t, const struct test_case *c,
                           struct podsecurity_target target, struct arena *arena)
{
  struct podsecurity_pod pod = {
      .metadata = value_get(c->pod, kube_key(KUBE_METADATA)),
      .spec = value_get(c->pod, kube_key(KUBE_SPEC)),
      .is_pod = true,
  };
  struct podsecurity_result result;
  _cleanup_(buf_free) struct buf message = {0};
  podsecurity_evaluate(target, &pod, arena, &result);
  podsecurity_message(&message, STR("pods"), STR("test"), target, &result);
  t->verdicts++;
  if (result.allowed == c->allowed && podsecurity_allows(target, &pod) == c->allowed &&
      result.fault_count == 0)
    t->verdicts_right++;
  else
    miss(t, c, "verdict", buf_str(&message), c->allowed ? STR("allowed") : STR("denied"));
  if (!c->message.len)
    return;
  t->messages++;
  if (str_eq(buf_str(&message), c->message))
    t->messages_right++;
  else
    miss(t, c, "message", buf_str(&message), c->message);
}

/* The check of a finding in the cases' spelling: all small letters. */
static bool finding_is_of(const struct finding *f, struct str check)
{
  char name[64];
  struct str of =
      podsecurity_check_name((enum podsecurity_check_id)(f->rule - podsecurity_rules()));
  for (size_t i = 0; i < of.len && i < sizeof name; i++)
    name[i] = (char)tolower((unsigned char)of.data[i]);
  struct str lower = str_make(name, of.len);
  /* what breaks baseline already has the baseline check's rule at level restricted too */
  return str_eq(lower, check) ||
         (str_eq(check, STR("procmount_restricted")) && str_eq(lower, STR("procmount"))) ||
         (str_eq(check, STR("capabilities_restricted")) &&
          str_eq(lower, STR("capabilities_baseline"))) ||
         (str_eq(check, STR("seccompprofile_restricted")) &&
          str_eq(lower, STR("seccompprofile_baseline"))) ||
         (str_eq(check, STR("restrictedvolumes")) && str_eq(lower, STR("hostpathvolumes")));
}

static bool position_is_real(const struct finding *f, const struct test_case *c)
{
  struct pointer_place place;
  return f->location.line != 0 && f->location.column != 0 &&
         pointer_find(c->pod, f->location.pointer, &place, NULL) == 0;
}

static void test_scan(struct tally *t, const struct test_case *c, struct podsecurity_target target,
                      struct arena *arena)
{
  struct finding_list findings;
  struct kube_object object;
  struct location place = {.file = STR("cases.jsonl")};
  bool named = false, placed = true;
  finding_list_init(&findings, arena);
  t->scans++;
  if (!kube_object_read(c->pod, c->position, &object) ||
      podsecurity_scan(&findings, &object, target, &place) != 1) {
    miss(t, c, "scan", STR("no pod"), STR("one pod"));
    return;
  }
  for (size_t i = 0; i < findings.count; i++) {
    named = named || finding_is_of(&findings.items[i], c->check);
    placed = placed && position_is_real(&findings.items[i], c);
  }
  if (c->allowed ? findings.count == 0 : named && placed)
    t->scans_right++;
  else
    miss(t, c, "scan", findings.count ? findings.items[0].message : STR("no finding"),
         c->allowed ? STR("no finding") : c->check);
}

static int test_line(struct tally *t, struct str line, uint32_t number,
                     const struct symbols *symbols, struct arena *arena, struct error *err)
{
  struct json_options options = {.symbols = symbols, .positions = true};
  struct podsecurity_target target;
  struct value root;
  int r = json_parse(arena, line, &options, &root, err);
  if (r < 0)
    return error_wrap(err, "line %u", number);
  struct test_case c = read_case(root);
  r = podsecurity_level_parse(c.level, &target.level, err);
  if (r < 0)
    return error_wrap(err, "line %u: level", number);
  r = podsecurity_version_parse(c.version, &target.minor, err);
  if (r < 0)
    return error_wrap(err, "line %u: version", number);
  test_admission(t, &c, target, arena);
  test_scan(t, &c, target, arena);
  return 0;
}

static int test_cases(struct str text, struct tally *t, struct error *err)
{
  _cleanup_(symbols_freep) struct symbols *symbols = kube_symbols_new();
  struct arena arena;
  uint32_t number = 0;
  int r = 0;
  arena_init(&arena, 0);
  while (text.data && r >= 0) {
    struct str line = str_trim(str_cut(text, '\n', &text));
    number++;
    if (line.len)
      r = test_line(t, line, number, symbols, &arena, err);
    arena_reset(&arena);
  }
  arena_free(&arena);
  return r;
}

/* Where the cases lie: $SEAWALL_SHARED, or beside the source tree. */
static void find_cases(struct buf *path)
{
  const char *shared = getenv("SEAWALL_SHARED");
  const char *root = getenv("SEAWALL_SOURCE_ROOT");
  if (shared && *shared)
    buf_add_text(path, shared);
  else
    buf_printf(path, "%s/../shared", root && *root ? root : ".");
  buf_add_text(path, "/conformance/podsecurity/cases.jsonl");
}

int main(void)
{
  _cleanup_(buf_free) struct buf path = {0};
  _cleanup_(buf_free) struct buf text = {0};
  struct tally t = {0};
  struct error err;
  find_cases(&path);
  int r = file_read(buf_text(&path), CASES_SIZE_MAX, &text, &err);
  if (r == SW_ENOENT) {
    printf("skipped: %s; set SEAWALL_SHARED to the folder that holds conformance/podsecurity\n",
           err.message);
    return SKIPPED;
  }
  if (r >= 0)
    r = test_cases(buf_str(&text), &t, &err);
  if (r < 0) {
    printf("%s: %s\n", buf_text(&path), err.message);
    return 1;
  }
  printf("podsecurity verdicts %u of %u\n", t.verdicts_right, t.verdicts);
  printf("podsecurity messages %u of %u\n", t.messages_right, t.messages);
  printf("podsecurity scans %u of %u\n", t.scans_right, t.scans);
  bool all = t.verdicts && t.messages && t.verdicts_right == t.verdicts &&
             t.messages_right == t.messages && t.scans_right == t.scans;
  return all ? 0 : 1;
}
