#include "scan/check/check_int.h"
#include "scan/check/dockerfile_int.h"
#include "scan/check/file_facts_int.h"
#include "scan/check/image_setting.h"
#include "scan/check/secret_name.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

static struct finding *say(struct docker_judge *j, enum dockerfile_rule rule,
                           const struct dockerfile_instruction *i, size_t offset, const char *text)
{
  struct finding *f = finding_add(j->findings, &dockerfile_rules[rule]);
  f->location.file = j->options->file;
  f->location.line = i->line;
  f->location.column = i->column;
  if (offset && !i->json)
    dockerfile_place(i, offset, &f->location.line, &f->location.column);
  _cleanup_(buf_free) struct buf message = {0};
  check_quote_all(&message, str_from(text));
  f->message = arena_copy(j->findings->arena, buf_str(&message));
  finding_seal(f, f->message);
  return f;
}

struct finding *docker_say_at(struct docker_judge *j, enum dockerfile_rule rule,
                              const struct dockerfile_instruction *i, size_t offset,
                              const char *format, ...)
{
  char text[512];
  va_list arguments;
  va_start(arguments, format);
  vsnprintf(text, sizeof text, format, arguments);
  va_end(arguments);
  return say(j, rule, i, offset, text);
}

struct finding *docker_say(struct docker_judge *j, enum dockerfile_rule rule,
                           const struct dockerfile_instruction *i, const char *format, ...)
{
  char text[512];
  va_list arguments;
  va_start(arguments, format);
  vsnprintf(text, sizeof text, format, arguments);
  va_end(arguments);
  return say(j, rule, i, 0, text);
}

/* ---- secrets */

static void judge_secret_variable(struct docker_judge *j, const struct dockerfile_instruction *i,
                                  const struct dockerfile_word *w)
{
  if (!secret_name(w->key))
    return;
  bool literal = !w->unknown && secret_value(w->text);
  bool passed_on = w->unknown && str_find_byte(w->written, 0, '$') >= 0;
  if (!literal && !passed_on && !w->valueless)
    return;
  const char *what = literal        ? "has its value in the file"
                     : w->valueless ? "is a build argument, which the history keeps with its value"
                                    : "takes a value of the build into the image";
  struct finding *f = docker_say(j, DOCKER_RULE_SECRET, i, "%.*s %s", STR_FMT(w->key), what);
  if (!literal)
    f->severity = SEVERITY_MEDIUM;
}

static void judge_variables(struct docker_judge *j, const struct dockerfile_instruction *i)
{
  struct str folder;
  for (size_t k = 0; k < i->word_count; k++) {
    const struct dockerfile_word *w = &i->words[k];
    judge_secret_variable(j, i, w);
    if (i->kind != DOCKERFILE_ENV)
      continue;
    if (image_setting_weak_path(w->key, w->text, &folder))
      docker_say(j, DOCKER_RULE_SEARCH_PATH, i, "%.*s has \"%.*s\" in it, where others may write",
                 STR_FMT(w->key), STR_FMT(folder));
    if (image_setting_unverified(w->key, w->text))
      docker_say(j, DOCKER_RULE_ENV_UNVERIFIED, i,
                 "%.*s is set, so certificates or checksums are not checked", STR_FMT(w->key));
  }
}

/* ---- ADD and COPY */

static bool is_url(struct str s)
{
  return str_starts(s, STR("http://")) || str_starts(s, STR("https://")) ||
         str_starts(s, STR("ftp://"));
}

/* ADD unpacks these: that is what it is for. */
static bool is_archive(struct str s)
{
  static const struct str ends[] = {
      STR_INIT(".tar"), STR_INIT(".tar.gz"),  STR_INIT(".tgz"),  STR_INIT(".tar.xz"),
      STR_INIT(".txz"), STR_INIT(".tar.bz2"), STR_INIT(".tbz2"), STR_INIT(".tar.zst"),
      STR_INIT(".gz"),  STR_INIT(".xz"),      STR_INIT(".bz2"),  STR_INIT(".tar.lzma")};
  for (size_t i = 0; i < CHECK_COUNT(ends); i++)
    if (str_ends(s, ends[i]))
      return true;
  return false;
}

