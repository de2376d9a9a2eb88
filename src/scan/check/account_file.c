#include "scan/check/account_file.h"

#include "base/map.h"
#include "scan/check/check_int.h"
#include "scan/faults_int.h"

static const struct str kind_names[ACCOUNT_FACT_KINDS] = {
    [ACCOUNT_EMPTY_PASSWORD] = STR_INIT("empty-password"),
    [ACCOUNT_PASSWORD] = STR_INIT("password"),
    [ACCOUNT_SECOND_ROOT] = STR_INIT("second-root"),
    [ACCOUNT_SAME_UID] = STR_INIT("same-uid"),
    [ACCOUNT_SAME_GID] = STR_INIT("same-gid"),
    [ACCOUNT_SAME_NAME] = STR_INIT("same-name"),
};

/* The files, and where their lines have what. */
struct file_row {
  struct str path;
  size_t fields;                /* at least */
  int id;                       /* field of the number; -1: none */
  enum account_fact_kind twice; /* what two of the same number are */
  bool users;                   /* its passwords are those of users */
};

static const struct file_row files[] = {
    {STR_INIT("etc/passwd"), 4, 2, ACCOUNT_SAME_UID, true},
    {STR_INIT("etc/shadow"), 2, -1, ACCOUNT_SAME_NAME, true},
    {STR_INIT("etc/master.passwd"), 4, 2, ACCOUNT_SAME_UID, true},
    {STR_INIT("etc/group"), 3, 2, ACCOUNT_SAME_GID, false},
};

enum { FIELDS = 4 };

static const struct file_row *row_of(struct str path)
{
  for (size_t i = 0; i < CHECK_COUNT(files); i++)
    if (str_eq(path, files[i].path))
      return &files[i];
  return NULL;
}

bool account_file_wants(struct str path)
{
  return row_of(path) != NULL;
}

void account_facts_init(struct account_facts *facts, struct arena *arena)
{
  *facts = (struct account_facts){.arena = arena};
}

static void keep(struct account_facts *facts, const struct account_fact *fact)
{
  if (facts->count == facts->room) {
    size_t room = facts->room ? facts->room * 2 : 8;
    struct account_fact *items = arena_array(facts->arena, struct account_fact, room);
    if (facts->count)
      memcpy(items, facts->items, facts->count * sizeof *items);
    facts->items = items;
    facts->room = room;
  }
  facts->items[facts->count++] = *fact;
}

/* ---- reading */

struct reading {
  struct account_facts *facts;
  const struct file_row *row;
  struct str path;
  uint32_t layer, line;
  size_t found;
  struct map names, ids; /* text -> name */
  struct faults faults;
};

/* A name as it may be told and stored: no spaces, no controls, not endless. */
static struct str plain_name(struct reading *r, struct str name)
{
  char *text = arena_alloc(r->facts->arena, ACCOUNT_NAME_MAX);
  size_t len = name.len < ACCOUNT_NAME_MAX ? name.len : ACCOUNT_NAME_MAX;
  for (size_t i = 0; i < len; i++)
    text[i] = (char)(name.data[i] > ' ' && name.data[i] < 127 ? name.data[i] : '?');
  return str_make(text, len);
}

static int add_fact(struct reading *r, enum account_fact_kind kind, struct str name,
                    struct str other, struct error *err)
{
  if (r->found++ >= ACCOUNT_FACTS_MAX)
    return error_set(err, SW_ELIMIT, "more than %d accounts are to be told of", ACCOUNT_FACTS_MAX);
  keep(r->facts, &(struct account_fact){.kind = kind,
                                        .line = r->line,
                                        .name = plain_name(r, name),
                                        .other = other.len ? plain_name(r, other) : STR_EMPTY,
                                        .path = r->path,
                                        .layer = r->layer});
  return 0;
}

/* Whether the text was there before, with another name. */
static bool is_double(struct map *seen, struct str text, struct str name, struct str *ret_other)
{
  bool added;
  union map_value *value = map_put(seen, text, &added);
  if (!added) {
    const struct str *other = value->view;
    *ret_other = *other;
    return true;
  }
  struct str *kept = arena_alloc(seen->arena, sizeof *kept);
  *kept = name;
  value->view = kept;
  return false;
}

/* "x" sends to the shadow file; what begins with "*" or "!" fits no password. */
static bool is_password(struct str field)
{
  return field.len && field.data[0] != '*' && field.data[0] != '!' && !str_eq(field, STR("x"));
}

static int read_password(struct reading *r, const struct str *fields, struct error *err)
{
  struct str password = fields[1];
  if (!r->row->users)
    return 0;
  if (!password.len)
    return add_fact(r, ACCOUNT_EMPTY_PASSWORD, fields[0], STR_EMPTY, err);
  if (is_password(password))
    return add_fact(r, ACCOUNT_PASSWORD, fields[0], STR_EMPTY, err);
  return 0;
}

