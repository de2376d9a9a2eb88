/* Certificates, requests and keys as Go's JSON encoder writes its structs for them. */
#include "lang/builtin_x509_int.h"

#include "data/base64.h"
#include "data/cidr.h"

/* In the order of Go's figures, from 0. */
static const struct {
  struct str oid, name;
} usages[] = {
    {STR_INIT("2.5.29.37.0"), STR_INIT("KeyUsageAny")},
    {STR_INIT("1.3.6.1.5.5.7.3.1"), STR_INIT("KeyUsageServerAuth")},
    {STR_INIT("1.3.6.1.5.5.7.3.2"), STR_INIT("KeyUsageClientAuth")},
    {STR_INIT("1.3.6.1.5.5.7.3.3"), STR_INIT("KeyUsageCodeSigning")},
    {STR_INIT("1.3.6.1.5.5.7.3.4"), STR_INIT("KeyUsageEmailProtection")},
    {STR_INIT("1.3.6.1.5.5.7.3.5"), STR_INIT("KeyUsageIPSECEndSystem")},
    {STR_INIT("1.3.6.1.5.5.7.3.6"), STR_INIT("KeyUsageIPSECTunnel")},
    {STR_INIT("1.3.6.1.5.5.7.3.7"), STR_INIT("KeyUsageIPSECUser")},
    {STR_INIT("1.3.6.1.5.5.7.3.8"), STR_INIT("KeyUsageTimeStamping")},
    {STR_INIT("1.3.6.1.5.5.7.3.9"), STR_INIT("KeyUsageOCSPSigning")},
    {STR_INIT("1.3.6.1.4.1.311.10.3.3"), STR_INIT("KeyUsageMicrosoftServerGatedCrypto")},
    {STR_INIT("2.16.840.1.113730.4.1"), STR_INIT("KeyUsageNetscapeServerGatedCrypto")},
    {STR_INIT("1.3.6.1.4.1.311.2.1.22"), STR_INIT("KeyUsageMicrosoftCommercialCodeSigning")},
    {STR_INIT("1.3.6.1.4.1.311.61.1.1"), STR_INIT("KeyUsageMicrosoftKernelCodeSigning")},
};

int crypto_usage_number(struct str oid)
{
  for (unsigned i = 0; i < sizeof usages / sizeof *usages; i++)
    if (str_eq(oid, usages[i].oid))
      return (int)i;
  return -1;
}

struct str crypto_usage_named(struct str name)
{
  for (unsigned i = 0; i < sizeof usages / sizeof *usages; i++)
    if (str_eq(name, usages[i].name))
      return usages[i].oid;
  return STR_EMPTY;
}

/* Bytes that may be nil. */
static struct value bytes_or_null(struct builtin_context *c, struct str bytes)
{
  return bytes.len ? builtin_base64(c, bytes) : value_null();
}

/* "1.2.840" as an array of numbers. */
static struct value oid_array(struct builtin_context *c, struct str oid)
{
  struct builtin_array array = {.arena = c->arena};
  while (oid.data && oid.len) {
    struct str part = str_cut(oid, '.', &oid);
    struct value number = number_from_literal(part);
    builtin_push(&array, number.type ? number : value_int(0));
  }
  return builtin_array_end(&array);
}

static struct value texts_or_null(struct builtin_context *c, const struct x509_texts *texts)
{
  if (!texts->count)
    return value_null();
  struct builtin_array array = {.arena = c->arena};
  for (size_t i = 0; i < texts->count; i++)
    builtin_push(&array, builtin_string(c, texts->items[i]));
  return builtin_array_end(&array);
}

static struct value address_text(struct builtin_context *c, struct str bytes)
{
  struct buf *out = builtin_text(c);
  struct ip_address ip = {.width = bytes.len == 4 ? 32 : 128};
  memcpy(ip.bytes, bytes.data, bytes.len == 4 ? 4 : 16);
  ip_write(out, ip);
  return value_string(arena_copy(c->arena, buf_str(out)));
}

