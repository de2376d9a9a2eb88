/*
 * rego_by_hand.h - the policy of the admission load (bench/admission/policy.rego), written in C over the
 * value tree: what the Rego engine is measured beside.
 */
#ifndef SEAWALL_BENCHMARKS_REGO_BY_HAND_H
#define SEAWALL_BENCHMARKS_REGO_BY_HAND_H

#include "base/symbols.h"
#include "lang/builtin.h"

enum by_hand_key {
  KEY_REQUEST,
  KEY_UID,
  KEY_OPERATION,
  KEY_OBJECT,
  KEY_METADATA,
  KEY_NAME,
  KEY_SPEC,
  KEY_CONTAINERS,
  KEY_INIT_CONTAINERS,
  KEY_EPHEMERAL_CONTAINERS,
  KEY_IMAGE,
  KEY_SECURITY_CONTEXT,
  KEY_PRIVILEGED,
  KEY_PORTS,
  KEY_HOST_PORT,
  KEY_HOST_NETWORK,
  KEY_HOST_PID,
  KEY_HOST_IPC,
  KEY_VOLUMES,
  KEY_HOST_PATH,
  KEY_PATH,
  KEY_VOLUME_MOUNTS,
  KEY_READ_ONLY,
  KEY_PARAMS,
  KEY_EXEMPT_IMAGES,
  KEY_MIN,
  KEY_MAX,
  KEY_ALLOWED_HOST_PATHS,
  KEY_PATH_PREFIX,
  KEY_API_VERSION,
  KEY_KIND,
  KEY_RESPONSE,
  KEY_ALLOWED,
  KEY_STATUS,
  KEY_MESSAGE,
  KEYS,
};

struct by_hand_keys {
  struct value key[KEYS];
  const struct builtin *sprintf, *concat;
};

/* Enters the keys into the table. */
void by_hand_keys_init(struct by_hand_keys *keys, struct symbols *symbols);

/* data.system.main of a review. */
struct value by_hand(struct arena *a, struct builtin_cache *cache, const struct by_hand_keys *keys,
                     struct value input, struct value data);

#endif
