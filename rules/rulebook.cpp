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
  const auto& fixed = kept.text.fixed();
  if (kept.text.slots().empty()) constants_.insert(fixed.front());
  if (fixed.front().size() >= kKeyBytes)
    by_prefix_.emplace(std::string_view{fixed.front()}.substr(0, kKeyBytes), &kept);
  else if (fixed.back().size() >= kKeyBytes)
    by_suffix_.emplace(std::string_view{fixed.back()}.substr(fixed.back().size() - kKeyBytes), &kept);
  else
    loose_.push_back(&kept);
}

void Rulebook::consider(const Rule& rule, std::string_view text, bool one_line, Match& best) {
  if (best.rule != nullptr && !better(rule, *best.rule)) return;
  if (auto values = rule.text.match(text, one_line)) best = Match{&rule, std::move(*values)};
}

Match Rulebook::find(char field, std::string_view sqlstate, std::string_view text, bool one_line) const {
  Match best;
  const auto try_rule = [&](const Rule& rule) {
    if (rule.fields.find(field) != std::string_view::npos && state_fits(rule.sqlstate, sqlstate))
      consider(rule, text, one_line, best);
  };
  if (text.size() >= kKeyBytes) {
    const auto [front, front_end] = by_prefix_.equal_range(text.substr(0, kKeyBytes));
    for (auto at = front; at != front_end; ++at) try_rule(*at->second);
    const auto [back, back_end] = by_suffix_.equal_range(text.substr(text.size() - kKeyBytes));
    for (auto at = back; at != back_end; ++at) try_rule(*at->second);
  }
  for (const Rule* rule : loose_) try_rule(*rule);
  return best;
}

}  // namespace pgward::rules
