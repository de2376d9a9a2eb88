#include "scan/check/file_facts.h"

#include "base/file.h"
#include "base/map.h"
#include "base/vec.h"
#include "scan/check/check_int.h"
#include "scan/check/file_facts_int.h"

enum { MODE_SETUID = 04000, MODE_SETGID = 02000, MODE_STICKY = 01000, MODE_OTHERS_WRITE = 0002 };

#define BIT(kind) (UINT32_C(1) << (kind))

struct str file_fact_kind_name(enum file_fact_kind kind)
{
  static const struct str kind_names[FILE_FACT_KINDS] = {
      [FILE_FACT_SETUID] = STR_INIT("setuid"),
      [FILE_FACT_SETGID] = STR_INIT("setgid"),
      [FILE_FACT_WRITABLE_FILE] = STR_INIT("writable-file"),
      [FILE_FACT_WRITABLE_DIRECTORY] = STR_INIT("writable-directory"),
      [FILE_FACT_DEVICE] = STR_INIT("device"),
      [FILE_FACT_ESCAPE] = STR_INIT("escape"),
      [FILE_FACT_SHELL] = STR_INIT("shell"),
      [FILE_FACT_PACKAGE_MANAGER] = STR_INIT("package-manager"),
      [FILE_FACT_TOOL] = STR_INIT("tool"),
      [FILE_FACT_CREDENTIAL] = STR_INIT("credential"),
      [FILE_FACT_CACHE] = STR_INIT("cache"),
      [FILE_FACT_REPOSITORY] = STR_INIT("repository"),
      [FILE_FACT_UNNEEDED] = STR_INIT("unneeded"),
  };
  return (unsigned)kind < FILE_FACT_KINDS ? kind_names[kind] : STR_EMPTY;
}

/* ---- remembering */

/* What container runtimes put there themselves; in an image it does nothing. */
static bool is_usual_device(const struct oci_entry *e)
{
  static const struct str usual[] = {
      STR_INIT("dev/null"),    STR_INIT("dev/zero"),    STR_INIT("dev/full"),
      STR_INIT("dev/random"),  STR_INIT("dev/urandom"), STR_INIT("dev/tty"),
      STR_INIT("dev/console"), STR_INIT("dev/ptmx"),    STR_INIT("dev/tty0"),
  };
  for (size_t i = 0; e->type == OCI_CHAR_DEVICE && i < CHECK_COUNT(usual); i++)
    if (str_eq(e->path, usual[i]))
      return true;
  return false;
}

static uint32_t kinds_of_mode(const struct oci_entry *e)
{
  uint32_t kinds = 0;
  if (e->type == OCI_FILE || e->type == OCI_HARDLINK) {
    kinds |= e->mode & MODE_SETUID ? BIT(FILE_FACT_SETUID) : 0;
    /* Without the right to execute, the bit asks for mandatory locking (inode(7)). */
    kinds |= (e->mode & MODE_SETGID) && (e->mode & 0010) ? BIT(FILE_FACT_SETGID) : 0;
    kinds |= e->mode & MODE_OTHERS_WRITE ? BIT(FILE_FACT_WRITABLE_FILE) : 0;
  } else if (e->type == OCI_DIRECTORY) {
    kinds |= (e->mode & MODE_OTHERS_WRITE) && !(e->mode & MODE_STICKY)
                 ? BIT(FILE_FACT_WRITABLE_DIRECTORY)
                 : 0;
  } else if (e->type == OCI_CHAR_DEVICE || e->type == OCI_BLOCK_DEVICE) {
    kinds |= is_usual_device(e) ? 0 : BIT(FILE_FACT_DEVICE);
  }
  return kinds | (e->escapes ? BIT(FILE_FACT_ESCAPE) : 0);
}

/* An empty file holds no secret and takes no room; a program may be a link to one. */
static uint32_t kind_of_path(const struct oci_entry *e)
{
  const struct file_fact_row *row = NULL;
  if (e->type == OCI_FILE && e->size > 0)
    row = file_fact_row_of(e->path);
  else if (e->type == OCI_FILE || e->type == OCI_HARDLINK || e->type == OCI_SYMLINK)
    row = file_fact_program_of(e->path);
  bool program = row && (row->kind == FILE_FACT_SHELL || row->kind == FILE_FACT_PACKAGE_MANAGER ||
                         row->kind == FILE_FACT_TOOL);
  return row && (program || (e->type == OCI_FILE && e->size > 0)) ? BIT(row->kind) : 0;
}

bool file_fact_of(const struct oci_entry *entry, struct file_fact *ret)
{
  uint32_t kinds = kinds_of_mode(entry) | kind_of_path(entry);
  if (!kinds)
    return false;
  *ret = (struct file_fact){
      .kinds = kinds, .mode = entry->mode, .size = entry->size, .path = entry->path};
  return true;
}

