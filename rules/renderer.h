// Writes one message again from its template: fixed text as it is, in each slot only what may stay.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "rules/known.h"
#include "rules/rulebook.h"

namespace pgward::rules {

// What a log shows in place of a value; an error shows kRemoved.
class SlotText {
 public:
  virtual ~SlotText() = default;
  virtual std::string removed(Slot slot, std::string_view value) = 0;
};

class ScrubCounts;

class Renderer {
 public:
  Renderer(const Rulebook& book, const Known& known, SlotText* in_place = nullptr, ScrubCounts* counts = nullptr)
      : book_(book), known_(known), in_place_(in_place), counts_(counts) {}

  // The message without its values; nullopt when no rule knows it.
  std::optional<std::string> message(char field, std::string_view sqlstate, std::string_view text);
  // The same for a text of several lines with a rule each (context, lists of objects): lines that no
  // rule knows are left out.
  std::string lines(char field, std::string_view sqlstate, std::string_view text);

  unsigned values_removed() const { return values_removed_; }

 private:
  std::string render(const Match& match, int depth, bool short_numbers);
  // What stays of one slot; nullopt when all of it goes.
  std::optional<std::string> keep(Slot slot, std::string_view value, int depth, bool short_numbers);
  std::optional<std::string> keep_key(std::string_view value);
  std::optional<std::string> keep_object(std::string_view value, int depth);
  bool keeps_words(std::string_view value) const;

  const Rulebook& book_;
  const Known& known_;
  SlotText* in_place_;
  ScrubCounts* counts_;
  unsigned values_removed_ = 0;
};

}  // namespace pgward::rules
