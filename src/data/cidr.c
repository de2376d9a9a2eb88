#include "data/cidr.h"

enum { V4_BITS = 32, V6_BITS = 128, SHOWN_MAX = 80, GROUPS = 8 };

static int fail(struct str text, struct error *err, const char *why)
{
  return error_set(err, SW_EINVAL, "\"%.*s\" is not an IP address: %s",
                   STR_FMT(str_sub(text, 0, SHOWN_MAX)), why);
}

static const char leading_zero[] = "a number begins with 0";

/* Four decimal numbers; NULL, or what is wrong. */
static const char *read_v4(struct str text, uint8_t out[4])
{
  struct str rest = text;
  for (unsigned i = 0; i < 4; i++) {
    if (rest.data == NULL)
      return "an IPv4 address has four numbers";
    struct str part = str_cut(rest, '.', &rest);
    unsigned long long number;
    if (part.len > 1 && part.data[0] == '0')
      return leading_zero;
    if (!str_to_u64(part, 255, &number))
      return "its numbers must be from 0 to 255";
    out[i] = (uint8_t)number;
  }
  return rest.data ? "an IPv4 address has four numbers" : NULL;
}

static int hex_digit(char c)
{
  if (c >= '0' && c <= '9')
    return c - '0';
  char lower = (char)(c | 0x20);
  return lower >= 'a' && lower <= 'f' ? lower - 'a' + 10 : -1;
}

/* One to four hexadecimal digits taken off *rest; false if there are none, or more. */
static bool take_group(struct str *rest, uint16_t *ret)
{
  unsigned group = 0;
  size_t len = 0;
  for (; len < rest->len && hex_digit(rest->data[len]) >= 0; len++) {
    if (len == 4)
      return false;
    group = group << 4 | (unsigned)hex_digit(rest->data[len]);
  }
  *rest = str_sub(*rest, len, rest->len);
  *ret = (uint16_t)group;
  return len > 0;
}

struct v6 {
  uint16_t groups[GROUPS];
  unsigned count;
  int gap; /* groups before "::"; -1: none yet */
};

/* An IPv4 tail, if what is left is one. */
static const char *read_tail(struct v6 *v, struct str rest)
{
  uint8_t bytes[4];
  if (v->count > GROUPS - 2 || (v->gap < 0 && v->count != GROUPS - 2))
    return "its IPv4 part stands in the wrong place";
  const char *wrong = read_v4(rest, bytes);
  if (wrong)
    return wrong;
  v->groups[v->count++] = (uint16_t)(bytes[0] << 8 | bytes[1]);
  v->groups[v->count++] = (uint16_t)(bytes[2] << 8 | bytes[3]);
  return NULL;
}

static const char *read_groups(struct v6 *v, struct str rest)
{
  if (str_starts(rest, STR("::"))) {
    v->gap = 0;
    rest = str_sub(rest, 2, rest.len);
  }
  while (rest.len) {
    struct str before = rest;
    if (v->count == GROUPS)
      return "it has more than eight groups";
    if (!take_group(&rest, &v->groups[v->count]))
      return "its groups must be one to four hexadecimal digits";
    if (rest.len && rest.data[0] == '.')
      return read_tail(v, before);
    v->count++;
    if (rest.len == 0)
      break;
    if (rest.data[0] != ':' || rest.len == 1)
      return "groups are separated by \":\"";
    rest = str_sub(rest, 1, rest.len);
    if (rest.data[0] != ':')
      continue;
    if (v->gap >= 0)
      return "\"::\" may occur once only";
    v->gap = (int)v->count;
    rest = str_sub(rest, 1, rest.len);
  }
  return NULL;
}

static const char *read_v6(struct str text, uint8_t out[16])
{
  struct v6 v = {.gap = -1};
  const char *wrong = read_groups(&v, text);
  if (wrong)
    return wrong;
  if (v.gap < 0 && v.count < GROUPS)
    return "it has fewer than eight groups";
  if (v.gap >= 0 && v.count == GROUPS)
    return "\"::\" stands for no group";
  unsigned missing = GROUPS - v.count;
  memset(out, 0, 16);
  for (unsigned i = 0; i < v.count; i++) {
    unsigned at = v.gap >= 0 && i >= (unsigned)v.gap ? i + missing : i;
    out[2 * at] = (uint8_t)(v.groups[i] >> 8);
    out[2 * at + 1] = (uint8_t)v.groups[i];
  }
  return NULL;
}

int ip_parse(struct str text, struct ip_address *ret_address, struct error *err)
{
  struct ip_address address = {.width = V4_BITS};
  if (text.len == 0)
    return error_set(err, SW_EINVAL, "the IP address is empty");
  if (str_find_byte(text, 0, '%') >= 0)
    return fail(text, err, "zones (\"%\") are not supported");
  bool is_v6 = str_find_byte(text, 0, ':') >= 0;
  address.width = is_v6 ? V6_BITS : V4_BITS;
  const char *wrong = is_v6 ? read_v6(text, address.bytes) : read_v4(text, address.bytes);
  if (wrong)
    return fail(text, err, wrong);
  *ret_address = address;
  return 0;
}

static void write_v4(struct buf *out, const uint8_t *bytes)
{
  buf_printf(out, "%u.%u.%u.%u", bytes[0], bytes[1], bytes[2], bytes[3]);
}

