/*
 * cidr.h - IP addresses and address ranges: "10.0.0.0/8", "2001:db8::/32".
 *
 * Reads what Go's net/netip reads: dotted decimal without leading zeros, IPv6 in
 * every form of RFC 4291 (an IPv4 tail too), prefix lengths without sign or leading
 * zeros. Zones ("fe80::1%eth0") are refused: they mean something on one host only.
 *
 * IPv4 and IPv6 are different spaces: an IPv4 range contains no IPv6 address, and
 * "::ffff:10.0.0.1" is an IPv6 address.
 *
 *     struct cidr range;
 *     if (cidr_parse(STR("10.1.0.0/16"), &range, &err) < 0) ...
 *     if (cidr_contains_address(range, address))
 *
 * Errors: SW_EINVAL with what is wrong.
 *
 * Thread safety: all functions may be called from any thread.
 */
#ifndef SEAWALL_DATA_CIDR_H
#define SEAWALL_DATA_CIDR_H

#include "base/buf.h"
#include "base/error.h"
#include "base/str.h"

#include <stdint.h>

struct ip_address {
  uint8_t bytes[16]; /* network order; IPv4: the first four, the others zero */
  uint8_t width;     /* bits: 32 or 128 */
};

struct cidr {
  struct ip_address address; /* bits behind the prefix are kept as written */
  uint8_t prefix;            /* bits: 0 to address.width */
};

int ip_parse(struct str text, struct ip_address *ret_address, struct error *err);

/* RFC 5952: lower case, the longest run of zero groups as "::"; IPv4-mapped ones with a dotted tail. */
void ip_write(struct buf *out, struct ip_address address);

/* IPv4 before IPv6, then by value: -1, 0 or 1. */
int ip_compare(struct ip_address a, struct ip_address b);

/* An address and a prefix length. */
int cidr_parse(struct str text, struct cidr *ret_range, struct error *err);

/* A range, or an address, which is the range of that one address. */
int cidr_parse_or_address(struct str text, struct cidr *ret_range, struct error *err);

/* The same range with the bits behind the prefix cleared. */
struct cidr cidr_masked(struct cidr range);

/* Are the bits behind the prefix zero, as they should be in a range? */
bool cidr_is_masked(struct cidr range);

/* The range's first and last address. */
struct ip_address cidr_first(struct cidr range);
struct ip_address cidr_last(struct cidr range);

bool cidr_contains_address(struct cidr range, struct ip_address address);

/* Does `outer` contain every address of `inner`? */
bool cidr_contains(struct cidr outer, struct cidr inner);

/* Have both an address in common? */
bool cidr_overlaps(struct cidr a, struct cidr b);

/* Address, '/', prefix length. */
void cidr_write(struct buf *out, struct cidr range);

#endif