static int read_number(struct reading *r, const struct str *fields, struct error *err)
{
  if (r->row->id < 0)
    return 0;
  unsigned long long id;
  struct str text = fields[r->row->id], other;
  if (!str_to_u64(text, UINT32_MAX, &id))
    return error_set(err, SW_EINVAL, "line %u: \"%.*s\" is no number of a user or group", r->line,
                     (int)(text.len < 20 ? text.len : 20), text.data);
  /* Written as a number again, so that 0 and 00 are one. */
  struct str number = arena_printf(r->names.arena, "%llu", id);
  if (id == 0 && r->row->users && !str_eq(fields[0], STR("root")))
    return add_fact(r, ACCOUNT_SECOND_ROOT, fields[0], STR_EMPTY, err);
  if (is_double(&r->ids, number, fields[0], &other) && !str_eq(other, fields[0]))
    return add_fact(r, r->row->twice, fields[0], other, err);
  return 0;
}

static int read_line(struct reading *r, struct str line, struct error *err)
{
  struct str fields[FIELDS] = {0}, rest = line, other;
  size_t count = 0;
  while (rest.data && count < FIELDS)
    fields[count++] = str_cut(rest, ':', &rest);
  if (count < r->row->fields || !fields[0].len)
    return error_set(err, SW_EINVAL, "line %u is no account: it lacks fields", r->line);
  if (is_double(&r->names, fields[0], fields[0], &other))
    return add_fact(r, ACCOUNT_SAME_NAME, fields[0], STR_EMPTY, err);
  int rc = read_password(r, fields, err);
  return rc < 0 ? rc : read_number(r, fields, err);
}

static int read_lines(struct reading *r, struct str bytes, struct error *err)
{
  struct str rest = bytes;
  while (rest.data && rest.len) {
    struct str line = str_cut(rest, '\n', &rest);
    if (line.len && line.data[line.len - 1] == '\r')
      line.len--;
    if (++r->line > ACCOUNT_LINES_MAX)
      return error_set(err, SW_ELIMIT, "it has more than %d lines", ACCOUNT_LINES_MAX);
    if (!str_trim(line).len || line.data[0] == '#' || line.data[0] == '+' || line.data[0] == '-')
      continue;
    struct error fault;
    if (read_line(r, line, &fault) < 0 && faults_add(&r->faults, &fault) < 0)
      break;
  }
  return faults_end(&r->faults, err);
}

int account_file_read(struct account_facts *facts, struct str path, uint32_t layer,
                      struct str bytes, struct error *err)
{
  struct reading r = {.facts = facts, .row = row_of(path), .layer = layer};
  if (!r.row)
    return error_set(err, SW_EUSAGE, "\"%.*s\" is no file of accounts", STR_FMT(path));
  if (bytes.len > ACCOUNT_FILE_MAX)
    return error_set(err, SW_ELIMIT, "%.*s: it is larger than %d bytes", STR_FMT(path),
                     ACCOUNT_FILE_MAX);
  r.path = arena_copy(facts->arena, path);
  struct arena scratch;
  arena_init(&scratch, 0);
  map_init(&r.names, &scratch);
  map_init(&r.ids, &scratch);
  int rc = read_lines(&r, bytes, err);
  map_free(&r.names);
  map_free(&r.ids);
  arena_free(&scratch);
  return rc < 0 ? error_wrap(err, "%.*s", STR_FMT(path)) : 0;
}

/* ---- facts as texts */

void account_fact_write(const struct account_fact *fact, struct buf *to)
{
  buf_add(to, kind_names[fact->kind]);
  buf_printf(to, " %u %.*s", fact->line, STR_FMT(fact->name));
  if (fact->other.len)
    buf_printf(to, " %.*s", STR_FMT(fact->other));
}

static bool is_plain(struct str name)
{
  for (size_t i = 0; i < name.len; i++)
    if (name.data[i] <= ' ' || name.data[i] >= 127)
      return false;
  return name.len <= ACCOUNT_NAME_MAX;
}

int account_fact_read(struct account_facts *facts, struct str path, uint32_t layer, struct str text,
                      struct error *err)
{
  struct str rest = text, kind = str_cut(rest, ' ', &rest);
  struct str line = str_cut(rest, ' ', &rest), name = str_cut(rest, ' ', &rest);
  struct account_fact fact = {.kind = ACCOUNT_FACT_KINDS, .layer = layer};
  unsigned long long number;
  for (int i = 0; i < ACCOUNT_FACT_KINDS; i++)
    if (str_eq(kind, kind_names[i]))
      fact.kind = (enum account_fact_kind)i;
  if (fact.kind == ACCOUNT_FACT_KINDS || !str_to_u64(line, UINT32_MAX, &number) || !name.len ||
      !is_plain(name) || !is_plain(rest))
    return error_set(err, SW_EINVAL, "this is no fact of an account");
  fact.line = (uint32_t)number;
  fact.name = arena_copy(facts->arena, name);
  fact.other = arena_copy(facts->arena, rest);
  fact.path = arena_copy(facts->arena, path);
  keep(facts, &fact);
  return 0;
}

