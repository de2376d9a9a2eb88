#include "scan/check/check_int.h"
#include "scan/check/image_config_int.h"
#include "scan/check/secret_name.h"
#include "scan/check/shell_habits.h"

/* ---- what a step was */

static const struct str instructions[] = {
    STR_INIT("RUN"),        STR_INIT("ADD"),        STR_INIT("COPY"),    STR_INIT("ENV"),
    STR_INIT("LABEL"),      STR_INIT("CMD"),        STR_INIT("EXPOSE"),  STR_INIT("ENTRYPOINT"),
    STR_INIT("VOLUME"),     STR_INIT("USER"),       STR_INIT("ARG"),     STR_INIT("WORKDIR"),
    STR_INIT("SHELL"),      STR_INIT("STOPSIGNAL"), STR_INIT("ONBUILD"), STR_INIT("HEALTHCHECK"),
    STR_INIT("MAINTAINER"), STR_INIT("FROM"),
};

static struct str known_instruction(struct str text)
{
  struct str rest, word = str_cut(text, ' ', &rest);
  for (size_t i = 0; i < CHECK_COUNT(instructions); i++)
    if (str_eq(word, instructions[i]))
      return instructions[i];
  return STR_EMPTY;
}

static struct str without_comment(struct str text)
{
  struct str end = STR("# buildkit");
  text = str_trim(text);
  return str_ends(text, end) ? str_trim(str_sub(text, 0, text.len - end.len)) : text;
}

/* "|2 A=1 B=two words /bin/sh -c ...": up to the shell's path. */
static struct str take_build_args(struct str text, struct str *ret_args)
{
  if (!text.len || text.data[0] != '|')
    return text;
  ptrdiff_t shell = str_find(text, 0, STR(" /"));
  while (shell >= 0 && str_find(str_sub(text, (size_t)shell, 64), 0, STR("sh -")) < 0)
    shell = str_find(text, (size_t)shell + 1, STR(" /"));
  ptrdiff_t first = str_find_byte(text, 0, ' ');
  if (shell < 0 || first < 0)
    return text;
  *ret_args = str_trim(str_sub(text, (size_t)first, (size_t)(shell - first)));
  return str_sub(text, (size_t)shell + 1, text.len);
}

/* "/bin/bash -o pipefail -c SCRIPT": shell and script. */
static struct str take_shell(struct str text, struct str *ret_shell)
{
  struct str rest, program = str_cut(text, ' ', &rest);
  ptrdiff_t script = str_find(str_sub(text, 0, 128), 0, STR("c "));
  bool shell = str_ends(program, STR("sh")) && script > 0;
  while (shell && script >= 0) {
    /* The "c" ends a word of options. */
    struct str before = str_sub(text, 0, (size_t)script);
    ptrdiff_t space = str_find_last_byte(before, ' ');
    if (space >= 0 && before.data[space + 1] == '-')
      break;
    script = str_find(str_sub(text, 0, 128), (size_t)script + 1, STR("c "));
  }
  if (!shell || script < 0)
    return text;
  *ret_shell = program;
  return str_trim(str_sub(text, (size_t)script + 2, text.len));
}

struct image_step image_step_read(struct str created_by)
{
  struct image_step step = {0};
  struct str text = without_comment(created_by);
  step.instruction = known_instruction(text);
  if (step.instruction.len)
    text = str_trim(str_sub(text, step.instruction.len, text.len));
  bool run = !step.instruction.len || str_eq(step.instruction, STR("RUN"));
  if (run) {
    text = take_build_args(text, &step.build_args);
    text = take_shell(text, &step.shell);
  }
  if (str_starts(text, STR("#(nop)"))) {
    text = str_trim(str_sub(text, 6, text.len));
    step.instruction = known_instruction(text);
    text = str_trim(str_sub(text, step.instruction.len, text.len));
    step.shell = STR_EMPTY;
  } else if (!step.instruction.len && step.shell.len) {
    step.instruction = STR("RUN");
  }
  step.arguments = text;
  return step;
}

