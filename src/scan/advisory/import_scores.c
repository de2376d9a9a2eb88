/* What is known about vulnerabilities whoever has them: CISA's list of those that are exploited, and EPSS. */
#include "scan/advisory/import_int.h"

static struct str text(struct value v, const char *name)
{
  return value_str_or_empty(value_get(v, value_from(name)));
}

/* ---- known exploited vulnerabilities */

static int read_catalogue(struct advisory_import *import, struct arena *arena, struct str name,
                          struct value root, struct error *err)
{
  struct value list = value_get(root, value_from("vulnerabilities"));
  int rc = 0;
  if (!value_is(list, VALUE_ARRAY))
    return import_unreadable_because(import, name, "it has no list \"vulnerabilities\"");
  import->ret_date = arena_copy(import->arena, str_sub(text(root, "dateReleased"), 0, 64));
  for (uint32_t i = 0; rc == 0 && i < list.len; i++) {
    struct str cve = text(list.items[i], "cveID");
    bool ransomware =
        str_eq_nocase(text(list.items[i], "knownRansomwareCampaignUse"), STR("Known"));
    if (import_is_cve(cve))
      rc = import->sink->exploited(import->sink->ctx, cve, text(list.items[i], "dateAdded"),
                                   ransomware, err);
    else
      import_unreadable_because(import, str_sub(cve, 0, ADVISORY_ID_MAX), "this is no CVE");
  }
  return rc;
}

static int import_kev(struct advisory_import *import, const struct oci_input *unpacked,
                      struct error *err)
{
  return import_documents(import, unpacked, read_catalogue, err);
}

static bool is_kev(struct str name, struct str head)
{
  static const char *const members[] = {"catalogVersion", "vulnerabilities"}, *const entries[] = {
                                                                                  "cveID",
                                                                                  "dateAdded"};
  return import_head_has(head, members, 2) || import_head_has(head, entries, 2);
}

const struct advisory_format advisory_format_kev = {
    .name = "kev",
    .description = "CISA's Known Exploited Vulnerabilities, JSON",
    .detect = is_kev,
    .import = import_kev,
};

/* ---- EPSS */

/* "0.97539" in millionths, rounded; at most 1. */
static bool read_millionths(struct str s, uint32_t *ret)
{
  uint32_t whole = 0, fraction = 0, unit = 100000;
  size_t i = 0;
  bool digits = false, point = false, up = false, more = false;
  for (; i < s.len; i++) {
    char c = s.data[i];
    if (c == '.' && !point) {
      point = true;
      continue;
    }
    if (c < '0' || c > '9')
      break;
    digits = true;
    if (!point) {
      whole = whole * 10 + (uint32_t)(c - '0');
      if (whole > 9)
        return false;
    } else if (unit) {
      fraction += unit * (uint32_t)(c - '0');
      unit /= 10;
    } else if (!more) {
      up = c >= '5';
      more = true;
    }
  }
  /* Very small ones may be written with an exponent: "1e-05". */
  bool tiny = i < s.len && (s.data[i] == 'e' || s.data[i] == 'E') && i + 1 < s.len &&
              s.data[i + 1] == '-';
  if (!digits || (i < s.len && !tiny))
    return false;
  unsigned long long exponent;
  uint32_t value = whole * 1000000 + fraction + up;
  if (tiny && !str_to_u64(str_sub(s, i + 2, SIZE_MAX), 1000, &exponent))
    return false;
  for (unsigned long long e = 0; tiny && e < exponent && value; e++)
    value = (value + 5) / 10;
  *ret = value;
  return value <= 1000000;
}

/* "#model_version:v2025.03.14,score_date:2026-08-20T00:00:00+0000" */
static void read_comment(struct advisory_import *import, struct str line)
{
  struct str key = STR("score_date:");
  ptrdiff_t at = str_find(line, 0, key);
  struct str rest, date = str_sub(line, (size_t)at + key.len, SIZE_MAX);
  if (at >= 0)
    import->ret_date = arena_copy(import->arena, str_sub(str_cut(date, ',', &rest), 0, 64));
}

static int read_line(struct advisory_import *import, struct arena *arena, uint64_t number,
                     struct str line, void *ctx, struct error *err)
{
  struct str score_text, percentile_text, rest;
  uint32_t score, percentile;
  line = str_trim(line);
  if (str_starts(line, STR("#"))) {
    read_comment(import, line);
    return 0;
  }
  char separator = str_find_byte(line, 0, ';') >= 0 ? ';' : ',';
  struct str cve = str_cut(line, separator, &score_text);
  if (line.len == 0 || str_eq_nocase(cve, STR("cve")))
    return 0;
  score_text = score_text.data ? str_cut(score_text, separator, &percentile_text)
                               : (percentile_text = STR_EMPTY);
  percentile_text = percentile_text.data ? str_cut(percentile_text, separator, &rest) : STR_EMPTY;
  if (!import_is_cve(cve) || !read_millionths(str_trim(score_text), &score) ||
      !read_millionths(str_trim(percentile_text), &percentile))
    return import_unreadable_because(
        import, str_sub(cve, 0, ADVISORY_ID_MAX),
        "line %llu must be a CVE, a score and a percentile from 0 to 1",
        (unsigned long long)number);
  return import->sink->epss(import->sink->ctx, cve, score, percentile, err);
}

static int import_epss(struct advisory_import *import, const struct oci_input *unpacked,
                       struct error *err)
{
  return import_lines(import, unpacked, read_line, NULL, err);
}

static bool is_epss(struct str name, struct str head)
{
  struct str rest, line = str_cut(head, '\n', &rest);
  if (str_starts(line, STR("#model_version:")))
    return true;
  if (str_starts(line, STR("cve,epss,percentile")) || str_starts(line, STR("cve;epss;percentile")))
    return true;
  struct str cve = str_cut(line, str_find_byte(line, 0, ';') >= 0 ? ';' : ',', &rest);
  uint32_t score;
  return rest.data && import_is_cve(cve) &&
         read_millionths(str_cut(rest, str_find_byte(rest, 0, ';') >= 0 ? ';' : ',', &rest),
                         &score);
}

const struct advisory_format advisory_format_epss = {
    .name = "epss",
    .description = "scores of the Exploit Prediction Scoring System, CSV",
    .detect = is_epss,
    .import = import_epss,
};
