// All the templates of the packs, found by field, SQLSTATE and text.
#pragma once

#include <array>
#include <cstdint>
#include <deque>
#include <string>
#include <string_view>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "rules/template.h"

namespace pgward::rules {

struct Rule {
  std::string_view sqlstate;  // five characters, a class, or "*"; a view into its pack
  std::string_view fields;    // of "MDHWOX"
  bool reviewed = false;      // written by hand: comes before a generated one
  Template text;
  std::size_t number = 0;  // its place among all
};

struct Match {
  const Rule* rule = nullptr;
  std::vector<std::string_view> values;  // of its slots; views into the message
};

class Rulebook {
 public:
  // Lines that do not parse are counted, not used: a test asks that there are none.
  Rulebook();

  // The rule whose template the text is, nullptr in it when there is none. Reviewed rules come first,
  // then the one with the most fixed text: it says most about what the slots are.
  Match find(char field, std::string_view sqlstate, std::string_view text, bool one_line = false) const;

  // The rule with the longest fixed text that the text begins with and that a value follows: the first
  // line of a message whose value has line breaks. nullptr when there is none.
  const Rule* find_front(char field, std::string_view text) const;

  // A whole constant text of the server ("quantifier operand invalid").
  bool is_constant(std::string_view text) const { return constants_.contains(text); }

  const std::deque<Rule>& rules() const { return rules_; }
  std::size_t bad_lines() const { return bad_lines_; }

 private:
  void load(std::string_view pack, bool reviewed);
  void add(Rule rule);

  // Long enough to tell most templates apart ("could not open f"); a shorter one for those that have no more.
  static constexpr std::array<std::size_t, 2> kKeyBytes{16, 8};
  using RulesByKey = std::unordered_map<std::string_view, std::vector<const Rule*>>;

  // The rules for one field, by the first bytes of the fixed text in front, or the last bytes of that
  // behind when a slot comes first, by the length of the key; the rest one by one.
  struct Index {
    std::array<RulesByKey, kKeyBytes.size()> by_prefix, by_suffix;
    std::vector<const Rule*> loose;
  };

  std::deque<Rule> rules_;  // stands still: the indexes point into it
  std::unordered_map<char, Index> by_field_;
  std::unordered_set<std::string_view> constants_;
  std::size_t bad_lines_ = 0;
};

}  // namespace pgward::rules
