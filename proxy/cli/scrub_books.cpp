#include "proxy/cli/scrub_books.h"

#include <algorithm>
#include <array>
#include <cstdio>

#include "policy/policy.h"
#include "proxy/cli/database.h"
#include "proxy/config/config.h"
#include "rules/scrubber.h"

namespace pgward::proxy {
namespace {

constexpr std::size_t kSecretBytesMin = 16;
constexpr std::size_t kSecretBytesMax = 4096;

// Columns with names like these are in every program's log with another meaning.
constexpr std::array<std::string_view, 12> kAnybodys{"value", "test", "name", "type", "result", "reason",
                                                     "text",  "data", "id",   "code", "state",  "message"};

void show(const std::vector<rules::RuleMistake>& mistakes) {
  for (const auto& mistake : mistakes) std::fprintf(stderr, "%s\n", mistake.shown().c_str());
}

// Kinds are the policy's own words; these are what the filter calls the same.
std::string_view shown_kind(std::string_view kind) {
  if (kind == "address" || kind == "city" || kind == "zip") return "geo";
  return kind;
}

void add_policy(const policy::Policy& policy, rules::LogRules& rules) {
  for (const auto& [name, table] : policy.tables) {
    rules.add_name(name.schema);
    rules.add_name(name.name);
    for (const auto& column : table.tenant) rules.add_name(column.column);
    for (const auto* columns : {&table.record, &table.subject})
      for (const auto& column : *columns) rules.add_name(column);
    for (const auto& [column, kind] : table.phi) {
      if (column == policy::kEveryColumn) continue;
      rules.add_name(column);
      const bool anybodys = std::find(kAnybodys.begin(), kAnybodys.end(), column) != kAnybodys.end();
      if (!anybodys && !rules.is_plain_key(column)) rules.add_key(column, shown_kind(kind));
    }
  }
  for (const auto& [name, role] : policy.roles) rules.add_name(name);
  for (const auto& text : policy.allowed_texts) rules.add_allowed_text(text.text, text.sqlstate, text.place.text());
}

bool texts_can_be_used(const policy::Policy& policy) {
  bool good = true;
  for (const auto& text : policy.allowed_texts) {
    const auto wrong = rules::AllowedTexts::mistake(text.text);
    if (wrong.empty()) continue;
    std::fprintf(stderr, "%s: allowed text %.*s\n", text.place.text().c_str(), static_cast<int>(wrong.size()), wrong.data());
    good = false;
  }
  return good;
}

}  // namespace

void add_scrub_sources(CLI::App& command, ScrubSources& sources) {
  command.add_option("--policy", sources.policy, "policy file: its columns and kinds of PHI are known words");
  command.add_option("--rules", sources.rules,
                     "file with rules of your own; they come before the shipped ones");
}

std::unique_ptr<rules::LogBooks> scrub_books(const ScrubSources& sources) {
  std::vector<rules::RuleMistake> mistakes;
  auto rules = rules::shipped_log_rules(mistakes);
  show(mistakes);
  bool good = mistakes.empty();
  for (const auto& file : sources.rules) {
    const auto text = read_file(file);
    if (!text) {
      std::fprintf(stderr, "%s:1:1: cannot be read\n", file.c_str());
      return nullptr;
    }
    mistakes = rules->load(*text, file);
    show(mistakes);
    good = good && mistakes.empty();
  }
  if (!good) return nullptr;
  if (!sources.policy.empty()) {
    const auto policy = policy_from(sources.policy);
    if (!policy || !texts_can_be_used(*policy)) return nullptr;
    add_policy(*policy, *rules);
  }
  return std::make_unique<rules::LogBooks>(std::move(rules));
}

// As a client would get them: a text that is none of those allowed becomes the standard text of its SQLSTATE.
std::optional<TestCounts> test_allowed_texts(const std::string& policy_file) {
  const auto policy = policy_from(policy_file);
  if (!policy || !texts_can_be_used(*policy)) return std::nullopt;
  rules::AllowedTexts all;
  for (const auto& text : policy->allowed_texts) all.add(text.text, text.sqlstate, text.place.text());
  TestCounts counts;
  for (const auto& text : policy->allowed_texts) {
    const std::string_view sqlstate = text.sqlstate.empty() ? "P0001" : std::string_view(text.sqlstate);
    for (const auto& test : text.tests) {
      const auto kept = all.keep(sqlstate, test.raised);
      const std::string actual = kept ? kept->text : std::string(rules::condition_text(sqlstate));
      ++(actual == test.shown ? counts.passed : counts.failed);
      if (actual != test.shown)
        std::printf("%s: FAILED allowed text\n    expected: %s\n    actual:   %s\n", test.place.text().c_str(), test.shown.c_str(), actual.c_str());
    }
  }
  return counts;
}

std::unique_ptr<rules::Pseudonyms> pseudonyms_from(const std::string& file) {
  auto secret = read_file(file);
  while (secret && (secret->ends_with('\n') || secret->ends_with('\r'))) secret->pop_back();
  if (secret && secret->size() >= kSecretBytesMin && secret->size() <= kSecretBytesMax)
    return std::make_unique<rules::Pseudonyms>(std::move(*secret));
  std::fprintf(stderr, "%s: not a secret of %zu to %zu bytes that can be read\n", file.c_str(),
               kSecretBytesMin, kSecretBytesMax);
  return nullptr;
}

}  // namespace pgward::proxy
