#include "rules/log/pattern_sets.h"

#include <numeric>

namespace pgward::rules {
namespace {

constexpr std::int64_t kAutomatonBytesMax = 64 << 20;

}  // namespace

LogRules::Sets::Sets(const std::vector<std::unique_ptr<PatternRule>>& patterns) {
  for (const auto& rule : patterns)
    by_need[static_cast<std::size_t>(rule->needs)].rules_.push_back(rule.get());
}

void LogRules::Sets::Set::matches(std::string_view text, std::vector<int>& out) const {
  out.clear();
  if (rules_.empty()) return;
  std::call_once(once_, [this] {
    re2::RE2::Options options;
    options.set_max_mem(kAutomatonBytesMax);
    options.set_log_errors(false);
    automaton_ = std::make_unique<re2::RE2::Set>(options, re2::RE2::UNANCHORED);
    for (const PatternRule* rule : rules_) automaton_->Add(rule->pattern, nullptr);
    if (!automaton_->Compile()) automaton_.reset();
  });
  re2::RE2::Set::ErrorInfo error{re2::RE2::Set::kNoError};
  const bool any = automaton_ && automaton_->Match(re2::StringPiece{text.data(), text.size()}, &out, &error);
  if (any || (automaton_ && error.kind == re2::RE2::Set::kNoError)) return;
  out.resize(rules_.size());
  std::iota(out.begin(), out.end(), 0);
}

}  // namespace pgward::rules
