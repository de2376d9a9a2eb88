#include "base/file.h"
#include "cmd/console.h"
#include "cmd/policy_source.h"
#include "data/json_write.h"

#include <unistd.h>

static const char *const format_values[] = {"pretty", "json", NULL};

static const struct option options[] = {
    {.name = "format",
     .letter = 'f',
     .argument = "FORMAT",
     .help = "how errors are told (default pretty)",
     .values = format_values},
    {.name = "bundle", .letter = 'b', .help = "paths are bundles: directories or .tar.gz"},
    POLICY_SOURCE_COMMON_OPTIONS,
    {0},
};

/* Everything that evaluating would need, without an entry: all rules are checked. */
static int check(struct policy_source *source, const struct arguments *args, struct error *err)
{
  bool bundle = arguments_has(args, "bundle");
  int rc = policy_source_open(source, args, err);
  if (rc < 0)
    return rc;
  if (args->operands.count == 0)
    return error_set(err, SW_EUSAGE, "nothing to check: name files or directories of policies");
  source->options.modules_only = !bundle;
  rc = policy_source_add_paths(source, args->operands.items, args->operands.count,
                               bundle ? REGO_SET_BUNDLE : REGO_SET_FILES, err);
  if (rc == 0)
    rc = policy_source_load(source, err);
  if (rc < 0)
    return rc;
  uint32_t count;
  rego_set_modules(source->set, &count);
  if (count == 0)
    return error_set(err, SW_ENOENT, "no Rego modules in what was named: nothing was checked");
  struct rego_program *program = NULL;
  const struct rego_compile_options compile = {.print = true};
  rc = policy_source_compile(source, NULL, 0, &compile, &program, err);
  rego_program_free(program);
  return rc;
}

static int write_json(const struct policy_source *source, const struct error *err)
{
  _cleanup_(buf_free) struct buf text = {0};
  struct json_writer w = json_writer_start(&text, 2);
  json_begin_object(&w);
  if (err) {
    json_key(&w, STR("errors"));
    policy_source_write_errors_json(source, err, &w);
  }
  json_end_object(&w);
  buf_add_byte(&text, '\n');
  struct error failed;
  if (fd_write_all(STDOUT_FILENO, text.data, text.len, &failed) == 0)
    return err ? STATUS_FINDINGS : STATUS_OK;
  error_wrap(&failed, "writing to standard output");
  console_error(&failed);
  return STATUS_FAILED;
}

/* What is wrong with a policy is a finding; that something could not be read is a failure. */
static int status_of(const struct policy_source *source, const struct error *err)
{
  if (!source->set || err->code == SW_EUSAGE || err->code == SW_ENOENT)
    return STATUS_FAILED;
  for (size_t i = 0; i < rego_set_problem_count(source->set); i++)
    if (!rego_set_problem(source->set, i)->syntax)
      return STATUS_FAILED;
  return err->code == SW_EINVAL ? STATUS_FINDINGS : STATUS_FAILED;
}

static int run(const struct arguments *args)
{
  struct policy_source source;
  struct error err;
  const char *format = arguments_value(args, "format");
  bool json = format && strcmp(format, "json") == 0;
  int rc = check(&source, args, &err);
  int status = STATUS_OK;
  if (rc < 0)
    status = status_of(&source, &err);
  if (json && (rc == 0 || source.set)) {
    int written = write_json(&source, rc < 0 ? &err : NULL);
    status = written == STATUS_FAILED ? written : status;
  } else if (rc < 0) {
    policy_source_tell(&source, &err);
  }
  policy_source_close(&source);
  return status;
}

const struct verb verb_policy_check = {
    .name = "policy check",
    .operand = "PATH...",
    .summary = "check Rego policies without evaluating them",
    .details =
        "Reads Rego modules (files, directories with all *.rego in them, or bundles with\n"
        "--bundle), and tells every error with its place: syntax, unsafe variables, unknown\n"
        "functions, recursion, rules that conflict, types. With --strict also what is unused,\n"
        "shadowed or deprecated.\n\n"
        "Exit status: 0 all is right, 1 a policy has errors, 2 something could not be read, or\n"
        "the request makes no sense.\n",
    .example = "  seawall policy check policies/\n"
               "  seawall policy check --strict --format json policies/ lib.rego\n"
               "  seawall policy check --bundle authz.tar.gz\n",
    .options = options,
    .complete = COMPLETE_FILES,
    .run = run,
};
