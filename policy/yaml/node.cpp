#include "policy/yaml/node.h"

#include <algorithm>
#include <tuple>

namespace pgward::policy::yaml {
namespace {

constexpr std::size_t kMistakesMax = 200;
constexpr std::size_t kShownBytesMax = 60;

bool is_control(char c) {
  return static_cast<unsigned char>(c) < 0x20 || c == 0x7F;
}

bool is_continuation(char c) {
  return (static_cast<unsigned char>(c) & 0xC0) == 0x80;
}

}  // namespace

void Mistakes::add(Place place, std::string text) {
  if (mistakes_.size() < kMistakesMax) mistakes_.push_back({std::move(place), std::move(text)});
}

std::vector<Mistake> Mistakes::take() {
  std::stable_sort(mistakes_.begin(), mistakes_.end(), [](const Mistake& a, const Mistake& b) {
    return std::tie(a.place.line, a.place.column) < std::tie(b.place.line, b.place.column);
  });
  return std::exchange(mistakes_, {});
}

bool is_one_line(const Node& node) {
  return node.is_scalar() && !node.text.empty() &&
         std::none_of(node.text.begin(), node.text.end(), is_control);
}

std::string shown(std::string_view text) {
  const bool cut = text.size() > kShownBytesMax;
  if (cut) {
    // Back to where the character begins that would be cut through; never empty, whatever the bytes are.
    std::size_t end = kShownBytesMax;
    while (end > 1 && is_continuation(text[end])) --end;
    text = text.substr(0, end);
  }
  std::string out = "'";
  for (const char c : text) out += is_control(c) ? '?' : c;
  return out + (cut ? "...'" : "'");
}

}  // namespace pgward::policy::yaml
