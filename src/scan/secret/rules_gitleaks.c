#include "base/vec.h"
#include "data/toml.h"
#include "scan/secret/rule_image.h"
#include "scan/secret/rules_int.h"

enum { EXTEND_MAX = 2, LIST_MAX = 20000 };

/* An allow list that is meant for certain rules. */
struct targeted {
  struct str id;
  struct secret_allow allow;
};

struct loader {
  struct secret_rules *set;
  const struct secret_rules_options *options;
  const char *name; /* of the file that is read */
  bool check;       /* patterns */
  unsigned depth;
  struct error *err;
  VEC(struct secret_rule) rules;
  VEC(struct secret_allow) allow;
  VEC(struct targeted) targeted;
};

/* ---- values; names of members are in whatever case, as gitleaks takes them */

static struct value member(struct value object, const char *name)
{
  if (value_is(object, VALUE_OBJECT))
    for (uint32_t i = 0; i < object.len; i++)
      if (str_eq_nocase(value_str_or_empty(object.members[i].key), str_from(name)))
        return object.members[i].value;
  return VALUE_NONE;
}

static int complain(struct loader *l, struct str id, const char *what)
{
  return error_set(l->err, SW_EINVAL, "%s: rule \"%.*s\": %s", l->name, STR_FMT(id), what);
}

static int read_text(struct loader *l, struct value object, const char *name, struct str *ret)
{
  struct value v = member(object, name);
  if (value_is(v, VALUE_ABSENT))
    return 0;
  if (!value_is(v, VALUE_STRING))
    return error_set(l->err, SW_EINVAL, "%s: \"%s\" must be a text", l->name, name);
  *ret = value_str(v);
  return 0;
}

static int read_texts(struct loader *l, struct value object, const char *name,
                      const struct str **ret, size_t *ret_count)
{
  struct value v = member(object, name);
  if (value_is(v, VALUE_ABSENT))
    return 0;
  if (!value_is(v, VALUE_ARRAY) || v.len > LIST_MAX)
    return error_set(l->err, SW_EINVAL, "%s: \"%s\" must be a list of at most %d texts", l->name,
                     name, LIST_MAX);
  struct str *list = arena_array(&l->set->arena, struct str, v.len + 1);
  for (uint32_t i = 0; i < v.len; i++) {
    if (!value_is(v.items[i], VALUE_STRING))
      return error_set(l->err, SW_EINVAL, "%s: \"%s\" must be a list of texts", l->name, name);
    list[i] = value_str(v.items[i]);
  }
  *ret = list;
  *ret_count = v.len;
  return 0;
}

/* A number, or a text that is one, as gitleaks takes it. */
static int read_number(struct loader *l, struct value object, const char *name, double *ret)
{
  struct value v = member(object, name);
  int64_t n;
  if (value_is(v, VALUE_ABSENT))
    return 0;
  if (value_to_int(v, &n)) {
    *ret = (double)n;
    return 0;
  }
  if ((value_is(v, VALUE_NUMBER) && (v.flags & VALUE_TEXT)) || value_is(v, VALUE_STRING)) {
    _cleanup_(mem_freep) char *text = mem_copy_text(v.text, v.len);
    char *end;
    *ret = strtod(text, &end);
    if (end != text && !*end && *ret >= 0 && *ret < 1e6)
      return 0;
  }
  return error_set(l->err, SW_EINVAL, "%s: \"%s\" must be a number", l->name, name);
}

/* ---- patterns */

/* Compiled once, so that a set that has been loaded has no broken ones. */
static int check_pattern(struct loader *l, struct str id, struct str pattern, unsigned *ret_groups)
{
  struct regex *regex;
  struct error own;
  if (!l->check || !pattern.len)
    return 0;
  if (regex_compile(pattern, 0, &regex, &own) < 0)
    return error_set(l->err, own.code, "%s: rule \"%.*s\": the pattern %.*s%s: %s", l->name,
                     STR_FMT(id), (int)(pattern.len < 80 ? pattern.len : 80), pattern.data,
                     pattern.len < 80 ? "" : "...", own.message);
  if (ret_groups)
    *ret_groups = regex_groups(regex);
  regex_free(regex);
  return 0;
}

