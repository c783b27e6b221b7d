#include "rules/renderer.h"

#include <algorithm>

#include "rules/name_text.h"
#include "rules/scrub_counts.h"

namespace pgward::rules {
namespace {

constexpr std::size_t kCountDigitsMax = 6;  // a longer number may be somebody's
// Behind a line with a value, a "line number" may come out of that value.
constexpr std::size_t kCountDigitsMaxBehindValue = 4;
constexpr std::size_t kEndBytes = 8192;  // more than any fixed text of the server
constexpr int kObjectDepthMax = 4;       // default value for column .. of table ..

NameKind name_kind(Slot slot) {
  switch (slot) {
    case Slot::relation:
      return NameKind::relation;
    case Slot::column:
      return NameKind::column;
    case Slot::constraint:
      return NameKind::constraint;
    case Slot::schema:
      return NameKind::schema;
    case Slot::role:
      return NameKind::role;
    case Slot::setting:
      return NameKind::setting;
    default:
      return NameKind::any;
  }
}

bool is_count(std::string_view text, std::size_t digits_max) {
  if (text.starts_with('-')) text.remove_prefix(1);
  return !text.empty() && text.size() <= digits_max && text.find_first_not_of("0123456789") == text.npos;
}

std::optional<std::string> if_kept(bool kept, std::string_view value) {
  return kept ? std::optional{std::string{value}} : std::nullopt;
}

std::string_view bracketed_removed() {
  return "([removed])";
}

}  // namespace

std::optional<std::string> Renderer::message(char field, std::string_view sqlstate, std::string_view text) {
  std::string ends;
  if (text.size() > 2 * kEndBytes) {
    // What a rule reads stands at the ends; between them is only the value that made it so long.
    ends.append(text.substr(0, kEndBytes)).append(text.substr(text.size() - kEndBytes));
    text = ends;
  }
  const auto match = book_.find(field, sqlstate, text);
  if (match.rule == nullptr) return std::nullopt;
  return render(match, 0, false);
}

std::string Renderer::render(const Match& match, int depth, bool short_numbers) {
  const auto& fixed = match.rule->text.fixed();
  const auto& slots = match.rule->text.slots();
  std::string out = fixed.front();
  for (std::size_t i = 0; i < slots.size(); ++i) {
    const auto value = match.values[i];
    std::optional<std::string> shown =
        value.empty() ? std::optional{std::string{}} : keep(slots[i], value, depth, short_numbers);
    if (!shown) shown = in_place_ != nullptr ? in_place_->removed(slots[i], value) : std::string{kRemoved};
    const std::string& kept = *shown;
    if (kept.find(kRemoved) != kept.npos) {
      ++values_removed_;
      if (counts_ != nullptr) counts_->removed(*match.rule, i);
    }
    // "[removed][removed]" for two slots side by side says nothing more than one
    if (!(kept == kRemoved && out.ends_with(kRemoved))) out += kept;
    out += fixed[i + 1];
  }
  return out;
}

std::optional<std::string> Renderer::keep(Slot slot, std::string_view value, int depth, bool short_numbers) {
  switch (slot) {
    case Slot::data:
    case Slot::line:
    case Slot::count_:
      return std::nullopt;
    case Slot::row:
      if (in_place_ != nullptr) return std::nullopt;
      return if_kept(value.starts_with('(') && value.ends_with(')'), bracketed_removed());
    case Slot::key:
      if (in_place_ != nullptr) return std::nullopt;
      return keep_key(value);
    case Slot::columns:
      return if_kept(are_known_columns(known_, value), value);
    case Slot::number:
      return if_kept(is_count(value, short_numbers ? kCountDigitsMaxBehindValue : kCountDigitsMax), value);
    case Slot::type:
      return if_kept(is_known_type(known_, value), value);
    case Slot::function:
      return keep_function(known_, value);
    case Slot::object:
      return keep_object(value, depth);
    case Slot::operator_:
      return keep_operator(known_, value);
    case Slot::words:
      return if_kept(keeps_words(value), value);
    case Slot::token:
      return if_kept(is_keyword_or_sign(known_.vocabulary(), value) || known_.has(NameKind::any, value),
                     value);
    default:
      return keep_name(known_, name_kind(slot), value, depth > 0);
  }
}

// "(last_name, dob)=(Doe, 1970-01-01)", with spaces around the sign in partition keys.
std::optional<std::string> Renderer::keep_key(std::string_view value) {
  if (!value.starts_with('(') || !value.ends_with(')')) return std::nullopt;
  const auto tight = value.find(")=(");
  const auto wide = value.find(") = (");
  const auto at = std::min(tight, wide);
  if (at == value.npos) return std::string{bracketed_removed()};
  const auto columns = value.substr(1, at - 1);
  std::string kept = "(";
  // the server's own, in front of any value: up to the first sign that ends it
  kept.append(are_known_columns(known_, columns, true) ? columns : kRemoved);
  return kept.append(at == tight ? ")=" : ") = ").append(bracketed_removed());
}

std::optional<std::string> Renderer::keep_object(std::string_view value, int depth) {
  if (depth >= kObjectDepthMax) return std::nullopt;
  const auto match = book_.find('O', "", value, true);
  if (match.rule == nullptr) return std::nullopt;
  return render(match, depth + 1, false);
}

bool Renderer::keeps_words(std::string_view value) const {
  return book_.is_constant(value) || is_keyword_phrase(known_.vocabulary(), value);
}

}  // namespace pgward::rules
