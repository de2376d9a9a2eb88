#include "base/mem.h"
#include "scan/check/check_int.h"
#include "scan/check/dockerfile_int.h"
#include "scan/check/shell_habits.h"

static const struct {
  enum dockerfile_rule rule;
  const char *message;
} habit_rows[SHELL_HABITS] = {
    [SHELL_PIPE_TO_SHELL] = {DOCKER_RULE_PIPE_TO_SHELL, "runs what it has downloaded"},
    [SHELL_UNVERIFIED] = {DOCKER_RULE_UNVERIFIED, "switches checks off"},
    [SHELL_PLAIN_HTTP] = {DOCKER_RULE_PLAIN_HTTP, "downloads without encryption"},
    [SHELL_SECRET] = {DOCKER_RULE_SECRET_COMMAND, "has a secret in it"},
    [SHELL_SUDO] = {DOCKER_RULE_SUDO, "uses sudo"},
    [SHELL_WORLD_WRITABLE] = {DOCKER_RULE_CHMOD, "lets everybody write"},
    [SHELL_SETUID] = {DOCKER_RULE_SETUID, "makes a program setuid"},
    [SHELL_UPDATE_ALONE] = {DOCKER_RULE_UPDATE_ALONE,
                            "fetches lists of packages and installs nothing"},
    [SHELL_UPGRADE] = {DOCKER_RULE_UPGRADE, "upgrades all packages"},
    [SHELL_DIST_UPGRADE] = {DOCKER_RULE_DIST_UPGRADE, "upgrades the distribution"},
    [SHELL_NO_YES] = {DOCKER_RULE_NO_YES, "would ask, and nobody answers"},
    [SHELL_RECOMMENDS] = {DOCKER_RULE_RECOMMENDS, "installs what is only recommended"},
    [SHELL_APT_LEFT] = {DOCKER_RULE_CACHE_LEFT, "leaves apt's lists behind"},
    [SHELL_APK_LEFT] = {DOCKER_RULE_CACHE_LEFT, "leaves apk's cache behind"},
    [SHELL_YUM_LEFT] = {DOCKER_RULE_CACHE_LEFT, "leaves yum's cache behind"},
    [SHELL_DNF_LEFT] = {DOCKER_RULE_CACHE_LEFT, "leaves dnf's cache behind"},
    [SHELL_MICRODNF_LEFT] = {DOCKER_RULE_CACHE_LEFT, "leaves microdnf's cache behind"},
    [SHELL_ZYPPER_LEFT] = {DOCKER_RULE_CACHE_LEFT, "leaves zypper's cache behind"},
    [SHELL_PIP_LEFT] = {DOCKER_RULE_CACHE_LEFT, "leaves pip's cache behind"},
    [SHELL_CD] = {DOCKER_RULE_CD, "begins with cd"},
    [SHELL_APT] = {DOCKER_RULE_APT, "uses apt, which is made for people"},
    [SHELL_SSH_SERVER] = {DOCKER_RULE_SSH_SERVER, "installs an SSH server"},
};

/* A cache that is mounted is not in the image. */
static bool mounts_cache(const struct dockerfile_instruction *i)
{
  for (size_t f = 0; f < i->flag_count; f++)
    if (str_eq(i->flags[f].name, STR("mount")) &&
        (str_find(i->flags[f].value, 0, STR("type=cache")) >= 0 ||
         str_find(i->flags[f].value, 0, STR("type=tmpfs")) >= 0))
      return true;
  return false;
}

static bool is_other_shell(struct str program)
{
  static const struct str others[] = {STR_INIT("powershell"), STR_INIT("powershell.exe"),
                                      STR_INIT("pwsh"),       STR_INIT("pwsh.exe"),
                                      STR_INIT("cmd"),        STR_INIT("cmd.exe")};
  for (size_t i = 0; i < CHECK_COUNT(others); i++)
    if (str_ends(program, others[i]))
      return true;
  return !str_ends(program, STR("sh"));
}

