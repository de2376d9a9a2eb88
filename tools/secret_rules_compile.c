/*
 * secret_rules_compile: the rules for secrets, from YAML to C, when seawall is built.
 *
 *   secret_rules_compile --output FILE --depfile FILE --root DIR
 *
 * DIR is the checkout: rules are read from DIR/rules/secrets (scan/secret/rule_source.h). Each is checked, all patterns
 * are compiled into one database of Vectorscan for any processor of the machine's kind, and a C file is written that
 * defines secret_rule_image (scan/secret/rule_image.h). Exit status 2: something is wrong with the rules.
 */
#include "base/file.h"
#include "scan/secret/database.h"
#include "scan/secret/rule_source.h"
#include "scan/secret/rules_int.h"

struct options {
  const char *output, *depfile, *root;
};

/* ---- writing C */

static void write_text(struct buf *out, struct str s)
{
  buf_add_byte(out, '"');
  for (size_t i = 0; i < s.len; i++) {
    unsigned char c = (unsigned char)s.data[i];
    if (c == '"' || c == '\\')
      buf_printf(out, "\\%c", c);
    else if (c >= 0x20 && c < 0x7f && c != '?')
      buf_add_byte(out, (char)c);
    else
      buf_printf(out, "\\%03o", c);
  }
  buf_add_byte(out, '"');
}

static void write_str(struct buf *out, struct str s)
{
  buf_add_byte(out, '{');
  write_text(out, s);
  buf_printf(out, ", %zu}", s.len);
}

static void write_member(struct buf *out, const char *name, struct str text)
{
  if (!text.len)
    return;
  buf_printf(out, "  .%s = ", name);
  write_str(out, text);
  buf_add_text(out, ",\n");
}

static void write_list(struct buf *out, const char *name, size_t number, const struct str *list,
                       size_t count)
{
  if (!count)
    return;
  buf_printf(out, "static const struct str %s_%zu[] = {", name, number);
  for (size_t i = 0; i < count; i++) {
    buf_add_text(out, i ? ", " : "");
    write_str(out, list[i]);
  }
  buf_add_text(out, "};\n");
}

static void use_list(struct buf *out, const char *member, const char *count_member,
                     const char *name, size_t number, size_t count)
{
  if (count)
    buf_printf(out, "  .%s = %s_%zu, .%s = %zu,\n", member, name, number, count_member, count);
}

static void write_allow(struct buf *out, size_t number, const struct secret_rule *r)
{
  char name[32];
  snprintf(name, sizeof name, "words_%zu", number);
  for (size_t i = 0; i < r->allow_count; i++)
    write_list(out, name, i, r->allow[i].stopwords, r->allow[i].stopword_count);
  if (!r->allow_count)
    return;
  buf_printf(out, "static const struct secret_allow allow_%zu[] = {\n", number);
  for (size_t i = 0; i < r->allow_count; i++) {
    buf_printf(out, "{\n  .target = %d,\n", (int)r->allow[i].target);
    write_member(out, "paths", r->allow[i].paths);
    write_member(out, "regexes", r->allow[i].regexes);
    use_list(out, "stopwords", "stopword_count", name, i, r->allow[i].stopword_count);
    buf_add_text(out, "},\n");
  }
  buf_add_text(out, "};\n");
}

static void write_lists_of(struct buf *out, size_t i, const struct secret_rule *r)
{
  write_list(out, "references", i, r->rule.references, r->rule.reference_count);
  write_list(out, "keywords", i, r->keywords, r->keyword_count);
  write_list(out, "tags", i, r->tags, r->tag_count);
  write_list(out, "also", i, r->also, r->also_count);
  write_list(out, "trivy", i, r->trivy, r->trivy_count);
  write_allow(out, i, r);
}

static void write_rule(struct buf *out, size_t i, const struct secret_rule *r)
{
  buf_add_text(out, "{\n");
  write_member(out, "rule.id", r->rule.id);
  write_member(out, "rule.title", r->rule.title);
  write_member(out, "rule.why", r->rule.why);
  write_member(out, "rule.remedy", r->rule.remedy);
  buf_printf(out, "  .rule.severity = %d,\n", (int)r->rule.severity);
  use_list(out, "rule.references", "rule.reference_count", "references", i,
           r->rule.reference_count);
  write_member(out, "pattern", r->pattern);
  write_member(out, "path", r->path);
  buf_printf(out, "  .secret_group = %u, .entropy = %.6f, .places = %uu,\n", r->secret_group,
             r->entropy, r->places);
  buf_printf(out, "  .weak = %d, .text = %d, .skip_tests = %d, .builtin = 1,\n", r->weak, r->text,
             r->skip_tests);
  use_list(out, "keywords", "keyword_count", "keywords", i, r->keyword_count);
  use_list(out, "tags", "tag_count", "tags", i, r->tag_count);
  use_list(out, "also", "also_count", "also", i, r->also_count);
  use_list(out, "trivy", "trivy_count", "trivy", i, r->trivy_count);
  use_list(out, "allow", "allow_count", "allow", i, r->allow_count);
  buf_add_text(out, "},\n");
}

