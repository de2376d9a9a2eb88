#include "scan/advisory/record.h"

enum {
  /* of an affected package */
  HAS_BINARY = 1,
  HAS_EVERY = 2,
  HAS_ARCHITECTURE = 4,
  HAS_MODULE = 8,
  HAS_SEVERITY_TEXT = 16,
  HAS_REQUIREMENT = 32,
  HAS_NOTE = 64,
  /* of a step */
  STEP_UNBOUNDED = 1,
  STEP_AFFECTED = 2,
  STEP_BEYOND = 4,
  STEP_FIXED = 8,
};

enum { VARINT_MAX = 10, STATUSES = ADVISORY_END_OF_LIFE + 1, YEAR_BITS = 14 };

/* ---- writing */

static void put_number(struct buf *out, uint64_t number)
{
  for (; number >= 0x80; number >>= 7)
    buf_add_byte(out, (char)(number | 0x80));
  buf_add_byte(out, (char)number);
}

static void put_text(struct buf *out, struct str text)
{
  put_number(out, text.len);
  buf_add(out, text);
}

static void put_texts(struct buf *out, const struct str *texts, size_t count)
{
  put_number(out, count);
  for (size_t i = 0; i < count; i++)
    put_text(out, texts[i]);
}

static void put_range(struct buf *out, const struct version_range *range)
{
  put_number(out, range->limited);
  if (range->limited)
    put_text(out, range->limit.key);
  put_number(out, range->count);
  for (uint32_t i = 0; i < range->count; i++) {
    const struct version_step *step = &range->steps[i];
    put_number(out, (step->unbounded ? STEP_UNBOUNDED : 0) | (step->affected ? STEP_AFFECTED : 0) |
                        (step->affected_beyond ? STEP_BEYOND : 0) |
                        (step->fixed.len ? STEP_FIXED : 0));
    if (!step->unbounded)
      put_text(out, step->version.key);
    if (step->fixed.len)
      put_text(out, step->fixed);
  }
}

/* What is seldom there is told by a bit each. */
struct optional {
  unsigned bit;
  size_t offset;
};

static const struct optional optionals[] = {
    {HAS_ARCHITECTURE, offsetof(struct advisory_record_affected, architecture)},
    {HAS_MODULE, offsetof(struct advisory_record_affected, module)},
    {HAS_SEVERITY_TEXT, offsetof(struct advisory_record_affected, severity_text)},
    {HAS_REQUIREMENT, offsetof(struct advisory_record_affected, requirement)},
    {HAS_NOTE, offsetof(struct advisory_record_affected, note)},
};

enum { OPTIONALS = sizeof optionals / sizeof optionals[0] };

static const struct str *optional_text(const struct advisory_record_affected *a, unsigned i)
{
  return (const struct str *)(const void *)((const char *)a + optionals[i].offset);
}

/* Year and number of a CVE change places, so that the small one is short. */
static uint64_t cve_packed(uint64_t cve)
{
  return (cve & ((1ULL << 40) - 1)) << YEAR_BITS | cve >> 40;
}

static uint64_t cve_unpacked(uint64_t packed)
{
  return (packed & ((1ULL << YEAR_BITS) - 1)) << 40 | ((packed >> YEAR_BITS) & ((1ULL << 40) - 1));
}

static void put_affected(struct buf *out, const struct advisory_record_affected *a)
{
  unsigned flags = (a->binary ? HAS_BINARY : 0) | (a->every ? HAS_EVERY : 0);
  for (unsigned i = 0; i < OPTIONALS; i++)
    flags |= optional_text(a, i)->len ? optionals[i].bit : 0;
  put_number(out, a->advisory);
  put_number(out, cve_packed(a->cve));
  put_number(out, flags);
  put_number(out, (uint64_t)a->status | (uint64_t)a->severity << 3);
  for (unsigned i = 0; i < OPTIONALS; i++)
    if (flags & optionals[i].bit)
      put_text(out, *optional_text(a, i));
  put_number(out, a->range_count);
  for (size_t i = 0; i < a->range_count; i++)
    put_range(out, &a->ranges[i]);
  put_number(out, a->version_count);
  for (size_t i = 0; i < a->version_count; i++) {
    put_number(out, a->versions[i].parsed);
    put_text(out, a->versions[i].bytes);
  }
  put_texts(out, a->functions, a->function_count);
}

void advisory_record_write_affected(struct buf *out, const struct advisory_record_affected *a)
{
  struct buf body = {0};
  put_affected(&body, a);
  put_text(out, buf_str(&body));
  out->failed = out->failed || buf_failed(&body);
  buf_free(&body);
}

