#include "cmd/image_judge.h"

#include "base/file.h"
#include "cmd/console.h"
#include "cmd/db_open.h"
#include "cmd/image_cache.h"
#include "cmd/image_economy.h"
#include "oci/reference.h"
#include "scan/check/image_config.h"
#include "scan/purl.h"

/* ---- options */

static const struct {
  const char *name;
  unsigned bit;
} scanner_names[] = {
    {"vuln", IMAGE_SCANNER_VULNERABILITIES}, {"vulnerability", IMAGE_SCANNER_VULNERABILITIES},
    {"secret", IMAGE_SCANNER_SECRETS},       {"config", IMAGE_SCANNER_CONFIG},
    {"misconfig", IMAGE_SCANNER_CONFIG},     {"license", IMAGE_SCANNER_LICENSES},
};

static int read_scanners(struct image_judge *judge, struct error *err)
{
  const char *value = arguments_value(judge->common->args, "scanners");
  struct str rest = str_from(value ? value : "");
  if (value)
    judge->scanners = 0;
  while (value && rest.data) {
    struct str word = str_trim(str_cut(rest, ',', &rest));
    unsigned bit = 0;
    for (size_t i = 0; i < sizeof scanner_names / sizeof *scanner_names; i++)
      if (str_eq(word, str_from(scanner_names[i].name)))
        bit = scanner_names[i].bit;
    if (!bit)
      return error_set(err, SW_EUSAGE,
                       "--scanners \"%s\": \"%.*s\" is not one of vuln, secret, config, license",
                       value, STR_FMT(word));
    judge->scanners |= bit;
  }
  return 0;
}

/* Who asks for rules by name or by framework, and not for scanners, has what they need looked for. */
static void narrow_scanners(struct image_judge *judge)
{
  static const struct {
    enum scan_subject subject;
    bool licenses;
    unsigned bit;
  } needs[] = {{SCAN_SUBJECT_PACKAGE, false, IMAGE_SCANNER_VULNERABILITIES},
               {SCAN_SUBJECT_SECRET, false, IMAGE_SCANNER_SECRETS},
               {SCAN_SUBJECT_IMAGE, false, IMAGE_SCANNER_CONFIG},
               {SCAN_SUBJECT_PACKAGE, true, IMAGE_SCANNER_LICENSES}};
  if (!image_rules_narrow(&judge->choice) || arguments_value(judge->common->args, "scanners"))
    return;
  judge->scanners = 0;
  for (size_t i = 0; i < sizeof needs / sizeof *needs; i++)
    if (image_rules_need(&judge->choice, needs[i].subject, needs[i].licenses))
      judge->scanners |= needs[i].bit;
}

static int open_database(struct image_judge *judge, struct error *err)
{
  const char *given = arguments_value(judge->common->args, "db");
  if (!(judge->scanners & IMAGE_SCANNER_VULNERABILITIES))
    return 0;
  _cleanup_(buf_free) struct buf path = {0};
  if (given)
    return db_open(given, &path, &judge->database, err);
  if (db_open(NULL, &path, &judge->database, &judge->database_error) < 0)
    error_wrap(&judge->database_error, "vulnerabilities were not looked for");
  return 0;
}

static int read_rule_file(void *context, struct str path, struct buf *ret_text, struct error *err)
{
  (void)context;
  _cleanup_(buf_free) struct buf name = {0};
  buf_add(&name, path);
  return file_read(buf_text(&name), SECRET_RULES_TEXT_MAX, ret_text, err);
}

/* Compiling their patterns takes some tenths of a second, so the result is kept beside what is known of layers. */
static int load_secret_rules(struct image_judge *judge, const char *path, struct str text,
                             struct error *err)
{
  _cleanup_(buf_free) struct buf directory = {0};
  bool kept = image_cache_directory(judge->common->args, &directory);
  const struct secret_rules_options options = {.cache = kept ? buf_text(&directory) : NULL,
                                               .read = read_rule_file};
  return secret_rules_load_gitleaks(text, path, &options, &judge->rules, err);
}

static int read_secret_rules(struct image_judge *judge, struct error *err)
{
  const char *path = arguments_value(judge->common->args, "secret-rules");
  if (!(judge->scanners & IMAGE_SCANNER_SECRETS))
    return 0;
  if (!path)
    return secret_rules_builtin(&judge->rules, err);
  _cleanup_(buf_free) struct buf text = {0};
  int rc = file_read(path, SECRET_RULES_TEXT_MAX, &text, err);
  if (rc == 0)
    rc = load_secret_rules(judge, path, buf_str(&text), err);
  if (rc == 0)
    secret_rules_save(judge->rules, &judge->rules_saved);
  return rc;
}

