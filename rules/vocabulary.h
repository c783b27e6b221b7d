// Names and words that every PostgreSQL knows: its key words, built-in types, functions, settings,
// system relations, and how it calls a severity in each of its languages. From packs/builtin.rules.
#pragma once

#include <array>
#include <string_view>

#include "rules/word_set.h"
#include "rules/scrubber.h"

namespace pgward::rules {

class Vocabulary {
 public:
  Vocabulary();

  bool has_name(NameKind kind, std::string_view name) const;
  bool is_keyword(std::string_view lower_case) const { return keywords_.contains(lower_case); }
  bool is_severity(std::string_view word) const { return severities_.contains(word); }

 private:
  using Words = WordSet;

  Words keywords_, severities_;
  std::array<Words, static_cast<std::size_t>(NameKind::any) + 1> names_;  // by NameKind
};

}  // namespace pgward::rules
