/* pointer_int.h - what pointer.c shares with the modules that follow pointers themselves. */
#ifndef SEAWALL_DATA_POINTER_INT_H
#define SEAWALL_DATA_POINTER_INT_H

#include "data/pointer.h"

/* At most the first 160 bytes of a text, cut between characters, for messages. */
struct str pointer_shown(struct str text);

/* Fills err with why `token`, a piece of `pointer`, names nothing in the container before it (of
 * which type and len are looked at). Returns SW_ENOTFOUND. */
int pointer_missing(struct value container, struct str pointer, struct str token,
                    struct error *err);

#endif