int image_judge_open(struct image_judge *judge, struct scan_common *common, unsigned scanners,
                     struct error *err)
{
  *judge = (struct image_judge){.common = common,
                                .scanners = scanners,
                                .ignore_unfixed = arguments_has(common->args, "ignore-unfixed")};
  int rc = image_rules_open(&judge->choice, common, IMAGE_RULES_OF_IMAGES, err);
  if (rc == 0)
    rc = read_scanners(judge, err);
  narrow_scanners(judge);
  judge->registry_count = scan_common_registries(common, &judge->registries);
  if (rc == 0)
    rc = image_except_open(&judge->except, common, err);
  if (rc == 0)
    rc = open_database(judge, err);
  if (rc == 0)
    rc = read_secret_rules(judge, err);
  if (rc == 0)
    rc = image_rules_check(&judge->choice, judge->rules, err);
  judge->except.secrets = judge->rules;
  return rc;
}

void image_judge_close(struct image_judge *judge)
{
  image_except_close(&judge->except);
  image_rules_close(&judge->choice);
  advisory_database_free(judge->database);
  secret_rules_free(judge->rules);
  buf_free(&judge->rules_saved);
}

bool image_judge_signatures(const struct image_judge *judge)
{
  struct scan_rule r;
  return judge->scanners & IMAGE_SCANNER_CONFIG && scan_rule_find(STR("image-unsigned"), &r) &&
         rule_choice_asks(&judge->choice.choice, r.rule, NULL);
}

void image_judge_options(const struct image_judge *judge, struct image_scan_options *options)
{
  options->flags |= PACKAGE_LIST_FILES;
  options->secrets = judge->scanners & IMAGE_SCANNER_SECRETS;
  options->secret_rules = buf_str(&judge->rules_saved);
  if (judge->rules)
    options->secret_rules_digest = secret_rules_digest(judge->rules);
}

/* ---- an image */

struct telling {
  struct image_judge *judge;
  const struct image_judge_subject *subject;
  struct image_findings_target target;
  struct arena arena;
  struct finding_list findings;
  struct image_economy economy;
  struct image_config_facts config; /* config NULL: not judged */
  size_t judged;                    /* packages */
  VEC(struct report_error) errors;
  VEC(struct report_skip) skips;
};

static void add_error(struct telling *t, struct str message)
{
  vec_push(&t->errors, (struct report_error){.file = t->subject->name, .message = message});
}

static void drop_unfixed(struct vulnerability_list *list)
{
  size_t kept = 0;
  for (size_t i = 0; i < list->count; i++)
    if (list->items[i].fixed.len)
      list->items[kept++] = list->items[i];
  list->count = kept;
}

/* Packages about which the database knows nothing are not clean, they are unknown. */
static void tell_uncovered(struct telling *t, const struct vulnerability_list *list)
{
  t->judged = list->covered;
  if (!list->uncovered)
    return;
  if (!list->covered) {
    add_error(
        t, arena_printf(&t->arena,
                        "the database of advisories knows nothing about any of the %zu packages: "
                        "\"seawall db update\" fetches more sources",
                        list->uncovered));
    return;
  }
  struct str reason = arena_printf(&t->arena,
                                   "%zu of %zu packages belong to nothing that the database knows",
                                   list->uncovered, list->uncovered + list->covered);
  vec_push(&t->skips, (struct report_skip){.file = t->subject->name, .reason = reason});
}

/* A list of which nothing can be judged is not clean, either. */
static void tell_left_out(struct telling *t)
{
  size_t count = t->subject->left_out;
  if (count && !t->subject->package_count)
    add_error(t, arena_printf(&t->arena,
                              "none of its components (%zu) can be judged: that needs package "
                              "URLs, of types that are known",
                              count));
}

