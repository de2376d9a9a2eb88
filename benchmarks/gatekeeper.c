/*
 * What Gatekeeper's policies cost on one admission review: CPU microseconds to parse the review and
 * to decide it.
 *
 *     gatekeeper [SHARED] [ROUNDS]      (../shared and 7)
 *
 * 1. All pod-security-policy templates of Gatekeeper's library, each with its first sample
 *    constraint, on a review that is allowed by most and one that is denied. Goal: 60 µs together.
 *    The reference is parsing alone.
 * 2. Of 10,000 constraints, 10 match: the review, beside those 10 alone. Goal: twice as much at most.
 *    The others differ by kind, namespace, name or label; by turns.
 *
 * Rounds take turns; the least of them counts.
 */
#include "policy/gatekeeper.h"
#include "base/buf.h"
#include "base/file.h"
#include "base/mem.h"
#include "data/json.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <time.h>

enum { REPETITIONS = 2000, MANY = 10000, FEW = 10 };

static double cpu_us(void)
{
  struct timespec t;
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
  return (double)t.tv_sec * 1e6 + (double)t.tv_nsec / 1e3;
}

__attribute__((noreturn)) static void die(const struct error *err)
{
  fprintf(stderr, "%s\n", err->message);
  exit(1);
}

static void finish(struct gatekeeper *g)
{
  struct error err;
  if (gatekeeper_finish(g, &err) < 0)
    die(&err);
}

/* ---- policies */

/* What `find DIR -name NAME` would say first, below each folder of the library. */
static void load_library(struct gatekeeper *g, const char *folder)
{
  _cleanup_(buf_free) struct buf command = {0};
  buf_printf(&command,
             "for d in '%s'/*/; do echo \"${d}template.yaml\"; "
             "ls \"$d\"samples/*/constraint*.yaml | head -n 1; done",
             folder);
  FILE *list = popen(buf_text(&command), "r");
  char line[4096];
  struct error err;
  while (list && fgets(line, sizeof line, list)) {
    line[strcspn(line, "\n")] = 0;
    if (gatekeeper_load(g, line, NULL, &err) < 0)
      die(&err);
  }
  if (list)
    pclose(list);
  finish(g);
}

static const char template_text[] =
    "{'apiVersion':'templates.gatekeeper.sh/v1','kind':'ConstraintTemplate','metadata':{'name':"
    "'benchlabels'},'spec':{'crd':{'spec':{'names':{'kind':'BenchLabels'},'validation':{"
    "'openAPIV3Schema':{'type':'object','properties':{'labels':{'type':'array','items':{'type':"
    "'string'}}}}}}},'targets':[{'target':'admission.k8s.gatekeeper.sh','rego':'package "
    "benchlabels\\nviolation[{\\\"msg\\\": msg}] {\\n  provided := {l | "
    "input.review.object.metadata.labels[l]}\\n  required := {l | l := "
    "input.parameters.labels[_]}\\n  missing := required - provided\\n  count(missing) > 0\\n  msg "
    ":= sprintf(\\\"missing: %v\\\", [missing])\\n}'}]}}";

enum difference {
  BY_KIND,
  BY_NAMESPACE,
  BY_NAMESPACE_PREFIX,
  BY_NAME,
  BY_LABEL,
  BY_NAMESPACE_LABEL,
  DIFFERENCES,
};

static struct kube_object object_of(struct arena *arena, const char *quoted)
{
  struct kube_object object;
  struct value document;
  struct error err;
  struct str text = arena_copy(arena, str_from(quoted));
  for (char *c = (char *)(uintptr_t)text.data; *c; c++)
    *c = *c == '\'' ? '"' : *c;
  if (json_parse(arena, text, NULL, &document, &err) < 0)
    die(&err);
  kube_object_read(document, (struct value_position){0}, &object);
  return object;
}

static void add_text(struct gatekeeper *g, const char *quoted)
{
  struct arena arena;
  struct error err;
  arena_init(&arena, 0);
  struct kube_object object = object_of(&arena, quoted);
  if (gatekeeper_add(g, &object, STR("bench"), &err) < 0)
    die(&err);
  arena_free(&arena);
}