static struct value addresses_or_null(struct builtin_context *c, const struct x509_texts *texts)
{
  struct builtin_array array = {.arena = c->arena};
  for (size_t i = 0; i < texts->count; i++)
    if (texts->items[i].len == 4 || texts->items[i].len == 16)
      builtin_push(&array, address_text(c, texts->items[i]));
  return array.count ? builtin_array_end(&array) : value_null();
}

/* Address and mask behind each other. */
static struct value ranges_or_null(struct builtin_context *c, const struct x509_texts *texts)
{
  struct builtin_array array = {.arena = c->arena};
  for (size_t i = 0; i < texts->count; i++) {
    struct str both = texts->items[i];
    if (both.len != 8 && both.len != 32)
      continue;
    struct builtin_object range = {.arena = c->arena};
    builtin_put(&range, "IP", address_text(c, str_sub(both, 0, both.len / 2)));
    builtin_put(&range, "Mask", builtin_base64(c, str_sub(both, both.len / 2, both.len)));
    builtin_push(&array, builtin_object_end(&range));
  }
  return array.count ? builtin_array_end(&array) : value_null();
}

/* net/url.URL. */
static struct value uri_object(struct builtin_context *c, struct str text)
{
  struct builtin_object o = {.arena = c->arena};
  struct str rest, fragment, query, opaque = STR_EMPTY, host = STR_EMPTY;
  ptrdiff_t colon = str_find_byte(text, 0, ':');
  struct str scheme = str_sub(text, 0, colon < 0 ? 0 : (size_t)colon);
  struct str s = str_sub(text, colon < 0 ? 0 : (size_t)colon + 1, text.len);
  s = str_cut(s, '#', &fragment);
  s = str_cut(s, '?', &query);
  if (scheme.len && !str_starts(s, STR("/"))) {
    opaque = s;
    s = STR_EMPTY;
  } else if (str_starts(s, STR("//"))) {
    s = str_sub(s, 2, s.len);
    host = str_cut(s, '/', &rest);
    s = str_sub(s, host.len, s.len);
  }
  builtin_put(&o, "Scheme", builtin_string(c, scheme));
  builtin_put(&o, "Opaque", builtin_string(c, opaque));
  builtin_put(&o, "User", value_null());
  builtin_put(&o, "Host", builtin_string(c, host));
  builtin_put(&o, "Path", builtin_string(c, s));
  builtin_put(&o, "RawPath", value_from(""));
  builtin_put(&o, "OmitHost", value_bool(false));
  builtin_put(&o, "ForceQuery", value_bool(query.data && !query.len));
  builtin_put(&o, "RawQuery", builtin_string(c, query.data ? query : STR_EMPTY));
  builtin_put(&o, "Fragment", builtin_string(c, fragment.data ? fragment : STR_EMPTY));
  builtin_put(&o, "RawFragment", value_from(""));
  return builtin_object_end(&o);
}

static struct value uris_or_null(struct builtin_context *c, const struct x509_texts *texts)
{
  struct builtin_array array = {.arena = c->arena};
  for (size_t i = 0; i < texts->count; i++)
    builtin_push(&array, uri_object(c, texts->items[i]));
  return array.count ? builtin_array_end(&array) : value_null();
}

/* ---- names */

static struct value name_list(struct builtin_context *c, const struct x509_name *name,
                              const char *oid)
{
  struct builtin_array array = {.arena = c->arena};
  for (size_t i = 0; i < name->count; i++)
    if (str_eq(name->items[i].oid, str_from(oid)))
      builtin_push(&array, builtin_string(c, name->items[i].value));
  return array.count ? builtin_array_end(&array) : value_null();
}

/* The last of its kind. */
static struct value name_text(struct builtin_context *c, const struct x509_name *name,
                              const char *oid)
{
  struct str text = STR_EMPTY;
  for (size_t i = 0; i < name->count; i++)
    if (str_eq(name->items[i].oid, str_from(oid)))
      text = name->items[i].value;
  return builtin_string(c, text);
}

