/* UUIDs (RFC 4122). */
#include "base/hash.h"
#include "lang/builtin_int.h"

enum { UUID_BYTES = 16 };

/* Version 4 made of the seed and the key: the same throughout a query, as OPA has it. */
CALL(make)
{
  struct str key;
  if (!builtin_want_string(c, args, 1, &key))
    return BUILTIN_ERROR;
  uint8_t bytes[UUID_BYTES], seed[16] = {'u', 'u', 'i', 'd'};
  memcpy(seed + 8, &c->seed, 8);
  for (int half = 0; half < 2; half++) {
    seed[4] = (uint8_t)half;
    uint64_t hash = hash_siphash24(seed, key);
    memcpy(bytes + 8 * (size_t)half, &hash, 8);
  }
  bytes[6] = (uint8_t)((bytes[6] & 0x0F) | 0x40);
  bytes[8] = (uint8_t)((bytes[8] & 0x3F) | 0x80);
  struct buf *out = builtin_text(c);
  for (int i = 0; i < UUID_BYTES; i++)
    buf_printf(out, "%s%02x", i == 4 || i == 6 || i == 8 || i == 10 ? "-" : "", bytes[i]);
  return builtin_give_text(c, ret);
}

static int hex_digit(char c)
{
  if (c >= '0' && c <= '9')
    return c - '0';
  if (c >= 'a' && c <= 'f')
    return c - 'a' + 10;
  return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

/* With dashes, without, as a URN, or in any pair of brackets. */
static bool read_bytes(struct str s, uint8_t bytes[UUID_BYTES])
{
  if (s.len == 45 && str_eq_nocase(str_sub(s, 0, 9), STR("urn:uuid:")))
    s = str_sub(s, 9, 36);
  else if (s.len == 38)
    s = str_sub(s, 1, 36);
  bool dashes = s.len == 36;
  if (!dashes && s.len != 32)
    return false;
  size_t at = 0;
  for (int i = 0; i < UUID_BYTES; i++, at += 2) {
    if (dashes && (i == 4 || i == 6 || i == 8 || i == 10) && s.data[at++] != '-')
      return false;
    int high = hex_digit(s.data[at]), low = hex_digit(s.data[at + 1]);
    if (high < 0 || low < 0)
      return false;
    bytes[i] = (uint8_t)(high << 4 | low);
  }
  return true;
}

static uint64_t big_endian(const uint8_t *bytes, int count)
{
  uint64_t n = 0;
  for (int i = 0; i < count; i++)
    n = n << 8 | bytes[i];
  return n;
}

struct facts {
  struct value_member members[9];
  uint32_t count;
};

static void add(struct facts *f, const char *name, struct value v)
{
  f->members[f->count++] = (struct value_member){value_from(name), v};
}

static struct value mac_text(struct arena *a, const uint8_t *node)
{
  return value_string(arena_printf(a, "%02x-%02x-%02x-%02x-%02x-%02x", node[0], node[1], node[2],
                                   node[3], node[4], node[5]));
}

/* Nanoseconds since 1970 of 100 ns since 1582. */
static int64_t unix_time(uint64_t time)
{
  return (int64_t)((time - 0x01B21DD213814000ULL) * 100);
}

static void add_place_and_time(struct facts *f, struct arena *a, const uint8_t *bytes, int version)
{
  static const char *const domains[] = {"Person", "Group", "Org"};
  static const char *const scopes[] = {"global:unicast", "global:multicast", "local:unicast",
                                       "local:multicast"};
  uint64_t low = big_endian(bytes, 4);
  uint64_t time = low | big_endian(bytes + 4, 2) << 32 | (big_endian(bytes + 6, 2) & 0xFFF) << 48;
  add(f, "time", value_int(unix_time(time)));
  add(f, "nodeid", mac_text(a, bytes + 10));
  add(f, "macvariables", value_from(scopes[bytes[10] & 3]));
  add(f, "clocksequence", value_int((int64_t)(big_endian(bytes + 8, 2) & 0x3FFF)));
  if (version == 2) {
    add(f, "id", value_int((int64_t)low));
    add(f, "domain",
        bytes[9] < 3 ? value_from(domains[bytes[9]])
                     : value_string(arena_printf(a, "Domain%d", bytes[9])));
  }
}

/* What is no UUID has no parts: undefined, as in OPA. */
CALL(parse)
{
  struct str s;
  uint8_t bytes[UUID_BYTES];
  if (!builtin_want_string(c, args, 1, &s))
    return BUILTIN_ERROR;
  if (!read_bytes(s, bytes))
    return BUILTIN_UNDEFINED;
  struct facts f = {.count = 0};
  int version = bytes[6] >> 4;
  const char *variant = (bytes[8] & 0xC0) == 0x80   ? "RFC4122"
                        : (bytes[8] & 0xE0) == 0xC0 ? "Microsoft"
                        : (bytes[8] & 0xE0) == 0xE0 ? "Future"
                                                    : "Reserved";
  add(&f, "version", value_int(version));
  add(&f, "variant", value_from(variant));
  if (version == 1 || version == 2)
    add_place_and_time(&f, c->arena, bytes, version);
  value_object_make(c->arena, f.members, NULL, f.count, VALUE_LAST_WINS, NULL, ret);
  return BUILTIN_VALUE;
}

const struct builtin builtins_uuid[] = {
    ROW(parse, "uuid.parse", 1, "string", "object<string:any>"),
    ROW(make, "uuid.rfc4122", 1, "string", "string", .flags = BUILTIN_NONDETERMINISTIC),
    {.name = NULL},
};
