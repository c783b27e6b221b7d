#include "rules/log/log_rules.h"

#include <re2/re2.h>

#include <algorithm>

#include "rules/log/bytes.h"
#include "rules/log/pattern_sets.h"
#include "rules/log/rule_reader.h"
#include "rules/packs.h"

namespace pgward::rules {
namespace {

constexpr std::size_t kKeyBytesMax = 64;
constexpr std::int64_t kPatternMemoryMax = 8 << 20;

// "patientName", "PATIENT_NAME" and "patient-name" are one: their letters and digits in lower case, and
// where the last word, and the last two words, begin.
struct Key {
  char text[kKeyBytesMax];
  std::size_t size = 0, last_word = 0, word_before = 0;
  std::string_view view() const { return {text, size}; }
  std::string_view from(std::size_t at) const { return view().substr(at); }
};

bool begins_word(std::string_view key, std::size_t i) {
  using bytes::is;
  if (i == 0 || !is(key[i - 1], bytes::lower | bytes::upper | bytes::digit | bytes::high)) return true;
  if (!is(key[i], bytes::upper)) return false;
  const bool next_is_lower = i + 1 < key.size() && is(key[i + 1], bytes::lower);
  return is(key[i - 1], bytes::lower | bytes::digit) || next_is_lower;
}

Key read_key(std::string_view key) {
  Key out;
  for (std::size_t i = 0; i < key.size() && out.size < kKeyBytesMax; ++i) {
    if (!bytes::is(key[i], bytes::lower | bytes::upper | bytes::digit | bytes::high)) continue;
    if (begins_word(key, i)) {
      out.word_before = out.last_word;
      out.last_word = out.size;
    }
    out.text[out.size++] = bytes::to_lower(key[i]);
  }
  return out;
}

}  // namespace

std::string RuleMistake::shown() const {
  return file + ":" + std::to_string(line) + ":" + std::to_string(column) + ": " + text;
}

LogRules::LogRules() : sets_(std::make_unique<Sets>(patterns_)) {
  read_word_pack();
}
LogRules::~LogRules() = default;

std::string_view LogRules::stored(std::string_view text) {
  return texts_.emplace_back(text);
}

void LogRules::add_key(std::string_view key, std::string_view kind) {
  const Key read = read_key(key);
  if (read.size > 0) keys_.insert(stored(read.view()), stored(kind));
}

void LogRules::add_name(std::string_view name) {
  words_.columns.insert(stored(name));
}

void LogRules::add_common_word(std::string_view word) {
  if (!words_.common.contains(word)) words_.common.insert(stored(word));
}

std::string_view LogRules::kind_of_key(std::string_view key) const {
  const Key read = read_key(key);
  if (read.size == 0) return {};
  if (const auto* kind = keys_.get(read.view())) return *kind;
  if (plain_keys_.contains(read.view())) return {};
  for (const auto from : {read.word_before, read.last_word})
    if (const auto* kind = last_words_.get(read.from(from))) return *kind;
  return {};
}

bool LogRules::is_plain_key(std::string_view key) const {
  const Key read = read_key(key);
  return read.size > 0 && plain_keys_.contains(read.view());
}

std::vector<RuleMistake> LogRules::load(std::string_view yaml, const std::string& file, Patterns patterns) {
  RuleReader reader{*this, file, patterns == Patterns::checked};
  auto mistakes = reader.read(yaml);
  if (mistakes.empty()) sets_ = std::make_unique<Sets>(patterns_);
  return mistakes;
}

void LogRules::read_word_pack() {
  for_each_line(kWordPack, [&](std::string_view line) {
    const auto list = line.substr(0, line.find(' '));
    WordSet& words = list == "given"     ? words_.given_names
                     : list == "surname" ? words_.surnames
                                         : words_.common;
    for (std::size_t at = list.size() + 1; at < line.size();) {
      const auto end = std::min(line.find(' ', at), line.size());
      words.insert(line.substr(at, end - at));
      at = end + 1;
    }
  });
}

PatternRule::PatternRule() = default;
PatternRule::~PatternRule() = default;

const re2::RE2& PatternRule::regex() const {
  std::call_once(once_, [this] {
    re2::RE2::Options options;
    options.set_log_errors(false);
    options.set_max_mem(kPatternMemoryMax);
    regex_ = std::make_unique<const re2::RE2>(pattern, options);
  });
  return *regex_;
}

std::string PatternRule::mistake() const {
  if (!regex().ok()) return regex().error();
  return re2::RE2::FullMatch("", regex()) ? "it matches the empty text" : "";
}

std::unique_ptr<LogRules> shipped_log_rules(std::vector<RuleMistake>& mistakes) {
  auto rules = std::make_unique<LogRules>();
  mistakes = rules->load(kLogPack, "rules/packs/log.yaml", LogRules::Patterns::trusted);
  return rules;
}

}  // namespace pgward::rules
