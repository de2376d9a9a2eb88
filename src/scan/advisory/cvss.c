#include "scan/advisory/cvss.h"

#include <math.h>

enum { METRICS_MAX = 40 };

/* Values are words with spaces between them, and known by their number. Base metrics come first and must be there. */
struct metric {
  const char *name, *values;
};

struct scheme {
  struct str prefix; /* empty: version 2's vectors have none */
  enum cvss_version version;
  unsigned base; /* how many of the metrics are base metrics */
  const struct metric *metrics;
  unsigned (*score)(const unsigned *values); /* tenths */
};

/* ---- reading */

static int fail(struct str vector, const char *why, struct str what, struct error *err)
{
  return error_set(err, SW_EINVAL, "\"%.*s\" is not a CVSS vector: %s%s%.*s",
                   STR_FMT(str_sub(vector, 0, 120)), why, what.len ? " " : "",
                   STR_FMT(str_sub(what, 0, 40)));
}

/* The number of a word among words; -1: it is none of them. */
static int word_index(const char *words, struct str word)
{
  int index = 0;
  for (struct str rest = str_from(words); rest.data; index++)
    if (str_eq(str_cut(rest, ' ', &rest), word))
      return index;
  return -1;
}

static int read_metric(const struct scheme *scheme, struct str vector, struct str part,
                       unsigned *values, uint64_t *seen, struct error *err)
{
  struct str value, name = str_cut(part, ':', &value);
  for (unsigned i = 0; scheme->metrics[i].name; i++) {
    if (!str_eq(name, str_from(scheme->metrics[i].name)))
      continue;
    int index = value.len ? word_index(scheme->metrics[i].values, value) : -1;
    if (index < 0)
      return fail(vector, "it has no such value:", part, err);
    if (*seen >> i & 1)
      return fail(vector, "there twice is", name, err);
    *seen |= 1ULL << i;
    if (i < scheme->base)
      values[i] = (unsigned)index;
    return 0;
  }
  return fail(vector, "there is no metric", name, err);
}

static int read_metrics(const struct scheme *scheme, struct str vector, struct str rest,
                        unsigned *values, struct error *err)
{
  uint64_t seen = 0;
  /* Some write a "/" at the end. */
  if (str_ends(rest, STR("/")))
    rest.len--;
  while (rest.data) {
    int rc = read_metric(scheme, vector, str_cut(rest, '/', &rest), values, &seen, err);
    if (rc < 0)
      return rc;
  }
  for (unsigned i = 0; i < scheme->base; i++)
    if (!(seen >> i & 1))
      return fail(vector, "it lacks", str_from(scheme->metrics[i].name), err);
  return 0;
}

/* ---- version 2 */

static const struct metric metrics_2[] = {
    {"AV", "L A N"},       {"AC", "H M L"},
    {"Au", "M S N"},       {"C", "N P C"},
    {"I", "N P C"},        {"A", "N P C"},
    {"E", "U POC F H ND"}, {"RL", "OF TF W U ND"},
    {"RC", "UC UR C ND"},  {"CDP", "N L LM MH H ND"},
    {"TD", "N L M H ND"},  {"CR", "L M H ND"},
    {"IR", "L M H ND"},    {"AR", "L M H ND"},
    {NULL, NULL},
};

static unsigned nearest_tenth(double score)
{
  return (unsigned)floor(score * 10 + 0.5);
}

static unsigned score_2(const unsigned *v)
{
  static const double vector[] = {0.395, 0.646, 1.0}, complexity[] = {0.35, 0.61, 0.71},
                      authentication[] = {0.45, 0.56, 0.704}, impacts[] = {0.0, 0.275, 0.660};
  double impact = 10.41 * (1 - (1 - impacts[v[3]]) * (1 - impacts[v[4]]) * (1 - impacts[v[5]]));
  double exploitability = 20 * vector[v[0]] * complexity[v[1]] * authentication[v[2]];
  double score = (0.6 * impact + 0.4 * exploitability - 1.5) * (impact > 0 ? 1.176 : 0);
  return score > 0 ? nearest_tenth(score) : 0;
}