/* Alternatives as one pattern. */
static int join(struct loader *l, struct str id, const struct str *patterns, size_t count,
                struct str *ret)
{
  _cleanup_(buf_free) struct buf out = {0};
  for (size_t i = 0; i < count; i++) {
    if (check_pattern(l, id, patterns[i], NULL) < 0)
      return SW_EINVAL;
    /* One alone stays as it is: \Q without an end is a pattern, but swallows a bracket behind it. */
    buf_printf(&out, count == 1 ? "%s%.*s" : "%s(?:%.*s)", i ? "|" : "", STR_FMT(patterns[i]));
  }
  *ret = arena_copy(&l->set->arena, buf_str(&out));
  return count > 1 ? check_pattern(l, id, *ret, NULL) : 0;
}

/* ---- allow lists */

static int read_condition(struct loader *l, struct value v, struct str id, struct secret_allow *a)
{
  struct str condition = STR_EMPTY, target = STR_EMPTY;
  if (read_text(l, v, "condition", &condition) < 0 || read_text(l, v, "regextarget", &target) < 0)
    return SW_EINVAL;
  a->all = str_eq_nocase(condition, STR("and")) || str_eq(condition, STR("&&"));
  if (!a->all && condition.len && !str_eq_nocase(condition, STR("or")) &&
      !str_eq(condition, STR("||")))
    return complain(l, id, "\"condition\" of an allow list must be AND or OR");
  a->target = str_eq(target, STR("match"))  ? SECRET_TARGET_MATCH
              : str_eq(target, STR("line")) ? SECRET_TARGET_LINE
                                            : SECRET_TARGET_SECRET;
  if (target.len && a->target == SECRET_TARGET_SECRET && !str_eq(target, STR("secret")))
    return complain(l, id, "\"regexTarget\" must be \"match\", \"line\" or \"secret\"");
  return 0;
}

/* *ret_never: it can hold in no image, since it asks for a commit. */
static int read_allow(struct loader *l, struct value v, struct str id, struct secret_allow *ret,
                      bool *ret_never)
{
  const struct str *paths = NULL, *regexes = NULL, *commits = NULL;
  size_t path_count = 0, regex_count = 0, commit_count = 0;
  *ret = (struct secret_allow){0};
  if (!value_is(v, VALUE_OBJECT))
    return complain(l, id, "an allow list must be a table");
  if (read_condition(l, v, id, ret) < 0 || read_texts(l, v, "paths", &paths, &path_count) < 0 ||
      read_texts(l, v, "regexes", &regexes, &regex_count) < 0 ||
      read_texts(l, v, "commits", &commits, &commit_count) < 0 ||
      read_texts(l, v, "stopwords", &ret->stopwords, &ret->stopword_count) < 0 ||
      join(l, id, paths, path_count, &ret->paths) < 0 ||
      join(l, id, regexes, regex_count, &ret->regexes) < 0)
    return SW_EINVAL;
  size_t others = path_count + regex_count + ret->stopword_count;
  if (!others && !commit_count)
    return complain(l, id, "an allow list needs commits, paths, regexes or stopwords");
  *ret_never = commit_count && (ret->all || !others);
  return 0;
}

/* The allow lists of a rule or file: of the older form a table, of the newer one a list of them. */
static int allow_lists(struct loader *l, struct value object, struct str id, struct value *ret)
{
  struct value one = member(object, "allowlist"), many = member(object, "allowlists");
  if (!value_is(many, VALUE_ABSENT) && !value_is(many, VALUE_ARRAY))
    return complain(l, id, "\"allowlists\" must be a list of tables");
  if (value_is(one, VALUE_ABSENT)) {
    *ret = many;
    return 0;
  }
  if (many.len)
    return complain(l, id, "\"allowlist\" cannot stand beside \"allowlists\"");
  *ret = value_array_make(&l->set->arena, &one, NULL, 1);
  return 0;
}

static int read_rule_allow(struct loader *l, struct value object, struct secret_rule *rule)
{
  struct value lists;
  bool never;
  if (allow_lists(l, object, rule->rule.id, &lists) < 0)
    return SW_EINVAL;
  struct secret_allow *allow = arena_array(&l->set->arena, struct secret_allow, lists.len + 1);
  for (uint32_t i = 0; i < lists.len; i++) {
    if (read_allow(l, lists.items[i], rule->rule.id, &allow[rule->allow_count], &never) < 0)
      return SW_EINVAL;
    rule->allow_count += !never;
  }
  rule->allow = allow;
  return 0;
}

static int read_targets(struct loader *l, struct value v, const struct secret_allow *allow,
                        bool never)
{
  const struct str *ids = NULL;
  size_t count = 0;
  if (read_texts(l, v, "targetrules", &ids, &count) < 0)
    return SW_EINVAL;
  if (never)
    return 0;
  for (size_t i = 0; i < count; i++)
    vec_push(&l->targeted, (struct targeted){ids[i], *allow});
  if (!count)
    vec_push(&l->allow, *allow);
  return 0;
}

