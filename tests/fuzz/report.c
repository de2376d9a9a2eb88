/*
 * Findings made of the input's bytes, in every format: what is written stays well
 * formed, and nothing of the input reaches a terminal or a build server as a command.
 *
 * Input: two bytes of options, then texts (a byte for the length, the bytes) that fill
 * findings, errors and skips in turn; the rest is the text that is quoted.
 */
#include "report/report.h"
#include "base/utf8.h"
#include "data/json.h"

enum { FINDINGS_MAX = 6 };

#define CHECK(condition)                                                                           \
  do {                                                                                             \
    if (!(condition)) {                                                                            \
      fprintf(stderr, "%s:%d: %s\n", __FILE__, __LINE__, #condition);                              \
      abort();                                                                                     \
    }                                                                                              \
  } while (0)

struct feed {
  const uint8_t *data;
  size_t len;
};

static unsigned take_byte(struct feed *in)
{
  if (in->len == 0)
    return 0;
  in->len--;
  return *in->data++;
}

static struct str take_text(struct feed *in)
{
  size_t len = take_byte(in);
  len = len > in->len ? in->len : len;
  struct str text = str_make((const char *)in->data, len);
  in->data += len;
  in->len -= len;
  return text;
}

struct sample {
  struct rule rules[FINDINGS_MAX];
  struct str references[FINDINGS_MAX];
  struct control controls[FINDINGS_MAX];
  struct finding_list list;
  struct report_error error;
  struct report_skip skip;
  struct report_options options;
  struct report_file file;
  struct report_summary summary;
  unsigned open; /* findings that are shown as open */
};

static void take_rule(struct sample *s, unsigned i, struct feed *in)
{
  s->references[i] = take_text(in);
  s->controls[i] = (struct control){STR("framework"), take_text(in)};
  s->rules[i] = (struct rule){
      .id = take_text(in),
      .title = take_text(in),
      .why = take_text(in),
      .remedy = take_text(in),
      .severity = (enum severity)(take_byte(in) % SEVERITY_COUNT),
      .references = &s->references[i],
      .reference_count = 1,
      .controls = &s->controls[i],
      .control_count = 1,
  };
}

static void take_finding(struct sample *s, unsigned i, struct feed *in)
{
  unsigned how = take_byte(in);
  unsigned rule = how & 1 || i == 0 ? i : i - 1;
  if (rule == i)
    take_rule(s, i, in);
  else
    s->rules[i] = s->rules[rule];
  struct finding *f = finding_add(&s->list, &s->rules[i]);
  f->subject.api_version = take_text(in);
  f->subject.kind = take_text(in);
  f->subject.namespace = take_text(in);
  f->subject.name = take_text(in);
  f->subject.container = take_text(in);
  f->location = (struct location){.file = take_text(in),
                                  .line = take_byte(in),
                                  .column = take_byte(in),
                                  .pointer = take_text(in)};
  f->message = take_text(in);
  f->evidence = take_text(in);
  f->remedy = take_text(in);
  if (how & 2) {
    f->state = FINDING_EXCEPTED;
    f->exception_reason = take_text(in);
    f->exception_until = take_text(in);
  }
  finding_seal(f, STR_EMPTY);
  s->open += f->state == FINDING_OPEN && f->severity >= s->options.show_from;
}

static void take_sample(struct sample *s, struct arena *arena, struct feed *in)
{
  unsigned how = take_byte(in);
  s->options = (struct report_options){
      .fail_on = (enum severity)(how % SEVERITY_COUNT),
      .show_from = (enum severity)(how / 8 % SEVERITY_COUNT),
      .color = how & 64,
      .unicode = how & 128,
      .width = take_byte(in),
      .started = STR("2026-11-21T01:23:45Z"),
  };
  finding_list_init(&s->list, arena);
  unsigned count = take_byte(in) % (FINDINGS_MAX + 1);
  for (unsigned i = 0; i < count; i++)
    take_finding(s, i, in);
  finding_list_distinguish(&s->list);
  s->options.target = take_text(in);
  s->options.policy = take_text(in);
  s->error = (struct report_error){take_text(in), take_byte(in), take_byte(in), take_text(in)};
  s->skip = (struct report_skip){take_text(in), take_byte(in), take_text(in)};
  s->file = (struct report_file){.path = take_text(in),
                                 .findings = &s->list,
                                 .errors = &s->error,
                                 .error_count = 1,
                                 .skips = &s->skip,
                                 .skip_count = 1};
  s->file.text = str_make((const char *)in->data, in->len);
  finding_count(&s->summary.counts, &s->list);
  s->summary.errors = s->summary.skipped = 1;
}

/* Printable, in UTF-8, with line ends; and colours where they are allowed. */
static void check_plain(struct str text, bool color, bool tabs)
{
  CHECK(utf8_valid(text));
  for (size_t i = 0; i < text.len; i++) {
    unsigned char c = (unsigned char)text.data[i];
    if (c == 0x1b) {
      CHECK(color && i + 1 < text.len && text.data[i + 1] == '[');
      i += 2;
      while (i < text.len && (text.data[i] == ';' || (text.data[i] >= '0' && text.data[i] <= '9')))
        i++;
      CHECK(i < text.len && text.data[i] == 'm');
      continue;
    }
    CHECK(c >= 0x20 || c == '\n' || (tabs && c == '\t'));
    CHECK(c != 0x7f);
  }
}

static void check_table(const struct sample *s, struct str text)
{
  check_plain(text, s->options.color, false);
  for (size_t i = 0; !s->options.unicode && i < text.len; i++)
    CHECK((unsigned char)text.data[i] < 0x80);
}

static void check_github(const struct sample *s, struct str text)
{
  check_plain(text, false, true);
  unsigned lines = 0;
  struct str rest = text;
  while (rest.data && rest.len) {
    struct str line = str_cut(rest, '\n', &rest);
    lines++;
    CHECK(str_starts(line, STR("::error ")) || str_starts(line, STR("::warning ")) ||
          str_starts(line, STR("::notice ")) || str_starts(line, STR("seawall: ")));
  }
  CHECK(lines == s->open + 2);
}

static void check_junit(const struct sample *s, struct str text)
{
  static const char *const tags[] = {"?xml ",    "testsuite", "/testsuite", "testcase", "/testcase",
                                     "failure ", "/failure>", "skipped ",   "error "};
  check_plain(text, false, true);
  for (size_t i = 0; i < text.len; i++) {
    if (text.data[i] != '<')
      continue;
    bool known = false;
    for (size_t t = 0; t < sizeof tags / sizeof *tags; t++)
      known |= str_starts(str_sub(text, i + 1, text.len), str_from(tags[t]));
    CHECK(known);
  }
}

/* Each row of a table has its four cells. */
static void check_markdown(const struct sample *s, struct str text)
{
  check_plain(text, false, false);
  struct str rest = text;
  while (rest.data && rest.len) {
    struct str line = str_cut(rest, '\n', &rest);
    if (!str_starts(line, STR("| **")))
      continue;
    unsigned pipes = 0;
    for (size_t i = 0; i < line.len; i++) {
      if (line.data[i] == '\\')
        i++;
      else
        pipes += line.data[i] == '|';
    }
    CHECK(pipes == 5);
  }
}

static struct value parse(struct str text)
{
  static struct arena arena;
  arena_reset(&arena);
  struct value root;
  struct error err;
  struct json_options options = {.duplicates = VALUE_REFUSE};
  if (json_parse(&arena, text, &options, &root, &err) < 0) {
    fprintf(stderr, "%u:%u: %s\n", err.line, err.column, err.message);
    abort();
  }
  return root;
}

static void check_json(const struct sample *s, struct str text)
{
  struct value findings = value_get_str(parse(text), STR("findings"));
  uint32_t n = 0;
  for (size_t i = 0; i < s->list.count; i++) {
    const struct finding *f = &s->list.items[i];
    if (f->severity < s->options.show_from)
      continue;
    struct value message = value_get_str(value_at(findings, n++), STR("message"));
    CHECK(!utf8_valid(f->message) || value_eq_str(message, f->message));
  }
  CHECK(findings.len == n);
}

static void check_sarif(const struct sample *s, struct str text)
{
  struct value run = value_at(value_get_str(parse(text), STR("runs")), 0);
  struct value rules =
      value_get_str(value_get_str(value_get_str(run, STR("tool")), STR("driver")), STR("rules"));
  struct value results = value_get_str(run, STR("results"));
  CHECK(value_is(results, VALUE_ARRAY) && value_is(rules, VALUE_ARRAY));
  for (uint32_t i = 0; i < results.len; i++) {
    int64_t index;
    CHECK(value_to_int(value_get_str(results.items[i], STR("ruleIndex")), &index));
    CHECK(index >= 0 && index < rules.len);
    CHECK(str_eq(value_str(value_get_str(results.items[i], STR("ruleId"))),
                 value_str(value_get_str(rules.items[index], STR("id")))));
  }
}

static const struct {
  const char *name;
  void (*check)(const struct sample *s, struct str text);
} formats[] = {
    {"table", check_table}, {"json", check_json},         {"sarif", check_sarif},
    {"junit", check_junit}, {"markdown", check_markdown}, {"github", check_github},
};

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
  struct arena arena;
  arena_init(&arena, 0);
  struct feed in = {data, size};
  struct sample s = {0};
  take_sample(&s, &arena, &in);
  for (size_t i = 0; i < sizeof formats / sizeof *formats; i++) {
    struct sink out;
    struct error err;
    sink_to_memory(&out, 64 << 20);
    struct report *r = report_new(report_format_find(str_from(formats[i].name)), &s.options, &out);
    report_file(r, &s.file);
    CHECK(report_end(r, &s.summary, &err) == 0);
    formats[i].check(&s, buf_str(&out.buf));
    report_free(r);
    sink_free(&out);
  }
  arena_free(&arena);
  return 0;
}
