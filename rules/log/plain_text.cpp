#include "rules/log/plain_text.h"

#include <re2/re2.h>

#include <algorithm>

#include "rules/log/bytes.h"
#include "rules/log/pattern_sets.h"

namespace pgward::rules {
namespace {

constexpr std::size_t kUnknownDigitsMax = 3;

struct Summary {
  bool digits = false, capital = false, at_sign = false, sign = false;
};

// Three digits together, a capital, an @, a sign that could stand behind a key: what rules wait for.
Summary summary(std::string_view text) {
  Summary out;
  unsigned digits = 0;
  for (const char c : text) {
    const auto classes = bytes::kClasses[static_cast<unsigned char>(c)];
    digits = (classes & bytes::digit) != 0 ? digits + 1 : 0;
    out.digits |= digits >= 2;
    out.capital |= (classes & (bytes::upper | bytes::high)) != 0;
    out.at_sign |= c == '@';
    out.sign |= c == '=' || c == ':';
  }
  return out;
}

bool contains_word(std::string_view text, std::string_view word) {
  for (std::size_t at = text.find(word); at != text.npos; at = text.find(word, at + 1)) {
    const auto end = at + word.size();
    const bool front = at == 0 || !bytes::is_letter(text[at - 1]) || !bytes::is_letter(word.front());
    if (front && (end == text.size() || !bytes::is_letter(text[end]) || !bytes::is_letter(word.back())))
      return true;
  }
  return false;
}

bool context_fits(const PatternRule& rule, std::string_view text, std::size_t begin) {
  if (rule.before.empty() && rule.unless_before.empty()) return true;
  const auto from = begin > rule.before_bytes ? begin - rule.before_bytes : 0;
  std::string front{text.substr(from, begin - from)};
  for (char& c : front) c = bytes::to_lower(c);
  const auto stands = [&](const std::string& word) { return contains_word(front, word); };
  return (rule.before.empty() || std::any_of(rule.before.begin(), rule.before.end(), stands)) &&
         std::none_of(rule.unless_before.begin(), rule.unless_before.end(), stands);
}

}  // namespace

void PlainText::find(std::string_view text, const PatternRule& rule) {
  const re2::StringPiece whole{text.data(), text.size()};
  re2::StringPiece groups[2];
  const re2::RE2& regex = rule.regex();
  if (!regex.ok()) return;
  const int wanted = regex.NumberOfCapturingGroups() > 0 ? 2 : 1;
  for (std::size_t at = 0; at < text.size();) {
    if (!regex.Match(whole, at, text.size(), re2::RE2::UNANCHORED, groups, wanted)) return;
    const auto& found = wanted == 2 && groups[1].data() != nullptr ? groups[1] : groups[0];
    const auto begin = static_cast<std::size_t>(found.data() - text.data());
    const auto end = begin + found.size();
    const bool good = (rule.validator == nullptr || rule.validator({text, begin, end, rules_.words()})) &&
                      context_fits(rule, text, begin);
    if (good) spans_.add(begin, end, rule.kind, rule.name);
    // A wrong guess may hide a right one that begins a little later.
    const auto whole_begin = static_cast<std::size_t>(groups[0].data() - text.data());
    at = good ? std::max(end, whole_begin + 1)
              : bytes::run(text, whole_begin, bytes::digit | bytes::lower | bytes::upper | bytes::high);
    at = std::max(at, whole_begin + 1);
  }
}

void PlainText::find_patterns(std::string_view text) {
  const Summary has = summary(text);
  const std::array<bool, static_cast<std::size_t>(Needs::count_)> may{true, has.digits, has.capital,
                                                                      has.at_sign};
  const auto& sets = rules_.sets().by_need;
  for (std::size_t need = 0; need < sets.size(); ++need) {
    if (!may[need]) continue;
    sets[need].matches(text, matches_);
    for (const int number : matches_) find(text, sets[need].rule(number));
  }
  if (has.sign) find_key_values(text, rules_, spans_);
  if (has.capital) find_person_names(text, rules_, spans_);
}

void PlainText::write(std::string_view text) {
  if (text.empty()) return;
  spans_.clear();
  find_patterns(text);
  if (spans_.empty())
    sink_.keep(text);
  else
    spans_.write(text, sink_);
}

void PlainText::write_unknown(std::string_view text) {
  spans_.clear();
  find_patterns(text);
  std::size_t bad = text.size();
  for (std::size_t at = 0; at < bad;) {
    if (spans_.end_of_any_at(at) != at || text[at] == '"' || text[at] == '\'') {
      bad = at;
    } else if (!bytes::is_word(text[at])) {
      ++at;
    } else {
      const auto end = bytes::word_end(text, at);
      const auto word = text.substr(at, end - at);
      const bool number = bytes::is_digit(word.front()) && word.size() > kUnknownDigitsMax;
      const bool name = !bytes::all(word, bytes::lower | bytes::digit | bytes::underscore) &&
                        !rules_.words().common.contains(bytes::Lower{word}.view());
      const bool long_number =
          !number &&
          bytes::run(word,
                     word.find_first_of("0123456789") == word.npos ? 0 : word.find_first_of("0123456789"),
                     bytes::digit) -
                  (word.find_first_of("0123456789") == word.npos ? 0 : word.find_first_of("0123456789")) >
              kUnknownDigitsMax;
      if (number || name || long_number) bad = at;
      at = end;
    }
  }
  sink_.keep(text.substr(0, bad));
  sink_.remove("unknown text", "text", text.substr(bad));
}

bool is_uuid(std::string_view text) {
  if (text.size() != 36) return false;
  for (std::size_t i = 0; i < 36; ++i) {
    const bool dash = i == 8 || i == 13 || i == 18 || i == 23;
    if (dash ? text[i] != '-' : !bytes::is(text[i], bytes::hex)) return false;
  }
  return true;
}

}  // namespace pgward::rules