static bool is_git(struct str s)
{
  return str_starts(s, STR("git@")) || str_starts(s, STR("git://")) ||
         str_starts(s, STR("ssh://")) || str_find(s, 0, STR(".git#")) >= 0 ||
         str_ends(s, STR(".git"));
}

static struct str without_user(struct str url)
{
  ptrdiff_t at = str_find_last_byte(url, '@');
  return at < 0 ? url : str_sub(url, (size_t)at + 1, url.len);
}

static void judge_add(struct docker_judge *j, const struct dockerfile_instruction *i)
{
  bool checksum = dockerfile_flag_of(i, "checksum") != NULL, told = false;
  for (size_t k = 0; k + 1 < i->word_count && !told; k++) {
    struct str source = i->words[k].text;
    if (is_url(source) && !is_git(source)) {
      told = !checksum;
      if (told)
        docker_say(j, DOCKER_RULE_ADD_URL, i, "adds %.*s without a checksum",
                   STR_FMT(without_user(source)));
    } else if (!is_git(source) && !is_archive(source) && !i->words[k].unknown) {
      told = true;
      docker_say(j, DOCKER_RULE_ADD, i, "\"%.*s\" is copied as it is: COPY does that",
                 STR_FMT(source));
    }
  }
}

/* What the same file would be called if it lay in an image. */
static void judge_secret_file(struct docker_judge *j, const struct dockerfile_instruction *i)
{
  for (size_t k = 0; k + 1 < i->word_count; k++) {
    struct str path = i->words[k].text;
    while (str_starts(path, STR("./")) || str_starts(path, STR("/")))
      path = str_sub(path, path.data[0] == '/' ? 1 : 2, path.len);
    const struct file_fact_row *row = is_url(path) ? NULL : file_fact_row_of(path);
    if (!row || row->kind != FILE_FACT_CREDENTIAL)
      continue;
    struct finding *f =
        docker_say(j, DOCKER_RULE_SECRET_FILE, i, "%.*s is %s", STR_FMT(path), row->what);
    if (row->unsure)
      f->severity = SEVERITY_MEDIUM;
  }
}

static void judge_copy_from(struct docker_judge *j, const struct dockerfile_instruction *i)
{
  const struct dockerfile_flag *from = dockerfile_flag_of(i, "from");
  if (!from || from->unknown || i->on_build || i->stage == UINT32_MAX)
    return;
  const struct dockerfile_stage *own = &j->file->stages[i->stage];
  unsigned long long number;
  bool numbered = str_to_u64(from->value, UINT32_MAX, &number);
  if (own->name.len && str_eq_nocase(own->name, from->value)) {
    docker_say(j, DOCKER_RULE_COPY_FROM_SELF, i, "copies from \"%.*s\", the stage it is in",
               STR_FMT(from->value));
  } else if (numbered && number >= i->stage) {
    docker_say(j, DOCKER_RULE_COPY_FROM_SELF, i, "copies from stage %llu, which is not before it",
               number);
  } else if (!numbered) {
    for (size_t s = 0; s < j->file->stage_count; s++)
      if (str_eq_nocase(j->file->stages[s].name, from->value))
        return;
    if (image_setting_latest(from->value))
      docker_say(j, DOCKER_RULE_LATEST, i, "copies from the image %.*s without a version",
                 STR_FMT(from->value));
  }
}

static bool is_open_mode(struct str mode)
{
  for (size_t i = 0; i < mode.len; i++)
    if (mode.data[i] < '0' || mode.data[i] > '7')
      return false;
  return mode.len >= 3 && mode.len <= 4 && ((mode.data[mode.len - 1] - '0') & 2) &&
         !(mode.len == 4 && ((mode.data[0] - '0') & 1));
}

