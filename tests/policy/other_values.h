// For tests of plans that serve every text of a shape: texts with other values, and plans as texts to compare.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "policy/plan.h"

namespace pgward::tests {

// All of a plan that does not move with its literals.
std::string text_of(const policy::Plan& plan);

// Values of a kind that a careless reader would trip over.
const std::vector<std::string>& values_of(policy::LiteralKind kind);

// The text with the literals that `wanted` chooses replaced by the n-th other value, and the next ones.
template <typename Wanted>
std::string mutated(std::string_view sql, const std::vector<policy::Literal>& literals, std::size_t n, Wanted wanted) {
  std::string out;
  std::size_t done = 0;
  for (const policy::Literal& literal : literals) {
    if (!wanted(literal)) continue;
    out.append(sql, done, literal.at - done);
    const std::vector<std::string>& values = values_of(literal.kind);
    out += values[n++ % values.size()];
    done = literal.end();
  }
  return out.append(sql, done);
}

}  // namespace pgward::tests
