#include "scan/statement.h"

#include "data/base64.h"
#include "data/json.h"

static struct value get(struct value object, const char *name)
{
  return value_get(object, value_from(name));
}

static int parse_inside(struct arena *arena, struct str text, struct value *ret, struct error *err)
{
  int rc = json_parse(arena, text, NULL, ret, err);
  return rc < 0 ? error_wrap(err, "the document inside the envelope") : 0;
}

static int open_payload(struct arena *arena, struct str payload, struct value *ret,
                        struct error *err)
{
  struct str bytes;
  if (base64_decode(arena, payload, BASE64_STANDARD | BASE64_AS_GO, &bytes, err) < 0)
    return error_wrap(err, "the payload of the envelope");
  return parse_inside(arena, bytes, ret, err);
}

/* One envelope less: 1; 0: there is none. */
static int unwrap_once(struct arena *arena, struct unwrapped_statement *u, struct error *err)
{
  struct value json = u->document, payload = get(json, "payload"), data = get(json, "Data");
  struct value envelope = get(json, "dsseEnvelope"), predicate = get(json, "predicate");
  bool inside = value_is(u->statement, VALUE_OBJECT);
  int rc = 0;
  if (value_is(envelope, VALUE_OBJECT)) {
    u->document = envelope;
  } else if (value_is(payload, VALUE_STRING) && value_is(get(json, "payloadType"), VALUE_STRING)) {
    rc = open_payload(arena, value_str(payload), &u->document, err);
  } else if (value_is(predicate, VALUE_OBJECT)) {
    u->statement = json;
    u->document = predicate;
  } else if (inside && value_is(data, VALUE_OBJECT)) {
    u->document = data;
  } else if (inside && value_is(data, VALUE_STRING)) {
    rc = parse_inside(arena, value_str(data), &u->document, err);
  } else {
    return 0;
  }
  return rc < 0 ? rc : 1;
}

int statement_unwrap(struct arena *arena, struct value json, struct unwrapped_statement *ret,
                     struct error *err)
{
  struct unwrapped_statement u = {.document = json};
  int rc, wrappings = 0;
  while ((rc = unwrap_once(arena, &u, err)) > 0)
    if (++wrappings > STATEMENT_WRAPPINGS_MAX)
      return error_set(err, SW_ELIMIT, "more than %d envelopes are around the document",
                       STATEMENT_WRAPPINGS_MAX);
  if (rc < 0)
    return rc;
  struct value subject = value_at(get(u.statement, "subject"), 0);
  struct str digest = value_str_or_empty(get(get(subject, "digest"), "sha256"));
  u.subject = value_str_or_empty(get(subject, "name"));
  u.digest = digest.len == 64 ? arena_printf(arena, "sha256:%.*s", STR_FMT(digest)) : STR_EMPTY;
  *ret = u;
  return 0;
}