/* The Namespace of the review. */
static struct gatekeeper_inventory *make_inventory(const struct gatekeeper *g)
{
  struct arena arena;
  struct error err;
  struct gatekeeper_inventory *inventory = gatekeeper_inventory_new(g);
  arena_init(&arena, 0);
  struct kube_object object = object_of(
      &arena, "{'apiVersion':'v1','kind':'Namespace','metadata':{'name':'payments','labels':{"
              "'team':'payments'}}}");
  if (gatekeeper_inventory_add(inventory, &object, &err) < 0)
    die(&err);
  gatekeeper_inventory_finish(inventory);
  arena_free(&arena);
  return inventory;
}

/* What sets apart a constraint that does not match, with '#' for its number; NULL: its kind. */
static const char *const parts[DIFFERENCES] = {
    [BY_NAMESPACE] = ",'namespaces':['team-#']",
    [BY_NAMESPACE_PREFIX] = ",'namespaces':['team-#-*']",
    [BY_NAME] = ",'name':'pod-#'",
    [BY_LABEL] = ",'labelSelector':{'matchLabels':{'app':'app-#'}}",
    [BY_NAMESPACE_LABEL] = ",'namespaceSelector':{'matchLabels':{'team':'team-#'}}",
};

static void add_part(struct buf *out, const char *part, unsigned number)
{
  for (; *part; part++)
    if (*part == '#')
      buf_add_u64(out, number);
    else
      buf_add_byte(out, *part);
}

/* `count` constraints, of which FEW match; the others are for another namespace, kind or label. */
static struct gatekeeper *make_many(unsigned count, enum difference difference)
{
  struct gatekeeper *g = gatekeeper_new(NULL);
  _cleanup_(buf_free) struct buf text = {0};
  add_text(g, template_text);
  for (unsigned i = 0; i < count; i++) {
    bool match = i < FEW;
    buf_clear(&text);
    buf_printf(&text,
               "{'apiVersion':'constraints.gatekeeper.sh/v1beta1','kind':'BenchLabels','metadata':"
               "{'name':'c%u'},'spec':{'parameters':{'labels':['owner','c%u']},'match':{",
               i, i);
    if (match || difference != BY_KIND)
      buf_add_text(&text, "'kinds':[{'apiGroups':[''],'kinds':['Pod']}]");
    else
      buf_printf(&text, "'kinds':[{'apiGroups':['g%u.example.com'],'kinds':['Kind%u']}]", i % 100,
                 i % 300);
    if (!match && parts[difference])
      add_part(&text, parts[difference], i);
    buf_add_text(&text, "}}}");
    add_text(g, buf_text(&text));
  }
  finish(g);
  return g;
}

/* ---- measuring */

struct load {
  struct gatekeeper *g;
  struct gatekeeper_worker *worker;
  struct gatekeeper_inventory *inventory; /* with the review's Namespace; NULL: none */
  struct str text;
  double parse, both; /* least CPU microseconds of a review */
  uint32_t matched, violations, failed;
};

static struct value parse(const struct load *l, struct arena *arena)
{
  struct json_options options = {.symbols = gatekeeper_symbols(l->g)};
  struct value root;
  struct error err;
  if (json_parse(arena, l->text, &options, &root, &err) < 0)
    die(&err);
  return root;
}

static void decide(struct load *l, struct arena *arena)
{
  struct gatekeeper_review review = {.point = GATEKEEPER_POINT_WEBHOOK, .inventory = l->inventory};
  struct gatekeeper_decision decision;
  struct error err;
  review.request = value_get_str(parse(l, arena), STR("request"));
  if (gatekeeper_decide(l->worker, arena, &review, &decision, &err) < 0)
    die(&err);
  l->matched = decision.matched;
  l->violations = decision.count;
  l->failed = 0;
  for (uint32_t i = 0; i < decision.count; i++)
    l->failed += decision.items[i].failed;
}

static void least(double *io, double figure)
{
  if (*io == 0 || figure < *io)
    *io = figure;
}

