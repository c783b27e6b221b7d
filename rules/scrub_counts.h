// How often each rule was right, for metrics: which rule took what kind out of errors and notices, never the value.
//
// Counted from any thread; render() may run meanwhile. The number of series is bounded by the packs, and by
// kRulesShown: what else was counted is summed up as rule="other".
#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "rules/rulebook.h"

namespace pgward::rules {

class ScrubCounts {
 public:
  static constexpr std::size_t kRulesShown = 200;

  explicit ScrubCounts(const Rulebook& book);

  enum class Why { raised, no_template };  // of a text that became the standard text of its SQLSTATE

  void message() { add(messages_); }
  void removed(const Rule& rule, std::size_t slot) { add(by_slot_[first_[rule.number] + slot]); }
  void replaced(std::string_view sqlstate, Why why);
  void allowed() { add(allowed_); }
  void dropped(char field);

  // The text format of Prometheus, appended.
  void render(std::string& out) const;

 private:
  using Count = std::atomic<std::uint64_t>;
  static void add(Count& count) { count.fetch_add(1, std::memory_order_relaxed); }
  void render_rules(std::string& out) const;

  const Rulebook& book_;
  std::vector<std::size_t> first_;  // by the rule's number: of its slots' counts
  std::vector<Count> by_slot_;
  std::vector<std::string_view> states_;  // sorted: no other SQLSTATE is a label, since RAISE can make any up
  std::vector<std::array<Count, 2>> replaced_;  // the last: of other states
  std::array<Count, 128> dropped_{};
  Count messages_{0}, allowed_{0};
};

}  // namespace pgward::rules
