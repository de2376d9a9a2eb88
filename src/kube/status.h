/*
 * status.h - errors as the API server tells them, and as it understands them: objects of kind Status.
 *
 *     kube_status_write(&out, 503, STR("no policies are loaded"));
 *
 * An API server that gets such a body from a webhook shows its message to whoever asked; of any other
 * body it shows the HTTP status alone. Form: Status of meta/v1, with the reasons of the HTTP status in
 * k8s.io/apimachinery.
 *
 * Thread safety: from any thread.
 */
#ifndef SEAWALL_KUBE_STATUS_H
#define SEAWALL_KUBE_STATUS_H

#include "base/buf.h"
#include "base/str.h"

/* "ServiceUnavailable"; "Unknown" for a status without a reason. */
struct str kube_status_reason(unsigned code);

/* Appends a failure as JSON on one line, with a newline. */
void kube_status_write(struct buf *out, unsigned code, struct str message);

#endif