static void write_database(struct buf *out, struct str database)
{
  buf_printf(out, "static const _Alignas(64) unsigned char database[%zu] = {", database.len + 1);
  for (size_t i = 0; i < database.len; i++)
    buf_printf(out, "%s%u,", i % 32 ? "" : "\n  ", (unsigned char)database.data[i]);
  buf_add_text(out, "0};\n");
}

static void write_image(struct buf *out, const struct secret_rule *rules, size_t count,
                        struct str database)
{
  buf_add_text(out, "/* Written by tools/secret_rules_compile from rules/secrets; do not edit. */\n"
                    "#include \"scan/secret/rule_image.h\"\n"
                    "#include \"scan/secret/rules_int.h\"\n");
  for (size_t i = 0; i < count; i++)
    write_lists_of(out, i, &rules[i]);
  buf_add_text(out, "static const struct secret_rule rules[] = {\n");
  for (size_t i = 0; i < count; i++)
    write_rule(out, i, &rules[i]);
  buf_add_text(out, "};\n");
  write_database(out, database);
  buf_printf(out, "const struct secret_rule_image secret_rule_image = {\n"
                  "  .rules = rules, .count = sizeof rules / sizeof rules[0],\n"
                  "  .database = {(const char *)database, sizeof database - 1},\n};\n");
}

/* ---- */

static int write_file(const char *path, struct str text, struct error *err)
{
  FILE *f = fopen(path, "w");
  if (!f)
    return error_set(err, SW_EIO, "%s cannot be written", path);
  bool whole = fwrite(text.data, 1, text.len, f) == text.len;
  if (fclose(f) != 0 || !whole)
    return error_set(err, SW_EIO, "%s could not be written", path);
  return 0;
}

/* The folder too, so that a new file is noticed. */
static int write_depfile(const struct secret_sources *sources, const struct options *o,
                         struct error *err)
{
  _cleanup_(buf_free) struct buf out = {0};
  buf_printf(&out, "%s: %s/rules/secrets", o->output, o->root);
  for (size_t i = 0; i < sources->path_count; i++)
    buf_printf(&out, " %.*s", STR_FMT(sources->paths[i]));
  buf_add_byte(&out, '\n');
  return write_file(o->depfile, buf_str(&out), err);
}

static int compile(const struct secret_sources *sources, const struct options *o, struct error *err)
{
  _cleanup_(buf_free) struct buf out = {0}, bytes = {0};
  _cleanup_(secret_database_freep) struct secret_database *database = NULL;
  _cleanup_(mem_freep) struct secret_rule *rules = mem_zalloc(sources->count + 1, sizeof *rules);
  for (size_t i = 0; i < sources->count; i++)
    rules[i] = sources->items[i].rule;
  if (secret_database_compile(rules, sources->count, SECRET_DATABASE_PORTABLE, &database, err) < 0)
    return err->code;
  secret_database_save(database, &bytes);
  write_image(&out, rules, sources->count, buf_str(&bytes));
  int rc = write_file(o->output, buf_str(&out), err);
  return rc < 0 ? rc : write_depfile(sources, o, err);
}

static bool read_arguments(int argc, char **argv, struct options *o)
{
  for (int i = 1; i < argc; i += 2) {
    const char **value = strcmp(argv[i], "--output") == 0    ? &o->output
                         : strcmp(argv[i], "--depfile") == 0 ? &o->depfile
                         : strcmp(argv[i], "--root") == 0    ? &o->root
                                                             : NULL;
    if (!value || i + 1 == argc)
      return false;
    *value = argv[i + 1];
  }
  return o->output && o->depfile && o->root;
}

int main(int argc, char **argv)
{
  struct options o = {0};
  struct secret_sources sources;
  struct error err = {0};
  char directory[4096];
  if (!read_arguments(argc, argv, &o)) {
    fprintf(stderr, "usage: secret_rules_compile --output FILE --depfile FILE --root DIR\n");
    return 2;
  }
  secret_sources_init(&sources);
  snprintf(directory, sizeof directory, "%s/rules/secrets", o.root);
  int rc = secret_sources_add(&sources, directory, &err);
  if (rc == 0)
    rc = compile(&sources, &o, &err);
  if (rc < 0)
    fprintf(stderr, "secret_rules_compile: %s\n", err.message);
  secret_sources_free(&sources);
  return rc < 0 ? 2 : 0;
}
