/* Verb "serve": the daemon in the foreground, until it is told to stop. */
#include "daemon/serve.h"
#include "base/clock.h"
#include "base/file.h"
#include "cmd/console.h"
#include "cmd/verb.h"
#include "daemon/notify.h"

#include <errno.h>
#include <signal.h>
#include <time.h>
#include <unistd.h>

static const struct option options[] = {
    {.name = "config",
     .letter = 'c',
     .argument = "FILE",
     .help = "the configuration (default: none, and sane without)",
     .complete = COMPLETE_FILES},
    {.name = "policies",
     .letter = 'p',
     .argument = "PATH",
     .help = "Rego, and Gatekeeper's templates, constraints, mutators; may be repeated",
     .complete = COMPLETE_FILES,
     .repeatable = true},
    {.name = "listen",
     .letter = 'l',
     .argument = "ADDRESS:PORT",
     .help = "where to listen (default 127.0.0.1:8443)"},
    {.name = "set",
     .argument = "KEY=VALUE",
     .help = "any key of the configuration: limits.body=4Mi; may be repeated",
     .repeatable = true},
    {.name = "state",
     .argument = "DIRECTORY",
     .help = "where a certificate of its own is kept (default: by environment)",
     .complete = COMPLETE_DIRECTORIES},
    {.name = "print-config", .help = "print the configuration that would hold, and end"},
    {0},
};

extern char **environ;

/* ---- configuration */

/* Replaces what the file says of the paths, as every flag does. What somebody has just typed must be there;
 * later it may come and go. */
static int set_paths(const struct arguments *args, struct serve_config *config, struct error *err)
{
  VEC(struct str) paths = {0};
  int rc = 0;
  for (size_t i = 0; rc == 0 && i < args->list.count; i++) {
    const struct argument *a = &args->list.items[i];
    if (!a->value || strcmp(a->option->name, "policies") != 0)
      continue;
    vec_push(&paths, arena_copy(&config->arena, str_from(a->value)));
    if (access(a->value, F_OK) != 0)
      rc = error_set(err, SW_ENOENT, "--policies %s: there is no such file or directory", a->value);
  }
  if (rc == 0 && paths.count) {
    config->policies.paths.items = arena_array(&config->arena, struct str, paths.count);
    memcpy(config->policies.paths.items, paths.items, paths.count * sizeof *paths.items);
    config->policies.paths.count = paths.count;
  }
  vec_free(&paths);
  return rc;
}

/* "127.0.0.1:8443", "[::]:8443", ":8443", "8443". */
static int set_listen(struct serve_config *config, const char *text, struct error *err)
{
  unsigned long long number;
  struct str whole = str_from(text), address = STR_EMPTY, port = whole;
  ptrdiff_t colon = str_find_last_byte(whole, ':');
  if (colon >= 0) {
    address = colon ? str_sub(whole, 0, (size_t)colon) : STR("::");
    port = str_sub(whole, (size_t)colon + 1, whole.len);
  }
  bool in_brackets = address.len > 1 && address.data[0] == '[' &&
                     address.data[address.len - 1] == ']';
  bool ambiguous = !in_brackets && colon > 0 && str_find_byte(address, 0, ':') >= 0;
  if (!str_to_u64(port, UINT16_MAX, &number) || ambiguous)
    return error_set(err, SW_EUSAGE,
                     "--listen \"%s\": it must be ADDRESS:PORT, like 127.0.0.1:8443 or [::]:8443",
                     text);
  if (in_brackets)
    address = str_sub(address, 1, address.len - 2);
  int rc = address.len ? serve_config_set(config, STR("listen.address"), address, err) : 0;
  if (rc == 0)
    rc = serve_config_set(config, STR("listen.port"), port, err);
  return rc < 0 ? error_wrap(err, "--listen %s", text) : 0;
}

static int set_key(struct serve_config *config, const char *text, struct error *err)
{
  struct str value, key = str_cut(str_from(text), '=', &value);
  if (!value.data)
    return error_set(err, SW_EUSAGE, "--set %s: it must be KEY=VALUE", text);
  int rc = serve_config_set(config, key, value, err);
  return rc < 0 ? error_wrap(err, "--set") : 0;
}

static int set_keys(const struct arguments *args, struct serve_config *config, struct error *err)
{
  int rc = 0;
  for (size_t i = 0; rc == 0 && i < args->list.count; i++) {
    const struct argument *a = &args->list.items[i];
    if (a->value && strcmp(a->option->name, "set") == 0)
      rc = set_key(config, a->value, err);
  }
  return rc;
}

