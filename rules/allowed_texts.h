// Texts of the database's own code (RAISE and its kin) that a policy lets through.
//
// Written as the format of RAISE: % is a value, which goes whatever it is, %% a percent sign. What comes back is
// the policy's own words: nobody can get more out of it than which of its texts was raised.
#pragma once

#include <cstddef>
#include <deque>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "rules/template.h"

namespace pgward::rules {

class SlotText;

class AllowedTexts {
 public:
  static constexpr std::size_t kTextBytesMax = 1000;
  static constexpr std::size_t kValuesMax = 16;
  static constexpr std::size_t kWordBytesMin = 4;  // of a text that can be told from others

  struct Kept {
    std::string text;
    unsigned values_removed = 0;
    std::string_view name;  // of the text that it is
  };

  // What is wrong with such a text; empty when it can be used.
  static std::string_view mistake(std::string_view format);

  // `sqlstate`: the only one that it is allowed with, or empty. `name`: how explanations call it. A text with a mistake
  // is not taken.
  void add(std::string_view format, std::string sqlstate, std::string name);

  // The text without its values, when it is one of these. Texts with more words of their own come first.
  std::optional<Kept> keep(std::string_view sqlstate, std::string_view text) const;

  // The same for a log: `in_place` says what stands for a value, `sqlstate` may be "?".
  std::optional<Kept> keep(std::string_view sqlstate, std::string_view text, SlotText* in_place) const;

  bool empty() const { return texts_.empty(); }

 private:
  struct Allowed {
    Template text;
    std::string sqlstate, name;
  };
  std::vector<Allowed> texts_;  // the most fixed text first
};

}  // namespace pgward::rules