static void judge_vulnerabilities(struct telling *t)
{
  struct image_judge *judge = t->judge;
  struct vulnerability_list list = {0};
  struct error err;
  if (!(judge->scanners & IMAGE_SCANNER_VULNERABILITIES))
    return;
  if (!judge->database) {
    add_error(t, str_from(judge->database_error.message));
    return;
  }
  if (advisory_match(judge->database, t->subject->os, t->subject->packages,
                     t->subject->package_count, &t->arena, &list, &err) < 0) {
    add_error(t, arena_copy(&t->arena, str_from(err.message)));
    return;
  }
  if (judge->ignore_unfixed)
    drop_unfixed(&list);
  struct image_economy *economy = &t->economy;
  *economy = (struct image_economy){.arena = &t->arena,
                                    .facts = t->subject->facts,
                                    .os = t->subject->os,
                                    .packages = t->subject->packages,
                                    .package_count = t->subject->package_count,
                                    .vulnerabilities = &list,
                                    .now = judge->common->now};
  image_economy_base(economy);
  t->target.base_layers = economy->base_layers;
  image_vulnerability_findings(&list, &t->target, &t->findings);
  const struct check_target target = {.image = t->subject->name};
  image_economy_judge(economy, &target, &t->findings);
  /* A version that is none ("(devel)") is no fault of the image: it is told, and fails nothing. */
  for (size_t i = 0; i < list.unreadable_count; i++) {
    const struct package *p = list.unreadable[i].package;
    struct str reason = arena_printf(&t->arena, "versions that cannot be compared: %.*s: %.*s",
                                     STR_FMT(p->name), STR_FMT(list.unreadable[i].message));
    vec_push(&t->skips, (struct report_skip){.file = p->path, .reason = reason});
  }
  tell_uncovered(t, &list);
}

/* That needs no advisories. */
static void judge_end_of_life(struct telling *t)
{
  const struct check_target target = {.image = t->subject->name};
  const struct economy economy = {.os = t->subject->os, .now = t->judge->common->now};
  if (!t->economy.arena &&
      t->judge->scanners & (IMAGE_SCANNER_VULNERABILITIES | IMAGE_SCANNER_CONFIG))
    economy_judge(&economy, &target, &t->findings);
}

static void judge_config(struct telling *t)
{
  const struct image_facts *facts = t->subject->facts;
  struct check_target target = {.image = t->subject->name};
  if (!(t->judge->scanners & IMAGE_SCANNER_CONFIG))
    return;
  file_facts_judge(&facts->files, &target, &t->findings);
  account_facts_judge(&facts->accounts, &target, &t->findings);
  /* Directories and machines have no configuration. */
  if (!str_eq(t->subject->kind, STR("Image")))
    return;
  t->config = (struct image_config_facts){.config = &facts->image.config,
                                          .reference = t->subject->reference,
                                          .now = t->judge->common->now,
                                          .registries = t->judge->registries,
                                          .registry_count = t->judge->registry_count,
                                          .signature = t->subject->signature,
                                          .accounts = &facts->accounts};
  image_config_judge(&t->config, &target, &t->findings);
  if (t->subject->signature_fault.len) {
    struct str reason = arena_printf(&t->arena, "whether it is signed is not known: %.*s",
                                     STR_FMT(t->subject->signature_fault));
    vec_push(&t->skips, (struct report_skip){.file = t->subject->name, .reason = reason});
  }
}

static void judge_secrets(struct telling *t)
{
  if (!(t->judge->scanners & IMAGE_SCANNER_SECRETS))
    return;
  image_secret_findings(t->subject->facts, t->judge->rules, &t->target, &t->findings);
  struct error err;
  if (image_config_secrets(&t->subject->facts->image.config, t->judge->rules, &t->target,
                           &t->findings, &err) < 0)
    add_error(t, arena_copy(&t->arena, str_from(err.message)));
}

static void judge_licenses(struct telling *t)
{
  if (t->judge->scanners & IMAGE_SCANNER_LICENSES)
    package_license_findings(t->subject->packages, t->subject->package_count, &t->target,
                             &t->findings);
}

static void judge_facts(struct telling *t)
{
  const struct image_facts *facts = t->subject->facts;
  for (size_t i = 0; i < facts->faults.count; i++)
    add_error(t, facts->faults.items[i].message);
  judge_secrets(t);
  judge_config(t);
}

/* What there was to hold against rules, for the controls of frameworks. */
static void tell_held(struct telling *t)
{
  static const struct economy_upgrades upgrades;
  static const struct economy_reduction reduction;
  const struct image_judge_subject *subject = t->subject;
  unsigned scanners = t->judge->scanners;
  bool matched = t->economy.arena && t->judged;
  bool image = subject->facts && subject->facts->image.id.len;
  const struct economy economy = {.os = subject->os,
                                  .now = t->judge->common->now,
                                  .upgrades = matched ? &upgrades : NULL,
                                  .reduction = matched && image ? &reduction : NULL};
  const struct image_rules_held held = {
      .config = t->config.config ? &t->config : NULL,
      .economy = scanners & (IMAGE_SCANNER_VULNERABILITIES | IMAGE_SCANNER_CONFIG) ? &economy
                                                                                   : NULL,
      .files = subject->facts && scanners & IMAGE_SCANNER_CONFIG,
      .vulnerabilities = matched,
      .licenses = subject->package_count && scanners & IMAGE_SCANNER_LICENSES,
      .secrets = subject->facts && scanners & IMAGE_SCANNER_SECRETS};
  image_rules_held(&t->judge->choice, &held);
}

