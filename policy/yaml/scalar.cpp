#include "policy/yaml/scalar.h"

#include <algorithm>
#include <charconv>

#include "policy/nearest.h"

namespace pgward::policy::yaml {
namespace {

std::optional<std::int64_t> number(std::string_view digits) {
  std::int64_t value = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), value);
  if (error != std::errc() || end != digits.data() + digits.size()) return std::nullopt;
  return value;
}

bool within(std::int64_t value, Range range) {
  return value >= range.min && value <= range.max;
}

std::optional<std::int64_t> seconds_of(char unit) {
  switch (unit) {
    case 's':
      return 1;
    case 'm':
      return 60;
    case 'h':
      return 3600;
    case 'd':
      return 86400;
    default:
      return std::nullopt;
  }
}

std::optional<std::int64_t> seconds(std::string_view duration) {
  constexpr std::int64_t kCountMax = 1'000'000'000;  // far from overflow with any unit
  if (duration.empty()) return std::nullopt;
  const auto unit = seconds_of(duration.back());
  const auto count = number(duration.substr(0, duration.size() - 1));
  if (!unit || !count || !within(*count, {-kCountMax, kCountMax})) return std::nullopt;
  return *count * *unit;
}

}  // namespace

std::optional<std::string> text(const Node& node, std::string_view what, Mistakes& mistakes) {
  if (is_one_line(node)) return node.text;
  mistakes.add(node, std::string(what) + " must be a text of one line");
  return std::nullopt;
}

std::optional<bool> boolean(const Node& node, std::string_view what, Mistakes& mistakes) {
  return choice<bool>(
      node, what,
      {{"true", true}, {"false", false}, {"on", true}, {"off", false}, {"yes", true}, {"no", false}},
      mistakes);
}

std::optional<std::int64_t> integer(const Node& node, std::string_view what, Range range,
                                    Mistakes& mistakes) {
  if (node.is_scalar() && !node.quoted)
    if (const auto value = number(node.text); value && within(*value, range)) return value;
  const std::string expected = range.min == range.max ? std::to_string(range.min)
                                                      : "a whole number from " + std::to_string(range.min) +
                                                            " to " + std::to_string(range.max);
  mistakes.add(node, std::string(what) + " must be " + expected);
  return std::nullopt;
}

std::optional<std::int64_t> duration_s(const Node& node, std::string_view what, Range range,
                                       Mistakes& mistakes) {
  if (node.is_scalar())
    if (const auto value = seconds(node.text); value && within(*value, range)) return value;
  mistakes.add(node, std::string(what) + " must be a duration such as 90s, 15m or 12h, from " +
                         std::to_string(range.min) + "s to " + std::to_string(range.max) + "s");
  return std::nullopt;
}

std::vector<const Node*> one_or_many(const Node& node) {
  std::vector<const Node*> all;
  if (node.kind != Node::Kind::sequence) return {&node};
  for (const Node& item : node.items) all.push_back(&item);
  return all;
}

std::vector<const Node*> texts(const Node& node, std::string_view what, Mistakes& mistakes) {
  std::vector<const Node*> all = one_or_many(node);
  const bool good = std::all_of(all.begin(), all.end(), [](const Node* item) { return is_one_line(*item); });
  if (good && !all.empty()) return all;
  mistakes.add(node, std::string(what) + " must be a text or a list of texts");
  return {};
}

std::optional<std::size_t> word_index(const Node& node, std::string_view what,
                                      const std::vector<std::string>& words, Mistakes& mistakes) {
  const std::string written = node.is_scalar() ? node.text : "";
  const auto found = std::find(words.begin(), words.end(), written);
  if (found != words.end()) return static_cast<std::size_t>(found - words.begin());
  std::string expected;
  for (const std::string& word : words) expected += (expected.empty() ? "" : ", ") + word;
  mistakes.add(node, std::string(what) + " must be one of " + expected +
                         (written.empty() ? "" : ", not " + shown(written)) + did_you_mean(written, words));
  return std::nullopt;
}

}  // namespace pgward::policy::yaml