/* ---- judging */

/* What a habit is in an image that is built already; rows without a message are for who writes a Dockerfile. */
static const struct {
  enum image_config_rule rule;
  const char *message;
} habit_rows[SHELL_HABITS] = {
    [SHELL_PIPE_TO_SHELL] = {IMAGE_RULE_PIPE_TO_SHELL, "runs what it has downloaded"},
    [SHELL_UNVERIFIED] = {IMAGE_RULE_UNVERIFIED, "switches checks off"},
    [SHELL_PLAIN_HTTP] = {IMAGE_RULE_PLAIN_HTTP, "downloads without encryption"},
    [SHELL_SECRET] = {IMAGE_RULE_SECRET_COMMAND, "has a secret in it"},
    [SHELL_SUDO] = {IMAGE_RULE_SUDO, "uses sudo"},
    [SHELL_WORLD_WRITABLE] = {IMAGE_RULE_WORLD_WRITABLE, "lets everybody write"},
    [SHELL_UPDATE_ALONE] = {IMAGE_RULE_UPDATE_ALONE,
                            "fetches lists of packages and installs nothing"},
    [SHELL_UPGRADE] = {IMAGE_RULE_UPGRADE, "upgrades all packages"},
    [SHELL_DIST_UPGRADE] = {IMAGE_RULE_DIST_UPGRADE, "upgrades the distribution"},
    [SHELL_RECOMMENDS] = {IMAGE_RULE_RECOMMENDS, "installs what is only recommended"},
    [SHELL_APT_LEFT] = {IMAGE_RULE_CACHE_LEFT, "leaves apt's lists behind"},
    [SHELL_APK_LEFT] = {IMAGE_RULE_CACHE_LEFT, "leaves apk's cache behind"},
    [SHELL_YUM_LEFT] = {IMAGE_RULE_CACHE_LEFT, "leaves yum's cache behind"},
    [SHELL_DNF_LEFT] = {IMAGE_RULE_CACHE_LEFT, "leaves dnf's cache behind"},
    [SHELL_MICRODNF_LEFT] = {IMAGE_RULE_CACHE_LEFT, "leaves microdnf's cache behind"},
    [SHELL_ZYPPER_LEFT] = {IMAGE_RULE_CACHE_LEFT, "leaves zypper's cache behind"},
    [SHELL_PIP_LEFT] = {IMAGE_RULE_CACHE_LEFT, "leaves pip's cache behind"},
    [SHELL_SSH_SERVER] = {IMAGE_RULE_SSH_SERVER, "installs an SSH server"},
};

struct step_judge {
  struct config_judge *j;
  struct arena arena; /* of one step */
  char pointer[48];
  bool first_layer;
};

static void tell_step(struct step_judge *s, enum image_config_rule rule, const char *what,
                      struct str detail, struct str quoted)
{
  _cleanup_(buf_free) struct buf text = {0};
  buf_add_text(&text, what);
  if (detail.len) {
    buf_add_text(&text, " (");
    check_quote(&text, detail);
    buf_add_byte(&text, ')');
  }
  buf_add_text(&text, ": ");
  check_quote(&text, quoted);
  image_config_tell(s->j, rule, buf_str(&text), str_from(s->pointer), buf_str(&text));
}

/* Of one habit one finding a step: a script that installs five times leaves one cache behind. */
static void judge_script(struct step_judge *s, struct str script)
{
  struct shell_habits habits;
  bool told[SHELL_HABITS] = {0};
  shell_habits_read(script, &s->arena, &habits);
  for (size_t i = 0; i < habits.count; i++) {
    const struct shell_sign *sign = &habits.items[i];
    if (!habit_rows[sign->habit].message || told[sign->habit])
      continue;
    told[sign->habit] = true;
    bool named = sign->habit == SHELL_UNVERIFIED || sign->habit == SHELL_SECRET;
    tell_step(s, habit_rows[sign->habit].rule, habit_rows[sign->habit].message,
              named ? sign->detail : STR_EMPTY, sign->command);
  }
}

