// The one C++ file: RE2 behind the C interface of regex.h. Exceptions end here.
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <map>
#include <new>
#include <string>
#include <vector>

#include <re2/re2.h>

extern "C" {
#define _Noreturn __attribute__((noreturn))
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wmissing-field-initializers"
#include "base/buf.h"
#include "data/regex.h"
#pragma GCC diagnostic pop
}

using re2::RE2;
using re2::StringPiece;

struct regex {
  std::string pattern;
  std::map<int, std::string> names;
  RE2 re;
  enum regex_shape shape = REGEX_OTHER;
  std::string literal;

  regex(const std::string &given, const std::string &translated, const RE2::Options &options)
      : pattern(given), re(translated, options)
  {
  }
};

namespace
{

enum { SHOWN_MAX = 120 };

// Nothing but memory can run out in here, and that ends the program (base/mem.h).
template <typename Function> auto guarded(Function function) noexcept
{
  try {
    return function();
  } catch (...) {
    mem_exhausted(0);
  }
}

str view(const std::string &s)
{
  return str_make(s.data(), s.size());
}

StringPiece piece(str s)
{
  return StringPiece(s.len ? s.data : "", s.len);
}

bool is_digit(char c)
{
  return c >= '0' && c <= '9';
}

bool is_word(char c)
{
  return is_digit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}

bool is_continuation(char c)
{
  return (static_cast<unsigned char>(c) & 0xc0) == 0x80;
}

str shown(str s)
{
  if (s.len <= SHOWN_MAX)
    return s;
  size_t len = SHOWN_MAX;
  while (len && is_continuation(s.data[len]))
    len--;
  return str_make(s.data, len);
}

uint32_t column_of(str pattern, size_t at)
{
  uint32_t column = 1;
  for (size_t i = 0; i < at && i < pattern.len; i++)
    column += !is_continuation(pattern.data[i]);
  return column;
}

int refuse(str pattern, size_t at, const char *what, error *err)
{
  return error_set_at(err, SW_EUNSUPPORTED, 1, column_of(pattern, at),
                      "the regular expression \"%.*s\": %s not part of RE2's syntax",
                      STR_FMT(shown(pattern)), what);
}

// Walks over a pattern to find what RE2 does not have, and to write (?<name> as (?P<name>.
class Scanner
{
public:
  Scanner(str given, error *e) : pattern(given), err(e)
  {
  }

  int run(std::string *ret_translated)
  {
    int r = 0;
    while (r == 0 && at < pattern.len)
      r = step();
    *ret_translated = out;
    return r;
  }

private:
  bool here(const char *text) const
  {
    return str_starts(str_make(pattern.data + at, pattern.len - at), str_from(text));
  }

  void copy(size_t count)
  {
    if (count > pattern.len - at)
      count = pattern.len - at;
    out.append(pattern.data + at, count);
    at += count;
  }

  int step()
  {
    if (pattern.data[at] == '\\')
      return escape();
    if (pattern.data[at] == '[')
      return bracket();
    if (here("(?"))
      return group();
    copy(1);
    return 0;
  }

  int escape()
  {
    char c = at + 1 < pattern.len ? pattern.data[at + 1] : '\0';
    if (c >= '1' && c <= '9')
      return refuse(pattern, at, "back-references (\\1) are", err);
    if (c == 'k' || c == 'g')
      return refuse(pattern, at, "back-references (\\k<name>, \\g) are", err);
    if (c == 'C')
      return refuse(pattern, at, "single bytes (\\C) are", err);
    if (c != 'Q') {
      copy(2);
      return 0;
    }
    ptrdiff_t end = str_find(pattern, at + 2, str_from("\\E"));
    copy(end < 0 ? pattern.len - at : static_cast<size_t>(end) + 2 - at);
    return 0;
  }

  int bracket()
  {
    copy(1);
    if (here("^"))
      copy(1);
    if (here("]"))
      copy(1);
    while (at < pattern.len && pattern.data[at] != ']') {
      ptrdiff_t end = here("[:") ? str_find(pattern, at + 2, str_from(":]")) : -1;
      if (end >= 0)
        copy(static_cast<size_t>(end) + 2 - at);
      else
        copy(pattern.data[at] == '\\' ? 2 : 1);
    }
    copy(1);
    return 0;
  }