/* 4755 and u+s; as the mode of a file that is copied, setgid alone is left alone. */
static bool is_setuid_mode(struct str mode)
{
  bool octal = mode.len == 4;
  for (size_t i = 0; i < mode.len; i++)
    octal &= mode.data[i] >= '0' && mode.data[i] <= '7';
  return (octal && ((mode.data[0] - '0') & 4)) || str_find(mode, 0, STR("u+s")) >= 0;
}

static void judge_copy(struct docker_judge *j, const struct dockerfile_instruction *i)
{
  const struct dockerfile_flag *mode = dockerfile_flag_of(i, "chmod");
  const struct dockerfile_word *last = &i->words[i->word_count - 1];
  if (i->kind == DOCKERFILE_ADD)
    judge_add(j, i);
  if (!dockerfile_flag_of(i, "from"))
    judge_secret_file(j, i);
  judge_copy_from(j, i);
  if (mode && is_open_mode(mode->value))
    docker_say(j, DOCKER_RULE_CHMOD, i, "lets everybody write (--chmod=%.*s)",
               STR_FMT(mode->value));
  if (mode && is_setuid_mode(mode->value))
    docker_say(j, DOCKER_RULE_SETUID, i, "makes a program setuid (--chmod=%.*s)",
               STR_FMT(mode->value));
  bool folder = str_ends(last->text, STR("/")) || str_eq(last->text, STR(".")) ||
                str_ends(last->text, STR("/.")) || last->unknown;
  if (i->word_count > 2 && !folder)
    docker_say(j, DOCKER_RULE_COPY_MANY, i,
               "several sources go to \"%.*s\", which does not end with \"/\"",
               STR_FMT(last->text));
}

/* ---- smaller instructions */

static void judge_port(struct docker_judge *j, const struct dockerfile_instruction *i,
                       const struct dockerfile_word *w)
{
  struct str protocol, range = str_cut(w->text, '/', &protocol), end;
  struct str first = str_cut(range, '-', &end);
  unsigned long long port;
  if (w->unknown || !str_to_u64(first, 1ULL << 40, &port))
    return;
  const char *remote = str_eq_nocase(protocol, STR("udp")) ? NULL : image_setting_remote_port(port);
  if (port == 0 || port > 65535)
    docker_say(j, DOCKER_RULE_PORT_RANGE, i, "%.*s is no port: they go from 1 to 65535",
               STR_FMT(first));
  else if (remote)
    docker_say(j, DOCKER_RULE_PORT_REMOTE, i, "port %llu (%s) is exposed", port, remote);
  else if (port < 1024)
    docker_say(j, DOCKER_RULE_PORT_PRIVILEGED, i, "port %.*s is exposed", STR_FMT(w->text));
}

static void judge_expose(struct docker_judge *j, const struct dockerfile_instruction *i)
{
  for (size_t k = 0; k < i->word_count; k++)
    judge_port(j, i, &i->words[k]);
}

static void judge_volume(struct docker_judge *j, const struct dockerfile_instruction *i)
{
  for (size_t k = 0; k < i->word_count; k++)
    if (!i->words[k].unknown && image_setting_sensitive_volume(i->words[k].text))
      docker_say(j, DOCKER_RULE_VOLUME, i, "%.*s is declared a volume", STR_FMT(i->words[k].text));
}

/* "C:\app" and "c:/app" are absolute too. */
static bool is_absolute(struct str path)
{
  bool drive = path.len > 1 && path.data[1] == ':';
  return str_starts(path, STR("/")) || str_starts(path, STR("\\")) || drive;
}

static void judge_workdir(struct docker_judge *j, const struct dockerfile_instruction *i)
{
  static const struct str system[] = {STR_INIT("/proc"),   STR_INIT("/sys"),
                                      STR_INIT("/dev"),    STR_INIT("/boot"),
                                      STR_INIT("/initrd"), STR_INIT("/lost+found")};
  const struct dockerfile_word *w = &i->words[0];
  if (!w->unknown && !is_absolute(w->text))
    docker_say(j, DOCKER_RULE_WORKDIR_RELATIVE, i, "\"%.*s\" depends on the WORKDIR before it",
               STR_FMT(w->text));
  for (size_t k = 0; k < CHECK_COUNT(system); k++)
    if (str_starts(w->text, system[k]) &&
        (w->text.len == system[k].len || w->text.data[system[k].len] == '/'))
      docker_say(j, DOCKER_RULE_WORKDIR_SYSTEM, i, "%.*s belongs to the system", STR_FMT(w->text));
}