static struct value name_object(struct builtin_context *c, const struct x509_name *name)
{
  static const struct {
    const char *key, *oid;
    bool list;
  } parts[] = {
      {"Country", "2.5.4.6", true},     {"Organization", "2.5.4.10", true},
      {"Locality", "2.5.4.7", true},    {"OrganizationalUnit", "2.5.4.11", true},
      {"Province", "2.5.4.8", true},    {"StreetAddress", "2.5.4.9", true},
      {"PostalCode", "2.5.4.17", true}, {"SerialNumber", "2.5.4.5", false},
      {"CommonName", "2.5.4.3", false},
  };
  struct builtin_object o = {.arena = c->arena};
  struct builtin_array all = {.arena = c->arena};
  for (size_t i = 0; i < sizeof parts / sizeof *parts; i++)
    builtin_put(&o, parts[i].key,
                parts[i].list ? name_list(c, name, parts[i].oid)
                              : name_text(c, name, parts[i].oid));
  for (size_t i = 0; i < name->count; i++) {
    struct builtin_object pair = {.arena = c->arena};
    builtin_put(&pair, "Type", oid_array(c, name->items[i].oid));
    builtin_put(&pair, "Value", builtin_string(c, name->items[i].value));
    builtin_push(&all, builtin_object_end(&pair));
  }
  builtin_put(&o, "Names", all.count ? builtin_array_end(&all) : value_null());
  builtin_put(&o, "ExtraNames", value_null());
  return builtin_object_end(&o);
}

/* ---- keys */

static void put_point(struct builtin_context *c, struct builtin_object *o,
                      const struct key_ec *numbers)
{
  struct builtin_object curve = {.arena = c->arena};
  builtin_put(o, "Curve", builtin_object_end(&curve));
  builtin_put(o, "X", builtin_big(c, numbers->x, false));
  builtin_put(o, "Y", builtin_big(c, numbers->y, false));
}

static struct value public_key(struct builtin_context *c, struct str der)
{
  _cleanup_(key_freep) struct key *key = NULL;
  struct builtin_object o = {.arena = c->arena};
  struct key_rsa rsa;
  struct key_ec ec;
  struct key_ed25519 ed;
  if (key_parse_block(STR("PUBLIC KEY"), der, &key, NULL) < 0)
    return value_null();
  if (key_rsa(c->arena, key, &rsa, NULL) == 0) {
    builtin_put(&o, "N", builtin_big(c, rsa.n, false));
    builtin_put(&o, "E", builtin_big(c, rsa.e, false));
  } else if (key_ec(c->arena, key, &ec, NULL) == 0) {
    put_point(c, &o, &ec);
  } else if (key_ed25519(c->arena, key, &ed, NULL) == 0) {
    return builtin_base64(c, ed.x);
  }
  return builtin_object_end(&o);
}

static struct value rsa_private(struct builtin_context *c, const struct key_rsa *rsa)
{
  struct builtin_object o = {.arena = c->arena}, computed = {.arena = c->arena};
  struct builtin_array primes = {.arena = c->arena}, none = {.arena = c->arena};
  builtin_push(&primes, builtin_big(c, rsa->p, false));
  builtin_push(&primes, builtin_big(c, rsa->q, false));
  builtin_put(&computed, "Dp", builtin_big(c, rsa->dp, false));
  builtin_put(&computed, "Dq", builtin_big(c, rsa->dq, false));
  builtin_put(&computed, "Qinv", builtin_big(c, rsa->qinv, false));
  builtin_put(&computed, "CRTValues", builtin_array_end(&none));
  builtin_put(&o, "N", builtin_big(c, rsa->n, false));
  builtin_put(&o, "E", builtin_big(c, rsa->e, false));
  builtin_put(&o, "D", builtin_big(c, rsa->d, false));
  builtin_put(&o, "Primes", builtin_array_end(&primes));
  builtin_put(&o, "Precomputed", builtin_object_end(&computed));
  return builtin_object_end(&o);
}

