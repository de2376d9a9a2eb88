/*
 * Debian's security tracker as it publishes its data: source package → vulnerability → releases. What is open
 * and what is known not to matter stands there as well as what is fixed.
 */
#include "scan/advisory/import_int.h"

static struct value member(struct value v, const char *name)
{
  return value_get(v, value_from(name));
}

static struct str text(struct value v, const char *name)
{
  return value_str_or_empty(member(v, name));
}

/* Why there will be no security announcement, in the tracker's words. */
static const struct {
  struct str reason;
  enum advisory_status status;
} reasons[] = {
    {STR_INIT("ignored"), ADVISORY_WILL_NOT_FIX},
    {STR_INIT("postponed"), ADVISORY_FIX_DEFERRED},
};

static enum advisory_status open_status(struct value release)
{
  struct str reason = text(release, "nodsa_reason");
  for (size_t i = 0; i < sizeof reasons / sizeof *reasons; i++)
    if (str_eq(reasons[i].reason, reason))
      return reasons[i].status;
  if (str_eq(text(release, "urgency"), STR("end-of-life")))
    return ADVISORY_END_OF_LIFE;
  return value_is(member(release, "nodsa"), VALUE_STRING) ? ADVISORY_FIX_DEFERRED
                                                          : ADVISORY_AFFECTED;
}

/* "not yet assigned" and "end-of-life" weigh nothing. */
static void read_urgency(struct str urgency, struct advisory_affected *a)
{
  if (str_eq(urgency, STR("end-of-life")))
    a->note = urgency;
  else if (!str_eq(urgency, STR("not yet assigned")))
    a->severity_text = urgency;
  a->severity = import_severity(a->severity_text);
}

/* False: the release has no number, or nothing is said. */
static bool read_release(struct arena *arena, struct str source, struct str codename,
                         struct value release, struct advisory_affected *a)
{
  struct str number = import_debian_release(codename);
  struct str status = text(release, "status"), fixed = text(release, "fixed_version");
  if (number.len == 0)
    return false;
  *a = (struct advisory_affected){.ecosystem = arena_printf(arena, "Debian:%.*s", STR_FMT(number)),
                                  .name = source};
  read_urgency(text(release, "urgency"), a);
  if (text(release, "nodsa").len)
    a->note = text(release, "nodsa");
  if (str_eq(status, STR("resolved")) && str_eq(fixed, STR("0"))) {
    a->status = ADVISORY_NOT_AFFECTED;
    return true;
  }
  if (str_eq(status, STR("undetermined")))
    a->status = ADVISORY_UNDER_INVESTIGATION;
  else if (str_eq(status, STR("open")))
    a->status = open_status(release);
  else if (!str_eq(status, STR("resolved")) || fixed.len == 0)
    return false;
  a->ranges = import_range(arena, STR_EMPTY, str_eq(status, STR("resolved")) ? fixed : STR_EMPTY);
  a->range_count = 1;
  return true;
}

static int read_vulnerability(struct advisory_import *import, struct arena *arena,
                              struct str source, struct str id, struct value v, struct error *err)
{
  struct value releases = member(v, "releases");
  struct advisory advisory = {.id = id, .description = text(v, "description")};
  if (id.len == 0 || id.len > ADVISORY_ID_MAX || !value_is(releases, VALUE_OBJECT))
    return import_unreadable_because(import, str_sub(id, 0, ADVISORY_ID_MAX),
                                     "%.*s: it has no releases", STR_FMT(str_sub(source, 0, 200)));
  struct advisory_affected *affected = arena_array(arena, struct advisory_affected, releases.len);
  for (uint32_t i = 0; i < releases.len && i < ADVISORY_AFFECTED_MAX; i++)
    advisory.affected_count += read_release(arena, source, value_str(releases.members[i].key),
                                            releases.members[i].value,
                                            &affected[advisory.affected_count]);
  advisory.affected = affected;
  return import_add(import, arena, &advisory, NULL, 0, err);
}

static int read_source(struct advisory_import *import, struct arena *arena, struct str name,
                       struct value vulnerabilities, struct error *err)
{
  int rc = 0;
  if (!value_is(vulnerabilities, VALUE_OBJECT) || name.len == 0)
    return import_unreadable_because(import, str_sub(name, 0, ADVISORY_ID_MAX),
                                     "a source package must have an object of vulnerabilities");
  for (uint32_t i = 0; rc == 0 && i < vulnerabilities.len; i++)
    rc = read_vulnerability(import, arena, name, value_str(vulnerabilities.members[i].key),
                            vulnerabilities.members[i].value, err);
  return rc;
}

static int import(struct advisory_import *import, const struct oci_input *unpacked,
                  struct error *err)
{
  return import_members(import, unpacked, read_source, err);
}

static bool detect(struct str name, struct str head)
{
  static const char *const members[] = {"releases", "repositories", "urgency"};
  return import_head_has(head, members, 3);
}

const struct advisory_format advisory_format_debian_tracker = {
    .name = "debian-tracker",
    .description = "Debian's security tracker: data/json",
    .detect = detect,
    .import = import,
};