  int group()
  {
    if (here("(?=") || here("(?!"))
      return refuse(pattern, at, "look-ahead ((?=, (?!) is", err);
    if (here("(?<=") || here("(?<!"))
      return refuse(pattern, at, "look-behind ((?<=, (?<!) is", err);
    if (here("(?>"))
      return refuse(pattern, at, "atomic groups ((?>) are", err);
    if (here("(?("))
      return refuse(pattern, at, "conditional groups ((?() are", err);
    if (here("(?#"))
      return refuse(pattern, at, "comments ((?#) are", err);
    if (here("(?<")) {
      out.append("(?P<");
      at += 3;
      return 0;
    }
    copy(2);
    return 0;
  }

  str pattern;
  error *err;
  size_t at = 0;
  std::string out;
};

const char *reason(RE2::ErrorCode code)
{
  switch (code) {
  case RE2::ErrorBadEscape:
    return "unknown escape";
  case RE2::ErrorBadCharClass:
    return "wrong character class";
  case RE2::ErrorBadCharRange:
    return "character range that runs backwards or has no end";
  case RE2::ErrorMissingBracket:
    return "\"[\" without its \"]\"";
  case RE2::ErrorMissingParen:
  case RE2::ErrorUnexpectedParen:
    return "parentheses that do not match";
  case RE2::ErrorTrailingBackslash:
    return "\"\\\" at the end";
  case RE2::ErrorRepeatArgument:
    return "nothing to repeat before";
  case RE2::ErrorRepeatSize:
    return "repetition over 1000 times, or from more to less";
  case RE2::ErrorRepeatOp:
    return "repetition of a repetition (possessive ones do not exist in RE2)";
  case RE2::ErrorBadPerlOp:
    return "unknown kind of group";
  case RE2::ErrorBadUTF8:
    return "bytes that are not UTF-8";
  case RE2::ErrorBadNamedCapture:
    return "wrong group name";
  default:
    return "something RE2 cannot read";
  }
}

// The same as Go words it.
const char *reason_of_go(RE2::ErrorCode code)
{
  switch (code) {
  case RE2::ErrorBadEscape:
    return "invalid escape sequence";
  case RE2::ErrorBadCharClass:
    return "invalid character class";
  case RE2::ErrorBadCharRange:
    return "invalid character class range";
  case RE2::ErrorMissingBracket:
    return "missing closing ]";
  case RE2::ErrorMissingParen:
    return "missing closing )";
  case RE2::ErrorUnexpectedParen:
    return "unexpected )";
  case RE2::ErrorTrailingBackslash:
    return "trailing backslash at end of expression";
  case RE2::ErrorRepeatArgument:
    return "missing argument to repetition operator";
  case RE2::ErrorRepeatSize:
    return "invalid repeat count";
  case RE2::ErrorRepeatOp:
    return "invalid nested repetition operator";
  case RE2::ErrorBadPerlOp:
    return "invalid or unsupported Perl syntax";
  case RE2::ErrorBadUTF8:
    return "invalid UTF-8";
  case RE2::ErrorBadNamedCapture:
    return "invalid named capture";
  default:
    return "regexp/syntax: internal error";
  }
}

int report(str pattern, const RE2 &re, error *err)
{
  if (re.error_code() == RE2::ErrorPatternTooLarge)
    return error_set(
        err, SW_ELIMIT,
        "the regular expression \"%.*s\" needs more memory than %lld bytes when compiled",
        STR_FMT(shown(pattern)), static_cast<long long>(re.options().max_mem()));
  str arg = view(re.error_arg());
  bool is_part = arg.len && arg.len < pattern.len && re.error_code() != RE2::ErrorBadUTF8;
  if (!is_part)
    return error_set(err, SW_EINVAL, "the regular expression \"%.*s\": %s", STR_FMT(shown(pattern)),
                     reason(re.error_code()));
  ptrdiff_t at = str_find(pattern, 0, arg);
  return error_set_at(err, SW_EINVAL, 1, at < 0 ? 0 : column_of(pattern, static_cast<size_t>(at)),
                      "the regular expression \"%.*s\": %s \"%.*s\"", STR_FMT(shown(pattern)),
                      reason(re.error_code()), STR_FMT(shown(arg)));
}

// RE2 lets two groups have one name, Go does not.
int report_repeated_name(str pattern, const regex *r, error *err)
{
  const auto &numbers = r->re.NamedCapturingGroups();
  for (const auto &name : r->names) {
    if (numbers.at(name.second) == name.first)
      continue;
    std::string written = "<" + name.second + ">";
    ptrdiff_t first = str_find(pattern, 0, view(written));
    ptrdiff_t again = str_find(pattern, static_cast<size_t>(first + 1), view(written));
    return error_set_at(err, SW_EINVAL, 1, column_of(pattern, static_cast<size_t>(again)),
                        "the regular expression \"%.*s\": the group name \"%.*s\" occurs twice",
                        STR_FMT(shown(pattern)), STR_FMT(shown(view(name.second))));
  }
  return 0;
}

// Takes one literal character off the pattern, escaped or not.
bool take_literal(str *rest, std::string *out)
{
  static const char special[] = "\\.+*?()|[]{}^$";
  char c = rest->data[0];
  if (c == '\\' && rest->len > 1 && std::strchr(special, rest->data[1]) && rest->data[1]) {
    out->push_back(rest->data[1]);
    *rest = str_make(rest->data + 2, rest->len - 2);
    return true;
  }
  if (c == '\0' || std::strchr(special, c))
    return false;
  out->push_back(c);
  *rest = str_make(rest->data + 1, rest->len - 1);
  return true;
}

bool drop_prefix(str *s, const char *prefix)
{
  str p = str_from(prefix);
  if (!str_starts(*s, p))
    return false;
  *s = str_make(s->data + p.len, s->len - p.len);
  return true;
}

// A repetition behind a literal character stays in `rest`, which then is none of the known endings.
enum regex_shape find_shape(str pattern, unsigned flags, std::string *literal)
{
  if (flags & REGEX_NOCASE)
    return REGEX_OTHER;
  if (flags & REGEX_LITERAL) {
    literal->assign(pattern.data, pattern.len);
    return REGEX_CONTAINS;
  }
  str rest = pattern;
  bool begins = drop_prefix(&rest, "^") || drop_prefix(&rest, "\\A");
  if (!begins && str_starts(rest, str_from(".*")) && rest.len > 2 && rest.data[2] != '?')
    drop_prefix(&rest, ".*");
  while (rest.len && take_literal(&rest, literal)) {
  }
  if (rest.len == 0)
    return begins ? REGEX_PREFIX : REGEX_CONTAINS;
  if (str_eq(rest, str_from(".*")))
    return begins ? REGEX_PREFIX : REGEX_CONTAINS;
  if (str_eq(rest, str_from("$")) || str_eq(rest, str_from("\\z")))
    return begins ? REGEX_EQUALS : REGEX_SUFFIX;
  return REGEX_OTHER;
}

int compile(str pattern, unsigned flags, size_t memory, regex **ret, error *err)
{
  std::string translated;
  if (flags & REGEX_LITERAL) {
    translated.assign(pattern.data ? pattern.data : "", pattern.len);
  } else {
    int r = Scanner(pattern, err).run(&translated);
    if (r < 0)
      return r;
  }
  RE2::Options options;
  options.set_log_errors(false);
  options.set_max_mem(static_cast<int64_t>(memory));
  options.set_case_sensitive(!(flags & REGEX_NOCASE));
  options.set_literal(flags & REGEX_LITERAL);
  options.set_dot_nl(flags & REGEX_DOT_ALL);
  regex *made =
      new regex(std::string(pattern.data ? pattern.data : "", pattern.len), translated, options);
  if (!made->re.ok()) {
    int problem = report(pattern, made->re, err);
    delete made;
    return problem;
  }
  made->names = made->re.CapturingGroupNames();
  int r = report_repeated_name(pattern, made, err);
  if (r < 0) {
    delete made;
    return r;
  }
  made->shape = find_shape(view(made->pattern), flags, &made->literal);
  *ret = made;
  return 0;
}

bool match_shape(const regex *r, str text, bool *ret_known)
{
  str literal = view(r->literal);
  *ret_known = true;
  switch (r->shape) {
  case REGEX_CONTAINS:
    return str_find(text, 0, literal) >= 0;
  case REGEX_PREFIX:
    return str_starts(text, literal);
  case REGEX_SUFFIX:
    return str_ends(text, literal);
  case REGEX_EQUALS:
    return str_eq(text, literal);
  case REGEX_OTHER:
    break;
  }
  *ret_known = false;
  return false;
}

bool match_at(const regex *r, const StringPiece &text, size_t from, StringPiece *groups, int count)
{
  return from <= text.size() &&
         r->re.Match(text, from, text.size(), RE2::UNANCHORED, groups, count);
}

regex_span span_of(const StringPiece &text, const StringPiece &group)
{
  if (group.data() == nullptr)
    return {REGEX_NOWHERE, REGEX_NOWHERE};
  size_t start = static_cast<size_t>(group.data() - text.data());
  return {start, start + group.size()};
}

size_t character_width(const StringPiece &text, size_t at)
{
  if (at >= text.size())
    return 1;
  unsigned char c = static_cast<unsigned char>(text[at]);
  size_t width = c >= 0xf0 ? 4 : c >= 0xe0 ? 3 : c >= 0xc0 ? 2 : 1;
  for (size_t i = 1; i < width; i++)
    if (at + i >= text.size() || !is_continuation(text[at + i]))
      return 1;
  return width;
}

bool next_match(const regex *r, const StringPiece &text, regex_walk *walk, StringPiece *groups,
                int count)
{
  while (walk->at <= text.size()) {
    if (!match_at(r, text, walk->at, groups, count)) {
      walk->at = text.size() + 1;
      return false;
    }
    regex_span whole = span_of(text, groups[0]);
    bool repeated = false;
    if (whole.end == walk->at) {
      repeated = walk->last_end == whole.start + 1;
      walk->at += character_width(text, walk->at);
    } else {
      walk->at = whole.end;
    }
    walk->last_end = whole.end + 1;
    if (!repeated)
      return true;
  }
  return false;
}

// A replacement taken apart: texts, and groups between them.
struct Part {
  str text;
  int group; // -1: a text
};

int group_of(const regex *r, str name)
{
  bool number = name.len <= 8 && !(name.len > 1 && name.data[0] == '0');
  int value = 0;
  for (size_t i = 0; number && i < name.len; i++) {
    number = is_digit(name.data[i]);
    value = value * 10 + (name.data[i] - '0');
  }
  if (number)
    return value;
  const auto &names = r->re.NamedCapturingGroups();
  auto found = names.find(std::string(name.data, name.len));
  return found == names.end() ? INT32_MAX : found->second;
}

// Behind a '$': the name, and how long it is with its braces. Length 0: not a name.
str take_name(str rest, size_t *ret_length)
{
  bool braces = rest.len && rest.data[0] == '{';
  size_t begin = braces ? 1 : 0, end = begin;
  while (end < rest.len && is_word(rest.data[end]))
    end++;
  bool good = end > begin && (!braces || (end < rest.len && rest.data[end] == '}'));
  *ret_length = good ? end + (braces ? 1 : 0) : 0;
  return str_make(rest.data + begin, end - begin);
}

std::vector<Part> take_apart(const regex *r, str replacement)
{
  std::vector<Part> parts;
  size_t text = 0, at = 0;
  auto add_text = [&](size_t end) {
    if (end > text)
      parts.push_back({str_make(replacement.data + text, end - text), -1});
  };
  while (at < replacement.len) {
    if (replacement.data[at] != '$') {
      at++;
      continue;
    }
    str rest = str_make(replacement.data + at + 1, replacement.len - at - 1);
    size_t length;
    if (rest.len && rest.data[0] == '$') {
      add_text(at + 1);
      text = at += 2;
      continue;
    }
    str name = take_name(rest, &length);
    if (length) {
      add_text(at);
      parts.push_back({name, group_of(r, name)});
      text = at + 1 + length;
    }
    at += 1 + length;
  }
  add_text(replacement.len);
  return parts;
}

void replace(const regex *r, str given, const std::vector<Part> &parts, buf *out)
{
  int count = 1;
  for (const Part &part : parts)
    if (part.group >= count && part.group <= r->re.NumberOfCapturingGroups())
      count = part.group + 1;
  std::vector<StringPiece> groups(static_cast<size_t>(count));
  StringPiece text = piece(given);
  regex_walk walk = {};
  size_t written = 0;
  while (!buf_failed(out) && next_match(r, text, &walk, groups.data(), count)) {
    regex_span whole = span_of(text, groups[0]);
    buf_add(out, str_make(text.data() + written, whole.start - written));
    for (const Part &part : parts) {
      if (part.group < 0)
        buf_add(out, part.text);
      else if (part.group < count)
        buf_add(out, str_make(groups[part.group].data(), groups[part.group].size()));
    }
    written = whole.end;
  }
  buf_add(out, str_make(text.data() + written, text.size() - written));
}

} // namespace