/* ---- versions 3.0 and 3.1 */

static const struct metric metrics_3[] = {
    {"AV", "N A L P"},  {"AC", "L H"},       {"PR", "N L H"},      {"UI", "N R"},
    {"S", "U C"},       {"C", "H L N"},      {"I", "H L N"},       {"A", "H L N"},
    {"E", "X U P F H"}, {"RL", "X O T W U"}, {"RC", "X U R C"},    {"CR", "X L M H"},
    {"IR", "X L M H"},  {"AR", "X L M H"},   {"MAV", "X N A L P"}, {"MAC", "X L H"},
    {"MPR", "X N L H"}, {"MUI", "X N R"},    {"MS", "X U C"},      {"MC", "X N L H"},
    {"MI", "X N L H"},  {"MA", "X N L H"},   {NULL, NULL},
};

static double score_3(const unsigned *v)
{
  static const double vector[] = {0.85, 0.62, 0.55, 0.2}, complexity[] = {0.77, 0.44},
                      privileges[2][3] = {{0.85, 0.62, 0.27}, {0.85, 0.68, 0.5}},
                      interaction[] = {0.85, 0.62}, impacts[] = {0.56, 0.22, 0};
  bool changed = v[4];
  double lost = 1 - (1 - impacts[v[5]]) * (1 - impacts[v[6]]) * (1 - impacts[v[7]]);
  double impact = changed ? 7.52 * (lost - 0.029) - 3.25 * pow(lost - 0.02, 15) : 6.42 * lost;
  double exploitability = 8.22 * vector[v[0]] * complexity[v[1]] * privileges[changed][v[2]] *
                          interaction[v[3]];
  if (impact <= 0)
    return 0;
  double score = changed ? 1.08 * (exploitability + impact) : exploitability + impact;
  return score < 10 ? score : 10;
}

static unsigned score_3_0(const unsigned *v)
{
  return (unsigned)ceil(score_3(v) * 10);
}

/* Up to the next tenth, counted in hundred-thousandths so that what floating point adds does not show. */
static unsigned score_3_1(const unsigned *v)
{
  unsigned long score = (unsigned long)floor(score_3(v) * 100000 + 0.5);
  return (unsigned)((score + 9999) / 10000);
}

/* ---- version 4.0 */

static const struct metric metrics_4[] = {
    {"AV", "N A L P"},    {"AC", "L H"},
    {"AT", "N P"},        {"PR", "N L H"},
    {"UI", "N P A"},      {"VC", "H L N"},
    {"VI", "H L N"},      {"VA", "H L N"},
    {"SC", "H L N"},      {"SI", "H L N"},
    {"SA", "H L N"},      {"E", "X A P U"},
    {"CR", "X H M L"},    {"IR", "X H M L"},
    {"AR", "X H M L"},    {"MAV", "X N A L P"},
    {"MAC", "X L H"},     {"MAT", "X N P"},
    {"MPR", "X N L H"},   {"MUI", "X N P A"},
    {"MVC", "X H L N"},   {"MVI", "X H L N"},
    {"MVA", "X H L N"},   {"MSC", "X H L N"},
    {"MSI", "X S H L N"}, {"MSA", "X S H L N"},
    {"S", "X N P"},       {"AU", "X N Y"},
    {"R", "X A U I"},     {"V", "X D C"},
    {"RE", "X L M H"},    {"U", "X Clear Green Amber Red"},
    {NULL, NULL},
};

enum { AV, AC, AT, PR, UI, VC, VI, VA, SC, SI, SA };

/*
 * Scores of MacroVectors in tenths, for exploit maturity "attacked" (EQ5 0, what a base score supposes): by EQ1, EQ2, the five
 * pairs of EQ3 and EQ6 that exist (00, 01, 10, 11, 21), and EQ4.
 */
