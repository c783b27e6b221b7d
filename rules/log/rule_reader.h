// Reads one rule file into LogRules. Every mistake is told at once, with its place; a file with one changes
// nothing.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "rules/log/log_rules.h"

namespace YAML {
class Node;
}

namespace pgward::rules {

class RuleReader {
 public:
  RuleReader(LogRules& rules, std::string file, bool patterns_checked)
      : rules_(rules), file_(std::move(file)), patterns_checked_(patterns_checked) {}
  std::vector<RuleMistake> read(std::string_view yaml);

 private:
  struct Word {
    std::string text, meaning;
  };

  void read_section(const std::string& name, const YAML::Node& value);
  void read_kinds(const YAML::Node& value, std::vector<Word>& into);
  void read_words(const YAML::Node& value, std::vector<Word>& into);
  void read_lists(const YAML::Node& value);
  void read_rule(const YAML::Node& value);
  void read_rule_part(PatternRule& rule, const std::string& name, const YAML::Node& value);
  void read_tests(PatternRule& rule, const YAML::Node& value);
  void compile(PatternRule& rule);
  void mistake(const YAML::Node& at, std::string text);
  void apply();

  LogRules& rules_;
  std::string file_;
  bool patterns_checked_;
  std::vector<RuleMistake> mistakes_;
  std::vector<Word> keys_, last_words_, plain_keys_, common_, given_names_, surnames_;
  std::vector<std::unique_ptr<PatternRule>> patterns_;
};

}  // namespace pgward::rules