/* Where nothing is configured at all, the examples show what policies do. */
static void set_examples(const struct arguments *args, struct serve_config *config)
{
  static const char examples[] = SEAWALL_EXAMPLES "/policies";
  if (arguments_value(args, "config") || config->policies.paths.count ||
      access(examples, R_OK | X_OK) != 0)
    return;
  config->policies.paths.items = arena_array(&config->arena, struct str, 1);
  config->policies.paths.items[0] = arena_copy(&config->arena, str_from(examples));
  config->policies.paths.count = 1;
}

static int configure(const struct arguments *args, struct serve_config *config, struct error *err)
{
  const char *file = arguments_value(args, "config");
  const char *listen = arguments_value(args, "listen");
  if (file && !*file)
    return error_set(err, SW_EUSAGE, "--config needs the name of a file");
  int rc = file ? serve_config_read(config, file, err) : 0;
  if (rc == 0)
    rc = serve_config_environment(config, environ, err);
  if (rc == 0)
    rc = set_keys(args, config, err);
  if (rc == 0 && listen)
    rc = set_listen(config, listen, err);
  if (rc == 0)
    rc = set_paths(args, config, err);
  if (rc < 0)
    return rc;
  set_examples(args, config);
  return serve_config_finish(config, err);
}

/* ---- signals */

static void handled_signals(sigset_t *ret)
{
  sigemptyset(ret);
  sigaddset(ret, SIGTERM);
  sigaddset(ret, SIGINT);
  sigaddset(ret, SIGHUP);
}

/* A signal, or 0 when the time is over. */
static int wait_for_signal(uint64_t ns)
{
  sigset_t set;
  struct timespec time = {(time_t)(ns / 1000000000), (long)(ns % 1000000000)};
  handled_signals(&set);
  int got = sigtimedwait(&set, NULL, &time);
  return got > 0 ? got : 0;
}

/* ---- running */

/* A service manager that does not hear is no reason to end. */
static void notify(struct log *log, const char *state)
{
  struct error err;
  if (notify_send(state, &err) < 0)
    log_write(log, LOG_WARN, "the service manager cannot be told", LOG_TEXT("reason", err.message));
}

static void reload(struct serve *serve, struct log *log)
{
  struct error err;
  log_write(log, LOG_INFO, "SIGHUP: loading the policies anew, opening log files anew");
  if (notify_reloading(&err) < 0)
    log_write(log, LOG_WARN, "the service manager cannot be told", LOG_TEXT("reason", err.message));
  serve_reload(serve);
  notify(log, NOTIFY_READY);
}

/* Until SIGTERM or SIGINT; returns which. */
static int serve_until_told(struct serve *serve, struct log *log)
{
  struct error err;
  uint64_t watchdog = 0, pause = 1000000000;
  if (notify_watchdog(&watchdog, &err) < 0)
    log_write(log, LOG_WARN, "no watchdog", LOG_TEXT("reason", err.message));
  if (watchdog && watchdog / 2 < pause)
    pause = watchdog / 2;
  for (;;) {
    int got = wait_for_signal(pause);
    if (got == SIGTERM || got == SIGINT)
      return got;
    if (got == SIGHUP)
      reload(serve, log);
    serve_tick(serve);
    if (watchdog)
      notify(log, NOTIFY_WATCHDOG);
  }
}

/* Goes on answering until whoever balances the load has seen that it is not ready; another signal to end
 * cuts that short. */
static void linger(const struct serve_config *config)
{
  uint64_t start = clock_monotonic_ns(clock_system()), gone = 0;
  uint64_t delay = (uint64_t)config->limits.shutdown_delay;
  while (gone < delay) {
    int got = wait_for_signal(delay - gone);
    if (got == SIGTERM || got == SIGINT)
      return;
    gone = clock_monotonic_ns(clock_system()) - start;
  }
}

static void stop(struct serve *serve, const struct serve_config *config, struct log *log, int why)
{
  log_write(log, LOG_INFO, "stopping", LOG_TEXT("signal", why == SIGINT ? "SIGINT" : "SIGTERM"));
  notify(log, NOTIFY_STOPPING);
  serve_drain(serve);
  linger(config);
  size_t cut = serve_stop(serve);
  if (cut)
    log_write(log, LOG_WARN, "requests were cut off, because limits.drain was over",
              LOG_COUNT("requests", cut));
  log_write(log, LOG_INFO, "stopped");
}

/* A review to try, where one is: in the checkout, or where the examples are installed. */
static const char *review_to_try(void)
{
  static const char *const places[] = {"examples/reviews/privileged-pod.json",
                                       SEAWALL_EXAMPLES "/reviews/privileged-pod.json"};
  for (size_t i = 0; i < sizeof places / sizeof *places; i++)
    if (access(places[i], R_OK) == 0)
      return places[i];
  return NULL;
}

