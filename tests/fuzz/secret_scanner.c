/*
 * Files in which secrets are looked for: in one piece and in many they give the same, with the own rules and with rules
 * that have no bounds; and no secret is shown.
 */
#include "scan/secret/scanner.h"

#include <assert.h>

static const char loaded_file[] =
    "[[rules]]\nid='all'\nregex='''(?i)k(.+)z'''\n"
    "[[rules]]\nid='lines'\nregex='''^a([\\s\\S]*?)b$'''\n"
    "[[rules]]\nid='words'\nregex='''\\b(\\w{3,})\\b'''\nkeywords=['key']\nentropy=1.5\n"
    "[[rules]]\nid='letters'\nregex='''(\\pL{2})=(\\d*)'''\nkeywords=['=']\n"
    "[[rules]]\nid='path'\npath='''\\.p12$'''\n"
    "[allowlist]\nregexTarget='line'\nregexes=['''ours''']\n";

static const char *const paths[] = {"a.env",       "etc/shadow",       "a.p12",
                                    "x/tests/a",   "root/.npmrc",      "root/.docker/config.json",
                                    "app/.pypirc", "config/master.key"};

static struct secret_scanner *scanners[2];

static void set_up(void)
{
  struct secret_rules *own, *loaded;
  int rc = secret_rules_builtin(&own, NULL);
  assert(rc == 0);
  rc = secret_rules_load_gitleaks(str_from(loaded_file), "t", NULL, &loaded, NULL);
  assert(rc == 0);
  rc = secret_scanner_new(own, NULL, &scanners[0], NULL);
  assert(rc == 0);
  rc = secret_scanner_new(loaded, NULL, &scanners[1], NULL);
  assert(rc == 0);
}

static void scan(struct secret_scanner *s, struct str path, struct str text, size_t piece,
                 struct secret_list *found)
{
  if (secret_scanner_begin(s, path, text.len))
    for (size_t at = 0; at < text.len; at += piece)
      if (!secret_scanner_feed(s, str_sub(text, at, piece)))
        break;
  secret_scanner_end(s, found);
}

static void check(const struct secret_match *m, struct str text)
{
  if (!m->line) {
    assert(!m->length);
    return;
  }
  assert(m->length && m->offset + m->length <= text.len && m->column);
  assert(m->redacted.len && m->redacted.len <= SECRET_REDACTED_MAX);
  assert(strlen(m->fingerprint) == SECRET_FINGERPRINT_LEN);
  assert(str_find_byte(m->redacted, 0, '\n') < 0);
  /* A name may be like the secret by chance, if it is short. */
  assert(m->length < 45 || str_find(m->redacted, 0, str_sub(text, m->offset, m->length)) < 0);
}

static void compare(struct secret_scanner *s, struct str path, struct str text, size_t piece)
{
  struct arena arena;
  struct secret_list whole, parts;
  arena_init(&arena, 0);
  secret_list_init(&whole, &arena);
  secret_list_init(&parts, &arena);
  scan(s, path, text, text.len ? text.len : 1, &whole);
  scan(s, path, text, piece, &parts);
  assert(whole.count == parts.count && whole.dropped == parts.dropped);
  for (size_t i = 0; i < whole.count; i++) {
    const struct secret_match *a = &whole.items[i], *b = &parts.items[i];
    check(a, text);
    assert(a->rule == b->rule && a->offset == b->offset && a->length == b->length);
    assert(a->line == b->line && a->column == b->column && str_eq(a->redacted, b->redacted));
    assert(strcmp(a->fingerprint, b->fingerprint) == 0 && str_eq(a->place, path));
    assert(i == 0 || whole.items[i - 1].offset <= a->offset);
  }
  for (int kind = SECRET_ENVIRONMENT; kind < SECRET_PLACES; kind++)
    secret_scan_text(s, (enum secret_place)kind, STR("place"), text, &parts);
  for (size_t i = whole.count; i < parts.count; i++)
    check(&parts.items[i], text);
  arena_free(&arena);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
  if (!scanners[0])
    set_up();
  if (size < 2)
    return 0;
  struct str path = str_from(paths[data[0] % (sizeof paths / sizeof paths[0])]);
  struct str text = str_make((const char *)data + 2, size - 2);
  for (size_t i = 0; i < 2; i++)
    compare(scanners[i], path, text, (size_t)data[1] + 1);
  secret_is_placeholder(text);
  return 0;
}
