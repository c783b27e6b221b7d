// Text to tree. The only door to the parser library.
//
// The guards (guards.h) come first: parse() must not see a text that they have not passed.
//
// Kinds of nodes are an allow-list: what is not known here is not_supported, whatever it may be.
// The library keeps a pthread key per thread that ever parsed, so call this only from a fixed pool.
#pragma once

#include <optional>
#include <string>

#include "policy/refusal.h"
#include "policy/sql/tree.h"

namespace pgward::policy::sql {

struct Parsed {
  std::optional<Refusal> refusal;  // unparsable, too_deep, not_supported, statement_not_allowed
  Tree tree;
};

Parsed parse(const std::string& sql, unsigned depth_max);

}  // namespace pgward::policy::sql
