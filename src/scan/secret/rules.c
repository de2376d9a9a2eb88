#include "crypto/digest.h"
#include "scan/secret/rule_image.h"
#include "scan/secret/rules_int.h"

/* Raised when what the scanner finds with the same rules changes. */
#define SCANNER_VERSION "1"

/* A rule's automata may have this much memory, which hostile texts can make all rules use at once; a program that needs
 * more gets what data/regex.h allows. */
enum { PATTERN_MEMORY = 768 << 10 };

struct secret_rules *secret_rules_new(void)
{
  struct secret_rules *set = mem_zalloc(1, sizeof *set);
  arena_init(&set->arena, 0);
  pthread_mutex_init(&set->lock, NULL);
  return set;
}

static void free_pattern(struct secret_pattern *pattern)
{
  regex_free(pattern->regex);
}

static void free_allow(struct secret_allow_state *states, size_t count)
{
  for (size_t i = 0; i < count; i++) {
    free_pattern(&states[i].paths);
    free_pattern(&states[i].regexes);
  }
}

void secret_rules_free(struct secret_rules *set)
{
  if (!set)
    return;
  for (size_t i = 0; i < set->count && set->states; i++) {
    free_pattern(&set->states[i].pattern);
    free_pattern(&set->states[i].path);
    free_allow(set->states[i].allow, set->rules[i].allow_count);
  }
  free_allow(set->allow_states, set->allow_states ? set->allow_count : 0);
  secret_database_free(set->database);
  pthread_mutex_destroy(&set->lock);
  arena_free(&set->arena);
  mem_free(set);
}

/* ---- patterns when they are needed */

const struct regex *secret_pattern_get(const struct secret_rules *set,
                                       const struct secret_pattern *pattern)
{
  struct secret_pattern *p = (struct secret_pattern *)pattern;
  struct regex *regex = p->regex;
  if (regex || !p->text.len)
    return regex;
  pthread_mutex_lock((pthread_mutex_t *)&set->lock);
  regex = p->regex;
  if (!regex && regex_compile_within(p->text, 0, PATTERN_MEMORY, &regex, NULL) < 0)
    regex_compile(p->text, 0, &regex, NULL);
  p->regex = regex;
  pthread_mutex_unlock((pthread_mutex_t *)&set->lock);
  return regex;
}

static struct secret_allow_state *make_allow(struct secret_rules *set,
                                             const struct secret_allow *allow, size_t count)
{
  struct secret_allow_state *states = arena_zalloc(&set->arena, count + 1, sizeof *states);
  for (size_t i = 0; i < count; i++) {
    states[i].paths.text = allow[i].paths;
    states[i].regexes.text = allow[i].regexes;
  }
  return states;
}

/* ---- what decides, as a digest */

static void add_text(struct buf *out, struct str text)
{
  buf_printf(out, "%zu:", text.len);
  buf_add(out, text);
}

static void add_texts(struct buf *out, const struct str *texts, size_t count)
{
  buf_printf(out, "[%zu]", count);
  for (size_t i = 0; i < count; i++)
    add_text(out, texts[i]);
}

static void add_allow(struct buf *out, const struct secret_allow *allow, size_t count)
{
  buf_printf(out, "{%zu}", count);
  for (size_t i = 0; i < count; i++) {
    buf_printf(out, "%d %d ", (int)allow[i].target, allow[i].all);
    add_text(out, allow[i].paths);
    add_text(out, allow[i].regexes);
    add_texts(out, allow[i].stopwords, allow[i].stopword_count);
  }
}

static void add_rule(struct buf *out, const struct secret_rule *r)
{
  add_text(out, r->rule.id);
  add_text(out, r->pattern);
  add_text(out, r->path);
  buf_printf(out, "%u %.6f %u %d %d %d %d ", r->secret_group, r->entropy, r->places, r->weak,
             r->text, r->skip_tests, r->builtin);
  add_texts(out, r->keywords, r->keyword_count);
  add_allow(out, r->allow, r->allow_count);
}

static void compute_digest(struct secret_rules *set)
{
  _cleanup_(buf_free) struct buf all = {0};
  struct digest digest;
  buf_add_text(&all, "seawall secrets " SCANNER_VERSION "\n");
  for (size_t i = 0; i < set->count; i++)
    add_rule(&all, &set->rules[i]);
  add_allow(&all, set->allow, set->allow_count);
  if (digest_of(DIGEST_SHA256, buf_str(&all), &digest, NULL) == 0) {
    struct str hex = digest_hex(&set->arena, &digest);
    memcpy(set->digest, hex.data, sizeof set->digest);
  }
}

void secret_rules_set(struct secret_rules *set, const struct secret_rule *rules, size_t count,
                      const struct secret_allow *allow, size_t allow_count)
{
  set->rules = rules;
  set->count = count;
  set->allow = allow;
  set->allow_count = allow_count;
  set->states = arena_zalloc(&set->arena, count + 1, sizeof *set->states);
  for (size_t i = 0; i < count; i++) {
    set->states[i].pattern.text = rules[i].pattern;
    set->states[i].path.text = rules[i].path;
    set->by_path |= !rules[i].pattern.len && rules[i].path.len;
    set->states[i].allow = make_allow(set, rules[i].allow, rules[i].allow_count);
  }
  set->allow_states = make_allow(set, allow, allow_count);
  compute_digest(set);
}

