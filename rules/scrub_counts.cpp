#include "rules/scrub_counts.h"

#include <algorithm>
#include <map>

#include "rules/packs.h"

namespace pgward::rules {
namespace {

// The fields that a message may have; any other letter is one.
constexpr std::string_view kFields = "DHWqpPFLRstcdn";

void series(std::string& out, std::string_view name, std::string_view help) {
  out.append("# HELP ").append(name).append(" ").append(help).append("\n# TYPE ").append(name).append(" counter\n");
}

void label(std::string& out, std::string_view name, std::string_view value) {
  if (!out.ends_with('{')) out += ',';
  out.append(name).append("=\"");
  for (const char c : value) {
    if (c == '"' || c == '\\') out += '\\';
    if (c == '\n')
      out += "\\n";
    else
      out += c;
  }
  out += '"';
}

void value(std::string& out, std::uint64_t count) { out.append("} ").append(std::to_string(count)).append("\n"); }

// As it stands in its pack.
std::string text_of(const Rule& rule) {
  std::string text = rule.text.fixed().front();
  for (std::size_t i = 0; i < rule.text.slots().size(); ++i)
    text.append("{").append(kSlotNames[static_cast<std::size_t>(rule.text.slots()[i])]).append("}").append(rule.text.fixed()[i + 1]);
  return text;
}

}  // namespace

ScrubCounts::ScrubCounts(const Rulebook& book) : book_(book) {
  std::size_t slots = 0;
  for (const Rule& rule : book.rules()) {
    first_.push_back(slots);
    slots += rule.text.slots().size();
  }
  by_slot_ = std::vector<Count>(slots);
  for_each_line(kConditionPack, [&](std::string_view line) {
    const auto state = line.substr(0, line.find(' '));
    if (state.size() == 5) states_.push_back(state);
  });
  std::sort(states_.begin(), states_.end());
  replaced_ = std::vector<std::array<Count, 2>>(states_.size() + 1);
}

void ScrubCounts::replaced(std::string_view sqlstate, Why why) {
  const auto at = std::lower_bound(states_.begin(), states_.end(), sqlstate);
  const bool known = at != states_.end() && *at == sqlstate;
  add(replaced_[known ? static_cast<std::size_t>(at - states_.begin()) : states_.size()][static_cast<std::size_t>(why)]);
}

void ScrubCounts::dropped(char field) {
  add(dropped_[kFields.find(field) == kFields.npos ? 0 : static_cast<unsigned char>(field)]);
}

void ScrubCounts::render(std::string& out) const {
  series(out, "pgward_scrub_messages_total", "errors and notices of the server that were scrubbed");
  out.append("pgward_scrub_messages_total ").append(std::to_string(messages_)).append("\n");
  render_rules(out);
  series(out, "pgward_scrub_texts_replaced_total", "texts that became the standard text of their SQLSTATE");
  constexpr std::array<std::string_view, 2> kWhy{"raised", "no_template"};
  for (std::size_t i = 0; i < replaced_.size(); ++i)
    for (std::size_t why = 0; why < kWhy.size(); ++why) {
      if (replaced_[i][why] == 0) continue;
      out += "pgward_scrub_texts_replaced_total{";
      label(out, "sqlstate", i < states_.size() ? states_[i] : "other");
      label(out, "reason", kWhy[why]);
      value(out, replaced_[i][why]);
    }
  series(out, "pgward_scrub_fields_dropped_total", "fields that were left out, by the protocol's letter");
  for (std::size_t i = 0; i < dropped_.size(); ++i) {
    if (dropped_[i] == 0) continue;
    const char letter = static_cast<char>(i);
    out += "pgward_scrub_fields_dropped_total{";
    label(out, "field", i == 0 ? "other" : std::string_view(&letter, 1));
    value(out, dropped_[i]);
  }
  series(out, "pgward_scrub_texts_allowed_total", "texts of the database's own code that the policy let through");
  out.append("pgward_scrub_texts_allowed_total ").append(std::to_string(allowed_)).append("\n");
}

void ScrubCounts::render_rules(std::string& out) const {
  struct Line {
    std::uint64_t count;
    const Rule* rule;
    std::size_t slot;
  };
  std::vector<Line> lines;
  for (const Rule& rule : book_.rules())
    for (std::size_t slot = 0; slot < rule.text.slots().size(); ++slot)
      if (const std::uint64_t count = by_slot_[first_[rule.number] + slot]; count != 0) lines.push_back({count, &rule, slot});
  std::stable_sort(lines.begin(), lines.end(), [](const Line& a, const Line& b) { return a.count > b.count; });
  series(out, "pgward_scrub_values_removed_total", "values that a rule took out, by what stood in their place");
  std::map<std::string_view, std::uint64_t> others;
  // One series for a kind of slot in a rule: a rule may have several of the kind.
  std::map<std::pair<const Rule*, Slot>, std::uint64_t> shown;
  for (const Line& line : lines) {
    const Slot kind = line.rule->text.slots()[line.slot];
    if (shown.size() < kRulesShown || shown.contains({line.rule, kind}))
      shown[{line.rule, kind}] += line.count;
    else
      others[kSlotNames[static_cast<std::size_t>(kind)]] += line.count;
  }
  const auto write = [&](std::string_view state, std::string_view rule, std::string_view kind, std::uint64_t count) {
    out += "pgward_scrub_values_removed_total{";
    label(out, "sqlstate", state);
    label(out, "rule", rule);
    label(out, "kind", kind);
    value(out, count);
  };
  for (const auto& [what, count] : shown)
    write(what.first->sqlstate, text_of(*what.first), kSlotNames[static_cast<std::size_t>(what.second)], count);
  for (const auto& [kind, count] : others) write("*", "other", kind, count);
}

}  // namespace pgward::rules