void advisory_record_write_head(struct buf *out, const struct advisory_record_head *head)
{
  put_number(out, head->source);
  put_text(out, head->id);
  put_number(out, (uint64_t)head->severity);
  put_text(out, head->severity_text);
  put_texts(out, head->aliases, head->alias_count);
  put_texts(out, head->related, head->related_count);
  put_texts(out, head->cvss, head->cvss_count);
  put_texts(out, head->cwes, head->cwe_count);
  put_text(out, head->published);
  put_text(out, head->modified);
}

void advisory_record_write_text(struct buf *out, const struct advisory_record_text *text)
{
  put_text(out, text->title);
  put_text(out, text->description);
  put_texts(out, text->references, text->reference_count);
}

/* ---- reading: `bad` is set at the first thing that cannot be, and all that follows is empty */

struct reading {
  struct str rest;
  struct arena *arena;
  bool bad;
};

static uint64_t get_long_number(struct reading *r)
{
  uint64_t number = 0;
  for (unsigned i = 0; i < VARINT_MAX && i < r->rest.len; i++) {
    unsigned char byte = (unsigned char)r->rest.data[i];
    number |= (uint64_t)(byte & 0x7f) << (7 * i);
    if (byte < 0x80) {
      r->rest = str_sub(r->rest, i + 1, r->rest.len);
      return number;
    }
  }
  r->bad = true;
  r->rest = STR_EMPTY;
  return 0;
}

/* Most are of one byte. */
static inline uint64_t get_number(struct reading *r)
{
  if (r->rest.len == 0 || (unsigned char)r->rest.data[0] >= 0x80)
    return get_long_number(r);
  r->rest.len--;
  return (unsigned char)*r->rest.data++;
}

static struct str get_text(struct reading *r)
{
  uint64_t len = get_number(r);
  if (len > r->rest.len) {
    r->bad = true;
    r->rest = STR_EMPTY;
    return STR_EMPTY;
  }
  struct str text = str_sub(r->rest, 0, (size_t)len);
  r->rest = str_sub(r->rest, (size_t)len, r->rest.len);
  return text;
}

/* How many things follow, of which none is shorter than so many bytes. */
static size_t get_count(struct reading *r, size_t least)
{
  uint64_t count = get_number(r);
  if (count > r->rest.len / least) {
    r->bad = true;
    return 0;
  }
  return (size_t)count;
}

static const struct str *get_texts(struct reading *r, size_t *ret_count)
{
  size_t count = get_count(r, 1);
  struct str *texts = count ? arena_array(r->arena, struct str, count) : NULL;
  for (size_t i = 0; i < count; i++)
    texts[i] = get_text(r);
  *ret_count = count;
  return texts;
}

static unsigned get_below(struct reading *r, unsigned end)
{
  uint64_t number = get_number(r);
  r->bad = r->bad || number >= end;
  return number < end ? (unsigned)number : 0;
}

void advisory_record_renumber(struct buf *out, struct str record, uint64_t number)
{
  struct reading r = {.rest = record};
  struct buf body = {0};
  r.rest = get_text(&r);
  get_number(&r);
  put_number(&body, number);
  buf_add(&body, r.rest);
  put_text(out, buf_str(&body));
  out->failed = out->failed || buf_failed(&body);
  buf_free(&body);
}

static void get_range(struct reading *r, const struct version_ops *ops, struct version_range *ret)
{
  *ret = (struct version_range){.ops = ops, .limit = {ops, STR_EMPTY}};
  ret->limited = get_below(r, 2);
  if (ret->limited)
    ret->limit.key = get_text(r);
  size_t count = get_count(r, 1);
  if (count > VERSION_EVENTS_MAX)
    r->bad = true;
  if (r->bad)
    return;
  struct version_step *steps = arena_array(r->arena, struct version_step, count);
  for (size_t i = 0; i < count; i++) {
    unsigned flags = get_below(r, 2 * STEP_FIXED);
    steps[i] = (struct version_step){
        .unbounded = flags & STEP_UNBOUNDED,
        .affected = flags & STEP_AFFECTED,
        .affected_beyond = flags & STEP_BEYOND,
        .version = {ops, flags & STEP_UNBOUNDED ? STR_EMPTY : get_text(r)},
        .fixed = STR_EMPTY,
    };
    r->bad = r->bad || (i > 0 && steps[i].unbounded);
    if (flags & STEP_FIXED)
      steps[i].fixed = get_text(r);
  }
  ret->steps = steps;
  ret->count = (uint32_t)count;
}

static void get_ranges(struct reading *r, const struct version_ops *ops,
                       struct advisory_record_affected *a)
{
  size_t count = get_count(r, 2);
  struct version_range *ranges = count ? arena_array(r->arena, struct version_range, count) : NULL;
  for (size_t i = 0; i < count; i++)
    get_range(r, ops, &ranges[i]);
  a->ranges = ranges;
  a->range_count = count;
}