struct value crypto_private_key(struct builtin_context *c, const struct key *key)
{
  struct builtin_object o = {.arena = c->arena};
  struct key_rsa rsa;
  struct key_ec ec;
  struct key_ed25519 ed;
  if (key_rsa(c->arena, key, &rsa, NULL) == 0)
    return rsa_private(c, &rsa);
  if (key_ec(c->arena, key, &ec, NULL) == 0) {
    put_point(c, &o, &ec);
    builtin_put(&o, "D", builtin_big(c, ec.d, false));
  } else if (key_ed25519(c->arena, key, &ed, NULL) == 0) {
    char *both = arena_alloc(c->arena, 64);
    memcpy(both, ed.d.data, 32);
    memcpy(both + 32, ed.x.data, 32);
    return builtin_base64(c, str_make(both, 64));
  }
  return builtin_object_end(&o);
}

/* ---- certificates */

static struct value extensions(struct builtin_context *c, const struct x509_subject *s)
{
  struct builtin_array array = {.arena = c->arena};
  for (size_t i = 0; i < s->extension_count; i++) {
    struct builtin_object o = {.arena = c->arena};
    builtin_put(&o, "Id", oid_array(c, s->extensions[i].oid));
    builtin_put(&o, "Critical", value_bool(s->extensions[i].critical));
    builtin_put(&o, "Value", builtin_base64(c, s->extensions[i].value));
    builtin_push(&array, builtin_object_end(&o));
  }
  return array.count ? builtin_array_end(&array) : value_null();
}

/* Critical extensions that Go does not know. */
static struct value unhandled(struct builtin_context *c, const struct x509_subject *s)
{
  static const char *const known[] = {"14", "15", "17", "19", "30", "31",
                                      "32", "33", "35", "36", "37", "54"};
  struct builtin_array array = {.arena = c->arena};
  for (size_t i = 0; i < s->extension_count; i++) {
    struct str oid = s->extensions[i].oid;
    bool found = !s->extensions[i].critical || str_eq(oid, STR("1.3.6.1.5.5.7.1.1"));
    for (size_t k = 0; k < sizeof known / sizeof *known; k++)
      found |= str_starts(oid, STR("2.5.29.")) &&
               str_eq(str_sub(oid, 7, oid.len), str_from(known[k]));
    if (!found)
      builtin_push(&array, oid_array(c, oid));
  }
  return array.count ? builtin_array_end(&array) : value_null();
}

/* Usages with a figure, or the others. */
static struct value usage_list(struct builtin_context *c, const struct x509_texts *oids, bool known)
{
  struct builtin_array array = {.arena = c->arena};
  for (size_t i = 0; i < oids->count; i++) {
    int number = crypto_usage_number(oids->items[i]);
    if ((number >= 0) == known)
      builtin_push(&array, known ? value_int(number) : oid_array(c, oids->items[i]));
  }
  return array.count ? builtin_array_end(&array) : value_null();
}

static struct value oid_lists(struct builtin_context *c, const struct x509_texts *oids)
{
  struct builtin_array array = {.arena = c->arena};
  for (size_t i = 0; i < oids->count; i++)
    builtin_push(&array, oid_array(c, oids->items[i]));
  return array.count ? builtin_array_end(&array) : value_null();
}

/* RFC 3339, UTC; days since the epoch by the proleptic Gregorian calendar. */
static struct value time_text(struct builtin_context *c, int64_t seconds)
{
  int64_t days = seconds / 86400 - (seconds % 86400 < 0), left = seconds - days * 86400;
  int64_t z = days + 719468, era = (z >= 0 ? z : z - 146096) / 146097,
          day_of_era = z - era * 146097;
  int64_t year_of_era =
      (day_of_era - day_of_era / 1460 + day_of_era / 36524 - day_of_era / 146096) / 365;
  int64_t day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
  int64_t month = (5 * day_of_year + 2) / 153, day = day_of_year - (153 * month + 2) / 5 + 1;
  int64_t year = year_of_era + era * 400 + (month >= 10);
  month = month < 10 ? month + 3 : month - 9;
  struct str text = arena_printf(c->arena, "%04d-%02d-%02dT%02d:%02d:%02dZ", (int)year, (int)month,
                                 (int)day, (int)(left / 3600), (int)(left / 60 % 60),
                                 (int)(left % 60));
  return value_string(text);
}

