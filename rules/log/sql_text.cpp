#include "rules/log/sql_text.h"

#include <algorithm>
#include <array>
#include <cstring>

#include "rules/log/bytes.h"

namespace pgward::rules {
namespace {

constexpr std::string_view kRule = "SQL literal";
constexpr std::size_t kNameBytesMax = 63;
constexpr std::size_t kTypeBytesMax = 11;  // "timestamptz": no longer word lets anything follow but a setting

using Behind = SqlText::State::Behind;

// What a key word or type lets follow that is no value.
Behind behind(std::string_view lower) {
  switch (lower.size()) {
    case 2:
      return lower == "do" || lower == "as" ? Behind::body : Behind::anything;
    case 3:
      return lower == "bit" ? Behind::type : Behind::anything;
    case 4:
      return lower == "char" || lower == "time" ? Behind::type
             : lower == "next"                  ? Behind::count
                                                : Behind::anything;
    case 5:
      return lower == "limit" || lower == "fetch" || lower == "first" ? Behind::count
             : lower == "float"                                       ? Behind::type
                                                                      : Behind::anything;
    case 6:
      return lower == "offset" ? Behind::count : Behind::anything;
    case 7:
      return lower == "varchar" || lower == "numeric" || lower == "decimal" || lower == "varying"
                 ? Behind::type
             : lower == "plpgsql" || lower == "forward" ? Behind::body
                                                        : Behind::anything;
    default:
      return lower == "character" || lower == "timestamp" || lower == "timestamptz" ? Behind::type
                                                                                    : Behind::anything;
  }
}

}  // namespace

void SqlText::write(std::string_view text, State& state) {
  std::size_t at = state.within == Within::code ? 0 : go_on(text, state);
  while (at < text.size()) {
    const char c = text[at];
    if (bytes::is(c, bytes::lower | bytes::upper | bytes::high | bytes::underscore)) {
      at = word(text, at, state);
    } else if (bytes::is_digit(c)) {
      at = number(text, at, state);
    } else if (c == '\'') {
      at = string(text, at, false, state);
    } else if (c == '"') {
      at = quoted_name(text, at, state);
    } else if (c == '$') {
      at = dollar(text, at, state);
    } else if ((c == '-' || c == '/') && at + 1 < text.size() && text[at + 1] == (c == '-' ? '-' : '*')) {
      at = comment(text, at, state);
    } else {
      at = sign(text, at, state);
    }
  }
}

// The rest of what an earlier line left open.
std::size_t SqlText::go_on(std::string_view text, State& state) {
  switch (state.within) {
    case Within::string:
      return string(text, 0, false, state);
    case Within::escape_string:
      return string(text, 0, true, state);
    case Within::name:
      return quoted_name(text, 0, state);
    case Within::comment:
      return comment(text, 0, state);
    case Within::dollar_string: {
      const auto end = text.find(state.tag);
      sink_.remove(kRule, "text", text.substr(0, end));
      if (end == text.npos) return text.size();
      sink_.keep(state.tag);
      state.within = Within::code;
      return end + state.tag.size();
    }
    default:
      return 0;
  }
}

std::size_t SqlText::string(std::string_view text, std::size_t at, bool escapes, State& state) {
  const bool opened_before = state.within != Within::code;
  if (!opened_before) sink_.pass(text.substr(at++, 1));
  std::size_t end = at;
  bool open = true;
  while (end < text.size()) {
    if (escapes && text[end] == '\\') {
      end += 2;
    } else if (text[end] != '\'') {
      if (escapes) {
        ++end;
      } else {
        end = std::min(text.find('\'', end), text.size());
      }
    } else if (end + 1 < text.size() && text[end + 1] == '\'') {
      end += 2;
    } else {
      open = false;
      break;
    }
  }
  end = std::min(end, text.size());
  const auto value = text.substr(at, end - at);
  sink_.remove(kRule, open || opened_before ? "text" : kind_of_value(value), value);
  state.within = open ? (escapes ? Within::escape_string : Within::string) : Within::code;
  state.behind = Behind::anything;
  if (open) return text.size();
  sink_.pass(text.substr(end, 1));
  return end + 1;
}

std::size_t SqlText::quoted_name(std::string_view text, std::size_t at, State& state) {
  const bool opened_before = state.within != Within::code;
  if (!opened_before) sink_.pass(text.substr(at++, 1));
  std::size_t end = text.find('"', at);
  while (end != text.npos && end + 1 < text.size() && text[end + 1] == '"') end = text.find('"', end + 2);
  const auto name = text.substr(at, end == text.npos ? end : end - at);
  if (!opened_before && end != text.npos && plausible_name(name))
    sink_.pass(name);
  else
    sink_.remove("SQL name", "identifier", name);
  state.within = end == text.npos ? Within::name : Within::code;
  if (end == text.npos) return text.size();
  sink_.pass(text.substr(end, 1));
  return end + 1;
}

// $1, or the begin or end of $tag$ ... $tag$. A body of code is read as code, any other is a value.
std::size_t SqlText::dollar(std::string_view text, std::size_t at, State& state) {
  const auto digits = bytes::run(text, at + 1, bytes::digit);
  const auto close = bytes::word_end(text, at + 1);
  if (digits > at + 1 || close >= text.size() || text[close] != '$') {
    const auto end = std::max(digits, at + 1);
    sink_.pass(text.substr(at, end - at));
    return end;
  }
  const auto tag = text.substr(at, close + 1 - at);
  sink_.keep(tag);
  if (tag == state.code_tag) {
    state.code_tag.clear();
    return close + 1;
  }
  if (state.behind == Behind::body && state.code_tag.empty()) {
    state.code_tag = tag;
    return close + 1;
  }
  const auto end = text.find(tag, close + 1);
  // "END $$" of a body that began before the first line we saw
  const auto front = bytes::trimmed(text.substr(0, at));
  if (end == text.npos &&
      (front.empty() || front.ends_with(';') ||
       bytes::Lower{front.size() > 3 ? front.substr(front.size() - 3) : front}.view() == "end"))
    return close + 1;
  sink_.remove(kRule, "text", text.substr(close + 1, end == text.npos ? end : end - close - 1));
  if (end == text.npos) {
    state.tag = tag;
    state.within = Within::dollar_string;
    return text.size();
  }
  sink_.keep(tag);
  return end + tag.size();
}

std::size_t SqlText::comment(std::string_view text, std::size_t at, State& state) {
  if (state.within != Within::comment && text[at] == '-') {
    sink_.keep("--");
    const auto rest = text.substr(at + 2);
    if (!bytes::trimmed(rest).empty()) {
      sink_.keep(' ');
      sink_.remove("SQL comment", "comment", rest);
    }
    return text.size();
  }
  if (state.within != Within::comment) {
    sink_.keep("/*");
    at += 2;
    state.comments = 1;
    state.within = Within::comment;
  }
  std::size_t end = at;
  while (state.comments > 0 && end < text.size()) {
    const auto two = text.substr(end, 2);
    if (two == "/*") ++state.comments;
    if (two == "*/") --state.comments;
    end += two == "/*" || (two == "*/" && state.comments > 0) ? 2 : state.comments > 0 ? 1 : 0;
  }
  sink_.remove("SQL comment", "comment", text.substr(at, end - at));
  if (state.comments > 0) return text.size();
  state.within = Within::code;
  sink_.pass(text.substr(end, 2));
  return end + 2;
}

std::size_t SqlText::number(std::string_view text, std::size_t at, State& state) {
  std::size_t end = bytes::word_end(text, at);
  while (end + 1 < text.size() && text[end] == '.' && bytes::is_digit(text[end + 1]))
    end = bytes::word_end(text, end + 1);
  const auto value = text.substr(at, end - at);
  const bool stays = state.behind == Behind::count || state.behind == Behind::type;
  if (stays && value.size() <= 6)
    sink_.pass(value);
  else
    sink_.remove(kRule, "number", value);
  if (state.behind == Behind::count) state.behind = Behind::anything;
  return end;
}

std::size_t SqlText::word(std::string_view text, std::size_t at, State& state) {
  unsigned seen = 0;
  std::size_t end = at, digits = 0, digits_max = 0;
  for (; end < text.size(); ++end) {
    const unsigned classes = bytes::kClasses[static_cast<unsigned char>(text[end])];
    if ((classes & (bytes::lower | bytes::upper | bytes::digit | bytes::high | bytes::underscore)) == 0)
      break;
    seen |= classes;
    digits = (classes & bytes::digit) != 0 ? digits + 1 : 0;
    digits_max = std::max(digits_max, digits);
  }
  const auto word = text.substr(at, end - at);
  if (end < text.size() && text[end] == '\'' &&
      word.size() <= 2) {  // E'..', B'..', X'..', N'..', U&'..' by its U
    sink_.pass(word);
    return string(text, end, (word.front() | 0x20) == 'e', state);
  }
  const bool plain = (seen & (bytes::upper | bytes::high)) == 0 && digits_max <= 4;
  if (plain && word.size() <= kTypeBytesMax) {
    state.behind = behind(word);
    sink_.pass(word);
    return end;
  }
  KnownWord once;
  bool fresh = true;
  KnownWord& known = word.size() <= KnownWord::kBytesMax ? known_word(word, fresh) : once;
  if (fresh) judge(word, plain, digits_max > 0, known);
  state.behind = known.behind;
  if (known.stays)
    sink_.pass(word);
  else
    sink_.remove("SQL name", "identifier", word);
  return end;
}

SqlText::KnownWord& SqlText::known_word(std::string_view word, bool& fresh) {
  const WordEnds ends{word};
  KnownWord& known = known_words_[ends.hash() % kKnownWords];
  fresh = known.ends != ends || (!ends.are_all() && std::memcmp(known.text.data(), word.data(), word.size()) != 0);
  if (fresh) {
    known.ends = ends;
    std::memcpy(known.text.data(), word.data(), word.size());
  }
  return known;
}

void SqlText::judge(std::string_view word, bool plain, bool digits, KnownWord& into) const {
  if (plain) {  // SET statement_timeout = 60
    into.behind = vocabulary_.has_name(NameKind::setting, word) ? Behind::count : Behind::anything;
    into.stays = true;
    return;
  }
  const bytes::Lower lower{word};
  into.behind = behind(lower.view());
  into.stays = (!digits && vocabulary_.is_keyword(lower.view())) || plausible_name(word);
}

std::size_t SqlText::sign(std::string_view text, std::size_t at, State& state) {
  const char c = text[at];
  // varchar(20) and numeric(6,2), but not varchar = 20
  const bool goes_on = bytes::is_space(c) || (state.behind == Behind::count && (c == '=' || c == '-')) ||
                       (state.behind == Behind::type && (c == '(' || c == ','));
  if (!goes_on) state.behind = Behind::anything;
  auto end = at + 1;
  while (end < text.size() && text[end] == c && bytes::is_space(c)) ++end;
  sink_.pass(text.substr(at, end - at));
  return end;
}

bool SqlText::plausible_name(std::string_view name) const {
  if (name.empty() || name.size() > kNameBytesMax) return false;
  if (rules_.words().columns.contains(name) || is_program_name(name)) return true;
  const bytes::Lower lower{name};
  if (rules_.words().columns.contains(lower.view()) || vocabulary_.has_name(NameKind::any, lower.view()))
    return true;
  // camelCase, PascalCase, Snake_Case: known if each of its words is
  for (std::size_t at = 0; at < name.size();) {
    if (!bytes::is(name[at], bytes::lower | bytes::upper | bytes::digit | bytes::underscore)) return false;
    auto end = at + 1;
    const bool upper =
        bytes::is(name[at], bytes::upper) && end < name.size() && bytes::is(name[end], bytes::upper);
    while (end < name.size() && bytes::is(name[end], upper ? bytes::upper : bytes::lower)) ++end;
    const auto piece = lower.view().substr(at, end - at);
    if (bytes::is(name[at], bytes::digit | bytes::underscore)) {
      end = bytes::run(name, at, bytes::digit | bytes::underscore);
      if (end - at > 4) return false;
    } else if (piece.size() > 2 && !rules_.words().common.contains(piece)) {
      return false;
    }
    at = end;
  }
  return true;
}

bool is_program_name(std::string_view name) {
  std::size_t digits = 0, digits_max = 0;
  for (const char c : name) {
    if (!bytes::is(c, bytes::lower | bytes::digit | bytes::underscore)) return false;
    digits = bytes::is_digit(c) ? digits + 1 : 0;
    digits_max = std::max(digits_max, digits);
  }
  if (digits_max <= 4) return true;
  // tables of a day or a month, and those of the server: events_20260115, pg_toast_16412
  if (name.starts_with("pg_toast_") || name.starts_with("pg_temp_")) return true;
  const auto at = name.find_first_of("0123456789");
  return (digits_max == 8 || digits_max == 6) && name.substr(at).starts_with("20") && at > 0 &&
         at + digits_max == name.size() && name.substr(at + 4, 2) <= "12";
}

std::string_view kind_of_value(std::string_view value) {
  if (value.find('@') != value.npos && value.find(' ') == value.npos) return "email";
  std::size_t digits = 0, dashes = 0, other = 0;
  for (const char c : value) {
    digits += bytes::is_digit(c);
    dashes += c == '-';
    other += !bytes::is_digit(c) && c != '-';
  }
  if (digits == 0) return "text";
  if (other == 0 && dashes == 0) return "number";
  if (other == 0 && dashes == 2 && digits == 9 && value.size() == 11 && value[3] == '-') return "ssn";
  if (value.size() >= 10 && value[4] == '-' && value[7] == '-') return "date";
  if (dashes == 4 && value.size() == 36) return "uuid";
  if (digits >= 9 && digits <= 15 && value.find_first_not_of("0123456789+-(). ") == value.npos)
    return "phone";
  return "text";
}

}  // namespace pgward::rules