static void judge_build_args(struct step_judge *s, struct str args)
{
  struct str rest = args;
  while (rest.data && rest.len) {
    struct str value, word = str_cut(rest, ' ', &rest), name = str_cut(word, '=', &value);
    if (value.data && secret_name(name) && secret_value(value))
      image_config_say(s->j, IMAGE_RULE_SECRET_BUILD_ARG, str_from(s->pointer), name,
                       "the build argument %.*s is in the history with its value", STR_FMT(name));
  }
}

static bool is_in_env(const struct oci_config *config, struct str name)
{
  for (size_t i = 0; i < config->env.count; i++) {
    struct str value, key = str_cut(config->env.items[i], '=', &value);
    if (str_eq(key, name))
      return true;
  }
  return false;
}

/* What a base set and the image no longer has; the rest is told of the environment. */
static void judge_old_env(struct step_judge *s, struct str arguments)
{
  struct str rest = arguments;
  while (rest.data && rest.len) {
    struct str value, word = str_cut(rest, ' ', &rest), name = str_cut(word, '=', &value);
    if (value.data && secret_name(name) && secret_value(value) && !is_in_env(s->j->config, name))
      image_config_say(s->j, IMAGE_RULE_SECRET_ENV, str_from(s->pointer), name,
                       "the variable %.*s is in the history with its value", STR_FMT(name));
  }
}

/* Without "user:password@". */
static struct str without_user(struct str url)
{
  ptrdiff_t at = str_find_last_byte(url, '@');
  return at < 0 ? url : str_sub(url, (size_t)at + 1, url.len);
}

static void judge_add(struct step_judge *s, struct str arguments)
{
  struct str rest = arguments;
  while (rest.data && rest.len) {
    struct str word = str_cut(rest, ' ', &rest);
    if (str_starts(word, STR("http://")) || str_starts(word, STR("https://")) ||
        str_starts(word, STR("ftp://"))) {
      tell_step(s, IMAGE_RULE_ADD_URL, "adds a file from a URL", STR_EMPTY, without_user(word));
      return;
    }
  }
  if (!s->first_layer)
    tell_step(s, IMAGE_RULE_ADD, "uses ADD", STR_EMPTY, arguments);
}

static void judge_step(struct step_judge *s, struct str created_by)
{
  struct image_step step = image_step_read(created_by);
  judge_build_args(s, step.build_args);
  if (str_eq(step.instruction, STR("RUN")))
    judge_script(s, step.arguments);
  else if (str_eq(step.instruction, STR("ADD")))
    judge_add(s, step.arguments);
  else if (str_eq(step.instruction, STR("ENV")))
    judge_old_env(s, step.arguments);
  else if (str_eq(step.instruction, STR("ARG"))) /* there whether it is used or not */
    judge_build_args(s, step.arguments);
}

void image_config_judge_history(struct config_judge *j)
{
  struct step_judge s = {.j = j, .first_layer = true};
  arena_init(&s.arena, 0);
  for (size_t i = 0; i < j->config->history_count; i++) {
    const struct oci_history *step = &j->config->history[i];
    snprintf(s.pointer, sizeof s.pointer, "/history/%zu", i);
    judge_step(&s, step->created_by);
    s.first_layer &= step->empty_layer;
    arena_reset(&s.arena);
  }
  for (size_t i = 0; i < j->config->on_build.count; i++) {
    snprintf(s.pointer, sizeof s.pointer, "/config/OnBuild/%zu", i);
    judge_step(&s, j->config->on_build.items[i]);
    arena_reset(&s.arena);
  }
  arena_free(&s.arena);
}
