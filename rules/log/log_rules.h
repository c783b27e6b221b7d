// What the log filter goes by, as data: words that say what a key holds, patterns, word lists. Read from
// YAML (rules/packs/log.yaml and files of the DBA's own); see docs/scrubbing.md for the form.
//
// load_rules() any number of files, then hand the result to a LogFilter. Immutable from then on, and
// shared between threads as it is.
#pragma once

#include <deque>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "rules/allowed_texts.h"
#include "rules/log/validators.h"
#include "rules/word_set.h"

namespace re2 {
class RE2;
}

namespace pgward::rules {

// Something wrong in a rule file, with its place; counted from 1.
struct RuleMistake {
  std::string file;
  int line = 0, column = 0;
  std::string text;
  std::string shown() const;  // file:line:column: text
};

struct RuleTest {
  std::string text, expected;
  int line = 0, column = 0;
};

// What must stand in a text for a pattern to have a chance: asked before the pattern is.
enum class Needs { anything, digit, capital, at_sign, count_ };

class PatternRule {
 public:
  std::string name, kind, pattern, file;
  int line = 0, column = 0;
  Needs needs = Needs::anything;
  Validator validator = nullptr;
  std::vector<std::string> before;         // one of these, in lower case, stands in front of it...
  std::size_t before_bytes = 40;           // ...within so many bytes
  std::vector<std::string> unless_before;  // none of these does
  std::vector<RuleTest> tests;

  // Its first group, if it has one, is what goes. Made when it is first asked for: most logs need few of
  // them, and all together take a tenth of a second.
  const re2::RE2& regex() const;
  // What is wrong with the pattern; empty when nothing is.
  std::string mistake() const;

  PatternRule();
  ~PatternRule();

 private:
  mutable std::once_flag once_;
  mutable std::unique_ptr<const re2::RE2> regex_;
};

// Texts that are kept or known, by what they are for.
struct WordLists {
  WordSet common;       // lower case: words of programs, not of people
  WordSet given_names;  // lower case
  WordSet surnames;
  WordSet columns;  // of the policy: names that may stay in statements and messages
};

class LogRules {
 public:
  LogRules();
  ~LogRules();
  LogRules(const LogRules&) = delete;
  LogRules& operator=(const LogRules&) = delete;

  enum class Patterns { checked, trusted };  // trusted: of the shipped file, which a test has checked

  // Adds a file; what it says comes before what is there already. Without mistakes, or not at all.
  std::vector<RuleMistake> load(std::string_view yaml, const std::string& file,
                                Patterns patterns = Patterns::checked);

  // A key that the caller knows the kind of: a PHI column of the policy.
  void add_key(std::string_view key, std::string_view kind);
  // A name that may stay where it names something: a table or column of the policy.
  void add_name(std::string_view name);

  // A text of the database's own code that may stay: see AllowedTexts::add().
  void add_allowed_text(std::string_view format, std::string sqlstate, std::string name) {
    allowed_.add(format, std::move(sqlstate), std::move(name));
  }
  const AllowedTexts& allowed_texts() const { return allowed_; }

  // A word of programs, in lower case.
  void add_common_word(std::string_view word);

  // The kind of what a key holds ("patientName", "PATIENT_NAME", "home-phone"); empty when it says nothing.
  std::string_view kind_of_key(std::string_view key) const;
  // A key of which the value is never looked at (trace_id, version...): nothing in it is a person's.
  bool is_plain_key(std::string_view key) const;

  const WordLists& words() const { return words_; }
  const std::vector<std::unique_ptr<PatternRule>>& patterns() const { return patterns_; }
  // All patterns with the same need in one automaton (pattern_sets.h).
  struct Sets;
  const Sets& sets() const { return *sets_; }

 private:
  friend class RuleReader;
  std::string_view stored(std::string_view text);
  void read_word_pack();

  std::deque<std::string> texts_;  // stands still: everything else has views of it
  WordMap<std::string_view> keys_, last_words_;
  WordSet plain_keys_;
  AllowedTexts allowed_;
  WordLists words_;
  std::vector<std::unique_ptr<PatternRule>> patterns_;
  std::unique_ptr<Sets> sets_;
};

// The shipped rules. Made once.
std::unique_ptr<LogRules> shipped_log_rules(std::vector<RuleMistake>& mistakes);

}  // namespace pgward::rules
