/*
 * podsecurity_quote.h - text in quotation marks as Go's %q writes it, for messages that must equal
 * the API server's.
 *
 * Printable characters stay (Unicode 15.0), quotation marks and backslashes are escaped, other
 * characters become \n and the like, \x1b, \u200b or \U0001bca0; a byte that is not UTF-8 becomes
 * \xff. Specification: Go's strconv.Quote.
 */
#ifndef SEAWALL_POLICY_PODSECURITY_QUOTE_H
#define SEAWALL_POLICY_PODSECURITY_QUOTE_H

#include "base/buf.h"
#include "base/str.h"

void podsecurity_quote(struct buf *out, struct str text);

#endif