static void put_subject(struct builtin_context *c, struct builtin_object *o,
                        const struct x509_subject *s)
{
  builtin_put(o, "Raw", builtin_base64(c, s->raw));
  builtin_put(o, "RawSubjectPublicKeyInfo", builtin_base64(c, s->public_key));
  builtin_put(o, "RawSubject", builtin_base64(c, s->name.raw));
  builtin_put(o, "Signature", builtin_base64(c, s->signature));
  builtin_put(o, "SignatureAlgorithm", value_int(s->signature_algorithm));
  builtin_put(o, "PublicKeyAlgorithm", value_int(s->key));
  builtin_put(o, "PublicKey", public_key(c, s->public_key));
  builtin_put(o, "Version", value_int(s->version));
  builtin_put(o, "Subject", name_object(c, &s->name));
  builtin_put(o, "Extensions", extensions(c, s));
  builtin_put(o, "ExtraExtensions", value_null());
  builtin_put(o, "DNSNames", texts_or_null(c, &s->names.dns));
  builtin_put(o, "EmailAddresses", texts_or_null(c, &s->names.emails));
  builtin_put(o, "IPAddresses", addresses_or_null(c, &s->names.addresses));
  builtin_put(o, "URIs", uris_or_null(c, &s->names.uris));
}

static void put_constraints(struct builtin_context *c, struct builtin_object *o,
                            const struct x509_certificate *cert)
{
  builtin_put(o, "PermittedDNSDomainsCritical", value_bool(cert->name_constraints_critical));
  builtin_put(o, "PermittedDNSDomains", texts_or_null(c, &cert->permitted.dns));
  builtin_put(o, "ExcludedDNSDomains", texts_or_null(c, &cert->excluded.dns));
  builtin_put(o, "PermittedIPRanges", ranges_or_null(c, &cert->permitted.addresses));
  builtin_put(o, "ExcludedIPRanges", ranges_or_null(c, &cert->excluded.addresses));
  builtin_put(o, "PermittedEmailAddresses", texts_or_null(c, &cert->permitted.emails));
  builtin_put(o, "ExcludedEmailAddresses", texts_or_null(c, &cert->excluded.emails));
  builtin_put(o, "PermittedURIDomains", texts_or_null(c, &cert->permitted.uris));
  builtin_put(o, "ExcludedURIDomains", texts_or_null(c, &cert->excluded.uris));
}

/* ---- extensions of policies, out of their DER; what is not correct is not there */

static bool next_element(struct str *left, uint8_t *ret_tag, struct str *ret_content)
{
  if (left->len < 2)
    return false;
  size_t at = 2, len = (uint8_t)left->data[1];
  if (len & 0x80) {
    size_t bytes = len & 0x7F;
    if (bytes == 0 || bytes > 2 || left->len < 2 + bytes)
      return false;
    for (len = 0; bytes; bytes--)
      len = len << 8 | (uint8_t)left->data[at++];
  }
  if (len > left->len - at)
    return false;
  *ret_tag = (uint8_t)left->data[0];
  *ret_content = str_sub(*left, at, len);
  *left = str_sub(*left, at + len, left->len);
  return true;
}

/* A number that is not negative, or -1. */
static int64_t small_number(struct str content)
{
  int64_t number = 0;
  if (content.len == 0 || content.len > 5 || (uint8_t)content.data[0] & 0x80)
    return -1;
  for (size_t i = 0; i < content.len; i++)
    number = number << 8 | (uint8_t)content.data[i];
  return number;
}