/* The latest SHELL before the instruction in its stage is none of POSIX's. */
static bool has_other_shell(const struct docker_judge *j, const struct dockerfile_instruction *i)
{
  bool other = false;
  for (const struct dockerfile_instruction *k = j->file->items; k < i; k++) {
    if (k->kind == DOCKERFILE_FROM)
      other = false;
    if (k->kind == DOCKERFILE_SHELL && k->word_count)
      other = is_other_shell(k->words[0].text);
  }
  return other;
}

static bool has_pip_setting(const struct docker_judge *j, const struct dockerfile_instruction *i)
{
  for (const struct dockerfile_instruction *k = j->file->items; k < i; k++)
    for (size_t w = 0; k->kind == DOCKERFILE_ENV && w < k->word_count; w++)
      if (str_eq(k->words[w].key, STR("PIP_NO_CACHE_DIR")) && !str_eq(k->words[w].text, STR("0")) &&
          k->words[w].text.len)
        return true;
  return false;
}

static void tell(struct docker_judge *j, const struct dockerfile_instruction *i,
                 const struct shell_sign *sign)
{
  bool named = sign->habit == SHELL_UNVERIFIED || sign->habit == SHELL_SECRET;
  _cleanup_(buf_free) struct buf text = {0};
  buf_add_text(&text, habit_rows[sign->habit].message);
  if (named) {
    buf_add_text(&text, " (");
    check_quote(&text, sign->detail);
    buf_add_byte(&text, ')');
  }
  buf_add_text(&text, ": ");
  check_quote(&text, sign->command);
  docker_say_at(j, habit_rows[sign->habit].rule, i, sign->offset, "%.*s", STR_FMT(buf_str(&text)));
}

/* Once for a stage: each of the two is in it, whichever instruction calls it. */
static void judge_downloaders(struct docker_judge *j, const struct dockerfile_instruction *i,
                              const struct shell_habits *habits)
{
  if (j->stage != i->stage) {
    j->stage = i->stage;
    j->curl = j->wget = j->both_told = false;
  }
  j->curl |= habits->curl;
  j->wget |= habits->wget;
  if (!j->curl || !j->wget || j->both_told)
    return;
  j->both_told = true;
  docker_say(j, DOCKER_RULE_TWO_DOWNLOADERS, i, "curl and wget are both used in this stage");
}

static void judge_flags(struct docker_judge *j, const struct dockerfile_instruction *i)
{
  const struct dockerfile_flag *security = dockerfile_flag_of(i, "security");
  const struct dockerfile_flag *network = dockerfile_flag_of(i, "network");
  if (security && str_eq(security->value, STR("insecure")))
    docker_say(j, DOCKER_RULE_RUN_INSECURE, i, "runs with the rights of a privileged container");
  if (network && str_eq(network->value, STR("host")))
    docker_say(j, DOCKER_RULE_RUN_INSECURE, i, "runs in the network of the host that builds");
}

void docker_judge_run(struct docker_judge *j, const struct dockerfile_instruction *i)
{
  judge_flags(j, i);
  if (!i->script.len || has_other_shell(j, i))
    return;
  struct shell_habits habits;
  bool told[SHELL_HABITS] = {0}, cache = mounts_cache(i);
  shell_habits_read(i->script, j->arena, &habits);
  judge_downloaders(j, i, &habits);
  for (size_t k = 0; k < habits.count; k++) {
    const struct shell_sign *sign = &habits.items[k];
    bool cleaned = habit_rows[sign->habit].rule == DOCKER_RULE_CACHE_LEFT &&
                   (cache || (sign->habit == SHELL_PIP_LEFT && has_pip_setting(j, i)));
    if (told[sign->habit] || cleaned)
      continue;
    told[sign->habit] = true;
    tell(j, i, sign);
  }
}
