#include "rules/rulebook.h"

#include <utility>

#include "rules/packs.h"

namespace pgward::rules {
namespace {

// Long enough to tell most templates apart, short enough that nearly all have it.
constexpr std::size_t kKeyBytes = 8;

bool state_fits(std::string_view rule, std::string_view sqlstate) {
  return rule == "*" || sqlstate.starts_with(rule);
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
    add(Rule{sqlstate, fields, reviewed, std::move(*text)});
  });
}

void Rulebook::add(Rule rule) {
  const Rule& kept = rules_.emplace_back(std::move(rule));
  const std::string_view front = kept.text.fixed().front();
  const std::string_view back = kept.text.fixed().back();
  if (kept.text.slots().empty()) constants_.insert(front);
  for (const char field : kept.fields) {
    auto& index = by_field_[field];
    if (front.size() >= kKeyBytes)
      index.by_prefix.emplace(front.substr(0, kKeyBytes), &kept);
    else if (back.size() >= kKeyBytes)
      index.by_suffix.emplace(back.substr(back.size() - kKeyBytes), &kept);
    else
      index.loose.push_back(&kept);
  }
}

Match Rulebook::find(char field, std::string_view sqlstate, std::string_view text, bool one_line) const {
  Match best;
  const auto index = by_field_.find(field);
  if (index == by_field_.end()) return best;
  const auto try_rule = [&](const Rule& rule) {
    if (!state_fits(rule.sqlstate, sqlstate) || (best.rule != nullptr && !better(rule, *best.rule))) return;
    if (auto values = rule.text.match(text, one_line)) best = Match{&rule, std::move(*values)};
  };
  const auto& [by_prefix, by_suffix, loose] = index->second;
  if (text.size() >= kKeyBytes) {
    const auto [front, front_end] = by_prefix.equal_range(text.substr(0, kKeyBytes));
    for (auto at = front; at != front_end; ++at) try_rule(*at->second);
    const auto [back, back_end] = by_suffix.equal_range(text.substr(text.size() - kKeyBytes));
    for (auto at = back; at != back_end; ++at) try_rule(*at->second);
  }
  for (const Rule* rule : loose) try_rule(*rule);
  return best;
}

}  // namespace pgward::rules