static const unsigned char macro_scores[3][2][5][3] = {
    {{{100, 100, 93}, {99, 96, 90}, {98, 93, 88}, {95, 92, 80}, {92, 79, 69}},
     {{99, 95, 92}, {97, 91, 81}, {95, 92, 84}, {93, 82, 70}, {86, 71, 63}}},
    {{{98, 94, 87}, {95, 89, 75}, {94, 86, 72}, {89, 76, 57}, {83, 65, 53}},
     {{95, 90, 77}, {90, 77, 66}, {89, 74, 61}, {78, 59, 52}, {71, 58, 23}}},
    {{{93, 86, 70}, {87, 74, 54}, {85, 72, 53}, {75, 57, 36}, {64, 47, 24}},
     {{88, 73, 54}, {75, 55, 43}, {75, 61, 46}, {55, 51, 18}, {53, 24, 10}}},
};

enum { PAIR_00, PAIR_01, PAIR_10, PAIR_11, PAIR_21 };

struct macro {
  unsigned eq1, eq2, pair, eq4;
};

static struct macro macro_of(const unsigned *v)
{
  bool open = v[AV] == 0 && v[PR] == 0 && v[UI] == 0;
  bool any = v[AV] == 0 || v[PR] == 0 || v[UI] == 0;
  bool high = v[VC] == 0 || v[VI] == 0 || v[VA] == 0;
  return (struct macro){
      .eq1 = open                ? 0
             : any && v[AV] != 3 ? 1
                                 : 2,
      .eq2 = v[AC] || v[AT],
      .pair = v[VC] == 0 && v[VI] == 0 ? PAIR_00
              : high                   ? PAIR_10
                                       : PAIR_21,
      .eq4 = v[SC] == 0 || v[SI] == 0 || v[SA] == 0 ? 1 : 2,
  };
}

/* The highest vectors of a class, each as levels below the worst of every metric; the distance of a vector is counted from
 * the first that is nowhere below it. */
struct highest {
  unsigned char levels[3];
};

static const struct highest highest_1[3][3] = {
    {{{0, 0, 0}}}, {{{1, 0, 0}}, {{0, 1, 0}}, {{0, 0, 1}}}, {{{3, 0, 0}}, {{1, 1, 1}}}};
static const unsigned highest_1_count[] = {1, 3, 2};
static const struct highest highest_3[5][2] = {
    [PAIR_00] = {{{0, 0, 0}}}, [PAIR_10] = {{{1, 0, 0}}, {{0, 1, 0}}}, [PAIR_21] = {{{1, 1, 1}}}};
static const unsigned highest_3_count[] = {[PAIR_00] = 1, [PAIR_10] = 2, [PAIR_21] = 1};

/* In levels. */
static unsigned distance(const struct highest *highest, unsigned count, unsigned a, unsigned b,
                         unsigned c)
{
  for (unsigned i = 0; i < count; i++) {
    const unsigned char *l = highest[i].levels;
    if (a >= l[0] && b >= l[1] && c >= l[2])
      return a - l[0] + b - l[1] + c - l[2];
  }
  return 0;
}

/* How much of the way to the next lower MacroVector a vector has gone, of a step of `to` points. */
static double share(double step, unsigned gone, unsigned depth)
{
  return step * (gone * 0.1 / (depth * 0.1));
}

