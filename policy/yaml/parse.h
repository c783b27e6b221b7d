// Text to tree. Anchors, aliases, tags and several documents in a file are mistakes: nothing here needs
// them, and they are how a small file becomes a large tree.
#pragma once

#include <optional>
#include <string_view>

#include "policy/yaml/node.h"

namespace pgward::policy::yaml {

struct ParseLimits {
  std::size_t bytes_max = 1u << 20;
  std::size_t depth_max = 16;
  std::size_t nodes_max = 500'000;
};

// Nothing, with a mistake noted, when the text is no YAML, no UTF-8, empty or beyond a limit.
std::optional<Node> parse(std::string_view text, Mistakes& mistakes, const ParseLimits& limits = {});

}  // namespace pgward::policy::yaml