static struct value oid_text(struct builtin_context *c, struct str content)
{
  _cleanup_(buf_free) struct buf text = {0};
  uint64_t arc = 0;
  for (size_t i = 0; i < content.len; i++) {
    uint8_t byte = (uint8_t)content.data[i];
    arc = (arc & (UINT64_MAX >> 8)) << 7 | (byte & 0x7F);
    if (byte & 0x80)
      continue;
    if (text.len)
      buf_printf(&text, ".%llu", (unsigned long long)arc);
    else
      buf_printf(&text, "%d.%llu", arc < 80 ? (int)arc / 40 : 2,
                 (unsigned long long)(arc < 80 ? arc % 40 : arc - 80));
    arc = 0;
  }
  return value_string(arena_copy(c->arena, buf_str(&text)));
}

/* A sequence of pairs of policies. */
static struct value policy_mappings(struct builtin_context *c, struct str der)
{
  struct builtin_array array = {.arena = c->arena};
  struct str list, pair, from, to;
  uint8_t tag;
  if (!next_element(&der, &tag, &list))
    return value_null();
  while (next_element(&list, &tag, &pair)) {
    struct builtin_object o = {.arena = c->arena};
    if (!next_element(&pair, &tag, &from) || !next_element(&pair, &tag, &to))
      break;
    builtin_put(&o, "IssuerDomainPolicy", oid_text(c, from));
    builtin_put(&o, "SubjectDomainPolicy", oid_text(c, to));
    builtin_push(&array, builtin_object_end(&o));
  }
  return array.count ? builtin_array_end(&array) : value_null();
}

struct policy_fields {
  struct value mappings;
  int64_t any, mapping, explicit_policy; /* -1: not said */
};

static struct policy_fields read_policies(struct builtin_context *c, const struct x509_subject *s)
{
  struct policy_fields fields = {value_null(), -1, -1, -1};
  for (size_t i = 0; i < s->extension_count; i++) {
    const struct x509_extension *e = &s->extensions[i];
    struct str left = e->value, content, inner;
    uint8_t tag;
    if (str_eq(e->oid, STR("2.5.29.33")))
      fields.mappings = policy_mappings(c, e->value);
    if (str_eq(e->oid, STR("2.5.29.54")) && next_element(&left, &tag, &content))
      fields.any = small_number(content);
    if (str_eq(e->oid, STR("2.5.29.36")) && next_element(&left, &tag, &content))
      while (next_element(&content, &tag, &inner))
        *(tag == 0x80 ? &fields.explicit_policy : &fields.mapping) = small_number(inner);
  }
  return fields;
}

static void put_policies(struct builtin_context *c, struct builtin_object *o,
                         const struct x509_certificate *cert)
{
  struct policy_fields fields = read_policies(c, &cert->subject);
  const struct {
    const char *name, *zero;
    int64_t number;
  } numbers[] = {
      {"InhibitAnyPolicy", "InhibitAnyPolicyZero", fields.any},
      {"InhibitPolicyMapping", "InhibitPolicyMappingZero", fields.mapping},
      {"RequireExplicitPolicy", "RequireExplicitPolicyZero", fields.explicit_policy},
  };
  builtin_put(o, "PolicyIdentifiers", oid_lists(c, &cert->policies));
  builtin_put(o, "Policies", texts_or_null(c, &cert->policies));
  builtin_put(o, "PolicyMappings", fields.mappings);
  for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++) {
    builtin_put(o, numbers[i].name, value_int(numbers[i].number < 0 ? 0 : numbers[i].number));
    builtin_put(o, numbers[i].zero, value_bool(numbers[i].number == 0));
  }
}

