/*
 * archive.h - libarchive, loaded when the first tar archive is read (base/library.h).
 *
 *     int rc = archive_load(&err);
 *     if (rc < 0)
 *       return rc;
 *     struct archive *archive = archive_read_new();
 *
 * For those who take archives apart: layers and archives of images, bundles of policies. The functions
 * are those of archive.h of libarchive; one that the list below lacks does not link. Where libarchive is
 * linked in (meson's option "libarchive"), archive_load has nothing to do.
 *
 * Thread safety: archive_load may be called from any thread.
 */
#ifndef SEAWALL_OCI_ARCHIVE_H
#define SEAWALL_OCI_ARCHIVE_H

#include "base/library.h"

#include <archive.h>
#include <archive_entry.h>

/* Before anything else of it. SW_EUNSUPPORTED: it is not there. */
int archive_load(struct error *err);

#if !SW_ARCHIVE_LINKED

/* clang-format off */
#define ARCHIVE_FUNCTIONS(f)           \
  f(archive_entry_filetype)            \
  f(archive_entry_gid)                 \
  f(archive_entry_hardlink)            \
  f(archive_entry_hardlink_utf8)       \
  f(archive_entry_mtime)               \
  f(archive_entry_mtime_is_set)        \
  f(archive_entry_pathname)            \
  f(archive_entry_pathname_utf8)       \
  f(archive_entry_perm)                \
  f(archive_entry_size)                \
  f(archive_entry_size_is_set)         \
  f(archive_entry_sparse_count)        \
  f(archive_entry_symlink)             \
  f(archive_entry_symlink_utf8)        \
  f(archive_entry_uid)                 \
  f(archive_error_string)              \
  f(archive_filter_bytes)              \
  f(archive_read_data)                 \
  f(archive_read_data_skip)            \
  f(archive_read_free)                 \
  f(archive_read_new)                  \
  f(archive_read_next_header)          \
  f(archive_read_open)                 \
  f(archive_read_open_memory)          \
  f(archive_read_support_filter_gzip)  \
  f(archive_read_support_format_empty) \
  f(archive_read_support_format_tar)   \
  f(archive_set_error)
/* clang-format on */

union archive_table LIBRARY_TABLE(ARCHIVE_FUNCTIONS);
extern union archive_table archive_table;

#define archive_entry_filetype (archive_table.archive_entry_filetype)
#define archive_entry_gid (archive_table.archive_entry_gid)
#define archive_entry_hardlink (archive_table.archive_entry_hardlink)
#define archive_entry_hardlink_utf8 (archive_table.archive_entry_hardlink_utf8)
#define archive_entry_mtime (archive_table.archive_entry_mtime)
#define archive_entry_mtime_is_set (archive_table.archive_entry_mtime_is_set)
#define archive_entry_pathname (archive_table.archive_entry_pathname)
#define archive_entry_pathname_utf8 (archive_table.archive_entry_pathname_utf8)
#define archive_entry_perm (archive_table.archive_entry_perm)
#define archive_entry_size (archive_table.archive_entry_size)
#define archive_entry_size_is_set (archive_table.archive_entry_size_is_set)
#define archive_entry_sparse_count (archive_table.archive_entry_sparse_count)
#define archive_entry_symlink (archive_table.archive_entry_symlink)
#define archive_entry_symlink_utf8 (archive_table.archive_entry_symlink_utf8)
#define archive_entry_uid (archive_table.archive_entry_uid)
#define archive_error_string (archive_table.archive_error_string)
#define archive_filter_bytes (archive_table.archive_filter_bytes)
#define archive_read_data (archive_table.archive_read_data)
#define archive_read_data_skip (archive_table.archive_read_data_skip)
#define archive_read_free (archive_table.archive_read_free)
#define archive_read_new (archive_table.archive_read_new)
#define archive_read_next_header (archive_table.archive_read_next_header)
#define archive_read_open (archive_table.archive_read_open)
#define archive_read_open_memory (archive_table.archive_read_open_memory)
#define archive_read_support_filter_gzip (archive_table.archive_read_support_filter_gzip)
#define archive_read_support_format_empty (archive_table.archive_read_support_format_empty)
#define archive_read_support_format_tar (archive_table.archive_read_support_format_tar)
#define archive_set_error (archive_table.archive_set_error)

#endif
#endif