static int read_global_allow(struct loader *l, struct value root)
{
  struct value lists;
  struct secret_allow allow;
  bool never;
  struct str id = STR("(all)");
  if (allow_lists(l, root, id, &lists) < 0)
    return SW_EINVAL;
  for (uint32_t i = 0; i < lists.len; i++)
    if (read_allow(l, lists.items[i], id, &allow, &never) < 0 ||
        read_targets(l, lists.items[i], &allow, never) < 0)
      return SW_EINVAL;
  return 0;
}

/* ---- rules */

static struct str lower_copy(struct arena *arena, struct str text)
{
  struct str copy = arena_copy(arena, text);
  for (size_t i = 0; i < copy.len; i++)
    if (copy.data[i] >= 'A' && copy.data[i] <= 'Z')
      ((char *)copy.data)[i] = (char)(copy.data[i] + 32);
  return copy;
}

static int read_fields(struct loader *l, struct value v, struct secret_rule *rule,
                       double *ret_group)
{
  return read_text(l, v, "id", &rule->rule.id) < 0 ||
                 read_text(l, v, "description", &rule->rule.why) < 0 ||
                 read_text(l, v, "regex", &rule->pattern) < 0 ||
                 read_text(l, v, "path", &rule->path) < 0 ||
                 read_number(l, v, "entropy", &rule->entropy) < 0 ||
                 read_number(l, v, "secretgroup", ret_group) < 0 ||
                 read_texts(l, v, "keywords", &rule->keywords, &rule->keyword_count) < 0 ||
                 read_texts(l, v, "tags", &rule->tags, &rule->tag_count) < 0
             ? SW_EINVAL
             : 0;
}

static int read_rule(struct loader *l, struct value v)
{
  struct secret_rule rule = {.places = (1u << SECRET_PLACES) - 1, .text = true};
  double group = 0;
  if (!value_is(v, VALUE_OBJECT))
    return error_set(l->err, SW_EINVAL, "%s: \"rules\" must be a list of tables", l->name);
  if (read_fields(l, v, &rule, &group) < 0)
    return SW_EINVAL;
  if (!rule.rule.id.len)
    return error_set(l->err, SW_EINVAL, "%s: rule %zu has no id", l->name, l->rules.count + 1);
  if (member(v, "required").len)
    return error_set(l->err, SW_EUNSUPPORTED,
                     "%s: rule \"%.*s\": rules that require others are not supported", l->name,
                     STR_FMT(rule.rule.id));
  if (group < 0 || group > 9 || group != (double)(unsigned)group)
    return complain(l, rule.rule.id, "\"secretGroup\" must be a number from 0 to 9");
  rule.secret_group = (uint32_t)group;
  if (read_rule_allow(l, v, &rule) < 0)
    return SW_EINVAL;
  if (value_is_true(member(v, "skipreport")))
    return 0;
  if (l->rules.count >= SECRET_RULES_MAX)
    return error_set(l->err, SW_ELIMIT, "%s: more than %d rules", l->name, SECRET_RULES_MAX);
  vec_push(&l->rules, rule);
  return 0;
}

/* What every rule of a file has, once it is known where the rest comes from. */
static void complete(struct loader *l, struct secret_rule *rule)
{
  struct arena *arena = &l->set->arena;
  if (rule->builtin)
    return;
  rule->rule.severity = SEVERITY_HIGH;
  if (!rule->rule.title.len)
    rule->rule.title = arena_printf(arena, "Secret found by rule %.*s", STR_FMT(rule->rule.id));
  if (!rule->rule.why.len)
    rule->rule.why = STR("Whoever can pull the image can read it, whatever later layers delete.");
  rule->rule.remedy =
      STR("Revoke the secret and issue a new one, and give it to the container when "
          "it starts instead of building it into the image.");
  rule->weak = str_find(lower_copy(arena, rule->rule.id), 0, STR("generic")) >= 0;
}

static int check_rule(struct loader *l, const struct secret_rule *rule)
{
  unsigned groups = 9;
  if (!rule->pattern.len && !rule->path.len)
    return complain(l, rule->rule.id, "has neither \"regex\" nor \"path\"");
  if (check_pattern(l, rule->rule.id, rule->pattern, &groups) < 0 ||
      check_pattern(l, rule->rule.id, rule->path, NULL) < 0)
    return SW_EINVAL;
  if (rule->secret_group > groups)
    return complain(l, rule->rule.id, "\"secretGroup\" is more than the pattern has");
  return 0;
}