static bool is_mapped(const uint8_t *bytes)
{
  static const uint8_t prefix[12] = {[10] = 0xff, [11] = 0xff};
  return memcmp(bytes, prefix, sizeof prefix) == 0;
}

/* The first of the longest runs of two or more zero groups. */
static unsigned longest_zeros(const uint16_t *groups, unsigned *ret_len)
{
  unsigned best = 0, best_len = 1, begin = 0;
  for (unsigned i = 0; i <= GROUPS; i++) {
    if (i < GROUPS && groups[i] == 0)
      continue;
    if (i - begin > best_len) {
      best = begin;
      best_len = i - begin;
    }
    begin = i + 1;
  }
  *ret_len = best_len > 1 ? best_len : 0;
  return best;
}

static void write_v6(struct buf *out, const uint8_t *bytes)
{
  uint16_t groups[GROUPS];
  for (unsigned i = 0; i < GROUPS; i++)
    groups[i] = (uint16_t)(bytes[2 * i] << 8 | bytes[2 * i + 1]);
  unsigned len, gap = longest_zeros(groups, &len);
  for (unsigned i = 0; i < GROUPS; i++) {
    if (len && i == gap) {
      buf_add(out, STR("::"));
      i += len - 1;
      continue;
    }
    if (i && !(len && i == gap + len))
      buf_add_byte(out, ':');
    buf_printf(out, "%x", groups[i]);
  }
}

void ip_write(struct buf *out, struct ip_address address)
{
  if (address.width == V4_BITS) {
    write_v4(out, address.bytes);
  } else if (is_mapped(address.bytes)) {
    buf_add(out, STR("::ffff:"));
    write_v4(out, address.bytes + 12);
  } else {
    write_v6(out, address.bytes);
  }
}

int ip_compare(struct ip_address a, struct ip_address b)
{
  if (a.width != b.width)
    return a.width < b.width ? -1 : 1;
  int order = memcmp(a.bytes, b.bytes, sizeof a.bytes);
  return (order > 0) - (order < 0);
}

int cidr_parse(struct str text, struct cidr *ret_range, struct error *err)
{
  struct cidr range;
  ptrdiff_t slash = str_find_last_byte(text, '/');
  if (slash < 0)
    return error_set(
        err, SW_EINVAL,
        "\"%.*s\" is not a range of addresses: it must end in \"/\" and a prefix length",
        STR_FMT(str_sub(text, 0, SHOWN_MAX)));
  int r = ip_parse(str_sub(text, 0, (size_t)slash), &range.address, err);
  if (r < 0)
    return error_wrap(err, "\"%.*s\"", STR_FMT(str_sub(text, 0, SHOWN_MAX))), r;
  struct str prefix = str_sub(text, (size_t)slash + 1, text.len);
  unsigned long long bits;
  bool zero_first = prefix.len > 1 && prefix.data[0] == '0';
  if (zero_first || !str_to_u64(prefix, range.address.width, &bits))
    return error_set(err, SW_EINVAL, "\"%.*s\": the prefix length must be a number from 0 to %u%s",
                     STR_FMT(str_sub(text, 0, SHOWN_MAX)), range.address.width,
                     zero_first ? " without leading zeros" : "");
  range.prefix = (uint8_t)bits;
  *ret_range = range;
  return 0;
}

int cidr_parse_or_address(struct str text, struct cidr *ret_range, struct error *err)
{
  struct ip_address address;
  if (str_find_byte(text, 0, '/') >= 0)
    return cidr_parse(text, ret_range, err);
  int r = ip_parse(text, &address, err);
  if (r == 0)
    *ret_range = (struct cidr){address, address.width};
  return r;
}

/* The bits behind the prefix, in a byte of the address. */
static uint8_t host_bits(struct cidr range, unsigned byte)
{
  unsigned begin = byte * 8;
  if (begin >= range.address.width || begin + 8 <= range.prefix)
    return 0;
  return begin >= range.prefix ? 0xff : (uint8_t)(0xff >> (range.prefix - begin));
}

struct ip_address cidr_first(struct cidr range)
{
  for (unsigned i = 0; i < 16; i++)
    range.address.bytes[i] = (uint8_t)(range.address.bytes[i] & ~host_bits(range, i));
  return range.address;
}

struct ip_address cidr_last(struct cidr range)
{
  for (unsigned i = 0; i < 16; i++)
    range.address.bytes[i] |= host_bits(range, i);
  return range.address;
}

struct cidr cidr_masked(struct cidr range)
{
  range.address = cidr_first(range);
  return range;
}

bool cidr_is_masked(struct cidr range)
{
  return ip_compare(cidr_first(range), range.address) == 0;
}

bool cidr_contains_address(struct cidr range, struct ip_address address)
{
  return address.width == range.address.width &&
         ip_compare(cidr_first((struct cidr){address, range.prefix}), cidr_first(range)) == 0;
}

bool cidr_contains(struct cidr outer, struct cidr inner)
{
  return outer.prefix <= inner.prefix && cidr_contains_address(outer, inner.address);
}

bool cidr_overlaps(struct cidr a, struct cidr b)
{
  return cidr_contains(a, b) || cidr_contains(b, a);
}

void cidr_write(struct buf *out, struct cidr range)
{
  ip_write(out, range.address);
  buf_printf(out, "/%u", range.prefix);
}
