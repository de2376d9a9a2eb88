/* credentials_int.h - running helpers, for credentials.c. */
#ifndef SEAWALL_OCI_CREDENTIALS_INT_H
#define SEAWALL_OCI_CREDENTIALS_INT_H

#include "oci/credentials.h"

#include "base/buf.h"

/*
 * Runs docker-credential-NAME get with `key` as its input, and appends its output. SW_ENOENT: there is no such
 * program, or it knows nothing of the key; SW_EIO: it failed, with what it said; SW_ELIMIT: it says too much,
 * or its time is over; SW_EINVAL: a name that is none.
 */
int oci_helper_run(struct str name, struct str key, unsigned ms, struct buf *output,
                   bool *ret_unknown, struct error *err);

#endif