static void judge_start(struct docker_judge *j, const struct dockerfile_instruction *i)
{
  if (!i->json && str_trim(i->text).len && !str_starts(str_trim(i->text), STR("exec ")))
    docker_say(j, DOCKER_RULE_SHELL_FORM, i, "a shell starts the program, and takes its signals");
}

static void judge_stop_signal(struct docker_judge *j, const struct dockerfile_instruction *i)
{
  if (image_setting_kill(i->words[0].text))
    docker_say(j, DOCKER_RULE_STOP_SIGNAL, i, "containers are stopped with %.*s",
               STR_FMT(i->words[0].text));
}

static void judge_maintainer(struct docker_judge *j, const struct dockerfile_instruction *i)
{
  docker_say(j, DOCKER_RULE_MAINTAINER, i, "MAINTAINER is deprecated");
}

/* A platform that is written down builds for others by emulation, or the wrong thing. */
static void judge_from(struct docker_judge *j, const struct dockerfile_instruction *i)
{
  const struct dockerfile_flag *platform = dockerfile_flag_of(i, "platform");
  if (platform && !platform->unknown && platform->value.len)
    docker_say(j, DOCKER_RULE_PLATFORM, i, "the platform is fixed to %.*s",
               STR_FMT(platform->value));
}

static void (*const settings[DOCKERFILE_KINDS])(struct docker_judge *,
                                                const struct dockerfile_instruction *) = {
    [DOCKERFILE_ADD] = judge_copy,         [DOCKERFILE_ARG] = judge_variables,
    [DOCKERFILE_CMD] = judge_start,        [DOCKERFILE_COPY] = judge_copy,
    [DOCKERFILE_ENTRYPOINT] = judge_start, [DOCKERFILE_ENV] = judge_variables,
    [DOCKERFILE_EXPOSE] = judge_expose,    [DOCKERFILE_FROM] = judge_from,
    [DOCKERFILE_LABEL] = judge_variables,  [DOCKERFILE_MAINTAINER] = judge_maintainer,
    [DOCKERFILE_RUN] = docker_judge_run,   [DOCKERFILE_STOPSIGNAL] = judge_stop_signal,
    [DOCKERFILE_VOLUME] = judge_volume,    [DOCKERFILE_WORKDIR] = judge_workdir,
};

static int by_place(const void *a, const void *b)
{
  const struct finding *x = a, *y = b;
  if (x->location.line != y->location.line)
    return x->location.line < y->location.line ? -1 : 1;
  if (x->location.column != y->location.column)
    return x->location.column < y->location.column ? -1 : 1;
  if (x->rule != y->rule)
    return x->rule < y->rule ? -1 : 1;
  return str_compare(x->message, y->message);
}

int dockerfile_scan(struct str text, const struct dockerfile_options *options, struct arena *arena,
                    struct finding_list *findings, struct error *err)
{
  struct dockerfile file;
  int rc = dockerfile_read(text, arena, &file, err);
  struct docker_judge j = {.file = &file, .options = options, .arena = arena, .findings = findings};
  size_t before = findings->count;
  for (size_t i = 0; i < file.count; i++)
    if (settings[file.items[i].kind])
      settings[file.items[i].kind](&j, &file.items[i]);
  docker_judge_stages(&j);
  if (findings->count > before)
    qsort(findings->items + before, findings->count - before, sizeof *findings->items, by_place);
  return rc;
}

bool dockerfile_asks(const struct dockerfile_options *options, const struct rule *rule)
{
  if (rule == &dockerfile_rules[DOCKER_RULE_REGISTRY])
    return options->registry_count > 0;
  /* That a base still gets fixes, if it is known at all, does not show that the image is built anew with them. */
  return rule != &dockerfile_rules[DOCKER_RULE_END_OF_LIFE];
}
