// All patterns with the same need in one automaton: a text is read once to learn which of them match at all.
#pragma once

#include <re2/set.h>

#include <array>
#include <memory>
#include <string_view>
#include <vector>

#include "rules/log/log_rules.h"

namespace pgward::rules {

struct LogRules::Sets {
  explicit Sets(const std::vector<std::unique_ptr<PatternRule>>& patterns);

  class Set {
   public:
    // The rules that match somewhere in the text, by number; all of them where the automaton gives up.
    void matches(std::string_view text, std::vector<int>& out) const;
    const PatternRule& rule(int number) const { return *rules_[static_cast<std::size_t>(number)]; }

   private:
    friend struct Sets;
    std::vector<const PatternRule*> rules_;
    mutable std::once_flag once_;
    mutable std::unique_ptr<re2::RE2::Set>
        automaton_;  // made when it is first asked; null when it is too large
  };
  std::array<Set, static_cast<std::size_t>(Needs::count_)> by_need;
};

}  // namespace pgward::rules
