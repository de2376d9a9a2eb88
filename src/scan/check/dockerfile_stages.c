#include "scan/check/check_int.h"
#include "scan/check/dockerfile_int.h"
#include "scan/check/image_setting.h"
#include "scan/os_release.h"

static const struct dockerfile_instruction *from_of(const struct docker_judge *j,
                                                    const struct dockerfile_stage *s)
{
  return &j->file->items[s->first];
}

/* The last instruction of a kind in a stage; NULL: there is none. ret_count: how many. */
static const struct dockerfile_instruction *last_of(const struct docker_judge *j,
                                                    const struct dockerfile_stage *s,
                                                    enum dockerfile_kind kind, size_t *ret_count)
{
  const struct dockerfile_instruction *last = NULL;
  *ret_count = 0;
  for (size_t i = s->first; i <= s->last && i < j->file->count; i++)
    if (j->file->items[i].kind == kind && !j->file->items[i].on_build) {
      last = &j->file->items[i];
      ++*ret_count;
    }
  return last;
}

/* The same, also in the stages that it is built on. */
static const struct dockerfile_instruction *inherited(const struct docker_judge *j,
                                                      const struct dockerfile_stage *s,
                                                      enum dockerfile_kind kind)
{
  size_t count;
  for (size_t steps = 0; steps <= j->file->stage_count; steps++) {
    const struct dockerfile_instruction *i = last_of(j, s, kind, &count);
    if (i || s->base_stage < 0)
      return i;
    s = &j->file->stages[s->base_stage];
  }
  return NULL;
}

/* The image at the bottom of a stage. */
static const struct dockerfile_stage *bottom_of(const struct docker_judge *j,
                                                const struct dockerfile_stage *s)
{
  while (s->base_stage >= 0)
    s = &j->file->stages[s->base_stage];
  return s;
}

/* ---- bases */

static bool is_scratch(struct str base)
{
  return str_eq(base, STR("scratch"));
}

static bool has_digest(struct str base)
{
  return str_find(base, 0, STR("@sha256:")) >= 0 || str_find(base, 0, STR("@sha512:")) >= 0;
}

static void judge_base_name(struct docker_judge *j, const struct dockerfile_stage *s)
{
  const struct dockerfile_instruction *from = from_of(j, s);
  if (s->base_unknown || s->base_stage >= 0 || is_scratch(s->base))
    return;
  if (j->options->registry_count &&
      !image_setting_allowed(s->base, j->options->registries, j->options->registry_count))
    docker_say(j, DOCKER_RULE_REGISTRY, from,
               "the base %.*s comes from none of the allowed registries", STR_FMT(s->base));
  if (image_setting_latest(s->base))
    docker_say(j, DOCKER_RULE_LATEST, from, "the base %.*s has no version", STR_FMT(s->base));
  else if (!has_digest(s->base))
    docker_say(j, DOCKER_RULE_DIGEST, from, "the base %.*s is not named by its digest",
               STR_FMT(s->base));
}

/* Official images whose tags are releases of a distribution. */
static const struct {
  struct str repository;
  const char *id; /* as os-release(5) has it */
} distributions[] = {
    {STR_INIT("debian"), "debian"},
    {STR_INIT("ubuntu"), "ubuntu"},
    {STR_INIT("alpine"), "alpine"},
    {STR_INIT("centos"), "centos"},
    {STR_INIT("fedora"), "fedora"},
    {STR_INIT("almalinux"), "almalinux"},
    {STR_INIT("rockylinux"), "rocky"},
    {STR_INIT("amazonlinux"), "amzn"},
    {STR_INIT("oraclelinux"), "ol"},
    {STR_INIT("opensuse/leap"), "opensuse-leap"},
    {STR_INIT("rockylinux/rockylinux"), "rocky"},
};

static struct str without_prefix(struct str base)
{
  static const struct str prefixes[] = {STR_INIT("docker.io/"), STR_INIT("index.docker.io/"),
                                        STR_INIT("library/")};
  for (size_t i = 0; i < CHECK_COUNT(prefixes); i++)
    if (str_starts(base, prefixes[i]))
      base = str_sub(base, prefixes[i].len, base.len);
  return base;
}

/* "12-slim", "3.12.1": the release; a tag that begins with a word names none. */
static struct str release_of(const struct os_family *family, struct str tag)
{
  size_t len = 0, dots = 0;
  size_t dots_max = family->part == OS_RELEASE_MAJOR ? 0 : 1;
  while (len < tag.len &&
         (tag.data[len] == '.' || (tag.data[len] >= '0' && tag.data[len] <= '9'))) {
    if (tag.data[len] == '.' && dots++ == dots_max)
      break;
    len++;
  }
  bool whole = len == tag.len || tag.data[len] == '-' || tag.data[len] == '.';
  return whole && len ? str_sub(tag, 0, len) : STR_EMPTY;
}

/* After the regular end there may be longer support, which an image has only if somebody sees to it. */
static void tell_end_of_life(struct docker_judge *j, const struct dockerfile_stage *s,
                             const struct os_release *os, const struct os_end_of_life *dates)
{
  bool longer = dates->extended[0] && !os_release_is_over(os, true, j->options->now);
  struct finding *f = docker_say(
      j, DOCKER_RULE_END_OF_LIFE, from_of(j, s), "%s %.*s has had no %sfixes since %s%s%s",
      os->family->name, STR_FMT(os->version), longer ? "regular " : "", dates->standard,
      longer ? "; longer support ends " : "", longer ? dates->extended : "");
  if (longer)
    f->severity = SEVERITY_LOW;
}

