/* Asking Rego packages, and what their answers mean. */
#include "policy/admission_rego_int.h"

#include "data/base64.h"
#include "data/json.h"

enum { ANSWERS_MAX = 1000, PATCH_TEXT_MAX = 4 << 20 };

static struct value field(struct value v, const char *key)
{
  return value_get(v, value_from(key));
}

/* ---- verdicts */

static void take_text(struct admission_asking *a, const struct package_ask *ask, struct str text)
{
  enum admission_action action = ask->verdict == VERDICT_WARN ? ADMISSION_ACTION_WARN
                                                              : ADMISSION_ACTION_DENY;
  admission_tell(a, a->policy->id, ask->rule, action, text);
}

static void fail(struct admission_asking *a, const struct package_ask *ask, const char *why)
{
  admission_fail(a, a->policy->id, ask->rule, "%.*s: %s", STR_FMT(ask->rule), why);
}

/* A text, or an object with a text `msg` or `message`. */
static void take_item(struct admission_asking *a, const struct package_ask *ask, struct value item)
{
  struct value message = item;
  if (value_is(item, VALUE_OBJECT)) {
    message = field(item, "msg");
    if (value_is(message, VALUE_ABSENT))
      message = field(item, "message");
  }
  if (value_is(message, VALUE_STRING))
    take_text(a, ask, value_str(message));
  else
    fail(a, ask, "an answer is neither a text nor an object with a text \"msg\"");
}

static void take_verdict(struct admission_asking *a, const struct package_ask *ask,
                         struct value answer)
{
  if (value_is(answer, VALUE_ABSENT) || value_is_false(answer))
    return;
  if (value_is_true(answer)) {
    take_text(a, ask, STR("the policy refuses this"));
    return;
  }
  if (!value_is(answer, VALUE_SET) && !value_is(answer, VALUE_ARRAY)) {
    take_item(a, ask, answer);
    return;
  }
  if (answer.len > ANSWERS_MAX)
    fail(a, ask, "there are more than 1000 answers");
  for (uint32_t i = 0; i < answer.len && i < ANSWERS_MAX; i++)
    take_item(a, ask, answer.items[i]);
}

/* ---- data.system.main */

/* Warnings and annotations that the answer has besides. */
static void take_extras(struct admission_asking *a, struct value response)
{
  struct value warnings = field(response, "warnings");
  struct value annotations = field(response, "auditAnnotations");
  for (uint32_t i = 0; value_is(warnings, VALUE_ARRAY) && i < warnings.len; i++)
    if (value_is(warnings.items[i], VALUE_STRING))
      admission_warn(a, value_str(warnings.items[i]));
  for (uint32_t i = 0; value_is(annotations, VALUE_OBJECT) && i < annotations.len; i++) {
    struct value_member m = annotations.members[i];
    if (!value_is(m.key, VALUE_STRING) || !value_is(m.value, VALUE_STRING))
      continue;
    struct str key = arena_copy(a->scratch, value_str(m.key)); /* zero-terminated */
    admission_annotate(a, key.data, value_str(m.value));
  }
}

static struct str why_not(struct value response)
{
  struct value status = field(response, "status"), text = field(status, "message");
  if (!value_is(text, VALUE_STRING))
    text = field(status, "reason");
  return value_is(text, VALUE_STRING) ? value_str(text) : STR("the policy refuses this");
}

/* The patch of an answer: base64 of JSON, as in a real answer, or the operations themselves. */
static int read_patch(struct admission_asking *a, struct value given, struct patch *ret,
                      struct error *err)
{
  struct value document = given;
  if (value_is(given, VALUE_STRING)) {
    struct str text;
    struct json_options options = {.size_max = PATCH_TEXT_MAX, .symbols = a->snapshot->symbols};
    int rc = base64_decode(a->arena, value_str(given), BASE64_STANDARD, &text, err);
    if (rc == 0)
      rc = json_parse(a->arena, text, &options, &document, err);
    if (rc < 0)
      return rc;
  }
  return patch_read(a->arena, document, NULL, ret, err);
}

static void apply_patch(struct admission_asking *a, const struct package_ask *ask,
                        struct value response)
{
  struct value given = field(response, "patch");
  struct patch patch;
  struct error err;
  if (value_is_nil(given))
    return;
  int rc = read_patch(a, given, &patch, &err);
  if (rc == 0)
    rc = admission_change(a, &patch, &err);
  if (rc < 0)
    admission_fail(a, a->policy->id, ask->rule, "its patch: %s", err.message);
}

static void take_answer(struct admission_asking *a, const struct package_ask *ask,
                        struct value answer, bool mutating)
{
  struct value response = field(answer, "response"), allowed = field(response, "allowed");
  if (!value_is(allowed, VALUE_BOOL)) {
    fail(a, ask,
         value_is(answer, VALUE_ABSENT) ? "there is no answer"
                                        : "the answer is no AdmissionReview with response.allowed");
    return;
  }
  if (allowed.boolean && mutating)
    apply_patch(a, ask, response);
  else if (!allowed.boolean && !(mutating && (a->phases & ADMISSION_VALIDATE)))
    take_text(a, ask, why_not(response)); /* once: judging follows */
  if (!mutating)
    take_extras(a, response);
}

/* ---- asking */

static struct value input_of(struct admission_asking *a, const struct package_policy *p)
{
  struct value made;
  if (p->form == INPUT_OBJECT)
    return a->object.value;
  if (p->form == INPUT_REVIEW)
    return a->request.review;
  struct value_member members[2] = {{value_from("review"), a->request.request},
                                    {value_from("parameters"), VALUE_NONE}};
  value_object_make(a->scratch, NULL, NULL, 0, VALUE_LAST_WINS, NULL, &members[1].value);
  for (size_t i = 0; i < 2; i++)
    members[i].key.symbol = symbols_find(a->snapshot->symbols, value_str(members[i].key));
  value_object_make(a->scratch, members, NULL, 2, VALUE_LAST_WINS, NULL, &made);
  return made;
}

/* Packages that know objects alone cannot tell a change of status from one of what runs. */
static bool is_asked(const struct admission_asking *a, const struct package_policy *p)
{
  if (p->form != INPUT_OBJECT)
    return true;
  return a->has_object && !a->winding_down && admission_is_main(a);
}

static void ask_package(struct admission_asking *a, bool mutating)
{
  const struct rego_state *state = a->state;
  const struct package_policy *p = &state->packages.items[a->policy->number];
  if (!is_asked(a, p))
    return;
  struct rego_run run = {
      .arena = a->scratch,
      .input = input_of(a, p),
      .data = state->data,
      .steps = a->steps,
      .deadline_ns = a->deadline_ns,
      .now_ns = a->now_ns,
  };
  rego_begin(a->own, state->program, &run);
  a->asked->matched = (uint32_t)p->asks.count;
  for (size_t i = 0; i < p->asks.count; i++) {
    const struct package_ask *ask = &p->asks.items[i];
    struct value answer;
    struct error err;
    if (rego_ask(a->own, ask->entry, &answer, &err) < 0)
      admission_fail_rego(a, a->policy->id, ask->rule, a->own, &err);
    else if (ask->verdict == VERDICT_ANSWER)
      take_answer(a, ask, answer, mutating);
    else
      take_verdict(a, ask, answer);
  }
}

void admission_rego_mutate(struct admission_asking *a)
{
  ask_package(a, true);
}

void admission_rego_judge(struct admission_asking *a)
{
  ask_package(a, false);
}
