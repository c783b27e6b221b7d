// Keys and their values in running text.
#include <algorithm>
#include <array>

#include "rules/log/bytes.h"
#include "rules/log/plain_text.h"

namespace pgward::rules {
namespace {

constexpr std::size_t kKeyBytesMax = 64;
constexpr std::size_t kWordsMax = 6;  // of a value without quotes

bool is_key_byte(char c) {
  return bytes::is_word(c) || c == '-' || c == '.';
}

struct Key {
  std::size_t begin, end;
  bool quoted;
};

// What stands in front of the sign at `at`: a bare or quoted word; empty when there is none.
Key key_in_front(std::string_view text, std::size_t at) {
  std::size_t end = at;
  while (end > 0 && text[end - 1] == ' ') --end;
  if (end == 0) return {0, 0, false};
  const char quote = text[end - 1];
  const bool quoted = quote == '"' || quote == '\'';
  if (quoted) --end;
  // \"key\": a JSON text inside of a JSON text
  if (quoted && end > 0 && text[end - 1] == '\\') --end;
  std::size_t begin = end;
  while (begin > 0 && end - begin < kKeyBytesMax && is_key_byte(text[begin - 1])) --begin;
  while (begin < end && !bytes::is_letter(text[begin])) ++begin;
  return {begin, end, quoted};
}

bool ends_bare_value(char c) {
  return bytes::is_space(c) || std::string_view{"&;,)]}\"'|<>"}.find(c) != std::string_view::npos;
}

std::size_t quoted_end(std::string_view text, std::size_t at, char quote) {
  while (at < text.size() && text[at] != quote)
    at += text[at] == '\\' && at + 1 < text.size() && text[at + 1] != quote ? 2 : 1;
  return std::min(at, text.size());
}

bool capitalised(std::string_view word) {
  return !word.empty() && bytes::is(word.front(), bytes::upper | bytes::high);
}

bool is_month(std::string_view word) {
  constexpr std::string_view kMonths = "jan feb mar apr may jun jul aug sep oct nov dec ";
  return word.size() >= 3 && kMonths.find(bytes::Lower{word.substr(0, 3)}.view()) % 4 == 0;
}

bool goes_on(std::string_view kind, std::string_view word, char sign) {
  if (kind == "name") return capitalised(word);
  if (kind == "geo" || kind == "clinical" || kind == "free_text") return true;
  if (kind == "phone" || kind == "fax") return word.find_first_not_of("0123456789()+-./") == word.npos;
  if (sign == '=') return false;
  return is_month(word) || std::any_of(word.begin(), word.end(), bytes::is_digit);
}

// A value without quotes reaches over spaces as long as the next word can belong to it and is no key.
std::size_t bare_end(std::string_view text, std::size_t begin, std::string_view kind, char sign) {
  const bool commas = kind == "geo" || kind == "free_text" || kind == "clinical";
  std::size_t end = begin, words = 0;
  const auto words_max = sign == '&' ? 1 : commas ? 4 * kWordsMax : kWordsMax;
  while (end < text.size() && words < words_max) {
    std::size_t word = end;
    if (words > 0) {
      if (text[word] == ',' && (commas || kind == "name")) ++word;
      if (word >= text.size() || text[word] != ' ') break;
      ++word;
    }
    auto stop = word;
    while (stop < text.size() && (!ends_bare_value(text[stop]) || (stop == word && text[stop] == '(')))
      ++stop;
    if (stop < text.size() && text[stop] == ')' && text.substr(word, stop - word).find('(') != text.npos)
      ++stop;
    const auto part = text.substr(word, stop - word);
    if (part.empty() ||
        (words > 0 && (!goes_on(kind, part, sign) || part.find('=') != part.npos || part.back() == ':')))
      break;
    end = stop;
    ++words;
  }
  return end;
}

// Behind the sign; npos when no value can begin there.
std::size_t value_begin(std::string_view text, std::size_t sign, const Key& key) {
  std::size_t at = sign + 1;
  if (text[sign] == '=' && at < text.size() && text[at] == '>') ++at;  // Ruby, Perl, PHP
  const auto spaces = bytes::run(text, at, bytes::space);
  if (text[sign] == ':') {
    if (at < text.size() && text[at] == '/') return text.npos;
    return spaces;
  }
  if (spaces > at && spaces < text.size() && text[spaces] != '\'' && text[spaces] != '"' && !key.quoted)
    return text.npos;
  return spaces;
}

void find_value(std::string_view text, std::size_t begin, std::string_view kind, char sign,
                const LogRules& rules, Spans& spans) {
  std::size_t end = 0;
  if (text.substr(begin).starts_with("\\\"")) {
    begin += 2;
    end = std::min(text.find("\\\"", begin), text.size());
  } else if (text[begin] == '"' || text[begin] == '\'') {
    const char quote = text[begin++];
    end = quoted_end(text, begin, quote);
  } else if (text[begin] == '{' || text[begin] == '[') {
    return;
  } else {
    end = bare_end(text, begin, kind, sign);
  }
  while (end > begin && (text[end - 1] == '.' || text[end - 1] == ':')) --end;
  const auto value = text.substr(begin, end - begin);
  if (!value_stays(kind, value, rules)) spans.add(begin, end, kind, "key");
}

bool is_address_of_machine(std::string_view value) {
  if (value.starts_with("0x") || value.find("://") != value.npos) return true;
  if (value.find(' ') != value.npos) return false;
  // host:port, 10.2.3.4, db.internal; not 97074, and not "St.Gallen"
  return value.find_first_of(".:") != value.npos && std::none_of(value.begin(), value.end(), [](char c) {
           return bytes::is(c, bytes::upper | bytes::high);
         });
}

}  // namespace

bool value_stays(std::string_view kind, std::string_view value, const LogRules& rules) {
  constexpr std::array<std::string_view, 12> kNothing{
      "null", "none", "nil", "undefined", "true", "false", "-", "[null]", "nan", "n/a", "unknown", "?"};
  value = bytes::trimmed(value);
  if (value.size() < 2) return value.empty() || !bytes::is_word(value.front()) || kind != "name";
  const bytes::Lower lower{value};
  if (std::find(kNothing.begin(), kNothing.end(), lower.view()) != kNothing.end() || is_uuid(value))
    return true;
  if (value.front() == '$' || value.front() == '%' || value.front() == '<')
    return value.size() <= 3 || value.front() == '<';
  if (value.front() == '[' && value.back() == ']') return true;  // a placeholder already
  if (kind == "ip") return !is_public_ipv4(value) && !is_public_ipv6(value);
  if (kind == "geo") return is_address_of_machine(value);
  if (kind == "name") {
    // "patient=created": words of programs; but a name may be one of them, so only in lower case
    for (std::size_t at = 0; at < value.size();) {
      const auto end = bytes::word_end(value, at);
      if (end > at && !rules.words().common.contains(value.substr(at, end - at))) return false;
      at = end + 1;
    }
    return true;
  }
  if (kind == "phone" || kind == "fax") return std::count_if(value.begin(), value.end(), bytes::is_digit) < 7;
  if (kind == "clinical" || kind == "free_text" || kind == "email" || kind == "url" || kind == "photo")
    return false;
  return std::none_of(value.begin(), value.end(), bytes::is_digit);
}

void find_key_values(std::string_view text, const LogRules& rules, Spans& spans) {
  for (std::size_t at = bytes::find_one_of<'=', ':'>(text); at != text.npos;
       at = bytes::find_one_of<'=', ':'>(text, at + 1)) {
    const Key key = key_in_front(text, at);
    if (key.begin == key.end) continue;
    const auto name = text.substr(key.begin, key.end - key.begin);
    const auto begin = value_begin(text, at, key);
    if (begin >= text.size()) continue;
    const auto kind = rules.kind_of_key(name);
    // in a query a value ends at the next space, whatever it is
    const bool in_url = key.begin > 0 && (text[key.begin - 1] == '?' || text[key.begin - 1] == '&');
    if (!kind.empty())
      find_value(text, begin, kind, in_url ? '&' : text[at], rules, spans);
    else if (text[at] == '=' && rules.is_plain_key(name))
      spans.add(begin, bare_end(text, begin, "-", '='), {}, "plain key");
  }
}

}  // namespace pgward::rules
