// SQL in a log: every literal goes, whatever it looks like; names and key words stay if they can be names.
//
// A statement may go over several lines: write() each with the same state.
#pragma once

#include <array>
#include <string>
#include <string_view>

#include "rules/log/log_rules.h"
#include "rules/log/sink.h"
#include "rules/vocabulary.h"

namespace pgward::rules {

class SqlText {
 public:
  enum class Within { code, string, escape_string, dollar_string, name, comment };
  static constexpr std::size_t kKnownWords = 1024;
  struct State {
    Within within = Within::code;
    std::string tag;       // of the dollar string that is open
    std::string code_tag;  // of the body (DO $$ ... $$) that is read as code
    int comments = 0;      // open /*
    enum class Behind {
      anything,
      count,
      type,
      body
    } behind = Behind::anything;  // what the last word lets follow
    void clear() {
      within = Within::code;
      tag.clear();
      code_tag.clear();
      comments = 0;
      behind = Behind::anything;
    }
    // Nothing is open: what was written depends on nothing before it, and nothing behind depends on it.
    bool at_rest() const { return within == Within::code && code_tag.empty() && behind == Behind::anything; }
  };

  SqlText(const LogRules& rules, const Vocabulary& vocabulary, Sink& sink)
      : rules_(rules), vocabulary_(vocabulary), sink_(sink), known_words_(kKnownWords) {}

  void write(std::string_view text, State& state);

  // Whether a name may stay: one that the policy or PostgreSQL knows, or that is written as programs do.
  bool plausible_name(std::string_view name) const;

 private:
  // What became of a word without a look at the lists: most words of a log come again and again.
  struct KnownWord {
    static constexpr std::size_t kBytesMax = 38;
    WordEnds ends;  // of no word at first
    std::array<char, kBytesMax> text;
    bool stays = false;
    State::Behind behind = State::Behind::anything;
  };
  KnownWord& known_word(std::string_view word, bool& fresh);
  void judge(std::string_view word, bool plain, bool digits, KnownWord& into) const;

  std::size_t go_on(std::string_view text, State& state);
  std::size_t string(std::string_view text, std::size_t at, bool escapes, State& state);
  std::size_t quoted_name(std::string_view text, std::size_t at, State& state);
  std::size_t dollar(std::string_view text, std::size_t at, State& state);
  std::size_t comment(std::string_view text, std::size_t at, State& state);
  std::size_t number(std::string_view text, std::size_t at, State& state);
  std::size_t word(std::string_view text, std::size_t at, State& state);
  std::size_t sign(std::string_view text, std::size_t at, State& state);

  const LogRules& rules_;
  const Vocabulary& vocabulary_;
  Sink& sink_;
  std::vector<KnownWord> known_words_;  // by hash
};

// What a value looks like: ssn, email, phone, date, uuid, number; "text" for anything else.
std::string_view kind_of_value(std::string_view value);

// Lower case, digits and underscores without a long number: how programs write names.
bool is_program_name(std::string_view name);

}  // namespace pgward::rules
