/*
 * image_economy.h - what of an image is its base, and what would make it better at the least cost: lines for people, and
 * findings (scan/check/economy.h).
 */
#ifndef SEAWALL_CMD_IMAGE_ECONOMY_H
#define SEAWALL_CMD_IMAGE_ECONOMY_H

#include "base/vec.h"
#include "scan/advisory/match.h"
#include "scan/check/economy.h"
#include "scan/image/image_scan.h"

struct image_economy {
  struct arena *arena;
  const struct image_facts *facts; /* NULL: packages alone */
  const struct os_release *os;
  const struct package *packages;
  size_t package_count;
  const struct vulnerability_list *vulnerabilities;
  int64_t now;
  VEC(struct str) notes; /* the result; vec_free */
  size_t base_layers;    /* likewise */
};

/* Which layers are the base; to be called before the findings about vulnerabilities are made. */
void image_economy_base(struct image_economy *e);

/* Shares and upgrades, as notes; end of life, the best upgrade and a smaller base, as findings. */
void image_economy_judge(struct image_economy *e, const struct check_target *target,
                         struct finding_list *findings);

#endif