void file_facts_init(struct file_facts *facts, struct arena *arena)
{
  *facts = (struct file_facts){.arena = arena};
}

static void keep(struct file_facts *facts, const struct file_fact *fact)
{
  if (facts->count == facts->room) {
    size_t room = facts->room ? facts->room * 2 : 32;
    struct file_fact *items = arena_array(facts->arena, struct file_fact, room);
    if (facts->count)
      memcpy(items, facts->items, facts->count * sizeof *items);
    facts->items = items;
    facts->room = room;
  }
  struct file_fact *kept = &facts->items[facts->count++];
  *kept = *fact;
  kept->path = arena_copy(facts->arena, fact->path);
}

void file_facts_add(struct file_facts *facts, const struct file_fact *fact)
{
  bool wanted = false;
  for (int kind = 0; kind < FILE_FACT_KINDS; kind++) {
    if (!(fact->kinds & BIT(kind)))
      continue;
    wanted |= facts->found[kind] < FILE_FACTS_KEEP;
    facts->found[kind]++;
    facts->bytes[kind] += fact->size;
  }
  if (wanted)
    keep(facts, fact);
}

void file_facts_join(struct file_facts *facts, const struct file_facts *layer)
{
  for (int kind = 0; kind < FILE_FACT_KINDS; kind++) {
    facts->found[kind] += layer->found[kind];
    facts->bytes[kind] += layer->bytes[kind];
  }
  for (size_t i = 0; i < layer->count && facts->count < FILE_FACTS_MAX; i++)
    keep(facts, &layer->items[i]);
}

/* ---- judging */

struct judge {
  const struct file_facts *facts;
  const struct check_target *target;
  struct finding_list *findings;
  uint64_t told[FILE_RULES]; /* findings of each rule, those beyond FILE_FACTS_KEEP only counted */
};

static bool is_seen(const struct file_fact *fact, enum file_fact_kind kind)
{
  return (fact->kinds & BIT(kind)) && !fact->hidden;
}

/* NULL: there are enough of this rule, it was counted. */
static struct finding *tell(struct judge *j, enum file_fact_rule rule, struct str path,
                            struct str message, struct str key)
{
  if (j->told[rule]++ >= FILE_FACTS_KEEP)
    return NULL;
  struct finding *f = check_finding(j->findings, &file_fact_rules[rule], j->target, path);
  f->message = arena_copy(j->findings->arena, message);
  f->evidence = arena_copy(j->findings->arena, path);
  finding_seal(f, key);
  return f;
}

/* What is beyond the limits: entries that were not kept (nobody knows whether a later layer replaced them), and
 * findings that were not made. */
static void tell_rest(struct judge *j, enum file_fact_kind kind, enum file_fact_rule rule,
                      const char *what)
{
  uint64_t kept = 0;
  for (size_t i = 0; i < j->facts->count; i++)
    kept += (j->facts->items[i].kinds & BIT(kind)) != 0;
  uint64_t rest = j->facts->found[kind] > kept ? j->facts->found[kind] - kept : 0;
  rest += j->told[rule] > FILE_FACTS_KEEP ? j->told[rule] - FILE_FACTS_KEEP : 0;
  if (!rest)
    return;
  _cleanup_(buf_free) struct buf text = {0};
  buf_printf(&text, "%llu more %s were counted, but are not listed", (unsigned long long)rest,
             what);
  j->told[rule] = 0;
  tell(j, rule, STR_EMPTY, buf_str(&text), STR("more"));
}

static void judge_escapes(struct judge *j)
{
  for (size_t i = 0; i < j->facts->count; i++) {
    const struct file_fact *fact = &j->facts->items[i];
    if (fact->kinds & BIT(FILE_FACT_ESCAPE))
      tell(j, FILE_RULE_ESCAPE, fact->path,
           STR("its path, or the target of its link, has \"..\" in the archive"), STR_EMPTY);
  }
  tell_rest(j, FILE_FACT_ESCAPE, FILE_RULE_ESCAPE, "paths with \"..\"");
}

static bool is_setuid(const struct file_fact *fact)
{
  return is_seen(fact, FILE_FACT_SETUID) || is_seen(fact, FILE_FACT_SETGID);
}