/* "docker.io/library/web:1.2" of "web:1.2". */
static struct str completed(struct arena *arena, struct str reference)
{
  struct image_reference r;
  if (image_reference_read(reference, &r, NULL) < 0)
    return reference;
  struct str name = image_reference_name(&r, arena);
  return arena_printf(arena, "%.*s%.*s", STR_FMT(name),
                      STR_FMT(str_sub(reference, r.name.len, SIZE_MAX)));
}

/* What a VEX document may call the image. */
static void except(struct telling *t)
{
  struct str products[6], reference = t->subject->identity;
  size_t count = 0;
  const struct image_facts *facts = t->subject->facts;
  products[count++] = t->subject->name;
  if (reference.len) {
    products[count++] = reference;
    products[count++] = completed(&t->arena, reference);
    struct str purl = facts ? purl_of_image(&t->arena, reference, facts->image.digest,
                                            str_from(facts->image.config.platform.architecture))
                            : STR_EMPTY;
    if (purl.len)
      products[count++] = purl;
  }
  if (facts && facts->image.digest.len)
    products[count++] = facts->image.digest;
  if (facts && facts->image.id.len)
    products[count++] = facts->image.id;
  image_except_apply(&t->judge->except, products, count, t->subject->serial, &t->findings);
}

void image_judge_tell(struct image_judge *judge, const struct image_judge_subject *subject,
                      struct report_summary *summary)
{
  struct telling t = {.judge = judge, .subject = subject};
  t.target =
      (struct image_findings_target){.kind = subject->kind,
                                     .name = subject->name,
                                     .os = subject->os,
                                     .image = subject->facts ? &subject->facts->image : NULL};
  arena_init(&t.arena, 0);
  finding_list_init(&t.findings, &t.arena);
  t.judged = subject->package_count;
  size_t objects = subject->package_count + subject->left_out;
  tell_left_out(&t);
  judge_vulnerabilities(&t);
  judge_end_of_life(&t);
  judge_licenses(&t);
  if (subject->facts)
    judge_facts(&t);
  finding_list_distinguish(&t.findings);
  tell_held(&t);
  image_rules_apply(&judge->choice, &t.findings);
  exceptions_apply(judge->common->config.exceptions, &t.findings);
  except(&t);
  image_rules_found(&judge->choice, &t.findings);
  struct report_file file = {.path = subject->name,
                             .findings = &t.findings,
                             .errors = t.errors.items,
                             .error_count = t.errors.count,
                             .skips = t.skips.items,
                             .skip_count = t.skips.count,
                             .notes = t.economy.notes.items,
                             .note_count = t.economy.notes.count,
                             .documents = 1,
                             .objects = objects};
  outputs_file(&judge->common->outputs, &file);
  scan_common_count(judge->common, &t.findings, summary);
  summary->files++;
  summary->documents++;
  summary->objects += objects;
  summary->judged += t.judged;
  summary->errors += t.errors.count;
  summary->skipped += t.skips.count;
  vec_free(&t.economy.notes);
  vec_free(&t.errors);
  vec_free(&t.skips);
  arena_free(&t.arena);
}

void image_judge_failed(struct image_judge *judge, struct str name, const struct error *why,
                        struct report_summary *summary)
{
  struct arena arena;
  struct finding_list none;
  arena_init(&arena, 0);
  finding_list_init(&none, &arena);
  struct report_error error = {.file = name, .message = str_from(why->message)};
  struct report_file file = {.path = name, .findings = &none, .errors = &error, .error_count = 1};
  outputs_file(&judge->common->outputs, &file);
  summary->files++;
  summary->errors++;
  arena_free(&arena);
}

void image_judge_expired(struct image_judge *judge, struct report_summary *summary)
{
  scan_common_expired(judge->common, summary);
  image_except_report(&judge->except, judge->common, summary);
  image_rules_end(&judge->choice, summary);
}
