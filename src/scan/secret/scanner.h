/*
 * scanner.h - looks for secrets in files, and in the environment, labels and history of images.
 *
 * A file is handed over in pieces, from front to back, of whatever size; memory does not depend on the size of
 * the file:
 *
 *     struct secret_list found;
 *     secret_list_init(&found, &arena);
 *     if (secret_scanner_new(rules, NULL, &scanner, &err) < 0) ...
 *     for each file:
 *         if (secret_scanner_begin(scanner, path, size))      else nobody wants its content
 *             while (there is a piece && secret_scanner_feed(scanner, piece))
 *                 ;
 *         secret_scanner_end(scanner, &found);
 *     secret_scan_text(scanner, SECRET_ENVIRONMENT, STR("Env"), STR("API_KEY=..."), &found);
 *     for (size_t i = 0; i < found.count; i++)
 *         report(&found.items[i]);
 *
 * How: Vectorscan looks through windows of 1 MiB, which overlap, for all patterns at once and tells where
 * one ends. RE2 then finds the match itself around that place, and what it captured is held against keywords, entropy
 * and allow lists. A secret is found whole if it is not longer than SECRET_REACH bytes, wherever pieces and
 * windows end.
 *
 * What is not read: files of formats that hold no text (images, fonts, archives, by name and by their first bytes) and
 * lock files; docs/secrets-scanning.md has the list. Other files with zero bytes at their beginning count as
 * binary: of these, rules that are not `text` look, for what stands there as plain bytes.
 *
 * What is kept of a secret: its first few characters (at most four, and a quarter of it), its length, and a fingerprint.
 * The fingerprint is the first half of HMAC-SHA-256 of the secret under options.key, so equal secrets in two
 * places are seen to be equal. The key that is used when none is given is public: whoever has the report could try guesses
 * against it, which is idle for a random key and not for a poor password. With a key that stays at
 * home they could not.
 *
 * Allowed by the file itself: a line that contains "seawall:allow" or "gitleaks:allow".
 *
 * Limits: SECRET_MATCHES_MAX matches of one file (what more there is, is counted in `dropped`), redacted texts of
 * SECRET_REDACTED_MAX bytes. Memory: about 1.2 MiB, and what Vectorscan and RE2 need, some MiB with all rules in use.
 *
 * Ownership: a scanner is owned and refers to its rules; texts of matches are in the list's arena. Thread safety: a
 * scanner belongs to one thread. After secret_scanner_new nothing is opened and no executable memory made.
 */
#ifndef SEAWALL_SCAN_SECRET_SCANNER_H
#define SEAWALL_SCAN_SECRET_SCANNER_H

#include "base/arena.h"
#include "scan/secret/rules.h"

enum {
  SECRET_REACH = 16 << 10, /* bytes a match may have */
  SECRET_MATCHES_MAX = 200,
  SECRET_REDACTED_MAX = 80, /* bytes */
  SECRET_FINGERPRINT_LEN = 32,
};

#define SECRET_SIZE_UNKNOWN UINT64_MAX

struct secret_match {
  const struct secret_rule *rule;
  uint32_t rule_number;
  uint32_t line; /* of the secret's first character, from 1; 0: the file's path is what was found */
  uint32_t
      column; /* from 1, in characters; in bytes where the line began more than a window before */
  uint64_t offset;  /* bytes before the secret */
  uint32_t length;  /* of the secret, in bytes */
  struct str place; /* path of the file, or what secret_scan_text was given */
  struct str
      redacted; /* what may be shown: `api_key: ghp_… (40 characters)`, valid UTF-8, one line */
  char fingerprint[SECRET_FINGERPRINT_LEN + 1]; /* hexadecimal; equal for equal secrets */
};

struct secret_list {
  struct arena *arena;
  struct secret_match *items;
  size_t count, room;
  uint64_t dropped; /* beyond SECRET_MATCHES_MAX of a file */
};

void secret_list_init(struct secret_list *list, struct arena *arena);

struct secret_scan_options {
  bool no_allow_comments; /* "seawall:allow" in a line means nothing */
  bool no_binaries;       /* binary files are not read */
  struct str key;         /* of fingerprints; empty: the public one. Copied */
};

struct secret_scanner;

/* options may be NULL. SW_EUNSUPPORTED: a processor that Vectorscan does not run on. */
int secret_scanner_new(const struct secret_rules *rules, const struct secret_scan_options *options,
                       struct secret_scanner **ret, struct error *err);
void secret_scanner_free(struct secret_scanner *s);
MEM_DEFINE_CLEANUP(struct secret_scanner, secret_scanner_free)

/* Begins a file, whose path is as in a tar archive, without the leading "/", and outlives secret_scanner_end. False: its
 * content is not wanted; secret_scanner_end is called nevertheless, since the path alone may be what a rule is about.
 * What was begun before and not ended is forgotten. */
bool secret_scanner_begin(struct secret_scanner *s, struct str path, uint64_t size);

/* The next bytes, which may go away. False: no more of this file is wanted. */
bool secret_scanner_feed(struct secret_scanner *s, struct str piece);

/* Ends the file and appends what was found, in the order of offsets. */
void secret_scanner_end(struct secret_scanner *s, struct secret_list *list);

/* Looks through a text that is no file; place is copied, and shown. Rules that ask for a path do not apply. */
void secret_scan_text(struct secret_scanner *s, enum secret_place kind, struct str place,
                      struct str text, struct secret_list *list);

/* Whether a text is evidently no secret but stands for one: "changeme", "${TOKEN}", "<your key>", "xxxx". What own rules find
 * is held against it. */
bool secret_is_placeholder(struct str text);

#endif