static void judge_setuid_file(struct judge *j, const struct file_fact *fact)
{
  const char *whose =
      fact->mode & MODE_SETUID ? fact->mode & MODE_SETGID ? "owner and group" : "owner" : "group";
  _cleanup_(buf_free) struct buf text = {0};
  bool writable = fact->kinds & BIT(FILE_FACT_WRITABLE_FILE);
  buf_printf(&text, "runs as its %s (mode %04o)%s", whose, fact->mode,
             writable ? " and can be changed by everybody" : "");
  tell(j, writable ? FILE_RULE_SETUID_WRITABLE : FILE_RULE_SETUID, fact->path, buf_str(&text),
       STR_EMPTY);
}

/* "a, b and 3 more" */
struct listing {
  struct buf text;
  size_t shown, all;
};

enum { LISTING_SHOWN = 8 };

static void listing_add(struct listing *l, struct str path)
{
  if (l->all++ >= LISTING_SHOWN)
    return;
  buf_add_text(&l->text, l->shown++ ? ", " : "");
  check_quote(&l->text, path);
}

static void listing_end(struct listing *l)
{
  if (l->all > l->shown)
    buf_printf(&l->text, " and %zu more", l->all - l->shown);
}

static void judge_setuid(struct judge *j)
{
  struct listing known = {0};
  for (size_t i = 0; i < j->facts->count; i++) {
    const struct file_fact *fact = &j->facts->items[i];
    if (!is_setuid(fact))
      continue;
    if (file_fact_is_known_setuid(fact->path) && !(fact->kinds & BIT(FILE_FACT_WRITABLE_FILE)))
      listing_add(&known, fact->path);
    else
      judge_setuid_file(j, fact);
  }
  listing_end(&known);
  if (known.all)
    tell(j, FILE_RULE_SETUID_KNOWN, STR_EMPTY, buf_str(&known.text), STR_EMPTY);
  buf_free(&known.text);
  tell_rest(j, FILE_FACT_SETUID, FILE_RULE_SETUID, "setuid files");
  tell_rest(j, FILE_FACT_SETGID, FILE_RULE_SETUID, "setgid files");
}

/* Kinds of which each entry is a finding with its mode. */
static void judge_modes(struct judge *j, enum file_fact_kind kind, enum file_fact_rule rule,
                        const char *what, const char *many)
{
  for (size_t i = 0; i < j->facts->count; i++) {
    const struct file_fact *fact = &j->facts->items[i];
    if (!is_seen(fact, kind) || (kind == FILE_FACT_WRITABLE_FILE && is_setuid(fact)))
      continue;
    _cleanup_(buf_free) struct buf text = {0};
    buf_printf(&text, "%s (mode %04o)", what, fact->mode);
    tell(j, rule, fact->path, buf_str(&text), STR_EMPTY);
  }
  tell_rest(j, kind, rule, many);
}

static void judge_credential(struct judge *j, const struct file_fact *fact)
{
  const struct file_fact_row *row = file_fact_row_of(fact->path);
  _cleanup_(buf_free) struct buf text = {0};
  buf_add_text(&text, row ? row->what : "credentials");
  if (fact->hidden)
    buf_printf(&text, "; a later layer takes it away, but layer %u still holds it",
               fact->layer + 1);
  struct finding *f = tell(j, FILE_RULE_CREDENTIAL, fact->path, buf_str(&text), STR_EMPTY);
  if (f && row && row->unsure)
    f->severity = SEVERITY_MEDIUM;
}

static void judge_credentials(struct judge *j)
{
  struct map told;
  map_init(&told, NULL);
  for (int hidden = 0; hidden < 2; hidden++)
    for (size_t i = 0; i < j->facts->count; i++) {
      const struct file_fact *fact = &j->facts->items[i];
      bool added = false;
      if (!(fact->kinds & BIT(FILE_FACT_CREDENTIAL)) || fact->hidden != hidden)
        continue;
      map_put(&told, fact->path, &added);
      if (added)
        judge_credential(j, fact);
    }
  map_free(&told);
  tell_rest(j, FILE_FACT_CREDENTIAL, FILE_RULE_CREDENTIAL, "files of credentials");
}

static void judge_repositories(struct judge *j)
{
  for (size_t i = 0; i < j->facts->count; i++) {
    const struct file_fact *fact = &j->facts->items[i];
    const struct file_fact_row *row = file_fact_row_of(fact->path);
    if (!is_seen(fact, FILE_FACT_REPOSITORY) || !row)
      continue;
    struct str folder = str_sub(fact->path, 0, (size_t)str_find_last_byte(fact->path, '/'));
    _cleanup_(buf_free) struct buf text = {0};
    buf_printf(&text, "a repository of %s with its whole history", row->what);
    tell(j, FILE_RULE_REPOSITORY, folder, buf_str(&text), STR_EMPTY);
  }
  tell_rest(j, FILE_FACT_REPOSITORY, FILE_RULE_REPOSITORY, "repositories");
}