/* ---- looking up */

size_t secret_rules_count(const struct secret_rules *set)
{
  return set->count;
}

const struct secret_rule *secret_rules_at(const struct secret_rules *set, size_t number)
{
  return &set->rules[number];
}

const struct secret_rule *secret_rules_find(const struct secret_rules *set, struct str id)
{
  const struct secret_rule *by_other_name = NULL;
  for (size_t i = 0; i < set->count; i++) {
    const struct secret_rule *r = &set->rules[i];
    if (str_eq(r->rule.id, id))
      return r;
    for (size_t k = 0; k < r->also_count && !by_other_name; k++)
      if (str_eq(r->also[k], id))
        by_other_name = r;
  }
  return by_other_name;
}

struct str secret_rules_digest(const struct secret_rules *set)
{
  return str_from(set->digest);
}

/* ---- sets */

int secret_rules_builtin(struct secret_rules **ret, struct error *err)
{
  const struct secret_rule_image *image = &secret_rule_image;
  _cleanup_(secret_rules_freep) struct secret_rules *set = secret_rules_new();
  secret_rules_set(set, image->rules, image->count, NULL, 0);
  if (secret_database_restore(image->database, image->count, &set->database, NULL) < 0 &&
      secret_database_compile(image->rules, image->count, SECRET_DATABASE_HERE, &set->database,
                              err) < 0)
    return error_wrap(err, "the rules for secrets");
  *ret = set;
  set = NULL;
  return 0;
}

static int load(struct str text, const char *name, const struct secret_rules_options *options,
                struct secret_rules *set, struct error *err)
{
  int rc = secret_rules_read_gitleaks(set, text, name, options, true, err);
  if (rc < 0)
    return rc;
  rc = options->cache
           ? secret_database_cached(set->rules, set->count, options->cache, &set->database, err)
           : secret_database_compile(set->rules, set->count, SECRET_DATABASE_HERE, &set->database,
                                     err);
  return rc < 0 ? error_wrap(err, "%s", name) : 0;
}

int secret_rules_load_gitleaks(struct str text, const char *name,
                               const struct secret_rules_options *options,
                               struct secret_rules **ret, struct error *err)
{
  static const struct secret_rules_options usual = {0};
  struct secret_rules *set = secret_rules_new();
  struct error own;
  int rc = load(text, name, options ? options : &usual, set, &own);
  if (rc < 0) {
    secret_rules_free(set);
    return error_set_at(err, rc, own.line, own.column, "%s", own.message);
  }
  *ret = set;
  return 0;
}

/* ---- as bytes: the texts of the files, each with its name, and the database; nothing for the own rules */

static const char save_magic[8] = {'s', 'w', 's', 'e', 'c', 'r', 'e', 't'};

static void save_part(struct buf *out, struct str part)
{
  uint64_t len = part.len;
  buf_add(out, str_make((const char *)&len, sizeof len));
  buf_add(out, part);
}

static bool restore_part(struct str *rest, struct str *ret)
{
  uint64_t len;
  if (rest->len < sizeof len)
    return false;
  memcpy(&len, rest->data, sizeof len);
  *rest = str_sub(*rest, sizeof len, rest->len);
  if (len > rest->len)
    return false;
  *ret = str_sub(*rest, 0, len);
  *rest = str_sub(*rest, len, rest->len);
  return true;
}

void secret_rules_save(const struct secret_rules *set, struct buf *out)
{
  buf_add(out, str_make(save_magic, sizeof save_magic));
  if (!set->text_count)
    return;
  _cleanup_(buf_free) struct buf database = {0};
  secret_database_save(set->database, &database);
  save_part(out, buf_str(&database));
  for (size_t i = 0; i < set->text_count; i++) {
    save_part(out, set->texts[i].name);
    save_part(out, set->texts[i].text);
  }
}

/* What follows the first file are those that were asked for, in the order in which they were. */
static int next_text(void *context, struct str path, struct buf *ret_text, struct error *err)
{
  struct str *rest = context, name, text;
  if (!restore_part(rest, &name) || !restore_part(rest, &text))
    return error_set(err, SW_EINVAL, "%.*s is not among the saved rules", STR_FMT(path));
  buf_add(ret_text, text);
  return 0;
}

int secret_rules_restore(struct str bytes, struct secret_rules **ret, struct error *err)
{
  struct str magic = str_make(save_magic, sizeof save_magic), database, name, text;
  struct str rest = str_sub(bytes, magic.len, bytes.len);
  if (!str_starts(bytes, magic))
    return error_set(err, SW_EINVAL, "these are no saved rules");
  if (!rest.len)
    return secret_rules_builtin(ret, err);
  if (!restore_part(&rest, &database) || !restore_part(&rest, &name) || !restore_part(&rest, &text))
    return error_set(err, SW_EINVAL, "saved rules are cut short");
  _cleanup_(secret_rules_freep) struct secret_rules *set = secret_rules_new();
  struct secret_rules_options options = {.read = next_text, .context = &rest};
  struct error own;
  _cleanup_(mem_freep) char *file = mem_copy_text(name.data, name.len);
  if (secret_rules_read_gitleaks(set, text, file, &options, false, &own) < 0 ||
      secret_database_restore(database, set->count, &set->database, &own) < 0)
    return error_set(err, own.code, "%s", own.message);
  *ret = set;
  set = NULL;
  return 0;
}
