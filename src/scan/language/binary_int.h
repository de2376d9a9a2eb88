/*
 * binary_int.h - what the parts of binary share: the parts of an executable, and the two kinds of build
 * information as they were taken out of it.
 */
#ifndef SEAWALL_SCAN_LANGUAGE_BINARY_INT_H
#define SEAWALL_SCAN_LANGUAGE_BINARY_INT_H

#include "scan/language/binary.h"

enum { BINARY_RANGES_MAX = 64, BINARY_HEAD_MAX = 64 << 10 };

/* Bytes of the file that are loaded to an address. */
struct binary_range {
  uint64_t offset, size, address;
  bool writable;
};

struct binary_layout {
  struct binary_range ranges[BINARY_RANGES_MAX];
  size_t count; /* 0: unknown (a fat file, or a damaged header) */
  bool big_endian;
  bool go_sign; /* its head says that Go's linker wrote it */
};

/* What the first bytes (up to BINARY_HEAD_MAX) say. Headers that contradict themselves give fewer ranges. */
void binary_layout_read(struct str head, struct binary_layout *ret);

/* Where an address is in the file; false if it is not there. */
bool binary_offset_of(const struct binary_layout *layout, uint64_t address, uint64_t *ret_offset);

/* Whether an offset is in a range that the program may write to; true if no ranges are known. */
bool binary_is_data(const struct binary_layout *layout, uint64_t offset);

/* Adds what Go's build information says: version as "go1.19.8", modules as lines. */
int binary_go_add(const struct analyser_file *file, struct str version, struct str modules,
                  struct package_list *list, struct error *err);

/* Adds what the JSON text of a section .dep-v0 says. */
int binary_rust_add(const struct analyser_file *file, struct str json, struct package_list *list,
                    struct error *err);

#endif
