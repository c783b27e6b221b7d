#include "rules/template.h"

#include <algorithm>

namespace pgward::rules {
namespace {

char unescaped(char c) {
  return c == 'n' ? '\n' : c == 't' ? '\t' : c;
}

bool fits_on_a_line(Slot slot, std::string_view value) {
  const bool may_break = holds_values(slot) && slot != Slot::line;
  return may_break || value.find('\n') == std::string_view::npos;
}

}  // namespace

std::optional<Template> Template::parse(std::string_view text) {
  Template out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '\\' && i + 1 < text.size()) {
      out.fixed_.back() += unescaped(text[++i]);
    } else if (text[i] == '{') {
      const auto end = text.find('}', i);
      if (end == std::string_view::npos) return std::nullopt;
      const auto slot = slot_named(text.substr(i + 1, end - i - 1));
      if (!slot) return std::nullopt;
      out.slots_.push_back(*slot);
      out.fixed_.emplace_back();
      i = end;
    } else {
      out.fixed_.back() += text[i];
    }
  }
  for (const auto& piece : out.fixed_) out.fixed_bytes_ += piece.size();
  return out;
}

std::size_t Template::leading_without_values() const {
  return static_cast<std::size_t>(std::find_if(slots_.begin(), slots_.end(), holds_values) - slots_.begin());
}

std::optional<std::vector<std::string_view>> Template::match(std::string_view text, bool one_line) const {
  if (text.size() < fixed_bytes_ || !text.starts_with(fixed_.front()) || !text.ends_with(fixed_.back()))
    return std::nullopt;
  if (slots_.empty()) {
    if (text.size() != fixed_bytes_) return std::nullopt;
    return std::vector<std::string_view>{};
  }
  std::size_t begin = fixed_.front().size();
  std::size_t end = text.size() - fixed_.back().size();
  std::vector<std::string_view> values(slots_.size());
  // From the left: names and numbers, each up to the first occurrence of what follows it.
  std::size_t left = 0;
  for (const auto stop = std::min(leading_without_values(), slots_.size() - 1); left < stop; ++left) {
    const auto at = text.substr(0, end).find(fixed_[left + 1], begin);
    if (at == std::string_view::npos) return std::nullopt;
    values[left] = text.substr(begin, at - begin);
    begin = at + fixed_[left + 1].size();
  }
  // From the right: everything behind the first value, each back to the last occurrence.
  for (std::size_t right = slots_.size() - 1; right > left; --right) {
    const auto at = text.substr(begin, end - begin).rfind(fixed_[right]);
    if (at == std::string_view::npos) return std::nullopt;
    const auto from = begin + at + fixed_[right].size();
    values[right] = text.substr(from, end - from);
    end = begin + at;
  }
  values[left] = text.substr(begin, end - begin);
  for (std::size_t i = 0; one_line && i < slots_.size(); ++i)
    if (!fits_on_a_line(slots_[i], values[i])) return std::nullopt;
  return values;
}

}  // namespace pgward::rules
