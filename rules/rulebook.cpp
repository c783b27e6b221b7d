#include "rules/rulebook.h"

#include <utility>

#include "rules/packs.h"

namespace pgward::rules {
namespace {

// A log need not say the SQLSTATE ("?": any may be meant).
bool state_fits(std::string_view rule, std::string_view sqlstate) {
  return sqlstate == "?" || rule == "*" || sqlstate.starts_with(rule);
}

bool better(const Rule& a, const Rule& b) {
  if (a.reviewed != b.reviewed) return a.reviewed;
  return a.text.fixed_bytes() > b.text.fixed_bytes();
}

// Cuts off and returns what stands before the next space.
std::string_view take_word(std::string_view& line) {
  const auto gap = line.find(' ');
  const auto word = line.substr(0, gap);
  line.remove_prefix(gap == std::string_view::npos ? line.size() : gap + 1);
  return word;
}

}  // namespace

Rulebook::Rulebook() {
  load(kCorePack, true);
  load(kTranslatedPack, true);
  load(kServerPack, false);
  load(kVersionsPack, false);
}

void Rulebook::load(std::string_view pack, bool reviewed) {
  for_each_line(pack, [&](std::string_view line) {
    const auto sqlstate = take_word(line);
    const auto fields = take_word(line);
    auto text = Template::parse(line);
    // A template without a word of its own would fit everything.
    if (!text || text->fixed_bytes() == 0 || fields.empty()) {
      ++bad_lines_;
      return;
    }
    add(Rule{sqlstate, fields, reviewed, std::move(*text), rules_.size()});
  });
}

void Rulebook::add(Rule rule) {
  const Rule& kept = rules_.emplace_back(std::move(rule));
  const std::string_view front = kept.text.fixed().front();
  const std::string_view back = kept.text.fixed().back();
  if (kept.text.slots().empty()) constants_.insert(front);
  for (const char field : kept.fields) {
    auto& index = by_field_[field];
    std::vector<const Rule*>* into = nullptr;
    for (std::size_t i = 0; i < kKeyBytes.size() && into == nullptr; ++i)
      if (front.size() >= kKeyBytes[i]) into = &index.by_prefix[i][front.substr(0, kKeyBytes[i])];
    for (std::size_t i = 0; i < kKeyBytes.size() && into == nullptr; ++i)
      if (back.size() >= kKeyBytes[i]) into = &index.by_suffix[i][back.substr(back.size() - kKeyBytes[i])];
    (into != nullptr ? *into : index.loose).push_back(&kept);
  }
}

Match Rulebook::find(char field, std::string_view sqlstate, std::string_view text, bool one_line) const {
  Match best;
  const auto index = by_field_.find(field);
  if (index == by_field_.end()) return best;
  const auto try_rule = [&](const Rule& rule) {
    // the cheapest questions first: thousands of rules are asked a second
    if (text.size() < rule.text.fixed_bytes() || !text.starts_with(rule.text.fixed().front())) return;
    if (!state_fits(rule.sqlstate, sqlstate) || (best.rule != nullptr && !better(rule, *best.rule))) return;
    if (auto values = rule.text.match(text, one_line)) best = Match{&rule, std::move(*values)};
  };
  const auto& [by_prefix, by_suffix, loose] = index->second;
  const auto try_all = [&](const RulesByKey& rules, std::string_view key) {
    if (const auto found = rules.find(key); found != rules.end())
      for (const Rule* rule : found->second) try_rule(*rule);
  };
  for (std::size_t i = 0; i < kKeyBytes.size(); ++i) {
    if (text.size() < kKeyBytes[i]) continue;
    try_all(by_prefix[i], text.substr(0, kKeyBytes[i]));
    try_all(by_suffix[i], text.substr(text.size() - kKeyBytes[i]));
  }
  for (const Rule* rule : loose) try_rule(*rule);
  return best;
}

const Rule* Rulebook::find_front(char field, std::string_view text) const {
  const auto index = by_field_.find(field);
  if (index == by_field_.end()) return nullptr;
  for (std::size_t i = 0; i < kKeyBytes.size(); ++i) {
    if (text.size() < kKeyBytes[i]) continue;
    const auto found = index->second.by_prefix[i].find(text.substr(0, kKeyBytes[i]));
    if (found == index->second.by_prefix[i].end()) continue;
    const Rule* best = nullptr;
    for (const Rule* rule : found->second) {
      const auto& front = rule->text.fixed().front();
      if (rule->text.slots().empty() || !holds_values(rule->text.slots().front()) || !text.starts_with(front))
        continue;
      if (best == nullptr || front.size() > best->text.fixed().front().size()) best = rule;
    }
    if (best != nullptr) return best;
  }
  return nullptr;
}

}  // namespace pgward::rules
