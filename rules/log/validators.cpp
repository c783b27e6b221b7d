#include "rules/log/validators.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>

#include "rules/log/bytes.h"
#include "rules/log/log_rules.h"
#include "rules/log/plain_text.h"

namespace pgward::rules {
namespace {

std::string digits_of(std::string_view text) {
  std::string digits;
  for (const char c : text)
    if (bytes::is_digit(c)) digits += c;
  return digits;
}

char before(const Candidate& at) {
  return at.begin == 0 ? ' ' : at.text[at.begin - 1];
}
char after(const Candidate& at) {
  return at.end == at.text.size() ? ' ' : at.text[at.end];
}

bool joined(char c) {
  return bytes::is_word(c);
}

// Neither glued to a longer word nor the middle of a version, a path or a hash.
bool stands_alone(const Candidate& at) {
  if (joined(before(at)) || joined(after(at))) return false;
  const auto glued = [](char sign, char next) {
    return (sign == '.' || sign == '-') && bytes::is_word(next);
  };
  if (at.begin >= 2 && glued(before(at), at.text[at.begin - 2])) return false;
  return !(at.end + 1 < at.text.size() && glued(after(at), at.text[at.end + 1]));
}

// 9xx is no number that was given out, but ITINs begin with it, and a person may be behind it all the same.
bool ssn(const Candidate& at) {
  const auto digits = digits_of(at.value());
  return stands_alone(at) && digits.size() == 9 && digits.substr(0, 3) != "000" &&
         digits.substr(3, 2) != "00" && digits.substr(5) != "0000";
}

// Ten digits of North America, or seven to fifteen with a plus in front (E.164).
bool phone(const Candidate& at) {
  const auto value = at.value();
  const auto digits = digits_of(value);
  if (joined(before(at)) || joined(after(at)) || before(at) == '.' || before(at) == '/') return false;
  // 555-0123-4: a longer number goes on behind it
  if (at.end + 1 < at.text.size() && (after(at) == '-' || after(at) == '.') &&
      bytes::is_digit(at.text[at.end + 1]))
    return false;
  if (at.begin >= 2 && before(at) == '-' && bytes::is_word(at.text[at.begin - 2])) return false;
  if (value.starts_with('+') || value.starts_with("00")) return digits.size() >= 8 && digits.size() <= 15;
  if (digits.size() == 11 && digits.front() == '1') return true;
  return digits.size() >= 9 && digits.size() <= 12 &&
         (digits.size() != 10 || digits.front() >= '2' || digits.front() == '0');
}

bool card(const Candidate& at) {
  const auto digits = digits_of(at.value());
  if (!stands_alone(at) || digits.size() < 13 || digits.size() > 19) return false;
  // 4-4-4-4 is how nothing else is written
  return luhn(digits) || at.value().find_first_of(" -") != std::string_view::npos;
}

bool npi(const Candidate& at) {
  const auto digits = digits_of(at.value());
  return stands_alone(at) && digits.size() == 10 && luhn("80840" + digits);
}

bool dea(const Candidate& at) {
  const auto d = digits_of(at.value());
  if (!stands_alone(at) || d.size() != 7) return false;
  const auto value = [&](std::size_t i) { return d[i] - '0'; };
  const int sum = value(0) + value(2) + value(4) + 2 * (value(1) + value(3) + value(5));
  return sum % 10 == value(6);
}

int vin_value(char c) {
  constexpr std::string_view kLetters = "ABCDEFGH..JKLMN.P.R..STUVWXYZ";
  constexpr std::string_view kValues = "12345678..12345.7.9..23456789";
  if (bytes::is_digit(c)) return c - '0';
  const auto at = kLetters.find(c);
  return at == std::string_view::npos ? -1 : kValues[at] - '0';
}

// ISO 3779, with the check digit of North America.
bool vin(const Candidate& at) {
  constexpr std::array<int, 17> kWeights{8, 7, 6, 5, 4, 3, 2, 10, 0, 9, 8, 7, 6, 5, 4, 3, 2};
  const auto value = at.value();
  if (!stands_alone(at) || value.size() != 17) return false;
  int sum = 0;
  for (std::size_t i = 0; i < 17; ++i) {
    const int one = vin_value(value[i]);
    if (one < 0) return false;
    sum += one * kWeights[i];
  }
  return value[8] == (sum % 11 == 10 ? 'X' : static_cast<char>('0' + sum % 11));
}

bool public_ip(const Candidate& at) {
  if (joined(before(at)) || joined(after(at)) || before(at) == '.' || before(at) == '-' || before(at) == '/')
    return false;
  return is_public_ipv4(at.value());
}

bool public_ip6(const Candidate& at) {
  return !joined(before(at)) && !joined(after(at)) && before(at) != ':' && is_public_ipv6(at.value());
}

bool has_digit(const Candidate& at) {
  if (is_uuid(at.text.substr(at.begin, 36))) return false;
  for (const char c : at.value())
    if (bytes::is_digit(c)) return true;
  return false;
}

// Four digits at least, and no timestamp or UUID.
bool number(const Candidate& at) {
  const auto digits = digits_of(at.value());
  return digits.size() >= 4 && digits.size() <= 20 && !joined(after(at));
}

int two(std::string_view text, std::size_t at) {
  return (text[at] - '0') * 10 + (text[at + 1] - '0');
}

// 1987-02-30 is nobody's birthday, but a typing error of one: only what can be no date at all stays.
bool date(const Candidate& at) {
  if (joined(before(at)) || joined(after(at)) || before(at) == '/' || before(at) == '-') return false;
  const auto value = at.value();
  if (at.end + 1 < at.text.size()) {
    const char next = at.text[at.end + 1];
    if ((after(at) == '-' || after(at) == '/' || after(at) == '.') && bytes::is_word(next)) return false;
    // a time of day follows: a timestamp
    if ((after(at) == ' ' || after(at) == 'T' || after(at) == ':') && bytes::is_digit(next) &&
        at.text.substr(at.end + 1, 6).find(':') != std::string_view::npos)
      return false;
  }
  if (value.size() == 10 && value[4] == '-') return two(value, 5) <= 12 && two(value, 8) <= 31;
  return true;
}

struct NameCounts {
  std::size_t words = 0, listed = 0, unknown = 0;  // listed: as names of people; unknown: to programs as well
};

NameCounts count_names(const Candidate& at) {
  NameCounts counts;
  const auto value = at.value();
  for (std::size_t i = 0; i < value.size();) {
    if (!bytes::is_letter(value[i])) {
      ++i;
      continue;
    }
    const auto end = bytes::word_end(value, i);
    const bytes::Lower word{value.substr(i, end - i)};
    const bool listed = at.words.given_names.contains(word.view()) || at.words.surnames.contains(word.view());
    counts.listed += listed;
    counts.unknown += !listed && !at.words.common.contains(word.view());
    ++counts.words;
    i = end;
  }
  return counts;
}

// A name, not the name of a program: not every word of it is one of programs.
bool person(const Candidate& at) {
  const NameCounts counts = count_names(at);
  return counts.listed + counts.unknown > 0;
}

// Behind a word that need not announce a name ("for", "by"): each of two words could be one, and one of
// them is no word of programs.
bool person_pair(const Candidate& at) {
  const NameCounts counts = count_names(at);
  return counts.words >= 2 && counts.listed + counts.unknown == counts.words;
}

constexpr std::array<std::pair<std::string_view, Validator>, 15> kValidators{
    {{"ssn", ssn},
     {"phone", phone},
     {"card", card},
     {"npi", npi},
     {"dea", dea},
     {"vin", vin},
     {"public_ip", public_ip},
     {"public_ip6", public_ip6},
     {"has_digit", has_digit},
     {"number", number},
     {"date", date},
     {"person", person},
     {"person_pair", person_pair},
     {"alone", stands_alone},
     {"any", [](const Candidate&) { return true; }}}};

std::optional<std::array<int, 4>> parse_ipv4(std::string_view text) {
  std::array<int, 4> out{};
  for (std::size_t i = 0; i < 4; ++i) {
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), out[i]);
    const auto length = static_cast<std::size_t>(end - text.data());
    if (error != std::errc{} || length > 3 || out[i] < 0 || out[i] > 255) return std::nullopt;
    text.remove_prefix(length);
    if (i < 3 && !text.starts_with('.')) return std::nullopt;
    if (i < 3) text.remove_prefix(1);
  }
  return text.empty() ? std::optional{out} : std::nullopt;
}

