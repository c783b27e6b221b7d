// What may stand in a slot of a template.
#pragma once

#include <array>
#include <optional>
#include <string_view>

namespace pgward::rules {

// The order of the names below. What survives in each is said at the head of packs/core.rules.
enum class Slot {
  data,
  line,
  row,
  key,
  columns,
  number,
  relation,
  column,
  constraint,
  type,
  function,
  schema,
  role,
  setting,
  name,
  object,
  operator_,
  words,
  token,
  count_
};

constexpr std::array<std::string_view, static_cast<std::size_t>(Slot::count_)> kSlotNames{
    "data",     "line",   "row",  "key",     "columns", "number", "relation", "column", "constraint", "type",
    "function", "schema", "role", "setting", "name",    "object", "operator", "words",  "token"};

constexpr std::optional<Slot> slot_named(std::string_view name) {
  for (std::size_t i = 0; i < kSlotNames.size(); ++i)
    if (kSlotNames[i] == name) return static_cast<Slot>(i);
  return std::nullopt;
}

// Values have no shape: they may hold quotes, parentheses, line breaks and whatever ends the template.
constexpr bool holds_values(Slot slot) {
  return slot <= Slot::key;
}

}  // namespace pgward::rules