static unsigned score_4(const unsigned *v)
{
  static const unsigned depth_1[] = {1, 4, 5}, depth_2[] = {1, 2}, depth_4[] = {6, 5, 4},
                        depth_3[] = {[PAIR_00] = 7, [PAIR_10] = 8, [PAIR_21] = 10};
  struct macro m = macro_of(v);
  const unsigned char(*of_class)[3] = macro_scores[m.eq1][m.eq2];
  double score = of_class[m.pair][m.eq4] / 10.0, sum = 0;
  unsigned lower =
      1; /* less exploited: there always is one, and a base vector has gone nothing of it */
  if (v[VC] == 2 && v[VI] == 2 && v[VA] == 2 && v[SC] == 2 && v[SI] == 2 && v[SA] == 2)
    return 0;
  if (m.eq1 < 2) {
    double step = score - macro_scores[m.eq1 + 1][m.eq2][m.pair][m.eq4] / 10.0;
    sum += share(step, distance(highest_1[m.eq1], highest_1_count[m.eq1], v[AV], v[PR], v[UI]),
                 depth_1[m.eq1]);
    lower++;
  }
  if (m.eq2 < 1) {
    /* AC:L/AT:N is the only vector of its class. */
    sum += share(score - macro_scores[m.eq1][1][m.pair][m.eq4] / 10.0, 0, depth_2[m.eq2]);
    lower++;
  }
  if (m.pair != PAIR_21) {
    unsigned left = of_class[m.pair == PAIR_00 ? PAIR_01 : PAIR_11][m.eq4];
    unsigned right = of_class[m.pair == PAIR_00 ? PAIR_10 : PAIR_11][m.eq4];
    double step = score - (left > right ? left : right) / 10.0;
    sum += share(step, distance(highest_3[m.pair], highest_3_count[m.pair], v[VC], v[VI], v[VA]),
                 depth_3[m.pair]);
    lower++;
  }
  if (m.eq4 < 2) {
    /* Below the worst, which only threat to safety is, one level is lost in each metric. */
    double step = score - of_class[m.pair][m.eq4 + 1] / 10.0;
    sum += share(step, v[SC] + v[SI] + v[SA], depth_4[m.eq4]);
    lower++;
  }
  score -= sum / lower;
  return score > 0 ? nearest_tenth(score) : 0;
}

/* ---- which version */

static const struct scheme schemes[] = {
    {STR_INIT("CVSS:4.0/"), CVSS_4_0, 11, metrics_4, score_4},
    {STR_INIT("CVSS:3.1/"), CVSS_3_1, 8, metrics_3, score_3_1},
    {STR_INIT("CVSS:3.0/"), CVSS_3_0, 8, metrics_3, score_3_0},
    {STR_INIT("CVSS:2.0/"), CVSS_2, 6, metrics_2, score_2},
    {STR_INIT(""), CVSS_2, 6, metrics_2, score_2},
};

enum severity cvss_severity(enum cvss_version version, uint32_t tenths)
{
  if (version == CVSS_2)
    return tenths >= 70 ? SEVERITY_HIGH : tenths >= 40 ? SEVERITY_MEDIUM : SEVERITY_LOW;
  if (tenths == 0)
    return SEVERITY_INFO;
  return tenths >= 90   ? SEVERITY_CRITICAL
         : tenths >= 70 ? SEVERITY_HIGH
         : tenths >= 40 ? SEVERITY_MEDIUM
                        : SEVERITY_LOW;
}

int cvss_read(struct str vector, struct cvss *ret, struct error *err)
{
  unsigned values[METRICS_MAX] = {0};
  struct str text = str_trim(vector);
  if (text.len > CVSS_VECTOR_MAX)
    return error_set(err, SW_EINVAL, "a CVSS vector of %zu bytes is longer than %d", text.len,
                     CVSS_VECTOR_MAX);
  if (str_starts(text, STR("(")) && str_ends(text, STR(")")))
    text = str_sub(text, 1, text.len - 2);
  for (size_t i = 0; i < sizeof schemes / sizeof schemes[0]; i++) {
    const struct scheme *scheme = &schemes[i];
    if (!str_starts(text, scheme->prefix))
      continue;
    int rc = read_metrics(scheme, vector, str_sub(text, scheme->prefix.len, text.len), values, err);
    if (rc < 0)
      return rc;
    unsigned tenths = scheme->score(values);
    *ret = (struct cvss){scheme->version, tenths, cvss_severity(scheme->version, tenths)};
    return 0;
  }
  return fail(vector, "its version is not known", STR_EMPTY, err);
}