struct value crypto_certificate(struct builtin_context *c, const struct x509_certificate *cert,
                                bool with_uri_strings)
{
  struct builtin_object o = {.arena = c->arena};
  put_subject(c, &o, &cert->subject);
  builtin_put(&o, "RawTBSCertificate", builtin_base64(c, cert->subject.raw_tbs));
  builtin_put(&o, "RawIssuer", builtin_base64(c, cert->issuer.raw));
  builtin_put(&o, "SerialNumber", builtin_big(c, cert->serial, cert->serial_negative));
  builtin_put(&o, "Issuer", name_object(c, &cert->issuer));
  builtin_put(&o, "NotBefore", time_text(c, cert->not_before));
  builtin_put(&o, "NotAfter", time_text(c, cert->not_after));
  builtin_put(&o, "KeyUsage", value_int(cert->key_usage));
  builtin_put(&o, "UnhandledCriticalExtensions", unhandled(c, &cert->subject));
  builtin_put(&o, "ExtKeyUsage", usage_list(c, &cert->usages, true));
  builtin_put(&o, "UnknownExtKeyUsage", usage_list(c, &cert->usages, false));
  builtin_put(&o, "BasicConstraintsValid", value_bool(cert->has_basic_constraints));
  builtin_put(&o, "IsCA", value_bool(cert->is_ca));
  builtin_put(&o, "MaxPathLen", value_int(cert->has_basic_constraints ? cert->path_length : 0));
  builtin_put(&o, "MaxPathLenZero",
              value_bool(cert->has_basic_constraints && cert->path_length == 0));
  builtin_put(&o, "SubjectKeyId", bytes_or_null(c, cert->subject_key_id));
  builtin_put(&o, "AuthorityKeyId", bytes_or_null(c, cert->authority_key_id));
  builtin_put(&o, "OCSPServer", texts_or_null(c, &cert->ocsp));
  builtin_put(&o, "IssuingCertificateURL", texts_or_null(c, &cert->issuer_urls));
  builtin_put(&o, "CRLDistributionPoints", texts_or_null(c, &cert->crl_urls));
  put_constraints(c, &o, cert);
  put_policies(c, &o, cert);
  if (with_uri_strings)
    builtin_put(&o, "URIStrings", texts_or_null(c, &cert->subject.names.uris));
  return builtin_object_end(&o);
}

struct value crypto_certificates(struct builtin_context *c, const struct x509_list *list)
{
  struct builtin_array array = {.arena = c->arena};
  for (size_t i = 0; i < list->count; i++)
    builtin_push(&array, crypto_certificate(c, &list->items[i], true));
  return builtin_array_end(&array);
}

/* The one attribute that Go's deprecated field can hold: the extensions asked for. Its type stands for
 * pairs, so that of a critical extension the second part is the flag. */
static struct value attributes(struct builtin_context *c, const struct x509_subject *s)
{
  struct builtin_array pairs = {.arena = c->arena}, sets = {.arena = c->arena},
                       all = {.arena = c->arena};
  struct builtin_object attribute = {.arena = c->arena};
  for (size_t i = 0; i < s->extension_count; i++) {
    struct builtin_object pair = {.arena = c->arena};
    builtin_put(&pair, "Type", oid_array(c, s->extensions[i].oid));
    builtin_put(&pair, "Value",
                s->extensions[i].critical ? value_bool(true)
                                          : builtin_base64(c, s->extensions[i].value));
    builtin_push(&pairs, builtin_object_end(&pair));
  }
  if (!pairs.count)
    return value_null();
  builtin_push(&sets, builtin_array_end(&pairs));
  builtin_put(&attribute, "Type", oid_array(c, STR("1.2.840.113549.1.9.14")));
  builtin_put(&attribute, "Value", builtin_array_end(&sets));
  builtin_push(&all, builtin_object_end(&attribute));
  return builtin_array_end(&all);
}

struct value crypto_request(struct builtin_context *c, const struct x509_subject *request)
{
  struct builtin_object o = {.arena = c->arena};
  put_subject(c, &o, request);
  builtin_put(&o, "RawTBSCertificateRequest", builtin_base64(c, request->raw_tbs));
  builtin_put(&o, "Attributes", attributes(c, request));
  return builtin_object_end(&o);
}