/* For somebody who sits before it; a cluster and a service manager read the log. */
static void greet(const struct serve *serve, const struct serve_config *config)
{
  _cleanup_(buf_free) struct buf text = {0};
  const char *ca = serve_ca(serve), *review = review_to_try();
  if (config->log.format != SERVE_LOG_TEXT || getenv("NOTIFY_SOCKET"))
    return;
  buf_printf(&text, "\nseawall listens on https://%s\n", serve_address(serve));
  if (serve_ready(serve))
    buf_printf(&text, "with %zu policies in force. To try it:\n\n", serve_policies(serve));
  else
    buf_printf(&text, "and is not ready yet. To see why:\n\n");
  buf_printf(&text, "  curl %s%s \\\n", ca ? "--cacert " : "", ca ? ca : "--cacert CA.crt");
  if (review && serve_ready(serve))
    buf_printf(&text, "    --data @%s \\\n    https://%s/admit\n\n", review, serve_address(serve));
  else
    buf_printf(&text, "    https://%s/readyz\n\n", serve_address(serve));
  fd_write_all(STDERR_FILENO, text.data, text.len, NULL);
}

static int serve(struct serve_config *config, struct log *log, const char *state_directory,
                 struct error *err)
{
  struct serve_options with = {
      .config = config,
      .log = log,
      .version = SEAWALL_VERSION,
      .state_directory = state_directory,
  };
  struct serve *serve;
  int rc = serve_start(&with, &serve, err);
  if (rc < 0)
    return rc;
  log_write(log, LOG_INFO, "listening", LOG_TEXT("address", serve_address(serve)));
  if (serve_metrics_address(serve))
    log_write(log, LOG_INFO, "metrics", LOG_TEXT("address", serve_metrics_address(serve)));
  greet(serve, config);
  notify(log, NOTIFY_READY);
  int why = serve_until_told(serve, log);
  stop(serve, config, log, why);
  serve_free(serve);
  return 0;
}

static int print_config(const struct serve_config *config, struct error *err)
{
  _cleanup_(buf_free) struct buf out = {0};
  serve_config_write(config, &out);
  buf_add_byte(&out, '\n');
  int rc = fd_write_all(STDOUT_FILENO, out.data, out.len, err);
  return rc < 0 ? error_wrap(err, "writing to standard output") : 0;
}

static int run_configured(const struct arguments *args, struct serve_config *config,
                          struct error *err)
{
  sigset_t handled;
  struct log_options told = {
      .fd = STDERR_FILENO,
      .format = (enum log_format)config->log.format,
      .level = (enum log_level)config->log.level,
      .color = console_color(STDERR_FILENO),
      .brief_time = isatty(STDERR_FILENO),
  };
  if (arguments_has(args, "print-config"))
    return print_config(config, err);
  handled_signals(&handled); /* blocked here, they are blocked in every thread, and waited for */
  sigprocmask(SIG_BLOCK, &handled, NULL);
  struct log *log = log_new(&told);
  int rc = serve(config, log, arguments_value(args, "state"), err);
  log_free(log);
  return rc;
}

static int run(const struct arguments *args)
{
  struct serve_config config;
  struct error err;
  serve_config_init(&config);
  int rc = configure(args, &config, &err);
  if (rc == 0)
    rc = run_configured(args, &config, &err);
  if (rc < 0)
    console_error(&err);
  serve_config_free(&config);
  return rc < 0 ? STATUS_FAILED : STATUS_OK;
}

const struct verb verb_serve = {
    .name = "serve",
    .summary = "answer a cluster's API server: the admission webhook",
    .details =
        "Listens for AdmissionReviews at /admit (validating) and /mutate, for ImageReviews at\n"
        "/image-review, for OPA's questions at /v1/data; /healthz, /readyz and /metrics tell how it is.\n"
        "Policies are loaded anew when their files change; a load that fails leaves those from before in\n"
        "force. Without a configuration it listens on loopback, with a certificate of its own, with Pod\n"
        "Security by the labels of namespaces, with the built-in rules as warnings, and with the example\n"
        "policies where they are installed.\n\n"
        "A flag wins over the environment (SEAWALL_SERVE_LISTEN_PORT=443), the environment over the\n"
        "file. SIGTERM stops it, SIGHUP loads the policies and opens log files anew.\n\n"
        "Exit status: 0 stopped as told, 2 could not start.\n",
    .example = "  seawall serve --policies policies/\n"
               "  seawall serve --config /etc/seawall/serve.yaml --set log.format=json\n",
    .options = options,
    .run = run,
};
