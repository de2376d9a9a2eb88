#include "finding/finding.h"

#include "base/buf.h"
#include "base/hash.h"
#include "base/map.h"
#include "base/mem.h"

static const struct str severity_names[SEVERITY_COUNT] = {
    [SEVERITY_UNKNOWN] = STR_INIT("unknown"), [SEVERITY_INFO] = STR_INIT("info"),
    [SEVERITY_LOW] = STR_INIT("low"),         [SEVERITY_MEDIUM] = STR_INIT("medium"),
    [SEVERITY_HIGH] = STR_INIT("high"),       [SEVERITY_CRITICAL] = STR_INIT("critical"),
};

struct str severity_name(enum severity severity)
{
  return severity_names[(unsigned)severity < SEVERITY_COUNT ? severity : SEVERITY_UNKNOWN];
}

bool severity_from_name(struct str name, enum severity *ret)
{
  for (int i = 0; i < SEVERITY_COUNT; i++)
    if (str_eq_nocase(name, severity_names[i])) {
      *ret = (enum severity)i;
      return true;
    }
  return false;
}

void finding_list_init(struct finding_list *list, struct arena *arena)
{
  *list = (struct finding_list){.arena = arena};
}

struct finding *finding_add(struct finding_list *list, const struct rule *rule)
{
  if (list->count == list->room) {
    size_t room = list->room ? list->room * 2 : 8;
    struct finding *items = arena_array(list->arena, struct finding, room);
    if (list->count)
      memcpy(items, list->items, list->count * sizeof *items);
    list->items = items;
    list->room = room;
  }
  struct finding *f = &list->items[list->count++];
  *f = (struct finding){.rule = rule, .severity = rule->severity};
  return f;
}

struct str finding_remedy(const struct finding *f)
{
  return f->remedy.len ? f->remedy : f->rule->remedy;
}

/* Parts are led by their length, so that no two lists of parts give one text. */
static void add_part(struct buf *key, struct str part)
{
  buf_add_u64(key, part.len);
  buf_add_byte(key, ':');
  buf_add(key, part);
}

static bool is_number(struct str token)
{
  for (size_t i = 0; i < token.len; i++)
    if (token.data[i] < '0' || token.data[i] > '9')
      return false;
  return token.len > 0;
}

/* Elements of arrays move when others are added before them: their numbers say nothing. */
static void add_pointer(struct buf *key, struct str pointer)
{
  struct str rest = pointer;
  while (rest.data && rest.len) {
    struct str token = str_cut(rest, '/', &rest);
    add_part(key, is_number(token) ? STR("#") : token);
  }
  buf_add_byte(key, ';');
}

static void write_fingerprint(struct finding *f, struct str key)
{
  static const char digits[] = "0123456789abcdef";
  struct hash128 hash = hash_stable(key);
  for (int i = 0; i < 16; i++) {
    f->fingerprint[i] = digits[hash.high >> (60 - 4 * i) & 15];
    f->fingerprint[16 + i] = digits[hash.low >> (60 - 4 * i) & 15];
  }
  f->fingerprint[FINGERPRINT_LEN] = '\0';
}

/* The group of "group/version"; the version is no part of what an object is. */
static struct str group_of(struct str api_version)
{
  ptrdiff_t slash = str_find_byte(api_version, 0, '/');
  return slash < 0 ? STR_EMPTY : str_sub(api_version, 0, (size_t)slash);
}

void finding_seal(struct finding *f, struct str evidence_key)
{
  const struct subject *s = &f->subject;
  _cleanup_(buf_free) struct buf key = {0};
  buf_reserve(&key, 500); /* most fit: one allocation instead of growing */
  add_part(&key, f->rule->id);
  add_part(&key, f->location.file);
  add_part(&key, group_of(s->api_version));
  add_part(&key, s->kind);
  add_part(&key, s->namespace);
  add_part(&key, s->name);
  add_part(&key, s->container);
  add_pointer(&key, f->location.pointer);
  add_part(&key, evidence_key);
  write_fingerprint(f, buf_str(&key));
}

static void number_repetition(struct finding *f, uint64_t number)
{
  _cleanup_(buf_free) struct buf key = {0};
  add_part(&key, str_make(f->fingerprint, FINGERPRINT_LEN));
  buf_add_u64(&key, number);
  write_fingerprint(f, buf_str(&key));
}

void finding_list_distinguish(struct finding_list *list)
{
  if (list->count < 2)
    return;
  struct map seen;
  map_init(&seen, list->arena); /* a repetition overwrites the text that a view would look at */
  for (size_t i = 0; i < list->count; i++) {
    struct finding *f = &list->items[i];
    if (!f->fingerprint[0])
      continue;
    uint64_t *times = &map_put(&seen, str_make(f->fingerprint, FINGERPRINT_LEN), NULL)->number;
    if ((*times)++)
      number_repetition(f, *times);
  }
  map_free(&seen);
}

void finding_count(struct finding_counts *counts, const struct finding_list *list)
{
  for (size_t i = 0; i < list->count; i++) {
    const struct finding *f = &list->items[i];
    if (f->state == FINDING_MENDED)
      continue;
    uint64_t *of = f->state == FINDING_EXCEPTED ? counts->excepted : counts->open;
    of[f->severity]++;
  }
}

uint64_t finding_open_from(const struct finding_counts *counts, enum severity threshold)
{
  uint64_t sum = 0;
  for (int i = (int)threshold; i < SEVERITY_COUNT; i++)
    sum += counts->open[i];
  return sum;
}
