#include "base/buf.h"
#include "cmd/console.h"
#include "cmd/verb.h"
#include "scan/image/reader.h"

#include <fcntl.h>
#include <signal.h>
#include <unistd.h>

extern const struct verb verb_policy_check, verb_policy_eval, verb_policy_bench;
extern const struct verb verb_policy_verify, verb_policy_test, verb_policy_decide;
extern const struct verb verb_policy_list, verb_policy_explain;
extern const struct verb verb_serve, verb_install;
extern const struct verb verb_db_build, verb_db_info, verb_db_update;
extern const struct verb verb_scan_image, verb_scan_host, verb_scan_sbom, verb_sbom;
extern const struct verb verb_scan_registry;
extern const struct verb verb_scan_dockerfile;
extern const struct verb verb_scan, verb_scan_manifests, verb_help, verb_version, verb_completion;

const struct verb *const verbs[] = {
    &verb_scan_manifests,
    &verb_scan_dockerfile,
    &verb_scan_image,
    &verb_scan_registry,
    &verb_scan_host,
    &verb_scan_sbom,
    &verb_sbom,
    &verb_scan,
    &verb_policy_list,
    &verb_policy_explain,
    &verb_policy_check,
    &verb_policy_test,
    &verb_policy_eval,
    &verb_policy_bench,
    &verb_policy_verify,
    &verb_policy_decide,
    &verb_serve,
    &verb_install,
    &verb_db_update,
    &verb_db_build,
    &verb_db_info,
    &verb_version,
    &verb_help,
    &verb_completion,
    NULL,
};

const struct option common_options[] = {
    {.name = "help", .letter = 'h', .help = "show what this verb does and takes"},
    {0},
};

/* How many of the words are the words of a verb's name; 0 if they are not. */
static int words_of_name(const char *name, int count, char *const *words)
{
  struct str rest = str_from(name);
  int used = 0;
  while (rest.data) {
    struct str word = str_cut(rest, ' ', &rest);
    if (used == count || !str_eq(word, str_from(words[used])))
      return 0;
    used++;
  }
  return used;
}

const struct verb *verb_find(int count, char *const *words, int *ret_used)
{
  const struct verb *found = NULL;
  *ret_used = 0;
  for (const struct verb *const *v = verbs; *v; v++) {
    int used = words_of_name((*v)->name, count, words);
    if (used > *ret_used) {
      found = *v;
      *ret_used = used;
    }
  }
  return found;
}

/* "db": the verbs that begin so; whether there are any. */
static bool tell_longer(const char *word)
{
  _cleanup_(buf_free) struct buf longer = {0};
  for (const struct verb *const *v = verbs; *v; v++) {
    struct str rest;
    if (str_eq(str_cut(str_from((*v)->name), ' ', &rest), str_from(word)) && rest.len)
      buf_printf(&longer, "%s%s", longer.len ? ", " : "", (*v)->name);
  }
  if (longer.len)
    console_note("\"%s\" is not a whole verb; there are: %s", word, buf_text(&longer));
  return longer.len != 0;
}

static int unknown_verb(int count, char *const *words)
{
  if ((count == 1 || words[1][0] == '-') && tell_longer(words[0]))
    return STATUS_FAILED;
  struct suggestion s = {.word = str_from(words[0])};
  char two[128];
  snprintf(two, sizeof two, "%s %s", words[0], count > 1 ? words[1] : "");
  struct suggestion whole = {.word = str_from(two)};
  for (const struct verb *const *v = verbs; *v; v++) {
    suggestion_consider(&s, (*v)->name);
    suggestion_consider(&whole, (*v)->name);
  }
  const char *best = whole.best ? whole.best : s.best;
  if (best)
    console_note("there is no verb \"%s\"; did you mean \"seawall %s\"?", words[0], best);
  else
    console_note("there is no verb \"%s\"; \"seawall help\" lists those there are", words[0]);
  return STATUS_FAILED;
}

static int run_verb(const struct verb *verb, int count, char *const *words)
{
  struct error err;
  struct arguments args;
  int status = STATUS_FAILED;
  if (arguments_parse(&args, verb, count, words, &err) < 0) {
    console_error(&err);
  } else if (arguments_has(&args, "help")) {
    status = help_verb(verb);
  } else {
    status = verb->run(&args);
  }
  arguments_free(&args);
  return status;
}

/* A program started without standard descriptors must not find a socket or a log in their place. Reading
 * and writing them fails as it would without. */
static void occupy_standard_descriptors(void)
{
  static const int modes[] = {O_WRONLY, O_RDONLY, O_RDONLY};
  for (int fd = 0; fd < 3; fd++)
    if (fcntl(fd, F_GETFD) < 0 && open("/dev/null", modes[fd]) < 0)
      return; /* without /dev there is nothing to be done */
}

int main(int argc, char **argv)
{
  static const struct sandbox_program *const readers[] = {&image_reader, NULL};
  int status = sandbox_main(argc, argv, readers);
  if (status >= 0)
    return status;
  occupy_standard_descriptors();
  signal(SIGPIPE, SIG_IGN); /* a reader that went away is an error to report, not a reason to die */
  if (argc < 2) {
    help_program();
    return STATUS_FAILED;
  }
  if (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0)
    return help_program();
  if (strcmp(argv[1], "--version") == 0 || strcmp(argv[1], "-V") == 0)
    return run_verb(&verb_version, 0, NULL);
  int used;
  const struct verb *verb = verb_find(argc - 1, argv + 1, &used);
  if (!verb)
    return unknown_verb(argc - 1, argv + 1);
  return run_verb(verb, argc - 1 - used, argv + 1 + used);
}
