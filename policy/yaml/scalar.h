// Values of one kind out of a node. Each answers nullopt after noting what was expected.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "policy/yaml/node.h"

namespace pgward::policy::yaml {

// `what` is for people: "the claim of a tenant attribute".
std::optional<std::string> text(const Node& node, std::string_view what,
                                Mistakes& mistakes);  // of one line, not empty
std::optional<bool> boolean(const Node& node, std::string_view what,
                            Mistakes& mistakes);  // true/false, on/off, yes/no

struct Range {
  std::int64_t min;
  std::int64_t max;
};
std::optional<std::int64_t> integer(const Node& node, std::string_view what, Range range, Mistakes& mistakes);
// "90s", "15m", "12h", "2d": in seconds. A bare number is a mistake: it does not say of what.
std::optional<std::int64_t> duration_s(const Node& node, std::string_view what, Range seconds,
                                       Mistakes& mistakes);

// One text or a list of texts, each with its place. Empty after a mistake.
std::vector<const Node*> texts(const Node& node, std::string_view what, Mistakes& mistakes);
// The items of a sequence; a node that is none counts as a sequence of itself.
std::vector<const Node*> one_or_many(const Node& node);

// One of a few words, as in choice<Mode>(node, "mode", {{"strict", Mode::strict}, ..}, mistakes). Several
// words may stand for the same value.
template <typename Value>
using Words = std::initializer_list<std::pair<std::string_view, Value>>;
std::optional<std::size_t> word_index(const Node& node, std::string_view what,
                                      const std::vector<std::string>& words, Mistakes& mistakes);

template <typename Value>
std::optional<Value> choice(const Node& node, std::string_view what, Words<Value> words, Mistakes& mistakes) {
  std::vector<std::string> names;
  for (const auto& word : words) names.emplace_back(word.first);
  const auto index = word_index(node, what, names, mistakes);
  if (!index) return std::nullopt;
  return (words.begin() + *index)->second;
}

}  // namespace pgward::policy::yaml
