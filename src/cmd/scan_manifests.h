/*
 * scan_manifests.h - the verb "scan manifests", for "scan" to hand over to.
 */
#ifndef SEAWALL_CMD_SCAN_MANIFESTS_H
#define SEAWALL_CMD_SCAN_MANIFESTS_H

#include "cmd/verb.h"

extern const struct option scan_manifests_options[];

/* An exit status. */
int scan_manifests_run(const struct arguments *args);

#endif