extern "C" {

int regex_compile_within(str pattern, unsigned flags, size_t memory, regex **ret_regex, error *err)
{
  if (pattern.len > REGEX_LENGTH_MAX)
    return error_set(err, SW_ELIMIT, "a regular expression of %zu bytes is longer than %d",
                     pattern.len, REGEX_LENGTH_MAX);
  return guarded([&] { return compile(pattern, flags, memory, ret_regex, err); });
}

int regex_compile(str pattern, unsigned flags, regex **ret_regex, error *err)
{
  return regex_compile_within(pattern, flags, REGEX_MEMORY_MAX, ret_regex, err);
}

bool regex_refusal(str pattern, buf *out)
{
  RE2::Options options;
  options.set_log_errors(false);
  RE2 re(StringPiece(pattern.data, pattern.len), options);
  if (re.ok())
    return false;
  buf_add_text(out, reason_of_go(re.error_code()));
  if (!re.error_arg().empty())
    buf_printf(out, ": `%.*s`", STR_FMT(view(re.error_arg())));
  return true;
}

void regex_free(regex *r)
{
  delete r;
}

str regex_pattern(const regex *r)
{
  return view(r->pattern);
}

bool regex_match(const regex *r, str text)
{
  return guarded([&] {
    bool known, matches = match_shape(r, text, &known);
    return known ? matches : match_at(r, piece(text), 0, nullptr, 0);
  });
}

bool regex_match_full(const regex *r, str text)
{
  return guarded([&] {
    StringPiece p = piece(text);
    return r->re.Match(p, 0, p.size(), RE2::ANCHOR_BOTH, nullptr, 0);
  });
}

bool regex_find(const regex *r, str text, size_t from, regex_span *spans, size_t count)
{
  return guarded([&] {
    StringPiece groups[REGEX_GROUPS_MAX];
    StringPiece p = piece(text);
    if (count > REGEX_GROUPS_MAX)
      count = REGEX_GROUPS_MAX;
    if (!match_at(r, p, from, groups, static_cast<int>(count)))
      return false;
    for (size_t i = 0; i < count; i++)
      spans[i] = span_of(p, groups[i]);
    return true;
  });
}

bool regex_next(const regex *r, str text, regex_walk *walk, regex_span *spans, size_t count)
{
  return guarded([&] {
    StringPiece groups[REGEX_GROUPS_MAX];
    StringPiece p = piece(text);
    if (count > REGEX_GROUPS_MAX)
      count = REGEX_GROUPS_MAX;
    if (!next_match(r, p, walk, groups, count ? static_cast<int>(count) : 1))
      return false;
    for (size_t i = 0; i < count; i++)
      spans[i] = span_of(p, groups[i]);
    return true;
  });
}

void regex_replace(const regex *r, str text, str replacement, buf *out)
{
  guarded([&] { replace(r, text, take_apart(r, replacement), out); });
}

void regex_replace_literal(const regex *r, str text, str replacement, buf *out)
{
  guarded([&] {
    std::vector<Part> parts = {{replacement, -1}};
    replace(r, text, parts, out);
  });
}

unsigned regex_groups(const regex *r)
{
  return static_cast<unsigned>(r->re.NumberOfCapturingGroups());
}

str regex_group_name(const regex *r, unsigned group)
{
  auto found = r->names.find(static_cast<int>(group));
  return found == r->names.end() ? str_make("", 0) : view(found->second);
}

unsigned regex_group_number(const regex *r, str name)
{
  return guarded([&] {
    const auto &names = r->re.NamedCapturingGroups();
    auto found = names.find(std::string(name.data ? name.data : "", name.len));
    return found == names.end() ? 0U : static_cast<unsigned>(found->second);
  });
}

enum regex_shape regex_shape(const regex *r, str *ret_literal)
{
  *ret_literal = view(r->literal);
  return r->shape;
}

void regex_quote(buf *out, str text)
{
  for (size_t i = 0; i < text.len; i++) {
    char c = text.data[i];
    if (c && std::strchr("\\.+*?()|[]{}^$", c))
      buf_add_byte(out, '\\');
    buf_add_byte(out, c);
  }
}

} // extern "C"
