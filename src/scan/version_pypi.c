/* PEP 440's order, read as leniently as its appendix B does. */
#include "scan/version_int.h"

enum { ABSENT = 0, PRESENT = 1, INFINITE = 0xff };
enum { LOCAL_END, LOCAL_WORD, LOCAL_NUMBER };

static const struct {
  struct str word;
  unsigned char rank;
} pre_words[] = {
    {STR_INIT("alpha"), 1}, {STR_INIT("a"), 1}, {STR_INIT("beta"), 2},    {STR_INIT("b"), 2},
    {STR_INIT("rc"), 3},    {STR_INIT("c"), 3}, {STR_INIT("preview"), 3}, {STR_INIT("pre"), 3},
};

static const struct str post_words[] = {STR_INIT("post"), STR_INIT("rev"), STR_INIT("r")};

struct parts {
  struct str epoch, release, pre, post, dev, local;
  unsigned char pre_rank; /* 0: none */
  bool has_post, has_dev;
};

static bool read_release(struct str *rest, struct str *ret)
{
  struct str start = *rest, at = *rest;
  if (version_take_digits(&at).len == 0)
    return false;
  do {
    *rest = at;
  } while (version_take_byte(&at, ".") && version_take_digits(&at).len);
  *ret = str_sub(start, 0, start.len - rest->len);
  return true;
}

static struct str read_number(struct str *rest)
{
  version_take_byte(rest, "-_.");
  return version_take_digits(rest);
}

static void read_pre(struct str *rest, struct parts *p)
{
  struct str at = *rest;
  version_take_byte(&at, "-_.");
  for (size_t i = 0; i < sizeof pre_words / sizeof pre_words[0]; i++)
    if (version_take_word(&at, pre_words[i].word)) {
      p->pre_rank = pre_words[i].rank;
      p->pre = read_number(&at);
      *rest = at;
      return;
    }
}

static void read_post(struct str *rest, struct parts *p)
{
  struct str at = *rest;
  if (version_take_byte(&at, "-") && (p->post = version_take_digits(&at)).len) {
    p->has_post = true;
    *rest = at;
    return;
  }
  at = *rest;
  version_take_byte(&at, "-_.");
  for (size_t i = 0; i < sizeof post_words / sizeof post_words[0]; i++)
    if (version_take_word(&at, post_words[i])) {
      p->has_post = true;
      p->post = read_number(&at);
      *rest = at;
      return;
    }
}

static void read_dev(struct str *rest, struct parts *p)
{
  struct str at = *rest;
  version_take_byte(&at, "-_.");
  if (!version_take_word(&at, STR("dev")))
    return;
  p->has_dev = true;
  p->dev = read_number(&at);
  *rest = at;
}

/* Letters and digits, single separators between them. */
static bool is_local(struct str text)
{
  bool wants_alnum = true;
  for (size_t i = 0; i < text.len; i++) {
    bool separator = text.data[i] == '-' || text.data[i] == '_' || text.data[i] == '.';
    if (separator ? wants_alnum : !version_is_alnum(text.data[i]))
      return false;
    wants_alnum = separator;
  }
  return !wants_alnum;
}

static int read_parts(struct str text, struct parts *p, struct error *err)
{
  struct str rest = text;
  version_take_byte(&rest, "vV");
  struct str after = rest, digits = version_take_digits(&after);
  if (digits.len && version_take_byte(&after, "!")) {
    p->epoch = digits;
    rest = after;
  }
  if (!read_release(&rest, &p->release))
    return version_fail(&version_pypi, text, "it must begin with a number", err);
  read_pre(&rest, p);
  read_post(&rest, p);
  read_dev(&rest, p);
  if (version_take_byte(&rest, "+")) {
    if (!is_local(rest))
      return version_fail(&version_pypi, text,
                          "behind \"+\" belong letters, digits and single dots", err);
    p->local = rest;
    rest = STR_EMPTY;
  }
  if (rest.len)
    return version_fail(&version_pypi, text,
                        "behind its numbers may stand a1, b1, rc1, .post1, .dev1 and +local", err);
  return 0;
}

/* Zeros at the end do not count: 1.0 is 1. */
static void write_release(struct version_key *key, struct str release)
{
  while (release.len > 1 &&
         (release.data[release.len - 1] == '0' || release.data[release.len - 1] == '.')) {
    size_t last = (size_t)(str_find_last_byte(release, '.') + 1);
    if (last == 0 || version_strip_zeros(str_sub(release, last, release.len)).len)
      break;
    release = str_sub(release, 0, last - 1);
  }
  while (release.data) {
    version_key_byte(key, PRESENT);
    version_key_number(key, str_cut(release, '.', &release));
  }
  version_key_byte(key, ABSENT);
}

static void write_local(struct version_key *key, struct str rest)
{
  version_key_byte(key, rest.len ? PRESENT : ABSENT);
  while (rest.len) {
    size_t len = 0;
    while (len < rest.len && version_is_alnum(rest.data[len]))
      len++;
    struct str part = str_sub(rest, 0, len), tail = part;
    version_take_digits(&tail);
    version_key_byte(key, tail.len ? LOCAL_WORD : LOCAL_NUMBER);
    if (tail.len) {
      version_key_lower(key, part);
      version_key_byte(key, 0);
    } else {
      version_key_number(key, part);
    }
    rest = str_sub(rest, len + 1, rest.len);
  }
  version_key_byte(key, LOCAL_END);
}

static int write(struct str text, struct version_key *key, struct error *err)
{
  struct parts p = {.epoch = STR_EMPTY, .pre = STR_EMPTY, .local = STR_EMPTY};
  int result = read_parts(text, &p, err);
  if (result < 0)
    return result;
  version_key_number(key, p.epoch);
  write_release(key, p.release);
  if (p.pre_rank) {
    version_key_byte(key, p.pre_rank);
    version_key_number(key, p.pre);
  } else {
    /* 1.0.dev1 comes before 1.0a1, 1.0.post1.dev1 behind 1.0. */
    version_key_byte(key, p.has_dev && !p.has_post ? ABSENT : INFINITE);
  }
  version_key_byte(key, p.has_post ? PRESENT : ABSENT);
  version_key_number(key, p.has_post ? p.post : STR_EMPTY);
  version_key_byte(key, p.has_dev ? PRESENT : INFINITE);
  version_key_number(key, p.has_dev ? p.dev : STR_EMPTY);
  write_local(key, p.local);
  return 0;
}

const struct version_ops version_pypi = {.name = STR_INIT("pypi"), .write = write};