// The first of eight groups of an address with eight of them, or with "::" for some.
std::optional<unsigned> first_group_of_ipv6(std::string_view text) {
  unsigned first = 0;
  std::size_t groups = 0;
  const bool shortened = text.find("::") != text.npos;
  const bool starts_short = text.starts_with("::");
  while (!text.empty()) {
    const auto end = std::min(text.find(':'), text.size());
    const auto group = text.substr(0, end);
    if (group.size() > 4 || !bytes::all(group, bytes::hex)) return std::nullopt;
    if (!group.empty() && groups++ == 0 && !starts_short)
      std::from_chars(group.data(), group.data() + group.size(), first, 16);
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  if (groups > 8 || (groups < 8 && !shortened)) return std::nullopt;
  return first;
}

}  // namespace

Validator validator_named(std::string_view name) {
  for (const auto& [known, validator] : kValidators)
    if (known == name) return validator;
  return nullptr;
}

std::string_view validator_names() {
  static const std::string names = [] {
    std::string out;
    for (const auto& [name, validator] : kValidators) out.append(out.empty() ? "" : ", ").append(name);
    return out;
  }();
  return names;
}

bool luhn(std::string_view digits) {
  int sum = 0;
  bool twice = false;
  for (std::size_t i = digits.size(); i-- > 0; twice = !twice) {
    const int d = digits[i] - '0';
    sum += twice ? (d > 4 ? 2 * d - 9 : 2 * d) : d;
  }
  return sum % 10 == 0;
}

bool is_private_ipv4(std::string_view address) {
  const auto parsed = parse_ipv4(address);
  if (!parsed) return false;
  const auto& a = *parsed;
  return a[0] == 10 || a[0] == 127 || a[0] == 0 || a[0] >= 224 || (a[0] == 172 && a[1] >= 16 && a[1] < 32) ||
         (a[0] == 192 && a[1] == 168) || (a[0] == 169 && a[1] == 254) ||
         (a[0] == 100 && a[1] >= 64 && a[1] < 128);
}

bool is_public_ipv4(std::string_view address) {
  return parse_ipv4(address) && !is_private_ipv4(address);
}

bool is_public_ipv6(std::string_view address) {
  const auto first = first_group_of_ipv6(address);
  return first && (*first & 0xE000) == 0x2000;  // 2000::/3 is all that is given out
}

}  // namespace pgward::rules