static void measure(struct load *l, struct arena *arena)
{
  double start = cpu_us();
  for (unsigned i = 0; i < REPETITIONS; i++) {
    parse(l, arena);
    arena_reset(arena);
  }
  least(&l->parse, (cpu_us() - start) / REPETITIONS);
  start = cpu_us();
  for (unsigned i = 0; i < REPETITIONS; i++) {
    decide(l, arena);
    arena_reset(arena);
  }
  least(&l->both, (cpu_us() - start) / REPETITIONS);
}

static void measure_all(struct load *loads, size_t count, unsigned rounds)
{
  struct arena arena;
  arena_init(&arena, 0);
  for (unsigned r = 0; r < rounds; r++)
    for (size_t i = 0; i < count; i++)
      measure(&loads[i], &arena);
  arena_free(&arena);
}

static void run_library(const char *shared, struct str allow, struct str deny, unsigned rounds)
{
  struct gatekeeper *g = gatekeeper_new(NULL);
  _cleanup_(buf_free) struct buf folder = {0};
  buf_printf(&folder, "%s/conformance/gatekeeper/pod-security-policy", shared);
  load_library(g, buf_text(&folder));
  struct load loads[] = {{.g = g, .text = allow}, {.g = g, .text = deny}};
  for (size_t i = 0; i < 2; i++)
    loads[i].worker = gatekeeper_worker_new(g);
  measure_all(loads, 2, rounds);
  printf("%zu templates, %zu constraints of the pod security policies\n",
         gatekeeper_template_count(g), gatekeeper_constraint_count(g));
  for (size_t i = 0; i < 2; i++)
    printf("  %-7s parse %5.1f us, parse and decide %6.1f us (%.1f times parsing); %u matched, "
           "%u violations, %u failed; goal 60\n",
           i ? "denied" : "allowed", loads[i].parse, loads[i].both, loads[i].both / loads[i].parse,
           loads[i].matched, loads[i].violations, loads[i].failed);
  for (size_t i = 0; i < 2; i++)
    gatekeeper_worker_free(loads[i].worker);
  gatekeeper_free(g);
}

static void run_many(struct str text, enum difference difference, const char *title,
                     unsigned rounds)
{
  struct load loads[2] = {{.text = text}, {.text = text}};
  for (size_t i = 0; i < 2; i++) {
    loads[i].g = make_many(i ? MANY : FEW, difference);
    loads[i].worker = gatekeeper_worker_new(loads[i].g);
    loads[i].inventory = make_inventory(loads[i].g);
  }
  measure_all(loads, 2, rounds);
  printf("  %-12s %u alone %6.1f us, of %u %6.1f us: %.2f times (goal 2.00); %u and %u matched\n",
         title, FEW, loads[0].both, MANY, loads[1].both, loads[1].both / loads[0].both,
         loads[0].matched, loads[1].matched);
  for (size_t i = 0; i < 2; i++) {
    gatekeeper_inventory_free(loads[i].inventory);
    gatekeeper_worker_free(loads[i].worker);
    gatekeeper_free(loads[i].g);
  }
}

static struct str read_review(const char *shared, const char *name, struct buf *ret)
{
  _cleanup_(buf_free) struct buf path = {0};
  struct error err;
  buf_printf(&path, "%s/bench/admission/%s", shared, name);
  if (file_read(buf_text(&path), 1 << 20, ret, &err) < 0)
    die(&err);
  return buf_str(ret);
}

int main(int argc, char **argv)
{
  const char *shared = argc > 1 ? argv[1] : "../shared";
  unsigned rounds = argc > 2 ? (unsigned)strtoul(argv[2], NULL, 10) : 7;
  _cleanup_(buf_free) struct buf allow = {0}, deny = {0};
  struct stat st;
  if (stat(shared, &st) < 0) {
    printf("skipped: %s is not there\n", shared);
    return 77;
  }
  struct str allow_text = read_review(shared, "review-allow.json", &allow);
  struct str deny_text = read_review(shared, "review-deny.json", &deny);
  run_library(shared, allow_text, deny_text, rounds);
  printf("%u constraints of which %u match, parse and decide\n", MANY, FEW);
  static const char *const titles[DIFFERENCES] = {"kind", "namespace", "namespace*",
                                                  "name", "pod label", "ns label"};
  for (int i = 0; i < DIFFERENCES; i++)
    run_many(allow_text, (enum difference)i, titles[i], rounds);
  return 0;
}
