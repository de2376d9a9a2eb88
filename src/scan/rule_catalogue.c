#include "scan/rule_catalogue.h"

#include "scan/check/check_rules.h"
#include "scan/check/dockerfile.h"
#include "scan/image/findings.h"
#include "scan/secret/rule_image.h"

static const struct str vulnerability_references[] = {STR_INIT("https://osv.dev/"),
                                                      STR_INIT("https://www.cve.org/")};
static const struct control vulnerability_controls[] = {
    {STR_INIT("cis-docker"), STR_INIT("4.4")},
    {STR_INIT("dockle"), STR_INIT("CIS-DI-0004")},
};

const struct rule scan_rule_vulnerability = {
    .id = STR_INIT("vulnerability"),
    .title = STR_INIT("A package has a known vulnerability"),
    .why =
        STR_INIT("What it lets an attacker do is public, and so, often, is the program that does "
                 "it."),
    .remedy = STR_INIT("Upgrade the package to the version that the finding names, and build the "
                       "image anew. Where there is no fix yet, see whether the package is needed."),
    .severity = SEVERITY_UNKNOWN,
    .references = vulnerability_references,
    .reference_count = sizeof vulnerability_references / sizeof *vulnerability_references,
    .controls = vulnerability_controls,
    .control_count = sizeof vulnerability_controls / sizeof *vulnerability_controls,
};

static const struct str secret_references[] = {
    STR_INIT("https://docs.docker.com/build/building/secrets/"),
    STR_INIT("https://kubernetes.io/docs/concepts/configuration/secret/")};
static const struct control secret_controls[] = {
    {STR_INIT("cis-docker"), STR_INIT("4.10")},
    {STR_INIT("dockle"), STR_INIT("CIS-DI-0010")},
    {STR_INIT("mitre"), STR_INIT("T1552")},
};

const struct rule scan_rule_secret = {
    .id = STR_INIT("secret"),
    .title = STR_INIT("A key, token or password is in the image"),
    .why = STR_INIT("Everybody who can pull the image can use it, also when a later layer has "
                    "deleted the file."),
    .remedy = STR_INIT("Replace the secret, since it has to count as known. Hand it to builds as "
                       "RUN --mount=type=secret, and to containers when they start."),
    .severity = SEVERITY_UNKNOWN,
    .references = secret_references,
    .reference_count = sizeof secret_references / sizeof *secret_references,
    .controls = secret_controls,
    .control_count = sizeof secret_controls / sizeof *secret_controls,
};

const char *scan_subject_name(enum scan_subject subject)
{
  static const char *const names[] = {
      [SCAN_SUBJECT_DOCKERFILE] = "dockerfile",
      [SCAN_SUBJECT_IMAGE] = "image",
      [SCAN_SUBJECT_PACKAGE] = "package",
      [SCAN_SUBJECT_SECRET] = "secret",
  };
  return names[subject];
}

/* ---- one number for all tables, in their order */

static size_t check_count(void)
{
  size_t count = 0;
  while (check_rule_at(count))
    count++;
  return count;
}

size_t scan_rule_count(void)
{
  return check_count() + 1 + package_license_rule_count + 1 + secret_rule_image.count;
}

static struct scan_rule package_rule_at(size_t number)
{
  const struct rule *rule = number ? &package_license_rules[number - 1] : &scan_rule_vulnerability;
  return (struct scan_rule){rule, SCAN_SUBJECT_PACKAGE, NULL};
}

static struct scan_rule secret_rule_at(size_t number)
{
  if (!number)
    return (struct scan_rule){&scan_rule_secret, SCAN_SUBJECT_SECRET, NULL};
  return (struct scan_rule){&secret_rule_image.rules[number - 1].rule, SCAN_SUBJECT_SECRET,
                            &scan_rule_secret};
}

struct scan_rule scan_rule_at(size_t number)
{
  const struct rule *check = check_rule_at(number);
  if (check)
    return (struct scan_rule){
        check, number < dockerfile_rule_count ? SCAN_SUBJECT_DOCKERFILE : SCAN_SUBJECT_IMAGE, NULL};
  size_t behind = number - check_count(), packages = 1 + package_license_rule_count;
  return behind < packages ? package_rule_at(behind) : secret_rule_at(behind - packages);
}

bool scan_rule_find(struct str id, struct scan_rule *ret)
{
  size_t count = scan_rule_count();
  for (size_t i = 0; i < count; i++) {
    struct scan_rule r = scan_rule_at(i);
    if (!str_eq(r.rule->id, id))
      continue;
    *ret = r;
    return true;
  }
  return false;
}

bool scan_rule_is_advisory(struct str id)
{
  bool capital = false, digit = false, hyphen = false;
  for (size_t i = 0; i < id.len; i++) {
    capital |= id.data[i] >= 'A' && id.data[i] <= 'Z';
    digit |= id.data[i] >= '0' && id.data[i] <= '9';
    hyphen |= id.data[i] == '-';
  }
  return capital && digit && hyphen;
}

const struct rule *scan_rule_family(const struct finding *f)
{
  struct str id = f->rule->id;
  if (f->package)
    return str_starts(id, STR("license-")) ? NULL : &scan_rule_vulnerability;
  return check_rule_find(id) ? NULL : &scan_rule_secret;
}
