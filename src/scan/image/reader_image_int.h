/* reader_image_int.h - an image's description as bytes, from the reader that found it to who decides what to read. */
#ifndef SEAWALL_SCAN_IMAGE_READER_IMAGE_INT_H
#define SEAWALL_SCAN_IMAGE_READER_IMAGE_INT_H

#include "oci/source.h"
#include "scan/image/wire_int.h"

/* Annotations of layers and of the configuration's descriptor are left out. */
void wire_put_image(struct buf *out, const struct oci_image *image);

/* Texts are copied into the arena. SW_EINVAL: the bytes are no image. */
int wire_image(struct wire *in, struct arena *arena, struct oci_image *ret, struct error *err);

#endif