/* Kinds of which all entries together are one finding. */
static void judge_together(struct judge *j, enum file_fact_kind kind, enum file_fact_rule rule)
{
  struct listing all = {0};
  for (size_t i = 0; i < j->facts->count; i++)
    if (is_seen(&j->facts->items[i], kind))
      listing_add(&all, j->facts->items[i].path);
  listing_end(&all);
  if (all.all)
    tell(j, rule, STR_EMPTY, buf_str(&all.text), STR_EMPTY);
  buf_free(&all.text);
}

struct cache {
  const char *whose;
  struct str path; /* of its first file */
  uint64_t files, bytes;
};

/* By package manager, as they are removed. */
struct caches VEC_BODY(struct cache);

static void add_cache(struct caches *caches, const struct file_fact *fact)
{
  const struct file_fact_row *row = file_fact_row_of(fact->path);
  const char *whose = row ? row->what : "a package manager";
  struct cache *cache = NULL;
  for (size_t i = 0; i < caches->count && !cache; i++)
    if (strcmp(caches->items[i].whose, whose) == 0)
      cache = &caches->items[i];
  if (!cache) {
    cache = vec_add(caches);
    cache->whose = whose;
    cache->path = str_sub(fact->path, 0, (size_t)str_find_last_byte(fact->path, '/'));
  }
  cache->files++;
  cache->bytes += fact->size;
}

static void tell_cache(struct judge *j, const struct cache *cache, bool hidden)
{
  char size[FILE_SIZE_TEXT];
  _cleanup_(buf_free) struct buf text = {0};
  buf_printf(&text, "cache of %s: %llu file%s of %s", cache->whose,
             (unsigned long long)cache->files, cache->files == 1 ? "" : "s",
             file_size_text(cache->bytes, size));
  if (hidden)
    buf_add_text(&text, ", which a later layer takes away without making the image smaller");
  tell(j, FILE_RULE_CACHE, cache->path, buf_str(&text), hidden ? STR("hidden") : STR("seen"));
}

/* Less than this in all, in a layer below the one that deletes it, is not worth a word. */
enum { HIDDEN_CACHE_MIN = 1 << 20 };

static void judge_caches(struct judge *j)
{
  for (int hidden = 0; hidden < 2; hidden++) {
    struct caches caches = {0};
    for (size_t i = 0; i < j->facts->count; i++) {
      const struct file_fact *fact = &j->facts->items[i];
      if ((fact->kinds & BIT(FILE_FACT_CACHE)) && fact->hidden == hidden)
        add_cache(&caches, fact);
    }
    for (size_t i = 0; i < caches.count; i++)
      if (!hidden || caches.items[i].bytes >= HIDDEN_CACHE_MIN)
        tell_cache(j, &caches.items[i], hidden);
    vec_free(&caches);
  }
  tell_rest(j, FILE_FACT_CACHE, FILE_RULE_CACHE, "files of caches");
}

static void judge_unneeded(struct judge *j)
{
  for (size_t i = 0; i < j->facts->count; i++) {
    const struct file_fact *fact = &j->facts->items[i];
    const struct file_fact_row *row = file_fact_row_of(fact->path);
    if (is_seen(fact, FILE_FACT_UNNEEDED))
      tell(j, FILE_RULE_UNNEEDED, fact->path, str_from(row ? row->what : "not needed"), STR_EMPTY);
  }
  tell_rest(j, FILE_FACT_UNNEEDED, FILE_RULE_UNNEEDED, "files that nobody needs");
}

void file_facts_judge(const struct file_facts *facts, const struct check_target *target,
                      struct finding_list *findings)
{
  struct judge j = {.facts = facts, .target = target, .findings = findings};
  judge_escapes(&j);
  judge_setuid(&j);
  judge_credentials(&j);
  judge_modes(&j, FILE_FACT_WRITABLE_FILE, FILE_RULE_WRITABLE_FILE,
              "everybody may change this file", "files that everybody may change");
  judge_modes(&j, FILE_FACT_WRITABLE_DIRECTORY, FILE_RULE_WRITABLE_DIRECTORY,
              "everybody may add, replace and delete files here",
              "directories that everybody may change");
  judge_modes(&j, FILE_FACT_DEVICE, FILE_RULE_DEVICE, "a device node", "device nodes");
  judge_repositories(&j);
  judge_together(&j, FILE_FACT_TOOL, FILE_RULE_TOOL);
  judge_together(&j, FILE_FACT_PACKAGE_MANAGER, FILE_RULE_PACKAGE_MANAGER);
  judge_together(&j, FILE_FACT_SHELL, FILE_RULE_SHELL);
  judge_caches(&j);
  judge_unneeded(&j);
}
