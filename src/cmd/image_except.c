#include "cmd/image_except.h"

#include "base/file.h"
#include "scan/license.h"

#include <unistd.h>

enum { IDS_MAX = 64 };

/* ---- reading */

static int load_ignored(struct image_except *except, const char *path, struct str today,
                        struct error *err)
{
  _cleanup_(buf_free) struct buf text = {0};
  int rc = file_read(path, IGNORE_SIZE_MAX, &text, err);
  if (rc < 0)
    return rc;
  except->ignored_path = arena_copy(&except->arena, str_from(path));
  return ignore_file_load(&except->arena, except->ignored_path,
                          arena_copy(&except->arena, buf_str(&text)), today, &except->ignored, err);
}

static int read_ignored(struct image_except *except, const struct scan_common *common,
                        struct error *err)
{
  static const char *const usual[] = {".trivyignore", ".trivyignore.yaml"};
  const char *given = arguments_value(common->args, "ignorefile");
  struct str today = arena_copy(&except->arena, str_make(common->started, 10));
  if (given)
    return load_ignored(except, given, today, err);
  /* --no-config: nothing that merely lies here excepts anything. */
  for (size_t i = 0; i < sizeof usual / sizeof *usual; i++)
    if (!arguments_has(common->args, "no-config") && access(usual[i], F_OK) == 0)
      return load_ignored(except, usual[i], today, err);
  return 0;
}

static int read_vex(struct image_except *except, const struct arguments *args, struct error *err)
{
  for (size_t i = 0; i < args->list.count; i++) {
    const struct argument *a = &args->list.items[i];
    _cleanup_(buf_free) struct buf text = {0};
    if (strcmp(a->option->name, "vex") != 0)
      continue;
    if (!except->vex)
      except->vex = vex_set_new();
    int rc = file_read(a->value, VEX_SIZE_MAX, &text, err);
    if (rc < 0)
      return rc;
    rc = vex_set_add(except->vex, buf_str(&text), str_from(a->value), err);
    if (rc < 0)
      return error_wrap(err, "%s is no VEX document", a->value);
  }
  return 0;
}

int image_except_open(struct image_except *except, const struct scan_common *common,
                      struct error *err)
{
  *except = (struct image_except){.vex = NULL};
  arena_init(&except->arena, 0);
  int rc = read_ignored(except, common, err);
  return rc < 0 ? rc : read_vex(except, common->args, err);
}

void image_except_close(struct image_except *except)
{
  vex_set_free(except->vex);
  arena_free(&except->arena);
}

/* ---- asking */

/* What the tools that an ignore file may have been written for call the same. */
static size_t add_foreign_ids(const struct image_except *except, const struct rule *rule,
                              struct str ids[static IDS_MAX], size_t count)
{
  static const struct str tools[] = {STR_INIT("trivy"), STR_INIT("hadolint"), STR_INIT("dockle")};
  const struct secret_rule *secret = except->secrets ? secret_rules_find(except->secrets, rule->id)
                                                     : NULL;
  for (size_t i = 0; i < rule->control_count; i++)
    for (size_t k = 0; k < sizeof tools / sizeof *tools && count < IDS_MAX; k++)
      if (str_eq(rule->controls[i].framework, tools[k]))
        ids[count++] = rule->controls[i].id;
  for (size_t i = 0; secret && i < secret->also_count && count < IDS_MAX; i++)
    ids[count++] = secret->also[i];
  for (size_t i = 0; secret && i < secret->trivy_count && count < IDS_MAX; i++)
    ids[count++] = secret->trivy[i];
  return count;
}

/* A licence is listed by its own name, not by the rule that found it. */
static size_t ids_of(const struct image_except *except, const struct finding *f,
                     struct arena *arena, struct str ids[static IDS_MAX])
{
  size_t count = 0;
  ids[count++] = f->rule->id;
  if (!f->package)
    return add_foreign_ids(except, f->rule, ids, count);
  if (str_starts(f->rule->id, STR("license-"))) {
    struct license license;
    license_read(arena, f->package->license, &license);
    ids[count++] = license.expression;
    for (size_t i = 0; i < license.leaf_count && count < IDS_MAX; i++)
      ids[count++] = license.leaves[i].id;
  }
  for (size_t i = 0; i < f->package->alias_count && count < IDS_MAX; i++)
    ids[count++] = f->package->aliases[i];
  return count;
}

static enum ignore_kind kind_of(const struct image_except *except, const struct finding *f)
{
  if (f->package)
    return str_starts(f->rule->id, STR("license-")) ? IGNORE_LICENSE : IGNORE_VULNERABILITY;
  bool secret = except->secrets && secret_rules_find(except->secrets, f->rule->id);
  return secret ? IGNORE_SECRET : IGNORE_MISCONFIGURATION;
}

static bool is_ignored(struct image_except *except, struct finding *f, const struct str *ids,
                       size_t count)
{
  struct ignore_answer answer;
  struct str paths[] = {f->location.file};
  struct ignore_question question = {.kind = kind_of(except, f),
                                     .ids = ids,
                                     .id_count = count,
                                     .paths = paths,
                                     .path_count = f->location.file.len ? 1 : 0,
                                     .purl = f->package ? f->package->purl : STR_EMPTY};
  if (!ignore_file_ask(except->ignored, &question, &answer))
    return false;
  f->state = FINDING_EXCEPTED;
  f->exception_reason = answer.reason;
  f->exception_until = answer.until;
  return true;
}

static void ask_vendors(struct image_except *except, struct finding *f,
                        const struct vex_question *question, struct arena *arena)
{
  struct vex_answer answer;
  if (!vex_ask(except->vex, question, &answer) || !vex_dismisses(answer.status))
    return;
  struct str status = vex_status_name(answer.status);
  struct str why = answer.text.len ? answer.text : answer.justification;
  f->state = FINDING_EXCEPTED;
  f->exception_reason = arena_printf(arena, "%.*s says %.*s%s%.*s (%.*s)",
                                     STR_FMT(answer.author.len ? answer.author : STR("its vendor")),
                                     STR_FMT(status), why.len ? ": " : "", STR_FMT(why),
                                     STR_FMT(answer.source));
}

void image_except_apply(struct image_except *except, const struct str *products,
                        size_t product_count, struct str serial, struct finding_list *findings)
{
  if (!except->ignored && !except->vex)
    return;
  for (size_t i = 0; i < findings->count; i++) {
    struct finding *f = &findings->items[i];
    struct str ids[IDS_MAX];
    size_t count = ids_of(except, f, findings->arena, ids);
    if (f->state != FINDING_OPEN || is_ignored(except, f, ids, count) || !f->package)
      continue;
    struct vex_question question = {.ids = ids,
                                    .id_count = count,
                                    .package = f->package->purl,
                                    .source = f->package->source,
                                    .products = products,
                                    .product_count = product_count,
                                    .serial = serial};
    ask_vendors(except, f, &question, findings->arena);
  }
}

void image_except_report(const struct image_except *except, struct scan_common *common,
                         struct report_summary *summary)
{
  struct finding_list list;
  if (!except->ignored)
    return;
  finding_list_init(&list, &common->config.arena);
  ignore_file_report(except->ignored, &list);
  if (list.count == 0)
    return;
  finding_list_distinguish(&list);
  finding_count(&summary->counts, &list);
  struct report_file file = {.path = except->ignored_path, .findings = &list};
  outputs_file(&common->outputs, &file);
}
