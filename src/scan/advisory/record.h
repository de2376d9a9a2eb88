/*
 * record.h - the rows of the database of advisories, as bytes.
 *
 *     advisory_record_write_affected(&out, &affected);
 *     for (struct str rest = row; rest.len;)
 *       if (advisory_record_read_affected(&rest, ops, &arena, &affected, err) < 0)
 *         return err->code;
 *
 * Numbers are LEB128, texts carry their length in front, versions are keys of scan/version.h with the text of fixes
 * beside them. Three kinds of record: what is known of one package (several stand one behind another in a row), the
 * head of an advisory (what matching needs), and its texts (what only a report needs).
 *
 * Reading takes bytes from outside, since whoever hands over a database may have damaged it: every length is checked,
 * SW_EINVAL says that the record is broken. A version key that is not one has some order or other, and nothing worse.
 *
 * Ownership: writing appends to the buffer; what is read is views of the bytes, arrays live in the arena.
 * Thread safety: all functions may be called from any thread.
 */
#ifndef SEAWALL_SCAN_ADVISORY_RECORD_H
#define SEAWALL_SCAN_ADVISORY_RECORD_H

#include "base/arena.h"
#include "base/buf.h"
#include "scan/advisory/advisory.h"

/* A version that an advisory lists. */
struct advisory_record_version {
  bool parsed; /* bytes are its key; else its text, for versions without a place in their order */
  struct str bytes; /* key or text */
};

struct advisory_record_affected {
  uint64_t advisory; /* number of its row */
  uint64_t cve;      /* advisory_cve_number, if the advisory is a judgement of one CVE; else 0 */
  bool binary;
  bool every; /* whatever the version: status says more than affected, and names none */
  enum advisory_status status;
  enum severity severity;
  struct str architecture, module, severity_text, requirement, note;
  const struct version_range *ranges;
  size_t range_count;
  const struct advisory_record_version *versions;
  size_t version_count;
  const struct str *functions;
  size_t function_count;
};

struct advisory_record_head {
  uint64_t source; /* number of its row, from 0 */
  struct str id;
  const struct str *aliases;
  size_t alias_count;
  const struct str *related;
  size_t related_count;
  enum severity severity;
  struct str severity_text;
  const struct str *cvss;
  size_t cvss_count;
  const struct str *cwes;
  size_t cwe_count;
  struct str published, modified;
};

struct advisory_record_text {
  struct str title, description;
  const struct str *references;
  size_t reference_count;
};

void advisory_record_write_affected(struct buf *out, const struct advisory_record_affected *a);

/* Appends a record that advisory_record_write_affected wrote, with another advisory's number. */
void advisory_record_renumber(struct buf *out, struct str record, uint64_t number);
void advisory_record_write_head(struct buf *out, const struct advisory_record_head *head);
void advisory_record_write_text(struct buf *out, const struct advisory_record_text *text);

/* Takes the first record from *rest. ops: the order of versions of its ecosystem. */
int advisory_record_read_affected(struct str *rest, const struct version_ops *ops, struct arena *a,
                                  struct advisory_record_affected *ret, struct error *err);
int advisory_record_read_head(struct str bytes, struct arena *a, struct advisory_record_head *ret,
                              struct error *err);
int advisory_record_read_text(struct str bytes, struct arena *a, struct advisory_record_text *ret,
                              struct error *err);

/* "CVE-2024-6387" as a number that is no other CVE's, below 2^63, in the order of year and number; 0: it is no id of
 * a CVE (years 1999 to 2999, four digits or more). */
uint64_t advisory_cve_number(struct str id);

enum { ADVISORY_CVE_TEXT = 32 };

/* The id of a number, into ret_text, as a view of it. */
struct str advisory_cve_text(uint64_t number, char ret_text[static ADVISORY_CVE_TEXT]);

/* The CVE whose name an id ends with ("UBUNTU-CVE-2024-6387", "CVE-2024-6387"); empty: there is none. Such ids
 * are those of judgements of one CVE, all others those of bulletins and of vulnerabilities with names of their own. */
struct str advisory_id_cve(struct str id);

#endif
