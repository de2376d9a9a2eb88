/*
 * Maven's order, ComparableVersion of Maven 3.8. A version is a list of numbers and words whose last item
 * may be a list again, so that it is a chain of lists; '-', and a change between digits and letters, begin
 * the next one. An absent item is equal to 0 and to "final", above "snapshot" and below "sp".
 *
 * That order is not transitive (1.0.x.2 < 1 < 1-5 < 1.0.x.2), so there is no key whose bytes could be
 * compared; the key holds the items, and keys are walked in step.
 */
#include "scan/version_int.h"

/* What an item is, in rising order: where kinds differ they decide. */
enum kind { END, WORD, LIST, NUMBER };

/* In rising order; what is no qualifier comes behind all of them, by its letters. */
enum { ALPHA = 1, BETA, MILESTONE, CANDIDATE, SNAPSHOT, RELEASE, SERVICE_PACK, OTHER };

enum { INT_DIGITS = 9, LONG_DIGITS = 18 };

static const struct {
  struct str word;
  unsigned char rank;
} qualifiers[] = {
    {STR_INIT("alpha"), ALPHA},         {STR_INIT("beta"), BETA},
    {STR_INIT("milestone"), MILESTONE}, {STR_INIT("rc"), CANDIDATE},
    {STR_INIT("cr"), CANDIDATE},        {STR_INIT("snapshot"), SNAPSHOT},
    {STR_INIT("ga"), RELEASE},          {STR_INIT("final"), RELEASE},
    {STR_INIT("release"), RELEASE},     {STR_INIT("sp"), SERVICE_PACK},
};

struct writing {
  struct version_key *key;
  size_t counted;  /* length of the key up to the last item that is not equal to nothing */
  size_t kept;     /* the same, or up to where the current list begins */
  bool list_empty; /* nothing was put into the current list, not even a 0 */
};

/* Items equal to nothing do not count if only a list follows. */
static void begin_list(struct writing *w)
{
  w->key->len = w->kept;
  version_key_byte(w->key, LIST);
  w->kept = w->key->len;
  w->list_empty = true;
}

static void added(struct writing *w, bool counts)
{
  w->list_empty = false;
  if (counts)
    w->counted = w->kept = w->key->len;
}

/* Maven holds numbers of up to 9 digits, of up to 18, and longer ones in three kinds that do not meet: a 0
 * of 10 digits is above all of 9. Such zeros are the only numbers whose digits begin with 0 here. */
static void add_number(struct writing *w, struct str digits)
{
  bool zero = version_strip_zeros(digits).len == 0;
  size_t zeros = !zero || digits.len <= INT_DIGITS ? 0
                 : digits.len <= LONG_DIGITS       ? INT_DIGITS + 1
                                                   : LONG_DIGITS + 1;
  version_key_byte(w->key, NUMBER);
  if (zeros) {
    version_key_byte(w->key, (unsigned char)zeros);
    version_key_text(w->key, str_sub(digits, 0, zeros));
  } else {
    version_key_number(w->key, digits);
  }
  added(w, !zero);
}

static unsigned char rank_of(struct str word, bool before_digit)
{
  if (before_digit && str_eq_nocase(word, STR("a")))
    return ALPHA;
  if (before_digit && str_eq_nocase(word, STR("b")))
    return BETA;
  if (before_digit && str_eq_nocase(word, STR("m")))
    return MILESTONE;
  for (size_t i = 0; i < sizeof qualifiers / sizeof qualifiers[0]; i++)
    if (str_eq_nocase(word, qualifiers[i].word))
      return qualifiers[i].rank;
  return OTHER;
}

static void add_word(struct writing *w, struct str word, bool before_digit)
{
  unsigned char rank = rank_of(word, before_digit);
  version_key_byte(w->key, WORD);
  version_key_byte(w->key, rank);
  if (rank == OTHER)
    version_key_lower(w->key, word);
  version_key_byte(w->key, 0);
  added(w, rank != RELEASE);
}

