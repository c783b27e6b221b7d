// One message text of the server: fixed pieces with slots between them.
//
// The text of a pack is parsed once; match() then says which part of a message stands in which slot.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "rules/slot.h"

namespace pgward::rules {

class Template {
 public:
  // nullopt for a text with an unknown slot or an open brace.
  static std::optional<Template> parse(std::string_view text);

  // The contents of the slots when the whole text is this template; views into the text. With
  // one_line, only slots that hold values may contain a line break.
  //
  // Values are not escaped in a message, so where a slot ends is a guess: a slot with a value takes as
  // much as it can (up to the last occurrence of what follows it), any other slot as little as it can.
  // A wrong guess puts a piece of a value where a name should be, and names are checked.
  std::optional<std::vector<std::string_view>> match(std::string_view text, bool one_line = false) const;

  const std::vector<std::string>& fixed() const { return fixed_; }  // one more than slots()
  const std::vector<Slot>& slots() const { return slots_; }
  std::size_t fixed_bytes() const { return fixed_bytes_; }

 private:
  std::size_t leading_without_values() const;

  std::vector<std::string> fixed_{1};
  std::vector<Slot> slots_;
  std::size_t fixed_bytes_ = 0;
};

}  // namespace pgward::rules
