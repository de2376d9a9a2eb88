/*
 * policy_options.h - what the configuration of `seawall serve` means for the policies in force.
 *
 *     struct policy_options options;
 *     policy_options_init(&options, &config);
 *     options.admission.namespaces = service;
 *     admission_snapshot_load(&options.admission, ...);
 *     policy_options_free(&options);
 *
 * Ownership: lists are the options' own, texts views of the configuration, which must outlive them.
 * Thread safety: filled by one thread, then only read.
 */
#ifndef SEAWALL_DAEMON_POLICY_OPTIONS_H
#define SEAWALL_DAEMON_POLICY_OPTIONS_H

#include "base/arena.h"
#include "daemon/serve_config.h"
#include "daemon/tag_resolver.h"
#include "policy/admission.h"

struct policy_options {
  struct arena arena;
  struct admission_options admission; /* images.resolver is left to the caller, */
  struct tag_resolver_options tags;   /* with these */
};

/* config is one that serve_config_finish has accepted. */
void policy_options_init(struct policy_options *options, const struct serve_config *config);
void policy_options_free(struct policy_options *options);

#endif