/* Between two separators; nothing there is a 0. */
static void add_item(struct writing *w, struct str text)
{
  if (text.len == 0 || version_is_digit(text.data[0]))
    add_number(w, text);
  else
    add_word(w, text, false);
}

/* A word gets a list of its own if a digit or the end comes behind it. */
static void begin_word(struct writing *w)
{
  if (!w->list_empty)
    begin_list(w);
}

static void write_items(struct writing *w, struct str text)
{
  size_t start = 0;
  for (size_t i = 0; i < text.len; i++) {
    char c = text.data[i];
    struct str item = str_sub(text, start, i - start);
    if (c == '.' || c == '-') {
      add_item(w, item);
      start = i + 1;
      if (c == '-')
        begin_list(w);
    } else if (item.len && version_is_digit(c) != version_is_digit(item.data[0])) {
      if (version_is_digit(c)) {
        begin_word(w);
        add_word(w, item, true);
      } else {
        add_number(w, item);
      }
      start = i;
      begin_list(w);
    }
  }
  if (start < text.len) {
    if (!version_is_digit(text.data[start]))
      begin_word(w);
    add_item(w, str_sub(text, start, text.len));
  }
}

static int write(struct str text, struct version_key *key, struct error *err)
{
  struct writing w = {.key = key, .list_empty = true};
  (void)err;
  write_items(&w, text);
  key->len = w.counted;
  return 0;
}

struct item {
  enum kind kind;
  unsigned char rank; /* of a word */
  struct str text; /* digits without leading zeros, or the letters of a word that is no qualifier */
};

/* Keys may come out of a store that somebody else wrote: what they lack reads as 0. */
static unsigned char key_byte(struct str key, size_t at)
{
  return at < key.len ? (unsigned char)key.data[at] : 0;
}

static struct str read_digits(struct str *key)
{
  size_t head = 1, len = key_byte(*key, 0);
  if (len == 255) {
    head = 3;
    len = (size_t)key_byte(*key, 1) << 8 | key_byte(*key, 2);
  }
  struct str digits = str_sub(*key, head, len);
  *key = str_sub(*key, head + len, key->len);
  return digits;
}

static struct item next_item(struct str *key)
{
  struct item item = {.kind = END, .text = STR_EMPTY};
  if (key->len == 0)
    return item;
  item.kind = (enum kind)key->data[0];
  *key = str_sub(*key, 1, key->len);
  if (item.kind == NUMBER) {
    item.text = read_digits(key);
  } else if (item.kind == WORD) {
    item.rank = key_byte(*key, 0);
    item.text = str_cut(str_sub(*key, 1, key->len), '\0', key);
  }
  return item;
}

static int sign(int left, int right)
{
  return (left > right) - (left < right);
}

/* An item, and what follows it, against nothing. */
static int order_nothing(struct item item, struct str key)
{
  for (; item.kind != END; item = next_item(&key)) {
    if (item.kind == NUMBER && item.text.len && item.text.data[0] != '0')
      return 1;
    if (item.kind == WORD && item.rank != RELEASE)
      return sign(item.rank, RELEASE);
  }
  return 0;
}

static int order_items(struct item a, struct item b)
{
  if (a.kind != b.kind)
    return sign(a.kind, b.kind);
  if (a.kind == NUMBER && a.text.len != b.text.len)
    return a.text.len < b.text.len ? -1 : 1;
  return a.rank != b.rank ? sign(a.rank, b.rank) : str_compare(a.text, b.text);
}

static int order(struct str a, struct str b)
{
  for (;;) {
    struct item left = next_item(&a), right = next_item(&b);
    if (left.kind == END)
      return -order_nothing(right, b);
    if (right.kind == END)
      return order_nothing(left, a);
    int result = order_items(left, right);
    if (result)
      return result;
  }
}

const struct version_ops version_maven = {
    .name = STR_INIT("maven"), .write = write, .order = order};
