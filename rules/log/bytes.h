// Classes of bytes, and small steps through a text. A byte above 127 counts as a letter: names have them.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace pgward::rules::bytes {

enum Class : std::uint8_t {
  lower = 1,
  upper = 2,
  digit = 4,
  high = 8,
  underscore = 16,
  space = 32,
  hex = 64
};

inline constexpr std::array<std::uint8_t, 256> kClasses = [] {
  std::array<std::uint8_t, 256> classes{};
  for (unsigned c = 'a'; c <= 'z'; ++c) classes[c] = lower;
  for (unsigned c = 'A'; c <= 'Z'; ++c) classes[c] = upper;
  for (unsigned c = '0'; c <= '9'; ++c) classes[c] = digit | hex;
  for (unsigned c = 'a'; c <= 'f'; ++c) classes[c] |= hex;
  for (unsigned c = 'A'; c <= 'F'; ++c) classes[c] |= hex;
  for (unsigned c = 128; c < 256; ++c) classes[c] = high;
  classes['_'] = underscore;
  for (char c : {' ', '\t', '\r', '\n', '\v', '\f'}) classes[static_cast<unsigned char>(c)] = space;
  return classes;
}();

constexpr bool is(char c, unsigned classes) {
  return (kClasses[static_cast<unsigned char>(c)] & classes) != 0;
}
constexpr bool is_digit(char c) {
  return is(c, digit);
}
constexpr bool is_letter(char c) {
  return is(c, lower | upper | high);
}
constexpr bool is_word(char c) {
  return is(c, lower | upper | high | digit | underscore);
}
constexpr bool is_space(char c) {
  return is(c, space);
}

constexpr char to_lower(char c) {
  return is(c, upper) ? static_cast<char>(c - 'A' + 'a') : c;
}

// The end of the run of these classes that begins at `at`.
constexpr std::size_t run(std::string_view text, std::size_t at, unsigned classes) {
  while (at < text.size() && is(text[at], classes)) ++at;
  return at;
}

constexpr bool all(std::string_view text, unsigned classes) {
  return run(text, 0, classes) == text.size();
}

// As find_first_of(), which asks memchr() for every byte.
template <char... C>
constexpr std::size_t find_one_of(std::string_view text, std::size_t at = 0) {
  for (; at < text.size(); ++at)
    if (((text[at] == C) || ...)) return at;
  return std::string_view::npos;
}

// The end of the word that begins at `at`.
constexpr std::size_t word_end(std::string_view text, std::size_t at) {
  return run(text, at, lower | upper | high | digit | underscore);
}

// Without the spaces around it.
constexpr std::string_view trimmed(std::string_view text) {
  while (!text.empty() && is_space(text.front())) text.remove_prefix(1);
  while (!text.empty() && is_space(text.back())) text.remove_suffix(1);
  return text;
}

// A short word in lower case, without an allocation; empty when it is longer than fits.
class Lower {
 public:
  explicit constexpr Lower(std::string_view word) {
    if (word.size() > sizeof text_) return;
    for (const char c : word) text_[size_++] = to_lower(c);
  }
  constexpr std::string_view view() const { return {text_, size_}; }

 private:
  char text_[64] = {};
  std::size_t size_ = 0;
};

}  // namespace pgward::rules::bytes