/* ---- what a file extends */

static bool goes_by(const struct secret_rule *rule, struct str id)
{
  if (str_eq(rule->rule.id, id))
    return true;
  for (size_t i = 0; i < rule->also_count; i++)
    if (str_eq(rule->also[i], id))
      return true;
  return false;
}

static const void *append(struct arena *arena, const void *a, size_t a_count, const void *b,
                          size_t b_count, size_t size)
{
  char *list = arena_alloc_array(arena, a_count + b_count + 1, size);
  if (a_count)
    memcpy(list, a, a_count * size);
  if (b_count)
    memcpy(list + a_count * size, b, b_count * size);
  return list;
}

/* The rule of the file changes that of the same id in what it extends. */
static void merge(struct loader *l, struct secret_rule *rule, const struct secret_rule *base)
{
  struct arena *arena = &l->set->arena;
  struct secret_rule merged = *base;
  if (rule->rule.why.len)
    merged.rule.why = rule->rule.why;
  if (rule->entropy > 0)
    merged.entropy = rule->entropy;
  if (rule->secret_group)
    merged.secret_group = rule->secret_group;
  if (rule->path.len)
    merged.path = rule->path;
  if (rule->pattern.len) {
    merged.pattern = rule->pattern;
    merged.builtin = false;
    merged.text = true;
  }
  merged.tags =
      append(arena, base->tags, base->tag_count, rule->tags, rule->tag_count, sizeof *rule->tags);
  merged.tag_count = base->tag_count + rule->tag_count;
  merged.keywords = append(arena, base->keywords, base->keyword_count, rule->keywords,
                           rule->keyword_count, sizeof *rule->keywords);
  merged.keyword_count = base->keyword_count + rule->keyword_count;
  merged.allow = append(arena, base->allow, base->allow_count, rule->allow, rule->allow_count,
                        sizeof *rule->allow);
  merged.allow_count = base->allow_count + rule->allow_count;
  *rule = merged;
}

static int extend(struct loader *l, const struct secret_rule *base, size_t count,
                  const struct str *disabled, size_t disabled_count)
{
  size_t own = l->rules.count;
  for (size_t i = 0; i < count; i++) {
    bool known = false;
    for (size_t k = 0; k < disabled_count && !known; k++)
      known = goes_by(&base[i], disabled[k]);
    for (size_t k = 0; k < own && !known; k++)
      if (goes_by(&base[i], l->rules.items[k].rule.id)) {
        merge(l, &l->rules.items[k], &base[i]);
        known = true;
      }
    if (!known)
      vec_push(&l->rules, base[i]);
  }
  return l->rules.count <= SECRET_RULES_MAX
             ? 0
             : error_set(l->err, SW_ELIMIT, "%s: more than %d rules", l->name, SECRET_RULES_MAX);
}

static int read_file(struct loader *l, struct str text);

static void free_loader(struct loader *l)
{
  vec_free(&l->rules);
  vec_free(&l->allow);
  vec_free(&l->targeted);
}

static int extend_file(struct loader *l, struct str path, const struct str *disabled, size_t count)
{
  _cleanup_(buf_free) struct buf text = {0};
  struct loader base = {.set = l->set,
                        .options = l->options,
                        .name = arena_copy(&l->set->arena, path).data,
                        .check = l->check,
                        .depth = l->depth + 1,
                        .err = l->err};
  if (!l->options->read)
    return error_set(l->err, SW_EUNSUPPORTED, "%s: [extend] path cannot be followed here", l->name);
  buf_init(&text, SECRET_RULES_TEXT_MAX);
  int rc = l->options->read(l->options->context, path, &text, l->err);
  if (rc < 0)
    return error_wrap(l->err, "%s: [extend]", l->name);
  rc = read_file(&base, buf_str(&text));
  if (rc == 0)
    rc = extend(l, base.rules.items, base.rules.count, disabled, count);
  for (size_t i = 0; rc == 0 && i < base.allow.count; i++)
    vec_push(&l->allow, base.allow.items[i]);
  free_loader(&base);
  return rc;
}

