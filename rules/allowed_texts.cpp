#include "rules/allowed_texts.h"

#include <algorithm>

#include "rules/name_text.h"
#include "rules/renderer.h"

namespace pgward::rules {
namespace {

// A longer message is none of these; nobody waits for it to be looked through.
constexpr std::size_t kMessageBytesMax = 65536;

// "bed % of %% taken" -> "bed {data} of % taken", as Template reads it.
std::string as_template(std::string_view format) {
  std::string out;
  for (std::size_t i = 0; i < format.size(); ++i) {
    if (format[i] == '%' && i + 1 < format.size() && format[i + 1] == '%') {
      out += '%';
      ++i;
    } else if (format[i] == '%') {
      out += "{data}";
    } else {
      if (format[i] == '{' || format[i] == '\\') out += '\\';
      out += format[i];
    }
  }
  return out;
}

bool is_letter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || static_cast<unsigned char>(c) >= 0x80;
}

}  // namespace

std::string_view AllowedTexts::mistake(std::string_view format) {
  if (format.size() > kTextBytesMax) return "is longer than 1000 bytes";
  const auto text = Template::parse(as_template(format));
  if (!text) return "cannot be read";
  if (text->slots().size() > kValuesMax) return "has more than 16 values";
  std::size_t letters = 0;
  for (const auto& piece : text->fixed()) letters += static_cast<std::size_t>(std::count_if(piece.begin(), piece.end(), is_letter));
  if (letters < kWordBytesMin) return "has no words of its own: it would fit anything";
  return {};
}

void AllowedTexts::add(std::string_view format, std::string sqlstate, std::string name) {
  if (!mistake(format).empty()) return;
  Allowed allowed{*Template::parse(as_template(format)), std::move(sqlstate), std::move(name)};
  const auto behind = std::find_if(texts_.begin(), texts_.end(), [&](const Allowed& other) {
    return other.text.fixed_bytes() < allowed.text.fixed_bytes();
  });
  texts_.insert(behind, std::move(allowed));
}

std::optional<AllowedTexts::Kept> AllowedTexts::keep(std::string_view sqlstate, std::string_view text) const {
  return keep(sqlstate, text, nullptr);
}

std::optional<AllowedTexts::Kept> AllowedTexts::keep(std::string_view sqlstate, std::string_view text, SlotText* in_place) const {
  if (text.size() > kMessageBytesMax) return std::nullopt;
  for (const Allowed& allowed : texts_) {
    if (sqlstate != "?" && !allowed.sqlstate.empty() && allowed.sqlstate != sqlstate) continue;
    const auto values = allowed.text.match(text);
    if (!values) continue;
    Kept kept{allowed.text.fixed().front(), 0, allowed.name};
    for (std::size_t i = 0; i < values->size(); ++i) {
      const std::string_view value = (*values)[i];
      if (!value.empty()) {
        kept.text.append(in_place != nullptr ? in_place->removed(Slot::data, value) : std::string{kRemoved});
        ++kept.values_removed;
      }
      kept.text.append(allowed.text.fixed()[i + 1]);
    }
    return kept;
  }
  return std::nullopt;
}

}  // namespace pgward::rules