static void judge_end_of_life(struct docker_judge *j, const struct dockerfile_stage *s)
{
  struct str rest, base = without_prefix(s->base);
  struct str name = str_cut(base, '@', &rest), tag, repository = str_cut(name, ':', &tag);
  for (size_t i = 0; i < CHECK_COUNT(distributions); i++) {
    const struct os_family *family = os_family_find(str_from(distributions[i].id));
    if (!str_eq(repository, distributions[i].repository) || !family || !tag.data)
      continue;
    struct os_release os = {
        .family = family, .id = str_from(distributions[i].id), .version = release_of(family, tag)};
    os.release = os.version;
    const struct os_end_of_life *dates = os.version.len ? os_release_end_of_life(&os) : NULL;
    if (dates && os_release_is_over(&os, false, j->options->now))
      tell_end_of_life(j, s, &os, dates);
  }
}

/* ---- the image that comes out */

/* Bases that start as another user than root by themselves. */
static bool is_without_root(const struct docker_judge *j, const struct dockerfile_stage *s)
{
  struct str base = bottom_of(j, s)->base;
  return str_find(base, 0, STR("nonroot")) >= 0 || str_find(base, 0, STR("rootless")) >= 0 ||
         str_find(base, 0, STR("unprivileged")) >= 0 ||
         str_starts(base, STR("cgr.dev/chainguard")) || str_starts(base, STR("bitnami/")) ||
         str_starts(base, STR("docker.io/bitnami/"));
}

static void judge_user(struct docker_judge *j, const struct dockerfile_stage *s)
{
  const struct dockerfile_instruction *i = inherited(j, s, DOCKERFILE_USER);
  if (!i) {
    if (!is_without_root(j, s))
      docker_say(j, DOCKER_RULE_USER_ROOT, from_of(j, s),
                 "no USER is set, so containers start as root");
    return;
  }
  struct str rest, user = str_cut(i->words[0].text, ':', &rest);
  unsigned long long id;
  bool number = str_to_u64(user, UINT32_MAX, &id);
  if (i->words[0].unknown)
    return;
  if (str_eq(user, STR("root")) || (number && id == 0))
    docker_say(j, DOCKER_RULE_USER_ROOT, i, "the last USER is %.*s, which is root", STR_FMT(user));
  else if (!number && !str_eq(user, STR("ContainerUser")))
    docker_say(j, DOCKER_RULE_USER_NAME, i, "the user is the name \"%.*s\", not a number",
               STR_FMT(user));
}

static void judge_health(struct docker_judge *j, const struct dockerfile_stage *s)
{
  const struct dockerfile_instruction *i = inherited(j, s, DOCKERFILE_HEALTHCHECK);
  if (!i)
    docker_say(j, DOCKER_RULE_HEALTHCHECK, from_of(j, s), "there is no HEALTHCHECK");
  else if (i->word_count == 1 && str_eq_nocase(i->words[0].text, STR("NONE")))
    docker_say(j, DOCKER_RULE_HEALTHCHECK, i, "the health check is switched off");
}

static void judge_repeated(struct docker_judge *j, const struct dockerfile_stage *s)
{
  static const struct {
    enum dockerfile_kind kind;
    enum dockerfile_rule rule;
  } rows[] = {
      {DOCKERFILE_CMD, DOCKER_RULE_MANY_CMD},
      {DOCKERFILE_ENTRYPOINT, DOCKER_RULE_MANY_ENTRYPOINT},
      {DOCKERFILE_HEALTHCHECK, DOCKER_RULE_MANY_HEALTHCHECK},
  };
  for (size_t k = 0; k < CHECK_COUNT(rows); k++) {
    size_t count;
    const struct dockerfile_instruction *last = last_of(j, s, rows[k].kind, &count);
    if (count > 1)
      docker_say(j, rows[k].rule, last, "of %zu %.*s in this stage, only the last counts", count,
                 STR_FMT(dockerfile_kind_name(rows[k].kind)));
  }
}

static void judge_name(struct docker_judge *j, size_t index)
{
  const struct dockerfile_stage *s = &j->file->stages[index];
  for (size_t k = 0; s->name.len && k < index; k++)
    if (str_eq_nocase(j->file->stages[k].name, s->name)) {
      docker_say(j, DOCKER_RULE_SAME_STAGE, from_of(j, s),
                 "an earlier stage is called \"%.*s\" too", STR_FMT(s->name));
      return;
    }
}

void docker_judge_stages(struct docker_judge *j)
{
  for (size_t s = 0; s < j->file->stage_count; s++) {
    const struct dockerfile_stage *stage = &j->file->stages[s];
    judge_base_name(j, stage);
    if (j->options->now && stage->base_stage < 0 && !stage->base_unknown)
      judge_end_of_life(j, stage);
    judge_name(j, s);
    judge_repeated(j, stage);
  }
  if (!j->file->stage_count)
    return;
  const struct dockerfile_stage *last = &j->file->stages[j->file->stage_count - 1];
  judge_user(j, last);
  judge_health(j, last);
}