bool account_facts_is_root(const struct account_facts *facts, struct str name)
{
  for (size_t i = 0; i < facts->count; i++) {
    const struct account_fact *fact = &facts->items[i];
    if (fact->kind == ACCOUNT_SECOND_ROOT && !fact->hidden && str_eq(fact->name, name))
      return true;
  }
  return false;
}

/* ---- judging */

enum account_rule { RULE_EMPTY_PASSWORD, RULE_SECOND_ROOT, RULE_PASSWORD, RULE_DOUBLE, RULES };

static const struct str references[] = {
    STR_INIT("https://man7.org/linux/man-pages/man5/shadow.5.html"),
    STR_INIT("https://man7.org/linux/man-pages/man5/passwd.5.html")};
static const struct control password_controls[] = {CHECK_DOCKLE("DKL-LI-0001"),
                                                   CHECK_MITRE("T1078")};
static const struct control hash_controls[] = {CHECK_CIS("4.10"), CHECK_DOCKLE("CIS-DI-0010"),
                                               CHECK_MITRE("T1552")};
static const struct control root_controls[] = {CHECK_CIS("4.1"), CHECK_DOCKLE("CIS-DI-0001"),
                                               CHECK_DOCKLE("DKL-LI-0002")};
static const struct control double_controls[] = {CHECK_DOCKLE("DKL-LI-0002")};

const struct rule account_rules[RULES] = {
    [RULE_EMPTY_PASSWORD] =
        {
            .id = STR_INIT("image-empty-password"),
            .title = STR_INIT("An account has no password"),
            .why = STR_INIT(
                "Anybody who can start su or reach a login becomes this user; if it is root, "
                "any process of the container does."),
            .remedy =
                STR_INIT("Lock the account: RUN passwd -l NAME, or sed -i 's/^NAME::/NAME:!:/' "
                         "/etc/shadow."),
            .severity = SEVERITY_HIGH,
            CHECK_REFERENCES(references),
            CHECK_CONTROLS(password_controls),
        },
    [RULE_SECOND_ROOT] =
        {
            .id = STR_INIT("image-second-root"),
            .title = STR_INIT("An account that is not called root has its user ID"),
            .why = STR_INIT(
                "A container that starts as this user runs as root, although nothing in its "
                "settings looks like it."),
            .remedy = STR_INIT("Give the account a user ID of its own."),
            .severity = SEVERITY_HIGH,
            CHECK_REFERENCES(references),
            CHECK_CONTROLS(root_controls),
        },
    [RULE_PASSWORD] =
        {
            .id = STR_INIT("image-account-password"),
            .title = STR_INIT("An account has a password"),
            .why = STR_INIT(
                "Everybody who can pull the image can try passwords against the hash at home, and "
                "what they find opens every container made of it."),
            .remedy = STR_INIT("Lock the account; services in containers need no password."),
            .severity = SEVERITY_MEDIUM,
            CHECK_REFERENCES(references),
            CHECK_CONTROLS(hash_controls),
        },
    [RULE_DOUBLE] =
        {
            .id = STR_INIT("image-duplicate-account"),
            .title = STR_INIT("Two accounts share a number or a name"),
            .why =
                STR_INIT("Files of the one belong to the other too, and logs name the wrong one."),
            .remedy = STR_INIT("Give each user and group a number and a name of its own."),
            .severity = SEVERITY_LOW,
            CHECK_REFERENCES(references),
            CHECK_CONTROLS(double_controls),
        },
};

const size_t account_rule_count = RULES;

static const struct {
  enum account_rule rule;
  const char *message; /* of name, and of the other */
} judgements[ACCOUNT_FACT_KINDS] = {
    [ACCOUNT_EMPTY_PASSWORD] = {RULE_EMPTY_PASSWORD, "has no password"},
    [ACCOUNT_PASSWORD] = {RULE_PASSWORD, "has the hash of a password"},
    [ACCOUNT_SECOND_ROOT] = {RULE_SECOND_ROOT, "has user ID 0"},
    [ACCOUNT_SAME_UID] = {RULE_DOUBLE, "has the same user ID as"},
    [ACCOUNT_SAME_GID] = {RULE_DOUBLE, "has the same group ID as"},
    [ACCOUNT_SAME_NAME] = {RULE_DOUBLE, "is there twice"},
};

static void judge(const struct account_fact *fact, const struct check_target *target,
                  struct finding_list *findings)
{
  const struct rule *rule = &account_rules[judgements[fact->kind].rule];
  struct finding *f = check_finding(findings, rule, target, fact->path);
  f->location.line = fact->line;
  f->message = arena_printf(findings->arena, "%.*s %s%s%.*s", STR_FMT(fact->name),
                            judgements[fact->kind].message, fact->other.len ? " " : "",
                            STR_FMT(fact->other));
  f->evidence = fact->name;
  finding_seal(f, f->message);
}

void account_facts_judge(const struct account_facts *facts, const struct check_target *target,
                         struct finding_list *findings)
{
  for (size_t i = 0; i < facts->count; i++)
    if (!facts->items[i].hidden)
      judge(&facts->items[i], target, findings);
}