static void get_versions(struct reading *r, struct advisory_record_affected *a)
{
  size_t count = get_count(r, 2);
  struct advisory_record_version *versions =
      count ? arena_array(r->arena, struct advisory_record_version, count) : NULL;
  for (size_t i = 0; i < count; i++) {
    versions[i].parsed = get_below(r, 2);
    versions[i].bytes = get_text(r);
  }
  a->versions = versions;
  a->version_count = count;
}

static int end(const struct reading *r, const char *what, struct error *err)
{
  if (r->bad || r->rest.len)
    return error_set(err, SW_EINVAL, "the database is damaged: %s cannot be read", what);
  return 0;
}

int advisory_record_read_affected(struct str *rest, const struct version_ops *ops, struct arena *a,
                                  struct advisory_record_affected *ret, struct error *err)
{
  struct reading row = {.rest = *rest, .arena = a};
  struct reading r = {.rest = get_text(&row), .arena = a, .bad = row.bad};
  *ret = (struct advisory_record_affected){.advisory = get_number(&r)};
  ret->cve = cve_unpacked(get_number(&r));
  unsigned flags = get_below(&r, 2 * HAS_NOTE);
  unsigned judgement = get_below(&r, 64);
  ret->binary = flags & HAS_BINARY;
  ret->every = flags & HAS_EVERY;
  r.bad = r.bad || (judgement & 7) >= STATUSES || judgement >> 3 >= SEVERITY_COUNT;
  ret->status = r.bad ? ADVISORY_AFFECTED : (enum advisory_status)(judgement & 7);
  ret->severity = r.bad ? SEVERITY_UNKNOWN : (enum severity)(judgement >> 3);
  struct str *texts[OPTIONALS] = {&ret->architecture, &ret->module, &ret->severity_text,
                                  &ret->requirement, &ret->note};
  for (unsigned i = 0; i < OPTIONALS; i++)
    *texts[i] = flags & optionals[i].bit ? get_text(&r) : STR_EMPTY;
  get_ranges(&r, ops, ret);
  get_versions(&r, ret);
  ret->functions = get_texts(&r, &ret->function_count);
  *rest = row.rest;
  return end(&r, "an entry of a package", err);
}

int advisory_record_read_head(struct str bytes, struct arena *a, struct advisory_record_head *ret,
                              struct error *err)
{
  struct reading r = {.rest = bytes, .arena = a};
  *ret = (struct advisory_record_head){.source = get_number(&r)};
  ret->id = get_text(&r);
  ret->severity = (enum severity)get_below(&r, SEVERITY_COUNT);
  ret->severity_text = get_text(&r);
  ret->aliases = get_texts(&r, &ret->alias_count);
  ret->related = get_texts(&r, &ret->related_count);
  ret->cvss = get_texts(&r, &ret->cvss_count);
  ret->cwes = get_texts(&r, &ret->cwe_count);
  ret->published = get_text(&r);
  ret->modified = get_text(&r);
  return end(&r, "the head of an advisory", err);
}

int advisory_record_read_text(struct str bytes, struct arena *a, struct advisory_record_text *ret,
                              struct error *err)
{
  struct reading r = {.rest = bytes, .arena = a};
  *ret = (struct advisory_record_text){.title = get_text(&r)};
  ret->description = get_text(&r);
  ret->references = get_texts(&r, &ret->reference_count);
  return end(&r, "the text of an advisory", err);
}

/* ---- ids */

uint64_t advisory_cve_number(struct str id)
{
  unsigned long long year, number;
  if (id.len < 13 || !str_starts(id, STR("CVE-")) || id.data[8] != '-' ||
      !str_to_u64(str_sub(id, 4, 4), 2999, &year) || year < 1999 ||
      !str_to_u64(str_sub(id, 9, id.len), (1ULL << 40) - 1, &number))
    return 0;
  return (uint64_t)year << 40 | number;
}

struct str advisory_cve_text(uint64_t number, char ret_text[static ADVISORY_CVE_TEXT])
{
  int len = snprintf(ret_text, ADVISORY_CVE_TEXT, "CVE-%04u-%04llu",
                     (unsigned)(number >> 40) % 10000,
                     (unsigned long long)(number & ((1ULL << 40) - 1)));
  return str_make(ret_text, (size_t)len);
}

struct str advisory_id_cve(struct str id)
{
  ptrdiff_t at = str_find(id, 0, STR("CVE-"));
  if (at < 0 || (at > 0 && id.data[at - 1] != '-'))
    return STR_EMPTY;
  struct str cve = str_sub(id, (size_t)at, id.len);
  return advisory_cve_number(cve) ? cve : STR_EMPTY;
}