static int read_extend(struct loader *l, struct value root)
{
  struct value v = member(root, "extend");
  bool usual = value_is_true(member(v, "usedefault"));
  struct str path = STR_EMPTY;
  const struct str *disabled = NULL;
  size_t count = 0;
  if (l->depth >= EXTEND_MAX || value_is(v, VALUE_ABSENT))
    return 0;
  if (read_text(l, v, "path", &path) < 0 ||
      read_texts(l, v, "disabledrules", &disabled, &count) < 0)
    return SW_EINVAL;
  if (path.len && usual)
    return error_set(l->err, SW_EINVAL, "%s: [extend] has both path and useDefault", l->name);
  if (usual)
    return extend(l, secret_rule_image.rules, secret_rule_image.count, disabled, count);
  return path.len ? extend_file(l, path, disabled, count) : 0;
}

static int apply_targeted(struct loader *l)
{
  for (size_t i = 0; i < l->targeted.count; i++) {
    const struct targeted *t = &l->targeted.items[i];
    size_t k = 0;
    while (k < l->rules.count && !goes_by(&l->rules.items[k], t->id))
      k++;
    if (k == l->rules.count)
      return complain(l, t->id, "is the target of an allow list and does not exist");
    struct secret_rule *rule = &l->rules.items[k];
    rule->allow =
        append(&l->set->arena, rule->allow, rule->allow_count, &t->allow, 1, sizeof t->allow);
    rule->allow_count++;
  }
  return 0;
}

/* ---- files */

/* The later of two rules of one id counts. */
static int drop_repeated(struct loader *l)
{
  size_t kept = 0;
  for (size_t i = 0; i < l->rules.count; i++) {
    bool later = false;
    for (size_t k = i + 1; k < l->rules.count && !later; k++)
      later = str_eq(l->rules.items[i].rule.id, l->rules.items[k].rule.id);
    if (!later)
      l->rules.items[kept++] = l->rules.items[i];
  }
  l->rules.count = kept;
  return 0;
}

static int read_file(struct loader *l, struct str text)
{
  struct secret_rules *set = l->set;
  struct toml_options options = {.size_max = SECRET_RULES_TEXT_MAX};
  struct value root;
  struct secret_rules_text *kept = &set->texts[set->text_count++];
  kept->name = arena_copy(&set->arena, str_from(l->name));
  kept->text = arena_copy(&set->arena, text);
  int rc = toml_read(kept->text, &set->arena, &options, &root, l->err);
  if (rc < 0)
    return l->err->line ? error_wrap(l->err, "%s:%u", l->name, l->err->line)
                        : error_wrap(l->err, "%s", l->name);
  struct value rules = member(root, "rules");
  if (!value_is(rules, VALUE_ABSENT) && !value_is(rules, VALUE_ARRAY))
    return error_set(l->err, SW_EINVAL, "%s: \"rules\" must be a list of tables", l->name);
  for (uint32_t i = 0; i < rules.len && rc == 0; i++)
    rc = read_rule(l, rules.items[i]);
  if (rc == 0)
    rc = drop_repeated(l);
  if (rc == 0 && read_global_allow(l, root) < 0)
    rc = l->err->code;
  return rc == 0 ? read_extend(l, root) : l->err->code;
}

/* Rules and lists as the set has them, for good. */
static int finish(struct loader *l)
{
  struct arena *arena = &l->set->arena;
  if (apply_targeted(l) < 0)
    return l->err->code;
  for (size_t i = 0; i < l->rules.count; i++) {
    complete(l, &l->rules.items[i]);
    if (!l->rules.items[i].builtin && check_rule(l, &l->rules.items[i]) < 0)
      return l->err->code;
  }
  const struct secret_rule *rules =
      append(arena, l->rules.items, l->rules.count, NULL, 0, sizeof *rules);
  const struct secret_allow *allow =
      append(arena, l->allow.items, l->allow.count, NULL, 0, sizeof *allow);
  secret_rules_set(l->set, rules, l->rules.count, allow, l->allow.count);
  return 0;
}

int secret_rules_read_gitleaks(struct secret_rules *set, struct str text, const char *name,
                               const struct secret_rules_options *options, bool check,
                               struct error *err)
{
  struct error own;
  struct loader l = {.set = set, .options = options, .name = name, .check = check, .err = &own};
  int rc = read_file(&l, text);
  if (rc == 0)
    rc = finish(&l);
  /* A mistyped [[rules]] must not look like an image without secrets. */
  if (rc == 0 && l.rules.count == 0)
    rc = error_set(
        &own, SW_EINVAL,
        "%s: there is no rule in it, so nothing would be looked for; it needs [[rules]], or "
        "useDefault = true below [extend]",
        name);
  free_loader(&l);
  if (rc < 0 && err)
    *err = own;
  return rc < 0 ? own.code : 0;
}
